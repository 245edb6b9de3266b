"""Bootstrap intervals against plain loops, on cases with a known spread, and where there is little to resample."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.metrics import bootstrap
from eufcc_lib.metrics.bootstrap import draw_counts, mean_intervals

NAN = math.nan


def naive_interval(values, providers, resamples, seed):
    """Draw units one list after the other, average what was drawn, sort, and read off 2.5 % and 97.5 %."""
    images = [(value, provider) for value, provider in zip(values, providers, strict=True) if not math.isnan(value)]
    units = list(dict.fromkeys(provider for _, provider in images))
    means = []
    for counts in np.concatenate(list(draw_counts(len(units), resamples, seed))):
        drawn = []
        for unit, times in zip(units, counts, strict=True):
            drawn += [value for value, provider in images if provider == unit] * int(times)
        means.append(sum(drawn) / len(drawn))
    return np.quantile(means, [0.025, 0.975])


@st.composite
def valued_images(draw):
    """Values of N images, some not evaluated, and their providers."""
    images = draw(st.integers(2, 12))
    values = draw(st.lists(st.floats(0, 100) | st.just(NAN), min_size=images, max_size=images))
    return values, draw(st.lists(st.sampled_from("abcd"), min_size=images, max_size=images))


@given(valued_images(), st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_intervals_equal_those_of_plain_loops_over_the_same_draws(case, seed):
    values, providers = case
    evaluated = [provider for value, provider in zip(values, providers, strict=True) if not math.isnan(value)]
    over_images = mean_intervals({"m": np.array(values)}, resamples=50, seed=seed)["m"]
    over_providers = mean_intervals({"m": np.array(values)}, np.array(providers), resamples=50, seed=seed)["m"]
    if evaluated:
        expected = naive_interval(values, range(len(values)), 50, seed)
        np.testing.assert_allclose(over_images, expected, atol=1e-5)
    else:
        assert over_images is None
    if len(set(evaluated)) > 1:
        np.testing.assert_allclose(over_providers, naive_interval(values, providers, 50, seed), atol=1e-5)
    else:
        assert over_providers is None


def test_as_many_units_are_drawn_as_there_are_whatever_the_block(monkeypatch):
    whole = np.concatenate(list(draw_counts(7, 100, seed=3)))
    assert whole.shape == (100, 7) and set(whole.sum(axis=1)) == {7}
    assert abs(whole.mean(axis=0) - 1).max() < 0.4, "no unit is favoured"
    monkeypatch.setattr(bootstrap, "_BLOCK", 20)
    blocks = list(draw_counts(7, 100, seed=3))
    assert len(blocks) == 50
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


@given(valued_images(), st.floats(0.1, 10), st.floats(-5, 5))
@settings(deadline=None, max_examples=40)
def test_a_metric_in_another_unit_has_its_interval_in_that_unit(case, factor, shift):
    values, providers = np.array(case[0]), np.array(case[1])
    for groups in (None, providers):
        plain = mean_intervals({"m": values}, groups, resamples=50)["m"]
        other = mean_intervals({"m": values * factor + shift}, groups, resamples=50)["m"]
        assert (plain is None) == (other is None)
        if plain:
            np.testing.assert_allclose(other, np.array(plain) * factor + shift, atol=2e-5)


def test_images_without_a_tag_other_metrics_and_names_of_providers_make_no_difference():
    values, providers = np.random.default_rng(0).random(40), np.repeat(["a", "b", "c", "d"], 10)
    expected = mean_intervals({"m": values}, providers)["m"]
    gaps = np.insert(values, [0, 11, 40], NAN), np.insert(providers, [0, 11, 40], "e")
    assert mean_intervals({"m": gaps[0], "n": -gaps[0]}, gaps[1])["m"] == expected
    assert mean_intervals({"m": values}, np.char.add("museum of ", providers))["m"] == expected
    assert mean_intervals({"m": values}, seed=1) == mean_intervals({"m": values}, seed=1)
    assert mean_intervals({"m": values}, seed=1) != mean_intervals({"m": values}, seed=2)


def test_providers_of_one_image_each_are_images():
    values = np.random.default_rng(0).random(30)
    assert mean_intervals({"m": values}, np.arange(30)) == mean_intervals({"m": values})


def test_two_providers_of_equal_size_give_the_interval_between_their_means():
    intervals = mean_intervals({"m": np.array([0, 1, 1, 1, 1, 1], float)}, np.array(list("aaabbb")))
    assert intervals["m"] == [pytest.approx(2 / 3, abs=1e-6), 1]


@pytest.mark.parametrize(("values", "providers", "expected"), [
    ([], None, None), ([NAN, NAN], None, None), ([0.5], None, [0.5, 0.5]), ([NAN, 0.25, NAN], None, [0.25, 0.25]),
    ([0.7, 0.7, 0.7], None, [0.7, 0.7]), ([], [], None), ([NAN, NAN], ["a", "b"], None),
    ([0.2, 0.9], ["a", "a"], None), ([0.2, 0.9, NAN], ["a", "a", "b"], None),
])
def test_where_there_is_little_to_resample(values, providers, expected):
    groups = None if providers is None else np.array(providers, object)
    assert mean_intervals({"m": np.array(values, float)}, groups)["m"] == expected
    assert mean_intervals({}, groups) == {}


def test_nineteen_of_twenty_intervals_hold_the_truth_and_only_over_providers_where_they_differ():
    """Each museum has a level of its own: images of one repeat each other, so resampling images is too sure."""
    random, museums, images = np.random.default_rng(1), 40, 25
    providers = np.repeat(np.arange(museums), images)
    held = np.zeros((2, 2))
    for spread in range(2):
        for _ in range(150):
            levels = random.normal(0, 0.1 * spread, museums)
            values = {"m": 0.5 + levels[providers] + random.normal(0, 0.2, museums * images)}
            for column, groups in enumerate((None, providers)):
                low, high = mean_intervals(values, groups, resamples=200)["m"]
                held[spread, column] += low <= 0.5 <= high
    shares = held / 150
    assert (shares[0] > 0.88).all(), "museums alike: both hold"
    assert shares[1, 1] > 0.86 and shares[1, 0] < 0.75, "museums apart"


def test_all_metrics_share_one_set_of_draws_whose_blocks_stay_small(monkeypatch):
    """So a thousand resamples of a large test set take a moment, and little memory."""
    drawn = []

    def watch(*arguments):
        for counts in draw_counts(*arguments):
            drawn.append(counts.shape)
            yield counts
    monkeypatch.setattr(bootstrap, "draw_counts", watch)
    mean_intervals({name: np.random.default_rng(0).random(30_000) for name in "abcd"})
    assert sum(rows for rows, _ in drawn) == 1_000 and {units for _, units in drawn} == {30_000}
    assert max(rows for rows, _ in drawn) == 4, "a block of 2 ** 17 numbers at most"
