"""What the paper prints: Tables 1 to 3 cell by cell, and the counts of its section 3.

Everything stands here as printed, also where it contradicts itself. What contradicts what is
computed (`table_3_differences`, `emphasis_differences`), so that a reader can check it; what the text
says about the tables is in `claims`.
In the tables below `*0.82` is bold, `_4.8` underlined and `-` a cell the paper leaves open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..core.facets import FACET_NAMES


@dataclass(frozen=True)
class Method:
    """A row of the tables: its title as printed, our model's name, and the paper's section."""

    title: str
    model: str
    section: str


METHODS = (
    Method("Multi-label", "multi_label", "4.1.1"),
    Method("Multi-label (M)", "multi_label_materials", "4.1.1"),
    Method("Softmax", "softmax", "4.1.2"),
    Method("Softmax (WCE)", "softmax_wce", "4.1.2"),
    Method("H-Softmax (levels)", "hsoftmax_levels", "4.1.3"),
    Method("H-Softmax (nodes)", "hsoftmax_nodes", "4.1.3"),
    Method("Ensemble: ML+S", "ml_s", "5.3"),
    Method("CLIP zero-shot", "clip_zero_shot", "4.2"),
    Method("CLIP 1 tag", "clip_one_tag", "4.2"),
    Method("CLIP all tags", "clip_all_tags", "4.2"),
    Method("CLIP 1 tag prompt", "clip_prompt", "4.2"),
    Method("Ens: ML+S+CLIP", "ml_s_clip", "5.3"),
)


@dataclass(frozen=True)
class Metric:
    """A metric of the tables: its key in a result row, its titles, and how it is printed."""

    name: str
    title: str
    short_title: str
    decimals: int
    higher_is_better: bool


METRICS = (
    Metric("r_precision", "R-Precision", "R-Prec", 2, True),
    Metric("acc_at_1", "Acc@1", "Acc@1", 2, True),
    Metric("acc_at_10", "Acc@10", "Acc@10", 2, True),
    Metric("avg_rank_position", "AvgRankPos", "AvgRP", 1, False),
)

TEST_SPLITS = {"test_id": "Inner", "test_ood": "Outer"}
"""The two test sets and what the paper calls them: Table 1 is on the first, Table 2 on the second."""

MEAN = "mean"
"""In place of a facet: the mean over all facets, as Table 3 has it."""

# Columns: R-Precision, Acc@1, Acc@10, AvgRankPos, and within each OT, M, C, S.
_INNER = """
Multi-label        | 0.60  0.72  0.88  0.82   0.78  0.83  0.88  0.83   0.97  0.98  0.99  1.00    11.8   4.4  1.4  1.4
Multi-label (M)    | -     0.72  -     -      -     0.83  -     -      -     0.97  -     -      -       5.3  -    -
Softmax            | 0.59  0.75 *0.92  0.83  *0.86  0.89 *0.93  0.85  *0.98 *0.99  0.99  1.00    15.0   4.0  1.4  1.3
Softmax (WCE)      | 0.39  0.46  0.84  0.83   0.66  0.59  0.85  0.86   0.93  0.92  0.99  1.00    43.1  12.1  1.8  1.3
H-Softmax (levels) | 0.46  0.64  0.85  0.78   0.84  0.88  0.86  0.80  *0.98 *0.99  0.99  1.00    81.2  13.6  2.2  1.4
H-Softmax (nodes)  | 0.55  0.72  0.84  0.82   0.78 *0.90  0.86  0.84  *0.98 *0.99  0.99  1.00    36.4   5.5  2.1  1.3
Ensemble: ML+S     |*0.66 *0.79  0.91  0.86  *0.86  0.89  0.92  0.86  *0.98 *0.99 *1.00  1.00    *9.7  *3.1 *1.3  1.2
CLIP zero-shot     | 0.07  0.06  0.42  0.86   0.10  0.07  0.46  0.86   0.44  0.43  0.77  1.00   199.6  58.5  7.3  1.1
CLIP 1 tag         | 0.51  0.71  0.48  0.88   0.68  0.81  0.46  0.88   0.85  0.90 *1.00  1.00    37.8  10.8  2.9  1.1
CLIP all tags      | 0.58  0.15 *0.92  0.78   0.59  0.30  0.92  0.78   0.88  0.65  0.99  1.00    50.4  52.1  1.4  1.6
CLIP 1 tag prompt  | 0.52  0.68  0.60 *1.00   0.69  0.76  0.58 *1.00   0.88  0.92  0.92  1.00    41.4  10.5  3.4 *1.0
Ens: ML+S+CLIP     |*0.66 *0.79  0.91  0.83   0.85  0.89  0.91  0.83   0.97 *0.99 *1.00  1.00    13.8   3.5 *1.3  1.3
"""

_OUTER = """
Multi-label        | 0.45 *0.85  0.48 _0.91   0.47 *0.92  0.49 _0.91   0.74  0.98  0.84  1.00   101.8   2.3   5.3 _1.2
Multi-label (M)    | -    _0.84  -     -      -    _0.91  -     -      -    _0.98  -     -      -       2.5  -     -
Softmax            | 0.50  0.83  0.47  0.87   0.51  0.90  0.48  0.87   0.74  0.98  0.76  1.00    93.2   2.4   6.5 _1.2
Softmax (WCE)      | 0.31  0.61  0.35  0.84   0.32  0.60  0.34  0.85   0.65  0.93  0.64  1.00   143.8   5.9  11.9 _1.2
H-Softmax (levels) | 0.50  0.81  0.49  0.87   0.56  0.90  0.49  0.87   0.82 *0.99  0.72  1.00    46.9   4.1   7.3  1.3
H-Softmax (nodes)  | 0.42 _0.84  0.48  0.82   0.44  0.90  0.47  0.83   0.76  0.97  0.72  1.00    58.5   3.1   7.4  1.3
Ensemble: ML+S     | 0.50 _0.84  0.48  0.88   0.51  0.90  0.49  0.89   0.76 *0.99  0.81  1.00    99.7  _2.3   5.7 _1.2
CLIP zero-shot     | 0.01  0.10  0.01  0.67   0.01  0.13  0.01  0.67   0.05  0.43  0.37  1.00   511.8  47.8  12.2  1.7
CLIP 1 tag         |*0.75  0.51 *0.87  0.81  *0.79  0.52 *0.88  0.81  _0.85  0.78 *0.96  1.00   *19.1  15.8  *2.0  1.4
CLIP all tags      | 0.19  0.28  0.55 *1.00   0.33  0.42  0.54 *1.00   0.74  0.84  0.89  1.00   146.2  41.5   4.3 *1.0
CLIP 1 tag prompt  |_0.73  0.47 _0.83  0.74  _0.77  0.52 _0.83  0.74  *0.86  0.83 _0.95  1.00   _19.6  17.1   2.2  1.4
Ens: ML+S+CLIP     | 0.50 _0.84  0.48 _0.91   0.52  0.90  0.48 _0.91   0.76 *0.99  0.93  1.00    44.9  *2.2   4.1 _1.2
"""

# Columns: Inner, Outer, and within each R-Prec, Acc@1, Acc@10, AvgRP. There is no row for Multi-label (M).
_MEANS = """
Multi-label        | 0.76  0.83 *0.99  _4.8   0.67  0.70  0.89   27.7
Softmax            | 0.77 *0.88 *0.99   5.4   0.67  0.69  0.87   25.8
Softmax (WCE)      | 0.63  0.74 _0.96  14.6   0.53  0.53  0.80   40.7
H-Softmax (levels) | 0.68  0.85 *0.99  24.6   0.66  0.70  0.88   14.9
H-Softmax (nodes)  | 0.73  0.85 *0.99  11.3   0.64  0.66  0.86   17.6
Ensemble: ML+S     |*0.81 *0.88 *0.99  *3.8   0.67  0.70  0.89   27.2
CLIP zero-shot     | 0.35  0.37  0.66  66.7   0.20  0.20  0.46  143.4
CLIP 1 tag         | 0.64  0.71  0.94  13.2  *0.74 *0.75  0.90   *9.6
CLIP all tags      | 0.61  0.65  0.88  26.4   0.51  0.57  0.87   48.2
CLIP 1 tag prompt  | 0.70  0.76  0.93  14.1  _0.69 _0.72 _0.91  _10.1
Ens: ML+S+CLIP     |_0.80 _0.87 *0.99   5.0   0.68  0.70 *0.92   13.1
"""


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


@dataclass(frozen=True)
class Column:
    """A column of a table: split, facet (or `MEAN`) and metric."""

    split: str
    facet: str
    metric: Metric


def columns(number: int) -> tuple[Column, ...]:
    """The columns of Table 1, 2 or 3, left to right."""
    if number == 3:
        return tuple(Column(split, MEAN, metric) for split in TEST_SPLITS for metric in METRICS)
    split = list(TEST_SPLITS)[number - 1]
    return tuple(Column(split, facet, metric) for metric in METRICS for facet in FACET_NAMES)


def _parse(text: str, number: int) -> dict[tuple[str, Column], Cell]:
    models = {method.title: method.model for method in METHODS}
    cells = {}
    for line in text.strip().splitlines():
        title, printed_cells = line.split("|")
        for column, cell in zip(columns(number), printed_cells.split(), strict=True):
            bare = cell.lstrip("*_")
            cells[models[title.strip()], column] = Cell(None if bare == "-" else bare, cell[0] == "*", cell[0] == "_")
    return cells


TABLES: Mapping[int, Mapping[tuple[str, Column], Cell]] = {
    1: _parse(_INNER, 1), 2: _parse(_OUTER, 2), 3: _parse(_MEANS, 3)}
"""The printed cells of each table, by model and column."""

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
                cell = cells[model, column]
                given = _emphasis(cell.bold, cell.underlined)
                expected = _emphasis(model in best, model in second and number != 1)
                if given != expected:
                    found.append(Difference(model, column, given, expected))
    return found


def _emphasis(bold: bool, underlined: bool) -> str:
    return "bold" if bold else "underlined" if underlined else "plain"
