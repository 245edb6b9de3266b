"""Painted decoration: bands, friezes and sprays for vessels, tiles, textiles and furniture.

Drawn as small masks with Pillow (white on black) and laid on a surface as a `Skin`.
"""

import numpy as np
from PIL import Image, ImageDraw

from ..render.materials import hexa
from ..render.studio import Skin


def canvas(width: int, height: int):
    """A black mask and the pen to draw on it."""
    image = Image.new("L", (width, height))
    return image, ImageDraw.Draw(image)


def mask(image: Image.Image) -> np.ndarray:
    """The drawn mask as float32 (h, w), 0 to 1."""
    return np.asarray(image, np.float32) / 255


def plain(rng, colours: str) -> np.ndarray:
    """One of the colours ('#rrggbb #rrggbb') as a picture of one pixel, linear float32 (1, 1, 3)."""
    return hexa(rng.choice(colours.split()))[None, None]


def lay(area: np.ndarray, ink: np.ndarray, cover: np.ndarray) -> None:
    """Colour a part (h, w, 3) of a picture where `cover` (h, w) says, 0 to 1."""
    area += (ink - area) * cover[..., None]


def border(rng, width: int, height: int, motif: str | None = None) -> np.ndarray:
    """A strip of a repeated motif, float32 (height, width), seamless along its length."""
    motif = motif or rng.choice(["key", "zigzag", "dots", "waves", "leaves", "tongues", "lozenges", "scroll"])
    image, pen = canvas(width, height)
    count = max(4, round(width / height * rng.uniform(0.7, 1.0)))
    step, line = width / count, max(1, height // 9)
    for i in range(count):
        x = i * step
        if motif == "key":
            points = [(0, .85), (0, .12), (.85, .12), (.85, .68), (.4, .68), (.4, .42), (.62, .42)]
            pen.line([(x + a * step * .9, b * height) for a, b in points], 255, line)
            pen.line([(x, .85 * height), (x + step, .85 * height)], 255, line)
        elif motif == "zigzag":
            pen.line([(x, height * .85), (x + step / 2, height * .15), (x + step, height * .85)], 255, line + 1)
        elif motif == "dots":
            r = height * .28
            pen.ellipse([x + step / 2 - r, height / 2 - r, x + step / 2 + r, height / 2 + r], 255)
        elif motif == "waves":
            t = np.linspace(0, 1, 12)
            y = height * (.5 + .32 * np.sin(2 * np.pi * t))
            pen.line(list(zip(x + t * step, y)), 255, line + 1)
        elif motif == "leaves":
            for sign in (-1, 1):
                cx, cy = x + step / 2, height / 2
                pen.polygon([(cx - step * .3, cy), (cx, cy + sign * height * .42), (cx + step * .35, cy + sign * height * .2)], 255)
            pen.line([(x, height / 2), (x + step, height / 2)], 255, line)
        elif motif == "tongues":
            pen.pieslice([x + step * .1, -height * .6, x + step * .9, height * .85], 0, 180, 255)
        elif motif == "lozenges":
            cx, cy = x + step / 2, height / 2
            pen.polygon([(cx - step * .42, cy), (cx, cy - height * .4), (cx + step * .42, cy), (cx, cy + height * .4)], 255)
            pen.polygon([(cx - step * .2, cy), (cx, cy - height * .18), (cx + step * .2, cy), (cx, cy + height * .18)], 0)
        else:
            r, flip = height * .36, 180 * (i % 2)
            pen.arc([x, height / 2 - r, x + step, height / 2 + r], flip, 180 + flip, 255, line + 1)
            pen.ellipse([x + step * .4, height * .4, x + step * .6, height * .6], 255)
    return mask(image)


def spray(rng, width: int, height: int, flowers: int = 7, stem: bool = True) -> np.ndarray:
    """Flowers on curving stems with leaves, float32 (height, width)."""
    image, pen = canvas(width, height)
    line = max(1, height // 60)
    for _ in range(flowers):
        x, y = rng.uniform(.08, .92) * width, rng.uniform(.12, .8) * height
        size = rng.uniform(.05, .1) * height
        if stem:
            t = np.linspace(0, 1, 9)
            root = width * rng.uniform(.3, .7)
            path = list(zip(x + (root - x) * t ** 2, y + (height * .98 - y) * t))
            pen.line(path, 255, line)
            for px, py in path[2:-1:2]:
                lean = rng.choice([-1, 1]) * size
                pen.ellipse([min(px, px + lean), py - size * .25, max(px, px + lean), py + size * .25], 255)
        petals = int(rng.integers(5, 8))
        for p in range(petals):
            angle = 2 * np.pi * p / petals
            cx, cy = x + size * .75 * np.cos(angle), y + size * .75 * np.sin(angle)
            pen.ellipse([cx - size * .48, cy - size * .48, cx + size * .48, cy + size * .48], 255)
        pen.ellipse([x - size * .3, y - size * .3, x + size * .3, y + size * .3], 0)
    return mask(image)


def frieze(rng, width: int, height: int) -> np.ndarray:
    """Walking figures, horses and shields as on a Greek vase, float32 (height, width)."""
    image, pen = canvas(width, height)
    count = max(3, int(width / height * 1.4))
    step = width / count
    for i in range(count):
        x, h = (i + .5) * step, height
        turn = rng.choice([-1, 1])

        def at(*points, x=x, turn=turn):
            return [(x + turn * a * height, b * height) for a, b in points]
        if rng.uniform() < .3:
            pen.polygon(at((-.34, .48), (.2, .46), (.34, .2), (.46, .26), (.38, .36), (.28, .62), (-.3, .66)), 255)
            for leg in (-.28, -.2, .16, .24):
                pen.line(at((leg, .6), (leg + rng.uniform(-.06, .06), .97)), 255, max(2, int(h * .05)))
            pen.line(at((-.34, .5), (-.46, .75)), 255, max(2, int(h * .04)))
        else:
            pen.ellipse([x - .09 * h, .04 * h, x + .09 * h, .22 * h], 255)
            pen.polygon(at((-.14, .26), (.14, .26), (.08, .56), (.2, .8), (-.18, .8), (-.08, .56)), 255)
            reach = rng.uniform(.2, .5)
            pen.line(at((.08, .3), (.28, reach), (.4, reach - .1)), 255, max(2, int(h * .06)))
            pen.line(at((-.05, .8), (-.12, .98)), 255, max(2, int(h * .07)))
            pen.line(at((.05, .8), (.14, .98)), 255, max(2, int(h * .07)))
            if rng.uniform() < .4:
                pen.line(at((.36, .02), (.38, .98)), 255, max(1, int(h * .025)))
            if rng.uniform() < .3:
                pen.ellipse([x - .2 * h, .3 * h, x + .16 * h, .66 * h], 255)
                pen.ellipse([x - .13 * h, .37 * h, x + .09 * h, .59 * h], 0)
            for fold in (-.06, 0, .06):
                pen.line(at((fold, .58), (fold * 1.8, .78)), 0, max(1, int(h * .02)))
    return mask(image)


def bands(rng, height: float, around: float, colours: str, ground: str | None = None, motifs: int = 3,
          picture: np.ndarray | None = None, where: float = 0.6, cover: float = 1.0, gloss=None) -> Skin:
    """Decoration of a turned vessel: rings, motif strips and, if given, a picture round its belly.

    Args:
        height, around: of the vessel's outside, in its texture's units.
        colours: sRGB, one is drawn for each strip; `ground` fills all the rest.
        picture: mask (h, w) laid at `where` (share of the height) over a quarter of the height.
    """
    w, h = 320, 160
    palette = [hexa(c) for c in colours.split()]
    colour, share = np.zeros((h, w, 3), np.float32), np.zeros((h, w), np.float32)
    if ground:
        colour[:], share[:] = hexa(ground), 1.0
    tops = np.sort(rng.uniform(.06, .94, motifs))
    for top in tops:
        size = int(rng.integers(9, 19))
        _paste(colour, share, border(rng, w, size), int(top * (h - size)), palette[rng.integers(len(palette))], cover)
        for edge in (-4, size + 2):
            _ring(colour, share, int(top * (h - size)) + edge, 2, palette[rng.integers(len(palette))], cover)
    if picture is not None:
        top = int((1 - where) * h - picture.shape[0] / 2)
        top = int(np.clip(top, 2, h - picture.shape[0] - 2))
        if ground is None:
            share[top - 2:top + picture.shape[0] + 2] = 0
        else:
            colour[top - 2:top + picture.shape[0] + 2] = hexa(ground)
        _paste(colour, share, picture, top, palette[0], cover)
        for edge in (-4, picture.shape[0] + 2):
            _ring(colour, share, top + edge, 2, palette[0], cover)
    return Skin((0, around, 0, height), colour, share, gloss=gloss)


def _paste(colour, share, motif, top, paint, cover):
    h = motif.shape[0]
    rows = slice(max(top, 0), max(top, 0) + h)
    motif = np.resize(motif, (h, colour.shape[1])) if motif.shape[1] != colour.shape[1] else motif
    motif = motif[:colour[rows].shape[0]]
    colour[rows] += (paint - colour[rows]) * motif[..., None]
    share[rows] = np.maximum(share[rows], motif * cover)


def _ring(colour, share, top, thickness, paint, cover):
    rows = slice(max(top, 0), max(top + thickness, 0))
    colour[rows], share[rows] = paint, cover
