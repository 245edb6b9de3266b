"""Which scores are probabilities, what is promised about them, and how the promise reads."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import keep_scores
from test_statistics import make_dataset, make_records

from eufcc_lib.core.errors import UserError
from eufcc_lib.models.links import LINKS, find_link, probabilities
from eufcc_lib.models.objectives import OBJECTIVES
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results import promises, reliability, thresholds
from eufcc_lib.results.scores import Scores

CLAY, METAL = {"materials": "clay"}, {"materials": "metal"}
DATA = make_dataset(train=make_records(CLAY, METAL, prefix="t"), val=make_records(*[CLAY, METAL] * 60, prefix="v"),
                    test_id=make_records(*[CLAY, METAL] * 20, prefix="i"), test_ood=make_records(*[METAL] * 9, prefix="o"))
TAGS = DATA.vocabulary["materials"].names
LOGIT = np.float32(np.log(0.815 / 0.185))


def scores_of(split: str, wrong: int = 0, model: str = "multi_label"):
    """0.815 for the tag on record and 0.185 for the other; the other way round for the first images."""
    labels = DATA.labels(split)["materials"].matrix.toarray()
    values = np.where(labels, LOGIT, -LOGIT)
    values[:wrong] *= -1
    return keep_scores(DATA, model, {"materials": values}, split)


def test_scores_become_probabilities_as_their_model_says_or_not_at_all(own_paths):
    values = np.array([[2.0, -1.0]] * 40, np.float32)
    for model in ("multi_label", "softmax", "hsoftmax_nodes", "clip_zero_shot"):
        np.testing.assert_array_equal(Scores(DATA, model, "test_id", {"materials": values}, np.ones(40, bool)).probabilities("materials"),
                                      probabilities(values, find_link(model)))
    shares = np.array([[0.25, 1.0], [-np.inf, 0.5]], np.float32)
    for model, link, part, given in (("ml_s", "model", shares[:1], shares[:1]), ("ml_s", "model", -values, None),
                                     ("frequency", "model", shares[:1], None), ("softmax", "given", shares, [[0.25, 1], [0, 0.5]]),
                                     ("softmax", "given", values, None), ("mine", "none", shares, None),
                                     ("mine", "sigmoid", values, probabilities(values, "sigmoid"))):
        found = Scores(DATA, model, "test_id", {"materials": part}, np.ones(len(part), bool), link=link).probabilities("materials")
        assert (found is None) == (given is None) and (given is None or np.array_equal(found, given))


@pytest.mark.parametrize("link", LINKS)
def test_an_image_with_nothing_listed_has_no_probability_and_one_not_evaluated_none_known(link):
    found = probabilities(np.array([[-np.inf, -np.inf], [np.nan, np.nan], [-np.inf, -1]], np.float32), link)
    assert found[0].tolist() == [0, 0] and np.isnan(found[1]).all() and found[2, 0] == 0 < found[2, 1]


def test_rows_have_calibration_and_shares_at_one_half_where_there_are_probabilities(own_paths):
    (row,) = scores_of("test_id", wrong=10).measure()
    assert (row.precision_at_half, row.recall_at_half) == (0.75, 0.75) and row.calibration_error == pytest.approx(0.065)
    assert "calibration_error" not in row.interval and row.interval["precision_at_half"] == row.interval["recall_at_half"]
    assert 0.55 < row.interval["precision_at_half"][0] < 0.75 < row.interval["precision_at_half"][1] < 0.95
    (row,) = scores_of("test_id", model="frequency").measure()
    assert row.calibration_error is row.precision_at_half is None and "recall_at_half" not in row.interval


def test_the_threshold_is_chosen_on_validation_and_shown_on_the_tests(own_paths, capsys):
    scores_of("val", wrong=2), scores_of("test_id", wrong=4), scores_of("test_ood", wrong=9)
    (promise,) = promises.promise_precision(DATA, "multi_label", 0.9, 0.9)
    assert promise.threshold == 0.19
    assert {split: found.precision for split, found in promise.achieved.items()} == {"val": pytest.approx(118 / 120, abs=1e-6),
                                                                                    "test_id": 0.9, "test_ood": 0}
    assert "the one promise is kept" in promises.tell_promises([promise], "test_id")
    assert "the one promise is not kept; the precision is 98 points lower than" in promises.tell_promises([promise], "test_ood")
    assert "On the inner test, 2 of 2 promises are kept" in promises.tell_promises([promise] * 2, "test_id")
    just_below = replace(promise, achieved=promise.achieved | {"test_id": replace(promise.achieved["test_id"], precision=0.89, interval=[0.7, 0.95])})
    assert promises.tell_promises([just_below], "test_id").startswith(
        "On the inner test, it is open whether the one promise is kept (89 %, with a 95 % interval of 70 % to 95 %, which includes what was promised)")
    assert "1 of 2 promises is kept, 1 more may be, with" in promises.tell_promises([promise, just_below], "test_id")
    shown = promises.show_promises([promise]).loc["Materials"]
    assert shown["threshold"] == "0.19" and shown["outer test"].startswith("0 % (0 % to ")
    assert promises.show_achieved([promise]).loc[("Materials", "inner test")].tolist() == ["40", "1.0", "90 %", "90 %", "90 %"]
    found = reliability.measure_reliability(scores_of("test_ood", wrong=9))
    assert reliability.tell_reliability(found, "test_ood").startswith("Of 1 facet in the outer test, the model is too sure in 1. The ")
    assert found["materials"].verdict == reliability.TOO_SURE and found["materials"].error == pytest.approx(0.815)


@pytest.mark.parametrize(("wrong", "precision", "sentence"), [
    (30, 0.9, ("Materials: from 0.81 upwards, 120 validation objects have suggestions; of one suggestion drawn per object, 30 are wrong. "
               "This could happen by chance with a precision below 90 %, so it is not promised.")),
    (0, 0.99, "Materials: of 120 validation objects with a tag in this facet, too few have suggestions to promise 99 %."),
])
def test_where_nothing_can_be_promised_a_sentence_says_why(own_paths, wrong, precision, sentence):
    scores_of("val", wrong), scores_of("test_id"), scores_of("test_ood")
    (promise,) = promises.promise_precision(DATA, "multi_label", precision)
    assert (promise.threshold, promises.say_promises([promise]), promise.achieved) == (None, sentence, {})
    assert promises.show_promises([promise]).loc["Materials", "threshold"] == "none"
    assert promises.tell_promises([promise], "test_id").startswith("There is no promise")


def test_the_command_prints_and_keeps_the_thresholds(own_paths, monkeypatch, capsys):
    for split in promises.SHOWN_ON:
        scores_of(split)
    monkeypatch.setattr("eufcc_lib.collection.sources.open_dataset", lambda data: DATA)
    assert thresholds.main(["multi_label", "--data", "tiny", "--json", str(own_paths / "out.json")]) == 0
    assert "Materials" in capsys.readouterr().out
    kept = json.loads((own_paths / "out.json").read_text())
    assert kept["split_hashes"]["val"] == DATA.split_hash("val") and kept["promises"][0]["threshold"] == 0.19
    assert thresholds.main(["multi_label", "--precision", "90"]) == 2
    assert "The precision is 90.0; expected a number between 0 and 1" in capsys.readouterr().err
    for split in promises.SHOWN_ON:
        scores_of(split, model="frequency")
    with pytest.raises(UserError, match="The scores of 'frequency' only order the tags"):
        promises.promise_precision(DATA, "frequency")


def test_which_tags_are_rare_can_be_said(own_paths):
    scores = scores_of("test_id")
    images = int(scores.dataset.labels("train")["materials"].matrix.sum(axis=0).max())
    for medium, band in (((images + 1, images + 2), "tail"), ((0, images), "medium"), ((0, 0), "head")):
        (row,) = scores.measure(medium=medium)
        assert getattr(row, f"{band}_average_precision") == row.macro_average_precision == 1


def test_a_new_objective_brings_its_own_link(monkeypatch):
    class Even(OBJECTIVES["softmax"]):
        pass

    monkeypatch.setitem(OBJECTIVES, "even", Even)
    monkeypatch.setitem(MODELS, "even", replace(MODELS["softmax"], name="even", objective="even"))
    assert find_link("even") == "softmax"
    assert {name: find_link(name) for name in ("asymmetric", "hsoftmax_levels", "clip_zero_shot", "frequency", "ml_s", "coherent")} == {
        "coherent": "sigmoid", "asymmetric": "sigmoid", "hsoftmax_levels": "exp", "clip_zero_shot": "softmax", "frequency": None, "ml_s": None}
