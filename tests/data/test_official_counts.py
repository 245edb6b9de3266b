"""The stored counts of the official files, counted again where the files are at hand."""

import numpy as np
import pytest
from test_statistics import OFFICIAL as FILES
from test_statistics import make_records

from eufcc_lib.data.label_files import read_label_tree
from eufcc_lib.data.official_counts import INNER_IMAGES, OFFICIAL, FacetCounts, count_facet
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import TOP, arrange_tree


def test_counts_of_three_images_and_four_tags():
    tree = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}, "gilt": {"bronze": 1}, "wood": {TOP: 1}})
    records = make_records({"materials": "metal | bronze $ wood | oak"}, {"materials": "metal | bronze | gilt"},
                           {"materials": "wax"}, {})
    assert count_facet(records, tree) == FacetCounts(
        levels=(2, 1, 1), images_by_tags={3: 2}, images_by_last_tags={1: 1, 2: 1}, images_outside=1,
        images_with_only_child=2, images_with_lone_tag=2)


@pytest.mark.skipif(not FILES.is_dir(), reason="the official files are not beside the checkout")
def test_official_counts_are_those_of_the_official_files():
    records = read_records(FILES / "test_id.csv")
    assert len(records) == INNER_IMAGES
    for facet, counts in OFFICIAL.items():
        assert count_facet(records, read_label_tree(FILES / f"{facet}.txt", facet)) == counts


@pytest.mark.skipif(not FILES.is_dir(), reason="the official files are not beside the checkout")
def test_the_only_official_tag_that_is_alone_on_its_level_is_jet():
    alone = [tree.names[tag] for tree in (read_label_tree(FILES / f"{facet}.txt", facet) for facet in OFFICIAL)
             for tag in np.flatnonzero(np.bincount(tree.depth)[tree.depth] == 1)]
    assert alone == ["atzabeja"]
    records = read_records(FILES / "test_id.csv")
    paths = {path for row in range(len(records)) for path in records.paths("materials", row)}
    assert max(map(len, paths)) == 6 and {path[5] for path in paths if len(path) == 6} == {"atzabeja"}, "not one that is rare"
