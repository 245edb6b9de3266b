"""Adapting a multi-label model to a museum whose tags have other frequencies than those in training (prior shift).

A museum hands over a batch of photographs, without records. How common each tag is among them is estimated from the model's
own answers, and every answer is corrected for it.
"""

import numpy as np
from scipy.special import expit, logit

TOLERANCE = 1e-6
"""EM ends once no prior changes by more than this in a round."""

ROUNDS = 200
"""EM ends after this many rounds at the latest, for tags whose prior approaches 0 slowly."""

BOUND = 1e-4
"""Priors stay between this and 1 minus this, so that a tag that seems absent from a batch can still be suggested."""

FEWEST = 20
"""Images that a batch needs: among fewer, a tag that is on one image in twenty is expected less than once."""


def adapt_to_batches(logits: np.ndarray, training_prior: np.ndarray, batches: np.ndarray) -> np.ndarray:
    """The logits as they would be if the model had been trained with the priors of each image's batch.

    A prior shift adds one number per tag to the log-odds: the new prior's log-odds minus those of the training prior (Saerens,
    Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities", equation 2.4 for the two
    classes yes and no). It assumes that photographs with a tag look alike at every museum, and so do those without it.

    Args:
        logits: float32 (N, C), finite; their sigmoids are probabilities.
        training_prior: (C,), each tag's share of the training images.
        batches: int (N,), the batch of each image; negative for images of none, which keep their logits, as do those of a
            batch of fewer than `FEWEST`.
    Returns:
        float32 (N, C).
    """
    adapted = np.array(logits, np.float32)
    for batch in np.unique(batches[batches >= 0]):
        rows = np.flatnonzero(batches == batch)
        if len(rows) >= FEWEST:
            shift = _log_odds(estimate_prior(logits[rows], training_prior)) - _log_odds(training_prior)
            adapted[rows] = logits[rows] + shift
    return adapted


def estimate_prior(logits: np.ndarray, training_prior: np.ndarray) -> np.ndarray:
    """Each tag's share of a batch of images, estimated without labels by EM (Saerens et al. 2002, equation 2.9).

    In each round, the probabilities are corrected for the current priors, and their means over the batch are the next ones.
    With two classes the likelihood is concave in a tag's prior, so this climbs to its only maximum.

    Args:
        logits, training_prior: as in `adapt_to_batches`; at least one image.
    Returns:
        float64 (C,), between `BOUND` and 1 - `BOUND`.
    """
    start = _log_odds(training_prior)
    evidence = logits.astype(np.float64) - start  # log-likelihood ratio of yes and no
    prior = expit(start)
    for _ in range(ROUNDS):
        before, prior = prior, np.clip(expit(evidence + logit(prior)).mean(axis=0), BOUND, 1 - BOUND)
        if np.abs(prior - before).max(initial=0) <= TOLERANCE:
            break
    return prior


def _log_odds(prior: np.ndarray) -> np.ndarray:
    return logit(np.clip(prior, BOUND, 1 - BOUND))
