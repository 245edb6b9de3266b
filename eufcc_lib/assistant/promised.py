"""What is promised of the models' suggestions: from which probability on a facet's are right in so many of 100 cases.

The thresholds are chosen on the validation split, once, when its scores are there (see `results.promises`). They are kept
beside the checkpoint, in `checkpoints/DATA/multi_label/promises.json`, so that a copy of the folder has them too.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ..core.errors import UserError, unknown
from ..core.facets import get_facet
from ..core.numbers import percent
from ..core.paths import atomic
from ..core.text import listed
from ..data.dataset import Dataset
from ..models.ensemble import close_upwards
from ..results.files import read_json, read_result, result_path
from ..results.promises import CHOSEN_ON, SHOWN_ON, Achieved, Promise, find_promises
from ..results.provenance import Provenance
from ..results.reliability import read_probable
from ..results.scores import Scores
from .state import Promised

PRECISIONS = (0.7, 0.8, 0.9, 0.95, 0.99)
"""What can be promised: all of them are kept, for the data set may be elsewhere when another is asked for."""

USUAL = 0.95
"""What is promised of a suggestion that is shown as likely."""

FILE = "promises.json"


@dataclass(frozen=True)
class Promises:
    """What may be promised of a model's suggestions; nothing by default.

    Attributes:
        commit: of the code that trained the model, "" where it is not known.
        found: by precision and facet the threshold, or why there is none, and what it achieves on each split.
    """

    commit: str = ""
    found: Mapping[float, Mapping[str, Promise]] = field(default_factory=dict)

    def at(self, precision: float = USUAL) -> dict[str, Promised]:
        """By facet the threshold of a precision, without the facets in which nothing can be promised.

        Raises:
            UserError: the precision is none of `PRECISIONS`.
        """
        if precision not in PRECISIONS:
            raise unknown("promise", precision, map(str, PRECISIONS))
        return {facet: Promised(promise.threshold, precision) for facet, promise in self.found.get(precision, {}).items()
                if promise.threshold is not None}


NOTHING = Promises()


def tell_promised(promises: Promises, precision: float) -> str:
    """In which facets a precision is promised; where in none, which lower one is in some; `UserError` as for `Promises.at`."""
    kept, wanted = promises.at(precision), percent(precision, 1)
    if kept:
        return f"Likely tags are shown in {_titles(kept)}; {wanted} of them are promised to be right."
    lower = next((other for other in sorted(PRECISIONS, reverse=True) if other < precision and promises.at(other)), None)
    if lower is None:
        return f"No tag is called likely: in no facet can {wanted} be promised to be right, nor any lower share."
    return (f"No tag is called likely: in no facet can {wanted} be promised to be right. With --promise {lower}, there are likely "
            f"tags in {_titles(promises.at(lower))}.")


def keep_promises(folder: Path, run: str, open_data: Callable[[], Dataset | None], model: str) -> Promises:
    """What was kept in the folder of a run; else what its scores say, which is then kept, or nothing.

    Args:
        folder: of the checkpoint.
        run: the hash of the run's identity, so that nothing is promised of other weights.
        open_data: gives the data set that it was trained on, None where that is not at hand; called only if it is needed.
    """
    before = NOTHING
    with suppress(UserError, KeyError, TypeError, ValueError, AttributeError):  # none yet, or a damaged file
        kept = read_json(folder / FILE)
        if kept["run"] == run:
            before = Promises(kept["commit"], {
                float(precision): {facet: _read_promise(promise) for facet, promise in facets.items()}
                for precision, facets in kept["promises"].items()})
    if before.found.keys() >= set(PRECISIONS):
        return before
    dataset = open_data()
    scores = _read_scores(dataset, model, run) if dataset else {}
    if CHOSEN_ON not in scores:
        return before  # also one of an earlier version, which made fewer promises
    return make_promises(folder, run, _find_commit(dataset.name, model, run), scores)


def make_promises(folder: Path, run: str, commit: str, scores: Mapping[str, Scores]) -> Promises:
    """What the scores of a run say, by split, that of validation among them; it is kept in the folder of the run.

    Args:
        commit: of the code that trained the model.
        scores: as the model gives them.
    """
    dataset = scores[CHOSEN_ON].dataset
    scores = {split: replace(found, values={facet: close_upwards(values, found.taxonomy(facet)) for facet, values in found.values.items()})
              for split, found in scores.items()}  # as the assistant shows them: a tag is at least as likely as each below it
    found = Promises(commit, {
        precision: {promise.facet: promise for promise in find_promises(scores, precision)} for precision in PRECISIONS})
    content = {"run": run, "commit": found.commit, "data": dataset.name, "vocabulary": dataset.vocabulary.hash,
               "splits": {split: dataset.split_hash(split) for split in scores},
               "promises": {precision: {facet: asdict(promise) for facet, promise in facets.items()}
                            for precision, facets in found.found.items()}}
    with suppress(OSError), atomic(folder / FILE) as temporary:  # a folder that cannot be written is asked again next time
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


def _titles(facets: Iterable[str]) -> str:
    return listed([get_facet(facet).title().lower() for facet in facets])


def _read_promise(kept: dict) -> Promise:
    return Promise(**kept | {"achieved": {split: Achieved(**found) for split, found in kept["achieved"].items()}})


def _read_scores(dataset: Dataset, model: str, run: str) -> dict[str, Scores]:
    """The run's scores by split."""
    found = {}
    for split in SHOWN_ON:
        with suppress(UserError):
            scores = read_probable(dataset, model, split)
            if scores.run == run:
                found[split] = scores
    return found


def _find_commit(data: str, model: str, run: str) -> str:
    with suppress(UserError):
        origin = read_result(result_path(data, model)).run
        if origin.identity == run:
            return commit_of(origin)
    return ""


def commit_of(run: Provenance) -> str:
    """The commit of the code that made a run, with `-dirty` where that was changed; "" where it is not known."""
    return f"{run.commit}{'-dirty' if run.changed else ''}" if run.commit else ""
