"""What goes with dress: fans, parasols, bags, belts."""

import numpy as np

from ..kinds import kind
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, plate, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import costume, decor  # noqa: F401  costume's kinds come first in the register
from .scenes import compose
from .tailor import Cut, pleats, printed


def _painted(rng, width: int, height: int) -> np.ndarray:
    """A fan's leaf: flowers on a plain ground, or a small picture."""
    art = decor.spray(rng, width, height, int(rng.integers(10, 20)))
    ground = hexa(rng.choice(["#efe6d0", "#1f1d22", "#c98a8a", "#2f5a5a", "#e8d8a8"]))
    colour = ground + (hexa(rng.choice(["#a8281f", "#d9a93a", "#27408a", "#2f6a44"])) - ground) * art[..., None]
    if rng.uniform() < .3:
        colour = compose(str(rng.choice(["landscape", "seascape"])), rng, width, height)
    return np.float32(colour).clip(0)


def _hand_screen(rng, made):
    """A stiff fan on a handle: round, like a leaf, or like a shield."""
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    shape = (lambda a: 1 + 0 * a, lambda a: .85 + .15 * np.abs(np.cos(a - np.pi / 2)) ** 3 * np.sign(np.sin(a)),
             lambda a: .92 + .08 * np.cos(3 * a + np.pi / 2))[rng.integers(3)]
    edge = np.stack([np.cos(angle), 1.08 * np.sin(angle)], 1) * (.5 * shape(angle))[:, None]
    rim = np.concatenate([edge, edge[:1]])
    parts = [plate(edge, .03, .1), sweep(np.column_stack([rim, np.full(len(rim), .02)]), .016, sections=8, samples=100).of(1)]
    parts += [sweep([(0, -.5, .03), (0, -.75, .03), (0, -1.15, .03)], [.03, .022, .034]).of(1),
              ball(.04, 12).moved(0, -1.17, .04).of(1), sweep([(0, .3, .035), (0, -.5, .035)], [.006, .016]).of(1)]
    skins = {0: Skin((-.52, .52, -.56, .56), _painted(rng, 110, 110))} if made[0] in ("paper", "silk") else {}
    return Thing(join(parts), made, skins, azimuth=0, elevation=(62, 88), roll=12, fill=.82)


def _feather_fan(rng, made):
    """Ostrich feathers on sticks."""
    parts, n = [], int(rng.integers(8, 12))
    for i, a in enumerate(np.linspace(-1.05, 1.05, n)):
        line = np.stack([r * np.array([np.sin(a + .25 * (r - .3) ** 2 * np.sign(a)), np.cos(a)])
                         for r in (.32, .5, .7, .9, 1.02)])
        vane = np.linspace(0, 1, 40)[:, None]
        middle = np.stack([np.interp(vane[:, 0], np.linspace(0, 1, 5), c) for c in line.T], 1)
        wide = .15 * np.sin(np.pi * np.clip(vane * .92 + .06, 0, 1)) ** .5 * (1 - .14 * (np.arange(40) % 3 == 0)[:, None])
        side = np.array([np.cos(a), -np.sin(a)])
        z = .03 + .012 * (i % 2) + .02 * vane
        rows = [np.concatenate([middle + s * wide * side, z + .03 * (1 - s * s) + .01 * s], 1) for s in (-1, -.5, 0, .5, 1)]
        parts += [sheet(np.stack(rows, 1)), sweep([(0, 0, .03), (.4 * np.sin(a), .4 * np.cos(a), .045)], [.014, .024], flat=.4,
                                                  sections=6).of(1)]
    parts += [turn([(0, 0), (.035, 0), (.035, .08), (0, .09)]).of(1), torus(.05, .009).moved(0, -.08, .02).of(1)]
    return Thing(join(parts), made, {}, azimuth=0, elevation=(62, 88), roll=10)


@kind("fan", "costume", "paper + ivory 3, silk + ebony 2, lace + mother-of-pearl 1, paper + bamboo 2, feather + tortoiseshell 1",
      .9, "decorative arts")
def fan(rng, made):
    form = int(rng.integers(6))  # mostly folding; a hand screen; a cockade, open all round
    if made[0] == "feather":
        return _feather_fan(rng, made)
    if form == 0 and made[0] != "lace":
        return _hand_screen(rng, made)
    spread, folds = (rng.uniform(2.0, 2.9), int(rng.integers(12, 20))) if form > 1 else (6.0, 26)
    angle = np.linspace(-spread / 2, spread / 2, 2 * folds + 1) + np.pi / 2
    rise = .03 + .03 * (np.arange(2 * folds + 1) % 2)
    inner = rng.uniform(.34, .5) if form > 1 else .25
    rows = np.linspace(inner, 1, 5)[:, None]
    points = np.stack([rows * np.cos(angle), rows * np.sin(angle), rise * rows + .01], 2)
    u = (angle - angle[0]) / spread
    leaf = sheet(points, np.stack(np.broadcast_arrays(1 - u, (rows - inner) / (1 - inner)), 2))

    def along(a, *points):
        return [(r * np.cos(a), r * np.sin(a), z) for r, z in points]

    sticks = [sweep(along(a, (0, .02), (inner, .03), (inner + .2, .03)), [.012, .02, .012], flat=.4, sections=6, samples=6)
              for a in angle[::2]]
    guards = 1 if form > 1 else 1.75  # a cockade's guards are its handle
    sticks += [sweep(along(a, (0, .05), (guards, .06)), [.022, .03], flat=.5, sections=8, samples=6)
               for a in (angle[0], angle[-1])]
    if rng.uniform() < .3:  # a tassel hangs from the pin
        sticks += [sweep([(0, 0, .03), (.04, -.12, .02), (.02, -.2, .02)], .008, sections=6),
                   sweep([(.02, -.2, .025), (.02, -.36, .03)], [.016, .04])]
    pin = turn([(0, 0), (.03, 0), (.03, .08), (0, .09)])
    skins = {0: Skin((0, 1, 0, 1), _painted(rng, 220, 90))} if made[0] in ("paper", "silk") else {}
    mesh = join([leaf] + [m.of(1) for m in [pin] + sticks])
    return Thing(mesh, made, skins, azimuth=0, elevation=(62, 88), roll=8)


@kind("parasol", "costume", "silk + beech 2, cotton + bamboo 1, lace + ebony 1, paper + bamboo 1", .4, "costume design")
def parasol(rng, made):
    form = int(rng.integers(5))  # domed; like a pagoda; flat, of paper; furled, leaning or lying
    if made[0] == "paper":
        form = 2
    skins = printed(rng, .5)
    top = (.42, .5, .34, .4, .4)[form]
    stick = sweep([(0, 0, top + .07), (0, 0, -.7)], [.012, .016], sections=8, samples=4).of(1)
    grip = [sweep([(0, 0, -.7), (0, 0, -.82), (.06, 0, -.88), (.1, 0, -.82)], .02, sections=8),
            sweep([(0, 0, -.7), (0, 0, -.85)], [.018, .028]), ball(.04, 12).moved(0, 0, -.72)][rng.integers(3)].of(1)
    if form >= 3:
        shut = loft([(-.42, .075, .075), (-.3, .082, .082), (.1, .05, .05), (top, .012, .012)], push=lambda a, s: 1
                    + .22 * np.sin(8 * a + 2.2 * s) * (1 - .4 * s), sections=72, ends=False)
        band = turn([(.088, 0), (.094, .01), (.09, .03)], lobes=(8, .1)).moved(z=-.2).of(1)
        mesh = join([shut, stick, grip, band]).moved(z=.9)
        if form == 3:
            mesh = mesh.turned("y", 90).turned("z", float(rng.uniform(15, 50)))
            return Thing(mesh.grounded(), made, skins, azimuth=20, elevation=(30, 60), fill=.88)
        return Thing(mesh.turned("y", float(rng.uniform(14, 24))).grounded(), made, skins, azimuth=30, elevation=(4, 16),
                     fill=.86)
    profile = ([(.0, top), (.2, top - .03), (.42, top - .15), (.56, top - .32)],
               [(.0, top), (.06, top - .05), (.2, top - .2), (.4, top - .32), (.58, top - .38)],
               [(0, top), (.06, top - .02), (.6, top - .2), (.6, top - .2), (.6, top - .21)])[form]
    count = (8, 8, 18)[form]
    canopy = turn(profile, sections=144, lobes=(count, .035))
    if form == 2:
        y, x = np.mgrid[0:90, 0:144]
        paints = np.stack([hexa(c) for c in rng.choice(["#a8281f", "#22365a", "#e8dcc0", "#2f5a44", "#d9a93a"], 2,
                                                       replace=False)])
        colour = paints[((y > 55) | ((y > 20) & (y < 28))).astype(int)] + 0 * x[..., None]
        decor.lay(colour[28:55], hexa("#efe6d0"), decor.spray(rng, 144, 27, 9, stem=False))
        skins = {0: Skin((0, 3.77, 0, .64), np.float32(colour[::-1]))}
    ribs = [sweep([(0, 0, top - .14), (.3 * np.cos(a), .3 * np.sin(a), top - .16 - .1 * (form == 1))], .006, sections=5,
                  samples=3).of(1) for a in np.arange(count) * 2 * np.pi / count]
    end = profile[-1][1]
    frill = []
    if form < 2 and rng.uniform() < .6:
        r = profile[-1][0]
        frill = [turn([(r * .98, end + .01), (r * 1.02, end - .07)], sections=220, lobes=(56, .012), samples=6).of(2)]
    mesh = join([canopy, stick, grip, turn([(0, .09), (.012, .07), (.02, 0)]).moved(z=top).of(1)] + ribs + frill)
    if rng.uniform() < .5:
        mesh = mesh.turned("x", 62).turned("z", float(rng.uniform(20, 60)))
    return Thing(mesh.grounded(), (*made, "lace"), skins, azimuth=30, elevation=(6, 24), fill=.84)


def chain(points, radius=.016, slot=1):
    """Rings along a line."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()
    at = np.arange(0, steps[-1], radius * 2.1)
    line = np.stack([np.interp(at, np.append(0, steps), c) for c in np.transpose(points)], 1)
    return [torus(radius, radius * .3, 10).turned("x", 90 * (i % 2)).turned("y", 90).moved(*p).of(slot)
            for i, p in enumerate(line)]


def _arch(wide, low, high, count=24):
    a = np.linspace(np.pi, 0, count)
    return np.stack([wide * np.cos(a), 0 * a, low + (high - low) * np.sin(a) ** .8], 1)


@kind("handbag", "costume", "leather + brass 3, silk + silver 1, velvet + gold 1, wicker + brass .5", .6, "costume design")
def handbag(rng, made):
    w, form = rng.uniform(.36, .5), int(rng.integers(5)) if made[0] != "wicker" else int(rng.integers(2)) * 3
    if form == 0:  # on a frame
        body = loft([(0, w * .9, .13), (.05, w, .16), (.25, w * 1.02, .15), (.44, w * .85, .07), (.5, w * .8, .05)], square=3,
                    push=lambda a, s: 1 + .02 * np.sin(14 * a))
        parts = [body, loft([(.48, w * .82, .06), (.53, w * .82, .05)], square=4).of(1), ball(.035).moved(0, -.06, .54).of(1)]
        parts.append(sweep([(-w * .6, 0, .5), (-w * .5, 0, .75), (0, 0, .86), (w * .5, 0, .75), (w * .6, 0, .5)], .025,
                           samples=24))
    elif form == 1:  # with a flap, on a chain or strap
        cut = Cut(np.array([(0, w, .1), (.04, w * 1.02, .13), (.5, w * .96, .11), (.53, w * .94, .08)]), square=5)
        parts = [cut.mesh(60, 24), loft([(.5, w * .97, .12), (.55, w * .93, .07)], square=5),
                 cut.flap([(-w * .93, .52), (-w * .9, .34), (-w * .5, .24), (0, .2)][::-1],
                          [(w * .93, .52), (w * .9, .34), (w * .5, .24), (0, .2)][::-1], .02, 16, 20)]
        parts += [box(.09, .04, .09, .015).moved(*cut.front((0, .2), .03)).of(1),
                  *chain(_arch(w * .9, .5, 1.05, 40) + [0, .03, 0], .026)]
    elif form == 2:  # a doctor's bag
        w *= 1.15
        parts = [loft([(0, w, .22), (.04, w * 1.02, .24), (.26, w * 1.02, .21), (.46, w * .96, .05), (.5, w * .94, .04)],
                      square=3.4), box(w * 1.95, .1, .045, .015).moved(z=.47).of(1)]
        parts += [sweep([(-.14, s * .07, .46), (-.13, s * .09, .6), (.13, s * .09, .6), (.14, s * .07, .46)], .022,
                        samples=20) for s in (-1, 1)]
        parts.append(box(.09, .05, .1, .02).moved(0, -.07, .42).of(1))
        parts += [ball(.03, 10).moved(s * w * .8, y, .0).of(1) for s in (-1, 1) for y in (-.15, .15)]
    elif form == 3:  # a basket or tote with two handles
        parts = [loft([(0, w * .72, .15), (.03, w * .76, .17), (.5, w, .19)], square=3, ends=False),
                 loft([(.01, w * .72, .15), (.02, w * .72, .15)], square=3), torus(1, .02).scaled(w * 1.0, .19, 1).moved(z=.5)]
        parts += [sweep([(-w * .45, s * .18, .42), (-w * .4, s * .17, .68), (0, s * .12, .82), (w * .4, s * .17, .68),
                         (w * .45, s * .18, .42)], .02, samples=24) for s in (-1, 1)]
        parts += [ball(.028, 10).moved(a * w * .45, s * .195, .42).of(1) for a in (-1, 1) for s in (-1, 1)]
    else:  # a clutch like an envelope
        cut = Cut(np.array([(0, w * 1.15, .05), (.03, w * 1.2, .07), (.4, w * 1.2, .06), (.44, w * 1.18, .035)]), square=6)
        parts = [cut.mesh(60, 20), loft([(.41, w * 1.2, .065), (.45, w * 1.16, .03)], square=6),
                 cut.flap([(0, .14), (-w * 1.12, .43)], [(0, .14), (w * 1.12, .43)], .018, 14, 22),
                 ball(.035, 14).scaled(1, .6, 1).moved(*cut.front((0, .17), .03)).of(1)]
        parts += [cut.girdle(.0, .015, .008).of(1)]
    return Thing(join(parts).grounded(), made, printed(rng, .25) if made[0] != "wicker" else {}, azimuth=35, elevation=(6, 22))


@kind("purse", "costume", "leather + brass 2, silk + silver 2, velvet + gold 2, linen + silk 1", .5, "history")
def purse(rng, made):
    form, skins = int(rng.integers(5)), printed(rng, .4)

    def tassel(x, y, z, long=.13):
        return [ball(.026, 10).moved(x, y, z).of(1),
                turn([(.02, 0), (.03, -.02), (.042, -long)], sections=16, lobes=(8, .12)).moved(x, y, z).of(1)]
    if form == 0:  # a pouch drawn shut with cords, standing
        gathers = lambda a, s: 1 + .08 * np.sin(13 * a) * np.clip(1 - np.abs(s - .8) / .3, 0, 1) + .015 * np.sin(5 * a)
        body = loft([(0, .12, .1), (.01, .22, .18), (.1, .29, .23), (.25, .27, .21), (.4, .15, .12), (.46, .085, .07),
                     (.52, .14, .12), (.57, .19, .16)], push=gathers, sections=78, samples=44, ends=False)
        floor = loft([(0, .12, .1), (.004, .11, .09)])
        cords = [torus(.1, .02).scaled(1, .84, 1).moved(z=.455 + d).of(1) for d in (-.012, .016)]
        for s in (-1, 1):
            cords.append(sweep([(s * .04, -.085, .455), (s * .13, -.17, .5), (s * .2, -.22, .36), (s * .22, -.25, .2)], .014,
                               sections=8).of(1))
            cords += tassel(s * .22, -.255, .19)
        return Thing(join([body, floor] + cords).grounded(), made, skins, azimuth=30, elevation=(6, 22))
    if form == 1:  # on a metal frame with a clasp and a chain
        w = .3
        cut = Cut(np.array([(0, .06, .03), (.03, w * .8, .11), (.14, w * 1.12, .15), (.3, w, .11), (.4, w * .82, .05)]),
                  push=pleats(9, .02), square=2.3)
        frame = [sweep([(-w * .84, y, .36), (-w * .78, y, .43), (0, y, .47), (w * .78, y, .43), (w * .84, y, .36)], .02,
                       samples=24).of(1) for y in (-.045, .045)]
        clasp = [ball(.034, 14).moved(s * .024, s * .02, .51).of(1) for s in (-1, 1)]
        return Thing(join([cut.mesh(64, 30), loft([(.38, w * .8, .05), (.45, w * .5, .03)])] + frame + clasp
                          + chain(_arch(w * .8, .42, .82) * [1, 1, 1], .024)).grounded(), made, skins, azimuth=35,
                     elevation=(6, 22))
    if form == 2:  # a stocking purse, lying: a long tube with two rings
        t = np.linspace(-.62, .62, 9)
        bend = .1 * np.sin(2.2 * t)
        tube = sweep(np.column_stack([t, bend, np.full(9, .07)]), [.09, .115, .115, .075, .045, .075, .115, .115, .09],
                     sections=20, samples=40, flat=.6)
        rings = [torus(.062, .014).turned("y", 90).moved(x, .1 * np.sin(2.2 * x), .07).of(1) for x in (-.15, .15)]
        ends = [part for s in (-1, 1) for a in (-.07, 0, .07)
                for part in [sweep([(s * .64, s * .1 + a, .05), (s * .8, s * .12 + 1.8 * a, .025)], [.014, .026],
                                   sections=8).of(1)]]
        strip = np.concatenate([decor.border(rng, 160, 14) for _ in range(3)])
        skins = {0: Skin((0, .55, .0, 1.3), decor.plain(rng, "#e8dcc0 #d9a93a #a8281f"), np.rot90(strip).copy())}
        return Thing(join([tube] + rings + ends).grounded(), made, skins, azimuth=25, elevation=(46, 78), roll=15)
    if form == 3:  # a pouch for the belt, its flap pointed or round
        cut = Cut(np.array([(0, .12, .04), (.03, .26, .1), (.15, .32, .13), (.36, .28, .09), (.42, .25, .05)]), square=2.8)
        sharp = rng.uniform(.4, 1)
        flap_ = cut.flap([(0, .1), (-.16 / sharp * .6, .16), (-.25, .3), (-.26, .4)],
                         [(0, .1), (.16 / sharp * .6, .16), (.25, .3), (.26, .4)], .02, 16, 14)
        loops = [torus(.05, .016).turned("y", 90).moved(s * .15, .0, .45) for s in (-1, 1)]
        parts = [cut.mesh(56, 24), loft([(.38, .26, .07), (.44, .24, .04)], square=3), flap_,
                 box(.06, .03, .07, .012).moved(*cut.front((0, .12), .03)).of(1)] + loops
        parts += cut.studs([(s * x, z) for s in (-1, 1) for x, z in ((.21, .34), (.19, .25), (.12, .18))], .017)
        bar = sweep([(-.34, 0, .46), (.34, 0, .46)], .024).of(1)
        return Thing(join(parts + [bar] + [ball(.035, 12).moved(s * .35, 0, .46).of(1) for s in (-1, 1)]).grounded(), made, skins,
                     azimuth=30, elevation=(6, 22))
    # Flat, embroidered, with tassels, lying on the table: the alms purse of the Middle Ages.
    w, h = rng.uniform(.3, .38), rng.uniform(.34, .42)
    edge = np.array([(w * .86, h), (w * .92, 0), (w, -h * .8), (w * .8, -h), (-w * .8, -h), (-w, -h * .8), (-w * .92, 0),
                     (-w * .86, h)])
    ring = np.concatenate([edge, edge[:1]])
    outline = np.stack([np.interp(np.linspace(0, 8, 90, endpoint=False), range(9), c) for c in ring.T], 1)
    rim = sweep(np.column_stack([ring, np.full(9, .03)]), .015, sections=8, samples=10, smooth=False)
    parts = [plate(outline, .06, .35, dome=.03), rim.of(1)]
    for x in np.linspace(-.8, .8, int(rng.integers(3, 6))) * w:
        parts += [ball(.025, 10).moved(x, -h - .02, .03).of(1),
                  sweep([(x, -h - .03, .03), (x, -h - .18, .03)], [.018, .034]).of(1)]
    parts += [sweep([(-w * .8, h, .03), (-w * .4, h + .25, .02), (w * .3, h + .32, .02), (w * .8, h, .03)], .016,
                    sections=8).of(1)]
    art = decor.border(rng, 96, 32, "lozenges") if rng.uniform() < .5 else decor.spray(rng, 90, 90, 5)
    art = np.tile(art, (3, 1)) if len(art) == 32 else art
    return Thing(join(parts).grounded(), made, {0: Skin((-w, w, -h, h), decor.plain(rng, "#d9a93a #e8dcc0 #a8281f"), art)},
                 azimuth=0, elevation=(64, 86), roll=10)


def _shut_case(w, h, d):
    """A suitcase that stands, its handle on top: edges, corners and locks of slot 1."""
    parts = [box(w, d, h, .05), torus(.09, .022, flat=1).scaled(1.3, 1, 1).turned("x", 90).moved(0, 0, h + .02).of(1)]
    parts += [box(.05, d + .02, h + .01, .01).moved(x * w * .3).of(1) for x in (-1, 1)]
    parts += [box(.1, .1, .1, .02).moved(x * (w / 2 - .04), y * (d / 2 - .04), z).of(1) for x in (-1, 1) for y in (-1, 1)
              for z in (-.01, h - .09)]
    return parts + [box(w + .01, d + .01, .015).moved(z=h * .62).of(1)]


def _open_case(w, h, d):
    """A suitcase that lies open, lined with slot 2."""
    tray = [box(w, h, .02, .01), box(w - .04, h - .04, .015, .004).moved(z=.02).of(2)]
    tray += [box(w, .03, d, .01).moved(0, s * h / 2) for s in (-1, 1)] + [box(.03, h, d, .01).moved(s * w / 2) for s in (-1, 1)]
    pocket = box(w * .8, h * .5, .012, .004).moved(0, -.1, .035).of(2)
    lid = join([*tray, pocket]).scaled(1, 1, .6).moved(0, h / 2).turned("x", 105).moved(0, h / 2 + .03, d)
    metal = [box(.08, .03, .07, .01).moved(x * w * .3, -h / 2 - .015, d - .06).of(1) for x in (-1, 1)]
    metal += [box(.1, .1, .08, .02).moved(x * (w / 2 - .02), -h / 2 + .03).of(1) for x in (-1, 1)]
    metal.append(sweep([(-.11, -h / 2, .1), (-.1, -h / 2 - .07, .1), (.1, -h / 2 - .07, .1), (.11, -h / 2, .1)], .02).of(1))
    return [*tray, lid, sweep([(-w * .3, 0, .05), (0, -.03, .07), (w * .3, 0, .05)], .02, flat=.4).of(1), *metal]


@kind("suitcase", "costume", "leather + brass 3, cardboard + iron 1, wicker + leather 1", .4)
def suitcase(rng, made):
    form = int(rng.integers(5))  # upright; with hotels' labels; open; lying, another on top; with rounded ends and straps
    w, h, d = rng.uniform(.9, 1.1), rng.uniform(.55, .7), .28
    paper = rng.choice(["#a8281f", "#27408a", "#d9a93a", "#2f6a44", "#e8dcc0"], 3, replace=False)
    if form == 2:
        lining = decor.border(rng, 96, 96, str(rng.choice(["dots", "lozenges"])))
        skins = {2: Skin((0, .5, 0, .5), decor.plain(rng, "#e8dcc0 #a8281f #5b6f8c"), lining, repeat=True)}
        return Thing(join(_open_case(w, h, .2)).grounded(), (*made, rng.choice(["cotton", "silk"])), skins, azimuth=35,
                     elevation=(20, 38))
    parts = _shut_case(w, h, d)
    if form == 1:
        for i in range(int(rng.integers(3, 6))):
            label = box(rng.uniform(.1, .2), .01, rng.uniform(.08, .15), .003)
            if rng.uniform() < .4:
                label = turn([(0, 0), (.075, 0), (.075, .008), (0, .008)]).turned("x", 90)
            parts.append(label.moved(rng.uniform(-.17, .17) * w, -d / 2 - .004, h * rng.choice([.15, .35, .7])).of(2 + i % 3))
    elif form == 3:
        low = join(parts).turned("x", 90).grounded()
        small = join(_shut_case(w * .75, h * .75, .22)).turned("x", 90).turned("z", float(rng.uniform(-14, 14)))
        parts = [low, small.grounded().moved(0, -.06, float(low.points[:, 2].max()))]
    elif form == 4:
        a = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        edge = np.stack([v * np.sign(c) * np.abs(c) ** .4 for v, c in ((w / 2, np.cos(a)), (h / 2, np.sin(a)))], 1)
        half = plate(edge, d / 2, .08)
        seam = sweep(np.column_stack([np.concatenate([edge, edge[:1]]) * 1.012, np.zeros(61)]), .016, sections=8, samples=120)
        case = join([half, half.scaled(1, 1, -1), seam.of(1)]).turned("x", 90).moved(z=h / 2)
        straps = [box(.07, d + .03, h + .02, .01).moved(x * w * .27, 0, -.005).of(2) for x in (-1, 1)]
        buckles = [box(.1, .02, .08, .01).moved(x * w * .27, -d / 2 - .015, h * .6).of(1) for x in (-1, 1)]
        parts = [case, parts[1], *straps, *buckles]
        return Thing(join(parts).grounded(), (*made, "leather"), azimuth=45, elevation=(8, 26))
    skins = {2 + i: Skin((-9, 9, -9, 9), hexa(c)[None, None]) for i, c in enumerate(paper)}
    return Thing(join(parts), (*made, "paper", "paper", "paper"), skins, azimuth=45, elevation=(8, 30))


@kind("belt", "costume", "leather + brass 3, leather + silver 2, silk + gold 1, wool + brass 1", .4, "ethnography")
def belt(rng, made):
    form = int(rng.integers(5))  # rolled up, twice; buckled; with plates; laid out, with fringes
    wide = rng.uniform(.1, .15)
    if form in (2, 3):
        a, r, wide = np.linspace(0, 2 * np.pi, 120), .5, wide * (1, 1, 1.2, 1.5)[form]
        strap = sheet(np.stack([np.stack([reach * np.cos(a), .8 * reach * np.sin(a), np.full_like(a, z)], 1)
                                for reach, z in ((r, 0), (r, wide), (r - .015, wide), (r - .015, 0))]))
        parts = [strap]
        if form == 2:
            buckle = torus(wide * .72, .018, 4).turned("z", 45).turned("x", 90)
            parts += [buckle.moved(0, -.8 * r - .02, wide / 2).of(1),
                      sweep([(-.06, -.8 * r - .03, wide / 2), (.08, -.8 * r - .03, wide / 2)], .012).of(1)]
            parts += [sweep([(.05, -.8 * r - .012, wide / 2), (.25, -.75 * r - .03, wide / 2), (.4, -.66 * r, wide / 2 - .02)],
                            wide / 2, flat=.1, sections=16)]
            parts += [ball(.012, 8).moved(x, -.8 * r - .02 + x * x * .35, wide / 2).of(1) for x in (.14, .2, .26)]
        else:
            n = int(rng.integers(11, 18))
            for t in np.arange(n) * 2 * np.pi / n - np.pi / 2:
                round_ = turn([(0, .02), (.4 * wide, .012), (.46 * wide, 0)], lobes=(8, .08)).turned("x",
                        90) if made[1] != "gold" else box(.8 * wide, .02, .8 * wide, .01).moved(z=-.4 * wide)
                parts.append(join([round_, ball(.016, 8).moved(0, -.02)]).turned("z",
                        np.degrees(np.arctan2(.8 * np.sin(t), np.cos(t))) + 90).moved(1.0 * r * np.cos(t), .8 * r * np.sin(t),
                                wide / 2).of(1))
            parts += [box(.24, .03, wide * 1.3, .02).moved(0, -.8 * r - .02, -.15 * wide).of(1),
                      ball(.05, 14).scaled(1, .5, 1).moved(0, -.8 * r - .03, wide / 2).of(2)]
        return Thing(join(parts).grounded(), (*made, "carnelian"), azimuth=35, elevation=(16, 40))
    if form == 4:  # a woven girdle, laid out double
        turn_ = np.linspace(-np.pi / 2, np.pi / 2, 24)
        line = np.concatenate([[(x, -.15) for x in np.linspace(-.75, .4, 30)],
                               np.stack([.4 + .15 * np.cos(turn_), .15 * np.sin(turn_)], 1),
                               [(x, .15 + .1 * (.4 - x) ** 2) for x in np.linspace(.4, -.6, 30)]])
        along = np.gradient(line, axis=0)
        side = along[:, ::-1] * [1, -1] * (wide * .7 / np.linalg.norm(along, axis=1, keepdims=True))
        strap = sheet(np.stack([np.column_stack([line + s * side, np.full(84, .02)]) for s in (-1, 1)]),
                      np.stack(np.broadcast_arrays(np.array([0, 1])[:, None], np.linspace(0, 1, 84)), 2))
        fringe = [sweep([(*(line[i] + s * side[i]), .02), (line[i][0] - .16, line[i][1] + s * side[i][1] * 1.2, .012)], .009,
                        sections=5).of(1) for i in (0, -1) for s in np.linspace(-1, 1, 9)]
        art = np.concatenate([decor.border(rng, 200, 16), np.zeros((6, 200), np.float32), decor.border(rng, 200, 16)]).T.copy()
        skins = {0: Skin((-.02, 1.02, 0, 1), decor.plain(rng, "#7a2430 #22365a #c9962a"), art)}
        return Thing(join([strap] + fringe), (made[0], made[0]), skins, azimuth=0, elevation=(52, 80), roll=20)
    turns = np.linspace(0, 4.4 * np.pi, 130)
    r = .2 + .022 * turns
    strap = sheet(np.stack([np.stack([reach * np.cos(turns), reach * np.sin(turns), np.full_like(r, z)], 1)
                            for reach, z in ((r, 0), (r, wide), (r - .015, wide), (r - .015, 0))]))
    buckle = torus(.085, .018, 4 if rng.uniform() < .6 else 24).turned("x", 90).turned("z", 90 + 72)
    parts = [strap, buckle.moved(r[-1] * np.cos(turns[-1]) + .02, r[-1] * np.sin(turns[-1]) + .05, wide / 2).of(1)]
    if rng.uniform() < .6:
        parts += [ball(.018, 8).moved((reach + .004) * np.cos(t), (reach + .004) * np.sin(t), wide / 2).of(1)
                  for reach, t in zip(r[::5], turns[::5])]
    return Thing(join(parts).grounded(), made, azimuth=180, elevation=(25, 60))
