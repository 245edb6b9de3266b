"""How much a mean over images depends on which objects, or which providers, a test set holds: bootstrap intervals.

Photographs of one object repeat each other, and objects of one institution share a studio, a style and a cataloguer.
What is drawn again is therefore a *unit* with all its images: an object, or a provider.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtrit

RESAMPLES = 1_000
"""Resamples behind each interval."""

LEVEL = 0.95
"""Share of intervals that are to hold the mean of all objects or providers that there could be."""

FEWEST_UNITS = 8
"""With fewer objects or providers nothing is said about others: no interval, no verdict."""

# Counts of one block stay near a processor's cache, and are enough that a product of matrices reads the other side rarely.
_BLOCK = 1 << 19

Intervals = dict[str, list[float] | None]
"""By metric [low, high], to six decimals; None where there are fewer than `FEWEST_UNITS`."""


def mean_intervals(values: Mapping[str, np.ndarray], ranges: Mapping[str, tuple[float, float]], units: np.ndarray,
                   resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 0,
                   weights: Mapping[str, np.ndarray] | None = None) -> Intervals:
    """The studentised bootstrap interval of each metric's mean over images (Efron and Tibshirani 1993, section 12.5).

    Each resample is measured in jackknife standard errors of its own. Either end of the interval takes the larger of
    two quantiles, that of its side and that of both sides together: with few units of unequal size each alone is too
    narrow. An end outside the metric's range says that too few units differ; it is Wilson's (see `_wilson`) instead.

    Args:
        values: float (N,) by metric; an image that has no relevant tag is NaN in all of them, and left out.
        ranges: by metric the lowest and highest value of an image; one that can have no other has it for certain.
        units: (N,), the object or the provider of each image.
        resamples, seed: see `draw_counts`.
        level: the intended coverage.
        weights: (N,), for a metric that is a ratio, see `ratio_values`, what each image adds below. A unit that adds nothing
            does not count as one.
    """
    if not values:
        return {}
    table = np.column_stack([np.asarray(column, np.float64) for column in values.values()])
    used = ~np.isnan(table).any(axis=1)
    codes, names = pd.factorize(np.asarray(units)[used])
    if len(names) < FEWEST_UNITS:
        return dict.fromkeys(values)
    images = np.bincount(codes).astype(np.float64)
    means = table[used].mean(axis=0)
    apart = np.stack([np.bincount(codes, column) for column in (table[used] - means).T], axis=1)
    squares = np.column_stack([apart ** 2, apart * images[:, None], images ** 2])
    _, [errors] = _shifts_and_errors(np.ones((1, len(images))), apart, squares, images)
    drawn = [_shifts_and_errors(counts, apart, squares, images) for counts in draw_counts(len(images), resamples, seed)]
    shifts, errors_drawn = (np.concatenate(part) for part in zip(*drawn, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):  # where all drawn units have one mean
        ratios = shifts / np.where(errors_drawn > 1e-6 * errors, errors_drawn, 0)
        ratios[np.isnan(ratios)] = 0
        side = round((1 - level) / 2, 9)
        below, above = np.quantile(ratios, [side, 1 - side], axis=0, method="inverted_cdf")
        both = np.quantile(abs(ratios), level, axis=0, method="inverted_cdf")
        ends = np.stack([means - np.maximum(above, both) * errors, means + np.maximum(-below, both) * errors])
    found = {}
    for metric, mean, error, pair in zip(values, means, errors, ends.T, strict=True):
        lowest, highest = ranges[metric]
        weight = images if metric not in (weights or {}) else np.bincount(codes, weights[metric][used])
        if np.count_nonzero(weight) < FEWEST_UNITS:
            found[metric] = None
            continue
        within = (error > 0) & (lowest <= pair) & (pair <= highest)
        wilson = _wilson(mean, error, lowest, highest, weight.sum() ** 2 / (weight ** 2).sum(), level)
        found[metric] = [round(float(bound), 6) for bound in np.where(within, pair, wilson)]
    return found


def ratio_values(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Values of the images whose mean is the ratio of two sums, and whose intervals are the ratio's, to first order.

    They are the ratio plus each image's influence on it (the infinitesimal jackknife; Efron and Tibshirani 1993, chapter 22).

    Args:
        above, below: float (N,), what each image adds to the two sums, `below` not negative; NaN for one that is left out.
    Returns:
        float64 (N,); NaN for images that are left out, and for all where nothing is below.
    """
    total = np.nansum(below)
    if not total:
        return np.full(len(below), np.nan)
    ratio = np.nansum(above) / total
    return ratio + (above - ratio * below) / np.nanmean(below)


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


def _shifts_and_errors(counts: np.ndarray, apart: np.ndarray, squares: np.ndarray,
                       images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the mean of each resample is from that of all images, and its jackknife standard error.

    Args:
        counts: (B, K), how often each unit is drawn.
        apart: (K, M), each unit's sum of what its images are apart from the mean.
        squares: (K, 2 M + 1), the squares of `apart`, `apart` times `images`, and the squares of `images`, of which the
            square of a difference is made; so that sums over units are products of matrices.
        images: (K,), of each unit.
    Returns:
        Two (B, M).
    """
    drawn = counts @ images
    shifts = counts @ apart / drawn[:, None]
    weights = counts / np.maximum((drawn[:, None] - images) ** 2, 1)  # 0 only for a unit that was not drawn
    metrics = apart.shape[1]
    summed = weights @ squares
    total = summed[:, :metrics] - 2 * shifts * summed[:, metrics:-1] + shifts ** 2 * summed[:, -1:]
    return shifts, np.sqrt(np.maximum(total, 0) * (1 - 1 / len(images)))


def _wilson(mean: float, error: float, lowest: float, highest: float, units: float, level: float) -> np.ndarray:
    """Wilson's interval, of the mean as a share of its range and for as many images as its standard error is worth.

    Franco, Little, Louis and Slud 2019, section 2. It has a width also where all images agree.

    Args:
        units: as many equal ones would count as much; they stand for the images where the error is 0.
    """
    width = highest - lowest
    if not width:
        return np.array([mean, mean])
    share = (mean - lowest) / width
    worth = units if error < 1e-9 * width or not 0 < share < 1 else share * (1 - share) * (width / error) ** 2
    spread = stdtrit(max(units - 1, 1), (1 + level) / 2) ** 2 / worth
    half = np.sqrt(spread * (share * (1 - share) + spread / 4))
    return np.clip(lowest + width * (share + spread / 2 + np.array([-half, half])) / (1 + spread), lowest, highest)
