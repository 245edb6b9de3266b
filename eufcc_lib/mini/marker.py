"""The file that says which museum a folder holds, read without importing what draws it."""

import hashlib
import json
from functools import cache
from pathlib import Path

from ..core.paths import atomic
from ..data.terms import MUSEUM_TABLE

MARKER = "museum.json"

SIZE = 128
"""Side of a picture in pixels."""


@cache
def version() -> str:
    """A hash over this package's code and tables: another version draws another museum."""
    digest = hashlib.sha256()
    for file in [*sorted(Path(__file__).parent.rglob("*.py")), MUSEUM_TABLE]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def read_marker(root: Path):
    """What the folder's marker holds; None if it has none that can be read."""
    try:
        return json.loads((root / MARKER).read_text())
    except (OSError, ValueError):
        return None


def write_marker(root: Path, content: dict) -> None:
    """Write it, whole or not at all."""
    with atomic(root / MARKER) as part:
        part.write_text(json.dumps(content, indent=1) + "\n")


def is_ours(marker) -> bool:
    """Whether a marker is that of a mini museum, finished or not."""
    return isinstance(marker, dict) and ("code" in marker or "unfinished" in marker)
