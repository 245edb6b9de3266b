"""Furniture and other joinery: boards, legs, doors, wheels."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from ..kinds import kind
from ..render.solids import ball, box, join, loft, plate, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor
from .vessels import one_of, sawn

WOODS = "oak 4, walnut 3, pine 2, mahogany 3, beech 1"


CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def leg(height: float, style: int, width: float):
    """A leg from the ground up: square, turned or curved."""
    if style == 0:
        return box(width, width, height)
    if style == 1:
        profile = np.array([(.7, 0), (1, .04), (.6, .1), (.6, .1), (1, .25), (.5, .45), (1, .6), (.6, .7), (.6, .7), (1, .75), (1, 1)])
        return turn(profile * [width * .62, height], sections=14, samples=24)
    return sweep([(.05, -.05, 0), (.03, -.03, .06 * height), (-.01, .01, .4 * height), (.03, -.03, .8 * height), (0, 0, height)],
                 [width * .6, width * .45, width * .5, width * .8, width * .7], sections=10, samples=20)


def legs(width, depth, height, style, thick=.05):
    """Four legs under the corners of a seat or table, each turned outwards."""
    one = leg(height, style, thick)
    return [one.turned("z", angle).moved(x * (width / 2 - thick), y * (depth / 2 - thick))
            for (x, y), angle in zip(CORNERS, (-90, 0, 90, 180))]


def bar(start, end, thick, slot=0):
    """A straight round stick."""
    return sweep([start, end], thick, sections=8).of(slot)


def board(outline, thick):
    """A board cut along an outline (x, z), standing upright, its face towards the viewer."""
    return sawn(plate(outline, thick, .15)).turned("x", 90)


def joined(rng, wide, seat, arms):
    """Legs, a frame, and slats, sticks, a splat or cushions in the back."""
    style, back = int(rng.integers(3)), rng.uniform(.95, 1.15)
    parts = legs(wide, .48, seat, style)
    parts.append(box(wide, .48, .045).moved(z=seat - .02))
    parts += [box(.045, .04, back - seat).moved(x * (wide / 2 - .04), .21, seat) for x in (-1, 1)]
    slats = [box(wide - .1, .025, .07).moved(0, .21, z) for z in np.linspace(seat + .14, back - .1, 3)]
    sticks = [box(.03, .025, back - seat - .1).moved(x, .21, seat + .02) for x in np.linspace(-wide / 2 + .12, wide / 2 - .12, 4)]
    splat = loft([(0, .06, .015), (.15, .1, .015), (.25, .05, .015), (.4, .11, .015), (back - seat - .06, .07, .015)], square=5,
                 sections=20).moved(0, .21, seat)
    fill = rng.integers(4)
    parts += (slats, sticks, [splat], [])[fill] + [box(wide + .02, .045, .1).moved(0, .21, back - .1)]
    if fill == 3:
        parts.append(box(wide - .1, .05, back - seat - .2, .03).moved(0, .2, seat + .08).of(1))
    if arms or rng.uniform() < .5 or fill == 3:
        parts.append(box(wide - .02, .44, .07, .035).moved(0, -.01, seat + .02).of(1))
    if style == 0:
        parts += [box(wide - .1, .025, .03).moved(0, y, .16) for y in (-.19, .19)]
    return parts + (rests(wide, seat) if arms else [])


def rests(wide, seat):
    """Two arms, each on its support."""
    return [part for x in (-1, 1) for part in (
        sweep([(x * (wide / 2 - .02), .2, seat + .24), (x * wide / 2, -.1, seat + .25), (x * (wide / 2 + .01), -.23, seat + .22)], .03, flat=1.2),
        sweep([(x * wide / 2, -.17, seat + .22), (x * (wide / 2 - .02), -.14, seat)], .022))]


def ladder_back(rng, wide, seat, arms):
    """Round posts that end in knobs, curved rungs, and a seat of rushes."""
    back, rungs = rng.uniform(1.0, 1.2), int(rng.integers(3, 6))
    parts = [turn([(.022, 0), (.026, back - .04), (.014, back - .02), (.03, back + .03), (0, back + .06)], sections=10).moved(x * wide / 2, .2)
             for x in (-1, 1)]
    front = seat + (.24 if arms else .03)
    parts += [turn([(.03, 0), (.026, front), (0, front + .01)], sections=10).moved(x * wide / 2, -.2) for x in (-1, 1)]
    parts += [sweep([(-wide / 2, .2, z), (0, .24, z + .02), (wide / 2, .2, z)], .014, flat=3) for z in np.linspace(seat + .14, back - .08, rungs)]
    parts += [bar((-wide / 2, y, z), (wide / 2, y, z), .015) for y, z in ((-.2, .16), (-.2, .28), (.2, .2))]
    parts += [bar((x * wide / 2, -.2, z), (x * wide / 2, .2, z), .015) for x in (-1, 1) for z in (.14, .26)]
    parts += [bar((x * wide / 2, -.24, front), (x * wide / 2, .2, front), .026) for x in (-1, 1)] if arms else []
    return parts + [box(wide + .02, .44, .05, .025).moved(z=seat - .03).of(1)]


def windsor(rng, wide, seat, arms):
    """A hoop filled with sticks over a solid seat on splayed legs."""
    high, curved = rng.uniform(.5, .62), np.linspace(0, np.pi, 11)
    parts = [turn([(0, 0), (.25, 0), (.27, .025), (.25, .05), (0, .04)], flat=True).scaled(1, .92, 1).moved(z=seat - .03)]
    parts += [sweep([(x * .15, y * .14, seat - .02), (x * .2, y * .19, seat / 2), (x * .24, y * .23, 0)], [.018, .03, .018], sections=10) for x, y in CORNERS]
    parts += [bar((x * .2, -.19, .2), (x * .2, .19, .2), .014) for x in (-1, 1)] + [bar((-.2, 0, .2), (.2, 0, .2), .016)]
    parts.append(sweep([(.23 * np.cos(a), .17 + .09 * np.sin(a), seat + high * np.sin(a)) for a in curved], .018))
    for x in np.linspace(-.17, .17, 7):
        rise = np.sqrt(1 - (x / .23) ** 2)
        parts.append(bar((x * .8, .17, seat), (x, .17 + .09 * rise, seat + high * rise), .009))
    if arms:
        parts.append(sweep([(-.3, -.16, seat + .25), (-.27, .06, seat + .25), (0, .24, seat + .26), (.27, .06, seat + .25), (.3, -.16, seat + .25)], .022))
        parts += [bar((x * .22, y, seat), (x * .28, y - .02, seat + .25), .012) for x in (-1, 1) for y in (-.12, -.02, .08)]
    return parts


def klismos(rng, wide, seat, arms):
    """The chair of the Greek vases: sabre legs and a curved board at the shoulders."""
    parts = [box(wide - .04, .42, .04).moved(z=seat - .03), box(wide - .1, .4, .05, .025).moved(z=seat).of(1)]
    parts += [sweep([(x * (wide / 2 - .04), y * .18, seat), (x * (wide / 2 - .03), y * .2, seat * .6), (x * wide / 2, y * .34, 0)], [.03, .026, .022], flat=1.3)
              for x, y in CORNERS]
    parts += [sweep([(x * (wide / 2 - .04), .18, seat), (x * (wide / 2 - .04), .2, .68), (x * (wide / 2 - .02), .27, .92)], .022) for x in (-1, 1)]
    parts.append(sweep([(-.31, .16, .9), (-.2, .26, .9), (0, .3, .9), (.2, .26, .9), (.31, .16, .9)], .018, flat=rng.uniform(3.5, 5)))
    return parts + (rests(wide, seat) if arms else [])


def bentwood(rng, wide, seat, arms):
    """Rods bent by steam: a coffee-house chair."""
    parts = [turn([(0, 0), (.22, 0), (.235, .02), (.22, .04), (0, .03)], flat=True).moved(z=seat - .03), torus(.17, .012).moved(z=.22)]
    parts += [sweep([(x * .15, -.13, seat), (x * .19, -.19, 0)], .018) for x in (-1, 1)]
    for reach, top in ((.2, 1.0), (.11, .86)):
        start = [(-reach - .02, .26, 0)] if reach > .15 else []
        line = [*start, (-reach, .19, seat), (-reach * .95, .22, .74), (0, .27, top)]
        parts.append(sweep(line + [(-x, y, z) for x, y, z in line[-2::-1]], .018, samples=44))
    if arms:
        parts.append(sweep([(-.2, .2, .74), (-.3, -.02, .7), (-.2, -.16, seat), (.2, -.16, seat), (.3, -.02, .7), (.2, .2, .74)], .016, samples=40))
    return parts


def of_boards(rng, wide, seat, arms):
    """A peasant's: a thick seat on four raked pegs, and a sawn board for the back."""
    x, z = np.array(one_of(rng, [[(.09, 0), (.2, .2), (.15, .34), (.2, .5), (.1, .58), (.05, .54)], [(.1, 0), (.13, .2), (.23, .36), (.2, .52), (.08, .6)],
                                 [(.14, 0), (.2, .3), (.12, .44), (.17, .54), (.06, .6)]])).T
    outline = np.concatenate([np.stack([x, z], 1), np.stack([-x, z], 1)[::-1]])
    parts = [box(wide - .06, .42, .05).moved(z=seat - .03), board(outline, .04).turned("x", -8).moved(0, .2, seat)]
    return parts + [bar((x * .14, y * .12, seat), (x * .21, y * .2, 0), [.028, .02]) for x, y in CORNERS] + (rests(wide, seat) if arms else [])


def medallion(rng, wide, seat, arms):
    """A salon's: an oval cushion in a moulded frame on curved legs."""
    oval = torus(.24, .024, 40).scaled(1, 1.15, 1).turned("x", 82).moved(0, .24, seat + .4)
    cushion = turn([(.23, -.02), (.2, .03), (0, .05)]).scaled(1, 1.15, 1).turned("x", 82).moved(0, .24, seat + .4).of(1)
    parts = legs(wide, .48, seat, 2) + [box(wide, .48, .05).moved(z=seat - .02), box(wide - .02, .46, .1, .05).moved(z=seat + .02).of(1), oval, cushion]
    return parts + [bar((x * .14, .22, seat), (x * .15, .23, seat + .18), .022) for x in (-1, 1)] + (rests(wide, seat) if arms else [])


def winged(rng, wide, seat, arms):
    """All upholstered, with cheeks against the draught or without."""
    low, back = seat - .12, rng.uniform(.5, .72)
    parts = [leg(low, 2, .05).turned("z", a).moved(x * .26, y * .22) for (x, y), a in zip(CORNERS, (-90, 0, 90, 180))]
    soft = [box(.64, .58, .18, .06).moved(z=low - .02), box(.5, .5, .1, .05).moved(0, -.04, seat + .02), box(.6, .14, back, .06).moved(0, .24, seat)]
    soft += [box(.12, .54, .26, .06).moved(x * .31, 0, seat - .04) for x in (-1, 1)]
    if back > .58:
        soft += [box(.09, .24, back * .6, .04).moved(x * .3, .1, seat + .36 * back) for x in (-1, 1)]
    return parts + [part.of(1) for part in soft]


def folding(rng, wide, seat, arms):
    """Crossed ribs, as in a Savonarola chair: arms, a slung seat and a strap for the back."""
    parts = []
    for y in np.linspace(-.2, .2, int(rng.integers(2, 6))):
        for s in (-1, 1):
            parts.append(sweep([(-s * .28, y, .02), (-s * .15, y, .18), (s * .1, y, .3), (s * .29, y, .48), (s * .28, y, .68)], .022))
    parts += [box(.06, .56, .04).moved(x * .28, -.02, z) for x in (-1, 1) for z in (0, .67)]
    parts += [bar((x * .28, .22, .68), (x * .28, .25, .98), .022) for x in (-1, 1)]
    return parts + [box(.56, .03, .18, .01).moved(0, .25, .78).of(int(rng.integers(2))), box(.5, .42, .04, .02).moved(z=.43).of(1)]


CHAIRS = (joined, joined, joined, ladder_back, windsor, klismos, bentwood, of_boards, medallion)
ARMCHAIRS = (joined, joined, windsor, ladder_back, medallion, winged, winged, folding, bentwood)


@kind("chair", "furniture", "oak 4, walnut 3, beech 2, mahogany 3", 1.8, "decorative arts")
def chair(rng, made, forms=CHAIRS):
    form, arms = one_of(rng, forms), forms is ARMCHAIRS
    parts = form(rng, rng.uniform(.46, .56) + .08 * arms, .46, arms)
    seat = "straw" if form is ladder_back else rng.choice(["velvet", "leather", "damask", "wool"])
    return Thing(join(parts).grounded(), made + (seat,), azimuth=45, elevation=(10, 26))


@kind("armchair", "furniture", "oak 3, walnut 4, mahogany 3", 1.0, "decorative arts")
def armchair(rng, made):
    return chair(rng, made, ARMCHAIRS)


@kind("stool", "furniture", "oak 4, pine 3, beech 2", .7, "ethnography")
def stool(rng, made):
    form, height = rng.integers(6), rng.uniform(.38, .55)
    thick = ([.035, .02], [.028, .024])[rng.integers(2)]
    disc = turn([(0, 0), (.24, 0), (.24, 0), (.26, .03), (.24, .06), (.24, .06), (0, .06)], flat=True)
    three = [sweep([(.12 * np.cos(a), .12 * np.sin(a), height), (.23 * np.cos(a), .23 * np.sin(a), 0)], thick, sections=10) for a in (.5, 2.6, 4.7)]
    four = [sweep([(x * .13, y * .1, height), (x * .2, y * .15, 0)], thick, sections=10) for x, y in CORNERS]
    rails = [bar((x * .21, -.12, .1), (x * .21, .12, .1), .02) for x in (-1, 1)] + [bar((-.21, y, .1), (.21, y, .1), .02) for y in (-.12, .12)]
    crossed = [sweep([(-s * .26, y, 0), (-s * .1, y, height * .4), (s * .1, y, height * .6), (s * .26, y, height)], .025) for s in (-1, 1) for y in (-.18, .18)]
    saddle = sweep([(-.34, 0, height + .1), (-.2, 0, height + .02), (0, 0, height - .01), (.2, 0, height + .02), (.34, 0, height + .1)], .035, flat=5)
    parts = ([disc.moved(z=height), *three], [box(.5, .34, .055).moved(z=height), *four],
             [box(.5, .34, .05).moved(z=height), *legs(.5, .34, height, 1, .06), *rails],  # joined, on turned legs
             [*crossed, *(bar((x * .26, -.2, height), (x * .26, .2, height), .03) for x in (-1, 1)), box(.52, .34, .03, .012).moved(z=height - .03).of(1)],
             [saddle, sawn(turn([(0, 0), (.22, 0), (.22, .03), (.1, .07), (.09, .2), (.14, height - .02)])),
              *(sweep([(x * .16, 0, .04), (x * .2, 0, .2), (x * .2, 0, height)], .04) for x in (-1, 1))],  # carved from one block
             [disc.moved(z=height), sawn(turn([(0, 0), (.25, 0), (.25, .05), (.25, .05), (.12, height * .45), (.12, height * .55), (.23, height)]))])[form]  # a drum
    return Thing(join(parts), made + ("leather",), azimuth=60, elevation=(12, 30))


@kind("bench", "furniture", "oak 4, pine 3, walnut 1", .7)
def bench(rng, made):
    form, wide = rng.integers(5), rng.uniform(1.15, 1.4)
    plank, ends = box(wide, .36, .05).moved(z=.42), [box(.06, .32, .42).moved(x * (wide / 2 - .13)) for x in (-1, 1)]
    parts = [plank]
    if form < 2:  # on boards, with a back of rails or without
        parts += ends + [box(wide - .2, .04, .1).moved(z=.26)]
        if form:
            parts += [box(wide, .04, .16).moved(0, .17, .72), box(wide, .04, .05).moved(0, .17, .55)]
            parts += [box(.06, .05, .46).moved(x * (wide / 2 - .05), .17, .42) for x in (-1, 0, 1)]
    elif form == 2:  # a settle: a high panelled back and closed sides
        parts += [box(wide, .04, 1.1).moved(0, .18), box(wide - .08, .03, .4).moved(0, -.13)]
        parts += [board([(-.2, 0), (.2, 0), (.2, .6), (.1, .66), (0, .8), (-.06, 1.12), (-.2, 1.12)], .05).turned("z", -90).moved(x * wide / 2) for x in (-1, 1)]
        parts += [box(.04, .02, .5).moved(x, .15, .5) for x in np.linspace(-wide / 2 + .1, wide / 2 - .1, 4)]
    elif form == 3:  # turned legs and rails near the ground
        parts += legs(wide, .36, .42, 1, .07) + [box(wide - .1, .04, .05).moved(0, y, .1) for y in (-.13, .13)]
        parts += [box(wide - .1, .03, .08).moved(0, y, .34) for y in (-.13, .13)]
    else:  # sticks in the back and arms
        parts += [bar((x * (wide / 2 - .15), y * .12, .42), (x * (wide / 2 - .08), y * .18, 0), [.03, .022]) for x, y in CORNERS]
        parts += [bar((x, .15, .45), (x * 1.04, .22, .9), .012) for x in np.linspace(-wide / 2 + .08, wide / 2 - .08, 14)]
        parts += [sweep([(-wide * .53, .2, .9), (0, .23, .95), (wide * .53, .2, .9)], .03)]
        parts += [bar((x * wide / 2, -.18, .66), (x * wide / 2, .2, .68), .025) for x in (-1, 1)] + [bar((x * wide / 2, -.14, .45), (x * wide / 2, -.15, .66), .018)
                                                                                                 for x in (-1, 1)]
    return Thing(join(parts), made, azimuth=45, elevation=(12, 26))


@kind("table", "furniture", WOODS, 1.3, "decorative arts")
def table(rng, made):
    wide, deep, high = rng.uniform(.9, 1.3), rng.uniform(.55, .75), rng.uniform(.6, .75)
    form, top = rng.integers(7), [box(wide, deep, .045).moved(z=high)]
    disc = turn([(0, 0), (.5, 0), (.52, .02), (.5, .045), (0, .045)], flat=True).moved(z=high)
    if form == 0:  # on a pillar
        parts = [disc, turn([(.06, .1), (.05, .2), (.09, .35), (.05, .5), (.09, high)])]
        parts += [sweep([(0, 0, .2), (.2 * np.cos(a), .2 * np.sin(a), .16), (.36 * np.cos(a), .36 * np.sin(a), 0)], [.05, .04, .035]) for a in (.6, 2.7, 4.8)]
    elif form == 1:  # on trestles
        foot = board([(-.26, 0), (-.2, 0), (-.14, .06), (.14, .06), (.2, 0), (.26, 0), (.26, .06), (.09, .16), (.07, .4), (.2, high), (-.2, high), (-.07, .4),
                      (-.09, .16), (-.26, .06)], .06).turned("z", 90)
        parts = top + [foot.moved(x * wide * .36 - .03) for x in (-1, 1)] + [box(wide * .85, .05, .09).moved(z=.28)]
    elif form == 2:  # with leaves that fold down
        leaf = sheet_disc(.48)
        flap = join([leaf, leaf.turned("x", 180)]).turned("x", 90)
        parts = [box(wide, .36, .04).moved(z=high), flap.scaled(wide / .96, 1, .85).moved(0, -.19, high - .02).bent(lambda p: np.minimum(p, [9, 9, high + .03]))]
        parts += legs(wide - .1, .34, high, 1, .06) + [box(wide - .2, .03, .1).moved(0, y, high - .1) for y in (-.12, .12)]
    elif form == 3:  # half round, to stand against a wall
        half = turn([(0, 0), (.5, 0), (.52, .02), (.5, .045), (0, .045)], flat=True).bent(lambda p: np.minimum(p, [9, 0, 9])).moved(z=high)
        apron = turn([(.44, 0), (.44, .1)]).bent(lambda p: np.minimum(p, [9, 0, 9])).moved(z=high - .1)
        style = int(rng.integers(3))
        parts = [half, apron] + [leg(high, style, .06).moved(.42 * np.cos(a), .42 * np.sin(a)) for a in (-.08, -1.1, -2.04, -3.06)]
    elif form == 4:  # round, on four legs
        parts = [disc, turn([(.42, high - .1), (.42, high)])] + legs(.76, .76, high, int(rng.integers(3)), .07)
    else:
        parts = top + legs(wide, deep, high, int(rng.integers(3 if form == 5 else 2)), .07)
        parts += [box(wide - .16, .03, .11).moved(0, y, high - .11) for y in (-deep / 2 + .07, deep / 2 - .07)]
        parts += [box(.03, deep - .16, .11).moved(x, 0, high - .11) for x in (-wide / 2 + .07, wide / 2 - .07)]
        if rng.uniform() < .4:
            parts.append(ball(.02).moved(0, -deep / 2 + .04, high - .05))
        if form == 6:  # rails near the ground
            parts += [box(wide - .12, .04, .05).moved(0, y, .1) for y in (-deep / 2 + .07, deep / 2 - .07)]
    return Thing(join(parts).grounded(), made, azimuth=40, elevation=(12, 28))


def vault(wide, deep, high):
    """Half a cylinder lying along x."""
    x, angle = np.meshgrid(np.linspace(0, np.pi, 14), [-wide / 2, wide / 2])[::-1]
    ends = [turn([(1, 0), (0, 0)], flat=True).bent(lambda p: np.maximum(p, [-9, 0, -9])).scaled(deep / 2, high, 1).turned("x", 90).turned("z", s * 90)
            .moved(s * wide / 2) for s in (-1, 1)]
    return join([sheet(np.stack([x, -np.cos(angle) * deep / 2, high * np.sin(angle)], 2)), *ends])


@kind("box", "furniture", "oak + iron 2, walnut + brass 2, ivory + silver 1, silver + silver 1, leather + brass 1, pine + iron 1, tortoiseshell + silver .7,"
      " boxwood + brass 1", 1.2)
def small_box(rng, made):
    w, d, h = rng.uniform(.6, .9), rng.uniform(.4, .6), rng.uniform(.22, .38)
    form = rng.integers(6)
    lock = box(.09, .02, .12).moved(0, -d / 2 - .01, h - .06).of(1)
    if form == 4:  # round
        r = rng.uniform(.3, .45)
        tall = one_of(rng, [.16, .3, .55])
        parts = [turn([(0, 0), (r, 0), (r, 0), (r, tall), (r, tall), (r + .02, tall), (r + .02, tall), (r + .02, tall + .08), (r, tall + .1)]),
                 turn([(r, tall + .1), (r * .6, tall + .1 + .1 * rng.uniform()), (0, tall + .14)], flat=True)]
        parts += [ball(.05, 14).moved(z=tall + .17).of(1)] if rng.uniform() < .6 else [torus(r + .012, .012, 48).moved(z=z).of(1) for z in (.03, tall + .05)]
        return Thing(join(parts), made, azimuth=50, elevation=(18, 38))
    if form == 5:  # eight-sided
        side = turn([(0, 0), (.5, 0), (.5, 0), (.5, h), (.5, h), (.53, h), (.53, h), (.53, h + .06)], sections=8)
        top = turn([(.53, h + .06), (.36, h + .14), (.36, h + .14), (0, h + .14)], sections=8, flat=True)
        feet = [ball(.05, 14).moved(x * .27, y * .2).of(1) for x, y in CORNERS]
        mesh = join([join([side, top]).turned("z", 22.5).scaled(1, .75, 1), *feet, lock.moved(0, d / 2 - .36)])
        return Thing(mesh.grounded(), made, azimuth=50, elevation=(18, 35))
    lids = (box(w + .03, d + .03, .1),
            sawn(loft([(0, w / 2 + .01, d / 2 + .01), (.05, w / 2 + .01, d / 2 + .01), (.13, w / 2 * .8, d / 2 * .7), (.15, .01, .01)], square=9, sections=48)),
            join([box(w + .02, d + .02, .05), vault(w + .02, d + .02, .16).moved(z=.045)]),
            join([box(w + .03, d + .03, .04), sawn(loft([(0, w / 2, d / 2), (0, w / 2, d / 2), (.16, w * .3, .03), (.16, w * .3, .03)], square=9)).moved(z=.03)]))
    parts = [box(w, d, h), lids[form].moved(z=h + .01), lock]
    if rng.uniform() < .5:
        top = h + (.1 if form != 2 else .05)
        parts += [box(.05, d + .05, .012).moved(x * w / 2.9, 0, top).of(1) for x in (-1, 1)] if form == 0 else []
        parts += [box(.05, .015, h).moved(x * w / 2.9, -d / 2 - .005).of(1) for x in (-1, 1)]
    if rng.uniform() < .4:
        parts = [part.moved(z=.07) for part in parts] + [ball(.06, 14).scaled(1, 1, .8).moved(x * (w / 2 - .06), y * (d / 2 - .06), .05).of(1) for x, y in CORNERS]
    if rng.uniform() < .3:
        parts.append(sweep([(-.12, 0, h + .1), (-.1, 0, h + .25), (.1, 0, h + .25), (.12, 0, h + .1)], .02).of(1))
    return Thing(join(parts), made, azimuth=50, elevation=(18, 35))


@kind("chest", "furniture", "oak + iron 4, pine + iron 3, walnut + brass 1", 1.1, "ethnography")
def chest(rng, made):
    w, d, h = rng.uniform(1.0, 1.3), .5, rng.uniform(.4, .5)
    form = rng.integers(5)
    lids = (box(w + .04, d + .04, .06), join([vault(w, d, .16), box(w + .02, d + .02, .03)]),
            sawn(loft([(0, w / 2 + .03, d / 2 + .03), (.03, w / 2 + .03, d / 2 + .03), (.2, w / 2, .04), (.2, w / 2, .04)], square=12, sections=48)))
    foot = (.06, .06, .06, .24, .14)[form]  # how high it stands: on blocks, on long stiles, on a base
    lid = lids[(0, 1, 2, 0, 0)[form]]
    body = box(w, d, h)
    if form == 4:  # a sailor's: wider below, on a plinth
        body = body.bent(lambda p: p * np.stack([1 + .12 * (1 - p[:, 2] / h), 1 + .2 * (1 - p[:, 2] / h), 1 + 0 * p[:, 2]], 1))
        parts = [box(w * 1.18, d * 1.26, .14), torus(.08, .018, 20).turned("y", 90).moved(w / 2 + .09, 0, h * .75).of(1), body.moved(z=.13), lid.moved(z=h + .13)]
        parts.append(box(.12, .03, .14).moved(0, -d / 2 - .02, h).of(1))
    else:
        parts = [body.moved(z=foot), lid.moved(z=h + foot + .01)]
        parts += [box(.1, .1, foot + .01).moved(x * (w / 2 - .05), y * .2) for x, y in CORNERS]
        panels = int(rng.integers(2, 4))
        if rng.uniform() < .6:
            step = w / panels
            for x in -w / 2 + step * (np.arange(panels) + .5):
                parts += [box(step * .8, .02, .04).moved(x, -d / 2 - .008, z + foot) for z in (.07, h - .12)]
                parts += [box(.04, .02, h - .14).moved(x + s * step * .38, -d / 2 - .008, .07 + foot) for s in (-1, 1)]
        else:
            parts += [box(.05, .02, h).moved(x * w / 3, -d / 2 - .01, foot).of(1) for x in (-1, 1)]
            parts += [box(.05, d + .06, .075).moved(x * w / 3, 0, h + foot + .005).of(1) for x in (-1, 1)] if form in (0, 3) else []
        parts.append(box(.09, .03, .13).moved(0, -d / 2 - .012, h + foot - .11).of(1))
    skins = {}
    if rng.uniform() < .4 and made[0] == "pine":
        art = decor.spray(rng, 160, 80, 7)
        skins = {0: Skin((-.5, .5, -.35, .35), decor.plain(rng, "#a8322a #2f5a7a #d9c27a"), art)}
    return Thing(join(parts), made, skins, azimuth=45, elevation=(14, 28))


def front(x, z, wide, high, y):
    """A framed panel on a front: a door or a drawer."""
    parts = [box(wide, .02, .035).moved(x, y, z + k) for k in (0, high - .035)]
    return parts + [box(.035, .02, high).moved(x + s * (wide / 2 - .018), y, z) for s in (-1, 1)]


@kind("wardrobe", "furniture", WOODS, .7)
def wardrobe(rng, made):
    form, w, d, h = rng.integers(5), rng.uniform(.7, .95), .36, rng.uniform(1.05, 1.3)
    foot, y = (.06, .06, .14, .06, .05)[form], -.188
    parts = [box(w, d, h).moved(z=foot), box(w + .1, d + .06, .07).moved(z=h + foot)]
    if form == 2:  # on ball feet, with a heavy cornice
        parts += [ball(.08, 18).moved(x * (w / 2 - .04), s * .1, .08) for x, s in CORNERS] + [box(w + .18, d + .1, .05).moved(z=h + foot + .07)]
    else:
        parts += [box(w + .05, d + .03, .06)]
    low, doors = foot + (.34 if form in (1, 3) else .05), 1 if form == 4 else 2
    for s in ((-1, 1) if doors == 2 else (0,)):
        x, wide = s * w / 4, w / doors - .06
        parts += front(x, low, wide, (h + foot - low - .05) * (.5 if form == 0 else 1), y)
        parts += front(x, low + (h + foot - low) * .5, wide, (h + foot - low) * .5 - .05, y) if form == 0 else []
        parts.append(ball(.018).moved((s * .04 if s else wide / 2 - .05), -.2, (low + h) / 2 + .05))
    if form in (1, 3):  # drawers below
        parts += front(0, foot + .04, w - .06, .25, y) + [ball(.02).moved(x * w / 4, -.2, foot + .16) for x in (-1, 1)]
    top = h + foot + (.11 if form == 2 else .06)
    crown = rng.integers(3)
    if crown == 1:
        parts.append(loft([(0, w / 2, .06), (.1, w / 2 * .5, .06), (.17, .03, .06)], square=3).moved(0, 0, top))
    elif crown == 2:
        arc = np.linspace(0, np.pi, 12)
        parts.append(board(np.stack([(w / 2) * np.cos(arc), .2 * np.sin(arc)], 1), .08).moved(0, .0, top))
    if form == 4:  # one door with a looking-glass
        parts += [box(w - .22, .02, h - .24).moved(0, y, low + .07).of(1)]
    return Thing(join(parts), made + ("steel",), azimuth=40, elevation=(5, 16), fill=.86)


@kind("desk", "furniture", "mahogany 3, walnut 3, oak 2", .6, "decorative arts")
def desk(rng, made):
    form = rng.integers(4)
    drawers = [part for x in (-.36, .36) for part in (box(.34, .48, .68).moved(x), *(box(.28, .02, .17).moved(x, -.245, z) for z in (.05, .26, .47)),
                                                        *(ball(.018).moved(x, -.27, z + .08) for z in (.05, .26, .47)))]
    on_legs = legs(1.06, .5, .7, int(rng.integers(1, 3)), .07) + [box(.96, .4, .15).moved(z=.55)] + [ball(.018).moved(x, -.22, .62) for x in (-.3, 0, .3)]
    pigeonholes = [box(1.05, .16, .2).moved(0, .18, .745), *(box(.2, .02, .13).moved(x, .095, .78) for x in (-.36, -.12, .12, .36))]
    parts = [box(1.1, .55, .045).moved(z=.7)]
    if form < 2:
        parts += (drawers, on_legs)[form] + (pigeonholes if rng.uniform() < .6 else [box(.9, .36, .012).moved(0, -.02, .74).of(1)])
    elif form == 2:  # a bureau: a slope over drawers
        side = plate([(-.24, 0), (.24, 0), (.24, .36), (.1, .36), (-.24, .06)], .86, 0)
        x, y, z = side.points.T  # the grain runs from end to end
        side = replace(side, uv=np.stack([x + y, z], axis=1)).turned("x", 90).turned("z", 90).moved(-.43, 0, .78)
        parts = [box(.86, .48, .74).moved(z=.06), side] + [box(.1, .1, .08).moved(x * .38, y * .19) for x, y in CORNERS]
        parts += [part for z in (.1, .32, .54) for part in (*front(0, z, .8, .2, -.245), *(ball(.02).moved(x, -.26, z + .1) for x in (-.26, .26)))]
    else:  # a roll-top
        parts += drawers + [vault(1.06, .5, .32).moved(0, .02, .74)]
        parts += [box(1.04, .01, .01).moved(0, .02 - .25 * np.cos(a), .74 + .32 * np.sin(a)) for a in np.linspace(.1, 1.4, 9)]
        parts += [ball(.018).moved(x, -.23, .8) for x in (-.2, .2)]
    return Thing(join(parts).grounded(), made + ("leather",), azimuth=40, elevation=(14, 28))


@kind("bed", "furniture", "oak + linen 3, walnut + silk 1, pine + wool 2, iron + cotton 1", .5)
def bed(rng, made):
    form = 3 if made[0] == "iron" else rng.integers(4)
    parts = [box(.85, 1.35, .12).moved(z=.28), box(.8, 1.3, .12, .05).moved(z=.4).of(1), box(.6, .26, .1, .05).moved(0, .48, .52).of(1)]
    if form == 2:  # a sleigh: both ends roll outwards
        for s, high in ((1, .95), (-1, .75)):
            z, y = np.meshgrid(np.linspace(0, 1, 14), [-.43, .43], indexing="ij")
            away = .66 + .26 * z ** 3
            parts.append(join([sheet(np.stack([y, s * away + t, .1 + high * z - .1 * z], 2)) for t in (-.02, .02)]))
            parts += [sweep([(x, s * .66, .1), (x, s * .69, .1 + high * .45), (x, s * .92, high)], .03) for x in (-.43, .43)]
            parts.append(bar((-.45, s * .93, high), (.45, s * .93, high), .045))
        return Thing(join(parts + [box(.1, .1, .28).moved(x * .38, y * .6) for x, y in CORNERS]), made, azimuth=60, elevation=(16, 30))
    ends = ((.69, 1.25 if form == 1 else .95), (-.69, 1.25 if form == 1 else .6))
    if form == 3:  # bars between the posts
        parts += [bar((x, y, .3), (x, y, h), .012) for y, h in ends for x in np.linspace(-.34, .34, 7)]
        parts += [bar((-.42, y, z), (.42, y, z), .02) for y, h in ends for z in (.3, h)]
    else:
        parts += [box(.88, .05, h if form == 0 else .8 if y > 0 else .5).moved(0, y) for y, h in ends]
    parts += [turn([(.04, 0), (.045, h), (.03, h + .02), (.05, h + .06), (0, h + .1)] if form != 1 else
                   [(.04, 0), (.04, .4), (.025, .46), (.045, .6), (.02, .9), (.03, h), (0, h)], sections=16).moved(x, y) for x in (-.42, .42) for y, h in ends]
    if form == 1:  # four posts and a canopy with a valance
        parts += [box(.94, 1.48, .05).moved(z=1.25), *(box(.92, .02, .14).moved(0, y, 1.12).of(1) for y in (-.73, .73)),
                  *(box(.02, 1.44, .14).moved(x, 0, 1.12).of(1) for x in (-.46, .46))]
    return Thing(join(parts), made, azimuth=60, elevation=(14, 30))


@kind("cradle", "furniture", "pine + linen 2, oak + linen 3, wicker + cotton 2", .6, "ethnography")
def cradle(rng, made):
    form = 3 if made[0] == "wicker" and rng.uniform() < .4 else rng.integers(4)
    inner = box(.5, .9, .12, .05).moved(z=.18).of(1)
    pillow = box(.36, .2, .08, .04).moved(0, .32, .29).of(1)
    rockers = [sweep([(-.44, y, .14), (-.2, y, .03), (.2, y, .03), (.44, y, .14)], .03, flat=.7) for y in (-.38, .38)]
    body = loft([(0, .24, .46), (.3, .34, .54)], square=9, ends=False, sections=44).moved(z=.14)
    bottom = box(.46, .88, .04).moved(z=.13)
    parts = [body, body.scaled(.96, .97, 1), bottom, inner, pillow]
    if form == 0:  # a hood over the head
        x, angle = np.meshgrid([.22, .6], np.linspace(0, np.pi, 14))
        hood = sheet(np.stack([-.36 * np.cos(angle), x, .42 + .34 * np.sin(angle)], 2))
        gable = turn([(1, 0), (0, 0)], flat=True).bent(lambda p: np.maximum(p, [-9, 0, -9])).scaled(.36, .34, 1).turned("x", 90).moved(0, .58, .42)
        parts += [hood, hood.scaled(.96, 1, .99), gable] + rockers
    elif form == 1:  # tall boards at the head and the foot, knobs on the corners
        parts += [board([(-.28, 0), (.28, 0), (.36, h - .1), (.2, h), (-.2, h), (-.36, h - .1)], .04).moved(0, y, .12) for y, h in ((.53, .62), (-.49, .42))] + rockers
        parts += [sweep([(x * .26, y * .5, .08), (x * .37, y * .54, .56)], [.025, .035]) for x, y in CORNERS]
    elif form == 2:  # slung between two posts on feet
        parts = [part.moved(z=.22) for part in parts]
        parts += [bar((0, y, .05), (0, y, .92), .035) for y in (-.64, .64)] + [box(.6, .08, .07).moved(0, y) for y in (-.64, .64)]
        parts += [box(.06, 1.28, .05).moved(z=.08)] + [bar((x, y, .62), (0, y * 1.15, .86), .014) for x in (-.3, .3) for y in (-.54, .54)]
    else:  # sticks along the sides
        parts = [box(.56, .98, .05).moved(z=.14), inner, pillow] + rockers
        parts += [bar((x * .27, y, .16), (x * .34, y, .52), .014) for x in (-1, 1) for y in np.linspace(-.42, .42, 8)]
        parts += [bar((x * .34, -.5, .52), (x * .34, .5, .52), .026) for x in (-1, 1)]
        parts += [board([(-.28, 0), (.28, 0), (.35, .4), (.1, h), (-.1, h), (-.35, .4)], .04).moved(0, y, .14) for y, h in ((.5, .6), (-.47, .44))]
    return Thing(join(parts).grounded(), made, azimuth=65, elevation=(18, 34))


@kind("clock", "tool", "oak 2, walnut 2, mahogany 2, brass 2, marble 1, gold .7", 1.1)
def clock(rng, made):
    dial = Skin((-.22, .22, -.22, .22), *dial_face(rng), gloss=.5)
    face = turn([(.235, 0), (.235, .02), (.21, .03), (.21, .02), (0, .02)]).of(1)
    body, centre, scale = one_of(rng, (long_case, table_case, hat, drum, lantern_clock, portico, sunburst, lyre))(rng)
    disc = join([face, sheet_disc(.21).moved(z=.025).of(2)]).turned("x", 90).scaled(scale).moved(*centre)
    return Thing(join([*body, disc]), made + ("brass", "porcelain"), {2: dial}, azimuth=28, elevation=(3, 16))


def long_case(rng):
    """A grandfather's: the parts of its case, where the dial is, and how large."""
    hood = one_of(rng, [box(.58, .28, .06), loft([(0, .29, .14), (.06, .29, .14), (.2, .1, .06), (.24, 0, 0)], square=6),
                        board([(-.29, 0), (.29, 0), (.22, .14), (.1, .08), (0, .2), (-.1, .08), (-.22, .14)], .2).moved(0, .1)])
    return [box(.4, .18, 1.5), box(.56, .24, .36), box(.5, .24, .5).moved(z=1.45), hood.moved(z=1.92), *front(0, .5, .28, .8, -.1)], (0, -.125, 1.68), .95


def table_case(rng):
    top = loft([(0, .34, .15), (.06, .32, .14), (.2, .14, .08), (.24, 0, 0)], square=4)
    handle = sweep([(-.1, 0, .9), (-.09, 0, 1.03), (.09, 0, 1.03), (.1, 0, .9)], .018)
    return [box(.62, .26, .62).moved(z=.08), box(.7, .32, .08), sawn(top).moved(z=.7), handle], (0, -.135, .4), 1.1


def hat(rng):
    """A mantel's, low and wide or pointed."""
    wide = rng.uniform(.42, .6)
    sides = one_of(rng, [[(0, wide, .12), (.1, wide * .86, .12), (.35, .3, .12), (.62, .27, .12), (.74, .12, .1), (.76, 0, 0)],
                         [(0, .34, .12), (.45, .32, .12), (.72, .16, .12), (.92, .0, .0)]])
    return [sawn(loft(sides, square=3.5)), box(2.1 * sides[0][1], .3, .06)], (0, -.125, .42), 1.0


def drum(rng):
    return [sawn(turn([(.3, 0), (.36, .05), (.36, .08), (0, .1)])), turn([(0, 0), (.3, 0), (.3, .2), (0, .2)]).turned("x", 90).moved(0, .1, .42),
            ball(.05).moved(0, 0, .76)], (0, -.105, .42), 1.05


def lantern_clock(rng):
    """Four pillars round the works, and a bell on top."""
    posts = [turn([(.04, 0), (.03, .05), (.03, .56), (.05, .6), (.02, .66), (.03, .72), (0, .78)], sections=12).moved(x * .26, y * .2) for x, y in CORNERS]
    bell = turn([(.22, .78), (.2, .84), (.12, .94), (0, .98)])
    straps = [sweep([(x * .26, y * .2, .7), (x * .18, y * .14, .92), (0, 0, 1.04)], .016) for x, y in CORNERS]
    return [*posts, box(.56, .44, .05).moved(z=.04), box(.56, .44, .05).moved(z=.58), box(.44, .34, .54).moved(z=.06), bell, *straps,
            ball(.05).moved(z=1.06)], (0, -.225, .34), 1.15


def portico(rng):
    """The works hang between columns."""
    columns = [turn([(.07, 0), (.07, .04), (.045, .06), (.04, .6), (.07, .64), (.07, .68)], sections=16).moved(x * .3, y * .08, .1) for x, y in CORNERS]
    works = turn([(0, 0), (.21, 0), (.21, .16), (0, .16)]).turned("x", 90).moved(0, .08, .56)
    return [*columns, box(.8, .36, .1), box(.8, .34, .1).moved(z=.78), works, bar((0, 0, .4), (0, 0, .18), .012), ball(.06, 16).scaled(1, .4, 1).moved(0, 0, .2)], (
        0, -.085, .56), .86


def sunburst(rng):
    rays = [sweep([(.24 * np.cos(a), 0, .24 * np.sin(a)), (r * np.cos(a), 0, r * np.sin(a))], [.035, .004], sections=8).moved(0, .02, .56)
            for a, r in zip(np.arange(32) * np.pi / 16, np.tile([.52, .4], 16))]
    stand = [turn([(.24, 0), (.24, .03), (.06, .08), (.04, .1)]), bar((0, .03, .06), (0, .03, .5), .03)]
    return [*rays, turn([(0, 0), (.26, 0), (.26, .08), (0, .08)]).turned("x", 90).moved(0, .05, .56), *stand], (0, -.035, .56), .95


def lyre(rng):
    """Two curved arms carry it over a base."""
    arms = [sweep([(s * .06, 0, .08), (s * .34, 0, .34), (s * .34, 0, .62), (s * .24, 0, .84), (s * .32, 0, 1.0)], [.05, .06, .05, .04, .05]) for s in (-1, 1)]
    works = turn([(0, 0), (.26, 0), (.26, .14), (0, .14)]).turned("x", 90).moved(0, .07, .46)
    return [*arms, works, box(.6, .3, .09), bar((-.26, 0, .84), (.26, 0, .84), .03)], (0, -.075, .46), 1.05


def sheet_disc(radius: float):
    """A flat disc with plain x, y as texture coordinates."""
    angle, reach = np.meshgrid(np.linspace(0, 2 * np.pi, 41), np.array([1.0, .5, 0.0]) * radius)
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle), 0 * angle], 2)
    return sheet(points, points[..., :2])


def dial_face(rng, size: int = 128):
    """Hours, minutes and hands on white: linear colour (h, w, 3) and its cover."""
    image = Image.new("RGB", (size, size), (238, 234, 222))
    pen, c = ImageDraw.Draw(image), size / 2

    def line(angle, start, end, colour, width):
        pen.line([(c + c * reach * np.sin(angle), c - c * reach * np.cos(angle)) for reach in (start, end)], colour, width)
    for i in range(60):
        line(np.pi * i / 30, *((.88, .93, (25, 25, 30), 1) if i % 5 else (.74, .93, (25, 25, 30), 5)))
    hour = rng.uniform(0, 12)
    for angle, reach, width in ((hour * np.pi / 6, .45, 6), (hour * 2 * np.pi, .7, 4)):
        line(angle, -.1, reach, (20, 20, 40), width)
    pen.ellipse([c - 5, c - 5, c + 5, c + 5], (20, 20, 30))
    return np.float32(np.asarray(image) / 255) ** 2.2, None


@kind("wheel", "tool", "oak + iron 3, pine + iron 1", .4)
def wheel(rng, made):
    form = rng.integers(5)
    tyre = torus(.52, .02, flat=2.2).turned("x", 90).of(1)
    rim = torus(.47, .05, flat=.8).turned("x", 90)
    hub = turn([(0, -.14), (.08, -.14), (.12, 0), (.08, .14), (0, .14)]).turned("x", 90)
    if form == 0:  # a solid one of three planks, held by battens
        cuts = [box(.012, .01, .9).moved(x, s * .055, -.45) for x in (-.17, .17) for s in (-1, 1)]
        parts = [turn([(0, -.05), (.5, -.05), (.5, .05), (0, .05)], flat=True).turned("x", 90), tyre, hub.scaled(.9)]
        parts += [box(.84, .04, .09).moved(0, s * .06, z) for z in (-.25, .16) for s in (-1, 1)] + [cut.of(1) for cut in cuts]
    elif form == 1:  # a spinning wheel's: thin, with turned spokes
        spoke = turn([(.02, .05), (.03, .14), (.015, .18), (.035, .26), (.015, .32), (.02, .44)], sections=10, samples=20)
        parts = [spoke.turned("y", a) for a in np.arange(0, 360, 30)] + [torus(.47, .032, flat=1.6).turned("x", 90), hub.scaled(.6, .7, .6)]
    elif form == 2:  # a mill's: cogs round a broad rim, on crossed beams
        parts = [box(.1, .08, .94).moved(z=-.47).turned("y", a) for a in (0, 90)] + [torus(.43, .06, flat=1.1).turned("x", 90), hub]
        parts += [box(.05, .1, .1).moved(z=.46).turned("y", a) for a in np.arange(0, 360, 15)]
    else:
        count = int(rng.choice([4, 6, 8])) if form == 3 else int(rng.integers(10, 15))
        wide = .075 if form == 3 else .045
        parts = [box(wide, .05, .45).turned("y", a) for a in np.arange(count) * 360 / count] + [rim, tyre, hub]
    return Thing(join(parts).turned("x", float(rng.uniform(-12, -4))).grounded(), made, azimuth=45, elevation=(4, 18))


@kind("mirror", "furniture", "walnut + steel 2, gold + steel 3, silver + steel 2, bronze + bronze 1", .8, "decorative arts")
def mirror(rng, made):
    form, tall = rng.integers(2 if made[0] == "bronze" else 7), rng.uniform(1, 1.35)
    if form in (3, 4):  # a frame with straight sides and a crest, or an arched one
        wide, high = .36, .36 * rng.uniform(1.2, 1.7)
        arc = np.linspace(0, np.pi, 16) if form == 3 else np.array([0, np.pi])
        bow = np.stack([wide * np.cos(arc), high + .9 * wide * np.sin(arc)], 1)
        edge = np.concatenate([[(-wide, -high), (wide, -high)], bow])
        rim = sweep([(x, y, .03) for x, y in np.concatenate([edge, edge[:1]])], .055, smooth=False, flat=.7)
        parts = [rim, plate(edge, .02, .05, centre=(0, 0)).of(1)] + [ball(.06, 16).moved(x, y, .03) for x, y in edge[[0, 1, 2, -1]]]
        if form == 4:
            crest = np.array(one_of(rng, [[(.36, 0), (.3, .1), (.12, .14), (.06, .26)], [(.3, 0), (.24, .12), (.1, .2)], [(.2, 0), (.22, .12), (.08, .16), (.04, .24)]]))
            parts.append(plate(np.concatenate([crest, (crest * [-1, 1])[::-1]]), .05, .5, centre=(0, .04)).moved(0, high + .03))
    else:
        sides, ray = (8 if form == 5 else 56), form == 6
        rim = torus(.4, .06 if form != 6 else .045, sides).turned("z", 22.5).bent(lambda p: p * np.float32([1, tall, 1]))
        parts = [rim, sheet_disc(.38).scaled(1, tall, 1).moved(z=.02).of(1)]
        if ray:
            parts += [sweep([(.42 * np.cos(a), .42 * tall * np.sin(a), .03), (r * np.cos(a), r * tall * np.sin(a), .02)], [.045, .006], sections=8)
                      for a, r in zip(np.arange(36) * np.pi / 18, np.tile([.72, .58], 18))]
        elif rng.uniform() < .6:
            parts += [ball(.045).moved(.42 * np.cos(a), .42 * tall * np.sin(a), .03) for a in np.linspace(0, 2 * np.pi, int(rng.integers(8, 22)), False)]
        if form < 2:  # to hold in the hand
            end = -.42 * tall - np.array([[0, .18, .5], [0, .08, .24]])[form] * rng.uniform(.9, 1.1)
            parts.append(sweep([(0, y, .02) for y in end], ([.05, .04, .06], [.1, .05, .02])[form]))
            parts += [torus(.05, .02, 24).moved(0, end[-1] - .05, .02)] if form and rng.uniform() < .6 else []
    return Thing(join(parts).grounded().moved(z=.01), made, azimuth=0, elevation=(70, 88), roll=4)
