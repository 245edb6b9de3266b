"""The selection on cases one can divide by hand, on every division of tiny ones, and on whatever hypothesis draws."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from eufcc_lib.collection.splitting.stratified import INNER, THIRD, VALIDATION, Rule, select_balanced, split_records
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS, OBJECT, SPLITS
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records
from eufcc_lib.figures.split_counts import images_per_tag

HALF_OF_TWO = Rule(0, .5, {"objectTypes": 2})


def make_records(cells, providers=None, facet="objectTypes"):
    """Records `x_0`, `x_1`, ... with these cells of one facet."""
    columns = {column: [""] * len(cells) for column in COLUMNS}
    columns["idInSource"] = [f"x_{number}" for number in range(len(cells))]
    columns[f"{facet}.hierarchy"] = list(cells)
    columns["repository.keeper"] = list(providers or ["Here"] * len(cells))
    return records_from_columns(columns)


def split_of(splits):
    """id -> split."""
    return {name: split for split, records in splits.records.items() for name in records.ids}


def labels_of(table):
    return {"objectTypes": csr_array(np.atleast_2d(np.array(table, bool)))}


def wanted_and_most(matrix, rule):
    """The rule read aloud: images asked for and allowed, of each tag."""
    result = []
    for images in matrix.sum(axis=0).tolist():
        most = int(rule.most * images + 1e-9)
        result.append((min(max(rule.minimum.get("objectTypes", 0), int(rule.share * images + .5)), most), most))
    return result


def test_tag_gives_its_minimum_and_no_more():
    taken = select_balanced(labels_of([[1, 0]] * 40 + [[0, 1]] * 20), np.arange(60), Rule(0, .5, {"objectTypes": 5}))
    assert taken[:40].sum() == 5 and taken[40:].sum() == 5


def test_tag_of_few_images_gives_at_most_its_part():
    taken = select_balanced(labels_of([[1, 0]] * 7 + [[0, 1]]), np.arange(8), Rule(0, .5, {"objectTypes": 5}))
    assert taken[:7].sum() == 3 and not taken[7]


def test_share_is_of_each_tag_and_of_all_images():
    table = [[1, 0]] * 60 + [[0, 1]] * 30 + [[0, 0]] * 10
    taken = select_balanced(labels_of(table), np.arange(100), Rule(.1, .2))
    assert (taken[:60].sum(), taken[60:90].sum(), taken.sum()) == (6, 3, 10)


def test_group_is_selected_whole_or_not_at_all():
    groups = np.arange(30) // 3
    taken = select_balanced(labels_of([[1]] * 30), groups, Rule(0, .5, {"objectTypes": 5}))
    assert taken.sum() == 6
    assert all(len(set(taken[groups == group])) == 1 for group in range(10))


def test_images_that_are_elsewhere_are_not_selected_nor_is_their_group():
    groups = np.arange(20) // 2
    available = np.arange(20) % 4 != 1  # every second group has an image elsewhere
    taken = select_balanced(labels_of([[1]] * 20), groups, Rule(.5, .5), available=available)
    assert taken.sum() == 10 and (groups[taken] % 2 == 1).all()


def test_images_that_serve_two_tags_are_not_needed_twice():
    """Four images have both tags: whoever starts with one that gives no tag too much needs only two images."""
    both = [[1, 1]] * 4
    assert select_balanced(labels_of(both), np.arange(4), HALF_OF_TWO).sum() == 2


def test_rare_tags_come_first_so_that_their_images_serve_the_frequent_ones():
    """Ten images of 200 have the child; its five are five of the parent, and no other is needed."""
    taken = select_balanced(labels_of([[1, 1]] * 10 + [[1, 0]] * 190), np.arange(200), Rule(0, .5, {"objectTypes": 5}))
    assert taken.sum() == 5 and taken[:10].sum() == 5


def test_nothing_is_selected_of_nothing():
    assert select_balanced({"objectTypes": csr_array((0, 3), dtype=bool)}, np.zeros(0, int), INNER).shape == (0,)


@st.composite
def cases(draw, images=9, tags=4):
    count = draw(st.integers(1, images))
    table = draw(st.lists(st.lists(st.booleans(), min_size=tags, max_size=tags), min_size=count, max_size=count))
    groups = draw(st.lists(st.integers(0, count), min_size=count, max_size=count))
    rule = Rule(draw(st.sampled_from([0, .1, .3])), draw(st.sampled_from([.34, .5, .8])),
                {"objectTypes": draw(st.integers(0, 4))})
    return np.array(table, bool), np.array(groups), rule, draw(st.integers(0, 3))


@settings(max_examples=150, deadline=None)
@given(case=cases(images=40, tags=6))
def test_no_tag_gives_too_much_groups_stay_whole_and_a_short_tag_has_nothing_left_that_fits(case):
    table, groups, rule, seed = case
    taken = select_balanced(labels_of(table), groups, rule, seed)
    everything = np.column_stack([table, np.ones(len(table), bool)])
    columns = wanted_and_most(everything, rule)
    columns[-1] = (min(int(rule.share * len(table) + .5), columns[-1][1]), columns[-1][1])
    has = everything[taken].sum(axis=0)
    assert all(has[tag] <= most for tag, (_, most) in enumerate(columns))
    for group in set(groups):
        assert len(set(taken[groups == group])) == 1
    for tag, (wanted, _) in enumerate(columns):
        if has[tag] < wanted:
            for group in set(groups[~taken & everything[:, tag]]):
                added = has + everything[groups == group].sum(axis=0)
                assert any(added[other] > most for other, (_, most) in enumerate(columns))


@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_minimums_are_reached_as_far_as_any_selection_reaches_them(case):
    """All selections of up to nine groups are tried: none has fewer images missing and gives no tag too much."""
    table, groups, rule, seed = case
    everything = np.column_stack([table, np.ones(len(table), bool)]).astype(int)
    wanted, most = map(np.array, zip(*wanted_and_most(everything, rule)))
    wanted[-1] = min(int(rule.share * len(table) + .5), most[-1])  # all images together have no minimum
    per_group = np.array([everything[groups == group].sum(axis=0) for group in np.unique(groups)])
    selections = np.array(list(product([0, 1], repeat=len(per_group)))) @ per_group
    missing = np.maximum(wanted - selections, 0).sum(axis=1)[(selections <= most).all(axis=1)]
    has = everything[select_balanced(labels_of(table), groups, rule, seed)].sum(axis=0)
    assert np.maximum(wanted - has, 0).sum() == missing.min()


def test_a_wrong_start_is_mended_by_an_exchange():
    """`b` and `c` may give one image each, and have one from 3 and 1, say; then `a` has none left for its second:
    0 and 6 are also of `b`, 2 is also of `c`. With 0 and 1 all three have what they should."""
    table = [[1, 1, 0], [1, 0, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0], [1, 1, 0]]
    rule = Rule(0, .5, {"objectTypes": 2})
    for seed in range(20):
        taken = select_balanced(labels_of(table), np.arange(7), rule, seed)
        assert np.array(table)[taken].sum(axis=0).tolist() == [2, 1, 1]


CELLS = st.sampled_from(["", "a", "a | b", "a | c $ d", "d", "e | f", "f", "b $ e"])


@settings(max_examples=40, deadline=None)
@given(data=st.data(), cells=st.lists(CELLS, min_size=1, max_size=40), seed=st.integers(0, 2))
def test_every_record_is_in_one_split_whatever_their_order_and_groups_are_whole(data, cells, seed):
    count = len(cells)
    keepers = st.sampled_from(["Here", "There", "Far", "Farther"])
    providers = data.draw(st.lists(keepers, min_size=count, max_size=count))
    groups = np.array(data.draw(st.lists(st.integers(0, count), min_size=count, max_size=count)))
    order = np.array(data.draw(st.permutations(range(count))))
    records = make_records(cells, providers)
    outer = {"Far", "Farther"} & set(providers)
    vocabulary = count_vocabulary(records, 2)
    splits = split_records(records, outer, groups, vocabulary, seed=seed)
    found = split_of(splits)
    assert sorted(found) == sorted(records.ids) and sum(map(len, splits.records.values())) == count
    for group in set(groups):
        assert len({found[name] for name in records.ids[groups == group]}) == 1
    ids_of_outer = {name for name, provider in zip(records.ids, providers) if provider in outer}
    assert ids_of_outer | set(splits.followed) == set(splits.records["test_ood"].ids)
    again = split_records(records.take(order), outer, 7 * groups[order] + 3, vocabulary, seed=seed)
    assert split_of(again) == found
    assert again.report.equals(splits.report)


def test_records_keep_their_order_and_all_four_splits_are_there():
    splits = split_records(make_records(["a"] * 60), ())
    assert tuple(splits.records) == SPLITS
    numbers = [int(name[2:]) for name in splits.records["train"].ids]
    assert numbers == sorted(numbers)
    assert {split: len(records) for split, records in splits.records.items()} == {
        "train": 49, "val": 6, "test_id": 5, "test_ood": 0}


def test_outer_test_is_all_that_its_providers_hold_and_what_cannot_be_parted_from_it():
    records = make_records(["a"] * 6, ["Here", "Far", "Here", "Far", "Here", "Here"])
    splits = split_records(records, ["Far"], np.array([0, 0, 1, 2, 3, 4]))
    assert splits.records["test_ood"].ids.tolist() == ["x_0", "x_1", "x_3"]
    assert splits.followed == ("x_0",)


def test_another_seed_is_another_selection():
    records = make_records(["a"] * 100)
    chosen = [tuple(split_records(records, (), seed=seed).records["test_id"].ids) for seed in (0, 0, 1)]
    assert chosen[0] == chosen[1] != chosen[2]


def test_report_tells_of_each_tag_what_it_has_and_why_it_is_short():
    """`whole`: 12 images of one object. `tied`: each of its 20 images has one of ten `few` tags of two images."""
    cells = ["plenty"] * 40 + ["rare"] * 8 + ["whole"] * 12 + [f"tied $ few_{number // 2}" for number in range(20)]
    groups = np.array([*range(48), *[100] * 12, *range(200, 220)])
    vocabulary = count_vocabulary(make_records(cells), 2)
    rule = Rule(0, .45, INNER.minimum)
    report = split_records(make_records(cells), (), groups, vocabulary, rule).report.set_index("tag")
    assert report.loc["plenty", ["images", "test_id", "minimum", "reached", "why"]].tolist() == [40, 5, 5, True, ""]
    assert report.loc["rare", "why"] == "at most 3 of its 8 images may leave training"
    assert report.loc["whole", "why"] == "its other images are in groups too large for what it may still give"
    assert report.loc["tied", "test_id"] == 0
    assert report.loc["tied", "why"] == "its other images have tags that already gave the most they may"
    assert report.loc["few_3", "why"] == "at most 0 of its 2 images may leave training"
    assert (report["images"] == report[["train", "val", "test_id"]].sum(axis=1)).all()
    assert report.index[0] == "plenty" and report["images"].is_monotonic_decreasing


def test_report_counts_the_outer_test_apart():
    records = make_records(["a"] * 30 + ["b"] * 12, ["Here"] * 30 + ["Far"] * 12)
    report = split_records(records, ["Far"]).report.set_index("tag")
    assert report.loc["a", ["images", "test_ood"]].tolist() == [30, 0]
    assert report.loc["b", ["images", "test_id", "test_ood", "reached"]].tolist() == [0, 0, 12, False]
    assert report.loc["b", "why"] == "only the outer test has it"


def test_subjects_have_a_minimum_of_their_own():
    report = split_records(make_records(["portrait"] * 70, facet="subjects"), ()).report
    assert report.loc[0, ["facet", "minimum", "test_id", "val", "train"]].tolist() == ["subjects", 20, 20, 7, 43]


def test_the_literal_reading_takes_a_third_of_every_tag():
    report = split_records(make_records(["a"] * 90 + ["b"] * 10), (), inner=THIRD).report.set_index("tag")
    assert report.loc["a", "test_id"] == 30 and report.loc["b", "test_id"] == 5


@pytest.mark.parametrize("inner", [INNER, THIRD])
def test_training_keeps_three_tenths_of_every_tag(inner):
    random = np.random.default_rng(0)
    cells = [" $ ".join(sorted({f"t{tag}" for tag in random.zipf(1.5, 3) % 40})) for _ in range(600)]
    splits = split_records(make_records(cells), (), random.integers(0, 400, 600), inner=inner)
    assert len(splits.report) > 10
    assert (splits.report["train"] >= .3 * splits.report["images"] - 1e-9).all()
    assert inner.most + VALIDATION.most == pytest.approx(.7)


def drawn_texts(figure):
    return " / ".join(text.get_text() for axes in figure.axes for text in axes.texts)


@pytest.mark.slow
def test_figure_tells_how_many_tags_are_short_and_draws_empty_facets():
    cells, providers = ["a"] * 30 + ["b"] * 7 + ["c"] * 12, ["Here"] * 37 + ["Far"] * 12
    records = make_records(cells, providers)
    report = split_records(records, ["Far"], vocabulary=count_vocabulary(records, 1)).report
    figure = images_per_tag(report, INNER.minimum)
    assert figure.to_bytes() == images_per_tag(report, INNER.minimum).to_bytes()
    assert drawn_texts(figure).startswith("2 tags, 1 below the minimum; 1 only outer / 0 tags")


def test_figure_marks_what_is_below_the_minimum_with_a_cross():
    records = make_records(["a"] * 30 + ["b"] * 12 + ["c"] * 8)
    report = split_records(records, (), vocabulary=count_vocabulary(records, 1)).report
    axes = images_per_tag(report, INNER.minimum).axes[0]
    marks = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert marks["inner test"] == [[1, 5], [2, 5]]
    assert marks["inner test, below its minimum"] == [[3, 4]]


def test_unknown_outer_provider_is_told():
    with pytest.raises(UserError, match="'Nowhere' holds none of the 2 records"):
        split_records(make_records(["a", "b"]), ["Nowhere"])


def test_groups_of_another_length_are_refused():
    with pytest.raises(UserError, match=r"shape \(3,\).*each of the 2 records"):
        split_records(make_records(["a", "b"]), (), np.zeros(3, int))


def test_rule_that_asks_for_more_than_it_allows_is_refused():
    with pytest.raises(UserError, match="share=0.5, most=0.2"):
        Rule(.5, .2)


def test_minimums_are_the_papers_and_name_every_facet():
    assert set(INNER.minimum) == set(FACET_NAMES)
    assert {facet: 20 if facet == "subjects" else 5 for facet in FACET_NAMES} == INNER.minimum == THIRD.minimum


def test_groups_are_written_as_objects_which_the_reader_knows(tmp_path):
    records = make_records(["bowl"] * 6, ["Far", "Here", "Here", "Here", "Far", "Here"])
    splits = split_records(records, ["Far"], np.array([4, 7, 7, 9, 4, 8]))
    for name, part in splits.records.items():
        write_records(part, tmp_path / f"{name}.csv")
    read = {name: read_records(tmp_path / f"{name}.csv") for name in splits.records}
    known = {name: (split, number) for split, part in read.items() for name, number in zip(part.ids, part.objects.tolist())}
    assert known["x_0"] == known["x_4"] and known["x_1"] == known["x_2"] and len(set(known.values())) == 4
    assert OBJECT not in split_records(records, ["Far"]).records["train"].table.column_names


def test_objects_that_the_records_name_themselves_stay():
    columns = {name: column.to_pylist() for name, column in zip(COLUMNS, make_records(["bowl"] * 2, ["Far", "Here"]).table.columns)}
    records = records_from_columns({**columns, OBJECT: ["inv. 1", "inv. 2"]})
    part = split_records(records, ["Far"], np.array([0, 0])).records["test_ood"]
    assert part.table[OBJECT].to_pylist() == ["inv. 1", "inv. 2"]
