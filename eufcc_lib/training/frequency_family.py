"""The frequency baseline: nothing is trained, no image is read."""

import numpy as np

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models.frequency import frequency_scores
from ..models.registry import ModelSpec
from ..models.vision import tagged
from .checkpoints import Checkpoint
from .recipes import Recipe, changed_fields
from .scored import EVALUATED, Scored


def run(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint) -> Scored:
    """Count the tags of the training split.

    Raises:
        UserError: the recipe was changed, for there is nothing to set.
    """
    changed = changed_fields(recipe)
    if changed:
        raise UserError(f"Model {spec.name!r} is counted, not trained, so it takes no settings; found "
                        f"{', '.join(f'{name}={value!r}' for name, value in changed.items())}.")
    facets = tagged(spec, dataset.vocabulary)
    return Scored({split: (np.arange(len(dataset.split(split))), frequency_scores(dataset, split, facets))
                   for split in EVALUATED if split in dataset.records})
