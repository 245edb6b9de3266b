"""Outer and inner test at full size: distances of 400 providers, and a balanced selection from 340,000 records.

    python benchmarks/splits.py            prints ratios to the least the work can cost
    python benchmarks/splits.py --write    also keeps them for the book

Input is drawn: normal features with a spectrum that falls off as that of real ones does, and tags with
a long tail. The peers take what textbooks say: the root of a product of two covariances, and a
Python loop over the images of each tag.
"""

import argparse
from time import perf_counter

import numpy as np
from report import best_seconds, report
from scipy.linalg import sqrtm
from scipy.sparse import csr_array

from eufcc_lib.collection.splitting.frechet import fit_gaussian, rank_providers
from eufcc_lib.collection.splitting.stratified import INNER, VALIDATION, select_balanced

IMAGES, PROVIDERS = 340_000, 400
TAGS = {"objectTypes": 910, "materials": 276, "classifications": 33, "subjects": 8}
FILLED = {"objectTypes": .95, "materials": .80, "classifications": .12, "subjects": .09}
"""Shares of the images that have the facet."""

FEATURE_IMAGES = 60_000
"""Images with features; all 340,000 would not fit into the memory of a small machine."""


def draw_features(images: int, dimensions: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (N, D), and providers (N,): sizes fall off as 1 / rank."""
    random = np.random.default_rng(seed)
    sizes = 1 / np.arange(1, PROVIDERS + 1)
    providers = random.choice(PROVIDERS, images, p=sizes / sizes.sum())
    shift = random.standard_normal((PROVIDERS, dimensions), dtype=np.float32) / 4
    features = random.standard_normal((images, dimensions), dtype=np.float32) + shift[providers]
    features /= np.arange(1, dimensions + 1, dtype=np.float32) ** .75
    return features, np.array([f"provider {number:03}" for number in range(PROVIDERS)])[providers]


def draw_labels(images: int, seed: int = 0) -> tuple[dict[str, csr_array], np.ndarray]:
    """Tags with a long tail, each a child of one more frequent; and groups, a fifth of the images in larger ones."""
    random = np.random.default_rng(seed)
    labels = {}
    for facet, tags in TAGS.items():
        weight = 1 / np.arange(1, tags + 1) ** 1.6
        image = np.flatnonzero(random.random(images) < FILLED[facet])
        image = np.concatenate([image, random.choice(image, len(image) // 4)])
        tag = random.choice(tags, len(image), p=weight / weight.sum())
        parent = tag // 3
        matrix = csr_array((np.ones(2 * len(image), bool), (np.tile(image, 2), np.concatenate([tag, parent]))),
                           shape=(images, tags))
        matrix.sum_duplicates()
        labels[facet] = matrix.astype(bool)
    return labels, np.sort(random.integers(0, int(.8 * images), images))


def textbook_distance(mean1, cov1, mean2, cov2) -> float:
    """The distance by the root of the product, a matrix that is not symmetric."""
    return float(np.square(mean1 - mean2).sum() + np.trace(cov1 + cov2 - 2 * sqrtm(cov1 @ cov2).real))


def time_distances(dimensions: int, write: bool) -> None:
    """All providers at once, beside reading the images into one covariance."""
    features, providers = draw_features(FEATURE_IMAGES, dimensions)
    kinds = csr_array(np.ones((len(features), 1), bool))
    start = perf_counter()
    rank_providers(features, providers, kinds)
    spent = perf_counter() - start
    base = best_seconds(lambda: fit_gaussian(features), runs=2, warm=False)
    whole, part = fit_gaussian(features), fit_gaussian(features[providers == "provider 000"])
    covariances = [found.factor @ found.factor.T for found in (whole, part)]
    textbook = best_seconds(lambda: textbook_distance(whole.mean, covariances[0], part.mean, covariances[1]),
                            runs=1, warm=False)
    report(f"distances_{dimensions}", f"Fréchet distances of {PROVIDERS} providers, {FEATURE_IMAGES:,} images x "
           f"{dimensions} features", "mean and covariance of all images", base,
           {"eufcc_lib, all providers": spent, "root of the product, one provider x 400": textbook * PROVIDERS},
           ("numpy", "scipy"), write)


def time_selection(write: bool) -> None:
    """Inner test and validation, beside counting the images of each tag."""
    labels, groups = draw_labels(IMAGES)

    def select() -> tuple[np.ndarray, np.ndarray]:
        test = select_balanced(labels, groups, INNER)
        return test, select_balanced(labels, groups, VALIDATION, available=~test)

    select()
    test, val = select()
    base = best_seconds(lambda: [matrix.sum(axis=0) for matrix in labels.values()])
    print(f"{test.sum():,} images in the inner test, {val.sum():,} in validation, of {IMAGES:,}")
    for facet, matrix in labels.items():
        images, in_test = matrix.sum(axis=0), matrix[test].sum(axis=0)
        reachable = images // 2 >= INNER.minimum[facet]
        print(f"  {facet}: {(in_test[reachable] >= INNER.minimum[facet]).sum()} of {reachable.sum()} tags that can "
              f"have {INNER.minimum[facet]} in the test do; {(images // 2 < INNER.minimum[facet]).sum()} cannot")
    report("selection", f"Balanced selection, {IMAGES:,} images x {sum(TAGS.values()):,} tags",
           "counting the images of each tag", base, {"eufcc_lib, inner test and validation": best_seconds(select, 2)},
           ("numpy", "scipy", "numba"), write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/*.json")
    parser.add_argument("--dimensions", type=int, nargs="*", default=[1280, 2048], help="sizes of the features")
    options = parser.parse_args()
    time_selection(options.write)
    for dimensions in options.dimensions:
        time_distances(dimensions, options.write)
