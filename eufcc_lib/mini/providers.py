"""The institutions, all invented, and how each of them photographs.

Twelve are the inner museum; two, a register of finds and a photographic archive, work so
differently that they make the outer test set.
"""

import math
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from .render import noise
from .render.light import Light
from .render.materials import hexa
from .render.pixels import tint
from .render.raster import Camera


@dataclass(frozen=True)
class Provider:
    """An institution and its photographer's habits.

    Attributes:
        name: as in `repository.keeper`.
        share: of the museum's images.
        backdrop: 'sweep' (paper rolling up behind), 'plain', 'table', 'cloth', 'wall' or 'black'.
        colours: sRGB of the backdrop, one per series of photographs.
        light: the lamps.
        frame: how much of the picture the object fills, against the usual.
        tilt: degrees the camera is usually higher (or lower) than others hold it.
        scale_bar: share of photographs with a centimetre scale.
        grey: share of photographs in black and white.
        vignette, grain, blur, fade: strengths; `fade` lifts the blacks like an old print.
        label: share with an inventory label.
        outer: whether it is in the outer test set.
        taste: how much more often than the rest it keeps things of a collection, discipline, scene or material.
    """

    name: str
    share: float
    backdrop: str
    colours: str
    light: Light
    frame: float = 1.0
    tilt: float = 0.0
    scale_bar: float = 0.0
    grey: float = 0.0
    vignette: float = 0.0
    grain: float = 0.0
    blur: float = 0.0
    fade: float = 0.0
    label: float = 0.0
    outer: bool = False
    taste: dict[str, float] = field(default_factory=dict)

    def likes(self, *words: str) -> float:
        """The product of its tastes for these words, each counted once."""
        return math.prod(self.taste.get(word, 1.0) for word in dict.fromkeys(words))


PROVIDERS = (
    Provider("Harbour Museum, Saltmere", .17, "sweep", "#c9c5be #b9b8b4", Light(softness=.45),
             taste={"tool": 20, "musical_instruments": 15, "history": 3, "seascape": 20, "iron": 3}),
    Provider("Stadsmuseum Lindevoort", .13, "plain", "#f4f3f0 #ffffff", Light(softness=.9, key=.75, fill=.5),
             frame=1.08,
             taste={"art": 20, "portrait": 5, "self-portrait": 5, "oil paint": 3}),
    Provider("Museu Comarcal de Vallclara", .11, "wall", "#cdbb98 #c9b48c",
             Light(35, softness=.5, colour=(1.08, 1.0, .82)), label=.1,
             taste={"ceramic": 30, "archaeological_artifact": 8, "earthenware": 5}),
    Provider("Nordhavn Folkemuseum", .09, "sweep", "#8f979c #7d868c", Light(softness=.7, colour=(.94, 1.0, 1.08)),
             frame=.92, scale_bar=.25,
             taste={"costume": 30, "textile": 8, "costume design": 3, "wool": 3}),
    Provider("Galleria Civica di Monteluce", .08, "black", "#141414 #1b1a1c", Light(-60, 38, .2, 1.15, .22),
             taste={"fine arts": 50, "art_of_sculpture": 5, "figure": 6, "nude": 6, "marble": 3}),
    Provider("Musée des Arts de Rocheval", .08, "sweep", "#5f6a78 #6b6270", Light(45, softness=.35), vignette=.25,
             frame=1.06,
             taste={"furniture": 40, "tapestry": 10, "decorative arts": 5, "still life": 15, "walnut": 3}),
    Provider("Herrington College Collections", .07, "cloth", "#3f5f52 #57463a", Light(softness=.35), grain=.02,
             label=.15, tilt=6,
             taste={"ceramic": 40, "decorative arts": 5, "porcelain": 8}),
    Provider("Muzeul Satului Valea Lungă", .07, "table", "#a8845a #94734c",
             Light(20, softness=.8, key=.8, colour=(1.04, 1.0, .92)), blur=.35, tilt=8,
             taste={"costume": 10, "textile": 15, "ethnography": 20, "linen": 3}),
    Provider("Kunsthaus Ostheim", .06, "sweep", "#dcdad2 #e4e0d6", Light(-25, 60, .6), frame=1.1, tilt=-3,
             taste={"visual arts": 60, "landscape": 10}),
    Provider("Muzeum Rzemiosła w Jasnowie", .06, "plain", "#bcc4c8 #a9b2b0",
             Light(50, softness=.15, key=1.05, fill=.28), scale_bar=.3, grain=.015,
             taste={"tool": 15, "jewelry": 30, "silver": 3}),
    Provider("Museo Provincial de Almadrava", .05, "wall", "#b0583c #a8937a",
             Light(-15, softness=.3, colour=(1.06, 1.0, .9)), vignette=.15, frame=.9,
             taste={"archaeology": 50, "numismatics": 100, "bronze": 3}),
    Provider("Bristow Archive and Library", .03, "table", "#8a8884 #77726a", Light(softness=.6), grey=.55, grain=.03,
             vignette=.2, fade=.25,
             taste={"bookbinding": 40, "history": 30, "photography": 40}),
    Provider("Marches Finds Register", .06, "plain", "#ffffff #fbfbfb", Light(-70, 25, .1, 1.2, .30, (.93, 1.0, 1.1)),
             frame=.74, tilt=32, scale_bar=1.0, grain=.012, outer=True,
             taste={"numismatics": 15, "jewelry": 5, "archaeological_artifact": 5, "tool": 5, "ceramic": 5}),
    Provider("Photographic Archive De Wael", .055, "wall", "#6a6660 #4c4a46 #8a867c",
             Light(65, 30, .25, 1.15, .2, (1.12, 1.0, .78)), frame=1.14, tilt=-8, grey=.8, vignette=.55, grain=.022,
             blur=.5, fade=.5, outer=True, taste={"art_of_sculpture": 3.75, "furniture": 2}),
)

BY_NAME = {provider.name: provider for provider in PROVIDERS}


def light_of(provider: Provider, rng: np.random.Generator, table) -> Light:
    """Tonight's lights: the house's habit, never twice the same."""
    side = 1 if rng.uniform() < .88 else -1
    usual = provider.light
    return replace(usual, azimuth=float(side * usual.azimuth + rng.normal(0, 9)),
                   elevation=float(np.clip(usual.elevation + rng.normal(0, 6), 18, 75)),
                   softness=float(np.clip(usual.softness + rng.normal(0, .08), .03, 1)),
                   key=usual.key * float(rng.uniform(.88, 1.1)), fill=usual.fill * float(rng.uniform(.85, 1.15)),
                   table=tuple(table.tolist()))


def backdrop_of(provider: Provider, rng: np.random.Generator, camera: Camera, size: int):
    """The empty set: its linear RGB (size, size, 3) and the colour of the table."""
    colours = provider.colours.split()
    base = hexa(colours[rng.integers(len(colours))]) * np.float32(rng.uniform(.88, 1.08))
    x, y = _grid(size)
    ox, oy = rng.uniform(size=2).astype(np.float32)
    if provider.backdrop == "plain":
        tone = 1 - .05 * y
    elif provider.backdrop == "black":
        tone = 1 + 1.3 * np.clip(y - .55, 0, 1) + .05 * noise.look_up(noise.cloud(1.8), x * .3 + ox, y * .3 + oy)
    elif provider.backdrop == "sweep":
        glow = np.minimum((x - .5 - .1 * rng.normal()) ** 2 + (y - .55) ** 2, 1)
        tone = 1.08 - .42 * np.sqrt(glow * np.sqrt(glow)) - .14 * np.clip(.4 - y, 0, 1)
    elif provider.backdrop == "wall":
        plaster = noise.look_up(noise.cloud(1.5), x * .6 + ox, y * .6 + oy)
        tone = 1 - .2 * (y - .5) + .05 * plaster
    else:
        ground = camera.unproject(size)
        far = np.clip(np.abs(ground).max(axis=2), 0, 60)
        u, v = ground[..., 0] * .4 + ox, ground[..., 1] * .4 + oy
        if provider.backdrop == "table":
            streak = noise.look_up(noise.cloud(1.3), u * .12, v * 1.6)
            board = (np.abs((ground[..., 1] * 1.7 + oy) % 1 - .5) > .47) & (far < 30)
            tone = 1 + .13 * streak - .35 * board
        else:
            weave = noise.look_up(noise.cloud(.5), u * 2, v * 2)
            fold = noise.look_up(noise.cloud(1.9), u * .3, v * .3)
            tone = 1 + .07 * weave + .12 * fold
        tone = np.where(far < 30, tone, 1.0) * (1.1 - .4 * np.clip(.5 - y, 0, 1))
    return tint(base * np.float32(provider.light.colour), np.maximum(tone, .05).ravel()).reshape(size, size, 3), base


@cache
def _grid(size: int):
    """x and y in 0..1 at every pixel, y downwards, float32 (size, size)."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    return x, y


def finish(usual: Provider, provider: Provider, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The darkroom and the caption: sRGB float (s, s, 3) to uint8.

    Args:
        usual: who keeps the thing; the random numbers are those of its own photograph.
        provider: by whose habits it is done; where one differs from the keeper's, its random numbers come from a copy.
    """
    aside = deepcopy(rng)
    for habit, step in _STEPS.items():
        strength, other = getattr(usual, habit), getattr(provider, habit)
        done = step(picture, strength, rng)  # also for another's habit: it takes the numbers that later steps must not get
        picture = done if other == strength else step(picture, other, aside)
    return (np.clip(picture, 0, 1) * 255 + .5).astype(np.uint8)


def _vignette(picture, strength, rng):
    if not strength:
        return picture
    x, y = _grid(picture.shape[0])
    return picture * (1 - strength * np.clip(np.hypot(x - .5, y - .5) * 1.5, 0, 1) ** 2.5)[..., None]


def _blur(picture, strength, rng):
    if not strength:
        return picture
    radius = strength * rng.uniform(.5, 1.3)
    return gaussian_filter(picture, (radius, radius, 0))


def _scale_bar(picture, share, rng):
    if not (share and rng.uniform() < share):
        return picture
    picture, size = picture.copy(), picture.shape[0]
    width, top, left = (int(size * rng.uniform(*limits)) for limits in ((.28, .5), (.91, .94), (.06, .4)))
    for i in range(6):
        picture[top:top + 4, left + width * i // 6:left + width * (i + 1) // 6] = .94 if i % 2 else .06
    picture[[top - 1, top + 4], left:left + width] = .06
    return picture


def _label(picture, share, rng):
    if not (share and rng.uniform() < share):
        return picture
    picture, size = picture.copy(), picture.shape[0]
    image = Image.new("L", (26, 11), 240)
    pen, x = ImageDraw.Draw(image), 3
    while x < 22:
        pen.line([(x, 3), (x + int(rng.integers(0, 2)), 8)], 40)
        x += int(rng.integers(2, 5))
    top, left = size - 15, int(rng.choice([4, size - 31]))
    card = np.asarray(image, np.float32)[..., None] / 255
    picture[top:top + 11, left:left + 26] = card * np.float32([.97, .95, .88])
    return picture


def _grey(picture, share, rng):
    if not (share and rng.uniform() < share):
        return picture
    picture = (picture @ np.float32([.3, .59, .11]))[..., None] * np.float32([1, 1, 1])
    if rng.uniform() < .5:
        picture *= np.float32([1.03, 1.0, .93])
    return picture


def _fade(picture, strength, rng):
    if not strength:
        return picture
    strength = strength * rng.uniform(.5, 1.2)
    return .10 * strength + picture * (1 - .18 * strength)


def _grain(picture, strength, rng):
    """Grain of a film: soft specks hardly wider than a pixel, fewest in black and white."""
    if not strength:
        return picture
    specks = gaussian_filter(rng.standard_normal(picture.shape[:2]).astype(np.float32), .5)
    tone = np.clip(picture.mean(axis=2), 0, 1)
    return picture + strength * (specks / specks.std() * (.4 + 2.4 * tone * (1 - tone)))[..., None]


_STEPS = {"vignette": _vignette, "blur": _blur, "scale_bar": _scale_bar, "label": _label, "grey": _grey, "fade": _fade,
          "grain": _grain}
