"""Fetch the thumbnails of a data set's records from Europeana: several at a time, at a steady rate, none twice.

A manifest beside the images lists what became of each. A run can be stopped at any moment, also by kill -9: the same
call resumes.
"""

import hashlib
import os
import queue
import re
import sqlite3
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
from tqdm import tqdm

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.paths import on_disk, resolve, spellings
from ...data.dataset import images_folder
from ...data.records import Records
from ...data.records_csv import read_records
from ..europeana.client import BASE_URL, THUMBNAIL_V3
from ..http import GIVE_UP, Pace, Session, Stopped
from .checks import Unkept, check_image
from .download import USUAL, Limits, download
from .manifest import MANIFEST, STATUSES, Outcome, commit, open_manifest, record, user_errors

Task = tuple[str, dict[str, str]]
"""A URL to request, and the records that want its picture (id -> url)."""

_COMMIT_EVERY = 5.0  # seconds
_ENDING = 2.0  # seconds for requests in flight at the end of a run
_PLAIN_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")


@dataclass(frozen=True)
class Report:
    """What one run did, and the state of its records after it.

    Attributes:
        counts: for each of `STATUSES`, the number of records that have it now.
        reasons: for each reason in the manifest, the number of records it leaves without an image.
        already: images that were there before.
        mended: images of the manifest that were gone or of another size, and were fetched again.
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
        return "\n".join([first, *(f"{self.counts[status]:>8} {status} ({meaning})" for status, meaning in STATUSES.items()),
                                 *(f"{count:>8} x {reason}" for reason, count in self.reasons.items())])


def fetch_thumbnails(records: Records, root: str | os.PathLike, *, base_url: str | None = None, workers: int = 8,
                     rate: float | None = 10.0, limits: Limits = USUAL, again: bool = False) -> Report:
    """Fetch what is not there yet into `<root>/EUROPEANA/images/<id>.jpg` (paper section 3).

    A JPEG file is kept byte for byte; another kind of image is written as RGB JPEG (upright,
    transparent parts white), so that its name is true. A url that several records share is
    fetched once. A file that the manifest does not know is kept if it is a whole JPEG.

    Args:
        records: whose `urls` to fetch, each from the address that `fetch_url` gives.
        root: the data set's folder.
        base_url: the server of Europeana's thumbnails, if not the one in the urls.
        workers: requests in flight at a time.
        rate: requests per second, over all workers, see `http.Pace`; None for no limit.
        limits: tries, pauses and sizes.
        again: also request what was missing or refused before.
    Raises:
        UserError: an id is not a plain file name; the folder is full, cannot be written or is in use by
            another run; the server asks for a pause of over an hour; 100 thumbnails in a row failed.
    """
    if workers < 1 or limits.tries < 1 or (rate is not None and rate <= 0):
        raise UserError(f"{workers} workers, {limits.tries} tries, rate {rate}: expected at least one worker and one try, "
                        "and a rate above 0 requests per second, or None.")
    for name in records.ids:
        if not _PLAIN_NAME.fullmatch(name) or len(name.encode()) > 200:
            raise UserError(f"id {name!r} is not a plain file name; expected one without slash, backslash, control "
                            "character or leading dot, of at most 200 bytes.")
    start, root = time.monotonic(), resolve(root)
    folder, pace = images_folder(root), Pace(rate)
    with user_errors(root), closing(open_manifest(root)) as manifest:
        wanted, already, mended = _plan(manifest, folder, limits, records, again)
        tasks = [(fetch_url(min(names.values()), base_url), names) for names in wanted.values()]
        if tasks:
            _keep(manifest, tasks, workers, folder, limits, pace)
        rows = {row[0]: row[1:] for row in manifest.execute("SELECT id, status, reason FROM thumbnails")}
    counts = Counter(rows[name][0] for name in records.ids)
    reasons = Counter(rows[name][1] for name in records.ids if rows[name][1])
    return Report({status: counts[status] for status in STATUSES}, dict(reasons.most_common()), already, mended,
                  pace.sent, time.monotonic() - start)


def fetch_url(url: str, base_url: str | None = None) -> str:
    """The address to request for a record's url: v3, 400 pixels wide, for Europeana's thumbnails, else the url itself.

    v3 names a thumbnail by the MD5 of the original's decoded url, and answers with status 404 where there is
    none; v2 sends an icon with status 200.

    >>> fetch_url("https://api.europeana.eu/thumbnail/v2/url.json?uri=http%3A%2F%2Fa.example%2F1.jpg&type=IMAGE")
    'https://api.europeana.eu/thumbnail/v3/400/775c00eac22de99a51e6959f9e2f4f0e.jpg'
    """
    path = _key(url)
    if path == url:
        return url
    parts = urlsplit(url)
    # The older spelling of v2 was on a host that has no v3.
    own = f"{parts.scheme}://{parts.netloc}" if parts.path.startswith("/thumbnail/") else BASE_URL
    return (base_url or own).rstrip("/") + path


def read_manifest(root: str | os.PathLike) -> pd.DataFrame:
    """What became of each thumbnail: one row per id, in order of id.

    Columns id, url, status, code (of HTTP), bytes, sha256, width, height, tries, fetched_at, reason.
    `bytes` and `sha256` are those of the file as it was kept; `tries` counts the requests of all runs.

    Raises:
        UserError: there is no manifest in the data set's folder.
    """
    path = resolve(root) / MANIFEST
    if not path.is_file():
        raise UserError(f"{path} does not exist; expected the manifest that `eufcc thumbnails` writes.")
    whole = {name: "Int64" for name in ("code", "bytes", "width", "height")}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as manifest:
        return pd.read_sql_query("SELECT * FROM thumbnails ORDER BY id", manifest, dtype=whole)


def _plan(manifest: sqlite3.Connection, folder: Path, limits: Limits, records: Records,
          again: bool) -> tuple[dict[str, dict[str, str]], int, int]:
    """What to request (key -> id -> url), how many images are here, how many of the manifest's are not."""
    rows = {row[0]: row[1:] for row in manifest.execute("SELECT id, url, status, bytes FROM thumbnails")}
    sizes = {entry.name: entry.stat().st_size for entry in os.scandir(folder)}
    for name in sizes:
        if name.startswith(".") and name.endswith(".part"):
            (folder / name).unlink()
    wanted, holders, already, mended = defaultdict(dict), {}, 0, 0
    for name, url in zip(records.ids, records.urls):
        file = next(filter(sizes.__contains__, spellings(f"{name}.jpg")), f"{name}.jpg")
        path, key, size = folder / file, _key(url), sizes.get(file)
        known, status, kept = rows.get(name, (url, "", None))
        if _key(known) != key or (status == "had" and size != kept):
            # What lies here is another picture or a damaged one, and must not pass for this record's.
            mended += _key(known) == key
            path.unlink(missing_ok=True)
            manifest.execute("DELETE FROM thumbnails WHERE id = ?", [name])
        elif status == "had" or (size is not None and _adopt(manifest, limits, name, url, path)):
            already, holders[key] = already + 1, name
            continue
        elif status in ("missing", "refused") and not again:
            continue
        wanted[key][name] = url
    for key in holders.keys() & wanted.keys():
        data = on_disk(folder / f"{holders[key]}.jpg").read_bytes()
        for name, url in wanted.pop(key).items():
            store(folder, name, data)
            manifest.execute("INSERT OR REPLACE INTO thumbnails SELECT ?, ?, status, code, bytes, sha256, width, height, "
                                 "0, fetched_at, reason FROM thumbnails WHERE id = ?", [name, url, holders[key]])
    commit(manifest)
    return wanted, already, mended


def _adopt(manifest: sqlite3.Connection, limits: Limits, name: str, url: str, path: Path) -> bool:
    """Take up a file that the manifest does not know: a kill came between the two, or the manifest was lost."""
    data = path.read_bytes()
    try:
        kept, width, height = check_image(data, limits.max_pixels)
    except Unkept:
        kept = None
    if kept != data:
        path.unlink()
        return False
    record(manifest, {name: url}, Outcome("had", "", None, len(data), hashlib.sha256(data).hexdigest(), width, height))
    return True


def _keep(manifest: sqlite3.Connection, tasks: list[Task], workers: int, folder: Path, limits: Limits, pace: Pace) -> None:
    """Fetch all tasks with this many threads, and keep the manifest, which only this thread writes."""
    waiting, outcomes = iter(tasks), queue.SimpleQueue()  # threads can share a list's iterator
    threads = [threading.Thread(target=_work, args=(waiting, outcomes, folder, limits, pace), daemon=True)
               for _ in range(min(workers, len(tasks)))]
    for thread in threads:
        thread.start()
    try:
        committed, counts, left = time.monotonic(), Counter(), len(tasks)
        with tqdm(desc="thumbnails", total=sum(len(names) for _, names in tasks), unit="", file=sys.stdout) as progress:
            while left:
                try:
                    names, outcome = outcomes.get(timeout=1)  # on Windows, Ctrl-C does not end a wait
                except queue.Empty:
                    continue
                if isinstance(outcome, BaseException):
                    raise outcome
                record(manifest, names, outcome)
                left -= 1
                counts[outcome.status] += len(names)
                progress.set_postfix(counts, refresh=False)
                progress.update(len(names))
                if time.monotonic() > committed + _COMMIT_EVERY:
                    commit(manifest)
                    committed = time.monotonic()
    finally:
        pace.stop.set()
        end = time.monotonic() + _ENDING
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))
        for names, outcome in [outcomes.get() for _ in range(outcomes.qsize())]:
            if isinstance(outcome, Outcome):
                record(manifest, names, outcome)
        commit(manifest)


def _work(waiting: Iterator[Task], outcomes: queue.SimpleQueue, folder: Path, limits: Limits, pace: Pace) -> None:
    """A worker: fetches task after task and keeps the files; `outcomes` gets what became of each, or its error."""
    try:
        with Session() as session:
            for url, names in waiting:
                outcome, data = download(session, url, limits, pace)
                if outcome.status == "had":
                    for name in names:
                        store(folder, name, data)
                outcomes.put((names, outcome))
                if pace.give_up(outcome.status == "failed"):
                    raise UserError(f"{GIVE_UP} thumbnails in a row failed, the last with: {outcome.reason}; run the same "
                                    "command again to resume when the server answers again.")
    except Stopped:
        pass
    except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
        pace.stop.set()
        outcomes.put(({}, error))


def store(folder: Path, name: str, data: bytes) -> None:
    """Write an image, whole or not at all."""
    # `paths.atomic` changes the process's umask for a moment, which threads share.
    part = folder / f".{name}.part"
    part.write_bytes(data)
    os.replace(part, folder / f"{name}.jpg")


def _key(url: str) -> str:
    """What identifies a picture: the path in v3 for a thumbnail, on whatever host, else the url."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if found := THUMBNAIL_V3.fullmatch(parts.path):
        return f"/thumbnail/v3/400/{found[1]}.jpg"
    if not parts.path.endswith(("/thumbnail/v2/url.json", "/api/v2/thumbnail-by-url.json")):
        return url
    original = parse_qs(parts.query).get("uri")
    return f"/thumbnail/v3/400/{hashlib.md5(original[0].encode()).hexdigest()}.jpg" if original else url


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("thumbnails", __doc__.splitlines()[0], reads="FILE.csv and Europeana's thumbnail service",
                        writes="ROOT/EUROPEANA/images/*.jpg and the manifest ROOT/EUROPEANA/thumbnails.sqlite",
                        example="eufcc thumbnails data/eufcc340k/train.csv data/eufcc340k")
    parser.add_argument("file", metavar="FILE.csv", help="records in the official schema")
    parser.add_argument("root", metavar="ROOT", help="folder of the data set")
    parser.add_argument("--workers", type=int, default=8, help="requests in flight at a time (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=10.0, help="requests per second, 0 for no limit (default: %(default)s)")
    parser.add_argument("--base-url", help="server of Europeana's thumbnails (default: the one in the urls)")
    parser.add_argument("--again", action="store_true", help="also request what was missing or refused before")
    options = parser.parse_args(arguments)
    print(fetch_thumbnails(read_records(options.file), options.root, base_url=options.base_url,
                           workers=options.workers, rate=options.rate or None, again=options.again))
