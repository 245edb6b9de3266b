"""The comparison of losses on hidden tags: what is clear is said, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import draw_records
from scipy.sparse import csr_array

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.data.hiding import hide_tags
from eufcc_lib.data.labels import Labels
from eufcc_lib.figures.missing_tags import hidden_curves, loss_curves
from eufcc_lib.metrics.evaluation import evaluate
from eufcc_lib.pages.missing_tags import KEYS, explain_gaps, explain_pushes, missing_tags_sentences
from eufcc_lib.results import missing_tags, per_tag
from eufcc_lib.results.missing_tags import LOSSES, RANKED, SAID, Trial
from eufcc_lib.results.paper import METRICS
from eufcc_lib.results.per_image import PerImage

OBJECTS = 60


def trial(ranked: np.ndarray, said: float) -> Trial:
    """R-Precision of each image in materials, half of it in subjects, and a recall; images of different objects."""
    (blank,) = evaluate({"materials": np.zeros((1, 2), np.float32)},
                        {"materials": Labels("materials", csr_array(np.array([[True, False]])), np.zeros(1, np.int32))}, "m", "d", "test_id")
    values = {"materials": ranked, "subjects": ranked / 2}
    rows = tuple(replace(blank, facet=facet, r_precision=float(part.mean()), recall_at_half=said,
                         interval={"r_precision": [part.mean() - 0.1, part.mean() + 0.1], "recall_at_half": [said - 0.05, said + 0.05]})
                 for facet, part in values.items())
    units = np.arange(len(ranked), dtype=np.int32)
    return Trial(rows, PerImage({facet: np.tile(part, (len(METRICS), 1)) for facet, part in values.items()}, units, units))


@pytest.fixture
def trials():
    """Hill is better than the others where half is hidden, and SPLC worse where nothing is; both say yes more often."""
    base = np.random.default_rng(0).uniform(0.4, 0.6, OBJECTS)
    gains = {("hill", 0.5): 0.1, ("splc", 0): -0.12}
    return {(model, share): {"test_ood": trial(base - 0.4 * share + gains.get((model, share), 0), 0.6 - (share if model == "multi_label" else 0))}
            for model in LOSSES for share in (0, 0.5)}


def test_only_what_differs_from_the_baseline_is_clear(trials):
    compared = missing_tags.compare_losses(trials)
    clear = compared[compared["p"] < missing_tags.CLEAR]
    assert set(zip(clear["facet"], clear["model"], clear["share"])) == {
        (facet, *case) for facet in ("mean", "materials", "subjects") for case in (("hill", 0.5), ("splc", 0))}
    assert clear.set_index(["facet", "model"])["difference"]["mean", "hill"] == pytest.approx(0.075)  # of 0.1 and 0.05
    frame = missing_tags.clear_frame(compared)
    assert len(frame) == 6 and frame["difference"].str.startswith("−").sum() + frame["difference"].str.startswith("-").sum() == 3
    lost = missing_tags.compare_shares(trials).set_index("model")["difference"]
    assert lost["multi_label"] == pytest.approx(-0.15) and lost["hill"] == pytest.approx(-0.075)


def test_numbers_are_means_over_facets_with_their_intervals(trials):
    found = missing_tags.estimate_hidden(trials)["test_ood"]["multi_label", 0]
    assert found.value == pytest.approx(0.75 * np.mean(trials["multi_label", 0]["test_ood"].images.values["materials"][0]))
    assert found.objects == pytest.approx((found.value - 0.1, found.value + 0.1))
    frame = missing_tags.hidden_frame(trials)
    assert frame.loc[("Recall at 0.5", "Outer test", "Multi-label"), "50 % hidden"] == "0.10 (0.05 to 0.15)"


def test_sentences_turn_with_the_numbers(trials):
    said = missing_tags_sentences(trials)
    assert tuple(said) == KEYS
    assert "changes by −0.150 on the outer test (p < 0.01, a clear change)" in said["cost"]
    assert "Hill loss is clearly better in the mean over the facets (outer test, 50 % hidden)" in said["losses"]
    assert "SPLC loss is clearly worse in" in said["losses"] and "In the other 12 of 18 comparisons" in said["losses"]
    assert "from −0.150 (Multi-label) to −0.060 (SPLC loss)" in said["steady"]
    assert "the models say yes to 10 % (Multi-label), 60 % (Asymmetric loss)" in said["said"]
    assert "of Asymmetric loss, Hill loss and SPLC loss do not overlap that of Multi-label" in said["said"]
    same = {(model, share): trials["multi_label", share] for model, share in trials}
    assert "In none of 18 comparisons" in missing_tags_sentences(same)["losses"]
    few = {key: {"test_ood": trial(np.full(3, 0.5), 0.5)} for key in trials}
    assert missing_tags_sentences(few)["losses"] == "There are too few objects to tell the losses apart."
    assert set(missing_tags_sentences({}).values()) == {"There is no test set on which the losses could be compared."}


def test_the_figures_hold_a_line_per_loss_and_a_sentence_where_there_is_none(trials):
    figure = hidden_curves({metric: missing_tags.estimate_hidden(trials, metric) for metric in (RANKED, SAID)})
    for axes in figure.axes:
        assert len([line for line in axes.lines if line.get_marker() != "None"]) == len(LOSSES)
    figure.draw_without_rendering()
    assert len(hidden_curves({RANKED: {}}).axes) == 1
    present, absent, *_ = loss_curves(LOSSES).axes
    assert len(present.lines) == len(absent.lines) == len(LOSSES)


def test_an_absent_tag_that_the_model_sees_is_pushed_down_by_all_but_the_loss_that_adds_it(own_paths):
    judged = per_tag.Judged(open_tree(own_paths), np.array([0]), csr_array(np.array([[True, True]])),
                            {"multi_label": np.array([[3.0, 2.0]], np.float32)}, np.zeros(2, np.int64))
    name, probability, pushes = missing_tags.explain_tag(judged, 0)
    assert name == "bronze" and probability == pytest.approx(0.881, abs=1e-3)
    assert pushes.loc["Multi-label", ("missing", "push")] == pytest.approx(-probability)
    assert pushes.loc["Multi-label", ("on record", "push")] == pytest.approx(1 - probability)
    assert explain_pushes(name, probability, pushes) == (
        "The model gives “bronze” a probability of 0.88. Were the tag missing from the record, Multi-label, Asymmetric loss and Hill loss "
        "would push that probability down, Multi-label hardest and Hill loss least; SPLC loss would push it up.")
    assert "no image" in explain_pushes(*missing_tags.explain_tag(judged, None))


def open_tree(folder):
    draw_records(folder / "tree", {"train": [{"materials": "metal | bronze"}] * 10}, pictures=False)
    return open_dataset(str(folder / "tree")).vocabulary["materials"]


def test_gaps_are_counted_among_the_images_that_had_a_tag(own_paths):
    rows = [{"materials": "metal | bronze"}] * 12 + [{}] * 5
    draw_records(own_paths / "gaps", {"train": rows}, pictures=False)
    dataset = open_dataset(str(own_paths / "gaps"))
    gaps = missing_tags.count_gaps({share: hide_tags(dataset, share) for share in (0, 0.5)})
    left = np.diff(hide_tags(dataset, 0.5).labels("train")["materials"].matrix.indptr)[:12]
    assert gaps.loc[0.5, ("no tag left", "M")] == np.mean(left == 0) and gaps.loc[0.5, ("some tags missing", "M")] == np.mean(left == 1)
    assert gaps.loc[0].dropna().eq(0).all() and gaps["no tag left", "S"].isna().all()
    assert explain_gaps(gaps).startswith("With 50 % hidden, ")
    assert "nothing to hide" in explain_gaps(missing_tags.count_gaps({0: dataset}, "val"))
