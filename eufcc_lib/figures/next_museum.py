"""The numbers of each held-out provider as dots with intervals, one row per provider, best first."""

from collections.abc import Collection, Mapping

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..core.facets import FACET_NAMES, FACETS, get_facet
from ..metrics.bootstrap import FEWEST_UNITS
from ..models.registry import MODELS
from ..results.next_museum import NextMuseum, Spread, find_spread
from ..results.paper import Metric
from .style import GREY, INK, MARKERS, PAPER, ROUND, WIDTH, Picture, fit, say_nothing, styled, two_lines

_COLOURS = (FACETS[0].colour, FACETS[1].colour, FACETS[2].colour, GREY)
"""By model; the signs differ too."""

_ROW = 0.34
"""Height of a provider's row in inches."""


@styled
def held_out_figure(results: Mapping[str, NextMuseum], metric: Metric, first: str, outer: Collection[str] = (),
                    language: str = "en", width: float = WIDTH) -> Picture:
    """A panel per facet and a row per provider, with a sign per model and its interval over objects.

    A line in each panel is a model's mean over the providers, the band around it the mean's interval. Rows are in the order of the
    first model's numbers in the first facet, best first.

    Args:
        results: by model; at most four are told apart.
        first: the facet that stands first.
        outer: providers whose names are set in bold: those of the outer test.
        language: of the facets' titles.
        width: in inches; on a phone two panels stand beside each other, not all.
    """
    spreads = {facet: {model: spread for model, result in results.items() if (spread := find_spread(result, facet, metric))}
               for facet in sorted(FACET_NAMES, key=lambda facet: facet != first)}
    spreads = {facet: found for facet, found in spreads.items() if found}
    if not spreads:
        return say_nothing(f"No provider could be held out and measured on {FEWEST_UNITS} objects or more.", width)
    order = list(dict.fromkeys(name for found in spreads.values() for spread in found.values() for name in spread.providers))
    columns = len(spreads) if width == WIDTH else min(2, len(spreads))
    lines = -(-len(spreads) // columns)
    figure = Picture(0.7 + lines * (0.75 + _ROW * len(order)), width=width)
    grid = figure.subplots(lines, columns, sharey=True, squeeze=False)
    for axes, (facet, found) in zip(grid.flat, spreads.items()):
        for number, (model, spread) in enumerate(found.items()):
            _draw_model(axes, model, spread, order, number, len(results))
        axes.set_title(get_facet(facet).title(language), fontsize=9)
        axes.set(ylim=(len(order) - 0.5, -0.5), xlabel=metric.title)
        axes.xaxis.set_major_locator(MaxNLocator(3, steps=ROUND))
        axes.tick_params(axis="y", length=0)
    for axes in list(grid.flat)[len(spreads):]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_yticks(range(len(order)), ["\n".join(fit(line, 1.3) for line in two_lines(name)) for name in order])
        for label, name in zip(axes.get_yticklabels(), order):
            label.set(weight="bold" if name in outer else "normal", color=INK)
    handles = {text: handle for axes in grid.flat for handle, text in zip(*axes.get_legend_handles_labels())}
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles) if width == WIDTH else 2)
    return figure


def _draw_model(axes: Axes, model: str, spread: Spread, order: list[str], number: int, models: int) -> None:
    colour, shift = _COLOURS[number % len(_COLOURS)], (number - (models - 1) / 2) * 0.7 / models
    if spread.interval:
        axes.axvspan(*spread.interval, color=colour, alpha=0.1, linewidth=0, zorder=0)
    axes.axvline(spread.mean, color=colour, linewidth=1.2, zorder=1)
    for name, estimate in spread.providers.items():
        place = order.index(name) + shift
        if estimate.objects:
            axes.plot(estimate.objects, [place, place], color=colour, linewidth=1.2, alpha=0.55, zorder=2)
    axes.plot([estimate.value for estimate in spread.providers.values()], [order.index(name) + shift for name in spread.providers],
              MARKERS[number % len(MARKERS)], color=colour, markersize=5, markeredgecolor=PAPER, markeredgewidth=0.4, zorder=3,
              label=MODELS[model].title if model in MODELS else model)
