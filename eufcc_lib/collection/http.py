"""Requests to servers: one rule for what is retried and when, for the pauses that servers ask for, and for the rate.

Each answer is bounded in time and size, headers included. Proxies and certificates come from the environment, as
requests reads them. What an answer is worth is decided by `official`, `europeana.client` and `thumbnails.download`.
"""

import io
import math
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse, parse_headers
from typing import TypeVar
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, exceptions

from ..core.errors import UserError

GIVE_UP = 100
"""Failures in a row, of different requests, after which a `Pace` leaves the server alone."""

MOST_BYTES = 20_000_000
"""Of an answer, unless a caller knows better: a page of a hundred items or a thumbnail has less than a tenth."""

PIECE = 1 << 16
"""Bytes that are read at a time."""

_REDIRECTS = 5
_BOUNDS: ContextVar[tuple[float, int]] = ContextVar("bounds")  # of this thread's answer: its end by the clock, its bytes

_REASONS = ((requests.exceptions.SSLError, "the certificate was not accepted"),
            ((requests.Timeout, exceptions.TimeoutError), "no answer in time"),
            ((requests.exceptions.ChunkedEncodingError, exceptions.ProtocolError), "the connection was cut"),
            (requests.ConnectionError, "the connection failed"),
            (Exception, "the answer cannot be unpacked"))

_SLOW_DOWN = {429, 503}
_LOWEST_RATE = 0.1  # requests per second
_ROUND = 50  # requests, in which the rate is halved at most once
_DOUBLED_BY = 30  # good answers; fewer than in a round a third of which is refused, so that the rate then holds

Answer = TypeVar("Answer")


class Transient(Exception):
    """A failure that another try may mend.

    Attributes:
        pause: seconds that the server asks to wait.
        code: HTTP status, if there was an answer.
        tries: failures in a row after which to give up; None leaves it to `retry`.
        progress: whether this try brought something all the same, so that failures are counted from the start.
    """

    progress = False

    def __init__(self, reason: str, pause: float = 0.0, code: int | None = None, tries: int | None = None):
        super().__init__(reason)
        self.pause, self.code, self.tries = pause, code, tries


class BadUrl(UserError):
    """A URL that nothing can be requested from."""


class TooLarge(UserError):
    """An answer of more bytes than are read, as they are sent or unpacked."""


class Stopped(Exception):
    """The run ends before the request was sent."""


def retry(ask: Callable[[], Answer], tries: int = 5, pause: float = 1.0,
          hold: Callable[[float, str], object] = lambda seconds, why: time.sleep(seconds)) -> Answer:
    """What `ask` returns; it is called again after each `Transient` that it raises.

    Args:
        tries: failures in a row after which to give up.
        pause: seconds before the second try, doubled before each further one and then cut at random by up to half.
            A longer pause that the server asks for is kept, with up to a second more.
        hold: called with the seconds to wait, and why.
    Raises:
        Transient: the last one; its `tries` says how many there were.
    """
    failed = 0
    while True:
        try:
            return ask()
        except Transient as error:
            trouble = error
        failed = 1 if trouble.progress else failed + 1
        trouble.tries = trouble.tries or tries
        if failed >= trouble.tries:
            raise trouble
        growing = pause * 2 ** (failed - 1) * random.uniform(0.5, 1.0)
        asked = trouble.pause and trouble.pause + random.uniform(0.0, 1.0)
        hold(max(growing, asked), f"{trouble}; try {failed + 1} of {trouble.tries}")


class Session(requests.Session):
    """Connections for one thread, for `open_url`."""

    def __init__(self):
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, _: requests.Response) -> None:
        """None: for a redirect, requests would read and unpack the whole body, however large."""


@contextmanager
def open_url(session: Session, url: str, *, timeout: float = 60.0, total: float | None = None, most: int = MOST_BYTES,
             wait: Callable[[], object] = lambda: None, follow: Callable[[str], bool] = lambda target: True,
             **options) -> Iterator[requests.Response]:
    """The answer to a GET request, whatever its status, its body still unread: `read_pieces` reads it.

    Interim answers (status 1xx) are waited through.

    Args:
        timeout: seconds of silence that count as no answer.
        total: seconds from the request to the end of the answer; an answer that takes longer counts as none. By default
            four times `timeout`.
        most: bytes that an answer may have as it is sent.
        wait: called before each request; a redirect is a request.
        follow: whether to follow a redirect to this URL; of more than five, the last is the answer.
        options: as for `requests.get`; `params` are not sent on.
    Raises:
        BadUrl: it is not a URL.
        Transient: there is no answer; also where that shows only when the block reads the body.
        TooLarge: the answer is; also where the block finds that.
    """
    try:
        for left in range(_REDIRECTS, -1, -1):
            wait()
            _BOUNDS.set((time.monotonic() + (total or 4 * timeout), most))
            try:
                answer = session.get(url, stream=True, allow_redirects=False, timeout=(min(10, timeout), timeout), **options)
                target = urljoin(answer.url, requests.Session.get_redirect_target(session, answer) or "")
            except ValueError:
                raise BadUrl(f"{url!r} is not a URL, or redirects to none; expected one such as "
                             "'https://api.europeana.eu'.") from None
            with answer:
                if not (answer.is_redirect and left and follow(target)):
                    yield answer
                    return
                answer.raw.read(PIECE)  # read to its end, it leaves the connection open for the next
            url = target
            options.pop("params", None)
    except _Overflow as error:
        raise TooLarge(f"{url} sends more than {error.args[0]:,} bytes; expected a smaller answer.") from None
    except (requests.RequestException, exceptions.HTTPError) as error:
        raise Transient(next(reason for kinds, reason in _REASONS if isinstance(error, kinds))) from None


def read_pieces(answer: requests.Response, most: int = MOST_BYTES) -> Iterator[bytes]:
    """The body of an answer of `open_url`, unpacked, of at most `most` bytes."""
    if (answer.raw.length_remaining or 0) > most:  # as the headers promise
        raise _Overflow(most)
    read = 0
    for piece in answer.raw.stream(PIECE, decode_content=True):
        read += len(piece)
        if read > most:
            raise _Overflow(most)
        yield piece


class _Overflow(Exception):
    """Of the bytes that an answer may have."""


class _Adapter(HTTPAdapter):
    def get_connection_with_tls_context(self, *args, **options) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **options)
        if pool.ConnectionCls.response_class is not _Reply:
            pool.ConnectionCls = type("_Connection", (pool.ConnectionCls,), {"response_class": _Reply})
        return pool


class _Reply(HTTPResponse):
    """An answer within this thread's `_BOUNDS`, from the first byte of its first interim answer to its last."""

    def __init__(self, sock: socket.socket, *args, **options):
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Wire(self.fp.detach(), sock))

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()
            if not 100 <= status < 200 or status == 101:  # http.client itself waits through 100 alone
                return version, status, reason
            parse_headers(self.fp)


class _Wire(io.RawIOBase):
    """The bytes of an answer as they arrive; each read waits for the socket's timeout at most, and all for `end`."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket):
        self._raw, self._socket, self._silence = raw, sock, sock.gettimeout()
        self._end, self._most = _BOUNDS.get()
        self._left = self._most + PIECE  # for the headers

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(min(self._silence, seconds))
        count = self._raw.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise _Overflow(self._most)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def is_transient(status: int) -> bool:
    """Whether another try may mend an answer of this HTTP status."""
    return status in (408, 425, 429) or status >= 500


def check_status(answer: requests.Response) -> None:
    """Raise `Transient` for an answer that `is_transient`; `UserError` as `asked_pause`."""
    if is_transient(answer.status_code):
        raise Transient(f"HTTP status {answer.status_code}", asked_pause(answer.headers, answer.url), answer.status_code)


def asked_pause(headers: Mapping[str, str], url: str, longest: float = 3600.0) -> float:
    """Seconds to wait: by `Retry-After` (a number or a date), or to the end of a window that is used up; else 0.

    Raises:
        UserError: it is more than `longest`.
    """
    value, window = headers.get("Retry-After", "").strip(), read_window(headers)
    try:
        now = parsedate_to_datetime(headers["Date"]) if "Date" in headers else datetime.now(UTC)
        seconds = float(value) if re.fullmatch("[0-9]{1,9}", value) else (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # nothing sensible
        seconds = window.reset if window and not window.left else 0.0
    if seconds > longest:
        raise UserError(f"{url} asks to wait {duration(seconds)}; expected at most {duration(longest)}. Run the same "
                        "command again later to resume.")
    return max(0.0, seconds)


def duration(seconds: float) -> str:
    """A duration for readers: `8 s`, `2 min`, `5.0 h`."""
    size, unit = (1, "s") if seconds < 100 else (60, "min") if seconds < 6000 else (3600, "h")
    return f"{seconds / size:.{1 if unit == 'h' else 0}f} {unit}"


@dataclass(frozen=True)
class Window:
    """The rate limit that a service last reported.

    Attributes:
        left: requests left until the window ends.
        reset: seconds from the answer to the end of the window.
        quota: requests per window; None if not reported.
        seconds: length of a window; None if not reported.
    """

    left: int
    reset: int
    quota: int | None = None
    seconds: int | None = None


def read_window(headers: Mapping[str, str]) -> Window | None:
    """The rate limit of `RateLimit` and `RateLimit-Policy` (IETF draft 10); of several, the one that binds first.

    >>> read_window({"RateLimit": '"personal";r=12;t=1800', "RateLimit-Policy": '"personal";q=1000;w=3600'})
    Window(left=12, reset=1800, quota=1000, seconds=3600)
    """
    policies = _fields(headers.get("RateLimit-Policy", ""))
    limits = {name: numbers | policies.get(name, {}) for name, numbers in _fields(headers.get("RateLimit", "")).items()}
    windows = [Window(numbers["r"], numbers.get("t", 0), numbers.get("q"), numbers.get("w"))
               for numbers in limits.values() if "r" in numbers]
    return min(windows, key=lambda window: (window.left, -window.reset), default=None)


def _fields(header: str) -> dict[str, dict[str, int]]:
    """`"a";r=1;t=2, "b";r=3` as names with their whole numbers."""
    fields = {}
    for element in header.split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        fields[name.strip('"')] = {key.strip(): int(value) for key, _, value in pairs if re.fullmatch("[0-9]{1,9}", value)}
    return fields


class Pace:
    """When the next request may be sent, for all threads together.

    Args:
        rate: requests per second at most; None for no limit.

    Attributes:
        rate: the present one. Halved when a server answers 429 or 503, and slowly raised again.
        sent: requests so far.
        stop: set to let no request be sent any more, and to end all waiting.
    """

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic,
                 wait: Callable[[float], object] | None = None):
        self.stop, self._turn = threading.Event(), threading.Lock()
        self._clock, self._wait = clock, wait or self.stop.wait
        self.rate = self._ceiling = rate or math.inf
        self.sent, self._slowed, self._failed = 0, -_ROUND, 0
        self._start = self._next = clock()

    def wait(self) -> None:
        """Wait until a request may be sent; raises `Stopped` if none may any more."""
        while True:
            with self._turn:
                if self.stop.is_set():
                    raise Stopped
                now = self._clock()
                if now >= self._next:
                    self._start = self._start if self.sent else now
                    self._next = max(self._next, now - 1 / self.rate) + 1 / self.rate
                    self.sent += 1
                    return
                pause = self._next - now
            self._wait(pause)

    def heed(self, status: int, headers: Mapping[str, str], url: str) -> None:
        """Slow down or speed up after an answer, and pause all threads if it asks for that; raises as `asked_pause`."""
        pause = asked_pause(headers, url)
        with self._turn:
            now = self._clock()
            self._next = max(self._next, now + pause) if pause else self._next
            if status not in _SLOW_DOWN:
                self.rate = min(self.rate * 2 ** (1 / _DOUBLED_BY), self._ceiling)
            elif self.sent >= self._slowed + _ROUND:  # requests in flight were sent at the old rate, and say nothing new
                rate = self.rate if self.rate < math.inf else self.sent / max(now - self._start, 1e-3)
                self.rate, self._slowed = max(rate / 2, _LOWEST_RATE), self.sent

    def give_up(self, failed: bool) -> bool:
        """Whether this makes `GIVE_UP` failures in a row, after which no request is sent any more.

        The threads count, each before its next request, so that none of them can run ahead.
        """
        with self._turn:
            self._failed = self._failed + 1 if failed else 0
            if self._failed == GIVE_UP:
                self.stop.set()
            return self._failed == GIVE_UP
