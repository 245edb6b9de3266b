"""An image file becomes an array of pixels, or a sentence about why it does not.

One reader for all who open images: training, figures, and the collection's thumbnails and duplicates, which need no
torch. Whether a file is read, and as which pixels, does not depend on who asks.
"""

import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ...core.errors import UserError
from ...core.paths import on_disk
from .containers import count_scans, is_webp, orientation, webp_size, without_metadata

if TYPE_CHECKING:
    import torch

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
"""What is read; of a file with several pictures, the first. Recognised by content, not by suffix."""

MAX_PIXELS = 80_000_000
"""A picture with more is refused before it is decoded: it would take 240 MB in each worker."""

MAX_SCANS = 100
"""A JPEG with more is refused before it is decoded: progressive ones have about 10, and each costs a whole pass."""

_DECODER_ERRORS = (OSError, RuntimeError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError,
                   struct.error, zlib.error)  # a decoder fails with whatever its parser stumbled on
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)  # Pillow's own limits are above MAX_PIXELS

_TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
          5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
          8: Image.Transpose.ROTATE_90}

Image.init()  # registers the readers of FORMATS

_RGB = 3  # torchvision's number for "three channels, whatever the file has"


class Unreadable(Exception):
    """Why bytes are no picture.

    Attributes:
        reason: in a sentence.
        kind: in a few words that many files share.
        damaged: whether it is an image as far as it goes, so that another copy may be whole.
    """

    def __init__(self, reason: str, kind: str, damaged: bool = False):
        super().__init__(reason)
        self.reason, self.kind, self.damaged = reason, kind, damaged


class BrokenImage(UserError):
    """A file that should be an image and cannot be read as one; `path` and `reason` say which and why."""

    def __init__(self, path: str | os.PathLike, reason: str):
        super().__init__(f"{os.fspath(path)}: {reason}")
        self.path, self.reason = Path(path), reason

    def __reduce__(self):
        return BrokenImage, (self.path, self.reason)


def decode_image(path: str | os.PathLike) -> "torch.Tensor":
    """uint8 (3, H, W), a view of rows of RGB pixels: those of `read_picture`, of most JPEG files in half of its time.

    Raises:
        BrokenImage: the file cannot be read.
    """
    import torch
    with _named(path), _in_words(data := _read(path), MAX_PIXELS):
        picture, turn = _open(data, MAX_PIXELS)
        if picture.format == "JPEG" and picture.mode in ("RGB", "L") and turn is None and (decode := _jpeg_decoder()):
            with suppress(RuntimeError):  # what torchvision refuses, Pillow may read
                return decode(torch.frombuffer(bytearray(data), dtype=torch.uint8), _RGB, False)
        return torch.from_numpy(np.array(_upright_rgb(picture, turn))).permute(2, 0, 1)


def read_picture(path: str | os.PathLike) -> Image.Image:
    """The picture in a file, see `decode_picture`; `BrokenImage` if it cannot be read."""
    with _named(path):
        return decode_picture(_read(path))


def decode_picture(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The picture in the bytes of a file: RGB of 8 bits, turned as its camera says (EXIF), transparent parts white.

    A file must hold all its pixels, but need not end as it should; of the descriptions beside the pixels only the
    orientation counts, where it can be read.

    Raises:
        Unreadable: it is no image or a damaged one, has more than `max_pixels` or `MAX_SCANS`, or pixels of 32 bits,
            which have no known range.
    """
    with _in_words(data, max_pixels):
        return _upright_rgb(*_open(data, max_pixels))


def _read(path: str | os.PathLike) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return on_disk(Path(path)).read_bytes()


def _open(data: bytes, max_pixels: int) -> tuple[Image.Image, Image.Transpose | None]:
    """The picture before any pixel is decoded, and how to turn it."""
    plain, exif = without_metadata(data)
    if is_webp(plain):
        _check_size(*webp_size(plain), max_pixels)
    picture = Image.open(io.BytesIO(plain), formats=FORMATS)
    _check_size(*picture.size, max_pixels)
    # The quick count also takes in what is no scan: it is too high at worst.
    if picture.format == "JPEG" and plain.count(b"\xff\xda") > MAX_SCANS and (scans := count_scans(plain)) > MAX_SCANS:
        raise Unreadable(f"{scans:,} scans are more than the {MAX_SCANS} that are read.", f"more than {MAX_SCANS} scans")
    return picture, _TURNS.get(orientation(exif))


def _upright_rgb(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    if picture.mode.startswith("I;16"):  # Pillow would cut all above 255 to white
        values = np.asarray(picture)
        grey = np.rint(values.astype(np.float32) / 257).astype(np.uint8)
        grey[values == picture.info.get("transparency", -1)] = 255
        picture = Image.fromarray(grey)
    elif picture.mode in ("I", "F"):
        raise Unreadable("pixels of 32 bits have no known range; expected 8 or 16 bits.", "pixels of 32 bits")
    elif picture.has_transparency_data:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    picture = picture.convert("RGB")
    return picture if turn is None else picture.transpose(turn)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise Unreadable(f"{width} x {height} pixels are more than the {max_pixels:,} that are read.",
                         f"more than {max_pixels} pixels")


@cache
def _jpeg_decoder():
    """torchvision's, or None: its image functions are announced to go, and Pillow gives the same pixels."""
    try:
        import torchvision.io  # registers it
        return torchvision.torch.ops.image.decode_jpeg
    except (ImportError, AttributeError):
        return None


@contextmanager
def _in_words(data: bytes, max_pixels: int) -> Iterator[None]:
    """Raise whatever a decoder raises as `Unreadable`."""
    try:
        yield
    except Image.UnidentifiedImageError:
        raise _unlike_an_image(data) from None
    except _BOMBS:
        raise Unreadable(f"the image has more than the {max_pixels:,} pixels that are read.",
                         f"more than {max_pixels} pixels") from None
    except _DECODER_ERRORS as error:
        detail = " ".join(str(error).split())[:200]
        kind = "truncated image" if "truncated" in detail else "broken image"
        raise Unreadable(f"the image cannot be decoded ({detail}).", kind, damaged=True) from None


@contextmanager
def _named(path: str | os.PathLike) -> Iterator[None]:
    """Raise what is wrong with a file as `BrokenImage`."""
    try:
        yield
    except Unreadable as error:
        raise BrokenImage(path, error.reason) from None
    except OSError as error:
        raise BrokenImage(path, _missing_reason(path, error)) from None


def _missing_reason(path: str | os.PathLike, error: OSError) -> str:
    if not os.path.lexists(path):
        return "no such file."
    if os.path.isdir(path):
        return "a folder stands where an image file is expected."
    return f"the file cannot be read ({error.strerror or error})."


def _unlike_an_image(data: bytes) -> Unreadable:
    start, expected = data[:64].lstrip(), f"expected an image ({', '.join(FORMATS)})."
    if not data:
        return Unreadable("the file is empty (0 bytes).", "empty", damaged=True)
    if start.startswith((b"\xff\xd8", b"\x89PNG")):
        return Unreadable(f"the image's header is damaged; {expected}", "truncated image", damaged=True)
    if start.startswith(b"<"):
        return Unreadable(f"the file is a web page or other markup; {expected}", "a web page or other markup")
    return Unreadable(f"the file starts with {start[:8]!r}; {expected}", "not an image")
