"""What each step beyond the multi-label model brings: its R-precision, and the difference on the same images.

It is an ablation: from the model that the paper begins with to what helps at the next museum. It reads only what is kept
in `results/DATA/`, so neither images nor scores are needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.errors import UserError
from ..core.facets import FACET_NAMES
from ..metrics.bootstrap import mean_intervals, ratio_values
from ..models.registry import MODELS
from .estimates import Bounds, find_estimate
from .files import RunResult, read_results
from .paper import MEAN, METRICS, TEST_SPLITS, Column
from .per_image import PerImage, read_per_image

REFERENCE = "multi_label"
"""The first step, which all others are compared with."""

STEPS = (REFERENCE, "coherent", "multi_label_adapted", "hill", "splc", "neighbours", "ml_neighbours", "lp_ft", "wise_ft")
"""The steps by the names of their results: other answers from the same network, other losses, other images, other training."""

GAIN = 0.05
"""How much better in mean R-precision on the outer test one model is to be that is nowhere worse on the inner test."""

METRIC = METRICS[0]


@dataclass(frozen=True)
class Difference:
    """A number minus that of `REFERENCE` on the same images, and its 95 % interval over objects; None for too few of them, or no difference."""

    value: float
    interval: Bounds | None

    @property
    def clear(self) -> bool:
        """Whether it can be told from 0."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class Step:
    """A step: the name of its result, its title, and by split and facet (or `MEAN`) its R-precision and its differences."""

    name: str
    title: str
    values: Mapping[tuple[str, str], float]
    differences: Mapping[tuple[str, str], Difference]

    @property
    def reaches_goal(self) -> bool:
        """Whether it is at least as good as `REFERENCE` on the inner test in every facet, and `GAIN` better on the outer."""
        inner = [found.value for (split, facet), found in self.differences.items() if split == "test_id" and facet != MEAN]
        outer = self.differences.get(("test_ood", MEAN))
        return bool(inner) and min(inner) >= 0 and outer is not None and outer.value >= GAIN


def read_steps(data: str, names: Sequence[str] = STEPS) -> list[Step]:
    """The steps that have a result on a data set, in their order.

    Args:
        names: of results in `results/DATA/`.
    Raises:
        UserError: two were measured over other objects; see also `files.read_results` and `per_image.read_per_image`.
    """
    results = read_results(data)
    measured = {name: read_per_image(results[name]) or {} for name in dict.fromkeys((REFERENCE, *names)) if name in results}
    return [Step(name, _title(results[name]), _values(results, name),
                 {} if name == REFERENCE else _differences(name, measured[name], measured.get(REFERENCE, {})))
            for name in names if name in results]


def _title(result: RunResult) -> str:
    if result.entry:
        return result.entry.name
    return MODELS[result.run.model].title if result.run.model in MODELS else result.run.model


def _values(results: Mapping[str, RunResult], name: str) -> dict[tuple[str, str], float]:
    return {(split, facet): found.value for split in TEST_SPLITS for facet in (MEAN, *FACET_NAMES)
            if (found := find_estimate(results, name, Column(split, facet, METRIC)))}


def _differences(name: str, own: Mapping[str, PerImage], others: Mapping[str, PerImage]) -> dict[tuple[str, str], Difference]:
    found = {}
    for split in (split for split in TEST_SPLITS if split in own and split in others):
        first, second = own[split], others[split]
        if not np.array_equal(first.objects, second.objects):
            raise UserError(f"{name!r} and {REFERENCE!r} were measured over other objects of {split}; expected the same: evaluate "
                            "the older one again.")
        present = [facet for facet, values in second.values.items() if not np.isnan(values).all()]
        apart = {facet: first.values[facet][0] - second.values[facet][0] for facet in present if facet in first.values}
        apart = {facet: values for facet, values in apart.items() if not np.isnan(values).all()}
        found |= {(split, facet): compare(values, first.objects) for facet, values in apart.items()}
        if apart and len(apart) == len(present):
            mean = compare(mean_over_facets(list(apart.values())), first.objects)
            few = any(found[split, facet].interval is None and np.nan_to_num(values).any() for facet, values in apart.items())
            found[split, MEAN] = Difference(mean.value, None) if few else mean
    return found


def compare(apart: np.ndarray, objects: np.ndarray) -> Difference:
    """The mean of what two models differ by on each image, float (N,) with NaN where one has no number; see `mean_intervals`.

    Models that differ on no image give nothing to draw an interval from.
    """
    if not np.nan_to_num(apart).any():
        return Difference(0.0, None)
    interval = mean_intervals({"difference": apart}, {"difference": (-1, 1)}, objects)["difference"]
    return Difference(float(np.nanmean(apart)), interval and tuple(interval))


def mean_over_facets(apart: Sequence[np.ndarray]) -> np.ndarray:
    """Values of the images, float64 (N,), whose mean is the mean over facets of their means, with its intervals to first order.

    A facet's mean is a ratio: its sum over its own images, by their number; see `bootstrap.ratio_values`.

    Args:
        apart: float (N,) of each facet, NaN for images without it.
    """
    return np.mean([ratio_values(np.nan_to_num(values), (~np.isnan(values)).astype(np.float64)) for values in apart], axis=0)
