"""Whether a model's probabilities can be taken at their word: calibration, and precision and recall above a threshold.

All of it is about the images that have a tag of the facet on record: where nobody recorded a tag, none is wrong.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from .bootstrap import mean_intervals

BINS, FEWEST_IMAGES = 15, 20
"""Bins of a reliability diagram, as in Guo et al. 2017; fewer where a bin would hold less than that many images."""

LIKELY = 0.5
"""From which probability on the assistant shows a tag as likely."""


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """The points of a reliability diagram, B bins of images with similar probabilities, in rising order.

    Attributes:
        probability: float64 (B,), the mean probability of the best tags.
        right: float64 (B,), the share of these tags that are on record.
        images: int64 (B,).
        low, high: float64 (B,), the 95 % interval of `right` over objects; NaN where there are too few of them.
    """

    probability: np.ndarray
    right: np.ndarray
    images: np.ndarray
    low: np.ndarray
    high: np.ndarray


def best_tags(probabilities: np.ndarray, labels: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each image's best tag, and whether it is one of the image's tags.

    Args:
        probabilities: (N, C); of equal ones the first counts.
        labels: bool (N, C), canonical.
    Returns:
        float64 (N,) and float64 (N,), 0 or 1; both NaN where an image has no tag.
    """
    best = probabilities.argmax(axis=1)
    image = np.repeat(np.arange(len(best)), np.diff(labels.indptr))
    tagged = np.diff(labels.indptr) > 0
    right = np.bincount(image, labels.indices == best[image], minlength=len(best)) > 0
    return tuple(np.where(tagged, values, np.nan) for values in (probabilities[np.arange(len(best)), best], right))


def equal_bins(probability: np.ndarray, bins: int | None = None) -> np.ndarray:
    """int64 (n,): the bin of each probability, from 0; bins have equally many, but equal probabilities share one.

    Equal probabilities lie where their middle lies in the order of all. So a bin may be empty.

    Args:
        bins: how many; None takes `BINS`, or as many as give each `FEWEST_IMAGES`.
    """
    bins = bins or max(1, min(BINS, len(probability) // FEWEST_IMAGES))
    _, place, counts = np.unique(probability, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    return (bins * (2 * below + counts) // (2 * len(probability)))[place]


def calibration_error(probability: np.ndarray, right: np.ndarray, bins: int | None = None) -> float:
    """The gap between the best tags' mean probability and the share that is right, in the mean over images of all bins.

    Guo et al. 2017, equation 3, with bins of equally many images (Nguyen and O'Connor 2015). It is never below 0, so
    chance alone makes it positive: see `error_of_a_perfect_model`.

    Args:
        probability, right: (n,), from `best_tags`, without NaN.
    Returns:
        NaN without images.
    """
    if not len(probability):
        return float("nan")
    gaps = np.bincount(equal_bins(probability, bins), right - probability)
    return float(abs(gaps).sum() / len(probability))


def error_of_a_perfect_model(probability: np.ndarray) -> float:
    """The `calibration_error` to expect if each probability were the chance that its tag is right.

    A bin's gap is then nearly normal, so its mean size is the square root of 2/pi times its standard deviation.

    Args:
        probability: (n,), from `best_tags`, without NaN.
    """
    if not len(probability):
        return float("nan")
    variances = np.bincount(equal_bins(probability), probability * (1 - probability))
    return float(np.sqrt(2 / np.pi * variances).sum() / len(probability))


def reliability_curve(probability: np.ndarray, right: np.ndarray, units: np.ndarray, bins: int | None = None) -> ReliabilityCurve:
    """The same bins one by one; their mean gap, each weighted by its images, is the `calibration_error`.

    Args:
        probability, right: (n,), from `best_tags`, without NaN.
        units: (n,), equal for photographs of one object, for the intervals.
    """
    names, place = np.unique(equal_bins(probability, bins), return_inverse=True)
    images = np.bincount(place, minlength=len(names))
    means = [np.bincount(place, values, minlength=len(names)) / images for values in (probability, right)]
    ends = [mean_intervals({"right": right[place == name]}, {"right": (0, 1)}, units[place == name])["right"]
            for name in range(len(names))]
    low, high = np.array([end or (np.nan, np.nan) for end in ends], np.float64).reshape(-1, 2).T
    return ReliabilityCurve(*means, images, low, high)


def precision_and_recall_at(probabilities: np.ndarray, labels: csr_array, threshold: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of all pairs of image and tag at or above a threshold the share on record, and the reverse.

    Args:
        probabilities: (N, C).
        labels: bool (N, C), canonical.
    Returns:
        `precision` and `recall`, each as two float64 (N,): what an image adds above and below in the ratio, see
        `bootstrap.ratio_values`; NaN where it has no tag on record.
    """
    image = np.repeat(np.arange(len(probabilities)), np.diff(labels.indptr))
    right = np.bincount(image[probabilities[image, labels.indices] >= threshold], minlength=len(probabilities))
    shown, relevant = np.count_nonzero(probabilities >= threshold, axis=1), np.diff(labels.indptr)
    right, shown, relevant = np.where(relevant > 0, [right, shown, relevant], np.nan)
    return {"precision": (right, shown), "recall": (right, relevant)}
