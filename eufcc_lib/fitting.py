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
from torch import Tensor

from .checkpoints import Checkpoint
from .errors import UserError
from .recipes import Recipe

_STEPS_BETWEEN_CHECKS = 50
"""Losses are looked at this often: each look makes the CPU wait for the GPU."""


class Loader(Protocol):
    """Batches of one split: `loading.ImageLoader`, or `features.FeatureLoader`."""

    broken: dict[int, str]

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...
    def set_epoch(self, epoch: int) -> None: ...


@dataclass(frozen=True, eq=False)
class Batches:
    """A split as the loop sees it: a loader of (inputs, rows), and for each facet the label matrix (N, C)."""

    loader: Loader
    labels: Mapping[str, csr_array]

    def targets(self, rows: Tensor, device: torch.device) -> dict[str, Tensor]:
        """The labels of some rows, bool (B, C) by facet, on the device."""
        rows = rows.numpy()
        return {facet: torch.from_numpy(matrix[rows].toarray()).to(device, non_blocking=True)
                for facet, matrix in self.labels.items()}


@dataclass(frozen=True)
class Machine:
    """Where to compute, and in what: `autocast` is the dtype of mixed precision, None for float32."""

    device: torch.device
    autocast: torch.dtype | None

    def precision(self):
        """The context in which a forward pass runs."""
        return torch.autocast(self.device.type, self.autocast, enabled=self.autocast is not None)


def find_machine(precision: str) -> Machine:
    """The GPU if there is one, in the precision asked for, else the CPU in float32.

    Raises:
        UserError: the GPU cannot compute in bfloat16.
    """
    if not torch.cuda.is_available():
        return Machine(torch.device("cpu"), None)
    if precision == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise UserError(f"Recipe field 'precision' is 'bfloat16', which {torch.cuda.get_device_name()} does not have; "
                        "expected 'float16' or 'float32' with it.")
    return Machine(torch.device("cuda"), None if precision == "float32" else getattr(torch, precision))


def fit(learner: torch.nn.Module, training: Batches, validation: Batches | None, recipe: Recipe, seed: int,
        machine: Machine, checkpoint: Checkpoint) -> list[dict[str, float]]:
    """Train the learner to the recipe's last epoch, from the checkpoint's if it holds any.

    Afterwards the learner is what the recipe's `select` says: that of the last epoch, or of the one with
    the least loss on the validation split.

    Returns:
        for each epoch: `epoch`, `seconds`, `images`, `loss`, the losses by facet as `loss_FACET`, and
        the same on the validation split as `val_loss`, `val_loss_FACET` if there is one.
    Raises:
        UserError: a loss that is not finite, an image that cannot be read, a checkpoint that cannot
            be written, no validation split to select the best epoch by. What was finished before is kept.
        KeyboardInterrupt: after saying what is kept.
    """
    if recipe.select == "best" and not validation:
        raise UserError("Recipe field 'select' is 'best', and there is no validation split to tell by; expected 'last'.")
    learner.to(machine.device)
    optimizer = torch.optim.AdamW(learner.groups(recipe), lr=recipe.learning_rate, betas=(recipe.beta1, recipe.beta2),
                                  eps=recipe.epsilon)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warmup_and_cosine(recipe, len(training.loader)))
    scaler = torch.amp.GradScaler(machine.device.type, enabled=machine.autocast is torch.float16)
    parts = {"learner": learner, "optimizer": optimizer, "schedule": schedule, "scaler": scaler}
    best = _Best()
    if recipe.select == "best":
        parts["best"] = best
    history = checkpoint.restore(parts, machine.device)
    if history:
        print(f"going on after epoch {len(history)} of {recipe.epochs}", flush=True)
    else:
        checkpoint.save(parts, history)  # a folder that cannot be written is found before the work, not after
    try:
        for epoch in range(len(history), recipe.epochs):
            with _random_numbers_of(seed, epoch, machine.device):
                start = time.monotonic()
                row = {"epoch": epoch + 1} | train_epoch(learner, training, optimizer, schedule, scaler, recipe,
                                                         seed, epoch, machine)
                row["seconds"] = time.monotonic() - start
                if validation:
                    row |= validation_losses(learner, validation, machine)
            history.append(row)
            if recipe.select == "best":
                best.look(row["val_loss"], learner)
            checkpoint.save(parts, history)
            print(_progress(history, recipe.epochs), flush=True)
    except KeyboardInterrupt:
        print(f"Interrupted; {checkpoint.kept} of {recipe.epochs} epochs are kept in {checkpoint.path}, and the same "
              "command goes on from there.", flush=True)
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
    losses = _Losses(training.labels, epoch)
    for inputs, rows in training.loader:
        inputs = inputs.to(machine.device, non_blocking=True)
        labels = training.targets(rows, machine.device)
        uniform = torch.from_numpy(draws.random(recipe.batch_size, np.float32)[:len(rows)]).to(machine.device)
        losses.add(labels, step(learner, inputs, labels, uniform, optimizer, scaler, machine, recipe.clip_norm))
        schedule.step()
    return losses.means("loss") | {"images": losses.images}


def step(learner: torch.nn.Module, inputs: Tensor, labels: dict[str, Tensor], uniform: Tensor,
         optimizer, scaler, machine: Machine, clip_norm: float = 0) -> dict[str, Tensor]:
    """Forward, backward and update on one batch. Returns the facets' losses, detached scalars."""
    with machine.precision():
        losses = learner(inputs, labels, uniform)
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
    """The losses on a split, as `fit` names them, each over its facet's images."""
    learner.eval()
    losses = _Losses(batches.labels)
    for inputs, rows in batches.loader:
        labels = batches.targets(rows, machine.device)
        # Draws would only make the curve rough: every image takes its middle tag.
        middle = torch.full((len(rows),), 0.5, device=machine.device)
        with machine.precision():
            losses.add(labels, learner(inputs.to(machine.device, non_blocking=True), labels, middle))
    return losses.means("val_loss")


@torch.inference_mode()
def predict(learner: torch.nn.Module, loader: Loader, machine: Machine) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Scores of all images of a loader that goes through them in order.

    Returns:
        rows int64 (n,) of the images that could be read; float32 (n, C) by facet.
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
    if not all_rows:
        raise UserError(f"None of the images could be read; the first: {next(iter(loader.broken.values()))}")
    return np.concatenate(all_rows), {facet: np.concatenate([scores[facet] for scores in all_scores])
                                      for facet in all_scores[0]}


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
    """Losses of the steps so far, kept on the device, and the images that each is the mean of."""

    def __init__(self, facets: Iterable[str], epoch: int | None = None):
        self.facets, self.epoch = list(facets), epoch
        self.values, self.counts, self.images = [], [], 0

    def add(self, labels: dict[str, Tensor], losses: dict[str, Tensor]) -> None:
        self.values.append(torch.stack([losses[facet] for facet in self.facets]))
        self.counts.append(torch.stack([labels[facet].any(1).sum() for facet in self.facets]))
        self.images += len(labels[self.facets[0]])
        if len(self.values) % _STEPS_BETWEEN_CHECKS == 0:
            self._check()

    def means(self, name: str) -> dict[str, float]:
        self._check()
        values, counts = torch.stack(self.values).double(), torch.stack(self.counts)
        means = ((values * counts).sum(0) / counts.sum(0).clamp(min=1)).tolist()
        return {name: sum(means)} | {f"{name}_{facet}": mean for facet, mean in zip(self.facets, means)}

    def _check(self) -> None:
        recent = torch.stack(self.values[-_STEPS_BETWEEN_CHECKS:])
        if bool(recent.isfinite().all()):
            return
        row, facet = (~recent.isfinite()).nonzero()[0].tolist()
        number = max(len(self.values) - _STEPS_BETWEEN_CHECKS, 0) + row + 1
        where = "on the validation split" if self.epoch is None else f"in epoch {self.epoch + 1}, step {number}"
        raise UserError(f"The loss of {self.facets[facet]!r} became {recent[row, facet].item()} {where}; a smaller "
                        "learning_rate (or precision='float32') most often helps, and the epochs before are kept.")


@contextlib.contextmanager
def _random_numbers_of(seed: int, epoch: int, device: torch.device):
    """Inside a network, dropout and the like draw from torch's own generators: set them for the epoch, then undo it.

    On a GPU also choose convolutions that add up in the same order in every run.
    """
    before = torch.backends.cudnn.deterministic
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(int(np.random.SeedSequence((seed, epoch)).generate_state(1)[0]))
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
