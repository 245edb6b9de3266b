"""What the page proposes: coherent, closed over the tree, siblings that contradict each other as alternatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eufcc_lib.assistant.lines import MOST, PERHAPS, coherent, propose, taken_back
from eufcc_lib.data.taxonomy import TOP, arrange_tree

TREE = arrange_tree("materials", {"metal": {TOP: 1}, "copper alloy": {"metal": 1}, "bronze": {"copper alloy": 1},
                                  "brass": {"copper alloy": 1}, "iron": {"metal": 1}, "clay": {TOP: 1}, "wood": {TOP: 1},
                                  "oak": {"wood": 1}})


def lines(threshold: float | None = 0.9, **scores: float) -> list[tuple[str, str]]:
    """The proposals as they read: a path, and what is said about it."""
    values = np.array([scores.get(name.replace(" ", "_"), 0) for name in TREE.names], np.float32)
    return [(" › ".join(TREE.names[tag] for tag in line.path),
             ("instead, " if line.instead else "") + ("likely" if line.likely else "perhaps"))
            for line in propose(TREE, values, threshold)]


def test_a_line_ends_at_the_deepest_tag_that_keeps_the_promise():
    assert lines(metal=0.99, copper_alloy=0.95, bronze=0.93) == [("metal › copper alloy › bronze", "likely")]
    assert lines(metal=0.99, copper_alloy=0.95, bronze=0.05) == [("metal › copper alloy", "likely")]
    assert lines(bronze=0.97) == [("metal › copper alloy › bronze", "likely")], "what is above is no less likely"


def test_without_a_promise_nothing_is_likely():
    assert lines(None, bronze=0.99, clay=0.2) == [("metal › copper alloy › bronze", "perhaps"), ("clay", "perhaps")]


def test_siblings_that_contradict_each_other_are_alternatives_and_others_are_not():
    assert lines(bronze=0.5, brass=0.4) == [("metal › copper alloy › bronze", "perhaps"),
                                            ("metal › copper alloy › brass", "instead, perhaps")]
    assert lines(bronze=0.8, brass=0.7)[1] == ("metal › copper alloy › brass", "perhaps"), "the model means both"


scores = st.lists(st.floats(0, 1, width=32), min_size=len(TREE), max_size=len(TREE)).map(lambda values: np.array(values, np.float32))
thresholds = st.none() | st.floats(0.05, 1)


@given(scores)
def test_a_tag_is_never_less_likely_than_one_below_it(values):
    closed = coherent(TREE, values)
    assert (closed >= values).all()
    assert all(closed[parent] >= closed[tag] for tag, parent in enumerate(TREE.parent) if parent >= 0)
    assert (coherent(TREE, closed) == closed).all()


@given(scores, thresholds)
def test_proposals_are_closed_over_the_tree_and_leave_out_nothing_that_may_be(values, threshold):
    closed, found = coherent(TREE, values), propose(TREE, values, threshold, most=len(TREE))
    named = {tag for line in found for tag in line.path}
    promised = {tag for line in found if line.likely for tag in line.path}
    assert named == {tag for tag in range(len(TREE)) if closed[tag] >= PERHAPS} | promised
    assert promised == {tag for tag in range(len(TREE)) if threshold is not None and closed[tag] >= threshold}
    assert len({line.tag for line in found}) == len(found)
    for line in found:
        assert [TREE.names[tag] for tag in line.path] == list(TREE.path(line.tag)) and line.score == closed[line.tag]


@given(scores, thresholds)
def test_the_most_certain_stands_first_and_an_alternative_behind_its_sibling(values, threshold):
    found = propose(TREE, values, threshold)
    assert len([line for line in found if not line.likely]) <= MOST
    heads = [line.score for line in found if not line.instead]
    assert heads == sorted(heads, reverse=True)
    for before, line in zip((None, *found), found, strict=False):
        if line.instead:
            assert before.path[:-1] == line.path[:-1] != () and not line.likely
            assert before.score >= line.score and before.score + line.score <= 1 + 1e-6


@pytest.mark.parametrize(("accepted", "tag", "expected"), [
    (("metal", "copper alloy", "bronze"), "bronze", "metal"),
    (("metal", "copper alloy", "bronze", "iron"), "bronze", "copper alloy"),
    (("metal", "copper alloy", "bronze", "brass"), "bronze", "bronze"),
    (("clay", "metal", "copper alloy"), "copper alloy", "metal"),
    (("bronze",), "bronze", "bronze")])
def test_with_a_tag_go_the_ancestors_that_nothing_else_needs(accepted, tag, expected):
    assert taken_back(TREE, {TREE.index[name] for name in accepted}, TREE.index[tag]) == TREE.index[expected]
