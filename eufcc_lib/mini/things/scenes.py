"""What pictures show: portrait, self-portrait, figure, nude, landscape, seascape, still life.

Each scene is composed once as a small image in linear RGB; `techniques.py` then paints,
engraves or weaves it. People and still lifes are the museum's own solids under a studio
light; land and sea are layers of noise behind one another.
"""

from functools import partial

import numpy as np
from PIL import Image, ImageDraw

from ..render import noise
from ..render.light import Light
from ..render.materials import hexa
from ..render.raster import look_at
from ..render.solids import ball, box, join, loft, patch, plate, sweep, turn
from ..render.studio import Thing, photograph
from . import people, vessels
from .decor import lay

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
CLOTHES = ("velvet", "silk", "wool", "damask", "linen")


def _light(rng, softness=.35):
    return Light(float(rng.choice([-55, 50]) + rng.uniform(-10, 10)), float(rng.uniform(30, 50)), softness, key=1.15,
                 fill=.2, colour=(1.0, .92, .8), table=(.12, .1, .08))


def sitter(rng):
    """Head, hair and shoulders as a mesh; slots: 0 skin, 1 hair, 2 coat, 3 white of eye and linen, 4 iris."""
    turned = float(rng.choice([-1, 1]) * rng.uniform(8, 38))
    beard = rng.uniform() < .3
    parts = [people.head(rng, beard=float(beard)).of(0)]
    style = rng.choice(["short", "bun", "long", "curls", "cap", "short"])
    parts += [m.of(1 if style != "cap" or i == 0 else 3) for i, m in enumerate(people.hair(rng, style))]
    for s in (-1, 1):
        parts.append(ball(.026, 12).scaled(1.15, .5, .55).moved(s * .063, -.158, .257).of(3))
        parts.append(ball(.0135, 10).scaled(1, .5, 1).moved(s * .062, -.168, .257).of(4))
        brow = [(s * .028, -.192, .29), (s * .07, -.18, .3), (s * .112, -.145, .288)]
        parts.append(sweep(brow, .009, sections=6, samples=8).of(1))
    if beard:
        parts.append(loft([(-.08, .03, .03, 0, -.13), (-.02, .08, .075, 0, -.1), (.05, .105, .125, 0, -.068),
                           (.095, .124, .14, 0, -.045), (.15, .138, .12, 0, -.01), (.2, .15, .1, 0, 0)],
                          sections=24).of(1))
    parts = [m.turned("z", turned) for m in parts]
    body = [people.neck().of(0), people.shoulders(.05).of(2)]
    collar = rng.uniform()
    if collar < .35:
        body.append(turn([(.1, -.12), (.25, -.16), (.27, -.13), (.13, -.06)], lobes=(18, .05)).of(3))
    elif collar < .6:
        body.append(loft([(-.17, .22, .15, 0, .01), (-.05, .118, .12, 0, .012)], ends=False).of(3))
    parts += [m.moved(z=.04).turned("z", turned * .4) for m in body]
    if rng.uniform() < .2:
        hat = turn([(0, .17), (.13, .15), (.172, .0), (.172, .0), (.28, -.01), (.28, -.03), (.1, -.03)])
        parts.append(hat.scaled(1, 1.15, 1).moved(0, .03, .42).turned("z", turned).of(2))
    return join(parts)


def portrait(rng, width, height, with_palette=False):
    size = max(width, height)
    parts = [sitter(rng)]
    materials = ("skin", "hair", str(rng.choice(CLOTHES)), "linen", "jet")
    if with_palette:
        angle = np.linspace(0, 2 * np.pi, 25)[:-1]
        board = plate(np.stack([.2 * np.cos(angle), .14 * np.sin(angle)], 1), .012).of(5)
        dabs = [ball(.032, 8).scaled(1, 1, .5).moved(.14 * np.cos(a), .09 * np.sin(a), .02).of(6 + i % 3)
                for i, a in enumerate(np.linspace(0, 4.5, 6))]
        side = rng.choice([-1, 1])
        parts.append(sweep([(side * -.26, -.36, -.5), (side * -.16, -.4, -.02)], .011).of(5))
        parts.append(sweep([(side * -.16, -.4, -.02), (side * -.15, -.41, .05)], [.014, .004]).of(1))
        parts += [m.turned("x", 55).moved(side * .2, -.34, -.36) for m in [board] + dabs]
        materials += ("boxwood", "coral", "turquoise", "gold")
    thing = Thing(join(parts), materials)
    shown = thing.mesh.points[thing.mesh.points[:, 2] > (-.55 if with_palette else -.42)]
    camera = look_at(shown, 0, 3, size, float(rng.uniform(.78, .95)), aim=(.5 + rng.uniform(-.05, .05), .53))
    image = photograph(thing, _light(rng), _wall(rng, size, DARK), camera, rng, standing=False)
    return _crop(image, width, height)


def figure(rng, width, height, dress=True):
    size = max(width, height)
    pose = rng.choice(people.POSES if dress else ["stand", "raise", "sit"])
    mesh = join(people.person(rng, pose, dress=dress))
    parts = [mesh.turned("z", (0 if dress else 180) + float(rng.uniform(-35, 35)))]
    materials = ("skin", "hair", str(rng.choice(CLOTHES)), "linen", "walnut")
    if pose == "sit":
        parts.append(box(.3, .26, .34).of(4))
    if not dress:
        parts.append(loft([(0, .19, .14), (.16, .14, .1), (.3, .115, .085), (.4, .10, .075)],
                          push=lambda a, s: 1 + .1 * np.sin(8 * a + 5 * s), sections=40).of(3))
    thing = Thing(join(parts), materials)
    if rng.uniform() < .5:
        ground = landscape(rng, size, size) * .75
    else:
        ground = _wall(rng, size, DARK + ("#8a7a5a", "#5a6a5a"))
        ground[int(size * .8):] *= np.float32([1.25, 1.15, 1.0])
    camera = look_at(thing.mesh.points, 0, 6, size, float(rng.uniform(.8, .95)), aim=(.5 + rng.uniform(-.06, .06), .52))
    return _crop(photograph(thing, _light(rng), ground, camera, rng), width, height)


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


def landscape(rng, width, height):
    x, y = _grid(width, height)
    horizon = rng.uniform(.38, .6)
    image = _sky(rng, x, y, horizon)
    greens = ("#5d6b3a", "#6f6a3a", "#4a5c3c", "#7f7440", "#54603f")
    for i, depth in enumerate((.0, .3, .6)):
        edge = horizon + .16 * depth - (.16 * (1 - depth)) * _ridge(rng, x, .25 + .3 * depth) * (1.4 if i == 0 else .6)
        colour = hexa(greens[rng.integers(len(greens))])
        haze = image[int(height * horizon * .9), width // 2]
        colour = colour + (haze - colour) * (.7 * (1 - depth) ** 1.5)
        texture = 1 + .25 * noise.look_up(noise.cloud(1.2), x * .8 + i * .3, y * 1.6)
        lay(image, colour * texture[..., None], np.clip((y - edge) * height / 1.5, 0, 1))
    if rng.uniform() < .55:
        middle = .5 + rng.uniform(-.2, .2) + .35 * (y - horizon) * np.sin(5 * y + rng.uniform(0, 6))
        wide = .015 + .35 * np.clip(y - horizon, 0, 1) ** 1.3
        water = np.clip((wide - np.abs(x - middle)) * width / 2, 0, 1) * (y > horizon + .08)
        tone = hexa("#8fa5b0" if rng.uniform() < .6 else "#b89a6a")
        ripple = 1 + .2 * noise.look_up(noise.cloud(1.4), x * .3, y * 2.5)
        lay(image, tone * ripple[..., None], water)
    if rng.uniform() < .55:
        _house(rng, image, rng.uniform(.15, .85), horizon + rng.uniform(.05, .14), rng.uniform(.08, .15))
    for _ in range(int(rng.integers(3, 9))):
        depth = rng.uniform(.02, .4)
        _tree(rng, image, x, y, rng.uniform(-.05, 1.05), horizon + depth, .1 + depth * rng.uniform(.6, 1.2), width / height)
    fore = np.clip((y - .86 - .05 * _ridge(rng, x, .5)) * 14, 0, 1)[..., None]
    return image * (1 - .55 * fore)


def _tree(rng, image, x, y, at, foot, size, aspect):
    dx, dy = (x - at) * aspect, y - (foot - size * .62)
    lump = noise.look_up(noise.cloud(1.4), x * .9 + rng.uniform(), y * .9 + rng.uniform())
    slim = rng.choice([.9, .8, .35])
    crown = np.clip((1 - np.hypot(dx / (size * .42 * slim), dy / (size * .5)) + .22 * lump) * 5, 0, 1)
    trunk = ((np.abs(dx) < size * .035) & (y > foot - size * .5) & (y < foot)) * 1.0
    leaf = hexa(rng.choice(["#3f4a26", "#4f5a2c", "#2f3d2a", "#6a5a2a"]))
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
    for _ in range(int(rng.integers(1, 4))):
        depth = rng.uniform(.02, .22)
        _ship(rng, image, rng.uniform(.2, .8), horizon + depth, .1 + 1.1 * depth)
    if rng.uniform() < .3:
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


SCENES = {"portrait": portrait, "self-portrait": partial(portrait, with_palette=True), "figure": figure,
          "nude": partial(figure, dress=False), "landscape": landscape, "seascape": seascape, "still life": still_life}
