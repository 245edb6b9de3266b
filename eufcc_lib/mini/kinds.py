"""The register of what the museum can hold: one `Kind` for each drawable object type.

To add one, write its term in `terms.csv` and, in the module where its like are, a function
that folds a form and says what it may be made of:

    @kind("bowl", "ceramic", "porcelain 3, earthenware 3, silver + ivory 1", weight=2)
    def bowl(rng, made):
        profile = [(0, 0), (.2, 0), (.2, 0), (.19, .06), (.35, .14), (.5, .3), (.55, .42)]
        return Thing(turn(profile, wall=.03), made)
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """An object type that can be drawn.

    Attributes:
        name: the term, as in `terms.csv`.
        collection: first part of the record's id, as in the official data.
        made_of: what it may be made of: tuples of materials (one per slot) and their weights.
        weight: how common it is; the museum's long tail.
        field: the discipline that may be its classification, or "".
        draw: function (rng, materials) -> `studio.Thing`.
        scenes: for pictures, the scenes that it may show (then `draw` takes the scene's name too).
    """

    name: str
    collection: str
    made_of: tuple[tuple[tuple[str, ...], float], ...]
    weight: float
    field: str
    draw: Callable
    scenes: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {}


def kind(name: str, collection: str, made_of: str, weight: float = 1.0, field: str = "", scenes: str = ""):
    """Register a drawing function; `made_of` reads 'steel + oak 3, iron + walnut 1', `scenes` 'portrait, nude'."""
    options = [option.rpartition(" ") for option in made_of.split(", ")]
    made = tuple((tuple(materials.split(" + ")), float(share)) for materials, _, share in options)
    shown = tuple(scenes.split(", ")) if scenes else ()

    def register(draw):
        KINDS[name] = Kind(name, collection, made, weight, field, draw, shown)
        return draw
    return register
