"""Known tags hidden from a data set: what its records would be if their museums had recorded less.

Which tags a catalogue lacks, nobody knows. Here it is known, because they were there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.errors import UserError
from ..core.facets import FACET_NAMES
from .dataset import Dataset
from .records import SPLITS, Records, with_cells
from .taxonomy import format_paths

Paths = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class HiddenDataset(Dataset):
    """A data set some of whose tags were hidden; images, splits and vocabulary are those of the other one.

    The changed records have no file, so that no label matrix of theirs is kept beside the other's csv files.

    Attributes:
        origin: the other data set, whose features are used.
    """

    origin: Dataset

    def sources(self, split: str) -> list[tuple[Dataset, str, np.ndarray]]:
        """See `Dataset.sources`: the origin's own split."""
        return self.origin.sources(split)


def hide_tags(dataset: Dataset, share: float, seed: int = 0, splits: Collection[str] = ("train", "val")) -> HiddenDataset:
    """The data set without a share of its known (image, tag) pairs, in each of these splits and each facet apart.

    Tags go from the narrowest upwards, as if nobody had found the time to look closer: each pair gets a random number, a
    broad tag the largest among its own and those of the image's narrower tags, and the pairs with the smallest numbers go.
    So a record that loses a tag loses the narrower ones with it, and one that has lost all tags of a facet looks as if it had
    never been annotated there. With one seed, what is hidden of a smaller share is hidden of a larger one too.

    Known are the tags of the vocabulary, which stays as it is. Tags outside it stay too, unless a broader one goes.

    Args:
        share: of the pairs, from 0 to 1; the nearest whole number of pairs is hidden.
        splits: the others keep all tags.
    Raises:
        UserError: a share outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise UserError(f"Parameter 'share' is {share}; expected a number from 0 to 1.")
    records = {split: _hide(part, dataset, share, (seed, SPLITS.index(split))) if split in splits else part
               for split, part in dataset.records.items()}
    return HiddenDataset(dataset.name, dataset.root, records, dataset.vocabulary, dataset.vocabulary_source, dataset)


def count_tags(dataset: Dataset, split: str = "train") -> pd.DataFrame:
    """By facet the split's known (image, tag) pairs, `pairs`, and the images that have any of them, `images`."""
    labels = dataset.labels(split)
    return pd.DataFrame.from_dict({facet: {"pairs": part.matrix.nnz, "images": int(np.count_nonzero(np.diff(part.matrix.indptr)))}
                                   for facet, part in labels.items()}, orient="index", columns=["pairs", "images"])


def _hide(records: Records, dataset: Dataset, share: float, seed: tuple[int, ...]) -> Records:
    table = records.table
    for number, facet in enumerate(FACET_NAMES):
        known = dataset.vocabulary[facet].index
        codes, _ = records.cells(facet)
        paths = records.distinct_paths(facet)
        narrower = [_narrower(part, known) for part in paths]
        hidden = _draw([narrower[code] for code in codes], share, np.random.default_rng((*seed, number)))
        cells = [format_paths(_without(paths[code], gone, known)) for code, gone in zip(codes, hidden)]
        table = with_cells(table, facet, *pd.factorize(np.array(cells, object)))
    return Records(table)


def _narrower(paths: Paths, known: Collection[str]) -> dict[str, set[str]]:
    """The known tags of a record, first seen first: for each itself and those that stand below it on any path."""
    below = {}
    for path in paths:
        tags = [name for name in path if name in known]
        for place, name in enumerate(tags):
            below.setdefault(name, set()).update(tags[place:])
    for middle, further in below.items():  # also over several paths (Warshall 1962)
        for tags in below.values():
            if middle in tags:
                tags |= further
    return below


def _draw(narrower: Sequence[Mapping[str, set[str]]], share: float, random: np.random.Generator) -> list[set[str]]:
    """For each record the tags to hide; see `hide_tags`."""
    numbers, pairs = iter(random.random(sum(map(len, narrower))).tolist()), []
    for row, below in enumerate(narrower):
        own = dict(zip(below, numbers))
        pairs += [(max(own[name] for name in tags), len(tags), row, name) for name, tags in below.items()]
    pairs.sort()  # of two tags with one number, the one with fewer below it is the narrower
    hidden = [set() for _ in narrower]
    for _, _, row, name in pairs[:round(share * len(pairs))]:
        hidden[row].add(name)
    return hidden


def _without(paths: Paths, hidden: Collection[str], known: Collection[str]) -> Paths:
    """The paths without the hidden tags, and without unknown ones below these."""
    kept = []
    for path in paths:
        first = next((place for place, name in enumerate(path) if name in hidden), len(path))
        kept.append(tuple(name for place, name in enumerate(path) if name not in hidden and (place < first or name in known)))
    return tuple(dict.fromkeys(filter(None, kept)))
