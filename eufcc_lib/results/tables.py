"""Tables 1 to 3 of the paper, printed value and this run side by side, and further ones of metrics beside the paper's.

One row per method of the paper, whether it was run or not; under them the frequency baseline and the other models
of this library that were run on the data, then the entries of others. A further table has a row for each run with a
number. A table shows itself in a notebook, and is written as csv and LaTeX. It knows results only from
`results/DATA/*.json`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..collection.sources import LAPTOP
from ..core.errors import unknown
from ..core.facets import FACETS
from ..core.numbers import thousands
from ..data.dataset import LABELS_SUFFIX
from ..data.paper_counts import IMAGES, TEST_SHARE
from ..data.records import SPLIT_TITLES
from ..models.registry import MODELS
from .estimates import Bounds, Estimate, find_estimate
from .files import RunResult, data_name, read_results
from .paper import FURTHER_TABLES, METHODS, TABLES, TEST_SPLITS, Cell, Column, Metric, best_and_second, columns

NUMBERS = (*TABLES, *FURTHER_TABLES)
"""The tables."""

FREQUENCY = "frequency"
"""The baseline that every table of the paper gets: tags in the order of their training frequency."""

GROUPS = ("In the paper", "Beyond the paper", "By others")
"""The groups of rows, top to bottom: the paper's methods, this library's other models, and entries that it did not train."""


@dataclass(frozen=True)
class Row:
    """A method: its title, its model, its group, whether it was run, and in column order its cells and their intervals."""

    title: str
    model: str
    group: str
    ran: bool
    printed: tuple[Cell, ...]
    ours: tuple[Cell, ...]
    estimates: tuple[Estimate | None, ...]


@dataclass(frozen=True)
class Table:
    """A table with the runs on one data set, its rows by group; a notebook shows it as HTML, with facets called in the language."""

    number: int
    data: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    language: str = "en"


def table(data: str, number: int, language: str = "en") -> Table:
    """Table 1 (inner test set), 2 (outer), 3 (means over the facets) or one of `FURTHER_TABLES` with all runs on `data`."""
    if number not in NUMBERS:
        raise unknown("table", number, map(str, NUMBERS))
    data = data_name(data)
    results = read_results(data)
    places = columns(number)
    models = _models(number, results)
    estimates = {model: tuple(find_estimate(results, model, place) for place in places) for model in models}
    if number not in TABLES:
        models = {model: title for model, title in models.items() if any(estimates[model])}
    ours = {model: [] for model in models}
    for index, place in enumerate(places):
        texts = {model: _text(estimates[model][index], place.metric) for model in models}
        best, second = best_and_second(texts, place.metric.higher_is_better)
        for model, text in texts.items():
            ours[model].append(Cell(text, bold=model in best, underlined=model in second))
    rows = tuple(Row(title, model, _group(model), model in results,
                     printed=tuple(TABLES.get(number, {}).get((model, place), Cell(None)) for place in places),
                     ours=tuple(ours[model]), estimates=estimates[model]) for model, title in models.items())
    return Table(number, data, _caption(number, data, results), places, rows, language)


def mean_values(data: str, models: Sequence[str]) -> dict[str, float]:
    """This run's means over the facets for prose, by `MODEL_METRIC_inner` and `MODEL_METRIC_outer`.

    With `_low` and `_high` after it, the ends of the number's 95 % interval over objects. NaN where there is none.
    """
    results = read_results(data)
    named = {}
    for place in (place for number in (3, *FURTHER_TABLES) for place in columns(number)):
        for model in models:
            name = f"{model}_{place.metric.name}_{TEST_SPLITS[place.split].lower()}"
            estimate = find_estimate(results, model, place) or Estimate(math.nan, None, None)
            named[name] = estimate.value
            named[f"{name}_low"], named[f"{name}_high"] = estimate.objects or (math.nan, math.nan)
    return named


def difference_text(ours: Cell, printed: Cell) -> str:
    """This run minus the paper, of the two numbers as they are shown, with its sign; empty where one is missing."""
    if None in (ours.text, printed.text):
        return ""
    difference = Decimal(ours.text) - Decimal(printed.text)
    return f"{difference:+}" if difference else f"{abs(difference)}"


def bounds_text(bounds: Bounds | None, metric: Metric) -> tuple[str, str]:
    """The two ends of an interval as the metric is printed; two empty texts where there is none."""
    low, high = (f"{bound:.{metric.decimals}f}" for bound in bounds) if bounds else ("", "")
    return low, high


def _models(number: int, results: Mapping[str, RunResult]) -> dict[str, str]:
    """Titles by model, top to bottom: the paper's methods, the other models in the registry's order, then entries by name."""
    papers = [method.name for method in METHODS]
    run = {FREQUENCY, *results} if number in TABLES else results
    in_table = [model for model in papers if number not in TABLES or any(name == model for name, _ in TABLES[number])]
    beyond = [model for model in MODELS if model in run and model not in papers]
    named = {model: result.entry.name for model, result in results.items() if result.entry}
    return {model: MODELS[model].title if model in MODELS else named.get(model, model)
            for model in [*in_table, *beyond, *(model for model in results if model not in MODELS)]}


def _group(model: str) -> str:
    return GROUPS[2 if model not in MODELS else model not in {method.name for method in METHODS}]


def _text(estimate: Estimate | None, metric: Metric) -> str | None:
    return None if estimate is None else f"{estimate.value:.{metric.decimals}f}"


def _caption(number: int, data: str, results: Mapping[str, RunResult]) -> str:
    if number in TABLES:
        what = {1: "Inner test set", 2: "Outer test set", 3: "Means over the facets"}[number]
        caption = f"{what}: runs on {data} and, in small print, the paper's values, which are on EUFCC-340K."
    else:
        caption = f"{FURTHER_TABLES[number][0]}, means over the facets: runs on {data}."
    caption += " Best in bold, second underlined."
    if not results:
        return f"{caption} Nothing was run on {data} yet."
    sizes = {(split, count) for result in results.values() for split, count in result.run.images.items()}
    images = max((result.run.images for result in results.values()), key=lambda sizes: sum(sizes.values()))
    listed = ", ".join(f"{SPLIT_TITLES.get(split, split)} {count:,}" for split, count in images.items())
    caption += f" Images: {listed}."
    tags = {row.facet: row.tags for result in results.values() for row in result.rows}
    listed = ", ".join(f"{facet.key} {tags[facet.name]}" for facet in FACETS if facet.name in tags)
    caption += f" Tags ranked: {listed}."
    if data.removesuffix(LABELS_SUFFIX) == LAPTOP:
        caption += _difference(number, images.get("train", 0))
    if len(sizes) > len(dict(sizes)):
        caption += " Careful: some runs left out images that they could not read, so their rows do not quite compare."
    return caption


def _difference(number: int, images: int) -> str:
    """How the training and the outer test of the laptop's part differ from the paper's."""
    text = (f" Trained on {images:,} images, chosen so that rare tags keep theirs; the paper's models were trained on about "
            f"{thousands(round(IMAGES * (1 - 2 * TEST_SHARE), -3))}.")
    inner = " The inner test set is the paper's."
    outer = " The outer test set is a part of the paper's, chosen in the same way, so its numbers do not compare with the paper's."
    return text + inner * (number != 2) + outer * (number != 1)
