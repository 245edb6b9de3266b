"""Musical instruments."""

from itertools import pairwise

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.solids import ball, box, join, plate, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor


def strings(count, low, high, spread, taper=.75):
    """Strings from the tailpiece at low (y, z) to the nut at high, closer together there."""
    return [sweep([(x, *low), (x * taper, *high)], .0045, sections=4, samples=3).of(2)
            for x in np.linspace(-spread, spread, count)]


def mirrored(half):
    """A whole outline from its right half, drawn from the bottom up."""
    half = curve(half, 44)
    return np.concatenate([half, (half * [-1, 1])[::-1]])


def table(outline, marks, edge: float = .93, size: int = 160):
    """A front painted with dark lines: inlay along its edge and `marks(pen, at)`; `at` takes points to the canvas."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    image, pen = decor.canvas(size, int(size * (high[1] - low[1]) / (high[0] - low[0])))

    def at(points):
        x, y = ((np.asarray(points) - low) / (high - low)).T
        return list(zip(x * image.width, (1 - y) * image.height))

    middle = outline.mean(axis=0)
    if edge:
        ring = at(middle + edge * (outline - middle))
        pen.line(ring + ring[:1], 150, 2)
    marks(pen, at)
    return Skin((low[0], high[0], low[1], high[1]), np.zeros((1, 1, 3), np.float32) + .012, decor.mask(image))


def pegs(places, reach: float, z: float, slot: int = 1):
    """Tuning pegs that stick out sideways: (side, y)."""
    return [join([sweep([(s * .02, y, z), (s * reach, y, z)], .01, samples=3),
                  ball(.023, 10).scaled(.7, 1, .6).moved(s * reach, y, z)])
            .of(slot) for s, y in places]


FIDDLES = {
    "violin": [(0, 0), (.11, .004), (.186, .07), (.212, .16), (.196, .245), (.178, .285), (.178, .285), (.134, .315), (.113, .38),
               (.122, .435), (.152, .472), (.152, .472), (.162, .51), (.172, .575), (.155, .665), (.09, .712), (0, .72)],
    "viol": [(0, 0), (.13, .004), (.2, .05), (.225, .15), (.205, .24), (.17, .28), (.17, .28), (.125, .32), (.11, .38),
             (.125, .44),
             (.158, .47), (.158, .47), (.17, .53), (.15, .61), (.08, .7), (.035, .82), (0, .84)],
    "pochette": [(0, 0), (.04, .01), (.085, .1), (.1, .24), (.085, .42), (.05, .6), (.03, .72), (0, .74)],
    "guitar fiddle": [(0, 0), (.12, .01), (.19, .08), (.205, .18), (.17, .29), (.125, .38), (.13, .46), (.165, .54), (.16, .64),
                      (.08, .715),
                      (0, .72)],
}
"""Right halves of the bodies of bowed instruments."""


@kind("violin", "musical_instruments", "beech + ebony 3, walnut + ebony 2", 1.0, "music")
def violin(rng, made):
    form = str(rng.choice(list(FIDDLES), p=(.62, .18, .1, .1)))
    outline = mirrored(FIDDLES[form])
    wide, deep, top = float(rng.uniform(.95, 1.12)), float(rng.choice([.08, .1, .14])), outline[:, 1].max()
    outline = outline * [wide, 1]
    nut, hole = 1.12 if form != "viol" else 1.16, .062 if form == "pochette" else .092

    def marks(pen, at):
        for s in (-1, 1):
            if form == "viol":
                f = [(s * (hole - .03 * np.sin(t)), .37 + .07 * np.cos(t)) for t in np.linspace(0, np.pi, 12)]
            else:
                f = curve([(s * (hole + x), y) for x, y in ((-.026, .435), (-.034, .45), (-.03, .462), (-.016, .455),
                                                            (-.008, .42), (0, .37),
                                                            (.01, .32), (.02, .295), (.032, .295), (.036, .308), (.026, .315))],
                                                            30)
            pen.line(at(f), 255, 5, joint="curve")

    body = plate(outline, deep, .16, centre=(0, .36), dome=.055).of(4)
    face, z = deep + .055, deep + .075
    board = plate(np.array([(-.036, .47), (.036, .47), (.027, nut), (-.027, nut)]), .022, .08).moved(z=z - .012).of(1)
    neck = sweep([(0, top - .03, deep * .8), (0, top + .06, z - .05), (0, nut + .02, z - .045)], [.05, .03, .028], samples=10,
                 flat=.8)
    box_ = sweep([(0, nut, z - .03), (0, nut + .12, z - .04), (0, nut + .19, z - .05)], [.03, .027, .017], samples=10)
    eye = turn([(0, -.042), (.018, -.042), (.026, -.02), (.036, 0), (.026, .02), (.018, .042), (0, .042)], sections=20,
               samples=16)
    scroll = eye.turned("y", 90).moved(0, nut + .215, z - .045)
    bridge = plate(np.array([(-.052, 0), (-.014, .012), (.014, .012), (.052, 0), (.04, .06), (-.04, .06)]), .014, .1,
                   centre=(0, .03))
    tail = plate(np.array([(-.018, .0), (.018, .0), (.038, .2), (-.038, .2)]), .016).moved(0, .015, face + .005).of(1)
    rest = [ball(.05, 14).scaled(1.3, .8, .4).moved(-.08, .035,
                                                    face - .02).of(1)] if rng.uniform() < .5 and form == "violin" else []
    places = [(-1, nut + .04), (1, nut + .075), (-1, nut + .11), (1, nut + .145)]
    parts = [body, board, neck, box_, scroll, bridge.turned("x", 90).moved(0, .365, face - .008).of(3), tail] + rest
    parts += pegs(places, .1, z - .035) + strings(4, (.2, face + .025), (nut, z + .016), .026)
    parts.append(sweep([(0, -.002, deep * .6), (0, -.03 if form != "viol" else -.16, deep * .6)], .012, samples=3).of(1))
    if rng.uniform() < .45:
        x, side = .34 * wide, float(rng.choice([-1, 1]))
        bow = [sweep([(x, -.02, .04), (x + .012, .5, .04), (x + .004, 1.1, .04), (x, 1.28, .04), (x - .035, 1.31, .04)],
                     [.013, .012, .01, .012, .012]),
               box(.03, .085, .035).moved(x - .012, .06, .02).of(1), box(.008, 1.24, .016).moved(x - .03, .67, .028).of(3)]
        parts += [m.scaled(side, 1, 1) if side > 0 else m.turned("z", 180).moved(0, 1.28) for m in bow]
    varnish = table(outline, marks, 0 if form == "pochette" else .93)
    return Thing(join(parts), made + ("lead", "boxwood", made[0]), {4: varnish}, azimuth=0, elevation=(66, 88), roll=30, fill=.88)


def fretted(rng, outline, deep, centre, rose, neck, frets, courses, bridge_y, marks=None, edge=.95):
    """Front, soundhole, neck with frets, bridge and strings of a plucked instrument; the front is slot 4."""
    nut, half = neck
    body = plate(outline, deep, .03, centre=centre).of(4)
    parts = [body, box(2 * half, nut - outline[:, 1].max() + .18,
                       .025).moved(0, (nut + outline[:, 1].max() - .18) / 2, deep).of(1)]
    y0 = outline[:, 1].max() - .12
    fret_at = nut - (nut - y0) * (1 - .88 ** np.arange(1, frets + 1)) / (1 - .88 ** (frets + 1))
    parts += [box(2 * half, .011, .006).moved(0, y, deep + .024).of(3) for y in fret_at]
    if rose:
        at, radius = rose
        parts += [turn([(0, 0), (radius, 0), (radius, .003), (0, .003)], flat=True).moved(0, at, deep).of(3)]
        parts += [torus(radius * r, .008, 32, .5).moved(0, at, deep + .003).of(1)
                  for r in ((1.15, .66, .3) if edge < .95 else (1.2,))]
    parts += [box(.17, .028, .024).moved(0, bridge_y, deep).of(1)]
    parts += strings(courses, (bridge_y, deep + .03), (nut, deep + .042), half * .78, .95)
    return parts, {4: table(outline, marks or (lambda pen, at: None), edge)}


GUITARS = (  # half outline, depth, soundhole (y, size), neck (nut, half width), inlay
    ([(0, 0), (.16, .005), (.26, .08), (.29, .21), (.25, .36), (.185, .48), (.19, .58), (.22, .68), (.19, .78), (.09, .82),
      (0, .825)],
     .16, (.5, .085), (1.42, .042), .96),
    ([(0, 0), (.12, .004), (.2, .07), (.215, .18), (.185, .33), (.155, .45), (.16, .56), (.18, .66), (.15, .77), (.07, .82),
      (0, .825)],
     .14, (.5, .07), (1.4, .04), .9),
    ([(0, 0), (.15, .01), (.26, .1), (.3, .24), (.28, .38), (.2, .52), (.09, .64), (.04, .7), (0, .7)],
     .12, (.36, .085), (1.3, .034), .92),
    ([(0, 0), (.18, .005), (.3, .09), (.32, .22), (.27, .36), (.2, .47), (.21, .58), (.25, .68), (.22, .78), (.1, .83),
      (0, .835)],
     .14, None, (1.42, .04), .96),
)


@kind("guitar", "musical_instruments", "pine + walnut 3, mahogany + ebony 1", .6, "music")
def guitar(rng, made):
    form = int(rng.choice(4, p=(.4, .25, .2, .15)))
    half, deep, rose, neck, inlay = GUITARS[form]
    outline, nut = mirrored(half), neck[0]

    def marks(pen, at):
        for s in (-1, 1):
            if form == 3:
                pen.line(at([(s * .12, .5), (s * .15, .46), (s * .14, .36), (s * .17, .3), (s * .2, .33)]), 255, 6, joint="curve")

    parts, skins = fretted(rng, outline, deep, (0, .4), rose, neck, 10, (6, 5, 5, 6)[form], .17, marks, inlay)
    shape = ([(-.045, 0), (.045, 0), (.075, .07), (.07, .28), (-.07, .28), (-.075, .07)],
             [(-.045, 0), (.045, 0), (.06, .12), (.09, .27), (0, .3), (-.09, .27), (-.06, .12)])[form in (1, 2)]
    places = [(s, nut + y) for s in (-1, 1) for y in (.09, .155, .22)]
    parts += [plate(np.array(shape), .03).moved(0, nut, deep - .01).of(1)] + pegs(places, .11, deep + .005)
    return Thing(join(parts), made + ("lead", "jet", made[0]), skins, azimuth=0, elevation=(66, 88), roll=30, fill=.9)


LUTES = {  # half outline, soundhole, neck (nut, half width), frets, courses
    "lute": ([(0, -.02), (.1, -.012), (.22, .03), (.29, .15), (.295, .3), (.24, .5), (.13, .68), (.045, .78), (0, .78)],
             (.43, .085), (1.24, .045), 7, 6),
    "theorbo": ([(0, -.02), (.1, -.012), (.2, .03), (.265, .15), (.27, .3), (.21, .48), (.11, .63), (.04, .72), (0, .72)],
                (.4, .08), (1.05, .05), 6, 7),
    "oud": ([(0, -.02), (.14, -.01), (.28, .06), (.34, .2), (.33, .36), (.24, .54), (.11, .68), (.04, .75), (0, .75)],
            (.46, .1), (1.06, .036), 0, 5),
    "long-necked lute": ([(0, 0), (.09, .01), (.15, .08), (.16, .19), (.12, .32), (.05, .45), (.02, .5), (0, .5)],
                         None, (1.45, .026), 9, 3),
}


@kind("lute", "musical_instruments", "pine + walnut 2, pine + ebony 1", .5, "music")
def lute(rng, made):
    form = str(rng.choice(list(LUTES), p=(.4, .22, .22, .16)))
    half, rose, neck, frets, courses = LUTES[form]
    outline, nut, deep = mirrored(half), neck[0], .12

    def ribs(pen, at):
        for share in (-.8, -.48, -.16, .16, .48, .8):
            pen.line(at(curve(half, 30) * [share, 1]), 255, 3)

    if rng.uniform() < .18 and form != "theorbo":  # face down: the staves of its bowl
        bowl = plate(outline, .06, .06, centre=(0, .3), dome=.2).of(4)
        parts = [bowl, sweep([(0, outline[:, 1].max() - .06, .12), (0, nut, .06)], [.06, .038], samples=4).of(1)]
        skins = {4: table(outline, ribs, 0)}
        made = (made[1], *made[1:])
        bent = [sweep([(0, nut - .02, .06), (0, nut + .06, .08), (0, nut + .06, .3)], [.042, .04, .026], flat=.7).of(1)]
        parts += bent + [p.turned("x", 90).moved(0, nut + .05, .04)
                         for p in pegs([(s, y) for s in (-1, 1) for y in (.1, .16, .22)], .09, 0)]
    else:
        def roses(pen, at):
            if form == "oud":
                for s in (-1, 1):
                    (x0, y0), (x1, y1) = at([(s * .17 - .045, .31), (s * .17 + .045, .22)])
                    pen.ellipse([x0, y0, x1, y1], 255)

        parts, skins = fretted(rng, outline, deep, (0, .32), rose, neck, frets, courses, .12, roses, .9 if form == "lute"
                               else .94)
        if form in ("theorbo", "long-necked lute"):
            long = .62 if form == "theorbo" else .26
            parts.append(sweep([(0, nut - .02, deep), (.02, nut + .4 * long, deep), (.02, nut + long, deep)], [.046, .034, .03],
                               flat=.7).of(1))
            parts += pegs([(s, nut + .06 + .07 * i) for s in (-1, 1) for i in range(3)], .1, deep)
            if form == "theorbo":
                parts += pegs([(s, nut + long - .03 - .06 * i) for s in (-1, 1) for i in range(2)], .1, deep)
                parts += [sweep([(-.06 - .02 * i, .12, deep + .03), (-.03 - .012 * i, nut + long - .1, deep + .03)], .004,
                                sections=4, samples=3)
                          .of(2) for i in range(3)]
        else:
            side = float(rng.choice([-1, 1]))
            head = sweep([(0, nut - .03, deep), (side * .03, nut + .06, deep - .01), (side * .2, nut + .1, deep - .04),
                          (side * .36, nut + .1, deep - .08)], [.046, .044, .036, .026], flat=.8).of(1)
            parts.append(head)
            parts += [join([sweep([(x, nut + .02, deep - .03), (x, nut + .19, deep - .03)], .01, samples=3),
                            ball(.022, 8).moved(x, nut + .2, deep - .03)]).of(1) for x in side * np.linspace(.1, .32, 5)]
    mesh = join(parts).grounded()
    return Thing(mesh, made + ("horn", "jet", made[0]), skins, azimuth=0, elevation=(62, 86), roll=30, fill=.88)


DRUMS = {  # profile of the body, radius of the head; z of the head is the profile's last
    "goblet": [(.26, 0), (.25, .03), (.16, .3), (.14, .42), (.22, .55), (.36, .72), (.38, .92)],
    "kettle": [(.05, .2), (.22, .24), (.36, .38), (.41, .56), (.42, .68)],
    "pegged": [(.27, 0), (.28, .04), (.2, .1), (.2, .16), (.3, .24), (.33, .6), (.31, 1.0)],
}


def footed_drum(rng, made, form: str) -> Thing:
    """A drum with one head: a goblet, a kettledrum on three legs, or a tall one whose skin is held by pegs."""
    profile = DRUMS[form]
    radius, top = profile[-1]
    parts = [turn([(0, profile[0][1]), *profile], sections=48)]
    parts.append(turn([(radius, top - .06), (radius + .012, top - .03), (radius, top + .01), (0, top + .012)], flat=True).of(1))
    angle = np.linspace(0, 2 * np.pi, int(rng.integers(10, 15)))[:-1]
    if form == "kettle":
        parts += [torus(radius, .025, 48).moved(z=top - .05)]
        parts += [sweep([(.44 * np.cos(a), .44 * np.sin(a), top + .02), (.44 * np.cos(a), .44 * np.sin(a), top - .2)], .014,
                        samples=3) for a in angle[::2]]
        parts += [sweep([(.3 * np.cos(a), .3 * np.sin(a), .4), (.4 * np.cos(a), .4 * np.sin(a), .15),
                         (.46 * np.cos(a), .46 * np.sin(a), 0)], [.03, .025, .03],
                        samples=12) for a in (.5, 2.6, 4.7)]
    elif form == "goblet":
        parts += [torus(radius - .005, .016, 48).moved(z=top - .09).of(2), torus(.145, .02, 32).moved(z=.42).of(2)]
        low = np.array([.27, .27, .56]) / [1, 1, 1]
        ring = [(*(np.array([np.cos(a), np.sin(a)]) * (radius + .008 if i % 2 else low[0])), top - .09 if i % 2 else low[2])
                for i, a in enumerate(np.linspace(0, 2 * np.pi, 33))]
        parts += [sweep([p, q], .009, sections=6, samples=3).of(2) for p, q in pairwise(ring)]
    else:
        pin = sweep([(.29, 0, top - .2), (.42, 0, top - .1)], [.018, .026], samples=3)
        parts += [pin.turned("z", np.degrees(a)) for a in angle] + [torus(radius + .005, .012, 40).moved(z=top - .08).of(2)]
        parts += [torus(.325, .014, 40).moved(z=z) for z in (.3, .36, .6)]
    return Thing(join(parts), made + ("linen",), azimuth=90, elevation=(10, 28))


@kind("drum", "musical_instruments", "oak + parchment 3, brass + parchment 2, terracotta + leather 1, walnut + leather 1", .9,
      "music")
def drum(rng, made):
    form = str(rng.choice(["hooped", "goblet", "kettle", "pegged"], p=(.55, .15, .15, .15)))
    if form != "hooped":
        return footed_drum(rng, made, form)
    tall, waist = rng.uniform(.35, .9), rng.choice([1.0, 1.0, .6, 1.12])
    shoulder = .36 * (waist + 1) / 2
    body = turn([(.36, 0), (shoulder, .2 * tall), (.36 * waist, .5 * tall), (shoulder, .8 * tall), (.36, tall)])
    head = turn([(.37, tall - .05), (.38, tall - .01), (.36, tall + .01), (0, tall + .012)], flat=True).of(1)
    angle = np.linspace(0, 2 * np.pi, 2 * int(rng.integers(7, 12)) + 1)
    if rng.uniform() < .25:
        jingle = turn([(0, -.01), (.05, 0), (0, .01)]).turned("x", 90).of(2)
        parts = [jingle.moved(.4 * np.cos(a), .4 * np.sin(a), .08) for a in angle[::3]]
        parts.append(turn([(.4, 0), (.42, .0), (.42, .16), (.4, .16)], sections=48))
        parts.append(turn([(.415, .15), (.41, .165), (0, .165)], flat=True).of(1))
        return Thing(join(parts), made + ("brass",), azimuth=90, elevation=(25, 60))
    path = [(.385 * np.cos(a), .385 * np.sin(a), .08 * tall if i % 2 else .94 * tall) for i, a in enumerate(angle)]
    slack = np.array([waist * 1.02 if waist < 1 else 1.04] * 2 + [1])
    cords = [sweep([p, (np.array(p) + q) / 2 * slack, q], .012, sections=6, samples=8).of(2) for p, q in pairwise(path)]
    hoops = [torus(.385, .025).moved(z=z) for z in (.05 * tall, .95 * tall)]
    return Thing(join([body, head] + cords + hoops), made + ("linen",), azimuth=90, elevation=(12, 34))


@kind("flute", "musical_instruments", "boxwood + ivory 3, ebony + silver 3, bone 1, bamboo 1", .8, "music")
def flute(rng, made):
    slot, form = len(made) - 1, str(rng.choice(["transverse", "recorder", "panpipes"], p=(.5, .32, .18)))
    hole = turn([(0, 0), (.02, 0), (.02, .004), (0, .004)], sections=14).of(2)
    if form == "recorder":
        body = turn([(.018, -.95), (.04, -.93), (.055, -.8), (.058, -.66), (.075, -.63), (.075, -.56), (.056, -.53),
                     (.052, -.1), (.05, .42), (.05, .42),
                     (.075, .45), (.075, .52), (.052, .55), (.05, .72), (.09, .82), (.085, .86), (0, .86)], sections=28,
                     samples=70).turned("y", 90)
        window = box(.07, .045, .02).moved(-.66, 0, .05).of(2)
        holes = [hole.moved(x, 0, .05) for x in (-.34, -.22, -.1, .04, .16, .28, .62)]
        rings = [torus(.068, .016, 26).turned("y", 90).moved(x).of(slot) for x in (-.6, .48, .83)]
        return Thing(join([body, window] + holes + rings).moved(z=.09), made + ("jet",) * (2 - slot), azimuth=0,
                     elevation=(46, 84), roll=40, fill=.84)
    if form == "panpipes":
        count, curved = int(rng.integers(7, 13)), float(rng.uniform(0, .06))
        parts = []
        for i in range(count):
            length, x = .95 - .62 * i / count, (i - count / 2) * .092
            tube = turn([(0, 0), (.044, 0), (.046, .02), (.044, length), (.034, length)], wall=.0, sections=18,
                        samples=10).turned("x", 90)
            parts += [tube.moved(x, .5, curved + .05 - curved * 4 * (i / count - .5) ** 2),
                      turn([(0, 0), (.034, 0), (0, .003)], sections=14).turned("x", -90).moved(x, .502, curved + .05 - curved * 4 * (i / count - .5) ** 2).of(2)]
        bar = [box(count * .095, .05, .03).moved(-.046, y, curved * .6 + .075).of(slot)
               for y in ((.36, .24) if rng.uniform() < .5 else (.34,))]
        return Thing(join(parts + bar).grounded(), made + ("jet",) * (2 - slot), azimuth=0, elevation=(52, 84), roll=25, fill=.8)
    tube = sweep([(-.9, 0, .05), (.9, 0, .05)], [.05, .044], samples=6, sections=18)
    rings = [torus(.052, .012, 24, 1.4).turned("y", 90).moved(x, 0, .05).of(slot) for x in (-.86, -.45, .1, .6, .88)]
    hole = turn([(0, 0), (.02, 0), (.02, .004), (0, .004)], sections=14).of(2)
    holes = [hole.moved(x, -.01, .097) for x in (-.62, -.18, -.06, .06, .26, .38, .5)]
    keys = [sweep([(x, -.03, .1), (x + .12, -.03, .105)], .012, samples=4).of(slot) for x in (.3, .62)] if slot else []
    return Thing(join([tube] + rings + holes + keys), made + ("jet",) * (2 - slot), azimuth=0, elevation=(40, 80), roll=40,
                 fill=.84)


@kind("horn", "musical_instruments", "brass 4, horn + silver 2, ivory + gold 1, bronze 1", .7, "music")
def horn(rng, made):
    slot = len(made) - 1
    if made[0] in ("horn", "ivory"):
        path = [(-.6, .0, .1), (-.35, -.2, .12), (.0, -.26, .14), (.35, -.12, .18), (.55, .2, .2)]
        body = sweep(path, [.03, .055, .085, .12, .17], samples=40, sections=20)
        bands = [torus(r, .016, 24).turned("y", 90).turned("z", t).moved(x, y, z).of(slot)
                 for r, t, x, y, z in ((.065, -28, -.3, -.22, .12), (.12, 28, .28, -.16, .17))]
        return Thing(join([body] + bands), made, azimuth=0, elevation=(35, 75), roll=15)
    form = str(rng.choice(["coil", "hand horn", "trumpet", "straight", "lur"], p=(.28, .22, .26, .12, .12)))
    if form in ("trumpet", "straight", "lur"):
        path, thick = {
            "trumpet": ([(-.9, .1, .06), (-.3, .1, .06), (.2, .1, .06), (.42, .09, .06), (.5, .0, .07), (.42, -.09, .09),
                         (.2, -.1, .09), (-.1, -.1, .09),
                         (-.3, -.09, .1), (-.38, .0, .12), (-.3, .09, .14), (-.1, .1, .14), (.4, .1, .14), (.72, .1, .14),
                         (.86, .1, .14), (.9, .1, .14)],
                        [.02, .022, .023, .023, .024, .024, .025, .025, .026, .027, .028, .03, .04, .065, .12, .18]),
            "straight": ([(-1, 0, .12), (-.3, 0, .12), (.4, 0, .12), (.75, 0, .12), (.9, 0, .12), (.95, 0, .12)],
                         [.02, .024, .03, .05, .09, .15]),
            "lur": ([(-.7, -.35, .05), (-.45, -.5, .06), (-.05, -.42, .08), (.15, -.05, .1), (.25, .35, .12), (.55, .5, .14),
                     (.8, .3, .16)],
                    [.02, .026, .034, .045, .06, .08, .1]),
        }[form]
        parts = [sweep(path, thick, samples=90, sections=18), sweep([np.array(path[0]) - [.05, .0, 0], path[0]], [.036, .02],
                                                                    samples=4)]
        if form == "trumpet":
            parts += [torus(.038, .012, 20).turned("y", 90).moved(x, .1, z) for x, z in ((-.2, .06), (.2, .06), (.5, .14))]
            parts += [sweep([(x, -.12, .1), (x, .12, .1)], .036, samples=4)
                      for x in ((-.02, .08, .18) if rng.uniform() < .5 else ())]
        elif form == "straight":
            parts += [ball(.06, 16).moved(x, 0, .12) for x in (-.4, .2)]
        else:
            parts.append(turn([(0, 0), (.18, .0), (.17, .02), (.1, .03)],
                              sections=32).turned("y", 90).turned("z", -48).moved(.8, .3, .16))
        return Thing(join(parts).grounded(), made, azimuth=0, elevation=(46, 82), roll=30, fill=.9)
    if form == "hand horn":
        t = np.linspace(.4, 6 * np.pi - 1.2, 70)
        coil = np.stack([.36 * np.cos(t), .36 * np.sin(t), .05 + .009 * t], 1)
        end, out = coil[-1], np.array([-np.sin(t[-1]), np.cos(t[-1]), 0])
        bell = sweep([end, end + .14 * out, end + .3 * out, end + .42 * out, end + .47 * out + [0, 0, .02]],
                     [.05, .065, .11, .22, .34], samples=26, sections=28)
        mouth = sweep([coil[0], coil[0] + [.06, -.18, 0], coil[0] + [.08, -.24, 0]], [.018, .016, .032], samples=10)
        return Thing(join([sweep(coil, np.linspace(.018, .05, 70), samples=130, sections=12), bell, mouth]).grounded(), made,
                     azimuth=0,
                     elevation=(52, 84), roll=60)
    t = np.linspace(0, 4 * np.pi, 40)
    coil = np.stack([.3 * np.cos(t), .3 * np.sin(t), .06 + .012 * t], 1)
    body = sweep(coil, np.linspace(.018, .045, 40), samples=110, sections=12)
    bell = sweep([(.3, 0, .21), (.33, .2, .22), (.35, .45, .23), (.36, .58, .23), (.36, .64, .23)],
                 [.045, .06, .1, .17, .25], samples=24, sections=24)
    mouth = sweep([(.3, 0, .06), (.3, -.25, .06), (.3, -.3, .06)], [.018, .016, .035], samples=10)
    return Thing(join([body, bell, mouth]), made, azimuth=0, elevation=(50, 84), roll=30)
