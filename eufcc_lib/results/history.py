"""The losses of a training, epoch by epoch, as `training.checkpoints` writes them; read without loading what trains."""

from pathlib import Path

import pandas as pd

from ..core import paths


def history_path(data: str, model: str) -> Path:
    """`checkpoints/DATA/MODEL/history.csv`."""
    return paths.CHECKPOINTS / data / model / "history.csv"


def find_history(data: str, model: str) -> pd.DataFrame:
    """One row per epoch of the last run of a model: losses, images and seconds; no row if it was not trained on this machine."""
    path = history_path(data, model)
    return pd.read_csv(path) if path.is_file() else pd.DataFrame()
