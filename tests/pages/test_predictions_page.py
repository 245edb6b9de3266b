"""Predictions as a piece of a page: every tag with its sign and probability, small photographs with words for them."""

import base64
import io
import re

from PIL import Image

from eufcc_lib.pages.predictions import SIDE, show_examples
from eufcc_lib.results.predictions import ANNOTATED, WRONG, Answer, Example


def example(row, *answers):
    return Example(row, f"id_{row}", "Museum <A>", "R-precision 0.50", answers)


def test_the_page_shows_each_tag_with_its_sign_and_the_record(tmp_path):
    Image.new("RGB", (900, 300), "red").save(tmp_path / "a.png")
    answers = (Answer("materials", ("wood",), ("reed",), (("wood", 0.999, ANNOTATED), ("metal", 0.3, WRONG))),
               Answer("subjects", (), (), tuple((name, None, None) for name in ("portrait", "nude", "figure", "sea"))))
    page = show_examples([example(0, *answers), example(1, *answers)], [tmp_path / "a.png", tmp_path / "missing.png"]).html
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "✓ wood &gt; 99 %" in shown and "× metal 30 %" in shown and "portrait nude figure" in shown and "sea" not in shown
    assert "On record: wood, reed (not in the vocabulary)" in shown and "On record: nothing to judge by" in shown
    assert "Museum &lt;A&gt;" in shown and page.count("<img") == 1 and 'alt="Photograph id_0 of Museum &lt;A&gt;"' in page
    picture = Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]+)"', page)[1])))
    assert picture.size == (SIDE, round(SIDE / 3))


def test_without_examples_a_sentence_says_so():
    assert "No image" in show_examples([], []).html
