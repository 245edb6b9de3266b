"""The small tables of the explaining chapters."""

import json

import nbformat
import numpy as np
import pytest

from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data import examples, paper_counts
from eufcc_lib.data.label_files import read_label_tree
from eufcc_lib.data.labels import count_vocabulary, label_matrix
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns
from eufcc_lib.pages import lists

OFFICIAL = ROOT.parent / "shared" / "data" / "official"


@pytest.fixture
def records():
    columns = {column: [""] * 3 for column in COLUMNS}
    columns["idInSource"] = ["coin_1", "ewer_1", "ewer_2"]
    columns["materials.hierarchy"] = ["metal | bronze", "metal | silver $ wood", ""]
    columns["objectTypes.hierarchy"] = ["", "vessel | ewer", "vessel"]
    return records_from_columns(columns)


def test_without_an_id_a_record_that_fills_most_facets_is_drawn(records):
    assert {examples.find_record(records, None, seed) for seed in range(5)} == {1}
    assert examples.find_record(records, "ewer_2") == 2


def test_unknown_record_is_told_with_an_example_of_an_id(records):
    with pytest.raises(UserError, match="no record 'ewer_3' among these 3; an id is, for example, 'coin_1'"):
        examples.find_record(records, "ewer_3")


def test_tags_outside_the_vocabulary_have_no_place(records):
    listed = lists.list_tags(records, 1, count_vocabulary(records, minimum=2))
    assert list(listed["tag"]) == ["vessel", "ewer", "metal", "silver", "wood"]
    assert list(listed["training images"]) == ["2", "–", "2", "–", "–"]
    catalan = lists.list_tags(records, 1, count_vocabulary(records, minimum=2), "ca")
    assert list(catalan.index) == ["Tipus d'objecte"] * 2 + ["Materials"] * 3


def test_floor_is_the_mean_of_the_best_that_each_image_allows(records):
    vocabulary = count_vocabulary(records, minimum=1)
    labels = {facet: label_matrix(records, tree) for facet, tree in vocabulary.taxonomies.items()}
    listed = lists.list_floors(labels, "test_id")
    # Materials: two tags can be at 1 and 2, three at 1, 2 and 3; the image without any is skipped.
    assert listed.loc["Materials"].tolist() == [(1.5 + 2) / 2, 3.1]
    assert lists.list_floors(labels, "test_id", "ca").loc["Temes"].equals(listed.loc["Subjects"])


def test_readings_are_listed_with_the_cell_that_contradicts_most_clearly():
    listed = lists.list_readings().reset_index()
    first = listed.index[listed["question"] == "a tag's score in H-Softmax (levels)"][0]
    assert listed.iloc[first, 1:].tolist() == ["the product along its path", "✓", "–", "–", "–", "–"]
    assert listed.iloc[first + 1].tolist() == ["", "the probability within its level", "", "1 of 1",
                                               "H-Softmax (levels), M, Acc@1", "0.88", "at most 0.004"]
    assert lists.list_levels("ca").loc["Temes"].tolist() == [7, *"–––––––"]


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official inner test file is not here")
def test_one_printed_rank_is_below_the_floor_of_the_official_file():
    records = read_records(OFFICIAL / "test_id.csv")
    tree = read_label_tree(OFFICIAL / "subjects.txt", "subjects")
    labels = {facet: label_matrix(records, tree) for facet in paper_counts.TAGS}
    floor, least_printed = lists.list_floors(labels, "test_id").loc["Subjects"]
    assert least_printed == 1.0 and round(floor, 1) == 1.1


def test_runs_are_listed_in_the_order_they_started(tmp_path):
    for name, start in (("second", "2026-11-24T02:31:20.5"), ("first", "2026-11-24T02:30:00.1")):
        told = {"start_time": start, "end_time": start, "duration": 12.34, "parameters": {"data": "mini", "seed": 1}}
        nbformat.write(nbformat.v4.new_notebook(metadata={"papermill": told}), tmp_path / f"{name}.ipynb")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "by_hand.ipynb")
    listed = lists.list_runs(str(tmp_path))
    assert listed["page"].tolist() == ["first", "second"]
    assert listed.iloc[0].tolist() == ["first", "2026-11-24 02:30", 12.3, "-p data mini -p seed 1"]
    assert lists.list_runs(str(tmp_path / "nowhere")).empty


def test_benchmarks_are_read_as_they_were_reported(tmp_path, monkeypatch):
    kept = {"title": "Sorting 10 numbers", "date": "2026-11-24", "base": "nothing",
            "machine": {"cpu": "A processor", "cores": 2, "system": "Linux", "python": "3.11.7"},
            "rows": [{"method": "nothing", "seconds": 0.0002991, "ratio": 1.0},
                     {"method": "bogosort", "seconds": 12.5, "ratio": 41792.0}]}
    (tmp_path / "sorting.json").write_text(json.dumps(kept))
    monkeypatch.setattr(lists, "BENCHMARKS", tmp_path)
    ((title, place, table),) = lists.list_benchmarks()
    assert title == "Sorting 10 numbers"
    assert place == "A processor, 2 cores, Linux; python 3.11.7; 2026-11-24."
    assert table.loc["bogosort"].tolist() == ["12.5", "41,792"] and table.loc["nothing", "seconds"] == "0.000299"


def test_a_star_stands_at_each_tag_of_an_image():
    frame = lists.star_scores(np.array([[3, 0.5], [-1, 2]]), np.array([[True, False], [False, False]]), ["metal", "wood"])
    assert frame.values.tolist() == [["3 *", "0.5"], ["-1", "2"]] and list(frame.index) == ["image 1", "image 2"]
