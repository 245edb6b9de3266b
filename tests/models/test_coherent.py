"""Scores closed upwards: against the definition written as loops, and as a model without training."""

from collections import defaultdict

import numpy as np
import pytest
from conftest import kept_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.data.taxonomy import TOP, Taxonomy, arrange_tree
from eufcc_lib.models.ensemble import close_upwards
from eufcc_lib.results.scores import read_scores
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model


@st.composite
def taxonomies(draw, most=8):
    """With tags under several parents, and annotations that lead in circles."""
    edges, tags = {}, draw(st.integers(1, most))
    for tag in range(tags):
        parents = draw(st.lists(st.integers(-1, tags - 1), min_size=1, max_size=3))
        edges[f"t{tag}"] = {TOP if parent < 0 else f"t{parent}": count + 1 for count, parent in enumerate(parents)}
    return arrange_tree("materials", edges)


def narrower(taxonomy: Taxonomy) -> dict[int, set[int]]:
    """All tags below each, over any of the annotated parents; itself too, where they lead in a circle of several."""
    below = defaultdict(set)
    for _ in range(len(taxonomy)):
        for tag, parents in enumerate(taxonomy.parents):
            for parent in set(parents) - {tag}:
                below[parent] |= {tag} | below[tag]
    return below


@settings(deadline=None, max_examples=60)
@given(taxonomies(), st.integers(0, 2 ** 32), st.sampled_from([1e-3, 3.0, 60.0]), st.booleans())
def test_a_tag_gets_its_own_score_or_just_above_the_best_below_it(taxonomy, seed, spread, tied):
    scores = np.random.default_rng(seed).normal(0, spread, (2, len(taxonomy))).astype(np.float32)
    scores = np.round(scores) if tied else scores
    closed, below = close_upwards(scores, taxonomy), narrower(taxonomy)
    assert closed.dtype == np.float32 and closed.shape == scores.shape and (closed >= scores).all()
    for image in range(2):
        for tag, parents in enumerate(taxonomy.parents):
            parent = int(taxonomy.parent[tag])
            assert parent < 0 or closed[image, parent] > closed[image, tag]
            if any(other in below[other] for other in {tag} | below[tag]):
                continue  # above a circle of annotations only the tree decides
            best = max((scores[image, other] for other in below[tag]), default=-np.inf)
            if scores[image, tag] > best + 1e-5 * abs(best):
                assert closed[image, tag] == scores[image, tag]
            else:
                assert closed[image, tag] == pytest.approx(max(best, scores[image, tag]), rel=2e-6, abs=1e-40)
            assert all(closed[image, tag] > closed[image, other] for other in below[tag])


def test_a_tag_with_two_parents_raises_both_and_certain_tags_keep_their_order():
    edges = {"tool": {TOP: 2}, "accessory": {TOP: 1}, "comb": {"accessory": 2, "tool": 1}, "fork": {"tool": 1}}
    taxonomy = arrange_tree("objectTypes", edges)
    scores = dict(zip(taxonomy.names, close_upwards(
        np.array([[{"tool": -3, "accessory": 2, "comb": 40, "fork": 41}[name] for name in taxonomy.names]], np.float32),
        taxonomy)[0].tolist()))
    assert scores["comb"] == 40 and scores["fork"] == 41  # both sigmoids are 1 in float32
    assert 41 < scores["tool"] < 41.00001 and 40 < scores["accessory"] < 40.00001


def test_no_tag_and_no_image():
    assert close_upwards(np.zeros((2, 0), np.float32), arrange_tree("materials", {})).shape == (2, 0)
    assert close_upwards(np.zeros((0, 1), np.float32), arrange_tree("materials", {"a": {TOP: 1}})).shape == (0, 1)


@pytest.mark.slow
def test_the_model_is_made_of_a_finished_run_and_has_its_probabilities(squares):
    train_model("multi_label", squares, get_recipe("mini", image_size=40, batch_size=8, epochs=2))
    result = train_model("coherent", squares, get_recipe("mini", "ensemble"))
    assert {row.incoherence for row in result.rows} <= {0.0, None} and result.run.recipe["members"] == ["multi_label"]
    scores = read_scores(squares, "coherent", "test_id")
    np.testing.assert_array_equal(kept_scores("coherent")["objectTypes"], close_upwards(
        kept_scores("multi_label")["objectTypes"], squares.vocabulary["objectTypes"]))
    np.testing.assert_allclose(scores.probabilities("objectTypes"), 1 / (1 + np.exp(-scores.values["objectTypes"].astype(float))))
