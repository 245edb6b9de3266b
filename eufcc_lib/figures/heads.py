"""What a head answers and what it learns from (the paper's Figures 8 to 11), on a part of a real tree of tags.

`data.examples.cut_tree` chooses the part; the figure counts what it leaves out. Which tags compete, and
where there is a cross-entropy, comes from `losses.hsoftmax`.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from ..core.facets import get_facet
from ..core.numbers import percent, thousands
from ..data.taxonomy import Taxonomy
from ..losses.hsoftmax import Groups
from .colour import readable
from .head_layout import FOOT, HEAD, MARK, ROW, Frame, Place, frame_groups, lay_out
from .style import GREY, INK, PALE, PAPER, WIDTH, Picture, fit, say_nothing, sheet, styled, text_width

# Inches.
LINE = 0.215  # of Figures 8 and 9
INDENT = 0.15
EDGE = 0.06
NAMES = 2.75  # the indented tree of Figures 8 and 9
NOTE = 0.32
FADED = "#b5b5b5"


@styled
def multi_label_head(taxonomy: Taxonomy, shown: Sequence[int], probabilities: np.ndarray,
                     relevant: Iterable[int], language: str = "en") -> Picture:
    """One question per tag (Figure 8): a scale from no to yes, and what the record says.

    Args:
        shown: the tags to draw, each with its parent among them.
        probabilities: (C,), the sigmoid of each output for one image; of NaN, the figure says that there is no image.
        relevant: the image's tags.
        language: of the facet's title.
    """
    if not len(shown) or np.isnan(probabilities).all():
        return say_nothing("There is no image to show here.")
    relevant, colour = set(relevant), get_facet(taxonomy.facet).colour
    rows = len(shown)
    axes = sheet(2.2 * LINE + rows * LINE + NOTE)
    left, wide = NAMES + 0.75, 1.9
    for x, words, align in ((NAMES + 0.3, "record", "center"), (left, "no", "left"), (left + wide, "yes", "right"),
                            (left + wide / 2, "one sigmoid each", "center")):
        axes.text(x, 0.1, words, ha=align, va="center", color=GREY)
    tops = [1.1 * LINE + row * LINE for row in range(rows)]
    _write_tree(axes, taxonomy, shown, relevant, tops)
    for tag, top in zip(shown, tops):
        middle, value = top + LINE / 2, float(probabilities[tag])
        says = tag in relevant
        axes.text(NAMES + 0.3, middle, "yes" if says else "no", ha="center", va="center_baseline",
                  weight="bold" if says else "normal", color=INK if says else GREY)
        axes.add_patch(Rectangle((left, top + 0.045), wide, LINE - 0.09, facecolor=PAPER, edgecolor=GREY, linewidth=0.7))
        axes.add_patch(Rectangle((left, top + 0.045), value * wide, LINE - 0.09, facecolor=colour, linewidth=0,
                                 alpha=1.0 if says else 0.45))
        axes.text(left + wide + 0.12, middle, f"{value:.2f}", va="center_baseline",
                  weight="bold" if (value > 0.5) != says else "normal")
    axes.plot([left + wide / 2] * 2, [tops[0], tops[-1] + LINE], color=INK, linewidth=0.8, linestyle=(0, (3, 2)))
    _note(axes, f"{_shown_of(taxonomy, shown, language)} Bold numbers are on the wrong side of one half.", tops[-1] + LINE)
    return axes.figure


@styled
def softmax_head(taxonomy: Taxonomy, shown: Sequence[int], probabilities: np.ndarray, relevant: Iterable[int],
                 drawn: int, language: str = "en") -> Picture:
    """All tags share one probability (Figure 9): its bars, and the tag that was drawn as the answer.

    Args:
        shown: the tags to draw, each with its parent among them; the others are one bar together.
        probabilities: (C,), with sum 1; of NaN, the figure says that there is no image.
        relevant: the image's tags; the dashed line is what each would get if all were equally likely.
        drawn: which of them this step has drawn.
        language: of the facet's title.
    """
    if not len(shown) or np.isnan(probabilities).all():
        return say_nothing("There is no image to show here.")
    relevant, colour = set(relevant), get_facet(taxonomy.facet).colour
    others = 1 - float(np.sum(probabilities[list(shown)])) if len(shown) < len(taxonomy) else None
    rows = len(shown) + (others is not None)
    axes = sheet(2.2 * LINE + rows * LINE + NOTE)
    left, wide = NAMES + 0.1, 2.2
    most = max(float(probabilities[list(shown)].max()), others or 0, 1 / max(len(relevant), 1))
    scale = wide / most
    tops = [1.1 * LINE + row * LINE for row in range(rows)]
    _write_tree(axes, taxonomy, shown, relevant, tops)
    axes.text(left, 0.1, "one softmax: all bars together are 1", va="center", color=GREY)
    axes.add_patch(_box(left - 0.05, tops[0] - 0.02, WIDTH - left + 0.05 - EDGE, LINE * rows + 0.04, GREY, 0.8))
    for tag, top in zip(shown, tops):
        value, here = float(probabilities[tag]), tag in relevant
        _bar(axes, left, top, value * scale, colour if here else PALE, colour if here else GREY)
        words = percent(value, 1)
        axes.text(left + value * scale + 0.07, top + LINE / 2, words, va="center_baseline", bbox=_ON_PAPER, zorder=2,
                  weight="bold" if tag == drawn else "normal")
        if tag == drawn:
            axes.text(left + value * scale + 0.15 + text_width(words, weight="bold"), top + LINE / 2, "◀ drawn",
                      va="center_baseline", weight="bold", color=readable(colour), bbox=_ON_PAPER, zorder=2)
    if others is not None:
        hidden = len(taxonomy) - len(shown)
        words = f"the other {hidden} tags together" if hidden > 1 else "the other tag"
        axes.text(EDGE + 0.14, tops[-1] + LINE / 2, words, va="center_baseline", style="italic", color=GREY)
        _bar(axes, left, tops[-1], others * scale, PAPER, GREY, hatch="////")
        axes.text(left + others * scale + 0.07, tops[-1] + LINE / 2, percent(others, 1), va="center_baseline",
                  bbox=_ON_PAPER, zorder=2)
    if relevant:
        axes.plot([left + scale / len(relevant)] * 2, [tops[0], tops[-1] + LINE], color=INK, linewidth=0.8,
                  linestyle=(0, (3, 2)), zorder=1.5)
    _note(axes, f"{_shown_of(taxonomy, shown, language)} The dashed line is at 1/{max(len(relevant), 1)}.", tops[-1] + LINE)
    return axes.figure


@styled
def hierarchical_head(taxonomy: Taxonomy, shown: Sequence[int], groups: Groups,
                      relevant: Iterable[int] | None = None, language: str = "en") -> Picture:
    """A softmax around each group, and a mark where a cross-entropy may be computed (Figure 10).

    With an image's tags the groups that it touches stand out and the rest is faded (Figure 11). An only
    child has no competitor: it is certain once its parent is, and has no cross-entropy.

    Args:
        shown: the tags to draw, each with its parent among them.
        groups: `losses.hsoftmax.sibling_groups` or `level_groups` of the whole taxonomy.
        relevant: the image's tags; None draws what may be computed for any image.
        language: of the facet's title.
    """
    if not len(shown):
        return say_nothing("There is no tag to show here.")
    relevant = None if relevant is None else set(relevant)
    colour = get_facet(taxonomy.facet).colour
    by_level = bool(np.array_equal(groups.group.numpy(), taxonomy.depth))
    frames = frame_groups(taxonomy, shown, groups)
    places, height = lay_out(taxonomy, shown, frames, by_level)
    touched = {frame.group for frame in frames if relevant is None or relevant & set(frame.tags)}

    axes = sheet(height + NOTE)
    _draw_edges(axes, taxonomy, shown, places, frames, relevant, colour)
    for frame in frames:
        live = frame.group in touched
        x, y, wide, high = _frame_box(frame, places, by_level, height)
        shared = frame.size > 1
        strong = live and relevant is not None and shared
        axes.add_patch(_box(x, y, wide, high, (colour if live else FADED) if shared else GREY, 2.0 if strong else 1.0,
                            linestyle="-" if shared else (0, (1, 1.5)), zorder=1))
        hidden = frame.size - len(frame.tags)
        if hidden:
            axes.text(x + 0.15, y + high - 0.11, f"+ {hidden} more", va="center_baseline", style="italic", color=GREY)
        if by_level:
            axes.text(x + wide / 2, y - 2 * MARK - 0.12, f"level {frame.group + 1}", ha="center", va="center",
                      color=INK if live else GREY)
        if shared:
            _draw_mark(axes, *_mark_place(frame, taxonomy, places, x, y, wide, by_level), live, relevant, colour,
                       gid=f"CE {frame.group}")
    for tag in shown:
        _write_node(axes, places[tag], taxonomy, tag, shown, relevant, colour)
    _note(axes, _shown_of(taxonomy, shown, language) + _explain(taxonomy, shown, frames), height - 0.04)
    return axes.figure


@styled
def tag_weights(weights: pd.DataFrame, facet: str) -> Picture:
    """The weight of each tag in the loss, by its number of training images.

    Args:
        weights: one row per tag: `tag`, `images`, then one column per weighting.
    """
    if not weights["images"].any():
        return say_nothing("No tag has a training image.")
    colour = get_facet(facet).colour
    ways = [column for column in weights if column not in ("tag", "images")]
    figure = Picture(2.9)
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel="training images with the tag (logarithmic)",
             ylabel="weight (logarithmic)")
    axes.axhline(1, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
    for way, (marker, face) in zip(ways, (("o", colour), ("s", PAPER), ("^", PALE))):
        axes.plot(weights["images"], weights[way], marker, linestyle="none", markersize=5, markerfacecolor=face,
                  markeredgecolor=INK, markeredgewidth=0.6, label=way)
    for axis in (axes.xaxis, axes.yaxis):
        low, high = axis.get_view_interval()
        steps = [step * 10.0 ** power for power in range(-3, 7) for step in (1, 2, 5)]
        axis.set_ticks([step for step in steps if low <= step <= high])
        axis.set_ticks([], minor=True)
        axis.set_major_formatter(lambda value, _: thousands(value) if value >= 1 else f"{value:g}")
    figure.legend(loc="outside upper center", ncols=len(ways), handletextpad=0.2)
    return figure


def _frame_box(frame: Frame, places: dict[int, Place], by_level: bool, height: float) -> tuple[float, ...]:
    """Left, top, width and height of the box around a group, with a foot for what is hidden."""
    members = [places[tag] for tag in frame.tags]
    left, row = members[0].x - 0.15, members[0].row
    hidden = f"+ {frame.size - len(members)} more" if frame.size > len(members) else ""
    widest = max(place.width for place in places.values() if place.x == members[0].x)
    wide = max(widest, text_width(hidden, style="italic")) + 0.22
    top, bottom = min(place.y for place in members) - row / 2, max(place.y for place in members) + row / 2
    if by_level:
        top, bottom = HEAD, height - 0.05
    elif hidden:
        bottom += FOOT
    return left, top + 0.02, wide, bottom - top - 0.04


def _mark_place(frame: Frame, taxonomy: Taxonomy, places: dict[int, Place], x: float, y: float, wide: float,
                by_level: bool) -> tuple[float, float]:
    """The middle of a group's mark: on top of a level, or where its parent's edges part."""
    if by_level:
        return x + wide / 2, y - MARK - 0.04
    parent = int(taxonomy.parent[frame.tags[0]])
    members = [places[tag].y for tag in frame.tags]
    return x - 0.04 - MARK, places[parent].y if parent >= 0 else (members[0] + members[-1]) / 2


def _draw_mark(axes: Axes, x: float, y: float, live: bool, relevant, colour: str, gid: str) -> None:
    strong = live and relevant is not None
    axes.add_patch(Circle((x, y), MARK, facecolor=colour if strong else PAPER, zorder=4, gid=gid if live else None,
                          edgecolor=colour if live else FADED, linewidth=1.2))
    axes.text(x, y, "CE", ha="center", va="center", zorder=5, weight="bold", fontsize=8,
              color=PAPER if strong else INK if live else GREY)


def _draw_edges(axes: Axes, taxonomy: Taxonomy, shown: Sequence[int], places: dict[int, Place],
                frames: Sequence[Frame], relevant: set[int] | None, colour: str) -> None:
    """Bent lines from each parent to its children; those between two of the image's tags are strong."""
    roots = [places[tag] for tag in shown if taxonomy.parent[tag] < 0]
    origin = (EDGE + 0.02, (roots[0].y + roots[-1].y) / 2)
    axes.plot(*origin, "o", markersize=6, color=INK, zorder=3)
    strong, weak = [], []
    for tag in shown:
        place, parent = places[tag], int(taxonomy.parent[tag])
        start = origin if parent < 0 else (places[parent].x + places[parent].width + 0.05, places[parent].y)
        bend = place.x - 0.15 - 0.04 - MARK
        line = [start, (bend, start[1]), (bend, place.y), (place.x - 0.07, place.y)]
        live = relevant is not None and tag in relevant and (parent < 0 or parent in relevant)
        (strong if live else weak).append(line)
        hidden = set(taxonomy.children(tag)) and not set(taxonomy.children(tag)) & set(shown)
        if hidden:
            end = place.x + place.width + 0.05
            axes.plot([end, end + 0.2], [place.y] * 2, color=GREY, linewidth=1.1, linestyle=(0, (1, 1.2)), zorder=2)
    axes.add_collection(LineCollection(weak, colors=GREY if relevant is None else PALE, linewidths=0.8, zorder=2))
    axes.add_collection(LineCollection(strong, colors=colour, linewidths=2.2, zorder=3))


def _write_node(axes: Axes, place: Place, taxonomy: Taxonomy, tag: int, shown: Sequence[int],
                relevant: set[int] | None, colour: str) -> None:
    own = relevant is not None and tag in relevant
    axes.plot(place.x - 0.07, place.y, "o", markersize=4.6, color=colour if relevant is None or own else GREY, zorder=4,
              markerfacecolor=colour if own else PAPER)
    for i, line in enumerate(place.lines):
        axes.text(place.x, place.y + ROW * (i - (len(place.lines) - 1) / 2), line, va="center_baseline", zorder=4,
                  weight="normal", color=INK if relevant is None or own else GREY, gid=f"tag {tag}")


def _explain(taxonomy: Taxonomy, shown: Sequence[int], frames: Sequence[Frame]) -> str:
    open_ended = any(taxonomy.children(tag) and not set(taxonomy.children(tag)) & set(shown) for tag in shown)
    dotted = ["line: more below"] * open_ended + ["box: only child"] * any(frame.size == 1 for frame in frames)
    return f" Dotted {', dotted '.join(dotted)}." if dotted else ""


def _write_tree(axes: Axes, taxonomy: Taxonomy, shown: Sequence[int], relevant: set[int], tops: Sequence[float]) -> None:
    """The tags as an indented list; a full dot is one of the image's."""
    colour = get_facet(taxonomy.facet).colour
    middle = {tag: top + LINE / 2 for tag, top in zip(shown, tops)}
    strokes = []
    for tag in shown:
        x, parent = EDGE + 0.05 + INDENT * taxonomy.depth[tag], int(taxonomy.parent[tag])
        if parent >= 0:
            strokes.append([(x - INDENT, middle[parent]), (x - INDENT, middle[tag]), (x, middle[tag])])
        axes.text(x + 0.09, middle[tag], fit(taxonomy.names[tag], NAMES - x - 0.2), va="center_baseline",
                  gid=f"tag {tag}")
        axes.plot(x, middle[tag], "o", markersize=4.6, color=colour, zorder=3,
                  markerfacecolor=colour if tag in relevant else PAPER)
    axes.add_collection(LineCollection(strokes, colors=GREY, linewidths=0.7, zorder=1))


_ON_PAPER = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}


def _bar(axes: Axes, x: float, top: float, wide: float, face: str, edge: str, hatch: str | None = None) -> None:
    axes.add_patch(Rectangle((x, top + 0.035), wide, LINE - 0.07, edgecolor=edge, linewidth=0.7, facecolor=face,
                             hatch=hatch))


def _box(x: float, y: float, wide: float, high: float, edge: str, linewidth: float, **look) -> FancyBboxPatch:
    return FancyBboxPatch((x, y), wide, high, boxstyle="round,pad=0,rounding_size=0.04", facecolor="none",
                          edgecolor=edge, linewidth=linewidth, **look)


def _note(axes: Axes, words: str, y: float) -> None:
    axes.text(EDGE, y + 0.19, words, va="center", style="italic", color=GREY)


def _shown_of(taxonomy: Taxonomy, shown: Sequence[int], language: str) -> str:
    part = "All" if len(shown) == len(taxonomy) else f"{len(shown)} of the"
    return f"{part} {len(taxonomy)} outputs of the head for {get_facet(taxonomy.facet).title(language).lower()}."
