"""What the metrics of the tail, the tree and trust cost beside the paper's four, with the intervals of all.

    python benchmarks/evaluation.py            prints ratios to the paper's four with their intervals
    python benchmarks/evaluation.py --write    also keeps them for the book

The data are made up like the official ones: a tree of eight levels, and as many tags with few images as there.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from report import best_seconds, report
from scipy.sparse import csr_array

from eufcc_lib.data.labels import Labels
from eufcc_lib.data.taxonomy import Taxonomy
from eufcc_lib.metrics.bootstrap import mean_intervals
from eufcc_lib.metrics.evaluation import Training, evaluate, metric_ranges, per_image_metrics
from eufcc_lib.metrics.ranking import rank_relevant
from eufcc_lib.metrics.tail import macro_values
from eufcc_lib.metrics.tree import tree_values

SIZES = ((2_633, 1_203), (30_000, 1_227))
LEVELS, PROVIDERS = 8, 120


@dataclass(frozen=True, eq=False)
class Museum:
    """Scores float32 (N, C) of images with their labels, the tree of the tags, and the provider of each image."""

    scores: np.ndarray
    labels: Labels
    taxonomy: Taxonomy
    training: Training
    providers: np.ndarray


def draw(images: int, tags: int, seed: int = 0) -> Museum:
    """Each image has one or two paths, drawn by Zipf's law; scores know a little of them, more of frequent ones."""
    random = np.random.default_rng(seed)
    parent, depth = np.full(tags, -1, np.int32), np.zeros(tags, np.int32)
    for tag in range(1, tags):  # below the tag before it, or below one of that one's ancestors
        above = tag - 1
        for _ in range(random.geometric(0.4) - 1):
            above = parent[above] if above >= 0 else -1
        while above >= 0 and depth[above] >= LEVELS - 1:
            above = parent[above]
        parent[tag], depth[tag] = above, depth[above] + 1 if above >= 0 else 0
    weights = random.permutation(1 / (10 + np.arange(tags)))
    matrix = np.zeros((images, tags), bool)
    for _ in range(2):
        own = random.choice(tags, images, p=weights / weights.sum())
        own = np.where(random.random(images) < 0.7, own, -1)
        while (own >= 0).any():
            rows = np.flatnonzero(own >= 0)
            matrix[rows, own[rows]] = True
            own = np.where(own >= 0, parent[own], -1)
    counts = matrix.sum(axis=0)
    scores = random.standard_normal(matrix.shape, dtype=np.float32) + np.log(counts + 1).astype(np.float32) / 2
    scores += 3 * matrix
    taxonomy = Taxonomy("objectTypes", tuple(f"tag {tag}" for tag in range(tags)), parent,
                        tuple((above,) for above in parent.tolist()), counts)
    return Museum(scores, Labels("objectTypes", csr_array(matrix), np.zeros(images, np.int32)), taxonomy,
                  Training(10 * images, {"objectTypes": 10 * counts}), random.integers(PROVIDERS, size=images))


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Scores as probabilities."""
    return 1 / (1 + np.exp(-scores.astype(np.float64)))


def intervals(values: dict[str, np.ndarray], museum: Museum) -> tuple[dict, dict]:
    """Over objects, of which each image shows one of its own, and over providers."""
    ranges = metric_ranges(len(museum.taxonomy), LEVELS)
    return (mean_intervals(values, ranges, np.arange(len(museum.scores))), mean_intervals(values, ranges, museum.providers))


def four(museum: Museum) -> dict:
    """The paper's metrics with their intervals."""
    return intervals(per_image_metrics(rank_relevant(museum.scores, museum.labels.matrix)), museum)


def everything(museum: Museum) -> list:
    """The same with the tail, the tree and trust: a row of a result file."""
    facet = museum.labels.facet
    return evaluate({facet: museum.scores}, {facet: museum.labels}, "model", "data", "split", None, museum.providers,
                    {facet: museum.taxonomy}, museum.training, {facet: sigmoid})


def measure(images: int, tags: int, write: bool) -> None:
    """Time one size, the whole and its parts, and print the ratios."""
    museum = draw(images, tags)
    scores, matrix, counts = museum.scores, museum.labels.matrix, museum.training.tags["objectTypes"]
    base = best_seconds(lambda: four(museum), runs=3)
    seconds = {
        "all, with the tail, the tree and trust": best_seconds(lambda: everything(museum), runs=3),
        "the tail alone, without intervals": best_seconds(lambda: macro_values(scores, matrix, counts), runs=3),
        "the tree alone, without intervals": best_seconds(lambda: tree_values(scores, matrix, museum.taxonomy), runs=3),
    }
    report(f"evaluation_{images}", f"Metrics with their intervals, {images:,} images x {tags:,} tags",
           "the paper's four metrics, with intervals", base, seconds, ("numpy", "numba", "scipy"), write)


def main(write: bool) -> None:
    """Both sizes: the official inner test, and a large one."""
    for images, tags in SIZES:
        measure(images, tags, write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/evaluation_*.json")
    main(parser.parse_args().write)
