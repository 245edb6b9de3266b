"""The collections as queries to Europeana: `queries.csv`, one row each, for a curator to read and change.

What the paper says (section 3, "Keyword Searches and Filtering"): keywords of broad collections
were searched, such as "Furniture", "Tool" and "Costume"; only openly licensed items with a
thumbnail were kept; "Photography" and "Painting" were excluded and considered separately.

What it leaves open, and what is chosen here:

- The 17 collections are the prefixes of the published ids (`furniture_004711`). The keywords are
  the same words; names of two or three words are searched as a phrase in quotes.
- `TYPE:IMAGE` leaves out texts, sounds and films, whose thumbnails show no object.
- Photography and Painting are not queried. Single paintings found by another keyword are kept, as in the
  published data: the paper's own examples have the tags "painting" and "easel painting". The filter
  `-what:(painting OR photograph)` would remove them.
- A keyword searches all text of an item, so "furniture" also finds an engraving of a chair.
  `what:furniture` would search only the kinds, formats, media, subjects and concepts.

`client` adds licence and thumbnail to every query.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.csv_tables import read_rows
from ...core.errors import UserError, unknown

COLUMNS = ("collection", "query", "filters")
QUERIES = Path(__file__).with_name("queries.csv")

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
        path: a csv file with the columns collection, query and filters (separated by `;`), in any order; further
            columns are ignored.
    Raises:
        UserError: naming file, line and column. The file has no queries, or is not such a table (`read_rows`);
            a query is empty; a collection's name is used twice or is more than lower-case letters, digits and
            underscores.
    """
    path, queries = QUERIES if path is None else path, {}
    for place, cells in read_rows(path, COLUMNS, "queries", extra=True):
        name, query, filters = (cell.strip() for cell in cells)
        filters = tuple(text.strip() for text in filters.split(";")) if filters else ()
        if not _NAME.fullmatch(name):
            raise UserError(f"{place}, column 'collection': found {name!r}; expected lower-case letters, digits and "
                            "underscores, such as 'stained_glass'.")
        if name in queries:
            raise UserError(f"{place}, column 'collection': {name!r} occurs twice; expected one row per collection.")
        if not query:
            raise UserError(f"{place}, column 'query': found nothing; expected what to search for.")
        if not all(filters):
            raise UserError(f"{place}, column 'filters': found an empty filter; expected filters separated by ';'.")
        queries[name] = Query(name, query, filters)
    if not queries:
        raise UserError(f"{path} has no queries; expected one row per collection below the header.")
    return tuple(queries.values())


def select(queries: Iterable[Query], names: Sequence[str]) -> tuple[Query, ...]:
    """The queries of these collections, in the table's order; `UserError` for a name that is in no row."""
    known = {query.collection: query for query in queries}
    for name in names:
        if name not in known:
            raise unknown("collection", name, known)
    return tuple(query for name, query in known.items() if name in names)
