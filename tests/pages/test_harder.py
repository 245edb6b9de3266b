"""The chapter's sentences turn with the numbers, and its figures say so where there is nothing to show."""

from types import SimpleNamespace

import pytest

from eufcc_lib.data.word_habits import WordHabit
from eufcc_lib.figures.swapped import NOT_DRAWN, costs_figure, swaps_figure
from eufcc_lib.figures.word_habits import word_habits_figure
from eufcc_lib.mini.swaps import HABITS
from eufcc_lib.pages.harder import costs_sentences, tell_adapted, tell_steps, words_sentences
from eufcc_lib.results.estimates import Estimate
from eufcc_lib.results.steps import Difference
from eufcc_lib.results.swapped import TITLES, Cost

WORDS = [WordHabit("Abbey", False, 40, 0.3, 0.1, 0.05), WordHabit("Bank", False, 40, 0.5, 0.1, 0.15), WordHabit("Mint", True, 40, 0.6, 0.1, 0.2)]


def cost(difference=0.0, lean=0.0, width=0.05, before=0.7):
    return Cost(100, 1.0, before, Estimate(difference, (difference - width, difference + width)), 0.1, Estimate(lean, (lean - width, lean + width)))


def sentences(outer=0.5, words=WORDS, **unknown):
    found = {(habit, "unknown"): cost(unknown.get(habit, 0.0)) for habit in TITLES}
    found |= {(habit, "known"): cost(lean=0.2 if habit in ("all", "background") else 0.0) for habit in TITLES}
    return costs_sentences({"multi_label": found}, {"multi_label": outer}) | words_sentences({"materials": words})


def test_every_habit_has_a_title():
    assert list(TITLES) == [*HABITS, "all"]


def test_the_worst_habit_is_named_and_what_is_sure_of_it():
    said = sentences(print=-0.1)["cost"]
    assert said.startswith("For `multi_label`, the single habit of the outer providers with the worst effect is “print quality”: −0.100 [−0.150, −0.050]")
    assert said.endswith("The intervals are below zero for: print quality.")
    assert sentences(light=-0.01)["cost"].endswith("with so few photographs, no loss from one habit is certain.")


@pytest.mark.parametrize(("after", "outer", "end"), [
    (-0.1, 0.5, "the swapped habits alone account for 50 % of the gap, which leaves the rest to the objects, their words and chance."),
    (-0.3, 0.5, "the swapped habits alone cost more than the whole gap."),
    (-0.22, 0.5, ("this gap, 0.200, lies within the 95 % interval of what the swapped habits cost, 0.170 to 0.270. The habits alone may "
                  "account for all of it.")),
    (0.1, 0.5, "the swapped habits account for none of this gap, which leaves the objects, their words and chance."),
    (-0.1, 0.8, "On the outer test it has 0.800, which is no less than before the swap: there is no gap to explain."),
    (-0.1, None, "take `multi_label` from 0.700 to 0.600 on the same 100 objects."),
])
def test_the_gap_is_explained_as_far_as_the_photographs_reach(after, outer, end):
    assert sentences(outer, all=after)["together"].endswith(end)


def test_lean_and_words_are_told():
    said = sentences()
    assert said["lean"] == ("The one model that sees pictures clearly leans towards what the owner of the borrowed habits collects. The highest lean is that "
                            "of `multi_label`, +0.200 [0.150, 0.250]; of its single habits, “background” has the highest, +0.200 [0.150, 0.250]. "
                            "With the habits of a provider that it does not know, its lean is 0.000 [−0.050, 0.050].")
    assert said["words"].endswith("The outer providers' mean, 0.60, is above the median of the others, 0.40, so their words are "
                                  "more unusual than those of most others.")
    assert said["outside"] == ("Of the outer providers' annotations, 20 % (Mint) have a tag that is not in the vocabulary; for the others "
                               "the median is 10 %.")


def test_where_nothing_was_drawn_or_named_it_says_so():
    said = costs_sentences({}, {}) | words_sentences({"materials": []})
    assert said["cost"] == said["lean"] == NOT_DRAWN and said["words"].startswith("These data do not name two providers")
    for figure, text in ((swaps_figure(None, {}), NOT_DRAWN), (costs_figure({}), NOT_DRAWN), (word_habits_figure({"materials": []}), "two providers")):
        assert text in figure.axes[0].texts[0].get_text()


def step(name, outer, inner=None, clear=True, goal=False):
    found = {"test_id": inner, "test_ood": outer}
    interval = lambda value: (value - 0.001, value + 0.001) if clear else (-1.0, 1.0)
    differences = {(split, "mean"): Difference(value, interval(value)) for split, value in found.items() if value is not None}
    return SimpleNamespace(name=name, differences=differences, reaches_goal=goal)


@pytest.mark.parametrize(("steps", "said"), [
    ([step("coherent", 0.01, 0.02), step("lp_ft", 0.06, -0.01, goal=True), step("hill", -0.2), step("splc", 0.3, clear=False)],
     ("Of the steps that were run (4), `lp_ft` and `coherent` clearly gain at the next museum; the largest clear gain is +0.060 in mean "
     "R-precision on the outer test and −0.010 on the inner. `hill` clearly loses there. For the others (1), the difference may be chance. "
     "The goal is reached by `lp_ft`.")),
    ([step("splc", 0.3, clear=False)], ("Of the steps that were run (1), none clearly gains at the next museum. For all of them (1), the "
     "difference may be chance. None reaches the goal.")),
    ([SimpleNamespace(name="multi_label", differences={}, reaches_goal=False)], "None of the steps was run on these data."),
])
def test_only_steps_whose_interval_is_clear_are_said_to_help(steps, said):
    assert tell_steps(steps) == said


@pytest.mark.parametrize(("inner", "outer", "clear", "said"), [
    (0.01, 0.02, True, "by +0.010 on the inner test and by +0.020 on the outer test: at the museums of the outer test, it makes a clear gain."),
    (0.01, -0.02, True, "and by −0.020 on the outer test: at the museums of the outer test, it makes a clear loss."),
    (0.01, -0.02, False, "and by −0.020 (which may be chance) on the outer test: at the museums of the outer test, it makes no clear difference."),
    (0.01, None, True, "changes the mean R-precision by +0.010 on the inner test."),
    (None, None, True, "The adapted model was not run on these data.")])
def test_what_a_batch_brings_is_told(inner, outer, clear, said):
    assert tell_adapted([step("multi_label_adapted", outer, inner, clear)]).endswith(said)
