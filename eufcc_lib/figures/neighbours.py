"""Why a photograph got its tags: beside it the training photographs most similar to it, each with its own tags."""

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes

from ..core.facets import get_facet
from ..data.dataset import Dataset
from ..results.votes import Votes, read_votes
from .colour import readable
from .photographs import draw_image, open_image, square
from .style import GREY, WIDTH, Picture, fit, say_nothing, sheet, styled, text_width

# Inches.
GAP = 0.1
FIRST = 0.25  # between the photograph and its neighbours
LINE = 0.16
ABOVE = 0.24
BETWEEN = 0.24

_LINES = 8
"""Lines below a photograph, at most."""


@styled
def show_votes(dataset: Dataset, split: str, rows: Sequence[int], columns: int = 5, facet: str | None = None,
               language: str = "en") -> Picture:
    """A row for each photograph: it stands left, and its nearest training photographs right of it, nearest first.

    Above each neighbour is its similarity, the cosine between the two photographs' features; below it are its provider and
    its tags in the colours of their facets, those in bold that the photograph has too.

    Args:
        dataset: with the votes of the model `neighbours`; `dataset.translate` gives tags in another language.
        split: whose photographs these are.
        rows: of the split. One that could not be read is left out.
        columns: photographs in a row, the first included.
        facet: whose voters and tags are shown; None takes those of all facets.
        language: of the facets' titles.
    Raises:
        UserError: see `results.votes.read_votes`.
    """
    votes = read_votes(dataset, split) if len(rows) else {}
    votes = {name: found for name, found in votes.items() if facet in (None, name)}
    shown = {row: near for row in rows if (near := nearest_voters(votes, row, columns - 1))}
    if not shown:
        return say_nothing("No training photograph voted here.")
    side = (WIDTH - FIRST - GAP * (columns - 2)) / columns
    places = [0.0, *(side + FIRST + number * (side + GAP) for number in range(columns - 1))]
    blocks = []
    for row, near in shown.items():
        own = _tags(dataset, split, row, votes)
        blocks.append([_describe(dataset, split, row, own, {}, side),
                       *(_describe(dataset, "train", other, _tags(dataset, "train", other, votes), own, side) for other in near)])
    high = [ABOVE + side + 0.06 + LINE * max(map(len, block)) for block in blocks]
    top = BETWEEN if len(votes) > 1 else 0.0
    axes = sheet(top + sum(high) + BETWEEN * (len(high) - 1), photographs=True)
    if top:
        _draw_legend(axes, votes, language)
    for (row, near), block, height in zip(shown.items(), blocks, high):
        pictures = [(split, row, "the photograph"), *(("train", other, f"{value:.2f}".replace("-", "−")) for other, value in near.items())]
        for x, (origin, place, title), lines in zip(places, pictures, block):
            axes.text(x, top + 0.04, title, va="top", fontsize=9, color=GREY)
            picture = open_image(dataset.image_paths(origin)[place])
            if picture is not None:
                draw_image(axes, square(picture), x, top + ABOVE, side)
            for count, (text, weight, colour) in enumerate(lines):
                axes.text(x, top + ABOVE + side + 0.06 + LINE * count, text, va="top", fontsize=9, weight=weight, color=colour)
        top += height + BETWEEN
    return axes.figure


def _draw_legend(axes: Axes, facets: Iterable[str], language: str) -> None:
    x = 0.0
    for facet in map(get_facet, facets):
        title = facet.title(language)
        axes.text(x, 0.02, title, va="top", fontsize=9, weight="bold", color=readable(facet.colour))
        x += text_width(title, weight="bold") + 0.2


def nearest_voters(votes: Mapping[str, Votes], row: int, count: int) -> dict[int, float]:
    """The training rows that voted for an image in any of the facets, nearest first, with their similarities."""
    found = {}
    for part in votes.values():
        found |= {int(other): float(value) for other, value in zip(part.rows[row], part.similarities[row]) if other >= 0}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count])


def _describe(dataset: Dataset, split: str, row: int, tags: Mapping[str, list[str]], same: Mapping[str, list[str]],
              side: float) -> list[tuple[str, str, str]]:
    """The lines below a photograph, (text, weight, colour): its provider, then its tags in the colours of their facets."""
    provider = dataset.split(split).providers[row]
    lines = [(fit(provider, side), "normal", GREY)]
    for facet, names in tags.items():
        for name in names:
            weight = "bold" if name in same.get(facet, ()) else "normal"
            lines.append((fit(name, side, weight=weight), weight, readable(get_facet(facet).colour)))
    if len(lines) > _LINES:
        lines[_LINES - 1:] = [(f"and {len(lines) - _LINES + 1} more", "normal", GREY)]
    return lines


def _tags(dataset: Dataset, split: str, row: int, facets: Iterable[str]) -> dict[str, list[str]]:
    """By facet the image's tags of the vocabulary that stand lowest: their ancestors go without saying."""
    tags = {}
    for facet in facets:
        tree = dataset.vocabulary[facet]
        own = set(dataset.labels(split)[facet].matrix[[row]].indices.tolist())
        above = {int(parent) for tag in own for parent in tree.parents[tag]}
        tags[facet] = [tree.names[tag] for tag in sorted(own - above)]
    return tags
