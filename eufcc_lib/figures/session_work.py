"""What came of a session's suggestions: how often each rank was accepted, and how far promises were kept."""

import pandas as pd
from matplotlib.axes import Axes

from ..core.facets import FACETS
from ..core.numbers import percent
from .style import GREY, LINES, MARKERS, Picture, say_nothing, styled


@styled
def work_figure(summary: pd.DataFrame, language: str = "en") -> Picture:
    """Acceptance by rank, a line per facet; where something was promised, the share that was accepted of it at the right.

    Args:
        summary: from `assistant.work`; without a suggestion, the figure is a sentence.
    """
    accepted, promised = (summary[summary["part"] == part] for part in ("accepted", "promise"))
    by_rank = accepted[accepted["rank"].notna()]
    if by_rank.empty:
        return say_nothing("Nothing was suggested for the records of this session.")
    figure = Picture(3.2)
    left, *right = figure.subplots(1, 2, width_ratios=(3, 2)) if len(promised) else [figure.subplots()]
    for number, facet in enumerate(FACETS):
        rows = by_rank[by_rank["facet"] == facet.name]
        if len(rows):
            left.plot(rows["rank"].astype(int), rows["value"], color=facet.colour, linestyle=LINES[number], marker=MARKERS[number],
                      markersize=4, label=facet.title(language))
    left.set(title="Accepted, by rank", xlabel="rank of the suggestion", ylim=(-0.02, 1.02),
             xticks=range(1, int(by_rank["rank"].max()) + 1))
    for axes in right:
        _draw_promises(axes, promised, language)
    for axes in (left, *right):
        axes.yaxis.set_major_formatter(lambda share, _: percent(share))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, handlelength=2.6)
    return figure


def _draw_promises(axes: Axes, promised: pd.DataFrame, language: str) -> None:
    axes.set(title="Accepted, where promised", ylim=(-0.02, 1.02))
    axes.grid(visible=False, axis="x")
    rows = [(number, facet, promised[promised["facet"] == facet.name]) for number, facet in enumerate(FACETS)]
    rows = [(number, facet, found.iloc[0]) for number, facet, found in rows if len(found)]
    for place, (number, facet, row) in enumerate(rows):
        axes.plot([place - 0.3, place + 0.3], [row["promised"]] * 2, color=GREY, linewidth=1.6)
        axes.plot(place, row["value"], MARKERS[number], color=facet.colour, markersize=6)
        if not pd.isna(row["low"]):
            axes.plot([place, place], [row["low"], row["high"]], color=facet.colour, linewidth=1.2)
    axes.set_xticks(range(len(rows)), [facet.key for _, facet, _ in rows])
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_xlabel("grey: what was promised")
