"""How far a run's probabilities mean what they say, and what comes of accepting every tag above a probability."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.errors import UserError
from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..data.records import SPLIT_TITLES
from ..metrics.bootstrap import mean_intervals
from ..metrics.calibration import (
    ReliabilityCurve,
    best_tags,
    calibration_error,
    error_of_a_perfect_model,
    precision_and_recall_at,
    reliability_curve,
)
from .judgeable import read_evaluated
from .paper import TEST_SPLITS
from .scores import Scores

TOO_SURE, TOO_CAUTIOUS, UNDECIDED = "too sure", "too cautious", "no difference beyond chance"
"""What the best tags' probabilities are on average."""

_SUM, _ON_RECORD = "sum of the probabilities", "tags on record"


@dataclass(frozen=True, eq=False)
class Reliability:
    """How the probabilities of the best tags compare with the share of these tags that is right, in a facet of a split.

    Attributes:
        curve: the points of the diagram.
        probability, right: means over the images.
        verdict: whether the two differ on average, as a 95 % interval over objects says.
        error: the calibration error.
        perfect: the error to expect of a perfectly calibrated model with these probabilities.
    """

    curve: ReliabilityCurve
    probability: float
    right: float
    verdict: str
    error: float
    perfect: float


def read_probable(dataset: Dataset, model: str, split: str) -> Scores:
    """The kept scores of a run, which are probabilities; `UserError` if they are not, see also `read_evaluated`."""
    scores = read_evaluated(dataset, model, split)
    for facet in scores.values:
        if scores.evaluated.any() and scores.link_of(facet) is None:
            raise UserError(f"The scores of {model!r} only order the tags and are not probabilities; expected a network, or an "
                            "ensemble that takes the mean of probabilities.")
    return scores


def read_tests(dataset: Dataset, model: str) -> dict[str, Scores]:
    """`read_probable` of each test that the data set has, by split."""
    return {split: read_probable(dataset, model, split) for split in TEST_SPLITS if split in dataset.records}


def measure_tests(scores: dict[str, Scores]) -> dict[str, dict[str, Reliability]]:
    """`measure_reliability` of each split, by split."""
    return {split: measure_reliability(kept) for split, kept in scores.items()}


def curves_of(found: dict[str, dict[str, Reliability]]) -> dict[str, dict[str, ReliabilityCurve]]:
    """The points of the diagrams, by split and facet; see `measure_tests`."""
    return {split: {facet: one.curve for facet, one in facets.items()} for split, facets in found.items()}


def measure_reliability(scores: Scores) -> dict[str, Reliability]:
    """The reliability of each facet in which an image can be judged."""
    objects, found = scores.dataset.split(scores.split).objects, {}
    for facet in scores.values:
        rows = scores.judged_rows(facet)
        if len(rows):
            probability, right = best_tags(scores.probabilities(facet)[rows], scores.labels(facet).matrix[rows])
            gap = mean_intervals({"gap": right - probability}, {"gap": (-1.0, 1.0)}, objects[rows])["gap"] or (0, 0)
            verdict = TOO_SURE if gap[1] < 0 else TOO_CAUTIOUS if gap[0] > 0 else UNDECIDED
            found[facet] = Reliability(reliability_curve(probability, right, objects[rows]), float(probability.mean()),
                                       float(right.mean()), verdict, calibration_error(probability, right),
                                       error_of_a_perfect_model(probability))
    return found


def say_unjudged(found: dict[str, dict[str, Reliability]]) -> str:
    """A line for each test that has no image to judge the probabilities by; see `measure_reliability`."""
    return "\n".join(tell_reliability({}, split) for split in TEST_SPLITS if not found.get(split))


def show_reliability(found: dict[str, dict[str, Reliability]], language: str = "en") -> pd.DataFrame:
    """One row per facet and split: what the best tags' probabilities say, how many are right, and the calibration errors.

    Args:
        found: from `measure_reliability`, by split.
    """
    rows = [(get_facet(facet).title(language), SPLIT_TITLES[split].lower(), percent(one.probability), percent(one.right), one.verdict,
             f"{one.error:.3f}", f"{one.perfect:.3f}", one.curve.images.sum())
            for facet in FACET_NAMES for split, facets in found.items() if (one := facets.get(facet))]
    columns = ["facet", "test", "mean probability", "on record", "the model is", "calibration error", "if calibrated", "images"]
    return pd.DataFrame(rows, columns=columns).set_index(["facet", "test"])


def show_thresholds(scores: dict[str, Scores], thresholds: tuple[float, ...], language: str = "en") -> pd.DataFrame:
    """Precision and recall of all tags at or above given probabilities; one row per facet, a column per split and threshold."""
    table = {}
    for split, kept in scores.items():
        for facet in kept.values:
            rows = kept.judged_rows(facet)
            for threshold in thresholds:
                shares = precision_and_recall_at(kept.probabilities(facet)[rows], kept.labels(facet).matrix[rows], threshold)
                for name, (above, below) in shares.items():
                    table[get_facet(facet).title(language), SPLIT_TITLES[split].lower(), f"from {threshold:g}", name] = (
                        percent(above.sum() / below.sum()) if below.sum() else "–")
    if not table:
        return pd.DataFrame()
    return pd.Series(table, dtype=object).unstack([1, 2, 3], sort=False).fillna("–").rename_axis("facet")


def sum_probabilities(scores: dict[str, Scores], language: str = "en") -> pd.DataFrame:
    """One row per facet and split: the sum of an image's probabilities, and its tags on record, both as means."""
    rows = []
    for facet in FACET_NAMES:
        for split, kept in scores.items():
            judged = kept.judged_rows(facet) if facet in kept.values else ()
            if len(judged):
                rows.append((get_facet(facet).title(language), SPLIT_TITLES[split].lower(), kept.probabilities(facet)[judged].sum(axis=1).mean(),
                             kept.labels(facet).matrix[judged].sum() / len(judged)))
    return pd.DataFrame(rows, columns=["facet", "test", _SUM, _ON_RECORD]).set_index(["facet", "test"]).round(2)


def tell_sums(sums: pd.DataFrame) -> str:
    """A sentence for prose about `sum_probabilities`: whether the model shares 1 among the tags."""
    if sums.empty:
        return "There is no image with a tag on record."
    if (abs(sums[_SUM] - 1) < 0.01).all():
        several = int((sums[_ON_RECORD] > 1.01).sum())
        return (f"This model's probabilities sum to 1, while in {several} of the {len(sums)} rows an image has more than one tag on record, "
                "on average. There its probabilities cannot be calibrated.")
    return (f"This model's probabilities need not sum to 1: their sum is {sums[_SUM].min():.1f} to {sums[_SUM].max():.1f} by row, where "
            f"{sums[_ON_RECORD].min():.1f} to {sums[_ON_RECORD].max():.1f} tags are on record.")


def tell_reliability(found: dict[str, Reliability], split: str) -> str:
    """Two sentences for prose: in how many facets of a split the probabilities are too high or too low, and by how much."""
    title = SPLIT_TITLES[split].lower()
    if not found:
        return f"There is no image of the {title} to judge the probabilities by."
    verdicts = [one.verdict for one in found.values()]
    told = [f"the model is {verdict} in {verdicts.count(verdict)}" for verdict in (TOO_SURE, TOO_CAUTIOUS) if verdict in verdicts]
    told += [f"the difference may be chance in {verdicts.count(UNDECIDED)}"] * (UNDECIDED in verdicts)
    error, perfect = (np.mean([getattr(one, name) for one in found.values()]) for name in ("error", "perfect"))
    return (f"Of {len(found)} facet{'s' * (len(found) > 1)} in the {title}, {'; '.join(told)}. The calibration error is {error:.2f} on "
            f"average, where that of a perfectly calibrated model would be {perfect:.2f}.")
