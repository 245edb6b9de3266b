"""Sums over the visible pixels, in float32."""

import numpy as np
from scipy.ndimage import correlate1d


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


def blur(sheet: np.ndarray, width: int) -> np.ndarray:
    """Means over a square of that width round each pixel of a sheet (h, w), cut off at its edges; float32."""
    for axis in (1, 0):
        total, count = (correlate1d(values, np.ones(width), axis, float, mode="constant")
                        for values in (sheet, np.ones_like(sheet)))
        sheet = np.float32(total / count)
    return sheet
