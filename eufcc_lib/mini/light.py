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

from dataclasses import dataclass

import numba
import numpy as np
from scipy.ndimage import uniform_filter

from .materials import Look
from .raster import Camera, Surface, depth
from .solids import Mesh


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
    elevation: float = 50.0
    softness: float = 0.4
    key: float = 1.0
    fill: float = 0.35
    colour: tuple = (1.0, 1.0, 1.0)
    table: tuple = (0.6, 0.6, 0.6)

    def direction(self, camera: Camera) -> np.ndarray:
        """Unit vector to the lamp in space, kept above the ground."""
        a, e = np.radians(self.azimuth), np.radians(self.elevation)
        seen = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        direction = seen @ camera.axes
        direction[2] = max(direction[2], 0.25)
        return (direction / np.linalg.norm(direction)).astype(np.float32)


def linear(colour) -> np.ndarray:
    """'#rrggbb' or sRGB values in 0..1 to linear float32."""
    if isinstance(colour, str):
        colour = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return np.asarray(colour, np.float32) ** np.float32(2.2)


@numba.njit(nogil=True)
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


@numba.njit(nogil=True)
def _shade(normal, view, colour, rough, metal, gloss, sheen, soft, clear, lit, sky, behind, lamp, right, back,
           softness, key, fill, lamp_colour, table, result):
    """See `shade`; one pixel at a time, in the order of the ideas at the top of this file."""
    around, matt = np.empty(3, np.float32), np.empty(3, np.float32)
    for p in range(len(normal)):
        nx, ny, nz = normal[p, 0], normal[p, 1], normal[p, 2]
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
        behind: (P, 3) what would be seen through the object if it were not there.
    """
    result = np.empty((len(surface.point), 3), np.float32)
    _shade(surface.normal + look.bump, surface.view, look.colour, look.rough, look.metal, look.gloss, look.sheen, look.soft,
           look.clear, np.float32(lit), np.float32(open_sky), np.float32(behind), light.direction(camera), camera.axes[0],
           camera.axes[2], light.softness, light.key, light.fill, np.float32(light.colour), np.float32(light.table), result)
    return result


def lamp_view(mesh: Mesh, lamp: np.ndarray, size: int = 160):
    """The object's depth seen from far away at the lamp: nearness (size, size) and the projection used."""
    reference = np.array([0, 0, 1.0]) if abs(lamp[2]) < 0.9 else np.array([0, 1.0, 0])
    right = np.cross(reference, lamp)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(lamp, right), lamp]).astype(np.float32)
    seen = mesh.points @ axes.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = (size - 8) / max(high[0] - low[0], high[1] - low[1], 1e-6)
    offset = np.array([4 - low[0] * scale, 4 - low[1] * scale, 1 - low[2]], np.float32)

    def project(points):
        there = points @ axes.T
        there[:, :2] *= scale
        return there + offset

    return depth(project(mesh.points), mesh.faces, size), project, float(scale)


def shadow_on_itself(mesh: Mesh, surface: Surface, lamp: np.ndarray, softness: float) -> np.ndarray:
    """(P,) share of the lamp that is not hidden by another part of the object."""
    nearest, project, scale = lamp_view(mesh, lamp)
    there = project(surface.point + surface.normal * (2.0 / scale))
    size = nearest.shape[0]
    spread = 1.0 + 2.5 * softness
    hidden = np.zeros(len(there), np.float32)
    taps = ((0.5, 0.2), (-0.3, 0.6), (-0.6, -0.4), (0.3, -0.7), (1.2, -0.5), (-1.1, 0.9))
    for dx, dy in taps:
        x = np.clip(there[:, 0] + spread * dx, 0, size - 1).astype(np.int32)
        y = np.clip(there[:, 1] + spread * dy, 0, size - 1).astype(np.int32)
        hidden += nearest[y, x] > there[:, 2] + 2.0 / scale
    return 1 - hidden / len(taps)


def shadow_on_ground(mesh: Mesh, camera: Camera, light: Light, size: int) -> np.ndarray:
    """Share of the light lost at each pixel of the ground, (size, size): an averaged set of flat shadows."""
    lamp = light.direction(camera)
    half = (size + 1) // 2
    lost = np.zeros((half, half), np.float32)
    spread = 0.03 + 0.55 * light.softness
    shifts = ((0, 0), (1, 0.3), (-0.7, 0.8), (-0.3, -1), (0.6, -0.4))
    for dx, dy in shifts:
        ray = lamp + spread * 0.5 * np.array([dx, dy, 0.25 * dx], np.float32)
        flat = mesh.points - mesh.points[:, 2:] * (ray / max(ray[2], 0.2))
        lost += depth(camera.project(flat) * np.float32([0.5, 0.5, 1]), mesh.faces, half) > 0
    width = max(2, round(half * (0.006 + 0.03 * light.softness)))
    lost = uniform_filter(uniform_filter(lost / len(shifts), width), width)
    return lost.repeat(2, axis=0).repeat(2, axis=1)[:size, :size]


def crevices(surface: Surface, width: int) -> np.ndarray:
    """(P,) share of the sky seen: darker where the depth lies below its surroundings (depth unsharp masking)."""
    depth = surface.nearest
    covered = surface.mask.astype(np.float32)
    around = uniform_filter(depth, width) / np.maximum(uniform_filter(covered, width), 1e-3)
    hollow = np.where(surface.mask, around - depth, 0)[surface.mask]
    ground = np.clip(surface.point[:, 2] / 0.12, 0, 1)
    return np.clip(1 - np.maximum(hollow, 0) * 9, 0.35, 1) * (0.72 + 0.28 * ground)
