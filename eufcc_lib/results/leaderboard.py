"""Who is ahead, and how certain that is: the ranks that a model may have, and the models it cannot be told apart from.

Every pair of models is tested on the same images, all pairs of a column together (see `paired`). What those tests leave
open is what is shown; a list sorted by its numbers alone would show chance as well.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..metrics.bootstrap import LEVEL, RESAMPLES, draw_counts
from .estimates import Estimate, find_estimate
from .files import RunResult
from .paired import UnitNumber, UnitNumbers, adjust, against, find_number
from .paper import MEAN, Column

_EQUAL = 1e-10  # what equal means differ by in float64


@dataclass(frozen=True)
class Standing:
    """A model in one column of the leaderboard.

    Attributes:
        estimate: its number and intervals.
        ranks: the best and the worst rank that it may have, at 95 % for all models of the column together; None where
            nothing can be tested, for want of units or of the images' metrics.
        first: share of the resamples in which it is first; None as above.
        groups: numbers of the groups that it is in, from 0. Two models have one in common if they cannot be told apart.
    """

    estimate: Estimate
    ranks: tuple[int, int] | None = None
    first: float | None = None
    groups: tuple[int, ...] = ()


def standings(results: Mapping[str, RunResult], numbers: Mapping[str, UnitNumbers], place: Column) -> dict[str, Standing]:
    """The models that have a number in a column, the best first.

    A rank interval is 1 more than the models that are clearly better, to all but those that are clearly worse (Mogstad,
    Romano, Shaikh and Wilhelm 2024, section 3). Counting ranks in resamples instead, as is common, gives intervals that
    miss the ranks of models close to each other.

    Args:
        results: from `results.files.read_results`.
        numbers: from `paired.read_unit_numbers`, over objects or providers.
        place: split, facet (or the mean over them, of models that have all) and metric.
    """
    sign = -1 if place.metric.higher_is_better else 1
    found = {model: estimate for model in results if (estimate := find_estimate(results, model, place))}
    models = sorted(found, key=lambda model: sign * found[model].value)
    compared = {model: number for model in models if (number := find_number(numbers.get(model, {}), place))}
    above = _told_apart(compared, sign)
    if above is None:
        return {model: Standing(found[model]) for model in models}
    first = chances_of_first([_facet_numbers(numbers[model], place) for model in compared], place.metric.higher_is_better)
    groups = group(list(compared), above)
    return {model: Standing(found[model]) for model in models} | {
        model: Standing(found[model], (1 + sum(worse == model for _, worse in above),
                                       len(compared) - sum(better == model for better, _ in above)), chance,
                        tuple(number for number, members in enumerate(groups) if model in members))
        for model, chance in zip(compared, first, strict=True)}


def chances_of_first(models: Sequence[Sequence[UnitNumber]], higher_is_better: bool) -> list[float]:
    """For each model the share of resamples of units in which it is first; those that are equal share it.

    All models are measured on the same resamples.

    Args:
        models: of each the numbers whose mean is ranked: one for each facet.
    """
    parts, weights = (np.stack([[getattr(number, name) for number in numbers] for numbers in models], axis=-1)
                      for name in ("parts", "weights"))  # (facets, K, models)
    means, first = parts.sum(axis=1), np.zeros(len(models))
    for counts in draw_counts(parts.shape[1], RESAMPLES, seed=0):
        drawn, shares = counts @ parts, counts @ weights
        drawn = np.where(shares > 0, drawn / np.where(shares > 0, shares, 1), means[:, None]).mean(axis=0)
        best = drawn.max(axis=1) if higher_is_better else drawn.min(axis=1)
        ahead = abs(drawn - best[:, None]) < _EQUAL
        first += (ahead / ahead.sum(axis=1, keepdims=True)).sum(axis=0)
    return (first / RESAMPLES).tolist()


def group(models: Sequence[str], apart: Collection[tuple[str, str]]) -> list[set[str]]:
    """The largest groups in which no two models are told apart: a compact letter display (Piepho 2004).

    Two models have a group in common exactly if they are not told apart.

    Args:
        models: in the order that the groups follow.
        apart: the pairs that are told apart.
    """
    groups = [set(models)]
    for pair in apart:
        split = [part for members in groups
                 for part in ([members - {model} for model in pair] if members.issuperset(pair) else [members])]
        groups = [members for number, members in enumerate(split)
                  if not any(members < other or members == other and number > before for before, other in enumerate(split))]
    return sorted(groups, key=lambda members: [model not in members for model in models])


def _told_apart(numbers: Mapping[str, UnitNumber], sign: int) -> list[tuple[str, str]] | None:
    """The pairs of models that differ, the better one first; None if they cannot be tested."""
    pairs = list(combinations(numbers, 2))
    tests = [against(numbers[one] - numbers[other], 0) for one, other in pairs]
    if not numbers or None in tests or (not pairs and against(next(iter(numbers.values())), 0) is None):
        return None
    return [pair if sign * test.statistic < 0 else pair[::-1]
            for pair, test, p_value in zip(pairs, tests, adjust(tests), strict=True) if p_value < round(1 - LEVEL, 9)]


def _facet_numbers(numbers: UnitNumbers, place: Column) -> list[UnitNumber]:
    """The numbers that a column's are the mean of."""
    return [number for column, number in numbers.items() if (column.split, column.metric) == (place.split, place.metric)
            and place.facet in (MEAN, column.facet)]
