"""Train a network, vision or CLIP: model, inputs, fit, scores of each split.

With `start="heads"` a vision model is trained in two steps (Kumar et al. 2022, section 3.4, LP-FT): the heads on the
features of the frozen weights, then everything from there. The first step has a checkpoint of its own, so that an
interrupted run resumes in either, and the start of the second can be recreated.
"""

from contextlib import nullcontext
from dataclasses import replace

from scipy.sparse import vstack

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.factory import Model, create_model
from ..models.features import one_thread
from ..models.frequency import class_counts
from ..models.registry import ModelSpec, get_model_spec
from ..models.vision import tagged
from ..results.scores import Scores, new_scores
from .checkpoints import Checkpoint
from .cost import measure_cost
from .inputs import check_images, count_skipped, open_inputs
from .loop import Machine, find_machine, fit, predict
from .recipes import Recipe, fit_recipe, heads_recipe, refuse_settings

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
    heads = checkpoint.heads if spec.objective and recipe.start == "heads" else None
    if heads:
        heads.check()
    machine = find_machine(recipe.precision)
    read = ["train", *splits] if spec.objective else splits
    check_images(dataset, read, recipe)  # of the tests too: now rather than after hours of training
    known = dataset.without_tests()  # what is trained and selected sees nothing else
    model = model_of(spec, known, recipe, seed)
    batches, transform = open_inputs(known, [split for split in read if split in known.records], tagged(spec, known.vocabulary),
                                     model.backbone, recipe, seed, machine)
    say, first, history = machine.process.say, [], []
    trained = f"{len(dataset.split('train')):,} training images, " if spec.objective else ""
    say(f"{spec.name} on {dataset.name}: {trained}{'frozen ' if recipe.frozen else ''}{model.name}, {machine.device.type}")
    for note in model.notes:
        say(note)
    if spec.objective and recipe.batch_size == len(dataset.split("train")):
        say("Each batch holds all training images.")
    if heads:
        first = train_heads(spec, known, recipe, seed, heads, machine)
        start_from_heads(model, known, recipe, heads)
    checkpoint.model = model.description
    if recipe.compiled:
        model.compile()
    # Heads, or a projection and a small text tower, are too little work for a second core to help.
    with one_thread() if recipe.frozen else nullcontext():
        if spec.objective:
            history = fit(model.learner, batches["train"], batches.get("val"), recipe, seed, machine, checkpoint)
        tests = [split for split in splits if split not in known.records]
        batches |= open_inputs(dataset, tests, (), model.backbone, recipe, seed, machine)[0]  # without their labels
        scores = {split: new_scores(dataset, spec.name, split, *predict(model.learner, batches[split].loader, machine), identity)
                  for split in splits}
    seconds = sum((row["seconds"] for row in history), 0.0)
    facts = {"device": machine.device, "transform": transform, "backbone": model.name, "weights": model.weights,
             "recipe": recipe, "processes": machine.process.world, "skipped": count_skipped(batches),
             "seconds": seconds + sum(row["seconds"] for row in first),
             "images_per_second": sum(row["images"] for row in history) / seconds if history else None}
    if cost and machine.process.first:
        facts |= measure_cost(model, recipe.image_size, machine)
    return scores, facts


def train_heads(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint,
                machine: Machine) -> list[dict[str, float]]:
    """The first of two steps: heads alone, on features that are computed once; nothing is done if they are trained already.

    Returns:
        its history, see `loop.fit`.
    Raises:
        UserError: a model without heads, or several processes; see also `train_network`.
    """
    if spec.family != "vision":
        raise UserError(f"Recipe field 'start' is 'heads', and {spec.name!r} has none; expected 'weights' with it.")
    recipe = fit_recipe(heads_recipe(recipe), len(dataset.split("train")))
    if found := checkpoint.finished(recipe.epochs):
        return found[1]
    if machine.process.world > 1:
        raise UserError("Recipe field 'start' is 'heads', and the heads are not trained yet, which one process does; expected one "
                        "process, or several once it has begun the second step.")
    model = model_of(spec, dataset, recipe, seed)
    batches, _ = open_inputs(dataset, ["train"], tagged(spec, dataset.vocabulary), model.backbone, recipe, seed, machine)
    with one_thread():
        history = fit(model.learner, batches["train"], None, recipe, seed, machine, checkpoint, quiet=True)
    machine.process.say(f"first step: {recipe.epochs} epochs of the heads alone, whose loss fell from {history[0]['loss']:.4f} to "
                        f"{history[-1]['loss']:.4f}; second step: the whole network")
    return history


def start_from_heads(model: Model, dataset: Dataset, recipe: Recipe, checkpoint: Checkpoint) -> None:
    """Give a whole network with its initial weights the heads that a run trained first.

    Args:
        checkpoint: of the heads, see `Checkpoint.heads`.
    Raises:
        UserError: that step was not finished.
    """
    found = checkpoint.finished(fit_recipe(heads_recipe(recipe), len(dataset.split("train"))).epochs)
    if not found:
        raise UserError(f"{checkpoint.path} does not hold the heads that the run started from; pass retrain=True to train "
                        "it again.")
    model.learner.network.heads.load_state_dict({name.removeprefix("network."): value for name, value in found[0].items()})


def model_of(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> Model:
    """A run's model with its initial weights; of a mixture those that its member starts from."""
    if spec.family == "mixture":
        spec = get_model_spec(spec.members[0])
    facets, labels = tagged(spec, dataset.vocabulary), None
    if spec.family == "clip" and spec.objective:
        seen = [split for split in ("train", "val") if split in dataset.records]
        labels = {facet: vstack([dataset.labels(split)[facet].matrix for split in seen], "csr") for facet in facets}
    return create_model(spec, dataset.vocabulary, class_counts(dataset, facets), backbone=recipe.backbone, weights=recipe.weights,
                        frozen=recipe.frozen, image_size=recipe.image_size, seed=seed, lora_rank=recipe.lora_rank,
                        lora_alpha=recipe.lora_alpha, reduction=recipe.reduction,
                        weighting=recipe.weighting, level_scores=recipe.level_scores, tree=recipe.tree, language=recipe.language, labels=labels)
