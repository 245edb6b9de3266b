"""Fetch the thumbnails of records: many at a time, politely, and none twice.

What became of each stands in a manifest beside the images. A run can be stopped at any moment,
also by kill -9: the same call goes on from there.
"""

import argparse
import hashlib
import os
import queue
import random
import re
import sqlite3
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
from tqdm import tqdm

from ..errors import UserError
from ..paths import resolve
from ..records import Records, read_records
from .asking import USUAL, Connections, Limits, Pace, Stopped
from .manifest import MANIFEST, STATUSES, Outcome, commit, open_manifest, record, told_in_one_sentence
from .pictures import ICONS, Unkept, check_image

HOST = "https://api.europeana.eu"

_GIVE_UP = 100  # thumbnails that failed in a row
_COMMIT_EVERY = 5.0  # seconds
_GATHER = 0.05  # seconds for outcomes to pile up: waking for each of them would take turns from the workers
_PLAIN_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")


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


def fetch_thumbnails(records: Records, root: str | os.PathLike, *, base_url: str | None = None, workers: int = 8,
                     rate: float | None = 10.0, limits: Limits = USUAL, icons: Iterable[str] = ICONS,
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
    with told_in_one_sentence(root), closing(open_manifest(root)) as manifest:
        run = _Run(manifest, root / "EUROPEANA" / "images", limits, frozenset(icons), Pace(rate))
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


@dataclass(frozen=True)
class _Run:
    """What the steps of a run share."""

    manifest: sqlite3.Connection
    folder: Path
    limits: Limits
    icons: frozenset[str]
    pace: Pace
    storing: threading.Lock = field(default_factory=threading.Lock)  # a folder takes one file at a time
    failures: "_Failures" = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "failures", _Failures(self.pace.stop))


class _Failures:
    """Failures in a row. The workers count them, so that none goes on to ask a server that is down for all."""

    def __init__(self, stop: threading.Event):
        self._stop, self._lock, self._in_a_row = stop, threading.Lock(), 0

    def count(self, outcome: Outcome) -> None:
        """Raises `UserError`, and ends all waiting, when there were too many."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if outcome.status == "failed" else 0
            if self._in_a_row != _GIVE_UP:
                return
            self._stop.set()
        raise UserError(f"{_GIVE_UP} thumbnails in a row failed, the last with: {outcome.reason}; the same "
                        "call goes on from here when the server answers again.")


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
    commit(run.manifest)
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
    record(run.manifest, {name: url}, Outcome("had", "", None, len(data), hashlib.sha256(data).hexdigest(), width, height))
    return True


def _work(run: _Run, tasks: list[tuple[str, Mapping[str, str]]], workers: int) -> None:
    """Ask for all tasks (address, id -> url) and keep the manifest, which only this thread writes."""
    waiting, outcomes = queue.SimpleQueue(), queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    threads = [threading.Thread(target=_work_through, args=(run, waiting, outcomes), daemon=True)
               for _ in range(min(workers, len(tasks)))]
    try:
        for thread in threads:
            thread.start()
        committed, counts, left = time.monotonic(), Counter(), len(tasks)
        with tqdm(desc="thumbnails", total=sum(len(names) for _, names in tasks), unit="", file=sys.stdout) as progress:
            while left:
                for names, outcome in _gathered(outcomes):
                    if isinstance(outcome, BaseException):
                        raise outcome
                    record(run.manifest, names, outcome)
                    left -= 1
                    counts[outcome.status] += len(names)
                progress.set_postfix(counts, refresh=False)
                progress.update(counts.total() - progress.n)
                if time.monotonic() > committed + _COMMIT_EVERY:
                    commit(run.manifest)
                    committed = time.monotonic()
    finally:
        run.pace.stop.set()
        end = time.monotonic() + 2
        for thread in threads:
            if thread.ident:
                thread.join(max(0, end - time.monotonic()))
        while not outcomes.empty():
            names, outcome = outcomes.get()
            if isinstance(outcome, Outcome):
                record(run.manifest, names, outcome)
        commit(run.manifest)


def _gathered(outcomes: queue.SimpleQueue) -> Iterator[tuple[Mapping[str, str], Outcome | BaseException]]:
    """The outcomes that are there, at least one; as long as all goes well, not before there are some more."""
    names, outcome = outcomes.get()
    yield names, outcome
    if outcome.status == "had":
        time.sleep(_GATHER)
    for _ in range(outcomes.qsize()):
        yield outcomes.get()


def _work_through(run: _Run, waiting: queue.SimpleQueue, outcomes: queue.SimpleQueue) -> None:
    try:
        with closing(Connections(run.limits, run.pace)) as connections:
            while True:
                url, names = waiting.get_nowait()
                outcome, data = _fetch(run, connections, url)
                if outcome.status == "had":
                    with run.storing:
                        for name in names:
                            _store(run.folder, name, data)
                outcomes.put((names, outcome))
                run.failures.count(outcome)
    except (queue.Empty, Stopped):
        pass
    except BaseException as error:  # noqa: BLE001  it is raised again in the thread that waits
        outcomes.put(({}, error))


def _fetch(run: _Run, connections: Connections, url: str) -> tuple[Outcome, bytes]:
    for tries in range(1, run.limits.tries + 1):
        code = None
        try:
            data, code = connections.get(url), 200
            data, width, height = check_image(data, run.limits.max_pixels, run.icons)
            return Outcome("had", "", code, len(data), hashlib.sha256(data).hexdigest(), width, height, tries), data
        except Unkept as unkept:
            outcome = Outcome(unkept.status, unkept.reason, unkept.code or code, tries=tries)
            if not unkept.again:
                break
        if tries < run.limits.tries:
            run.pace.stop.wait(run.limits.pause * 2 ** (tries - 1) * random.uniform(0.5, 1.5))
    return outcome, b""


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


def _store(folder: Path, name: str, data: bytes) -> None:
    # `paths.atomic` changes the process's umask for a moment, which threads share.
    part = folder / f".{name}.part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, folder / f"{name}.jpg")


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
