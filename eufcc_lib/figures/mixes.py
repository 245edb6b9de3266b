"""R-precision from the start of a training to its end, along the weights between them."""

from collections.abc import Sequence

from ..results.mixes import MixRow
from .style import GREY, INK, LINES, MARKERS, PAPER, WIDTH, Picture, say_nothing, styled

_SPLITS = {"val": ("validation", INK), "test_id": ("inner test", "#2a6f97"), "test_ood": ("outer test", "#b5532a")}


@styled
def mix_curves(rows: Sequence[MixRow], chosen: float, width: float = WIDTH) -> Picture:
    """A line per split, the mean over the facets; a vertical line marks the chosen mix.

    Args:
        rows: see `results.mixes.read_mixes`; without any the figure says so.
        chosen: on validation.
        width: in inches.
    """
    if not rows:
        return say_nothing("The points between start and end were not measured: there is no curve to show.", width)
    figure = Picture(3.2, width=width)
    axes = figure.subplots()
    for number, (split, (title, colour)) in enumerate(_SPLITS.items()):
        values = {}
        for row in rows:
            if row.split == split:
                values.setdefault(row.mix, []).append(row.r_precision)
        if values:
            mixes = sorted(values)
            axes.plot(mixes, [sum(values[mix]) / len(values[mix]) for mix in mixes], marker=MARKERS[number], linestyle=LINES[number],
                      color=colour, markerfacecolor=PAPER if number else colour, markersize=5, label=title)
    axes.axvline(chosen, color=GREY, linewidth=1, zorder=0)
    axes.annotate("chosen", (chosen, 1), xycoords=("data", "axes fraction"), xytext=(4, -2), textcoords="offset points",
                  va="top", color=GREY)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0\nbefore", "0.2", "0.4", "0.6", "0.8", "1\nafter"])
    axes.set_xlabel("mix of the weights before and after fine-tuning")
    axes.set_ylabel("mean R-precision")
    axes.margins(y=0.15)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3 if width == WIDTH else 2)
    return figure
