"""Light: how a surface under a lamp becomes a colour.

Four ideas make the pictures, each a few lines below, all in linear light:
- Lambert: a matt surface is as bright as the cosine between its normal and the lamp.
- Blinn and Phong: a highlight where the normal is half way between lamp and viewer, the
  narrower the smoother the surface.
- Fresnel: everything becomes a mirror at a grazing angle (Schlick's approximation).
- An environment: metals and glazes show the studio around them (soft boxes, walls, table),
  here a formula of the direction in which the mirrored ray leaves.
Shadows come from looking at the object from the lamp with the same depth buffer.
"""

from dataclasses import dataclass, replace

import numba
import numpy as np

from .materials import Look
from .pixels import blur
from .raster import Camera, Surface, bounds, rasterise
from .solids import Mesh, turned


@dataclass(frozen=True, eq=False)
class Light:
    """A photographer's lights, given relative to the camera.

    Attributes:
        azimuth, elevation: of the main lamp in degrees; negative azimuth is from the left.
        softness: 0 a bare bulb, 1 an overcast sky.
        key, fill: strength of the lamp and of the light from all around.
        colour: linear RGB of the lamp.
        table: linear RGB of the ground, mirrored by shiny things.
    """

    azimuth: float = -40.0
    elevation: float = 48.0
    softness: float = 0.4
    key: float = 0.95
    fill: float = 0.34
    colour: tuple = (1.0, 1.0, 1.0)
    table: tuple = (0.6, 0.6, 0.6)

    def direction(self, camera: Camera) -> np.ndarray:
        """Unit vector to the lamp in space, kept above the ground."""
        a, e = np.radians(self.azimuth), np.radians(self.elevation)
        seen = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        direction = seen @ camera.axes
        direction[2] = max(direction[2], 0.25)
        return (direction / np.linalg.norm(direction)).astype(np.float32)


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _studio(up, side, facing, close, rough, softness, key, fill, lamp_colour, table, out):
    """What a mirrored ray meets in the studio, linear RGB into `out`; roughness blurs it.

    `up`, `side`, `facing` and `close` are the ray's cosines with the vertical, the camera's right,
    the way to the camera and the way to the lamp.
    """
    blur = 0.04 + 0.6 * rough
    below = min(max(0.5 - up / (blur + 0.1), 0.0), 1.0)
    ceiling = 0.35 + min(max(0.5 + 0.9 * up, 0.0), 1.0)
    wall = 0.34 * (0.35 + 1.3 * fill) * ceiling
    # The room behind the camera is dark: the black that makes metal look like metal.
    dark = 1 - 0.78 * min(max((facing - 0.35) / (0.25 + blur), 0.0), 1.0) * (1 - 0.55 * rough)
    wide = 0.62 + 0.25 * (1 - softness)
    lit = min(max((close - wide) / blur + 0.5, 0.0), 1.0) * 2.6 / (1 + 2.2 * rough) * key
    strip = max(1 - abs(side - 0.72) / (0.13 + blur), 0.0) * min(max(0.8 + up, 0.0), 1.0) * 0.55 * (0.4 + fill)
    for k in range(3):
        out[k] = (wall * (1 - below) + below * (0.10 + 0.55 * table[k])) * dark + lit * lamp_colour[k] + strip


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _shade(normal, bump, view, colour, rough, metal, gloss, sheen, soft, clear, lit, sky, behind, lamp, right, back,
           softness, key, fill, lamp_colour, table, result):
    """See `shade`; one pixel at a time, in the order of the ideas at the top of this file."""
    around = np.empty(3, np.float32)
    for p in range(len(normal)):
        nx, ny, nz = normal[p, 0] + bump[p, 0], normal[p, 1] + bump[p, 1], normal[p, 2] + bump[p, 2]
        length = 1 / np.sqrt(nx * nx + ny * ny + nz * nz)
        nx, ny, nz = nx * length, ny * length, nz * length
        vx, vy, vz = view[p, 0], view[p, 1], view[p, 2]
        facing = max(nx * vx + ny * vy + nz * vz, 0.02)
        # Lambert, wrapped a little round the edge by soft lamps and by light inside the body.
        wrap = 0.08 + 0.45 * softness + 0.4 * soft[p]
        cosine = max((nx * lamp[0] + ny * lamp[1] + nz * lamp[2] + wrap) / (1 + wrap), 0.0)
        cosine *= lit[p] * (1 - 0.5 * soft[p]) + 0.5 * soft[p]
        # Schlick's Fresnel term, and where the mirrored ray goes.
        graze = (1 - facing) ** 5
        rx, ry, rz = 2 * facing * nx - vx, 2 * facing * ny - vy, 2 * facing * nz - vz
        _studio(rz, rx * right[0] + ry * right[1] + rz * right[2], rx * back[0] + ry * back[1] + rz * back[2],
                rx * lamp[0] + ry * lamp[1] + rz * lamp[2], rough[p], softness, key, fill, lamp_colour, table, around)
        dimmed = (0.35 + 0.65 * sky[p]) * (0.55 + 0.45 * lit[p])
        # Blinn and Phong.
        hx, hy, hz = lamp[0] + vx, lamp[1] + vy, lamp[2] + vz
        half = max((nx * hx + ny * hy + nz * hz) / np.sqrt(hx * hx + hy * hy + hz * hz), 0.0)
        power = 2 / max(rough[p], 0.06) ** 2
        spark = 0.0
        if (1 - half) * power < 12:  # a power is slow, and far from the highlight it is nothing
            spark = min(half ** power * (power + 8) / 60 * lit[p] * key * (1 - 0.5 * softness), 6.0)
        coat = gloss[p] * (0.05 + 0.95 * graze)
        edge = sheen[p] * (1 - facing) ** 3 * (0.5 * key + fill)
        through = clear[p] * (1 - graze)
        depth = 0.35 + 0.55 / (0.25 + facing)
        for k in range(3):
            diffuse = cosine * key * lamp_colour[k] + fill * (0.65 + 0.35 * nz) * sky[p]
            diffuse += 0.10 * key * table[k] * max(-nz, 0.0)
            body = colour[p, k] * (diffuse + edge)
            if through > 0:
                body = body * (1 - through) + through * behind[p, k] * colour[p, k] ** depth
            mirrored = around[k] * dimmed
            tint = colour[p, k] + (1 - colour[p, k]) * graze
            shiny = tint * (0.95 * mirrored + 0.6 * spark * lamp_colour[k] + 0.16 * diffuse)
            plain = body + 1.2 * coat * mirrored + 0.55 * gloss[p] * spark * lamp_colour[k]
            result[p, k] = (1 - metal[p]) * plain + metal[p] * shiny


def shade(surface: Surface, look: Look, light: Light, camera: Camera, lit: np.ndarray, open_sky: np.ndarray,
          behind: np.ndarray) -> np.ndarray:
    """Linear RGB (P, 3) of the visible surface.

    Args:
        look: what the surface is made of, one row per pixel.
        lit: (P,) share of the lamp that arrives; `open_sky` (P,) share of the light from all around.
        behind: (P, 3) what would be seen through the object if it were not there; may be empty if it is not clear.
    """
    result = np.empty((len(surface.point), 3), np.float32)
    _shade(surface.normal, look.bump, surface.view, look.colour, look.rough, look.metal, look.gloss, look.sheen,
           look.soft, look.clear, lit, open_sky, behind, light.direction(camera), camera.axes[0], camera.axes[2],
           light.softness, light.key, light.fill, np.float32(light.colour), np.float32(light.table), result)
    return result


TAPS = ((0.5, 0.2), (-0.3, 0.6), (-0.6, -0.4), (0.3, -0.7), (1.2, -0.5), (-1.1, 0.9))
"""Where the lamp's view is asked, in units of the spread of the shadow's edge."""


def shadow_on_itself(mesh: Mesh, surface: Surface, lamp: np.ndarray, softness: float, size: int = 160) -> np.ndarray:
    """(P,) share of the lamp that is not hidden by another part of the object, seen from far away at the lamp."""
    right = np.cross([0, 0, 1.0] if abs(lamp[2]) < 0.9 else [0, 1.0, 0], lamp)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(lamp, right), lamp]).astype(np.float32)
    seen = turned(mesh.points, axes)
    low, high = bounds(seen)
    scale = float((size - 8) / max(high[0] - low[0], high[1] - low[1], 1e-6))
    offset = np.array([4 - low[0] * scale, 4 - low[1] * scale, 1 - low[2]], np.float32)
    _, nearest = rasterise(seen * np.float32([scale, scale, 1]) + offset, mesh.faces, size)
    # Points are held a little off the surface, so that it does not hide itself.
    step, spread = 2.0 / scale, 1.0 + 2.5 * softness
    place = (surface.point + step * surface.normal.astype(float)) @ (axes * np.array([[scale], [scale], [1.0]])).T
    x, y, z = (place + offset + np.array([0, 0, step])).T
    hidden = sum(nearest[tuple(np.clip(at, 0, size - 1).astype(int) for at in (y + spread * dy, x + spread * dx))] > z
                 for dx, dy in TAPS)
    return np.float32(1 - hidden / len(TAPS))


SHIFTS = ((0, 0), (1, 0.3), (-0.7, 0.8), (-0.3, -1), (0.6, -0.4))
"""Parts of a wide lamp, each of which throws a flat shadow of its own."""


def shadow_on_ground(mesh: Mesh, camera: Camera, light: Light, size: int) -> np.ndarray:
    """Share of the light lost on the ground, at half the picture's resolution: the mean of a few flat shadows."""
    lamp = light.direction(camera)
    half = (size + 1) // 2
    coarse = replace(camera, scale=camera.scale / 2, shift=camera.shift / 2)
    lost = np.zeros((half, half), np.float32)
    spread = 0.03 + 0.55 * light.softness
    for dx, dy in SHIFTS:
        ray = lamp + spread * 0.5 * np.array([dx, dy, 0.25 * dx], np.float32)
        flat = mesh.points - mesh.points[:, 2:] * (ray / max(ray[2], 0.2))
        triangle, _ = rasterise(coarse.project(flat), mesh.faces, half)
        lost += triangle >= 0
    width = max(2, round(half * (0.006 + 0.03 * light.softness)))
    return blur(blur(lost / np.float32(len(SHIFTS)), width), width)


def crevices(surface: Surface, width: int) -> np.ndarray:
    """(P,) share of the sky seen: darker where the depth lies below its surroundings (depth unsharp masking)."""
    covered = blur((surface.nearest > 0).astype(np.float32), width)
    around, covered, nearest = (sheet.ravel()[surface.pixel].astype(float)
                                for sheet in (blur(surface.nearest, width), covered, surface.nearest))
    hollow = np.maximum(around / np.maximum(covered, 1e-3) - nearest, 0)
    ground = np.clip(surface.point[:, 2].astype(float) / 0.12, 0, 1)
    return np.float32(np.clip(1 - 9 * hollow, 0.35, 1) * (0.72 + 0.28 * ground))
