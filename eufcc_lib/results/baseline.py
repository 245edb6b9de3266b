"""What a ranking reaches that does not look at the image, and what chance alone would give."""

import numpy as np
import pandas as pd

from ..core.facets import get_facet
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..metrics.evaluation import per_image_metrics
from ..metrics.ranking import rank_relevant
from .judgeable import evaluated_splits, judgeable_facets, read_evaluated
from .paper import TEST_SPLITS
from .per_tag import Judged, judge, measure

BASELINES = ("frequency", "frequency_provider")


def expect_by_chance(judged: Judged) -> float:
    """The expected R-precision of a random order of the C tags: the mean of R/C; NaN without images."""
    return float(np.diff(judged.labels.indptr).mean() / len(judged.taxonomy)) if len(judged.rows) else np.nan


def list_frequent(judged: Judged, most: int = 8) -> pd.DataFrame:
    """The first tags of the one list: `training images`, and `of these images`, the share of the N that have the tag."""
    order = np.argsort(-judged.train_images, kind="stable")[:most if len(judged.rows) else 0]
    share = [percent(count / len(judged.rows)) for count in judged.labels.sum(axis=0)[order]]
    return pd.DataFrame({"tag": [judged.taxonomy.names[tag] for tag in order], "training images": judged.train_images[order],
                         "of these images": share}).set_index("tag")


def measure_baselines(dataset: Dataset) -> pd.DataFrame:
    """R-precision by test set and facet: `tags`, by `chance`, of both baselines; NaN where one has no number."""
    rows = []
    for split, title in TEST_SPLITS.items():
        models = [model for model in BASELINES if split in evaluated_splits(dataset, model)]
        for facet in judgeable_facets(dataset, split) if models else ():
            judged = judge([read_evaluated(dataset, model, split) for model in models], facet)
            rows.append({"test set": title, "facet": get_facet(facet).title(), "tags": len(judged.taxonomy),
                         "chance": expect_by_chance(judged), **measure(judged)["R-precision"]})
    return pd.DataFrame(rows, columns=["test set", "facet", "tags", "chance", *BASELINES]).set_index(["test set", "facet"])


def compare_facets(frame: pd.DataFrame) -> str:
    """In a sentence, where the order of frequency scores highest and lowest in the first test set of `measure_baselines`."""
    if not len(frame):
        return "No image of a test set can be judged."
    test = frame.index[0][0]
    found = frame.loc[test, "frequency"].sort_values()
    low, high = (f"{found.iloc[end]:.2f} in the facet {found.index[end]}" for end in (0, -1))
    if len(found) == 1:
        return f"On the {test.lower()} test the order of frequency reaches {low}."
    return f"On the {test.lower()} test the order of frequency reaches between {low} and {high}."


def share_served(judged: Judged, model: str = BASELINES[0]) -> tuple[float, float]:
    """Shares of the images whose tags are all among the first R of the list, and of those without any; NaN without images."""
    found = _r_precision(judged, model)
    return (float((found == 1).mean()), float((found == 0).mean())) if len(found) else (np.nan, np.nan)


def pick_served(judged: Judged, model: str = BASELINES[0], most: int = 2) -> pd.DataFrame:
    """Images with all or most of their tags in front, then images with none or fewest: `row` in the split, `caption`.

    No two have the same tags, and among images with equal shares those with most tags come first.
    """
    frame = pd.DataFrame({"row": judged.rows, "found": _r_precision(judged, model), "count": np.diff(judged.labels.indptr),
                          "tags": [tuple(judged.tags(place)) for place in range(len(judged.rows))]}).drop_duplicates("tags")
    best = frame.sort_values(["found", "count"], ascending=[False, False], kind="stable")
    worst = frame.sort_values(["found", "count"], ascending=[True, False], kind="stable")
    half = min(most, (len(frame) + 1) // 2)
    worst = worst[~worst["row"].isin(best["row"][:half])]
    both = pd.concat([best[:half], worst[:half]])
    return both.assign(caption=[f"{percent(found)} found" for found in both["found"]])[["row", "caption"]].reset_index(drop=True)


def compare_providers(dataset: Dataset, split: str, facet: str, most: int = 5) -> pd.DataFrame:
    """Both baselines by provider, those with most images first: `images` and the R-precision of each; no row without numbers."""
    columns = ["provider", "images", *BASELINES]
    if any(split not in evaluated_splits(dataset, model) for model in BASELINES) or facet not in judgeable_facets(dataset, split):
        return pd.DataFrame(columns=columns).set_index("provider")
    judged = judge([read_evaluated(dataset, model, split) for model in BASELINES], facet)
    frame = pd.DataFrame({"provider": np.asarray(dataset.split(split).providers)[judged.rows], "images": 1,
                          **{model: _r_precision(judged, model) for model in BASELINES}})
    by = frame.groupby("provider").agg({"images": "sum", **dict.fromkeys(BASELINES, "mean")})
    return by.sort_values("images", ascending=False, kind="stable")[:most]


def _r_precision(judged: Judged, model: str) -> np.ndarray:
    """float (N,), of each image."""
    return per_image_metrics(rank_relevant(judged.scores[model], judged.labels, judged.taxonomy.facet))["r_precision"]
