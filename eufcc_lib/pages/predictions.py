"""Figure 12 of the paper as a piece of a page: photographs, what is on record, and the model's best tags by verdict.

`figures.predictions` draws the same as one picture, for print. Here the tags are text, which wraps on a phone, and the
photographs are small files, which a browser loads at once.
"""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from ..core.facets import get_facet
from ..core.numbers import percent
from ..figures.photographs import open_image
from ..figures.predictions import LEGEND, LOOKS, record_line
from ..results.predictions import Answer, Example
from .render import Page, render

SIDE = 320
"""The longer side of a photograph in pixels; it is shown at up to 176."""

UNJUDGED = 3
"""Tags shown of a facet that has none on record."""


def show_examples(examples: Sequence[Example], images: Sequence[Path], language: str = "en") -> Page:
    """A block for each example: the photograph, and facet by facet the record and the best tags with their probabilities.

    Args:
        examples: `results.predictions.judge_images`; without any, a sentence says so.
        images: the split's image files, by row; one that is missing or broken leaves its place empty.
        language: of the facets' titles.
    """
    if not examples:
        return Page("<p>No image of this split is of this kind.</p>", "No image of this split is of this kind.")
    blocks = [{"picture": embed(images[example.row]), "alt": f"Photograph {example.image} of {example.provider or 'an unnamed provider'}",
               "caption": example.caption, "provider": example.provider, "image": example.image,
               "facets": [{"title": get_facet(answer.facet).title(language), "record": record_line(answer), "chips": _chips(answer)}
                          for answer in example.answers]} for example in examples]
    return render("predictions", f"{len(examples)} photographs with the tags on record and the model's best tags.", blocks=blocks,
                  legend=[(LOOKS[verdict][0], meaning, _style(verdict)) for verdict, meaning in LEGEND.items()])


def _chips(answer: Answer) -> list[tuple[str, str, str]]:
    shown = answer.predicted if any(verdict for _, _, verdict in answer.predicted) else answer.predicted[:UNJUDGED]
    return [(LOOKS[verdict][0], tag if chance is None else f"{tag} {percent(chance)}", _style(verdict)) for tag, chance, verdict in shown]


def _style(verdict: str | None) -> str:
    _, fill, edge, ink = LOOKS[verdict]
    return f"background: {fill}; border-color: {edge}; color: {ink}"


def embed(path: Path) -> str:
    """The photograph as a small JPEG inside the page; empty where there is none."""
    picture = open_image(path)
    if picture is None:
        return ""
    small, written = picture.copy(), io.BytesIO()
    small.thumbnail((SIDE, SIDE))
    small.save(written, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode()}"
