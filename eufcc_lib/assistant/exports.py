"""The work as files for others: csv in the official schema, and W3C Web Annotations as JSON-LD.

The csv has further columns at its end, for what the official schema has no place for: the work can go on from it.
"""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ..errors import UserError
from ..facets import FACETS, get_facet
from ..records import COLUMNS, ID, PROVIDER, URL, Records, read_records, records_from_columns, write_records
from ..taxonomy import PATH_SEPARATOR, Taxonomy, Vocabulary, format_paths
from .names import TagNames
from .session import ACCEPTED, REJECTED, State

NOTE = "note"
DATABASE = "annotation assistant"
_CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def deepest(taxonomy: Taxonomy, accepted: set[str]) -> list[int]:
    """The accepted tags with none accepted below them, in the order of the taxonomy."""
    tags = sorted(taxonomy.index[name] for name in accepted if name in taxonomy.index)
    above = {int(taxonomy.parent[tag]) for tag in tags}
    return [tag for tag in tags if tag not in above]


def export_records(state: State, vocabulary: Vocabulary) -> Records:
    """A record for each image of the batch, also one without tags.

    The id is the image's name without its suffix (with it, where two would be alike), the address its name. Columns
    `note` and `FACET.rejected` follow the official ones.

    Raises:
        UserError: there is no image.
    """
    if not state.images:
        raise UserError("There is no image in this batch yet; expected at least one to export.")
    names = list(state.images)
    stems = [PurePosixPath(name).stem for name in names]
    columns = {column: [""] * len(names) for column in COLUMNS}
    columns[ID] = [stem if stems.count(stem) == 1 and stem not in names else name for stem, name in zip(stems, names)]
    columns[URL] = names
    columns["database"] = [DATABASE] * len(names)
    columns[PROVIDER] = [state.provider] * len(names)
    for facet in FACETS:
        columns[facet.column] = [_cell(state, vocabulary[facet.name], name) for name in names]
    for facet in FACETS:
        columns[_rejected_column(facet.name)] = [
            PATH_SEPARATOR.join(sorted(tag for tag, mark in state.marks(name, facet.name).items() if mark == REJECTED))
            for name in names]
    columns[NOTE] = [state.work.notes.get(name, "") for name in names]
    return records_from_columns(columns)


def export_csv(state: State, vocabulary: Vocabulary, path: Path) -> None:
    """Write `export_records` as the official files are."""
    write_records(export_records(state, vocabulary), path)


def import_csv(state: State, vocabulary: Vocabulary, path: Path) -> tuple[dict | None, list[str]]:
    """The event that brings a csv's annotations to the images of the batch, found by address or id.

    Paths with a tag that the vocabulary lacks are kept as they are, and said.

    Returns:
        the event, None if no record is of an image here; and a sentence on what was not taken as it stands.
    Raises:
        UserError: the file is not in order.
    """
    records = read_records(path)
    keys = {PurePosixPath(name).stem: name for name in state.images} | {name: name for name in state.images}
    images, strangers, outside = {}, [], 0
    for row, (record, url) in enumerate(zip(records.ids, records.urls)):
        name = keys.get(url) or keys.get(record)
        if name is None:
            strangers.append(record)
            continue
        found = {facet.name: _read_cell(records, vocabulary[facet.name], row) for facet in FACETS}
        outside += sum(bool(kept) for _, kept in found.values())
        note = records.table[NOTE][row].as_py() if NOTE in records.table.column_names else ""
        images[name] = {"marks": {facet: marks for facet, (marks, _) in found.items() if marks}, "note": note,
                        "outside": {facet: kept for facet, (_, kept) in found.items() if kept}}
    said = []
    if strangers:
        said.append(f"{len(strangers):,} of {len(records):,} records are of images that are not in this batch, the "
                    f"first {strangers[0]!r}; they were left out.")
    if outside:
        said.append(f"{outside:,} cells hold paths with tags that the models do not know; they are kept as they are.")
    return ({"do": "import", "images": images} if images else None), said


def export_jsonld(state: State, vocabulary: Vocabulary, names: Mapping[str, TagNames], session: str) -> str:
    """The accepted tags and the notes as a W3C AnnotationCollection, one annotation an image and facet, and a note.

    A tag whose number in the AAT is known is a resource of the AAT, another a textual body.
    """
    items = []
    for image in state.images:
        for facet in FACETS:
            if bodies := _bodies(state, vocabulary[facet.name], names[facet.name], image):
                items.append(_annotation(session, state, image, facet.name, "tagging", bodies))
        if note := state.work.notes.get(image):
            body = {"type": "TextualBody", "value": note, "format": "text/plain", "purpose": "commenting"}
            items.append(_annotation(session, state, image, NOTE, "commenting", [body]))
    collection = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, session)}"
    content = {"@context": _CONTEXT, "id": collection, "type": "AnnotationCollection", "label": f"Session {session}",
               "total": len(items),
               "first": {"id": f"{collection}#page", "type": "AnnotationPage", "startIndex": 0, "items": items}}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell(state: State, taxonomy: Taxonomy, image: str) -> str:
    paths = [taxonomy.path(tag) for tag in deepest(taxonomy, state.accepted(image, taxonomy.facet))]
    kept = state.work.outside.get(image, {}).get(taxonomy.facet, "")
    return PATH_SEPARATOR.join(text for text in (format_paths(paths), kept) if text)


def _read_cell(records: Records, taxonomy: Taxonomy, row: int) -> tuple[dict[str, str], str]:
    """What was decided about one image in one facet, and the paths that the taxonomy has no place for."""
    marks, outside = {}, []
    for path in records.paths(taxonomy.facet, row):
        if set(path) <= set(taxonomy.names):
            marks |= dict.fromkeys((name for tag in path for name in taxonomy.path(taxonomy.index[tag])), ACCEPTED)
        else:
            outside.append(path)
    column = _rejected_column(taxonomy.facet)
    cell = records.table[column][row].as_py() if column in records.table.column_names else ""
    marks |= {name: REJECTED for name in cell.split(PATH_SEPARATOR) if name in taxonomy.index and name not in marks}
    return marks, format_paths(outside)


def _bodies(state: State, taxonomy: Taxonomy, names: TagNames, image: str) -> list[dict]:
    bodies = []
    for name in sorted(state.accepted(image, taxonomy.facet), key=lambda name: taxonomy.index.get(name, -1)):
        tag = taxonomy.index.get(name)
        uri = names.uri(tag) if tag is not None else None
        if uri:
            bodies.append({"type": "SpecificResource", "source": uri, "purpose": "classifying", "rdfs:label": name})
        else:
            bodies.append({"type": "TextualBody", "value": name, "format": "text/plain", "purpose": "tagging"})
    return bodies


def _annotation(session: str, state: State, image: str, part: str, motivation: str, bodies: list[dict]) -> dict:
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{session}/{image}/{part}")
    title = get_facet(part).title_en if part != NOTE else "Note"
    return {"id": f"urn:uuid:{identity}", "type": "Annotation", "motivation": motivation, "rdfs:label": title,
            "created": state.changed, "body": bodies, "target": {"id": quote(image), "type": "Image"}}


def _rejected_column(facet: str) -> str:
    return f"{facet}.rejected"
