"""A small Europeana on this machine that serves the mini museum over real HTTP.

Its Search, Entity and Thumbnail APIs answer in the shapes of the real ones, with keys, cursors, rate
limits and, if asked, faults, so that the whole collection runs offline. It is no search engine: a
query finds the collection that it names.
"""

import base64
import hashlib
import json
import os
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from PIL import Image, ImageDraw

from ..facets import FACET_NAMES
from ..paths import DATA, resolve
from ..records import SPLITS, read_records
from .museum_terms import museum_concept, museum_thesaurus

KEY = "mini-museum-key"
"""The one API key that is valid here; it is echoed in answers, as the real service does."""

FOREIGN = ("https://d-nb.info/gnd/0000000-0", "https://iconclass.org/00(MINI)", "https://terms.mini.example/4711")
"""Concepts of other vocabularies; the numbers stand for nothing."""

OUTSIDE = (300053069, 300054216, 300021514)
"""AAT concepts outside the four facets: the processes cutting and painting, the style Symbolist."""

EXTRAS = {
    "/mini/ceramic_990001": "its thumbnail is lost",
    "/mini/furniture_990002": "the picture of another piece of furniture, with its material and without its type",
    "/mini/art_990003": "all of its concepts lie outside the facets",
}
"""Imperfect items for teaching, served beside the museum's own with `extras=True`: id -> what is wrong."""

_CONTEXT = "http://www.europeana.eu/schemas/context/entity.jsonld"
_DATASET = "mini_EUFCC_Museum"
_SECOND_MEANING = 300053001  # Processes and Techniques, which some entities match beside their own concept
_TIMESTAMP = 1_767_225_600_000  # milliseconds: 2026-01-01, when everything here was "created"
_ROWS, _MOST_ROWS, _LAST_START = 12, 100, 1000


@dataclass(frozen=True)
class Faults:
    """Which requests fail first: the same ones each time, whatever their order.

    Attributes:
        share: of all different requests, those that fail, 0 to 1.
        times: how often each of them fails before it is answered.
        kinds: HTTP statuses, or "cut" for an answer that breaks off in the middle.
        seed: other faults for another number.
    """

    share: float = 0.1
    times: int = 1
    kinds: tuple[int | str, ...] = (429, 500, "cut")
    seed: int = 0

    def kind(self, target: str, asked: int) -> int | str | None:
        """The fault of the `asked`-th request (from 0) for a target; None to answer it."""
        number = _number("fault", self.seed, target)
        return self.kinds[number // 1000 % len(self.kinds)] if asked < self.times and number % 1000 < self.share * 1000 \
            else None


@contextmanager
def serve_museum(root: str | os.PathLike = DATA / "mini", faults: Faults | None = None, *, extras: bool = False,
                 quota: int = 1000, window: int = 3600) -> Iterator[str]:
    """Serve the mini museum in `root` until the block ends; yields the base url for every client.

    Items have the ids `/mini/<record id>` and, for each annotated path of the record, the concept of
    the path's last tag: an AAT URI in one of its spellings, or a Europeana entity that matches it.

    Args:
        root: the folder of the drawn museum.
        faults: which requests fail first; None for none.
        extras: serve `EXTRAS` too.
        quota, window: requests with a key that are answered in so many seconds of the clock.
    Raises:
        UserError: there is no drawn mini museum in `root`.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    with server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        server.museum = _open_museum(resolve(root), server.url, extras)
        server.faults, server.quota, server.window = faults, quota, window
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


@cache
def icon() -> bytes:
    """The PNG that the v2 thumbnail service sends, with status 200, where it has no thumbnail; our own drawing."""
    picture = Image.new("RGB", (200, 200), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 40, 170, 160), outline="grey", width=4)
    draw.line((30, 160, 90, 90, 120, 120, 140, 100, 170, 130), fill="grey", width=4)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class _Museum:
    """What is served.

    Attributes:
        items: collection -> its items, in order of id.
        thumbnails: MD5 of an original's url -> file.
        entities: number -> the Europeana entity.
        same: AAT URI -> number of the entity that matches it.
    """

    items: dict[str, list[dict]]
    thumbnails: dict[str, Path]
    entities: dict[int, dict]
    same: dict[str, int] = field(repr=False)


def _open_museum(root: Path, url: str, extras: bool) -> _Museum:
    entities = _entities()
    same = {uri: number for number, entity in entities.items() for uri in entity["exactMatch"]
            if uri.startswith("http://vocab.getty.edu/aat/")}
    items, thumbnails = {}, {}
    for split in SPLITS:
        records = read_records(root / f"{split}.csv")
        for row, (name, original, keeper) in enumerate(zip(records.ids, records.urls, records.providers)):
            paths = {facet: records.paths(facet, row) for facet in FACET_NAMES}
            thumbnails[_md5(original)] = root / "EUROPEANA" / "images" / f"{name}.jpg"
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
    return _Museum(collections, thumbnails, entities, same)


def _extras(items: dict[str, tuple], thumbnails: dict[str, Path]) -> dict[str, tuple]:
    lost, copy, outside = EXTRAS
    originals = {name: f"https://mini.example/extras/{name.rpartition('_')[2]}.jpg" for name in EXTRAS}
    some = next(entry for name, entry in items.items() if name.startswith("/mini/ceramic_"))
    whole = next(name for name, (_, _, paths) in items.items()
                 if name.startswith("/mini/furniture_") and paths["objectTypes"] and not paths["materials"])
    wooden = next(paths["materials"] for name, (_, _, paths) in items.items()
                  if name.startswith("/mini/furniture_") and paths["materials"])
    picture = next(entry for name, entry in items.items() if name.startswith("/mini/art_0"))
    thumbnails[_md5(originals[copy])] = thumbnails[_md5(items[whole][0])]
    thumbnails[_md5(originals[outside])] = thumbnails[_md5(picture[0])]
    return {lost: (originals[lost], some[1], some[2]),
            copy: (originals[copy], items[whole][1], {"materials": wooden}),
            outside: (originals[outside], picture[1], {"outside": OUTSIDE})}


def _item(name: str, original: str, keeper: str, concepts: list[int], index: int, url: str, same: dict) -> dict:
    """An item of the Search API in its `standard` profile; order and spellings as mixed as the real ones."""
    terms = [museum_thesaurus().get(concept) for concept in concepts]
    labels = {language: sorted(term.labels[language] for term in terms if term and language in term.labels)
              for language in ("ca", "en")}
    title = (labels["en"] or ["untitled"])[0].capitalize()
    uris = [_spelled(name, concept, same) for concept in concepts]
    if _number("foreign", name) % 5 == 0:
        uris.append(FOREIGN[_number("which", name) % len(FOREIGN)])
    uris.sort(key=lambda uri: _number("order", name, uri))
    return {name: value for name, value in {
        "id": name, "type": "IMAGE", "title": [title], "dcTitleLangAware": {"en": [title]},
        "dataProvider": [keeper], "provider": ["Mini Museum"], "country": ["Europe"], "language": ["mul"],
        "rights": ["http://creativecommons.org/publicdomain/zero/1.0/"],
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
    plain, choice = f"http://vocab.getty.edu/aat/{concept}", _number("spelling", name, concept) % 10
    if plain in same and choice < 6:
        return f"http://data.europeana.eu/concept/{'base/' if choice == 0 else ''}{same[plain]}"
    return (plain, plain.replace("http:", "https:"), plain.replace("/aat/", "/page/aat/"))[choice % 3]


@cache
def _entities() -> dict[int, dict]:
    """A Europeana entity for about every third concept of the museum; some match a second AAT concept."""
    concepts = [concept for concept in museum_thesaurus().concepts.values()
                if concept.kind == "concept" and _number("entity", concept.id) % 3 == 0]
    entities = {}
    for number, concept in enumerate(sorted(concepts, key=lambda concept: concept.id), 1):
        label = quote(concept.labels["en"].replace(" ", "_"))
        matches = [f"http://dbpedia.example/resource/{label}", f"http://vocab.getty.edu/aat/{concept.id}",
                   f"http://wikidata.example/entity/Q{concept.id}"]
        if _number("second", concept.id) % 4 == 0:
            matches.insert(0, f"http://vocab.getty.edu/aat/{_SECOND_MEANING}")
        entities[number] = {"@context": _CONTEXT, "id": f"http://data.europeana.eu/concept/{number}", "type": "Concept",
                            "prefLabel": dict(concept.labels), "exactMatch": matches}
    return entities


def _number(*things: object) -> int:
    """A number drawn by lot from these things, the same on every machine."""
    return int.from_bytes(hashlib.sha256("\n".join(map(str, things)).encode()).digest()[:8])


def _md5(url: str) -> str:
    return hashlib.md5(url.encode()).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.lock, self.asked, self.counted = threading.Lock(), Counter(), (0, 0)

    def times_asked(self, target: str) -> int:
        with self.lock:
            self.asked[target] += 1
            return self.asked[target] - 1

    def left(self) -> tuple[int, int]:
        """Requests left in this window of the clock, this one taken off (-1: it is one too many); seconds to its end."""
        now = time.time()
        with self.lock:
            window, used = self.counted
            used = used + 1 if window == now // self.window else 1
            self.counted = now // self.window, used
        return max(self.quota - used, -1), int(self.window - now % self.window) + 1


class _Refused(Exception):
    def __init__(self, status: int, body: dict):
        super().__init__(status)
        self.status, self.body = status, body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self):
        parts = urlsplit(self.path)
        self.asked = {name: values for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.told, self.cut = {}, False  # headers to send; whether to break off in the middle
        keyless = "&".join(sorted(f"{name}={value}" for name, values in self.asked.items() if name != "wskey"
                                  for value in values))
        faults, target = self.server.faults, f"{parts.path}?{keyless}"
        fault = faults.kind(target, self.server.times_asked(target)) if faults else None
        try:
            if parts.path.startswith("/thumbnail/"):
                self._fail(fault)
                self._answer_thumbnail(parts.path)
            elif parts.path == "/record/v2/search.json":
                self._check_key()
                self._fail(fault)
                self._answer(200, self._search())
            elif parts.path.startswith("/entity/"):
                self._check_key()
                self._fail(fault)
                self._answer_entity(parts.path)
            else:
                raise _Refused(404, {"success": False, "error": f"No service at {parts.path}"})
        except _Refused as refused:
            self._answer(refused.status, refused.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _check_key(self) -> None:
        header, parameter = self.headers.get("X-Api-Key"), self.asked.get("wskey", [None])[0]
        if header is None and parameter is None:
            raise _refusal(400, "400-AM", "No API key in the request; send the header X-Api-Key")
        if header is None and parameter != KEY:  # the shape that is as old as the parameter
            raise _Refused(401, {"apikey": parameter, "success": False, "error": "Invalid API key"})
        if header is not None and header != KEY:
            raise self._error(401, "401_key_invalid", "Unauthorized", "The API key is not known")
        left, seconds = self.server.left()
        self._tell_limit(left, seconds)
        if left < 0:
            self._limit_reached()

    def _fail(self, kind: int | str | None) -> None:
        self.cut = kind == "cut"
        if kind == 429:
            self._tell_limit(0, 1)
            self._limit_reached()
        if isinstance(kind, int):
            raise self._error(kind, str(kind), "A fault of the stand-in", "Asked for by the one who started it")

    def _tell_limit(self, left: int, seconds: int) -> None:
        self.told = {"RateLimit": f'"personal";r={max(left, 0)};t={seconds}',
                     "RateLimit-Policy": f'"personal";q={self.server.quota};w={self.server.window}'}

    def _limit_reached(self) -> None:
        raise self._error(429, "429_limit_personal", "Too Many Requests", "Personal key client has reached the limit of "
                          f"{self.server.quota} requests per {self.server.window // 60} minutes")

    def _error(self, status: int, code: str, error: str, message: str) -> _Refused:
        """The shape of the newer services."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return _Refused(status, {"@context": _CONTEXT, "type": "ErrorResponse", "success": False, "status": status,
                                 "code": code, "error": error, "message": message, "timestamp": now,
                                 "path": urlsplit(self.path).path})

    def _search(self) -> dict:
        query, cursor = self.asked.get("query", [""])[0], self.asked.get("cursor", [None])[0]
        rows, start = self._whole("rows", _ROWS), self._whole("start", 1)
        if not query.strip():
            raise _refusal(400, "400-SE", "Empty query parameter")
        rows = min(rows, _MOST_ROWS)
        found = _find(self.server.museum, query)
        if cursor is None:
            if start < 1 or start + rows > _LAST_START:
                raise _refusal(400, "400-SL", "It is not possible to paginate beyond the first 1000 search results")
        elif start > 1:
            raise _refusal(400, "400-SD", "Parameters 'start' and 'cursor' can't be used together")
        else:
            start = bisect_right(found, _last_id(cursor), key=lambda item: item["id"]) + 1
        items = found[start - 1:start - 1 + rows]
        page = {"apikey": KEY, "success": True, "requestNumber": 999, "itemsCount": len(items), "totalResults": len(found)}
        if cursor is not None and items:
            page["nextCursor"] = base64.b64encode(items[-1]["id"].encode()).decode()
        return page | ({"items": items} if items else {})  # what is empty is left out

    def _whole(self, name: str, default: int) -> int:
        text = self.asked.get(name, [str(default)])[0]
        if not text.isdecimal():
            raise _refusal(400, "400-SA", f"Parameter '{name}' is no number")
        return int(text)

    def _answer_entity(self, path: str) -> None:
        museum = self.server.museum
        if path == "/entity/resolve":
            uri = self.asked.get("uri", [""])[0]
            if uri not in museum.same:
                raise _Refused(404, {"apikey": KEY, "action": path, "success": False,
                                     "error": f"No entity found for sameAs/exactMatch URI : {uri}"})
            self.told["Location"] = f"{self.server.url}/entity/concept/{museum.same[uri]}"
            self._send(301, "text/plain", b"")
            return
        number = path.removeprefix("/entity/concept/").removeprefix("base/").removesuffix(".json")
        entity = museum.entities.get(int(number)) if number.isdecimal() else None
        if entity is None:
            raise self._error(404, "404_entity", "Not Found", f"No entity {number!r}")
        self._answer(200, entity)

    def _answer_thumbnail(self, path: str) -> None:
        if path == "/thumbnail/v2/url.json":
            uri = self.asked.get("uri", [""])[0]
            if not uri.startswith(("http://", "https://", "ftp://", "urn:")):
                raise _refusal(400, "400", "The uri is no web address")
            file = self.server.museum.thumbnails.get(_md5(uri))
        else:
            folder, _, name = path.rpartition("/")
            if folder not in ("/thumbnail/v3/400", "/thumbnail/v3/200"):
                raise self._error(404, "404", "Not Found", "No such thumbnail")
            file = self.server.museum.thumbnails.get(name.removesuffix(".jpg"))
            if file is None:
                raise self._error(404, "404", "Not Found", "No such thumbnail")
        self.told["Cache-Control"] = "max-age=604800"
        self._send(200, *(("image/jpeg", file.read_bytes()) if file else ("image/png", icon())))

    def _answer(self, status: int, body: dict) -> None:
        self._send(status, "application/json;charset=UTF-8", json.dumps(body, ensure_ascii=False).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**self.told, "Content-Type": kind, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if self.cut else body)
        self.close_connection = self.close_connection or self.cut

    def log_message(self, *_):
        pass


def _refusal(status: int, code: str, error: str) -> _Refused:
    """The shape of the older services."""
    return _Refused(status, {"success": False, "error": error, "code": code})


def _find(museum: _Museum, query: str) -> list[dict]:
    """All items for `*:*`, else those of the collection whose name the query holds, the longest name first."""
    if query.strip() == "*:*":
        return [item for items in museum.items.values() for item in items]
    words = f" {' '.join(''.join(sign if sign.isalnum() else ' ' for sign in query.lower()).split())} "
    for name in sorted(museum.items, key=len, reverse=True):
        if f" {name.replace('_', ' ')} " in words:
            return museum.items[name]
    return []


def _last_id(cursor: str) -> str:
    if cursor == "*":
        return ""
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except ValueError:
        raise _refusal(400, "400-SC", "The cursor is not valid") from None
