"""Low relief: coins, medals, carved slabs and capitals, tiles; heads and beasts struck, cast or cut.

The relief of a head is the depth buffer of the sculptor's head seen from the side.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from ..kinds import kind
from ..render.materials import hexa
from ..render.raster import look_at, rasterise
from ..render.solids import Mesh, ball, box, join, loft, patch, plate, sheet, sweep, turn
from ..render.studio import Skin, Thing
from . import decor, people
from .pictures import lettering


def depth_of(mesh: Mesh, azimuth: float, size: int, fill: float = .8, elevation: float = 2.0) -> np.ndarray:
    """A solid pressed flat: height 0..1 (size, size) as seen from that side."""
    camera = look_at(mesh.points, azimuth, elevation, size, fill, distance=30.0)
    _, near = rasterise(camera.project(mesh.points), mesh.faces, size)
    covered = near > 0
    low, high = near[covered].min(), near.max()
    return np.where(covered, .25 + .75 * (np.maximum(near - low, 0) / max(high - low, 1e-6)) ** .7, 0).astype(np.float32)


def profile_head(rng, size: int = 96) -> np.ndarray:
    """A head in profile with its shoulders, as on a coin."""
    style = rng.choice(["short", "bun", "curls", "short"])
    parts = [people.head(rng, beard=float(rng.uniform() < .3), sections=44, samples=36)] + people.hair(rng, style)
    if rng.uniform() < .4:
        parts.append(turn([(.19, 0), (.2, .03), (.19, .06)], lobes=(9, .06)).moved(0, .02, .36))
    neck = loft([(-.22, .16, .12), (-.1, .1, .1), (.1, .1, .1)])
    return depth_of(join(parts + [neck]), float(rng.choice([-84, 84])), size, .74)


def round_text(rng, size: int, radius: float, height: int = 9) -> np.ndarray:
    """Lettering that runs round the edge of a coin, mask (size, size)."""
    band = lettering(rng, int(2 * np.pi * radius * size / 2), height)
    x, y, r, _ = decor.plane(size)
    a = np.arctan2(x, -y) / (2 * np.pi) + .5
    row = ((radius - r) * size / 2 + height / 2).astype(int)
    inside = (row >= 0) & (row < height) & (a > .04) & (a < .96)
    column = np.clip((a * band.shape[1]).astype(int), 0, band.shape[1] - 1)
    return np.where(inside, band[np.clip(row, 0, height - 1), column], 0).astype(np.float32)


def device(rng, size: int) -> np.ndarray:
    """What the reverse shows: a figure, a ship, a shield, a wreath, a cross, a flower."""
    x, y, r, a = decor.plane(size)
    pick = rng.integers(5)
    if pick == 0:
        return depth_of(join(people.person(rng, rng.choice(people.POSES))), float(rng.uniform(-40, 40)), size, .8)
    if pick == 1:
        near, far = np.minimum(np.abs(x), np.abs(y)), np.maximum(np.abs(x), np.abs(y))
        return np.float32((near < .09 + .16 * far) & (far < .62)) * .8
    if pick == 2:
        narrow = np.sqrt(np.clip(1 - ((y + .1) / .75) ** 3 * (y > -.1), 0, 1))
        bars = np.sin((y if rng.uniform() < .5 else x) * 16) > 0
        return np.float32((np.abs(x) < .42 * narrow) & (y > -.5) & (y < .62)) * (.5 + .4 * bars)
    if pick == 3:
        leaves = (np.abs(r - .55) < .1 + .05 * np.cos(18 * a)) & (np.abs(a - np.pi / 2) > .12)
        return np.float32(leaves) * .8 + .6 * np.float32((np.abs(x) < .3) & (np.abs(np.abs(y) - .12) < .05))
    image, pen = decor.canvas(size, size)
    s = size
    pen.polygon([(.2 * s, .6 * s), (.8 * s, .58 * s), (.7 * s, .74 * s), (.3 * s, .74 * s)], 220)
    for m in (.38, .55, .68):
        pen.line([(m * s, .2 * s), (m * s, .6 * s)], 160, 2)
        pen.polygon([(m * s, .24 * s), ((m + .12) * s, .4 * s), (m * s, .55 * s)], 200)
    for level in (.79, .84):
        pen.line([(.2 * s + i, level * s + 2 * np.sin(i * .5)) for i in range(int(.6 * s))], 180, 2)
    return gaussian_filter(decor.mask(image), .6)


def struck(rng, size: int, face: str) -> np.ndarray:
    """The whole face of a coin or medal, height 0..1."""
    _, _, r, a = decor.plane(size)
    field = profile_head(rng, size) if face == "head" else device(rng, size)
    field = np.roll(field, int(size * rng.uniform(-.02, .02)), 1) * (r < .76)
    text = .55 * round_text(rng, size, .83, int(rng.integers(8, 12)))
    edge = (np.abs(r - .955) < .028) & (np.cos(64 * a) > -.2) if rng.uniform() < .6 else np.abs(r - .95) < .03
    return gaussian_filter(np.maximum(np.maximum(field, text), .5 * edge), .7).astype(np.float32)


@kind("coin", "numismatics", "silver 5, bronze 4, gold 3, copper 2", 2.4, "numismatics")
def coin(rng, made):
    a = np.linspace(0, 2 * np.pi, 73)[:-1]
    uneven = rng.choice([0, 0, .02, .045])
    r = 1 + uneven * (np.sin(2 * a + rng.uniform(0, 6)) + .6 * np.sin(5 * a + rng.uniform(0, 6)))
    faces = ["head", "device"] if rng.uniform() < .35 else [rng.choice(["head", "head", "device"])]
    outline = np.stack([r * np.cos(a), r * np.sin(a)], 1) * .5
    parts, skins = [], {}
    for i, face in enumerate(faces):
        disc = plate(outline, .05, .07, centre=(0, 0)).turned("z", float(rng.normal(0, 7)))
        parts.append(disc.moved((i - (len(faces) - 1) / 2) * 1.14).of(i))
        height = struck(rng, 112, face) * rng.uniform(.6, 1.0)
        dx, dy = .02 * rng.normal(size=2)
        skins[i] = Skin((-.5 + dx, .5 + dx, -.5 + dy, .5 + dy), height=height, depth=.055)
    return Thing(join(parts), made * len(faces), skins, azimuth=0, elevation=(66, 90), roll=12,
                 fill=.78 if len(faces) == 1 else .92)


@kind("commemorative medal", "numismatics", "bronze 5, silver 3, gold 1, lead 1, tin 1", 1.1, "numismatics")
def medal(rng, made):
    body = turn([(.5, 0), (.5, .07), (.48, .085), (.46, .07), (.46, .07), (0, .07)], sections=72, flat=True)
    parts = [body]
    hangs = rng.uniform() < .45
    if hangs:
        parts += [sweep([(0, .49, .04), (0, .56, .04)], .03, samples=4), box(.32, .02, .02).moved(0, .6, .02),
                  patch(.3, .55, lambda x, y: .01 + .012 * np.sin(9 * y), 12, .02).moved(0, .88).of(1)]
        made += ("silk",)
    face = struck(rng, 128, str(rng.choice(["head", "head", "device"])))
    skins = {0: Skin((-.5, .5, -.5, .5), height=face, depth=.07)}
    if hangs:
        dyes = rng.choice(["#a8281f", "#27408a", "#e8e0d0", "#2f6a44", "#d9a93a"], 2, replace=False)
        middle = np.abs(np.linspace(0, 1, 32) - .5) < rng.uniform(.1, .3)
        stripes = np.where(middle[:, None], *(hexa(dye) for dye in dyes))
        skins[1] = Skin((-.15, .15, -.3, .3), np.tile(stripes, (4, 1, 1)))
    return Thing(join(parts), made, skins, azimuth=0, elevation=(66, 90), roll=8)


def chipped(rng, slab: Mesh, reach: float, step: float, drop: float) -> Mesh:
    """A slab with one corner broken off."""
    corner = rng.choice([-1, 1], 2)
    away = np.float32([*(corner * step), drop])
    return slab.bent(lambda p: np.where(((p[:, :2] * corner).sum(axis=1) > reach)[:, None], p - away, p))


@kind("relief", "art_of_sculpture",
      "marble 3, limestone 4, sandstone 2, alabaster 1, oak 1, plaster 1, slate 1", .9, "fine arts", "figure, portrait")
def relief(rng, made, scene):
    w, h = rng.uniform(.75, 1.1), rng.uniform(.85, 1.1)
    size = 144
    if scene == "portrait":
        field = profile_head(rng, size)
    else:
        count = int(rng.integers(1, 4))
        field = np.zeros((size, size), np.float32)
        for i in range(count):
            figure = join(people.person(rng, rng.choice(people.POSES), slim=1.15))
            one = depth_of(figure, float(rng.uniform(-60, 60)), size, .84)
            field = np.maximum(field, np.roll(one, int((i - (count - 1) / 2) * size * .3), 1))
    x, y, far, _ = decor.plane(size)
    frames = {"square": np.maximum(np.abs(x), np.abs(y)) > .9, "round": (far > .88) & (far < 1),
              "niche": (np.hypot(x, np.minimum(y + .1, 0)) > .86) | (y > .92)}
    frame = frames[str(rng.choice(["square", "square", "niche", "round" if scene == "portrait" else "niche"]))]
    field = gaussian_filter(np.maximum(field, .7 * np.float32(frame)), .8)
    face = patch(w, h, None, 64, .1)
    mesh = chipped(rng, face, .55, .12, .02) if rng.uniform() < .3 else join([face, box(w, h, .09)])
    return Thing(mesh, made, {0: Skin((-w / 2, w / 2, -h / 2, h / 2), height=field, depth=.11)}, azimuth=0,
                 elevation=(72, 90), roll=3, fill=.86)


@kind("capital", "art_of_sculpture", "limestone 4, marble 3, sandstone 2", .6, "architecture")
def capital(rng, made):
    tiers, n = int(rng.integers(1, 3)), int(rng.choice([8, 12, 16]))
    core = turn([(0, 0), (.28, 0), (.31, .04), (.28, .08), (.28, .08), (.3, .35), (.42, .62), (0, .64)])
    abacus = join([box(.95, .95, .09, .02).moved(z=.66), box(.85, .85, .05).moved(z=.62)])
    parts = [core, abacus]
    for tier in range(tiers):
        top, out = .36 + .22 * tier, .32 + .06 * tier
        for i in range(n):
            a = 2 * np.pi * (i + .5 * tier) / n
            path = [(r * np.cos(a), r * np.sin(a), z) for r, z in ((out, .08), (out + .02, top * .7), (out + .1, top),
                                                                   (out + .15, top - .06))]
            parts.append(sweep(path, [.06, .075, .055, .02], flat=.5, samples=12, sections=8))
    t = np.linspace(0, 7, 16)
    r, z = .32 + .1 * np.cos(t) * (1 - t / 9), .56 + .09 * np.sin(t) * (1 - t / 9)
    parts += [sweep(np.stack([x * r, y * r, z], 1), .03, samples=30, sections=8) for x in (-1, 1) for y in (-1, 1)]
    return Thing(join(parts), made, azimuth=45, elevation=(4, 22))


def mummy(rng, made):
    """A coffin in the shape of a wrapped body on its back: wig, collar, crossed arms and bands of writing."""
    shell = loft([(0, .16, .2, 0, -.04), (.05, .175, .21, 0, -.04), (.13, .17, .19, 0, -.03), (.2, .155, .13), (.55, .21, .155),
                  (.92, .29, .18),
                  (1.06, .3, .17), (1.14, .26, .15), (1.2, .17, .13), (1.3, .17, .14), (1.4, .12, .1), (1.44, .0, .0)],
                 square=2.5, sections=48, samples=48)
    face = people.head(None, sections=40, samples=32).scaled(.54).moved(0, -.125, 1.145).of(2)
    wig = loft([(1.08, .22, .12, 0, .02), (1.16, .21, .13, 0, .02), (1.3, .2, .14, 0, .01), (1.41, .16, .15, 0, -.03),
                (1.47, .08, .08, 0, -.04),
                (1.48, 0, 0, 0, -.04)],
               square=2.4, sections=40, push=lambda a, s: 1 + .012 * np.sin(90 * s))
    dressed = [wig] + [sweep([(s * .165, -.08, 1.3), (s * .165, -.14, 1.12), (s * .125, -.185, .9)], [.05, .055, .055], flat=.5,
                             samples=16)
                       for s in (-1, 1)]
    parts, arms = [shell, face], []
    if rng.uniform() < .6:
        for s in (-1, 1):
            arms.append(sweep([(s * .27, -.08, .98), (s * .24, -.17, .8), (s * .05, -.2, .84), (-s * .09, -.205, .93)],
                              [.05, .05, .042, .03], samples=20).of(2))
            arms.append(ball(.045, 12).scaled(1, .8, 1.1).moved(-s * .11, -.21, .95).of(2))
            arms.append(sweep([(-s * .09, -.24, .82), (-s * .14, -.235, 1.08)], .014, samples=4).of(1))
    if rng.uniform() < .5:
        dressed.append(sweep([(0, -.22, 1.16), (0, -.23, 1.0)], [.02, .03], samples=4))
    parts += arms + [m.of(1) for m in dressed]
    w, h = 240, 200
    around, along = shell.uv[:, 0].max(), shell.uv[:, 1].max()
    colour, cover = np.tile(hexa(rng.choice(["#d9b878", "#b9882f", "#e6dcc4", "#37332f"])),
                            (h, w, 1)), np.zeros((h, w), np.float32)
    inks = [hexa(ink) for ink in rng.permutation(["#a23a24", "#23527a", "#2f6f58", "#c9952f"])]
    for i, (level, tall) in enumerate(((.3, .05), (.36, .04), (.41, .03), (.52, .05), (.66, .05), (.8, .05), (.93, .07))):
        rows = slice(int(level * h), int((level + tall) * h))
        strip = decor.border(rng, w, rows.stop - rows.start)
        colour[rows] = inks[i % 4]
        decor.lay(colour[rows], hexa("#efe0b0"), strip)
        cover[rows] = .35 + .65 * strip
    middle = slice(int(.715 * w), int(.785 * w))
    signs = gaussian_filter(np.float32(rng.uniform(size=(int(.44 * h), middle.stop - middle.start)) > .62), .6) > .4
    colour[int(.5 * h):int(.94 * h), middle] = np.where(signs[..., None], inks[1] * .4, hexa("#e9d7a4"))
    cover[int(.5 * h):int(.94 * h), middle] = .4 + .6 * signs
    if made[0] == "oak":
        parts += [ball(.02, 12).scaled(1.2, .5, .6).moved(s * .034, -.208, 1.284).of(3) for s in (-1, 1)]
        whole = np.full((1, 1), .92, np.float32)
        skins = {0: Skin((0, around, 0, along), colour, whole),
                 2: Skin((-9, 9, -9, 9), decor.plain(rng, "#c98a4a #d9a93a #b8703f"), whole)}
        stripes = np.repeat(np.stack([inks[1], hexa("#d9a93a")])[np.arange(40) % 2][:, None], 4, axis=1)
        skins[1] = Skin((0, 9, 0, 2), stripes, whole)
    else:
        skins = {0: Skin((0, around, 0, along), height=cover, depth=.02)}
    return Thing(join(parts).turned("x", -90).grounded(), made * 3 + ("jet",), skins, azimuth=50, elevation=(34, 72), fill=.88)


def chest_front(rng, form: str, wide: float, tall: float) -> np.ndarray:
    """The relief on the long side of a chest: wavy flutes, garlands, or figures under arches; height 0..1."""
    h, w = 96, int(96 * wide / tall)
    y, x = np.mgrid[-1:1:h * 1j, -1:1:w * 1j]
    field, panel = np.zeros((h, w), np.float32), np.abs(x) < .17
    if form == "strigil":
        field = .5 * np.abs(np.sin(np.abs(x) * 26 + 1.5 * np.sin(1.7 * y))) * (np.abs(x) < .93)
        device = depth_of(join(people.person(rng, str(rng.choice(["pray", "orate", "stand"])), True)), 0, h,
                          .84)[:, h // 4:-(h // 4)]
        field[:, panel.any(axis=0)] = .15
        field[:, w // 2 - h // 4:w // 2 - h // 4 + device.shape[1]] = np.maximum(device, .15)
    elif form == "garland":
        n = int(rng.integers(2, 5))
        local = (x * n / 2) % 1.0 - .5 if n % 2 == 0 else (x * n / 2 + .5) % 1.0 - .5
        drop = -.35 + .85 * np.cos(np.pi * local)
        rope = np.clip(1 - ((y - drop) / (.2 * np.cos(np.pi * local) + .08)) ** 2, 0, 1)
        heads = np.clip(1 - ((local / .12) ** 2 + ((y + .35) / .26) ** 2), 0, 1) ** .5
        posts = np.clip(1 - (((np.abs(local) - .5) / .1) ** 2 + ((y + .3) / .3) ** 2), 0, 1) ** .5
        field = np.maximum.reduce([rope * (.8 + .2 * np.sin(60 * x) * np.sin(14 * y)), heads, posts])
    else:
        figures = [depth_of(join(people.person(rng, str(rng.choice(people.POSES)), True)), float(rng.uniform(-40, 40)), h, .8)
                   for _ in range(3)]
        n = int(rng.integers(4, 7))
        for i in range(n):
            left = int((i + .5) * w / n - h / 2)
            one = figures[i % 3][:, max(0, -left):h - max(0, left + h - w)]
            part = field[:, max(0, left):max(0, left) + one.shape[1]]
            np.maximum(part, one, out=part)
        if rng.uniform() < .5:
            field = np.maximum(field, .5 * (np.abs(((x + 1) * n / 2) % 1 - .5) > .43))
    frame = (np.abs(y) > .9) | (np.abs(x) > .97)
    return gaussian_filter(np.maximum(field, .6 * frame), .8).astype(np.float32)


@kind("sarcophagus", "art_of_sculpture", "limestone 3, marble 3, granite 1, basalt 1, oak 1", .5, "archaeology")
def sarcophagus(rng, made):
    form = str(rng.choice(["mummy", "strigil", "garland", "figures", "temple", "tomb"], p=(.4, .13, .12, .13, .1, .12)))
    if form == "mummy":
        return mummy(rng, made)
    wide, deep, tall = 1.36, .56, float(rng.uniform(.4, .56))
    parts = [box(wide, deep, tall).moved(z=.06), box(wide + .1, deep + .09, .07),
             box(wide + .08, deep + .08, .07).moved(z=tall + .06)]
    skins, top = {}, tall + .13
    if form == "temple":
        column = turn([(.035, 0), (.03, .02), (.026, tall - .07), (.035, tall - .04), (.04, tall)], sections=12)
        parts += [column.moved(-.56 + .28 * i, -.295, .07) for i in range(5)]
        for i in range(4):
            figure = join(people.person(rng, str(rng.choice(["stand", "pray", "orate"])),
                                        True)).scaled(.8 * tall, .5 * tall, .8 * tall)
            parts.append(figure.moved(-.42 + .28 * i, -.29, .09).of(0))
    else:
        front = "figures" if form == "tomb" else form
        parts.append(patch(wide, tall, None, 24, .012).turned("x", 90).moved(0, -deep / 2, tall / 2 + .06).of(1))
        skins[1] = Skin((-wide / 2, wide / 2, -tall / 2, tall / 2), height=chest_front(rng, front, wide, tall), depth=.08)
    lid = "effigy" if form == "tomb" else str(rng.choice(["gable", "gable", "slab", "barrel", "none"]))
    if lid == "effigy":
        figure = join(people.person(rng, "pray", True, 1.1, "robe")).turned("x", -90).turned("z", -90).moved(-.56, 0, .1)
        cushion = ball(.12).scaled(1, 1.3, .45).moved(.4, 0, .04)
        parts += [m.moved(z=top) for m in (figure.scaled(1.05, 1.15, 1).of(0), cushion, box(.06, .2, .12).moved(-.58))]
    elif lid == "gable":
        roof = np.array([[(x, y, z) for x in (-.71, .71)] for y, z in ((-.32, top), (0, top + .18), (0, top + .18), (.32, top))])
        parts += [sheet(roof)] + [sheet(np.stack([roof[[0, 3], side], roof[[1, 1], side]])) for side in (0, 1)]
        parts += [ball(.06, 14).scaled(.8, .8, 1.3).moved(x, y, top + .03) for x in (-.66, .66) for y in (-.28, .28)]
    elif lid == "slab":
        parts += [box(1.4, .6, .06).moved(z=top), box(1.3, .5, .05).moved(z=top + .05)]
    elif lid == "barrel":
        arch = loft([(-.7, .31, .2), (.7, .31, .2)], samples=4, sections=40).turned("y", 90).turned("x", 90)
        parts.append(arch.scaled(1, 1, 1).moved(z=top))
    return Thing(join(parts), made * 2, skins, azimuth=38, elevation=(10, 28), fill=.84)


@kind("tile", "ceramic", "faience 4, earthenware 3, terracotta 1, porcelain 1", 1.0, "decorative arts")
def tile(rng, made):
    size = 120
    x, y, r, a = decor.plane(size)
    inks = rng.choice(["#24407a", "#a8622a", "#3f7a4a", "#d9a93a", "#5a2a4a", "#2f8a8a"], 3, replace=False)
    colour = np.tile(hexa(rng.choice(["#ece6d4", "#e8dcc0", "#dfe6e6"])), (size, size, 1))
    u, v = np.abs(x), np.abs(y)
    style = rng.integers(4)
    if style == 0:
        layers = [(np.abs(u + v - rng.uniform(.7, 1)) < .08), r < .3 + .12 * np.cos(8 * a), (np.hypot(u - 1, v - 1) < .45)]
    elif style == 1:
        layers = [np.abs(r - .85) < .07, (np.cos(6 * a) > .2) & (r < .7) & (r > .15), (np.hypot(u - 1, v - 1) < .28)]
    elif style == 2:
        spray = decor.spray(rng, size, size, int(rng.integers(4, 9))) > .5
        layers = [np.maximum(u, v) > .88, spray, (np.maximum(u, v) > .8) & (np.maximum(u, v) < .84)]
    else:
        star = (np.maximum(u, v) < .55) | (u + v < .78)
        layers = [star, star & (r < .36), (np.sin(9 * x) * np.sin(9 * y) > .2) & ~star]
    for cover, ink in zip(layers, inks):
        decor.lay(colour, hexa(ink), gaussian_filter(np.float32(cover), .8))
    form, body = rng.uniform(), patch(1, 1, None, 56, .08)
    if form < .3:  # an eight-pointed star, or a hexagon
        corners = np.arange(16) * np.pi / 8 if form < .18 else np.arange(6) * np.pi / 3
        out = np.where(np.arange(16) % 2, .4, .52) if form < .18 else np.full(6, .54)
        body = plate(np.stack([out * np.cos(corners), out * np.sin(corners)], 1), .08, .04, centre=(0, 0))
    elif form < .6:
        body = chipped(rng, body, .86, .1, .03)
    if form > .3 and rng.uniform() < .3:
        colour = np.tile(colour, (2, 2, 1))
        colour[size - 2:size + 2] = colour[:, size - 2:size + 2] = hexa("#9a9284")
    if made[0] == "terracotta":
        skin = Skin((-.5, .5, -.5, .5), depth=.03, height=np.float32(sum(map(np.float32, layers[:2])) * .5))
    else:
        reach = .5 if form >= .3 else .54
        skin = Skin((-reach, reach, -reach, reach), colour, np.full((4, 4), .93, np.float32))
    return Thing(body, made, {0: skin}, azimuth=0, elevation=(66, 90), roll=5)
