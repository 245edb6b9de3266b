"""From a model's name to its result: train it or load it, score the test sets, write one JSON."""

import contextlib
import io
import tempfile
from pathlib import Path

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.registry import ModelSpec, get_model_spec
from ..models.vision import tagged
from ..results.files import RunResult, read_result, result_path, write_result
from ..results.provenance import provenance
from ..results.scores import Scores, read_scores, scores_path, write_scores
from .checkpoints import Checkpoint, run_folder
from .distributed import this_process, wait_for_all
from .identity import hash_identity, run_identity
from .networks import train_network
from .recipes import Recipe, own_settings
from .untrained import combine_members, count_tags

EVALUATED = ("val", "test_id", "test_ood")
"""The splits that a model is evaluated on, where they are there."""

_SEEDS = 2**32
"""More than any seed, for all that is seeded takes 32 bits."""


def train_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0, retrain: bool = False) -> RunResult:
    """Train a model, evaluate it on the splits that are there, and write `results/DATA/MODEL.json`.

    A finished run is loaded, an interrupted one resumes after its last whole epoch. Of processes that train
    together (see `launch`), all call this, and the first one evaluates and writes.

    Args:
        model: a name in `models.registry.MODELS`.
        dataset: it must have a training split.
        recipe: from `recipes.get_recipe`.
        seed: of everything random.
        retrain: discard what was kept and retrain. It stays until the new run has its first epoch to replace it.
    Raises:
        UserError: no training split, a split without a record, no tag to learn, a seed that is none; images are
            missing; what was kept is of another run; see also `loop.fit` and `models.factory.create_model`.
    """
    spec, recipe, process = get_model_spec(model), own_settings(recipe, get_model_spec(model).family), this_process()
    _check(spec, dataset, seed)
    identity = run_identity(spec, dataset, recipe, seed)
    result = None if retrain else _finished(spec, dataset, identity)
    wait_for_all()  # none may finish before all have looked
    if result:
        process.say(f"{model} on {dataset.name} is finished: loading its result (retrain=True trains it again)")
        return result
    folder = run_folder(dataset.name, model)
    checkpoint = Checkpoint(folder, identity, anew=retrain, outdated=folder.glob("scores_*.npz"))
    scores, facts = _score(spec, dataset, recipe, seed, checkpoint, identity, cost=True)
    if process.first:
        _save(spec, dataset, seed, identity, scores, facts)
    wait_for_all()
    return read_result(result_path(dataset.name, model))


def try_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0) -> dict[str, Scores]:
    """The scores that a model with these settings would give, by split: no result, scores or checkpoint are kept.

    A finished run with just these settings is not trained again: its scores are read. Features of a frozen backbone
    are kept, for they belong to no run. An ensemble combines the runs that are there. Nothing is printed.
    """
    spec, recipe = get_model_spec(model), own_settings(recipe, get_model_spec(model).family)
    _check(spec, dataset, seed)
    identity = run_identity(spec, dataset, recipe, seed)
    if _finished(spec, dataset, identity):
        return {split: read_scores(dataset, model, split) for split in _splits(dataset)}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        return _score(spec, dataset, recipe, seed, Checkpoint(Path(folder), identity), identity, cost=False)[0]


def _score(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint, identity: dict,
           cost: bool) -> tuple[dict[str, Scores], dict]:
    splits, name = _splits(dataset), hash_identity(identity)
    if spec.family == "frequency":
        return count_tags(spec, dataset, recipe, splits, name)
    if spec.family == "ensemble":
        return combine_members(spec, dataset, recipe, splits, name)
    return train_network(spec, dataset, recipe, seed, splits, checkpoint, name, cost)


def _save(spec: ModelSpec, dataset: Dataset, seed: int, identity: dict, scores: dict[str, Scores], facts: dict) -> None:
    """The scores, then the result: who finds the result finds the scores."""
    rows = [row for split, found in scores.items() for row in found.measure()]
    for found in scores.values():
        write_scores(found)
    skipped = facts.get("skipped", {})
    images = {split: len(dataset.split(split)) - skipped.get(split, 0) for split in ("train", *scores)}
    write_result(RunResult(provenance(spec.name, dataset.name, images=images, seed=seed, identity=hash_identity(identity),
                                      vocabulary_hash=dataset.vocabulary.hash, **facts), tuple(rows)))


def _finished(spec: ModelSpec, dataset: Dataset, identity: dict) -> RunResult | None:
    """The result of just this run, if it is there with all its scores."""
    path, name = result_path(dataset.name, spec.name), hash_identity(identity)
    if not path.is_file() or not all(scores_path(dataset.name, spec.name, split).is_file() for split in _splits(dataset)):
        return None
    try:
        result = read_result(path)
        if result.run.identity != name:
            return None
        return result if all(read_scores(dataset, spec.name, split).run == name for split in _splits(dataset)) else None
    except UserError:
        return None


def _splits(dataset: Dataset) -> list[str]:
    return [split for split in EVALUATED if split in dataset.records]


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
