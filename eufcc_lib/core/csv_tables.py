"""Tables that people write or read, as csv, with the place of each row for its error messages."""

import csv
import gzip
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence

from .errors import UserError
from .paths import atomic, resolve

csv.field_size_limit(2**31 - 1)  # by default a cell of 131,072 characters is an error; the largest number on all systems

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_rows(path: str | os.PathLike, columns: tuple[str, ...], what: str, *,
              extra: bool = False) -> Iterator[tuple[str, list[str]]]:
    """File and line, and the cells of `columns`, of each row of a table; `what` says what it is a table of.

    Empty lines are passed over. A file whose name ends in `.gz` is compressed.

    Args:
        extra: whether columns may come in any order, among others; else the table has just these.
    Raises:
        UserError: the file cannot be read, is not UTF-8 or csv, has other columns, or a row is short or long.
    """
    path = resolve(path)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
            check_separator(file.readline(), columns, f"{path.name}, line 1")
            file.seek(0)
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, ())]
            given = [name for name in header if name in columns] if extra else header
            if (sorted(given) if extra else given) != (sorted(columns) if extra else list(columns)):
                raise UserError(f"{path.name}, line 1: expected the columns {', '.join(columns)}{', each once' * extra}; "
                                f"found {', '.join(header) or 'nothing'}.")
            places = [header.index(column) for column in columns]
            for row in reader:
                if row and len(row) != len(header):
                    raise UserError(f"{path.name}, line {reader.line_num}: found {len(row)} fields; expected "
                                    f"{len(header)}, one for each column.")
                if row:
                    yield f"{path.name}, line {reader.line_num}", [row[place] for place in places]
    except csv.Error as error:
        raise UserError(f"{path.name}, line {reader.line_num}: broken quoting ({error}); expected quotes in pairs around a "
                        "field, and doubled within.") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); expected a table of {what}, a csv in UTF-8.") from None


def write_rows(path: str | os.PathLike, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Write a table that `read_rows` reads, whole or not at all."""
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def check_separator(header: str, columns: Sequence[str], place: str) -> None:
    """Refuse a table that another sign than the comma separates, as spreadsheets write it in many languages.

    Raises:
        UserError: naming the sign by which the header, a line of text, holds two or more of the columns.
    """
    for sign, name in _OTHER_SEPARATORS.items():
        if len(set(columns).intersection(field.strip('" \r\n') for field in header.split(sign))) > 1:
            raise UserError(f"{place}: found columns separated by {name}; expected commas, a csv in UTF-8.")
