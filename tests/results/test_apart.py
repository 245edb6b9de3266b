"""What is marked beside the best number: the models that the tests in pairs leave open."""

import pytest
from test_leaderboard import SKILLS, kept, runs  # noqa: F401
from test_paired import read

from eufcc_lib.results.apart import not_told_from_best
from eufcc_lib.results.estimates import Estimate, find_estimate
from eufcc_lib.results.paired import against, find_number
from eufcc_lib.results.paper import MEAN, METRICS, Column

PLACE = Column("test_id", MEAN, METRICS[0])


@pytest.mark.parametrize("metric", METRICS)
def test_what_a_pair_of_models_shows_on_the_same_objects_decides(runs, metric):  # noqa: F811
    place, numbers = Column("test_id", MEAN, metric), read()
    found = {model: estimate for model in runs if (estimate := find_estimate(runs, model, place))}
    value = {model: find_number(numbers[model], place).value for model in SKILLS}
    best = (max if metric.higher_is_better else min)(value, key=value.get)
    close = not_told_from_best(place, found, numbers)
    assert best in close and set(found) == set(SKILLS), "a model with materials alone has no mean"
    for model in set(SKILLS) - {best}:
        test = against(find_number(numbers[best], place) - find_number(numbers[model], place), 0)
        extreme = (abs(test.chance) >= abs(test.statistic)).mean()
        assert model not in close or extreme > 0.01, "a difference that hardly any exchange makes is not close"
        assert model in close or extreme <= 0.05, "with more comparisons at a time less is told apart, never more"


def test_a_model_without_its_images_metrics_is_compared_by_its_interval():
    found = {"softmax": Estimate(0.8, (0.75, 0.85)), "words": Estimate(0.7, (0.64, 0.76)), "list": Estimate(0.4, (0.35, 0.45)),
             "bare": Estimate(0.1)}
    assert not_told_from_best(PLACE, found, {}) == {"softmax", "bare"}, "without an interval nothing is told apart"
    wide = found | {"words": Estimate(0.7, (0.58, 0.82))}
    assert not_told_from_best(PLACE, wide, {}) == {"softmax", "words", "bare"}
    assert not_told_from_best(PLACE, {}, {}) == set()
