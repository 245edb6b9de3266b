"""Checkpoints: the last complete epoch of a run, in `checkpoints/DATA/MODEL/`.

A folder belongs to one run, identified by model, data, recipe, seed, ...; another run is refused, so that nothing is
mixed or lost. A checkpoint also describes its model, so the folder alone, copied to another machine, gives the trained
model (`read_model`). A training in two steps keeps the first in a file of its own, `heads.pt`.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from ..core import paths
from ..core.errors import UserError
from ..data.images.transforms import Transform
from ..data.taxonomy import Vocabulary
from ..models.factory import Model, load_model, read_vocabulary
from ..results.history import find_history

_FORMAT = 3
"""Version of the checkpoint file; others are not read."""

_BLOCK = 1 << 24


def run_folder(data: str, model: str) -> Path:
    """`checkpoints/DATA/MODEL`."""
    return paths.CHECKPOINTS / data / model


class Checkpoint:
    """The last complete epoch of one run, in `last.pt`, or of the first of its two steps, in `heads.pt`.

    Args:
        folder: the run's, see `run_folder`.
        identity: see `identity.run_identity`.
        retrain: ignore an existing checkpoint, which stays until this run replaces it.
        outdated: files of an earlier run, deleted when the first epoch of this one is saved.
        step: the name of the file, `last` or `heads`.

    Attributes:
        path: the file.
        curve: the file of the history; the first step has none.
        model: `Model.description` of the run's model.
        kept: epochs on disk.
    """

    def __init__(self, folder: Path, identity: Mapping, retrain: bool = False, outdated: Iterable[Path] = (), step: str = "last"):
        self.path, self.identity, self.retrain = folder / f"{step}.pt", json.loads(json.dumps(identity)), retrain
        self.curve = folder / "history.csv" if step == "last" else None
        self.outdated, self.model, self.kept = list(outdated), {}, 0

    @property
    def heads(self) -> "Checkpoint":
        """That of the first step of the same run, in which the heads are trained alone."""
        return Checkpoint(self.path.parent, self.identity, self.retrain, step="heads")

    def restore(self, parts: Mapping, device: torch.device) -> list[dict[str, float]]:
        """Load the checkpoint into `parts`, each with `load_state_dict`.

        Returns:
            the history of the epochs so far; empty if there is no checkpoint.
        Raises:
            UserError: the file is damaged or belongs to another run.
        """
        kept = self._read(device)
        if kept is None:
            return []
        for name, part in parts.items():
            part.load_state_dict(kept[name])
        self.kept = len(kept["history"])
        return kept["history"]

    def check(self) -> None:
        """`UserError` if an existing checkpoint is damaged or belongs to another run; called before any work."""
        self._read(torch.device("cpu"))

    def finished(self, epochs: int) -> tuple[dict[str, torch.Tensor], list[dict[str, float]]] | None:
        """The trained weights and the history, if all epochs are kept; errors as for `restore`."""
        kept = self._read(torch.device("cpu"))
        if kept is None or len(kept["history"]) < epochs:
            return None
        return _trained_weights(kept), kept["history"]

    def rehearse(self, parts: Mapping) -> None:
        """Write as much as two checkpoints take, old and new, and delete it, before any work.

        Raises:
            UserError: the folder cannot be written, or the disk cannot hold it.
        """
        folder, needed = self.path.parent, 2 * _size(parts)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folder).free
            if free < needed:
                raise UserError(f"{folder} has {free / 1e9:.1f} GB free; expected at least {needed / 1e9:.1f} GB "
                                "for the checkpoints of this run.")
            with tempfile.TemporaryFile(dir=folder) as file:
                torch.save(self._state(parts, []), file)
                for start in range(file.tell(), needed, _BLOCK):  # a quota shows only in writing
                    file.write(bytes(min(_BLOCK, needed - start)))
        except (OSError, RuntimeError) as error:
            raise UserError(f"{self.path} cannot be written ({error}); nothing was trained yet.") from None

    def save(self, parts: Mapping, history: list[dict[str, float]]) -> None:
        """Save the run as it is now; the previous epoch stays until this one is complete on disk."""
        try:
            with paths.atomic(self.path) as temporary:
                torch.save(self._state(parts, history), temporary)
                while self.outdated:
                    self.outdated.pop().unlink(missing_ok=True)
            self.kept, self.retrain = len(history), False  # from now on the file is this run's
            if self.curve:
                with paths.atomic(self.curve) as temporary:
                    pd.DataFrame(history).to_csv(temporary, index=False, lineterminator="\n")
        except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
            raise UserError(f"{self.path} cannot be written ({error}); {self.kept} finished epochs are kept.") from None

    def _state(self, parts: Mapping, history: list[dict[str, float]]) -> dict:
        return {"format": _FORMAT, "identity": self.identity, "model": self.model, "history": history} | {
            name: part.state_dict() for name, part in parts.items()}

    def _read(self, device: torch.device) -> dict | None:
        for leftover in self.path.parent.glob(f".{self.path.name}.*.part"):  # of a run that was killed while writing
            leftover.unlink(missing_ok=True)
        if self.retrain or not self.path.is_file():
            return None
        kept = _load(self.path, device)
        if kept["identity"] != self.identity:
            raise UserError(f"{self.path} belongs to another run ({_differences(kept['identity'], self.identity)}); pass "
                            "retrain=True to replace it.")
        return kept


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained model without its data set: the model, its tags, the transform of evaluation, and what identifies its run."""

    model: Model
    vocabulary: Vocabulary
    transform: Transform
    identity: Mapping


def read_model(data: str, model: str) -> TrainedModel | None:
    """The trained model of a folder of checkpoints, ready to score; None if no training has finished.

    Raises:
        UserError: the checkpoint is damaged, or its backbone's weights are not available.
    """
    path = run_folder(data, model) / "last.pt"
    if not path.is_file():
        return None
    kept = _load(path, torch.device("cpu"))
    recipe = kept["identity"]["recipe"]
    if len(kept["history"]) < recipe["epochs"]:
        return None
    found = load_model(kept["model"], _trained_weights(kept))
    return TrainedModel(found, read_vocabulary(kept["model"]), found.backbone.transform(recipe["image_size"], recipe["crop"]),
                        kept["identity"])


def read_identity(data: str, model: str) -> dict:
    """What identifies the last run of a model, see `identity.run_identity`; `UserError` if it was not trained here."""
    path = run_folder(data, model) / "last.pt"
    if not path.is_file():
        raise UserError(f"{model!r} was not trained on {data!r} on this machine: train it first.")
    return _load(path, torch.device("cpu"))["identity"]


def read_history(data: str, model: str) -> pd.DataFrame:
    """One row per epoch of the last run of a model: losses, images and seconds; see `loop.fit`.

    Raises:
        UserError: it was not trained here.
    """
    history = find_history(data, model)
    if not len(history):
        raise UserError(f"{model!r} was not trained on {data!r} on this machine: train it first.")
    return history


def _trained_weights(kept: Mapping) -> dict[str, torch.Tensor]:
    """The weights that a run's `select` names."""
    return kept["best"]["weights"] if "best" in kept else kept["learner"]


def _size(parts: Mapping) -> int:
    """Bytes of a checkpoint after the first step: weights, the two moments that AdamW keeps, the weights of the best epoch."""
    learner = parts["learner"]
    weights = sum(value.nbytes for value in learner.state_dict().values())
    moments = 2 * sum(value.nbytes for value in learner.parameters() if value.requires_grad)
    return weights * (2 if "best" in parts else 1) + moments


def _load(path: Path, device: torch.device) -> dict:
    try:
        kept = torch.load(path, map_location=device, weights_only=True)
        if kept["format"] != _FORMAT:
            raise ValueError(f"format {kept['format']}, expected {_FORMAT}")
    except Exception as error:  # noqa: BLE001  a damaged file can raise anything
        raise UserError(f"{path} is not a readable checkpoint ({' '.join(str(error).split())[:120]}); "
                        "pass retrain=True to retrain.") from None
    return kept


def _differences(kept: dict, wanted: dict) -> str:
    """`recipe.epochs 20, not 5` for each entry in which two identities differ."""
    before, now = (pd.json_normalize(identity).to_dict("records")[0] for identity in (kept, wanted))
    return ", ".join(f"{name} {before.get(name)}, not {now.get(name)}" for name in {**before, **now}
                     if before.get(name) != now.get(name)) or "of an older format"
