"""Calibration and thresholds against plain loops, and against models whose probabilities are right or wrong by design."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from eufcc_lib.metrics import calibration
from eufcc_lib.metrics.bootstrap import mean_intervals, ratio_values


def naive_best(probabilities, own):
    """For each image that has a tag: the highest probability, and whether the first tag that has it is on record."""
    return [(max(row), float(row.index(max(row)) in tags)) for row, tags in zip(probabilities, own, strict=True) if tags]


def naive_bins(values, bins):
    """Each value's bin: where its middle lies in the order of all."""
    found = []
    for value in values:
        below = sum(other < value for other in values)
        found.append(math.floor(bins * (below + values.count(value) / 2) / len(values)))
    return found


def naive_error(best, bins):
    """Bin by bin, how far the mean probability is from the share that is right."""
    place = naive_bins([probability for probability, _ in best], bins)
    total = 0
    for name in set(place):
        inside = [pair for pair, here in zip(best, place, strict=True) if here == name]
        total += len(inside) / len(best) * abs(sum(p for p, _ in inside) / len(inside) - sum(r for _, r in inside) / len(inside))
    return total


@st.composite
def answers(draw):
    """Probabilities (N, C) with heavy ties, and labels of which some images have none."""
    shape = draw(st.integers(0, 40)), draw(st.integers(1, 8))
    probabilities = draw(arrays(np.float64, shape, elements=st.sampled_from([0, 0.125, 0.5, 0.75, 0.875, 1])))
    labels = draw(arrays(bool, shape, elements=st.booleans()))
    labels[draw(arrays(bool, shape[0], elements=st.booleans()))] = False
    return probabilities, labels


@given(answers(), st.integers(1, 20))
def test_calibration_equals_plain_loops(case, bins):
    probabilities, labels = case
    own = [set(np.flatnonzero(row).tolist()) for row in labels]
    found = np.stack(calibration.best_tags(probabilities, csr_array(labels)), axis=1)
    assert np.isnan(found).all(axis=1).tolist() == [not tags for tags in own]
    probability, right = found[~np.isnan(found[:, 0])].T
    best = naive_best(probabilities.tolist(), own)
    assert list(zip(probability, right, strict=True)) == best
    assert calibration.equal_bins(probability, bins).tolist() == naive_bins(probability.tolist(), bins)
    error = calibration.calibration_error(probability, right, bins)
    curve = calibration.reliability_curve(probability, right, np.arange(len(right)), bins)
    assert curve.images.sum() == len(best)
    if best:
        assert error == pytest.approx(naive_error(best, bins))
        assert error == pytest.approx(np.average(abs(curve.right - curve.probability), weights=curve.images))
    else:
        assert math.isnan(error) and math.isnan(calibration.error_of_a_perfect_model(probability))


@given(answers(), st.sampled_from([0.0, 0.5, 0.8, 1.0]))
def test_precision_and_recall_are_shares_of_all_pairs(case, threshold):
    probabilities, labels = case
    tagged = [row for row in range(len(labels)) if labels[row].any()]
    pairs = [(probabilities[row, tag] >= threshold, labels[row, tag]) for row in tagged for tag in range(labels.shape[1])]
    hits = sum(shown and own for shown, own in pairs)
    found = calibration.precision_and_recall_at(probabilities, csr_array(labels), threshold)
    for name, all_pairs in (("precision", [shown for shown, _ in pairs]), ("recall", [own for _, own in pairs])):
        above, below = found[name]
        assert np.flatnonzero(~np.isnan(above)).tolist() == np.flatnonzero(~np.isnan(below)).tolist() == tagged
        assert (np.nansum(above), np.nansum(below)) == (hits, sum(all_pairs))
        values = ratio_values(above, below)
        assert np.isnan(values).all() if not sum(all_pairs) else np.nanmean(values) == pytest.approx(hits / sum(all_pairs))


def test_the_interval_of_a_ratio_is_that_of_resampled_ratios():
    random = np.random.default_rng(0)
    shown = random.poisson(1.5, 400)
    right = random.binomial(shown, 0.8)
    low, high = mean_intervals({"m": ratio_values(right, shown)}, {"m": (0, 1)}, np.arange(400), weights={"m": shown})["m"]
    drawn = random.integers(400, size=(4_000, 400))
    ends = np.quantile(right[drawn].sum(axis=1) / shown[drawn].sum(axis=1), [0.025, 0.975])
    np.testing.assert_allclose([low, high], ends, atol=0.006)


def test_what_few_images_show_is_not_certain():
    for images in (10, 7):
        shown = (np.arange(600) < images).astype(float)
        found = mean_intervals({"m": ratio_values(shown, shown)}, {"m": (0, 1)}, np.arange(600), weights={"m": shown})["m"]
        assert found is None if images < 8 else found[0] < 0.75, "the other images say nothing"


def simulate(images, truth, seed):
    """Probabilities of best tags, and whether they are right; `truth` is the chance of that, given the probability."""
    random = np.random.default_rng(seed)
    probability = random.beta(3, 1.5, images)
    return probability, (random.random(images) < truth(probability)).astype(float)


@pytest.mark.parametrize("images", [100, 650])
def test_a_perfect_model_has_the_error_that_chance_alone_makes(images):
    found = [(calibration.calibration_error(p, r), calibration.error_of_a_perfect_model(p))
             for p, r in (simulate(images, lambda p: p, seed) for seed in range(100))]
    errors, expected = np.array(found).T
    assert errors.mean() == pytest.approx(expected.mean(), rel=0.06)
    assert errors.mean() == pytest.approx({100: 0.07, 650: 0.05}[images], abs=0.01), "the museum's bias, as the book says"


def test_with_many_images_the_error_is_how_far_the_probabilities_are_from_the_truth():
    probability, right = simulate(200_000, lambda p: p / 2, 0)
    assert calibration.calibration_error(probability, right) == pytest.approx(probability.mean() / 2, abs=0.005)
    curve = calibration.reliability_curve(probability[:3_000], right[:3_000], np.arange(3_000))
    assert len(curve.images) == calibration.BINS and set(curve.images) == {200}
    held = (curve.low <= curve.probability / 2) & (curve.probability / 2 <= curve.high)
    assert held.mean() > 0.8 and (np.diff(curve.probability) > 0).all()
