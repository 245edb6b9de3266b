"""A thing on a table, its photograph: geometry, materials and light put together."""

from dataclasses import dataclass, field

import numpy as np

from . import noise
from .light import Light, crevices, shade, shadow_on_ground, shadow_on_itself
from .materials import MATERIALS, Look
from .pixels import across, mix
from .raster import Camera, Surface, see
from .solids import Mesh


@dataclass(frozen=True, eq=False)
class Skin:
    """A picture laid on a surface: painted, printed or in relief.

    Attributes:
        extent: (u0, u1, v0, v1), the part of the surface's coordinates that it covers.
        colour: linear RGB (h, w, 3), row 0 at v1 (the top), or None.
        cover: (h, w), where the colour hides what is below; None for everywhere.
        height: (h, w), relief, in units of length times `depth`; or None.
        depth: height of a relief of 1.
        gloss: (h, w) or number, overrides the material's where covered.
        hole: (h, w) bool, cut out; or None.
        repeat: tile along u.
        metal: number 0..1, makes the covered part metallic (gilding); None leaves it.
    """

    extent: tuple
    colour: np.ndarray | None = None
    cover: np.ndarray | None = None
    height: np.ndarray | None = None
    depth: float = 0.05
    gloss: float | None = None
    hole: np.ndarray | None = None
    repeat: bool = False
    metal: float | None = None


@dataclass(frozen=True, eq=False)
class Thing:
    """Something to photograph.

    Attributes:
        mesh: its form; triangles name their material by slot.
        materials: the material of each slot, names in `materials.MATERIALS`.
        skins: slot -> `Skin`.
        azimuth: degrees from which it is photographed at random, around 0.
        elevation: (lowest, highest) angle of the camera above the ground; 90 looks straight down,
            as on a picture or on a coin lying on the table.
        roll: how much it may lie askew, degrees.
        fill: share of the picture it takes, before the photographer's own taste.
    """

    mesh: Mesh
    materials: tuple
    skins: dict = field(default_factory=dict)
    azimuth: float = 35.0
    elevation: tuple = (8.0, 28.0)
    roll: float = 0.0
    fill: float = 0.78


def look_of(thing: Thing, surface: Surface, rng: np.random.Generator) -> Look:
    """Ask each slot's material for its look, and lay the skins over them."""
    seeds = rng.integers(2 ** 31, size=max(len(thing.materials), 1))
    result = Look.blank(len(surface.point))
    for slot, name in enumerate(thing.materials):
        where = np.flatnonzero(surface.slot == slot)
        if not len(where):
            continue
        own = surface.only(where)
        result.put(where, MATERIALS[name](own, np.random.default_rng(seeds[slot])))
        if slot in thing.skins:
            _lay(thing.skins[slot], own, result, where)
    return result


def _lay(skin: Skin, surface: Surface, result: Look, where: np.ndarray) -> None:
    u0, u1, v0, v1 = skin.extent
    u = (surface.uv[:, 0] - u0) / (u1 - u0)
    v = 1 - (surface.uv[:, 1] - v0) / (v1 - v0)
    if skin.repeat:
        u = u % 1.0
    inside = np.flatnonzero((u >= 0) & (u <= 1) & (v >= 0) & (v <= 1))
    picked, u, v = where.take(inside), u.take(inside), v.take(inside)
    if not len(picked):
        return

    def sample(sheet, right=0, down=0):
        return noise.sample(sheet, u * sheet.shape[1] - 0.5 + right, v * sheet.shape[0] - 0.5 + down)

    cover = np.ones(len(picked), np.float32) if skin.cover is None else sample(skin.cover)
    if skin.colour is not None:
        result.colour[picked] = mix(result.colour.take(picked, axis=0), sample(skin.colour), cover)
        if skin.metal is None:
            result.metal[picked] *= 1 - cover
    if skin.metal is not None:
        result.metal[picked] += (skin.metal - result.metal[picked]) * cover
    if skin.gloss is not None:
        result.gloss[picked] += (skin.gloss - result.gloss[picked]) * cover
    if skin.height is not None:
        h, w = skin.height.shape
        du = (sample(skin.height, right=1) - sample(skin.height, right=-1)) * (w / (u1 - u0) / 2)
        dv = (sample(skin.height, down=-1) - sample(skin.height, down=1)) * (h / (v1 - v0) / 2)
        tilt = across(surface.tangent.take(inside, axis=0), surface.bitangent.take(inside, axis=0), du, dv)
        result.bump[picked] -= np.float32(skin.depth) * tilt
        # Relief keeps its hollows dark: dirt and shade gather there.
        result.colour[picked] *= (0.7 + 0.3 * np.clip(sample(skin.height) * 2.5, 0, 1))[:, None]


def photograph(thing: Thing, light: Light, ground: np.ndarray, camera: Camera, rng: np.random.Generator,
               standing: bool = True) -> np.ndarray:
    """Linear RGB (size, size, 3) of a thing before a ground of that colour, (size, size, 3).

    `standing`: it throws a shadow on the ground z = 0.
    """
    size = ground.shape[0]
    surface = see(thing.mesh, camera, size)
    picture = np.array(ground, np.float32)
    if standing:
        share = 0.95 * light.key / (light.key + 1.4 * light.fill)
        lost = shadow_on_ground(thing.mesh, camera, light, size).repeat(2, axis=0).repeat(2, axis=1)[:size, :size]
        picture *= (1 - share * lost.astype(float))[..., None]
    look = look_of(thing, surface, rng)
    lit = shadow_on_itself(thing.mesh, surface, light.direction(camera), light.softness)
    open_sky = crevices(surface, max(5, size // 16))
    hole = _holes(thing, surface)
    # What lies behind is only seen through glass and holes.
    is_open = hole is not None or look.clear.any()
    behind = _behind(picture, surface, camera) if is_open else np.empty((0, 3), np.float32)
    seen = shade(surface, look, light, camera, lit, open_sky, behind)
    picture.reshape(-1, 3)[surface.pixel] = seen if hole is None else np.where(hole[:, None], behind, seen)
    return picture


def _holes(thing: Thing, surface: Surface) -> np.ndarray | None:
    """(P,) bool, where a skin is cut out; None when none is."""
    found = []
    for slot, skin in thing.skins.items():
        if skin.hole is not None:
            u0, u1, v0, v1 = skin.extent
            h, w = skin.hole.shape
            column = ((surface.uv[:, 0] - u0) / (u1 - u0) * w).astype(np.int32)
            row = ((v1 - surface.uv[:, 1]) / (v1 - v0) * h).astype(np.int32)
            column = column % w if skin.repeat else np.clip(column, 0, w - 1)
            found.append(skin.hole[np.clip(row, 0, h - 1), column] & (surface.slot == slot))
    return np.any(found, axis=0) if found else None


def _behind(picture: np.ndarray, surface: Surface, camera: Camera) -> np.ndarray:
    """The ground seen through a clear thing, bent a little by its surface."""
    size = picture.shape[0]
    y, x = surface.pixel // size, surface.pixel % size
    bend = surface.normal @ camera.axes[:2].T * (size * 0.05)
    x = np.clip(x - bend[:, 0], 0, size - 1).astype(np.int32)
    y = np.clip(y + bend[:, 1], 0, size - 1).astype(np.int32)
    return picture[y, x]


def develop(picture: np.ndarray, factor: int) -> np.ndarray:
    """Supersampled linear light (s, s, 3) to sRGB float (s / factor, ..., 3), highlights rolled off."""
    parts = [picture[y::factor, x::factor].astype(float) for y in range(factor) for x in range(factor)]
    bright = (sum(parts) / factor**2).clip(0)
    return np.float32(np.where(bright <= 0.7, bright, 1 - 0.3 * np.exp((0.7 - bright) / 0.3))) ** np.float32(1 / 2.2)
