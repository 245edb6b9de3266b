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


def lay(area: np.ndarray, paint: np.ndarray, cover: np.ndarray) -> None:
    """Paint over an area (h, w, 3) in place, where and as much as the mask (h, w) covers it."""
    area += (paint - area) * cover[..., None]


def outline(area: np.ndarray, paint) -> None:
    """Draw a line of one pixel along the edge of an area (h, w) or (h, w, 3), in place."""
    area[[0, -1]] = area[:, [0, -1]] = paint


def plane(size: int):
    """x, y, distance and angle about the middle of a square sheet from -1 to 1, each (size, size)."""
    y, x = np.mgrid[-1:1:size * 1j, -1:1:size * 1j]
    return x, y, np.hypot(x, y), np.arctan2(y, x)


def border(rng, width: int, height: int, motif: str | None = None) -> np.ndarray:
    """A strip of a repeated motif, float32 (height, width), seamless along its length."""
    motif = motif or rng.choice(["key", "zigzag", "dots", "waves", "leaves", "tongues", "lozenges", "scroll"])
    image, pen = canvas(width, height)
    count = max(4, round(width / height * rng.uniform(0.7, 1.0)))
    step, line = width / count, max(1, height // 9)
    for i in range(count):
        middle = (i * step + step / 2, height / 2)

        def at(*points, start=(i * step, 0)):
            return [(start[0] + a * step, start[1] + b * height) for a, b in points]

        if motif == "key":
            hook = (0, .85), (0, .12), (.85, .12), (.85, .68), (.4, .68), (.4, .42), (.62, .42)
            pen.line([(i * step + a * step * .9, b * height) for a, b in hook], 255, line)
            pen.line(at((0, .85), (1, .85)), 255, line)
        elif motif == "zigzag":
            pen.line(at((0, .85), (.5, .15), (1, .85)), 255, line + 1)
        elif motif == "dots":
            pen.circle(middle, height * .28, 255)
        elif motif == "waves":
            t = np.linspace(0, 1, 12)
            pen.line(at(*zip(t, .5 + .32 * np.sin(2 * np.pi * t))), 255, line + 1)
        elif motif == "leaves":
            for sign in (-1, 1):
                pen.polygon(at((-.3, 0), (0, sign * .42), (.35, sign * .2), start=middle), 255)
            pen.line(at((0, .5), (1, .5)), 255, line)
        elif motif == "tongues":
            pen.pieslice(at((.1, -.6), (.9, .85)), 0, 180, 255)
        elif motif == "lozenges":
            for a, b, ink in ((.42, .4, 255), (.2, .18, 0)):
                pen.polygon(at((-a, 0), (0, -b), (a, 0), (0, b), start=middle), ink)
        else:
            flip = 180 * (i % 2)
            pen.arc(at((0, .14), (1, .86)), flip, 180 + flip, 255, line + 1)
            pen.ellipse(at((.4, .4), (.6, .6)), 255)
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
        for angle in np.linspace(0, 2 * np.pi, int(rng.integers(5, 8)) + 1)[:-1]:
            cx, cy = x + size * .75 * np.cos(angle), y + size * .75 * np.sin(angle)
            pen.ellipse([cx - size * .48, cy - size * .48, cx + size * .48, cy + size * .48], 255)
        pen.ellipse([x - size * .3, y - size * .3, x + size * .3, y + size * .3], 0)
    return mask(image)


def frieze(rng, width: int, height: int) -> np.ndarray:
    """Walking figures, horses and shields as on a Greek vase, float32 (height, width)."""
    image, pen = canvas(width, height)
    count, h = max(3, int(width / height * 1.4)), height
    for i in range(count):
        x, turn = (i + .5) * width / count, rng.choice([-1, 1])

        def at(*points, x=x, turn=turn):
            return [(x + turn * a * h, b * h) for a, b in points]

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
            for hip, foot in ((-.05, -.12), (.05, .14)):
                pen.line(at((hip, .8), (foot, .98)), 255, max(2, int(h * .07)))
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

    def wind(strip, top, paints):
        """Lay a strip round the vessel, between two lines."""
        rows = np.s_[top:top + len(strip)]
        lay(colour[rows], paints[0], strip)
        share[rows] = np.maximum(share[rows], strip * cover)
        for edge, paint in zip((top - 4, top + len(strip) + 2), paints[1:]):
            line = np.s_[max(edge, 0):max(edge + 2, 0)]
            colour[line], share[line] = paint, cover

    for top in np.sort(rng.uniform(.06, .94, motifs)):
        size = int(rng.integers(9, 19))
        strip = border(rng, w, size)
        wind(strip, int(top * (h - size)), [palette[rng.integers(len(palette))] for _ in range(3)])
    if picture is not None:
        top = int(np.clip(int((1 - where) * h - len(picture) / 2), 2, h - len(picture) - 2))
        rows = np.s_[top - 2:top + len(picture) + 2]
        if ground is None:
            share[rows] = 0
        else:
            colour[rows] = hexa(ground)
        wind(picture, top, palette[:1] * 3)
    return Skin((0, around, 0, height), colour, share, gloss=gloss)
