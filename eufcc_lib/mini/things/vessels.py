"""Vessels and what else comes off a wheel or a lathe: containers, tableware, lamps, bells."""

from dataclasses import replace

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor

POTTERY = "earthenware 4, terracotta 3, stoneware 3, porcelain 2, faience 2"


def vary(rng, profile, amount: float = 0.10):
    """The same profile, a little fatter or slimmer, taller or shorter, as no two pots are alike."""
    points = np.array(profile) * rng.uniform(1 - amount, 1 + amount, 2)
    rise = points[:, 1] / points[:, 1].max()
    points[:, 0] *= 1 + amount * rng.uniform(-1, 1) * np.sin(np.pi * rise)
    return points


def outside(profile) -> tuple[float, float]:
    """Length along a profile and round its widest place: the extent of its decoration."""
    line = curve(profile)
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()), float(2 * np.pi * line[:, 0].max())


def painted(rng, made, profile, chance: float = 0.7) -> dict:
    """Decoration in the way of the material, as skins of slot 0; often there is none."""
    if rng.uniform() > chance:
        return {}
    length, around = outside(profile)
    first = made[0]
    if first == "porcelain":
        picture = decor.spray(rng, 320, 70, int(rng.integers(8, 14)), stem=rng.uniform() < .6)
        paint = rng.choice(["#1f3f8f #2a4fa0", "#1f3f8f #2a4fa0", "#b03a2e #2f6a45 #c79a2e"])
        return {0: decor.bands(rng, length, around, paint, None, 2, picture, rng.uniform(.4, .6))}
    if first == "faience":
        picture = decor.spray(rng, 320, 60, 9) if rng.uniform() < .6 else None
        return {0: decor.bands(rng, length, around, "#24407a #b8862a #3f7a4a #8a3f24", None, 3, picture)}
    if first == "terracotta":
        if rng.uniform() < .6:
            picture = decor.frieze(rng, 320, int(rng.integers(52, 68)))
            if rng.uniform() < .5:
                return {0: decor.bands(rng, length, around, "#181312 #181312 #5a1f18", None, 3, picture, .6, gloss=.5)}
            return {0: decor.bands(rng, length, around, "#c4703f", "#171211", 3, picture, .6, gloss=.6)}
        return {0: decor.bands(rng, length, around, "#2a1712 #6a2a1a #e0c9a0", None, int(rng.integers(2, 6)))}
    if first == "earthenware":
        return {0: decor.bands(rng, length, around, "#ead9a8 #3a2414 #4a6a2a", None, int(rng.integers(2, 5)), gloss=.8)}
    if first == "stoneware":
        picture = decor.spray(rng, 320, 60, 5) if rng.uniform() < .5 else None
        return {0: decor.bands(rng, length, around, "#2a3f78 #2a3f78 #4a3a5a", None, 2, picture, cover=.8, gloss=.5)}
    if first in ("glass", "colored glass"):
        return {0: decor.bands(rng, length, around, "#e0b84a #f0ead8", None, 2, cover=.8)} if rng.uniform() < .4 else {}
    if first in ("silver", "bronze", "brass", "copper", "gold", "tin"):
        relief = np.concatenate([decor.border(rng, 320, 22), np.zeros((50, 320)), decor.border(rng, 320, 30),
                                 np.zeros((58, 320))]).astype(np.float32)
        return {0: Skin((0, around, 0, length), height=relief, depth=.02)}
    return {}


def handle(points, thickness=.026):
    """A handle in the plane y = 0 through (x, z) points."""
    return sweep([(x, 0, z) for x, z in points], thickness, flat=1.3, samples=20, sections=8)


def radius_at(profile, z: float) -> float:
    """How far a turned body reaches at a height."""
    line = curve(profile)
    return float(np.interp(z, np.maximum.accumulate(line[:, 1]), line[:, 0]))


def ear(profile, low, high, out, side=-1, rise=0.0, thick=.026):
    """A handle on one side of a body between two heights (shares of its own), which reaches `out` beyond it."""
    low, high = np.array([low, high]) * np.max(profile, axis=0)[1]
    start, end = radius_at(profile, high) - .012, radius_at(profile, low) - .012
    reach, tall = max(start, end) + out, high - low
    line = [(start, high), (.35 * start + .65 * reach, high + rise + .01), (reach, high - .3 * tall + .4 * rise),
            (.3 * end + .7 * reach, low + .25 * tall), (end, low)]
    return handle([(side * x, z) for x, z in line], thick)


def ears(*arguments, **more):
    return [ear(*arguments, side=side, **more) for side in (-1, 1)]


def lugs(profile, at, out, thick=.022, wide=.1):
    """Two level handles at a height (a share of the body's own)."""
    z = at * np.max(profile, axis=0)[1]
    near = radius_at(profile, z) * .95 - .01
    return [sweep([(s * near, -wide, z), (s * (near + out), -.7 * wide, z + .03), (s * (near + out), .7 * wide, z + .03), (s * near, wide, z)],
                  thick, samples=16, sections=8) for s in (-1, 1)]


def feet(count, reach, height, thick=.04, bend=.06):
    """Legs from a height down to the ground, each bent outwards."""
    return [sweep([(reach, 0, height), (reach + .6 * bend, 0, height * .5), (reach + bend, 0, 0)], [thick, thick * .7, thick * .8], sections=8,
                  samples=10).turned("z", 20 + 360 * i / count).grounded() for i in range(count)]


def knob(profile, z=0.0):
    """A turned piece, such as a lid with its button, set on a height."""
    return turn(profile, sections=28, samples=28).moved(z=z)


def sawn(mesh):
    """The grain of a block of wood, which runs straight through, not round the axis."""
    x, y, z = mesh.points.T
    return replace(mesh, uv=np.stack([y + .7 * z, x], axis=1))


def bail(reach, z, tall, thick=.014, **more):
    """A handle that arches over an open vessel."""
    return sweep([(reach * np.cos(a), 0, z + tall * np.sin(a)) for a in np.linspace(0, np.pi, 9)], thick, **more)


def one_of(rng, table):
    return table[rng.integers(len(table))]


def pot(rng, made, profile, parts=(), wall=0.0, flutes=None, paint=.7, **view) -> Thing:
    """A turned body and its other parts; `flutes`: their chance, fewest, most and depth; `paint`: chance of decoration."""
    lobes = (int(rng.integers(*flutes[1:3], endpoint=True)), flutes[3]) if flutes and rng.uniform() < flutes[0] else None
    body = turn(profile, wall, lobes=lobes)
    body = sawn(body) if made[0] in ("oak", "boxwood") else body
    return Thing(join([body, *parts]).grounded(), made, painted(rng, made, profile, paint), **view)


def vessel(*of_kind, profiles, parts=lambda rng, made, profile: (), spread=.1, **finish):
    """Register a `kind` that has one of these profiles, varied, and these other parts; see `pot` for the rest."""
    @kind(*of_kind)
    def draw(rng, made):
        profile = vary(rng, one_of(rng, profiles), spread)
        return pot(rng, made, profile, parts(rng, made, profile), **finish)
    return draw


@kind("bowl", "ceramic", POTTERY + ", silver 1, oak 1, glass 1, jade 0.5, bronze 1", 3.2, "decorative arts")
def bowl(rng, made):
    profile = vary(rng, one_of(rng, BOWLS), .12)
    grips = lugs(profile, .85, .1) if rng.uniform() < .18 else ()
    return pot(rng, made, profile, grips, wall=.03, flutes=(.25, 6, 13, .03), elevation=(12, 36))


BOWLS = ([(0, 0), (.2, 0), (.2, 0), (.19, .05), (.19, .05), (.36, .14), (.5, .28), (.55, .36)],
         [(0, 0), (.14, 0), (.14, 0), (.14, .06), (.14, .06), (.3, .13), (.38, .3), (.41, .5)],  # a tea bowl
         [(0, 0), (.24, 0), (.24, .02), (.09, .07), (.07, .2), (.07, .2), (.22, .26), (.44, .36), (.54, .48)],  # on a stem
         [(0, 0), (.24, 0), (.24, 0), (.24, .04), (.42, .14), (.42, .14), (.44, .38), (.48, .41)],  # an edge, then upright
         [(0, 0), (.2, 0), (.2, 0), (.38, .1), (.47, .26), (.43, .4), (.36, .46)],  # drawn in above
         [(0, 0), (.19, 0), (.19, .04), (.19, .04), (.3, .09), (.35, .24), (.35, .24), (.54, .28), (.55, .3)])  # with a brim


PLATES = ([(0, .02), (.35, .02), (.4, .06), (.4, .06), (.62, .1), (.64, .115), (.62, .13), (.42, .085), (.36, .05), (0, .05)],
          [(0, 0), (.3, 0), (.3, 0), (.5, .06), (.63, .16), (.61, .17), (.48, .09), (.28, .03), (0, .03)],  # without a rim
          [(0, 0), (.36, 0), (.36, 0), (.4, .12), (.46, .16), (.62, .19), (.64, .2), (.62, .215), (.46, .185), (.38, .14), (.33, .04), (0, .04)],
          [(0, 0), (.24, 0), (.2, .09), (.2, .09), (.45, .13), (.6, .16), (.63, .21), (.6, .2), (.4, .16), (0, .15)])  # on a foot


def plate_picture(rng) -> np.ndarray:
    """A picture in the middle of a plate and petals or rings on its rim, seen from above, float32 (192, 192)."""
    y, x = np.mgrid[-1:1:192j, -1:1:192j]
    reach, angle, count = np.hypot(x, y), np.arctan2(y, x), int(rng.integers(8, 20))
    cover = (abs(reach - .62) < .02) | (abs(reach - .96) < .025)
    cover |= (reach > .66) & (reach < .92) & (np.sin(count * angle) * np.sin((reach - .66) / .26 * np.pi) > rng.uniform(.25, .7))
    cover = np.float32(cover)
    cover[52:140, 50:142] = decor.spray(rng, 92, 88, int(rng.integers(3, 8)))
    return cover


@kind("plate", "ceramic", "porcelain 4, faience 4, earthenware 3, tin 2, silver 1, stoneware 1", 2.6, "decorative arts")
def plate(rng, made):
    profile, skins, flat = one_of(rng, PLATES if made[0] not in ("tin", "silver") else PLATES[::2]), {}, rng.uniform() < .5
    if made[0] in ("porcelain", "faience", "earthenware", "stoneware") and rng.uniform() < .85:
        length, around = outside(profile)
        extent = (-.64, .64, -.64, .64) if flat else (0, around, 0, length)
        art = plate_picture(rng) if flat else np.concatenate([decor.spray(rng, 320, 64, int(rng.integers(7, 16)), stem=False), np.zeros((10, 320)),
                                                              decor.border(rng, 320, 26), np.zeros((60, 320))])
        paints = {"porcelain": "#1f3f8f", "faience": rng.choice(["#24407a", "#a8622a", "#3f7a4a"])}
        skins[0] = Skin(extent, hexa(paints.get(made[0], "#e8d9a8"))[None, None], np.float32(art))
    edge = one_of(rng, [{}, {}, {}, {"lobes": (int(rng.integers(8, 17)), .02)}, {"sections": 8}])
    mesh = turn(profile, **{"sections": 64, "flat": flat} | edge).turned("z", 22.5)
    mesh = mesh.scaled(1.2, .84, 1) if rng.uniform() < .2 and made[0] not in ("tin", "silver") else mesh
    return Thing(mesh, made, skins, elevation=(42, 85), azimuth=180)


@kind("jug", "ceramic", POTTERY + ", silver 1, tin 1, copper 1, glass 1", 2.2, "decorative arts")
def jug(rng, made):
    profile, low, high, out, rise, spout = one_of(rng, JUGS)
    profile = vary(rng, profile, .08)
    rim, top = profile[-1]
    body = turn(profile, .025)

    def pull(points):
        x, _, z = points.T
        share = np.clip((z / top - .8) / .2, 0, 1) * np.clip(x / rim, 0, 1) ** 3
        return points + np.stack([spout * share, 0 * share, .4 * spout * share], 1)
    parts = [body.bent(pull) if spout else body, ear(profile, low, high, out, rise=rise)]
    if spout < .05 and rng.uniform() < .5:
        parts.append(knob([(rim + .01, 0), (rim + .01, .03), (rim * .6, .08), (.03, .1), (.04, .15), (0, .16)], top))
    return Thing(join(parts).turned("z", rng.choice([0, 180])), made, painted(rng, made, profile), azimuth=50)


# The profile, where its handle begins and ends, how far it stands off and rises, and how far the lip is pulled.
JUGS = (([(0, 0), (.2, 0), (.2, 0), (.21, .03), (.28, .22), (.3, .4), (.22, .6), (.16, .7), (.17, .82), (.2, .9)], .34, .93, .15, .0, .11),
        ([(0, 0), (.15, 0), (.15, 0), (.15, .03), (.3, .2), (.34, .38), (.26, .58), (.11, .7), (.1, .78), (.17, .86), (.19, .9)],
         .52, .96, .04, .16, .08),
        ([(0, 0), (.27, 0), (.27, 0), (.27, .05), (.24, .08), (.22, .5), (.2, .84), (.21, .9)], .2, .86, .2, .0, .1),
        ([(0, 0), (.18, 0), (.18, 0), (.2, .04), (.36, .25), (.38, .42), (.26, .62), (.1, .74), (.09, .86), (.12, .88), (.12, .92)],
         .62, .9, .0, .0, .0),
        ([(0, 0), (.19, 0), (.19, .03), (.06, .09), (.05, .16), (.05, .16), (.18, .24), (.25, .42), (.23, .62), (.23, .75), (.29, .85)],
         .36, .96, .14, .2, .2),
        ([(0, 0), (.22, 0), (.22, 0), (.33, .1), (.36, .22), (.28, .38), (.24, .44), (.28, .54)], .3, .93, .15, .05, .13))


vase = vessel(
    "vase", "ceramic", "porcelain 4, stoneware 3, faience 2, earthenware 2, glass 2, colored glass 2, bronze 1, jade .5", 2.4,
    "decorative arts", wall=.025, flutes=(.2, 8, 15, .025), profiles=[
        [(0, 0), (.17, 0), (.17, 0), (.18, .04), (.3, .4), (.33, .6), (.24, .78), (.12, .88), (.12, .95), (.18, 1.02)],
        [(0, 0), (.2, 0), (.2, 0), (.15, .06), (.2, .3), (.24, .55), (.2, .8), (.23, 1.0), (.27, 1.05)],
        [(0, 0), (.14, 0), (.14, 0), (.2, .1), (.28, .25), (.24, .42), (.09, .6), (.07, .85), (.12, 1.0)],
        [(0, 0), (.15, 0), (.15, 0), (.22, .25), (.36, .62), (.37, .72), (.25, .84), (.16, .86), (.16, .92)],
        [(0, 0), (.22, 0), (.22, .02), (.14, .18), (.12, .3), (.17, .42), (.17, .5), (.12, .58), (.13, .78), (.28, 1.05)],  # a trumpet
        [(0, 0), (.15, 0), (.15, 0), (.28, .14), (.32, .3), (.22, .5), (.11, .58), (.19, .72), (.19, .82), (.08, .96), (.08, 1.08)],  # a gourd
        [(0, 0), (.2, 0), (.2, 0), (.23, .05), (.24, .65), (.21, .73), (.1, .77), (.1, .92), (.15, .96)]],
    parts=lambda rng, made, profile: ears(profile, .72, .92, .04, thick=.02) if rng.uniform() < .15 else ())


@kind("amphora", "archaeological_artifact", "terracotta 6, earthenware 2, bronze 1, glass .5", 1.6, "archaeology")
def amphora(rng, made):
    profile, low, high, out, paint = one_of(rng, AMPHORAE)
    profile = vary(rng, profile, .07)
    return pot(rng, made, profile, ears(profile, low, high, out, thick=.03), wall=.025, paint=paint)


# The profile, where the handles begin and end, how far they reach beyond the body there, and the chance of paint.
AMPHORAE = (
    ([(0, 0), (.16, 0), (.16, 0), (.17, .03), (.11, .08), (.11, .08), (.25, .28), (.35, .52), (.35, .63), (.25, .78), (.13, .85), (.12, .98),
      (.12, .98), (.19, 1.0), (.19, 1.05)], .68, .93, .0, .8),
    ([(0, 0), (.04, 0), (.05, .12), (.14, .3), (.23, .55), (.24, .75), (.13, .88), (.09, .95), (.09, 1.12), (.13, 1.14), (.13, 1.18)],
     .7, .93, .04, .15),  # for shipping wine
    ([(0, 0), (.2, 0), (.2, .03), (.2, .03), (.35, .2), (.37, .34), (.28, .55), (.16, .72), (.15, .85), (.22, .95), (.22, .98)],
     .58, .88, .07, .8),  # a pelike, which sags
    ([(0, 0), (.05, 0), (.2, .1), (.4, .38), (.43, .55), (.32, .76), (.13, .88), (.11, .97), (.16, 1.0), (.16, 1.05)], .8, .94, .1, .1),  # for oil
    ([(0, 0), (.04, 0), (.05, .14), (.16, .24), (.22, .34), (.23, .85), (.15, 1.0), (.09, 1.06), (.09, 1.18), (.13, 1.2), (.13, 1.24)],
     .8, .94, .07, .1),  # a cylinder
    ([(0, 0), (.13, 0), (.13, .03), (.06, .07), (.06, .07), (.2, .25), (.37, .58), (.37, .7), (.22, .84), (.1, .9), (.1, 1.02), (.1, 1.02),
      (.17, 1.06)], .78, .93, .0, .9))  # a prize of the games


COVERS = ([(1, 0), (1, .03), (.8, .09), (.22, .13), (.12, .15), (.22, .19), (.18, .23), (0, .24)],
          [(1.02, 0), (1.02, .05), (1.02, .05), (.3, .06), (.3, .12), (0, .12)],
          [(.98, 0), (.95, .12), (.6, .22), (.15, .26), (.1, .28), (.18, .33), (0, .36)])


def cover(rng, rim, z):
    """A lid for a mouth of that radius, at that height."""
    return knob([(max(r * rim, 0), height) for r, height in one_of(rng, COVERS)], z)


@kind("jar", "ceramic", POTTERY + ", alabaster 1", 1.4)
def jar(rng, made):
    profile = vary(rng, one_of(rng, JARS))
    rim, top = profile[-1]
    parts = [cover(rng, rim + .03, top)] if rng.uniform() < .5 else []
    parts += lugs(profile, .74, .07) if rng.uniform() < .25 else []
    return pot(rng, made, profile, parts, wall=.03)


JARS = ([(0, 0), (.24, 0), (.24, 0), (.3, .1), (.36, .35), (.33, .55), (.22, .66), (.22, .66), (.23, .72)],
        [(0, 0), (.24, 0), (.24, 0), (.26, .03), (.25, .09), (.19, .14), (.18, .4), (.19, .6), (.25, .67), (.25, .71), (.18, .75), (.18, .75),
         (.21, .8)],  # an albarello
        [(0, 0), (.12, 0), (.12, 0), (.3, .2), (.41, .42), (.36, .62), (.2, .72), (.16, .75), (.16, .75), (.21, .82)],
        [(0, 0), (.2, 0), (.2, 0), (.18, .1), (.22, .3), (.36, .62), (.36, .74), (.2, .84), (.18, .84), (.18, .84), (.18, .92)],
        [(0, 0), (.3, 0), (.3, 0), (.43, .11), (.45, .22), (.36, .34), (.27, .38), (.27, .38), (.27, .42)])


@kind("urn", "archaeological_artifact", "terracotta 4, marble 2, bronze 2, alabaster 1, earthenware 1", .8, "archaeology")
def urn(rng, made):
    profile, low, high, out, rise, covered = one_of(rng, URNS)
    profile = vary(rng, profile, .07)
    parts = ears(profile, low, high, out, rise=rise, thick=.03) if high else [box(.5, .5, .05).moved(z=-.02)]
    if covered:
        parts.append(cover(rng, profile[-1, 0] + .02, profile[-1, 1]))
    return pot(rng, made, profile, parts, wall=.03, paint=.4)


# The profile, where the handles begin and end, how far they reach and rise, and whether it has a cover.
URNS = (([(0, 0), (.2, 0), (.2, 0), (.2, .05), (.07, .12), (.07, .18), (.22, .3), (.34, .55), (.35, .7), (.26, .75), (.26, .75), (.3, .78)],
         .6, .87, .11, .02, True),
        ([(0, 0), (.2, 0), (.2, .05), (.09, .1), (.07, .19), (.2, .26), (.25, .34), (.22, .5), (.26, .75), (.4, .9), (.41, .94)],
         .34, .52, .12, .08, False),  # bell-shaped
        ([(0, 0), (.17, 0), (.17, .03), (.13, .08), (.13, .08), (.28, .35), (.36, .6), (.3, .72), (.24, .76), (.24, .76), (.24, .8)], 0, 0, 0, 0, True),
        ([(0, 0), (.18, 0), (.18, .05), (.1, .1), (.1, .1), (.26, .3), (.34, .55), (.32, .66), (.25, .72), (.25, .95), (.25, .95), (.31, 1.0)],
         .68, .98, .08, .16, False),  # its handles rise above the rim
        ([(0, 0), (.1, 0), (.1, 0), (.3, .2), (.42, .44), (.4, .5), (.22, .7), (.22, .7), (.25, .8)], .52, .62, .05, .0, True))


@kind("bottle", "ceramic", "glass 5, colored glass 3, stoneware 3, porcelain 1", 1.2)
def bottle(rng, made):
    form = rng.integers(len(BOTTLES) + 2)
    glass = .02 if "glass" in made[0] else 0
    if form == len(BOTTLES):  # square, for a case
        wide, tall = rng.uniform(.17, .24), rng.uniform(.55, .75)
        mesh = join([loft([(0, wide, wide), (0, wide, wide), (tall - .04, wide, wide), (tall, wide * .8, wide * .8), (tall + .02, .08, .08)], square=7),
                     knob([(.07, 0), (.06, .14), (.09, .15), (.09, .18), (0, .18)], tall)])
        return Thing(mesh, made, azimuth=45)
    profile = vary(rng, BOTTLES[form % len(BOTTLES)])
    stopper = [ball(.07).moved(z=profile[-1, 1] + .04)] if rng.uniform() < .3 else []
    if form > len(BOTTLES):  # a pilgrim's flask, flat and with loops for a strap
        profile = vary(rng, [(0, 0), (.12, 0), (.12, .03), (.26, .12), (.36, .36), (.26, .6), (.1, .68), (.06, .8), (.09, .82), (.09, .86)])
        mesh = join([turn(profile, glass).scaled(1, .5, 1), *ears(profile, .66, .88, .0, thick=.022)])
        return Thing(mesh, made, painted(rng, made, profile), azimuth=40)
    return pot(rng, made, profile, stopper, wall=glass, paint=.35)


BOTTLES = ([(0, 0), (.2, 0), (.2, 0), (.21, .04), (.21, .55), (.16, .65), (.06, .75), (.06, .95), (.08, .96), (.08, 1.0)],
           [(0, 0), (.15, 0), (.15, 0), (.28, .15), (.3, .3), (.2, .48), (.06, .58), (.05, .88), (.09, .92)],
           [(0, 0), (.13, 0), (.13, 0), (.14, .5), (.12, .6), (.05, .68), (.05, .85), (.08, .86), (.08, .9)],
           [(0, 0), (.3, 0), (.3, 0), (.36, .1), (.34, .28), (.14, .42), (.08, .55), (.07, .68), (.1, .69), (.08, .74)],  # an onion
           [(0, 0), (.14, 0), (.14, 0), (.25, .14), (.25, .28), (.11, .42), (.17, .56), (.14, .68), (.06, .76), (.05, .9), (.08, .94)])


UNGUENTARIA = ([(0, 0), (.06, .0), (.13, .06), (.17, .2), (.12, .33), (.045, .42), (.04, .75), (.04, .75), (.1, .8), (.1, .82)],
               [(0, 0), (.1, 0), (.1, .02), (.035, .08), (.04, .2), (.15, .42), (.15, .5), (.06, .64), (.04, .75), (.05, .88), (.09, .9)],  # a spindle
               [(0, 0), (.22, 0), (.25, .03), (.16, .12), (.05, .19), (.045, .75), (.045, .75), (.12, .79), (.12, .81)],  # a cone and a long neck
               [(0, 0), (.08, .01), (.15, .1), (.14, .3), (.11, .58), (.06, .65), (.06, .68), (.06, .68), (.15, .71), (.15, .73)],  # an alabastron
               [(0, 0), (.1, 0), (.22, .1), (.25, .22), (.18, .36), (.06, .43), (.06, .48), (.06, .48), (.15, .5), (.15, .52)])


@kind("unguentarium", "archaeological_artifact", "glass 4, terracotta 3, alabaster 2, colored glass 2", .45, "archaeology")
def unguentarium(rng, made):
    return Thing(turn(vary(rng, one_of(rng, UNGUENTARIA)), .015), made)


CUPS = ([(0, 0), (.17, 0), (.17, 0), (.17, .03), (.24, .12), (.29, .3), (.33, .46)],
        [(0, 0), (.22, 0), (.22, 0), (.23, .03), (.23, .25), (.23, .5)],  # a coffee can
        [(0, 0), (.14, 0), (.14, 0), (.13, .05), (.13, .05), (.32, .16), (.37, .3), (.38, .36)],  # low and wide
        [(0, 0), (.17, 0), (.17, .03), (.08, .09), (.08, .12), (.08, .12), (.22, .2), (.25, .36), (.3, .54)],  # on a foot
        [(0, 0), (.16, 0), (.16, 0), (.27, .1), (.28, .24), (.23, .38), (.27, .5)])


@kind("cup", "ceramic", "porcelain 6, faience 2, earthenware 2, silver 1, stoneware 1", 1.5, "decorative arts")
def cup(rng, made):
    profile = vary(rng, one_of(rng, CUPS))
    low, high, out, rise = one_of(rng, [(.3, .85, .14, 0), (.4, .92, .12, .12), (.25, .75, .1, 0)])
    mesh = join([turn(profile, .02)] + [ear(profile, low, high, out, side, rise, .022) for side in ((1, -1) if rng.uniform() < .2 else (1,))])
    if rng.uniform() < .5:
        saucer = turn([(0, .0), (.25, 0), (.5, .07), (.52, .09), (.5, .1), (.25, .04), (0, .04)])
        mesh = join([mesh.moved(z=.05), saucer])
    return Thing(mesh, made, painted(rng, made, profile, .8), elevation=(15, 35), azimuth=40)


def mug_parts(rng, made, profile):
    rim, top = profile[-1]
    lid = [knob([(rim + .01, 0), (rim + .01, .03), (rim * .7, .08), (.05, .1), (.04, .13), (.06, .16), (0, .18)], top), ball(.04, 12).moved(rim + .02, 0, top + .05)]
    return [ear(profile, .2, .85, .17, 1, thick=.032)] + (lid if rng.uniform() < (.6 if made[0] == "tin" else .2) else [])


vessel("mug", "ceramic", "stoneware 4, earthenware 4, tin 3, porcelain 1", .9, wall=.025, azimuth=35, parts=mug_parts, profiles=[
    [(0, 0), (.28, 0), (.28, 0), (.29, .03), (.27, .06), (.26, .35), (.27, .62), (.28, .66)],
    [(0, 0), (.3, 0), (.3, 0), (.31, .05), (.27, .09), (.22, .75), (.22, .8)],  # a tall tankard
    [(0, 0), (.22, 0), (.22, 0), (.3, .12), (.33, .28), (.28, .44), (.22, .5), (.23, .66)],  # round, with a neck
    [(0, 0), (.25, 0), (.25, 0), (.31, .15), (.32, .32), (.27, .55), (.27, .58)]])  # a barrel


def beaker_parts(rng, made, profile):
    return [ball(.06, 16).moved(.17 * np.cos(a), .17 * np.sin(a), -.02) for a in (.4, 2.5, 4.6)] if rng.uniform() < .25 else []


vessel("beaker", "ceramic", "glass 4, silver 3, colored glass 1, horn 1.5, tin 1, ivory .5", .9, wall=.02, flutes=(.3, 10, 10, .02), paint=.5,
       profiles=[[(0, 0), (.2, 0), (.2, 0), (.21, .02), (.22, .3), (.25, .62), (.27, .7)],
                 [(0, 0), (.22, 0), (.22, .03), (.14, .07), (.14, .07), (.17, .4), (.2, .7), (.28, .84)],  # a flaring rim
                 [(0, 0), (.1, 0), (.1, 0), (.15, .25), (.24, .85)],  # a cone
                 [(0, 0), (.21, 0), (.21, 0), (.21, .3), (.21, .62)],
                 [(0, 0), (.16, 0), (.16, .02), (.22, .14), (.27, .3), (.22, .5), (.25, .58)]], parts=beaker_parts)
goblet = vessel("goblet", "ceramic", "glass 5, silver 3, tin 1, colored glass 2, gold .5, boxwood .5", .9, "decorative arts",
                paint=.3, elevation=(6, 22), profiles=[
                    [(0, 0), (.24, 0), (.24, .02), (.08, .06), (.03, .12), (.05, .28), (.05, .3), (.03, .38), (.08, .46), (.2, .56), (.24, .75), (.23, .95)],
                    [(0, 0), (.22, 0), (.22, .02), (.05, .05), (.03, .1), (.03, .35), (.03, .35), (.09, .45), (.14, .7), (.16, 1.1)],  # a flute
                    [(0, 0), (.22, 0), (.22, .03), (.14, .06), (.11, .2), (.12, .34), (.12, .34), (.28, .46), (.31, .6), (.25, .8)],  # a roemer
                    [(0, 0), (.2, 0), (.2, .02), (.05, .05), (.04, .12), (.09, .2), (.04, .28), (.06, .36), (.03, .44), (.03, .44), (.2, .56), (.34, .8)],
                    [(0, 0), (.2, 0), (.2, .03), (.06, .08), (.05, .22), (.05, .22), (.24, .26), (.27, .4), (.28, .72)]])  # a bucket on a stem
vessel("chalice", "art", "silver 4, gold 4, brass 1", .8, "religion", spread=.06, wall=.02, flutes=(.5, 6, 6, .05), paint=.5,
       elevation=(8, 25), parts=lambda rng, made, profile: [
           ball(.028).moved(.115 * np.cos(a), .115 * np.sin(a), .33 * profile[-1, 1] / .9) for a in np.arange(6)], profiles=[
               [(0, 0), (.32, 0), (.32, .03), (.22, .06), (.07, .14), (.05, .25), (.05, .25), (.11, .29), (.12, .33), (.11, .37),
                (.05, .41), (.05, .41), (.05, .5), (.16, .56), (.25, .7), (.27, .9)],
               [(0, 0), (.3, 0), (.3, .02), (.2, .1), (.1, .24), (.1, .24), (.15, .28), (.16, .33), (.15, .38), (.1, .42), (.1, .42), (.22, .48), (.36, .64),
                (.4, .9)],  # a wide bowl and no stem
               [(0, 0), (.28, 0), (.28, .05), (.2, .1), (.2, .13), (.06, .18), (.04, .24), (.04, .24), (.1, .3), (.12, .33), (.08, .4), (.04, .46), (.06, .5),
                (.18, .54), (.19, .7), (.26, .9)]])


@kind("teapot", "ceramic", "porcelain 4, stoneware 3, silver 3, earthenware 2, tin 1", 1.3, "decorative arts")
def teapot(rng, made):
    profile, spout, held = one_of(rng, TEAPOTS)
    profile = vary(rng, profile, .07)
    body = turn(profile, lobes=(int(rng.integers(6, 11)), .03) if rng.uniform() < .2 else None)
    start, thick = (radius_at(profile, spout[0][1]) - .06, 0, spout[0][1]), np.linspace(.09, .035, len(spout))
    parts = [body, sweep([start, *((x, 0, z) for x, z in spout[1:])], thick, samples=20)]
    if held == "above":
        parts += [bail(.26, .42, .52, .022)]
    elif held == "beside":  # a straight grip
        parts += [sweep([(-.25, 0, .36), (-.5, 0, .42), (-.68, 0, .46)], [.04, .035, .05])]
    else:
        parts += [ear(profile, .25, .66, .18, thick=.03)]
    mesh = join(parts).scaled(1, 1, rng.uniform(.9, 1.1)).turned("z", rng.choice([0, 180]))
    return Thing(mesh, made, painted(rng, made, profile), azimuth=35)


BUTTON = [(.05, .0), (.04, .02), (.07, .06), (.04, .1), (0, .11)]


def lidded(*points, tall):
    """A body's profile from its foot, closed by a lid with a button at that height."""
    return [*points, *((r, tall + z) for r, z in BUTTON)]


# The profile, the spout's line (x, z) from the body, and where the handle is.
TEAPOTS = ((lidded((0, 0), (.22, 0), (.22, 0), (.22, .03), (.36, .16), (.4, .3), (.33, .45), (.2, .52), (.2, .52), (.16, .58), tall=.61),
            [(.3, .2), (.48, .26), (.55, .42), (.66, .52)], "behind"),
           (lidded((0, 0), (.2, 0), (.2, .04), (.2, .04), (.4, .12), (.5, .22), (.42, .32), (.24, .37), (.24, .37), (.18, .42), tall=.45),
            [(.4, .2), (.58, .24), (.64, .32), (.74, .4)], "behind"),  # low
           (lidded((0, 0), (.16, 0), (.16, .04), (.16, .04), (.3, .14), (.34, .3), (.24, .52), (.16, .7), (.16, .7), (.13, .76), tall=.8),
            [(.25, .24), (.42, .3), (.46, .52), (.56, .66)], "behind"),  # a tall pear
           (lidded((0, 0), (.32, 0), (.32, 0), (.33, .04), (.33, .42), (.33, .42), (.3, .46), (.18, .47), (.16, .51), tall=.52),
            [(.3, .12), (.46, .26), (.58, .42)], "behind"),  # a drum with a straight spout
           (lidded((0, 0), (.2, 0), (.2, 0), (.36, .1), (.42, .24), (.34, .37), (.2, .43), (.2, .43), (.15, .46), tall=.48),
            [(.35, .18), (.52, .26), (.6, .4)], "above"),
           (lidded((0, 0), (.24, 0), (.24, 0), (.36, .14), (.36, .28), (.28, .4), (.2, .44), (.2, .44), (.15, .48), tall=.5),
            [(.3, .2), (.46, .3), (.54, .42)], "beside"))


@kind("bucket", "tool", "oak + iron 3, copper + iron 2, brass + iron 1, pine + iron 2", .6)
def bucket(rng, made):
    profile, tall = one_of(rng, BUCKETS), rng.uniform(.85, 1.15)
    profile = np.array(profile) * [1, tall]
    rim, top = profile[-1]
    parts = [turn(profile, .03)]
    for z in np.array([.1, .5, .85])[[0, 2] if rng.uniform() < .6 else [0, 1, 2]] * top:
        low, high = radius_at(profile, z), radius_at(profile, z + .05)
        parts.append(turn([(low + .002, z), (low + .016, z), (high + .016, z + .05), (high + .002, z + .05)]).of(1))
    held = rng.integers(3)
    if held == 0:  # two staves stand up and are pierced for a rope or a pole
        parts += [box(.05, .16, .3, .02).moved(s * (rim - .02), 0, top - .12) for s in (-1, 1)]
        parts += [sweep([(-rim, 0, top + .12), (rim, 0, top + .12)], .02).of(int(rng.integers(2)))]
    elif held == 1 and made[0] in ("oak", "pine"):  # one long stave to hold it by
        parts.append(box(.05, .15, .4, .03).moved(rim - .02, 0, top - .12))
    else:
        parts.append(bail(rim - .01, top, .36 * rng.uniform(.7, 1.1)).of(1))
        parts += [ball(.035, 10).moved(s * rim, 0, top - .02).of(1) for s in (-1, 1)]
    return Thing(join(parts), made, elevation=(12, 30), azimuth=40)


BUCKETS = ([(0, 0), (.26, 0), (.26, 0), (.34, .55), (.34, .55)],
           [(0, 0), (.34, 0), (.34, 0), (.27, .5), (.27, .5)],  # wider below: a milk pail
           [(0, 0), (.26, 0), (.26, 0), (.27, .7), (.27, .7)],
           [(0, 0), (.16, 0), (.16, 0), (.28, .12), (.33, .3), (.31, .5), (.32, .54)])


@kind("barrel", "tool", "oak + iron 4, pine + iron 2", .5)
def barrel(rng, made):
    form = rng.integers(4)
    tall, fat = (1.0, .72, 1.15, .95)[form], (.1, .14, .05, .1)[form] * rng.uniform(.8, 1.2)  # how much wider in the middle
    z = np.linspace(0, 1, 7)
    staves = np.stack([.3 + 4 * fat * z * (1 - z), tall * z], 1)
    last, top = staves[-1]
    is_open = form == 2 and rng.uniform() < .6
    head = turn([(last, top - .3 * is_open - .03), (0, top - .3 * is_open - .03)], flat=True)
    body = turn([(0, 0), *staves[[0, *range(7), 6]], (last - .025, top), (last - .025, top), (last - .02, top - .3)], lobes=(20, .006))
    hoops = []
    for at in (.03, .2, .75, .92):
        r = np.interp([at * tall, at * tall + .05], staves[:, 1], staves[:, 0])
        hoops.append(turn([(r[0], at * tall), (r[0] + .018, at * tall), (r[1] + .018, at * tall + .05), (r[1], at * tall + .05)]).of(1))
    mesh = join([body, head] + hoops)
    if form == 3:  # on its side in a cradle, with a tap
        mesh = mesh.turned("x", 90).moved(0, tall / 2, .3 + fat)
        tap = [sweep([(0, -tall / 2 - .14, .12), (0, -tall / 2 + .05, .12)], .03), box(.03, .03, .12).moved(0, -tall / 2 - .09, .12)]
        props = [box(.62, .07, .16).moved(0, y) for y in (-.28 * tall, .28 * tall)]
        return Thing(join([mesh, *props, *tap]).turned("z", 40 * rng.choice([-1, 1])), made, azimuth=15)
    return Thing(mesh, made)


@kind("basket", "tool", "wicker 5, straw 3", 1.0, "ethnography")
def basket(rng, made):
    profile, across, tall = one_of(rng, BASKETS)
    profile = vary(rng, profile)
    rim, top = profile[-1]
    if rng.uniform() < .25:  # square, with a lid or without
        wide, deep = rng.uniform(.38, .5), rng.uniform(.26, .34)
        side = loft([(0, wide * .9, deep * .9), (.36, wide, deep), (.4, wide, deep), (.38, wide - .05, deep - .05), (.06, wide * .9 - .05, deep * .9 - .05)],
                    square=6, sections=40)
        lid = loft([(0, wide + .02, deep + .02), (.05, wide + .02, deep + .02), (.07, wide * .9, deep * .9)], square=6, sections=40).moved(z=.4)
        parts = [side] + ([lid, *(ear([(deep, 0), (deep, .4)], .5, .75, .06).turned("z", 90 * s) for s in (1, -1))] if rng.uniform() < .5 else
                          [bail(wide - .02, .38, .42, .028)])
        return Thing(join(parts), made, elevation=(18, 38))
    parts = [turn(profile, .04).scaled(1 + across, 1 - across, 1)]
    held, reach = rng.integers(3), (1 + across) * rim
    if held == 0 and tall:
        parts.append(bail(reach + .01, top - .03, tall, .028))
    elif held == 1:
        parts += [sweep([(s * (reach - .02), -.12, top - .04), (s * (reach + .03), -.09, top + .1), (s * (reach + .03), .09, top + .1),
                         (s * (reach - .02), .12, top - .04)], .022) for s in (-1, 1)]
    return Thing(join(parts), made, elevation=(18, 38))


# The profile, how oval it is, and how high a handle may arch above it.
BASKETS = (([(0, 0), (.28, 0), (.28, 0), (.36, .18), (.4, .34), (.42, .36), (.4, .38)], .18, .45),
           ([(0, 0), (.24, 0), (.24, 0), (.27, .3), (.31, .6), (.32, .63), (.3, .65)], 0, .35),  # deep
           ([(0, 0), (.42, 0), (.42, 0), (.52, .1), (.55, .12), (.53, .14)], 0, 0),  # a tray for winnowing
           ([(0, 0), (.16, 0), (.16, 0), (.3, .5), (.4, .84), (.41, .87), (.39, .89)], 0, 0),  # for the back
           ([(0, 0), (.22, 0), (.36, .12), (.42, .28), (.34, .42), (.28, .46), (.29, .5)], 0, .3))  # drawn in above


vessel("flowerpot", "ceramic", "terracotta 5, faience 1, stoneware 1", .35, wall=.04, paint=.3, elevation=(12, 30), profiles=[
    [(0, 0), (.26, 0), (.26, 0), (.36, .5), (.36, .5), (.41, .5), (.41, .5), (.42, .64), (.42, .64)]])


@kind("frying pan", "tool", "iron 3, copper + iron 2, cast iron 3", .5)
def frying_pan(rng, made):
    form, last = rng.integers(4), len(made) - 1
    deep = (.1, .2, .12, .08)[form]
    pan = turn([(0, 0), (.38, 0), (.4, .02), (.45, deep), (.45, deep)], .02)
    long = (1.1, .95, 1.3, .0)[form]
    parts = [sweep([(.42, 0, deep - .03), (.6 * long + .1, 0, deep + .03), (long, 0, deep + .06)], [.035, .028, .04], flat=.6).of(last),
             torus(.05, .014, 20).moved(long + .05, 0, deep + .06).of(last)] if long else lugs([(.46, 0), (.46, deep)], .7, .13, .025)
    if form == 1:  # a sauté pan: deep, with a second grip
        parts += [lugs([(.45, 0), (.46, deep)], .75, .1)[0].of(last)]
    if form == 2:  # a spider, for the embers
        parts, pan = [part.moved(z=.26) for part in parts] + feet(3, .3, .28, .035), pan.moved(z=.26)
    return Thing(join([pan, *parts]), made, elevation=(22, 66), azimuth=70)


@kind("cooking pot", "tool", "copper + iron 2, iron 2, cast iron 2, bronze 1, earthenware 2", .7)
def cooking_pot(rng, made):
    profile, legs, held, lid = one_of(rng, COOKING_POTS)
    profile, last = vary(rng, profile), len(made) - 1
    rim, top = profile[-1]
    parts = [turn(profile, .03)] + (feet(legs, rim * .7, .22, .05) if legs else [])
    if held == "bail":
        parts += [bail(rim, top - .03, .5, .02).of(last)]
    else:
        parts += [part.of(last) for part in (ears(profile, .62, .93, .1, thick=.024) if held == "ears" else lugs(profile, .8, .12))]
    if lid and rng.uniform() < .75:
        parts.append(knob([(rim + .02, 0), (rim + .02, .03), (rim * .8, .08), (.05, .11), (.04, .15), (.07, .18), (0, .2)], top))
    return Thing(join(parts), made, elevation=(10, 32))


# The profile, how many legs, how it is held, and whether it may have a lid.
COOKING_POTS = (([(0, .1), (.2, .1), (.36, .2), (.4, .36), (.34, .52), (.3, .56), (.35, .6)], 3, "ears", False),
                ([(0, .1), (.26, .12), (.4, .26), (.42, .42), (.36, .54), (.34, .56), (.37, .58)], 3, "bail", False),
                ([(0, 0), (.38, 0), (.38, 0), (.4, .03), (.4, .36), (.4, .36), (.42, .37)], 0, "lugs", True),
                ([(0, 0), (.15, 0), (.32, .08), (.42, .26), (.36, .46), (.26, .54), (.27, .57), (.32, .62)], 0, "ears", True),
                ([(0, 0), (.3, 0), (.3, 0), (.33, .04), (.33, .68), (.33, .68), (.35, .7)], 0, "lugs", True))


@kind("salt cellar", "ceramic", "silver 3, tin 1, porcelain 2, glass 2", .4)
def salt_cellar(rng, made):
    form = rng.integers(5)
    if form == 4:  # two shells beside one handle
        shell = turn([(0, 0), (.14, 0), (.14, .02), (.2, .08), (.24, .18)], .02)
        return Thing(join([shell.moved(-.23), shell.moved(.23), knob([(.03, 0), (.025, .3), (.03, .34)]), torus(.07, .022, 24).turned("x", 90).moved(z=.4)]),
                     made, elevation=(18, 36), azimuth=60)
    profile = vary(rng, SALTS[form])
    body = turn(profile, .02, lobes=(8, .03) if form < 2 and rng.uniform() < .6 else None)
    if form == 2:
        return Thing(join([body.moved(z=.1), *(ball(.07, 16).moved(.24 * np.cos(a), .24 * np.sin(a), .07) for a in (-2.6, -.5, 1.6))]), made, elevation=(12, 30))
    return Thing(body.scaled(1.5, .9, 1) if form == 3 else body, made, elevation=(18, 38), azimuth=60)


SALTS = ([(0, 0), (.26, 0), (.26, .03), (.14, .1), (.14, .16), (.3, .26), (.32, .34)],
         [(0, 0), (.34, 0), (.34, .04), (.2, .16), (.17, .3), (.2, .42), (.34, .54), (.34, .56)],  # a spool
         [(0, 0), (.16, 0), (.3, .08), (.34, .2), (.27, .28), (.28, .3)],  # a round bowl, to stand on three feet
         [(0, 0), (.2, 0), (.2, .03), (.1, .08), (.1, .12), (.24, .18), (.32, .3)])  # a boat


@kind("tray", "ceramic", "silver 3, tin 1, brass 2, oak 1, porcelain 1", .5)
def tray(rng, made):
    form, wide = rng.integers(4), (1.25, 1.35, 1.0, 1.2)[rng.integers(4)]
    rim = [(0, .02), (.45, .02), (.45, .02), (.5, .06), (.52, .06), (.46, .04), (0, .04)]
    if form == 1:  # square, with a rail and two grips
        parts = [box(wide, .8, .03), *(box(wide, .03, .1).moved(0, s * .39) for s in (-1, 1)), *(box(.03, .8, .1).moved(s * (wide / 2 - .015)) for s in (-1, 1))]
        parts += [sweep([(s * wide / 2, -.16, .07), (s * (wide / 2 + .02), -.1, .17), (s * (wide / 2 + .02), .1, .17), (s * wide / 2, .16, .07)], .022)
                  for s in (-1, 1)]
        return Thing(join(parts), made, elevation=(30, 70))
    if form == 2:  # a gallery round it
        rim = [(0, .02), (.5, .02), (.5, .02), (.52, .13), (.54, .14), (.5, .14), (.48, .04), (.48, .04), (0, .04)]
    mesh = turn(rim, sections=8 if form == 3 else 56, flat=made[0] == "oak", lobes=(8, .015) if form == 0 else None).turned("z", 22.5).scaled(wide, .85, 1)
    ends = lugs([(.5 * wide, 0), (.5 * wide, .06)], .6, .12, .02, .14) if rng.uniform() < .5 else []
    skins = {} if made[0] == "oak" else painted(rng, made, [(0, 0), (.5, 0)], .8)
    return Thing(join([mesh, *ends]), made, skins, elevation=(35, 75))


vessel("mortar", "tool", "bronze + bronze 3, marble + boxwood 2, brass + brass 1, oak + oak 1", .5, wall=.05, paint=.5,
       parts=lambda *_: [sweep([(0, 0, .2), (.1, 0, .6), (.22, 0, 1.0)], [.08, .035, .05]).of(1)],
       profiles=[[(0, 0), (.26, 0), (.26, .05), (.22, .1), (.25, .35), (.33, .58), (.34, .6)]])


@kind("candlestick", "art", "brass 4, silver 4, tin 2, iron 1, oak .7, porcelain .7", 1.5, "decorative arts")
def candlestick(rng, made):
    form = rng.integers(len(CANDLESTICKS) + 1)
    if form == len(CANDLESTICKS):  # to carry: a saucer, a socket and a ring
        profile = np.array([(0, 0), (.3, 0), (.42, .05), (.43, .07), (.3, .03), (.08, .04), (.06, .06), (.06, .24), (.09, .25), (0, .25)])
        parts, socket = [torus(.09, .025, 24).turned("x", 90).moved(.48, 0, .1)], 0
    else:
        profile, socket = vary(rng, CANDLESTICKS[form]), .66
        parts = [box(.5, .5, .06)] if form == 2 else feet(3, .1, .2, .05, .22) if form == 3 else []
    top = profile[-1, 1]
    parts.append(turn(profile, lobes=(8, .03) if form < 2 and rng.uniform() < .3 else None))
    if socket and rng.uniform() < .25:
        parts += [sweep([(0, 0, .62), (s * .2, 0, .54), (s * .33, 0, .6), (s * .34, 0, .78)], .025, samples=16) for s in (-1, 1)]
        parts += [turn([(.02, .78), (.09, .79), (.05, .8), (.05, .9), (0, .9)]).moved(s * .34) for s in (-1, 1)]
    if rng.uniform() < .3:
        parts.append(turn([(0, 0), (.045, 0), (.045, .35), (0, .36)]).moved(z=top - .03).of(1))
        made = made[:1] + ("wax",)
    return Thing(join(parts).grounded(), made, elevation=(4, 20) if socket else (14, 36))


CANDLESTICKS = (
    [(0, 0), (.26, 0), (.26, .03), (.2, .07), (.06, .12), (.04, .2), (.09, .27), (.04, .34), (.035, .5), (.07, .58), (.04, .65), (.05, .74), (.13, .77),
     (.13, .79), (.06, .8), (.06, .92), (.07, .93)],
    [(0, 0), (.3, 0), (.26, .16), (.22, .2), (.22, .2), (.3, .24), (.3, .26), (.06, .3), (.05, .36), (.08, .42), (.05, .5), (.05, .7), (.08, .72), (.08, .74)],
    [(.2, .06), (.2, .1), (.11, .13), (.11, .13), (.09, .7), (.09, .7), (.15, .8), (.15, .84), (.06, .84), (.06, .94), (.07, .95)],  # a column
    [(0, .2), (.1, .18), (.05, .28), (.05, .36), (.1, .42), (.05, .48), (.05, .8), (.05, .8), (.2, .9), (.21, .92), (.02, .9), (.012, 1.06)],  # a pricket
    [(0, 0), (.22, 0), (.22, .04), (.1, .1), (.12, .2), (.17, .3), (.1, .42), (.06, .5), (.12, .56), (.12, .58), (.07, .59), (.07, .68), (.08, .69)])


@kind("oil lamp", "archaeological_artifact", "terracotta 5, bronze 3, earthenware 1, brass 1", 1.0, "archaeology")
def oil_lamp(rng, made):
    form = rng.integers(5)
    body = turn([(0, 0), (.2, 0), (.2, 0), (.32, .1), (.33, .15), (.24, .2), (.22, .18), (.1, .18), (.06, .17), (.06, .17), (0, .14)])
    ring = handle([(-.26, .16), (-.42, .26), (-.5, .18), (-.44, .08), (-.3, .09)], .03)
    nozzle = join([sweep([(.2, 0, .11), (.42, 0, .13), (.58, 0, .17)], [.12, .1, .06], flat=1.2), turn([(.06, 0), (.06, .03), (.03, .03), (0, .0)]).moved(.52, 0, .2)])
    if form == 0:
        parts = [body, nozzle, ring]
    elif form == 1:  # two or three burners
        parts = [body, ring] + [nozzle.turned("z", a) for a in ((-27, 27), (-52, 0, 52))[rng.integers(2)]]
    elif form == 2:  # an open saucer, its rim pinched to hold the wick
        def pinch(points):
            x, y, z = points.T
            share = np.clip(x / .4, 0, 1) ** 1.5 * np.clip(z / .16, 0, 1)
            return np.stack([x * (1 + .3 * share), y * (1 - .85 * share), z + .06 * share], 1)
        parts = [turn([(0, 0), (.16, 0), (.28, .06), (.34, .14), (.44, .16)], .025).bent(pinch)]
    elif form == 3:  # of bronze or like it: on a foot, with a crescent over the handle
        stem = knob([(0, 0), (.22, 0), (.22, .03), (.06, .1), (.06, .22), (.14, .3), (0, .32)])
        crest = torus(.16, .035, 24).turned("y", 70).moved(-.44, 0, .52)
        parts = [stem, join([body, nozzle, ring]).moved(z=.26), crest]
    else:  # long and slender, a boat with its nozzle
        parts = [loft([(0, .2, .12), (.04, .3, .18), (.12, .4, .22), (.2, .36, .18), (.21, .2, .1), (.18, .1, .06)], square=1.7), nozzle.scaled(1.15, .8, 1),
                 handle([(-.32, .14), (-.52, .3), (-.6, .2), (-.36, .1)], .03)]
    return Thing(join(parts).turned("z", rng.choice([0, 180])), made, elevation=(18, 46), azimuth=50)


@kind("lamp", "art", "brass + glass 3, silver + glass 1, bronze + colored glass 2, copper + glass 1", .8)
def lamp(rng, made):
    form = rng.integers(5)
    foot = turn([(0, 0), (.24, 0), (.24, .03), (.1, .08), (.05, .16), (.05, .22), (.2, .3), (.24, .38), (.2, .46), (.1, .48), (0, .48)])
    chimney = turn([(.1, .48), (.16, .6), (.13, .72), (.07, .85), (.07, 1.12)]).of(1)
    shade = turn([(.34, .62), (.28, .78), (.12, .88)]).of(1)
    stand = turn([(0, 0), (.26, 0), (.26, .03), (.1, .08), (.04, .12), (.03, .5), (.06, .55), (.03, .6), (.03, .9), (0, .9)])
    parts = ([foot, chimney], [foot, chimney, shade],
             [stand, turn([(.46, .7), (.44, .74), (.26, .95), (.1, 1.04), (0, 1.05)], lobes=(12, .02)).of(1), ball(.04).moved(z=1.08)],  # a wide shade
             [turn([(0, .3), (.06, .3), (.2, .4), (.24, .5), (.1, .56), (0, .56)]), chimney.scaled(.9).moved(z=.12), turn([(.44, .78), (.3, .92), (.12, 1.0)]).of(1),
              ball(.07).moved(z=.28), torus(.07, .016).turned("x", 90).moved(z=1.5),
              *(sweep([(.43 * s, 0, .8), (.24 * s, 0, 1.2), (0, 0, 1.44)], .016) for s in (-1, 1)),
              *(sweep([(.22 * s, 0, .5), (.38 * s, 0, .6), (.43 * s, 0, .8)], .016) for s in (-1, 1))],  # to hang
             [turn([(0, 0), (.28, 0), (.3, .04), (.3, .14), (.2, .2), (.1, .22), (0, .22)]), chimney.moved(z=-.27).scaled(.95),
              handle([(-.28, .14), (-.44, .2), (-.46, .08), (-.28, .05)], .025)])[form]  # to carry
    return Thing(join(parts).grounded(), made, elevation=(4, 20))


@kind("lantern", "tool", "iron + glass 3, brass + glass 2, tin + glass 2", .5)
def lantern(rng, made):
    sides = (4, 4, 6, 24, 24)[form := rng.integers(5)]
    posts = [(.3 * np.cos(a), .3 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, min(sides, 6), False) + np.pi / 4]
    if form == 4:  # a storm lantern: a tank, a glass bulb and side tubes
        parts = [turn([(0, 0), (.26, 0), (.26, .12), (.14, .17), (.14, .2), (0, .2)]), turn([(.13, .2), (.2, .34), (.18, .46), (.12, .58)]).of(1),
                 turn([(.14, .58), (.16, .62), (.1, .66), (.12, .74), (.06, .78), (0, .78)])]
        parts += [sweep([(s * .22, 0, .12), (s * .31, 0, .2), (s * .31, 0, .56), (s * .1, 0, .7)], .026) for s in (-1, 1)] + [bail(.31, .5, .5, .012)]
        return Thing(join(parts), made, azimuth=40)
    high = (.5, .7, .5, .5)[form] * rng.uniform(.85, 1.1)
    roof = one_of(rng, [[(.36, 0), (.15, .18), (.1, .2), (.11, .26), (0, .32)], [(.36, 0), (.33, .06), (.2, .12), (.06, .26), (0, .3)], [(.37, 0), (.04, .34), (0, .35)]])
    parts = [turn([(0, 0), (.34, 0), (.34, .06), (0, .06)], sections=sides).turned("z", 45),
             turn([(.28, .06), (.28, high + .06)], sections=sides).turned("z", 45).of(1),
             turn([(0, 0), *roof], sections=sides).turned("z", 45).moved(z=high + .05)]
    parts += [box(.045, .045, high).moved(x, y, .05) for x, y in posts]
    parts += [torus(.3, .014, 24).moved(z=z) for z in (.06 + high / 3, .06 + high / 1.5)] if form == 3 else []
    ring = torus(.09, .016, 24).turned("x", 90).moved(z=high + roof[-1][1] + .12)
    return Thing(join(parts + [ring]), made)


@kind("bell", "musical_instruments", "bronze 5, brass 2, iron 1, silver 1, porcelain .5", 1.3)
def bell(rng, made):
    form = rng.integers(6)
    if form == 4:  # a cow's: hammered of sheet, flat, with a strap's loop
        wide = rng.uniform(.3, .38)
        parts = [loft([(0, wide, .24), (.05, wide * .97, .22), (.4, wide * .72, .17), (.54, wide * .6, .13), (.58, wide * .4, .08)], square=3.5),
                 handle([(-.13, .55), (-.14, .7), (.14, .7), (.13, .55)], .03)]
        return Thing(join(parts), made, azimuth=45)
    if form == 5:  # a crotal: a hollow ball with a slit
        parts = [ball(.34, 36).moved(z=.34), torus(.345, .022, 48).moved(z=.34), torus(.1, .03, 24).turned("x", 90).moved(z=.76),
                 box(.1, .1, .05).moved(z=.66)]
        return Thing(join(parts), made, elevation=(8, 28))
    profile = vary(rng, BELLS[form % 4])
    top = profile[-1, 1]
    stick = knob([(.03, 0), (.03, .06), (.05, .13), (.03, .2), (.05, .3), (.03, .35), (0, .36)], top - .02)
    loop = handle([(-.08, top - .02), (-.1, top + .14), (.1, top + .14), (.08, top - .02)], .03)
    yoke = join([loop, box(.62, .12, .14, .03).moved(z=top + .08), *(sweep([(s * .3, 0, top + .15), (s * .42, 0, top + .15)], .035) for s in (-1, 1))])
    return pot(rng, made, profile, [one_of(rng, (stick, stick, loop, yoke))], paint=.6, elevation=(4, 24))


BELLS = ([(.34, 0), (.36, .02), (.31, .1), (.22, .3), (.19, .5), (.15, .58), (0, .62)],
         [(.32, 0), (.34, .02), (.29, .12), (.26, .5), (.24, .66), (.12, .74), (0, .75)],  # tall
         [(.34, 0), (.35, .03), (.33, .16), (.26, .28), (.12, .36), (0, .38)],  # a low dome
         [(.26, 0), (.27, .02), (.22, .3), (.16, .58), (.1, .66), (0, .67)])  # a cone
