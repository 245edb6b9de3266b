"""Inputs of a network: batches of images, or of features if the backbone is frozen, for each split."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.images.loader import ImageDataset, ImageLoader, find_missing, image_loader
from ..data.images.transforms import Transform
from ..models.backbones import Backbone
from ..models.features import FeatureLoader, Features, load_features
from .distributed import collect
from .loop import Batches, Machine
from .recipes import Recipe


def open_inputs(dataset: Dataset, splits: Sequence[str], facets: Sequence[str], backbone: Backbone, recipe: Recipe,
                seed: int, machine: Machine) -> tuple[dict[str, Batches], str]:
    """The batches of some splits according to the recipe; computes the features of a frozen backbone.

    Returns:
        batches by split; the transform of the training images in words.
    Raises:
        UserError: images are missing or broken and the recipe does not skip them, or the network needs another size.
    """
    if recipe.frozen and machine.process.world > 1:
        raise UserError("Recipe field 'frozen' is True: heads on cached features train in seconds, so there is nothing to "
                        "share; expected one process with it.")
    transform = _check(dataset, splits, backbone, recipe)
    batches = {}
    for split in splits:
        labels = {facet: dataset.labels(split)[facet].matrix for facet in facets}
        if recipe.frozen:
            features = load_features(backbone, dataset, split, transform, machine.device, recipe.on_broken)
            loader = FeatureLoader(features, recipe.batch_size, shuffle=split == "train", seed=seed)
        else:
            loader = _image_loader(dataset, split, transform, recipe, seed, machine)
        batches[split] = Batches(loader, labels)
    return batches, transform.description


def open_features(dataset: Dataset, splits: Sequence[str], backbone: Backbone, recipe: Recipe,
                  device: torch.device) -> tuple[dict[str, Features], str]:
    """The features of some splits, of images prepared as at evaluation; `open_inputs` without batches."""
    transform = _check(dataset, splits, backbone, replace(recipe, augment=False, repeats=1))
    return {split: load_features(backbone, dataset, split, transform, device, recipe.on_broken) for split in splits}, transform.description


def check_images(dataset: Dataset, splits: Sequence[str], recipe: Recipe) -> None:
    """`UserError` if images are missing and the recipe does not skip them. Looks at names of files and opens none."""
    missing = find_missing([path for split in splits for path in dataset.image_paths(split).texts()])
    if missing and recipe.on_broken == "error":
        raise UserError(f"{len(missing):,} images of {dataset.name!r} are missing, the first is {missing[0]}; expected "
                        "all of them, or on_broken='skip' to leave them out and count them.")


def count_skipped(batches: Mapping[str, Batches]) -> dict[str, int]:
    """Images of each split that could not be read so far, in all processes that share the work."""
    return {split: len(set().union(*collect(set(part.loader.broken)))) for split, part in batches.items()}


def _check(dataset: Dataset, splits: Sequence[str], backbone: Backbone, recipe: Recipe) -> Transform:
    """The recipe's transform, if the images are there and the network takes their size."""
    check_images(dataset, splits, recipe)
    if backbone.fixed_size not in (None, recipe.image_size):
        raise UserError(f"Recipe field 'image_size' is {recipe.image_size}; {backbone.name} takes images of "
                        f"{backbone.fixed_size} pixels only.")
    return backbone.transform(recipe.image_size, recipe.crop, augment=recipe.augment, scale=(recipe.crop_area, 1.0),
                              flip=recipe.flip)


def _image_loader(dataset: Dataset, split: str, transform: Transform, recipe: Recipe, seed: int,
                  machine: Machine) -> ImageLoader:
    training, process = split == "train", machine.process
    files = ImageDataset(dataset.image_paths(split).texts(), transform if training else transform.evaluation(),
                         keep_places=training)
    return image_loader(files, recipe.batch_size, shuffle=training, repeats=recipe.repeats if training else 1,
                        seed=seed, on_broken=recipe.on_broken, pin_memory=machine.device.type == "cuda",
                        rank=process.rank, world=process.world)
