"""Images that come in, from a browser or from `sources`: checked, and kept in the session's folder.

A museum's file names are its keys, so an image keeps the name of its file. In the session's folder it is named by its
content. Whatever a file is, the answer is a sentence; nothing is left out without one.
"""

import hashlib
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from PIL import Image as Picture

from ..core.errors import UserError
from ..core.paths import atomic
from ..data.images.decoding import Unreadable, decode_image, decode_picture
from .store import Store

MAX_FILES = 500
"""Images that a browser adds at once."""

MAX_BYTES = 100_000_000
"""Of one file."""

VIEW = 1600
"""Longer side of the picture that the page shows, in pixels."""

# For one file, and for more.
_HIDDEN = ("hidden file, {first!r}, was left out.", "hidden files such as {first!r} were left out.")
_AGAIN = ("image is in the batch already, {first!r}; it was not added again.",
          "images are in the batch already, the first {first!r}; they were not added again.")
_LATE = ("file came after {images} images, as many as are added at once, {first!r}; choose it again to add it.",
         "files came after {images} images, as many as are added at once, the first {first!r}; choose them again to add them.")
_CLUTTER = ("thumbs.db", "desktop.ini")  # what systems put into folders, besides files that begin with a dot
_LONGEST = 255  # signs of a name, more than any file system has
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # control signs, and halves of signs, which are not text
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True)
class Upload:
    """One file as it came.

    Attributes:
        name: the sender's.
        data: its bytes.
        record: what is known of the image, by column; see `state.State.record`.
        changed: when, in nanoseconds since 1970; None where nobody knows.
    """

    name: str
    data: bytes
    record: Mapping[str, str] = field(default_factory=dict)
    changed: int | None = None


class Intake:
    """Takes files into a session one by one: an image is kept at once, so that no sum of sizes is too large.

    Args:
        store: the session.
        who: brings them; see `Store.do`.
        limited: whether it takes `MAX_FILES` images at most.

    Attributes:
        added: the names of the images that were added.
    """

    def __init__(self, store: Store, who: str | None = None, limited: bool = True):
        self.store, self.who, self.limited, self.added = store, who, limited, []
        self._said, self._left = [], defaultdict(list)
        self._images, self._digests, self._names = 0, set(), set()  # how many of the session's are known here, and what of them

    def take(self, upload: Upload) -> None:
        """Keep a file, or a sentence about it."""
        name = _last_part(upload.name)
        self._learn()
        if is_hidden(upload.name):
            return self._left[_HIDDEN].append(name)
        try:
            digest = _digest(upload)
            if digest in self._digests:
                self._touch(upload, name, digest)
                return self._left[_AGAIN].append(name)
            if self.limited and len(self.added) >= MAX_FILES:
                return self._left[_LATE].append(name)
            name, file, notice = _keep(self.store.folder / "images", upload, digest, self._names)
            record = {"records": {name: dict(upload.record)}} if upload.record else {}
            self.store.do({"do": "add", "images": [(name, file)], **record}, self.who)
        except UserError as error:
            return self._said.append(str(error))
        self.added.append(name)
        self._said += [notice] if notice and not upload.record else []  # with a record its name is no key

    def _learn(self) -> None:
        """Take in what is new in the session: of thousands of images, not all again for each."""
        images = self.store.state.images
        for image in islice(images.values(), self._images, None) if len(images) > self._images else ():
            self._images += 1
            self._digests.add(image.digest)
            self._names.add(image.name.casefold())

    def _touch(self, upload: Upload, name: str, digest: str) -> None:
        """Give the copy of an image the time of its file, by which `sources` knows it the next time."""
        image = self.store.state.images.get(name)
        if upload.changed is not None and image and image.digest == digest:
            with suppress(OSError):
                os.utime(self.store.folder / "images" / image.file, ns=(upload.changed, upload.changed))

    @property
    def said(self) -> list[str]:
        """A sentence on each file that was not added, or not as it came; one on all that have the same reason."""
        return self._said + [f"{len(names):,} {reasons[len(names) > 1].format(images=MAX_FILES, first=names[0][:80])}"
                             for reasons, names in self._left.items()]


def add_uploads(store: Store, uploads: Iterable[Upload]) -> tuple[list[str], list[str]]:
    """Keep the images among the uploads in a session.

    Returns:
        the names of the images that were added, and the sentences on the others, see `Intake.said`.
    """
    intake = Intake(store)
    for upload in uploads:
        intake.take(upload)
    return intake.added, intake.said


def is_hidden(name: str) -> bool:
    """Whether a file is one that its system hides, or keeps for itself."""
    last = _last_part(name)
    return last.casefold() in _CLUTTER or (last.startswith(".") and last.strip(".") != "")


def view_image(path: Path, side: int = VIEW, quality: int = 88) -> bytes:
    """The picture for the page: an upright JPEG of at most so many pixels a side; `BrokenImage` if it cannot be read."""
    picture = Picture.fromarray(decode_image(path).permute(1, 2, 0).numpy())
    picture.thumbnail((side, side), Picture.Resampling.LANCZOS, reducing_gap=3)
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=quality)
    return buffer.getvalue()


def _digest(upload: Upload) -> str:
    shown = repr(upload.name[:80])
    if not upload.data:
        raise UserError(f"{shown}: the file is empty; expected an image.")
    if len(upload.data) > MAX_BYTES:
        raise UserError(f"{shown}: more than {MAX_BYTES:,} bytes, the most that an image may have.")
    return hashlib.sha256(upload.data).hexdigest()


def _keep(folder: Path, upload: Upload, digest: str, taken: set[str]) -> tuple[str, str, str]:
    """Name, file and, if there is something to say, a sentence."""
    plain, shown = _plain_name(upload.name), repr(upload.name[:80])
    name = _free_name(plain, taken)
    suffix = PurePosixPath(name).suffix.lower()
    path = folder / f"{digest}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    try:
        decode_picture(upload.data)  # first, so that what is no image leaves nothing behind
        with atomic(path) as temporary:
            temporary.write_bytes(upload.data)
            if upload.changed is not None:
                os.utime(temporary, ns=(upload.changed, upload.changed))
    except Unreadable as error:
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
