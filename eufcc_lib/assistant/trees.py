"""A facet's tags as the items of a tree widget: in the reader's language, highlighted by score, with what was rejected.

Colours are words of the widget that `tree_style` gives a meaning: `success` likely, `warning` perhaps, `error`
rejected.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..facets import Facet
from ..taxonomy import Taxonomy
from .names import fold
from .predictor import Answer

LIKELY, PERHAPS = 0.5, 0.1
"""From which probability on a suggestion is shown as likely, and as one that may be."""

Path = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Where each tag stands on the page: siblings in the order of the alphabet.

    Attributes:
        roots: tags at the top, in order.
        below: for each tag the tags right below, in order.
        paths: for each tag its places among its siblings from the top down.
        tags: the tag of each path.
    """

    roots: tuple[int, ...]
    below: tuple[tuple[int, ...], ...]
    paths: tuple[Path, ...]
    tags: Mapping[Path, int]


def arrange(taxonomy: Taxonomy, texts: tuple[str, ...]) -> Arrangement:
    """The tree of a taxonomy with its siblings in the order of their texts."""
    def ordered(tags) -> tuple[int, ...]:
        return tuple(sorted(tags, key=lambda tag: (fold(texts[tag]), tag)))
    below = tuple(ordered(taxonomy.children(tag)) for tag in range(len(taxonomy)))
    roots, paths = ordered(taxonomy.roots), {}
    waiting = [(tag, (place,)) for place, tag in enumerate(roots)]
    while waiting:
        tag, path = waiting.pop()
        paths[tag] = path
        waiting += [(child, (*path, place)) for place, child in enumerate(below[tag])]
    return Arrangement(roots, below, tuple(paths[tag] for tag in range(len(taxonomy))),
                       {path: tag for tag, path in paths.items()})


def tree_items(facet: str, arrangement: Arrangement, texts: tuple[str, ...], answer: Answer | None,
               rejected: Collection[int], words: Mapping[str, str]) -> list[dict]:
    """The widget's items: the ten best tags carry how likely they are, the rejected ones are marked as such."""
    best = set(answer.best(facet)) if answer else set()
    action = {"label": words["reject"], "icon": "close", "inline": True, "action": "reject"}

    def item(tag: int) -> dict:
        made = {"id": f"{facet}-{tag}", "label": texts[tag], "color": "default", "actions": [action]}
        if tag in best:
            sure = float(answer.sure[facet][tag])
            made |= {"secondary": describe(sure, words), "color": _colour(sure)}
        if tag in rejected:
            made |= {"color": "error", "icon": "block"}
        if arrangement.below[tag]:
            made["items"] = [item(child) for child in arrangement.below[tag]]
        return made
    return [item(tag) for tag in arrangement.roots]


def opened(arrangement: Arrangement, tags: Collection[int]) -> list[Path]:
    """The branches to open so that these tags can be seen, each before those below it."""
    paths = {arrangement.paths[tag][:depth] for tag in tags for depth in range(1, len(arrangement.paths[tag]))}
    return sorted(paths)


def describe(sure: float, words: Mapping[str, str]) -> str:
    """How likely a tag is, in words where the model is unsure: `93 %`, `perhaps 31 %`, `2 %`, `<1 %`."""
    share = f"{100 * sure:.0f} %" if sure >= 0.01 else "<1 %"
    return f"{words['perhaps']} {share}" if PERHAPS <= sure < LIKELY else share


def tree_style(facet: Facet) -> dict:
    """How the items of a facet's tree look, in Material UI's terms: its colour where the model is sure, else less."""
    row = "& [data-color]"
    return {
        "maxWidth": "none", "width": "100%", "overflowY": "visible",
        row: {"paddingTop": "0px", "paddingBottom": "0px", "gap": "2px", "borderLeft": "4px solid transparent",
              "paddingLeft": "2px", "paddingRight": "4px", "minHeight": "28px", "color": "text.primary"},
        f"{row} .MuiCheckbox-root": {"padding": "3px"},
        f"{row} .MuiSvgIcon-root": {"fontSize": "1.15rem"},
        f"{row} div:has(> .MuiTypography-caption)": {"flexDirection": "row", "alignItems": "baseline", "gap": "8px"},
        f"{row} .MuiTypography-body2": {"width": "auto", "whiteSpace": "normal", "overflow": "visible"},
        f"{row} div:has(> .MuiIconButton-root)": {"position": "absolute", "right": "2px"},
        f"{row} .MuiTypography-caption": {"whiteSpace": "nowrap", "fontVariantNumeric": "tabular-nums"},
        "& [data-color='success']": {"backgroundColor": f"{facet.colour}2e", "borderLeftColor": facet.colour},
        "& [data-color='success'] .MuiTypography-body2": {"fontWeight": 700},
        "& [data-color='warning']": {"backgroundColor": f"{facet.colour}12",
                                     "borderLeft": f"4px dotted {facet.colour}"},
        "& [data-color='warning'] .MuiTypography-root": {"fontStyle": "italic"},
        "& [data-color='error'] .MuiTypography-root": {"textDecoration": "line-through", "color": "text.disabled"},
        "& .labelIcon": {"display": "none"},
        "& [data-color='error'] .labelIcon": {"display": "inline-flex", "color": "error.main", "fontSize": "1rem"},
        "& .MuiCheckbox-root.Mui-checked": {"color": facet.colour},
        "& .MuiIconButton-root": {"padding": "2px", "opacity": 0},
        "& [data-color]:hover .MuiIconButton-root": {"opacity": 0.75},
        "& [data-focused] .MuiIconButton-root, & .MuiIconButton-root:focus-visible": {"opacity": 1},
    }


def _colour(sure: float) -> str:
    return "success" if sure >= LIKELY else "warning" if sure >= PERHAPS else "default"
