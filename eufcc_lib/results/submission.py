"""Anyone's predictions become scores, which are measured like our own; a line that does not fit is named.

Scores rank the tags of an image; without them the order of its lines does. Tags that are not listed follow behind, in the
order of the vocabulary. A line with an empty tag says that nothing is listed for the image in the facet.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..collection.sources import fetched_commit
from ..core.errors import UserError, unknown
from ..core.paths import resolve
from ..data.dataset import Dataset
from ..models.links import LINKS
from .files import RunResult, shown
from .provenance import provenance
from .scores import Scores, load_scores
from .submission_file import Part, line_of, read_parts
from .tag_names import AMBIGUOUS, EMPTY, OUTSIDE, UNKNOWN, name_tags, refuse_word

MISSING = ("error", "worst")
"""What to do about images without a line: stop, or rank their own tags last."""


@dataclass(frozen=True, eq=False)
class Submission:
    """Predictions for a split.

    Attributes:
        scores: of the split's N images, in the facets that the file has.
        file: 16 hex digits, the hash of the file.
        lines: of the file.
        list_length: mean number of tags listed for an image in a facet, where the file is a list; None for scores.
        outside: by facet, the lines left out, as their tag is outside the vocabulary.
        missing: ids of the images without a line, whose own tags were ranked last.
    """

    scores: Scores
    file: str
    lines: int
    list_length: float | None
    outside: Mapping[str, int]
    missing: tuple[str, ...]


def read_submission(path: str | os.PathLike, dataset: Dataset, split: str, name: str = "",
                    missing: str = "error", link: str = "given") -> Submission:
    """Read predictions for a split: csv or parquet (see `submission_file`), or npz (see `scores.write_scores`).

    Args:
        name: what to call the model; the file's name without its ending if empty.
        missing: see `MISSING`.
        link: what turns scores into probabilities: `given` or one of `links.LINKS`; lists have none, nor has a file that
            lacks images.
    Raises:
        UserError: naming file and line: an unknown id, facet or tag, an image of another split, a tag twice for an image,
            a score that float32 cannot hold, scores on some lines only; images are missing; see also `read_parts`.
    """
    if missing not in MISSING:
        raise unknown("way to treat missing images", missing, MISSING)
    if link not in ("given", *LINKS):
        raise unknown("link", link, ("given", *LINKS))
    path, ids = resolve(path), dataset.split(split).ids
    if not path.is_file():
        raise UserError(f"{shown(path)} does not exist; expected predictions as csv, parquet or npz.")
    sheet = _Sheet(dataset, split)
    if path.suffix == ".npz":
        kept = load_scores(path, dataset, name, split)
        for facet, values in kept.values.items():
            sheet.fill(facet, values, kept.evaluated)
    else:
        for part in read_parts(path):
            try:
                sheet.add(part)
            except _BadLine as bad:
                raise UserError(f"{line_of(path, part.start + bad.row)}: {bad}") from None
    if not sheet.lines:
        raise UserError(f"{shown(path)} holds no predictions; expected a line for each tag of an image.")
    absent = np.flatnonzero(~sheet.covered)
    if len(absent) and missing == "error":
        raise UserError(f"{shown(path)}: {len(absent):,} of the {len(ids):,} images of {split} are missing, the first is "
                        f"{ids[absent[0]]!r}; expected a line for each, or `--missing worst`, which ranks their own tags last.")
    values = sheet.facets()
    if link == "exp" and (highest := max((part.max(initial=-np.inf) for part in values.values()), default=-np.inf)) > 1e-5:
        raise UserError(f"{shown(path)}: a score is {highest:g}, whose exponential is above 1; expected logarithms of probabilities, "
                        "or another --link.")
    for facet, part in values.items():
        own = dataset.labels(split)[facet].matrix[absent].tocoo()
        part[absent] = 0
        part[absent[own.row], own.col] = -1
    if len(absent) or sheet.list_length is not None:
        link = "none"  # an image without a line, or a tag without a score, has no probability
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    return Submission(Scores(dataset, name or path.stem, split, values, np.ones(len(ids), bool), link=link), digest,
                      sheet.lines, sheet.list_length, sheet.outside, tuple(ids[absent]))


def result_of(*submissions: Submission) -> RunResult:
    """The result file's content: the metrics of a model's predictions for one or more splits, of which files and data."""
    dataset, model = submissions[0].scores.dataset, submissions[0].scores.model
    splits = {found.scores.split: found for found in submissions}
    facts = {split: {"file": found.file, "lines": found.lines, "list_length": found.list_length,
                     "outside_vocabulary": dict(found.outside), "missing": len(found.missing), "link": found.scores.link}
             for split, found in splits.items()}
    run = provenance(model, dataset.name, annotations=fetched_commit(dataset.root),
                     images={split: len(found.scores.ids) for split, found in splits.items()},
                     vocabulary_hash=dataset.vocabulary.hash, split_hashes={split: dataset.split_hash(split) for split in splits},
                     submission=facts)
    return RunResult(run, tuple(row for found in submissions for row in found.scores.measure()))


def describe(submission: Submission) -> str:
    """What was found in the file, a sentence a line."""
    scores, length = submission.scores, submission.list_length
    covered = len(scores.ids) - len(submission.missing)
    told = [f"{submission.lines:,} lines for {covered:,} of {len(scores.ids):,} images of {scores.dataset.name}, {scores.split}.",
            "They have scores." if length is None else f"They are lists without scores, of {length:.1f} tags on average."]
    if outside := {facet: lines for facet, lines in submission.outside.items() if lines}:
        told.append("Left out, as their tags are outside the vocabulary, were lines in "
                    + ", ".join(f"{facet} {lines:,}" for facet, lines in outside.items()) + ".")
    if submission.missing:
        told.append(f"Ranked last: the tags of the {len(submission.missing):,} images without a line.")
    return "\n".join(told)


class _BadLine(Exception):
    """What is wrong with a row of a part."""

    def __init__(self, row: int, reason: str):
        super().__init__(reason)
        self.row = row


class _Sheet:
    """The scores of a split's N images, filled part by part: the facets side by side, C columns together.

    Attributes:
        values: float32 (N, C); -inf where nothing is listed.
        covered: bool (N,), the images that have a line.
        lines, outside: see `Submission`.
    """

    def __init__(self, dataset: Dataset, split: str):
        trees = dataset.vocabulary.taxonomies
        self._dataset, self._split, self._facets = dataset, split, tuple(trees)
        self._rows = {name: row for row, name in enumerate(dataset.split(split).ids)}
        self._first = np.cumsum([0, *map(len, trees.values())])
        self._names: dict[int, dict[str, int]] = {}
        shape = len(self._rows), int(self._first[-1])
        self.values, self._listed = np.full(shape, -np.inf, np.float32), np.zeros(shape, bool)
        self._counts, self._used = np.zeros((shape[0], len(trees)), np.int64), np.zeros(len(trees), bool)
        self.covered, self.lines, self._scored = np.zeros(shape[0], bool), 0, None
        self.outside = dict.fromkeys(trees, 0)

    @property
    def list_length(self) -> float | None:
        """See `Submission`."""
        return None if self._scored else float(self._counts[self.covered][:, self._used].mean())

    def facets(self) -> dict[str, np.ndarray]:
        """By facet that the file has, its scores."""
        return {facet: self.values[:, start:stop]
                for facet, used, start, stop in zip(self._facets, self._used, self._first, self._first[1:]) if used}

    def fill(self, facet: str, values: np.ndarray, rows: np.ndarray) -> None:
        """Take all scores of a facet, of those images."""
        number = self._facets.index(facet)
        self.values[rows, self._first[number]:self._first[number + 1]] = values[rows]
        self._used[number], self._scored = True, True
        self.covered |= rows
        self.lines += int(rows.sum()) * values.shape[1]

    def add(self, part: Part) -> None:
        """Take a part of a file; `_BadLine` with the first row that does not fit."""
        if self._scored is None:
            self._scored = bool(part.scored.any())
        row = part.ids.number(lambda word: self._rows.get(word, -1))
        facet = part.facets.number(lambda word: self._facets.index(word) if word in self._facets else -1)
        column = self._columns(part, facet)
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
            scores = part.scores.astype(np.float32)
        fits = np.isfinite(scores) if self._scored else ~part.scored
        bad = (row < 0) | (facet < 0) | (column <= AMBIGUOUS) | ~(fits | (column == EMPTY))
        if bad.any():
            first = int(np.argmax(bad))
            raise _BadLine(first, self._reason(part, first, row[first], facet[first], column[first]))
        self.covered[row] = True
        self._used |= np.bincount(facet, minlength=len(self._used)) > 0
        self.lines += len(row)
        for name, lines in zip(self._facets, np.bincount(facet[column == OUTSIDE], minlength=len(self._used)).tolist()):
            self.outside[name] += lines
        kept = np.flatnonzero(column >= 0)
        place = row[kept] * self.values.shape[1] + column[kept]
        self._refuse_repeated(part, kept, place)
        self._listed.ravel()[place] = True
        group = row[kept] * len(self._used) + facet[kept]
        self.values.ravel()[place] = scores[kept] if self._scored else -self._ranks(group)
        self._counts.ravel()[:] += np.bincount(group, minlength=self._counts.size)

    def _columns(self, part: Part, facet: np.ndarray) -> np.ndarray:
        """int64 (n,): the column of each line's tag, or why it has none; each word of a facet is looked up once."""
        words = len(part.tags.distinct)
        pair = facet * words + part.tags.codes
        columns = np.full(len(self._facets) * words, OUTSIDE)
        for found in np.flatnonzero(np.bincount(pair[facet >= 0], minlength=len(columns))).tolist():
            number, word = divmod(found, words)
            index = self._names_of(number).get(part.tags.distinct[word], UNKNOWN)
            columns[found] = index + self._first[number] if index >= 0 else index
        return np.where(facet >= 0, columns[pair], OUTSIDE)

    def _names_of(self, number: int) -> dict[str, int]:
        if number not in self._names:
            tree = self._dataset.vocabulary[self._facets[number]]
            self._names[number] = name_tags(tree, self._dataset)
        return self._names[number]

    def _refuse_repeated(self, part: Part, kept: np.ndarray, place: np.ndarray) -> None:
        # A line is the only one of its place where it finds its own number there again.
        numbers = np.arange(len(place), dtype=np.float32)
        old = self.values.ravel()[place]
        self.values.ravel()[place] = numbers
        alone = self.values.ravel()[place] == numbers
        self.values.ravel()[place] = old
        if alone.all() and not self._listed.ravel()[place].any():
            return
        seen = set()
        for index, where in enumerate(place.tolist()):
            if self._listed.ravel()[where] or where in seen:
                row = int(kept[index])
                raise _BadLine(row, f"{part.tags[row]!r} in {part.facets[row]} is listed for {part.ids[row]!r} a second time; "
                                    "expected each tag of an image once.")
            seen.add(where)

    def _ranks(self, group: np.ndarray) -> np.ndarray:
        """float64 (n,): the place of each line in the list of its image and facet, from 1."""
        order = np.argsort(group, kind="stable")
        ordered = group[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        before = np.empty(len(group), np.int64)
        before[order] = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group)))
        return (1 + before + self._counts.ravel()[group]).astype(np.float64)

    def _reason(self, part: Part, line: int, row: int, facet: int, column: int) -> str:
        name, kind, tag = part.ids[line], part.facets[line], part.tags[line]
        if row < 0:
            for other, records in self._dataset.records.items():
                if name in set(records.ids):
                    return f"{name!r} is an image of {other}; expected images of {self._split}."
            return f"{name!r} is no image of {self._split}."
        if facet < 0:
            return str(unknown("facet", kind, self._facets))
        if column <= AMBIGUOUS:
            return refuse_word(tag, kind, self._names_of(facet))
        if not part.scored[line]:
            return f"{tag!r} has no score, while lines before have one; expected a score on every line, or on none."
        if not self._scored:
            return f"{tag!r} has a score, while lines before have none; expected a score on every line, or on none."
        return f"the score of {tag!r} is {part.scores[line]}; expected a finite number that float32 can hold."
