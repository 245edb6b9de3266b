"""Where a result comes from: recipe, seed, versions, device, time, commit."""

import dataclasses
import math
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath, PureWindowsPath

import numpy as np

from ..core import paths
from ..core.hardware import cpu_model, usable_cores

# The distributions whose version can change a number.
_PACKAGES = ("eufcc_lib", "numpy", "scipy", "numba", "torch", "torchvision", "timm", "open_clip_torch")


@dataclass(frozen=True)
class Provenance:
    """What a run was made from and with; its fields are the keys of `run` in the file.

    Attributes:
        images: images of each split that took part.
        skipped: images of each split left out because they were missing or broken.
        vocabulary_hash: of the tags and trees that were ranked.
        identity: 16 hex digits that stand for what makes the run this run, see `training.identity`.
        transform: how an image became the network's input, in words.
        backbone, weights: the network and the tag of the weights it started from.
        recipe: every setting of the training.
        device: the processor or GPU, in words.
        processes: that trained together.
        seconds, images_per_second: of training, without features, validation and scoring; 0 and None where nothing
            is trained. The speed is that of all processes together.
        parameters: of the whole network.
        milliseconds_per_image: from pixels to scores, in batches, on that device; of a processor one core.
        commit: of the library's code; None outside a git checkout.
        changed: whether the library's code differed from that commit.
        date: when the run ended, UTC.
    """

    model: str
    data: str
    images: dict
    skipped: dict
    vocabulary_hash: str
    identity: str
    transform: str | None
    backbone: str | None
    weights: str | None
    recipe: dict
    seed: int | None
    versions: dict
    device: str
    processes: int
    seconds: float | None
    images_per_second: float | None
    parameters: int | None
    milliseconds_per_image: float | None
    commit: str | None
    changed: bool | None
    date: str


def provenance(model: str, data: str, *, images: Mapping[str, int], vocabulary_hash: str, identity: str = "",
               device="cpu",
               skipped: Mapping[str, int] | None = None, transform: str | None = None, backbone: str | None = None,
               weights: str | None = None, recipe: Mapping | None = None, seed: int | None = None,
               processes: int = 1, seconds: float | None = None, images_per_second: float | None = None,
               parameters: int | None = None, milliseconds_per_image: float | None = None) -> Provenance:
    """The provenance of a run that ends now; versions, commit and date are found here.

    Args:
        images: images that took part, by split.
        device: a torch device or its name; a GPU is called by its own name.
        skipped: images left out, by split; none by default.
        recipe: settings by name, or a dataclass of them.
    """
    if dataclasses.is_dataclass(recipe):
        recipe = dataclasses.asdict(recipe)
    commit, changed = _commit()
    return Provenance(
        model, data, images=portable(images), skipped=portable(skipped or {}), vocabulary_hash=vocabulary_hash,
        identity=identity,
        transform=portable(transform), backbone=portable(backbone), weights=portable(weights),
        recipe=portable(recipe or {}), seed=seed, versions=_versions(), device=_describe_device(device),
        processes=processes, seconds=_rounded(seconds), images_per_second=_rounded(images_per_second),
        parameters=parameters, milliseconds_per_image=_rounded(milliseconds_per_image), commit=commit, changed=changed,
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"))


def _describe_device(device) -> str:
    if str(device).startswith("cuda"):
        import torch
        return torch.cuda.get_device_name(device)
    return f"{cpu_model()}, {usable_cores()} cores" if str(device) == "cpu" else str(device)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> tuple[str | None, bool | None]:
    """The checkout's commit, and whether the library differs from it; results and runs may."""
    def git(*command: str) -> str:
        return subprocess.run(["git", *command], cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout
    try:
        return git("rev-parse", "HEAD").strip(), bool(git("status", "--porcelain", "--", "eufcc_lib").strip())
    except (OSError, subprocess.CalledProcessError):
        return None, None


def portable(value):
    """The value as JSON: numpy numbers plain, numbers that are none null, a path only by its last name."""
    if isinstance(value, Mapping):
        return {str(key): portable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [portable(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and (value.startswith(("/", "~")) or PureWindowsPath(value).drive):
        return PureWindowsPath(value).name
    if isinstance(value, PurePath):
        return value.name
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
