"""Self-paced loss correction for tags that may be missing (Zhang et al. 2021, arXiv 2112.07368, beyond the paper).

After a first epoch in which the record is believed, a tag that it lacks counts as there once the model is sure enough of
it: the model corrects its own targets.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from .hill import FOCUS, MARGIN
from .reduction import reduce_losses

THRESHOLD = 0.6
"""Tau of the authors' code: an absent tag with a higher probability counts as there."""

TRUSTED_EPOCHS = 1
"""Epochs in which the record is believed (the authors' code)."""


def splc_loss(logits: Tensor, labels: Tensor, count: Tensor | float | None = None, reduction: str = "mean",
              corrected: bool = True) -> Tensor:
    """A focal loss with a margin for the tags on record, on corrected labels.

    A tag that is there costs -(1 - m)^FOCUS log m, m the sigmoid of its logit less MARGIN. Of the others, one with a
    probability p above THRESHOLD costs the same of p, without the margin, as in the authors' code; the rest cost
    -p^FOCUS log(1 - p).

    Args:
        logits: (B, C), any float type; computed in float32 (float64 stays).
        labels: (B, C), 0 or 1, float or bool, as on record. An image without any tag on record is left out, whatever the
            model is sure of.
        count, reduction: see `reduce_losses`.
        corrected: whether absent tags can count as there; not before `TRUSTED_EPOCHS` are over.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    on_record = labels.bool()
    present = on_record | (logits.sigmoid() > THRESHOLD) if corrected else on_record
    lowered = torch.where(on_record, logits - MARGIN, logits)
    right = torch.where(present, lowered, -lowered)  # the logit of the answer that counts as right
    return reduce_losses(-(-right).sigmoid() ** FOCUS * logsigmoid(right), labels, count, reduction)
