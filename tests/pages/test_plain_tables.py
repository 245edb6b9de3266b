"""Data frames as a reader of the book sees them."""

import re

import pandas as pd
import pytest

from eufcc_lib.pages.plain_tables import to_html


def cells(frame: pd.DataFrame) -> list[list[str]]:
    """The rows of the table, its head first."""
    rows = re.findall("<tr.*?>(.*?)</tr>", to_html(frame), re.DOTALL)
    return [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in rows]


def test_row_numbers_are_left_out():
    assert cells(pd.DataFrame({"tag": ["clay", "None"], "share": [0.25, 0.5]})) == [["tag", "share"], ["clay", "0.25"], ["None", "0.50"]]


def test_names_of_rows_are_a_column_with_its_name_in_the_one_head():
    frame = pd.DataFrame({"images": [3]}, index=pd.Index(["clay"], name="tag"))
    frame.columns.name = "count"
    assert cells(frame) == [["tag", "images"], ["clay", "3"]]


def test_a_name_that_repeats_is_said_once_for_each_of_its_groups():
    index = pd.MultiIndex.from_tuples([("M", "a"), ("M", "b"), ("C", "b")], names=["facet", "tag"])
    assert cells(pd.DataFrame({"n": [1, 2, 3]}, index=index))[1:] == [["M", "a", "1"], ["", "b", "2"], ["C", "b", "3"]]


def test_columns_in_groups_keep_the_groups_head():
    frame = pd.DataFrame([[1, 2]], index=pd.Index(["clay"], name="tag"), columns=pd.MultiIndex.from_product([["inner"], ["M", "C"]]))
    assert cells(frame) == [["tag", "inner"], ["", "M", "C"], ["clay", "1", "2"]]


@pytest.mark.parametrize(("value", "word"), [(None, "–"), (float("nan"), "–"), (True, "yes"), (False, "no"), (("a", "b"), "a, b"),
                                             ("objectTypes", "Object types"), ("a < b", "a &lt; b")])
def test_values_are_words(value, word):
    assert cells(pd.DataFrame({"x": pd.Series([value, "else"], dtype=object)}))[1] == [word]


def test_truth_in_a_column_of_its_own_type_is_a_word_too():
    assert cells(pd.DataFrame({"x": [True, False]}))[1:] == [["yes"], ["no"]]


def test_the_first_cell_of_a_row_is_its_head():
    assert to_html(pd.DataFrame({"a": ["clay"], "b": [2]})).count('<th scope="row">clay</th>') == 1


def test_words_begin_at_the_left_and_numbers_end_at_the_right():
    frame = pd.DataFrame({"tag": ["clay", "oak"], "kept in": ["Girona", "Lleida"], "share": ["25 %", "< 1 %"], "images": [12345, 7]})
    assert re.findall('<t[hd] class="text">(.*?)</t', to_html(frame).partition("<tbody>")[2]) == ["Girona", "Lleida"]
    assert [row[-1] for row in cells(frame)] == ["images", "12,345", "7"]


@pytest.mark.parametrize("frame", [pd.DataFrame({"a": []}), pd.DataFrame(index=["x"]), pd.DataFrame()])
def test_a_frame_with_nothing_in_it_is_dashes(frame):
    assert "–" in cells(frame)[1]


@pytest.mark.parametrize("index", [pd.Index(["clay"], name="tag"), pd.MultiIndex.from_tuples([("a", "clay")])])
def test_a_mean_over_few_images_is_grey_and_said_to_be(index):
    columns = pd.MultiIndex.from_product([["inner", "outer"], ["M", "S"]])
    frame = pd.DataFrame([[0.1, 0.2, 0.3, 0.4]], index=index, columns=columns)
    assert "few" not in to_html(frame)
    frame.attrs["images"] = {("inner", "M"): 300, ("inner", "S"): 30, ("outer", "M"): 29, ("outer", "S"): 23}
    html = to_html(frame.round(2))
    assert re.findall('<t[hd] class="few">(.*?)</t', html) == ["M", "S", "0.3", "0.4"]
    assert "fewer than 30 images (23 to 29)" in html
