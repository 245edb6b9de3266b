"""The curator's table: what people who know the collections want changed in the paths of the AAT.

Data, not code: a csv with a row a rule, columns id, action, en, ca, note. `curators.csv` beside this
file is the default; the mapping takes any other.
"""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...core.errors import UserError
from ...core.paths import resolve
from ...data.taxonomy import format_paths

DEFAULT_TABLE = Path(__file__).with_name("curators.csv")

COLUMNS = ("id", "action", "en", "ca", "note")

ACTIONS = ("rename", "cut", "skip", "exclude")
"""What a rule does with its concept: give it the names in columns en and ca; let paths start at it; leave its
name out of paths and keep what is below; leave it and all below out."""


@dataclass(frozen=True)
class CuratorsTable:
    """The rules, by the id of the concept.

    Attributes:
        names: for a renamed concept its names by language, "en" among them.
        cut: where paths start.
        skip: what is left out of paths as guide terms are.
        exclude: what is not annotated, nor anything below it.
    """

    names: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    cut: frozenset[int] = frozenset()
    skip: frozenset[int] = frozenset()
    exclude: frozenset[int] = frozenset()

    @property
    def ids(self) -> frozenset[int]:
        """Every concept that a rule is about."""
        return frozenset(self.names) | self.cut | self.skip | self.exclude


NO_RULES = CuratorsTable()


def read_table(path: str | os.PathLike = DEFAULT_TABLE) -> CuratorsTable:
    """Read a curator's table.

    Raises:
        UserError: naming file and line. The file is missing or not UTF-8, a column is missing, a row is
            short or long, an id is no AAT id, an action is unknown or told twice of a concept, or a
            name is missing, or is one that no path can hold.
    """
    path = resolve(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                raise UserError(f"{path}, line 1: found {','.join(header)!r}; expected {','.join(COLUMNS)!r}.")
            names, ids = {}, {action: set() for action in ACTIONS}
            for row in reader:
                if row:
                    _read_rule(row, names, ids, f"{path}, line {reader.line_num}")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; expected a curator's table, a csv with the columns "
                        f"{', '.join(COLUMNS)}.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({error}); expected a curator's table, a csv in UTF-8.") from None
    return CuratorsTable(names, *(frozenset(ids[action]) for action in ACTIONS[1:]))


def _read_rule(row: list[str], names: dict, ids: dict[str, set[int]], place: str) -> None:
    if len(row) != len(COLUMNS):
        raise UserError(f"{place}: found {len(row)} fields; expected {len(COLUMNS)}, one for each column.")
    number, action, english, catalan = (text.strip() for text in row[:4])
    if not (number.isascii() and number.isdigit()):
        raise UserError(f"{place}, column 'id': found {number!r}; expected an AAT id such as 300010358.")
    if action not in ACTIONS:
        raise UserError(f"{place}, column 'action': found {action!r}; expected one of {', '.join(ACTIONS)}.")
    if int(number) in ids[action]:
        raise UserError(f"{place}: {action!r} is told of {number} already above; expected it once.")
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
