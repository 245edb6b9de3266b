"""The curator's table: changes to the paths of the AAT that people who know the collections want.

A csv with one row per rule, columns id, action, en, ca, note. `curators.csv` beside this file is the default; the
mapping accepts any other.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...core.csv_tables import read_rows
from ...core.errors import UserError
from ...data.taxonomy import format_paths

DEFAULT_TABLE = Path(__file__).with_name("curators.csv")

COLUMNS = ("id", "action", "en", "ca", "note")

ACTIONS = ("rename", "cut", "skip", "exclude")
"""What a rule does with its concept: rename it as in columns en and ca; start paths at it; leave its name out of
paths; leave it and everything below it out."""


@dataclass(frozen=True)
class CuratorsTable:
    """The rules, by the id of the concept.

    Attributes:
        names: for a renamed concept its names by language, "en" among them.
        cut: where paths start.
        skip: names left out of paths, as guide terms are.
        exclude: concepts that are not annotated, nor anything below them.
    """

    names: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    cut: frozenset[int] = frozenset()
    skip: frozenset[int] = frozenset()
    exclude: frozenset[int] = frozenset()

    @property
    def ids(self) -> frozenset[int]:
        """Every concept with a rule."""
        return frozenset(self.names) | self.cut | self.skip | self.exclude


NO_RULES = CuratorsTable()


def read_table(path: str | os.PathLike = DEFAULT_TABLE) -> CuratorsTable:
    """Read a curator's table.

    Raises:
        UserError: naming file and line. The file is not such a table (`read_rows`), an id is not an AAT id, an
            action is unknown or occurs twice for a concept, or a name is missing or cannot be in a path.
    """
    names, ids = {}, {action: set() for action in ACTIONS}
    for place, row in read_rows(path, COLUMNS, "a curator's rules"):
        number, action, english, catalan = (text.strip() for text in row[:4])
        if not (number.isascii() and number.isdigit()):
            raise UserError(f"{place}, column 'id': found {number!r}; expected an AAT id such as 300010358.")
        if action not in ACTIONS:
            raise UserError(f"{place}, column 'action': found {action!r}; expected one of {', '.join(ACTIONS)}.")
        if int(number) in ids[action]:
            raise UserError(f"{place}: {action!r} already applies to {number} above; expected it once.")
        ids[action].add(int(number))
        if action != "rename" and (english or catalan):
            raise UserError(f"{place}: found a name with {action!r}; expected names with 'rename' alone.")
        if action == "rename":
            if not english:
                raise UserError(f"{place}, column 'en': found no name; expected the English name to use.")
            names[int(number)] = {language: name for language, name in (("en", english), ("ca", catalan)) if name}
            for name in names[int(number)].values():
                try:
                    format_paths([[name]])
                except UserError as error:
                    raise UserError(f"{place}: {error}") from None
    return CuratorsTable(names, *(frozenset(ids[action]) for action in ACTIONS[1:]))
