"""Images to begin a session with: those in a folder, or those of a IIIF manifest or collection, however many.

A session keeps what it has: the next start reads only the files that are new or changed, and asks only for new canvases.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

from ..collection.iiif import Canvas, IIIFReader, NoImage, is_url
from ..core import paths
from ..core.errors import UserError
from ..core.paths import resolve
from ..data.records import TITLE, URL
from .items import is_manifest
from .session import address_session, folder_session
from .state import CANVAS, MANIFEST
from .store import Store
from .uploads import VIEW, Intake, Upload, is_hidden

_SIDE = VIEW * 3 // 4  # pixels of the shorter side of a manifest's image, as many as the page shows of most
_SECONDS = 5  # between two lines of progress
_LONGEST = 200  # signs of a name that a canvas gives its image


def source_session(source: str) -> str:
    """The name of the session of a folder or a manifest, the same at each start."""
    return address_session(source) if is_url(source) else folder_session(resolve(source))


def add_source(store: Store, source: str) -> tuple[list[str], list[str]]:
    """Add the images of a source that a session lacks; of many, the progress is printed.

    Args:
        source: a folder, or a IIIF manifest or collection, an address or a file that ends in `.json`.
    Returns:
        the names of the images that were added, and the sentences on those that were not, or not as they came.
    Raises:
        UserError: the source cannot be read, or its server does not answer any more; what was added before is kept.
    """
    if is_manifest(source):
        coming, total = _new_canvases(store, source), None
    else:
        files = _new_files(store, source)
        coming, total = map(_read, files), len(files)
    intake, said, told = Intake(store, limited=False), [], time.monotonic()
    for done, found in enumerate(coming, 1):
        if isinstance(found, Upload):
            intake.take(found)
        else:
            said.append(found)
        if time.monotonic() > told + _SECONDS:
            told = time.monotonic()
            print(f"{done:,}{f' of {total:,}' if total else ''} images of {source}", flush=True)
    return intake.added, said + intake.said


def _new_files(store: Store, folder: str) -> list[Path]:
    """The files of a folder in order of name, without hidden ones, and without those whose image the session has."""
    path = resolve(folder)
    if not path.is_dir():
        raise UserError(f"--images {folder}: {path} is no folder; expected one with images, or a IIIF manifest: an address, or a "
                        "file that ends in .json.")
    files = sorted(file for file in path.iterdir() if file.is_file() and not is_hidden(file.name))
    if not files:
        raise UserError(f"--images {folder}: found no file; expected images.")
    return [file for file in files if not _is_kept(store, file)]


def _is_kept(store: Store, file: Path) -> bool:
    """Whether the session has the file as it is now, told by name, size and time: an image's copy has the time of its file."""
    image = store.state.images.get(file.name)
    try:
        there, kept = file.stat(), (store.folder / "images" / image.file).stat() if image else None
    except OSError:
        return False
    return kept is not None and (there.st_size, there.st_mtime_ns) == (kept.st_size, kept.st_mtime_ns)


def _read(file: Path) -> Upload | str:
    try:
        return Upload(file.name, file.read_bytes(), changed=file.stat().st_mtime_ns)
    except OSError as error:
        return f"{file.name!r}: the file cannot be read ({error.strerror or error})."


def _new_canvases(store: Store, source: str) -> Iterator[Upload | str]:
    """The images of a manifest's canvases that the session lacks, each with a record that says where it came from."""
    reader, state = IIIFReader(paths.DATA / "iiif", _SIDE), store.state
    known = {state.record(image).get(CANVAS) for image in state.images}
    for canvas in reader.canvases(source):
        if canvas.id in known:
            continue
        known.add(canvas.id)
        try:
            data = reader.fetch(canvas).read_bytes()
        except NoImage as error:
            yield str(error)
            continue
        record = {TITLE: canvas.title or canvas.label, URL: reader.had(canvas), CANVAS: canvas.id, MANIFEST: canvas.manifest}
        yield Upload(_name(canvas), data, {column: text for column, text in record.items() if text})


def _name(canvas: Canvas) -> str:
    """What a canvas's image is called: the titles of its manifest and its own, else the last part of its address."""
    titles = ", ".join(dict.fromkeys(filter(None, (canvas.title, canvas.label))))
    plain = re.sub(r"[/\\]", "-", titles or canvas.id.rstrip("/").rpartition("/")[2])
    return f"{plain[:_LONGEST].strip(' .') or 'image'}.jpg"
