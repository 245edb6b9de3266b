"""Sentences of the chapters on models that compare: what they say, and in which direction, comes from the numbers."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import percent, signed_number
from ..core.text import listed
from ..data.records import SPLIT_TITLES
from ..data.taxonomy import Vocabulary
from ..results.estimates import Estimate
from ..results.files import RunResult
from ..results.toy import toy_note

MANY_IMAGES = 100
"""Of a column in which a choice is compared with the seed; with fewer, one image weighs too much."""

CLEAR = 2.0
"""How many times the range of the seed a choice has to reach to be called clear."""

_MARK = "\u00a0*"


def describe_ensembles(compared: pd.DataFrame) -> str:
    """Whether ensembles are better than their best member, test set by test set.

    Args:
        compared: from `results.together.compare_with_best_member`.
    """
    if not len(compared):
        return "On these data no ensemble was run together with its members, so there is nothing to compare."
    return " ".join(_on_one_test(SPLIT_TITLES[split].lower(), rows) for split, rows in compared.groupby("split", sort=False))


def _on_one_test(title: str, rows: pd.DataFrame) -> str:
    known = rows[rows["low"].notna()]
    if not len(known):
        return f"On the {title}, there are too few objects to tell an ensemble from its best member."
    groups = (("clearly better than", known["low"] > 0), ("clearly worse than", known["high"] < 0),
              ("not clearly different from", (known["low"] <= 0) & (known["high"] >= 0)))
    parts = []
    for verdict, chosen in groups:
        names = [f"`{row.ensemble}` ({signed_number(row.difference)})" for row in known[chosen].itertuples()]
        if names:
            parts.append(f"{listed(names)} {'is' if len(names) == 1 else 'are'} {verdict} {'its' if len(names) == 1 else 'their'} best member")
    return f"On the {title}, {'; '.join(parts)}."


def describe_agreement(model: str, other: str, agreement: pd.DataFrame, gain: Estimate) -> str:
    """Whether the first tag of `model` is safer where `other` ranks the same tag first.

    Args:
        agreement: from `results.per_tag.judge_agreement`.
        gain: from `results.together.measure_agreement`.
    """
    if math.isnan(gain.value):
        return f"With `{other}` there is no comparison: `{model}` and `{other}` agree on all of these images or on none."
    same, two = (agreement.loc[row, model] for row in ("the same tag", "two tags"))
    said = (f"Where `{other}` agrees, the first tag of `{model}` is on record in {percent(same, 1)} of the images; where it does not, "
            f"in {percent(two, 1)}. The difference is {_points(gain.value)} percentage points")
    if gain.objects is None:
        return f"{said}; there are too few objects for an interval."
    low, high = gain.objects
    verdict = ("agreement is a sign of a right answer" if low > 0 else "agreement is a sign of a wrong answer" if high < 0
               else "agreement is no clear sign of a right answer")
    return f"{said} (95 % interval {_points(low)} to {_points(high)}): {verdict}."


def describe_travel(by_test: pd.DataFrame, model: str, other: str) -> str:
    """Which of two models loses less from the inner to the outer test, and which is better there.

    Args:
        by_test: from `results.per_tag.measure_tests`.
    """
    if not {"Inner", "Outer"} <= set(by_test) or by_test.loc[[model, other], ["Inner", "Outer"]].isna().any(axis=None):
        return "These data do not have both test sets, so the question stays open here."
    inner, outer = by_test["Inner"], by_test["Outer"]
    change, share = outer - inner, outer / inner
    less = model if change[model] > change[other] else other
    more = other if less == model else model
    better = model if outer[model] > outer[other] else other
    worse = other if better == model else model
    said = (f"From the inner to the outer test, the R-precision changes by {signed_number(change[model])} for `{model}` and by "
            f"{signed_number(change[other])} for `{other}`. ")
    if f"{change[model]:.3f}" == f"{change[other]:.3f}":
        said += "The two lose equally much. "
    else:
        said += f"In absolute terms `{less}` fares better; "
        keeps = share[less] > share[more]
        said += (f"as a share of its inner number it {'also keeps more' if keeps else 'keeps less'}, {percent(share[less])} against "
                 f"{percent(share[more])}. ")
    return said + f"On the outer test itself `{better}` is ahead, {outer[better]:.2f} against {outer[worse]:.2f}."


def mark_toy(frame: pd.DataFrame, results: Mapping[str, RunResult]) -> pd.DataFrame:
    """The frame with an asterisk at each row of a CLIP whose text side began untrained."""
    return frame.rename(index=lambda name: f"{name}{_MARK}" if toy_note(results, name) else name)


def describe_toy(results: Mapping[str, RunResult], models: Iterable[str]) -> str:
    """What the asterisk of `mark_toy` means; empty where no row has one."""
    if not any(toy_note(results, model) for model in models):
        return ""
    return (r"\* Toy: the text side of this CLIP began from random weights and has read nothing but the tags of this data set. "
            "Its numbers say nothing about CLIP as trained on the web.")


def describe_lone_tags(vocabulary: Vocabulary, language: str = "en") -> str:
    """The tags that are alone on a level of their facet's tree, and so have share 1 there for every image."""
    found = []
    for facet, tree in vocabulary.taxonomies.items():
        levels = np.bincount(tree.depth) if len(tree) > 1 else []
        found += [f"*{tree.names[int(np.flatnonzero(tree.depth == level)[0])]}* on level {level + 1} of the {get_facet(facet).title(language).lower()}"
                  for level, tags in enumerate(levels) if tags == 1]
    if not found:
        return "In this vocabulary no tag is alone on its level."
    return (f"In this vocabulary, {listed(found)} {'is' if len(found) == 1 else 'are'} alone: ranked by shares within the level, "
            f"{'it comes' if len(found) == 1 else 'they come'} first for every image, whatever it shows.")


def describe_ranges(ranges: pd.DataFrame) -> str:
    """Which choices clearly change the R-precision more than the seed does, as a list in Markdown.

    Args:
        ranges: from `training.ablations.compare_ranges`; its first row is the range of the seed alone.
    """
    images = ranges.columns.get_level_values("images").to_numpy(np.int64)
    large = ranges.loc[:, images >= MANY_IMAGES].dropna(axis=1, how="all")
    if not len(large.columns):
        return f"No column has {MANY_IMAGES} images or more, so no choice can be compared with the seed."
    seed, groups = large.iloc[0], {"clear": [], "more": [], "within": []}
    for name in ranges.index[1:]:
        row = large.loc[name]
        if row.isna().all():
            continue
        times = (row / seed.where(seed > 0)).fillna(np.inf).where(row > 0, 0.0)
        place = times.idxmax()
        said = f"{name} ({row[place]:.3f} where the seed alone makes {seed[place]:.3f}: {_place(place)})"
        groups["clear" if times[place] > CLEAR else "more" if times[place] > 1 else "within"].append((float(times[place]), name, said))
    told = {group: [part[1 if group == "within" else 2] for part in sorted(parts, key=lambda part: -part[0])] for group, parts in groups.items()}
    lines = [f"**more than {CLEAR:g} times the range of the seed**, in at least one column: {_list(told['clear'])}.",
             f"**more than the seed, but at most {CLEAR:g} times**: {_list(told['more'])}.",
             f"**no more than the seed in any column**: {_list(told['within'])}."]
    return f"In the columns of at least {MANY_IMAGES} images, the choices change the R-precision by\n\n" + "\n".join(f"- {line}" for line in lines)


def _list(parts: Sequence[str]) -> str:
    return "; ".join(parts) or "none"


def _place(column: tuple) -> str:
    """`object types, inner test`."""
    test, key = column[0], column[1]
    facet = next(get_facet(name) for name in FACET_NAMES if get_facet(name).key == key)
    return f"{facet.title().lower()}, {test.lower()}"


def _points(share: float) -> str:
    """A difference of two shares in percentage points."""
    points = round(100 * share, 1)
    return f"{points:+.1f}".replace("-", "−") if points else "0"
