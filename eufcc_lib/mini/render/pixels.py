"""Sums over the visible pixels, one pass each: numpy takes several, and is slow where rows have three numbers."""

import numba
import numpy as np


def tint(colour: np.ndarray, factor: np.ndarray, least: float = 0.0) -> np.ndarray:
    """Colours (P, 3), or one colour (3,), times a factor each (P,), at least `least`; float32 (P, 3)."""
    return _tint(np.atleast_2d(colour), np.float32(factor), least)


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _tint(colour, factor, least):
    result = np.empty((len(factor), 3), np.float32)
    every = 0 if len(colour) == 1 else 1
    for p in range(len(factor)):
        for k in range(3):
            result[p, k] = max(colour[p * every, k] * factor[p], least)
    return result


def mix(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """From the first colour to the second, each (P, 3) or (3,), as `share` (P,) goes from 0 to 1; float32 (P, 3)."""
    return _mix(np.atleast_2d(first), np.atleast_2d(second), np.float32(share))


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _mix(first, second, share):
    result = np.empty((len(share), 3), np.float32)
    one, two = 0 if len(first) == 1 else 1, 0 if len(second) == 1 else 1
    for p in range(len(share)):
        amount = min(max(share[p], np.float32(0)), np.float32(1))
        for k in range(3):
            start = first[p * one, k]
            result[p, k] = start + (second[p * two, k] - start) * amount
    return result


def across(tangent: np.ndarray, bitangent: np.ndarray, along_u: np.ndarray, along_v: np.ndarray) -> np.ndarray:
    """Vectors on a surface from their parts (P,) along its two directions (P, 3); float32 (P, 3)."""
    return _across(tangent, bitangent, np.float32(along_u), np.float32(along_v))


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _across(tangent, bitangent, along_u, along_v):
    result = np.empty_like(tangent)
    for p in range(len(tangent)):
        for k in range(3):
            result[p, k] = along_u[p] * tangent[p, k] + along_v[p] * bitangent[p, k]
    return result


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
