"""The numbers of each held-out provider as dots with intervals, one row per provider, best first."""

from collections.abc import Collection, Mapping

import plotly.graph_objects as go

from ..core.facets import FACET_NAMES, FACETS, get_facet
from ..core.numbers import thousands
from ..metrics.bootstrap import FEWEST_UNITS
from ..models.registry import MODELS
from ..results.estimates import Bounds, Estimate
from ..results.next_museum import HeldOut, NextMuseum, Spread, find_spread
from ..results.paper import Metric
from .style import GREY, INK, PALE, PAPER, Picture, say_nothing

_COLOURS = (FACETS[0].colour, FACETS[1].colour, FACETS[2].colour, GREY)
"""By model; the signs differ too."""

_SIGNS = ("circle", "square", "triangle-up", "x")

_ROW = 36
"""Height of a provider's row in pixels: its name above, its dots below."""

_DOTS = (-0.06, 0.36)
"""Where in a row of height 1 its dots are, from top to bottom; their middle is theirs."""


def held_out_figure(results: Mapping[str, NextMuseum], metric: Metric, first: str, outer: Collection[str] = (),
                    language: str = "en") -> go.Figure | Picture:
    """A row per provider with a dot per model, its interval over objects, and each model's mean with its interval over providers.

    A menu chooses the facet. Rows are in the order of the first model's numbers, best first.

    Args:
        results: by model; at most four are told apart.
        first: the facet that is shown before another is chosen.
        outer: providers whose names are set in bold: those of the outer test.
        language: of the facets' titles.
    """
    spreads = {facet: {model: spread for model, result in results.items() if (spread := find_spread(result, facet, metric))}
               for facet in sorted(FACET_NAMES, key=lambda facet: facet != first)}
    spreads = {facet: found for facet, found in spreads.items() if found}
    if not spreads:
        return say_nothing(f"No provider could be held out and measured on {FEWEST_UNITS} objects or more.")
    figure, views = go.Figure(), {}
    for facet, found in spreads.items():
        order = list(dict.fromkeys(name for spread in found.values() for name in spread.providers))
        traces = _traces(found, results, order, metric, outer)
        views[facet] = (len(figure.data), len(traces), len(order))
        figure.add_traces([trace.update(visible=facet == next(iter(spreads))) for trace in traces])
    buttons = [{"label": get_facet(facet).title(language), "method": "update", "args": [
        {"visible": [start <= number < start + count for number in range(len(figure.data))]}, {"yaxis.range": [rows - 0.4, -0.9]}]}
        for facet, (start, count, rows) in views.items()]
    rows = max(rows for _, _, rows in views.values())
    figure.update_layout(
        title={"text": f"{metric.title} on each held-out provider", "x": 0.5, "font": {"size": 15}},
        # `rows`: the page keeps the height on a phone too, see figures.js.
        height=170 + _ROW * rows, meta={"rows": rows}, margin={"t": 84, "l": 12, "r": 12, "b": 86},
        font={"size": 13, "color": INK}, paper_bgcolor=PAPER, plot_bgcolor=PAPER, hoverlabel={"align": "left"},
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        updatemenus=[{"buttons": buttons, "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "pad": {"b": 4}}])
    figure.update_xaxes(gridcolor=PALE, zeroline=False, title={"text": metric.title, "font": {"size": 13}, "standoff": 6})
    return figure.update_yaxes(visible=False, range=buttons[0]["args"][1]["yaxis.range"])


def _traces(found: Mapping[str, Spread], results: Mapping[str, NextMuseum], order: list[str], metric: Metric,
            outer: Collection[str]) -> list[go.Scatter]:
    left = min(estimate.objects[0] for spread in found.values() for estimate in spread.providers.values())
    traces = [go.Scatter(x=[left] * len(order), y=[row - 0.3 for row in range(len(order))], mode="text", showlegend=False,
                         text=[f"<b>{name}</b>" if name in outer else name for name in order], textposition="middle right",
                         textfont={"size": 12}, hoverinfo="skip")]
    for number, (model, spread) in enumerate(found.items()):
        colour, sign = _COLOURS[number % len(_COLOURS)], _SIGNS[number % len(_SIGNS)]
        if spread.interval:
            traces.append(_band(spread.interval, len(order), mode="none", fill="toself", fillcolor=f"{colour}30", legendgroup=model))
        traces.append(_band((spread.mean, spread.mean), len(order), mode="lines", line={"color": colour, "width": 1.4}, legendgroup=model))
        traces.append(_dots(spread, results[model], order, metric, colour, sign))
    return traces


def _band(ends: Bounds, rows: int, **look) -> go.Scatter:
    """The same stretch in every row, beside the dots and not behind the names."""
    (low, high), (top, bottom) = ends, _DOTS
    return go.Scatter(x=[low, high, high, low, low, None] * rows, showlegend=False, hoverinfo="skip",
                      y=[edge for row in range(rows)
                         for edge in (row + top, row + top, row + bottom, row + bottom, row + top, None)], **look)


def _dots(spread: Spread, result: NextMuseum, order: list[str], metric: Metric, colour: str, sign: str) -> go.Scatter:
    model, held_out = result.run.model, {held.provider: held for held in result.held_out}
    title = MODELS[model].title if model in MODELS else model
    estimates = spread.providers.values()
    return go.Scatter(
        x=[estimate.value for estimate in estimates], y=[order.index(name) + sum(_DOTS) / 2 for name in spread.providers],
        mode="markers", name=title, legendgroup=model,
        marker={"symbol": sign, "size": 9, "color": colour, "line": {"width": 0.7, "color": PAPER}},
        error_x={"type": "data", "symmetric": False, "array": [estimate.objects[1] - estimate.value for estimate in estimates],
                 "arrayminus": [estimate.value - estimate.objects[0] for estimate in estimates], "color": f"{colour}88",
                 "thickness": 1.4, "width": 0},
        customdata=[_hover(title, estimate, held_out[name], metric) for name, estimate in spread.providers.items()],
        hovertemplate="%{customdata}<extra></extra>")


def _hover(title: str, estimate: Estimate, held: HeldOut, metric: Metric) -> str:
    value, low, high = (f"{number:.{metric.decimals}f}" for number in (estimate.value, *estimate.objects))
    return (f"<b>{held.provider}</b><br>{title}: {value}, {low} to {high}<br>{thousands(held.images)} images, "
            f"trained on {thousands(held.training_images)} of others")
