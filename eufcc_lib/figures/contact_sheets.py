"""Contact sheets: a row of small images for each tag, provider or object."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from .photographs import draw_image, open_image, square
from .style import GREY, WIDTH, Picture, fit, say_nothing, sheet, styled, text_width, two_lines

# Inches.
SPACE = 0.05
NAMES = 1.75


@styled
def contact_sheet(samples: pd.DataFrame, images: Sequence[Path], columns: int = 7) -> Picture:
    """One row of images for each name, in squares of one size.

    Args:
        samples: name, note (written below the name), rows (positions in `images`, of which the
            first `columns` are shown); `data.examples.sample_by_tag` and its like. An empty frame
            gives a sheet that says so.
        images: image files; one that is missing or broken leaves its square empty.
        columns: images per row; the more, the smaller.
    """
    if samples.empty:
        return say_nothing("There is no image to show here.")
    side = (WIDTH - NAMES) / columns - SPACE
    axes = sheet(len(samples) * (side + SPACE), photographs=True)
    for i, sample in enumerate(samples.itertuples()):
        top = i * (side + SPACE) + SPACE / 2
        _write_name(axes, sample.name, sample.note, top, side)
        for j, row in enumerate(sample.rows[:columns]):
            picture = open_image(images[row])
            if picture is not None:
                draw_image(axes, square(picture), NAMES + j * (side + SPACE), top, side)
    return axes.figure


def image_row(rows: Iterable[int], images: Sequence[Path], name: str, note: str = "", columns: int = 4) -> Picture:
    """A sheet of one row: the images of these rows, under one name."""
    row = pd.DataFrame([{"name": name, "note": note, "rows": list(rows)}])
    return contact_sheet(row[row["rows"].map(len) > 0], images, columns)


def _write_name(axes: Axes, name: str, note: str, top: float, side: float) -> None:
    room = NAMES - 0.12
    lines = [name] if text_width(name) <= room else [fit(line, room) for line in two_lines(name)]
    high = 0.16 * (len(lines) + bool(note))
    y = top + (side - high) / 2
    for line in lines:
        axes.text(NAMES - 0.1, y, line, ha="right", va="top", fontsize=9)
        y += 0.16
    if note:
        axes.text(NAMES - 0.1, y, fit(note, room), ha="right", va="top", fontsize=9, color=GREY)
