"""Models without training: the frequency baselines, and ensembles of finished models.

The paper combines its best models and does not say how (section 5.3). The default is the mean of their
probabilities; the two alternatives do not depend on the models' scales and confidence. A model of one member can be
made `coherent` with the tree.
"""

from collections.abc import Sequence

import numpy as np

from ..data.dataset import Dataset
from ..models.ensemble import close_upwards, combine
from ..models.frequency import frequency_scores, provider_scores
from ..models.registry import ModelSpec
from ..models.vision import tagged
from ..results.scores import Scores, new_scores, read_scores
from .distributed import this_process
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


def combine_members(spec: ModelSpec, dataset: Dataset, recipe: Recipe, splits: list[str],
                    identity: str) -> tuple[dict[str, Scores], dict]:
    """An ensemble's scores from those of its members, on the images that all of them could read.

    Raises:
        UserError: a member was not trained on this data and vocabulary, or the recipe changes a setting other than
            `combine` and `on_broken`.
    """
    refuse_settings(recipe, ("combine", "on_broken"),
                    f"Model {spec.name!r} combines finished models, so it takes no setting but 'combine'")
    scores = {split: combine_scores(spec, [read_scores(dataset, member, split) for member in spec.members], recipe.combine, identity)
              for split in splits}
    skipped = {split: int((~found.evaluated).sum()) for split, found in scores.items()}
    return scores, {"seconds": 0.0, "skipped": skipped, "recipe": {"combine": recipe.combine, "members": list(spec.members)}}


def combine_scores(spec: ModelSpec, members: Sequence[Scores], how: str, identity: str = "") -> Scores:
    """An ensemble's scores of a split from its members', on the images that all of them could read.

    By the rule `mean` see `ensemble.combine`; `coherent` has one member, see `ensemble.close_upwards`.
    """
    rows = np.flatnonzero(np.all([member.evaluated for member in members], axis=0))
    kept = {facet: [member.values[facet][rows] for member in members]
            for facet in spec.facets if all(facet in member.values for member in members)}
    if spec.rule == "coherent":
        values = {facet: close_upwards(*own, members[0].taxonomy(facet)) for facet, own in kept.items()}
    else:
        values = {facet: combine(own, spec.members, how) for facet, own in kept.items()}
    return new_scores(members[0].dataset, spec.name, members[0].split, rows, values, identity)
