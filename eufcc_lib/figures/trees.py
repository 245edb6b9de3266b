"""Records as a cataloguer reads them (Figures 1 and 5): the image beside the trees of its tags."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ..core.facets import FACETS, Facet
from ..data.records import Records
from ..data.statistics import narrower_tags
from .colour import readable
from .photographs import draw_image, open_image, size_within
from .style import GREY, PAPER, WIDTH, Picture, fit, sheet, styled, text_width, two_lines

# Inches.
LINE = 0.185
INDENT = 0.15
DOT = 0.05  # where the dot of a tag at the top stands, and where its name begins behind it
NAME = 0.09
GAP = 0.2
IMAGE = 1.75
HEAD = 2 * LINE  # a facet's title with the space before the next one
EDGE = 0.03

Paths = Sequence[tuple[str, ...]]


class Line(NamedTuple):
    """One tag of a drawn tree.

    Attributes:
        tag, depth: its name, and its level from 0 at the top.
        above: which line is its parent, -1 at the top.
        is_label: whether a path of the image ends here, rather than only leads through.
        narrower: how many tags the tree has below this one though the image has none of them; 0 where
            the path goes on or is at a leaf.
    """

    tag: str
    depth: int
    above: int
    is_label: bool
    narrower: int


def tree_lines(paths: Paths, narrower: Mapping[str, set[str]]) -> list[Line]:
    """The paths of an image in one facet as the lines of an indented tree, each node once.

    Args:
        narrower: for each tag the tags right below it in the whole tree (`statistics.narrower_tags`).
    """
    tree = {}
    for path in paths:
        node = tree
        for tag in path[:1] + tuple(tag for parent, tag in pairwise(path) if tag != parent):
            node = node.setdefault(tag, {})
    ends = {path[-1] for path in paths}
    lines = []

    def walk(node: dict, depth: int, above: int) -> None:
        for tag, below in sorted(node.items()):
            open_ended = len(narrower.get(tag, ())) if not below else 0
            lines.append(Line(tag, depth, above, not below or tag in ends, open_ended))
            walk(below, depth + 1, len(lines) - 1)

    walk(tree, 0, -1)
    return lines


@styled
def record_trees(records: Records, samples: pd.DataFrame, images: Sequence[Path] | None = None,
                 language: str = "en", width: float = WIDTH) -> Picture:
    """Some records, each with its image on the left and one tree per facet on the right.

    A full dot ends a path of the image, a ring is passed through on the way. Where a path ends although
    the tree of all these records goes on, the number of narrower tags is shown. Without image files the
    trees alone are drawn. On a phone the trees stand below the image, one column of them.

    Args:
        records: all of them; they make up the tree.
        samples: `data.examples.sample_by_facets` or its like: row, caption (what the record is an example of).
        images: the image file of every record; a missing or broken one leaves its place empty.
        language: of the facets' titles.
        width: in inches.
    """
    rows = samples["row"].tolist()
    pictures = [open_image(images[row]) if images is not None else None for row in rows]
    any_picture = any(picture is not None for picture in pictures)
    stacked = width < WIDTH
    left = IMAGE + GAP if any_picture and not stacked else 0.0
    column = width - 2 * EDGE if stacked else (width - left - GAP) / 2 - EDGE
    narrower = {facet: narrower_tags(records, facet.name) for facet in FACETS}
    blocks = [[(facet, tree_lines(records.paths(facet.name, row), narrower[facet])) for facet in FACETS]
              for row in rows]
    blocks = [[(facet, lines) for facet, lines in block if lines] for block in blocks]
    sizes = [[sum(len(_written(line, column)[0]) for line in lines) for _, lines in block] for block in blocks]
    places = [[0] * len(rows) if stacked else _balance(rows) for rows in sizes]
    shifts = [size_within(picture, IMAGE)[1] + 0.5 * LINE if stacked and picture else 0.0 for picture in pictures]
    heights = [_height(rows, place, picture, shift) + (LINE if stacked else 0.0)
               for rows, place, picture, shift in zip(sizes, places, pictures, shifts)]
    note = None if any_picture else "The image files are not here: the trees alone are drawn."
    if samples.empty:
        note = "This data set has nothing to show here."

    height = sum(heights) + GAP * max(len(rows) - 1, 0) + (1.5 * LINE if note else 0) + 0.05
    axes = sheet(height, width=width, photographs=any_picture)
    top = 0.05
    if note:
        axes.text(0, top, note, va="top", style="italic", color=GREY)
        top += 1.5 * LINE
    for i, (row, caption, block, place) in enumerate(zip(rows, samples["caption"], blocks, places)):
        caption += ":"
        axes.text(0, top, caption, va="top", weight="bold")
        shift = text_width(caption, weight="bold") + 0.06
        whose = f"{records.ids[row]}, {records.providers[row]}"
        if stacked:
            axes.text(0, top + LINE, fit(whose, width), va="top", color=GREY)
        else:
            axes.text(shift, top, fit(whose, width - shift), va="top", color=GREY)
        below = top + (2.5 if stacked else 1.5) * LINE
        if pictures[i] is not None:
            draw_image(axes, pictures[i], EDGE, below, IMAGE)
        at = [below + shifts[i]] * 2
        for (facet, lines), size, side in zip(block, sizes[i], place):
            _draw_tree(axes, facet, lines, EDGE + left + side * (column + GAP), at[side], column, language)
            at[side] += LINE * size + HEAD
        top += heights[i] + GAP
        if i + 1 < len(rows):
            axes.axhline(top - GAP * 0.75, color=GREY, linewidth=0.4)
    return axes.figure


def _draw_tree(axes: Axes, facet: Facet, lines: list[Line], x: float, y: float, width: float, language: str) -> None:
    axes.text(x, y, facet.title(language), va="top", weight="bold", color=readable(facet.colour))
    axes.plot([x, x + width], [y + LINE] * 2, color=facet.colour, linewidth=0.8)
    written = [_written(line, width) for line in lines]
    heights = [y + LINE * (1.7 + sum(len(names) for names, _ in written[:i])) for i in range(len(lines))]
    strokes = []
    for line, here, (names, hint) in zip(lines, heights, written):
        dot = x + DOT + INDENT * line.depth
        if line.above >= 0:
            strokes.append([(dot - INDENT, heights[line.above]), (dot - INDENT, here), (dot, here)])
        for row, name in enumerate(names):
            axes.text(dot + NAME, here + LINE * row, name, va="center_baseline", weight="normal")
        axes.text(dot + NAME + text_width(names[-1]), here + LINE * (len(names) - 1), hint, va="center_baseline",
                  color=GREY, style="italic")
        axes.plot(dot, here, "o", markersize=4.2, color=facet.colour, zorder=3,
                  markerfacecolor=facet.colour if line.is_label else PAPER)
    axes.add_collection(LineCollection(strokes, colors=GREY, linewidths=0.7, zorder=1))


def _written(line: Line, width: float) -> tuple[list[str], str]:
    """A tag's name on one row or two, and its number of narrower tags, in `width` inches; cut where too long."""
    room = width - DOT - INDENT * line.depth - NAME
    for hint in (f"  {line.narrower} narrower", f"  +{line.narrower}") if line.narrower else ("",):
        if text_width(line.tag + hint) <= room:
            return [line.tag], hint
    *above, last = two_lines(line.tag)
    return [*(fit(words, room) for words in above), fit(last, room - text_width(hint))], hint


def _height(rows: Sequence[int], place: list[int], picture, shift: float) -> float:
    """Inches that a record takes: its line of text, and the highest of the picture and the two columns of trees.

    Args:
        shift: of the trees, where they stand below the picture.
    """
    columns = [shift + sum(LINE * size + HEAD for size, side in zip(rows, place) if side == here) for here in (0, 1)]
    return 1.3 * LINE + max(*columns, size_within(picture, IMAGE)[1] + 0.5 * LINE if picture else 0)


def _balance(sizes: Sequence[int]) -> list[int]:
    """The column of each block, 0 or 1: always the shorter one, the left one first."""
    heights, places = [0, 0], []
    for size in sizes:
        side = int(heights[1] < heights[0])
        heights[side] += size + 2
        places.append(side)
    return places
