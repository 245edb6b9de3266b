"""Names as they were given, also where papermill took them for something else.

`papermill -p data 2024_05` gives a notebook the number 202405: what Python reads as a number, `True`, `False` or `None`
arrives as that.
"""

from collections.abc import Iterable

_CONSTANTS = {"True": True, "False": False, "None": None}


def find_name(given: object, known: Iterable[str]) -> str | None:
    """The known name that was given, or else the only one that papermill would have read so; None if there is none.

    >>> find_name(202405, ["2024_05", "mini"])
    '2024_05'
    """
    known = set(known)
    if isinstance(given, str):
        return given if given in known else None
    alike = [name for name in known if repr(_as_papermill_reads(name)) == repr(given)]  # nan is not nan, and 1 is True
    return alike[0] if len(alike) == 1 else None


def _as_papermill_reads(text: str) -> object:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
