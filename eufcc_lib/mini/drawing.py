"""The pictures of the mini museum; the same bytes on every machine of one kind."""

import os
from copy import deepcopy
from pathlib import Path

import numpy as np
from PIL import Image

from .catalogue import Entry
from .kinds import KINDS
from .marker import SIZE
from .providers import BY_NAME, backdrop_of, finish, light_of
from .render.raster import look_at
from .render.studio import develop, photograph

SUPERSAMPLING = 2
QUALITY = 90


def draw(entry: Entry, seed: int = 0, size: int = SIZE) -> np.ndarray:
    """The photograph of one record, uint8 (size, size, 3); the same for the same seed and object."""
    kind, keeper = KINDS[entry.thing.kind], BY_NAME[entry.thing.provider]
    provider = entry.photographer or keeper
    of_object = np.random.default_rng([seed, 17, entry.number])
    of_view = np.random.default_rng([seed, 23, entry.number, entry.view])
    arguments = (entry.thing.scene,) if kind.scenes else ()
    thing = kind.draw(of_object, entry.thing.made, *arguments)
    frame, side = provider.frame * of_view.uniform(.86, 1.06), size * SUPERSAMPLING
    aim = .5 + of_view.normal(0, .022, 2)
    low, high = thing.elevation
    # A camera that looks straight down is tilted less.
    elevation = np.clip(of_view.uniform(low, high) + provider.tilt * (1 if high < 80 else .3), 2, 90)
    camera = look_at(thing.mesh.points, of_view.uniform(-1, 1) * thing.azimuth, float(elevation), side,
                     min(thing.fill * frame, 1.4), of_view.uniform(-1, 1) * thing.roll, aim)
    aside = deepcopy(of_view)
    ground, table = backdrop_of(keeper, of_view, camera, side)
    if provider != keeper:  # the keeper's own was laid out only to take as many random numbers as in its own photograph
        ground, table = backdrop_of(provider, aside, camera, side)
    light = light_of(provider, of_view, table)
    picture = photograph(thing, light, ground, camera, of_object)
    return finish(keeper, provider, develop(picture, SUPERSAMPLING), of_view)


def write_picture(folder: Path, entry: Entry, seed: int, size: int = SIZE) -> None:
    """Draw a record's photograph into `<folder>/<id>.jpg`, whole or not at all."""
    path = folder / f"{entry.id}.jpg"
    part = path.with_suffix(".part")
    Image.fromarray(draw(entry, seed, size)).save(part, "JPEG", quality=QUALITY)
    os.replace(part, path)
