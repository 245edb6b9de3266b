"""Requests: what is retried and when, which pauses are kept, which redirects are followed, and how fast threads may ask."""

import gzip
import random
import socket
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_thumbnails import answers, serve, talking

from eufcc_lib.collection.http import (
    BadUrl,
    Pace,
    Session,
    Stopped,
    TooLarge,
    Transient,
    Window,
    asked_pause,
    check_status,
    duration,
    is_transient,
    open_url,
    read_pieces,
    read_window,
    retry,
)
from eufcc_lib.core.errors import UserError


@pytest.fixture
def server(monkeypatch):
    yield from serve(monkeypatch)


def get(url, **options):
    """Status and body of an answer; a status that another try may mend is raised."""
    with Session() as session, open_url(session, url, **options) as answer:
        check_status(answer)
        return answer.status_code, b"".join(read_pieces(answer, options.get("most", 1_000_000)))


OK, CONTINUE = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {  # what comes first, and what then comes for ever
    "a status line": (b"", b"H"), "interim answers": (b"", CONTINUE), "another one": (b"", CONTINUE.replace(b"100", b"102")),
    "its headers": (CONTINUE[:-2], b"X"), "a header": (OK + b"A: ", b"b"), "a body": (OK + b"Content-Length: 9999\r\n\r\n", b"x"),
    "a body of any length": (OK + b"\r\n", b"x"), "chunks": (CHUNKED, b"1\r\nx\r\n"), "a chunk's length": (CHUNKED, b"0"),
    "trailers": (CHUNKED + b"0\r\n", b"A: b\r\n"), "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", b"x")}


def test_each_passing_failure_is_retried_and_named_until_an_answer_comes(server):
    hidden = SimpleNamespace(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})
    cut = SimpleNamespace(body=b"the answer", cut=4)
    statuses = [408, 425, 429, 500, 502, 503, 504]
    server.answers["/a"] = answers(*statuses, cut, hidden, b"the answer")
    why = []
    assert retry(lambda: get(f"{server.url}/a"), 10, 0.0, lambda _, reason: why.append(reason)) == (200, b"the answer")
    assert why == [f"{reason}; try {number} of 10" for number, reason in enumerate(
        [*(f"HTTP status {status}" for status in statuses), "the connection was cut", "the answer cannot be unpacked"], 2)]


@pytest.mark.parametrize("status", [200, 206, 301, 400, 401, 403, 404, 410, 416])
def test_other_answers_are_not_retried(server, status):
    assert not is_transient(status)
    server.answers["/a"] = answers(SimpleNamespace(status=status, body=b"" if status == 301 else b"x"))
    assert retry(lambda: get(f"{server.url}/a"))[0] == status
    assert len(server.asked) == 1


def test_silent_server_and_one_that_is_not_there_are_passing_failures(server):
    server.answers["/slow"] = answers(SimpleNamespace(delay=600))
    with pytest.raises(Transient, match="^no answer in time$"):
        get(f"{server.url}/slow", timeout=0.1)
    with socket.socket() as bound:  # nobody listens there
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(Transient, match="^the connection failed$"):
            get(f"http://127.0.0.1:{bound.getsockname()[1]}")


@pytest.mark.parametrize("kind", ENDLESS)
def test_answer_that_trickles_for_ever_is_left_when_its_time_is_over(monkeypatch, kind):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with talking(*ENDLESS[kind], pause=0.02) as url:
        start = time.monotonic()
        with pytest.raises(Transient, match="^no answer in time$"):
            get(url, timeout=10, total=0.1)
        assert time.monotonic() < start + 5


@pytest.mark.parametrize("kind", ["interim answers", "another one", "a body of any length", "chunks", "trailers"])
def test_answer_that_pours_in_for_ever_is_left_when_it_is_too_large(monkeypatch, kind):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    first, again = ENDLESS[kind]
    with talking(first, again * 1000) as url, pytest.raises(TooLarge, match="/a sends more than 50,000 bytes; expected a smaller"):
        get(url, most=50_000)


def test_interim_answers_are_waited_through(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    interim = [b"100 Continue\r\n", b"102 Processing\r\nX: y\r\n", b"103 Early Hints\r\nLink: </a>\r\n", b"199 Any\r\n"]
    said = b"".join(b"HTTP/1.1 " + one + b"\r\n" for one in interim * 3)
    with talking(said + OK + b"Content-Length: 4\r\n\r\nfine") as url:
        assert get(url) == (200, b"fine")


BOMB = gzip.compress(bytes(30_000_000))


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Content-Encoding": "gzip, gzip"}])
@pytest.mark.parametrize("chunked", [False, True])
def test_packed_answer_is_never_unpacked_beyond_what_is_allowed(monkeypatch, headers, chunked):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    body = gzip.compress(BOMB) if "," in headers["Content-Encoding"] else BOMB
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    said = (OK + lines + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else
            OK + lines + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    with talking(said) as url:
        tracemalloc.start()
        with pytest.raises(TooLarge, match="more than 1,000,000 bytes"):
            get(url, most=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000
        assert get(url, most=30_000_000) == (200, bytes(30_000_000))


def test_body_of_a_redirect_is_not_unpacked(server):
    server.answers["/a"] = answers(SimpleNamespace(status=302, body=BOMB, headers={
        "Location": "/b", "Content-Encoding": "gzip"}))
    server.answers["/b"] = answers(b"found")
    tracemalloc.start()
    assert get(f"{server.url}/a") == (200, b"found")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


class Failing:
    """Fails each time it is called, with the next of these errors, and then with the last."""

    def __init__(self, *errors):
        self.errors, self.calls = list(errors), 0

    def __call__(self):
        self.calls += 1
        raise self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]


def pauses_of(ask, *arguments):
    pauses = []
    with pytest.raises(Transient) as error:
        retry(ask, *arguments, hold=lambda seconds, _: pauses.append(seconds))
    return pauses, error.value


def test_pauses_double_with_jitter_until_it_is_given_up():
    random.seed(0)
    ask = Failing(Transient("it failed"))
    pauses, error = pauses_of(ask, 10)
    assert ask.calls == error.tries == 10 and len(pauses) == 9
    assert all(2 ** n / 2 <= pause <= 2 ** n for n, pause in enumerate(pauses))
    assert len({round(pause / 2 ** n, 3) for n, pause in enumerate(pauses)}) == 9


def test_pause_that_the_server_asks_for_is_kept_where_it_is_longer():
    pauses, _ = pauses_of(Failing(Transient("busy", 120.0), Transient("busy", 0.1)), 4)
    assert 120 <= pauses[0] <= 121 and 1 <= pauses[1] <= 2 <= pauses[2] <= 4


def test_failure_that_is_worth_fewer_tries_ends_sooner_and_progress_counts_from_the_start():
    assert pauses_of(Failing(Transient("it failed", tries=3)), 10)[1].tries == 3
    forward = [Transient("it failed") for _ in range(4)]
    for error in forward:
        error.progress = True
    ask = Failing(*forward, Transient("it failed"))
    pauses_of(ask, 3)
    assert ask.calls == 4 + 2


def test_other_errors_are_not_retried():
    for error in (UserError("refused"), KeyboardInterrupt()):
        ask = Failing(error)
        with pytest.raises(type(error)):
            retry(ask)
        assert ask.calls == 1


def test_redirects_are_requests_that_wait_for_their_turn_and_at_most_five_are_followed(server):
    turns = []
    for number in range(6):
        server.answers[f"/{number}"] = answers(SimpleNamespace(status=302, headers={"Location": f"/{number + 1}"}))
    server.answers["/6"] = answers(b"found")
    assert get(f"{server.url}/1", wait=lambda: turns.append(len(server.asked))) == (200, b"found")
    assert turns == list(range(6)) and server.paths() == [f"/{number}" for number in range(1, 7)]
    assert get(f"{server.url}/0")[0] == 302


def test_redirect_that_is_not_followed_is_the_answer(server):
    server.answers["/a"] = answers(SimpleNamespace(status=302, headers={"Location": "http://other.example/b?c=d"}))
    asked = []
    assert get(f"{server.url}/a", params={"x": "y"}, follow=asked.append)[0] == 404  # `/a?x=y` is not served
    assert get(f"{server.url}/a", follow=asked.append)[0] == 302
    assert asked == ["http://other.example/b?c=d"]


def test_redirect_to_what_is_not_a_url_is_one_sentence(server):
    for number, target in enumerate(["http://[", "ftp://a.example"]):
        server.answers[f"/{number}"] = answers(SimpleNamespace(status=302, headers={"Location": target}))
        with pytest.raises(BadUrl, match="is not a URL"):
            get(f"{server.url}/{number}")


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://a.example/1", "http://", "http://["])
def test_what_is_not_a_url_is_one_sentence(url):
    with pytest.raises(BadUrl, match="is not a URL, or redirects to none; expected one such as 'https://"):
        get(url)


def test_retry_after_is_a_number_or_a_date_by_the_clock_of_the_server():
    then = datetime(2026, 11, 1, 10, tzinfo=UTC)
    date = format_datetime(then + timedelta(seconds=120), usegmt=True)
    assert asked_pause({"Retry-After": "120"}, "") == 120
    assert asked_pause({"Retry-After": date, "Date": format_datetime(then, usegmt=True)}, "") == 120
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1000), usegmt=True)
    assert 900 < asked_pause({"Retry-After": soon}, "") <= 1000


def test_used_up_window_is_a_pause_where_retry_after_says_nothing():
    assert asked_pause({"RateLimit": '"a";r=0;t=9'}, "") == 9
    assert asked_pause({"RateLimit": '"a";r=5;t=9'}, "") == 0


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", "", "Wed, 99 Foo 2026", "Wed, 21 Oct 2015 07:28:00 GMT",
                                   f"Wed, 21 Oct {'9' * 20} 07:28:00 GMT"])
def test_retry_after_that_says_nothing_sensible_is_ignored(value):
    assert asked_pause({"Retry-After": value}, "") == 0


def test_pause_of_days_is_one_sentence():
    with pytest.raises(UserError, match="http://a.example asks to wait 48.0 h; expected at most 60 min"):
        asked_pause({"Retry-After": "172800"}, "http://a.example")
    assert asked_pause({"Retry-After": "7200"}, "http://a.example", 86_400) == 7200


@pytest.mark.parametrize(("limit", "policy", "expected"), [
    ('"personal";r=12;t=90', '"personal";q=1000;w=3600', Window(12, 90, 1000, 3600)),
    ('"a";r=0;t=5, "b";r=0;t=50, "c";r=7;t=900', '"b";q=10;w=60', Window(0, 50, 10, 60)),
    ('personal; r=12 ;t=90', '', Window(12, 90)),
    ('"personal";r=12', '"other";q=5;w=6', Window(12, 0)),
    ('"personal";t=12', '"personal";q=5;w=6', None),
    ('', '"personal";q=5;w=6', None),
    (';;,=,"', ';r', None),
])
def test_rate_limit_headers_are_read(limit, policy, expected):
    assert read_window({"RateLimit": limit, "RateLimit-Policy": policy}) == expected


@given(st.text(), st.text())
def test_any_rate_limit_header_is_read_without_a_crash(limit, policy):
    window = read_window({"RateLimit": limit, "RateLimit-Policy": policy})
    assert window is None or window.left >= 0 and window.reset >= 0


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0 s"), (99, "99 s"), (120, "2 min"), (7200, "2.0 h")])
def test_durations_are_readable(seconds, shown):
    assert duration(seconds) == shown


class Clock:
    """A clock that only waiting moves."""

    def __init__(self):
        self.now = 0.0

    def read(self):
        return self.now

    def wait(self, seconds):
        self.now += max(seconds, 1e-9)


def heed(pace, *statuses, **headers):
    for status in statuses:
        pace.heed(status, headers, "http://a.example")


def send(pace, requests):
    for _ in range(requests):
        pace.wait()


def test_refusals_halve_the_rate_once_for_all_that_is_in_flight_and_answers_raise_it_again():
    clock = Clock()
    pace = Pace(8.0, clock.read, clock.wait)
    send(pace, 4)
    heed(pace, 503, 429, 429)
    assert pace.rate == 4.0
    send(pace, 49)
    heed(pace, 429)
    assert pace.rate == 4.0
    send(pace, 1)
    heed(pace, 429)
    assert pace.rate == 2.0
    heed(pace, *[200] * 30)
    assert pace.rate == pytest.approx(4.0)
    heed(pace, *[200] * 200)
    assert pace.rate == 8.0


@pytest.mark.parametrize("headers", [{"Retry-After": "60"}, {"RateLimit": '"personal";r=0;t=60'}])
def test_pause_that_the_server_asks_for_holds_all_threads(headers):
    clock = Clock()
    pace = Pace(8.0, clock.read, clock.wait)
    send(pace, 1)
    pace.heed(429, headers, "http://a.example")
    send(pace, 1)
    assert clock.now == pytest.approx(60.0)


def test_rate_is_kept_between_requests():
    clock = Clock()
    pace = Pace(8.0, clock.read, clock.wait)
    send(pace, 41)
    assert clock.now == pytest.approx(5.0, abs=0.01)


def seconds_until_done(rate, urls, workers, refused, headers, answer_after=0.01):
    """Seconds of the clock until `urls` are had, `workers` at a time, each url in `refused` after one status 429."""
    clock = Clock()
    pace = Pace(rate, clock.read, clock.wait)
    waiting = [(url, url in refused) for url in range(urls)]
    while waiting:
        asked, waiting = waiting[:workers], waiting[workers:]
        send(pace, len(asked))
        clock.wait(answer_after)
        for _, busy in asked:
            pace.heed(429 if busy else 200, headers if busy else {}, "http://a.example")
        waiting = [(url, False) for url, busy in asked if busy] + waiting
    assert pace.sent == urls + len(refused)
    return clock.now


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize(("rate", "headers", "bound"), [
    (None, {}, 30), (None, {"Retry-After": "0"}, 30), (10.0, {}, 160), (None, {"Retry-After": "1"}, 150)])
def test_many_refusals_do_not_slow_a_run_to_a_crawl(rate, headers, bound, workers):
    """400 requests take 40 s at 10 a second; 100 pauses of a second take 100 s, and more only if they add up."""
    refused = set(range(0, 300, 3))
    assert seconds_until_done(rate, 300, workers, refused, headers) < bound


@pytest.mark.parametrize("rate", [None, 10.0])
def test_rate_holds_where_a_third_is_refused_for_ever(rate):
    """Every second url is refused once, however slowly it is asked for: twice as many take twice as long."""
    first, both = (seconds_until_done(rate, urls, 8, set(range(0, urls, 2)), {}) for urls in (3000, 6000))
    assert both < 2.5 * first


def test_server_that_refuses_everything_is_asked_less_and_less():
    clock = Clock()
    pace = Pace(10.0, clock.read, clock.wait)
    for _ in range(500):
        send(pace, 1)
        heed(pace, 429)
    assert pace.rate == 0.1


def test_no_request_is_sent_after_the_stop_or_a_hundred_failures_in_a_row():
    for stop in (lambda pace: pace.stop.set(), lambda pace: [pace.give_up(True) for _ in range(100)]):
        pace = Pace(None)
        assert not any([*(pace.give_up(True) for _ in range(99)), pace.give_up(False)])
        pace.wait()
        stop(pace)
        with pytest.raises(Stopped):
            pace.wait()
        assert pace.sent == 1
