"""One object with the habits of another museum, and what each habit costs each model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from ..core.facets import FACETS
from ..core.numbers import percent
from ..mini.swaps import SPLIT, UNCHANGED, Swaps
from ..models.registry import MODELS
from ..results.predictions import Answer
from ..results.swapped import NAMES, TITLES, Costs
from .photographs import draw_image, open_image
from .predictions import LOOKS
from .style import (
    GREY,
    INK,
    MARKERS,
    PALE,
    PAPER,
    WIDTH,
    Picture,
    fit,
    say_nothing,
    sheet,
    styled,
    text_width,
    two_lines,
    wrap,
)

NOT_DRAWN = "Only a museum that was drawn can be photographed again: this data set has no such pictures."

_COLOURS = (FACETS[0].colour, FACETS[1].colour, FACETS[2].colour, FACETS[3].colour, GREY, INK)
"""By model; the signs differ too."""

_SIGNS = (*MARKERS, "X", "P")

_ROW = 0.13
"""Inches of a model within its habit."""

# Inches.
_BETWEEN, _LINE, _SIZE = 0.16, 0.18, 9

_MEANINGS = {"annotated": "on record", "consistent": "near it in the tree", "wrong": "neither"}


@styled
def swaps_figure(swaps: Swaps | None, answers: Mapping[int, Answer], width: float = WIDTH) -> Picture:
    """An object as its keeper photographs it, and with each habit of another provider, with the best tags below each picture.

    Args:
        swaps: None for a data set that was not drawn.
        answers: by row of the table of `swaps` a model's best tags in one facet, see `pages.harder.answer_swaps`.
        width: in inches; three pictures stand beside each other, two on a phone.
    """
    if swaps is None or not answers:
        return say_nothing(NOT_DRAWN if swaps is None else "No photograph could be measured.", width)
    columns = 3 if width == WIDTH else 2
    side = (width - 0.02 - (columns - 1) * _BETWEEN) / columns
    images, tags = swaps.dataset.image_paths(SPLIT), max(len(answer.predicted) for answer in answers.values())
    block = side + 0.12 + (1 + tags) * _LINE + _BETWEEN
    lines = -(-len(answers) // columns)
    first = next(iter(answers.values()))
    keeper, other = swaps.table["provider"][[min(answers), max(answers)]]
    record = [fit(text, width, _SIZE) for text in (f"Kept by: {keeper}", f"Habits of: {other}")]
    record += wrap(f"On record: {', '.join(first.annotated)}", width)
    top = 0.36 + len(record) * _LINE
    axes = sheet(top + lines * block, width=width, photographs=True)
    _draw_key(axes)
    for number, line in enumerate(record):
        axes.text(0, 0.28 + number * _LINE, line, va="top", fontsize=_SIZE)
    for place, (row, answer) in enumerate(answers.items()):
        x, y = place % columns * (side + _BETWEEN), top + place // columns * block
        _draw_block(axes, images[row], swaps.table.loc[row], answer, x, y, side)
    return axes.figure


def _draw_key(axes: Axes) -> None:
    x = 0.0
    for verdict, meaning in _MEANINGS.items():
        sign, colour = LOOKS[verdict][0], LOOKS[verdict][2]
        axes.text(x, 0.02, sign, va="top", fontsize=_SIZE, weight="bold", color=colour)
        axes.text(x + 0.2, 0.02, meaning, va="top", fontsize=_SIZE)
        x += 0.4 + text_width(meaning)


def _draw_block(axes: Axes, image: Path, row, answer: Answer, x: float, y: float, side: float) -> None:
    picture = open_image(image)
    if picture is not None:
        draw_image(axes, picture, x, y, side)
    y += side + 0.08
    title = "Unchanged" if row["habit"] == UNCHANGED else TITLES[row["habit"]]
    axes.text(x, y, fit(title, side, _SIZE, "bold"), va="top", fontsize=_SIZE, weight="bold", color=INK)
    for number, (tag, chance, verdict) in enumerate(answer.predicted, 1):
        sign, colour = LOOKS[verdict][0], LOOKS[verdict][2]
        share = "" if chance is None else percent(chance)
        axes.text(x, y + number * _LINE, sign, va="top", fontsize=_SIZE, weight="bold", color=colour)
        axes.text(x + 0.2, y + number * _LINE, fit(tag, side - 0.3 - text_width(share, _SIZE), _SIZE), va="top", fontsize=_SIZE, color=INK)
        axes.text(x + side, y + number * _LINE, share, va="top", ha="right", fontsize=_SIZE, color=INK)


@styled
def costs_figure(costs: Mapping[str, Costs], first: str = "unknown", width: float = WIDTH) -> Picture:
    """A row per habit with a sign per model: what the habit adds to its mean R-precision, and the interval over objects.

    Args:
        costs: by model, see `results.swapped.measure_costs`.
        first: the donor whose panel stands first, a key of `results.swapped.NAMES`.
        width: in inches; on a phone the panels stand below each other.
    """
    if not any(costs.values()):
        return say_nothing(NOT_DRAWN, width)
    donors, height = sorted(NAMES, key=lambda donor: donor != first), 0.14 + _ROW * len(costs)
    columns = len(donors) if width == WIDTH else 1
    lines = len(donors) // columns
    figure = Picture(0.8 + lines * (0.75 + height * len(TITLES)), width=width)
    grid = figure.subplots(lines, columns, sharey=True, sharex=True, squeeze=False)
    for axes, donor in zip(grid.flat, donors):
        for number, (model, found) in enumerate(costs.items()):
            _draw_costs(axes, model, found, donor, number, len(costs))
        axes.axvline(0, color=GREY, linewidth=1.2, linestyle=(0, (4, 2)), zorder=0)
        for edge in range(1, len(TITLES)):
            axes.axhline(edge - 0.5, color=PALE, linewidth=0.7, zorder=0)
        axes.set(title="\n".join(two_lines(f"Habits {NAMES[donor]}")), ylim=(len(TITLES) - 0.5, -0.5))
        axes.set_yticks(range(len(TITLES)), ["\n".join(two_lines(title)) for title in TITLES.values()])
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
    for axes in grid[-1]:
        axes.set_xlabel("change in the mean R-precision")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3 if width == WIDTH else 1)
    return figure


def _draw_costs(axes: Axes, model: str, found: Costs, donor: str, number: int, models: int) -> None:
    colour, shift = _COLOURS[number % len(_COLOURS)], (number - (models - 1) / 2) * 0.8 / models
    shown = [(place + shift, cost.difference) for place, habit in enumerate(TITLES) if (cost := found.get((habit, donor)))]
    for place, difference in shown:
        if difference.objects:
            axes.plot(difference.objects, [place, place], color=colour, linewidth=1.2, alpha=0.55)
    axes.plot([difference.value for _, difference in shown], [place for place, _ in shown], _SIGNS[number % len(_SIGNS)], color=colour,
              markersize=5.5, markeredgecolor=PAPER, markeredgewidth=0.4, zorder=3, label=MODELS[model].title)


def rows_of(swaps: Swaps, photograph: int, donor: str) -> Sequence[int]:
    """The rows of the table with this photograph: as it is, then each habit of the donor that changes it, in the order of `TITLES`."""
    table = swaps.table[swaps.table["row"] == photograph]
    changed = table[(table["donor"] == donor) & table["changed"]].reset_index().set_index("habit")["index"]
    return [*table.index[table["habit"] == UNCHANGED], *(changed[habit] for habit in TITLES if habit in changed)]
