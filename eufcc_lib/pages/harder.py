"""What the chapter on harder museums shows of one photograph, and its sentences, which turn with the numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import percent, signed_number
from ..data.dataset import Dataset
from ..data.word_habits import WordHabit
from ..figures.neighbours import show_votes
from ..figures.style import Picture, say_nothing
from ..figures.swapped import NOT_DRAWN, rows_of
from ..mini.swaps import ALL, KNOWN, UNKNOWN, Swaps
from ..results.estimates import excludes_zero
from ..results.judgeable import evaluated_splits
from ..results.paper import MEAN, TEST_SPLITS
from ..results.predictions import Answer, draw_rows, judge_images, measure_images
from ..results.scores import Scores, read_scores
from ..results.steps import Difference, Step
from ..results.swapped import TITLES, Cost, Costs, choose_photograph, signed
from ..results.voters import NEAREST, have_voted, measure_voters

_NAME_ALONE = "frequency_provider"
"""The model that knows the provider's name and sees no picture."""


def answer_swaps(swaps: Swaps | None, scores: Scores | None, facet: str, donor: str = UNKNOWN, top: int = 3) -> dict[int, Answer]:
    """A model's best tags for one photograph with each habit of the donor, by row of the table of `swaps`; see `choose_photograph`."""
    photograph = None if swaps is None or scores is None else choose_photograph(scores, swaps.table, donor, facet)
    if photograph is None:
        return {}
    rows = rows_of(swaps, photograph, donor)
    examples = judge_images(scores, pd.DataFrame({"row": rows, "caption": ""}), top)
    return {example.row: _first(answer, top) for example in examples for answer in example.answers if answer.facet == facet}


def _first(answer: Answer, top: int) -> Answer:
    return Answer(answer.facet, answer.annotated, answer.outside, answer.predicted[:top])


def main_facets(dataset: Dataset, most: int = 2) -> list[str]:
    """The facets that most images have, most first."""
    images = {facet: sum(int((np.diff(dataset.labels(split)[facet].matrix.indptr) > 0).sum()) for split in dataset.records)
              for facet in FACET_NAMES}
    return sorted((facet for facet in FACET_NAMES if images[facet]), key=lambda facet: -images[facet])[:most] or [FACET_NAMES[0]]


def outer_mean(dataset: Dataset, model: str) -> float | None:
    """A model's mean R-precision on the outer test, of an image the mean over its facets; None where it is not measured."""
    if "test_ood" not in evaluated_splits(dataset, model):
        return None
    found = measure_images(read_scores(dataset, model, "test_ood"))["r_precision"]
    return float(found.mean()) if len(found) else None


def costs_sentences(costs: Mapping[str, Costs], outer: Mapping[str, float | None]) -> dict[str, str]:
    """What the habits cost: the sentences `cost`, `together` and `lean`.

    Args:
        costs: by model, the first is the one that the text is about.
        outer: by model `outer_mean`.
    """
    model = next((name for name, found in costs.items() if (ALL, UNKNOWN) in found), None)
    if model is None:
        return dict.fromkeys(("cost", "together", "lean"), NOT_DRAWN)
    return {"cost": _cost(model, costs[model]), "together": _together(model, costs[model][ALL, UNKNOWN], outer.get(model)),
            "lean": _lean(costs)}


def words_sentences(words: Mapping[str, Sequence[WordHabit]]) -> dict[str, str]:
    """How museums differ in words: the sentences `words` and `outside`, about the first facet."""
    facet, habits = next(iter(words.items()))
    return {"words": _words(get_facet(facet).title().lower(), habits), "outside": _outside(habits)}


def _cost(model: str, found: Costs) -> str:
    single = {habit: found[habit, UNKNOWN] for habit in TITLES if habit != ALL and (habit, UNKNOWN) in found}
    worst = min(single, key=lambda habit: single[habit].difference.value)
    sure = [TITLES[habit].lower() for habit, cost in single.items()
            if excludes_zero(cost.difference.objects) and cost.difference.value < 0]
    said = (f"For `{model}`, the single habit of the outer providers with the worst effect is “{TITLES[worst].lower()}”: "
            f"{signed(single[worst].difference)} in mean R-precision.")
    if not sure:
        return f"{said} No single habit has an interval below zero: with so few photographs, no loss from one habit is certain."
    return f"{said} The intervals are below zero for: {'; '.join(sure)}."


def _together(model: str, cost: Cost, outer: float | None) -> str:
    after = cost.before + cost.difference.value
    said = (f"All habits together take `{model}` from {cost.before:.3f} to {after:.3f} on the same "
            f"{cost.photographs} objects.")
    if outer is None:
        return said
    gap = cost.before - outer
    if gap <= 0:
        return f"{said} On the outer test it has {outer:.3f}, which is no less than before the swap: there is no gap to explain."
    share = -cost.difference.value / gap
    said += f" On the outer test itself it has {outer:.3f}"
    low, high = sorted(-bound for bound in cost.difference.objects or (cost.difference.value,) * 2)
    if low <= gap <= high:
        return (f"{said}: this gap, {gap:.3f}, lies within the 95 % interval of what the swapped habits cost, {low:.3f} to {high:.3f}. "
                "The habits alone may account for all of it.")
    if share >= 1:
        return f"{said}: the swapped habits alone cost more than the whole gap."
    if share <= 0:
        return f"{said}: the swapped habits account for none of this gap, which leaves the objects, their words and chance."
    return f"{said}: the swapped habits alone account for {percent(share)} of the gap, which leaves the rest to the objects, their words and chance."


def _lean(costs: Mapping[str, Costs]) -> str:
    every = {name: found[ALL, KNOWN] for name, found in costs.items() if (ALL, KNOWN) in found and name != _NAME_ALONE}
    if not every:
        return "None of these models sees the pictures."
    most = max(every, key=lambda name: every[name].lean.value)
    single = {habit: costs[most][habit, KNOWN].lean for habit in TITLES if habit != ALL and (habit, KNOWN) in costs[most]}
    habit = max(single, key=lambda name: single[name].value)
    surely = [name for name, cost in every.items() if excludes_zero(cost.lean.objects) and cost.lean.value > 0]
    if len(every) == 1:
        said = f"The one model that sees pictures {'clearly leans' if surely else 'does not clearly lean'}"
    else:
        said = f"Of {len(every)} models that see pictures, {len(surely) or 'none'} clearly {'lean' if len(surely) > 1 else 'leans'}"
    said += (f" towards what the owner of the borrowed habits collects. The highest lean is that of `{most}`, "
             f"{signed(every[most].lean)}; of its single habits, “{TITLES[habit].lower()}” has the highest, {signed(single[habit])}.")
    if control := costs[most].get((ALL, UNKNOWN)):
        said += f" With the habits of a provider that it does not know, its lean is {signed(control.lean)}."
    alone = costs.get(_NAME_ALONE, {}).get((ALL, KNOWN))
    return f"{said} For a model that knows only the provider's name, the lean is {signed_number(alone.lean.value)}." if alone else said


def _words(facet: str, habits: Sequence[WordHabit]) -> str:
    if not habits:
        return "These data do not name two providers with enough images to compare their words."
    others = [habit.distance for habit in habits if not habit.outer]
    outer = [habit for habit in habits if habit.outer]
    last = habits[-1]
    said = (f"In {facet}, the distances range from {habits[0].distance:.2f} ({habits[0].provider}) to {last.distance:.2f} "
            f"({last.provider}); by chance alone they would be {min(habit.chance for habit in habits):.2f} to "
            f"{max(habit.chance for habit in habits):.2f}.")
    if not outer or not others:
        return said
    mean = np.mean([habit.distance for habit in outer])
    side, so = ("above", "so their words are more unusual than those of most others") if mean > np.median(others) else (
        "not above", "so their words are no more unusual than those of most others")
    return f"{said} The outer providers' mean, {mean:.2f}, is {side} the median of the others, {np.median(others):.2f}, {so}."


def _outside(habits: Sequence[WordHabit]) -> str:
    outer = [habit for habit in habits if habit.outer]
    if not outer:
        return "No provider is only in the outer test."
    listed = " and ".join(f"{percent(habit.outside, 1)} ({habit.provider})" for habit in outer[:4])
    others = [habit.outside for habit in habits if not habit.outer]
    said = f"Of the outer providers' annotations, {listed} have a tag that is not in the vocabulary"
    return f"{said}; for the others the median is {percent(float(np.median(others)), 1)}." if others else f"{said}."


def show_nearest(dataset: Dataset, split: str, facet: str, photographs: int = 2) -> Picture:
    """Photographs of a split beside the training photographs most similar to them; a sentence where `neighbours` has not voted."""
    if not have_voted(dataset, split):
        return say_nothing(f"The model of the nearest neighbours was not run on this test of {dataset.name}.")
    return show_votes(dataset, split, draw_rows(dataset, split, photographs), facet=facet)


def voters_frame(dataset: Dataset, facet: str) -> pd.DataFrame:
    """One row per test set: whose the nearest training photographs are, and how often they share a tag with the photograph."""
    found = {title: measure_voters(dataset, split, facet) for split, title in TEST_SPLITS.items() if split in dataset.records}
    return pd.DataFrame.from_dict({title: {
        "photographs": voters.photographs, "same provider": percent(voters.own), "by chance": percent(voters.expected),
        "share a tag": percent(voters.alike), "similarity": f"{voters.similarity:.2f}"}
        for title, voters in found.items() if voters}, orient="index").rename_axis("test set")


def tell_voters(dataset: Dataset, facet: str) -> str:
    """What `voters_frame` says of the two test sets, in words."""
    inner, outer = (measure_voters(dataset, split, facet) for split in TEST_SPLITS)
    if not (inner and outer):
        return "The nearest neighbours were not measured on both test sets."
    said = (f"Of the {NEAREST} nearest training photographs, {percent(inner.alike)} share a tag with a photograph of the inner test and "
            f"{percent(outer.alike)} with one of the outer test")
    far = "less similar" if outer.similarity < inner.similarity else "no less similar"
    return f"{said}. On the outer test the neighbours are {far} (mean similarity {outer.similarity:.2f} against {inner.similarity:.2f})."


def tell_steps(steps: Sequence[Step]) -> str:
    """Which of the steps beyond the multi-label model clearly help or harm at the next museum, and whether one reaches the goal.

    Args:
        steps: from `results.steps.read_steps`.
    """
    gains = {step.name: step.differences for step in steps if ("test_ood", MEAN) in step.differences}
    if not gains:
        return "None of the steps was run on these data."
    outer = {name: found["test_ood", MEAN] for name, found in gains.items()}
    better = sorted((name for name, gain in outer.items() if gain.clear and gain.value > 0), key=lambda name: -outer[name].value)
    worse = [name for name, gain in outer.items() if gain.clear and gain.value < 0]
    said = [f"Of the steps that were run ({len(gains)}), {_names(better) or 'none'} clearly {'gain' if len(better) > 1 else 'gains'} at the next museum"]
    if better:
        inner = gains[better[0]].get(("test_id", MEAN))
        home = f" and {_told(inner)} on the inner" if inner else ""
        said[0] += f"; {'the largest clear gain is' if len(better) > 1 else 'that is'} {_told(outer[better[0]])} in mean R-precision on the outer test{home}"
    if worse:
        said.append(f"{_names(worse)} clearly {'lose' if len(worse) > 1 else 'loses'} there")
    if open_ones := len(gains) - len(better) - len(worse):
        said.append(f"{'For the others' if better or worse else 'For all of them'} ({open_ones}), the difference may be chance")
    reached = [step.name for step in steps if step.reaches_goal]
    return f"{'. '.join(said)}. " + (f"The goal is reached by {_names(reached)}." if reached else "None reaches the goal.")


def tell_adapted(steps: Sequence[Step]) -> str:
    """What the step that sees a museum's photographs as a batch gains or loses, in words; see `tell_steps`."""
    found = next((step.differences for step in steps if step.name == "multi_label_adapted"), {})
    gains = {title.lower(): found[split, MEAN] for split, title in TEST_SPLITS.items() if (split, MEAN) in found}
    if not gains:
        return "The adapted model was not run on these data."
    said = "Adaptation to each museum's batch changes the mean R-precision by " + " and by ".join(
        f"{_told(gain)} on the {title} test" for title, gain in gains.items())
    if "outer" not in gains:
        return f"{said}."
    outer = gains["outer"]
    judged = "no clear difference" if not outer.clear else "a clear gain" if outer.value > 0 else "a clear loss"
    return f"{said}: at the museums of the outer test, it makes {judged}."


def _told(gain: Difference) -> str:
    """A difference, and whether chance may have made it."""
    return f"{signed_number(gain.value)}{'' if gain.clear else ' (which may be chance)'}"


def _names(models: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in models]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))
