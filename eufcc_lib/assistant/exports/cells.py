"""Cells that a spreadsheet would execute, made harmless, and back again; the mark by which one knows UTF-8.

A cell that begins with `=`, `+`, `-`, `@` or a control sign is a formula to a spreadsheet, whoever wrote it. With an
apostrophe before it, it is text. A cell that begins so already gets a further one, so that each comes back as it was.
"""

import re
from pathlib import Path

from ...core.paths import atomic

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_HARMLESS = re.compile(r"'+[=+\-@\t\r\n]")
_BOM = b"\xef\xbb\xbf"


def harmless(cell: str) -> str:
    """The cell as text to every spreadsheet.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("oil on canvas")
    ("'=1+1", "''=1+1", 'oil on canvas')
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def original(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if _HARMLESS.match(cell) else cell


def mark_utf8(path: Path) -> None:
    """Put the sign before a file's content by which Excel knows that it is UTF-8; all that reads tables here passes over it."""
    content = path.read_bytes()
    with atomic(path) as temporary:
        temporary.write_bytes(_BOM + content)
