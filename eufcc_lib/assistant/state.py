"""What a session holds now, asked of its file piece by piece: a large batch opens as fast as a small one."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..data.records import PROVIDER
from ..data.taxonomy import parse_paths

ACCEPTED, REJECTED = "accepted", "rejected"
NOTE = "note"

CANVAS, MANIFEST = "iiif.canvas", "iiif.manifest"
"""Columns of the record of an image that came from a IIIF manifest: the addresses of its canvas and of the manifest."""

TAKEN, REFUSED, ADDED, IMPORTED = "suggested-accepted", "suggested-rejected", "added", "imported"
"""Where a decision comes from: a suggestion that was accepted or rejected, a tag that nobody suggested, a file."""

SUGGESTED = "suggested"
"""The origin of a machine-only tag: a model suggested it and promised to be right, and nobody has decided yet."""

DECIDED = (TAKEN, ADDED, IMPORTED)
"""The origins of the tags that somebody accepted."""

EVERYBODY = (*DECIDED, SUGGESTED)

# What other models suggested before is not for the thresholds of these.
_OF_MODEL = "suggestion JOIN image ON image.name = suggestion.image WHERE image.model = ?"

TAGGED = "SELECT count(DISTINCT image) FROM mark WHERE mark = 'accepted'"
"""Asks a session's file for the number of images with an accepted tag."""


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
class Decision:
    """What was decided about one tag of an image.

    Attributes:
        image, facet, tag: the names; the vocabulary at hand may lack the tag.
        mark: `accepted` or `rejected`.
        origin: `suggested-accepted`, `suggested-rejected`, `added` (nobody suggested it) or `imported`.
        score: the suggested probability; None where there was no suggestion.
        promise: the precision that was promised of suggestions of this score; None where nothing was.
        model: the hash of the models that suggested it, else "".
        who, at: decided it, and when, ISO 8601; "" where an old file does not say it.
    """

    image: str
    facet: str
    tag: str
    mark: str
    origin: str
    score: float | None
    promise: float | None
    model: str
    who: str
    at: str


@dataclass(frozen=True)
class Promised:
    """From which probability on a facet's suggestions are promised to be right, and in what share of cases."""

    threshold: float
    precision: float


@dataclass(frozen=True)
class Model:
    """The models that suggested: the `hash` of their weights, their `name`, the `commit` of the code that trained them, the
    hash of their `vocabulary`, and by facet what was `promised` of their suggestions."""

    hash: str
    name: str
    commit: str = ""
    vocabulary: str = ""
    promised: Mapping[str, Promised] = ()


class State:
    """A batch and how far it is, as one person sees it.

    Args:
        database: an open session, see `store`.
        images: its images by name, in the order of their coming.
        who: whose place in the batch, language and undo it shows.
    """

    def __init__(self, database: sqlite3.Connection, images: Mapping[str, Image], who: str):
        self._database, self.images, self.who = database, images, who

    @property
    def current(self) -> str:
        """Name of the image that this person looked at last; the first one before, "" without any."""
        found = self._setting("current", self.who)
        return found if found in self.images else next(iter(self.images), "")  # another process may have added it just now

    @property
    def language(self) -> str:
        """`en` or `ca`."""
        return self._setting("language", self.who) or "en"

    @property
    def provider(self) -> str:
        """The institution that keeps the objects whose record says nothing else."""
        return self._setting("provider", "")

    @property
    def tagged(self) -> int:
        """Images with an accepted tag."""
        return self._one(TAGGED)

    @property
    def can_undo(self) -> bool:
        """Whether this person has something to take back."""
        return bool(self._one("SELECT count(*) FROM step WHERE who = ? AND NOT undone", self.who))

    @property
    def can_redo(self) -> bool:
        """Whether this person has taken something back."""
        return bool(self._one("SELECT count(*) FROM step WHERE who = ? AND undone", self.who))

    def undecided(self) -> list[str]:
        """The images of which no tag is accepted or rejected, in their order."""
        return [name for name, in self._database.execute(
            "SELECT name FROM image WHERE name NOT IN (SELECT image FROM mark) ORDER BY place") if name in self.images]

    def suggested_tags(self, model: str, least: float) -> list[tuple[str, str, int]]:
        """Facet and tag of what some models, by their hash, suggest with at least this probability, with the number of images; by
        facet, the most first."""
        return self._database.execute(f"SELECT facet, tag, count(*) AS images FROM {_OF_MODEL} AND score >= ? "
                                      "GROUP BY facet, tag ORDER BY facet, images DESC, tag", (model, least)).fetchall()

    def suggested_images(self, model: str, facet: str, tag: str, least: float) -> list[tuple[str, float]]:
        """The images for which these models suggest a tag with at least this probability, and the probability; the likeliest first."""
        return self._database.execute(f"SELECT image, score FROM {_OF_MODEL} AND facet = ? AND tag = ? AND score >= ? "
                                      "ORDER BY score DESC, image", (model, facet, tag, least)).fetchall()

    def likely_undecided(self, model: str, thresholds: Mapping[str, float]) -> dict[str, list[tuple[str, str, float]]]:
        """By image facet, tag and probability of what these models call likely and nobody has accepted or rejected.

        Args:
            thresholds: by facet, from which probability on a tag is likely; where there is none, none is.
        """
        found: dict[str, list[tuple[str, str, float]]] = {}
        for facet, threshold in thresholds.items():
            for image, tag, score in self._database.execute(
                    f"SELECT image, tag, score FROM {_OF_MODEL} AND facet = ? AND score >= ? AND NOT EXISTS (SELECT 1 FROM mark WHERE "
                    "mark.image = suggestion.image AND mark.facet = suggestion.facet AND mark.tag = suggestion.tag) "
                    "ORDER BY image, score DESC", (model, facet, threshold)):
                found.setdefault(image, []).append((facet, tag, score))
        return found

    def marks(self, image: str, facet: str) -> dict[str, str]:
        """The decided tags of an image in a facet, `accepted` or `rejected`."""
        return dict(self._database.execute("SELECT tag, mark FROM mark WHERE image = ? AND facet = ?", (image, facet)))

    def accepted(self, image: str, facet: str) -> set[str]:
        """The accepted tags of an image in a facet."""
        return {tag for tag, mark in self.marks(image, facet).items() if mark == ACCEPTED}

    def rejected(self, image: str, facet: str) -> set[str]:
        """The rejected tags of an image in a facet."""
        return {tag for tag, mark in self.marks(image, facet).items() if mark == REJECTED}

    def decisions(self, image: str | None = None) -> Iterator[Decision]:
        """The decisions that hold now, of one image or of all in their order; within one by facet and tag."""
        query = ("SELECT mark.image, facet, tag, mark, origin, score, promise, mark.model, who, at FROM mark "
                 "JOIN image ON image.name = mark.image")
        if image is None:
            return (Decision(*row) for row in self._database.execute(f"{query} ORDER BY place, facet, tag"))
        return (Decision(*row) for row in self._database.execute(f"{query} WHERE mark.image = ? ORDER BY facet, tag", (image,)))

    def find_decision(self, image: str, facet: str, tag: str) -> Decision | None:
        """What was decided about one tag."""
        row = self._database.execute("SELECT image, facet, tag, mark, origin, score, promise, model, who, at FROM mark "
                                     "WHERE image = ? AND facet = ? AND tag = ?", (image, facet, tag)).fetchone()
        return Decision(*row) if row else None

    def count_promised(self, model: str) -> dict[tuple[str, float], tuple[int, int]]:
        """By facet and promised precision how many of some models' suggestions were accepted, of those that were decided.

        What was promised when a suggestion was decided counts, whatever is promised now.
        """
        rows = self._database.execute("SELECT facet, promise, sum(mark = 'accepted'), count(*) FROM mark WHERE promise IS NOT NULL "
                                      "AND model = ? GROUP BY facet, promise", (model,))
        return {(facet, promise): (right, decided) for facet, promise, right, decided in rows}

    def count_unlike(self, limit: float = 1) -> tuple[int, int]:
        """Images that are further than this from all training photographs, of those of which that is known."""
        return self._database.execute("SELECT count(*) FILTER (WHERE distance > ?), count(*) FROM unlike", (limit,)).fetchone()

    def suggestions(self, image: str) -> dict[str, dict[str, float]]:
        """By facet the suggested tags of an image, best first, with the probability of each."""
        found: dict[str, dict[str, float]] = {}
        for facet, tag, score in self._database.execute(
                "SELECT facet, tag, score FROM suggestion WHERE image = ? ORDER BY facet, place", (image,)):
            found.setdefault(facet, {})[tag] = score
        return found

    def suggested_by(self, image: str) -> str:
        """The hash of the models whose suggestions these are; "" before any."""
        return self._one("SELECT model FROM image WHERE name = ?", image) or ""

    def models(self) -> dict[str, Model]:
        """All models that suggested something, by hash."""
        return {row[0]: Model(*row[:4], {facet: Promised(**found) for facet, found in json.loads(row[4]).items()})
                for row in self._database.execute("SELECT hash, name, code, vocabulary, promised FROM model")}

    def note(self, image: str) -> str:
        """The note on an image."""
        return self._one("SELECT text FROM note WHERE image = ?", image) or ""

    def note_made(self, image: str) -> tuple[str, str]:
        """Who wrote the note, and when."""
        return self._database.execute("SELECT who, at FROM note WHERE image = ?", (image,)).fetchone() or ("", "")

    def record(self, image: str) -> dict[str, str]:
        """The columns, without those of the facets, of the record that was opened for an image."""
        return json.loads(self._one("SELECT record FROM image WHERE name = ?", image) or "{}")

    def paths(self, image: str, facet: str) -> tuple[tuple[str, ...], ...]:
        """The paths of the record that was opened for an image, as the file has them; none where there was none."""
        cells = json.loads(self._one("SELECT cells FROM image WHERE name = ?", image) or "{}")
        return parse_paths(cells.get(facet, ""))

    def keeper(self, image: str) -> str:
        """The institution that keeps an image's object: what its record says, else that of the batch."""
        return self.record(image).get(PROVIDER, self.provider)

    def _setting(self, name: str, who: str) -> str:
        # What an earlier version kept is nobody's.
        return self._one("SELECT value FROM setting WHERE name = ? AND who IN (?, '') ORDER BY who DESC LIMIT 1", name, who) or ""

    def _one(self, query: str, *values: str):
        row = self._database.execute(query, values).fetchone()
        return row[0] if row else None
