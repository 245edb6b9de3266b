"""Small images inside a figure whose unit is the inch."""

from pathlib import Path

from matplotlib.axes import Axes
from PIL import Image

from ..data.images.decoding import BrokenImage, read_picture
from .style import INK


def open_image(path: Path) -> Image.Image | None:
    """The picture in RGB, or None where the file is missing or broken: a figure then leaves its place empty."""
    try:
        return read_picture(path)
    except BrokenImage:
        return None


def size_within(picture: Image.Image, side: float) -> tuple[float, float]:
    """Width and height in inches of the picture when its longer side is `side`."""
    return tuple(side * length / max(picture.size) for length in picture.size)


def square(picture: Image.Image) -> Image.Image:
    """The middle of the picture as a square: the rows of a sheet stay even."""
    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    return picture.crop((left, top, left + side, top + side))


def draw_image(axes: Axes, picture: Image.Image, x: float, y: float, side: float) -> None:
    """The picture in its own proportions with its upper left corner there, and a hairline around it."""
    wide, high = size_within(picture, side)
    axes.imshow(picture, extent=(x, x + wide, y + high, y), aspect="auto", interpolation="lanczos", zorder=2)
    axes.plot([x, x + wide, x + wide, x, x], [y, y, y + high, y + high, y], color=INK, linewidth=0.3, zorder=3)
