"""What a batch says of its models: whether they keep on it what was promised, and whether they know such photographs.

A promise is measured on validation photographs, see `promised`. Another collection can break it, and only what is decided
on that collection tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import betaincinv

from .state import State

ENOUGH = 10
"""Decisions in a facet, or photographs that were looked at, before anything is said of a batch."""

USUALLY_UNLIKE = 0.05
"""The share of validation photographs that count as unlike the training ones, by definition, see `likeness`."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Kept:
    """What came of a facet's likely suggestions in a batch: how many were `right`, of those that were `decided`, and the
    `precision` that was promised."""

    right: int
    decided: int
    precision: float

    @property
    def enough(self) -> bool:
        """Whether so many were decided that it is said."""
        return self.decided >= ENOUGH

    @property
    def broken(self) -> bool:
        """Whether the promise is not kept: the exact upper bound of the share of right ones lies below it."""
        return self.enough and upper_bound(self.right, self.decided) < self.precision


def achieved(state: State, identity: Mapping) -> dict[str, Kept]:
    """By facet in which something is promised what came of it in this batch, as `work.summarise` counts it.

    Args:
        identity: of the models, see `predictor.Predictor`; what was decided about other models' suggestions, or under another
            promise, is left out.
    """
    counts = state.count_promised(identity["hash"])
    return {facet: Kept(*counts.get((facet, promised["precision"]), (0, 0)), promised["precision"])
            for facet, promised in identity.get("promised", {}).items()}


def share_unlike(state: State) -> float | None:
    """The share of the photographs that are unlike all training ones; None unless it is known to be twice the usual one."""
    unlike, known = state.count_unlike()
    if known < ENOUGH or 1 - upper_bound(known - unlike, known) < 2 * USUALLY_UNLIKE:
        return None
    return unlike / known


def upper_bound(right: int, decided: int) -> float:
    """The largest share with which so few right ones come about by chance in 5 % of cases (Clopper and Pearson)."""
    return 1.0 if right == decided else float(betaincinv(right + 1, decided - right, CONFIDENCE))
