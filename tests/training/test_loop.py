"""The training loop on loaders and learners of a few numbers: what it draws, and what it takes for a loss."""

import contextlib

import numpy as np
import pytest
import torch
from conftest import draw_squares
from scipy.sparse import csr_array
from torch import nn

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.losses.softmax import softmax_loss
from eufcc_lib.models import objectives
from eufcc_lib.models.features import FeatureLoader, Features
from eufcc_lib.models.objectives import Softmax
from eufcc_lib.models.vision import Heads, Learner
from eufcc_lib.training import inputs, loop
from eufcc_lib.training.checkpoints import Checkpoint
from eufcc_lib.training.recipes import get_recipe

CPU = loop.Machine(torch.device("cpu"), None)


class Facet(nn.Module):
    """A network of one facet that hands its inputs on."""

    def forward(self, inputs):
        return {"materials": inputs}


def test_the_validation_loss_of_a_model_that_draws_is_the_mean_over_the_images_tags():
    logits, labels = torch.randn(3, 4), np.array([[1, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]], bool)
    batches = loop.Batches(FeatureLoader(Features(logits, torch.arange(3), {}), 2), {"materials": csr_array(labels)})
    found = loop.validation_losses(Learner(Facet(), {"materials": Softmax(None, None)}), batches, CPU)
    losses = [softmax_loss(logits[[image]], torch.tensor([tag])).item() for image, tag in zip(*labels.nonzero())]
    assert found["val_loss_materials"] == pytest.approx((sum(losses[:3]) / 3 + losses[3]) / 2, rel=1e-5)


def draws(loader, images, recipe, monkeypatch) -> dict[int, list[float]]:
    """The numbers by which each image's tags are drawn in two epochs, by row."""
    found, rows = {}, []

    class Spy:
        def __len__(self):
            return len(loader)

        def set_epoch(self, epoch):
            loader.set_epoch(epoch)

        def __iter__(self):
            for values, batch in loader:
                rows[:] = batch.tolist()
                yield values, batch

    def step(learner, inputs, labels, uniform, *others):
        for row, number in zip(rows, uniform.tolist(), strict=True):
            found.setdefault(row, []).append(number)
        return {"materials": torch.tensor(0.0)}

    monkeypatch.setattr(loop, "step", step)
    training = loop.Batches(Spy(), {"materials": csr_array(np.ones((images, 1), bool))})
    schedule = torch.optim.lr_scheduler.LambdaLR(torch.optim.SGD([nn.Parameter(torch.zeros(1))]), lambda step: 1)
    schedule.optimizer.step()
    for epoch in range(2):
        counted = loop.train_epoch(nn.Identity(), training, None, schedule, None, recipe, 0, epoch, CPU)
    found["images"] = counted["images"]
    return found


@pytest.mark.parametrize("broken", [{5}, {0, 1, 2, 3}])
def test_an_image_without_features_does_not_change_the_draws_of_the_others(broken, monkeypatch):
    def loader(without):
        rows = torch.tensor([row for row in range(16) if row not in without])
        return FeatureLoader(Features(torch.randn(len(rows), 2), rows, dict.fromkeys(without, "broken")), 4, shuffle=True)

    recipe = get_recipe("mini", batch_size=4)
    whole, part = (draws(loader(without), 16, recipe, monkeypatch) for without in (set(), broken))
    assert {row: part[row] for row in range(16) if row not in broken} == {
        row: whole[row] for row in range(16) if row not in broken}
    assert (whole["images"], part["images"]) == (16, 16 - len(broken))


def test_an_image_that_cannot_be_read_does_not_change_the_draws_of_the_others(tmp_path, monkeypatch):
    draw_squares(tmp_path / "squares")
    dataset = open_dataset(str(tmp_path / "squares"), minimum=4)
    recipe = get_recipe("mini", batch_size=8, frozen=False, augment=True, repeats=3, image_size=32, on_broken="skip")
    transform = inputs.Transform(32, augment=True)
    found = []
    for _ in range(2):
        loader = inputs._image_loader(dataset, "train", transform, recipe, 0, CPU)
        found.append(draws(loader, 48, recipe, monkeypatch))
        seen = next(row for row in found[0] if row != "images")
        dataset.image_paths("train")[seen].write_bytes(b"")
    whole, part = found
    assert part["images"] < whole["images"] == 48
    assert {row: whole[row] for row in whole if row not in ("images", seen)} == {
        row: part[row] for row in part if row not in ("images", -1)}


@pytest.mark.parametrize(("settings", "kept"), [({}, False), ({"start": "heads"}, True), ({"lora_rank": 2}, True)],
                         ids=["all weights", "heads first", "lora"])
def test_statistics_stay_those_of_the_weights_where_these_do(tmp_path, settings, kept):
    network = nn.BatchNorm1d(2)
    learner = Learner(nn.Sequential(network, Heads(2, {"materials": 1})), {"materials": Softmax(None, None)})
    batches = loop.Batches(FeatureLoader(Features(torch.randn(8, 2) + 5, torch.arange(8), {}), 4, shuffle=True),
                           {"materials": csr_array(np.ones((8, 1), bool))})
    recipe = get_recipe("mini", frozen=False, epochs=1, batch_size=4, **settings)
    loop.fit(learner, batches, None, recipe, 0, CPU, Checkpoint(tmp_path, {}))
    assert torch.equal(network.running_mean, torch.zeros(2)) == kept


def test_a_resumed_training_corrects_the_record_from_the_same_epoch_on(tmp_path, monkeypatch):
    corrected = []

    def spy(logits, labels, count, reduction, corrected_now):
        corrected.append(corrected_now)
        if len(corrected) == 6 and stopped:
            raise KeyboardInterrupt
        return logits.sum()

    monkeypatch.setattr(objectives, "splc_loss", lambda *given, corrected: spy(*given, corrected))
    loader = FeatureLoader(Features(torch.randn(8, 2), torch.arange(8), {}), 4, shuffle=True)
    batches, recipe = loop.Batches(loader, {"materials": csr_array(np.ones((8, 3), bool))}), get_recipe("mini", batch_size=4, epochs=3)
    for stopped in (True, False):  # in the second step of the second epoch
        learner = Learner(Heads(2, {"materials": 3}), {"materials": objectives.SelfPaced(None, None)})
        with pytest.raises(KeyboardInterrupt) if stopped else contextlib.nullcontext():
            loop.fit(learner, batches, batches, recipe, 0, CPU, Checkpoint(tmp_path, {}))
    # Two steps of training per epoch, which end in as many of validation.
    assert corrected == [False] * 4 + [True] * 2 + [True, True, False, False] * 2


@pytest.mark.parametrize("select", ["last", "best"])
def test_room_is_rehearsed_for_two_checkpoints_as_large_as_they_become(tmp_path, select, monkeypatch):
    learner = nn.Sequential(nn.Linear(300, 300), nn.BatchNorm1d(300))
    optimizer = torch.optim.AdamW(learner.parameters())
    parts = {"learner": learner, "optimizer": optimizer} | ({"best": loop._Best()} if select == "best" else {})
    written, temporary = [], Checkpoint.rehearse.__globals__["tempfile"].TemporaryFile

    def spy(**options):
        file = temporary(**options)
        close = file.close
        file.close = lambda: (written.append(file.seek(0, 2)), close())
        return file

    monkeypatch.setattr("tempfile.TemporaryFile", spy)
    checkpoint = Checkpoint(tmp_path / "run", {})
    checkpoint.rehearse(parts)
    learner(torch.randn(4, 300)).sum().backward()
    optimizer.step()
    if select == "best":
        parts["best"].look(1.0, learner)
    checkpoint.save(parts, [{"epoch": 1}])
    assert written[0] == pytest.approx(2 * checkpoint.path.stat().st_size, rel=0.05)
