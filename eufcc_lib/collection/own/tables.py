"""A table as a collection system or a spreadsheet writes it: encoding and delimiter are found out.

Knows nothing of what the columns mean; see `columns`.
"""

import csv
import io
import os
from dataclasses import dataclass

from ...core.errors import UserError
from ...core.paths import resolve
from ...core.text import plain

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SPREADSHEET = b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """N rows of text under named columns.

    Attributes:
        columns: names in the order of the file, each once.
        rows: N tuples, as long as `columns`.
        lines: int (N,), the line on which each row begins, as an editor counts.
        found: encoding and delimiter, in words.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    lines: list[int]
    found: str

    def column(self, name: str) -> list[str]:
        """The cells of a column, N texts."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read_table(path: str | os.PathLike) -> Table:
    """Read a csv, whatever its encoding (UTF-8, UTF-16 with a mark, else Windows-1252) and delimiter.

    The delimiter is the one of `DELIMITERS` that gives the header most columns. Rows that end early are filled with
    empty cells, as spreadsheets leave them; empty rows are passed over.

    Raises:
        UserError: the file cannot be read, is a workbook, has no row, a column without a name or twice, or a row with
            more cells than the header.
    """
    path = resolve(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); expected a csv file.") from None
    if data.startswith(_SPREADSHEET):
        raise UserError(f"{path.name} is a workbook; expected a csv file: save the sheet as 'CSV UTF-8'.")
    text, encoding = _decode(data)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), ())))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header, rows, lines, following = (), [], [], 1
    try:
        for cells in reader:
            line, following = following, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _checked_header(cells, f"{path.name}, line {line}")
                continue
            if any(cell.strip() for cell in cells[len(header):]):
                raise UserError(f"{path.name}, line {line}: found {len(cells)} cells; expected at most {len(header)}, one for "
                                "each column.")
            rows.append(tuple(map(_plain_lines, [*cells, *[""] * len(header)][:len(header)])))
            lines.append(line)
    except csv.Error as error:
        raise UserError(f"{path.name}, line {following}: broken quoting ({error}).") from None
    if not rows:
        raise UserError(f"{path.name} holds no row; expected a header and a row for each image or object.")
    return Table(header, rows, lines, f"{encoding}, {DELIMITERS[delimiter]}")


def _decode(data: bytes) -> tuple[str, str]:
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding), encoding.removesuffix("-sig").upper()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "Windows-1252"


def _plain_lines(cell: str) -> str:
    """The cell without what cannot be seen; its line breaks stay, for they separate terms."""
    return "\n".join(filter(None, map(plain, cell.splitlines())))


def _checked_header(cells: list[str], place: str) -> tuple[str, ...]:
    header = [plain(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if "" in header:
        raise UserError(f"{place}: column {header.index('') + 1} has no name; expected a name for each column.")
    if repeated := {name for name in header if header.count(name) > 1}:
        raise UserError(f"{place}: column {min(repeated)!r} occurs twice; expected each column once.")
    return tuple(header)
