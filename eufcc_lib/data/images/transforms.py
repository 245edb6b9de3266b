"""From an image file to the pixels a model sees.

Files are decoded, resized and cropped as uint8; `normalise` makes floats of them on the device,
so that a quarter of the bytes travel. Which images make a batch, and by which process they are
read, is handled by `loader`.
"""

import os
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from torchvision.transforms.v2 import InterpolationMode, functional

from ...core.errors import UserError, unknown
from .decoding import decode_image

INTERPOLATIONS = ("bilinear", "bicubic")
"""Ways to resize, both antialiased."""

MAX_ASPECT = 8
"""In evaluation, a longer strip is first cut to its middle, because resizing all of it would be wasted."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Transform:
    """What happens to a picture between the file and the model.

    Evaluation: the shorter side is resized to `size / crop` pixels, and the central `size` x `size`
    are kept. Training (`augment`, paper section 5.2): a random part of the picture, of `scale` times
    its area and of an aspect ratio within `ratio`, is resized to `size` x `size` and mirrored with
    probability `flip`. All resizing is antialiased.

    Attributes:
        size: side of the square that the model sees, in pixels.
        crop: share of the shorter side that evaluation keeps, 0 < crop <= 1.
        interpolation: `bilinear` or `bicubic`.
        mean, std: what `normalise` subtracts and divides by, per channel, on a scale of 0 to 1.
        augment: whether this is the training transform.
        scale, ratio, flip: see above; used only with `augment`.
    """

    size: int = 224
    crop: float = 0.875
    interpolation: str = "bilinear"
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    augment: bool = False
    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.5

    def __post_init__(self):
        if self.interpolation not in INTERPOLATIONS:
            raise unknown("interpolation", self.interpolation, INTERPOLATIONS)
        if self.size < 1 or not 0 < self.crop <= 1:
            raise UserError(f"Transform of size {self.size} and crop {self.crop}: expected a size of at least "
                            "1 pixel and a crop above 0 and at most 1.")
        if not (0 < self.scale[0] <= self.scale[1] <= 1 and 0 < self.ratio[0] <= self.ratio[1]):
            raise UserError(f"Transform with scale {self.scale} and ratio {self.ratio}: expected two ascending "
                            "positive numbers each, a scale of at most 1.")

    def training(self) -> "Transform":
        """The same transform with augmentation."""
        return replace(self, augment=True)

    def evaluation(self) -> "Transform":
        """The same transform without augmentation."""
        return replace(self, augment=False)

    @property
    def description(self) -> str:
        """One line for the provenance of a result."""
        def numbers(values) -> str:
            return ", ".join(f"{value:.4g}" for value in values)
        if self.augment:
            geometry = (f"random resized crop {self.size} px (area {numbers(self.scale)}; aspect "
                        f"{numbers(self.ratio)}), mirrored with probability {self.flip:g}")
        else:
            geometry = f"shorter side to {round(self.size / self.crop)} px, centre crop {self.size} px"
        return f"{geometry}; {self.interpolation}, antialiased; mean {numbers(self.mean)}; std {numbers(self.std)}"


def read_image(path: str | os.PathLike, transform: Transform, rng: np.random.Generator | None = None) -> torch.Tensor:
    """The pixels of an image file after `transform`, not yet normalised.

    Any format of `FORMATS` in any colour mode of 8 or 16 bits becomes RGB; transparent parts show
    white; the camera's orientation (EXIF) is applied. The pixels are those of Pillow's decoder,
    and of its resizing within 2 levels of 255: both round to bytes after each direction, and may
    do so differently by one. On photographs 0.1 % (`bilinear`) to 0.3 % (`bicubic`) of the values
    differ by 1 and one in a million by 2.

    Args:
        path: the file.
        transform: see `Transform`.
        rng: where an augmenting transform takes its random numbers from.
    Returns:
        uint8 (3, size, size), contiguous.
    Raises:
        BrokenImage: a `UserError` that names the file and what is wrong with it.
    """
    pixels, how = decode_image(path), InterpolationMode(transform.interpolation)
    height, width = pixels.shape[1:]
    if transform.augment:
        box = random_box(height, width, transform, rng)
        pixels = functional.resized_crop(pixels, *box, [transform.size, transform.size], how)
        return (functional.horizontal_flip(pixels) if rng.random() < transform.flip else pixels).contiguous()
    limit = MAX_ASPECT * min(height, width)
    pixels = _centre(pixels, min(height, limit), min(width, limit))
    pixels = functional.resize(pixels, resized_shape(*pixels.shape[1:], transform), how)
    return _centre(pixels, transform.size, transform.size).contiguous()


def normalise(images: torch.Tensor, mean: tuple[float, ...], std: tuple[float, ...],
              dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Pixels as floats of mean about 0 and deviation about 1, computed where the pixels are.

    Args:
        images: uint8 (B, 3, H, W), on any device and in any memory format, which is kept.
        mean, std: per channel, on a scale of 0 to 1.
    Returns:
        `dtype` (B, 3, H, W): `(images / 255 - mean) / std`, computed in float32.
    """
    # One multiplication and one addition, where torchvision's `normalize` also scales and copies its constants each time.
    factor, offset = _factor_and_offset(tuple(mean), tuple(std), images.device)
    return images.float().mul_(factor).add_(offset).to(dtype)


@lru_cache
def _factor_and_offset(mean, std, device) -> tuple[torch.Tensor, torch.Tensor]:
    # Kept on the device: a copy for each batch would wait for the GPU.
    mean, std = (torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1) for values in (mean, std))
    return 1 / (255 * std), -mean / std


def random_box(height: int, width: int, transform: Transform, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """A random part of a picture: its area uniform in `scale`, its aspect log-uniform in `ratio`.

    Ten tries to fit one inside; a picture too long for any gets the largest central part with an
    allowed aspect, as in Szegedy et al. (2015) and every implementation since.

    Returns:
        top, left, height, width in pixels, inside the picture, at least 1 x 1.
    """
    areas = height * width * rng.uniform(*transform.scale, size=10)
    aspects = np.exp(rng.uniform(*np.log(transform.ratio), size=10))
    places = rng.random(size=2)
    widths = np.rint(np.sqrt(areas * aspects)).astype(int)
    heights = np.rint(np.sqrt(areas / aspects)).astype(int)
    fitting = np.flatnonzero((widths >= 1) & (heights >= 1) & (widths <= width) & (heights <= height))
    if len(fitting):
        box_height, box_width = int(heights[fitting[0]]), int(widths[fitting[0]])
        return (int(places[0] * (height - box_height + 1)), int(places[1] * (width - box_width + 1)),
                box_height, box_width)
    low, high = transform.ratio
    box_width = min(width, max(round(height * high), 1))
    box_height = min(height, max(round(width / low), 1))
    return (height - box_height) // 2, (width - box_width) // 2, box_height, box_width


def resized_shape(height: int, width: int, transform: Transform) -> list[int]:
    """Height and width after evaluation's resizing: the shorter side is `size / crop`, the aspect kept."""
    short = round(transform.size / transform.crop)
    scale = short / min(height, width)
    return [max(round(height * scale), short), max(round(width * scale), short)]


def _centre(pixels: torch.Tensor, height: int, width: int) -> torch.Tensor:
    # As Pillow and timm place it; torchvision's `center_crop` rounds half a pixel to the even one.
    top, left = (pixels.shape[1] - height) // 2, (pixels.shape[2] - width) // 2
    return pixels[:, top:top + height, left:left + width]
