"""How much a mean over images depends on which images were drawn: percentile bootstrap intervals.

Images are drawn again with replacement, or whole providers are: photographs of one institution
share a studio, a style and a cataloguer, so they say less than as many from different ones.
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

    Args:
        values: float (N,) by metric; an image that is NaN, as it has no relevant tag, is left out.
        providers, resamples, seed: see `resample_means`.
        level: share of the resampled means inside the interval.
    Returns:
        None for a metric whose mean cannot be resampled.
    """
    if not values:
        return {}
    table = np.column_stack([np.asarray(column, np.float64) for column in values.values()])
    used = ~np.isnan(table).all(axis=1)
    _, drawn = resample_means(table[used], None if providers is None else np.asarray(providers)[used], resamples, seed)
    return {metric: None if np.isnan(means).all() else [round(bound, 6) for bound in interval(means, level)]
            for metric, means in zip(values, drawn.T, strict=True)}


def interval(means: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """The bounds between which that share of resampled means lies; NaN is left out."""
    outside = (1 - level) / 2
    low, high = np.nanquantile(means, [outside, 1 - outside])
    return float(low), float(high)


def resample_means(values: np.ndarray, providers: np.ndarray | None = None, resamples: int = RESAMPLES,
                   seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The means over images of several columns, and the same in each resample of the images or of their providers.

    Every column is resampled with the same draws, and so is every model on the same images: their differences can be
    taken resample by resample.

    Args:
        values: float (N, M), NaN where an image is not evaluated. To compare models, all of them need the same N images.
        providers: (N,), the institution of each image: draw as many of them as there are and take the mean over all
            images of the drawn ones. Without it images are drawn.
        resamples: R, means that are taken.
        seed: of the draws.
    Returns:
        float64 (M,) and (R, M). All resamples are NaN for a column without an image and, with `providers`, where all
        its images are of one provider: one institution says nothing about the next. Two say little: an interval
        reaches from the mean of the one to that of the other, and with fewer than about ten it tends to be too narrow.
        Single ones are NaN where no image of a column was drawn.
    """
    evaluated = ~np.isnan(values)
    sums, images = np.where(evaluated, values, 0.0), evaluated.astype(np.float64)
    if providers is not None:
        codes, names = pd.factorize(np.asarray(providers))
        sums, images = (np.stack([np.bincount(codes, column, len(names)) for column in part.T], axis=1)
                        for part in (sums, images))
    enough = np.count_nonzero(images, axis=0) >= (1 if providers is None else 2)
    columns = values.shape[1]
    drawn = np.full((resamples, columns), np.nan)
    with np.errstate(invalid="ignore"):  # 0 / 0 where there is no image
        if enough.any():
            total = np.concatenate([counts @ np.hstack([sums, images]) for counts in draw_counts(len(sums), resamples, seed)])
            drawn[:, enough] = (total[:, :columns] / total[:, columns:])[:, enough]
        return sums.sum(axis=0) / images.sum(axis=0), drawn


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
