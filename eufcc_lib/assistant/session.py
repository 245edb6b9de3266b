"""What can be done to a batch of images, as plain data: each function makes an event, which `store.Store` writes down.

An event says what was done, not what comes of it: `{"do": "mark", "image": ..., "facet": ..., "marks": {tag: mark}}`.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from ..core import paths
from ..core.errors import UserError
from ..data.records import PROVIDER
from ..data.taxonomy import Taxonomy
from .state import ACCEPTED, REJECTED, State


def accept(state: State, taxonomy: Taxonomy, image: str, tags: Iterable[int]) -> dict | None:
    """The event that accepts tags with all their ancestors; None if all are."""
    names = {name for tag in tags for name in taxonomy.path(tag)}
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(names), ACCEPTED))


def accept_term(state: State, facet: str, image: str, terms: Iterable[str]) -> dict | None:
    """The event that accepts terms which the models' vocabulary lacks, the broadest first; None if all are."""
    return _mark_event(state, facet, image, dict.fromkeys(terms, ACCEPTED))


def withdraw(state: State, taxonomy: Taxonomy, image: str, tags: Iterable[int]) -> dict | None:
    """The event that takes back tags, and with them what was accepted below; None if nothing changes."""
    tags = list(tags)
    below = {name for tag in tags for name in _with_descendants(state, taxonomy, image, tag)}
    accepted = state.accepted(image, taxonomy.facet)
    gone = (below & accepted) | {taxonomy.names[tag] for tag in tags}
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(gone), ""))


def reject(state: State, taxonomy: Taxonomy, image: str, tag: int) -> dict | None:
    """The event that rejects a tag and takes back what was accepted below it; None if it is rejected."""
    gone = _with_descendants(state, taxonomy, image, tag) & state.accepted(image, taxonomy.facet)
    return _mark_event(state, taxonomy.facet, image, dict.fromkeys(sorted(gone), "") | {taxonomy.names[tag]: REJECTED})


def accept_name(state: State, taxonomy: Taxonomy, image: str, name: str) -> dict | None:
    """As `accept`, by the name of a tag, which the taxonomy may lack."""
    known = name in taxonomy.index
    return accept(state, taxonomy, image, [taxonomy.index[name]]) if known else accept_term(state, taxonomy.facet, image, [name])


def reject_name(state: State, taxonomy: Taxonomy, image: str, name: str) -> dict | None:
    """As `reject`, by the name of a tag, which the taxonomy may lack."""
    known = name in taxonomy.index
    return reject(state, taxonomy, image, taxonomy.index[name]) if known else _mark_event(state, taxonomy.facet, image, {name: REJECTED})


def withdraw_name(state: State, taxonomy: Taxonomy, image: str, name: str) -> dict | None:
    """As `withdraw`, by the name of a tag, which the taxonomy may lack."""
    known = name in taxonomy.index
    return withdraw(state, taxonomy, image, [taxonomy.index[name]]) if known else _mark_event(state, taxonomy.facet, image, {name: ""})


def together(events: Iterable[dict | None]) -> dict | None:
    """Several events that mark tags, on one image or many, as one: one step of undo."""
    marks: dict[str, dict[str, dict[str, str]]] = {}
    for event in filter(None, events):
        marks.setdefault(event["image"], {}).setdefault(event["facet"], {}).update(event["marks"])
    return {"do": "marks", "images": marks} if marks else None


def write_note(image: str, text: str) -> dict:
    """The event of a note; while one is typed, its events make one step of undo."""
    return {"do": "note", "image": image, "text": text}


def write_keeper(state: State, image: str, text: str) -> dict | None:
    """The event of the keeping institution: of one image whose record has its own, else of the batch."""
    if text == state.keeper(image):
        return None
    own = PROVIDER in state.record(image)
    return {"do": "keeper", "image": image, "text": text} if own else {"do": "set", "provider": text}


def suggest(state: State, image: str, model: Mapping, tags: Mapping[str, Mapping[str, float]], unlike: float | None = None) -> dict | None:
    """The event of what models suggest for an image; None if they are those that did last, and promise the same.

    Args:
        model: `hash` of the models' weights and their `name`; where known, `commit`, `vocabulary` and `promised`, by facet
            `threshold` and `precision`, see `state.Model`.
        tags: by facet the suggested tags, best first, each with the probability that is shown.
        unlike: how unlike the training photographs the image is, see `predictor.Answer`; None where it is not known.
    """
    if state.suggested_by(image) == model["hash"]:
        known = {facet: vars(promised) for facet, promised in dict(state.models()[model["hash"]].promised).items()}
        if known == model.get("promised", {}):
            return None
    return {"do": "suggest", "image": image, "model": dict(model), "tags": tags} | ({} if unlike is None else {"unlike": round(unlike, 3)})


def folder_session(folder: Path) -> str:
    """The name of the session of a folder of images: that of the folder, and a hash of its whole path."""
    return _lasting_name(folder.name, os.fsencode(folder))


def address_session(address: str) -> str:
    """The name of the session of the images at an address of the web: the beginning of it, and a hash of the whole."""
    return _lasting_name(address.partition("://")[2], address.encode())


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


def _lasting_name(called: str, whole: bytes) -> str:
    plain = re.sub("[^A-Za-z0-9]+", "-", called)[:40].strip("-") or "folder"
    return f"{plain}-{hashlib.sha256(whole).hexdigest()[:8]}"


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
