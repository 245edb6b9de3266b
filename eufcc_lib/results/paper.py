"""What the paper prints in Tables 1 to 3, cell by cell.

`paper_table_N.csv` has everything as printed, also where it contradicts itself: `*0.82` is bold, `_4.8`
underlined, `-` a cell that the paper leaves open. Contradictions are computed (`table_3_differences`,
`emphasis_differences`), so that a reader can check them; what the text says about the tables is in `claims`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..core.facets import FACET_NAMES
from ..models.registry import MODELS


@dataclass(frozen=True)
class Metric:
    """A metric of the tables: its key in a result row, its titles, and how it is printed."""

    name: str
    title: str
    short_title: str
    decimals: int
    higher_is_better: bool


METRICS = (
    Metric("r_precision", "R-precision", "R-Prec", 2, True),
    Metric("acc_at_1", "Acc@1", "Acc@1", 2, True),
    Metric("acc_at_10", "Acc@10", "Acc@10", 2, True),
    Metric("avg_rank_position", "AvgRankPos", "AvgRP", 1, False),
)

TAIL_METRICS = (
    Metric("macro_average_precision", "Average precision of tags", "AP", 2, True),
    Metric("head_average_precision", "Average precision of head tags", "AP head", 2, True),
    Metric("medium_average_precision", "Average precision of medium tags", "AP medium", 2, True),
    Metric("tail_average_precision", "Average precision of tail tags", "AP tail", 2, True),
    Metric("macro_r_precision", "R-precision of tags", "R-Prec", 2, True),
    Metric("head_r_precision", "R-precision of head tags", "R-Prec head", 2, True),
    Metric("medium_r_precision", "R-precision of medium tags", "R-Prec medium", 2, True),
    Metric("tail_r_precision", "R-precision of tail tags", "R-Prec tail", 2, True),
    Metric("propensity_r_precision", "Propensity-scored R-precision", "PS-R-Prec", 2, True),
)

TREE_METRICS = (
    Metric("hierarchical_precision", "Hierarchical precision", "hP", 2, True),
    Metric("hierarchical_recall", "Hierarchical recall", "hR", 2, True),
    Metric("hierarchical_f1", "Hierarchical F1", "hF1", 2, True),
    Metric("hierarchical_average_precision", "Hierarchical average precision", "hAP", 2, True),
    Metric("incoherence", "Incoherence", "Incoherence", 2, False),
    Metric("depth_at_95", "Depth at 95 % right", "Depth", 2, True),
)
TRUST_METRICS = (
    Metric("calibration_error", "Calibration error", "CalErr", 3, False),
    Metric("precision_at_half", "Precision at 0.5", "Prec@0.5", 2, True),
    Metric("recall_at_half", "Recall at 0.5", "Rec@0.5", 2, True),
)

FURTHER_TABLES = {4: ("The tail", TAIL_METRICS), 5: ("The tree", TREE_METRICS), 6: ("Trust", TRUST_METRICS)}
"""Tables beside the paper's: their titles and metrics, on both test sets as means over the facets. The paper prints none."""

TEST_SPLITS = {"test_id": "Inner", "test_ood": "Outer"}
"""The two test sets and what the paper calls them: Table 1 is on the first, Table 2 on the second."""

MEAN = "mean"
"""In place of a facet: the mean over all facets, as Table 3 has it."""


TRAINING_HOURS = {"vision": (12.0, 12.0), "clip": (72.0, 168.0)}
"""Hours of one training, shortest and longest, on `TRAINING_DEVICE` (section 5.2, both paragraphs "models")."""

TRAINING_DEVICE = "four NVIDIA A40"


@dataclass(frozen=True)
class Cell:
    """A printed cell: its text (None where the paper prints a dash) and its emphasis."""

    text: str | None
    bold: bool = False
    underlined: bool = False

    @property
    def value(self) -> float | None:
        """The printed number."""
        return None if self.text is None else float(self.text)

    @property
    def emphasis(self) -> str:
        """`bold`, `underlined` or `plain`."""
        return "bold" if self.bold else "underlined" if self.underlined else "plain"


@dataclass(frozen=True)
class Column:
    """A column of a table: split, facet (or `MEAN`) and metric."""

    split: str
    facet: str
    metric: Metric


def columns(number: int) -> tuple[Column, ...]:
    """The columns of a table, left to right."""
    if number >= 3:
        _, metrics = FURTHER_TABLES.get(number, ("", METRICS))
        return tuple(Column(split, MEAN, metric) for split in TEST_SPLITS for metric in metrics)
    split = list(TEST_SPLITS)[number - 1]
    return tuple(Column(split, facet, metric) for metric in METRICS for facet in FACET_NAMES)


def _read_table(number: int) -> dict[tuple[str, Column], Cell]:
    models = {model.title: model.name for model in MODELS.values()}
    with open(Path(__file__).with_name(f"paper_table_{number}.csv"), encoding="utf-8", newline="") as file:
        _, *lines = csv.reader(file)
    return {(models[title], column): Cell(None if text == "-" else text.lstrip("*_"), text[0] == "*", text[0] == "_")
            for title, *texts in lines for column, text in zip(columns(number), texts, strict=True)}


TABLES: Mapping[int, Mapping[tuple[str, Column], Cell]] = {number: _read_table(number) for number in (1, 2, 3)}
"""The printed cells of each table, by model and column."""

METHODS = tuple(MODELS[name] for name in dict.fromkeys(name for name, _ in TABLES[1]))
"""The models that the paper compares, in the order of its tables."""

_BY_NAME = {(model, column.split, column.facet, column.metric.name): cell
            for cells in TABLES.values() for (model, column), cell in cells.items()}


def printed(model: str, split: str, facet: str, metric: str) -> Cell:
    """One printed cell; an empty one for anything that the paper does not print."""
    return _BY_NAME.get((model, split, facet, metric), Cell(None))


def best_and_second(texts: Mapping[str, str | None], higher_is_better: bool) -> tuple[set[str], set[str]]:
    """Which rows of a column are best and which second, as printed; equal texts share the place.

    Where all rows print the same nobody is best.
    """
    values = {row: Decimal(text) for row, text in texts.items() if text is not None}
    places = sorted(set(values.values()), reverse=higher_is_better)
    if len(places) < 2:
        return set(), set()
    return ({row for row, value in values.items() if value == places[0]},
            {row for row, value in values.items() if value == places[1]})


@dataclass(frozen=True)
class Difference:
    """A printed cell that other printed cells contradict."""

    model: str
    column: Column
    printed: str
    expected: str


def table_3_differences(unrounded: bool = False) -> list[Difference]:
    """Cells of Table 3 that are not the mean of the same row's printed cells in Table 1 or 2.

    An exact half may have been rounded either way.

    Args:
        unrounded: allow for Table 3 having been made from numbers before they were rounded, and
            list only the cells that not even this explains.
    """
    found = []
    for (model, column), cell in TABLES[3].items():
        parts = [Decimal(printed(model, column.split, facet, column.metric.name).text) for facet in FACET_NAMES]
        mean = sum(parts) / len(parts)
        half = Decimal(5).scaleb(-column.metric.decimals - 1)
        if abs(Decimal(cell.text) - mean) > half * (2 if unrounded else 1):
            found.append(Difference(model, column, cell.text, str(mean.quantize(Decimal(cell.text)))))
    return found


def emphasis_differences() -> list[Difference]:
    """Cells set in bold (or not) and underlined (or not) otherwise than the printed numbers call for.

    Table 1 underlines nothing, so there only bold is compared.
    """
    found = []
    for number, cells in TABLES.items():
        for column in columns(number):
            texts = {model: cell.text for (model, place), cell in cells.items() if place == column}
            best, second = best_and_second(texts, column.metric.higher_is_better)
            for model in texts:
                given = cells[model, column].emphasis
                expected = Cell("", model in best, model in second and number != 1).emphasis
                if given != expected:
                    found.append(Difference(model, column, given, expected))
    return found
