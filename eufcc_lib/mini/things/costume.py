"""Dress: garments as if worn by nobody, hats, shoes, gloves.

A garment's body is a `Cut`: its cross-sections and its opening in front. What is sewn onto it (lapels, pockets,
buttons, braid) is placed by (x, z) on its front, so that it follows every form of body.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, patch, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor


def pleats(count: int, depth: float):
    """Folds round a body that deepen downwards."""
    return lambda angle, share: 1 + depth * (1 - share) * (
        np.sin(count * angle + .5 * np.sin(5 * share + 2)) + .4 * np.sin((2 * count + 1) * angle + 1))


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

    def at(self, angle, z, out=0.0):
        """The points of its surface at an angle (-pi / 2 is in front) and a height, moved outwards."""
        line = curve(self.stations, 60)
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
        line = curve(self.stations, 60)
        share = np.clip(x / np.interp(z, line[:, 0], line[:, 1]), -1, 1)
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

    def studs(self, points, radius=.015):
        return [ball(radius, 10).scaled(1, .6, 1).moved(*p) for p in self.front(points, .016)]

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
    rows = [(-.42, waist, waist * .66), (-.25, .2, .13), (-.14, .205, .11), (-.085, .19, .088), (-.045, .135, .075), (-.018, .085, .07), (0, .068, .066)]
    return np.array([*hem] + [(top + z, w, d) for z, w, d in rows if top + z > hem[-1][0] + .04])


SLEEVES = {"straight": (.082, .08, .068, .058), "puff": (.1, .12, .11, .05), "bishop": (.075, .075, .105, .06),
           "bell": (.075, .075, .09, .14), "mutton": (.12, .13, .06, .048), "tight": (.07, .062, .052, .046),
           "wide": (.082, .088, .09, .092)}


def sleeves(top, style, reach, lean=1.2, cuff=0, cuff_wide=1.12, shoulder=.165):
    """Two sleeves that hang from a torso's shoulders, with cuffs of slot `cuff` (0: the cloth itself) or None."""
    parts, radius = [], np.array(SLEEVES[style])
    for s in (-1, 1):
        x, z = shoulder, top - .13
        path = [(s * (x + reach * t * np.cos(lean) + .03 * np.sin(np.pi * t)), -.09 * reach * t ** 2, z - reach * t * np.sin(lean))
                for t in (0, .33, .67, 1)]
        parts.append(sweep(path, radius, sections=18, samples=18, flat=.8))
        parts.append(ball(radius[0], 16).scaled(1, .8, 1).moved(*path[0]))
        if cuff is not None:
            end, before = np.array(path[-1]), np.array(path[-2])
            parts.append(sweep([end + (before - end) * .32, end - (before - end) * .02], radius[-1] * cuff_wide, sections=18, flat=.8).of(cuff))
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
    outer = [(.012, low), (wide * .75, middle), (wide, top - .13)] + ([(wide * .72, top - .12), (wide * .95, top - .085)] if notch else []) + [(.085, top - .04)]
    inner = [(0, low), (.03, middle), (.045, top - .12)] + ([(.05, top - .11), (.055, top - .08)] if notch else []) + [(.062, top - .03)]
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
    return [strip] + [s.of(1) for s in cut.studs([(0, z) for z in np.linspace(low + .04, high - .03, count)])]


def ruffle(cut, low, high, wide=.05, slot=0):
    """A frill down the front."""
    z = np.linspace(low, high, 40)
    wave = wide * (.55 + .45 * np.linspace(0, 1, 40)) * (1 + .25 * np.sin(z * 110))
    rows = [cut.front(np.stack([s * wave, z], 1), .02 + .02 * np.sin(z * 130 + a)) for s, a in ((-1, 0), (0, 2), (1, 4))]
    return sheet(np.stack(rows, 1)).of(slot)


@kind("shirt", "costume", "linen 4, cotton 4, silk 1", 1.1, "costume design")
def shirt(rng, made):
    form, top = rng.integers(5), rng.uniform(.66, .74)
    waist = rng.uniform(.19, .205)
    skins, made = printed(rng, .3), (made[0], "bone")
    if form == 4:  # folded, as from the laundry
        fold = [box(.46, .62, .05, .02), box(.44, .6, .05, .02).moved(z=.04), box(.05, .42, .012).moved(0, -.08, .088)]
        points = [sheet(np.array([[(0, .2, .125), (s * .13, .13, .112)], [(s * .02, .33, .12), (s * .15, .29, .1)]])) for s in (-1, 1)]
        roll = torus(.085, .026, flat=1.3).scaled(1.2, .75, 1).moved(0, .28, .115)
        buttons = [ball(.013, 8).moved(0, y, .105).of(1) for y in np.linspace(-.25, .08, 4)]
        return Thing(join(fold + points + [roll] + buttons), made, skins, azimuth=25, elevation=(48, 72), roll=6)
    if form == 3:  # smock: wide, a yoke, gathered below
        cut = Cut(torso(top, .25, (0, .3, .2), (.15, .285, .19)), push=pleats(14, .035))
        yoke = cut.flap([(-.13, top - .24), (-.15, top - .1), (-.07, top - .02)], [(.13, top - .24), (.15, top - .1), (.07, top - .02)], .012)
        parts = [yoke, turndown(top)] + sleeves(top, "bishop", .5, rng.uniform(1.0, 1.25)) + placket(cut, top - .24, top, 3)
    elif form == 2:  # full sleeves, a frill
        cut = Cut(torso(top, waist, (0, .23, .16)), push=pleats(9, .03))
        parts = [ruffle(cut, top - .36, top - .02), stand(top, .06)] + sleeves(top, "bishop", .54, rng.uniform(1.0, 1.2))
    else:
        tails = lambda angle, share: 1 + .01 * np.sin(7 * angle + 4 * share)
        cut = Cut(torso(top, waist, (0, .215, .14)), push=tails)
        style, reach = (("straight", .56), ("wide", .24))[form]
        parts = [turndown(top)] + sleeves(top, style, reach, rng.uniform(1.1, 1.28), None if form else 0) + placket(cut, .01, top - .03, int(rng.integers(5, 8)))
        parts += [cut.flap([(.06, top - .33), (.06, top - .23)], [(.14, top - .33), (.14, top - .23)], .01)] if rng.uniform() < .6 else []
    hem = 0 if form == 3 else .05
    mesh = join([cut.mesh()] + parts)
    if hem and rng.uniform() < .7:  # shirt tails: the sides are cut higher
        mesh = mesh.bent(lambda p: p + np.float32([0, 0, 1]) * (hem * np.clip(np.abs(p[:, :1]) / .2, 0, 1) ** 2 * np.clip(1 - p[:, 2:] / .25, 0, 1)))
    return Thing(mesh, made, skins, azimuth=18, elevation=(2, 14))


@kind("jacket", "costume", "wool + brass 3, velvet + gold 1, silk + silver 1, leather + brass 1", .9, "costume design")
def jacket(rng, made):
    form, top, lean = rng.integers(5), rng.uniform(.62, .7), rng.uniform(1.15, 1.3)
    skins, extra = printed(rng, .15), "linen"
    if form == 0:  # lounge jacket
        cut = Cut(torso(top, .185, (0, .215, .145)))
        parts = lapels(cut, top, top - rng.uniform(.26, .36)) + sleeves(top, "straight", .54, lean, None)
        parts += [f for z in (.14,) for f in cut.flaps([(.06, z), (.06, z + .045)], [(.16, z), (.16, z + .045)])]
        parts += [s.of(1) for s in cut.studs([(.0, z) for z in (.16, .24)])] + [cut.front_seam(.0, .22)]
    elif form == 1:  # hussar's: rows of cords
        cut = Cut(torso(top, .165, (0, .2, .13), (.08, .19, .125)))
        parts = [stand(top, .06)] + sleeves(top, "tight", .54, lean, 1)
        for z in np.linspace(.12, top - .12, int(rng.integers(5, 8))):
            wide = .05 + .11 * z / top
            parts.append(sweep(cut.front([(-wide, z), (0, z - .012), (wide, z)]), .011, sections=6).of(1))
            parts += [s.of(1) for s in cut.studs([(-wide, z), (0, z - .01), (wide, z)], .018)]
        parts += [ball(.05, 14).scaled(1.3, 1, .35).moved(s * .175, 0, top - .05).of(1) for s in (-1, 1)]
    elif form == 2:  # bolero with rounded fronts
        top = .46
        cut = Cut(torso(top, .2, (0, .19, .13)), ((0, 1.0), (.12, .62), (.3, .5), (top, .5)))
        parts = [cut.edge(s, .02).of(1) for s in (-1, 1)] + sleeves(top, "straight", rng.choice([.3, .5]), lean, 1)
        parts += [f.of(1) for f in cut.flaps([(.14, .1), (.14, .16)], [(.17, .1), (.17, .16)])]
    elif form == 3:  # a lady's: narrow waist, peplum, sleeves wide at the shoulder
        cut = Cut(torso(top, .125, (0, .25, .2), (.12, .19, .14)), push=pleats(9, .04))
        parts = placket(cut, .14, top - .02, 7, .012) + sleeves(top, "mutton", .52, lean - .1) + [turndown(top, .6)]
    else:  # double-breasted
        cut = Cut(torso(top, .18, (0, .21, .14)))
        parts = lapels(cut, top, top - .24, .14, False) + sleeves(top, "straight", .54, lean, 0)
        parts += [s.of(1) for s in cut.studs([(s * .07, z) for s in (-1, 1) for z in np.linspace(.06, top - .28, 3)], .018)] + [cut.front_seam(.03, top - .24)]
    mesh = join([cut.mesh()] + parts)
    return Thing(mesh.grounded(), made + (extra,), skins, azimuth=20, elevation=(2, 14))


@kind("coat", "costume", "wool + brass 3, silk + gold 1, velvet + brass 1, wool + horn 1", .8, "costume design")
def coat(rng, made):
    form, top, lean = rng.integers(5), rng.uniform(1.1, 1.25), rng.uniform(1.2, 1.35)
    extra = "linen"
    if form == 0:  # greatcoat: double-breasted, belted
        cut = Cut(torso(top, .19, (0, .3, .22), (.4 * top, .24, .17)), push=pleats(8, .035))
        parts = lapels(cut, top, top - .28, .16, slot=0) + sleeves(top, "straight", .58, lean, 0, 1.2)
        parts += [s.of(1) for s in cut.studs([(s * .075, z) for s in (-1, 1) for z in np.linspace(.45, top - .3, 4)], .02)]
        parts += [cut.girdle(top - .45, top - .4)] + [cut.front_seam(.02, top - .28)]
        parts += cut.flaps([(.08, top - .62), (.08, top - .56)], [(.18, top - .6), (.18, top - .54)])
    elif form == 1:  # of the eighteenth century: open, braided, wide cuffs, over a waistcoat
        top = 1.0
        cut = Cut(torso(top, .185, (0, .32, .25), (.3, .26, .2)), ((0, .75), (.5, .35), (top, .42)), pleats(6, .05))
        vest = Cut(torso(top, .175, (.3, .2, .14)) * [1, .96, .93])
        parts = [cut.edge(s, .017).of(1) for s in (-1, 1)] + sleeves(top, "straight", .5, lean, 1, 1.6)
        parts += [vest.mesh().of(2), ruffle(vest, top - .2, top - .02, .05, 3)] + [s.of(1) for s in vest.studs([(0, z) for z in np.linspace(.4, .75, 5)])]
        parts += [s.of(1) for a in (-1, 1) for s in cut.studs([(a * .15, z) for z in np.linspace(.38, .78, 6)], .014)]
        extra = rng.choice(["damask", "silk"])
    elif form == 2:  # tailcoat: cut away in front
        cut = Cut(torso(top, .165, (0, .12, .13), (.3, .17, .14), (top - .52, .18, .125)), ((0, 2.3), (top - .56, 1.7), (top - .5, .5), (top - .4, .12), (top, .1)))
        parts = lapels(cut, top, top - .34, .14) + sleeves(top, "tight", .58, lean, None)
        shirt_ = Cut(torso(top, .16, (top - .5, .165, .11)) * [1, .94, .9])
        parts += [shirt_.mesh().of(2)] + [s.of(1) for s in cut.studs([(s * .07, z) for s in (-1, 1) for z in (top - .46, top - .38, top - .3)])]
    elif form == 3:  # with a shoulder cape
        cut = Cut(torso(top, .19, (0, .28, .21), (.4 * top, .23, .17)), push=pleats(7, .04))
        cape_ = Cut(np.array([(top - .33, .34, .22), (top - .15, .27, .16), (top - .05, .14, .1), (top, .072, .07)]), ((top - .33, .22), (top, .05)), pleats(9, .04))
        parts = [cape_.mesh(), turndown(top)] + sleeves(top, "straight", .58, lean, 0) + placket(cut, .1, top - .1, 7)
    else:  # caftan: straight, open, its edges braided
        cut = Cut(torso(top, .23, (0, .32, .22), (.5 * top, .255, .18)), ((0, .42), (.5 * top, .22), (top, .3)), pleats(6, .035))
        under = Cut(torso(top, .2, (0, .26, .17), (.4 * top, .22, .15)) * [1, .95, .9])
        parts = [cut.edge(s, .026).of(1) for s in (-1, 1)] + sleeves(top, "bell", .54, lean - .15, 1) + [under.mesh().of(2), cut.girdle(0, .03).of(1)]
        extra = rng.choice(["silk", "cotton"])
    mesh = join([cut.mesh()] + parts)
    return Thing(mesh.grounded(), made + (extra, "linen"), azimuth=20, elevation=(2, 12), fill=.84)


@kind("waistcoat", "costume", "silk + brass 3, wool + horn 1, damask + silver 2, velvet + brass 1", .6, "costume design")
def waistcoat(rng, made):
    form, top = rng.integers(4), rng.uniform(.56, .64)
    long = (0, 0, .3, 0)[form]
    top += long
    hem = ((0, .2, .13),), ((0, .19, .13),), ((0, .27, .19), (.25, .22, .15)), ((0, .2, .14),)
    gap = ((0, .3), (.1, .02), (top, .02)), (), ((0, .6), (long + .08, .03), (top, .03)), ((0, .5), (top - .2, .35), (top, .4))
    body = torso(top, .172, *hem[form])
    body[body[:, 0] > top - .2, 1] = np.minimum(body[body[:, 0] > top - .2, 1], .155)  # no shoulders: the armholes begin here
    cut = Cut(body, gap[form])
    shirt_ = Cut(torso(top, .165, (.1, .17, .11)) * [1, .93, .88])
    parts = [cut.mesh(), shirt_.mesh().of(2)] if form in (0, 2, 3) else [cut.mesh()]
    parts += [torus(.1, .012).scaled(1, .68, 1).turned("y", 90).moved(s * .152, 0, top - .16) for s in (-1, 1)]
    parts += [ball(.1, 20).scaled(.2, .66, 1).moved(s * .15, 0, top - .16).of(3) for s in (-1, 1)]
    columns = (-.055, .055) if form == 1 else (.0,)
    if form == 3:
        parts += [cut.edge(s, .022).of(1) for s in (-1, 1)] + [cut.girdle(0, .03).of(1)]
    else:
        parts += lapels(cut, top, top - (.3, .24, .2, 0)[form], (.1, .13, .02, 0)[form], False)
        parts += [s.of(1) for s in cut.studs([(x, z) for x in columns for z in np.linspace(.1 + long * .8, top - (.34, .28, .24, 0)[form], (5, 3, 7, 0)[form])])]
        parts += cut.flaps([(.07, long + .1), (.07, long + .13)], [(.14, long + .12), (.14, long + .15)])
    mesh = join(parts)
    if form in (0, 1):  # the hem runs down to points
        mesh = mesh.bent(lambda p: p - np.float32([0, 0, 1]) * (.07 * np.clip(1 - np.abs(np.abs(p[:, :1]) - .05) / .09, 0, 1) * (p[:, 1:2] < 0) * np.clip(1 - p[:, 2:] / .15, 0, 1)))
    return Thing(mesh.grounded(), made + ("linen", "linen"), printed(rng, .5), azimuth=24, elevation=(2, 14))


@kind("tunic", "costume", "linen 3, wool 2, cotton 1", .5, "ethnography")
def tunic(rng, made):
    form, top = rng.integers(4), rng.uniform(.85, 1.0)
    ink, band = decor.plain(rng, "#7a2430 #22365a #b8862a"), decor.border(rng, 192, 24)
    if form == 3:  # laid flat, with the two stripes of late antiquity
        wide, deep = rng.uniform(.5, .62), .3
        y, x = np.mgrid[.5:-.5:120j, -.5:.5:120j]
        cover = np.float32((np.abs(np.abs(x) - .1) < .022) & (y > -.25)) + ((np.hypot(np.abs(x) - .1, y + .27) < .05)) + (np.abs(np.abs(x) - .44) < .02)
        folds = lambda a, b: .01 + .006 * np.sin(25 * a + 3 * b)
        parts = [patch(.62, 1.1, folds).moved(0, -.1), patch(2 * wide, deep, folds).moved(0, .3, .002)]
        parts.append(ball(.1, 20).scaled(1.2, .45, .1).moved(0, .43, .022).of(1))
        return Thing(join(parts), (made[0], "jet"), {0: Skin((-wide * 1.15, wide * 1.15, -.65, .45), ink, np.clip(cover, 0, 1))}, azimuth=0, elevation=(74, 90), roll=5)
    if form == 2:  # sleeveless, in folds, girdled
        cut = Cut(torso(top, .165, (0, .25, .17), (.25, .235, .16), (top - .5, .215, .15)), push=pleats(11, .07))
        parts = [cut.girdle(top - .44, top - .4, .02).of(1)] + [ball(.03, 10).moved(s * .12, -.05, top - .03).of(1) for s in (-1, 1)]
    else:
        cut = Cut(torso(top, (.2, .235)[form], (0, .29, .2), (.3, .25, .17)), push=pleats(7, .03))
        parts = sleeves(top, ("wide", "straight")[form], (.26, .5)[form], rng.uniform(.85, 1.2), 1)
        parts.append(cut.flap([(-.035, top - .26), (-.035, top - .02)], [(.035, top - .26), (.035, top - .02)], .008).of(1))
        parts += [] if form else [cut.girdle(top - .48, top - .43, .018).of(2)]
    skins = {0: Skin((0, 1.3, .05, .17), ink, band, repeat=True), 1: Skin((-9, 9, -9, 9), ink)}
    return Thing(join([cut.mesh()] + parts), (made[0], made[0], "leather"), skins, azimuth=18, elevation=(2, 14))


@kind("dress", "costume", "silk 4, cotton 3, linen 1, wool 1, damask 2, velvet 1", 1.5, "costume design")
def dress(rng, made, white=False):
    wide, long = rng.uniform(.3, .52), rng.uniform(1.1, 1.3)
    waist, count = rng.uniform(.115, .14), int(rng.integers(8, 15))
    skirt_ = loft([(0, wide, wide * rng.uniform(.75, 1)), (.25 * long, wide * .86, wide * .74), (.5 * long, waist * 1.35, waist * 1.25), (.585 * long, waist, waist * .8)],
                  push=pleats(count, .09), ends=False, sections=72)
    chest, low = rng.uniform(.165, .185), rng.uniform(.7, 1)
    bodice = loft([(.575 * long, waist, waist * .8), (.72 * long, chest, chest * .75), (.82 * long, chest * .98, chest * .6),
                   (.88 * long, chest * (.72 if low > .85 else .9), chest * .45), (.9 * long, .085 / low, .075)], square=2.4, ends=False, sections=48)
    puff, reach = rng.uniform(.05, .1), rng.choice([.15, .4])
    parts = [skirt_, bodice] + sleeves(.9*long, "puff", reach)
    parts.append(loft([(.565 * long, waist * 1.04, waist * .85), (.61 * long, waist * 1.03, waist * .84)], ends=False).of(1))
    if rng.uniform() < .35 or white:
        parts.append(loft([(.0, wide * 1.03, wide * .95), (.09, wide * 1.0, wide * .93)], push=pleats(30, .02), ends=False, sections=90).of(1))
    second = "lace" if white or rng.uniform() < .3 else made[0]
    return Thing(join(parts), (made[0], second), {} if white else printed(rng, .4), azimuth=25, elevation=(2, 12), fill=.86)


@kind("wedding dress", "costume", "silk + lace 3, damask + lace 1, cotton + lace 1", .45, "costume design")
def wedding_dress(rng, made):
    thing = dress(rng, made, white=True)
    train = loft([(0, .5, .6, 0, .25), (.05, .42, .5, 0, .2), (.5, .12, .12)], push=pleats(13, .06), ends=False, sections=72)
    skins = {0: Skin((-9, 9, -9, 9), hexa("#eeeae0")[None, None])}
    return Thing(join([thing.mesh, train]), made, skins, azimuth=45, elevation=(3, 16), fill=.86)


@kind("skirt", "costume", "wool 3, linen 2, cotton 3, silk 2, velvet 1", .8, "ethnography")
def skirt(rng, made):
    wide, long = rng.uniform(.3, .45), rng.uniform(.6, .85)
    body = loft([(0, wide, wide * .85), (.4 * long, wide * .8, wide * .65), (.85 * long, .17, .13), (.93 * long, .14, .1)],
                push=pleats(int(rng.integers(9, 18)), rng.uniform(.05, .11)), ends=False, sections=84)
    band = loft([(.925 * long, .145, .105), (long, .14, .1)], ends=False).of(1)
    skins = printed(rng, .3)
    if not skins and rng.uniform() < .6:
        strip = np.concatenate([decor.border(rng, 192, 20), np.zeros((6, 192), np.float32), decor.border(rng, 192, 14)])
        skins = {0: Skin((0, 1.1, .04, .27), decor.plain(rng, "#e8dcc0 #c79a3a #a8281f"), strip, repeat=True)}
    return Thing(join([body, band]), (made[0], rng.choice(["linen", "velvet", made[0]])), skins, azimuth=40, elevation=(4, 18))


@kind("trousers", "costume", "wool 3, linen 2, cotton 2, leather 1", .6, "costume design")
def trousers(rng, made):
    long = rng.choice([.5, .85])
    hips = loft([(long, .17, .12), (long + .15, .18, .12), (long + .25, .15, .1)], square=2.6, ends=False)
    legs_ = [loft([(0, .08 * rng.uniform(.9, 1.2), .08, s * .12), (.5 * long, .088, .085, s * .105), (long - .01, .1, .11, s * .08), (long + .06, .09, .11, s * .08)],
                  push=lambda a, h: 1 + .03 * np.sin(11 * h + 2 * a), ends=False) for s in (-1, 1)]
    parts = [hips] + legs_ + [ball(.013, 8).moved(0, -.115, long + z).of(1) for z in (.1, .16, .22)]
    return Thing(join(parts), (made[0], "horn"), printed(rng, .2), azimuth=25, elevation=(2, 14))


@kind("corset", "costume", "cotton 3, silk 3, linen 1", .5, "costume design")
def corset(rng, made):
    body = loft([(0, .19, .15), (.12, .165, .125), (.24, .118, .095), (.38, .15, .115), (.5, .18, .145), (.53, .175, .14)],
                push=lambda angle, share: 1 + .018 * np.cos(22 * angle), ends=False, sections=100, samples=30)
    lace = [sweep([(s * .03, -.16 * f, z), (-s * .03, -.16 * f, z + .05)], .005, sections=6).of(1) for s in (-1, 1)
            for z, f in zip(np.arange(.04, .48, .05), (.93, .87, .78, .68, .63, .68, .74, .8, .88))]
    return Thing(join([body] + lace), (made[0], "leather"), azimuth=30, elevation=(4, 18))


@kind("kimono", "costume", "silk 4, cotton 2, damask 1", .5, "costume design")
def kimono(rng, made):
    def fold(x, y):
        return .02 + .008 * np.sin(30 * x + 4 * y) + .004 * np.sin(70 * x)
    body = patch(.56, 1.2, fold, 40).moved(0, -.1)
    sleeves = [patch(.42, .46, fold).moved(s * .48, .27, -.003) for s in (-1, 1)]
    collar = [sweep([(s * .09, .5, .045), (s * .06, .3, .05), (-s * .01, -.05, .05), (-s * .02, -.65, .045)], .026, flat=.3, sections=8).of(1) for s in (-1, 1)]
    sash = [patch(.6, .14, None, 8, .06).moved(0, .02).of(1)] if rng.uniform() < .4 else []
    art = decor.spray(rng, 128, 128, int(rng.integers(9, 20)))
    skins = {0: Skin((-.5, .5, -.75, .6), decor.plain(rng, "#e8dcc0 #d9a93a #a8281f #e6b0b0"), art)}
    made = (made[0], rng.choice(["silk", "linen"]))
    return Thing(join([body] + sleeves + collar + sash), made, skins, azimuth=0, elevation=(80, 90), roll=3)


@kind("cape", "costume", "wool 3, velvet 2, silk 1", .5, "religion")
def cape(rng, made):
    h = rng.uniform(.8, 1.05)
    body = loft([(0, .5, .36), (.5 * h, .36, .25), (.82 * h, .22, .15), (.93 * h, .1, .085), (h, .1, .09)], push=pleats(int(rng.integers(8, 13)), .08),
                ends=False, sections=84)
    edge = [sweep([(s * .03, -.40, .0), (s * .025, -.28, .5 * h), (s * .02, -.16, .85 * h), (s * .03, -.1, .95 * h)], [.03, .03, .02, .018], flat=.5).of(1) for s in (-1, 1)]
    clasp = ball(.03).moved(0, -.12, .93 * h).of(2)
    return Thing(join([body, clasp] + edge), (made[0], rng.choice(["silk", "damask", "gold"]), "gold"), azimuth=30, elevation=(2, 14))


@kind("hat", "costume", "felt 4, straw 3, velvet 1, silk 1", .9, "costume design")
def hat(rng, made):
    brim, crown = rng.uniform(.42, .62), rng.uniform(.2, .34)
    curl = rng.uniform(-.04, .1)
    body = turn([(.0, crown), (.13, crown), (.22, crown * .88), (.24, crown * .5), (.25, .03), (.25, .03), (.35, .01), (brim * .92, .02 + curl), (brim, .04 + curl), (brim, .03 + curl)])
    parts = [body.scaled(1, rng.uniform(.85, 1.05), 1), turn([(.243, .02), (.262, .03), (.258, .1), (.244, .1)]).scaled(1, .95, 1).of(1)]
    made = (made[0], rng.choice(["silk", "velvet"]))
    if rng.uniform() < .4:
        parts.append(sweep([(.2, -.1, .1), (.3, -.05, .35), (.1, .05, .5), (-.12, .1, .47)], [.03, .09, .08, .01], flat=.4, samples=20).of(2))
        made += ("feather",)
    return Thing(join(parts), made, azimuth=60, elevation=(12, 32))


@kind("top hat", "costume", "silk 3, felt 2", .45, "costume design")
def top_hat(rng, made):
    body = turn([(0, .52), (.24, .52), (.24, .52), (.215, .3), (.225, .04), (.225, .04), (.36, .035), (.385, .06), (.36, .05), (.22, .02)])
    band = turn([(.226, .04), (.232, .05), (.228, .12), (.222, .12)]).of(1)
    black = decor.plain(rng, "#17161a #17161a #6a625a")
    skins = {0: Skin((-9, 9, -9, 9), black, gloss=.5), 1: Skin((-9, 9, -9, 9), black)}
    return Thing(join([body, band]).scaled(1, .9, 1), (made[0], "silk"), skins, azimuth=60, elevation=(8, 26))


@kind("cap", "costume", "wool 3, velvet 1, linen 1, cotton 1", .6, "ethnography")
def cap(rng, made):
    if rng.uniform() < .5:
        body = loft([(0, .27, .3), (.1, .3, .34), (.2, .27, .3), (.27, .12, .14), (.28, .0, .0)], push=lambda a, s: 1 + .015 * np.sin(8 * a), sections=48)
        peak = loft([(0, .2, .12, 0, -.3), (.025, .19, .13, 0, -.31)], square=2.5).turned("x", 8)
        return Thing(join([body, peak.of(1)]), (made[0], "leather"), azimuth=50, elevation=(10, 30))
    body = turn([(.26, 0), (.28, .02), (.26, .2), (.2, .28), (0, .31)])
    strip = decor.border(rng, 192, 26)
    tassel = sweep([(0, 0, .31), (.08, 0, .34), (.2, -.05, .26), (.24, -.06, .1)], [.01, .008, .02, .035])
    skins = {0: Skin((0, 1.75, .05, .15), decor.plain(rng, "#d9a93a #e8dcc0 #a8281f"), strip)}
    return Thing(join([body, tassel]), made, skins, azimuth=50, elevation=(10, 28))


@kind("helmet", "costume", "steel + brass 3, iron + leather 2, bronze + bronze 2, brass + leather 1", .7, "history")
def helmet(rng, made):
    tall = rng.uniform(.34, .48)
    dome = loft([(0, .25, .3), (.12, .27, .32), (.7 * tall, .22, .26), (.93 * tall, .1, .12), (tall, 0, 0)], sections=48)
    rivets = [ball(.016, 8).moved(.26 * np.cos(a), .315 * np.sin(a), .06).of(1) for a in np.linspace(0, 2 * np.pi, 14)]
    brim = loft([(0, .36, .42), (.02, .37, .44), (.05, .26, .31)], ends=False)
    crest = sweep([(0, -.31, .0), (0, -.25, .3), (0, -.1, tall + .05), (0, .1, tall + .06), (0, .27, .28), (0, .32, .02)],
                  [.02, .03, .08, .08, .03, .02], flat=.25, samples=30)
    cheeks = [loft([(-.28, .1, .02), (-.1, .13, .03), (.05, .12, .03)], square=3).turned("z", s * 72).moved(s * .24, -.06) for s in (-1, 1)]
    extra = ([brim.bent(lambda p: p + np.float32([0, 0, .5]) * np.clip(np.abs(p[:, 1:2]) - .2, 0, 1))],
             [crest.of(1), box(.045, .03, .26).moved(0, -.31, -.1)],
             [*cheeks, turn([(0, tall + .1), (.02, tall + .08), (.04, tall), (0, tall - .02)]).of(1)])[rng.integers(3)]
    return Thing(join([dome] + extra + rivets).grounded(), made, azimuth=60, elevation=(4, 22))


@kind("crown", "jewelry", "gold + carnelian 3, silver + turquoise 1, gold + pearl 1", .4, "history")
def crown(rng, made):
    n = int(rng.integers(5, 9))
    angle = np.linspace(0, 2 * np.pi, 97)
    peak = .1 + .22 * np.abs(np.cos(angle * n / 2)) ** rng.uniform(1.5, 4)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * .3
    outside = ((1, 0 * peak), (1, .1 + 0 * peak), (1 + .25 * peak, .1 + peak))
    rows = [np.column_stack([ring * np.reshape(f, (-1, 1)) * thin, z]) for thin, side in ((1, outside), (.96, outside[::-1])) for f, z in side]
    parts = [sheet(np.array(rows)), torus(.3, .018).moved(z=.01), torus(.3, .018).moved(z=.1)]
    tops = np.arange(n) * 2 * np.pi / n
    parts += [ball(.03, 12).moved(.3 * 1.08 * np.cos(a), .3 * 1.08 * np.sin(a), .43) for a in tops]
    parts += [ball(.028, 12).scaled(1, 1, 1.2).moved(.305 * np.cos(a), .305 * np.sin(a), .05).of(1) for a in tops + np.pi / n]
    return Thing(join(parts), made, azimuth=180, elevation=(12, 32))


def _foot(heel: float):
    """A shoe or boot pointing to -y; slots 0 upper, 1 sole."""
    stations = [(0, .02, .03), (.06, .1, .09), (.22, .15, .12), (.42, .135, .13), (.6, .11, .17), (.8, .115, .2), (.94, .1, .17), (1.0, .03, .06)]

    def lift(p):
        return heel * np.clip((-p[:, 1] - .42) / .35, 0, 1) ** 1.3

    def settle(p):
        z = np.where(p[:, 2] < 0, p[:, 2] * .35, p[:, 2] * (1 + .4 * np.clip(-p[:, 1] - .5, 0, 1))) + .08 + lift(p)
        return np.stack([p[:, 0], p[:, 1], z], 1)
    upper_ = loft(stations, square=2.3, sections=36).turned("x", 90).bent(settle).turned("z", 180)
    sole = loft([(z, w * 1.04, .018) for z, w, _ in stations], square=4).turned("x", 90).bent(
        lambda p: np.stack([p[:, 0], p[:, 1], p[:, 2] + .022 + lift(p)], 1)).turned("z", 180)
    block = loft([(0, .05, .06), (heel, .085, .1)], square=3).moved(0, .86, 0)
    return [upper_, sole.of(1)] + ([block.of(1)] if heel > .02 else [])


@kind("shoe", "costume", "leather 5, silk 2, velvet 1", .9, "costume design")
def shoe(rng, made):
    heel = rng.choice([.0, .04, .12, .2])
    opening = ball(.09, 20).scaled(.85, 1.7, .35).turned("x", -6).moved(0, .76, .285 + heel * .85).of(2)
    laces = [sweep([(s * .06, .45 + .05 * i, .24 + .02 * i), (-s * .06, .5 + .05 * i, .26 + .02 * i)], .01, sections=6)
             for s in (-1, 1) for i in range(3)]
    buckle, rosette = box(.13, .06, .02).moved(0, .46, .26 + .1 * heel), ball(.05).scaled(1.4, .8, .7).moved(0, .45, .27)
    mesh = join([*_foot(heel), opening, join(([buckle], laces, [rosette])[rng.integers(3)]).of(3)])
    if rng.uniform() < .55:
        mesh = join([mesh, mesh.turned("z", 14).moved(.42, .1)])
    return Thing(mesh, (made[0], "leather", "jet", rng.choice(["silver", "silk", "brass"])), azimuth=180, elevation=(14, 38))


@kind("boot", "costume", "leather 6, felt 1", .6, "costume design")
def boot(rng, made):
    heel, tall = rng.choice([.03, .08]), rng.uniform(.5, .95)
    shaft = loft([(.2 + heel, .11, .17), (.4, .11, .14), (.4 + .5 * tall, .15, .165), (.4 + tall, .15, .16)], square=2.2, ends=False,
                 push=lambda a, s: 1 + .02 * np.sin(9 * s + 2 * a)).moved(0, .8, 0)
    mesh = join(_foot(heel) + [shaft])
    if rng.uniform() < .5:
        mesh = join([mesh, mesh.turned("z", 10).moved(.42, .06)])
    return Thing(mesh, (made[0], "leather", "jet"), azimuth=180, elevation=(8, 26))


@kind("glove", "costume", "leather 4, silk 1, lace 1, wool 1", .5, "costume design")
def glove(rng, made):
    long = rng.uniform(.35, .8)
    palm = loft([(-long, .16, .05), (-.1, .13, .05), (0, .14, .055), (.25, .19, .06), (.33, .18, .055)], square=2.6)
    fingers = [sweep([(x, 0, .28), (x * 1.15, 0, .28 + f * .5), (x * 1.3, 0, .28 + f)], [.047, .046, .036], sections=12, flat=.8)
               for x, f in ((-.14, .3), (-.045, .38), (.05, .36), (.14, .27))]
    thumb = sweep([(-.14, 0, .02), (-.27, -.01, .14), (-.3, -.01, .27)], [.06, .052, .04], sections=12)
    cuff = loft([(-long - .01, .17, .06), (-long + .08, .165, .06)], square=2.6).of(1)
    hand = join([palm, thumb] + fingers + [cuff]).turned("x", -90).moved(z=.06)
    if rng.uniform() < .6:
        hand = join([hand, hand.scaled(-1, 1, 1).turned("z", 12).moved(.45, .05)])
    return Thing(hand, (made[0], rng.choice([made[0], "silk", "lace"])), azimuth=0, elevation=(68, 88), roll=25)
