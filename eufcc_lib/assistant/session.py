"""The state of a batch of images as plain data, and the journal that keeps it.

Every change is an event: one line of JSON, on disk before it counts. The state is what the events come to, so it can be
had again after a reload, in a second tab and after the server was killed.
"""

import fcntl
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from .. import paths
from ..errors import UserError
from ..taxonomy import Taxonomy

ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True)
class Image:
    """One image of the batch: its name as the cataloguer knows it, and its file in the session's folder."""

    name: str
    file: str


@dataclass(frozen=True)
class Work:
    """What a cataloguer decided; this is what undo goes back in.

    Attributes:
        marks: by image, facet and tag, `accepted` or `rejected`; no entry where nothing was decided.
        notes: by image.
        outside: by image and facet, imported paths of tags that the vocabulary lacks, as written.
    """

    marks: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    outside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """A batch and how far it is.

    Attributes:
        images: by name, in the order of their coming.
        current: name of the image that is looked at, "" before the first.
        language: `en` or `ca`.
        provider: the institution that keeps the objects.
        work: decided so far.
        past, future: (image, work) to go back and forward to, the nearest last.
        typing: the image whose note is being typed, "" after anything else.
        changed: when the last event came, ISO 8601.
    """

    images: Mapping[str, Image] = field(default_factory=dict)
    current: str = ""
    language: str = "en"
    provider: str = ""
    work: Work = field(default_factory=Work)
    past: tuple[tuple[str, Work], ...] = ()
    future: tuple[tuple[str, Work], ...] = ()
    typing: str = ""
    changed: str = ""

    def marks(self, image: str, facet: str) -> Mapping[str, str]:
        """The decided tags of an image in a facet."""
        return self.work.marks.get(image, {}).get(facet, {})

    def accepted(self, image: str, facet: str) -> set[str]:
        """The accepted tags of an image in a facet."""
        return {tag for tag, mark in self.marks(image, facet).items() if mark == ACCEPTED}

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
    below = {name for tag in tags for name in _with_descendants(taxonomy, tag)}
    accepted = state.accepted(image, taxonomy.facet)
    gone = (below & accepted) | {taxonomy.names[tag] for tag in tags}
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(gone), ""))


def reject(state: State, taxonomy: Taxonomy, image: str, tag: int) -> dict | None:
    """The event that rejects a tag and takes back what was accepted below it; None if it is rejected."""
    gone = set(_with_descendants(taxonomy, tag)) & state.accepted(image, taxonomy.facet)
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(gone), "") | {taxonomy.names[tag]: REJECTED})


def write_note(image: str, text: str) -> dict:
    """The event of a note; while one is typed, its events make one step of undo."""
    return {"do": "note", "image": image, "text": text}


def apply(state: State, event: Mapping) -> State:
    """The state after an event."""
    typing = event["image"] if event["do"] == "note" else ""
    return replace(_APPLY[event["do"]](state, event), typing=typing, changed=event.get("at", state.changed))


class Store:
    """One session on disk: its state, kept in step with `journal.jsonl` by as many tabs as there are.

    Args:
        folder: of the session; made if it is not there.

    Attributes:
        state: what the journal comes to.
    """

    def __init__(self, folder: Path):
        self.folder, self.journal, self.state = folder, folder / "journal.jsonl", State()
        self._read, self._lock, self._listeners = 0, threading.RLock(), []
        try:
            (folder / "images").mkdir(parents=True, exist_ok=True)
            self.journal.touch()
        except OSError as error:
            raise UserError(f"{folder} cannot be made ({error.strerror}); expected a folder of sessions.") from None
        self.refresh()

    def refresh(self) -> State:
        """Take in what others wrote since."""
        with self._lock, open(self.journal, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._catch_up(file)
        return self.state

    def do(self, event: Mapping | None) -> State:
        """Write the event down, then apply it and tell the listeners; None is no event.

        Raises:
            UserError: it could not be written, and nothing changed.
        """
        if event is None:
            return self.state
        event = {**event, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        line = json.dumps(event, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            try:
                with open(self.journal, "r+b") as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
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
        for line in whole.splitlines():
            try:
                self.state = apply(self.state, json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UserError(f"{self.journal}: found the line {line[:60]!r}, which is no event ({error!r}); "
                                "expected the lines as the assistant wrote them.") from None
        self._read += len(whole)


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


def _mark_event(state: State, facet: str, image: str, marks: dict[str, str]) -> dict | None:
    before = state.marks(image, facet)
    changes = {tag: mark for tag, mark in marks.items() if before.get(tag, "") != mark}
    return {"do": "mark", "image": image, "facet": facet, "marks": changes} if changes else None


def _with_descendants(taxonomy: Taxonomy, tag: int) -> list[str]:
    """In preorder they follow their ancestor, deeper than it."""
    end = tag + 1
    while end < len(taxonomy) and taxonomy.depth[end] > taxonomy.depth[tag]:
        end += 1
    return list(taxonomy.names[tag:end])


def _add(state: State, event: Mapping) -> State:
    added = {name: Image(name, file) for name, file in event["images"]}
    return replace(state, images={**state.images, **added}, current=state.current or next(iter(added), ""))


def _mark(state: State, event: Mapping) -> State:
    image, facet = event["image"], event["facet"]
    marks = {**state.marks(image, facet), **event["marks"]}
    return _work(state, image, replace(state.work, marks=_put(state.work.marks, image, facet, {
        tag: mark for tag, mark in marks.items() if mark})))


def _note(state: State, event: Mapping) -> State:
    image = event["image"]
    work = replace(state.work, notes={**state.work.notes, image: event["text"]})
    return replace(state, work=work, future=()) if state.typing == image else _work(state, image, work)


def _import(state: State, event: Mapping) -> State:
    """What a file says about some images takes the place of what was decided about them: one step of undo."""
    work = state.work
    for image, found in event["images"].items():
        work = Work({**work.marks, image: found["marks"]}, {**work.notes, image: found["note"]},
                    {**work.outside, image: found["outside"]})
    return _work(state, state.current, work)


def _undo(state: State, event: Mapping) -> State:
    if not state.past:
        return state
    (image, work), now = state.past[-1], (state.past[-1][0], state.work)
    return replace(state, work=work, current=image, past=state.past[:-1], future=(*state.future, now))


def _redo(state: State, event: Mapping) -> State:
    if not state.future:
        return state
    (image, work), now = state.future[-1], (state.future[-1][0], state.work)
    return replace(state, work=work, current=image, past=(*state.past, now), future=state.future[:-1])


def _set(state: State, event: Mapping) -> State:
    return replace(state, **{name: event[name] for name in ("current", "language", "provider") if name in event})


def _work(state: State, image: str, work: Work) -> State:
    return replace(state, work=work, past=(*state.past, (image, state.work)), future=())


def _put(marks: Mapping, image: str, facet: str, tags: Mapping[str, str]) -> dict:
    return {**marks, image: {**marks.get(image, {}), facet: tags}}


_APPLY = {"add": _add, "mark": _mark, "note": _note, "import": _import, "undo": _undo, "redo": _redo, "set": _set}
