"""Ranks and the metrics made of them, against plain loops that a reader can follow."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from eufcc_lib.core.errors import UserError
from eufcc_lib.data.labels import Labels
from eufcc_lib.metrics import ranking
from eufcc_lib.metrics.evaluation import evaluate
from eufcc_lib.metrics.ranking import (
    accuracy_at,
    average_rank_position,
    best_average_rank_position,
    r_precision,
    rank_relevant,
)

INFINITY = float("inf")


def naive_rank(scores, tag):
    """Position of a tag when the scores are sorted, best first, and equal ones left to right."""
    better = [other for other in range(len(scores))
              if scores[other] > scores[tag] or (scores[other] == scores[tag] and other < tag)]
    return 1 + len(better)


def naive_metrics(scores, relevant):
    """The paper's equations for one image: R-Precision, Acc@1, Acc@3 and average rank position."""
    if not relevant:
        return [math.nan] * 4
    order = sorted(range(len(scores)), key=lambda tag: -scores[tag])
    best = order[:len(relevant)]
    positions = [order.index(tag) + 1 for tag in relevant]
    return [len(set(best) & relevant) / len(relevant), float(order[0] in relevant),
            float(bool(set(order[:3]) & relevant)), sum(positions) / len(positions)]


@st.composite
def scored_images(draw):
    """Scores (N, C) from few values, so that ties are heavy, infinities among them; labels likewise sparse."""
    shape = draw(st.integers(0, 6)), draw(st.integers(1, 40))
    values = draw(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=4)) + [INFINITY, -INFINITY]
    scores = draw(arrays(np.float32, shape, elements=st.sampled_from(values)))
    labels = draw(arrays(bool, shape, elements=st.booleans()))
    labels[draw(arrays(bool, shape[0], elements=st.booleans()))] = False
    return scores, labels


@given(scored_images())
@settings(deadline=None)
def test_ranks_equal_those_of_two_plain_loops(case):
    scores, labels = case
    ranks = rank_relevant(scores, csr_array(labels))
    expected = [naive_rank(row, tag) for row, own in zip(scores.tolist(), labels, strict=True)
                for tag in np.flatnonzero(own)]
    assert ranks.position.tolist() == expected
    expected_ties = [row.tolist().count(row[tag]) > 1 for row, own in zip(scores, labels, strict=True)
                     for tag in np.flatnonzero(own)]
    assert ranks.tied.tolist() == expected_ties


@given(scored_images())
@settings(deadline=None)
def test_metrics_equal_the_equations_image_by_image(case):
    scores, labels = case
    ranks = rank_relevant(scores, csr_array(labels))
    ours = np.column_stack([r_precision(ranks), accuracy_at(ranks, 1), accuracy_at(ranks, 3),
                            average_rank_position(ranks)])
    expected = [naive_metrics(row, set(np.flatnonzero(own).tolist())) for row, own in
                zip(scores.tolist(), labels, strict=True)]
    np.testing.assert_allclose(ours, np.reshape(expected, (-1, 4)), rtol=1e-12)


@pytest.mark.parametrize("values", [3, 1_000_000])
def test_ranks_equal_a_stable_descending_sort_on_several_threads(values, monkeypatch):
    monkeypatch.setattr(ranking, "usable_cores", lambda: 3)
    random = np.random.default_rng(0)
    scores = random.integers(0, values, (2_000, 57)).astype(np.float32)
    labels = random.random(scores.shape) < 0.1
    order = np.argsort(-scores, axis=1, kind="stable")
    positions = np.empty_like(order)
    np.put_along_axis(positions, order, np.arange(1, scores.shape[1] + 1)[None], axis=1)
    np.testing.assert_array_equal(rank_relevant(scores, csr_array(labels)).position, positions[labels])


def test_a_case_to_check_in_the_head():
    scores = np.array([[0.9, 0.5, 0.7, 0.1], [0.9, 0.5, 0.7, 0.1]], np.float32)
    labels = csr_array(np.array([[0, 1, 1, 0], [0, 0, 0, 0]], bool))
    ranks = rank_relevant(scores, labels)
    assert ranks.position.tolist() == [3, 2]
    assert r_precision(ranks)[0] == 0.5
    assert accuracy_at(ranks, 1)[0] == 0
    assert accuracy_at(ranks, 2)[0] == 1
    assert average_rank_position(ranks)[0] == 2.5
    assert all(math.isnan(metric[1]) for metric in (r_precision(ranks), accuracy_at(ranks, 1),
                                                    average_rank_position(ranks)))


def test_among_equal_scores_the_tag_on_the_left_comes_first():
    ranks = rank_relevant(np.zeros((1, 5), np.float32), csr_array(np.array([[1, 0, 1, 0, 1]], bool)))
    assert ranks.position.tolist() == [1, 3, 5]
    assert ranks.tied.all()


def test_accuracy_beyond_the_vocabulary_is_one():
    ranks = rank_relevant(np.array([[3, 2, 1]], np.float32), csr_array(np.array([[0, 0, 1]], bool)))
    assert accuracy_at(ranks, 10).tolist() == [1]
    with pytest.raises(UserError, match="k must be at least 1"):
        accuracy_at(ranks, 0)


def test_the_best_average_rank_is_reached_by_perfect_scores():
    labels = csr_array(np.array([[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]], bool))
    perfect = rank_relevant(labels.toarray().astype(np.float32), labels)
    assert best_average_rank_position(labels) == np.nanmean(average_rank_position(perfect)) == 1.5
    assert math.isnan(best_average_rank_position(csr_array((3, 4), dtype=bool)))


@pytest.mark.parametrize("row", [0, 1_500])
def test_nan_is_refused_with_its_place_even_where_no_tag_is_relevant(row):
    scores = np.zeros((2_000, 9), np.float32)
    scores[row, 7] = scores[1_999, 2] = np.nan
    with pytest.raises(UserError, match=f"Scores of 'materials': NaN at image row {row}, tag 7"):
        rank_relevant(scores, csr_array((2_000, 9), dtype=bool), "materials")


def test_other_shape_than_the_labels_is_refused():
    with pytest.raises(UserError, match=r"shape \(3, 4\); the labels have shape \(3, 5\)"):
        rank_relevant(np.zeros((3, 4), np.float32), csr_array((3, 5), dtype=bool))


def test_stored_zeros_and_unsorted_labels_make_no_difference():
    scores = np.array([[0.1, 0.2, 0.3]], np.float32)
    messy = csr_array((np.array([1, 0, 1], np.uint8), np.array([2, 1, 0]), np.array([0, 3])), shape=(1, 3))
    assert rank_relevant(scores, messy).position.tolist() == [3, 1]
    assert messy.nnz == 3


def test_scores_that_may_not_be_written_to_are_ranked():
    scores = np.array([[2, 1]], np.float32)
    scores.flags.writeable = False
    assert rank_relevant(scores, csr_array(np.array([[0, 1]], bool))).position.tolist() == [2]


def materials(matrix, outside):
    return {"materials": Labels("materials", csr_array(np.array(matrix, bool)), np.array(outside, np.int32))}


def test_images_without_facet_and_tags_outside_the_vocabulary_are_skipped_and_counted():
    labels = materials([[1, 0], [0, 0], [0, 0], [0, 1]], outside=[2, 0, 3, 0])
    [row] = evaluate({"materials": np.array([[1, 0]] * 4, np.float32)}, labels, "softmax", "mini", "test_id")
    assert (row.images, row.images_without_facet, row.images_outside_vocabulary) == (2, 1, 1)
    assert (row.tags, row.tags_outside_vocabulary, row.relevant_tags_tied) == (2, 5, 0)
    assert (row.r_precision, row.acc_at_1, row.acc_at_10, row.avg_rank_position) == (0.5, 0.5, 1, 1.5)
    assert row.avg_rank_fraction == 0.75
    assert (row.model, row.data, row.split, row.facet) == ("softmax", "mini", "test_id", "materials")


def test_a_facet_without_a_single_image_has_no_metrics():
    [row] = evaluate({"materials": np.zeros((2, 2), np.float32)}, materials([[0, 0], [0, 0]], [0, 1]),
                     "softmax", "mini", "test_id")
    assert (row.images, row.r_precision, row.avg_rank_position, row.relevant_tags_tied) == (0, None, None, None)
    assert set(row.interval.values()) == {None}


def test_every_mean_comes_with_its_intervals_over_objects_and_over_providers():
    labels = materials([[1, 0]] * 40 + [[0, 0]], outside=[0] * 41)
    right = np.r_[np.ones(20), np.zeros(20), 0] > 0
    scores = {"materials": np.column_stack([right, ~right]).astype(np.float32)}
    providers = np.array([f"museum {number // 4}" for number in range(41)], object)
    [row] = evaluate(scores, labels, "softmax", "mini", "test_id", providers=providers)
    assert {"r_precision", "acc_at_1", "acc_at_10", "avg_rank_position"} <= set(row.interval) == set(row.provider_interval)
    assert 0.3 < row.interval["acc_at_1"][0] < 0.45 and 0.55 < row.interval["acc_at_1"][1] < 0.7
    assert row.provider_interval["acc_at_1"][0] < 0.2 and row.provider_interval["acc_at_1"][1] > 0.8, "all right or all wrong"
    assert row.interval["acc_at_10"] == [1, 1], "so is every ranking of two tags"
    [unknown] = evaluate(scores, labels, "softmax", "mini", "test_id")
    assert unknown.interval == row.interval and set(unknown.provider_interval.values()) == {None}
    [photographs] = evaluate(scores, labels, "softmax", "mini", "test_id", objects=np.arange(41) // 4)
    assert photographs.interval == row.provider_interval, "four of each object"
    [few] = evaluate(scores, labels, "softmax", "mini", "test_id", providers=np.arange(41) // 6)
    assert set(few.provider_interval.values()) == {None}, "seven have an image with a tag"


def test_scores_of_an_unknown_facet_are_refused():
    with pytest.raises(UserError, match="Unknown facet 'material'. Known facets: materials."):
        evaluate({"material": np.zeros((1, 2), np.float32)}, materials([[0, 0]], [0]), "softmax", "mini", "test_id")
