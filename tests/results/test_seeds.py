"""Several seeds as a reference: what an honest repetition is allowed, and what falls outside."""

import dataclasses

import numpy as np
import pytest

from eufcc_lib.core.errors import UserError
from eufcc_lib.results.paper import MEAN, METRICS, Column
from eufcc_lib.results.seeds import LEVEL, SeedRow, check_reproduction, read_seeds, seed_values, seeds_path, write_seeds

ROW = SeedRow(0, "test_id", "materials", 0.7, 0.8, 0.9, 4.0, 400, "s", "v")
NAMES = [metric.name for metric in METRICS]


def seed(number, *shifts, images=400, splits=("test_id", "test_ood")):
    """Both facets of each split, the four numbers moved by as much."""
    return [dataclasses.replace(ROW, seed=number, split=split, facet=facet, images=images,
                                **{name: getattr(ROW, name) + shift for name, shift in zip(NAMES, shifts)})
            for split in splits for facet in ("materials", "subjects")]


def test_the_file_comes_back_whole(own_paths):
    rows = seed(0, 0.000001) + seed(1)
    assert write_seeds("mini", "softmax", rows) == seeds_path("mini", "softmax")
    assert read_seeds("mini", "softmax") == rows and read_seeds("mini", "other") == []


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ("0,test_id,materials,0.7", "0,test_id,materials,high", "softmax.csv, line 2, column 'r_precision': found 'high'; expected a number."),
    ("0,test_id,materials,0.7", "0,test_id,materials,nan", "softmax.csv, line 2, column 'r_precision': found 'nan'; expected a number."),
    ("0,test_id,materials", "0.5,test_id,materials", "softmax.csv, line 2, column 'seed': found '0.5'; expected a whole number."),
    ("test_id,subjects", "test_id,materials", "softmax.csv, line 3: seed 0 has test_id, materials a second time; expected each once."),
])
def test_a_file_that_does_not_fit_is_refused(own_paths, old, new, sentence):
    path = write_seeds("mini", "softmax", seed(0))
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        read_seeds("mini", "softmax")
    assert str(caught.value) == sentence


def test_a_mean_takes_seeds_that_have_every_facet():
    rows = seed(0) + seed(1, 0.1)[:-1] + seed(2, 0.2)
    assert seed_values(rows, Column("test_ood", MEAN, METRICS[0])) == pytest.approx([0.7, 0.9])
    assert seed_values(rows, Column("test_ood", "materials", METRICS[0])) == pytest.approx([0.7, 0.8, 0.9])


def test_where_seeds_change_nothing_two_images_of_400_may():
    """One in two hundred; an average rank position of 4 may become 4.02, as if two images had ranked twice as low."""
    reference = [row for number in range(5) for row in seed(number)]
    for shift, inside in ((0.005, True), (0.0051, False), (-0.0051, False)):
        assert check_reproduction(reference, seed(9, shift))[0].inside == inside
    for shift, inside in ((0.02, True), (0.0201, False)):
        assert check_reproduction(reference, seed(9, 0, 0, 0, shift))[3].inside == inside
    few = [row for number in range(5) for row in seed(number, images=23)]
    assert [one.inside for one in check_reproduction(few, seed(9, 1 / 23, -1 / 23, 0.05, images=23))[:3]] == [True, True, False]


def test_in_nineteen_of_twenty_honest_repetitions_no_number_is_outside():
    random, held, found = np.random.default_rng(0), 0, 600
    for _ in range(found):
        shared = [random.normal(0, 0.02, 4) for _ in range(6)]
        rows = [row for number in range(6) for split in ("test_id", "test_ood")
                for row in seed(number, *(shared[number] + random.normal(0, 0.02, 4)), splits=[split])]
        held += all(one.inside for one in check_reproduction(rows[:-4], rows[-4:]))
    assert held / found > LEVEL - 3 * np.sqrt(LEVEL * (1 - LEVEL) / found)


def test_other_data_other_facets_and_too_few_seeds_are_refused():
    reference = [row for number in range(5) for row in seed(number)]
    for repeated in (seed(9)[:-1], [dataclasses.replace(row, split_hash="other") for row in seed(9)], seed(9, images=401)):
        with pytest.raises(UserError, match="are on different data"):
            check_reproduction(reference, repeated)
    with pytest.raises(UserError, match="The reference has 2 seeds; expected 3 or more."):
        check_reproduction(reference[:8], seed(9))
