"""Two models on the same objects or providers: against sums and signs written out unit by unit."""

import dataclasses

import numpy as np
import pytest
from conftest import keep_scores
from hypothesis import given
from hypothesis import strategies as st

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACETS
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns, write_records
from eufcc_lib.results.estimates import OVER
from eufcc_lib.results.files import RunResult, read_results, write_result
from eufcc_lib.results.paired import (
    CHANGES,
    Test,
    adjust,
    against,
    between,
    find_number,
    holm,
    read_unit_numbers,
    sum_over_units,
)
from eufcc_lib.results.paper import MEAN, METRICS, Column
from eufcc_lib.results.per_image import measure_images, write_per_image
from eufcc_lib.results.provenance import provenance

IMAGES = 60
NUMBER, PLACE = METRICS[0], Column("test_id", "materials", METRICS[0])


@pytest.fixture
def folder(own_paths):
    return write_pairs(own_paths)


def write_pairs(place) -> str:
    """60 images of ten providers with a material, 40 of them with an object type; the same in training and test.

    Two photographs of each object, and all classifications with the first provider.
    """
    random, root = np.random.default_rng(1), place / "pairs"
    root.mkdir()
    columns = dict.fromkeys(COLUMNS, [""] * IMAGES)
    columns["materials.hierarchy"] = random.choice(["wood", "clay", "silk"], IMAGES).tolist()
    columns["objectTypes.hierarchy"] = random.permutation(["jar"] * 20 + ["bowl"] * 20 + [""] * 20).tolist()
    columns["classifications.hierarchy"] = ["art"] * 12 + ["craft"] * 12 + [""] * 36
    columns["repository.keeper"] = ["A"] * 24 + [f"museum {number // 4}" for number in range(24, IMAGES)]
    columns["object"] = [f"{number // 2}" for number in range(IMAGES)]
    for split in ("train", "test_id"):
        columns["idInSource"] = [f"{split}_{number}" for number in range(IMAGES)]
        write_records(records_from_columns(columns), root / f"{split}.csv")
    return str(root)


def keep_run(folder, model, seed, skill, facets=("objectTypes", "materials")):
    """A finished run whose scores are noise and `skill` times the truth."""
    dataset = open_dataset(folder)
    noise, labels = np.random.default_rng(seed), dataset.labels("test_id")
    values = {facet: (noise.normal(size=labels[facet].matrix.shape) + skill * labels[facet].matrix.toarray()).astype(np.float32)
              for facet in facets}
    result = keep_result(keep_scores(dataset, model, values))
    return {facet: right_first(part, labels[facet].matrix.toarray()) for facet, part in values.items()}, result


def keep_result(scores):
    """The result of these scores, written with the metrics of each image."""
    made = provenance(scores.model, "pairs", images={"train": IMAGES}, vocabulary_hash=scores.vocabulary_hash)
    result = RunResult(made, tuple(scores.measure()))
    write_per_image(made, {scores.split: measure_images(scores)}, write_result(result))
    return result


def right_first(scores, labels):
    """R-Precision of each image, which here has one tag or none."""
    return [float(labels[row, np.argmax(scores[row])]) if labels[row].any() else None for row in range(len(scores))]


def read(over="objects"):
    return read_unit_numbers(read_results("pairs"), over)


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("facet", ["objectTypes", "materials", MEAN])
def test_a_difference_is_the_sum_of_what_its_units_add(folder, over, facet):
    values = {model: keep_run(folder, model, seed, 1.0)[0] for seed, model in enumerate(("softmax", "multi_label"))}
    numbers = read(over)
    first, second = (find_number(numbers[model], Column("test_id", facet, NUMBER)) for model in ("softmax", "multi_label"))
    found = first - second
    names = [number // 2 for number in range(IMAGES)] if over == "objects" else open_dataset(folder).split("test_id").providers
    for index, name in enumerate(dict.fromkeys(names)):
        parts = []
        for of_facet in ("objectTypes", "materials") if facet == MEAN else (facet,):
            one, other = (values[model][of_facet] for model in ("softmax", "multi_label"))
            rows = [row for row in range(IMAGES) if names[row] == name and one[row] is not None]
            parts.append(sum(one[row] - other[row] for row in rows) / sum(value is not None for value in one))
        assert found.parts[index] == pytest.approx(np.mean(parts))
    assert len(found.parts) == {"objects": 30, "providers": 10}[over]
    chance = against(found, 0).chance
    assert len(chance) == CHANGES and np.std(chance) == pytest.approx(1, abs=0.08) and abs(np.mean(chance)) < 0.1
    assert np.abs(found.signed).max() <= np.abs(found.parts).sum() + 1e-12


def numbers_of(values, units, split="test_id"):
    """A number for each model: float (N,) of its images."""
    columns = [Column(split, "materials", metric) for metric in METRICS[:len(values)]]
    found = sum_over_units(dict(zip(columns, map(np.asarray, values))), np.asarray(units))
    return [found[column] for column in columns]


@pytest.mark.parametrize(("units", "decides"), [(5, False), (7, False), (8, True), (30, True)])
def test_below_eight_units_nothing_is_decided_however_clear(units, decides):
    names = np.repeat(np.arange(units), 40)
    good, bad = numbers_of([np.ones(len(names)), np.zeros(len(names))], names)
    test = against(good - bad, 0)
    assert (test is not None) == decides
    if decides:
        assert adjust([test])[0] < 0.05, "all units agree: one of 128 changes of places is as large"
        assert adjust([against(good - bad, 1)])[0] == 1


def test_a_facet_that_one_provider_holds_decides_nothing_though_the_split_has_more(folder):
    facets = ("objectTypes", "materials", "classifications")
    keep_run(folder, "softmax", 0, 9.0, facets)
    keep_run(folder, "multi_label", 1, -9.0, facets)
    for over, decides in (("objects", True), ("providers", False)):
        numbers = read(over)
        for facet in ("classifications", MEAN):
            first, second = (find_number(numbers[model], Column("test_id", facet, NUMBER)) for model in numbers)
            assert (against(first - second, 0) is not None) == decides, (over, facet)


def test_one_unit_that_holds_most_images_decides_nothing_alone():
    names = np.r_[np.zeros(400, int), np.arange(1, 12)]
    good, bad = numbers_of([np.ones(411), np.r_[np.zeros(400), np.ones(11)]], names)
    assert adjust([against(good - bad, 0)])[0] == 1


def test_two_splits_are_compared_with_what_they_would_share():
    random, found = np.random.default_rng(0), []
    for _ in range(200):
        splits = []
        for split, museums in (("test_id", 20), ("test_ood", 8)):
            names = np.repeat(np.arange(museums), random.integers(1, 30, museums))
            values = random.normal(0, 0.1, museums)[names] + random.normal(0, 0.2, len(names))
            splits += numbers_of([values], names, split)
        found.append(adjust([between(*splits)])[0])
    assert 0.01 < np.mean(np.array(found) < 0.05) < 0.05 + 0.04
    other = numbers_of([np.linspace(2, 3, 50)], np.arange(50), "test_ood")
    assert adjust([between(splits[0], *other)])[0] < 0.05


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_each_difference_is_measured_against_the_largest_by_chance_of_those_no_clearer(seed, count):
    random = np.random.default_rng(seed)
    tests = [Test(float(random.normal() * 2), random.normal(size=30)) for _ in range(count)]
    found, last = adjust(tests), 0
    for place in sorted(range(count), key=lambda place: -abs(tests[place].statistic)):
        size = abs(tests[place].statistic)
        rest = [test for test in tests if abs(test.statistic) <= size]
        reached = sum(max(abs(test.chance[change]) for test in rest) >= size for change in range(30))
        last = max(last, (1 + reached) / 31)
        assert found[place] == pytest.approx(last)


def test_holms_p_values_to_check_in_the_head():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert len(holm([])) == len(adjust([])) == 0


def test_a_model_is_exactly_as_good_as_itself(folder):
    keep_run(folder, "softmax", 0, 1.0)
    numbers = read()["softmax"]
    for place in [Column("test_id", facet.name, metric) for facet in FACETS for metric in METRICS]:
        if place.facet in ("objectTypes", "materials"):
            number = find_number(numbers, place)
            assert against(number - number, 0).statistic == 0 and not against(number - number, 0).chance.any()


@pytest.mark.parametrize("value", [1.0, 1 / 3, 0.1])
def test_two_splits_in_which_every_image_has_one_number_are_equal(value):
    random = np.random.default_rng(0)
    for images in range(40, 80):
        inner, outer = (sum_over_units({Column(split, "materials", NUMBER): np.full(size, value)}, random.integers(0, size // 3, size))
                        for split, size in (("test_id", images), ("test_ood", images // 2 * 3 + 1)))
        test = between(*inner.values(), *outer.values())
        assert test.statistic == 0 and not test.chance.any()


def test_units_with_the_same_sum_are_equal_in_whatever_order_their_images_have_it():
    shares = np.random.default_rng(0).choice([0, 1 / 3, 1 / 2, 0.2, 0.6, 1], (20, 5))
    units = np.repeat(np.arange(20), 5)
    first, second = (sum_over_units({PLACE: values.ravel()}, units)[PLACE] for values in (shares, np.sort(shares)))
    assert not against(first - second, 0).chance.any()


def test_what_was_not_scored_has_no_number(folder):
    keep_run(folder, "multi_label", 1, 1.0, facets=("objectTypes",))
    numbers = read()
    assert list(numbers) == ["multi_label"]
    assert find_number(numbers["multi_label"], PLACE) is None
    assert find_number(numbers["multi_label"], Column("test_ood", "objectTypes", NUMBER)) is None


def test_a_run_without_a_number_on_one_test_set_has_its_numbers_on_the_other(folder):
    records = open_dataset(folder).split("test_id")
    write_records(records, paths.DATA / folder / "test_ood.csv")
    keep_run(folder, "frequency_provider", 1, 1.0)
    assert {column.split for column in read()["frequency_provider"]} == {"test_id"}


def test_images_that_could_not_be_read_are_left_out(folder):
    keep_run(folder, "softmax", 0, 1.0)
    dataset = open_dataset(folder)
    values = {facet: np.ones(dataset.labels("test_id")[facet].matrix.shape, np.float32) for facet in ("objectTypes", "materials")}
    for part in values.values():
        part[:4] = np.nan
    keep_result(keep_scores(dataset, "softmax", values))
    assert read()["softmax"][PLACE].units == 28


def test_two_runs_over_other_objects_are_refused(folder):
    keep_run(folder, "softmax", 0, 1.0)
    scores = keep_scores(open_dataset(folder), "multi_label", {"materials": np.zeros((IMAGES, 3))})
    result = RunResult(provenance("multi_label", "pairs", images={}, vocabulary_hash=scores.vocabulary_hash), tuple(scores.measure()))
    measured = dataclasses.replace(measure_images(scores), objects=np.arange(IMAGES))
    write_per_image(result.run, {"test_id": measured}, write_result(result))
    with pytest.raises(UserError, match="'multi_label' and 'softmax' were measured over other objects of pairs, test_id"):
        read()
    assert list(read("providers")) == ["multi_label", "softmax"]


def test_results_alone_are_no_mistake(folder, own_paths):
    keep_run(folder, "softmax", 0, 1.0)
    results = read_results("pairs")
    (own_paths / "results" / "pairs" / "per_image" / "softmax.npz").unlink()
    assert read_unit_numbers(results, "objects") == {}
    with pytest.raises(UserError, match="Unknown interval 'tags'"):
        read_unit_numbers(results, "tags")
