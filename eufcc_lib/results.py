"""One small JSON per run, `results/DATA/MODEL.json`, with everything needed to run it again.

Tables and figures read these files and nothing else. They hold no path and no name of the
machine or of its user, so they can be committed and published as they are. The scores
themselves are large: they stay beside the checkpoints, for ensembles and for a closer look.
"""

import dataclasses
import json
import math
import os
import platform
import re
import subprocess
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath, PureWindowsPath

import numpy as np
import pandas as pd

from . import paths
from .datasets import locate
from .errors import UserError
from .facets import get_facet
from .machine import cpu_model, usable_cores
from .metrics import MetricsRow
from .records import SPLIT_TITLES

# The distributions whose version can change a number.
_PACKAGES = ("eufcc_lib", "numpy", "scipy", "numba", "torch", "torchvision", "timm", "open_clip_torch")


@dataclass(frozen=True)
class Provenance:
    """What a run was made from and with; its fields are the keys of `run` in the file.

    Attributes:
        images: images of each split that took part.
        skipped: images of each split left out because they were missing or broken.
        vocabulary_hash: of the tags and trees that were ranked.
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


@dataclass(frozen=True)
class RunResult:
    """One run: its provenance and one row per split and facet."""

    run: Provenance
    rows: tuple[MetricsRow, ...]


def provenance(model: str, data: str, *, images: Mapping[str, int], vocabulary_hash: str, device="cpu",
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
        model, data, images=_portable(images), skipped=_portable(skipped or {}), vocabulary_hash=vocabulary_hash,
        transform=_portable(transform), backbone=_portable(backbone), weights=_portable(weights),
        recipe=_portable(recipe or {}), seed=seed, versions=_versions(), device=_describe_device(device),
        processes=processes, seconds=_rounded(seconds), images_per_second=_rounded(images_per_second),
        parameters=parameters, milliseconds_per_image=_rounded(milliseconds_per_image), commit=commit, changed=changed,
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"))


def data_name(data: str) -> str:
    """What results call a data set: `mini`, `eufcc340k`, or the name of a user's own folder."""
    return _name("data", paths.resolve(data).name)


def check_data(data: str) -> None:
    """`UserError` unless there are results of this data set here, or at least there is such a data set."""
    if not read_results(data):
        locate(data)


def result_path(data: str, model: str) -> Path:
    """`results/DATA/MODEL.json`; `UserError` if a name could lead elsewhere."""
    return paths.RESULTS / _name("data", data) / f"{_name('model', model)}.json"


def write_result(result: RunResult) -> Path:
    """Write the run's file, whole or not at all, one row a line so that git shows what changed."""
    path = result_path(result.run.data, result.run.model)
    run = json.dumps(_portable(dataclasses.asdict(result.run)), indent=1, ensure_ascii=False, allow_nan=False)
    rows = [json.dumps(_portable(dataclasses.asdict(row)), ensure_ascii=False, allow_nan=False)
            for row in result.rows]
    lines = ",\n".join(f" {row}" for row in rows)
    with paths.atomic(path) as temporary:
        temporary.write_text(f'{{"run": {run},\n"rows": [\n{lines}\n]}}\n', encoding="utf-8")
    return path


def read_result(path: str | os.PathLike) -> RunResult:
    """Read one run's file.

    Raises:
        UserError: not JSON; a key missing, unknown or of the wrong type; or a file whose name or
            folder is not the model or data that it holds.
    """
    path = Path(path)
    shown = _shown(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{shown}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UserError(f"{shown}: not a text file in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{shown}, line {error.lineno}: not valid JSON ({error.msg}).") from None
    if not isinstance(content, dict) or set(content) != {"run", "rows"} or not isinstance(content["rows"], list):
        raise UserError(f"{shown}: expected the keys 'run' and 'rows', the second a list.")
    run = _build(Provenance, content["run"], f"{shown}, 'run'")
    rows = tuple(_build_row(row, f"{shown}, row {number}") for number, row in enumerate(content["rows"], 1))
    for place, named in [("'run'", run)] + [(f"row {number}", row) for number, row in enumerate(rows, 1)]:
        if (named.data, named.model) != (path.parent.name, path.stem):
            raise UserError(f"{shown}, {place}: it is of data {named.data!r} and model {named.model!r}; a result "
                            "belongs in results/DATA/MODEL.json.")
    return RunResult(run, rows)


def read_results(data: str) -> dict[str, RunResult]:
    """All runs on one data set by model, in order of name; empty when nothing was run yet."""
    folder = paths.RESULTS / data_name(data)
    return {path.stem: read_result(path) for path in sorted(folder.glob("*.json"))}


def results_frame(data: str) -> pd.DataFrame:
    """All rows of all runs on one data set, long form: one line a model, split and facet."""
    rows = [dataclasses.asdict(row) for result in read_results(data).values() for row in result.rows]
    columns = [field.name for field in dataclasses.fields(MetricsRow)]
    return pd.DataFrame(rows, columns=columns)


def result_frame(result: RunResult) -> pd.DataFrame:
    """One run for a reader: its metrics by split and facet, in full words, and the images that they are over."""
    rows = [(SPLIT_TITLES.get(row.split, row.split), get_facet(row.facet).title(), row.r_precision, row.acc_at_1,
             row.acc_at_10, row.avg_rank_position, row.tags, row.images) for row in result.rows]
    return pd.DataFrame(rows, columns=["split", "facet", "R-Precision", "Acc@1", "Acc@10", "average rank position",
                                       "tags ranked", "images"]).set_index(["split", "facet"]).round(3)


def result_means(result: RunResult) -> dict[str, float]:
    """One run's means over the facets that it tags, for prose: `METRIC_inner` and `METRIC_outer`.

    NaN where there is no such test set. (Table 3 has a mean only for models of all facets.)
    """
    means = {}
    for split, name in (("test_id", "inner"), ("test_ood", "outer")):
        for metric in ("r_precision", "avg_rank_position"):
            values = [getattr(row, metric) for row in result.rows if row.split == split]
            values = [value for value in values if value is not None]
            means[f"{metric}_{name}"] = sum(values) / len(values) if values else math.nan
    return means


def runs_frame(data: str) -> pd.DataFrame:
    """One line a run: what it started from, how long it took, and on what; by model."""
    runs = {model: result.run for model, result in read_results(data).items()}
    columns = ["backbone", "weights", "seed", "vocabulary_hash", "seconds", "images_per_second", "device", "date"]
    frame = pd.DataFrame({column: {model: getattr(run, column) for model, run in runs.items()} for column in columns})
    frame["commit"] = [f"{(run.commit or 'none')[:8]}{', changed' if run.changed else ''}" for run in runs.values()]
    return frame.rename_axis("model")


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


def _portable(value):
    """The value as JSON: numpy numbers plain, numbers that are none null, a path only by its last name."""
    if isinstance(value, Mapping):
        return {str(key): _portable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_portable(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
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


def _name(kind: str, name: str) -> str:
    if not re.fullmatch(r"\w[\w.+-]*", name):
        raise UserError(f"{kind.capitalize()} name {name!r}: expected letters, digits, '_', '-' or '.', for it names "
                        "a file.")
    return name


def _scores_path(data: str, model: str, split: str) -> Path:
    return paths.CHECKPOINTS / _name("data", data) / _name("model", model) / f"scores_{_name('split', split)}.npz"


def _shown(path: Path) -> str:
    """The path as the user knows it: from the project's root where it lies inside."""
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else str(path)


def _build_row(values, place: str) -> MetricsRow:
    row = _build(MetricsRow, values, place)
    for key in ("interval", "provider_interval"):
        for metric, bounds in getattr(row, key).items():
            numbers = isinstance(bounds, list) and [type(bound) in (int, float) for bound in bounds] == [True, True]
            if bounds is not None and not numbers:
                raise UserError(f"{place}, key {key!r}: {metric!r} is {bounds!r}; expected [low, high] or null.")
    return row


def _build(kind: type, values, place: str):
    """A dataclass from a JSON object whose keys and types must be its fields."""
    if not isinstance(values, dict):
        raise UserError(f"{place}: expected an object, found {values!r}.")
    expected = typing.get_type_hints(kind)
    for key in [*expected, *values]:
        if key not in values:
            raise UserError(f"{place}: key {key!r} is missing.")
        if key not in expected:
            raise UserError(f"{place}: unknown key {key!r}; known keys: {', '.join(expected)}.")
        allowed = typing.get_args(expected[key]) if isinstance(expected[key], types.UnionType) else (expected[key],)
        value = values[key]
        fits = isinstance(value, allowed) or (float in allowed and isinstance(value, int))
        if not fits or (isinstance(value, bool) and bool not in allowed):
            wanted = " or ".join("null" if option is type(None) else option.__name__ for option in allowed)
            raise UserError(f"{place}, key {key!r}: {value!r} is not of type {wanted}.")
    return kind(**values)
