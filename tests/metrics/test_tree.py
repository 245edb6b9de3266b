"""Metrics of the tree against plain sets of tags."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from eufcc_lib.data.taxonomy import Taxonomy
from eufcc_lib.metrics.bootstrap import mean_intervals
from eufcc_lib.metrics.tree import depth_values, hierarchical_curve, measure_tree, tree_values

INFINITY = float("inf")


def make_tree(parents):
    """Tags whose parents are these; -1 for a root."""
    parent = np.array(parents, np.int32)
    return Taxonomy("materials", tuple(f"tag {tag}" for tag in range(len(parent))), parent,
                    tuple((above,) for above in parents), np.zeros(len(parent), np.int64))


def close(tree, tags):
    """The tags with all their ancestors."""
    found = set()
    for tag in tags:
        while tag >= 0:
            found.add(tag)
            tag = int(tree.parent[tag])
    return found


def naive_image(tree, scores, relevant):
    """Precision and recall at the R-th rank, average precision, and each rank's precision and recall."""
    order = sorted(range(len(scores)), key=lambda tag: -scores[tag])
    truth, steps = close(tree, relevant), []
    for rank in range(1, len(order) + 1):
        closure = close(tree, order[:rank])
        steps.append((len(closure & truth) / len(closure), len(closure & truth) / len(truth)))
    average, before = 0.0, 0.0
    for precision, recall in steps:
        average += (recall - before) * precision
        before = recall
    return (*steps[len(relevant) - 1], average, steps)


@st.composite
def scored_trees(draw):
    """Trees of up to nine tags, from a chain to all roots; images with few different scores."""
    tags = draw(st.integers(1, 9))
    tree = make_tree([draw(st.integers(-1, tag - 1)) for tag in range(tags)])
    shape = draw(st.integers(1, 5)), tags
    values = draw(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=5)) + [INFINITY, -INFINITY]
    scores = draw(arrays(np.float32, shape, elements=st.sampled_from(values)))
    return tree, scores, draw(arrays(bool, shape, elements=st.booleans()))


@given(scored_trees())
def test_each_images_metrics_equal_those_of_plain_sets(case):
    tree, scores, labels = case
    found = measure_tree(scores, csr_array(labels), tree)
    curves = []
    for image, (row, own) in enumerate(zip(scores.tolist(), labels, strict=True)):
        relevant = np.flatnonzero(own).tolist()
        ours = [found.precision[image], found.recall[image], found.average_precision[image]]
        if not relevant:
            assert np.isnan(ours).all()
            continue
        *expected, steps = naive_image(tree, row, relevant)
        assert ours == pytest.approx(expected, abs=1e-12)
        curves.append(steps)
        assert found.incoherent[image] == sum(row[tag] > row[above] for tag, above in enumerate(tree.parent) if above >= 0)
        for level in range(tree.depth.max() + 1):
            answer = max(np.flatnonzero(tree.depth == level).tolist(), key=lambda tag: row[tag])
            assert found.answers[image, level] == answer
            assert found.right[image, level] == (answer in close(tree, relevant))
    curve = np.stack(hierarchical_curve(scores, csr_array(labels), tree, 4), axis=1)
    expected = np.mean(curves, axis=0)[:4] if curves else np.full((min(4, len(tree)), 2), math.nan)
    assert curve == pytest.approx(expected, abs=1e-12, nan_ok=True)


def naive_depth(confidence, right, precision):
    """The sum over levels of the share of images in the largest set of most confident ones with enough right answers."""
    total = Fraction(0)
    for sure, answers in zip(np.transpose(confidence).tolist(), np.transpose(right).tolist(), strict=True):
        sizes = [0]
        for least in sure:
            chosen = [answer for answer, own in zip(answers, sure, strict=True) if own >= least]
            if Fraction(sum(chosen), len(chosen)) >= precision:
                sizes.append(len(chosen))
        total += Fraction(max(sizes), len(sure))
    return float(total)


@given(st.data(), st.sampled_from([Fraction(19, 20), Fraction(1, 2), Fraction(2, 3), Fraction(1, 7)]))
def test_depth_is_that_of_trying_every_threshold(data, precision):
    shape = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 3))
    confidence = data.draw(arrays(np.float64, shape, elements=st.sampled_from([-INFINITY, 0, 0.5, 0.6, 1])))
    right = data.draw(arrays(bool, shape, elements=st.booleans()))
    assert depth_values(confidence, right, float(precision)).mean() == pytest.approx(naive_depth(confidence, right, precision))


def test_answers_that_are_equally_sure_are_all_given_or_none():
    right = np.array([[True, True]] * 19 + [[False, True]])
    assert depth_values(np.zeros((20, 2)), right).mean() == pytest.approx(2)
    assert depth_values(np.zeros((20, 2)), right, precision=0.96).mean() == pytest.approx(1)


def test_a_case_to_check_in_the_head():
    """metal > bronze, wood > oak, wood > elm; the image has elm, and the model says oak."""
    tree = make_tree([-1, 0, -1, 2, 2])
    scores = np.array([[0.1, 0, 0.2, 0.9, 0.5]], np.float32)
    labels = csr_array(np.array([[0, 0, 0, 0, 1]], bool))
    values = tree_values(scores, labels, tree)
    assert values["hierarchical_precision"] == values["hierarchical_recall"] == values["hierarchical_f1"] == [0.5]
    assert values["hierarchical_average_precision"] == pytest.approx([(1 / 2 + 2 / 3) / 2])
    assert values["incoherence"] == pytest.approx([2 / 3]), "oak and elm score more than wood"
    assert values["depth_at_95"] == [1], "wood is right, oak is not"


def test_nothing_is_shared_and_nothing_has_a_parent():
    tree = make_tree([-1, -1])
    values = tree_values(np.array([[1, 0], [1, 0]], np.float32), csr_array(np.array([[0, 1], [0, 0]], bool)), tree)
    assert "incoherence" not in values
    assert values["hierarchical_f1"][0] == 0 and all(math.isnan(part[1]) for part in values.values())
    assert values["hierarchical_average_precision"][0] == 0.5


def test_probabilities_decide_which_images_are_answered():
    """Scores say nothing across images: here the image with the lower one is the surer."""
    tree, labels = make_tree([-1, -1]), csr_array(np.array([[1, 0], [0, 1]], bool))
    scores = np.array([[5, 0], [9, 8]], np.float32)
    assert tree_values(scores, labels, tree)["depth_at_95"].mean() == 0

    def softmax(part):
        return np.exp(part) / np.exp(part).sum(axis=1, keepdims=True)
    assert tree_values(scores, labels, tree, softmax(scores))["depth_at_95"].mean() == pytest.approx(0.5)


@settings(max_examples=10)
@given(st.integers(0, 1_000))
def test_several_threads_and_many_tags_make_no_difference(seed):
    random = np.random.default_rng(seed)
    tree = make_tree([int(random.integers(-1, tag)) if tag else -1 for tag in range(200)])
    labels = random.random((600, 200)) < 0.02
    scores = (random.normal(size=labels.shape) + 2 * labels).astype(np.float32)
    found = measure_tree(scores, csr_array(labels), tree)
    image = int(random.integers(600))
    if labels[image].any():
        *expected, _ = naive_image(tree, scores[image].tolist(), np.flatnonzero(labels[image]).tolist())
        assert [found.precision[image], found.recall[image], found.average_precision[image]] == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("images", [100, 1_000])
def test_intervals_hold_the_depth_although_its_curve_jumps(images):
    random, worlds = np.random.default_rng(0), []
    for _ in range(300):
        likely = 1 / (1 + np.exp([-3, -1.5, -0.5] - 2 * random.normal(size=(images, 3))))
        worlds.append(depth_values(likely, random.random((images, 3)) < likely))
    truth, held = np.mean(worlds), []
    for values in worlds[:150]:
        low, high = mean_intervals({"depth": values}, {"depth": (0, 3)}, np.arange(images), resamples=200)["depth"]
        held.append(low <= truth <= high)
    assert 0.9 < np.mean(held), "97 of 100 with a hundred images, 95 with a thousand"
