"""Training: one result whatever happens on the way, and a sentence for whatever cannot go on."""

import dataclasses
import json
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import SIZES, draw_squares
from torch import nn

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.models import features, objectives, registry
from eufcc_lib.models.registry import ModelSpec
from eufcc_lib.results.files import read_results
from eufcc_lib.results.predictions import draw_rows, show_predictions
from eufcc_lib.results.scores import read_scores
from eufcc_lib.training import cost, loop, networks
from eufcc_lib.training import run as training
from eufcc_lib.training.checkpoints import read_history
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model

# Most of these tests train.
pytestmark = pytest.mark.slow

TINY = {"backbone": "test_resnet", "weights": "random", "image_size": 32, "batch_size": 8, "epochs": 3}
FROZEN = get_recipe("mini", **TINY)
LEARNING = get_recipe("mini", image_size=40, batch_size=8, learning_rate=1e-2)  # real weights, seconds of work
WHOLE = get_recipe("mini", **TINY, frozen=False, augment=True, repeats=3, learning_rate=1e-2)
RECIPES = pytest.mark.parametrize("recipe", [FROZEN, WHOLE], ids=["frozen", "whole"])


@pytest.fixture(autouse=True)
def one_core():
    """Small networks on a busy machine: cores that wait for each other take longer than one."""
    with features.one_thread():
        yield


@pytest.fixture
def own_squares(own_paths):
    """Squares whose files a test may change."""
    draw_squares(own_paths / "squares")
    return open_dataset(str(own_paths / "squares"), minimum=4)


def metrics(result) -> list[dict]:
    return [dataclasses.asdict(row) for row in result.rows]


def value(result, split: str, facet: str) -> float:
    return next(row.r_precision for row in result.rows if (row.split, row.facet) == (split, facet))


def test_colours_are_learned_from_features_and_beat_the_frequency_baseline(squares):
    trained = train_model("multi_label", squares, LEARNING)
    counted = train_model("frequency", squares, get_recipe("mini"))
    for split in ("val", "test_id", "test_ood"):
        assert value(trained, split, "materials") > 0.9
        assert value(counted, split, "materials") < 0.7
    assert sorted(read_results("squares")) == ["frequency", "multi_label"]


def test_frequency_within_the_provider_has_no_number_where_all_providers_are_new(squares, capsys):
    for _ in range(2):
        result = train_model("frequency_provider", squares, get_recipe("mini"))
    assert {row.split for row in result.rows} == set(result.run.images) - {"train"} == {"val", "test_id"}
    assert "is finished: loading its result" in capsys.readouterr().out


@RECIPES
def test_one_seed_gives_one_result(squares, recipe):
    first = train_model("multi_label", squares, recipe)
    losses_of_first = read_history("squares", "multi_label")
    again = train_model("multi_label", squares, recipe, retrain=True)
    assert metrics(first) == metrics(again)
    pd_losses = [column for column in losses_of_first if column != "seconds"]
    assert losses_of_first[pd_losses].equals(read_history("squares", "multi_label")[pd_losses])
    train_model("multi_label", squares, recipe, seed=1, retrain=True)
    assert not losses_of_first["loss"].equals(read_history("squares", "multi_label")["loss"])


@RECIPES
def test_a_result_states_what_it_was_made_with(squares, recipe):
    result = train_model("multi_label", squares, recipe, seed=5)
    run = result.run
    assert (run.model, run.data, run.seed, run.vocabulary_hash) == ("multi_label", "squares", 5, squares.vocabulary.hash)
    assert run.recipe == dataclasses.asdict(recipe)
    assert run.images == {split: SIZES[split] for split in SIZES} and not any(run.skipped.values())
    assert run.backbone.startswith("test_resnet") and run.weights == "random (seed 5)"
    assert "32 px" in run.transform and ("random resized crop" in run.transform) == recipe.augment
    assert run.seconds > 0 and run.images_per_second > 0
    assert {(row.split, row.facet) for row in result.rows} == {
        (split, facet) for split in ("val", "test_id", "test_ood") for facet in ("objectTypes", "materials")}
    row = next(row for row in result.rows if (row.split, row.facet) == ("test_id", "materials"))
    assert (row.images, row.images_without_facet, row.tags) == (14, 2, 6)


def test_scores_are_kept_for_every_record(squares):
    train_model("multi_label", squares, FROZEN)
    scores = read_scores(squares, "multi_label", "test_id").values
    assert {facet: values.shape for facet, values in scores.items()} == {"objectTypes": (16, 3), "materials": (16, 6)}


def test_a_finished_run_is_loaded(squares, monkeypatch, capsys):
    first = train_model("multi_label", squares, FROZEN)
    monkeypatch.setattr(training, "train_network", None)
    assert train_model("multi_label", squares, FROZEN) == first
    assert "is finished: loading its result" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["deleted", "changed"])
def test_a_result_file_that_is_not_the_runs_is_written_again_without_training(squares, monkeypatch, damage):
    first = train_model("multi_label", squares, FROZEN)
    path = paths.RESULTS / "squares" / "multi_label.json"
    path.unlink() if damage == "deleted" else path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    monkeypatch.setattr(loop, "train_epoch", None)
    assert metrics(train_model("multi_label", squares, FROZEN)) == metrics(first)


def test_what_was_kept_of_another_run_is_refused_and_told_apart(squares):
    train_model("multi_label", squares, FROZEN)
    with pytest.raises(UserError, match=r"last.pt belongs to another run \(seed 0, not 1\); pass retrain=True to replace it"):
        train_model("multi_label", squares, FROZEN, seed=1)
    with pytest.raises(UserError, match=r"\(recipe.epochs 3, not 4\)"):
        train_model("multi_label", squares, dataclasses.replace(FROZEN, epochs=4))
    other = open_dataset(str(squares.root), minimum=8)
    with pytest.raises(UserError, match=r"\(vocabulary \w+, not \w+"):
        train_model("multi_label", other, FROZEN)
    assert len(train_model("multi_label", squares, FROZEN, seed=1, retrain=True).rows) == 6


def finished_run(squares) -> tuple:
    """A finished run: its result, and its files with what is in them."""
    result = train_model("multi_label", squares, FROZEN)
    folder = paths.CHECKPOINTS / "squares" / "multi_label"
    return result, {path: path.read_bytes() for path in [*folder.iterdir(), paths.RESULTS / "squares" / "multi_label.json"]}


@pytest.mark.parametrize("settings", [{"batch_size": 100_000}, {"warmup_steps": 99}, {"weights": "nowhere.pth"}], ids=str)
def test_a_mistake_in_retraining_leaves_the_old_run_as_it_was(squares, settings):
    _, files = finished_run(squares)
    with pytest.raises(UserError):
        train_model("multi_label", squares, dataclasses.replace(FROZEN, **settings), retrain=True)
    assert files == {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("epochs", [0, 1])
def test_the_old_run_lives_until_the_new_one_has_an_epoch(squares, monkeypatch, epochs):
    result, _ = finished_run(squares)
    train = loop.train_epoch
    monkeypatch.setattr(loop, "train_epoch", lambda *a: train(*a) if a[-2] < epochs else (_ for _ in ()).throw(
        KeyboardInterrupt))
    other = dataclasses.replace(FROZEN, learning_rate=0.5)
    with pytest.raises(KeyboardInterrupt):
        train_model("multi_label", squares, other, retrain=True)
    monkeypatch.setattr(loop, "train_epoch", train)
    if epochs:
        with pytest.raises(UserError, match="belongs to another run"):
            train_model("multi_label", squares, FROZEN)
        assert train_model("multi_label", squares, other).run.recipe["learning_rate"] == 0.5
    else:
        assert train_model("multi_label", squares, FROZEN) == result


def test_retraining_trains_even_where_the_run_is_the_same(squares, monkeypatch):
    result, _ = finished_run(squares)
    epochs, train = [], loop.train_epoch
    monkeypatch.setattr(loop, "train_epoch", lambda *a: (epochs.append(a[-2]), train(*a))[1])
    assert metrics(train_model("multi_label", squares, FROZEN, retrain=True)) == metrics(result) and epochs == [0, 1, 2]


def test_a_damaged_checkpoint_is_refused(squares):
    train_model("multi_label", squares, FROZEN)
    folder = paths.CHECKPOINTS / "squares" / "multi_label"
    (folder / "scores_val.npz").unlink()
    (folder / "last.pt").write_bytes((folder / "last.pt").read_bytes()[:1000])
    with pytest.raises(UserError, match="last.pt is not a readable checkpoint.*retrain=True"):
        train_model("multi_label", squares, FROZEN)


@RECIPES
@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_stopped_between_epochs_a_run_goes_on_to_the_same_end(squares, monkeypatch, capsys, recipe, epoch):
    whole = train_model("multi_label", squares, recipe)
    curve = read_history("squares", "multi_label").drop(columns="seconds")
    train = loop.train_epoch

    def stop(*arguments):
        if arguments[-2] == epoch:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(loop, "train_epoch", stop)
    with pytest.raises(KeyboardInterrupt):
        train_model("multi_label", squares, recipe, retrain=True)
    assert f"Interrupted; {epoch} of 3 epochs are kept in" in capsys.readouterr().out
    monkeypatch.setattr(loop, "train_epoch", train)
    assert metrics(train_model("multi_label", squares, recipe)) == metrics(whole)
    assert ("resuming after epoch" in capsys.readouterr().out) == (epoch > 0)
    assert curve.equals(read_history("squares", "multi_label").drop(columns="seconds"))


SCRIPT = """
import json, os, signal, sys
from itertools import count
from pathlib import Path
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.training import loop
from eufcc_lib.training.recipes import Recipe
from eufcc_lib.training.run import train_model

def train(folder, data, recipe, end, how):
    step, number = loop.step, count(1)

    def ending(*arguments):
        if next(number) == end:
            os.killpg(0, how)  # as a terminal does: the training and all processes that read for it
        return step(*arguments)

    loop.step = ending
    paths.RESULTS, paths.CHECKPOINTS = Path(folder) / "results", Path(folder) / "checkpoints"
    train_model("multi_label", open_dataset(data, minimum=4), eval(recipe))

for line in sys.stdin:
    said, *arguments = json.loads(line)
    if not (process := os.fork()):
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts tests in the background has it ignored
        file = os.open(said, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, 1), os.dup2(file, 2)
        train(*arguments)
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def train_until(tmp_path_factory):
    """What trains in a process of its own, which ends itself with a signal at one of its steps; its status and words.

    All that the processes import is imported once.
    """
    source = subprocess.Popen([sys.executable, "-u", "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"OMP_NUM_THREADS": "1"})

    def train(folder, data, recipe, step=0, how=0) -> tuple[int, str]:
        said = tmp_path_factory.mktemp("said") / "said.txt"
        source.stdin.write(json.dumps([str(said), str(folder), str(data), repr(recipe), step, int(how)]) + "\n")
        source.stdin.flush()
        return int(source.stdout.readline()), said.read_text()
    yield train
    source.stdin.close()
    source.wait()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Linux and macOS")
@pytest.mark.parametrize(("recipe", "ends"), [
    (dataclasses.replace(FROZEN, epochs=8), {20: signal.SIGKILL}),
    (dataclasses.replace(WHOLE, epochs=8), {15: signal.SIGINT, 21: signal.SIGKILL}),
    (dataclasses.replace(WHOLE, epochs=8, start="heads"), {10: signal.SIGKILL, 44: signal.SIGKILL})], ids=["frozen", "whole", "heads"])
def test_killed_for_real_a_run_goes_on_to_the_same_end(tmp_path, squares, train_until, recipe, ends):
    """An epoch has six steps: the first run ends in its third or fourth epoch, the second in its sixth.

    Before them, the heads have 20 epochs of one step, in which the first run of the last case ends.
    """
    whole = train_model("multi_label", squares, recipe)
    for step, how in ends.items():
        status, said = train_until(tmp_path / "killed", squares.root, recipe, step, how)
        assert status, said
        assert ("the same command resumes" in said) == (how == signal.SIGINT)
    status, said = train_until(tmp_path / "killed", squares.root, recipe)
    assert not status and re.search(f"resuming after epoch {3 if len(ends) == 1 else 5} of 8", said), said
    written = json.loads((tmp_path / "killed" / "results" / "squares" / "multi_label.json").read_text())
    assert written["rows"] == metrics(whole)
    assert not list((tmp_path / "killed").rglob("*.part"))


def test_a_loss_that_is_not_finite_stops_with_its_place(squares, monkeypatch):
    class Breaking(objectives.MultiLabel):
        def forward(self, logits, labels, uniform, count=None):
            loss = super().forward(logits, labels, uniform, count)
            Breaking.calls += self.training and logits.shape[1] == 6
            # Materials have 6 tags; an epoch has 6 steps, and this is the second one's fourth.
            return loss * math.nan if Breaking.calls >= 10 and logits.shape[1] == 6 else loss
    Breaking.calls = 0
    monkeypatch.setitem(objectives.OBJECTIVES, "multi_label", Breaking)
    with pytest.raises(UserError, match="The loss of 'materials' became nan in epoch 2, step 4; a smaller learning_rate"):
        train_model("multi_label", squares, FROZEN)
    assert len(read_history("squares", "multi_label")) == 1


def test_the_learning_rate_falls_along_a_half_cosine_to_nothing(squares, monkeypatch):
    rates, step = [], loop.step
    monkeypatch.setattr(loop, "step", lambda *a: (rates.append(a[5].param_groups[0]["lr"]), step(*a))[1])
    train_model("multi_label", squares, FROZEN)
    expected = [FROZEN.learning_rate * (1 + math.cos(math.pi * number / 18)) / 2 for number in range(18)]
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_warmup_raises_the_rate_evenly_and_the_cosine_follows(squares, monkeypatch):
    rates, step = [], loop.step
    monkeypatch.setattr(loop, "step", lambda *a: (rates.append(a[5].param_groups[0]["lr"]), step(*a))[1])
    train_model("multi_label", squares, dataclasses.replace(FROZEN, warmup_steps=3, learning_rate=4.0))
    assert rates[:4] == pytest.approx([1, 2, 3, 4])
    assert rates[4:] == pytest.approx([2 * (1 + math.cos(math.pi * number / 15)) for number in range(1, 15)])
    with pytest.raises(UserError, match="'warmup_steps' is 18, and the whole training has 18 steps"):
        train_model("multi_label", squares, dataclasses.replace(FROZEN, warmup_steps=18), retrain=True)


def test_gradients_are_cut_to_the_norm_asked_for(squares, monkeypatch):
    norms, step = [], torch.optim.AdamW.step

    def look(optimizer, *arguments, **options):
        gradients = [value.grad for group in optimizer.param_groups for value in group["params"]]
        norms.append(torch.cat([gradient.flatten() for gradient in gradients]).norm().item())
        return step(optimizer, *arguments, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", look)
    train_model("multi_label", squares, FROZEN)
    largest = max(norms)
    norms.clear()
    train_model("multi_label", squares, dataclasses.replace(FROZEN, clip_norm=largest / 10), retrain=True)
    assert max(norms) == pytest.approx(largest / 10, rel=1e-4)


def test_best_epoch_is_chosen_by_the_validation_loss_also_after_an_interruption(squares, monkeypatch):
    recipe = dataclasses.replace(FROZEN, select="best", learning_rate=0.05, epochs=4)
    losses_by_epoch, seen = iter([3.0, 1.0, 2.0, 1.0] * 3), []
    monkeypatch.setattr(loop, "validation_losses", lambda learner, *_: (
        seen.append(learner.network.layers["materials"].weight.detach().clone()), {"val_loss": next(losses_by_epoch)})[1])
    chosen, predict = [], loop.predict
    monkeypatch.setattr(networks, "predict", lambda learner, *rest: (
        chosen.append(learner.network.layers["materials"].weight.detach().clone()), predict(learner, *rest))[1])
    train_model("multi_label", squares, recipe)
    assert torch.equal(chosen[0], seen[1]) and not torch.equal(seen[1], seen[3])
    train, stop_at = loop.train_epoch, 2
    monkeypatch.setattr(loop, "train_epoch", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt)
                        if a[-2] == stop_at else train(*a))
    with pytest.raises(KeyboardInterrupt):
        train_model("multi_label", squares, recipe, retrain=True)
    next(losses_by_epoch), next(losses_by_epoch)
    monkeypatch.setattr(loop, "train_epoch", train)
    losses_by_epoch = iter([2.0, 1.0])
    train_model("multi_label", squares, recipe)
    assert torch.equal(chosen[-1], seen[1])


def test_best_epoch_needs_a_validation_split(own_squares):
    (own_squares.root / "val.csv").unlink()
    with pytest.raises(UserError, match="'select' is 'best', and there is no validation split"):
        train_model("multi_label", open_dataset(str(own_squares.root), minimum=4), dataclasses.replace(FROZEN, select="best"))


@pytest.mark.parametrize("model", ["softmax", "softmax_wce", "hsoftmax_levels", "hsoftmax_nodes", "multi_label_materials"])
def test_every_vision_model_learns_the_colours(squares, model):
    result = train_model(model, squares, LEARNING)
    assert {row.facet for row in result.rows} == ({"materials"} if model == "multi_label_materials" else
                                                  {"objectTypes", "materials"})
    assert all(value(result, split, "materials") > 0.8 for split in ("test_id", "test_ood"))


def test_a_compiled_network_trains_to_what_the_plain_one_does(squares, monkeypatch):
    compiled, compile_module = [], nn.Module.compile

    def trace(module):  # without generating code, which takes minutes on a CPU
        compiled.append(type(module).__name__)
        compile_module(module, backend="eager")

    monkeypatch.setattr(nn.Module, "compile", trace)
    plain = train_model("multi_label", squares, WHOLE)
    assert not compiled
    result = train_model("multi_label", squares, dataclasses.replace(WHOLE, compiled=True), retrain=True)
    assert compiled == ["ResNet"] and metrics(result) == metrics(plain)


def test_mixed_precision_trains_with_a_float32_loss(squares, monkeypatch):
    seen, step = set(), loop.step

    def look(learner, *arguments):
        losses = step(learner, *arguments)
        seen.update(loss.dtype for loss in losses.values())
        return losses

    monkeypatch.setattr(loop, "step", look)
    monkeypatch.setattr(networks, "find_machine", lambda _: loop.Machine(torch.device("cpu"), torch.bfloat16))
    result = train_model("multi_label", squares, WHOLE)
    assert seen == {torch.float32} and len(result.rows) == 6


def test_a_data_set_without_training_split_is_refused(own_squares):
    (own_squares.root / "train.csv").unlink()
    with pytest.raises(UserError, match="has no train.csv; expected one to train on"):
        train_model("frequency", open_dataset(str(own_squares.root), minimum=2), FROZEN)


def test_without_a_split_to_judge_by_a_model_is_trained_and_says_that_it_has_no_numbers(own_squares, capsys):
    for split in ("val", "test_id", "test_ood"):
        (own_squares.root / f"{split}.csv").unlink()
    alone = open_dataset(str(own_squares.root), minimum=4)
    assert train_model("multi_label", alone, FROZEN).rows == () and len(read_history("squares", "multi_label"))
    assert "multi_label has no numbers: squares has no image outside training" in capsys.readouterr().out


EVERY_FAMILY = pytest.mark.parametrize("model", ["frequency", "multi_label", "clip_one_tag", "ml_s"])


@EVERY_FAMILY
def test_no_tag_to_learn_is_one_sentence(squares, model):
    with pytest.raises(UserError, match=r"squares has no tag to learn \(the vocabulary is tags with at least 90 "
                                        r"images in train\); expected some"):
        train_model(model, open_dataset(str(squares.root), minimum=90), get_recipe("mini", registry.MODELS[model].family))


@pytest.mark.parametrize("split", ["train", "val", "test_id"])
def test_a_split_without_a_record_is_one_sentence(own_squares, monkeypatch, split):
    path = own_squares.root / f"{split}.csv"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    monkeypatch.setattr(training, "train_network", None)
    with pytest.raises(UserError, match=f"{split}.csv has a header and no record; expected records"):
        train_model("multi_label", open_dataset(str(own_squares.root), minimum=4), FROZEN)


@EVERY_FAMILY
@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_is_none_is_one_sentence(squares, model, seed):
    for train in (train_model, training.try_model):
        with pytest.raises(UserError, match=f"Parameter 'seed' is {seed}; expected a whole number from 0 to 4294967295"):
            train(model, squares, get_recipe("mini", registry.MODELS[model].family), seed)


def test_the_largest_seed_seeds_all_that_is_random(squares):
    assert train_model("multi_label", squares, dataclasses.replace(WHOLE, epochs=1), seed=2**32 - 1).run.seed == 2**32 - 1


def test_a_language_makes_no_other_run_of_a_model_that_reads_no_text(squares, monkeypatch):
    for model in ("frequency", "multi_label", "softmax"):
        train_model(model, squares, get_recipe("mini") if model == "frequency" else FROZEN)
    combined = train_model("ml_s", squares, get_recipe("mini", language="ca"))
    assert combined == train_model("ml_s", squares, get_recipe("mini"))
    monkeypatch.setattr(training, "train_network", None)  # nothing is trained again
    result = train_model("multi_label", squares, dataclasses.replace(FROZEN, language="ca"))
    assert result.run.recipe == dataclasses.asdict(FROZEN)
    assert train_model("frequency", squares, get_recipe("mini", language="ca"), retrain=True).run.model == "frequency"


def test_seconds_are_those_of_training(squares):
    trained = train_model("multi_label", squares, FROZEN).run
    assert trained.seconds == pytest.approx(read_history("squares", "multi_label")["seconds"].sum(), rel=1e-3)
    assert train_model("frequency", squares, get_recipe("mini")).run.seconds == 0


def test_the_cost_is_the_least_of_ten_warm_batches(monkeypatch):
    clock, seconds = iter(range(1000)), [0.001, 0.001, *range(20, 10, -1)]  # the first two do not count
    started = []

    def now():
        if next(clock) % 2:
            return started[-1] + seconds[len(started) - 1]
        started.append(100.0 * len(started))
        return started[-1]

    monkeypatch.setattr(cost.time, "perf_counter", now)
    shared = nn.Linear(2, 3)
    model = SimpleNamespace(encoder=shared, learner=nn.Sequential(shared), scores=lambda pixels: {})
    found = cost.measure_cost(model, 8, loop.Machine(torch.device("cpu"), None))
    assert found == {"parameters": 9, "milliseconds_per_image": 1000 * 11 / 4} and len(started) == 12


def test_without_validation_and_outer_split_the_others_are_evaluated(own_squares):
    for split in ("val", "test_ood"):
        (own_squares.root / f"{split}.csv").unlink()
    result = train_model("multi_label", open_dataset(str(own_squares.root), minimum=4), FROZEN)
    assert {row.split for row in result.rows} == {"test_id"}
    assert "val_loss" not in read_history("squares", "multi_label")


def test_frequency_takes_no_settings(squares):
    with pytest.raises(UserError, match="'frequency' is counted, not trained, so it takes no settings; found epochs=7"):
        train_model("frequency", squares, get_recipe("mini", epochs=7))
    assert train_model("frequency", squares, get_recipe("mini", on_broken="skip")).rows, "it reads no image"


@RECIPES
def test_missing_and_broken_images_are_an_error_or_skipped_and_counted(own_squares, recipe):
    folder = own_squares.root / "EUROPEANA" / "images"
    (folder / "test_id_1.jpg").unlink()
    with pytest.raises(UserError, match="1 images of 'squares' are missing, the first is .*test_id_1.jpg; .*on_broken"):
        train_model("multi_label", own_squares, recipe)
    (folder / "test_id_1.jpg").write_bytes(b"<html>")
    with pytest.raises(UserError, match="test_id_1.jpg: the file is a web page"):
        train_model("multi_label", own_squares, recipe)
    (folder / "train_3.jpg").write_bytes(b"")
    result = train_model("multi_label", own_squares, dataclasses.replace(recipe, on_broken="skip", repeats=1), retrain=True)
    assert result.run.skipped == {"train": 1, "val": 0, "test_id": 1, "test_ood": 0}
    assert result.run.images["test_id"] == 15
    assert all(row.images + row.images_without_facet == 15 for row in result.rows if row.split == "test_id")
    scores = read_scores(own_squares, "multi_label", "test_id").values["materials"]
    assert np.flatnonzero(np.isnan(scores).any(1)).tolist() == [1]


def test_features_are_computed_once_and_again_when_anything_changes(own_squares, monkeypatch):
    computed, compute = [], features._compute
    monkeypatch.setattr(features, "_compute", lambda *a: (computed.append(len(a[1])), compute(*a))[1])
    train_model("multi_label", own_squares, FROZEN)
    assert computed == list(SIZES.values())
    train_model("multi_label", own_squares, dataclasses.replace(FROZEN, learning_rate=0.5), retrain=True)
    assert len(computed) == 4
    train_model("multi_label", own_squares, dataclasses.replace(FROZEN, image_size=40), retrain=True)
    assert len(computed) == 8
    (own_squares.root / "EUROPEANA" / "images" / "val_0.jpg").write_bytes(
        (own_squares.root / "EUROPEANA" / "images" / "val_1.jpg").read_bytes())
    train_model("multi_label", own_squares, FROZEN, retrain=True)
    assert computed[8:] == [SIZES["val"]]


@pytest.mark.parametrize("damage", [lambda data: data[:-200], lambda data: data[:300] + b"?" + data[301:], lambda _: b""],
                         ids=["cut", "flipped", "empty"])
def test_damaged_features_are_computed_again(squares, capsys, damage):
    first = train_model("multi_label", squares, FROZEN)
    part = min((paths.CHECKPOINTS / "squares").glob("features_*/*.npz"))
    part.write_bytes(damage(part.read_bytes()))
    assert metrics(train_model("multi_label", squares, FROZEN, retrain=True)) == metrics(first)
    assert "computing it again" in capsys.readouterr().out


def test_interrupted_features_go_on_where_they_were(squares, monkeypatch, capsys):
    monkeypatch.setattr(features, "_PART", 10)
    first = train_model("multi_label", squares, FROZEN)
    for part in (paths.CHECKPOINTS / "squares").glob("features_*/*.npz"):
        part.unlink()
    computed, compute = [], features._compute

    def stop(encoder, files, *arguments):
        computed.append(Path(files[0]).stem)
        if computed == ["train_0", "train_10", "train_20"]:
            raise KeyboardInterrupt
        return compute(encoder, files, *arguments)

    monkeypatch.setattr(features, "_compute", stop)
    with pytest.raises(KeyboardInterrupt):
        train_model("multi_label", squares, FROZEN, retrain=True)
    assert "the features of 20 of the 48 images of train are kept" in capsys.readouterr().out
    assert metrics(train_model("multi_label", squares, FROZEN, retrain=True)) == metrics(first)
    assert computed[3:5] == ["train_20", "train_30"]


def test_a_folder_that_cannot_be_written_is_found_before_the_work(squares, monkeypatch):
    paths.CHECKPOINTS.write_text("a file where a folder is needed")
    monkeypatch.setattr(loop, "train_epoch", None)
    with pytest.raises(UserError, match="last.pt cannot be written"):
        train_model("multi_label", squares, WHOLE)


def test_a_network_refuses_a_size_that_it_cannot_be_made_for(squares):
    recipe = get_recipe("mini", backbone="test_vit", weights="random", image_size=8, batch_size=8)
    with pytest.raises(UserError, match="'image_size' is 8; test_vit.* takes images of 160 pixels only"):
        train_model("multi_label", squares, recipe)


def test_a_new_model_is_one_entry_and_one_objective(squares, monkeypatch):
    class Softmax(nn.Module):
        """One tag of the image, drawn again in each step."""

        link = "softmax"

        def __init__(self, taxonomy, class_counts, **settings):
            super().__init__()

        def forward(self, logits, labels, uniform, count=None):
            uniform = labels.new_full((len(labels),), 0.5, dtype=torch.float32) if uniform is None else uniform
            has_facet, below = labels.any(1), labels.cumsum(1)
            drawn = (below <= (uniform * below[:, -1]).long()[:, None]).sum(1).clamp(max=labels.shape[1] - 1)
            loss = nn.functional.cross_entropy(logits.float(), drawn, reduction="none")
            return torch.where(has_facet, loss, 0).sum() / (has_facet.sum().clamp(min=1) if count is None else count)

        def scores(self, logits):
            return logits.float()

    monkeypatch.setitem(objectives.OBJECTIVES, "own_softmax", Softmax)
    monkeypatch.setitem(registry.MODELS, "softmax_materials", ModelSpec(
        "softmax_materials", "Softmax (M)", "vision", ("materials",), "own_softmax", "One tag drawn a step."))
    result = train_model("softmax_materials", squares, LEARNING)
    assert {row.facet for row in result.rows} == {"materials"} and value(result, "test_id", "materials") > 0.85


def test_predictions_show_the_best_tags_and_mark_the_annotated_ones(squares):
    train_model("multi_label", squares, LEARNING)
    rows = draw_rows(squares, "test_id", images=3)
    assert rows == draw_rows(squares, "test_id", images=3) and len(rows) == 3
    frame = show_predictions(squares, "multi_label", "test_id", rows, tags=2)
    assert len(frame) == 6
    line = frame.loc[(squares.split("test_id").ids[rows[0]], "Materials")]
    assert line["best tags"].count("✓") == 2 == line["annotated"].count(",") + 1


def test_history_of_a_model_that_was_not_trained_is_an_error(squares):
    with pytest.raises(UserError, match="'multi_label' was not trained on 'squares'"):
        read_history("squares", "multi_label")
