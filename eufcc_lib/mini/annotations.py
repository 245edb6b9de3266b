"""The files beside the museum's pictures: records, label trees, and what each picture really shows."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ..core.facets import FACETS, LEVEL_SEPARATOR
from ..core.paths import atomic
from ..data.label_files import write_label_vocabulary
from ..data.labels import count_vocabulary
from ..data.records import COLUMNS, ID, OBJECT, PROVIDER, SPLITS, URL, Records
from ..data.records_csv import records_from_columns, write_records
from ..data.taxonomy import format_paths
from ..data.terms import museum_terms
from .catalogue import Entry
from .kinds import KINDS

PUBLISHED = 10
"""Images that a tag needs to be in the label files, counted before the museum is split, as in the paper's section 3."""


def write_annotations(plan: Sequence[Entry], root: Path, language: str) -> None:
    """Write `{train,val,test_id,test_ood}.csv`, `labels/<facet>.txt` and `drawn.csv`."""
    for split in SPLITS:
        write_records(_records([entry for entry in plan if entry.split == split], language), root / f"{split}.csv")
    write_label_vocabulary(count_vocabulary(_records(plan, language), PUBLISHED), root / "labels")
    _write_answers(plan, root / "drawn.csv")


def _records(entries: Sequence[Entry], language: str) -> Records:
    translated = {(term.facet, term.path()): term.path(language)
                  for terms in museum_terms().values() for places in terms.values() for term in places}
    columns = {name: [] for name in (*COLUMNS, OBJECT)}
    for entry in entries:
        for facet in FACETS:
            paths = [translated[facet.name, path] for path in entry.paths[facet.name]]
            columns[facet.column].append(format_paths(paths))
        columns[ID].append(entry.id)
        columns[URL].append(f"https://mini.example/objects/{entry.number:05d}/{entry.view + 1}.jpg")
        columns[OBJECT].append(str(entry.number))
        columns["database"].append("EUROPEANA")
        columns[PROVIDER].append(entry.thing.provider)
    return records_from_columns(columns)


def _write_answers(plan: Sequence[Entry], path: Path) -> None:
    """What every picture shows, whether or not its record says so."""
    with atomic(path) as part, open(part, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["idInSource", "split", "object", "view", "objectType", "materials", "scene", "classification", "provider",
                         "wrongFacet", "wrongPath"])
        for entry in plan:
            thing, wrong = entry.thing, entry.wrong or ("", ())
            writer.writerow([entry.id, entry.split, entry.number, entry.view + 1, thing.kind, " + ".join(thing.made), thing.scene,
                             KINDS[thing.kind].field, thing.provider, wrong[0], LEVEL_SEPARATOR.join(wrong[1])])
