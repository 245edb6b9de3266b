"""The suggestions by HTTP, from a real server on loopback: what it answers, and what it says to a wrong request."""

import io
import re
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import requests
import uvicorn
from fake_models import FakeModels
from PIL import Image

from eufcc_lib.assistant import serve_api
from eufcc_lib.assistant.api import Limits, make_api
from eufcc_lib.core.paths import ROOT


@contextmanager
def serving(models=None, **limits):
    """The address of a server of these models."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(make_api(models or FakeModels(), Limits(**limits)), log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def address():
    with serving() as found:
        yield found


def photograph(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "png")
    return file.getvalue()


def ask(address: str, query: str = "", **files):
    return requests.post(f"{address}/suggest{query}", files=files or {"image": ("vase.png", photograph())}, timeout=60)


def test_one_image_gets_what_is_promised(address):
    answer = ask(address)
    assert answer.status_code == 200 and answer.json() == {
        "image": "vase.png", "model": "0123456789abcdef", "unlike": 1.5, "error": None, "suggestions": [
            {"facet": "materials", "tag": "metal", "uri": "http://vocab.getty.edu/aat/300010900", "label": "metal",
             "score": 0.95, "promise": 0.95},
            {"facet": "materials", "tag": "bronze", "uri": "http://vocab.getty.edu/aat/300010957", "label": "bronze",
             "score": 0.92, "promise": 0.95}]}


def test_a_threshold_and_a_language_can_be_asked_for(address):
    found = ask(address, "?threshold=0.5&language=ca", image=("blue.png", photograph("blue"))).json()["suggestions"]
    assert [(one["tag"], one["label"], one["promise"]) for one in found] == [("clay", "argila", None)]


def test_a_batch_answers_for_each_image_also_where_one_cannot_be_read(address):
    files = [("images", ("a.png", photograph())), ("images", ("b.txt", b"no image")), ("images", ("a.png", photograph("blue")))]
    answer = requests.post(f"{address}/suggest-batch?threshold=0.6", files=files, timeout=60)
    rows = answer.json()["images"]
    assert [row["image"] for row in rows] == ["a.png", "b.txt", "a.png"]
    assert [len(row["suggestions"]) for row in rows] == [2, 0, 1] and rows[1]["error"].startswith("the file starts with")


def test_models_say_who_they_are_and_what_they_promise(address):
    (card,) = requests.get(f"{address}/models", timeout=60).json()
    assert card["name"] == "fake: multi_label" and card["commit"] == "c0ffee" and card["tags"]["materials"] == 4
    assert card["promised"] == {"materials": {"threshold": 0.9, "precision": 0.95}}
    assert requests.get(f"{address}/healthz", timeout=60).json() == {"status": "ok"}


@pytest.mark.parametrize(("query", "files", "sentence"), [
    ("", {"image": ("x.jpg", b"no image")}, r"x\.jpg: the file starts with b'no image'; expected an image .*\."),
    ("", {"image": ("x.jpg", b"")}, r"x\.jpg: the file is empty \(0 bytes\)\."),
    ("", {"other": ("x.jpg", b"")}, r"image: field required\."),
    ("?threshold=much", {}, r"threshold: input should be a valid number.*\."),
    ("?threshold=2", {}, r"The threshold is 2\.0; expected a probability above 0 and at most 1\."),
    ("?promise=0.5", {}, r"Unknown promise '0\.5'\. Known promises: 0\.7, 0\.8, 0\.9, 0\.95, 0\.99\."),
    ("?promise=0.9", {}, r"Nothing can be promised at 0\.9 of the models of 'fake', but at 0\.95; .*\."),
    ("?language=nl", {}, r"Unknown language 'nl'\. Known languages: ca, en\.")])
def test_a_wrong_request_is_one_sentence(address, query, files, sentence):
    answer = ask(address, query, **files)
    assert answer.status_code == 400 and list(answer.json()) == ["error"] and re.fullmatch(sentence, answer.json()["error"])


def test_what_is_no_form_is_one_sentence(address):
    for body, kind in ((b"{}", "application/json"), (b"--x\r\nbroken", "multipart/form-data; boundary=x"), (b"", "")):
        answer = requests.post(f"{address}/suggest", data=body, headers={"Content-Type": kind}, timeout=60)
        assert answer.status_code == 400 and len(answer.json()["error"]) > 5
    assert requests.get(f"{address}/nowhere", timeout=60).json() == {"error": "Not Found"}


def test_size_count_and_time_have_limits():
    class Slow(FakeModels):
        def answers(self, images):
            time.sleep(1)
            return super().answers(images)

    with serving(Slow(), megabytes=1, images=2, seconds=0.3) as address:
        large = b"\xff" * 1_500_000
        head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="x.jpg"\r\n\r\n'
        form = {"headers": {"Content-Type": "multipart/form-data; boundary=x"}}
        for body in ({"data": head + large}, {"data": iter([head, large])}):  # with its length said, and without
            answer = requests.post(f"{address}/suggest", **body, **form, timeout=60)
            assert answer.status_code == 413 and "more than 1 MB" in answer.json()["error"]
        many = requests.post(f"{address}/suggest-batch", files=[("images", ("a.png", photograph()))] * 3, timeout=60)
        assert many.status_code == 400 and many.json() == {"error": "Found 3 images; expected at most 2 in a request."}
        late = ask(address)
        assert late.status_code == 503 and late.json()["error"].startswith("There was no answer in 0.3 seconds")
        assert requests.get(f"{address}/healthz", timeout=60).ok, "the server goes on"


def test_the_description_says_what_is_there(address):
    described = requests.get(f"{address}/openapi.json", timeout=60).json()
    assert {(path, method) for path, methods in described["paths"].items() for method in methods} == {
        ("/suggest", "post"), ("/suggest-batch", "post"), ("/models", "get"), ("/healthz", "get")}
    operation = described["paths"]["/suggest"]["post"]
    assert set(operation["responses"]) == {"200", "400", "413", "503"}
    assert list(operation["requestBody"]["content"]) == ["multipart/form-data"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"threshold", "promise", "language"}
    answer = ask(address).json()
    parts = described["components"]["schemas"]
    assert set(parts["ImageSuggestions"]["required"]) == set(answer)
    assert set(parts["Suggestion"]["required"]) == set(answer["suggestions"][0])


@pytest.mark.parametrize("arguments", [["--port", "{taken}"], ["--seconds", "0"]])
def test_what_cannot_be_served_is_one_sentence(arguments, monkeypatch, capsys):
    from eufcc_lib.assistant import predictor
    monkeypatch.setattr(predictor, "load_predictor", lambda *_: FakeModels())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert serve_api.main([argument.format(taken=taken.getsockname()[1]) for argument in arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "expected" in said


def test_the_example_of_the_readme_asks_for_what_is_there(address):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (path, query), = re.findall(r"curl --form image=@\S+ '?http://127\.0\.0\.1:8000(/[a-z-]+)(\?[^'\s]*)'", text)
    assert path == "/suggest" and ask(address, query).ok
