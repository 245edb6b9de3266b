"""The laptop's part of EUFCC-340K: the rule beside two plain loops, and the whole command against a server on loopback."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from test_thumbnails import answers, images, picture, serve

from eufcc_lib.collection import official, sources, subset
from eufcc_lib.collection.sources import LAPTOP, open_dataset
from eufcc_lib.collection.subset import choose_images, choose_records, write_subset
from eufcc_lib.collection.thumbnails.fetch import read_manifest
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.dataset import read_dataset
from eufcc_lib.data.labels import Labels
from eufcc_lib.data.records import COLUMNS, ID, PROVIDER, URL
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records

OFFICIAL = ROOT.parent / "shared" / "data" / "official" / "test_id.csv"


def choose(table, ids, size):
    matrix = csr_array(np.array(table, bool))
    return choose_images({"materials": Labels("materials", matrix, np.zeros(len(ids), np.int32))}, ids, size)


def rule_read_aloud(table, ids, size):
    """One image at a time, everything counted anew each time."""
    order = sorted(range(len(ids)), key=lambda row: hashlib.sha256(ids[row].encode()).hexdigest())
    total, chosen = table.sum(axis=0), []
    while len(chosen) < min(size, len(ids)):
        open_tags = [tag for tag in range(table.shape[1]) if any(table[row, tag] for row in order if row not in chosen)]
        ranked = sorted(open_tags, key=lambda tag: (sum(table[row, tag] for row in chosen), total[tag], tag))
        chosen.append(next(row for row in order if row not in chosen and (not ranked or table[row, ranked[0]])))
    return sorted(chosen)


@st.composite
def cases(draw):
    count, tags = draw(st.integers(1, 14)), draw(st.integers(1, 5))
    table = draw(st.lists(st.lists(st.booleans(), min_size=tags, max_size=tags), min_size=count, max_size=count))
    ids = draw(st.lists(st.text("abc", min_size=1, max_size=4), min_size=count, max_size=count, unique=True))
    return np.array(table, bool), ids, draw(st.integers(0, 16))


@given(case=cases())
def test_the_choice_is_the_rule_read_aloud(case):
    table, ids, size = case
    assert choose(table, ids, size).tolist() == rule_read_aloud(*case)


@given(case=cases(), order=st.randoms(use_true_random=False))
def test_every_tag_keeps_what_there_is_room_for_and_the_order_of_rows_does_not_matter(case, order):
    table, ids, size = case
    chosen = choose(table, ids, size)
    total, kept = table.sum(axis=0), table[chosen].sum(axis=0)
    room = max(n for n in range(len(ids) + 1) if np.minimum(total, n).sum() <= size)
    assert len(chosen) == min(size, len(ids)) and (kept >= np.minimum(total, room)).all()
    rows = list(range(len(ids)))
    order.shuffle(rows)
    again = choose(table[rows], [ids[row] for row in rows], size)
    assert {ids[row] for row in chosen} == {ids[rows[row]] for row in again}


def records(prefix, materials, provider="Museum", url=""):
    columns = {column: [""] * len(materials) for column in COLUMNS}
    columns[ID] = [f"{prefix}_{number:03d}" for number in range(len(materials))]
    columns[URL] = [f"{url}/{name}" for name in columns[ID]]
    columns[PROVIDER] = [provider] * len(materials) if isinstance(provider, str) else provider
    return records_from_columns(columns | {"materials.hierarchy": materials})


MATERIALS = ["metal"] * 80 + ["metal | bronze"] * 14 + ["wood"] * 12 + ["parchment"] * 3


def write_official(root, url=""):
    """A small EUFCC-340K: 109 training images, 10 in the inner test, 20 and 4 of two outer providers."""
    write_records(records("train", MATERIALS, url=url), root / "train.csv")
    write_records(records("val", ["metal", "wood"] * 6, url=url), root / "val.csv")
    write_records(records("inner", ["wood"] * 10, url=url), root / "test_id.csv")
    write_records(records("outer", ["metal"] * 24, ["Large"] * 20 + ["Small"] * 4, url=url), root / "test_ood.csv")
    (root / "labels").mkdir()
    for facet in ("objectTypes", "materials", "classifications", "subjects"):
        (root / "labels" / f"{facet}.txt").write_text("")


@pytest.fixture
def small(monkeypatch, tmp_path):
    """That data set in a folder, and sizes that fit it."""
    monkeypatch.setattr(subset, "SIZES", {"train": 50, "val": 4, "test_ood": 5})
    write_official(tmp_path / "eufcc340k")
    return tmp_path


def test_each_split_has_its_size_and_rare_tags_keep_all(small):
    whole = read_dataset(small / "eufcc340k", "eufcc340k")
    chosen = choose_records(whole)
    assert {split: len(part) for split, part in chosen.items()} == {"train": 50, "val": 4, "test_id": 10, "test_ood": 9}
    assert Counter(chosen["test_ood"].providers) == {"Large": 5, "Small": 4}
    kept = Counter(name for row in range(50) for name in chosen["train"].tags("materials", row))
    assert kept == {"metal": 38, "bronze": 14, "wood": 12}, "parchment is outside the vocabulary, and nobody's image"


def test_the_part_opens_by_its_name_and_its_results_are_its_own(small, monkeypatch):
    monkeypatch.setattr(sources, "DATA", small)
    with pytest.raises(UserError, match="fetch them once with `eufcc fetch eufcc340k --subset laptop`"):
        open_dataset(LAPTOP)
    write_subset(small / "eufcc340k", small / LAPTOP)
    whole, part = open_dataset("eufcc340k"), open_dataset(LAPTOP)
    assert part.name == LAPTOP and part.vocabulary["materials"].names == whole.vocabulary["materials"].names
    assert (small / LAPTOP / "labels" / "materials.txt").is_file()
    assert part.split_hash("train") != whole.split_hash("train") and part.split_hash("test_id") == whole.split_hash("test_id")


@pytest.fixture
def server(monkeypatch):
    yield from serve(monkeypatch)


RUN = """
import sys
from eufcc_lib.collection import official, subset
from eufcc_lib.collection.thumbnails import fetch
subset.SIZES.update(train=50, val=4, test_ood=5)
fetch._COMMIT_EVERY = 0.1
for name in official.FILES:
    official.FILES[name] = official.blob_id(f"{sys.argv[2]}/{name}")
sys.exit(official.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_killed_while_it_fetches_images_it_ends_as_if_it_had_not_been(server, small):
    write_official(small / "again", server.url)
    names = sorted(name for part in choose_records(read_dataset(small / "again", "")).values() for name in part.ids)
    server.answers = {f"/{name}": answers(picture(number)) for number, name in enumerate(names)}
    server.hold_after = 40
    command = [sys.executable, "-c", RUN, "--root", str(small / "again"), "--base-url", "http://127.0.0.1:1", "--rate", "0",
               "eufcc340k", "--subset", "laptop"]
    part = small / "again-laptop"
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (part / "EUROPEANA/images").is_dir() or len(list((part / "EUROPEANA/images").glob("*.jpg"))) < 20:
        assert run.poll() is None, run.communicate()
        time.sleep(0.005)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    there = {path.stem for path in (part / "EUROPEANA/images").glob("[!.]*.jpg")}
    server.hold_after = float("inf")
    server.go_on.set()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "73 images" in done.stdout, done.stderr
    asked = Counter(server.paths())
    assert len(there) >= 20 and all(asked[f"/{name}"] == 1 for name in there) and set(asked) == {f"/{name}" for name in names}
    assert images(part) == {f"{name}.jpg": picture(number) for number, name in enumerate(names)}
    assert read_manifest(part).status.value_counts().to_dict() == {"had": 73}
    assert [len(read_records(part / f"{split}.csv")) for split in ("train", "val", "test_id", "test_ood")] == [50, 4, 10, 9]


def test_unknown_data_and_subset_are_refused(capsys):
    assert official.main(["eufcc"]) == 2 and "eufcc340k" in capsys.readouterr().err
    assert official.main(["eufcc340k", "--subset", "phone"]) == 2 and "laptop" in capsys.readouterr().err


@pytest.mark.skipif(not OFFICIAL.is_file(), reason="the official test_id.csv is not beside the project")
def test_rare_tags_of_the_official_annotations_keep_all_their_images(tmp_path):
    (tmp_path / "train.csv").write_bytes(OFFICIAL.read_bytes())
    whole = read_dataset(tmp_path, "official", minimum=5)
    labels, ids = whole.labels("train"), whole.split("train").ids
    chosen = choose_images(labels, ids, 2_400)
    images_of, kept = (np.concatenate([part.matrix[rows].sum(axis=0) for part in labels.values()])
                       for rows in (slice(None), chosen))
    level = kept[kept < images_of].min()
    assert len(chosen) == 2_400 and level >= 5
    rare = images_of <= level
    assert rare.any() and not rare.all() and (kept[rare] == images_of[rare]).all()
