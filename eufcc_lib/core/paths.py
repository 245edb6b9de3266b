"""Where the project keeps things, and how a file is written completely or not at all.

A notebook runs from the project's root under papermill and from `notebooks/` under
Jupyter and nbval. Every path therefore starts here, at the root of the checkout.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unicodedata import normalize

ROOT = Path(__file__).resolve().parent.parent.parent
"""The checkout: the folder that holds README.md, notebooks/ and eufcc_lib/."""

DATA = ROOT / "data"
"""Data sets drawn or downloaded here, one folder each; not in git."""

RESULTS = ROOT / "results"
"""`results/DATA/MODEL.json`, one small file per run; in git for the mini museum."""

CHECKPOINTS = ROOT / "checkpoints"
"""Checkpoints, scores and cached features, `checkpoints/DATA/MODEL/`; not in git."""


def resolve(path: str | os.PathLike) -> Path:
    """A user's path; a relative one starts at the project's root, wherever the notebook runs."""
    return (ROOT / Path(path).expanduser()).resolve()


def spellings(name: str) -> tuple[str, ...]:
    """The names that a file of this name may have on disk: some systems compose accents (NFC), others take them apart."""
    return tuple(dict.fromkeys((name, normalize("NFC", name), normalize("NFD", name))))


def on_disk(path: Path) -> Path:
    """The file of that name in any of its `spellings`; the path itself where there is none."""
    if os.path.exists(path):
        return path
    return next(filter(os.path.exists, map(path.with_name, spellings(path.name))), path)


@contextmanager
def atomic(path: str | os.PathLike):
    """Yield a temporary path beside `path`; it takes `path`'s place only if the block succeeds.

    A reader sees the old file or the complete new one, never a part, even after a kill or on a full
    disk. Missing parent folders are created.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        yield Path(temporary)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        with open(temporary, "rb+") as written:  # Windows flushes only what is open for writing
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
