"""The table of synonyms: other words under which a tag can be found, in English and in Catalan.

`synonyms.csv` was written for this library, from what such things are called in speech and in catalogues; a few words
come near rather than mean the same. It holds tags of the table of terms, and of the mini museum where that has others.
Some of the words are alternative terms of the AAT, too: this work contains information from the J. Paul Getty Trust,
Getty Research Institute, the Art & Architecture Thesaurus, made available under the ODC Attribution License.
"""

import os
import re
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

from ..core.csv_tables import read_rows
from ..core.errors import UserError, unknown
from ..core.facets import FACET_NAMES, LANGUAGES
from .terms import museum_terms, read_terms

TABLE = Path(__file__).with_name("synonyms.csv")

_QUALIFIER = re.compile(r" \([^()]*\)$")


@dataclass(frozen=True)
class Synonym:
    """Another word for one tag.

    Attributes:
        facet, tag: as in the published data; of a tag that only the mini museum has, its English name.
        language: of the word, `en` or `ca`.
        synonym: the word.
    """

    facet: str
    tag: str
    language: str
    synonym: str


@cache
def read_synonyms(path: str | os.PathLike = TABLE) -> tuple[Synonym, ...]:
    """The table, in its order.

    Raises:
        UserError: naming file and line: a column is missing, facet, tag or language is unknown, a synonym is empty, is
            what the tag is called anyway, or occurs twice for one tag.
    """
    synonyms, known, seen = [], _names(), {}
    for place, cells in read_rows(path, tuple(field.name for field in fields(Synonym)), "synonyms"):
        synonyms.append(Synonym(*cells))
        _check(synonyms[-1], known, seen, place)
    return tuple(synonyms)


@cache
def synonyms_by_tag(facet: str) -> dict[str, tuple[str, ...]]:
    """The synonyms in both languages of each tag of a facet that has some."""
    found = {}
    for synonym in read_synonyms():
        if synonym.facet == facet:
            found.setdefault(synonym.tag, []).append(synonym.synonym)
    return {tag: tuple(words) for tag, words in found.items()}


def _names() -> dict[tuple[str, str], set[str]]:
    """By facet and tag what the tag is called, in small letters, with and without a qualifier."""
    terms = {(facet, name): places[0] for facet, names in museum_terms().items() for name, places in names.items()}
    terms |= {(term.facet, term.catalan): term for term in read_terms()}
    return {key: {form.casefold() for text in (term.catalan, term.english) for form in (text, _QUALIFIER.sub("", text))}
            for key, term in terms.items()}


def _check(synonym: Synonym, known: dict, seen: dict, place: str) -> None:
    facet, tag, language, word = astuple(synonym)
    for kind, name, names in (("facet", facet, FACET_NAMES), ("language", language, LANGUAGES)):
        if name not in names:
            raise UserError(f"{place}: {unknown(kind, name, names)}")
    if (facet, tag) not in known:
        raise UserError(f"{place}: {tag!r} is no tag of {facet}; expected one of the table of terms.")
    if not word.strip():
        raise UserError(f"{place}: found no synonym of {tag!r}; expected a word.")
    if word.casefold() in known[facet, tag]:
        raise UserError(f"{place}: {word!r} is what {tag!r} is called anyway; expected another word.")
    if seen.setdefault((facet, tag, word.casefold()), place) != place:
        raise UserError(f"{place}: {word!r} is already in {seen[facet, tag, word.casefold()]}; expected each word "
                        "of a tag once.")
