"""Dress: garments as if worn by nobody, hats, shoes, gloves. What they are sewn from is in `tailor.py`."""

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, patch, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor
from .tailor import Cut, lapels, lifted, placket, pleats, printed, ruffle, sleeves, stand, torso, turndown


@kind("shirt", "costume", "linen 4, cotton 4, silk 1", 1.1, "costume design")
def shirt(rng, made):
    form, top = int(rng.integers(5)), rng.uniform(.66, .74)
    waist = rng.uniform(.19, .205)
    skins, made = printed(rng, .3), (made[0], "bone")
    if form == 4:  # folded, as from the laundry
        fold = [box(.46, .62, .05, .02), box(.44, .6, .05, .02).moved(z=.04), box(.05, .42, .012).moved(0, -.08, .088)]
        points = [sheet(np.array([[(0, .2, .125), (s * .13, .13, .112)], [(s * .02, .33, .12), (s * .15, .29, .1)]]))
                  for s in (-1, 1)]
        roll = torus(.085, .026, flat=1.3).scaled(1.2, .75, 1).moved(0, .28, .115)
        buttons = [ball(.013, 8).moved(0, y, .105).of(1) for y in np.linspace(-.25, .08, 4)]
        return Thing(join(fold + points + [roll] + buttons), made, skins, azimuth=25, elevation=(48, 72), roll=6)
    if form == 3:  # smock: wide, a yoke, gathered below
        cut = Cut(torso(top, .25, (0, .3, .2), (.15, .285, .19)), push=pleats(14, .035))
        yoke = cut.flap([(-.13, top - .24), (-.15, top - .1), (-.07, top - .02)],
                        [(.13, top - .24), (.15, top - .1), (.07, top - .02)], .012)
        parts = [yoke, turndown(top)] + sleeves(top, "bishop", .5, rng.uniform(1.0, 1.25)) + placket(cut, top - .24, top, 3)
    elif form == 2:  # full sleeves, a frill
        cut = Cut(torso(top, waist, (0, .23, .16)), push=pleats(9, .03))
        parts = [ruffle(cut, top - .36, top - .02), stand(top, .06)] + sleeves(top, "bishop", .54, rng.uniform(1.0, 1.2))
    else:
        cut = Cut(torso(top, waist, (0, .215, .14)), push=lambda angle, share: 1 + .01 * np.sin(7 * angle + 4 * share))
        style, reach = (("straight", .56), ("wide", .24))[form]
        parts = [turndown(top)] + sleeves(top, style, reach, rng.uniform(1.1, 1.28), None if form else 0) + placket(cut, .01,
                top - .03, int(rng.integers(5, 8)))
        parts += [cut.flap([(.06, top - .33), (.06, top - .23)], [(.14, top - .33), (.14, top - .23)],
                           .01)] if rng.uniform() < .6 else []
    hem = 0 if form == 3 else .05
    mesh = join([cut.mesh()] + parts)
    if hem and rng.uniform() < .7:  # shirt tails: the sides are cut higher
        mesh = lifted(mesh, lambda x, y, z: hem * np.clip(np.abs(x) / .2, 0, 1) ** 2 * np.clip(1 - z / .25, 0, 1))
    return Thing(mesh, made, skins, azimuth=18, elevation=(2, 14))


@kind("jacket", "costume", "wool + brass 3, velvet + gold 1, silk + silver 1, leather + brass 1", .9, "costume design")
def jacket(rng, made):
    form, top, lean = int(rng.integers(5)), rng.uniform(.62, .7), rng.uniform(1.15, 1.3)
    skins, extra = printed(rng, .15), "linen"
    if form == 0:  # lounge jacket
        cut = Cut(torso(top, .185, (0, .215, .145)))
        parts = lapels(cut, top, top - rng.uniform(.26, .36)) + sleeves(top, "straight", .54, lean, None)
        parts += [f for z in (.14,) for f in cut.flaps([(.06, z), (.06, z + .045)], [(.16, z), (.16, z + .045)])]
        parts += cut.studs([(.0, z) for z in (.16, .24)]) + [cut.front_seam(.0, .22)]
    elif form == 1:  # hussar's: rows of cords
        cut = Cut(torso(top, .165, (0, .2, .13), (.08, .19, .125)))
        parts = [stand(top, .06)] + sleeves(top, "tight", .54, lean, 1)
        for z in np.linspace(.12, top - .12, int(rng.integers(5, 8))):
            wide = .05 + .11 * z / top
            parts.append(sweep(cut.front([(-wide, z), (0, z - .012), (wide, z)]), .011, sections=6).of(1))
            parts += cut.studs([(-wide, z), (0, z - .01), (wide, z)], .018)
        parts += [ball(.05, 14).scaled(1.3, 1, .35).moved(s * .175, 0, top - .05).of(1) for s in (-1, 1)]
    elif form == 2:  # bolero with rounded fronts
        top = .46
        cut = Cut(torso(top, .2, (0, .19, .13)), ((0, 1.0), (.12, .62), (.3, .5), (top, .5)))
        parts = [cut.edge(s, .02).of(1) for s in (-1, 1)] + sleeves(top, "straight", rng.choice([.3, .5]), lean, 1)
        parts += [f.of(1) for f in cut.flaps([(.14, .1), (.14, .16)], [(.17, .1), (.17, .16)])]
    elif form == 3:  # a lady's: narrow waist, peplum, sleeves wide at the shoulder
        cut = Cut(torso(top, .125, (0, .25, .2), (.12, .19, .14)), push=pleats(9, .04))
        parts = placket(cut, .14, top - .02, 7, .012) + sleeves(top, "mutton", .52, lean - .1) + [turndown(top, .6)]
    else:  # double-breasted
        cut = Cut(torso(top, .18, (0, .21, .14)))
        parts = lapels(cut, top, top - .24, .14, False) + sleeves(top, "straight", .54, lean, 0)
        parts += cut.studs([(s * .07, z) for s in (-1, 1) for z in np.linspace(.06, top - .28, 3)],
                           .018) + [cut.front_seam(.03, top - .24)]
    mesh = join([cut.mesh()] + parts)
    return Thing(mesh.grounded(), made + (extra,), skins, azimuth=20, elevation=(2, 14))


@kind("coat", "costume", "wool + brass 3, silk + gold 1, velvet + brass 1, wool + horn 1", .8, "costume design")
def coat(rng, made):
    form, top, lean = int(rng.integers(5)), rng.uniform(1.1, 1.25), rng.uniform(1.2, 1.35)
    extra = "linen"
    if form == 0:  # greatcoat: double-breasted, belted
        cut = Cut(torso(top, .19, (0, .3, .22), (.4 * top, .24, .17)), push=pleats(8, .035))
        parts = lapels(cut, top, top - .28, .16, slot=0) + sleeves(top, "straight", .58, lean, 0, 1.2)
        parts += cut.studs([(s * .075, z) for s in (-1, 1) for z in np.linspace(.45, top - .3, 4)], .02)
        parts += [cut.girdle(top - .45, top - .4)] + [cut.front_seam(.02, top - .28)]
        parts += cut.flaps([(.08, top - .62), (.08, top - .56)], [(.18, top - .6), (.18, top - .54)])
    elif form == 1:  # of the eighteenth century: open, braided, wide cuffs, over a waistcoat
        top = 1.0
        cut = Cut(torso(top, .185, (0, .32, .25), (.3, .26, .2)), ((0, .75), (.5, .35), (top, .42)), pleats(6, .05))
        vest = Cut(torso(top, .175, (.3, .2, .14)) * [1, .96, .93])
        parts = [cut.edge(s, .017).of(1) for s in (-1, 1)] + sleeves(top, "straight", .5, lean, 1, 1.6)
        parts += [vest.mesh().of(2), ruffle(vest, top - .2, top - .02, .05, 3)] + vest.studs([(0, z)
                for z in np.linspace(.4, .75, 5)])
        parts += [s.of(1) for a in (-1, 1) for s in cut.studs([(a * .15, z) for z in np.linspace(.38, .78, 6)], .014)]
        extra = rng.choice(["damask", "silk"])
    elif form == 2:  # tailcoat: cut away in front
        cut = Cut(torso(top, .165, (0, .12, .13), (.3, .17, .14), (top - .52, .18, .125)),
                  ((0, 2.3), (top - .56, 1.7), (top - .5, .5), (top - .4, .12), (top, .1)))
        parts = lapels(cut, top, top - .34, .14) + sleeves(top, "tight", .58, lean, None)
        shirt_ = Cut(torso(top, .16, (top - .5, .165, .11)) * [1, .94, .9])
        parts += [shirt_.mesh().of(2)] + cut.studs([(s * .07, z) for s in (-1, 1) for z in (top - .46, top - .38, top - .3)])
    elif form == 3:  # with a shoulder cape
        cut = Cut(torso(top, .19, (0, .28, .21), (.4 * top, .23, .17)), push=pleats(7, .04))
        cape_ = Cut(np.array([(top - .33, .34, .22), (top - .15, .27, .16), (top - .05, .14, .1), (top, .072, .07)]),
                    ((top - .33, .22), (top, .05)), pleats(9, .04))
        parts = [cape_.mesh(), turndown(top)] + sleeves(top, "straight", .58, lean, 0) + placket(cut, .1, top - .1, 7)
    else:  # caftan: straight, open, its edges braided
        cut = Cut(torso(top, .23, (0, .32, .22), (.5 * top, .255, .18)), ((0, .42), (.5 * top, .22), (top, .3)), pleats(6, .035))
        under = Cut(torso(top, .2, (0, .26, .17), (.4 * top, .22, .15)) * [1, .95, .9])
        parts = [cut.edge(s, .026).of(1) for s in (-1, 1)] + sleeves(top, "bell", .54, lean - .15, 1) + [under.mesh().of(2),
                cut.girdle(0, .03).of(1)]
        extra = rng.choice(["silk", "cotton"])
    mesh = join([cut.mesh()] + parts)
    return Thing(mesh.grounded(), made + (extra, "linen"), azimuth=20, elevation=(2, 12), fill=.84)


@kind("waistcoat", "costume", "silk + brass 3, wool + horn 1, damask + silver 2, velvet + brass 1", .6, "costume design")
def waistcoat(rng, made):
    form, top = int(rng.integers(4)), rng.uniform(.56, .64)
    long = (0, 0, .3, 0)[form]
    top += long
    hem = ((0, .2, .13),), ((0, .19, .13),), ((0, .27, .19), (.25, .22, .15)), ((0, .2, .14),)
    gap = ((0, .3), (.1, .02), (top, .02)), (), ((0, .6), (long + .08, .03), (top, .03)), ((0, .5), (top - .2, .35), (top, .4))
    body = torso(top, .172, *hem[form])
    body[body[:, 0] > top - .2, 1] = np.minimum(body[body[:, 0] > top - .2, 1], .155)  # no shoulders: the armholes begin here
    cut = Cut(body, gap[form])
    shirt_ = Cut(torso(top, .165, (.1, .17, .11)) * [1, .93, .88])
    parts = [cut.mesh(), shirt_.mesh().of(2)] if form in (0, 2, 3) else [cut.mesh()]
    parts += [torus(.1, .012).scaled(1, .68, 1).turned("y", 90).moved(s * .152, 0, top - .16) for s in (-1, 1)]
    parts += [ball(.1, 20).scaled(.2, .66, 1).moved(s * .15, 0, top - .16).of(3) for s in (-1, 1)]
    columns = (-.055, .055) if form == 1 else (.0,)
    if form == 3:
        parts += [cut.edge(s, .022).of(1) for s in (-1, 1)] + [cut.girdle(0, .03).of(1)]
    else:
        parts += lapels(cut, top, top - (.3, .24, .2, 0)[form], (.1, .13, .02, 0)[form], False)
        parts += cut.studs([(x, z) for x in columns for z in np.linspace(.1 + long * .8, top - (.34, .28, .24, 0)[form],
                                                                         (5, 3, 7, 0)[form])])
        parts += cut.flaps([(.07, long + .1), (.07, long + .13)], [(.14, long + .12), (.14, long + .15)])
    mesh = join(parts)
    if form in (0, 1):  # the hem runs down to points
        mesh = lifted(mesh, lambda x, y, z: -.07 * np.clip(1 - np.abs(np.abs(x) - .05) / .09, 0,
                                                           1) * (y < 0) * np.clip(1 - z / .15, 0, 1))
    return Thing(mesh.grounded(), made + ("linen", "linen"), printed(rng, .5), azimuth=24, elevation=(2, 14))


@kind("tunic", "costume", "linen 3, wool 2, cotton 1", .5, "ethnography")
def tunic(rng, made):
    form, top = int(rng.integers(4)), rng.uniform(.85, 1.0)
    ink, band = decor.plain(rng, "#7a2430 #22365a #b8862a"), decor.border(rng, 192, 24)
    if form == 3:  # laid flat, with the two stripes of late antiquity
        wide, deep = rng.uniform(.5, .62), .3
        y, x = np.mgrid[.5:-.5:120j, -.5:.5:120j]
        cover = np.float32((np.abs(np.abs(x) - .1) < .022)
                           & (y > -.25)) + (np.hypot(np.abs(x) - .1, y + .27) < .05) + (np.abs(np.abs(x) - .44) < .02)
        folds = lambda a, b: .01 + .006 * np.sin(25 * a + 3 * b)
        parts = [patch(.62, 1.1, folds).moved(0, -.1), patch(2 * wide, deep, folds).moved(0, .3, .002)]
        parts.append(ball(.1, 20).scaled(1.2, .45, .1).moved(0, .43, .022).of(1))
        return Thing(join(parts), (made[0], "jet"), {0: Skin((-wide * 1.15, wide * 1.15, -.65, .45), ink, np.clip(cover, 0, 1))},
                     azimuth=0, elevation=(74, 90), roll=5)
    if form == 2:  # sleeveless, in folds, girdled
        cut = Cut(torso(top, .165, (0, .25, .17), (.25, .235, .16), (top - .5, .215, .15)), push=pleats(11, .07))
        parts = [cut.girdle(top - .44, top - .4, .02).of(1)] + [ball(.03, 10).moved(s * .12, -.05, top - .03).of(1)
                                                                for s in (-1, 1)]
    else:
        cut = Cut(torso(top, (.2, .235)[form], (0, .29, .2), (.3, .25, .17)), push=pleats(7, .03))
        parts = sleeves(top, ("wide", "straight")[form], (.26, .5)[form], rng.uniform(.85, 1.2), 1)
        parts.append(cut.flap([(-.035, top - .26), (-.035, top - .02)], [(.035, top - .26), (.035, top - .02)], .008).of(1))
        parts += [] if form else [cut.girdle(top - .48, top - .43, .018).of(2)]
    skins = {0: Skin((0, 1.3, .05, .17), ink, band, repeat=True), 1: Skin((-9, 9, -9, 9), ink)}
    return Thing(join([cut.mesh()] + parts), (made[0], made[0], "leather"), skins, azimuth=18, elevation=(2, 14))


# Skirts of dresses from the hem to the waist: rows (z as a share of the waist's height, half width, half depth); pleats.
SKIRTS = {"bell": (((0, .42, .36), (.4, .37, .31), (.8, .21, .18), (1, .13, .1)), 11),
          "crinoline": (((0, .56, .52), (.35, .53, .48), (.7, .38, .33), (.9, .2, .16), (1, .12, .095)), 13),
          "column": (((0, .23, .2), (.5, .19, .16), (1, .15, .115)), 8),
          "panniers": (((0, .55, .27), (.5, .53, .24), (.82, .46, .19), (.93, .3, .15), (1, .12, .095)), 9),
          "straight": (((0, .21, .14), (.4, .2, .135), (1, .185, .12)), 12)}


def lady(top, waist_at, skirt_, neck, waist):
    """A dress's body: a skirt of `SKIRTS` below the waist, a bodice above with a neckline that wide."""
    rows, count = SKIRTS[skirt_]
    last = min(waist, rows[-1][1])
    below = [(z * waist_at, w if z < 1 else last, d if z < 1 else last * .75) for z, w, d in rows]
    above = [(-.25, .172, .135), (-.13, .165, .1), (-.085, min(.158, neck + .03), .08), (-.06, neck, .068 + .15 * (neck - .07))]
    return Cut(np.array(below + [(top + z, w, d) for z, w, d in above if top + z > waist_at + .05]), push=
               lambda a, share: pleats(count, .07)(a, np.clip(share * top / waist_at, 0, 1)))


@kind("dress", "costume", "silk 4, cotton 3, linen 1, wool 1, damask 2, velvet 1", 1.5, "costume design")
def dress(rng, made, white=False):
    form = int(rng.choice([0, 1, 2, 4] if white else 6))
    # Of a ball; of the 1860s; of the Empire; of the eighteenth century; with a bustle; of the 1920s.
    skirt_ = ("bell", "crinoline", "column", "panniers", "bell", "straight")[form]
    top = rng.uniform(1.2, 1.35) * (1, 1, 1.05, 1, 1, .88)[form]
    at = top * ((.64, .66, .75, .67, .66, .42)[form])
    waist = (.125, .118, .16, .12, .118, .19)[form] * rng.uniform(.95, 1.08)
    neck = (.1, .15, .12, .12, .08, .11)[form]
    cut = lady(top, at, skirt_, neck, waist)
    style, reach = (("puff", .16), ("puff", .15), ("puff", .13), ("tight", .3), ("mutton", .5), (None, 0))[form]
    parts = sleeves(top, style, reach * rng.uniform(.9, 1.1), (1.2, .95)[form == 3], None, shoulder=.14) if style else []
    second = "lace" if white or rng.uniform() < .4 else made[0]
    if form == 3:  # the robe opens on a petticoat, the sleeves end in ruffles
        petticoat = cut
        cut = Cut(cut.stations * [1, 1.05, 1.06], ((0, .75), (.4 * at, .7), (at, .12), (top, .3)), cut.push)
        parts += [petticoat.mesh(72, 40).of(1)] + [cut.edge(s, .014).of(1) for s in (-1, 1)]
        parts += [turn([(.055, 0), (.11, -.1)], lobes=(9, .1)).scaled(1, .8, 1).moved(s * .315, -.04, top - .37).of(1)
                  for s in (-1, 1)]
        parts += [ball(.03, 8).scaled(1.6, .6, .9).moved(*cut.front((0, z), .02)).of(0)
                  for z in np.linspace(at + .03, top - .16, 4)]
        parts.append(cut.girdle(top - .078, top - .06, .016).of(1))
    elif form == 4:  # the skirt is gathered up behind
        parts += [ball(.2, 24).scaled(.95, 1.15, .75).moved(0, .2, at - .12),
                  ball(.16, 24).scaled(1.1, 1, .7).moved(0, .27, at - .3),
                  sweep([(0, .16, at), (0, .34, at + .02), (0, .16, at + .04)], .06, flat=.5).of(1)] + placket(cut, at + .02,
                          top - .08, 6, .008)
        parts += [stand(top - .04, .06, 1), cut.girdle(.05, .13, .02).of(1)]
    elif form == 5:  # fringes at the hem, a low sash, straps
        cut = Cut(cut.stations[cut.stations[:, 0] < top - .12], push=cut.push)
        parts += [sweep([(s * .1, -.1, top - .14), (s * .09, -.05, top - .01), (s * .09, .05, top - .01),
                         (s * .1, .1, top - .14)], .022, flat=.3, sections=8) for s in (-1, 1)]
        parts += [ball(.014, 6).moved(*cut.front((x, z), .008)).of(1) for z in np.linspace(at + .08, top - .2, 4)
                  for x in np.linspace(-.12, .12, 5)]
        parts += [cut.girdle(at - .04, at + .03, .014).of(1),
                  ball(.05, 10).scaled(1, .5, 1).moved(*cut.front((.12, at), .02)).of(1)]
        parts += [sweep([cut.at(a, .07, .012), cut.at(a, -.06, .02)], .008, sections=5).of(1)
                  for a in np.linspace(0, 2 * np.pi, 56)]
    else:
        parts.append(cut.girdle(at - .015, at + (.03, .03, .05)[form], .01).of(1))
        if form == 1 or rng.uniform() < .35:  # flounces
            for z in np.linspace(.02, .62 * at, int(rng.integers(2, 5))):
                rows = np.array([(z, *(np.interp(z, cut.stations[:, 0], cut.stations[:, i]) * 1.1 + .02 for i in (1, 2))),
                                 (z + .12, *(np.interp(z + .12, cut.stations[:, 0], cut.stations[:, i]) * 1.05 + .008
                                             for i in (1, 2)))])
                parts.append(Cut(rows, push=pleats(24, .025)).mesh(120, 6).of(1))
        if form == 0 and rng.uniform() < .5:  # an apron or front panel
            parts.append(cut.flap([(-.16, .08), (-.07, at)], [(.16, .08), (.07, at)], .014).of(1))
        if form == 1:
            parts.append(Cut(np.array([(top - .17, .2, .14), (top - .08, .17, .1)]), push=pleats(20, .05)).mesh(80,
                    6).of(1))  # a bertha
    return Thing(join([cut.mesh(84, 44)] + parts).grounded(), (made[0], second, "bone"), {} if white else printed(rng, .4),
                 azimuth=(25, 25, 25, 20, 70, 25)[form], elevation=(2, 12), fill=.86)


@kind("wedding dress", "costume", "silk + lace 3, damask + lace 1, cotton + lace 1", .45, "costume design")
def wedding_dress(rng, made):
    thing = dress(rng, made, white=True)
    length = rng.uniform(.25, .5)
    train = loft([(0, .4, .36 + length, 0, .26 + length), (.04, .34, .32 + length, 0, .22 + length * .9), (.5, .1, .1, 0, .05)],
                 push=pleats(13, .06), ends=False, sections=72)
    parts = [thing.mesh, train]
    top = float(thing.mesh.points[:, 2].max())
    if rng.uniform() < .5:  # a veil falls behind from the shoulders
        veil = Cut(np.array([(.03, .5, .42), (.5 * top, .34, .26), (.9 * top, .2, .1), (top - .02, .15, .07)]),
                   ((0, 1.75), (top, 1.65)), pleats(16, .05))
        parts.append(veil.mesh(90, 30).moved(0, .06, 0).of(1))
    if rng.uniform() < .6:  # flowers at the waist
        at = top * .62
        parts += [ball(rng.uniform(.022, .036), 10).moved(rng.uniform(-.07, .07), -.15 + rng.uniform(-.03, .03),
                                                          at + rng.uniform(-.05, .05)).of(1 + i % 3) for i in range(16)]
    skins = {0: Skin((-9, 9, -9, 9), hexa("#eeeae0")[None, None]),
             2: Skin((-9, 9, -9, 9), decor.plain(rng, "#e6b0b0 #f0ece2 #e8d8a8")),
             3: Skin((-9, 9, -9, 9), hexa("#5a7a4a")[None, None])}
    return Thing(join(parts), (made[0], "lace", "silk", "silk"), skins, azimuth=45, elevation=(3, 16), fill=.86)


@kind("skirt", "costume", "wool 3, linen 2, cotton 3, silk 2, velvet 1", .8, "ethnography")
def skirt(rng, made):
    form, long = int(rng.integers(5)), rng.uniform(.65, .85)
    wide = rng.uniform(.32, .45)
    # Pleated; with flounces; straight; a kilt; over a bustle or hoops.
    if form == 2:
        rows, push = [(0, .17, .12), (.5, .185, .13), (.8, .18, .125)], pleats(4, .015)
    elif form == 3:
        long *= .75
        rows, push = [(0, .25, .18), (.6, .2,
                                      .14)], lambda a, s: 1 + .05 * (1 - s) * (((a * 22 / np.pi) % 2 - 1) * (np.sin(a) > -.6))
    elif form == 4:
        rows, push = [(0, wide * 1.25, wide * 1.15), (.35, wide * 1.15, wide), (.7, wide * .8, wide * .66),
                      (.88, .19, .15)], pleats(10, .03)
    else:
        rows, push = [(0, wide, wide * .85), (.4, wide * .8, wide * .65), (.85, .17, .13)], pleats(int(rng.integers(9, 18)),
                rng.uniform(.05, .1))
    cut = Cut(np.array([(z * long, w, d) for z, w, d in rows] + [(long * .95, .138, .1), (long, .135, .098)]), push=push)
    parts = [cut.mesh(120, 36), cut.girdle(long * .93, long + .01, .012).of(1)]
    skins = printed(rng, (.3, .3, .4, 1, .3)[form])
    if form == 1:
        for z in np.linspace(0, .6, int(rng.integers(2, 5))) * long:
            low, high = (np.array([np.interp(z + up, cut.stations[:, 0], cut.stations[:, i]) for i in (1, 2)])
                         for up in (0, .16 * long))
            parts.append(Cut(np.array([(z, *(low * 1.12)), (z + .16 * long, *(high + .006))]), push=pleats(22, .03)).mesh(110, 6))
    elif form == 2:
        parts += cut.studs([(.1, z) for z in np.linspace(.1, long * .85, 6)], slot=2) + [cut.front_seam(.0, long * .9)]
    elif form == 3:
        parts += [cut.flap([(-.1, .0), (-.08, long * .92)], [(.14, .0), (.09, long * .92)], .02),
                  sweep(cut.front([(.08, .12), (.08, .24)], .03), .012).of(2)]
    elif rng.uniform() < .5:  # an apron
        parts.append(cut.flap([(-.2, .14), (-.19, .3), (-.08, long * .95)], [(.2, .14), (.19, .3), (.08, long * .95)],
                              .022).of(1))
        parts.append(sweep([*cut.front([(-.03, long * .95), (-.09, long * .9), (-.02, long * .93), (.1, long * .89),
                                        (.03, long * .95)], .04)], .014, flat=.5).of(1))
    if not skins and rng.uniform() < .7:
        strip = np.concatenate([decor.border(rng, 192, 20), np.zeros((6, 192), np.float32), decor.border(rng, 192, 14)])
        skins = {0: Skin((0, 1.1, .04, .27), decor.plain(rng, "#e8dcc0 #c79a3a #a8281f"), strip, repeat=True)}
    return Thing(join(parts), (made[0], rng.choice(["linen", "velvet", made[0]]), "brass"), skins, azimuth=30, elevation=(4, 18))


# A leg of trousers from the hem: rows (z as a share of its length, half width, half depth, how far it stands from the middle).
LEGS = (((0, .1, .105, .13), (.5, .1, .1, .115)), ((0, .075, .07, .115), (.08, .085, .085, .115), (.5, .105, .105, .115)),
        ((0, .17, .15, .17), (.35, .11, .11, .125), (.6, .098, .1, .115)),
        ((0, .06, .06, .1), (.35, .068, .07, .105), (.55, .13, .11, .16), (.8, .15, .125, .17)),
        ((0, .108, .108, .118), (.5, .112, .115, .11)))


@kind("trousers", "costume", "wool 3, linen 2, cotton 2, leather 1", .6, "costume design")
def trousers(rng, made):
    form = int(rng.integers(5))  # long; knee breeches; bell-bottoms; jodhpurs; short, with braces
    long = (.82, .48, .82, .78, .36)[form] * rng.uniform(.94, 1.06)
    hips = Cut(np.array([(long - .02, .19, .125), (long + .08, .195, .125), (long + .2, .165, .11), (long + .27, .155, .105)]),
               square=2.6)
    legs_ = [loft([(z * long, w, d, s * x) for z, w, d, x in LEGS[form]]
                  + [(long - .03, .105, .115, s * .092), (long + .08, .09, .11, s * .09)],
                  push=lambda a, h: 1 + .02 * np.sin(11 * h + 2 * a), ends=False, sections=40) for s in (-1, 1)]
    parts = [hips.mesh()] + legs_ + [hips.girdle(long + .225, long + .275, .008),
                                     ball(.017, 8).moved(*hips.front((0, long + .25), .016)).of(1)]
    if form in (1, 2, 4):  # a front that falls down
        parts.append(hips.flap([(-.09, long + .06), (-.1, long + .22)], [(.09, long + .06), (.1, long + .22)]))
        parts += hips.studs([(x, long + .2) for x in (-.08, 0, .08)], .02)
    else:
        parts.append(hips.front_seam(long + .03, long + .23))
        parts += hips.flaps([(.09, long + .15), (.1, long + .2)], [(.15, long + .08), (.14, long + .2)], .006)
    if form == 1:
        parts += [torus(.08, .016, flat=1.3).moved(s * LEGS[form][0][3], 0, .02) for s in (-1, 1)]
        parts += [ball(.015, 8).moved(s * (.115 + .088), -.03, z).of(1) for s in (-1, 1) for z in (.04, .09, .14)]
    if form == 4 or rng.uniform() < .3:  # braces
        parts += [sweep([(s * .1, -.1, long + .25), (s * .085, -.13, long + .42), (s * .06, -.02, long + .56),
                         (-s * .03, .12, long + .4), (-s * .08, .1, long + .25)],
                        .02, flat=.25, sections=8).of(2) for s in (-1, 1)]
    return Thing(join(parts).grounded(), (made[0], "horn", "leather"), printed(rng, .2), azimuth=25, elevation=(2, 14))


@kind("corset", "costume", "cotton 3, silk 3, linen 1", .5, "costume design")
def corset(rng, made):
    form, waist = int(rng.integers(5)), rng.uniform(.112, .128)
    # An hourglass; the cone of the eighteenth century, with straps and tabs; long, of 1900; a Swiss waist; with cups.
    rows = (((0, .19, .15), (.12, .165, .125), (.24, waist, .095), (.38, .155, .12), (.5, .185, .15), (.54, .178, .145)),
            ((0, .18, .14), (.1, waist + .012, .1), (.3, .16, .115), (.47, .19, .125), (.5, .185, .12)),
            ((0, .205, .17), (.2, .19, .15), (.38, waist, .1), (.5, .15, .125), (.6, .165, .14)),
            ((0, .155, .115), (.1, waist, .09), (.22, .145, .11), (.25, .148, .112)),
            ((0, .19, .15), (.14, .165, .125), (.26, waist, .095), (.4, .16, .115), (.55, .18, .115)))[form]
    top = rows[-1][0]
    bones = int(rng.integers(14, 26))
    cut = Cut(np.array(rows), (), lambda a, s: 1 + .016 * np.abs(np.cos(bones * a)) ** 3, 2.1)
    parts = [cut.mesh(130, 40)]
    low = (0, .0, 0, .0, 0)[form]
    if form in (1, 3) or rng.uniform() < .4:  # laced in front
        wide = .012 + .03 * (form == 1)
        gap = cut.flap([(-.012, low), (-wide, top - .01)], [(.012, low), (wide, top - .01)], .004).of(2)
        z = np.arange(low + .03, top - .04, .045)
        parts += [gap] + [sweep(cut.front([(s * .036, h), (-s * .036, h + .045)], .014), .0055, sections=6).of(1) for h in z
                          for s in (-1, 1)]
        parts += [ball(.009, 6).moved(*cut.front((s * .038, h), .01)).of(3) for h in z for s in (-1, 1)]
    else:  # hooked along a busk
        parts += [cut.flap([(-.022, low), (-.022, top - .01)], [(.022, low), (.022, top - .01)], .012),
                  cut.front_seam(low, top - .01)]
        parts += cut.studs([(.004, z) for z in np.linspace(low + .05, top - .06, 5)], .014, slot=3)
    if form == 1:
        parts += [sweep([(s * .12, -.09, .48), (s * .13, -.06, .6), (s * .13, .05, .6), (s * .11, .1, .48)], .022, flat=.3,
                        sections=8) for s in (-1, 1)]
        parts += [cut.flap([(x - .028, -.0), (x - .022, .09)], [(x + .028, -.0), (x + .022, .09)], .016)
                  for x in (-.12, -.06, 0, .06, .12)]
    elif form == 2:
        parts += [cut.girdle(.56, .605, .012).of(4), Cut(np.array([(-.02, .222, .187), (.05, .207, .172)]), (), pleats(30, .02),
                                                         2.1).mesh(120, 5).of(4)]
    elif form == 4:
        parts += [ball(.082, 24).scaled(1, .62, .95).moved(s * .082, -.085, .45) for s in (-1, 1)]
    if form != 1:
        parts.append(Cut(np.array([(top - .02, rows[-1][1] + .006, rows[-1][2] + .006),
                                   (top + .02, rows[-1][1] + .006, rows[-1][2] + .006)]), (), pleats(30, .02), 2.1).mesh(120,
                                           5).of(4))
    dip = (.07, .1, .04, .13, .06)[form]  # the front runs down to a point, and the top dips

    def shape(x, y, z):
        middle = np.clip(1 - np.abs(x) / .13, 0, 1) * (y < 0)
        return dip * middle * ((form == 3) * .5 * np.clip(z / .25, 0, 1) - np.clip(1 - z / .16, 0, 1))
    return Thing(lifted(join(parts), shape).grounded(), (made[0], "leather", "linen", "brass", "lace"), printed(rng, .2),
                 azimuth=25,
                 elevation=(4, 18))


def _hung(x0, x1, z0, z1, rng, y=0.0, depth=.014):
    """Cloth that hangs in folds: its texture is (x, z)."""
    x, z = np.meshgrid(np.linspace(x0, x1, 26), np.linspace(z0, z1, 26))
    lean = rng.uniform(0, 6)
    front = np.stack([x, y + depth * np.sin(22 * x + lean + z) * (1.2 - z / 1.4), z], 2)
    uv = np.stack([x, z], 2)
    sides = np.concatenate([front[:, :1] + [0, .03, 0], front[:, :1]],
                           1), np.concatenate([front[:, -1:], front[:, -1:] + [0, .03, 0]], 1)
    sides = [sheet(side, np.stack([side[..., 0], side[..., 2]], 2)) for side in sides]
    return join([sheet(front, uv), sheet(front + [0, .03, 0], uv), *sides])


def _kimono_cloth(rng):
    """Its design (128, 160, 3): flowers that gather at the hem and on the sleeves, waves, or stripes, over a shaded ground."""
    h, w = 150, 170
    y, x = np.mgrid[0:1:h * 1j, 0:1:w * 1j]
    inks = [hexa(c) for c in rng.choice(["#27305a", "#7a2430", "#e8dcc0", "#3f6a5a", "#1d1b20", "#c98a9a", "#c9822e", "#8a9ab8"],
                                        3, replace=False)]
    shade = np.clip((y - .55) * 3, 0, 1)[..., None] * rng.choice([0, 1])
    colour = np.float32(inks[0] * (1 - shade) + inks[1] * shade)
    design = rng.integers(4)
    paint = hexa(rng.choice(["#f0e8d4", "#d9a93a", "#e6b0b0"]))
    if design == 0:
        decor.lay(colour[85:], paint, decor.spray(rng, w, h - 85, 12))
        decor.lay(colour[15:75, :60], paint, decor.spray(rng, 60, 60, 3)), decor.lay(colour[15:75, -60:], paint,
                decor.spray(rng, 60, 60, 3))
    elif design == 1:
        row = np.floor(y * 15)
        wave = np.hypot((x * 13 + .5 * (row % 2)) % 1 - .5, (y * 15) % 1 - 1)
        decor.lay(colour, paint, np.float32((wave % .34) < .09) * (y > rng.choice([0, .5])))
    elif design == 2:
        decor.lay(colour, inks[2], np.float32((x * 22) % 1 < rng.uniform(.2, .5)))
    else:
        decor.lay(colour, paint, decor.spray(rng, w, h, int(rng.integers(14, 24)), stem=False))
    return colour, inks[2]


@kind("kimono", "costume", "silk 4, cotton 2, damask 1", .5, "costume design")
def kimono(rng, made):
    form, long = int(rng.integers(4)), rng.uniform(1.2, 1.34)
    deep = (rng.uniform(.42, .55), rng.uniform(.5, .95), rng.uniform(.45, .8), .42)[form]
    colour, lining = _kimono_cloth(rng)
    if form == 3:  # a short one, worn open over the other clothes
        long *= .66
    half, span = .29, rng.uniform(.62, .7)
    parts = [_hung(s * (half + .012), s * span, long - deep, long, rng, .004) for s in (-1, 1)]
    if form == 1:  # its back, on a rack
        parts += [_hung(-half, half, .06, long, rng), sweep([(0, -.016, .1), (0, -.016, long)], .005)]
        parts += [sweep([(-.12, -.02, long), (0, -.03, long - .035), (.12, -.02, long)], .022, flat=.4).of(1),
                  sweep([(-.82, .015, long + .0), (.82, .015, long)], .022, sections=10).of(3)]
        parts += [box(.04, .04, long + .06).moved(s * .76, .015).of(3)
                  for s in (-1, 1)] + [box(.05, .34, .05).moved(s * .76, .015).of(3) for s in (-1, 1)]
    else:
        inner = .1 if form == 3 else -.05  # how far the two fronts leave the middle free, or overlap
        parts += [_hung(s * inner, s * half, 0, long, rng, y) for s, y in ((-1, .006), (1, -.012))]
        back = _hung(-half, half, .04, long, rng, .06).of(1)
        ends = ((-.1, 0), (.1, 0)) if form == 3 else ((.05, .36 * long), (-.05, .3 * long))
        collar = [sweep([(s * .075, .03, long + .012), (s * .1, -.02, long - .05), ((s * .1 + x) / 2, -.032, long * .78),
                         (x * (.6, 1)[form == 3], -.03, long * .56), (x, -.03, z)],
                        .034, flat=.3, sections=10).of(1) for s, (x, z) in zip((-1, 1), ends)]
        parts += [back] + collar
        if form == 3:
            parts.append(sweep([(-.09, -.05, long * .55), (0, -.06, long * .5), (.09, -.05, long * .55)], .012).of(2))
            parts += [sweep([(s * .015, -.06, long * .5), (s * .03, -.06, long * .36)], [.008, .02]).of(2) for s in (-1, 1)]
        else:
            sash = Cut(np.array([(long * .53, half + .005, .07), (long * .68, half + .005, .07)]), square=4)
            parts += [sash.mesh(48, 8).of(2), sash.girdle(long * .59, long * .615, .012).of(1),
                      ball(.03, 10).moved(*sash.front((0, long * .6), .02)).of(1)]
    art = decor.border(rng, 192, 24)
    skins = {0: Skin((-span, span, 0, long), colour), 1: Skin((-9, 9, -9, 9), lining[None, None]),
             2: Skin((0, 1.1, 0, .2), decor.plain(rng, "#e8dcc0 #d9a93a #a8281f"), art, repeat=True)}
    mesh = join(parts)
    made = (made[0], made[0], rng.choice(["silk", "damask"]), "ebony")
    if form in (0, 3) and rng.uniform() < .6:  # laid out
        mesh = mesh.turned("x", -90).grounded()
        return Thing(mesh, made, skins, azimuth=0, elevation=(74, 88), roll=4, fill=.84)
    return Thing(mesh.grounded(), made, skins, azimuth=22, elevation=(2, 12), fill=.84)


@kind("cape", "costume", "wool 3, velvet 2, silk 1", .5, "religion")
def cape(rng, made):
    form, h = int(rng.integers(5)), rng.uniform(.85, 1.05)
    count, trim = int(rng.integers(8, 13)), rng.choice(["silk", "damask", "gold"])
    wide = ((0, .5, .36), (.5, .36, .25), (.8, .22, .15))
    skins = {}
    if form == 2:  # a cope, spread out: half a circle with a hood and embroidered edges
        angle, reach = np.linspace(0, np.pi, 90), np.linspace(.02, 1, 24)[:, None]
        flat = np.stack([reach * np.cos(angle), -reach * np.sin(angle), .02 + .02 * reach * np.sin(18 * angle)], 2)
        parts = [sheet(flat, flat[..., :2]), sheet(np.stack([flat[-1], flat[-1] * [1, 1, 0]])[::-1]),
                 box(2, .15, .03, .01).moved(0, .03, .02).of(1)]
        shield = np.stack([reach * .26 * np.cos(angle), -.06 - reach * .42 * np.sin(angle) ** .8, .06 - .02 * reach + 0 * angle],
                          2)
        parts += [sheet(shield, shield[..., :2]).of(1), sweep([(0, -.47, .04), (0, -.58, .03)], [.02, .035]).of(2)]
        parts.append(sweep([(1.0 * np.cos(a), -1.0 * np.sin(a), .025) for a in np.linspace(0, np.pi, 30)], .015, sections=6,
                           samples=60).of(2))
        if rng.uniform() < .6:
            skins[0] = Skin((-1, 1, -1, 0), decor.plain(rng, "#d9a93a #e8dcc0"), decor.spray(rng, 160, 80, 16, stem=False))
        skins[1] = Skin((-.3, .3, -.5, .5), decor.plain(rng, "#a8281f #27408a #31503a"), decor.border(rng, 96, 60, "lozenges"),
                        repeat=True)
        return Thing(join(parts).grounded(), (made[0], "damask", "gold"), skins, azimuth=0, elevation=(66, 88), roll=4, fill=.88)
    h *= (1, .62, 1, 1.1, 1)[form]
    rows = [(z * h, w * (1, .74, 1, .95, 1.05)[form], d * (1, .85, 1, 1, 1)[form]) for z, w, d in wide] + [(.93 * h, .12, .095),
            (h, .085, .08)]
    cut = Cut(np.array(rows), ((0, (.3, .12, 0, .28, .12)[form]), (.8 * h, .1), (h, .05)), pleats(count, .07))
    parts = [cut.mesh(96, 40), ball(.03).moved(*cut.front((0, .94 * h), .02)).of(2)]
    if form == 0:
        parts += [cut.edge(s, .022).of(1) for s in (-1, 1)] + [stand(h, .07)]
    elif form == 1:  # short, edged with fur
        parts += [cut.edge(s, .035).of(3) for s in (-1, 1)] + [cut.girdle(0, .06, .03).of(3),
                                                               torus(.095, .04).scaled(1, .95, 1).moved(z=h).of(3)]
    elif form == 3:  # with a hood
        hood = Cut(np.array([(h - .04, .1, .1), (h + .08, .14, .15), (h + .2, .135, .15), (h + .3, .07, .09),
                             (h + .33, .01, .01)]), ((h - .04, .5), (h + .15, .85), (h + .33, .9)))
        parts += [hood.mesh(48, 24), hood.edge(-1, .014), hood.edge(1, .014)]
        parts += [sweep([(s * .015, -.13, .93 * h), (s * .04, -.2, .7 * h)], .01).of(1) for s in (-1, 1)]
    else:  # in tiers
        for low in (.35, .58):
            tier = [(z, np.interp(z, cut.stations[:, 0], cut.stations[:, 1]) * 1.07 + .01,
                     np.interp(z, cut.stations[:, 0], cut.stations[:, 2]) * 1.07 + .012)
                    for z in np.linspace(low * h, .94 * h, 5)]
            parts.append(Cut(np.array(tier), ((0, .1), (h, .05)), pleats(count, .07 * (1 - low))).mesh(96, 16))
        parts += [turndown(h)] + [ball(.016, 8).moved(*cut.front((0, z), .05)).of(2) for z in np.linspace(.4, .85, 4) * h]
    return Thing(join(parts).grounded(), (made[0], trim, "gold", "felt"),
                 {3: Skin((-9, 9, -9, 9), decor.plain(rng, "#efe8da #3a2a1e #6a5a4a"))}, azimuth=28, elevation=(2, 14))


def plume(path, wide=.07, slot=2):
    """An ostrich feather: a curved vane whose edge is frayed."""
    line = curve(np.array(path, float), 60)
    along = np.gradient(line, axis=0)
    across = np.cross(along, [0, 0, 1.0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    t = np.linspace(0, 1, len(line))[:, None]
    reach = wide * np.sin(np.pi * np.clip(t * .9 + .1, 0, 1)) ** .6 * (1 - .16 * (np.arange(len(line)) % 3 == 0)[:, None])
    across = .5 * across + np.array([0, 0, .85])  # it stands on its edge
    rows = [line + s * reach * across + np.array([0, 0, 1]) * .015 * np.sin(40 * t) * s for s in (-1, -.5, 0, .5, 1)]
    return join([sheet(np.stack(rows, 1)), sweep(line[::6], .008, sections=6)]).of(slot)


# Profiles of hats, from the top of the crown down and out along the brim, and how wide the crown is at its ribbon.
HATS = {"wide": ([(0, .26), (.13, .26), (.22, .23), (.24, .13), (.25, .03), (.25, .03), (.35, .01), (.5, .04), (.55, .07),
                  (.55, .06)], .255),
        "boater": ([(0, .19), (.23, .19), (.23, .19), (.235, .02), (.235, .02), (.4, .015), (.4, .015), (.4, 0), (.3, 0)], .237),
        "bowler": ([(0, .32), (.12, .305), (.2, .24), (.23, .1), (.232, .02), (.232, .02), (.29, .0), (.335, .03), (.345, .055),
                    (.335, .05)], .234),
        "cloche": ([(0, .34), (.13, .32), (.22, .22), (.245, .1), (.255, .04), (.29, .0), (.31, -.02), (.3, -.02)], .25),
        "fedora": ([(0, .3), (.13, .305), (.185, .27), (.22, .12), (.235, .02), (.235, .02), (.32, .005), (.4, .03), (.42, .06),
                    (.41, .05)], .237),
        "tricorne": ([(0, .2), (.12, .19), (.2, .14), (.22, .03), (.22, .03), (.35, .02), (.5, .02), (.5, .01)], .224),
        "sombrero": ([(0, .42), (.05, .41), (.12, .3), (.2, .06), (.22, .02), (.4, .0), (.6, .04), (.66, .12), (.66, .1)], .205),
        "bonnet": ([(0, .3), (.15, .28), (.23, .16), (.24, .03), (.24, .03), (.3, -.03), (.3, -.03)], .243)}


@kind("hat", "costume", "felt 4, straw 3, velvet 1, silk 1", .9, "costume design")
def hat(rng, made):
    forms = {"felt": "wide bowler fedora tricorne cloche", "straw": "wide boater sombrero picture bonnet"}.get(made[0],
            "cloche picture wide bonnet")
    form = str(rng.choice(forms.split()))
    profile, ribbon = HATS.get(form, HATS["wide"])
    deep = rng.uniform(.86, 1)
    stretch = rng.uniform(1.0, 1.12) * (1.15 if form == "picture" else 1)
    body = turn([(r if r < ribbon + .02 else ribbon + (r - ribbon) * stretch, z) for r, z in profile], sections=72, samples=60)
    later = []
    parts = [body, turn([(ribbon - .003, .02), (ribbon + .014, .028), (ribbon + .01, .09), (ribbon - .012, .1)]).of(1)]
    if form in ("wide", "picture", "cloche", "boater", "fedora"):  # the ribbon's bow
        parts += [ball(.05, 12).scaled(.35, 1.2, .8).moved(ribbon + .02, y, .06).of(1) for y in (-.05, .05)]
    if form in ("picture",) or (form in ("wide", "bonnet", "cloche") and rng.uniform() < .3):  # flowers
        for a in rng.uniform(-2.6, -.2, 14):
            later.append(ball(rng.uniform(.03, .055), 10).scaled(1, 1, .8).moved((ribbon + .05) * np.cos(a),
                    (ribbon + .05) * np.sin(a), .05 + rng.uniform(0, .06)).of(int(rng.integers(3, 6))))
    elif form in ("wide", "tricorne") and rng.uniform() < .7:
        a = np.linspace(-2.4, .9, 7)
        r = ribbon + np.linspace(.03, .13, 7)
        parts.append(plume(np.stack([r * np.cos(a), r * np.sin(a), .13 + .1 * np.linspace(0, 1, 7)
                                     + .03 * np.sin(np.linspace(0, 6, 7))], 1), .1))
    mesh = join(parts).scaled(1, deep, 1)

    def shape(p):
        x, y, z = p.T
        r, angle = np.hypot(x, y), np.arctan2(y, x)
        beyond = np.clip(r - ribbon - .01, 0, 1)
        if form == "fedora":  # the crown is pinched and creased
            z = z - .07 * np.exp(-(x / .06) ** 2) * (z > .2) * np.clip(1.2 - np.abs(y) / .25, 0, 1)
            x = x * (1 - .3 * np.clip(-y / .2, 0, 1) * np.clip((z - .1) / .2, 0, 1))
        elif form == "tricorne":  # the brim is turned up on three sides
            up = .5 - .5 * np.cos(3 * (angle + np.pi / 2))
            x, y, z = x * (1 - .9 * up * beyond), y * (1 - .9 * up * beyond), z + beyond * (1.05 * up - .1)
        elif form == "bonnet":  # the brim frames the face
            z = z + beyond * 0
            front = np.clip(-y / .3, 0, 1)
            y, z = y - 2.2 * front * beyond, z + 2.6 * front * beyond
        elif form in ("wide", "picture"):
            z = z + beyond * .22 * np.sin(2 * angle + .6)
        return np.stack([x, y, z], 1)
    mesh = mesh.bent(shape)
    if form == "bonnet":
        later += [sweep([(s * .25, -.02, .06), (s * .29, -.12, -.02), (s * .1, -.34, -.03), (s * .04, -.46, -.03)],
                        [.03, .035, .03, .035], flat=.25).of(1) for s in (-1, 1)]
        later += [ball(.05, 12).scaled(1.3, .8, .4).moved(s * .05, -.36, -.01).of(1) for s in (-1, 1)]
    mesh = join([mesh] + later)
    skins = {i: Skin((-9, 9, -9, 9), decor.plain(rng, "#a8281f #e6b0b0 #e8dcc0 #7a4a8a #d9a93a")
                     if i < 5 else hexa("#4a6a3a")[None, None]) for i in (3, 4, 5)}
    return Thing(mesh.grounded(), (made[0], rng.choice(["silk", "velvet"]), "feather", "silk", "silk", "silk"), skins, azimuth=60,
                 elevation=(10, 30))


@kind("top hat", "costume", "silk 3, felt 2", .45, "costume design")
def top_hat(rng, made):
    form = int(rng.integers(4))  # waisted; a stovepipe; low, with a wide brim; wider at the top
    tall, top, waist, brim = ((.52, .24, .215, .36), (.62, .222, .224, .33), (.36, .25, .235, .43), (.5, .3, .22, .37))[form]
    tall *= rng.uniform(.93, 1.07)
    body = turn([(0, tall - .004), (top - .03, tall), (top, tall - .015), (top, tall - .02), (waist, .4 * tall), (.225, .04),
                 (.225, .04), (brim, .035), (brim + .025, .06), (brim, .05), (.22, .02)], sections=64, samples=60)
    roll = .44 * rng.uniform(.6, 1.3)  # the brim is rolled up at the sides
    body = lifted(body, lambda x, y, z: roll * np.clip(np.abs(x) - .2, 0, 1) * (z < .1))
    wide = rng.uniform(.05, .13)
    band = turn([(.226, .04), (.236, .05), (.232, .04 + wide), (.222, .04 + wide)]).of(1)
    bow = [ball(.045, 10).scaled(.3, 1.1, .6).moved(.236, y, .04 + wide / 2).of(1) for y in (-.04, .04)]
    colour = decor.plain(rng, "#17161a #17161a #17161a #6a625a #4a3528 #b0a89a")
    skins = {0: Skin((-9, 9, -9, 9), colour, gloss=.5), 1: Skin((-9, 9, -9, 9), hexa("#0f0e11")[None, None])}
    return Thing(join([body, band] + bow).scaled(1, .88, 1).grounded(), (made[0], "silk"), skins, azimuth=60, elevation=(8, 26))


def peak(reach, deep, low=0.0, slot=1):
    """The visor of a cap whose head has half widths `reach` and `deep`: a crescent that slopes down in front."""
    angle, t = np.linspace(-np.pi + .35, -.35, 30), np.linspace(0, 1, 8)[:, None]
    out = .16 * np.clip(-np.sin(angle) - .2, 0, 1) ** .7
    top = np.stack([(reach + out * t * .6) * np.cos(angle), (deep + out * t * 1.25) * np.sin(angle),
                    low + .03 - .06 * t - .015 * np.cos(2 * angle) * t], 2)
    return join([sheet(top), sheet(top - [0, 0, .012]), sheet(np.stack([top[-1], top[-1] - [0, 0, .012]]))]).of(slot)


@kind("cap", "costume", "wool 3, velvet 1, linen 1, cotton 1", .6, "ethnography")
def cap(rng, made):
    form = int(rng.integers(6))
    strip, ink = decor.border(rng, 192, 26), decor.plain(rng, "#d9a93a #e8dcc0 #a8281f")
    skins = {}
    if form == 0:  # flat cap
        body = loft([(0, .25, .29), (.07, .27, .32), (.13, .3, .36, 0, -.02), (.19, .26, .31, 0, -.02), (.225, .12, .14, 0, -.01),
                     (.23, 0, 0)], push=lambda a, s: 1 + .012 * np.sin(8 * a), sections=48)
        body = lifted(body, lambda x, y, z: -.256 * np.clip(-y - .02, 0, 1) * (z > .03) * np.clip(z / .2, 0, 1))
        parts = [body, peak(.235, .275, .02, 0), ball(.022, 10).scaled(1, 1, .5).moved(0, -.01, .225)]
    elif form == 1:  # smoking cap or fez
        tall = rng.uniform(.24, .36)
        parts = [turn([(.25, 0), (.265, .01), (.265, .01), (.21, tall - .02), (.21, tall - .02), (.18, tall), (0, tall + .01)],
                      samples=50)]
        parts.append(sweep([(0, 0, tall + .02), (.1, -.03, tall + .05), (.24, -.08, tall - .02), (.27, -.09, .14)],
                           [.009, .009, .012, .034]).of(1))
        skins[0] = Skin((0, 1.75, .03, .16), ink, strip, repeat=True)
    elif form == 2:  # beret
        body = loft([(0, .22, .23), (.05, .23, .25), (.08, .4, .4, .03), (.13, .43, .43, .05), (.18, .3, .32, .04),
                     (.205, .03, .03), (.208, 0, 0)], sections=48)
        parts = [body, sweep([(.02, 0, .2), (.03, 0, .25)], [.013, .009]),
                 torus(.23, .018).scaled(.97, 1.04, 1).moved(z=.02).of(1)]
    elif form == 3:  # kepi
        tall = rng.uniform(.2, .3)
        body = loft([(0, .25, .29), (tall * .5, .245, .28), (tall, .215, .23, 0, -.035), (tall + .004, .2, .21, 0, -.035),
                     (tall + .006, 0, 0, 0, -.035)], sections=48)
        body = lifted(body, lambda x, y, z: -.16 * np.clip(.05 - y, 0, 1) * np.clip(z / tall, 0, 1))
        parts = [body, peak(.245, .285, .015), Cut(np.array([(.0, .252, .292), (.06, .25, .29)])).mesh(48, 4).of(2),
                 sweep([(s * .18 * np.cos(a), .29 * np.sin(a), .065) for s in (1,) for a in np.linspace(-2.2, -.9, 8)],
                       .012).of(3),
                 turn([(0, .02), (.035, .012), (.04, 0)]).turned("x", 80).moved(0, -.262, tall * .62).of(3)]
    elif form == 4:  # skullcap
        parts = [turn([(.25, 0), (.255, 0), (.25, .05), (.2, .13), (.1, .18), (0, .19)], samples=40)]
        skins[0] = Skin((0, 1.6, .0, .17), ink, strip, repeat=True)
        if rng.uniform() < .5:
            parts.append(ball(.03).moved(z=.2).of(1))
    else:  # a long cap that falls to one side, as fishermen and revolutionaries wore
        cone = sweep([(0, 0, .0), (0, 0, .15), (.02, .02, .32), (.14, .02, .42), (.26, -.02, .33), (.3, -.05, .2)],
                     [.25, .255, .2, .13, .075, .03], sections=36, samples=40)
        parts = [cone, torus(.25, .035, flat=1.5).moved(z=.03).of(1), ball(.05, 14).moved(.3, -.055, .17).of(1)]
    return Thing(join(parts).grounded(), (made[0], rng.choice(["leather", made[0]]) if form in (0, 2, 3) else "silk", "velvet",
                                          "brass"), skins, azimuth=50, elevation=(8, 26))


@kind("helmet", "costume", "steel + brass 3, iron + leather 2, bronze + bronze 2, brass + leather 1", .7, "history")
def helmet(rng, made):
    tall = rng.uniform(.36, .46)
    dome = Cut(np.array([(0, .25, .3), (.12, .265, .32), (.65 * tall, .225, .27), (.9 * tall, .12, .145), (tall, .004, .004)]),
               square=2)
    rivets = [ball(.014, 8).moved(*dome.at(a, .05, .004)).of(1) for a in np.linspace(0, 2 * np.pi, 15)]
    comb = sweep([(0, -.31, .02), (0, -.26, .26), (0, -.12, tall + .03), (0, .1, tall + .05), (0, .27, .28), (0, .32, .02)],
                 [.015, .03, .075, .075, .03, .015], flat=.22, samples=30)
    form = str(rng.choice({"steel": "morion helm bascinet nasal kettle", "iron": "helm nasal kettle bascinet",
                           "bronze": "greek greek crested kettle",
                           "brass": "crested spiked fireman"}[made[0]].split()))
    cheeks = [loft([(-.3, .07, .02), (-.14, .11, .025), (.05, .12, .03)], square=3).turned("z", s * 68).moved(s * .235, -.08)
              for s in (-1, 1)]
    neck = Cut(np.array([(-.14, .3, .38), (0, .245, .3)]), ((-.14, 1.9), (0, 1.7)), square=2).mesh(40, 8)
    parts = [dome.mesh(56, 30)]
    if form in ("morion", "kettle", "fireman"):
        brim = loft([(-.01, .27, .31), (0, .38, .43), (.02, .39, .44), (.05, .262, .315)], ends=False, sections=56)
        if form == "morion":
            brim = lifted(brim, lambda x, y, z: 1.1 * np.clip(np.abs(y) - .22, 0, 1))
        else:
            brim = lifted(brim, lambda x, y, z: -.25 * np.clip(np.hypot(x, y) - .28, 0, 1))
        ridge = sweep([(0, -.3, .1), (0, -.14, tall * .93), (0, 0, tall + .01), (0, .14, tall * .93), (0, .3, .1)], .012)
        parts += [brim, ridge if form == "kettle" else comb, *rivets]
        if form == "fireman":
            parts += [loft([(.02, .1, .02), (.14, .11, .02), (.24, .05, .015), (.26, 0, 0)]).turned("x", 12).moved(0, -.33, .03),
                      ball(.045, 12).scaled(1, .4, 1).moved(0, -.33, .17).of(1)]
    elif form == "helm":  # a great helm: a bucket with a slit
        helm = Cut(np.array([(-.3, .24, .29), (.1, .262, .31), (.26, .235, .27), (.27, .22, .255), (.3, .02, .02)]), square=2.2)
        cross = [helm.flap([(-.02, -.28), (-.02, .24)], [(.02, -.28), (.02, .24)], .012),
                 helm.flap([(-.2, .085), (-.2, .115)], [(.2, .085), (.2, .115)], .012)]
        slits = helm.flaps([(.03, .045), (.03, .068)], [(.18, .045), (.18, .068)], .003)
        holes = [p for x in (.07, .11, .15) for z in (-.06, -.11, -.16) for p in helm.studs([(x, z)], .012)]
        parts = [helm.mesh(56, 40)] + [c.of(1) for c in cross] + [s.of(2) for s in slits
                                                                  + holes] + helm.studs([(x, .22) for x in np.linspace(-.2, .2,
                                                                          9)], .01)
    elif form == "bascinet":  # pointed, with a pointed visor
        shell = Cut(np.array([(-.22, .25, .27), (0, .25, .3), (.2, .235, .28), (.38, .13, .16), (.5, .01, .01)]), square=2)
        visor = loft([(0, .21, .17), (.08, .17, .14), (.18, .09, .07), (.25, .012, .012)], sections=40).turned("x", 90).moved(0,
                -.2, .02)
        parts = [shell.mesh(56, 34).bent(lambda p: p + np.float32([0, .3, 0]) * np.clip(p[:, 2:] - .2, 0, 1)),
                 visor] + [box(.14, .03, .018, .005).turned("z", s * 32).moved(s * .1, -.31, .075).of(2) for s in (-1, 1)]
        parts += [ball(.009, 6).moved(s * (.04 + .03 * i), -.395 + .04 * i, -.02 - .03 * j).of(2) for s in (-1, 1)
                  for i in (0, 1, 2) for j in (0, 1)]
        parts += [turn([(0, .03), (.04, .02), (.045, 0)]).turned("y", s * 90).moved(s * .24, -.1, .06).of(1) for s in (-1, 1)]
        parts.append(Cut(np.array([(-.34, .36, .34), (-.2, .255, .28)]), push=pleats(16, .02), square=2).mesh(70, 8).of(3))
    elif form == "greek":  # of Corinth: one piece, with eyes, a nose guard and a crest
        shell = Cut(np.array([(-.36, .2, .3), (-.15, .225, .29), (0, .25, .3), (.12, .255, .31), (.3, .2, .25), (.42, .01, .01)]),
                    ((-.36, .3), (-.1, .16), (-.06, .02), (.42, .0)), square=2)
        eyes = shell.flaps([(.035, .0), (.03, .03)], [(.16, .015), (.15, .06)], .004)
        parts = [shell.mesh(64, 40)] + [e.of(2)
                                        for e in eyes] + [shell.flap([(-.022, -.14), (-.03, .1)], [(.022, -.14), (.03, .1)], .02)]
        parts += [sweep(shell.front([(s * .02, .03), (s * .09, .075), (s * .19, .06)], .006), .014).of(1) for s in (-1, 1)]
        if rng.uniform() < .6:
            parts.append(comb.scaled(1.6, 1.05, 1.18).of(3))
    elif form == "spiked":
        parts += [turn([(0, tall + .24), (.012, tall + .2), (.03, tall + .03), (.07, tall - .02)]).of(0), neck.of(1),
                  peak(.25, .31, .03), dome.girdle(0, .03, .01)] + [
            turn([(0, .03), (.1, .01), (.11, 0)], lobes=(8, .14)).turned("x", 74).moved(0, -.325, .17)]
    else:  # nasal or crested
        parts += rivets + ([dome.girdle(0, .06, .012), box(.05, .025, .25).moved(0, -.325, -.2)]
                           + [sweep([dome.at(a, z, .006) for z in np.linspace(.05, tall, 8)], .018, flat=.5)
                              for a in np.arange(4) * np.pi / 2]
                           if form == "nasal" else cheeks + [neck, comb.scaled(1.8, 1, 1.15).of(3), peak(.25, .31, .02, 0)])
        if form == "nasal":
            parts.append(Cut(np.array([(-.3, .33, .36), (-.02, .252, .305)]), ((-.3, .8), (0, 1.0)), pleats(18, .02), 2).mesh(80,
                    10).of(4))
    made = made + ("jet", rng.choice(["hair", "feather"]) if form != "bascinet" else "steel", "iron")
    return Thing(join(parts).grounded(), made, azimuth=50, elevation=(4, 20))


@kind("crown", "jewelry", "gold + carnelian 3, silver + turquoise 1, gold + pearl 1", .4, "history")
def crown(rng, made):
    form = int(rng.integers(5))  # points; closed by arches; leaves of a coronet; rays; a low circlet
    n = (int(rng.integers(5, 9)), 8, 8, int(rng.integers(9, 14)), 12)[form]
    angle = np.linspace(0, 2 * np.pi, 193)
    wave = np.abs(np.cos(angle * n / 2))
    height, sharp, flare = ((.22, rng.uniform(1.5, 4), .25), (.08, 3, .3), (.06, 2, .3), (.3, 5, .12), (.05, 1.5, .1))[form]
    peak_ = .1 + height * wave ** sharp
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * .3
    outside = ((1, 0 * peak_), (1, .1 + 0 * peak_), (1 + flare * peak_, .1 + peak_))
    rows = [np.column_stack([ring * np.reshape(f, (-1, 1)) * thin, z]) for thin, side in ((1, outside), (.96, outside[::-1]))
            for f, z in side]
    parts = [sheet(np.array(rows)), torus(.3, .018).moved(z=.01), torus(.3, .018).moved(z=.1)]
    tops = np.arange(n) * 2 * np.pi / n
    parts += [ball(.028, 12).scaled(1, 1, 1.2).moved(.305 * np.cos(a), .305 * np.sin(a), .05).of(1) for a in tops + np.pi / n]
    z, r = .2 + height, .3 * (1 + flare * (.1 + height))
    if form == 0:
        parts += [ball(.03, 12).moved(r * np.cos(a), r * np.sin(a), z + .01) for a in tops]
    elif form == 4:
        parts += [ball(.02, 10).moved(r * np.cos(a), r * np.sin(a), z).of(1) for a in tops]
        parts += [ball(.05, 12).scaled(.8, .5, 1.4).moved(0, -.32, .14).of(1),
                  torus(.055, .012).turned("x", 90).scaled(.85, 1, 1.4).moved(0, -.32, .14)]
    elif form in (1, 2):  # lilies, and between them pearls
        for i, a in enumerate(tops):
            if i % 2:
                parts.append(ball(.028, 12).moved(r * np.cos(a), r * np.sin(a), z + .01).of(1))
            else:
                leaf = [ball(.05, 10).scaled(.3, .7, 1.5).moved(0, 0, .07)] + [ball(.036, 10).scaled(.35, 1.1, .8).turned("x",
                        s * 35).moved(0, s * .05, .03) for s in (-1, 1)]
                parts += [p.moved(r, 0, z - .02).turned("z", np.degrees(a)) for p in leaf]
        if form == 1:
            cloth = turn([(.27, .05), (.29, .2), (.24, .36), (.1, .42), (0, .4)], lobes=(4, .05)).of(2)
            arches = [sweep([(r * c, r * s, .25), (.36 * c, .36 * s, .4), (.2 * c, .2 * s, .5), (0, 0, .46)], .022,
                            sections=10) for c, s in ((np.cos(a), np.sin(a)) for a in tops[::2])]
            parts += [cloth, ball(.045).moved(z=.52), box(.02, .02, .12, .004).moved(z=.55),
                      box(.09, .02, .022, .004).moved(z=.6)] + arches
            parts += [ball(.016, 8).moved(.37 * np.cos(a), .37 * np.sin(a), .38).of(1) for a in tops[::2]]
    return Thing(join(parts), (*made, "velvet"), azimuth=180, elevation=(10, 30))


def _foot(heel: float, point: float = 0.0):
    """A shoe or boot pointing to -y; slots 0 upper, 1 sole; `point` draws out its toe."""
    toe = [(-point, .01, .016), (-point / 2, .032, .03), (0, .065, .05), (.1, .11, .085)] if point else [(0, .02, .03),
            (.06, .1, .09)]
    stations = toe + [(.22, .15, .12), (.42, .135, .13), (.6, .11, .17), (.8, .115, .2), (.94, .1, .17), (1.0, .03, .06)]

    def lift(p):
        return heel * np.clip((-p[:, 1] - .42) / .35, 0, 1) ** 1.3 + .5 * np.clip(p[:, 1] - .0, 0, 1) ** 2

    def settle(p):
        z = np.where(p[:, 2] < 0, p[:, 2] * .35, p[:, 2] * (1 + .4 * np.clip(-p[:, 1] - .5, 0, 1))) + .08 + lift(p)
        z -= .045 * np.clip(p[:, 1] / max(point, .1), 0, 1)  # a drawn-out toe comes down to its sole
        return np.stack([p[:, 0], p[:, 1], z], 1)
    upper_ = loft(stations, square=2.3, sections=36).turned("x", 90).bent(settle).turned("z", 180)
    sole = loft([(z, w * 1.04, .018) for z, w, _ in stations], square=4).turned("x", 90).bent(
        lambda p: np.stack([p[:, 0], p[:, 1], p[:, 2] + .022 + lift(p)], 1)).turned("z", 180)
    block = loft([(0, .05, .06), (heel, .085, .1)], square=3).moved(0, .86, 0)
    return [upper_, sole.of(1)] + ([block.of(1)] if heel > .02 else [])


@kind("shoe", "costume", "leather 5, silk 2, velvet 1", .9, "costume design")
def shoe(rng, made):
    heel, point = rng.choice([.0, .04, .12, .2]), 0.0
    if rng.uniform() < .2:  # the long toes of the fifteenth century
        heel, point = 0.0, rng.uniform(.25, .5)
    opening = [ball(.09, 20).scaled(.85, 1.7, .42).of(2), torus(.09, .013).scaled(.86, 1.72, 1)]
    opening = join(opening).turned("x", -6).moved(0, .76, .285 + heel * .85)
    laces = [sweep([(s * .06, .45 + .05 * i, .24 + .02 * i), (-s * .06, .5 + .05 * i, .26 + .02 * i)], .01, sections=6)
             for s in (-1, 1) for i in range(3)]
    laces += [sweep([(0, .6, .3), (s * .07, .57, .32), (s * .09, .5, .28)], .011, sections=6) for s in (-1, 1)]
    buckle = torus(.055, .014, 4, flat=.6).turned("z", 45).scaled(1.2, .8, 1).turned("x", 18).moved(0, .47, .258 + .12 * heel)
    rosette = turn([(.09, 0), (.05, .035), (0, .03)], lobes=(8, .25)).turned("x", 25).moved(0, .42, .24 + .1 * heel)
    across, up = np.sin(np.linspace(-1.4, 1.4, 9)), np.cos(np.linspace(-1.4, 1.4, 9))
    strap = sweep(np.stack([.122 * across, .6 - .05 * up, .13 + .138 * up + .5 * heel], 1), .011, flat=2.6, sections=8)
    mesh = join([*_foot(heel, point), opening, join((laces, [buckle], [rosette], [strap])[rng.integers(4)]).of(3)])
    if rng.uniform() < .55:
        mesh = join([mesh, mesh.scaled(-1, 1, 1).turned("z", 14).moved(.42, .1)])
    skins = {2: Skin((-9, 9, -9, 9), hexa("#17110e")[None, None], gloss=0)}
    return Thing(mesh.grounded(), (made[0], "leather", "leather", rng.choice(["silver", "silk", "brass"])), skins, azimuth=180,
                 elevation=(14, 38))


@kind("boot", "costume", "leather 6, felt 1", .6, "costume design")
def boot(rng, made):
    form = int(rng.integers(5))  # plain; turned down at the top; laced; buttoned; a rider's
    heel = (.03, .1, .06, .1, .06)[form]
    tall = (rng.uniform(.5, .95), rng.uniform(.75, .95), .42, .4, .95)[form]
    top = .4 + tall
    rows = ((.2 + heel, .115, .17), (.4, .112, .14), (.4 + .5 * tall, .15, .165), (top, .15, .16)) if form not in (2,
            3) else ((.2 + heel, .115, .17), (.38, .105, .135), (top, .128, .145))
    shaft = Cut(np.array(rows), (), lambda a, s: 1 + .02 * np.sin(9 * s + 2 * a), 2.2)
    parts = [shaft.mesh(40, 24), loft([(top - .05, *np.array(rows[-1][1:]) * .96),
                                       (top - .04, *np.array(rows[-1][1:]) * .96)]).of(2)]
    if form == 1:
        parts.append(Cut(np.array([(top - .28, .21, .22), (top - .1, .19, .2), (top + .02, .152, .163)]), square=2.2).mesh(40,
                10).of(3))
    elif form == 2:
        z = np.linspace(.36, top - .04, 7)
        parts += [shaft.flap([(-.03, .3), (-.03, top - .01)], [(.03, .3), (.03, top - .01)], .006).of(2)]
        parts += [sweep(shaft.front([(s * .045, h), (-s * .045, h + .055)], .016), .009, sections=6).of(3) for h in z[:-1]
                  for s in (-1, 1)]
    elif form == 3:
        parts += [ball(.02, 8).moved(*shaft.at(-.45 + .06 * np.sin(9 * z), z, .012)).of(4) for z in np.linspace(.3, top - .04, 8)]
        parts += [sweep([shaft.at(-.62, z, .003) for z in np.linspace(.26, top, 8)], .007, sections=6)]
    elif form == 4:
        parts += [shaft.girdle(top - .16, top, .012).of(3),
                  sweep([shaft.at(-.05, z, .012) for z in (top - .12, top, top + .05, top - .0)], .012, flat=.4).of(3)]
        parts += [turn([(0, .05), (.02, .04), (.035, 0)]).moved(*shaft.at(-1.57, top - .1, .03)).of(4)] * (rng.uniform() < .5)
    mesh = join(_foot(heel) + [p.moved(0, .8, 0) for p in parts])
    if rng.uniform() < .6:
        mesh = join([mesh, mesh.scaled(-1, 1, 1).turned("z", 10).moved(.46, .06)])
    return Thing(mesh, (made[0], "leather", "jet", rng.choice(["leather", "silk"]), "brass"), azimuth=180, elevation=(8, 26))


@kind("glove", "costume", "leather 4, silk 1, lace 1, wool 1", .5, "costume design")
def glove(rng, made):
    form = int(rng.integers(5))  # short or long; with an embroidered gauntlet; a mitten; a mitt without finger tips
    long = (.35, rng.uniform(.75, 1.05), .3, .35, .45)[form]
    palm = loft([(-long, .15 + .03 * (form == 1), .05), (-.1, .13, .05), (0, .14, .055), (.25, .19, .06), (.33, .18, .055)],
                square=2.6)
    reach = .45 if form == 4 else 1
    fingers = [sweep([(x, 0, .28), (x * 1.15, 0, .28 + f * .5 * reach), (x * (1 + .3 * reach), 0, .28 + f * reach)],
                     [.047, .046, .036 if reach == 1 else .045], sections=12, flat=.8)
               for x, f in ((-.14, .3), (-.045, .38), (.05, .36), (.14, .27))]
    if form == 3:
        fingers = [loft([(.25, .19, .06), (.45, .185, .058), (.6, .12, .045), (.65, .02, .01)], square=2.3)]
    thumb = sweep([(-.14, 0, .02), (-.27, -.01, .14), (-.27 - .03 * reach, -.01, .14 + .13 * reach)], [.06, .052, .04],
                  sections=12)
    cuff = [loft([(-long - .01, .17, .06), (-long + .08, .165, .06)], square=2.6).of(1)]
    skins = {}
    if form == 2:
        cuff = [loft([(-long - .26, .3, .07), (-long - .1, .25, .07), (-long + .06, .15, .055)], square=2.6).of(1),
                *[sweep([(x * 1.0, -.07, -long - .26), (x * 1.05, -.06, -long - .33)], .014, sections=5).of(2)
                  for x in np.linspace(-.28, .28, 15)]]
        skins[1] = Skin((0, .7, -.02, .4), decor.plain(rng, "#a8281f #d9a93a #31503a #27408a"),
                        np.concatenate([decor.border(rng, 120, 20), decor.spray(rng, 120, 40, 6)]), repeat=True)
    seams = [sweep([(x, -.062, .06), (x * 1.1, -.062, .27)], .006, sections=5) for x in (-.08, 0, .08)] if form < 3 else []
    buttons = [ball(.016, 8).moved(-.03, -.056, z).of(2) for z in np.linspace(-long + .1, -.1, 4)] if form == 1 else []
    hand = join([palm, thumb] + fingers + cuff + seams + buttons).turned("x", -90).moved(z=.075)
    if rng.uniform() < .6:
        hand = join([hand, hand.scaled(-1, 1, 1).turned("z", 12).moved(.5, .05)])
    return Thing(hand.grounded(), (made[0], rng.choice([made[0], "silk", "lace"]) if form != 2 else "silk", "gold"), skins,
                 azimuth=0, elevation=(68, 88), roll=25)
