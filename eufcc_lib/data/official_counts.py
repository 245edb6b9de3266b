"""Counts of the official label files and the official inner test, at the commit that `collection.official` fetches.

The project ships none of these files. With these counts, the printed tables can be checked without them
(`results.printed_evidence`).
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from .labels import label_matrix
from .records import Records
from .taxonomy import Taxonomy


@dataclass(frozen=True)
class FacetCounts:
    """One facet: the tree of its label file, and the images of the inner test that have one of its tags.

    Attributes:
        levels: tags on each level of the tree, the roots first.
        images_by_tags: for each number of tags, the images that have as many; all tags of a path count.
        images_by_last_tags: the same where only the last tag of each path counts.
        images_outside: images that have tags in the facet, but none of the tree.
        images_with_only_child: images with a tag that has no sibling in the tree.
        images_with_lone_tag: images with a tag that is alone on its level of the tree.
    """

    levels: tuple[int, ...]
    images_by_tags: dict[int, int]
    images_by_last_tags: dict[int, int]
    images_outside: int
    images_with_only_child: int
    images_with_lone_tag: int

    @property
    def tags(self) -> int:
        """Tags of the tree."""
        return sum(self.levels)

    @property
    def images(self) -> int:
        """Images with a tag of the tree."""
        return sum(self.images_by_tags.values())


def count_facet(records: Records, taxonomy: Taxonomy) -> FacetCounts:
    """The counts of any records and tree of one facet."""
    labels = label_matrix(records, taxonomy)
    tags, levels = np.diff(labels.matrix.indptr), np.bincount(taxonomy.depth)
    siblings = np.bincount(taxonomy.parent + 1)[taxonomy.parent + 1]

    def images_with(chosen: np.ndarray) -> int:
        return int((labels.matrix[:, np.flatnonzero(chosen)].sum(axis=1) > 0).sum())

    return FacetCounts(tuple(levels.tolist()), _by_number(tags), _by_number(_count_last_tags(records, taxonomy)),
                       int(((tags == 0) & (labels.outside > 0)).sum()), images_with(siblings == 1),
                       images_with(levels[taxonomy.depth] == 1))


def _count_last_tags(records: Records, taxonomy: Taxonomy) -> list[int]:
    """For each record the number of distinct tags of the tree that are the last of it on a path."""
    counts = []
    for row in range(len(records)):
        known = [[name for name in path if name in taxonomy.index] for path in records.paths(taxonomy.facet, row)]
        counts.append(len({path[-1] for path in known if path}))
    return counts


def _by_number(counts: np.ndarray | list[int]) -> dict[int, int]:
    """How often each number occurs, 0 left out."""
    return {int(number): times for number, times in sorted(Counter(counts).items()) if number}


INNER_IMAGES = 2_633
"""Images of the official inner test, test_id.csv."""

OFFICIAL = {
    "objectTypes": FacetCounts(
        (143, 210, 213, 152, 100, 60, 13, 3),
        {1: 196, 2: 222, 3: 264, 4: 339, 5: 349, 6: 236, 7: 255, 8: 158, 9: 124, 10: 115, 11: 79, 12: 45, 13: 40, 14: 23,
         15: 28, 16: 13, 17: 18, 18: 13, 19: 3, 20: 3, 21: 3, 22: 1, 23: 2, 34: 1, 35: 1},
        {1: 615, 2: 838, 3: 473, 4: 238, 5: 175, 6: 101, 7: 56, 8: 24, 9: 5, 10: 3, 11: 1, 14: 1, 18: 1}, 0, 1_250, 0),
    "materials": FacetCounts(
        (44, 91, 76, 51, 6, 1),
        {1: 335, 2: 403, 3: 360, 4: 386, 5: 203, 6: 190, 7: 102, 8: 87, 9: 50, 10: 43, 11: 30, 12: 13, 13: 10, 14: 11,
         15: 3, 16: 5, 17: 2, 20: 2},
        {1: 1_019, 2: 625, 3: 333, 4: 159, 5: 58, 6: 28, 7: 9, 8: 3, 9: 1}, 2, 752, 10),
    "classifications": FacetCounts((31, 2), {1: 279, 2: 29, 3: 4}, {1: 310, 2: 2}, 1, 15, 0),
    "subjects": FacetCounts((7,), {1: 197, 2: 25, 3: 3}, {1: 197, 2: 25, 3: 3}, 2, 0, 0),
}
"""The official files, by facet."""

LABEL_FILE_TAGS = {facet: counts.tags for facet, counts in OFFICIAL.items()}
"""Tags in the official label files (labels/*.txt), by facet."""
