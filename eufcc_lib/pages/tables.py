"""Tables 1 to 3 for a reader: as HTML in a notebook, as csv and LaTeX in files."""

import csv
import html
import io
import re
from dataclasses import dataclass
from pathlib import Path

from ..core import paths
from ..core.facets import get_facet
from ..results.estimates import OVER, Estimate
from ..results.files import data_name
from ..results.paper import TABLES, TEST_SPLITS, Cell, Column
from ..results.tables import FREQUENCY, Row, Table, bounds_text, difference_text, table


def write_tables(data: str) -> list[Path]:
    """Write the three tables as `results/DATA/table_N.csv` and `.tex`; the paths written."""
    written = []
    for number in TABLES:
        shown = table(data, number)
        for suffix, text in (("csv", to_csv(shown)), ("tex", to_latex(shown))):
            path = paths.RESULTS / data_name(data) / f"table_{number}.{suffix}"
            with paths.atomic(path) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="")
            written.append(path)
    return written


@dataclass(frozen=True)
class ShownTable:
    """A table that a notebook shows as HTML."""

    table: Table

    def _repr_html_(self) -> str:
        return to_html(self.table)


def show_table(data: str, number: int, language: str = "en") -> ShownTable:
    """Table 1, 2 or 3 with all runs on `data`, see `results.tables.table`, as a notebook shows it."""
    return ShownTable(table(data, number, language))


def to_csv(shown: Table) -> str:
    """For each of the table's columns seven: this run, the paper, their difference, and both intervals of this run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    titles = [f"{_group_title(shown, place)} {_place_title(shown, place)}" for place in shown.columns]
    parts = ("", " (paper)", " (difference)", " (low)", " (high)", " (provider low)", " (provider high)")
    writer.writerow(["method", "model", "run", *(title + part for title in titles for part in parts)])
    for row in shown.rows:
        fields = []
        for place, ours, printed, estimate in zip(shown.columns, row.ours, row.printed, row.estimates, strict=True):
            fields += [ours.text, printed.text, difference_text(ours, printed)]
            for over in OVER:
                fields += bounds_text(estimate and estimate.bounds(over), place.metric)
        writer.writerow([row.title, row.model, "yes" if row.ran else "not run", *fields])
    return text.getvalue()


def to_latex(shown: Table) -> str:
    """A `table*` for a paper; it needs the package booktabs and nothing else.

    Each method has a line for this run and, in small print, one for the ends of its 95 % intervals over
    images, the upper above the lower, and one as the paper prints it.
    """
    groups = _groups(shown)
    lines = [r"\begin{table*}", r"\centering", rf"\caption{{{_latex(shown.caption)}}}",
             rf"\label{{tab:{re.sub('[^A-Za-z0-9]+', '-', shown.data)}-{shown.number}}}",
             r"\setlength{\tabcolsep}{3.5pt}",
             rf"\begin{{tabular}}{{l{' '.join('r' * width for _, width in groups)}}}", r"\toprule",
             " & ".join(["", *(rf"\multicolumn{{{width}}}{{c}}{{{_latex(title)}}}" for title, width in groups)])
             + r" \\"]
    first = 2
    for _, width in groups:
        lines.append(rf"\cmidrule(lr){{{first}-{first + width - 1}}}")
        first += width
    lines += [" & ".join(["Method", *(_latex(_place_title(shown, place)) for place in shown.columns)]) + r" \\",
              r"\midrule"]
    for row in shown.rows:
        if row.model == FREQUENCY:
            lines.append(r"\midrule")
        title = _latex(row.title) + ("" if row.ran else r" {\footnotesize (not run)}")
        lines.append(" & ".join([title, *(_latex_cell(cell) for cell in row.ours)]) + r" \\")
        if any(row.estimates):
            lines.append(" & ".join([r"\quad{\footnotesize 95\,\%}", *map(_latex_bounds, row.estimates, shown.columns)])
                         + r" \\")
        if any(cell.text for cell in row.printed):
            printed = (rf"{{\footnotesize {_latex_cell(cell)}}}" for cell in row.printed)
            lines.append(" & ".join([r"\quad{\footnotesize paper}", *printed]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table*}"]
    return "\n".join(lines) + "\n"


def to_html(shown: Table) -> str:
    """The table for the book: it scrolls sideways on a phone, with the method always in sight."""
    groups = "".join(f'<th scope="colgroup" colspan="{width}">{html.escape(title)}</th>'
                     for title, width in _groups(shown))
    starts = _group_starts(shown)
    heads = "".join(f'<th scope="col"{_start(index in starts)}>{_html_place(shown, place)}</th>'
                    for index, place in enumerate(shown.columns))
    body = "".join(_html_row(shown, row, starts) for row in shown.rows)
    return (f'<style>{TABLE_CSS}</style><div class="eufcc-table" role="region" tabindex="0" '
            f'aria-label="Table {shown.number}, {html.escape(shown.data)}"><table class="cells">'
            f'<caption><span><b>Table {shown.number}.</b> {html.escape(shown.caption)}</span></caption>'
            f'<thead><tr><td></td>{groups}</tr><tr><th scope="col">Method</th>{heads}</tr></thead>'
            f'<tbody>{body}</tbody></table></div>')


def _groups(shown: Table) -> list[tuple[str, int]]:
    """The upper head: title and width of each group of columns."""
    groups: list[tuple[str, int]] = []
    for place in shown.columns:
        title = _group_title(shown, place)
        if groups and groups[-1][0] == title:
            groups[-1] = (title, groups[-1][1] + 1)
        else:
            groups.append((title, 1))
    return groups


def _group_starts(shown: Table) -> set[int]:
    titles = [_group_title(shown, place) for place in shown.columns]
    return {index for index, title in enumerate(titles) if index == 0 or title != titles[index - 1]}


def _group_title(shown: Table, place: Column) -> str:
    return f"{TEST_SPLITS[place.split]} test set" if shown.number == 3 else place.metric.title


def _place_title(shown: Table, place: Column) -> str:
    return place.metric.short_title if shown.number == 3 else get_facet(place.facet).key


def _html_place(shown: Table, place: Column) -> str:
    title = html.escape(_place_title(shown, place))
    meaning = place.metric.title if shown.number == 3 else get_facet(place.facet).title(shown.language)
    return f'<abbr title="{html.escape(meaning)}">{title}</abbr>'


def _html_row(shown: Table, row: Row, starts: set[int]) -> str:
    cells = "".join(
        f"<td{_start(index in starts)}{_html_hint(place, ours, printed, estimate)}>"
        f"{_html_cell(ours, 'ours')}{_html_cell(printed, 'paper')}</td>" for index, (place, ours, printed, estimate)
        in enumerate(zip(shown.columns, row.ours, row.printed, row.estimates, strict=True)))
    note = "" if row.ran else ' <small>not run</small>'
    kind = ' class="baseline"' if row.model == FREQUENCY else ""
    return f'<tr{kind}><th scope="row">{html.escape(row.title)}{note}</th>{cells}</tr>'


def _html_hint(place: Column, ours: Cell, printed: Cell, estimate: Estimate | None) -> str:
    """What a cell says when it is pointed at."""
    if estimate is None:
        return ""
    parts = [f"{over} {low} to {high}" for over in OVER
             for low, high in [bounds_text(estimate.bounds(over), place.metric)] if low]
    hint = f"95 % over {', over '.join(parts)}. " if parts else ""
    if printed.text is not None:
        hint += f"This run minus paper: {difference_text(ours, printed)}"
    return f' title="{hint.strip()}"' if hint else ""


def _html_cell(cell: Cell, kind: str) -> str:
    if cell.text is None:
        return "" if kind == "paper" else '<span class="ours" aria-hidden="true">&#8211;</span>'
    text = f"<b>{cell.text}</b>" if cell.bold else f"<u>{cell.text}</u>" if cell.underlined else cell.text
    spoken = '<span class="spoken">paper </span>' if kind == "paper" else ""
    return f'<span class="{kind}">{spoken}{text}</span>'


def _start(is_start: bool) -> str:
    return ' class="start"' if is_start else ""


def _latex_cell(cell: Cell) -> str:
    if cell.text is None:
        return "--"
    return rf"\textbf{{{cell.text}}}" if cell.bold else rf"\underline{{{cell.text}}}" if cell.underlined else cell.text


def _latex_bounds(estimate: Estimate | None, place: Column) -> str:
    low, high = bounds_text(estimate and estimate.images, place.metric)
    return rf"{{\scriptsize\shortstack[r]{{{high}\\{low}}}}}" if low else "--"


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
          **{character: "\\" + character for character in "&%$#_{}"}}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


# Colours are the book theme's where there is one, so that the table follows light and dark. The selectors are
# long enough to win over the book's own rules for tables: what stays in sight must hide what scrolls beneath.
TABLE_CSS = """
div.eufcc-table{position:relative;overflow-x:auto;max-width:100%;margin:1rem 0;container-type:inline-size}
div.eufcc-table table{border-collapse:separate;border-spacing:0;width:auto;margin:0;font-size:.85rem;
 font-variant-numeric:tabular-nums;line-height:1.25}
div.eufcc-table caption{caption-side:top;text-align:left;padding:0 0 .5rem;white-space:normal}
div.eufcc-table .cells th,div.eufcc-table .cells td{padding:.25rem .4rem;text-align:right;white-space:nowrap;
 border:0;border-bottom:1px solid var(--pst-color-border,#ccc);background:var(--pst-color-background,#fff);
 color:var(--pst-color-text-base,#222)}
div.eufcc-table caption>span{display:block;position:sticky;left:0;max-width:100cqw}
div.eufcc-table .cells thead th[scope=colgroup]{text-align:center}
div.eufcc-table .cells .start,div.eufcc-table .cells th[scope=colgroup]{
 border-left:1px solid var(--pst-color-border,#ccc)}
div.eufcc-table .cells tr>:first-child{position:sticky;left:0;text-align:left;z-index:1}
div.eufcc-table .cells tbody th{font-weight:normal}
div.eufcc-table .cells tr.baseline>*{border-top:2px solid var(--pst-color-border,#999)}
div.eufcc-table abbr{text-decoration:none;border:0}
div.eufcc-table small,div.eufcc-table .paper{color:var(--pst-color-text-muted,#595959);font-size:.8em}
div.eufcc-table .ours,div.eufcc-table .paper,div.eufcc-table small{display:block}
div.eufcc-table .spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
"""
