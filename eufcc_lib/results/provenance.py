"""The origin of a result: recipe, seed, versions, device, time, commit."""

import dataclasses
import math
import platform
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath, PureWindowsPath

import numpy as np

from ..core import paths
from ..core.hardware import cpu_model, usable_cores

# The distributions whose version can change a number.
_PACKAGES = ("eufcc_lib", "numpy", "scipy", "numba", "torch", "torchvision", "timm", "open_clip_torch")

ANNOTATIONS = "annotations"
"""What `Provenance.versions` calls the commit of official annotations."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The origin of a result; its fields are the keys of `run` in the file.

    Attributes:
        images: number of images by split.
        skipped: number of missing or broken images by split, which were left out.
        vocabulary_hash: of the tags and trees that were ranked.
        split_hashes: by split, of its ids and labels, see `Dataset.split_hash`.
        submission: by split, of a file that was measured: its hash, its number of lines, the mean length of its lists,
            lines outside the vocabulary by facet, images without a line, and what turned its scores into probabilities.
        identity: 16 hex digits that identify the run, see `training.identity`.
        transform: preprocessing of the images, in words.
        backbone, weights: the network, and where its initial weights come from.
        recipe: every setting of the training.
        chosen: what was chosen on the validation split, by name.
        versions: of Python and the packages that can change a number, and the commit of official annotations.
        device: the processor or GPU, in words.
        processes: number of processes that trained together.
        seconds, images_per_second: of training, without features, validation and scoring, for all processes together;
            0 and None without training.
        parameters: of the whole network.
        milliseconds_per_image: from pixels to scores, in batches, on that device; on a CPU with one core.
        commit: of the library's code; None outside a git checkout.
        changed: whether the library's code differed from that commit.
        date: of the end of the run, UTC.
    """

    model: str
    data: str
    images: dict
    skipped: dict = field(default_factory=dict)
    vocabulary_hash: str
    split_hashes: dict = field(default_factory=dict)
    submission: dict = field(default_factory=dict)
    identity: str = ""
    transform: str | None = None
    backbone: str | None = None
    weights: str | None = None
    recipe: dict = field(default_factory=dict)
    chosen: dict = field(default_factory=dict)
    seed: int | None = None
    versions: dict
    device: str
    processes: int = 1
    seconds: float | None = None
    images_per_second: float | None = None
    parameters: int | None = None
    milliseconds_per_image: float | None = None
    commit: str | None
    changed: bool | None
    date: str


def provenance(model: str, data: str, *, device="cpu", recipe=None, annotations: str | None = None, **facts) -> Provenance:
    """The provenance of a run that ends now; versions, commit and date are found here.

    Args:
        device: a torch device or its name.
        recipe: settings by name, or a dataclass of them.
        annotations: the commit that official annotations were fetched from, see `collection.sources.fetched_commit`.
        facts: the other fields of `Provenance`.
    """
    if dataclasses.is_dataclass(recipe):
        recipe = dataclasses.asdict(recipe)
    commit, changed = _commit()
    rounded = {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in facts.items()}
    return Provenance(model=model, data=data, device=_describe_device(device), recipe=portable(recipe or {}),
                      versions=_versions() | ({ANNOTATIONS: annotations} if annotations else {}), commit=commit, changed=changed,
                      date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), **portable(rounded))


def _describe_device(device) -> str:
    if str(device).startswith("cuda"):
        import torch
        return torch.cuda.get_device_name(device)
    return f"{cpu_model()}, {usable_cores()} cores" if str(device) == "cpu" else str(device)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _commit() -> tuple[str | None, bool | None]:
    """The checkout's commit, and whether the library's code differs from it."""
    def git(*command: str) -> str:
        return subprocess.run(["git", *command], cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout
    try:
        return git("rev-parse", "HEAD").strip(), bool(git("status", "--porcelain", "--", "eufcc_lib").strip())
    except (OSError, subprocess.CalledProcessError):
        return None, None


def portable(value):
    """The value for JSON: numpy numbers as plain ones, infinities and NaN as null, only the last part of a path."""
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
