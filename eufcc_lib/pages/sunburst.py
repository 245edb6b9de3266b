"""A facet's tree as rings to explore in a browser (Figure 6), by mouse or keyboard, and as a table of the same numbers."""

import pandas as pd

from ..core.facets import get_facet
from ..core.numbers import percent, thousands
from ..figures.colour import ink_on
from ..figures.sunburst import family_colours
from .render import Page, render


def explore(weights: pd.DataFrame, facet: str, levels: int = 3, language: str = "en") -> Page:
    """The tree as an interactive sunburst, and as a table of the same numbers; by mouse or keyboard a node becomes the centre.

    Args:
        weights: `statistics.weigh_tree`.
        levels: rings shown at a time, counted from the node in the centre; on a phone two at most.
        language: of the title.
    """
    facet = get_facet(facet)
    total = weights.loc[weights["parent"] < 0, "weight"].sum()
    colours = family_colours(weights, facet)
    order = _walk(weights)
    place = {row: number for number, row in enumerate(order)}
    nodes = weights.assign(colour=colours).iloc[order].itertuples()
    rows = [{"tag": node.tag, "parent": place.get(node.parent, -1), "level": node.depth + 1, "weight": f"{node.weight:.4f}",
             "images": thousands(node.images), "ends": thousands(node.narrowest), "share": percent(node.weight / total if total else 0, 1),
             "fill": node.colour, "ink": ink_on(node.colour)} for node in nodes]
    tags, images, title = thousands(len(weights)), thousands(total), facet.title(language)
    return render("sunburst", f"{title}: {tags} tags, {images} images", title=title, tags=tags, images=images, levels=levels,
                  fill=facet.colour, ink=ink_on(facet.colour), rows=rows)


def _walk(weights: pd.DataFrame) -> list[int]:
    """The rows of the tree from top to bottom, each node before what is below it and heavy branches first."""
    heavy_last = weights.assign(row=range(len(weights))).sort_values(["weight", "tag"], ascending=[True, False])
    children = heavy_last.groupby("parent", sort=False)["row"].agg(list).to_dict()
    order, waiting = [], list(children.get(-1, ()))
    while waiting:
        order.append(waiting.pop())
        waiting += children.get(order[-1], ())
    return order
