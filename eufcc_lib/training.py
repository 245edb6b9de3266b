"""From a model's name to its result: train it or load it, score the test sets, write one JSON.

How an epoch goes is `fitting`; this is what a run consists of. A family of models is one function
that trains and scores; whatever it is, splits, metrics and provenance are handled here.
"""

import dataclasses
import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np

from .checkpoints import Checkpoint, run_folder
from .datasets import Dataset
from .errors import UserError
from .features import FeatureLoader, load_features, one_thread
from .fitting import Batches, Machine, find_machine, fit, predict
from .images import Transform
from .labels import Labels
from .loading import ImageDataset, find_missing, image_loader
from .metrics import evaluate
from .models import ModelSpec, get_model_spec
from .models.frequency import frequency_scores
from .models.vision import Heads, ImageEncoder, Learner, VisionModel, tagged
from .models.weights import Backbone, load_backbone
from .recipes import Recipe, changed_fields
from .results import RunResult, provenance, save_scores

EVALUATED = ("val", "test_id", "test_ood")
"""The splits that a model is evaluated on, where they are there."""

_SAMPLE = 500
"""Images a split whose sizes tell a data set from one that was drawn or fetched anew."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What a family hands back: scores of the evaluated splits, and what they were made with.

    Attributes:
        scores: by split the rows int64 (n,) that could be scored and float32 (n, C) by facet.
        skipped: images left out, by split, as they could not be read.
        earlier_seconds: spent on this run before it was interrupted.
        details: arguments of `results.provenance` that only the family knows.
    """

    scores: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]
    skipped: dict[str, int] = field(default_factory=dict)
    earlier_seconds: float = 0
    details: dict = field(default_factory=dict)


def train_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0, retrain: bool = False) -> RunResult:
    """Train a model, evaluate it on the splits that are there, and write `results/DATA/MODEL.json`.

    A finished run is loaded, an interrupted one goes on from its last whole epoch.

    Args:
        model: a name in `models.MODELS`.
        dataset: it must have a training split.
        recipe: from `recipes.get_recipe`.
        seed: of everything random.
        retrain: forget what was kept and train anew.
    Raises:
        UserError: no training split; images are missing; what was kept is of another run; see also
            `fitting.fit` and `models.weights.load_backbone`.
    """
    spec = get_model_spec(model)
    if "train" not in dataset.records:
        raise UserError(f"{dataset.root} has no train.csv, so there is nothing to learn from; expected one.")
    checkpoint = Checkpoint(run_folder(dataset.name, model), _identity(spec, dataset, recipe, seed))
    if retrain:
        checkpoint.remove()
    result = checkpoint.finished()
    if result:
        print(f"{model} on {dataset.name} is finished: loading its result (retrain=True trains it anew)", flush=True)
        return result
    start = time.monotonic()
    scored = FAMILIES[spec.family](spec, dataset, recipe, seed, checkpoint)
    result = _evaluate(spec, dataset, seed, scored, start)
    checkpoint.mark_finished(result)
    return result


def _count_tags(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint) -> Scored:
    """The frequency baseline: nothing is trained, no image is read."""
    changed = changed_fields(recipe)
    if changed:
        raise UserError(f"Model {spec.name!r} is counted, not trained, so it takes no settings; found "
                        f"{', '.join(f'{name}={value!r}' for name, value in changed.items())}.")
    facets = tagged(spec, dataset.vocabulary)
    return Scored({split: (np.arange(len(dataset.split(split))), frequency_scores(dataset, split, facets))
                   for split in EVALUATED if split in dataset.records})


def _train_vision(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint) -> Scored:
    """A backbone with heads, trained whole or, frozen, by its heads alone."""
    checkpoint.check()
    splits = ["train", *(split for split in EVALUATED if split in dataset.records)]
    _check_images(dataset, splits, recipe)
    machine = find_machine(recipe.precision)
    backbone = load_backbone(recipe.backbone, recipe.weights, seed)
    transform = _transform(backbone, recipe)
    print(f"{spec.name} on {dataset.name}: {len(dataset.split('train')):,} training images, "
          f"{'frozen ' if recipe.frozen else ''}{backbone.name}, {machine.device.type}", flush=True)
    facets = tagged(spec, dataset.vocabulary)
    loaders = _feature_loaders if recipe.frozen else _image_loaders
    batches = {split: Batches(loader, {facet: dataset.labels(split)[facet].matrix for facet in facets})
               for split, loader in loaders(dataset, splits, backbone, transform, recipe, seed, machine).items()}
    heads = Heads(backbone.features, {facet: len(dataset.vocabulary[facet]) for facet in facets})
    network = heads if recipe.frozen else VisionModel(ImageEncoder(backbone), heads)
    learner = Learner(network, spec, dataset.vocabulary)
    # Heads alone are so little work that a second core costs more than it brings.
    with one_thread() if recipe.frozen else nullcontext():
        history = fit(learner, batches["train"], batches.get("val"), recipe, seed, machine, checkpoint)
    scores = {split: predict(learner, batches[split].loader, machine) for split in splits if split != "train"}
    skipped = {split: len(batches[split].loader.broken) for split in splits}
    earlier = sum(row["seconds"] for row in history[:checkpoint.restored])
    return Scored(scores, skipped, earlier, {
        "device": machine.device, "transform": transform.description, "backbone": backbone.name,
        "weights": backbone.weights, "recipe": recipe,
        "images_per_second": sum(row["images"] for row in history) / sum(row["seconds"] for row in history)})


FAMILIES = {"frequency": _count_tags, "vision": _train_vision}
"""For each family of models what trains and scores it."""


def _evaluate(spec: ModelSpec, dataset: Dataset, seed: int, scored: Scored, start: float) -> RunResult:
    """Metrics and provenance; the scores are kept as (N, C), NaN in the rows of images that could not be read."""
    rows = []
    for split, (read, scores) in scored.scores.items():
        records, labels = dataset.split(split), _take(dataset.labels(split), read)
        rows += evaluate(scores, labels, spec.name, dataset.name, split)
        save_scores({facet: _spread(values, read, len(records)) for facet, values in scores.items()}, records.ids,
                    dataset.vocabulary.hash, dataset.name, spec.name, split)
    images = {split: len(dataset.split(split)) - scored.skipped.get(split, 0) for split in ("train", *scored.scores)}
    seconds = scored.earlier_seconds + time.monotonic() - start
    run = provenance(spec.name, dataset.name, images=images, skipped=scored.skipped, seed=seed, seconds=seconds,
                     vocabulary_hash=dataset.vocabulary.hash, **scored.details)
    return RunResult(run, tuple(rows))


def _spread(values: np.ndarray, rows: np.ndarray, images: int) -> np.ndarray:
    spread = np.full((images, values.shape[1]), np.nan, np.float32)
    spread[rows] = values
    return spread


def _take(labels: Mapping[str, Labels], rows: np.ndarray) -> dict[str, Labels]:
    return {facet: Labels(facet, label.matrix[rows], label.outside[rows]) for facet, label in labels.items()}


def _transform(backbone: Backbone, recipe: Recipe) -> Transform:
    if backbone.fixed_size not in (None, recipe.image_size):
        raise UserError(f"Recipe field 'image_size' is {recipe.image_size}; {backbone.name} takes images of "
                        f"{backbone.fixed_size} pixels only.")
    return Transform(size=recipe.image_size, crop=recipe.crop, interpolation=backbone.interpolation,
                     mean=backbone.mean, std=backbone.std, augment=recipe.augment)


def _image_loaders(dataset, splits, backbone, transform, recipe, seed, machine: Machine) -> dict:
    def loader(split: str, training: bool):
        files = ImageDataset(dataset.image_paths(split), transform if training else transform.evaluation())
        return image_loader(files, recipe.batch_size, shuffle=training, repeats=recipe.repeats if training else 1,
                            seed=seed, on_broken=recipe.on_broken, pin_memory=machine.device.type == "cuda")
    return {split: loader(split, split == "train") for split in splits}


def _feature_loaders(dataset, splits, backbone, transform, recipe, seed, machine: Machine) -> dict:
    features = {split: load_features(backbone, dataset, split, transform, machine.device, recipe.on_broken)
                for split in splits}
    return {split: FeatureLoader(features[split], recipe.batch_size, shuffle=split == "train", seed=seed)
            for split in splits}


def _check_images(dataset: Dataset, splits: list[str], recipe: Recipe) -> None:
    """A quick look at what is there, so that hours of work do not end at a file that is not."""
    missing = find_missing([path for split in splits for path in dataset.image_paths(split)])
    if missing and recipe.on_broken == "error":
        raise UserError(f"{len(missing):,} images of {dataset.name!r} are missing, the first is {missing[0]}; expected "
                        "all of them, or on_broken='skip' to leave them out and count them.")


def _identity(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> dict:
    """What makes a run this run; a checkpoint of another is refused."""
    return {"model": spec.name, "data": dataset.name, "seed": seed, "recipe": dataclasses.asdict(recipe),
            "vocabulary": dataset.vocabulary.hash, "content": _content_hash(dataset)}


def _content_hash(dataset: Dataset) -> str:
    """12 hex digits that change with the records and, most likely, with the images."""
    digest = hashlib.sha256()
    for split, records in dataset.records.items():
        digest.update(f"{split} {len(records)}".encode())
        for labels in dataset.labels(split).values():
            digest.update(labels.matrix.indptr.tobytes() + labels.matrix.indices.tobytes())
        for path in dataset.image_paths(split)[::max(len(records) // _SAMPLE, 1)]:
            size = os.stat(path).st_size if os.path.exists(path) else -1
            digest.update(f"{path.name} {size}".encode())
    return digest.hexdigest()[:12]
