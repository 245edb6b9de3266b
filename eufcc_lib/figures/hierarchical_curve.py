"""Hierarchical precision against recall, as answers get longer."""

from collections.abc import Mapping

import numpy as np

from .style import WIDTH, Picture, say_nothing, styled

_SIGNS = "osD^v<>P"


@styled
def hierarchical_curves(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], width: float = WIDTH) -> Picture:
    """A line per model, from its best tag alone, to the left, to as many tags as the curve has ranks.

    Args:
        curves: precision and recall, each float (K,), by model; see `metrics.tree.hierarchical_curve`. One without an image
            to judge by is NaN, and if all are, the figure says so.
        width: in inches.
    """
    drawn = {model: curve for model, curve in curves.items() if not np.isnan(curve).any()}
    if not drawn:
        return say_nothing("No image has a tag to judge by: there is no curve to show.", width)
    figure = Picture(3.4, width=width)
    axes = figure.subplots()
    for number, (model, (precision, recall)) in enumerate(drawn.items()):
        axes.plot(recall, precision, marker=_SIGNS[number % len(_SIGNS)], color=f"C{number % 10}", markersize=4, linewidth=1.2, label=model)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("hierarchical recall")
    axes.set_ylabel("hierarchical precision")
    axes.legend(loc="lower left")
    return figure
