"""The collections as queries to Europeana: `queries.csv`, one row each, for a curator to read and change.

What the paper says (section 3, "Keyword Searches and Filtering"): keywords of broad collections
were searched, such as "Furniture", "Tool" and "Costume"; only openly licensed items with a
thumbnail were kept; "Photography" and "Painting" were excluded and considered separately.

What it leaves open, and what is chosen here:

- The 17 collections are the prefixes of the published ids (`furniture_004711`). The keywords are
  the same words; where a name has two or three, they are searched as a phrase in quotes.
- `TYPE:IMAGE` leaves out texts, sounds and films, of which the thumbnail shows no object.
- Photography and Painting are simply no collections. Single paintings stay in where another
  keyword finds them, as they do in the published data: the paper's own examples have the tags
  "painting" and "easel painting". The filter `-what:(painting OR photograph)` would take them out.
- A keyword searches all text of an item, so "furniture" also finds an engraving after a chair.
  `what:furniture` would search the kinds, formats, media, subjects and concepts alone.

Licence and thumbnail are asked for by `client`, with every query.
"""

import csv
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import UserError, unknown
from ...core.paths import ROOT, resolve

COLUMNS = ("collection", "query", "filters")
QUERIES = Path(__file__).with_name("queries.csv")

_SEPARATOR = ";"
_NAME = re.compile("[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Query:
    """What makes one collection.

    Attributes:
        collection: its name; record ids and files start with it.
        query: in the syntax of Europeana's Search API.
        filters: further conditions, all of which must hold.
    """

    collection: str
    query: str
    filters: tuple[str, ...] = ()

    def __str__(self) -> str:
        """
        >>> print(Query("toy", "toy", ("TYPE:IMAGE",)))
        toy & TYPE:IMAGE
        """
        return " & ".join((self.query, *self.filters))


def read_queries(path: str | os.PathLike | None = None) -> tuple[Query, ...]:
    """Read a table of queries; by default the 17 collections of the paper.

    Args:
        path: a csv file with the columns collection, query and filters (several are separated
            by `;`), in any order; further columns are the curator's own.
    Raises:
        UserError: naming file, line and column. The file is missing, empty, not UTF-8 or broken;
            a column is missing; a row is short or long; a query is empty; a collection's name is
            used twice or is more than lower-case letters, digits and underscores.
    """
    path = QUERIES if path is None else resolve(path)
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    queries = {}
    for line, row in _read_rows(path, shown):
        name, query = row["collection"], row["query"]
        if not _NAME.fullmatch(name):
            raise UserError(f"{shown}, line {line}, column 'collection': found {name!r}; expected lower-case letters, "
                            "digits and underscores, such as 'stained_glass'.")
        if name in queries:
            raise UserError(f"{shown}, line {line}, column 'collection': {name!r} occurs twice; expected one row a "
                            "collection.")
        if not query:
            raise UserError(f"{shown}, line {line}, column 'query': found nothing; expected what to search for.")
        filters = tuple(text.strip() for text in row["filters"].split(_SEPARATOR)) if row["filters"] else ()
        if not all(filters):
            raise UserError(f"{shown}, line {line}, column 'filters': empty filter in {row['filters']!r}; expected "
                            f"filters separated by '{_SEPARATOR}'.")
        queries[name] = Query(name, query, filters)
    if not queries:
        raise UserError(f"{shown} has no queries; expected one row a collection below the header.")
    return tuple(queries.values())


def select(queries: Iterable[Query], names: Sequence[str]) -> tuple[Query, ...]:
    """The queries of these collections, in the table's order.

    Raises:
        UserError: a name is in no row.
    """
    queries = tuple(queries)
    known = [query.collection for query in queries]
    for name in names:
        if name not in known:
            raise unknown("collection", name, known)
    return tuple(query for query in queries if query.collection in names)


def _read_rows(path: Path, shown: Path) -> list[tuple[int, dict[str, str]]]:
    """Each row's first line, as an editor counts, and its cells without outer spaces."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header, rows, following = None, [], 1
            for fields in reader:
                line, following = following, reader.line_num + 1
                if not any(fields):
                    continue
                fields = [field.strip() for field in fields]
                if header is None:
                    header = fields
                    _check_header(header, f"{shown}, line {line}")
                elif len(fields) != len(header):
                    raise UserError(f"{shown}, line {line}: found {len(fields)} fields; expected {len(header)}, one "
                                    "for each column.")
                else:
                    rows.append((line, dict(zip(header, fields))))
    except OSError as error:
        raise UserError(f"{shown} cannot be read ({error.strerror}); expected a csv file of queries.") from None
    except UnicodeDecodeError:
        raise UserError(f"{shown} is not UTF-8; expected a csv file of queries in UTF-8.") from None
    except csv.Error as error:
        raise UserError(f"{shown}, line {following}: broken quoting ({error}); expected quotes in pairs around a "
                        "field, and doubled within.") from None
    return rows


def _check_header(header: list[str], place: str) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing or len(set(header)) < len(header):
        raise UserError(f"{place}: found the columns {', '.join(header)}; expected {', '.join(COLUMNS)}, each once.")
