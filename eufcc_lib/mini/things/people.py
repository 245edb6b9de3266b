"""The human figure, for busts, statues, figurines, dolls, masks, coins and painted portraits.

A head is a skull, oval from above and tapering to the chin, whose radius is pushed in and out by
a few bumps (brow, nose, lips, chin, eye sockets); a body is a set of tapering bars round a trunk.
"""

import numpy as np

from ..kinds import kind
from ..render.solids import Mesh, ball, box, curve, join, loft, sweep, turn
from ..render.studio import Skin, Thing

FRONT = -np.pi / 2


def _bump(angle, height, at, level, width, tall, size):
    """A hill on the head: `at` degrees to either side of the front, at a share of its height."""
    turnaway = (angle - FRONT + np.pi) % (2 * np.pi) - np.pi
    hill = 0
    for side in ((1, -1) if at else (1,)):
        hill = hill + np.exp(-((turnaway - side * np.radians(at)) / width) ** 2 - ((height - level) / tall) ** 2)
    return size * hill


SKULL = ((0, .035, .035, 0, -.125), (.012, .068, .072, 0, -.108), (.05, .098, .108, 0, -.074),
         (.1, .12, .138, 0, -.045), (.16, .134, .162, 0, -.022), (.23, .152, .186, 0, -.002), (.3, .164, .2, 0, .01),
         (.37, .16, .196, 0, .018), (.43, .136, .168, 0, .026), (.47, .1, .124, 0, .032), (.495, .05, .062, 0, .036),
         (.505, 0, 0, 0, .036))
"""Height, half width, half depth and centre of the head's cross-sections, chin at 0 and face towards -y."""


def head(rng=None, beard: float = 0.0, sections: int = 56, samples: int = 44) -> Mesh:
    """A head about 0.5 high, chin at z = 0, looking towards -y."""
    nose = 0.3 if rng is None else rng.uniform(.24, .36)
    jaw = 1.0 if rng is None else rng.uniform(.9, 1.12)
    stations = [(z, x * (jaw if z < .2 else 1), y, *centre) for z, x, y, *centre in SKULL]
    height = curve(stations, samples)[:, :1]
    # The nose stands out most at its tip and runs up between the brows.
    ridge = nose * np.interp(height, [.15, .172, .19, .265, .3], [0, .92, 1, .3, 0])

    def push(angle, share):
        front = (angle - FRONT + np.pi) % (2 * np.pi) - np.pi
        return (1 + ridge * np.exp(-(front / np.interp(height, [.17, .27], [.15, .1])) ** 2)
                - _bump(angle, height, 21, .258, .17, .026, .13) + _bump(angle, height, 22, .254, .1, .012, .05)
                + _bump(angle, height, 20, .303, .28, .016, .045) + _bump(angle, height, 46, .2, .25, .04, .045)
                - _bump(angle, height, 50, .11, .25, .04, .03)
                + _bump(angle, height, 0, .125, .22, .012, .06) + _bump(angle, height, 0, .098, .19, .012, .055)
                - _bump(angle, height, 0, .112, .28, .007, .1) - _bump(angle, height, 0, .075, .3, .014, .03)
                + _bump(angle, height, 0, .035, .32, .03, .06 + .14 * beard)
                + _bump(angle, height, 92, .235, .15, .04, .13))

    return loft(stations, sections=sections, samples=samples, push=push)


HAIRLINE = (0, 30, 50, 66, 80, 95, 180), (.415, .41, .38, .31, .23, .17, .12)
"""Height from which hair grows on `head`, by degrees from the front of the face."""


def hair(rng, style: str) -> list[Mesh]:
    """Hair for `head`: 'short', 'bun', 'long', 'cap' (a bonnet) or 'curls'."""
    low = {"long": -.12, "bun": .13, "cap": .1}.get(style, .1)
    fall = [(-.12, .15, .12, 0, .05), (.08, .14, .15, 0, .03)] if style == "long" else [(low, .1, .13, 0, -.01)]
    stations = fall + [row for row in SKULL if row[0] > low + .05]
    height = curve(stations, 32)[:, :1]

    def grown(angle, share):
        front = np.degrees(np.abs((angle - FRONT + np.pi) % (2 * np.pi) - np.pi))
        line = np.interp(front, *HAIRLINE)
        if style == "long":
            line = np.where(front > 62, -.2, line)
        wave = .03 * np.sin(9 * angle + 40 * height) if style == "curls" else .018 * np.sin(18 * angle + 12 * height)
        # Under the hairline the shell hides inside the head.
        depth = np.interp((height - line) / .025, [-1, 0, 1, 3], [.78, 1.0, 1.07, 1.1])
        return depth + wave * (depth > 1.03)
    shell = loft(stations, sections=56, push=grown)
    extra = []
    if style == "bun":
        extra.append(ball(.09).scaled(1, .9, .9).moved(0, .22, .33))
    if style == "cap":
        bonnet = [(1.05 * z, 1.2 * x, 1.16 * y, 0, centre + .02) for z, x, y, _, centre in SKULL if z > .25]
        extra.append(loft([(.2, .17, .15, 0, .1)] + bonnet, push=lambda angle, share: 1 + .02 * np.sin(20 * angle)))
    return [shell] + extra


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


def person(rng, pose: str = "stand", dress: bool = True, slim: float = 1.0) -> list[Mesh]:
    """A standing or sitting figure 1 high on z = 0; slots: 0 body, 1 hair, 2 clothes.

    Poses: 'stand' (weight on one leg), 'raise' (an arm up), 'pray', 'sit', 'walk'.
    """
    lean = rng.choice([-1, 1])
    sit = pose == "sit"
    hip_z = .38 if sit else .52
    top = hip_z + .32
    skull = head(rng, sections=36, samples=30).scaled(.27).turned("z", float(rng.uniform(-30, 30))).moved(.01 * lean, -.005, top + .025)
    crown = [m.scaled(.27).moved(.01 * lean, -.005, top + .025) for m in hair(rng, rng.choice(["short", "bun", "long", "curls"]))]
    trunk = loft([(hip_z - .05, .07 * slim, .055), (hip_z, .092 * slim, .065), (hip_z + .1, .07 * slim, .05, .012 * lean),
                  (hip_z + .2, .092 * slim, .06, .012 * lean), (hip_z + .265, .1 * slim, .05, .006 * lean),
                  (hip_z + .295, .05, .035), (hip_z + .33, .03, .03), (hip_z + .37, .027, .028, 0, .006)],
                 sections=24, samples=24)
    knee = [(s * .055, -.17 if sit else (-.04 if s == lean else 0), .36 if sit else .28) for s in (-1, 1)]
    spread = .07 if pose == "walk" else .0
    legs = []
    for s, k in zip((-1, 1), knee):
        foot = (s * .06 + spread * s, -.19 if sit else spread * s * lean, .02)
        legs.append(sweep([(s * .048, 0, hip_z), k, (foot[0], foot[1], .1), foot], [.056 * slim, .042, .024, .02], sections=10, samples=14))
        legs.append(ball(.03, 12).scaled(.8, 1.7, .7).moved(foot[0], foot[1] - .02, .02))
    arms, reaches, shoulder = [], [], hip_z + .258
    for s in (-1, 1):
        if pose == "raise" and s == lean:
            path = [(s * .095, 0, shoulder), (s * .18, -.03, shoulder + .08), (s * .17, -.05, shoulder + .24)]
        elif pose == "pray":
            path = [(s * .095, 0, shoulder), (s * .12, -.05, shoulder - .13), (s * .015, -.12, shoulder - .07)]
        elif sit:
            path = [(s * .095, 0, shoulder), (s * .13, -.03, shoulder - .14), (s * .06, -.15, hip_z + .03)]
        else:
            path = [(s * .095, 0, shoulder), (s * (.14 if s == lean else .115), .01, shoulder - .14),
                    (s * (.1 if s == lean else .12), -.05, shoulder - .27)]
        reaches.append(path)
        arms.append(sweep(path, [.032, .026, .02], sections=10, samples=14))
        arms.append(ball(.026, 10).moved(*path[-1]))
    parts = [skull, trunk] + legs + arms + [m.of(1) for m in crown]
    if dress:
        def folds(angle, share):
            return 1 + (.10 * np.sin(9 * angle + 3 * np.sin(4 * share)) + .05 * np.sin(17 * angle)) * np.clip(1.1 - share, 0, 1)
        if sit:
            robe = loft([(.0, .16, .14, 0, -.13), (.3, .15, .17, 0, -.1), (.42, .14, .15, 0, -.06), (.46, .1, .08), (.62, .104, .07), (.68, .07, .05)],
                        push=folds, sections=48)
        else:
            robe = loft([(.0, .17, .15), (.2, .145, .125), (.42, .12, .1), (.52, .105, .08), (.6, .082, .064), (.72, .104, .07), (.79, .104, .056), (.82, .05, .04)],
                        push=folds, sections=48)
        sleeves = [sweep(path[:2] + [tuple(0.35 * np.array(path[1]) + 0.65 * np.array(path[2]))], [.042, .04, .034], sections=12, samples=14)
                   for path in reaches]
        parts += [m.of(2) for m in [robe] + sleeves]
    return parts


def plinth(rng, width: float = .36) -> Mesh:
    """A low base, round or square, its top at z = 0."""
    if rng.uniform() < .5:
        return turn([(0, -.1), (width * .62, -.1), (width * .62, -.1), (width * .58, -.06), (width * .5, -.03), (width * .5, 0), (0, 0)])
    return join([box(width * 1.15, width, .05).moved(z=-.1), box(width, width * .86, .05).moved(z=-.05)])


POSES = ("stand", "raise", "pray", "sit", "walk")


@kind("bust", "art_of_sculpture", "marble 5, bronze 3, plaster 2, terracotta 2, limestone 1", 1.3, "fine arts", "portrait")
def bust(rng, made, scene="portrait"):
    style = rng.choice(["short", "bun", "curls", "short", "long"])
    parts = [m.moved(z=-.02) for m in [head(rng, beard=float(rng.uniform() < .35))] + hair(rng, style)]
    parts = [m.turned("z", float(rng.uniform(-20, 20))) for m in parts]
    parts += [neck(), shoulders(.035)]
    foot = turn([(0, -.9), (.19, -.9), (.19, -.9), (.18, -.86), (.09, -.78), (.08, -.68), (.16, -.6), (0, -.58)])
    mesh = join(parts + [foot]).moved(z=.9)
    return Thing(mesh, made[:1], azimuth=45, elevation=(2, 15), fill=.84)


@kind("statue", "art_of_sculpture", "marble 4, limestone 3, bronze 2, sandstone 1", .9, "fine arts", "figure nude")
def statue(rng, made, scene="figure"):
    nude = scene == "nude"
    pose = rng.choice(["stand", "raise"]) if nude else rng.choice(POSES)
    mesh = join([join(person(rng, pose, dress=not nude)).of(0), plinth(rng)]).moved(z=.1)
    return Thing(mesh, made[:1], azimuth=50 if not nude else 180, elevation=(2, 14), fill=.86)


@kind("statuette", "art_of_sculpture", "bronze 4, ivory 2, boxwood 2, silver 1, alabaster 1, terracotta 1", 1.0, "decorative arts", "figure nude")
def statuette(rng, made, scene="figure"):
    thing = statue(rng, made, scene)
    return Thing(thing.mesh.scaled(1.15, 1.15, 1), made[:1], azimuth=thing.azimuth, elevation=(6, 24), fill=.8)


@kind("figurine", "ceramic", "porcelain 5, terracotta 4, earthenware 1, bronze 1, jade .5, wax .5", 1.3, "decorative arts")
def figurine(rng, made):
    parts = person(rng, rng.choice(POSES), slim=float(rng.uniform(1, 1.25)))
    base = turn([(0, -.07), (.2, -.07), (.22, -.03), (.17, 0), (0, .01)], lobes=(7, .04))
    mesh = join([join(parts)] + [base.of(0)]).moved(z=.07).scaled(1.25, 1.25, 1)
    if made[0] != "porcelain" or rng.uniform() < .3:
        return Thing(mesh, made[:1] * 3, azimuth=40, elevation=(6, 24))
    dye = rng.choice(["#9c3b4a", "#2f5f8f", "#c79a3a", "#4a7f5a", "#7a4f8a"])
    colour = np.broadcast_to(np.float32([int(dye[i:i + 2], 16) / 255 for i in (1, 3, 5)]) ** 2.2, (4, 4, 3))
    return Thing(mesh, made[:1] * 3, {2: Skin((-9, 9, -9, 9), np.ascontiguousarray(colour))}, azimuth=40, elevation=(6, 24))


@kind("doll", "toy", "porcelain + cotton 3, oak + linen 2, wax + silk 2, linen + wool 2", .7)
def doll(rng, made):
    parts = person(rng, rng.choice(["stand", "sit"]), slim=1.3)
    order = {0: 0, 1: 2, 2: 1}
    neck = parts[0].points[:, 2].min() + .02
    big = []
    for i, part in enumerate(parts):
        if i == 0 or part.slot[0] == 1:
            part = part.moved(z=-neck).scaled(1.75).moved(z=neck)
        big.append(part.of(order[int(part.slot[0])]))
    mesh = join(big)
    return Thing(mesh.moved(z=-mesh.points[:, 2].min()), made + ("hair",), azimuth=25, elevation=(4, 20))


@kind("mask", "art", "oak 3, bronze 1, gold 1, leather 1, plaster 1, walnut 2, terracotta 1", 1.0, "ethnography")
def mask(rng, made):
    long, brow, mouth = rng.uniform(.9, 1.5), rng.uniform(.03, .1), rng.uniform(.02, .06)

    def features(angle, share):
        return (1 + _bump(angle, share, 0, .42, .13, .12, rng_nose) - _bump(angle, share, 26, .55, .17, .035, .16)
                + _bump(angle, share, 26, .64, .3, .03, brow) - _bump(angle, share, 0, .2, .22, mouth, .14)
                + _bump(angle, share, 0, .2, .32, mouth + .03, .09) + _bump(angle, share, 50, .3, .2, .1, rng.uniform(0, .08)))
    rng_nose = rng.uniform(.2, .4)
    face = loft([(0, .06, .06), (.05, .13, .13), (.18, .2, .19), (.35, .23, .21), (.5, .21, .19), (.6, .12, .12), (.63, .0, .0)],
                sections=64, samples=56, push=features)
    parts = [face.scaled(1, .8, long)]
    if rng.uniform() < .45:
        horns = [sweep([(s * .12, 0, .58 * long), (s * .26, 0, .72 * long), (s * .22, -.03, .95 * long)], [.06, .045, .01], samples=16) for s in (-1, 1)]
        parts += horns
    dark = [ball(.042, 14).scaled(1.25, .5, .6).moved(s * .088, -.16 * .93, .345 * long).of(1) for s in (-1, 1)]
    mesh = join(parts + dark).turned("x", -90)
    mesh = mesh.moved(z=-mesh.points[:, 2].min() * .2)
    return Thing(mesh, made[:1] + ("jet",), azimuth=0, elevation=(62, 88), roll=8)
