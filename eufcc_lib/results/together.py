"""Whether models are better together: ensembles beside their best member, and agreement as a sign of a right answer.

Intervals are over objects (`metrics.bootstrap`) and paired: both sides of a difference are on the same images.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.numbers import signed_number
from ..data.dataset import Dataset
from ..metrics.bootstrap import mean_intervals
from ..models.registry import MODELS
from .estimates import Estimate
from .files import read_results
from .paper import METRICS, TEST_SPLITS
from .per_image import read_per_image
from .per_tag import Judged, agree

RANKED = METRICS[0]
"""R-precision."""

_RANGE = {"difference": (-1.0, 1.0)}


def compare_with_best_member(data: str, ensembles: Sequence[str], facet: str) -> pd.DataFrame:
    """The R-precision of each ensemble beside that of its best member on each test set, in one facet.

    Args:
        ensembles: models with `members`; those that were not run, or of which the images' metrics were not kept, are left out.
    Returns:
        One row per split and ensemble: `split`, `ensemble`, `member` (the best on this test set), `r_precision`, `best`,
        `difference`, and its interval over objects, `low` and `high` (NaN with too few objects).
    """
    results, rows = read_results(data), []
    names = {ensemble: MODELS[ensemble].members for ensemble in ensembles}
    models = {model for ensemble, members in names.items() for model in (ensemble, *members)} & results.keys()
    kept = {model: read_per_image(results[model]) or {} for model in models}
    for split in TEST_SPLITS:
        parts = {model: splits[split] for model, splits in kept.items() if split in splits and facet in splits[split].values}
        values = {model: part.values[facet][METRICS.index(RANKED)] for model, part in parts.items()}
        values = {model: found for model, found in values.items() if not np.isnan(found).all()}
        for ensemble, members in names.items():
            if not {ensemble, *members} <= values.keys():
                continue
            best = max(members, key=lambda member: np.nanmean(values[member]))
            apart = values[ensemble] - values[best]
            bounds = mean_intervals({"difference": apart}, _RANGE, parts[ensemble].objects)["difference"] or (np.nan, np.nan)
            rows.append((split, ensemble, best, np.nanmean(values[ensemble]), np.nanmean(values[best]), np.nanmean(apart), *bounds))
    return pd.DataFrame(rows, columns=["split", "ensemble", "member", "r_precision", "best", "difference", "low", "high"])


def members_frame(compared: pd.DataFrame) -> pd.DataFrame:
    """`compare_with_best_member` for a reader."""
    intervals = [f"{signed_number(low)} to {signed_number(high)}" if low == low else "–" for low, high in zip(compared["low"], compared["high"])]  # noqa: PLR0124
    return pd.DataFrame({
        "test set": compared["split"].map(TEST_SPLITS), "ensemble": compared["ensemble"], "R-precision": compared["r_precision"].map("{:.3f}".format),
        "best member": compared["member"], "its own": compared["best"].map("{:.3f}".format),
        "difference": compared["difference"].map(signed_number), "95 % interval": intervals}).set_index(["test set", "ensemble"])


def measure_agreement(dataset: Dataset, judged: Judged, model: str, other: str) -> Estimate:
    """How much more often the first tag of `model` is on record where `other` ranks the same tag first than elsewhere.

    Returns:
        the difference of two shares, with its interval over objects from each image's influence on it (the infinitesimal
        jackknife; Efron and Tibshirani 1993, chapter 22). NaN, and no interval, if the two always or never agree.
    """
    same, right = agree(judged, model, other)
    if not same.any() or same.all():
        return Estimate(np.nan)
    value = float(right[same].mean() - right[~same].mean())
    influence = np.where(same, (right - right[same].mean()) / same.mean(), -(right - right[~same].mean()) / (~same).mean())
    objects = np.asarray(dataset.split(judged.split).objects)[judged.rows]
    bounds = mean_intervals({"difference": value + influence}, _RANGE, objects)["difference"]
    return Estimate(value, bounds and tuple(bounds))
