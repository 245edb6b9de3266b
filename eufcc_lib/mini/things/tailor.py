"""The tailor's tools: bodies of garments, sleeves, collars, what is sewn on.

A garment's body is a `Cut`: its cross-sections and its opening in front. Lapels, pockets, buttons and braid are placed
by (x, z) on its front, so that they follow every form of body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..render.curves import curve
from ..render.solids import ball, join, sheet, sweep
from ..render.studio import Skin
from . import decor


def pleats(count: int, depth: float):
    """Folds round a body that deepen downwards."""
    return lambda angle, share: 1 + depth * (1 - share) * (
        np.sin(count * angle + .5 * np.sin(5 * share + 2)) + .4 * np.sin((2 * count + 1) * angle + 1))


def lifted(mesh, rise):
    """A form whose points are moved upwards by `rise(x, y, z)`."""
    return mesh.bent(lambda p: p + np.float32([0, 0, 1]) * rise(*p.T)[:, None])


@dataclass(frozen=True, eq=False)
class Cut:
    """A garment's body.

    Attributes:
        stations: rows (z, half width, half depth) of oval cross-sections, upwards.
        gap: rows (z, half angle) of its opening in front; () is closed.
        push: function (angle, share of the height) -> factor on the radius.
        square: as in `loft`.
    """

    stations: np.ndarray
    gap: tuple = ()
    push: Callable | None = None
    square: float = 2.4

    @cached_property
    def line(self):
        return curve(self.stations, 60)

    def at(self, angle, z, out=0.0):
        """The points of its surface at an angle (-pi / 2 is in front) and a height, moved outwards."""
        line = self.line
        wide, deep = (np.interp(z, line[:, 0], line[:, i]) for i in (1, 2))
        share = (z - line[0, 0]) / (line[-1, 0] - line[0, 0])
        factor = self.push(angle, share) if self.push else 1
        x, y = (np.sign(a) * np.abs(a) ** (2 / self.square) for a in (np.cos(angle), np.sin(angle)))
        return np.stack(np.broadcast_arrays((wide * factor + out) * x, (deep * factor + out) * y, z), -1)

    def opening(self, z):
        return np.interp(z, *zip(*self.gap)) if self.gap else 0 * z

    def mesh(self, sections=64, samples=34):
        z = curve(self.stations, samples)[:, :1]
        half = self.opening(z)
        return sheet(self.at(half - np.pi / 2 + np.linspace(0, 1, sections + 1) * (2 * np.pi - 2 * half), z))

    def front(self, points, out=.01):
        """Where points (..., 2) given as (x, z) lie on the front."""
        x, z = np.moveaxis(np.asarray(points, float), -1, 0)
        share = np.clip(x / np.interp(z, *self.line.T[:2]), -1, 1)
        return self.at(-np.arccos(np.sign(share) * np.abs(share) ** (self.square / 2)), z, out)

    def flap(self, left, right, out=.014, rows=12, columns=7):
        """A flat piece sewn onto the front between two edges of (x, z) points, from the bottom upwards."""
        t, s = np.linspace(0, 1, rows), np.linspace(0, 1, columns)[:, None]
        left, right = (np.stack([np.interp(t, np.linspace(0, 1, len(edge)), c) for c in zip(*edge)], 1)[:, None]
                       for edge in (left, right))
        grid = np.pad(left + (right - left) * s, ((1, 1), (1, 1), (0, 0)), "edge")
        return sheet(self.front(grid, np.pad(np.full((rows, columns), out), 1)))

    def flaps(self, inner, outer, out=.014):
        """A flap and its mirror image."""
        return [self.flap(*([(s * x, z) for x, z in edge] for edge in ((inner, outer)[::s])), out) for s in (1, -1)]

    def studs(self, points, radius=.015, slot=1):
        """Buttons at these places of the front."""
        return [ball(radius, 10).scaled(1, .6, 1).moved(*p).of(slot) for p in self.front(points, .016)]

    def front_seam(self, low, high):
        """The line where a closed front overlaps."""
        return sweep(self.front([(.01, z) for z in np.linspace(low, high, 9)], .002), .006, sections=6, samples=18)

    def edge(self, side, radius=.012, low=None, high=None):
        """A braid along one edge of the opening."""
        z = np.linspace(self.stations[0][0] if low is None else low, self.stations[-1][0] if high is None else high, 16)
        return sweep(self.at(side * self.opening(z) - np.pi / 2, z, .006), radius, sections=8, samples=30)

    def girdle(self, low, high, out=.012, count=48):
        """A belt or band round it, between two heights."""
        z, outs = np.array([low, low, high, high])[:, None], np.array([-.01, out, out, -.01])[:, None]
        half = self.opening(z)
        return sheet(self.at(half - np.pi / 2 + np.linspace(0, 1, count) * (2 * np.pi - 2 * half), z, outs))


def torso(top: float, waist: float, *hem):
    """Cross-sections from the given ones of the hem to the neck at that height."""
    rows = [(-.42, waist, waist * .66), (-.25, .2, .13), (-.14, .205, .11), (-.085, .19, .088), (-.045, .135, .075),
            (-.018, .085, .07), (0, .068, .066)]
    return np.array([*hem] + [(top + z, w, d) for z, w, d in rows if top + z > hem[-1][0] + .04])


SLEEVES = {"straight": (.082, .08, .068, .058), "puff": (.1, .12, .11, .05), "bishop": (.075, .075, .105, .06),
           "bell": (.075, .075, .09, .14), "mutton": (.12, .13, .06, .048), "tight": (.07, .062, .052, .046),
           "wide": (.082, .088, .09, .092)}


def sleeves(top, style, reach, lean=1.2, cuff=0, cuff_wide=1.12, shoulder=.165):
    """Two sleeves that hang from a torso's shoulders, with cuffs of slot `cuff` (0: the cloth itself) or None."""
    parts, radius = [], np.array(SLEEVES[style])
    for s in (-1, 1):
        x, z = shoulder, top - .13
        path = [(s * (x + reach * t * np.cos(lean) + .03 * np.sin(np.pi * t)), -.09 * reach * t ** 2,
                 z - reach * t * np.sin(lean))
                for t in (0, .33, .67, 1)]
        parts.append(sweep(path, radius, sections=18, samples=18, flat=.8))
        parts.append(ball(radius[0], 16).scaled(1, .8, 1).moved(*path[0]))
        if cuff is not None:
            end, before = np.array(path[-1]), np.array(path[-2])
            parts.append(sweep([end + (before - end) * .32, end - (before - end) * .02], radius[-1] * cuff_wide, sections=18,
                               flat=.8).of(cuff))
    return parts


def stand(top, tall=.05, slot=0):
    return Cut(np.array([(top - .025, .08, .078), (top + tall, .068, .066)]), ((top, .16),)).mesh(28, 6).of(slot)


def turndown(top, spread=.45, slot=0, fall=.055):
    """A collar that is folded down, its points spread."""
    rows = np.array([(top - fall, .115, .105), (top + .02, .082, .08), (top + .035, .074, .072)])
    return join([Cut(rows, ((top - fall, spread), (top + .035, .1))).mesh(32, 10), stand(top, .035)]).of(slot)


def lapels(cut, top, low, wide=.12, notch=True, slot=0):
    """Lapels from the height `low`, and in the V between them a shirt of slot 2."""
    shirt = cut.flap([(0, low), (-.05, top - .1), (-.062, top - .03)], [(0, low), (.05, top - .1), (.062, top - .03)], .004)
    middle = (low + top - .1) / 2
    notches = ([(wide * .72, top - .12), (wide * .95, top - .085)], [(.05, top - .11), (.055, top - .08)]) if notch else ([], [])
    outer = [(.012, low), (wide * .75, middle), (wide, top - .13), *notches[0], (.085, top - .04)]
    inner = [(0, low), (.03, middle), (.045, top - .12), *notches[1], (.062, top - .03)]
    collar = Cut(np.array([(top - .035, .105, .1), (top + .028, .076, .074)]), ((top - .035, .62), (top + .028, .4))).mesh(32, 6)
    return [shirt.of(2)] + [part.of(slot) for part in cut.flaps(inner, outer, .016) + [collar]]


def printed(rng, chance: float = 0.4) -> dict:
    """A woven or printed pattern for slot 0, or none: stripes, checks or sprigs."""
    if rng.uniform() > chance:
        return {}
    pattern, (y, x) = rng.integers(3), np.mgrid[0:96, 0:96] / 96
    if pattern == 0:
        cover = (np.abs((x * rng.integers(3, 9)) % 1 - .5) < rng.uniform(.08, .25)) * 1.0
    elif pattern == 1:
        n, width = rng.integers(3, 7), rng.uniform(.08, .2)
        cover = .5 * (np.abs((x * n) % 1 - .5) < width) + .5 * (np.abs((y * n) % 1 - .5) < width)
    else:
        cover = decor.spray(rng, 96, 96, int(rng.integers(6, 14)), stem=bool(rng.integers(2)))
    colour = decor.plain(rng, "#e8dcc0 #7a2430 #22365a #c79a3a #2f5a44 #1c1a1e #d98a8a")
    return {0: Skin((0, .55, -.2, 2.2), colour, np.tile(np.float32(cover) * .85, (4, 1)), repeat=True)}


def placket(cut, low, high, count, wide=.022, slot=0):
    """The strip that carries the buttons, and these (of slot 1)."""
    strip = cut.flap([(-wide, low), (-wide, high)], [(wide, low), (wide, high)], .008, 16, 3).of(slot)
    return [strip] + cut.studs([(0, z) for z in np.linspace(low + .04, high - .03, count)])


def ruffle(cut, low, high, wide=.05, slot=0):
    """A frill down the front."""
    z = np.linspace(low, high, 40)
    wave = wide * (.55 + .45 * np.linspace(0, 1, 40)) * (1 + .25 * np.sin(z * 110))
    rows = [cut.front(np.stack([s * wave, z], 1), .02 + .02 * np.sin(z * 130 + a)) for s, a in ((-1, 0), (0, 2), (1, 4))]
    return sheet(np.stack(rows, 1)).of(slot)
