"""Metrics of the tail against plain loops, finite differences and simulated tags whose number is known."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from eufcc_lib.metrics.bootstrap import mean_intervals
from eufcc_lib.metrics.ranking import rank_relevant
from eufcc_lib.metrics.tail import (
    frequency_bands,
    macro_values,
    measure_tags,
    propensities,
    propensity_r_precision,
)

INFINITY = float("inf")


def naive_average_precision(scores, own, weights=None):
    """The mean over a tag's images of the weighted share of its images among those that score at least as much."""
    weights = np.ones(len(scores)) if weights is None else weights
    total = 0.0
    for image in np.flatnonzero(own):
        above = scores >= scores[image]
        total += weights[image] * weights[above & own].sum() / weights[above].sum()
    return total / weights[own].sum()


def naive_r_precision(scores, own):
    """The mean over all orders of the images of the share that the R best, sorted from that order, have of the tag's."""
    count, shares = int(own.sum()), []
    for order in permutations(range(len(scores))):
        best = sorted(order, key=lambda image: -scores[image])[:count]
        shares.append(own[best].mean())
    return sum(shares) / len(shares)


@st.composite
def scored_images(draw, images=5):
    """Scores from few values, infinities among them; tags may have no image, or all."""
    shape = draw(st.integers(1, images)), draw(st.integers(1, 3))
    values = draw(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=4)) + [INFINITY, -INFINITY]
    scores = draw(arrays(np.float32, shape, elements=st.sampled_from(values)))
    return scores, draw(arrays(bool, shape, elements=st.booleans()))


@given(scored_images())
@settings(max_examples=60)
def test_each_tags_metrics_equal_those_of_plain_loops(case):
    scores, labels = case
    found = measure_tags(scores, csr_array(labels))
    for tag, (column, own) in enumerate(zip(scores.T, labels.T, strict=True)):
        if own.any():
            assert found.average_precision[tag] == pytest.approx(naive_average_precision(column, own), abs=1e-12)
            assert found.r_precision[tag] == pytest.approx(naive_r_precision(column, own), abs=1e-12)
        else:
            assert math.isnan(found.average_precision[tag]) and math.isnan(found.r_precision[tag])


@given(scored_images(images=12), st.data())
@settings(max_examples=60)
def test_the_influence_of_an_image_is_the_derivative_by_its_weight(case, data):
    scores, labels = case
    groups = np.array(data.draw(st.lists(st.integers(0, 2), min_size=labels.shape[1], max_size=labels.shape[1])))
    found = measure_tags(scores, csr_array(labels), groups)
    expected = np.zeros_like(found.average_precision_influence)
    for tag, group in enumerate(groups):
        for image in range(len(scores) if labels[:, tag].any() else 0):
            step = np.zeros(len(scores))
            step[image] = 1e-5
            more, less = (naive_average_precision(scores[:, tag], labels[:, tag], 1 + sign * step) for sign in (1, -1))
            expected[image, group] += (more - less) / 2e-5
    np.testing.assert_allclose(found.average_precision_influence, expected, atol=1e-8)
    np.testing.assert_allclose(found.r_precision_influence.sum(axis=0), 0, atol=1e-12)


def draw_images(random, images, tags, share=0.1):
    """Images with scores of which those of a tag's own images are higher by one on average."""
    labels = random.random((images, tags)) < share
    return (random.normal(size=labels.shape) + labels).astype(np.float32), labels


def test_more_tags_than_a_block_and_more_images_than_tags():
    scores, labels = draw_images(np.random.default_rng(0), 90, 70)
    found = measure_tags(scores, csr_array(labels))
    expected = [naive_average_precision(*columns) for columns in zip(scores.T, labels.T)]
    np.testing.assert_allclose(found.average_precision, expected)
    best = np.sort(scores, axis=0)[::-1]
    r_precisions = [(own & (column >= ordered[own.sum() - 1])).sum() / own.sum()
                    for column, own, ordered in zip(scores.T, labels.T, best.T)]
    np.testing.assert_allclose(found.r_precision, r_precisions)


def test_average_precision_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    scores, labels = draw_images(np.random.default_rng(0), 200, 5)
    scores = scores.round(1)
    expected = [metrics.average_precision_score(*columns) for columns in zip(labels.T, scores.T)]
    np.testing.assert_allclose(measure_tags(scores, csr_array(labels)).average_precision, expected)


def test_means_are_over_the_tags_that_an_image_has_in_each_band():
    scores, labels = draw_images(np.random.default_rng(0), 60, 6)
    labels[:, 5] = False
    images = np.array([500, 101, 100, 20, 19, 0])
    assert frequency_bands(images).tolist() == [0, 0, 1, 1, 2, 2]
    found = measure_tags(scores, csr_array(labels))
    values = macro_values(scores, csr_array(labels), images)
    for name, tags in {"macro": slice(5), "head": slice(2), "medium": slice(2, 4), "tail": [4]}.items():
        assert values[f"{name}_average_precision"].mean() == pytest.approx(found.average_precision[tags].mean())
        assert values[f"{name}_r_precision"].mean() == pytest.approx(found.r_precision[tags].mean())
    assert set(macro_values(scores, csr_array(labels))) == {"macro_average_precision", "macro_r_precision"}
    assert "medium_r_precision" not in macro_values(scores, csr_array(labels), images, medium=(200, 200))
    assert macro_values(scores, csr_array(labels.shape, dtype=bool)) == {}


def test_a_rare_tag_counts_more_in_proportion_to_its_propensity():
    images, total = np.array([1_000, 10]), 2_000
    rare, frequent = (1 + (math.log(total) - 1) * 2.5 ** 0.55 * math.exp(-0.55 * math.log(count + 1.5))
                      for count in (10, 1_000))
    np.testing.assert_allclose(1 / propensities(images, total), [frequent, rare])
    labels = csr_array(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]], bool))
    ranks = rank_relevant(np.array([[0, 2, 1], [2, 0, 1], [0, 0, 0]], np.float32), labels)
    found = propensity_r_precision(ranks, labels, np.array([1_000, 10, 10]), total)
    assert found[:2] == pytest.approx([rare / (rare + frequent), frequent / (rare + frequent)]) and math.isnan(found[2])
    perfect = rank_relevant(labels.toarray().astype(np.float32), labels)
    assert propensity_r_precision(perfect, labels, np.array([1_000, 10, 10]), total)[:2].tolist() == [1, 1]
    assert propensities(np.array([0, 1]), 2).tolist() == [1, 1], "too few images to say that any tag is forgotten"


@pytest.mark.slow
def test_intervals_hold_the_number_of_tags_that_have_four_images_each():
    """In 90 and 91 of 100 worlds; each image's influence stands for a tag that a resample might lack."""
    random = np.random.default_rng(0)
    names = ("macro_average_precision", "macro_r_precision")
    drawn = (draw_images(random, 200, 30, 0.02) for _ in range(300))
    worlds = [macro_values(scores, csr_array(labels)) for scores, labels in drawn]
    held = {name: [] for name in names}
    for name in names:
        truth = np.mean([values[name].mean() for values in worlds])
        for values in worlds[:150]:
            low, high = mean_intervals({name: values[name]}, {name: (0, 1)}, np.arange(200), resamples=200)[name]
            held[name].append(low <= truth <= high)
    assert all(0.85 < np.mean(part) < 0.99 for part in held.values())
