"""Weights of tags by how frequent they are, for the losses that favour rare ones."""

import numpy as np
import torch
from torch import Tensor

from ..core.errors import unknown

WEIGHTINGS = {
    "inverse": lambda images: 1 / images,
    "inverse_sqrt": lambda images: images ** -0.5,
    # Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples", beta 0.999.
    "effective": lambda images: 0.001 / -np.expm1(images * np.log(0.999)),
}
"""For each weighting, a tag's weight from its number of images, up to a factor."""


def frequency_weights(images: np.ndarray, group: np.ndarray | None = None, weighting: str = "inverse",
                      limit: float = 10.0) -> Tensor:
    """A weight for each tag, larger for rarer ones, with mean 1 over what the group's images show.

    The mean counts each tag as often as it has images: sum(images * weight) = sum(images), in
    each group. A weighted loss then has the scale of the plain one, so that the learning rate
    and the balance of the facets stay what they were. (With mean 1 over tags, a facet's loss
    would shrink with its imbalance.) Weights are clipped to [1 / limit, limit], then scaled to
    mean 1 once more.

    Args:
        images: (C,), training images with each tag; 0 counts as 1, so a vocabulary that was
            read from label files, all zeros, gives weights of 1.
        group: (C,), tags with one number are classes of one softmax: `taxonomy.parent`,
            `taxonomy.depth`; None for a single softmax.
        weighting: a name in `WEIGHTINGS`.
    Returns:
        float32 (C,).
    """
    if weighting not in WEIGHTINGS:
        raise unknown("weighting", weighting, WEIGHTINGS)
    images = np.maximum(images, 1).astype(np.float64)
    group = np.zeros(len(images), np.int64) if group is None else np.unique(group, return_inverse=True)[1]
    weights = _with_mean_one(WEIGHTINGS[weighting](images), images, group)
    weights = _with_mean_one(weights.clip(1 / limit, limit), images, group)
    return torch.from_numpy(weights.astype(np.float32))


def _with_mean_one(weights: np.ndarray, images: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Scale so that in each group sum(images * weights) = sum(images)."""
    return weights * (np.bincount(group, images) / np.bincount(group, images * weights))[group]
