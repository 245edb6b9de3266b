"""Flat works: paintings in frames, prints and drawings on paper, photographs, stamps, maps, books, manuscripts."""

import numpy as np

from ..kinds import kind
from ..render import noise
from ..render.materials import hexa
from ..render.solids import Mesh, box, join, patch, sheet
from ..render.studio import Skin, Thing
from . import decor, techniques
from .scenes import compose

ALL = "portrait figure landscape still-life seascape nude self-portrait"
LAND = "landscape seascape portrait figure"


def panel(width: float, height: float, thickness: float = .02, rise=None) -> Mesh:
    """A flat sheet lying face up, one unit of texture a unit of length, centred."""
    return patch(width, height, rise, thickness=thickness)


def shape_for(rng, scene: str) -> tuple[int, int]:
    """Width and height in pixels: upright for people, oblong for land and sea."""
    wide = scene in ("landscape", "seascape") or (scene == "still life" and rng.uniform() < .6)
    return (int(rng.integers(150, 176)), int(rng.integers(112, 130))) if wide else (int(rng.integers(112, 132)), int(rng.integers(146, 172)))


def framed(rng, width: float, height: float, moulding: float = .11) -> Mesh:
    """Four mitred mouldings around a picture; the grain runs along each."""
    profile = np.array([(0, .02), (.02, .04), (.03, .04), (.06, .07), (.08, .1), (.1, .1), (moulding, .05), (moulding, 0)]) * (moulding / .11)
    sides = []
    for turned, (w, h) in enumerate(((width, height), (height, width)) * 2):
        reach = profile[:, 0] + h / 2
        half = w / 2 + profile[:, 0]
        points = np.stack([np.stack([-half, -reach, profile[:, 1]], 1), np.stack([half, -reach, profile[:, 1]], 1)], axis=1)
        uv = np.stack([np.broadcast_to(profile[:, :1], (len(profile), 2)), points[..., 0]], 2)
        sides.append(sheet(points[::-1], uv[::-1]).turned("z", 90 * turned))
    return join(sides)


def flat(made, colour, height, width_px, depth=.02, gloss=None, margin=0.0, frame=None, rng=None, mat=None, hang=True):
    """A picture as a thing: its image on a panel, with a paper margin or a frame."""
    h_px = colour.shape[0]
    scale = 1.0 / max(width_px, h_px)
    w, h = width_px * scale, h_px * scale
    skin = Skin((-w / 2, w / 2, -h / 2, h / 2), colour, height=height, depth=depth, gloss=gloss)
    parts, materials = [panel(w + 2 * margin, h + 2 * margin).of(0)], tuple(made)
    if frame:
        parts.append(framed(rng, w, h, rng.uniform(.06, .15)).of(len(materials)))
        materials += (frame,)
    return Thing(join(parts), materials, {0: skin}, azimuth=0, elevation=(84, 90), roll=1.5, fill=.86)


@kind("oil painting", "art", "oil paint + canvas 5, oil paint + oak 2", 3.6, "fine arts", ALL)
def oil_painting(rng, made, scene):
    w, h = shape_for(rng, scene)
    colour, height = techniques.oil(rng, compose(scene, rng, w, h))
    frame = rng.choice(["gold", "gold", "ebony", "walnut", "oak"]) if rng.uniform() < .55 else None
    return flat(made, colour, height, w, .012, gloss=.3, frame=frame, rng=rng)


@kind("watercolor", "art", "watercolor + paper 1", .9, "fine arts", LAND)
def watercolor(rng, made, scene):
    w, h = shape_for(rng, scene)
    colour, _ = techniques.watercolour(rng, compose(scene, rng, w, h))
    return flat(made, colour, None, w, margin=rng.uniform(0, .06), rng=rng)


def _print(technique):
    def draw(rng, made, scene):
        w, h = shape_for(rng, scene)
        colour, _ = technique(rng, compose(scene, rng, w, h))
        return flat(made, colour, None, w, rng=rng)
    return draw


kind("engraving", "art", "paper + printing ink 1", 2.2, "visual arts", ALL)(_print(techniques.engraving))
kind("etching", "art", "paper + printing ink 1", 1.7, "visual arts", ALL)(_print(techniques.etching))
kind("woodcut", "art", "paper + printing ink 1", .9, "visual arts", ALL)(_print(techniques.woodcut))
kind("lithograph", "art", "paper + printing ink 1", 1.4, "visual arts", ALL)(_print(techniques.lithograph))


@kind("drawing", "art", "paper + red chalk 3, paper + graphite 3, paper + India ink 2", 2.2, "fine arts", ALL)
def drawing(rng, made, scene):
    w, h = shape_for(rng, scene)
    colour, _ = techniques.drawing(rng, compose(scene, rng, w, h), made[1])
    return flat(made, colour, None, w, rng=rng)


@kind("albumen print", "art", "paper + cardboard 2, paper 1", 1.1, "photography", LAND)
def albumen_print(rng, made, scene):
    w, h = shape_for(rng, scene)
    colour, _ = techniques.photograph_print(rng, compose(scene, rng, w, h), sepia=rng.uniform() < .8)
    if len(made) == 1:
        return flat(made, colour, None, w, gloss=.25, rng=rng)
    mount = panel(w / max(w, h) + rng.uniform(.08, .3), h / max(w, h) + rng.uniform(.1, .34), .012).of(1)
    thing = flat(made, colour, None, w, gloss=.25, rng=rng)
    return Thing(join([thing.mesh.moved(z=.008), mount]), made, thing.skins, azimuth=0, elevation=(84, 90), roll=2, fill=.86)


@kind("tapestry", "tapestry", "wool + silk 2, wool 2", .7, "decorative arts", "figure landscape portrait")
def tapestry(rng, made, scene):
    w, h = shape_for(rng, scene)
    scene_colour = compose(scene, rng, w, h)
    strip = decor.border(rng, w, 12)
    ground, ink = hexa(rng.choice(["#3a2a1c", "#22304a", "#5a2420"])), hexa("#c9a86a")
    band = ground + (ink - ground) * strip[..., None]
    scene_colour[:12], scene_colour[-12:] = band, band[::-1]
    side = decor.border(rng, h, 12).T
    band = ground + (ink - ground) * side[..., None]
    scene_colour[:, :12], scene_colour[:, -12:] = band, band[:, ::-1]
    colour, height = techniques.tapestry(rng, scene_colour)
    thing = flat(made[:1], colour, height, w, .01, rng=rng)
    return Thing(thing.mesh, made, thing.skins, azimuth=0, elevation=(84, 90), roll=1)


@kind("mosaic", "mosaic", "limestone + marble 2, glass + gold 1, marble 1", .6, "archaeology", "portrait figure seascape")
def mosaic(rng, made, scene):
    w, h = shape_for(rng, scene)
    colour, height = techniques.mosaic(rng, compose(scene, rng, w, h))
    return flat(("limestone",), colour, height, w, .02, gloss=.15, rng=rng)


@kind("stained glass window", "stained_glass", "colored glass + lead 1", .6, "decorative arts", "portrait figure landscape")
def stained_glass(rng, made, scene):
    w, h = shape_for(rng, scene)
    colour, height = techniques.stained_glass(rng, compose(scene, rng, w, h))
    return flat(("plaster",), colour * 1.25, height, w, .015, gloss=.2, frame="lead" if rng.uniform() < .5 else None, rng=rng)


@kind("icon", "art", "tempera + oak 3, tempera + pine 1", .7, "religion", "portrait")
def icon(rng, made, scene):
    w, h = 118, 150
    image = compose("portrait", rng, w, h)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    person = np.clip(np.abs(image - image[2, w // 2]).sum(axis=2) * 9 - .6, 0, 1)
    gold = hexa("#d9a93a") * (1 + .1 * noise.look_up(noise.cloud(1.3), x / 200, y / 200))[..., None]
    halo = np.hypot(x - w / 2, (y - h * .36)) / w
    gold = gold * (1 - .35 * (np.abs(halo - .36) < .012) - .12 * (halo < .36))[..., None]
    steps = np.round(image ** .45 * 5) / 5
    flat_paint = steps ** 2.2 * np.float32([1.0, .85, .65])
    colour = gold + (flat_paint - gold) * person[..., None]
    edge = np.minimum(np.minimum(x, w - x), np.minimum(y, h - y))
    colour = np.where((edge < 5)[..., None], hexa(rng.choice(["#6a2018", "#3a2a1a"])), colour)
    return flat(made, colour.astype(np.float32), None, w, gloss=.35, rng=rng, margin=.02)


@kind("poster", "art", "paper + printing ink 1", .7, "visual arts")
def poster(rng, made):
    w, h = 112, 160
    scene = compose(str(rng.choice(["landscape", "seascape", "portrait", "figure"])), rng, w, h)
    palette = np.stack([hexa(c) for c in rng.choice(["#d9482b", "#e8b83a", "#1f4f6f", "#f0e2c0", "#2a2a2a", "#3f7a5a", "#7a2a3a"], 5, replace=False)])
    tone = techniques.tone_of(scene)
    colour = palette[np.clip((tone * 4.99).astype(int), 0, 4)]
    big, small = (hexa(c) for c in rng.choice(["#f6ead0", "#1c1a1a", "#c9302a"], 2, replace=False))
    top = rng.uniform() < .5
    for y0, size, ink in ((6 if top else h - 34, 22, big), (30 if top else h - 12, 7, small)):
        letters = lettering(rng, w - 14, size)
        block = colour[y0:y0 + size, 7:w - 7]
        block += (ink - block) * letters[:block.shape[0], :, None]
    return flat(made, np.float32(colour), None, w, rng=rng)


def lettering(rng, width: int, size: int) -> np.ndarray:
    """A line of upright strokes and bows that reads as writing, mask (size, width)."""
    image, pen = decor.canvas(width, size)
    x, thick = 0.0, max(1, size // 6)
    while x < width - size * .4:
        wide = size * rng.uniform(.35, .65)
        if rng.uniform() < .14:
            x += wide * .8
            continue
        form = rng.integers(5)
        if form in (0, 3):
            pen.ellipse([x, size * .08, x + wide, size * .92], outline=255, width=thick)
        if form in (1, 2, 3, 4):
            pen.rectangle([x, size * .05, x + thick, size * .95], 255)
        if form == 1:
            pen.rectangle([x + wide - thick, size * .05, x + wide, size * .95], 255)
            pen.rectangle([x, size * .45, x + wide, size * .45 + thick], 255)
        if form == 2:
            for level in (.05, .45, .95):
                pen.rectangle([x, size * level - (thick if level > .9 else 0), x + wide * .8, size * level + (0 if level > .9 else thick)], 255)
        if form == 4:
            pen.line([(x + thick, size * .1), (x + wide, size * .9)], 255, thick)
        x += wide + size * .16
    return decor.mask(image)


def writing(rng, width: int, height: int, line: int = 6, ragged: bool = True) -> np.ndarray:
    """A page of small writing, mask (height, width)."""
    page = np.zeros((height, width), np.float32)
    for top in range(0, height - line, line):
        length = int(width * (rng.uniform(.8, 1.0) if ragged else 1))
        page[top:top + line - 2, :length] = lettering(rng, length, line - 2)[:, :length] * rng.uniform(.7, 1)
    return page


@kind("postage stamp", "art", "paper + printing ink 1", .7, "history", "portrait landscape seascape")
def postage_stamp(rng, made, scene):
    w, h = (104, 124) if scene == "portrait" else (128, 104)
    tone = techniques.tone_of(compose(scene, rng, w - 34, h - 44))
    ink, sheet = hexa(rng.choice(["#8a2a2a", "#2a4a7a", "#2f5f3a", "#5a3a6a", "#6a4a20", "#2a2a30"])), hexa("#efe8d4")
    colour = np.broadcast_to(sheet, (h, w, 3)).copy()
    colour[8:-8, 8:-8] = ink
    lines = .12 * np.sin(np.arange(h - 44) * 2.2)[:, None]
    inner = np.clip(tone + lines, 0, 1)[..., None]
    colour[14:h - 30, 17:w - 17] = ink + (sheet - ink) * inner
    text = lettering(rng, w - 40, 11)
    block = colour[h - 24:h - 13, 20:w - 20]
    block += (sheet - block) * text[..., None]
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    edge = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y))
    along = np.where(np.minimum(x, w - 1 - x) < np.minimum(y, h - 1 - y), y, x)
    hole = (edge < 3.4) & (np.abs((along / 8) % 1 - .5) * 8 < np.sqrt(np.clip(10 - edge ** 2, 0, None)))
    if rng.uniform() < .5:
        ring = np.hypot(x - w * rng.uniform(.1, .9), y - h * rng.uniform(.1, .9))
        mark = (np.abs(ring - 30) < 1.2) | (np.abs(ring - 22) < .8)
        colour[mark] *= .35
    thing = flat(made, np.float32(colour), None, w, rng=rng)
    skin = thing.skins[0]
    return Thing(thing.mesh, made, {0: Skin(skin.extent, skin.colour, hole=hole)}, azimuth=0, elevation=(85, 90), roll=3, fill=.7)


@kind("postcard", "art", "cardboard + printing ink 1", .8, "history", "landscape seascape portrait")
def postcard(rng, made, scene):
    w, h = (160, 106) if scene != "portrait" else (106, 160)
    inside = compose(scene, rng, w - 12, h - 12)
    if rng.uniform() < .5:
        inside, _ = techniques.photograph_print(rng, inside, rng.uniform() < .5)
    else:
        inside = np.clip(inside * np.float32([1.1, 1.0, .9]), 0, 1) ** .85 * .85 + .06
    colour = techniques.paper(rng, (h, w))
    colour[6:-6, 6:-6] = inside
    if rng.uniform() < .6:
        text = lettering(rng, w // 2, 6)
        colour[h - 14:h - 8, 10:10 + w // 2] *= 1 - .85 * text[..., None] if inside.mean() > .25 else 1
    return flat(made, np.float32(colour), None, w, gloss=.15, rng=rng)


@kind("map", "art", "paper + printing ink 2, paper + watercolor 1, parchment + India ink 1", .8, "history")
def chart(rng, made):
    w, h = (165, 122) if rng.uniform() < .7 else (122, 160)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    level = noise.smooth(noise.cloud(1.9), x / 420 + rng.uniform(), y / 420 + rng.uniform()) + rng.uniform(-.3, .5)
    sheet = techniques.paper(rng, (h, w)) * (np.float32([1, .93, .75]) if made[0] == "parchment" else 1)
    land, sea = hexa(rng.choice(["#d9c79a", "#c9d0a0", "#e6c9a8"])), hexa(rng.choice(["#b8cfd0", "#dcdcc8", "#a8c0c8"]))
    colour = sheet * np.where((level > 0)[..., None], land, sea) * 1.15
    coast = np.abs(level) < .03
    waves = (level < 0) & (np.abs((level * 9) % 1 - .5) < .12) & (level > -.45)
    rivers = (np.abs(noise.smooth(noise.cloud(1.7), x / 300 + .3, y / 300 + rng.uniform())) < .03) & (level > .05)
    roads = (np.abs(noise.smooth(noise.cloud(1.8), x / 380 + .7, y / 380 + rng.uniform())) < .025) & (level > .05)
    for cover, ink in ((waves, "#7f98a0"), (rivers, "#5f8098"), (roads, "#a8502f"), (coast, "#3a2a20")):
        colour[cover] = hexa(ink)
    for _ in range(14):
        px, py = int(rng.integers(12, w - 24)), int(rng.integers(12, h - 12))
        if level[py, px] > .1:
            colour[py - 1:py + 2, px - 1:px + 2] = hexa("#8a2a20")
            name = lettering(rng, 18, 5)
            block = colour[py - 2:py + 3, px + 3:px + 21]
            block *= 1 - .8 * name[:block.shape[0], :block.shape[1], None]
    step = int(rng.integers(24, 36))
    colour[::step] *= .82
    colour[:, ::step] *= .82
    edge = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y))
    colour[(edge > 3) & (edge < 7)] = hexa("#3a2f26")
    colour[(edge > 4) & (edge < 6) & (((x + y) // 9) % 2 > 0)] = hexa("#efe6cc")
    if rng.uniform() < .6:
        cx, cy = int(rng.integers(14, w - 60)), int(rng.choice([14, h - 44]))
        colour[cy:cy + 28, cx:cx + 48] = hexa("#efe4c4")
        colour[[cy, cy + 27], cx:cx + 48] = hexa("#5a3020")
        colour[cy:cy + 28, [cx, cx + 47]] = hexa("#5a3020")
        colour[cy + 5:cy + 13, cx + 4:cx + 44] *= 1 - .9 * lettering(rng, 40, 8)[..., None]
        colour[cy + 17:cy + 22, cx + 8:cx + 40] *= 1 - .8 * lettering(rng, 32, 5)[..., None]
    return flat(made, np.float32(np.clip(colour, 0, 1)), None, w, rng=rng)


def open_book(rng, page, w=.62, h=.85):
    """Two pages that rise from the fold, with their picture, on covers."""
    def rise(x, y):
        return .09 * np.sqrt(np.clip(np.abs(x) / w * 3, 0, 1)) * (1 - .55 * np.abs(x) / w) + .03
    sheets = patch(2 * w, h, rise, steps=40, thickness=.01)
    cover = box(2 * w + .06, h + .06, .03).of(1)
    return join([sheets, cover]), {0: Skin((-w, w, -h / 2, h / 2), page)}


@kind("illuminated manuscript", "art", "parchment + leather 3, parchment 1", .8, "history")
def illuminated_manuscript(rng, made):
    h, w = 160, 120
    pages = []
    for side in range(2):
        page = np.broadcast_to(hexa("#e6d8b0"), (h, w, 3)) * (1 + .05 * noise.look_up(noise.cloud(1.8), *(np.mgrid[0:h, 0:w] / 300 + rng.uniform()))[..., None])
        ink = writing(rng, w - 34, h - 30, int(rng.integers(6, 9)), ragged=False)
        area = page[15:15 + ink.shape[0], 17:17 + ink.shape[1]]
        area += (hexa("#2a1c14") - area) * (ink * .9)[..., None]
        blue, red, gold = hexa("#27408a"), hexa("#a8281f"), hexa("#d9a93a")
        if rng.uniform() < .75:
            size = int(rng.integers(26, 44))
            page[15:15 + size, 17:17 + size] = rng.choice([0, 1]) * (blue - red) + red
            letter, pen = decor.canvas(size, size)
            pen.arc([4, 4, size - 5, size - 5], 40, 320, 255, 5)
            pen.rectangle([size * .25, 3, size * .42, size - 4], 255)
            area = page[15:15 + size, 17:17 + size]
            area += (gold - area) * decor.mask(letter)[..., None]
        if rng.uniform() < .5:
            top = int(rng.integers(60, 85))
            picture = compose(str(rng.choice(["portrait", "figure", "landscape"])), rng, w - 34, 56)
            steps = np.round(np.clip(picture, 0, 1) ** .45 * 5) / 5
            page[top:top + 56, 17:w - 17] = steps ** 2.2 * 1.2
            page[[top, top + 55], 17:w - 17] = gold
            page[top:top + 56, [17, w - 18]] = gold
        vine = decor.border(rng, h - 16, 10, "leaves").T
        area = page[8:h - 8, 5:15] if side == 0 else page[8:h - 8, w - 15:w - 5]
        area += (np.where(rng.uniform() < .5, blue, hexa("#3f6a2f")) - area) * vine[..., None]
        pages.append(page)
    if len(made) == 1:
        return flat(made, np.float32(pages[0]), None, w, rng=rng)
    mesh, skins = open_book(rng, np.float32(np.concatenate(pages, 1)))
    return Thing(mesh, made, skins, azimuth=14, elevation=(48, 85))


@kind("book", "bookbinding", "paper + leather 3, paper + cardboard 1, paper + parchment 1", 1.3, "history")
def book(rng, made):
    if rng.uniform() < .35:
        h, w = 150, 110
        pages = []
        for _ in range(2):
            page = np.array(np.broadcast_to(hexa("#ebe3cc"), (h, w, 3)))
            ink = writing(rng, w - 30, h - 34, 5, ragged=False)
            page[17:17 + ink.shape[0], 15:15 + ink.shape[1]] *= 1 - .85 * ink[..., None]
            if rng.uniform() < .3:
                page[20:80, 18:w - 18] = techniques.engraving(rng, compose("landscape", rng, w - 36, 60))[0]
            pages.append(page)
        mesh, skins = open_book(rng, np.float32(np.concatenate(pages, 1)))
        return Thing(mesh, made, skins, azimuth=25, elevation=(40, 80))
    return bound(rng, made)


@kind("bookbinding", "bookbinding", "leather + gold 3, parchment + brass 1, velvet + silver .6", .6, "decorative arts")
def bookbinding(rng, made):
    return bound(rng, (made[0],) if len(made) == 1 else ("paper", made[0], made[1]), rich=True)


def bound(rng, made, rich=False):
    """A closed book lying or standing: page block, boards, ribbed spine, tooled or not."""
    w, h, t = .66, .92, rng.uniform(.12, .3)
    pages = box(w - .03, h - .05, t - .02, .005).of(0).moved(.0, 0, .012)
    boards = [box(w, h, .025).of(1).moved(z=z) for z in (0, t - .005)]
    angle = np.linspace(np.pi / 2, 3 * np.pi / 2, 9)
    spine = sheet(np.stack([np.broadcast_to(-w / 2 + .05 * np.cos(angle), (2, 9)), np.broadcast_to(np.array([[-h / 2], [h / 2]]), (2, 9)),
                            np.broadcast_to(t / 2 + .01 + (t / 2 + .01) * np.sin(angle), (2, 9))], 2)).of(1)
    parts = [pages, spine] + boards
    parts += [box(.03, .025, t + .03).of(1).moved(-w / 2 - .045, y) for y in (-.3, -.1, .1, .3)]
    skins, materials = {}, tuple(made[:2])
    tooled = np.zeros((140, 100), np.float32)
    for inset in (6, 11):
        tooled[[inset, -inset - 1], inset:-inset] = 1
        tooled[inset:-inset, [inset, -inset - 1]] = 1
    if rich or rng.uniform() < .4:
        tooled[40:100, 22:78] = np.maximum(tooled[40:100, 22:78], decor.spray(rng, 56, 60, 5))
    else:
        tooled[35:49, 20:80] = lettering(rng, 60, 14)
    colour = np.ascontiguousarray(np.broadcast_to(hexa("#d9ac4a"), (140, 100, 3)))
    if rich or rng.uniform() < .7:
        skins[1] = Skin((-w / 2, w / 2, -h / 2, h / 2), colour, tooled, metal=.8)
    if len(made) > 2:
        parts += [box(.1, .1, t + .045).of(2).moved(x * (w / 2 - .045), y * (h / 2 - .045), -.01) for x in (-1, 1) for y in (-1, 1)]
        materials = tuple(made)
    mesh = join(parts)
    if rng.uniform() < .4:
        mesh = mesh.turned("x", 90).moved(z=h / 2).turned("z", float(rng.uniform(10, 60)))
        return Thing(mesh, materials, skins, azimuth=25, elevation=(8, 25))
    return Thing(mesh, materials, skins, azimuth=40, elevation=(35, 80))
