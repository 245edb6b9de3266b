"""Images that come in, from a browser or a folder: checked, and kept in the session's folder.

A museum's file names are its keys, so an image keeps the name of its file. In the session's folder it is named by its
content. Whatever a file is, the answer is a sentence; nothing is left out without one.
"""

import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image as Picture

from ..core.errors import UserError
from ..core.paths import atomic, resolve
from ..data.images.decoding import BrokenImage, decode_image
from .session import Store

MAX_FILES = 500
"""Images that are taken at once."""

MAX_BYTES = 100_000_000
"""Of one file."""

VIEW = 1600
"""Longer side of the picture that the page shows, in pixels."""

_CLUTTER = ("thumbs.db", "desktop.ini")  # what systems put into folders, besides files that begin with a dot
_LONGEST = 255  # signs of a name, more than any file system has
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # control signs, and halves of signs, which are not text
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True)
class Upload:
    """One file as it came: its name, which is the sender's, and its bytes."""

    name: str
    data: bytes


def add_uploads(store: Store, uploads: list[Upload]) -> tuple[list[str], list[str]]:
    """Keep the images among the uploads in a session.

    Returns:
        the names of the images that were added, and a sentence on each upload that was not, or not as it came.
    """
    if len(uploads) > MAX_FILES:
        return [], [f"More than {MAX_FILES} files came at once; expected at most so many. None was added."]
    taken = {name.casefold() for name in store.state.images}
    known = {image.digest for image in store.state.images.values()}
    added, said = [], []
    hidden = [upload for upload in uploads if is_hidden(upload.name)]
    if hidden:
        said.append(f"{len(hidden):,} hidden files such as {_last_part(hidden[0].name)[:80]!r} were left out.")
    for upload in uploads:
        if is_hidden(upload.name):
            continue
        try:
            name, file, notice = _keep(store.folder / "images", upload, taken, known)
        except UserError as error:
            said.append(str(error))
            continue
        taken.add(name.casefold())
        known.add(file.partition(".")[0])
        added.append((name, file))
        said += [notice] if notice else []
    if added:
        store.do({"do": "add", "images": added})
    return [name for name, _ in added], said


def read_folder(folder: str) -> list[Upload]:
    """The files of a folder in order of name, hidden ones left out, for `add_uploads`.

    Raises:
        UserError: it is no folder, or holds no file or too many.
    """
    path = resolve(folder)
    if not path.is_dir():
        raise UserError(f"--folder {folder}: {path} is no folder; expected one with images.")
    files = sorted(file for file in path.iterdir() if file.is_file() and not is_hidden(file.name))
    if not files or len(files) > MAX_FILES:
        raise UserError(f"--folder {folder}: found {len(files):,} files; expected 1 to {MAX_FILES} images.")
    return [Upload(file.name, file.read_bytes()) for file in files]


def is_hidden(name: str) -> bool:
    """Whether a file is one that its system hides, or keeps for itself."""
    last = _last_part(name)
    return last.casefold() in _CLUTTER or (last.startswith(".") and last.strip(".") != "")


def view_image(path: Path) -> tuple[bytes, int, int]:
    """The picture for the page: JPEG of at most `VIEW` pixels a side, its width and its height."""
    picture = Picture.fromarray(decode_image(path).permute(1, 2, 0).numpy())
    picture.thumbnail((VIEW, VIEW), Picture.Resampling.LANCZOS, reducing_gap=3)
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=88)
    return buffer.getvalue(), *picture.size


def _keep(folder: Path, upload: Upload, taken: set[str], known: set[str]) -> tuple[str, str, str]:
    """Name, file and, if there is something to say, a sentence."""
    plain, shown = _plain_name(upload.name), repr(upload.name[:80])
    if not upload.data:
        raise UserError(f"{shown}: the file is empty; expected an image.")
    if len(upload.data) > MAX_BYTES:
        raise UserError(f"{shown}: {len(upload.data):,} bytes; expected an image of at most {MAX_BYTES:,}.")
    digest = hashlib.sha256(upload.data).hexdigest()
    if digest in known:
        raise UserError(f"{shown}: this very image is in the batch already; it was not added again.")
    name = _free_name(plain, taken)
    suffix = PurePosixPath(name).suffix.lower()
    path = folder / f"{digest}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    try:
        with atomic(path) as temporary:
            temporary.write_bytes(upload.data)
            decode_image(temporary)
    except BrokenImage as error:
        raise UserError(f"{shown}: {error.reason}") from None
    except OSError as error:
        raise UserError(f"{shown}: it cannot be kept ({error.strerror}).") from None
    if name != plain:
        return name, path.name, f"{shown}: another image has this name; this one is kept as {name!r}."
    return name, path.name, f"{shown}: of this name {name!r} was kept." * (name != upload.name)


def _plain_name(name: str) -> str:
    """The last part of a path as it is, but for signs that no text holds; never empty, and no way to another folder."""
    plain = _UNWRITABLE.sub("_", _last_part(name))[-_LONGEST:]
    return plain if plain.strip(" .") else "image"


def _last_part(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _free_name(name: str, taken: Iterable[str]) -> str:
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 2
    while name.casefold() in taken:
        name, number = f"{stem} ({number}){suffix}", number + 1
    return name
