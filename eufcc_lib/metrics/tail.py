"""How the long tail fares: metrics in which every tag counts the same, and one in which rare tags count more.

The metrics of `ranking` ask of an image which tags come first, so that the frequent tags decide. Here a tag is asked
which images come first by its score, and what all tags answer is averaged. A tag's number is no mean over images: how
each image moves it is its *influence*, the derivative by the image's weight. Number plus influence times images is the
image's pseudo-value (Efron and Tibshirani 1993, sections 11.5 and 22.5): their mean is the number, and their spread is
what the bootstrap needs.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np
from numba import float32, float64, int32, int64
from scipy.sparse import csr_array

from ..core.hardware import usable_cores
from .ranking import Ranks, readable, relevant_tags

MEDIUM = (20, 100)
"""Training images of a medium tag, fewest and most. With fewer it is in the tail, with more in the head."""

BANDS = ("head", "medium", "tail")
"""Groups of tags by their training images."""

PROPENSITY = (0.55, 1.5)
"""A and B of the propensity model, the values that Jain et al. 2016 recommend (section 4)."""

# Columns that are turned into rows together: so many that reading them is fast, and so few that they fit a cache.
_BLOCK = 32


@dataclass(frozen=True, eq=False)
class TagMetrics:
    """Metrics of C tags over N images, and what each image adds to their sums over groups of tags.

    Attributes:
        average_precision, r_precision: float64 (C,); NaN for a tag that no image has.
        average_precision_influence, r_precision_influence: float64 (N, G), summed over the tags of each group.
    """

    average_precision: np.ndarray
    r_precision: np.ndarray
    average_precision_influence: np.ndarray
    r_precision_influence: np.ndarray


def measure_tags(scores: np.ndarray, labels: csr_array, groups: np.ndarray | None = None) -> TagMetrics:
    """Average precision and R-precision of each tag, where the images are ranked by the tag's score.

    Average precision is the mean over the tag's images of the precision at each: the share of images with the tag
    among those that score at least as much. Images with one score are thus taken together, as by scikit-learn. The
    R-precision of a tag of R images is the share of images with the tag among the R best; where the R-th has a score
    with others, it is the expected value under a random order of these.

    The influence of an image on the average precision is exact. On the R-precision it depends on how many images next
    to the cut have the tag: they are counted over the ranks between which chance moves the cut, R ± √R.

    Args:
        scores: float32 (N, C) without NaN.
        labels: (N, C) sparse, nonzero where an image has the tag.
        groups: int64 (C,), the group of each tag, from 0; one group by default.
    """
    images, tags = scores.shape
    groups = np.zeros(tags, np.int64) if groups is None else np.asarray(groups, np.int64)
    count = int(groups.max(initial=0)) + 1
    indptr, indices = relevant_tags(labels)
    columns = csr_array((np.ones(len(indices), bool), indices, indptr), shape=scores.shape).tocsc()
    starts, owners = columns.indptr.astype(np.int64), columns.indices.astype(np.int32)
    values = np.full((2, tags), np.nan)

    def measure(first: int) -> np.ndarray:
        block = np.ascontiguousarray(scores[:, first:first + _BLOCK].T, np.float32)
        influence = np.zeros((2, count, images))
        _measure_block(block, np.sort(block, axis=1), first, starts, owners, groups, values, influence)
        return influence

    total = np.zeros((2, count, images))
    with ThreadPoolExecutor(usable_cores()) as pool:
        for influence in pool.map(measure, range(0, tags, _BLOCK)):  # in one order, whatever the number of threads
            total += influence
    return TagMetrics(*values, *total.transpose(0, 2, 1))


def frequency_bands(train_images: np.ndarray, medium: tuple[int, int] = MEDIUM) -> np.ndarray:
    """int64 (C,), the place of each tag in `BANDS` by its training images (C,); see `MEDIUM`."""
    fewest, most = medium
    return np.select([train_images > most, train_images >= fewest], [0, 1], 2)


def macro_values(scores: np.ndarray, labels: csr_array, train_images: np.ndarray | None = None,
                 medium: tuple[int, int] = MEDIUM) -> dict[str, np.ndarray]:
    """Means of `measure_tags` over the tags that an image has, over all and over the bands, as pseudo-values of images.

    Args:
        scores, labels: of the images that are evaluated.
        train_images: (C,), training images of each tag; None leaves out the bands.
        medium: see `MEDIUM`.
    Returns:
        float64 (N,) for `macro_average_precision`, `macro_r_precision` and, for each band with a tag,
        `tail_average_precision` and so on. Their mean is the metric; empty without a tag.
    """
    bands = np.zeros(scores.shape[1], np.int64) if train_images is None else frequency_bands(train_images, medium)
    found = measure_tags(scores, labels, bands)
    values = {}
    for metric in ("average_precision", "r_precision"):
        per_tag, influence = getattr(found, metric), getattr(found, f"{metric}_influence")
        present = ~np.isnan(per_tag)
        if present.any():
            values[f"macro_{metric}"] = _pseudo(per_tag[present], influence.sum(axis=1))
        for band, name in enumerate(BANDS if train_images is not None else ()):
            if (present & (bands == band)).any():
                values[f"{name}_{metric}"] = _pseudo(per_tag[present & (bands == band)], influence[:, band])
    return values


def propensity_r_precision(ranks: Ranks, labels: csr_array, train_images: np.ndarray, images: int) -> np.ndarray:
    """R-precision in which each tag counts 1 / p: the sum over an image's tags among its R best, over that of all R.

    Jain et al. 2016, equation 5, with the denominator of R-precision, so that the best is 1.

    Args:
        ranks: of the labels.
        train_images: (C,), training images of each tag.
        images: training images.
    Returns:
        float64 (N,); NaN where an image has no relevant tag.
    """
    weights = 1 / propensities(train_images, images)[relevant_tags(labels)[1]]
    found = ranks.sum(weights * (ranks.position <= ranks.relevant[ranks.image]))
    return found / np.where(ranks.relevant > 0, ranks.sum(weights), np.nan)


def propensities(train_images: np.ndarray, images: int) -> np.ndarray:
    """float64 (C,): p, how likely a tag is on record where it is right, by how frequent it is in training.

    Jain et al. 2016, section 4: p = 1 / (1 + C exp(-A log(n + B))) with C = (log N - 1) (B + 1)^A, for a tag of n of N
    training images. With fewer than three images C would be negative; it is 0.
    """
    a, b = PROPENSITY
    c = max(np.log(max(images, 1)) - 1, 0) * (b + 1) ** a
    return 1 / (1 + c * (np.asarray(train_images) + b) ** -a)


def _pseudo(per_tag: np.ndarray, influence: np.ndarray) -> np.ndarray:
    return per_tag.mean() + influence * (len(influence) / len(per_tag))


@numba.njit(int64(float32[::1], float32), nogil=True, cache=True)
def _at_most(ordered, score):
    """How many of the ascending scores are at most `score`: halving without a branch, which a processor cannot guess."""
    start, rest = 0, len(ordered)
    while rest > 1:
        half = rest // 2
        start = start + half if ordered[start + half - 1] <= score else start
        rest -= half
    return start + (ordered[start] <= score)


@numba.njit(float64(readable(float32, 1), float32[::1], int64), nogil=True, cache=True)
def _found_until(ordered, own, rank):
    """How many of the tag's images are among the `rank` best; the expected number where the last has a score with others.

    `ordered` are the scores of all images, `own` those of the tag's, both ascending.
    """
    if rank == 0:
        return 0.0
    images = len(ordered)
    cut = ordered[images - rank]
    above = images - np.searchsorted(ordered, cut, side="right")
    tied = images - np.searchsorted(ordered, cut) - above
    own_above = len(own) - np.searchsorted(own, cut, side="right")
    own_tied = len(own) - np.searchsorted(own, cut) - own_above
    return own_above + (rank - above) * own_tied / tied


@numba.njit(numba.void(readable(float32, 2), readable(float32, 2), int64, readable(int64, 1), readable(int32, 1),
                       readable(int64, 1), float64[:, ::1], float64[:, :, ::1]), nogil=True, cache=True)
def _measure_block(block, ordered, first, starts, owners, groups, values, influence):
    """Fill `values` (2, C) for the tags of the block, and add to `influence` (2, G, N)."""
    images = block.shape[1]
    for row in range(len(block)):
        tag = first + row
        owner = owners[starts[tag]:starts[tag + 1]]
        relevant = len(owner)
        if relevant == 0:
            continue
        scores = block[row]
        own = np.empty(relevant, np.float32)
        for place in range(relevant):
            own[place] = scores[owner[place]]
        own.sort()

        # Average precision: below[b] and lost[b] are sums of 1 / B and P / B over the b lowest of the tag's images.
        precision = np.empty(relevant)
        below = np.zeros(relevant + 1)
        lost = np.zeros(relevant + 1)
        reached = 0
        for place in range(relevant):
            if place == 0 or own[place] > own[place - 1]:
                reached = images - np.searchsorted(ordered[row], own[place])
                precision[place] = (relevant - place) / reached
            else:
                precision[place] = precision[place - 1]
            below[place + 1] = below[place] + 1 / reached
            lost[place + 1] = lost[place] + precision[place] / reached
        average = precision.mean()

        # R-precision: `cut` is the R-th best score, of which `share` belongs to the R best.
        found = _found_until(ordered[row], own, relevant) / relevant
        spread = int(np.ceil(np.sqrt(relevant)))
        high, low = max(relevant - spread, 0), min(relevant + spread, images)
        local = 0.0
        if low > high:
            local = (_found_until(ordered[row], own, low) - _found_until(ordered[row], own, high)) / (low - high)
        cut = ordered[row, images - relevant]
        above = images - np.searchsorted(ordered[row], cut, side="right")
        share = (relevant - above) / (images - np.searchsorted(ordered[row], cut) - above)

        values[0, tag], values[1, tag] = average, found
        averages, founds = influence[0, groups[tag]], influence[1, groups[tag]]
        lowest = min(own[0], cut)
        for image in range(images):
            score = scores[image]
            if score >= lowest:
                averages[image] -= lost[_at_most(own, score)] / relevant
                if score >= cut:
                    founds[image] -= (1.0 if score > cut else share) * local / relevant
        for image in owner:
            score = scores[image]
            rank = _at_most(own, score)
            averages[image] += (precision[rank - 1] - average + below[rank]) / relevant
            inside = 1.0 if score > cut else share if score == cut else 0.0
            founds[image] += (inside + local - found) / relevant
