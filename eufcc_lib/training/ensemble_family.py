"""Ensembles: the scores of finished models combined, facet by facet; nothing is trained.

The paper combines its best models and does not say how (section 5.3). The default is the mean of
their probabilities; the two alternatives do away with what a mean of probabilities depends on, the
models' scales and their confidence.
"""

import numpy as np

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.ensemble import combine
from ..models.registry import ModelSpec
from ..results.scores import load_scores
from .checkpoints import Checkpoint
from .recipes import Recipe, changed_fields
from .scored import EVALUATED, Scored


def run(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint) -> Scored:
    """Combine the members' stored scores of every split that is there.

    Raises:
        UserError: a member was not trained on this data and vocabulary, or the recipe changes what an
            ensemble does not have.
    """
    useless = {name: value for name, value in changed_fields(recipe).items() if name != "combine"}
    if useless:
        raise UserError(f"Model {spec.name!r} combines finished models, so it takes no setting but 'combine'; found "
                        f"{', '.join(f'{name}={value!r}' for name, value in useless.items())}.")
    scores = {}
    for split in EVALUATED:
        if split in dataset.records:
            members = [load_scores(dataset.name, member, split, dataset.split(split).ids, dataset.vocabulary.hash)
                       for member in spec.members]
            facets = [facet for facet in spec.facets if all(facet in kept for kept in members)]
            read = np.flatnonzero(~np.any([np.isnan(kept[facet]).any(1) for kept in members for facet in facets], axis=0))
            scores[split] = read, {facet: combine([kept[facet][read] for kept in members], spec.members, recipe.combine)
                                   for facet in facets}
    skipped = {split: len(dataset.split(split)) - len(read) for split, (read, _) in scores.items()}
    return Scored(scores, skipped, details={"recipe": {"combine": recipe.combine, "members": list(spec.members)}})
