"""From a model's name to its result: train it or load it, score the test sets, write one JSON.

How a family of models comes to its scores is `families`; this is what every run consists of,
whatever the model: what makes it this run, metrics, provenance and the result file.
"""

import contextlib
import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.labels import Labels
from ..metrics.evaluation import MetricsRow, evaluate
from ..models.registry import ModelSpec, get_model_spec
from ..models.vision import tagged
from ..results.files import RunResult
from ..results.provenance import provenance
from ..results.scores import load_scores, save_scores
from . import clip_family, ensemble_family, frequency_family, vision_family
from .checkpoints import Checkpoint, run_folder
from .distributed import this_process, wait_for_all
from .identity import run_identity
from .recipes import Recipe, own_settings
from .scored import EVALUATED, Scored

FAMILIES = {"frequency": frequency_family.run, "vision": vision_family.run, "clip": clip_family.run, "ensemble": ensemble_family.run}
"""For each family of models what trains and scores it."""

_SEEDS = 2**32
"""More than any seed, for all that is seeded takes 32 bits."""


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
        UserError: no training split, a split without a record, no tag to learn, a seed that is none; images are
            missing; what was kept is of another run; see also `fitting.fit` and `models.weights.load_backbone`.
    """
    spec, recipe = get_model_spec(model), own_settings(recipe, get_model_spec(model).family)
    _check(spec, dataset, seed)
    checkpoint = Checkpoint(run_folder(dataset.name, model), run_identity(spec, dataset, recipe, seed), anew=retrain)
    process = this_process()
    result = None if retrain else checkpoint.finished()
    wait_for_all()  # none may finish before all have looked
    if result:
        process.say(f"{model} on {dataset.name} is finished: loading its result (retrain=True trains it anew)")
        return result
    scored = FAMILIES[spec.family](spec, dataset, recipe, seed, checkpoint)
    if process.first:
        checkpoint.mark_finished(_evaluate(spec, dataset, seed, scored))
    wait_for_all()
    return checkpoint.finished()


def try_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0) -> list[MetricsRow]:
    """What a model with these settings would give, leaving nothing behind and saying nothing; see `try_scores`."""
    return [row for split, (read, scores) in try_scores(model, dataset, recipe, seed).items()
            for row in _metrics(get_model_spec(model), dataset, split, read, scores)]


def try_scores(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0) -> dict[str, tuple[np.ndarray, dict]]:
    """The scores that a model with these settings would give: no result, no scores and no checkpoint are kept.

    A finished run with just these settings is not trained again: its scores are read. Features of a frozen backbone
    are kept, for they belong to no run. An ensemble combines the runs that are there.

    Returns:
        for each split int64 (n,), the rows of the images that could be read, and their scores (n, C) by facet.
    """
    spec, recipe = get_model_spec(model), own_settings(recipe, get_model_spec(model).family)
    _check(spec, dataset, seed)
    identity = run_identity(spec, dataset, recipe, seed)
    if Checkpoint(run_folder(dataset.name, model), identity).finished():
        return {split: _read_scores(dataset, model, split) for split in EVALUATED if split in dataset.records}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        return FAMILIES[spec.family](spec, dataset, recipe, seed, Checkpoint(Path(folder), identity)).scores


def _check(spec: ModelSpec, dataset: Dataset, seed: int) -> None:
    """`UserError` for what no training can begin with."""
    if "train" not in dataset.records:
        raise UserError(f"{dataset.root} has no train.csv, so there is nothing to learn from; expected one.")
    for split, records in dataset.records.items():
        if not len(records):
            raise UserError(f"{dataset.root}/{split}.csv has a header and no record; expected some"
                            f"{'' if split == 'train' else ', or no such file'}.")
    if not tagged(spec, dataset.vocabulary):
        raise UserError(f"{dataset.name} has no tag to learn in {', '.join(spec.facets)} (the vocabulary is "
                        f"{dataset.vocabulary_source}); expected some, as with more records or a smaller 'minimum'.")
    if not 0 <= seed < _SEEDS:
        raise UserError(f"Parameter 'seed' is {seed}; expected a whole number from 0 to {_SEEDS - 1}.")


def _metrics(spec: ModelSpec, dataset: Dataset, split: str, read: np.ndarray,
             scores: Mapping[str, np.ndarray]) -> list[MetricsRow]:
    """The metrics of a split's images that could be read."""
    return evaluate(scores, _take(dataset.labels(split), read), spec.name, dataset.name, split,
                    dataset.split(split).providers[read])


def _evaluate(spec: ModelSpec, dataset: Dataset, seed: int, scored: Scored) -> RunResult:
    """Metrics and provenance; the scores are kept as (N, C), NaN in the rows of images that could not be read."""
    rows = []
    for split, (read, scores) in scored.scores.items():
        records = dataset.split(split)
        rows += _metrics(spec, dataset, split, read, scores)
        save_scores({facet: _spread(values, read, len(records)) for facet, values in scores.items()}, records.ids,
                    dataset.vocabulary.hash, dataset.name, spec.name, split)
    images = {split: len(dataset.split(split)) - scored.skipped.get(split, 0) for split in ("train", *scored.scores)}
    run = provenance(spec.name, dataset.name, images=images, skipped=scored.skipped, seed=seed,
                     seconds=scored.seconds, vocabulary_hash=dataset.vocabulary.hash, **scored.details,
                     **scored.measure_cost())
    return RunResult(run, tuple(rows))


def _read_scores(dataset: Dataset, model: str, split: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A finished run's, without the images that could not be read."""
    kept = load_scores(dataset.name, model, split, dataset.split(split).ids, dataset.vocabulary.hash)
    read = np.flatnonzero(~np.any([np.isnan(values).any(1) for values in kept.values()], axis=0))
    return read, {facet: values[read] for facet, values in kept.items()}


def _spread(values: np.ndarray, rows: np.ndarray, images: int) -> np.ndarray:
    spread = np.full((images, values.shape[1]), np.nan, np.float32)
    spread[rows] = values
    return spread


def _take(labels: Mapping[str, Labels], rows: np.ndarray) -> dict[str, Labels]:
    return {facet: Labels(facet, label.matrix[rows], label.outside[rows]) for facet, label in labels.items()}
