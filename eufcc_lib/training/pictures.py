"""Score other pictures with finished models, such as the swapped ones of `mini.swaps`: nothing is trained."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..data.dataset import Dataset, ImagePaths
from ..data.images.loader import ImageDataset, image_loader
from ..mini.swaps import SPLIT, Swaps
from ..models.ensemble import combine
from ..models.features import FeatureLoader, load_features, one_thread
from ..models.registry import get_model_spec
from ..results.files import read_recipe
from ..results.scores import Scores, new_scores
from .checkpoints import read_model
from .loop import find_machine, predict
from .neighbours import SETTINGS
from .recipes import get_recipe
from .run import try_model

_BATCH = 64


@dataclass(frozen=True, eq=False)
class OtherPictures(Dataset):
    """A data set, one split of which is that of another: the pictures."""

    pictures: Dataset

    def sources(self, split: str) -> list[tuple[Dataset, str, np.ndarray]]:
        """See `Dataset.sources`."""
        return (self.pictures if split in self.pictures.records else super()).sources(split)

    def image_paths(self, split: str) -> ImagePaths:
        """See `Dataset.image_paths`."""
        return (self.pictures if split in self.pictures.records else super()).image_paths(split)


def score_pictures(model: str, dataset: Dataset, pictures: Dataset, split: str) -> Scores | None:
    """A finished model's scores of the pictures; None if it was not trained on the data set and its vocabulary.

    Models that need no training are made again, with the network and images of their run if there is one, an ensemble from its members' scores of the pictures.

    Args:
        pictures: with this split alone, and the data set's vocabulary.
    Raises:
        UserError: no such model, or a picture cannot be read.
    """
    spec = get_model_spec(model)
    if spec.rule != "mean":  # made from scores of other splits too, or of all images of a museum
        return None
    if spec.family == "ensemble":
        members = [score_pictures(member, dataset, pictures, split) for member in spec.members]
        if None in members:
            return None
        values = {facet: combine([member.values[facet] for member in members], spec.members, "probabilities")
                  for facet in members[0].values if all(facet in member.values for member in members)}
        return replace(members[0], model=model, values=values)
    together = OtherPictures(dataset.name, dataset.root, {**dataset.without_tests().records, split: pictures.split(split)},
                             dataset.vocabulary, dataset.vocabulary_source, pictures)
    if not (spec.objective or spec.members):
        used = read_recipe(dataset.name, model)
        settings = {name: used[name] for name in (*SETTINGS, "language") if name in used}
        return try_model(model, together, get_recipe("mini", spec.settings, **settings))[split]
    trained = read_model(dataset.name, model)
    if trained is None or any(trained.vocabulary[facet].names != tree.names for facet, tree in dataset.vocabulary.taxonomies.items()):
        return None
    network, machine = trained.model, find_machine("float32")
    if network.frozen:
        features = load_features(network.backbone, together, split, trained.transform, machine.device)
        loader = FeatureLoader(features, _BATCH)
    else:
        files = ImageDataset(together.image_paths(split).texts(), trained.transform)
        loader = image_loader(files, _BATCH)
    with one_thread():
        return new_scores(together, model, split, *predict(network.learner, loader, machine))


def score_swaps(models: Iterable[str], dataset: Dataset, swaps: Swaps | None) -> dict[str, Scores]:
    """The finished models' scores of the swapped pictures; a line names the models that were not trained on the data set.

    Args:
        swaps: None for a data set that was not drawn: then there is nothing to score.
    """
    found = {model: score_pictures(model, dataset, swaps.dataset, SPLIT) for model in models} if swaps else {}
    if left := [model for model, scores in found.items() if scores is None]:
        print(f"Left out, as there is no finished training of them on {dataset.name}: {', '.join(left)}.")
    return {model: scores for model, scores in found.items() if scores is not None}
