"""WiSE-FT: weights part of the way between the start and the end of a training (Wortsman et al. 2022, section 3).

Fine-tuning gains on photographs like those of training and can lose on others. The mean of both ends, weight by weight,
often keeps both gains, and costs no training and nothing more per image. How far to go is chosen on validation.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.factory import Model
from ..models.features import one_thread
from ..models.registry import MODELS, ModelSpec, get_model_spec
from ..models.vision import tagged
from ..results.files import read_result, result_path
from ..results.judgeable import evaluated_splits
from ..results.mixes import MixRow
from ..results.scores import Scores, new_scores
from .checkpoints import Checkpoint, read_identity
from .choosing import r_precisions
from .cost import measure_cost
from .distributed import share
from .identity import hash_identity, run_identity
from .inputs import count_skipped, open_inputs
from .loop import Machine, find_machine, predict
from .members import Members, finished_runs
from .networks import model_of, start_from_heads, train_network
from .recipes import Recipe

MIXES = tuple(step / 10 for step in range(11))
"""How far to go from the start, 0, to the end, 1."""

UNCHOSEN = 0.5
"""How far without a validation image to choose by: half-way, which Wortsman et al. recommend for that case."""


def find_trained(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, members: Members,
                 folder: Path | None = None) -> Checkpoint:
    """The checkpoint of a mixture's member with these settings.

    Args:
        members: where it may be.
        folder: for an attempt that keeps nothing: where the member is trained, unless its kept run has these settings.
    Raises:
        UserError: the kept run is damaged or has other settings.
    """
    member = get_model_spec(spec.members[0])
    identity = run_identity(member, dataset, recipe, seed)
    kept = Checkpoint(members.folder(member.name), identity)
    if folder is None:
        try:
            kept.check()
        except UserError as error:
            raise UserError(f"Model {spec.name!r} mixes weights of {member.name!r}, which has to be trained first: {error}") from None
        return kept
    with contextlib.suppress(UserError):  # none, of other settings, or damaged
        if kept.finished(recipe.epochs):
            return kept
    trained = Checkpoint(folder / member.name, identity)
    validation = ["val"] if "val" in dataset.records else []
    train_network(member, dataset, recipe, seed, validation, trained, hash_identity(identity), cost=False)
    return trained


class Ends:
    """The weights that a finished training started from and ended with.

    Args:
        spec: of the model that was trained.
        dataset, recipe, seed: of its run.
        checkpoint: of its run.

    Attributes:
        model: the trained model, with its initial weights, in which `mix` puts others.
        history: of the training.
    Raises:
        UserError: the run is not finished, or was made with other settings.
    """

    def __init__(self, spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint):
        found = checkpoint.finished(recipe.epochs)
        if found is None:
            raise UserError(f"{checkpoint.path} does not hold a finished training of {spec.name!r}, whose weights are mixed; train it "
                            "first, with the same settings.")
        self.model = model_of(spec, dataset, recipe, seed)
        if recipe.start == "heads":
            start_from_heads(self.model, dataset, recipe, checkpoint.heads)
        self._end, self.history = found
        self._start = {name: value.clone() for name, value in self.model.learner.state_dict().items()}

    def mix(self, share: float) -> Model:
        """The model that far between its ends."""
        self.model.learner.load_state_dict(mix_weights(self._start, self._end, share))
        return self.model


def mix_weights(start: Mapping[str, Tensor], end: Mapping[str, Tensor], mix: float) -> dict[str, Tensor]:
    """(1 - mix) * start + mix * end, equation 1 of the source, for weights and statistics; counters are those of the end.

    LoRA adds a product B A to a frozen weight, and B is 0 at the start. With A of the end, the mean of B alone is that of
    the weights; with the means of both, it would not be.
    """
    start = {name: value.to(end[name].device) for name, value in start.items()}
    return {name: (1 - mix) * start[name] + mix * value if value.is_floating_point() and ".lora_A." not in name else value
            for name, value in end.items()}


def score_mixture(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, splits: list[str], trained: Checkpoint,
                  checkpoint: Checkpoint, identity: str, cost: bool) -> tuple[dict[str, Scores], dict]:
    """Choose how far to go, keep the weights there as those of a trained model, and score the splits.

    Args:
        spec: of a mixture.
        recipe: of its member's training.
        trained: the checkpoint of its member's training.
        checkpoint: the mixture's own.
        identity, cost: see `networks.train_network`.
    Returns:
        as `networks.train_network`.
    Raises:
        UserError: see `Ends` and `open_inputs`.
    """
    machine = find_machine(recipe.precision)
    ends = Ends(get_model_spec(spec.members[0]), dataset, recipe, seed, trained)
    with one_thread() if recipe.frozen else contextlib.nullcontext():
        mix = choose_mix(spec, ends, dataset.without_tests(), recipe, seed, machine)
        model = ends.mix(mix)
        batches, transform = open_inputs(dataset, splits, (), model.backbone, recipe, seed, machine)  # without labels
        scores = {split: new_scores(dataset, spec.name, split, *predict(model.learner, part.loader, machine), identity)
                  for split, part in batches.items()}
    checkpoint.model = model.description
    if machine.process.first:
        checkpoint.save({"learner": model.learner}, ends.history)
    facts = {"device": machine.device, "transform": transform, "backbone": model.name, "weights": model.weights, "recipe": recipe,
             "processes": machine.process.world, "skipped": count_skipped(batches), "seconds": 0.0, "chosen": {"mix": mix}}
    if cost and machine.process.first:
        facts |= measure_cost(model, recipe.image_size, machine)
    return scores, facts


def choose_mix(spec: ModelSpec, ends: Ends, dataset: Dataset, recipe: Recipe, seed: int, machine: Machine) -> float:
    """The mix with the best mean R-precision over the facets on validation, the smallest of equals; else `UNCHOSEN`.

    Args:
        dataset: without its tests.
    """
    found = {mix: share(mean_r_precision(scores))
             for mix, scores in each_mix(spec, ends, dataset, ["val"] if "val" in dataset.records else [], recipe, seed, machine)}
    known = {mix: value for mix, value in found.items() if value is not None}
    if not known:
        machine.process.say(f"{spec.name} goes half-way ({UNCHOSEN}): there is no validation image with a tag to choose by")
        return UNCHOSEN
    best = max(known, key=known.get)
    machine.process.say(f"{spec.name} goes {best} of the way: mean R-precision on validation {known[best]:.3f}, at the start "
                        f"{known[0.0]:.3f}, at the end {known[1.0]:.3f}")
    return best


def each_mix(spec: ModelSpec, ends: Ends, dataset: Dataset, splits: list[str], recipe: Recipe, seed: int,
             machine: Machine) -> Iterator[tuple[float, Scores]]:
    """The scores on each of the splits with each of `MIXES`."""
    batches, _ = open_inputs(dataset, splits, tagged(spec, dataset.vocabulary), ends.model.backbone, recipe, seed, machine)
    for split, part in batches.items():
        for mix in MIXES:
            yield mix, new_scores(dataset, spec.name, split, *predict(ends.mix(mix).learner, part.loader, machine))


def measure_mixes(model: str, dataset: Dataset) -> list[MixRow]:
    """The numbers of a finished mixture at each of `MIXES`, facet by facet, on all splits that it is evaluated on.

    Raises:
        UserError: a model of another family, or one that was not trained here.
    """
    spec = get_model_spec(model)
    if spec.family != "mixture":
        raise UserError(f"Model {model!r} is no mixture; expected one of "
                        f"{', '.join(name for name, known in MODELS.items() if known.family == 'mixture')}.")
    run, identity = read_result(result_path(dataset.name, model)).run, read_identity(dataset.name, model)
    recipe = Recipe(**identity["recipe"])
    trained = find_trained(spec, dataset, recipe, run.seed, finished_runs(dataset))
    ends = Ends(get_model_spec(spec.members[0]), dataset, recipe, run.seed, trained)
    machine, splits = find_machine(recipe.precision), evaluated_splits(dataset, model)
    return [MixRow(mix, scores.split, facet, round(value, 6), images, hash_identity(trained.identity))
            for mix, scores in each_mix(spec, ends, dataset, splits, recipe, run.seed, machine)
            for facet, (value, images) in _r_precisions(scores).items()]


def mean_r_precision(scores: Scores) -> float | None:
    """The mean over the facets, each over its images; None without an image that has a tag."""
    found = _r_precisions(scores)
    return float(np.mean([value for value, _ in found.values()])) if found else None


def _r_precisions(scores: Scores) -> dict[str, tuple[float, int]]:
    """R-precision and images by facet, of facets with an image that has a tag."""
    return r_precisions({facet: values[scores.evaluated] for facet, values in scores.values.items()},
                        {facet: scores.labels(facet).matrix[scores.evaluated] for facet in scores.values})
