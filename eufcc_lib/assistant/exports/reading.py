"""Any file that the assistant writes and reads back: a csv of records, the provenance beside it, JSON-LD."""

from contextlib import suppress
from pathlib import Path

from ...data.taxonomy import Vocabulary
from ..state import State
from .csv_files import import_csv
from .jsonld import import_jsonld
from .provenance import import_provenance


def import_file(state: State, vocabulary: Vocabulary, path: Path) -> tuple[dict | None, list[str]]:
    """The event that takes the file in, told by its beginning, and sentences on what was left out.

    Raises:
        UserError: the file is not in order.
    """
    start = ""
    with suppress(OSError), open(path, encoding="utf-8-sig", errors="replace") as file:
        start = file.readline()
    if start.lstrip().startswith("{"):
        return import_jsonld(state, path)
    if {"mark", "origin"} <= set(start.strip().split(",")):
        return import_provenance(state, path)
    return import_csv(state, vocabulary, path)
