"""Sentences for the chapter on the next museum, which turn with the numbers."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from ..core.facets import get_facet
from ..core.numbers import percent
from ..metrics.bootstrap import FEWEST_UNITS
from ..models.registry import MODELS
from ..results.estimates import Bounds
from ..results.next_museum import NextMuseum, Spread, find_spread, share_outside
from ..results.paper import Metric
from ..results.tables import FREQUENCY

KEYS = ("mean", "range", "outer", "hardest", "pattern")
"""The sentences, in the order in which the chapter shows them."""


def next_museum_sentences(results: Mapping[str, NextMuseum], model: str, facet: str, metric: Metric,
                          outer: Sequence[str]) -> dict[str, str]:
    """What held-out providers say about a model in one facet, by `KEYS`.

    Args:
        results: by model; with the frequency baseline, unusual tags are told from unusual photographs.
        outer: the providers of the outer test, see `results.next_museum.outer_providers`.
    """
    result, baseline = results[model], results.get(FREQUENCY)
    spread = find_spread(result, facet, metric)
    if spread is None:
        return dict.fromkeys(KEYS, "There is nothing to compare.") | {"mean": _nothing(result, facet)}
    outside = {held.provider: share_outside(held, facet) for held in result.held_out if held.provider in spread.providers}
    frequency = find_spread(baseline, facet, metric) if baseline and model != FREQUENCY else None
    number = lambda value: f"{value:.{metric.decimals}f}"
    return {"mean": _mean(spread, MODELS[model].title, metric.title, _title(facet), number),
            "range": _range(spread, number), "outer": _outer(spread, outer, number),
            "hardest": _hardest(spread, outside, frequency, number), "pattern": _pattern(spread, outside, frequency)}


def describe_earlier(earlier: Mapping[str, NextMuseum]) -> str:
    """Which models' numbers were not computed with the chapter, and when they were, in a sentence."""
    if not earlier:
        return "All models were computed with this page."
    listed = [f"`{model}` ({result.run.date.partition('T')[0]})" for model, result in earlier.items()]
    names = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    return (f"The folds of {names} were computed earlier, by `eufcc next-museum`, on the same images and tags. They are in the table "
            "of all facets alone.")


def _nothing(result: NextMuseum, facet: str) -> str:
    if result.folds < 2:
        unknown = f" ({result.unknown:,} images name none)" if result.unknown else ""
        return f"These data name fewer than two providers{unknown}, so none can be held out."
    return f"No provider has a number in {_title(facet)}: that takes {FEWEST_UNITS} objects with tags that the others use too."


def _mean(spread: Spread, model: str, metric: str, facet: str, number: Callable) -> str:
    count = len(spread.providers)
    said = f"On providers that it has not seen, {model} reaches a mean {metric} of {number(spread.mean)} in {facet}"
    if spread.interval is None:
        return (f"{said}. It is the mean over {count} {'providers' if count > 1 else 'provider'}; with fewer than {FEWEST_UNITS} there is "
                "no interval for it.")
    return f"{said}; the 95 % interval over {count} providers is {_bounds(spread.interval, number)}."


def _range(spread: Spread, number: Callable) -> str:
    names = list(spread.providers)
    if len(names) < 2:
        return "A single provider says nothing about the next."
    best, worst = (f"{number(spread.providers[name].value)} ({name})" for name in (names[0], names[-1]))
    return (f"The {len(names)} numbers range from {worst} to {best}. If the next museum is of the same kind, its number lies between "
            f"them with a probability of {percent(spread.chance)}; with two museums it would be {percent(1 / 3)}.")


def _outer(spread: Spread, outer: Sequence[str], number: Callable) -> str:
    names = list(spread.providers)
    found = [name for name in names if name in outer]
    others = [spread.providers[name].value for name in names if name not in outer]
    if not found or not others:
        return "These data have no outer test of their own providers to compare with."
    values = [spread.providers[name].value for name in found]
    listed = " and ".join(f"{name} ({number(spread.providers[name].value)}, place {names.index(name) + 1} of {len(names)})"
                          for name in found)
    said = f"The outer test has {listed}."
    average = float(np.mean(values))
    if len(found) > 1:
        below, above = (f"{count} {'is' if count == 1 else 'are'}" for count in
                        (sum(value < min(values) for value in others), sum(value > max(values) for value in others)))
        said += f" Of the other {len(others)} providers, {below} below these and {above} above."
    if spread.interval is None:
        mean = f"Their mean is {number(average)}; that" if len(found) > 1 else "The mean"
        return f"{said} {mean} of all providers is {number(spread.mean)}."
    mean = f"Their mean, {number(average)}," if len(found) > 1 else "It"
    if spread.interval[0] <= average <= spread.interval[1]:
        return f"{said} {mean} is within the interval: on average, this outer test does not mislead."
    judged = "too much" if (average > spread.mean) == spread.higher_is_better else "too little"
    return f"{said} {mean} is outside the interval: by the outer test alone, one would expect {judged} elsewhere."


def _hardest(spread: Spread, outside: Mapping[str, float], frequency: Spread | None, number: Callable) -> str:
    worst, estimate = spread.worst, spread.providers[spread.worst]
    rest = [share for name, share in outside.items() if name != worst and not math.isnan(share)]
    said = (f"The hardest provider is {worst}, with {number(estimate.value)} ({_bounds(estimate.objects, number)} over its objects). "
            f"{percent(outside[worst], 1)} of its annotations have a tag that too few images of other providers have")
    said += f"; for the others, the median of this share is {percent(float(np.median(rest)), 1)}." if rest else "."
    if frequency and worst in frequency.providers:
        names = list(frequency.providers)
        place = names.index(worst) + 1
        said += f" In the order of frequency, which looks at no photograph, it is in place {place} of {len(names)}: "
        said += ("it is hard there too, which suggests unusual tags." if place > len(names) * 2 / 3
                 else "it is not hard there, which suggests unusual photographs.")
    return said


def _pattern(spread: Spread, outside: Mapping[str, float], frequency: Spread | None) -> str:
    """Rank correlations over providers, if there are `FEWEST_UNITS`."""
    if len(spread.providers) < FEWEST_UNITS:
        return f"With fewer than {FEWEST_UNITS} providers, what goes with a high or a low number cannot be seen."
    values = pd.Series({name: estimate.value for name, estimate in spread.providers.items()})
    said = ("Over the providers, the rank correlation of the number with the share of annotations outside the vocabulary is "
            f"{_correlation(values, outside)}")
    if frequency:
        counted = {name: estimate.value for name, estimate in frequency.providers.items()}
        said += f", and with the number of the order of frequency {_correlation(values, counted)}"
    return f"{said}."


def _correlation(values: pd.Series, others: Mapping[str, float]) -> str:
    """Spearman's, as text; a dash where one of them is constant."""
    ranks = pd.DataFrame({"values": values, "others": pd.Series(others)}).dropna().rank()
    if len(ranks) < FEWEST_UNITS or (ranks.std() == 0).any():
        return "–"
    return f"{ranks['values'].corr(ranks['others']):+.2f}".replace("-", "−")


def _bounds(bounds: Bounds, number: Callable) -> str:
    return f"{number(bounds[0])} to {number(bounds[1])}"


def _title(facet: str) -> str:
    return get_facet(facet).title().lower()
