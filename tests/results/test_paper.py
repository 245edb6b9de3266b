"""The printed tables: complete, well formed, and what they contradict is computed from them."""

import re

import pytest

from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data import paper_counts
from eufcc_lib.results.paper import (
    MEAN,
    METHODS,
    TABLES,
    best_and_second,
    columns,
    emphasis_differences,
    printed,
    table_3_differences,
)


@pytest.mark.parametrize(("number", "methods", "width"), [(1, 12, 16), (2, 12, 16), (3, 11, 8)])
def test_every_row_has_a_cell_in_every_column(number, methods, width):
    models = list(dict.fromkeys(model for model, _ in TABLES[number]))
    assert models == [method.name for method in METHODS if method.name in models]
    assert len(models) == methods
    assert set(TABLES[number]) == {(model, column) for model in models for column in columns(number)}
    assert len(columns(number)) == width


def test_every_cell_keeps_the_decimals_that_were_printed():
    for cells in TABLES.values():
        for (_, column), cell in cells.items():
            assert cell.text is None or re.fullmatch(rf"\d+\.\d{{{column.metric.decimals}}}", cell.text)
            assert not (cell.bold and cell.underlined)


def test_the_model_of_one_facet_has_cells_in_that_facet_only():
    filled = {column.facet for number in (1, 2) for (model, column), cell in TABLES[number].items()
              if model == "multi_label_materials" and cell.text is not None}
    assert filled == {"materials"}


@pytest.mark.parametrize(("place", "text", "emphasis"), [
    (("multi_label", "test_id", "objectTypes", "r_precision"), "0.60", ""),
    (("ml_s_clip", "test_id", "subjects", "avg_rank_position"), "1.3", ""),
    (("clip_prompt", "test_id", "subjects", "avg_rank_position"), "1.0", "bold"),
    (("multi_label", "test_ood", "objectTypes", "avg_rank_position"), "101.8", ""),
    (("ml_s", "test_ood", "materials", "avg_rank_position"), "2.3", "underlined"),
    (("clip_one_tag", "test_ood", "objectTypes", "avg_rank_position"), "19.1", "bold"),
    (("softmax_wce", "test_id", MEAN, "acc_at_10"), "0.96", "underlined"),
    (("ml_s_clip", "test_ood", MEAN, "avg_rank_position"), "13.1", ""),
    (("multi_label_materials", "test_ood", MEAN, "acc_at_1"), None, ""),
    (("frequency", "test_ood", MEAN, "acc_at_1"), None, ""),
    (("multi_label", "val", "materials", "acc_at_1"), None, ""),
])
def test_cells_picked_by_eye(place, text, emphasis):
    cell = printed(*place)
    assert (cell.text, cell.bold, cell.underlined) == (text, emphasis == "bold", emphasis == "underlined")


def test_best_and_second_share_their_place_between_equal_texts():
    texts = {"a": "0.90", "b": "0.9", "c": "0.80", "d": None, "e": "0.70"}
    assert best_and_second(texts, higher_is_better=True) == ({"a", "b"}, {"c"})
    assert best_and_second(texts, higher_is_better=False) == ({"e"}, {"c"})


def test_where_all_are_equal_nobody_is_best():
    assert best_and_second({"a": "1.00", "b": "1.00", "c": None}, True) == (set(), set())
    assert best_and_second({}, True) == (set(), set())


def test_table_3_is_off_in_cells_that_rounding_explains():
    found = {(cell.model, cell.column.split, cell.column.metric.name): (cell.printed, cell.expected)
             for cell in table_3_differences()}
    assert found == {("hsoftmax_levels", "test_ood", "r_precision"): ("0.66", "0.67"),
                     ("clip_zero_shot", "test_id", "avg_rank_position"): ("66.7", "66.6")}
    assert table_3_differences(unrounded=True) == []


def test_only_table_2_leaves_emphasis_out():
    found = emphasis_differences()
    assert {cell.column.split for cell in found} == {"test_ood"}
    assert {(cell.printed, cell.expected) for cell in found} == {("plain", "underlined")}
    assert MEAN not in {cell.column.facet for cell in found}


def test_the_counts_of_section_3_agree_where_they_can():
    assert sum(paper_counts.IMAGES_BY_FACETS.values()) == paper_counts.IMAGES != paper_counts.IMAGES_INTRODUCTION
    assert set(paper_counts.TAGS) == set(paper_counts.MINIMUM_INNER_IMAGES) == set(FACET_NAMES)
