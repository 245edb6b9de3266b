"""The losses of a training, epoch by epoch, as `training.checkpoints` writes them; read without loading what trains."""

from pathlib import Path

import pandas as pd

from ..core import paths
from ..core.numbers import percent, significant

RISE = 0.01
"""Of the validation loss after its best epoch, as a share of its lowest value: what counts as overfitting here."""


def history_path(data: str, model: str) -> Path:
    """`checkpoints/DATA/MODEL/history.csv`."""
    return paths.CHECKPOINTS / data / model / "history.csv"


def find_history(data: str, model: str) -> pd.DataFrame:
    """One row per epoch of the last run of a model: losses, images and seconds; no row if it was not trained on this machine."""
    path = history_path(data, model)
    return pd.read_csv(path) if path.is_file() else pd.DataFrame()


def describe_curve(history: pd.DataFrame) -> str:
    """What the losses of one training say about overfitting, in one or two sentences.

    Args:
        history: as from `find_history`.
    """
    if not len(history):
        return "The losses of this training are not on this machine."
    losses = history["val_loss"] if "val_loss" in history else pd.Series(dtype=float)
    if not losses.notna().any():
        return "Without annotated validation images, this curve cannot show overfitting."
    best, last = losses.idxmin(), len(history) - 1
    lowest, final = (significant(float(losses.loc[place]), 3) for place in (best, last))
    if best == last:
        return f"The validation loss is lowest, {lowest}, after the last of {len(history)} epochs: the curve shows no overfitting."
    epoch, rise = history["epoch"].loc[best], float(losses.loc[last] / losses.loc[best] - 1)
    said = f"The validation loss is lowest after epoch {epoch} of {len(history)}, at {lowest}, and ends at {final}"
    if not rise > RISE:
        return f"{said}, at most {percent(RISE)} above it: the curve shows no clear overfitting."
    first, end = (float(history["loss"].loc[place]) for place in (best, last))
    if not end < first:
        return f"{said}, {percent(rise)} above it."
    return (f"{said}, {percent(rise)} above it, while the training loss falls from {significant(first, 3)} to {significant(end, 3)}. "
            f"From epoch {epoch} on, the model overfits.")
