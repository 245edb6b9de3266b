"""What pictures show: portrait, self-portrait, figure, nude, landscape, seascape, still life.

Each scene is composed once as a small image in linear RGB; `techniques.py` then paints,
engraves or weaves it. People are painted shape by shape (`sitters.py`); still lifes are the museum's
own solids under a studio light; land and sea are layers of noise behind one another.
"""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from ..render import noise
from ..render.light import Light
from ..render.materials import hexa
from ..render.raster import look_at
from ..render.solids import ball, box, join, patch
from ..render.studio import Thing, photograph
from . import sitters, vessels
from .decor import lay, outline
from .painting import Easel, both, oval, rounded

SHARES = {"portrait": .25, "figure": .17, "landscape": .17, "still life": .12, "seascape": .11, "nude": .09,
          "self-portrait": .09}
"""How often each scene is chosen; the names are the tags of the subjects facet."""


def compose(scene: str, rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A scene in linear RGB, float32 (height, width, 3)."""
    return SCENES[scene](rng, width, height)


def _grid(width, height):
    """x and y in 0..1, y downwards, float32 (height, width)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x + .5) / width, (y + .5) / height


def _crop(square: np.ndarray, width: int, height: int) -> np.ndarray:
    top, left = (square.shape[0] - height) // 2, (square.shape[1] - width) // 2
    return square[top:top + height, left:left + width]


def _wall(rng, size, colours) -> np.ndarray:
    """A dim room: one dark colour, lighter on one side, a little uneven."""
    x, y = _grid(size, size)
    base = hexa(colours[rng.integers(len(colours))])
    side = rng.choice([-1, 1])
    fall = .75 + .55 * np.clip(.5 + side * (x - .5) - .3 * (y - .5), 0, 1)
    rough = 1 + .12 * noise.look_up(noise.cloud(1.7), x * .5 + rng.uniform(), y * .5 + rng.uniform())
    return (base * (fall * rough)[..., None]).astype(np.float32)


DARK = ("#3a2f26", "#4a4032", "#2c2f2a", "#4f4a40", "#5a4030", "#33302e", "#6a6450")


def _light(rng, softness=.35):
    return Light(float(rng.choice([-55, 50]) + rng.uniform(-10, 10)), float(rng.uniform(30, 50)), softness, key=1.15,
                 fill=.2, colour=(1.0, .92, .8), table=(.12, .1, .08))


def _curtain(easel, rng) -> None:
    """A heavy curtain down one side."""
    cloth, side = hexa(rng.choice(["#5a1c1c", "#2c3a2c", "#3a2c48", "#5a4420"])), rng.choice([-1, 1])
    edge = easel.w / easel.h / 2
    easel.at(0, 0, 1, 0, int(side))
    easel.fill(rounded([(edge - .26, -.1), (edge + .2, -.1), (edge + .2, 1.1), (edge - .04, 1.1), (edge - .14, .6)]), cloth,
               .05)
    for i in range(4):
        x = edge - .2 + .06 * i
        easel.draw([(x, 0), (x + .04, .5), (x + .08, 1)], .012, cloth * .35, .7, .01)


def _room(rng, width, height) -> Easel:
    """What lies behind a sitter: a dark wall, a curtain, a window on the country, a painted oval, or the country itself."""
    size, kind = max(width, height), rng.uniform()
    left = bool(rng.uniform() < .6)
    if kind < .14:
        return Easel(landscape(rng, width, height) * .8, left)
    colours = DARK if kind < .75 else ("#8a8474", "#7a8a8c", "#a89a7c", "#6a7a5a", "#8f6a5a")
    easel = Easel(_crop(_wall(rng, size, colours), width, height), left)
    if kind < .32:
        _curtain(easel, rng)
    elif kind < .46:
        view = landscape(rng, width // 3, height // 3)
        x0 = int(width * rng.choice([.04, .66]))
        easel.image[height // 12:height // 12 + len(view), x0:x0 + view.shape[1]] = view
        outline(easel.image[height // 12 - 2:height // 12 + len(view) + 2, x0 - 2:x0 + view.shape[1] + 2], hexa("#2a1f16"))
    return easel


def portrait(rng, width, height):
    easel, who = _room(rng, width, height), sitters.someone(rng)
    bust = rng.uniform() < .6
    size = rng.uniform(.34, .42) if bust else rng.uniform(.23, .28)
    tall = max([-y for _, shape in sitters.HATS.get(who.hat, ()) for _, y in shape] + [.62])
    x, y, turn = float(rng.uniform(-.04, .04)), float(.06 + size * tall + rng.uniform(0, .04)), float(rng.uniform(-1, 1))
    easel.at(x, y, size)
    sitters.torso(easel, who, turn, long=not bust)
    if not bust:
        _hands(easel, rng, who)
    easel.at(x, y, size, float(rng.uniform(-7, 7)))
    sitters.head(easel, who, turn)
    return easel.image


def _hands(easel, rng, who) -> None:
    """Both arms of a half length and what its hands hold."""
    s = 1 if rng.uniform() < .5 else -1
    easel.at(*easel.origin, easel.size, 0, s)
    pose = rng.integers(4)
    sitters.arm(easel, who, [(-.8, 1.1), (-1.05, 1.95), (-.25, 2.3)])
    if pose == 0:
        sitters.arm(easel, who, [(.8, 1.1), (1.05, 1.9), (.1, 2.25)])
    elif pose == 1:
        sitters.arm(easel, who, [(.8, 1.1), (1.1, 1.9), (.3, 1.6)])
    elif pose == 2:
        easel.fill([(-.5, 1.9), (.1, 1.8), (.2, 2.35), (-.4, 2.45)], "#6a2a20", .03)
        sitters.arm(easel, who, [(.8, 1.1), (1.1, 1.95), (.15, 2.15)])
    else:
        sitters.arm(easel, who, [(.8, 1.1), (1.1, 1.85), (.35, 1.75)])
        easel.draw([(.2, 1.9), (.1, 1.55)], .025, "#3f5a2a")
        for dx, dy in ((0, 0), (-.1, .1), (.08, .1)):
            easel.fill(oval(.08 + dx, 1.45 + dy, .12), "#b8404a", .03)


def self_portrait(rng, width, height):
    """The painter with palette and brush, at the easel, or looking round over a shoulder."""
    easel, who = _room(rng, width, height), sitters.someone(rng)
    who = replace(who, wear=str(rng.choice(["coat", "collar", "shawl", "cloak"])),
                  hat=str(rng.choice(["beret", "beret", "turban", "", "straw", ""])))
    round_, flip, size = rng.uniform() < .35, int(rng.choice([-1, 1])), float(rng.uniform(.25, .32))
    x, y = float(rng.uniform(-.06, .02)), float(.08 + size * .72)
    if rng.uniform() < .6:  # the back of the canvas, on its easel
        easel.at(0, 0, 1, 0, flip)
        edge = width / height / 2
        easel.fill([(edge - .13, .12), (edge + .2, .08), (edge + .2, 1.1), (edge - .2, 1.1)], "#b39a70", .03)
        easel.fill([(edge - .13, .12), (edge - .10, .12), (edge - .17, 1.1), (edge - .2, 1.1)], "#6a4a28")
    easel.at(x * flip, y, size, 0, flip)
    if round_:
        dress = hexa(who.dress) + .01
        easel.fill(rounded(both([(.2, .2), (.2, .6), (.34, .75), (.34, .95)])), hexa(who.skin) * .7, .05)
        easel.fill(rounded([(-.3, .68), (.1, .66), (.5, .78), (1.0, 1.2), (1.2, 2.0), (1.2, 4), (-1.3, 4), (-1.2, 2),
                            (-1.1, 1.2),
                            (-.8, .85)]), dress, .16)
        easel.draw([(.1, .9), (.0, 1.6), (.1, 3)], .03, dress * .4, .6, .02)
        easel.draw([(-.75, 1.2), (-.55, 1.8), (-.75, 3)], .04, dress * .35, .7, .02)
        easel.fill(rounded(both([(0, .64), (.24, .58), (.3, .74), (0, .8)])), sitters.LINEN, .03)
    else:
        sitters.torso(easel, who, .5 * flip, long=True)
        sitters.arm(easel, who, [(.8, 1.1), (1.15, 1.75), (.75, 1.5)])
        easel.draw([(.5, 1.75), (1.0, 1.05)], [.025, .018], "#3a2616")
        easel.draw([(1.0, 1.05), (1.05, .97)], [.03, .012], "#c9a03c")
    board = [(-1.1, 2.25), (-.9, 1.85), (-.3, 1.75), (.25, 1.95), (.3, 2.2), (-.05, 2.3), (-.1, 2.45), (-.6, 2.5)]
    easel.fill(rounded([(a + .02, b + .09) for a, b in board]), "#2a1a0c", cover=.7)
    easel.fill(rounded(board), "#a8743c", .04)
    for i, colour in enumerate(("#f0e8d8", "#d8a82c", "#b83228", "#7a2a1c", "#2f4a8a", "#2f5a3a")):
        easel.fill(oval(-.88 + .19 * i, 2.12 - .16 * np.sin(i * .6 + .3), .085, .06), colour, .02)
    easel.fill(oval(.08, 2.18, .07, .04), "#1a120c")
    if not round_:
        sitters.arm(easel, who, [(-.8, 1.1), (-1.2, 1.85), (-.75, 2.25)])
    easel.at(x * flip, y, size, float(rng.uniform(-5, 5)))
    sitters.head(easel, who, -.95 * flip if round_ else float(rng.uniform(-.3, .7)) * flip)
    return easel.image


def _stage(rng, width, height, floor=.8) -> Easel:
    """A place for whole figures: the country, or a room with a floor."""
    left = bool(rng.uniform() < .6)
    if rng.uniform() < .55:
        return Easel(landscape(rng, width, height) * .9, left)
    size = max(width, height)
    ground = np.array(_crop(_wall(rng, size, DARK + ("#8a7a5a", "#6a7a72", "#9a8a6a", "#7a5a4a")), width, height))
    x, y = _grid(width, height)
    depth = 1 / (y - floor + .12)
    tiles = (np.floor((x - .5) * depth * 1.3) + np.floor(depth * .9)) % 2 if rng.uniform() < .4 else np.zeros_like(x)
    boards = hexa(rng.choice(["#8a6a48", "#7a6a58", "#6a4a34"])) * (1 - .4 * tiles)[..., None]
    lay(ground, boards, np.clip((y - floor) * height, 0, 1))
    easel = Easel(ground, left)
    if rng.uniform() < .35:
        _curtain(easel, rng)
    return easel


def figure(rng, width, height):
    easel = _stage(rng, width, height)
    size, y = float(rng.uniform(.74, .88)), float(rng.uniform(.93, .97))
    if rng.uniform() < .2:  # two who meet
        sitters.whole_figure(easel, rng, -.19, y, size * .86)
        sitters.whole_figure(easel, rng, .17, y + .01, size * .9)
    else:
        sitters.whole_figure(easel, rng, float(rng.uniform(-.06, .06)), y, size)
    return easel.image


def nude(rng, width, height):
    pose = "lying" if width > height else str(rng.choice(["standing", "sitting"]))
    easel = Easel(_crop(_wall(rng, max(width, height), DARK + ("#8a7a5a", "#7a8a80", "#9a8468")), width, height),
                  bool(rng.uniform() < .6))
    edge, cloth = width / height / 2, hexa(rng.choice(["#d8d0bc", "#7a2a2a", "#2f4a5a", "#5a6a3a", "#5a4a6a"]))
    if rng.uniform() < .6:
        _curtain(easel, rng)
    easel.at(0, 0, 1)
    if pose == "standing":
        easel.fill([(-edge, .88), (edge, .88), (edge, 1), (-edge, 1)], "#4a3826")
        easel.fill(oval(.03, .96, .25, .03), "#0c0a08", cover=.5, soft=.02)
        sitters.nude_study(easel, rng, pose, 0, .04, .92)
        easel.at(0, 0, 1, 0, int(rng.choice([-1, 1])))
        easel.fill(rounded([(.15, .45), (.3, .44), (.36, .5), (.34, .95), (.12, .95), (.16, .7)]), cloth, .04)
        for a in (.18, .23, .29):
            easel.draw([(a, .5), (a + .02, .7), (a, .92)], .008, cloth * .4, .6, .005)
        return easel.image
    top = .74 if pose == "sitting" else .56
    easel.fill(rounded([(-edge - .1, top + .02), (-.1, top - .02), (edge + .1, top + .02), (edge + .1, 1.2),
                        (-edge - .1, 1.2)]), cloth, .05)
    for i in range(7):
        a = -edge + (i + .5) * edge * 2 / 7
        easel.draw([(a, top + .1), (a + .05 * (-1) ** i, top + .25), (a, 1)], .012, cloth * .45, .6, .01)
    if pose == "sitting":
        sitters.nude_study(easel, rng, pose, 0, .02, .86)
    else:
        sitters.nude_study(easel, rng, pose, float(rng.uniform(-.06, -.02)), .56, edge * 1.42)
    return easel.image


SKIES = (("#8fb0cf", "#e8e2cc"), ("#7a8a98", "#cfc8b8"), ("#c98f6a", "#f0d9a8"), ("#5f88b5", "#dfe6e0"),
         ("#a8b0b0", "#e0d8c0"), ("#6a5f7a", "#e0a878"))


def _sky(rng, x, y, horizon):
    top, low = (hexa(c) for c in SKIES[rng.integers(len(SKIES))])
    sky = top + (low - top) * np.clip(y / horizon, 0, 1)[..., None] ** 1.2
    cloud = noise.look_up(noise.cloud(1.8), x * .35 + rng.uniform(), y * .8 + rng.uniform())
    lit = noise.look_up(noise.cloud(1.8), x * .35 + .02, y * .8 + .03)
    amount = np.clip(cloud * .6 + rng.uniform(-.3, .5), 0, 1)[..., None]
    return sky + (np.float32([.85, .82, .78]) * (.8 + .2 * lit[..., None]) - sky) * amount * .8


def _ridge(rng, x, rough):
    return noise.smooth(noise.cloud(1.8), x * rough + rng.uniform(), np.full_like(x, rng.uniform())) * .5


SEASONS = (("#5d7a34", "#6f7a34", "#4a6a34", "#7f8440", "#547040"), ("#5d6b3a", "#6f6a3a", "#4a5c3c", "#7f7440", "#54603f"),
           ("#b8a04a", "#9a8438", "#c8ac58", "#8a7a40", "#a8944c"), ("#dfe2e4", "#cfd6dc", "#e8e8e6", "#c4ccd4", "#d8dcde"),
           ("#7a5a34", "#8f6a38", "#6a5634", "#9a7a40", "#7a6a3c"))
"""Greens of early and late summer, harvest, snow and autumn."""


def landscape(rng, width, height):
    x, y = _grid(width, height)
    horizon = rng.uniform(.38, .6)
    image = _sky(rng, x, y, horizon)
    season = int(rng.choice([0, 0, 1, 1, 2, 3, 4]))
    greens = SEASONS[season]
    subject = str(rng.choice(["", "peaks", "mill", "bridge", "ruin", "lake", "fields"]))
    haze = image[int(height * horizon * .9), width // 2].copy()
    if subject in ("peaks", "lake"):
        _peaks(rng, image, horizon)
    for i, depth in enumerate((.0, .3, .6)):
        edge = horizon + .16 * depth - (.16 * (1 - depth)) * _ridge(rng, x, .25 + .3 * depth) * (1.4 if i == 0 else .6)
        colour = hexa(greens[rng.integers(len(greens))])
        colour = colour + (haze - colour) * (.7 * (1 - depth) ** 1.5)
        texture = 1 + .25 * noise.look_up(noise.cloud(1.2), x * .8 + i * .3, y * 1.6)
        lay(image, colour * texture[..., None], np.clip((y - edge) * height / 1.5, 0, 1))
    easel = Easel(image, bool(rng.uniform() < .5))
    image, wide = easel.image, width / height / 2
    if subject == "lake":
        top = horizon + .1
        shore = np.clip((y - top - .03 * _ridge(rng, x, .4)) * height / 2, 0,
                        1) * np.clip((.8 + .05 * _ridge(rng, x, .6) - y) * height / 2, 0, 1)
        mirror = image[np.clip((2 * top * height - np.arange(height)).astype(int), 0, height - 1)]
        lay(image, mirror * .85 + .02, shore)
        for _ in range(5):
            px, py = float(rng.uniform(-wide, wide)), float(rng.uniform(top + .04, .76))
            easel.draw([(px, py), (px + .12, py)], .004, "#c8d4d8", .6)
    elif subject == "fields":
        for i in range(9):
            low = (i - 4.5) * .5
            easel.fill([(low * .25, horizon + .12), ((low + .5) * .25, horizon + .12), ((low + .5) * 1.3, 1.05),
                        (low * 1.3, 1.05)],
                       hexa(greens[i % 5]) * (1.15 if i % 2 else .9), cover=.85)
    elif rng.uniform() < .55:
        middle = .5 + rng.uniform(-.2, .2) + .35 * (y - horizon) * np.sin(5 * y + rng.uniform(0, 6))
        broad = .015 + .35 * np.clip(y - horizon, 0, 1) ** 1.3
        water = np.clip((broad - np.abs(x - middle)) * width / 2, 0, 1) * (y > horizon + .08)
        tone = hexa("#8fa5b0" if rng.uniform() < .6 else "#b89a6a")
        ripple = 1 + .2 * noise.look_up(noise.cloud(1.4), x * .3, y * 2.5)
        lay(image, tone * ripple[..., None], water)
    side, foot = int(rng.choice([-1, 1])), horizon + float(rng.uniform(.1, .2))
    easel.at(side * wide * float(rng.uniform(.2, .6)), foot, float(rng.uniform(.28, .42)))
    if subject in LANDMARKS:
        _landmark(easel, LANDMARKS[subject])
    elif rng.uniform() < .55:
        _house(rng, image, rng.uniform(.15, .85), horizon + rng.uniform(.05, .14), rng.uniform(.08, .15))
    for _ in range(int(rng.integers(2, 8))):
        depth = rng.uniform(.02, .4)
        _tree(rng, image, x, y, rng.uniform(-.05, 1.05), horizon + depth, .1 + depth * rng.uniform(.6, 1.2), width / height,
              season)
    fore = np.clip((y - .86 - .05 * _ridge(rng, x, .5)) * 14, 0, 1)[..., None]
    return image * (1 - .55 * fore)


def _peaks(rng, image, horizon) -> None:
    """Mountains with snow on the side of the light."""
    easel = Easel(image, relief=0)
    wide, rock = easel.w / easel.h / 2, hexa(rng.choice(["#6a7488", "#7a7078", "#5a6a7a"]))
    for x in rng.permutation(np.linspace(-wide, wide, 5)):
        top, spread = horizon - float(rng.uniform(.12, .32)), float(rng.uniform(.25, .4))
        x, foot = float(x), horizon + .1
        easel.fill([(x, top), (x + .1, top + .1), (x + spread, foot), (x - spread, foot), (x - .08, top + .09)],
                   rock * rng.uniform(.8, 1.1))
        easel.fill([(x, top), (x + .1, top + .1), (x + spread, foot), (x + .05, foot), (x + .02, top + .12)], rock * .5)
        easel.fill([(x, top), (x + .05, top + .06), (x + .02, top + .05), (x - .01, top + .1), (x - .04, top + .07),
                    (x - .1, top + .13), (x - .08, top + .09)],
                   "#eef0f0")
    image[:] = easel.image


# Shapes about the foot of a landmark, 1 high: (outline, colour).
LANDMARKS = {
    "mill": [([(-.16, 0), (-.11, -.55), (.11, -.55), (.16, 0)], "#b8a488"), ([(.02, 0), (.03, -.55), (.11, -.55), (.16, 0)],
                                                                             "#7a6a54"),
             ([(-.13, -.54), (0, -.7), (.13, -.54)], "#5a3a28"), ([(-.04, 0), (-.04, -.14), (.04, -.14), (.04, 0)], "#2a1c14"),
             *(([(0, -.56), (c * .48 - s * .09, -.56 + s * .48 + c * .09), (c * .48, -.56 + s * .48),
                 (c * .1, -.56 + s * .1)], "#e0d6c0")
               for c, s in ((.8, -.6), (.6, .8), (-.8, .6), (-.6, -.8)))],
    "bridge": [([(-.9, .1), (-.9, -.16), (-.4, -.22), (0, -.26), (.4, -.22), (.9, -.16), (.9, .1)], "#9a8a74")]
    + [(oval(a, .06, .19, .2).tolist(), "#3a4a54") for a in (-.52, 0, .52)] + [([(-.9, .04), (.9, .04), (.9, .3), (-.9, .3)],
                                                                                "#7f98a4")],
    "ruin": [([(-.5, 0), (-.5, -.7), (-.42, -.66), (-.38, -.72), (-.34, 0)], "#a89a80"),
             ([(-.14, 0), (-.14, -.66), (.02, -.66), (.02, 0)], "#a89a80"),
             ([(.22, 0), (.22, -.62), (.36, -.56), (.38, 0)], "#8a7c66"), ([(-.54, -.66), (.06, -.66), (.06, -.78),
                                                                            (-.2, -.82), (-.54, -.76)], "#b8aa90"),
             ([(.4, 0), (.44, -.1), (.6, -.08), (.64, 0)], "#9a8c74")]}


def _landmark(easel, shapes) -> None:
    for points, colour in shapes:
        easel.fill(points, colour, .02)


def _tree(rng, image, x, y, at, foot, size, aspect, season=0):
    dx, dy = (x - at) * aspect, y - (foot - size * .62)
    lump = noise.look_up(noise.cloud(1.4), x * .9 + rng.uniform(), y * .9 + rng.uniform())
    slim = rng.choice([.9, .8, .35])
    crown = np.clip((1 - np.hypot(dx / (size * .42 * slim), dy / (size * .5)) + .22 * lump) * 5, 0, 1)
    trunk = ((np.abs(dx) < size * .035) & (y > foot - size * .5) & (y < foot)) * 1.0
    leaf = hexa(rng.choice({4: ["#a8642a", "#b8863a", "#8a3f24", "#6a5a2a"], 3: ["#5a5048", "#2f4038", "#6a625a"]}.get(
        season, ["#3f4a26", "#4f5a2c", "#2f3d2a", "#5a6a2a"])))
    light = np.clip(.75 - dx / size - dy / size + .3 * lump, .3, 1.6)[..., None]
    lay(image, hexa("#3a2a1c"), trunk)
    lay(image, leaf * light, crown)


def _polygons(image, shapes) -> None:
    """Paint flat polygons, in place: (points in 0..1, linear colour)."""
    h, w = image.shape[:2]
    for points, colour in shapes:
        stencil = Image.new("L", (w * 2, h * 2), 0)
        ImageDraw.Draw(stencil).polygon([(px * w * 2, py * h * 2) for px, py in points], 255)
        lay(image, colour, np.asarray(stencil.resize((w, h), Image.BOX), np.float32) / 255)


def _house(rng, image, at, foot, size):
    wall, roof = (hexa(rng.choice(colours)) for colours in (["#d8c8a8", "#b8a890", "#e0d4c0"],
                                                            ["#7a3f2a", "#5a4a42", "#8a5a3a"]))
    w, h = size, size * .7

    def at_house(*points, at=at):
        return [(at + x * w, foot - y * h) for x, y in points]

    shapes = [(at_house((-1, 0), (-1, 1), (.2, 1), (.2, 0)), wall),
              (at_house((.2, 0), (.2, 1), (.5, 1.6), (.8, 1), (.8, 0)), wall * .6),
              (at_house((-1.05, 1), (-.7, 1.6), (.5, 1.6), (.2, 1)), roof)]
    if rng.uniform() < .4:
        tower = at - w * 1.25
        shapes += [(at_house((-.28, 0), (-.28, 2.4), (.28, 2.4), (.28, 0), at=tower), wall * .8),
                   (at_house((-.36, 2.4), (0, 4), (.36, 2.4), at=tower), roof * .8)]
    _polygons(image, shapes)


def seascape(rng, width, height):
    x, y = _grid(width, height)
    horizon = rng.uniform(.45, .65)
    image = _sky(rng, x, y, horizon)
    deep = hexa(rng.choice(["#3f5f66", "#4a6478", "#5f6f5f", "#2f4a5a"]))
    near = np.clip((y - horizon) / (1 - horizon), 0, 1)
    swell = noise.smooth(noise.cloud(1.6), x * (.5 - .25 * near) + rng.uniform(), 1.6 * near ** .5 + rng.uniform())
    sea = deep * (1 + .25 * swell + .3 * (1 - near))[..., None] + np.clip(swell - 1.2, 0, 1)[..., None] * .6
    lay(image, sea, np.clip((y - horizon) * height, 0, 1))
    easel = Easel(image, bool(rng.uniform() < .5))
    wide, subject = width / height / 2, str(rng.choice(["", "", "great", "great", "lighthouse", "steamer", "beach", "storm"]))
    image = easel.image
    if subject == "storm":
        image *= np.float32([.5, .55, .6])
        for _ in range(22):
            u, v = rng.uniform(-wide, wide), horizon + (1 - horizon) * rng.uniform(.05, 1) ** 1.2
            easel.draw([(u, v), (u + .06 * (v - horizon + .3), v - .04 * v), (u + .2 * (v - horizon + .3), v)],
                       [.003, .012 * v, .002], "#b8c4c4", .8)
    if subject == "steamer":
        easel.at(float(rng.uniform(-.12, .12)), horizon + .1, .55)
        for i in range(5):
            easel.fill(oval(-.02 - .12 * i, -.46 - .04 * i, .05 + .025 * i, .035 + .02 * i), "#4a4644", cover=.75 - .1 * i,
                       soft=.02)
        for points, colour in (([(-.48, -.12), (.52, -.16), (.42, .04), (-.42, .04)], "#2a2624"),
                               ([(-.34, -.12), (.3, -.13), (.28, -.22), (-.3, -.22)], "#d8d0c0"),
                               ([(-.06, -.2), (-.05, -.44), (.05, -.44), (.06, -.2)], "#a8362a"),
                               ([(-.3, -.2), (-.3, -.5), (-.28, -.5), (-.28, -.2)], "#2a2624"),
                               ([(.28, -.2), (.28, -.48), (.3, -.48), (.3, -.2)], "#2a2624")):
            easel.fill(points, colour)
    elif subject == "great" or subject == "storm":
        _ship(rng, image, rng.uniform(.38, .62), horizon + rng.uniform(.14, .2), rng.uniform(.5, .64))
    for _ in range(int(rng.integers(1, 4)) if subject != "steamer" else 0):
        depth = rng.uniform(.02, .22)
        _ship(rng, image, rng.uniform(.2, .8), horizon + depth, .1 + (1.1 if subject != "great" else .5) * depth)
    if subject == "lighthouse":
        s = int(rng.choice([-1, 1]))
        easel.at(s * wide * .62, horizon + .06, .5, 0, s)
        easel.fill(rounded([(-.34, .1), (-.22, -.1), (.0, -.2), (.2, -.24), (.6, -.3), (.9, .3), (-.2, .3)]), "#5a5248", .08)
        easel.fill([(-.06, -.14), (-.045, -.62), (.045, -.62), (.06, -.14)], "#e4dccc", .03)
        for v in (-.28, -.46):
            easel.fill([(-.055, v), (-.05, v - .09), (.05, v - .09), (.055, v)], "#b03a2c", .03)
        easel.fill([(-.04, -.62), (-.04, -.7), (0, -.77), (.04, -.7), (.04, -.62)], "#3a3430")
        easel.fill([(-.028, -.63), (-.028, -.69), (.028, -.69), (.028, -.63)], "#f8e8a0")
    elif subject == "beach":
        easel.at(0, 0, 1, 0, int(rng.choice([-1, 1])))
        easel.fill(rounded([(-wide - .2, .8), (-.1, .86), (wide + .2, .96), (wide + .2, 1.2), (-wide - .2, 1.2)]), "#c8b083")
        easel.at(-.12 * wide, .88, .36, -4, int(rng.choice([-1, 1])))
        easel.fill(rounded([(-.5, -.16), (-.5, -.16), (0, -.1), (.52, -.2), (.52, -.2), (.34, .04), (-.36, .04)]),
                   str(rng.choice(["#2f5a6a", "#7a2f24", "#3a2a1c"])), .04)
        easel.draw([(0, -.1), (.03, -.95)], .014, "#3a2618")
        easel.fill([(.05, -.9), (.06, -.2), (.5, -.26)], str(rng.choice(["#c8743c", "#d8ccb0", "#8a3a2a"])), .04)
    if rng.uniform() < .3 and subject != "beach":
        rock = np.clip((y - .85 + .25 * np.clip(x - .6, 0, 1) - .06 * _ridge(rng, x, .8)) * 20, 0, 1)
        lay(image, hexa("#3a332c") * (1 + .3 * swell[..., None]), rock)
    return image


def _ship(rng, image, at, foot, size):
    hull, sail = hexa("#3a2618"), hexa(rng.choice(["#e0d4b4", "#c9b48a", "#b86a4a"]))
    lean, s = rng.uniform(-.05, .05), size * .75

    def rigged(*points, at=at):
        return [(at + x, foot - y) for x, y in points]

    shapes = [(rigged((-s * .52, s * .16), (s * .58, s * .2), (s * .42, -s * .03), (-s * .42, -s * .03)), hull)]
    for mast in np.linspace(-.3, .3, int(rng.integers(1, 4))):
        m, tall, belly = at + mast * s, s * (1.15 - abs(mast) * .7), s * .17
        top = rigged((0, tall * 1.08), (.008, tall * 1.08), at=m + lean * tall)
        shapes.append((rigged((-.006, s * .1), at=m) + top + rigged((.008, 0), at=m), hull))
        for low, high in ((.2, .58), (.62, .95)):
            corners = (-belly, low), (-belly * .75, high), (belly * .7, high), (belly * 1.1, low)
            shapes.append((rigged(*((x, tall * y) for x, y in corners), at=m), sail * (.75 + .4 * low)))
    _polygons(image, shapes)
    h, w = image.shape[:2]
    # Its reflection.
    image[min(int((foot + s * .03) * h), h - 1):min(int((foot + s * .3) * h), h),
          max(int((at - s * .5) * w), 0):max(int((at + s * .5) * w), 1)] *= .75


def still_life(rng, width, height):
    if height > width and rng.uniform() < .55:
        return flower_piece(rng, width, height)
    size = max(width, height)
    parts, materials = [patch(5, 2.4, thickness=.001).of(0)], [str(rng.choice(["walnut", "linen", "velvet", "oak"]))]

    def place(mesh, material, x, y, scale=1.0):
        materials.append(material)
        parts.append(mesh.of(len(materials) - 1).scaled(scale).moved(x, y))

    pots = [(vessels.jug, "earthenware"), (vessels.jug, "tin"), (vessels.bottle, "colored glass"),
            (vessels.vase, "porcelain"), (vessels.goblet, "silver"), (vessels.teapot, "copper"),
            (vessels.candlestick, "brass"), (vessels.jar, "stoneware")]
    for at in rng.permutation([-.55, .05, .6])[:int(rng.integers(2, 4))]:
        pot, material = pots[rng.integers(len(pots))]
        place(pot(rng, (material,)).mesh, material, at + rng.uniform(-.08, .08), rng.uniform(.1, .35), rng.uniform(.8, 1.1))
    if rng.uniform() < .6:
        place(vessels.bowl(rng, ("porcelain",)).mesh, "porcelain", -.15, -.3, .7)
    fruits = ["carnelian", "amber", "jade", "gold", "coral"]
    fruit = fruits[rng.integers(5)]
    for _ in range(int(rng.integers(3, 8))):
        place(ball(rng.uniform(.09, .13)).moved(z=.1), fruit if rng.uniform() < .6 else fruits[rng.integers(5)],
              rng.uniform(-.75, .75), rng.uniform(-.5, -.15))
    if rng.uniform() < .5:
        place(box(.5, .35, .09).turned("z", 25), "leather", .5, -.3)
    thing = Thing(join(parts), tuple(materials))
    focus = join(parts[1:]).points
    camera = look_at(focus, float(rng.uniform(-8, 8)), float(rng.uniform(8, 18)), size, .85, aim=(.5, .56))
    image = photograph(thing, _light(rng, .25), _wall(rng, size, DARK), camera, rng, standing=False)
    return _crop(image, width, height)


def flower_piece(rng, width, height):
    """A bunch of flowers in a vase on a ledge, with fruit, a shell or a butterfly below."""
    easel = Easel(_crop(_wall(rng, max(width, height), DARK + ("#8a8474",)), width, height), bool(rng.uniform() < .6))
    edge, top = width / height / 2, .84
    ledge = hexa(rng.choice(["#6a4a30", "#8a8074", "#4a3626"]))
    easel.fill([(-edge, top), (edge, top), (edge, 1), (-edge, 1)], ledge)
    easel.fill([(-edge, top), (edge, top), (edge, top + .015), (-edge, top + .015)], ledge * 1.4)
    for _ in range(14):
        a, r = rng.uniform(-np.pi, 0), rng.uniform(.12, .3)
        tip = (r * 1.05 * np.cos(a), .42 + r * np.sin(a) * 1.1)
        easel.draw([(0, .6), (tip[0] * .4, .5), tip], [.008, .006, .004], "#3a5a28")
        easel.draw([tip, (tip[0] + .04, tip[1] + .03)], [.026, .004], "#4a6a30")
    for a, r in sorted(zip(rng.uniform(-np.pi * 1.12, np.pi * .12, 17), rng.uniform(.02, .31, 17)),
                       key=lambda flower: -flower[1]):
        x, y, size = r * np.cos(a), .42 + r * np.sin(a) * 1.05, float(rng.uniform(.04, .075))
        paint = hexa(rng.choice(["#c8404a", "#e8d8c8", "#e0a03a", "#d87a94", "#6a5aa8", "#e86a3a", "#f0e0a0"]))
        form = rng.integers(3)
        if form == 0:  # a rose
            for share, tone in ((1, .75), (.72, 1), (.45, .8), (.2, 1.1)):
                easel.fill(oval(x + size * .1 * (1 - share), y - size * .15 * (1 - share), size * share), paint * tone, .02)
        elif form == 1:  # a daisy
            for b in np.arange(7) * 2 * np.pi / 7:
                easel.fill(oval(x + size * .6 * np.cos(b), y + size * .6 * np.sin(b), size * .42, size * .22, np.degrees(b)),
                           paint, .01)
            easel.fill(oval(x, y, size * .28), "#c8902c", .01)
        else:  # a tulip
            lean = float(np.degrees(a)) + 90
            easel.at(x, y, size * 1.3, lean)
            easel.fill(rounded([(-.5, -.7), (-.5, -.7), (-.25, -.4), (0, -.8), (0, -.8), (.25, -.4), (.5, -.7), (.5, -.7),
                                (.5, .3), (0, .6), (-.5, .3)]), paint, .25)
            easel.at(0, 0, 1)
    vase, body = hexa(rng.choice(["#8a9aa8", "#d8d4c8", "#3a5a8a", "#8a5030", "#5a7a5a"])), VASES[rng.integers(len(VASES))]
    easel.fill(oval(.08, .885, .2, .022), "#0c0a08", cover=.5, soft=.02)
    easel.fill(rounded(both([(x, y + .55) for x, y in body])), vase, .06)
    for x in rng.uniform(-edge * .8, edge * .8, int(rng.integers(1, 4))):
        if abs(x) > .12:
            easel.fill(oval(x, .875, .045), str(rng.choice(["#b8402c", "#d8a03a", "#6a7a34"])), .03)
    return easel.image


VASES = (((0, 0), (.06, 0), (.05, .06), (.11, .16), (.08, .32), (0, .33)), ((0, 0), (.09, 0), (.06, .08), (.07, .2),
                                                                            (.08, .32), (.08, .32), (0, .33)),
         ((0, 0), (.05, 0), (.05, .1), (.13, .22), (.09, .32), (0, .33)), ((0, .02), (.13, .02), (.14, .1), (.05, .24),
                                                                           (.09, .33), (0, .33)))


SCENES = {"portrait": portrait, "self-portrait": self_portrait, "figure": figure, "nude": nude, "landscape": landscape,
          "seascape": seascape, "still life": still_life}
