"""Combining the scores of several models (paper section 5.3, which does not say how), or those of one with the tree."""

import numpy as np

from ..data.taxonomy import Taxonomy, narrower_tags
from .links import find_link, probabilities

WEIGHTS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9, 0.0, 1.0)
"""Weights of the second model that are tried on the validation split. Of equally good ones the first is taken, also without a
validation image."""


def combine(scores: list[np.ndarray], members: tuple[str, ...], how: str) -> np.ndarray:
    """One score for each image and tag from those of several models.

    Args:
        scores: float32 (N, C) of each member.
        members: their names, which determine how scores become probabilities.
        how: `probabilities`, their mean; `scores`, the mean of the log-probabilities, standardised per image to
            mean 0 and standard deviation 1; `ranks`, the negative mean rank, with average ranks for ties.
    Returns:
        float32 (N, C).
    """
    if not scores[0].size:
        return scores[0]
    if how == "ranks":
        # Only now: every start of a training would wait half a second for it.
        from scipy.stats import rankdata

        return -np.mean([rankdata(-values, axis=1) for values in scores], axis=0, dtype=np.float32)
    likely = _probabilities(scores, members)
    if how == "probabilities":
        return np.mean(likely, axis=0, dtype=np.float64).astype(np.float32)
    return np.mean([_standardised(np.log(np.maximum(values, 1e-30))) for values in likely], axis=0).astype(np.float32)


def combine_weighted(scores: list[np.ndarray], members: tuple[str, ...], weight: float) -> np.ndarray:
    """The mean of two models' probabilities in which the second counts with the weight, from 0 to 1, and the first with the rest.

    Args:
        scores, members: as in `combine`.
    Returns:
        float32 (N, C).
    """
    first, second = _probabilities(scores, members)
    return ((1 - weight) * first + weight * second).astype(np.float32)


def close_upwards(scores: np.ndarray, taxonomy: Taxonomy) -> np.ndarray:
    """Scores in which a tag scores above every narrower one: its own score, or just above the best of theirs.

    The max constraint of Giunchiglia & Lukasiewicz 2020 ("Coherent hierarchical multi-label classification networks"),
    without their training. A raised tag gets the next float after the score below it, so that it precedes the tag that it
    was raised for in every ranking, whatever their order in the vocabulary. A tag with several parents raises all of them,
    and they tie. Where annotations contradict each other, each of two tags below the other, the tree decides
    (`narrower_tags`).

    Args:
        scores: float32 (N, C), finite; of any scale, which is kept.
        taxonomy: the C tags.
    Returns:
        float32 (N, C).
    """
    closed = np.array(scores.T, np.float32, order="C")  # tag by tag
    for tag, below in narrower_tags(taxonomy).items():
        for narrower in below:
            np.maximum(closed[tag], np.nextafter(closed[narrower], np.float32(np.inf)), out=closed[tag])
    return np.ascontiguousarray(closed.T)


def _probabilities(scores: list[np.ndarray], members: tuple[str, ...]) -> list[np.ndarray]:
    return [probabilities(values, find_link(member)) for values, member in zip(scores, members, strict=True)]


def _standardised(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=1, keepdims=True)
    return (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
