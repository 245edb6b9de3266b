"""A wall of photographs, edge to edge: the book's cover."""

from collections.abc import Sequence
from pathlib import Path

from .photographs import open_image, square
from .style import WIDTH, Picture, say_nothing, sheet, styled


@styled
def photograph_wall(images: Sequence[Path], columns: int = 10, most: int = 40) -> Picture:
    """The first `most` photographs in full rows of squares; a data set with fewer than one row has smaller rows.

    Args:
        images: image files; those that are missing or broken are passed over.
    """
    opened = (open_image(path) for path in images)
    pictures = [picture for picture, _ in zip((picture for picture in opened if picture is not None), range(most))]
    if not pictures:
        return say_nothing("The image files are not here.")
    columns = min(columns, len(pictures))
    side = WIDTH / columns
    rows = len(pictures) // columns
    axes = sheet(side * rows, photographs=True)
    for number, picture in enumerate(pictures[:rows * columns]):
        x, y = side * (number % columns), side * (number // columns)
        axes.imshow(square(picture), extent=(x, x + side, y + side, y), aspect="auto", interpolation="lanczos")
    axes.set(xlim=(0, WIDTH), ylim=(side * rows, 0))
    return axes.figure
