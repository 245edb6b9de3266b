"""Reliability diagrams: what the best tags' probabilities say, against how many of these tags are on record."""

from collections.abc import Mapping

from matplotlib.lines import Line2D

from ..core.facets import FACETS
from ..core.numbers import percent
from ..data.records import SPLIT_TITLES
from ..metrics.calibration import ReliabilityCurve
from .style import GREY, INK, PAPER, WIDTH, Picture, say_nothing, styled

_SIZE = 2.75  # inches of a square panel, its labels included
_TICKS = (0, 0.25, 0.5, 0.75, 1)


@styled
def reliability_diagrams(curves: Mapping[str, Mapping[str, ReliabilityCurve]], language: str = "en", width: float = WIDTH) -> Picture:
    """One square per facet; a point is a bin of images, on the diagonal where the probabilities are right.

    Args:
        curves: by split and facet. The first split is drawn filled, the second open.
        language: of the facets' titles.
        width: in inches.
    """
    shown = [facet for facet in FACETS if any(facet.name in by_facet for by_facet in curves.values())]
    if not shown:
        return say_nothing("No image has a tag of the vocabulary: there is nothing to compare.", width)
    rows = -(-len(shown) // 2)
    figure = Picture(0.6 + _SIZE * rows * (1 if width == WIDTH else 0.72), width=width)
    grid = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
    for axes, facet in zip(grid.flat, shown):
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
        looks = ({"color": facet.colour, "marker": "o"}, {"color": INK, "marker": "D", "markerfacecolor": PAPER})
        for by_facet, look in zip(curves.values(), looks):
            if curve := by_facet.get(facet.name):
                axes.vlines(curve.probability, curve.low, curve.high, color=look["color"], linewidth=0.8, alpha=0.5)
                axes.plot(curve.probability, curve.right, linewidth=1, markersize=4.5, clip_on=False, **look)
        axes.set_title(facet.title(language))
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal", xticks=_TICKS, yticks=_TICKS)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda share, _: percent(share))
    for axes in list(grid.flat)[len(shown):]:
        axes.set_visible(False)
    figure.supxlabel("probability of an image's best tag", fontsize=9)
    figure.supylabel("share of these tags on record", fontsize=9)
    handles = [Line2D([], [], color=INK, marker=marker, markerfacecolor=face, linewidth=1, markersize=4.5,
                      label=SPLIT_TITLES[split].lower()) for split, marker, face in zip(curves, "oD", (INK, PAPER))]
    handles.append(Line2D([], [], color=GREY, linewidth=1, linestyle=(0, (4, 2)), label="perfectly calibrated"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles) if width == WIDTH else 2)
    return figure
