"""A facet's tree as rings (Figure 6), as a picture; `pages.sunburst` has the rings to explore.

Angles are the weights of `statistics.weigh_tree`: the full circle is all images of the facet, an
image with several labels shares its slice between them, and so no ring is wider than the one inside.
"""

from math import cos, degrees, hypot, pi, sin, sqrt, tan
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, Wedge

from ..core.facets import Facet, get_facet
from ..core.numbers import thousands
from .colour import GOLDEN_ANGLE, ink_on, oklch, to_hex
from .style import PAPER, POINTS_PER_INCH, WIDTH, Picture, sheet, styled, text_width, two_lines

# Inches.
CENTRE = 0.66  # radius of the disc that holds the facet's title
WIDEST_RING = 1.3  # a flat tree has a smaller circle, not a wider ring
MARGIN = 0.07  # free in a sector beside its name, both sides together

LEAST_FILLED = 0.06  # a ring is at least as wide as one that is filled to this share
LIGHTNESS = (0.48, 0.55, 0.72, 0.79, 0.85, 0.9)  # by level; without the middle, on which no type reads well
SIZES = (9, 8)  # points: a name is set in the first size in which it fits
LEADING = 1.2  # height of a line, in parts of the type's size


@styled
def picture(weights: pd.DataFrame, facet: str, language: str = "en") -> Picture:
    """The whole tree as a still picture, named where a name fits into its own wedge.

    Args:
        weights: `statistics.weigh_tree`.
        language: of the title.
    """
    facet = get_facet(facet)
    radius = min(WIDTH / 2 - 0.05, CENTRE + WIDEST_RING * (1 + weights["depth"].max()))
    height = 2 * radius + 0.1
    axes = sheet(height)
    axes.set(xlim=(-WIDTH / 2, WIDTH / 2), ylim=(-height / 2, height / 2))  # the origin in the middle

    sectors = lay_out(weights, radius)
    colours = family_colours(weights, facet)
    fine = np.array([sector.span * sector.inner < 0.015 for sector in sectors], dtype=bool)
    for which, line in ((~fine, 0.6), (fine, 0)):  # a white line around a sliver would leave nothing of it
        wedges = [Wedge((0, 0), sector.outer, degrees(sector.start), degrees(sector.start + sector.span),
                        width=sector.outer - sector.inner) for sector, here in zip(sectors, which) if here]
        axes.add_collection(PatchCollection(wedges, facecolors=[c for c, here in zip(colours, which) if here],
                                            edgecolors=PAPER, linewidths=line))
    for sector, name, colour in zip(sectors, weights["tag"], colours):
        for piece in place_name(name, sector):
            axes.text(piece.x, piece.y, piece.text, rotation=piece.rotation, fontsize=piece.size, gid=name,
                      color=ink_on(colour), ha="center", va="center_baseline", rotation_mode="anchor",
                      linespacing=1.1)
    axes.add_patch(Circle((0, 0), CENTRE, facecolor=facet.colour, edgecolor=PAPER, linewidth=0.6))
    total = thousands(weights.loc[weights["parent"] < 0, "weight"].sum())
    axes.text(0, 0, "\n".join([*facet.title(language).split(), total, "images"]), ha="center", va="center",
              fontsize=9, weight="bold", color=ink_on(facet.colour))
    return axes.figure


class Sector(NamedTuple):
    """A node's part of its ring: angles in radians, anticlockwise from the right; radii in inches."""

    start: float
    span: float
    inner: float
    outer: float


class Piece(NamedTuple):
    """Text set straight: its centre in inches, its rotation in degrees, its size in points."""

    text: str
    x: float
    y: float
    rotation: float
    size: float


def lay_out(weights: pd.DataFrame, radius: float) -> list[Sector]:
    """The sector of every node, in the order of the rows: heavy ones first, clockwise from the top."""
    depth = weights["depth"].to_numpy()
    total = weights.loc[weights["parent"] < 0, "weight"].sum()
    edges = _ring_edges(weights.groupby("depth")["weight"].sum() / total, radius)
    heavy_first = weights.assign(row=range(len(weights))).sort_values(["weight", "tag"], ascending=[False, True])
    children = heavy_first.groupby("parent", sort=False)["row"].agg(list).to_dict()
    sectors = [None] * len(weights)
    waiting = [(-1, pi / 2 + 2 * pi)]
    while waiting:
        node, end = waiting.pop()
        for child in children.get(node, ()):
            span = 2 * pi * weights["weight"].iat[child] / total
            sectors[child] = Sector(end - span, span, edges[depth[child]], edges[depth[child] + 1])
            waiting.append((child, end))
            end -= span
    return sectors


def place_name(name: str, sector: Sector) -> list[Piece]:
    """The name inside its sector: bent along the ring or straight along the radius, on one line or two.

    Empty where none of these fits. No piece leaves its sector, so no two names can touch.
    """
    for size in SIZES:
        for lines in ([name], two_lines(name)):
            pieces = _along_ring(lines, sector, size) or _along_radius(lines, sector, size)
            if pieces:
                return pieces
    return []


def family_colours(weights: pd.DataFrame, facet: Facet) -> list[str]:
    """A hue for each root and its descendants, lighter with every level; the largest root has the facet's own."""
    _, _, facet_hue = oklch(facet.colour)
    roots = weights[weights["parent"] < 0].sort_values(["weight", "tag"], ascending=[False, True]).index
    hue = {root: facet_hue + GOLDEN_ANGLE * i for i, root in enumerate(roots)}
    colours = []
    for row, (parent, depth) in enumerate(zip(weights["parent"], weights["depth"])):
        hue.setdefault(row, hue.get(parent))
        colours.append(to_hex(LIGHTNESS[min(depth, len(LIGHTNESS) - 1)], max(0.11 - 0.012 * depth, 0.04), hue[row]))
    return colours


def _ring_edges(filled: pd.Series, radius: float) -> np.ndarray:
    """Radii of the rings from the centre disc outwards; a ring that is filled more is wider.

    Args:
        filled: share of the full circle that the nodes of each depth take, depth 0 first.
    """
    widths = np.sqrt(np.maximum(filled.to_numpy(), LEAST_FILLED))
    return CENTRE + np.concatenate([[0], np.cumsum(widths) / widths.sum()]) * (radius - CENTRE)


def _along_ring(lines: list[str], sector: Sector, size: float) -> list[Piece]:
    """Letter by letter on the ring's curve, upright when read; empty if it does not fit."""
    height = LEADING * size / POINTS_PER_INCH
    middle, angle = (sector.inner + sector.outer) / 2, sector.start + sector.span / 2
    if height * len(lines) > sector.outer - sector.inner - MARGIN:
        return []
    over = 1 if sin(angle) >= 0 else -1  # in the lower half the tops of the letters point to the centre
    pieces = []
    for i, line in enumerate(lines):
        radius = middle + over * height * ((len(lines) - 1) / 2 - i)
        width = text_width(line, size)
        if (width + MARGIN) / (radius - height / 2) > sector.span:
            return []
        for n, letter in enumerate(line):
            along = (text_width(line[:n], size) + text_width(line[:n + 1], size) - width) / 2
            place = angle - over * along / radius
            pieces.append(Piece(letter, radius * cos(place), radius * sin(place), degrees(place) - over * 90, size))
    return [piece for piece in pieces if piece.text != " "]


def _along_radius(lines: list[str], sector: Sector, size: float) -> list[Piece]:
    """Straight outwards, upright when read; empty if it does not fit."""
    width = max(text_width(line, size) for line in lines) + MARGIN
    height = LEADING * size / POINTS_PER_INCH * len(lines)
    angle = sector.start + sector.span / 2
    # In the middle of the ring if it fits there, else at the rim where the sector is widest.
    for middle in ((sector.inner + sector.outer) / 2, sqrt(max(sector.outer ** 2 - height ** 2 / 4, 0)) - width / 2):
        low, high = middle - width / 2, middle + width / 2
        if low < sector.inner or hypot(high, height / 2) > sector.outer + 1e-9:
            continue
        if sector.span >= pi or height / 2 <= low * tan(sector.span / 2):
            upright = degrees(angle) % 180
            rotation = upright if upright <= 90 else upright - 180
            return [Piece("\n".join(lines), middle * cos(angle), middle * sin(angle), rotation, size)]
    return []
