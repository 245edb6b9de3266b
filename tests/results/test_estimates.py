"""Numbers with intervals, and what is computed from several of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eufcc_lib.metrics.evaluation import MetricsRow
from eufcc_lib.results.estimates import Estimate, difference, find_estimate, mean
from eufcc_lib.results.files import RunResult
from eufcc_lib.results.paper import METRICS, Column


def result(model="softmax", facets=("materials", "subjects"), providers=True):
    """A run whose accuracy in each facet is 0.6 and 0.8, with intervals of 0.1 and 0.2 to either side."""
    rows = []
    for number, facet in enumerate(facets):
        value = 0.6 + 0.2 * number
        rows.append(MetricsRow(
            model, "mini", "test_id", facet, value, value, None, 2.0, 0.1, images=9, images_without_facet=0,
            images_outside_vocabulary=0, tags=20, tags_outside_vocabulary=0, relevant_tags_tied=0.0,
            interval={"acc_at_1": [value - 0.1, value + 0.1]},
            provider_interval={"acc_at_1": [value - 0.2, value + 0.2] if providers else None}))
    return RunResult(None, tuple(rows))


def column(facet, metric=1, split="test_id"):
    return Column(split, facet, METRICS[metric])


def test_a_number_is_found_with_both_intervals():
    found = find_estimate({"softmax": result()}, "softmax", column("subjects"))
    assert found.value == pytest.approx(0.8)
    assert found.bounds("objects") == pytest.approx((0.7, 0.9)) and found.bounds("providers") == pytest.approx((0.6, 1.0))


@pytest.mark.parametrize("place", [column("subjects", split="test_ood"), column("objectTypes"), column("materials", 2)])
def test_there_is_none_for_a_split_facet_or_metric_without_a_number(place):
    assert find_estimate({"softmax": result()}, "softmax", place) is None
    assert find_estimate({}, "softmax", place) is None


def test_a_mean_takes_every_facet_that_any_run_has():
    results = {"softmax": result(), "one_head": result("one_head", ["materials"])}
    assert find_estimate(results, "softmax", column("mean")).value == pytest.approx(0.7)
    assert find_estimate(results, "softmax", column("mean")).objects == pytest.approx((0.6, 0.8))
    assert find_estimate(results, "one_head", column("mean")) is None
    del results["softmax"]
    assert find_estimate(results, "one_head", column("mean")).value == pytest.approx(0.6)


def test_what_is_unknown_stays_unknown():
    found = find_estimate({"softmax": result(providers=False)}, "softmax", column("mean"))
    assert found.objects and found.providers is None
    assert mean([Estimate(0.5, (0.4, 0.6)), Estimate(0.7)]) == Estimate(0.6)
    assert difference(Estimate(0.5, (0.4, 0.6)), Estimate(0.7)).objects is None


def test_a_difference_to_check_in_the_head():
    gain = difference(Estimate(0.9, (0.87, 0.92)), Estimate(0.5, (0.46, 0.54)))
    assert gain.value == pytest.approx(0.4)
    assert gain.objects == pytest.approx((0.4 - math.hypot(0.03, 0.04), 0.4 + math.hypot(0.02, 0.04)))
    exact = Estimate(0.5, (0.5, 0.5))
    assert difference(Estimate(0.9, (0.87, 0.92)), exact).objects == pytest.approx((0.37, 0.42))


numbers = st.tuples(*[st.floats(0, 10)] * 3).map(lambda three: Estimate(sorted(three)[1], (min(three), max(three))))


@given(numbers, numbers)
def test_a_difference_turns_round_with_its_sides_and_holds_its_value(first, second):
    one, other = difference(first, second), difference(second, first)
    assert one.objects == pytest.approx((-other.objects[1], -other.objects[0]))
    assert one.objects[0] <= one.value <= one.objects[1]
    widths = [high - low for low, high in (first.objects, second.objects)]
    assert max(widths) - 1e-9 <= one.objects[1] - one.objects[0] <= sum(widths) + 1e-9
