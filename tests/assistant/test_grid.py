"""The grid without a browser: what it finds in a session, and what it writes there."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image as Picture

from eufcc_lib.assistant import session
from eufcc_lib.assistant.app import Desk, plain_name
from eufcc_lib.assistant.grid import SIDE, thumbnail
from eufcc_lib.assistant.lines import propose_all
from eufcc_lib.assistant.predictor import Answer
from eufcc_lib.assistant.serve import serve
from eufcc_lib.assistant.store import Store
from eufcc_lib.assistant.uploads import Upload, add_uploads
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree

TREE = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}, "clay": {TOP: 1}})


class Suggesting:
    """Stands for trained models: the brighter an image the likelier is bronze."""

    vocabulary, data = Vocabulary({"materials": TREE} | {facet: arrange_tree(facet, {}) for facet in
                                                         ("objectTypes", "classifications", "subjects")}), "stand-in"
    identity = {"name": "stand-in", "hash": "w", "promised": {"materials": {"threshold": 0.7, "precision": 0.95}}}  # noqa: RUF012

    def __call__(self, path):
        if not path.is_file():
            raise UserError(f"{path.name}: the file is missing.")
        share = Picture.open(path).convert("L").getpixel((0, 0)) / 255
        scores = {"materials": np.array([{"bronze": share}.get(name, 0.2) for name in TREE.names], np.float32)}
        return Answer(scores, scores)


@pytest.fixture
def desk(tmp_path):
    """A desk on four photographs, which the models have seen."""
    store = Store(tmp_path / "s", who="ada")
    for grey in (250, 50, 200, 10):
        buffer = io.BytesIO()
        Picture.new("L", (600, 300), grey).save(buffer, "png")
        add_uploads(store, [Upload(f"{grey}.png", buffer.getvalue())])
    desk = Desk(Suggesting(), store, "ada")
    desk.show_image()
    desk.review.begin()
    return desk


def tiles(desk: Desk) -> list[tuple[str, str, bool]]:
    return [(tile["image"], tile["mark"], tile["likely"]) for tile in desk.see.grid.shown["tiles"]]


def test_photographs_of_a_tag_are_sorted_by_score_and_those_of_what_is_likely_and_undecided(desk):
    assert tiles(desk) == [("250.png", "", True), ("200.png", "", True)]
    assert {tile["text"] for tile in desk.see.grid.shown["tiles"]} == {"bronze"}, "metal comes along"
    desk.review.act({"do": "choose", "choice": "materials/bronze", "page": 0})
    assert tiles(desk) == [("250.png", "", True), ("200.png", "", True), ("50.png", "", False)]
    assert desk.state.suggested_tags("w", 0.1)[0] == ("materials", "clay", 4)
    desk.do(session.accept(desk.state, TREE, "250.png", [TREE.index["bronze"]]))
    assert list(desk.state.likely_undecided("w", {"materials": 0.7})) == ["200.png"] and not desk.state.likely_undecided("w", {})


def test_what_other_models_suggested_is_not_called_likely_by_the_promise_of_these(desk):
    assert len(tiles(desk)) == 2
    desk.predictor = SimpleNamespace(identity={"name": "later", "hash": "later"})
    desk.review.show("likely", 0)
    assert not tiles(desk) and not desk.state.suggested_tags("later", 0)


def test_a_page_is_written_as_one_step(desk):
    bronze = [["materials", "bronze"]]
    write = {"do": "write", "choice": "likely", "page": 0, "marks": [{"image": "250.png", "tags": bronze, "mark": "accepted"},
                                                                     {"image": "200.png", "tags": bronze, "mark": "rejected"}]}
    for _ in range(2):  # twice, as by a key that was pressed twice
        desk.review.act(write)
    assert desk.state.accepted("250.png", "materials") == {"metal", "bronze"}
    assert desk.state.rejected("200.png", "materials") == {"bronze"}
    assert tiles(desk) == [("200.png", "", True)], "of what is above the rejected tag nothing is decided"
    assert desk.state.undecided() == ["50.png", "10.png"]
    desk.review.act({"do": "undo"})
    assert not list(desk.state.decisions()) and [image for image, *_ in tiles(desk)] == ["250.png", "200.png"]


def test_a_thumbnail_is_small_and_made_once(desk, monkeypatch):
    file = desk.state.images["250.png"].file
    data = thumbnail(desk.store.folder, file)
    assert max(Picture.open(io.BytesIO(data)).size) == SIDE
    monkeypatch.setattr("eufcc_lib.assistant.grid.view_image", None)
    assert thumbnail(desk.store.folder, file) == data


def test_the_grid_stays_alone_on_the_page_and_the_header_works_again_after_it(desk):
    desk.review.act({"do": "open", "image": "50.png"})
    desk.review.begin()
    desk.review.act({"do": "choose", "choice": "materials/bronze", "page": 0})
    desk.review.act({"do": "write", "choice": "materials/bronze", "page": 0,
                     "marks": [{"image": "250.png", "tags": [["materials", "bronze"]], "mark": "accepted"}]})
    assert desk.see.next.disabled and desk.see.previous.disabled
    desk.review.act({"do": "undo"})
    desk.speak("ca")
    assert desk.see.desk.css_classes == ["away"] and not list(desk.state.decisions())
    assert {tile["word"] for tile in desk.see.grid.shown["tiles"]} == {"98 %", "78 %", "potser"}
    desk.review.act({"do": "close"})
    assert not desk.see.desk.css_classes and not (desk.see.next.disabled and desk.see.previous.disabled)


def test_a_photograph_that_cannot_be_read_is_told_and_those_after_it_are_asked_about(desk):
    buffer = io.BytesIO()
    Picture.new("L", (60, 30), 240).save(buffer, "png")
    add_uploads(desk.store, [Upload("lost.png", buffer.getvalue())])
    Picture.new("L", (60, 30), 230).save(buffer := io.BytesIO(), "png")
    add_uploads(desk.store, [Upload("kept.png", buffer.getvalue())])
    (desk.store.folder / "images" / desk.state.images["lost.png"].file).unlink()
    desk.review.begin()
    assert desk.state.suggested_by("kept.png") == "w" and not desk.state.suggested_by("lost.png")


def test_a_write_that_fails_leaves_the_page(desk, monkeypatch):
    def full(*_):
        raise UserError("the disk is full")
    monkeypatch.setattr(desk.store, "do", full)
    desk.review.act({"do": "write", "choice": "materials/bronze", "page": 0, "marks": []})
    desk.act(desk.see.proposals, {"do": "take", "image": "250.png", "tags": [["materials", "bronze"]], "number": 1})
    assert desk.image == "250.png" and "the disk is full" in desk.see.told.object


def test_what_was_on_the_screen_counts_also_when_the_next_page_is_on_its_way(desk):
    desk.review.close()
    take = {"do": "take", "image": "250.png", "tags": [["materials", "bronze"]], "number": 1}
    desk.act(desk.see.proposals, take)
    assert desk.image == "50.png"
    desk.act(desk.see.proposals, take)
    assert desk.image == "50.png" and not list(desk.state.decisions("50.png"))


def test_what_a_proposal_rests_on_is_named_and_a_strange_image_is_said_to_be_one(desk):
    answer = SimpleNamespace(sure={"materials": np.array([0.2, 0.9, 0.1], np.float32)}, unlike=1.4,
                             neighbours={"materials": (SimpleNamespace(image="m1", tags=("bronze",)),) * 5})
    assert not desk.see.proposals.shown["strange"]
    desk.proposed = propose_all(desk.vocabulary, answer, desk.promised)
    desk.refresh()
    shown = desk.see.proposals.shown
    assert shown["strange"] and shown["facets"][0]["alike"] == [{"image": "m1", "tags": [{"text": "bronze", "agrees": True}]}] * 3


def test_other_machines_need_a_password():
    with pytest.raises(UserError, match="expected a --password"):
        serve(SimpleNamespace(), address="0.0.0.0")


def test_a_name_is_one_short_line():
    assert plain_name("  Ada\n Lovelace \x00") == "Ada Lovelace" and len(plain_name("a" * 99)) == 40
