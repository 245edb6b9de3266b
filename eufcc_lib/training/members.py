"""Where a model that is made of others finds them: among the finished runs, or among those of a fold or a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..data.dataset import Dataset
from ..results.files import result_path
from ..results.scores import Scores, read_scores
from .checkpoints import run_folder


@dataclass(frozen=True)
class Members:
    """The members of a model by name.

    Attributes:
        identify: what changes when a member is trained again; None if it was not trained.
        scores: member and split to its scores.
        folder: member to the folder of its checkpoint.
    """

    identify: Callable[[str], bytes | None]
    scores: Callable[[str, str], Scores]
    folder: Callable[[str], Path]


def finished_runs(dataset: Dataset) -> Members:
    """The members with a result on the data set."""
    return Members(lambda member: _content(result_path(dataset.name, member)), partial(read_scores, dataset),
                   partial(run_folder, dataset.name))


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
