"""The official csv, with further columns at its end for what the schema has no place for: work can resume from it.

A record that was opened is written unchanged except for what was edited. Who decided, and when, is in a file beside it,
see `provenance`.
"""

import unicodedata
from collections.abc import Collection
from itertools import chain
from pathlib import Path, PurePosixPath

from ...core.errors import UserError
from ...core.facets import FACETS, PATH_SEPARATOR
from ...data.records import COLUMNS, ID, PROVIDER, URL, Records
from ...data.records_csv import read_records, records_from_columns, write_records
from ...data.taxonomy import Vocabulary, format_paths
from ..state import ACCEPTED, DECIDED, NOTE, REJECTED, State
from .cells import harmless, mark_utf8, original
from .leaving import Leaving, record_ids

DATABASE = "annotation assistant"
SAFE = "safe"
"""The column that says of a record, with `yes`, that its cells were made harmless."""

_OWN = {NOTE, *(facet.column for facet in FACETS), *(f"{facet.name}.rejected" for facet in FACETS)}


def export_records(state: State, vocabulary: Vocabulary, origins: Collection[str] = DECIDED) -> Records:
    """A record for each image of the batch, also one without tags.

    What an opened file said of an image stays as it was. Elsewhere the id is the image's name without its suffix (with
    it, where two would be alike) and the address its name. The opened file's further columns follow the official ones,
    then come `FACET.rejected` and `note`.

    Args:
        origins: see `Leaving`; machine-only tags never leave by this file, since it cannot say whose they are.
    Raises:
        UserError: there is no image.
    """
    if not state.images:
        raise UserError("There is no image in this batch yet; expected at least one to export.")
    leaving = Leaving(state, vocabulary, {}, origins=set(origins) & set(DECIDED))
    names = list(state.images)
    kept = [state.record(name) for name in names]
    columns = {column: [record.get(column, "") for record in kept] for column in dict.fromkeys(chain(COLUMNS, *kept))}
    columns[ID] = list(record_ids(state).values())
    columns[URL] = [record.get(URL, name) for record, name in zip(kept, names)]
    columns["database"] = [record.get("database", DATABASE) for record in kept]
    columns[PROVIDER] = list(map(state.keeper, names))
    paths = list(map(leaving.paths, names))
    for facet in FACETS:
        columns[facet.column] = [format_paths(found[facet.name]) for found in paths]
    for facet in FACETS:
        columns[f"{facet.name}.rejected"] = [PATH_SEPARATOR.join(sorted(state.rejected(name, facet.name)))
                                             for name in names]
    columns[NOTE] = [state.note(name) for name in names]
    return records_from_columns(columns)


def export_csv(state: State, vocabulary: Vocabulary, path: Path, origins: Collection[str] = DECIDED, *, safe: bool = False,
               bom: bool = False) -> None:
    """Write `export_records` as the official files are.

    Args:
        safe: make cells harmless that a spreadsheet would execute; a last column says so, and `import_csv` undoes it.
        bom: begin with the sign by which Excel knows UTF-8.
    Raises:
        UserError: as `export_records`; or the opened file has a column of the last one's name.
    """
    records = export_records(state, vocabulary, origins)
    if safe:
        if SAFE in records.table.column_names:
            raise UserError(f"The records have a column {SAFE!r} of their own, in which it would say that cells were made harmless; "
                            "expected an export without that.")
        columns = {name: list(map(harmless, records.table[name].to_pylist())) for name in records.table.column_names}
        records = records_from_columns(columns | {SAFE: ["yes"] * len(records)})
    write_records(records, path)
    if bom:
        mark_utf8(path)


def import_csv(state: State, vocabulary: Vocabulary, path: Path) -> tuple[dict | None, list[str]]:
    """The event that brings a csv's records to the images of the batch, found by address or id.

    The tags of a record are the names on its paths, ancestors that it does not name left out. Tags that the vocabulary
    lacks are kept, and said.

    Returns:
        the event, None if no record is of an image here; and a sentence on what was not taken as it stands.
    Raises:
        UserError: the file is not in order.
    """
    records = _as_written(read_records(path))
    keys = {_key(PurePosixPath(name).stem): name for name in state.images} | {_key(name): name for name in state.images}
    images, strangers, again, unknown = {}, [], [], 0
    for row, (record, url) in enumerate(zip(records.ids, records.urls)):
        name = keys.get(_key(url)) or keys.get(_key(record))
        if name is None or name in images:
            (strangers if name is None else again).append(record)
            continue
        images[name] = _read_record(records, row)
        unknown += sum(not taxonomy.index.keys() >= set(records.tags(facet, row))
                       for facet, taxonomy in vocabulary.taxonomies.items())
    said = [f"{len(left):,} of {len(records):,} records are of {what}, the first {left[0]!r}; they were left out."
            for left, what in ((strangers, "images that are not in this batch"),
                               (again, "images that an earlier record is of")) if left]
    if unknown:
        said.append(f"{unknown:,} cells hold tags that the models do not know; they are kept as they are.")
    return ({"do": "import", "images": images} if images else None), said


def _key(text: str) -> str:
    """Some systems write an accented letter of a file's name as two signs."""
    return unicodedata.normalize("NFC", text)


def _as_written(records: Records) -> Records:
    """The records without what made their cells harmless, and without the column that says so."""
    names = records.table.column_names
    if SAFE not in names or not set(records.further(SAFE)) <= {"", "yes"}:  # a museum's own column of this name
        return records
    safe = records.further(SAFE) == "yes"
    return records_from_columns({name: [original(cell) if made else cell for cell, made in zip(records.table[name].to_pylist(), safe)]
                                 for name in names if name != SAFE})


def _read_record(records: Records, row: int) -> dict:
    """What one record says, as the event of an import has it."""
    record = {column: records.table[column][row].as_py() for column in records.table.column_names}
    marks, cells = {}, {}
    for facet in FACETS:
        cells[facet.name] = record[facet.column]
        rejected = filter(None, record.get(f"{facet.name}.rejected", "").split(PATH_SEPARATOR))
        marks[facet.name] = dict.fromkeys(rejected, REJECTED) | dict.fromkeys(records.tags(facet.name, row), ACCEPTED)
    return {"marks": {facet: found for facet, found in marks.items() if found},
            "cells": {facet: cell for facet, cell in cells.items() if cell},
            "record": {column: text for column, text in record.items()
                       if column not in _OWN and (text or column != PROVIDER)},
            **({NOTE: record[NOTE]} if NOTE in record else {})}
