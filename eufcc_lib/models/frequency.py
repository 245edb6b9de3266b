"""The baseline that looks at no image: rank tags by how frequent they are in training.

What a model adds is what it has above this. Long-tailed vocabularies make it strong: a handful of
tags is on most images.
"""

from collections.abc import Iterable

import numpy as np

from ..data.dataset import Dataset


def frequency_scores(dataset: Dataset, split: str, facets: Iterable[str]) -> dict[str, np.ndarray]:
    """For each facet the training images of every tag, the same for each image of the split.

    Counted from the labels, as a vocabulary that was read from label files has no counts.

    Returns:
        float32 (N, C) by facet, read-only: all rows are one.
    """
    counts = {facet: dataset.labels("train")[facet].matrix.sum(axis=0, dtype=np.float32) for facet in facets}
    return {facet: np.broadcast_to(count, (len(dataset.split(split)), len(count))) for facet, count in counts.items()}
