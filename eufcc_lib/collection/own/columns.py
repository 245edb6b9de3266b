"""Which column of a museum's table is what: guessed from names and cells, confirmed by a person or a file."""

import os
import re
from collections.abc import Mapping
from pathlib import PurePath

from ...core.csv_tables import read_rows, write_rows
from ...core.errors import UserError, unknown
from ...core.facets import FACET_NAMES
from ...data.records import CREATOR, OBJECT, PAGE, RIGHTS, TITLE
from .matching import Matcher, count_matches, fold
from .tables import Table

IMAGE, MUSEUM, NOTHING = "image", "museum", ""

ONCE = (IMAGE, OBJECT, MUSEUM, TITLE, CREATOR, RIGHTS, PAGE)
"""Meanings that one column at most has; several columns may hold terms of one facet."""

MEANINGS = (*ONCE, *FACET_NAMES)

_NAMES = {
    OBJECT: r"(object|inventory|accession|catalogue|inv|acc)[ ._-]*(number|no|nr|num|id)|identifier|irn|idno"
            r"|inventarnummer|num.*inventari|(dcterms|dc):identifier",
    "objectTypes": r"object[ _-]*(name|type)s?|objobjectname|work[ _-]*type|type|dcterms:type|dc:type|objektbezeichnung"
                   r"|tipus.*objecte|denominacion?",
    "materials": r"materials?|medium|material.*tech.*|technique|dcterms:medium|dc:format|materia.*|tecnica.*|materiaux",
    "classifications": r"classifications?|department|categor(y|ies)|collection|sachgruppe|classificacion?",
    "subjects": r"subjects?|depicts|iconograph.*|dcterms:subject|dc:subject|tem(a|es)|genre",
    MUSEUM: r"museum|institution|repository.*|keeper|provider|owner|holding.*|museu|museo|musee",
    TITLE: r"(object[ _-]*)?titles?|dcterms:title|dc:title|titel|titol|titulo|titre|name",
    CREATOR: r"artists?|creators?|makers?|dcterms:creator|dc:creator|autor|constituents?|kunstler",
    RIGHTS: r"rights.*|licen[cs]e|copyright|dcterms:rights|dc:rights|credit.*",
    PAGE: r"(web *)?page|url|uri|link|permalink",
}
# An export of the assistant, or an official file, calls a facet's paths by the facet.
_NAMED = {meaning: re.compile(f"{pattern}|{meaning.lower()}[.]hierarchy") for meaning, pattern in _NAMES.items()}
_REJECTED = re.compile(r".*[.]rejected")
"""Columns of the assistant's exports, of tags that somebody took for wrong."""

_KNOWN = .3
"""Share of a column's cells with a known word, from which it is taken for a facet's although its name says nothing."""


def guess_columns(table: Table, images: Mapping[str, list], matcher: Matcher) -> dict[str, str]:
    """For each column what it probably is, "" where nothing says so.

    The image's column is the one whose cells name most image files. A column of a facet has a name that says so, or its
    words are known in the facet.

    Args:
        images: image files by name, see `build.find_images`.
    """
    meanings = dict.fromkeys(table.columns, NOTHING)
    named = {column: sum(any(name in images for name in file_names(cell)) for cell in table.column(column))
             for column in table.columns}
    if max(named.values()):
        meanings[max(named, key=named.get)] = IMAGE
    open_columns = [column for column in table.columns if not meanings[column] and not _REJECTED.fullmatch(fold(column))]
    for meaning, pattern in _NAMED.items():
        for column in open_columns:
            taken = meaning in ONCE and meaning in meanings.values()
            if not meanings[column] and not taken and pattern.fullmatch(fold(column)):
                meanings[column] = meaning
    for column in open_columns:
        if not meanings[column]:
            facet, share = max(count_matches(matcher, table.column(column)).items(), key=lambda item: item[1])
            if share >= _KNOWN:
                meanings[column] = facet
    return meanings


def file_names(cell: str) -> list[str]:
    """The names of image files in a cell, as keys of `images`: without folders and endings, in small letters.

    >>> file_names("img/A_1.JPG; https://museum.org/B.tif?size=full")
    ['a_1', 'b']
    """
    parts = filter(None, (part.strip() for part in re.split(r"[;|\n]", cell)))
    return [PurePath(re.sub(r"[?#].*$", "", part).replace("\\", "/")).stem.casefold() for part in parts]


def read_columns(path: str | os.PathLike, table: Table) -> dict[str, str]:
    """Read a mapping: a csv with the columns `column` and `meaning`. Columns that it leaves out mean nothing.

    Raises:
        UserError: it names a column that the table has not, an unknown meaning, or one that only one column can have twice.
    """
    meanings = dict.fromkeys(table.columns, NOTHING)
    for place, (column, meaning) in read_rows(path, ("column", "meaning"), "columns and what they mean"):
        if column not in meanings:
            raise UserError(f"{place}: {unknown('column', column, table.columns)}")
        meanings[column] = _checked(meaning.strip(), column, meanings, place)
    return meanings


def write_columns(meanings: Mapping[str, str], path: str | os.PathLike) -> None:
    """Write a mapping that `read_columns` reads."""
    write_rows(path, ("column", "meaning"), meanings.items())


def ask_columns(meanings: Mapping[str, str], table: Table, ask=input, show=print) -> dict[str, str]:
    """Let a person confirm or change the meaning of each column at the terminal."""
    show(f"What is in each column? Enter keeps the guess, '-' means nothing.\nMeanings: {', '.join(MEANINGS)}")
    answers = {}
    for column, guess in meanings.items():
        example = next((cell for cell in table.column(column) if cell), "")[:40]
        while True:
            answer = ask(f"{column} (such as {example!r}) [{guess or '-'}]: ").strip()
            meaning = guess if not answer else NOTHING if answer == "-" else answer
            try:
                answers[column] = _checked(meaning, column, answers, f"Column {column!r}")
                break
            except UserError as error:
                show(error)
    return answers


def _checked(meaning: str, column: str, meanings: Mapping[str, str], place: str) -> str:
    if meaning and meaning not in MEANINGS:
        raise UserError(f"{place}: {unknown('meaning', meaning, MEANINGS)}")
    other = next((name for name, taken in meanings.items() if taken == meaning and name != column), None)
    if meaning in ONCE and other is not None:
        raise UserError(f"{place}: {meaning!r} is already the meaning of {other!r}; expected one column at most.")
    return meaning
