"""People as a painter sees them: a head from the front, half turned or in profile, its hair, hat and dress, and whole figures.

A head is 1 high about its own middle: chin at y = .5, crown at -.5; a body hangs below it in the same units.
"""

from dataclasses import dataclass

import numpy as np

from ..render.materials import hexa
from .painting import Easel, both, limb, oval, rounded

SKINS = ("#d9a583", "#e2b493", "#c98f6c", "#e8c0a2", "#a8704c", "#7a4c34", "#d8a07a")
HAIRS = ("#2a1c14", "#4a2f1c", "#6b4526", "#8f6a3a", "#b8935a", "#7a3a20", "#8d8780", "#1c1715")
CLOTHS = ("#2b2624", "#5a1f22", "#263a52", "#39452c", "#6b4a2a", "#7d6a4a", "#3d2a44", "#8f2f25", "#7f8a8f", "#b08a3c",
          "#31565a", "#a9a08c")
LINEN = "#e9e2d2"

# The right half of each shape, from the top; `both` makes it whole. Its colour: h hair, d dress, w linen, x another.
HATS = {
    "beret": [("d", [(0, -.63), (.3, -.67), (.6, -.56), (.58, -.4), (.38, -.33), (0, -.34)])],
    "broad": [("d", [(0, -.9), (.2, -.9), (.27, -.8), (.3, -.45), (0, -.42)]),
              ("d", [(0, -.52), (.6, -.5), (.86, -.4), (.5, -.3), (0, -.3)])],
    "top": [("d", [(0, -1.2), (.33, -1.2), (.33, -1.2), (.29, -.5), (.3, -.42), (0, -.4)]),
            ("d", [(0, -.46), (.42, -.46), (.54, -.5), (.46, -.38), (0, -.34)])],
    "tricorne": [("d", [(0, -.62), (.25, -.68), (.72, -.6), (.72, -.6), (.42, -.36), (0, -.31)])],
    "coif": [("w", [(0, -.6), (.3, -.56), (.46, -.34), (.45, .0), (.36, .1), (.36, -.1), (.29, -.28), (0, -.38)])],
    "bonnet": [("x", [(0, -.72), (.4, -.66), (.6, -.3), (.5, .2), (.3, .5), (.36, .0), (.32, -.25), (0, -.38)]),
               ("w", [(0, -.45), (.3, -.4), (.45, -.1), (.3, .45), (.36, .0), (.3, -.24), (0, -.35)])],
    "veil": [("w", [(0, -.6), (.34, -.55), (.5, -.2), (.54, .3), (.75, 1.0), (.35, 1.05), (.4, .35), (.36, -.1), (.28, -.3),
                    (0, -.38)])],
    "turban": [("x", [(0, -.78), (.34, -.74), (.54, -.5), (.46, -.24), (.3, -.28), (0, -.33)])],
    "hood": [("d", [(0, -.68), (.4, -.6), (.56, -.2), (.55, .3), (.7, .8), (.3, .85), (.38, .35), (.38, -.1), (.3, -.34),
                    (0, -.44)])],
    "crown": [("g", [(0, -.72), (.1, -.5), (.1, -.5), (.22, -.72), (.22, -.72), (.28, -.5), (.28, -.5), (.4, -.66), (.4, -.66),
                     (.36, -.34), (.36, -.34), (0, -.3)])],
    "straw": [("s", [(0, -.76), (.24, -.74), (.34, -.48), (0, -.44)]),
              ("x", [(0, -.56), (.33, -.54), (.34, -.46), (0, -.43)]),
              ("s", [(0, -.5), (.6, -.46), (.8, -.34), (.5, -.3), (0, -.33)])],
    "fur": [("h", [(0, -.72), (.35, -.7), (.55, -.5), (.5, -.26), (.3, -.3), (0, -.34)])],
}
BACK = {"long": [(0, -.55), (.32, -.5), (.47, -.2), (.47, .2), (.55, .55), (.5, .95), (.3, 1.0), (.1, .5)],
        "bob": [(0, -.56), (.32, -.52), (.48, -.2), (.5, .2), (.4, .38), (.1, .2)],
        "wig": [(0, -.68), (.34, -.62), (.5, -.3), (.6, .0), (.56, .5), (.5, .8), (.2, .8), (.1, .3)]}
FRONT = {"short": [(0, -.56), (.25, -.53), (.41, -.33), (.42, -.08), (.37, .02), (.35, -.12), (.31, -.27), (.15, -.34),
                   (0, -.3)],
         "parted": [(0, -.53), (.28, -.52), (.44, -.28), (.44, .02), (.36, .08), (.34, -.1), (.26, -.25), (0, -.45), (0, -.45)],
         "swept": [(0, -.62), (.28, -.58), (.43, -.34), (.42, -.02), (.36, .02), (.35, -.16), (.26, -.34), (0, -.4)],
         "bald": [(.4, -.3), (.44, -.12), (.41, .06), (.35, .04), (.36, -.12)]}
STYLES = {"short": ("", "short"), "bun": ("", "parted"), "long": ("long", "parted"), "bob": ("bob", "short"),
          "bald": ("", "bald"), "wig": ("wig", "swept"), "ringlets": ("", "parted"), "swept": ("", "swept")}


@dataclass(frozen=True)
class Sitter:
    """Who is shown: colours as '#rrggbb', and names of a hair style, hat, beard and dress."""

    woman: bool
    skin: str
    hair: str
    dress: str
    other: str
    style: str
    hat: str
    beard: str
    wear: str


def someone(rng) -> Sitter:
    """A sitter drawn by chance; no hat for about half of them."""
    def pick(options):
        return str(options[rng.integers(len(options))])

    woman = bool(rng.uniform() < .5)
    dress, other = (pick(CLOTHS) for _ in range(2))
    if woman:
        style, beard = pick(("bun", "long", "ringlets", "bob", "bun", "swept")), ""
        hat = pick(("coif", "bonnet", "veil", "turban", "straw", "broad", "crown", "coif"))
        wear = pick(("neckline", "neckline", "ruff", "collar", "shawl", "pearls", "buttons"))
    else:
        style, beard = pick(("short", "short", "bald", "bob", "wig", "swept")), pick(("", "", "moustache", "full", "pointed"))
        hat = pick(("beret", "broad", "top", "tricorne", "fur", "hood", "beret"))
        wear = pick(("coat", "coat", "ruff", "collar", "fur", "cloak", "armour", "buttons"))
    return Sitter(woman, pick(SKINS), pick(HAIRS), dress, other, style, hat if rng.uniform() < .5 else "", beard, wear)


def _paints(who: Sitter) -> dict:
    return {"h": hexa(who.hair), "d": hexa(who.dress), "w": hexa(LINEN), "x": hexa(who.other), "g": hexa("#d0a03c"),
            "s": hexa("#d8bd7c")}


def head(easel: Easel, who: Sitter, turn: float = 0.0, plain: bool = False) -> None:
    """Hair, face and hat at the easel's place, turned from -1 (to the left) to 1; `plain` leaves out what is too small."""
    paint, skin = _paints(who), hexa(who.skin)
    back, front = STYLES[who.style]

    def across(u):  # where a feature at -1 to 1 of the face's breadth is seen
        return .37 * np.sin(np.radians(60 * u + 30 * turn))

    def shifted(points, share=.05):
        return [(x + share * turn * (y + .5), y) for x, y in points]

    if who.style == "bun":
        easel.fill(oval(-.16 * turn, -.58, .19, .16), paint["h"], .05)
    elif who.style == "ringlets":
        for side in (-1, 1):
            for i in range(5):
                easel.fill(oval(side * (.42 + .03 * (i % 2)), -.12 + .13 * i, .085), paint["h"], .03)
    hair = hexa("#cfc8ba") if who.style == "wig" else paint["h"]
    if back:
        easel.fill(rounded(both(BACK[back])), hair * .8, .1)
    jaw = [(.31, .2), (.19, .41), (.07, .5)] if who.woman else [(.34, .2), (.25, .42), (.12, .51)]
    easel.fill(rounded(shifted(both([(0, -.5), (.22, -.48), (.36, -.3), (.365, -.02), *jaw, (0, .51)]), .08)), skin, .15)
    if turn and not plain:  # the ear on the near side
        easel.fill(oval(-.37 * np.sign(turn), .0, .04, .1), skin * .8, .02)
    side = np.sign(easel.sun[0])
    easel.fill(rounded([(-side * x, y) for x, y in ((.4, -.4), (.4, .2), (.2, .5), (.1, .5), (.24, .15), (.2, -.2),
                                                    (.28, -.4))]), skin * .3,
               cover=.35, soft=.05)
    for u in (-.4, .4):
        x = across(u)
        wide = .085 * np.cos(np.radians(60 * u + 30 * turn)) + .02
        easel.fill(oval(x, -.035, wide * 1.5, .085), skin * .35, cover=.5, soft=.03)
        if not plain:
            easel.fill(oval(x, -.01, wide, .042), "#d8cdbd")
            easel.fill(oval(x + .012 * turn, -.012, .042, .045), "#2a1a12")
            easel.draw([(x - wide * 1.15, 0), (x, -.065), (x + wide * 1.15, -.005)], .016, "#2a1812", .8)
        easel.draw([(x - wide, -.11), (x, -.145), (x + wide * 1.1, -.12)], [.014, .022, .01], paint["h"] * .8 + .01, .75)
    x, tip = across(0), across(0) + .06 * turn
    dark = -side * .055
    easel.fill([(x + .2 * dark, -.06), (tip + dark * 1.4, .14), (tip + dark * .4, .17), (tip, .16)], skin * .3, cover=.5,
               soft=.012)
    easel.draw([(x - .3 * dark, -.08), (tip - .3 * dark, .12)], [.014, .026], np.minimum(skin * 1.5 + .05, 1), .6, .01)
    easel.draw([(tip - .06, .16), (tip, .178), (tip + .06, .16)], .012, skin * .2, .75)
    lip = skin * np.float32([.75, .38, .38]) if who.woman else skin * np.float32([.6, .4, .4])
    mouth = [(tip * .9 - .115, .285), (tip * .9, .272), (tip * .9 + .115, .285)]
    easel.draw([(a, b + .012) for a, b in mouth], [.006, .036, .006], lip, .85)
    easel.draw(mouth, [.004, .011, .004], skin * .12, .9)
    for u in (-.55, .55):
        easel.fill(oval(across(u), .14, .07), skin * np.float32([1.0, .5, .45]), cover=.25, soft=.03)
    easel.fill(rounded(both([(0, .36), (.2, .35), (.3, .3), (.2, .5), (0, .52)])), skin * .3, cover=.3, soft=.03)
    _beard(easel, who, paint["h"], tip * .9)
    if front == "bald":
        for s in (-1, 1):
            easel.fill(rounded([(s * x, y) for x, y in FRONT[front]]), hair, .03)
    else:
        easel.fill(rounded(both(FRONT[front])), hair, .06)
    for key, half in HATS.get(who.hat, ()):
        easel.fill(rounded(both(half)), paint[key], .06)
    if who.hat == "turban":
        for i in (-1, 0, 1):
            easel.draw([(-.42, -.3 - .1 * i), (0, -.5 - .12 * i), (.44, -.6 + .1 * i)], .014, paint["x"] * .4, .7)


def _beard(easel, who, paint, x):
    if who.beard == "full":
        easel.fill(rounded([(-.38, .0), (-.31, .24), (x - .14, .22), (x, .25), (x + .14, .22), (.31, .24), (.38, .0),
                            (.34, .42),
                            (.2, .66), (x, .72), (-.2, .66), (-.34, .42)]), paint, .06)
        easel.draw([(x - .09, .31), (x + .09, .31)], .024, "#8a4a3c")
    elif who.beard:
        easel.draw([(x - .2, .27), (x - .08, .225), (x, .24), (x + .08, .225), (x + .2, .27)], [.012, .034, .026, .034, .012],
                   paint)
        if who.beard == "pointed":
            easel.fill(rounded([(x - .1, .38), (x, .35), (x + .1, .38), (x + .07, .52), (x, .68), (x - .07, .52)]), paint, .03)


def torso(easel: Easel, who: Sitter, turn: float = 0.0, long: bool = False) -> None:
    """Neck, shoulders and dress below a head at the same place; `long` down to the lap, else cut off at the chest."""
    paint, skin = _paints(who), hexa(who.skin)
    broad = .86 if who.woman else 1.0
    dress, wear = (hexa("#6f7478") if who.wear == "armour" else paint["d"]), who.wear
    easel.fill(rounded(both([(.2, .2), (.2, .6), (.34, .75), (.34, .95)])), skin * .72, .05)
    half = [(0, .78), (.22, .72), (.4, .78), (.8 * broad, .92), (1.0 * broad, 1.15), (1.08 * broad, 1.7)]
    half += [(.72 * broad, 1.8), (.58 * broad, 2.2), (.95, 2.8), (1.2, 4)] if long else [(1.15 * broad, 3)]
    shift = [(x + .1 * turn, y) for x, y in both(half)]
    easel.fill(rounded(shift), dress, .16)
    for x, y, lean in ((-.5, 1.35, .1), (-.2, 1.6, .06), (.25, 1.55, -.06), (.55, 1.3, -.1)):
        easel.draw([(x * broad, y), (x * broad + lean, y + .5), (x * broad + lean * .5, y + 1.2)], .03, dress * .45, .5, .02)
    x = .1 * turn
    if wear in ("neckline", "pearls"):
        easel.fill(rounded([(a + x, b) for a, b in both([(.16, .55), (.45, .8), (.66, .95), (.5, 1.25), (0, 1.3)])]), skin, .08)
        easel.draw([(-.66 + x, .95), (-.5 + x, 1.25), (x, 1.33), (.5 + x, 1.25), (.66 + x, .95)], .035, paint["w"], .9)
        easel.draw([(-.22, .62), (x, .86), (.22, .62)], .02 if wear == "neckline" else .04,
                   "#c9a24a" if wear == "neckline" else "#efe8dc")
    elif wear == "ruff":
        easel.fill(oval(x * .5, .62, .66, .24), paint["w"], .06)
        for a in np.linspace(0, 2 * np.pi, 19)[:-1]:
            easel.draw([(.2 * np.cos(a), .58 + .06 * np.sin(a)), (x * .5 + .6 * np.cos(a), .62 + .21 * np.sin(a))], .012,
                       "#8a8478", .7)
        easel.fill(rounded(both([(0, .4), (.24, .38), (.2, .56), (0, .6)])), skin * .5)
    elif wear == "collar":
        easel.fill(rounded(both([(.0, .74), (.18, .58), (.5, .78), (.7, .98), (.35, 1.12), (.04, .82)])), paint["w"], .04)
    elif wear == "shawl":
        easel.fill(rounded(both([(0, 1.0), (.2, .68), (.5, .8), (.95, 1.1), (.9, 1.5), (.1, 2.2), (0, 2.3)])), paint["x"], .1)
        easel.draw([(-.2, .7), (x, 1.3), (.2, .7)], .05, paint["w"], .9)
    elif wear == "coat":
        easel.fill([(-.2 + x, .7), (.2 + x, .7), (x, 1.7)], paint["w"])
        easel.fill(rounded(both([(0, .68), (.22, .6), (.2, .82), (0, .86)])), paint["w"], .03)
        for s in (-1, 1):
            easel.fill([(s * .2 + x, .68), (s * .5 + x, .92), (s * .42 + x, 1.15), (x, 1.75)], dress * .6, .03)
        easel.fill(rounded(both([(0, .78), (.14, .74), (.06, .9), (.09, 1.2), (0, 1.3)])), paint["x"], .03)
    elif wear == "fur":
        easel.fill(rounded(both([(.2, .66), (.5, .76), (.62, 1.0), (.36, 1.6), (.34, 3), (.1, 3), (.12, 1.3), (.1, .8)])),
                   "#5a4028", .06)
    elif wear == "cloak":
        easel.fill(rounded([(-1.05, 1.1), (-.6, .78), (-.2, .72), (.3, 1.2), (.9, 1.9), (1.2, 3), (-1.2, 3)]), paint["x"], .14)
        easel.draw([(-.4, .8), (.1, 1.4), (.7, 2.4)], .05, paint["x"] * .4, .6, .02)
        easel.fill(oval(-.42, .86, .08), "#d0a03c", .03)
    elif wear == "armour":
        easel.fill(rounded(both([(0, .66), (.24, .62), (.28, .8), (0, .88)])), dress * 1.2, .04)
        for y in (1.1, 1.25):
            easel.draw([(-.95, y - .05), (-.7, y + .06), (-.5, y)], .02, "#23262a", .8)
            easel.draw([(.95, y - .05), (.7, y + .06), (.5, y)], .02, "#23262a", .8)
        easel.draw([(-.9, 1.1), (0, 1.5), (.8, 2.2)], .12, paint["x"], .95)
    elif wear == "buttons":
        easel.fill(rounded(both([(0, .6), (.22, .54), (.24, .76), (0, .82)])), paint["x"], .03)
        for i in range(6):
            for s in (-.14, .14):
                easel.fill(oval(s + x, 1.0 + .22 * i, .035), "#d8b25a")
        for s in (-1, 1) if not who.woman else ():
            easel.fill(oval(s * .78 * broad + x, .95, .2, .09, 15 * s), "#c9a03c", .04)


def arm(easel: Easel, who: Sitter, path, width: float = .2) -> None:
    """A sleeve from shoulder over elbow to wrist, and a hand."""
    *_, elbow, wrist = path = [np.array(p, float) for p in path]
    reach = (wrist - elbow) / (np.hypot(*(wrist - elbow)) + 1e-9)
    skin = hexa(who.skin)
    easel.fill(limb([wrist - .05 * reach, wrist + .12 * reach, wrist + .28 * reach + (0, .04)], [.08, .11, .05]), skin, .04)
    dress = hexa(who.dress) if who.wear != "armour" else hexa("#6f7478")
    easel.fill(limb(path, [width, width * 1.05, width * .7]), dress * 1.05, .09)
    easel.fill(limb([wrist - .06 * reach, wrist + .02 * reach], width * .62), LINEN, .03)


# Whole figures, 1 high, feet at y = 1. Skirts, coats and robes: the right half of an outline.
GOWNS = {
    "crinoline": [(0, .15), (.05, .15), (.09, .18), (.075, .3), (.055, .37), (.19, .55), (.31, .97), (.2, 1.0), (0, 1.0)],
    "empire": [(0, .15), (.05, .15), (.09, .18), (.07, .28), (.1, .6), (.16, .98), (0, 1.0)],
    "pannier": [(0, .15), (.05, .15), (.085, .18), (.055, .36), (.055, .36), (.26, .42), (.31, .6), (.33, .97), (0, 1.0)],
    "bell": [(0, .15), (.05, .15), (.1, .18), (.07, .36), (.13, .5), (.2, .9), (.19, .95), (0, .95)],
    "robe": [(0, .15), (.06, .15), (.13, .19), (.14, .4), (.15, .7), (.19, .98), (0, 1.0)]}
COATS = {
    "frock": ([(0, .15), (.05, .15), (.12, .18), (.11, .3), (.095, .4), (.16, .7), (.02, .7), (0, .55)], .052),
    "jacket": ([(0, .15), (.05, .15), (.12, .18), (.115, .35), (.12, .53), (0, .54)], .056),
    "smock": ([(0, .15), (.06, .15), (.13, .19), (.14, .4), (.17, .62), (0, .64)], .052),
    "doublet": ([(0, .15), (.05, .15), (.12, .18), (.09, .38), (.17, .46), (.15, .58), (.03, .58), (0, .5)], .042),
    "tutu": ([(0, .17), (.04, .17), (.075, .2), (.05, .38), (.05, .38), (.27, .47), (.24, .52), (0, .53)], .036)}
ARMS = {"down": [(.145, .34), (.14, .46)], "hip": [(.21, .31), (.1, .4)], "raise": [(.2, .16), (.2, .02)],
        "front": [(.145, .33), (.03, .38)], "hold": [(.16, .33), (.22, .34)], "wide": [(.2, .22), (.31, .16)]}
# What the hand of the right arm holds: strokes (path, half width, colour) from the hand.
HELD = {"staff": [([(0, -.36), (0, .62)], .008, "#4a3018")],
        "halberd": [([(0, -.42), (0, .62)], .009, "#4a3018"), ([(-.05, -.34), (0, -.32), (.06, -.36)], [.035, .02, .03],
                                                               "#9aa0a4")],
        "scythe": [([(.05, -.4), (-.02, .55)], .009, "#5a4020"), ([(.05, -.4), (.2, -.42), (.32, -.3)], [.02, .022, .004],
                                                                  "#8f969a")],
        "parasol": [([(0, -.38), (0, .08)], .006, "#3a2a1c"),
                    ([(-.22, -.28), (-.12, -.36), (0, -.39), (.12, -.36), (.22, -.28)], [.01, .04, .05, .04, .01], "#d8cdb0")],
        "musket": [([(.02, -.4), (0, .12)], [.006, .018], "#3a2a1c")], "book": [([(-.05, 0), (.05, .0)], .035, "#6a2a20")],
        "basket": [([(-.08, .08), (.08, .08)], .045, "#a8803f"), ([(-.09, .06), (0, -.05), (.09, .06)], .008, "#7a5a2c")],
        "sword": [([(0, .06), (.06, .5)], .009, "#9aa0a4"), ([(-.05, .08), (.05, .06)], .009, "#c9a03c")],
        "flowers": [([(0, .02), (.01, -.02), (.02, -.05)], [.01, .04, .03], "#c04a50")]}
WEARS = (("crinoline", 1, "wide down", "parasol flowers"), ("empire", 1, "down front", "parasol flowers book"),
         ("pannier", 1, "front down", "flowers parasol"), ("bell", 1, "hip hold", "basket scythe"),
         ("robe", 0, "hold front", "staff book"), ("frock", 0, "down hip", "staff sword"), ("jacket", 0, "hold hip",
                                                                                            "musket staff"),
         ("smock", 0, "hold down", "scythe staff basket"), ("doublet", 0, "hold hip", "halberd sword"),
         ("tutu", 1, "raise wide", ""), ("sitting", 1, "front front", "book flowers"), ("sitting", 0, "front front", "book"))
"""Kinds of figure: what it wears, whether a woman, what its arms may do, what it may hold."""


def whole_figure(easel: Easel, rng, x: float, y: float, size: float) -> None:
    """A dressed person from head to foot, `size` high, whose feet are at (x, y)."""
    wear, woman, poses, props = WEARS[rng.integers(len(WEARS))]
    who = someone(rng)
    while who.woman != woman:
        who = someone(rng)
    flip, turn = int(rng.choice([-1, 1])), float(rng.uniform(-.8, .8))
    prop = str(rng.choice(props.split())) if props and rng.uniform() < .8 else ""
    dress, other = hexa(who.dress) + .01, hexa(who.other)
    sit = wear == "sitting"
    if sit:
        size *= .82

    def frame():
        return easel.at(x, y - size, size, 0, flip)

    frame().fill(oval(.04, .99, .26, .03), "#0c0a08", cover=.55, soft=.02)
    poses = poses.split()
    shoulder = .2
    back_head = 0 if who.hat in ("veil", "hood") else 1
    if not back_head:
        easel.at(x, y - size * (1 - .068), size * .136)
        head(easel, who, turn * flip, plain=True)
        frame()
    if sit:
        for place in ((-.2, .45), (-.2, .6), (.12, .62)):
            easel.draw([place, (place[0], .99)], .016, "#4a3018")
        easel.draw([(-.2, .25), (-.2, .66)], .018, "#4a3018")
        easel.fill([(-.22, .6), (.16, .6), (.16, .65), (-.22, .65)], "#4a3018", .01)
        if not woman:
            for far in (.02, 0):
                easel.fill(limb([(-.02, .58), (.24 - far, .58), (.26 - far, .75), (.25 - far, .93)], [.075, .065, .05, .035]),
                           other * .8, .03)
                easel.fill(oval(.28 - far, .97, .06, .028), "#1c1612")
        easel.fill(rounded([(0, .17), (.07, .18), (.11, .24), (.08, .45), (.06, .62), (-.16, .64), (-.13, .4), (-.11, .22)]),
                   dress, .05)
        if woman:
            easel.fill(rounded([(-.17, .48), (.05, .47), (.27, .5), (.3, .62), (.33, .95), (.33, .95), (-.02, 1.0),
                                (-.08, .8), (-.18, .66)]),
                       dress, .07)
            for a in (.06, .14, .22):
                easel.draw([(a, .56), (a + .03, .75), (a, .97)], .01, dress * .45, .6, .006)
    elif wear in GOWNS:
        half = GOWNS[wear]
        easel.fill(rounded(both(half)), dress, .06)
        for a in np.linspace(-.75, .75, 5):
            low = half[-2][0] * a
            easel.draw([(.04 * a, .4), (low * .6, .65), (low, .96)], [.004, .012, .014], dress * .45, .6, .006)
        if wear == "robe":
            easel.fill(rounded([(-.13, .19), (-.05, .16), (.08, .4), (.19, .6), (.1, .85), (-.18, .8), (-.16, .5)]), other, .06)
        elif wear == "bell":
            easel.fill(rounded(both([(0, .37), (.06, .38), (.12, .8), (0, .82)])), LINEN, .03)
        elif wear == "pannier":
            easel.fill(rounded(both([(0, .37), (.03, .37), (.16, .97), (0, .98)])), other, .03)
        else:
            easel.draw([(-.07, .37 if wear == "crinoline" else .28), (.07, .37 if wear == "crinoline" else .28)], .014, other)
    else:
        half, leg = COATS[wear]
        hose = hexa("#d9b094") if wear == "tutu" else hexa(LINEN) if wear == "doublet" else other * .7 + .005
        stride = float(rng.uniform(.0, .06))
        for s in (-1, 1):
            easel.fill(limb([(s * .05, .5), (s * (.055 + stride), .74), (s * (.06 + stride * 1.5), .96)],
                            [leg * 1.1, leg, leg * .6]), hose, .03)
            easel.fill(oval(s * (.075 + stride * 1.5), .975, .055, .026), "#1c1612")
        easel.fill(rounded(both(half)), LINEN if wear == "tutu" else dress, .05)
        if wear in ("frock", "jacket"):
            easel.fill([(-.03, .15), (.03, .15), (0, .32)], LINEN)
            easel.draw([(0, .3), (0, half[-1][1])], .005, dress * .3)
        elif wear == "smock":
            easel.draw([(-.13, .43), (.13, .43)], .014, "#3a2616")
        elif wear == "doublet":
            easel.fill(oval(0, .16, .1, .03), LINEN, .01)
    easel.fill(rounded(both([(.03, .1), (.03, .15), (.05, .17)])), hexa(who.skin) * .75)
    if woman and wear != "bell":
        easel.fill(rounded(both([(.03, .14), (.08, .18), (.05, .22), (0, .23)])), who.skin, .02)
    place = None
    for s, pose in zip((1, -1), poses):
        path = [(.095 * s, shoulder)] + [(a * s + (.08 if sit else 0), b + (.1 if sit else 0)) for a, b in ARMS[pose]]
        skin = hexa(who.skin)
        easel.fill(oval(*path[-1], .026, .03), skin, .01)
        bare = wear == "tutu"
        easel.fill(limb(path, [.03, .026, .02] if bare else [.045, .042, .032]), skin if bare else dress * 1.1, .03)
        place = place or path[-1]
    for path, width, colour in HELD.get(prop, ()):
        easel.draw([(place[0] + a, place[1] + b) for a, b in path], width, colour)
    if prop:
        easel.fill(oval(*place, .024), who.skin, .01)
    if back_head:
        easel.at(x, y - size * (1 - .068), size * .136)
        head(easel, who, turn * flip, plain=True)


# Studies of the nude from behind: outlines of the body, (x, y) about its middle, 1 high or wide; then strokes that model it.
NUDES = {
    "standing": ([("b", [(0, .17), (.035, .17), (.05, .2), (.125, .22), (.15, .27), (.125, .36), (.085, .43), (.09, .47),
                         (.125, .54),
                         (.115, .6), (.07, .63), (-.02, .64), (-.1, .6), (-.125, .53), (-.085, .44), (-.095, .38), (-.13, .29),
                         (-.14, .23), (-.06, .2), (-.04, .17)])],
                 [([(.005, .2), (.012, .34), (-.005, .5)], .007), ([(-.005, .52), (0, .61)], .006),
                  ([(-.1, .605), (-.05, .63), (0, .61), (.06, .625),
                  (.1, .595)], .005), ([(.03, .27), (.075, .3), (.06, .34)], .005), ([(-.03, .27), (-.075, .3), (-.06, .35)],
                                                                                     .005)],
                 [([(.06, .58), (.065, .76), (.05, .97)], [.066, .045, .024]), ([(-.06, .58), (-.065, .75), (-.1, .95)],
                                                                                [.062, .043, .022])],
                 (0, .1, .115)),
    "sitting": ([("b", [(0, .2), (.04, .2), (.06, .24), (.15, .27), (.175, .34), (.14, .46), (.11, .56), (.15, .68),
                        (.21, .78), (.19, .88),
                        (.02, .9), (-.17, .88), (-.2, .77), (-.14, .66), (-.11, .56), (-.13, .46), (-.16, .34), (-.14, .27),
                        (-.05, .24)])],
                [([(0, .25), (.015, .45), (0, .7)], .008), ([(0, .76), (0, .88)], .007),
                 ([(.04, .34), (.09, .37), (.075, .43)], .006),
                 ([(-.04, .34), (-.09, .37), (-.075, .43)], .006)],
                [([(.1, .84), (.3, .83), (.42, .9)], [.07, .07, .045])], (0, .12, .145)),
    "lying": ([("b", [(-.34, .03), (-.26, -.05), (-.17, -.075), (-.06, -.01), (.02, -.0), (.1, -.11), (.19, -.165),
                      (.29, -.1), (.33, .0),
                      (.3, .09), (.16, .12), (.0, .115), (-.2, .13), (-.32, .11)])],
              [([(-.28, .035), (-.12, .05), (.03, .035), (.17, -.0)], .006), ([(.19, -.0), (.26, .035), (.3, .06)], .006),
               ([(-.24, -.0), (-.19, .03), (-.21, .08)], .005)],
              [([(.24, -.0), (.42, .02), (.62, .1)], [.09, .062, .03]), ([(.24, .06), (.45, .1), (.66, .115)],
                                                                         [.07, .05, .024])],
              (-.4, -.1, .17)),
}


def nude_study(easel: Easel, rng, pose: str, x: float, y: float, size: float) -> None:
    """A nude seen from behind, as a life class draws it: back, spine and shoulder blades, the hair up or in a cloth."""
    outlines, lines, legs, (hx, hy, hs) = NUDES[pose]
    skin = hexa(SKINS[rng.integers(5)])
    hair, cloth = (hexa(str(c[rng.integers(len(c))])) for c in (HAIRS, CLOTHS))
    easel.at(x, y, size, float(rng.uniform(-2, 2)), int(rng.choice([-1, 1])))
    arms = {"standing": [[(.125, .25), (.17, .36), (.16, .49)], [(-.12, .25), (-.2, .2), (-.1, .11)]],
            "sitting": [[(.14, .31), (.22, .45), (.2, .62)], [(-.13, .31), (-.2, .46), (-.12, .6)]],
            "lying": [[(-.3, .0), (-.42, .09), (-.46, -.03)]]}[pose]
    for path, width in legs:
        easel.fill(limb(path, width), skin * .93, .035)
    for path in arms[1:]:
        easel.fill(limb(path, [.036, .032, .022]), skin * .85, .025)
    for _, points in outlines:
        easel.fill(rounded(points), skin, .05)
    for path in arms[:1]:
        easel.fill(limb(path, [.04, .034, .022]), skin, .025)
    for path, width in lines:
        easel.draw(path, width, skin * .3, .6, .006)
    neck = (-.3, .0) if pose == "lying" else (0, hy + hs)
    easel.fill(limb([(hx, hy), neck], hs * .26), skin * .85, .02)
    easel.fill(oval(hx, hy, hs * .42, hs * .52, 30 if pose == "lying" else 8), skin, .03)
    kind = rng.uniform()
    easel.fill(oval(hx, hy - hs * .08, hs * .46, hs * .48, 20), hair, .03)
    if kind < .35:
        easel.fill(oval(hx, hy - hs * .08, hs * .5, hs * .5, 30), cloth * 1.3 + .1, .03)
        for k in (-.2, .05, .3):
            easel.draw([(hx - hs * .45, hy + hs * (k - .25)), (hx, hy + hs * (k - .1)), (hx + hs * .45, hy + hs * (k - .3))],
                       hs * .03, cloth * .4, .8)
    else:
        easel.fill(oval(hx + hs * .1, hy - hs * .5, hs * .24, hs * .2), hair * 1.1, .02)
