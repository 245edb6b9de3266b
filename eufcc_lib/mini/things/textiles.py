"""Cloth as a thing of its own, carpets, lace, samplers, flags; and toys and models."""

import numpy as np

from ..kinds import kind
from ..render import noise
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, patch, sweep, turn
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
    if rng.uniform() < .6:
        u, v = np.abs(x / w - .5) * 2 * w / h, np.abs(y / h - .5) * 2
        for reach, paint in ((.55, two), (.47, three), (.3, one), (.16, field)):
            colour[(np.floor((u * 1.1 + v) * 14) / 14 < reach) & inside] = paint
        colour[(np.floor((u - .55) * 14) + np.floor((v - .55) * 14) > 0) & inside] = two
    else:
        n = rng.uniform(7, 11)
        cell = np.abs((x / h * n) % 1 - .5) + np.abs((y / h * n) % 1 - .5)
        which = ((x / h * n).astype(int) + (y / h * n).astype(int)) % 3
        colour[(cell < .34) & inside] = np.stack([one, two, three])[which][(cell < .34) & inside]
        colour[(cell < .14) & inside] = ground
    colour = colour * (1 + .12 * noise.look_up(noise.cloud(1.2), x / 150, y / 150))[..., None]
    wide = w * (1 / h)
    rug = patch(wide, 1, waves(rng, .008), 26, .015)
    return laid([rug] + fringe(wide, 1, 34), (made[0], "linen" if made[-1] == "silk" else made[-1]), wide, 1, np.clip(colour, .005, 1),
                elevation=(72, 90), roll=3, fill=.9)


@kind("blanket", "textile", "wool 4, cotton 2, linen 1", .7, "ethnography")
def blanket(rng, made):
    size, paints = 110, np.stack(palette(rng, 4))
    across = paints[np.searchsorted(np.sort(rng.integers(0, size, int(rng.integers(5, 14)))), np.arange(size)) % 4]
    colour = np.repeat(across[:, None], size, axis=1)
    if rng.uniform() < .45:
        colour = .5 * colour + .5 * across
    wide, tall = rng.uniform(.8, 1), rng.uniform(.7, 1)
    if rng.uniform() < .5:
        folded = [patch(wide, tall * .5, waves(rng, .01), 20, .05 * (i + 1)) for i in range(3)]
        edge = [sweep([(-wide / 2, -tall * .25, .05 * i + .03), (wide / 2, -tall * .25, .05 * i + .03)], .028, sections=8) for i in range(3)]
        return laid(folded + edge, made, wide, tall, colour, azimuth=40, elevation=(30, 60))
    return laid([patch(wide, tall, waves(rng, .02), 30, .02)] + fringe(wide, tall, 26), (made[0], made[0]), wide, tall, colour, roll=6)


@kind("bobbin lace", "textile", "linen 4, cotton 2, silk 1", .7, "decorative arts")
def bobbin_lace(rng, made):
    w, h, size = 1.0, rng.uniform(.3, 1.0), 128
    # Thread: a net, a border of flowers, a scalloped edge.
    y, x = np.mgrid[0:size, 0:size]
    pitch = rng.uniform(5, 7)
    net = (np.abs(np.sin(np.pi * (x + y) / pitch)) < .3) | (np.abs(np.sin(np.pi * (x - y) / pitch)) < .3)
    flowers = decor.spray(rng, size, size, int(rng.integers(8, 14))) > .4
    edge = from_edge(size, size)
    along = np.where(np.minimum(x, size - 1 - x) < np.minimum(y, size - 1 - y), y, x)
    scallop = 4 * np.abs(np.sin(np.pi * along / 10))
    thread = net | flowers | (np.abs(edge - 9) < 2) | (np.abs(edge - 4 + scallop) < 1.6)
    parts, pale = [panel(w, h, .012)], decor.plain(rng, "#ece4d0 #f2eee4 #dcd0b0")
    if rng.uniform() < .7:
        parts.append(box(w + .12, h + .12, .005).moved(z=-.012).of(1))
        made = (made[0], rng.choice(["felt", "velvet"]))
    skins = {0: Skin((-w / 2, w / 2, -h / 2, h / 2), pale, hole=~(thread & (edge >= 4 - scallop))),
             1: Skin((-9, 9, -9, 9), decor.plain(rng, "#1f2330 #2a2220 #22303a"))}
    return Thing(join(parts).moved(z=.012), made, skins, azimuth=0, elevation=(78, 90), roll=4)


@kind("sampler", "textile", "linen + silk 3, cotton + wool 1", .7, "decorative arts")
def sampler(rng, made):
    h, w = 150, 118
    colour = np.tile(decor.plain(rng, "#d9cba4 #cbb98c #e2d8bc"), (h, w, 1))
    inks = palette(rng, 5)
    edge, side = decor.border(rng, w, 9, "zigzag"), decor.border(rng, h, 9, "zigzag").T
    for area, cover in ((colour[:9], edge), (colour[-9:], edge), (colour[:, :9], side), (colour[:, -9:], side)):
        decor.lay(area, inks[0], cover)
    row = 14
    while row < 78:
        size = int(rng.integers(7, 11))
        motif = lettering if rng.uniform() < .65 else decor.border
        art = motif(rng, w - 28, size)[:size]
        decor.lay(colour[row:row + size, 14:14 + art.shape[1]], inks[int(rng.integers(5))], art)
        row += size + 4
    y, x = np.mgrid[0:46, 0:w - 28]
    x = np.abs(x - (w - 28) / 2)
    wall, roof = (x < 15) & (y > 22), (x < 2 + (y - 8) * 1.2) & (y > 8) & (y <= 22)
    trees = (np.abs(x - 32) < (y - 10) * .25) & (y > 10)
    area = colour[96:142, 14:w - 14]
    for cover, ink in ((wall, inks[1]), (roof, inks[2]), (trees, hexa("#31503a")), ((x < 3) & (y > 34), hexa("#3a2218"))):
        area[cover] = ink
    weave = (np.indices((h, w)).sum(axis=0) % 2) * .12
    parts, made = [panel(w / h, 1, .015)], made[:1]
    if rng.uniform() < .4:
        parts.append(framed(rng, w / h, 1, .07).of(1))
        made += (rng.choice(["walnut", "ebony", "oak"]),)
    return laid(parts, made, w / h, 1, colour * (1 - weave)[..., None], elevation=(80, 90), roll=3, fill=.86)


@kind("tablecloth", "textile", "linen 3, cotton 2, damask 2", .6, "decorative arts")
def tablecloth(rng, made):
    size = 128
    white = decor.plain(rng, "#efeadf #e4dcc8 #f2efe8")
    art = decor.spray(rng, size, size, int(rng.integers(5, 9)), stem=False)
    art[:12] = np.maximum(art[:12], decor.border(rng, size, 12))
    art[-12:] = np.maximum(art[-12:], decor.border(rng, size, 12)[::-1])
    colour = white + (decor.plain(rng, "#a8281f #27408a #cfc4aa #31503a") - white) * art[..., None]

    def drape(x, y):
        over = np.maximum(np.hypot(x, y) - .36, 0)
        return np.maximum(.34 - over * 2.2, .01) + .035 * np.sin(9 * np.arctan2(y, x)) * np.clip(over * 5, 0, 1)
    if rng.uniform() < .5:
        return laid([patch(1.05, 1.05, drape, 46, .0)], made, 1.05, 1.05, colour, azimuth=45, elevation=(16, 36))
    return laid([patch(1, .9, waves(rng, .015), 30, .01)], made, 1, .9, colour, roll=8)


@kind("shawl", "textile", "wool 3, silk 3, cotton 1", .6, "costume design")
def shawl(rng, made):
    size = 128
    ground, one, two = palette(rng, 3)
    cover = decor.spray(rng, size, size, int(rng.integers(12, 22)), stem=bool(rng.integers(2)))
    colour = ground + (one - ground) * cover[..., None]
    edge = from_edge(size, size)
    colour[(edge > 5) & (edge < 10)] = two
    square = patch(1, 1, waves(rng, .02), 34, .02)
    if rng.uniform() < .5:
        # Folded along the diagonal: the far corner is mirrored onto the near one.
        square = square.bent(lambda p: np.where((p[:, :1] + p[:, 1:2] > 0), np.stack([-p[:, 1], -p[:, 0], p[:, 2] + .03], 1), p)).turned("z", 135)
        threads = [sweep([(x, .706 - abs(x), .02), (x * 1.02, .77 - abs(x), .02)], .008, sections=5).of(1) for x in np.linspace(-.68, .68, 44)]
    else:
        threads = fringe(1, 1, 36)
    return laid([square] + threads, (made[0], made[0]), 1, 1, colour, elevation=(64, 90), roll=10)


@kind("handkerchief", "textile", "linen 3, cotton 2, silk 2", .5, "costume design")
def handkerchief(rng, made):
    colour = np.tile(decor.plain(rng, "#f0ece2 #e8e0cc #f4f2ec"), (110, 110, 1))
    edge, ink = from_edge(110, 110), palette(rng, 1)[0]
    for at in rng.integers(4, 22, int(rng.integers(1, 4))):
        colour[np.abs(edge - at) < 1.2] = ink
    decor.lay(colour[12:38, 12:38], ink, decor.spray(rng, 26, 26, 1))
    folds = rng.uniform(.004, .02)
    cloth = patch(1, 1, lambda x, y: folds * (1 + np.sign(np.sin(2 * np.pi * x * 1.5)) * .3) + .01 * np.sin(5 * x + 3 * y), 30, .012)
    return laid([cloth], made, 1, 1, colour, roll=25)


@kind("flag", "textile", "silk 3, cotton 2, wool 1", .6, "heraldry")
def flag(rng, made):
    y, x = np.mgrid[0:1:96j, 0:1:150j]
    colours = [hexa(c) for c in rng.choice(["#a8281f", "#27408a", "#e8e2d4", "#d9a93a", "#2f6a44", "#1f1d22"], 3, replace=False)]
    index = [np.floor(y * 2.999), np.floor(x * 2.999), (np.abs(y - .5) < .12) | (np.abs(x - .38) < .08), np.abs(y - .5) < .18,
             (np.abs(x - y) < .1) | (np.abs(1 - x - y) < .1)][rng.integers(5)].astype(int)
    colour = np.stack(colours)[index]
    if rng.uniform() < .4:
        decor.lay(colour[28:68, 55:95], colours[2], decor.spray(rng, 40, 40, 1, stem=False))
    parts = [patch(1.3, .85, lambda a, b: .05 + .045 * np.sin(7 * a + 1.5 * b + 1) * (a + .8), 36, .01)]
    if rng.uniform() < .6:
        parts += [sweep([(-.67, -1.0, .04), (-.67, .55, .04)], .025).of(1), ball(.05).moved(-.67, .58, .05).of(2)]
    return laid(parts, (made[0], "oak", "brass"), 1.3, .85, colour, elevation=(68, 90), roll=6, fill=.84)


@kind("toy horse", "toy", "pine + oak 3, oak + iron 1, tin + iron 1", .6, "ethnography")
def toy_horse(rng, made):
    body = loft([(-.3, .0, .0), (-.28, .1, .11), (-.1, .14, .15), (.12, .13, .14), (.28, .1, .12), (.3, .0, .0)], sections=24).turned("y", 90).moved(z=.55)
    neck = sweep([(.22, 0, .58), (.32, 0, .78), (.4, 0, .9)], [.12, .095, .08], sections=12)
    head = sweep([(.36, 0, .9), (.46, 0, .88), (.58, 0, .78)], [.085, .075, .05], sections=12)
    ears = [sweep([(.38, s * .04, .95), (.37, s * .05, 1.03)], [.025, .006], samples=4) for s in (-1, 1)]
    legs = [sweep([(x, s * .07, .5), (x + lean, s * .08, .28), (x + lean * 1.2, s * .08, .12)], [.055, .04, .035], sections=8) for s in (-1, 1) for x, lean in ((.2, .04), (-.22, -.05))]
    mane = sweep([(.2, 0, .72), (.3, 0, .87), (.36, 0, .96)], .035, flat=.4).of(2)
    tail = sweep([(-.3, 0, .6), (-.42, 0, .55), (-.44, 0, .32)], [.03, .05, .02]).of(2)
    parts = [body, neck, head, mane, tail] + ears + legs
    if rng.uniform() < .6:
        parts.append(box(.85, .32, .05).moved(0, 0, .09).of(1))
        parts += [turn([(0, -.025), (.09, -.025), (.09, .025), (0, .025)]).turned("x", 90).moved(x, y, .08).of(1) for x in (-.3, .3) for y in (-.19, .19)]
    else:
        parts += [sweep([(-.5, s * .13, .14), (-.25, s * .13, .03), (.25, s * .13, .03), (.5, s * .13, .14)], .03, flat=.7).of(1) for s in (-1, 1)]
        parts += [sweep([(x, -.13, .09), (x, .13, .09)], .02).of(1) for x in (-.25, .25)]
    skins = {}
    if rng.uniform() < .5:
        skins[0] = Skin((-9, 9, -9, 9), decor.plain(rng, "#a8281f #e8e2d4 #2f5a8a #3a2a20"), np.full((4, 4), .9, np.float32))
    return Thing(join(parts).turned("z", rng.choice([0, 180])).grounded(), made + ("hair",), skins, azimuth=40, elevation=(4, 20))


@kind("spinning top", "toy", "beech 3, boxwood 2, tin 1", .4)
def spinning_top(rng, made):
    body = turn([(0, 0), (.03, .04), (.12, .18), (.34, .38), (.37, .45), (.3, .53), (.1, .57), (.045, .6), (.04, .85), (.06, .88), (0, .9)])
    stripes = np.zeros((60, 4), np.float32)
    for at in rng.integers(4, 50, 4):
        stripes[at:at + int(rng.integers(2, 6))] = 1
    paints = np.stack(palette(rng, 4))[np.arange(60) // 7 % 4]
    skin = Skin((-9, 9, 0, 1.6), paints[:, None], stripes)
    mesh = body.turned("y", float(rng.uniform(30, 62))) if rng.uniform() < .6 else body
    return Thing(mesh.grounded(), made, {0: skin}, azimuth=180, elevation=(10, 36))


@kind("ship model", "tool", "oak + linen 3, walnut + linen 2, boxwood + silk 1", .7, "history")
def ship_model(rng, made):
    hull = loft([(0, .02, .4), (.06, .1, .5), (.16, .15, .56), (.26, .17, .62)], square=2.6, ends=True, sections=40)
    hull = hull.bent(lambda p: np.stack([p[:, 0] * np.clip(1.15 - np.abs(p[:, 1] / .62) ** 3, .05, 1), p[:, 1], p[:, 2] + .12 * (p[:, 1] / .62) ** 2 + .06 * (p[:, 1] > .35)], 1))
    parts = [hull, box(.26, .3, .13).moved(0, .42, .28), box(.03, 1.2, .03).moved(0, 0, -.02), sweep([(0, -.55, .38), (0, -.95, .55)], .014)]
    for at in (-.32, .05, .38)[:int(rng.integers(2, 4))]:
        tall = 1.25 - .5 * abs(at)
        parts.append(sweep([(0, at, .2), (0, at, tall)], [.018, .009]))
        for low, high, wide in ((.42, .72, .3), (.75, .97, .22)):
            z0, z1 = .2 + (tall - .2) * (low - .2), .2 + (tall - .2) * (high - .05)
            sail = patch(2 * wide, z1 - z0, lambda x, y: .1 * np.cos(1.4 * x / .3) * np.cos(2 * y), 12, .004).turned("x", 90)
            parts += [sail.moved(0, at - .03, (z0 + z1) / 2).of(1), sweep([(-wide, at, z1), (wide, at, z1)], .01)]
        parts += [sweep([(0, at, tall * .95), (s * .16, at + .08, .3)], .005, samples=3, sections=4) for s in (-1, 1)]
    parts += [box(.05, .05, .16).moved(0, y, -.14) for y in (-.3, .3)] + [box(.3, .9, .04).moved(z=-.16)]
    return Thing(join(parts).turned("z", rng.choice([70, -70, 100, -100])).grounded(), made, azimuth=22, elevation=(3, 16), fill=.86)
