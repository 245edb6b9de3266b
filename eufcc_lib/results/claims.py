"""What the paper says about its tables (sections 5.3, 5.4 and 6), as comparisons that a program can make.

A claim is checked twice by the same code: on the printed numbers, which carry no interval, and on the
runs on a data set, where a difference that chance could have made decides nothing. All comparisons of a claim are tested
together: where its models are equally good, one in twenty such claims has any comparison right or wrong.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri

from ..core.errors import unknown
from ..metrics.bootstrap import LEVEL
from ..metrics.evaluation import metric_ranges
from .estimates import OVER, Estimate, difference, find_estimate
from .files import RunResult
from .paired import Test, UnitNumber, UnitNumbers, adjust, against, between, find_number, holm
from .paper import MEAN, TABLES, Column, columns, printed

RIGHT, EQUAL, UNDECIDED, WRONG, MISSING = "right", "equal", "undecided", "wrong", "not run"
"""How a comparison comes out: undecided and not run only among runs, where equal is one whose numbers are the same on
every object."""

EQUAL_SHARE = 0.02
"""Two shares that differ by no more are about equal; the paper gives no measure."""

EQUAL_RANK = 0.10
"""Two average rank positions that differ by no more of the second are about equal."""

Numbers = Callable[[str, Column], Estimate | None]
"""A model's number in a column of the tables, None where there is none."""


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, and the comparisons that it stands for.

    Attributes:
        name: a key.
        source: where the paper says it.
        text: the claim, in our words.
        pairs: models; of each pair the first is said to do better.
        table: the number of the one whose columns are compared.
        kind: `better`, the first has the better number; `equal`, both have about the same; `inner`, both
            are one model, whose number is better on the inner test set; `fall`, the first loses less
            (or gains more) from the inner to the outer test set.
        every: whether it is said of every comparison; else of most.
        facet, split: only columns of this one; all if empty.
    """

    name: str
    source: str
    text: str
    pairs: tuple[tuple[str, str], ...]
    table: int
    kind: str
    every: bool
    facet: str
    split: str

    def columns(self) -> list[Column]:
        """The columns that it is about; of one on both test sets the inner one."""
        split = "test_id" if self.kind in ("inner", "fall") else self.split
        return [place for place in columns(self.table)
                if place.split == (split or place.split) and place.facet == (self.facet or place.facet)]


_HEADS = ("multi_label", "softmax", "softmax_wce", "hsoftmax_levels", "hsoftmax_nodes")
_GROUPS = {"HEADS": _HEADS, "VISION": ("multi_label_materials", *_HEADS),
           "CLIP": ("clip_one_tag", "clip_all_tags", "clip_prompt"),
           **{f"TABLE_{number}": tuple(dict.fromkeys(model for model, _ in TABLES[number])) for number in (1, 3)}}


def _read_claims() -> tuple[Claim, ...]:
    """`claims.csv`, where `models` are those said to be better, `>`, and those they are better than."""
    with open(Path(__file__).with_name("claims.csv"), encoding="utf-8", newline="") as file:
        return tuple(Claim(row["name"], row["source"], row["text"], _pairs(row["models"]), int(row["table"]),
                           row["kind"], row["every"] == "yes", row["facet"], row["split"])
                     for row in csv.DictReader(file))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """`a > b c; d > e` are the pairs ab, ac and de; `a b` is every model with itself."""
    pairs = []
    for part in text.split(";"):
        better, *worse = ([model for word in side.split() for model in _GROUPS.get(word, (word,))]
                          for side in part.split(">"))
        pairs += [pair for pair in product(better, *worse) if pair[0] != pair[1]] if worse else zip(better, better)
    return tuple(pairs)


CLAIMS = _read_claims()
"""In the order of the paper. `every` only where it says so, or names one winner without a reserve."""


@dataclass(frozen=True)
class Comparison:
    """Two numbers that a claim compares.

    Attributes:
        better, worse: the models; the same one for a claim of kind `inner`.
        column: of the first number.
        first, second: the numbers, for `fall` how each model's changes from inner to outer; None where not run.
        outcome: `RIGHT`, `EQUAL`, `UNDECIDED`, `WRONG` or `MISSING`.
    """

    better: str
    worse: str
    column: Column
    first: Estimate | None
    second: Estimate | None
    outcome: str


@dataclass(frozen=True)
class Finding:
    """A claim with all its comparisons, on the printed numbers or on runs."""

    claim: Claim
    comparisons: tuple[Comparison, ...]

    def count(self, *outcomes: str) -> int:
        """The comparisons that came out so."""
        counts = Counter(comparison.outcome for comparison in self.comparisons)
        return sum(counts[outcome] for outcome in outcomes)

    @property
    def made(self) -> int:
        """The comparisons that could be made."""
        return len(self.comparisons) - self.count(MISSING)

    @property
    def verdict(self) -> str:
        """`holds`, `fails` or `undecided`, of those run where some were not; or `not run`.

        Said of every comparison, it fails with the first that is wrong and holds when none is open and not all are equal.
        Said of most, more than half of those that differ decide.
        """
        right, wrong, undecided = (self.count(outcome) for outcome in (RIGHT, WRONG, UNDECIDED))
        if not self.made:
            return MISSING
        if self.claim.every:
            word = "fails" if wrong else UNDECIDED if undecided or not right else "holds"
        else:
            half = (right + wrong + undecided) / 2
            word = "holds" if right > half else "fails" if wrong > half else UNDECIDED
        return f"{word}, of those run" if self.count(MISSING) else word


def get_claim(name: str) -> Claim:
    """The claim of that name; `UserError` with the known names if there is none."""
    for claim in CLAIMS:
        if claim.name == name:
            return claim
    raise unknown("claim", name, [claim.name for claim in CLAIMS])


def check_printed(claim: Claim) -> Finding:
    """The claim on the printed numbers; cells that the paper leaves open are no comparisons."""
    return Finding(claim, tuple(
        Comparison(better, worse, place, first, second, _outcome(claim.kind, _sides_in_print(claim, place, first, second)))
        for better, worse, place, first, second in _compare(claim, _printed) if first and second))


def check_runs(claim: Claim, results: Mapping[str, RunResult], over: str = "objects",
               numbers: Mapping[str, UnitNumbers] | None = None) -> Finding:
    """The claim on runs, in the cells that the paper fills, without columns in which all rankings are equal.

    Args:
        results: from `files.read_results`.
        over: the units of the tests, `objects` or `providers`.
        numbers: from `paired.read_unit_numbers` over the same; models without are compared by their intervals, as if on
            different images.
    """
    if over not in OVER:
        raise unknown("interval", over, OVER)
    in_print = {(better, worse, place) for better, worse, place, *both in _compare(claim, _printed) if all(both)}

    @cache
    def estimate(model: str, place: Column) -> Estimate | None:
        return find_estimate(results, model, place)

    @cache
    def unit_number(model: str, place: Column) -> UnitNumber | None:
        return find_number((numbers or {}).get(model, {}), place)

    differing = {place for place in claim.columns() if _can_differ(results, place)}
    found = [comparison for comparison in _compare(claim, estimate)
             if comparison[:3] in in_print and comparison[2] in differing]
    questions = [_questions(claim, *comparison, over, unit_number) for comparison in found]
    answers = iter(_answer([question for some in questions for question in some]))
    return Finding(claim, tuple(Comparison(*comparison, _outcome(claim.kind, [next(answers) for _ in some]))
                                for comparison, some in zip(found, questions)))


@dataclass(frozen=True)
class _Question:
    """On which side of a limit a difference lies: tested by units, or else measured with its interval.

    Attributes:
        value: the difference minus the limit, positive where the better model is the better.
        test: None where a unit's numbers are not at hand, or there are too few units.
        p_value: of the interval; None with a test, and where neither can say anything.
        equal: whether the two are the same on every unit.
    """

    value: float
    test: Test | None = None
    p_value: float | None = None
    equal: bool = False


def _questions(claim: Claim, better: str, worse: str, place: Column, first: Estimate | None, second: Estimate | None,
               over: str, unit_number: Callable[[str, Column], UnitNumber | None]) -> list[_Question]:
    """One for each limit of the claim; none where a number is missing."""
    if first is None or second is None:
        return []
    gain, questions = difference(first, second), []
    places = (place, _outer(place)) if claim.kind in ("inner", "fall") else (place,)
    units = [unit_number(model, where) for where in places for model in (better, worse)]
    for limit in _limits(claim, place, second):
        value = _sign(claim, place) * (gain.value - limit)
        if None in units:
            questions.append(_Question(value, p_value=_p_value(gain, gain.bounds(over), limit)))
        else:
            test = _test(claim.kind, units, limit)
            questions.append(_Question(value, test, equal=test is not None and not test.chance.any()))
    return questions


def _test(kind: str, units: list[UnitNumber], limit: float) -> Test | None:
    """Of the better and the worse model's numbers in the column, and for `inner` and `fall` in that of the outer test."""
    if kind == "inner":
        return between(units[0], units[2])
    if kind == "fall":
        return between(units[2] - units[3], units[0] - units[1])
    return against(units[0] - units[1], limit)


def _p_value(gain: Estimate, bounds: tuple[float, float] | None, limit: float) -> float | None:
    """Of the limit, as if the gain were normal with the half of its interval that faces the limit."""
    if bounds is None:
        return None
    half = gain.value - bounds[0] if gain.value > limit else bounds[1] - gain.value
    return float(2 * ndtr(-abs(gain.value - limit) * ndtri((1 + LEVEL) / 2) / half)) if half > 0 else None


def _answer(questions: list[_Question]) -> list[int | None]:
    """On which side each difference lies: 1, -1, 0 where the two are equal, None where it is undecided.

    Tests by units and p-values of intervals are two families, which share the error where there are both.
    """
    tested = [index for index, question in enumerate(questions) if question.test]
    measured = [index for index, question in enumerate(questions) if question.p_value is not None]
    families = bool(tested) + bool(measured)
    p_values = np.ones(len(questions))
    p_values[tested] = families * adjust([questions[index].test for index in tested])
    p_values[measured] = families * holm([questions[index].p_value for index in measured])
    return [0 if question.equal else int(np.sign(question.value)) if p_value < 1 - LEVEL else None
            for question, p_value in zip(questions, p_values)]


def _compare(claim: Claim, numbers: Numbers) -> Iterator[tuple]:
    """Better model, worse model, column, and the two estimates where both exist."""
    def fall(model: str, place: Column) -> Estimate | None:
        inner, outer = numbers(model, place), numbers(model, _outer(place))
        return difference(outer, inner) if inner and outer else None
    for place in claim.columns():
        for better, worse in claim.pairs:
            read = fall if claim.kind == "fall" else numbers
            yield (better, worse, place, read(better, place),
                   read(worse, _outer(place) if claim.kind == "inner" else place))


def _limits(claim: Claim, place: Column, second: Estimate) -> tuple[float, ...]:
    """What a difference is compared with: none at all, or the two ends of about equal."""
    if claim.kind != "equal":
        return (0.0,)
    tolerance = EQUAL_SHARE if place.metric.higher_is_better else EQUAL_RANK * second.value
    return -tolerance, tolerance


def _sign(claim: Claim, place: Column) -> int:
    """-1 where a lower number is the better one; about equal knows none."""
    return 1 if place.metric.higher_is_better or claim.kind == "equal" else -1


def _sides_in_print(claim: Claim, place: Column, first: Estimate, second: Estimate) -> list[int]:
    """On which side of each limit the printed difference lies."""
    gain = _sign(claim, place) * (first.value - second.value)
    return [int(np.sign(round(gain - limit, 6))) for limit in _limits(claim, place, second)]  # 0.60 - 0.45 is 0.59 - 0.44


def _outcome(kind: str, sides: list[int | None]) -> str:
    """From the sides of the limits: about equal lies above the lower and below the upper, or on one of them."""
    if not sides:
        return MISSING
    if kind == "equal":
        low, high = sides
        return WRONG if low == -1 or high == 1 else UNDECIDED if None in sides else RIGHT
    return {1: RIGHT, 0: EQUAL, -1: WRONG, None: UNDECIDED}[sides[0]]


def _can_differ(results: Mapping[str, RunResult], place: Column) -> bool:
    """Whether rankings can differ in the column: they cannot in Acc@k with k tags or fewer."""
    tags = {row.tags for result in results.values() for row in result.rows
            if row.split == place.split and place.facet in (row.facet, MEAN)}
    ranges = [metric_ranges(count)[place.metric.name] for count in tags]
    return not ranges or any(low < high for low, high in ranges)


def _printed(model: str, place: Column) -> Estimate | None:
    """The printed number, as exact as it is printed."""
    value = printed(model, place.split, place.facet, place.metric.name).value
    return None if value is None else Estimate(value)


def _outer(place: Column) -> Column:
    return replace(place, split="test_ood")
