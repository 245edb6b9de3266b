"""Leave-one-provider-out: train without a group of providers, evaluate on it, and so on until each was left out once.

A fold is the unit of work: its numbers are written as soon as it is finished, and a finished one is not computed again.
Within a fold all models take turns, so that a model that is a member of another is trained once. Features of a frozen
backbone are computed once per image, whatever the number of folds.
"""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.dealing import HELD_OUT, DealtDataset, count_known_providers, deal_providers, has_tags, hold_out
from ..models.clip import load_image_network
from ..models.registry import ModelSpec, get_model_spec
from ..results.next_museum import HeldOut, NextMuseum, read_held_out, write_next_museum
from ..results.provenance import provenance
from ..results.scores import Scores
from .identity import hash_identity, run_identity
from .inputs import open_features
from .loop import find_machine
from .members import Members
from .neighbours import SETTINGS
from .networks import model_of
from .recipes import OVERRIDES, Recipe, changed_fields, get_recipe
from .run import try_model

FOLDS = 14
"""Groups of providers, if there are as many: the 14 providers of EUFCC-340K are held out one by one."""


def leave_providers_out(recipes: Mapping[str, Recipe], dataset: Dataset, folds: int = FOLDS, seed: int = 0, minimum: int = 10,
                        retrain: bool = False) -> dict[str, NextMuseum]:
    """Models' numbers on every provider, each time trained without it, written to `results/DATA/next_museum/MODEL.json`.

    See `dealing.hold_out` for what each fold trains on and which tags it ranks. Whatever is chosen, an epoch or a weight,
    is chosen on validation images of the other providers. A model that is made of others is made of those of the same
    fold. With fewer than two providers there is no fold, and nothing is written.

    Args:
        recipes: by model, a name in `models.registry.MODELS`; from `recipes.get_recipe`. With a frozen backbone a fold takes
            seconds.
        dataset: all of its splits are used; its own vocabulary is not.
        folds: groups of providers, see `dealing.deal_providers`.
        seed: of each training.
        minimum: training images that a tag needs to be in a fold's vocabulary.
        retrain: ignore finished folds.
    Returns:
        the numbers by model.
    Raises:
        UserError: a model that cannot be trained without a provider; see also `run.try_model`.
    """
    specs = {model: get_model_spec(model) for model in recipes}
    for spec in specs.values():
        _check(spec)
    images = count_known_providers(dataset)
    groups = deal_providers(images, folds) if len(images) > 1 else ()
    unknown = sum(map(len, dataset.records.values())) - sum(images.values())
    of_splits = {split: len(records) for split, records in dataset.records.items()}
    runs = {model: _Run(spec, recipes[model], {} if retrain else read_held_out(dataset.name, model), NextMuseum(
        provenance(model, dataset.name, images=of_splits, seed=seed, recipe=recipes[model], vocabulary_hash=""), len(groups), unknown, ()))
        for model, spec in specs.items()}
    prepared, members = set(), frozenset(member for spec in specs.values() for member in spec.members)
    for number, group in enumerate(groups, 1):
        dealt = hold_out(dataset, group, minimum)
        with tempfile.TemporaryDirectory() as folder:
            fold = _Fold(number, group, dealt, seed, Path(folder), members, prepared)
            for run in runs.values():
                run.add(fold)
    return {model: run.result for model, run in runs.items()}


@dataclass(eq=False)
class _Run:
    """A model's turns: what an earlier run kept, and the result so far."""

    spec: ModelSpec
    recipe: Recipe
    kept: dict[str, HeldOut]
    result: NextMuseum
    changed: bool = False

    def add(self, fold: "_Fold") -> None:
        """The numbers of a fold, computed unless they are kept."""
        identity = hash_identity(fold.identity(self.spec, self.recipe))
        found = [replace(self.kept[name], fold=fold.number) for name in fold.group
                 if name in self.kept and self.kept[name].identity == identity]
        finished = len(found) == len(fold.group)
        if not finished:
            found = fold.measure(self.spec, self.recipe, identity)
        self.result = replace(self.result, held_out=(*self.result.held_out, *found))
        self.changed |= not finished
        if self.changed:  # finished folds that follow a new one too: the file holds none but these
            write_next_museum(self.result)
        print(f"{self.spec.name}, fold {fold.number} of {self.result.folds}, without {', '.join(fold.group)}: "
              f"{found[0].training_images:,} training images, {'finished earlier' if finished else f'{found[0].seconds:.1f} s'}", flush=True)


@dataclass(frozen=True, eq=False)
class _Fold:
    """A group of providers, the data without it, and what was trained on these so far.

    Attributes:
        folder: of the checkpoints of members, which last as long as the fold.
        members: models that others are made of.
        prepared: settings whose features are on disk, of any fold.
        identities: by model and recipe.
        trained: scores by split, and seconds, by the hash of the identity.
    """

    number: int
    group: tuple[str, ...]
    dealt: DealtDataset
    seed: int
    folder: Path
    members: frozenset[str]
    prepared: set
    identities: dict[tuple[str, Recipe], dict] = field(default_factory=dict)
    trained: dict[str, tuple[dict[str, Scores], float]] = field(default_factory=dict)

    def identity(self, spec: ModelSpec, recipe: Recipe) -> dict:
        """That of the model in this fold, and so of its members."""
        key = spec.name, recipe
        if key not in self.identities:
            self.identities[key] = run_identity(spec, self.dealt, _own_recipe(spec, recipe), self.seed, self.members_of(recipe))
        return self.identities[key]

    def members_of(self, recipe: Recipe) -> Members:
        """Where the members of a model with this recipe are."""
        def identity(member: str) -> dict:
            spec = get_model_spec(member)
            return self.identity(spec, _recipe_of_member(spec, recipe))

        return Members(identify=lambda member: json.dumps(identity(member), sort_keys=True).encode(),
                       scores=lambda member, split: self.trained[hash_identity(identity(member))][0][split],
                       folder=lambda member: self.folder / hash_identity(identity(member)))

    def train(self, spec: ModelSpec, recipe: Recipe) -> tuple[dict[str, Scores], float]:
        """The model's scores by split, and the seconds that it took, those of its members included."""
        name = hash_identity(self.identity(spec, recipe))
        if name not in self.trained:
            members = [self.train(member, _recipe_of_member(member, recipe)) for member in map(get_model_spec, spec.members)]
            self._keep_features(spec, recipe)
            began = time.monotonic()
            scores = try_model(spec.name, self.dealt, _own_recipe(spec, recipe), self.seed, self.members_of(recipe),
                               self.folder / name if spec.name in self.members else None)
            self.trained[name] = scores, time.monotonic() - began + sum(seconds for _, seconds in members)
        return self.trained[name]

    def measure(self, spec: ModelSpec, recipe: Recipe, identity: str) -> list[HeldOut]:
        """Train without the group and measure on each of its providers."""
        found, seconds = self.train(spec, recipe) if has_tags(self.dealt.vocabulary) else ({}, 0.0)
        scores, providers = found.get(HELD_OUT), self.dealt.split(HELD_OUT).providers
        train, validation = (len(self.dealt.records.get(split, ())) for split in ("train", "val"))
        held_out = []
        for provider in self.group:
            own = (providers == provider) & (True if scores is None else scores.evaluated)
            annotations = {facet: int(labels.matrix[own].nnz + labels.outside[own].sum())
                           for facet, labels in self.dealt.labels(HELD_OUT).items()}
            rows = () if scores is None else tuple(replace(scores, evaluated=own).measure())
            held_out.append(HeldOut(provider, self.number, identity, self.dealt.vocabulary.hash, train, validation, int(own.sum()),
                                    annotations, round(seconds, 2), rows))
        return held_out

    def _keep_features(self, spec: ModelSpec, recipe: Recipe) -> None:
        """Compute the features of all images before the first fold, as `try_model` would do it without a line of progress."""
        settings = tuple(getattr(recipe, name) for name in SETTINGS)
        counted = spec.family == "frequency" or spec.members
        if counted or settings in self.prepared or not (recipe.frozen or spec.family == "neighbours"):
            return
        backbone = (load_image_network(recipe.backbone, recipe.weights, recipe.image_size, self.seed) if spec.family == "neighbours"
                    else model_of(spec, self.dealt, recipe, self.seed).backbone)
        open_features(self.dealt, list(self.dealt.records), backbone, recipe, find_machine(recipe.precision).device)
        self.prepared.add(settings)


def _recipe_of_member(spec: ModelSpec, recipe: Recipe) -> Recipe:
    """A member's recipe: that of the same name, with the changed settings that concern it."""
    concern = SETTINGS if spec.family == "neighbours" else [name for name in OVERRIDES if name != "combine"]
    return get_recipe(recipe.name, spec.settings, **{name: value for name, value in changed_fields(recipe).items() if name in concern})


def _own_recipe(spec: ModelSpec, recipe: Recipe) -> Recipe:
    """An ensemble's recipe without the settings that concern its members alone."""
    if spec.family != "ensemble":
        return recipe
    return get_recipe(recipe.name, spec.settings, combine=recipe.combine, on_broken=recipe.on_broken)


def _check(spec: ModelSpec) -> None:
    if spec.name == "frequency_provider":
        raise UserError(f"Model {spec.name!r} knows nothing about a provider that it has not seen; expected another model, such "
                        "as 'frequency'.")
