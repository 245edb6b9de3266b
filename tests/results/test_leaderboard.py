"""The leaderboard's ranks and groups: against loops over pairs and resamples, and against the truth of simulated models."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_paired import IMAGES, folder, keep_run, read, write_pairs  # noqa: F401

from eufcc_lib.core import paths
from eufcc_lib.metrics.bootstrap import RESAMPLES, draw_counts
from eufcc_lib.results.estimates import OVER, Estimate
from eufcc_lib.results.files import read_results
from eufcc_lib.results.leaderboard import Standing, chances_of_first, group, standings
from eufcc_lib.results.paired import adjust, against, find_number, sum_over_units
from eufcc_lib.results.paper import MEAN, METRICS, Column

SKILLS = {"softmax": 3.0, "multi_label": 1.0, "softmax_wce": 0.9, "asymmetric": -2.0}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The results of four models of different skill, the second and third close; and of one with materials alone."""
    place = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RESULTS", "CHECKPOINTS"):
            patch.setattr(paths, name, place / name.lower())
        pairs = write_pairs(place)
        for seed, (model, skill) in enumerate(SKILLS.items()):
            keep_run(pairs, model, seed, skill)
        keep_run(pairs, "multi_label_materials", 9, 5.0, ["materials"])
        return place / "results", read_results("pairs")


@pytest.fixture
def runs(kept, monkeypatch):
    """These results, which no test changes, with their files."""
    monkeypatch.setattr(paths, "RESULTS", kept[0])
    return dict(kept[1])


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("metric", METRICS)
def test_ranks_leave_room_for_every_model_that_is_not_clearly_better_or_worse(runs, over, metric):
    numbers, place = read(over), Column("test_id", MEAN, metric)
    found, value = standings(runs, numbers, place), {model: find_number(numbers[model], place).value for model in SKILLS}
    sign = 1 if metric.higher_is_better else -1
    assert [sign * value[model] for model in found] == sorted((sign * value[model] for model in SKILLS), reverse=True)
    pairs = list(combinations(SKILLS, 2))
    p_values = adjust([against(find_number(numbers[one], place) - find_number(numbers[other], place), 0) for one, other in pairs])
    apart = {frozenset(pair) for pair, p_value in zip(pairs, p_values) if p_value < 0.05}
    for model, standing in found.items():
        clear = [other for other in SKILLS if frozenset((model, other)) in apart]
        better = sum(sign * (value[other] - value[model]) > 0 for other in clear)
        assert standing.ranks == (1 + better, len(SKILLS) - (len(clear) - better))
        for other in SKILLS:
            assert bool(set(standing.groups) & set(found[other].groups)) == (frozenset((model, other)) not in apart)
    assert sum(standing.first for standing in found.values()) == pytest.approx(1)


def test_a_model_without_a_facet_is_ranked_in_those_that_it_has(runs):
    assert "multi_label_materials" not in standings(runs, read(), Column("test_id", MEAN, METRICS[0]))
    found = standings(runs, read(), Column("test_id", "materials", METRICS[0]))
    assert next(iter(found)) == "multi_label_materials" and found["multi_label_materials"].first > 0.9


def test_without_the_images_metrics_there_is_a_number_and_no_rank(runs):
    numbers, place = read(), Column("test_id", MEAN, METRICS[0])
    del numbers["softmax"]
    found = standings(runs, numbers, place)
    assert found["softmax"].ranks is found["softmax"].first is None and found["softmax"].estimate.objects
    assert found["asymmetric"].ranks[1] == 3
    assert all(standing == Standing(standing.estimate) for standing in standings(runs, {}, place).values())


def test_one_model_is_the_first_of_one(folder):  # noqa: F811
    keep_run(folder, "softmax", 0, 1.0)
    (found,) = standings(read_results("pairs"), read(), Column("test_id", MEAN, METRICS[0])).values()
    assert (found.ranks, found.first, found.groups) == ((1, 1), 1, (0,))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.booleans())
def test_the_chance_of_being_first_is_counted_in_resamples(seed, higher_is_better):
    random = np.random.default_rng(seed)
    units, models, facets = random.integers(8, 12), random.integers(1, 4), random.integers(1, 3)
    names = [np.repeat(np.arange(units), random.integers(0 if facet else 1, 3, units)) for facet in range(facets)]
    names[-1] = np.r_[names[-1], 0]
    columns = [Column("test_id", facet, METRICS[0]) for facet in ("materials", "subjects")[:facets]]
    values = [[random.integers(0, 3, len(part)) / 2 for part in names] for _ in range(models)]
    numbers = [[_number(column, part, name, units) for column, part, name in zip(columns, model, names)] for model in values]
    first = np.zeros(models)
    for counts in np.concatenate(list(draw_counts(units, RESAMPLES, 0)))[:, :units]:
        means = []
        for model in values:
            drawn = [np.repeat(part, counts[name].astype(int)) for part, name in zip(model, names)]
            means.append(np.mean([(again if len(again) else part).mean() for again, part in zip(drawn, model)]))
        best = [abs(mean - (max if higher_is_better else min)(means)) < 1e-9 for mean in means]
        first += np.array(best) / sum(best)
    assert chances_of_first(numbers, higher_is_better) == pytest.approx(first / RESAMPLES)


def _number(column, values, names, units):
    """A facet's number over that many units, some without an image of it."""
    return sum_over_units({column: np.r_[np.full(units, np.nan), values]}, np.r_[np.arange(units), names])[column]


@given(st.integers(1, 7), st.data())
def test_two_models_share_a_group_exactly_if_they_are_not_told_apart(count, data):
    models = list("abcdefg"[:count])
    pairs = list(combinations(models, 2))
    apart = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    groups = group(models, apart)
    for one, other in pairs:
        assert any({one, other} <= members for members in groups) == ((one, other) not in apart)
    assert set().union(*groups) == set(models)
    assert not any(one < other for one in groups for other in groups) and len({frozenset(part) for part in groups}) == len(groups)


def test_groups_of_a_ladder_overlap_from_the_best_downwards():
    assert group(list("abcd"), [("a", "c"), ("a", "d"), ("b", "d")]) == [{"a", "b"}, {"b", "c"}, {"c", "d"}]


@pytest.mark.slow
@pytest.mark.parametrize("units", [10, 40])
def test_in_nineteen_of_twenty_worlds_the_intervals_hold_the_ranks_of_all_models(units):
    random, place, held = np.random.default_rng(1), Column("test_id", "materials", METRICS[0]), 0
    truth = np.array([0.6, 0.58, 0.57, 0.45, 0.3])
    for _ in range(200):
        names = np.repeat(np.arange(units), random.integers(1, 12, units))
        shared = random.normal(0, 0.2, units)[names]
        numbers = {}
        for number, mean in enumerate(truth):
            own = random.normal(0, 0.1, units)[names] + random.normal(0, 0.2, len(names))
            numbers[f"{number}"] = sum_over_units({place: mean + shared + own}, names)
        found = _standings(numbers, place)
        held += all(low <= rank <= high for rank, (low, high) in enumerate((found[f"{number}"].ranks for number in range(5)), 1))
    assert held / 200 >= 0.95 - 0.03


def _standings(numbers, place):
    """Standings of numbers alone, without result files."""
    from eufcc_lib.results import leaderboard
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaderboard, "find_estimate", lambda results, model, place: Estimate(find_number(numbers[model], place).value))
        return standings(dict.fromkeys(numbers), numbers, place)
