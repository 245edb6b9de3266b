"""Thresholds for a promised precision: plain loops, arithmetic on paper, and how often the promise fails."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from eufcc_lib.metrics.risk_control import THRESHOLDS, Suggestions, choose_threshold, count_suggestions


@st.composite
def answers(draw):
    shape = draw(st.integers(0, 12)), draw(st.integers(1, 6))
    probabilities = draw(arrays(np.float64, shape, elements=st.sampled_from([0, 0.01, 0.29, 0.5, 0.57, 0.99, 1])))
    labels = draw(arrays(bool, shape, elements=st.booleans()))
    return probabilities, labels, draw(arrays(np.int64, shape[0], elements=st.integers(0, 4)))


@given(answers())
@settings(max_examples=50)
def test_suggestions_equal_plain_loops(case):
    probabilities, labels, units = case
    found = count_suggestions(probabilities, csr_array(labels), units)
    images = [row for row in range(len(labels)) if labels[row].any()]
    names = list(dict.fromkeys(units[images].tolist()))
    assert len(found.shown) == len(names)
    for number, name in enumerate(names):
        own = [row for row in images if units[row] == name]
        assert (found.images[number], found.relevant[number]) == (len(own), labels[own].sum())
        for place, threshold in enumerate(THRESHOLDS.tolist()):
            shown = [labels[row, tag] for row in own for tag in range(labels.shape[1]) if probabilities[row, tag] >= threshold]
            assert (found.shown[number, place], found.right[number, place]) == (len(shown), sum(shown))
            assert found.drawn[number, place] in (shown or [False]), "one of them"
            assert math.isnan(found.precision(place)[number]) if not shown else found.precision(place)[number] == np.mean(shown)
            assert found.recall(place)[number] == sum(shown) / labels[own].sum()


def test_each_suggestion_of_an_object_is_drawn_equally_often():
    probabilities, units = np.tile([[0.9, 0.8, 0.0], [0.7, 0.1, 0.0]], (2_000, 1)), np.repeat(np.arange(2_000), 2)
    labels = csr_array(np.tile([[True, False, True], [True, False, True]], (2_000, 1)))
    drawn = dict(zip(THRESHOLDS, count_suggestions(probabilities, labels, units).drawn.mean(axis=0)))
    assert [drawn[0.95], drawn[0.85], drawn[0.75], drawn[0.5], drawn[0.05]] == pytest.approx([0, 1, 1 / 2, 2 / 3, 1 / 2], abs=0.04)


def alone(right: int, wrong: int = 0, without: int = 0) -> Suggestions:
    """Objects with one suggestion each, of 0.6, and others without any."""
    objects = right + wrong + without
    shown = np.zeros((objects, len(THRESHOLDS)), int)
    shown[:right + wrong, THRESHOLDS <= 0.6] = 1
    kept = shown.copy()
    kept[right:right + wrong] = 0
    return Suggestions(shown, kept, kept > 0, np.ones(objects, int), np.ones(objects, int))


@pytest.mark.parametrize(("right", "wrong", "start", "last"), [
    (37, 0, None, None),  # with one wrong of 37: 0.9^37 + 37 * 0.1 * 0.9^36 = 0.104
    (38, 0, 0.6, 0.01),  # of 38: 0.095
    (37, 1, 0.6, 0.01),
    (36, 2, 0.6, None),
    (90, 10, 0.6, None),  # just what was promised may well be luck
    (97, 3, 0.6, 0.01),
])
def test_what_the_binomial_distribution_allows_is_promised(right, wrong, start, last):
    walk = choose_threshold(alone(right, wrong, without=200), 0.9, 0.9)
    assert [place if place is None else THRESHOLDS[place] for place in (walk.start, walk.last)] == [start, last]


def test_the_walk_stops_at_the_first_threshold_that_breaks_the_promise():
    found = alone(97, 3)
    found.drawn[:60, THRESHOLDS == 0.3] = False
    walk = choose_threshold(found, 0.9, 0.9)
    assert THRESHOLDS[walk.last] == 0.31, "whatever comes after it"


def draw_objects(count, random):
    """Objects of one to three photographs with four tags, which are right or wrong together more often than not.

    A tag of probability p is right with chance p, whatever the others are.
    """
    units = np.repeat(np.arange(count), random.integers(1, 4, count))
    probabilities = random.beta(4, 1.2, count)[units, None] * np.array([1, 0.9, 0.7, 0.5])
    shared = np.where(random.random(count) < 0.6, random.random(count), np.nan)[units, None]
    luck = np.where(np.isnan(shared), random.random(probabilities.shape), shared)
    on_record = np.ones((len(units), 1), bool)  # one more tag, never suggested, so that no image is left out
    return count_suggestions(np.hstack([probabilities, 0 * on_record]), csr_array(np.hstack([luck < probabilities, on_record])),
                             units, int(random.integers(1 << 30)))


@pytest.mark.slow
@pytest.mark.parametrize("objects", [50, 250])
def test_the_promise_fails_about_as_seldom_as_it_was_said(objects):
    random = np.random.default_rng(objects)
    many = draw_objects(50_000, random)
    truth = [np.nanmean(many.precision(place)) for place in range(len(THRESHOLDS))]
    walks = [choose_threshold(draw_objects(objects, random), 0.85, 0.8) for _ in range(600)]
    broken = sum(truth[walk.last] < 0.85 for walk in walks if walk.last is not None)
    assert broken <= 0.22 * len(walks), "with 80 % confidence"
    assert sum(walk.last is not None for walk in walks) > {50: 0.3, 250: 0.8}[objects] * len(walks)
