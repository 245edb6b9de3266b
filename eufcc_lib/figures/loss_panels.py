"""The losses of many trainings as small multiples, each a drawing of a few lines in the page's own colours.

As SVG within the page they flow with its width, and follow its light or dark theme; `pages.trainings` sets them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.numbers import significant

WIDTH, HEIGHT = 160, 96
"""Of a panel's drawing, in pixels: two of them fit beside each other on a phone."""

LEFT, RIGHT, TOP, BOTTOM = 34, 152, 10, 78
"""The ends of its axes; numbers stand to their left and below."""

Point = tuple[float, float]


@dataclass(frozen=True)
class LossPanel:
    """One training.

    Attributes:
        title: of the model.
        epochs: their number.
        training, validation: the curves, as the `points` of an SVG polyline; the second is empty without a validation split.
        best: the epoch with the lowest validation loss; None without one.
        best_point, last_point: where that epoch and the last one are on the validation curve.
        low, high: the losses at the lower and the upper end of the axis, as text.
    """

    title: str
    epochs: int
    training: str
    validation: str
    best: int | None
    best_point: Point | None
    last_point: Point
    low: str
    high: str


def loss_panel(title: str, history: pd.DataFrame) -> LossPanel:
    """The panel of a training, whose axis runs from its lowest to its highest loss.

    Args:
        history: one row per epoch, as `training.loop.fit` returns it: epoch, loss and, with a validation split, val_loss.
    """
    training = history["loss"].to_numpy(float)
    validation = history["val_loss"].to_numpy(float) if "val_loss" in history else np.full(len(training), np.nan)
    known = np.concatenate([training, validation])
    known = known[np.isfinite(known)] if np.isfinite(known).any() else np.zeros(1)
    points = [list(_place(curve, known.min(), known.max())) for curve in (training, validation)]
    best = int(np.nanargmin(validation)) if np.isfinite(validation).any() else None
    judged = points[1] if best is not None else points[0]
    last = next((point for point in reversed(judged) if point), (float(LEFT), float(BOTTOM)))
    return LossPanel(title, len(history), *map(_polyline, points), None if best is None else int(history["epoch"].iloc[best]),
                     None if best is None else judged[best], last, *(significant(float(end), 2) for end in (known.min(), known.max())))


def _place(curve: np.ndarray, low: float, high: float) -> Iterator[Point | None]:
    """Where each epoch's loss is in the drawing; None where it has none."""
    for number, value in enumerate(curve):
        x = LEFT + (RIGHT - LEFT) * (number / (len(curve) - 1) if len(curve) > 1 else 0.5)
        y = BOTTOM - (BOTTOM - TOP) * ((value - low) / (high - low) if high > low else 0.5)
        yield (round(x, 1), round(float(y), 1)) if np.isfinite(value) else None


def _polyline(points: Sequence[Point | None]) -> str:
    return " ".join(f"{x},{y}" for x, y in filter(None, points))
