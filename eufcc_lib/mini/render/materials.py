"""Materials: what a surface looks like before light falls on it.

A material is a function from the visible surface to a `Look`. A few families (metal,
glaze, wood, stone, cloth, ...) with different numbers make all of them; the table at the
end gives each its name in the vocabulary. Colours are written as sRGB, kept as linear.
"""

from dataclasses import dataclass, fields
from functools import wraps

import numpy as np

from . import noise
from .pixels import across, mix, tint
from .raster import Surface


@dataclass(eq=False)
class Look:
    """Optical properties at P pixels.

    Attributes:
        colour: float32 (P, 3), linear RGB of the body, or of the reflection of a metal.
        rough: (P,), 0 a mirror, 1 chalk.
        metal: (P,), 1 reflects only, with its own colour.
        gloss: (P,), strength of a clear coat (glaze, varnish, polish).
        sheen: (P,), brightness at grazing angles (velvet, silk).
        soft: (P,), how far light spreads inside (wax, alabaster).
        clear: (P,), how much one sees through it (glass).
        bump: float32 (P, 3), added to the normal.
    """

    colour: np.ndarray
    rough: np.ndarray
    metal: np.ndarray
    gloss: np.ndarray
    sheen: np.ndarray
    soft: np.ndarray
    clear: np.ndarray
    bump: np.ndarray

    @classmethod
    def blank(cls, count: int) -> "Look":
        return cls(*(np.zeros((count, 3) if f.name in ("colour", "bump") else count, np.float32) for f in fields(cls)))

    def put(self, where: np.ndarray, other: "Look") -> None:
        """Write another look into some of the pixels."""
        rows = slice(None) if len(where) == len(self.rough) else where
        for name, values in vars(self).items():
            values[rows] = getattr(other, name)


def hexa(text: str) -> np.ndarray:
    """'#rrggbb' to linear float32 (3,)."""
    return np.float32([int(text[i:i + 2], 16) / 255 for i in (1, 3, 5)]) ** np.float32(2.2)


def look(surface: Surface, colour, rough=0.6, metal=0.0, gloss=0.0, sheen=0.0, soft=0.0, clear=0.0, bump=0.0) -> Look:
    """A `Look` from numbers or arrays."""
    count = len(surface.point)
    numbers = (np.broadcast_to(np.float32(value), count) for value in (rough, metal, gloss, sheen, soft, clear))
    return Look(np.broadcast_to(np.float32(colour), (count, 3)), *numbers, np.broadcast_to(bump, (count, 3)))


def relief(surface: Surface, roughness: float, scale: float, strength: float, offset) -> np.ndarray:
    """Bump vectors (P, 3) from the slope of solid noise: dents, pits, grit."""
    sheet = noise.cloud(roughness)
    return noise.slope(sheet, surface.point, surface.tangent, surface.bitangent, scale, strength, offset)


def clouds(surface: Surface, scale: float, offset, roughness: float = 1.6, seed: int = 7) -> np.ndarray:
    """Solid noise (P,) where the surface cuts it."""
    return noise.solid(noise.cloud(roughness, seed), surface.point, scale, offset)


def family(paint):
    """Make `paint(surface, rng, offset, colour, ...) -> Look` a family of materials.

    Called with colours ('#rrggbb #rrggbb') and the family's own numbers it gives a material, which picks one of the
    colours and an offset into the noise for each object.
    """
    @wraps(paint)
    def member(colours, *numbers, **named):
        colours = [hexa(colour) for colour in colours.split()]

        def material(surface, rng):
            offset = rng.uniform(size=2).astype(np.float32)
            return paint(surface, rng, offset, colours[rng.integers(len(colours))], *numbers, **named)
        return material
    return member


@family
def metal(surface, rng, offset, colour, rough=0.25, tarnish="", amount=0.0, dents=0.05, matt=0.0):
    """Polished or corroded metal; `tarnish` (two colours) covers `amount` of it and does not reflect."""
    blotch = clouds(surface, 0.55, offset)
    bump = relief(surface, 1.5, 0.5, dents * rng.uniform(0.6, 1.5), offset)
    rough = rough * (1 + 0.25 * np.clip(blotch, -1, 1)) * rng.uniform(0.8, 1.25)
    shine = 1.0 - matt
    if tarnish:
        level = amount * rng.uniform(0.5, 1.4)
        grit = clouds(surface, 1.5, offset + 0.3, 1.1)
        cover = np.clip((blotch * 0.7 + grit * 0.45 + (level - 0.5) * 3.2) * 1.3 + 0.5, 0, 1)
        stain = tint(mix(hexa(tarnish[:7]), hexa(tarnish[-7:]), 0.5 + 0.6 * grit), 1 + 0.25 * grit)
        colour = mix(colour, stain, cover)
        shine = shine * (1 - 0.92 * cover)
        rough = rough + 0.4 * cover
        bump += relief(surface, 1.1, 1.3, 0.22, offset) * cover[:, None]
    return look(surface, colour, np.clip(rough, 0.05, 1), shine, bump=bump)


@family
def glaze(surface, rng, offset, colour, gloss=1.0, speckle=0.0, crackle=0.0, pool=0.25, rough=0.12, uneven=0.05,
          soft=0.15):
    """Fired clay under glass; the glaze pools darker in hollows and towards the foot."""
    body = colour * (1 + uneven * clouds(surface, 0.4, offset)[:, None] * np.float32([1.0, 1.1, 1.4]))
    if speckle:
        body = mix(body, colour * 0.18, np.clip(clouds(surface, 1.1, offset, 0.7) - 1.4, 0, 1) * speckle)
    if crackle:
        edge, _ = noise.cells()
        lines = noise.solid(edge, surface.point, 0.45, offset) * 0.7071
        body = tint(body, 1 - 0.5 * crackle * np.clip(1 - lines / 0.16, 0, 1))
    body = tint(body, 1 - pool * np.clip(0.25 - surface.point[:, 2], 0, 0.25) * 3)
    return look(surface, body, rough, gloss=gloss, soft=soft, bump=relief(surface, 1.9, 0.5, 0.03, offset))


@family
def clay(surface, rng, offset, colour, grit=0.18, rings=0.0):
    """Bare fired clay, plaster, paper: matt, a little gritty; `rings` are the potter's finger marks."""
    stain, grain = clouds(surface, 0.45, offset), clouds(surface, 1.7, offset, 0.9)
    bump = relief(surface, 1.1, 1.2, grit, offset)
    if rings:
        bump += (rings * np.sin(surface.uv[:, 1] * 120 + stain))[:, None] * surface.bitangent
    return look(surface, tint(colour, 1 + 0.16 * stain + 0.10 * grain, 0.004), 0.8, bump=bump)


@family
def wood(surface, rng, offset, light, dark, ring=7.0, contrast=0.7, gloss=0.35, pores=0.3):
    """Growth rings cut along the grain, which runs along v, and pores as short dark streaks."""
    ox, oy = offset
    u, v = surface.uv.T
    tone, dark = np.float32(rng.uniform(0.8, 1.15)), hexa(dark)
    waver = noise.smooth(noise.cloud(1.9), u * 0.25 + ox, v * 0.07 + oy)
    rings = np.abs(((u * ring + 1.1 * waver) % 1.0) * 2 - 1) ** 1.5
    streak = noise.smooth(noise.cloud(1.0), u * 1.2 + oy, v * 0.06 + ox)
    body = mix(light * tone, dark * tone, contrast * rings + 0.18 * streak + 0.12 * waver)
    body = mix(body, dark * 0.4, pores * np.clip(streak - 0.9, 0, 1))
    bump = tint(surface.tangent, 0.06 * streak, -1.0)
    return look(surface, body, 0.35, gloss=gloss * rng.uniform(0.4, 1.3), bump=bump)


@family
def stone(surface, rng, offset, colour, vein=None, veins=0.0, speckles="", gloss=0.3, soft=0.1, grit=0.05, banded=0.0,
          rough=0.35):
    """Cut stone: cloudy body, branching veins, crystals as speckles, sediment as bands."""
    cloud = clouds(surface, 0.35, offset)
    body = tint(colour, 1 + 0.12 * cloud, 0.004)
    if banded:
        lean = surface.point @ np.float32([0.25, 0.2, 1.0]) * 9 + 1.2 * cloud
        body = tint(body, 1 - 0.4 * banded * (0.5 + 0.5 * np.sin(lean * 2.6)))
    if vein:
        wander = surface.point @ np.float32(rng.normal(size=3)) * 1.3 + 0.95 * clouds(surface, 0.22, offset, 1.9)
        line = np.exp(-(np.abs((wander % 1.0) - 0.5) / 0.09) ** 2) * np.clip(0.6 + 0.5 * cloud, 0, 1)
        body = mix(body, hexa(vein), veins * line)
    for i, other in enumerate(speckles.split()):
        grain = clouds(surface, 0.9, offset, 0.55, 5 + i)
        body = mix(body, hexa(other), np.clip((grain - 0.75) * 4, 0, 0.9))
    return look(surface, body, rough, gloss=gloss, soft=soft, bump=relief(surface, 1.2, 1.0, grit, offset))


@family
def organic(surface, rng, offset, colour, gloss=0.4, soft=0.3, streaks=0.0, dark=None, blotch=0.0, rough=0.3, clear=0.0,
            sheen=0.0, grit=0.03):
    """Bone, ivory, horn, amber, wax, leather, parchment: a body with streaks or blotches of another colour."""
    colour = colour * np.float32(rng.uniform(0.85, 1.1))
    cloud = clouds(surface, 0.5, offset)
    body = tint(colour, 1 + 0.08 * cloud, 0.004)
    if dark:
        streak = noise.smooth(noise.cloud(1.3), surface.uv[:, 0] * 0.9 + offset[0], surface.uv[:, 1] * 0.12 + offset[1])
        share = streaks * np.clip(0.35 + 0.5 * streak, 0, 1) + blotch * np.clip(1.6 * cloud, 0, 1)
        body = mix(body, hexa(dark), share)
    bump = relief(surface, 1.2, 1.1, grit, offset)
    return look(surface, body, rough, gloss=gloss, soft=soft, clear=clear, sheen=sheen, bump=bump)


@family
def cloth(surface, rng, offset, dye, threads=38.0, bump=0.35, sheen=0.2, gloss=0.0, twill=0.0, fuzz=0.0, figure=0.0,
          rough=0.7):
    """Woven threads: warp over weft in turn; `twill` leans them, `fuzz` hides them, `figure` is a damask pattern."""
    dye = dye * np.float32(rng.uniform(0.8, 1.1))
    u, v = surface.uv.T * np.float32(threads)
    v = v + twill * u
    uneven = noise.look_up(noise.cloud(1.2), surface.uv[:, 0] * 0.8 + offset[0], surface.uv[:, 1] * 0.8 + offset[1])
    sin_u, sin_v = np.sin(np.pi * u), np.sin(np.pi * v)
    # Rounded threads, cos 2 pi u and cos 2 pi v, of which the one on top stands higher.
    height = 1.0 - 0.5 * (sin_u * sin_u + sin_v * sin_v) + 0.15 * np.sign(sin_u * sin_v)
    tone = 0.80 + 0.32 * (1 - fuzz) * height + 0.07 * uneven
    if figure:
        leaf = np.tanh(4 * (np.sin(u * 0.55) * np.sin(v * 0.4) + 0.6 * np.sin(u * 0.55 * 2 + v * 0.8)))
        tone, gloss = tone * (1 + figure * leaf), gloss * (0.6 + 0.4 * leaf)
    tilt = bump * (1 - fuzz)
    lean_u, lean_v = tilt * sin_u * np.cos(np.pi * u), tilt * sin_v * np.cos(np.pi * v)
    slope = across(surface.tangent, surface.bitangent, lean_u, lean_v)
    if fuzz:
        slope += relief(surface, 0.9, 1.6, 0.3 * fuzz, offset)
    return look(surface, tint(dye, tone, 0.003), rough, gloss=gloss, sheen=sheen, bump=slope)


@family
def plait(surface, rng, offset, colour, strips=15.0):
    """Basketry: flat strips over and under each other."""
    u, v = surface.uv.T * np.float32(strips)
    row = np.floor(v)
    shifted = u + 0.5 * (row % 2)
    over, along = v % 1 - 0.5, shifted % 1 - 0.5
    tone = noise.look_up(noise.cloud(0.6), np.floor(shifted) * 0.137 + offset[0], row * 0.211 + offset[1])
    rise = np.cos(np.pi * along).clip(0)  # a rounding error below 0 has no root
    height = np.cos(np.pi * over) * (0.35 + 0.65 * rise ** 0.5)
    slope = across(surface.tangent, surface.bitangent, 0.64 * np.sin(np.pi * along), 0.8 * np.sin(np.pi * over))
    return look(surface, tint(colour, 0.35 + 0.75 * height + 0.1 * tone, 0.004), 0.5, gloss=0.25, bump=slope)


@family
def glass(surface, rng, offset, colour, clear=0.88):
    """Blown glass: the background, stained, darker at the rim where one looks through more of it."""
    return look(surface, colour, 0.06, gloss=1.0, clear=clear, bump=relief(surface, 1.9, 0.35, 0.04, offset))


DYES = "#7c2a2a #2c3f66 #c9b68c #31503a #8a5a2b #d8d2c2 #3a3236 #8c3b4a #5b6f8c #b08a2e #e2dccb #564a6b"
FINE = "#9c1f2f #24406f #d9c27a #2f6a55 #e6dccb #6b2f5b #1f1d22 #c77d8a #7fa0b8 #b4552d #f0e9dc"

MATERIALS = {
    "gold": metal("#f3c04a", 0.18, dents=0.04),
    "silver": metal("#e6e4de", 0.16, "#4a4640 #2e2b28", 0.22, dents=0.04),
    "bronze": metal("#8f6236", 0.35, "#3f5f4c #35483a #5d8a74", 0.42, dents=0.06),
    "brass": metal("#d8a545", 0.22, "#6d5420", 0.15, dents=0.04),
    "copper": metal("#d0714a", 0.24, "#5a2f20 #4c8a76", 0.2, dents=0.06),
    "iron": metal("#55524e", 0.5, "#6e3b1e #3d241a", 0.5, dents=0.10),
    "steel": metal("#a6a9ad", 0.2, "#5b4a3c", 0.14, dents=0.03),
    "cast iron": metal("#3b3a3a", 0.55, "#2a2827", 0.3, dents=0.12, matt=0.25),
    "lead": metal("#6f7379", 0.6, "#9a9a97 #7f7f7c", 0.4, dents=0.1, matt=0.2),
    "tin": metal("#b2b1ab", 0.38, "#75726a", 0.25, dents=0.05),
    "porcelain": glaze("#f3f4f2 #eef1f3 #f6f2ea", soft=0.35, uneven=0.01, pool=0.05),
    "stoneware": glaze("#8d867c #a58a63 #77695a #6f7880", gloss=0.55, speckle=0.9, rough=0.25, uneven=0.12),
    "earthenware": glaze("#a8692d #5f7a3a #c79a4b #6b3c22 #d9c493", gloss=0.8, uneven=0.16, pool=0.9, crackle=0.25),
    "faience": glaze("#5fb3b3 #e9e6da #4f8fb5 #ece4cf", gloss=0.9, crackle=0.55, uneven=0.06),
    "terracotta": clay("#b8683f #c47d52 #a85836 #cf9468", rings=0.05),
    "glass": glass("#dff0e4 #e8f2f0 #d3e8d8"),
    "colored glass": glass("#3f78b8 #3c9a63 #a8324a #c48a26 #7a4fa0", clear=0.8),
    "oak": wood("#a97c4b", "#6e4824", ring=9, contrast=0.6, pores=0.7, gloss=0.25),
    "walnut": wood("#7a5233", "#3b2415", ring=7, contrast=0.7, gloss=0.4),
    "mahogany": wood("#8a3f24", "#4e1d10", ring=6, contrast=0.55, gloss=0.7),
    "ebony": wood("#2b2422", "#120f0e", ring=10, contrast=0.6, gloss=0.7),
    "boxwood": wood("#d3ac67", "#b3853f", ring=12, contrast=0.35, pores=0.05, gloss=0.45),
    "beech": wood("#c99a6a", "#a8734a", ring=10, contrast=0.3, pores=0.5, gloss=0.25),
    "pine": wood("#dcb57c", "#b5793a", ring=5, contrast=0.8, pores=0.1, gloss=0.12),
    "marble": stone("#eeebe5 #e6e2da #e9e4e0", "#7f8086", 0.45, gloss=0.45, soft=0.4),
    "alabaster": stone("#ead9bd #f0e4cf", "#b98f62", 0.4, gloss=0.35, soft=0.8),
    "granite": stone("#a39a94 #b58d80", speckles="#2f2d2e #e2dcd4", gloss=0.3, soft=0),
    "limestone": stone("#d5c8a8 #cbbd9d #bdb398", gloss=0, soft=0, grit=0.22, rough=0.9),
    "sandstone": stone("#c08a5a #b97c52 #c7a573", gloss=0, soft=0, grit=0.3, banded=0.45, rough=0.9),
    "slate": stone("#4a5058 #43484c", gloss=0.1, soft=0, grit=0.12, banded=0.3, rough=0.6),
    "basalt": stone("#3f3e3d #35363a", gloss=0.2, soft=0, grit=0.15, rough=0.6),
    "jade": stone("#6f9a72 #4f8262 #a9bf9a", "#d8e3c8", 0.35, gloss=0.8, soft=0.7, rough=0.15),
    "turquoise": stone("#4fb0ad #5fb8c4", "#4a3a2c", 0.6, gloss=0.6, rough=0.2),
    "agate": stone("#a5673f #8a8f98", gloss=0.9, banded=0.9, soft=0.4, rough=0.1),
    "carnelian": organic("#b23a1c #c44f24", gloss=1.0, soft=0.6, clear=0.25, rough=0.1),
    "amber": organic("#c9771c #d99a2e #a8520f", gloss=1.0, soft=0.8, dark="#7a3208", blotch=0.5, clear=0.35, rough=0.1),
    "jet": organic("#161415 #1d1a1a", gloss=1.0, rough=0.12, soft=0),
    "coral": organic("#d3563f #e07a62", gloss=0.5, soft=0.4),
    "pearl": organic("#efe6dc #e8dfe2", gloss=0.9, soft=0.6, sheen=0.6),
    "mother-of-pearl": organic("#e3dfd6 #d5dfda", gloss=0.9, sheen=0.9, dark="#b9a9c9", blotch=0.6, rough=0.2),
    "bone": organic("#e0d3b4 #d8c9a4", gloss=0.25, dark="#a88f62", streaks=0.5, soft=0.25, grit=0.08),
    "ivory": organic("#efe4c8 #ead9b2", gloss=0.5, dark="#c9a86a", streaks=0.3, soft=0.5),
    "horn": organic("#5a4a35 #8a7650", gloss=0.7, dark="#231a12", streaks=0.9, soft=0.4),
    "tortoiseshell": organic("#c98a35 #b8722a", gloss=0.9, dark="#2a1408", blotch=1.0, soft=0.4, rough=0.15),
    "leather": organic("#6a3e22 #4a2c1a #8a5a32 #2c2220 #7a2f22", gloss=0.3, dark="#24140c", blotch=0.35, soft=0, rough=0.45, grit=0.14),
    "parchment": organic("#e5d6ac #dccb9a", gloss=0.12, dark="#b8965a", blotch=0.45, soft=0.2, rough=0.6),
    "wax": organic("#e0c98a #a83a2a #d8b878", gloss=0.5, soft=0.9, rough=0.4),
    "plaster": clay("#ebe7de #e2ddd0", grit=0.10),
    "linen": cloth("#d9cfb4 #cfc4a8 #e3dcc8 #b9ad8c", threads=34, bump=0.5, sheen=0.1),
    "cotton": cloth("#ece6da #b9c4d0 #a83c3c #3f5a80 #d8c08a #e8e0d0", threads=46, bump=0.3, sheen=0.1),
    "wool": cloth(DYES, threads=26, bump=0.6, sheen=0.35, fuzz=0.55, twill=0.5),
    "silk": cloth(FINE, threads=70, bump=0.08, sheen=0.5, gloss=0.9, rough=0.38),
    "velvet": cloth("#5a1220 #1d2f52 #23402c #3c1f42 #14131a #7a4a12", threads=60, bump=0.0, sheen=2.4, fuzz=1.0),
    "damask": cloth(FINE, threads=60, bump=0.1, sheen=0.4, gloss=0.6, figure=0.28, rough=0.45),
    "felt": cloth("#3a3236 #6b2a2a #2f4a3a #8a7a62 #1d1c1e", threads=20, bump=0.0, sheen=0.3, fuzz=1.0),
    "lace": cloth("#efe8d8 #e8dcc0", threads=40, bump=0.2),
    "straw": plait("#d8b45a #c9a048 #e0c27a", strips=22),
    "wicker": plait("#a87638 #8a5a2a #c29450", strips=13),
    "bamboo": wood("#d3b26a", "#a8843c", ring=4, contrast=0.2, gloss=0.5, pores=0.1),
    "paper": clay("#e9e1cc #efe9da #dfd3b5", grit=0.05),
    "cardboard": clay("#b39a72 #c9b591 #8f7a5a", grit=0.1),
    "oil paint": organic("#b8a078", gloss=0.35, soft=0, rough=0.4),
    "tempera": organic("#b89a68", gloss=0.2, soft=0, rough=0.5),
    "canvas": cloth("#c9b994 #b5a480", threads=40, bump=0.4),
    "watercolor": clay("#ece6d6", grit=0.05),
    "printing ink": clay("#2a2624", grit=0.05),
    "India ink": clay("#1f1a18", grit=0.05),
    "red chalk": clay("#9c4428", grit=0.05),
    "chalk": clay("#e8e4da", grit=0.05),
    "graphite": clay("#55555a", grit=0.05),
    "feather": cloth("#e8e0d2 #3a2f2c #7a4a2a #1f4a5a #c23a3a", threads=30, bump=0.2, sheen=0.8, fuzz=0.6),
    "skin": organic("#d9a583 #c98f6c #e5bb9a #a8714e", gloss=0.12, soft=0.5, rough=0.5),
    "hair": organic("#2a1c14 #5a3a20 #8a6432 #b8a088 #18120f", gloss=0.3, dark="#120b08", streaks=0.8, rough=0.4),
    "enamel": glaze("#2c4f9a #b03030 #2f8a5a #f0e8d8", gloss=1.0),
}
