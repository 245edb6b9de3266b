"""What of an image file decides its pixels, found without decoding any.

Cameras and programs put descriptions beside the pixels (EXIF, XMP, colour profiles, text, previews), and often broken
ones. Decoders are given files without them, so that they cannot decide whether pixels can be read.
"""

import re

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_SEGMENT = re.compile(rb"\xff+([\xc0-\xcf\xdb-\xfe])(..)", re.DOTALL)  # before the first scan of a JPEG
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)  # also between scans, where other 0xFF are escaped
_SCAN, _END = b"\xff\xda", b"\xff\xd9"


def without_metadata(data: bytes) -> tuple[bytes, bytes]:
    """The same image with nothing but what its pixels depend on, and its EXIF (empty if there is none).

    JPEG, PNG and WebP are walked through as far as they are in order; what follows is kept as it is.
    """
    if data.startswith(_JPEG):
        return _from_segments(data)
    if data.startswith(_PNG):
        return _from_png(data)
    if is_webp(data):
        return _from_webp(data)
    return data, b""


def is_webp(data: bytes) -> bool:
    """Whether the file begins as a WebP does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in the header of a WebP: its decoder reserves memory for them as soon as it opens a file."""
    kind, number = data[12:16], lambda start, size: int.from_bytes(data[start:start + size], "little")
    if kind == b"VP8X":
        return number(24, 3) + 1, number(27, 3) + 1
    if kind == b"VP8L":
        return (number(21, 4) & 0x3FFF) + 1, (number(21, 4) >> 14 & 0x3FFF) + 1
    return number(26, 2) & 0x3FFF, number(28, 2) & 0x3FFF


def orientation(exif: bytes) -> int:
    """How the camera was held, 1 (upright) to 8; 1 where EXIF does not say so or is broken."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2], "big")

    def number(start: int, size: int) -> int:
        return int.from_bytes(tiff[start:start + size], order)

    first = number(4, 4)
    for entry in range(first + 2, min(first + 2 + 12 * number(first, 2), len(tiff)), 12):
        if number(entry, 2) == 0x0112:
            size = {3: 2, 4: 4}.get(number(entry + 2, 2), 0)  # 16 or 32 bits
            return found if 1 <= (found := number(entry + 8, size)) <= 8 else 1
    return 1


def count_scans(data: bytes) -> int:
    """Passes over the pixels in a JPEG: 1, or about 10 if it is progressive; each takes as long as the first."""
    scans, place = 0, len(_JPEG)
    while (marker := _MARKER.search(data, place)) and marker[0] != _END:
        scans += marker[0] == _SCAN
        place = marker.end() + int.from_bytes(data[marker.end():marker.end() + 2])
    return scans


def _from_segments(data: bytes) -> tuple[bytes, bytes]:
    kept, exif, place = [_JPEG], b"", len(_JPEG)
    while segment := _SEGMENT.match(data, place):
        start, place = place, segment.start(2) + int.from_bytes(segment[2])
        body = data[segment.end():place]
        if not segment.end() <= place <= len(data):
            return b"".join(kept) + data[start:], exif
        if segment[1] == b"\xe1" and body.startswith(b"Exif\0\0"):
            exif = exif or body
        if not _jpeg_metadata(segment[1], body):
            kept.append(data[start:place])
    return b"".join(kept) + data[place:], exif


def _jpeg_metadata(kind: bytes, body: bytes) -> bool:
    """Comments and application segments, but for the two from which libjpeg knows the colours, where it accepts them."""
    if kind == b"\xe0":
        return not (body.startswith(b"JFIF\0") and len(body) >= 14)
    if kind == b"\xee":
        return not (body.startswith(b"Adobe") and len(body) >= 12)
    return kind == b"\xfe" or b"\xe0" <= kind <= b"\xef"


def _from_png(data: bytes) -> tuple[bytes, bytes]:
    """A small first letter marks a chunk that a decoder does not need; transparency it does."""
    kept, exif, place = [_PNG], b"", len(_PNG)
    kind = b""
    while place + 12 <= len(data) and kind != b"IEND":
        kind, end = data[place + 4:place + 8], place + 12 + int.from_bytes(data[place:place + 4])
        if kind == b"eXIf":
            exif = exif or data[place + 8:end - 4]
        if kind == b"tRNS" or not kind[:1].islower():
            kept.append(data[place:end])
        place = end
    return b"".join(kept) + data[place:], exif


def _from_webp(data: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(data[4:8], "little")
    data, kept, exif, place = data[:8 + size], [b"WEBP"], b"", 12
    while place + 8 <= len(data):
        kind, end = data[place:place + 4], place + 8 + int.from_bytes(data[place + 4:place + 8], "little")
        if kind == b"EXIF":
            exif = exif or data[place + 8:end]
        if kind not in (b"EXIF", b"XMP ", b"ICCP"):
            kept.append(data[place:end + end % 2])
        place = end + end % 2
    plain = b"".join(kept) + data[place:]
    return b"RIFF" + (size + 8 - len(data) + len(plain)).to_bytes(4, "little") + plain, exif
