"""Small precious things: rings, chains, brooches, watches, amulets."""

import numpy as np

from ..kinds import kind
from ..render.curves import curve
from ..render.solids import Mesh, ball, box, join, loft, plate, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor, people
from .furniture import dial_face, sheet_disc


def gem(rng, size: float):
    """A stone: domed, faceted or square, standing on z = 0."""
    cut = rng.integers(3)
    if cut == 0:
        return turn([(size, 0), (size * .95, size * .3), (size * .6, size * .6), (0, size * .72)])
    if cut == 1:
        profile = [(.9, 0), (1, .2), (1, .2), (.6, .55), (.6, .55), (0, .56)]
        return turn([(size * r, size * z) for r, z in profile], sections=8)
    return box(size * 1.7, size * 1.4, size * .55, size * .25)


@kind("ring", "jewelry", "gold + carnelian 3, silver + turquoise 2, gold 2, silver + agate 1, bronze 1, gold + amber 1, gold + pearl 1", 1.3, "archaeology")
def ring(rng, made):
    thick, form = rng.uniform(.045, .1), str(rng.choice(["hoop", "cluster", "row", "twist"], p=(.55, .15, .15, .15)))
    if form == "twist":  # two wires wound about each other, or a snake that bites its tail
        t = np.linspace(0, 2 * np.pi, 90)
        wires = [np.stack([(.4 + .045 * np.cos(9 * t + p)) * np.cos(t), .05 * np.sin(9 * t + p), .48
                           + (.4 + .045 * np.cos(9 * t + p)) * np.sin(t)], 1)
                 for p in (0, np.pi)]
        parts = [sweep(wire, .048, samples=110, sections=8) for wire in wires]
        parts += [gem(rng, .14).moved(z=.93).of(1)] if len(made) > 1 else [ball(.09, 16).scaled(1.3, 1, .8).moved(.0, 0, .93)]
        return Thing(join(parts).grounded(), made, azimuth=60, elevation=(14, 48))
    parts = [torus(.4, thick, 48, rng.uniform(.9, 1.8)).turned("x", 90).moved(z=.4 + thick)]
    top = .4 + thick + .4 + thick * .6
    if len(made) > 1:
        size = rng.uniform(.13, .24)
        if form == "cluster":
            parts += [gem(rng, size * .42).moved(size * 1.15 * np.cos(a), size * 1.15 * np.sin(a), top + .02).of(1)
                      for a in np.arange(8) * np.pi / 4]
        if form == "row":
            parts += [gem(rng, size * .48).moved(z=.39 + .9 * thick).turned("y", a).moved(z=.4 + thick).of(1) for a in (-34, 34)]
        parts += [turn([(size * .5, -.08), (size * 1.08, .02), (size * 1.12, .08), (size * .9, .08)]).moved(z=top - .03),
                  gem(rng, size).moved(z=top + .03).of(1)]
    elif rng.uniform() < .6:
        parts.append(turn([(0, -.05), (.15, -.02), (.2, .05), (0, .06)]).scaled(1.2, .9, 1).moved(z=top))
    return Thing(join(parts), made, azimuth=60, elevation=(14, 48))


@kind("bracelet", "jewelry", "gold 2, silver 3, bronze 2, gold + turquoise 1, silver + amber 1, ivory .7", .9, "ethnography")
def bracelet(rng, made):
    if rng.uniform() < .35 and len(made) == 1:
        t = np.linspace(.35, 2 * np.pi - .35, 60)
        radius = .05 + .05 * np.exp(-((t - .35) / .25) ** 2) + .05 * np.exp(-((t - 5.93) / .25) ** 2)
        body = sweep(np.stack([.46 * np.cos(t), .4 * np.sin(t), np.full(60, .08)], 1), radius, samples=60, sections=16)
        return Thing(body, made, azimuth=180, elevation=(24, 70))
    form = str(rng.choice(["band", "twist", "spiral", "links"], p=(.45, .2, .15, .2)))
    t = np.linspace(0, 2 * np.pi, 120)
    if form == "twist":
        turns = int(rng.integers(10, 20))
        wires = [np.stack([(.45 + .04 * np.cos(turns * t + p)) * np.cos(t), .88 * (.45 + .04 * np.cos(turns * t + p)) * np.sin(t),
                           .09 + .04 * np.sin(turns * t + p)], 1) for p in (0, 2.1, 4.2)]
        return Thing(join([sweep(wire, .036, samples=150, sections=8).of(i * (len(made) > 1) % 2) for i,
                           wire in enumerate(wires)]), made,
                     azimuth=180, elevation=(24, 64))
    if form == "spiral":  # a snake wound about the arm
        t = np.linspace(0, 5.2 * np.pi, 120)
        coil = np.stack([.42 * np.cos(t), .38 * np.sin(t), .07 + .03 * t], 1)
        parts = [sweep(coil, np.interp(t, [0, 2, 15, 16.4], [.012, .045, .05, .04]), samples=180, sections=10)]
        head = ball(.075, 16).scaled(.8, 1.5, .7).turned("z", np.degrees(t[-1])).moved(*(coil[-1] * [1.02, 1.02, 1]))
        return Thing(join([*parts, head.of(0), ball(.03, 10).moved(*(coil[-1] + [0, 0, .05])).of(len(made) - 1)]).grounded(),
                     made, azimuth=180, elevation=(14, 46))
    if form == "links":
        count = int(rng.integers(10, 17))
        parts = []
        for i, a in enumerate(np.arange(count) * 2 * np.pi / count):
            link = torus(2.2 / count / 2 * 1.15, .026, 20, .9).scaled(1.2, 1, 1).turned("x", 90 if i % 2 else 20) if len(made) == 1 or i % 2 else \
                join([turn([(.085, 0), (.095, .03), (.07, .04)], sections=20), gem(rng, .075).moved(z=.02).of(1)]).turned("x", 90)
            parts.append(link.turned("z", np.degrees(a) + 90).moved(.44 * np.cos(a), .4 * np.sin(a), .1))
        return Thing(join(parts).grounded(), made, azimuth=180, elevation=(28, 70))
    wide = rng.uniform(.12, .3)
    parts = [turn([(.42, 0), (.45, .0), (.47, wide / 2), (.45, wide), (.42, wide), (.43, wide / 2), (.42, 0)],
                  sections=64).scaled(1, .88, 1)]
    strip = decor.border(rng, 320, 40)
    if len(made) > 1:
        parts += [gem(rng, .06).turned("x", 90).turned("z", np.degrees(a) + 90).moved(.465 * np.cos(a), .41 * np.sin(a), wide / 2)
                  .of(1) for a in np.linspace(0, 2 * np.pi, 9)[:-1]]
    return Thing(join(parts), made, {0: Skin((0, 2.95, .04, wide), height=strip, depth=.012)}, azimuth=180, elevation=(18, 60))


@kind("necklace", "jewelry", "amber 3, gold + carnelian 2, silver + turquoise 2, coral 1, pearl + gold 2, jet 1, agate + silver 1, silver 1", 1.1, "ethnography")
def necklace(rng, made):
    t = np.linspace(-2.5, 2.5, 46)
    line = np.stack([.5 * np.sin(t) * (1 + .06 * rng.normal()), -.75 * np.cos(t) * (1 + .1 * np.cos(t)), 0 * t], 1)
    steps = np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum())
    base = rng.uniform(.035, .055)
    parts, at, last = [], 0.0, len(made) - 1
    while at < steps[-1]:
        size = base * (.75 + .55 * (1 - abs(2 * at / steps[-1] - 1)))
        slot = last if len(parts) % int(2 + base * 40) == 0 else 0
        x, y = (np.interp(at, steps, line[:, k]) for k in range(2))
        parts.append(ball(size, 12).scaled(1, 1, .9).moved(x, y, size).of(slot))
        at += 2 * size * 1.02
    parts.append(sweep(line + [0, 0, base * .8], .009, samples=60, sections=5).of(last))
    form = str(rng.choice(["plain", "pendant", "fringe", "rows", "cross"], p=(.2, .25, .25, .18, .12)))
    if form == "fringe":  # drops, longest in the middle
        for k in range(10, 36, 2):
            x, y = line[k, :2]
            drop = .2 - .11 * abs(k - 22.5) / 13
            parts += [sweep([(x, y, base), (x * 1.06, y - drop, base)], .012, samples=3).of(last),
                      ball(base * .9, 12).scaled(.9, 1.7, .9).moved(x * 1.06, y - drop - base, base).of(last if k % 4 else 0)]
    if form == "rows":
        inner = [join(parts).scaled(k, k, 1).moved(0, shift) for k, shift in ((.82, .0), (.64, .02))]
        parts += inner[:int(rng.integers(1, 3))]
    if form == "cross":
        x, y = line[22, 0] / 2 + line[23, 0] / 2, line[22, 1]
        parts += [box(.07, .36, .05).moved(x, y - .26, .01).of(last), box(.24, .07, .05).moved(x, y - .19, .01).of(last),
                  gem(rng, .045).moved(x, y - .19, .06)]
    if form == "pendant":
        middle = line[len(line) // 2] + [0, -.16, .02]
        parts += [gem(rng, .13).scaled(1, 1.3, .8).moved(*middle), torus(.15, .02).scaled(1, 1.3, 1).moved(*middle).of(last)]
    return Thing(join(parts), made, azimuth=0, elevation=(60, 88), roll=15)


@kind("earring", "jewelry", "gold + pearl 2, silver + turquoise 2, gold + carnelian 1, gold 1, silver + coral 1", .7,
      "ethnography")
def earring(rng, made):
    slot = len(made) - 1
    parts = [sweep([(0, .5, .03), (.09, .6, .03), (.0, .7, .03), (-.1, .6, .03)], .014, samples=20)]
    style = rng.integers(3)
    if style == 0:
        parts += [torus(.27, .025, 40).moved(0, .22, .03)] + [ball(.045,
                                                                   12).moved(.27 * np.sin(a), .22 - .27 * np.cos(a), .04).of(slot) for a in np.linspace(-1, 1, 5)]
    elif style == 1:
        parts += [turn([(0, 0), (.12, 0), (.12, .03), (0, .05)]).moved(0, .42), gem(rng, .09).moved(0, .42, .03).of(slot)]
        parts += [sweep([(x, .34, .03), (x * 1.5, .1, .03)], .012, samples=4)
                  for x in (-.08, 0, .08)] + [ball(.05, 12).scaled(1, 1.4, 1).moved(x * 1.5, .05, .05).of(slot)
                                              for x in (-.08, 0, .08)]
    else:
        parts += [ball(.07, 14).moved(0, .4, .07).of(slot), loft([(0, .02, .02), (.1, .1, .06), (.2, .13, .07),
                                                                  (.32, .03, .03)],
                                                                  sections=24).turned("x", 90).moved(0, .32, .07)]
    one = join(parts)
    return Thing(join([one, one.scaled(-1, 1, 1).turned("z", 8).moved(.72, .03)]), made, azimuth=0, elevation=(62, 88), roll=15)


PENDANTS = {  # right half of the outline from the bottom up, and the centre from which it is seen whole
    "drop": ([(0, -.5), (.14, -.42), (.28, -.2), (.26, .02), (.14, .24), (.04, .4), (0, .42)], (0, -.1)),
    "heart": ([(0, -.44), (.12, -.34), (.34, -.04), (.36, .16), (.22, .28), (.08, .24), (0, .16)], (0, -.02)),
    "cross": ([(0, -.5), (.13, -.5), (.08, -.1), (.08, -.1), (.34, -.14), (.34, .12), (.34, .12), (.08, .08), (.08, .08),
               (.12, .36), (0, .36)], (0, 0)),
    "amulet": ([(0, -.44), (.1, -.42), (.13, -.3), (.1, -.12), (.22, -.04), (.24, .08), (.14, .16), (.1, .3), (.0, .4)], (0, 0)),
    "crescent": ([], (0, 0)),
}


def hung(rng, made, form: str) -> Thing:
    """A pendant cut along an outline, or a crescent moon, on a ring and at times on a chain or cord."""
    slot = len(made) - 1
    half, centre = PENDANTS[form]
    if form == "crescent":
        t = np.linspace(-2.5, 2.5, 40)
        thick = .1 * np.cos(t / 2.5 * np.pi / 2) ** .8 + .012
        parts = [sweep(np.stack([.33 * np.sin(t), -.33 * np.cos(t), np.full(40, .05)], 1), thick, samples=60, sections=12,
                       flat=.5),
                 torus(.05, .02, 18).moved(0, .35, .05), sweep([(-.1, .23, .05), (0, .3, .05), (.1, .23, .05)], .02, samples=10)]
        stones = [(.33 * np.sin(a), -.33 * np.cos(a)) for a in (-1, -.5, 0, .5, 1)]
    else:
        line = curve(half, 44)
        parts = [plate(np.concatenate([line, (line * [-1, 1])[::-1]]), .07, .16, centre=centre, dome=.03)]
        parts.append(torus(.06, .02, 20).moved(0, half[-1][1] + .05 if form != "heart" else .26, .04))
        stones = [centre] + ([(.22, 0), (-.22, 0), (0, -.32), (0, .22)] if form == "cross" else [])
    if slot:
        parts += [gem(rng, .06 if len(stones) > 1 else .14).moved(x, y, .08).of(1) for x, y in stones]
    else:
        parts += [torus(.1, .014, 24).moved(*centre, .095), ball(.04, 12).moved(*centre, .09)] if form != "crescent" else []
    if rng.uniform() < .5:
        top = .45 if form != "heart" else .3
        for side in (-1, 1):
            path = curve([(0, top), (side * .25, top + .22), (side * .42, top + .5)], 14)
            parts += [torus(.035, .012, 12, .8).turned("x", 60 * (i % 2)).moved(x, y, .035) for i, (x, y) in enumerate(path)]
    return Thing(join(parts), made, azimuth=0, elevation=(62, 88), roll=20)


@kind("pendant", "jewelry", "gold + carnelian 2, silver 2, silver + amber 2, bronze 1, jade 1, gold 1, ivory 1", .8,
      "archaeology")
def pendant(rng, made):
    slot = len(made) - 1
    form = str(rng.choice(["star", "drop", "crescent", "heart", "cross", "oval", "amulet"], p=(.25, .15, .12, .13, .12, .13, .1)))
    if form in PENDANTS:
        return hung(rng, made, form)
    n = 30 if form == "oval" else int(rng.choice([4, 5, 6, 8]))
    a = np.linspace(0, 2 * np.pi, 97)[:-1]
    r = .36 * (1 + (.22 if n < 30 else 0) * np.cos(n * a) * rng.uniform(.4, 1))
    body = plate(np.stack([r * np.cos(a), r * np.sin(a) * rng.uniform(.95, 1.3)], 1), .05, .25, dome=.04)
    parts = [body, torus(.065, .02, 20).turned("x", 0).moved(0, .48, .03)]
    skins = {}
    if len(made) > 1:
        parts += [turn([(.16, .05), (.17, .09), (.13, .1)]), gem(rng, .14).moved(z=.06).of(1)]
        parts += [ball(.035, 10).moved(.26 * np.cos(t), .26 * np.sin(t), .075).of(slot)
                  for t in np.linspace(0, 2 * np.pi, 7)[:-1]]
    else:
        skins[0] = Skin((-.36, .36, -.4, .4), height=decor.spray(rng, 96, 96, 4, stem=False), depth=.03)
    if rng.uniform() < .5:
        for path in ([(.0, .53, .02), (.3, .75, .02), (.5, 1.0, .02)], [(.0, .53, .02), (-.25, .8, .02), (-.55, .98, .02)]):
            parts.append(sweep(path, .018, samples=16).of(len(made)))
    return Thing(join(parts), made + ("leather",), skins, azimuth=0, elevation=(62, 88), roll=20)


def pinned(rng, made, form: str) -> Thing:
    """A brooch like a flower, a spray of leaves tied with a bow, or a bar of stones."""
    stone, leaf = len(made) - 1, plate(np.array([(0, 0), (.09, .1), (.1, .22), (.05, .33), (0, .38), (-.05, .33), (-.1, .22),
                                                 (-.09, .1)]), .03, .3, dome=.025)
    if form == "flower":
        n = int(rng.integers(5, 9))
        parts = [leaf.scaled(1.15 * 6 / n, 1.1, 1).turned("x", 9).turned("z", 360 * i / n) for i in range(n)]
        parts += [leaf.scaled(.8, .65, 1).turned("x", 22).turned("z", 360 * (i + .5) / n).moved(z=.04) for i in range(n)]
        parts += [gem(rng, .11).moved(z=.08).of(stone)] + [ball(.028, 10).moved(.15 * np.cos(a), .15 * np.sin(a), .1)
                                                           for a in np.arange(10) * .628]
    elif form == "spray":
        parts, bend = [], float(rng.choice([-1, 1]))
        for lean in (-.32, -.1, .12, .34):
            end = np.array([lean + .08 * bend, .5 - .6 * abs(lean), .05])
            parts.append(sweep([(0, -.45, .04), (lean * .4, .0, .05), end], .014, samples=14))
            parts += [leaf.scaled(.6, .6, 1).turned("z", side * 50 - 40 * lean).moved(*(end * at + np.array([0, -.45, .04]) * (1 - at)))
                      for at in (.55, .8) for side in (-1, 1)]
            parts.append(gem(rng, .075).moved(*end).of(stone))
        parts += [torus(.075, .024, 20).scaled(1.3, .8, 1).turned("z", 20 * s).moved(s * .1, -.2, .07)
                  for s in (-1, 1)] + [ball(.05, 12).moved(0, -.2, .08)]
    else:
        parts = [box(1.0, .07, .05).moved(z=.02)] + [torus(.07, .02, 20).moved(s * .54, 0, .05) for s in (-1, 1)]
        parts += [gem(rng, size).moved(x, 0, .06).of(stone) for x,
                  size in ((-.34, .08), (-.18, .1), (0, .14), (.18, .1), (.34, .08))]
        parts += [leaf.scaled(.7, .6, 1).turned("z", a).moved(0, 0, .03) for a in (0, 180)]
    return Thing(join(parts), made, azimuth=40, elevation=(50, 86))


@kind("brooch", "jewelry", "gold + carnelian 2, silver + turquoise 2, bronze 2, silver + mother-of-pearl 1, gold + pearl 1, silver 1", 1.0, "archaeology")
def brooch(rng, made):
    form = str(rng.choice(["disc", "disc", "flower", "spray", "oval", "bar"]))
    if form in ("flower", "spray", "bar"):
        return pinned(rng, made, form)
    lobes = (int(rng.integers(6, 14)), .04) if rng.uniform() < .5 else None
    tall = float(rng.uniform(1.2, 1.4)) if form == "oval" else 1
    parts = [turn([(.42, 0), (.44, .03), (.4, .06), (.4, .06), (.2, .08), (0, .09)], sections=56, flat=True, lobes=lobes)]
    _, _, r, a = decor.plane(96)
    rose = np.cos(int(rng.integers(3, 9)) * a + rng.uniform(-3, 3) * r) * .5 + .5 - r * .6
    rings = (np.abs(r - .88) < .04) | (np.abs(r - .45) < .03)
    art = np.float32(np.maximum(np.clip(rose * 4, 0, 1) * (r < .85), rings))
    if len(made) > 1:
        parts.append(gem(rng, .13).moved(z=.08).of(1))
        n = int(rng.integers(4, 9))
        parts += [gem(rng, .055).moved(.29 * np.cos(a), .29 * np.sin(a), .07).of(1)
                  for a in np.linspace(0, 2 * np.pi, n + 1)[:-1]]
    parts += [ball(.022, 8).moved(.41 * np.cos(a), .41 * np.sin(a), .06) for a in np.linspace(0, 2 * np.pi, 29)[:-1]]
    skins = {0: Skin((-.44, .44, -.44, .44), height=art, depth=.03)}
    return Thing(join(parts).scaled(1, tall, 1), made, skins, azimuth=180 if tall == 1 else 30, elevation=(50, 86))


FIBULAE = {  # bow (x, z), its thickness, head, outline of the catch; three forms have no bow
    "bow": (((-.1, .06), (.06, .3), (.3, .31), (.65, .13), (1, .06)), (.05, .1, .08, .045, .03), "",
            ((.75, -.05), (1.06, -.07), (1.1, 0), (1.06, .07), (.75, .05))),
    "crossbow": (((-.1, .1), (.02, .34), (.22, .36), (.42, .14), (.6, .08)), (.05, .06, .055, .05, .05), "knobs",
                 ((.52, -.07), (1.1, -.1), (1.1, .1), (.52, .07))),
    "serpent": (((-.1, .07), (.08, .36), (.3, .12), (.52, .38), (.74, .12), (1, .06)), (.035, .06, .04, .06, .035, .025), "",
                ((.7, -.03), (1.35, -.03), (1.4, 0), (1.35, .03), (.7, .03))),
    "radiate": (((-.08, .12), (.06, .26), (.22, .27), (.36, .12)), (.07, .085, .085, .07), "rays",
                ((.3, -.07), (.62, -.16), (1.05, -.05), (1.12, 0), (1.05, .05), (.62, .16), (.3, .07))),
    "ring": (), "spirals": (), "plate": (),
}


@kind("fibula", "archaeological_artifact", "bronze 5, silver 2, iron 1, gold .5", .9, "archaeology")
def fibula(rng, made):
    form = str(rng.choice(list(FIBULAE)))
    if form == "ring":  # open ring with a loose pin
        t = np.linspace(.3, 2 * np.pi - .3, 50)
        parts = [sweep(np.stack([.4 * np.cos(t), .4 * np.sin(t), np.full(50, .06)], 1), .05, samples=60, sections=14)]
        parts += [ball(.085, 18).moved(.4 * np.cos(a), .4 * np.sin(a), .07) for a in (.24, -.24)]
        pin = sweep([(.0, -.5, .09), (-.02, .3, .13), (-.02, .85, .06)], [.028, .026, .01], samples=14)
        return Thing(join([*parts, pin.turned("z", float(rng.uniform(-30, 30))).moved(-.38),
                           torus(.06, .025, 16).turned("y", 80).moved(-.4, 0, .07)]),
                     made, azimuth=180, elevation=(45, 82))
    if form == "spirals":
        t = np.linspace(0, 9 * np.pi, 120)
        whorl = sweep(np.stack([(.03 + .0088 * t) * np.cos(t), (.03 + .0088 * t) * np.sin(t), .03 + 0 * t], 1), .016,
                      samples=170, sections=8)
        parts = [m for s in (-1, 1) for m in (whorl.scaled(1, s, 1).moved(.31 * s), ball(.04, 12).moved(.31 * s, 0, .04))]
        return Thing(join(parts + [sweep([(-.05, -.02, .05), (.0, .1, .1), (.05, -.02, .05)], .022, samples=12)]), made,
                     azimuth=180, elevation=(50, 84))
    if form == "plate":
        bird = np.array([(-.5, .05), (-.36, -.06), (-.12, -.2), (.14, -.18), (.3, -.02), (.38, .12), (.56, .1), (.46, .2),
                         (.4, .27), (.26, .25),
                                       (.16, .13), (.02, .1), (-.2, .1), (-.46, .2)])
        body = plate(curve(np.concatenate([bird, bird[:1]]), 60)[:-1], .07, .2, centre=(0, -.03), dome=.03)
        parts = [body, ball(.028, 10).moved(.36, .19, .09), torus(.045, .014, 18).moved(.36, .19, .08)]
        parts += [sweep([(x, -.1, .1), (x - .12, .02, .1)], .016, samples=4) for x in (-.1, 0, .1)]
        return Thing(join(parts).turned("z", float(rng.uniform(-30, 30))), made, azimuth=180, elevation=(50, 84))
    shape, thick, head, tip = FIBULAE[form]
    long, high = rng.uniform(.85, 1.05), rng.uniform(.85, 1.25)
    bow = sweep([(x * long, 0, z * high) for x, z in shape], thick, flat=1.25 if form != "serpent" else 1, samples=48)
    wide = {"crossbow": .3, "bow": .17, "serpent": .05, "radiate": .1}[form]
    spring = [torus(.055, .018, 18, .9).turned("x", 90).moved(-.1, y, .07) for y in np.linspace(-wide, wide, int(wide * 50) + 2)]
    pin = sweep([(-.08, -.03, .02), (.5 * long, -.03, .02), (long, -.02, .035)], .014, samples=8)
    foot = plate(np.array([(long * x, y) for x, y in tip]), .05).moved(z=.02)
    parts = [bow, pin, foot] + spring
    if head == "knobs":
        bar = sweep([(-.1, -.33, .1), (-.1, .33, .1)], .035, samples=3)
        parts += [bar] + [ball(.075, 18).scaled(1, 1, 1).moved(x, y, .1) for x, y in ((-.1, -.36), (-.1, .36), (-.22, 0))]
    elif head == "rays":
        fan = np.linspace(np.pi / 2, 1.5 * np.pi, 24)
        parts.append(plate(np.stack([.28 * np.cos(fan) - .02, .3 * np.sin(fan)], 1), .05, centre=(-.08, 0)).moved(z=.1))
        parts += [ball(.055, 14).moved(.32 * np.cos(a) - .02, .34 * np.sin(a), .12)
                  for a in np.linspace(np.pi / 2 + .15, 1.5 * np.pi - .15, 5)]
    return Thing(join(parts), made, azimuth=180, elevation=(32, 75))


@kind("buckle", "archaeological_artifact", "bronze 3, iron 3, silver 2, brass 2", .7, "archaeology")
def buckle(rng, made):
    form = str(rng.choice(["round", "square", "double", "d", "plaque", "horseshoe"]))
    d = np.linspace(-np.pi / 2, np.pi / 2, 20)
    arc = [(.34 * np.cos(a) - .06, .36 * np.sin(a), .05) for a in d]
    u = np.linspace(-2.2, 2.2, 24)
    loops = {"round": torus(.3, .05, 40, .8).scaled(.8, 1, 1), "square": torus(.34, .05, 4, .8).turned("z", 45),
             "double": join([torus(.2, .045, 32, .8).moved(0, y) for y in (-.2, .2)]),
             "d": join([sweep(arc, .055, samples=40), sweep([arc[0], arc[-1]], .045, samples=3)]).moved(z=-.05),
             "plaque": join([torus(.34, .06, 4, .8).turned("z", 45).scaled(1.2, 1, 1)]
                            + [ball(.07, 16).moved(x, y) for x in (-.3, .3) for y in (-.24, .24)]),
             "horseshoe": join([sweep([(.28 * np.cos(a), .36 * np.sin(a), 0) for a in u], .05, samples=44),
                                sweep([(-.17, -.34, 0), (-.17, .34, 0)], .03, samples=3)])}
    parts = [loops[form].moved(z=.05), sweep([(-.28, 0, .09), (0, 0, .11), (.33, 0, .09)], [.05, .035, .022], samples=10),
             torus(.055, .025, 18).turned("x", 90).moved(-.26, 0, .08)]
    backs = {"tongue": [(-.85, -.2), (-.22, -.24), (-.22, .24), (-.85, .2), (-.95, 0)],
             "broad": [(-1.0, -.3), (-.25, -.28), (-.25, .28), (-1.0, .3)],
             "tapering": [(-1.25, -.05), (-.25, -.26), (-.25, .26), (-1.25, .05)], "none": None}
    back = backs[str(rng.choice(list(backs)))]
    if back:
        parts.append(plate(np.array(back), .05, .15))
        far = min(x for x, _ in back)
        parts += [ball(.035, 10).moved(x, y * (1 if far > -1.1 or x > -.6 else .3), .05) for x in (far + .15, -.36)
                  for y in (-.13, .13)]
        parts.append(turn([(.1, .05), (.11, .07), (.04, .08), (0, .1)], sections=24).moved(.5 * (far - .25)))
    return Thing(join(parts), made, azimuth=180, elevation=(50, 86))


@kind("watch", "jewelry", "gold 3, silver 3, brass 1", .8, "decorative arts")
def watch(rng, made):
    case = turn([(0, 0), (.36, .02), (.42, .06), (.42, .1), (.37, .14), (.36, .12)], sections=48)
    parts = [case, sheet_disc(.36).moved(z=.115).of(1), sweep([(0, .4, .07), (0, .5, .07)], .035, samples=4),
             torus(.1, .02, 28).moved(0, .6, .07)]
    if rng.uniform() < .6:
        t = np.linspace(0, 1, 26)
        wander = rng.uniform(-.3, .3)
        x, y = .55 * np.sin(3.2 * t) + wander * t, .68 + .15 * np.sin(6 * t) - .9 * t ** 2 * (wander > 0) + .25 * t
        parts += [torus(.035, .012, 12, .8).moved(*p, .03) for p in zip(x, y)]
    skins = {1: Skin((-.36, .36, -.36, .36), dial_face(rng)[0], gloss=.6)}
    return Thing(join(parts), made + ("porcelain",), skins, azimuth=0, elevation=(55, 88), roll=20)


HANGING = (.5, ((.085, -.085, .28), (.012, -.005, .06)), ((-.005, -.09, .27), (.008, -.035, .045))), \
    ((.13, .025, .04), (.265, .045, .13)), ((.13, .025, .04), (.265, .045, .13))
"""Legs and arms of the crucified, as `people.POSTURES` has them."""


def corpus(rng) -> Mesh:
    """The body on a crucifix, 1 high on z = 0: knees bent, the head sunk on a shoulder, a cloth knotted at the hip."""
    lean = int(rng.choice([-1, 1]))
    trunk, legs, arms, chin, _ = people.body(HANGING, lean, 1.05)
    parts = [people.head(rng, beard=1.0, sections=36, samples=30), *people.hair(rng, "long")]
    parts = [m.scaled(.275).turned("x", 24).turned("y", 20 * lean).turned("z", 18 * lean).moved(*chin).moved(.012 * lean, -.012, -.012)
             for m in parts]
    cloth = loft([(.405, .112, .082), (.44, .112, .09), (.5, .102, .085), (.555, .1, .08)], sections=48,
                 push=lambda a, s: 1 + .07 * np.sin(9 * a + 7 * s) * (1.1 - s))
    knot = [sweep([(.095 * lean, -.03, .54), (.135 * lean, -.05, .5), (.125 * lean, -.03, .38)], [.03, .022, .036], flat=.5,
                  samples=12)]
    return join(trunk + legs + arms + parts + [cloth] + knot)


CROSSES = {
    "latin": (.1, ()), "trefoil": (.095, ((0, .055), (.055, .045), (-.055, .045))), "knob": (.07, ((0, .06),)),
    "square": (.11, ((0, .095),)), "bud": (.06, ((-.02, .05), (.05, .032))),
}
"""Half-forms of a cross: width of its beams, and the balls at their ends (along or across, size)."""


@kind("crucifix", "art", "oak + ivory 2, ebony + silver 2, walnut + brass 1, silver + gold 1, bronze 1", .9, "religion")
def crucifix(rng, made):
    slot, form = len(made) - 1, str(rng.choice(list(CROSSES)))
    use = str(rng.choice(["wall", "wall", "altar", "procession", "pectoral"]))
    wide, ends = CROSSES[form]
    high, half, low = .46, float(rng.uniform(.41, .47)), float(rng.uniform(-1, -.92))
    tips = ((0, high, 0, 1), (0, low, 0, -1), (half, 0, 1, 0), (-half, 0, -1, 0))
    parts = [box(wide, high - low, .06).moved(0, (high + low) / 2), box(2 * half, wide, .058)]
    for x, y, dx, dy in tips:
        for i, (off, size) in enumerate(ends):
            across = off if len(ends) == 3 and i else 0
            along = off if len(ends) < 3 else (.045 if not i else 0)
            if form == "square":
                end = box(.2, .2, .066)
            else:
                end = turn([(size, 0), (size, .06), (size * .8, .066), (0, .07)], sections=24)
            parts.append(end.moved(x + along * dx + across * dy, y + along * dy
                                   + across * dx).of(slot if form in ("knob", "bud") else 0))
    if use == "procession":
        parts.append(torus(.2, .022, 40, .7).moved(z=.04).of(slot))
        parts += [sweep([(0, 0, .035), (.3 * x, .3 * y, .035)], [.024, .004], samples=3).of(slot) for x in (-1, 1)
                  for y in (-1, 1)]
        knop = turn([(.03, -.3), (.035, -.12), (.09, -.08), (.1, -.03), (.05, .02), (.03, .06)], sections=24)
        parts.append(knop.turned("x", -90).moved(0, low - .05, .03).of(slot))
    elif use == "pectoral":
        parts += [torus(.055, .016, 24).moved(0, high + .13, .03).of(slot),
                  torus(.05, .014, 20).turned("y", 60).moved(0, high + .2, .03).of(slot)]
        chain = np.array([(0, .68), (.12, .86), (.32, .92), (.5, .8), (.56, .58)])[:int(rng.integers(3, 6))]
        parts += [sweep([(side * x, y, .02) for x, y in chain], .017, samples=24).of(slot) for side in (-1, 1)]
    if rng.uniform() < .75:
        parts.append(box(.19, .085, .03, .006).turned("z", float(rng.uniform(-6, 6))).moved(0, high - .1, .055).of(slot))
    body = corpus(rng).scaled(.93).turned("x", -90)
    parts.append(body.moved(0, -.84, .1).of(slot))
    if rng.uniform() < .3:
        parts.append(torus(.1, .012, 30, .6).moved(0, .03, .07).of(slot))
    if use == "altar":
        parts = [m.turned("x", 90) for m in parts]
        foot = [box(.42, .3, .07).moved(z=low - .07), box(.3, .2, .08).moved(z=low)] if rng.uniform() < .5 else \
            [turn([(0, 0), (.26, 0), (.26, .03), (.18, .06), (.07, .12), (.05, .2), (0, .21)]).moved(z=low - .17)]
        return Thing(join(parts + foot).grounded(), made, azimuth=30, elevation=(3, 14), fill=.88)
    return Thing(join(parts).grounded(), made, azimuth=0, elevation=(70, 90), roll=5, fill=.88)
