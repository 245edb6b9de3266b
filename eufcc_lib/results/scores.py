"""The scores of a model on a split, kept beside its checkpoint."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..core import paths
from ..core.errors import UserError
from .files import _name, _shown, data_name


def save_scores(scores: Mapping[str, np.ndarray], ids: Sequence[str], vocabulary_hash: str,
                data: str, model: str, split: str) -> Path:
    """Keep a split's scores at `checkpoints/DATA/MODEL/scores_SPLIT.npz`.

    Args:
        scores: (N, C) float32 by facet.
        ids: the N record ids, in the order of the rows.
    """
    path = _scores_path(data, model, split)
    with paths.atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, ids=np.asarray(ids, dtype=np.str_), vocabulary_hash=np.str_(vocabulary_hash),
                 **{f"scores_{facet}": np.asarray(values, np.float32) for facet, values in scores.items()})
    return path


def load_scores(data: str, model: str, split: str, ids: Sequence[str] | None = None,
                vocabulary_hash: str | None = None) -> dict[str, np.ndarray]:
    """The scores that `save_scores` kept, (N, C) float32 by facet.

    Raises:
        UserError: there are none, or they are of other records or another vocabulary than given.
    """
    path = _scores_path(data, model, split)
    if not path.exists():
        raise UserError(f"No scores of {model!r} on {data!r}, split {split!r}: evaluate that model first.")
    with np.load(path) as kept:
        if vocabulary_hash is not None and str(kept["vocabulary_hash"]) != vocabulary_hash:
            raise UserError(f"{_shown(path)}: made with vocabulary {kept['vocabulary_hash']}, not {vocabulary_hash}; "
                            "evaluate the model again.")
        if ids is not None and not np.array_equal(kept["ids"], np.asarray(ids, dtype=np.str_)):
            raise UserError(f"{_shown(path)}: made for other records than the split holds now; evaluate the model "
                            "again.")
        return {key.removeprefix("scores_"): kept[key] for key in kept.files if key.startswith("scores_")}


def has_scores(data: str, model: str) -> bool:
    """Whether scores of the model are kept, of whatever split and records."""
    return any(_scores_path(data_name(data), model, "test_id").parent.glob("scores_*.npz"))


def _scores_path(data: str, model: str, split: str) -> Path:
    return paths.CHECKPOINTS / _name("data", data) / _name("model", model) / f"scores_{_name('split', split)}.npz"
