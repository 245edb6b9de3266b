"""A choice is shown by trying it: side by side, and without touching what is kept."""

import numpy as np
import pytest

from eufcc_lib import choices, paths
from eufcc_lib.datasets import open_dataset
from eufcc_lib.errors import UserError
from eufcc_lib.recipes import get_recipe
from eufcc_lib.results import load_scores
from eufcc_lib.training import train_model, try_model

SMALL = {"image_size": 40, "batch_size": 8, "epochs": 2, "learning_rate": 1e-2}


def test_settings_are_compared_row_by_row_and_leave_nothing(squares):
    frame = choices.compare_settings("hsoftmax_levels", squares, [
        SMALL, SMALL | {"level_scores": "path"}, SMALL | {"seed": 1}])
    assert frame.index[1].endswith("learning_rate = 0.01, level_scores = path") and frame.index[2].endswith("seed = 1")
    assert frame.columns.tolist() == [("Inner test", "OT"), ("Inner test", "M"), ("Outer test", "OT"), ("Outer test", "M")]
    assert choices.spread(frame) == pytest.approx((frame.max() - frame.min()).max())
    assert not list(paths.RESULTS.rglob("*")) and not (paths.CHECKPOINTS / "squares" / "hsoftmax_levels").exists()


def test_a_trial_gives_what_the_training_gives(squares):
    recipe = get_recipe("mini", **SMALL)
    assert tuple(try_model("multi_label", squares, recipe)) == train_model("multi_label", squares, recipe).rows


def test_a_higher_minimum_leaves_annotations_out_and_says_how_many(squares):
    wide, narrow = (open_dataset(str(squares.root), minimum=minimum) for minimum in (1, 10))
    frame = choices.compare_vocabularies("frequency", {"1": wide, "10": narrow})
    # Of green, the rarest colour, there are six training images; each test set has a few of its annotations.
    assert frame[("tags", "ranked")].tolist() == [9, 8]
    green = sum(squares.labels(split)["materials"].matrix[:, squares.vocabulary["materials"].index["green"]].sum()
                for split in choices.TESTS)
    assert frame[("annotations", "left out")].tolist() == [0, green] and green > 0


def test_rounded_probabilities_tie_tags_that_logits_keep_apart(squares):
    with pytest.raises(UserError, match="evaluate that model first"):
        choices.compare_rounding("multi_label", squares)
    train_model("multi_label", squares, get_recipe("mini", **SMALL | {"epochs": 20}))
    tied = choices.compare_rounding("multi_label", squares)["tied"]["M"]
    scores = load_scores("squares", "multi_label", "test_id")["materials"]
    assert len(np.unique(scores)) > 50 and tied.iloc[0] == 0 and tied.iloc[-1] > 0.2
    assert tied.is_monotonic_increasing
