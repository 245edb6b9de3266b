"""Images: what is read, what is refused, and that a batch depends on seed and epoch alone."""

import io
import pickle
import struct
import zlib
from unicodedata import normalize

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.images import decoding, transforms
from eufcc_lib.data.images.decoding import BrokenImage
from eufcc_lib.data.images.loader import ImageDataset, find_missing, image_loader
from eufcc_lib.data.images.sampler import EpochSampler
from eufcc_lib.data.images.transforms import Transform, normalise, random_box, read_image, resized_shape
from eufcc_lib.models.features import file_size

MUSEUMS = ROOT.parent / "shared" / "data" / "museums" / "EUROPEANA" / "images"
SMALL = Transform(size=32)


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """Smooth colours with fine grain: what a photograph is to a decoder."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((width, height), Image.BICUBIC)
    grain = rng.normal(0, 8, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8))


@pytest.fixture
def folder(tmp_path):
    """Seven readable JPEG files, 0.jpg to 6.jpg, of different shapes."""
    for number in range(7):
        picture(50 + 9 * number, 90 - 7 * number, number).save(tmp_path / f"{number}.jpg")
    return tmp_path


def jpegs(folder) -> list:
    return sorted(folder.glob("*.jpg"))


def reference(path, transform: Transform) -> np.ndarray:
    """The textbook way, in Pillow alone: decode, resize the shorter side, crop the middle."""
    image = Image.open(path).convert("RGB")
    short = round(transform.size / transform.crop)
    scale = short / min(image.size)
    width, height = (max(round(side * scale), short) for side in image.size)
    image = image.resize((width, height), Image.Resampling[transform.interpolation.upper()])
    left, top = (width - transform.size) // 2, (height - transform.size) // 2
    return np.asarray(image.crop((left, top, left + transform.size, top + transform.size))).transpose(2, 0, 1)


def assert_same_within_rounding(pixels: torch.Tensor, expected: np.ndarray) -> None:
    """Decoding is exact; resizing rounds to bytes after each of its two directions, by one more or less."""
    difference = np.abs(pixels.numpy().astype(int) - expected)
    assert difference.max() <= 2
    assert (difference > 0).mean() < 0.03 and (difference > 1).mean() < 1e-4


@pytest.mark.parametrize("interpolation", transforms.INTERPOLATIONS)
@pytest.mark.parametrize("shape", [(400, 300), (223, 401), (224, 224), (128, 128), (97, 33), (1, 1), (700, 90)])
def test_pixels_are_those_of_pillow_within_rounding(tmp_path, shape, interpolation):
    picture(*shape).save(tmp_path / "a.jpg", quality=90)
    transform = Transform(interpolation=interpolation)
    pixels = read_image(tmp_path / "a.jpg", transform)
    assert pixels.shape == (3, 224, 224) and pixels.dtype == torch.uint8 and pixels.is_contiguous()
    assert_same_within_rounding(pixels, reference(tmp_path / "a.jpg", transform))


@pytest.mark.skipif(not MUSEUMS.is_dir(), reason="the real museum photographs (../shared/data/museums) are not here")
@pytest.mark.parametrize("interpolation", transforms.INTERPOLATIONS)
def test_real_photographs_are_those_of_pillow_within_rounding(interpolation):
    transform = Transform(interpolation=interpolation)
    for path in jpegs(MUSEUMS)[::50]:
        assert_same_within_rounding(read_image(path, transform), reference(path, transform))


def test_without_torchvisions_decoder_the_pixels_are_the_same(folder, monkeypatch):
    before = [read_image(path, SMALL) for path in jpegs(folder)]
    monkeypatch.setattr(decoding, "_jpeg_decoder", lambda: None)
    for path, pixels in zip(jpegs(folder), before, strict=True):
        assert torch.equal(read_image(path, SMALL), pixels)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_of_any_colour_mode_becomes_rgb(tmp_path, mode):
    picture(60, 60).convert(mode).save(tmp_path / "a.jpg")
    assert_same_within_rounding(read_image(tmp_path / "a.jpg", SMALL), reference(tmp_path / "a.jpg", SMALL))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_png_of_any_colour_mode_becomes_rgb_whatever_its_suffix(tmp_path, mode):
    picture(60, 60).convert(mode).save(tmp_path / "a.jpg", format="PNG")
    assert_same_within_rounding(read_image(tmp_path / "a.jpg", SMALL), reference(tmp_path / "a.jpg", SMALL))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_show_white(tmp_path, mode):
    Image.new(mode, (40, 40), 0).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", SMALL).eq(255).all()


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    Image.fromarray(np.full((40, 40), 128 * 257, dtype=np.uint16)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", SMALL).eq(128).all()


@pytest.mark.parametrize("suffix", ["jpg", "png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_cameras_orientation_is_applied(tmp_path, suffix, orientation):
    # Orientation 6: the camera was turned, and the top of the scene is at the right of the stored picture.
    upright = np.zeros((64, 64, 3), dtype=np.uint8)
    upright[:32, :32] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    undo = {2: [np.fliplr], 3: [np.flipud, np.fliplr], 4: [np.flipud], 5: [np.rot90, np.flipud], 6: [np.rot90],
            7: [np.rot90, np.fliplr], 8: [np.rot90, np.flipud, np.fliplr]}
    stored = upright
    for step in undo.get(orientation, []):
        stored = step(stored)
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"a.{suffix}", exif=exif, quality=95)
    pixels = read_image(tmp_path / f"a.{suffix}", Transform(size=64, crop=1)).float().mean(0)
    corners = [pixels[:32, :32], pixels[:32, 32:], pixels[32:, :32], pixels[32:, 32:]]
    assert [int(corner.mean() > 128) for corner in corners] == [1, 0, 0, 0]


def png_that_says(width: int, height: int) -> bytes:
    """A small picture whose header states this size, so that who decodes it before refusing it has another error."""
    file = io.BytesIO()
    Image.new("1", (8, 8)).save(file, format="PNG")
    data = bytearray(file.getvalue())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def broken_files(folder) -> dict[str, str]:
    """One file of each way to be broken, and a word that its error has to contain."""
    whole = folder / "whole.bin"
    picture(200, 200).save(whole, format="JPEG")
    data = whole.read_bytes()
    (folder / "truncated.jpg").write_bytes(data[:len(data) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.jpg").write_text("<!DOCTYPE html><title>404</title>", encoding="utf-8")
    (folder / "noise.jpg").write_bytes(bytes(range(256)))
    (folder / "header.jpg").write_bytes(data[:20])
    (folder / "folder.jpg").mkdir()
    (folder / "large.jpg").write_bytes(png_that_says(10_000, 8_500))
    (folder / "bomb.jpg").write_bytes(png_that_says(20_000, 20_000))
    Image.fromarray(np.zeros((9, 9), dtype=np.int32)).save(folder / "deep.jpg", format="TIFF")
    picture(200, 200).save(folder / "cut.png")
    cut = (folder / "cut.png").read_bytes()
    (folder / "cut.jpg").write_bytes(cut[:len(cut) // 2])
    return {"truncated.jpg": r"cannot be decoded \(.*truncated", "empty.jpg": "empty", "page.jpg": "web page", "noise.jpg": "starts with",
            "header.jpg": "header is damaged", "folder.jpg": "folder",
            "large.jpg": "10000 x 8500", "bomb.jpg": "more than the 80,000,000 pixels", "deep.jpg": "32 bits",
            "cut.jpg": "decoded", "absent.jpg": "no such file"}


def test_a_broken_file_is_named_with_its_reason(tmp_path):
    for name, word in broken_files(tmp_path).items():
        with pytest.raises(BrokenImage, match=word) as caught:
            read_image(tmp_path / name, SMALL)
        assert caught.value.path == tmp_path / name
        assert str(caught.value).startswith(str(tmp_path / name)) and "\n" not in str(caught.value)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_very_long_strip_does_not_fill_the_memory(tmp_path):
    picture(30_000, 2).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", SMALL).shape == (3, 32, 32)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 99))
def test_random_box_lies_inside_the_picture(height, width, seed):
    top, left, box_height, box_width = random_box(height, width, SMALL, np.random.default_rng(seed))
    assert 0 <= top < top + box_height <= height
    assert 0 <= left < left + box_width <= width


def test_random_boxes_have_the_areas_and_aspects_asked_for():
    rng = np.random.default_rng(0)
    boxes = np.array([random_box(400, 400, SMALL, rng) for _ in range(2000)])
    area, aspect = boxes[:, 2] * boxes[:, 3] / 400**2, boxes[:, 3] / boxes[:, 2]
    assert area.min() > 0.07 and area.max() <= 1 and 0.45 < area.mean() < 0.55
    assert aspect.min() > 0.74 and aspect.max() < 1.35 and abs(np.log(aspect).mean()) < 0.02
    assert 0.4 < ((boxes[:, 0] + boxes[:, 2] / 2) / 400).mean() < 0.6


@given(st.integers(1, 999), st.integers(1, 999))
def test_resized_picture_covers_the_crop_and_keeps_its_aspect(height, width):
    new_height, new_width = resized_shape(height, width, Transform())
    assert min(new_height, new_width) == 256
    assert abs(new_height / new_width - height / width) <= height / width / 250


def test_normalise_gives_the_formula(folder):
    batch = torch.stack([read_image(path, SMALL) for path in jpegs(folder)])
    mean, std = torch.tensor(SMALL.mean).view(1, 3, 1, 1), torch.tensor(SMALL.std).view(1, 3, 1, 1)
    assert torch.allclose(normalise(batch, SMALL.mean, SMALL.std), (batch / 255 - mean) / std, atol=1e-5)
    kept = normalise(batch.contiguous(memory_format=torch.channels_last), SMALL.mean, SMALL.std, torch.bfloat16)
    assert kept.dtype == torch.bfloat16 and kept.is_contiguous(memory_format=torch.channels_last)


def test_transform_says_what_it_does_and_refuses_nonsense():
    assert "centre crop 224" in Transform().description and "256" in Transform().description
    assert "random resized crop" in Transform().training().description
    assert Transform().training().evaluation() == Transform()
    with pytest.raises(UserError, match="bicubic, bilinear"):
        Transform(interpolation="lanczos")
    with pytest.raises(UserError, match="crop"):
        Transform(crop=1.5)


def naive_repeated_augmentation(order, repeats: int, world: int, batch: int) -> list[list[int]]:
    """Per process, the rows it sees: repeat, deal out in turn, stop at the length of the data."""
    repeated = [row for row in order for _ in range(repeats)][:len(order) // batch * batch]
    return [repeated[rank::world] for rank in range(world)]


@given(st.integers(1, 60), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 3))
def test_repeated_augmentation_equals_the_naive_one(count, repeats, world, per_process, epoch):
    batch = world * per_process
    if count < batch:
        return
    seen = []
    for rank in range(world):
        sampler = EpochSampler(count, batch, shuffle=True, repeats=repeats, seed=5, rank=rank, world=world)
        sampler.epoch = epoch
        assert len(list(sampler)) == len(sampler)
        seen.append(np.concatenate(list(sampler)))
    order = np.random.default_rng((5, epoch)).permutation(count).tolist()
    assert [keys[:, 2].tolist() for keys in seen] == naive_repeated_augmentation(order, repeats, world, batch)
    everyone = np.concatenate(seen)
    assert len(np.unique(everyone, axis=0)) == len(everyone)  # no repetition is seen twice


@given(st.integers(0, 60), st.integers(1, 4), st.integers(1, 4))
def test_in_order_every_image_comes_once_over_all_processes(count, world, per_process):
    batch = world * per_process
    samplers = [EpochSampler(count, batch, rank=rank, world=world) for rank in range(world)]
    assert all(len(list(sampler)) == len(sampler) for sampler in samplers)
    batches = sorted(keys[:, 2].tolist() for sampler in samplers for keys in sampler)
    assert batches == [list(range(start, min(start + batch, count))) for start in range(0, count, batch)]


def test_each_epoch_has_its_own_order_and_a_third_of_the_images():
    sampler = EpochSampler(300, 30, shuffle=True, repeats=3)
    first = np.concatenate(list(sampler))[:, 2]
    sampler.epoch = 1
    second = np.concatenate(list(sampler))[:, 2]
    assert len(first) == 300 and len(set(first.tolist())) == 100
    assert first.tolist() != second.tolist()


def test_batch_larger_than_the_data_or_not_divisible_is_an_error():
    with pytest.raises(UserError, match="larger than the 3 training images"):
        EpochSampler(3, 4, shuffle=True)
    with pytest.raises(UserError, match="multiple of the 4"):
        EpochSampler(9, 6, world=4)


def all_batches(folder, workers: int, **options):
    loader = image_loader(ImageDataset(jpegs(folder), SMALL.training()), 3, shuffle=True, repeats=2, seed=9,
                          workers=workers, **options)
    batches = []
    for epoch in (4, 5):
        loader.set_epoch(epoch)
        batches += list(loader)
    return batches


def test_workers_change_nothing_in_a_batch(folder):
    here, elsewhere = all_batches(folder, 0), all_batches(folder, 2)
    assert len(here) == len(elsewhere) == 4
    for (images_here, rows_here), (images_there, rows_there) in zip(here, elsewhere, strict=True):
        assert torch.equal(images_here, images_there) and torch.equal(rows_here, rows_there)
    assert here[0][0].dtype == torch.uint8 and here[0][0].shape == (3, 3, 32, 32) and here[0][1].dtype == torch.int64


def test_an_epoch_left_halfway_does_not_leak_into_the_next(folder):
    loader = image_loader(ImageDataset(jpegs(folder), SMALL.training()), 2, shuffle=True, workers=1)
    loader.set_epoch(1)
    whole = [rows.tolist() for _, rows in loader]
    loader.set_epoch(0)
    next(iter(loader))
    loader.set_epoch(1)
    assert [rows.tolist() for _, rows in loader] == whole


def test_repetitions_of_an_image_are_augmented_differently(folder):
    pixels, rows = all_batches(folder, 0)[0]
    assert rows[0] == rows[1] and not torch.equal(pixels[0], pixels[1])


def test_processes_together_see_the_batch_of_one(folder):
    dataset = ImageDataset(jpegs(folder), SMALL.training())
    whole = next(iter(image_loader(dataset, 6, shuffle=True, repeats=3, workers=0)))
    parts = [next(iter(image_loader(dataset, 6, shuffle=True, repeats=3, workers=0, rank=rank, world=2)))
             for rank in range(2)]
    for rank, (pixels, rows) in enumerate(parts):
        assert torch.equal(pixels, whole[0][rank::2]) and torch.equal(rows, whole[1][rank::2])


@pytest.mark.parametrize("workers", [0, 2])
def test_skipped_images_are_counted_and_named_and_the_others_are_all_there(folder, workers):
    (folder / "3.jpg").write_bytes(b"")
    (folder / "5.jpg").write_bytes(b"<html>")
    loader = image_loader(ImageDataset(jpegs(folder), SMALL), 2, workers=workers, on_broken="skip")
    batches = list(loader)
    assert torch.cat([rows for _, rows in batches]).tolist() == [0, 1, 2, 4, 6]
    assert all(len(pixels) == len(rows) for pixels, rows in batches)
    for pixels, rows in batches:
        for image, row in zip(pixels, rows.tolist(), strict=True):
            assert torch.equal(image, read_image(folder / f"{row}.jpg", SMALL))
    assert sorted(loader.broken) == [3, 5] and "3.jpg: the file is empty" in loader.broken[3]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_image_is_an_error_of_one_sentence(folder, workers):
    (folder / "3.jpg").unlink()
    (folder / "3.jpg").mkdir()
    with pytest.raises(UserError, match=r"3\.jpg: a folder") as caught:
        list(image_loader(ImageDataset(jpegs(folder), SMALL), 2, workers=workers))
    assert "Traceback" not in str(caught.value)


class Dying(ImageDataset):
    def __getitems__(self, keys):
        import os
        os._exit(1)


def test_a_worker_that_dies_is_a_clear_error(folder):
    with pytest.raises(UserError, match="worker process that reads images was killed"):
        list(image_loader(Dying(jpegs(folder), SMALL), 2, workers=1))


def test_unknown_choice_for_broken_images_is_an_error(folder):
    with pytest.raises(UserError, match="error, skip"):
        image_loader(ImageDataset(jpegs(folder), SMALL), 2, on_broken="ignore")


def test_missing_files_are_found_without_opening_any(folder):
    (folder / "2.jpg").unlink()
    (folder / "4.jpg").unlink()
    (folder / "4.jpg").mkdir()
    paths = [folder / f"{number}.jpg" for number in (4, 0, 2, 1)] + [folder / "nowhere" / "a.jpg"]
    assert find_missing(paths) == [paths[0], paths[2], paths[4]]


def test_paths_survive_in_any_alphabet(tmp_path):
    name = tmp_path / "càntir_ñ_дом.jpg"
    picture(40, 40).save(name)
    dataset = ImageDataset([name], SMALL)
    assert dataset.path(0) == name and dataset[0].shape == (3, 32, 32)


@pytest.mark.parametrize("asked, there", [("NFC", "NFD"), ("NFD", "NFC")])
def test_file_is_found_whatever_the_normal_form_of_its_name(tmp_path, asked, there):
    picture(40, 40).save(tmp_path / f"{normalize(there, 'càntir')}.jpg")
    name = tmp_path / f"{normalize(asked, 'càntir')}.jpg"
    assert not name.exists() and find_missing([name, tmp_path / "cantir.jpg"]) == [tmp_path / "cantir.jpg"]
    assert ImageDataset([name], SMALL)[0].shape == (3, 32, 32) and decoding.read_picture(name).size == (40, 40)
    assert file_size(name) > 0
