"""Musical instruments."""

from itertools import pairwise

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.solids import ball, box, join, plate, sweep, torus, turn
from ..render.studio import Thing


def strings(y0, y1, z0, z1, spread):
    return [sweep([(x, y0, z0), (x * 1.3, y1, z1)], .0055, sections=4, samples=3).of(2) for x in np.linspace(-spread, spread, 4)]


def waisted(upper, waist, lower, length):
    """Outline of a fiddle or guitar body, from the bottom up and back."""
    t = np.array([0, .06, .2, .36, .5, .6, .76, .92, 1.0])
    w = np.array([.25, .7, 1, .86, waist / lower, .8 * upper / lower, upper / lower, .6 * upper / lower, .12]) * lower
    half = curve(np.column_stack([w, t * length]), 40)
    return np.concatenate([half, (half * [-1, 1])[::-1]])


@kind("violin", "musical_instruments", "beech + ebony 3, walnut + ebony 2", 1.0, "music")
def violin(rng, made):
    body = plate(waisted(.17, .12, .21, .72), .1, .16, centre=(0, .33), dome=.05)
    neck = sweep([(0, .68, .12), (0, 1.1, .14)], [.035, .028], flat=.8)
    board = box(.065, .62, .02).moved(0, .78, .155).of(1)
    scroll = sweep([(0, 1.08, .13), (0, 1.24, .12), (0, 1.3, .07), (0, 1.25, .04)], [.03, .028, .04, .03])
    pegs = [sweep([(s * .02, y, .12), (s * .1, y, .12)], [.012, .022], samples=4).of(1) for s, y in ((-1, 1.12), (1, 1.15), (-1, 1.19), (1, 1.22))]
    bridge = box(.11, .018, .06).moved(0, .3, .14).of(3)
    tail = plate(np.array([(-.03, .03), (.03, .03), (.045, .22), (-.045, .22)]), .02).moved(z=.16).of(1)
    holes = [sweep([(s * .085, .36, .147), (s * .075, .31, .151), (s * .095, .26, .147)], .01, flat=1, sections=6, samples=10).of(1) for s in (-1, 1)]
    mesh = join([body, neck, board, scroll, bridge, tail] + pegs + holes + strings(.2, 1.1, .2, .17, .025))
    return Thing(mesh, made + ("silver", "boxwood"), azimuth=0, elevation=(62, 88), roll=35, fill=.88)


@kind("guitar", "musical_instruments", "pine + walnut 3, mahogany + ebony 1", .6, "music")
def guitar(rng, made):
    body = plate(waisted(.22, .18, .29, .82), .16, .03, centre=(0, .38))
    hole = turn([(0, 0), (.085, 0), (.085, .004), (0, .004)]).moved(0, .46, .162).of(3)
    rose = torus(.1, .012, 32, .4).moved(0, .46, .162).of(1)
    neck = box(.085, .72, .03).moved(0, 1.1, .155).of(1)
    head = plate(np.array([(-.05, 1.44), (.05, 1.44), (.08, 1.52), (.075, 1.72), (-.075, 1.72), (-.08, 1.52)]), .03).moved(z=.14).of(1)
    bridge = box(.24, .04, .03).moved(0, .2, .16).of(1)
    pegs = [ball(.02, 8).moved(s * .1, y, .15).of(2) for s in (-1, 1) for y in (1.53, 1.6, 1.67)]
    frets = [box(.087, .006, .01).moved(0, y, .185).of(2) for y in .78 + .68 * (1 - .9 ** np.arange(9))]
    mesh = join([body, hole, rose, neck, head, bridge] + pegs + frets + strings(.2, 1.45, .2, .19, .032))
    return Thing(mesh, made + ("silver", "jet"), azimuth=0, elevation=(64, 88), roll=35, fill=.9)


@kind("lute", "musical_instruments", "pine + walnut 2, pine + ebony 1", .5, "music")
def lute(rng, made):
    half = curve([(.06, -.02), (.2, .02), (.29, .16), (.3, .34), (.22, .56), (.1, .74), (.05, .8)], 36)
    body = plate(np.concatenate([half, (half * [-1, 1])[::-1]]), .16, .05, centre=(0, .34))
    rose = [torus(r, .012, 32, .4).moved(0, .44, .162).of(1) for r in (.05, .085)]
    rose.append(turn([(0, 0), (.08, 0), (.08, .003), (0, .003)]).moved(0, .44, .161).of(3))
    neck = box(.08, .5, .03).moved(0, 1.02, .155).of(1)
    peg_box = sweep([(0, 1.26, .16), (0, 1.36, .12), (0, 1.46, -.02)], [.045, .04, .03], flat=.7).of(1)
    pegs = [sweep([(-.08, y, z), (.08, y, z)], .012, samples=3).of(1) for y, z in ((1.31, .14), (1.36, .11), (1.4, .07), (1.43, .03))]
    bridge = box(.2, .03, .025).moved(0, .14, .16).of(1)
    mesh = join([body, neck, peg_box, bridge] + rose + pegs + strings(.14, 1.28, .195, .19, .034)).moved(z=.05)
    return Thing(mesh, made + ("horn", "jet"), azimuth=0, elevation=(60, 86), roll=35, fill=.88)


@kind("drum", "musical_instruments", "oak + parchment 3, brass + parchment 2, terracotta + leather 1, walnut + leather 1", .9, "music")
def drum(rng, made):
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
    slot = len(made) - 1
    tube = sweep([(-.9, 0, .05), (.9, 0, .05)], [.05, .044], samples=6, sections=18)
    rings = [torus(.052, .012, 24, 1.4).turned("y", 90).moved(x, 0, .05).of(slot) for x in (-.86, -.45, .1, .6, .88)]
    hole = turn([(0, 0), (.02, 0), (.02, .004), (0, .004)], sections=14).of(2)
    holes = [hole.moved(x, -.01, .097) for x in (-.62, -.18, -.06, .06, .26, .38, .5)]
    keys = [sweep([(x, -.03, .1), (x + .12, -.03, .105)], .012, samples=4).of(slot) for x in (.3, .62)] if slot else []
    return Thing(join([tube] + rings + holes + keys), made + ("jet",) * (2 - slot), azimuth=0, elevation=(40, 80), roll=40,
                 fill=.9)


@kind("horn", "musical_instruments", "brass 4, horn + silver 2, ivory + gold 1, bronze 1", .7, "music")
def horn(rng, made):
    slot = len(made) - 1
    if made[0] in ("horn", "ivory"):
        path = [(-.6, .0, .1), (-.35, -.2, .12), (.0, -.26, .14), (.35, -.12, .18), (.55, .2, .2)]
        body = sweep(path, [.03, .055, .085, .12, .17], samples=40, sections=20)
        bands = [torus(r, .016, 24).turned("y", 90).turned("z", t).moved(x, y, z).of(slot) for r, t, x, y, z in ((.065, -28, -.3, -.22, .12), (.12, 28, .28, -.16, .17))]
        return Thing(join([body] + bands), made, azimuth=0, elevation=(35, 75), roll=15)
    t = np.linspace(0, 4 * np.pi, 40)
    coil = np.stack([.3 * np.cos(t), .3 * np.sin(t), .06 + .012 * t], 1)
    body = sweep(coil, np.linspace(.018, .045, 40), samples=110, sections=12)
    bell = sweep([(.3, 0, .21), (.33, .2, .22), (.35, .45, .23), (.36, .58, .23), (.36, .64, .23)],
                 [.045, .06, .1, .17, .25], samples=24, sections=24)
    mouth = sweep([(.3, 0, .06), (.3, -.25, .06), (.3, -.3, .06)], [.018, .016, .035], samples=10)
    return Thing(join([body, bell, mouth]), made, azimuth=0, elevation=(50, 84), roll=30)
