"""Models that were trained on records with hidden tags: their numbers on tests that keep all tags, side by side.

`training.ablations.try_hidden` trains them; which tags are hidden is `data.hiding`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.facets import get_facet
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..data.records import SPLIT_TITLES
from ..metrics.evaluation import MetricsRow
from ..models.registry import MODELS
from ..models.tag_costs import tag_costs
from .estimates import Estimate, mean
from .paired import UnitNumber, adjust, against, find_number, sum_over_units
from .paper import MEAN, METRICS, TEST_SPLITS, TRUST_METRICS, Column, Metric
from .per_image import PerImage, measure_images
from .per_tag import Judged
from .scores import Scores

BASELINE = "multi_label"
"""The model with the loss that believes every record; the others are compared with it."""

LOSSES = (BASELINE, "asymmetric", "hill", "splc")
"""The models whose losses are compared."""

CLEAR = 0.05
"""A difference with a smaller p-value is not put down to chance."""

RANKED, RIGHT, SAID = METRICS[0], *TRUST_METRICS[1:]
"""The metrics of the comparison: whether an image's tags come first, whether what the model says yes to is on record, and
whether it says yes to what is on record."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A model on a test set: its metrics facet by facet, and those of each image."""

    rows: tuple[MetricsRow, ...]
    images: PerImage


def measure_trial(scores: Scores) -> Trial:
    """The metrics of a model that was trained to be compared."""
    return Trial(tuple(scores.measure()), measure_images(scores))


Trials = Mapping[tuple[str, float], Mapping[str, Trial]]
"""By model and share of the known tags that was hidden its trials on the test sets that exist."""


def explain_tag(judged: Judged, place: int | None) -> tuple[str, float, pd.DataFrame]:
    """One of an image's tags, as the losses treat it if it is on the record and if it is missing there.

    Returns:
        of the tags that have no narrower one on the record, the one that the `BASELINE` thinks likeliest; its probability;
        and by loss the cost and the push (see `tag_costs`). Without an image "", NaN and a table of NaN.
    """
    tags, taxonomy, answers = judged.tags(place), judged.taxonomy, judged.answers(BASELINE, place)
    ends = set(tags) - set(taxonomy.parent[tags].tolist())
    tag = max(ends, key=lambda tag: answers[tag], default=None)
    probability = float("nan") if tag is None else float(1 / (1 + np.exp(-np.float64(answers[tag]))))
    rows = {}
    for model in LOSSES:
        parts = (tag_costs(MODELS[model].objective, np.array([probability]), on_record) for on_record in (True, False))
        rows[MODELS[model].title] = [float(value) for part in parts for (value,) in part]
    columns = pd.MultiIndex.from_product([["on record", "missing"], ["cost", "push"]])
    return "" if tag is None else taxonomy.names[tag], probability, pd.DataFrame.from_dict(rows, orient="index").set_axis(columns, axis=1)


def count_gaps(datasets: Mapping[float, Dataset], split: str = "train") -> pd.DataFrame:
    """What hiding does to the images of a split that had a tag in a facet: one row per share, columns in two groups.

    Args:
        datasets: by the share that was hidden, 0 included.
    Returns:
        the share of these images that have no tag any more and so leave the facet's loss, and the share that keep some
        tags and lack others, whose gaps the loss takes for answers. NaN in a facet without tags.
    """
    rows = {}
    for share, dataset in datasets.items():
        row = rows.setdefault(share, {})
        for facet in dataset.vocabulary.taxonomies:
            known, left = (np.diff(part.labels(split)[facet].matrix.indptr) if split in part.records else np.zeros(0, int)
                           for part in (datasets[0], dataset))
            key, images = get_facet(facet).key, np.count_nonzero(known) or np.nan
            row["no tag left", key] = np.count_nonzero((left == 0) & (known > 0)) / images
            row["some tags missing", key] = np.count_nonzero((left > 0) & (left < known)) / images
    return pd.DataFrame.from_dict(rows, orient="index").sort_index(axis=1, level=0, sort_remaining=False)


def estimate_hidden(trials: Trials, metric: Metric = RANKED) -> dict[str, dict[tuple[str, float], Estimate]]:
    """By test set the metric of each model and share, a mean over the facets, with its interval over objects."""
    found = {}
    for key, splits in trials.items():
        for split, trial in splits.items():
            rows = [row for row in trial.rows if getattr(row, metric.name) is not None]
            bounds = [row.interval.get(metric.name) for row in rows]
            facets = [Estimate(getattr(row, metric.name), pair and tuple(pair)) for row, pair in zip(rows, bounds)]
            if facets:
                found.setdefault(split, {})[key] = mean(facets)
    return {split: found[split] for split in TEST_SPLITS if split in found}


def compare_losses(trials: Trials) -> pd.DataFrame:
    """The R-precision of each model minus the `BASELINE`'s with as much hidden, in each facet and as a mean over them.

    Returns:
        one row per split, facet (or `MEAN`), model and share, and `difference` and `p`, adjusted for all comparisons on the
        test set (see `paired`); NaN where there are too few objects for a test.
    """
    differences = {}
    for split, numbers in _numbers(trials).items():
        for (facet, model, share), number in numbers.items():
            if model != BASELINE:
                differences[split, facet, model, share] = number - numbers[facet, BASELINE, share]
    return _tested(differences, ["split", "facet", "model", "share"])


def compare_shares(trials: Trials) -> pd.DataFrame:
    """What the mean R-precision over the facets changes by from the smallest share hidden to the largest, model by model.

    Returns:
        one row per split and model, and `difference` and `p` as in `compare_losses`.
    """
    differences, shares = {}, sorted({share for _, share in trials})
    for split, numbers in _numbers(trials).items():
        for model in dict.fromkeys(model for _, model, _ in numbers):
            differences[split, model] = numbers[MEAN, model, shares[-1]] - numbers[MEAN, model, shares[0]]
    return _tested(differences, ["split", "model"])


def hidden_frame(trials: Trials, metrics: Sequence[Metric] = (RANKED, SAID, RIGHT)) -> pd.DataFrame:
    """Metrics with their intervals as text, means over the facets: a row per metric, test set and loss, a column per share."""
    rows = {}
    for metric in metrics:
        for split, estimates in estimate_hidden(trials, metric).items():
            for (model, share), estimate in estimates.items():
                bounds = " ({:.2f} to {:.2f})".format(*estimate.objects) if estimate.objects else ""
                row = rows.setdefault((metric.title, SPLIT_TITLES[split], MODELS[model].title), {})
                row[f"{percent(share)} hidden"] = f"{estimate.value:.2f}{bounds}"
    return pd.DataFrame.from_dict(rows, orient="index") if rows else pd.DataFrame({"metrics": ["nothing to compare"]})


def clear_frame(compared: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """The differences of `compare_losses` that are `CLEAR`, for reading."""
    clear = compared[compared["p"] < CLEAR]
    if not len(clear):
        return pd.DataFrame({f"differences with p below {CLEAR:g}": ["none"]})
    return pd.DataFrame({
        "test set": clear["split"].map(SPLIT_TITLES), "loss": [MODELS[model].title for model in clear["model"]],
        "facet": ["mean over facets" if facet == MEAN else get_facet(facet).title(language) for facet in clear["facet"]],
        "hidden": clear["share"].map(percent), "difference": clear["difference"].map("{:+.3f}".format), "p": clear["p"].round(3),
    }).set_index("test set")


def _numbers(trials: Trials) -> dict[str, dict[tuple[str, str, float], UnitNumber]]:
    """By test set the R-precision by facet (or `MEAN`), model and share, as sums over objects."""
    found = {}
    for (model, share), splits in trials.items():
        for split, trial in splits.items():
            values = {Column(split, facet, RANKED): part[METRICS.index(RANKED)] for facet, part in trial.images.values.items()}
            numbers = sum_over_units(values, trial.images.objects)
            for facet in (MEAN, *(column.facet for column in numbers)):
                if number := find_number(numbers, Column(split, facet, RANKED)):
                    found.setdefault(split, {})[facet, model, share] = number
    return {split: found[split] for split in TEST_SPLITS if split in found}


def _tested(differences: Mapping[tuple, UnitNumber], names: list[str]) -> pd.DataFrame:
    """One row per difference, tested together with the others on its split."""
    tests = {key: against(number, 0) for key, number in differences.items()}
    p_values = {}
    for split in dict.fromkeys(key[0] for key in tests):
        known = [key for key, test in tests.items() if key[0] == split and test is not None]
        p_values |= dict(zip(known, adjust([tests[key] for key in known]).tolist()))
    rows = [(*key, number.value, p_values.get(key, np.nan)) for key, number in differences.items()]
    return pd.DataFrame(rows, columns=[*names, "difference", "p"])
