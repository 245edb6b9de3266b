"""The baselines that look at no image: rank tags by their frequency in training, or by that in the provider's part of it.

Models are useful only as far as they exceed them. Long-tailed vocabularies make the first strong: a handful of tags
covers most images. The second shows how much of a label the institution gives away.
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


def provider_scores(dataset: Dataset, split: str, facets: Iterable[str]) -> dict[str, np.ndarray]:
    """The same within each image's provider, scaled to the size of the training split.

    Each provider is given one image more, on which a tag counts as its share of all training images. It orders the tags
    that the provider never used, and all tags for a provider that training lacks.

    Returns:
        float32 (N, C) by facet.
    """
    trained = dataset.split("train").providers
    names, provider = np.unique(dataset.split(split).providers, return_inverse=True)
    scores = {}
    for facet, overall in class_counts(dataset, facets).items():
        matrix = dataset.labels("train")[facet].matrix
        own = [(matrix[trained == name].sum(axis=0) + overall / len(trained)) / (np.count_nonzero(trained == name) + 1)
               for name in names]
        scores[facet] = (len(trained) * np.array(own)).astype(np.float32)[provider]
    return scores


def class_counts(dataset: Dataset, facets: Iterable[str]) -> dict[str, np.ndarray]:
    """int64 (C,) by facet, training images per tag; zeros without a training split.

    Counted from the labels, as a vocabulary of label files has no counts.
    """
    if "train" not in dataset.records:
        return {facet: np.zeros(len(dataset.vocabulary[facet]), np.int64) for facet in facets}
    return {facet: dataset.labels("train")[facet].matrix.sum(axis=0, dtype=np.int64) for facet in facets}
