"""From a model's name to its result: train it or load it, score the test sets, write one JSON.

How a family of models comes to its scores is `families`; this is what every run consists of,
whatever the model: what makes it this run, metrics, provenance and the result file.
"""

import dataclasses
import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .checkpoints import Checkpoint, run_folder
from .datasets import Dataset
from .errors import UserError
from .families import Scored, clip, ensemble, frequency, vision
from .labels import Labels
from .metrics import MetricsRow, evaluate
from .models import ModelSpec, get_model_spec
from .processes import this_process, wait_for_all
from .recipes import Recipe
from .results import RunResult, provenance, save_scores
from .texts import tag_texts

FAMILIES = {"frequency": frequency.run, "vision": vision.run, "clip": clip.run, "ensemble": ensemble.run}
"""For each family of models what trains and scores it."""

_SAMPLE = 500
"""Images a split whose sizes tell a data set from one that was drawn or fetched anew."""


def train_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0, retrain: bool = False) -> RunResult:
    """Train a model, evaluate it on the splits that are there, and write `results/DATA/MODEL.json`.

    A finished run is loaded, an interrupted one goes on from its last whole epoch. Of processes that train
    together (see `launch`), all call this, and the first one evaluates and writes.

    Args:
        model: a name in `models.MODELS`.
        dataset: it must have a training split.
        recipe: from `recipes.get_recipe`.
        seed: of everything random.
        retrain: train anew, whatever was kept. That stays until the new run has its first epoch to put in its place.
    Raises:
        UserError: no training split; images are missing; what was kept is of another run; see also
            `fitting.fit` and `models.weights.load_backbone`.
    """
    spec = get_model_spec(model)
    if "train" not in dataset.records:
        raise UserError(f"{dataset.root} has no train.csv, so there is nothing to learn from; expected one.")
    checkpoint = Checkpoint(run_folder(dataset.name, model), _identity(spec, dataset, recipe, seed), anew=retrain)
    process = this_process()
    result = None if retrain else checkpoint.finished()
    wait_for_all()  # none may finish before all have looked
    if result:
        process.say(f"{model} on {dataset.name} is finished: loading its result (retrain=True trains it anew)")
        return result
    start = time.monotonic()
    scored = FAMILIES[spec.family](spec, dataset, recipe, seed, checkpoint)
    if process.first:
        checkpoint.mark_finished(_evaluate(spec, dataset, seed, scored, start))
    wait_for_all()
    return checkpoint.finished()


def try_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0) -> list[MetricsRow]:
    """What a model with these settings would give, leaving nothing behind: no result, no scores, no checkpoint.

    Features of a frozen backbone are kept, for they belong to no run. An ensemble combines the runs that are there.
    """
    spec = get_model_spec(model)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Checkpoint(Path(folder), _identity(spec, dataset, recipe, seed))
        scored = FAMILIES[spec.family](spec, dataset, recipe, seed, checkpoint)
    return [row for split, (read, scores) in scored.scores.items()
            for row in _metrics(spec, dataset, split, read, scores)]


def _metrics(spec: ModelSpec, dataset: Dataset, split: str, read: np.ndarray,
             scores: Mapping[str, np.ndarray]) -> list[MetricsRow]:
    """The metrics of a split's images that could be read."""
    return evaluate(scores, _take(dataset.labels(split), read), spec.name, dataset.name, split,
                    dataset.split(split).providers[read])


def _evaluate(spec: ModelSpec, dataset: Dataset, seed: int, scored: Scored, start: float) -> RunResult:
    """Metrics and provenance; the scores are kept as (N, C), NaN in the rows of images that could not be read."""
    rows = []
    for split, (read, scores) in scored.scores.items():
        records = dataset.split(split)
        rows += _metrics(spec, dataset, split, read, scores)
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


def _identity(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> dict:
    """What makes a run this run; a checkpoint of another is refused."""
    identity = {"model": spec.name, "data": dataset.name, "seed": seed, "recipe": dataclasses.asdict(recipe),
                "vocabulary": dataset.vocabulary.hash, "content": _content_hash(dataset),
                "members": ensemble.members_hash(spec, dataset.name)}
    if spec.family == "clip":  # a table of terms that changed makes other texts of the same tags
        texts = [tag_texts(tree, recipe.language).texts for tree in dataset.vocabulary.taxonomies.values()]
        identity["texts"] = hashlib.sha256(repr(texts).encode()).hexdigest()[:12]
    return identity


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
