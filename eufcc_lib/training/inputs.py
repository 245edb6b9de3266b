"""What goes into a network: batches of images, or of features where the network is frozen, split by split."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.images.loader import ImageDataset, find_missing, image_loader
from ..data.images.transforms import Transform
from ..models.backbones import Backbone
from ..models.features import FeatureLoader, load_features
from .distributed import collect
from .loop import Batches, Machine
from .recipes import Recipe


@dataclass(frozen=True, eq=False)
class Inputs:
    """Batches of every split, and in words how an image became one of them.

    Attributes:
        batches: by split.
        transform: of the training images.
    """

    batches: dict[str, Batches]
    transform: str

    def count_skipped(self) -> dict[str, int]:
        """Images of each split that could not be read so far, by any of the processes that work together."""
        return {split: len(set().union(*collect(set(batches.loader.broken)))) for split, batches in self.batches.items()}


def open_inputs(dataset: Dataset, splits: Sequence[str], facets: Sequence[str], backbone: Backbone, recipe: Recipe,
                seed: int, machine: Machine) -> Inputs:
    """The batches of some splits as the recipe wants them; with a frozen backbone its features are computed here.

    Raises:
        UserError: images are missing or broken and the recipe does not skip them, or their size is not the network's.
    """
    if recipe.frozen and machine.process.world > 1:
        raise UserError("Recipe field 'frozen' is True: heads on cached features train in seconds, so there is nothing to "
                        "share; expected one process with it.")
    _check_images(dataset, splits, recipe)
    transform = _transform(backbone, recipe)
    loaders = _feature_loaders if recipe.frozen else _image_loaders
    return Inputs({split: Batches(loader, {facet: dataset.labels(split)[facet].matrix for facet in facets})
                   for split, loader in loaders(dataset, splits, backbone, transform, recipe, seed, machine).items()},
                  transform.description)


def _transform(backbone: Backbone, recipe: Recipe) -> Transform:
    if backbone.fixed_size not in (None, recipe.image_size):
        raise UserError(f"Recipe field 'image_size' is {recipe.image_size}; {backbone.name} takes images of "
                        f"{backbone.fixed_size} pixels only.")
    return Transform(size=recipe.image_size, crop=recipe.crop, interpolation=backbone.interpolation,
                     mean=backbone.mean, std=backbone.std, augment=recipe.augment, scale=(recipe.crop_area, 1.0),
                     flip=recipe.flip)


def _image_loaders(dataset, splits, backbone, transform, recipe, seed, machine: Machine) -> dict:
    process = machine.process

    def loader(split: str, training: bool):
        files = ImageDataset(dataset.image_paths(split), transform if training else transform.evaluation(),
                             keep_places=training and process.world > 1)
        return image_loader(files, recipe.batch_size, shuffle=training, repeats=recipe.repeats if training else 1,
                            seed=seed, on_broken=recipe.on_broken, pin_memory=machine.device.type == "cuda",
                            rank=process.rank, world=process.world)
    return {split: loader(split, split == "train") for split in splits}


def _feature_loaders(dataset, splits, backbone, transform, recipe, seed, machine: Machine) -> dict:
    features = {split: load_features(backbone, dataset, split, transform, machine.device, recipe.on_broken)
                for split in splits}
    return {split: FeatureLoader(features[split], recipe.batch_size, shuffle=split == "train", seed=seed)
            for split in splits}


def _check_images(dataset: Dataset, splits: list[str], recipe: Recipe) -> None:
    """A quick look at what is there, so that hours of work do not end at a file that is not."""
    missing = find_missing([path for split in splits for path in dataset.image_paths(split)])
    if missing and recipe.on_broken == "error":
        raise UserError(f"{len(missing):,} images of {dataset.name!r} are missing, the first is {missing[0]}; expected "
                        "all of them, or on_broken='skip' to leave them out and count them.")
