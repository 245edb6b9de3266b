"""Choosing a setting on the validation split, by the mean R-precision over the facets."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_array

from ..metrics.ranking import r_precision, rank_relevant

Setting = TypeVar("Setting")


def choose(settings: Iterable[Setting], score: Callable[[Setting], Mapping[str, np.ndarray]],
           labels: Mapping[str, csr_array]) -> Setting | None:
    """The setting whose scores rank the labels best, the first of equally good ones; None if no image has a label.

    Args:
        settings: what is tried.
        score: a setting to the scores (N, C) by facet.
        labels: bool (N, C) by facet, of the validation images.
    """
    best, most = None, -np.inf
    for setting in settings if any(part.nnz for part in labels.values()) else ():
        mean = np.mean([value for value, _ in r_precisions(score(setting), labels).values()])
        if mean > most:
            best, most = setting, mean
    return best


def r_precisions(scores: Mapping[str, np.ndarray], labels: Mapping[str, csr_array]) -> dict[str, tuple[float, int]]:
    """By facet the mean R-precision over the images with a label, and their number; without facets that have none.

    Args:
        scores: (N, C) by facet.
        labels: as in `choose`.
    """
    judged = {facet: np.flatnonzero(np.diff(part.indptr)) for facet, part in labels.items()}
    return {facet: (float(r_precision(rank_relevant(scores[facet][rows], labels[facet][rows], facet)).mean()), len(rows))
            for facet, rows in judged.items() if len(rows)}
