"""Which sessions a server holds: those that a tab shows, each once, and nothing on disk before something was done."""

import os
import random
import socket
import threading
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from bokeh.client import pull_session
from fake_models import FakeModels

from eufcc_lib.assistant import serve
from eufcc_lib.assistant.serve import close_store, open_store
from eufcc_lib.assistant.store import Store


def opened(root: Path) -> list[Path]:
    """The sessions below a folder that this process holds; other tests of it may have pages of their own."""
    return [folder for folder in list(serve._OPENED) if root in folder.parents]


def test_the_last_who_closes_a_session_closes_its_store_and_another_finds_it_anew(tmp_path):
    first, second = open_store("s", tmp_path), open_store("s", tmp_path)
    assert first is second
    close_store(second)
    assert first.do({"do": "set", "provider": "Museu"}).provider == "Museu"
    close_store(first)
    assert not opened(tmp_path)
    third = open_store("s", tmp_path)
    assert third is not first and third.state.provider == "Museu"
    close_store(third)


def test_tabs_that_open_and_close_at_the_same_moment_never_get_a_closed_store(tmp_path):
    failed = []

    def browse(seed: int) -> None:
        draw = random.Random(seed)
        try:
            for number in range(60):
                store = open_store(f"s{draw.randrange(2)}", tmp_path)
                if draw.random() < 0.2:
                    store.do({"do": "set", "current": f"{seed} {number}"}, "ada")
                store.refresh()
                close_store(store)
        except Exception as error:  # noqa: BLE001  whatever it is, the test tells it
            failed.append(error)
    tabs = [threading.Thread(target=browse, args=[seed]) for seed in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert not failed and not opened(tmp_path)


@contextmanager
def served(root: Path):
    """A server that soon forgets pages which nobody shows; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    thread = serve.serve(FakeModels(), port, root=root, threaded=True, check_unused_sessions_milliseconds=100,
                         unused_session_lifetime_milliseconds=300)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"{address}favicon.ico"):
                break
            time.sleep(0.1)
        yield address
    finally:
        thread.stop()


def wait_until(holds) -> None:
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to hold")


def open_files(root: Path) -> int:
    return sum(os.path.realpath(f"/proc/self/fd/{one}").startswith(os.path.realpath(root)) for one in os.listdir("/proc/self/fd"))


@pytest.mark.slow
def test_who_only_looks_leaves_nothing_and_the_last_tab_takes_its_session_with_it(tmp_path):
    root = tmp_path / "sessions"
    with served(root) as address:
        for _ in range(5):  # as a crawler, which opens no connection
            urllib.request.urlopen(address).read()
        assert opened(root) and not root.exists()
        wait_until(lambda: not opened(root))
        assert not root.exists()
        with closing(Store(root / "mine")) as other:
            other.do({"do": "set", "provider": "Museu"})
        with closing(pull_session(url=address, arguments={"session": "mine"})):
            with closing(pull_session(url=address, arguments={"session": "mine"})):
                mine = serve._OPENED[root / "mine"]
                assert mine.users == 2 and mine.looking.is_running()
            wait_until(lambda: mine.users == 1)
            assert mine.looking.is_running() and mine.store.state.provider == "Museu"
        wait_until(lambda: not opened(root))
        assert not mine.looking.is_running()
        if os.path.isdir("/proc/self/fd"):
            assert not open_files(root)
        assert [file.name for file in sorted((root / "mine").iterdir())] == ["images", "session.sqlite"]
