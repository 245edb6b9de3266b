"""The plan of a week: hours are operations over what a GPU computes per second, for every model that there is."""

import dataclasses

import pytest

from eufcc_lib.models import registry
from eufcc_lib.models.operations import Operations
from eufcc_lib.models.registry import MODELS, ModelSpec
from eufcc_lib.pages.plan import (
    error_sentences,
    pace_table,
    plan_commands,
    plan_table,
    strong_commands,
    strong_costs,
    week_sentence,
)
from eufcc_lib.training import plan
from eufcc_lib.training.plan import Counts, command_of, estimate, measured_shares, paper_size, processes_for
from eufcc_lib.training.recipes import get_recipe

COUNTS = Counts(train=100, val=20, test=10, tags=5, facets=2.0)
IMAGE, TEXT = Operations(1e12, 1e6, 1000, 8), Operations(1e10, 1e4, 100, 8)
SLOW, FAST = 37.4e12 * 0.5, 149.7e12 * 0.25
HEADS = 2 * 8 * 5
FULL = get_recipe("paper", epochs=3, batch_size=4, precision="bfloat16")
SPEC = MODELS["multi_label"]


def seconds(spec, recipe, text=None):
    return 3600 * estimate(spec, recipe, COUNTS, IMAGE, text).hours


def test_all_weights_take_three_forward_passes_per_image():
    expected = (3 * (100 * 3 + 20) * (1e12 + HEADS) + 10 * 1e12) / FAST
    assert seconds(SPEC, FULL) == pytest.approx(expected)
    assert seconds(SPEC, dataclasses.replace(FULL, precision="float32")) == pytest.approx(expected * FAST / SLOW)
    assert estimate(SPEC, FULL, COUNTS, IMAGE).memory == 16 * (1000 + 8 * 5) + 4 * 1e6


def test_lora_spares_the_gradients_of_the_weights():
    recipe = dataclasses.replace(FULL, lora_rank=16)
    assert seconds(SPEC, recipe) == pytest.approx((3 * (100 * 2 + 20) * (1e12 + HEADS) + 10 * 1e12) / FAST)
    assert estimate(SPEC, recipe, COUNTS, IMAGE).memory == 4 * (1000 + 8 * 5) + 4 * 1e6


def test_features_are_computed_once_and_in_full_precision():
    frozen = dataclasses.replace(FULL, frozen=True, augment=False, repeats=1)
    heads = 3 * (100 * 3 + 20) * HEADS / FAST
    assert seconds(SPEC, frozen) == pytest.approx(130 * 1e12 / SLOW + heads)
    both = dataclasses.replace(FULL, start="heads")
    assert seconds(SPEC, both) == pytest.approx(seconds(SPEC, frozen) + seconds(SPEC, FULL))


def test_clip_has_a_text_for_each_annotated_facet_of_an_image():
    recipe = get_recipe("paper", "clip", epochs=3, precision="bfloat16")
    assert seconds(MODELS["clip_one_tag"], recipe, TEXT) == pytest.approx((3 * (100 * 3 + 20) * (1e12 + 2e10) + 10 * 1e12) / FAST)
    assert seconds(MODELS["clip_zero_shot"], recipe, TEXT) == pytest.approx(30 * 1e12 / FAST)


@pytest.mark.parametrize(("family", "expected"), [
    ("frequency", 0), ("ensemble", 0), ("mixture", (12 * 20 + 10) * 1e12 / FAST), ("neighbours", (130 * 1e12 + 100 * 30 * 2 * 8) / SLOW)])
def test_what_is_not_trained_costs_what_it_computes(family, expected):
    assert seconds(ModelSpec("new", "New", family, ("materials",), None, "."), FULL) == pytest.approx(expected)


def test_a_batch_that_is_too_large_is_shared():
    assert [processes_for(plan.Estimate("", 1.0, memory)) for memory in (0, 30e9, 40e9, 100e9)] == [1, 1, 2, 4]
    assert command_of("softmax", get_recipe("fast", epochs=2), 2) == (
        "eufcc train softmax --data eufcc340k --recipe fast --set epochs=2 --processes 2")


def test_the_paper_size_adds_up():
    size = paper_size()
    assert size.train + size.val + size.test == 346_324 and size.tags == 1227 and 1.9 < size.facets < 2


@pytest.mark.slow
def test_every_model_and_backbone_is_planned_for_with_assumptions_that_fit_measurements(monkeypatch):
    assert all(0.2 < share < 0.3 for share in measured_shares().values())
    monkeypatch.setitem(registry.MODELS, "new", ModelSpec("new", "Not yet known", "neighbours", ("materials",), None, "."))
    table = plan_table(paper_size(), "fast")
    assert table.loc["Not yet known", "work, fast"] == "features once, a search" and len(table) == len(MODELS)
    assert plan_commands(paper_size(), "fast").splitlines()[-2] == "eufcc train new --data eufcc340k --recipe fast"
    assert "lp_ft" not in plan_commands(paper_size(), "lora"), "which it would refuse"
    assert plan_table(paper_size(), "lora").loc["LP-FT", "work, lora"] == "–"
    assert strong_commands(paper_size()).count("eufcc train") == 2 * len(strong_costs(paper_size()))
    assert "probe" in pace_table().index
    assert week_sentence(paper_size(), "fast").endswith(" of a week.") and "a factor of" in error_sentences(paper_size())
