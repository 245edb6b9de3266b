"""The metrics of a split, facet by facet, with their intervals: those of paper section 5.1, of the tail, the tree and trust."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from ..core.errors import unknown
from ..core.facets import FACET_NAMES
from ..data.labels import Labels
from ..data.taxonomy import Taxonomy
from .bootstrap import mean_intervals, ratio_values
from .calibration import LIKELY, best_tags, calibration_error, precision_and_recall_at
from .ranking import Ranks, accuracy_at, average_rank_position, r_precision, rank_relevant
from .tail import MEDIUM, macro_values, propensity_r_precision
from .tree import tree_values


@dataclass(frozen=True, eq=False)
class Training:
    """How frequent the tags are in training.

    Attributes:
        images: N, training images.
        tags: int64 (C,) by facet, those of them with each tag.
        medium: fewest and most training images of a medium tag; see `tail.MEDIUM`.
    """

    images: int
    tags: Mapping[str, np.ndarray]
    medium: tuple[int, int] = MEDIUM


@dataclass(frozen=True)
class MetricsRow:
    """The metrics of one model on one split in one facet: a row of a result file.

    Attributes:
        r_precision, acc_at_1, acc_at_10, avg_rank_position: see `ranking`; means over `images`, None without images.
        avg_rank_fraction: avg_rank_position over the number of tags.
        images: images that were evaluated: those with a tag of the vocabulary.
        images_without_facet: skipped, for they carry no tag in this facet.
        images_outside_vocabulary: skipped, for all their tags are outside the vocabulary.
        tags: C, the size of the vocabulary.
        tags_outside_vocabulary: annotations (image, tag) left out, for the tag is outside.
        relevant_tags_tied: share of relevant tags whose score another tag of the image has too.
        interval: the 95 % interval [low, high] of each metric with a number, by its name, over objects; None with fewer
            than `bootstrap.FEWEST_UNITS`.
        provider_interval: the same over providers; None also where they are not known.
        macro_average_precision, ..., tail_r_precision: see `tail`, means over the tags that an image has. Those of a band
            are None where it has no such tag, and all bands without a training split.
        propensity_r_precision: see `tail`; None without a training split.
        hierarchical_precision, ..., depth_at_95: see `tree`; None where the tree is not known. `incoherence` is None
            where no tag has a parent.
        calibration_error: of the best tags' probabilities, see `calibration.calibration_error`; it has no interval.
        precision_at_half, recall_at_half: of all pairs of image and tag with a probability of at least `calibration.LIKELY`.
            These three are None for scores that are no probabilities.
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
    macro_average_precision: float | None = None
    head_average_precision: float | None = None
    medium_average_precision: float | None = None
    tail_average_precision: float | None = None
    macro_r_precision: float | None = None
    head_r_precision: float | None = None
    medium_r_precision: float | None = None
    tail_r_precision: float | None = None
    propensity_r_precision: float | None = None
    hierarchical_precision: float | None = None
    hierarchical_recall: float | None = None
    hierarchical_f1: float | None = None
    hierarchical_average_precision: float | None = None
    incoherence: float | None = None
    depth_at_95: float | None = None
    calibration_error: float | None = None
    precision_at_half: float | None = None
    recall_at_half: float | None = None


RANKING_METRICS = ("r_precision", "acc_at_1", "acc_at_10", "avg_rank_position")
"""The four that the paper reports."""

FURTHER_METRICS = tuple(field.name for field in fields(MetricsRow) if field.default is None)
"""All beside the paper's."""


def per_image_metrics(ranks: Ranks) -> dict[str, np.ndarray]:
    """The four metrics of each image, float64 (N,) by the names that `MetricsRow` gives their means."""
    return {"r_precision": r_precision(ranks), "acc_at_1": accuracy_at(ranks, 1), "acc_at_10": accuracy_at(ranks, 10),
            "avg_rank_position": average_rank_position(ranks)}


def further_metrics(scores: np.ndarray, labels: Labels, ranks: Ranks, taxonomy: Taxonomy | None = None,
                    training: Training | None = None, probabilities: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The metrics of the tail and the tree for each image, float64 (N,) by the names that `MetricsRow` gives their means.

    Those that are no means over images come as pseudo-values, see `tail`. A metric without a number is missing.

    Args:
        scores: float32 (N, C).
        labels: of the N images.
        ranks: of the relevant tags among the scores.
        taxonomy, training: see `evaluate`.
        probabilities: float (N, C), the scores as such, where they can be.
    """
    evaluated = np.flatnonzero(ranks.relevant)
    if not len(evaluated):
        return {}
    matrix = labels.matrix
    if len(evaluated) < len(scores):
        scores, matrix = scores[evaluated], matrix[evaluated]
        probabilities = None if probabilities is None else probabilities[evaluated]
    counts = training and training.tags[labels.facet]
    found = macro_values(scores, matrix, counts, training.medium if training else MEDIUM)
    if taxonomy:
        found |= tree_values(scores, matrix, taxonomy, probabilities)
    values = {}
    for metric, part in found.items():
        values[metric] = np.full(len(ranks.relevant), np.nan)
        values[metric][evaluated] = part
    if training:
        values["propensity_r_precision"] = propensity_r_precision(ranks, labels.matrix, counts, training.images)
    return values


def metric_ranges(tags: int, levels: int = 1) -> dict[str, tuple[float, float]]:
    """The lowest and the highest value of each metric with that many tags, on that many levels of a tree.

    They are equal where every ranking gives the same: Acc@k with k tags or fewer.
    """
    return {**dict.fromkeys(RANKING_METRICS + FURTHER_METRICS, (float(tags == 1), 1.0)), "acc_at_10": (float(tags <= 10), 1.0),
            "avg_rank_position": (1.0, float(tags)), "incoherence": (0.0, 1.0), "precision_at_half": (0.0, 1.0),
            "recall_at_half": (0.0, 1.0), "depth_at_95": (0.0, float(levels))}


def evaluate(scores: Mapping[str, np.ndarray], labels: Mapping[str, Labels], model: str, data: str, split: str,
             objects: np.ndarray | None = None, providers: np.ndarray | None = None,
             trees: Mapping[str, Taxonomy] | None = None, training: Training | None = None,
             probabilities: Mapping[str, Callable[[np.ndarray], np.ndarray] | None] | None = None) -> list[MetricsRow]:
    """The metrics of every scored facet, in the order of `FACETS`.

    Args:
        scores: (N, C) float32 for each facet that the model knows.
        labels: the split's labels for at least those facets.
        model, data, split: what the rows are called.
        objects: (N,), equal for photographs of one object, for `interval`; by default each shows its own.
        providers: (N,), the institution of each image, for `provider_interval`.
        trees: the tags of each facet, for the metrics of the tree.
        training: for the metrics of the tail that depend on it.
        probabilities: by facet what turns scores into probabilities, where they can be.
    Raises:
        UserError: a facet without labels; see also `rank_relevant`.
    """
    for facet in scores:
        if facet not in FACET_NAMES or facet not in labels:
            raise unknown("facet", facet, labels)
    return [_evaluate_facet(scores[facet], labels[facet], objects, providers, (model, data, split, facet),
                            trees and trees[facet], training, (probabilities or {}).get(facet))
            for facet in FACET_NAMES if facet in scores]


def _evaluate_facet(scores: np.ndarray, labels: Labels, objects: np.ndarray | None, providers: np.ndarray | None,
                    names: tuple[str, str, str, str], taxonomy: Taxonomy | None, training: Training | None,
                    link: Callable[[np.ndarray], np.ndarray] | None) -> MetricsRow:
    ranks = rank_relevant(scores, labels.matrix, labels.facet)
    evaluated = ranks.relevant > 0
    probabilities = link and link(scores)
    trust, weights, error = _measure_trust(probabilities, labels)
    per_image = per_image_metrics(ranks) | further_metrics(scores, labels, ranks, taxonomy, training, probabilities) | trust
    means = {metric: _mean(values) for metric, values in per_image.items()} | {"calibration_error": _mean(np.array([error]))}
    average_rank = means["avg_rank_position"]
    ranges = metric_ranges(ranks.tags, int(taxonomy.depth.max(initial=0)) + 1 if taxonomy else 1)
    by_object = mean_intervals(per_image, ranges, np.arange(len(evaluated)) if objects is None else objects, weights=weights)
    by_provider = (dict.fromkeys(per_image) if providers is None
                   else mean_intervals(per_image, ranges, providers, weights=weights))
    return MetricsRow(
        *names, **means, interval=by_object, provider_interval=by_provider,
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
