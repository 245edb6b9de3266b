"""What missing tags do to a training: the losses by probability, and the numbers by the share of tags that was hidden."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ..core.facets import FACETS
from ..core.numbers import percent
from ..data.records import SPLIT_TITLES
from ..models.registry import MODELS
from ..models.tag_costs import tag_costs
from ..results.estimates import Estimate
from ..results.paper import Metric
from .style import GREY, INK, LINES, MARKERS, Picture, say_nothing, styled

_COLOURS = (INK, *(facet.colour for facet in FACETS))
_SHOWN = 3.0
"""Costs above this are beyond the axis: a logarithm has no end."""


@styled
def loss_curves(models: Sequence[str]) -> Picture:
    """What a tag costs and how it is pushed, by its probability: a tag on record at the left, an absent one at the right.

    Args:
        models: up to four, each with one question per tag, see `models.tag_costs`.
    """
    figure, probabilities = Picture(4.9), np.linspace(0.002, 0.998, 400)
    grid = figure.subplots(2, 2, sharex=True, sharey="row")
    for column, on_record in enumerate((True, False)):
        for number, model in enumerate(models):
            cost, push = tag_costs(MODELS[model].objective, probabilities, on_record)
            turns = np.diff(np.sign(push), prepend=np.sign(push[0])) != 0  # the line is broken where the loss jumps
            # Wide and narrow: some lines lie on each other.
            for axes, values in zip(grid[:, column], (cost, push)):
                axes.plot(probabilities, np.where(turns, np.nan, values), color=_COLOURS[number], linestyle=LINES[number],
                          label=MODELS[model].title, linewidth=2.8 - 0.4 * number)
    for axes, title in zip(grid[0], ("The tag is on record", "The tag is not on record")):
        axes.set(title=title, ylim=(0, _SHOWN))
    for axes in grid[1]:
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set(xlabel="probability that the model gives the tag", xlim=(0, 1), ylim=(-1.1, 1.3))
    grid[0, 0].set_ylabel("cost")
    grid[1, 0].set_ylabel("push   (+ up, − down)")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4, handlelength=2.6)
    return figure


@styled
def hidden_curves(estimates: Mapping[Metric, Mapping[str, Mapping[tuple[str, float], Estimate]]]) -> Picture:
    """Metrics by the share of known tags that was hidden in training: a row per metric, a column per test set, a line per loss.

    Args:
        estimates: by metric, from `results.missing_tags.estimate_hidden`; without any, the figure is a sentence.
    """
    estimates = {metric: found for metric, found in estimates.items() if found}
    if not estimates:
        return say_nothing("There is no test set on which the losses could be compared.")
    splits = list(next(iter(estimates.values())))
    figure = Picture(0.7 + 2.1 * len(estimates))
    grid = figure.subplots(len(estimates), len(splits), sharex=True, sharey="row", squeeze=False)
    for row, (metric, found) in zip(grid, estimates.items()):
        row[0].set_ylabel(metric.title)
        for axes, split in zip(row, splits):
            _draw_lines(axes, found[split])
    for axes, split in zip(grid[0], splits):
        axes.set_title(SPLIT_TITLES[split])
    figure.supxlabel("known tags hidden in training", fontsize=9)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4, handlelength=2.6)
    return figure


def _draw_lines(axes: Axes, found: Mapping[tuple[str, float], Estimate]) -> None:
    models, shares = (list(dict.fromkeys(part)) for part in zip(*found))
    step = min(np.diff(sorted(shares)), default=1) / 12  # side by side, so that no interval hides another
    for number, model in enumerate(models):
        estimates = [found[model, share] for share in shares]
        places = np.array(shares) + (number - (len(models) - 1) / 2) * step
        style = {"color": _COLOURS[number], "label": MODELS[model].title}
        axes.plot(places, [estimate.value for estimate in estimates], linestyle=LINES[number], marker=MARKERS[number],
                  markersize=4.5, linewidth=1.3, **style)
        for place, estimate in zip(places, estimates):
            if estimate.objects:
                axes.plot([place, place], estimate.objects, color=_COLOURS[number], linewidth=1, alpha=0.6)
    axes.set_xticks(shares)
    axes.xaxis.set_major_formatter(lambda share, _: percent(share))
    axes.grid(visible=False, axis="x")
