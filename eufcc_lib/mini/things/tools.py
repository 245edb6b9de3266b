"""Tools, weapons and hardware, most of them lying on the table: a blade or head, a handle, a few rivets."""

import numpy as np

from ..kinds import kind
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, plate, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor

LIE = {"azimuth": 0, "elevation": (60, 88), "roll": 55}


def grip(points, thick, slot=1):
    """A handle along (x, y) points, lying at half its thickness."""
    return sweep([(x, y, max(thick) * .8) for x, y in points], thick, flat=.7, samples=18).of(slot)


def mirror(points):
    """An outline from its right half, listed from bottom to top."""
    points = np.array(points)
    return np.concatenate([points, (points * [-1, 1])[::-1]])


@kind("knife", "tool", "steel + oak 2, steel + bone 2, iron + horn 2, steel + ebony 1, silver + mother-of-pearl 1, steel + silver 1", 1.2, "history")
def knife(rng, made):
    long, wide = rng.uniform(.65, .95), rng.uniform(.07, .12)
    tip = rng.uniform(-.5, .8)
    edge = plate([(-wide * .5, 0), (wide * .5, 0), (wide * .55, long * .5), (wide * .35, long * .85), (tip * wide * .45, long), (-wide * .45, long * .9),
                  (-wide * .5, long * .5)], .02, .8)
    handle = grip([(0, .03), (.01, -.22), (rng.uniform(-.03, .05), -.45)], [.045, .05, rng.uniform(.05, .07)])
    parts = [edge, handle, box(wide * 1.2, .035, .06)] + [ball(.012, 8).moved(0, y, .075) for y in (-.1, -.28)]
    return Thing(join(parts), made, **LIE)


@kind("dagger", "tool", "steel + ebony 2, iron + bone 1, bronze + bronze 1, steel + silver 1", .6, "archaeology")
def dagger(rng, made):
    long, wide = rng.uniform(.6, .75), rng.uniform(.07, .1)
    curve = rng.uniform(-.06, .08)
    guard = sweep([(-.18, curve, .03), (0, 0, .035), (.18, curve, .03)], [.028, .034, .028])
    parts = [plate(mirror([(wide, 0), (wide * .9, long * .5), (.004, long)]), .045, .95), guard, grip([(0, -.02), (0, -.3)], [.05, .042]),
             ball(.062, 16).moved(0, -.34, .045)]
    return Thing(join(parts), made, **LIE)


@kind("sword", "tool", "steel + leather 3, steel + silver 2, iron + oak 2, steel + brass 2, iron + bone 1", 1.1, "history")
def sword(rng, made):
    long, wide = rng.uniform(1.5, 1.9), rng.uniform(.045, .075)
    bend = rng.choice([0, 0, rng.uniform(.06, .2)])
    edge = plate(mirror([(wide, 0), (wide * .85, long * .6), (wide * .55, long * .9), (.004, long)]), .035, .95)
    edge = edge.bent(lambda p: p + np.stack([bend * (np.maximum(p[:, 1], 0) / long) ** 2, 0 * p[:, 1], 0 * p[:, 1]], 1))
    style = rng.integers(3)
    guard = sweep([(-.26, .04 * style, .04), (0, 0, .04), (.26, .04 * style, .04)], [.03, .026, .03])
    bow = sweep([(.2, .0, .05), (.2, -.2, .08), (.03, -.4, .05)], .018)
    shell = turn([(0, .0), (.15, .02), (.16, .05), (0, .08)]).scaled(1, .5, 1)
    parts = [edge, grip([(0, -.02), (0, -.16), (0, -.34)], [.036, .044, .036]), guard, *([], [bow], [shell])[style],
             ball(.062, 16).scaled(1.1, 1, .8).moved(0, -.4, .045)]
    return Thing(join(parts), made, azimuth=0, elevation=(64, 88), roll=50, fill=.9)


@kind("spear", "tool", "iron + oak 3, steel + beech 1, bronze + oak 1", .45, "ethnography")
def spear(rng, made):
    wide, long = rng.uniform(.07, .11), rng.uniform(.35, .55)
    head = plate(mirror([(.02, -.08), (.03, .0), (wide, long * .3), (.004, long)]), .05, .95)
    socket = sweep([(0, -.22, .03), (0, .05, .03)], [.036, .02])
    shaft = sweep([(0, -1.3, .03), (0, -.15, .03)], [.026, .028]).of(1)
    ties = [torus(.032, .009, 16).turned("x", 90).moved(0, y, .03) for y in (-.2, -.24)]
    return Thing(join([head, socket, shaft] + ties), made, azimuth=0, elevation=(66, 88), roll=45, fill=.9)


@kind("shield", "tool", "oak + iron 3, bronze + bronze 1, leather + iron 1, steel + brass 1", .5, "heraldry")
def shield(rng, made):
    if rng.uniform() < .5:
        body = turn([(.62, 0), (.62, .02), (.45, .09), (0, .16)], sections=56, flat=True)
        rim = torus(.61, .026, 56).moved(z=.03).of(1)
        extent = (-.62, .62, -.62, .62)
    else:
        outline = mirror([(.02, -.72), (.3, -.48), (.46, -.1), (.5, .5), (.25, .52)])
        body = plate(outline, .05, .5, centre=(0, 0), dome=.08)
        rim = sweep([(x, y, .04) for x, y in np.concatenate([outline, outline[:1]])], .022, smooth=False, sections=8).of(1)
        extent = (-.5, .5, -.72, .54)
    boss = turn([(.16, 0), (.15, .04), (.1, .1), (0, .13)]).moved(z=.09).of(1)
    skins = {}
    if made[0] in ("oak", "leather", "steel") and rng.uniform() < .85:
        y, x = np.mgrid[-1:1:96j, -1:1:96j]
        first, second = (hexa(c) for c in rng.choice(["#a8281f", "#27408a", "#d9a93a", "#e8e0d0", "#1f1d22", "#2f6a44"], 2, replace=False))
        parts = (x * y > 0, np.abs(x + y) < .5, y > np.abs(x) - .2, (np.floor((x + 1) * 2.5) % 2) > 0, np.minimum(np.abs(x), np.abs(y)) < .22)
        colour = np.where(parts[rng.integers(len(parts))][..., None], first, second)
        if rng.uniform() < .4:
            decor.lay(colour[18:78, 18:78], hexa("#d9a93a"), decor.spray(rng, 60, 60, 1, stem=False))
        skins[0] = Skin(extent, colour, np.full((4, 4), .9, np.float32))
    parts = [body, rim] + ([boss] if rng.uniform() < .6 else [])
    return Thing(join(parts), made, skins, azimuth=0, elevation=(66, 88), roll=8)


@kind("axe", "tool", "iron + oak 3, steel + beech 2, bronze + oak 1, iron + pine 1", .9, "archaeology")
def axe(rng, made):
    wide = rng.uniform(.14, .3)
    head = plate([(.0, -.09), (.16, -.1), (.36, -wide), (.42, -wide * .5), (.44, 0), (.42, wide * .5), (.36, wide), (.16, .1), (.0, .09), (-.09, .07),
                  (-.09, -.07)], .07, .5)
    haft = grip([(0, .16), (0, 0), (.02, -.5), (rng.uniform(-.05, .08), -1.0)], [.038, .045, .04, .05])
    return Thing(join([head, haft]), made, **LIE)


@kind("hammer", "tool", "iron + oak 3, steel + beech 3, oak + beech 1", .8)
def hammer(rng, made):
    head = sweep([(-.24, 0, .07), (-.18, 0, .07), (.1, 0, .07), (.18, 0, .07)], [.075, .075, .06, .08], sections=16, samples=14)
    claw = [sweep([(.16, s * .03, .08), (.28, s * .05, .07), (.38, s * .06, .03)], [.045, .035, .012], flat=.7) for s in (-1, 1)]
    haft = grip([(0, .1), (0, -.4), (0, -.85)], [.035, .034, .048])
    parts = [head, haft] + (claw if rng.uniform() < .5 and made[0] != "oak" else [box(.14, .19, .19).moved(.2, 0, -.02)])
    return Thing(join(parts), made, **LIE)


@kind("saw", "tool", "steel + beech 3, iron + oak 2", .5)
def saw(rng, made):
    x = np.linspace(0, 1.2, 26)
    teeth = np.stack([x, -.13 - .02 * (np.arange(26) % 2) + .05 * x], 1)
    edge = plate(np.concatenate([teeth, [(1.22, .06), (0, .12)]]), .015, .1, centre=(.5, 0))
    handle = torus(.12, .035, 24).scaled(1, 1.25, .8).moved(-.1, 0, .03).of(1)
    return Thing(join([edge, handle, box(.1, .26, .05, .02).of(1)]), made, **LIE)


@kind("sickle", "tool", "iron + oak 3, steel + beech 2", .6, "agriculture")
def sickle(rng, made):
    t, r = np.linspace(-.6, 2.6, 26), rng.uniform(.4, .5)
    outer = np.stack([r * np.cos(t), r * np.sin(t)], 1)
    inner = outer * (1 - (.09 * np.sin(np.linspace(.5, np.pi, 26)) + .004) / r)[:, None]
    points = [np.column_stack([line, np.full(26, z)]) for line, z in ((outer, 0), (outer * .995, .02), ((outer + inner) / 2, .03), (inner, .004))]
    x, y = outer[0]
    handle = grip([(x - .02, y + .02), (x - .09, y - .2), (x - .16, y - .45)], [.03, .04, .05])
    return Thing(join([sheet(np.array(points)), handle]), made, **LIE)


@kind("rake", "tool", "oak + oak 2, iron + beech 2", .4, "agriculture")
def rake(rng, made):
    teeth = [sweep([(x, 0, .03), (x, -.1, .03)], [.018, .008]) for x in np.linspace(-.36, .36, 9)]
    pole = sweep([(0, 0, .04), (0, 1.4, .05)], .026)
    props = [sweep([(s * .25, .02, .04), (0, .35, .05)], .014) for s in (-1, 1)]
    return Thing(join([box(.8, .06, .06), *teeth, join([pole, *props]).of(1)]), made, azimuth=0, elevation=(60, 85), roll=50, fill=.9)


@kind("scissors", "tool", "steel 4, iron 2, silver 1", .7)
def scissors(rng, made):
    gap, long = rng.uniform(6, 22), rng.uniform(.55, .75)
    half = [plate([(-.045, -.05), (.045, -.05), (.04, long * .5), (.01, long), (-.03, long * .6)], .025, .6),
            sweep([(0, -.04, .02), (.05, -.2, .02), (.1, -.3, .02)], .022, samples=8), torus(.085, .02, 24).scaled(.8, 1.15, 1).moved(.12, -.38, .025)]
    half = join(half)
    other = half.scaled(-1, 1, 1).turned("z", -gap).moved(z=.012)
    return Thing(join([half.turned("z", gap), other, ball(.026, 12).moved(z=.035)]), made[:1], **LIE)


@kind("spoon", "tool", "silver 5, tin 2, boxwood 2, horn 1, bone 1, brass 1", 1.2, "decorative arts")
def spoon(rng, made):
    long, wide = rng.uniform(.75, 1.0), rng.uniform(.13, .18)
    bowl = turn([(0, 0), (.07, .01), (.13, .04), (wide, .085), (wide - .012, .085), (.12, .05), (0, .018)], sections=32).scaled(1, 1.4, 1)
    stem = sweep([(0, .2, .075), (0, .3, .08), (0, .3 + long * .6, .06), (0, .28 + long, .05)], [.02, .022, .026, rng.uniform(.03, .06)], flat=.6)
    knob, leaf = ball(.05, 14).scaled(1, 1.2, .7), turn([(0, 0), (.08, .01), (.08, .025), (0, .035)]).scaled(.9, 1.3, 1)
    end = ([knob.moved(0, .3 + long, .05)], [leaf.moved(0, .3 + long, .03)], [])[rng.integers(3)]
    return Thing(join([bowl, stem, *end]), made[:1], **LIE)


@kind("fork", "tool", "silver 4, steel + bone 2, tin 1, iron + oak 1", .7, "decorative arts")
def fork(rng, made):
    tines = [sweep([(0, .02, .04), (x * .7, .06, .035), (x, .14, .03), (x, .42, .06)], [.022, .018, .014, .008], samples=12)
             for x in np.linspace(-.075, .075, rng.integers(2, 5))]
    neck = sweep([(0, .03, .04), (0, -.2, .05), (0, -.4, .04)], [.02, .016, .02], samples=10)
    handle = grip([(0, -.38), (0, -.6), (0, -.8)], [.03, .036, .05], slot=len(made) - 1)
    return Thing(join([*tines, neck, handle]), made, **LIE)


@kind("key", "tool", "iron 5, bronze 2, brass 1, steel 1", .9)
def key(rng, made):
    long = rng.uniform(.7, .95)
    bow = ([torus(.16, .03, 32)], [torus(.09, .026, 24).moved(x, y) for x, y in ((-.1, 0), (.1, 0), (0, .13))],
           [torus(.16, .03, 4).turned("z", 45)])[rng.integers(3)]
    shaft = sweep([(0, -.14, .03), (0, -.2, .03), (0, -.14 - long, .03)], [.045, .028, .03], samples=8)
    collar = torus(.04, .015, 20).turned("x", 90).moved(0, -.2, .03)
    teeth = [box(w, d, .045).moved(x, y - long) for w, d, x, y in ((.2, .05, .11, -.14), (.2, .05, .11, -.04), (.06, .15, .1, -.09), (.05, .05, .2, -.06))]
    return Thing(join([join(bow).moved(z=.03), shaft, collar, *teeth]), made[:1], **LIE)


@kind("padlock", "tool", "iron 4, brass 2, steel + brass 1", .5)
def padlock(rng, made):
    body = (turn([(.32, 0), (.35, .05), (.35, .13), (.32, .18), (0, .2)]), box(.6, .5, .18, .05))[rng.choice([0, 1])]
    shackle = sweep([(-.2, .2, .09), (-.2, .5, .09), (0, .68, .09), (.2, .5, .09), (.2, .2, .09)], .05)
    keyhole = join([turn([(0, 0), (.07, 0), (.07, .03), (0, .035)]).moved(0, -.05, .185), box(.03, .12, .02).moved(0, -.12, .19)])
    return Thing(join([body, shackle, keyhole.of(len(made) - 1)]), made, azimuth=0, elevation=(55, 86), roll=12)


@kind("comb", "costume", "bone 3, ivory 3, boxwood 3, horn 2, tortoiseshell 3", .8, "archaeology")
def comb(rng, made):
    double = rng.uniform() < .4
    w, tooth = rng.uniform(.7, 1.0), rng.uniform(.28, .4)
    parts = [box(w, .2, .05, .02)]
    if not double:
        parts = [plate([(-w / 2, -.1), (w / 2, -.1), (w / 2, .1), (w * .25, .22), (0, .3 if rng.uniform() < .6 else .12), (-w * .25, .22), (-w / 2, .1)], .05, .3)]
    for side in ((-1, 1) if double else (-1,)):
        count = int(w / (.05 if side < 0 else .03))
        parts += [box(w / count * .58, tooth, .035, .008).moved(x, side * (.09 + tooth / 2)) for x in np.linspace(-w / 2 + .03, w / 2 - .03, count)]
    parts += [box(.04, tooth, .045, .01).moved(s * (w / 2 - .02), -.09 - tooth / 2) for s in (-1, 1)]
    parts += [torus(.04, .006, 16).moved(x, 0, .05) for x in np.linspace(-.3, .3, 4)]
    return Thing(join(parts), made, azimuth=0, elevation=(62, 88), roll=20)


@kind("spindle whorl", "archaeological_artifact", "terracotta 4, limestone 2, lead 2, bone 1, slate 1, amber .5", .8, "archaeology")
def spindle_whorl(rng, made):
    tall = rng.uniform(.2, .45)
    profile = [(.12, 0), (.36, .02), (.46, tall * .5), (.36, tall * .96), (.12, tall), (.12, tall), (.11, tall * .5), (.12, 0)]
    return Thing(turn(profile, lobes=(12, .02) if rng.uniform() < .3 else None), made, elevation=(32, 70), azimuth=180)


@kind("distaff", "tool", "boxwood + linen 2, beech + wool 2, oak + linen 1", .4, "ethnography")
def distaff(rng, made):
    stick = turn([(.03, 0), (.028, .4), (.05, .45), (.03, .5), (.028, .9), (.05, .94), (.03, .98), (.02, 1.5), (0, 1.52)], sections=14)
    wool = loft([(1.0, .05, .05), (1.08, .15, .14), (1.2, .17, .16), (1.38, .09, .08), (1.46, .02, .02)], push=lambda a, s: 1 + .06 * np.sin(6 * a + 20 * s)).of(1)
    mesh = join([stick, wool, torus(.14, .012).moved(z=1.14)])
    return Thing(mesh.turned("x", -90).moved(z=.16), made, azimuth=0, elevation=(60, 85), roll=50, fill=.88)


@kind("flatiron", "tool", "iron + oak 3, cast iron + iron 2, brass + beech 1", .5)
def flatiron(rng, made):
    sole = plate([(-.26, -.4), (.26, -.4), (.27, 0), (.2, .3), (.02, .58), (-.02, .58), (-.2, .3), (-.27, 0)], .16, .12)
    posts = [sweep([(0, y, .14), (0, y * 1.05, .34)], .03, samples=6) for y in (-.26, .2)]
    handle = sweep([(0, -.34, .36), (0, -.05, .4), (0, .28, .36)], [.04, .05, .04]).of(1)
    return Thing(join([sole, handle] + posts), made, azimuth=180, elevation=(14, 40))


@kind("thimble", "tool", "silver 3, brass 3, bronze 1, porcelain 1, gold .5", .45)
def thimble(rng, made):
    y, x = np.mgrid[0:96, 0:256]
    dots = np.float32((np.cos(x * 2 * np.pi / 9 + (y // 9 % 2) * np.pi) + np.cos(y * 2 * np.pi / 9)) > 1.0) * (y < 66)
    body = turn([(.27, 0), (.29, .02), (.26, .07), (.25, .1), (.22, .4), (.18, .5), (0, .53)], .015)
    return Thing(body, made, {0: Skin((0, 1.82, .05, .75), height=1 - dots, depth=.02)}, elevation=(10, 40))


@kind("pipe", "tool", "boxwood + horn 2, terracotta 1, porcelain + beech 1, walnut + amber 2", .6, "ethnography")
def pipe(rng, made):
    bowl = turn([(0, 0), (.1, .02), (.15, .12), (.14, .34), (.12, .34), (.1, .16), (0, .12)])
    stem = sweep([(.08, 0, .06), (.25, 0, .1), (.6, 0, .22), (1.0, 0, .26)], [.055, .045, .03, .03])
    tip = sweep([(.86, 0, .25), (1.0, 0, .262), (1.18, 0, .26)], [.034, .034, .026]).of(len(made) - 1)
    ring = torus(.045, .012, 20).turned("y", 90).moved(.3, 0, .115)
    return Thing(join([bowl, stem, tip, ring]).turned("z", rng.choice([0, 180])), made, azimuth=35, elevation=(10, 40))


@kind("spectacles", "tool", "steel + glass 2, tortoiseshell + glass 2, silver + glass 1, gold + glass 1, horn + glass 1", .6)
def spectacles(rng, made):
    r = rng.uniform(.2, .25)
    parts = [torus(r, .022, 36).moved(s * .27) for s in (-1, 1)]
    parts += [turn([(0, -.006), (r, -.006), (r, .006), (0, .006)], sections=30).moved(s * .27).of(1) for s in (-1, 1)]
    parts.append(sweep([(-.06, .02, 0), (0, .08, .01), (.06, .02, 0)], .018))
    mesh = join(parts).turned("x", 80).moved(z=r + .02)
    arms = [sweep([(s * .5, 0, .3), (s * .53, .35, .3), (s * .5, .75, .27), (s * .48, .92, .12)], .016, samples=18) for s in (-1, 1)]
    return Thing(join([mesh] + arms), made, azimuth=40, elevation=(14, 40))


@kind("walking stick", "tool", "ebony + silver 3, bamboo + ivory 1, oak + horn 2, walnut + gold 1", .5)
def walking_stick(rng, made):
    shaft = sweep([(0, -.9, .03), (0, .6, .03)], [.02, .03])
    end = (sweep([(0, .55, .03), (0, .75, .04), (.1, .9, .05), (.22, .82, .05), (.22, .7, .05)], .035),
           ball(.075, 18).scaled(1, 1.2, 1).moved(0, .66, .06), sweep([(-.14, .66, .04), (0, .63, .05), (.2, .68, .04)], [.02, .04, .03]))[rng.integers(3)]
    head = join([end, torus(.03, .01, 16).turned("x", 90).moved(0, .52, .03)]).of(1)
    return Thing(join([shaft, head]), made, azimuth=0, elevation=(66, 88), roll=50, fill=.92)


@kind("hourglass", "tool", "walnut + glass 2, brass + glass 2, ebony + glass 1", .45)
def hourglass(rng, made):
    glass = turn([(.16, .08), (.2, .2), (.16, .35), (.03, .5), (.16, .65), (.2, .8), (.16, .92)]).of(1)
    sand = turn([(0, .09), (.17, .09), (.18, .18), (0, .26)]).of(2)
    parts = [turn([(0, 0), (.3, 0), (.3, .06), (.26, .08), (0, .08)]), turn([(0, .92), (.26, .92), (.3, .94), (.3, 1.0), (0, 1.0)]), glass, sand]
    parts += [turn([(.02, .08), (.035, .2), (.02, .35), (.035, .5), (.02, .65), (.035, .8), (.02, .92)], sections=10).moved(.24 * np.cos(a), .24 * np.sin(a))
              for a in (.5, 2.6, 4.7)]
    return Thing(join(parts), made + ("boxwood",), elevation=(4, 18))
