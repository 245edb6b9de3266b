"""One small JSON per run, `results/DATA/MODEL.json`, with everything needed to run it again.

Tables and figures read only these files. They contain no path and no name of the machine or its user, so they can be
committed and published unchanged. The scores are large and stay with the checkpoints (see `scores`).
"""

import dataclasses
import functools
import json
import math
import os
import re
import types
import typing
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ..collection.sources import locate
from ..core import paths
from ..core.errors import UserError, unknown
from ..core.facets import FACET_NAMES
from ..core.text import writable
from ..data.records import SPLITS
from ..metrics.evaluation import MetricsRow
from .entries import Entry, find_mistakes
from .provenance import ANNOTATIONS, Provenance, portable

_type_hints = functools.cache(typing.get_type_hints)


@dataclass(frozen=True)
class RunResult:
    """One run: its provenance, one row per split and facet, and whose it is, unless it is this library's."""

    run: Provenance
    rows: tuple[MetricsRow, ...]
    entry: Entry | None = None


def data_name(data: str) -> str:
    """What results call a data set: `mini`, `eufcc340k`, or the name of a user's own folder."""
    return file_name("data", paths.resolve(data).name)


def check_data(data: str) -> None:
    """`UserError` if there are neither results on this data set nor such a data set."""
    if not read_results(data):
        locate(data)


def result_path(data: str, model: str) -> Path:
    """`results/DATA/MODEL.json`; `UserError` if a name could lead elsewhere."""
    return paths.RESULTS / file_name("data", data) / f"{file_name('model', model)}.json"


def write_result(result: RunResult, path: str | os.PathLike | None = None) -> Path:
    """Write the run's file, where `read_results` looks for it if no path is given, and return its path.

    One row per line, so that git shows changes.
    """
    path = paths.resolve(path) if path else result_path(result.run.data, result.run.model)
    heads = {"entry": result.entry, "run": result.run}
    heads = ",\n".join(f'"{key}": {json.dumps(portable(dataclasses.asdict(head)), indent=1, ensure_ascii=False, allow_nan=False)}'
                       for key, head in heads.items() if head)
    rows = [json.dumps(portable(dataclasses.asdict(row)), ensure_ascii=False, allow_nan=False)
            for row in result.rows]
    lines = ",\n".join(f" {row}" for row in rows)
    with paths.atomic(path) as temporary:
        temporary.write_text(f'{{{heads},\n"rows": [\n{lines}\n]}}\n', encoding="utf-8")
    return path


def read_result(path: str | os.PathLike) -> RunResult:
    """Read one run's file; what is returned is shared by all who read it and must not be changed.

    Raises:
        UserError: not JSON; a key missing, unknown, of the wrong type or with a value that is none; or a file whose
            name or folder is not the model or data that it holds.
    """
    path = Path(path)
    return _parse_result(path, _read_text(path))


@functools.lru_cache(maxsize=256)
def _parse_result(path: Path, text: str) -> RunResult:
    """A run from the text of its file, once for each text: a chapter asks for all runs some thirty times."""
    place, content = shown(path), _parse(path, text)
    if not isinstance(content, dict) or set(content) - {"entry"} != {"run", "rows"} or not isinstance(content["rows"], list):
        raise UserError(f"{place}: expected the keys 'run' and 'rows', the second a list, and 'entry' for what is not of this library.")
    run = _build(Provenance, content["run"], f"{place}, 'run'")
    rows = tuple(_build_row(row, f"{place}, row {number}") for number, row in enumerate(content["rows"], 1))
    for where, named in [("'run'", run)] + [(f"row {number}", row) for number, row in enumerate(rows, 1)]:
        if (named.data, named.model) != (path.parent.name, path.stem):
            raise UserError(f"{place}, {where}: it holds data {named.data!r} and model {named.model!r}; expected "
                            "those of its path, results/DATA/MODEL.json.")
    for number, row in enumerate(rows, 1):
        if any((row.split, row.facet) == (other.split, other.facet) for other in rows[:number - 1]):
            raise UserError(f"{place}, row {number}: a second row of {row.split} and {row.facet}; expected one.")
    return RunResult(run, rows, build_entry(content["entry"], f"{place}, 'entry'") if "entry" in content else None)


def build_entry(values, place: str) -> Entry:
    """An entry from a JSON object; `UserError` with a sentence for each mistake, beginning with the place."""
    entry = _build(Entry, values, place)
    if mistakes := find_mistakes(entry):
        raise UserError("\n".join(f"{place}, {mistake}" for mistake in mistakes))
    return entry


def read_json(path: Path):
    """The content of a JSON file; `UserError` if it cannot be read or is none."""
    return _parse(path, _read_text(path))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{shown(path)}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UserError(f"{shown(path)}: not a text file in UTF-8.") from None


def _parse(path: Path, text: str):
    try:
        return writable(json.loads(text))
    except json.JSONDecodeError as error:
        raise UserError(f"{shown(path)}, line {error.lineno}: not valid JSON ({error.msg}).") from None
    except (RecursionError, ValueError):  # ValueError: a whole number of thousands of digits
        raise UserError(f"{shown(path)}: not JSON as this library writes it.") from None


def read_results(data: str) -> dict[str, RunResult]:
    """All runs on one data set by model, in order of name; empty if there are none.

    Raises:
        UserError: see `read_result`; or two were measured on different data, whose numbers do not compare.
    """
    folder = paths.RESULTS / data_name(data)
    results = {path.stem: read_result(path) for path in sorted(folder.glob("*.json"))}
    measured = {}
    for model, result in results.items():
        annotations = result.run.versions.get(ANNOTATIONS, "of no known commit")
        for part, found in {"annotations": annotations, "vocabulary": result.run.vocabulary_hash, **result.run.split_hashes}.items():
            first, other = measured.setdefault(part, (model, found))
            if other != found:
                raise UserError(f"{shown(folder)}: {first!r} and {model!r} were measured on different data ({part} {other} and "
                                f"{found}), so their numbers do not compare; expected one data set: run the older one again, "
                                "or move its file away.")
    return results


def read_recipe(data: str, model: str) -> dict:
    """Every setting with which a model was trained on a data set, by name; empty where it was not."""
    result = read_results(data).get(model)
    return result.run.recipe if result else {}


def read_chosen(data: str, model: str) -> dict[str, float]:
    """What a model's run chose on the validation split, by name; empty where it was not run, or had nothing to choose."""
    result = read_results(data).get(model)
    return result.run.chosen if result else {}


def check_unpacked(path: Path, most: int) -> None:
    """`UserError` if a zip or npz file would unpack to more than so many bytes. Its directory says so; nothing is unpacked."""
    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > most:
        raise UserError(f"{shown(path)} unpacks to {size / 1e6:,.0f} MB; expected at most {most / 1e6:,.0f} MB of arrays.")


def file_name(kind: str, name: str) -> str:
    """The name, if it is valid for a file or folder; else `UserError`."""
    if not re.fullmatch(r"\w[\w.+-]*", name):
        raise UserError(f"{kind.capitalize()} name {name!r}: expected letters, digits, '_', '-' or '.', as it names "
                        "a file.")
    return name


def shown(path: Path) -> str:
    """The path for messages: relative to the project's root if it is inside."""
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else str(path)


def _build_row(values, place: str) -> MetricsRow:
    row = _build(MetricsRow, values, place)
    for kind, word, known in (("split", row.split, SPLITS), ("facet", row.facet, FACET_NAMES)):
        if word not in known:
            raise UserError(f"{place}, key {kind!r}: {unknown(kind, word, known)}")
    for key in ("interval", "provider_interval"):
        for metric, bounds in getattr(row, key).items():
            numbers = isinstance(bounds, list) and [type(bound) in (int, float) and math.isfinite(bound) for bound in bounds] == [True, True]
            if bounds is not None and not numbers:
                raise UserError(f"{place}, key {key!r}: {metric!r} is {bounds!r}; expected [low, high] or null.")
    return row


def _build(kind: type, values, place: str):
    """A dataclass from a JSON object whose keys and types must be its fields."""
    if not isinstance(values, dict):
        raise UserError(f"{place}: expected an object, found {values!r}.")
    expected = _type_hints(kind)
    for key in [*expected, *values]:
        if key not in values:
            raise UserError(f"{place}: key {key!r} is missing; a file of an earlier version lacks it: run the model again.")
        if key not in expected:
            raise UserError(f"{place}: unknown key {key!r}; known keys: {', '.join(expected)}.")
        allowed = typing.get_args(expected[key]) if isinstance(expected[key], types.UnionType) else (expected[key],)
        value = values[key]
        fits = isinstance(value, allowed) or (float in allowed and isinstance(value, int))
        if not fits or (isinstance(value, bool) and bool not in allowed):
            wanted = " or ".join("null" if option is type(None) else option.__name__ for option in allowed)
            raise UserError(f"{place}, key {key!r}: {value!r} is not of type {wanted}.")
        if isinstance(value, float) and not math.isfinite(value):
            raise UserError(f"{place}, key {key!r}: {value!r} is no number; expected a finite one.")
    return kind(**values)
