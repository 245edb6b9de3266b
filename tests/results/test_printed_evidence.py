"""What is possible, against all rankings of a few images; and what the printed tables make impossible."""

from functools import cache
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from eufcc_lib.metrics.ranking import accuracy_at, average_rank_position, r_precision, rank_relevant
from eufcc_lib.results.paper import table_3_differences
from eufcc_lib.results.printed_evidence import (
    READINGS,
    check_reading,
    first_position_range,
    r_precision_range,
    rank_position_range,
    summarise,
)

TAGS = 8


@cache
def outcomes(relevant: int) -> set[tuple[int, float]]:
    """Acc@1 and R-Precision of every ranking of the tags, of which the first ones are relevant."""
    return {(int(order[0] < relevant), sum(tag < relevant for tag in order[:relevant]) / relevant)
            for order in permutations(range(TAGS), relevant)}


@pytest.mark.parametrize("relevant", [(1,), (2, 1), (3, 3), (1, 2, 4), (3, 1, 2)])
def test_range_of_r_precision_is_that_of_all_rankings(relevant):
    found = {}
    for rankings in product(*map(outcomes, relevant)):
        hits, precision = np.mean(rankings, axis=0)
        found.setdefault(round(hits, 6), set()).add(round(precision, 6))
    for hits, precisions in found.items():
        assert r_precision_range(np.array(relevant), (hits, hits)) == pytest.approx((min(precisions), max(precisions)), abs=1e-5)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(12, 30), st.integers(0, 2 ** 32), st.booleans())
def test_no_ranking_leaves_the_ranges(relevant, tags, seed, good):
    rng = np.random.default_rng(seed)
    labels = np.array([rng.permutation(np.arange(tags) < number) for number in relevant])
    scores = rng.random(labels.shape).astype(np.float32) + good * labels * rng.random((len(labels), 1)).astype(np.float32)
    ranks = rank_relevant(scores, csr_array(labels))
    precision, one, ten = ((value, value) for value in (
        np.mean(r_precision(ranks)), np.mean(accuracy_at(ranks, 1)), np.mean(accuracy_at(ranks, 10))))
    first = np.mean([ranks.position[ranks.image == image].min() for image in range(len(labels))])
    for number, (least, most) in (
            (precision[0], r_precision_range(np.array(relevant), one)),
            (np.mean(average_rank_position(ranks)), rank_position_range(np.array(relevant), tags, precision, one, ten)),
            (first, first_position_range(tags, one, ten))):
        assert least - 1e-9 <= number <= most + 1e-9


def test_perfect_rankings_reach_the_lowest_position():
    least, most = rank_position_range(np.array([1, 3]), 100, (1, 1), (1, 1), (1, 1))
    assert least == most == 1.5


FINDINGS = {(finding.reading.question, finding.reading.text): finding for finding in map(check_reading, READINGS)}


def against(question: str, text: str) -> tuple[int, int]:
    (finding,) = (finding for names, finding in FINDINGS.items() if names[0].startswith(question) and names[1] == text)
    return len(finding.contradictions), finding.compared


def test_the_printed_numbers_rule_readings_out():
    assert against("the tags of a path", "all") == (0, 45)
    assert against("the tags of a path", "the last alone") == (4, 45)
    assert against("an image without", "a miss") == (27, 45) and against("an image without", "a hit") == (17, 45)
    assert against("the positions", "of its best-ranked tag alone") == (3, 90)
    assert against("a tag's score in H-Softmax (levels)", "the probability within its level") == (1, 1)
    assert against("a tag's score in H-Softmax (nodes)", "the probability among its siblings") == (3, 3)
    assert against("the vocabulary", "as many tags as the label files have") == (0, 90)


def test_within_its_level_jet_would_be_first_for_every_image():
    ((found,),) = (finding.contradictions for names, finding in FINDINGS.items() if names[1] == "the probability within its level")
    assert (found.place.facet, found.printed, found.allowed) == ("materials", "0.88", (0, 10 / 2_235))


def test_positions_from_0_are_much_further_off_than_positions_from_1():
    from_1, from_0 = (FINDINGS["the position of a tag", f"in the list, from {first}"].contradictions for first in (1, 0))
    assert {found.place.facet for found in from_1 + from_0} == {"subjects"}
    assert max(found.units for found in from_1) < 1.1 and max(found.units for found in from_0) > 8


def test_means_over_the_facets_agree_with_the_check_of_table_3():
    assert against("the means", "over the four facets") == (len(table_3_differences(unrounded=True)), 88)
    assert against("the means", "over all images in all facets") == (35, 44)


def test_each_question_has_at_most_one_reading_of_this_library_and_it_comes_first():
    questions = list(dict.fromkeys(reading.question for reading in READINGS))
    for question in questions:
        own = [reading.own for reading in READINGS if reading.question == question]
        assert sum(own) <= 1 and not any(own[1:])
    assert summarise()["own_cells"] == 3
