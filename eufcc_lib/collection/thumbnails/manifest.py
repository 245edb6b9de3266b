"""The manifest of thumbnails: what became of each, in a database beside the images.

It is written in steps that lose nothing when a run is killed or the power is cut: first the images
are written to disk, then their rows.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...core.errors import UserError
from ...data.dataset import images_folder

MANIFEST = "EUROPEANA/thumbnails.sqlite"
"""Its place in the data set's folder; the images lie in `EUROPEANA/images/` beside it."""

STATUSES = {"had": "images", "missing": "not at the server", "refused": "no image that can be kept",
            "failed": "the next call requests them again"}
"""What can become of a thumbnail; `missing` and `refused` are not requested again unless the call says so."""

_TABLE = """CREATE TABLE IF NOT EXISTS thumbnails (id TEXT PRIMARY KEY, url TEXT, status TEXT, code INTEGER, bytes INTEGER,
    sha256 TEXT, width INTEGER, height INTEGER, tries INTEGER, fetched_at TEXT, reason TEXT) WITHOUT ROWID"""

_ROW = """INSERT OR REPLACE INTO thumbnails VALUES (:id, :url, :status, :code, :bytes, :sha256, :width, :height,
    :tries + COALESCE((SELECT tries FROM thumbnails WHERE id = :id), 0), :now, :reason)"""


@dataclass(frozen=True)
class Outcome:
    """What the manifest holds about a url."""

    status: str
    reason: str = ""
    code: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    tries: int = 0


def open_manifest(root: Path) -> sqlite3.Connection:
    """The manifest in the data set's folder, created if it is not there; locked until it is closed."""
    images_folder(root).mkdir(parents=True, exist_ok=True)
    manifest = sqlite3.connect(root / MANIFEST, timeout=1)
    manifest.execute("PRAGMA locking_mode = EXCLUSIVE")  # one run at a time in a folder
    manifest.execute("BEGIN EXCLUSIVE")
    manifest.execute(_TABLE)
    manifest.commit()
    return manifest


def record(manifest: sqlite3.Connection, names: Mapping[str, str], outcome: Outcome) -> None:
    """Add an outcome for all ids (id -> url) that share it; `commit` makes it permanent."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest.executemany(_ROW, [asdict(outcome) | {"id": name, "url": url, "now": now} for name, url in names.items()])


def commit(manifest: sqlite3.Connection) -> None:
    """Write the images to disk, and then the rows."""
    if manifest.in_transaction:
        # All images at once (one by one takes 20 times as long): no row is about a file that a power cut loses.
        getattr(os, "sync", bool)()  # Windows has none; there a power cut can cost the images of some seconds
        manifest.commit()


@contextmanager
def user_errors(root: Path) -> Iterator[None]:
    """Raise what goes wrong with the manifest and the images as a `UserError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UserError(f"{root / MANIFEST} is in use by another run; expected one run at a time.") from None
        raise UserError(f"{root / MANIFEST} cannot be written ({error}); expected a folder with room.") from None
    except sqlite3.DatabaseError as error:
        raise UserError(f"{root / MANIFEST} is not a manifest ({error}); expected the one of an earlier run. Without it, "
                        "the images here are read and the rest is fetched.") from None
    except OSError as error:
        raise UserError(f"{root / 'EUROPEANA'} cannot be written ({error.strerror or error}); expected a folder with "
                        "room for the images.") from None
