"""How good a ranking is in the eyes of the tree, in which *oak* for *elm* is a smaller mistake than *paper*.

Sets of tags are compared after each tag was joined by all its ancestors, their *closure* (Kiritchenko et al. 2006): a
tag next to the right one then shares most of its path. A tag can be annotated under several parents; its ancestors
here are those of `Taxonomy.parent`, its one parent in the tree.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np
from numba import boolean, float32, float64, int32, int64, uint32
from scipy.sparse import csr_array

from ..core.hardware import usable_cores
from ..data.taxonomy import Taxonomy
from .ranking import readable, relevant_tags

PRECISION = 0.95
"""The share of answers that are to be right in `depth_at_95`."""

_ROWS_PER_THREAD = 256
_ROWS = 1_024  # images of a curve at a time



@dataclass(frozen=True, eq=False)
class TreeMetrics:
    """What the tree says of the rankings of N images; NaN and no truth where an image has no relevant tag.

    Attributes:
        precision, recall: float64 (N,), of the closure of an image's R best tags, against that of its R tags.
        average_precision: float64 (N,); walking down the ranking, the mean over all tags of the closure that is to be
            found of the precision where each is reached.
        incoherent: int32 (N,), tags that score higher than their parent in the tree.
        answers: int32 (N, L), the best tag of each of the L levels of the tree.
        right: bool (N, L), whether that is in the closure of the image's tags.
    """

    precision: np.ndarray
    recall: np.ndarray
    average_precision: np.ndarray
    incoherent: np.ndarray
    answers: np.ndarray
    right: np.ndarray


def measure_tree(scores: np.ndarray, labels: csr_array, taxonomy: Taxonomy) -> TreeMetrics:
    """Compare the rankings of N images with the tree. Ties are ranked as by `ranking.rank_relevant`, by tag index.

    A ranking is not sorted for it: a node of the tree is reached with the best tag at or below it, so its place follows
    from the best score there.

    Args:
        scores: float32 (N, C) without NaN.
        labels: (N, C) sparse, nonzero where a tag is relevant.
        taxonomy: the C tags.
    """
    scores = np.ascontiguousarray(scores, np.float32)
    images, levels = len(scores), int(taxonomy.depth.max(initial=-1)) + 1
    indptr, indices = relevant_tags(labels)
    shares = np.full((3, images), np.nan)
    incoherent, answers = np.zeros(images, np.int32), np.zeros((images, levels), np.int32)
    right = np.zeros((images, levels), bool)

    children = np.flatnonzero(taxonomy.parent >= 0)
    pairs = children.astype(np.uint32), taxonomy.parent[children].astype(np.uint32)
    by_level = np.argsort(taxonomy.depth, kind="stable").astype(np.uint32)
    edges_of_levels = np.append(0, np.cumsum(np.bincount(taxonomy.depth)))

    def measure(start: int, stop: int) -> None:
        _measure_rows(scores, indptr, indices, taxonomy.parent, *pairs, by_level, edges_of_levels, start, stop, shares,
                      incoherent, answers, right)

    threads = max(1, min(usable_cores(), images // _ROWS_PER_THREAD))
    edges = np.linspace(0, images, threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(measure, edges[:-1], edges[1:]))
    return TreeMetrics(*shares, incoherent, answers, right)


def tree_values(scores: np.ndarray, labels: csr_array, taxonomy: Taxonomy,
                probabilities: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The metrics of the tree by image, float64 (N,); NaN where an image has no relevant tag.

    `incoherence` is the share of tags with a parent that score higher than it; missing where no tag has one. (In nearly
    every image of every model that scores each tag for itself some tag does, so the share of such images says nothing.)
    `depth_at_95` comes as pseudo-values, see `depth_values`.

    Args:
        scores, labels, taxonomy: see `measure_tree`.
        probabilities: float (N, C), for `depth_at_95`. Without them all answers of a level are equally sure.
    """
    found = measure_tree(scores, labels, taxonomy)
    truth, both = ~np.isnan(found.recall), found.precision + found.recall
    f1 = np.divide(2 * found.precision * found.recall, both, out=np.where(truth, 0.0, np.nan), where=both > 0)
    values = {"hierarchical_precision": found.precision, "hierarchical_recall": found.recall, "hierarchical_f1": f1,
              "hierarchical_average_precision": found.average_precision}
    if pairs := np.count_nonzero(taxonomy.parent >= 0):
        values["incoherence"] = np.where(truth, found.incoherent / pairs, np.nan)
    values["depth_at_95"] = np.full(len(scores), np.nan)
    if truth.any():
        sure = np.zeros(found.answers.shape) if probabilities is None else np.take_along_axis(probabilities, found.answers, axis=1)
        values["depth_at_95"][truth] = depth_values(sure[truth], found.right[truth])
    return values


def depth_values(confidence: np.ndarray, right: np.ndarray, precision: float = PRECISION) -> np.ndarray:
    """How deep in the tree answers can go and still be right in 95 of 100 cases: pseudo-values of N images.

    On each level the most confident images are answered, as many as there can be with that share right, equally
    confident ones together. The share of all images that are answered is the level's coverage; the sum over the levels is
    the mean depth of the answers.

    The influence of an image on the coverage (see `tail`) is the derivative of a curve that jumps from image to image. It
    is taken as the slope over the range in which chance moves the cut: between where one standard deviation more and one
    fewer right answers would put it.

    Args:
        confidence: (N, L), of each level's answer; compared within a level.
        right: bool (N, L), whether it is right.
        precision: the share that is to be right.
    Returns:
        float64 (N,), whose mean is the depth.
    """
    return np.sum([_coverage_values(*level, precision) for level in zip(confidence.T, right.T, strict=True)], axis=0)


def hierarchical_curve(scores: np.ndarray, labels: csr_array, taxonomy: Taxonomy, ranks: int) -> tuple[np.ndarray, np.ndarray]:
    """Hierarchical precision and recall of the 1, 2, ... best tags, each the mean over the images with a relevant tag.

    Returns:
        Two float64 (K,), K being `ranks` or the number of tags if that is less.
    """
    labels = csr_array(labels)
    images = np.flatnonzero(np.diff(relevant_tags(labels)[0]))
    ranks = min(ranks, len(taxonomy))
    ancestors = _ancestors(taxonomy)
    sums = np.zeros((2, ranks))
    for start in range(0, len(images), _ROWS):
        rows = images[start:start + _ROWS]
        line = np.arange(len(rows))
        truth, seen = np.zeros((2, len(rows), len(taxonomy) + 1), bool)  # the last column stands for no ancestor
        own = labels[rows].tocoo()
        truth[own.row[:, None], ancestors[own.col]] = True
        truth[:, -1], seen[:, -1] = False, True
        relevant, size, hits = truth.sum(axis=1), np.zeros(len(rows)), np.zeros(len(rows))
        order = np.argsort(-scores[rows], axis=1, kind="stable")[:, :ranks]
        for rank in range(ranks):
            for tags in ancestors[order[:, rank]].T:
                new = ~seen[line, tags]
                seen[line, tags] = True
                size += new
                hits += new & truth[line, tags]
            sums[0, rank] += (hits / size).sum()
            sums[1, rank] += (hits / relevant).sum()
    precision, recall = sums / len(images) if len(images) else np.full_like(sums, np.nan)
    return precision, recall


def _ancestors(taxonomy: Taxonomy) -> np.ndarray:
    """int32 (C, L): each tag, its parent, its parent's parent, ...; C where there is none."""
    above = np.append(np.where(taxonomy.parent < 0, len(taxonomy), taxonomy.parent), len(taxonomy)).astype(np.int32)
    columns = [np.arange(len(taxonomy), dtype=np.int32)]
    while (above[columns[-1]] < len(taxonomy)).any():
        columns.append(above[columns[-1]])
    return np.stack(columns, axis=1)


def _coverage_values(confidence: np.ndarray, right: np.ndarray, precision: float) -> np.ndarray:
    """Pseudo-values (N,) of a level's coverage."""
    images = len(confidence)
    order = np.argsort(-confidence, kind="stable")
    lasts = np.flatnonzero(np.append(confidence[order[1:]] < confidence[order[:-1]], True))  # of equally confident answers
    surplus = np.cumsum(right[order] - precision)[lasts]  # right answers beyond the share that is asked for

    def answered(least: float) -> int:
        enough = np.flatnonzero(surplus >= least - 1e-9 * images)
        return int(lasts[enough[-1]]) + 1 if len(enough) else 0

    count = answered(0)
    spread = np.sqrt(max(count, 1) * precision * (1 - precision))
    slope = (answered(-spread) - answered(spread)) / (2 * spread)
    values = np.zeros(images)
    values[order[:count]] = 1 + slope * (right[order[:count]] - precision)
    return values + count / images - values.mean()


@numba.njit(numba.void(readable(float32, 1), readable(uint32, 1), readable(uint32, 1), float32[::1], int32[::1]),
            nogil=True, cache=True)
def _find_sources(row, children, parents, best, source):
    """Fill `source` (C,): the first of the tags at or below each node that have its score in `best`."""
    for tag in range(len(row)):
        source[tag] = tag if row[tag] == best[tag] else len(row)
    for pair in range(len(children) - 1, -1, -1):
        child, above = children[pair], parents[pair]
        if best[child] == best[above] and source[child] < source[above]:
            source[above] = source[child]


@numba.njit(numba.void(readable(float32, 2), readable(int64, 1), readable(int32, 1), readable(int32, 1),
                       readable(uint32, 1), readable(uint32, 1), readable(uint32, 1), readable(int64, 1), int64, int64,
                       float64[:, ::1], int32[::1], int32[:, ::1], boolean[:, ::1]), nogil=True, cache=True)
def _measure_rows(scores, indptr, indices, parent, children, parents, by_level, levels, start, stop, shares, incoherent,
                  answers, right):
    """Fill the arrays of `TreeMetrics` for the images start..stop; `shares` are its first three.

    Args:
        parent: (C,), as in `Taxonomy`.
        children, parents: each tag that has a parent, ascending, and its parent.
        by_level, levels: the tags level by level, and where each level starts and ends.
    """
    tags = scores.shape[1]
    best = np.empty(tags, np.float32)  # the best score at or below each node
    source = np.empty(tags, np.int32)  # the tag that has it
    in_truth, taken = np.zeros(tags, np.bool_), np.zeros(tags, np.bool_)
    truth, first = np.empty(tags, np.int32), np.empty(tags, np.int32)
    for image in range(start, stop):
        row = scores[image]
        size = 0
        for entry in range(indptr[image], indptr[image + 1]):
            node = indices[entry]
            while node >= 0 and not in_truth[node]:
                in_truth[node] = True
                truth[size] = node
                size += 1
                node = parent[node]

        # Each loop does one thing without a branch that depends on a score, for the compiler's vector units.
        pairs = np.int32(0)
        for pair in range(len(children)):
            pairs = np.int32(pairs + (row[children[pair]] > row[parents[pair]]))
        incoherent[image] = pairs
        for level in range(len(levels) - 1):
            answer = by_level[levels[level]]
            for place in range(levels[level] + 1, levels[level + 1]):
                if row[by_level[place]] > row[answer]:
                    answer = by_level[place]
            answers[image, level] = answer
            right[image, level] = in_truth[answer]
        if size == 0:
            continue
        best[:] = row
        for pair in range(len(children) - 1, -1, -1):  # children come after their parent
            best[parents[pair]] = max(best[parents[pair]], best[children[pair]])

        # The R best tags, in order; a tag goes behind those before it with the same score.
        count, relevant = 0, indptr[image + 1] - indptr[image]
        for tag in range(tags):
            if count < relevant or row[tag] > row[first[count - 1]]:
                place = count if count < relevant else count - 1
                count = place + 1
                while place > 0 and row[first[place - 1]] < row[tag]:
                    first[place] = first[place - 1]
                    place -= 1
                first[place] = tag
        closure, hits = 0, 0
        for place in range(count):
            node = first[place]
            while node >= 0 and not taken[node]:
                taken[node] = True
                closure += 1
                hits += in_truth[node]
                node = parent[node]
        for place in range(count):
            node = first[place]
            while node >= 0 and taken[node]:
                taken[node] = False
                node = parent[node]
        shares[0, image] = hits / closure
        shares[1, image] = hits / size

        # A node is reached with its best tag: how many nodes, and how many of the truth, are reached no later?
        total, sought = 0.0, False
        for entry in range(size):
            own = best[truth[entry]]
            reached, equal = np.int32(0), np.int32(0)
            for other in range(tags):
                reached = np.int32(reached + (best[other] >= own))
                equal = np.int32(equal + (row[other] == own))
            found = 0
            if equal == 1:
                for other in range(size):
                    found += best[truth[other]] >= own
            else:  # tags with one score are reached one after the other
                if not sought:
                    _find_sources(row, children, parents, best, source)
                    sought = True
                tag = source[truth[entry]]
                for other in range(tags):
                    reached -= best[other] == own and source[other] > tag
                for other in range(size):
                    node = truth[other]
                    found += best[node] > own or (best[node] == own and source[node] <= tag)
            total += found / reached
        shares[2, image] = total / size
        for entry in range(size):
            in_truth[truth[entry]] = False
