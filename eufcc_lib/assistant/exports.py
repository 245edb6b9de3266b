"""The work as files for others: csv in the official schema, and W3C Web Annotations as JSON-LD.

The csv has further columns at its end, for what the official schema has no place for: work can resume from it. A
record that was opened is written unchanged except for what was edited.
"""

import json
import unicodedata
import uuid
from collections.abc import Mapping
from itertools import chain, takewhile
from pathlib import Path, PurePosixPath

from ..core.errors import UserError
from ..core.facets import FACETS, PATH_SEPARATOR, get_facet
from ..data.records import COLUMNS, ID, PROVIDER, URL, Records, distinct_tags
from ..data.records_csv import read_records, records_from_columns, write_records
from ..data.taxonomy import Taxonomy, Vocabulary, format_paths
from .names import TagNames
from .state import ACCEPTED, NOTE, REJECTED, State

DATABASE = "annotation assistant"
_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_GENERATOR = {"id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, DATABASE)}", "type": "Software", "name": DATABASE}
_OWN = {NOTE, *(facet.column for facet in FACETS), *(f"{facet.name}.rejected" for facet in FACETS)}


def annotated_paths(state: State, taxonomy: Taxonomy, image: str) -> list[tuple[str, ...]]:
    """Every accepted tag of an image in one facet, and no other, as paths; both exports and the page say these.

    First come the paths of the image's record as they stand there, each as far as its tags are accepted still; then
    the deepest of the further tags, with what is accepted above them in the taxonomy; then what the taxonomy lacks.
    """
    accepted = state.accepted(image, taxonomy.facet)
    paths = list(state.paths(image, taxonomy.facet))
    kept = [path for path in paths if accepted.issuperset(path)]
    covered = set(chain.from_iterable(kept))
    for path in paths:
        left = tuple(takewhile(accepted.__contains__, path))
        if not covered.issuperset(left):
            kept.append(left)
            covered.update(left)
    known = {taxonomy.index[name]: taxonomy.path(taxonomy.index[name]) for name in accepted - covered
             if name in taxonomy.index}
    above = {name for path in known.values() for name in path[:-1]}
    further = [tuple(name for name in known[tag] if name in accepted) for tag in sorted(known)
               if taxonomy.names[tag] not in above]
    kept = [path for path in kept if not any(longer[:len(path)] == path for longer in further)]
    return [*kept, *further, *((name,) for name in sorted(accepted - covered) if name not in taxonomy.index)]


def tell_unknown(state: State, vocabulary: Vocabulary) -> list[str]:
    """A sentence if accepted tags are none of the vocabulary's: exports hold them all the same."""
    unknown = {(facet, tag) for image in state.images for facet, taxonomy in vocabulary.taxonomies.items()
               for tag in state.accepted(image, facet) if tag not in taxonomy.index}
    if not unknown:
        return []
    told = (f"{len(unknown):,} accepted tags are not in the models' vocabulary, the first {min(unknown)[1]!r}; "
            "they are exported too.")
    return [told]


def export_records(state: State, vocabulary: Vocabulary) -> Records:
    """A record for each image of the batch, also one without tags.

    What an opened file said of an image stays as it was. Elsewhere the id is the image's name without its suffix (with
    it, where two would be alike) and the address its name. The opened file's further columns follow the official ones,
    then come `FACET.rejected` and `note`.

    Raises:
        UserError: there is no image.
    """
    if not state.images:
        raise UserError("There is no image in this batch yet; expected at least one to export.")
    names = list(state.images)
    kept = [state.record(name) for name in names]
    columns = {column: [record.get(column, "") for record in kept] for column in dict.fromkeys(chain(COLUMNS, *kept))}
    columns[ID] = _ids(names, kept)
    columns[URL] = [record.get(URL, name) for record, name in zip(kept, names)]
    columns["database"] = [record.get("database", DATABASE) for record in kept]
    columns[PROVIDER] = list(map(state.keeper, names))
    for facet in FACETS:
        columns[facet.column] = [format_paths(annotated_paths(state, vocabulary[facet.name], name)) for name in names]
    for facet in FACETS:
        columns[f"{facet.name}.rejected"] = [PATH_SEPARATOR.join(sorted(state.rejected(name, facet.name)))
                                             for name in names]
    columns[NOTE] = [state.note(name) for name in names]
    return records_from_columns(columns)


def export_csv(state: State, vocabulary: Vocabulary, path: Path) -> None:
    """Write `export_records` as the official files are."""
    write_records(export_records(state, vocabulary), path)


def import_csv(state: State, vocabulary: Vocabulary, path: Path) -> tuple[dict | None, list[str]]:
    """The event that brings a csv's records to the images of the batch, found by address or id.

    The tags of a record are the names on its paths, ancestors that it does not name left out. Tags that the vocabulary
    lacks are kept, and said.

    Returns:
        the event, None if no record is of an image here; and a sentence on what was not taken as it stands.
    Raises:
        UserError: the file is not in order.
    """
    records = read_records(path)
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


def export_jsonld(state: State, vocabulary: Vocabulary, names: Mapping[str, TagNames], session: str) -> str:
    """The accepted tags and the notes as a W3C AnnotationCollection, one annotation per image and facet, one per note.

    A tag whose number in the AAT is known is a resource of the AAT, another a textual body. The target is the image
    itself, wherever it lies: its address is the SHA-256 of its bytes, its name a property.
    """
    items = []
    for image in state.images:
        for facet in FACETS:
            if bodies := _bodies(state, vocabulary[facet.name], names[facet.name], image):
                items.append(_annotation(session, state, image, facet.name, "tagging", bodies))
        if note := state.note(image):
            body = {"type": "TextualBody", "value": note, "format": "text/plain", "purpose": "commenting"}
            items.append(_annotation(session, state, image, NOTE, "commenting",
                                     [body | _created(state, image, NOTE, "")]))
    collection = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, session)}"
    page = f"{collection}#page"
    content = {"@context": _CONTEXT, "id": collection, "type": "AnnotationCollection", "label": f"Session {session}",
               "generator": _GENERATOR, "total": len(items),
               "first": {"id": page, "type": "AnnotationPage", "partOf": collection, "startIndex": 0, "items": items},
               "last": page}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _ids(names: list[str], kept: list[Mapping[str, str]]) -> list[str]:
    """For each image the id that its record had, else its name without the suffix if that is no other's."""
    stems = [PurePosixPath(name).stem for name in names]
    others = {*names, *(record[ID] for record in kept if ID in record)}
    return [record.get(ID) or (stem if stems.count(stem) == 1 and stem not in others else name)
            for record, stem, name in zip(kept, stems, names)]


def _key(text: str) -> str:
    """Some systems write an accented letter of a file's name as two signs."""
    return unicodedata.normalize("NFC", text)


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


def _bodies(state: State, taxonomy: Taxonomy, names: TagNames, image: str) -> list[dict]:
    bodies = []
    for name in distinct_tags(annotated_paths(state, taxonomy, image)):
        tag = taxonomy.index.get(name)
        uri = names.uri(tag) if tag is not None else None
        if uri:
            body = {"type": "SpecificResource", "source": uri, "purpose": "classifying", "rdfs:label": name}
        else:
            body = {"type": "TextualBody", "value": name, "format": "text/plain", "purpose": "tagging"}
        bodies.append(body | _created(state, image, taxonomy.facet, name))
    return bodies


def _created(state: State, image: str, part: str, tag: str) -> dict[str, str]:
    """When it was decided, for a body, if that is known."""
    decision = state.find_decision(image, part, tag)
    at = state.note_made(image)[1] if part == NOTE else decision.at if decision else ""
    return {"created": at} if at else {}


def _annotation(session: str, state: State, image: str, part: str, motivation: str, bodies: list[dict]) -> dict:
    """One annotation; made when the first of its bodies was, changed when the last."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{session}/{image}/{part}")
    title = get_facet(part).title_en if part != NOTE else "Note"
    times = sorted(body["created"] for body in bodies if "created" in body)
    dates = {"created": times[0], "modified": times[-1]} if times else {}
    target = {"id": f"urn:sha256:{state.images[image].digest}", "type": "Image", "schema:name": image}
    return {"id": f"urn:uuid:{identity}", "type": "Annotation", "motivation": motivation, "rdfs:label": title, **dates,
            "generator": _GENERATOR, "body": bodies, "target": target}
