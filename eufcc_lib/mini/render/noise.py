"""Chance as a texture: cloudy, grainy and cellular patterns that repeat without a seam.

Made once per process from a fixed seed, then looked up; a fresh pattern is an offset into
the same sheet, so a thousand objects cost no more noise than one.
"""

from functools import cache

import numba
import numpy as np
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

SIZE = 512
"""Texels along a side; one sheet covers one unit of its coordinates."""


@cache
def cloud(roughness: float = 1.6, seed: int = 7) -> np.ndarray:
    """Fractal noise, float32 (SIZE, SIZE), mean 0 and deviation 1; amplitude falls as 1/frequency**roughness."""
    white = np.random.default_rng(seed).standard_normal((SIZE, SIZE))
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None, :]) * SIZE
    frequency[0, 0] = np.inf
    sheet = np.fft.irfft2(np.fft.rfft2(white) / frequency ** roughness, s=(SIZE, SIZE))
    return (sheet / sheet.std()).astype(np.float32)


@cache
def cells(count: int = 900, seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """A plane broken into cells around scattered seeds.

    Returns:
        edge: float32 (SIZE, SIZE), 0 on a border between two cells and growing inwards (cell widths);
        value: float32 (SIZE, SIZE), a random number of the cell, 0 to 1.
    """
    rng = np.random.default_rng(seed)
    side = round(count ** 0.5)
    lattice = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)
    points = (lattice + rng.uniform(0.1, 0.9, lattice.shape)) / side % 1
    grid = (np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), -1).reshape(-1, 2) + 0.5) / SIZE
    distance, index = cKDTree(points, boxsize=1).query(grid, k=2)
    edge = ((distance[:, 1] - distance[:, 0]) * side).reshape(SIZE, SIZE)
    value = rng.uniform(size=len(points))[index[:, 0]].reshape(SIZE, SIZE)
    return edge.astype(np.float32), value.astype(np.float32)


def look_up(sheet: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Nearest texel of a sheet at x, y (one unit is the whole sheet, repeating)."""
    column = (x * SIZE).astype(np.int32) & (SIZE - 1)
    row = (y * SIZE).astype(np.int32) & (SIZE - 1)
    return sheet.reshape(-1).take(row * SIZE + column)


def sample(sheet: np.ndarray, x: np.ndarray, y: np.ndarray, repeat: bool = False) -> np.ndarray:
    """A picture (h, w) or (h, w, C) between its texels, at texel coordinates of any one shape; float32."""
    if sheet.ndim == 3:
        return np.stack([sample(sheet[..., c], x, y, repeat) for c in range(sheet.shape[2])], axis=-1)
    return map_coordinates(sheet, np.float32([y, x]), np.float32, order=1, mode="grid-wrap" if repeat else "nearest")


def smooth(sheet: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """As `look_up`, interpolated between texels; for patterns that are stretched."""
    return sample(sheet, x * SIZE, y * SIZE, repeat=True)


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _at(sheet, x, y, z, ox, oy):
    side = sheet.shape[0]
    first = sheet[int((y + 0.61 * z + oy) * side) & (side - 1), int((x + 0.37 * z + ox) * side) & (side - 1)]
    second = sheet[int((y - 0.29 * x + 0.5 + ox) * side) & (side - 1), int((z - 0.43 * x + oy) * side) & (side - 1)]
    return (first + second) * 0.7071


@numba.njit(nogil=True, error_model="numpy", cache=True)
def solid(sheet, point, scale, offset):
    """Noise through the solid: points (P, 3), `scale` sheets a unit, as carved stone shows its veins; float32 (P,)."""
    result = np.empty(len(point), np.float32)
    for p in range(len(point)):
        result[p] = _at(sheet, point[p, 0] * scale, point[p, 1] * scale, point[p, 2] * scale, offset[0], offset[1])
    return result


@numba.njit(nogil=True, error_model="numpy", cache=True)
def slope(sheet, point, tangent, bitangent, scale, strength, offset):
    """How `solid` falls along a surface, times `strength`: vectors (P, 3) that tilt its normals into dents and grit."""
    result = np.empty_like(point)
    step = 1.5 / sheet.shape[0]
    for p in range(len(point)):
        x, y, z = point[p, 0] * scale, point[p, 1] * scale, point[p, 2] * scale
        here = _at(sheet, x, y, z, offset[0], offset[1])
        t, b = tangent[p], bitangent[p]
        du = _at(sheet, x + step * t[0], y + step * t[1], z + step * t[2], offset[0], offset[1]) - here
        dv = _at(sheet, x + step * b[0], y + step * b[1], z + step * b[2], offset[0], offset[1]) - here
        for k in range(3):
            result[p, k] = -strength * (du * t[k] + dv * b[k])
    return result
