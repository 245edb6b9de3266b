"""The baseline that looks at no image: rank tags by their frequency in training.

Models are useful only as far as they exceed it. Long-tailed vocabularies make it strong: a handful of tags covers most
images.
"""

from collections.abc import Iterable

import numpy as np

from ..data.dataset import Dataset


def frequency_scores(dataset: Dataset, split: str, facets: Iterable[str]) -> dict[str, np.ndarray]:
    """For each facet the training images per tag, the same for each image of the split.

    Returns:
        float32 (N, C) by facet, read-only: a single row is broadcast.
    """
    counts = class_counts(dataset, facets)
    return {facet: np.broadcast_to(count.astype(np.float32), (len(dataset.split(split)), len(count)))
            for facet, count in counts.items()}


def class_counts(dataset: Dataset, facets: Iterable[str]) -> dict[str, np.ndarray]:
    """int64 (C,) by facet, training images per tag; zeros without a training split.

    Counted from the labels, as a vocabulary of label files has no counts.
    """
    if "train" not in dataset.records:
        return {facet: np.zeros(len(dataset.vocabulary[facet]), np.int64) for facet in facets}
    return {facet: dataset.labels("train")[facet].matrix.sum(axis=0, dtype=np.int64) for facet in facets}
