"""Which training photographs voted for the tags of an image: the evidence of the model `neighbours`.

Kept with its scores, in `checkpoints/DATA/neighbours/votes_SPLIT.npz`, for figures and the assistant.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core import paths
from ..core.errors import UserError
from ..data.dataset import Dataset
from .files import file_name, shown

MODEL = "neighbours"
"""The model that keeps its votes."""


@dataclass(frozen=True, eq=False)
class Votes:
    """The neighbours that voted in one facet for the N images of a split, nearest first.

    Attributes:
        rows: int32 (N, K) of the training split; -1 for an image that could not be read. K is the chosen number, or that of
            the training images that are annotated in the facet if it is smaller.
        similarities: float32 (N, K), cosines; NaN for such an image.
    """

    rows: np.ndarray
    similarities: np.ndarray


def votes_path(data: str, split: str) -> Path:
    """`checkpoints/DATA/neighbours/votes_SPLIT.npz`."""
    return paths.CHECKPOINTS / file_name("data", data) / MODEL / f"votes_{file_name('split', split)}.npz"


def write_votes(path: Path, dataset: Dataset, split: str, votes: Mapping[str, Votes]) -> None:
    """Write the votes of a split by facet."""
    with paths.atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, splits=np.array(_hashes(dataset, split)),
                 **{f"{name}_{facet}": values for facet, found in votes.items() for name, values in vars(found).items()})


def read_votes(dataset: Dataset, split: str) -> dict[str, Votes]:
    """By facet which training images voted for the images of a split.

    Raises:
        UserError: an unknown split, no votes, or votes of other records or another vocabulary.
    """
    path, hashes = votes_path(dataset.name, split), _hashes(dataset, split)
    if not path.is_file():
        raise UserError(f"No votes on {dataset.name!r}, split {split!r}: run the model {MODEL!r} first.")
    try:
        with np.load(path) as kept:
            arrays = {key: kept[key] for key in kept.files}
        made_of = arrays.pop("splits").tolist()
        facets = [key.removeprefix("rows_") for key in arrays if key.startswith("rows_")]
        votes = {facet: Votes(arrays[f"rows_{facet}"], arrays[f"similarities_{facet}"]) for facet in facets}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise UserError(f"{shown(path)} is damaged; run the model {MODEL!r} again.") from None
    if made_of != hashes:
        raise UserError(f"{shown(path)}: made for other records or another vocabulary; run the model {MODEL!r} again.")
    return votes


def _hashes(dataset: Dataset, split: str) -> list[str]:
    return [dataset.split_hash("train"), dataset.split_hash(split), dataset.vocabulary.hash]
