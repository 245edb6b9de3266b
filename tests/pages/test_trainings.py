"""The records of trainings: curves at their places, and tables and a sentence that turn with the numbers."""

import dataclasses
import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from eufcc_lib.figures.loss_panels import BOTTOM, LEFT, RIGHT, TOP, loss_panel
from eufcc_lib.pages import trainings
from eufcc_lib.results.files import RunResult, write_result
from eufcc_lib.results.history import history_path
from eufcc_lib.results.provenance import provenance
from eufcc_lib.training.recipes import get_recipe


def history(loss, val_loss=None) -> pd.DataFrame:
    frame = pd.DataFrame({"epoch": range(1, len(loss) + 1), "loss": loss})
    return frame if val_loss is None else frame.assign(val_loss=val_loss)


def training(loss, val_loss=None, model="multi_label", **settings) -> trainings.Training:
    run = provenance(model, "mini", images={}, vocabulary_hash="", seconds=2.0, images_per_second=1234.0,
                     recipe=dataclasses.replace(get_recipe("mini", "clip" if "clip" in model else "vision"), **settings))
    return trainings.Training(run, history(loss, val_loss))


ROSE, FELL, ALONE = training([4, 2, 1], [3, 2, 2.5]), training([4, 2, 1], [3, 2, 1]), training([4, 2, 1])


def test_a_panel_has_its_lowest_and_highest_loss_at_the_ends_of_its_axes():
    panel = loss_panel("Softmax", ROSE.history)
    assert panel.training.split()[0] == f"{float(LEFT)},{float(TOP)}" and panel.training.split()[-1] == f"{float(RIGHT)},{float(BOTTOM)}"
    middle = (LEFT + RIGHT) / 2
    assert panel.best == 2 and panel.best_point == (middle, pytest.approx(BOTTOM - (BOTTOM - TOP) / 3, abs=0.1))
    assert panel.last_point[0] == RIGHT and (panel.low, panel.high, panel.epochs) == ("1.0", "4.0", 3)


@pytest.mark.parametrize("losses", [
    history([1.0]), history([2.0, 2.0]), history([float("nan")] * 2), history([3, float("nan"), 1], [float("nan"), 2, float("nan")]), ALONE.history,
], ids=["one epoch", "level", "not a number", "gaps", "no validation"])
def test_a_panel_is_drawn_for_any_losses(losses):
    panel = loss_panel("Softmax", losses)
    assert panel.best == (2 if "val_loss" in losses else None)
    assert all(LEFT <= float(point.split(",")[0]) <= RIGHT for point in (panel.training + " " + panel.validation).split())
    assert len(panel.validation.split()) == ("val_loss" in losses)


def test_the_page_has_a_drawing_with_words_for_each_training():
    page = trainings.show_curves({"multi_label": ROSE, "softmax_wce": ALONE})
    drawings = [part for part in ElementTree.fromstring(page.html).iter("svg") if part.get("role") == "img"]
    assert [part.get("aria-label") for part in drawings] == [
        "Multi-label: loss from 4.0 to 1.0 over 3 epochs; lowest validation loss in epoch 2",
        "Softmax (WCE): loss from 4.0 to 1.0 over 3 epochs"]
    assert "No model was trained" in trainings.show_curves({}).html


def test_only_finished_trainings_of_this_machine_are_read(own_paths):
    for model, losses in {"softmax": [3, 2], "multi_label": [3], "asymmetric": None, "wise_ft": [3, 2]}.items():
        write_result(RunResult(training([1], model=model, epochs=2).run, ()))
        if losses:
            path = history_path("mini", model)
            path.parent.mkdir(parents=True)
            history(losses).to_csv(path, index=False)
    found = trainings.read_trainings("mini")
    assert list(found) == ["softmax"] and found["softmax"].history["loss"].tolist() == [3, 2]


def test_the_best_epoch_stands_beside_the_last():
    frame = trainings.list_epochs({"multi_label": ROSE, "softmax": ALONE})
    assert frame.loc["Multi-label"].tolist() == [3, "2", "2.000", "2.500", "25 %"]
    assert frame.loc["Softmax"].dropna().tolist() == [3]


def test_only_what_differs_from_the_recipe_is_listed():
    found = {"multi_label": ROSE, "softmax": training([1], epochs=7), "clip_prompt": training([1], model="clip_prompt")}
    differs = trainings.list_settings(found)["what differs"]
    assert pd.isna(differs["Multi-label"]) and differs["Softmax"] == "epochs 7"
    assert differs["CLIP 1 tag prompt"].startswith("backbone eufcc-mini, learning_rate 0.001, ")
    assert trainings.list_times(found).loc["Softmax"].tolist()[:2] == ["2.00", "1,234"]
    assert trainings.find_differences(dataclasses.replace(ROSE.run, seed=3)) == {"seed": 3}


@pytest.mark.parametrize(("found", "said"), [
    ({}, "No model was trained"),
    ({"softmax": ALONE}, "Without a validation split"),
    ({"softmax": FELL}, "For none of 1 models"),
    ({"softmax": FELL, "multi_label": ROSE}, "For 1 of 2 models .*: Multi-label \\(25 %\\)\\. After that epoch the training loss still fell"),
    ({"softmax": ROSE, "multi_label": training([1, 2], [2, 3])}, "Multi-label \\(50 %\\) and Softmax \\(25 %\\)\\.$"),
])
def test_overfitting_is_said_of_the_models_whose_validation_loss_rose(found, said):
    assert re.match(f".*{said}", trainings.describe_overfitting(found))
