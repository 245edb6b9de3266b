"""The human figure, for busts, statues, figurines, dolls, masks, coins and painted portraits.

A head is a skull, oval from above and tapering to the chin, whose radius is pushed in and out by
a few bumps (brow, nose, lips, chin, eye sockets); a body is a set of tapering bars round a trunk.
"""

from dataclasses import replace

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.materials import hexa
from ..render.solids import Mesh, ball, box, join, loft, sweep, turn
from ..render.studio import Skin, Thing

FRONT = -np.pi / 2


def _from_front(angle):
    """Radians from the front of the face, -pi to pi."""
    return (angle - FRONT + np.pi) % (2 * np.pi) - np.pi


def _bumps(shape, angle, height, hills):
    """Raise hills on a head: (degrees to either side of the front, share of its height, width, tallness, size).

    A negative size makes a hollow.
    """
    for at, level, width, tall, size in hills:
        hill = sum(np.exp(-((_from_front(angle) - side * np.radians(at)) / width) ** 2 - ((height - level) / tall) ** 2)
                   for side in ((1, -1) if at else (1,)))
        shape = shape + size * hill
    return shape


SKULL = ((0, .035, .035, 0, -.125), (.012, .068, .072, 0, -.108), (.05, .098, .108, 0, -.074),
         (.1, .12, .138, 0, -.045), (.16, .134, .162, 0, -.022), (.23, .152, .186, 0, -.002), (.3, .164, .2, 0, .01),
         (.37, .16, .196, 0, .018), (.43, .136, .168, 0, .026), (.47, .1, .124, 0, .032), (.495, .05, .062, 0, .036),
         (.505, 0, 0, 0, .036))
"""Height, half width, half depth and centre of the head's cross-sections, chin at 0 and face towards -y."""


FACE = ((21, .258, .17, .026, -.13), (22, .254, .1, .012, .05), (20, .303, .28, .016, .045), (46, .2, .25, .04, .045),
        (50, .11, .25, .04, -.03), (0, .125, .22, .012, .06), (0, .098, .19, .012, .055), (0, .112, .28, .007, -.1),
        (0, .075, .3, .014, -.03))
"""Eye sockets, eyes, brows, cheekbones, cheeks, lips, mouth and the hollow above the chin, as `_bumps` takes them."""


def head(rng=None, beard: float = 0.0, sections: int = 56, samples: int = 44) -> Mesh:
    """A head about 0.5 high, chin at z = 0, looking towards -y."""
    nose = 0.3 if rng is None else rng.uniform(.24, .36)
    jaw = 1.0 if rng is None else rng.uniform(.9, 1.12)
    stations = [(z, x * (jaw if z < .2 else 1), y, *centre) for z, x, y, *centre in SKULL]
    height = curve(stations, samples)[:, :1]
    # The nose stands out most at its tip and runs up between the brows.
    ridge = nose * np.interp(height, [.15, .172, .19, .265, .3], [0, .92, 1, .3, 0])

    def push(angle, share):
        face = 1 + ridge * np.exp(-(_from_front(angle) / np.interp(height, [.17, .27], [.15, .1])) ** 2)
        return _bumps(face, angle, height, (*FACE, (0, .035, .32, .03, .06 + .14 * beard), (92, .235, .15, .04, .13)))

    return loft(stations, sections=sections, samples=samples, push=push)


HAIRLINE = (0, 30, 50, 66, 80, 95, 180), (.415, .41, .38, .31, .23, .17, .12)
"""Height from which hair grows on `head`, by degrees from the front of the face."""


def hair(rng, style: str) -> list[Mesh]:
    """Hair for `head`: 'short', 'bun', 'long', 'cap' (a bonnet) or 'curls'."""
    low = {"long": -.12, "bun": .13}.get(style, .1)
    fall = [(-.12, .15, .12, 0, .05), (.08, .14, .15, 0, .03)] if style == "long" else [(low, .1, .13, 0, -.01)]
    stations = fall + [row for row in SKULL if row[0] > low + .05]
    height = curve(stations, 32)[:, :1]

    def grown(angle, share):
        front = np.degrees(np.abs(_from_front(angle)))
        line = np.interp(front, *HAIRLINE)
        if style == "long":
            line = np.where(front > 62, -.2, line)
        wave = .03 * np.sin(9 * angle + 40 * height) if style == "curls" else .018 * np.sin(18 * angle + 12 * height)
        # Under the hairline the shell hides inside the head.
        depth = np.interp((height - line) / .025, [-1, 0, 1, 3], [.78, 1.0, 1.07, 1.1])
        return depth + wave * (depth > 1.03)

    parts = [loft(stations, sections=56, push=grown)]
    if style == "bun":
        parts.append(ball(.09).scaled(1, .9, .9).moved(0, .22, .33))
    if style == "cap":
        bonnet = [(1.05 * z, 1.2 * x, 1.16 * y, 0, centre + .02) for z, x, y, _, centre in SKULL if z > .25]
        parts.append(loft([(.2, .17, .15, 0, .1)] + bonnet, push=lambda angle, share: 1 + .02 * np.sin(20 * angle)))
    return parts


def shoulders(drape: float = 0.0) -> Mesh:
    """Shoulders and chest below `head`."""
    def folds(angle, share):
        return 1 + drape * np.sin(7 * angle + 9 * share) * np.clip(.9 - share, 0, 1)
    return loft([(-.62, .29, .17), (-.45, .36, .195), (-.33, .42, .185), (-.26, .4, .165), (-.21, .31, .14),
                 (-.16, .19, .12, 0, .01), (-.12, .13, .112, 0, .015), (-.115, .1, .1, 0, .015)],
                square=2.2, push=folds)


def neck() -> Mesh:
    """A neck for `head` and `shoulders`, from collar bones to jaw."""
    return loft([(-.2, .15, .11, 0, .01), (-.13, .115, .108, 0, .012), (-.05, .097, .1, 0, .012),
                 (.08, .095, .1, 0, .02)], sections=24)


LEANING, HANGING = ((.14, .01, -.14), (.1, -.05, -.27)), ((.115, .01, -.14), (.12, -.05, -.27))
RAISED, PRAYING = ((.18, -.03, .08), (.17, -.05, .24)), ((.12, -.05, -.13), (.015, -.12, -.07))
RESTING = (.13, -.03, -.14), (.06, -.15, -.228)
ARMS = {"stand": (LEANING, HANGING), "raise": (RAISED, HANGING), "pray": (PRAYING, PRAYING), "sit": (RESTING, RESTING),
        "walk": (LEANING, HANGING)}
"""Elbow and hand of the arm on the side to which a figure leans, and of the other one, from its shoulder."""

POSES = tuple(ARMS)


def person(rng, pose: str = "stand", dress: bool = True, slim: float = 1.0) -> list[Mesh]:
    """A standing or sitting figure 1 high on z = 0; slots: 0 body, 1 hair, 2 clothes.

    Poses: 'stand' (weight on one leg), 'raise' (an arm up), 'pray', 'sit', 'walk'.
    """
    lean = int(rng.choice([-1, 1]))
    sit = pose == "sit"
    hip_z = .38 if sit else .52
    top, shoulder = hip_z + .32, hip_z + .258
    skull = head(rng, sections=36, samples=30).scaled(.27).turned("z", float(rng.uniform(-30, 30)))
    crown = [m.scaled(.27).of(1) for m in hair(rng, rng.choice(["short", "bun", "long", "curls"]))]
    skull, *crown = (m.moved(.01 * lean, -.005, top + .025) for m in (skull, *crown))
    trunk = loft([(hip_z - .05, .07 * slim, .055), (hip_z, .092 * slim, .065), (hip_z + .1, .07 * slim, .05, .012 * lean),
                  (hip_z + .2, .092 * slim, .06, .012 * lean), (hip_z + .265, .1 * slim, .05, .006 * lean),
                  (hip_z + .295, .05, .035), (hip_z + .33, .03, .03), (hip_z + .37, .027, .028, 0, .006)],
                 sections=24, samples=24)
    spread = .07 if pose == "walk" else .0
    legs, arms, sleeves = [], [], []
    for s in (-1, 1):
        knee = (s * .055, -.17 if sit else (-.04 if s == lean else 0), .36 if sit else .28)
        x, y = s * .06 + spread * s, -.19 if sit else spread * s * lean
        legs.append(sweep([(s * .048, 0, hip_z), knee, (x, y, .1), (x, y, .02)], [.056 * slim, .042, .024, .02],
                          sections=10, samples=14))
        legs.append(ball(.03, 12).scaled(.8, 1.7, .7).moved(x, y - .02, .02))
        elbow, hand = ((s * x, y, shoulder + z) for x, y, z in ARMS[pose][s != lean])
        arms.append(sweep([(s * .095, 0, shoulder), elbow, hand], [.032, .026, .02], sections=10, samples=14))
        arms.append(ball(.026, 10).moved(*hand))
        sleeves.append(sweep([(s * .095, 0, shoulder), elbow, .35 * np.array(elbow) + .65 * np.array(hand)],
                             [.042, .04, .034], sections=12, samples=14).of(2))
    parts = [skull, trunk] + legs + arms + crown
    if not dress:
        return parts

    def folds(angle, share):
        fall = .10 * np.sin(9 * angle + 3 * np.sin(4 * share)) + .05 * np.sin(17 * angle)
        return 1 + fall * np.clip(1.1 - share, 0, 1)

    robe = [(.0, .16, .14, 0, -.13), (.3, .15, .17, 0, -.1), (.42, .14, .15, 0, -.06), (.46, .1, .08), (.62, .104, .07),
            (.68, .07, .05)] if sit else \
           [(.0, .17, .15), (.2, .145, .125), (.42, .12, .1), (.52, .105, .08), (.6, .082, .064), (.72, .104, .07),
            (.79, .104, .056), (.82, .05, .04)]
    return parts + [loft(robe, push=folds, sections=48).of(2)] + sleeves


def plinth(rng, width: float = .36) -> Mesh:
    """A low base, round or square, its top at z = 0."""
    if rng.uniform() < .5:
        profile = [(0, -.1), (.62, -.1), (.62, -.1), (.58, -.06), (.5, -.03), (.5, 0), (0, 0)]
        return turn([(width * r, z) for r, z in profile])
    return join([box(width * 1.15, width, .05).moved(z=-.1), box(width, width * .86, .05).moved(z=-.05)])


@kind("bust", "art_of_sculpture", "marble 5, bronze 3, plaster 2, terracotta 2, limestone 1", 1.3, "fine arts", "portrait")
def bust(rng, made, scene):
    style = rng.choice(["short", "bun", "curls", "short", "long"])
    parts = [head(rng, beard=float(rng.uniform() < .35))] + hair(rng, style)
    parts = [m.moved(z=-.02).turned("z", float(rng.uniform(-20, 20))) for m in parts]
    foot = turn([(0, -.9), (.19, -.9), (.19, -.9), (.18, -.86), (.09, -.78), (.08, -.68), (.16, -.6), (0, -.58)])
    mesh = join(parts + [neck(), shoulders(.035), foot]).moved(z=.9)
    return Thing(mesh, made, azimuth=45, elevation=(2, 15), fill=.84)


@kind("statue", "art_of_sculpture", "marble 4, limestone 3, bronze 2, sandstone 1", .9, "fine arts", "figure, nude")
def statue(rng, made, scene):
    nude = scene == "nude"
    pose = rng.choice(["stand", "raise"] if nude else POSES)
    mesh = join([join(person(rng, pose, dress=not nude)).of(0), plinth(rng)]).moved(z=.1)
    return Thing(mesh, made, azimuth=180 if nude else 50, elevation=(2, 14), fill=.86)


@kind("statuette", "art_of_sculpture", "bronze 4, ivory 2, boxwood 2, silver 1, alabaster 1, terracotta 1", 1.0,
      "decorative arts", "figure, nude")
def statuette(rng, made, scene):
    thing = statue(rng, made, scene)
    return replace(thing, mesh=thing.mesh.scaled(1.15, 1.15, 1), elevation=(6, 24), fill=.8)


@kind("figurine", "ceramic", "porcelain 5, terracotta 4, earthenware 1, bronze 1, jade .5, wax .5", 1.3, "decorative arts")
def figurine(rng, made):
    parts = person(rng, rng.choice(POSES), slim=float(rng.uniform(1, 1.25)))
    base = turn([(0, -.07), (.2, -.07), (.22, -.03), (.17, 0), (0, .01)], lobes=(7, .04))
    mesh = join(parts + [base]).moved(z=.07).scaled(1.25, 1.25, 1)
    skins = {}
    if made[0] == "porcelain" and rng.uniform() >= .3:
        dye = hexa(rng.choice(["#9c3b4a", "#2f5f8f", "#c79a3a", "#4a7f5a", "#7a4f8a"]))
        skins[2] = Skin((-9, 9, -9, 9), np.tile(dye, (4, 4, 1)))
    return Thing(mesh, made * 3, skins, azimuth=40, elevation=(6, 24))


@kind("doll", "toy", "porcelain + cotton 3, oak + linen 2, wax + silk 2, linen + wool 2", .7)
def doll(rng, made):
    parts = person(rng, rng.choice(["stand", "sit"]), slim=1.3)
    neck = parts[0].points[:, 2].min() + .02
    big = []
    for i, part in enumerate(parts):
        slot = part.slot[0]
        if i == 0 or slot == 1:
            part = part.moved(z=-neck).scaled(1.75).moved(z=neck)
        big.append(part.of((0, 2, 1)[slot]))
    mesh = join(big)
    return Thing(mesh.moved(z=-mesh.points[:, 2].min()), made + ("hair",), azimuth=25, elevation=(4, 20))


@kind("mask", "art", "oak 3, bronze 1, gold 1, leather 1, plaster 1, walnut 2, terracotta 1", 1.0, "ethnography")
def mask(rng, made):
    long, brow, mouth = rng.uniform(.9, 1.5), rng.uniform(.03, .1), rng.uniform(.02, .06)
    hills = ((0, .42, .13, .12, rng.uniform(.2, .4)), (26, .55, .17, .035, -.16), (26, .64, .3, .03, brow),
             (0, .2, .22, mouth, -.14), (0, .2, .32, mouth + .03, .09), (50, .3, .2, .1, rng.uniform(0, .08)))
    face = loft([(0, .06, .06), (.05, .13, .13), (.18, .2, .19), (.35, .23, .21), (.5, .21, .19), (.6, .12, .12), (.63, 0, 0)],
                sections=64, samples=56, push=lambda angle, share: _bumps(1, angle, share, hills))
    parts = [face.scaled(1, .8, long)]
    if rng.uniform() < .45:
        parts += [sweep([(s * .12, 0, .58 * long), (s * .26, 0, .72 * long), (s * .22, -.03, .95 * long)], [.06, .045, .01],
                        samples=16) for s in (-1, 1)]
    parts += [ball(.042, 14).scaled(1.25, .5, .6).moved(s * .088, -.16 * .93, .345 * long).of(1) for s in (-1, 1)]
    mesh = join(parts).turned("x", -90)
    mesh = mesh.moved(z=-mesh.points[:, 2].min() * .2)
    return Thing(mesh, made + ("jet",), azimuth=0, elevation=(62, 88), roll=8)
