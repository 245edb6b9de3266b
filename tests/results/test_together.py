"""Ensembles beside their best member, and what agreement is worth."""

from types import SimpleNamespace

import numpy as np
import pytest
from test_per_tag import BRONZE, METAL, PAPER, WOOD, judged

from eufcc_lib.results import together
from eufcc_lib.results.per_image import PerImage

OBJECTS = np.arange(40, dtype=np.int32)


def run_with(monkeypatch, **values) -> None:
    """Results whose R-precision in the materials is this, image by image of the inner test."""
    kept = {model: {"test_id": PerImage({"materials": np.array([found] * 4)}, OBJECTS[:len(found)], OBJECTS[:len(found)])}
            for model, found in values.items()}
    monkeypatch.setattr(together, "read_results", lambda data: {model: model for model in kept})
    monkeypatch.setattr(together, "read_per_image", kept.get)


@pytest.mark.parametrize(("gain", "clear"), [(0.3, True), (0.0, False), (-0.3, True)])
def test_an_ensemble_is_compared_with_its_best_member_on_the_same_images(monkeypatch, gain, clear):
    best, noise = np.tile([0.2, 0.6], 20), np.tile([-0.05, 0.02, 0.03, 0.0], 10)
    run_with(monkeypatch, multi_label=best - 0.1, softmax=best, ml_s=best + gain + noise)
    (row,) = together.compare_with_best_member("tiny", ["ml_s", "ml_s_clip"], "materials").itertuples()
    assert (row.ensemble, row.member, row.best) == ("ml_s", "softmax", pytest.approx(0.4))
    assert row.difference == pytest.approx(gain) and row.low < gain < row.high
    assert (row.low > 0 or row.high < 0) == clear
    assert together.members_frame(together.compare_with_best_member("tiny", ["ml_s"], "materials")).shape == (1, 5)


def test_without_enough_objects_there_is_no_interval(monkeypatch):
    run_with(monkeypatch, multi_label=np.ones(4), softmax=np.zeros(4), ml_s=np.full(4, 0.5))
    (row,) = together.compare_with_best_member("tiny", ["ml_s"], "materials").itertuples()
    assert row.member == "multi_label" and np.isnan(row.low)


def test_agreement_is_worth_the_difference_of_two_shares():
    labels = [[METAL]] * 20
    one = [[METAL]] * 15 + [[PAPER]] * 5  # right in the first 15
    two = [[METAL]] * 9 + [[BRONZE]] * 6 + [[PAPER]] * 1 + [[WOOD]] * 4  # agrees on 10 images, of which 9 are right
    runs = judged(labels, one=one, two=two)
    dataset = SimpleNamespace(split=lambda name: SimpleNamespace(objects=np.arange(30)))
    gain = together.measure_agreement(dataset, runs, "one", "two")
    assert gain.value == pytest.approx(9 / 10 - 6 / 10)
    low, high = gain.objects
    assert low < gain.value < high and high - low > 0.3
    alone = together.measure_agreement(dataset, runs, "one", "one")
    assert np.isnan(alone.value) and alone.objects is None
