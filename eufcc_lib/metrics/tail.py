"""How the long tail fares: metrics in which every tag counts the same, and one in which rare tags count more.

The metrics of `ranking` ask of an image which tags come first, so that the frequent tags decide. Here a tag is asked
which images come first by its score, and what all tags answer is averaged. Such a number is no mean over images. How
an image moves it is the image's *influence*, the derivative by its weight (the infinitesimal jackknife, Jaeckel 1972).
The number plus influence times images is the image's pseudo-value: their mean is the number, and their spread is what
the bootstrap needs.
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
"""A and B of the propensity model, the values of Jain et al. 2016 for data sets without their own."""

# Columns that are read together, a line of the processor's cache, and tags whose images' influence is summed at a time.
_COLUMNS, _BLOCK = 16, 128

_LARGEST = float(np.finfo(np.float32).max)


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
        scores: (N, C), taken as float32; without NaN.
        labels: (N, C) sparse, nonzero where an image has the tag.
        groups: int64 (C,), the group of each tag, from 0; one group by default.
    """
    scores = np.ascontiguousarray(scores, np.float32)
    images, tags = scores.shape
    groups = np.zeros(tags, np.int64) if groups is None else np.asarray(groups, np.int64)
    count = int(groups.max(initial=0)) + 1
    indptr, indices = relevant_tags(labels)
    columns = csr_array((np.ones(len(indices), bool), indices, indptr), shape=scores.shape).tocsc()
    starts, owners = columns.indptr.astype(np.int64), columns.indices.astype(np.int32)
    tag = np.repeat(np.arange(tags), np.diff(starts))
    ordered = scores[owners, tag]
    ordered = ordered[np.lexsort((ordered, tag))]
    values = np.full((2, tags), np.nan)

    def measure(first: int) -> np.ndarray:
        influence = np.zeros((2, count, images))
        _measure_tags(scores, first, min(first + _BLOCK, tags), starts, owners, ordered, groups, values, influence)
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

    Propensity-scored precision (Jain et al. 2016) with the denominator of R-precision, so that the best is 1.

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

    Jain et al. 2016: p = 1 / (1 + C exp(-A log(n + B))) with C = (log N - 1) (B + 1)^A, for a tag of n of N
    training images. With fewer than three images C would be negative; it is 0.
    """
    a, b = PROPENSITY
    c = max(np.log(max(images, 1)) - 1, 0) * (b + 1) ** a
    return 1 / (1 + c * (np.asarray(train_images) + b) ** -a)


def _pseudo(per_tag: np.ndarray, influence: np.ndarray) -> np.ndarray:
    return per_tag.mean() + influence * (len(influence) / len(per_tag))


@numba.njit(numba.void(float32[::1], float32[::1], int32[::1]), nogil=True, cache=True)
def _classify(scores, own, place):
    """Fill `place` (N,): how many of a tag's own scores, ascending, each score is at least as high as.

    The range of its own scores is cut into equal bins, most of which hold one of them or none. No branch depends on a
    score then, which a processor could not guess.
    """
    relevant = len(own)
    bins = 4 * relevant + 256
    largest = _LARGEST
    low, high = min(max(float64(own[0]), -largest), largest), min(max(float64(own[-1]), -largest), largest)
    scale = bins / (high - low) if high > low else 0.0
    starts = np.zeros(bins + 1, np.int32)
    for score in own:
        starts[min(int32((min(max(score, low), high) - low) * scale), bins - 1) + 1] += 1
    for number in range(bins):
        starts[number + 1] += starts[number]
    ended = np.empty(relevant + 1, np.float32)
    ended[:relevant] = own
    ended[relevant] = np.nan  # nothing is at least as high
    for image in range(len(scores)):
        place[image] = min(int32((min(max(float64(scores[image]), low), high) - low) * scale), bins - 1)
    for image in range(len(scores)):
        score, start, stop = scores[image], starts[place[image]], starts[place[image] + 1]
        while stop - start > 1:
            middle = (start + stop) >> 1
            if own[middle] <= score:
                start = middle
            else:
                stop = middle
        place[image] = start + (ended[start] <= score)


@numba.njit(float32(float32[::1], int64, int64), nogil=True, cache=True)
def _select(values, count, rank):
    """The value that would be at `rank`, from 0, if the first `count` were sorted downwards; they are moved (Hoare 1961).

    NumPy's sorting and partitioning take seconds to compile.
    """
    start, stop = 0, count - 1
    while start < stop:
        pivot = values[(start + stop) // 2]
        left, right = start, stop
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            stop = right
        elif rank >= left:
            start = left
        else:
            break
    return values[rank]


@numba.njit(numba.void(readable(float32, 2), int64, int64, readable(int64, 1), readable(int32, 1), float32[::1],
                       readable(int64, 1), float64[:, ::1], float64[:, :, ::1]), nogil=True, cache=True)
def _measure_tags(scores, first, last, starts, owners, ordered, groups, values, influence):
    """Fill `values` (2, C) for the tags first..last, and add to `influence` (2, G, N).

    The scores of a tag's own images, `ordered` upwards, divide all images into classes: class b holds those that score
    at least as much as b of its images, and less than the next. What is asked follows from the sizes of the classes.
    """
    images = len(scores)
    columns = np.empty((_COLUMNS, images), np.float32)
    place = np.empty(images, np.int32)
    candidates = np.empty(images, np.float32)
    for tag in range(first, last):
        if (tag - first) % _COLUMNS == 0:
            width = min(_COLUMNS, last - tag)
            for image in range(images):
                for number in range(width):
                    columns[number, image] = scores[image, tag + number]
        column = columns[(tag - first) % _COLUMNS]
        owner, own = owners[starts[tag]:starts[tag + 1]], ordered[starts[tag]:starts[tag + 1]]
        relevant = len(owner)
        if relevant == 0:
            continue
        sizes = np.zeros(relevant + 1, np.int32)
        _classify(column, own, place)
        for image in range(images):
            sizes[place[image]] += 1

        # How many images score at least as much as each of the tag's, and how many of those are its own.
        reached = np.empty(relevant, np.int64)
        precision = np.empty(relevant)
        behind = 0
        for entry in range(relevant - 1, -1, -1):
            behind += sizes[entry + 1]
            reached[entry] = behind
        for entry in range(relevant):
            if entry and own[entry] == own[entry - 1]:
                reached[entry] = reached[entry - 1]
                precision[entry] = precision[entry - 1]
            else:
                precision[entry] = (relevant - entry) / reached[entry]
        # Sums of 1 / (R B) and P / (R B) over the b lowest of them, and the mean of P.
        below = np.zeros(relevant + 1)
        lost = np.zeros(relevant + 1)
        for entry in range(relevant):
            below[entry + 1] = below[entry] + 1 / (relevant * reached[entry])
            lost[entry + 1] = lost[entry] + precision[entry] / (relevant * reached[entry])
        average = precision.mean()

        # The R-th best score, which is in the class that the best R images reach into.
        cut_class, above = relevant, 0
        while above + sizes[cut_class] < relevant:
            above += sizes[cut_class]
            cut_class -= 1
        count = 0
        for image in range(images):
            if place[image] == cut_class:
                candidates[count] = column[image]
                count += 1
        cut = _select(candidates, count, relevant - above - 1)
        tied = 0
        for entry in range(count):
            above += candidates[entry] > cut
            tied += candidates[entry] == cut
        share = (relevant - above) / tied
        own_above, own_tied = 0, 0
        for entry in range(relevant):
            own_above += own[entry] > cut
            own_tied += own[entry] == cut
        found = (own_above + share * own_tied) / relevant

        # The share of the tag's images around the cut.
        spread = int(np.ceil(np.sqrt(relevant)))
        local = own_tied / tied
        if tied < 2 * spread:
            high, low = relevant - spread, min(relevant + spread, images)
            within = 0
            for entry in range(relevant):
                within += high < reached[entry] <= low
            local = within / (low - high)

        values[0, tag], values[1, tag] = average, found
        averages, founds = influence[0, groups[tag]], influence[1, groups[tag]]
        for image in range(images):
            averages[image] -= lost[place[image]]
        for image in range(images):
            if column[image] >= cut:
                founds[image] -= (1.0 if column[image] > cut else share) * local / relevant
        for image in owner:
            score = column[image]
            inside = 1.0 if score > cut else share if score == cut else 0.0
            averages[image] += (precision[place[image] - 1] - average) / relevant + below[place[image]]
            founds[image] += (inside + local - found) / relevant
