"""Tools, weapons and hardware, most of them lying on the table: a blade or head, a handle, a few rivets."""

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, plate, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor
from .vessels import one_of, outside

LIE = {"azimuth": 0, "elevation": (60, 88), "roll": 55}


def grip(points, thick, slot=1):
    """A handle along (x, y) points, lying at half its thickness."""
    return sweep([(x, y, max(thick) * .8) for x, y in points], thick, flat=.7, samples=18).of(slot)


def mirror(points, smooth=False):
    """An outline from its right half, listed from bottom to top; `smooth` rounds its corners."""
    points = curve(points, 20) if smooth else np.array(points)
    return np.concatenate([points, (points * [-1, 1])[::-1]])


# Blades as (share of the width, share of the length), from the handle round the point and back.
KNIVES = ([(-.5, 0), (.5, 0), (.55, .5), (.35, .85), (.1, 1), (-.45, .9), (-.5, .5)],
          [(-.5, 0), (.5, 0), (.6, .6), (-.5, 1), (-.55, .5)],  # a broken back
          [(-.5, 0), (.5, 0), (.5, .03), (2.2, .06), (2.4, .45), (2.2, .82), (-.5, .82)],  # a cleaver
          [(-.5, 0), (.5, 0), (.9, .02), (1.3, .08), (.7, .5), (-.45, 1), (-.5, .5)],  # a cook's
          [(-.4, 0), (.4, 0), (.5, .55), (.85, .75), (.6, .95), (0, 1), (-.5, .92), (-.4, .5)])  # a table knife, with a round end


def arched(mesh, amount, long=1.0):
    """A blade bent sideways, more towards its point."""
    return mesh.bent(lambda p: p + np.stack([amount * (np.maximum(p[:, 1], 0) / long) ** 2, 0 * p[:, 1], 0 * p[:, 1]], 1))


@kind("knife", "tool", "steel + oak 2, steel + bone 2, iron + horn 2, steel + ebony 1, silver + mother-of-pearl 1, steel + silver 1", 1.2, "history")
def knife(rng, made):
    form, long, wide = rng.integers(8), rng.uniform(.65, .95), rng.uniform(.08, .13)
    if form == 7:  # a half-moon under a bar
        t = np.linspace(np.pi, 2 * np.pi, 16)
        edge = plate(np.stack([.5 * np.cos(t), .42 * np.sin(t)], 1), .025, .8, centre=(0, -.12))
        stems = [sweep([(x, -.02, .03), (x, .2, .03)], .025, sections=8) for x in ((-.2, .2) if rng.uniform() < .5 else (0,))]
        return Thing(join([edge, *stems, sweep([(-.3, .22, .05), (0, .24, .05), (.3, .22, .05)], [.04, .055, .04]).of(1)]), made, **LIE)
    outline = np.array(KNIVES[form % len(KNIVES)]) * [wide, long]
    edge = plate(outline, .02, .8, centre=outline.mean(axis=0))
    if form == 5:  # to fold
        edge = edge.scaled(.9).turned("z", rng.uniform(20, 130)).moved(-.02, 0, .02)
        handle = plate([(-.09, .05), (-.1, -.4), (-.08, -.68), (0, -.74), (.07, -.66), (.06, -.4), (.08, .05), (0, .09)], .07, .5).of(1)
        return Thing(join([edge, handle, *(ball(.02, 8).moved(0, y, .075) for y in (0, -.6))]), made, **LIE)
    if form == 6:
        edge = arched(edge, rng.choice([-1, 1]) * rng.uniform(.2, .35), long)
    handle = grip([(0, .03), (.01, -.22), (rng.uniform(-.06, .06), -.45)], [.045, .05, rng.uniform(.05, .07)])
    parts = [edge, handle, box(wide * 1.2, .035, .06)] + [ball(.012, 8).moved(0, y, .075) for y in (-.1, -.28)]
    return Thing(join(parts), made, **LIE)


DAGGERS = ([(1, 0), (.9, .5), (.04, 1)], [(.5, 0), (.45, .6), (.04, 1)], [(1.4, 0), (.9, .4), (.04, 1)], [(.7, 0), (.6, .2), (1.1, .55), (.04, 1)])


@kind("dagger", "tool", "steel + ebony 2, iron + bone 1, bronze + bronze 1, steel + silver 1", .6, "archaeology")
def dagger(rng, made):
    long, wide, hilt = rng.uniform(.6, .8), rng.uniform(.07, .1), rng.integers(5)
    edge = plate(mirror(np.array(one_of(rng, DAGGERS)) * [wide, long]), .045, .95)
    bend = rng.uniform(-.06, .08)
    cross = sweep([(-.18, bend, .03), (0, 0, .035), (.18, bend, .03)], [.028, .034, .028])
    disc = turn([(0, -.02), (.13, -.02), (.13, .02), (0, .02)]).turned("x", 90).scaled(1, 1, .6)
    if hilt == 2:  # strongly curved, with a waisted grip
        edge = arched(edge, rng.uniform(.25, .4), long)
    parts = ([cross, ball(.062, 16).moved(0, -.34, .045)], [disc.moved(0, 0, .08), disc.moved(0, -.34, .08)],
             [plate([(-.14, -.06), (.14, -.06), (.08, .06), (-.08, .06)], .06, .3), plate([(-.08, -.38), (.08, -.38), (.12, -.3), (-.12, -.3)], .07, .3).of(1)],
             [cross.scaled(.7, 1, 1), *(sweep([(0, -.3, .04), (s * .05, -.36, .04), (s * .13, -.42, .04)], [.03, .03, .045]).of(1) for s in (-1, 1))],
             [plate([(-.12, -.02), (.12, -.02), (.1, .05), (-.1, .05)], .06, .3).of(1), plate([(-.14, -.36), (.14, -.36), (.12, -.3), (-.12, -.3)], .06, .3).of(1)])[hilt]
    return Thing(join([edge, grip([(0, -.02), (0, -.15), (0, -.3)], [.05, .036, .042]), *parts]).grounded(), made, **LIE)


# Half a blade as in DAGGERS, how wide and long it is, and how much it may bend.
SWORDS = (([(1, 0), (.85, .6), (.55, .9), (.05, 1)], .06, 1.7, 0), ([(.9, 0), (.8, .6), (.6, .92), (.05, 1)], .055, 1.65, .2),
          ([(.6, 0), (.4, .6), (.06, 1)], .055, 2.0, 0),  # a rapier
          ([(.9, 0), (.75, .3), (1.15, .68), (.05, 1)], .11, 1.15, 0),  # a leaf
          ([(.7, 0), (.8, .5), (1.4, .8), (.3, 1)], .09, 1.5, .25),  # wider near the point
          ([(1, 0), (.95, .85), (.05, 1)], .12, 1.2, 0))  # short and broad


@kind("sword", "tool", "steel + leather 3, steel + silver 2, iron + oak 2, steel + brass 2, iron + bone 1", 1.1, "history")
def sword(rng, made):
    half, wide, long, bend = one_of(rng, SWORDS)
    long, style = long * rng.uniform(.92, 1.08), rng.integers(5)
    edge = plate(mirror(np.array(half) * [wide, long]), .035, .95, centre=(0, long * .5))
    edge = arched(edge, bend * rng.uniform(.6, 1.2), long)
    guard = sweep([(-.26, .05 * style, .04), (0, 0, .04), (.26, .05 * style, .04)], [.03, .026, .03])
    bow = sweep([(.2, .0, .05), (.2, -.2, .08), (.03, -.4, .05)], .018)
    shell = turn([(0, .0), (.15, .02), (.16, .05), (0, .08)]).scaled(1, .5, 1)
    basket = [sweep([(s * .05, .02, .05), (s * .2, -.14, z), (s * .03, -.4, .05)], .014) for s in (-1, 1) for z in (.04, .14)]
    disc = turn([(0, -.02), (.14, -.02), (.14, .02), (0, .02)]).turned("x", 90).scaled(1, 1, .5).moved(z=.07)
    parts = ([guard], [guard, bow], [guard, shell], [shell, *basket], [disc])[style]
    knob = ball(.062, 16).scaled(1.1, 1, .8) if rng.uniform() < .6 else turn([(0, 0), (.085, 0), (.085, .05), (0, .06)]).moved(z=-.025)
    parts += [] if style == 4 else [knob.moved(0, -.4, .045)]
    hilt = grip([(0, -.02), (0, -.16), (0, -.34 - .12 * (style == 4))], [.036, .044, .036])
    return Thing(join([edge, hilt, *parts]), made, azimuth=0, elevation=(64, 88), roll=50, fill=.9)


SPEARS = ([(.02, -.08), (.03, .0), (1, .3), (.04, 1)], [(.02, -.08), (.03, 0), (.6, .2), (.04, 1)], [(.02, -.08), (.3, 0), (1.5, .02), (.04, 1)],
          [(.02, -.08), (.03, .1), (1.6, -.05), (1.3, .2), (.5, .6), (.04, 1)])


@kind("spear", "tool", "iron + oak 3, steel + beech 1, bronze + oak 1", .45, "ethnography")
def spear(rng, made):
    form, wide, long = rng.integers(6), rng.uniform(.08, .12), rng.uniform(.4, .65)
    if form == 4:  # a trident
        head = [sweep([(0, .0, .03), (x * .7, .08, .03), (x, .2, .03), (x, long, .03)], [.03, .028, .026, .006]) for x in (-.16, 0, .16)]
    else:
        head = [plate(mirror(np.array(SPEARS[form % 4]) * [wide, long]), .05, .95, centre=(0, long * .3))]
    if form == 5:  # wings below the head
        head += [plate([(s * .02, -.1), (s * .16, -.05), (s * .16, .02), (s * .02, -.02)][::s], .04, .4) for s in (-1, 1)]
    socket = sweep([(0, -.22, .03), (0, .05, .03)], [.036, .02])
    shaft = sweep([(0, -1.2, .03), (0, -.15, .03)], [.028, .03]).of(1)
    ties = [torus(.034, .01, 16).turned("x", 90).moved(0, y, .03) for y in (-.2, -.24)]
    return Thing(join([*head, socket, shaft] + ties).grounded(), made, azimuth=0, elevation=(66, 88), roll=45, fill=.9)


ROUND = np.linspace(0, 2 * np.pi, 32, endpoint=False)
# Right halves, and whole outlines, of shields that are not round.
SHIELDS = (mirror([(.01, -.72), (.3, -.48), (.46, -.1), (.5, .5), (.5, .5), (.25, .52)], True), mirror([(.01, -.9), (.22, -.45), (.4, .1), (.4, .35), (.28, .52), (.02, .6)], True),
           mirror([(.4, -.66), (.42, 0), (.4, .66)]), np.stack([.46 * np.cos(ROUND), .7 * np.sin(ROUND)], 1), mirror([(.01, -.78), (.28, -.45), (.36, 0), (.28, .45), (.01, .78)], True),
           mirror([(.03, -.66), (.34, -.46), (.42, -.1), (.36, .14), (.5, .42), (.3, .56), (.12, .48)]))


@kind("shield", "tool", "oak + iron 3, bronze + bronze 1, leather + iron 1, steel + brass 1", .5, "heraldry")
def shield(rng, made):
    form = rng.integers(-2, len(SHIELDS))
    if form < 0:
        body = turn([(.62, 0), (.62, .02), (.45, .09), (0, .16)], sections=56, flat=True)
        rim = torus(.61, .026, 56).moved(z=.03).of(1)
        extent = (-.62, .62, -.62, .62)
    else:
        outline = SHIELDS[form]
        body = plate(outline, .05, .5, centre=(0, 0), dome=.08)
        rim = sweep([(x, y, .04) for x, y in np.concatenate([outline, outline[:1]])], .022, smooth=False, sections=8).of(1)
        extent = tuple(np.stack([outline.min(axis=0), outline.max(axis=0)]).T.ravel())
    boss = turn([(.16, 0), (.15, .04), (.1, .1), (0, .13)]).moved(z=.09).of(1)
    skins = {}
    if made[0] in ("oak", "leather", "steel") and rng.uniform() < .85:
        y, x = np.mgrid[-1:1:96j, -1:1:96j]
        first, second = (hexa(c) for c in rng.choice(["#a8281f", "#27408a", "#d9a93a", "#e8e0d0", "#1f1d22", "#2f6a44"], 2, replace=False))
        parts = (x * y > 0, np.abs(x + y) < .5, y > np.abs(x) - .2, (np.floor((x + 1) * 2.5) % 2) > 0, np.minimum(np.abs(x), np.abs(y)) < .22,
                 np.abs(np.hypot(x, y) - .55) < .16, np.sin(6 * np.arctan2(y, x)) > 0)
        colour = np.where(parts[rng.integers(len(parts))][..., None], first, second)
        if rng.uniform() < .4:
            decor.lay(colour[18:78, 18:78], hexa("#d9a93a"), decor.spray(rng, 60, 60, 1, stem=False))
        skins[0] = Skin(extent, colour, np.full((4, 4), .9, np.float32))
    parts = [body, rim] + ([boss] if rng.uniform() < .6 else [])
    return Thing(join(parts), made, skins, azimuth=0, elevation=(66, 88), roll=8)


# Heads as (x, share of the width): the eye is at 0, the edge at the right.
AXES = ([(.0, -.4), (.16, -.45), (.36, -1), (.42, -.5), (.44, 0), (.42, .5), (.36, 1), (.16, .45), (.0, .4), (-.09, .35), (-.09, -.35)],
        [(.0, -.4), (.12, -.4), (.24, -1.5), (.38, -1.6), (.42, -.5), (.42, .3), (.38, .55), (.16, .45), (0, .4), (-.09, .35), (-.09, -.35)],  # bearded
        [(0, -.3), (.15, -.35), (.3, -.6), (.34, 0), (.3, .6), (.15, .35), (0, .3), (-.28, .22), (-.36, .06), (-.36, -.06), (-.28, -.22)],  # with a peen
        [(0, -.4), (.14, -.5), (.32, -1.2), (.42, -.6), (.45, 0), (.42, .6), (.32, 1.2), (.14, .5), (0, .4), (-.14, .5), (-.32, 1.2), (-.42, .6), (-.45, 0),
         (-.42, -.6), (-.32, -1.2), (-.14, -.5)],  # double
        [(0, -.35), (.1, -.3), (.3, -1.9), (.4, -1.2), (.46, 0), (.4, 1.2), (.3, 1.9), (.1, .3), (0, .35), (-.07, .3), (-.07, -.3)])  # a crescent


@kind("axe", "tool", "iron + oak 3, steel + beech 2, bronze + oak 1, iron + pine 1", .9, "archaeology")
def axe(rng, made):
    outline, wide = np.array(one_of(rng, AXES)), rng.uniform(.17, .26)
    head = plate(outline * [1, wide], .07, .5, centre=(.1, 0) if outline[:, 0].min() > -.4 else (0, 0))
    long = rng.uniform(.75, 1.25)
    haft = grip([(0, .16), (0, 0), (.02, -.5 * long), (rng.uniform(-.08, .1), -long)], [.038, .045, .04, .05])
    return Thing(join([head, haft]), made, **LIE)


@kind("hammer", "tool", "iron + oak 3, steel + beech 3, oak + beech 1", .8)
def hammer(rng, made):
    form, long = 4 if made[0] == "oak" else rng.integers(5), rng.uniform(.7, 1.05)
    peen = [sweep([(-.24, 0, .07), (-.18, 0, .07), (.1, 0, .07), (.18, 0, .07)], [.075, .075, .06, .08], sections=16, samples=14)]
    claw = [sweep([(.16, s * .03, .08), (.28, s * .05, .07), (.38, s * .06, .03)], [.045, .035, .012], flat=.7) for s in (-1, 1)]
    wedge = plate([(.1, -.08), (.24, -.07), (.42, -.02), (.42, .02), (.24, .07), (.1, .08)], .13, .4)
    head = (peen + claw, peen + [box(.14, .19, .19).moved(.2, 0, -.02)], peen + [wedge], peen + [ball(.085, 18).moved(.24, 0, .08)],
            [sweep([(-.34, 0, .14), (-.3, 0, .14), (.3, 0, .14), (.34, 0, .14)], [.14, .15, .15, .14], sections=24) if rng.uniform() < .5 else
             box(.62, .26, .2, .03).bent(lambda p: p * np.stack([1 + .4 * p[:, 1], 1 + 0 * p[:, 1], 1 + 0 * p[:, 1]], 1))])[form]
    haft = grip([(0, .14 if form < 4 else .2), (0, -.4), (0, -long)], [.035, .034, .048])
    return Thing(join([*head, haft.moved(z=.04 if form == 4 else 0)]).grounded(), made, **LIE)


@kind("saw", "tool", "steel + beech 3, iron + oak 2", .5)
def saw(rng, made):
    form, x = rng.integers(4), np.linspace(0, 1.2, 26)
    rise = (.05, 0, 0, 0)[form]
    teeth = np.stack([x, -.13 - .025 * (np.arange(26) % 2) + rise * x], 1)
    closed = torus(.12, .035, 24).scaled(1, 1.25, .8).moved(-.1, 0, .03).of(1)
    if form == 0:
        parts = [plate(np.concatenate([teeth, [(1.22, .06), (0, .12)]]), .015, .1, centre=(.5, 0)), closed, box(.1, .26, .05, .02).of(1)]
    elif form == 1:  # stiffened along its back
        parts = [plate(np.concatenate([teeth, [(1.2, .12), (0, .12)]]), .015, .1, centre=(.5, 0)), box(1.22, .05, .04).moved(.6, .12), closed, box(.1, .28, .05, .02).of(1)]
    elif form == 2:  # strained in a wooden frame by a twisted cord
        strip = plate(np.concatenate([teeth, [(1.2, -.07), (0, -.07)]]), .015, .1, centre=(.6, -.1))
        cheeks = [sweep([(u, -.2, .04), (u + s * .04, .2, .04), (u + s * .08, .56, .04)], [.045, .035, .03]).of(1) for u, s in ((0, -1), (1.2, 1))]
        parts = [strip, *cheeks, sweep([(0, .18, .04), (1.2, .18, .04)], .03).of(1), *(sweep([(-.06, .5 + k, .04), (1.26, .5 - k, .04)], .012) for k in (-.02, .02)),
                 box(.05, .34, .03).moved(.6, .38, .05).of(1)]
    else:  # for two men: a belly of teeth, an upright grip at either end
        belly = np.stack([x, -.06 - .12 * np.sin(np.pi * x / 1.2) - .025 * (np.arange(26) % 2)], 1)
        parts = [plate(np.concatenate([belly, [(1.2, .06), (0, .06)]]), .015, .1, centre=(.6, 0))]
        parts += [sweep([(u, -.06, .04), (u, .12, .04), (u, .28, .04)], [.035, .028, .035]).of(1) for u in (-.02, 1.22)]
    return Thing(join(parts), made, **LIE)


# Where the arc begins and ends (radians), how far it is stretched along y, and how wide the blade is.
SICKLES = ((-.6, 2.6, 1.0, .09), (-.2, 1.9, 1.5, .11), (-.5, 3.3, .9, .06), (-.1, 1.6, .8, .19))


@kind("sickle", "tool", "iron + oak 3, steel + beech 2", .6, "agriculture")
def sickle(rng, made):
    start, end, tall, wide = one_of(rng, SICKLES)
    t, r = np.linspace(start, end, 26), rng.uniform(.4, .5)
    outer = np.stack([r * np.cos(t), r * tall * np.sin(t)], 1)
    inner = outer * (1 - (wide * np.sin(np.linspace(.5, np.pi, 26)) + .004) / r)[:, None]
    points = [np.column_stack([line, np.full(26, z)]) for line, z in ((outer, 0), (outer * .995, .02), ((outer + inner) / 2, .03), (inner, .004))]
    x, y = outer[0]
    handle = grip([(x - .02, y + .02), (x - .09, y - .2), (x - .16, y - .45)], [.03, .04, .05])
    return Thing(join([sheet(np.array(points)), handle]), made, **LIE)


@kind("rake", "tool", "oak + oak 2, iron + beech 2", .4, "agriculture")
def rake(rng, made):
    form, wide, count = rng.integers(4), rng.uniform(.6, .9), int(rng.integers(7, 13))
    x = np.linspace(-wide / 2 + .03, wide / 2 - .03, count)
    teeth = [sweep([(u, 0, .03), (u, -.1, .03), (u, -.16, .03)], [.018, .014, .008]) for u in x]
    head, pole = [box(wide, .06, .06), *teeth], [sweep([(0, 0, .04), (0, 1.3, .05)], .026)]
    if form == 0:
        pole += [sweep([(s * wide * .32, .02, .04), (0, .35, .05)], .014) for s in (-1, 1)]
    elif form == 1:  # a bow from end to end
        pole.append(sweep([(-wide * .42, .02, .04), (-wide * .3, .26, .04), (0, .36, .05), (wide * .3, .26, .04), (wide * .42, .02, .04)], .014))
    elif form == 2:  # teeth that spread like a fan
        head = [sweep([(0, .34, .04), (u, .06, .04), (u * 1.15, -.06, .03)], .013) for u in x] + [sweep([(-wide * .36, .12, .05), (wide * .36, .12, .05)], .014)]
        pole = [sweep([(0, .3, .04), (0, 1.4, .05)], .026)]
    else:  # teeth on both sides
        head += [tooth.turned("z", 180) for tooth in teeth]
    return Thing(join([*head, join(pole).of(1)]), made, azimuth=0, elevation=(60, 85), roll=50, fill=.92)


@kind("scissors", "tool", "steel 4, iron 2, silver 1", .7)
def scissors(rng, made):
    form, gap, long = rng.integers(4), rng.uniform(6, 22), rng.uniform(.55, .75)
    edge = plate([(-.045, -.05), (.045, -.05), (.04, long * .5), (.01, long), (-.03, long * .6)], .025, .6)
    if form == 3:  # shears: two broad blades on a spring
        broad = plate([(-.04, -.06), (.08, -.06), (.14, .06), (.06, long * .7), (-.03, long)], .025, .6)
        half = join([broad, sweep([(.05, 0, .02), (.06, -.2, .02), (.08, -.5, .02)], .025, samples=8)])
        bow = sweep([(-.12, -.5, .02), (-.2, -.68, .02), (0, -.84, .02), (.2, -.68, .02), (.12, -.5, .02)], .024, flat=1.3)
        return Thing(join([half.turned("z", -3).moved(.05), half.scaled(-1, 1, 1).turned("z", 3).moved(-.05, 0, .012), bow]), made[:1], **LIE)
    # The shanks and bows, by form: round, long and curved outwards, wide for the whole hand.
    reach, drop, wide, tall = ((.12, .38, .8, 1.15), (.16, .52, .6, 1.1), (.15, .4, 1.2, 1.9))[form]
    edge = edge.scaled(1.5, .7, 1) if form == 1 else edge.scaled(1.5, 1.1, 1) if form == 2 else edge
    shank = sweep([(0, -.04, .02), (.05 if form != 1 else .1, -.5 * drop, .02), (reach - .02, -drop + .07 * tall, .02)], .024, samples=8)
    half = join([edge, shank, torus(.085, .02, 24).scaled(wide, tall, 1).moved(reach, -drop, .025)])
    other = half.scaled(-1, 1, 1).turned("z", -gap).moved(z=.012)
    return Thing(join([half.turned("z", gap), other, ball(.026, 12).moved(z=.035)]), made[:1], **LIE)


@kind("spoon", "tool", "silver 5, tin 2, boxwood 2, horn 1, bone 1, brass 1", 1.2, "decorative arts")
def spoon(rng, made):
    long, wide, form = rng.uniform(.7, 1.05), rng.uniform(.13, .19), rng.choice([0, 0, 0, 1, 2, 2, 3, 4])
    if form == 3:  # a ladle: a deep round bowl, the handle rising from its edge
        bowl = turn([(0, 0), (.12, .02), (.2, .12), (.22, .24), (.2, .24), (.17, .12), (0, .04)], sections=32)
        stem = sweep([(0, .2, .22), (0, .34, .34), (0, .7 + long * .3, .38), (0, .78 + long * .4, .33)], [.028, .026, .03, .045], flat=.6)
        return Thing(join([bowl, stem]), made[:1], azimuth=50, elevation=(40, 75), roll=40)
    cup = turn([(0, 0), (.07, .01), (.13, .04), (wide, .085), (wide - .012, .085), (.12, .05), (0, .018)], sections=40, lobes=(10, .035) if form == 4 else None)
    bowl = (cup.scaled(1, 1.4, 1), cup, cup.scaled(1, 1.5, 1).bent(lambda p: p * np.stack([1 + 1.1 * np.clip(-p[:, 1], -.3, .3), 1 + 0 * p[:, 1], 1 + 0 * p[:, 1]], 1)),
            None, cup.scaled(1.15, 1.1, 1))[form]
    near = wide * (1.4, .95, 1.5, 0, 1.05)[form] - .01
    end = near + .05 + long
    tip = rng.integers(5)
    stem = sweep([(0, near, .075), (0, near + .1, .08), (0, near + long * .6, .06), (0, end - .02, .05)], [.02, .022, .026, (.035, .03, .06, .03, .02)[tip]], flat=.6)
    finials = ([ball(.05, 14).scaled(1, 1.2, .7).moved(0, end, .05)], [turn([(0, 0), (.08, .01), (.08, .025), (0, .035)]).scaled(.9, 1.3, 1).moved(0, end, .03)], [],
               [plate([(-.03, -.32), (.03, -.32), (.085, -.06), (.07, .03), (0, .06), (-.07, .03), (-.085, -.06)], .03, .4).moved(0, end, .035)],  # a fiddle
               [turn([(.0, -.09), (.035, -.07), (.045, 0), (.025, .03), (.035, .07), (0, .1)], sections=14).turned("x", -90).moved(0, end + .02, .05)])  # a figure
    return Thing(join([bowl, stem, *finials[tip]]).grounded(), made[:1], **LIE)


@kind("fork", "tool", "silver 4, steel + bone 2, tin 1, iron + oak 1", .7, "decorative arts")
def fork(rng, made):
    if made[0] == "iron":  # for hay
        count, reach = int(rng.integers(2, 5)), rng.uniform(.14, .2)
        tines = [sweep([(0, 0, .05), (x * .9, .04, .05), (x, .2, .05), (x, .4, .07), (x, .62, .1)],
                       [.03, .028, .024, .02, .01], samples=16) for x in np.linspace(-reach, reach, count)]
        return Thing(join([*tines, sweep([(0, .03, .05), (0, -.2, .05)], [.034, .045]), grip([(0, -.15), (0, -.7), (0, -1.35)], [.04, .038, .04])]), made, **LIE)
    form, count = rng.integers(3), rng.integers(2, 5)
    wide, long = (.075, .11, .06)[form], (.42, .3, .5)[form]
    tines = [sweep([(0, .02, .04), (x * .7, .06, .035), (x, .14, .03), (x, .07 + .5 * long, .04), (x, long, .06)],
                   [.022, .018, .014, .012, .008], samples=16) for x in np.linspace(-wide, wide, count)]
    parts = [*tines, sweep([(0, .03, .04), (0, -.2, .05), (0, -.4, .04)], [.02, .016, .02], samples=10)]
    if form == 1:  # a broad root, cut out of one sheet
        parts.append(plate([(-.03, -.12), (.03, -.12), (wide + .02, .06), (wide + .02, .16), (-wide - .02, .16), (-wide - .02, .06)], .035, .4).moved(z=.02))
    handles = (grip([(0, -.38), (0, -.6), (0, -.8)], [.03, .036, .05]), grip([(0, -.38), (.02, -.62), (.09, -.82)], [.03, .05, .055]),
               plate([(-.025, -.3), (-.08, -.74), (-.06, -.84), (0, -.87), (.06, -.84), (.08, -.74), (.025, -.3)], .03, .4).moved(z=.025))
    parts.append(one_of(rng, handles).of(len(made) - 1))
    return Thing(join(parts), made, **LIE)


@kind("key", "tool", "iron 5, bronze 2, brass 1, steel 1", .9)
def key(rng, made):
    long, form = rng.uniform(.6, .95), rng.integers(6)
    heart = np.stack([.18 * np.sin(ROUND) ** 3, .145 * np.cos(ROUND) - .055 * np.cos(2 * ROUND) - .02 * np.cos(3 * ROUND)], 1)[::-1]
    bow = ([torus(.16, .03, 32)], [torus(.09, .026, 24).moved(x, y) for x, y in ((-.1, 0), (.1, 0), (0, .13))], [torus(.16, .03, 4).turned("z", 45)],
           [torus(.13, .03, 32).scaled(1.7, 1, 1)], [sweep([(x, y, 0) for x, y in heart[[*range(32), 0]]], .028, samples=40)],
           [plate(mirror([(.05, -.14), (.14, -.05), (.13, .12), (.05, .17)]), .05, .3), torus(.06, .02, 20).moved(0, .2, .03)])[form]
    shaft = sweep([(0, -.14, .03), (0, -.2, .03), (0, -.14 - long, .03)], [.045, .028, .03], samples=8)
    collar = [torus(.04, .015, 20).turned("x", 90).moved(0, y, .03) for y in (-.2, -.26)[:rng.integers(1, 3)]]
    # Each tooth: width, height, x, y from the end of the shaft.
    bits = (((.2, .05, .11, -.14), (.2, .05, .11, -.04), (.06, .15, .1, -.09), (.05, .05, .2, -.06)),
            ((.16, .22, .1, -.06),), ((.2, .06, .11, -.12), (.14, .06, .09, 0)), ((.22, .05, .0, -.1), (.05, .16, -.1, -.06), (.05, .16, .1, -.06)),
            ((.18, .2, .1, -.05), (.06, .3, .2, -.05)))
    teeth = [box(w, d, .045).moved(x, y - long) for w, d, x, y in one_of(rng, bits)]
    return Thing(join([join(bow).moved(z=.03), shaft, *collar, *teeth]).grounded(), made[:1], **LIE)


@kind("padlock", "tool", "iron 4, brass 2, steel + brass 1", .5)
def padlock(rng, made):
    form = rng.integers(5)
    if form == 4:  # a barrel, with its bow along it
        body = turn([(0, -.4), (.17, -.4), (.2, -.36), (.2, -.36), (.17, -.33), (.17, .33), (.2, .36), (.2, .36), (.17, .4), (0, .4)]).turned("y", 90).moved(z=.2)
        bow = sweep([(-.34, .1, .2), (-.36, .36, .2), (-.1, .44, .2), (.2, .42, .2), (.34, .3, .2), (.34, .1, .2)], .045)
        return Thing(join([body, bow]), made, azimuth=0, elevation=(50, 84), roll=25)
    heart = mirror([(.02, -.42), (.2, -.26), (.34, 0), (.34, .16), (.24, .25), (.02, .22)], True)
    shell = mirror([(.02, -.38), (.28, -.28), (.38, -.08), (.36, .12), (.24, .24)], True)
    body = (turn([(.32, 0), (.35, .05), (.35, .13), (.32, .18), (0, .2)]), box(.6, .5, .18, .05), plate(heart, .19, .3, centre=(0, -.03)), plate(shell, .19, .5))[form]
    high = .68 * rng.uniform(.85, 1.15)
    shackle = sweep([(-.2, .18, .09), (-.2, .8 * high, .09), (0, high, .09), (.2, .8 * high, .09), (.2, .18, .09)], .05)
    keyhole = join([turn([(0, 0), (.07, 0), (.07, .03), (0, .035)]).moved(0, -.05, .185), box(.03, .12, .02).moved(0, -.12, .19)])
    cover = [plate([(-.05, -.26), (.05, -.26), (.06, .02), (0, .08), (-.06, .02)], .03, .3).moved(0, 0, .185).turned("z", rng.uniform(-20, 20))]
    parts = [keyhole] if rng.uniform() < .6 else cover
    return Thing(join([body, shackle, join(parts).of(len(made) - 1)]), made, azimuth=0, elevation=(55, 86), roll=12)


@kind("comb", "costume", "bone 3, ivory 3, boxwood 3, horn 2, tortoiseshell 3", .8, "archaeology")
def comb(rng, made):
    form = rng.integers(5)
    w, tooth = rng.uniform(.7, 1.0), rng.uniform(.28, .4)
    if form == 4:  # to wear: long teeth under a high pierced back
        t = np.linspace(0, np.pi, 11)
        teeth = [sweep([(x * .5, 0, .03), (x * .42, -.3, .03), (x * .4, -.55, .03)], [.022, .02, .01], flat=.7) for x in np.linspace(-1, 1, int(rng.integers(8, 14)))]
        arch = [sweep([(-.54, 0, .03), (-.52, .3, .03), (0, .55, .03), (.52, .3, .03), (.54, 0, .03)], .04, flat=.7), box(1.1, .07, .05).moved(z=0)]
        lace = [torus(.1, .022, 20).moved(.34 * np.cos(a), .14 + .25 * np.sin(a), .03) for a in t[1:-1:2]] + [torus(.08, .02, 20).moved(x, .13, .03) for x in (-.15, .15)]
        return Thing(join([*teeth, *arch, *lace]), made, azimuth=0, elevation=(62, 88), roll=20)
    double = form < 2
    w = w * .62 if form == 1 else w
    parts = [box(w, .3 if form == 1 else .2, .05, .02)]
    if not double:
        back = ([(w / 2, .1), (w * .25, .22), (0, .3 if rng.uniform() < .6 else .12), (-w * .25, .22), (-w / 2, .1)],
                [(w / 2, .0), (w * .45, .16), (w * .2, .3), (-w * .2, .3), (-w * .45, .16), (-w / 2, .0)])[form - 2]
        parts = [plate([(-w / 2, -.1), (w / 2, -.1), *back], .05, .3)]
    for side in ((-1, 1) if double else (-1,)):
        count = int(w / (.05 if side < 0 else .03))
        shift = .05 if form == 1 else 0
        parts += [box(w / count * .58, tooth, .035, .008).moved(x, side * (.09 + shift + tooth / 2)) for x in np.linspace(-w / 2 + .03, w / 2 - .03, count)]
        parts += [box(.04, tooth, .045, .01).moved(s * (w / 2 - .02), side * (.09 + shift + tooth / 2)) for s in (-1, 1)]
    parts += [torus(.04, .006, 16).moved(x, 0, .05) for x in np.linspace(-.34 * w, .34 * w, 4)] if form != 1 else [torus(.1, .01, 24).moved(z=.05)]
    return Thing(join(parts), made, azimuth=0, elevation=(62, 88), roll=20)


# From the hole's lower edge outwards and up to the hole: (r, share of the height), and the height.
WHORLS = (([(.12, 0), (.36, .04), (.46, .5), (.36, .96), (.12, 1), (.12, 1)], .32), ([(.11, 0), (.44, 0), (.46, .06), (.46, .06), (.3, .6), (.14, 1), (.11, 1)], .55),
          ([(.12, 0), (.2, .0), (.46, .5), (.46, .5), (.2, 1), (.12, 1), (.12, 1)], .5), ([(.1, 0), (.46, 0), (.46, 0), (.46, 1), (.46, 1), (.1, 1), (.1, 1)], .16),
          ([(.11, 0), (.3, .06), (.42, .5), (.3, .94), (.11, 1), (.11, 1)], .66), ([(.12, 0), (.44, 0), (.46, .08), (.38, .7), (.2, .98), (.12, 1), (.12, 1)], .34))


@kind("spindle whorl", "archaeological_artifact", "terracotta 4, limestone 2, lead 2, bone 1, slate 1, amber .5", .8, "archaeology")
def spindle_whorl(rng, made):
    profile, tall = one_of(rng, WHORLS)
    tall, hole = tall * rng.uniform(.85, 1.15), profile[0][0]
    line = np.array([*profile, (hole, .5), (hole, 0)]) * [1, tall]
    skins = {}
    if made[0] in ("terracotta", "bone", "slate", "lead") and rng.uniform() < .5:  # rings and dots
        relief = np.concatenate([np.zeros((60, 320)), decor.border(rng, 320, 40), np.zeros((14, 320))])
        skins = {0: Skin((0, 2.9, .1, 1.2), height=np.float32(1 - relief), depth=.03)}
    return Thing(turn(line, lobes=(int(rng.integers(6, 14)), .035) if rng.uniform() < .25 else None), made, skins, elevation=(22, 60), azimuth=180)


@kind("distaff", "tool", "boxwood + linen 2, beech + wool 2, oak + linen 1", .4, "ethnography")
def distaff(rng, made):
    form = rng.integers(4)
    wool = loft([(1.0, .05, .05), (1.08, .15, .14), (1.2, .17, .16), (1.38, .09, .08), (1.46, .02, .02)], push=lambda a, s: 1 + .06 * np.sin(6 * a + 20 * s)).of(1)
    lie = {"azimuth": 0, "elevation": (60, 85), "roll": 50, "fill": .9}
    if form == 1:  # a painted board on a stem, as in the north
        blade = plate(mirror([(.03, -.75), (.05, -.1), (.22, 0), (.26, .45), (.16, .62)]), .05, .2, centre=(0, .2))
        art = np.concatenate([decor.border(rng, 96, 20), decor.spray(rng, 96, 76, 4)])
        skins = {0: Skin((-.26, .26, -.02, .6), decor.plain(rng, "#a8322a #2f5a7a #2f6a44"), art)}
        return Thing(join([blade, box(.5, .24, .07).moved(0, -.78)]), made, skins, **lie)
    stick = turn([(.03, 0), (.028, .4), (.05, .45), (.03, .5), (.028, .9), (.05, .94), (.03, .98), (.02, 1.5), (0, 1.52)], sections=14)
    if form == 2:  # a cage of bent ribs
        ribs = [sweep([(.02, 0, .95), (.13, 0, 1.12), (.13, 0, 1.25), (.02, 0, 1.46)], .012).turned("z", a) for a in np.arange(0, 360, 60)]
        parts = [stick, *ribs] + [torus(.13, .012).moved(z=z) for z in (1.12, 1.25)] + [wool.moved(z=-1.2).scaled(.62, .62, .8).moved(z=1.18)]
    elif form == 3:  # a ring of rungs at the end, the fibre wound in a long cone
        cone = loft([(.8, .1, .1), (.9, .14, .13), (1.2, .09, .09), (1.44, .03, .03)], push=lambda a, s: 1 + .05 * np.sin(4 * a + 40 * s)).of(1)
        parts = [stick, cone, ball(.05, 14).moved(z=1.52), torus(.11, .014).moved(z=1.0)]
    else:
        parts = [stick, wool, torus(.14, .012).moved(z=1.14)]
    return Thing(join(parts).turned("x", -90).moved(z=.17), made, **lie)


@kind("flatiron", "tool", "iron + oak 3, cast iron + iron 2, brass + beech 1", .5)
def flatiron(rng, made):
    form = rng.integers(4)
    tall = (.16, .3, .34, .13)[form]
    outline = [(-.26, -.4), (.26, -.4), (.27, 0), (.2, .3), (.02, .58), (-.02, .58), (-.2, .3), (-.27, 0)]
    if form == 3:  # pointed at both ends
        outline = mirror([(.02, -.56), (.2, -.26), (.25, 0), (.2, .26), (.02, .56)])
    parts = [plate(outline, tall, .12)]
    if form == 2:  # for charcoal: a chimney, a lid with a rim of holes, a latch
        parts += [plate(np.array(outline) * 1.06, .04, .1).moved(z=tall), sweep([(0, .3, tall), (0, .36, tall + .2), (0, .5, tall + .3)], [.08, .07, .09], samples=14)]
        parts += [ball(.03, 10).moved(s * .26, y, tall * .3) for s in (-1, 1) for y in (-.3, -.15, 0, .15)]
    if form == 1:  # for a hot slug: a door at the back
        parts += [box(.42, .03, tall + .06).moved(0, -.42), ball(.035, 12).moved(0, -.45, tall + .04)]
    arch = form == 3
    ends = (-.26, .2) if not arch else (-.22, .22)
    posts = [sweep([(0, y, tall - .02), (0, y * 1.05, tall + .18)], .03, samples=6) for y in ends]
    handle = sweep([(0, -.34, tall + .2), (0, -.05, tall + .24), (0, .28, tall + .2)], [.04, .05, .04]).of(1)
    if arch:
        posts, handle = [sweep([(0, ends[0], tall - .02), (0, -.2, tall + .16)], .026, samples=6), sweep([(0, ends[1], tall - .02), (0, .2, tall + .16)], .026, samples=6)], (
            sweep([(0, -.26, tall + .12), (0, -.12, tall + .24), (0, .12, tall + .24), (0, .26, tall + .12)], [.04, .06, .06, .04]).of(1))
    return Thing(join([*parts, handle] + posts), made, azimuth=180, elevation=(14, 40))


THIMBLES = ([(.27, 0), (.29, .02), (.26, .07), (.25, .1), (.22, .4), (.18, .5), (0, .53)], [(.24, 0), (.25, .01), (.24, .14), (.2, .52), (.13, .66), (0, .7)],
            [(.27, 0), (.3, .03), (.27, .06), (.25, .08), (.22, .4), (.22, .4), (.19, .44), (0, .45)],
            [(.28, 0), (.3, .02), (.27, .05), (.24, .38), (.24, .38), (.26, .4), (.24, .42)])  # open above, for a tailor


@kind("thimble", "tool", "silver 3, brass 3, bronze 1, porcelain 1, gold .5", .45)
def thimble(rng, made):
    y, x = np.mgrid[0:96, 0:256]
    form, step = rng.choice([0, 0, 0, 1, 1, 2, 2, 3]), rng.choice([7, 9, 12])
    dots = np.float32((np.cos(x * 2 * np.pi / step + (y // step % 2) * np.pi) + np.cos(y * 2 * np.pi / step)) > 1.0) * (y < rng.choice([52, 66]))
    if rng.uniform() < .3:  # a border round the foot
        dots[-34:-6] = np.maximum(dots[-34:-6], decor.border(rng, 256, 28))
    profile = np.array(THIMBLES[form]) * [1, rng.uniform(.92, 1.1)]
    length, around = outside(profile)
    return Thing(turn(profile, .015), made, {0: Skin((0, around, .06 * length, length), height=1 - dots, depth=.02)}, elevation=(10, 40))


@kind("pipe", "tool", "boxwood + horn 2, terracotta 1, porcelain + beech 1, walnut + amber 2", .6, "ethnography")
def pipe(rng, made):
    form, last = rng.integers(4), len(made) - 1
    # The stem's line (x, z) from the bowl, how thick it is there, and how large the bowl.
    line, thick, size = (([(.08, .06), (.25, .1), (.6, .22), (1.0, .26)], .055, 1.0), ([(.08, .08), (.3, .1), (.8, .12), (1.5, .13)], .04, .75),
                         ([(.06, .04), (.2, .02), (.4, .18), (.52, .44), (.8, .56)], .06, 1.15), ([(.0, .02), (.12, -.02), (.24, .2), (.3, .7), (.42, 1.0)], .05, 1.0))[form]
    if form == 0 and rng.uniform() < .5:
        size = 1.3
    bowl = turn([(0, 0), (.1, .02), (.15, .12), (.14, .34), (.12, .34), (.1, .16), (0, .12)]).scaled(size, size, size * rng.uniform(.9, 1.5))
    points = [(x, 0, z) for x, z in line]
    stem = sweep(points, np.linspace(thick, .028, len(points)), samples=32)
    (x0, z0), (x1, z1) = line[-2:]
    near = (x0 + .6 * (x1 - x0), z0 + .6 * (z1 - z0))
    tip = sweep([(near[0], 0, near[1]), (x1, 0, z1), (x1 + .4 * (x1 - near[0]), 0, z1 + .4 * (z1 - near[1]))], [.036, .034, .026]).of(last)
    parts = [bowl, stem, tip]
    if form in (0, 2):
        parts.append(torus(.05, .012, 20).turned("y", 90).moved(line[1][0], 0, line[1][1]))
    if form in (2, 3) and rng.uniform() < .7:  # a lid over the bowl
        high = float(bowl.points[:, 2].max())
        parts.append(turn([(.15 * size, 0), (.13 * size, .05), (.04, .1), (.05, .13), (0, .15)]).moved(z=high).of(last))
    return Thing(join(parts).grounded().turned("z", rng.choice([0, 180])), made, azimuth=35, elevation=(8, 34))


@kind("spectacles", "tool", "steel + glass 2, tortoiseshell + glass 2, silver + glass 1, gold + glass 1, horn + glass 1", .6)
def spectacles(rng, made):
    r, form, held = rng.uniform(.2, .25), rng.integers(4), rng.choice(["arms", "arms", "arms", "arms", "nose", "stick"])
    wide, tall, sides = ((1, 1, 36), (1.1, .78, 36), (1.05, .9, 8), (1.12, .8, 4))[form]
    lens = join([torus(r, .03 if made[0] in ("horn", "tortoiseshell") else .02, sides), turn([(0, -.006), (r, -.006), (r, .006), (0, .006)], sections=max(sides, 8)).of(1)])
    lens = lens.turned("z", 180 / sides if sides < 10 else 0).scaled(wide * (1.2 if sides == 4 else 1), tall * (1.2 if sides == 4 else 1), 1)
    gap = r * wide + .05
    parts = [lens.moved(s * gap) for s in (-1, 1)]
    parts.append(sweep([(-.06, .02, 0), (0, .08 if held != "nose" else .14, .01), (.06, .02, 0)], .018))
    if held == "stick":  # a lorgnette
        parts.append(sweep([(gap * 1.7, -.1, 0), (gap * 2.0, -.3, 0), (gap * 2.2, -.95, 0)], [.02, .03, .045]))
        return Thing(join(parts).grounded(), made, azimuth=0, elevation=(50, 80), roll=35)
    mesh = join(parts).turned("x", 80).grounded()
    if held == "nose":  # with a cord
        end = gap + r * wide
        cord = sweep([(end, 0, r), (end + .2, .05, .06), (end + .3, .4, .02), (end - .1, .62, .02), (end - .5, .5, .02)], .012, samples=40)
        return Thing(join([mesh, cord]), made, azimuth=30, elevation=(20, 45))
    end, z = gap + r * wide - .01, r * tall + .1
    arms = [sweep([(s * end, 0, z), (s * (end + .03), .35, z), (s * end, .75, z - .03), (s * (end - .02), .92, .08)], .016, samples=18) for s in (-1, 1)]
    return Thing(join([mesh] + arms), made, azimuth=40, elevation=(14, 40))


@kind("walking stick", "tool", "ebony + silver 3, bamboo + ivory 1, oak + horn 2, walnut + gold 1", .5)
def walking_stick(rng, made):
    form, style = rng.integers(6), rng.integers(4)
    y = np.linspace(-.9, .6, 31)
    wave = (0 * y, .35 * np.clip(np.cos(np.arange(31) * np.pi / 2.5), .5, 1) - .17, 0 * y, 0 * y)[3 if made[0] == "bamboo" else style]  # knots of a blackthorn
    twist = .012 * (style == 2)
    shaft = sweep(np.stack([twist * np.sin(24 * y), y, .035 + twist * np.cos(24 * y)], 1), np.linspace(.026, .036, 31) * (1 + wave), samples=60 if style == 2 else 31)
    ends = (sweep([(0, .55, .03), (0, .75, .04), (.1, .9, .05), (.22, .82, .05), (.22, .7, .05)], .04), ball(.09, 18).scaled(1, 1.2, 1).moved(0, .66, .06),
            sweep([(-.14, .66, .04), (0, .63, .05), (.2, .68, .04)], [.025, .045, .035]),
            sweep([(-.02, .6, .04), (0, .68, .06), (.1, .72, .06), (.24, .66, .05)], [.04, .06, .05, .02]),  # a bird's head
            turn([(.035, 0), (.06, .03), (.04, .06), (.07, .24), (.075, .3), (.04, .34), (0, .35)]).turned("x", -90).moved(0, .56, .07),
            sweep([(-.2, .74, .05), (-.1, .68, .05), (.1, .68, .05), (.2, .74, .05)], [.03, .045, .045, .03]))
    head = join([ends[form], torus(.036, .012, 16).turned("x", 90).moved(0, .5, .035), sweep([(0, -.98, .03), (0, -.88, .03)], [.018, .03])]).of(1)
    return Thing(join([shaft, head]).grounded(), made, azimuth=0, elevation=(66, 88), roll=50, fill=.9)


@kind("hourglass", "tool", "walnut + glass 2, brass + glass 2, ebony + glass 1", .45)
def hourglass(rng, made):
    form, fat = rng.integers(4), rng.uniform(.8, 1.2)
    glass = turn(np.array([(.16, .08), (.2, .2), (.16, .35), (.03, .5), (.16, .65), (.2, .8), (.16, .92)] if form != 2 else
                          [(.12, .08), (.19, .14), (.17, .3), (.03, .5), (.17, .7), (.19, .86), (.12, .92)]) * [fat, 1]).of(1)
    low = turn(np.array([(0, .09), (.17, .09), (.18, .18), (0, rng.uniform(.2, .3))]) * [.95 * fat, 1]).of(2)
    high = turn([(.03, .52), (.09 * fat, .58), (.12 * fat, .62), (0, .62)]).of(2)
    sides = (40, 6, 4, 40)[form]
    wide = (.3, .32, .38, .3)[form] * (1 + .5 * (fat - 1))
    ends = [turn([(0, 0), (wide, 0), (wide, 0), (wide, .05), (wide * .9, .08), (0, .08)], sections=sides, flat=True).turned("z", 45),
            turn([(0, .92), (wide * .9, .92), (wide, .95), (wide, 1.0), (wide, 1.0), (0, 1.0)], sections=sides, flat=True).turned("z", 45)]
    post = one_of(rng, [[(.02, .08), (.035, .2), (.02, .35), (.035, .5), (.02, .65), (.035, .8), (.02, .92)], [(.022, .08), (.022, .92)],
                        [(.03, .08), (.03, .12), (.015, .16), (.03, .5), (.015, .84), (.03, .88), (.03, .92)]])
    count = (3, 6, 4, 3)[form]
    posts = [turn(post, sections=10).moved(wide * .82 * np.cos(a), wide * .82 * np.sin(a)) for a in np.arange(count) * 2 * np.pi / count + np.pi / 4]
    parts = [*ends, glass, low, *posts] + ([high] if rng.uniform() < .6 else [])
    if form == 3:  # hung in a case that is half closed
        back = turn([(wide * .9, .06), (wide * .9, .94)]).bent(lambda p: np.maximum(p, np.float32([-9, 0, -9])))
        parts = [*ends, glass, low, high, back]
    return Thing(join(parts), made + ("boxwood",), elevation=(4, 18))
