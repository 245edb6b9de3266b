"""Thresholds that keep a promised precision, and what they achieve.

They are chosen on the validation split alone, see `metrics.risk_control`; the tests only show what comes of them.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..core import paths
from ..core.errors import UserError
from ..core.facets import get_facet
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..data.records import SPLIT_TITLES
from ..metrics.bootstrap import mean_intervals
from ..metrics.risk_control import THRESHOLDS, Suggestions, Walk, choose_threshold, count_suggestions
from .reliability import read_probable
from .scores import Scores

CHOSEN_ON = "val"
"""The split that thresholds are chosen on."""

SHOWN_ON = (CHOSEN_ON, "test_id", "test_ood")
"""The splits on which it is shown what they achieve, where they exist."""


@dataclass(frozen=True)
class Achieved:
    """What the suggestions at or above a threshold achieve on the objects of a split that have a tag in the facet.

    Attributes:
        precision: the share of an object's suggestions that is right, in the mean over objects; None without any.
        interval: its 95 % interval over objects; None where there are too few.
        pooled: the share of all suggestions together, in which objects with many of them weigh more.
        recall: the share of an object's tags on record that is suggested, in the mean over objects.
        suggestions: per image.
        objects: those that have a tag in the facet.
    """

    precision: float | None
    interval: list[float] | None
    pooled: float | None
    recall: float
    suggestions: float
    objects: int


@dataclass(frozen=True)
class Promise:
    """A facet's threshold for a promised precision.

    Attributes:
        facet: its name.
        precision, confidence: what is promised, and in how many of all validation splits the promise should hold.
        threshold: the lowest probability of a suggestion; None where nothing can be promised.
        sentence: what was found, or why nothing can be promised.
        achieved: by split.
    """

    facet: str
    precision: float
    confidence: float
    threshold: float | None
    sentence: str
    achieved: dict[str, Achieved]


def promise_precision(dataset: Dataset, model: str, precision: float = 0.9, confidence: float = 0.9) -> list[Promise]:
    """For each facet of a finished run the lowest threshold whose suggestions keep a precision, and what they achieve.

    Raises:
        UserError: precision or confidence is not between 0 and 1; see also `reliability.read_probable`.
    """
    for name, value in (("precision", precision), ("confidence", confidence)):
        if not 0 < value < 1:
            raise UserError(f"The {name} is {value}; expected a number between 0 and 1, such as 0.9.")
    scores = {split: read_probable(dataset, model, split) for split in SHOWN_ON if split in dataset.records}
    return find_promises(scores, precision, confidence)


def find_promises(scores: dict[str, Scores], precision: float, confidence: float = 0.9) -> list[Promise]:
    """`promise_precision` of scores at hand, by split."""
    facets = next(iter(scores.values())).values if scores else ()
    return [_promise(scores, facet, precision, confidence) for facet in facets]


def show_promises(promises: list[Promise], language: str = "en") -> pd.DataFrame:
    """One row per facet: the threshold, the suggestions that it gives an image of validation, promise and achievement."""
    splits = [split for split in SHOWN_ON if any(split in promise.achieved for promise in promises)]
    rows = {}
    for promise in promises:
        found = [promise.achieved.get(split) for split in splits]
        rows[get_facet(promise.facet).title(language)] = [
            "none" if promise.threshold is None else f"{promise.threshold:.2f}",
            *(f"{one.suggestions:.1f}" if one else "–" for one in found[:1]), percent(promise.precision, 1), *map(_share, found)]
    columns = ["threshold", *["suggestions per image"][:len(splits)], "promised", *(SPLIT_TITLES[split].lower() for split in splits)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("facet")


def show_achieved(promises: list[Promise], language: str = "en") -> pd.DataFrame:
    """One row per facet with a threshold and split: how many suggestions there are, how many are right, and how much is found."""
    rows = [(get_facet(promise.facet).title(language), SPLIT_TITLES[split].lower(), f"{found.objects:,}", f"{found.suggestions:.1f}",
             "–" if found.precision is None else percent(found.precision), "–" if found.pooled is None else percent(found.pooled),
             percent(found.recall)) for promise in promises for split, found in promise.achieved.items()]
    return pd.DataFrame(rows, columns=["facet", "split", "objects", "suggestions per image", "right, of an object's", "right, of all",
                                       "tags found"]).set_index(["facet", "split"])


def say_promises(promises: list[Promise], language: str = "en") -> str:
    """The facets' sentences, each on its line."""
    return "\n".join(f"{get_facet(promise.facet).title(language)}: {promise.sentence}" for promise in promises)


def write_promises(promises: list[Promise], dataset: Dataset, model: str, path: str | os.PathLike) -> Path:
    """Write the promises as JSON, with what identifies the data, and return the path; `UserError` if that cannot be."""
    found = {"model": model, "data": dataset.name, "vocabulary_hash": dataset.vocabulary.hash,
             "split_hashes": {split: dataset.split_hash(split) for split in SHOWN_ON if split in dataset.records},
             "promises": [asdict(promise) for promise in promises]}
    path = paths.resolve(path)
    try:
        with paths.atomic(path) as temporary:
            temporary.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}); expected a folder with room for it.") from None
    return path


def tell_promises(promises: list[Promise], split: str) -> str:
    """A sentence for prose: how many of the promises made on validation are kept on a test, of how many it is open, and what is lost."""
    achieved = [(promise, promise.achieved[split]) for promise in promises
                if split in promise.achieved and promise.achieved[split].precision is not None]
    title = SPLIT_TITLES[split].lower()
    if not achieved:
        return f"There is no promise to check on the {title}."
    kept = sum(found.precision >= promise.precision for promise, found in achieved)
    open_ones = [found for promise, found in achieved if found.precision < promise.precision and found.interval
                 and promise.precision <= found.interval[1]]
    lost = np.mean([promise.achieved[CHOSEN_ON].precision - found.precision for promise, found in achieved])
    points = round(abs(100 * lost))
    change = f"{points} point{'s' * (points > 1)} {'lower' if lost > 0 else 'higher'} than" if points else "the same as"
    count = (f"{kept} of {len(achieved)} promises {'is' if kept == 1 else 'are'} kept" if len(achieved) > 1
             else "the one promise is kept" if kept else "it is open whether the one promise is kept" if open_ones else "the one promise is not kept")
    if open_ones and len(achieved) > 1:
        count += f", {len(open_ones)} more may be, with an interval that includes what was promised"
    elif open_ones:
        bounds = " to ".join(percent(end) for end in open_ones[0].interval)
        count += f" ({percent(open_ones[0].precision)}, with a 95 % interval of {bounds}, which includes what was promised)"
    return f"On the {title}, {count}; the precision is {'on average ' if len(achieved) > 1 else ''}{change} in validation."


def _promise(scores: dict[str, Scores], facet: str, precision: float, confidence: float) -> Promise:
    suggestions = {split: _suggest(kept, facet) for split, kept in scores.items() if len(kept.judged_rows(facet))}
    chosen_on = suggestions.get(CHOSEN_ON)
    walk = choose_threshold(chosen_on, precision, confidence) if chosen_on else Walk(None, None)
    wanted = percent(precision, 1)
    if CHOSEN_ON not in scores:
        sentence = "there is no validation split, so nothing can be promised."
    elif chosen_on is None:
        sentence = "no validation object has a tag in this facet, so nothing can be promised."
    elif walk.start is None:
        sentence = (f"of {len(chosen_on.shown):,} validation objects with a tag in this facet, too few have suggestions to promise "
                    f"{wanted}.")
    elif walk.last is None:
        objects = chosen_on.shown[:, walk.start] > 0
        wrong = np.count_nonzero(objects & ~chosen_on.drawn[:, walk.start])
        sentence = (f"from {THRESHOLDS[walk.start]:.2f} upwards, {objects.sum():,} validation objects have suggestions; of one suggestion drawn "
                    f"per object, {wrong:,} are wrong. This could happen by chance with a precision below {wanted}, so it is not promised.")
    else:
        sentence = (f"from {THRESHOLDS[walk.last]:.2f} upwards, at least {wanted} of the suggestions are right for objects like those of "
                    f"validation, with {percent(confidence, 1)} confidence.")
    threshold = None if walk.last is None else float(THRESHOLDS[walk.last])
    achieved = {} if walk.last is None else {split: _achieved(found, walk.last) for split, found in suggestions.items()}
    return Promise(facet, precision, confidence, threshold, sentence, achieved)


def _suggest(scores: Scores, facet: str) -> Suggestions:
    rows = scores.judged_rows(facet)
    return count_suggestions(scores.probabilities(facet)[rows], scores.labels(facet).matrix[rows],
                             scores.dataset.split(scores.split).objects[rows])


def _achieved(found: Suggestions, place: int) -> Achieved:
    precision, shown = found.precision(place), found.shown[:, place]
    interval = mean_intervals({"precision": precision}, {"precision": (0.0, 1.0)}, np.arange(len(precision)))["precision"]
    return Achieved(None if np.isnan(precision).all() else round(float(np.nanmean(precision)), 6), interval,
                    round(float(found.right[:, place].sum() / shown.sum()), 6) if shown.any() else None,
                    round(float(found.recall(place).mean()), 6), round(float((shown / found.images).mean()), 6), len(precision))


def _share(found: Achieved | None) -> str:
    if found is None or found.precision is None:
        return "–"
    ends = f" ({percent(found.interval[0])} to {percent(found.interval[1])})" if found.interval else ""
    return percent(found.precision) + ends
