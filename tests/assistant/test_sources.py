"""Images to begin with: any number of a folder's, and those of IIIF manifests, whose canvases get the tags."""

import csv
import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_models import MATERIALS, FakeModels
from PIL import Image
from test_thumbnails import answers, picture, serve

from eufcc_lib.assistant import export_command, predictor, session, sources, suggest, uploads
from eufcc_lib.assistant.exports import export_csv, import_csv
from eufcc_lib.assistant.serve import open_images
from eufcc_lib.assistant.sources import add_source, source_session
from eufcc_lib.assistant.state import CANVAS, MANIFEST
from eufcc_lib.assistant.store import Store
from eufcc_lib.collection import iiif
from eufcc_lib.collection.http import Pace
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.records import TITLE, URL


@pytest.fixture
def folder(tmp_path) -> Path:
    """Five photographs, and what systems put beside them."""
    root = tmp_path / "photographs"
    root.mkdir()
    for number in range(5):
        Image.new("RGB", (10, 10 + number)).save(root / f"{number}.jpg")
    for name in (".hidden", "Thumbs.db"):
        (root / name).write_text("x")
    return root


@pytest.fixture
def decoded(monkeypatch) -> list:
    """What was decoded since."""
    seen, decode = [], uploads.decode_picture
    monkeypatch.setattr(uploads, "decode_picture", lambda data: seen.append(data) or decode(data))
    return seen


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The names of the files that were read since."""
    seen, read = [], Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: seen.append(path.name) or read(path))
    return seen


def test_a_folder_may_hold_more_images_than_a_browser_adds_at_once(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    monkeypatch.setattr(sources, "_SECONDS", -1)
    store = Store(tmp_path / "s")
    assert add_source(store, str(folder)) == ([f"{number}.jpg" for number in range(5)], [])
    assert capsys.readouterr().out.startswith(f"1 of 5 images of {folder}\n2 of 5 images")


def test_the_next_start_reads_only_what_is_new_or_changed(folder, tmp_path, read, decoded):
    store = Store(tmp_path / "s")
    add_source(store, str(folder))
    assert len(read) == len(decoded) == 5
    read.clear()
    assert add_source(Store(tmp_path / "s"), str(folder)) == ([], []) and not read
    earlier = (folder / "3.jpg").stat().st_mtime_ns
    os.utime(folder / "2.jpg")  # touched, and its content is known
    (folder / "3.jpg").write_bytes((folder / "3.jpg").read_bytes() + b"x")  # another image, with the time of the one before
    os.utime(folder / "3.jpg", ns=(earlier, earlier))
    read.clear(), decoded.clear()
    added, said = add_source(Store(tmp_path / "s"), str(folder))
    assert added == ["3 (2).jpg"] and "another image has this name" in said[0] and read == ["2.jpg", "3.jpg"]
    assert len(decoded) == 1, "what is known is not decoded again"
    read.clear()
    add_source(Store(tmp_path / "s"), str(folder))
    assert read == ["3.jpg"], "a name that was not free is not known by it"


def test_what_was_added_before_a_kill_is_not_decoded_again(folder, tmp_path, monkeypatch, decoded):
    keep = uploads._keep

    def killed(*arguments):
        if len(decoded) == 3:
            raise KeyboardInterrupt
        return keep(*arguments)
    monkeypatch.setattr(uploads, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        add_source(Store(tmp_path / "s"), str(folder))
    monkeypatch.setattr(uploads, "_keep", keep)
    assert add_source(Store(tmp_path / "s"), str(folder))[0] == ["3.jpg", "4.jpg"] and len(decoded) == 5


def test_what_is_no_folder_or_empty_is_told_and_a_file_that_cannot_be_read_keeps_no_other_out(folder, tmp_path, monkeypatch):
    store = Store(tmp_path / "s")
    with pytest.raises(UserError, match="is no folder; expected one with images, or a IIIF manifest"):
        add_source(store, str(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="found no file"):
        add_source(store, str(tmp_path / "empty"))
    read = Path.read_bytes

    def refuse(path):
        if path.name == "2.jpg":
            raise PermissionError(13, "Permission denied")
        return read(path)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    added, said = add_source(store, str(folder))
    assert len(added) == 4 and said == ["'2.jpg': the file cannot be read (Permission denied)."]


# ---- IIIF in and out ---------------------------------------------------------------------------------------------


def second(base: str) -> dict:
    return {"@context": "http://iiif.io/api/presentation/2/context.json", "@id": f"{base}/two/manifest", "@type": "sc:Manifest",
            "label": "Jar", "sequences": [{"canvases": [{"@type": "sc:Canvas", "@id": f"{base}/two/canvas/{side}", "label": f"side {side}",
                                                         "images": [{"resource": {"@type": "dctypes:Image", "@id": f"{base}/{side}.jpg"}}]}
                                                        for side in ("a", "b", "gone")]}]}


def third(base: str) -> dict:
    return {"@context": "http://iiif.io/api/presentation/3/context.json", "id": f"{base}/three/manifest", "type": "Manifest",
            "label": {"en": ["Bowl 1/2"]}, "items": [{"id": f"{base}/three/canvas/1", "type": "Canvas", "items": [{
                "type": "AnnotationPage", "items": [{"type": "Annotation", "motivation": "painting",
                                                     "body": {"id": f"{base}/c.jpg", "type": "Image"}}]}]}]}


def both(base: str) -> dict:
    return {"id": f"{base}/collection", "type": "Collection", "items": [
        {"id": f"{base}/two/manifest", "type": "Manifest"}, {"id": f"{base}/three/manifest", "type": "Manifest"}]}


@pytest.fixture
def museum(monkeypatch, tmp_path):
    """A server on loopback with a manifest of each version and a collection of both; `gone` has no image."""
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    monkeypatch.setattr(iiif, "Pace", lambda rate: Pace(None))
    with contextmanager(serve)(monkeypatch) as server:
        server.answers = {f"/{path}": answers(json.dumps(document(server.url)).encode())
                          for path, document in (("two/manifest", second), ("three/manifest", third), ("collection", both))}
        server.answers |= {f"/{name}.jpg": answers(picture(seed, size=(200, 300))) for seed, name in enumerate("abc")}
        yield server


def test_the_images_of_manifests_come_with_the_canvas_they_are_from_and_only_once(museum, tmp_path, capsys):
    address = f"{museum.url}/collection"
    name = open_images(address)
    said = capsys.readouterr().out
    assert "/two/canvas/gone: no image could be fetched (HTTP status 404" in said and f"3 images of {address} are new" in said
    with_store = Store(session.session_folder(name))
    state = with_store.state
    assert list(state.images) == ["Jar, side a.jpg", "Jar, side b.jpg", "Bowl 1-2.jpg"]
    assert state.record("Jar, side b.jpg") == {TITLE: "Jar", URL: f"{museum.url}/b.jpg", CANVAS: f"{museum.url}/two/canvas/b",
                                               MANIFEST: f"{museum.url}/two/manifest"}
    assert state.record("Bowl 1-2.jpg")[CANVAS] == f"{museum.url}/three/canvas/1"
    asked = museum.paths()
    assert open_images(address) == name and "it has 3" in capsys.readouterr().out
    assert museum.paths() == [*asked, "/gone.jpg"], "what came is asked for once"
    with_store.close()


@pytest.mark.parametrize(("path", "canvases"), [("two/manifest", ("two/canvas/a", "two/canvas/b")), ("three/manifest", ("three/canvas/1",)),
                                                ("collection", ("two/canvas/a", "two/canvas/b", "three/canvas/1"))])
def test_what_was_decided_on_a_manifests_images_leaves_as_annotations_on_its_canvases(museum, tmp_path, monkeypatch, path, canvases):
    models, address = FakeModels(), f"{museum.url}/{path}"
    monkeypatch.setattr(predictor, "load_predictor", lambda *_: models)
    monkeypatch.setattr(export_command, "_vocabulary", lambda data: models.vocabulary)
    assert suggest.main([address, "--out", str(tmp_path / "suggested.csv")]) == 0
    with open(tmp_path / "suggested.csv", encoding="utf-8", newline="") as file:
        assert {row["image"] for row in csv.DictReader(file)} - {f"{museum.url}/two/canvas/gone"} == {f"{museum.url}/{one}" for one in canvases}
    name = open_images(address)
    store = Store(session.session_folder(name), "ada")
    for image in store.state.images:
        store.do(session.accept(store.state, MATERIALS, image, [MATERIALS.index["bronze"]]))
    store.close()
    assert export_command.main([name, "--format", "iiif", "--out", str(tmp_path / "out.json")]) == 0
    manifest = json.loads((tmp_path / "out.json").read_text())
    assert [canvas["id"] for canvas in manifest["items"]] == [f"{museum.url}/{one}" for one in canvases]
    for canvas in manifest["items"]:
        (page,) = canvas["annotations"]
        assert page["type"] == "AnnotationPage" and {item["target"] for item in page["items"]} == {canvas["id"]}
        assert [item["body"][0]["value"] for item in page["items"]] == ["bronze", "metal"]
        assert canvas["items"][0]["items"][0]["body"]["id"].startswith(museum.url), "the museum's own image"


def test_the_canvas_stays_with_its_image_when_a_csv_is_opened(museum, tmp_path):
    store = Store(session.session_folder(open_images(f"{museum.url}/three/manifest")), "ada")
    export_csv(store.state, FakeModels.vocabulary, tmp_path / "a.csv")
    assert f"{museum.url}/three/canvas/1" in (tmp_path / "a.csv").read_text()
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    keep = [place for place, column in enumerate(rows[0]) if not column.startswith("iiif.")]
    with open(tmp_path / "b.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([row[place] for place in keep] for row in rows)
    event, said = import_csv(store.state, FakeModels.vocabulary, tmp_path / "b.csv")
    store.do(event)
    assert not said and store.state.record("Bowl 1-2.jpg")[CANVAS] == f"{museum.url}/three/canvas/1"
    store.close()


def test_a_source_has_one_session_wherever_it_is_named_from(tmp_path):
    assert source_session("https://museum.example/iiif/jar/manifest.json").startswith("museum-example-iiif-jar-manifest-json-")
    assert source_session("https://museum.example/iiif/1") != source_session("https://museum.example/iiif/2")
    assert source_session(str(tmp_path / "a" / ".." / "jar.json")) == source_session(str(tmp_path / "jar.json"))
    long = source_session(f"https://{'museum' * 20}.example/")
    assert session.session_folder(long, tmp_path).parent == tmp_path
