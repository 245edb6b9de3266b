"""Cloth as a thing of its own, carpets, lace, samplers, flags; and toys and models."""

from dataclasses import replace

import numpy as np

from ..kinds import kind
from ..render import noise
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, patch, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor
from .pictures import framed, lettering, panel

RICH = ("#7c1f22", "#22365a", "#c9a04a", "#31503a", "#e0d2ac", "#8a4a22", "#2a2220", "#5f7a8a")


def palette(rng, count: int):
    return [hexa(c) for c in rng.choice(RICH, count, replace=False)]


def fringe(width: float, height: float, count: int):
    """Threads hanging from two ends of a piece of cloth."""
    return [sweep([(x, s * height / 2, .012), (x, s * (height / 2 + .055), .012)], .009, sections=5).of(1)
            for s in (-1, 1) for x in np.linspace(-width / 2 + .01, width / 2 - .01, count)]


def halved(mesh):
    """A square folded along its diagonal: the far corner is mirrored onto the near one."""
    def move(p):
        return np.where(p[:, :1] + p[:, 1:2] > 0, np.stack([-p[:, 1], -p[:, 0], p[:, 2] + .03], 1), p)
    return mesh.bent(move).turned("z", 45)


def waves(rng, depth: float):
    """A rise for `patch`: a cloth that does not lie quite flat."""
    a, b, c = rng.uniform(2, 9), rng.uniform(2, 9), rng.uniform(0, 6)
    return lambda x, y: depth * (1.2 + np.sin(a * x + b * y + c) * .6 + np.sin(1.9 * b * x - a * y) * .4)


def from_edge(height: int, width: int) -> np.ndarray:
    """How many pixels each one of a picture (height, width) lies from its nearest edge."""
    y, x = np.mgrid[0:height, 0:width]
    return np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))


def laid(parts, made, width, height, colour, azimuth=0, elevation=(66, 90), **view):
    """A piece of cloth with a picture (h, w, 3) all over it, seen from above."""
    skin = Skin((-width / 2, width / 2, -height / 2, height / 2), np.float32(colour))
    return Thing(join(parts), made, {0: skin}, azimuth, elevation, **view)


def rolled(start, radius):
    """A bend for `bent`: what lies nearer than y = start is rolled up."""
    def move(p):
        beyond = np.clip(start - p[:, 1], 0, None)
        angle = beyond / radius * (1 - .1 * beyond)
        r = radius - .012 * angle
        return np.stack([p[:, 0], np.where(beyond > 0, start - r * np.sin(angle), p[:, 1]),
                         p[:, 2] * np.where(beyond > 0, np.cos(angle), 1) + radius - r * np.cos(angle) - (radius - r) * 0], 1)
    return move


@kind("carpet", "textile", "wool 4, silk 1, wool + cotton 2", 1.1, "decorative arts")
def carpet(rng, made):
    h, w = 150, int(rng.integers(92, 125))
    ground, field, one, two, three = palette(rng, 5)
    colour = np.full((h, w, 3), ground)
    y, x = np.mgrid[0:h, 0:w]
    edge = from_edge(h, w)
    inside = edge > 22
    colour[inside] = field
    for at, paint in ((4, one), (6, two), (19, two), (21, one)):
        colour[(edge >= at) & (edge < at + 2)] = paint
    motif = decor.border(rng, w, 11, str(rng.choice(["lozenges", "leaves", "key", "zigzag"])))
    tall = decor.border(rng, h, 11, "lozenges").T[19:-19]
    for area, cover in ((colour[8:19], motif), (colour[-19:-8], motif[::-1]),
                        (colour[19:-19, 8:19], tall), (colour[19:-19, -19:-8], tall[:, ::-1])):
        decor.lay(area, one, cover > .4)
    u, v = np.abs(x / w - .5) * 2 * w / h, np.abs(y / h - .5) * 2
    form = int(rng.integers(6))
    if form == 0:  # a stepped medallion
        for reach, paint in ((.55, two), (.47, three), (.3, one), (.16, field)):
            colour[(np.floor((u * 1.1 + v) * 14) / 14 < reach) & inside] = paint
        colour[(np.floor((u - .55) * 14) + np.floor((v - .55) * 14) > 0) & inside] = two
    elif form == 1:  # a lattice
        n = rng.uniform(7, 11)
        cell = np.abs((x / h * n) % 1 - .5) + np.abs((y / h * n) % 1 - .5)
        which = ((x / h * n).astype(int) + (y / h * n).astype(int)) % 3
        colour[(cell < .34) & inside] = np.stack([one, two, three])[which][(cell < .34) & inside]
        colour[(cell < .14) & inside] = ground
    elif form == 2:  # a prayer rug: a niche with a lamp
        arch = (v * 0 + y / h > .2 + .9 * u) | ((y / h > .42) & (u < .3))
        colour[inside & ~arch] = two
        colour[inside & ~arch & ((x + y) % 12 < 3)] = three
        colour[inside & (np.abs((y / h) - .42) < .012) & (u > .3)] = one
        lamp = (u < .02) & (y / h < .4) & arch | (np.hypot(u, y / h - .45) < .07) | (np.hypot(u * 1.4, y / h - .53) < .05)
        colour[inside & lamp] = one
        decor.lay(colour[90:126, 30:-30], three, decor.spray(rng, w - 60, 36, 3))
    elif form == 3:  # a lobed medallion on a field of flowers
        decor.lay(colour[23:-23, 23:-23], three, decor.spray(rng, w - 46, h - 46, 16))
        r, a = np.hypot(u, v), np.arctan2(u, v)
        for reach, paint in ((.48, one), (.44, two), (.28, ground), (.25, field), (.1, one)):
            colour[(r < reach * (1 + .12 * np.cos(8 * a))) & inside] = paint
        corner = np.hypot(u - (w - 44) / h, v - .7)
        colour[(corner < .3 * (1 + .1 * np.cos(10 * np.arctan2(v - .7, u - (w - 44) / h)))) & inside] = two
    elif form == 4:  # a kilim, in bands
        at = 3
        while at < h - 12:
            size = int(rng.integers(8, 22))
            paints = rng.choice(5, 2, replace=False)
            strip = decor.border(rng, w, size, str(rng.choice(["lozenges", "zigzag", "key", "tongues"])))[:h - at]
            colour[at:at + size] = (ground, field, one, two, three)[paints[0]]
            decor.lay(colour[at:at + size], (ground, field, one, two, three)[paints[1]], strip > .4)
            at += size
    else:  # rows of octagons
        n = int(rng.integers(2, 4))
        cx, cy = (x - 22) / (w - 44) * n % 1 - .5, (y - 22) / (h - 44) * (n + 2) % 1 - .5
        octagon = np.maximum(np.maximum(np.abs(cx), np.abs(cy)), (np.abs(cx) + np.abs(cy)) * .72)
        for reach, paint in ((.42, ground), (.37, one), (.24, two), (.12, three)):
            colour[(octagon < reach) & inside] = paint
    colour = colour * (1 + .12 * noise.look_up(noise.cloud(1.2), x / 150, y / 150))[..., None]
    wide = w * (1 / h)
    rug = patch(wide, 1, waves(rng, .008), 40, .015)
    threads, view = fringe(wide, 1, 34), {"elevation": (72, 90), "roll": 3, "fill": .9}
    if rng.uniform() < .2:  # partly rolled up
        rug, threads, view = rug.bent(rolled(-.1, .075)), threads[34:], {"elevation": (38, 60), "azimuth": 35, "fill": .86}
    return laid([rug] + threads, (made[0], "linen" if made[-1] == "silk" else made[-1]), wide, 1, np.clip(colour, .005, 1),
                **view)


def _blanket_cloth(rng, size):
    """Stripes, checks, a few bands at the ends, stepped lozenges or patchwork."""
    paints, form = np.stack(palette(rng, 5)), int(rng.integers(5))
    y, x = np.mgrid[0:size, 0:size]
    across = paints[np.searchsorted(np.sort(rng.integers(0, size, int(rng.integers(5, 14)))), np.arange(size)) % 4]
    stripes = np.repeat(across[:, None], size, axis=1)
    if form == 0:
        return stripes
    if form == 1:
        return .5 * stripes + .5 * across
    if form == 2:
        colour = np.full((size, size, 3), hexa(rng.choice(["#e6dfcc", "#d8c8a0", "#8a8478"])))
        for i, at in enumerate((8, 17, 26)):
            colour[at:at + 5] = colour[-at - 5:-at] = paints[i]
        return colour
    if form == 3:
        colour = np.repeat(paints[(np.arange(size) // (size // 5)) % 2][:, None], size, axis=1)
        far = np.floor(np.abs((x / size * 3) % 1 - .5) * 14) / 14 + np.floor(np.abs((y / size * 2.5) % 1 - .5) * 14) / 14
        for reach, paint in ((.42, 2), (.3, 3), (.15, 4)):
            colour[far < reach] = paints[paint]
        return colour
    n = int(rng.integers(4, 7))
    cells = rng.integers(0, 5, (n, n, 2))
    column, row, u, v = x * n // size, y * n // size, x * n / size % 1, y * n / size % 1
    pick = np.where((u > v) ^ ((column + row) % 2 > 0), cells[row, column, 0], cells[row, column, 1])
    colour = paints[pick]
    colour[(np.minimum(u, v) < .05)] *= .55
    return colour


@kind("blanket", "textile", "wool 4, cotton 2, linen 1", .7, "ethnography")
def blanket(rng, made):
    colour = _blanket_cloth(rng, 110)
    wide, tall = rng.uniform(.8, 1), rng.uniform(.7, 1)
    form = int(rng.integers(4))
    if form == 0:  # folded
        folded = [patch(wide, tall * .5, waves(rng, .01), 20, .05 * (i + 1)) for i in range(3)]
        edge = [sweep([(-wide / 2, -tall * .25, .05 * i + .03), (wide / 2, -tall * .25, .05 * i + .03)], .028, sections=8)
                for i in range(3)]
        return laid(folded + edge, made, wide, tall, colour, azimuth=40, elevation=(30, 60))
    if form == 1:  # over a rail
        tall = 1.3
        x, y = np.meshgrid(np.linspace(-wide / 2, wide / 2, 40), np.linspace(-.75, .55, 60))
        arc = np.clip(y / .04, -np.pi / 2, np.pi / 2)
        wave = .016 * np.sin(13 * x + 2 * y) * np.clip(np.abs(y) * 4, 0, 1)
        over = np.stack([x, .04 * np.sin(arc) + wave, .86 + .04 * np.cos(arc) - np.clip(np.abs(y) - .0628, 0, None)], 2)
        rail = [sweep([(-wide * .62, 0, .86), (wide * .62, 0, .86)], .028, sections=12)]
        rail += [sweep([(s * wide * .57, 0, 0), (s * wide * .57, 0, .86)], .026)
                 for s in (-1, 1)] + [box(.06, .42, .05).moved(s * wide * .57) for s in (-1, 1)]
        threads = [sweep([(a, -.04 + .016 * np.sin(13 * a - 1.5), .18), (a, -.045, .12)], .009, sections=5).of(2)
                   for a in np.linspace(-wide / 2 + .01, wide / 2 - .01, 30)]
        cloth = sheet(over, np.stack([x, y * wide * .7], 2))
        return laid([cloth] + [r.of(1) for r in rail] + threads, (made[0], "oak", made[0]), wide, wide, colour, azimuth=30,
                    elevation=(4, 16))
    if form == 2:  # rolled up and strapped
        roll = turn([(0, 0), (.17, 0), (.19, .02), (.19, .02), (.19, .93), (.19, .93), (.17, .95), (0, .95)],
                    sections=48).turned("y", 90).moved(-.475)
        spiral = [torus(r, .014).turned("y", 90).moved(s * .476) for s in (-1, 1) for r in (.06, .1, .14)]
        straps = [turn([(.196, 0), (.2, .01), (.2, .05), (.196, .06)]).turned("y", 90).moved(x).of(1) for x in (-.28, .22)]
        straps += [box(.06, .02, .07, .01).moved(x + .03, -.2, 0).of(2) for x in (-.28, .22)]
        skin = Skin((0, 1.2, 0, 1.0), np.float32(colour), repeat=True)
        return Thing(join([roll] + spiral + straps).scaled(1, 1, .85).grounded(), (made[0], "leather", "brass"), {0: skin},
                     azimuth=35, elevation=(14, 34))
    return laid([patch(wide, tall, waves(rng, .02), 30, .02)] + fringe(wide, tall, 26), (made[0], made[0]), wide, tall, colour,
                roll=6)


@kind("bobbin lace", "textile", "linen 4, cotton 2, silk 1", .7, "decorative arts")
def bobbin_lace(rng, made):
    form, size = int(rng.integers(5)), 150  # a piece with a border; a round mat; a collar; an edging; a cap's back, like a fan
    w, h = 1.0, (rng.uniform(.4, 1.0), 1.0, .9, rng.uniform(.26, .4), .62)[form]
    y, x = np.mgrid[0:size, 0:size]
    u, v, r, angle = decor.plane(size)
    # How deep each place lies within the lace, in pixels; its edge is scalloped.
    if form == 0:
        depth = from_edge(size, size).astype(float)
        along = np.where(np.minimum(x, size - 1 - x) < np.minimum(y, size - 1 - y), y, x) / 10
    elif form == 1:
        depth, along = (.97 - r) * size / 2, angle * 9
    elif form == 2:
        r, angle = np.hypot(u, (v + .15) * 1.05), np.arctan2(v + .15, u)
        depth = np.minimum(np.minimum(.84 - r, r - .3), (np.abs(angle + np.pi / 2) - .28) * r) * size / 2
        along = angle * 9
    elif form == 3:
        depth, along = np.where(v > 0, 1 - v, 1 + v) * size / 2, u * 7
        depth -= 22 * (v > 0) * np.abs(np.sin(np.pi * along))
    else:
        r, angle = np.hypot(u * .95, (v - 1) / 2.1), np.arctan2(1 - v, u)
        depth, along = np.minimum((.93 - r) * size / 2, (1 - v) * size), angle * 7
    scallop = 4 * np.abs(np.sin(np.pi * along))
    pitch = rng.uniform(5, 7)
    net = (np.abs(np.sin(np.pi * (x + y) / pitch)) < .3) | (np.abs(np.sin(np.pi * (x - y) / pitch)) < .3)
    if form in (1, 2, 4):  # petals round the middle
        petal = np.abs(np.sin(along * np.pi / 3)) * (.72, 1, 1, 1, .75)[form]
        flowers = (np.abs(r - (.15 + .5 * petal)) < .03) | (np.abs(r - (.1 + .35 * petal)) < .03) | (decor.spray(rng, size, size,
                6, stem=False) > .4)
    else:
        flowers = decor.spray(rng, size, size, int(rng.integers(8, 14))) > .4
    thread = net | flowers | (np.abs(depth - 9) < 2) | (np.abs(depth - 4 + scallop) < 1.6)
    parts, pale = [panel(w, h, .012)], decor.plain(rng, "#ece4d0 #f2eee4 #dcd0b0")
    if form or rng.uniform() < .7:
        parts.append(box(w + .12, h + .12, .005).moved(z=-.012).of(1))
        made = (made[0], rng.choice(["felt", "velvet"]))
    skins = {0: Skin((-w / 2, w / 2, -h / 2, h / 2), pale, hole=~(thread & (depth >= 4 - scallop))),
             1: Skin((-9, 9, -9, 9), decor.plain(rng, "#1f2330 #2a2220 #22303a #3a1f28 #20352c"))}
    return Thing(join(parts).moved(z=.012), made, skins, azimuth=0, elevation=(78, 90), roll=4)


@kind("sampler", "textile", "linen + silk 3, cotton + wool 1", .7, "decorative arts")
def sampler(rng, made):
    form = int(rng.integers(4))  # letters and a house; bands; darning; a wreath and a verse
    h, w = 150, (118, int(rng.integers(56, 80)), 140, 130)[form]
    colour = np.tile(decor.plain(rng, "#d9cba4 #cbb98c #e2d8bc"), (h, w, 1))
    inks = palette(rng, 5)
    if form != 1:
        edge, side = (decor.border(rng, n, 9, str(motif))
                      for n, motif in zip((w, h), [rng.choice(["zigzag", "waves", "leaves", "scroll"])] * 2))
        for area, cover in ((colour[:9], edge), (colour[-9:], edge), (colour[:, :9], side.T), (colour[:, -9:], side.T)):
            decor.lay(area, inks[0], cover)
    row = 14
    while form in (0, 1) and row < (78, h - 20)[form]:
        size = int(rng.integers(7, 11)) if form == 0 else int(rng.integers(8, 18))
        motif = lettering if rng.uniform() < (.65, .2)[form] else decor.border
        left = (14, 3)[form]
        art = motif(rng, w - 2 * left, size)[:size]
        decor.lay(colour[row:row + size, left:left + art.shape[1]], inks[int(rng.integers(5))], art)
        row += size + 4
    y, x = np.mgrid[0:46, 0:w - 28]
    x = np.abs(x - (w - 28) / 2)
    if form == 0:
        wall, roof = (x < 15) & (y > 22), (x < 2 + (y - 8) * 1.2) & (y > 8) & (y <= 22)
        trees = (np.abs(x - 32) < (y - 10) * .25) & (y > 10)
        area = colour[96:142, 14:w - 14]
        for cover, ink in ((wall, inks[1]), (roof, inks[2]), (trees, hexa("#31503a")), ((x < 3) & (y > 34), hexa("#3a2218"))):
            area[cover] = ink
    elif form == 2:
        for top in (20, 62, 104):
            for left in (18, 58, 98):
                one, two = inks[int(rng.integers(5))], inks[int(rng.integers(5))]
                b, a = np.mgrid[0:28, 0:28]
                twill = int(rng.integers(2, 5))
                colour[top:top + 28, left + 9:left + 19], colour[top + 9:top + 19, left:left + 28] = one, two
                middle = ((a + b * (twill - 1)) // twill % 2 == 0)[9:19, 9:19]
                colour[top + 9:top + 19, left + 9:left + 19] = np.where(middle[..., None], one, two)
    elif form == 3:
        v, u = np.mgrid[0:h, 0:w]
        r, angle = np.hypot(u - w / 2, (v - 62) * 1.05), np.arctan2(v - 62, u - w / 2)
        colour[np.abs(r - 42 - 3 * np.sin(9 * angle)) < 1.2] = hexa("#31503a")
        colour[np.hypot(((angle * 9 / np.pi) % 1 - .5) * 14, r - 42) < 4] = inks[1]
        for i in range(4):
            art = lettering(rng, 52, 8)[:8]
            decor.lay(colour[40 + 12 * i:40 + 12 * i + len(art), w // 2 - 26:w // 2 - 26 + art.shape[1]], min(inks, key=np.sum),
                      art)
        for left in (16, w - 46):
            decor.lay(colour[110:140, left:left + 30], inks[3], decor.spray(rng, 30, 30, 2))
        vase = np.abs(np.arange(24) - 11.5) < 4 + 7 * (np.arange(22)[:, None] > 8)
        colour[118:140, w // 2 - 12:w // 2 + 12][vase] = inks[4]
    weave = (np.indices((h, w)).sum(axis=0) % 2) * .12
    parts, made = [panel(w / h, 1, .015)], made[:1]
    if rng.uniform() < .4:
        parts.append(framed(rng, w / h, 1, .07).of(1))
        made += (rng.choice(["walnut", "ebony", "oak"]),)
    return laid(parts, made, w / h, 1, colour * (1 - weave)[..., None], elevation=(80, 90), roll=3, fill=.86)


@kind("tablecloth", "textile", "linen 3, cotton 2, damask 2", .6, "decorative arts")
def tablecloth(rng, made):
    size = 144
    white = decor.plain(rng, "#efeadf #e4dcc8 #f2efe8 #f2efe8")
    ink = decor.plain(rng, "#a8281f #27408a #b8a888 #31503a #b8862a")
    strip, r = decor.border(rng, size, 14), decor.plane(size)[2]
    edge = from_edge(size, size)
    cover = np.zeros((size, size), np.float32)
    for turns in range(4):
        np.maximum(cover[4:18], strip * (edge[4:18] < 18), out=cover[4:18])
        cover = np.rot90(cover).copy()
    cover[np.abs(edge - 20) < 1] = 1
    style = int(rng.integers(3))
    if style == 0:  # a wreath and sprigs in the corners
        quarter = decor.spray(rng, 40, 40, 3, stem=False)
        for turns in range(4):
            cover[24:64, 24:64] = np.maximum(cover[24:64, 24:64], quarter)
            cover = np.rot90(cover).copy()
        cover[np.abs(r - .3) < .02] = 1
    elif style == 1:  # checks
        cells = size / rng.integers(9, 16)
        y, x = np.mgrid[0:size, 0:size]
        cover = .5 * ((x // cells) % 2 + (y // cells) % 2).astype(np.float32)
    else:
        cover = np.maximum(cover, decor.spray(rng, size, size, int(rng.integers(8, 14)), stem=False) * (edge > 24))
    colour = white + (ink - white) * cover[..., None] * rng.uniform(.6, 1)
    form, half = int(rng.integers(4)), rng.uniform(.64, .74)
    high, folds = .62, int(rng.integers(7, 11)) + rng.uniform(0, 1)
    if form == 0:  # on a round table
        def drape(p):
            x, y, _ = p.T
            r, angle = np.hypot(x, y), np.arctan2(y, x)
            fall = np.clip(r - .42, 0, None)
            out = np.minimum(r, .42) + .05 * fall / (.05 + fall) + fall * (.07 + .11 * np.sin(folds // 1 * angle + folds))
            return np.stack([out * np.cos(angle), out * np.sin(angle), high - np.clip(fall - .01, 0, None)], 1)
        table = [turn([(0, high - .02), (.41, high - .02), (.41, high - .05), (.05, high - .06), (.045, .3), (.07, .12),
                       (.05, .08)])]
        table += [sweep([(0, 0, .14), (.16 * c, .16 * s_, .12), (.3 * c, .3 * s_, .02)], [.04, .035, .025])
                  for c, s_ in ((np.cos(a), np.sin(a)) for a in (.4, 2.5, 4.6))]
    elif form == 1:  # on a long one
        a, b = .62, .38

        def drape(p):
            x, y, _ = p.T * np.array([[1.12], [.82], [1]])
            dx, dy = np.clip(np.abs(x) - a, 0, None), np.clip(np.abs(y) - b, 0, None)
            fall, fold = np.maximum(dx, dy), np.minimum(dx, dy)
            wave = .016 * np.sin(24 * (x + y)) * np.clip(fall * 6, 0, 1)
            reach = np.where(fall > 0, .012, 0) + .45 * fold + wave
            return np.stack([np.sign(x) * (np.minimum(np.abs(x), a) + reach * (dx > 0)),
                             np.sign(y) * (np.minimum(np.abs(y), b) + reach * (dy > 0)), high - fall], 1)
        table = [box(1.22, .74, .04).moved(z=high - .05)] + [turn([(.03, 0), (.045, .1), (.03, .2), (.045, high - .05)]).moved(x,
                y) for x in (-.54, .54) for y in (-.3, .3)]
        half = .78
    elif form == 2:  # folded
        parts = [patch(.9 - .02 * i, .5 - .01 * i, waves(rng, .006), 20, .045 * (i + 1)) for i in range(3)]
        parts += [sweep([(-.45, -.25, .045 * i + .025), (.45, -.25, .045 * i + .025)], .026, sections=8) for i in range(3)]
        return laid(parts, made, 1.0, .9, colour, azimuth=35, elevation=(34, 60))
    else:
        return laid([patch(1, .9, waves(rng, .015), 30, .01)], made, 1, .9, colour, roll=8)
    flat = np.stack([*np.meshgrid(*[np.linspace(-half, half, 90)] * 2), np.zeros((90, 90))], 2)
    cloth = sheet(flat, flat[..., :2]).bent(drape)
    return laid([cloth] + [t.of(1) for t in table], (made[0], rng.choice(["oak", "walnut", "mahogany"])), 2 * half, 2 * half,
                colour, azimuth=35, elevation=(12, 30), fill=.86)


def botehs(rng, width: int, height: int) -> np.ndarray:
    """Rows of drops with a bent tip, as on Kashmir shawls, float32 (height, width)."""
    y, x = np.mgrid[0:height, 0:width] / (height / int(rng.integers(3, 6)))
    a, b = (x * 1.3 + .5 * (np.floor(y) % 2)) % 1 - .5, y % 1 - .5
    a = a - .8 * np.clip(-b, 0, 1) ** 2 * 1.6
    far = np.hypot(a * (1.5 + 2.2 * np.clip(-b, -.1, 1)), (b - .12) * (.95 + .4 * (b > .12)))
    return np.float32((far < .36) & ~((far > .24) & (far < .29)) & ~(far < .07))


@kind("shawl", "textile", "wool 3, silk 3, cotton 1", .6, "costume design")
def shawl(rng, made):
    size = 150
    ground, one, two = palette(rng, 3)
    style = int(rng.integers(3))
    if style == 0:
        cover = botehs(rng, size, size)
    elif style == 1:
        cover = decor.spray(rng, size, size, int(rng.integers(12, 22)), stem=bool(rng.integers(2)))
    else:
        y, x = np.mgrid[0:size, 0:size]
        n = int(rng.integers(10, 22))
        cover = np.float32(.5 * (x // n % 2) + .5 * (y // n % 2))
    colour = ground + (one - ground) * cover[..., None]
    edge = from_edge(size, size)
    colour[(edge > 5) & (edge < 10)] = two
    form = int(rng.integers(4))
    if form == 0:  # folded along the diagonal, the long side away from the viewer
        square = halved(patch(1, 1, waves(rng, .02), 41, .02))
        t = np.linspace(.01, .99, 34)
        threads = [sweep([(s * .707 * (1 - a), -.707 * a, .02), (s * (.707 * (1 - a) + .05), -.707 * a - .05, .015)], .009,
                         sections=5).of(1) for s in (-1, 1) for a in t]
        return laid([square] + threads, (made[0], made[0]), 1, 1, colour, elevation=(60, 86), roll=8)
    if form == 1:  # as if worn: round shoulders, crossed in front
        t, angle = np.linspace(0, 1, 30)[:, None], np.linspace(-np.pi / 2 - .12, 1.5 * np.pi + .02, 80)
        long = .36 + .26 * np.clip(np.sin(angle), 0, 1) ** 2 + .22 * np.clip(-np.sin(angle), 0, 1) ** 6
        wide = .085 + .3 * t ** .55 * (1 + .05 * np.sin(9 * angle) * t)
        over = np.stack([wide * np.cos(angle), wide * .72 * np.sin(angle) - .02 * (angle > 4), 1 - .04 * t - long * t ** 1.7], 2)
        uv = np.stack(np.broadcast_arrays((angle - np.pi / 2) / 2 / np.pi * .98, .48 - .96 * t), 2)
        threads = [sweep([p, p + [0, 0, -.06]], .008, sections=5).of(1) for p in over[-1]]
        dummy = turn([(.1, .3), (.2, .32), (.19, .42), (.13, .6), (.185, .78), (.2, .9), (.08, 1.0), (.06, 1.06), (0, 1.08)])
        foot = turn([(.2, 0), (.2, .03), (.04, .06), (.03, .32)])
        parts = [sheet(over, uv), dummy.scaled(1, .7, 1).of(2), foot.of(3), ball(.04, 12).moved(z=1.1).of(3), *threads]
        return laid(parts, (made[0], made[0], "linen", "walnut"), 1, 1, colour, azimuth=35, elevation=(4, 20))
    if form == 2:  # long, over a rail, with its patterned ends in front
        colour[int(.1 * size):int(.55 * size)] = ground
        x, y = np.meshgrid(np.linspace(-.3, .3, 34), np.linspace(-.8, .5, 60))
        arc, wave = np.clip(y / .03, -np.pi / 2, np.pi / 2), .022 * np.sin(30 * x + 2 * y) * np.clip(np.abs(y) * 4, 0, 1)
        over = np.stack([x * (1 + .12 * np.clip(-y, 0, 1)), .03 * np.sin(arc) + wave,
                         .96 + .03 * np.cos(arc) - np.clip(np.abs(y) - .047, 0, None)], 2)
        rail = [sweep([(-.42, 0, .96), (.42, 0, .96)], .025, sections=10)] + [sweep([(s * .38, 0, 0), (s * .38, 0, .96)],
                .022) for s in (-1, 1)] + [box(.05, .34, .045).moved(s * .38) for s in (-1, 1)]
        threads = [sweep([p, p - [0, 0, .08]], .009, sections=5).of(1) for p in over[0]]
        return laid([sheet(over, np.stack([x * 1.6, np.clip(y * .7 + .08, -.5, .5)], 2))] + threads + [r.of(2) for r in rail],
                    (made[0], made[0], "walnut"), 1, 1, colour, azimuth=30, elevation=(4, 16))
    return laid([patch(1, 1, waves(rng, .02), 34, .02)] + fringe(1, 1, 36), (made[0], made[0]), 1, 1, colour, elevation=(64, 90),
                roll=10)


@kind("handkerchief", "textile", "linen 3, cotton 2, silk 2", .5, "costume design")
def handkerchief(rng, made):
    size, form = 128, int(rng.integers(5))  # hemmed; with a lace edge; printed; folded to a triangle; folded in four
    colour = np.tile(decor.plain(rng, "#f0ece2 #e8e0cc #f4f2ec"), (size, size, 1))
    edge, (ink, other) = from_edge(size, size), palette(rng, 2)
    hole = None
    y, x = np.mgrid[0:size, 0:size]
    if form == 2:
        colour[:] = ink
        n = int(rng.integers(8, 14))
        a, b = (x / size * n + .5 * (y * n // size % 2)) % 1 - .5, (y / size * n) % 1 - .5
        colour[(np.hypot(a, b) < rng.uniform(.15, .3)) & (edge > 18)] = hexa("#efe8d6")
        for at in (8, 14):
            colour[np.abs(edge - at) < 2] = hexa("#efe8d6")
        strip = decor.border(rng, size, 9)
        decor.lay(colour[-12:-3], hexa("#efe8d6"), strip), decor.lay(colour[3:12], hexa("#efe8d6"), strip)
    else:
        for at in rng.integers(4, 22, int(rng.integers(1, 4))) + (12 if form == 1 else 0):
            colour[np.abs(edge - at) < 1.2] = ink
        for corner in (colour[14:44, 14:44], colour[-44:-14, -44:-14]):
            decor.lay(corner, other, decor.spray(rng, 30, 30, 1 + form % 3))
    if form == 1:  # a net of threads with a scalloped edge
        along = np.where(np.minimum(x, size - 1 - x) < np.minimum(y, size - 1 - y), y, x)
        scallop = 4 * np.abs(np.sin(np.pi * along / 11))
        thread = (np.abs(np.sin(np.pi * (x + y) / 5)) < .4) | (np.abs(np.sin(np.pi * (x - y) / 5)) < .4) | (np.abs(edge - 5
                + scallop) < 1.6) | (np.hypot((along % 11) - 5.5, edge - 8) < 3)
        hole = (edge < 15) & ~(thread & (edge >= 4 - scallop))
    folds = rng.uniform(.004, .02)
    cloth = patch(1, 1, lambda a, b: folds * (1 + np.sign(np.sin(2 * np.pi * a * 1.5)) * .3) + .01 * np.sin(5 * a + 3 * b), 41,
                  .012)
    parts = [cloth] if hole is None else [sheet(cloth.points[:41 * 41].reshape(41, 41, 3), cloth.uv[:41 * 41].reshape(41, 41, 2))]
    if form == 3:
        parts = [halved(cloth)]
    elif form == 4:
        parts = [patch(.5, .5, waves(rng, .005), 16, .02 * (i + 1)).turned("z", float(rng.normal(0, 2))) for i in range(4)]
        parts = [replace(p, uv=p.uv + np.float32([-.25, .25])) for p in parts]
    thing = laid(parts, made, 1, 1, colour, roll=25)
    return replace(thing, skins={0: replace(thing.skins[0], hole=hole)})


@kind("flag", "textile", "silk 3, cotton 2, wool 1", .6, "heraldry")
def flag(rng, made):
    h, w = 108, 168
    y, x = np.mgrid[0:1:h * 1j, 0:1:w * 1j]
    colours = [hexa(c) for c in rng.choice(["#a8281f", "#27408a", "#e8e2d4", "#d9a93a", "#2f6a44", "#1f1d22"], 3, replace=False)]
    wide = np.abs(x - .5) * w / h, np.abs(y - .5)
    designs = [np.floor(y * 2.999), np.floor(x * 2.999), (np.abs(y - .5) < .12) | (np.abs(x - .38) < .08), np.abs(y - .5) < .18,
               (np.abs(x - y) < .1) | (np.abs(1 - x - y) < .1), 2 * (x < .5) * (y < .5)
               + (np.floor(y * 9) % 2) * ((x >= .5) | (y >= .5)),
               1 * (np.hypot(*wide) < .3), (x > .5) ^ (y > .5), 1 * (x < .55 - np.abs(y - .5) * 1.1)
               + 2 * (y > .5) * (x >= .55 - np.abs(y - .5) * 1.1)]
    colour = np.stack(colours)[designs[rng.integers(len(designs))].astype(int)]
    emblem = int(rng.integers(4))
    if emblem == 0:
        decor.lay(colour[30:78, 60:108], colours[2], decor.spray(rng, 48, 48, 1, stem=False))
    elif emblem == 1:  # a star
        ray = np.abs(((np.arctan2(y - .5, (x - .5) * w / h) + np.pi / 2) * 5 / (2 * np.pi)) % 1 * 2 - 1)
        colour[np.hypot(*wide) < .12 + .16 * ray ** 2] = colours[2]
    form = int(rng.integers(5))
    hole = None
    if form == 3:  # a swallowtail, or a pennant
        hole = (x > .55) & (np.abs(y - .5) < (x - .62) * .9) if rng.uniform() < .5 else np.abs(y - .5) > .52 - .44 * x
    if form == 1:  # hung from a crossbar
        colour = np.rot90(colour)
        a, b = np.meshgrid(np.linspace(-.42, .42, 40), np.linspace(-1.2, 0, 40))
        cloth = sheet(np.stack([a, .03 * np.sin(11 * a) * -b, b], 2), np.stack([a, b + .6], 2))
        tongues = [sheet(np.stack([np.stack([c + u * .13 * (1 - t), np.full(6, .0), np.full(6, -1.2 - .2 * t)], 1)
                                   for t in (0, .5, 1) for u in [np.linspace(-1, 1, 6)]])).of(3) for c in (-.28, 0, .28)]
        parts = [cloth] + tongues + [sweep([(-.52, 0, .01), (.52, 0, .01)], .022).of(1),
                                     sweep([(0, .04, -1.6), (0, .04, .2)], .024).of(1), ball(.05).moved(0, .04, .24).of(2)]
        parts += [ball(.04, 14).moved(s * .54, 0, .01).of(2)
                  for s in (-1, 1)] + [sweep([(s * .5, -.02, 0), (s * .52, -.03, -.3), (s * .52, -.03, -.42)],
                                             [.008, .008, .03]).of(2) for s in (-1, 1)]
        parts += [turn([(.26, 0), (.26, .03), (.05, .07), (.03, .16)]).moved(0, .04, -1.62).of(1)]
        thing = laid([p.moved(z=1.62) for p in parts], (made[0], "oak", "brass", made[0]), .84, 1.2, colour, azimuth=25,
                     elevation=(2, 14), fill=.88)
        return thing
    if form == 2:  # on a staff that stands
        a, b = np.meshgrid(np.linspace(0, 1.2, 60), np.linspace(0, .78, 30))
        wave = .09 * np.sin(7 * a + 1.5 * b + rng.uniform(0, 6)) * np.clip(a * 2, 0, 1)
        cloth = sheet(np.stack([a * .9 + .02, wave, 1.02 + b - .32 * a ** 1.4 * (1 - .3 * b)], 2), np.stack([a - .6, b - .39], 2))
        parts = [cloth, sweep([(0, 0, 0), (0, 0, 1.9)], .024).of(1),
                 turn([(0, .16), (.03, .1), (.05, .05), (.02, 0)]).moved(z=1.9).of(2),
                 turn([(.24, 0), (.24, .04), (.06, .08), (.04, .16)]).of(1)]
        return laid(parts, (made[0], "oak", "brass"), 1.2, .78, colour, azimuth=20, elevation=(3, 16), fill=.86)
    a, b = np.meshgrid(np.linspace(-.65, .65, 60), np.linspace(-.425, .425, 40))
    cloth = sheet(np.stack([a, b, .06 + .045 * np.sin(7 * a + 1.5 * b + 1) * (a + .8)], 2), np.stack([a, b], 2))
    parts = [cloth]
    if form != 4:
        parts += [sweep([(-.67, -1.0, .04), (-.67, .55, .04)], .025).of(1), ball(.05).moved(-.67, .58, .05).of(2)]
    thing = laid(parts, (made[0], "oak", "brass"), 1.3, .85, colour, elevation=(68, 90), roll=6, fill=.84)
    return replace(thing, skins={0: replace(thing.skins[0], hole=hole)})


def _horse(legs=True):
    """A horse that looks along +x, its hooves on z = 0; slots 0 body, 2 mane and tail, 3 hooves and eyes."""
    body = sweep([(-.36, 0, .66), (-.3, 0, .68), (-.12, 0, .65), (.1, 0, .66), (.24, 0, .69), (.33, 0, .7)],
                 [.06, .15, .142, .15, .165, .07], sections=24, flat=.82)
    neck = sweep([(.2, 0, .7), (.31, 0, .86), (.37, 0, 1.02), (.42, 0, 1.1)], [.15, .115, .088, .07], sections=18, flat=.62)
    head = sweep([(.36, 0, 1.1), (.43, 0, 1.1), (.53, 0, 1.01), (.6, 0, .93), (.62, 0, .9)], [.05, .085, .068, .052, .03],
                 sections=16, flat=.72)
    ears = [sweep([(.37, s * .04, 1.14), (.36, s * .05, 1.23)], [.03, .006], samples=4, flat=.6) for s in (-1, 1)]
    t = np.linspace(0, 1, 24)
    mane = [sweep([(.16 + .23 * a, 0, .86 + .3 * a), (.11 + .21 * a, 0, .8 + .3 * a + .01 * np.sin(20 * a))], [.035, .022],
                  samples=4, sections=8, flat=1.6) for a in t]
    mane.append(sweep([(.4, 0, 1.17), (.47, 0, 1.12), (.5, 0, 1.06)], [.03, .028, .008], sections=8))
    tail = sweep([(-.34, 0, .72), (-.45, 0, .68), (-.5, 0, .48), (-.48, 0, .26)], [.03, .055, .06, .012], flat=.6)
    eyes = [ball(.017, 8).moved(.455, s * .058, 1.075).of(3) for s in (-1, 1)]
    parts = [body, neck, head, *ears, tail.of(2), *(m.of(2) for m in mane), *eyes]
    for s in (-1, 1) if legs else ():
        for x, knee, foot in ((.22, .035, .03), (-.25, -.06, -.03)):
            path = [(x, s * .08, .64), (x + .4 * knee, s * .095, .48), (x + knee, s * .09, .3), (x + foot, s * .09, .1),
                    (x + foot + .02, s * .09, .04)]
            parts += [sweep(path, [.1 + .02 * (x < 0), .075, .042, .032, .04], sections=10, flat=.8),
                      turn([(.052, 0), (.04, .06), (0, .065)]).moved(x + foot + .025, s * .09).of(3)]
    return parts


@kind("toy horse", "toy", "pine + oak 3, oak + iron 1, tin + iron 1", .6, "ethnography")
def toy_horse(rng, made):
    form = int(rng.integers(4))  # on wheels; on rockers; a stick with a head; with a cart
    saddle = [loft([(-.13, .13, .12), (0, .12, .1), (.13, .13, .12)], sections=24, square=2.2).turned("y", 90).scaled(1, 1.18,
            1).moved(-.02, 0, .71).of(4),
              sweep([(.5, -.075, 1.0), (.3, -.14, .95), (.05, -.08, .86), (.3, .14, .95), (.5, .075, 1.0)], .012,
                    sections=6).of(4)]
    saddle += [torus(.074, .01).scaled(1, .8, 1).turned("y", 128).moved(.54, 0, 1.0).of(4)]
    wheel = turn([(0, -.025), (.1, -.025), (.1, .025), (0, .025)]).turned("x", 90)
    if form == 2:
        head = [p for p in _horse(legs=False)[1:] if p.points[:, 0].min() > .0]
        bridle = [torus(.074, .011).scaled(1, .8, 1).turned("y", 128).moved(.54, 0, 1.0).of(4),
                  sweep([(.5, -.075, 1.0), (.36, -.1, .9), (.3, -.06, .78)], .011, sections=6).of(4)]
        bust = join(head + bridle).turned("y", -14).scaled(1.35).moved(z=-.28)
        base = bust.points[bust.points[:, 2] < bust.points[:, 2].min() + .12, 0].mean()
        bust = bust.moved(.28 - base)
        parts = [bust, sweep([(.28, 0, .9), (.28, 0, .06)], .026).of(1), wheel.moved(.28, 0, .1).of(1),
                 sweep([(.28, -.17, .76), (.28, .17, .76)], .02).of(1)]
    else:
        parts = [p.moved(z=(.19, .2, .0, .19)[form]) for p in _horse() + saddle * (rng.uniform() < .75)]
        if form == 1:
            arc = np.linspace(-.8, .8, 12)
            parts += [sweep([(a, s * .13, .06 + .26 * a * a) for a in arc], .036, flat=.6).of(1) for s in (-1, 1)]
            parts += [box(.07, .3, .04).moved(x, 0, .13).of(1) for x in (-.26, .25)] + [box(.24, .26, .03).moved(0, 0, .1).of(1)]
        else:
            parts.append(box(.86, .32, .05).moved(0, 0, .14).of(1))
            parts += [wheel.moved(x, y, .1).of(1) for x in (-.3, .3) for y in (-.19, .19)]
        if form == 3:
            parts += [box(.5, .4, .04).moved(-.9, 0, .3).of(5)]
            parts += [box(.5, .03, .18).moved(-.9, y, .32).of(5) for y in (-.2, .2)]
            parts += [box(.03, .4, .18).moved(x, 0, .32).of(5) for x in (-1.14, -.66)]
            parts += [wheel.scaled(2.1, 1.2, 2.1).moved(-.9, y, .21).of(1)
                      for y in (-.25, .25)] + [sweep([(-.7, y, .34), (.05, y, .62)], .018).of(1) for y in (-.17, .17)]
    skins = {}
    style = rng.uniform()
    if style < .6:
        paint = decor.plain(rng, "#a8281f #e8e2d4 #2f5a8a #3a2a20 #1f1d22 #c9822e")
        cover = np.full((40, 40), .92, np.float32)
        colour = np.tile(paint, (40, 40, 1))
        if style < .25:  # dappled
            for _ in range(26):
                y, x = rng.integers(0, 38, 2)
                colour[y:y + 3, x:x + 3] = hexa("#8a8a8e") if paint.mean() > .4 else hexa("#e8e2d4")
        skins[0] = Skin((0, .9, 0, .9), colour, cover, repeat=True)
    skins[4] = Skin((-9, 9, -9, 9), decor.plain(rng, "#7a2430 #22365a #5a3a20 #2f6a44"))
    return Thing(join(parts).turned("z", rng.choice([0, 180])).grounded(), made + ("hair", "jet", "leather", made[0]), skins,
                 azimuth=35, elevation=(4, 20))


# Profiles of tops, from the point upwards.
TOPS = (((0, 0), (.03, .04), (.12, .18), (.34, .38), (.37, .45), (.3, .53), (.1, .57), (.045, .6), (.04, .85), (.06, .88),
         (0, .9)),
        ((0, 0), (.02, .02), (.03, .1), (.2, .26), (.3, .42), (.3, .58), (.3, .58), (.27, .62), (0, .63)),
        ((0, 0), (.025, .02), (.03, .12), (.16, .16), (.42, .24), (.46, .28), (.42, .32), (.14, .38), (.04, .42), (.03, .66),
         (.05, .7), (.04, .74), (0, .75)),
        ((0, 0), (.025, .02), (.03, .1), (.22, .16), (.36, .3), (.38, .4), (.34, .52), (.2, .64), (.06, .68), (.03, .7),
         (.03, .92), (.08, .95), (.08, 1.0), (0, 1.02)))


@kind("spinning top", "toy", "beech 3, boxwood 2, tin 1", .4)
def spinning_top(rng, made):
    form = int(rng.integers(5))  # with a stem; for a whip; a flat disc; humming; a teetotum
    profile = TOPS[min(form, 3)]
    body = turn(profile, samples=60)
    if form == 4:
        body = join([turn([(0, 0), (.02, .02), (.28, .24), (.28, .24), (.28, .56), (.28, .56), (.04, .6), (.04, .6), (.035, .84),
                           (0, .85)], sections=6)])
    stripes = np.zeros((60, 4), np.float32)
    for at in rng.integers(4, 50, 4):
        stripes[at:at + int(rng.integers(2, 6))] = 1
    paints = np.stack(palette(rng, 4))[np.arange(60) // 7 % 4][:, None]
    skin = Skin((-9, 9, 0, 1.6), paints, stripes)
    if form == 3 or (form == 2 and rng.uniform() < .6):  # painted in sectors
        art = np.stack(palette(rng, 4))[np.tile(np.arange(96) // 8 % 4, (60, 1))]
        skin = Skin((0, 2 * np.pi * max(r for r, _ in profile), .1, (.9, .9, .62, .95)[form]), art)
    if form == 4:
        art = decor.border(rng, 96, 16, "dots")
        skin = Skin((0, 1.76, .38, .68), decor.plain(rng, "#1f1d22 #a8281f"), art)
    mesh = body.turned("y", float(rng.uniform(30, 62))) if rng.uniform() < .5 else body
    mesh = mesh.grounded()
    if form == 1:  # its whip lies beside it
        parts = [sweep([(.45, -.35, .03), (1.05, -.05, .03)], [.03, .022]).of(1)]
        parts += [sweep([(.45, -.35, .03), (.3, -.5, .012), (.0, -.42, .012), (-.2, -.55, .012), (-.4, -.4, .012),
                         (-.5, -.5, .012)], .012, sections=6, samples=40).of(2)]
        mesh = join([mesh] + parts)
    return Thing(mesh, (made[0], "oak", "leather"), {0: skin}, azimuth=(180, 30)[form == 1], elevation=(10, 36))


def _hull(long, wide, deep, sheer=.12, square=2.6, stern=.7):
    """A ship's hull along y, its bow at -y, its keel on z = 0."""
    t = np.linspace(-1, 1, 44)
    rows = []
    for y in t:
        full = (1 - max(-y, 0) ** 2.4) if y < 0 else 1 - (1 - stern) * y ** 3
        a = np.linspace(-np.pi, 0, 25)
        rows.append(np.stack([wide * full * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** (2 / square), np.full(25, y * long),
                              (deep + sheer * y * y) * (1 - np.abs(np.sin(a)) ** (2 / square)) + .02 * max(-y, 0) ** 4], 1))
    rows = np.array(rows)
    deck = np.stack([rows[:, 0] * [.97, 1, 1] - [0, 0, .045], rows[:, -1] * [.97, 1, 1] - [0, 0, .045]], 1)
    end = np.stack([rows[-1], np.broadcast_to(rows[-1, :1] * [0, 1, 1], rows[-1].shape)])
    rails = [sweep(rows[::3, i], .014, sections=6, samples=40) for i in (0, -1)]
    return [sheet(rows), sheet(deck), sheet(end)] + rails


def _sail(corners, belly, steps=12):
    """A sail between four corners (or three, one of them twice), filled by the wind."""
    a, b, c, d = (np.array(p, float) for p in corners)
    u, v = np.meshgrid(np.linspace(0, 1, steps), np.linspace(0, 1, steps))
    u, v = u[..., None], v[..., None]
    flat = (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v
    return sheet(flat + np.array(belly) * np.sin(np.pi * u) * np.sin(np.pi * (.15 + .85 * v)))


@kind("ship model", "tool", "oak + linen 3, walnut + linen 2, boxwood + silk 1", .7, "history")
def ship_model(rng, made):
    form = int(rng.integers(5))  # a full-rigged ship; a cutter; a longship; a steamer; a galley
    long = (.66, .58, .68, .72, .75)[form]
    deep = (.26, .2, .15, .22, .15)[form]
    parts = _hull(long, (.17, .16, .14, .13, .12)[form], deep, (.13, .08, .3, .05, .12)[form], stern=(.7, .75, .1, .5, .4)[form])
    top = deep
    brace = rng.choice([-1, 1]) * rng.uniform(40, 62)  # the yards are turned, so that one sees the sails from the side

    def square_sail(y, low, high, half, slot=1):
        c, s = half * np.cos(np.radians(brace)), half * np.sin(np.radians(brace))
        sail = _sail([(-c * 1.1, y - s * 1.1, low), (c * 1.1, y + s * 1.1, low), (c, y + s, high), (-c, y - s, high)],
                     (.07 * np.sin(np.radians(brace)), -.09, 0))
        return [sail.of(slot), sweep([(-c * 1.1, y - s * 1.1, high + .012), (c * 1.1, y + s * 1.1, high + .012)], .012,
                                     sections=8)]

    def stays(y, tall, out=.16):
        return [sweep([(0, y, tall), (s * out, y + d, top + .03)], .004, samples=3, sections=4) for s in (-1, 1)
                for d in (.03, .08, .13)]
    if form == 0:
        parts += [box(.27, .26, .12).moved(0, .5, top + .02), box(.2, .2, .06).moved(0, -.42, top),
                  sweep([(0, -.58, top + .1), (0, -.98, top + .28)], [.018, .01])]
        masts = (-.36, .03, .38)[:int(rng.integers(2, 4))]
        for y in masts:
            tall = 1.3 - .45 * abs(y)
            parts += [sweep([(0, y, .1), (0, y, tall)], [.02, .009])] + stays(y, tall * .93)
            for low, high, half in ((.1, .38, .27), (.42, .66, .23), (.7, .88, .17)):
                parts += square_sail(y, top + low * (tall - top), top + high * (tall - top), half)
        parts.append(_sail([(0, -.92, top + .24), (0, -.44, top + .16), (.0, -.38, 1.0), (0, -.38, 1.0)], (.05, 0, 0)).of(1))
        parts += [box(.012, .045, .045, .004).moved(s * .168, y, top * .72).of(2) for s in (-1, 1)
                  for y in np.linspace(-.25, .4, 6)]
    elif form == 1:
        parts += [sweep([(0, -.08, .1), (0, -.06, 1.25)], [.02, .01]), sweep([(0, -.5, top + .06), (0, -.86, top + .14)], .014),
                  sweep([(0, -.05, top + .12), (.05, .56, top + .15)], .014),
                  sweep([(0, -.05, .95), (.04, .36, 1.16)], .012), box(.16, .22, .07).moved(0, .15, top - .03)] + stays(-.06,
                          1.15, .15)
        parts += [_sail([(0, -.04, top + .14), (.05, .55, top + .17), (.04, .36, 1.14), (0, -.04, .94)], (.09, 0, 0)).of(1),
                  _sail([(0, -.84, top + .15), (.02, -.14, top + .12), (0, -.07, 1.05), (0, -.07, 1.05)], (.07, 0, 0)).of(1),
                  _sail([(0, -.05, .99), (.03, .33, 1.18), (0, -.05, 1.25), (0, -.05, 1.25)], (.03, 0, 0)).of(1)]
    elif form == 2:
        parts += [sweep([(0, -.64, .4), (0, -.74, .56), (0, -.72, .72), (0, -.84, .74)], [.04, .035, .03, .02]),
                  sweep([(0, .64, .4), (0, .74, .56), (0, .7, .68)], [.04, .03, .016]),
                  sweep([(0, 0, .05), (0, 0, 1.05)], [.022, .012])]
        parts += square_sail(0, .42, .98, .4) + stays(0, 1.0, .12)
        parts += [ball(.055, 14).scaled(.3, 1, 1).moved(s * .15, y, top + .03).of(3 + i % 2) for s in (-1, 1)
                  for i, y in enumerate(np.linspace(-.36, .36, 8))]
        parts += [sweep([(s * .1, y, top), (s * .4, y + .05, .03)], [.008, .014], sections=6) for s in (-1, 1)
                  for y in np.linspace(-.3, .3, 6)]
    elif form == 3:
        parts += [box(.16, .74, .08).moved(0, .02, top - .02).of(5), box(.13, .5, .07).moved(0, 0, top + .06).of(5),
                  box(.15, .12, .06).moved(0, -.22, top + .13).of(5)]
        parts += [turn([(.055, 0), (.052, .28), (.06, .28), (.06, .3), (.04, .3)]).turned("x", -6).moved(0, y, top + .1).of(3)
                  for y in (-.04, .2)[:int(rng.integers(1, 3))]]
        parts += [sweep([(0, y, top), (0, y + .02, .92)], [.014, .007])
                  for y in (-.5, .46)] + [sweep([(0, -.5, .9), (0, .47, .9)], .004, samples=3, sections=4),
                                          sweep([(0, -.7, top + .05), (0, -.5, .9)], .004, samples=3, sections=4)]
        parts += [ball(.012, 6).moved(s * .085, y, top + .03).of(2) for s in (-1, 1) for y in np.linspace(-.3, .34, 9)]
        wheel = [torus(.15, .018).turned("y", 90)]
        wheel += [box(.02, .3, .02, .004).turned("x", a).moved(z=-.01) for a in range(0, 180, 30)]
        parts += [p.moved(s * .15, .02, top + .0).of(4) for s in (-1, 1) for p in wheel]
    else:
        parts += [box(.2, .2, .1).moved(0, .58, top + .05), sweep([(0, -.7, top + .1), (0, -1.0, top + .16)], [.03, .012])]
        parts += [sweep([(s * .1, y, top), (s * .5, y + .04, .02)], [.008, .016], sections=6) for s in (-1, 1)
                  for y in np.linspace(-.45, .42, 12)]
        for y, tall in ((-.3, .85), (.15, 1.05)):
            parts += [sweep([(0, y, .1), (0, y, tall)], [.02, .011]),
                      sweep([(.03, y - .34, tall - .3), (.03, y + .3, tall + .18)], [.01, .012], sections=8)] + stays(y,
                              tall * .96, .12)
            parts.append(_sail([(.03, y - .34, tall - .31), (.03, y + .26, top + .2), (.03, y + .3, tall + .17),
                                (.03, y, tall - .06)], (.07, 0, 0)).of(1))
    if form in (2, 4) and rng.uniform() < .7:
        stripe = (np.mgrid[0:64, 0:64][1] // 8 % 2).astype(np.float32)
        skins = {1: Skin((0, .8, 0, .8), decor.plain(rng, "#a8281f #27408a #b8862a"), stripe, repeat=True)}
    else:
        skins = {}
    skins[3], skins[4], skins[5] = (Skin((-9, 9, -9, 9), hexa(c)[None, None])
                                    for c in (str(rng.choice(["#a8281f", "#1f1d22", "#b8862a"])), "#22365a", "#e8e0cc"))
    stand_ = [box(.05, .05, .12).moved(0, y, -.1) for y in (-.3, .3)] + [box(.32, 1.0, .045).moved(z=-.13)] + [box(.18, .05,
            .05).moved(0, y, -.03) for y in (-.3, .3)]
    return Thing(join(parts + stand_).turned("z", rng.choice([70, -70, 100, -100])).grounded(),
                 made + ("jet", "oak", "oak", "oak"), skins, azimuth=22, elevation=(3, 16), fill=.86)
