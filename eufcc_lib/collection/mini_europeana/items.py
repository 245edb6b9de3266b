"""What the small Europeana of `server` serves: the mini museum's records as items, thumbnails and entities.

Items have the ids, fields and spellings of the real Search API, imperfections included, and are the
same on every machine.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageDraw

from ...core.facets import FACET_NAMES, LANGUAGES
from ...data.dataset import images_folder
from ...data.records import SPLITS
from ...data.records_csv import read_records
from .thesaurus import museum_concept, museum_thesaurus

KEY = "mini-museum-key"
"""The one valid API key; answers echo it, as in the real service."""

FOREIGN = ("https://d-nb.info/gnd/0000000-0", "https://iconclass.org/00(MINI)", "https://terms.mini.example/4711")
"""Concepts of other vocabularies, with invented numbers."""

OUTSIDE = (300053069, 300054216, 300021514)
"""AAT concepts outside the four facets: the processes cutting and painting, the style Symbolist."""

RIGHTS = tuple(f"http://creativecommons.org/{path}/" for path in (
    "publicdomain/zero/1.0", "publicdomain/mark/1.0", "licenses/by/4.0", "licenses/by-sa/4.0"))
"""The statements of openly licensed items; an institution has one for all of its images."""

EXTRAS = {
    "/mini/ceramic_990001": "its thumbnail is lost",
    "/mini/furniture_990002": "the picture of another piece of furniture, with its material and without its type",
    "/mini/art_990003": "all of its concepts lie outside the facets",
}
"""Imperfect items for teaching, served beside the museum's own with `extras=True`: id -> what is wrong."""

CONTEXT = "http://www.europeana.eu/schemas/context/entity.jsonld"
_DATASET = "mini_EUFCC_Museum"
_SECOND_MEANING = 300053001  # Processes and Techniques, which some entities match beside their own concept
_TIMESTAMP = 1_767_225_600_000  # milliseconds: 2026-01-01, when everything here was "created"


@dataclass(frozen=True)
class Museum:
    """What is served.

    Attributes:
        items: collection -> its items, in order of id.
        thumbnails: MD5 of an original's url -> file.
        entities: number -> the Europeana entity.
    """

    items: dict[str, list[dict]]
    thumbnails: dict[str, Path]
    entities: dict[int, dict]


def open_museum(root: Path, url: str, extras: bool) -> Museum:
    """The drawn museum in `root` as it is served at `url`, with `EXTRAS` or without.

    Raises:
        UserError: there is no drawn mini museum in `root`.
    """
    entities = _entities()
    same = {uri: number for number, entity in entities.items() for uri in entity["exactMatch"]
            if uri.startswith("http://vocab.getty.edu/aat/")}
    items, thumbnails = {}, {}
    for split in SPLITS:
        records = read_records(root / f"{split}.csv")
        for row, (name, original, keeper) in enumerate(zip(records.ids, records.urls, records.providers)):
            paths = {facet: records.paths(facet, row) for facet in FACET_NAMES}
            thumbnails[md5(original)] = images_folder(root) / f"{name}.jpg"
            items[f"/mini/{name}"] = (original, keeper, paths)
    items = dict(sorted(items.items()))
    if extras:
        items |= _extras(items, thumbnails)
    collections = {}
    for name, (original, keeper, paths) in sorted(items.items()):
        concepts = {museum_concept(facet, path) for facet in FACET_NAMES for path in paths.get(facet, ())}
        concepts |= set(paths.get("outside", ()))
        found = collections.setdefault(name.removeprefix("/mini/").rpartition("_")[0], [])
        found.append(_item(name, original, keeper, sorted(concepts), len(found), url, same))
    return Museum(collections, thumbnails, entities)


def _extras(items: dict[str, tuple], thumbnails: dict[str, Path]) -> dict[str, tuple]:
    lost, copy, outside = EXTRAS
    originals = {name: f"https://mini.example/extras/{name.rpartition('_')[2]}.jpg" for name in EXTRAS}
    some = next(entry for name, entry in items.items() if name.startswith("/mini/ceramic_"))
    whole = next(name for name, (_, _, paths) in items.items()
                 if name.startswith("/mini/furniture_") and paths["objectTypes"] and not paths["materials"])
    wooden = next(paths["materials"] for name, (_, _, paths) in items.items()
                  if name.startswith("/mini/furniture_") and paths["materials"])
    picture = next(entry for name, entry in items.items() if name.startswith("/mini/art_0"))
    thumbnails[md5(originals[copy])] = thumbnails[md5(items[whole][0])]
    thumbnails[md5(originals[outside])] = thumbnails[md5(picture[0])]
    return {lost: (originals[lost], some[1], some[2]),
            copy: (originals[copy], items[whole][1], {"materials": wooden}),
            outside: (originals[outside], picture[1], {"outside": OUTSIDE})}


def _item(name: str, original: str, keeper: str, concepts: list[int], index: int, url: str, same: dict) -> dict:
    """An item of the Search API in its `standard` profile, with the mixed order and spellings of the real ones."""
    terms = [museum_thesaurus().get(concept) for concept in concepts]
    labels = {language: sorted(term.labels[language] for term in terms if term and language in term.labels)
              for language in LANGUAGES}
    title = (labels["en"] or ["untitled"])[0].capitalize()
    uris = [_spelled(name, concept, same) for concept in concepts]
    if drawn_number("foreign", name) % 5 == 0:
        uris.append(FOREIGN[drawn_number("which", name) % len(FOREIGN)])
    uris.sort(key=lambda uri: drawn_number("order", name, uri))
    return {name: value for name, value in {
        "id": name, "type": "IMAGE", "title": [title], "dcTitleLangAware": {"en": [title]},
        "dataProvider": [keeper], "provider": ["Mini Museum"], "country": ["Europe"], "language": ["mul"],
        "rights": [RIGHTS[drawn_number("rights", keeper) % len(RIGHTS)]],
        "edmConcept": uris, "edmConceptLabel": [{"def": text} for texts in labels.values() for text in texts],
        "edmConceptPrefLabelLangAware": {language: texts for language, texts in labels.items() if texts},
        "edmPreview": [f"{url}/thumbnail/v2/url.json?uri={quote(original, safe='')}&type=IMAGE"],
        "edmIsShownBy": [original], "edmIsShownAt": [original.rpartition("/")[0]],
        "edmDatasetName": [_DATASET], "europeanaCollectionName": [_DATASET],
        "link": f"{url}/record{name}.json?wskey={KEY}",
        "guid": f"{url}/item{name}?utm_source=api&utm_medium=api&utm_campaign={KEY}",
        "completeness": 5, "europeanaCompleteness": 5, "index": index, "score": 1, "previewNoDistribute": False,
        "ugc": [False], "timestamp": _TIMESTAMP, "timestamp_created": "2026-01-01T00:00:00.000Z",
        "timestamp_created_epoch": _TIMESTAMP, "timestamp_update": "2026-01-01T00:00:00.000Z",
        "timestamp_update_epoch": _TIMESTAMP}.items() if value not in ([], {})}


def _spelled(name: str, concept: int, same: dict[str, int]) -> str:
    plain, choice = f"http://vocab.getty.edu/aat/{concept}", drawn_number("spelling", name, concept) % 10
    if plain in same and choice < 6:
        return f"http://data.europeana.eu/concept/{'base/' if choice == 0 else ''}{same[plain]}"
    return (plain, plain.replace("http:", "https:"), plain.replace("/aat/", "/page/aat/"))[choice % 3]


@cache
def _entities() -> dict[int, dict]:
    """A Europeana entity for about every third concept of the museum; some match a second AAT concept."""
    concepts = [concept for concept in museum_thesaurus().concepts.values()
                if concept.kind == "concept" and drawn_number("entity", concept.id) % 3 == 0]
    entities = {}
    for number, concept in enumerate(sorted(concepts, key=lambda concept: concept.id), 1):
        label = quote(concept.labels["en"].replace(" ", "_"))
        matches = [f"http://dbpedia.example/resource/{label}", f"http://vocab.getty.edu/aat/{concept.id}",
                   f"http://wikidata.example/entity/Q{concept.id}"]
        if drawn_number("second", concept.id) % 4 == 0:
            matches.insert(0, f"http://vocab.getty.edu/aat/{_SECOND_MEANING}")
        entities[number] = {"@context": CONTEXT, "id": f"http://data.europeana.eu/concept/{number}", "type": "Concept",
                            "prefLabel": dict(concept.labels), "exactMatch": matches}
    return entities


@cache
def icon() -> bytes:
    """The placeholder PNG that the v2 thumbnail service sends, with status 200; our own drawing."""
    picture = Image.new("RGB", (200, 200), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 40, 170, 160), outline="grey", width=4)
    draw.line((30, 160, 90, 90, 120, 120, 140, 100, 170, 130), fill="grey", width=4)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def drawn_number(*things: object) -> int:
    """A pseudo-random number for these things, the same on every machine."""
    return int.from_bytes(hashlib.sha256("\n".join(map(str, things)).encode()).digest()[:8])


def md5(url: str) -> str:
    """The name of an original's thumbnail."""
    return hashlib.md5(url.encode()).hexdigest()
