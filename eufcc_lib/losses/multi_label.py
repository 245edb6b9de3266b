"""Every tag is a yes-or-no question of its own (paper section 4.1.1)."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from .reduction import reduce_losses


def multi_label_loss(logits: Tensor, labels: Tensor, count: Tensor | float | None = None,
                     reduction: str = "mean") -> Tensor:
    """Binary cross-entropy of every tag, mean or sum over the C tags, then mean over the images that have the facet.

    Paper section 4.1.1 with the sign it omits: -(y log p + (1 - y) log(1 - p)), p the sigmoid of the
    logit. It gives the formula per tag and leaves the reduction open. The mean over tags is what torch
    does by itself. It does not give all facets the same weight in a shared network: absent tags are soon
    learned, and each of an image's few tags then counts 1 / C. The sum leaves it its whole weight.

    Args:
        logits: (B, C), any float type; computed in float32, also under autocast (float64 stays).
        labels: (B, C), 0 or 1, float or bool.
        count, reduction: see `reduce_losses`.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    losses = binary_cross_entropy_with_logits(logits, labels.to(logits.dtype), reduction="none")
    return reduce_losses(losses, labels, count, reduction)


def decided_loss(logits: Tensor, decisions: Tensor, count: Tensor | float | None = None, reduction: str = "mean") -> Tensor:
    """The same over the tags that somebody decided: the others cost nothing, and do not make the decided ones count more.

    Args:
        logits: (B, C), as above.
        decisions: (B, C), 1 for a tag that is there, -1 for one that is not, 0 for one that nobody decided.
        count, reduction: see `reduce_losses`; an image without a decision does not count.
    Returns:
        scalar; 0, with gradient 0, when nothing is decided.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    losses = binary_cross_entropy_with_logits(logits, (decisions > 0).to(logits.dtype), reduction="none")
    return reduce_losses(torch.where(decisions != 0, losses, 0), decisions, count, reduction)
