"""Data frames in a notebook, shown for readers who have never met pandas.

What pandas shows for programmers is left out: row numbers, a second head for the name of the rows, NaN, True and
False, tuples, the keys of facets. In the book `custom.css` dresses the table, and a wide one scrolls.
"""

import numbers
import re
import typing

from ..core import facets
from ..core.numbers import FEW_IMAGES, thousands

if typing.TYPE_CHECKING:  # chapters check their parameters before pandas is loaded
    import pandas as pd

_WORDS = {True: "yes", False: "no"}


def show_plainly(formatter) -> None:
    """Let IPython's display formatter show every data frame by `to_html`."""
    formatter.formatters["text/html"].for_type_by_name("pandas", "DataFrame", to_html)


def to_html(frame: "pd.DataFrame") -> str:
    """The frame as an HTML table: one head, the names of its rows in the first column, a dash for what is missing.

    `frame.attrs["images"]` may say, by column, over how many images its means are: few make the column grey, and a line
    below the table says so.
    """
    import pandas as pd

    images = frame.attrs.get("images", {})
    few = [images.get(name, FEW_IMAGES) < FEW_IMAGES for name in frame.columns]

    if not len(frame):
        frame = pd.DataFrame("–", index=pd.Index(["–"], name=frame.index.name), columns=frame.columns if len(frame.columns) else [""])
    if not len(frame.columns):
        frame = pd.DataFrame("–", index=frame.index, columns=[""])
    numbered = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    table = frame.reset_index(drop=True) if numbered else _with_row_names(frame)
    html = table.map(_word).rename(columns=_word).to_html(index=False, na_rep="–", border=0, max_rows=pd.get_option("display.max_rows"))
    html = re.sub(r"(<tr>\s*)<td>(.*?)</td>", r'\1<th scope="row">\2</th>', html, flags=re.DOTALL)
    html = _mark(html, "text", [_is_text(table.iloc[:, at]) for at in range(1, table.shape[1])])
    if not any(few):
        return f'<div class="eufcc-table">{html}</div>'
    counts = sorted({images[name] for name, grey in zip(frame.columns, few, strict=True) if grey})
    span = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    note = f"Columns in grey italics are means over fewer than {FEW_IMAGES} images ({span}): one image moves them visibly."
    return f'<div class="eufcc-table">{_mark(html, "few", few)}</div><p class="few"><small>{note}</small></p>'


def _mark(html: str, name: str, columns: list[bool]) -> str:
    """Give the cells of these columns, which are the last of each row, a class; in a head of two levels, those of the lower."""
    def mark(row: re.Match) -> str:
        cells = re.findall(r"<t[hd].*?</t[hd]>", row[0], flags=re.DOTALL)
        if "colspan" in row[0] or len(cells) < len(columns):
            return row[0]
        marked = [_classed(cell, name) if column else cell
                  for cell, column in zip(cells, [False] * (len(cells) - len(columns)) + columns, strict=True)]
        return "<tr>" + "".join(marked) + "</tr>"
    return re.sub(r"<tr.*?</tr>", mark, html, flags=re.DOTALL) if any(columns) else html


def _classed(cell: str, name: str) -> str:
    head = cell[:cell.index(">")]
    return cell.replace('class="', f'class="{name} ', 1) if 'class="' in head else f"{cell[:3]} class=\"{name}\"{cell[3:]}"


def _is_text(column: "pd.Series") -> bool:
    """Whether most values are words, which begin at the left, and not numbers with their signs, units and intervals."""
    values = [str(value) for value in column if isinstance(value, str) and value not in ("", "–")]
    return 2 * sum(bool(re.match(r"\W*[^\W\d]", value)) for value in values) > max(len(column), 1)


def _with_row_names(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The index as columns; of several levels a value that repeats is said once."""
    frame = frame.copy()
    levels = [frame.index.get_level_values(number) for number in range(frame.index.nlevels)]
    width = frame.columns.nlevels
    for number in reversed(range(len(levels))):
        values = list(levels[number])
        if number < len(levels) - 1:
            keys = list(zip(*levels[:number + 1], strict=True))
            values = ["" if at and keys[at] == keys[at - 1] else value for at, value in enumerate(values)]
        name = levels[number].name if levels[number].name is not None else ""
        frame.insert(0, (name, *[""] * (width - 1)) if width > 1 else name, values, allow_duplicates=True)
    frame.columns.names = [None] * width
    return frame


def _word(value: object) -> object:
    """What a value is called in a table."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, str) and value in facets.FACET_NAMES:
        return facets.get_facet(value).title()
    if type(value).__name__ in ("bool", "bool_"):
        return _WORDS[bool(value)]
    if isinstance(value, numbers.Integral) and abs(value) >= 10_000:  # a year keeps its four digits
        return thousands(value)
    return value
