"""A data set in a folder: its records split by split, one vocabulary, labels and image paths.

Annotations alone are enough: a folder may lack splits, and need not hold an image.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa

from ..core.errors import UserError, unknown
from ..core.text import look_alikes, spelled_out
from .label_files import read_label_vocabulary
from .labels import Labels, cached_label_matrices, count_vocabulary
from .records import COLUMNS, SPLITS, Records
from .records_csv import read_records
from .taxonomy import Vocabulary
from .translations import find_texts

VOCABULARIES = ("train", "labels")
"""Where the tags come from: counted in the training split, or read from the repository's label files."""

LABELS_SUFFIX = "-labels"
"""What a data set's name ends in with the second: other tags are another task, whose results are kept apart."""


def images_folder(root: Path) -> Path:
    """Where the images of a data set are, `<id>.jpg` each."""
    return root / "EUROPEANA" / "images"


@dataclass(frozen=True, eq=False)
class ImagePaths(Sequence):
    """The paths `<folder>/<id>.jpg` of some images, each made when it is looked at: all at once would take seconds."""

    folder: Path
    ids: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, row: int | slice) -> "Path | ImagePaths":
        if isinstance(row, slice):
            return ImagePaths(self.folder, self.ids[row])
        return self.folder / f"{self.ids[row]}.jpg"

    def texts(self) -> list[str]:
        """All of them as text, in a tenth of the time."""
        folder = os.path.join(self.folder, "")
        return [f"{folder}{name}.jpg" for name in self.ids]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Records with the vocabulary that all their splits share.

    Attributes:
        name: `mini`, `eufcc340k` or the folder's name, with `LABELS_SUFFIX` where the label files are the
            vocabulary; what results are filed under.
        root: the folder.
        records: for each split that is there its records, in the order of `records.SPLITS`.
        vocabulary: the tags of the four facets.
        vocabulary_source: in words, where they come from.
    """

    name: str
    root: Path
    records: dict[str, Records]
    vocabulary: Vocabulary
    vocabulary_source: str

    def split(self, split: str) -> Records:
        """The split's records; `UserError` with the splits that are there if it is not."""
        if split not in self.records:
            raise unknown("split", split, self.records)
        return self.records[split]

    def labels(self, split: str) -> dict[str, Labels]:
        """For each facet the split's label matrix over the vocabulary."""
        if split not in self._labels:
            self._labels[split] = cached_label_matrices(self.split(split), self.vocabulary)
        return self._labels[split]

    def split_hash(self, split: str) -> str:
        """16 hex digits of the split's ids and labels: numbers can be compared where these and the vocabulary agree."""
        digest = hashlib.sha256("\n".join(self.split(split).ids).encode())
        for facet, labels in self.labels(split).items():
            digest.update(facet.encode())
            for part in (labels.matrix.indptr, labels.matrix.indices, labels.outside):
                digest.update(np.ascontiguousarray(part, "<i4"))
        return digest.hexdigest()[:16]

    def image_paths(self, split: str) -> ImagePaths:
        """`<root>/EUROPEANA/images/<id>.jpg` for each record, whether the file is there or not."""
        return ImagePaths(images_folder(self.root), self.split(split).ids)

    def without_tests(self) -> "Dataset":
        """Itself with the training and validation splits alone: what any choice may look at."""
        return replace(self, records={split: records for split, records in self.records.items() if split in ("train", "val")})

    def sources(self, split: str) -> "list[tuple[Dataset, str, np.ndarray]]":
        """What the split is made of: data set, split and int64 rows of it, ascending. What is kept of an image is kept there.

        Here the split itself; see `dealing.DealtDataset`.
        """
        return [(self, split, np.arange(len(self.split(split))))]

    @cached_property
    def _labels(self) -> dict[str, dict[str, Labels]]:
        return {}


def read_dataset(root: Path, name: str, vocabulary: str = "train", minimum: int = 10) -> Dataset:
    """Read the data set in a folder with any of train.csv, val.csv, test_id.csv and test_ood.csv.

    Args:
        name: what results are filed under; with `labels`, `LABELS_SUFFIX` is added.
        vocabulary: `train` counts the training split's tags, or those of all splits where there
            is no train.csv; `labels` reads `<root>/labels/*.txt`.
        minimum: images that a tag needs to be in a counted vocabulary.
    Raises:
        UserError: unknown vocabulary, no annotations, no record, or a file is not in order.
    """
    if vocabulary not in VOCABULARIES:
        raise unknown("vocabulary source", vocabulary, VOCABULARIES)
    files = {split: root / f"{split}.csv" for split in SPLITS}
    records = {split: read_records(file) for split, file in files.items() if file.is_file()}
    if not records:
        raise UserError(f"{root} holds no annotations; expected at least one of "
                        f"{', '.join(file.name for file in files.values())}.")
    if not any(map(len, records.values())):
        raise UserError(f"{root} holds no record; expected a csv file with more than its header.")
    if vocabulary == "labels":
        return Dataset(name + LABELS_SUFFIX, root, records, read_label_vocabulary(root / "labels"),
                       "the label files of the data set")
    counted, source = _counted_records(records)
    return Dataset(name, root, records, count_vocabulary(counted, minimum),
                   f"tags with at least {minimum} images in {source}")


def name_look_alikes(dataset: Dataset) -> list[str]:
    """Each group of tags of a facet that look alike, see `text.look_alikes`, with the number of images that have each."""
    groups = [(facet, names) for facet in dataset.vocabulary.taxonomies for names in look_alikes(_names(dataset, facet))]
    images = {facet: Counter() for facet, _ in groups}
    for facet, records in product(images, dataset.records.values()):
        for tags, count in zip(records.distinct_tags(facet), records.cell_counts(facet).tolist()):
            images[facet].update(dict.fromkeys(tags, count))
    return [f"{facet}: " + ", ".join(f"{spelled_out(name)} ({images[facet][name]:,})" for name in names)
            for facet, names in groups]


def translate(dataset: Dataset, language: str) -> Dataset:
    """The same data set with its tags in English (`en`) or Catalan (`ca`), for reading.

    Tags keep their places in the vocabulary, so what was trained and measured on one holds for the other. A tag keeps
    its own name where the tables of terms lack it, or where another tag of the facet would have the same.
    """
    names = {facet: _distinct_texts(facet, sorted(_names(dataset, facet)), language) for facet in dataset.vocabulary.taxonomies}
    if not any(names.values()):
        return dataset
    trees = {facet: replace(tree, names=tuple(names[facet].get(name, name) for name in tree.names))
             for facet, tree in dataset.vocabulary.taxonomies.items()}
    return replace(dataset, vocabulary=Vocabulary(trees, dataset.vocabulary.hash),
                   records={split: records.rename(names) for split, records in dataset.records.items()})


def _names(dataset: Dataset, facet: str) -> set[str]:
    """Every tag of the facet, those outside the vocabulary included."""
    names = set(dataset.vocabulary[facet].names)
    return names.union(*(tags for records in dataset.records.values() for tags in records.distinct_tags(facet)))


def _distinct_texts(facet: str, names: list[str], language: str) -> dict[str, str]:
    """Old to new name, without those that stay; no two tags get one name."""
    texts = {name: text for name, text in find_texts(facet, names, language).items() if text != name}
    while True:
        count = Counter(texts.get(name, name) for name in names)
        clear = {name: text for name, text in texts.items() if count[text] == 1}
        if len(clear) == len(texts):
            return texts
        texts = clear


def _counted_records(records: dict[str, Records]) -> tuple[Records, str]:
    if "train" in records:
        return records["train"], "train"
    tables = [part.table.select(COLUMNS) for part in records.values()]
    return Records(pa.concat_tables(tables)), f"{', '.join(records)} (there is no train)"
