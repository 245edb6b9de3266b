"""A model trained with other seeds, beside its result: the reference, and what is held against it."""

import tempfile
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.registry import MODELS, get_model_spec
from ..results.files import shown
from ..results.scores import Scores
from ..results.seeds import FEWEST_SEEDS, Repetition, check_reproduction, read_seeds, seed_rows, seeds_path, write_seeds
from .members import finished_runs
from .recipes import get_recipe
from .run import try_model
from .untrained import combine_scores


def make_reference(model: str, dataset: Dataset, recipe: str, seeds: int) -> Path:
    """Train with the seeds from 0, and write `results/DATA/seeds/MODEL.csv`; its path.

    Args:
        recipe: a key of `recipes.RECIPES`.
    Raises:
        UserError: too few seeds; see also `run.try_model`.
    """
    if seeds < FEWEST_SEEDS:
        raise UserError(f"Parameter 'reference' is {seeds}; expected {FEWEST_SEEDS} seeds or more.")
    rows = [row for seed in range(seeds) for row in seed_rows(seed, train_with(model, dataset, recipe, seed).values())]
    return write_seeds(dataset.name, model, rows)


def reproduce(model: str, dataset: Dataset, recipe: str, seed: int | None = None) -> tuple[int, list[Repetition]]:
    """Train once more and hold the numbers against the reference.

    Args:
        recipe: a key of `recipes.RECIPES`, that of the reference.
        seed: one that the reference lacks; None takes the first.
    Returns:
        the seed, and the numbers, see `seeds.check_reproduction`.
    Raises:
        UserError: there is no reference, or it has the seed.
    """
    get_model_spec(model)
    reference = read_seeds(dataset.name, model)
    if not reference:
        raise UserError(f"{shown(seeds_path(dataset.name, model))} does not exist; expected the reference, which "
                        f"`eufcc reproduce {model} --reference 5` makes.")
    used = {row.seed for row in reference}
    seed = next(number for number in count() if number not in used) if seed is None else seed
    if seed in used:
        raise UserError(f"Parameter 'seed' is {seed}, which the reference has; expected another.")
    return seed, check_reproduction(reference, seed_rows(seed, train_with(model, dataset, recipe, seed).values()))


@cache
def train_with(model: str, dataset: Dataset, recipe: str, seed: int) -> dict[str, Scores]:
    """The scores by split of a model trained with that seed; what it is made of is trained once with it, for all that need it."""
    spec = get_model_spec(model)
    settings = get_recipe(recipe, spec.settings)
    if spec.family == "ensemble":
        members = [train_with(member, dataset, recipe, seed) for member in spec.members]
        return combine_scores(spec, list(members[0]), lambda split: [member[split] for member in members], settings.combine)[0]
    if spec.family == "mixture":
        train_with(*spec.members, dataset, recipe, seed)
        kept = replace(finished_runs(dataset), identify=lambda member: None, folder=lambda member: _folder(dataset, member, seed))
        return try_model(model, dataset, settings, seed, kept)
    mixed = any(model in other.members for other in MODELS.values() if other.family == "mixture")
    return try_model(model, dataset, settings, seed, folder=_folder(dataset, model, seed) if mixed else None)


@cache
def _temporary() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory()


def _folder(dataset: Dataset, model: str, seed: int) -> Path:
    """Where the weights of a model that others mix are kept until the end of the process."""
    return Path(_temporary().name) / f"{dataset.name}_{model}_{seed}"
