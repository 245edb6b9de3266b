"""What a model said about some images, beside what the cataloguers wrote: for reading, not for measuring."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.facets import get_facet
from ..data.dataset import Dataset
from .scores import load_scores


def draw_rows(dataset: Dataset, split: str, images: int = 4, seed: int = 0) -> list[int]:
    """Rows of so many images of a split: those annotated in most facets, drawn by lot among equals."""
    facets = np.sum([np.diff(labels.matrix.indptr) > 0 for labels in dataset.labels(split).values()], axis=0)
    shuffled = np.random.default_rng(seed).permutation(len(facets))
    most_first = shuffled[np.argsort(-facets[shuffled], kind="stable")]
    return sorted(most_first[:images].tolist())


def show_predictions(dataset: Dataset, model: str, split: str, rows: Sequence[int], tags: int = 5,
                     language: str = "en") -> pd.DataFrame:
    """The best-ranked tags of some images, a line for each facet that is annotated; ✓ marks the annotated ones.

    Args:
        dataset, model, split: what was evaluated; see `training.train_model`.
        rows: of the split.
        tags: how many of the best to show, at least as many as are annotated.
        language: of the facets' titles.
    Raises:
        UserError: the model has no scores of these records.
    """
    records = dataset.split(split)
    scores = load_scores(dataset.name, model, split, records.ids, dataset.vocabulary.hash)
    lines = []
    for row in rows:
        for facet, values in scores.items():
            names, relevant = dataset.vocabulary[facet].names, _relevant(dataset, split, facet, row)
            if relevant and not np.isnan(values[row]).any():
                lines.append((records.ids[row], get_facet(facet).title(language), ", ".join(names[tag] for tag in relevant),
                              name_tags(names, values[row], relevant, tags)))
    return pd.DataFrame(lines, columns=["image", "facet", "annotated", "best tags"]).set_index(["image", "facet"])


def name_tags(names: Sequence[str], scores: np.ndarray, relevant: Sequence[int], tags: int) -> str:
    """The best-ranked of an image's tags in a line, at least as many as are relevant, which are marked ✓."""
    best = np.argsort(-scores, kind="stable")[:max(tags, len(relevant))].tolist()
    return ", ".join(names[tag] + " ✓" * (tag in relevant) for tag in best)


def _relevant(dataset: Dataset, split: str, facet: str, row: int) -> list[int]:
    matrix = dataset.labels(split)[facet].matrix
    return matrix.indices[matrix.indptr[row]:matrix.indptr[row + 1]].tolist()
