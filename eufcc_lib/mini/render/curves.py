"""Smooth lines through given points that never overshoot (Fritsch and Butland), with corners where one is written twice."""

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
