"""The counts of the paper's section 3, on records that one can count by hand."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data import statistics
from eufcc_lib.data.dataset import Dataset
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS, Records
from eufcc_lib.data.records_csv import records_from_columns

OFFICIAL = ROOT.parent / "shared" / "data" / "official"


def make_records(*rows: dict, prefix: str = "x") -> Records:
    """Records from what matters here: the facets' cells and the provider."""
    columns = {column: [] for column in COLUMNS}
    for number, row in enumerate(rows):
        values = {"idInSource": f"{prefix}_{number}", "repository.keeper": row.get("provider", "Museum")}
        values |= {f"{facet}.hierarchy": row.get(facet, "") for facet in FACET_NAMES}
        for column in COLUMNS:
            columns[column].append(values.get(column, ""))
    return records_from_columns(columns)


def make_dataset(**splits: Records) -> Dataset:
    return Dataset("tiny", Path("tiny"), splits, count_vocabulary(next(iter(splits.values())), 1), "all tags")


SPOON = {"objectTypes": "tool | spoon", "materials": "metal | silver $ wood"}
COIN = {"objectTypes": "coin", "materials": "metal", "classifications": "numismatics", "provider": "Mint"}
PORTRAIT = {"objectTypes": "painting $ portrait", "materials": "paint", "classifications": "fine arts",
            "subjects": "portrait", "provider": "Gallery"}


@pytest.fixture
def dataset() -> Dataset:
    return make_dataset(train=make_records(SPOON, SPOON, COIN, PORTRAIT, prefix="a"),
                        test_id=make_records(COIN, {"materials": "wood"}, prefix="b"))


def test_splits_state_their_records_share_and_providers(dataset):
    rows = statistics.count_splits(dataset).to_dict("records")
    assert rows[0] == {"split": "train", "records": 4, "share": 4 / 6, "providers": 3, "also in train": 3}
    assert rows[1] == {"split": "test_id", "records": 2, "share": 2 / 6, "providers": 2, "also in train": 2}


def test_facets_per_image_count_the_filled_cells(dataset):
    counts = statistics.count_facets_per_image(statistics.pooled(dataset))
    assert dict(zip(counts["facets"], counts["images"])) == {1: 1, 2: 2, 3: 2, 4: 1}
    filled = statistics.count_filled_facets(statistics.pooled(dataset)).set_index("facet")["images"]
    assert filled.to_dict() == {"objectTypes": 5, "materials": 6, "classifications": 3, "subjects": 1}


def test_an_image_without_any_facet_is_counted_as_such():
    counts = statistics.count_facets_per_image(make_records({}, SPOON))
    assert dict(zip(counts["facets"], counts["images"])) == {0: 1, 1: 0, 2: 1, 3: 0, 4: 0}


def test_providers_come_most_images_first_with_ties_by_name(dataset):
    counts = statistics.count_providers(dataset)
    assert counts["provider"].tolist() == ["Museum", "Mint", "Gallery"]
    assert counts[["train", "test_id", "images"]].to_numpy().tolist() == [[2, 1, 3], [1, 1, 2], [1, 0, 1]]


def test_tags_per_image_include_ancestors_and_count_a_name_once():
    records = make_records({"objectTypes": "plat | plat", "materials": "metal | silver $ metal | gold $ metal"})
    counts = statistics.count_tags_per_image(records).set_index("facet")
    assert counts.loc["objectTypes", "tags"] == 1
    assert counts.loc["materials", "tags"] == 3
    assert counts.loc["all", "tags"] == 4
    assert "subjects" not in counts.index


def test_tag_frequencies_count_images_not_paths(dataset):
    counts = statistics.count_tag_images(statistics.pooled(dataset))
    materials = counts[counts["facet"] == "materials"]
    assert materials[["tag", "images", "rank"]].to_numpy().tolist() == [
        ["metal", 4, 1], ["wood", 3, 2], ["silver", 2, 3], ["paint", 1, 4]]


def test_split_comparison_knows_zero_from_a_split_that_is_not_there(dataset):
    compared = statistics.compare_splits(dataset, ("train", "test_id", "val"))
    row = compared[(compared["facet"] == "objectTypes") & (compared["tag"] == "spoon")].iloc[0]
    assert (row["train"], row["test_id"]) == (2, 0)
    assert compared["val"].isna().all()
    assert compared["facet"].drop_duplicates().tolist() == list(FACET_NAMES)


def test_labels_end_at_a_leaf_or_at_an_inner_node(dataset):
    depths = statistics.count_label_depths(statistics.pooled(dataset))
    materials = depths[depths["facet"] == "materials"].set_index("level")
    # Level 1: wood 3 times and paint once are leaves; metal of the two coins has silver below it elsewhere.
    assert materials.loc[1, ["leaf", "inner"]].tolist() == [4, 2]
    assert materials.loc[2, ["leaf", "inner"]].tolist() == [2, 0]


def test_an_ancestor_listed_as_its_own_path_is_no_label_of_its_own():
    paths = (("metal",), ("metal", "bronze"), ("metal", "bronze"), ("wood",))
    assert statistics.labels_of(paths) == [("metal", "bronze"), ("wood",)]
    assert statistics.labels_of([("plat", "plat")]) == [("plat",)]


def test_a_name_at_two_places_is_found_with_the_top_as_a_place():
    found = statistics.find_several_parents(make_records(
        {"objectTypes": "art $ tool | art", "materials": "clay | brick"}, {"materials": "stone | brick"}))
    assert found.to_numpy().tolist() == [["objectTypes", "art", 2, "(top), tool"],
                                         ["materials", "brick", 2, "clay, stone"]]


def test_a_name_in_two_facets_is_found(dataset):
    found = statistics.find_several_facets(statistics.pooled(dataset))
    assert found.to_numpy().tolist() == [["portrait", "objectTypes, subjects"]]


def test_portions_of_an_image_are_shared_by_its_narrowest_tags():
    records = make_records({"materials": "metal | silver $ wood"}, {"materials": "metal"}, {"objectTypes": "tool"})
    weights = statistics.weigh_tree(records, count_vocabulary(records, 1)["materials"]).set_index("tag")
    assert weights["images"].to_dict() == {"metal": 2, "silver": 1, "wood": 1}
    assert weights["narrowest"].to_dict() == {"metal": 1, "silver": 1, "wood": 1}
    assert weights["ends"].to_dict() == {"metal": 1, "silver": 0.5, "wood": 0.5}
    assert weights["weight"].to_dict() == {"metal": 1.5, "silver": 0.5, "wood": 0.5}
    assert weights.loc["silver", "path"] == "metal | silver"


NAMES = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=4)
CELLS = st.lists(st.lists(NAMES.map(" | ".join), max_size=3).map(" $ ".join), min_size=1, max_size=12)


@given(CELLS)
def test_portions_add_up_whatever_the_annotations(cells):
    records = make_records(*({"materials": cell} for cell in cells))
    taxonomy = count_vocabulary(records, 1)["materials"]
    weights = statistics.weigh_tree(records, taxonomy)
    assert weights["tag"].is_unique and len(weights) == len(taxonomy)
    assert weights.loc[weights["parent"] < 0, "weight"].sum() == pytest.approx(sum(bool(cell) for cell in cells))
    below = Counter()
    for parent, weight in zip(weights["parent"], weights["weight"]):
        below[parent] += weight
    assert all(below[tag] <= weight + 1e-9 for tag, weight in enumerate(weights["weight"]))
    assert (weights["ends"] >= 0).all() and (weights["weight"] > 0).all()


@given(CELLS)
def test_frequencies_equal_a_plain_count(cells):
    expected = Counter(tag for cell in cells if cell
                       for tag in {tag for path in cell.split(" $ ") for tag in path.split(" | ")})
    counts = statistics.count_tag_images(make_records(*({"materials": cell} for cell in cells)))
    assert dict(zip(counts["tag"], counts["images"])) == expected
    assert counts["images"].is_monotonic_decreasing


def test_paper_and_data_stand_side_by_side(dataset):
    compared = statistics.compare_with_paper(dataset).set_index("count")
    assert compared.loc["images"].tolist() == [346_324, None, 6]
    assert compared.loc["tags in materials"].tolist() == [276, 269, 4]
    assert compared.loc["images with 4 facets", "this data"] == 1
    assert "tags in tipus d'objecte" in set(statistics.compare_with_paper(dataset, "ca")["count"])
    assert compared.loc["share of images in both tests", "this data"] == pytest.approx(2 / 6)


def test_frame_is_told_in_words():
    told = statistics.in_words(pd.DataFrame({
        "split": ["train", "sum"], "images": pd.Series([12_345, None], dtype=object), "share": [0.5, 0.123]}))
    assert told.index.tolist() == ["Training", "sum"]
    assert told.to_numpy().tolist() == [["12,345", "50 %"], ["–", "12.3 %"]]


def test_summary_holds_plain_numbers_to_be_glued(dataset):
    summary = statistics.summarise(dataset)
    assert summary["records"] == 6 and summary["providers"] == 3 and summary["several_facets"] == 1
    assert summary["half_of_annotations"] == 4
    assert {type(value) for value in summary.values()} <= {int, float}


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official inner test split is not beside the checkout")
def test_official_inner_test_split_has_the_known_counts(tmp_path):
    (tmp_path / "test_id.csv").write_bytes((OFFICIAL / "test_id.csv").read_bytes())
    dataset = open_dataset(tmp_path, minimum=1)
    records = statistics.pooled(dataset)
    assert len(records) == 2_633
    assert len(statistics.count_providers(dataset)) == 120
    assert statistics.count_facets_per_image(records)["images"].tolist() == [321, 1_973, 315, 24]
    assert statistics.count_filled_facets(records)["images"].tolist() == [2_531, 2_237, 313, 227]
    tags = statistics.count_tag_images(records)["facet"].value_counts()
    assert tags.to_dict() == {"objectTypes": 987, "materials": 286, "classifications": 35, "subjects": 8}
    several = statistics.find_several_parents(records)["facet"].value_counts()
    assert several.to_dict() == {"objectTypes": 28, "classifications": 13, "materials": 7}
    assert np.isnan(statistics.compare_splits(dataset)["train"].to_numpy(float)).all()
