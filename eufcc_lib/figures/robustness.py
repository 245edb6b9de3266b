"""Effective robustness: what a model's number on the inner test says about the outer one (Taori et al. 2020).

One point per model, inner on x and outer on y. On the line of equal numbers nothing is lost at an unknown museum. The
models of a benchmark often lie along a curve below it; one that lies above this curve is more robust than its
inner number promises.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from ..core.facets import FACETS
from ..models.registry import MODELS
from ..results.estimates import Bounds, Estimate, find_estimate
from ..results.files import RunResult
from ..results.paper import MEAN, METRICS, TABLES, Column, Metric
from .style import GREY, INK, PALE, PAPER, Picture, say_nothing

# By family: its name in the legend, its sign, its colour. Sign and lightness differ, for a print without colour.
FAMILIES = {"vision": ("Vision", "circle", FACETS[0].colour), "clip": ("CLIP", "square", FACETS[1].colour),
            "ensemble": ("Ensembles", "diamond", FACETS[2].colour), "neighbours": ("Neighbours", "star", FACETS[3].colour),
            "mixture": ("Mixtures of weights", "cross", FACETS[3].colour), "frequency": ("Frequency", "triangle-up", GREY),
            "other": ("Others' entries", "x", INK)}

_MARGIN = 0.06  # free around the points, as a share of their range


@dataclass(frozen=True)
class Point:
    """A model's mean over the facets on both test sets; `printed` for the paper's numbers."""

    title: str
    family: str
    inner: Estimate
    outer: Estimate
    printed: bool = False


def robustness(results: Mapping[str, RunResult]) -> go.Figure | Picture:
    """The figure, with a menu for the metric; the paper's Table 3 stands beside the runs in hollow signs.

    Without a run on both test sets the figure is a sentence.

    Args:
        results: from `results.files.read_results`.
    """
    if not any(find_points(results, metric) for metric in METRICS):
        return say_nothing("No run has numbers in all facets on both test sets, inner and outer.")
    figure, views = go.Figure(), {}
    for metric in METRICS:
        points = find_points(results, metric) + printed_points(metric)
        low, high = _range(points, metric)
        traces = [go.Scatter(x=[low, high], y=[low, high], mode="lines", line={"color": GREY, "width": 1.2, "dash": "dash"},
                             name="equal numbers", legendrank=3, hoverinfo="skip")]
        traces += [_trace([point for point in points if (point.family, point.printed) == (family, printed)], family, printed, metric)
                   for printed in (True, False) for family in FAMILIES]
        traces = [trace for trace in traces if len(trace.x)]
        views[metric] = (len(figure.data), len(traces), (low, high))
        figure.add_traces([trace.update(visible=metric is METRICS[0]) for trace in traces])
    buttons = [{"label": metric.title, "method": "update", "args": [
        {"visible": [first <= number < first + count for number in range(len(figure.data))]}, _axes(metric, limits)]}
        for metric, (first, count, limits) in views.items()]
    figure.update_layout(
        title={"text": "Inner and outer test, means over the facets", "x": 0.5, "font": {"size": 15}},
        # `rows`: the page keeps the height on a phone too, where the legend takes a third of it, see figures.js.
        height=620, meta={"rows": 1}, margin={"t": 84, "l": 56, "r": 12, "b": 132}, font={"size": 13, "color": INK}, paper_bgcolor=PAPER,
        plot_bgcolor=PAPER, hoverlabel={"align": "left"},
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        updatemenus=[{"buttons": buttons, "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "pad": {"b": 2}}])
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(gridcolor=PALE, zeroline=False, title={"font": {"size": 13}, "standoff": 8})
    return figure.update_layout(_axes(METRICS[0], views[METRICS[0]][2]))


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


def _trace(points: list[Point], family: str, printed: bool, metric: Metric) -> go.Scatter:
    title, sign, colour = FAMILIES[family]
    return go.Scatter(
        x=[point.inner.value for point in points], y=[point.outer.value for point in points], mode="markers",
        marker={"symbol": f"{sign}-open" if printed else sign, "size": 9, "color": colour,
                "line": {"width": 1.4 if printed else 0.7, "color": colour if printed else PAPER}},
        error_x=_bars([point.inner for point in points], colour), error_y=_bars([point.outer for point in points], colour),
        name=f"{title}, paper" if printed else title, legendrank=2 if printed else 1,
        customdata=[_hover(point, metric) for point in points], hovertemplate="%{customdata}<extra></extra>")


def _bars(estimates: Iterable[Estimate], colour: str) -> dict:
    """The intervals over objects; no bar where there is none."""
    ends = [(estimate.value, estimate.objects or (estimate.value, estimate.value)) for estimate in estimates]
    return {"type": "data", "symmetric": False, "array": [high - value for value, (_, high) in ends],
            "arrayminus": [value - low for value, (low, _) in ends], "color": f"{colour}55", "thickness": 1.2, "width": 0}


def _hover(point: Point, metric: Metric) -> str:
    number = f".{metric.decimals}f"

    def text(name: str, estimate: Estimate) -> str:
        bounds = f", {estimate.objects[0]:{number}} to {estimate.objects[1]:{number}}" if estimate.objects else ""
        return f"{name} {estimate.value:{number}}{bounds}"
    return "<br>".join([f"<b>{point.title}</b>{' (paper)' if point.printed else ''}", text("inner", point.inner),
                        text("outer", point.outer)])


def _range(points: list[Point], metric: Metric) -> Bounds:
    """The range of both axes: all points with their intervals, and free space around them."""
    ends = [end for point in points for estimate in (point.inner, point.outer)
            for end in (estimate.value, *(estimate.objects or ()))]
    low, high = min(ends), max(ends)
    if not metric.higher_is_better:  # ranks span decades
        return low / (1 + 2 * _MARGIN), high * (1 + 2 * _MARGIN)
    return max(low - _MARGIN * (high - low), 0.0), high + _MARGIN * (high - low)


def _axes(metric: Metric, limits: Bounds) -> dict:
    """Titles and ranges; the axes of ranks are logarithmic."""
    better, kind, ends = "higher is better", "linear", list(limits)
    if not metric.higher_is_better:
        better, kind, ends = "lower is better", "log", np.log10(limits).tolist()
    ticks = [step * 10 ** decade for decade in range(5) for step in (1, 2, 5)] if kind == "log" else None
    shared = {"range": ends, "type": kind, "tickvals": ticks, "tickmode": "array" if ticks else "auto"}
    titles = {"xaxis": f"{metric.title}, inner test ({better})", "yaxis": f"{metric.title}, outer test"}
    return {f"{axis}.{name}": value for axis, title in titles.items() for name, value in {**shared, "title.text": title}.items()}
