"""Records read from and written to the official csv."""

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from ..core.csv_tables import check_separator
from ..core.errors import UserError
from ..core.facets import FACETS
from ..core.paths import ROOT, atomic, resolve
from ..core.text import writable
from .records import COLUMNS, ID, TEXT, Records
from .taxonomy import parse_paths

_FACET_COLUMNS = tuple(facet.column for facet in FACETS)

_CODED = pa.dictionary(pa.int32(), TEXT)

_NEEDS_QUOTES = re.compile(r'[,"\r\n]')
_BLOCK = 1 << 18  # bytes; small enough to stay in the processor's cache
_ARROW_BLOCK = 1 << 22  # bytes parsed by one thread at a time; each block has its own dictionaries to join
_CONTINUATION = bytes(range(0x80, 0xC0))  # of a character in UTF-8, all but its first byte
_LONG_ID = 64  # bytes
_LF, _CR, _QUOTE = b'\n\r"'
_BEFORE_OPENING, _AFTER_CLOSING = (np.frombuffer(signs, np.uint8) for signs in (b',\n"', b',\r\n"'))


def read_records(path: str | os.PathLike) -> Records:
    """Read an official csv file; columns may stand in any order, further ones are kept.

    Raises:
        UserError: naming file, line and column. A column is missing, a row is short or long, an
            id is empty or occurs twice, a cell has an empty element, text is not UTF-8, a quote
            never closes, or the file is empty. Lines count as an editor shows them, the header
            being line 1.
    """
    path = resolve(path)
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    try:
        data = pa.memory_map(str(path)).read_buffer() if path.stat().st_size else b""
    except FileNotFoundError:
        raise UserError(f"{shown} does not exist; expected a csv file of records.") from None
    except OSError as error:
        raise UserError(f"{shown} cannot be read ({error.strerror}); expected a csv file of records.") from None
    if not len(data):
        raise UserError(f"{shown} is empty; expected a csv file with the columns {', '.join(COLUMNS)}.")
    table = _read_plain(data)
    if table is not None:
        lines = range(2, len(table) + 2)
    else:
        table, lines = _read_carefully(bytes(data), f"{shown}, line")
    records = Records(table, path)
    _check_records(records, f"{shown}, line", lines)
    return records


def records_from_columns(columns: Mapping[str, Sequence[str]]) -> Records:
    """Records made in memory from one list of text per column, see `text.writable`; the demands are those on a file.

    Raises:
        UserError: as `read_records`, naming the record's position in place of the line.
    """
    _check_header(list(columns), "columns")
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(f"columns: found lengths {lengths}; expected one value per record in each.")
    for name, values in columns.items():
        for row, value in enumerate(values):
            if not isinstance(value, str):
                raise UserError(f"record {row}, column {name!r}: found {value!r}; expected text.")
    records = Records(_table({name: [writable(value) for value in values] for name, values in columns.items()}))
    _check_records(records, "record", range(len(records)))
    return records


def write_records(records: Records, path: str | os.PathLike) -> None:
    """Write the csv as the official files are (UTF-8, LF, quotes only where needed), whole or not at all."""
    with atomic(resolve(path)) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(",".join(map(_quoted, records.table.column_names)) + "\n")
        for batch in records.table.to_batches(max_chunksize=65_536):
            columns = [list(map(_quoted, column.to_pylist())) for column in batch.columns]
            file.writelines(",".join(fields) + "\n" for fields in zip(*columns))


def _quoted(field: str) -> str:
    # Python's csv.writer does the same from 3.13 on; before, it leaves a lone carriage return bare.
    return f'"{field.replace(chr(34), chr(34) * 2)}"' if _NEEDS_QUOTES.search(field) else field


def _table(columns: Mapping[str, Sequence[str]]) -> pa.Table:
    texts = {name: pa.array(values, TEXT) for name, values in columns.items()}
    return pa.table({name: text.dictionary_encode() if name in _FACET_COLUMNS else text
                     for name, text in texts.items()})


def _read_plain(data: pa.Buffer) -> pa.Table | None:
    """Parse with Arrow on all cores; None if the file is not in order or not one record per line.

    Arrow parses blocks of lines side by side and is lenient about quotes. It is asked only where `_plain_lines` shows that
    it must read what `_read_carefully` does. A file that is UTF-8 as a whole is so in each field, for fields end at signs of
    one byte; checking each of them takes Arrow at least twice as long.
    """
    try:
        start = bytes(data[:_BLOCK]).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        header = next(csv.reader(io.StringIO(start, newline="")))
        if len(set(header)) < len(header) or not set(COLUMNS) <= set(header):
            return None
        types = {name: _CODED if name in _FACET_COLUMNS else TEXT for name in header}
        with ThreadPoolExecutor(1) as meanwhile:
            counted = meanwhile.submit(_plain_lines, data)
            table = arrow_csv.read_csv(pa.BufferReader(data),
                                       read_options=arrow_csv.ReadOptions(block_size=_ARROW_BLOCK),
                                       convert_options=arrow_csv.ConvertOptions(column_types=types, check_utf8=False))
            lines = counted.result()
    except (csv.Error, StopIteration, pa.ArrowInvalid):
        return None
    return table if len(table) + 1 == lines else None  # else there are empty lines


def _plain_lines(data: pa.Buffer) -> int | None:
    """How many lines there are; None if one is not a record by itself whatever stands in the others.

    So it is where quotes only enclose whole fields and are doubled within, and no line breaks in them or otherwise than by
    LF or CRLF. Raises ArrowInvalid if not all is UTF-8.
    """
    signs = np.frombuffer(data, np.uint8)
    start, quotes, breaks = 0, [], []
    while start < len(signs):
        following = bytes(data[start + _BLOCK:start + _BLOCK + 4])
        end = min(start + _BLOCK, len(signs)) + len(following) - len(following.lstrip(_CONTINUATION))
        bounds = pa.py_buffer(np.array([0, end - start]))
        pa.Array.from_buffers(pa.large_string(), 1, [None, bounds, data.slice(start, end - start)]).validate(full=True)
        block = signs[start:end]
        returns = np.flatnonzero(block == _CR) + start
        if (signs[np.minimum(returns + 1, len(signs) - 1)] != _LF).any():
            return None
        quotes.append(np.flatnonzero(block == _QUOTE) + start)
        breaks.append(np.flatnonzero(block == _LF) + start)
        start = end
    quotes, breaks = np.concatenate(quotes), np.concatenate(breaks)
    opening, closing = quotes[::2], quotes[1::2]
    # The first and the last sign of a file have no neighbour: the header, and a closing quote, whose own sign will do.
    before, after = signs[opening[opening > 0] - 1], signs[np.minimum(closing + 1, len(signs) - 1)]
    in_order = (len(opening) == len(closing) and np.isin(before, _BEFORE_OPENING).all()
                and np.isin(after, _AFTER_CLOSING).all()
                and np.array_equal(np.searchsorted(breaks, opening), np.searchsorted(breaks, closing)))
    return len(breaks) + int(signs[-1] != _LF) if in_order else None


def _read_carefully(data: bytes, place: str) -> tuple[pa.Table, list[int]]:
    """Parse record by record: the table and the first line of each, or the error with its line."""
    # Bytes that are not UTF-8 become lone surrogates, which each record can then be searched for.
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    check_separator(text.partition("\n")[0], COLUMNS, f"{place} 1")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header, rows, lines, following = None, [], [], 1
    try:
        for fields in reader:
            line, following = following, reader.line_num + 1
            if not fields:
                continue
            _check_encoding(fields, header, f"{place} {line}")
            if header is None:
                header = fields
                _check_header(header, f"{place} {line}")
            elif len(fields) != len(header):
                raise UserError(f"{place} {line}: found {len(fields)} fields; expected {len(header)}, "
                                "one for each column.")
            else:
                rows.append(fields)
                lines.append(line)
    except csv.Error as error:
        raise UserError(f"{place} {following}: broken quoting ({error}); expected quotes in pairs "
                        "around a field, and doubled within.") from None
    _check_header(header or [], f"{place} 1")
    columns = zip(*rows) if rows else [()] * len(header)
    return _table(dict(zip(header, columns))), lines


def _check_header(names: list[str], place: str) -> None:
    repeated = {name for name in names if names.count(name) > 1}
    missing = [name for name in COLUMNS if name not in names]
    if repeated:
        raise UserError(f"{place}: column {min(repeated)!r} occurs twice; expected each column once.")
    if missing:
        raise UserError(f"{place}: column {missing[0]!r} is missing; expected the columns {', '.join(COLUMNS)}.")


def _check_encoding(fields: list[str], header: list[str] | None, place: str) -> None:
    for position, field in enumerate(fields):
        try:
            field.encode()
        except UnicodeEncodeError as error:
            column = repr(header[position]) if header and position < len(header) else f"number {position + 1}"
            byte = ord(field[error.start]) - 0xDC00
            raise UserError(f"{place}, column {column}: byte 0x{byte:02x} is not UTF-8; "
                            "expected a file saved as UTF-8.") from None


def _check_records(records: Records, place: str, lines: Sequence[int]) -> None:
    """Refuse bad ids and cells; the first one in the file is reported."""
    with ThreadPoolExecutor(1) as meanwhile:
        bad_ids = meanwhile.submit(lambda: list(_bad_ids(records, place, lines)))
        problems = [*_bad_cells(records), *bad_ids.result()]
    if problems:
        row, column, problem = min(problems)
        raise UserError(f"{place} {lines[row]}, column {column!r}: {problem}")


def _bad_ids(records: Records, place: str, lines: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    ids = records.table[ID]
    if pc.min(pc.binary_length(ids)).as_py() == 0:
        yield pc.index(ids, "").as_py(), ID, "found no id; expected one, unique in the file."
    if not _surely_unique(ids):
        first = {}
        for row, name in enumerate(ids.to_pylist()):
            if name and first.setdefault(name, row) != row:
                before = f"{place.rpartition(', ')[2]} {lines[first[name]]}"
                yield row, ID, f"id {name!r} occurs already on {before}; expected each id once."
                return


def _surely_unique(ids: pa.ChunkedArray) -> bool:
    """True only if no id occurs twice; may be False although none does.

    Ids padded to whole 8-byte words are hashed by a dot product with odd numbers: equal ids have
    equal hashes, and sorting numbers takes a tenth of the time of a table of strings.
    """
    width = (pc.max(pc.binary_length(ids)).as_py() or 0) // 8 * 8 + 8
    if width > _LONG_ID:
        return False
    padded = pc.ascii_rpad(ids.combine_chunks(), width, "\0")
    words = np.frombuffer(padded.buffers()[2], "<u8", len(ids) * width // 8).reshape(len(ids), width // 8)
    odd = np.random.default_rng(0).integers(0, 1 << 63, width // 8, np.uint64) * 2 + 1
    hashes = np.sort(words @ odd)
    return bool((hashes[1:] != hashes[:-1]).all())


def _bad_cells(records: Records) -> Iterator[tuple[int, str, str]]:
    try:
        records.distinct_paths(FACETS[0].name)
    except UserError:
        for facet in FACETS:
            codes, cells = records.cells(facet.name)
            for row, cell in zip(np.unique(codes, return_index=True)[1].tolist(), cells):
                try:
                    parse_paths(cell)
                except UserError as error:
                    yield row, facet.column, str(error)
