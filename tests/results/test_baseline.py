"""What can be had without a look at the image, on records that one can count by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import draw_records, keep_scores
from test_per_tag import BRONZE, METAL, OAK, SILVER, WOOD, judged

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.models.frequency import frequency_scores, provider_scores
from eufcc_lib.results import baseline

ORDER = [METAL, BRONZE, WOOD, OAK]


@pytest.fixture
def served():
    """All tags of the first two images are in front, one of the third's two, none of the fourth's."""
    labels = [[METAL, BRONZE], [METAL], [METAL, SILVER], [WOOD, OAK]]
    images = np.zeros(6, int)
    images[ORDER] = [9, 5, 4, 2]
    return judged(labels, images, frequency=[ORDER] * 4)


def test_chance_is_r_of_c(served):
    assert baseline.expect_by_chance(served) == pytest.approx((2 + 1 + 2 + 2) / 4 / 6)
    rng, found = np.random.default_rng(0), []
    for _ in range(1000):
        served.scores["frequency"][:] = rng.random((4, 6))
        found.append(baseline._r_precision(served, "frequency").mean())
    assert np.mean(found) == pytest.approx(baseline.expect_by_chance(served), abs=0.02)


def test_the_list_begins_with_the_most_frequent_tags(served):
    shown = baseline.list_frequent(served, 2)
    assert shown.index.tolist() == ["metal", "bronze"] and shown["training images"].tolist() == [9, 5]
    assert shown["of these images"].tolist() == ["75 %", "25 %"]


def test_records_are_picked_from_both_ends(served):
    assert baseline.share_served(served) == (0.5, 0.25)
    picked = baseline.pick_served(served)
    assert picked["row"].tolist() == [10, 11, 13, 12]
    assert picked["caption"].tolist() == ["100 % found", "100 % found", "0 % found", "50 % found"]


def test_no_record_is_picked_twice_and_none_where_there_is_none():
    alike = judged([[METAL], [METAL]], frequency=[ORDER] * 2)
    assert baseline.pick_served(alike)["row"].tolist() == [10]
    none = judged([], frequency=[])
    assert baseline.pick_served(none).empty and baseline.list_frequent(none).empty
    assert np.isnan([*baseline.share_served(none), baseline.expect_by_chance(none)]).all()


@pytest.fixture
def two_museums(own_paths):
    """Each provider in training has one material; the outer test comes from a third."""
    clay, oak = {"materials": "clay", "provider": "Pots"}, {"materials": "oak", "provider": "Chairs"}
    draw_records(own_paths / "two", {"train": [clay] * 24 + [oak] * 12, "test_id": [clay] * 2 + [oak] * 2,
                                     "test_ood": [{"materials": "oak", "provider": "Third"}] * 3})
    dataset = open_dataset(str(own_paths / "two"))
    for split in ("test_id", "test_ood"):
        keep_scores(dataset, "frequency", frequency_scores(dataset, split, ["materials"]), split)
    keep_scores(dataset, "frequency_provider", provider_scores(dataset, "test_id", ["materials"]))
    return dataset


def test_the_name_of_the_provider_is_worth_what_the_provider_repeats(two_museums):
    frame = baseline.measure_baselines(two_museums)
    assert frame.loc[("Inner", "Materials"), ["tags", "chance", *baseline.BASELINES]].tolist() == [2, 0.5, 0.5, 1]
    assert frame.loc[("Outer", "Materials"), "frequency"] == 0
    assert np.isnan(frame.loc[("Outer", "Materials"), "frequency_provider"])
    by = baseline.compare_providers(two_museums, "test_id", "materials")
    assert by.loc["Chairs"].tolist() == [2, 0, 1] and by.loc["Pots"].tolist() == [2, 1, 1]
    assert baseline.compare_providers(two_museums, "test_ood", "materials").empty


def test_the_sentence_names_the_facets_at_both_ends():
    index = pd.MultiIndex.from_tuples([("Inner", "Materials"), ("Inner", "Subjects"), ("Outer", "Materials")])
    frame = pd.DataFrame({"frequency": [0.4, 0.2, 0.9]}, index)
    assert baseline.compare_facets(frame) == ("On the inner test the order of frequency reaches between 0.20 in the facet Subjects "
                                              "and 0.40 in the facet Materials.")
    assert baseline.compare_facets(frame[2:]) == "On the outer test the order of frequency reaches 0.90 in the facet Materials."
    assert baseline.compare_facets(frame[:0]) == "No image of a test set can be judged."
