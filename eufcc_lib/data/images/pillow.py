"""Image files as Pillow reads them: which are read, how large they may be, and as what they come out.

One place for all who open images: training (`images`), and the collection's thumbnails and duplicates.
"""

import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
"""What is read; of a file with several pictures, the first. Told by content, not by suffix."""

MAX_PIXELS = 80_000_000
"""A picture with more is refused before it is decoded: it would take 240 MB in each worker."""

DECODER_ERRORS = (OSError, RuntimeError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError,
                  struct.error, zlib.error, Image.DecompressionBombError)
"""A decoder fails with whatever its parser stumbled on."""


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
