"""The metrics of a split, facet by facet, with their intervals (paper section 5.1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..core.errors import unknown
from ..core.facets import FACET_NAMES
from ..data.labels import Labels
from .bootstrap import mean_intervals, ratio_values
from .calibration import LIKELY, best_tags, calibration_error, precision_and_recall_at
from .ranking import Ranks, accuracy_at, average_rank_position, r_precision, rank_relevant


@dataclass(frozen=True)
class MetricsRow:
    """The metrics of one model on one split in one facet: a row of a result file.

    Attributes:
        r_precision, acc_at_1, acc_at_10, avg_rank_position: means over `images`; None without images.
        avg_rank_fraction: avg_rank_position over the number of tags.
        images: images that were evaluated: those with a tag of the vocabulary.
        images_without_facet: skipped, for they carry no tag in this facet.
        images_outside_vocabulary: skipped, for all their tags are outside the vocabulary.
        tags: C, the size of the vocabulary.
        tags_outside_vocabulary: annotations (image, tag) left out, for the tag is outside.
        relevant_tags_tied: share of relevant tags whose score another tag of the image has too.
        calibration_error: of the best tags' probabilities, see `calibration.calibration_error`; it has no interval.
        precision_at_half, recall_at_half: of all pairs of image and tag with a probability of at least `calibration.LIKELY`.
            All three are None for scores that are no probabilities.
        interval: the 95 % interval [low, high] of each of the four means, by its name, over objects; None with fewer
            than `bootstrap.FEWEST_UNITS`.
        provider_interval: the same over providers; None also where they are not known.
    """

    model: str
    data: str
    split: str
    facet: str
    r_precision: float | None
    acc_at_1: float | None
    acc_at_10: float | None
    avg_rank_position: float | None
    avg_rank_fraction: float | None
    images: int
    images_without_facet: int
    images_outside_vocabulary: int
    tags: int
    tags_outside_vocabulary: int
    relevant_tags_tied: float | None
    interval: dict
    provider_interval: dict
    calibration_error: float | None = None
    precision_at_half: float | None = None
    recall_at_half: float | None = None


TRUST_METRICS = ("calibration_error", "precision_at_half", "recall_at_half")
"""Metrics of scores that are probabilities."""


def per_image_metrics(ranks: Ranks) -> dict[str, np.ndarray]:
    """The four metrics of each image, float64 (N,) by the names that `MetricsRow` gives their means."""
    return {"r_precision": r_precision(ranks), "acc_at_1": accuracy_at(ranks, 1), "acc_at_10": accuracy_at(ranks, 10),
            "avg_rank_position": average_rank_position(ranks)}


def metric_ranges(tags: int) -> dict[str, tuple[float, float]]:
    """The lowest and the highest value of an image in each of the four metrics, with that many tags.

    They are equal where every ranking gives the same: Acc@k with k tags or fewer.
    """
    return {"r_precision": (float(tags == 1), 1.0), "acc_at_1": (float(tags == 1), 1.0),
            "acc_at_10": (float(tags <= 10), 1.0), "avg_rank_position": (1.0, float(tags))}


def evaluate(scores: Mapping[str, np.ndarray], labels: Mapping[str, Labels], model: str, data: str, split: str,
             objects: np.ndarray | None = None, providers: np.ndarray | None = None,
             probabilities: Mapping[str, Callable | None] | None = None) -> list[MetricsRow]:
    """The metrics of every scored facet, in the order of `FACETS`.

    Args:
        scores: (N, C) float32 for each facet that the model knows.
        labels: the split's labels for at least those facets.
        model, data, split: what the rows are called.
        objects: (N,), equal for photographs of one object, for `interval`; by default each shows its own.
        providers: (N,), the institution of each image, for `provider_interval`.
        probabilities: by facet what turns scores into probabilities, where they can be.
    Raises:
        UserError: a facet without labels; see also `rank_relevant`.
    """
    for facet in scores:
        if facet not in FACET_NAMES or facet not in labels:
            raise unknown("facet", facet, labels)
    return [_evaluate_facet(scores[facet], labels[facet], objects, providers, (model, data, split, facet),
                            (probabilities or {}).get(facet))
            for facet in FACET_NAMES if facet in scores]


def _evaluate_facet(scores: np.ndarray, labels: Labels, objects: np.ndarray | None,
                    providers: np.ndarray | None, names: tuple[str, str, str, str],
                    probabilities: Callable | None) -> MetricsRow:
    ranks = rank_relevant(scores, labels.matrix, labels.facet)
    evaluated = ranks.relevant > 0
    trust, weights, error = _measure_trust(probabilities and probabilities(scores), labels)
    per_image = per_image_metrics(ranks) | trust
    means = {metric: _mean(values) for metric, values in per_image.items()}
    average_rank = means["avg_rank_position"]
    means["calibration_error"] = _mean(np.array([error]))
    ranges = metric_ranges(ranks.tags) | dict.fromkeys(trust, (0.0, 1.0))
    nothing = dict.fromkeys([*per_image, *TRUST_METRICS])
    by_object = mean_intervals(per_image, ranges, np.arange(len(evaluated)) if objects is None else objects, weights=weights)
    by_provider = {} if providers is None else mean_intervals(per_image, ranges, providers, weights=weights)
    return MetricsRow(
        *names, **means, interval=nothing | by_object, provider_interval=nothing | by_provider,
        avg_rank_fraction=None if average_rank is None else round(average_rank / ranks.tags, 6),
        images=int(evaluated.sum()),
        images_without_facet=int((~evaluated & (labels.outside == 0)).sum()),
        images_outside_vocabulary=int((~evaluated & (labels.outside > 0)).sum()),
        tags=ranks.tags, tags_outside_vocabulary=int(labels.outside.sum()),
        relevant_tags_tied=_mean(ranks.tied))


def _measure_trust(probabilities: np.ndarray | None, labels: Labels) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], float]:
    """Precision and recall at one half as values of the images, their weights for `mean_intervals`, and the calibration error.

    That has no interval: chance only adds to it, so that an interval around it misses the true one. Without
    probabilities, or where nothing reaches one half, there is no number.
    """
    if probabilities is None:
        return {}, {}, np.nan
    shares = {f"{metric}_at_half": parts for metric, parts in
              precision_and_recall_at(probabilities, labels.matrix, LIKELY).items() if np.nansum(parts[1])}
    best = np.stack(best_tags(probabilities, labels.matrix))
    return ({metric: ratio_values(*parts) for metric, parts in shares.items()},
            {metric: below for metric, (_, below) in shares.items()}, calibration_error(*best[:, ~np.isnan(best[0])]))


def _mean(values: np.ndarray) -> float | None:
    """Mean without the NaN of skipped images, to six decimals so that result files stay readable."""
    values = values[~np.isnan(values)]
    return round(float(values.mean()), 6) if len(values) else None
