"""From a model's name to its result: train or load it, score the test sets, write one JSON."""

import contextlib
import io
import tempfile
from pathlib import Path

from ..collection.sources import fetched_commit
from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.registry import ModelSpec, get_model_spec
from ..models.vision import tagged
from ..results.files import RunResult, read_result, result_path, write_result
from ..results.judgeable import evaluated_splits, judgeable_facets, nothing_to_learn
from ..results.per_image import measure_images, read_per_image, write_per_image
from ..results.provenance import provenance
from ..results.scores import Scores, read_scores, write_scores
from .checkpoints import Checkpoint, run_folder
from .distributed import this_process, wait_for_all
from .identity import hash_identity, run_identity
from .members import Members, finished_runs
from .mixture import find_trained, score_mixture
from .neighbours import vote_by_neighbours
from .networks import train_network
from .recipes import RECIPES, Recipe, fit_recipe, own_settings
from .untrained import combine_members, count_tags, score_nothing

_SEEDS = 2**32  # numpy and torch take seeds of 32 bits


def train_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0, retrain: bool = False) -> RunResult:
    """Train a model, evaluate it on the splits that exist, and write `results/DATA/MODEL.json`.

    A finished run is loaded, an interrupted one resumes after its last complete epoch. All processes that train
    together (see `launch`) call this; the first one writes.

    Args:
        model: a name in `models.registry.MODELS`.
        dataset: with a training split.
        recipe: from `recipes.get_recipe`.
        seed: of everything random.
        retrain: ignore an earlier run. Its checkpoint stays until the first epoch replaces it.
    Raises:
        UserError: no training split, a split without records, no tag to learn, an invalid seed; images are
            missing; the checkpoint belongs to another run; see also `loop.fit` and `models.factory.create_model`.
    """
    spec, process = get_model_spec(model), this_process()
    _check(spec, dataset, recipe, seed)
    recipe = _own_recipe(spec, dataset, recipe)
    identity = run_identity(spec, dataset, recipe, seed)
    result = None if retrain else _finished(spec, dataset, identity)
    wait_for_all()  # all look before one writes
    if result:
        process.say(f"{model} on {dataset.name} is finished: loading its result (retrain=True to train it again)")
        return result
    folder = run_folder(dataset.name, model)
    checkpoint = Checkpoint(folder, identity, retrain, outdated=folder.glob("scores_*.npz"))
    scores, facts = _score(spec, dataset, recipe, seed, checkpoint, identity, finished_runs(dataset), kept=True)
    if not any(judgeable_facets(dataset, split) for split in scores):
        process.say(f"{model} has no numbers: {dataset.name} has no image outside training with a tag of the vocabulary.")
    if process.first:
        _save(spec, dataset, seed, identity, scores, facts)
    wait_for_all()
    return read_result(result_path(dataset.name, model))


def nothing_trained(model: str, dataset: Dataset) -> RunResult:
    """The result, which is not kept, of a model on a data set on which none can be trained."""
    return RunResult(provenance(model, dataset.name, images={}, vocabulary_hash=dataset.vocabulary.hash, seconds=0.0), ())


def try_model(model: str, dataset: Dataset, recipe: Recipe, seed: int = 0, members: Members | None = None,
              folder: Path | None = None) -> dict[str, Scores]:
    """The scores of a model with these settings, by split, without keeping a result, scores or a checkpoint.

    The scores of a finished run with the same settings are read. Features of a frozen backbone are kept, as they do
    not depend on the run. The member of a mixture is trained if it has no finished run with these settings. Nothing is printed.

    Args:
        model, dataset, recipe, seed: as for `train_model`.
        members: where a model that is made of others finds them; None for the finished runs.
        folder: where to keep a checkpoint after all, for a model that is made from it.
    """
    spec = get_model_spec(model)
    _check(spec, dataset, recipe, seed)
    recipe = _own_recipe(spec, dataset, recipe)
    identity = run_identity(spec, dataset, recipe, seed, members)
    if folder is None and _finished(spec, dataset, identity):
        return {split: read_scores(dataset, model, split) for split in evaluated_splits(dataset, model)}
    with tempfile.TemporaryDirectory() as temporary, contextlib.redirect_stdout(io.StringIO()):
        checkpoint = Checkpoint(folder or Path(temporary), identity)
        return _score(spec, dataset, recipe, seed, checkpoint, identity, members or finished_runs(dataset), kept=False)[0]


def _score(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint, identity: dict,
           members: Members, kept: bool) -> tuple[dict[str, Scores], dict]:
    """The scores by split and the facts for `provenance`; of a run that is `kept`, the members are kept runs too."""
    splits, name = evaluated_splits(dataset, spec.name), hash_identity(identity)
    if not tagged(spec, dataset.vocabulary):
        return score_nothing(spec, dataset, splits, name)
    if spec.family == "frequency":
        return count_tags(spec, dataset, recipe, splits, name)
    if spec.family == "ensemble":
        return combine_members(spec, dataset, recipe, splits, name, members)
    if spec.family == "neighbours":
        return vote_by_neighbours(spec, dataset, recipe, seed, splits, checkpoint.path.parent, name)
    if spec.family == "mixture":
        trained = find_trained(spec, dataset, recipe, seed, members, None if kept else checkpoint.path.parent)
        return score_mixture(spec, dataset, recipe, seed, splits, trained, checkpoint, name, kept)
    return train_network(spec, dataset, recipe, seed, splits, checkpoint, name, kept)


def _save(spec: ModelSpec, dataset: Dataset, seed: int, identity: dict, scores: dict[str, Scores], facts: dict) -> None:
    """Write the scores and the metrics of each image, then the result, which therefore never exists without them."""
    rows = [row for found in scores.values() for row in found.measure()]
    for found in scores.values():
        write_scores(found)
    skipped = facts.get("skipped", {})
    images = {split: len(dataset.split(split)) - skipped.get(split, 0) for split in ("train", *scores)}
    run = provenance(spec.name, dataset.name, annotations=fetched_commit(dataset.root), images=images, seed=seed,
                     identity=hash_identity(identity), vocabulary_hash=dataset.vocabulary.hash,
                     split_hashes={split: dataset.split_hash(split) for split in scores}, **facts)
    write_per_image(run, {split: measure_images(found) for split, found in scores.items()}, result_path(dataset.name, spec.name))
    write_result(RunResult(run, tuple(rows)))


def _finished(spec: ModelSpec, dataset: Dataset, identity: dict) -> RunResult | None:
    """The result of this run, if it exists with all its scores and the metrics of each image."""
    name = hash_identity(identity)
    try:
        result = read_result(result_path(dataset.name, spec.name))
        if result.run.identity == name and read_per_image(result) is not None and all(
                read_scores(dataset, spec.name, split).run == name for split in evaluated_splits(dataset, spec.name)):
            return result
    except UserError:  # none, or none that can be read
        pass
    return None


def _own_recipe(spec: ModelSpec, dataset: Dataset, recipe: Recipe) -> Recipe:
    recipe = own_settings(recipe, spec.settings)
    return fit_recipe(recipe, len(dataset.split("train"))) if spec.objective else recipe


def _check(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> None:
    if spec.recipe in RECIPES["paper"] and recipe.family != spec.recipe:
        having = [name for name, families in RECIPES.items() if spec.recipe in families]
        raise UserError(f"Recipe {recipe.name!r} has no settings for {spec.name!r}; expected one of {', '.join(having)}.")
    if reason := nothing_to_learn(dataset):
        raise UserError(reason)
    for split, records in dataset.records.items():
        if not len(records):
            raise UserError(f"{dataset.root}/{split}.csv has a header and no record; expected records, or no such file.")
    if not 0 <= seed < _SEEDS:
        raise UserError(f"Parameter 'seed' is {seed}; expected a whole number from 0 to {_SEEDS - 1}.")
