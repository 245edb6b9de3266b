"""What the paper says about its tables (sections 5.3, 5.4 and 6), as comparisons that a program can make.

A claim is checked twice by the same code: on the printed numbers, which carry no interval, and on the
runs on a data set, where a difference that its interval does not tell from none decides nothing.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from ..core.errors import unknown
from .estimates import OVER, Estimate, difference, find_estimate
from .files import RunResult
from .paired import Draws, paired_bounds
from .paper import TABLES, Column, columns, printed

RIGHT, EQUAL, UNDECIDED, WRONG, MISSING = "right", "equal", "undecided", "wrong", "not run"
"""How a comparison comes out: equal only in print, undecided and not run only among runs."""

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

        Said of every comparison, it fails with the first that is wrong and holds when none is open.
        Said of most, more than half of those that differ decide.
        """
        right, wrong, undecided = (self.count(outcome) for outcome in (RIGHT, WRONG, UNDECIDED))
        if not self.made:
            return MISSING
        if self.claim.every:
            word = "fails" if wrong else UNDECIDED if undecided else "holds"
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
        Comparison(better, worse, place, first, second, _outcome(claim, place, second, difference(first, second), None))
        for better, worse, place, first, second in _compare(claim, _printed) if first and second))


def check_runs(claim: Claim, results: Mapping[str, RunResult], over: str = "images",
               draws: Mapping[str, Draws] | None = None) -> Finding:
    """The claim on runs, in the cells that the paper fills.

    Args:
        results: from `files.read_results`.
        over: the intervals that decide, over `images` or `providers`.
        draws: from `paired.resample_runs` over the same; models without are compared as if on different images.
    """
    if over not in OVER:
        raise unknown("interval", over, OVER)
    in_print = {(better, worse, place) for better, worse, place, *both in _compare(claim, _printed) if all(both)}

    def numbers(model: str, place: Column) -> Estimate | None:
        return find_estimate(results, model, place)

    def minus(better: str, worse: str, place: Column) -> Estimate:
        gain = difference(numbers(better, place), numbers(worse, place))
        paired = paired_bounds(draws or {}, better, worse, place)
        return replace(gain, **{over: paired}) if paired else gain

    def gain(better: str, worse: str, place: Column, first: Estimate | None, second: Estimate | None) -> Estimate | None:
        if first is None or second is None:
            return None
        if claim.kind == "inner":
            return difference(first, second)
        if claim.kind == "fall":
            return difference(minus(better, worse, _outer(place)), minus(better, worse, place))
        return minus(better, worse, place)

    return Finding(claim, tuple(
        Comparison(better, worse, place, first, second,
                   _outcome(claim, place, second, gain(better, worse, place, first, second), over))
        for better, worse, place, first, second in _compare(claim, numbers) if (better, worse, place) in in_print))


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


def _outcome(claim: Claim, place: Column, second: Estimate | None, gain: Estimate | None, over: str | None) -> str:
    """How the comparison comes out, with the gain's interval over `over`, or exactly where that is None."""
    if gain is None:
        return MISSING
    low, high = (gain.value, gain.value) if over is None else gain.bounds(over) or (-float("inf"), float("inf"))
    low, high = round(low, 6), round(high, 6)  # 0.60 - 0.45 and 0.59 - 0.44 are the same in print
    if claim.kind == "equal":
        tolerance = EQUAL_SHARE if place.metric.higher_is_better else EQUAL_RANK * second.value
        return RIGHT if -tolerance <= low and high <= tolerance else (
            WRONG if high < -tolerance or low > tolerance else UNDECIDED)
    if not place.metric.higher_is_better:
        low, high = -high, -low
    if low > 0 or high < 0:
        return RIGHT if low > 0 else WRONG
    return EQUAL if over is None else UNDECIDED


def _printed(model: str, place: Column) -> Estimate | None:
    """The printed number, as exact as it is printed."""
    value = printed(model, place.split, place.facet, place.metric.name).value
    return None if value is None else Estimate(value)


def _outer(place: Column) -> Column:
    return replace(place, split="test_ood")
