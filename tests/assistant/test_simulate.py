"""The actions of a cataloguer who knows the answer, on a tree small enough to count them by hand."""

import numpy as np
import pandas as pd
import pytest

from eufcc_lib.assistant.savings import (
    estimate_actions,
    estimate_saved,
    estimate_share,
    savings_sentences,
    show_actions,
    show_thresholds,
    tell_ranks,
)
from eufcc_lib.assistant.simulate import (
    ACCEPT,
    BY_HAND,
    ENTER,
    KINDS,
    REMOVE,
    SEARCH,
    SUGGESTED,
    WAYS,
    count_actions,
    draw_records,
    face,
    wanted_terms,
    watch,
    work_through,
    work_through_split,
)
from eufcc_lib.assistant.work import summarise
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.data.taxonomy import TOP, arrange_tree
from eufcc_lib.figures.actions import actions_figure
from eufcc_lib.results.scores import new_scores

TREE = arrange_tree("materials", {"clay": {TOP: 1}, "metal": {TOP: 1}, "bronze": {"metal": 1}, "tin bronze": {"bronze": 1},
                                  "iron": {"metal": 1}})


def actions(wanted: list[str], **probabilities: float) -> dict:
    scores = np.array([probabilities.get(name.replace(" ", "_"), 0.0) for name in TREE.names])
    return count_actions(face(wanted, scores, TREE, 0.5))


def test_a_term_that_is_shown_takes_one_action_and_another_one_a_search():
    counted = actions(["bronze", "electrum"], metal=0.4, bronze=0.3)
    assert counted[BY_HAND] == {SEARCH: 6}
    assert counted[SUGGESTED] == {ACCEPT: 1, SEARCH: 3}
    assert counted[ENTER] == {ACCEPT: 1, SEARCH: 3, REMOVE: 0}, "nothing is likely, so Enter accepts nothing"


def test_enter_accepts_what_stands_above_and_a_wrong_branch_is_taken_back_at_its_top():
    counted = actions(["iron"], tin_bronze=0.9, iron=0.2)
    assert counted[ENTER] == {ACCEPT: 1, SEARCH: 0, REMOVE: 1}, "bronze goes, and tin bronze with it; metal is right"
    assert actions(["iron"], clay=0.8, bronze=0.9, iron=0.7)[ENTER] == {ACCEPT: 0, SEARCH: 0, REMOVE: 2}


def test_what_stands_above_a_term_in_the_museum_s_dictionary_is_no_error():
    tree = arrange_tree("objectTypes", {"container": {TOP: 1}, "vessel": {"container": 1}})
    counted = count_actions(face(["jug"], np.array([0.9, 0.9]), tree, 0.5))
    assert counted[ENTER][REMOVE] == 0 and "jug" not in tree.index


def frame(*totals: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame([{"record": str(number), "way": way, SEARCH: total, "accept": 0, REMOVE: 0, "Enter and next": 0, "actions": total,
                          "terms": 3, "hidden": 1, "unknown": 0}
                         for number, row in enumerate(totals) for way, total in zip(WAYS, row)])


def test_savings_are_those_of_the_same_records_and_turn_the_sentence():
    better = frame(*[(10 + number % 3, 5, 3 + number % 3) for number in range(12)])
    assert estimate_actions(better)[BY_HAND].value == 11 and estimate_saved(better)[SUGGESTED].value == 6
    assert estimate_share(better)[ENTER].value == pytest.approx(7 / 11)
    assert estimate_saved(better, SUGGESTED)[ENTER].value == 1
    said = savings_sentences(better)
    assert "holds for actions: suggestions save 55 %" in said["claim"] and "12 (33 %) are not among the suggestions" in said["missing"]
    assert "fewer actions per record" in savings_sentences(better)["enter"]
    assert "does not hold" in savings_sentences(frame(*[(5, 10 + number % 3, 4) for number in range(12)]))["claim"]
    assert "neither borne out nor refuted" in savings_sentences(frame(*[(5, 3 + number % 5, 4) for number in range(12)]))["claim"]
    assert "With so few records" in savings_sentences(frame((5, 3, 2)))["claim"]


def test_nothing_to_count_is_said(squares_folder):
    dataset = open_dataset(str(squares_folder), minimum=4)
    nothing = work_through_split(dataset, "multi_label", "no such split", 30, 0.5)
    assert nothing.empty and "no record here" in savings_sentences(nothing)["counts"]
    assert show_actions(nothing).empty and show_thresholds({0.5: nothing}).empty
    assert actions_figure(nothing, KINDS, estimate_actions(nothing))
    scores = new_scores(dataset, "multi_label", "val", np.zeros(0, np.int64), {})
    assert tell_ranks(summarise(watch(dataset, scores, wanted_terms(dataset, "val"), []))) == savings_sentences(nothing)["counts"]


def test_records_are_worked_through_one_photograph_an_object(squares_folder):
    dataset = open_dataset(str(squares_folder), minimum=4)
    images = len(dataset.split("test_id"))
    perfect = {facet: np.where(labels.matrix.toarray(), 5, -5).astype(np.float32) for facet, labels in dataset.labels("test_id").items()
               if labels.matrix.shape[1]}
    scores = new_scores(dataset, "multi_label", "test_id", np.arange(images), perfect)
    wanted = wanted_terms(dataset, "test_id")
    assert wanted[0] == {"objectTypes": ("square",), "materials": ("red",), "classifications": (), "subjects": ()}
    rows = draw_records(scores, wanted, 10)
    assert len(set(rows)) == 10 and rows == draw_records(scores, wanted, 10) != draw_records(scores, wanted, 10, seed=1)
    found = work_through(dataset, scores, wanted, rows, 0.5).set_index(["record", "way"])["actions"].unstack()
    assert (found[ENTER] == 2).all(), "Enter, and the next: all that is likely is right, and all that is right is likely"
    terms = [sum(map(len, wanted[row].values())) for row in rows]
    assert found.loc[scores.ids[rows], BY_HAND].tolist() == [3 * count + 1 for count in terms]
    assert found.loc[scores.ids[rows], SUGGESTED].tolist() == [count + 1 for count in terms]
    report = summarise(watch(dataset, scores, wanted, rows))
    accepted = report[(report["part"] == "accepted") & report["rank"].isna()].set_index("facet")
    assert accepted.loc["objectTypes", ["accepted", "undecided"]].tolist() == [20, 0], "shape, and square or disc, of ten records"
    assert "the first suggestion was accepted on 100 % of the records" in tell_ranks(report)
