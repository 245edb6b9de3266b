"""The artifact appendix says what was measured, quotes what was printed, and calls the rest not measured."""

import pytest

from eufcc_lib.collection.sources import LAPTOP
from eufcc_lib.core import paths
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.metrics.evaluation import MetricsRow
from eufcc_lib.pages.artifact import NOT_MEASURED, choose_levels, describe_levels, list_expected, list_expected_claims
from eufcc_lib.results.claims import CLAIMS
from eufcc_lib.results.files import RunResult, write_result
from eufcc_lib.results.provenance import provenance

LAPTOP_LEVEL, GPU, NODE = (level.title for level in choose_levels("mini"))


@pytest.fixture(autouse=True)
def own(own_paths, monkeypatch):
    monkeypatch.setattr(paths, "DATA", own_paths / "data")


def run(data, model="softmax", value=0.5):
    rows = [MetricsRow(model, data, split, facet, value, value, 1.0, 5.0, value, images=40, images_without_facet=0,
                       images_outside_vocabulary=0, tags=20, tags_outside_vocabulary=0, relevant_tags_tied=0.0,
                       interval={"r_precision": [value - 0.04, value + 0.06]}, provider_interval={})
            for split in ("test_id", "test_ood") for facet in FACET_NAMES]
    made = provenance(model, data, images={"train": 100}, vocabulary_hash="01", seconds=90.0)
    write_result(RunResult(made, tuple(rows)))


def test_without_a_run_only_the_paper_is_quoted(tmp_path):
    costs = describe_levels("mini", str(tmp_path))
    assert costs.loc["training"].tolist() == [NOT_MEASURED, NOT_MEASURED, "9 models in 12 to 24 days (paper, section 5.2)"]
    assert costs.loc["to fetch"].tolist() == ["nothing", "22,133 images, about 0.6 GB, 37 min at 10 per second",
                                              "346,324 images, about 8.7 GB, 9.6 h at 10 per second"]
    expected = list_expected("mini")
    assert expected.loc["Softmax", (LAPTOP_LEVEL, "inner")] == NOT_MEASURED
    assert expected.loc["Softmax", (NODE, "inner")].endswith("(paper)")
    claims = list_expected_claims("mini")
    assert len(claims) == len(CLAIMS) and set(claims[GPU]) == {NOT_MEASURED} and claims[NODE].str.endswith("(paper)").all()


def test_a_run_gives_numbers_with_their_tolerance_at_its_level(tmp_path):
    run(LAPTOP)
    assert list_expected("mini").loc["Softmax", (GPU, "outer")] == "0.50 ± 0.06"
    assert list_expected("mini").loc["Multi-label", (GPU, "outer")] == "–"
    assert describe_levels("mini", str(tmp_path)).loc["training", GPU] == "1 model in 90 s"
    assert NOT_MEASURED not in set(list_expected_claims("mini")[GPU])


def test_a_data_set_of_ones_own_is_a_level_before_the_others(tmp_path):
    run("museums")
    assert [level.data for level in choose_levels("museums")] == ["museums", "mini", LAPTOP, "eufcc340k"]
    assert list_expected("museums").loc["Softmax", ("this copy of the book", "inner")] == "0.50 ± 0.06"
