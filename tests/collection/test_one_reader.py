"""Training, thumbnails and duplicates give one answer for every image file, whatever is wrong with it or beside its pixels."""

import io
import struct
import time
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from eufcc_lib.collection.curation import duplicates
from eufcc_lib.collection.thumbnails.checks import Unkept, check_image
from eufcc_lib.data.images.containers import without_metadata
from eufcc_lib.data.images.decoding import BrokenImage, decode_image
from eufcc_lib.figures.photographs import open_image

BROKEN_EXIF = b"Exif\0\0\0\x08\0\x02\x01\x12\0\x03"
TURNED = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
CLOCKWISE = Image.Transpose.ROTATE_270


def picture(width=60, height=40, mode="RGB", seed=0) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def file_of(image, kind, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, added: bytes) -> bytes:
    """A PNG with a chunk right behind its header."""
    return png[:33] + added + png[33:]


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with a segment before all others."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def answer_for(data: bytes, path: Path) -> np.ndarray | None:
    """The pixels that all see, or None if all refuse the file."""
    path.write_bytes(data)
    try:
        pixels = decode_image(path).permute(1, 2, 0).numpy()
    except BrokenImage:
        assert duplicates._fingerprint(path)[2].startswith("broken") and open_image(path) is None
        with pytest.raises(Unkept):
            check_image(data)
        return None
    assert check_image(data)[1:] == (pixels.shape[1], pixels.shape[0])
    digest, _, reason = duplicates._fingerprint(path)
    flat = pixels.reshape(-1, 3)
    if (flat == flat[0]).all():
        assert reason.startswith("blank")
    else:
        hashed = f"{pixels.shape[1]} x {pixels.shape[0]} RGB ".encode() + np.ascontiguousarray(pixels).tobytes()
        assert (digest, reason) == (duplicates.hashlib.sha256(hashed).hexdigest(), "")
    assert np.array_equal(open_image(path), pixels)
    return pixels


def assert_read_as(expected: Image.Image, data: bytes, path: Path, tolerance: int = 0) -> None:
    pixels = answer_for(data, path)
    assert pixels is not None and pixels.shape == np.asarray(expected).shape
    assert np.abs(pixels.astype(int) - np.asarray(expected)).max() <= tolerance


@pytest.mark.parametrize("size", [(1, 1), (6, 6), (7, 400), (400, 5), (400, 8)])
def test_thin_pictures_are_read(tmp_path, size):
    jpeg = file_of(picture(*size), "JPEG")
    assert_read_as(Image.open(io.BytesIO(jpeg)), jpeg, tmp_path / "a")


def test_jpeg_needs_its_pixels_and_not_its_end_mark(tmp_path):
    jpeg = file_of(picture(), "JPEG")
    assert_read_as(Image.open(io.BytesIO(jpeg)), jpeg[:-2] + b"\0\0SEFT" + b"x" * 500, tmp_path / "a")
    assert_read_as(Image.open(io.BytesIO(jpeg)), jpeg + b"\xff\xda\0\x04" * 200, tmp_path / "a")
    assert answer_for(jpeg[:-2], tmp_path / "a") is None
    assert answer_for(jpeg[:-40], tmp_path / "a") is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_camera_turns_every_format_and_broken_exif_none(tmp_path, kind):
    exact = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    plain = Image.open(io.BytesIO(file_of(picture(), kind, **exact)))
    assert_read_as(plain.transpose(CLOCKWISE), file_of(picture(), kind, exif=TURNED, **exact), tmp_path / "a")
    if kind != "TIFF":  # there it is no block of its own
        for broken in (BROKEN_EXIF, TURNED[:18], b"Exif\0\0", TURNED.replace(b"\0\x03", b"\xff\xff")):
            assert_read_as(plain, file_of(picture(), kind, exif=broken, **exact), tmp_path / "a")


def test_what_follows_the_end_of_a_png_is_no_part_of_it():
    plain = file_of(picture(), "PNG")
    for trailer in (chunk(b"eXIf", TURNED.removeprefix(b"Exif\0\0")), bytes(100)):
        assert without_metadata(plain + trailer) == (plain + trailer, b"")


def test_sixteen_bits_of_grey_are_turned_and_stand_on_white(tmp_path):
    grey = (np.arange(60, dtype=np.uint16).reshape(6, 10) + 1) * 1000
    png = file_of(Image.fromarray(grey), "PNG")
    expected = Image.fromarray(np.rint(grey / 257).astype(np.uint8)).convert("RGB")
    assert_read_as(expected.transpose(CLOCKWISE), with_chunk(png, chunk(b"eXIf", TURNED[6:])), tmp_path / "a")
    expected.putpixel((3, 2), (255, 255, 255))
    assert_read_as(expected, with_chunk(png, chunk(b"tRNS", struct.pack(">H", grey[2, 3]))), tmp_path / "a")


@cache
def broken_descriptions() -> dict[str, bytes]:
    png, jpeg = file_of(picture(), "PNG"), file_of(picture(), "JPEG")
    webp = file_of(picture(), "WEBP", lossless=True, exif=b"x" * 40, icc_profile=b"profile")
    long, longer = (zlib.compress(b"x" * size) for size in (900_000, PngImagePlugin.MAX_TEXT_CHUNK + 1))
    return {
        "compressed text of 1 MB": with_chunk(png, chunk(b"zTXt", b"key\0\0" + longer)),
        "international text of 1 MB": with_chunk(png, chunk(b"iTXt", b"key\0\1\0\0\0" + longer)),
        "texts of 72 MB": with_chunk(png, chunk(b"zTXt", b"key\0\0" + long) * 80),
        "profile of 1 MB": with_chunk(png, chunk(b"iCCP", b"name\0\0" + longer)),
        "profile of another kind": with_chunk(png, chunk(b"iCCP", b"name\0\7x")),
        "short chunks": with_chunk(png, chunk(b"gAMA", b"") + chunk(b"cHRM", b"x") + chunk(b"pHYs", b"") + chunk(b"sRGB", b"")),
        "wrong checksum of a text": with_chunk(png, chunk(b"tEXt", b"key\0value")[:-1] + b"x"),
        "frames of no animation": with_chunk(png, chunk(b"acTL", b"") + chunk(b"fcTL", b"x")),
        "short JFIF": with_segment(jpeg, 0xE0, b"JFIF"),
        "previews that are not there": with_segment(jpeg, 0xE2, b"MPF\0MM\0*\xff\xff\xff\xff"),
        "profile in parts that miss one": with_segment(jpeg, 0xE2, b"ICC_PROFILE\0\2\5x"),
        "Photoshop": with_segment(jpeg, 0xED, b"Photoshop 3.0\x008BIM\x03\xed\0\0\xff\xff\xff\xff"),
        "short Adobe": with_segment(jpeg, 0xEE, b"Adobe"),
        "comment with the marks of scans": with_segment(jpeg, 0xFE, b"\xff\xda" * 300),
        "WebP profile": webp.replace(b"profile", b"\xff" * 7),
    }


@pytest.mark.parametrize("name", broken_descriptions())
def test_descriptions_never_decide_whether_pixels_are_read(tmp_path, name):
    data = broken_descriptions()[name]
    expected = Image.open(io.BytesIO(file_of(picture(), "JPEG"))) if data.startswith(b"\xff\xd8") else picture()
    assert_read_as(expected, data, tmp_path / "a")


def test_transparency_that_only_a_chunk_names_stands_on_white(tmp_path):
    image = picture(mode="P")
    colour = image.getpixel((0, 0))
    expected = image.convert("RGB")
    expected.paste((255, 255, 255), mask=image.point(lambda index: 255 * (index == colour), "L"))
    assert_read_as(expected, file_of(image, "PNG", transparency=colour), tmp_path / "a")


@pytest.mark.parametrize("chunks", [
    b"VP8X\x0a\0\0\0\x10\0\0\0" + 2 * (16_382).to_bytes(3, "little"),
    b"VP8L\x05\0\0\0\x2f" + struct.pack("<I", 16_382 | 16_382 << 14) + b"\0",
    b"VP8 \x0e\0\0\0\x10\2\0\x9d\1\x2a" + struct.pack("<HH", 16_383, 16_383) + bytes(4)])
def test_webp_of_huge_sides_is_refused_by_its_header(tmp_path, chunks, monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("its decoder reserves 1.9 GB as it opens the file"))
    data = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
    assert answer_for(data, tmp_path / "a") is None
    with pytest.raises(BrokenImage, match="16383 x 16383 pixels are more than the 80,000,000"):
        decode_image(tmp_path / "a")


def jpeg_of_scans(count: int) -> bytes:
    """A progressive JPEG with its last scan repeated."""
    jpeg = file_of(picture(300, 300), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xc4")
    return jpeg[:last] + jpeg[last:-2] * count + jpeg[-2:]


def test_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(tmp_path):
    assert answer_for(jpeg_of_scans(20), tmp_path / "a") is not None
    start = time.process_time()
    assert answer_for(jpeg_of_scans(3_000), tmp_path / "a") is None
    assert time.process_time() - start < 1
    with pytest.raises(BrokenImage, match="3,009 scans are more than the 100 that are read"):
        decode_image(tmp_path / "a")


FILES = [file_of(picture(mode=mode, seed=seed), kind, **options)
         for seed, (kind, options) in enumerate([("JPEG", {}), ("JPEG", {"progressive": True, "exif": TURNED}),
                                                 ("JPEG", {"restart_marker_blocks": 2}), ("PNG", {"exif": TURNED}),
                                                 ("WEBP", {"exif": TURNED}), ("GIF", {}), ("TIFF", {}), ("BMP", {})])
         for mode in ("RGB", "L")]

changes = st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=3)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(FILES), changes)
def test_damaged_files_are_read_alike_or_refused_by_all(tmp_path, data, changes):
    for place, gone, new in changes:
        start = int(place * len(data))
        data = data[:start] + new + data[start + gone:]
    answer_for(data, tmp_path / "a")
