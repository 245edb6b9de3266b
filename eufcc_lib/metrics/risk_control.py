"""A probability threshold for a promised precision, chosen so that the promise seldom fails: learn then test.

Angelopoulos, Bates, Candès, Jordan and Lei 2021: each threshold is a hypothesis, "of the suggestions at or above it fewer
are right than promised", and only one that is rejected may be used. Nothing is assumed about the model. The objects must
be drawn like those that the promise is about.

The suggestions for one object, in one photograph or in several, are right and wrong together. So one of them is drawn at
random, as an auditor would. What is drawn is right or wrong independently from object to object, and the number of wrong
ones is binomial, however few they are.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import bdtr

THRESHOLDS = np.arange(99, 0, -1) / 100
"""The thresholds that are tried, highest first. They are fixed before any image is seen, in steps that readers see."""


@dataclass(frozen=True, eq=False)
class Suggestions:
    """The suggestions for K objects at each of the T thresholds: the tags whose probability is not below it.

    Attributes:
        shown: int64 (K, T), suggestions for all photographs of an object.
        right: int64 (K, T), those of them on record.
        drawn: bool (K, T), whether the one that was drawn is on record; false also where there is none.
        relevant: int64 (K,), tags on record of all photographs.
        images: int64 (K,), photographs.
    """

    shown: np.ndarray
    right: np.ndarray
    drawn: np.ndarray
    relevant: np.ndarray
    images: np.ndarray

    def precision(self, place: int) -> np.ndarray:
        """float64 (K,), the share of an object's suggestions that is right; NaN where there is none.

        Its mean over objects is what is promised: the chance that a suggestion for an object is right. Each object
        counts once, however many suggestions it has.
        """
        shown = self.shown[:, place]
        return self.right[:, place] / np.where(shown, shown, np.nan)

    def recall(self, place: int) -> np.ndarray:
        """float64 (K,), the share of an object's tags on record that is suggested."""
        return self.right[:, place] / self.relevant


def count_suggestions(probabilities: np.ndarray, labels: csr_array, units: np.ndarray, seed: int = 0) -> Suggestions:
    """The suggestions at each of `THRESHOLDS` for the objects that have a tag on record.

    Args:
        probabilities: (N, C).
        labels: bool (N, C), canonical.
        units: (N,), equal for photographs of one object.
        seed: of the draw of one suggestion per object.
    """
    rows = np.flatnonzero(np.diff(labels.indptr))
    probabilities, labels = probabilities[rows], labels[rows]
    codes, names = pd.factorize(np.asarray(units)[rows])
    image, tag = np.nonzero(probabilities >= THRESHOLDS[-1])
    own = labels.toarray()[image, tag]
    # The first threshold, from the highest down, that a suggestion reaches.
    first = len(THRESHOLDS) - np.searchsorted(THRESHOLDS[::-1], probabilities[image, tag], side="right")
    shape, place = (len(names), len(THRESHOLDS)), codes[image] * len(THRESHOLDS) + first

    def count(places: np.ndarray) -> np.ndarray:
        return np.bincount(places, minlength=shape[0] * shape[1]).reshape(shape).cumsum(axis=1)
    # Whatever the threshold, the first of an object's suggestions in a random order is drawn.
    order = np.random.default_rng(seed).permutation(len(place))
    foremost = np.full(shape[0] * shape[1], len(place))
    np.minimum.at(foremost, place[order], np.arange(len(place)))
    foremost = np.minimum.accumulate(foremost.reshape(shape), axis=1)
    return Suggestions(count(place), count(place[own]), np.append(own[order], False)[foremost],
                       np.bincount(codes, np.diff(labels.indptr), len(names)).astype(np.int64),
                       np.bincount(codes, minlength=len(names)))


@dataclass(frozen=True)
class Walk:
    """Places in `THRESHOLDS`: where a walk down them started, and the last at which the promise is kept; or None."""

    start: int | None
    last: int | None


def choose_threshold(suggestions: Suggestions, promise: float, confidence: float) -> Walk:
    """The lowest threshold whose suggestions keep a promised precision, as far as these objects can tell.

    Fixed-sequence testing: from the highest threshold down, until one cannot be rejected, so that no correction for
    their number is due. The walk starts where so many objects have suggestions that one wrong draw could be borne. Where
    it starts depends on their number, not on which are right; so it changes nothing as long as precision does not rise
    again below a threshold that breaks the promise.

    Args:
        promise: the precision, above 0 and below 1.
        confidence: in how many of all validation splits the promise should hold.
    """
    objects = (suggestions.shown > 0).sum(axis=0)
    wrong = objects - suggestions.drawn.sum(axis=0)
    # The chance of so few wrong ones at just the promised precision; NaN below two objects.
    enough = np.flatnonzero(bdtr(1, objects, 1 - promise) <= 1 - confidence)
    if not len(enough):
        return Walk(None, None)
    start = int(enough[0])
    kept = bdtr(wrong[start:], objects[start:], 1 - promise) <= 1 - confidence
    steps = len(kept) if kept.all() else int(kept.argmin())
    return Walk(start, start + steps - 1 if steps else None)
