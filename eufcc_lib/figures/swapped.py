"""One object with the habits of another museum, and what each habit costs each model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import plotly.graph_objects as go
from matplotlib.axes import Axes

from ..core.facets import FACETS
from ..core.numbers import percent
from ..mini.swaps import SPLIT, UNCHANGED, Swaps
from ..models.registry import MODELS
from ..results.predictions import Answer
from ..results.swapped import NAMES, TITLES, Cost, Costs, signed
from .photographs import draw_image, open_image
from .predictions import LOOKS
from .style import GREY, INK, PALE, PAPER, WIDTH, Picture, fit, say_nothing, sheet, styled, text_width, wrap

NOT_DRAWN = "Only a museum that was drawn can be photographed again: this data set has no such pictures."

_COLOURS = (FACETS[0].colour, FACETS[1].colour, FACETS[2].colour, FACETS[3].colour, GREY, INK)
"""By model; the signs differ too."""

_SIGNS = ("circle", "square", "triangle-up", "diamond", "x", "cross")

_ROW = 19
"""Pixels of a habit's name, and of each model below it."""

# Inches.
_COLUMNS, _BETWEEN, _LINE, _SIZE = 3, 0.16, 0.22, 12  # type that is read on a phone, where the figure is half as wide
_SIDE = (WIDTH - 0.02 - (_COLUMNS - 1) * _BETWEEN) / _COLUMNS

_MEANINGS = {"annotated": "on record", "consistent": "near it in the tree", "wrong": "neither"}


@styled
def swaps_figure(swaps: Swaps | None, answers: Mapping[int, Answer]) -> Picture:
    """An object as its keeper photographs it, and with each habit of another provider, with the best tags below each picture.

    Args:
        swaps: None for a data set that was not drawn.
        answers: by row of the table of `swaps` a model's best tags in one facet, see `pages.harder.answer_swaps`.
    """
    if swaps is None or not answers:
        return say_nothing(NOT_DRAWN if swaps is None else "No photograph could be measured.")
    images, tags = swaps.dataset.image_paths(SPLIT), max(len(answer.predicted) for answer in answers.values())
    block = _SIDE + 0.12 + (1 + tags) * _LINE + _BETWEEN
    lines = -(-len(answers) // _COLUMNS)
    first = next(iter(answers.values()))
    keeper, other = swaps.table["provider"][[min(answers), max(answers)]]
    record = [fit(text, WIDTH, _SIZE) for text in (f"Kept by: {keeper}", f"Habits of: {other}")]
    record += wrap(f"On record: {', '.join(first.annotated)}", WIDTH * 9 / _SIZE)
    top = 0.36 + len(record) * _LINE
    axes = sheet(top + lines * block, photographs=True)
    _draw_key(axes)
    for number, line in enumerate(record):
        axes.text(0, 0.28 + number * _LINE, line, va="top", fontsize=_SIZE)
    for place, (row, answer) in enumerate(answers.items()):
        x, y = place % _COLUMNS * (_SIDE + _BETWEEN), top + place // _COLUMNS * block
        _draw_block(axes, images[row], swaps.table.loc[row], answer, x, y)
    return axes.figure


def _draw_key(axes: Axes) -> None:
    x = 0.0
    for verdict, meaning in _MEANINGS.items():
        sign, colour = LOOKS[verdict][0], LOOKS[verdict][2]
        axes.text(x, 0.02, sign, va="top", fontsize=_SIZE, weight="bold", color=colour)
        axes.text(x + 0.2, 0.02, meaning, va="top", fontsize=_SIZE)
        x += 2.1


def _draw_block(axes: Axes, image: Path, row, answer: Answer, x: float, y: float) -> None:
    picture = open_image(image)
    if picture is not None:
        draw_image(axes, picture, x, y, _SIDE)
    y += _SIDE + 0.08
    title = "Unchanged" if row["habit"] == UNCHANGED else TITLES[row["habit"]]
    axes.text(x, y, fit(title, _SIDE, _SIZE, "bold"), va="top", fontsize=_SIZE, weight="bold", color=INK)
    for number, (tag, chance, verdict) in enumerate(answer.predicted, 1):
        sign, colour = LOOKS[verdict][0], LOOKS[verdict][2]
        share = "" if chance is None else percent(chance)
        axes.text(x, y + number * _LINE, sign, va="top", fontsize=_SIZE, weight="bold", color=colour)
        axes.text(x + 0.2, y + number * _LINE, fit(tag, _SIDE - 0.3 - text_width(share, _SIZE), _SIZE), va="top", fontsize=_SIZE, color=INK)
        axes.text(x + _SIDE, y + number * _LINE, share, va="top", ha="right", fontsize=_SIZE, color=INK)


def costs_figure(costs: Mapping[str, Costs], first: str = "unknown") -> go.Figure | Picture:
    """A row per habit with a dot per model: what the habit adds to its mean R-precision, and the interval over objects.

    A menu chooses whose habits they are.

    Args:
        costs: by model, see `results.swapped.measure_costs`.
        first: the donor that is shown before another is chosen, a key of `results.swapped.NAMES`.
    """
    if not any(costs.values()):
        return say_nothing(NOT_DRAWN)
    height = 1.4 + len(costs)  # of a habit, in rows
    left = min((cost.difference.objects or (cost.difference.value,))[0] for found in costs.values() for cost in found.values())
    figure, views = go.Figure(), {}
    for donor in sorted(NAMES, key=lambda donor: donor != first):
        traces = [go.Scatter(x=[left] * len(TITLES), y=[number * height for number in range(len(TITLES))], mode="text",
                             text=[f"<b>{title}</b>" for title in TITLES.values()], textposition="middle right",
                             textfont={"size": 12}, showlegend=False, hoverinfo="skip")]
        traces += [_dots(model, found, donor, place, height) for place, (model, found) in enumerate(costs.items())]
        views[donor] = (len(figure.data), len(traces))
        figure.add_traces([trace.update(visible=donor == first) for trace in traces])
    buttons = [{"label": f"Habits {NAMES[donor]}", "method": "update", "args": [
        {"visible": [start <= number < start + count for number in range(len(figure.data))]}]} for donor, (start, count) in views.items()]
    rows = height * len(TITLES)
    figure.add_vline(x=0, line={"color": GREY, "width": 1.2, "dash": "dash"}, layer="below")
    figure.update_layout(
        title={"text": "What another museum's habit adds to R-precision", "x": 0.5, "font": {"size": 15}},
        # `rows`: the page keeps the height on a phone too, see figures.js.
        height=190 + _ROW * rows, meta={"rows": rows}, margin={"t": 84, "l": 12, "r": 12, "b": 112},
        font={"size": 13, "color": INK}, paper_bgcolor=PAPER, plot_bgcolor=PAPER, hoverlabel={"align": "left"},
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        updatemenus=[{"buttons": buttons, "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "pad": {"b": 4}}])
    figure.update_xaxes(gridcolor=PALE, zeroline=False, title={"text": "change in the mean R-precision", "font": {"size": 13}, "standoff": 6})
    return figure.update_yaxes(visible=False, range=[rows - 0.8, -0.9])


def _dots(model: str, found: Costs, donor: str, place: int, height: int) -> go.Scatter:
    title, colour = MODELS[model].title, _COLOURS[place % len(_COLOURS)]
    shown = [(number, cost) for number, habit in enumerate(TITLES) if (cost := found.get((habit, donor)))]
    ends = [(cost.difference.value, cost.difference.objects or (cost.difference.value,) * 2) for _, cost in shown]
    return go.Scatter(
        x=[value for value, _ in ends], y=[number * height + 1 + place for number, _ in shown], mode="markers", name=title,
        marker={"symbol": _SIGNS[place % len(_SIGNS)], "size": 9, "color": colour, "line": {"width": 0.7, "color": PAPER}},
        error_x={"type": "data", "symmetric": False, "array": [high - value for value, (_, high) in ends],
                 "arrayminus": [value - low for value, (low, _) in ends], "color": f"{colour}88", "thickness": 1.4, "width": 0},
        customdata=[_hover(title, habit, cost) for habit, (_, cost) in zip([list(TITLES)[number] for number, _ in shown], shown)],
        hovertemplate="%{customdata}<extra></extra>")


def _hover(title: str, habit: str, cost: Cost) -> str:
    return (f"<b>{TITLES[habit]}</b><br>{title}: {signed(cost.difference)}<br>of {cost.before:.3f}, best tag changes: "
            f"{percent(cost.best_tag)}")


def rows_of(swaps: Swaps, photograph: int, donor: str) -> Sequence[int]:
    """The rows of the table with this photograph: as it is, then each habit of the donor that changes it, in the order of `TITLES`."""
    table = swaps.table[swaps.table["row"] == photograph]
    changed = table[(table["donor"] == donor) & table["changed"]].reset_index().set_index("habit")["index"]
    return [*table.index[table["habit"] == UNCHANGED], *(changed[habit] for habit in TITLES if habit in changed)]
