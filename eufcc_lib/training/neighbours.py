"""The model `neighbours`: features of a frozen backbone, and a vote of the nearest training images on each split."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..models import neighbours
from ..models.clip import load_image_network
from ..models.features import Features
from ..models.neighbours import Nearest
from ..models.registry import ModelSpec
from ..models.vision import tagged
from ..results.scores import Scores, new_scores
from ..results.votes import Votes, votes_path, write_votes
from .choosing import choose
from .inputs import check_images, open_features
from .loop import find_machine
from .recipes import Recipe, refuse_settings

SETTINGS = ("backbone", "weights", "image_size", "crop", "on_broken")
"""The settings of a recipe that concern features; the others are of a training."""


@dataclass(frozen=True, eq=False)
class _Memory:
    """The readable training images: their directions (M, D), the centre (D,), and by facet their tags, bool (M, C)."""

    values: Tensor
    centre: Tensor
    tags: Mapping

    def find(self, features: Features, k: int) -> dict[str, Nearest]:
        """By facet the k nearest of the images that are annotated in it."""
        voters = {facet: np.diff(part.indptr) > 0 for facet, part in self.tags.items()}
        return neighbours.find_nearest(neighbours.directions(features.values.clone(), self.centre), self.values, voters, k)

    def vote(self, nearest: Mapping[str, Nearest], k: int, temperature: float) -> dict[str, np.ndarray]:
        """By facet the scores (N, C)."""
        return {facet: neighbours.vote(found.first(k), self.tags[facet], temperature) for facet, found in nearest.items()}


def vote_by_neighbours(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, splits: list[str], folder: Path,
                       identity: str) -> tuple[dict[str, Scores], dict]:
    """Choose k and temperature on the validation split, score the splits, and keep who voted.

    Whatever the recipe, the backbone is frozen, and images are prepared as at evaluation. In each facet only training
    images vote that are annotated in it: the k nearest of them, whether others are nearer or not.

    Args:
        splits: to score.
        folder: where the votes are kept, see `results.votes`.
        identity: the run's, see `Scores`.
    Returns:
        the scores by split, and the facts for `results.provenance`.
    Raises:
        UserError: settings of a training; see also `load_image_network` and `inputs.open_features`.
    """
    refuse_settings(recipe, SETTINGS, f"Model {spec.name!r} is not trained, so it takes no settings of a training")
    machine = find_machine(recipe.precision)
    backbone = load_image_network(recipe.backbone, recipe.weights, recipe.image_size, seed)
    check_images(dataset, ["train", *splits], recipe)
    known = dataset.without_tests()  # all that a choice may look at
    seen = ["train", *(split for split in splits if split in known.records)]
    features, transform = open_features(known, seen, backbone, recipe, machine.device)
    if not len(features["train"].rows):
        raise UserError(f"No training image of {dataset.name!r} can be read; expected one or more to vote.")
    say = machine.process.say
    say(f"{spec.name} on {dataset.name}: {len(features['train'].rows):,} training images vote, frozen {backbone.name}, "
        f"{machine.device.type}")
    memory = _remember(known, features["train"], tagged(spec, dataset.vocabulary), machine.device)
    k, temperature = _choose(known, memory, features.get("val"))
    say(f"k = {k}, temperature {temperature:g}")
    features |= open_features(dataset, [split for split in splits if split not in known.records], backbone, recipe, machine.device)[0]
    scores = {}
    for split in splits:
        nearest, rows = memory.find(features[split], k), features[split].rows.numpy()
        scores[split] = new_scores(dataset, spec.name, split, rows, memory.vote(nearest, k, temperature), identity)
        if machine.process.first:
            votes = {facet: _spread(found, features["train"].rows.numpy(), rows, len(dataset.split(split)))
                     for facet, found in nearest.items()}
            write_votes(folder / votes_path(dataset.name, split).name, dataset, split, votes)
    return scores, {
        "device": machine.device, "transform": transform, "backbone": backbone.name, "weights": backbone.weights,
        "recipe": {name: getattr(recipe, name) for name in SETTINGS}, "seconds": 0.0,
        "chosen": {"k": k, "temperature": temperature},
        "skipped": {split: len(part.broken) for split, part in features.items()},
        "parameters": sum(value.numel() for value in backbone.network.parameters())}


def _remember(dataset: Dataset, features: Features, facets: tuple[str, ...], device: torch.device) -> _Memory:
    rows, centre = features.rows.numpy(), features.values.mean(dim=0)
    tags = {facet: dataset.labels("train")[facet].matrix[rows] for facet in facets}
    return _Memory(neighbours.directions(features.values, centre).to(device), centre, tags)


def _choose(dataset: Dataset, memory: _Memory, features: Features | None) -> tuple[int, float]:
    """k and temperature by the validation images; the default without any that has a tag."""
    if features is None:
        return neighbours.DEFAULT
    nearest, rows = memory.find(features, max(neighbours.NEIGHBOURS)), features.rows.numpy()
    labels = {facet: dataset.labels("val")[facet].matrix[rows] for facet in memory.tags}
    found = choose(product(neighbours.NEIGHBOURS, neighbours.TEMPERATURES),
                   lambda setting: memory.vote(nearest, *setting), labels)
    return found or neighbours.DEFAULT


def _spread(nearest: Nearest, trained: np.ndarray, rows: np.ndarray, images: int) -> Votes:
    """The votes of a split, some of whose images, or of the training images, could not be read."""
    shape = images, nearest.rows.shape[1]
    votes = Votes(np.full(shape, -1, np.int32), np.full(shape, np.nan, np.float32))
    votes.rows[rows], votes.similarities[rows] = trained[nearest.rows], nearest.similarities
    return votes
