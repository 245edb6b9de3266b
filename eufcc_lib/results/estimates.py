"""A run's number together with its 95 % intervals, and what follows when several are combined.

Tables show them and claims are checked with them. They come from result files, which hold no image's
own number: what is computed here errs towards intervals that are too wide.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .files import RunResult
from .paper import MEAN, Column

OVER = ("objects", "providers")
"""The units of intervals and tests."""

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """A number and how far it could have come out otherwise.

    Attributes:
        value: the number itself.
        objects: its 95 % interval over objects; None where it is not known, or there are too few of them.
        providers: the same over providers.
    """

    value: float
    objects: Bounds | None = None
    providers: Bounds | None = None

    def bounds(self, over: str) -> Bounds | None:
        """The interval over `objects` or `providers`."""
        return getattr(self, over)


def find_estimate(results: Mapping[str, RunResult], model: str, place: Column) -> Estimate | None:
    """A model's number in one column of the tables; None where there is none.

    There is a mean only for a model that has every facet that any run on the data has.
    """
    found = _facet_estimates(results, model, place)
    if place.facet != MEAN:
        return found.get(place.facet)
    present = {row.facet for other in results.values() for row in other.rows
               if row.split == place.split and getattr(row, place.metric.name) is not None}
    return mean(list(found.values())) if found and set(found) == present else None


def mean(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of estimates, its intervals the means of theirs.

    That is exact for facets that rise and fall together from one resample to the next, and too
    wide for others.
    """
    def over(what: str) -> Bounds | None:
        bounds = [estimate.bounds(what) for estimate in estimates]
        return None if None in bounds else tuple(sum(side) / len(bounds) for side in zip(*bounds, strict=True))
    return Estimate(sum(estimate.value for estimate in estimates) / len(estimates), *map(over, OVER))


def difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second, as if the two had been measured apart (Zou and Donner 2008, MOVER).

    For two test sets it is right. Two models on the same images rise and fall together, so that the
    interval of their difference is narrower than this: `paired` tests it.
    """
    def over(what: str) -> Bounds | None:
        if first.bounds(what) is None or second.bounds(what) is None:
            return None
        (low, high), (other_low, other_high) = first.bounds(what), second.bounds(what)
        return (value - math.hypot(max(first.value - low, 0), max(other_high - second.value, 0)),
                value + math.hypot(max(high - first.value, 0), max(second.value - other_low, 0)))
    value = first.value - second.value
    return Estimate(value, *map(over, OVER))


def _facet_estimates(results: Mapping[str, RunResult], model: str, place: Column) -> dict[str, Estimate]:
    metric = place.metric.name
    found = {}
    for row in results[model].rows if model in results else ():
        if row.split == place.split and getattr(row, metric) is not None:
            bounds = [row.interval.get(metric), row.provider_interval.get(metric)]
            found[row.facet] = Estimate(getattr(row, metric), *(pair and tuple(pair) for pair in bounds))
    return found


def excludes_zero(bounds: Bounds | None) -> bool:
    """Whether an interval says on which side of 0 the number is."""
    return bounds is not None and not bounds[0] <= 0 <= bounds[1]
