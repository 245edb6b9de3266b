"""Ensembles combine stored scores: three ways, each against the formula, and nothing is trained."""

import dataclasses

import numpy as np
import pytest
from conftest import keep_scores, kept_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.models.ensemble import WEIGHTS, combine, combine_weighted
from eufcc_lib.models.registry import MODELS, get_model_spec
from eufcc_lib.results.scores import read_scores
from eufcc_lib.training import loop
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model
from eufcc_lib.training.untrained import combine_scores

# Most of these tests train.
pytestmark = pytest.mark.slow

RECIPE = get_recipe("mini", image_size=40, batch_size=8, learning_rate=1e-2)
MEMBERS = ("multi_label", "softmax")


def sigmoid(values):
    return [1 / (1 + np.exp(-value)) for value in values]


def softmax(values):
    return [np.exp(value) / sum(np.exp(other) for other in values) for value in values]


def naive(first, second, how: str) -> list[float]:
    """One image: probabilities of a multi-label and of a softmax model, then the mean as asked for."""
    probabilities = [sigmoid(first), softmax(second)]
    if how == "probabilities":
        return [sum(pair) / 2 for pair in zip(*probabilities)]
    if how == "ranks":
        return [-np.mean([1 + sum(other > own for other in scores) + (sum(other == own for other in scores) - 1) / 2
                          for scores, own in ((first, first[tag]), (second, second[tag]))]) for tag in range(len(first))]
    logs = [np.log(values) for values in probabilities]
    return [np.mean([(log[tag] - log.mean()) / (log.std() or 1) for log in logs]) for tag in range(len(first))]


@pytest.mark.parametrize("how", ["probabilities", "scores", "ranks"])
@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2 ** 32), st.booleans())
@settings(deadline=None, max_examples=40)
def test_combination_is_the_formula(how, images, tags, seed, tied):
    rng = np.random.default_rng(seed)
    scores = [rng.normal(0, 3, (images, tags)).astype(np.float32) for _ in MEMBERS]
    if tied:
        scores = [np.round(values) for values in scores]
    expected = [naive(first.astype(float), second.astype(float), how) for first, second in zip(*scores)]
    combined = combine(scores, MEMBERS, how)
    assert combined.dtype == np.float32
    np.testing.assert_allclose(combined, expected, rtol=1e-5, atol=2e-5)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 2 ** 32), st.sampled_from(WEIGHTS))
@settings(deadline=None, max_examples=40)
def test_a_weighted_mean_is_the_formula(images, tags, seed, weight):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0, 3, (images, tags)).astype(np.float32), rng.random((images, tags)).astype(np.float32)
    expected = [[(1 - weight) * ours + weight * theirs for ours, theirs in zip(sigmoid(row.astype(float)), shares)]
                for row, shares in zip(first, second)]
    np.testing.assert_allclose(combine_weighted([first, second], ("multi_label", "neighbours"), weight), expected, rtol=1e-5)


def test_the_weight_is_the_one_that_ranks_validation_best(squares):
    labels = squares.labels("val")
    good = {facet: np.where(part.matrix.toarray(), 4, -4).astype(np.float32) for facet, part in labels.items() if part.matrix.shape[1]}
    bad = {facet: 1 / (1 + np.exp(part)) for facet, part in good.items()}
    keep_scores(squares, "multi_label", good, "val")
    keep_scores(squares, "neighbours", bad, "val")
    spec = get_model_spec("ml_neighbours")
    members = [read_scores(squares, member, "val") for member in spec.members]
    scores, chosen = combine_scores(spec, ["val"], {"val": members}.get, "")
    assert chosen == {"weight": 0.4}  # at half, all are tied; below, the first decides
    assert min(row.r_precision for row in scores["val"].measure()) == 1
    assert combine_scores(spec, [], {}.get, "")[1] == {"weight": WEIGHTS[0]}


def test_tags_that_one_model_is_almost_sure_of_keep_their_order():
    sure = np.array([[40.0, 30.0, -50.0]], np.float32)
    (values,) = combine([sure, sure], ("multi_label", "softmax"), "probabilities").tolist()
    assert values[0] >= values[1] > values[2]


def test_ranks_do_not_depend_on_the_scale_of_a_model():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, (5, 9)).astype(np.float32), rng.normal(0, 1, (5, 9)).astype(np.float32)
    assert (combine([first, second], MEMBERS, "ranks") == combine([first * 100, second], MEMBERS, "ranks")).all()


def test_an_ensemble_is_made_of_finished_runs_without_training(squares, monkeypatch):
    for member in MEMBERS:
        train_model(member, squares, RECIPE)
    monkeypatch.setattr(loop, "train_epoch", None)
    result = train_model("ml_s", squares, get_recipe("mini", "ensemble"))
    assert {row.facet for row in result.rows} == {"objectTypes", "materials"}
    assert min(row.r_precision for row in result.rows if row.facet == "materials") > 0.8
    assert result.run.recipe == {"combine": "probabilities", "members": list(MEMBERS)}
    kept = [kept_scores(model)["materials"] for model in (*MEMBERS, "ml_s")]
    np.testing.assert_allclose(kept[2], combine(kept[:2], MEMBERS, "probabilities"))


def test_an_ensemble_is_made_again_when_a_member_was(squares):
    for member in MEMBERS:
        train_model(member, squares, RECIPE)
    first = train_model("ml_s", squares, get_recipe("mini", "ensemble"))
    assert train_model("ml_s", squares, get_recipe("mini", "ensemble")) == first
    before = kept_scores("ml_s")["materials"]
    train_model("softmax", squares, dataclasses.replace(RECIPE, epochs=1, learning_rate=1e-5), retrain=True)
    train_model("ml_s", squares, get_recipe("mini", "ensemble"))
    assert np.abs(kept_scores("ml_s")["materials"] - before).max() > 0.1


def test_an_image_that_a_member_could_not_read_is_left_out(squares):
    for member in MEMBERS:
        train_model(member, squares, RECIPE)
    path = paths.CHECKPOINTS / "squares" / "softmax" / "scores_test_id.npz"
    kept = dict(np.load(path))
    for facet in ("objectTypes", "materials"):
        kept[f"scores_{facet}"][3] = np.nan
    np.savez(path, **kept)
    result = train_model("ml_s", squares, get_recipe("mini", "ensemble"))
    assert result.run.images["test_id"] == 15 and result.run.skipped["test_id"] == 1


def test_a_member_that_was_not_trained_is_named(squares):
    train_model("multi_label", squares, RECIPE)
    with pytest.raises(UserError, match="'ml_s' combines multi_label, softmax, and 'softmax' has no result on 'squares': "
                                        "train it first"):
        train_model("ml_s", squares, get_recipe("mini", "ensemble"))


def test_an_ensemble_takes_no_setting_but_how_to_combine(squares):
    for member in MEMBERS:
        train_model(member, squares, RECIPE)
    with pytest.raises(UserError, match="takes no setting but 'combine'; found epochs=3"):
        train_model("ml_s", squares, get_recipe("mini", "ensemble", epochs=3))
    with pytest.raises(UserError, match="Unknown combine 'mean'. Known combines: probabilities, ranks, scores"):
        get_recipe("mini", "ensemble", combine="mean")
    assert train_model("ml_s", squares, get_recipe("mini", "ensemble", combine="ranks")).rows


def test_members_of_ensembles_are_models_of_their_own():
    for spec in MODELS.values():
        assert all(not get_model_spec(member).members for member in spec.members)
        assert bool(spec.members) == (spec.family in ("ensemble", "mixture"))
        assert len(spec.members) == 1 or spec.family != "mixture"
