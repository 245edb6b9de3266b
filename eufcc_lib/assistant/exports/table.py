"""A table of addresses and labels, as the imports of TMS, CollectiveAccess and Omeka S take it: one row for each image.

Each facet has five columns: `FACET.uri`, `FACET.label_en`, `FACET.label_ca`, `FACET.origin` (who says it: a person, a file or
a model) and `FACET.source` (the list that has it; `free` for none). A cell holds the narrowest tags, with ` | ` between them,
the same tag at the same place in all five; an address is empty where no number is known.
For a system that wants one row for each tag, `provenance` is that table.
"""

from pathlib import Path

from ...core.csv_tables import write_rows
from ...core.facets import FACETS, LANGUAGES, LEVEL_SEPARATOR
from ...data.records import ID, PROVIDER, URL
from ..names import AAT
from ..state import NOTE
from .cells import harmless, mark_utf8
from .leaving import Leaving

PARTS = ("uri", *(f"label_{language}" for language in LANGUAGES), "origin", "source")

COLUMNS = (ID, URL, PROVIDER, *(f"{facet.name}.{part}" for facet in FACETS for part in PARTS), NOTE)


def export_table(leaving: Leaving, path: Path, *, safe: bool = False, bom: bool = False) -> None:
    """Write the table.

    Args:
        safe, bom: as in `export_csv`; this table is not read back.
    """
    write_rows(path, COLUMNS, ([*(map(harmless, row) if safe else row)] for row in (_row(leaving, image) for image in leaving.state.images)))
    if bom:
        mark_utf8(path)


def _row(leaving: Leaving, image: str) -> list[str]:
    state, tags = leaving.state, leaving.narrowest(image)
    cells = []
    for facet in FACETS:
        namings = [leaving.naming(facet.name, tag.tag) for tag in tags[facet.name]]
        columns = [[AAT + naming.number if naming.number else "" for naming in namings],
                   *([naming.texts[language] for naming in namings] for language in LANGUAGES),
                   [tag.origin for tag in tags[facet.name]], [naming.source for naming in namings]]
        cells += [LEVEL_SEPARATOR.join(texts) if any(texts) else "" for texts in columns]
    return [leaving.ids[image], state.record(image).get(URL, image), state.keeper(image), *cells, state.note(image)]
