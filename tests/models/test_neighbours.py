"""Nearest neighbours: the search and the vote against loops, whatever the blocks, ties and numbers of images."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from eufcc_lib.models import neighbours
from eufcc_lib.models.links import find_link, probabilities
from eufcc_lib.models.neighbours import FREQUENCY_SHARE, Nearest, directions, find_nearest, vote


def naive_nearest(image, memory, voters, k):
    """Rows by similarity, then by place in the training split."""
    similar = [sum(a * b for a, b in zip(image, other)) for other in memory]
    return sorted(np.flatnonzero(voters), key=lambda row: (-similar[row], row))[:k]


def naive_vote(rows, similarities, tags, temperature):
    weights = [math.exp(value / temperature) for value in similarities]
    counted = [own for own in tags if any(own)]
    found = []
    for tag in range(len(tags[0])):
        share = sum(weight for weight, row in zip(weights, rows) if tags[row][tag]) / sum(weights) if rows else 0
        frequency = sum(own[tag] for own in counted) / len(counted) if counted else 0
        found.append((1 - FREQUENCY_SHARE) * share + FREQUENCY_SHARE * frequency)
    return found


@given(st.integers(0, 5), st.integers(1, 12), st.integers(1, 15), st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_the_search_is_that_of_loops_whatever_the_blocks(images, trained, k, queries, block, seed):
    rng = np.random.default_rng(seed)
    # Small whole numbers: exact in floating point, and full of ties.
    asked, memory = (rng.integers(-1, 2, (count, 3)).astype(np.float32) for count in (images, trained))
    voters = {"all": np.ones(trained, bool), "some": rng.random(trained) < 0.5, "none": np.zeros(trained, bool)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_QUERIES", queries)
        patch.setattr(neighbours, "_MEMORY", block)
        found = find_nearest(torch.from_numpy(asked), torch.from_numpy(memory), voters, k)
    for facet, mask in voters.items():
        assert found[facet].rows.shape == found[facet].similarities.shape == (images, min(k, mask.sum()))
        for image, rows, similarities in zip(asked, found[facet].rows, found[facet].similarities, strict=True):
            assert rows.tolist() == naive_nearest(image, memory, mask, k)
            np.testing.assert_array_equal(similarities, memory[rows] @ image)


@given(st.integers(0, 4), st.integers(1, 8), st.integers(1, 5), st.integers(0, 8), st.sampled_from([0.02, 0.1, 1.0]),
       st.integers(0, 2**32 - 1))
def test_a_vote_is_the_share_of_the_weight(images, trained, tags, k, temperature, seed):
    rng = np.random.default_rng(seed)
    own = rng.random((trained, tags)) < 0.4
    k = min(k, trained)
    rows = np.array([rng.permutation(trained)[:k] for _ in range(images)], np.int32).reshape(images, k)
    similarities = -np.sort(-rng.uniform(-1, 1, (images, k)).astype(np.float32), axis=1)
    scores = vote(Nearest(rows, similarities), csr_array(own), temperature)
    expected = [naive_vote(list(row), values.astype(float), own, temperature) for row, values in zip(rows, similarities)]
    assert scores.shape == (images, tags) and scores.dtype == np.float32 and (scores >= 0).all() and (scores <= 1).all()
    np.testing.assert_allclose(scores, np.reshape(expected, (images, tags)), rtol=1e-5, atol=1e-7)


def test_tags_that_nobody_or_as_many_voted_for_are_ranked_by_frequency():
    own = csr_array(np.array([[1, 1, 0, 0], [0, 1, 0, 1], [0, 1, 1, 1], [0, 0, 0, 1]], bool))
    (scores,) = vote(Nearest(np.array([[0]], np.int32), np.ones((1, 1), np.float32)), own, 0.1)
    assert np.argsort(-scores).tolist() == [1, 0, 3, 2]


def test_features_are_directions_from_their_mean_and_the_mean_itself_has_none():
    features = torch.tensor([[3.0, 0], [1, 0], [2, 3], [2, 0]])
    found = directions(features, torch.tensor([2.0, 0]))
    assert found is features and found.tolist() == [[1, 0], [-1, 0], [0, 1], [0, 0]]


def test_votes_are_probabilities():
    shares = np.array([[0.25, 1.0]], np.float32)
    assert find_link("neighbours") == "given"
    np.testing.assert_array_equal(probabilities(shares, "given"), shares)
