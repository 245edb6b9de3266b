"""Furniture and other joinery: boards, legs, doors, wheels."""

import numpy as np
from PIL import Image, ImageDraw

from ..kinds import kind
from ..render.solids import ball, box, join, loft, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor

WOODS = "oak 4, walnut 3, pine 2, mahogany 3, beech 1"


CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def leg(height: float, style: int, width: float):
    """A leg from the ground up: square, turned or curved."""
    if style == 0:
        return box(width, width, height)
    if style == 1:
        profile = np.array([(.7, 0), (1, .04), (.6, .1), (.6, .1), (1, .25), (.5, .45), (1, .6), (.6, .7), (.6, .7), (1, .75), (1, 1)])
        return turn(profile * [width * .62, height], sections=14, samples=24)
    return sweep([(.05, -.05, 0), (.03, -.03, .06 * height), (-.01, .01, .4 * height), (.03, -.03, .8 * height), (0, 0, height)],
                 [width * .6, width * .45, width * .5, width * .8, width * .7], sections=10, samples=20)


def legs(width, depth, height, style, thick=.05):
    """Four legs under the corners of a seat or table, each turned outwards."""
    one = leg(height, style, thick)
    return [one.turned("z", angle).moved(x * (width / 2 - thick), y * (depth / 2 - thick))
            for (x, y), angle in zip(CORNERS, (-90, 0, 90, 180))]


@kind("chair", "furniture", "oak 4, walnut 3, beech 2, mahogany 3", 1.8, "decorative arts")
def chair(rng, made, arms=False):
    style, seat = int(rng.integers(3)), .46
    back, wide = rng.uniform(.95, 1.15), rng.uniform(.46, .56) + .08 * arms
    parts = legs(wide, .48, seat, style)
    parts.append(box(wide, .48, .045).moved(z=seat - .02))
    parts += [box(.045, .04, back - seat).moved(x * (wide / 2 - .04), .21, seat) for x in (-1, 1)]
    slats = [box(wide - .1, .025, .07).moved(0, .21, z) for z in np.linspace(seat + .14, back - .1, 3)]
    sticks = [box(.03, .025, back - seat - .1).moved(x, .21, seat + .02) for x in np.linspace(-wide / 2 + .12, wide / 2 - .12, 4)]
    splat = loft([(0, .06, .015), (.15, .1, .015), (.25, .05, .015), (.4, .11, .015), (back - seat - .06, .07, .015)], square=5,
                 sections=20).moved(0, .21, seat)
    fill = rng.integers(4)
    parts += (slats, sticks, [splat], [])[fill] + [box(wide + .02, .045, .1).moved(0, .21, back - .1)]
    made = made + (rng.choice(["velvet", "leather", "damask", "wool"]),)
    if fill == 3:
        parts.append(box(wide - .1, .05, back - seat - .2, .03).moved(0, .2, seat + .08).of(1))
    if arms or rng.uniform() < .5 or fill == 3:
        parts.append(box(wide - .02, .44, .07, .035).moved(0, -.01, seat + .02).of(1))
    else:
        made = made[:1]
    if arms:
        for x in (-1, 1):
            parts += [sweep([(x * (wide / 2 - .02), .2, seat + .24), (x * wide / 2, -.1, seat + .25), (x * (wide / 2 + .01), -.23, seat + .22)],
                            .03, flat=1.2), sweep([(x * wide / 2, -.17, seat + .22), (x * (wide / 2 - .02), -.14, seat)], .022)]
    if style == 0:
        parts += [box(wide - .1, .025, .03).moved(0, y, .16) for y in (-.19, .19)]
    return Thing(join(parts), made, azimuth=45, elevation=(10, 26))


@kind("armchair", "furniture", "oak 3, walnut 4, mahogany 3", 1.0, "decorative arts")
def armchair(rng, made):
    return chair(rng, made, arms=True)


@kind("stool", "furniture", "oak 4, pine 3, beech 2", .7, "ethnography")
def stool(rng, made):
    height, thick = rng.uniform(.38, .55), ([.035, .02], [.028, .024])[rng.integers(2)]
    round_ = turn([(0, 0), (.24, 0), (.24, 0), (.26, .03), (.24, .06), (.24, .06), (0, .06)])
    top = round_ if rng.uniform() < .5 else box(.5, .34, .055)
    props = [sweep([(x * .13, y * .1, height), (x * .2, y * .15, 0)], thick, sections=10) for x, y in CORNERS]
    return Thing(join([top.moved(z=height)] + props), made, azimuth=60, elevation=(14, 32))


@kind("bench", "furniture", "oak 4, pine 3, walnut 1", .7)
def bench(rng, made):
    parts = [box(1.3, .36, .05).moved(z=.42), *(box(.06, .32, .42).moved(x) for x in (-.52, .52)), box(1.1, .04, .1).moved(z=.26)]
    if rng.uniform() < .5:
        parts += [box(1.3, .04, .16).moved(0, .17, .72), box(1.3, .04, .05).moved(0, .17, .55)]
        parts += [box(.06, .05, .46).moved(x, .17, .42) for x in (-.6, 0, .6)]
    return Thing(join(parts), made, azimuth=45, elevation=(12, 26))


@kind("table", "furniture", WOODS, 1.3, "decorative arts")
def table(rng, made):
    wide, deep, high = rng.uniform(.9, 1.3), rng.uniform(.55, .75), rng.uniform(.6, .75)
    if rng.uniform() < .3:
        parts = [turn([(0, 0), (.5, 0), (.52, .02), (.5, .045), (0, .045)]).moved(z=high),
                 turn([(.06, .1), (.05, .2), (.09, .35), (.05, .5), (.09, high)])]
        parts += [sweep([(0, 0, .2), (.2 * np.cos(a), .2 * np.sin(a), .16), (.36 * np.cos(a), .36 * np.sin(a), 0)], [.05, .04, .035])
                  for a in (.6, 2.7, 4.8)]
    else:
        parts = [box(wide, deep, .045).moved(z=high)] + legs(wide, deep, high, int(rng.integers(3)), .07)
        parts += [box(wide - .16, .03, .11).moved(0, y, high - .11) for y in (-deep / 2 + .07, deep / 2 - .07)]
        parts += [box(.03, deep - .16, .11).moved(x, 0, high - .11) for x in (-wide / 2 + .07, wide / 2 - .07)]
        if rng.uniform() < .4:
            parts.append(ball(.02).moved(0, -deep / 2 + .04, high - .05))
    return Thing(join(parts), made, azimuth=40, elevation=(12, 28))


@kind("box", "furniture", "oak + iron 2, walnut + brass 2, ivory + silver 1, silver + silver 1, leather + brass 1, pine + iron 1, tortoiseshell + silver .7,"
      " boxwood + brass 1", 1.2)
def small_box(rng, made):
    w, d, h = rng.uniform(.6, .9), rng.uniform(.4, .6), rng.uniform(.22, .38)
    parts = [box(w, d, h), box(w + .03, d + .03, .1).moved(z=h + .01)]
    if rng.uniform() < .5:
        parts[1] = loft([(0, w / 2 + .01, d / 2 + .01), (.05, w / 2 + .01, d / 2 + .01), (.13, w / 2 * .8, d / 2 * .7), (.15, .01, .01)], square=9,
                        sections=48).moved(z=h + .01)
    parts.append(box(.09, .02, .12).moved(0, -d / 2 - .01, h - .06).of(1))
    if rng.uniform() < .6:
        parts += [box(.05, d + .05, .012).moved(x * w / 2.9, 0, h + .1).of(1) for x in (-1, 1)]
        parts += [box(.05, .015, h).moved(x * w / 2.9, -d / 2 - .005).of(1) for x in (-1, 1)]
    return Thing(join(parts), made, azimuth=50, elevation=(18, 35))


@kind("chest", "furniture", "oak + iron 4, pine + iron 3, walnut + brass 1", 1.1, "ethnography")
def chest(rng, made):
    w, d, h = rng.uniform(1.0, 1.3), .5, rng.uniform(.4, .5)
    parts = [box(w, d, h).moved(z=.06), box(w + .04, d + .04, .06).moved(z=h + .07)]
    if rng.uniform() < .45:
        x, angle = np.meshgrid(np.linspace(0, np.pi, 14), [-w / 2, w / 2])[::-1]
        vault = sheet(np.stack([x, -np.cos(angle) * d / 2, .16 * np.sin(angle)], 2))
        parts[1] = join([vault, box(w + .02, d + .02, .03)]).moved(z=h + .07)
    parts += [box(.1, .1, .07).moved(x * (w / 2 - .05), y * .2) for x in (-1, 1) for y in (-1, 1)]
    panels = int(rng.integers(2, 4))
    if rng.uniform() < .6:
        step = w / panels
        for x in -w / 2 + step * (np.arange(panels) + .5):
            parts += [box(step * .8, .02, .04).moved(x, -d / 2 - .008, z) for z in (.13, h - .06)]
            parts += [box(.04, .02, h - .14).moved(x + s * step * .38, -d / 2 - .008, .13) for s in (-1, 1)]
    else:
        parts += [box(.05, .02, h).moved(x * w / 3, -d / 2 - .01, .06).of(1) for x in (-1, 1)]
    parts.append(box(.09, .03, .13).moved(0, -d / 2 - .012, h - .05).of(1))
    skins = {}
    if rng.uniform() < .4 and made[0] == "pine":
        art = decor.spray(rng, 160, 80, 7)
        skins = {0: Skin((-.5, .5, -.35, .35), decor.plain(rng, "#a8322a #2f5a7a #d9c27a"), art)}
    return Thing(join(parts), made, skins, azimuth=45, elevation=(14, 28))


@kind("wardrobe", "furniture", WOODS, .7)
def wardrobe(rng, made):
    w, d, h = .75, .36, 1.2
    parts = [box(w, d, h).moved(z=.06), box(w + .1, d + .06, .07).moved(z=h + .06), box(w + .05, d + .03, .06)]
    for s in (-1, 1):
        x = s * w / 4
        parts += [box(w / 2 - .06, .02, .035).moved(x, -d / 2 - .008, z) for z in (.14, .62, h - .02)]
        parts += [box(.035, .02, h - .16).moved(x + t * (w / 4 - .04), -d / 2 - .008, .14) for t in (-1, 1)]
        parts.append(ball(.018).moved(s * .04, -d / 2 - .02, .62))
    if rng.uniform() < .5:
        parts.append(loft([(0, w / 2, .06), (.1, w / 2 * .5, .06), (.17, .03, .06)], square=3).moved(0, 0, h + .12))
    return Thing(join(parts), made, azimuth=40, elevation=(5, 16), fill=.86)


@kind("desk", "furniture", "mahogany 3, walnut 3, oak 2", .6, "decorative arts")
def desk(rng, made):
    parts = [box(1.1, .55, .045).moved(z=.7)]
    if rng.uniform() < .5:
        for x in (-.36, .36):
            parts.append(box(.34, .48, .68).moved(x))
            parts += [box(.28, .02, .17).moved(x, -.245, z) for z in (.05, .26, .47)]
            parts += [ball(.018).moved(x, -.27, z + .08) for z in (.05, .26, .47)]
    else:
        parts += legs(1.06, .5, .7, 2, .07) + [box(.96, .4, .15).moved(z=.55)]
        parts += [ball(.018).moved(x, -.22, .62) for x in (-.3, 0, .3)]
    parts.append(box(1.05, .16, .2).moved(0, .18, .745))
    parts += [box(.2, .02, .13).moved(x, .095, .78) for x in (-.36, -.12, .12, .36)]
    return Thing(join(parts), made, azimuth=40, elevation=(14, 28))


@kind("bed", "furniture", "oak + linen 3, walnut + silk 1, pine + wool 2, iron + cotton 1", .5)
def bed(rng, made):
    parts = [box(.85, 1.35, .12).moved(z=.28), box(.8, 1.3, .12, .05).moved(z=.4).of(1), box(.6, .26, .1, .05).moved(0, .48, .52).of(1)]
    parts += [box(.88, .05, h).moved(0, y) for y, h in ((.69, .95), (-.69, .6))]
    parts += [turn([(.04, 0), (.045, h), (.03, h + .02), (.05, h + .06), (0, h + .1)]).moved(x, y) for x in (-.42, .42) for y, h in ((.69, .95), (-.69, .6))]
    return Thing(join(parts), made, azimuth=50, elevation=(18, 32))


@kind("cradle", "furniture", "pine + linen 2, oak + linen 3, wicker + cotton 2", .6, "ethnography")
def cradle(rng, made):
    body = loft([(0, .3, .5), (.32, .4, .6)], square=7, ends=False, sections=44).moved(z=.14)
    inner = box(.62, .95, .12, .05).moved(z=.16).of(1)
    hood = loft([(0, .36, .1), (.2, .36, .1), (.32, .2, .1), (.36, 0, 0)], square=4).moved(0, .52, .3)
    rockers = [sweep([(-.42, y, .12), (-.2, y, .03), (.2, y, .03), (.42, y, .12)], .03, flat=.6) for y in (-.36, .36)]
    posts = [box(.05, .04, .16).moved(x, y, .03) for x in (-.2, .2) for y in (-.36, .36)]
    return Thing(join([body, inner, hood] + rockers + posts), made, azimuth=60, elevation=(20, 35))


@kind("clock", "tool", "oak 2, walnut 2, mahogany 2, brass 2, marble 1, gold .7", 1.1)
def clock(rng, made):
    dial = Skin((-.22, .22, -.22, .22), *dial_face(rng), gloss=.5)
    face = turn([(.235, 0), (.235, .02), (.21, .03), (.21, .02), (0, .02)]).of(1)
    body, centre, scale = (
        ([box(.5, .2, 1.5), box(.56, .24, .08), box(.5, .24, .5).moved(z=1.45), box(.58, .28, .06).moved(z=1.92),
          box(.26, .02, .7).moved(0, -.105, .35)], (0, -.125, 1.68), .95),
        ([box(.62, .26, .62).moved(z=.08), box(.7, .32, .08),
          loft([(0, .34, .15), (.06, .32, .14), (.2, .14, .08), (.24, 0, 0)], square=4).moved(z=.7)], (0, -.135, .4), 1.1),
        ([loft([(0, .42, .12), (.1, .36, .12), (.35, .3, .12), (.62, .27, .12), (.74, .12, .1), (.76, 0, 0)], square=3.5), box(.9, .3, .06)],
         (0, -.125, .42), 1.0),
        ([turn([(.3, 0), (.36, .05), (.36, .08), (0, .1)]), turn([(0, 0), (.3, 0), (.3, .2), (0, .2)]).turned("x", 90).moved(0, .1, .42),
          ball(.05).moved(0, 0, .76)], (0, -.105, .42), 1.05))[rng.integers(4)]
    front = join([face, sheet_disc(.21).moved(z=.025).of(2)]).turned("x", 90).scaled(scale).moved(*centre)
    return Thing(join(body + [front]), made + ("brass", "porcelain"), {2: dial}, azimuth=28, elevation=(3, 16))


def sheet_disc(radius: float):
    """A flat disc with plain x, y as texture coordinates."""
    angle, reach = np.meshgrid(np.linspace(0, 2 * np.pi, 41), np.array([1.0, .5, 0.0]) * radius)
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle), 0 * angle], 2)
    return sheet(points, points[..., :2])


def dial_face(rng, size: int = 128):
    """Hours, minutes and hands on white: linear colour (h, w, 3) and its cover."""
    image = Image.new("RGB", (size, size), (238, 234, 222))
    pen, c = ImageDraw.Draw(image), size / 2

    def line(angle, start, end, colour, width):
        pen.line([(c + c * reach * np.sin(angle), c - c * reach * np.cos(angle)) for reach in (start, end)], colour, width)
    for i in range(60):
        line(np.pi * i / 30, *((.88, .93, (25, 25, 30), 1) if i % 5 else (.74, .93, (25, 25, 30), 5)))
    hour = rng.uniform(0, 12)
    for angle, reach, width in ((hour * np.pi / 6, .45, 6), (hour * 2 * np.pi, .7, 4)):
        line(angle, -.1, reach, (20, 20, 40), width)
    pen.ellipse([c - 5, c - 5, c + 5, c + 5], (20, 20, 30))
    return np.float32(np.asarray(image) / 255) ** 2.2, None


@kind("wheel", "tool", "oak + iron 3, pine + iron 1", .4)
def wheel(rng, made):
    spokes = [box(.045, .05, .45).turned("y", a) for a in np.arange(0, 360, 36)]
    rim = torus(.47, .05, flat=.8).turned("x", 90)
    tyre = torus(.52, .02, flat=2.2).turned("x", 90).of(1)
    hub = turn([(0, -.14), (.08, -.14), (.12, 0), (.08, .14), (0, .14)]).turned("x", 90)
    return Thing(join(spokes + [rim, tyre, hub]).turned("x", float(rng.uniform(-12, -4))).moved(z=.55), made, azimuth=55, elevation=(4, 18))


@kind("mirror", "furniture", "walnut + steel 2, gold + steel 3, silver + steel 2, bronze + bronze 1", .8, "decorative arts")
def mirror(rng, made):
    tall = rng.uniform(1, 1.35)
    rim = torus(.4, .06, 56).bent(lambda p: p * np.float32([1, tall, 1]))
    knobs = [ball(.045).moved(.42 * np.cos(a), .42 * tall * np.sin(a), .03) for a in np.linspace(0, 2 * np.pi, int(rng.integers(8, 22)), False)]
    pane = sheet_disc(.38).scaled(1, tall, 1).moved(z=.02).of(1)
    parts = [rim, pane] + (knobs if rng.uniform() < .6 else [])
    if rng.uniform() < .4:
        parts.append(sweep([(0, -.42 * tall, .02), (0, -.6 * tall, .02), (0, -.95 * tall, .02)], [.05, .04, .06]))
    return Thing(join(parts).moved(z=.04), made, azimuth=0, elevation=(70, 88), roll=4)
