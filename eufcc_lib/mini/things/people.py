"""The human figure, for busts, statues, figurines, dolls, masks, coins and painted portraits.

A head is a skull, oval from above and tapering to the chin, whose radius is pushed in and out by
a few bumps (brow, nose, lips, chin, eye sockets); a body is a set of tapering bars round a trunk.
"""

from dataclasses import replace

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.solids import Mesh, ball, box, join, loft, plate, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor

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
    # Its top is a little above the skull's, which would show through.
    stations = fall + [(z + .012 * (z > .45), *size) for z, *size in SKULL if z > low + .05]
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


# Arms as (elbow, wrist) from the shoulder: outwards, backwards, up.
HANGING, LOOSE, AKIMBO = ((.04, .015, -.16), (.055, -.045, -.29)), ((.07, .0, -.15),
                                                                    (.08, -.1, -.25)), ((.12, .03, -.11), (.02, -.05, -.22))
RAISED, PRAYING, CROSSED = ((.12, -.03, .1), (.11, -.05, .24)), ((.03, -.05, -.15),
                                                                 (-.075, -.13, -.05)), ((.05, -.03, -.15), (-.07, -.085, -.1))
OFFERING, HOLDING, VEILING = ((.06, -.05, -.14), (.06, -.18, -.07)), ((.12, -.0, -.1), (.15, -.08, .02)), ((.07, -.0, -.14), (-.05, -.085, -.25))
RESTING, OUT = ((.05, -.02, -.15), (.0, -.13, -.23)), ((.15, .0, .03), (.28, -.03, .06))

# Legs as (knee, ankle) on the side on which the figure leans and on the other, outwards, backwards, up; first the height of the hips.
STANDING = .5, ((.058, -.01, .27), (.045, .012, .04)), ((.075, -.06, .275), (.085, .03, .04))
WALKING = .49, ((.05, -.1, .28), (.05, -.11, .04)), ((.05, .015, .27), (.05, .12, .055))
SITTING = .36, ((.075, -.2, .36), (.06, -.19, .04)), ((.07, -.21, .36), (.07, -.13, .04))
KNEELING = .3, ((.06, -.2, .28), (.06, -.19, .04)), ((.06, -.02, .05), (.05, .2, .04))
DANCING = .51, ((.05, .0, .28), (.02, .03, .04)), ((.1, -.15, .4), (.0, -.1, .22))

POSTURES = {"stand": (STANDING, HANGING, LOOSE), "raise": (STANDING, RAISED, HANGING), "pray": (STANDING, PRAYING, PRAYING),
            "sit": (SITTING, RESTING, RESTING), "walk": (WALKING, HANGING, OFFERING), "kneel": (KNEELING, PRAYING, PRAYING),
            "orate": (STANDING, LOOSE, OFFERING), "akimbo": (STANDING, AKIMBO, HANGING), "spear": (STANDING, HANGING, HOLDING),
            "dance": (DANCING, RAISED, OUT), "venus": (STANDING, CROSSED, VEILING), "read": (STANDING, OFFERING, CROSSED)}
"""What the legs, the arm on the side on which a figure leans and the other one do."""

HOLDING_HAND = {"orate": 1, "spear": 1, "walk": 1, "read": 0, "raise": 0}

POSES = tuple(POSTURES)[:9]

TORSO = ((-.05, .04, .042), (-.02, .076, .06), (.03, .088, .066), (.1, .073, .054), (.17, .086, .06), (.235, .1, .066),
         (.275, .094, .055), (.298, .07, .045), (.316, .042, .037), (.335, .032, .032), (.365, .03, .031), (.395, .029, .03))
"""Height above the hips, half width and half depth of the trunk and neck of a man."""


def body(pose, lean: int = 1, slim: float = 1.0, female: bool = False, whole: bool = True, dressed: bool = False):
    """The bare figure's trunk, legs and arms (lists of `Mesh`), where its chin goes, and its hands.

    A figure that is not whole is a torso with stumps; of a dressed one, what the clothes hide is left thin.
    """
    (hip, *legs), *arms = POSTURES[pose] if isinstance(pose, str) else pose
    rows = np.array(TORSO)
    if female:
        rows[:, 1] *= np.interp(rows[:, 0], [-.02, .03, .1, .24, .3], [1.1, 1.1, .84, .8, .84])
    sway = np.interp(rows[:, 0], [0, .12, .25, .4], [.012, .016, -.004, .002]) * lean * (hip > .45)
    nod = np.interp(rows[:, 0], [.3, .4], [0, -.012])
    rows[:, 1:] *= slim
    stations = np.column_stack([rows[:, 0] + hip, rows[:, 1:], sway, nod])
    height = curve(stations, 40)[:, :1] - hip
    breast = (32, .215, .3, .026, .34) if female else (28, .235, .42, .03, .1)
    hills = (breast, (150, -.01, .4, .04, .2), (0, .13, .1, .09, -.05), (0, .1, .5, .05, .05), (180, .16, .15, .1, -.09))
    shrink = np.where(height < .26, .7, 1) if dressed else 1
    trunk = loft(stations, sections=32, samples=40, push=lambda angle, share: shrink * _bumps(1, angle, height, hills))
    limbs, hands, broad = ([], []), [], (.084 if female else .1) * slim
    for side, leg, arm in zip((lean, -lean), legs, arms):
        out = np.array([side, 1, 1])
        knee, ankle = np.array(leg) * out
        top = np.array([side * .043 + sway[1], 0, hip + .01])
        ankle[2] -= .012 * (ankle[2] < .06)
        shin = (ankle - knee) / np.linalg.norm(ankle - knee)
        calf = .6 * knee + .4 * ankle + .014 * np.array([0, -shin[2], shin[1]])
        path = [top, .5 * (top + knee) + [side * .006, -.008, 0], knee, calf, ankle]
        thick = np.array([.06, .054, .034, .036, .02]) * slim * ([.5, .5, .9, 1, 1] if dressed else 1)
        if whole:
            limbs[0].append(sweep(path, thick, sections=14, samples=22))
            limbs[0].append(sweep([ankle + [0, .024, -.006], ankle + [side * .004, -.02, -.006], ankle
                                   + [side * .014, -.078, -.014]],
                                  [.019, .023, .012], sections=10, samples=8, flat=.8))
        else:
            limbs[0].append(sweep(path[:2] + [.2 * top + .8 * knee], thick[:3] + [0, 0, .008], sections=14, samples=12))
        shoulder = np.array([side * broad + sway[6], 0, hip + (.255 if side == lean and hip > .45 else .264)])
        elbow, wrist = (shoulder + np.array(joint) * out for joint in arm)
        hands.append(wrist + .2 * (wrist - elbow))
        inner = shoulder + [-side * .035, .002, .008]
        path = [inner, .9 * shoulder + .1 * elbow, .5 * (shoulder + elbow), elbow, .6 * elbow + .4 * wrist, wrist]
        thick = np.array([.03, .038, .031, .024, .025, .015]) * (slim - .12 * female)
        if not whole:
            limbs[1].append(sweep(path[:3], thick[:3], sections=12, samples=10))
            continue
        limbs[1].append(sweep(path, thick, sections=12, samples=22))
        along = (wrist - elbow) / np.linalg.norm(wrist - elbow)
        limbs[1].append(sweep([wrist - .012 * along, wrist + .028 * along, wrist + .062 * along], [.014, .021, .011],
                              sections=8, samples=8, flat=.7))
        if dressed:
            limbs[1].append(sweep(path[:4] + [.4 * elbow + .6 * wrist], thick[:5] + [.006, .007, .009, .011, .013],
                                  sections=12, samples=20).of(2))
    return [trunk], *limbs, np.array([sway[-1], -.012, hip + .348]), hands


SKIRTS = {
    "robe": [(0, .15, .13), (.2, .13, .115), (.42, .115, .095)],
    "gown": [(0, .25, .23), (.12, .235, .215), (.3, .185, .165), (.42, .13, .115), (.49, .095, .078)],
    "tunic": [(.23, .15, .16), (.28, .143, .15), (.42, .108, .088)],
    "sit": [(0, .15, .15, 0, -.14), (.3, .155, .18, 0, -.105), (.375, .15, .175, 0, -.09), (.4, .12, .12, 0, -.03),
            (.44, .1, .085)],
    "kneel": [(0, .14, .26, 0, .01), (.08, .135, .25, 0, .01), (.2, .13, .2, 0, -.08), (.3, .125, .19, 0, -.075),
              (.33, .11, .12, 0, -.02), (.37, .095, .08)],
}
BODICE = (.02, .1, .08), (.1, .082, .066), (.2, .1, .08), (.25, .106,
                                                           .07), (.285, .088, .056), (.305, .06, .046), (.313, .045, .042)


def _clothes(rng, pose: str, garment: str, lean: int) -> list[Mesh]:
    """Skirt and bodice as one, with a belt or at times a mantle slung over a shoulder."""
    hip = POSTURES[pose][0][0]
    skirt = SKIRTS[pose if pose in SKIRTS else garment]
    waves = int(rng.integers(7, 12))

    def folds(angle, share):
        fall = .08 * np.sin(waves * angle + 3 * np.sin(4 * share)) + .04 * np.sin(2.2 * waves * angle)
        return 1 + fall * np.clip(1.2 - 1.5 * share, .15, 1)

    stations = skirt + [(z + hip, *size) for z, *size in BODICE if z + hip > skirt[-1][0] + .03]
    parts = [loft(stations, push=folds, sections=64, samples=44)]
    if garment == "tunic":
        parts.append(torus(.089, .011, 28).scaled(1, .8, 1).moved(z=hip + .085))
    if garment == "robe" and rng.uniform() < .5:
        for drop in (0, .035, .07, .11):
            line = [(lean * x, y, hip + z - drop) for x, y, z in ((.075, .02, .335), (.06, -.07, .25),
                                                                  (-.04, -.085, .12 - drop / 2),
                                                               (-.115, -.0, .05 - drop))]
            parts.append(sweep(line, [.02, .017, .017, .01], sections=8, samples=16))
    return [part.of(2) for part in parts]


def attribute(rng, hand) -> list[Mesh]:
    """What a figure holds: a staff or spear, a jar, a book, a bowl, a sword; `hand` is where."""
    x, y, z = hand
    pick = rng.integers(5)
    if pick == 0:
        return [sweep([(x, y - .02, .0), (x, y - .02, .98)], .011, sections=8, samples=4),
                loft([(.96, .012, .006), (1.0, .024, .008), (1.07, .002, .002)], sections=8, samples=10).moved(x, y - .02)]
    if pick == 1:
        return [turn([(.02, 0), (.05, .06), (.03, .1), (.022, .12), (.036, .14)], sections=18,
                     samples=20).moved(x, y - .03, z - .02)]
    if pick == 2:
        return [box(.075, .03, .11, .006).turned("z", 20).moved(x, y - .03, z - .03)]
    if pick == 3:
        return [turn([(.0, 0), (.03, .005), (.055, .035)], wall=.006, sections=20, samples=14).moved(x, y - .04, z + .01)]
    return [loft([(-.1, .012, .008), (.02, .012, .008), (.021, .05, .012), (.04, .05, .012), (.041, .014, .005), (.4, .012, .004),
                  (.45, 0, 0)], sections=8).turned("x", 30).moved(x, y - .01, z)]


def person(rng, pose: str = "stand", dress: bool = True, slim: float = 1.0, garment: str = "", female=None,
           holding: bool = False) -> list[Mesh]:
    """A figure about 1 high on z = 0; slots: 0 body, 1 hair, 2 clothes; its head comes first.

    Poses are those of `POSTURES`; garments 'robe', 'gown' (to the floor) or 'tunic' (to the knee).
    """
    lean = int(rng.choice([-1, 1]))
    female = bool(rng.uniform() < .5 if female is None else female)
    garment = garment or str(rng.choice(["robe", "gown", "robe"] if female else ["robe", "tunic"]))
    if pose == "dance":
        garment = "tunic"
    trunk, legs, arms, chin, hands = body(pose, lean, slim, female, dressed=dress)
    if dress and (garment != "tunic" or pose in SKIRTS):  # the cloth follows the legs
        legs = [leg.of(2 if i % 2 == 0 else 0) for i, leg in enumerate(legs)]
    style = rng.choice(["bun", "long", "bun", "curls"] if female else ["short", "curls", "short", "long"])
    skull = head(rng, beard=float(not female and rng.uniform() < .4), sections=36, samples=30)
    nod, turn_by = float(rng.uniform(-4, 14)), float(lean * rng.uniform(-10, 35))
    skull, *crown = (m.scaled(.275).turned("x", nod).turned("z", turn_by).moved(*chin) for m in (skull, *hair(rng, style)))
    parts = [skull, *trunk, *legs, *arms] + [m.of(1) for m in crown]
    if holding and pose in HOLDING_HAND:
        parts += attribute(rng, hands[HOLDING_HAND[pose]])
    if not dress:
        return parts
    return parts + _clothes(rng, pose, garment, lean)


def plinth(rng, width: float = .36) -> Mesh:
    """A low base, round or square, its top at z = 0."""
    if rng.uniform() < .5:
        profile = [(0, -.1), (.62, -.1), (.62, -.1), (.58, -.06), (.5, -.03), (.5, 0), (0, 0)]
        return turn([(width * r, z) for r, z in profile])
    return join([box(width * 1.15, width, .05).moved(z=-.1), box(width, width * .86, .05).moved(z=-.05)])


@kind("bust", "art_of_sculpture", "marble 5, bronze 3, plaster 2, terracotta 2, limestone 1", 1.3, "fine arts", "portrait")
def bust(rng, made, scene):
    form = str(rng.choice(["socle", "draped", "herm", "cuirass", "fragment"], p=(.25, .25, .2, .15, .15)))
    bearded, style = float(rng.uniform() < .35), str(rng.choice(["short", "bun", "curls", "long", "cap"],
                                                                p=(.3, .25, .25, .12, .08)))
    parts = [head(rng, beard=bearded)] + hair(rng, style)
    if bearded:
        parts.append(loft([(-.1, .03, .03, 0, -.13), (-.03, .085, .075, 0, -.1), (.05, .11, .125, 0, -.07),
                           (.1, .126, .14, 0, -.046),
                           (.16, .138, .12, 0, -.01), (.22, .15, .1)], push=lambda a, s: 1 + .035 * np.sin(20 * a + 9 * s),
                           sections=60))
    if style != "cap" and rng.uniform() < .3:  # a wreath
        parts += [ball(.034, 10).scaled(.5, .5, 1.1).turned("y",
                                                            50 * (i % 2) - 25).moved(.172 * np.cos(a), .21 * np.sin(a) + .02, .37)
                  for i, a in enumerate(np.linspace(0, 2 * np.pi, 23)[:-1])]
    parts = [m.moved(z=-.02).turned("x", float(rng.uniform(-4, 8))).turned("z", float(rng.uniform(-32, 32)))
             for m in parts] + [neck()]
    foot = turn([(0, -.9), (.19, -.9), (.19, -.9), (.18, -.86), (.09, -.78), (.08, -.68), (.16, -.6), (0, -.58)])
    if form == "herm":
        pillar = loft([(-1.3, .2, .15), (-.5, .27, .16), (-.3, .3, .165), (-.22, .28, .14), (-.16, .18, .12), (-.12, .12, .1)],
                      square=7, sections=40)
        parts += [pillar, box(.12, .12, .1, .01).turned("y", 90).moved(-.32, 0, -.33),
                  box(.12, .12, .1, .01).turned("y", 90).moved(.22, 0, -.33)]
    elif form == "fragment":
        parts += [loft([(-.3, .16, .12), (-.24, .17, .13), (-.14, .125, .108), (-.1, .1, .1)], sections=32,
                       push=lambda a, s: 1 + .12 * np.sin(3 * a + 1) * (1 - s)), box(.34, .34, .22, .01).moved(z=-.56),
                       box(.05, .05, .1).moved(z=-.36)]
    else:
        parts += [shoulders(.035), foot]
    if form == "draped":
        side = float(rng.choice([-1, 1]))
        for i in range(6):
            d = .055 * i
            line = [(side * .2, .1, -.15 - .2 * d), (side * (.27 - .3 * d), -.1, -.24 - .4 * d), (side * -.02, -.2, -.32 - d),
                    (side * -.27, -.15, -.36 - .6 * d),
                    (side * -.38, .02, -.32 - .5 * d)]
            parts.append(sweep(line, [.035, .036, .03, .036, .02], sections=10, samples=22))
    elif form == "cuirass":
        parts += [sweep([(s * .2, .1, -.15), (s * .24, -.02, -.15), (s * .2, -.17, -.3)], [.05, .055, .045], flat=.5)
                  for s in (-1, 1)]
        parts += [torus(.2, .022, 40).scaled(1.1, .9, 1).turned("x", -14).moved(0, .0, -.2),
                  ball(.07).scaled(1, .6, 1.2).moved(0, -.18, -.4)]
        parts += [sweep([(s * (.3 + .035 * i), -.13 + .05 * i, -.3), (s * (.36 + .035 * i), -.13 + .05 * i, -.5)], [.03, .026],
                        samples=4) for s in (-1, 1)
                  for i in range(3)]
    return Thing(join(parts).grounded(), made, azimuth=45, elevation=(2, 15), fill=.84)


def wings() -> list[Mesh]:
    """A pair, feathered, behind the shoulders of a figure."""
    rows = np.linspace(0, 1, 7)
    return [sweep([(s * .03, .07, .72 - .05 * r), (s * (.13 + .06 * r), .11, .86 - .16 * r),
                   (s * (.17 + .08 * (1 - r)), .12, .5 - .02 * r)],
                  [.03, .034, .012], sections=8, samples=14, flat=.4) for s in (-1, 1) for r in rows]


def carved(rng, nude: bool) -> list[Mesh]:
    """A sculptor's figure on z = 0: nude, draped at the hips or a torso; clothed, with an attribute or wings."""
    female, form = bool(rng.uniform() < .5), rng.uniform()
    if nude and form < .25:
        trunk, legs, arms, *_ = body("stand", int(rng.choice([-1, 1])), 1.0, female, whole=False)
        rod = sweep([(0, .0, 0), (0, 0, .3)], .012, sections=8, samples=4).moved(z=.2)
        return [join(trunk + legs + arms + [rod]).moved(z=-.2)]
    if nude:
        pose = str(rng.choice(["venus", "stand", "raise", "dance", "sit"] if female
                              else ["stand", "raise", "spear", "akimbo", "sit"]))
    else:
        pose = str(rng.choice(list(POSTURES)))
    parts = person(rng, pose, not nude, 1.0, "", female, holding=rng.uniform() < .7)
    low, chest = parts[0].points[:, 2].min(), []
    if pose == "sit":
        chest.append(box(.26, .24, .3).moved(y=.04))
        if not nude and rng.uniform() < .6:
            chest.append(box(.28, .04, .68).moved(y=.15))
    elif nude and form < .6:
        cloth = [(0, .17, .15), (.2, .145, .13), (.4, .12, .1), (.47, .108, .088), (.5, .112, .09)]
        fold = float(rng.uniform(0, 6))
        chest.append(loft(cloth, push=lambda a, s: 1 + (.07 * np.sin(8 * a + 5 * s + fold) + .03 * np.sin(17 * a)) * (1.2 - s),
                          sections=56))
        chest.append(sweep([(.11 * np.cos(t), .09 * np.sin(t), .5 + .02 * np.sin(t)) for t in np.linspace(0, 6.28, 9)], .018,
                           samples=24))
    elif nude and not female and form < .85:  # the stump that a marble needs for its weight
        chest.append(loft([(0, .07, .06, 0, .07), (.1, .05, .05, 0, .07), (.36, .045, .045, 0, .075), (.38, .03, .03, 0, .075)],
                          push=lambda a, s: 1 + .08 * np.sin(5 * a + 3 * s), sections=20))
    if not nude and low > .6 and form < .2:
        chest += wings()
    return parts + chest


@kind("statue", "art_of_sculpture", "marble 4, limestone 3, bronze 2, sandstone 1", .9, "fine arts", "figure, nude")
def statue(rng, made, scene):
    nude = scene == "nude"
    mesh = join([join(carved(rng, nude)).of(0), plinth(rng)]).moved(z=.1)
    return Thing(mesh, made, azimuth=60 if nude else 50, elevation=(2, 14), fill=.86)


@kind("statuette", "art_of_sculpture", "bronze 4, ivory 2, boxwood 2, silver 1, alabaster 1, terracotta 1", 1.0,
      "decorative arts", "figure, nude")
def statuette(rng, made, scene):
    thing = statue(rng, made, scene)
    return replace(thing, mesh=thing.mesh.scaled(1.15, 1.15, 1), elevation=(6, 24), fill=.8)


@kind("figurine", "ceramic", "porcelain 5, terracotta 4, earthenware 1, bronze 1, jade .5, wax .5", 1.3, "decorative arts")
def figurine(rng, made):
    painted = made[0] == "porcelain" and rng.uniform() >= .3
    if made[0] in ("terracotta", "earthenware", "jade", "bronze") and rng.uniform() < .35:
        return Thing(idol(rng), made, azimuth=40, elevation=(6, 20))
    rustic = made[0] == "porcelain"
    female = bool(rng.uniform() < .6)
    garment = ("gown" if female else "tunic") if rustic else "robe"
    parts = person(rng, str(rng.choice(list(POSTURES))), True, float(rng.uniform(1, 1.1)), garment, female,
                   holding=rng.uniform() < .6)
    skull, top = parts[0].points.mean(axis=0), parts[0].points[:, 2].max()
    wear = rng.uniform()
    if wear < .3:
        hat = turn([(0, .07), (.045, .06), (.05, .02), (.05, .02), (.11, .005), (.11, -.005), (0, 0)], sections=28, samples=24)
        parts.append(hat.turned("x", float(rng.uniform(-12, 4))).moved(skull[0], skull[1] + .005, top - .03).of(2))
    elif wear < .5:
        parts.append(loft([(-.13, .075, .06, 0, .02), (-.05, .062, .058, 0, .016), (.0, .052, .058, 0, .01), (.028, .02, .02)],
                          sections=24,
                          push=lambda a, s: 1 - .35 * np.exp(-(_from_front(a) / .7) ** 2) * (s < .8)).moved(skull[0], skull[1], top - .02).of(2))
    if rustic and rng.uniform() < .5:  # a tree stump and blossoms on the ground
        side = float(rng.choice([-1, 1]))
        parts.append(loft([(0, .06, .06), (.06, .04, .04), (.3, .035, .035), (.32, .02, .02)], push=lambda a, s: 1
                          + .1 * np.sin(5 * a + 4 * s),
                          sections=20).moved(side * .13, .1).of(1))
    base = turn([(0, -.07), (.2, -.07), (.22, -.03), (.17, 0), (0, .01)],
                lobes=(7, .04)).scaled(1.25 if garment == "gown" else 1.05)
    mesh = join(parts + [base]).moved(z=.09).grounded().scaled(1.2, 1.2, 1)
    skins = {}
    if painted:
        whole = np.full((1, 1), .95, np.float32)
        skins = {2: Skin((-9, 9, -9, 9), decor.plain(rng, "#9c3b4a #2f5f8f #c79a3a #4a7f5a #7a4f8a #d98a9a #86b0c8"), whole),
                 1: Skin((-9, 9, -9, 9), decor.plain(rng, "#5a3a22 #2f2620 #a8743a #c9b9a0"), whole)}
    return Thing(mesh, made * 3, skins, azimuth=40, elevation=(6, 24))


def idol(rng) -> Mesh:
    """An early figure without a likeness: folded arms and a flat face, a stout woman, or a wrapped servant of the dead."""
    form = rng.integers(3)
    if form == 0:
        parts = [loft([(0, .05, .03, 0, -.02), (.06, .06, .035), (.3, .085, .045), (.5, .13, .05), (.62, .11, .045),
                       (.74, .16, .05), (.8, .12, .045),
                       (.83, .05, .04), (.9, .045, .04)]),
                 loft([(.86, .045, .04), (.95, .08, .05, 0, .0), (1.06, .1, .055, 0, .02), (1.1, .07, .04, 0, .045),
                       (1.11, 0, 0, 0, .05)], square=2.6),
                 loft([(.92, .018, .02), (1.0, .012, .012)], sections=10).moved(y=-.05)]
        parts += [sweep([(s * .15, 0, .76), (s * .16, -.02, .62), (-s * .08, -.06, .6 + .03 * s)], [.03, .028, .022],
                        samples=14) for s in (-1, 1)]
        groove = sweep([(0, -.03, .04), (0, -.05, .4)], .012, samples=4)
        return join([*parts, groove, box(.24, .2, .05).moved(z=-.05)]).grounded()
    if form == 1:
        parts = [ball(.15).scaled(1.1, .9, 1).moved(z=.42), ball(.13).scaled(1.15, .95, .9).moved(z=.62),
                 ball(.1).scaled(1, .95, 1.05).moved(z=.83)]
        for s in (-1, 1):
            parts += [ball(.075).moved(s * .075, -.1, .58), sweep([(s * .09, 0, .38), (s * .1, -.04, .22), (s * .06, 0, .06)],
                                                                  [.11, .1, .045]),
                      sweep([(s * .15, 0, .68), (s * .2, -.03, .58), (s * .09, -.13, .52)], [.04, .038, .03], samples=14)]
        parts += [torus(.075 + .02 * (z < .86), .018, 24).moved(z=z) for z in (.81, .845, .88, .91)]
        return join([*parts, turn([(0, 0), (.16, 0), (.14, .05), (0, .06)])]).grounded()
    parts = [loft([(0, .08, .1, 0, -.02), (.06, .08, .085), (.12, .07, .06), (.4, .1, .075), (.62, .14, .085), (.7, .1, .07),
                   (.74, .05, .05)], square=2.4),
             head(None, sections=32, samples=26).scaled(.42).moved(0, -.04, .73),
             loft([(.64, .11, .05, 0, .02), (.74, .1, .06, 0, .02), (.86, .09, .075), (.94, .06, .055), (.96, 0, 0)], square=2.5)]
    for s in (-1, 1):
        parts += [sweep([(s * .13, -.03, .6), (s * .12, -.08, .5), (-s * .05, -.095, .55)], [.03, .03, .024], samples=14),
                  sweep([(s * .08, -.03, .84), (s * .085, -.07, .68)], [.026, .03], samples=4)]
    parts += [torus(.08 + .05 * z, .006, 30).scaled(1, .8, 1).moved(z=z) for z in (.16, .22, .28, .34, .4)]
    return join(parts).grounded()


def doll_head(rng, style: str) -> list[Mesh]:
    """A head 0.3 high with its chin at z = 0, eyes and lips; slots as for `doll`."""
    parts = [head(None, sections=40, samples=36).scaled(1.16, 1, .92)]
    parts += [m.scaled(1.16, 1, .92).of(1 if style == "cap" and i else 2) for i, m in enumerate(hair(rng, style))]
    for s in (-1, 1):
        parts.append(ball(.027, 12).scaled(1, .5, .9).moved(s * .075, -.163, .235).of(3))
        parts.append(sweep([(s * .05, -.184, .274), (s * .085, -.178, .282), (s * .12, -.148, .27)], .005, sections=6,
                           samples=8).of(2))
    parts.append(ball(.03, 12).scaled(1.1, .5, .5).moved(0, -.178, .102).of(4))
    return [m.scaled(.6) for m in parts]


def _frock(rows, frills: float = .05):
    """A gathered dress of cloth on a doll, from the hem up."""
    return loft(rows, push=lambda a, s: 1 + frills * np.sin(14 * a) * np.clip(1 - 1.3 * s, 0, 1), sections=56, samples=36).of(1)


def dressed_doll(rng) -> list[Mesh]:
    """A lady in a wide skirt, a child with bare legs standing or sitting, or a baby in a long gown."""
    form = str(rng.choice(["lady", "child", "seated child", "baby"]))
    face = doll_head(rng, str(rng.choice({"lady": ["cap", "bun", "bun"], "baby": ["cap"]}.get(form, ["curls", "long", "cap"]))))
    if form == "baby":
        parts = [_frock([(0, .2, .12), (.08, .185, .125), (.3, .13, .1), (.42, .12, .095), (.5, .09, .07), (.53, .05, .05)])]
        parts += [sweep([(s * .09, 0, .45), (s * .18, -.06, .42), (s * .15, -.16, .44)], [.05, .055, .042], samples=12).of(1)
                  for s in (-1, 1)]
        parts += [ball(.036, 12).moved(s * .145, -.19, .45) for s in (-1, 1)]
        parts.append(loft([(.5, .13, .12), (.53, .08, .08)], push=lambda a, s: 1 + .08 * np.sin(16 * a), ends=False).of(1))
        return parts + [m.scaled(1.1).turned("z", float(rng.uniform(-20, 20))).moved(z=.53) for m in face]
    sleeve, hand = [(.09, 0, .58), (.16, -.0, .52), (.19, -.03, .43)], [(.185, -.03, .46), (.21, -.05, .37), (.19, -.11, .29)]
    bodice = [(.4, .085, .07), (.5, .105, .08), (.6, .1, .065), (.63, .05, .045)]
    skirts = {"lady": [(0, .3, .28), (.08, .295, .27), (.26, .22, .2), (.38, .1, .085)],
              "child": [(.2, .21, .2), (.23, .205, .19), (.32, .15, .13), (.38, .1, .085)],
              "seated child": [(.24, .25, .25, 0, -.05), (.29, .24, .24, 0, -.05), (.35, .17, .16, 0, -.02), (.39, .1, .085)]}
    parts = [_frock(skirts[form] + bodice), torus(.093, .016, 28, 1.2).scaled(1, .82, 1).moved(z=.4).of(int(rng.choice([1, 4]))),
             turn([(.05, .6), (.14, .585), (.14, .595), (.05, .64)], lobes=(14, .05)).of(1),
             sweep([(0, 0, .6), (0, 0, .68)], .045, samples=3)]
    for s in (-1, 1):
        side = np.array([s, 1, 1])
        parts.append(sweep(sleeve * side, [.05, .068, .045], samples=14).of(1))
        parts += [sweep(hand * side, [.03, .028, .02], samples=12), ball(.03, 10).moved(*(hand[-1] * side))]
        if form != "lady":
            sit = form == "seated child"
            toe = (s * .1, -.44, .27) if sit else (s * .07, -.01, .04)
            parts.append(sweep([(s * .06, -.1, .27), (s * .08, -.25, .275), toe] if sit
                               else [(s * .06, 0, .3), (s * .065, 0, .16), toe],
                               [.045, .04, .028], samples=12).of(0))
            parts.append(ball(.045, 14).scaled(.9, *((.9, 1.6) if sit
                                                     else (1.7, .8))).moved(*toe).moved(y=-.03, z=.03 * sit).of(3))
    return parts + [m.turned("z", float(rng.uniform(-15, 15))).moved(z=.655) for m in face]


def wooden_doll(rng) -> list[Mesh]:
    """A jointed doll with turned limbs, bare or in a skirt, or one turned in a single piece and painted."""
    eyes = [ball(.014, 10).scaled(1, .5, 1.2).moved(s * .04, -.108, .86).of(3) for s in (-1, 1)]
    if rng.uniform() < .35:
        block = turn([(0, 0), (.15, 0), (.17, .04), (.16, .3), (.13, .5), (.07, .6), (.06, .64)])
        bands = [turn([(r, z), (r + .006, z + .01), (r + .006, z + w), (r, z + w + .01)]).of(c)
                 for r, z, w, c in ((.166, .06, .09, 4), (.163, .2, .03, 3), (.155, .27, .03, 4), (.128, .45, .03, 3))]
        face = [ball(.15).scaled(1, .95, 1).moved(z=.77), ball(.156).scaled(1, .95, .72).moved(0, .022, .825).of(2),
                ball(.018, 8).scaled(1.2, .5, .6).moved(0, -.138, .715).of(4)]
        return [block, *bands, *face, *(m.moved(y=-.03, z=-.08).scaled(1.0) for m in eyes)]
    parts = [loft([(.42, .07, .05), (.45, .095, .06), (.52, .06, .045), (.6, .1, .06), (.7, .09, .05), (.72, .035, .035),
                   (.76, .033, .033)]),
             ball(.105).scaled(1, 1.05, 1.2).moved(z=.85), ball(.11).scaled(1, 1.04, .95).moved(0, .016, .895).of(2),
             ball(.02, 8).scaled(.7, 1, 1.2).moved(0, -.112, .835),
             ball(.014, 8).scaled(1.5, .5, .7).moved(0, -.102, .79).of(4), *eyes]
    swing = float(rng.uniform(-20, 50))
    bar = [(0, 0, 0), (0, 0, -.05), (0, 0, -.15), (0, 0, -.18)]
    for s, lift in ((-1, swing), (1, float(rng.uniform(-10, 15)))):
        arm = [ball(.036, 14), sweep(bar, [.022, .03, .026, .018], samples=10), ball(.028, 12).moved(z=-.185),
               sweep(np.array(bar) * [1, 1, .9] + [0, -.01, -.19], [.018, .026, .02, .015], samples=10),
               ball(.03, 10).scaled(.7, 1, 1.3).moved(0, -.01, -.37)]
        leg = [ball(.045, 14), sweep(np.array(bar) * [1, 1, 1.1], [.03, .042, .03, .024], samples=10),
               ball(.034, 12).moved(z=-.2),
               sweep(np.array(bar) + [0, 0, -.2], [.024, .034, .024, .018], samples=10),
               ball(.036, 12).scaled(.8, 1.8, .7).moved(0, -.025, -.39).of(3)]
        parts += [m.turned("x", -lift).turned("y", -9 * s).moved(s * .125, 0, .675) for m in arm]
        parts += [m.turned("y", -3 * s).moved(s * .055, 0, .43) for m in leg]
    if rng.uniform() < .5:
        parts.append(_frock([(.12, .21, .19), (.15, .2, .185), (.3, .16, .14), (.44, .1, .08), (.52, .075, .06),
                             (.56, .09, .066)], .07))
    return parts


def rag_doll(rng) -> list[Mesh]:
    """Stuffed cloth: a flat round head with button eyes, woollen hair, limp arms and legs."""
    sit, cap = rng.uniform() < .5, rng.uniform() < .4
    parts = [ball(.17).scaled(1, .7, 1).moved(z=.8), _frock([(.26, .2, .15), (.3, .195, .145), (.45, .13, .1), (.56, .13, .09),
                                                             (.62, .08, .06)], .08)]
    for s in (-1, 1):
        parts.append(turn([(.024, 0), (.025, .012), (0, .016)], sections=16).turned("x", 90).moved(s * .062, -.105, .83).of(3))
        arm = [(s * .09, 0, .58), (s * .2, -.01, .5), (s * .27, -.03, .38)]
        leg = [(s * .06, -.02, .3), (s * .09, -.2, .29), (s * .13, -.38, .29), (s * .14, -.41, .35)] if sit else \
            [(s * .06, 0, .3), (s * .07, 0, .15), (s * .09, -.0, .05), (s * .11, -.07, .035)]
        parts += [sweep(arm, [.05, .048, .05], samples=14), sweep(arm[:2], [.062, .066], samples=8).of(1),
                  sweep(leg, [.05, .05, .046, .04], samples=18), sweep(leg[2:], [.051, .05], samples=6).of(3)]
        if not cap:
            parts += [ball(.045 - .004 * i, 10).moved(s * (.16 + .018 * i), -.01, .8 - .06 * i).of(2) for i in range(5)]
    smile = [(.07 * np.sin(t), -.108 + .02 * abs(np.sin(t)), .78 - .045 * np.cos(t)) for t in np.linspace(-1.1, 1.1, 7)]
    parts += [sweep(smile, .009, sections=6, samples=12).of(4), ball(.016, 8).moved(0, -.12, .795).of(4)]
    across = np.linspace(-.15, .15, 9)
    over = [(x, .19 * np.sqrt(1 - (x / .2) ** 2)) for x in across]
    strands = [sweep([(x, -.62 * r, .8 + .5 * r), (x, -.3 * r, .8 + .9 * r), (x, .3 * r, .8 + .9 * r), (x, .7 * r, .8 + .1 * r),
                      (x, .5 * r, .8 - .6 * r)],
                     .024, sections=6, samples=12).of(2) for x, r in over]
    parts += [ball(.18).scaled(1, .78, .62).moved(0, .02, .9).of(1)] if cap else strands
    return parts


@kind("doll", "toy", "porcelain + cotton 3, oak + linen 2, wax + silk 2, linen + wool 2", .7)
def doll(rng, made):
    maker = {"oak": wooden_doll, "linen": rag_doll}.get(made[0], dressed_doll)
    mesh = join(maker(rng)).turned("z", float(rng.uniform(-10, 10))).grounded()
    skins = {0: Skin((-9, 9, -9, 9), decor.plain(rng, "#e8c2a4 #e3b394 #edd0b8"),
                     np.full((1, 1), .9, np.float32))} if made[0] == "wax" else {}
    return Thing(mesh, made + ("hair", "jet", "coral"), skins, azimuth=25, elevation=(5, 20))


MASKS = {  # width and height; hills as `_bumps` takes them; eyes (x, z, width, height); mouth (gape, z, width); what is added
    "horned": ((1, 1.15), ((0, .42, .13, .12, .3), (26, .55, .17, .035, -.16), (26, .64, .3, .03, .07), (0, .2, .22, .04, -.14),
                           (0, .2, .32, .07, .09)), (.088, .345, 1.25, .6), (.35, .135, 1.2), ("horns",)),
    "heart": ((.92, 1.5), ((0, .48, .07, .2, .34), (32, .5, .26, .13, -.2), (0, .78, .5, .1, .14), (0, .24, .16, .035, .2),
                           (0, .1, .3, .06, .08)),
              (.088, .31, 1.3, .3), (.35, .15, .7), ()),
    "theatre": ((1.12, 1.02), ((0, .48, .16, .08, .32), (26, .58, .2, .05, -.16), (24, .68, .34, .035, .16),
                               (0, .25, .4, .12, .1), (55, .38, .2, .1, .08)),
                (.088, .355, 1.25, .8), (1.15, .15, 1.7), ("curls",)),
    "satyr": ((1.12, 1.0), ((0, .45, .2, .06, .34), (26, .56, .18, .05, -.18), (20, .66, .4, .04, .18), (50, .4, .2, .08, .12),
                            (0, .3, .5, .04, .1)),
              (.088, .34, 1.1, .7), (.6, .15, 1.5), ("beard", "ears")),
    "sun": ((1, .98), ((0, .45, .12, .12, .28), (26, .56, .18, .04, -.14), (26, .65, .3, .03, .1), (0, .24, .24, .03, .1),
                       (48, .36, .22, .1, .1)),
            (.088, .345, 1.25, .55), (.28, .15, 1.3), ("rays",)),
    "crest": ((.95, 1.2), ((0, .46, .08, .16, .34), (28, .54, .2, .05, -.2), (28, .64, .4, .03, .14), (0, .2, .24, .05, .16)),
              (.088, .335, 1.3, .5), (.6, .125, 1.2), ("crest",)),
    "eared": ((.98, 1.2), ((0, .42, .14, .12, .28), (26, .54, .17, .04, -.14), (26, .62, .3, .03, .08), (0, .22, .26, .03, .14),
                           (0, .17, .26, .02, .1)),
              (.088, .34, 1.2, .45), (.2, .13, 1.1), ("ears",)),
}


@kind("mask", "art", "oak 3, bronze 1, gold 1, leather 1, plaster 1, walnut 2, terracotta 1", 1.0, "ethnography")
def mask(rng, made):
    form = str(rng.choice(list(MASKS)))
    (wide, tall), hills, eyes, lips, extras = MASKS[form]
    wide, tall = wide * rng.uniform(.92, 1.08), tall * rng.uniform(.92, 1.1)
    face = loft([(0, .06, .06), (.05, .13, .13), (.18, .2, .19), (.35, .23, .21), (.5, .21, .19), (.6, .12, .12), (.63, 0, 0)],
                sections=72, samples=60, push=lambda angle, share: _bumps(1, angle, share, hills))
    (at, level, broad, high), (gape, mouth_at, mouth_wide) = eyes, lips
    parts = [face.scaled(wide, .8, tall)]
    nose = float(rng.uniform(.8, 1.3))
    for s in (-1, 1):
        parts.append(ball(.042, 16).scaled(broad, .6, high).moved(s * at * wide, -.152, level * tall).of(1))
        arch = [(s * .025, -.165, level + .07), (s * .1, -.16, level + .095), (s * .17, -.11, level + .06)]
        parts.append(sweep(np.array(arch) * [wide, 1, tall], [.012, .02, .01], sections=10, samples=14))
    mouth = torus(.05, .02, 28).turned("x", 90).scaled(mouth_wide, 1, max(gape, .25))
    parts += [m.moved(0, -.145, mouth_at * tall) for m in (mouth, ball(.05, 18).scaled(mouth_wide, .6, gape).of(1))]
    bridge = np.array([(0, -.155, level + .08), (0, -.18, level), (0, -.21, level - .09), (0, -.15, level - .12)]) * [1, 1, tall]
    parts.append(sweep(bridge, np.array([.016, .022, .034, .026]) * nose, sections=12, samples=16))
    if "horns" in extras:
        parts += [sweep([(s * .12, 0, .58 * tall), (s * .26, 0, .72 * tall), (s * .22, -.03, .95 * tall)], [.06, .045, .01],
                        samples=16)
                  for s in (-1, 1)]
    if "curls" in extras:
        parts += [ball(.055, 12).moved(.245 * wide * np.sin(a), -.03 * i, (.36 + .285 * np.cos(a)) * tall)
                  for i in range(2) for a in np.linspace(-1.9 + .1 * i, 1.9 - .1 * i, 15 - 2 * i)]
    if "beard" in extras:
        parts.append(loft([(-.2, .02, .03, 0, -.12), (-.08, .12, .07, 0, -.08), (.06, .17, .12, 0, -.03), (.16, .2, .13),
                           (.2, .17, .1)], sections=60,
                          push=lambda a, s: 1 + .05 * np.sin(22 * a + 3 * np.sin(9 * s))).scaled(wide, 1, tall))
    if "rays" in extras:
        angle = np.linspace(0, 2 * np.pi, 33)[:-1]
        reach = np.where(np.arange(32) % 2, .31, float(rng.uniform(.4, .5)))
        rim = plate(np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1), .03).turned("x", 90)
        parts.append(rim.moved(0, .03, .33 * tall))
    if "crest" in extras:
        plank = loft([(.5, .1, .025), (.62, .16, .03), (.9, .19, .03), (1.0, .15, .03), (1.04, .03, .02)], square=3)
        parts.append(plank.moved(z=.03 * tall))
        parts += [turn([(.05, 0), (.06, .015), (0, .02)], sections=18).turned("x", 90).moved(x, -.028, z).of(1)
                  for x, z in ((-.08, .72), (.08, .72), (-.08, .9), (.08, .9), (0, .81))]
    if "ears" in extras:
        parts += [ball(.06, 14).scaled(.5, .5, 1.2).moved(s * .235 * wide, .0, .34 * tall) for s in (-1, 1)]
        parts += [torus(.035, .01, 18).turned("x", 90).moved(s * .25 * wide, -.02, .2 * tall) for s in (-1, 1)]
    mesh = join(parts).turned("x", -90)
    mesh = mesh.moved(z=-mesh.points[:, 2].min() * .2)
    return Thing(mesh, made + ("jet",), azimuth=0, elevation=(62, 88), roll=8)
