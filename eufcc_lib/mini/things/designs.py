"""Designs for walls, windows and looms: saints, framed busts, ships and fish, hills under the sun, flowered grounds.

Unlike a scene a design is flat, and made for its technique: large shapes, clear colours, a border.
"""

from dataclasses import replace

import numpy as np

from ..render.materials import hexa
from . import decor, sitters
from .painting import Easel, both, limb, oval, rounded, words

JEWELS = ("#c01c28", "#1c3fae", "#1c8a48", "#e8a418", "#6a2a9a", "#d8641c", "#1c86a0")
EARTHS = ("#7a2a20", "#2a3a5a", "#4a5a30", "#8a5a24", "#5a2a3a", "#3a4a4a")


def plain_ground(width: int, height: int, colour) -> np.ndarray:
    return np.tile(hexa(colour) if isinstance(colour, str) else np.float32(colour), (height, width, 1))


def holy(rng, colours) -> sitters.Sitter:
    """A saint's looks: a bearded man, a young man, a veiled or crowned woman."""
    dress, other = (str(c) for c in rng.choice(colours, 2, replace=False))
    style, hat, beard = (("long", "", "full"), ("bob", "", "pointed"), ("short", "", ""), ("bald", "", "full"),
                         ("long", "veil", ""),
                         ("long", "hood", ""), ("long", "crown", ""))[rng.integers(7)]
    woman = bool(hat)
    return sitters.Sitter(woman, str(rng.choice(["#c08a5c", "#d0a074", "#a8744a"])),
                          str(rng.choice(["#3a2416", "#5a3a20", "#a8a098"])),
                          dress, other, style, hat, beard, "cloak")


def halo(easel: Easel, paint, ring, size=.78) -> None:
    """The disc behind a head, at the easel's place."""
    easel.fill(oval(0, -.02, size, sides=40), ring)
    easel.fill(oval(0, -.02, size - .07, sides=40), paint)


def saint_half(easel: Easel, rng, who, x, y, size, gold="#e0b040", ring="#7a2a1c") -> None:
    """A saint to the waist, a hand raised in blessing, with a book, a cross or a child."""
    easel.at(x, y, size)
    halo(easel, gold, ring)
    sitters.torso(easel, replace(who, wear=""), 0)
    mantle = hexa(who.other)
    for s in (-1, 1):
        easel.fill(rounded([(s * .2, .62), (s * .5, .74), (s * 1.0, .95), (s * 1.2, 1.6), (s * 1.25, 3), (s * .4, 3),
                            (s * .5, 1.6)]), mantle, .1)
        for k in range(3):
            easel.draw([(s * (.5 + .2 * k), .95 + .1 * k), (s * (.6 + .2 * k), 1.6), (s * (.5 + .24 * k), 2.6)], .018, gold, .8)
    easel.draw([(-.2, .68), (0, .86), (.2, .68)], .05, gold)
    what = rng.integers(4)
    if what == 0 and who.woman:
        easel.fill(rounded([(.0, 1.3), (.5, 1.2), (.7, 1.9), (.5, 2.6), (.0, 2.5)]), "#c8862c", .08)
        easel.at(x + .34 * size, y + 1.02 * size, size * .46, -8)
        halo(easel, gold, ring, .8)
        sitters.head(easel, replace(who, hat="", beard="", style="short"), -.4, plain=True)
        easel.at(x, y, size)
    elif what == 1:
        easel.fill([(.15, 1.35), (.75, 1.25), (.8, 2.0), (.2, 2.05)], "#8a2018", .03)
        easel.fill([(.24, 1.45), (.67, 1.37), (.7, 1.9), (.28, 1.95)], gold)
        easel.fill([(.3, 1.52), (.61, 1.46), (.63, 1.83), (.33, 1.88)], "#8a2018")
    elif what == 2:
        easel.draw([(.5, .9), (.5, 2.3)], .05, gold)
        easel.draw([(.28, 1.12), (.72, 1.12)], .05, gold)
        easel.fill(oval(.5, 1.75, .13, .11), who.skin, .03)
    easel.fill(rounded([(-.62, 1.95), (-.36, 1.75), (-.24, 1.95), (-.4, 2.5), (-.8, 2.5)]), hexa(who.dress) * 1.2 + .01, .05)
    easel.fill(limb([(-.36, 1.8), (-.3, 1.55), (-.27, 1.3)], [.1, .12, .05]), who.skin, .03)
    easel.draw([(-.33, 1.5), (-.36, 1.25)], [.05, .03], who.skin)
    sitters.head(easel.at(x, y, size), who, float(rng.uniform(-.35, .35)))


def saint_whole(easel: Easel, rng, who, x, y, size, gold="#e8c050", ring="#8a3a1c") -> None:
    """A saint from head to foot in robe and mantle, with staff, sword, wheel, key or book; `size` high, feet at (x, y)."""
    dress, mantle = hexa(who.dress), hexa(who.other)
    head_size = size * .155
    easel.at(x, y - size * .915, head_size)
    halo(easel, gold, ring, .8)
    flip = int(rng.choice([-1, 1]))
    easel.at(x, y - size, size, 0, flip)
    easel.fill(rounded(both([(0, .16), (.06, .16), (.13, .2), (.15, .45), (.15, .75), (.2, .97), (0, .98)])), dress, .05)
    for s in (-1, 1):
        easel.fill(oval(s * .07, .98, .05, .02), "#3a2416")
    easel.fill(rounded([(-.05, .16), (-.14, .19), (-.19, .4), (-.2, .75), (-.14, .88), (-.03, .82), (.12, .72), (.2, .55),
                        (.17, .42), (.02, .5),
                        (-.05, .35)]), mantle, .05)
    easel.fill(rounded([(.05, .16), (.14, .19), (.2, .38), (.2, .6), (.13, .5), (.1, .3)]), mantle, .05)
    for a, b in ((-.12, .4), (-.06, .5), (.04, .55)):
        easel.draw([(a, b), (a - .02, b + .2), (a + .02, b + .3)], .007, mantle * .35)
    for a in (-.05, .03, .1):
        easel.draw([(a, .78), (a * 1.5, .95)], .007, dress * .35)
    kind = rng.integers(5)
    if kind == 0:
        easel.draw([(.19, .08), (.19, .98)], .01, gold)
        easel.draw([(.19, .2), (.26, .14), (.22, .05), (.16, .08)], .012, gold)
    elif kind == 1:
        easel.draw([(.17, .42), (.21, .95)], [.018, .008], "#c8d4d8")
        easel.draw([(.1, .46), (.25, .44)], .012, gold)
    elif kind == 2:
        easel.fill(oval(.18, .72, .11), "#7a4a20")
        easel.fill(oval(.18, .72, .075), "#e0c8a0")
        for a in np.linspace(0, np.pi, 4)[:-1]:
            easel.draw([(.18 - .1 * np.cos(a), .72 - .1 * np.sin(a)), (.18 + .1 * np.cos(a), .72 + .1 * np.sin(a))], .01,
                       "#7a4a20")
    elif kind == 3:
        easel.draw([(.16, .4), (.16, .22)], .014, gold)
        easel.fill(oval(.16, .45, .035), gold)
        easel.draw([(.16, .23), (.21, .23)], .016, gold)
    else:
        easel.fill([(-.02, .34), (.09, .32), (.1, .44), (-.01, .46)], "#8a2018", .01)
    for s, (ex, ey), (wx, wy) in ((1, (.16, .36), (.15, .43)), (-1, (.17, .34), (.05, .3))):
        easel.fill(limb([(.11 * s, .21), (ex * s, ey), (wx * s, wy)], [.045, .045, .04]), mantle, .03)
        easel.fill(oval(wx * s, wy - .01, .028, .032), who.skin, .01)
    sitters.head(easel.at(x, y - size * .915, head_size), who, float(rng.uniform(-.4, .4)), plain=True)


def icon(rng, width: int, height: int) -> np.ndarray:
    """A saint before gold: half length, the Virgin with the child, or standing; letters and a painted rim."""
    gold = hexa(str(rng.choice(["#d9a93a", "#cf9a34", "#e0b858"])))
    who, whole = holy(rng, EARTHS), rng.uniform() < .22
    easel = Easel(np.tile(gold, (height, width, 1)), bool(rng.uniform() < .5), relief=.6)
    edge = width / height / 2
    if rng.uniform() < .25:  # scenes of earth and sky instead of bare gold below
        easel.fill([(-edge, .8), (edge, .8), (edge, 1), (-edge, 1)], str(rng.choice(EARTHS)))
    if whole:
        saint_whole(easel, rng, who, 0, .93, .84, gold=gold * 1.15, ring="#7a2a1c")
    else:
        saint_half(easel, rng, who, 0, float(rng.uniform(.36, .4)), float(rng.uniform(.29, .34)), gold=gold * 1.15,
                   ring="#8a3a1c")
    for s, text in zip((-1, 1), (("MP", "OV") if who.woman else ("IC", "XC"))):
        mask = words(text, 14, 10)
        x0 = int(width / 2 + s * width * .36) - 7
        decor.lay(easel.image[14:24, x0:x0 + 14], hexa("#7a1c14"), mask)
    rim = hexa(str(rng.choice(["#6a2018", "#3a2a1a", "#8a5a24", "#7a3020"])))
    y, x = np.mgrid[0:height, 0:width]
    near = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    easel.image[near < 7] = rim
    easel.image[(near == 7) | (near == 8)] = gold * .45
    return easel.image


def window(rng, width: int, height: int, scene: str) -> np.ndarray:
    """Flat colours for glass: a saint in a niche or half length, or hills and a river under the sun, within a border."""
    edge = width / height / 2
    blue, other, third = (str(c) for c in rng.choice(JEWELS, 3, replace=False))
    easel = Easel(plain_ground(width, height, blue), relief=.18)
    pale = "#e4e8cc"
    if scene == "landscape":
        night = rng.uniform() < .4
        at = float(rng.uniform(-.6, .6) * edge)
        easel.image[:] = hexa("#24408a" if night else "#8ac0e0")
        if night:  # a moon in rings of light, and stars
            for r, paint in ((.3, "#2f5aa8"), (.22, "#4a7ac0"), (.15, "#8ab0dc"), (.09, "#f4ecc0")):
                easel.fill(oval(at, .24, r, sides=40), paint)
            for x, y in zip(np.linspace(-edge * .8, edge * .8, 5), (.3, .14, .34, .12, .27)):
                easel.fill(oval(x, y, .03, sides=5), "#f8e080")
        else:
            for i, a in enumerate(np.linspace(-np.pi, 0, 10)[:-1]):
                tips = [(at + 1.4 * np.cos(b), .3 + 1.4 * np.sin(b)) for b in (a, a + np.pi / 9)]
                easel.fill([(at, .42), *tips], ("#f0c860", "#f4e0a0", "#e8a050")[i % 3])
            easel.fill(oval(at, .42, .16), "#f8d040")
        lift = rng.uniform(-.06, .06)
        for y, amp, colour in ((.46, .1, "#6a4a9a"), (.56, .08, "#1c7a5a"), (.68, .06, "#3a9a3c"), (.8, .05, "#1c6a34")):
            top = [(x, y + lift + amp * np.sin(5 * x + 9 * y)) for x in np.linspace(-edge - .1, edge + .1, 9)]
            easel.fill(top + [(edge + .1, 1.1), (-edge - .1, 1.1)], colour)
        easel.fill(limb([(.05, .58), (-.1, .7), (.12, .82), (0, 1.05)], [.015, .04, .07, .12]), "#4aa8d8")
        slim = rng.uniform() < .5
        for x in edge * rng.choice([-1, 1]) * rng.uniform((.45, -.75), (.7, -.5)):
            easel.draw([(x, .85), (x, .62)], .018, "#5a3418")
            if slim:
                easel.fill(rounded([(x, .28), (x + .06, .5), (x + .06, .68), (x, .74), (x - .06, .68), (x - .06, .5)]), "#1f6a3a")
                continue
            easel.fill(oval(x, .55, .1, .13), "#2f8a2c")
            easel.fill(oval(x + .05, .5, .06, .07), "#8ab82c")
    else:
        if rng.uniform() < .5:  # a lattice of quarries
            y, x = np.mgrid[0:height, 0:width]
            lattice = ((x + y) // 13 + (x - y) // 13) % 2
            easel.image[:] = np.where(lattice[..., None] > 0, hexa(pale), hexa("#cfd8a8"))
        if scene == "figure":
            easel.fill(rounded(both([(0, .03), (.16, .1), (edge * .72, .24), (edge * .72, 1), (edge * .72, 1), (0, 1)])), blue)
            easel.fill([(-edge, .9), (edge, .9), (edge, 1), (-edge, 1)], "#2f8a48")
            saint_whole(easel, rng, holy(rng, [c for c in JEWELS if c != blue]), 0, .93, .8)
        else:
            easel.fill(oval(0, .47, edge * .86, sides=40), third)
            easel.fill(oval(0, .47, edge * .78, sides=40), blue)
            saint_half(easel, rng, holy(rng, [c for c in JEWELS if c != blue]), 0, .4, .27)
    band, n = max(int(width * .07), 6), 0
    for strip in (easel.image[:band], easel.image[-band:], easel.image[:, :band].swapaxes(0, 1),
                  easel.image[:, -band:].swapaxes(0, 1)):
        for start in range(0, strip.shape[1], 14):
            strip[:, start:start + 14] = hexa((other, pale)[n % 2])
            n += 1
    return easel.image


def pavement(rng, width: int, height: int, scene: str, gold: bool) -> np.ndarray:
    """Colours for a mosaic: a bust, a figure, or ships, fish and dolphins on the waves, within a border."""
    ground = "#d8a838" if gold and rng.uniform() < .6 else str(rng.choice(["#e0d4b8", "#d8cdb4", "#2a3a54", "#cfc0a0"]))
    easel = Easel(plain_ground(width, height, ground), relief=.9)
    edge = width / height / 2
    if scene == "seascape":
        _sea(easel, rng, edge)
    elif scene == "figure":
        easel.fill([(-edge, .86), (edge, .86), (edge, 1), (-edge, 1)], "#7a6a4a")
        if rng.uniform() < .5:
            saint_whole(easel, rng, holy(rng, EARTHS + JEWELS[:3]), 0, .9, .78)
        else:
            sitters.whole_figure(easel, rng, 0, .9, .78)
    else:
        who = sitters.someone(rng) if rng.uniform() < .5 else holy(rng, EARTHS + JEWELS[:3])
        if rng.uniform() < .5:
            easel.fill(oval(0, .5, edge * .84, sides=40), str(rng.choice(EARTHS)))
            easel.fill(oval(0, .5, edge * .76, sides=40), ground)
        easel.at(0, .43, .4)
        if who.wear == "cloak" and not who.woman or gold:
            halo(easel, "#e8b848", "#8a3a1c", .74)
        sitters.torso(easel, replace(who, hat="", wear="cloak"), 0)
        sitters.head(easel.at(0, .43, .4), replace(who, hat="" if who.hat in ("top", "tricorne", "straw",
                                                                              "bonnet") else who.hat),
                     float(rng.uniform(-.6, .6)))
    _frame(easel.image, rng)
    return easel.image


def _sea(easel, rng, edge):
    """Ships, dolphins and fish between rows of waves."""
    for y in (.3, .5, .7, .88):
        for x in np.arange(-edge, edge, .16):
            easel.draw([(x, y), (x + .04, y - .025), (x + .08, y), (x + .12, y + .01)], .012, "#3f6a8a")
    if rng.uniform() < .6:
        x, y = float(rng.uniform(-.15, .15)), .52
        easel.at(x, y, 1, 0, int(rng.choice([-1, 1])))
        easel.fill(rounded([(-.34, -.1), (-.3, -.02), (-.2, .08), (.2, .08), (.3, .0), (.36, -.14), (.3, -.04), (.1, -.02),
                            (-.2, -.02)]), "#6a2f1c", .03)
        easel.draw([(0, -.02), (0, -.38)], .014, "#4a2a14")
        easel.fill([(-.17, -.34), (.17, -.36), (.2, -.12), (-.14, -.08)], "#a83a28", .03)
        for a in (-.2, -.1, 0, .1, .2):
            easel.draw([(a, .02), (a - .06, .16)], .009, "#4a2a14")
    else:
        easel.at(0, .5, 1, -12, int(rng.choice([-1, 1])))
        easel.fill(rounded([(-.36, .1), (-.2, -.08), (.05, -.16), (.26, -.08), (.4, .04), (.26, .03), (.1, .06), (-.1, .06),
                            (-.24, .16), (-.4, .24),
                            (-.38, .14)]), "#3a5a80", .05)
        easel.fill([(.0, -.14), (.06, -.26), (.1, -.12)], "#2a4468")
        easel.fill([(-.36, .12), (-.5, .06), (-.42, .2), (-.46, .32)], "#2a4468")
        easel.fill(oval(.25, -.02, .018), "#f0e8d0")
    for x, y in ((-.28, .8), (.3, .78), (float(rng.uniform(-.3, .3)), .18)):
        easel.at(x, y, 1, 0, int(rng.choice([-1, 1])))
        easel.fill(oval(0, 0, .09, .04), str(rng.choice(["#b85a28", "#8a2f24", "#5a6a4a"])), .02)
        easel.fill([(-.07, 0), (-.14, -.045), (-.14, .045)], "#8a3a24")
        easel.fill(oval(.05, -.01, .01), "#1a1a1a")


def _frame(image, rng, band=18):
    """A border of a plait, a meander, waves or triangles, in place."""
    dark, light = hexa(str(rng.choice(["#2a2420", "#5a1f1a", "#24344a"]))), hexa("#e4d8bc")
    red = hexa(str(rng.choice(["#a84a30", "#c8963c", "#6a7a4a"])))
    motif = str(rng.choice(["plait", "plait", "key", "waves", "triangles"]))
    for rows in (image, image.swapaxes(0, 1)):
        length = rows.shape[1]
        t, v = np.arange(length) * 2 * np.pi / 32, np.linspace(-1, 1, band - 4)[:, None]
        strip = np.tile(dark, (band, length, 1))
        strip[[0, -1]] = light
        inner = strip[2:-2]
        if motif == "plait":
            for shift, ink in ((0, red), (np.pi, light)):
                over = np.abs(v - .62 * np.sin(t + shift)) < .38
                inner[over & ((np.cos(t) > 0) | (shift > 0) | (np.abs(v - .62 * np.sin(t + np.pi)) > .38))] = ink
        elif motif == "triangles":
            inner[np.abs((np.arange(length) / 10) % 1 - .5) * 2 > (v + 1) / 2] = light
        else:
            decor.lay(inner, light, decor.border(rng, length, band - 4, motif))
        rows[:band], rows[-band:] = strip, strip[::-1]


def flowered(rng, width: int, height: int, colour) -> np.ndarray:
    """A dark ground strewn with small plants, as behind the figures of a tapestry."""
    easel = Easel(plain_ground(width, height, colour), relief=0)
    edge = width / height / 2
    for row, y in enumerate(np.arange(.08, 1, .09)):
        for x in np.arange(-edge + .05 + .05 * (row % 2), edge, .1):
            easel.at(x + float(rng.uniform(-.015, .015)), y, 1)
            easel.draw([(0, .03), (0, -.01)], .006, "#6a8a4a")
            easel.fill(oval(0, -.015, .017, sides=5), str(rng.choice(["#d88a8a", "#e8d8a0", "#8aa0c8", "#d8b04a"])))
    return easel.image


INKS = ("#d9482b", "#e8b83a", "#1f4f6f", "#f0e2c0", "#26241f", "#3f7a5a", "#7a2a3a", "#e8935a", "#5a86a8")


def poster(rng, width: int, height: int) -> np.ndarray:
    """A few flat inks, one large shape and a word or two: travel, a drink, a regatta, a head, a lamp, an exhibition, a bill."""
    inks = [hexa(str(c)) for c in rng.permutation(INKS)]
    inks.sort(key=lambda c: -float(c @ np.float32([.25, .62, .13])))
    light, mid, bright, dark = inks[0], inks[2 + int(rng.integers(2))], inks[4], inks[-1]
    if rng.uniform() < .5:
        mid, bright = bright, mid
    easel = Easel(plain_ground(width, height, light), relief=0)
    edge = width / height / 2
    kind, low = POSTERS[rng.integers(len(POSTERS))], rng.uniform() < .6
    draw, texts = kind
    if draw:
        draw(easel, rng, edge, (light, mid, bright, dark))
    text, small = str(rng.choice(texts.split())), str(rng.choice(SMALL))
    if draw:
        place = easel.image[int(height * .82):] if low else easel.image[:int(height * .16)]
        place[:] = dark if rng.uniform() < .6 else light
        ink = light if place[0, 0, 0] == dark[0] else dark
        _print(place, text, .1 if low else .16, .62, ink)
        _print(place, small, .77 if low else .84, .15, ink)
    else:  # a playbill
        easel.image[:] = light
        for top, high, line in ((.05, .07, "THEATRE ROYAL"), (.15, .2, text), (.38, .05, "SATURDAY 8 MAY"), (.46, .12, "GRAND"),
                                (.6, .2, "BALL"), (.83, .05, small), (.9, .05, "DOORS OPEN AT 7")):
            _print(easel.image, line, top, high, dark if high < .15 else bright)
        decor.outline(easel.image[4:-4, 4:-4], dark)
    return easel.image


def _print(area, text, top, share, ink) -> None:
    h, w = area.shape[:2]
    rows = slice(int(h * top), int(h * top) + max(int(h * share), 4))
    decor.lay(area[rows, 6:w - 6], ink, words(text, w - 12, min(rows.stop, h) - rows.start))


def _alps(easel, rng, edge, inks):
    light, mid, bright, dark = inks
    easel.fill([(-1, 0), (1, 0), (1, 1), (-1, 1)], bright)
    easel.fill(oval(float(rng.uniform(-.2, .2)), .3, .11), light)
    for x, y, wide in ((-.2, .3, .4), (.18, .36, .4)):
        easel.fill([(x, y), (x + wide, 1), (x - wide, 1)], mid)
        easel.fill([(x, y), (x + wide * .25, y + .17), (x + .03, y + .14), (x - .05, y + .2), (x - wide * .25, y + .17)], light)
    easel.fill(rounded([(-1, .72), (0, .64), (1, .74), (1, 1.2), (-1, 1.2)]), dark)


def _regatta(easel, rng, edge, inks):
    light, mid, bright, dark = inks
    easel.fill([(-1, 0), (1, 0), (1, .62), (-1, .62)], mid)
    for x, y, s in ((-.18, .5, .35), (.12, .72, .6)):
        easel.at(x, y, s, float(rng.uniform(-10, 2)))
        easel.fill([(0, -.95), (.02, -.08), (.45, -.12)], light)
        easel.fill([(-.03, -.8), (-.03, -.08), (-.32, -.1)], bright)
        easel.fill([(-.42, -.04), (.5, -.04), (.36, .1), (-.3, .1)], dark)
    easel.at(0, 0, 1)
    for i in range(4):
        easel.draw([(-edge, .7 + .05 * i), (-.1, .68 + .05 * i), (.1, .71 + .05 * i), (edge, .69 + .05 * i)], .008, bright)


def _drink(easel, rng, edge, inks):
    light, mid, bright, dark = inks
    easel.fill([(-1, 0), (1, 0), (1, 1), (-1, 1)], mid if rng.uniform() < .5 else dark)
    easel.fill(oval(0, .5, .27, sides=40), bright)
    if rng.uniform() < .5:
        easel.fill(rounded(both([(0, .2), (.035, .2), (.035, .2), (.035, .36), (.1, .44), (.1, .8), (.1, .8), (0, .8)])), dark)
        easel.fill([(-.1, .52), (.1, .52), (.1, .68), (-.1, .68)], light)
        easel.fill(oval(0, .6, .05), bright)
    else:
        easel.fill(oval(.18, .53, .08), light)
        easel.fill(oval(.18, .53, .045), bright)
        easel.fill(rounded(both([(0, .44), (.2, .44), (.2, .44), (.15, .64), (.06, .68), (0, .68)])), light)
        easel.fill(oval(0, .44, .195, .035), dark)
        easel.fill(oval(0, .71, .24, .03), light)
        for x in (-.07, .02, .1):
            easel.draw([(x, .38), (x + .03, .31), (x - .03, .24), (x, .18)], .012, light)


def _star(easel, rng, edge, inks):
    light, mid, bright, dark = inks
    easel.fill([(-1, 0), (1, 0), (1, 1), (-1, 1)], bright)
    easel.fill(oval(.0, .42, .32, sides=40), mid)
    who = replace(sitters.someone(rng), skin="#e8c0a2", hat=str(rng.choice(["broad", "top", "turban", "", "beret"])))
    easel.at(0, .46, .36)
    sitters.torso(easel, who, .4)
    sitters.head(easel.at(0, .46, .36, -6), who, .6)
    # Its shades become the inks.
    tone = np.clip(easel.image @ np.float32([.25, .62, .13]), 0, 1) ** .45
    y, x = np.mgrid[0:easel.h, 0:easel.w]
    far = np.hypot(x - easel.w / 2, y - easel.h * .42) > .32 * easel.h
    back = (np.abs(easel.image - mid).sum(2) < .02) & ~far
    easel.image[:] = np.stack([dark, dark, mid * .5 + dark * .5, light, light])[np.clip((tone * 5).astype(int), 0, 4)]
    easel.image[back] = mid
    easel.image[far & (y < .42 * easel.h)] = bright


def _shapes(easel, rng, edge, inks):
    light, mid, bright, dark = inks
    easel.at(0, .5, 1, float(rng.uniform(-35, 35)))
    easel.fill([(-.5, .05), (.6, .05), (.6, .13), (-.5, .13)], dark)
    easel.fill([(-.09, -.6), (.0, -.6), (.0, .6), (-.09, .6)], bright)
    easel.fill(oval(.1, -.08, .17, sides=40), mid)
    easel.fill(oval(.1, -.08, .1, sides=40), light)
    easel.fill([(-.3, .2), (.0, .2), (-.15, -.08)], dark)
    for i in range(4):
        easel.draw([(.12 + .04 * i, .16), (.12 + .04 * i, .36)], .009, mid)


def _animal(easel, rng, edge, inks):
    light, mid, bright, dark = inks
    easel.fill([(-1, 0), (1, 0), (1, 1), (-1, 1)], bright)
    easel.fill(oval(.08, .36, .2, sides=40), light)
    easel.at(0, .5, 1, 0, int(rng.choice([-1, 1])))
    if rng.uniform() < .5:  # a cat on a wall
        easel.fill(rounded([(-.06, -.2), (-.1, -.32), (-.03, -.26), (.05, -.26), (.12, -.32), (.1, -.18), (.06, -.08),
                            (.13, .1), (.13, .3),
                            (-.15, .3), (-.15, .1), (-.04, -.06)], 2), dark)
        easel.draw([(.1, .26), (.24, .22), (.27, .05), (.22, -.02)], [.03, .028, .022, .012], dark)
        for s in (-.03, .05):
            easel.fill(oval(s, -.17, .017), bright)
        easel.fill([(-.6, .28), (.6, .28), (.6, .36), (-.6, .36)], mid)
    else:  # a horse's head
        easel.fill(rounded([(-.3, .4), (-.2, .0), (-.08, -.2), (-.02, -.32), (.02, -.2), (.14, -.06), (.25, .08), (.2, .16),
                            (.08, .08), (.04, .1),
                            (.1, .4)], 2), dark)
        easel.draw([(-.06, -.24), (-.2, -.08), (-.3, .2)], [.02, .05, .03], mid)
        easel.fill(oval(.05, -.1, .014), light)


POSTERS = ((_alps, "ALPINA TIROL MONTE VALTA"), (_regatta, "REGATTA LIDO SAIL RIVIERA"),
           (_drink, "CAFÉ TEA BITTER MOKKA CACAO"),
           (_star, "OPERA SALON REVUE CABARET"), (_shapes, "EXPO 1926 NEUE FORM"), (_animal, "ZOO CIRCUS"),
           (None, "MASKED SPRING WINTER"))
SMALL = ("SUMMER 1931", "EVERY EVENING", "12 MAY - 4 JUNE", "MUSEUM OF ART", "FIRST CLASS", "SINCE 1884", "ADMISSION FREE")


def town(rng, sheet) -> np.ndarray:
    """A walled town seen from above: blocks of houses between streets, a river, a ring of bastions."""
    h, w = sheet.shape[:2]
    easel = Easel(sheet * hexa(str(rng.choice(["#dfe0b8", "#e8dcb8"]))) * 1.1, relief=0)
    edge, points = w / h / 2, int(rng.integers(7, 10))
    easel.draw([(-edge - .1, float(rng.uniform(.2, .8))), (-.1, float(rng.uniform(.35, .65))),
                (edge + .1, float(rng.uniform(.2, .8)))], .045, "#8fb0bc")
    reach = .4 if edge > .5 else .36

    def star(outer, inner):
        a = np.arange(4 * points) * np.pi / (2 * points)
        r = np.tile([outer, outer, inner, inner], points)
        return np.stack([r * np.cos(a), .5 + r * np.sin(a)], 1)

    for scale, colour in ((1.12, "#b8c8a0"), (1.0, "#3a2a20"), (.95, "#d8b890")):
        easel.fill(star(reach * scale, reach * .8 * scale), colour)
    lean = float(rng.uniform(-25, 25))
    easel.at(0, .5, 1, lean)
    for i in np.arange(-4, 5):
        for k in np.arange(-4, 5):
            if np.hypot(i, k) * .083 < reach * .72 and (i or k):
                easel.fill([(i * .083 - .033, k * .083 - .033), (i * .083 + .033, k * .083 - .033),
                            (i * .083 + .033, k * .083 + .033),
                            (i * .083 - .033, k * .083 + .033)], "#b05a3c" if rng.uniform() < .8 else "#7a8a4a")
    easel.fill([(-.008, -.03), (.008, -.03), (.008, -.008), (.025, -.008), (.025, .008), (.008, .008), (.008, .03),
                (-.008, .03), (-.008, .008), (-.025, .008),
                (-.025, -.008), (-.008, -.008)], "#3a2a20")
    return easel.image


TITLES = ("POEMS", "HERBAL", "TRAVELS", "BIBLE", "ATLAS", "SONGS", "LETTERS", "BIRDS")


def tooling(rng, width: int, height: int, rich: bool) -> np.ndarray:
    """What is stamped on a cover, mask (height, width): frames with a lozenge, a medallion, a lattice, a spray or a title."""
    mask = np.zeros((height, width), np.float32)
    for inset in ((5, 10), (4, 6, 16), (8,), (6, 20))[rng.integers(4)]:
        decor.outline(mask[inset:-inset, inset:-inset], 1)
    image, pen = decor.canvas(width * 2, height * 2)
    cx, cy = width, height
    form = rng.integers(5) if rich else rng.choice([0, 3, 4, 4])
    if form == 0:  # a lozenge and corner pieces
        for r in (1, .8, .3):
            pen.line([(cx, cy - 80 * r), (cx + 55 * r, cy), (cx, cy + 80 * r), (cx - 55 * r, cy), (cx, cy - 80 * r)], 255, 3)
        for x, y in ((26, 26), (2 * width - 26, 26), (26, 2 * height - 26), (2 * width - 26, 2 * height - 26)):
            pen.ellipse([x - 12, y - 12, x + 12, y + 12], outline=255, width=4)
    elif form == 1:  # a medallion
        for r in (56, 48, 14):
            pen.ellipse([cx - r, cy - r * 1.25, cx + r, cy + r * 1.25], outline=255, width=3)
        for a in np.arange(12) * np.pi / 6:
            pen.ellipse([cx + 34 * np.cos(a) - 8, cy + 42 * np.sin(a) - 8, cx + 34 * np.cos(a) + 8, cy + 42 * np.sin(a) + 8],
                        fill=255)
    elif form == 2:  # a lattice with a flower in every mesh
        for d in range(-height * 2, width * 2 + height * 2, 36):
            pen.line([(d, 24), (d + 2 * height, 24 + 2 * height)], 255, 2)
            pen.line([(d, 24), (d - 2 * height, 24 + 2 * height)], 255, 2)
    elif form == 4:
        mask[32:47, 22:-22] = words(str(rng.choice(TITLES)), width - 44, 15)
        if rng.uniform() < .6:
            mask[62:102, 30:-30] = decor.spray(rng, width - 60, 40, 3)
    if form == 3:
        mask[40:100, 22:78] = np.maximum(mask[40:100, 22:78], decor.spray(rng, 56, 60, 5))
    drawn = np.asarray(image.reduce(2), np.float32) / 255
    drawn[:12] = drawn[-12:] = 0
    drawn[:, :12] = drawn[:, -12:] = 0
    return np.maximum(mask, drawn)


def page(rng, width: int, height: int, line: int, gutter: int, full: bool, lettering) -> np.ndarray:
    """A page of a manuscript: columns of writing, a gilt initial, a miniature, vines in the margin, or a saint alone.

    `gutter` is the side of the fold: 1 right, -1 left; `lettering(rng, width, height, line)` writes.
    """
    blue, red, gold, green = (hexa(c) for c in ("#27408a", "#a8281f", "#d9a93a", "#3f6a2f"))
    y, x = np.mgrid[0:height, 0:width]
    sheet = plain_ground(width, height, "#e6d8b0") * (1 - .12 * np.clip(1 - np.minimum(x, y) / 14, 0, 1))[..., None]
    if full:
        band = 13
        for rows, length in ((sheet, width), (sheet.swapaxes(0, 1), height)):
            strip = decor.border(rng, length, band, "leaves")
            for part in (rows[4:4 + band], rows[-4 - band:-4]):
                part[:] = blue
                decor.lay(part, gold, strip)
        sheet[18:-18, 18:-18] = icon(rng, width - 36, height - 36)
        return sheet
    outer = np.s_[4:16] if gutter > 0 else np.s_[width - 16:width - 4]
    text = np.s_[18:-18, 22:-12] if gutter > 0 else np.s_[18:-18, 12:-22]
    body = sheet[text]
    h, w = body.shape[:2]
    ink, two = np.zeros((h, w), np.float32), rng.uniform() < .35
    for start, stop in ((0, w // 2 - 3), (w // 2 + 3, w)) if two else ((0, w),):
        ink[:, start:stop] = lettering(rng, stop - start, h, line)
    decor.lay(body, hexa("#2a1c14"), ink * .9)
    for row in range(0, h - line, line * int(rng.integers(3, 6))):  # rubrics
        body[row:row + line - 2, :w // 3] += (red - body[row:row + line - 2, :w // 3]) * ink[row:row + line - 2, :w // 3, None]
    if rng.uniform() < .5:
        top, tall = int(rng.integers(0, 45)), int(rng.integers(50, 66))
        easel = Easel(plain_ground(w, tall, blue if rng.uniform() < .5 else red), relief=.6)
        if rng.uniform() < .5:
            easel.fill([(-1, .75), (1, .75), (1, 1), (-1, 1)], green)
            for at in rng.permutation([-.4, 0, .4])[:2]:
                saint_whole(easel, rng, holy(rng, EARTHS + JEWELS[:4]), float(at), .95, .85)
        else:
            saint_half(easel, rng, holy(rng, EARTHS + JEWELS[:4]), 0, .38, .3)
        body[top:top + tall] = easel.image
        for inset, paint in ((0, gold), (1, gold), (2, hexa("#3a2416"))):
            decor.outline(body[top + inset:top + tall - inset, inset:w - inset], paint)
    if rng.uniform() < .8:
        size, top = int(rng.integers(22, 40)), int(rng.choice([0, 68]))
        box = body[top:top + size, :size]
        box[:] = (blue, red)[rng.integers(2)]
        decor.lay(box, green * 1.5, .8 * decor.border(rng, size, size, "leaves"))
        decor.lay(box[2:-2, 2:-2], gold * 1.2, words(str(rng.choice(list("ABDEHIMOPQRSTV"))), size - 4, size - 4))
        decor.outline(box, gold)
    if rng.uniform() < .8:
        decor.lay(sheet[8:-8, outer], (blue, green)[rng.integers(2)], decor.border(rng, height - 16, 12,
                                                                                   str(rng.choice(["leaves", "scroll"]))).T)
    if rng.uniform() < .5:
        decor.lay(sheet[-15:-4, 12:-12], red, decor.border(rng, width - 24, 11, "leaves"))
    return sheet
