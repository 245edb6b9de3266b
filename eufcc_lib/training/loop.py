"""The training loop: epochs, steps, mixed precision, checkpoints, scores.

It is independent of models and data sets: a `learner` gives losses and scores, a loader gives batches.
Everything random in an epoch follows from the seed and the epoch's number, so checkpoints need no
generator state, and an interrupted run ends with the same result as an uninterrupted one.
"""

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import torch
from scipy.sparse import csr_array
from timm.layers import convert_sync_batchnorm
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from ..core.errors import UserError
from ..data.images.loader import ImageLoader
from ..models.features import FeatureLoader
from ..models.objectives import begin_epoch
from .checkpoints import Checkpoint
from .distributed import ALONE, Process, add_up, collect, this_process, wait_for_all
from .recipes import Recipe

_STEPS_BETWEEN_CHECKS = 50
"""Losses are checked this rarely because the CPU waits for the GPU at each check."""


@dataclass(frozen=True, eq=False)
class Batches:
    """A split for the loop: a loader of (inputs, rows), and for each facet the label matrix (N, C).

    A row of -1 is an image that could not be read: it has no labels, so it does not count.
    """

    loader: ImageLoader | FeatureLoader
    labels: Mapping[str, csr_array]

    def targets(self, rows: Tensor, device: torch.device) -> dict[str, Tensor]:
        """The labels of these rows, bool (B, C) by facet, on the device."""
        rows = rows.numpy()
        found = {facet: matrix[np.maximum(rows, 0)].toarray() for facet, matrix in self.labels.items()}
        for labels in found.values():
            labels[rows < 0] = False
        return {facet: torch.from_numpy(labels).to(device, non_blocking=True) for facet, labels in found.items()}


@dataclass(frozen=True)
class Machine:
    """Device, precision and process of a training.

    Attributes:
        device: of this process.
        autocast: the dtype of mixed precision, None for float32.
        process: this process among those that share the training.
    """

    device: torch.device
    autocast: torch.dtype | None
    process: Process = ALONE

    def precision(self):
        """The context of a forward pass."""
        return torch.autocast(self.device.type, self.autocast, enabled=self.autocast is not None)


def find_machine(precision: str) -> Machine:
    """This process's GPU, if any, in the given precision, else the CPU in float32.

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
        machine: Machine, checkpoint: Checkpoint, quiet: bool = False) -> list[dict[str, float]]:
    """Train the learner to the recipe's last epoch, starting from the checkpoint if there is one.

    Processes that train together share each batch, with the same steps as a single process. Afterwards the learner has
    the weights that the recipe's `select` names: of the last epoch, or of the one with the lowest validation loss.

    Args:
        quiet: print no line per epoch.
    Returns:
        for each epoch: `epoch`, `seconds`, `images`, `loss`, the losses by facet as `loss_FACET`, and, with a
        validation split, the same on it as `val_loss`, `val_loss_FACET`.
    Raises:
        UserError: a loss that is not finite, an image that cannot be read, a checkpoint that cannot
            be written, no validation split to select the best epoch by, a network with batch normalisation in
            several processes without GPUs. Earlier epochs are kept.
        KeyboardInterrupt: after printing what is kept.
    """
    if recipe.select == "best" and not validation:
        raise UserError("Recipe field 'select' is 'best', and there is no validation split to select by; expected 'last'.")
    if not recipe.keeps_statistics:
        learner = share_batch_norm(learner, machine)
    learner.to(machine.device)
    optimizer = torch.optim.AdamW(learner.groups(recipe.weight_decay), lr=recipe.learning_rate, betas=(recipe.beta1, recipe.beta2),
                                  eps=recipe.epsilon)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warmup_and_cosine(recipe, len(training.loader)))
    scaler = torch.amp.GradScaler(machine.device.type, enabled=machine.autocast is torch.float16)
    parts = {"learner": learner, "optimizer": optimizer, "schedule": schedule, "scaler": scaler}
    trained = learner
    if machine.process.world > 1:  # averages gradients over the processes
        trained = DistributedDataParallel(learner, device_ids=[machine.device] if machine.device.type == "cuda" else None)
    best = _Best()
    if recipe.select == "best":
        parts["best"] = best
    history = checkpoint.restore(parts, machine.device)
    wait_for_all()  # all read before one writes
    if history:
        machine.process.say(f"resuming after epoch {len(history)} of {recipe.epochs}")
    elif machine.process.first:
        checkpoint.rehearse(parts)
    try:
        for epoch in range(len(history), recipe.epochs):
            with _random_numbers_of(seed, epoch, machine):
                start = time.monotonic()
                row = {"epoch": epoch + 1} | train_epoch(trained, training, optimizer, schedule, scaler, recipe,
                                                         seed, epoch, machine)
                row["seconds"] = time.monotonic() - start
                if validation:
                    row |= validation_losses(learner, validation, machine)
            history.append(row)
            if recipe.select == "best":
                best.look(row["val_loss"], learner)
            if machine.process.first:
                checkpoint.save(parts, history)
            if not quiet:
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
    """One epoch. Returns `images` and the mean losses, named as in `fit`, each over its facet's images."""
    learner.train()
    if recipe.keeps_statistics:
        keep_statistics(learner)
    begin_epoch(learner, epoch)
    training.loader.set_epoch(epoch)
    draws = np.random.default_rng((seed, epoch))
    losses, process = _Losses(training.labels, machine.device, epoch), machine.process
    for inputs, rows in training.loader:
        inputs = inputs.to(machine.device, non_blocking=True)
        labels = training.targets(rows, machine.device)
        # Drawn for the whole batch, from which this process takes every `world`-th image.
        uniform = draws.random(recipe.batch_size, np.float32)[process.rank::process.world][:len(rows)]
        annotated = _count_annotated(labels)
        # Divided by these, the mean over the processes is the mean over the whole batch.
        counts = dict(zip(labels, add_up(annotated.clone()).clamp(min=1) / process.world))
        found = step(learner, inputs, labels, torch.from_numpy(uniform).to(machine.device), counts, optimizer, scaler,
                     machine, recipe.clip_norm)
        losses.add(found, counts, annotated, int((rows >= 0).sum()))
        schedule.step()
    images = int(add_up(torch.tensor(losses.images)))
    return losses.means("loss") | {"images": images}


def step(learner: torch.nn.Module, inputs: Tensor, labels: dict[str, Tensor], uniform: Tensor,
         counts: dict[str, Tensor], optimizer, scaler, machine: Machine, clip_norm: float = 0) -> dict[str, Tensor]:
    """Forward, backward and update on one batch. Returns the facets' losses, detached scalars."""
    with machine.precision():
        losses = learner(inputs, labels, uniform, counts)
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
    """The losses on a split, named as in `fit`, each over its facet's images.

    Several processes take whole batches in turn, so the number of negatives does not depend on the number of processes.
    """
    learner.eval()
    losses = _Losses(batches.labels, machine.device)
    for inputs, rows in batches.loader:
        labels = batches.targets(rows, machine.device)
        annotated = _count_annotated(labels)
        counts = dict(zip(labels, annotated.clamp(min=1)))
        with machine.precision():
            # None: random draws would only add noise to the curve.
            found = learner(inputs.to(machine.device, non_blocking=True), labels, None, counts)
        losses.add(found, counts, annotated, len(rows))
    return losses.means("val_loss")


@torch.inference_mode()
def predict(learner: torch.nn.Module, loader: ImageLoader | FeatureLoader,
            machine: Machine) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Scores of all images of a loader without shuffling.

    Several processes score a share each; the first collects them.

    Returns:
        rows int64 (n,), ascending, of the images that could be read; float32 (n, C) by facet. Empty in all processes
        but the first.
    Raises:
        UserError: none of the images could be read.
    """
    learner.to(machine.device).eval()
    own_batches = []
    for inputs, rows in loader:
        with machine.precision():
            scores = learner.scores(inputs.to(machine.device, non_blocking=True))
        own_batches.append((rows.numpy(), {facet: values.float().cpu().numpy() for facet, values in scores.items()}))
    batches = [batch for share in collect(own_batches) for batch in share]
    if not machine.process.first:
        return np.zeros(0, np.int64), {}
    if not batches:
        raise UserError(f"None of the images could be read; the first: {next(iter(loader.broken.values()))}")
    rows = np.concatenate([rows for rows, _ in batches])
    order = np.argsort(rows, kind="stable")
    return rows[order], {facet: np.concatenate([scores[facet] for _, scores in batches])[order]
                         for facet in batches[0][1]}


def share_batch_norm(learner: torch.nn.Module, machine: Machine) -> torch.nn.Module:
    """The learner, with batch normalisation over the whole batch when several processes share it.

    Names and values of parameters do not change. The statistics of each process's own images would give another loss
    and other gradients than one process with the whole batch.

    Raises:
        UserError: several processes without GPUs, where torch cannot do this.
    """
    if machine.process.world == 1 or not any(isinstance(part, _BatchNorm) for part in learner.modules()):
        return learner
    if machine.device.type != "cuda":
        raise UserError("The network has batch normalisation, which several processes can only share on GPUs; expected one "
                        "process, or a backbone without it, such as a ConvNeXt or a ViT.")
    return convert_sync_batchnorm(learner)


def keep_statistics(learner: torch.nn.Module) -> None:
    """Let batch normalisation use the statistics of its weights, as in evaluation, until `train` is called again.

    Heads that were trained first know the features that these statistics give. Those of a small batch give others. And
    beside the matrices of LoRA everything stays as it is.
    """
    for part in learner.modules():
        if isinstance(part, _BatchNorm):
            part.eval()


def _count_annotated(labels: Mapping[str, Tensor]) -> Tensor:
    """int64 (facets,): the images of this process's part of the batch that are annotated in each facet."""
    return torch.stack([tags.any(1).sum() for tags in labels.values()])


def _warmup_and_cosine(recipe: Recipe, steps_per_epoch: int) -> Callable[[int], float]:
    """Factor on the learning rate by step: linear warm-up to 1, then cosine decay to 0."""
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
    """The weights of the epoch with the lowest loss so far; a part of the checkpoint."""

    def __init__(self):
        self.loss, self.weights = math.inf, {}

    def look(self, loss: float, learner: torch.nn.Module) -> None:
        """Keep these weights if their loss is lower."""
        if loss < self.loss:
            self.loss, self.weights = loss, {name: value.clone() for name, value in learner.state_dict().items()}

    def state_dict(self) -> dict:
        return {"loss": self.loss, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        self.loss, self.weights = state["loss"], state["weights"]


class _Losses:
    """Sums of the losses over the images of each step so far, on the device, and the numbers of these images."""

    def __init__(self, facets: Iterable[str], device: torch.device, epoch: int | None = None):
        self.facets, self.device, self.epoch = list(facets), device, epoch
        self.sums, self.annotated, self.images = [], [], 0

    def add(self, losses: dict[str, Tensor], counts: dict[str, Tensor], annotated: Tensor, images: int) -> None:
        """Add a step: its losses and their divisors, the images annotated in each facet and all images."""
        self.sums.append(torch.stack([losses[facet].detach() * counts[facet] for facet in self.facets]))
        self.annotated.append(annotated)
        self.images += images
        if len(self.sums) % _STEPS_BETWEEN_CHECKS == 0:
            self._check()

    def means(self, name: str) -> dict[str, float]:
        """Means over the images of all processes, and the sum over the facets."""
        nothing = torch.zeros(len(self.facets), device=self.device)  # for a process without a batch
        self._check()
        sums = add_up(torch.stack([nothing, *self.sums]).double().sum(0))
        annotated = add_up(torch.stack([nothing.long(), *self.annotated]).sum(0))
        means = (sums / annotated.clamp(min=1)).tolist()
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
                        "learning_rate (or precision='float32') usually helps, and the earlier epochs are kept.")


@contextlib.contextmanager
def _random_numbers_of(seed: int, epoch: int, machine: Machine):
    """Seed torch's own generators, used by dropout and the like, for the epoch, then restore them.

    On a GPU also choose deterministic convolutions.
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
            f"{row['images'] / row['seconds']:,.0f} images/s  {timedelta(seconds=math.ceil(left))} left")
