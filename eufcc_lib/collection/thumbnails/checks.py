"""What came as a thumbnail: a whole picture, and the JPEG file to keep of it.

Icons that stand for no thumbnail, broken or cut files and pictures too large are told apart. Where
the bytes come from is `asking`.
"""

import hashlib
import io

from PIL import Image

from ...data.images.decoding import FORMATS, MAX_PIXELS, upright_rgb

ICONS = frozenset({"9b81b5fee241cee7aba478d1cd20715c1ae2601bcfca8c09e327731dfddf9bf5"})
"""SHA-256 of pictures that Europeana's v2 service sends, with status 200, where there is no thumbnail."""

_ICON_SIDE, _ICON_BYTES = 293, {1932, 2180, 2319, 2484, 3012}  # its icons for video, text, image, sound and 3D


class Unkept(Exception):
    """Why there is no image; `again` if another try may bring one, `status` if none does."""

    def __init__(self, reason: str, status: str = "refused", again: bool = False, code: int | None = None):
        super().__init__(reason)
        self.reason, self.status, self.again, self.code = reason, status, again, code


def check_image(data: bytes, max_pixels: int = MAX_PIXELS,
                icons: frozenset[str] = ICONS) -> tuple[bytes, int, int]:
    """The JPEG file to keep for the bytes that came, its width and its height in pixels.

    JPEG is kept as it came, the other `FORMATS` become RGB JPEG.

    Raises:
        Unkept: they are an icon, no image, a broken or truncated one, or too large a one.
    """
    if hashlib.sha256(data).hexdigest() in icons:
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
        cut = not data or data.startswith((b"\xff\xd8", b"\x89PNG"))
        raise Unkept(("truncated image" if data else "empty") if cut else _looks_like(data), again=cut) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unkept(f"more than {max_pixels} pixels") from None
    except Exception as error:  # noqa: BLE001  a decoder fails with whatever its parser stumbled on
        reason = "truncated image" if "truncated" in str(error) else f"broken image ({type(error).__name__})"
        raise Unkept(reason, again=True) from None
    picture.save(kept, "JPEG", quality=95)
    return kept.getvalue(), *picture.size


def is_icon(picture: Image.Image, size: int) -> bool:
    """Whether a picture, in a file of so many bytes, is one of the service's icons; those of `ICONS` aside."""
    return (picture.format, *picture.size) == ("PNG", _ICON_SIDE, _ICON_SIDE) and size in _ICON_BYTES


def _looks_like(data: bytes) -> str:
    return "a web page or other markup" if data.lstrip()[:1] == b"<" else "not an image"
