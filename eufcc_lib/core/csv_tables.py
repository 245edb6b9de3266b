"""Small tables that the library ships, read with the place of each row for its error messages."""

import csv
import os
from collections.abc import Iterator

from .errors import UserError
from .paths import resolve


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
