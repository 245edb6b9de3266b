"""A small Europeana on this machine that serves the mini museum over real HTTP.

Its Search, Entity and Thumbnail APIs answer in the format of the real ones, with keys, cursors, rate
limits and, on request, faults, so that the whole collection runs offline. It is not a search engine: a
query finds the collection that it names. What it serves is in `items`.
"""

import atexit
import base64
import json
import os
import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, urlsplit

from ...core.paths import DATA, resolve
from ..europeana.client import Client
from .items import CONTEXT, KEY, Museum, drawn_number, icon, md5, open_museum

_ROWS, _MOST_ROWS = 12, 100


@dataclass(frozen=True)
class Faults:
    """The requests that fail at first: the same ones each time, in any order.

    Attributes:
        share: of all different requests, 0 to 1.
        times: failures of each of them before it is answered.
        kinds: HTTP statuses, or "cut" for an answer that breaks off in the middle.
    """

    share: float = 0.1
    times: int = 1
    kinds: tuple[int | str, ...] = (429, 500, "cut")

    def kind(self, target: str, asked: int) -> int | str | None:
        """The fault of the `asked`-th request (from 0) for a target; None to answer it."""
        number = drawn_number("fault", 0, target)
        fails = asked < self.times and number % 1000 < self.share * 1000
        return self.kinds[number // 1000 % len(self.kinds)] if fails else None


@contextmanager
def serve_museum(root: str | os.PathLike = DATA / "mini", faults: Faults | None = None, *, extras: bool = False,
                 quota: int = 1000, window: int = 3600) -> Iterator[str]:
    """Serve the mini museum in `root` until the block ends; yields the base url for every client.

    Items have the ids `/mini/<record id>` and, for each annotated path of the record, the concept of
    the path's last tag: an AAT URI in one of its spellings, or a Europeana entity that matches it.

    Args:
        root: the folder of the drawn museum.
        faults: None for none.
        extras: also serve `items.EXTRAS`.
        quota, window: requests with a key that are answered in each `window` seconds of the clock.
    Raises:
        UserError: there is no drawn mini museum in `root`.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    with server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        server.museum = open_museum(resolve(root), server.url, extras)
        server.faults, server.quota, server.window = faults, quota, window
        server.asked, server.counted = defaultdict(count), defaultdict(count)  # requests for a target, and in a window
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def open_europeana(base_url: str | None = None, faults: Faults | None = None) -> Client:
    """A client of the service at `base_url`, with the key in the environment.

    None starts the small Europeana, with imperfect items, which runs until this process ends.
    """
    if base_url is not None:
        return Client(base_url=base_url, report=print)
    serving = serve_museum(faults=faults, extras=True)
    url = serving.__enter__()
    atexit.register(serving.__exit__, None, None, None)
    return Client(KEY, url)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Refused(Exception):
    """Of an HTTP status and a body."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self):
        parts = urlsplit(self.path)
        self.asked = parse_qs(parts.query, keep_blank_values=True)
        self.extra_headers, self.cut = {}, False  # whether to break off in the middle
        keyless = "&".join(sorted(f"{name}={value}" for name, values in self.asked.items() if name != "wskey"
                                  for value in values))
        faults, target = self.server.faults, f"{parts.path}?{keyless}"
        fault = faults.kind(target, next(self.server.asked[target])) if faults else None
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
            self._answer(*refused.args)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _check_key(self) -> None:
        header, parameter = self.headers.get("X-Api-Key"), self.asked.get("wskey", [None])[0]
        if header is None and parameter is None:
            raise _refusal(400, "400-AM", "No API key in the request; send the header X-Api-Key")
        if header is None and parameter != KEY:  # an old format for an old parameter
            raise _Refused(401, {"apikey": parameter, "success": False, "error": "Invalid API key"})
        if header is not None and header != KEY:
            raise self._error(401, "401_key_invalid", "Unauthorized", "The API key is not known")
        now, window = time.time(), self.server.window
        self._check_limit(self.server.quota - 1 - next(self.server.counted[now // window]), int(window - now % window) + 1)

    def _fail(self, kind: int | str | None) -> None:
        self.cut = kind == "cut"
        if kind == 429:
            self._check_limit(-1, 1)
        if isinstance(kind, int):
            raise self._error(kind, str(kind), "A fault of the stand-in", "Injected fault")

    def _check_limit(self, left: int, seconds: int) -> None:
        """`left`: requests after this one, below 0 if it is one too many; `seconds`: to the end of the window."""
        self.extra_headers = {"RateLimit": f'"personal";r={max(left, 0)};t={seconds}',
                              "RateLimit-Policy": f'"personal";q={self.server.quota};w={self.server.window}'}
        if left < 0:
            raise self._error(429, "429_limit_personal", "Too Many Requests", "Personal key client has reached the limit of "
                              f"{self.server.quota} requests per {self.server.window // 60} minutes")

    def _error(self, status: int, code: str, error: str, message: str) -> _Refused:
        """As the newer services answer."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return _Refused(status, {"@context": CONTEXT, "type": "ErrorResponse", "success": False, "status": status,
                                 "code": code, "error": error, "message": message, "timestamp": now,
                                 "path": urlsplit(self.path).path})

    def _search(self) -> dict:
        query, cursor = self.asked.get("query", [""])[0], self.asked.get("cursor", [None])[0]
        rows = self.asked.get("rows", [str(_ROWS)])[0]
        if not rows.isdecimal():
            raise _refusal(400, "400-SA", "Parameter 'rows' is not a number")
        if not query.strip():
            raise _refusal(400, "400-SE", "Empty query parameter")
        found = _find(self.server.museum, query)
        start = bisect_right(found, _last_id(cursor), key=lambda item: item["id"]) if cursor else 0
        items = found[start:start + min(int(rows), _MOST_ROWS)]
        page = {"apikey": KEY, "success": True, "requestNumber": 999, "itemsCount": len(items), "totalResults": len(found)}
        if cursor is not None and items:
            page["nextCursor"] = base64.b64encode(items[-1]["id"].encode()).decode()
        return page | ({"items": items} if items else {})  # what is empty is left out

    def _answer_entity(self, path: str) -> None:
        number = path.removeprefix("/entity/concept/").removeprefix("base/").removesuffix(".json")
        entity = self.server.museum.entities.get(int(number)) if number.isdecimal() else None
        if entity is None:
            raise self._error(404, "404_entity", "Not Found", f"No entity {number!r}")
        self._answer(200, entity)

    def _answer_thumbnail(self, path: str) -> None:
        if path == "/thumbnail/v2/url.json":
            uri = self.asked.get("uri", [""])[0]
            if not uri.startswith(("http://", "https://", "ftp://", "urn:")):
                raise _refusal(400, "400", "The uri is not a URL")
            file = self.server.museum.thumbnails.get(md5(uri))
        else:
            folder, _, name = path.rpartition("/")
            file = self.server.museum.thumbnails.get(name.removesuffix(".jpg"))
            if file is None or folder not in ("/thumbnail/v3/400", "/thumbnail/v3/200"):
                raise self._error(404, "404", "Not Found", "No such thumbnail")
        self.extra_headers["Cache-Control"] = "max-age=604800"
        self._send(200, *(("image/jpeg", file.read_bytes()) if file else ("image/png", icon())))

    def _answer(self, status: int, body: dict) -> None:
        self._send(status, "application/json;charset=UTF-8", json.dumps(body, ensure_ascii=False).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**self.extra_headers, "Content-Type": kind, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if self.cut else body)
        self.close_connection = self.close_connection or self.cut

    def log_message(self, *_):
        pass


def _refusal(status: int, code: str, error: str) -> _Refused:
    """As the older services answer."""
    return _Refused(status, {"success": False, "error": error, "code": code})


def _find(museum: Museum, query: str) -> list[dict]:
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
