"""Sentences for the chapter on missing tags, which turn with the numbers."""

import math

import pandas as pd

from ..core.facets import FACETS, get_facet
from ..core.numbers import percent, signed_number
from ..core.text import listed
from ..data.records import SPLIT_TITLES
from ..models.registry import MODELS
from ..results.estimates import Estimate
from ..results.missing_tags import BASELINE, CLEAR, RIGHT, SAID, Trials, compare_losses, compare_shares, estimate_hidden
from ..results.paper import MEAN, TEST_SPLITS

KEYS = ("cost", "losses", "steady", "said")
"""The conclusions, in the order in which the chapter shows them."""

_NOTHING = "There is no test set on which the losses could be compared."


def explain_pushes(name: str, probability: float, pushes: pd.DataFrame) -> str:
    """What the losses teach about one tag if the record lacks it.

    Args:
        name, probability, pushes: from `results.missing_tags.explain_tag`.
    """
    if math.isnan(probability):
        return "There is no image here to show this with."
    told = pushes["missing", "push"]
    # The table beside it has three digits.
    down, up = ([title for title in told.index if round(sign * told[title], 3) > 0] for sign in (-1, 1))
    hardly = [title for title in told.index if title not in (*down, *up)]
    ordered = sorted(down, key=lambda title: told[title])
    said = f"The model gives “{name}” a probability of {probability:.2f}. Were the tag missing from the record, "
    said += f"{listed(ordered)} would push that probability down" if down else "no loss would push that probability down"
    if len(down) > 1:
        said += f", {ordered[0]} hardest and {ordered[-1]} least"
    said += f"; {listed(up)} would push it up" if up else ""
    return f"{said}; {listed(hardly)} would hardly move it." if hardly and len(hardly) < len(told) else f"{said}."


def explain_gaps(gaps: pd.DataFrame) -> str:
    """What hiding the largest share does to the training images of the facets in which images have several tags.

    Args:
        gaps: from `results.missing_tags.count_gaps`.
    """
    share, row = gaps.index[-1], gaps.iloc[-1].dropna()
    if not len(row):
        return "These data have no training image with a tag of the vocabulary, so there is nothing to hide."
    empty, partial = row["no tag left"], row["some tags missing"]
    facet = next(facet for facet in FACETS if facet.key == partial.idxmax())
    return (f"With {percent(share)} hidden, between {percent(empty.min())} and {percent(empty.max())} of the images of a facet have no tag "
            f"left there. Gaps beside other tags are most frequent in {facet.title().lower()}, with "
            f"{percent(partial.max())} of the images.")


def missing_tags_sentences(trials: Trials) -> dict[str, str]:
    """What the experiment says, by `KEYS`."""
    if not any(trials.values()):
        return dict.fromkeys(KEYS, _NOTHING)
    compared, lost = compare_losses(trials), compare_shares(trials)
    shares = sorted({share for _, share in trials})
    return {"cost": _cost(lost, shares), "losses": _losses(compared), "steady": _steady(lost, compared),
            "said": next(filter(None, (_said(split, trials, shares[-1]) for split in TEST_SPLITS)), _NOTHING)}


def _cost(lost: pd.DataFrame, shares: list[float]) -> str:
    rows = lost[lost["model"] == BASELINE]
    parts = [f"{signed_number(row.difference)} on the {SPLIT_TITLES[row.split].lower()} ({_verdict(row.p)})" for row in rows.itertuples()]
    return (f"As the share of hidden tags grows from {percent(shares[0])} to {percent(shares[-1])}, the mean R-precision of "
            f"{MODELS[BASELINE].title} changes by {' and by '.join(parts)}.")


def _losses(compared: pd.DataFrame) -> str:
    """Which differences from the baseline are clear, loss by loss."""
    clear = compared[compared["p"] < CLEAR]
    tested = int(compared["p"].notna().sum())
    if not tested:
        return "There are too few objects to tell the losses apart."
    if clear.empty:
        return f"In none of {tested} comparisons does another loss differ clearly from {MODELS[BASELINE].title}."
    parts = []
    for model, rows in clear.groupby("model", sort=False):
        better, worse = rows[rows["difference"] > 0], rows[rows["difference"] < 0]
        told = [f"clearly {word} in {_places(part)}" for word, part in (("better", better), ("worse", worse)) if len(part)]
        parts.append(f"{MODELS[model].title} is {' and '.join(told)}")
    rest = tested - len(clear)
    return (f"Compared with {MODELS[BASELINE].title} by R-precision, {'; '.join(parts)}. In the other {rest} of {tested} "
            "comparisons, there is no clear difference.")


def _places(rows: pd.DataFrame) -> str:
    """`materials (inner test, 25 % and 50 % hidden)`."""
    groups = rows.groupby(["facet", "split"], sort=False)["share"]
    return listed([f"{'the mean over the facets' if facet == MEAN else get_facet(facet).title().lower()} "
                  f"({SPLIT_TITLES[split].lower()}, {listed(map(percent, shares))} hidden)" for (facet, split), shares in groups])


def _steady(lost: pd.DataFrame, compared: pd.DataFrame) -> str:
    """What each loss loses, and that chance is in it."""
    parts = []
    for split, rows in lost.groupby("split", sort=False):
        order = rows.sort_values("difference")
        ends = [f"{signed_number(row.difference)} ({MODELS[row.model].title})" for row in (order.iloc[0], order.iloc[-1])]
        parts.append(f"on the {SPLIT_TITLES[split].lower()} from {' to '.join(ends)}")
    largest = compared[compared["facet"] == MEAN]["difference"].abs().max()
    return (f"Over the losses, these changes range {listed(parts)}. At the same share hidden, no loss has a mean that differs from that of "
            f"{MODELS[BASELINE].title} by more than {largest:.3f}.")


def _said(split: str, trials: Trials, share: float) -> str:
    """How often the models say yes to a tag on record, and how often a yes is on record, with the most hidden."""
    said, right = ({model: estimate for (model, hidden), estimate in estimate_hidden(trials, metric).get(split, {}).items()
                    if hidden == share} for metric in (SAID, RIGHT))
    if BASELINE not in said or len(said) < 2:
        return ""
    numbers = listed(f"{percent(estimate.value)} ({MODELS[model].title})" for model, estimate in said.items())
    apart = [MODELS[model].title for model, estimate in said.items() if _apart(said[BASELINE], estimate)]
    verdict = (f"the intervals of {listed(apart)} do not overlap" if len(apart) > 1 else f"the interval of {apart[0]} does not overlap" if apart
               else "every interval overlaps")
    told = (f"On the {SPLIT_TITLES[split].lower()}, with {percent(share)} hidden, the models say yes to {numbers} of the tags on record; "
            f"{verdict} that of {MODELS[BASELINE].title}.")
    if right:
        shares = listed(f"{percent(estimate.value)} ({MODELS[model].title})" for model, estimate in right.items())
        told += f" Of the tags that get a yes, {shares} are on record."
    return told


def _apart(first: Estimate, second: Estimate) -> bool:
    """Whether two intervals over objects do not overlap."""
    if not first.objects or not second.objects:
        return False
    return first.objects[1] < second.objects[0] or second.objects[1] < first.objects[0]


def _verdict(p: float) -> str:
    if math.isnan(p):
        return "too few objects for a test"
    return f"p {'< 0.01' if p < 0.01 else f'= {p:.2f}'}, {'a clear change' if p < CLEAR else 'no clear change'}"
