"""Steps and their differences on the same images: against loops over images, objects and facets."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_paired import IMAGES, folder, keep_run  # noqa: F401

from eufcc_lib.core import paths
from eufcc_lib.pages.steps import step_values, steps_table
from eufcc_lib.results.files import read_results
from eufcc_lib.results.paper import MEAN
from eufcc_lib.results.per_image import read_per_image
from eufcc_lib.results.steps import GAIN, Difference, Step, compare, mean_over_facets, read_steps

NAMES = ("multi_label", "softmax", "asymmetric")


@pytest.fixture
def three(folder):  # noqa: F811
    """A bad model, a good one, and one that differs from the first by noise alone."""
    for seed, (name, skill) in enumerate(zip(NAMES, (0.5, 4.0, 0.5))):
        keep_run(folder, name, seed, skill)
    return "pairs"


def test_differences_are_those_of_the_same_images_and_marked_where_they_are_not_clear(three):
    first, better, other = read_steps(three, NAMES)
    assert [step.title for step in (first, better, other)] == ["Multi-label", "Softmax", "Asymmetric loss"] and not first.differences
    results, means = read_results(three), []
    own, others = (read_per_image(results[name])["test_id"] for name in ("softmax", "multi_label"))
    for facet in ("objectTypes", "materials"):
        pairs = [(mine, theirs) for mine, theirs in zip(own.values[facet][0], others.values[facet][0]) if not math.isnan(mine)]
        means.append(sum(mine - theirs for mine, theirs in pairs) / len(pairs))
        assert better.differences["test_id", facet].value == pytest.approx(means[-1])
    found = better.differences["test_id", MEAN]
    assert found.value == pytest.approx(sum(means) / 2)
    assert found.value == pytest.approx(better.values["test_id", MEAN] - first.values["test_id", MEAN], abs=1e-6)
    assert found.clear and found.interval[0] < found.value < found.interval[1] and not other.differences["test_id", MEAN].clear
    assert not better.reaches_goal, "there is no outer test"
    page = steps_table(three, NAMES).html
    assert page.count("<b>+0.") == 3 and page.count("≈") == 3 + 1 and "not reached" in page


def test_the_interval_of_a_mean_over_facets_is_as_wide_as_resampling_objects_makes_it():
    random = np.random.default_rng(2)
    objects, shift = np.repeat(np.arange(60), 2), np.repeat(random.normal(0, 0.2, 60), 2)
    facets = [np.clip(shift + random.normal(0.1, 0.1, 120), -1, 1), np.clip(shift + random.normal(0.2, 0.1, 120), -1, 1)]
    facets[1][random.permutation(120)[:80]] = np.nan  # the smaller facet counts as much
    low, high = compare(mean_over_facets(facets), objects).interval
    drawn = []
    for _ in range(2000):
        rows = np.concatenate([np.flatnonzero(objects == one) for one in random.integers(0, 60, 60)])
        drawn.append(np.mean([np.nanmean(values[rows]) for values in facets]))
    assert high - low == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.15)


@given(st.lists(st.lists(st.one_of(st.just(math.nan), st.floats(-1, 1)), min_size=6, max_size=6).filter(
    lambda values: not all(map(math.isnan, values))), min_size=1, max_size=4))
def test_the_mean_over_facets_is_the_mean_of_their_means(facets):
    means = [sum(kept) / len(kept) for values in facets if (kept := [value for value in values if not math.isnan(value)])]
    assert mean_over_facets([np.array(values) for values in facets]).mean() == pytest.approx(sum(means) / len(means), abs=1e-9)


def test_steps_that_were_not_run_are_left_out_and_without_the_first_there_is_no_difference(three):
    assert [step.name for step in read_steps(three)] == ["multi_label"]
    assert read_steps(three, ("softmax",))[0].differences, "the first step need not be listed"
    for path in paths.RESULTS.rglob("multi_label.*"):
        path.unlink()
    assert read_steps(three) == [] and "None of the steps was run on pairs yet." in steps_table(three).html
    [alone] = read_steps(three, ("softmax",))
    assert alone.values and not alone.differences and "no difference from Multi-label" in steps_table(three, ("softmax",)).text
    values = step_values(three, ("softmax", "multi_label"))
    assert values["softmax_inner"] > 0 and math.isnan(values["softmax_inner_gain"]) and math.isnan(values["multi_label_outer"])
    assert (values["steps"], values["reached"]) == (1, "–")


def test_the_goal_is_a_better_outer_test_and_no_facet_worse_on_the_inner():
    def step(outer, *inner):
        inner = {("test_id", f"{number}"): Difference(value, None) for number, value in enumerate(inner)}
        return Step("one", "One", {}, inner | {("test_ood", MEAN): Difference(outer, None)})
    assert step(GAIN, 0.0, 0.1).reaches_goal
    assert not any(one.reaches_goal for one in (step(0.04, 0.0, 0.1), step(0.2, -0.001, 0.1), step(0.2), Step("one", "One", {}, {})))
