"""From the loss of every tag of every image to the loss of a batch, for losses that ask one question per tag."""

import torch
from torch import Tensor

REDUCTIONS = ("mean", "sum")
"""What an image's loss in a facet is, over the facet's tags."""


def reduce_losses(losses: Tensor, labels: Tensor, count: Tensor | float | None, reduction: str) -> Tensor:
    """Mean or sum over the C tags, then the mean over the images that have the facet.

    An image without a tag in the facet was most likely not annotated there, so it does not count.

    Args:
        losses: (B, C).
        labels: (B, C), 0 or 1, float or bool; as on record.
        count: the divisor of the sum over images; None for the images with a relevant tag.
            Several processes that share a batch pass the batch's count.
        reduction: over the tags, one of `REDUCTIONS`.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    has_facet = labels.any(1)
    losses = losses.sum(1) if reduction == "sum" else losses.mean(1)
    if count is None:
        count = has_facet.sum().clamp(min=1)
    return torch.where(has_facet, losses, 0).sum() / count
