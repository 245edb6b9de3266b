"""Tables 1 to 3 of the paper, printed value and this run side by side, and further ones of metrics beside the paper's.

One row per method of the paper, whether it was run or not; under them the frequency baseline and the other models
of this library that were run on the data, then the entries of others. A further table has a row for each run with a
number. A table shows itself in a notebook, and is written as csv and LaTeX. It knows results only from
`results/DATA/*.json`.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..collection.sources import FETCHED, LAPTOP
from ..core.errors import unknown
from ..core.facets import FACETS
from ..core.numbers import FEW_IMAGES, thousands
from ..data.dataset import LABELS_SUFFIX
from ..data.paper_counts import IMAGES, TEST_SHARE
from ..data.records import SPLIT_TITLES
from ..models.registry import MODELS
from .apart import not_told_from_best
from .estimates import Bounds, Estimate, find_estimate
from .files import RunResult, data_name, read_results
from .paired import UnitNumbers, read_unit_numbers
from .paper import (
    FURTHER_TABLES,
    MEAN,
    METHODS,
    METRICS,
    TABLES,
    TEST_SPLITS,
    Cell,
    Column,
    Metric,
    best_and_second,
    columns,
)
from .toy import toy_note

NUMBERS = (*TABLES, *FURTHER_TABLES)
"""The tables."""

FREQUENCY = "frequency"
"""The baseline that every table of the paper gets: tags in the order of their training frequency."""

GROUPS = ("In the paper", "Beyond the paper", "By others")
"""The groups of rows, top to bottom: the paper's methods, this library's other models, and entries that it did not train."""


@dataclass(frozen=True)
class Row:
    """A method: its title, its model, its group, whether it was run, and in column order its cells and their intervals.

    In this run's cells the best number of a column is bold, and underlined are those that cannot be told from it.
    The note says what a reader must know beside the title, see `toy.toy_note`.
    """

    title: str
    model: str
    group: str
    ran: bool
    printed: tuple[Cell, ...]
    ours: tuple[Cell, ...]
    estimates: tuple[Estimate | None, ...]
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table with the runs on one data set, its rows by group; a notebook shows it as HTML, with facets called in the language.

    Attributes:
        notes: what stands below it: how marks are to be read, sizes of splits and vocabularies, warnings.
        images: evaluated test images of each column; of a mean those of the facet that has fewest, 0 without a run.
    """

    number: int
    data: str
    caption: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    images: tuple[int, ...]
    language: str = "en"

    def few(self, index: int) -> bool:
        """Whether a column is over so few images that it is shown in grey. A mean over the facets is not; a note says which it holds."""
        return self.columns[index].facet != MEAN and 0 < self.images[index] < FEW_IMAGES


def table(data: str, number: int, language: str = "en", marked: bool = True) -> Table:
    """Table 1 (inner test set), 2 (outer), 3 (means over the facets) or one of `FURTHER_TABLES` with all runs on `data`.

    Args:
        marked: whether this run's best numbers, and those that cannot be told from them, are marked; the tests take a second.
    """
    if number not in NUMBERS:
        raise unknown("table", number, map(str, NUMBERS))
    data = data_name(data)
    results = read_results(data)
    units = read_unit_numbers(results, "objects") if marked and number in TABLES else {}
    places = columns(number)
    models = _models(number, results)
    estimates = {model: tuple(find_estimate(results, model, place) for place in places) for model in models}
    if number not in TABLES:
        models = {model: title for model, title in models.items() if any(estimates[model])}
    ours = {model: [] for model in models}
    for index, place in enumerate(places):
        found = {model: estimates[model][index] for model in models}
        texts = {model: _text(estimate, place.metric) for model, estimate in found.items()}
        best, close = _marks(place, found, texts, units) if marked else (set(), set())
        for model, text in texts.items():
            ours[model].append(Cell(text, bold=model in best, underlined=model in close))
    rows = tuple(Row(title, model, _group(model), model in results,
                     printed=tuple(TABLES.get(number, {}).get((model, place), Cell(None)) for place in places),
                     ours=tuple(ours[model]), estimates=estimates[model], note=toy_note(results, model))
                 for model, title in models.items())
    images = tuple(_images(results, place) for place in places)
    return Table(number, data, _caption(number, data, results), tuple(_notes(number, data, results, places, rows)), places, rows,
                 images, language)


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


def is_papers(data: str, split: str) -> bool:
    """Whether the paper's numbers on this test set are of the same images, so that a difference from them says something.

    Args:
        data: the data set's name. Of the laptop's part only the inner test set is the paper's.
    """
    name = data.removesuffix(LABELS_SUFFIX)
    return name in FETCHED and (name != LAPTOP or split == next(iter(TEST_SPLITS)))


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


def _marks(place: Column, found: Mapping[str, Estimate | None], texts: Mapping[str, str | None],
           units: Mapping[str, UnitNumbers]) -> tuple[set[str], set[str]]:
    """The models with the best number of a column as shown, and those that cannot be told from it; none where all are equal."""
    best, _ = best_and_second(texts, place.metric.higher_is_better)
    known = {model: estimate for model, estimate in found.items() if estimate}
    return best, not_told_from_best(place, known, units) - best if best else set()


def _images(results: Mapping[str, RunResult], place: Column) -> int:
    counts = {}
    for result in results.values():
        for row in result.rows:
            if row.split == place.split and place.facet in (row.facet, MEAN):
                counts[row.facet] = max(counts.get(row.facet, 0), row.images)
    return min(filter(None, counts.values()), default=0)


def _caption(number: int, data: str, results: Mapping[str, RunResult]) -> str:
    if number in TABLES:
        what = {1: "Inner test set", 2: "Outer test set", 3: "Means over the facets"}[number]
        caption = f"{what}: runs on {data} and, in small print, the paper's values, which are on EUFCC-340K."
    else:
        caption = f"{FURTHER_TABLES[number][0]}, means over the facets: runs on {data}."
    return caption if results else f"{caption} Nothing was run on {data} yet."


def _notes(number: int, data: str, results: Mapping[str, RunResult], places: Sequence[Column], rows: Sequence[Row]) -> Iterator[str]:
    """What stands below a table, sentence by sentence."""
    if results:
        test = "tested in pairs on the same objects" if number in TABLES else "the interval of their difference holds 0"
        yield f"Bold: best of this run. Underlined: cannot be told from the best ({test}, 95 %)."
    if number in TABLES:
        yield "Small print: bold and underlined as the paper prints it."
    if not results:
        return
    sizes = {(split, count) for result in results.values() for split, count in result.run.images.items()}
    images = max((result.run.images for result in results.values()), key=lambda sizes: sum(sizes.values()))
    yield f"Images: {', '.join(f'{SPLIT_TITLES.get(split, split)} {count:,}' for split, count in images.items())}."
    tags = {row.facet: row.tags for result in results.values() for row in result.rows}
    yield f"Tags ranked: {', '.join(f'{facet.key} {tags[facet.name]}' for facet in FACETS if facet.name in tags)}."
    if few := _few(results, {place.split for place in places}):
        yield (f"Fewer than {FEW_IMAGES} test images: {few}. "
               + ("These columns are grey." if number < 3 else "The means hold these facets too."))
    if any(row.note and row.ran for row in rows):
        yield "Toy: the text side of this CLIP began from random weights and has read nothing but the tags of this data set."
    if data.removesuffix(LABELS_SUFFIX) == LAPTOP:
        yield _difference(number, images.get("train", 0)).strip()
    if len(sizes) > len(dict(sizes)):
        yield "Careful: some runs left out images that they could not read, so their rows do not quite compare."


def _few(results: Mapping[str, RunResult], splits: Collection[str]) -> str:
    """The facets with few test images, `S 23 (outer)`."""
    counts = [(facet.key, _images(results, Column(split, facet.name, METRICS[0])), title.lower())
              for split, title in TEST_SPLITS.items() if split in splits for facet in FACETS]
    return ", ".join(f"{key} {count} ({title})" for key, count, title in counts if 0 < count < FEW_IMAGES)


def _difference(number: int, images: int) -> str:
    """How the training and the outer test of the laptop's part differ from the paper's."""
    text = (f" Trained on {images:,} images, chosen so that rare tags keep theirs; the paper's models were trained on about "
            f"{thousands(round(IMAGES * (1 - 2 * TEST_SHARE), -3))}.")
    inner = " The inner test set is the paper's."
    outer = " The outer test set is a part of the paper's, chosen in the same way, so its numbers do not compare with the paper's."
    return text + inner * (number != 2) + outer * (number != 1)
