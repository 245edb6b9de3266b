"""A facet's tags as the items of a tree widget: in the reader's language, highlighted by score.

Colours are words of the widget that `tree_style` gives a meaning: `success` likely, `warning` perhaps, `info` no tag
but the row behind which others are folded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..core.facets import Facet
from ..data.taxonomy import Taxonomy
from .names import fold
from .predictor import Answer

LIKELY, PERHAPS = 0.5, 0.1
"""From which probability on a suggestion is shown as likely, and as one that may be."""

FEW = 5
"""So many siblings of a shown tag are shown along with it; more stand behind one row."""

Path = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Branch:
    """What stands right below a tag, or at the top: siblings in the order of the alphabet.

    Attributes:
        tags: in order.
        others: in order; behind one row that comes after the tags.
    """

    tags: tuple[int, ...]
    others: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Where each tag stands on the page.

    Attributes:
        top: the roots.
        below: for each tag what is right below.
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
    paths = {arrangement.paths[tag][:depth] for tag in tags for depth in range(1, len(arrangement.paths[tag]))}
    return sorted(paths)


def describe(sure: float, words: Mapping[str, str]) -> str:
    """How likely a tag is, in words where the model is unsure: `93 %`, `perhaps 31 %`, `2 %`, `<1 %`."""
    share = f"{100 * sure:.0f} %" if sure >= 0.01 else "<1 %"
    return f"{words['perhaps']} {share}" if PERHAPS <= sure < LIKELY else share


def tree_style(facet: Facet, rejected: Collection[int] = ()) -> dict:
    """How the items of a facet's tree look, in Material UI's terms: its colour where the model is sure, else less.

    What is rejected is struck through here, not in the items: sent again, they are drawn again, all of them.
    """
    row = "& [data-color]"
    struck = {"backgroundColor": "transparent", "borderLeftColor": "transparent",
              "& .MuiTypography-root": {"textDecoration": "line-through", "color": "text.disabled", "fontWeight": 400}}
    return {
        "maxWidth": "none", "width": "100%", "overflowY": "visible",
        row: {"paddingTop": "0px", "paddingBottom": "0px", "gap": "2px", "borderLeft": "4px solid transparent",
              "paddingLeft": "2px", "paddingRight": "4px", "minHeight": "28px", "color": "text.primary"},
        # The whole row ticks, but for what opens it and what rejects it.
        f"{row} .MuiCheckbox-root": {"padding": "3px", "position": "static"},
        f"{row} > div:first-child": {"position": "relative", "zIndex": 2},
        f"{row} .MuiSvgIcon-root": {"fontSize": "1.15rem"},
        f"{row} div:has(> .MuiTypography-caption)": {"flexDirection": "row", "alignItems": "baseline", "gap": "8px"},
        f"{row} .MuiTypography-body2": {"width": "auto", "whiteSpace": "normal", "overflow": "visible"},
        f"{row} div:has(> .MuiIconButton-root)": {"position": "absolute", "right": "2px", "zIndex": 2},
        f"{row} .MuiTypography-caption": {"whiteSpace": "nowrap", "fontVariantNumeric": "tabular-nums"},
        "& [data-color='success']": {"backgroundColor": f"{facet.colour}2e", "borderLeftColor": facet.colour},
        "& [data-color='success'] .MuiTypography-body2": {"fontWeight": 700},
        "& [data-color='warning']": {"backgroundColor": f"{facet.colour}12",
                                     "borderLeft": f"4px dotted {facet.colour}"},
        "& [data-color='warning'] .MuiTypography-root": {"fontStyle": "italic"},
        "& [data-color='info'] .MuiCheckbox-root svg": {"display": "none"},
        "& [data-color='info'] .MuiTypography-root": {"color": "text.secondary"},
        "& .labelIcon": {"display": "none"},
        "& .MuiCheckbox-root.Mui-checked": {"color": facet.colour},
        # What rejects is there where the mouse is, or the finger. Never for the keyboard: the tree takes each key that is
        # pressed in a row for itself, so that enter on the button would accept.
        "& .MuiIconButton-root": {"padding": "2px", "visibility": "hidden", "opacity": 0.75},
        "& [data-color]:hover .MuiIconButton-root": {"visibility": "visible"},
        "@media (hover: none)": {"& .MuiIconButton-root": {"visibility": "visible", "opacity": 0.4}},
    } | {f"& [id$='-{facet.name}-{tag}'] > [data-color]": struck for tag in sorted(rejected)}


def _colour(sure: float) -> str:
    return "success" if sure >= LIKELY else "warning" if sure >= PERHAPS else "default"
