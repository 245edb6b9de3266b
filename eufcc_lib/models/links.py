"""What turns a network's scores into probabilities; a file of predictions can name the same.

Ranking needs only the order of scores, and scores keep more of it: many sigmoids round to 1.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import expit, softmax

from .registry import MODELS

LINKS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": expit, "softmax": lambda scores: softmax(scores, axis=1), "exp": np.exp}
"""By name: one yes-or-no question per tag; tags that compete, of (N, C) scores; scores that are logarithms."""


def find_link(model: str) -> str | None:
    """The link of a network's scores, as its objective says; `given` for votes, which are probabilities already.

    What is made from one member alone has scores of the member's kind. None for any other model, also one that is not of this library.
    """
    spec = MODELS.get(model)
    if spec and spec.family == "neighbours":
        return "given"
    if spec and len(spec.members) == 1:
        return find_link(*spec.members)
    if spec is None or spec.family not in ("vision", "clip"):
        return None
    from .objectives import OBJECTIVES  # only now, as a file of predictions is measured without PyTorch
    return OBJECTIVES[spec.objective or "one_tag"].link  # zero-shot CLIP scores like trained CLIP


def probabilities(scores: np.ndarray, link: str) -> np.ndarray:
    """Scores (N, C) as probabilities, float64, as float32 would tie tags that are almost certain; -inf becomes 0."""
    if not scores.size:
        return scores.astype(np.float64)
    with np.errstate(invalid="ignore"):
        found = scores.astype(np.float64) if link == "given" else LINKS[link](scores.astype(np.float64))
    found[(scores == -np.inf).all(axis=1)] = 0  # a file that lists nothing for an image: also the softmax has no tag to share 1 among
    return found
