"""Thumbnails are fetched once, whole, and as images, from a server on loopback that does what servers do."""

import hashlib
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eufcc_lib.collection.curation.duplicates import pixel_digests
from eufcc_lib.collection.shards import INDEX, write_shards
from eufcc_lib.collection.shards import main as shards_main
from eufcc_lib.collection.thumbnails import checks, manifest
from eufcc_lib.collection.thumbnails import fetch as thumbnails
from eufcc_lib.collection.thumbnails.checks import Unkept, check_image
from eufcc_lib.collection.thumbnails.download import Limits
from eufcc_lib.collection.thumbnails.fetch import fetch_thumbnails, fetch_url, main, read_manifest
from eufcc_lib.collection.thumbnails.manifest import MANIFEST
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.records import COLUMNS, ID, URL
from eufcc_lib.data.records_csv import records_from_columns, write_records

QUICK = Limits(tries=3, pause=0.01, timeout=600, max_bytes=200_000, max_pixels=1_000_000)  # a good answer is never late


def picture(seed=0, kind="JPEG", size=(60, 40), mode="RGB"):
    rng = np.random.default_rng(seed)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).convert(mode).save(file, kind)
    return file.getvalue()


def bomb():
    """A PNG of 400 million pixels in some hundred kB at most: its header alone must do."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    return file.getvalue()


ICON = picture(99, "PNG")


class Handler(BaseHTTPRequestHandler):
    """Answers `/<name>` by the server's list for it, one after the other; the last one stays."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        with self.server.lock:
            self.server.asked.append((self.path, time.monotonic()))
            answers = self.server.answers.get(self.path, [SimpleNamespace(status=404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            held = len(self.server.asked) > self.server.hold_after
        if held:
            self.server.go_on.wait()
        time.sleep(getattr(answer, "delay", self.server.delay))
        body = getattr(answer, "body", b"")
        self.send_response(getattr(answer, "status", 200))
        for name, value in getattr(answer, "headers", {}).items():
            self.send_header(name, value)
        if getattr(answer, "length", True):
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        self.end_headers()
        if hasattr(answer, "cut"):
            self.close_connection = True
        try:
            step = getattr(answer, "step", len(body) or 1)  # bytes at a time
            for start in range(0, len(body), step):
                self.wfile.write(body[start:start + step][:getattr(answer, "cut", None)])
                self.wfile.flush()
                answer.begun = start
                time.sleep(getattr(answer, "pause", 0))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass


def serve(monkeypatch):
    """A server that gives the answers it is told; yields once, as fixtures do."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.lock, server.delay = True, threading.Lock(), 0.0
        server.hold_after, server.go_on = float("inf"), threading.Event()
        server.answers, server.asked = {}, []
        server.url = f"http://127.0.0.1:{server.server_port}"
        server.paths = lambda: [path for path, _ in server.asked]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(monkeypatch):
    yield from serve(monkeypatch)


def answers(*steps):
    return [step if isinstance(step, SimpleNamespace) else
            SimpleNamespace(status=step) if isinstance(step, int) else SimpleNamespace(body=step) for step in steps]


@contextmanager
def talking(first, again=b"", pause=0.0):
    """A server that says the same to everyone, and then something again and again; yields its url."""
    def talk(listener):
        with suppress(OSError):
            while True:
                with listener.accept()[0] as connection, suppress(OSError):
                    connection.recv(1 << 16)
                    connection.sendall(first)
                    while again:
                        connection.sendall(again)
                        time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, args=[listener], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/a"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def records_of(urls):
    """Records with these urls, id -> url."""
    columns = {column: [""] * len(urls) for column in COLUMNS}
    return records_from_columns(columns | {ID: list(urls), URL: list(urls.values())})


def at_server(server, *names):
    return records_of({name: f"{server.url}/{name}" for name in names})


def fetch(records, root, **options):
    return fetch_thumbnails(records, root, **{"rate": None, "limits": QUICK} | options)


def images(root):
    return {path.name: path.read_bytes() for path in (root / "EUROPEANA" / "images").iterdir()}


def row(root, name):
    return read_manifest(root).set_index("id").loc[name]


@pytest.mark.slow
def test_every_image_that_can_be_had_is_had_and_the_rest_is_named(server, tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "ICONS", {hashlib.sha256(ICON).hexdigest()})
    jpeg = {name: picture(number) for number, name in enumerate(
        ("good", "busy", "moody", "cut", "moved", "unmeasured", "damaged", "grey"))}
    jpeg["grey"] = picture(50, mode="L")
    later = SimpleNamespace(status=429, headers={"Retry-After": "1"})
    part = SimpleNamespace(body=jpeg["cut"], cut=300)
    server.answers = {
        "/good": answers(jpeg["good"]), "/grey": answers(jpeg["grey"]),
        "/busy": answers(later, jpeg["busy"]), "/moody": answers(500, 503, jpeg["moody"]),
        "/cut": answers(part, part, jpeg["cut"]),
        "/moved": answers(SimpleNamespace(status=302, headers={"Location": "/target"})),
        "/target": answers(jpeg["moved"]),
        "/unmeasured": answers(SimpleNamespace(body=jpeg["unmeasured"], length=False)),
        "/damaged": answers(jpeg["damaged"][:500], jpeg["damaged"]),
        "/png": answers(picture(7, "PNG")),
        "/html": answers(b"<!DOCTYPE html><p>Not here"), "/text": answers(b"no"), "/empty": answers(b""),
        "/icon": answers(ICON), "/bomb": answers(bomb()), "/truncated": answers(picture(8)[:900]),
        "/huge": answers(b"\xff" * 300_000), "/endless": answers(SimpleNamespace(body=b"\xff" * 300_000, length=False)),
        "/gone": answers(410), "/teapot": answers(418), "/forbidden": answers(403), "/broken": answers(500),
        "/round": answers(SimpleNamespace(status=302, headers={"Location": "/round"})),
    }
    names = [path[1:] for path in server.answers if path != "/target"] + ["lost"]
    report = fetch(at_server(server, *names), tmp_path)

    had = images(tmp_path)
    assert {name: had[f"{name}.jpg"] for name in jpeg} == jpeg
    assert set(had) == {f"{name}.jpg" for name in [*jpeg, "png"]}
    converted, original = Image.open(io.BytesIO(had["png.jpg"])), Image.open(io.BytesIO(picture(7, "PNG")))
    assert (converted.format, converted.mode, converted.size) == ("JPEG", "RGB", original.size)
    manifest = read_manifest(tmp_path).set_index("id")
    assert {name: (manifest.status[name], manifest.reason[name]) for name in names if manifest.status[name] != "had"} == {
        "html": ("refused", "a web page or other markup"), "text": ("refused", "not an image"),
        "empty": ("refused", "empty"), "icon": ("missing", "placeholder icon"),
        "bomb": ("refused", "more than 1000000 pixels"), "truncated": ("refused", "truncated image"),
        "huge": ("refused", "more than 200000 bytes"), "endless": ("refused", "more than 200000 bytes"),
        "gone": ("missing", "HTTP status 410"), "lost": ("missing", "HTTP status 404"),
        "teapot": ("refused", "HTTP status 418"), "forbidden": ("failed", "HTTP status 403"),
        "broken": ("failed", "HTTP status 500"), "round": ("refused", "too many redirects")}
    for name, data in jpeg.items():
        assert (manifest.bytes[name], manifest.sha256[name]) == (len(data), hashlib.sha256(data).hexdigest())
        assert (manifest.width[name], manifest.height[name], manifest.code[name]) == (60, 40, 200)
    assert {name: manifest.tries[name] for name in ("good", "busy", "moody", "cut", "damaged", "truncated", "html")} == {
        "good": 1, "busy": 2, "moody": 3, "cut": 3, "damaged": 2, "truncated": 3, "html": 1}
    assert report.counts == {"had": 9, "missing": 3, "refused": 9, "failed": 2} and report.already == 0
    assert sum(report.reasons.values()) == 14
    asked = Counter(server.paths())
    assert asked["/good"] == 1 and asked["/busy"] == 2 and asked["/lost"] == 1 and asked["/broken"] == 3
    assert asked["/forbidden"] == 1

    server.asked.clear()
    server.answers["/broken"] = answers(picture(60))
    again = fetch(at_server(server, *names), tmp_path)
    assert Counter(server.paths()) == {"/broken": 1, "/forbidden": 1}
    assert again.already == 9 and again.counts["had"] == 10 and again.requests == 2
    assert row(tmp_path, "broken").tries == 4


def test_server_that_stays_silent_is_asked_again(server, tmp_path):
    """As often as it takes, for where the machine is busy a good answer may come too late as well."""
    server.answers = {"/slow": answers(SimpleNamespace(delay=600), picture())}
    limits = Limits(tries=1000, pause=0.0, timeout=0.2)
    assert fetch(at_server(server, "slow"), tmp_path, limits=limits).counts["had"] == 1
    assert row(tmp_path, "slow").tries > 1


def test_server_that_sends_interim_answers_for_ever_holds_no_worker(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with talking(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01) as url:
        assert fetch(records_of({"held": url}), tmp_path, limits=Limits(tries=1, timeout=0.1)).counts["failed"] == 1
    assert row(tmp_path, "held").reason == "no answer in time"


def test_what_was_missing_or_refused_is_asked_for_again_only_if_told_to(server, tmp_path):
    records = at_server(server, "lost", "html")
    server.answers["/html"] = answers(b"<p>")
    fetch(records, tmp_path)
    server.answers |= {"/lost": answers(picture(1)), "/html": answers(picture(2))}
    assert fetch(records, tmp_path).requests == 0
    assert fetch(records, tmp_path, again=True).counts["had"] == 2


def test_url_that_records_share_is_fetched_once_also_in_a_later_run(server, tmp_path):
    server.answers["/same"] = answers(picture())
    urls = {name: f"{server.url}/same" for name in ("a", "b", "c")}
    fetch(records_of({"a": urls["a"], "b": urls["b"]}), tmp_path)
    fetch(records_of(urls), tmp_path)
    assert server.paths() == ["/same"]
    assert images(tmp_path) == {f"{name}.jpg": picture() for name in urls}
    assert read_manifest(tmp_path).tries.tolist() == [1, 1, 0]


def test_thumbnails_are_asked_for_in_version_3_and_other_urls_as_they_are():
    original = "https://a.example/1.jpg?x=é&y=1"
    digest = hashlib.md5(original.encode()).hexdigest()
    query = "uri=https%3A%2F%2Fa.example%2F1.jpg%3Fx%3D%C3%A9%26y%3D1&type=IMAGE"
    v3 = f"https://api.europeana.eu/thumbnail/v3/400/{digest}.jpg"
    assert fetch_url(f"https://api.europeana.eu/thumbnail/v2/url.json?{query}") == v3
    assert fetch_url(f"https://api.europeana.eu/thumbnail/v2/url.json?size=w200&{query}") == v3
    assert fetch_url(f"http://www.europeana.eu/api/v2/thumbnail-by-url.json?{query}") == v3
    assert fetch_url(f"https://x.example/thumbnail/v2/url.json?{query}", "http://127.0.0.1:8/") == v3.replace(
        "https://api.europeana.eu", "http://127.0.0.1:8")
    assert fetch_url(v3) == fetch_url(v3.replace("/400/", "/200/")) == v3
    assert fetch_url(v3, "http://127.0.0.1:8/") == v3.replace("https://api.europeana.eu", "http://127.0.0.1:8")
    for other in ("https://a.example/1.jpg", "", "http://[", "https://api.europeana.eu/thumbnail/v2/url.json?type=IMAGE"):
        assert fetch_url(other, "http://127.0.0.1:8") == other


def test_same_thumbnail_from_another_host_is_not_fetched_again(server, tmp_path):
    query = "/thumbnail/v2/url.json?uri=https%3A%2F%2Fa.example%2F1.jpg"
    server.answers[f"/thumbnail/v3/400/{hashlib.md5(b'https://a.example/1.jpg').hexdigest()}.jpg"] = answers(picture())
    for host in ("http://one.example", "http://two.example"):
        assert fetch(records_of({"a": host + query}), tmp_path, base_url=server.url).counts["had"] == 1
    assert len(server.asked) == 1


def test_url_that_is_no_address_is_refused(tmp_path):
    report = fetch(records_of({"a": "", "b": "ftp://a.example/1.jpg", "c": "no address", "d": "http://["}), tmp_path)
    assert report.counts["refused"] == 4 and report.reasons == {"not a URL": 4}


def test_proxy_of_the_environment_is_used_except_for_the_hosts_that_need_none(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    elsewhere = SimpleNamespace(status=302, headers={"Location": f"{server.url}/direct"})
    server.answers = {"http://proxied.example/a": answers(picture(1)), "http://proxied.example/b": answers(elsewhere),
                      "/direct": answers(picture(2))}
    fetch(records_of({name: f"http://proxied.example/{name}" for name in "ab"}), tmp_path, workers=1)
    assert images(tmp_path) == {"a.jpg": picture(1), "b.jpg": picture(2)}
    assert server.paths() == ["http://proxied.example/a", "http://proxied.example/b", "/direct"]


def test_connection_stays_open_also_after_a_thumbnail_that_is_missing(server, tmp_path, monkeypatch):
    server.answers = {"/a": answers(picture()), "/b": answers(SimpleNamespace(status=404, body=b"{}")), "/c": answers(picture())}
    opened, setup = [], Handler.setup
    monkeypatch.setattr(Handler, "setup", lambda handler: (opened.append(1), setup(handler)))
    assert fetch(at_server(server, "a", "b", "c"), tmp_path, workers=1).counts["had"] == 2
    assert len(opened) == 1


def test_address_with_signs_that_need_encoding_is_asked_for(server, tmp_path):
    server.answers = {"/a%20%C3%A9?x=%C3%A9": answers(picture()),
                      "/moved": answers(SimpleNamespace(status=301, headers={"Location": "/a%20%C3%A9?x=%C3%A9"}))}
    urls = {"spaced": f"{server.url}/a é?x=é", "moved": f"{server.url}/moved"}
    assert fetch(records_of(urls), tmp_path).counts["had"] == 2


def test_manifest_and_files_that_disagree_are_mended(server, tmp_path):
    names = ("whole", "gone", "shorter", "moved")
    for number, name in enumerate(names):
        server.answers[f"/{name}"] = answers(picture(number))
    fetch(at_server(server, *names), tmp_path)
    folder = tmp_path / "EUROPEANA" / "images"
    (folder / "gone.jpg").unlink()
    (folder / "shorter.jpg").write_bytes(picture(2)[:-9])
    server.asked.clear()
    server.answers["/elsewhere"] = answers(picture(30))
    urls = {name: f"{server.url}/{name}" for name in names} | {"moved": f"{server.url}/elsewhere"}
    report = fetch(records_of(urls), tmp_path)
    assert sorted(server.paths()) == ["/elsewhere", "/gone", "/shorter"]
    assert (report.already, report.mended) == (1, 2)
    assert images(tmp_path) == {"whole.jpg": picture(0), "gone.jpg": picture(1), "shorter.jpg": picture(2),
                                "moved.jpg": picture(30)}


def test_files_without_a_manifest_are_kept_if_they_are_whole(server, tmp_path):
    folder = tmp_path / "EUROPEANA" / "images"
    folder.mkdir(parents=True)
    names = ("whole", "part", "png", "icon", "half")
    for name in names:
        server.answers[f"/{name}"] = answers(picture(1))
    (folder / "whole.jpg").write_bytes(picture(0))
    (folder / "half.jpg").write_bytes(picture(0)[:700])
    (folder / "png.jpg").write_bytes(picture(0, "PNG"))
    (folder / "icon.jpg").write_bytes(ICON)
    (folder / ".part.part").write_bytes(picture(0))
    fetch(at_server(server, *names), tmp_path)
    assert sorted(server.paths()) == ["/half", "/icon", "/part", "/png"]
    assert images(tmp_path) == {f"{name}.jpg": picture(name != "whole") for name in names}


RUN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
from eufcc_lib.collection.thumbnails import fetch
fetch._COMMIT_EVERY = 0.1
sys.exit(fetch.main(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_run_that_is_killed_in_the_middle_ends_as_if_it_had_not_been(server, tmp_path, how):
    names = [f"art_{number:06d}" for number in range(60)]
    server.answers = {f"/{name}": answers(picture(number)) for number, name in enumerate(names)}
    server.answers["/art_000007"] = answers(b"<p>")
    server.hold_after = 30  # so that there is a middle, however late the signal comes
    records, root = at_server(server, *names), tmp_path / "data"
    write_records(records, tmp_path / "records.csv")
    folder = root / "EUROPEANA" / "images"
    run = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path / "records.csv"), str(root), "--workers", "2",
                            "--rate", "0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not folder.is_dir() or len(list(folder.glob("*.jpg"))) < 20:
        assert run.poll() is None
        time.sleep(0.005)
    os.kill(run.pid, how)
    _, told = run.communicate()
    server.hold_after = float("inf")
    server.go_on.set()
    there = {path.stem for path in folder.glob("art*.jpg")}
    assert 20 <= len(there) <= 30
    if how == signal.SIGINT:
        assert run.returncode == 130 and told == "Interrupted; run the same command again to resume.\n"
    report = fetch(records, root)
    asked = Counter(server.paths())
    assert all(asked[f"/{name}"] == 1 for name in there) and max(asked.values()) <= 2
    assert report.counts == {"had": 59, "missing": 0, "refused": 1, "failed": 0} and report.already == len(there)
    assert images(root) == {f"{name}.jpg": picture(number) for number, name in enumerate(names) if number != 7}
    manifest = read_manifest(root)
    assert manifest.id.tolist() == names and manifest.status.value_counts().to_dict() == {"had": 59, "refused": 1}


def test_all_workers_together_keep_the_rate(server, tmp_path):
    names = [f"n{number}" for number in range(21)]
    server.answers = {f"/{name}": answers(picture()) for name in names}
    assert fetch(at_server(server, *names), tmp_path, rate=50.0).seconds >= 19 / 50  # one may be made up for


def test_each_redirect_is_a_request_and_waits_for_its_place(server, tmp_path):
    names = [f"n{number}" for number in range(10)]
    for name in names:
        server.answers[f"/{name}"] = answers(SimpleNamespace(status=302, headers={"Location": f"/at/{name}"}))
        server.answers[f"/at/{name}"] = answers(picture())
    report = fetch(at_server(server, *names), tmp_path, rate=50.0)
    assert report.requests == len(server.asked) == 20 and report.seconds >= 18 / 50


def test_server_that_asks_for_a_pause_of_hours_ends_the_run_in_one_sentence(server, tmp_path):
    server.answers["/a"] = answers(SimpleNamespace(status=429, headers={"Retry-After": "7200"}))
    with pytest.raises(UserError, match="asks to wait 2.0 h; expected at most 60 min"):
        fetch(at_server(server, "a"), tmp_path)


@pytest.mark.parametrize("writing", [0.0, 0.01])
def test_server_that_only_fails_is_left_alone_after_a_hundred(server, tmp_path, monkeypatch, writing):
    """Also where the manifest is slow to write: the workers do not run ahead. One of 8 is at the last, 7 under way."""
    def record(*row):
        time.sleep(writing)
        manifest.record(*row)
    monkeypatch.setattr(thumbnails, "record", record)
    names = [f"n{number:03d}" for number in range(150)]
    server.answers = {f"/{name}": answers(500) for name in names}
    with pytest.raises(UserError, match="100 thumbnails in a row failed, the last with: HTTP status 500"):
        fetch(at_server(server, *names), tmp_path, limits=Limits(tries=1), workers=8)
    assert 100 <= len(server.asked) <= 107
    written = read_manifest(tmp_path)
    assert set(written.status) == {"failed"} and 100 <= len(written) <= 107


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "a\\b", "a\nb", "x" * 201, "/etc/passwd"])
def test_id_that_is_no_plain_file_name_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(UserError, match="not a plain file name"):
        fetch(records_of({"good": "http://a.example", name: "http://b.example"}), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_folder_that_cannot_be_written_is_one_sentence(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        fetch(at_server(server, "a"), tmp_path / "file")
    (tmp_path / "other" / MANIFEST).mkdir(parents=True)
    with pytest.raises(UserError, match="cannot be written"):
        fetch(at_server(server, "a"), tmp_path / "other")


def test_full_disk_is_one_sentence_and_the_next_call_goes_on(server, tmp_path, monkeypatch):
    server.answers = {"/a": answers(picture(0)), "/b": answers(picture(1))}

    def full(folder, name, data):
        raise OSError(28, "No space left on device")
    fetch(at_server(server, "a"), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(thumbnails, "store", full)
        with pytest.raises(UserError, match="No space left on device"):
            fetch(at_server(server, "a", "b"), tmp_path)
    assert fetch(at_server(server, "a", "b"), tmp_path).already == 1
    assert images(tmp_path) == {"a.jpg": picture(0), "b.jpg": picture(1)}


def test_two_runs_in_one_folder_do_not_meet(server, tmp_path):
    server.answers["/a"] = answers(picture())
    fetch(at_server(server, "a"), tmp_path)
    with sqlite3.connect(tmp_path / MANIFEST) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match="in use by another run"):
            fetch(at_server(server, "a"), tmp_path)
        other.rollback()


def test_manifest_that_is_none_is_one_sentence(server, tmp_path):
    (tmp_path / "EUROPEANA").mkdir()
    (tmp_path / MANIFEST).write_text("id,url,status\n" * 200)
    with pytest.raises(UserError, match="is not a manifest"):
        fetch(at_server(server, "a"), tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        read_manifest(tmp_path / "nowhere")


@pytest.mark.parametrize("options", [{"workers": 0}, {"rate": 0}, {"rate": -1.0}, {"limits": Limits(tries=0)}])
def test_options_that_make_no_sense_are_refused(tmp_path, options):
    with pytest.raises(UserError, match="expected at least one worker"):
        fetch(records_of({"a": "http://a.example"}), tmp_path, **options)


def test_transparent_parts_become_white_and_16_bits_become_8():
    clear = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(clear, "PNG")
    data, width, height = check_image(clear.getvalue())
    assert (width, height) == (8, 8) and np.asarray(Image.open(io.BytesIO(data))).min() > 250
    deep = io.BytesIO()
    Image.fromarray(np.full((8, 8), 0x8080, np.uint16)).save(deep, "PNG")
    assert abs(np.asarray(Image.open(io.BytesIO(check_image(deep.getvalue())[0]))).astype(int) - 0x80).max() <= 1


def test_picture_is_turned_upright_when_it_is_converted():
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 10)).save(file, "PNG", exif=exif)
    assert check_image(file.getvalue())[1:] == (10, 30)


def test_strip_that_jpeg_cannot_hold_is_refused():
    file = io.BytesIO()
    Image.new("L", (65_501, 1)).save(file, "PNG")
    with pytest.raises(Unkept, match="a side of more than 65500 pixels"):
        check_image(file.getvalue())


def test_icon_of_the_known_size_is_told_without_its_digest(monkeypatch):
    file = io.BytesIO()
    Image.new("RGB", (293, 293)).save(file, "PNG")
    check_image(file.getvalue())
    monkeypatch.setattr(checks, "_ICON_BYTES", {len(file.getvalue())})
    with pytest.raises(Unkept, match="placeholder icon"):
        check_image(file.getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_file_cut_anywhere_is_never_taken_for_an_image(kind):
    data = picture(3, kind, size=(24, 24))
    for end in range(len(data) - 20):
        with pytest.raises(Unkept):
            check_image(data[:end])


@pytest.mark.filterwarnings("ignore:.*EXIF:UserWarning")
@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0",
                                                 b"RIFF\0\0\0\0WEBPVP8 "]))
def test_whatever_comes_is_an_image_or_refused(data, start):
    try:
        assert Image.open(io.BytesIO(check_image(start + data)[0])).format == "JPEG"
    except Unkept:
        pass


def test_command_prints_the_report_and_a_mistake_is_its_sentence_alone(server, tmp_path, capsys):
    server.answers["/a"] = answers(picture())
    write_records(at_server(server, "a", "b"), tmp_path / "records.csv")
    assert main([str(tmp_path / "records.csv"), str(tmp_path / "data"), "--rate", "0"]) == 0
    shown = capsys.readouterr().out
    assert "1 had (images)" in shown and "1 x HTTP status 404" in shown and "thumbnails: 100%" in shown
    assert main([str(tmp_path / "nothing.csv"), str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def shards_of(folder):
    """Names and contents of all members, shard by shard."""
    found = []
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as shard:
            found.append([(member.name, shard.extractfile(member).read()) for member in shard])
    return found


def draw_images(root, names):
    (root / "EUROPEANA" / "images").mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (root / "EUROPEANA" / "images" / f"{name}.jpg").write_bytes(picture(number))


def test_shards_hold_each_image_beside_its_row_and_list_what_has_no_image(tmp_path):
    names = [f"art_{number}" for number in range(5)]
    records = records_of({name: f"http://é.example/{name}" for name in [*names, "lost"]})
    draw_images(tmp_path, names)
    packed = write_shards(records, tmp_path, tmp_path / "shards", images_per_shard=2)
    assert packed.images == {"00000.tar": 2, "00001.tar": 2, "00002.tar": 1} and packed.missing == ("lost",)
    members = [member for shard in shards_of(tmp_path / "shards") for member in shard]
    assert [name for name, _ in members] == [f"{name}.{kind}" for name in names for kind in ("jpg", "json")]
    assert members[2][1] == picture(1)
    assert json.loads(members[3][1]) == {column: "" for column in COLUMNS} | {ID: "art_1", URL: "http://é.example/art_1"}
    assert json.loads((tmp_path / "shards" / INDEX).read_text()) == {"shards": packed.images, "missing": ["lost"]}
    assert "5 images in 3 shards; 1 records without an image are left out: lost" in str(packed)


def test_shards_repeat_byte_for_byte_and_a_shorter_export_leaves_no_older_shard(tmp_path):
    names = [f"art_{number}" for number in range(4)]
    draw_images(tmp_path, names)
    records, folder = records_of({name: "" for name in names}), tmp_path / "shards"
    write_shards(records, tmp_path, folder, images_per_shard=1)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    draw_images(tmp_path, names)
    write_shards(records, tmp_path, folder, images_per_shard=1)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    write_shards(records, tmp_path, folder, images_per_shard=4)
    assert sorted(path.name for path in folder.iterdir()) == ["00000.tar", INDEX]


def test_shards_that_cannot_be_made_are_one_sentence(tmp_path, capsys):
    draw_images(tmp_path, ["a.b"])
    with pytest.raises(UserError, match="'a.b' cannot name an image in a shard"):
        write_shards(records_of({"a.b": ""}), tmp_path, tmp_path / "shards")
    with pytest.raises(UserError, match="has no image of the 1 records"):
        write_shards(records_of({"lost": ""}), tmp_path, tmp_path / "shards")
    draw_images(tmp_path, ["a"])
    (tmp_path / "file").write_text("")
    write_records(records_of({"a": ""}), tmp_path / "records.csv")
    assert shards_main([str(tmp_path / "records.csv"), str(tmp_path), str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert shards_main([str(tmp_path / "records.csv"), str(tmp_path), str(tmp_path / "shards")]) == 0
    assert "1 images in 1 shards" in capsys.readouterr().out


def test_images_are_found_whatever_the_normal_form_of_their_names(server, tmp_path):
    asked, there = normalize("NFC", "càntir"), normalize("NFD", "càntir")
    records = records_of({asked: f"{server.url}/a"})
    draw_images(tmp_path, [there])
    assert fetch(records, tmp_path).already == 1 and not server.asked
    assert fetch(records, tmp_path).already == 1 and set(images(tmp_path)) == {f"{there}.jpg"}
    assert write_shards(records, tmp_path, tmp_path / "shards").missing == ()
    assert asked in pixel_digests(tmp_path, [asked]).pixels
