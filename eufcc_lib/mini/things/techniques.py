"""How pictures are made: oil, watercolour, engraving, etching, woodcut, lithograph, chalk, photograph, tile and thread.

A technique turns a scene, linear RGB (h, w, 3), into what lies on canvas, paper or wall: its colour (h, w, 3)
and, where paint, tesserae or weave have a relief, its height (h, w).
"""

import numpy as np
from scipy.ndimage import gaussian_filter, sobel

from ..render import noise
from ..render.materials import hexa
from .decor import lay, outline
from .painting import words

PAPERS = ("#e8dfc8", "#efe8d8", "#ddd0b0", "#e6dcc4")


def tone_of(scene: np.ndarray) -> np.ndarray:
    """Perceived lightness 0..1 of a scene, stretched to full range, (h, w)."""
    grey = np.clip(scene @ np.float32([.25, .62, .13]), 0, 1) ** (1 / 2.2)
    low, high = np.percentile(grey, (2, 98))
    return np.clip((grey - low) / max(high - low, .05), 0, 1)


def _grid(shape):
    return np.mgrid[0:shape[0], 0:shape[1]].astype(np.float32)


def _speck(rng, shape, scale, roughness=1.2):
    y, x = _grid(shape)
    return noise.look_up(noise.cloud(roughness), x * scale / 512 + rng.uniform(), y * scale / 512 + rng.uniform())


def paper(rng, shape) -> np.ndarray:
    """A sheet of old paper, (h, w, 3): fibres, foxing, browned edges."""
    base = hexa(PAPERS[rng.integers(len(PAPERS))])
    y, x = _grid(shape)
    edge = np.minimum(np.minimum(x, shape[1] - x) / shape[1], np.minimum(y, shape[0] - y) / shape[0])
    age = .06 * _speck(rng, shape, .8, 1.8) - .10 * np.clip(1 - edge / .06, 0, 1) * rng.uniform(.2, 1.2)
    fox = np.clip(_speck(rng, shape, 2.5, 1.5) - 2.0, 0, 1) * rng.uniform(0, .8)
    return base * (1 + age + .02 * _speck(rng, shape, 6, .5))[..., None] * (1 - fox[..., None] * np.float32([.2, .35, .5]))


def oil(rng, scene):
    """Strokes: colours are dragged along the edges of the forms; ridges of paint; varnish; craquelure."""
    grey = tone_of(scene)
    soft = gaussian_filter(grey, 3)
    dx, dy = sobel(soft, 1), sobel(soft, 0)
    angle = np.arctan2(dy, dx) + np.pi / 2 + .6 * _speck(rng, grey.shape, .6, 1.8)
    y, x = _grid(grey.shape)
    reach = rng.uniform(.5, 1.4)
    drift = _speck(rng, grey.shape, 2.5, 1.3) * reach
    moved = [np.clip(c, 0, n - 1).astype(np.int32) for c, n in
             ((y + drift * np.sin(angle), grey.shape[0]), (x + drift * np.cos(angle), grey.shape[1]))]
    colour = scene[moved[0], moved[1]]
    bristle = _speck(rng, grey.shape, 5, .8)
    across = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 1.3 + 2 * bristle)
    height = gaussian_filter(.5 + .2 * across + .1 * bristle, .7) * (.5 + .5 * grey)
    colour = colour * (1 + .07 * across + .03 * bristle)[..., None]
    varnish = np.float32([1, .96, .84]) if rng.uniform() < .6 else np.float32([1, .99, .95])
    colour = np.clip(colour, 0, 1.4) ** np.float32(rng.uniform(.9, 1.15)) * varnish
    if rng.uniform() < .35:
        edge, _ = noise.cells(2500)
        crack = noise.look_up(edge, x / 340, y / 340)
        colour = colour * (1 - .35 * np.clip(1 - crack / .1, 0, 1))[..., None]
    return colour.astype(np.float32), height.astype(np.float32)


def watercolour(rng, scene):
    """Thin washes on paper: pale, pooled at the edges, the sheet left bare around."""
    sheet = paper(rng, scene.shape[:2])
    wash = gaussian_filter(scene, (.9, .9, 0))
    steps = np.round(np.clip(wash, 0, 1) ** .45 * 7) / 7
    grey = steps.mean(axis=2)
    pool = np.clip(np.hypot(sobel(grey, 0), sobel(grey, 1)) * .25, 0, .25)
    stain = np.clip(.25 + .85 * steps - pool[..., None] + .04 * _speck(rng, grey.shape, 2, 1.4)[..., None], .03, 1)
    y, x = _grid(grey.shape)
    edge = np.minimum(np.minimum(x, grey.shape[1] - x),
                      np.minimum(y, grey.shape[0] - y)) + 5 * _speck(rng, grey.shape, 1.5, 1.6)
    laid = np.clip((edge - rng.uniform(4, 14)) / 3, 0, 1)[..., None]
    return (sheet * (1 + (stain ** 1.6 - 1) * laid)).astype(np.float32)


def _ink_on_paper(rng, ink, colour="#1d1a18"):
    sheet = paper(rng, ink.shape)
    return (sheet + (hexa(colour) - sheet) * np.clip(ink, 0, 1)[..., None]).astype(np.float32)


def _plate(rng, shape, margin=.07, caption=.0):
    """The inside of a printing plate as rows and columns of the sheet, and the mask of a line of letters below it."""
    h, w = shape
    inset = int(min(h, w) * margin)
    plate = np.s_[inset:h - inset - int(h * caption), inset:w - inset]
    letters = np.zeros(shape, np.float32)
    if caption:
        text = CAPTIONS[rng.integers(len(CAPTIONS))]
        top, size = h - inset - int(h * caption) + 2, max(int(h * caption) - 4, 5)
        letters[top:top + size, inset:w - inset] = words(text, w - 2 * inset, size)
    return plate, letters


CAPTIONS = ("ANNO DOMINI 1642", "J. ARNOLD INVENIT", "A. VOS SCULPSIT", "M. LINDE FECIT", "N. HAAK EXCUDIT", "ANNO 1587")


def _only(inside, ink, border=.0):
    """Ink (h, w) within the plate, with a line round it."""
    result = np.zeros_like(ink)
    result[inside] = ink[inside]
    if border:
        outline(result[inside], border)
    return result


def _edges(scene, fine=.7):
    """How sharply colours change, (h, w): the contours of forms, also of those of one lightness."""
    shown = gaussian_filter(np.clip(scene, 0, 1) ** (1 / 2.2), (fine, fine, 0))
    return np.hypot(sobel(shown, 0), sobel(shown, 1)).max(axis=2)


def _forms(scene, reach=12):
    """Tones (h, w) of the forms without their ground: lighter or darker than what lies about them, .6 for neither."""
    tone = tone_of(scene)
    return np.clip(.6 + .8 * (tone - gaussian_filter(tone, reach)) + .25 * (tone - .5), 0, 1)


def _lines(rng, shape, angle, pitch, bend=0.0):
    """Parallel lines: 1 in the middle of each and 0 between, (h, w)."""
    y, x = _grid(shape)
    return 1 - np.abs(((x * np.cos(angle) + y * np.sin(angle) + bend) / pitch + rng.uniform()) % 1 - .5) * 2


def engraving(rng, scene):
    """Regular lines that swell where it is darker and bend round the forms, crossed in the shadows; letters below."""
    tone = np.clip(.55 * tone_of(scene) + .5 * _forms(scene), 0, 1)
    bend = gaussian_filter(tone, 5) * 14
    ink = np.clip((_lines(rng, tone.shape, 1.57, 4.4, bend) - tone * 1.15 + .1) * 2.4, 0, 1)
    ink = np.maximum(ink, np.clip((_lines(rng, tone.shape, .55, 4.4, bend) - tone * 1.6 - .2) * 2.4, 0, 1))
    ink = np.maximum(ink, np.clip(_edges(scene) * .75 - .35, 0, .9))
    inside, letters = _plate(rng, tone.shape, .06, .09)
    return _ink_on_paper(rng, np.maximum(_only(inside, ink, .9), letters * .85))


def etching(rng, scene):
    """Loose strokes scribbled patch by patch, bare where it is light; the plate leaves its mark and a film of ink."""
    tone = np.clip(_forms(scene, 18) + .12 * _speck(rng, scene.shape[:2], 1.5, 1.5), 0, 1)
    _, patch = _pieces(rng, tone.shape, 400, 420, 23)
    shake = 1.8 * _speck(rng, tone.shape, 1.2, 1.7)
    ink = np.zeros_like(tone)
    for low, angle in ((0, .75), (.4, 2.2), (.75, 1.2)):
        here = (patch >= low) & (patch < low + .4)
        ink[here] = np.clip((_lines(rng, tone.shape, angle, 3.6, shake) - tone * 1.7 + .2) * 2.1, 0, .95)[here]
    ink = np.maximum(ink, np.clip((_lines(rng, tone.shape, 2.7, 4, shake) - tone * 2.6) * 1.8, 0, .85))
    edge = np.clip(_edges(scene, .7) * 1.3 - .25, 0, 1) * np.clip(.8 + .35 * _speck(rng, tone.shape, 3, 1.2), .2, 1)
    inside, _ = _plate(rng, tone.shape, .1)
    film = _only(inside, .1 + .03 * _speck(rng, tone.shape, 1, 1.7), .32)
    far = np.full(tone.shape, 1.0, np.float32)
    far[inside] = 0
    fade = np.clip(gaussian_filter(far, 4) * -3 + 1.3 + .3 * _speck(rng, tone.shape, 2, 1.5), 0, 1)
    return _ink_on_paper(rng, np.maximum(film, np.maximum(ink, edge) * fade),
                         str(rng.choice(["#33261c", "#1f1a18", "#4a2c1c"])))


def woodcut(rng, scene):
    """Black and white only: black shapes, lines left standing in the light and cut out of the dark; perhaps a second block."""
    tone = gaussian_filter(tone_of(scene), 1.1)
    local = gaussian_filter(tone, 14)
    over = (tone - .55 * local - .22) * 2.2
    bend = gaussian_filter(tone, 5) * 16
    gouge = _lines(rng, tone.shape, float(rng.choice([1.2, 1.57, 1.9, .3])), 6.5, bend)
    ink = np.clip((gouge - .5) * 3.2 + .5 - over * 6, 0, 1)
    contour = np.clip((_edges(scene, 1.1) - .45) * 2.5, 0, 1)
    light = np.clip(over * 4 + .5, 0, 1)
    ink = np.maximum(ink * (1 - contour * (1 - light)), contour * light)
    inside, _ = _plate(rng, tone.shape, .05)
    sheet = _ink_on_paper(rng, _only(inside, ink, 1), "#161311")
    if rng.uniform() < .4:
        block = _only(inside, gaussian_filter(((tone > .3) & (tone < .72)).astype(np.float32), .7))
        sheet = sheet * (1 - .75 * block[..., None] * (1 - hexa(rng.choice(["#d99a4a", "#8fae9c", "#d07a5a", "#9fb4c8"]))))
    return sheet


def lithograph(rng, scene):
    """Greasy crayon on a grained stone: soft tones broken into grain, that fade out; over a tint, or in several colours."""
    shape = scene.shape[:2]
    tone = gaussian_filter(np.clip(.6 * tone_of(scene) + .45 * _forms(scene), 0, 1), .6)
    grain = _speck(rng, shape, 9, .25)
    ink = np.clip((.92 - tone) * 1.25 + .15 * grain * (1.2 - np.abs(2 * tone - 1)), 0, 1)
    ink = np.maximum(ink, np.clip(_edges(scene) * .7 - .35, 0, .8) * np.clip(.8 + .3 * grain, 0, 1))
    y, x = _grid(shape)
    far = np.maximum(np.abs(x / shape[1] - .5), np.abs(y / shape[0] - .47)) + .03 * _speck(rng, shape, 1.5, 1.7)
    if rng.uniform() < .5:
        far = np.hypot(x / shape[1] - .5, y / shape[0] - .47) * .92 + .012 * _speck(rng, shape, 2, 1.6)
    inside = np.clip((.42 - far) * 14, 0, 1)
    sheet = paper(rng, shape)
    _, letters = _plate(rng, shape, .05, .07)
    kind = rng.uniform()
    if kind < .4:
        flat = np.round(np.clip(gaussian_filter(scene, (.8, .8, 0)), 0, 1) ** .45 * 5 + .2 * grain[..., None]) / 5
        sheet = sheet * (1 + (np.clip(.12 + 1.05 * flat, 0, 1) ** 1.3 - 1) * inside[...,
                                                                                    None]) * (1 - .35 * (ink * inside)[..., None])
    else:
        if kind < .7:
            sheet = sheet * (1 - (1 - hexa(rng.choice(["#e0c898", "#d8cfae", "#c9d0c8"]))) * (inside * (tone < .8))[..., None])
        sheet = sheet * (1 - .96 * (ink * inside)[..., None])
    return (sheet * (1 - .8 * letters[..., None])).astype(np.float32)


CHALKS = {"red chalk": "#9c3f22", "graphite": "#3c3c40", "India ink": "#1f1712"}
TONED = ("#b9a684", "#9fa8a8", "#c8b48c", "#a89880")


def drawing(rng, scene, medium):
    """Red chalk in broad strokes, pencil in fine ones or pen and ink; the ground is left out; on toned paper lights in white."""
    shape = scene.shape[:2]
    forms, tooth = _forms(scene, 9), _speck(rng, shape, 8, .3)
    tone = gaussian_filter(forms, .8)
    y, x = _grid(shape)
    shake = 2.2 * _speck(rng, shape, .9, 1.7)
    reach = np.clip(2.1 - 3.4 * np.hypot(x / shape[1] - .5, (y / shape[0] - .46) * .9) + .3 * _speck(rng, shape, .8, 1.8), 0, 1)
    edge = _edges(scene, .8)
    if medium == "India ink":
        ink = np.clip((_lines(rng, shape, .8, 4, shake) - tone * 1.7 + .1) * 1.8, 0, .9)
        ink = np.maximum(ink, np.clip((_lines(rng, shape, 2.3, 4, shake) - tone * 2.6 + .1) * 1.8, 0, .9))
        ink = np.maximum(ink * reach, np.clip(edge * 1.2 - .4, 0, .95) * np.clip(reach * 1.5, 0, 1))
        if rng.uniform() < .5:  # washes with the brush
            ink = np.maximum(ink, .4 * reach * np.round(np.clip(.95 - gaussian_filter(tone, 1.6) * 1.25, 0, 1) * 3) / 3)
    else:
        chalk = medium == "red chalk"
        stroke = _lines(rng, shape, .9, 5.2 if chalk else 3.6, shake)
        shade = np.clip((.72 - tone) * 1.9, 0, 1) * (.45 + .75 * stroke)
        line = np.clip(gaussian_filter(edge, .5 if chalk else .3) * 1.4 - (.3 if chalk else .2), 0, 1)
        grit = np.clip(.85 + (.35 if chalk else .2) * tooth, 0, 1.15)
        ink = np.maximum(shade * (.7 if chalk else .85) * reach, line * np.clip(reach * 1.5, 0, 1)) * grit
    if medium == "India ink" or rng.uniform() < .5:
        return _ink_on_paper(rng, ink, CHALKS[medium])
    sheet = paper(rng, shape) * hexa(str(rng.choice(TONED))) * 1.25
    lay(sheet, hexa("#f2eee4"), np.clip((gaussian_filter(forms, 1) - .68) * 2.2, 0,
                                        .75) * reach * np.clip(.8 + .4 * tooth, 0, 1))
    lay(sheet, hexa(CHALKS[medium]) * .8, np.clip(ink, 0, 1))
    return sheet.astype(np.float32)


def photograph_print(rng, scene, sepia):
    """Silver on paper: no colour, brown with age, pale at the edges."""
    tone = gaussian_filter(tone_of(scene), .7)
    tone = np.clip(.06 + .8 * tone ** 1.1 + .015 * _speck(rng, tone.shape, 7, .2), 0, 1)
    y, x = _grid(tone.shape)
    far = np.hypot(x / tone.shape[1] - .5, y / tone.shape[0] - .5)
    tone = tone + (.8 - tone) * np.clip(far - .5, 0, 1) * rng.uniform(.4, 1.6)
    dark, light = ("#2e1d12", "#e8d5ac") if sepia else ("#161616", "#e4e2dc")
    return (hexa(dark) + (hexa(light) - hexa(dark)) * (tone ** 1.8)[..., None]).astype(np.float32)


def tapestry(rng, scene):
    """Woven picture: few dyes, one colour per knot, ribs across."""
    h, w = scene.shape[:2]
    step = 3
    small = scene[step // 2::step, step // 2::step]
    few = np.round(np.clip(small, 0, 1) ** .45 * 6) / 6
    few = (few ** 2.2) * np.float32([1, .92, .75]) * .9 + .015
    colour = np.repeat(np.repeat(few, step, 0), step, 1)[:h, :w]
    colour = np.pad(colour, ((0, h - colour.shape[0]), (0, w - colour.shape[1]), (0, 0)), mode="edge")
    y, x = _grid((h, w))
    rib = .5 + .5 * np.cos(2 * np.pi * x / step) * np.sign(np.cos(np.pi * (y // step)))
    return (colour * (.75 + .4 * rib)[..., None]).astype(np.float32), (rib * .5).astype(np.float32)


def _pieces(rng, shape, count, size, seed=11):
    """A wall of `noise.cells`: at each pixel (h, w) how far the border of its piece is, and a random number of the piece."""
    y, x = _grid(shape)
    u, v = x / size + rng.uniform(), y / size + rng.uniform()
    return (noise.look_up(sheet, u, v) for sheet in noise.cells(count, seed))


def mosaic(rng, design):
    """Small squared stones set in wavering rows in mortar."""
    h, w = design.shape[:2]
    y, x = _grid((h, w))
    pitch = rng.uniform(2.7, 3.4)
    v = (y + 1.2 * _speck(rng, (h, w), .5, 1.9)) / pitch
    u = (x + 1.2 * _speck(rng, (h, w), .5, 1.9)) / pitch + rng.uniform(size=128)[np.floor(v).astype(int) % 128]
    # The colour of a stone is that of the design at its middle.
    middle = [np.clip(c + (.5 - part % 1) * pitch, 0, n - 1).astype(int) for c, part, n in ((y, v, h), (x, u, w))]
    tint = rng.uniform(.85, 1.14, (64, 64))[np.floor(v).astype(int) % 64, np.floor(u).astype(int) % 64]
    colour = np.clip(design[middle[0], middle[1]], .02, 1) * tint[..., None]
    gap = np.minimum(.5 - np.abs(u % 1 - .5), .5 - np.abs(v % 1 - .5))
    joint = np.clip(1 - gap / .17, 0, 1)
    lay(colour, hexa("#9a8c74"), joint * .55)
    return colour.astype(np.float32), 1 - joint.astype(np.float32)


def stained_glass(rng, design):
    """Coloured panes of uneven glass in lead that follows the design; large panes are cut in two."""
    gap, tint = _pieces(rng, design.shape[:2], 400, 520, 23)
    shape = design.shape[:2]
    glass = np.clip(design, .02, 1) * (.72 + .4 * tint + .1 * _speck(rng, shape, 1, 1.7))[..., None]
    lead = np.maximum(np.clip(_edges(design, .9) * 1.5 - .8, 0, 1), .8 * np.clip(1.5 - gap / .05, 0, 1))[..., None]
    return (glass * (1 - lead) + hexa("#15161a") * lead).astype(np.float32), (1 - lead[..., 0]).astype(np.float32)
