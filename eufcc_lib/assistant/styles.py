"""How the page looks, in Material UI's terms: the parts of `styles.json`, each a set of rules.

Parts that stand side by side on a desk are one above the other on a phone, and a phone's width has room for all of the
header. A tree's row ticks wherever it is clicked, but for what opens it and what rejects it. What rejects is there
where the mouse is, or the finger, never for the keyboard: the tree takes each key that is pressed in a row for itself,
so that enter on the button would accept.
"""

import json
from collections.abc import Collection
from pathlib import Path

from ..core.facets import Facet

_TEXT = Path(__file__).with_name("styles.json").read_text(encoding="utf-8")

STYLES = json.loads(_TEXT)
"""The rules of each part of the page."""


def tree_style(facet: Facet, rejected: Collection[int] = ()) -> dict:
    """How the items of a facet's tree look: its colour where the model is sure, else less.

    What is rejected is struck through here, not in the items: sent again, they are drawn again, all of them.
    """
    styles = json.loads(_TEXT.replace("COLOUR", facet.colour))
    struck = {f"& [id$='-{facet.name}-{tag}'] > [data-color]": styles["rejected"] for tag in sorted(rejected)}
    return styles["tree"] | struck
