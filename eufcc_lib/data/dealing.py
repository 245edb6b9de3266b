"""Other splits of a data set: every provider is once the museum that no model has seen.

The splits that come with a data set hold out the providers that its authors chose. Here all providers take turns.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from ..core.errors import UserError
from .dataset import Dataset
from .labels import count_vocabulary
from .records import COLUMNS, OBJECT, TEXT, Records
from .taxonomy import Vocabulary

HELD_OUT = "test_ood"
"""The split of the held-out providers: an outer test."""


@dataclass(frozen=True, eq=False)
class DealtDataset(Dataset):
    """A data set whose splits are dealt from those of another one.

    Its records have no file, so that no label matrix of theirs is kept beside the other's csv files, and its images
    have no features of their own: those of the other data set are used.

    Attributes:
        origin: the other data set.
        rows: for each split by split of the origin the rows, int64, ascending; the records are in this order.
    """

    origin: Dataset
    rows: Mapping[str, Mapping[str, np.ndarray]]

    def sources(self, split: str) -> list[tuple[Dataset, str, np.ndarray]]:
        """See `Dataset.sources`: rows of the origin's splits."""
        return [(self.origin, name, rows) for name, rows in self.rows[split].items()]


def count_known_providers(dataset: Dataset) -> dict[str, int]:
    """Images of each provider in all splits together, by name; images without one are left out."""
    counts = pd.Series(np.concatenate([records.providers for records in dataset.records.values()])).value_counts()
    return {name: int(images) for name, images in sorted(counts.items()) if name}


def deal_providers(images: Mapping[str, int], folds: int) -> tuple[tuple[str, ...], ...]:
    """Providers in groups with about as many images each; as many groups as folds, or as providers if those are fewer.

    The largest provider first, each goes to the group that has the fewest images so far (Graham 1969). Ties are
    decided by name, so the same providers always give the same groups.

    Args:
        images: of each provider.
    Raises:
        UserError: fewer than two folds.
    """
    if folds < 2:
        raise UserError(f"Parameter 'folds' is {folds}; expected 2 or more groups of providers.")
    groups = [[] for _ in range(min(folds, len(images)))]
    sizes = [0] * len(groups)
    for name in sorted(images, key=lambda name: (-images[name], name)):
        smallest = sizes.index(min(sizes))
        groups[smallest].append(name)
        sizes[smallest] += images[name]
    return tuple(tuple(sorted(group)) for group in groups)


def hold_out(dataset: Dataset, providers: Collection[str], minimum: int = 10) -> DealtDataset:
    """The data set as it would be if these providers were unknown: all their images, of whatever split, are the outer test.

    Validation images of the other providers stay validation images; all their others are for training. Images of one
    object stay together, as they have one provider. Images whose provider is not stated are in no split: they could be
    anyone's. The vocabulary is counted in the new training split alone, so that it knows nothing of the held-out tags.

    Args:
        minimum: images that a tag needs to be in the vocabulary.
    Returns:
        a data set with those of the splits train, val and `HELD_OUT` that have a record; without a training split its
        vocabulary is empty.
    """
    rows = {"train": {}, "val": {}, HELD_OUT: {}}
    for split, records in dataset.records.items():
        out = pd.Series(records.providers).isin(list(providers)).to_numpy(bool)
        rows[HELD_OUT][split] = np.flatnonzero(out)
        rows["val" if split == "val" else "train"][split] = np.flatnonzero(~out & (records.providers != ""))
    rows = {split: parts for split, parts in rows.items() if any(map(len, parts.values()))}
    records = {split: _join(dataset, parts) for split, parts in rows.items()}
    vocabulary = count_vocabulary(records.get("train", Records(next(iter(records.values())).table[:0])), minimum)
    return DealtDataset(dataset.name, dataset.root, records, vocabulary,
                        f"tags with at least {minimum} training images of the other providers", dataset, rows)


def has_tags(vocabulary: Vocabulary) -> bool:
    """Whether any facet has a tag."""
    return any(map(len, vocabulary.taxonomies.values()))


def _join(dataset: Dataset, rows: Mapping[str, np.ndarray]) -> Records:
    """These rows of the splits as records, with what intervals need to know: provider and object."""
    tables = []
    for split, part in rows.items():
        table = dataset.records[split].take(part).table
        if OBJECT not in table.column_names:
            table = table.append_column(OBJECT, pa.array([""] * len(table), TEXT))
        tables.append(table.select([*COLUMNS, OBJECT]))
    return Records(pa.concat_tables(tables))
