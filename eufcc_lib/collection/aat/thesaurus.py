"""Extract the Art & Architecture Thesaurus (AAT) from Getty's dump into a csv that a curator can read, and load it.

Which facet a concept belongs to and the names of its path are decided in `mapping`.
"""

import csv
import gzip
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from ...core.commands import command, new_parser
from ...core.csv_tables import read_rows
from ...core.errors import UserError
from ...core.paths import atomic, resolve
from .dump import ALTERNATIVE, MAIN, OTHER_PARENT, PARENT, PREFERRED, Triples, read_triples

ATTRIBUTION = ("Contains information from the J. Paul Getty Trust, Getty Research Institute, the Art & Architecture "
               "Thesaurus, which is made available under the ODC Attribution License.")
"""Must be shown wherever the thesaurus' data is shown."""

MATERIALS, OBJECTS, DISCIPLINES = 300264091, 300264092, 300054134
"""The facets Materials and Objects, and the hierarchy Disciplines, which lies in the facet Activities."""

KINDS = ("concept", "guide term", "hierarchy", "facet")

COLUMNS = ("id", "kind", "parent", "parents", "labels", "alternatives")
"""Columns of the extract."""


@dataclass(frozen=True)
class Concept:
    """One subject of the thesaurus.

    Attributes:
        id: its number, as in http://vocab.getty.edu/aat/300010900.
        kind: one of `KINDS`; only a concept is meant for cataloguing.
        labels: the preferred label in each language, "en" among them.
        alternatives: further labels in each language.
        parent: the preferred broader subject; None at the top.
        parents: all other broader subjects.
    """

    id: int
    kind: str
    labels: Mapping[str, str]
    alternatives: Mapping[str, tuple[str, ...]]
    parent: int | None
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Thesaurus:
    """The subjects by id.

    Attributes:
        concepts: every living subject.
        merged: for each obsolete id its successor, or None if it has none.
    """

    concepts: Mapping[int, Concept]
    merged: Mapping[int, int | None]

    def __len__(self) -> int:
        return len(self.concepts)

    def get(self, number: int | None) -> Concept | None:
        """The subject with this id or the one it was merged into; None if there is none."""
        passed = set()
        while number not in self.concepts and number in self.merged and number not in passed:
            passed.add(number)
            number = self.merged[number]
        return self.concepts.get(number)

    def ancestors(self, number: int) -> tuple[int, ...]:
        """Ids from the top down to the subject's preferred parent.

        The AAT has cycles; the climb ends before it would reach a subject a second time.
        """
        concept, passed = self.get(number), {}
        while concept and concept.id not in passed:
            passed[concept.id] = None
            concept = self.get(concept.parent)
        return tuple(passed)[:0:-1]


def read_thesaurus(path: str | os.PathLike) -> Thesaurus:
    """Read an extract, `.csv` or `.csv.gz`.

    Raises:
        UserError: naming file and line. The file is not such a table (`read_rows`), an id is not a number or occurs
            twice, a kind is unknown, or labels are not `en=...;ca=...`.
    """
    concepts, merged = {}, {}
    for place, row in read_rows(path, COLUMNS, "the thesaurus, as `eufcc thesaurus` writes it"):
        number, parent = _number(row[0], place), _number(row[2], place) if row[2] else None
        if number in concepts or number in merged:
            raise UserError(f"{place}: id {number} occurs twice; expected each id once.")
        if row[1] == "obsolete":
            merged[number] = parent
            continue
        if row[1] not in KINDS:
            raise UserError(f"{place}: found the kind {row[1]!r}; expected one of {', '.join((*KINDS, 'obsolete'))}.")
        pairs = _split_labels(row[4], place)
        labels, alternatives = dict(pairs), {}
        if "en" not in labels or len(labels) < len(pairs):
            raise UserError(f"{place}: found the labels {row[4]!r}; expected one per language, English among them.")
        for language, text in _split_labels(row[5], place):
            alternatives[language] = (*alternatives.get(language, ()), text)
        parents = tuple(_number(text, place) for text in row[3].split(";")) if row[3] else ()
        concepts[number] = Concept(number, row[1], labels, alternatives, parent, parents)
    return Thesaurus(concepts, merged)


def write_thesaurus(thesaurus: Thesaurus, path: str | os.PathLike) -> None:
    """Write an extract, compressed if the name ends in `.gz`; one row per subject, sorted by id.

    Labels are written `en=metal;ca=metall`. Within a label a semicolon is written `\\s`, a backslash
    `\\\\`, a line break `\\n`. An obsolete id has the kind "obsolete" and its successor as parent.
    """
    path = resolve(path)
    opened = gzip.open if path.suffix == ".gz" else open
    with atomic(path) as temporary, opened(temporary, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in sorted({*thesaurus.concepts, *thesaurus.merged}):
            concept = thesaurus.concepts.get(number)
            if not concept:
                writer.writerow([number, "obsolete", thesaurus.merged[number], "", "", ""])
                continue
            alternatives = [(language, text) for language, texts in concept.alternatives.items() for text in texts]
            writer.writerow([number, concept.kind, concept.parent, ";".join(map(str, concept.parents)),
                             _join_labels(concept.labels.items()), _join_labels(alternatives)])


def read_dump(path: str | os.PathLike) -> tuple[Thesaurus, dict[str, int]]:
    """Read Getty's dump `explicit.zip`, members streamed, nothing unpacked to disk.

    Of several preferred parents, and of several successors of an obsolete id, the first living one is taken. The label
    "en" of a subject without an English preferred label is the American or another regional one, else the one that Getty
    prefers, else any.

    Returns:
        the thesaurus, and counts of what was read and of what was odd or left out.
    Raises:
        UserError: as `dump.read_triples`.
    """
    triples = read_triples(path)
    counts, concepts = Counter(), {}
    for number, kind in triples.kinds.items():
        if number in triples.obsolete:
            counts["obsolete subjects that also have a kind, taken as obsolete"] += 1
            continue
        labels, alternatives = _labels(number, triples, counts)
        preferred = triples.links[PARENT].get(number, [])
        living = (parent for parent in preferred if _first_living([parent], triples, number))
        parent = next(living, preferred[0] if preferred else None)
        others = dict.fromkeys(preferred + triples.links[OTHER_PARENT].get(number, []))
        if parent is None and kind != "facet":
            counts["subjects without a preferred parent that are not facets"] += 1
        concepts[number] = Concept(number, kind, labels, alternatives, parent,
                                   tuple(other for other in others if other not in (parent, None)))
        counts[f"{kind}s" if kind != "hierarchy" else "hierarchies"] += 1
        counts["labels"] += len(labels) + sum(map(len, alternatives.values()))
    counts["obsolete"] = len(triples.obsolete)
    merged = {number: _first_living(successors, triples, number) or next(iter(successors), None)
              for number, successors in triples.obsolete.items()}
    counts["obsolete with a successor"] = sum(successor is not None for successor in merged.values())
    return Thesaurus(concepts, merged), dict(counts)


def _first_living(numbers: list[int | None], triples: Triples, other: int) -> int | None:
    """The first living subject, in place of an obsolete one the first of its successors; None if only `other` is left."""
    left, passed = numbers[::-1], {other}
    while left:
        number = left.pop()
        if number in triples.obsolete and number not in passed:
            left += triples.obsolete[number][::-1]
        elif number in triples.kinds and number not in passed:
            return number
        passed.add(number)
    return None


_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\s", "\n": r"\n", "\r": r"\r"})
_PLAIN = {escape: chr(sign) for sign, escape in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\.?", re.DOTALL)


def _join_labels(labels: Iterable[tuple[str, str]]) -> str:
    return ";".join(f"{language}={text.translate(_ESCAPES)}" for language, text in labels)


def _split_labels(cell: str, place: str) -> list[tuple[str, str]]:
    labels = []
    for label in cell.split(";") if cell else ():
        language, sign, text = label.partition("=")
        try:
            text = _ESCAPED.sub(lambda found: _PLAIN[found[0]], text) if "\\" in text else text
        except KeyError:
            language = ""
        if not language or not sign:
            raise UserError(rf"{place}: found {label!r} among the labels; expected them as 'en=...;ca=...', a semicolon "
                            rf"within a label as \s and a backslash as \\.")
        labels.append((language, text))
    return labels


def _number(text: str, place: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UserError(f"{place}: found {text!r}; expected the number of a subject such as 300010900.")
    return int(text)


def _labels(number: int, triples: Triples, counts: Counter) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The preferred label in each language, and all others; Getty's own choice comes first."""
    main, first, further = (triples.links[link].get(number, []) for link in (MAIN, PREFERRED, ALTERNATIVE))
    nodes = dict.fromkeys(main + first + further)
    counts["labels without a text, left out"] += sum(node not in triples.texts for node in nodes)
    preferred, alternatives = {}, defaultdict(list)
    for node in nodes:
        language, text = triples.texts.get(node, (None, None))
        if language and language not in preferred and (node in main or node in first):
            preferred[language] = text
        elif language and text != preferred.get(language) and text not in alternatives[language]:
            alternatives[language].append(text)
    if "en" not in preferred:
        regional = [language for language in preferred if language.startswith("en-")]
        counts["subjects labelled in regional English only"] += bool(regional)
        counts["subjects without an English label"] += not regional
        anything = (*preferred.values(), *chain(*alternatives.values()), str(number))
        preferred["en"] = preferred[min(regional, key="en-us".__ne__)] if regional else anything[0]
    return preferred, {language: tuple(texts) for language, texts in alternatives.items() if texts}


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("thesaurus", "Extract the Art & Architecture Thesaurus (AAT) from Getty's dump.",
                        reads="DUMP, explicit.zip from http://aatdownloads.getty.edu/VocabData/explicit.zip",
                        writes="EXTRACT, a csv, compressed if its name ends in .gz",
                        example="eufcc thesaurus explicit.zip data/aat.csv.gz")
    parser.add_argument("dump", metavar="DUMP", help="explicit.zip")
    parser.add_argument("extract", metavar="EXTRACT", help="the file to write, .csv or .csv.gz")
    options = parser.parse_args(arguments)
    thesaurus, counts = read_dump(options.dump)
    try:
        write_thesaurus(thesaurus, options.extract)
    except OSError as error:
        raise UserError(f"{options.extract} cannot be written ({error.strerror}).") from None
    for what, count in counts.items():
        if count:
            print(f"{count:>9,} {what}")
    print(ATTRIBUTION)
