"""Asking servers for files: many workers, one pace, and an answer or the reason why there is none.

Proxies and certificates come from the environment, redirects are followed, and a server that asks
for a pause gets it from all workers. What an answer is worth is `pictures`.
"""

import ctypes
import email.utils
import fcntl
import mmap
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.certs import where
from urllib3.exceptions import HTTPError, LocationValueError, ProtocolError, TimeoutError

from ...core.errors import UserError
from ...data.images.decoding import MAX_PIXELS
from ..http import read_window
from .checks import Unkept

GIVE_UP = 100
"""Thumbnails that fail in a row before a server is left alone."""

_HEADERS = {"User-Agent": f"eufcc_lib urllib3/{urllib3.__version__}", "Accept": "image/*", "Accept-Encoding": "identity"}
_REDIRECTS = 5
_SLOW_DOWN = {429, 503}
_LONGEST_PAUSE = 3600  # seconds
_LEAST_RATE = 0.1  # requests a second
_ROUND = 50  # requests, in which the rate is halved at most once
_DOUBLED_BY = 30  # good answers; fewer than in a round a third of which is refused, so that the rate then holds
_PIECE = 1 << 16


@dataclass(frozen=True)
class Limits:
    """How hard to try, and what is too large to be a thumbnail.

    Attributes:
        tries: requests for one thumbnail in one run.
        pause: seconds before the second try, doubled before each further one, and spread at random.
        timeout: seconds of silence that count as no answer; a whole answer may take four times as long.
        max_bytes: a longer file is not read to its end.
        max_pixels: a larger picture is refused by its header, before it is decoded.
    """

    tries: int = 5
    pause: float = 1.0
    timeout: float = 30.0
    max_bytes: int = 20_000_000
    max_pixels: int = MAX_PIXELS


USUAL = Limits()


class Stopped(Exception):
    """The run ends; what a worker is at is left."""


class _State(ctypes.Structure):
    """A pace's state: moments in seconds of the clock, rates in requests a second, and counts."""

    _fields_ = [("start", ctypes.c_double), ("next", ctypes.c_double), ("rate", ctypes.c_double),
                ("ceiling", ctypes.c_double), ("sent", ctypes.c_int64), ("slowed", ctypes.c_int64),
                ("failed", ctypes.c_int64), ("over", ctypes.c_bool)]


class Pace:
    """When the next request may leave, for all workers together, also where they are several processes.

    Its state lies in a nameless file, which another process can be handed.

    Attributes:
        file: the descriptor of that file.
        stop: set to end all waiting in this process.
    """

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic,
                 wait: Callable[[float], object] | None = None):
        file, path = tempfile.mkstemp()
        os.unlink(path)
        os.truncate(file, ctypes.sizeof(_State))
        self._open(file, clock, wait)
        self._state.next = clock()
        self._state.rate = self._state.ceiling = rate or float("inf")
        self._state.slowed = -_ROUND

    @classmethod
    def of(cls, file: int) -> "Pace":
        """The pace of the process that handed the file on."""
        pace = cls.__new__(cls)
        pace._open(file, time.monotonic, None)
        return pace

    def _open(self, file: int, clock: Callable[[], float], wait: Callable[[float], object] | None) -> None:
        self.file, self.stop, self._turn = file, threading.Event(), threading.Lock()
        self._clock, self._wait = clock, wait or self.stop.wait
        self._state = _State.from_buffer(mmap.mmap(file, ctypes.sizeof(_State)))
        weakref.finalize(self, os.close, file)

    @property
    def sent(self) -> int:
        """Requests so far."""
        return self._state.sent

    def wait(self) -> float:
        """Wait for a place; the moment it came."""
        while not self.stop.is_set():
            with self._alone() as state:
                if state.over:
                    break
                now = self._clock()
                if now >= state.next:
                    state.start = state.start if state.sent else now
                    state.next = max(state.next, now - 1 / state.rate) + 1 / state.rate
                    state.sent += 1
                    return now
                pause = state.next - now
            self._wait(pause)
        raise Stopped

    def heed(self, status: int, headers: Mapping[str, str], url: str) -> None:
        """Go slower or faster after an answer, and pause for all if it asks for that.

        Raises:
            UserError: it asks for a pause of over an hour.
        """
        slow, pause = status in _SLOW_DOWN, asked_pause(headers)
        if not (slow or pause or self._state.rate < self._state.ceiling):
            return
        if pause > _LONGEST_PAUSE:
            raise UserError(f"{url} asks for a pause of {pause:.0f} seconds; the same call goes on from here later.")
        with self._alone() as state:
            now = self._clock()
            state.next = max(state.next, now + pause)
            if not slow:
                state.rate = min(state.rate * 2 ** (1 / _DOUBLED_BY), state.ceiling)
            elif state.sent >= state.slowed + _ROUND:  # those under way were sent at the old rate, and tell nothing new
                rate = state.rate if state.rate < float("inf") else state.sent / max(now - state.start, 1e-3)
                state.rate, state.slowed = max(rate / 2, _LEAST_RATE), state.sent

    def count(self, failed: bool) -> bool:
        """Whether this makes too many thumbnails that failed in a row: then no request leaves any more.

        The workers count, each before its next request, so that none of them can run ahead.
        """
        with self._alone() as state:
            state.failed = state.failed + 1 if failed else 0
            state.over = state.over or state.failed == GIVE_UP
            return state.failed == GIVE_UP

    def end(self) -> None:
        """No request leaves any more."""
        with self._alone() as state:
            state.over = True
        self.stop.set()

    @contextmanager
    def _alone(self) -> Iterator[_State]:
        """The state, for one thread of one process at a time; a process that is killed lets go of it."""
        with self._turn:
            fcntl.lockf(self.file, fcntl.LOCK_EX)
            try:
                yield self._state
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN)


def asked_pause(headers: Mapping[str, str]) -> float:
    """Seconds, from Retry-After (a number or a date), or to the end of a rate limit's window that is used up."""
    asked, window = headers.get("Retry-After", "").strip(), read_window(headers)
    try:
        if asked.isascii() and asked.isdigit():
            return float(asked)
        if asked:
            return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    except ValueError:
        pass
    return float(window.reset) if window and window.left == 0 else 0.0


class Connections:
    """One worker's open connections."""

    def __init__(self, limits: Limits, pace: Pace):
        self._limits, self._pace, self._managers = limits, pace, {}
        self._timeout = urllib3.Timeout(connect=limits.timeout, read=limits.timeout)

    def get(self, url: str) -> bytes:
        """The body of the answer, which has status 200.

        Raises:
            Unkept: there is no such answer; `again` where another try may bring one.
            Stopped: the run ended before the request was sent.
            UserError: the server asks for a pause of over an hour.
        """
        body_begun = False
        try:
            answer, sent = self._open(url)
            with answer:
                self._pace.heed(answer.status, answer.headers, url)
                if answer.status == 200:
                    body_begun = True
                    return _body(answer, self._limits, sent + 4 * self._limits.timeout)
                with suppress(HTTPError):  # read to its end, an answer leaves the connection open for the next
                    answer.read(_PIECE)
                raise _refusal(answer.status)
        except LocationValueError:
            raise Unkept("not a web address") from None
        except TimeoutError:
            raise Unkept("no answer in time", "failed", again=True) from None
        except HTTPError as error:
            cut = body_begun and isinstance(error, ProtocolError)
            raise Unkept("cut body" if cut else "connection failed", "failed", again=True) from None

    def close(self) -> None:
        for manager in self._managers.values():
            manager.clear()

    def _open(self, url: str) -> tuple[urllib3.BaseHTTPResponse, float]:
        """The answer that is no redirect, and when it was asked for; each redirect is a request, and waits for its place."""
        for _ in range(_REDIRECTS + 1):
            sent = self._pace.wait()
            answer = self._manager(url).urlopen("GET", url, headers=_HEADERS, timeout=self._timeout, retries=False,
                                                redirect=False, preload_content=False)
            target = answer.get_redirect_location()
            if not target:
                return answer, sent
            answer.close()
            url = urljoin(url, target.encode("latin-1").decode("utf-8", "replace"))
        raise Unkept("too many redirects")

    def _manager(self, url: str) -> urllib3.PoolManager:
        route = _route("/".join(url.split("/", 3)[:3]))
        if route not in self._managers:
            proxy, certificates = route
            adapter = HTTPAdapter(pool_maxsize=1)
            adapter.init_poolmanager(10, 1, ca_certs=certificates)
            self._managers[route] = adapter.proxy_manager_for(proxy, ca_certs=certificates) if proxy else adapter.poolmanager
        return self._managers[route]


@lru_cache(1024)
def _route(origin: str) -> tuple[str | None, str]:
    """Proxy and file of certificates for `https://host`, by the environment's variables that requests knows."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        raise LocationValueError from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise LocationValueError
    url = f"{parts.scheme}://{parts.netloc}"
    settings = requests.Session().merge_environment_settings(url, {}, True, None, None)
    proxy = requests.utils.select_proxy(url, settings["proxies"])
    return (requests.utils.prepend_scheme_if_needed(proxy, "http") if proxy else None,
            where() if settings["verify"] is True else settings["verify"])


def _body(answer: urllib3.BaseHTTPResponse, limits: Limits, deadline: float) -> bytes:
    length, data = answer.headers.get("Content-Length", ""), bytearray()
    too_long = Unkept(f"more than {limits.max_bytes} bytes", code=200)
    if length.isdecimal() and int(length) > limits.max_bytes:
        raise too_long
    while piece := answer.read1(_PIECE, decode_content=True):  # what has come by now: a trickle must not outlast the deadline
        data += piece
        if len(data) > limits.max_bytes:
            raise too_long
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(data)


def _refusal(code: int) -> Unkept:
    reason = f"HTTP status {code}"
    if code in (404, 410):
        return Unkept(reason, "missing", code=code)
    if code in (401, 403):  # more of the same would not be welcome, but it may not be for ever
        return Unkept(reason, "failed", code=code)
    if code in (408, 425, 429) or code >= 500:
        return Unkept(reason, "failed", again=True, code=code)
    return Unkept(reason, code=code)
