"""Providers' words: the distance is the formula, and what is peculiar is told from what is few."""

import numpy as np
import pytest
from conftest import draw_records
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.data.word_habits import jensen_shannon, measure_word_habits

COUNTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8)


@given(COUNTS)
def test_distance_is_that_of_scipy(pairs):
    first, second = np.array(pairs, float).T
    found = jensen_shannon(first, second)
    if first.sum() and second.sum():
        assert found == pytest.approx(jensenshannon(first, second, base=2), abs=1e-6)
        assert jensen_shannon(3 * first, second) == pytest.approx(found, abs=1e-6)
    else:
        assert found == 0


def test_a_museum_with_words_of_its_own_is_furthest_and_a_mixed_one_is_as_chance_has_it(tmp_path):
    mixed = [{"objectTypes": tag} for tag in ("cup", "jug", "bowl", "lamp")] * 10
    draw_records(tmp_path / "data", {
        "train": [{**cells, "provider": "First"} for cells in mixed] + [{**cells, "provider": "Second"} for cells in mixed],
        "test_ood": [{"objectTypes": "coin", "provider": "Mint"}] * 30 + [{"objectTypes": "cup", "provider": "Tiny"}] * 3}, pictures=False)
    dataset = open_dataset(str(tmp_path / "data"))
    habits = {habit.provider: habit for habit in measure_word_habits(dataset, "objectTypes")}
    assert list(habits)[-1] == "Mint" and set(habits) == {"First", "Second", "Mint"}  # three images are too few to tell
    mint = habits["Mint"]
    assert (mint.outer, mint.images, mint.distance, mint.outside) == (True, 30, pytest.approx(1), 1)
    assert mint.chance < 0.3 and not habits["First"].outer and habits["First"].outside == 0
    assert measure_word_habits(dataset, "materials") == []
