"""Leave-one-provider-out: train without a group of providers, evaluate on it, and so on until each was left out once.

A fold is the unit of work: it is written as soon as it is finished, and a finished one is not computed again. Features
of a frozen backbone are computed once per image, whatever the number of folds.
"""

import time
from dataclasses import replace

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.dealing import HELD_OUT, DealtDataset, count_known_providers, deal_providers, has_tags, hold_out
from ..models.registry import ModelSpec, get_model_spec
from ..results.next_museum import HeldOut, NextMuseum, read_held_out, write_next_museum
from ..results.provenance import provenance
from .identity import hash_identity, run_identity
from .inputs import open_inputs
from .loop import find_machine
from .networks import model_of
from .recipes import Recipe, fit_recipe
from .run import try_model

FOLDS = 14
"""Groups of providers, if there are as many: the 14 providers of EUFCC-340K are held out one by one."""


def leave_providers_out(model: str, dataset: Dataset, recipe: Recipe, folds: int = FOLDS, seed: int = 0, minimum: int = 10,
                        retrain: bool = False) -> NextMuseum:
    """A model's numbers on every provider, each time trained without it, written to `results/DATA/next_museum/MODEL.json`.

    See `dealing.hold_out` for what each fold trains on and which tags it ranks. An epoch is selected, if at all, on
    validation images of the other providers. With fewer than two providers there is no fold, and nothing is written.

    Args:
        model: a name in `models.registry.MODELS`.
        dataset: all of its splits are used; its own vocabulary is not.
        recipe: from `recipes.get_recipe`; with a frozen backbone a fold takes seconds.
        folds: groups of providers, see `dealing.deal_providers`.
        seed: of each training.
        minimum: training images that a tag needs to be in a fold's vocabulary.
        retrain: ignore finished folds.
    Raises:
        UserError: a model that cannot be trained without a provider; see also `run.try_model`.
    """
    spec = get_model_spec(model)
    _check(spec)
    images = count_known_providers(dataset)
    groups = deal_providers(images, folds) if len(images) > 1 else ()
    kept = {} if retrain else read_held_out(dataset.name, model)
    result = NextMuseum(provenance(model, dataset.name, images={split: len(records) for split, records in dataset.records.items()},
                                   seed=seed, recipe=recipe, vocabulary_hash=""),
                        len(groups), sum(map(len, dataset.records.values())) - sum(images.values()), ())
    features_kept = not recipe.frozen or spec.family == "frequency"
    changed = False
    for fold, group in enumerate(groups, 1):
        dealt = hold_out(dataset, group, minimum)
        identity = hash_identity(run_identity(spec, dealt, recipe, seed))
        found = [replace(kept[name], fold=fold) for name in group if name in kept and kept[name].identity == identity]
        finished = len(found) == len(group)
        if not finished:
            if not features_kept and has_tags(dealt.vocabulary):
                _keep_features(spec, dealt, recipe, seed)
                features_kept = True
            found = _measure(spec, dealt, recipe, seed, fold, group, identity)
        result = replace(result, held_out=(*result.held_out, *found))
        changed |= not finished
        if changed:  # finished folds that follow a new one too: the file holds none but these
            write_next_museum(result)
        print(f"{model}, fold {fold} of {len(groups)}, without {', '.join(group)}: {found[0].training_images:,} training images, "
              f"{'finished earlier' if finished else f'{found[0].seconds:.1f} s'}", flush=True)
    return result


def _check(spec: ModelSpec) -> None:
    if spec.family == "ensemble":
        raise UserError(f"Model {spec.name!r} combines finished runs, and there are none without a provider; expected one of its "
                        f"members: {', '.join(spec.members)}.")
    if spec.name == "frequency_provider":
        raise UserError(f"Model {spec.name!r} knows nothing about a provider that it has not seen; expected another model, such "
                        "as 'frequency'.")


def _measure(spec: ModelSpec, dealt: DealtDataset, recipe: Recipe, seed: int, fold: int, group: tuple[str, ...],
             identity: str) -> list[HeldOut]:
    """Train without a group and measure on each of its providers."""
    began = time.monotonic()
    scores = try_model(spec.name, dealt, recipe, seed)[HELD_OUT] if has_tags(dealt.vocabulary) else None
    seconds, providers = round(time.monotonic() - began, 2), dealt.split(HELD_OUT).providers
    train, validation = (len(dealt.records.get(split, ())) for split in ("train", "val"))
    found = []
    for provider in group:
        own = (providers == provider) & (True if scores is None else scores.evaluated)
        annotations = {facet: int(labels.matrix[own].nnz + labels.outside[own].sum())
                       for facet, labels in dealt.labels(HELD_OUT).items()}
        rows = () if scores is None else tuple(replace(scores, evaluated=own).measure())
        found.append(HeldOut(provider, fold, identity, dealt.vocabulary.hash, train, validation, int(own.sum()), annotations,
                             seconds, rows))
    return found


def _keep_features(spec: ModelSpec, dealt: DealtDataset, recipe: Recipe, seed: int) -> None:
    """Compute the features of all images before the first fold, as `try_model` would do it without a line of progress."""
    backbone, recipe = model_of(spec, dealt, recipe, seed).backbone, fit_recipe(recipe, len(dealt.split("train")))
    open_inputs(dealt, list(dealt.records), (), backbone, recipe, seed, find_machine(recipe.precision))
