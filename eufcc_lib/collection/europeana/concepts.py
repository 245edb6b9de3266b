"""The concepts of an item: from the URIs that Europeana gives to ids of the AAT.

AAT addresses are recognised in every spelling; Europeana's own concepts are resolved by the `exactMatch` of
their entity, requested once and kept on disk. The facets and paths of an id are found in `mapping`.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tqdm import tqdm

from ...core.errors import UserError
from ...core.paths import resolve
from ...core.text import read_json, writable
from .client import Client

_AAT = re.compile(r"https?://(?:www\.)?vocab\.getty\.edu/(?:page/)?aat/([0-9]{9})(?:[-./?#;].*)?|"
                  r"https?://(?:www\.)?getty\.edu/.*/AAT\w*\?(?:.*&)?subjectid=([0-9]{9})(?![0-9]).*", re.IGNORECASE)

_ENTITY = re.compile(r"https?://data\.europeana\.eu/concept/(?:base/)?([0-9]+)(?:\.[a-z]+)?/?", re.IGNORECASE)


@dataclass(frozen=True)
class Entity:
    """One of Europeana's concepts.

    Attributes:
        number: N of http://data.europeana.eu/concept/N.
        found: whether Europeana still has it.
        label: a name for reports, English if it has one.
        aat: the AAT ids of its exact matches, in its order; several where it merges senses.
    """

    number: str
    found: bool
    label: str = ""
    aat: tuple[int, ...] = ()


class Match(NamedTuple):
    """The AAT ids that a URI may stand for, or the reason why there are none; and a name, if there is one."""

    ids: tuple[int, ...]
    reason: str = ""
    label: str = ""


def aat_id(uri: str) -> int | None:
    """The AAT id in an address of one of Getty's services; None if it is another address.

    >>> aat_id("https://vocab.getty.edu/page/aat/300010900/")
    300010900
    >>> aat_id("http://vocab.getty.edu/aat/300010900.json")
    300010900
    >>> aat_id("http://vocab.getty.edu/tgn/7007567") is None
    True
    """
    found = _AAT.fullmatch(uri.strip())
    return int(found[1] or found[2]) if found else None


def entity_number(uri: str) -> str | None:
    """N of a Europeana concept; the addresses of before 2021, with `base/`, had the same numbers.

    >>> entity_number("http://data.europeana.eu/concept/base/62")
    '62'
    """
    found = _ENTITY.fullmatch(uri.strip())
    return found[1] if found else None


def entity_numbers(lines: Iterable[Mapping]) -> list[str]:
    """The Europeana concepts in harvested lines, each once, in the order of their first mention."""
    numbers = (entity_number(uri) for line in lines for uri in item_uris(line["item"]))
    return list(dict.fromkeys(filter(None, numbers)))


def item_uris(item: Mapping) -> tuple[str, ...]:
    """The concept URIs of an item of the Search API, each once."""
    return tuple(dict.fromkeys(texts(item.get("edmConcept"))))


def listed(value: Any) -> list:
    """The values of a field, which the service gives as a list, as the only value, or not at all."""
    return value if isinstance(value, list) else [] if value is None else [value]


def texts(value: Any) -> list[str]:
    """The values of a field that are text; half an emoji, which no file can hold, becomes a replacement sign.

    >>> texts(["Museum", None, {"def": ["Museum"]}])
    ['Museum']
    """
    return [writable(text) for text in listed(value) if isinstance(text, str)]


def match_concept(uri: str, entities: Mapping[str, Entity]) -> Match:
    """What a URI stands for, given the entities that were requested.

    >>> match_concept("http://vocab.getty.edu/aat/300010900", {}).ids
    (300010900,)
    >>> match_concept("https://d-nb.info/gnd/4059263-1", {}).reason
    'another vocabulary'
    """
    if number := aat_id(uri):
        return Match((number,))
    if not (number := entity_number(uri)):
        return Match((), "another vocabulary")
    if not (entity := entities.get(number)):
        return Match((), "a Europeana entity that was not requested")
    if not entity.found:
        return Match((), "a Europeana entity that does not exist")
    return Match(entity.aat, "" if entity.aat else "a Europeana entity without an AAT match", entity.label)


def read_entities(path: str | os.PathLike) -> dict[str, Entity]:
    """The entities kept in a file by `fetch_entities`; none if there is no file yet.

    Raises:
        UserError: naming file and line, which is no entity.
    """
    path = resolve(path)
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []  # after a kill the last may be a part
    entities = {}
    for position, line in enumerate(lines, 1):
        try:
            kept = read_json(line)
            matches = tuple(number for number in map(aat_id, kept["exactMatch"]) if number)
            if not isinstance(kept["label"], str):
                raise TypeError
            entity = Entity(kept["concept"], kept["found"], kept["label"], tuple(dict.fromkeys(matches)))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(f"{path}, line {position}: found {line[:80]!r}; expected an entity as the harvest keeps "
                            "it. Delete the line to request it again.") from None
        entities[entity.number] = entity
    return entities


def fetch_entities(numbers: Iterable[str], source: Client, path: str | os.PathLike) -> dict[str, Entity]:
    """Request the concepts that are not in the file yet, and add each answer to it at once.

    The answer that there is no such concept is kept too. Stopped at any moment, the next call resumes and requests
    nothing twice.

    Args:
        numbers: N of http://data.europeana.eu/concept/N.
        source: the API client; its errors are passed on.
        path: a file of JSON lines: concept, found, label, exactMatch (AAT addresses only), date.
    Returns:
        all entities in the file, also those of earlier calls.
    """
    path = resolve(path)
    entities = read_entities(path)
    missing = [number for number in dict.fromkeys(numbers) if number not in entities]
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            file.truncate(path.read_bytes().rfind(b"\n") + 1)  # what a kill left after the last whole line
            for number in tqdm(missing, desc="concepts", unit="", file=sys.stdout):
                kept = _kept(number, source.get_concept(number))
                file.write(json.dumps(kept, ensure_ascii=False).encode() + b"\n")
                file.flush()
            os.fsync(file.fileno())
    return read_entities(path) if missing else entities


def _kept(number: str, answer: Mapping | None) -> dict:
    answer = answer or {}
    labels = answer.get("prefLabel")
    names = [labels.get("en"), *labels.values()] if isinstance(labels, dict) else []
    label = next((text for name in names for text in texts(name) if text), "")
    return {"concept": number, "found": bool(answer), "label": label,
            "exactMatch": [uri for uri in texts(answer.get("exactMatch")) if aat_id(uri)],
            "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")}
