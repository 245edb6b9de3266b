"""Fetch the thumbnails of records: many at a time, politely, and none twice.

What became of each stands in a manifest beside the images. A run can be stopped at any moment,
also by kill -9: the same call goes on from there.
"""

import argparse
import email.utils
import hashlib
import io
import os
import queue
import random
import re
import sqlite3
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import requests
from PIL import Image, ImageOps
from tqdm import tqdm

from ..errors import UserError
from ..paths import resolve
from ..records import Records, read_records
from .client import read_window

MANIFEST = "EUROPEANA/thumbnails.sqlite"
"""Its place in the data set's folder; the images lie in `EUROPEANA/images/` beside it."""

HOST = "https://api.europeana.eu"

ICONS = frozenset({"9b81b5fee241cee7aba478d1cd20715c1ae2601bcfca8c09e327731dfddf9bf5"})
"""SHA-256 of pictures that Europeana's v2 service sends, with status 200, where there is no thumbnail."""

STATUSES = {"had": "images", "missing": "not at the server", "refused": "no image that can be kept",
            "failed": "to be asked for by the next call"}
"""What can become of a thumbnail; `missing` and `refused` are not asked for again unless the call says so."""

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
"""Images that are kept: JPEG as it came, the others as RGB JPEG."""

_ICON_SIDE, _ICON_BYTES = 293, {1932, 2180, 2319, 2484, 3012}  # its icons for video, text, image, sound and 3D
_NO_ADDRESS = (requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL)
_SLOW_DOWN = {429, 503}
_LONGEST_PAUSE = 3600  # seconds
_LEAST_RATE = 0.1  # requests a second
_GIVE_UP = 100  # thumbnails that failed in a row
_COMMIT_EVERY = 5.0  # seconds
_PIECE = 1 << 16
_PLAIN_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")
_TABLE = """CREATE TABLE IF NOT EXISTS thumbnails (id TEXT PRIMARY KEY, url TEXT, status TEXT, code INTEGER, bytes INTEGER,
    sha256 TEXT, width INTEGER, height INTEGER, tries INTEGER, fetched_at TEXT, reason TEXT) WITHOUT ROWID"""
_ROW = """INSERT INTO thumbnails VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET (url, status, code,
    bytes, sha256, width, height, tries, fetched_at, reason) = (excluded.url, excluded.status, excluded.code, excluded.bytes,
    excluded.sha256, excluded.width, excluded.height, tries + excluded.tries, excluded.fetched_at, excluded.reason)"""


@dataclass(frozen=True)
class Limits:
    """How hard to try, and what is too large to be a thumbnail.

    Attributes:
        tries: requests for one thumbnail in one run.
        pause: seconds before the second try, doubled before each further one, and spread at random.
        timeout: seconds of silence that count as no answer; a whole answer may take four times as long.
        max_bytes: a longer file is not read to its end.
        max_pixels: a larger picture is refused by its header, before it is decoded.
    """

    tries: int = 5
    pause: float = 1.0
    timeout: float = 30.0
    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000


@dataclass(frozen=True)
class Report:
    """What one run did, and where its records stand after it.

    Attributes:
        counts: for each of `STATUSES` how many of the records have it now.
        reasons: for each reason in the manifest how many records it leaves without an image.
        already: images that were there before.
        mended: images of the manifest that were gone or of another size, and had to be had again.
        requests: sent in this run, tries included.
        seconds: wall time.
    """

    counts: dict[str, int]
    reasons: dict[str, int]
    already: int
    mended: int
    requests: int
    seconds: float

    def __str__(self) -> str:
        first = (f"{self.requests} requests in {self.seconds:.1f} s; {self.already} images were there already, "
                 f"{self.mended} were mended")
        lines = [first] + [f"{self.counts[status]:>8} {status} ({meaning})" for status, meaning in STATUSES.items()]
        return "\n".join(lines + [f"{count:>8} x {reason}" for reason, count in self.reasons.items()])


class Unkept(Exception):
    """Why there is no image; `again` if another try may bring one, `status` if none does."""

    def __init__(self, reason: str, status: str = "refused", again: bool = False, code: int | None = None):
        super().__init__(reason)
        self.reason, self.status, self.again, self.code = reason, status, again, code


def fetch_thumbnails(records: Records, root: str | os.PathLike, *, base_url: str | None = None, workers: int = 8,
                     rate: float | None = 10.0, limits: Limits = Limits(), icons: Iterable[str] = ICONS,
                     again: bool = False) -> Report:
    """Fetch what is not there yet into `<root>/EUROPEANA/images/<id>.jpg` (paper section 3).

    A JPEG file is kept byte for byte; another kind of image is written as RGB JPEG (upright,
    transparent parts white), so that its name is true. A url that several records share is
    fetched once. A file that the manifest does not know is kept if it is a whole JPEG.

    Args:
        records: whose `urls` to fetch; `fetch_url` tells the address that is asked.
        root: the data set's folder.
        base_url: the server of Europeana's thumbnails, if not the one that the urls name.
        workers: requests under way at a time.
        rate: requests a second, all workers together; None for as fast as it goes. Halved when
            the server answers 429 or 503, and slowly raised again.
        limits: tries, pauses and sizes.
        icons: SHA-256 of pictures that stand for no thumbnail.
        again: also ask for what was missing or refused before.
    Raises:
        UserError: an id is no plain file name; the folder is full, cannot be written or is in use by
            another run; the server asks for a pause of over an hour; 100 thumbnails in a row failed.
    """
    if workers < 1 or limits.tries < 1 or (rate is not None and rate <= 0):
        raise UserError(f"{workers} workers, {limits.tries} tries, rate {rate}: expected at least one worker and one try, "
                        "and a rate above 0 requests a second, or None.")
    for name in records.ids:
        if not _PLAIN_NAME.fullmatch(name) or len(name.encode()) > 200:
            raise UserError(f"id {name!r} is no plain file name; expected one without slash, backslash, control "
                            "character or leading dot, of at most 200 bytes.")
    start, root = time.monotonic(), resolve(root)
    with _told_in_one_sentence(root), closing(_open_manifest(root)) as manifest:
        run = _Run(manifest, root / "EUROPEANA" / "images", limits, frozenset(icons), _Pace(rate))
        wanted, already, mended = _plan(run, records, again)
        _work(run, [(fetch_url(min(names.values()), base_url), names) for names in wanted.values()], workers)
        rows = {row[0]: row[1:] for row in manifest.execute("SELECT id, status, reason FROM thumbnails")}
    counts = Counter(rows[name][0] for name in records.ids)
    reasons = Counter(rows[name][1] for name in records.ids if rows[name][1])
    return Report({status: counts[status] for status in STATUSES}, dict(reasons.most_common()), already, mended,
                  run.pace.sent, time.monotonic() - start)


def fetch_url(url: str, base_url: str | None = None) -> str:
    """The address to ask for a record's url: Europeana's v2 thumbnails as v3, others as they are.

    v3 names a thumbnail by the MD5 of the original's decoded url, and says honestly where there is
    none (status 404), where v2 sends an icon with status 200.

    >>> fetch_url("https://api.europeana.eu/thumbnail/v2/url.json?uri=http%3A%2F%2Fa.example%2F1.jpg&type=IMAGE")
    'https://api.europeana.eu/thumbnail/v3/400/775c00eac22de99a51e6959f9e2f4f0e.jpg'
    """
    path = _key(url)
    if path == url:
        return url
    parts = urlsplit(url)
    # The older spelling of v2 was on a host that has no v3.
    own = f"{parts.scheme}://{parts.netloc}" if parts.path == "/thumbnail/v2/url.json" else HOST
    return (base_url or own).rstrip("/") + path


def read_manifest(root: str | os.PathLike) -> pd.DataFrame:
    """What became of each thumbnail: one row an id, in order of id.

    Columns id, url, status, code (of HTTP), bytes, sha256, width, height, tries, fetched_at, reason.
    `bytes` and `sha256` are those of the file as it was kept; `tries` counts the requests of all runs.

    Raises:
        UserError: there is no manifest in the data set's folder.
    """
    path = resolve(root) / MANIFEST
    if not path.is_file():
        raise UserError(f"{path} does not exist; expected the manifest that fetching thumbnails leaves.")
    whole = {name: "Int64" for name in ("code", "bytes", "width", "height")}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as manifest:
        return pd.read_sql_query("SELECT * FROM thumbnails ORDER BY id", manifest, dtype=whole)


def check_image(data: bytes, max_pixels: int = Limits.max_pixels,
                icons: frozenset[str] = ICONS) -> tuple[bytes, int, int]:
    """The JPEG file to keep for the bytes that came, its width and its height in pixels.

    Raises:
        Unkept: they are an icon, no image, a broken or truncated one, or too large a one.
    """
    if hashlib.sha256(data).hexdigest() in icons:
        raise Unkept("placeholder icon", "missing")
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > max_pixels:
            raise Unkept(f"more than {max_pixels} pixels")
        if (picture.format, width, height) == ("PNG", _ICON_SIDE, _ICON_SIDE) and len(data) in _ICON_BYTES:
            raise Unkept("placeholder icon", "missing")
        if data.startswith(b"\xff\xd8"):
            # At an eighth of its size the whole file is still read, for a third of the work.
            picture.draft(None, (width // 8, height // 8))
            picture.load()
            return data, width, height
        picture, kept = _upright_rgb(picture), io.BytesIO()
    except Unkept:
        raise
    except Image.UnidentifiedImageError:
        cut = not data or data.startswith((b"\xff\xd8", b"\x89PNG"))
        raise Unkept(("truncated image" if data else "empty") if cut else _looks_like(data), again=cut) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unkept(f"more than {max_pixels} pixels") from None
    except Exception as error:  # noqa: BLE001  a decoder fails with whatever its parser stumbled on
        reason = "truncated image" if "truncated" in str(error) else f"broken image ({type(error).__name__})"
        raise Unkept(reason, again=True) from None
    picture.save(kept, "JPEG", quality=95)
    return kept.getvalue(), *picture.size


@dataclass(frozen=True)
class _Run:
    """What the steps of a run share."""

    manifest: sqlite3.Connection
    folder: Path
    limits: Limits
    icons: frozenset[str]
    pace: "_Pace"


@dataclass(frozen=True)
class _Outcome:
    """What stands in the manifest about a url."""

    status: str
    reason: str = ""
    code: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    tries: int = 0


def _plan(run: _Run, records: Records, again: bool) -> tuple[dict[str, dict[str, str]], int, int]:
    """What to ask for (key -> id -> url), how many images are here, how many of the manifest's are not."""
    rows = {row[0]: row[1:] for row in run.manifest.execute("SELECT id, url, status, bytes FROM thumbnails")}
    sizes = {entry.name: entry.stat().st_size for entry in os.scandir(run.folder)}
    for name in sizes:
        if name.startswith(".") and name.endswith(".part"):
            (run.folder / name).unlink()
    wanted, holders, already, mended = defaultdict(dict), {}, 0, 0
    for name, url in zip(records.ids, records.urls):
        path, key, size = run.folder / f"{name}.jpg", _key(url), sizes.get(f"{name}.jpg")
        known, status, kept = rows.get(name, (url, "", None))
        if _key(known) != key or (status == "had" and size != kept):
            # What lies here is another picture or a damaged one, and must not pass for this record's.
            mended += _key(known) == key
            path.unlink(missing_ok=True)
            run.manifest.execute("DELETE FROM thumbnails WHERE id = ?", [name])
        elif status == "had" or (size is not None and _adopt(run, name, url, path)):
            already, holders[key] = already + 1, name
            continue
        elif status in ("missing", "refused") and not again:
            continue
        wanted[key][name] = url
    for key in holders.keys() & wanted.keys():
        data = (run.folder / f"{holders[key]}.jpg").read_bytes()
        for name, url in wanted.pop(key).items():
            _store(run.folder, name, data)
            run.manifest.execute("INSERT OR REPLACE INTO thumbnails SELECT ?, ?, status, code, bytes, sha256, width, height, "
                                 "0, fetched_at, reason FROM thumbnails WHERE id = ?", [name, url, holders[key]])
    _commit(run)
    return wanted, already, mended


def _adopt(run: _Run, name: str, url: str, path: Path) -> bool:
    """Take up a file that the manifest does not know: a kill came between the two, or the manifest was lost."""
    data = path.read_bytes()
    try:
        kept, width, height = check_image(data, run.limits.max_pixels, run.icons)
    except Unkept:
        kept = None
    if kept != data:
        path.unlink()
        return False
    _record(run, {name: url}, _Outcome("had", "", None, len(data), hashlib.sha256(data).hexdigest(), width, height))
    return True


def _work(run: _Run, tasks: list[tuple[str, Mapping[str, str]]], workers: int) -> None:
    """Ask for all tasks (address, id -> url) and keep the manifest, which only this thread writes."""
    waiting, outcomes, in_a_row = queue.SimpleQueue(), queue.SimpleQueue(), 0
    for task in tasks:
        waiting.put(task)
    threads = [threading.Thread(target=_work_through, args=(run, waiting, outcomes), daemon=True)
               for _ in range(min(workers, len(tasks)))]
    try:
        for thread in threads:
            thread.start()
        committed, counts = time.monotonic(), Counter()
        with tqdm(desc="thumbnails", total=sum(len(names) for _, names in tasks), unit="", file=sys.stdout) as progress:
            for _ in tasks:
                names, outcome = outcomes.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                _record(run, names, outcome)
                counts[outcome.status] += len(names)
                progress.set_postfix(counts, refresh=False)
                progress.update(len(names))
                in_a_row = in_a_row + 1 if outcome.status == "failed" else 0
                if in_a_row == _GIVE_UP:
                    raise UserError(f"{_GIVE_UP} thumbnails in a row failed, the last with: {outcome.reason}; the same call "
                                    "goes on from here when the server answers again.")
                if time.monotonic() > committed + _COMMIT_EVERY:
                    _commit(run)
                    committed = time.monotonic()
    finally:
        run.pace.stop.set()
        end = time.monotonic() + 2
        for thread in threads:
            if thread.ident:
                thread.join(max(0, end - time.monotonic()))
        while not outcomes.empty():
            names, outcome = outcomes.get()
            if isinstance(outcome, _Outcome):
                _record(run, names, outcome)
        _commit(run)


def _work_through(run: _Run, waiting: queue.SimpleQueue, outcomes: queue.SimpleQueue) -> None:
    try:
        with requests.Session() as session:
            session.headers.update({"User-Agent": f"eufcc_lib {session.headers['User-Agent']}",
                                    "Accept": "image/*", "Accept-Encoding": "identity"})
            session.max_redirects = 5
            while True:
                url, names = waiting.get_nowait()
                outcome, data = _fetch(run, session, url)
                for name in names if outcome.status == "had" else ():
                    _store(run.folder, name, data)
                outcomes.put((names, outcome))
    except (queue.Empty, _Stopped):
        pass
    except BaseException as error:  # noqa: BLE001  it is raised again in the thread that waits
        outcomes.put(({}, error))


def _fetch(run: _Run, session: requests.Session, url: str) -> tuple[_Outcome, bytes]:
    for tries in range(1, run.limits.tries + 1):
        code = None
        try:
            code, data = _ask(run, session, url)
            data, width, height = check_image(data, run.limits.max_pixels, run.icons)
            return _Outcome("had", "", code, len(data), hashlib.sha256(data).hexdigest(), width, height, tries), data
        except Unkept as unkept:
            outcome = _Outcome(unkept.status, unkept.reason, unkept.code or code, tries=tries)
            if not unkept.again:
                break
        if tries < run.limits.tries:
            run.pace.stop.wait(run.limits.pause * 2 ** (tries - 1) * random.uniform(0.5, 1.5))
    return outcome, b""


def _ask(run: _Run, session: requests.Session, url: str) -> tuple[int, bytes]:
    """One request: HTTP status and body, or `Unkept`."""
    sent = run.pace.wait()
    try:
        request = session.prepare_request(requests.Request("GET", url))
        settings = _environment(urlsplit(request.url).netloc)
        with session.send(request, timeout=run.limits.timeout, **settings) as answer:
            run.pace.heed(answer, sent)
            if answer.status_code == 200:
                return 200, _body(answer, run.limits, sent + 4 * run.limits.timeout)
            code, reason = answer.status_code, f"HTTP status {answer.status_code}"
    except _NO_ADDRESS:
        raise Unkept("not a web address") from None
    except requests.TooManyRedirects:
        raise Unkept("too many redirects") from None
    except requests.Timeout:
        raise Unkept("no answer in time", "failed", again=True) from None
    except requests.exceptions.ChunkedEncodingError:
        raise Unkept("cut body", "failed", again=True) from None
    except requests.RequestException:
        raise Unkept("connection failed", "failed", again=True) from None
    if code in (404, 410):
        raise Unkept(reason, "missing", code=code)
    if code in (401, 403):  # more of the same would not be welcome, but it may not be for ever
        raise Unkept(reason, "failed", code=code)
    if code in (408, 425, 429) or code >= 500:
        raise Unkept(reason, "failed", again=True, code=code)
    raise Unkept(reason, code=code)


@lru_cache(1024)
def _environment(host: str) -> dict:
    """Proxies and certificates for a host, which requests would look up anew for half of a request's time."""
    return requests.Session().merge_environment_settings(f"https://{host}", {}, True, None, None)


def _body(answer: requests.Response, limits: Limits, deadline: float) -> bytes:
    length, data = answer.headers.get("Content-Length", ""), bytearray()
    too_long = Unkept(f"more than {limits.max_bytes} bytes", code=answer.status_code)
    if length.isdecimal() and int(length) > limits.max_bytes:
        raise too_long
    for piece in answer.iter_content(_PIECE):
        data += piece
        if len(data) > limits.max_bytes:
            raise too_long
        if time.monotonic() > deadline:
            raise requests.Timeout
    return bytes(data)


class _Stopped(Exception):
    """The run ends; what a worker is at is left."""


class _Pace:
    """When the next request may leave, for all workers together."""

    def __init__(self, rate: float | None):
        self.stop, self.sent = threading.Event(), 0
        self._rate = self._ceiling = rate or float("inf")
        self._lock, self._start = threading.Lock(), time.monotonic()
        self._next = self._slowed = self._start

    def wait(self) -> float:
        """Wait for a place; the moment it came."""
        while not self.stop.is_set():
            with self._lock:
                now = time.monotonic()
                if now >= self._next:
                    self._next = max(self._next, now - 1 / self._rate) + 1 / self._rate
                    self.sent += 1
                    return now
                pause = self._next - now
            self.stop.wait(pause)
        raise _Stopped

    def heed(self, answer: requests.Response, sent: float) -> None:
        """Go slower or faster after an answer, and pause for all if it asks for that."""
        slow, pause = answer.status_code in _SLOW_DOWN, _asked_pause(answer)
        if not (slow or pause or self._rate < self._ceiling):
            return
        if pause > _LONGEST_PAUSE:
            raise UserError(f"{answer.url} asks for a pause of {pause:.0f} seconds; the same call goes on from here later.")
        with self._lock:
            now = time.monotonic()
            self._next = max(self._next, now + pause)
            if not slow:
                self._rate = min(self._rate * 1.02, self._ceiling)
            elif sent >= self._slowed:  # the workers' requests of one moment count once
                rate = self._rate if self._rate < float("inf") else self.sent / max(now - self._start, 1e-3)
                self._rate, self._slowed = max(rate / 2, _LEAST_RATE), now


def _asked_pause(answer: requests.Response) -> float:
    """Seconds, from Retry-After (a number or a date), or to the end of a rate limit's window that is used up."""
    asked, window = answer.headers.get("Retry-After", "").strip(), read_window(answer.headers)
    try:
        if asked.isascii() and asked.isdigit():
            return float(asked)
        if asked:
            return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    except ValueError:
        pass
    return float(window.reset) if window and window.left == 0 else 0.0


def _key(url: str) -> str:
    """What tells pictures apart: the path in v3 for a v2 thumbnail, on whatever host, else the url."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not parts.path.endswith(("/thumbnail/v2/url.json", "/api/v2/thumbnail-by-url.json")):
        return url
    original = parse_qs(parts.query).get("uri")
    return f"/thumbnail/v3/400/{hashlib.md5(original[0].encode()).hexdigest()}.jpg" if original else url


def _looks_like(data: bytes) -> str:
    return "a web page or other markup" if data.lstrip()[:1] == b"<" else "not an image"


def _upright_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    return picture.convert("RGB")


def _store(folder: Path, name: str, data: bytes) -> None:
    # `paths.atomic` changes the process's umask for a moment, which threads share.
    part = folder / f".{name}.part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, folder / f"{name}.jpg")


def _open_manifest(root: Path) -> sqlite3.Connection:
    (root / "EUROPEANA" / "images").mkdir(parents=True, exist_ok=True)
    manifest = sqlite3.connect(root / MANIFEST, timeout=1)
    manifest.execute("PRAGMA locking_mode = EXCLUSIVE")  # one run at a time in a folder
    manifest.execute("BEGIN EXCLUSIVE")
    manifest.execute(_TABLE)
    manifest.commit()
    return manifest


def _record(run: _Run, names: Mapping[str, str], outcome: _Outcome) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    run.manifest.executemany(_ROW, [(name, url, outcome.status, outcome.code, outcome.bytes, outcome.sha256, outcome.width,
                                     outcome.height, outcome.tries, now, outcome.reason) for name, url in names.items()])


def _commit(run: _Run) -> None:
    # Images first, all at once (one by one takes 20 times as long): no row speaks of a file that a power cut takes away.
    if run.manifest.in_transaction:
        os.sync()
        run.manifest.commit()


@contextmanager
def _told_in_one_sentence(root: Path):
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UserError(f"{root / MANIFEST} is in use by another run; expected one run at a time.") from None
        raise UserError(f"{root / MANIFEST} cannot be written ({error}); expected a folder with room.") from None
    except sqlite3.DatabaseError as error:
        raise UserError(f"{root / MANIFEST} is no manifest ({error}); expected the one of an earlier run. Without it, "
                        "the images here are read and the rest is fetched.") from None
    except OSError as error:
        raise UserError(f"{root / 'EUROPEANA'} cannot be written ({error.strerror or error}); expected a folder with "
                        "room for the images.") from None


def main(arguments: list[str] | None = None) -> int:
    """The command; a user's mistake is one sentence and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.collection.thumbnails", description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE.csv", help="records in the official schema")
    parser.add_argument("root", metavar="ROOT", help="folder of the data set")
    parser.add_argument("--workers", type=int, default=8, help="requests under way at a time (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=10.0, help="requests a second, 0 for no limit (default: %(default)s)")
    parser.add_argument("--base-url", help="server of Europeana's thumbnails (default: the one that the urls name)")
    parser.add_argument("--again", action="store_true", help="also ask for what was missing or refused before")
    options = parser.parse_args(arguments)
    try:
        print(fetch_thumbnails(read_records(options.file), options.root, base_url=options.base_url,
                               workers=options.workers, rate=options.rate or None, again=options.again))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
