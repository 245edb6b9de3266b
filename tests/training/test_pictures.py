"""A finished model scores other pictures as it scored its own test: the same pictures get the same scores."""

from dataclasses import replace

import numpy as np
import pytest

from eufcc_lib.results.scores import read_scores
from eufcc_lib.training.pictures import score_pictures, score_swaps
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model

SMALL = {"backbone": "test_convnext", "weights": "random", "image_size": 40, "batch_size": 16, "epochs": 1}


@pytest.mark.slow
def test_the_same_pictures_get_the_scores_of_the_test(squares):
    for model in ("multi_label", "softmax"):
        train_model(model, squares, get_recipe("mini", **SMALL))
    for model in ("frequency_provider", "frequency", "ml_s"):
        train_model(model, squares, get_recipe("mini"))
    train_model("neighbours", squares, get_recipe("mini", backbone="test_convnext", weights="random", image_size=40))
    pictures = replace(squares, name="again", records={"test_id": squares.split("test_id").take(np.arange(16)[::-1])})
    for model in ("multi_label", "softmax", "frequency_provider", "frequency", "ml_s", "neighbours"):
        scores, own = score_pictures(model, squares, pictures, "test_id"), read_scores(squares, model, "test_id")
        for facet, values in own.values.items():
            np.testing.assert_allclose(scores.values[facet][::-1], values, atol=1e-5, err_msg=model)


@pytest.mark.slow
def test_a_network_that_is_trained_itself_scores_pictures_too(squares):
    train_model("multi_label", squares, get_recipe("mini", frozen=False, repeats=1, **SMALL))
    pictures = replace(squares, name="again", records={"test_id": squares.split("test_id")})
    scores, own = score_pictures("multi_label", squares, pictures, "test_id"), read_scores(squares, "multi_label", "test_id")
    np.testing.assert_allclose(scores.values["materials"], own.values["materials"], atol=1e-4)


def test_what_was_not_trained_or_drawn_is_left_out(squares):
    pictures = replace(squares, name="again", records={"test_id": squares.split("test_id")})
    assert score_pictures("multi_label", squares, pictures, "test_id") is None
    assert score_pictures("ml_s", squares, pictures, "test_id") is None
    assert score_swaps(["multi_label"], squares, None) == {}
