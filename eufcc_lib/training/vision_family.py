"""Vision models: a backbone with a head for each facet, trained whole or, frozen, by its heads alone."""

from contextlib import nullcontext
from functools import partial

from ..data.dataset import Dataset
from ..models.backbones import load_backbone
from ..models.features import one_thread
from ..models.objectives import count_outputs
from ..models.registry import ModelSpec
from ..models.vision import Heads, ImageEncoder, Learner, VisionModel, tagged
from .checkpoints import Checkpoint
from .cost import measure_cost
from .inputs import open_inputs
from .loop import find_machine, fit, predict
from .recipes import Recipe
from .scored import EVALUATED, Scored


def run(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint) -> Scored:
    """Train the model and score the splits that are there; see `fitting.fit` and `models.weights.load_backbone`."""
    checkpoint.check()
    splits = ["train", *(split for split in EVALUATED if split in dataset.records)]
    machine = find_machine(recipe.precision)
    backbone = load_backbone(recipe.backbone, recipe.weights, seed)
    facets = tagged(spec, dataset.vocabulary)
    inputs = open_inputs(dataset, splits, facets, backbone, recipe, seed, machine)
    machine.process.say(f"{spec.name} on {dataset.name}: {len(dataset.split('train')):,} training images, "
                        f"{'frozen ' if recipe.frozen else ''}{backbone.name}, {machine.device.type}")
    heads = Heads(backbone.features, {facet: count_outputs(spec.objective, dataset.vocabulary[facet], recipe)
                                      for facet in facets})
    whole = VisionModel(ImageEncoder(backbone), heads)
    network = heads if recipe.frozen else whole
    images = {facet: dataset.labels("train")[facet].matrix.sum(axis=0) for facet in facets}
    learner = Learner(network, spec, dataset.vocabulary, images, recipe)
    if recipe.compiled:
        whole.encoder.network.compile()
    batches = inputs.batches
    # Heads alone are so little work that a second core costs more than it brings.
    with one_thread() if recipe.frozen else nullcontext():
        history = fit(learner, batches["train"], batches.get("val"), recipe, seed, machine, checkpoint)
    scores = {split: predict(learner, batches[split].loader, machine) for split in splits if split != "train"}
    seconds = sum(row["seconds"] for row in history)
    return Scored(scores, inputs.count_skipped(), seconds, {
        "device": machine.device, "transform": inputs.transform, "backbone": backbone.name,
        "weights": backbone.weights, "recipe": recipe, "processes": machine.process.world,
        "images_per_second": sum(row["images"] for row in history) / seconds
    }, partial(measure_cost, whole, recipe.image_size, machine))
