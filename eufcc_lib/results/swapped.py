"""What another museum's habit does to a model's answers, measured on the same objects before and after, see `mini.swaps`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.numbers import percent, signed_number
from ..data.dataset import Dataset
from ..metrics.bootstrap import FEWEST_UNITS, mean_intervals
from ..mini.swaps import ALL, UNCHANGED
from .estimates import Estimate, excludes_zero
from .predictions import measure_images
from .scores import Scores

TITLES = {"background": "Background", "light": "Light", "framing": "Distance and angle", "print": "Print quality",
          "labels": "Labels", ALL: "All together"}
"""The habits in the order of tables and figures, as a curator would call them."""

BEST = 5
"""Tags of an answer that the lean looks at: as many as a cataloguer reads."""

MAYBE = "≈\u00a0"
"""Before a number that may be chance, with a space that does not break."""

NAMES = {"known": "of a provider in training", "unknown": "of a provider of the outer test"}
"""Whose habits they are."""


@dataclass(frozen=True)
class Cost:
    """A model's answers for the same objects, photographed with another provider's habit.

    Attributes:
        photographs: that were measured, each of another object.
        changed: the share of them that look different at all, as two providers may share the habit.
        before: mean R-precision of the pictures as they are in the museum; of a picture, the mean over its facets.
        difference: what is added to it, mostly negative; its interval is over objects.
        best_tag: share of answers (picture, facet) whose best tag is another one.
        lean: how much the best tags move towards what the other provider collects, from -1 to 1, see `measure_costs`.
    """

    photographs: int
    changed: float
    before: float
    difference: Estimate
    best_tag: float
    lean: Estimate


Costs = Mapping[tuple[str, str], Cost]
"""By habit and donor, keys of `TITLES` and `NAMES`."""


def measure_costs(scores: Scores, table: pd.DataFrame, museum: Dataset) -> dict[tuple[str, str], Cost]:
    """What each habit costs a model.

    The lean of an answer compares its `BEST` tags after and before. Each tag counts by its share among the images of the habit's
    owner minus its mean share among those of the other providers in training, the keeper left out. So it is not enough to move
    away from the keeper's own tags, as any confusion does: the tags have to be the owner's in particular.

    Args:
        scores: of the swapped pictures.
        table: of `mini.swaps.Swaps`.
        museum: the data set itself, whose training images and outer test say what each provider collects.
    """
    table = table.reset_index(drop=True)
    own = table[table["habit"] == UNCHANGED].reset_index().set_index("row")["index"]
    before = own[table["row"]].to_numpy()  # for each picture, the place of that with nothing changed
    precision = measure_images(scores)["r_precision"].reindex(range(len(table))).to_numpy()
    keepers = museum.split(scores.split).providers[table["row"]]
    known = set(museum.split("train").providers) if "train" in museum.records else set()
    best, lean, facets = (np.zeros(len(table)) for _ in range(3))
    for facet, values in scores.values.items():
        rows = scores.judged_rows(facet)
        shares = provider_shares(museum, facet)
        wanted = np.array([_owners_own(shares, known, owner, keeper) for owner, keeper in zip(table["provider"][rows], keepers[rows])])
        top, top_before = (np.argsort(-values[places], axis=1, kind="stable") for places in (rows, before[rows]))
        best[rows] += top[:, 0] != top_before[:, 0]
        lean[rows] += [of_tags[after[:BEST]].mean() - of_tags[earlier[:BEST]].mean()
                       for of_tags, after, earlier in zip(wanted, top, top_before)]
        facets[rows] += 1
    costs = {}
    for (habit, donor), places in table[table["habit"] != UNCHANGED].groupby(["habit", "donor"]).groups.items():
        places = np.array([place for place in places if facets[place] and facets[before[place]]], np.int64)
        if not len(places):
            continue
        found = {"difference": precision[places] - precision[before[places]], "lean": lean[places] / facets[places]}
        intervals = mean_intervals(found, dict.fromkeys(found, (-1.0, 1.0)), table["row"][places].to_numpy())
        # Where hardly any answer changes, those that do say too little of how far others might.
        estimates = {name: Estimate(float(values.mean()), tuple(intervals[name])
                                    if intervals[name] and np.count_nonzero(values) >= FEWEST_UNITS else None)
                     for name, values in found.items()}
        costs[habit, donor] = Cost(len(places), float(table["changed"][places].mean()), float(precision[before[places]].mean()),
                                   best_tag=float(best[places].sum() / facets[places].sum()), **estimates)
    return costs


def provider_shares(museum: Dataset, facet: str) -> dict[str, np.ndarray]:
    """By provider, float64 (C,): the share of its images with each tag, among those that have the facet, in training and the outer test."""
    shares = {}
    for split in ("train", "test_ood"):
        if split in museum.records:
            matrix, providers = museum.labels(split)[facet].matrix, museum.split(split).providers
            for name in set(providers) - set(shares):
                own = matrix[np.flatnonzero(providers == name)]
                shares[name] = own.sum(axis=0) / max(np.count_nonzero(np.diff(own.indptr)), 1)
    return shares


def _owners_own(shares: Mapping[str, np.ndarray], known: Collection[str], owner: str, keeper: str) -> np.ndarray:
    """By tag how much more often the owner uses it than the other known providers do, the keeper left out."""
    others = [shares[name] for name in sorted(known) if name not in (owner, keeper)]
    return shares[owner] - (np.mean(others, axis=0) if others else 0)


def costs_frame(costs: Mapping[str, Costs], donor: str) -> pd.DataFrame:
    """One row per habit: the share of pictures that it changes, and what it adds to each model's mean R-precision; see `marked`."""
    rows = {}
    for habit, title in TITLES.items():
        found = {model: part[habit, donor] for model, part in costs.items() if (habit, donor) in part}
        if found:
            rows[title] = {"differ": percent(next(iter(found.values())).changed)} | {
                model: marked(cost.difference) for model, cost in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("habit").fillna("–")


def lean_frame(costs: Mapping[str, Costs], donor: str) -> pd.DataFrame:
    """One row per habit: for each model the share of its best tags that change, and its lean; see `marked`."""
    rows = {}
    for habit, title in TITLES.items():
        found = {model: part[habit, donor] for model, part in costs.items() if (habit, donor) in part}
        if found:
            rows[title] = {(model, name): text for model, cost in found.items()
                           for name, text in (("changed", percent(cost.best_tag)), ("lean", marked(cost.lean)))}
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("habit").fillna("–")
    return frame if frame.empty else frame.set_axis(pd.MultiIndex.from_tuples(frame.columns), axis=1)


def marked(estimate: Estimate) -> str:
    """`−0.042`, or `≈ −0.012` where the interval leaves open on which side of 0 it is."""
    return f"{'' if excludes_zero(estimate.objects) or not round(estimate.value, 3) else MAYBE}{signed_number(estimate.value)}"


def signed(estimate: Estimate) -> str:
    """`−0.042 [−0.081, −0.003]`: with a sign that a difference has also where it is positive."""
    bounds = estimate.objects
    return signed_number(estimate.value) + (f" [{', '.join(signed_number(bound).lstrip('+') for bound in bounds)}]" if bounds else "")


def choose_photograph(scores: Scores, table: pd.DataFrame, donor: str, facet: str) -> int | None:
    """The photograph that shows most in a facet: of those with the best R-precision as they are, that in which most of the donor's
    habits change the best tag, and then that which falls furthest with all of them; None where none was measured."""
    measured = measure_images(scores, facet)["r_precision"]
    mine = table[table["habit"].eq(UNCHANGED) | table["donor"].eq(donor)]
    mine = mine.assign(precision=measured, best=scores.values[facet][mine.index].argmax(axis=1))
    precision, best = (mine.pivot(index="row", columns="habit", values=name) for name in ("precision", "best"))
    precision = precision.dropna()
    if precision.empty:
        return None
    changes = best.loc[precision.index].ne(best.loc[precision.index, UNCHANGED], axis=0).sum(axis=1)
    order = pd.DataFrame({"before": -precision[UNCHANGED], "changes": -changes, "after": precision[ALL]})
    return int(order.sort_values(list(order), kind="stable").index[0])
