"""The table of terms: the tags of the published data in English, with their numbers in the AAT.

The published tags are Catalan. `terms.csv` has a row for each, translated by hand from its place in
the tree. A number stands only where label and facet were checked against lists of the AAT, never where
the translation is doubtful; `fill` completes them from Getty's dump. This work contains information from
the J. Paul Getty Trust, Getty Research Institute, the Art & Architecture Thesaurus, made available under
the ODC Attribution License.
"""

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..core.csv_tables import read_rows
from ..core.errors import UserError, unknown
from ..core.facets import FACET_NAMES
from ..core.paths import atomic, resolve

COLUMNS = ("facet", "tag", "english", "aat", "note")

TABLE = Path(__file__).with_name("terms.csv")

_DOUBT = "doubtful:"

_NUMBER = re.compile(r"300\d{6}")


@dataclass(frozen=True)
class TagTerm:
    """What one tag is called.

    Attributes:
        facet, tag: as in the published data.
        english: the AAT's preferred term or one in its manner, unique in the facet.
        aat: the AAT's number as text, "" where it was not checked or the translation is doubtful.
        note: what a curator should know; begins with `doubtful:` where the translation is.
    """

    facet: str
    tag: str
    english: str
    aat: str
    note: str

    @property
    def doubtful(self) -> bool:
        """Whether a curator should decide before anyone relies on the English term."""
        return self.note.startswith(_DOUBT)


@cache
def read_terms(path: str | os.PathLike = TABLE) -> tuple[TagTerm, ...]:
    """The table, in its order.

    Raises:
        UserError: naming file and line: a column is missing, a facet is unknown, a tag occurs twice in a facet or
            has no English term, two tags of a facet have the same one, a number is not one of the AAT, or a doubtful
            translation has one.
    """
    terms, seen = [], {}
    for place, cells in read_rows(path, COLUMNS, "terms"):
        terms.append(TagTerm(*cells))
        _check(terms[-1], seen, place)
    return tuple(terms)


def write_terms(terms: Sequence[TagTerm], path: str | os.PathLike) -> None:
    """Write a table that `read_terms` reads, whole or not at all."""
    with atomic(resolve(path)) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(term, column) for column in COLUMNS] for term in terms)


def _check(term: TagTerm, seen: dict, place: str) -> None:
    if term.facet not in FACET_NAMES:
        raise UserError(f"{place}: {unknown('facet', term.facet, FACET_NAMES)}")
    if not term.tag or not term.english:
        raise UserError(f"{place}: expected a tag and its English term; found {term.tag!r} and {term.english!r}.")
    if term.aat and not _NUMBER.fullmatch(term.aat):
        raise UserError(f"{place}: the AAT's numbers have nine digits and begin with 300; found {term.aat!r}.")
    if term.aat and term.doubtful:
        raise UserError(f"{place}: a doubtful translation has no number; expected the note without {_DOUBT!r} or "
                        f"{term.aat} in the note.")
    for kind, text in (("tag", term.tag), ("English term", term.english.casefold())):
        if seen.setdefault((term.facet, kind, text), place) != place:
            raise UserError(f"{place}: the {kind} {text!r} stands already in {seen[term.facet, kind, text]}; expected "
                            f"each once in a facet.")
