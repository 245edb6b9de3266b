"""Train a network, vision or CLIP: model, inputs, fit, and the scores of each split."""

from contextlib import nullcontext
from dataclasses import replace

from scipy.sparse import vstack

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.factory import Model, create_model
from ..models.features import one_thread
from ..models.registry import ModelSpec
from ..models.vision import tagged
from ..results.scores import Scores, new_scores
from .checkpoints import Checkpoint
from .cost import measure_cost
from .inputs import open_inputs
from .loop import find_machine, fit, predict
from .recipes import Recipe, changed_fields

_UNTRAINED = ("backbone", "weights", "frozen", "image_size", "crop", "batch_size", "precision", "compiled", "language",
              "on_broken")
"""The settings that mean something to a model that is not trained."""


def train_network(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, splits: list[str],
                  checkpoint: Checkpoint, identity: str, cost: bool) -> tuple[dict[str, Scores], dict]:
    """Train the model, unless it has no objective, and score the splits.

    Args:
        splits: to score.
        checkpoint: the run's.
        identity: the run's, see `Scores`.
        cost: whether to measure what the network costs.
    Returns:
        the scores by split, and what `results.provenance` takes about the training.
    Raises:
        UserError: settings of a training for a model that is not trained; see also `create_model`, `open_inputs`, `fit`.
    """
    if not spec.objective:
        _check_untrained(spec, recipe)
        recipe = replace(recipe, augment=False, repeats=1)
    checkpoint.check()
    machine = find_machine(recipe.precision)
    model = model_of(spec, dataset, recipe, seed)
    read = ["train", *splits] if spec.objective else splits
    inputs = open_inputs(dataset, read, tagged(spec, dataset.vocabulary), model.backbone, recipe, seed, machine)
    say, batches, history = machine.process.say, inputs.batches, []
    trained = f"{len(dataset.split('train')):,} training images, " if spec.objective else ""
    say(f"{spec.name} on {dataset.name}: {trained}{'frozen ' if recipe.frozen else ''}{model.name}, {machine.device.type}")
    for note in model.notes:
        say(note)
    checkpoint.describe(model.description)
    if recipe.compiled:
        model.compile()
    # Heads or a projection and a small text tower are so little work that a second core costs more than it brings.
    with one_thread() if recipe.frozen else nullcontext():
        if spec.objective:
            history = fit(model.learner, batches["train"], batches.get("val"), recipe, seed, machine, checkpoint)
        scores = {split: new_scores(dataset, spec.name, split, *predict(model.learner, batches[split].loader, machine), identity)
                  for split in splits}
    seconds = sum(row["seconds"] for row in history)
    facts = {"device": machine.device, "transform": inputs.transform, "backbone": model.name, "weights": model.weights,
             "recipe": recipe, "processes": machine.process.world, "skipped": inputs.count_skipped(), "seconds": seconds,
             "images_per_second": sum(row["images"] for row in history) / seconds if history else None}
    if cost and machine.process.first:
        facts |= measure_cost(model.from_pixels(), recipe.image_size, machine)
    return scores, facts


def model_of(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> Model:
    """The model that a run on this data set starts from."""
    facets, labels = tagged(spec, dataset.vocabulary), None
    counts = {facet: dataset.labels("train")[facet].matrix.sum(axis=0) for facet in facets}
    if spec.family == "clip" and spec.objective:
        seen = [split for split in ("train", "val") if split in dataset.records]
        labels = {facet: vstack([dataset.labels(split)[facet].matrix for split in seen], "csr") for facet in facets}
    return create_model(spec, dataset.vocabulary, counts, backbone=recipe.backbone, weights=recipe.weights,
                        frozen=recipe.frozen, image_size=recipe.image_size, seed=seed, weighting=recipe.weighting,
                        level_scores=recipe.level_scores, tree=recipe.tree, language=recipe.language, labels=labels)


def _check_untrained(spec: ModelSpec, recipe: Recipe) -> None:
    useless = {name: value for name, value in changed_fields(recipe).items() if name not in _UNTRAINED}
    if useless:
        raise UserError(f"Model {spec.name!r} is not trained, so it takes no settings of a training; found "
                        f"{', '.join(f'{name}={value!r}' for name, value in useless.items())}.")
