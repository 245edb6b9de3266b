"""Which split a chapter shows, and what it says of it."""

import re

import numpy as np
import pytest
from conftest import keep_scores
from test_statistics import make_dataset, make_records

from eufcc_lib.core.errors import UserError
from eufcc_lib.results.judgeable import choose_split, evaluated_splits, judgeable_facets, read_evaluated

METAL, OTHER, NOTHING = {"materials": "metal"}, {"materials": "paper"}, {}


def museum(**splits):
    return make_dataset(**{split: make_records(*rows, prefix=split) for split, rows in splits.items()})


TRAIN = [METAL, METAL]


@pytest.mark.parametrize(("splits", "chosen", "said"), [
    ({"train": TRAIN, "test_id": [METAL], "test_ood": [METAL]}, "test_id", ""),
    ({"train": TRAIN, "val": [METAL], "test_ood": [METAL]}, "test_ood", "has no inner test image .* shows the outer test set instead"),
    ({"train": TRAIN, "val": [METAL], "test_id": [OTHER]}, "val", "shows the validation set instead"),
    ({"train": TRAIN, "val": [NOTHING], "test_ood": [OTHER]}, "test_ood", "No model can be judged .* no image outside training"),
    ({"train": TRAIN}, "train", "No model can be judged .* no image outside training"),
    ({"test_id": [METAL]}, "test_id", "No model can be judged: .* has no train.csv"),
], ids=["inner", "outer", "validation", "other tags", "training alone", "no training"])
def test_a_chapter_shows_the_first_split_that_can_judge_and_says_which(splits, chosen, said, capsys):
    assert choose_split(museum(**splits), ["multi_label"]) == chosen
    printed = capsys.readouterr().out
    assert (printed == "") if not said else np.size(printed.splitlines()) == 1
    assert re.search(said, printed) and bool(printed) == bool(said)


def test_a_given_split_is_taken_or_refused(capsys):
    dataset = museum(train=TRAIN, val=[METAL], test_ood=[OTHER])
    assert choose_split(dataset, ["multi_label"], "test_ood") == "test_ood"
    with pytest.raises(UserError, match="split 'test_id'"):
        choose_split(dataset, ["multi_label"], "test_id")
    with pytest.raises(UserError, match="split for evaluation 'train'"):
        choose_split(dataset, ["multi_label"], "train")
    assert not capsys.readouterr().out


def test_facets_of_the_models_and_of_the_reader_count(capsys):
    dataset = museum(train=[METAL | {"subjects": "sea"}] * 2, test_id=[{"subjects": "sea"}], test_ood=[METAL])
    assert judgeable_facets(dataset, "test_id") == ["subjects"]
    assert choose_split(dataset, ["multi_label"]) == "test_id"
    assert choose_split(dataset, ["multi_label"], facet="materials") == "test_ood"
    assert choose_split(dataset, ["multi_label", "multi_label_materials"]) == "test_ood"
    assert choose_split(dataset, [], facet="classifications") == "test_id"
    assert "no image outside training with a tag of the vocabulary in the facet 'classifications'" in capsys.readouterr().out


def test_predictions_of_other_programs_need_no_training_split():
    assert choose_split(museum(test_ood=[METAL]), []) == "test_ood"


def test_a_model_that_is_not_evaluated_has_scores_of_no_image(own_paths):
    dataset = museum(train=TRAIN, test_ood=[METAL])
    assert evaluated_splits(dataset, "multi_label") == ["test_ood"]
    keep_scores(dataset, "multi_label", {"materials": np.zeros((1, 1), np.float32)}, "test_ood")
    assert read_evaluated(dataset, "multi_label", "test_ood").evaluated.tolist() == [True]
    nothing = read_evaluated(dataset, "multi_label", "train")
    assert nothing.evaluated.tolist() == [False, False] and nothing.values["materials"].shape == (2, 1)
    assert set(nothing.values) == {"materials"} and not len(nothing.judged_rows("materials"))
