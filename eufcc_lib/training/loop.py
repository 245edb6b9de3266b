"""The training loop: epochs, steps, mixed precision, checkpoints, scores.

It knows no model and no data set: a `learner` gives losses and scores, a loader gives batches.
Everything random in an epoch follows from the seed and the epoch's number, so a checkpoint holds no
generator, and a run that was stopped ends where it would have ended.
"""

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from scipy.sparse import csr_array
from timm.layers import convert_sync_batchnorm
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from ..core.errors import UserError
from .checkpoints import Checkpoint
from .distributed import ALONE, Process, add_up, collect, this_process, wait_for_all
from .recipes import Recipe

_STEPS_BETWEEN_CHECKS = 50
"""Losses are looked at this often: each look makes the CPU wait for the GPU."""


class Loader(Protocol):
    """Batches of one split: `data.images.loader.ImageLoader` or `models.features.FeatureLoader`."""

    broken: dict[int, str]

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...
    def set_epoch(self, epoch: int) -> None: ...


@dataclass(frozen=True, eq=False)
class Batches:
    """A split as the loop sees it: a loader of (inputs, rows), and for each facet the label matrix (N, C).

    A row of -1 is an image that could not be read: it has no labels, so it counts for nothing.
    """

    loader: Loader
    labels: Mapping[str, csr_array]

    def targets(self, rows: Tensor, device: torch.device) -> dict[str, Tensor]:
        """The labels of some rows, bool (B, C) by facet, on the device."""
        rows = rows.numpy()
        found = {facet: matrix[np.maximum(rows, 0)].toarray() for facet, matrix in self.labels.items()}
        for labels in found.values():
            labels[rows < 0] = False
        return {facet: torch.from_numpy(labels).to(device, non_blocking=True) for facet, labels in found.items()}


@dataclass(frozen=True)
class Machine:
    """Where to compute, in what, and with whom.

    Attributes:
        device: this process's.
        autocast: the dtype of mixed precision, None for float32.
        process: which one of those that train together this is.
    """

    device: torch.device
    autocast: torch.dtype | None
    process: Process = ALONE

    def precision(self):
        """The context in which a forward pass runs."""
        return torch.autocast(self.device.type, self.autocast, enabled=self.autocast is not None)


def find_machine(precision: str) -> Machine:
    """This process's GPU if there is one, in the precision asked for, else the CPU in float32.

    Raises:
        UserError: the GPU cannot compute in bfloat16.
    """
    if not torch.cuda.is_available():
        return Machine(torch.device("cpu"), None, this_process())
    if precision == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise UserError(f"Recipe field 'precision' is 'bfloat16', which {torch.cuda.get_device_name()} does not have; "
                        "expected 'float16' or 'float32' with it.")
    return Machine(torch.device("cuda", torch.cuda.current_device()),
                   None if precision == "float32" else getattr(torch, precision), this_process())


def fit(learner: torch.nn.Module, training: Batches, validation: Batches | None, recipe: Recipe, seed: int,
        machine: Machine, checkpoint: Checkpoint) -> list[dict[str, float]]:
    """Train the learner to the recipe's last epoch, from the checkpoint's if it holds any.

    Processes that train together share each batch, and go through the same steps as one alone would. Afterwards the
    learner is what the recipe's `select` says: that of the last epoch, or of the one with the least loss on the
    validation split.

    Returns:
        for each epoch: `epoch`, `seconds`, `images`, `loss`, the losses by facet as `loss_FACET`, and
        the same on the validation split as `val_loss`, `val_loss_FACET` if there is one.
    Raises:
        UserError: a loss that is not finite, an image that cannot be read, a checkpoint that cannot
            be written, no validation split to select the best epoch by, a network with batch normalisation in
            several processes without GPUs. What was finished before is kept.
        KeyboardInterrupt: after saying what is kept.
    """
    if recipe.select == "best" and not validation:
        raise UserError("Recipe field 'select' is 'best', and there is no validation split to tell by; expected 'last'.")
    learner = share_batch_norm(learner, machine).to(machine.device)
    optimizer = torch.optim.AdamW(learner.groups(recipe.weight_decay), lr=recipe.learning_rate, betas=(recipe.beta1, recipe.beta2),
                                  eps=recipe.epsilon)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warmup_and_cosine(recipe, len(training.loader)))
    scaler = torch.amp.GradScaler(machine.device.type, enabled=machine.autocast is torch.float16)
    parts = {"learner": learner, "optimizer": optimizer, "schedule": schedule, "scaler": scaler}
    together = _together(learner, machine)
    best = _Best()
    if recipe.select == "best":
        parts["best"] = best
    history = checkpoint.restore(parts, machine.device)
    wait_for_all()  # none may write before all have read
    if history:
        machine.process.say(f"resuming after epoch {len(history)} of {recipe.epochs}")
    elif machine.process.first:
        checkpoint.check_room(learner)
        checkpoint.rehearse(parts)
    try:
        for epoch in range(len(history), recipe.epochs):
            with _random_numbers_of(seed, epoch, machine):
                start = time.monotonic()
                row = {"epoch": epoch + 1} | train_epoch(together, training, optimizer, schedule, scaler, recipe,
                                                         seed, epoch, machine)
                row["seconds"] = time.monotonic() - start
                if validation:
                    row |= validation_losses(learner, validation, machine)
            history.append(row)
            if recipe.select == "best":
                best.look(row["val_loss"], learner)
            if machine.process.first:
                checkpoint.save(parts, history)
            machine.process.say(_progress(history, recipe.epochs))
    except KeyboardInterrupt:
        machine.process.say(f"Interrupted; {checkpoint.kept} of {recipe.epochs} epochs are kept in {checkpoint.path}, "
                            "and the same command resumes there.")
        raise
    if recipe.select == "best":
        learner.load_state_dict(best.weights)
    return history


def train_epoch(learner: torch.nn.Module, training: Batches, optimizer, schedule, scaler, recipe: Recipe,
                seed: int, epoch: int, machine: Machine) -> dict[str, float]:
    """One epoch. Returns `images` and the mean losses as `fit` names them, each over its facet's images."""
    learner.train()
    training.loader.set_epoch(epoch)
    draws = np.random.default_rng((seed, epoch))
    losses, process = _Losses(training.labels, machine.device, epoch), machine.process
    for inputs, rows in training.loader:
        inputs = inputs.to(machine.device, non_blocking=True)
        labels = training.targets(rows, machine.device)
        # Drawn for the whole batch, of which this process takes every `world`-th image.
        uniform = draws.random(recipe.batch_size, np.float32)[process.rank::process.world][:len(rows)]
        counts = _images_with_facet(labels)
        images = _shares(labels, counts, process)
        found = step(learner, inputs, labels, torch.from_numpy(uniform).to(machine.device), images, optimizer, scaler,
                     machine, recipe.clip_norm)
        losses.add(found, images, counts, len(rows))
        schedule.step()
    images = int(add_up(torch.tensor(losses.images)))
    return losses.means("loss") | {"images": images}


def step(learner: torch.nn.Module, inputs: Tensor, labels: dict[str, Tensor], uniform: Tensor,
         images: dict[str, Tensor], optimizer, scaler, machine: Machine, clip_norm: float = 0) -> dict[str, Tensor]:
    """Forward, backward and update on one batch. Returns the facets' losses, detached scalars."""
    with machine.precision():
        losses = learner(inputs, labels, uniform, images)
    scaler.scale(sum(losses.values())).backward()
    if clip_norm:
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(learner.parameters(), clip_norm)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)
    return {facet: loss.detach() for facet, loss in losses.items()}


@torch.inference_mode()
def validation_losses(learner: torch.nn.Module, batches: Batches, machine: Machine) -> dict[str, float]:
    """The losses on a split, as `fit` names them, each over its facet's images.

    Processes that work together take whole batches in turn: the number of negatives does not depend on the number of
    processes.
    """
    learner.eval()
    losses = _Losses(batches.labels, machine.device)
    for inputs, rows in batches.loader:
        labels = batches.targets(rows, machine.device)
        # Draws would only make the curve rough: every image takes its middle tag.
        middle = torch.full((len(rows),), 0.5, device=machine.device)
        counts = _images_with_facet(labels)
        images = {facet: count.clamp(min=1) for facet, count in zip(labels, counts)}
        with machine.precision():
            found = learner(inputs.to(machine.device, non_blocking=True), labels, middle, images)
        losses.add(found, images, counts, len(rows))
    return losses.means("val_loss")


@torch.inference_mode()
def predict(learner: torch.nn.Module, loader: Loader, machine: Machine) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Scores of all images of a loader that goes through them in order.

    Processes that work together score a share each, which come together at the first.

    Returns:
        rows int64 (n,), ascending, of the images that could be read; float32 (n, C) by facet. At another process
        than the first, nothing: no row.
    Raises:
        UserError: not one image could be read.
    """
    learner.to(machine.device).eval()
    all_rows, all_scores = [], []
    for inputs, rows in loader:
        with machine.precision():
            scores = learner.scores(inputs.to(machine.device, non_blocking=True))
        all_rows.append(rows.numpy())
        all_scores.append({facet: values.float().cpu().numpy() for facet, values in scores.items()})
    shares = collect([(rows, scores) for rows, scores in zip(all_rows, all_scores)])
    if not machine.process.first:
        return np.zeros(0, np.int64), {}
    batches = [batch for share in shares for batch in share]
    if not batches:
        raise UserError(f"None of the images could be read; the first: {next(iter(loader.broken.values()))}")
    rows = np.concatenate([rows for rows, _ in batches])
    order = np.argsort(rows, kind="stable")
    return rows[order], {facet: np.concatenate([scores[facet] for _, scores in batches])[order]
                         for facet in batches[0][1]}


def share_batch_norm(learner: torch.nn.Module, machine: Machine) -> torch.nn.Module:
    """The learner, whose batch normalisation is over the whole batch where processes share it.

    Parameters and their names stay. Each process's own images would give other statistics, so another loss and
    other gradients, than one process with the whole batch.

    Raises:
        UserError: that is so, and there are no GPUs, on which alone torch can do it.
    """
    if machine.process.world == 1 or not any(isinstance(part, _BatchNorm) for part in learner.modules()):
        return learner
    if machine.device.type != "cuda":
        raise UserError("The network has batch normalisation, which several processes can only share on GPUs; expected one "
                        "process, or a backbone without it, such as a ConvNeXt or a ViT.")
    return convert_sync_batchnorm(learner)


def _together(learner: torch.nn.Module, machine: Machine) -> torch.nn.Module:
    """The learner, with gradients averaged over the processes that train together."""
    if machine.process.world == 1:
        return learner
    return DistributedDataParallel(learner, device_ids=[machine.device] if machine.device.type == "cuda" else None)


def _images_with_facet(labels: Mapping[str, Tensor]) -> Tensor:
    """int64 (facets,): the images of this process's part of the batch that are annotated in each facet."""
    return torch.stack([tags.any(1).sum() for tags in labels.values()])


def _shares(labels: Mapping[str, Tensor], counts: Tensor, process: Process) -> dict[str, Tensor]:
    """What each process divides its sums by, so that the mean over processes is the mean over the whole batch."""
    return dict(zip(labels, add_up(counts.clone()).clamp(min=1) / process.world))


def _warmup_and_cosine(recipe: Recipe, steps_per_epoch: int) -> Callable[[int], float]:
    """Factor on the learning rate by step: evenly up to 1, then down to 0 along half a cosine."""
    steps, warmup = recipe.epochs * steps_per_epoch, recipe.warmup_steps
    if warmup >= steps:
        raise UserError(f"Recipe field 'warmup_steps' is {warmup}, and the whole training has {steps} steps; expected "
                        "fewer.")

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
    return factor


class _Best:
    """The weights of the epoch with the least loss so far; a part of the checkpoint."""

    def __init__(self):
        self.loss, self.weights = math.inf, {}

    def look(self, loss: float, learner: torch.nn.Module) -> None:
        """Keep these weights if they are better; of equal ones the first."""
        if loss < self.loss:
            self.loss, self.weights = loss, {name: value.clone() for name, value in learner.state_dict().items()}

    def state_dict(self) -> dict:
        return {"loss": self.loss, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        self.loss, self.weights = state["loss"], state["weights"]


class _Losses:
    """Sums of the losses of the steps so far, kept on the device, and the images that they are over."""

    def __init__(self, facets: Iterable[str], device: torch.device, epoch: int | None = None):
        self.facets, self.device, self.epoch = list(facets), device, epoch
        self.sums, self.counts, self.images = [], [], 0

    def add(self, losses: dict[str, Tensor], images: dict[str, Tensor], counts: Tensor, size: int) -> None:
        """The losses of a step, what each was divided by, the images with each facet and all images."""
        self.sums.append(torch.stack([losses[facet].detach() * images[facet] for facet in self.facets]))
        self.counts.append(counts)
        self.images += size
        if len(self.sums) % _STEPS_BETWEEN_CHECKS == 0:
            self._check()

    def means(self, name: str) -> dict[str, float]:
        """Means over the images of all processes, and the sum over the facets."""
        nothing = torch.zeros(len(self.facets), device=self.device)  # of a process that no batch fell to
        self._check()
        sums = add_up(torch.stack([nothing, *self.sums]).double().sum(0))
        counts = add_up(torch.stack([nothing.long(), *self.counts]).sum(0))
        means = (sums / counts.clamp(min=1)).tolist()
        return {name: sum(means)} | {f"{name}_{facet}": mean for facet, mean in zip(self.facets, means)}

    def _check(self) -> None:
        if not self.sums:
            return
        recent = torch.stack(self.sums[-_STEPS_BETWEEN_CHECKS:])
        if bool(recent.isfinite().all()):
            return
        row, facet = (~recent.isfinite()).nonzero()[0].tolist()
        number = max(len(self.sums) - _STEPS_BETWEEN_CHECKS, 0) + row + 1
        where = "on the validation split" if self.epoch is None else f"in epoch {self.epoch + 1}, step {number}"
        raise UserError(f"The loss of {self.facets[facet]!r} became {recent[row, facet].item()} {where}; a smaller "
                        "learning_rate (or precision='float32') most often helps, and the epochs before are kept.")


@contextlib.contextmanager
def _random_numbers_of(seed: int, epoch: int, machine: Machine):
    """Inside a network, dropout and the like draw from torch's own generators: set them for the epoch, then undo it.

    On a GPU also choose convolutions that add up in the same order in every run.
    """
    before = torch.backends.cudnn.deterministic
    state = np.random.SeedSequence((seed, epoch, machine.process.rank)).generate_state(1)
    with torch.random.fork_rng(devices=[machine.device] if machine.device.type == "cuda" else []):
        torch.manual_seed(int(state[0]))
        torch.backends.cudnn.deterministic = True
        try:
            yield
        finally:
            torch.backends.cudnn.deterministic = before


def _progress(history: list[dict[str, float]], epochs: int) -> str:
    row = history[-1]
    left = (epochs - len(history)) * sum(past["seconds"] for past in history) / len(history)
    validation = f"  validation {row['val_loss']:.4f}" if "val_loss" in row else ""
    return (f"epoch {row['epoch']:{len(str(epochs))}} of {epochs}  loss {row['loss']:.4f}{validation}  "
            f"{row['images'] / row['seconds']:,.0f} images/s  {_duration(left)} left")


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
