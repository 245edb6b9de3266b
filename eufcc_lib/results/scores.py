"""The scores of a model on a split: written by a training, read by everything after it.

They are large, so they are kept with the checkpoint, in `checkpoints/DATA/MODEL/scores_SPLIT.npz`.
"""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..core import paths
from ..core.errors import UserError, unknown
from ..data.dataset import Dataset
from ..data.labels import Labels
from ..data.taxonomy import Taxonomy
from ..metrics.evaluation import MetricsRow, Training, evaluate
from ..metrics.tail import MEDIUM
from ..models import links
from ..models.frequency import class_counts
from ..models.registry import MODELS, get_model_spec
from .files import check_unpacked, file_name, shown

_SMALL = 1 << 20  # bytes, for what a file holds beside its ids and scores


@dataclass(frozen=True, eq=False)
class Scores:
    """A model's scores of the N images of a split.

    Attributes:
        dataset, model, split: where they come from.
        values: float32 (N, C) for each of the model's facets, to rank tags by; NaN where not evaluated.
        evaluated: bool (N,), false for images that could not be read.
        run: the identity of the run, see `training.identity`.
        link: what turns the values into probabilities: the `model`'s objective; a key of `links.LINKS`; `given` where they may
            be such already; or `none` where they only order the tags.
    """

    dataset: Dataset
    model: str
    split: str
    values: Mapping[str, np.ndarray]
    evaluated: np.ndarray
    run: str = ""
    link: str = "model"

    @property
    def ids(self) -> np.ndarray:
        """str (N,), the records' ids."""
        return self.dataset.split(self.split).ids

    @property
    def vocabulary_hash(self) -> str:
        """Of the scored tags."""
        return self.dataset.vocabulary.hash

    def labels(self, facet: str) -> Labels:
        """The facet's labels of the N images."""
        return self.dataset.labels(self.split)[facet]

    def taxonomy(self, facet: str) -> Taxonomy:
        """The facet's C tags."""
        return self.dataset.vocabulary[facet]

    def judged_rows(self, facet: str) -> np.ndarray:
        """int64, ascending: the images that were evaluated and have a tag of the vocabulary in the facet."""
        return np.flatnonzero(self.evaluated & (np.diff(self.labels(facet).matrix.indptr) > 0))

    def probabilities(self, facet: str) -> np.ndarray | None:
        """The scores as probabilities, float64 (N, C) with NaN where not evaluated, or None where they are not such."""
        link = self.link_of(facet)
        return link and link(self.values[facet])

    def link_of(self, facet: str) -> Callable[[np.ndarray], np.ndarray] | None:
        """What turns rows of the facet's scores into `probabilities`.

        For a network it is its objective's. An ensemble's scores are taken as they are if all are from 0 to 1, like those
        of a file with the link `given`, where a tag that is not listed has 0. Counts, ranks and lists have none.
        """
        link = (links.find_link(self.model) or "given") if self.link == "model" else self.link
        if link in links.LINKS:
            return partial(links.probabilities, link=link)
        spec = MODELS.get(self.model) if self.link == "model" else None
        if link == "none" or (spec and spec.family == "frequency"):
            return None
        values = self.values[facet]
        scored = values[np.isfinite(values)]
        return _as_given if len(scored) and scored.min() >= 0 and scored.max() <= 1 else None

    def measure(self, labels: Mapping[str, Labels] | None = None, medium: tuple[int, int] = MEDIUM) -> list[MetricsRow]:
        """The metrics of the evaluated images, facet by facet; see `metrics.evaluation.evaluate`.

        Args:
            labels: by facet, instead of the data set's. Their tags may be others, so nothing is said about the tree and
                the tags' frequency in training.
            medium: fewest and most training images of a medium tag.
        """
        rows = np.flatnonzero(self.evaluated)
        records = self.dataset.split(self.split)
        given = {facet: labels[facet] if labels else self.labels(facet) for facet in self.values}
        kept = {facet: Labels(facet, label.matrix[rows], label.outside[rows]) for facet, label in given.items()}
        known = {} if labels else {
            "trees": {facet: self.taxonomy(facet) for facet in self.values}, "training": self._training(medium)}
        return evaluate({facet: values[rows] for facet, values in self.values.items()}, kept, self.model,
                        self.dataset.name, self.split, records.objects[rows], records.providers[rows],
                        probabilities={facet: self.link_of(facet) for facet in self.values}, **known)

    def _training(self, medium: tuple[int, int]) -> Training | None:
        if "train" not in self.dataset.records:
            return None
        return Training(len(self.dataset.split("train")), class_counts(self.dataset, self.values), medium)


def _as_given(values: np.ndarray) -> np.ndarray:
    """Scores that are probabilities already, with 0 for what a file does not list."""
    return np.maximum(values, 0, dtype=np.float64)


def new_scores(dataset: Dataset, model: str, split: str, rows: np.ndarray, values: Mapping[str, np.ndarray],
               run: str = "") -> Scores:
    """The scores of a split, some of whose images may be unreadable.

    Args:
        rows: int64 (n,), the rows of the readable images in the split.
        values: float32 (n, C) by facet.
    """
    evaluated = np.zeros(len(dataset.split(split)), bool)
    evaluated[rows] = True
    spread = {}
    for facet, part in values.items():
        spread[facet] = np.full((len(evaluated), part.shape[1]), np.nan, np.float32)
        spread[facet][rows] = part
    return Scores(dataset, model, split, spread, evaluated, run)


def write_scores(scores: Scores) -> Path:
    """Write a split's scores and return the path."""
    path = scores_path(scores.dataset.name, scores.model, scores.split)
    with paths.atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, ids=np.asarray(scores.ids, dtype=np.str_), vocabulary_hash=np.str_(scores.vocabulary_hash),
                 run=np.str_(scores.run),
                 **{f"scores_{facet}": np.asarray(values, np.float32) for facet, values in scores.values.items()})
    return path


def read_scores(dataset: Dataset, model: str, split: str) -> Scores:
    """The scores of a finished run.

    Raises:
        UserError: an unknown model or split, no scores, or scores of other records or another vocabulary.
    """
    path = scores_path(dataset.name, model, split)
    dataset.split(split)
    if not path.exists():
        get_model_spec(model)
        raise UserError(f"No scores of {model!r} on {dataset.name!r}, split {split!r}: evaluate that model first.")
    return load_scores(path, dataset, model, split)


def load_scores(path: Path, dataset: Dataset, model: str, split: str) -> Scores:
    """The scores in a file of `write_scores`; `UserError` if they are of other records or another vocabulary, or too large."""
    ids = np.asarray(dataset.split(split).ids, dtype=np.str_)
    try:
        # The file may be a stranger's. Scores may be of float64.
        check_unpacked(path, 8 * len(ids) * sum(map(len, dataset.vocabulary.taxonomies.values())) + ids.nbytes + _SMALL)
        with np.load(path) as kept:
            arrays = {key: kept[key] for key in kept.files}
    except (OSError, ValueError, TypeError, EOFError, MemoryError, zipfile.BadZipFile):  # TypeError: one array alone
        raise UserError(f"{shown(path)} is damaged; expected scores as this library writes them.") from None
    found = str(arrays.get("vocabulary_hash", ""))
    if found != dataset.vocabulary.hash:
        raise UserError(f"{shown(path)}: made with vocabulary {found or 'unknown'}, not {dataset.vocabulary.hash}; evaluate the "
                        "model again.")
    if not np.array_equal(arrays.get("ids"), ids):
        raise UserError(f"{shown(path)}: made for other records than those of the split; evaluate the model again.")
    values = {key.removeprefix("scores_"): values for key, values in arrays.items() if key.startswith("scores_")}
    for facet, part in values.items():
        if facet not in dataset.vocabulary.taxonomies:
            raise UserError(f"{shown(path)}: {unknown('facet', facet, dataset.vocabulary.taxonomies)}")
        if part.dtype.kind not in "fiu":
            raise UserError(f"{shown(path)}: the scores in {facet!r} are of type {part.dtype}; expected numbers.")
        expected = len(ids), len(dataset.vocabulary[facet])
        if part.shape != expected:
            raise UserError(f"{shown(path)}: the scores in {facet!r} have shape {part.shape}; expected {expected}.")
        if np.isposinf(part).any():
            raise UserError(f"{shown(path)}: the scores in {facet!r} hold an infinite number; expected finite ones, or -inf for a tag "
                            "that is not listed.")
    unread = [np.zeros(len(ids), bool), *(np.isnan(part).any(axis=1) for part in values.values())]
    return Scores(dataset, model, split, values, ~np.any(unread, axis=0), str(arrays.get("run", "")))


def scores_path(data: str, model: str, split: str) -> Path:
    """`checkpoints/DATA/MODEL/scores_SPLIT.npz`; `UserError` if a name could lead elsewhere."""
    return (paths.CHECKPOINTS / file_name("data", data) / file_name("model", model)
            / f"scores_{file_name('split', split)}.npz")
