"""Bootstrap intervals against plain loops, on simulated museums whose mean is known, and where there is little to draw."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.metrics import bootstrap
from eufcc_lib.metrics.bootstrap import FEWEST_UNITS, draw_counts, mean_intervals

NAN = math.nan
ANY = {"m": (-1e9, 1e9)}
SHARE = {"m": (0, 1)}


def over(values, units=None, ranges=SHARE, **options):
    """The interval of one metric; without units each image is one."""
    values = np.asarray(values, float)
    return mean_intervals({"m": values}, ranges, np.arange(len(values)) if units is None else np.asarray(units), **options)["m"]


def jackknife(units):
    """Mean over the images of all units, and its standard error from leaving out one unit after the other."""
    def mean(some):
        return sum(map(sum, some)) / sum(map(len, some))
    left = [mean(units[:out] + units[out + 1:]) for out in range(len(units))]
    return mean(units), math.sqrt(sum((one - mean(units)) ** 2 for one in left) * (len(units) - 1) / len(units))


def naive_interval(values, names, resamples, seed):
    """Draw units one list after the other, studentise each resample, sort, and read the ends off."""
    images = [(value, name) for value, name in zip(values, names, strict=True) if not math.isnan(value)]
    units = [[value for value, other in images if other == name] for name in dict.fromkeys(name for _, name in images)]
    mean, error = jackknife(units)
    ratios = []
    for counts in np.concatenate(list(draw_counts(len(units), resamples, seed))):
        drawn_mean, drawn_error = jackknife([unit for unit, times in zip(units, counts) for _ in range(int(times))])
        ratios.append((drawn_mean - mean) / drawn_error)
    ratios.sort()
    sizes = sorted(map(abs, ratios))

    def quantile(ordered, share):
        return ordered[math.ceil(round(share * len(ordered), 9)) - 1]
    return (mean - max(quantile(ratios, 0.975), quantile(sizes, 0.95)) * error,
            mean + max(-quantile(ratios, 0.025), quantile(sizes, 0.95)) * error)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_intervals_equal_those_of_plain_loops_over_the_same_draws(seed):
    random = np.random.default_rng(seed)
    names = np.concatenate([np.arange(9), random.integers(9, size=20)])
    values = random.normal(size=29) + random.normal(size=9)[names]
    values[9 + random.integers(20, size=3)] = NAN
    np.testing.assert_allclose(over(values, names, ANY, resamples=40, seed=seed), naive_interval(values, names, 40, seed), atol=2e-6)


def test_as_many_units_are_drawn_as_there_are_whatever_the_block(monkeypatch):
    whole = np.concatenate(list(draw_counts(7, 100, seed=3)))
    assert whole.shape == (100, 7) and set(whole.sum(axis=1)) == {7}
    assert abs(whole.mean(axis=0) - 1).max() < 0.4, "no unit is favoured"
    monkeypatch.setattr(bootstrap, "_BLOCK", 20)
    blocks = list(draw_counts(7, 100, seed=3))
    assert len(blocks) == 50
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


@given(st.lists(st.floats(0, 1), min_size=8, max_size=30), st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=40)
def test_a_metric_in_another_unit_has_its_interval_in_that_unit_and_within_its_range(values, factor, shift):
    low, high = over(values, resamples=50)
    assert 0 <= low <= high <= 1
    other = over(np.array(values) * factor + shift, ranges={"m": (shift, factor + shift)}, resamples=50)
    if np.ptp(values) > 1e-3:
        np.testing.assert_allclose(other, np.array([low, high]) * factor + shift, atol=1e-3 * factor)


def test_images_without_a_tag_other_metrics_and_names_of_units_make_no_difference():
    values, names = np.random.default_rng(0).random(40), np.repeat(list("abcdefgh"), 5)
    expected = over(values, names)
    gaps = np.insert(values, [0, 11, 40], NAN), np.insert(names, [0, 11, 40], "z")
    assert mean_intervals({"m": gaps[0], "n": -gaps[0]}, SHARE | {"n": (-1, 0)}, gaps[1])["m"] == expected
    assert over(values, np.char.add("museum of ", names)) == expected
    assert over(values, seed=1) == over(values, seed=1) != over(values, seed=2)


def test_four_photographs_of_an_object_say_no_more_than_one():
    values = np.random.default_rng(0).random(30)
    repeated, objects = np.repeat(values, 4), np.repeat(np.arange(30), 4)
    assert over(repeated, objects) == over(values)
    assert np.ptp(over(repeated)) < 0.6 * np.ptp(over(values)), "as if they were different objects"


@pytest.mark.parametrize("units", range(FEWEST_UNITS + 1))
def test_below_eight_units_there_is_no_interval_however_many_images(units):
    names = np.repeat(np.arange(units), 50)
    values = np.random.default_rng(0).random(len(names))
    assert (over(values, names) is None) == (units < FEWEST_UNITS)
    unused = np.append(values, [NAN] * 9), np.append(names, np.arange(100, 109))
    assert (over(*unused) is None) == (units < FEWEST_UNITS), "only units with an evaluated image count"
    assert mean_intervals({}, {}, names) == {}


def test_what_came_out_the_same_everywhere_is_not_certain():
    low, high = over([1.0] * 24)
    assert low == pytest.approx(0.85, abs=0.01) and high == 1, "24 of 24: about 22 of 25 would not be strange"
    assert over([0.0] * 24) == pytest.approx([0, 1 - low])
    low, high = over([1.0] * 23 + [0.0])
    assert 0.75 < low < 0.85 and 0.97 < high < 1
    ranks = over([1.0] * 24, ranges={"m": (1, 50)})
    assert ranks[0] == 1 and ranks[1] > 5
    assert np.ptp(over([0.5] * 100)) > 0.1
    by_unequal_museums = over([1.0] * 1_000, [0] * 991 + list(range(1, 10)))
    assert by_unequal_museums[0] < 0.1, "one museum holds nearly all"
    assert over([1.0] * 24, ranges={"m": (1, 1)}) == [1, 1], "every ranking has it"


def simulate(units, random):
    """A metric with its range and mean, in 20 worlds with museums of their own levels and very unequal sizes."""
    sizes = np.ceil(random.lognormal(2.5, 1, units)).astype(int)
    museum = np.repeat(np.arange(units), sizes)
    right = random.random((len(museum), 20)) < random.beta(7, 3, (units, 20))[museum]
    tags = random.integers(1, 6, (len(museum), 1))
    found = random.binomial(tags, random.beta(6.5, 3.5, (units, 20))[museum]) / tags
    ranks = 1 + 4 * random.lognormal(-0.125, 0.5, (units, 20))[museum] * random.lognormal(-0.5, 1, right.shape)
    return museum, [(right, (0, 1), 0.7), (found, (0, 1), 0.65), (ranks, (1, 894), 5)]


@pytest.mark.parametrize("units", [8, 12, 20, 50])
def test_nineteen_of_twenty_intervals_hold_the_mean_of_all_museums(units):
    """93 to 97 %, for 1,200 intervals with a binomial error of 0.6 %; percentiles of the means hold it in 86 to 92 %."""
    random, held = np.random.default_rng(units), []
    for _ in range(20):
        museum, metrics = simulate(units, random)
        for values, span, truth in metrics:
            names = range(values.shape[1])
            intervals = mean_intervals(dict(zip(names, values.T)), dict.fromkeys(names, span), museum, resamples=400)
            held += [low <= truth <= high for low, high in intervals.values()]
    assert 0.93 - 0.012 < np.mean(held) < 0.97 + 0.012


def test_images_of_a_museum_repeat_each_other_so_that_intervals_over_images_are_too_sure():
    random, held = np.random.default_rng(1), []
    for _ in range(20):
        _, [(values, span, truth), *_] = simulate(50, random)
        for column in values.T[:5]:
            low, high = over(column, ranges={"m": span}, resamples=100)
            held.append(low <= truth <= high)
    assert np.mean(held) < 0.7


def test_shares_near_one_are_covered_also_with_few_images():
    random, held = np.random.default_rng(2), []
    for images in (8, 12, 24, 60):
        names = range(400)
        values = (random.random((images, 400)) < 0.95).astype(float)
        intervals = mean_intervals(dict(zip(names, values.T)), dict.fromkeys(names, (0, 1)), np.arange(images), resamples=100)
        held.append(np.mean([low <= 0.95 <= high for low, high in intervals.values()]))
    assert min(held) > 0.93 - 0.022, "Wilson's; the bootstrap holds it in 30 % with 8 images"


def test_all_metrics_share_one_set_of_draws_whose_blocks_stay_small(monkeypatch):
    """So a thousand resamples of a large test set take a moment, and little memory."""
    drawn = []

    def watch(*arguments):
        for counts in draw_counts(*arguments):
            drawn.append(counts.shape)
            yield counts
    monkeypatch.setattr(bootstrap, "draw_counts", watch)
    mean_intervals({name: np.random.default_rng(0).random(30_000) for name in "abcd"}, dict.fromkeys("abcd", (0, 1)),
                   np.arange(30_000))
    assert sum(rows for rows, _ in drawn) == 1_000 and {units for _, units in drawn} == {30_000}
    assert max(rows for rows, _ in drawn) == 17, "a block of 2 ** 19 numbers at most"
