"""Adapting a multi-label model to a museum whose tags have other frequencies than those in training (prior shift).

A museum hands over a batch of photographs, without records. How common each tag is among them is estimated from the model's
own answers, and every answer is corrected for it.
"""

import numpy as np
from scipy.special import expit, logit

PSEUDO_IMAGES = 20
"""The training prior counts as much as this many images of a batch, so small batches hardly move it."""

TOLERANCE = 1e-6
"""EM ends once no prior changes by more than this in a round."""

ROUNDS = 200
"""EM ends after this many rounds at the latest."""

BOUND = 1e-4
"""A training prior is at least this and at most 1 minus this; a tag that no training image has would have no log-odds."""


def adapt_to_batches(logits: np.ndarray, training_prior: np.ndarray, batches: np.ndarray) -> np.ndarray:
    """The logits as they would be if the model had been trained with the priors of each image's batch.

    A prior shift adds one number per tag to the log-odds: the new prior's log-odds minus those of the training prior (Saerens,
    Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities", equation 2.4 for the two
    classes yes and no). It assumes that photographs with a tag look alike at every museum, and so do those without it.

    Args:
        logits: float32 (N, C), finite; their sigmoids are probabilities.
        training_prior: (C,), each tag's share of the training images.
        batches: int (N,), the batch of each image; negative for images of none, which keep their logits.
    Returns:
        float32 (N, C).
    """
    adapted = np.array(logits, np.float32)
    for batch in np.unique(batches[batches >= 0]):
        rows = batches == batch
        shift = logit(estimate_prior(logits[rows], training_prior)) - logit(_bounded(training_prior))
        adapted[rows] = logits[rows] + shift
    return adapted


def estimate_prior(logits: np.ndarray, training_prior: np.ndarray) -> np.ndarray:
    """Each tag's share of a batch of images, estimated without labels by EM.

    In each round, the probabilities are corrected for the current priors, and their means over the batch are the next ones
    (Saerens et al. 2002, equation 2.9). Alone, these means drive out tags that the model is seldom sure of. So
    `PSEUDO_IMAGES` with the training prior count too, which makes the estimate the mode under a beta distribution. The
    likelihood of yes or no is concave in a tag's prior, so there is only one such mode to climb to.

    Args:
        logits, training_prior: as in `adapt_to_batches`.
    Returns:
        float64 (C,), between 0 and 1, exclusive.
    """
    start = _bounded(training_prior)
    evidence = logits.astype(np.float64) - logit(start)  # log-likelihood ratio of yes and no
    prior = start
    for _ in range(ROUNDS):
        found = expit(evidence + logit(prior)).sum(axis=0)
        before, prior = prior, (found + PSEUDO_IMAGES * start) / (len(logits) + PSEUDO_IMAGES)
        if np.abs(prior - before).max(initial=0) <= TOLERANCE:
            break
    return prior


def _bounded(prior: np.ndarray) -> np.ndarray:
    return np.clip(prior, BOUND, 1 - BOUND)
