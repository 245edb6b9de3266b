"""An image file becomes an array of pixels, or a sentence about why it does not."""

import io
import os
import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ...core.errors import UserError
from .pillow import DECODER_ERRORS, FORMATS, MAX_PIXELS, upright_rgb

try:
    import torchvision.io  # noqa: F401  (registers the decoder below)
    _decode_jpeg = torch.ops.image.decode_jpeg
except (ImportError, AttributeError):  # its image functions are announced to go: Pillow gives the same pixels
    _decode_jpeg = None

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


def decode_image(path: str | os.PathLike) -> torch.Tensor:
    """uint8 (3, H, W), a view of rows of RGB pixels."""
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
        if _decode_jpeg is not None and picture.format == "JPEG" and picture.mode in ("RGB", "L"):
            return _decode_jpeg(torch.from_numpy(data), _RGB, True)
        return torch.from_numpy(np.array(upright_rgb(picture))).permute(2, 0, 1)
    except BrokenImage:
        raise
    except Image.UnidentifiedImageError:
        raise BrokenImage(path, f"{_looks_like(data)}; expected an image ({', '.join(FORMATS)}).") from None
    except DECODER_ERRORS as error:
        detail = " ".join(_DECODER_PLACE.sub("", str(error)).split())[:200]
        raise BrokenImage(path, f"the image cannot be decoded ({detail}).") from None


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
