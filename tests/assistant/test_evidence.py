"""The pictures of training photographs: small, kept at hand, and never from another folder than the data set's."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from eufcc_lib.assistant import evidence
from eufcc_lib.assistant.evidence import SIDE, agreeing, evidence_picture, is_name, look
from eufcc_lib.assistant.likeness import Memory
from eufcc_lib.assistant.lines import Line
from eufcc_lib.data.dataset import images_folder

IDS = ["wide", "../secret", "broken", "gone", "..", "a\\b"]


@pytest.fixture
def predictor(tmp_path):
    """A data set with a wide photograph and a broken one, and beside its images a file that is not for the page."""
    folder = images_folder(tmp_path / "museum")
    folder.mkdir(parents=True)
    Image.new("RGB", (800, 400), "red").save(folder / "wide.jpg")
    Image.new("RGB", (8, 8)).save(folder.parent / "secret.jpg")
    (folder / "broken.jpg").write_bytes(b"no image")
    return SimpleNamespace(source=str(tmp_path / "museum"), memory=Memory(np.array(IDS), None, None, {}, 1.0))


def test_a_picture_is_a_small_jpeg_that_is_read_once(predictor, monkeypatch):
    found = evidence_picture(predictor, "wide")
    with Image.open(io.BytesIO(found)) as picture:
        assert picture.format == "JPEG" and picture.size == (SIDE, SIDE // 2)
    monkeypatch.setattr(evidence, "view_image", None)
    assert evidence_picture(predictor, "wide") is found


@pytest.mark.parametrize("image", IDS[1:] + ["unknown"])
def test_what_is_not_there_or_leads_elsewhere_has_no_picture(predictor, image):
    assert evidence_picture(predictor, image) is None


@pytest.mark.parametrize(("image", "plain"), [("a", True), ("a b.c", True), ("é", True), ("", False), (".", False), ("..", False), ("a/b", False),
                                              ("/a", False), ("a\\b", False), ("c:a", False), ("a\0", False)])
def test_an_id_is_a_name_and_no_path(image, plain):
    assert is_name(image) == plain


def test_without_the_data_set_there_is_no_picture(predictor, tmp_path):
    assert evidence_picture(SimpleNamespace(source="", memory=predictor.memory), "wide") is None
    assert evidence_picture(SimpleNamespace(source=str(tmp_path / "nowhere"), memory=predictor.memory), "wide") is None
    assert evidence_picture(SimpleNamespace(source=predictor.source, memory=None), "wide") is None


def test_pictures_come_from_a_thread_and_those_that_cannot_be_had_are_left_out(predictor):
    assert list(look(predictor, ["wide", "gone", "wide"]).result()) == ["wide"]


def test_a_neighbours_tags_agree_with_what_is_proposed_with_all_above_it():
    lines = [Line((0, 1), 0.9, True, False), Line((3,), 0.2, False, False)]
    assert agreeing(("bronze", "iron", "own word"), lines, ("metal", "bronze", "iron", "clay")) == {"bronze"}
