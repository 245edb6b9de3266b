"""Dress: garments as if worn by nobody, hats, shoes, gloves."""

import numpy as np

from ..kinds import kind
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, patch, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor


def pleats(count: float, depth: float):
    """Folds for `loft` that deepen downwards."""
    return lambda angle, share: 1 + depth * (1 - share) * (
        np.sin(count * angle + .5 * np.sin(5 * share + 2)) + .4 * np.sin(2.3 * count * angle + 1))


def printed(rng, chance: float = 0.4) -> dict:
    """A woven or printed pattern for slot 0, or none: stripes, checks or sprigs."""
    if rng.uniform() > chance:
        return {}
    pattern, (y, x) = rng.integers(3), np.mgrid[0:96, 0:96] / 96
    if pattern == 0:
        cover = (np.abs((x * rng.integers(3, 9)) % 1 - .5) < rng.uniform(.08, .25)) * 1.0
    elif pattern == 1:
        n, width = rng.integers(3, 7), rng.uniform(.08, .2)
        cover = .5 * (np.abs((x * n) % 1 - .5) < width) + .5 * (np.abs((y * n) % 1 - .5) < width)
    else:
        cover = decor.spray(rng, 96, 96, int(rng.integers(6, 14)), stem=bool(rng.integers(2)))
    colour = decor.plain(rng, "#e8dcc0 #7a2430 #22365a #c79a3a #2f5a44 #1c1a1e #d98a8a")
    return {0: Skin((0, .55, -.2, 2.2), colour, np.tile(np.float32(cover) * .85, (4, 1)), repeat=True)}


def sleeve(side, shoulder, reach, wide, drop, cuff=1.0):
    """A hanging sleeve from a shoulder point (x, z)."""
    x, z = shoulder
    end = (side * (x + reach * np.cos(drop)), -.02, z - reach * np.sin(drop))
    return sweep([(side * x * .8, 0, z - .01), (side * (x + .25 * reach * np.cos(drop)), 0, z - .25 * reach * np.sin(drop) + .01), end],
                 [wide * .9, wide, wide * cuff * .8], sections=18, samples=18, flat=.75)


def upper(rng, made, length, sleeves, buttons, collar, wide=.06, flare=1.0):
    """A garment for the upper body, with or without sleeves (their length or 0), buttons and a collar ("stand", "lapels"
    or ""), and what it and its buttons are made of; `flare` is the width of its hem over that of its chest."""
    chest, waist = rng.uniform(.19, .22), rng.uniform(.16, .2)
    hip, depth, top = chest * flare, chest * .6, length * .86
    stations = np.array([(0, hip, hip * .6), (.3, waist, waist * .6), (.62, chest, depth), (.82, chest * 1.02, depth * .85),
                         (.93, chest * .85, depth * .62), (.985, .085 * 1.15, .085 * .95), (1, .085, .085 * .9)])
    folds = pleats(7, .03 + .05 * (flare > 1.1))
    parts = [loft(stations * [length, 1, 1], square=2.5, push=folds, ends=False, sections=56)]
    if sleeves:
        parts += [sleeve(s, (chest * .92, length * .9), sleeves, wide, rng.uniform(.75, 1.15)) for s in (-1, 1)]
    if buttons:
        parts.append(sweep([(0, -depth * 1.02, .02), (0, -depth * 1.04, .5 * top), (0, -depth * .8, top)], .006, sections=6, samples=14))
        parts += [ball(.015, 10).moved(.02, -depth * (1.05 if z < .6 * top else .95), z).of(1)
                  for z in np.linspace(.12 * length, .85 * top, rng.integers(3, 8))]
    if collar == "stand":
        parts.append(turn([(.09, 0), (.12, .05), (.1, .07)], lobes=(2, .12)).moved(z=length - .02))
    elif collar == "lapels":
        parts += [sheet(np.array([[(s * .02, -chest * .62, length * .6), (s * .02, -chest * .63, length * .6)],
                                  [(s * .02, -chest * .58, length * .85), (s * .11, -chest * .56, length * .82)],
                                  [(s * .05, -.06, length * 1.0), (s * .1, -.04, length * .97)]])) for s in (-1, 1)]
    return join(parts), (made[0], made[1] if len(made) > 1 else "bone")


@kind("shirt", "costume", "linen 4, cotton 4, silk 1", 1.1, "costume design")
def shirt(rng, made):
    mesh, made = upper(rng, made, rng.uniform(.55, .7), rng.uniform(.4, .58), rng.uniform() < .6, "stand", .065)
    return Thing(mesh, made, printed(rng, .3), azimuth=15, elevation=(2, 14))


@kind("jacket", "costume", "wool + brass 3, velvet + gold 1, silk + silver 1, leather + brass 1", .9, "costume design")
def jacket(rng, made):
    mesh, made = upper(rng, made, rng.uniform(.55, .68), rng.uniform(.5, .6), True, "lapels", .062)
    return Thing(mesh, made, printed(rng, .15), azimuth=20, elevation=(2, 14))


@kind("coat", "costume", "wool + brass 3, silk + gold 1, velvet + brass 1, wool + horn 1", .8, "costume design")
def coat(rng, made):
    mesh, made = upper(rng, made, rng.uniform(1.0, 1.2), .62, True, "lapels", .068, flare=rng.uniform(1.15, 1.5))
    return Thing(mesh, made, azimuth=20, elevation=(2, 12), fill=.84)


@kind("waistcoat", "costume", "silk + brass 3, wool + horn 1, damask + silver 2, velvet + brass 1", .6, "costume design")
def waistcoat(rng, made):
    mesh, made = upper(rng, made, rng.uniform(.5, .6), 0, True, "lapels")
    return Thing(mesh, made, printed(rng, .5), azimuth=18, elevation=(2, 14))


@kind("tunic", "costume", "linen 3, wool 2, cotton 1", .5, "ethnography")
def tunic(rng, made):
    mesh, made = upper(rng, made, rng.uniform(.8, .95), rng.uniform(.2, .4), False, "", .08, flare=1.25)
    band = decor.border(rng, 192, 24)
    return Thing(mesh, made[:1], {0: Skin((0, 1.3, .05, .17), decor.plain(rng, "#7a2430 #22365a #b8862a"), band)}, azimuth=18, elevation=(2, 14))


@kind("dress", "costume", "silk 4, cotton 3, linen 1, wool 1, damask 2, velvet 1", 1.5, "costume design")
def dress(rng, made, white=False):
    wide, long = rng.uniform(.3, .52), rng.uniform(1.1, 1.3)
    waist, count = rng.uniform(.115, .14), int(rng.integers(8, 15))
    skirt_ = loft([(0, wide, wide * rng.uniform(.75, 1)), (.25 * long, wide * .86, wide * .74), (.5 * long, waist * 1.35, waist * 1.25), (.585 * long, waist, waist * .8)],
                  push=pleats(count, .09), ends=False, sections=72)
    chest, low = rng.uniform(.165, .185), rng.uniform(.7, 1)
    bodice = loft([(.575 * long, waist, waist * .8), (.72 * long, chest, chest * .75), (.82 * long, chest * .98, chest * .6),
                   (.88 * long, chest * (.72 if low > .85 else .9), chest * .45), (.9 * long, .085 / low, .075)], square=2.4, ends=False, sections=48)
    puff, reach = rng.uniform(.05, .1), rng.choice([.15, .4])
    parts = [skirt_, bodice] + [sleeve(s, (chest * .95, .845 * long), reach, puff if reach < .2 else .055, rng.uniform(.8, 1.2), .8) for s in (-1, 1)]
    parts.append(loft([(.565 * long, waist * 1.04, waist * .85), (.61 * long, waist * 1.03, waist * .84)], ends=False).of(1))
    if rng.uniform() < .35 or white:
        parts.append(loft([(.0, wide * 1.03, wide * .95), (.09, wide * 1.0, wide * .93)], push=pleats(30, .02), ends=False, sections=90).of(1))
    second = "lace" if white or rng.uniform() < .3 else made[0]
    return Thing(join(parts), (made[0], second), {} if white else printed(rng, .4), azimuth=25, elevation=(2, 12), fill=.86)


@kind("wedding dress", "costume", "silk + lace 3, damask + lace 1, cotton + lace 1", .45, "costume design")
def wedding_dress(rng, made):
    thing = dress(rng, made, white=True)
    train = loft([(0, .5, .6, 0, .25), (.05, .42, .5, 0, .2), (.5, .12, .12)], push=pleats(13, .06), ends=False, sections=72)
    skins = {0: Skin((-9, 9, -9, 9), hexa("#eeeae0")[None, None])}
    return Thing(join([thing.mesh, train]), made, skins, azimuth=45, elevation=(3, 16), fill=.86)


@kind("skirt", "costume", "wool 3, linen 2, cotton 3, silk 2, velvet 1", .8, "ethnography")
def skirt(rng, made):
    wide, long = rng.uniform(.3, .45), rng.uniform(.6, .85)
    body = loft([(0, wide, wide * .85), (.4 * long, wide * .8, wide * .65), (.85 * long, .17, .13), (.93 * long, .14, .1)],
                push=pleats(int(rng.integers(9, 18)), rng.uniform(.05, .11)), ends=False, sections=84)
    band = loft([(.925 * long, .145, .105), (long, .14, .1)], ends=False).of(1)
    skins = printed(rng, .3)
    if not skins and rng.uniform() < .6:
        strip = np.concatenate([decor.border(rng, 192, 20), np.zeros((6, 192), np.float32), decor.border(rng, 192, 14)])
        skins = {0: Skin((0, 1.1, .04, .27), decor.plain(rng, "#e8dcc0 #c79a3a #a8281f"), strip, repeat=True)}
    return Thing(join([body, band]), (made[0], rng.choice(["linen", "velvet", made[0]])), skins, azimuth=40, elevation=(4, 18))


@kind("trousers", "costume", "wool 3, linen 2, cotton 2, leather 1", .6, "costume design")
def trousers(rng, made):
    long = rng.choice([.5, .85])
    hips = loft([(long, .17, .12), (long + .15, .18, .12), (long + .25, .15, .1)], square=2.6, ends=False)
    legs_ = [loft([(0, .08 * rng.uniform(.9, 1.2), .08, s * .12), (.5 * long, .088, .085, s * .105), (long - .01, .1, .11, s * .08), (long + .06, .09, .11, s * .08)],
                  push=lambda a, h: 1 + .03 * np.sin(11 * h + 2 * a), ends=False) for s in (-1, 1)]
    parts = [hips] + legs_ + [ball(.013, 8).moved(0, -.115, long + z).of(1) for z in (.1, .16, .22)]
    return Thing(join(parts), (made[0], "horn"), printed(rng, .2), azimuth=25, elevation=(2, 14))


@kind("corset", "costume", "cotton 3, silk 3, linen 1", .5, "costume design")
def corset(rng, made):
    body = loft([(0, .19, .15), (.12, .165, .125), (.24, .118, .095), (.38, .15, .115), (.5, .18, .145), (.53, .175, .14)],
                push=lambda angle, share: 1 + .018 * np.cos(22 * angle), ends=False, sections=100, samples=30)
    lace = [sweep([(s * .03, -.16 * f, z), (-s * .03, -.16 * f, z + .05)], .005, sections=6).of(1) for s in (-1, 1)
            for z, f in zip(np.arange(.04, .48, .05), (.93, .87, .78, .68, .63, .68, .74, .8, .88))]
    return Thing(join([body] + lace), (made[0], "leather"), azimuth=30, elevation=(4, 18))


@kind("kimono", "costume", "silk 4, cotton 2, damask 1", .5, "costume design")
def kimono(rng, made):
    def fold(x, y):
        return .02 + .008 * np.sin(30 * x + 4 * y) + .004 * np.sin(70 * x)
    body = patch(.56, 1.2, fold, 40).moved(0, -.1)
    sleeves = [patch(.42, .46, fold).moved(s * .48, .27, -.003) for s in (-1, 1)]
    collar = [sweep([(s * .09, .5, .045), (s * .06, .3, .05), (-s * .01, -.05, .05), (-s * .02, -.65, .045)], .026, flat=.3, sections=8).of(1) for s in (-1, 1)]
    sash = [patch(.6, .14, None, 8, .06).moved(0, .02).of(1)] if rng.uniform() < .4 else []
    art = decor.spray(rng, 128, 128, int(rng.integers(9, 20)))
    skins = {0: Skin((-.5, .5, -.75, .6), decor.plain(rng, "#e8dcc0 #d9a93a #a8281f #e6b0b0"), art)}
    made = (made[0], rng.choice(["silk", "linen"]))
    return Thing(join([body] + sleeves + collar + sash), made, skins, azimuth=0, elevation=(80, 90), roll=3)


@kind("cape", "costume", "wool 3, velvet 2, silk 1", .5, "religion")
def cape(rng, made):
    h = rng.uniform(.8, 1.05)
    body = loft([(0, .5, .36), (.5 * h, .36, .25), (.82 * h, .22, .15), (.93 * h, .1, .085), (h, .1, .09)], push=pleats(int(rng.integers(8, 13)), .08),
                ends=False, sections=84)
    edge = [sweep([(s * .03, -.40, .0), (s * .025, -.28, .5 * h), (s * .02, -.16, .85 * h), (s * .03, -.1, .95 * h)], [.03, .03, .02, .018], flat=.5).of(1) for s in (-1, 1)]
    clasp = ball(.03).moved(0, -.12, .93 * h).of(2)
    return Thing(join([body, clasp] + edge), (made[0], rng.choice(["silk", "damask", "gold"]), "gold"), azimuth=30, elevation=(2, 14))


@kind("hat", "costume", "felt 4, straw 3, velvet 1, silk 1", .9, "costume design")
def hat(rng, made):
    brim, crown = rng.uniform(.42, .62), rng.uniform(.2, .34)
    curl = rng.uniform(-.04, .1)
    body = turn([(.0, crown), (.13, crown), (.22, crown * .88), (.24, crown * .5), (.25, .03), (.25, .03), (.35, .01), (brim * .92, .02 + curl), (brim, .04 + curl), (brim, .03 + curl)])
    parts = [body.scaled(1, rng.uniform(.85, 1.05), 1), turn([(.243, .02), (.262, .03), (.258, .1), (.244, .1)]).scaled(1, .95, 1).of(1)]
    made = (made[0], rng.choice(["silk", "velvet"]))
    if rng.uniform() < .4:
        parts.append(sweep([(.2, -.1, .1), (.3, -.05, .35), (.1, .05, .5), (-.12, .1, .47)], [.03, .09, .08, .01], flat=.4, samples=20).of(2))
        made += ("feather",)
    return Thing(join(parts), made, azimuth=60, elevation=(12, 32))


@kind("top hat", "costume", "silk 3, felt 2", .45, "costume design")
def top_hat(rng, made):
    body = turn([(0, .52), (.24, .52), (.24, .52), (.215, .3), (.225, .04), (.225, .04), (.36, .035), (.385, .06), (.36, .05), (.22, .02)])
    band = turn([(.226, .04), (.232, .05), (.228, .12), (.222, .12)]).of(1)
    black = decor.plain(rng, "#17161a #17161a #6a625a")
    skins = {0: Skin((-9, 9, -9, 9), black, gloss=.5), 1: Skin((-9, 9, -9, 9), black)}
    return Thing(join([body, band]).scaled(1, .9, 1), (made[0], "silk"), skins, azimuth=60, elevation=(8, 26))


@kind("cap", "costume", "wool 3, velvet 1, linen 1, cotton 1", .6, "ethnography")
def cap(rng, made):
    if rng.uniform() < .5:
        body = loft([(0, .27, .3), (.1, .3, .34), (.2, .27, .3), (.27, .12, .14), (.28, .0, .0)], push=lambda a, s: 1 + .015 * np.sin(8 * a), sections=48)
        peak = loft([(0, .2, .12, 0, -.3), (.025, .19, .13, 0, -.31)], square=2.5).turned("x", 8)
        return Thing(join([body, peak.of(1)]), (made[0], "leather"), azimuth=50, elevation=(10, 30))
    body = turn([(.26, 0), (.28, .02), (.26, .2), (.2, .28), (0, .31)])
    strip = decor.border(rng, 192, 26)
    tassel = sweep([(0, 0, .31), (.08, 0, .34), (.2, -.05, .26), (.24, -.06, .1)], [.01, .008, .02, .035])
    skins = {0: Skin((0, 1.75, .05, .15), decor.plain(rng, "#d9a93a #e8dcc0 #a8281f"), strip)}
    return Thing(join([body, tassel]), made, skins, azimuth=50, elevation=(10, 28))


@kind("helmet", "costume", "steel + brass 3, iron + leather 2, bronze + bronze 2, brass + leather 1", .7, "history")
def helmet(rng, made):
    tall = rng.uniform(.34, .48)
    dome = loft([(0, .25, .3), (.12, .27, .32), (.7 * tall, .22, .26), (.93 * tall, .1, .12), (tall, 0, 0)], sections=48)
    rivets = [ball(.016, 8).moved(.26 * np.cos(a), .315 * np.sin(a), .06).of(1) for a in np.linspace(0, 2 * np.pi, 14)]
    brim = loft([(0, .36, .42), (.02, .37, .44), (.05, .26, .31)], ends=False)
    crest = sweep([(0, -.31, .0), (0, -.25, .3), (0, -.1, tall + .05), (0, .1, tall + .06), (0, .27, .28), (0, .32, .02)],
                  [.02, .03, .08, .08, .03, .02], flat=.25, samples=30)
    cheeks = [loft([(-.28, .1, .02), (-.1, .13, .03), (.05, .12, .03)], square=3).turned("z", s * 72).moved(s * .24, -.06) for s in (-1, 1)]
    extra = ([brim.bent(lambda p: p + np.float32([0, 0, .5]) * np.clip(np.abs(p[:, 1:2]) - .2, 0, 1))],
             [crest.of(1), box(.045, .03, .26).moved(0, -.31, -.1)],
             [*cheeks, turn([(0, tall + .1), (.02, tall + .08), (.04, tall), (0, tall - .02)]).of(1)])[rng.integers(3)]
    return Thing(join([dome] + extra + rivets).grounded(), made, azimuth=60, elevation=(4, 22))


@kind("crown", "jewelry", "gold + carnelian 3, silver + turquoise 1, gold + pearl 1", .4, "history")
def crown(rng, made):
    n = int(rng.integers(5, 9))
    angle = np.linspace(0, 2 * np.pi, 97)
    peak = .1 + .22 * np.abs(np.cos(angle * n / 2)) ** rng.uniform(1.5, 4)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * .3
    outside = ((1, 0 * peak), (1, .1 + 0 * peak), (1 + .25 * peak, .1 + peak))
    rows = [np.column_stack([ring * np.reshape(f, (-1, 1)) * thin, z]) for thin, side in ((1, outside), (.96, outside[::-1])) for f, z in side]
    parts = [sheet(np.array(rows)), torus(.3, .018).moved(z=.01), torus(.3, .018).moved(z=.1)]
    tops = np.arange(n) * 2 * np.pi / n
    parts += [ball(.03, 12).moved(.3 * 1.08 * np.cos(a), .3 * 1.08 * np.sin(a), .43) for a in tops]
    parts += [ball(.028, 12).scaled(1, 1, 1.2).moved(.305 * np.cos(a), .305 * np.sin(a), .05).of(1) for a in tops + np.pi / n]
    return Thing(join(parts), made, azimuth=180, elevation=(12, 32))


def _foot(heel: float):
    """A shoe or boot pointing to -y; slots 0 upper, 1 sole."""
    stations = [(0, .02, .03), (.06, .1, .09), (.22, .15, .12), (.42, .135, .13), (.6, .11, .17), (.8, .115, .2), (.94, .1, .17), (1.0, .03, .06)]

    def lift(p):
        return heel * np.clip((-p[:, 1] - .42) / .35, 0, 1) ** 1.3

    def settle(p):
        z = np.where(p[:, 2] < 0, p[:, 2] * .35, p[:, 2] * (1 + .4 * np.clip(-p[:, 1] - .5, 0, 1))) + .08 + lift(p)
        return np.stack([p[:, 0], p[:, 1], z], 1)
    upper_ = loft(stations, square=2.3, sections=36).turned("x", 90).bent(settle).turned("z", 180)
    sole = loft([(z, w * 1.04, .018) for z, w, _ in stations], square=4).turned("x", 90).bent(
        lambda p: np.stack([p[:, 0], p[:, 1], p[:, 2] + .022 + lift(p)], 1)).turned("z", 180)
    block = loft([(0, .05, .06), (heel, .085, .1)], square=3).moved(0, .86, 0)
    return [upper_, sole.of(1)] + ([block.of(1)] if heel > .02 else [])


@kind("shoe", "costume", "leather 5, silk 2, velvet 1", .9, "costume design")
def shoe(rng, made):
    heel = rng.choice([.0, .04, .12, .2])
    opening = ball(.09, 20).scaled(.85, 1.7, .35).turned("x", -6).moved(0, .76, .285 + heel * .85).of(2)
    laces = [sweep([(s * .06, .45 + .05 * i, .24 + .02 * i), (-s * .06, .5 + .05 * i, .26 + .02 * i)], .01, sections=6)
             for s in (-1, 1) for i in range(3)]
    buckle, rosette = box(.13, .06, .02).moved(0, .46, .26 + .1 * heel), ball(.05).scaled(1.4, .8, .7).moved(0, .45, .27)
    mesh = join([*_foot(heel), opening, join(([buckle], laces, [rosette])[rng.integers(3)]).of(3)])
    if rng.uniform() < .55:
        mesh = join([mesh, mesh.turned("z", 14).moved(.42, .1)])
    return Thing(mesh, (made[0], "leather", "jet", rng.choice(["silver", "silk", "brass"])), azimuth=180, elevation=(14, 38))


@kind("boot", "costume", "leather 6, felt 1", .6, "costume design")
def boot(rng, made):
    heel, tall = rng.choice([.03, .08]), rng.uniform(.5, .95)
    shaft = loft([(.2 + heel, .11, .17), (.4, .11, .14), (.4 + .5 * tall, .15, .165), (.4 + tall, .15, .16)], square=2.2, ends=False,
                 push=lambda a, s: 1 + .02 * np.sin(9 * s + 2 * a)).moved(0, .8, 0)
    mesh = join(_foot(heel) + [shaft])
    if rng.uniform() < .5:
        mesh = join([mesh, mesh.turned("z", 10).moved(.42, .06)])
    return Thing(mesh, (made[0], "leather", "jet"), azimuth=180, elevation=(8, 26))


@kind("glove", "costume", "leather 4, silk 1, lace 1, wool 1", .5, "costume design")
def glove(rng, made):
    long = rng.uniform(.35, .8)
    palm = loft([(-long, .16, .05), (-.1, .13, .05), (0, .14, .055), (.25, .19, .06), (.33, .18, .055)], square=2.6)
    fingers = [sweep([(x, 0, .28), (x * 1.15, 0, .28 + f * .5), (x * 1.3, 0, .28 + f)], [.047, .046, .036], sections=12, flat=.8)
               for x, f in ((-.14, .3), (-.045, .38), (.05, .36), (.14, .27))]
    thumb = sweep([(-.14, 0, .02), (-.27, -.01, .14), (-.3, -.01, .27)], [.06, .052, .04], sections=12)
    cuff = loft([(-long - .01, .17, .06), (-long + .08, .165, .06)], square=2.6).of(1)
    hand = join([palm, thumb] + fingers + [cuff]).turned("x", -90).moved(z=.06)
    if rng.uniform() < .6:
        hand = join([hand, hand.scaled(-1, 1, 1).turned("z", 12).moved(.45, .05)])
    return Thing(hand, (made[0], rng.choice([made[0], "silk", "lace"])), azimuth=0, elevation=(68, 88), roll=25)
