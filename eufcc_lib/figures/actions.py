"""How many actions a record takes in each way of working, by what they are for."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ..core.facets import FACETS
from ..results.estimates import Estimate
from .style import INK, PAPER, Picture, say_nothing, styled

_HATCHES = ("", "////", "....", "")
_COLOURS = (FACETS[0].colour, FACETS[2].colour, FACETS[1].colour, "#bdbdbd")


@styled
def actions_figure(found: pd.DataFrame, kinds: Sequence[str], actions: Mapping[str, Estimate]) -> Picture:
    """A bar per way, in parts by kind; the line is the interval of all together.

    Args:
        found: a row per record and way with a column per kind.
        actions: by way, actions per record.
    """
    if found.empty:
        return say_nothing("There is no record here whose terms are known, so no action can be counted.")
    means = found.groupby("way", sort=False)[list(kinds)].mean()
    figure = Picture(0.9 + 0.55 * len(means))
    axes = figure.subplots()
    left = pd.Series(0.0, means.index)
    for kind, colour, hatch in zip(kinds, _COLOURS, _HATCHES):
        axes.barh(means.index, means[kind], left=left, color=colour, hatch=hatch, edgecolor=PAPER, height=0.62, label=kind)
        left += means[kind]
    for place, way in enumerate(means.index):
        if actions[way].objects:
            axes.plot(actions[way].objects, [place, place], color=INK, linewidth=1.6, marker="|", markersize=8)
    axes.set(xlabel="actions per record", ylim=(len(means) - 0.4, -0.6))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(kinds))
    return figure
