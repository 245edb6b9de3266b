"""Flat softmax over the C tags of one facet, plain or weighted (paper section 4.1.2).

An image has several tags but a softmax one target: each step draws a tag. The scores to rank by are
the logits themselves.
"""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def draw_tags(labels: Tensor, uniform: Tensor) -> Tensor:
    """One relevant tag for each image, every one of its tags equally likely.

    Args:
        labels: (B, C), 0 or 1, float or bool.
        uniform: (B,), numbers from [0, 1), new for each step:
            `torch.rand(B, generator=generator)`. Drawn on the CPU they give the same tags on
            every device, and drawn for a whole batch, the same however processes share it.
    Returns:
        int64 (B,); -1 where an image has no relevant tag.
    """
    below = labels.long().cumsum(1)
    relevant = below[:, -1] if labels.shape[1] else below.sum(1)
    drawn = (uniform.to(labels.device) * relevant).long()
    # The drawn tag is preceded by as many columns as have not yet gone past `drawn` relevant tags.
    return torch.where(relevant > 0, (below <= drawn[:, None]).sum(1), -1)


def mean_softmax_loss(logits: Tensor, labels: Tensor, weights: Tensor | None = None,
                      count: Tensor | float | None = None) -> Tensor:
    """The mean of `softmax_loss` over the tags that `draw_tags` may draw: what a step's loss is on average.

    Args:
        logits: (B, C), as for `softmax_loss`; weights and count too.
        labels: (B, C), 0 or 1, float or bool.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    losses = -logits.log_softmax(1)
    if weights is not None:
        losses = losses * weights.to(logits)
    tags = labels.sum(1)
    if count is None:
        count = (tags > 0).sum().clamp(min=1)
    return (torch.where(labels.bool(), losses, 0).sum(1) / tags.clamp(min=1)).sum() / count


def softmax_loss(logits: Tensor, tags: Tensor, weights: Tensor | None = None,
                 count: Tensor | float | None = None) -> Tensor:
    """Cross-entropy of one tag per image, times the tag's weight; mean over the images that have one.

    The sum is divided by the images and not, as torch does by itself, by their weights: an
    image's share then does not depend on the rest of the batch.

    Args:
        logits: (B, C), any float type; computed in float32 (float64 stays).
        tags: int64 (B,), from `draw_tags`; -1 for an image without the facet, which is left out.
        weights: (C,), a tag's weight; None for 1 each.
        count: what to divide the sum by; None for the images with a tag. Several processes that
            share a batch pass the batch's count.
    Returns:
        scalar; 0, with gradient 0, when no image has a tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    weights = weights if weights is None else weights.to(logits)
    if count is None:
        count = (tags >= 0).sum().clamp(min=1)
    return cross_entropy(logits, tags, weights, ignore_index=-1, reduction="sum") / count
