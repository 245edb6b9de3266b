"""How much better one model is than another on the same images: both resampled with the same draws.

Two models do well on the same images and badly on the same, so the interval of their difference is
narrower than that of two numbers measured apart (`estimates.difference`). It needs every image's own
numbers, which result files do not hold: they come from the kept scores.
"""

from collections.abc import Mapping

import numpy as np

from ..core.errors import UserError, unknown
from ..data.dataset import Dataset
from ..metrics.bootstrap import LEVEL, RESAMPLES, draw_counts
from ..metrics.evaluation import per_image_metrics
from ..metrics.ranking import rank_relevant
from .estimates import OVER, Bounds, find_estimate
from .files import RunResult
from .paper import MEAN, METRICS, TEST_SPLITS, Column
from .scores import Scores, read_scores

Draws = Mapping[tuple[str, str, str], np.ndarray]
"""By split, facet and metric float64 (RESAMPLES,): the mean in each resample, the same resamples for every run."""

_SAME = 1e-5  # of numbers that result files keep to six decimals


def resample_runs(dataset: Dataset | None, results: Mapping[str, RunResult], over: str) -> dict[str, Draws]:
    """The draws of every run whose kept scores are those that its result was made from.

    Args:
        dataset: that the runs are on; None if it is not at hand, and then there is nothing to draw.
        results: from `results.files.read_results`.
        over: `images` or `providers`, what is drawn.
    Raises:
        UserError: `over` is neither.
    """
    if over not in OVER:
        raise unknown("interval", over, OVER)
    found = {}
    for model in results if dataset else ():
        try:
            scores = [read_scores(dataset, model, split) for split in TEST_SPLITS if split in dataset.records]
        except UserError:
            continue  # no scores, or those of other records or another vocabulary
        means, draws = _resample(dataset, scores, over)
        if all(_is_that_of(results, model, key, mean) for key, mean in means.items()):
            found[model] = draws
    return found


def paired_bounds(draws: Mapping[str, Draws], better: str, worse: str, place: Column) -> Bounds | None:
    """The 95 % interval of the first model's number less the second's; None where one was not resampled."""
    first, second = (_of_column(draws.get(model, {}), place) for model in (better, worse))
    if first is None or second is None:
        return None
    outside = (1 - LEVEL) / 2
    low, high = np.nanquantile(first - second, [outside, 1 - outside])
    return float(low), float(high)


def _of_column(draws: Draws, place: Column) -> np.ndarray | None:
    """A mean over the facets is taken in each resample, in which the same images are drawn for all of them."""
    found = [values for (split, facet, metric), values in draws.items()
             if (split, metric) == (place.split, place.metric.name) and place.facet in (facet, MEAN)]
    return np.mean(found, axis=0) if found else None


def _resample(dataset: Dataset, kept: list[Scores], over: str) -> tuple[dict[tuple[str, str, str], float], Draws]:
    means, draws = {}, {}
    for scores in kept:
        split, records = scores.split, dataset.split(scores.split)
        keys, columns = [], []
        for facet, values in scores.values.items():
            per_image = per_image_metrics(rank_relevant(values, dataset.labels(split)[facet].matrix, facet))
            keys += [(split, facet, metric.name) for metric in METRICS]
            columns += [per_image[metric.name] for metric in METRICS]
        table = np.column_stack(columns)
        evaluated = ~np.isnan(table)
        both = np.hstack([np.where(evaluated, table, 0.0), evaluated])  # sums and numbers of images
        if over == "providers":
            names, codes = np.unique(records.providers.astype(str), return_inverse=True)
            both = np.column_stack([np.bincount(codes, column, len(names)) for column in both.T])
        total = both.sum(axis=0)
        drawn = np.concatenate([counts @ both for counts in draw_counts(len(both), RESAMPLES, seed=0)])
        known = (total[len(keys):] > 0) & (len(both) > 1)
        with np.errstate(invalid="ignore"):  # a rare facet may have no image in a resample
            resampled = drawn[:, :len(keys)] / drawn[:, len(keys):]
        for place in np.flatnonzero(known):
            means[keys[place]] = total[place] / total[len(keys) + place]
            draws[keys[place]] = resampled[:, place]
    return means, draws


def _is_that_of(results: Mapping[str, RunResult], model: str, key: tuple[str, str, str], mean: float) -> bool:
    split, facet, name = key
    metric = next(metric for metric in METRICS if metric.name == name)
    estimate = find_estimate(results, model, Column(split, facet, metric))
    return estimate is not None and abs(estimate.value - mean) < _SAME
