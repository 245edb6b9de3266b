"""The state of a batch of images as plain data, and the journal that keeps it.

Every change is an event: one line of JSON, on disk before it counts, with when it was made and by whom. The state is
what the events come to, so it can be had again after a reload, in a second tab and after the server was killed. What
the models suggested is an event, too: later it can be told what was taken from them.
"""

import getpass
import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path

from filelock import FileLock

from ..core import paths
from ..core.errors import UserError
from ..core.text import writable
from ..data.records import PROVIDER
from ..data.taxonomy import Taxonomy, parse_paths

ACCEPTED, REJECTED = "accepted", "rejected"
NOTE = "note"


@dataclass(frozen=True)
class Image:
    """One image of the batch: its name as the cataloguer knows it, and its file in the session's folder.

    The file's name is the SHA-256 of its bytes in hex digits, and a suffix.
    """

    name: str
    file: str

    @property
    def digest(self) -> str:
        """SHA-256 of the image's bytes, hex digits."""
        return self.file.partition(".")[0]


@dataclass(frozen=True)
class Work:
    """What a cataloguer decided; this is what undo goes back in.

    Attributes:
        marks: by image, facet and tag, `accepted` or `rejected`; no entry where nothing was decided. A tag is its name,
            which the vocabulary at hand may lack.
        notes: by image.
        cells: by image and facet, the csv cell that the image came with, where it was in a file that was opened.
        records: by image, the other columns of its record in that file; the institution only where it says one.
        times: by image, when each mark (facet, tag) and the note (`NOTE`, "") became what it is, ISO 8601.
    """

    marks: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    times: Mapping[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """A batch and how far it is.

    Attributes:
        images: by name, in the order of their coming.
        current: name of the image that is looked at, "" before the first.
        language: `en` or `ca`.
        provider: the institution that keeps the objects whose record says nothing else.
        work: decided so far.
        past, future: (image, work) to go back and forward to, the nearest last.
        typing: what is being typed, as (`note` or `keeper`, image); None after anything else.
        suggested: by image, the hash of the models whose suggestions the journal has last.
    """

    images: Mapping[str, Image] = field(default_factory=dict)
    current: str = ""
    language: str = "en"
    provider: str = ""
    work: Work = field(default_factory=Work)
    past: tuple[tuple[str, Work], ...] = ()
    future: tuple[tuple[str, Work], ...] = ()
    typing: tuple[str, str] | None = None
    suggested: Mapping[str, str] = field(default_factory=dict)

    def marks(self, image: str, facet: str) -> Mapping[str, str]:
        """The decided tags of an image in a facet."""
        return self.work.marks.get(image, {}).get(facet, {})

    def accepted(self, image: str, facet: str) -> set[str]:
        """The accepted tags of an image in a facet."""
        return {tag for tag, mark in self.marks(image, facet).items() if mark == ACCEPTED}

    def rejected(self, image: str, facet: str) -> set[str]:
        """The rejected tags of an image in a facet."""
        return {tag for tag, mark in self.marks(image, facet).items() if mark == REJECTED}

    def paths(self, image: str, facet: str) -> tuple[tuple[str, ...], ...]:
        """The paths of the record that was opened for an image, as the file has them; none where there was none."""
        return parse_paths(self.work.cells.get(image, {}).get(facet, ""))

    def keeper(self, image: str) -> str:
        """The institution that keeps an image's object: what its record says, else that of the batch."""
        return self.work.records.get(image, {}).get(PROVIDER, self.provider)

    @property
    def tagged(self) -> int:
        """Images with an accepted tag."""
        return sum(any(ACCEPTED in marks.values() for marks in facets.values())
                   for facets in self.work.marks.values())


def accept(state: State, taxonomy: Taxonomy, image: str, tags: list[int]) -> dict | None:
    """The event that accepts tags with all their ancestors; None if all are."""
    names = {name for tag in tags for name in taxonomy.path(tag)}
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(names), ACCEPTED))


def withdraw(state: State, taxonomy: Taxonomy, image: str, tags: list[int]) -> dict | None:
    """The event that takes back tags, and with them what was accepted below; None if nothing changes."""
    below = {name for tag in tags for name in _with_descendants(state, taxonomy, image, tag)}
    accepted = state.accepted(image, taxonomy.facet)
    gone = (below & accepted) | {taxonomy.names[tag] for tag in tags}
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(gone), ""))


def reject(state: State, taxonomy: Taxonomy, image: str, tag: int) -> dict | None:
    """The event that rejects a tag and takes back what was accepted below it; None if it is rejected."""
    gone = _with_descendants(state, taxonomy, image, tag) & state.accepted(image, taxonomy.facet)
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(gone), "") | {taxonomy.names[tag]: REJECTED})


def write_note(image: str, text: str) -> dict:
    """The event of a note; while one is typed, its events make one step of undo."""
    return {"do": "note", "image": image, "text": text}


def write_keeper(state: State, image: str, text: str) -> dict | None:
    """The event of the keeping institution: of one image whose record has its own, else of the batch."""
    if text == state.keeper(image):
        return None
    own = PROVIDER in state.work.records.get(image, {})
    return {"do": "keeper", "image": image, "text": text} if own else {"do": "set", "provider": text}


def suggest(state: State, image: str, model: Mapping[str, str], tags: Mapping[str, Mapping[str, float]]) -> dict | None:
    """The event of what models suggest for an image; None if they are those that did last.

    Args:
        model: `name` of the models, and `hash` of their weights.
        tags: by facet the suggested tags, best first, each with the probability that is shown.
    """
    if state.suggested.get(image) == model["hash"]:
        return None
    return {"do": "suggest", "image": image, "model": dict(model), "tags": tags}


def apply(state: State, event: Mapping) -> State:
    """The state after an event."""
    typing = (event["do"], event["image"]) if event["do"] in ("note", "keeper") else None
    return replace(_APPLY[event["do"]](state, event), typing=typing)


class Store:
    """One session on disk: its state, kept in step with `journal.jsonl` by as many tabs as there are.

    Args:
        folder: of the session; made if it is not there.
        who: decides where an event does not say it; the user of this machine if left out.

    Attributes:
        state: what the journal comes to.
    """

    def __init__(self, folder: Path, who: str | None = None):
        self.folder, self.journal, self.state = folder, folder / "journal.jsonl", State()
        self.who = _user() if who is None else who
        self._read, self._turn, self._listeners = 0, threading.RLock(), []
        self._lock = FileLock(folder / ".lock", poll_interval=0.01)
        try:
            (folder / "images").mkdir(parents=True, exist_ok=True)
            self.journal.open("a").close()
        except OSError as error:
            raise UserError(f"{folder} cannot be made ({error.strerror}); expected a folder of sessions.") from None
        self.refresh()

    def refresh(self) -> State:
        """Take in what others wrote since."""
        with self._turn, self._lock, open(self.journal, "r+b") as file:
            self._catch_up(file)
        return self.state

    def do(self, event: Mapping | None, who: str | None = None) -> State:
        """Write the event down, then apply it and tell the listeners; None is no event.

        Half of a sign, which is no text and which no file holds, becomes the sign for what is missing.

        Args:
            who: decided it; `Store.who` if left out. Of a suggestion its model says it.
        Raises:
            UserError: it could not be written, and nothing changed.
        """
        if event is None:
            return self.state
        signed = {} if event["do"] == "suggest" else {"who": self.who if who is None else who}
        event = writable({**event, **signed, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
        line = json.dumps(event, ensure_ascii=False).encode() + b"\n"
        with self._turn:
            try:
                with self._lock, open(self.journal, "r+b") as file:
                    self._catch_up(file)
                    file.seek(self._read)
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise UserError(f"{self.journal} cannot be written ({error.strerror}); nothing changed.") from None
            self._read += len(line)
            self.state = apply(self.state, event)
        for listener in list(self._listeners):
            listener()
        return self.state

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call it after every change; returns what stops that."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    def _catch_up(self, file) -> None:
        """Apply the whole lines that are new; what a killed server left of a line was never answered, so it goes."""
        file.seek(self._read)
        lines = file.read()
        whole = lines[:lines.rfind(b"\n") + 1]
        if len(whole) < len(lines):
            file.truncate(self._read + len(whole))
        self.state = _replay(self.state, whole.splitlines(), self.journal)
        self._read += len(whole)


@dataclass(frozen=True)
class Progress:
    """How far a session is: its images, those with an accepted tag, and when it last changed, ISO 8601."""

    session: str
    images: int
    tagged: int
    changed: str


def list_sessions(root: Path) -> tuple[list[Progress], list[str]]:
    """The sessions in a folder that hold images, the last changed first, and a sentence on each that cannot be read."""
    found, said = [], []
    for journal in root.glob("*/journal.jsonl"):
        try:
            size = journal.stat().st_size
            progress = _read_progress(journal, size)
        except (UserError, OSError) as error:
            said.append(str(error))
            continue
        found += [progress] if progress.images else []
    return sorted(found, key=lambda progress: progress.changed, reverse=True), said


def folder_session(folder: Path) -> str:
    """The name of the session of a folder of images: that of the folder, and a hash of its whole path."""
    plain = re.sub("[^A-Za-z0-9]+", "-", folder.name).strip("-")[:40] or "folder"
    return f"{plain}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"


def new_session() -> str:
    """A name for a session: the day, and what nobody guesses."""
    return f"{datetime.now():%Y%m%d}-{secrets.token_hex(4)}"


def session_folder(session: str, root: Path | None = None) -> Path:
    """`data/assistant/SESSION`.

    Raises:
        UserError: the name could lead elsewhere.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", session):
        raise UserError(f"Session {session[:80]!r}: expected letters, digits and hyphens, for it names a folder.")
    return (root or paths.DATA / "assistant") / session


@lru_cache(maxsize=1000)
def _read_progress(journal: Path, size: int) -> Progress:
    """How far a journal is that has this many bytes; it only grows, so another size is another journal."""
    lines = journal.read_bytes()[:size].rpartition(b"\n")[0].splitlines()
    state = _replay(State(), lines, journal)
    return Progress(journal.parent.name, len(state.images), state.tagged, json.loads(lines[-1]).get("at", "") if lines else "")


def _replay(state: State, lines: Iterable[bytes], journal: Path) -> State:
    """The state after the events of these lines of a journal."""
    for line in lines:
        try:
            state = apply(state, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{journal}: found the line {line[:60]!r}, which is no event ({error!r}); "
                            "expected the lines as the assistant wrote them.") from None
    return state


def _user() -> str:
    with suppress(OSError, KeyError, ImportError):  # some containers have no name for their user
        return getpass.getuser()
    return ""


def _mark_event(state: State, facet: str, image: str, marks: dict[str, str]) -> dict | None:
    before = state.marks(image, facet)
    changes = {tag: mark for tag, mark in marks.items() if before.get(tag, "") != mark}
    return {"do": "mark", "image": image, "facet": facet, "marks": changes} if changes else None


def _with_descendants(state: State, taxonomy: Taxonomy, image: str, tag: int) -> set[str]:
    """The names of a tag and those below it: in the tree, and where it lacks a tag, on the paths of the record."""
    end = tag + 1
    while end < len(taxonomy) and taxonomy.depth[end] > taxonomy.depth[tag]:  # in preorder they follow, deeper than it
        end += 1
    name = taxonomy.names[tag]
    return {*taxonomy.names[tag:end], *(below for path in state.paths(image, taxonomy.facet) if name in path
                                        for below in path[path.index(name):] if below not in taxonomy.index)}


def _add(state: State, event: Mapping) -> State:
    added = {name: Image(name, file) for name, file in event["images"]}
    return replace(state, images={**state.images, **added}, current=state.current or next(iter(added), ""))


def _mark(state: State, event: Mapping) -> State:
    image, facet = event["image"], event["facet"]
    marks = {**state.marks(image, facet), **event["marks"]}
    marks = {**state.work.marks.get(image, {}), facet: {tag: mark for tag, mark in marks.items() if mark}}
    times = _time(state.work, event, image, [(facet, tag) for tag in event["marks"]])
    return _work(state, image, replace(state.work, marks={**state.work.marks, image: marks}, times=times))


def _note(state: State, event: Mapping) -> State:
    image = event["image"]
    return _type(state, event, replace(state.work, notes={**state.work.notes, image: event["text"]},
                                       times=_time(state.work, event, image, [(NOTE, "")])))


def _keeper(state: State, event: Mapping) -> State:
    record = {**state.work.records.get(event["image"], {}), PROVIDER: event["text"]}
    return _type(state, event, replace(state.work, records={**state.work.records, event["image"]: record}))


def _import(state: State, event: Mapping) -> State:
    """What a file says about some images takes the place of what was decided about them: one step of undo."""
    work = state.work
    for image, found in event["images"].items():
        parts = [(facet, tag) for facet, marks in found["marks"].items() for tag in marks]
        notes = {image: found["note"]} if "note" in found else {}  # a file without notes leaves them as they are
        work = Work({**work.marks, image: found["marks"]}, {**work.notes, **notes},
                    {**work.cells, image: found["cells"]}, {**work.records, image: found["record"]},
                    _time(work, event, image, [*parts, *([(NOTE, "")] if notes else [])]))
    return _work(state, state.current, work)


def _step(state: State, source: str, target: str) -> State:
    """Take the work that is next in one of `past` and `future`, and leave the present one in the other."""
    waiting = getattr(state, source)
    if not waiting:
        return state
    image, work = waiting[-1]
    return replace(state, work=work, current=image,
                   **{source: waiting[:-1], target: (*getattr(state, target), (image, state.work))})


def _suggest(state: State, event: Mapping) -> State:
    return replace(state, suggested={**state.suggested, event["image"]: event["model"]["hash"]})


def _set(state: State, event: Mapping) -> State:
    return replace(state, **{name: event[name] for name in ("current", "language", "provider") if name in event})


def _work(state: State, image: str, work: Work) -> State:
    return replace(state, work=work, past=(*state.past, (image, state.work)), future=())


def _type(state: State, event: Mapping, work: Work) -> State:
    """While one thing is typed its events make one step of undo."""
    again = state.typing == (event["do"], event["image"])
    return replace(state, work=work, future=()) if again else _work(state, event["image"], work)


def _time(work: Work, event: Mapping, image: str, parts: list[tuple[str, str]]) -> dict:
    """The times after an event that changes these parts of an image's work."""
    return {**work.times, image: {**work.times.get(image, {}), **dict.fromkeys(parts, event.get("at", ""))}}


_APPLY = {"add": _add, "mark": _mark, "note": _note, "keeper": _keeper, "import": _import, "set": _set, "suggest": _suggest,
          "undo": lambda state, _: _step(state, "past", "future"),
          "redo": lambda state, _: _step(state, "future", "past")}
