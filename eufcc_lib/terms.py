"""The table of terms: the tags of the published data in English, with their numbers in the AAT.

The published tags are Catalan. `terms.csv` has a row for each, translated by hand from its place in
the tree. A number stands only where label and facet were checked against lists of the AAT, never where
the translation is doubtful; `fill` completes them from Getty's dump. This work contains information from
the J. Paul Getty Trust, Getty Research Institute, the Art & Architecture Thesaurus, made available under
the ODC Attribution License.
"""

import argparse
import csv
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd

from .collection.mapping import place_concept
from .collection.thesaurus import Thesaurus, read_thesaurus
from .errors import UserError, command, unknown
from .facets import FACET_NAMES
from .paths import atomic, resolve

COLUMNS = ("facet", "tag", "english", "aat", "note")

TABLE = Path(__file__).with_name("terms.csv")

_DOUBT = "doubtful:"

_QUALIFIER = re.compile(r" \([^()]*\)$")
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


def read_rows(path: str | os.PathLike, columns: tuple[str, ...], what: str) -> Iterator[tuple[str, list[str]]]:
    """File and line, and the cells, of each row of a table with just these columns; `what` says what it is a table of.

    Raises:
        UserError: the file cannot be read, or has other columns.
    """
    path = resolve(path)
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != columns:
                raise UserError(f"{path.name}, line 1: expected the columns {', '.join(columns)}.")
            for row in reader:
                yield f"{path.name}, line {reader.line_num}", [row[column] or "" for column in columns]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); expected a table of {what} in UTF-8.") from None


def write_terms(terms: Sequence[TagTerm], path: str | os.PathLike) -> None:
    """Write a table that `read_terms` reads, whole or not at all."""
    with atomic(resolve(path)) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(term, column) for column in COLUMNS] for term in terms)


def fill(terms: Sequence[TagTerm], thesaurus: Thesaurus) -> tuple[tuple[TagTerm, ...], pd.DataFrame]:
    """Complete the numbers that are missing where exactly one concept of the facet is called like the English term.

    Preferred labels come before alternative ones. A concept that is called so but for the qualifier may be another thing:
    it is listed, never filled in. So is one whose number another tag of the facet has, and every doubtful one: the
    number would state as a fact what the note doubts. Numbers that are there stay.

    Returns:
        the terms, and a row for each that is still without a number: facet, tag, english, why, candidates.
    """
    whole, bare = _labels(thesaurus)
    used = {(term.facet, term.aat) for term in terms if term.aat}
    filled, left = [], []
    for term in terms:
        if not term.aat:
            found = next((kind[term.facet, term.english.casefold()] for kind in whole
                          if (term.facet, term.english.casefold()) in kind), set())
            alike = sorted(found or bare[term.facet, _bare(term.english)])
            why = ("doubtful" if term.doubtful else "not found" if not alike else "only alike" if not found else
                   "ambiguous" if len(found) > 1 else
                   "the number of another tag" if (term.facet, str(alike[0])) in used else "")
            if why:
                left.append((term.facet, term.tag, term.english, why, ", ".join(map(str, alike))))
            else:
                term = replace(term, aat=str(alike[0]))
                used.add((term.facet, term.aat))
        filled.append(term)
    return tuple(filled), pd.DataFrame(left, columns=["facet", "tag", "english", "why", "candidates"])


def _labels(thesaurus: Thesaurus) -> tuple[list[dict[tuple[str, str], set[int]]], dict[tuple[str, str], set[int]]]:
    """Facet and English label in small letters to concepts: preferred and alternative ones, and all without qualifier."""
    preferred, alternative, bare = (defaultdict(set) for _ in range(3))
    for number, concept in thesaurus.concepts.items():
        labels = [(preferred, concept.labels["en"])]
        labels += [(alternative, label) for label in concept.alternatives.get("en", ())]
        for facet, _ in place_concept(number, thesaurus).places:
            for kind, label in labels:
                kind[facet, label.casefold()].add(number)
                bare[facet, _bare(label)].add(number)
    return [preferred, alternative], bare


def _bare(label: str) -> str:
    return _QUALIFIER.sub("", label).casefold()


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


@command
def main(arguments: list[str] | None = None) -> None:
    """The command `fill`."""
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.terms",
                                     description="Complete the AAT's numbers in the table of terms from an extract of "
                                                 "Getty's dump, and list what is left.")
    parser.add_argument("thesaurus", help="what `python -m eufcc_lib.collection.thesaurus` wrote")
    parser.add_argument("--out", default=TABLE, help="the table to write (default: the library's own)")
    options = parser.parse_args(arguments)
    terms, left = fill(read_terms(), read_thesaurus(options.thesaurus))
    write_terms(terms, options.out)
    print(left.to_string(index=False) if len(left) else "Every term has a number.")
    print(f"{sum(bool(term.aat) for term in terms):,} of {len(terms):,} terms have a number; they are in {options.out}.")


if __name__ == "__main__":
    sys.exit(main())
