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
HEAD = 0.28  # a name above its images, on a phone

ACROSS = 4
"""Images in a line on a phone, at most: each is as wide as a thumb."""


@styled
def contact_sheet(samples: pd.DataFrame, images: Sequence[Path], columns: int = 7, width: float = WIDTH) -> Picture:
    """One row of images for each name, in squares of one size. On a phone names stand above their images, four in a line at most.

    Args:
        samples: name, note (written below the name), rows (positions in `images`, of which the
            first `columns` are shown); `data.examples.sample_by_tag` and its like. An empty frame
            gives a sheet that says so.
        images: image files; one that is missing or broken leaves its square empty.
        columns: images per row; the more, the smaller.
        width: in inches.
    """
    if samples.empty:
        return say_nothing("There is no image to show here.", width)
    if width < WIDTH:
        return _narrow_sheet(samples, images, columns, width)
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


def _narrow_sheet(samples: pd.DataFrame, images: Sequence[Path], columns: int, width: float) -> Picture:
    across = min(columns, ACROSS)
    side = (width + SPACE) / across - SPACE
    lines = [-(-min(len(rows), columns) // across) for rows in samples["rows"]]
    axes = sheet(sum(HEAD + line * (side + SPACE) for line in lines) + SPACE, width=width, photographs=True)
    top = 0.0
    for sample, line in zip(samples.itertuples(), lines):
        name = fit(sample.name, width, weight="bold")
        axes.text(0, top + HEAD - 0.06, name, va="bottom", fontsize=9, weight="bold")
        left = text_width(name, weight="bold") + 0.1
        if sample.note and left < width - 0.3:
            axes.text(left, top + HEAD - 0.06, fit(sample.note, width - left), va="bottom", fontsize=9, color=GREY)
        for j, row in enumerate(sample.rows[:columns]):
            picture = open_image(images[row])
            if picture is not None:
                draw_image(axes, square(picture), j % across * (side + SPACE), top + HEAD + j // across * (side + SPACE), side)
        top += HEAD + line * (side + SPACE)
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
