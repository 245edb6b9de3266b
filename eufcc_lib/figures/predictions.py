"""Figure 12 of the paper: an image, what is on record, and the model's best tags, each marked by its verdict."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from ..core.facets import get_facet
from ..core.numbers import percent
from ..results.predictions import ANNOTATED, CONSISTENT, WRONG, Answer, Example
from .colour import readable
from .photographs import draw_image, open_image, size_within
from .style import GREY, INK, PAPER, WIDTH, Picture, fit, say_nothing, sheet, styled, text_width, two_lines, wrap

# By verdict: sign, fill, edge and ink. A dark, a tinted and an empty chip, so that a print without colour and
# readers who see red and green alike tell them apart; the sign says the same again.
LOOKS = {ANNOTATED: ("✓", "#1b6e3a", "#1b6e3a", PAPER), CONSISTENT: ("~", "#ffd9a0", "#c46a00", INK),
         WRONG: ("×", PAPER, "#b3202c", "#b3202c"), None: ("", "#efefef", "#efefef", INK)}

LEGEND = {ANNOTATED: "on record", CONSISTENT: "broader, narrower or beside a tag on record", WRONG: "neither"}

# Inches.
SIDE = 1.7
LEFT = SIDE + 0.2
LINE = 0.17
CHIP = 0.2
GAP = 0.06
BETWEEN = 0.26


@styled
def predictions_figure(examples: Sequence[Example], images: Sequence[Path], language: str = "en", width: float = WIDTH) -> Picture:
    """A block for each example: the picture left, on the right facet by facet the record and the best tags.

    On a phone the facets stand below the picture, and its notes beside it.

    Each chip shows a tag's probability in per cent, where there is one. A facet without a tag on record cannot be judged: its chips are
    grey, without a sign, and fill one line at most.

    Args:
        examples: `results.predictions.judge_images`; without any, the figure says so.
        images: the split's image files, by row; one that is missing or broken leaves its place empty.
        language: of the facets' titles.
        width: in inches.
    """
    if not examples:
        return say_nothing("No image of this split is of this kind.", width)
    stacked = width < WIDTH
    side, beside = (SIDE, 0.0) if not stacked else (width * 0.4, width * 0.4 + 0.15)  # of the picture; where its notes are
    room = width - beside if stacked else side
    pictures = [open_image(images[example.row]) for example in examples]
    blocks = [_arrange(example, language, 0.0 if stacked else LEFT, width) for example in examples]
    notes = [_notes(example, room) for example in examples]
    sizes = [size_within(picture, side)[1] if picture else side for picture in pictures]
    starts = [max(size, LINE * len(lines)) + 0.12 if stacked else 0.0 for size, lines in zip(sizes, notes)]
    high = [max(start + block[-1][1] + LINE, 0 if stacked else size + 0.08 + LINE * len(lines))
            for start, block, size, lines in zip(starts, blocks, sizes, notes)]
    legend = list(_place_legend(width))
    first = legend[-1][2] + 0.36
    axes = sheet(first + sum(high) + BETWEEN * len(examples), width=width, photographs=True)
    _draw_legend(axes, legend)
    top = first
    for picture, block, lines, size, start, height in zip(pictures, blocks, notes, sizes, starts, high):
        axes.plot([0, width], [top, top], color=GREY, linewidth=0.5)
        top += BETWEEN / 2
        if picture is not None:
            draw_image(axes, picture, 0, top, side)
        below = top if stacked else top + size + 0.08
        for number, (text, weight, colour) in enumerate(lines):
            axes.text(beside, below + number * LINE, text, va="top", fontsize=9, weight=weight, color=colour)
        for x, y, draw in block[:-1]:
            draw(axes, x, top + start + y)
        top += height + BETWEEN / 2
    return axes.figure


def _notes(example: Example, room: float) -> list[tuple[str, str, str]]:
    """The lines below or beside a picture: why it is shown, whose it is, and its id."""
    lines = [(line, "bold", INK) for line in _within(example.caption, room, "bold")]
    lines += [(line, "normal", INK) for line in _within(example.provider, room, "normal")]
    return [*lines, (fit(example.image, room), "normal", GREY)]


def _within(text: str, inches: float, weight: str) -> list[str]:
    lines = [text] if text_width(text, weight=weight) <= inches else two_lines(text)
    return [fit(line, inches, weight=weight) for line in lines]


def _arrange(example: Example, language: str, left: float, width: float) -> list:
    """What to draw right of the picture or below it, (x, y, how) from the block's top; the last item is (None, height)."""
    items, y = [], 0.0
    for answer in example.answers:
        facet = get_facet(answer.facet)
        items.append((left, y, _text(facet.title(language), weight="bold", color=readable(facet.colour))))
        y += LINE
        for line in wrap(record_line(answer), width - left):
            items.append((left, y, _text(line)))
            y += LINE
        x, y = left, y + 0.03
        for tag, chance, verdict in answer.predicted:
            sign, share = LOOKS[verdict][0], "" if chance is None else percent(chance)
            room = width - left - text_width(f"{sign}  {share}") - 0.2
            text = f"{sign} {fit(tag, room)} {share}".strip()
            wide = text_width(text) + 0.14
            if x + wide > width and x > left:
                if verdict is None:
                    break
                x, y = left, y + CHIP + GAP
            items.append((x, y, _chip(text, wide, verdict)))
            x += wide + GAP
        y += CHIP + 0.14
    return [*items, (None, y - LINE - 0.1)]


def record_line(answer: Answer) -> str:
    """What is on record in a facet, as a line."""
    if not answer.annotated and not answer.outside:
        return "On record: nothing to judge by"
    beyond = f"{', '.join(answer.outside)} (not in the vocabulary)" if answer.outside else ""
    return "On record: " + ", ".join(filter(None, [*answer.annotated, beyond]))


def _text(text: str, **how):
    return lambda axes, x, y: axes.text(x, y, text, va="top", fontsize=9, **how)


def _chip(text: str, wide: float, verdict: str | None):
    _, fill, edge, ink = LOOKS[verdict]

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_patch(FancyBboxPatch((x + 0.03, y + 0.03), wide - 0.06, CHIP - 0.06, "round,pad=0.03",
                                      facecolor=fill, edgecolor=edge, linewidth=0.9))
        axes.text(x + wide / 2, y + CHIP / 2, text, ha="center", va="center_baseline", fontsize=9, color=ink)
    return draw


def _place_legend(width: float) -> Iterator[tuple[str, float, float]]:
    """Each verdict of the legend with the place of its chip; on as many lines as that width requires."""
    x = y = 0.0
    for verdict, meaning in LEGEND.items():
        wide = 0.37 + text_width(meaning)
        if x and x + wide > width:
            x, y = 0.0, y + 0.26
        yield verdict, x, y
        x += wide + 0.23


def _draw_legend(axes: Axes, places: Iterable[tuple[str, float, float]]) -> None:
    for verdict, x, y in places:
        _chip(LOOKS[verdict][0], 0.3, verdict)(axes, x, y + 0.06)
        axes.text(x + 0.37, y + 0.06 + CHIP / 2, LEGEND[verdict], va="center_baseline", fontsize=9)
