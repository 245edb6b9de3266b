"""What the page says of its models: what was kept of a promise, what a proposal rests on, and what a session teaches."""

import io
import json
import re
import sys

import numpy as np
import pytest
from PIL import Image
from test_assistant_browser import CHROMIUM, browser, free_port, opened_page, playwright, put  # noqa: F401  a fixture among them

from eufcc_lib.assistant import lessons, session
from eufcc_lib.assistant.app import Desk
from eufcc_lib.assistant.likeness import Memory, Neighbour
from eufcc_lib.assistant.predictor import Answer
from eufcc_lib.assistant.serve import serve
from eufcc_lib.assistant.store import Store
from eufcc_lib.assistant.uploads import Upload, add_uploads
from eufcc_lib.data.dataset import images_folder
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree

TREE = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}, "clay": {TOP: 1}})


class Suggesting:
    """Stands for models to which bronze is likely, all photographs are strange, and that learned from two photographs."""

    vocabulary, data = Vocabulary({"materials": TREE} | {facet: arrange_tree(facet, {}) for facet in
                                                         ("objectTypes", "classifications", "subjects")}), "stand-in"
    identity = {"name": "stand-in", "hash": "w", "promised": {"materials": {"threshold": 0.7, "precision": 0.95}}}  # noqa: RUF012
    memory = Memory(np.array(["known", "../secret"]), None, None, {}, 1.0)

    def __init__(self, source: str = ""):
        self.source = source

    def __call__(self, path):
        scores = {"materials": np.array([{"bronze": 0.9, "metal": 0.9}.get(name, 0.2) for name in TREE.names], np.float32)}
        return Answer(scores, scores, 1.5, {"materials": (Neighbour("known", 0.9, ("bronze", "clay")), Neighbour("../secret", 0.8, ("clay",)))})


def photograph(red: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), (red, 90, 60)).save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture
def desk(tmp_path):
    """A desk on twelve photographs that the models have seen."""
    store = Store(tmp_path / "s", who="ada")
    names, _ = add_uploads(store, [Upload(f"{number}.png", photograph(number)) for number in range(12)])
    desk = Desk(Suggesting(), store, "ada")
    for name in names:
        desk.go_to(name)
        desk.show_image()
    return desk


def decide(desk, accept: int, reject: int) -> dict:
    """Accept bronze, or reject metal, on so many photographs; the page of materials after that."""
    index = TREE.index
    for number, name in enumerate(list(desk.state.images)[:accept + reject]):
        desk.do(session.accept(desk.state, TREE, name, [index["metal"]]) if number < accept else
                session.reject(desk.state, TREE, name, index["metal"]))
    return next(facet for facet in desk.see.proposals.shown["facets"] if facet["name"] == "materials")


def test_beside_a_promise_stands_what_was_kept_of_it_once_ten_are_decided(desk):
    assert decide(desk, 9, 0)["kept"] == ""
    found = decide(desk, 11, 1)
    assert (found["kept"], found["broken"]) == ("in this session 11 of 12", False)


def test_a_broken_promise_is_said_in_other_words(desk):
    found = decide(desk, 7, 5)
    assert (found["kept"], found["broken"]) == ("in this session only 7 of 12", True)
    desk.speak("ca")
    assert decide(desk, 7, 5)["kept"] == "en aquesta sessió només 7 de 12"


def test_a_batch_of_strange_photographs_is_told(desk):
    assert desk.see.proposals.shown["batch"].startswith("Of the images seen so far, 100 % are unlike")


def test_tags_of_neighbours_that_are_proposed_agree(desk):
    (first, _) = decide(desk, 0, 0)["alike"]
    assert first == {"image": "known", "tags": [{"text": "bronze", "agrees": True}, {"text": "clay", "agrees": True}]}


def test_the_dialog_shows_a_failure_and_what_cannot_be_kept(desk, monkeypatch):
    monkeypatch.setattr(lessons, "read", lambda job: lessons.Lesson(lessons.FAILED, ("Nothing is decided.",)))
    desk.teaching.act({"do": "look"})
    assert desk.see.lessons.shown == {"stage": "failed", "sentences": ["Nothing is decided."], "rows": [], "kept": [], "said": ""}


# What the program of a lesson writes, without any model.
LEARNS = """
import json, sys, time
from pathlib import Path
row = {{"facet": "materials", "metric": "R-precision", "images": 9}} | {{side + end: 0.5 for side in ("before", "after", "difference")
                                                                      for end in ("", " low", " high")}}
print("Learning from 3 images.", flush=True)
while not Path({go!r}).exists():
    time.sleep(0.05)
(Path(sys.argv[1]) / "learning/result.json").write_text(json.dumps({{"stage": "done", "sentences": ["Learned.", "No new tags.", "Not calibrated."],
                                                                    "measured": [row]}}))
"""


@pytest.fixture
def page(browser, tmp_path):  # noqa: F811
    """A page of a server whose models have their training photographs at hand."""
    folder = images_folder(tmp_path / "museum")
    folder.mkdir(parents=True)
    Image.new("RGB", (400, 200), "red").save(folder / "known.jpg")
    Image.new("RGB", (400, 200), "red").save(folder.parent / "secret.jpg")
    port = free_port()
    server = serve(Suggesting(str(tmp_path / "museum")), port, root=tmp_path / "sessions", threaded=True)
    with opened_page(browser, f"http://localhost:{port}/") as page:
        put(page, ("first.png", photograph(0)), ("second.png", photograph(255)))
        page.get_by_text("Image 1 of 2").wait_for()
        page.locator("li.likely").wait_for()
        yield page
    server.stop()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to drive")
def test_the_photographs_that_a_proposal_rests_on_come_when_they_are_asked_for(page):
    assert not page.locator("details img").count()
    page.keyboard.press("w")
    playwright.expect(page.locator("details img")).to_have_count(1)  # the other id leads out of the folder
    width = page.locator("details img").evaluate("async image => { await image.decode(); return image.naturalWidth }")
    assert width == 192 and page.locator("details b").all_inner_texts() == ["bronze", "clay", "clay"]
    page.keyboard.press("ArrowRight")
    page.get_by_text("Image 2 of 2").wait_for()
    playwright.expect(page.locator("details[open] img")).to_have_count(1)
    page.keyboard.press("w")
    playwright.expect(page.locator("details[open]")).to_have_count(0)
    page.locator("summary").click()
    playwright.expect(page.locator("details[open] img")).to_have_count(1)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to drive")
def test_learning_is_begun_on_the_page_goes_on_over_a_reload_and_is_kept_by_choice(page, tmp_path, monkeypatch):
    go = tmp_path / "go"
    monkeypatch.setattr(lessons, "_PROGRAM", (sys.executable, "-c", LEARNS.format(go=str(go))))
    kept = []

    def keep(job, name):
        result = json.loads((job.folder / lessons.RESULT).read_text())
        (job.folder / lessons.RESULT).write_text(json.dumps(result | {"kept": [f"mini-{name}"]}))
        kept.append(name)
    monkeypatch.setattr(lessons, "keep", keep)
    dialog = page.get_by_role("dialog", name="Learn from this session")
    page.keyboard.press("l")
    dialog.get_by_role("button", name="Start learning").click()
    dialog.get_by_text("Learning from 3 images.").wait_for()
    page.reload()
    page.locator("li.likely").wait_for()
    page.keyboard.press("l")
    dialog.get_by_text("Learning from 3 images.").wait_for()
    go.touch()
    playwright.expect(dialog.locator("td")).to_have_text(["Materials", "R-precision", "50 % (50 % to 50 %)", "50 % (50 % to 50 %)",
                                                          re.compile(r"\+0\.5"), "9"])
    field = dialog.get_by_label("Name of the new model")
    field.click()
    page.keyboard.type("next")  # n is the key for the next photograph
    page.keyboard.press("Enter")
    dialog.get_by_text("eufcc assistant --data mini-next").wait_for()
    assert kept == ["next"]
    page.keyboard.press("Escape")
    playwright.expect(dialog).to_be_hidden()
    assert page.get_by_text("Image 1 of 2").is_visible()
