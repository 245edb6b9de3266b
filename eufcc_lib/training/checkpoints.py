"""What a run leaves on disk while it goes: its last whole epoch, its history, and that it is finished.

All of it lies in `checkpoints/DATA/MODEL/`. A folder belongs to one run, told by its identity
(model, data, recipe, seed, ...); another run is refused rather than mixed in or lost.
"""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import torch

from ..core import paths
from ..core.errors import UserError
from ..results.files import RunResult, read_result, result_path, write_result

_FORMAT = 1
"""Of the checkpoint file; one of another format is not read."""


def run_folder(data: str, model: str) -> Path:
    """`checkpoints/DATA/MODEL`."""
    return paths.CHECKPOINTS / data / model


class Checkpoint:
    """The last whole epoch of one run, in `last.pt`.

    Args:
        folder: the run's, see `run_folder`.
        identity: what makes the run this run, as JSON.
        anew: begin from nothing, whatever is kept. That stays until this run has something to put in its place.

    Attributes:
        path: the file.
        mark: the file that says that the run is finished.
        restored: epochs that `restore` found.
        kept: epochs that are on disk now.
    """

    def __init__(self, folder: Path, identity: Mapping, anew: bool = False):
        self.path, self.mark = folder / "last.pt", folder / "finished.json"
        self.identity, self.anew = json.loads(json.dumps(identity)), anew
        self.restored = self.kept = 0

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
                self.mark.unlink(missing_ok=True)  # of the run that this one replaces
            self.kept = len(history)
            _write_history(history, self.path.parent)
        except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
            raise UserError(f"{self.path} cannot be written ({error}); {self.kept} finished epochs are kept.") from None

    def mark_finished(self, result: RunResult) -> None:
        """Write the run's result, and remember that it is this run's."""
        written = write_result(result)
        with paths.atomic(self.mark) as temporary:
            temporary.write_text(json.dumps({"identity": self.identity, "sha256": _sha256(written)}, indent=1))

    def finished(self) -> RunResult | None:
        """The run's result if it is finished and the result file is still the one that it wrote."""
        result = result_path(self.identity["data"], self.identity["model"])
        if not self.mark.is_file() or not result.is_file():
            return None
        try:
            known = json.loads(self.mark.read_text())
        except ValueError:
            return None
        return read_result(result) if known == {"identity": self.identity, "sha256": _sha256(result)} else None

    def _state(self, parts: Mapping, history: list[dict[str, float]]) -> dict:
        return {"format": _FORMAT, "identity": self.identity, "history": history} | {
            name: part.state_dict() for name, part in parts.items()}

    def _read(self, device: torch.device) -> dict | None:
        for leftover in self.path.parent.glob(f".{self.path.name}.*.part"):  # of a run that was killed while it wrote
            leftover.unlink(missing_ok=True)
        if self.anew or not self.path.is_file():
            return None
        try:
            kept = torch.load(self.path, map_location=device, weights_only=True)
            identity = kept["identity"] if kept["format"] == _FORMAT else None
        except Exception as error:  # noqa: BLE001  a damaged file can raise anything
            raise UserError(f"{self.path} is not a checkpoint that can be read ({' '.join(str(error).split())[:120]}); "
                            "give retrain=True to start anew.") from None
        if identity != self.identity:
            raise UserError(f"{self.path} is of another run ({_differences(identity or {}, self.identity)}); give "
                            "retrain=True to replace it.")
        return kept


def read_history(data: str, model: str) -> pd.DataFrame:
    """One row an epoch of the last run of a model: its losses, images and seconds; see `fitting.fit`.

    Raises:
        UserError: it was not trained here.
    """
    path = run_folder(data, model) / "history.csv"
    if not path.is_file():
        raise UserError(f"No training of {model!r} on {data!r} on this machine: train it first.")
    return pd.read_csv(path)


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


def _sha256(path: str | os.PathLike) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
