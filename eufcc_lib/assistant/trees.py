"""A facet's tags as the items of a tree widget: in the reader's language, highlighted by score.

Colours are words of the widget that `styles.tree_style` gives a meaning: `success` likely, `warning` perhaps, `info`
the row behind which other tags are folded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ..data.taxonomy import Taxonomy
from ..metrics.calibration import LIKELY
from .lines import PERHAPS
from .names import fold

FEW = 5
"""The most siblings that are shown along with a shown tag; more are behind one row."""

Path = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Branch:
    """The children of a tag, or the roots: the likeliest first, then in alphabetical order; `others` are behind one row, after
    `tags`."""

    tags: tuple[int, ...]
    others: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """The place of each tag on the page.

    Attributes:
        top: the roots.
        below: the children of each tag.
        paths: for each tag the places among its siblings from the top down; the row of the others counts as a parent.
        tags: the tag of each path; the row of the others has none.
    """

    top: Branch
    below: tuple[Branch, ...]
    paths: tuple[Path, ...]
    tags: Mapping[Path, int]


def arrange(taxonomy: Taxonomy, texts: tuple[str, ...], shown: Mapping[int, float] = MappingProxyType({})) -> Arrangement:
    """The tree of a taxonomy, of siblings those first that are shown, then all in the order of their texts.

    Args:
        texts: what the tags are called.
        shown: tags that should be seen at once, with how likely they are; beside them and their ancestors, siblings are
            folded away.
    """
    seen: dict[int, float] = {}
    for tag, score in shown.items():
        for name in taxonomy.path(tag):
            seen[taxonomy.index[name]] = max(score, seen.get(taxonomy.index[name], 0.0))

    def branch(tags) -> Branch:
        tags = sorted(tags, key=lambda tag: (-seen.get(tag, 0.0), fold(texts[tag]), tag))
        others = [tag for tag in tags if tag not in seen]
        if len(others) <= FEW or len(others) == len(tags):
            return Branch(tuple(tags), ())
        return Branch(tuple(tag for tag in tags if tag in seen), tuple(others))
    top, below = branch(taxonomy.roots), tuple(branch(taxonomy.children(tag)) for tag in range(len(taxonomy)))
    paths, waiting = {}, [(top, ())]
    while waiting:
        now, path = waiting.pop()
        places = {tag: (*path, place) for place, tag in enumerate(now.tags)}
        places |= {tag: (*path, len(now.tags), place) for place, tag in enumerate(now.others)}
        paths |= places
        waiting += [(below[tag], place) for tag, place in places.items()]
    return Arrangement(top, below, tuple(paths[tag] for tag in range(len(taxonomy))),
                       {path: tag for tag, path in paths.items()})


def tree_items(facet: str, arrangement: Arrangement, texts: tuple[str, ...], scores: np.ndarray | None,
               threshold: float | None, words: Mapping[str, str]) -> list[dict]:
    """The widget's items: what is likely carries its percentage, what may be says so.

    Args:
        scores: float (C,), the probability of each tag; None where no model was asked.
        threshold: from which on a tag is likely; None where nothing is promised.
    """
    action = {"label": words["reject"], "icon": "close", "inline": True, "action": "reject"}

    def item(tag: int) -> dict:
        made = {"id": f"{facet}-{tag}", "label": texts[tag], "color": "default", "actions": [action]}
        score = 0.0 if scores is None else float(scores[tag])
        if threshold is not None and score >= threshold:
            made |= {"secondary": f"{100 * score:.0f} %", "color": "success"}
        elif score >= PERHAPS:
            made |= {"secondary": words["perhaps"], "color": "warning"}
        if arrangement.below[tag].tags:
            made["items"] = items(arrangement.below[tag], made["id"])
        return made

    def items(branch: Branch, parent: str) -> list[dict]:
        made = [item(tag) for tag in branch.tags]
        if branch.others:
            made.append({"id": f"{parent}-others", "label": words["others"].format(tags=len(branch.others)),
                         "color": "info", "items": [item(tag) for tag in branch.others]})
        return made
    return items(arrangement.top, facet)


def opened(arrangement: Arrangement, tags: Collection[int]) -> list[Path]:
    """The branches to open so that these tags can be seen, each before those below it."""
    return sorted({arrangement.paths[tag][:depth] for tag in tags for depth in range(1, len(arrangement.paths[tag]))})


def describe(sure: float, words: Mapping[str, str]) -> str:
    """How likely a tag is, in words where the model is unsure: `93 %`, `perhaps 31 %`, `2 %`, `<1 %`."""
    share = f"{100 * sure:.0f} %" if sure >= 0.01 else "<1 %"
    return f"{words['perhaps']} {share}" if PERHAPS <= sure < LIKELY else share
