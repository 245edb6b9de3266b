"""Every tag is a yes-or-no question of its own (paper section 4.1.1)."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

REDUCTIONS = ("mean", "sum")
"""What an image's loss in a facet is, over the facet's tags."""


def multi_label_loss(logits: Tensor, labels: Tensor, count: Tensor | float | None = None,
                     reduction: str = "mean") -> Tensor:
    """Binary cross-entropy of every tag, mean or sum over the C tags, then mean over the images that have the facet.

    Paper section 4.1.1 with the sign it omits: -(y log p + (1 - y) log(1 - p)), p the sigmoid of the
    logit. It gives the formula per tag and leaves the reduction open. The mean over tags is what torch
    does by itself. It does not give all facets the same weight in a shared network: absent tags are soon
    learned, and each of an image's few tags then counts 1 / C. The sum leaves it its whole weight. An
    image without a tag in the facet was most likely not annotated there, so it does not count.

    Args:
        logits: (B, C), any float type; computed in float32, also under autocast (float64 stays).
        labels: (B, C), 0 or 1, float or bool.
        count: what to divide the sum over images by; None for the images with a relevant tag.
            Several processes that share a batch pass the batch's count.
        reduction: over the tags, one of `REDUCTIONS`.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    has_facet = labels.any(1)
    losses = binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")
    losses = losses.sum(1) if reduction == "sum" else losses.mean(1)
    if count is None:
        count = has_facet.sum().clamp(min=1)
    return torch.where(has_facet, losses, 0).sum() / count
