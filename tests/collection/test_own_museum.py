"""`eufcc museum`: a museum's photographs and its export become a data set."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

from eufcc_lib.collection.own import build, columns, command, matching, tables
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records_csv import records_from_columns

TREE = {"objectTypes.hierarchy": "container | vessel | cup $ visual work | painting", "materials.hierarchy": "metal | bronze $ clay $ oil $ canvas",
        "classifications.hierarchy": "ceramics", "subjects.hierarchy": "portrait"}


@pytest.fixture(scope="module")
def matcher():
    row = {"idInSource": "a", "#portraitMedia.original": "a", "database": "", "repository.keeper": "M"} | TREE
    return matching.new_matcher(count_vocabulary(records_from_columns({name: [cell] for name, cell in row.items()}), 1))


@pytest.mark.parametrize(("facet", "cell", "paths", "unmatched"), [
    ("objectTypes", "Cups (drinking vessels)", [("container", "vessel", "cup")], []),
    ("objectTypes", "Cup; Painting; astrolabe", [("container", "vessel", "cup"), ("visual work", "painting")], ["astrolabe"]),
    ("objectTypes", "container | vessel", [("container",), ("container", "vessel")], []),
    ("materials", "oil on canvas", [("oil",), ("canvas",)], []),
    ("materials", "bronze, niello", [("metal", "bronze")], ["niello"]),
    ("materials", "gold leaf, niello", [], ["gold leaf, niello"]),
    ("materials", "http://vocab.getty.edu/aat/300010957", [("metal", "bronze")], []),
    ("materials", "aat:300999999", [], ["aat:300999999"]),
    ("materials", "bronzo", [], ["bronzo"]),
    ("subjects", "", [], []),
])
def test_a_cell_names_the_paths_of_known_terms_and_keeps_what_is_unknown(matcher, facet, cell, paths, unmatched):
    match = matcher.match(facet, cell)
    assert (list(match.paths), list(match.unmatched)) == (paths, unmatched)


def test_a_word_is_found_in_the_other_language_and_by_a_synonym(matcher):
    assert matcher.match("materials", "bronze").paths == matcher.match("materials", "bronze ").paths
    assert matcher.match("objectTypes", "pintura").paths == (("visual work", "painting"),)
    assert matcher.nearest("materials", "bronzo") == "bronze"


def export(delimiter: str, encoding: str, *rows: tuple[str, ...]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


EXPORTS = {
    "TMS": export("\t", "utf-16", ("ObjectNumber", "ObjectName", "Medium", "Department", "MediaFile"),
                  ("1999.1", "Cup", "Bronze", "Ceràmica", "C:\\media\\A 1.JPG"), ("1999.2", "Painting", "Oil on canvas", "", "B.png")),
    "CollectiveAccess": export(",", "utf-8", ("idno", "type", "aat_materials", "media"),
                               ("1999.1", "cup", "bronze [300010957]", "A 1.jpg"), ("1999.2", "painting", "oil; canvas", "B.png")),
    "Omeka S": export(",", "utf-8-sig", ("o:id", "dcterms:title", "dcterms:type", "dcterms:medium", "o:media/file"),
                      ("7", "A cup", "Cup", "http://vocab.getty.edu/aat/300010957", "https://museum.org/files/A 1.jpg?w=800"),
                      ("8", "A view", "Painting", "oil|canvas", "https://museum.org/files/B.png")),
    "EMu": export(",", "cp1252", ("irn", "ObjObjectName", "MatMaterial_tab", "MulMultiMediaRef"),
                  ("41", "Cup", "Bronze", "A 1"), ("42", "Painting", "Öl\nOil\nCanvas", "B")),
    "Excel": export(";", "utf-8-sig", ("Inventarnummer", "Objektbezeichnung", "Material", "Datei", ""),
                    ("1", "Cups", "Bronze", "A 1.jpg", ""), ("2", "Paintings", "Oil, canvas", "B.png", ""), ("", "", "", "", "")),
    "the assistant": export(",", "utf-8-sig", ("idInSource", "#portraitMedia.original", "objectTypes.hierarchy", "materials.hierarchy",
                                               "subjects.hierarchy", "materials.rejected"),
                            ("A 1", "A 1.jpg", "container | vessel | cup", "metal | bronze", "", "oil"),
                            ("B", "B.png", "visual work | painting", "canvas $ oil", "", "bronze")),
}


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    for place, name in enumerate(("A 1.jpg", "B.png")):
        (folder / "sub").mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(place).integers(0, 255, (40, 60, 3), np.uint8)).save(folder / "sub" / name)
    return folder


@pytest.mark.parametrize("system", EXPORTS)
def test_the_export_of_a_collection_system_is_understood_without_a_word(system, photographs, matcher):
    file = photographs / "export.csv"
    file.write_bytes(EXPORTS[system])
    table, images = tables.read_table(file), build.find_images(photographs)
    meanings = columns.guess_columns(table, images, matcher)
    museum = build.read_museum("Ours", images, table, meanings, matcher)
    cells = {facet: museum.records.table[f"{facet}.hierarchy"].to_pylist() for facet in ("objectTypes", "materials")}
    assert cells == {"objectTypes": ["container | vessel | cup", "visual work | painting"],
                     "materials": ["metal | bronze", "canvas $ oil"]}
    assert list(museum.records.providers) == ["Ours", "Ours"] and not len(museum.left_out)


def test_a_table_says_what_is_wrong_with_it(tmp_path):
    for name, data, sentence in (("a.csv", b"PK\x03\x04", "is a workbook; expected a csv"), ("b.csv", b"a,b\n", "holds no row"),
                                 ("c.csv", b"a,,b\n1,2,3\n", "line 1: column 2 has no name"), ("d.csv", b"a,a\n1,2\n", "'a' occurs twice"),
                                 ("e.csv", b"a,b\n\n1,2,3\n", "e.csv, line 3: found 3 cells; expected at most 2")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match=sentence):
            tables.read_table(tmp_path / name)


def test_rows_without_an_image_and_images_without_a_row_are_listed(photographs, matcher):
    file = photographs / "t.csv"
    file.write_text("file,type\nA 1.jpg,cup\nC.jpg,cup\n,cup\nA 1.jpg,painting\n")
    table = tables.read_table(file)
    museum = build.read_museum("Ours", build.find_images(photographs), table, {"file": "image", "type": "objectTypes"}, matcher)
    assert museum.records.table["objectTypes.hierarchy"].to_pylist() == ["container | vessel | cup $ visual work | painting"]
    assert museum.left_out["where"].tolist() == ["line 3", "line 4", str(photographs / "sub" / "B.png")]


def test_a_person_confirms_or_changes_what_a_column_is(photographs, matcher):
    file = photographs / "t.csv"
    file.write_text("file,kind,note\nA 1.jpg,cup,x\n")
    said, answers = [], iter(["", "medium", "materials", "-"])
    chosen = columns.ask_columns({"file": "image", "kind": "objectTypes", "note": "title"}, tables.read_table(file),
                                 lambda question: next(answers), lambda text: said.append(str(text)))
    assert chosen == {"file": "image", "kind": "materials", "note": ""} and "Unknown meaning 'medium'" in said[1]


def make(own_paths, *arguments: str) -> int:
    return command.main(["photographs", "--like", str(own_paths / "known"), *arguments])


@pytest.fixture
def folder(own_paths, monkeypatch):
    """A folder with 40 photographs of cups and paintings and its table, beside a data set that knows the words."""
    monkeypatch.setattr(command, "resolve", lambda path: own_paths / path)
    monkeypatch.setattr(command, "ROOT", own_paths)
    (own_paths / "photographs").mkdir()
    rows = ["file,kind,material,inv no"]
    for number in range(40):
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (30, 30, 3), np.uint8)).save(own_paths / "photographs" / f"{number}.png")
        rows.append(f"{number}.png,{('cup', 'painting')[number % 2]},{('bronze', 'gold leaf')[number % 2]},{number // 2}")
    (own_paths / "photographs" / "list.csv").write_text("\n".join(rows))
    (own_paths / "known").mkdir()
    header = ["idInSource", "#portraitMedia.original", "database", "repository.keeper", *TREE]
    (own_paths / "known" / "train.csv").write_text(",".join(header) + "\na,a,,M," + ",".join(TREE.values()) + "\n")
    return own_paths


def test_what_columns_mean_is_written_for_a_person_who_is_not_there_and_then_taken(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert make(folder, "--name", "ours") == 2 and not (folder / "data" / "ours").exists()
    assert "check it, and run again with --columns data/ours-columns.csv" in capsys.readouterr().err
    assert make(folder, "--name", "ours", "--columns", str(folder / "data" / "ours-columns.csv")) == 0
    assert "1 words match no term" in capsys.readouterr().out
    made = open_dataset(str(folder / "data" / "ours"))
    assert sum(map(len, made.records.values())) == 40 and {"train", "val", "test_id"} <= set(made.records)
    assert made.vocabulary["objectTypes"].names == ("container", "vessel", "cup", "visual work", "painting")
    objects = [set(records.table["object"].to_pylist()) for records in made.records.values()]
    assert sum(map(len, objects)) == len(set.union(*objects)), "the photographs of one object stay together"
    unmatched = (folder / "data" / "ours" / "report" / "unmatched.csv").read_text().splitlines()
    assert unmatched == ["facet,word,records,nearest", "materials,gold leaf,20,"]
    assert make(folder, "--name", "ours") == 2 and "already a data set" in capsys.readouterr().err


def test_words_that_match_nothing_become_tags_where_that_is_wanted(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    make(folder, "--name", "ours")
    make(folder, "--name", "ours", "--columns", str(folder / "data" / "ours-columns.csv"), "--keep-unmatched")
    assert "gold leaf" in open_dataset(str(folder / "data" / "ours")).vocabulary["materials"].names


def test_photographs_without_a_table_are_a_test_of_what_was_learned_elsewhere(folder):
    (folder / "photographs" / "list.csv").unlink()
    (folder / "photographs" / "0.png").write_bytes(b"no picture")
    assert make(folder) == 0
    made = open_dataset(str(folder / "data" / "photographs"))
    assert {split: len(records) for split, records in made.records.items()} == {"test_ood": 39}
    assert "0.png" in (folder / "data" / "photographs" / "report" / "left_out.csv").read_text()
