"""The paired bootstrap: intervals of the difference between two models, resampled with the same draws.

Two models do well or badly on the same images, so the interval of their difference is narrower than for independent
measurements (`estimates.difference`). It needs the metrics of every image, which are computed from the kept scores, as
result files do not contain them.
"""

from collections.abc import Mapping

import numpy as np

from ..core.errors import UserError, unknown
from ..data.dataset import Dataset
from ..metrics.bootstrap import interval, resample_means
from ..metrics.evaluation import per_image_metrics
from ..metrics.ranking import rank_relevant
from .estimates import OVER, Bounds, find_estimate
from .files import RunResult
from .paper import MEAN, METRICS, TEST_SPLITS, Column
from .scores import Scores, read_scores

Draws = Mapping[Column, np.ndarray]
"""By split, facet and metric float64 (RESAMPLES,): the mean in each resample, the same resamples for every run."""

_SAME = 1e-5  # result files have six decimals


def resample_runs(dataset: Dataset | None, results: Mapping[str, RunResult], over: str) -> dict[str, Draws]:
    """The draws of every run whose kept scores match its result.

    Args:
        dataset: of the runs; None, without draws, if it is not available.
        results: from `results.files.read_results`.
        over: resample `images` or `providers`.
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
            continue  # no scores, or scores of other records or another vocabulary
        means, draws = _resample(dataset, [kept for kept in scores if kept.values], over)
        estimates = {column: find_estimate(results, model, column) for column in means}
        if all(estimates[column] and abs(estimates[column].value - mean) < _SAME for column, mean in means.items()):
            found[model] = draws
    return found


def paired_bounds(draws: Mapping[str, Draws], better: str, worse: str, place: Column) -> Bounds | None:
    """The 95 % interval of the first model's number minus the second's; None if one was not resampled."""
    first, second = (_of_column(draws.get(model, {}), place) for model in (better, worse))
    return None if first is None or second is None else interval(first - second)


def _of_column(draws: Draws, place: Column) -> np.ndarray | None:
    """A mean over the facets is computed per resample, which has the same images in all facets."""
    found = [values for column, values in draws.items()
             if (column.split, column.metric) == (place.split, place.metric) and place.facet in (column.facet, MEAN)]
    return np.mean(found, axis=0) if found else None


def _resample(dataset: Dataset, kept: list[Scores], over: str) -> tuple[dict[Column, float], Draws]:
    means, draws = {}, {}
    for scores in kept:
        split, records = scores.split, dataset.split(scores.split)
        keys, columns = [], []
        for facet, values in scores.values.items():
            per_image = per_image_metrics(rank_relevant(values, dataset.labels(split)[facet].matrix, facet))
            keys += [Column(split, facet, metric) for metric in METRICS]
            columns += [per_image[metric.name] for metric in METRICS]
        values, drawn = resample_means(np.column_stack(columns), records.providers if over == "providers" else None)
        for key, mean, column in zip(keys, values, drawn.T, strict=True):
            if not np.isnan(column).all():
                means[key], draws[key] = mean, column
    return means, draws
