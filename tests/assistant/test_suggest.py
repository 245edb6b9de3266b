"""`eufcc suggest`: what comes in, what goes out, and that a run which is killed loses nothing and does nothing twice."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from fake_models import FakeModels
from PIL import Image
from test_thumbnails import answers, picture, serve

from eufcc_lib.assistant import predictor, suggest
from eufcc_lib.assistant.items import find_files
from eufcc_lib.assistant.rows import Suggester, Suggestion
from eufcc_lib.assistant.suggest import COLUMNS, Journal
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT


@pytest.fixture
def models(monkeypatch):
    monkeypatch.setattr(predictor, "load_predictor", lambda *_: FakeModels())


@pytest.fixture
def folder(tmp_path):
    """Three photographs, one of them below, a text file and a hidden one."""
    root = tmp_path / "photographs"
    (root / "box 2").mkdir(parents=True)
    for name, colour in (("a.jpg", "red"), ("b.png", "blue"), ("box 2/c.jpg", "red")):
        Image.new("RGB", (40, 30), colour).save(root / name)
    (root / "list.txt").write_text("no image")
    (root / ".hidden.jpg").write_text("")
    return root


def run(*arguments) -> int:
    return suggest.main([str(argument) for argument in arguments])


def table(path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines(path) -> dict[str, dict]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len({row["image"] for row in rows}) == len(rows), "nothing twice"
    return {row["image"]: row for row in rows}


def test_what_is_promised_is_suggested_and_the_rest_is_accounted_for(models, folder, tmp_path, capsys):
    assert run(folder, "--out", tmp_path / "out.csv") == 0
    rows = table(tmp_path / "out.csv")
    assert tuple(rows[0]) == COLUMNS and [row["image"] for row in rows] == \
        ["a.jpg", "a.jpg", "b.png", "list.txt", "box 2/c.jpg", "box 2/c.jpg"]
    assert [rows[0][name] for name in COLUMNS[1:]] == \
        ["materials", "metal", "metal", "http://vocab.getty.edu/aat/300010900", "0.95", "0.95", "0123456789abcdef", ""]
    assert rows[1]["tag"] == "bronze"
    assert rows[2]["remark"] == "no suggestion" and rows[3]["remark"].startswith("the file starts with b'no image'")
    said = capsys.readouterr().out
    assert "suggested tags for 4 of 4 images" in said and "1 could not be read" in said
    assert not (tmp_path / "out.csv.part").exists()


def test_lines_hold_the_same_from_a_threshold_on_in_a_language(models, folder, tmp_path):
    assert run(folder, "--out", tmp_path / "out.jsonl", "--threshold", "0.5", "--language", "ca") == 0
    found = lines(tmp_path / "out.jsonl")
    (clay,) = found["b.png"]["suggestions"]
    assert clay == {"facet": "materials", "tag": "clay", "uri": clay["uri"], "label": "argila", "score": 0.7, "promise": None}
    assert [tag["promise"] for tag in found["a.jpg"]["suggestions"]] == [0.95, 0.95]
    assert found["a.jpg"]["unlike"] == 1.5 and found["list.txt"]["error"] and found["a.jpg"]["error"] is None


def test_images_of_a_table_are_named_by_it(tmp_path):
    images = tmp_path / "EUROPEANA" / "images"
    images.mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(images / "x1.jpg")
    (tmp_path / "records.csv").write_text("idInSource;title\nx1;One\nx2;Two\n")
    (tmp_path / "files.csv").write_text("image\nEUROPEANA/images/x1.jpg\n")
    tables = [str(tmp_path / "records.csv"), str(tmp_path / "files.csv")]
    assert [(item.name, item.path.is_file()) for item in find_files(tables)] == \
        [("x1", True), ("x2", False), ("EUROPEANA/images/x1.jpg", True)]
    with pytest.raises(UserError, match=r"a second image is called 'x1'"):
        find_files(tables[:1] * 2)


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["nowhere", "--out", "o.csv"], "does not exist; expected a folder"),
    (["{folder}", "--out", "o.txt"], "expected a name that ends in .csv or .jsonl"),
    (["{folder}", "--out", "{folder}/a.csv", "--promise", "0.9", "--threshold", "1"], "Found a threshold and a promise"),
    (["{folder}", "--out", "{folder}/a.csv", "--threshold", "5"], "The threshold is 5.0; expected a probability"),
    (["{folder}", "--out", "{folder}/a.csv", "--promise", "0.9"],
     "Nothing can be promised at 0.9 of the models of 'fake', but at 0.95"),
    (["{folder}", "--out", "{folder}/a.csv", "--language", "nl"], "Unknown language 'nl'"),
    (["{folder}/none.json", "--out", "{folder}/a.csv"], "cannot be read"),
    (["{folder}/empty", "--out", "{folder}/a.csv"], "found no file")])
def test_a_mistake_is_one_sentence(models, folder, capsys, arguments, sentence):
    (folder / "empty").mkdir()
    assert run(*(argument.format(folder=folder) for argument in arguments)) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_what_is_there_is_not_overwritten_and_other_settings_are_not_mixed(models, folder, tmp_path, capsys):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert run(folder, "--out", out) == 2 and "is there already" in capsys.readouterr().err and out.read_text() == "mine"
    out.unlink()
    Journal(tmp_path / "out.csv.part", Suggester(FakeModels(), 0.5).settings).close()
    assert run(folder, "--out", out) == 2
    assert "was begun with other settings (threshold 0.5, not None, promise None, not 0.95)" in capsys.readouterr().err


def test_a_files_name_that_is_no_text_is_written_with_a_replacement_sign(models, tmp_path):
    (tmp_path / "old").mkdir()
    picture = tmp_path / "old" / os.fsdecode(b"caf\xe9.jpg")  # as a system wrote it that had Latin 1
    try:
        Image.new("RGB", (40, 30), "red").save(picture)
    except (OSError, UnicodeError):
        pytest.skip("this system's names are always text")
    assert run(tmp_path / "old", "--out", tmp_path / "out.csv") == 0
    assert {row["image"] for row in table(tmp_path / "out.csv")} == {"caf\ufffd.jpg"}


def test_a_half_line_of_a_kill_is_cut_off(tmp_path):
    journal = Journal(tmp_path / "part", {"model": "m"})
    journal.add([{"image": "a"}, {"image": "b"}])
    journal.close()
    with open(tmp_path / "part", "ab") as file:
        file.write(b'{"image": "c", "sugg')
    again = Journal(tmp_path / "part", {"model": "m"})
    assert again.done == {"a", "b"}
    again.add([{"image": "c"}])
    assert [row["image"] for row in again.rows()] == ["a", "b", "c"]
    with pytest.raises(UserError, match=r"in use by another run"):
        Journal(tmp_path / "part", {"model": "m"})
    again.close()
    assert [file.name for file in tmp_path.iterdir()] == ["part"]


def test_a_promise_is_given_to_scores_that_reach_it(tmp_path):
    Image.new("RGB", (9, 9), "red").save(tmp_path / "a.jpg")
    models = FakeModels()
    (answer,) = models.answers([models.read(tmp_path / "a.jpg")])
    found = Suggester(models, threshold=0.2)(answer)
    assert [(one.tag, one.promise) for one in found if one.facet == "materials"] == \
        [("metal", 0.95), ("bronze", 0.95), ("iron", None)]
    assert Suggestion("subjects", "figure", None, "figure", 0.3, None) in [
        Suggestion(one.facet, one.tag, None, one.label, one.score, one.promise) for one in found]


def test_canvases_of_a_manifest_are_fetched_once(models, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    with contextmanager(serve)(monkeypatch) as server:
        manifest = {"sequences": [{"canvases": [
            {"@id": f"{server.url}/canvas/{name}", "label": name, "images": [{"resource": {
                "@id": f"{server.url}/{name}.jpg", "@type": "dctypes:Image"}}]} for name in ("here", "gone")]}]}
        server.answers = {"/manifest": answers(json.dumps(manifest).encode()), "/here.jpg": answers(picture())}
        for out in ("first.jsonl", "second.jsonl"):
            assert run(f"{server.url}/manifest", "--out", tmp_path / out) == 0
        found = lines(tmp_path / "second.jsonl")
        assert found[f"{server.url}/canvas/here"]["title"] == "here" and found[f"{server.url}/canvas/here"]["error"] is None
        assert "HTTP status 404" in found[f"{server.url}/canvas/gone"]["error"]
        assert server.paths() == ["/manifest", "/here.jpg", "/gone.jpg", "/gone.jpg"]


SLOW_MODELS = """
import sys, time
sys.path.insert(0, {tests!r})
from fake_models import FakeModels
from eufcc_lib.assistant import predictor, suggest
class Slow(FakeModels):
    def answers(self, images):
        time.sleep({seconds})
        return super().answers(images)
predictor.load_predictor = lambda *_: Slow()
suggest.CHUNK = 2
sys.exit(suggest.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_run_that_is_killed_loses_nothing_and_does_nothing_twice(folder, tmp_path):
    for number in range(60):
        Image.new("RGB", (20, 20), ("red", "blue")[number % 2]).save(folder / f"{number:02d}.jpg")
    out, part = tmp_path / "out.jsonl", tmp_path / "out.jsonl.part"

    def start(seconds: float) -> subprocess.Popen:
        program = SLOW_MODELS.format(tests=os.path.dirname(__file__), seconds=seconds)
        return subprocess.Popen([sys.executable, "-c", program, str(folder), "--out", str(out)], cwd=ROOT, stdout=subprocess.PIPE,
                                text=True)

    def done() -> int:
        return part.read_bytes().count(b"\n") - 1 if part.exists() else 0
    for wanted in (6, 20):
        with start(0.2) as process:
            while done() < wanted:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
    kept = part.read_bytes()
    before = kept[:kept.rfind(b"\n") + 1].count(b"\n") - 1
    with start(0.0) as process:
        said, _ = process.communicate()
    assert process.returncode == 0 and f"{before} images are done already" in said
    found = lines(out)
    assert set(found) == {item.name for item in find_files([str(folder)])} and len(found) == 64
    assert all(bool(row["suggestions"]) == (int(name[:2]) % 2 == 0) for name, row in found.items() if name[:2].isdigit())
