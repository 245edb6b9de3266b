"""A part of EUFCC-340K that a laptop can fetch and train on, chosen from the annotations alone.

The choice is a rule, not a list of ids: anyone who has the official files gets the same images, without a network.
"""

import hashlib
import heapq
import os
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from scipy.sparse import hstack

from ..core.errors import UserError
from ..core.paths import atomic, resolve
from ..data.dataset import Dataset, read_dataset
from ..data.labels import Labels, label_matrices
from ..data.records import COLUMNS, Records
from ..data.records_csv import write_records
from .sources import COMMIT_NOTE

SIZES = {"train": 12_000, "val": 1_500, "test_ood": 3_000}
"""Images of a split; of the outer test set, of each provider. The inner test set is taken whole."""

THUMBNAIL_BYTES = 25_000
"""Of a thumbnail, 400 pixels wide, roughly."""


def choose_images(labels: Mapping[str, Labels], ids: Sequence[str], size: int) -> np.ndarray:
    """The images that a part of this size keeps, so that every tag has as many as it can.

    Image by image, the tag with the fewest chosen images, among those that have another, takes its next one. Of several
    such tags, the one with the fewest images in all comes first, then the one that is first in facet and vocabulary. A tag's
    images are in the order of the SHA-256 of their ids. If no tag has another image, those without a tag follow.

    So if the part has room for n images of each tag, counting all of a tag that has fewer, no tag gets less: rare ones keep
    all that they have. Frequent tags get more only through images of rarer ones, so the part is more even than the whole.

    Args:
        labels: for each facet the tags of N images.
        ids: N unique ids.
        size: images to choose; all N if there are fewer.
    Returns:
        int64, the positions of the chosen images, ascending; the ids are the same in whatever order the images come.
    """
    digests = [hashlib.sha256(name.encode()).digest() for name in ids]
    order = np.array(sorted(range(len(ids)), key=digests.__getitem__), np.int64)
    of_image = hstack([part.matrix for part in labels.values()], format="csr")[order]
    of_tag = of_image.tocsc()
    following, ends = of_tag.indptr[:-1].tolist(), of_tag.indptr[1:].tolist()
    images, kept, left = np.diff(of_tag.indptr).tolist(), [0] * of_tag.shape[1], min(size, len(ids))
    chosen = np.zeros(len(ids), bool)
    queue = [(0, count, tag) for tag, count in enumerate(images)]
    heapq.heapify(queue)
    while queue and left:
        count, _, tag = heapq.heappop(queue)
        while following[tag] < ends[tag] and chosen[of_tag.indices[following[tag]]]:
            following[tag] += 1
        if following[tag] == ends[tag]:
            continue  # it has no other
        if count == kept[tag]:  # else other tags' images have it, too, and it waits for its turn
            image = of_tag.indices[following[tag]]
            chosen[image], left = True, left - 1
            for other in of_image.indices[of_image.indptr[image]:of_image.indptr[image + 1]].tolist():
                kept[other] += 1
        heapq.heappush(queue, (kept[tag], images[tag], tag))
    chosen[np.flatnonzero(~chosen)[:left]] = True
    return np.sort(order[chosen])


def choose_records(dataset: Dataset) -> dict[str, Records]:
    """The part of each split, `SIZES` images of those that the data set has, in the order of their file."""
    return {split: records.take(_choose_rows(dataset, split)) for split, records in dataset.records.items()}


def _choose_rows(dataset: Dataset, split: str) -> np.ndarray:
    records = dataset.split(split)
    if split not in SIZES:
        return np.arange(len(records))
    part_of = records.providers.astype(str) if split == "test_ood" else np.full(len(records), "")
    chosen = []
    for name in np.unique(part_of):
        rows = np.flatnonzero(part_of == name)
        part = records.take(rows)
        chosen.append(rows[choose_images(label_matrices(part, dataset.vocabulary), part.ids, SIZES[split])])
    return np.sort(np.concatenate(chosen)) if chosen else np.arange(0)


def write_subset(source: str | os.PathLike, target: str | os.PathLike) -> Records:
    """Choose from the official files in one folder, and write the part to another: a csv file per split, the label files,
    and the note of their commit.

    Returns:
        All its records, whose images are to be fetched.
    Raises:
        UserError: the source holds no annotations, or they are not in order; the target cannot be written.
    """
    source, target = resolve(source), resolve(target)
    dataset = read_dataset(source, source.name)
    chosen = choose_records(dataset)
    try:
        for split, records in chosen.items():
            write_records(records, target / f"{split}.csv")
            print(f"{split}.csv: {len(records):,} of {len(dataset.split(split)):,} records")
        for file in [*sorted((source / "labels").glob("*.txt")), *source.glob(COMMIT_NOTE)]:
            with atomic(target / file.relative_to(source)) as temporary:
                temporary.write_bytes(file.read_bytes())
    except OSError as error:
        raise UserError(f"{error.filename or target} cannot be written ({error.strerror or error}); expected a folder with "
                        "room for the csv files.") from None
    return Records(pa.concat_tables([records.table.select(COLUMNS) for records in chosen.values()]))
