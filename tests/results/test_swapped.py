"""What a habit costs, against two plain loops, on three objects that a reader can follow."""

import numpy as np
import pandas as pd
import pytest
from conftest import draw_records

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.mini.swaps import ALL, UNCHANGED
from eufcc_lib.results import swapped as measures
from eufcc_lib.results.scores import Scores
from eufcc_lib.results.swapped import (
    choose_photograph,
    costs_frame,
    lean_frame,
    measure_costs,
)


@pytest.fixture
def museum(tmp_path):
    """Three providers, of cups, of coins, and of both; the inner test has twelve objects of the first."""
    def records(tag, provider, count):
        return [{"objectTypes": tag, "provider": provider}] * count
    draw_records(tmp_path / "museum", {"train": records("cup", "Cups", 20) + records("coin", "Coins", 20) + records("jug", "Cups", 12)
                                       + records("coin", "Mixed", 10) + records("cup", "Mixed", 10),
                                       "test_id": records("cup", "Cups", 9) + records("jug", "Cups", 3)}, pictures=False)
    return open_dataset(str(tmp_path / "museum"))


@pytest.fixture
def swapped(museum):
    """Each object as it is, and with all of the other's habits; the first nine then look like coins."""
    table = pd.DataFrame([(row, habit, donor, provider, habit == ALL) for row in range(12)
                          for habit, donor, provider in ((UNCHANGED, "", "Cups"), (ALL, "known", "Coins"))],
                         columns=["row", "habit", "donor", "provider", "changed"])
    tags = museum.vocabulary["objectTypes"].index
    values = np.zeros((24, len(tags)), np.float32)
    values[:, tags["cup"]] = 0.5
    values[:, tags["jug"]] = 0.4
    values[1:18:2, tags["coin"]] = 0.9
    pictures = type(museum)("museum-swaps", museum.root, {"test_id": museum.split("test_id").take(table["row"].to_numpy())},
                            museum.vocabulary, "")
    return Scores(pictures, "multi_label", "test_id", {"objectTypes": values}, np.ones(24, bool)), table


def test_cost_is_the_mean_over_objects_of_after_minus_before(museum, swapped):
    scores, table = swapped
    names = museum.vocabulary["objectTypes"].names
    differences, changed = [], []
    for row in range(12):
        wanted = "cup" if row < 9 else "jug"
        best = [names[max(range(3), key=lambda tag: scores.values["objectTypes"][2 * row + swap, tag])] for swap in (0, 1)]
        differences.append((best[1] == wanted) - (best[0] == wanted))
        changed.append(best[0] != best[1])
    cost = measure_costs(scores, table, museum)[ALL, "known"]
    assert cost.difference.value == pytest.approx(np.mean(differences)) == -0.75
    assert (cost.photographs, cost.changed, cost.before, cost.best_tag) == (12, 1, 0.75, pytest.approx(np.mean(changed)))
    low, high = cost.difference.objects
    assert low < -0.75 < high < 0


def test_lean_is_how_much_more_often_the_owner_uses_the_best_tags_than_others_do(museum, swapped, monkeypatch):
    monkeypatch.setattr(measures, "BEST", 1)
    # The best tag becomes "coin", a share of 1 for its owner and of 1/2 for the one other provider, or stays "cup", 0 for the owner.
    cost = measure_costs(*swapped, museum)[ALL, "known"]
    after = [1 - 1 / 2] * 9 + [0 - 1 / 2] * 3
    assert cost.lean.value == pytest.approx(np.mean(after) - (0 - 1 / 2))


def test_tables_have_a_row_for_each_measured_habit(museum, swapped):
    costs = {"multi_label": measure_costs(*swapped, museum)}
    assert costs_frame(costs, "known").index.tolist() == ["All together"] and costs_frame(costs, "unknown").empty
    assert lean_frame(costs, "known").shape == (1, 2) and lean_frame({}, "known").empty


def test_the_photograph_that_shows_most_was_right_and_changes(museum, swapped):
    scores, table = swapped
    assert choose_photograph(scores, table, "known", "objectTypes") == 0


