"""An image file becomes an array of pixels, or a sentence about why it does not.

One place for all who open images: training, and the collection's thumbnails and duplicates, which need no torch.
"""

import io
import os
import re
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from ...core.errors import UserError

if TYPE_CHECKING:
    import torch

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
"""What is read; of a file with several pictures, the first. Recognised by content, not by suffix."""

MAX_PIXELS = 80_000_000
"""A picture with more is refused before it is decoded: it would take 240 MB in each worker."""

DECODER_ERRORS = (OSError, RuntimeError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError,
                  struct.error, zlib.error, Image.DecompressionBombError)
"""A decoder fails with whatever its parser stumbled on."""

_DECODER_PLACE = re.compile(r"decode_\w+, \S+:\d+, ")  # where in its own source torchvision's decoder stumbled

Image.init()  # registers the readers of FORMATS

_RGB = 3  # torchvision's number for "three channels, whatever the file has"


class BrokenImage(UserError):
    """A file that should be an image and cannot be read as one; `path` and `reason` say which and why."""

    def __init__(self, path: str | os.PathLike, reason: str):
        super().__init__(f"{os.fspath(path)}: {reason}")
        self.path, self.reason = Path(path), reason

    def __reduce__(self):
        return BrokenImage, (self.path, self.reason)


def decode_image(path: str | os.PathLike) -> "torch.Tensor":
    """uint8 (3, H, W), a view of rows of RGB pixels; `BrokenImage` if the file cannot be read."""
    import torch
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise BrokenImage(path, _missing_reason(path, error)) from None
    if not len(data):
        raise BrokenImage(path, "the file is empty (0 bytes).")
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise BrokenImage(path, f"{width} x {height} pixels are more than the {MAX_PIXELS:,} that are read.")
        if picture.format == "JPEG" and picture.mode in ("RGB", "L") and (decode_jpeg := _jpeg_decoder()):
            return decode_jpeg(torch.from_numpy(data), _RGB, True)
        return torch.from_numpy(np.array(upright_rgb(picture))).permute(2, 0, 1)
    except BrokenImage:
        raise
    except Image.UnidentifiedImageError:
        raise BrokenImage(path, f"{_looks_like(data)}; expected an image ({', '.join(FORMATS)}).") from None
    except DECODER_ERRORS as error:
        detail = " ".join(_DECODER_PLACE.sub("", str(error)).split())[:200]
        raise BrokenImage(path, f"the image cannot be decoded ({detail}).") from None


def upright_rgb(picture: Image.Image) -> Image.Image:
    """The picture as RGB of 8 bits, turned as its camera says, transparent parts white.

    Raises:
        ValueError: its pixels have 32 bits, which have no known range.
    """
    if picture.mode.startswith("I;16"):  # Pillow would cut all above 255 to white
        picture = Image.fromarray(np.rint(np.asarray(picture).astype(np.float32) / 257).astype(np.uint8))
    elif picture.mode in ("I", "F"):
        raise ValueError(f"pixels of 32 bits, mode {picture.mode}, have no known range; expected 8 or 16 bits")
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    return picture.convert("RGB")


@cache
def _jpeg_decoder():
    """torchvision's, or None: its image functions are announced to go, and Pillow gives the same pixels."""
    try:
        import torchvision.io  # registers it
        return torchvision.torch.ops.image.decode_jpeg
    except (ImportError, AttributeError):
        return None


def _missing_reason(path: str | os.PathLike, error: OSError) -> str:
    if not os.path.lexists(path):
        return "no such file."
    if os.path.isdir(path):
        return "a folder stands where an image file is expected."
    return f"the file cannot be read ({error.strerror or error})."


def _looks_like(data: np.ndarray) -> str:
    start = data[:64].tobytes().lstrip()
    if start.startswith((b"\xff\xd8", b"\x89PNG")):
        return "the image's header is damaged"
    if start.startswith(b"<"):
        return "the file is a web page or other markup"
    return f"the file starts with {start[:8]!r}"
