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
    field = gaussian_filter(np.maximum(field, np.pad(np.zeros((size - 14, size - 14), np.float32), 7, constant_values=.7)), .8)
    face = patch(w, h, None, 30, .1)
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


@kind("sarcophagus", "art_of_sculpture", "limestone 3, marble 3, granite 1, basalt 1, oak 1", .5, "archaeology")
def sarcophagus(rng, made):
    if rng.uniform() < .4:
        body = loft([(-.05, .16, .16), (.0, .2, .2), (.5, .26, .22), (.95, .3, .22), (1.12, .17, .18), (1.3, .19, .2),
                     (1.42, .12, .15), (1.44, 0, 0)], square=2.8, sections=40)
        face = people.head(None, sections=36, samples=28).scaled(.6).moved(0, -.1, 1.08)
        mesh = join([body, face]).turned("x", -90)
        return Thing(mesh.moved(z=-mesh.points[:, 2].min()), made, azimuth=50, elevation=(30, 70), fill=.86)
    roof = np.array([[(x, y, z) for x in (-.69, .69)] for y, z in ((-.31, .58), (0, .76), (0, .76), (.31, .58))])
    parts = [box(1.3, .55, .45).moved(z=.06), box(1.4, .64, .07), box(1.38, .62, .07).moved(z=.51), sheet(roof)]
    parts += [sheet(np.stack([roof[[0, 3], side], roof[[1, 1], side]])) for side in (0, 1)]
    column = turn([(.035, .08), (.03, .1), (.026, .44), (.035, .48), (.04, .5)], sections=10)
    parts += [column.moved(-.52 + .26 * i, -.285) for i in range(5)]
    parts += [ball(.06, 14).scaled(1, .5, 1.6).moved(-.39 + .26 * i, -.275, .26) for i in range(4)]
    parts += [ball(.035, 10).moved(-.39 + .26 * i, -.285, .38) for i in range(4)]
    return Thing(join(parts), made, azimuth=40, elevation=(10, 26))


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
    body = patch(1, 1, None, 20, .08)
    if rng.uniform() < .4:
        body = chipped(rng, body, .86, .1, .03)
    if rng.uniform() < .3:
        colour = np.tile(colour, (2, 2, 1))
        colour[size - 2:size + 2] = colour[:, size - 2:size + 2] = hexa("#9a9284")
    if made[0] == "terracotta":
        skin = Skin((-.5, .5, -.5, .5), depth=.03, height=np.float32(sum(map(np.float32, layers[:2])) * .5))
    else:
        skin = Skin((-.5, .5, -.5, .5), colour, np.full((4, 4), .93, np.float32))
    return Thing(body, made, {0: skin}, azimuth=0, elevation=(66, 90), roll=5)
