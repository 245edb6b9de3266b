"""Which training photographs voted for the tags of an image: the evidence of the model `neighbours`.

Kept with its scores, in `checkpoints/DATA/neighbours/votes_SPLIT.npz`, for figures and the assistant.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

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
        raise UserError(f"No votes on {dataset.name!r}, split {split!r}: run the model {MODEL!r}, with retrain=True if it has a result.")
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


def list_voters(dataset: Dataset, split: str, rows: Sequence[int], facet: str, temperature: float) -> pd.DataFrame:
    """One row for each training image that voted for one of these images in a facet: whose it is, how it counts, and its tags.

    Args:
        rows: of the split; where there is none, the frame is empty.
        temperature: of the vote.
    Returns:
        provider, similarity, weight, and tags, a list; indexed by the row of the training split, nearest first.
    """
    found, columns = [], ["provider", "similarity", "weight", "tags"]
    votes = read_votes(dataset, split)[facet] if len(rows) else None
    for row in rows:
        near = votes.rows[row][votes.rows[row] >= 0]
        similarities = votes.similarities[row][:len(near)].astype(np.float64)
        weights = softmax(similarities / temperature)
        tags = dataset.labels("train")[facet].matrix[near]
        names = [[dataset.vocabulary[facet].names[tag] for tag in tags.indices[start:stop]] for start, stop in pairwise(tags.indptr)]
        found.append(pd.DataFrame(dict(zip(columns, (dataset.split("train").providers[near], similarities, weights, names))), index=near))
    return pd.concat(found) if found else pd.DataFrame(columns=columns).astype({"weight": float})
