"""The figure of a division into splits: the paper's Figure 7, with what each tag gave and which are short.

Takes the report of `collection.splits` and nothing else. Counts span decades, so there are steps and
marks on a logarithmic axis; a tag without an image in the inner test has its mark at the bottom edge.
"""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ..facets import FACETS
from .style import GREY, INK, PAPER, WIDTH, Picture, styled, thousands

FLOOR = 0.7
"""Where the logarithmic axis begins: a little below one image."""


@styled
def split_report(report: pd.DataFrame) -> Picture:
    """Images of each tag in training, validation and inner test, facet by facet (Figure 7).

    Args:
        report: `collection.splits.Splits.report`: facet, tag, images, train, val, test_id, minimum, reached.
            Tags without an image of the inner providers are left out, and their number is told.
    """
    figure = Picture(WIDTH, 6.0)
    grid = figure.subplots(2, 2)
    for axes, facet in zip(grid.flat, FACETS):
        of_facet = report[report["facet"] == facet.name]
        inner = of_facet[of_facet["images"] > 0].sort_values(["images", "tag"], ascending=[False, True])
        _draw_facet(axes, inner, facet.colour)
        short = int((~inner["reached"]).sum())
        axes.set_title(facet.title_en, color=INK, pad=16)
        axes.text(0, 1.02, _in_words(len(inner), short, len(of_facet) - len(inner)), transform=axes.transAxes,
                  fontsize=9, color=INK)
    figure.supxlabel("tags, most images first", fontsize=9)
    figure.supylabel("images (logarithmic)", fontsize=9)
    named = [axes.get_legend_handles_labels() for axes in reversed(grid.ravel())]
    handles = {name: handle for handles_and_names in named for handle, name in zip(*handles_and_names)}
    marks = _dot(int((report["facet"] == FACETS[0].name).sum()))
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=3, markerscale=5 / marks)
    return figure


def _draw_facet(axes, inner: pd.DataFrame, colour: str) -> None:
    rank = np.arange(1, len(inner) + 1)
    edges, size = np.arange(len(inner) + 1) + 0.5, _dot(len(inner))
    train, val, test = (np.where(inner[split] > 0, inner[split], np.nan) for split in ("train", "val", "test_id"))
    axes.set_yscale("log")
    if len(inner):
        axes.stairs(np.nan_to_num(train, nan=FLOOR), edges, baseline=FLOOR, fill=True, color=colour, alpha=0.28,
                    linewidth=0)
        axes.stairs(np.nan_to_num(train, nan=FLOOR), edges, baseline=None, color=colour, linewidth=1.4,
                    label="training")
        axes.plot(rank, val, linestyle="none", marker=".", color=GREY, markersize=size * 0.8, label="validation")
        reached = inner["reached"].to_numpy()
        axes.plot(rank[reached], test[reached], linestyle="none", marker="o", color=INK, markerfacecolor=PAPER,
                  markeredgewidth=0.7, markersize=size, label="inner test")
        axes.plot(rank[~reached], np.nan_to_num(test[~reached], nan=FLOOR * 1.15), linestyle="none", marker="x",
                  color=INK, markeredgewidth=1.0, markersize=size + 1, label="inner test, below its minimum")
        axes.axhline(inner["minimum"].iloc[0], color=INK, linewidth=0.9, linestyle=(0, (4, 2)),
                     label="minimum of the inner test")
    axes.set_xlim(0.5, max(len(inner), 1) + 0.5)
    axes.set_ylim(FLOOR, max(inner[["train", "test_id", "minimum"]].max().max() if len(inner) else 10, 10) * 1.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_locator(LogLocator(10, numticks=12))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: thousands(value) if value >= 1 else ""))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _dot(count: int) -> float:
    """Size of a mark, in points, for so many of them side by side."""
    return float(np.clip(110 / max(count, 1), 2.0, 5.5))


def _in_words(tags: int, short: int, outer_only: int) -> str:
    reached = f"{thousands(short)} below the minimum" if short else "all reach the minimum"
    return f"{thousands(tags)} tags, {reached}" + (f"; {thousands(outer_only)} only outer" if outer_only else "")
