"""Whose the nearest training photographs are, counted on four that a reader can follow."""

import numpy as np
import pytest
from conftest import draw_records

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.results.voters import measure_voters
from eufcc_lib.results.votes import Votes, votes_path, write_votes


def test_neighbours_are_counted_by_provider_and_by_lowest_tag(own_paths):
    cup, jug = {"objectTypes": "vessel | cup"}, {"objectTypes": "vessel | jug"}
    draw_records(own_paths / "few", {
        "train": [cup | {"provider": "Abbey"}] * 10 + [jug | {"provider": "Bank"}] * 10 + [{"materials": "clay", "provider": "Abbey"}] * 10,
        "test_id": [cup | {"provider": "Abbey"}, jug | {"provider": "Abbey"}, {"materials": "clay", "provider": "Abbey"}]}, pictures=False)
    dataset = open_dataset(str(own_paths / "few"))
    assert measure_voters(dataset, "test_id", "objectTypes") is None  # nobody has voted
    rows = np.array([[0, 1, 2, 10], [3, 11, 12, 13], [-1, -1, -1, -1]], np.int32)
    similarities = np.where(rows < 0, np.nan, [[0.8], [0.4], [0]]).astype(np.float32)
    write_votes(votes_path("few", "test_id"), dataset, "test_id", {"objectTypes": Votes(rows, similarities)})
    voters = measure_voters(dataset, "test_id", "objectTypes")
    # 3 and 1 of 4 are the keeper's own; 3 of 4 are cups as well, 3 of 4 jugs; "vessel", which all are, does not count.
    assert (voters.photographs, voters.own, voters.expected, voters.alike) == (2, 0.5, 0.5, 0.75)
    assert voters.similarity == pytest.approx(0.6)
    assert measure_voters(dataset, "test_id", "materials") is None and measure_voters(dataset, "test_ood", "objectTypes") is None
