"""The positions of a hierarchical head's tags on the page (the paper's Figures 10 and 11).

Columns are the levels of the tree, frames the softmax groups. `heads` draws them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..data.taxonomy import Taxonomy
from ..losses.hsoftmax import Groups
from .style import WIDTH, text_width, wrap

# Inches.
FIRST = 0.68  # where the first column begins, and how far apart the columns are
GAP = 0.6
ROW = 0.145  # a line of a name
FOOT = 0.2
MARK = 0.14  # radius of a cross-entropy
HEAD = 0.05 + 2 * MARK + 0.3  # above the boxes of the levels

MOST = 3  # lines of a name


class Frame(NamedTuple):
    """A softmax group of which a member is shown: its number, the members shown, the number of all its members."""

    group: int
    tags: tuple[int, ...]
    size: int


class Place(NamedTuple):
    """The position of a tag, in inches: left edge and middle of its name, the lines it is set in, their width, the row."""

    x: float
    y: float
    lines: list[str]
    width: float
    row: float


def frame_groups(taxonomy: Taxonomy, shown: Sequence[int], groups: Groups) -> list[Frame]:
    """The groups that have a shown member, by number."""
    group, size = groups.group.numpy(), groups.size.numpy()
    return [Frame(int(number), tuple(tag for tag in shown if group[tag] == number), int(size[number]))
            for number in np.unique(group[list(shown)])]


def lay_out(taxonomy: Taxonomy, shown: Sequence[int], frames: Sequence[Frame],
            by_level: bool) -> tuple[dict[int, Place], float]:
    """Places from left to right by level, each parent in the middle of its children; and the height, in inches."""
    depth = taxonomy.depth[list(shown)].tolist()
    columns = [[tag for tag, level in zip(shown, depth) if level == here] for here in range(max(depth) + 1)]
    width = _column_widths(taxonomy, columns)
    lines = {tag: wrap(taxonomy.names[tag], width[level], MOST) for tag, level in zip(shown, depth)}
    row = ROW * max(map(len, lines.values())) + 0.07
    below = {tag: [child for child in taxonomy.children(tag) if child in lines] for tag in shown}
    foot = {int(taxonomy.parent[frame.tags[0]]): FOOT * (frame.size > len(frame.tags)) for frame in frames}
    y, lowest = {}, HEAD if by_level else 0.05

    def place(tag: int) -> None:
        nonlocal lowest
        start = lowest
        for child in below[tag]:
            place(child)
        lowest = max(lowest + (0 if by_level else foot.get(tag, 0)), start + row)
        y[tag] = (y[below[tag][0]] + y[below[tag][-1]]) / 2 if below[tag] else start + row / 2

    for root in columns[0]:
        place(root)
    spare = WIDTH - 0.25 - FIRST - sum(width) - GAP * (len(width) - 1)
    gap = GAP + min(max(spare, 0) / max(len(width) - 1, 1), 0.2)
    start = FIRST + np.cumsum([0, *(wide + gap for wide in width[:-1])])
    places = {tag: Place(float(start[level]), y[tag], lines[tag], max(map(text_width, lines[tag])), row)
              for tag, level in zip(shown, depth)}
    bottoms = [max(places[tag].y for tag in frame.tags) + row / 2 + foot.get(int(taxonomy.parent[frame.tags[0]]), 0)
               for frame in frames]
    return places, (lowest + FOOT if by_level else max(bottoms)) + 0.05


def _column_widths(taxonomy: Taxonomy, columns: Sequence[Sequence[int]]) -> list[float]:
    """Widths that the names of each level need when broken once; reduced where they exceed the page."""
    wished = [max(max(map(text_width, wrap(taxonomy.names[tag], 1.0, MOST))) for tag in column) for column in columns]
    room = WIDTH - 0.25 - FIRST - GAP * (len(columns) - 1)
    fair = room / len(columns)
    if sum(wished) <= room:
        return wished
    small = [min(wide, fair) for wide in wished]  # a narrow level gives what it does not need to the wide ones
    over = [wide - least for wide, least in zip(wished, small)]
    return [least + (room - sum(small)) * more / sum(over) for least, more in zip(small, over)]
