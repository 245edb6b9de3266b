"""The two dictionaries of terms: what tags are called in English and in Catalan, and their numbers in the AAT.

`terms.csv` has a row for each tag of the published data, which is Catalan, translated by hand from its place in the
tree. A number is given only where label and facet were checked against lists of the AAT, never where the translation
is doubtful; `fill_terms` completes them from Getty's dump. `museum_terms.csv` has a row for each place of a term of
the mini museum: its path from the root in English, and the term in Catalan. This work contains information from the
J. Paul Getty Trust, Getty Research Institute, the Art & Architecture Thesaurus, made available under the ODC
Attribution License.
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
from ..core.facets import FACET_NAMES, LEVEL_SEPARATOR, in_language
from ..core.paths import atomic, resolve

COLUMNS = ("facet", "tag", "english", "aat", "note")

TABLE = Path(__file__).with_name("terms.csv")

MUSEUM_TABLE = Path(__file__).with_name("museum_terms.csv")

_DOUBT = "doubtful:"

_NUMBER = re.compile(r"300\d{6}")


@dataclass(frozen=True)
class Term:
    """What one tag is called; in the museum's dictionary, at one place of the tree.

    Attributes:
        facet: its facet.
        catalan: in the published data, the tag itself.
        english: the AAT's preferred term or one in its manner.
        aat: the AAT's number as text, "" where it was not checked or the translation is doubtful.
        note: what a curator should know; begins with `doubtful:` where the translation is.
        above: the term right above; None at a root, and everywhere in the published data's dictionary.
    """

    facet: str
    catalan: str
    english: str
    aat: str = ""
    note: str = ""
    above: "Term | None" = None

    @property
    def doubtful(self) -> bool:
        """Whether a curator should decide before anyone relies on the English term."""
        return self.note.startswith(_DOUBT)

    def name(self, language: str = "en") -> str:
        """The term in English (`en`) or Catalan (`ca`)."""
        return in_language(language, en=self.english, ca=self.catalan)

    def path(self, language: str = "en") -> tuple[str, ...]:
        """The names from the root down to this term, in English (`en`) or Catalan (`ca`)."""
        return (*(self.above.path(language) if self.above else ()), self.name(language))


@cache
def read_terms(path: str | os.PathLike = TABLE) -> tuple[Term, ...]:
    """The published data's dictionary, in the order of the file.

    Raises:
        UserError: naming file and line: a column is missing, a facet is unknown, a tag occurs twice in a facet or
            has no English term, two tags of a facet have the same one, a number is not one of the AAT, or a doubtful
            translation has one.
    """
    terms, seen = [], {}
    for place, cells in read_rows(path, COLUMNS, "terms"):
        terms.append(Term(*cells))
        _check(terms[-1], seen, place)
    return tuple(terms)


@cache
def museum_terms() -> dict[str, dict[str, tuple[Term, ...]]]:
    """The mini museum's dictionary: by facet and English name the places of the term in the tree."""
    terms, by_path = {}, {}
    for _, (facet, path, catalan, aat) in read_rows(MUSEUM_TABLE, ("facet", "path", "catalan", "aat"), "terms"):
        *above, english = path.split(LEVEL_SEPARATOR)
        broader = by_path[facet, LEVEL_SEPARATOR.join(above)] if above else None
        term = by_path[facet, path] = Term(facet, catalan, english, aat, above=broader)
        terms.setdefault(facet, {}).setdefault(english, []).append(term)
    return {facet: {name: tuple(places) for name, places in names.items()} for facet, names in terms.items()}


def write_terms(terms: Sequence[Term], path: str | os.PathLike) -> None:
    """Write a table that `read_terms` reads, whole or not at all."""
    with atomic(resolve(path)) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((term.facet, term.catalan, term.english, term.aat, term.note) for term in terms)


def _check(term: Term, seen: dict, place: str) -> None:
    if term.facet not in FACET_NAMES:
        raise UserError(f"{place}: {unknown('facet', term.facet, FACET_NAMES)}")
    if not term.catalan or not term.english:
        raise UserError(f"{place}: expected a tag and its English term; found {term.catalan!r} and {term.english!r}.")
    if term.aat and not _NUMBER.fullmatch(term.aat):
        raise UserError(f"{place}: the AAT's numbers have nine digits and begin with 300; found {term.aat!r}.")
    if term.aat and term.doubtful:
        raise UserError(f"{place}: a doubtful translation has no number; expected the note without {_DOUBT!r} or "
                        f"{term.aat} in the note.")
    for kind, text in (("tag", term.catalan), ("English term", term.english.casefold())):
        if seen.setdefault((term.facet, kind, text), place) != place:
            raise UserError(f"{place}: the {kind} {text!r} is already in {seen[term.facet, kind, text]}; expected "
                            f"each once per facet.")
