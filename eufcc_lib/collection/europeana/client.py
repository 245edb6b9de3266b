"""Client of Europeana's Search and Entity APIs, which keeps to the rate limit and never shows the key.

What is retried and when is decided by `http`. What to search for is in `queries`; what is kept of the answers, in
`harvest`.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from ...core.errors import UserError
from ...core.text import read_json
from ..http import (
    Session,
    TooLarge,
    Transient,
    Window,
    asked_pause,
    duration,
    is_transient,
    open_url,
    read_pieces,
    read_window,
    retry,
)

BASE_URL = "https://api.europeana.eu"
KEY_VARIABLE = "EUROPEANA_API_KEY"
ROWS = 100
"""Items per page; the service silently cuts more."""

THUMBNAIL_V3 = re.compile(r"/thumbnail/v3/[0-9]+/([0-9a-f]{32})\.jpg")
"""Path of a thumbnail in version 3 of the service, by the MD5 of the original's url; 200 or 400 pixels wide."""

MASK = "APIKEY"
"""Replaces the key where an answer echoed it."""

_SHORTEST_KEY = 8  # characters; a shorter key would be found, and masked, inside ordinary words
_TRIES = 10  # the pauses between them add up to four to nine minutes
_TRIES_WITHOUT_JSON = 4  # a passing fault, or no API at all
_LONGEST_PAUSE = 86_400.0  # seconds; if the service asks for more, try again on another day
_MERGES = 5  # of concepts, followed one after the other
_KEY_FIELDS = {"apikey", "api_key", "wskey", "x-api-key"}
_KEY_PARAMETER = re.compile(r"([?&](?:wskey|apikey|api_key)=)[^&#\s]*", re.IGNORECASE)
_CAMPAIGN = re.compile(r"([?&]utm_campaign=)[^&#\s]*")
_ENTITY = re.compile(r"/((?:concept|agent|place|timespan|organization)/(?:base/)?\d+)(?:\.\w+)?/?(?:\?.*)?$")
_CONCEPT = re.compile(r"(?:https?://data\.europeana\.eu/concept/)?((?:base/)?\d+)")


@dataclass(frozen=True)
class Page:
    """One page of a search.

    Attributes:
        items: at most `ROWS`, as the service gives them, without the key.
        unnamed: items without an id, which are left out.
        total: number of items of the whole search; None if not reported.
        cursor: of the next page; None after the last.
        seconds: until the answer was complete, pauses before the request not counted.
    """

    items: tuple[dict, ...]
    unnamed: int
    total: int | None
    cursor: str | None
    seconds: float


@dataclass(eq=False)
class Client:
    """A connection for one thread.

    Attributes:
        key: the API key, which is never shown; None takes it from the environment variable EUROPEANA_API_KEY.
        base_url: where `/record` and `/entity` are served.
        wait: called with the seconds to wait.
        report: called with a sentence before each wait.
        window: the rate limit after the latest answer; None if none was reported.
    Raises:
        UserError: the key is missing or malformed, or `base_url` is not a URL.
    """

    key: InitVar[str | None] = None
    base_url: str = BASE_URL
    wait: Callable[[float], object] = field(default=time.sleep, repr=False)
    report: Callable[[str], object] | None = field(default=None, repr=False)
    window: Window | None = field(default=None, init=False)

    def __post_init__(self, key: str | None):
        self._key = (os.environ.get(KEY_VARIABLE, "") if key is None else key).strip()
        if not self._key:
            raise UserError(f"There is no API key: {KEY_VARIABLE} is not set; expected your key of Europeana in it.")
        if len(self._key) < _SHORTEST_KEY or not re.fullmatch(r"[!-~]+", self._key):
            raise UserError(f"The API key (from {KEY_VARIABLE}, or given) is not one; expected at least {_SHORTEST_KEY} "
                            "characters, all of them visible ASCII without spaces.")
        spellings = {self._key, quote(self._key, safe="")}
        self._masked = re.compile("|".join(map(re.escape, spellings)), re.IGNORECASE)
        self.base_url = self.base_url.rstrip("/")
        if not _origin(self.base_url) or set("?#@") & set(self.base_url):
            raise UserError(f"{self._clean(self.base_url)} is not a URL; expected a base url such as {BASE_URL}.")
        self._session = Session()
        self._ready = 0.0

    def __reduce__(self):
        raise TypeError("a client holds the API key and cannot be pickled; make another one where it is needed")

    def search(self, query: str, filters: Sequence[str] = (), cursor: str = "*", rows: int = ROWS) -> Page:
        """One page of the openly licensed items with a thumbnail that a query finds, in the order of their ids.

        Args:
            query: in the service's syntax (Lucene's); several words must all occur.
            filters: further conditions (`qf`), all of which must hold.
            cursor: "*" for the first page, then `Page.cursor`.
            rows: items per page, at most `ROWS`.
        Raises:
            UserError: the service refused the key or the query, is not a Search API, or gave no
                answer in several tries.
        """
        answer = self._ask("/record/v2/search.json", [
            ("query", query), *(("qf", text) for text in filters), ("reusability", "open"), ("thumbnail", "true"),
            ("profile", "standard"), ("sort", "europeana_id"), ("rows", rows), ("cursor", cursor)], f"query {query!r}")
        body = answer.body
        items, following, total = body.get("items", []), body.get("nextCursor"), body.get("totalResults")
        sound = body.get("success") is True and isinstance(items, list)
        if not sound or (items and not any(isinstance(item, dict) and "id" in item for item in items)):
            raise UserError(f"{self._clean(self.base_url)} gave an answer without 'success' or with items without an "
                            "'id'; expected a Search API of Europeana there.")
        if following is not None and not (isinstance(following, str) and following and following.isascii()):
            raise UserError(f"{self._clean(self.base_url)} gave {ascii(following)[:80]} as 'nextCursor'; expected the "
                            "text of a cursor. Run the same command again to resume.")
        named = tuple(item for item in items if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"])
        return Page(named, len(items) - len(named), total if type(total) is int and total >= 0 else None,
                    None if following == cursor else following, answer.seconds)

    def get_concept(self, concept: int | str) -> dict | None:
        """The description of a concept (prefLabel, altLabel, broader, exactMatch); None if it no longer exists.

        Args:
            concept: its number, `base/` and its number, or its URI at data.europeana.eu.
        Raises:
            UserError: it is none of these, or as in `search`.
        """
        found = _CONCEPT.fullmatch(str(concept))
        if not found:
            raise UserError(f"Concept {str(concept)!r} is not a concept of Europeana; expected a number or a URI such as "
                            "'http://data.europeana.eu/concept/84'.")
        path = f"concept/{found[1]}"
        for _ in range(_MERGES):
            answer = self._ask(f"/entity/{path}.json", [], f"entity {path!r}", absent=(404, 410))
            if answer.entity is None:
                break
            path = answer.entity  # it was merged into another one
        else:
            raise UserError(f"Concept {str(concept)!r} is redirected more than {_MERGES} times; expected a concept.")
        if answer.status == 200 and "id" not in answer.body:
            raise UserError(f"{self._clean(self.base_url)} gave an entity without an 'id'; expected an Entity API of "
                            "Europeana there.")
        return answer.body if answer.status == 200 else None

    def _ask(self, path: str, parameters: list, what: str, absent: tuple[int, ...] = ()) -> "_Answer":
        """An answer of status 200, of one in `absent`, or that redirects to an entity."""
        url = self.base_url + path
        try:
            return retry(lambda: self._ask_once(url, parameters, what, absent), _TRIES, hold=self._hold)
        except Transient as error:
            advice = "try again later" if error.tries == _TRIES else "expected an API of Europeana at the base url"
            raise UserError(f"{self._clean(url)} gave no answer in {error.tries} tries ({error}); {advice}.") from None
        except TooLarge as error:
            raise UserError(self._clean(str(error))) from None

    def _ask_once(self, url: str, parameters: list, what: str, absent: tuple[int, ...]) -> "_Answer":
        left, self._ready = self._ready - time.monotonic(), 0.0
        if left > 0:
            self._hold(left, "no requests are left in this window")
        start = time.monotonic()
        headers = {"X-Api-Key": self._key, "Accept": "application/json", "User-Agent": "eufcc_lib"}
        # Redirects are followed within the same host only, which has the key already.
        with open_url(self._session, url, params=parameters, headers=headers,
                      follow=lambda target: not _ENTITY.search(target) and _origin(target) == _origin(url)) as answer:
            body = self._body(b"".join(read_pieces(answer)))
        seconds = time.monotonic() - start
        self.window = read_window(answer.headers) or self.window
        status = _status(answer.status_code, body)
        words, pause = self._words(status, body), asked_pause(answer.headers, self._clean(self.base_url), _LONGEST_PAUSE)
        if is_transient(status):
            raise Transient(words, pause)
        self._ready = start + seconds + pause
        if 300 <= status < 400:
            target = urljoin(answer.url, answer.headers.get("Location", ""))
            entity = _ENTITY.search(target)
            if entity:
                return _Answer(status, {}, seconds, entity[1])
            raise UserError(f"{self._clean(url)} redirects to {self._clean(target)}, where the key is not sent; "
                            "expected an answer there, or the other address as the base url.")
        if status == 200 and body is None:
            raise Transient("the answer is not JSON", tries=_TRIES_WITHOUT_JSON)
        # A 404 that is a web page comes from a wrong base url, and says nothing about an entity.
        if status != 200 and (status not in absent or body is None):
            raise UserError(_refusal(status, body or {}, words, self._clean(url), self._clean(what)))
        return _Answer(status, body, seconds)

    def _hold(self, seconds: float, why: str) -> None:
        if self.report:
            self.report(f"{why}; resuming in {duration(seconds)}")
        self.wait(seconds)

    def _body(self, content: bytes) -> dict | None:
        try:
            body = read_json(content)
            return _scrubbed(body, self._clean) if isinstance(body, dict) else None
        except (ValueError, RecursionError):
            return None

    def _clean(self, text: str) -> str:
        return _KEY_PARAMETER.sub(rf"\g<1>{MASK}", self._masked.sub(MASK, text))

    def _words(self, status: int, body: dict | None) -> str:
        """The status and what the service says about it, on one line; both shapes of its errors have these fields."""
        fields = (str((body or {}).get(name) or "") for name in ("code", "error", "message"))
        said = ", ".join(dict.fromkeys(" ".join(text.split())[:300] for text in fields if text.strip()))
        return f"HTTP status {status}" + (f": {said}" if said else "")


@dataclass(frozen=True)
class _Answer:
    status: int
    body: dict
    seconds: float
    entity: str | None = None  # as "concept/84", where it redirects to one


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None if `url` is not a URL of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _status(status: int, body: dict | None) -> int:
    """HTTP's status; where that is 200 and the body says failure, the body's own, or 400."""
    if status != 200 or body is None or body.get("success") is not False:
        return status
    own = re.match("[45][0-9]{2}", str(body.get("status") or body.get("code") or ""))
    return int(own[0]) if own else 400


def _refusal(status: int, body: dict, words: str, url: str, what: str) -> str:
    code = str(body.get("code") or "")
    if status == 401 or code in ("400-AM", "410-AD"):
        return f"{url} refused the API key ({words}); expected a valid key in {KEY_VARIABLE}."
    if status == 403:
        return f"{url} does not accept this API key ({words}); expected a key with the right to use this service."
    if status == 404:
        return f"{url} is not there ({words}); expected an API of Europeana at the base url."
    return f"{url} refused {what} ({words}); expected a request that it can answer."


def _scrubbed(value: object, clean: Callable[[str], str], name: str = "") -> object:
    """The same JSON value without the key: in its own fields, in addresses, and wherever its text occurs."""
    if isinstance(value, str):
        if name.lower() in _KEY_FIELDS:
            return MASK
        return clean(_CAMPAIGN.sub(rf"\g<1>{MASK}", value) if name == "guid" else value)
    if isinstance(value, list):
        return [_scrubbed(element, clean, name) for element in value]
    if isinstance(value, dict):
        return {clean(key): _scrubbed(element, clean, key) for key, element in value.items()}
    return value
