"""What a head is trained for, and how its outputs become scores: one objective a facet.

An objective is a module made from the facet's taxonomy. Called with logits and labels it gives
the facet's loss; `scores` turns logits into numbers to rank by. The loss of a model is the sum
over its facets. What is read from images, and what a head is, is the business of `models`.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from .taxonomy import Taxonomy


def multi_label_loss(logits: Tensor, labels: Tensor, images: Tensor | float | None = None) -> Tensor:
    """Binary cross-entropy of every tag, mean over the C tags, then over the images that have the facet.

    Paper section 4.1.1 with the sign it omits: -(y log p + (1 - y) log(1 - p)), p the sigmoid of the
    logit. It gives the formula a tag and leaves the reduction open. The mean over tags makes an
    image's loss in a facet of 900 tags as large as in one of 7, and is what torch does by itself. An
    image without a tag in the facet was most likely not annotated there, so it says nothing.

    Args:
        logits: (B, C), any float type; computed in float32, also under autocast (float64 stays).
        labels: (B, C), 0 or 1, float or bool.
        images: what to divide the sum over images by; None for the images with a relevant tag.
            Several processes that share a batch pass the batch's count.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    has_facet = labels.any(1)
    losses = binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none").mean(1)
    if images is None:
        images = has_facet.sum().clamp(min=1)
    return torch.where(has_facet, losses, 0).sum() / images


class MultiLabel(nn.Module):
    """Each tag a yes-or-no question of its own (`multi_label`)."""

    def __init__(self, taxonomy: Taxonomy):
        super().__init__()

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor,
                images: Tensor | float | None = None) -> Tensor:
        """`multi_label_loss`.

        Args:
            uniform: (B,) random numbers from [0, 1), anew each step, for objectives that draw one
                of an image's tags; this one takes all of them.
        """
        return multi_label_loss(logits, labels, images)

    def scores(self, logits: Tensor) -> Tensor:
        """The logits in float32: the sigmoid keeps their order, but would round the best to 1."""
        return logits.float()


OBJECTIVES = {"multi_label": MultiLabel}
"""Objectives by the name that a model of the registry gives."""
