"""Weights and logit adjustments of tags by how frequent they are, for the losses that favour rare ones."""

import numpy as np
import torch
from torch import Tensor

from ..core.errors import unknown

WEIGHTINGS = {
    "inverse": lambda counts: 1 / counts,
    "inverse_sqrt": lambda counts: counts ** -0.5,
    # Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of Samples", beta 0.999.
    "effective": lambda counts: 0.001 / -np.expm1(counts * np.log(0.999)),
}
"""For each weighting, a tag's weight from its number of images, up to a factor."""


def log_priors(class_counts: np.ndarray) -> Tensor:
    """The log prior of each tag, up to a constant: what the logits of a softmax are adjusted by in training.

    Trained so, and used without, a softmax ranks its classes as if they were equally frequent (Menon et al. 2021,
    "Long-tail learning via logit adjustment", equation 10, with tau = 1). The prior of a tag is its share of the
    images of its group, and a softmax does not change when one number is added to all logits of a group: so the
    logarithm of a count serves in every group. Each count has 1 added (Laplace's rule), so that a tag without training
    images has a finite prior.

    Args:
        class_counts: (C,), training images with each tag.
    Returns:
        float32 (C,).
    """
    return torch.from_numpy(np.log1p(class_counts).astype(np.float32))


def frequency_weights(class_counts: np.ndarray, group: np.ndarray | None = None, weighting: str = "inverse",
                      limit: float = 10.0) -> Tensor:
    """A weight for each tag, larger for rarer ones, with mean 1 over what the group's images show.

    The mean counts each tag as often as it has images: sum(count * weight) = sum(count), in
    each group. A weighted loss then has the scale of the plain one, so that the learning rate
    and the balance of the facets stay what they were. (With mean 1 over tags, a facet's loss
    would shrink with its imbalance.) Weights lie in [1 / limit, limit]: they are clipped after the
    one scaling that leaves the clipped weights with mean 1.

    Args:
        class_counts: (C,), training images with each tag; 0 counts as 1, so a vocabulary that was
            read from label files, all zeros, gives weights of 1.
        group: (C,), tags with one number are classes of one softmax: `Taxonomy.parent`,
            `Taxonomy.depth`; None for a single softmax.
        weighting: a name in `WEIGHTINGS`.
    Returns:
        float32 (C,).
    """
    if weighting not in WEIGHTINGS:
        raise unknown("weighting", weighting, WEIGHTINGS)
    counts = np.maximum(class_counts, 1).astype(np.float64)
    group = np.zeros(len(counts), np.int64) if group is None else np.unique(group, return_inverse=True)[1]
    weights, total = WEIGHTINGS[weighting](counts), np.bincount(group, counts)
    # By bisection of the scale's logarithm: the mean of the clipped weights rises with the scale. exp(50) is more than
    # any count, and 60 halvings reach the precision of float64.
    low, high = np.full(len(total), -50.0), np.full(len(total), 50.0)
    for _ in range(60):
        middle = (low + high) / 2
        scaled = (weights * np.exp(middle)[group]).clip(1 / limit, limit)
        above = np.bincount(group, counts * scaled) > total
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return torch.from_numpy(scaled.astype(np.float32))
