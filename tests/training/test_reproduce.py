"""`eufcc reproduce`: an honest repetition lies inside, another recipe outside, and nothing else is written."""

from dataclasses import replace

import numpy as np
import pytest

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.models.registry import MODELS, get_model_spec
from eufcc_lib.results.judgeable import evaluated_splits
from eufcc_lib.results.seeds import read_seeds
from eufcc_lib.training import repetition, reproduce
from eufcc_lib.training.recipes import RECIPES, get_recipe

SMALL = get_recipe("mini", backbone="test_resnet", weights="random", image_size=32, batch_size=8, epochs=2)

KINDS = list({(spec.family, spec.rule): spec.name for spec in reversed(MODELS.values()) if spec.family != "clip"}.values())
"""The first model of each family, and of each rule; CLIP takes another recipe."""


@pytest.fixture
def small(squares, monkeypatch):
    """The squares as every data set, and a small recipe as the mini one."""
    monkeypatch.setattr("eufcc_lib.collection.sources.open_dataset", lambda data: squares)
    two_steps = replace(SMALL, family="lp_ft", frozen=False, start="heads", epochs=1)
    monkeypatch.setitem(RECIPES, "mini", {"vision": SMALL, "lp_ft": two_steps})
    repetition.train_with.cache_clear()
    return monkeypatch


@pytest.mark.slow
@pytest.mark.parametrize("model", KINDS)
def test_a_model_of_every_kind_is_made_with_a_seed_of_its_own_and_nothing_is_kept(small, squares, model):
    first, other = (repetition.train_with(model, squares, "mini", seed) for seed in (0, 1))
    assert list(first) == evaluated_splits(squares, model) and {found.model for found in first.values()} == {model}
    repetition.train_with.cache_clear()
    again = repetition.train_with(model, squares, "mini", 0)
    changed = False
    for split, found in first.items():
        for facet, values in found.values.items():
            assert np.array_equal(values, again[split].values[facet])
            changed |= not np.array_equal(values, other[split].values[facet])
    spec = get_model_spec(model)
    assert changed or not (spec.objective or spec.members), "of what is trained, nothing is the same with another seed"
    assert not list(paths.RESULTS.rglob("*.*")) and not list(paths.CHECKPOINTS.rglob("*.pt"))


@pytest.mark.slow
def test_an_honest_repetition_lies_inside_and_another_model_outside(small, capsys):
    assert reproduce.main(["softmax", "ml_s", "--reference", "3", "--data", "squares"]) == 0
    reference = read_seeds("squares", "ml_s")
    assert {row.seed for row in reference} == {0, 1, 2} and {row.split for row in reference} == {"test_id", "test_ood"}
    assert len({row.avg_rank_position for row in reference if (row.split, row.facet) == ("test_id", "materials")}) > 1
    assert reproduce.main(["softmax", "ml_s", "--data", "squares"]) == 0
    assert "softmax on squares, seed 3: 8 of 8 numbers lie inside." in capsys.readouterr().out
    assert {path.name for path in paths.RESULTS.rglob("*.*")} == {"softmax.csv", "ml_s.csv"}
    assert not list(paths.CHECKPOINTS.rglob("*.pt"))


def test_counting_agrees_to_the_last_digit_and_another_number_is_told(small, squares, capsys):
    assert reproduce.main(["frequency", "--reference", "3", "--data", "squares"]) == 0
    path = paths.RESULTS / "squares" / "seeds" / "frequency.csv"
    assert reproduce.main(["frequency", "--data", "squares"]) == 0
    lines = path.read_text().splitlines()
    at = lines[0].split(",").index("avg_rank_position")
    moved = [",".join([*cells[:at], str(float(cells[at]) * 2), *cells[at + 1:]]) for cells in (line.split(",") for line in lines[1:])]
    path.write_text("\n".join([lines[0], *moved]) + "\n")
    capsys.readouterr()
    assert reproduce.main(["frequency", "--data", "squares"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "frequency on squares, seed 3: 6 of 8 numbers lie inside."
    assert [line.partition(":")[0].strip() for line in said[1:]] == ["AvgRankPos, test_id", "AvgRankPos, test_ood"]


def test_a_reference_is_needed_and_its_seeds_are_taken(small, squares):
    with pytest.raises(UserError, match="softmax.csv does not exist; expected the reference"):
        repetition.reproduce("softmax", squares, "mini")
    with pytest.raises(UserError, match="Parameter 'reference' is 2; expected 3 seeds or more."):
        repetition.make_reference("frequency", squares, "mini", 2)
    repetition.make_reference("frequency", squares, "mini", 3)
    with pytest.raises(UserError, match="Parameter 'seed' is 1, which the reference has"):
        repetition.reproduce("frequency", squares, "mini", 1)
