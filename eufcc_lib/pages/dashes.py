"""Tables in a notebook, with a dash for what there is not; pandas shows NaN, and of a table without rows the head alone."""

import typing

if typing.TYPE_CHECKING:  # chapters check their parameters before pandas is loaded
    import pandas as pd


def show_dashes(formatter) -> None:
    """Let IPython's display formatter show every data frame by `to_html`."""
    formatter.formatters["text/html"].for_type_by_name("pandas", "DataFrame", to_html)


def to_html(frame: "pd.DataFrame") -> str | None:
    """The frame as pandas shows it, but with a dash for each missing value, and a row or column of dashes where it has none."""
    import pandas as pd

    if not len(frame):
        frame = pd.DataFrame("–", index=pd.Index(["–"], name=frame.index.name), columns=frame.columns if len(frame.columns) else [""])
    if not len(frame.columns):
        frame = pd.DataFrame("–", index=frame.index, columns=[""])
    if not frame.isna().any(axis=None):
        return frame._repr_html_()
    return frame.to_html(na_rep="–", notebook=True, max_rows=pd.get_option("display.max_rows"))
