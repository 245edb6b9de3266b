"""The training photographs that a photograph resembles, and whether it resembles any: what a suggestion rests on.

Compared are the features of the frozen backbone, as by the model `neighbours`. Those of the training photographs are kept
beside the checkpoint, in `checkpoints/DATA/multi_label/training_features.npz`, so that a copy of the folder has them too.
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from ..core.errors import UserError
from ..core.paths import atomic
from ..data.dataset import Dataset, images_folder
from ..data.taxonomy import Vocabulary
from ..models.features import load_features
from ..models.neighbours import directions, find_nearest
from ..training.checkpoints import TrainedModel

FILE = "training_features.npz"

MOST = 20_000
"""Training photographs that are kept, drawn at random where there are more: 50 MB of features."""

EVIDENCE = 3
"""Neighbours that are shown, in each facet."""

_NEAREST, _PERCENTILE, _ALL = 5, 95, "all"


@dataclass(frozen=True)
class Neighbour:
    """A training photograph: its id, the cosine of its features and the image's, and the names of its own tags in the facet."""

    image: str
    similarity: float
    tags: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Memory:
    """M training photographs.

    Attributes:
        ids: str (M,).
        values: float32 (M, D), the directions of their features from the centre.
        centre: float32 (D,).
        labels: by facet bool (M, C).
        limit: the distance to the nearest training photographs that 95 % of the validation photographs keep; NaN without any.
    """

    ids: np.ndarray
    values: Tensor
    centre: Tensor
    labels: Mapping[str, csr_array]
    limit: float

    @cached_property
    def known(self) -> frozenset[str]:
        """The ids, to look one up."""
        return frozenset(self.ids.tolist())

    def find(self, features: Tensor, vocabulary: Vocabulary) -> list[tuple[float | None, dict[str, tuple[Neighbour, ...]]]]:
        """For each image its distance to the nearest training photographs as a multiple of the limit, and by facet the nearest
        that are annotated in it."""
        voters = {facet: np.diff(matrix.indptr) > 0 for facet, matrix in self.labels.items()}
        found = find_nearest(directions(features.clone(), self.centre), self.values,
                             voters | {_ALL: np.ones(len(self.ids), bool)}, max(_NEAREST, EVIDENCE))
        distances = _distances(found.pop(_ALL).similarities) / self.limit

        def neighbour(facet: str, row: int, similarity: float) -> Neighbour:
            matrix, names = self.labels[facet], vocabulary[facet].names
            tags = matrix.indices[matrix.indptr[row]:matrix.indptr[row + 1]]
            return Neighbour(str(self.ids[row]), round(float(similarity), 4), tuple(names[tag] for tag in sorted(tags)))
        return [(None if np.isnan(distance) else float(distance),
                 {facet: tuple(neighbour(facet, *pair) for pair in zip(nearest.rows[image, :EVIDENCE],
                                                                      nearest.similarities[image, :EVIDENCE], strict=True))
                  for facet, nearest in found.items()}) for image, distance in enumerate(distances)]


def keep_memory(folder: Path, run: str, open_data: Callable[[], Dataset | None], member: TrainedModel) -> Memory | None:
    """What was kept in the folder of a run; else what is computed from its data set, and then kept, or None.

    Args:
        folder: of the checkpoint.
        run: the hash of the run's identity.
        open_data: gives the data set that it was trained on, None where that is not at hand; called only if it is needed.
        member: the trained model; one whose backbone was trained has no frozen features, and so no memory.
    """
    if not member.model.frozen:
        return None
    if kept := _read(folder / FILE, run, member.vocabulary):
        return kept
    dataset = open_data()
    if not dataset or "train" not in dataset.records or not images_folder(dataset.root).is_dir():
        return None
    found = _compute(dataset, member)
    if found:
        with suppress(OSError), atomic(folder / FILE) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, run=np.str_(run), ids=found.ids, values=found.values.numpy().astype(np.float16),
                                centre=found.centre.numpy(), limit=found.limit,
                                **{f"{part}_{facet}": getattr(matrix, part) for facet, matrix in found.labels.items()
                                   for part in ("indptr", "indices")})
    return found


def _compute(dataset: Dataset, member: TrainedModel) -> Memory | None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def read(split: str):
        return load_features(member.model.backbone, dataset, split, member.transform, device, on_broken="skip")
    train = read("train")
    rows = train.rows.numpy()
    kept = np.sort(np.random.default_rng(0).permutation(len(rows))[:MOST])
    if not len(kept):
        return None
    centre = train.values.mean(dim=0)
    values = directions(train.values[torch.from_numpy(kept)], centre).half().float()  # as they are read again
    labels = {facet: label.matrix[rows[kept]] for facet, label in dataset.labels("train").items()}
    memory = Memory(np.asarray(dataset.split("train").ids, np.str_)[rows[kept]], values, centre, labels, np.nan)
    return Memory(memory.ids, values, centre, labels, _limit(memory, read("val").values)) if "val" in dataset.records else memory


def _limit(memory: Memory, images: Tensor) -> float:
    if not len(images):
        return float("nan")
    everyone = {_ALL: np.ones(len(memory.ids), bool)}
    nearest = find_nearest(directions(images.clone(), memory.centre), memory.values, everyone, _NEAREST)[_ALL]
    return max(float(np.percentile(_distances(nearest.similarities), _PERCENTILE)), 1e-6)


def _distances(similarities: np.ndarray) -> np.ndarray:
    return 1 - similarities[:, :_NEAREST].mean(axis=1, dtype=np.float64)


def _read(path: Path, run: str, vocabulary: Vocabulary) -> Memory | None:
    """None where there is no such file, or one that is damaged or another run's."""
    with suppress(OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, UserError), np.load(path) as kept:
        if str(kept["run"]) != run:
            return None
        ids, facets = kept["ids"], [name.removeprefix("indptr_") for name in kept.files if name.startswith("indptr_")]
        labels = {}
        for facet in facets:
            indptr, indices = kept[f"indptr_{facet}"], kept[f"indices_{facet}"]
            labels[facet] = csr_array((np.ones(len(indices), bool), indices, indptr), shape=(len(ids), len(vocabulary[facet])))
        return Memory(ids, torch.from_numpy(kept["values"].astype(np.float32)), torch.from_numpy(kept["centre"]), labels,
                      float(kept["limit"]))
    return None
