"""Records drawn as examples are examples of what they stand for."""

import pytest
from test_statistics import COIN, PORTRAIT, SPOON, make_records

from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data import examples as samples
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns


def test_examples_have_the_facets_they_are_shown_for():
    records = make_records(SPOON, SPOON, COIN, PORTRAIT, {"materials": "wood"})
    examples = samples.sample_by_facets(records)
    assert examples["caption"].tolist() == ["4 facets", "3 facets", "2 facets", "1 facet"]
    filled = [sum(bool(records.paths(facet, row)) for facet in FACET_NAMES) for row in examples["row"]]
    assert filled == [4, 3, 2, 1]
    assert samples.sample_by_facets(records).equals(examples)


def test_examples_of_depth_are_deep_shallow_and_many():
    records = make_records({"materials": "metal | copper alloy | bronze"}, {"materials": "metal"},
                           {"materials": "wood $ clay $ paint"})
    examples = dict(samples.sample_by_depth(records)[["caption", "row"]].to_numpy().tolist())
    assert examples == {"A deep label": 0, "A label that stops early": 1, "Three labels in one facet": 2}


def test_samples_of_a_tag_come_from_many_providers():
    records = make_records(*[{"materials": "metal | gold", "provider": "Big"}] * 9,
                           {"materials": "metal | gold", "provider": "Small"}, {"materials": "metal"})
    found = samples.sample_by_tag(records, "materials", each=3)
    assert found[["name", "note"]].to_numpy().tolist() == [["gold", "10 images"]]
    rows = found.loc[0, "rows"]
    assert len(set(rows)) == 3 and 9 in rows[:2] and 10 not in rows
    assert samples.sample_by_provider(records)["name"].tolist() == ["Big", "Museum", "Small"]


def test_a_record_is_found_also_by_the_number_that_papermill_made_of_its_id():
    columns = dict.fromkeys(COLUMNS, [""] * 3) | {"idInSource": ["2048128_618580", "12e5", "007"]}
    records = records_from_columns(columns)
    assert [samples.find_record(records, given) for given in (2048128618580, "12e5", 1.2e6, 7)] == [0, 1, 1, 2]
    with pytest.raises(UserError, match="There is no record 8 among these 3; an id is, for example, '2048128_618580'"):
        samples.find_record(records, 8)


def test_a_first_example_has_known_tags_in_several_facets_on_deep_paths():
    rows = [{"objectTypes": "vessel | cup", "materials": "metal | copper alloy | bronze", "classifications": "ceramics"},
            {"objectTypes": "vessel | cup", "materials": "metal", "classifications": "photography"},
            {"materials": "metal | copper alloy | bronze"},
            {"objectTypes": "vessel", "materials": "metal", "classifications": "ceramics"}]
    records = make_records(*rows)
    vocabulary = count_vocabulary(records, 2)
    assert {samples.draw_record(records, vocabulary, seed) for seed in range(5)} == {0}
    assert samples.draw_record(make_records({}), vocabulary) == 0, "a record without tags, where there is no other"
