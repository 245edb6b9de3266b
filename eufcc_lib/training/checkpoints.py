"""What a run keeps on disk while it trains: its last whole epoch, in `checkpoints/DATA/MODEL/`.

A folder belongs to one run, known by its identity (model, data, recipe, seed, ...); another run is refused rather
than mixed in or lost. A checkpoint also says what model it is of, so the folder alone, copied to another
machine, gives the trained model (`read_model`).
"""

import csv
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

_FORMAT = 2
"""Of the checkpoint file; one of another format is not read."""


def run_folder(data: str, model: str) -> Path:
    """`checkpoints/DATA/MODEL`."""
    return paths.CHECKPOINTS / data / model


class Checkpoint:
    """The last whole epoch of one run, in `last.pt`.

    Args:
        folder: the run's, see `run_folder`.
        identity: what makes the run this run, as JSON.
        anew: begin from nothing, whatever is kept. That stays until this run has something to replace it.
        outdated: files of an earlier run, deleted when the first epoch of this one is kept.

    Attributes:
        path: the file.
        restored: epochs that `restore` found.
        kept: epochs that are on disk now.
    """

    def __init__(self, folder: Path, identity: Mapping, anew: bool = False, outdated: Iterable[Path] = ()):
        self.path, self.identity, self.anew = folder / "last.pt", json.loads(json.dumps(identity)), anew
        self.outdated, self.model = list(outdated), {}
        self.restored = self.kept = 0

    def describe(self, model: Mapping) -> None:
        """State which model it is of, as `Model.description` does."""
        self.model = dict(model)

    def restore(self, parts: Mapping, device: torch.device) -> list[dict[str, float]]:
        """Load what was kept into `parts`, each with `load_state_dict`.

        Returns:
            the history of the epochs so far; empty if nothing was kept.
        Raises:
            UserError: the file is damaged or of another run.
        """
        kept = self._read(device)
        if kept is None:
            return []
        for name, part in parts.items():
            part.load_state_dict(kept[name])
        self.restored = self.kept = len(kept["history"])
        return kept["history"]

    def check(self) -> None:
        """`UserError` if what was kept is damaged or of another run; to ask before any work."""
        self._read(torch.device("cpu"))

    def check_room(self, learner: torch.nn.Module) -> None:
        """`UserError` if the disk cannot hold what the run will keep: weights and two moments, old and new."""
        trained = sum(value.numel() * value.element_size() for value in learner.parameters() if value.requires_grad)
        needed = 2 * (3 * trained + sum(value.numel() * value.element_size() for value in learner.buffers()))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.path.parent).free
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error}); nothing was trained yet.") from None
        if free < needed:
            raise UserError(f"{self.path.parent} has {free / 1e9:.1f} GB free; expected at least {needed / 1e9:.1f} GB "
                            "for the checkpoints of this run.")

    def rehearse(self, parts: Mapping) -> None:
        """Write what `save` will and drop it: a disk that takes no checkpoint is found before the work."""
        try:
            with tempfile.TemporaryFile(dir=self.path.parent) as file:
                torch.save(self._state(parts, []), file)
        except (OSError, RuntimeError) as error:
            raise UserError(f"{self.path} cannot be written ({error}); nothing was trained yet.") from None

    def save(self, parts: Mapping, history: list[dict[str, float]]) -> None:
        """Keep the run as it is now; the epoch before stays until this one is whole on disk."""
        try:
            with paths.atomic(self.path) as temporary:
                torch.save(self._state(parts, history), temporary)
                while self.outdated:
                    self.outdated.pop().unlink(missing_ok=True)
            self.kept = len(history)
            _write_history(history, self.path.parent)
        except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
            raise UserError(f"{self.path} cannot be written ({error}); {self.kept} finished epochs are kept.") from None

    def _state(self, parts: Mapping, history: list[dict[str, float]]) -> dict:
        return {"format": _FORMAT, "identity": self.identity, "model": self.model, "history": history} | {
            name: part.state_dict() for name, part in parts.items()}

    def _read(self, device: torch.device) -> dict | None:
        for leftover in self.path.parent.glob(f".{self.path.name}.*.part"):  # of a run that was killed while it wrote
            leftover.unlink(missing_ok=True)
        if self.anew or not self.path.is_file():
            return None
        kept = _load(self.path, device)
        identity = kept["identity"]
        if identity != self.identity:
            raise UserError(f"{self.path} is of another run ({_differences(identity, self.identity)}); give "
                            "retrain=True to replace it.")
        return kept


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """What a folder of checkpoints gives without the data set: the model, its tags, and how it sees an image."""

    model: Model
    vocabulary: Vocabulary
    transform: Transform


def read_model(data: str, model: str) -> TrainedModel | None:
    """The trained model of a folder of checkpoints, ready to score; None where no training has finished.

    Raises:
        UserError: the checkpoint is damaged, or its backbone's weights cannot be had.
    """
    path = run_folder(data, model) / "last.pt"
    if not path.is_file():
        return None
    kept = _load(path, torch.device("cpu"))
    recipe = kept["identity"]["recipe"]
    if len(kept["history"]) < recipe["epochs"]:
        return None
    found = load_model(kept["model"], kept["best"]["weights"] if recipe["select"] == "best" else kept["learner"])
    backbone = found.backbone
    transform = Transform(size=recipe["image_size"], crop=recipe["crop"], interpolation=backbone.interpolation,
                          mean=backbone.mean, std=backbone.std)
    return TrainedModel(found, read_vocabulary(kept["model"]), transform)


def read_history(data: str, model: str) -> pd.DataFrame:
    """One row per epoch of the last run of a model: its losses, images and seconds; see `loop.fit`.

    Raises:
        UserError: it was not trained here.
    """
    path = run_folder(data, model) / "history.csv"
    if not path.is_file():
        raise UserError(f"No training of {model!r} on {data!r} on this machine: train it first.")
    return pd.read_csv(path)


def _load(path: Path, device: torch.device) -> dict:
    try:
        kept = torch.load(path, map_location=device, weights_only=True)
        if kept["format"] != _FORMAT:
            raise ValueError(f"format {kept['format']}, expected {_FORMAT}")
    except Exception as error:  # noqa: BLE001  a damaged file can raise anything
        raise UserError(f"{path} is not a checkpoint that can be read ({' '.join(str(error).split())[:120]}); "
                        "give retrain=True to retrain.") from None
    return kept


def _write_history(history: list[dict[str, float]], folder: Path) -> None:
    with paths.atomic(folder / "history.csv") as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, list(history[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)


def _differences(kept: Mapping, wanted: Mapping) -> str:
    """`recipe.epochs 20, not 5` for each entry in which two identities differ."""
    before, now = dict(_flat(kept)), dict(_flat(wanted))
    return ", ".join(f"{name} {before.get(name)}, not {now.get(name)}" for name in {**before, **now}
                     if before.get(name) != now.get(name)) or "of an older format"


def _flat(values: Mapping, prefix: str = ""):
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
