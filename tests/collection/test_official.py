"""The official files are fetched whole and unchanged or not at all, from a server on loopback here."""

import hashlib
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from eufcc_lib.collection import official
from eufcc_lib.collection.http import PIECE  # what arrives of a piece that is cut short is asked for again
from eufcc_lib.collection.official import FILES, blob_id, fetch, main
from eufcc_lib.collection.sources import fetched_commit
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT

OFFICIAL = ROOT.parent / "shared" / "data" / "official"
CONTENT = "".join(f"art_{number:06d},fusta,cotó\n" for number in range(20_000)).encode()


def blob_of(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


BLOB = blob_of(CONTENT)


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT; each request first takes one fault from the server's list, if there is one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        fault = self.server.faults.pop(0) if self.server.faults else SimpleNamespace()
        if hasattr(fault, "status"):
            self.send_error(fault.status)
            return
        content = getattr(fault, "content", self.server.content)
        start = 0
        if self.headers.get("Range") and self.server.knows_ranges:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:getattr(fault, "cut", None)])
        time.sleep(getattr(fault, "seconds", 0))
        if hasattr(fault, "cut"):
            self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.content, server.faults, server.asked, server.knows_ranges = CONTENT, [], [], True
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fetch_one(server, root):
    fetch(root, server.url, pause=0.0, files={"train.csv": BLOB})


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def part_of(root):
    return root / f".train.csv.{BLOB[:12]}.part"


def test_file_is_fetched_once(server, tmp_path, capsys):
    fetch_one(server, tmp_path)
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT
    assert files_in(tmp_path) == ["train.csv"]
    assert server.asked == [("/data/train.csv", None)]
    shown = capsys.readouterr()
    assert "train.csv: 100%" in shown.out and "train.csv: already there" in shown.out
    assert shown.err == ""


def test_file_with_other_content_is_replaced(server, tmp_path):
    (tmp_path / "train.csv").write_text("an older version")
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT


def test_all_official_files_take_their_places(server, tmp_path, monkeypatch):
    fetch(tmp_path, server.url + "/", pause=0.0, files=dict.fromkeys(FILES, BLOB))
    assert [path for path, _ in server.asked] == [
        "/data/train.csv", "/data/val.csv", "/data/test_id.csv", "/data/test_ood.csv", "/labels/objectTypes.txt",
        "/labels/materials.txt", "/labels/classifications.txt", "/labels/subjects.txt"]
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "train.csv", "val.csv", "test_id.csv", "test_ood.csv", "labels/objectTypes.txt", "labels/materials.txt",
        "labels/classifications.txt", "labels/subjects.txt"}


def test_the_commit_is_noted_once_all_official_files_are_there(server, tmp_path, monkeypatch):
    monkeypatch.setattr(official, "FILES", dict.fromkeys(FILES, BLOB))
    server.faults = [SimpleNamespace(), SimpleNamespace(status=404)]
    with pytest.raises(UserError):
        fetch(tmp_path, server.url, pause=0.0, files=official.FILES)
    assert fetched_commit(tmp_path) is None
    fetch(tmp_path, server.url, pause=0.0, files=official.FILES)
    assert fetched_commit(tmp_path) == official.COMMIT


@pytest.mark.parametrize("wrong", [CONTENT[:-1], CONTENT[:100], b"", CONTENT.replace(b"fusta", b"metal", 1), CONTENT * 2])
def test_truncated_or_tampered_file_is_refused_and_not_kept(server, tmp_path, wrong):
    server.content = wrong
    with pytest.raises(UserError) as error:
        fetch_one(server, tmp_path)
    assert "train.csv" in str(error.value) and BLOB in str(error.value) and blob_of(wrong) in str(error.value)
    assert files_in(tmp_path) == []


def test_refused_file_leaves_the_older_one_alone(server, tmp_path):
    (tmp_path / "train.csv").write_text("an older version")
    server.content = b"tampered"
    with pytest.raises(UserError):
        fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_text() == "an older version"


def test_server_errors_are_tried_again(server, tmp_path):
    server.faults = [SimpleNamespace(status=500), SimpleNamespace(status=503), SimpleNamespace(status=429)]
    fetch_one(server, tmp_path)
    assert len(server.asked) == 4
    assert (tmp_path / "train.csv").read_bytes() == CONTENT


def test_cut_connection_goes_on_where_it_broke_off(server, tmp_path):
    server.faults = [SimpleNamespace(cut=2 * PIECE + 9), SimpleNamespace(cut=PIECE + 9)]
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == [None, f"bytes={2 * PIECE}-", f"bytes={3 * PIECE}-"]


def test_what_an_earlier_run_left_is_gone_on_with(server, tmp_path):
    part_of(tmp_path).write_bytes(CONTENT[:123])
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT
    assert server.asked == [("/data/train.csv", "bytes=123-")]
    assert files_in(tmp_path) == ["train.csv"]


def test_part_that_is_already_whole_is_taken(server, tmp_path):
    part_of(tmp_path).write_bytes(CONTENT)
    fetch_one(server, tmp_path)
    assert files_in(tmp_path) == ["train.csv"]


@pytest.mark.parametrize("left", [b"something else", CONTENT + b"and more"])
def test_part_that_does_not_fit_is_started_over(server, tmp_path, left):
    part_of(tmp_path).write_bytes(left)
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT
    assert server.asked[-1] == ("/data/train.csv", None)


def test_server_that_ignores_ranges_sends_all_of_it_again(server, tmp_path):
    server.knows_ranges = False
    part_of(tmp_path).write_bytes(CONTENT[:123])
    server.faults = [SimpleNamespace(cut=200_000)]
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT


def test_connection_that_keeps_failing_ends_in_a_sentence_and_keeps_the_part(server, tmp_path):
    server.faults = [SimpleNamespace(cut=PIECE)] + [SimpleNamespace(status=502)] * 5
    with pytest.raises(UserError, match="train.csv could not be fetched from .* in 5 tries .*HTTP status 502"):
        fetch_one(server, tmp_path)
    assert part_of(tmp_path).read_bytes() == CONTENT[:PIECE]
    fetch_one(server, tmp_path)
    assert server.asked[-1] == ("/data/train.csv", f"bytes={PIECE}-")
    assert (tmp_path / "train.csv").read_bytes() == CONTENT


def test_file_that_is_not_served_is_not_tried_again(server, tmp_path):
    server.faults = [SimpleNamespace(status=404)]
    with pytest.raises(UserError, match="train.csv is not served at http://.*/data/train.csv .HTTP status 404"):
        fetch_one(server, tmp_path)
    assert len(server.asked) == 1


def test_file_that_is_far_too_large_is_not_received(server, tmp_path, monkeypatch):
    monkeypatch.setattr(official, "_MOST_BYTES", len(CONTENT) - 1)
    with pytest.raises(UserError, match="/data/train.csv sends more than"):
        fetch_one(server, tmp_path)
    assert len(server.asked) == 1 and not (tmp_path / "train.csv").exists()


def test_server_that_trickles_answer_after_answer_is_left_in_time(server, tmp_path, monkeypatch):
    monkeypatch.setattr(official, "_SECONDS", 0.25)
    server.faults = [SimpleNamespace(cut=70_000, seconds=0.1)] * 100
    with pytest.raises(UserError, match=r"train.csv could not be fetched from .* in 0 s .*; run the same command again to resume"):
        fetch_one(server, tmp_path)
    assert len(server.asked) <= 4 and CONTENT.startswith(part_of(tmp_path).read_bytes())
    server.faults = []
    fetch_one(server, tmp_path)
    assert (tmp_path / "train.csv").read_bytes() == CONTENT


def test_folder_that_cannot_be_made_is_told(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        fetch_one(server, tmp_path / "file")


def test_command_shows_a_sentence_and_no_traceback(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "--base-url", "nowhere"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("'nowhere/data/train.csv' is not a URL, or redirects to none; expected one such as 'https://")


def test_command_can_be_interrupted(tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt
    monkeypatch.setattr(official, "fetch", interrupt)
    assert main([]) == 130
    assert "to resume" in capsys.readouterr().err


@pytest.mark.slow
def test_module_runs_as_a_command(server, tmp_path):
    server.content = b"tampered"
    run = subprocess.run([sys.executable, "-m", "eufcc_lib", "fetch", "--root", str(tmp_path),
                          "--base-url", server.url], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1 and "git blob id" in run.stderr


def test_leaking_backups_are_not_fetched():
    assert len(FILES) == 8 and not any("backup" in name for name in FILES)


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")
def test_official_files_have_the_pinned_blob_ids():
    pinned = {name.rpartition("/")[2]: blob for name, blob in FILES.items()}
    here = {path.name: blob_id(path) for path in OFFICIAL.iterdir() if path.name in pinned}
    assert "test_id.csv" in here and here.items() <= pinned.items()
