"""Same pictures are merged, pictures that look alike are found, all of them, and kept in one group."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from eufcc_lib.collection.curation import duplicates
from eufcc_lib.collection.curation.duplicates import (
    group_records,
    merge_duplicates,
    near_duplicates,
    pairs_across_splits,
    perceptual_hash,
    pixel_digests,
)
from eufcc_lib.collection.thumbnails import checks
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns

MUSEUMS = ROOT.parent / "shared" / "data" / "museums"


def records_of(*rows):
    """Records from dicts of a facet's cell; ids are a, b, c ..."""
    columns = {column: [""] * len(rows) for column in COLUMNS}
    columns["idInSource"] = [chr(ord("a") + number) for number in range(len(rows))]
    columns["repository.keeper"] = [row.get("provider", "Museum") for row in rows]
    columns |= {f"{facet}.hierarchy": [row.get(facet, "") for row in rows] for facet in FACET_NAMES}
    return records_from_columns(columns)


def picture(seed=0, size=(90, 70)):
    """A smooth random picture."""
    small = np.random.default_rng(seed).integers(0, 256, (12, 10, 3), np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path):
    images = tmp_path / "EUROPEANA" / "images"
    images.mkdir(parents=True)
    return images


def distance(one, other):
    return (int(one) ^ int(other)).bit_count()


# Fingerprints

def test_same_pixels_have_one_digest_whatever_the_file(folder, tmp_path):
    picture().save(folder / "a.jpg", "PNG")
    picture().save(folder / "b.jpg", "BMP")
    changed = picture()
    changed.putpixel((3, 3), (1, 2, 3))
    changed.save(folder / "c.jpg", "PNG")
    digests = pixel_digests(tmp_path, "abc")
    assert digests.pixels["a"] == digests.pixels["b"] != digests.pixels["c"]
    assert digests.hashes[0] == digests.hashes[1]


def test_size_is_part_of_the_digest(folder, tmp_path):
    stripes = np.tile(np.array([[0], [255]], np.uint8), (6, 1)).reshape(2, 6)
    Image.fromarray(stripes).save(folder / "a.jpg", "PNG")
    Image.fromarray(stripes.reshape(3, 4)).save(folder / "b.jpg", "PNG")
    digests = pixel_digests(tmp_path, "ab")
    assert digests.pixels["a"] != digests.pixels["b"]


def test_picture_is_seen_as_a_model_sees_it(folder, tmp_path):
    upright, turned, exif = picture(), picture().transpose(Image.Transpose.ROTATE_90), Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    upright.save(folder / "a.jpg", "PNG")
    turned.save(folder / "b.jpg", "PNG", exif=exif)
    clear = Image.new("RGBA", (4, 4), (200, 0, 0, 0))
    clear.putpixel((0, 0), (0, 0, 0, 255))
    clear.save(folder / "c.jpg", "PNG")
    on_white = Image.new("RGB", (4, 4), "white")
    on_white.putpixel((0, 0), (0, 0, 0))
    on_white.save(folder / "d.jpg", "PNG")
    pixels = pixel_digests(tmp_path, "abcd").pixels
    assert pixels["a"] == pixels["b"] and pixels["c"] == pixels["d"]


def test_wide_grey_values_are_not_cut_to_white(folder, tmp_path):
    ramp = np.arange(64, dtype=np.uint16).reshape(8, 8)
    for name, values in (("a", ramp * 256 + 600), ("b", ramp[::-1] * 256 + 600)):
        Image.fromarray(values.astype(np.uint16)).save(folder / f"{name}.jpg", "PNG")
    digests = pixel_digests(tmp_path, "ab")
    assert len(digests.failed) == 0 and digests.pixels["a"] != digests.pixels["b"]


def test_image_without_fingerprint_is_named_with_its_reason(folder, tmp_path, monkeypatch):
    picture().save(folder / "good.jpg")
    (folder / "page.jpg").write_text("<html>not found</html>")
    (folder / "cut.jpg").write_bytes((folder / "good.jpg").read_bytes()[:900])
    Image.new("RGB", (40, 40), "grey").save(folder / "blank.jpg")
    Image.new("1", (10_000, 8_500)).save(folder / "huge.jpg", "PNG")
    picture(5).save(folder / "icon.jpg", "PNG")
    monkeypatch.setattr(duplicates, "ICONS", {hashlib.sha256((folder / "icon.jpg").read_bytes()).hexdigest()})
    ids = ["page", "gone", "good", "cut", "blank", "huge", "icon"]
    digests = pixel_digests(tmp_path, ids)
    assert list(digests.pixels) == ["good"]
    assert digests.usable.tolist() == [False, False, True, False, False, False, False]
    reasons = dict(zip(digests.failed["id"], digests.failed["reason"]))
    assert list(reasons) == ["page", "gone", "cut", "blank", "huge", "icon"]
    assert {name: reason.partition(":")[0] for name, reason in reasons.items()} == {
        "page": "broken", "gone": "missing", "cut": "broken", "blank": "blank", "huge": "broken", "icon": "placeholder"}
    assert "10000 x 8500" in reasons["huge"]


def test_icon_of_another_kind_is_no_picture_of_two_records(folder, tmp_path, monkeypatch):
    pixels = np.zeros((293, 293, 3), np.uint8)
    pixels[100:200] = 255
    for name in "ab":
        Image.fromarray(pixels).save(folder / f"{name}.jpg", "PNG")
    assert len(pixel_digests(tmp_path, "ab").pixels) == 2
    monkeypatch.setattr(checks, "_ICON_BYTES", {(folder / "a.jpg").stat().st_size})
    digests = pixel_digests(tmp_path, "ab")
    assert digests.pixels == {} and set(digests.failed["reason"]) == {duplicates._ICON}


def test_files_of_the_same_bytes_are_decoded_once(folder, tmp_path, monkeypatch):
    for name in "abc":
        picture().save(folder / f"{name}.jpg")
    decoded = []
    original = duplicates._fingerprint
    monkeypatch.setattr(duplicates, "_fingerprint", lambda path: (decoded.append(path.name), original(path))[1])
    assert len(set(pixel_digests(tmp_path, "abc").pixels.values())) == 1
    assert decoded == ["a.jpg"]


def test_workers_do_not_change_the_outcome(folder, tmp_path):
    ids = [f"n{number}" for number in range(20)]
    for number, name in enumerate(ids):
        picture(number % 7).save(folder / f"{name}.jpg")
    one, many = pixel_digests(tmp_path, ids, workers=1), pixel_digests(tmp_path, ids, workers=4)
    assert one.pixels == many.pixels and (one.hashes == many.hashes).all() and len(set(one.hashes.tolist())) == 7
    with pytest.raises(UserError, match="workers is 0"):
        pixel_digests(tmp_path, ids, workers=0)


def test_hash_bears_scaling_and_recompression_and_tells_pictures_apart(tmp_path):
    for seed in range(10):
        large = picture(seed, (300, 240))
        large.resize((120, 96)).save(tmp_path / "small.jpg", quality=40)
        with Image.open(tmp_path / "small.jpg") as small:
            assert distance(perceptual_hash(large), perceptual_hash(small)) <= 4
        brighter = large.point(lambda value: min(255, int(value * 0.7 + 40)))
        assert distance(perceptual_hash(large), perceptual_hash(brighter)) <= 2
        assert distance(perceptual_hash(large), perceptual_hash(picture(seed + 50, (300, 240)))) > 14


def test_hash_is_the_sign_of_the_slowest_waves():
    """The same in plain loops, from the definition of the cosine transform."""
    image = picture(3, (32, 32))
    grey = np.asarray(image.convert("L"), float)
    place = np.arange(32)
    waves = {(down, across): (grey * np.outer(np.cos(np.pi * (place + 0.5) * down / 32),
                                               np.cos(np.pi * (place + 0.5) * across / 32))).sum()
             * (np.sqrt(0.5) if down == 0 else 1) * (np.sqrt(0.5) if across == 0 else 1) / 16
             for down in range(12) for across in range(12)}
    order = sorted(waves, key=lambda wave: (sum(wave), wave[0]))[1:65]
    values = [waves[wave] for wave in order]
    bits = "".join("1" if value > np.median(values) else "0" for value in values)
    assert perceptual_hash(image) == int(bits, 2)


def test_hash_of_a_blank_or_nearly_blank_picture_is_zero():
    nearly = Image.fromarray(np.random.default_rng(0).integers(128, 130, (64, 64), np.uint8))
    assert perceptual_hash(Image.new("RGB", (50, 50), "red")) == 0
    assert perceptual_hash(nearly) == 0


# Merging

def test_merged_record_is_the_first_with_the_union_of_all_facets_in_order():
    records = records_of({"materials": "fusta"}, {"materials": "metall | bronze $ fusta", "classifications": "art"},
                         {"materials": "paper"}, {"materials": "or $ metall | bronze", "subjects": "retrat"})
    merged, table = merge_duplicates(records, {"a": "X", "b": "X", "d": "X", "c": "Y", "elsewhere": "Y"})
    assert merged.ids.tolist() == ["a", "c"]
    assert merged.paths("materials", 0) == (("fusta",), ("metall", "bronze"), ("or",))
    assert merged.paths("classifications", 0) == (("art",),) and merged.paths("subjects", 0) == (("retrat",),)
    assert merged.paths("materials", 1) == (("paper",),)
    assert table.to_dict("records") == [{"kept": "a", "merged": ("b", "d"), "apart": (), "providers": ("Museum",), "digest": "X",
                                         "facets": ("materials", "classifications", "subjects"),
                                         "agreement": pytest.approx((1 + 3 + 3) / 3 / 4)}]


def test_records_without_a_digest_are_never_merged():
    records = records_of({}, {}, {})
    merged, table = merge_duplicates(records, {})
    assert merged.ids.tolist() == ["a", "b", "c"] and table.empty


def test_cell_of_equally_annotated_duplicates_stays_as_written():
    records = records_of({"materials": "or $ or | or blanc $ or"}, {"materials": "or $ or | or blanc $ or"})
    merged, table = merge_duplicates(records, {"a": "X", "b": "X"})
    assert merged.table["materials.hierarchy"].to_pylist() == ["or $ or | or blanc $ or"]
    assert table["facets"].tolist() == [()]


def test_objects_of_one_holding_picture_stay_apart_and_are_shown():
    records = records_of(*({"objectTypes": f"kind {number % 5}", "materials": "wood"} for number in range(20)))
    digests = dict.fromkeys(records.ids, "X")
    kept, table = merge_duplicates(records, digests)
    assert kept.table.equals(records.table)
    assert table[["kept", "merged", "apart", "agreement", "facets"]].values.tolist() == [
        ["a", (), tuple(records.ids[1:]), 0.2, ("objectTypes",)]]
    merged, table = merge_duplicates(records, digests, unlike=0)
    assert len(merged) == 1 and len(merged.tags("objectTypes", 0)) == 5 and table["apart"].tolist() == [()]


@pytest.mark.parametrize(("one", "other", "alike"), [
    ({"materials": "wood"}, {"materials": "metal"}, False), ({"materials": "wood"}, {"materials": "metal $ wood"}, True),
    ({"materials": "metal | iron"}, {"materials": "metal | gold"}, True), ({"materials": "wood"}, {"objectTypes": "chair"}, True),
    ({"materials": "wood"}, {}, True), ({}, {}, True),
    ({"materials": "wood", "objectTypes": "chair"}, {"materials": "wood", "objectTypes": "jug"}, False)])
def test_two_records_of_one_picture_are_alike_unless_they_share_no_tag_in_a_facet_of_both(one, other, alike):
    records = records_of(one, other)
    assert (len(merge_duplicates(records, {"a": "X", "b": "X"})[0]) == 1) == alike


tags = st.sets(st.sampled_from("pqrs"))


@given(st.lists(tags, min_size=2, max_size=9))
def test_merged_record_has_less_than_twice_the_tags_of_its_annotations(rows):
    records = records_of(*({"materials": " $ ".join(sorted(row))} for row in rows))
    merged, _ = merge_duplicates(records, dict.fromkeys(records.ids, "X"))
    different = {frozenset(row) for row in rows if row}
    union = set().union(*different)
    alike = len(different) < 2 or 2 * sum(map(len, different)) > len(union) * len(different)
    assert len(merged) == (1 if alike else len(rows))
    assert set(merged.tags("materials", 0)) == (union if alike else rows[0])


@given(st.lists(st.tuples(st.sampled_from("xyz "), st.sampled_from(["", "p", "q", "p $ q", "q | r"])), max_size=12))
def test_merging_is_as_a_plain_loop_does_it(rows):
    records = records_of(*({"materials": cell} for _, cell in rows))
    digests = {name: digest for name, (digest, _) in zip(records.ids, rows) if digest != " "}
    expected = {}
    for name, (digest, cell) in zip(records.ids, rows):
        _, paths = expected.setdefault(digests.get(name, name), (name, []))
        paths += [path for path in cell.split(" $ ") if path and path not in paths]
    merged, table = merge_duplicates(records, digests, unlike=0)
    found = zip(merged.ids, merged.table["materials.hierarchy"].to_pylist())
    assert list(found) == [(name, " $ ".join(paths)) for name, paths in expected.values()]
    assert sum(map(len, table["merged"])) == len(rows) - len(merged)


# Near-duplicates

def near_by_loops(hashes, most):
    """All pairs by comparing each with each; of equal hashes only the first counts."""
    first, pairs = {}, []
    for row, value in enumerate(hashes):
        if value in first:
            pairs.append((first[value], row, 0))
        first.setdefault(value, row)
    distinct = sorted(first.values())
    pairs += [(one, other, distance(hashes[one], hashes[other])) for one in distinct for other in distinct
              if one < other and distance(hashes[one], hashes[other]) <= most]
    return sorted(pairs)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_near_duplicates_are_all_found_and_each_once(data):
    centres = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3))
    flips = st.lists(st.integers(0, 63), max_size=6)
    hashes = [data.draw(st.sampled_from(centres)) ^ sum(1 << bit for bit in set(data.draw(flips))) for _ in range(12)]
    most = data.draw(st.integers(0, 8))
    assert list(map(tuple, near_duplicates(np.array(hashes, np.uint64), most).tolist())) == near_by_loops(hashes, most)


def test_planted_pairs_are_found_among_many():
    rng = np.random.default_rng(1)
    hashes = rng.integers(0, 1 << 64, 40_000, dtype=np.uint64)
    for row in range(200):
        flips = sum(1 << int(bit) for bit in rng.choice(64, row % 8, replace=False))
        hashes[row + 1000] = hashes[row] ^ np.uint64(flips)
    found = near_duplicates(hashes, 6)
    planted = {(row, row + 1000, row % 8) for row in range(200) if row % 8 <= 6}
    assert planted == set(map(tuple, found.tolist()))


def test_many_equal_hashes_make_few_pairs():
    hashes = np.zeros(30_000, np.uint64)
    hashes[7] = 0b111
    pairs = near_duplicates(hashes, 4)
    assert len(pairs) == 29_999 and (pairs[:, 0] == 0).all()
    assert pairs[pairs[:, 1] == 7].tolist() == [[0, 7, 3]]


def test_unusable_images_are_left_out_of_the_search():
    hashes = np.array([0, 5, 0, 5, 0], np.uint64)
    usable = np.array([False, True, False, True, True])
    assert near_duplicates(hashes, 0, usable).tolist() == [[1, 3, 0]]
    assert near_duplicates(hashes[:0]).shape == (0, 3)


@pytest.mark.parametrize("wrong", [-1, 17])
def test_distance_out_of_range_is_refused(wrong):
    with pytest.raises(UserError, match=f"{wrong}; expected 0 to 16"):
        near_duplicates(np.zeros(2, np.uint64), wrong)


# Groups and splits

def test_groups_join_over_pairs_and_keys_and_are_numbered_in_order():
    records = records_of(*[{}] * 6)
    pairs = np.array([[4, 1, 3]], np.int32)
    assert group_records(records, pairs).tolist() == [0, 1, 2, 3, 1, 4]
    objects = ["", "vase", "plate", "", "", "plate"]
    assert group_records(records, pairs, objects).tolist() == [0, 1, 2, 3, 1, 2]
    assert group_records(records, pairs, objects, [None, "x", "x", None, None, None]).tolist() == [0, 1, 1, 2, 1, 1]
    groups = group_records(records, np.zeros((0, 3), np.int32))
    assert groups.dtype == np.int32 and groups.tolist() == [0, 1, 2, 3, 4, 5]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=8),
       st.lists(st.sampled_from(["", "p", "q"]), min_size=8, max_size=8))
def test_groups_are_those_of_spreading_along_pairs(pairs, key):
    joined = [{one, other} for one, other in pairs]
    joined += [{one, other} for one in range(8) for other in range(8) if key[one] and key[one] == key[other]]
    groups = list(range(8))
    for _ in range(8):
        for members in joined:
            smallest = min(groups[member] for member in members)
            for member in members:
                groups[member] = smallest
    order = list(dict.fromkeys(groups))
    found = group_records(records_of(*[{}] * 8), np.array(pairs).reshape(-1, 2), key)
    assert found.tolist() == [order.index(group) for group in groups]


def test_bad_pairs_and_keys_are_refused():
    records = records_of({}, {})
    with pytest.raises(UserError, match="0 to 2; expected 0 to 1"):
        group_records(records, np.array([[0, 2]]))
    with pytest.raises(UserError, match="Key 1 has 1 values; expected 2"):
        group_records(records, [], ["", ""], ["x"])


def test_pairs_across_splits_are_listed():
    records = records_of({"provider": "P"}, {}, {"provider": "Q"})
    across = pairs_across_splits(records, np.array([[0, 1, 2], [0, 2, 3]]), ["train", "train", "test_id"])
    assert across.to_dict("records") == [{"id": "a", "split": "train", "provider": "P",
                                          "other_id": "c", "other_split": "test_id", "other_provider": "Q"}]
    assert pairs_across_splits(records, np.zeros((0, 3), np.int32), ["train"] * 3).empty


@pytest.mark.skipif(not MUSEUMS.is_dir(), reason="the real museum photographs (../shared/data/museums) are not here")
def test_copies_of_real_photographs_are_near_duplicates_and_others_are_not(folder, tmp_path):
    ids = read_records(MUSEUMS / "test_ood.csv").ids[::7].tolist()
    for name in ids:
        with Image.open(MUSEUMS / "EUROPEANA" / "images" / f"{name}.jpg") as original:
            original.convert("RGB").save(folder / f"{name}.jpg", quality=92)
            smaller = (original.width * 2 // 3, original.height * 2 // 3)
            original.convert("RGB").resize(smaller).save(folder / f"{name}_copy.jpg", quality=50)
    digests = pixel_digests(tmp_path, ids + [f"{name}_copy" for name in ids])
    pairs = near_duplicates(digests.hashes, 4, digests.usable)
    copies = {(row, row + len(ids)) for row in range(len(ids))}
    found = set(map(tuple, pairs[:, :2].tolist()))
    assert len(copies & found) >= 0.95 * len(copies)
    assert len(found - copies) <= 0.05 * len(copies)
    assert len(set(digests.pixels.values())) == 2 * len(ids)
