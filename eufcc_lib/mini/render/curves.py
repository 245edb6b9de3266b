"""Smooth lines: `curve` never overshoots (Fritsch and Butland); `smooth_through` has a continuous curvature.

The latter is not `scipy.interpolate.CubicSpline`: its last digits differ, and with them which way round some bars are swept.
"""

import numba
import numpy as np
from scipy.interpolate import PchipInterpolator


def distances(line: np.ndarray) -> np.ndarray:
    """How far along a line (n, d) each of its points lies, float (n,), 0 at the first."""
    return np.append(0, np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum())


def curve(points, samples: int = 40) -> np.ndarray:
    """A smooth line through points (n, d), float (samples or a few more, d).

    A point written twice is a corner: the line is smooth on either side of it only.
    """
    points = np.asarray(points, float)
    repeated = np.flatnonzero((points[1:] == points[:-1]).all(axis=1)) + 1
    total = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    pieces = []
    for run in np.split(points, repeated):
        if len(run) == 1:
            continue
        steps = distances(run)
        count = max(2 if len(run) == 2 else 5, round(samples * steps[-1] / total))
        at = np.linspace(0, steps[-1], count)
        pieces.append(PchipInterpolator(steps, run)(at) if len(run) > 2 else
                      run[0] + at[:, None] / max(steps[-1], 1e-9) * (run[1] - run[0]))
    return np.concatenate(pieces)


def smooth_through(steps: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values (n, d) known at n growing steps, three or more, read at other places: the cubic spline whose end pieces are not knots.

    >>> cube = smooth_through(np.array([0., 1, 2, 3]), np.array([[0.], [1], [8], [27]]), np.array([1.5]))
    >>> round(float(cube[0, 0]), 9)
    3.375
    """
    return _hermite(steps, values, _smooth_slopes(steps, values), at)


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _hermite(steps, values, slopes, at):
    """The cubic pieces with these values and slopes (n, d) at the steps, read at m growing places."""
    result = np.empty((len(at), values.shape[1]))
    i = 0
    for m in range(len(at)):
        while i < len(steps) - 2 and at[m] > steps[i + 1]:
            i += 1
        h = steps[i + 1] - steps[i]
        t = (at[m] - steps[i]) / h
        for k in range(values.shape[1]):
            rise = values[i + 1, k] - values[i, k]
            first, last = slopes[i, k] * h, slopes[i + 1, k] * h
            square, cube = 3 * rise - 2 * first - last, first + last - 2 * rise
            result[m, k] = values[i, k] + t * (first + t * (square + t * cube))
    return result


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _rises(steps, values, k):
    """The slope of each straight piece of column k."""
    rises = np.empty(len(steps) - 1)
    for i in range(len(rises)):
        rises[i] = (values[i + 1, k] - values[i, k]) / (steps[i + 1] - steps[i])
    return rises


@numba.njit(nogil=True, error_model="numpy", cache=True)
def _smooth_slopes(steps, values):
    n = len(steps)
    slopes = np.empty((n, values.shape[1]))
    # The rows of a tridiagonal system: before, at and after the diagonal; the right-hand side goes into `slopes`.
    low, mid, high = np.zeros(n), np.zeros(n), np.zeros(n)
    first, second = steps[1] - steps[0], steps[2] - steps[1]
    last, previous = steps[n - 1] - steps[n - 2], steps[n - 2] - steps[n - 3]
    for k in range(values.shape[1]):
        m = _rises(steps, values, k)
        for i in range(1, n - 1):
            low[i], high[i] = steps[i + 1] - steps[i], steps[i] - steps[i - 1]
            mid[i] = 2 * (low[i] + high[i])
            slopes[i, k] = 3 * (low[i] * m[i - 1] + high[i] * m[i])
        if n == 3:
            mid[0] = high[0] = low[2] = mid[2] = 1
            slopes[0, k], slopes[2, k] = 2 * m[0], 2 * m[1]
        else:
            high[0], mid[0], low[n - 1], mid[n - 1] = first + second, second, last + previous, previous
            slopes[0, k] = ((first + 2 * high[0]) * second * m[0] + first * first * m[1]) / high[0]
            slopes[n - 1, k] = (last * last * m[n - 3] + (2 * low[n - 1] + last) * previous * m[n - 2]) / low[n - 1]
        for i in range(1, n):
            share = low[i] / mid[i - 1]
            mid[i] -= share * high[i - 1]
            slopes[i, k] -= share * slopes[i - 1, k]
        slopes[n - 1, k] /= mid[n - 1]
        for i in range(n - 2, -1, -1):
            slopes[i, k] = (slopes[i, k] - high[i] * slopes[i + 1, k]) / mid[i]
    return slopes
