"""Two steps of training, and weights part of the way between their ends."""

import dataclasses

import numpy as np
import pytest
import torch
from conftest import SIZES, draw_squares, kept_scores
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.dataset import Dataset
from eufcc_lib.models import features
from eufcc_lib.models.lora import add_lora
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results.mixes import read_mixes, write_mixes
from eufcc_lib.results.scores import new_scores, read_scores
from eufcc_lib.training import loop, mixture, networks
from eufcc_lib.training.checkpoints import Checkpoint, read_model, run_folder
from eufcc_lib.training.mixture import MIXES, UNCHOSEN, Ends, mean_r_precision, measure_mixes, mix_weights
from eufcc_lib.training.providers import leave_providers_out
from eufcc_lib.training.recipes import RECIPES, fit_recipe, get_recipe, heads_recipe
from eufcc_lib.training.run import train_model, try_model

TINY = {"backbone": "test_resnet", "weights": "random", "image_size": 32, "batch_size": 8, "learning_rate": 1e-2}
TWO_STEPS = get_recipe("mini", "lp_ft", **TINY, epochs=2)
CLIP = get_recipe("mini", "clip", backbone="eufcc-mini", weights="random", image_size=32, batch_size=8, epochs=2)


@pytest.fixture(autouse=True)
def one_core():
    with features.one_thread():
        yield


def kept(model: str, file: str = "last") -> dict:
    return torch.load(paths.CHECKPOINTS / "squares" / model / f"{file}.pt", weights_only=True)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=6), st.sampled_from(MIXES))
def test_a_mix_is_the_mean_weight_by_weight(pairs, mix):
    start, end = (torch.tensor(values) for values in zip(*pairs))
    found = mix_weights({"w": start, "seen": torch.tensor(3)}, {"w": end, "seen": torch.tensor(8)}, mix)
    naive = [(1 - mix) * before + mix * after for before, after in pairs]
    assert found["w"].tolist() == pytest.approx(naive, abs=1e-5) and found["seen"] == 8
    assert mix not in (0, 1) or torch.equal(found["w"], (start, end)[int(mix)])


@given(st.sampled_from(MIXES), st.integers(0, 99))
def test_beside_frozen_weights_it_is_the_product_that_is_mixed(mix, seed):
    network, inputs = nn.Sequential(nn.Linear(4, 3)), torch.randn(5, 4, generator=torch.Generator().manual_seed(seed))
    add_lora(network, inputs, rank=2, alpha=6.0)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    end = {name: torch.randn(value.shape) if ".lora_" in name else value for name, value in start.items()}
    outputs = {}
    for name, weights in {"start": start, "end": end, "mix": mix_weights(start, end, mix)}.items():
        network.load_state_dict(weights)
        outputs[name] = network(inputs)
    torch.testing.assert_close(outputs["mix"], (1 - mix) * outputs["start"] + mix * outputs["end"], atol=1e-4, rtol=1e-4)


def test_heads_come_first_with_the_settings_of_heads_alone():
    for name, families in RECIPES.items():
        if "lp_ft" not in families:
            continue
        recipe, vision = families["lp_ft"], families["vision"]
        first = heads_recipe(recipe)
        assert recipe.start == "heads" and not recipe.frozen
        assert (first.frozen, first.start, first.augment, first.repeats) == (True, "weights", False, 1)
        assert (first.epochs, first.learning_rate, first.batch_size) == (vision.epochs, vision.learning_rate, vision.batch_size)
        assert (first.image_size, first.backbone, first.name) == (recipe.image_size, recipe.backbone, name)
    changed = heads_recipe(get_recipe("mini", "lp_ft", image_size=96, reduction="sum", epochs=9))
    assert (changed.image_size, changed.reduction, changed.epochs) == (96, "sum", RECIPES["mini"]["vision"].epochs)


def test_mean_r_precision_is_over_the_facets(squares):
    values = {facet: np.random.default_rng(0).random((SIZES["val"], len(squares.vocabulary[facet])), np.float32)
              for facet in ("objectTypes", "materials")}
    naive = []
    for facet, scores in values.items():
        found = []
        for row, tags in zip(scores, squares.labels("val")[facet].matrix.toarray()):
            if tags.any():
                best = np.argsort(-row)[:tags.sum()]
                found.append(tags[best].mean())
        naive.append(sum(found) / len(found))
    rows = np.arange(SIZES["val"])
    assert mean_r_precision(new_scores(squares, "wise_ft", "val", rows, values)) == pytest.approx(sum(naive) / 2)
    assert mean_r_precision(new_scores(squares, "wise_ft", "val", rows[:0], {facet: part[:0] for facet, part in values.items()})) is None


@pytest.mark.slow
def test_the_second_step_starts_from_the_heads_and_keeps_the_statistics(squares):
    train_model("lp_ft", squares, dataclasses.replace(TWO_STEPS, epochs=1))
    result = train_model("lp_ft", squares, TWO_STEPS, retrain=True)
    first = kept("lp_ft", "heads")["learner"]
    epochs = [row for file in ("heads", "last") for row in kept("lp_ft", file)["history"]]
    assert result.run.seconds == pytest.approx(sum(row["seconds"] for row in epochs), abs=0.02) and len(epochs) == 22
    alone = fit_recipe(heads_recipe(TWO_STEPS), SIZES["train"])
    train_model("multi_label", squares, dataclasses.replace(alone, family="vision"))
    assert all(torch.equal(first[name], value) for name, value in kept("multi_label")["learner"].items())
    ends = ends_of("lp_ft", squares, TWO_STEPS)
    start, end = ({name: value.clone() for name, value in ends.mix(mix).learner.state_dict().items()} for mix in (0.0, 1.0))
    assert torch.equal(start["network.heads.layers.materials.weight"], first["network.layers.materials.weight"])
    statistics = [name for name in start if "running" in name]
    assert statistics and all(torch.equal(start[name], end[name]) for name in statistics)
    assert not torch.equal(start["network.heads.layers.materials.weight"], end["network.heads.layers.materials.weight"])


def ends_of(model: str, squares: Dataset, recipe) -> Ends:
    identity = kept(model)["identity"]
    return Ends(MODELS[model], squares, recipe, 0, Checkpoint(run_folder("squares", model), identity))


@pytest.mark.slow
@pytest.mark.parametrize(("mixed", "recipe"), [("wise_ft", TWO_STEPS), ("clip_wise_ft", CLIP)], ids=["heads", "clip"])
def test_the_mix_is_chosen_on_validation_and_kept_as_a_model(squares, mixed, recipe):
    (member,) = MODELS[mixed].members
    train_model(member, squares, recipe)
    result = train_model(mixed, squares, recipe)
    ends, found = ends_of(member, squares, recipe), []
    batches, _ = networks.open_inputs(squares, ["val", "test_ood"], squares.vocabulary.taxonomies, ends.model.backbone, recipe, 0,
                                      loop.find_machine("float32"))
    for mix in MIXES:
        scores = loop.predict(ends.mix(mix).learner, batches["val"].loader, loop.find_machine("float32"))
        found.append(mean_r_precision(new_scores(squares, mixed, "val", *scores)))
    best = MIXES[int(np.argmax(found))]
    assert result.run.chosen == {"mix": best} and result.run.seconds == 0
    _, expected = loop.predict(ends.mix(best).learner, batches["test_ood"].loader, loop.find_machine("float32"))
    for facet, values in kept_scores(mixed, "test_ood").items():
        np.testing.assert_allclose(values, expected[facet], rtol=1e-5, atol=1e-5)
    weights = read_model("squares", mixed).model.learner.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in ends.mix(best).learner.state_dict().items())
    assert train_model(mixed, squares, recipe) == result
    probabilities = read_scores(squares, mixed, "val").probabilities("materials")
    assert probabilities is not None and probabilities.min() >= 0 and probabilities.max() <= 1
    write_mixes("squares", mixed, measure_mixes(mixed, squares))
    measured = {(row.mix, row.split, row.facet): row.r_precision for row in read_mixes(result)}
    assert len(measured) == len(MIXES) * len(result.rows)
    for row in result.rows:
        assert measured[best, row.split, row.facet] == pytest.approx(row.r_precision, abs=1e-6)
    write_mixes("squares", mixed, [dataclasses.replace(row, run="another") for row in read_mixes(result)])
    assert not read_mixes(result)


@pytest.mark.slow
def test_a_choice_sees_no_test(squares, monkeypatch):
    """Whatever the tests hold, the choice is the same, and they are first read after it."""
    train_model("lp_ft", squares, TWO_STEPS)
    opened, choose = [], mixture.choose_mix
    read = mixture.open_inputs
    monkeypatch.setattr(mixture, "open_inputs", lambda data, splits, *rest: (opened.append(
        (sorted(data.records), list(splits))), read(data, splits, *rest))[1])
    monkeypatch.setattr(mixture, "choose_mix", lambda *arguments: (choose(*arguments), opened.append("chosen"))[0])
    train_model("wise_ft", squares, TWO_STEPS)
    assert opened[:2] == [(["train", "val"], ["val"]), "chosen"] and "test_ood" in opened[2][1]


@pytest.mark.slow
def test_without_validation_it_goes_half_way(own_paths, capsys):
    draw_squares(own_paths / "squares")
    (own_paths / "squares" / "val.csv").unlink()
    squares = open_dataset(str(own_paths / "squares"), minimum=4)
    train_model("lp_ft", squares, TWO_STEPS)
    assert train_model("wise_ft", squares, TWO_STEPS).run.chosen == {"mix": UNCHOSEN}
    assert "wise_ft goes half-way (0.5): there is no validation image with a tag to choose by" in capsys.readouterr().out


@pytest.mark.slow
def test_what_is_mixed_is_trained_first_or_for_the_attempt_alone(squares):
    with pytest.raises(UserError, match="lp_ft.last.pt does not hold a finished training of 'lp_ft'.*train it first"):
        train_model("wise_ft", squares, TWO_STEPS)
    tried = try_model("wise_ft", squares, TWO_STEPS)
    assert not run_folder("squares", "lp_ft").exists()
    train_model("lp_ft", squares, TWO_STEPS)
    train_model("wise_ft", squares, TWO_STEPS)
    for split, scores in tried.items():
        for facet, values in kept_scores("wise_ft", split).items():
            np.testing.assert_allclose(scores.values[facet], values, rtol=1e-5, atol=1e-5)
    with pytest.raises(UserError, match=r"'lp_ft', which has to be trained first: .*belongs to another run \(seed 0, not 1\)"):
        train_model("wise_ft", squares, TWO_STEPS, seed=1)
    with pytest.raises(UserError, match="'lp_ft' is no mixture; expected one of wise_ft, clip_wise_ft"):
        measure_mixes("lp_ft", squares)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [TWO_STEPS, CLIP], ids=["heads", "clip"])
def test_a_fold_without_a_provider_trains_its_own_member(squares, recipe):
    member, mixed = ("lp_ft", "wise_ft") if recipe is TWO_STEPS else ("clip_prompt", "clip_wise_ft")
    before = leave_providers_out({mixed: recipe}, squares, minimum=4)[mixed].held_out
    train_model(member, squares, recipe)  # of all providers: no fold's
    after = leave_providers_out({mixed: recipe}, squares, minimum=4, retrain=True)[mixed].held_out
    assert len(before) == 2
    for one, other in zip(before, after):
        assert (one.identity, [row.r_precision for row in one.rows]) == (other.identity, [row.r_precision for row in other.rows])


def test_statistics_are_kept_until_training_begins_again():
    network = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())
    loop.keep_statistics(network.train())
    assert [part.training for part in network] == [False, True]
    assert all(part.training for part in network.train() if isinstance(part, _BatchNorm))


@pytest.mark.slow
def test_clip_has_no_heads_to_start_from(squares):
    recipe = get_recipe("mini", "clip", backbone="eufcc-mini", weights="random", image_size=32, frozen=False, start="heads")
    with pytest.raises(UserError, match="'start' is 'heads', and 'clip_prompt' has none; expected 'weights'"):
        train_model("clip_prompt", squares, recipe)
