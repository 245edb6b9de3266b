"""Figure 12 of the paper: an image, what is on record, and the model's best tags, each marked by its verdict."""

from collections.abc import Sequence
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
def predictions_figure(examples: Sequence[Example], images: Sequence[Path], language: str = "en") -> Picture:
    """A block for each example: the picture left, on the right facet by facet the record and the best tags.

    Each chip shows a tag's probability in per cent, where there is one. A facet without a tag on record cannot be judged: its chips are
    grey, without a sign, and fill one line at most.

    Args:
        examples: `results.predictions.judge_images`; without any, the figure says so.
        images: the split's image files, by row; one that is missing or broken leaves its place empty.
        language: of the facets' titles.
    """
    if not examples:
        return say_nothing("No image of this split is of this kind.")
    pictures = [open_image(images[example.row]) for example in examples]
    blocks = [_arrange(example, language) for example in examples]
    notes = [_notes(example) for example in examples]
    high = [max(block[-1][1] + LINE, (size_within(picture, SIDE)[1] if picture else SIDE) + 0.08 + LINE * len(lines))
            for block, picture, lines in zip(blocks, pictures, notes)]
    axes = sheet(0.36 + sum(high) + BETWEEN * len(examples), photographs=True)
    _draw_legend(axes)
    top = 0.36
    for picture, block, lines, height in zip(pictures, blocks, notes, high):
        axes.plot([0, WIDTH], [top, top], color=GREY, linewidth=0.5)
        top += BETWEEN / 2
        if picture is not None:
            draw_image(axes, picture, 0, top, SIDE)
        below = top + (size_within(picture, SIDE)[1] if picture else SIDE) + 0.08
        for number, (text, weight, colour) in enumerate(lines):
            axes.text(0, below + number * LINE, text, va="top", fontsize=9, weight=weight, color=colour)
        for x, y, draw in block[:-1]:
            draw(axes, x, top + y)
        top += height + BETWEEN / 2
    return axes.figure


def _notes(example: Example) -> list[tuple[str, str, str]]:
    """The lines below a picture: why it is shown, whose it is, and its id."""
    lines = [(line, "bold", INK) for line in _within(example.caption, SIDE, "bold")]
    lines += [(line, "normal", INK) for line in _within(example.provider, SIDE, "normal")]
    return [*lines, (fit(example.image, SIDE), "normal", GREY)]


def _within(text: str, inches: float, weight: str) -> list[str]:
    lines = [text] if text_width(text, weight=weight) <= inches else two_lines(text)
    return [fit(line, inches, weight=weight) for line in lines]


def _arrange(example: Example, language: str) -> list:
    """What to draw right of the picture, (x, y, how) from the block's top; the last item is (None, height)."""
    items, y = [], 0.0
    for answer in example.answers:
        facet = get_facet(answer.facet)
        items.append((LEFT, y, _text(facet.title(language), weight="bold", color=readable(facet.colour))))
        y += LINE
        for line in wrap(record_line(answer), WIDTH - LEFT):
            items.append((LEFT, y, _text(line)))
            y += LINE
        x, y = LEFT, y + 0.03
        for tag, chance, verdict in answer.predicted:
            sign, share = LOOKS[verdict][0], "" if chance is None else percent(chance)
            room = WIDTH - LEFT - text_width(f"{sign}  {share}") - 0.2
            text = f"{sign} {fit(tag, room)} {share}".strip()
            wide = text_width(text) + 0.14
            if x + wide > WIDTH and x > LEFT:
                if verdict is None:
                    break
                x, y = LEFT, y + CHIP + GAP
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


def _draw_legend(axes: Axes) -> None:
    x = 0.0
    for verdict, meaning in LEGEND.items():
        wide = 0.3
        _chip(LOOKS[verdict][0], wide, verdict)(axes, x, 0.06)
        axes.text(x + wide + 0.07, 0.06 + CHIP / 2, meaning, va="center_baseline", fontsize=9)
        x += wide + text_width(meaning) + 0.3
