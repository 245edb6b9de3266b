"""What a loss makes of a single tag: what it costs at each probability, and which way and how hard it pushes."""

import numpy as np
import torch

from ..losses.splc import TRUSTED_EPOCHS
from .objectives import OBJECTIVES, begin_epoch

_CERTAIN = 60.0
"""The logit of another tag that is on record, so that the image counts; it costs nothing at such a probability."""


def tag_costs(objective: str, probabilities: np.ndarray, on_record: bool) -> tuple[np.ndarray, np.ndarray]:
    """Cost and push of one tag, by the probability that the model gives it.

    Args:
        objective: a key of `objectives.OBJECTIVES` that asks one question per tag; late in a training, if its loss changes.
        probabilities: (N,), each more than 0 and less than 1; NaN gives NaN.
        on_record: whether the tag is on the image's record.
    Returns:
        float64 (N,), the loss, and float64 (N,), minus its derivative by the logit: positive where training raises the
        probability.
    """
    loss = OBJECTIVES[objective](None, None, reduction="sum")
    begin_epoch(loss, TRUSTED_EPOCHS)
    own = torch.logit(torch.as_tensor(np.asarray(probabilities, np.float64)))
    logits = torch.stack([own, torch.full_like(own, _CERTAIN)], dim=1).requires_grad_()
    labels = torch.tensor([[on_record, True]])
    costs = torch.vmap(lambda row: loss(row[None], labels, None, 1))(logits)
    costs.sum().backward()
    return costs.detach().numpy(), -logits.grad[:, 0].numpy()
