"""The asymmetric loss for tags that may be missing (Ridnik et al. 2021, beyond the paper).

An image has a few tags and lacks hundreds, and some of those that it lacks were only forgotten. Binary
cross-entropy believes every absent tag; here an absent tag counts less the surer the model
already is of its absence, and not at all below a margin.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from .reduction import reduce_losses

FOCUS = 4.0
"""Exponent on the probability of an absent tag; 0 would be binary cross-entropy (with no margin)."""

MARGIN = 0.05
"""An absent tag with less probability than this costs nothing."""


def asymmetric_loss(logits: Tensor, labels: Tensor, count: Tensor | float | None = None) -> Tensor:
    """Sum over the C tags, then the mean over the images that have the facet.

    A tag that is there costs -log p. One that is absent costs -q^FOCUS log(1 - q), with
    q = max(p - MARGIN, 0): equations 5 to 7 of Ridnik et al., positives unfocused. A sum, for the
    many absent tags that cost nothing would make a mean fade.

    Args:
        logits: (B, C), any float type; computed in float32 (float64 stays).
        labels: (B, C), 0 or 1, float or bool.
        count: what to divide the sum over images by; None for the images with a relevant tag.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    shifted = (logits.sigmoid() - MARGIN).clamp(min=0)
    absent = shifted ** FOCUS * torch.log1p(-shifted)
    return reduce_losses(-torch.where(labels.bool(), logsigmoid(logits), absent), labels, count, "sum")
