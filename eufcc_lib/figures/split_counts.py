"""The paper's Figure 7: how many images each tag has in training and in the inner test, and which tags have too few.

Counts span decades, so there are steps and marks on a logarithmic axis; a tag without an image in the inner
test has its mark at the bottom edge.
"""

from collections.abc import Mapping
from copy import copy

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..core.facets import FACETS
from ..core.numbers import thousands
from .style import GREY, INK, PAPER, ROUND, WIDTH, Picture, plain_log, styled

FLOOR = 0.7  # where the logarithmic axis begins: a little below one image

_SPLITS = {"train": "training", "val": "validation", "test_id": "inner test"}


@styled
def images_per_tag(counts: pd.DataFrame, minimum: Mapping[str, int], language: str = "en", width: float = WIDTH) -> Picture:
    """Images of each tag in training and the inner test, and in validation if it was counted, facet by facet.

    Args:
        counts: `statistics.compare_splits` or `Splits.report` of `collection.splitting.stratified`: facet, tag, train,
            test_id, perhaps val. A split whose values are all missing is named in the legend instead of drawn. Tags
            without an image in these splits are left out and counted in the title.
        minimum: fewest images that a tag should have in the inner test, by facet.
        language: of the facets' titles.
        width: in inches; on a phone the facets stand below each other.
    """
    splits = [split for split in _SPLITS if split in counts]
    figure = Picture(6.0 if width == WIDTH else 9.6, width=width)
    grid = figure.subplots(2, 2) if width == WIDTH else figure.subplots(len(FACETS), 1)
    for axes, facet in zip(grid.flat, FACETS):
        of_facet = counts[counts["facet"] == facet.name]
        inner = of_facet[of_facet[splits].sum(axis=1) > 0]
        inner = inner.sort_values(["train", "test_id", "tag"], ascending=[False, False, True])
        short = _draw_facet(axes, inner, facet.colour, minimum[facet.name])
        axes.set_title(facet.title(language), color=INK, pad=16)
        axes.text(0, 1.02, _in_words(len(inner), short, len(of_facet) - len(inner)), transform=axes.transAxes,
                  fontsize=9, color=INK)
    absent = [_SPLITS[split] for split in splits if counts[split].isna().all()]
    figure.supxlabel(f"tags, most frequent{'' if absent else ' in training'} first", fontsize=9)
    figure.supylabel("images (logarithmic)", fontsize=9)
    _draw_legend(figure, f"These records have no {' and no '.join(absent)} split" if absent else None)
    return figure


def _draw_facet(axes: Axes, inner: pd.DataFrame, colour: str, minimum: int) -> int | None:
    """Draw the tags in the order given. Returns the number below the minimum, None without an inner test."""
    rank, edges = np.arange(1, len(inner) + 1), np.arange(len(inner) + 1) + 0.5
    size, short = np.clip(110 / max(len(inner), 1), 2.0, 5.5), None  # of marks side by side, in points
    axes.set_yscale("log")
    if inner["train"].notna().any():
        steps = inner["train"].clip(lower=FLOOR)
        axes.stairs(steps, edges, baseline=FLOOR, fill=True, color=colour, alpha=0.28, linewidth=0)
        axes.stairs(steps, edges, baseline=None, color=colour, linewidth=1.4, label="training")
    if "val" in inner:
        axes.plot(rank, inner["val"].where(inner["val"] > 0), linestyle="none", marker=".", color=GREY,
                  markersize=size * 0.8, label="validation")
    if inner["test_id"].notna().any():
        test = inner["test_id"].to_numpy()
        reached = test >= minimum
        short = int((~reached).sum())
        axes.plot(rank[reached], test[reached], linestyle="none", marker="o", color=INK, markerfacecolor=PAPER,
                  markeredgewidth=0.7, markersize=size, label="inner test")
        if short:
            axes.plot(rank[~reached], np.maximum(test[~reached], FLOOR * 1.15), linestyle="none", marker="x", color=INK,
                      markeredgewidth=0.8, markersize=size, label="inner test, below its minimum")
        axes.axhline(minimum, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), label="minimum of the inner test")
    axes.set_xlim(0.5, max(len(inner), 1) + 0.5)
    axes.set_ylim(FLOOR, max(np.nanmax([*inner["train"], *inner["test_id"], 0]), 2 * minimum) * 1.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=ROUND))
    plain_log(axes.yaxis)
    return short


def _draw_legend(figure: Picture, title: str | None) -> None:
    """Each kind of mark once, all in one size whatever the panels need."""
    handles = {}
    for axes in figure.axes:
        for handle, name in zip(*axes.get_legend_handles_labels()):
            if isinstance(handle, Line2D):
                handle = copy(handle)
                handle.set_markersize(5)
            handles.setdefault(name, handle)
    figure.legend(handles.values(), handles, loc="outside upper center", ncols=1 if figure.get_figwidth() < WIDTH else 3 if len(handles) > 4 else 2,
                  title=title)


def _in_words(tags: int, short: int | None, elsewhere: int) -> str:
    words = f"{thousands(tags)} tags"
    if short is not None:
        words += f", {thousands(short)} below the minimum" if short else ", all reach the minimum"
    return words + (f"; {thousands(elsewhere)} only outer" if elsewhere else "")
