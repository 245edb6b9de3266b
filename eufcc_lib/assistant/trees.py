"""A facet's tags as the items of a tree widget: in the reader's language, highlighted by score.

Colours are words of the widget that `styles.tree_style` gives a meaning: `success` likely, `warning` perhaps, `info`
the row behind which other tags are folded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..data.taxonomy import Taxonomy
from ..metrics.calibration import LIKELY
from .names import fold
from .predictor import Answer

PERHAPS = 0.1
"""From which probability on a suggestion is shown as one that may be; from `LIKELY` on it is likely."""

FEW = 5
"""The most siblings that are shown along with a shown tag; more are behind one row."""

Path = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Branch:
    """The children of a tag, or the roots, in alphabetical order; `others` are behind one row, after `tags`."""

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


def arrange(taxonomy: Taxonomy, texts: tuple[str, ...], shown: Collection[int] = ()) -> Arrangement:
    """The tree of a taxonomy with its siblings in the order of their texts.

    Args:
        texts: what the tags are called.
        shown: tags that should be seen at once; beside them and their ancestors, siblings are folded away.
    """
    seen = {taxonomy.index[name] for tag in shown for name in taxonomy.path(tag)}

    def branch(tags) -> Branch:
        tags = sorted(tags, key=lambda tag: (fold(texts[tag]), tag))
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


def tree_items(facet: str, arrangement: Arrangement, texts: tuple[str, ...], answer: Answer | None,
               words: Mapping[str, str]) -> list[dict]:
    """The widget's items: the ten best tags carry how likely they are."""
    best = set(answer.best(facet)) if answer else set()
    action = {"label": words["reject"], "icon": "close", "inline": True, "action": "reject"}

    def item(tag: int) -> dict:
        made = {"id": f"{facet}-{tag}", "label": texts[tag], "color": "default", "actions": [action]}
        if tag in best:
            sure = float(answer.sure[facet][tag])
            made |= {"secondary": describe(sure, words), "color": _colour(sure)}
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


def _colour(sure: float) -> str:
    return "success" if sure >= LIKELY else "warning" if sure >= PERHAPS else "default"
