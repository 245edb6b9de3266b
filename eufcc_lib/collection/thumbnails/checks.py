"""Whether bytes are a whole picture, and the JPEG file to keep of it.

Placeholder icons, broken or truncated files and pictures that are too large are refused, each with its reason.
"""

import hashlib
import io

from ...data.images.decoding import MAX_PIXELS, Unreadable, decode_picture
from ..http import Transient

ICONS = frozenset({"9b81b5fee241cee7aba478d1cd20715c1ae2601bcfca8c09e327731dfddf9bf5"})
"""SHA-256 of pictures that Europeana's v2 service sends, with status 200, where there is no thumbnail."""

# Its icons for video, text, image, sound and 3D: PNG files of 293 x 293 pixels.
_ICON_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + 2 * (293).to_bytes(4)
_ICON_BYTES = {1932, 2180, 2319, 2484, 3012}

JPEG_MAX_SIDE = 65_500
"""Pixels; what libjpeg can write."""


class Unkept(Exception):
    """Why there is no image; `status` is one of `manifest.STATUSES`, `code` that of HTTP."""

    def __init__(self, reason: str, status: str = "refused", code: int = 200):
        super().__init__(reason)
        self.status, self.code = status, code


class Broken(Unkept, Transient):
    """An image that another try may bring whole."""

    pause, tries = 0.0, None


def check_image(data: bytes, max_pixels: int = MAX_PIXELS) -> tuple[bytes, int, int]:
    """The JPEG file to keep for the bytes of an image, its width and its height in pixels.

    JPEG is kept byte for byte, the other formats become RGB JPEG. Width and height are those of the upright picture.

    Raises:
        Unkept: they are an icon, not an image, a broken or truncated one, or one that is too large.
    """
    if hashlib.sha256(data).hexdigest() in ICONS or is_icon(data):
        raise Unkept("placeholder icon", "missing")
    try:
        picture = decode_picture(data, max_pixels)
    except Unreadable as error:
        raise (Broken if error.damaged else Unkept)(error.kind) from None
    if data.startswith(b"\xff\xd8"):
        return data, *picture.size
    if max(picture.size) > JPEG_MAX_SIDE:
        raise Unkept(f"a side of more than {JPEG_MAX_SIDE} pixels")
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=95)
    return kept.getvalue(), *picture.size


def is_icon(data: bytes) -> bool:
    """Whether the bytes are, by their size, one of the service's icons; those of `ICONS` aside."""
    return data.startswith(_ICON_START) and len(data) in _ICON_BYTES
