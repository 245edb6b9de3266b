"""A session on disk: one SQLite file, which several tabs, people and processes write at once.

Every change is an event, written down for good before it counts, with who made it and when; `state.State` reads what
they come to. An event that decides something is also a step, which its person can take back: what each thing was
before, and what it became. If somebody else has changed it since, it stays as they left it. (SQLite's write-ahead log
needs a disk of this machine; on a network drive, two machines must not have the same session open.)
"""

import getpass
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ..core.errors import UserError
from ..core.text import writable
from ..data.records import PROVIDER
from .state import ACCEPTED, ADDED, CANVAS, IMPORTED, MANIFEST, REFUSED, TAGGED, TAKEN, Image, State

FILE, JOURNAL = "session.sqlite", "journal.jsonl"

_SCHEMA = """
CREATE TABLE event (id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, do TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX event_by_who ON event (who);
CREATE TABLE step (event INTEGER PRIMARY KEY, who TEXT NOT NULL, image TEXT NOT NULL, before TEXT NOT NULL,
                   after TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0);
CREATE INDEX step_by_who ON step (who, undone, event);
CREATE TABLE image (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, file TEXT NOT NULL, model TEXT NOT NULL DEFAULT '',
                    record TEXT NOT NULL DEFAULT '{}', cells TEXT NOT NULL DEFAULT '{}');
CREATE TABLE mark (image TEXT, facet TEXT, tag TEXT, mark TEXT NOT NULL, origin TEXT NOT NULL, score REAL, promise REAL,
                   model TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (image, facet, tag)) WITHOUT ROWID;
CREATE INDEX mark_by_tag ON mark (facet, tag, mark);
CREATE INDEX mark_accepted ON mark (image) WHERE mark = 'accepted';
CREATE TABLE note (image TEXT PRIMARY KEY, text TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE suggestion (image TEXT, facet TEXT, tag TEXT, place INTEGER NOT NULL, score REAL NOT NULL,
                         PRIMARY KEY (image, facet, tag)) WITHOUT ROWID;
CREATE INDEX suggestion_by_tag ON suggestion (facet, tag, score);
CREATE TABLE model (hash TEXT PRIMARY KEY, name TEXT NOT NULL, code TEXT NOT NULL, vocabulary TEXT NOT NULL, promised TEXT NOT NULL);
CREATE TABLE setting (name TEXT, who TEXT, value TEXT NOT NULL, PRIMARY KEY (name, who)) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
_VERSION = 1

# What a session of before lacks, and code of before does not miss.
_LATER = ("CREATE INDEX IF NOT EXISTS mark_promised ON mark (model, facet, promise, mark) WHERE promise IS NOT NULL",
          "CREATE TABLE IF NOT EXISTS unlike (image TEXT PRIMARY KEY, distance REAL NOT NULL) WITHOUT ROWID")

_PATIENCE = 20  # seconds that a writer waits for another one

# What a step changes, by the first word of its key: how it is read, written and removed.
_READ = {"mark": "SELECT mark, origin, score, promise, model, who, at FROM mark WHERE image = ? AND facet = ? AND tag = ?",
         "note": "SELECT text, who, at FROM note WHERE image = ?",
         "record": "SELECT record, cells FROM image WHERE name = ?"}
_WRITE = {"mark": "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          "note": "INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?)",
          "record": "UPDATE image SET record = ?2, cells = ?3 WHERE name = ?1"}
_REMOVE = {"mark": "DELETE FROM mark WHERE image = ? AND facet = ? AND tag = ?", "note": "DELETE FROM note WHERE image = ?"}

_Key = tuple[str, ...]
_Row = list | None


@dataclass(frozen=True)
class Event:
    """One line of the history: its number, when and by whom, what was done, and the rest of the event."""

    number: int
    at: str
    who: str
    do: str
    body: Mapping


class Store:
    """One session, open.

    Until something is written nothing is on disk: a session that is only looked at leaves nothing behind. What another
    process writes first is seen at the next look, see `refresh`; a `State` asked for before shows an empty session for ever.

    Args:
        folder: of the session; made at the first change. A journal of an earlier version in it is converted, and kept as
            `journal.jsonl.converted`.
        who: decides where a call does not say it; the user of this machine if left out.

    Raises:
        UserError: what the folder holds is no session.
    """

    def __init__(self, folder: Path, who: str | None = None):
        self.folder, self.file = folder, folder / FILE
        self.who = _user() if who is None else who
        self._images, self._version = {}, -1
        self._turn, self._listeners = threading.RLock(), []
        self._written = is_session(folder)
        self._database = open_database(self.file if self._written else ":memory:")
        try:
            self._convert(folder / JOURNAL)
            self._look()
        except sqlite3.Error as error:
            self.close()
            raise UserError(f"{self.file} cannot be read ({error}); expected a session as the assistant writes it.") from None
        except UserError:
            self.close()
            raise

    @property
    def state(self) -> State:
        """What the session holds now, for `who`."""
        return self.seen_by(self.who)

    def seen_by(self, who: str | None) -> State:
        """What the session holds now, for a person; `Store.who` if None."""
        return State(self._database, self._images, self.who if who is None else who)

    def refresh(self) -> bool:
        """Take in what other processes wrote since; whether there was anything, which the listeners hear of."""
        with self._turn:
            changed = self._look()
        if changed:
            self._tell()
        return changed

    def do(self, event: Mapping | None, who: str | None = None) -> State:
        """Write the event down with all that comes of it, or nothing at all; then tell the listeners. None is no event.

        Half of a sign, which is no text and which no file holds, becomes the sign for what is missing.

        Args:
            who: decided it; `Store.who` if left out. Of a suggestion its model says it.
        Raises:
            UserError: it could not be written, and nothing changed.
        """
        if event is None:
            return self.seen_by(who)
        signed = "" if event["do"] == "suggest" else self.who if who is None else who
        with self._turn:
            if not self._written:
                self._begin()
            try:
                with transaction(self._database):
                    apply(self._database, writable(dict(event)), signed, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            except sqlite3.Error as error:
                raise UserError(f"{self.file} cannot be written ({error}); nothing changed.") from None
            self._look()
        self._tell()
        return self.seen_by(who)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call it after every change; returns what stops that."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    def history(self) -> Iterator[Event]:
        """All events, the first one first."""
        for number, at, who, do, body in self._database.execute("SELECT id, at, who, do, body FROM event ORDER BY id"):
            yield Event(number, at, who, do, json.loads(body))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()

    def _begin(self) -> None:
        """From memory to the disk, where another process may have begun the session just now."""
        try:
            (self.folder / "images").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{self.folder} cannot be made ({error.strerror}); nothing changed.") from None
        self._database, self._written = open_database(self.file), True  # nobody closes the other one, which may be being read

    def _look(self) -> bool:
        """Read the images that are new; whether another process or store wrote since the last look."""
        if not self._written and self.file.is_file():
            self._begin()
        version = self._database.execute("PRAGMA data_version").fetchone()[0]
        for name, file in self._database.execute("SELECT name, file FROM image WHERE place > ? ORDER BY place", (len(self._images),)):
            self._images[name] = Image(name, file)
        changed, self._version = version != self._version, version
        return changed

    def _convert(self, journal: Path) -> None:
        """Take in the journal of an earlier version, whole or not at all; what a killed server left of a line is left out."""
        if not journal.is_file() or not journal.stat().st_size:
            return
        data, converted = journal.read_bytes(), journal.with_suffix(".jsonl.converted")
        with transaction(self._database):  # another process may be about to do the same
            if not self._database.execute("SELECT count(*) FROM event").fetchone()[0]:
                for line in data[:data.rfind(b"\n") + 1].splitlines():
                    try:
                        event = json.loads(line)
                        who, at = event.pop("who", ""), event.pop("at", "")
                        if event["do"] in ("undo", "redo"):  # was everybody's, not a person's own
                            redo = event["do"] == "redo"  # of what was taken back, the first one comes again first
                            last = self._database.execute("SELECT who FROM step WHERE undone = ? ORDER BY "
                                                          f"{'event' if redo else 'event DESC'} LIMIT 1", (redo,)).fetchone()
                            who = last[0] if last else who
                        elif event["do"] in ("mark", "note", "keeper", "import"):  # nobody's was to be had again after these
                            self._database.execute("DELETE FROM step WHERE undone")
                        apply(self._database, event, who, at)
                    except (ValueError, KeyError, TypeError, AttributeError, sqlite3.Error) as error:
                        raise UserError(f"{journal}: found the line {line[:60]!r}, which is no event ({error!r}); "
                                        "expected the lines as the assistant wrote them.") from None
            elif converted.exists() and journal.is_file():
                raise UserError(f"{journal} was written by an earlier version after this session was converted; it is not in "
                                "the session. Move it to a folder of its own, or remove it.")
        with suppress(FileNotFoundError):
            journal.replace(converted)


@dataclass(frozen=True)
class Progress:
    """How far a session is: its images, those with an accepted tag, and when it last changed, ISO 8601."""

    session: str
    images: int
    tagged: int
    changed: str


def is_session(folder: Path) -> bool:
    """Whether a folder holds a session, also one of an earlier version."""
    return any((folder / name).is_file() for name in (FILE, JOURNAL))


def list_sessions(root: Path) -> tuple[list[Progress], list[str]]:
    """The sessions in a folder that hold images, the last changed first, and a sentence on each that cannot be read."""
    found, said = [], []
    for folder in sorted({file.parent for name in (FILE, JOURNAL) for file in root.glob(f"*/{name}")}):
        try:
            if (folder / JOURNAL).is_file():
                Store(folder).close()  # converts it
            progress = _read_progress(folder)
        except (UserError, OSError) as error:
            said.append(str(error))
            continue
        found += [progress] if progress.images else []
    return sorted(found, key=lambda progress: progress.changed, reverse=True), said


def _read_progress(folder: Path) -> Progress:
    """How far a session is, asked of its file alone: nothing is made or changed, and no list of images is read."""
    file = folder / FILE
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE, isolation_level=None)) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:  # another process is about to make it, or was killed then
                return Progress(folder.name, 0, 0, "")
            _check_version(file, version)
            return Progress(folder.name, *database.execute(
                f"SELECT (SELECT coalesce(max(place), 0) FROM image), ({TAGGED}), "  # places have no gaps
                "coalesce((SELECT at FROM event ORDER BY id DESC LIMIT 1), '')").fetchone())
    except sqlite3.Error as error:
        raise UserError(f"{file} cannot be read ({error}); expected a session as the assistant writes it.") from None


def _check_version(file: Path | str, version: int) -> None:
    if version != _VERSION:
        raise UserError(f"{file} is of version {version}; expected {_VERSION}, the one that this code reads.")


def open_database(file: Path | str) -> sqlite3.Connection:
    """A session's database, made where there is none; `:memory:` is one that is never written."""
    try:
        # One connection serves the threads of this process; a writer waits for another one, of another process too.
        database = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        _write_ahead(database)
        database.execute("PRAGMA synchronous = FULL")  # on disk before it counts, also when the power fails
        if database.execute("PRAGMA user_version").fetchone()[0] == 0:
            with transaction(database):
                if database.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in _SCHEMA.split(";"):
                        database.execute(statement)
        version = database.execute("PRAGMA user_version").fetchone()[0]
        try:
            _check_version(file, version)
        except UserError:
            database.close()
            raise
        if database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'mark'").fetchone()[0]:  # else another program's
            for statement in _LATER:
                database.execute(statement)
        return database
    except sqlite3.Error as error:
        raise UserError(f"{file} cannot be opened ({error}); expected a session as the assistant writes it.") from None


def _write_ahead(database: sqlite3.Connection) -> None:
    """Keep a write-ahead log; SQLite itself does not wait for another process that begins one at the same moment."""
    last = time.monotonic() + _PATIENCE
    while True:
        try:
            return database.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xff != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(0.01)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All that is done in it counts, or nothing; nobody else writes meanwhile."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # SQLite has ended it already after some errors, as on a full disk
            database.execute("ROLLBACK")
        raise


# ---- what events do ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Doing:
    """An event while it is applied."""

    database: sqlite3.Connection
    number: int
    who: str
    at: str


def apply(database: sqlite3.Connection, event: Mapping, who: str, at: str) -> None:
    """Write an event down, with all that comes of it; inside a `transaction`.

    Raises:
        KeyError, TypeError: it is no event.
    """
    event = dict(event)
    do = event.pop("do")
    act = _APPLY[do]
    number = database.execute("INSERT INTO event (at, who, do, body) VALUES (?, ?, ?, ?)",
                              (at, who, do, json.dumps(event, ensure_ascii=False))).lastrowid
    act(_Doing(database, number, who, at), event)


def _add(doing: _Doing, event: dict) -> None:
    """Images, with the record of each that came with one."""
    records = event.get("records", {})
    doing.database.executemany("INSERT INTO image (name, file, record) VALUES (?, ?, ?)",
                               [(name, file, json.dumps(records.get(name, {}), ensure_ascii=False)) for name, file in event["images"]])


def _set(doing: _Doing, event: dict) -> None:
    people = {"current": doing.who, "language": doing.who, "provider": ""}
    doing.database.executemany("INSERT OR REPLACE INTO setting VALUES (?, ?, ?)",
                               [(name, people[name], value) for name, value in event.items() if name in people])


def _suggest(doing: _Doing, event: dict) -> None:
    image, model, database = event["image"], event["model"], doing.database
    database.execute("UPDATE image SET model = ? WHERE name = ?", (model["hash"], image))
    database.execute("INSERT OR REPLACE INTO model VALUES (?, ?, ?, ?, ?)",
                     (model["hash"], model.get("name", ""), model.get("commit", ""), model.get("vocabulary", ""),
                      json.dumps(model.get("promised", {}))))
    database.execute("DELETE FROM unlike WHERE image = ?", (image,))
    if event.get("unlike") is not None:
        database.execute("INSERT INTO unlike VALUES (?, ?)", (image, event["unlike"]))
    database.execute("DELETE FROM suggestion WHERE image = ?", (image,))
    database.executemany("INSERT INTO suggestion VALUES (?, ?, ?, ?, ?)",
                         [(image, facet, tag, place, score) for facet, tags in event["tags"].items()
                          for place, (tag, score) in enumerate(tags.items())])


def _mark(doing: _Doing, event: dict) -> None:
    _marks(doing, {"images": {event["image"]: {event["facet"]: event["marks"]}}})


def _marks(doing: _Doing, event: dict) -> None:
    rows = {("mark", image, facet, tag): _decision(doing, image, facet, tag, mark)
            for image, facets in event["images"].items() for facet, marks in facets.items() for tag, mark in marks.items()}
    _change(doing, next(iter(event["images"])), rows)


def _note(doing: _Doing, event: dict) -> None:
    row = [event["text"], doing.who, doing.at] if event["text"] else None
    _change(doing, event["image"], {("note", event["image"]): row}, typed=_typed_on(doing, "note", event["image"]))


def _keeper(doing: _Doing, event: dict) -> None:
    key = "record", event["image"]
    record, cells = _read(doing.database, key)
    record = json.dumps(json.loads(record) | {PROVIDER: event["text"]}, ensure_ascii=False)
    _change(doing, event["image"], {key: [record, cells]}, typed=_typed_on(doing, "keeper", event["image"]))


def _import(doing: _Doing, event: dict) -> None:
    """What a file says about some images takes the place of what was decided about them; what agrees stays as it is."""
    rows: dict[_Key, _Row] = {}
    for image, found in event["images"].items():
        new = {(facet, tag): mark for facet, marks in found["marks"].items() for tag, mark in marks.items()}
        for facet, tag, mark in doing.database.execute("SELECT facet, tag, mark FROM mark WHERE image = ?", (image,)).fetchall():
            if new.get((facet, tag)) == mark:
                del new[facet, tag]
            else:
                rows["mark", image, facet, tag] = None
        rows |= {("mark", image, facet, tag): [mark, IMPORTED, None, None, "", doing.who, doing.at] for (facet, tag), mark in new.items()}
        if "note" in found:  # a file without notes leaves them as they are
            rows["note", image] = [found["note"], doing.who, doing.at] if found["note"] else None
        before = json.loads((_read(doing.database, ("record", image)) or ["{}"])[0])
        origin = {column: before[column] for column in (CANVAS, MANIFEST) if column in before}  # no file changes that
        rows["record", image] = [json.dumps(part, ensure_ascii=False) for part in (
            found["record"] | {column: text for column, text in origin.items() if not found["record"].get(column)}, found["cells"])]
    _change(doing, next(iter(event["images"])), rows)


def _restore(doing: _Doing, event: dict) -> None:
    """Decisions and notes become what a file says they are: who made them and when, and on whose suggestion."""
    doing.database.executemany("INSERT OR IGNORE INTO model VALUES (?, ?, ?, ?, '{}')", event["models"])
    rows = {("mark", image, facet, tag): row for image, facets in event["images"].items()
            for facet, tags in facets.items() for tag, row in tags.items()}
    _change(doing, next(iter(event["images"] or event["notes"])), rows | {("note", image): row for image, row in event["notes"].items()})


def _undo(doing: _Doing, event: dict) -> None:
    _step(doing, undone=False)


def _redo(doing: _Doing, event: dict) -> None:
    _step(doing, undone=True)


_APPLY = {"add": _add, "set": _set, "suggest": _suggest, "mark": _mark, "marks": _marks, "note": _note, "keeper": _keeper,
          "import": _import, "restore": _restore, "undo": _undo, "redo": _redo}


def _decision(doing: _Doing, image: str, facet: str, tag: str, mark: str) -> _Row:
    """The row of a decision, with what was suggested and promised when it was made; None where a decision is taken back."""
    if not mark:
        return None
    found = doing.database.execute("SELECT score, model FROM suggestion JOIN image ON name = image "
                                   "WHERE image = ? AND facet = ? AND tag = ?", (image, facet, tag)).fetchone()
    if not found:
        return [mark, ADDED, None, None, "", doing.who, doing.at]
    score, model = found
    promised = json.loads(doing.database.execute("SELECT promised FROM model WHERE hash = ?", (model,)).fetchone()[0]).get(facet)
    promise = promised["precision"] if promised and score >= promised["threshold"] else None
    return [mark, TAKEN if mark == ACCEPTED else REFUSED, score, promise, model, doing.who, doing.at]


def _typed_on(doing: _Doing, do: str, image: str) -> bool:
    """Whether the event before of this person typed the same thing, so that both are one step."""
    last = doing.database.execute("SELECT do, body FROM event WHERE who = ? AND id < ? ORDER BY id DESC LIMIT 1",
                                  (doing.who, doing.number)).fetchone()
    return last is not None and last[0] == do and json.loads(last[1])["image"] == image


def _change(doing: _Doing, image: str, rows: dict[_Key, _Row], typed: bool = False) -> None:
    """Write the rows, as a step that can be taken back; `typed` makes it a part of the step before."""
    database, before = doing.database, {key: _read(doing.database, key) for key in rows}
    for key, row in rows.items():
        _write(database, key, row)
    database.execute("DELETE FROM step WHERE who = ? AND undone", (doing.who,))
    last = database.execute("SELECT max(event) FROM step WHERE who = ?", (doing.who,)).fetchone()[0] if typed else None
    if last:
        database.execute("UPDATE step SET after = ? WHERE event = ?", (_side(rows), last))
    else:
        database.execute("INSERT INTO step (event, who, image, before, after) VALUES (?, ?, ?, ?, ?)",
                         (doing.number, doing.who, image, _side(before), _side(rows)))


def _step(doing: _Doing, undone: bool) -> None:
    """Take the person's last step back, or the last one that was taken back forward again."""
    database, order = doing.database, "event" if undone else "event DESC"
    found = database.execute(f"SELECT event, image, before, after FROM step WHERE who = ? AND undone = ? ORDER BY {order} LIMIT 1",
                             (doing.who, undone)).fetchone()
    if not found:
        return
    number, image, before, after = found
    source, target = (before, after) if undone else (after, before)
    for (key, expected), (_, row) in zip(json.loads(source), json.loads(target), strict=True):
        if _read(database, key) == expected:  # else somebody else has changed it since
            _write(database, key, row)
    database.execute("UPDATE step SET undone = ? WHERE event = ?", (not undone, number))
    _set(doing, {"current": image})


def _side(rows: Mapping[_Key, _Row]) -> str:
    return json.dumps([[key, row] for key, row in rows.items()], ensure_ascii=False)


def _read(database: sqlite3.Connection, key: _Key) -> _Row:
    row = database.execute(_READ[key[0]], key[1:]).fetchone()
    return list(row) if row else None


def _write(database: sqlite3.Connection, key: _Key, row: _Row) -> None:
    if row is None:
        database.execute(_REMOVE[key[0]], key[1:])
    else:
        database.execute(_WRITE[key[0]], (*key[1:], *row))


def _user() -> str:
    with suppress(OSError, KeyError, ImportError):  # some containers have no name for their user
        return getpass.getuser()
    return ""
