"""How pictures are made: oil, watercolour, engraving, etching, woodcut, lithograph, chalk, photograph, tile and thread.

A technique turns a scene, linear RGB (h, w, 3), into what lies on canvas, paper or wall: its colour (h, w, 3)
and, where paint, tesserae or weave have a relief, its height (h, w).
"""

import numpy as np
from scipy.ndimage import gaussian_filter, sobel

from ..render import noise
from ..render.materials import hexa
from .decor import lay, outline

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
    reach = rng.uniform(1.5, 3.5)
    drift = _speck(rng, grey.shape, 2.5, 1.3) * reach
    moved = [np.clip(c, 0, n - 1).astype(np.int32) for c, n in
             ((y + drift * np.sin(angle), grey.shape[0]), (x + drift * np.cos(angle), grey.shape[1]))]
    colour = scene[moved[0], moved[1]]
    bristle = _speck(rng, grey.shape, 5, .8)
    across = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 1.3 + 2 * bristle)
    height = gaussian_filter(.5 + .2 * across + .18 * bristle, .6) * (.5 + .5 * grey)
    colour = colour * (1 + .09 * across + .05 * bristle)[..., None]
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
    wash = gaussian_filter(scene, (1.2, 1.2, 0))
    steps = np.round(np.clip(wash, 0, 1) ** .45 * 7) / 7
    grey = steps.mean(axis=2)
    pool = np.clip(np.hypot(sobel(grey, 0), sobel(grey, 1)) * .35, 0, .35)
    stain = np.clip(.25 + .85 * steps - pool[..., None] + .04 * _speck(rng, grey.shape, 2, 1.4)[..., None], .03, 1)
    y, x = _grid(grey.shape)
    edge = np.minimum(np.minimum(x, grey.shape[1] - x), np.minimum(y, grey.shape[0] - y)) + 5 * _speck(rng, grey.shape, 1.5, 1.6)
    laid = np.clip((edge - rng.uniform(4, 14)) / 3, 0, 1)[..., None]
    return (sheet * (1 + (stain ** 1.6 - 1) * laid)).astype(np.float32)


def _ink_on_paper(rng, ink, colour="#1d1a18"):
    sheet = paper(rng, ink.shape)
    return (sheet + (hexa(colour) - sheet) * np.clip(ink, 0, 1)[..., None]).astype(np.float32)


def _plate_mark(ink, margin=.07):
    """Leave the margin of the sheet bare."""
    h, w = ink.shape
    plate = np.s_[int(h * margin):h - int(h * margin), int(w * margin):w - int(w * margin)]
    framed = np.zeros_like(ink)
    framed[plate] = ink[plate]
    outline(framed[plate], .8)
    return framed


def _hatched(tone, bend, pitch, crossing=((.6, 0.), (-.7, .4), (1.5, .65))):
    """Ink (h, w) of lines that swell where it is darker and are crossed where it is darker still.

    The ink's mean keeps to the tone, whatever the pitch: so lines hardly wider than a pixel still make a face.
    """
    y, x = _grid(tone.shape)
    dark = .9 * np.clip(1.04 - tone, 0, 1) ** 1.25
    ink = dark.copy()
    for angle, start in crossing:
        wave = np.abs(((x * np.cos(angle) + y * np.sin(angle) + bend) / pitch) % 1 - .5) * 4 - 1
        ink += .5 * wave * np.clip((dark - start) / .12, 0, 1) * np.minimum(2 * dark, 1.2 - dark)
    return ink


def _contour(tone, strength, least):
    """Ink along the edges of the forms."""
    return np.clip(np.hypot(sobel(tone, 0), sobel(tone, 1)) * strength - least, 0, 1)


def engraving(rng, scene):
    """Parallel swelling lines that follow the forms, crossed where it is darker."""
    tone = tone_of(scene)
    bend = gaussian_filter(tone, 4) * 6 + .5 * _speck(rng, tone.shape, 1.2, 1.5)
    ink = np.maximum(_hatched(tone, bend, 3.4), _contour(tone, .9, .5))
    return _ink_on_paper(rng, _plate_mark(ink))


def etching(rng, scene):
    """Freer, fainter lines than the engraver's, in a brownish ink."""
    tone = np.clip(tone_of(scene) ** .8 + .07 * _speck(rng, scene.shape[:2], 3, 1.2), 0, 1)
    bend = gaussian_filter(tone, 4) * 4 + 1.6 * _speck(rng, tone.shape, 1.5, 1.5)
    ink = np.maximum(_hatched(tone, bend, 3, ((1.1, 0.), (.3, .45))), _contour(gaussian_filter(tone, .7), 1.1, .4))
    return _ink_on_paper(rng, _plate_mark(ink), "#33261c")


def woodcut(rng, scene):
    """Black and white only, cut with a knife; sometimes a second block in colour."""
    tone = tone_of(scene)
    y, x = _grid(tone.shape)
    smooth = gaussian_filter(tone, 1.6)
    cut = np.abs(((x * .35 + y + 4 * smooth * 3) / 6.5 % 1) - .5) * 2
    ink = np.maximum(np.clip((.62 - smooth + .3 * (cut - .5)) * 9, 0, 1), _contour(smooth, 2, .5))
    sheet = _ink_on_paper(rng, _plate_mark(ink, .05))
    if rng.uniform() < .35:
        block = gaussian_filter(((smooth > .45) & (smooth < .8)).astype(np.float32), .7)
        sheet = sheet * (1 - .7 * _plate_mark(block, .05)[..., None] * (1 - hexa("#c98a3a")))
    return sheet


def lithograph(rng, scene):
    """Greasy crayon on a grained stone: soft tones broken into grain; sometimes flat colours."""
    tone = tone_of(scene)
    grain = _speck(rng, tone.shape, 7, .3)
    ink = np.clip((.85 - tone) * 1.1 + .28 * grain * (1 - np.abs(2 * tone - 1)), 0, 1)
    if rng.uniform() < .4:
        flat = np.round(np.clip(gaussian_filter(scene, (1, 1, 0)), 0, 1) ** .5 * 4) / 4
        colour = paper(rng, tone.shape) * (.2 + .8 * flat) * (1 - .5 * _plate_mark(ink)[..., None])
        return colour.astype(np.float32)
    return _ink_on_paper(rng, _plate_mark(ink * .9, .09))


CHALKS = {"red chalk": "#9c4428", "graphite": "#4a4a4c", "India ink": "#231c18"}


def drawing(rng, scene, medium):
    """Contours and slanting strokes that stop before the edge of the sheet."""
    tone = tone_of(scene)
    y, x = _grid(tone.shape)
    soft = gaussian_filter(tone, 1.5)
    stroke = np.abs(((x + .8 * y + 3 * _speck(rng, tone.shape, 1, 1.6)) / rng.uniform(2.6, 4) % 1) - .5) * 2
    shade = np.clip((.62 - soft) * 1.7 - stroke * .55, 0, 1)
    tooth = np.clip(.75 + .3 * _speck(rng, tone.shape, 7, .4), 0, 1.2)
    reach = np.clip(1.5 - 2.4 * np.hypot(x / tone.shape[1] - .5, y / tone.shape[0] - .5), 0, 1)
    return _ink_on_paper(rng, np.maximum(shade * .75, _contour(soft, 1.3, .22)) * tooth * reach, CHALKS[medium])


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


def mosaic(rng, scene):
    """Small stones in mortar."""
    gap, tint = _pieces(rng, scene.shape[:2], 2500, 420)
    soft = np.clip(gaussian_filter(scene, (1.5, 1.5, 0)), 0, 1)
    few = np.round(soft ** .45 * 5 + .5 * (tint - .5)[..., None]) / 5
    colour = np.clip(few, .05, 1) ** 2.2 * (.8 + .4 * tint)[..., None]
    lay(colour, hexa("#b8ab94"), np.clip(1 - gap / .2, 0, 1))
    return colour.astype(np.float32), np.clip(gap / .3, 0, 1).astype(np.float32)


def stained_glass(rng, scene):
    """Coloured panes in lead, brighter than anything painted."""
    gap, tint = _pieces(rng, scene.shape[:2], 400, 300, 23)
    soft = gaussian_filter(scene, (3, 3, 0))
    hue = soft / (soft.max(axis=2, keepdims=True) + .02)
    glass = np.clip(hue, .02, 1) ** 2.4 * (.35 + 1.1 * tone_of(soft))[..., None] * (.75 + .6 * tint)[..., None]
    contour = _contour(gaussian_filter(tone_of(scene), 1), 1.6, .8)
    lead = np.maximum(np.clip(1.6 - gap / .055, 0, 1), contour)[..., None]
    return (glass * (1 - lead) + hexa("#15161a") * lead).astype(np.float32), (1 - lead[..., 0]).astype(np.float32)
