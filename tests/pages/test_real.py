"""Kept results of two data sets side by side: the tables hold the numbers of the files, the sentences turn with them."""

import json
from functools import cache

import pytest

from eufcc_lib.core import paths
from eufcc_lib.core.paths import ROOT
from eufcc_lib.pages import real
from eufcc_lib.results.estimates import Estimate
from eufcc_lib.results.files import read_results
from eufcc_lib.results.steps import Difference

BOTH = ("museums", "mini")


@cache
def read_once(folder, data):
    return read_results(data)


@pytest.fixture(autouse=True)
def kept_results(monkeypatch):
    """Each page reads all files of both data sets, which no test changes."""
    monkeypatch.setattr(real, "read_results", lambda data: read_once(paths.RESULTS, data))


def rows(data, model):
    return json.loads((ROOT / "results" / data / f"{model}.json").read_text(encoding="utf-8"))["rows"]


def test_means_and_facets_are_those_of_the_files():
    means, inner = real.means_frame(*BOTH, ["softmax"]), real.facets_frame(*BOTH, "test_id", ["softmax"])
    for title, data in zip((real.PHOTOGRAPHS, real.DRAWINGS), BOTH):
        values = [row["r_precision"] for row in rows(data, "softmax") if row["split"] == "test_id"]
        assert means.loc["softmax", (title, "inner")] == f"{sum(values) / 4:.2f}"
        assert inner.loc["softmax", title].tolist() == [f"{value:.2f}" for value in values]


def test_a_model_without_a_number_has_a_dash(own_paths):
    assert real.means_frame(*BOTH, ["softmax"]).loc["softmax"].tolist() == ["–"] * 4
    assert real.facets_frame(*BOTH, "test_ood", ["softmax"]).iloc[0].tolist() == ["–"] * 4
    assert real.sizes_frame(*BOTH).iloc[0].tolist() == ["–", "–"] and real.left_out_facet("mini") == "objectTypes"
    assert real.museums_frame("mini", "materials").empty and "not measured" in real.tell_gap("mini")
    assert real.tell_order(*BOTH).startswith("Too few") and "not trained" in real.tell_museums("mini", "materials")


def test_sizes_are_those_of_the_runs():
    assert real.sizes_frame(*BOTH).loc["Training", real.PHOTOGRAPHS] == "1,945"
    found = next(row for row in rows("museums", "multi_label") if (row["split"], row["facet"]) == ("test_ood", "materials"))
    assert real.facet_sizes_frame(*BOTH).loc["Materials", (real.PHOTOGRAPHS, "outer")] == found["images"]


def test_facets_with_few_images_are_named():
    found = next(row for row in rows("mini", "multi_label") if (row["split"], row["facet"]) == ("test_ood", "subjects"))
    assert found["images"] < 30 and f"{found['images']} images of the drawings in subjects, outer test" in real.tell_few(*BOTH)


def test_no_facet_is_named_where_nothing_was_measured(own_paths):
    assert real.tell_few(*BOTH) == "`multi_label` was not measured on either."


def test_museums_are_shown_by_their_numbers_alone():
    frame = real.museums_frame("museums", "materials")
    numbers = frame["multi_label"].astype(float).tolist()
    assert len(frame) == 7 and numbers == sorted(numbers, reverse=True)
    assert f"{numbers[-1]:.2f} ({frame.index[-1]}) to {numbers[0]:.2f}" in real.tell_museums("museums", "materials")


@pytest.mark.parametrize(("outer", "interval", "said"), [
    (0.6, 0.01, "falls from 0.700 to 0.600, which is more than chance"), (0.71, 0.1, "rises from 0.700 to 0.710, which may be chance"),
    (0.7, 0.1, "stays at 0.700"), (0.6, None, "falls from 0.700 to 0.600, of which no interval is known")])
def test_a_gap_says_its_direction_and_whether_it_may_be_chance(outer, interval, said, monkeypatch):
    around = lambda value: Estimate(value, interval and (value - interval, value + interval))
    monkeypatch.setattr(real, "find_estimate", lambda results, model, place: around(0.7 if place.split == "test_id" else outer))
    assert real.tell_gap("museums") == f"the mean R-precision of `multi_label` {said}"


def gain(value, clear=True):
    return {"test_ood": Difference(value, (value - 0.01, value + 0.01) if clear else (-1.0, 1.0))}


def test_gains_are_told_by_what_is_clear():
    first = {"coherent": gain(0.05), "hill": gain(-0.05), "splc": gain(0.3, clear=False), "lp_ft": gain(0.05)}
    second = {"coherent": gain(0.05), "hill": gain(0.05), "splc": gain(-0.3, clear=False), "lp_ft": gain(0.05, clear=False)}
    assert real.tell_gains(first, second) == (
        "Compared with `multi_label` on the outer test, `coherent` is clearly better on both; `lp_ft` is clearly better on the photographs "
        "alone; `hill` is clearly worse on the photographs and clearly better on the drawings; `splc` has no clear difference on either.")
    assert real.tell_gains(first, {}) == "No step was measured on both."
    frame = real.gains_frame(first, {"hill": gain(0.0, clear=False)})
    assert frame.loc["splc", (real.PHOTOGRAPHS, "outer")] == "≈\u00a0+0.300" and frame.loc["hill", (real.DRAWINGS, "outer")] == "≈\u00a00.000"
    assert frame.loc["hill", (real.PHOTOGRAPHS, "inner")] == "–"


def test_models_that_see_no_picture_have_no_place_in_the_order(monkeypatch):
    values = {"multi_label": 0.7, "softmax": 0.6, "clip_prompt": 0.5, "frequency": 0.9}
    monkeypatch.setattr(real, "read_results", lambda data: values)
    monkeypatch.setattr(real, "find_estimate", lambda results, model, place: Estimate(results[model]))
    said = real.tell_order(*BOTH)
    assert said.startswith("Both have results of 3 models") and "+1.00 on the inner test and +1.00 on the outer test" in said and "frequency" not in said
