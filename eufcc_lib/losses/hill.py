"""The Hill loss for tags that may be missing (Zhang et al. 2021, arXiv 2112.07368, beyond the paper).

An absent tag pulls hardest where the model is undecided. Where the model is nearly sure that an absent tag is there, the
record is the likelier to be wrong, so the pull fades again: over the probability it has the shape of a hill.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from .reduction import reduce_losses

WEIGHT = 1.5
"""Lambda of the authors: with it the pull of an absent tag on its logit is 3 p^2 (1 - p)^2, as steep on either side of one half."""

MARGIN = 1.0
"""Taken off the logit of a present tag, so that one with a probability just above one half is still pushed (the authors' code)."""

FOCUS = 2
"""Exponent on the probability that a present tag still lacks (the authors' code)."""


def hill_loss(logits: Tensor, labels: Tensor, count: Tensor | float | None = None, reduction: str = "mean") -> Tensor:
    """The sum of two parts over tags, then as in `reduce_losses`.

    An absent tag costs (WEIGHT - p) p^2, p the sigmoid of its logit: a squared error with a weight that falls as the model
    grows sure of the tag. One that is there costs -(1 - m)^FOCUS log m, m the sigmoid of its logit less MARGIN: a focal loss
    that stops at semi-hard images, where m is near one.

    Args:
        logits: (B, C), any float type; computed in float32 (float64 stays).
        labels: (B, C), 0 or 1, float or bool.
        count, reduction: see `reduce_losses`.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    probability, lowered = logits.sigmoid(), logits - MARGIN
    present = -(-lowered).sigmoid() ** FOCUS * logsigmoid(lowered)
    absent = (WEIGHT - probability) * probability ** 2
    return reduce_losses(torch.where(labels.bool(), present, absent), labels, count, reduction)
