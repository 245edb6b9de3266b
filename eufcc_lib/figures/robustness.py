"""Effective robustness: what a model's number on the inner test says about the outer one (Taori et al. 2020).

One point per model, inner on x and outer on y. On the line of equal numbers nothing is lost at an unknown museum. The
models of a benchmark often lie along a curve below it; one that lies above this curve is more robust than its
inner number promises.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..core.facets import FACETS
from ..models.registry import MODELS
from ..results.estimates import Bounds, Estimate, find_estimate
from ..results.files import RunResult
from ..results.paper import MEAN, METRICS, TABLES, Column, Metric
from .style import GREY, INK, PAPER, WIDTH, Picture, plain_log, say_nothing, styled

# By family: its name in the legend, its sign, its colour. Sign and lightness differ, for a print without colour.
FAMILIES = {"vision": ("Vision", "o", FACETS[0].colour), "clip": ("CLIP", "s", FACETS[1].colour),
            "ensemble": ("Ensembles", "D", FACETS[2].colour), "neighbours": ("Neighbours", "*", FACETS[3].colour),
            "mixture": ("Mixtures of weights", "P", FACETS[3].colour), "frequency": ("Frequency", "^", GREY),
            "other": ("Others' entries", "X", INK)}

_MARGIN = 0.06  # free around the points, as a share of their range


@dataclass(frozen=True)
class Point:
    """A model's mean over the facets on both test sets; `printed` for the paper's numbers."""

    title: str
    family: str
    inner: Estimate
    outer: Estimate
    printed: bool = False


@styled
def robustness(results: Mapping[str, RunResult], width: float = WIDTH) -> Picture:
    """A panel per metric; the paper's Table 3 stands beside the runs in hollow signs, and the run that is best on the outer test is named.

    Without a run on both test sets the figure is a sentence.

    Args:
        results: from `results.files.read_results`.
        width: in inches; on a phone the panels stand below each other.
    """
    if not any(find_points(results, metric) for metric in METRICS):
        return say_nothing("No run has numbers in all facets on both test sets, inner and outer.", width)
    columns = 2 if width == WIDTH else 1
    rows = -(-len(METRICS) // columns)
    figure = Picture(0.9 + rows * (width / columns + 0.1), width=width)
    drawn = {}
    for axes, metric in zip(figure.subplots(rows, columns, squeeze=False).flat, METRICS):
        points, printed = find_points(results, metric), printed_points(metric)
        _draw_panel(axes, points + printed, metric)
        if points:
            best = (max if metric.higher_is_better else min)(points, key=lambda point: point.outer.value)
            axes.text(0.03, 0.98, f"best outer:\n{best.title}", transform=axes.transAxes, va="top", zorder=4, in_layout=False)
        drawn |= {(point.printed, list(FAMILIES).index(point.family)): None for point in points + printed}
    handles = [Line2D([], [], linestyle="none", **_look(list(FAMILIES)[family], printed),
                      label=FAMILIES[list(FAMILIES)[family]][0] + (", paper" if printed else "")) for printed, family in sorted(drawn)]
    handles.append(Line2D([], [], color=GREY, linewidth=1.2, linestyle=(0, (5, 2)), label="equal numbers"))
    figure.legend(handles=handles, loc="outside lower center", ncols=2 * columns)
    return figure


def _draw_panel(axes: Axes, points: list[Point], metric: Metric) -> None:
    limits = _range(points, metric)
    if not metric.higher_is_better:
        axes.set(xscale="log", yscale="log")
    axes.plot(limits, limits, color=GREY, linewidth=1.2, linestyle=(0, (5, 2)), zorder=1, label="equal numbers")
    for point in points:
        colour, x, y = FAMILIES[point.family][2], point.inner.value, point.outer.value
        if point.outer.objects:
            axes.plot([x, x], point.outer.objects, color=colour, linewidth=1, alpha=0.45, zorder=1)
        if point.inner.objects:
            axes.plot(point.inner.objects, [y, y], color=colour, linewidth=1, alpha=0.45, zorder=1)
        axes.plot(x, y, linestyle="none", label=point.title, zorder=2 if point.printed else 3, **_look(point.family, point.printed))
    axes.set(xlim=limits, ylim=limits, aspect="equal", title=metric.title, xlabel="inner test",
             ylabel=f"outer test{'' if metric.higher_is_better else ' (lower is better)'}")
    if not metric.higher_is_better:
        plain_log(axes.xaxis)
        plain_log(axes.yaxis)


def _look(family: str, printed: bool) -> dict:
    _, sign, colour = FAMILIES[family]
    return {"marker": sign, "markersize": 9 if sign == "*" else 6.5, "color": colour, "markerfacecolor": "none" if printed else colour,
            "markeredgecolor": colour if printed else PAPER, "markeredgewidth": 1.2 if printed else 0.5}


def find_points(results: Mapping[str, RunResult], metric: Metric) -> list[Point]:
    """The models with a mean over the facets on both test sets, by name."""
    points = []
    for model in sorted(results):
        inner, outer = (find_estimate(results, model, Column(split, MEAN, metric)) for split in ("test_id", "test_ood"))
        if inner and outer:
            known = MODELS.get(model)
            points.append(Point(known.title if known else model, known.family if known else "other", inner, outer))
    return points


def printed_points(metric: Metric) -> list[Point]:
    """The methods of the paper with its numbers in Table 3, which have no intervals."""
    def value(model: str, split: str) -> Estimate:
        return Estimate(TABLES[3][model, Column(split, MEAN, metric)].value)
    models = dict.fromkeys(model for model, _ in TABLES[3])
    return [Point(MODELS[model].title, MODELS[model].family, value(model, "test_id"), value(model, "test_ood"), printed=True)
            for model in models]


def _range(points: list[Point], metric: Metric) -> Bounds:
    """The range of both axes: all points with their intervals, and free space around them."""
    ends = [end for point in points for estimate in (point.inner, point.outer)
            for end in (estimate.value, *(estimate.objects or ()))]
    low, high = min(ends), max(ends)
    if not metric.higher_is_better:  # ranks span decades
        return low / (1 + 2 * _MARGIN), high * (1 + 2 * _MARGIN)
    return max(low - _MARGIN * (high - low), 0.0), high + _MARGIN * (high - low)
