"""Vessels and what else comes off a wheel or a lathe: containers, tableware, lamps, bells."""

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.materials import hexa
from ..render.solids import ball, box, join, sweep, turn
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


def pot(rng, made, profile, parts=(), wall=0.0, flutes=None, paint=.7, **view) -> Thing:
    """A turned body and its other parts; `flutes`: their chance, fewest, most and depth; `paint`: chance of decoration."""
    lobes = (int(rng.integers(*flutes[1:3], endpoint=True)), flutes[3]) if flutes and rng.uniform() < flutes[0] else None
    return Thing(join([turn(profile, wall, lobes=lobes), *parts]), made, painted(rng, made, profile, paint), **view)


def vessel(*of_kind, profiles, parts=lambda rng, made, profile: (), spread=.1, **finish):
    """Register a `kind` that has one of these profiles, varied, and these other parts; see `pot` for the rest."""
    @kind(*of_kind)
    def draw(rng, made):
        profile = vary(rng, profiles[rng.integers(len(profiles))], spread)
        return pot(rng, made, profile, parts(rng, made, profile), **finish)
    return draw


@kind("bowl", "ceramic", POTTERY + ", silver 1, oak 1, glass 1, jade 0.5, bronze 1", 3.2, "decorative arts")
def bowl(rng, made):
    deep = rng.uniform(.28, .5)
    profile = vary(rng, [(0, 0), (.2, 0), (.2, 0), (.19, .05), (.19, .05), (.36, .35 * deep), (.5, .75 * deep), (.55, deep)])
    return pot(rng, made, profile, wall=.03, flutes=(.25, 6, 13, .03), elevation=(15, 40))


@kind("plate", "ceramic", "porcelain 4, faience 4, earthenware 3, tin 2, silver 1, stoneware 1", 2.6, "decorative arts")
def plate(rng, made):
    profile = [(0, .02), (.35, .02), (.4, .06), (.4, .06), (.62, .1), (.64, .115), (.62, .13), (.42, .085), (.36, .05), (0, .05)]
    skins = {}
    if made[0] in ("porcelain", "faience", "earthenware", "stoneware") and rng.uniform() < .85:
        length, around = outside(profile)
        rim = decor.border(rng, 320, 26)
        art = np.concatenate([decor.spray(rng, 320, 64, int(rng.integers(7, 16)), stem=False), np.zeros((10, 320)), rim,
                              np.zeros((60, 320))])
        paints = {"porcelain": "#1f3f8f", "faience": rng.choice(["#24407a", "#a8622a", "#3f7a4a"])}
        skins[0] = Skin((0, around, 0, length), hexa(paints.get(made[0], "#e8d9a8"))[None, None], np.float32(art))
    return Thing(turn(profile, sections=48), made, skins, elevation=(48, 88), azimuth=180)


@kind("jug", "ceramic", POTTERY + ", silver 1, tin 1, copper 1, glass 1", 2.2, "decorative arts")
def jug(rng, made):
    profile = vary(rng, [(0, 0), (.2, 0), (.2, 0), (.21, .03), (.28, .22), (.3, .4), (.22, .6), (.16, .7), (.17, .82), (.2, .9)])
    body = turn(profile, .025)
    x, _, z = body.points.T
    pull = np.clip((z - .72) / .2, 0, 1) * np.clip(x / .2, 0, 1) ** 3
    body = body.bent(lambda p: p + np.stack([.11 * pull, 0 * pull, .04 * pull], 1))
    grip = handle([(-.15, .84), (-.34, .8), (-.42, .6), (-.38, .4), (-.27, .3)])
    return Thing(join([body, grip]).turned("z", rng.choice([0, 180])), made, painted(rng, made, profile), azimuth=50)


vase = vessel(
    "vase", "ceramic", "porcelain 4, stoneware 3, faience 2, earthenware 2, glass 2, colored glass 2, bronze 1, jade .5", 2.4,
    "decorative arts", wall=.025, flutes=(.2, 8, 15, .025), profiles=[
        [(0, 0), (.17, 0), (.17, 0), (.18, .04), (.3, .4), (.33, .6), (.24, .78), (.12, .88), (.12, .95), (.18, 1.02)],
        [(0, 0), (.2, 0), (.2, 0), (.15, .06), (.2, .3), (.24, .55), (.2, .8), (.23, 1.0), (.27, 1.05)],
        [(0, 0), (.14, 0), (.14, 0), (.2, .1), (.28, .25), (.24, .42), (.09, .6), (.07, .85), (.12, 1.0)],
        [(0, 0), (.15, 0), (.15, 0), (.22, .25), (.36, .62), (.37, .72), (.25, .84), (.16, .86), (.16, .92)]])


@kind("amphora", "archaeological_artifact", "terracotta 6, earthenware 2, bronze 1, glass .5", 1.6, "archaeology")
def amphora(rng, made):
    shapes = ([(0, 0), (.16, 0), (.16, 0), (.17, .03), (.11, .08), (.11, .08), (.25, .28), (.35, .52), (.35, .63), (.25, .78), (.13, .85),
               (.12, .98), (.12, .98), (.19, 1.0), (.19, 1.05)],
              [(0, 0), (.04, 0), (.05, .12), (.14, .3), (.23, .55), (.24, .75), (.13, .88), (.09, .95), (.09, 1.12), (.13, 1.14), (.13, 1.18)])
    pick = rng.integers(2)
    profile = vary(rng, shapes[pick], .07)
    width, top = profile.max(axis=0)
    lip = profile[-4, 0]
    grips = [handle([(s * lip, .93 * top), (s * (lip + .13), .93 * top), (s * (lip + .18), .82 * top), (s * width * .86, .68 * top)])
             for s in (-1, 1)]
    return pot(rng, made, profile, grips, wall=.025, paint=(.8, .15)[pick])


@kind("jar", "ceramic", POTTERY + ", alabaster 1", 1.4)
def jar(rng, made):
    profile = vary(rng, [(0, 0), (.24, 0), (.24, 0), (.3, .1), (.36, .35), (.33, .55), (.22, .66), (.22, .66), (.23, .72)])
    rim, top = profile[-1]
    cover = turn([(rim + .03, 0), (rim + .03, .03), (rim * .8, .09), (.06, .13), (.03, .15), (.06, .19), (.05, .23), (0, .24)])
    return pot(rng, made, profile, [cover.moved(z=top)] if rng.uniform() < .65 else [], wall=.03)


@kind("urn", "archaeological_artifact", "terracotta 4, marble 2, bronze 2, alabaster 1, earthenware 1", .8, "archaeology")
def urn(rng, made):
    profile = vary(rng, [(0, 0), (.2, 0), (.2, 0), (.2, .05), (.07, .12), (.07, .18), (.22, .3), (.34, .55), (.35, .7), (.26, .75), (.26, .75),
                         (.3, .78)])
    cover = turn([(.31, 0), (.28, .05), (.12, .13), (.04, .16), (.06, .2), (.04, .25), (0, .26)]).moved(z=profile[-1, 1])
    grips = [handle([(s * .33, .5), (s * .46, .56), (s * .46, .68), (s * .34, .68)]) for s in (-1, 1)]
    return pot(rng, made, profile, [cover] + grips, paint=.4)


@kind("bottle", "ceramic", "glass 5, colored glass 3, stoneware 3, porcelain 1", 1.2)
def bottle(rng, made):
    shapes = ([(0, 0), (.2, 0), (.2, 0), (.21, .04), (.21, .55), (.16, .65), (.06, .75), (.06, .95), (.08, .96), (.08, 1.0)],
              [(0, 0), (.15, 0), (.15, 0), (.28, .15), (.3, .3), (.2, .48), (.06, .58), (.05, .88), (.09, .92)],
              [(0, 0), (.13, 0), (.13, 0), (.14, .5), (.12, .6), (.05, .68), (.05, .85), (.08, .86), (.08, .9)])
    profile = vary(rng, shapes[rng.integers(3)])
    stopper = [ball(.07).moved(z=profile[-1, 1] + .04)] if rng.uniform() < .4 else []
    return pot(rng, made, profile, stopper, wall=.02 if "glass" in made[0] else 0, paint=.35)


@kind("unguentarium", "archaeological_artifact", "glass 4, terracotta 3, alabaster 2, colored glass 2", .45, "archaeology")
def unguentarium(rng, made):
    profile = vary(rng, [(0, 0), (.06, .0), (.13, .06), (.17, .2), (.12, .33), (.045, .42), (.04, .75), (.04, .75), (.1, .8), (.1, .82)], .15)
    return Thing(turn(profile, .015), made)


@kind("cup", "ceramic", "porcelain 6, faience 2, earthenware 2, silver 1, stoneware 1", 1.5, "decorative arts")
def cup(rng, made):
    profile = vary(rng, [(0, 0), (.17, 0), (.17, 0), (.17, .03), (.24, .12), (.29, .3), (.33, .46)])
    grip = handle([(.28, .4), (.42, .42), (.46, .28), (.38, .16), (.25, .16)], .022)
    mesh = join([turn(profile, .02), grip])
    if rng.uniform() < .6:
        saucer = turn([(0, .0), (.25, 0), (.5, .07), (.52, .09), (.5, .1), (.25, .04), (0, .04)])
        mesh = join([mesh.moved(z=.05), saucer])
    return Thing(mesh, made, painted(rng, made, profile, .8), elevation=(15, 35), azimuth=60)


vessel("mug", "ceramic", "stoneware 4, earthenware 4, tin 3, porcelain 1", .9, wall=.025, azimuth=60,
       parts=lambda *_: [handle([(.26, .56), (.44, .56), (.47, .36), (.42, .16), (.27, .13)], .03)],
       profiles=[[(0, 0), (.28, 0), (.28, 0), (.29, .03), (.27, .06), (.26, .35), (.27, .62), (.28, .66)]])
vessel("beaker", "ceramic", "glass 4, silver 3, colored glass 1, horn 1.5, tin 1, ivory .5", .9, wall=.02, flutes=(.3, 10, 10, .02),
       paint=.5, profiles=[[(0, 0), (.2, 0), (.2, 0), (.21, .02), (.22, .3), (.25, .62), (.27, .7)]])
goblet = vessel("goblet", "ceramic", "glass 5, silver 3, tin 1, colored glass 2, gold .5, boxwood .5", .9, "decorative arts",
                paint=.3, elevation=(6, 22), profiles=[
                    [(0, 0), (.24, 0), (.24, .02), (.08, .06), (.03, .12), (.05, .28), (.05, .3), (.03, .38), (.08, .46), (.2, .56),
                     (.24, .75), (.23, .95)]])
vessel("chalice", "art", "silver 4, gold 4, brass 1", .8, "religion", spread=.06, wall=.02, flutes=(.5, 6, 6, .05), paint=.5,
       elevation=(8, 25), parts=lambda rng, made, profile: [
           ball(.028).moved(.115 * np.cos(a), .115 * np.sin(a), .33 * profile[-1, 1] / .9) for a in np.arange(6)], profiles=[
               [(0, 0), (.32, 0), (.32, .03), (.22, .06), (.07, .14), (.05, .25), (.05, .25), (.11, .29), (.12, .33), (.11, .37),
                (.05, .41), (.05, .41), (.05, .5), (.16, .56), (.25, .7), (.27, .9)]])


@kind("teapot", "ceramic", "porcelain 4, stoneware 3, silver 3, earthenware 2, tin 1", 1.3, "decorative arts")
def teapot(rng, made):
    profile = vary(rng, [(0, 0), (.22, 0), (.22, 0), (.22, .03), (.36, .16), (.4, .3), (.33, .45), (.2, .52), (.2, .52), (.16, .58), (.05, .61), (.04, .63),
                         (.07, .67), (.04, .71), (0, .72)])
    spout = sweep([(.3, 0, .2), (.48, 0, .26), (.55, 0, .42), (.66, 0, .52)], [.1, .065, .045, .04], samples=20)
    grip = handle([(-.3, .45), (-.5, .5), (-.6, .36), (-.52, .2), (-.36, .18)], .03)
    mesh = join([turn(profile), spout, grip]).scaled(1, 1, rng.uniform(.85, 1.1)).turned("z", rng.choice([0, 180]))
    return Thing(mesh, made, painted(rng, made, profile), azimuth=35)


@kind("bucket", "tool", "oak + iron 3, copper + iron 2, brass + iron 1, pine + iron 2", .6)
def bucket(rng, made):
    body = turn([(0, 0), (.26, 0), (.26, 0), (.34, .55), (.34, .55)], .03)
    hoops = [turn([(r + .002, z), (r + .018, z), (r + .024, z + .05), (r + .005, z + .05)]).of(1) for r, z in ((.27, .06), (.325, .42))]
    bail = sweep([(.33 * np.cos(a), 0, .55 + .36 * np.sin(a)) for a in np.linspace(0, np.pi, 9)], .014).of(1)
    return Thing(join([body, bail] + hoops), made, elevation=(12, 30))


@kind("barrel", "tool", "oak + iron 4, pine + iron 2", .5)
def barrel(rng, made):
    body = turn([(0, 0), (.3, 0), (.3, 0), (.38, .3), (.4, .5), (.38, .7), (.3, 1.0), (.3, 1.0), (.28, .97), (0, .97)], lobes=(20, .006))
    hoops = [turn([(.3 + .4 * z * (1 - z) + a, z + b) for a, b in ((.0, 0), (.018, 0), (.018, .05), (.0, .05))]).of(1)
             for z in (.03, .2, .75, .92)]
    mesh = join([body] + hoops)
    return Thing(mesh.turned("x", 90).moved(z=.42).turned("z", 50) if rng.uniform() < .35 else mesh, made)


@kind("basket", "tool", "wicker 5, straw 3", 1.0, "ethnography")
def basket(rng, made):
    profile = vary(rng, [(0, 0), (.28, 0), (.28, 0), (.36, .18), (.4, .34), (.42, .36), (.4, .38)])
    parts = [turn(profile, .04).scaled(1.2, .85, 1)]
    if rng.uniform() < .7:
        parts.append(sweep([(.46 * np.cos(a), 0, .34 + .45 * np.sin(a)) for a in np.linspace(0, np.pi, 9)], .028))
    return Thing(join(parts), made, elevation=(18, 38))


vessel("flowerpot", "ceramic", "terracotta 5, faience 1, stoneware 1", .35, wall=.04, paint=.3, elevation=(12, 30), profiles=[
    [(0, 0), (.26, 0), (.26, 0), (.36, .5), (.36, .5), (.41, .5), (.41, .5), (.42, .64), (.42, .64)]])


@kind("frying pan", "tool", "iron 3, copper + iron 2, cast iron 3", .5)
def frying_pan(rng, made):
    pan = turn([(0, 0), (.38, 0), (.4, .02), (.46, .1), (.46, .1)], .02)
    grip = sweep([(.44, 0, .08), (.75, 0, .13), (1.1, 0, .16)], [.035, .026, .036], flat=.6).of(len(made) - 1)
    return Thing(join([pan, grip]), made, elevation=(25, 70), azimuth=70)


@kind("cooking pot", "tool", "copper + iron 2, iron 2, cast iron 2, bronze 1, earthenware 2", .7)
def cooking_pot(rng, made):
    profile = vary(rng, [(0, .1), (.2, .1), (.36, .2), (.4, .36), (.34, .52), (.3, .56), (.35, .6)])
    legs = [sweep([(.25 * np.cos(a), .25 * np.sin(a), .2), (.33 * np.cos(a), .33 * np.sin(a), 0)], [.05, .03]) for a in (.3, 2.4, 4.5)]
    ears = [handle([(s * .33, .56), (s * .46, .58), (s * .45, .42), (s * .38, .38)], .022).of(len(made) - 1) for s in (-1, 1)]
    return Thing(join([turn(profile, .03)] + legs + ears), made, elevation=(10, 32))


@kind("salt cellar", "ceramic", "silver 3, tin 1, porcelain 2, glass 2", .4)
def salt_cellar(rng, made):
    profile = vary(rng, [(0, 0), (.26, 0), (.26, .03), (.14, .1), (.14, .16), (.3, .26), (.32, .34)])
    return Thing(turn(profile, .02, lobes=(8, .03)), made, elevation=(18, 40))


@kind("tray", "ceramic", "silver 3, tin 1, brass 2, oak 1, porcelain 1", .5)
def tray(rng, made):
    mesh = turn([(0, .02), (.45, .02), (.45, .02), (.5, .06), (.52, .06), (.46, .04), (0, .04)], sections=48, lobes=(8, .015))
    return Thing(mesh.scaled(1.25, .85, 1), made, painted(rng, made, [(0, 0), (.5, 0)], .8), elevation=(35, 80))


vessel("mortar", "tool", "bronze + bronze 3, marble + boxwood 2, brass + brass 1, oak + oak 1", .5, wall=.05, paint=.5,
       parts=lambda *_: [sweep([(0, 0, .2), (.1, 0, .6), (.22, 0, 1.0)], [.08, .035, .05]).of(1)],
       profiles=[[(0, 0), (.26, 0), (.26, .05), (.22, .1), (.25, .35), (.33, .58), (.34, .6)]])


@kind("candlestick", "art", "brass 4, silver 4, tin 2, iron 1, oak .7, porcelain .7", 1.5, "decorative arts")
def candlestick(rng, made):
    profile = vary(rng, [(0, 0), (.26, 0), (.26, .03), (.2, .07), (.06, .12), (.04, .2), (.09, .27), (.04, .34), (.035, .5), (.07, .58), (.04, .65), (.05, .74),
                         (.13, .77), (.13, .79), (.06, .8), (.06, .92), (.07, .93)])
    parts = [turn(profile, lobes=(8, .03) if rng.uniform() < .3 else None)]
    if rng.uniform() < .3:
        parts += [sweep([(0, 0, .66), (s * .2, 0, .58), (s * .33, 0, .64), (s * .34, 0, .78)], .025, samples=16) for s in (-1, 1)]
        parts += [turn([(.02, .78), (.09, .79), (.05, .8), (.05, .9), (0, .9)]).moved(s * .34) for s in (-1, 1)]
    if rng.uniform() < .3:
        parts.append(turn([(0, .9), (.045, .9), (.045, 1.25), (0, 1.26)]).of(1))
        made = made[:1] + ("wax",)
    return Thing(join(parts), made, elevation=(4, 20))


@kind("oil lamp", "archaeological_artifact", "terracotta 5, bronze 3, earthenware 1, brass 1", 1.0, "archaeology")
def oil_lamp(rng, made):
    body = turn([(0, 0), (.2, 0), (.2, 0), (.32, .1), (.33, .15), (.24, .2), (.1, .19), (.06, .17), (.06, .17), (0, .14)])
    nozzle = sweep([(.2, 0, .11), (.42, 0, .13), (.58, 0, .17)], [.12, .1, .06], flat=1.2)
    ring = handle([(-.26, .16), (-.42, .26), (-.5, .18), (-.44, .08), (-.3, .09)], .03)
    return Thing(join([body, nozzle, ring]).turned("z", rng.choice([0, 180])), made, elevation=(20, 50), azimuth=50)


@kind("lamp", "art", "brass + glass 3, silver + glass 1, bronze + colored glass 2, copper + glass 1", .8)
def lamp(rng, made):
    foot = turn([(0, 0), (.24, 0), (.24, .03), (.1, .08), (.05, .16), (.05, .22), (.2, .3), (.24, .38), (.2, .46), (.1, .48), (0, .48)])
    parts = [foot, turn([(.1, .48), (.16, .6), (.13, .72), (.07, .85), (.07, 1.12)]).of(1)]
    if rng.uniform() < .5:
        parts.append(turn([(.34, .62), (.28, .78), (.12, .88)]).of(1))
    return Thing(join(parts), made, elevation=(4, 20))


@kind("lantern", "tool", "iron + glass 3, brass + glass 2, tin + glass 2", .5)
def lantern(rng, made):
    parts = [box(.44, .44, .06), box(.38, .38, .5).of(1).moved(z=.06), box(.44, .44, .05).moved(z=.56)]
    parts += [box(.05, .05, .52).moved(x, y, .05) for x in (-.19, .19) for y in (-.19, .19)]
    parts.append(turn([(.27, .6), (.12, .78), (.08, .8), (.09, .86), (0, .92)], sections=4 if rng.uniform() < .5 else 24).turned("z", 45))
    parts.append(handle([(-.08, .88), (-.09, 1.02), (.09, 1.02), (.08, .88)], .014))
    return Thing(join(parts), made)


@kind("bell", "musical_instruments", "bronze 5, brass 2, iron 1, silver 1, porcelain .5", 1.3)
def bell(rng, made):
    profile = vary(rng, [(.34, 0), (.36, .02), (.31, .1), (.22, .3), (.19, .5), (.15, .58), (0, .62)])
    knob = turn([(.03, .6), (.03, .68), (.05, .75), (.03, .82), (.05, .92), (.03, .97), (0, .98)])
    grip = handle([(-.08, .6), (-.1, .76), (.1, .76), (.08, .6)], .03)
    return pot(rng, made, profile, [knob if rng.uniform() < .6 else grip], paint=.6, elevation=(4, 24))
