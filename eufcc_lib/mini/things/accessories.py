"""What goes with dress: fans, parasols, bags, belts."""

import numpy as np

from ..kinds import kind
from ..render.materials import hexa
from ..render.solids import ball, box, join, loft, sheet, sweep, torus, turn
from ..render.studio import Skin, Thing
from . import decor
from .costume import printed
from .scenes import compose


@kind("fan", "costume", "paper + ivory 3, silk + ebony 2, lace + mother-of-pearl 1, paper + bamboo 2, feather + tortoiseshell 1", .9, "decorative arts")
def fan(rng, made):
    spread, folds = rng.uniform(2.2, 2.9), int(rng.integers(12, 20))
    angle = np.linspace(-spread / 2, spread / 2, 2 * folds + 1) + np.pi / 2
    rise = .03 + .03 * (np.arange(2 * folds + 1) % 2)
    inner = rng.uniform(.34, .5)
    rows = np.linspace(inner, 1, 5)[:, None]
    points = np.stack([rows * np.cos(angle), rows * np.sin(angle), rise * rows + .01], 2)
    u = (angle - angle[0]) / spread
    leaf = sheet(points, np.stack(np.broadcast_arrays(1 - u, (rows - inner) / (1 - inner)), 2))

    def along(a, *points):
        return [(r * np.cos(a), r * np.sin(a), z) for r, z in points]

    sticks = [sweep(along(a, (0, .02), (inner, .03), (inner + .2, .03)), [.012, .02, .012], flat=.4, sections=6, samples=6)
              for a in angle[::2]]
    sticks += [sweep(along(a, (0, .05), (1, .06)), [.022, .03], flat=.5, sections=8, samples=6) for a in (angle[0], angle[-1])]
    pin = turn([(0, 0), (.03, 0), (.03, .08), (0, .09)])
    art = decor.spray(rng, 220, 90, int(rng.integers(10, 20)))
    ground = hexa(rng.choice(["#efe6d0", "#1f1d22", "#c98a8a", "#2f5a5a", "#e8d8a8"]))
    colour = ground + (hexa(rng.choice(["#a8281f", "#d9a93a", "#27408a", "#2f6a44"])) - ground) * art[..., None]
    if rng.uniform() < .3:
        colour = compose(str(rng.choice(["landscape", "seascape"])), rng, 220, 90)
    skins = {0: Skin((0, 1, 0, 1), np.float32(colour))} if made[0] in ("paper", "silk") else {}
    mesh = join([leaf] + [m.of(1) for m in [pin] + sticks])
    return Thing(mesh, made, skins, azimuth=0, elevation=(62, 88), roll=8)


@kind("parasol", "costume", "silk + beech 2, cotton + bamboo 1, lace + ebony 1, paper + bamboo 1", .4, "costume design")
def parasol(rng, made):
    canopy = turn([(.0, .3), (.2, .27), (.42, .16), (.56, .0)], sections=64, lobes=(8, .04))
    stick = sweep([(0, 0, .42), (0, 0, -.7)], .014, sections=8, samples=4).of(1)
    grip = sweep([(0, 0, -.7), (0, 0, -.82), (.06, 0, -.88), (.1, 0, -.82)], .02, sections=8).of(1)
    skins = printed(rng, .5)
    mesh = join([canopy, stick, grip])
    if rng.uniform() < .5:
        mesh = mesh.turned("x", 62).turned("z", float(rng.uniform(20, 60)))
    return Thing(mesh.moved(z=-mesh.points[:, 2].min()), made, skins, azimuth=30, elevation=(6, 24), fill=.84)


@kind("handbag", "costume", "leather + brass 3, silk + silver 1, velvet + gold 1, wicker + brass .5", .6, "costume design")
def handbag(rng, made):
    w = rng.uniform(.36, .5)
    body = loft([(0, w * .9, .13), (.05, w, .16), (.25, w * 1.02, .15), (.44, w * .85, .07), (.5, w * .8, .05)], square=3, push=lambda a, s: 1 + .02 * np.sin(14 * a))
    clasp = [loft([(.48, w * .82, .06), (.53, w * .82, .05)], square=4).of(1), ball(.035).moved(0, -.06, .54).of(1)]
    strap = sweep([(-w * .6, 0, .5), (-w * .5, 0, .75), (0, 0, .86), (w * .5, 0, .75), (w * .6, 0, .5)], .025, samples=24).of(0)
    return Thing(join([body, strap] + clasp), made, printed(rng, .25), azimuth=40, elevation=(6, 22))


@kind("purse", "costume", "leather + brass 2, silk + silver 2, velvet + gold 2, linen + silk 1", .5, "history")
def purse(rng, made):
    body = loft([(0, .08, .06), (.05, .24, .14), (.2, .29, .16), (.34, .2, .11), (.4, .12, .08), (.48, .17, .11)], push=lambda a, s: 1 + .05 * np.sin(10 * a) * s, sections=48)
    cord = [torus(.125, .02).scaled(1, .7, 1).moved(z=.4).of(1)] + [sweep([(s * .1, -.06, .4), (s * .2, -.09, .3), (s * .17, -.12, .12)], [.012, .012, .03]).of(1) for s in (-1, 1)]
    tassels = [sweep([(x, 0, .03), (x, 0, -.1)], [.018, .03]).of(1) for x in (-.15, 0, .15)]
    mesh = join([body] + cord + tassels)
    return Thing(mesh.moved(z=.1), made, printed(rng, .4), azimuth=40, elevation=(4, 20))


@kind("suitcase", "costume", "leather + brass 3, cardboard + iron 1, wicker + leather 1", .4)
def suitcase(rng, made):
    w, h, d = rng.uniform(.9, 1.1), rng.uniform(.55, .7), .28
    parts = [box(w, d, h, .05), torus(.09, .022, flat=1).scaled(1.3, 1, 1).turned("x", 90).moved(0, 0, h + .02).of(1)]
    parts += [box(.05, d + .02, h + .01, .01).moved(x * w * .3).of(1) for x in (-1, 1)]
    parts += [box(.1, .1, .1, .02).moved(x * (w / 2 - .04), y * (d / 2 - .04), z).of(1) for x in (-1, 1) for y in (-1, 1) for z in (-.01, h - .09)]
    parts.append(box(w + .01, d + .01, .015).moved(z=h * .62).of(1))
    return Thing(join(parts), made, azimuth=45, elevation=(8, 26))


@kind("belt", "costume", "leather + brass 3, leather + silver 2, silk + gold 1, wool + brass 1", .4, "ethnography")
def belt(rng, made):
    turns = np.linspace(0, 4.4 * np.pi, 130)
    r, wide = .2 + .022 * turns, .13
    strap = sheet(np.stack([np.stack([reach * np.cos(turns), reach * np.sin(turns), np.full_like(r, z)], 1)
                            for reach, z in ((r, 0), (r, wide), (r - .015, wide), (r - .015, 0))]))
    buckle = torus(.085, .018, 4 if rng.uniform() < .6 else 24).turned("x", 90).turned("z", 90 + 72)
    parts = [strap, buckle.moved(r[-1] * np.cos(turns[-1]) + .02, r[-1] * np.sin(turns[-1]) + .05, wide / 2).of(1)]
    if rng.uniform() < .6:
        parts += [ball(.018, 8).moved((reach + .004) * np.cos(t), (reach + .004) * np.sin(t), wide / 2).of(1)
                  for reach, t in zip(r[::5], turns[::5])]
    return Thing(join(parts), made, azimuth=180, elevation=(25, 60))
