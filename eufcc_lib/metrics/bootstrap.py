"""How far a mean over images could have come out otherwise: percentile bootstrap intervals.

Images are drawn anew with replacement, or whole providers are: photographs of one institution
share a studio, a style and a cataloguer, so they tell less than as many from different ones.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

RESAMPLES = 1_000
"""Resamples behind each interval."""

LEVEL = 0.95
"""Share of the resampled means that lie inside an interval."""

# Counts of one block stay in a processor's cache; with larger ones it takes three times as long.
_BLOCK = 1 << 17

Intervals = dict[str, list[float] | None]
"""By metric [low, high], to six decimals; None where there is nothing to resample."""


def mean_intervals(values: Mapping[str, np.ndarray], providers: np.ndarray | None = None,
                   resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 0) -> Intervals:
    """The percentile bootstrap interval of each metric's mean over images.

    Every metric is resampled with the same draws, and so is every model on the same images.

    Args:
        values: float (N,) by metric; an image that is NaN, as it has no relevant tag, is left out.
        providers: (N,), the institution of each image: draw as many of them as have an evaluated
            image and take the mean over all images of the drawn ones. Without it images are drawn.
        resamples: means that are taken.
        level: share of them inside the interval.
        seed: of the draws.
    Returns:
        None for a metric without an image and, with `providers`, where all its images are of one
        provider: one institution says nothing about the next. Two say little: their interval reaches from
        the mean of the one to that of the other, and with fewer than about ten it tends to be too narrow.
    """
    if not values:
        return {}
    table = np.column_stack([np.asarray(column, np.float64) for column in values.values()])
    evaluated = ~np.isnan(table).any(axis=1)
    sums = table[evaluated]
    images = np.ones(len(sums))
    least = 1
    if providers is not None:
        codes, names = pd.factorize(np.asarray(providers)[evaluated])
        sums = np.column_stack([np.bincount(codes, column, len(names)) for column in sums.T])
        images = np.bincount(codes, minlength=len(names))
        least = 2
    if len(images) < least:
        return dict.fromkeys(values)
    both = np.column_stack([sums, images])
    total = np.concatenate([counts @ both for counts in draw_counts(len(both), resamples, seed)])
    outside = (1 - level) / 2
    bounds = np.quantile(total[:, :-1] / total[:, -1:], [outside, 1 - outside], axis=0)
    return {metric: [round(float(bound), 6) for bound in column]
            for metric, column in zip(values, bounds.T, strict=True)}


def draw_counts(units: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """How often each unit is drawn when as many are drawn with replacement as there are.

    Yields:
        float64 (B, units), each row one resample, until there were `resamples` rows.
    """
    random = np.random.default_rng(seed)
    block = max(1, _BLOCK // units)
    for start in range(0, resamples, block):
        drawn = random.integers(units, size=(min(block, resamples - start), units))
        yield np.array([np.bincount(row, minlength=units) for row in drawn], np.float64)
