"""Data sets by name or folder, with labels that are kept beside the csv until something changes."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from eufcc_lib.collection import sources
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data import labels
from eufcc_lib.data.dataset import ImagePaths
from eufcc_lib.data.labels import cached_label_matrices, count_vocabulary, label_matrix
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records
from eufcc_lib.mini import museum

OFFICIAL = ROOT.parent / "shared" / "data" / "official"


def write_split(folder, split, materials):
    columns = {column: [""] * len(materials) for column in COLUMNS}
    columns["idInSource"] = [f"{split}_{number}" for number in range(len(materials))]
    columns["materials.hierarchy"] = materials
    write_records(records_from_columns(columns), folder / f"{split}.csv")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "village"
    write_split(root, "train", ["metal | bronze", "metal | bronze", "metal", "wood"])
    write_split(root, "test_id", ["metal | tin", "bronze $ wood", ""])
    return root


def test_folder_is_opened_with_the_vocabulary_of_its_training_split(folder):
    data = open_dataset(str(folder), minimum=2)
    assert (data.name, data.root, list(data.records)) == ("village", folder, ["train", "test_id"])
    assert data.vocabulary["materials"].names == ("metal", "bronze")
    assert data.vocabulary_source == "tags with at least 2 images in train"
    test = data.labels("test_id")
    assert list(test) == list(FACET_NAMES)
    assert test["materials"].matrix.toarray().tolist() == [[True, False], [False, True], [False, False]]
    assert test["materials"].outside.tolist() == [1, 1, 0]
    assert test["subjects"].matrix.shape == (3, 0)
    assert data.image_paths("test_id").texts() == list(map(str, data.image_paths("test_id")))
    assert data.image_paths("test_id")[1] == folder / "EUROPEANA" / "images" / "test_id_1.jpg"


def test_folder_without_training_split_counts_what_is_there_and_says_so(folder):
    write_split(folder, "test_ood", ["wood", "tin"])
    (folder / "train.csv").unlink()
    data = open_dataset(str(folder), minimum=2)
    assert data.vocabulary["materials"].names == ("tin", "wood")
    assert data.vocabulary_source == "tags with at least 2 images in test_id, test_ood (there is no train)"


def test_label_files_can_be_the_vocabulary(folder):
    with pytest.raises(UserError, match="objectTypes.txt does not exist"):
        open_dataset(str(folder), vocabulary="labels")
    (folder / "labels").mkdir()
    for facet in FACET_NAMES:
        (folder / "labels" / f"{facet}.txt").write_text("Root\n└── metal\n    └── tin\n", "utf-8")
    data = open_dataset(str(folder), vocabulary="labels")
    assert data.vocabulary["materials"].names == ("metal", "tin")
    assert data.vocabulary_source == "the label files of the data set"
    assert (data.name, data.root) == ("village-labels", folder), "its results are not those of another vocabulary"


def test_tags_are_told_in_another_language_and_keep_their_places(folder):
    english, catalan = (open_dataset(str(folder), minimum=1, language=language) for language in ("en", "ca"))
    assert english.vocabulary["materials"].names == ("metal", "bronze", "wood")
    assert catalan.vocabulary["materials"].names == ("metall", "bronze", "fusta"), "the order stays, not the alphabet"
    assert catalan.vocabulary.hash == english.vocabulary.hash, "scores of one are scores of the other"
    assert catalan.split("test_id").paths("materials", 0) == (("metall", "estany"),), "also outside the vocabulary"
    for split in ("train", "test_id"):
        one, other = (dataset.labels(split)["materials"] for dataset in (english, catalan))
        assert (one.matrix != other.matrix).nnz == 0 and one.outside.tolist() == other.outside.tolist()


def test_two_tags_never_get_one_name(tmp_path):
    root = tmp_path / "village"
    write_split(root, "train", ["wood", "fusta", "metal"])  # in Catalan wood is fusta, which is there already
    dataset = open_dataset(str(root), minimum=1, language="ca")
    assert set(dataset.vocabulary["materials"].names) == {"wood", "fusta", "metall"}


def test_unknown_language_names_the_known_ones(folder):
    with pytest.raises(UserError, match="Unknown language 'es'. Known languages: ca, en"):
        open_dataset(str(folder), language="es")


def test_unknown_split_vocabulary_and_data_name_the_known_ones(folder):
    with pytest.raises(UserError, match="Unknown split 'test'. Known splits: test_id, train."):
        open_dataset(str(folder)).labels("test")
    with pytest.raises(UserError, match="Unknown vocabulary source 'all'. Known vocabulary sources: labels, train."):
        open_dataset(str(folder), vocabulary="all")
    with pytest.raises(UserError, match="Unknown data 'minni'. Known data: mini, eufcc340k, eufcc340k-laptop, or a folder"):
        open_dataset("minni")


def test_folder_without_annotations_is_refused(tmp_path):
    with pytest.raises(UserError, match="expected at least one of train.csv, val.csv, test_id.csv, test_ood.csv"):
        open_dataset(str(tmp_path))


@pytest.mark.parametrize("name", ["mini", "mini-labels"])
def test_folder_named_like_a_data_set_of_the_project_is_refused(folder, tmp_path, name):
    with pytest.raises(UserError, match="has the name of a data set of the project"):
        open_dataset(str(folder.rename(tmp_path / name)))


def test_official_data_that_is_not_there_tells_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "DATA", tmp_path)
    with pytest.raises(UserError, match="eufcc fetch"):
        open_dataset("eufcc340k")
    write_split(tmp_path / "eufcc340k", "train", ["metal"])
    assert open_dataset("eufcc340k").name == "eufcc340k"


def test_mini_museum_is_drawn_where_the_project_keeps_its_data(tmp_path, monkeypatch, capsys):
    def draw_museum(root, report):
        write_split(root, "train", ["metal"] * 10)
        report(1, 2)
        report(2, 2)

    monkeypatch.setattr(sources, "DATA", tmp_path)
    monkeypatch.setattr(museum, "draw_museum", draw_museum)
    data = open_dataset("mini")
    assert (data.name, data.root) == ("mini", tmp_path / "mini")
    assert data.vocabulary["materials"].names == ("metal",)
    assert capsys.readouterr().out.endswith("\rDrawing the mini museum: 2 of 2 pictures\n")


@pytest.fixture
def counted(monkeypatch):
    """How many label matrices were built rather than loaded."""
    built = []
    monkeypatch.setattr(labels, "label_matrix", lambda *arguments: built.append(1) or label_matrix(*arguments))
    return built


def same(first, second):
    return all(np.array_equal(first[facet].matrix.toarray(), second[facet].matrix.toarray())
               and first[facet].matrix.dtype == second[facet].matrix.dtype
               and np.array_equal(first[facet].outside, second[facet].outside) for facet in FACET_NAMES)


def test_labels_are_kept_beside_the_csv(folder, counted):
    first = open_dataset(str(folder), minimum=2).labels("test_id")
    assert (folder / ".test_id.csv.labels.npz").is_file() and len(counted) == 4
    assert same(first, open_dataset(str(folder), minimum=2).labels("test_id")) and len(counted) == 4


def test_kept_labels_are_refused_when_csv_or_vocabulary_changed(folder, counted):
    open_dataset(str(folder), minimum=2).labels("test_id")
    before = (folder / "test_id.csv").stat()
    write_split(folder, "test_id", ["wood | tin", "bronze $ metal", ""])
    os.utime(folder / "test_id.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    after = (folder / "test_id.csv").stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    changed = open_dataset(str(folder), minimum=2).labels("test_id")
    assert changed["materials"].matrix.toarray().tolist() == [[False, False], [True, True], [False, False]]
    wider = open_dataset(str(folder), minimum=1).labels("test_id")
    assert wider["materials"].matrix.shape == (3, 3)
    assert len(counted) == 12


def test_kept_labels_are_refused_when_the_rows_change_places(folder):
    write_split(folder, "test_id", ["metal", "bronze"])
    open_dataset(str(folder), minimum=2).labels("test_id")
    write_split(folder, "test_id", ["bronze", "metal"])
    again = open_dataset(str(folder), minimum=2).labels("test_id")
    assert again["materials"].matrix.toarray().tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: b"not an archive",
                                    lambda content: content[:len(content) // 2], lambda content: content[:-30],
                                    lambda content: content.replace(b"\1", b"\2")])
def test_damaged_cache_is_made_anew(folder, damage):
    records = read_records(folder / "train.csv")
    vocabulary = count_vocabulary(records, 1)
    expected = cached_label_matrices(records, vocabulary)
    cache = folder / ".train.csv.labels.npz"
    whole = cache.read_bytes()
    cache.write_bytes(damage(whole))
    assert same(cached_label_matrices(records, vocabulary), expected)
    assert same(cached_label_matrices(records, vocabulary), expected)
    with np.load(cache) as arrays:
        assert "key" in arrays


def test_array_in_place_of_the_cache_is_made_anew(folder):
    with open(folder / ".train.csv.labels.npz", "wb") as file:
        np.save(file, np.zeros(3))
    assert len(open_dataset(str(folder)).labels("train")) == 4


def test_folder_that_cannot_be_written_carries_on_without_a_cache(folder, monkeypatch):
    (folder / ".train.csv.labels.npz").mkdir()  # not even root can put a file here
    first = open_dataset(str(folder), minimum=2).labels("train")
    assert first["materials"].matrix.sum() == 5
    assert sorted(path.name for path in folder.iterdir()) == [".train.csv.labels.npz", "test_id.csv", "train.csv"]


def test_folder_marked_read_only_is_left_as_it_is_even_by_root(folder):
    folder.chmod(0o555)
    try:
        assert open_dataset(str(folder), minimum=2).labels("train")["materials"].matrix.sum() == 5
        assert sorted(path.name for path in folder.iterdir()) == ["test_id.csv", "train.csv"]
    finally:
        folder.chmod(0o755)


def test_records_without_a_file_have_no_cache(folder):
    records = records_from_columns({column: ["x"] for column in COLUMNS})
    assert cached_label_matrices(records, count_vocabulary(records, 1))["materials"].matrix.toarray().tolist() == [[True]]


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official test_id.csv is not beside the project")
def test_official_inner_test_alone_can_be_opened(tmp_path):
    shutil.copy(OFFICIAL / "test_id.csv", tmp_path)
    data = open_dataset(str(tmp_path))
    assert list(data.records) == ["test_id"]
    assert "there is no train" in data.vocabulary_source
    assert len(data.labels("test_id")["materials"].outside) == 2633


IMPORTS = """
import importlib, pkgutil, sys
import eufcc_lib.data
for module in pkgutil.iter_modules(eufcc_lib.data.__path__):
    if module.name != "images":
        importlib.import_module(f"eufcc_lib.data.{module.name}")
rooms = {name.split(".")[1] for name in sys.modules if name.startswith("eufcc_lib.")}
assert rooms == {"core", "data"}, rooms
import eufcc_lib.data.images.decoding
strangers = "torch", "torchvision", "timm", "panel", "matplotlib", "numba", "eufcc_lib.mini", "eufcc_lib.collection"
assert not [name for name in strangers if name in sys.modules], [name for name in strangers if name in sys.modules]
import eufcc_lib.mini.museum
assert not [name for name in sys.modules if name.startswith(("numba", "eufcc_lib.mini.render", "eufcc_lib.mini.things"))]
"""


@pytest.mark.slow
def test_reading_a_data_set_imports_no_other_room_no_model_no_server_and_no_renderer():
    subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, check=True)


def test_paths_are_made_only_of_the_images_that_are_looked_at():
    class Folder:
        made = 0

        def __truediv__(self, name):
            self.made += 1
            return name

    folder = Folder()
    paths = ImagePaths(folder, np.arange(340_000))
    assert len(paths) == 340_000 and paths[-1] == "339999.jpg" and list(paths[::170_000]) == ["0.jpg", "170000.jpg"]
    assert folder.made == 3


def test_tags_that_look_alike_are_named_when_a_folder_is_opened(folder, tmp_path):
    open_dataset(str(folder))  # nothing to warn of
    write_split(tmp_path / "odd", "train", ["oil paint", "oil\u00a0paint", "oil paint"])
    write_split(tmp_path / "odd", "val", ["Oil paint | gouache", "metal"])
    with pytest.warns(UserWarning) as warned:
        data = open_dataset(str(tmp_path / "odd"), minimum=2)
    assert str(warned[0].message) == ("odd: these tags look alike and count as different ones (images in brackets):\n"
                                      "  materials: 'Oil paint' (1), 'oil paint' (2), 'oil<U+00A0>paint' (1)")
    assert data.split("train").tags("materials", 1) == ("oil\u00a0paint",), "files of others are read as they are"
