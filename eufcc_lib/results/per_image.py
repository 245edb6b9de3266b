"""Every image's own metrics, `results/DATA/per_image/MODEL.npz`: what models are compared with image by image.

A result file holds means alone, and scores are too large to publish. These files are small, are written together with the
result, and also say which images show one object or come from one provider.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.errors import UserError
from ..core.paths import atomic
from ..metrics.evaluation import MetricsRow, per_image_metrics
from ..metrics.ranking import rank_relevant
from .files import RunResult, check_unpacked, result_path, shown
from .paper import METRICS
from .provenance import Provenance
from .scores import Scores

_UNITS = ("objects", "providers")

_LARGEST = 1 << 28  # bytes; all 340,000 images in four facets take a sixth of it


@dataclass(frozen=True, eq=False)
class PerImage:
    """The metrics of the N images of a split.

    Attributes:
        values: float64 (4, N) by facet, in the order of `paper.METRICS`; NaN where an image was not evaluated.
        objects: int32 (N,), equal for photographs of one object.
        providers: int32 (N,), equal for images of one institution.
    """

    values: Mapping[str, np.ndarray]
    objects: np.ndarray
    providers: np.ndarray


def measure_images(scores: Scores) -> PerImage:
    """The metrics of each image of a model's scores."""
    rows, values = np.flatnonzero(scores.evaluated), {}
    for facet, part in scores.values.items():
        found = per_image_metrics(rank_relevant(part[rows], scores.labels(facet).matrix[rows], facet))
        values[facet] = np.full((len(METRICS), len(part)), np.nan)
        values[facet][:, rows] = [found[metric.name] for metric in METRICS]
    records = scores.dataset.split(scores.split)
    return PerImage(values, *(pd.factorize(getattr(records, name))[0].astype(np.int32) for name in _UNITS))


def per_image_path(result: Path) -> Path:
    """Where the values of a result file are: `per_image/MODEL.npz` beside it."""
    return result.parent / "per_image" / f"{result.stem}.npz"


def write_per_image(run: Provenance, measured: Mapping[str, PerImage], result: Path) -> Path:
    """Write the values of a run by split; the same values give the same bytes.

    Args:
        result: the path of the result file.
    """
    arrays = {"run": np.str_(_name(run))}
    for split, part in measured.items():
        arrays |= {f"{split}.{name}": getattr(part, name) for name in _UNITS}
        arrays |= {f"{split}.{facet}": values for facet, values in part.values.items()}
    path = per_image_path(result)
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)
    return path


def read_per_image(result: RunResult) -> dict[str, PerImage] | None:
    """The values of a run in `results/DATA/` by split; None if there are none.

    Raises:
        UserError: the file is damaged, too large, or of another run than the result.
    """
    path = per_image_path(result_path(result.run.data, result.run.model))
    if not path.is_file():
        return None
    try:
        check_unpacked(path, _LARGEST)
        with np.load(path) as kept:
            arrays = {key: kept[key] for key in kept.files}
        splits = dict.fromkeys(key.partition(".")[0] for key in arrays if "." in key)
        found = {split: PerImage({key.removeprefix(f"{split}."): values for key, values in arrays.items()
                                  if key.startswith(f"{split}.") and key.removeprefix(f"{split}.") not in _UNITS},
                                 *(arrays[f"{split}.{name}"] for name in _UNITS)) for split in splits}
        columns = {(split, facet) for split, part in found.items() for facet in part.values}
        fits = (str(arrays["run"]) == _name(result.run) and columns == {(row.split, row.facet) for row in result.rows}
                and all(_fits(found[row.split], row) for row in result.rows))
    except (OSError, ValueError, TypeError, KeyError, EOFError, MemoryError, zipfile.BadZipFile):  # TypeError: one array alone
        raise UserError(f"{shown(path)} is damaged; expected each image's metrics as this library writes them.") from None
    if not fits:
        raise UserError(f"{shown(path)} holds other numbers than {path.stem}.json; expected those of the same run: evaluate it "
                        "again.")
    return found


def _fits(found: PerImage, row: MetricsRow) -> bool:
    """Whether the values of its split are those that a row of the result is the mean of."""
    values = found.values[row.facet]
    if not values.shape == (len(METRICS), len(found.objects)) == (len(METRICS), len(found.providers)):
        return False
    values = values[:, ~np.isnan(values).any(axis=0)]
    means = [getattr(row, metric.name) for metric in METRICS]
    if not values.size or None in means:
        return values.shape[1] == row.images == 0
    return values.shape[1] == row.images and bool(np.all(abs(values.mean(axis=1) - means) < 1e-6))  # they have six decimals


def _name(run: Provenance) -> str:
    """What tells a run from others: its identity, or the hashes of the files that were measured."""
    return run.identity or " ".join(facts["file"] for facts in run.submission.values())
