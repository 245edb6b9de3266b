"""How a measured file becomes an entry of the leaderboard, and how entries are checked."""

import dataclasses
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from ..collection.sources import open_dataset
from ..core import paths
from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.registry import MODELS
from .entries import REPORTED, VERIFIED, attached
from .estimates import OVER
from .files import RunResult, build_entry, read_json, read_result, read_results, result_path, shown
from .per_image import PerImage, measure_images, per_image_path, read_per_image
from .seeds import read_seeds
from .submission import read_submission, result_of

TEMPLATE = paths.ROOT / "results" / "ENTRY_TEMPLATE.json"
"""What an entrant fills in."""


_TOLD = {"file", "lines", "list_length", "outside_vocabulary", "missing", "link"}  # of the file of a split


def enter(result: RunResult, entry: str | os.PathLike, files: Mapping[str, str | os.PathLike]) -> RunResult:
    """The result as an entry: verified where everyone can measure its predictions again, else reported.

    Args:
        result: of `submission.result_of`.
        entry: a file with the keys of `TEMPLATE`, or the result file of the entry as it was.
        files: by split the predictions; those in `results/DATA/predictions/` are attached to the entry.
    Raises:
        UserError: the name is that of a model of this library, or the file has mistakes.
    """
    if _is_own(result.run.model):
        raise UserError(f"{result.run.model!r} is a model of this library; expected a name of its own, see --name.")
    path = paths.resolve(entry)
    values, place = read_json(path), shown(path)
    if isinstance(values, dict) and "rows" in values:
        values = values.get("entry")
    if not isinstance(values, dict) or not isinstance(values.get("predictions", {}), dict):
        raise UserError(f"{place}: expected an object with the keys of {shown(TEMPLATE)}, the last one an object too.")
    folder = predictions_folder(result).resolve()
    inside = {split: paths.resolve(file).name for split, file in files.items() if paths.resolve(file).parent == folder}
    predictions = values.get("predictions", {}) | inside
    kind = VERIFIED if set(files) <= set(predictions) else REPORTED
    return dataclasses.replace(result, entry=build_entry(values | {"predictions": predictions, "kind": kind}, place))


def predictions_folder(result: RunResult) -> Path:
    """`results/DATA/predictions`, where the predictions of entries are."""
    return result_path(result.run.data, result.run.model).parent / "predictions"


def check_entry(path: Path, dataset: Dataset | None) -> list[str]:
    """What is wrong with a result file, a sentence each.

    Args:
        path: `results/DATA/NAME.json`.
        dataset: its data set, on which attached predictions are measured again; None if it is not at hand.
    """
    try:
        result = read_result(path)
        measured = read_per_image(result)
    except UserError as error:
        return str(error).splitlines()
    place, facts, entry = shown(path), result.run.submission, result.entry
    if entry is None:
        return [f"{place}: key 'entry' is missing; expected one, as a file was measured: `eufcc score --entry` writes it."] if facts else []
    found = []
    if _is_own(path.stem):
        found.append(f"{place}: {path.stem!r} is a model of this library; expected a file name of its own.")
    if not all(isinstance(told, dict) and _TOLD <= set(told) for told in facts.values()):
        found.append(f"{place}: key 'submission' does not say of each split {', '.join(sorted(_TOLD))}; expected what `eufcc score` writes.")
    if set(facts) != set(result.run.split_hashes) or {row.split for row in result.rows} - set(facts):
        found.append(f"{place}: key 'submission' is about {', '.join(facts) or 'nothing'}; expected each split that was measured.")
    if measured is None or set(measured) != set(facts):
        found.append(f"{shown(per_image_path(path))} does not exist, or lacks a split; expected each image's metrics, as `eufcc score` "
                     "writes them.")
    if set(entry.predictions) - set(facts):
        found.append(f"{place}, 'entry', key 'predictions' names {', '.join(entry.predictions)}; expected no split but those that were "
                     "measured.")
    if (entry.kind == VERIFIED) != (set(facts) <= set(entry.predictions)):
        found.append(f"{place}, 'entry', key 'kind' is {entry.kind!r}; expected 'verified' exactly if there are predictions for each "
                     "split that was measured.")
    for split, name in attached(entry).items() if not found else ():
        file = predictions_folder(result) / name
        if not file.is_file():
            found.append(f"{shown(file)} does not exist; expected the predictions of {path.stem!r} for {split}.")
        elif dataset:
            found += _measure_again(result, measured[split], file, split, dataset)
    return found


def check_folder(name: str, data: str) -> tuple[list[str], str]:
    """What is wrong with the results on a data set, a sentence each, and a sentence on what was checked.

    Args:
        name: the folder in `results/`.
        data: the data set, as `open_dataset` takes it.
    """
    folder, dataset = paths.RESULTS / name, None
    files, predictions = sorted(folder.glob("*.json")), sorted((folder / "predictions").glob("*"))
    with suppress(UserError):
        dataset = open_dataset(data) if predictions else None
    mistakes = [mistake for path in files for mistake in check_entry(path, dataset)]
    if not mistakes:
        try:
            for model, result in read_results(name).items():  # all on the same data
                read_seeds(name, model, result)
        except UserError as error:
            mistakes.append(str(error))
    told = f"{name}: {len(files)} result files"
    if predictions:
        told += f", {len(predictions)} files of predictions" + ("" if dataset else "; these could not be measured, because the data set is missing here")
    if linked := [path.stem for path in files if not mistakes and (entry := read_result(path).entry)
                  and set(entry.predictions) > set(attached(entry))]:
        told += f"; predictions of {', '.join(linked)} are linked, so they were not measured again"
    return mistakes, f"{told}."


def _is_own(name: str) -> bool:
    """Whether a name is that of a model of this library; to the disks of macOS and Windows, case makes no difference."""
    return name.casefold() in MODELS


def _measure_again(result: RunResult, measured: PerImage, file: Path, split: str, dataset: Dataset) -> list[str]:
    """How the numbers of a split differ from those that its predictions give now, a sentence each."""
    run, path = result.run, result_path(result.run.data, result.run.model)
    place = shown(path)
    try:
        missing, link = ("worst" if run.submission[split]["missing"] else "error"), run.submission[split]["link"]
        submission = read_submission(file, dataset, split, run.model, missing, "given" if link == "none" else link)
    except UserError as error:
        return [str(error)]
    again, images = result_of(submission), measure_images(submission.scores)
    found = [f"{place}, 'run', key {key!r} has {old!r} for {split}; measured again, it is {new!r}." for key, old, new in (
        ("submission", run.submission[split], again.run.submission[split]),
        ("split_hashes", run.split_hashes[split], again.run.split_hashes[split]),
        ("vocabulary_hash", run.vocabulary_hash, again.run.vocabulary_hash)) if old != new]
    if found:
        return found
    rows = {row.facet: (number, dataclasses.asdict(row)) for number, row in enumerate(result.rows, 1) if row.split == split}
    fresh = {row.facet: dataclasses.asdict(row) for row in again.rows}
    if rows.keys() != fresh.keys():
        return [f"{place}: has rows in {', '.join(rows)} for {split}; measured again, they are in {', '.join(fresh)}."]
    found = [f"{place}, row {number}, key {key!r} is {row[key]!r}; measured again, it is {fresh[facet][key]!r}."
             for facet, (number, row) in rows.items() for key in row if row[key] != fresh[facet][key]]
    same = [np.array_equal(getattr(measured, over), getattr(images, over)) for over in OVER] + [
        np.array_equal(measured.values[facet], images.values[facet], equal_nan=True) for facet in rows]
    return found if all(same) else [*found, f"{shown(per_image_path(path))}: other metrics for {split} than the predictions give."]
