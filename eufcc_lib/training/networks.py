"""Train a network, vision or CLIP: model, inputs, fit, scores of each split."""

from contextlib import nullcontext
from dataclasses import replace

from scipy.sparse import vstack

from ..data.dataset import Dataset
from ..models.factory import Model, create_model
from ..models.features import one_thread
from ..models.frequency import class_counts
from ..models.registry import ModelSpec
from ..models.vision import tagged
from ..results.scores import Scores, new_scores
from .checkpoints import Checkpoint
from .cost import measure_cost
from .inputs import count_skipped, open_inputs
from .loop import find_machine, fit, predict
from .recipes import Recipe, refuse_settings

_UNTRAINED = ("backbone", "weights", "frozen", "image_size", "crop", "batch_size", "precision", "compiled", "language",
              "on_broken")
"""The settings that a model without training uses."""


def train_network(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, splits: list[str],
                  checkpoint: Checkpoint, identity: str, cost: bool) -> tuple[dict[str, Scores], dict]:
    """Train the model, unless it has no objective, and score the splits.

    Args:
        splits: to score.
        checkpoint: the run's.
        identity: the run's, see `Scores`.
        cost: whether to measure the cost of the network.
    Returns:
        the scores by split, and the facts about the training for `results.provenance`.
    Raises:
        UserError: training settings for a model that is not trained; see also `create_model`, `open_inputs`, `fit`.
    """
    if not spec.objective:
        refuse_settings(recipe, _UNTRAINED, f"Model {spec.name!r} is not trained, so it takes no settings of a training")
        recipe = replace(recipe, augment=False, repeats=1)
    checkpoint.check()
    machine = find_machine(recipe.precision)
    model = model_of(spec, dataset, recipe, seed)
    read = ["train", *splits] if spec.objective else splits
    batches, transform = open_inputs(dataset, read, tagged(spec, dataset.vocabulary), model.backbone, recipe, seed, machine)
    say, history = machine.process.say, []
    trained = f"{len(dataset.split('train')):,} training images, " if spec.objective else ""
    say(f"{spec.name} on {dataset.name}: {trained}{'frozen ' if recipe.frozen else ''}{model.name}, {machine.device.type}")
    for note in model.notes:
        say(note)
    if spec.objective and recipe.batch_size == len(dataset.split("train")):
        say("Each batch holds all training images.")
    checkpoint.model = model.description
    if recipe.compiled:
        model.compile()
    # Heads, or a projection and a small text tower, are too little work for a second core to help.
    with one_thread() if recipe.frozen else nullcontext():
        if spec.objective:
            history = fit(model.learner, batches["train"], batches.get("val"), recipe, seed, machine, checkpoint)
        scores = {split: new_scores(dataset, spec.name, split, *predict(model.learner, batches[split].loader, machine), identity)
                  for split in splits}
    seconds = sum((row["seconds"] for row in history), 0.0)
    facts = {"device": machine.device, "transform": transform, "backbone": model.name, "weights": model.weights,
             "recipe": recipe, "processes": machine.process.world, "skipped": count_skipped(batches), "seconds": seconds,
             "images_per_second": sum(row["images"] for row in history) / seconds if history else None}
    if cost and machine.process.first:
        facts |= measure_cost(model, recipe.image_size, machine)
    return scores, facts


def model_of(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> Model:
    """A run's model with its initial weights."""
    facets, labels = tagged(spec, dataset.vocabulary), None
    if spec.family == "clip" and spec.objective:
        seen = [split for split in ("train", "val") if split in dataset.records]
        labels = {facet: vstack([dataset.labels(split)[facet].matrix for split in seen], "csr") for facet in facets}
    return create_model(spec, dataset.vocabulary, class_counts(dataset, facets), backbone=recipe.backbone, weights=recipe.weights,
                        frozen=recipe.frozen, image_size=recipe.image_size, seed=seed, lora_rank=recipe.lora_rank,
                        lora_alpha=recipe.lora_alpha, reduction=recipe.reduction,
                        weighting=recipe.weighting, level_scores=recipe.level_scores, tree=recipe.tree, language=recipe.language, labels=labels)
