"""What the chapter on real photographs shows: kept results of two data sets beside each other, as tables and in sentences.

It reads `results/DATA/` alone, neither images nor scores: the first data set is of photographs, the second is drawn.
"""

import math
from collections.abc import Sequence

import pandas as pd

from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import FEW_IMAGES, change, signed_number, thousands
from ..core.text import listed
from ..data.records import SPLIT_TITLES, SPLITS
from ..results import next_museum
from ..results.estimates import Estimate, difference, find_estimate
from ..results.files import read_results
from ..results.frames import tests_frame
from ..results.paper import MEAN, METRICS, TEST_SPLITS, Column
from ..results.steps import REFERENCE, STEPS, Difference, read_steps
from ..results.swapped import MAYBE

PHOTOGRAPHS, DRAWINGS = "photographs", "drawings"
"""What the two data sets are called in tables."""

MODELS_SHOWN = ("frequency", REFERENCE, "softmax", "hsoftmax_nodes", "clip_prompt", "neighbours", "ml_neighbours")
"""The order of frequency, the paper's four kinds of models, and the votes of the nearest photographs."""

_NO_PICTURE = ("frequency", "frequency_provider")  # they have no place among models that look


def sizes_frame(data: str, beside: str) -> pd.DataFrame:
    """One row per split: the images of both data sets, as `REFERENCE`, or else the first run, was trained and tested on them."""
    columns = {}
    for title, name in ((PHOTOGRAPHS, data), (DRAWINGS, beside)):
        results = read_results(name)
        run = results.get(REFERENCE) or next(iter(results.values()), None)
        columns[title] = {SPLIT_TITLES[split]: thousands(run.run.images[split]) if run and split in run.run.images else "–" for split in SPLITS}
    return pd.DataFrame(columns).rename_axis("split")


def facet_sizes_frame(data: str, beside: str, language: str = "en") -> pd.DataFrame:
    """One row per facet: how many tags are ranked, and the images of the two tests that have any, of both data sets."""
    columns = {}
    for title, name in ((PHOTOGRAPHS, data), (DRAWINGS, beside)):
        result = read_results(name).get(REFERENCE)
        rows = {(row.split, row.facet): row for row in result.rows} if result else {}
        for head, split, field in (("tags", "test_id", "tags"), ("inner", "test_id", "images"), ("outer", "test_ood", "images")):
            columns[title, head] = [getattr(rows[split, facet], field) if (split, facet) in rows else "–" for facet in FACET_NAMES]
    return pd.DataFrame(columns, [get_facet(facet).title(language) for facet in FACET_NAMES]).rename_axis("facet")


def means_frame(data: str, beside: str, models: Sequence[str] = MODELS_SHOWN) -> pd.DataFrame:
    """One row per model that either data set has: mean R-precision over the facets, by data set and test."""
    columns = {}
    for title, name in ((PHOTOGRAPHS, data), (DRAWINGS, beside)):
        found = tests_frame(name, models)
        for test in TEST_SPLITS.values():
            values = found[test, MEAN] if (test, MEAN) in found else pd.Series(math.nan, found.index)
            columns[title, test.lower()] = values.map(_number)
    return pd.DataFrame(columns).rename_axis("model")


def facets_frame(data: str, beside: str, split: str, models: Sequence[str] = MODELS_SHOWN, language: str = "en") -> pd.DataFrame:
    """Two rows per model, of the photographs and of the drawings: its R-precision in each facet of one test."""
    rows, test = {}, TEST_SPLITS[split]
    found = {title: tests_frame(name, models) for title, name in ((PHOTOGRAPHS, data), (DRAWINGS, beside))}
    for model in models:
        for title, frame in found.items():
            rows[model, title] = [_number(frame.loc[model].get((test, get_facet(facet).key), math.nan)) for facet in FACET_NAMES]
    index = pd.MultiIndex.from_tuples(rows, names=["model", "on"])
    return pd.DataFrame(list(rows.values()), index, [get_facet(facet).title(language) for facet in FACET_NAMES])


Gains = dict[str, dict[str, Difference]]
"""By step and split, the difference in mean R-precision to `REFERENCE` on the same images."""


def read_gains(data: str, names: Sequence[str] = STEPS) -> Gains:
    """The gains of the steps that were run on a data set; it draws their intervals, which takes seconds."""
    return {step.name: {split: step.differences[split, MEAN] for split in TEST_SPLITS if (split, MEAN) in step.differences}
            for step in read_steps(data, names) if step.name != REFERENCE}


def gains_frame(gains: Gains, beside: Gains) -> pd.DataFrame:
    """One row per step that either data set has: its gains by data set and test; ≈ marks what may be chance."""
    steps = [step for step in STEPS if step in gains or step in beside]
    return pd.DataFrame({(title, test.lower()): {step: _signed(found.get(step, {}).get(split)) for step in steps}
                         for title, found in ((PHOTOGRAPHS, gains), (DRAWINGS, beside)) for split, test in TEST_SPLITS.items()}
                        ).rename_axis("step")


def museums_frame(data: str, facet: str, models: Sequence[str] = (REFERENCE, "multi_label_adapted", "neighbours", "ml_neighbours")) -> pd.DataFrame:
    """One row per museum that was left out of training, the easiest first: its images and each model's R-precision there."""
    found = _left_out(data)
    frame = next_museum.next_museum_frame({model: found[model] for model in models if model in found}, facet, METRICS[0])
    return frame.rename_axis("museum left out").drop(columns="annotations outside", errors="ignore").map(lambda cell: cell.partition(" ")[0] if isinstance(cell, str) else cell)


def tell_few(data: str, beside: str) -> str:
    """Which columns of `facets_frame` are over fewer than `FEW_IMAGES` images, in words."""
    few, measured = [], False
    for title, name in ((PHOTOGRAPHS, data), (DRAWINGS, beside)):
        result = read_results(name).get(REFERENCE)
        measured = measured or result is not None
        few += [f"{row.images} images of the {title} in {get_facet(row.facet).title().lower()}, {SPLIT_TITLES[row.split].lower()}"
                for row in (result.rows if result else ()) if row.split in TEST_SPLITS and 0 < row.images < FEW_IMAGES]
    if not measured:
        return f"`{REFERENCE}` was not measured on either."
    if not few:
        return f"Each number here is over at least {FEW_IMAGES} images."
    return f"Fewer than {FEW_IMAGES} images are behind these numbers, and one image moves them visibly: {'; '.join(few)}."


def tell_gap(data: str, model: str = REFERENCE) -> str:
    """How a model's mean changes from the inner to the outer test, in words, and whether chance could have made the change."""
    results = read_results(data)
    inner, outer = (find_estimate(results, model, Column(split, MEAN, METRICS[0])) for split in TEST_SPLITS)
    if not (inner and outer):
        return f"`{model}` was not measured on both tests"
    moved = change(inner.value, outer.value, 3)
    return f"the mean R-precision of `{model}` {moved}{'' if moved.startswith('stays') else _doubt(difference(outer, inner))}"


def tell_order(data: str, beside: str) -> str:
    """How far two data sets put the models that look at pictures in the same order, in words."""
    means = {test.lower(): pd.DataFrame({name: _means(name, split) for name in (data, beside)}).dropna() for split, test in TEST_SPLITS.items()}
    models = min(map(len, means.values()))
    if models < 3:
        return "Too few models were measured on both to compare their order."
    numbers = " and ".join(f"{found[data].rank().corr(found[beside].rank()):+.2f} on the {test} test" for test, found in means.items())
    return f"Both have results of {models} models that look at pictures. The rank correlation of their means is {numbers.replace('-', '−')}."


def tell_gains(gains: Gains, beside: Gains, split: str = "test_ood") -> str:
    """Which steps clearly help or harm on both data sets, which on one alone, and which turn round, in words."""
    first, second = ({step: _side(of[split]) for step, of in found.items() if split in of} for found in (gains, beside))
    both = [step for step in first if step in second]
    if not both:
        return "No step was measured on both."
    groups = {
        "is clearly better on both": [step for step in both if first[step] > 0 and second[step] > 0],
        f"is clearly better on the {PHOTOGRAPHS} alone": [step for step in both if first[step] > 0 == second[step]],
        f"is clearly better on the {DRAWINGS} alone": [step for step in both if second[step] > 0 == first[step]],
        f"is clearly better on the {PHOTOGRAPHS} and clearly worse on the {DRAWINGS}": [step for step in both if second[step] < 0 < first[step]],
        f"is clearly worse on the {PHOTOGRAPHS} and clearly better on the {DRAWINGS}": [step for step in both if first[step] < 0 < second[step]],
        f"is clearly worse on the {PHOTOGRAPHS} alone": [step for step in both if first[step] < 0 == second[step]],
        f"is clearly worse on the {DRAWINGS} alone": [step for step in both if second[step] < 0 == first[step]],
        "is clearly worse on both": [step for step in both if first[step] < 0 and second[step] < 0],
        "has no clear difference on either": [step for step in both if first[step] == second[step] == 0]}
    told = [f"{_listed(steps)} {what if len(steps) == 1 else what.replace('is ', 'are ', 1).replace('has ', 'have ', 1)}" for what, steps in groups.items() if steps]
    return f"Compared with `{REFERENCE}` on the {TEST_SPLITS[split].lower()} test, {'; '.join(told)}."


def tell_museums(data: str, facet: str, model: str = REFERENCE) -> str:
    """How a model does on each museum when it was left out of training, in words."""
    result = _left_out(data).get(model)
    spread = next_museum.find_spread(result, facet, METRICS[0]) if result else None
    if spread is None:
        return f"`{model}` was not trained without each museum in turn."
    names = list(spread.providers)
    ends = " to ".join(f"{spread.providers[name].value:.2f} ({name})" for name in (names[-1], names[0]))
    low, high = spread.range
    wide = " A mean over so wide a range describes no single museum." if high - low > 0.2 else ""
    return f"With each of {len(names)} museums left out once, the R-precision of `{model}` in {get_facet(facet).title().lower()} ranges from {ends}.{wide}"


def left_out_facet(data: str) -> str:
    """The facet that most images of the left-out museums have; the first facet where none was left out."""
    found = _left_out(data)
    return next_museum.main_facet(found) if found else FACET_NAMES[0]


def _left_out(data: str) -> dict[str, next_museum.NextMuseum]:
    """The kept numbers of left-out museums, `REFERENCE` first; those that were measured on other images than it are not there."""
    first = next_museum.read_next_museum(data, REFERENCE)
    return {REFERENCE: first} | next_museum.read_earlier(data, {REFERENCE: first}) if first else {}


def _means(data: str, split: str) -> dict[str, float]:
    results = read_results(data)
    found = {model: find_estimate(results, model, Column(split, MEAN, METRICS[0])) for model in results if model not in _NO_PICTURE}
    return {model: estimate.value for model, estimate in found.items() if estimate}


def _doubt(apart: Estimate) -> str:
    """What the interval of a difference leaves open."""
    if apart.objects is None:
        return ", of which no interval is known"
    return ", which may be chance" if apart.objects[0] <= 0 <= apart.objects[1] else ", which is more than chance"


def _side(gain: Difference) -> int:
    """1 for a clear gain, -1 for a clear loss, 0 for what may be chance."""
    return (1 if gain.value > 0 else -1) if gain.clear else 0


def _listed(names: Sequence[str]) -> str:
    return listed(f"`{name}`" for name in names)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _signed(gain: Difference | None) -> str:
    return "–" if gain is None else f"{'' if gain.clear else MAYBE}{signed_number(gain.value)}"
