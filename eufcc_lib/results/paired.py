"""Whether differences between models are more than chance: a randomisation test on the same objects or providers.

If two models were equally good, it would not matter which of them the numbers of a unit, an object or a provider, came
from. So their numbers change places on each unit or keep them, as random signs decide, a thousand times. A difference
counts if it is larger than all but 5 % of those that such changes make. All models share the signs, so that a claim's
comparisons are tested together: the largest of its chance differences sets the measure.

It needs the metrics of every image, see `results.per_image`, as result files do not contain them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.errors import UserError, unknown
from ..metrics.bootstrap import FEWEST_UNITS
from .estimates import OVER
from .files import RunResult
from .paper import MEAN, METRICS, TEST_SPLITS, Column
from .per_image import read_per_image

CHANGES = 1_000
"""Random changes of places behind each test."""

_ROUNDING = 1e-10  # what equal numbers differ by in float64; one image of a million that differs makes more
_BLOCK = 1 << 20  # signs at a time


@dataclass(frozen=True, eq=False)
class UnitNumber:
    """A number of a run, or a difference of two, as a sum over the K units of a split.

    Attributes:
        parts: float64 (K,), what each unit adds to the number.
        weights: float64 (K,), each unit's share of the evaluated images.
        signed, signed_weights: float64 (CHANGES,), the sums with random signs, the same for all numbers of the split.
        units: those with an evaluated image; of a mean over facets, as many as the facet with the fewest has.
    """

    parts: np.ndarray
    weights: np.ndarray
    signed: np.ndarray
    signed_weights: np.ndarray
    units: int

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self.parts.sum())

    def __sub__(self, other: "UnitNumber") -> "UnitNumber":
        """The difference between two models."""
        return UnitNumber(self.parts - other.parts, self.weights, self.signed - other.signed, self.signed_weights,
                          min(self.units, other.units))


@dataclass(frozen=True, eq=False)
class Test:
    """A difference and what chance makes of it, both in units of its spread: a float and float64 (CHANGES,)."""

    __test__ = False  # for pytest

    statistic: float
    chance: np.ndarray


UnitNumbers = Mapping[Column, UnitNumber]
"""A run's numbers by split, facet and metric."""


def read_unit_numbers(results: Mapping[str, RunResult], over: str) -> dict[str, UnitNumbers]:
    """The numbers of every run whose images' metrics were kept, unit by unit.

    Args:
        results: from `results.files.read_results`.
        over: whether `objects` or `providers` are the units.
    Raises:
        UserError: `over` is neither; the metrics are of other numbers than the result; two runs do not have the same units.
    """
    if over not in OVER:
        raise unknown("interval", over, OVER)
    found, known = {}, {}
    for model, result in results.items():
        measured = read_per_image(result)
        if measured is None:
            continue
        found[model] = {}
        for split in (split for split in TEST_SPLITS if split in measured):
            units = getattr(measured[split], over)
            first, others = known.setdefault(split, (model, units))
            if not np.array_equal(units, others):
                raise UserError(f"{first!r} and {model!r} were measured over other {over} of {result.run.data}, {split}; expected "
                                "the same: evaluate the older one again.")
            values = measured[split].values.items()
            found[model] |= sum_over_units({Column(split, facet, metric): column for facet, columns in values
                                            for metric, column in zip(METRICS, columns, strict=True)}, units)
    return found


def sum_over_units(values: Mapping[Column, np.ndarray], units: np.ndarray) -> dict[Column, UnitNumber]:
    """The means over images of one split as sums over units.

    Args:
        values: float (N,) by column, NaN where an image is not evaluated; a column without any is left out.
        units: (N,), the object or the provider of each image.
    """
    codes, names = pd.factorize(np.asarray(units))
    values = {column: column_values for column, column_values in values.items() if not np.isnan(column_values).all()}
    if not values:
        return {}
    table = np.column_stack(list(values.values()))
    evaluated = ~np.isnan(table)
    parts, weights = (np.stack([np.bincount(codes, column, len(names)) for column in part.T], axis=1) / evaluated.sum(axis=0)
                      for part in (np.where(evaluated, table, 0), evaluated.astype(np.float64)))
    split = list(TEST_SPLITS).index(next(iter(values)).split)
    signed, signed_weights = np.split(_signed_sums(np.hstack([parts, weights]), split), 2, axis=1)
    return {column: UnitNumber(parts[:, index], weights[:, index], signed[:, index], signed_weights[:, index],
                               int(np.count_nonzero(weights[:, index]))) for index, column in enumerate(values)}


def find_number(numbers: UnitNumbers, place: Column) -> UnitNumber | None:
    """A run's number in a column of the tables, or None."""
    if place.facet != MEAN:
        return numbers.get(place)
    found = [number for column, number in numbers.items() if (column.split, column.metric) == (place.split, place.metric)]
    if not found:
        return None
    means = (np.mean([getattr(number, name) for number in found], axis=0)
             for name in ("parts", "weights", "signed", "signed_weights"))
    return UnitNumber(*means, min(number.units for number in found))


def against(number: UnitNumber, limit: float) -> Test | None:
    """Whether a difference between two models is other than the limit; None with fewer than `FEWEST_UNITS`."""
    if number.units < FEWEST_UNITS:
        return None
    parts = number.parts - limit * number.weights
    return _test(parts.sum(), number.signed - limit * number.signed_weights, np.sum(parts ** 2))


def between(first: UnitNumber, second: UnitNumber) -> Test | None:
    """Whether a number differs between two splits; None with fewer than `FEWEST_UNITS` in one of them.

    Signs change what a unit adds beyond the number that both splits would share.
    """
    if min(first.units, second.units) < FEWEST_UNITS:
        return None
    variances = [np.sum((number.parts - number.value * number.weights) ** 2) for number in (first, second)]
    share = variances[1] / sum(variances) if sum(variances) else 0.5
    shared = share * first.value + (1 - share) * second.value
    squares = sum(np.sum((number.parts - shared * number.weights) ** 2) for number in (first, second))
    chance = [number.signed - shared * number.signed_weights for number in (first, second)]
    return _test(first.value - second.value, chance[0] - chance[1], squares)


def adjust(tests: Sequence[Test]) -> np.ndarray:
    """The p-value of each test, so that in a family of true hypotheses at most one family in twenty has one below 5 %.

    Westfall and Young 1993, step-down maxT: each test is measured against the largest of the chance differences of
    those that are no clearer than it.
    """
    if not tests:
        return np.zeros(0)
    sizes = np.abs([test.statistic for test in tests])
    order = np.argsort(sizes, kind="stable")
    largest = np.maximum.accumulate(np.abs([tests[index].chance for index in order]), axis=0)
    reached = (largest >= sizes[order, None] * (1 - 1e-9)).sum(axis=1)
    p_values = np.empty(len(tests))
    p_values[order[::-1]] = np.maximum.accumulate(((1 + reached) / (1 + largest.shape[1]))[::-1])
    return p_values


def holm(p_values: Sequence[float]) -> np.ndarray:
    """The same of p-values alone, however the tests depend on each other (Holm 1979)."""
    p_values = np.asarray(p_values, np.float64)
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1)), 1)
    return adjusted


def _test(difference: float, chance: np.ndarray, squares: float) -> Test:
    spread = np.sqrt(squares)
    if spread < _ROUNDING:  # no spread: no difference
        return Test(0.0, np.zeros_like(chance))
    return Test(float(difference / spread), chance / spread)


def _signed_sums(parts: np.ndarray, seed: int) -> np.ndarray:
    """float64 (CHANGES, M), the sums over units of (K, M) with random signs; the same for the same seed and K."""
    random, units = np.random.default_rng(seed), len(parts)
    block = max(1, _BLOCK // units)
    return np.concatenate([(random.integers(0, 2, (min(block, CHANGES - start), units), np.int8) * 2.0 - 1) @ parts
                           for start in range(0, CHANGES, block)])
