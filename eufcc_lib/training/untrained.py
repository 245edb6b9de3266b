"""Models without training: the frequency baselines, and ensembles of finished models.

The paper combines its best models and does not say how (section 5.3). The default is the mean of their
probabilities; the two alternatives do not depend on the models' scales and confidence. Two can be `weighted` by what
does best on validation. A model of one member can be made `coherent` with the tree, or `adapted` to the batch of
photographs of each provider.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ..data.dataset import Dataset
from ..models.ensemble import WEIGHTS, close_upwards, combine, combine_weighted
from ..models.frequency import frequency_scores, provider_scores
from ..models.priors import adapt_to_batches
from ..models.registry import ModelSpec
from ..models.vision import tagged
from ..results.scores import Scores, new_scores
from .choosing import choose
from .distributed import this_process
from .members import Members
from .recipes import Recipe, refuse_settings


def count_tags(spec: ModelSpec, dataset: Dataset, recipe: Recipe, splits: list[str],
               identity: str) -> tuple[dict[str, Scores], dict]:
    """The scores of a frequency baseline; no image is read.

    Raises:
        UserError: the recipe was changed, other than in what becomes of images, so that one `make` can train all models.
    """
    refuse_settings(recipe, ("on_broken",), f"Model {spec.name!r} is counted, not trained, so it takes no settings")
    count = provider_scores if spec.name == "frequency_provider" else frequency_scores
    facets, scores = tagged(spec, dataset.vocabulary), {}
    for split in splits:
        rows = np.arange(len(dataset.split(split)))
        scores[split] = new_scores(dataset, spec.name, split, rows, count(dataset, split, facets), identity)
    return scores, {"seconds": 0.0}


def score_nothing(spec: ModelSpec, dataset: Dataset, splits: list[str], identity: str) -> tuple[dict[str, Scores], dict]:
    """The scores of a model in whose facets the vocabulary has no tag: none."""
    this_process().say(f"{dataset.name} has no tag in {', '.join(spec.facets)}: there is nothing to learn for {spec.name!r}.")
    return {split: new_scores(dataset, spec.name, split, np.arange(len(dataset.split(split))), {}, identity)
            for split in splits}, {"seconds": 0.0}


def combine_members(spec: ModelSpec, dataset: Dataset, recipe: Recipe, splits: list[str], identity: str,
                    members: Members) -> tuple[dict[str, Scores], dict]:
    """An ensemble's scores from those of its members, on the images that all of them could read.

    Raises:
        UserError: a member was not trained on this data and vocabulary, or the recipe changes a setting other than
            `combine`, for a plain mean, and `on_broken`.
    """
    if spec.rule == "mean":
        refuse_settings(recipe, ("combine", "on_broken"),
                        f"Model {spec.name!r} combines finished models, so it takes no setting but 'combine'")
        settings = {"combine": recipe.combine}
    else:
        refuse_settings(recipe, ("on_broken",), f"Model {spec.name!r} combines finished models in its own way, so it takes no settings")
        settings = {"rule": spec.rule}
    scores, chosen = combine_scores(spec, splits, lambda split: [members.scores(member, split) for member in spec.members],
                                    recipe.combine, identity)
    skipped = {split: int((~found.evaluated).sum()) for split, found in scores.items()}
    return scores, {"seconds": 0.0, "skipped": skipped, "recipe": settings | {"members": list(spec.members)}, "chosen": chosen}


def combine_scores(spec: ModelSpec, splits: Sequence[str], find: Callable[[str], Sequence[Scores]], how: str,
                   identity: str = "") -> tuple[dict[str, Scores], dict[str, float]]:
    """An ensemble's scores from its members', by split, on the images that all of them could read.

    Args:
        splits: to score.
        find: split to the members' scores; asked for a test only when everything is chosen.
        how: of the rule `mean`, see `ensemble.combine`.
    Returns:
        the scores by split, and what was chosen on the validation split, by name.
    """
    rule, chosen = partial(combine, how=how), {}
    if spec.rule in _OF_ONE:
        return {split: _change_split(spec, *find(split), identity) for split in splits}, chosen
    if spec.rule == "weighted":
        chosen = {"weight": _choose_weight(spec, find("val") if "val" in splits else None)}
        rule = partial(combine_weighted, **chosen)
    return {split: _combine_split(spec, find(split), rule, identity) for split in splits}, chosen


def _choose_weight(spec: ModelSpec, members: Sequence[Scores] | None) -> float:
    """The weight of the second member by the members' scores on the validation split; `ensemble.WEIGHTS[0]` without any."""
    if members is None:
        return WEIGHTS[0]
    facets, rows = _in_common(spec, members)
    labels = {facet: members[0].labels(facet).matrix[rows] for facet in facets}
    found = choose(WEIGHTS, lambda weight: {facet: combine_weighted([member.values[facet][rows] for member in members], spec.members, weight)
                                            for facet in facets}, labels)
    return WEIGHTS[0] if found is None else found


def _change_split(spec: ModelSpec, member: Scores, identity: str) -> Scores:
    facets, rows = _in_common(spec, [member])
    values = {facet: _OF_ONE[spec.rule](member, facet, rows) for facet in facets}
    return new_scores(member.dataset, spec.name, member.split, rows, values, identity)


def _close(member: Scores, facet: str, rows: np.ndarray) -> np.ndarray:
    return close_upwards(member.values[facet][rows], member.taxonomy(facet))


def _adapt(member: Scores, facet: str, rows: np.ndarray) -> np.ndarray:
    """Adapted to each provider's images of this split: whether these have records, or tags in the facet, is not asked."""
    training = member.dataset.labels("train")[facet].matrix
    annotated = np.count_nonzero(np.diff(training.indptr))
    names, batches = np.unique(member.dataset.split(member.split).providers[rows], return_inverse=True)
    batches[names[batches] == ""] = -1  # could be anyone's
    return adapt_to_batches(member.values[facet][rows], training.sum(axis=0) / max(annotated, 1), batches)


_OF_ONE = {"coherent": _close, "adapted": _adapt}
"""The rules of one member: its scores on some rows of a split, in a facet, to others of the same link."""


def _combine_split(spec: ModelSpec, members: Sequence[Scores], rule: Callable, identity: str) -> Scores:
    facets, rows = _in_common(spec, members)
    values = {facet: rule([member.values[facet][rows] for member in members], spec.members) for facet in facets}
    return new_scores(members[0].dataset, spec.name, members[0].split, rows, values, identity)


def _in_common(spec: ModelSpec, members: Sequence[Scores]) -> tuple[list[str], np.ndarray]:
    """The facets that all members tag, and the images that all of them could read."""
    facets = [facet for facet in spec.facets if all(facet in member.values for member in members)]
    return facets, np.flatnonzero(np.all([member.evaluated for member in members], axis=0))
