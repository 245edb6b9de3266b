"""The filters reach their fixed point, agree with the vocabulary, and list everything that they take."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.collection.curation import filters
from eufcc_lib.collection.curation.filters import filter_records, providers_with_most_tags, records_with_most_tags
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns
from eufcc_lib.data.taxonomy import format_paths, parse_paths

OFFICIAL = ROOT.parent / "shared" / "data" / "official" / "test_id.csv"
needs_official = pytest.mark.skipif(not OFFICIAL.is_file(), reason="the official test_id.csv is not beside the project")


def records_of(providers=None, **cells):
    """Records with these cells a facet, one list each; ids are r0, r1, ..."""
    count = len(next(iter(cells.values())))
    columns = {column: [""] * count for column in COLUMNS}
    columns["idInSource"] = [f"r{number}" for number in range(count)]
    columns["repository.keeper"] = providers or ["Museum"] * count
    return records_from_columns(columns | {f"{facet}.hierarchy": values for facet, values in cells.items()})


def cells_of(records, facet="materials"):
    return dict(zip(records.ids, records.table[f"{facet}.hierarchy"].to_pylist()))


def test_tag_below_the_minimum_is_taken_out_of_its_paths_as_if_not_written():
    records = records_of(materials=["metal | alloy | bronze", "metal | bronze", "metal", "alloy | wood $ metal", "wood"])
    filtered = filter_records(records, minimum=3)
    assert cells_of(filtered.records) == {"r0": "metal", "r1": "metal", "r2": "metal", "r3": "metal"}
    filtered = filter_records(records, minimum=2)
    assert cells_of(filtered.records) == {"r0": "metal | alloy | bronze", "r1": "metal | bronze", "r2": "metal",
                                          "r3": "alloy | wood $ metal", "r4": "wood"}
    moved_up = filter_records(records_of(materials=["a | rare | b", "a | b"]), minimum=2)
    assert cells_of(moved_up.records) == {"r0": "a | b", "r1": "a | b"}


def test_all_that_is_taken_is_listed():
    records = records_of(materials=["metal", "metal | tin", "wax", ""], subjects=["", "", "", "nude"],
                         providers=["P", "P", "Q", "P"])
    filtered = filter_records(records, minimum=2)
    assert filtered.records.ids.tolist() == ["r0", "r1"]
    assert filtered.tags.values.tolist() == [[1, "materials", "tin", 1], [1, "materials", "wax", 1],
                                             [1, "subjects", "nude", 1]]
    assert filtered.dropped.values.tolist() == [[1, "r2", "Q", "no tag left"], [1, "r3", "P", "no tag left"]]
    assert filtered.rounds.values.tolist() == [[0, 0, 0, 4], [1, 3, 2, 2], [2, 0, 0, 2]]


def test_excluded_providers_go_before_tags_are_counted():
    records = records_of(materials=["wood", "wood", "metal", "metal"], providers=["P", "Mobilier National", "P", "P"])
    filtered = filter_records(records, 2, ["Mobilier National"])
    assert filtered.records.ids.tolist() == ["r2", "r3"]
    assert filtered.dropped[["id", "reason"]].values.tolist() == [["r1", "excluded provider"], ["r0", "no tag left"]]


def test_path_that_comes_twice_after_the_cut_is_kept_once_and_other_cells_stay_as_written():
    records = records_of(materials=["metal | tin $ metal | zinc $ wood", "metal $ wood $ wood", "wood $ metal"])
    assert cells_of(filter_records(records, 3).records) == {"r0": "metal $ wood", "r1": "metal $ wood $ wood",
                                                           "r2": "wood $ metal"}


def test_same_name_is_counted_facet_by_facet():
    records = records_of(materials=["glass", "", "wood"], objectTypes=["", "glass", ""], subjects=["nude"] * 3)
    filtered = filter_records(records, 2)
    assert set(filtered.tags["facet"] + " " + filtered.tags["tag"]) == {"materials glass", "materials wood",
                                                                         "objectTypes glass"}


@pytest.mark.parametrize("given", [{"minimum": 0}, {"excluded_providers": ["Moblier National"]}])
def test_mistakes_are_told(given):
    with pytest.raises(UserError, match="found|number of images per tag is 0|'Moblier National' keeps none"):
        filter_records(records_of(materials=["wood"]), **given)


def filtered_by_loops(rows, minimum):
    """Rows of {facet: paths}, by id: one tag or one record at a time, until nothing is left to take."""
    rows = {name: {facet: list(paths) for facet, paths in row.items()} for name, row in rows.items()}
    while True:
        images = Counter((facet, tag) for row in rows.values() for facet, paths in row.items()
                         for tag in {tag for path in paths for tag in path})
        rare = next(((facet, tag) for (facet, tag), count in images.items() if count < minimum), None)
        empty = next((name for name, row in rows.items() if not any(row.values())), None)
        if rare:
            facet, tag = rare
            for row in rows.values():
                if any(tag in path for path in row[facet]):
                    shorter = [tuple(name for name in path if name != tag) for path in row[facet]]
                    row[facet] = list(dict.fromkeys(path for path in shorter if path))
        elif empty:
            del rows[empty]
        else:
            return rows


paths = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3).map(tuple), max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.fixed_dictionaries({"materials": paths, "subjects": paths}), min_size=1, max_size=8),
       st.integers(1, 4))
def test_filters_are_as_plain_loops_do_them_and_agree_with_the_vocabulary(rows, minimum):
    records = records_of(**{facet: [format_paths(row[facet]) for row in rows] for facet in ("materials", "subjects")})
    filtered = filter_records(records, minimum)
    found = {name: {facet: list(parse_paths(cells_of(filtered.records, facet)[name])) for facet in rows[0]}
             for name in filtered.records.ids}
    assert found == filtered_by_loops({f"r{number}": row for number, row in enumerate(rows)}, minimum)
    assert len(filter_records(filtered.records, minimum).tags) == 0
    before, after = count_vocabulary(records, minimum), count_vocabulary(filtered.records, 1)
    assert before.hash == after.hash
    assert all((before[facet].images == after[facet].images).all() for facet in FACET_NAMES)


def test_outliers_are_shown_facet_by_facet():
    records = records_of(materials=["a | b $ a | c", "a", "", "d | e"], subjects=["", "", "nude", "nude"])
    table = records_with_most_tags(records, 2)
    assert table[["facet", "id", "tags", "paths"]].values.tolist() == [
        ["materials", "r0", 3, 2], ["materials", "r3", 2, 1], ["subjects", "r2", 1, 1], ["subjects", "r3", 1, 1]]
    assert table["annotation"][0] == "a | b $ a | c"


def test_providers_are_shown_by_their_tags_per_image():
    records = records_of(materials=["a", "a | b", "c | d | e $ c"], subjects=["", "nude", "nude"],
                         providers=["P", "P", "Q"])
    assert providers_with_most_tags(records).values.tolist() == [["Q", 1, 4.0, 4.0, 4], ["P", 2, 2.0, 2.0, 3]]


@needs_official
def test_official_file_filtered_has_the_vocabulary_that_is_counted_from_it():
    records = read_records(OFFICIAL)
    filtered = filter_records(records, 10, ["Rijksmuseum"])
    counted = count_vocabulary(records.take(records.providers != "Rijksmuseum"), 10)
    assert count_vocabulary(filtered.records, 1).hash == counted.hash
    assert len(filtered.records) + len(filtered.dropped) == len(records)
    outliers = records_with_most_tags(records, 1)
    assert outliers[["facet", "tags"]].values.tolist()[:2] == [["objectTypes", 35], ["materials", 20]]


def test_a_cell_is_worked_on_once_a_round_for_all_records_that_have_it(monkeypatch):
    """So the records of the paper take seconds: they share a few thousand cells."""
    worked, cell_without = Counter(), filters._cell_without
    monkeypatch.setattr(filters, "_cell_without", lambda cell, *rest: (worked.update([cell]), cell_without(cell, *rest))[1])
    filtered = filter_records(records_of(materials=["metal", "metal | tin", "metal | bronze", ""] * 500 + ["wax"]))
    assert filtered.rounds["tags"].tolist() == [0, 1, 0] and len(filtered.records) == 1500
    assert worked == {"metal": 1, "metal | tin": 1, "metal | bronze": 1, "": 1, "wax": 1}
