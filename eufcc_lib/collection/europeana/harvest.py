"""Harvest records from Europeana's API to disk, item by item, as the service gives them.

`eufcc harvest FOLDER` can be stopped at any moment; the same command resumes, and loses and repeats nothing. Items
become records in `aat.mapping`; images are fetched by `thumbnails`.
"""

import gzip
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from zlib import error as ZlibError

import pandas as pd
from filelock import FileLock, Timeout
from tqdm import tqdm

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.paths import atomic, resolve
from ...core.text import read_json
from ..http import Window, duration
from .client import BASE_URL, ROWS, Client, Page
from .queries import Query, read_queries, select

REQUESTS_PER_HOUR = 1000
"""Limit of a personal key in the service's published code; used where no answer reports another."""

_BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} items{postfix}"


@dataclass(frozen=True)
class State:
    """Progress of the harvest of one collection; `<collection>.state.json` beside its items.

    Attributes:
        collection, query, filters: what is harvested.
        service: the host; `this machine` for any port of a loopback address.
        cursor: of the next page.
        bytes: length of `<collection>.jsonl.gz`; anything after it is from an unfinished page.
        items: lines in that file.
        repeated: items that the service gave again, and that were not kept again.
        unnamed: items without an id, which were not kept.
        total: number of items that the service counted; None before its first answer.
        done: there is no next page.
    """

    collection: str
    query: str
    filters: tuple[str, ...]
    service: str
    cursor: str = "*"
    bytes: int = 0
    items: int = 0
    repeated: int = 0
    unnamed: int = 0
    total: int | None = None
    done: bool = False

    @property
    def given(self) -> int:
        """Items that the service gave."""
        return self.items + self.repeated + self.unnamed

    @property
    def missing(self) -> int:
        """Items that the service counted at the end and did not give."""
        return max(0, (self.total or 0) - self.given) if self.done else 0


def harvest(client: Client, queries: Sequence[Query], folder: str | os.PathLike, limit: int | None = None,
            progress: bool = True) -> tuple[State, ...]:
    """Harvest each collection into `<folder>/<collection>.jsonl.gz`, from where an earlier call stopped.

    A line is `{"collection", "query", "date", "item"}`: the item as the service gave it (`text.writable`), without
    the key, and when (UTC). No collection has an item id twice; two collections may share one.

    Args:
        client: the service.
        queries: one per collection.
        folder: of the raw items.
        limit: maximum number of items per collection, those of earlier calls included.
        progress: show items, requests left and the time to go.
    Returns:
        The state of each collection, in the order of `queries`.
    Raises:
        UserError: the folder holds another query's items, is damaged, in use or cannot be
            written, `limit` is less than 1, or the service refused or did not answer (`Client.search`).
    """
    if limit is not None and limit < 1:
        raise UserError(f"limit: found {limit}; expected at least one item per collection.")
    folder = resolve(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            for part in folder.glob(".*.state.json.*.part"):
                part.unlink()  # left by a process that was killed
            states = [_start(query, folder, _service(client.base_url)) for query in queries]  # all are checked before the first request
            return tuple(_harvest_collection(client, state, folder, limit, progress) for state in states)
    except Timeout:
        raise UserError(f"{folder} is being harvested by another process; expected one at a time.") from None
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror}); expected a folder with room for the "
                        "harvest.") from None


def read_items(folder: str | os.PathLike, queries: Sequence[Query] | None = None) -> Iterator[dict]:
    """The harvested lines of all collections, each item id once: that of the first collection that has it.

    Each line also has its `position` in the file of its collection, which does not change when others grow.

    Args:
        folder: as given to `harvest`, which may still be unfinished.
        queries: the order of the collections; by default the paper's table. Other collections follow by name.
    Raises:
        UserError: there is no harvest in the folder, or a file is damaged.
    """
    folder = resolve(folder)
    order = [query.collection for query in (read_queries() if queries is None else queries)]
    names = sorted(path.name.removesuffix(".state.json") for path in folder.glob("*.state.json"))
    if not names:
        raise UserError(f"{folder} holds no harvest; expected files <collection>.state.json and <collection>.jsonl.gz.")
    seen = set()
    for name in sorted(names, key=lambda name: order.index(name) if name in order else len(order)):
        for position, line in enumerate(_read_lines(folder, _read_state(folder, name))):
            if line["item"]["id"] not in seen:
                seen.add(line["item"]["id"])
                yield line | {"position": position}


def plan(client: Client, queries: Sequence[Query], limit: int | None = None) -> pd.DataFrame:
    """The requests and hours that a harvest would take, at the cost of one request per query; arguments as for `harvest`.

    Returns:
        One row per query: collection, query, items, requests, and hours at the key's limit (slower
        answers take longer). `attrs["requests_per_hour"]` is the limit that the service reports, else `REQUESTS_PER_HOUR`.
    Raises:
        UserError: the service refused, did not answer (`Client.search`), or did not count the items.
    """
    items = []
    for query in queries:
        total = client.search(query.query, query.filters, rows=1).total
        if total is None:
            raise UserError(f"{client.base_url} gave no 'totalResults' for {query}; expected the number of items.")
        items.append(total if limit is None else min(total, limit))
    window = client.window
    known = window and window.quota and window.seconds
    requests_per_hour = window.quota * 3600 / window.seconds if known else REQUESTS_PER_HOUR
    table = pd.DataFrame({"collection": [query.collection for query in queries], "query": list(map(str, queries)),
                          "items": items, "requests": list(map(_requests, items))})
    table["hours"] = table["requests"] / requests_per_hour
    table.attrs["requests_per_hour"] = requests_per_hour
    return table


def seconds_to_go(requests: int, window: Window | None, pace: float) -> float:
    """Seconds that this many requests take at `pace` seconds each, with the pauses for the rate limit.

    >>> seconds_to_go(10, Window(left=50, reset=1800, quota=1000, seconds=3600), pace=2.0)
    20.0
    >>> seconds_to_go(1060, Window(left=50, reset=1800, quota=1000, seconds=3600), pace=2.0)  # 50, then 1000, then 10
    5420.0
    """
    if window is None or requests <= window.left or not window.quota or not window.seconds:
        return requests * pace
    full_windows, last = divmod(requests - window.left - 1, window.quota)
    return max(requests * pace, window.reset + full_windows * window.seconds + (last + 1) * pace)


def _requests(items: int) -> int:
    return math.ceil(items / ROWS) + 1  # only an empty page shows that the one before was the last


def _service(base_url: str) -> str:
    host = urlsplit(base_url).hostname or base_url
    return "this machine" if host in ("127.0.0.1", "localhost", "::1") else host


def _start(query: Query, folder: Path, service: str) -> State:
    """The state to resume from; the file of items is cut to the length in the state."""
    path, state_path = _paths(folder, query.collection)
    if not state_path.exists():
        if path.exists():
            raise UserError(f"{path} is there without {state_path.name}; expected both, or neither.")
        state = State(query.collection, query.query, query.filters, service)
        _write_state(folder, state)
        return state
    state = _read_state(folder, query.collection)
    found = Query(state.collection, state.query, state.filters)
    if found != query:
        raise UserError(f"{state_path} is of the query '{found}', not of '{query}'; expected the same query, or "
                        "another folder.")
    if state.service != service:
        raise UserError(f"{state_path} is of {state.service}, not of {service}; expected the same service, or another "
                        "folder.")
    if path.exists():
        with open(path, "r+b") as file:
            file.truncate(state.bytes)
    return state


def _harvest_collection(client: Client, state: State, folder: Path, limit: int | None, progress: bool) -> State:
    most = math.inf if limit is None else limit
    seen = {line["item"]["id"] for line in _read_lines(folder, state)} if not state.done and state.items < most else set()
    seconds, pages = 0.0, 0
    with tqdm(desc=state.collection, total=state.total, initial=state.items, bar_format=_BAR, disable=not progress,
              file=sys.stdout) as bar:
        while not state.done and state.items < most:
            page = _next_page(client, state, min(ROWS, most - state.items))
            state = _append(folder, state, page, seen)
            seconds, pages = seconds + page.seconds, pages + 1
            bar.total = state.total if limit is None else min(limit, state.total or limit)
            bar.set_postfix_str(_outlook(state, bar.total, client.window, seconds / pages), refresh=False)
            bar.n = state.items
            bar.refresh()
    return state


def _next_page(client: Client, state: State, rows: int) -> Page:
    page = client.search(state.query, state.filters, state.cursor, rows)
    if (page.cursor is None or not page.items) and state.given + len(page.items) + page.unnamed < (page.total or 0):
        # The end came too early: a passing fault, or items that were added before the cursor, for which once is enough.
        page = client.search(state.query, state.filters, state.cursor, rows)
    if page.cursor not in (None, state.cursor) and not page.items and not page.unnamed:
        raise UserError(f"{client.base_url} gave an empty page of '{state.query}' after {state.items:,} items, and says that "
                        "there are more; run the same command again to resume.")
    return page


def _append(folder: Path, state: State, page: Page, seen: set[str]) -> State:
    """Keep the page's new items; they are on disk before the state includes them."""
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query, size, lines = str(Query(state.collection, state.query, state.filters)), state.bytes, []
    for item in page.items:
        if item["id"] not in seen:  # else an item moved from one page to the next
            seen.add(item["id"])
            lines.append(json.dumps({"collection": state.collection, "query": query, "date": date, "item": item}))
    if lines:
        with open(_paths(folder, state.collection)[0], "ab") as file:
            file.write(gzip.compress("".join(line + "\n" for line in lines).encode(), compresslevel=6))
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
    state = replace(state, cursor=page.cursor or state.cursor, bytes=size, items=state.items + len(lines),
                    repeated=state.repeated + len(page.items) - len(lines), unnamed=state.unnamed + page.unnamed,
                    total=state.total if page.total is None else page.total,
                    done=page.cursor in (None, state.cursor))
    _write_state(folder, state)
    return state


def _outlook(state: State, total: int | None, window: Window | None, pace: float) -> str:
    left = f"requests left {window.left:,}" + (f" of {window.quota:,}" if window.quota else "") if window else ""
    to_go = 0 if state.done or total is None else max(0, total - state.items)
    ahead = duration(seconds_to_go(_requests(to_go), window, pace)) + " to go" if to_go else ""
    return ", ".join(filter(None, (left, ahead)))


def _paths(folder: Path, collection: str) -> tuple[Path, Path]:
    return folder / f"{collection}.jsonl.gz", folder / f"{collection}.state.json"


def _write_state(folder: Path, state: State) -> None:
    with atomic(_paths(folder, state.collection)[1]) as temporary:
        temporary.write_text(json.dumps(asdict(state), indent=1) + "\n", encoding="utf-8")


def _read_state(folder: Path, collection: str) -> State:
    items, path = _paths(folder, collection)
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        state = State(**(fields | {"filters": tuple(fields["filters"])}))
        if min(state.bytes, state.items, state.repeated, state.unnamed) < 0:
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise UserError(f"{path} is damaged; expected the state of a harvest.") from None
    size = items.stat().st_size if items.exists() else 0
    if size < state.bytes:
        raise UserError(f"{items} has {size:,} bytes; expected {state.bytes:,}, as its state says. Remove both to harvest "
                        "the collection again.")
    return state


def _read_lines(folder: Path, state: State) -> Iterator[dict]:
    path = _paths(folder, state.collection)[0]
    if not state.bytes:
        return
    with open(path, "rb") as file:
        kept = BytesIO(file.read(state.bytes))
    number = 0
    try:
        with gzip.open(kept) as lines:
            for line in lines:
                entry = read_json(line)
                if not isinstance(entry["item"]["id"], str):
                    raise TypeError
                yield entry
                number += 1
    except (OSError, EOFError, ZlibError, ValueError, TypeError, KeyError):
        raise UserError(f"{path}, line {number + 1}: damaged; expected an item of the harvest.") from None
    if number != state.items:
        raise UserError(f"{path} has {number:,} items; expected {state.items:,}, as its state says.")


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("harvest", __doc__.splitlines()[0],
                        reads="Europeana's Search API, with the key in the environment variable EUROPEANA_API_KEY",
                        writes="FOLDER/<collection>.jsonl.gz and FOLDER/<collection>.state.json",
                        example="eufcc harvest data/raw --collection toy --limit 500")
    parser.add_argument("folder", metavar="FOLDER", help="where the raw items are kept")
    parser.add_argument("--base-url", default=BASE_URL, help="where the API is served (default: %(default)s)")
    parser.add_argument("--queries", metavar="FILE.csv", help="a table of queries in place of the paper's")
    parser.add_argument("--collection", nargs="+", default=[], help="only these collections")
    parser.add_argument("--limit", type=int, help="maximum number of items per collection")
    parser.add_argument("--dry-run", action="store_true", help="only show the requests and hours it would take")
    options = parser.parse_args(arguments)
    queries = read_queries(options.queries)
    queries = select(queries, options.collection) if options.collection else queries
    client = Client(base_url=options.base_url, report=tqdm.write)
    if options.dry_run:
        table = plan(client, queries, options.limit)
        print(table.to_string(index=False, formatters={"hours": "{:.2f}".format}))
        print(f"{table['items'].sum():,} items in {table['requests'].sum():,} requests, {table['hours'].sum():.2f} "
              f"hours at {table.attrs['requests_per_hour']:,.0f} requests per hour.")
        return
    for state in harvest(client, queries, options.folder, options.limit):
        print(f"{state.collection}: {state.items:,} items, {'whole' if state.done else 'not whole yet'}"
              + (f"; {state.repeated:,} were repeated" if state.repeated else "")
              + (f"; {state.unnamed:,} had no id and were not kept" if state.unnamed else "")
              + (f"; {state.missing:,} were counted by the service and not given" if state.missing else ""))
