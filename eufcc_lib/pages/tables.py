"""The tables for a reader: as HTML in a notebook, as csv and LaTeX in files."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

from ..core import paths
from ..core.facets import get_facet
from ..results.estimates import OVER, Estimate
from ..results.files import data_name
from ..results.paper import MEAN, TEST_SPLITS, Cell, Column
from ..results.tables import NUMBERS, Row, Table, bounds_text, difference_text, is_papers, table
from .render import Page, render

FOLDED = {1: ("acc_at_10", "avg_rank_position"), 2: ("acc_at_10", "avg_rank_position"),
          4: ("macro_r_precision", "head_r_precision", "medium_r_precision", "tail_r_precision", "propensity_r_precision"),
          5: ("hierarchical_precision", "hierarchical_recall")}
"""The metrics of each table that a page shows folded up below the others, so that both parts fit beside the sidebar."""


def write_tables(data: str) -> list[Path]:
    """Write all tables as `results/DATA/table_N.csv` and `.tex`; the paths written."""
    written = []
    for number in NUMBERS:
        shown = table(data, number)
        for suffix, text in (("csv", to_csv(shown)), ("tex", to_latex(shown))):
            path = paths.RESULTS / data_name(data) / f"table_{number}.{suffix}"
            with paths.atomic(path) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="")
            written.append(path)
    return written


def show_table(data: str, number: int, language: str = "en") -> Page:
    """A table with all runs on `data`, see `results.tables.table`, as a notebook shows it."""
    return to_html(table(data, number, language))


def to_html(shown: Table) -> Page:
    """This run's number in each cell, and in small print the paper's, where it prints any; some metrics are folded up."""
    return render("table", f"Table {shown.number}. {shown.caption}", shown=shown, parts=_parts(shown), groups=partial(_groups, shown),
                  bodies=_bodies(shown), group=partial(_group_title, shown), title=partial(_place_title, shown),
                  meaning=partial(_meaning, shown), cells=_cells)


def to_csv(shown: Table) -> str:
    """Six columns for each of the table's: this run, the paper, and both intervals of this run.

    Behind the paper's its difference from this run, where both are on the same images (`results.tables.is_papers`).
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    titles = [f"{_group_title(shown, place)} {_place_title(shown, place)}" for place in shown.columns]
    compared = [is_papers(shown.data, place.split) for place in shown.columns]
    writer.writerow(["method", "model", "group", "run", *(
        title + part for title, same in zip(titles, compared, strict=True)
        for part in ("", " (paper)", *[" (difference)"] * same, " (low)", " (high)", " (provider low)", " (provider high)"))])
    for row in shown.rows:
        fields = []
        for place, same, ours, printed, estimate in zip(shown.columns, compared, row.ours, row.printed, row.estimates, strict=True):
            fields += [ours.text, printed.text, *[difference_text(ours, printed)] * same]
            for over in OVER:
                fields += bounds_text(estimate and estimate.bounds(over), place.metric)
        writer.writerow([row.title, row.model, row.group, "yes" if row.ran else "not run", *fields])
    return text.getvalue()


def to_latex(shown: Table) -> str:
    """A `table*` for a paper; it needs the package booktabs and nothing else.

    Each method has a line for this run and, in small print, one for the ends of its 95 % intervals over
    objects, the upper above the lower, and one as the paper prints it.
    """
    groups = _groups(shown, range(len(shown.columns)))
    lines = [r"\begin{table*}", r"\centering", rf"\caption{{{_latex(' '.join([shown.caption, *shown.notes]))}}}",
             rf"\label{{tab:{re.sub('[^A-Za-z0-9]+', '-', shown.data)}-{shown.number}}}",
             r"\setlength{\tabcolsep}{3.5pt}",
             rf"\begin{{tabular}}{{l{' '.join('r' * width for _, width in groups)}}}", r"\toprule",
             " & ".join(["", *(rf"\multicolumn{{{width}}}{{c}}{{{_latex(title)}}}" for title, width in groups)])
             + r" \\"]
    first = 2
    for _, width in groups:
        lines.append(rf"\cmidrule(lr){{{first}-{first + width - 1}}}")
        first += width
    lines.append(" & ".join(["Method", *(_latex_head(_place_title(shown, place)) for place in shown.columns)]) + r" \\")
    for title, rows in _bodies(shown):
        lines += [r"\midrule", rf"\multicolumn{{{1 + len(shown.columns)}}}{{l}}{{\textit{{{_latex(title)}}}}} \\"]
        lines += [line for row in rows for line in _latex_row(shown, row)]
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table*}"]
    return "\n".join(lines) + "\n"


def _latex_row(shown: Table, row: Row) -> Iterator[str]:
    title = _latex(row.title) + ("" if row.ran else r" {\footnotesize (not run)}")
    yield " & ".join([title, *(_latex_cell(cell) for cell in row.ours)]) + r" \\"
    if any(row.estimates):
        yield " & ".join([r"\quad{\footnotesize 95\,\%}", *map(_latex_bounds, row.estimates, shown.columns)]) + r" \\"
    if any(cell.text for cell in row.printed):
        yield " & ".join([r"\quad{\footnotesize paper}", *(rf"{{\footnotesize {_latex_cell(cell)}}}" for cell in row.printed)]) + r" \\"


def _bodies(shown: Table) -> list[tuple[str, list[Row]]]:
    """Title and rows of each group."""
    return [(title, list(rows)) for title, rows in groupby(shown.rows, lambda row: row.group)]


def _parts(shown: Table) -> list[tuple[str, list[int]]]:
    """The summary and the columns, by index, of each part of a table: the open one, without a summary, then what is folded up."""
    folded = FOLDED.get(shown.number, ())
    below = [index for index, place in enumerate(shown.columns) if place.metric.name in folded]
    open_ = [index for index in range(len(shown.columns)) if index not in below]
    titles = dict.fromkeys(shown.columns[index].metric.title for index in below)
    return [("", open_), *([(f"Table {shown.number}, further columns: {', '.join(titles)}", below)] if below else [])]


def _groups(shown: Table, part: Iterable[int]) -> list[tuple[str, int]]:
    """The upper head of these columns: title and width of each group."""
    titles = groupby(_group_title(shown, shown.columns[index]) for index in part)
    return [(title, len(list(columns))) for title, columns in titles]


def _group_title(shown: Table, place: Column) -> str:
    return f"{TEST_SPLITS[place.split]} test set" if place.facet == MEAN else place.metric.title


def _place_title(shown: Table, place: Column) -> str:
    return place.metric.short_title if place.facet == MEAN else get_facet(place.facet).key


def _meaning(shown: Table, place: Column) -> str:
    return place.metric.title if place.facet == MEAN else get_facet(place.facet).title(shown.language)


def _cells(row: Row, part: Iterable[int]) -> Iterator[tuple[int, Cell, Cell]]:
    """These columns of a row: which, this run's number, and the paper's."""
    for index in part:
        yield index, row.ours[index], row.printed[index]


def _latex_head(title: str) -> str:
    """A title of several words stands in as many lines."""
    lines = r"\\".join(_latex(word) for word in title.split())
    return rf"\shortstack[r]{{{lines}}}" if " " in title else lines


def _latex_cell(cell: Cell) -> str:
    if cell.text is None:
        return "--"
    return rf"\textbf{{{cell.text}}}" if cell.bold else rf"\underline{{{cell.text}}}" if cell.underlined else cell.text


def _latex_bounds(estimate: Estimate | None, place: Column) -> str:
    low, high = bounds_text(estimate and estimate.objects, place.metric)
    return rf"{{\scriptsize\shortstack[r]{{{high}\\{low}}}}}" if low else "--"


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
          **{character: "\\" + character for character in "&%$#_{}"}}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
