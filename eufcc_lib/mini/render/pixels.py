"""Sums over the visible pixels, in float32."""

import numba
import numpy as np


def tint(colour: np.ndarray, factor: np.ndarray, least: float = 0.0) -> np.ndarray:
    """Colours (P, 3), or one colour (3,), times a factor each (P,), at least `least`; float32 (P, 3)."""
    return np.maximum(np.float32(colour) * np.float32(factor)[:, None], np.float32(least))


def mix(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """From the first colour to the second, each (P, 3) or (3,), as `share` (P,) goes from 0 to 1; float32 (P, 3)."""
    first = np.float32(first)
    return first + (np.float32(second) - first) * np.clip(np.float32(share), 0, 1)[:, None]


def across(tangent: np.ndarray, bitangent: np.ndarray, along_u: np.ndarray, along_v: np.ndarray) -> np.ndarray:
    """Vectors on a surface from their parts (P,) along its two directions (P, 3); float32 (P, 3)."""
    return np.float32(along_u)[:, None] * tangent + np.float32(along_v)[:, None] * bitangent


@numba.njit(nogil=True, error_model="numpy", cache=True)
def blur(sheet, width):
    """Means over a square of that width round each pixel of a sheet (h, w), cut off at its edges; float32."""
    h, w = sheet.shape
    before, after = width // 2, width - width // 2 - 1
    rows, result, totals = np.empty((h, w), np.float32), np.empty((h, w), np.float32), np.zeros(w)
    for i in range(h):
        total = 0.0
        for j in range(-after, w):
            if j + after < w:
                total += sheet[i, j + after]
            if j > before:
                total -= sheet[i, j - before - 1]
            if j >= 0:
                rows[i, j] = total / (min(j + after, w - 1) - max(j - before, 0) + 1)
    for i in range(-after, h):
        count = min(i + after, h - 1) - max(i - before, 0) + 1
        for j in range(w):
            if i + after < h:
                totals[j] += rows[i + after, j]
            if i > before:
                totals[j] -= rows[i - before - 1, j]
            if i >= 0:
                result[i, j] = totals[j] / count
    return result
