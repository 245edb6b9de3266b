"""How well scores put an image's own tags first: the metrics of paper section 5.1.

Everything follows from one thing, the rank of each relevant tag. A rank is counted, never
sorted: one pass over the image's scores per relevant tag. Every metric comes per image, so
that it can be resampled, and `evaluate` averages it into the rows of a result file.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
from numba import boolean, float32, int32, int64
from scipy.sparse import csr_array

from ..core.errors import UserError
from ..core.hardware import usable_cores

# Fewer rows than this are ranked sooner than a second thread starts.
_ROWS_PER_THREAD = 512


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of the relevant tags of N images, image after image.

    Attributes:
        position: int32 (R,), R the relevant tags of all images together; 1 is the best rank.
        indptr: int64 (N + 1,); image i owns `position[indptr[i]:indptr[i + 1]]`, in tag order.
        tags: C, the number of tags that were ranked.
        tied: bool (R,); whether another tag of the image has exactly the same score.
    """

    position: np.ndarray
    indptr: np.ndarray
    tags: int
    tied: np.ndarray

    @cached_property
    def relevant(self) -> np.ndarray:
        """int64 (N,): R_i, the relevant tags of each image."""
        return np.diff(self.indptr)

    @cached_property
    def image(self) -> np.ndarray:
        """int64 (R,): the image that each relevant tag belongs to."""
        return np.repeat(np.arange(len(self.relevant)), self.relevant)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """float64 (N,): sum over each image's relevant tags of `values` (R,); 0 where there are none."""
        return np.bincount(self.image, weights=values, minlength=len(self.relevant))


def rank_relevant(scores: np.ndarray, labels: csr_array, facet: str = "scores") -> Ranks:
    """Rank of every relevant tag among all tags of its image, best score first.

    The rank is 1 + the tags on the left that score at least as much + the tags on the right
    that score more: the position in a stable descending sort, ties by tag index.

    Args:
        scores: (N, C), ranked as float32; infinities are allowed.
        labels: (N, C) sparse, nonzero where a tag is relevant.
        facet: what an error calls the scores.
    Raises:
        UserError: scores and labels differ in shape, or a score is NaN.
    """
    scores = np.ascontiguousarray(scores, dtype=np.float32)
    if scores.shape != labels.shape:
        raise UserError(f"Scores of {facet!r} have shape {scores.shape}; the labels have shape {tuple(labels.shape)} "
                        "(images, tags), and both must agree.")
    indptr, indices = relevant_tags(labels)
    position = np.empty(len(indices), np.int32)
    tied = np.empty(len(indices), np.bool_)

    def rank(start: int, stop: int) -> int:
        return _rank_rows(scores, indptr, indices, start, stop, position, tied)

    images = len(scores)
    threads = max(1, min(usable_cores(), images // _ROWS_PER_THREAD))
    edges = np.linspace(0, images, threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        faulty = [row for row in pool.map(rank, edges[:-1], edges[1:]) if row >= 0]
    if faulty:
        row = min(faulty)
        tag = int(np.flatnonzero(np.isnan(scores[row]))[0])
        raise UserError(f"Scores of {facet!r}: NaN at image row {row}, tag {tag}; a tag without a number has no rank.")
    return Ranks(position, indptr, scores.shape[1], tied)


def r_precision(ranks: Ranks) -> np.ndarray:
    """Share of an image's R relevant tags found among its R best-ranked tags.

    Paper section 5.1, equation 1, before the mean over images.

    Returns:
        float64 (N,); NaN where an image has no relevant tag.
    """
    return ranks.sum(ranks.position <= ranks.relevant[ranks.image]) / _relevant_or_nan(ranks)


def accuracy_at(ranks: Ranks, k: int) -> np.ndarray:
    """1 where at least one relevant tag is among the k best-ranked tags, else 0.

    Paper section 5.1, equation 2, before the mean over images. With k tags or fewer in the
    vocabulary all of them are among the best.

    Returns:
        float64 (N,); NaN where an image has no relevant tag.
    """
    if k < 1:
        raise UserError(f"Accuracy at {k}: k must be at least 1.")
    found = ranks.sum(ranks.position <= k) > 0
    return np.where(ranks.relevant > 0, found, np.nan)


def average_rank_position(ranks: Ranks) -> np.ndarray:
    """Mean 1-based rank of an image's relevant tags; the best possible is (R + 1) / 2.

    Paper section 5.1, equation 3, before the mean over images. It grows with the vocabulary:
    divide by `ranks.tags` to compare vocabularies.

    Returns:
        float64 (N,); NaN where an image has no relevant tag.
    """
    return ranks.sum(ranks.position) / _relevant_or_nan(ranks)


def best_average_rank_position(labels: csr_array) -> float:
    """The lowest average rank position possible on these labels; NaN without a tag."""
    relevant = np.diff(relevant_tags(labels)[0])
    relevant = relevant[relevant > 0]
    return float(np.mean((relevant + 1) / 2)) if len(relevant) else float("nan")


def _relevant_or_nan(ranks: Ranks) -> np.ndarray:
    return np.where(ranks.relevant > 0, ranks.relevant, np.nan)


def relevant_tags(labels: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """indptr int64 (N + 1,) and tags int32 (R,) of the nonzero labels, each tag once, in order."""
    labels = csr_array(labels)
    if not (labels.has_canonical_format and labels.data.all()):
        labels = csr_array(labels, dtype=bool, copy=True)
        labels.sum_duplicates()
        labels.eliminate_zeros()
    return labels.indptr.astype(np.int64, copy=False), labels.indices.astype(np.int32, copy=False)


def readable(kind, dimensions: int) -> numba.types.Array:
    """The type of an array that compiled code only reads, so that it may also be one that nobody may write to."""
    return numba.types.Array(kind, dimensions, "C", readonly=True)


# The types are spelled out so that it is compiled once (about a third of a second) and kept in __pycache__.
@numba.njit(int64(readable(float32, 2), readable(int64, 1), readable(int32, 1), int64, int64,
                  int32[::1], boolean[::1]), nogil=True, cache=True)
def _rank_rows(scores, indptr, indices, start, stop, position, tied):
    """Fill `position` and `tied` for the images start..stop; the first row with a NaN, or -1.

    Written for the compiler's vector units: loops run over an index, for a loop over the row
    itself is not vectorised, and counters are cut to 32 bits at every step, for numba widens
    them. Ties are rare, so only they pay for looking to their left.
    """
    tags = scores.shape[1]
    for image in range(start, stop):
        row = scores[image]
        missing = np.int32(0)
        for other in range(tags):
            missing = np.int32(missing + np.isnan(row[other]))
        if missing:
            return image
        for entry in range(indptr[image], indptr[image + 1]):
            tag = indices[entry]
            own = row[tag]
            above = np.int32(0)
            at_least = np.int32(0)
            for other in range(tags):
                above = np.int32(above + (row[other] > own))
                at_least = np.int32(at_least + (row[other] >= own))
            equal_before = np.int32(0)
            if at_least - above > 1:
                for other in range(tag):
                    equal_before = np.int32(equal_before + (row[other] == own))
            position[entry] = 1 + above + equal_before
            tied[entry] = at_least - above > 1
    return -1
