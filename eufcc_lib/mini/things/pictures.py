"""Flat works: paintings in frames, prints and drawings on paper, photographs, stamps, maps, books, manuscripts."""

from dataclasses import replace

import numpy as np

from ..kinds import kind
from ..render import noise
from ..render.materials import hexa
from ..render.solids import Mesh, ball, box, join, patch, plate, sheet
from ..render.studio import Skin, Thing
from . import decor, designs, sitters, techniques
from .painting import Easel, oval, words
from .scenes import compose

ALL = "portrait, figure, landscape, still life, seascape, nude, self-portrait"
LAND = "landscape, seascape, portrait, figure"


def panel(width: float, height: float, thickness: float = .02, rise=None) -> Mesh:
    """A flat sheet lying face up, one unit of texture a unit of length, centred."""
    return patch(width, height, rise, thickness=thickness)


def staged(rng, scene: str) -> np.ndarray:
    """A scene in linear RGB, about 120 by 160 pixels: upright for people, oblong for land and sea."""
    wide = scene in ("landscape", "seascape") or (scene in ("still life", "nude") and rng.uniform() < .6)
    limits = ((150, 176), (112, 130)) if wide else ((112, 132), (146, 172))
    return compose(scene, rng, *(int(rng.integers(*limit)) for limit in limits))


def framed(rng, width: float, height: float, moulding: float = .11) -> Mesh:
    """Four mitred mouldings around a picture; the grain runs along each."""
    profile = np.array([(0, .02), (.02, .04), (.03, .04), (.06, .07), (.08, .1), (.1, .1), (moulding, .05),
                        (moulding, 0)]) * (moulding / .11)
    sides = []
    for turned, (w, h) in enumerate(((width, height), (height, width)) * 2):
        reach = profile[:, 0] + h / 2
        half = w / 2 + profile[:, 0]
        points = np.stack([np.stack([-half, -reach, profile[:, 1]], 1), np.stack([half, -reach, profile[:, 1]], 1)], axis=1)
        uv = np.stack([np.broadcast_to(profile[:, :1], (len(profile), 2)), points[..., 0]], 2)
        sides.append(sheet(points[::-1], uv[::-1]).turned("z", 90 * turned))
    return join(sides)


def flat(rng, made, colour, height=None, depth=.02, gloss=None, margin=0.0, frame=None) -> Thing:
    """A picture as a thing: its image (h, w, 3), perhaps in relief, on a panel with a paper margin or a frame."""
    h, w = (side * (1 / max(colour.shape[:2])) for side in colour.shape[:2])
    skin = Skin((-w / 2, w / 2, -h / 2, h / 2), np.float32(colour), height=height, depth=depth, gloss=gloss)
    parts, materials = [panel(w + 2 * margin, h + 2 * margin).of(0)], tuple(made)
    if frame:
        parts.append(framed(rng, w, h, rng.uniform(.06, .15)).of(len(materials)))
        materials += (frame,)
    return Thing(join(parts), materials, {0: skin}, azimuth=0, elevation=(84, 90), roll=1.5, fill=.86)


@kind("oil painting", "art", "oil paint + canvas 5, oil paint + oak 2", 3.6, "fine arts", ALL)
def oil_painting(rng, made, scene):
    colour, height = techniques.oil(rng, staged(rng, scene))
    frame = rng.choice(["gold", "gold", "ebony", "walnut", "oak"]) if rng.uniform() < .55 else None
    return flat(rng, made, colour, height, .007, gloss=.3, frame=frame)


@kind("watercolor", "art", "watercolor + paper 1", .9, "fine arts", LAND)
def watercolor(rng, made, scene):
    return flat(rng, made, techniques.watercolour(rng, staged(rng, scene)), margin=rng.uniform(0, .06))


for name, technique, weight in (("engraving", techniques.engraving, 2.2), ("etching", techniques.etching, 1.7),
                                ("woodcut", techniques.woodcut, .9), ("lithograph", techniques.lithograph, 1.4)):
    @kind(name, "art", "paper + printing ink 1", weight, "visual arts", ALL)
    def draw_print(rng, made, scene, technique=technique):
        return flat(rng, made, technique(rng, staged(rng, scene)))


@kind("drawing", "art", "paper + red chalk 3, paper + graphite 3, paper + India ink 2", 2.2, "fine arts", ALL)
def drawing(rng, made, scene):
    return flat(rng, made, techniques.drawing(rng, staged(rng, scene), made[1]))


@kind("albumen print", "art", "paper + cardboard 2, paper 1", 1.1, "photography", LAND)
def albumen_print(rng, made, scene):
    colour = techniques.photograph_print(rng, staged(rng, scene), sepia=rng.uniform() < .8)
    thing = flat(rng, made, colour, gloss=.25)
    if len(made) == 1:
        return thing
    h, w = np.array(colour.shape[:2]) / max(colour.shape[:2])
    mount = panel(w + rng.uniform(.08, .3), h + rng.uniform(.1, .34), .012).of(1)
    return replace(thing, mesh=join([thing.mesh.moved(z=.008), mount]), roll=2)


@kind("tapestry", "tapestry", "wool + silk 2, wool 2", .7, "decorative arts", "figure, landscape, portrait")
def tapestry(rng, made, scene):
    colour = staged(rng, scene)
    h, w = colour.shape[:2]
    if scene == "figure" and rng.uniform() < .6:
        easel = Easel(designs.flowered(rng, w, h, rng.choice(["#1c3428", "#5a1c1c", "#1c2c48"])), relief=.6)
        sitters.whole_figure(easel, rng, 0, .88, .74)
        colour = easel.image
    strips = [decor.border(rng, colour.shape[1], 12)]
    ground, ink = hexa(rng.choice(["#3a2a1c", "#22304a", "#5a2420"])), hexa("#c9a86a")
    strips.append(decor.border(rng, colour.shape[0], 12))
    for rows, strip in zip((colour, colour.swapaxes(0, 1)), strips):
        rows[:12] = ground + (ink - ground) * strip[..., None]
        rows[-12:] = rows[11::-1]
    return replace(flat(rng, made, *techniques.tapestry(rng, colour), .01), roll=1, fill=.78)


def cut(thing: Thing, outline) -> Thing:
    """A flat picture cut along an outline, in units of its longer side."""
    return replace(thing, mesh=plate(outline, .02, bevel=.02).of(0))


@kind("mosaic", "mosaic", "limestone + marble 2, glass + gold 1, marble 1", .6, "archaeology", "portrait, figure, seascape")
def mosaic(rng, made, scene):
    w, h = {"portrait": (140, 156), "figure": (112, 164), "seascape": (164, 136)}[scene]
    return flat(rng, ("limestone",), *techniques.mosaic(rng, designs.pavement(rng, w, h, scene, "gold" in made)), .01,
                gloss=.15)


@kind("stained glass window", "stained_glass", "colored glass + lead 1", .6, "decorative arts", "portrait, figure, landscape")
def stained_glass(rng, made, scene):
    w, h = {"portrait": (132, 160), "figure": (96, 176), "landscape": (150, 150)}[scene]
    colour, height = techniques.stained_glass(rng, designs.window(rng, w, h, scene))
    form = rng.uniform()
    thing = flat(rng, ("plaster",), colour * 1.25, height, .015, gloss=.2, frame="lead" if form > .6 else None)
    if form > .6:
        return thing
    half, top = w / max(w, h) / 2, h / max(w, h) / 2
    angle = np.linspace(0, np.pi, 25)
    if scene == "landscape":
        return cut(thing, oval(0, 0, half, top, sides=48))
    tall, rise = (half, np.sin(angle)) if form < .3 else (1.3 * half, np.sin(angle) ** .75)  # a round or a pointed arch
    return cut(thing, [(half, -top), *zip(half * np.cos(angle), top - tall + tall * rise), (-half, -top)])


@kind("icon", "art", "tempera + oak 3, tempera + pine 1", .7, "religion", "portrait")
def icon(rng, made, scene):
    return flat(rng, made, designs.icon(rng, int(rng.integers(112, 126)), 150), gloss=.35, margin=.02)


@kind("poster", "art", "paper + printing ink 1", .7, "visual arts")
def poster(rng, made):
    return flat(rng, made, designs.poster(rng, 116, 164))


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
        if form > 0:
            pen.rectangle([x, size * .05, x + thick, size * .95], 255)
        if form == 1:
            pen.rectangle([x + wide - thick, size * .05, x + wide, size * .95], 255)
            pen.rectangle([x, size * .45, x + wide, size * .45 + thick], 255)
        if form == 2:
            for level in (size * .05, size * .45, size * .95 - thick):
                pen.rectangle([x, level, x + wide * .8, level + thick], 255)
        if form == 4:
            pen.line([(x + thick, size * .1), (x + wide, size * .9)], 255, thick)
        x += wide + size * .16
    return decor.mask(image)


def writing(rng, width: int, height: int, line: int) -> np.ndarray:
    """A page of small writing, mask (height, width), a line every `line` pixels."""
    page = np.zeros((height, width), np.float32)
    for top in range(0, height - line, line):
        page[top:top + line - 2] = lettering(rng, width, line - 2) * rng.uniform(.7, 1)
    return page


LANDS = ("MARAVIA", "OSTLAND", "VALDORA", "CORVANIA", "NORDMARK", "ISTRINA")


@kind("postage stamp", "art", "paper + printing ink 1", .7, "history", "portrait, landscape, seascape")
def postage_stamp(rng, made, scene):
    w, h = (104, 124) if scene == "portrait" else (128, 104)
    ink = hexa(rng.choice(["#8a2a2a", "#2a4a7a", "#2f5f3a", "#5a3a6a", "#6a4a20", "#2a2a30", "#b0501c"]))
    sheet = hexa("#efe8d4")
    colour = np.tile(sheet, (h, w, 1))
    colour[8:-8, 8:-8] = ink
    form = rng.integers(4)
    box = {0: np.s_[14:h - 30, 17:w - 17], 1: np.s_[12:h - 12, 12:w - 12], 2: np.s_[26:h - 26, 13:w - 13],
           3: np.s_[13:h - 24, 13:w - 13]}[form]
    th, tw = colour[box].shape[:2]
    tone = techniques.tone_of(compose(scene, rng, tw, th))
    lines = .12 * np.sin(np.arange(th) * 2.2)[:, None]
    v, u = np.mgrid[-1:1:th * 1j, -1:1:tw * 1j]
    inside = np.clip((1 - np.hypot(u, v)) * 12, 0, 1) if form == 1 else np.ones((th, tw))
    if form == 3 and rng.uniform() < .7:  # printed in a second ink
        second = hexa(rng.choice(["#1f2a4a", "#5a1f2a", "#1f4a3a"]))
        colour[box] = second
    decor.lay(colour[box], sheet, np.clip(tone + lines, 0, 1) * inside)
    if form == 1:
        decor.lay(colour[box], sheet, np.abs(np.hypot(u, v) - 1.02) < .025)
    land, value = str(rng.choice(LANDS)), str(rng.choice(["5", "10", "20", "50", "1", "2"]))
    rows = {0: ((h - 26, 13, land, 20),), 1: ((11, 12, value, 11), (h - 23, 12, value, 11)), 2: ((12, 11, land, 16),
                                                                                                 (h - 24, 13,
                                                                                                  f"POSTA {value} c", 22)),
            3: ((h - 22, 11, f"{land} {value}", 14),)}[form]
    for top, size, text, left in rows:
        wide = 18 if form == 1 else w - 2 * left
        decor.lay(colour[top:top + size, left:left + wide], sheet, words(text, wide, size))
        if form == 1:
            decor.lay(colour[top:top + size, w - left - wide:w - left], sheet, words(text, wide, size))
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    edge = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y))
    along = np.where(np.minimum(x, w - 1 - x) < np.minimum(y, h - 1 - y), y, x)
    hole = (edge < 3.4) & (np.abs((along / 8) % 1 - .5) * 8 < np.sqrt(np.clip(10 - edge ** 2, 0, None)))
    if rng.uniform() < .5:
        cx, cy = w * rng.uniform(.1, .9), h * rng.uniform(.1, .9)
        ring = np.hypot(x - cx, y - cy)
        mark = (np.abs(ring - 30) < 1.2) | (np.abs(ring - 22) < .8)
        if rng.uniform() < .5:  # and the waves of a machine
            mark |= (np.abs((y - cy + 2 * np.sin(x / 7)) % 9 - 4) < .8) & (np.abs(y - cy) < 24) & (ring > 30)
        colour[mark] *= .35
    thing = flat(rng, made, colour)
    return replace(thing, skins={0: replace(thing.skins[0], hole=hole)}, elevation=(85, 90), roll=3, fill=.7)


GREETINGS = ("GREETINGS", "SOUVENIR", "LAGO DI VALTA", "BAD OSTHEIM", "LE PORT", "MARAVIA")


@kind("postcard", "art", "cardboard + printing ink 1", .8, "history", "landscape, seascape, portrait")
def postcard(rng, made, scene):
    w, h = (160, 106) if scene != "portrait" else (106, 160)
    form = rng.uniform()
    # Whole, with a strip left for the message, two views, or one in an oval.
    strip = int(h * .2) if form < .3 else 0
    inside = compose(scene, rng, w - 12, h - 12 - strip)
    if .3 <= form < .5:
        half = (w - 18) // 2 if w > h else (h - 18) // 2
        other = compose(scene, rng, *((half, h - 12) if w > h else (w - 12, half)))
        first = compose(scene, rng, *((half, h - 12) if w > h else (w - 12, half)))
        gap = np.full((h - 12, w - 12 - 2 * half, 3) if w > h else (h - 12 - 2 * half, w - 12, 3), .8, np.float32)
        inside = np.concatenate([first, gap, other], 1 if w > h else 0)
    if rng.uniform() < .5:
        inside = techniques.photograph_print(rng, inside, rng.uniform() < .5)
    else:
        inside = np.clip(inside * np.float32([1.1, 1.0, .9]), 0, 1) ** .85 * .85 + .06
    colour = techniques.paper(rng, (h, w))
    area = colour[6:h - 6 - strip, 6:w - 6]
    v, u = np.mgrid[-1:1:area.shape[0] * 1j, -1:1:area.shape[1] * 1j]
    decor.lay(area, inside, np.clip((1 - np.hypot(u, v) * .98) * 20, 0, 1) if form > .85 else np.ones(u.shape))
    text = str(rng.choice(GREETINGS if w > h else ("MLLE ROSE", "SOUVENIR", "THE TENOR", "DIVA", "IN COSTUME")))
    ink = hexa(rng.choice(["#8a1f1c", "#1f2a4a", "#1a1a1a"]))
    if strip:
        decor.lay(colour[h - strip:h - 9, 8:w - 8], ink, .9 * words(text, w - 16, strip - 9))
    elif rng.uniform() < .7:
        mask = words(text, w // 2, 9, fit=False)
        decor.lay(colour[h - 19:h - 10, 11:11 + w // 2], hexa("#f4eede") if inside[-15:].mean() < .3 else ink, mask)
    return flat(rng, made, colour, gloss=.15)


@kind("map", "art", "paper + printing ink 2, paper + watercolor 1, parchment + India ink 1", .8, "history")
def chart(rng, made):
    w, h = (165, 122) if rng.uniform() < .7 else (122, 160)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    sheet = techniques.paper(rng, (h, w)) * (np.float32([1, .93, .75]) if made[0] == "parchment" else 1)
    form = str(rng.choice(["land", "land", "chart", "town", "world"]))
    if form == "world" and w < h:
        form = "town"
    if form == "town":
        colour = designs.town(rng, sheet)
    else:
        colour = _country(rng, sheet, x, y, form)
    edge = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y))
    colour[(edge > 3) & (edge < 7)] = hexa("#3a2f26")
    colour[(edge > 4) & (edge < 6) & (((x + y) // 9) % 2 > 0)] = hexa("#efe6cc")
    if rng.uniform() < .7:
        title = str(rng.choice({"town": ["NOVA URBS", "OSTHEIM", "VALTA"], "world": ["ORBIS"],
                                "chart": ["MARE NOSTRUM", "CARTA"]}.get(form, LANDS)))
        cx, cy = int(rng.integers(12, w - 64)), int(rng.choice([12, h - 34]))
        if form == "world":
            cx, cy = w // 2 - 26, h - 24
        legend = colour[cy:cy + 20, cx:cx + 52] if form != "world" else colour[cy:cy + 14, cx:cx + 52]
        legend[:] = hexa("#efe4c4")
        decor.outline(legend, hexa("#5a3020"))
        decor.lay(legend[3:12], hexa("#3a1a14"), words(title, 52, 9))
        if form != "world":
            legend[14:15, 8:-8] = hexa("#5a3020")
    return flat(rng, made, np.clip(colour, 0, 1))


def _country(rng, sheet, x, y, form):
    """Coasts, rivers and places; as a chart with a compass rose and its rays; as the two halves of the world."""
    h, w = x.shape
    zoom = 260 if form == "world" else 420
    level = noise.smooth(noise.cloud(1.9), x / zoom + rng.uniform(), y / zoom + rng.uniform()) 
    level = level - np.quantile(level, rng.uniform(.3, .65))  # some land and some sea
    land, sea = hexa(rng.choice(["#d9c79a", "#c9d0a0", "#e6c9a8"])), hexa(rng.choice(["#b8cfd0", "#dcdcc8", "#a8c0c8"]))
    colour = sheet * np.where((level > 0)[..., None], land, sea) * 1.15
    coast = np.abs(level) < (.05 if form == "world" else .03)
    waves = (level < 0) & (np.abs((level * 9) % 1 - .5) < .12) & (level > -.45)
    rivers = (np.abs(noise.smooth(noise.cloud(1.7), x / 300 + .3, y / 300 + rng.uniform())) < .03) & (level > .05)
    roads = (np.abs(noise.smooth(noise.cloud(1.8), x / 380 + .7,
                                 y / 380 + rng.uniform())) < .025) & (level > .05) & (form == "land")
    for cover, ink in ((waves, "#7f98a0"), (rivers, "#5f8098"), (roads, "#a8502f"), (coast, "#3a2a20")):
        colour[cover] = hexa(ink)
    if form == "world":
        r, inside = min(w / 4.2, h / 2.3), np.zeros(x.shape, bool)
        for cx in (w / 2 - r, w / 2 + r):
            u, v = (x - cx) / r, (y - h * .46) / r
            inside |= np.hypot(u, v) < .97
            meridian, parallel = u / np.sqrt(np.clip(1 - v ** 2, .02, 1)), v * (1 + .15 * u ** 2)
            for line in (meridian, parallel):
                colour[(np.abs((line * 3 + .5) % 1 - .5) < .06) & (np.hypot(u, v) < .97)] *= .8
            colour[np.abs(np.hypot(u, v) - .97) < .025] = hexa("#5a2a1c")
        outside = ~inside & (np.minimum(np.hypot(x - w / 2 + r, y - h * .46), np.hypot(x - w / 2 - r, y - h * .46)) > r * .995)
        colour[outside] = sheet[outside]
        return colour
    for _ in range(14):
        px, py = int(rng.integers(12, w - 24)), int(rng.integers(12, h - 12))
        if level[py, px] > .1:
            colour[py - 1:py + 2, px - 1:px + 2] = hexa("#8a2a20")
            colour[py - 2:py + 3, px + 3:px + 21] *= 1 - .8 * lettering(rng, 18, 5)[..., None]
    if form == "land":
        step = int(rng.integers(24, 36))
        colour[::step] *= .82
        colour[:, ::step] *= .82
        return colour
    easel = Easel(colour, relief=0)
    cx, cy = float(rng.uniform(-.25, .25)), float(rng.uniform(.3, .7))
    for a in np.arange(16) * np.pi / 8:
        easel.draw([(cx, cy), (cx + 2 * np.cos(a), cy + 2 * np.sin(a))], .003, "#7a4a2c", .6)
    for turned, reach in ((45, .1), (0, .15)):
        for i in range(4):
            easel.at(cx, cy, reach, turned + 90 * i)
            easel.fill([(0, -1), (.2, -.2), (0, 0)], "#8a2a20")
            easel.fill([(0, -1), (-.2, -.2), (0, 0)], "#24345a" if turned else "#d9a93a")
    return easel.image


def open_book(made, pages, **view) -> Thing:
    """Two pages that rise from the fold, with their pictures, on covers."""
    w, h = .62, .85

    def rise(x, y):
        return .09 * np.sqrt(np.clip(np.abs(x) / w * 3, 0, 1)) * (1 - .55 * np.abs(x) / w) + .03

    mesh = join([patch(2 * w, h, rise, steps=40), box(2 * w + .06, h + .06, .03).of(1)])
    return Thing(mesh, made, {0: Skin((-w, w, -h / 2, h / 2), np.float32(np.concatenate(pages, 1)))}, **view)


@kind("illuminated manuscript", "art", "parchment + leather 3, parchment 1", .8, "history")
def illuminated_manuscript(rng, made):
    h, w = 164, 122
    line, blank = int(rng.integers(6, 9)), rng.uniform()
    pages = [designs.page(rng, w, h, line, gutter=side, full=blank < .3 and side > 0, lettering=writing) for side in (1, -1)]
    return flat(rng, made, pages[0]) if len(made) == 1 else open_book(made, pages, azimuth=14, elevation=(48, 85))


@kind("book", "bookbinding", "paper + leather 3, paper + cardboard 1, paper + parchment 1", 1.3, "history")
def book(rng, made):
    if rng.uniform() >= .4:
        return bound(rng, made)
    h, w = 150, 110
    pages, form = [], rng.integers(3)
    for right in (False, True):
        page = np.tile(hexa("#ebe3cc"), (h, w, 1))
        if right and form == 1:  # a title page
            title = str(rng.choice(designs.TITLES))
            for top, size, text in ((16, 9, "THE"), (32, 16, title), (54, 6, "IN TWO VOLUMES"), (120, 7, "OSTHEIM"),
                                    (131, 6, "1786")):
                page[top:top + size, 14:-14] *= 1 - .85 * words(text, w - 28, size)[..., None]
            page[72:108, 37:-37] *= 1 - .8 * decor.spray(rng, 36, 36, 3)[..., None]
        elif not right and form == 1 or right and form == 2:
            page[18:-18, 14:-14] = techniques.engraving(rng, compose(str(rng.choice(["portrait", "figure", "landscape"])),
                                                                     rng, w - 28, h - 36))
        else:
            columns = (np.s_[15:w - 15],) if form == 0 else (np.s_[13:52], np.s_[58:w - 13])
            for column in columns:
                page[17:-17, column] *= 1 - .85 * writing(rng, column.stop - column.start, h - 34, 5)[..., None]
            if rng.uniform() < .4:
                page[20:80, 18:-18] = techniques.engraving(rng, compose("landscape", rng, w - 36, 60))
        pages.append(page)
    return open_book(made, pages, azimuth=25, elevation=(40, 80))


@kind("bookbinding", "bookbinding", "leather + gold 3, parchment + brass 1, velvet + silver .6", .6, "decorative arts")
def bookbinding(rng, made):
    return bound(rng, ("paper", *made))


def bound(rng, made) -> Thing:
    """A closed book, lying, standing or half open on its edge: page block, boards, ribbed spine, tooled or titled.

    A third material makes its corners, clasps and bosses.
    """
    rich = len(made) > 2
    w, h, t = (.66, .92, rng.uniform(.12, .3)) if rng.uniform() < .7 else (rng.uniform(.5, .9), rng.uniform(.7, .95),
                                                                           rng.uniform(.08, .36))
    angle = np.linspace(np.pi / 2, 3 * np.pi / 2, 9)
    across, up = -w / 2 + .05 * np.cos(angle), t / 2 + .01 + (t / 2 + .01) * np.sin(angle)
    spine = sheet(np.stack(np.broadcast_arrays(across, [[-h / 2], [h / 2]], up), 2))
    parts = [box(w - .03, h - .05, t - .02, .005).moved(z=.012), spine.of(1)]
    ribs = np.linspace(-.33, .33, int(rng.integers(3, 6)) if rng.uniform() < .75 else 0) * h
    parts += [box(.03, .025, t + .03).of(1).moved(-w / 2 - .045, y) for y in ribs]
    parts += [box(w, h, .025).of(1).moved(z=z) for z in (0, t - .005)]
    tooled = designs.tooling(rng, 100, 140, rich)
    skins = {}
    if rich or rng.uniform() < .75:
        ink = "#d9ac4a" if made[1] not in ("parchment", "cardboard") else str(rng.choice(["#5a2418", "#1f2a3a", "#8a6a2a"]))
        # The cover's own coordinates lie aside, so that the spine, of the same leather, is not stamped too.
        cover = patch(w - .02, h - .02, thickness=.004).moved(z=t + .019).of(1)
        parts.append(replace(cover, uv=cover.uv + 9))
        skins[1] = Skin((9 - w / 2, 9 + w / 2, 9 - h / 2, 9 + h / 2), np.tile(hexa(ink), (140, 100, 1)), tooled,
                        metal=.8 if ink == "#d9ac4a" else None)
    if rich:
        fitting = rng.integers(4)
        if fitting != 1:
            parts += [box(.1, .1, t + .045).of(2).moved(x * (w / 2 - .045), y * (h / 2 - .045), -.01)
                      for x in (-1, 1) for y in (-1, 1)]
        if fitting != 0:  # clasps at the fore-edge
            parts += [box(.14, .05, .02).of(2).moved(w / 2 - .05, y * h, t + .018) for y in (-.25, .25)]
            parts += [box(.02, .05, t + .04).of(2).moved(w / 2 + .015, y * h, -.005) for y in (-.25, .25)]
        if fitting > 1:  # bosses or a plate in the middle
            places = [(0, 0)] if fitting == 2 else [(0, 0), (.22, .28), (-.22, .28), (.22, -.28), (-.22, -.28)]
            parts += [ball(.07 if fitting == 2 else .04, 14).scaled(1, 1, .6).of(2).moved(x, y, t + .02) for x, y in places]
    mesh = join(parts)
    if rng.uniform() < .35:
        mesh = mesh.turned("x", 90).moved(z=h / 2).turned("z", float(rng.uniform(10, 60)))
        return Thing(mesh, made, skins, azimuth=25, elevation=(8, 25))
    return Thing(mesh, made, skins, azimuth=40, elevation=(35, 80))
