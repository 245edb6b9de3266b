"""How differently providers use words: what each annotates, against what all the others do. No image is opened."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_array

from .dataset import Dataset
from .labels import count_vocabulary, label_matrix
from .records import COLUMNS, Records

DRAWS = 20
"""Random draws of images behind the distance that chance makes."""

FEWEST_IMAGES = 20
"""A provider with fewer images in a facet has no row: chance alone would set it apart."""


@dataclass(frozen=True)
class WordHabit:
    """A provider's annotations in one facet, against those of all others.

    Attributes:
        outer: whether all its images are in the outer test.
        images: with the facet.
        distance: the Jensen-Shannon distance of the two distributions over tags, from 0 (the same words, as often) to 1 (no word
            in common).
        chance: the same, on average, for as many images drawn at random from all providers: few images always differ.
        outside: the share of its annotations whose tag is not in the vocabulary; NaN without annotations.
    """

    provider: str
    outer: bool
    images: int
    distance: float
    chance: float
    outside: float


def measure_word_habits(dataset: Dataset, facet: str, seed: int = 0) -> list[WordHabit]:
    """The providers with at least `FEWEST_IMAGES` in the facet, nearest first; none where there are fewer than two.

    All splits count, and all tags, ancestors and rare ones included.
    """
    pooled = Records(pa.concat_tables([records.table.select(COLUMNS) for records in dataset.records.values()]))
    splits = np.repeat(list(dataset.records), [len(records) for records in dataset.records.values()])
    labels = label_matrix(pooled, count_vocabulary(pooled, 1)[facet]).matrix.astype(np.float64)
    outside = np.concatenate([dataset.labels(split)[facet].outside for split in dataset.records])
    filled = (np.diff(labels.indptr) > 0) & (pooled.providers != "")
    labels, splits, outside, providers = labels[filled], splits[filled], outside[filled], pooled.providers[filled]
    counts = pd.Series(providers).value_counts()
    total, rng = labels.sum(axis=0), np.random.default_rng(seed)
    found = []
    for name in sorted(counts.index[counts >= FEWEST_IMAGES]):
        own = providers == name
        used = labels[own].sum(axis=0)
        if own.all():
            continue
        drawn = _draw_sums(labels, int(own.sum()), rng)
        found.append(WordHabit(name, bool((splits[own] == "test_ood").all()), int(own.sum()),
                               jensen_shannon(used, total - used), float(np.mean([jensen_shannon(part, total - part) for part in drawn])),
                               float(outside[own].sum() / used.sum())))
    return sorted(found, key=lambda habit: (habit.distance, habit.provider)) if len(found) > 1 else []


def jensen_shannon(first: np.ndarray, second: np.ndarray) -> float:
    """The square root of the Jensen-Shannon divergence in bits (Lin 1991; Endres and Schindelin 2003), from 0 to 1.

    Args:
        first, second: (C,), counts, which are made to sum to 1; 0 where one has none.
    """
    if not (first.sum() and second.sum()):
        return 0.0
    first, second = first / first.sum(), second / second.sum()
    middle = (first + second) / 2
    bits = [np.sum(part[part > 0] * np.log2(part[part > 0] / middle[part > 0])) for part in (first, second)]
    return float(np.sqrt(max(np.mean(bits), 0.0)))


def _draw_sums(labels: csr_array, images: int, rng: np.random.Generator) -> np.ndarray:
    """The tags of as many images, drawn without replacement, summed, `DRAWS` times: float64 (DRAWS, C)."""
    rows = np.concatenate([rng.choice(labels.shape[0], images, replace=False) for _ in range(DRAWS)])
    place = np.arange(DRAWS).repeat(images)
    return (csr_array((np.ones(len(rows)), (place, rows)), shape=(DRAWS, labels.shape[0])) @ labels).toarray()
