"""Pictures painted shape by shape: the pen and the brush with which scenes, icons, windows and posters are designed.

Places are in units of the picture's height: x from the middle, y downwards from the top edge.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from ..render.materials import hexa
from .decor import lay


def both(points) -> list:
    """A shape with two like halves, from the points of the right one, top to bottom (or out and back)."""
    return list(points) + [(-x, y) for x, y in reversed(points)]


def rounded(points, times: int = 3) -> np.ndarray:
    """A closed outline with its corners cut off; a point written twice stays a corner."""
    points = np.asarray(points, float)
    for _ in range(times):
        after = np.roll(points, -1, 0)
        points = np.stack([.75 * points + .25 * after, .25 * points + .75 * after], 1).reshape(-1, 2)
    return points


def oval(x, y, rx, ry=None, lean: float = 0.0, sides: int = 24) -> np.ndarray:
    """An ellipse, or a regular polygon of few sides, leaning by so many degrees."""
    a, c, s = np.linspace(0, 2 * np.pi, sides, endpoint=False), np.cos(np.radians(lean)), np.sin(np.radians(lean))
    u, v = rx * np.cos(a), (rx if ry is None else ry) * np.sin(a)
    return np.stack([x + c * u - s * v, y + s * u + c * v], 1)


def limb(path, widths) -> np.ndarray:
    """The outline of a bent bar, by its half width at each point of its path: an arm, a stem, a lip."""
    path, widths = np.asarray(path, float), np.broadcast_to(widths, len(path)).astype(float)
    for _ in range(2):
        ends = path[:1], path[-1:], widths[:1], widths[-1:]
        path, widths = (np.concatenate([a, np.stack([.75 * v[:-1] + .25 * v[1:], .25 * v[:-1] + .75 * v[1:]], 1).reshape(
            -1, *v.shape[1:]), b]) for a, b, v in ((ends[0], ends[1], path), (ends[2], ends[3], widths)))
    along = np.gradient(path, axis=0)
    across = along[:, ::-1] * (-1, 1) / (np.hypot(*along.T)[:, None] + 1e-9) * widths[:, None]
    tips = [end + sign * along[i] / (np.hypot(*along[i]) + 1e-9) * widths[i] * .7
            for i, sign, end in ((-1, 1, path[-1]), (0, -1, path[0]))]
    return np.concatenate([path + across, tips[:1], (path - across)[::-1], tips[1:]])


class Easel:
    """A picture in linear RGB, float32 (h, w, 3), under work; the light falls from the left or the right above.

    A group of shapes is put somewhere with `at`: its own units are then `size` picture heights.
    """

    def __init__(self, ground: np.ndarray, left: bool = True, relief: float = .5):
        self.image = np.array(ground, np.float32)
        self.h, self.w = ground.shape[:2]
        self.sun, self.relief = np.float32([-.8 if left else .8, -.7]), relief
        self.at(0, 0, 1)

    def at(self, x, y, size, lean: float = 0.0, flip: int = 1):
        """From here on, shapes are given about (x, y), so large, leaning by so many degrees, perhaps mirrored."""
        c, s = size * np.cos(np.radians(lean)), size * np.sin(np.radians(lean))
        self.turn, self.origin, self.size = np.array([[c * flip, s * flip], [-s, c]]), np.array([x, y]), size
        return self

    def fill(self, points, colour, depth: float = 0.0, cover: float = 1.0, soft: float = 0.0) -> None:
        """Paint a shape; `depth`, in its own units, is how far its rounding reaches in; `soft` how blurred its edge is."""
        places = np.asarray(points, float) @ self.turn + self.origin
        places = places * self.h + (self.w / 2, 0)
        depth, soft = (max(v * self.size * self.h, .01) for v in (depth, soft))
        pad = int(2.5 * max(depth, soft)) + 2
        x0, y0 = np.maximum(places.min(0).astype(int) - pad, 0)
        x1, y1 = np.minimum(places.max(0).astype(int) + pad + 1, (self.w, self.h))
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        stencil = Image.new("L", (4 * (x1 - x0), 4 * (y1 - y0)))
        ImageDraw.Draw(stencil).polygon([(4 * (x - x0), 4 * (y - y0)) for x, y in places], 255)
        mask = np.asarray(stencil.reduce(4), np.float32) / 255
        if soft > .3:
            mask = gaussian_filter(mask, soft)
        paint = hexa(colour) if isinstance(colour, str) else np.float32(colour)
        if depth > .3 and self.relief:
            down, right = np.gradient(gaussian_filter(mask, depth))
            lit = -(right * self.sun[0] + down * self.sun[1]) * depth * 2.2 * self.relief
            paint = paint * np.clip(1 + lit, .3, 1.7)[..., None]
        lay(self.image[y0:y1, x0:x1], paint, mask * cover)

    def draw(self, path, width, colour, cover: float = 1.0, soft: float = 0.0) -> None:
        """A stroke along a path, as wide as twice `width` (one number or one a point)."""
        self.fill(limb(path, width), colour, cover=cover, soft=soft)


@cache
def words(text: str, width: int, height: int, fit: bool = True) -> np.ndarray:
    """A line of letters as a mask (height, width), as large as fits; `fit` False keeps it from the left, else in the middle."""
    font = ImageFont.load_default(size=48)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), text, 255, font, stroke_width=1)
    scale = min(width / image.width, height / image.height)
    size = max(int(image.width * scale), 1), max(int(image.height * scale), 1)
    sheet = np.zeros((height, width), np.float32)
    y, x = (height - size[1]) // 2, (width - size[0]) // 2 * fit
    sheet[y:y + size[1], x:x + size[0]] = np.asarray(image.resize(size, Image.BOX), np.float32) / 255
    return sheet
