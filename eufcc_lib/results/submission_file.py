"""The file in which predictions travel, csv or parquet: a line for each tag of an image, `idInSource,facet,tag,score`.

It is read in parts, for a large benchmark has tens of millions of lines.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from ..core.csv_tables import check_separator
from ..core.errors import UserError
from ..core.paths import atomic
from ..data.dataset import Dataset
from ..data.records import ID
from .files import shown
from .scores import Scores

COLUMNS = (ID, "facet", "tag", "score")

PART = 1 << 20
"""Lines in memory at once, at most."""

_BLOCK = 1 << 22  # bytes of csv; fewer lines than PART
_SCHEMA = pa.schema([(name, pa.float32() if name == "score" else pa.string()) for name in COLUMNS])


@dataclass(frozen=True, eq=False)
class Words:
    """A column of n words: int64 codes (n,) into the distinct ones."""

    codes: np.ndarray
    distinct: list[str]

    def __getitem__(self, row: int) -> str:
        return self.distinct[self.codes[row]]

    def number(self, number_of: Callable[[str], int]) -> np.ndarray:
        """int64 (n,): each word's number, asked for once."""
        return np.array([number_of(word) for word in self.distinct], np.int64)[self.codes]


@dataclass(frozen=True, eq=False)
class Part:
    """Some lines of a file, in their order.

    Attributes:
        start: lines before them, the header not counted.
        ids, facets, tags: of n lines.
        scores: float64 (n,).
        scored: bool (n,), whether a line has a score; what it has may be NaN.
    """

    start: int
    ids: Words
    facets: Words
    tags: Words
    scores: np.ndarray
    scored: np.ndarray


def read_parts(path: Path) -> Iterator[Part]:
    """The lines of a csv or parquet file, in parts of at most `PART` lines.

    Raises:
        UserError: naming file and line: another ending, a column missing, not UTF-8, a line with more or fewer fields, a
            score that is no number, a file that cannot be read.
    """
    if path.suffix not in _READERS:
        raise UserError(f"{shown(path)}: expected predictions in a file that ends in {', '.join(_READERS)} or .npz.")
    start = 0
    try:
        for batch in _READERS[path.suffix](path):
            if len(batch):
                yield _part(batch, start)
                start += len(batch)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, UnicodeDecodeError) as error:
        raise UserError(_explain(path, error)) from None


def write_lines(scores: Scores, path: Path) -> int:
    """Write all scores of the evaluated images, csv or parquet by the file's ending; `read_parts` reads the same numbers.

    Returns:
        the number of lines.
    """
    lines = 0
    open_writer = {".csv": arrow_csv.CSVWriter, ".parquet": parquet.ParquetWriter}.get(path.suffix)
    if not open_writer:
        raise UserError(f"{shown(path)}: expected a name that ends in .csv or .parquet.")
    with atomic(path) as temporary, open_writer(str(temporary), _SCHEMA) as writer:
        rows = np.flatnonzero(scores.evaluated)
        for facet, values in scores.values.items():
            tags = len(scores.taxonomy(facet))
            for part in np.array_split(rows, -(-len(rows) * tags // PART) or 1):
                columns = (np.repeat(scores.ids[part], tags), np.full(len(part) * tags, facet, object),
                           np.tile(np.asarray(scores.taxonomy(facet).names, object), len(part)), values[part].ravel())
                writer.write_table(pa.table(list(columns), schema=_SCHEMA))
                lines += len(part) * tags
    return lines


def example_lines(dataset: Dataset, split: str) -> list[str]:
    """The csv's header and three lines for an image of the split that has tags, as a model might propose them."""
    records, lines = dataset.split(split), [",".join(COLUMNS)]
    for facet, tree in dataset.vocabulary.taxonomies.items():
        rows = np.flatnonzero(np.diff(dataset.labels(split)[facet].matrix.indptr))
        for row in rows[:1]:
            tags = [tree.names[tag] for tag in dataset.labels(split)[facet].matrix[[row]].indices]
            tags += [name for name in tree.names if name not in tags]
            lines += [_csv_line(records.ids[row], facet, tag, f"{0.9 - 0.2 * rank:.1f}") for rank, tag in enumerate(tags[:3])]
    return lines[:4]


def _csv_line(*fields: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def line_of(path: Path, row: int) -> str:
    """Where a line is, for a message: `FILE, line N` as an editor counts, or `FILE, row N` in parquet."""
    if path.suffix == ".parquet":
        return f"{shown(path)}, row {row + 1}"
    with open(path, encoding="utf-8", newline="") as file:
        line, _ = next(islice(_numbered(file), row + 1, None))
    return f"{shown(path)}, line {line}"


def _numbered(file) -> Iterator[tuple[int, list[str]]]:
    """The fields of each line of a csv that is not empty, with the number of the line that they begin on."""
    reader, following = csv.reader(file), 1
    for fields in reader:
        line, following = following, reader.line_num + 1
        if fields:
            yield line, fields


def _read_csv(path: Path) -> Iterator[pa.RecordBatch]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    names = _check_header(path, header)
    types = {name: pa.float64() if name == "score" else pa.dictionary(pa.int32(), pa.string()) for name in names}
    yield from arrow_csv.open_csv(
        path, read_options=arrow_csv.ReadOptions(block_size=_BLOCK), parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(column_types=types, include_columns=names, null_values=[""]))


def _read_parquet(path: Path) -> Iterator[pa.RecordBatch]:
    schema = parquet.read_schema(path)
    names = _check_header(path, schema.names)
    for name in names:
        if pa.types.is_nested(schema.field(name).type):
            raise UserError(f"{shown(path)}, column {name!r}: found {schema.field(name).type}; expected one value on each row.")
    yield from parquet.ParquetFile(path, read_dictionary=names[:3]).iter_batches(PART, columns=names)


_READERS = {".csv": _read_csv, ".parquet": _read_parquet}


def _check_header(path: Path, header: list[str]) -> list[str]:
    """The columns of ours that there are; all but the scores have to be."""
    place = f"{shown(path)}{', line 1' if path.suffix == '.csv' else ''}"
    check_separator(",".join(header), COLUMNS, place)
    for name in COLUMNS[:3]:
        if header.count(name) != 1:
            raise UserError(f"{place}: column {name!r} {'occurs twice' if name in header else 'is missing'}; expected "
                            f"{', '.join(COLUMNS)}, the last only where tags have scores.")
    return [name for name in COLUMNS if name in header]


def _part(batch: pa.RecordBatch, start: int) -> Part:
    scored = np.zeros(len(batch), bool)
    scores = np.full(len(batch), np.nan)
    if "score" in batch.schema.names:
        column = batch.column("score").cast(pa.float64())
        scored = column.is_valid().to_numpy(zero_copy_only=False)
        scores = column.to_numpy(zero_copy_only=False)
    return Part(start, *(_words(batch.column(name)) for name in COLUMNS[:3]), scores, scored)


def _words(column: pa.Array) -> Words:
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    words = column.dictionary.cast(pa.string()).to_pylist()
    return Words(column.indices.fill_null(len(words)).to_numpy().astype(np.int64), [*words, ""])


def _explain(path: Path, error: Exception) -> str:
    """The first line that Arrow could not read, found by reading again, line by line."""
    said = " ".join(str(error).split())[:200]
    if path.suffix != ".csv":
        return f"{shown(path)}: cannot be read as {path.suffix[1:]} ({said})."
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        lines = _numbered(file)
        header = [name.removeprefix("\ufeff") for name in next(lines)[1]]
        for line, fields in lines:
            place = f"{shown(path)}, line {line}"
            if len(fields) != len(header):
                return f"{place}: found {len(fields)} fields; expected {len(header)}, one for each column."
            for name, text in zip(header, fields):
                if any("\udc80" <= sign <= "\udcff" for sign in text):
                    return f"{place}, column {name!r}: found bytes that are not UTF-8; expected a file saved as UTF-8."
                if name == "score" and text and not _is_number(text):
                    return f"{place}: the score {text!r} is not a number."
    return f"{shown(path)}: cannot be read ({said})."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
