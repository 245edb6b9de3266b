"""Ensembles: the scores of finished models combined, facet by facet; nothing is trained.

The paper combines its best models and does not say how (section 5.3). The default is the mean of
their probabilities; the two alternatives do away with what a mean of probabilities depends on, the
models' scales and their confidence.
"""

import hashlib

import numpy as np
import torch
from scipy.stats import rankdata

from ..checkpoints import Checkpoint
from ..datasets import Dataset
from ..errors import UserError
from ..losses import OBJECTIVES
from ..models import ModelSpec, get_model_spec
from ..recipes import Recipe, changed_fields
from ..results import load_scores, result_path
from . import EVALUATED, Scored


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


def combine(scores: list[np.ndarray], members: tuple[str, ...], how: str) -> np.ndarray:
    """One score for each image and tag from those of several models.

    Args:
        scores: float32 (N, C) of each member.
        members: their names, which tell how scores become probabilities.
        how: `probabilities`, their mean; `scores`, the mean of the log-probabilities after each image's
            have been brought to mean 0 and deviation 1; `ranks`, minus the mean rank, ties sharing theirs.
    Returns:
        float32 (N, C).
    """
    if how == "ranks":
        return -np.mean([rankdata(-values, axis=1) for values in scores], axis=0, dtype=np.float32)
    probabilities = [_probabilities(values, member) for values, member in zip(scores, members, strict=True)]
    if how == "probabilities":
        return np.mean(probabilities, axis=0, dtype=np.float64).astype(np.float32)
    return np.mean([_standardised(np.log(np.maximum(values, 1e-30))) for values in probabilities],
                   axis=0).astype(np.float32)


def members_hash(spec: ModelSpec, data: str) -> str | None:
    """Changes when a member was trained anew; None for a model without members.

    Raises:
        UserError: a member has no result on this data.
    """
    if not spec.members:
        return None
    digest = hashlib.sha256()
    for member in spec.members:
        path = result_path(data, member)
        if not path.is_file():
            raise UserError(f"Model {spec.name!r} combines {', '.join(spec.members)}, and {member!r} has no result on "
                            f"{data!r}: train it first.")
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _probabilities(scores: np.ndarray, member: str) -> np.ndarray:
    """float64 (N, C): float32 would make ties of the tags that are almost certain."""
    return OBJECTIVES[get_model_spec(member).objective].probabilities(torch.from_numpy(scores).double()).numpy()


def _standardised(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=1, keepdims=True)
    return (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
