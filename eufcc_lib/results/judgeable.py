"""Where models can be judged on a data set: in the splits and facets in which an image has a tag of the vocabulary.

Chapters ask here what to show. So each is made for every data set, and says where it does not show the inner test.
"""

from collections.abc import Sequence

import numpy as np

from ..core.errors import unknown
from ..core.facets import FACET_NAMES
from ..data.dataset import Dataset
from ..data.dealing import has_tags
from ..data.records import SPLIT_TITLES
from ..models.registry import get_model_spec
from .scores import Scores, read_scores

PREFERRED = ("test_id", "test_ood", "val")
"""The splits that a model is evaluated on, in the order in which a chapter chooses one."""


def nothing_to_learn(dataset: Dataset) -> str:
    """Why no model can be trained on the data set, in a sentence; empty where one can."""
    if "train" not in dataset.records:
        return f"{dataset.root} has no train.csv; expected one to train on."
    if not len(dataset.records["train"]):
        return f"{dataset.root}/train.csv has a header and no record; expected records."
    if not has_tags(dataset.vocabulary):
        return (f"{dataset.name} has no tag to learn (the vocabulary is {dataset.vocabulary_source}); expected some: use more "
                "records or a smaller 'minimum'.")
    return ""


def evaluated_splits(dataset: Dataset, model: str) -> list[str]:
    """The splits that the model is evaluated on: all that exist but the training split, and none if nothing can be trained.

    Frequencies within the provider are evaluated only where a provider is in training.
    """
    if nothing_to_learn(dataset):
        return []
    known = set(dataset.split("train").providers)
    return [split for split in dataset.records if split in PREFERRED
            and (model != "frequency_provider" or not known.isdisjoint(dataset.split(split).providers))]


def judgeable_facets(dataset: Dataset, split: str) -> list[str]:
    """The facets in which an image of the split has a tag of the vocabulary."""
    return [facet for facet, labels in dataset.labels(split).items() if labels.matrix.nnz]


def choose_split(dataset: Dataset, models: Sequence[str], split: str | None = None, facet: str | None = None) -> str:
    """The split that a chapter shows: the given one, or the first of `PREFERRED` in which all models can be judged.

    A line says where it is not the inner test. Where there is none, a line says why, and another split stands in, of which
    `read_evaluated` gives scores of no image where there are none.

    Args:
        models: those of the chapter; without any, where predictions of any origin can be judged.
        facet: the one in which they are judged; None for any.
    Raises:
        UserError: the given split does not exist, or the models are not evaluated on it.
    """
    evaluated = [name for name in PREFERRED if name in dataset.records
                 and all(name in evaluated_splits(dataset, model) for model in models)]
    if split is not None:
        dataset.split(split)
        if evaluated and split not in evaluated:
            raise unknown("split for evaluation", split, evaluated)
        return split
    facets = set([facet] if facet else FACET_NAMES).intersection(*(get_model_spec(model).facets for model in models))
    found = next((name for name in evaluated if facets.intersection(judgeable_facets(dataset, name))), None)
    if found is None and models and (reason := nothing_to_learn(dataset)):
        print(f"No model can be judged: {reason}")
    elif found is None:
        print(f"No model can be judged on {dataset.name}: it has no image outside training with a tag of the vocabulary"
              f"{f' in the facet {facet!r}' if facet else ''}.")
    elif found != PREFERRED[0]:
        print(f"{dataset.name} has no inner test image with a tag to judge by. This page shows the "
              f"{SPLIT_TITLES[found].lower()} set instead.")
    return found or next(iter([*evaluated, *dataset.records]))


def read_evaluated(dataset: Dataset, model: str, split: str) -> Scores:
    """The model's kept scores; of no image where it is not evaluated on the split.

    Raises:
        UserError: see `scores.read_scores`.
    """
    if split in evaluated_splits(dataset, model):
        return read_scores(dataset, model, split)
    images = len(dataset.split(split))
    tags = {facet: len(dataset.vocabulary[facet]) for facet in get_model_spec(model).facets}
    values = {facet: np.broadcast_to(np.float32(np.nan), (images, count)) for facet, count in tags.items() if count}
    return Scores(dataset, model, split, values, np.zeros(images, bool))
