"""Whether bytes are a whole picture, and the JPEG file to keep of it.

Placeholder icons, broken or truncated files and pictures that are too large are refused, each with its reason.
"""

import hashlib
import io

from PIL import Image

from ...data.images.decoding import FORMATS, MAX_PIXELS, upright_rgb
from ..http import Transient

ICONS = frozenset({"9b81b5fee241cee7aba478d1cd20715c1ae2601bcfca8c09e327731dfddf9bf5"})
"""SHA-256 of pictures that Europeana's v2 service sends, with status 200, where there is no thumbnail."""

_ICON_SIDE, _ICON_BYTES = 293, {1932, 2180, 2319, 2484, 3012}  # its icons for video, text, image, sound and 3D


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

    JPEG is kept byte for byte, the other `FORMATS` become RGB JPEG.

    Raises:
        Unkept: they are an icon, not an image, a broken or truncated one, or one that is too large.
    """
    if hashlib.sha256(data).hexdigest() in ICONS:
        raise Unkept("placeholder icon", "missing")
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > max_pixels:
            raise Unkept(f"more than {max_pixels} pixels")
        if is_icon(picture, len(data)):
            raise Unkept("placeholder icon", "missing")
        if data.startswith(b"\xff\xd8"):
            # Grey and an eighth of the size: every code of the file is still read, for half of the work.
            picture.draft("L", (width // 8, height // 8))
            picture.load()
            return data, width, height
        picture, kept = upright_rgb(picture), io.BytesIO()
    except Unkept:
        raise
    except Image.UnidentifiedImageError:
        if not data or data.startswith((b"\xff\xd8", b"\x89PNG")):
            raise Broken("truncated image" if data else "empty") from None
        raise Unkept("a web page or other markup" if data.lstrip()[:1] == b"<" else "not an image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unkept(f"more than {max_pixels} pixels") from None
    except Exception as error:  # noqa: BLE001  a decoder raises whatever its parser stumbles over
        reason = "truncated image" if "truncated" in str(error) else f"broken image ({type(error).__name__})"
        raise Broken(reason) from None
    picture.save(kept, "JPEG", quality=95)
    return kept.getvalue(), *picture.size


def is_icon(picture: Image.Image, size: int) -> bool:
    """Whether a picture, in a file of `size` bytes, is one of the service's icons; those of `ICONS` aside."""
    return (picture.format, *picture.size) == ("PNG", _ICON_SIDE, _ICON_SIDE) and size in _ICON_BYTES
