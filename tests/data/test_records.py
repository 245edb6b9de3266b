"""The official csv in and out, vocabularies counted from it, and label matrices."""

import csv
import io
import time
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eufcc_lib.core.csv_tables import read_rows
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES, FACETS
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data import records_csv
from eufcc_lib.data.labels import count_vocabulary, label_matrix
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records
from eufcc_lib.data.statistics import count_label_depths
from eufcc_lib.data.taxonomy import format_paths

OFFICIAL = ROOT.parent / "shared" / "data" / "official" / "test_id.csv"
needs_official = pytest.mark.skipif(not OFFICIAL.is_file(), reason="the official test_id.csv is not beside the project")

HEADER = ",".join(COLUMNS)


def records_of(**cells):
    """Records with these cells a facet, one list each; the other facets are empty."""
    count = len(next(iter(cells.values())))
    columns = {column: [""] * count for column in COLUMNS}
    columns["idInSource"] = [f"art_{number:06d}" for number in range(count)]
    return records_from_columns(columns | {f"{facet}.hierarchy": values for facet, values in cells.items()})


def row(name="a_1", materials="", provider="Museum", classifications=""):
    return [name, "", "", materials, "http://example.org/x", "EUROPEANA", provider, classifications]


def text_of(rows, header=COLUMNS):
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


def refused(tmp_path, content):
    """The sentence with which a file of this content is refused, from the file's name on."""
    file = tmp_path / "train.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError) as error:
        read_records(file)
    return str(error.value).removeprefix(f"{tmp_path}/")


def test_columns_are_read_and_written_back_to_the_same_bytes(tmp_path):
    rows = [row("a_1", "metal | bronze $ wood", 'the "Dimitrie Gusti" museum'), row("a_2", "", "Museu d'Art, Reus")]
    (tmp_path / "train.csv").write_text(text_of(rows), "utf-8")
    records = read_records(tmp_path / "train.csv")
    assert len(records) == 2
    assert records.ids.tolist() == ["a_1", "a_2"]
    assert records.providers.tolist() == ['the "Dimitrie Gusti" museum', "Museu d'Art, Reus"]
    assert records.urls.tolist() == ["http://example.org/x"] * 2
    assert records.paths("materials", 0) == (("metal", "bronze"), ("wood",))
    assert records.tags("materials", 0) == ("metal", "bronze", "wood")
    assert records.paths("materials", 1) == ()
    codes, cells = records.cells("materials")
    assert [cells[code] for code in codes] == ["metal | bronze $ wood", ""]
    write_records(records, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "train.csv").read_bytes()


nasty = st.text(st.sampled_from('ab,"\n\r é;\'\t\0|$'), max_size=6)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(nasty, nasty, nasty), max_size=5))
def test_any_text_survives_the_file(tmp_path, texts):
    columns = {column: [""] * len(texts) for column in COLUMNS}
    columns["idInSource"] = [f"{number}{text[0]}" for number, text in enumerate(texts)]
    columns["repository.keeper"] = [text[1] for text in texts]
    columns["my notes"] = [text[2] for text in texts]
    records = records_from_columns(columns)
    write_records(records, tmp_path / "first.csv")
    again = read_records(tmp_path / "first.csv")
    assert again.table.to_pydict() == columns
    write_records(again, tmp_path / "second.csv")
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()


def test_photographs_of_one_object_are_those_of_one_provider_with_the_same_object():
    columns = {column: [""] * 6 for column in COLUMNS}
    columns["idInSource"] = list("abcdef")
    assert len(set(records_from_columns(columns).objects)) == 6, "no such column"
    columns |= {"repository.keeper": ["A", "A", "B", "A", "A", "A"], "object": ["12", "12", "12", "", "", "3"]}
    objects = records_from_columns(columns).objects
    assert objects[0] == objects[1] and len(set(objects)) == 5


def test_order_of_columns_and_further_columns_are_kept(tmp_path):
    columns = ["note", *reversed(COLUMNS)]
    file = tmp_path / "train.csv"
    file.write_text(text_of([["07", *reversed(row())]], columns), "utf-8")
    records = read_records(file)
    assert records.table.column_names == columns
    assert records.table["note"].to_pylist() == ["07"]
    write_records(records, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n"),
                                    lambda text: text.removesuffix("\n"), lambda text: text + "\n\n"])
def test_files_saved_by_other_programs_are_read(tmp_path, change):
    file = tmp_path / "train.csv"
    file.write_bytes(change(text_of([row("a_1", "metal"), row("a_2", "cotó")])).encode())
    records = read_records(file)
    assert records.ids.tolist() == ["a_1", "a_2"]
    assert records.tags("materials", 1) == ("cotó",)


def test_header_alone_is_no_record(tmp_path):
    (tmp_path / "train.csv").write_text(HEADER + "\n")
    records = read_records(tmp_path / "train.csv")
    assert len(records) == 0 and records.ids.tolist() == []
    assert label_matrix(records, count_vocabulary(records)["materials"]).matrix.shape == (0, 0)


def test_missing_column_is_named(tmp_path):
    header = [column for column in COLUMNS if column != "repository.keeper"]
    assert refused(tmp_path, text_of([], header)).startswith(
        "train.csv, line 1: column 'repository.keeper' is missing; expected the columns idInSource, objectTypes")


def test_column_that_occurs_twice_is_named(tmp_path):
    assert "line 1: column 'database' occurs twice" in refused(tmp_path, text_of([], [*COLUMNS, "database"]))


@pytest.mark.parametrize("fields, found", [(row()[:-1], 7), ([*row(), ""], 9), (["a"], 1)])
def test_short_or_long_row_is_located(tmp_path, fields, found):
    assert refused(tmp_path, text_of([row(), fields, row("a_2")])) == \
        f"train.csv, line 3: found {found} fields; expected 8, one for each column."


def test_id_that_occurs_twice_is_located_with_its_first_place(tmp_path):
    assert refused(tmp_path, text_of([row("a_1"), row("a_2"), row("a_1")])) == \
        "train.csv, line 4, column 'idInSource': id 'a_1' occurs already on line 2; expected each id once."


def test_empty_id_is_located(tmp_path):
    assert refused(tmp_path, text_of([row("a_1"), row("")])) == \
        "train.csv, line 3, column 'idInSource': found no id; expected one, unique in the file."


def test_empty_element_is_located(tmp_path):
    assert refused(tmp_path, text_of([row("a_1"), row("a_2", "metal |  | bronze")])) == (
        "train.csv, line 3, column 'materials.hierarchy': empty element in 'metal |  | bronze'. "
        "Elements are separated by ' | ', paths by ' $ '.")


def test_text_that_is_not_utf8_is_located(tmp_path):
    content = text_of([row("a_1"), row("a_2", "cotó")]).encode("latin-1")
    assert refused(tmp_path, content) == ("train.csv, line 3, column 'materials.hierarchy': byte 0xf3 is not UTF-8; "
                                          "expected a file saved as UTF-8.")
    assert "line 1, column number 1: byte 0xff" in refused(tmp_path, b"\xff" + content)


def test_lines_are_counted_as_an_editor_shows_them(tmp_path):
    # The first record spans lines 2 to 4, the bad one is on line 5.
    assert "line 5, column 'materials.hierarchy'" in refused(
        tmp_path, text_of([row("a_1", provider="three\n\nlines"), row("a_2", "a |  | b")]))
    assert "line 5, column 'idInSource': id 'a_1' occurs already on line 2" in refused(
        tmp_path, text_of([row("a_1", provider="three\r\n\rlines"), row("a_1")]))


def test_quote_that_never_closes_loses_no_record(tmp_path):
    text = text_of([row("a_1", classifications="OPEN"), row("a_2"), row("a_3")]).replace("OPEN", '"art')
    assert refused(tmp_path, text).startswith("train.csv, line 2: broken quoting")
    last = text_of([row("a_1", classifications="OPEN")]).replace("OPEN", '"art')
    for ending in (last, last.removesuffix("\n")):
        assert refused(tmp_path, ending).startswith("train.csv, line 2: broken quoting")


def test_first_of_several_errors_is_told(tmp_path):
    rows = [row("a_1"), row("a_2", "a |  | b"), row("a_1")]
    assert "line 3" in refused(tmp_path, text_of(rows))
    assert "line 3" in refused(tmp_path, text_of([rows[0], rows[2], rows[1]]))


@pytest.mark.parametrize("content, message", [
    (b"", "train.csv is empty; expected a csv file with the columns idInSource"),
    (b"\n\n", "train.csv, line 1: column 'idInSource' is missing"),
    (b"\x89PNG\r\n\x1a\n\0\0\0", "train.csv, line 1, column number 1: byte 0x89 is not UTF-8"),
])
def test_what_is_no_csv_of_records_is_refused(tmp_path, content, message):
    assert refused(tmp_path, content).startswith(message)


def test_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match="train.csv does not exist"):
        read_records(tmp_path / "train.csv")
    with pytest.raises(UserError, match="cannot be read"):
        read_records(tmp_path)


def test_columns_made_in_memory_meet_the_same_demands():
    with pytest.raises(UserError, match="record 1, column 'materials.hierarchy': empty element"):
        records_of(materials=["a", "a | "])
    with pytest.raises(UserError, match="record 0, column 'materials.hierarchy': found None; expected text"):
        records_of(materials=[None])
    with pytest.raises(UserError, match="columns: column 'idInSource' is missing"):
        records_from_columns({})
    columns = {column: ["x"] for column in COLUMNS}
    with pytest.raises(UserError, match="found lengths"):
        records_from_columns(columns | {"database": []})


def test_records_can_be_taken_by_position_or_mask():
    records = records_of(materials=["a", "b", "a | c"])
    assert records.take([2, 0]).ids.tolist() == ["art_000002", "art_000000"]
    taken = records.take(np.array([False, False, True]))
    codes, cells = taken.cells("materials")
    assert cells == ("a | c",) and codes.tolist() == [0]
    assert taken.cell_counts("materials").tolist() == [1]
    assert taken.tags("materials", 0) == ("a", "c")


def test_every_node_of_every_path_counts_once_an_image():
    tree = count_vocabulary(records_of(materials=["metal | bronze $ metal | tin $ metal", "metal"]), 1)["materials"]
    assert dict(zip(tree.names, tree.images.tolist())) == {"metal": 2, "bronze": 1, "tin": 1}


def test_tag_below_the_minimum_drops_out_and_its_prefix_stays():
    records = records_of(materials=["metal | bronze"] * 2 + ["metal | tin"])
    tree = count_vocabulary(records, minimum=2)["materials"]
    assert tree.names == ("metal", "bronze")
    labels = label_matrix(records, tree)
    assert labels.matrix.toarray().tolist() == [[True, True], [True, True], [True, False]]
    assert labels.outside.tolist() == [0, 0, 1]


def test_tag_whose_parents_are_all_rare_moves_to_the_nearest_kept_ancestor():
    records = records_of(materials=["a | b | x", "a | c | x", "d | x"])
    tree = count_vocabulary(records, minimum=2)["materials"]
    assert tree.names == ("a", "x")
    assert tree.path(1) == ("a", "x")
    assert tree.parents[1] == (-1, 0)


def test_minimum_below_one_is_refused():
    with pytest.raises(UserError, match="is 0; expected 1 or more"):
        count_vocabulary(records_of(materials=["a"]), 0)


def test_file_parsed_in_many_blocks_is_read_as_in_one(tmp_path, monkeypatch):
    monkeypatch.setattr(records_csv, "_ARROW_BLOCK", 256)  # three records
    cells = ["", "a", "a | b", "c $ a"]
    rows = [row(f"a_{number}", cells[number * number % 7 % 4], f"Museum, {number % 3}") for number in range(200)]
    (tmp_path / "train.csv").write_text(text_of(rows), "utf-8")
    records = read_records(tmp_path / "train.csv")
    assert records.table["materials.hierarchy"].num_chunks > 10
    for taken, expected in ((records, rows), (records.take(range(150, 0, -7)), rows[150:0:-7])):
        codes, distinct = taken.cells("materials")
        assert taken.cell_counts("materials").tolist() == np.bincount(codes).tolist()
        assert [distinct[code] for code in codes] == [fields[3] for fields in expected]
        assert sorted(set(codes.tolist())) == list(range(len(distinct)))
        assert taken.providers.tolist() == [fields[6] for fields in expected]
    write_records(records, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "train.csv").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example('"the" Art', '"Museum\nof Art"')
@example('"Museum\nof Art"', "x" * 140_000)
@given(st.lists(st.sampled_from(["a", '"', '"a"', '""', ",", "\n", "\r"]), max_size=5).map("".join), st.sampled_from(["Museum", '"Museum\nof Art"', '"the ""Art"""', "x" * 140_000]))
def test_row_is_read_as_it_stands_alone_whatever_stands_in_the_others(tmp_path, provider, other):
    def read(*rows):
        (tmp_path / "train.csv").write_bytes("\n".join([HEADER, *rows, ""]).encode())
        try:
            return {column: cells[0] for column, cells in read_records(tmp_path / "train.csv").table.to_pydict().items()}
        except UserError:
            return "refused"

    row, following = (f"{name},,,clay,http://example.org/x,EUROPEANA,{keeper}," for name, keeper in
                      (("a_1", provider), ("a_2", other)))
    assert read(following) != "refused"
    assert read(row, following) == read(row)


@pytest.mark.parametrize("name, sign", [("semicolons", ";"), ("tabs", "\t"), ("vertical bars", "|")])
@pytest.mark.parametrize("change", [str.encode, lambda text: ("\ufeff" + text).encode(), lambda text: text.encode("cp1252"),
                                    lambda text: text.replace("\n", "\r\n").encode(),
                                    lambda text: text.replace("idInSource", '"idInSource"').encode()])
def test_other_separator_is_named(tmp_path, name, sign, change):
    file = tmp_path / "train.csv"
    text = text_of([row("a_1", "cotó", 'Museu "d\'Art"'), row("a_2")]).replace(",", sign)
    expected = f"train.csv, line 1: found columns separated by {name}; expected commas, a csv in UTF-8."
    assert refused(tmp_path, change(text)) == expected
    with pytest.raises(UserError, match=f"{name}; expected commas"):
        file.write_text(f"query{sign}filters\n", "utf-8")
        list(read_rows(file, ("query", "filters"), "queries"))


characters = st.sampled_from(["a", "\n", "à", "€", "😀", '"', '"', ",", "\r\n", '","']).map(str.encode)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(characters | st.binary(min_size=1, max_size=3), min_size=1, max_size=12).map(b"".join), st.integers(1, 9))
def test_lines_are_checked_in_blocks_as_in_one_and_hold_a_record_each(monkeypatch, data, block):
    def lines(size):
        monkeypatch.setattr(records_csv, "_BLOCK", size)
        try:
            return records_csv._plain_lines(pa.py_buffer(data))
        except pa.ArrowInvalid:
            return None

    def parsed(text):
        return [fields for fields in csv.reader(io.StringIO(text, newline=""), strict=True) if fields]

    found = lines(1 << 18)
    assert lines(block) == found
    if found is not None:
        parts = data.decode().removesuffix("\n").split("\n")
        assert found == len(parts)
        assert [fields for part in parts for fields in parsed(part)] == parsed(data.decode())


@given(st.lists(st.text(st.sampled_from("aàb\0"), max_size=9) | st.sampled_from(["x" * 70, "x" * 71]), max_size=8))
def test_ids_are_called_unique_only_if_they_are(ids):
    column = pa.chunked_array([ids[:3], ids[3:]], pa.string())
    if records_csv._surely_unique(column):
        assert len(set(ids)) == len(ids)
    if len(set(ids)) == len(ids) and not any("\0" in name or len(name) > 60 for name in ids):
        assert records_csv._surely_unique(column)


def test_same_name_in_two_facets_is_two_tags():
    records = records_of(materials=["paper", ""], objectTypes=["paper", "paper"])
    vocabulary = count_vocabulary(records, 1)
    assert vocabulary["materials"].images.tolist() == [1]
    assert vocabulary["objectTypes"].images.tolist() == [2]


tags = st.sampled_from("abcde")
cells = st.lists(st.lists(tags, min_size=1, max_size=4), max_size=3).map(format_paths)


@settings(deadline=None)
@given(st.lists(cells, min_size=1, max_size=12), st.integers(1, 4))
def test_matrix_and_counts_agree_with_plain_loops(cells, minimum):
    records = records_of(subjects=cells)
    tree = count_vocabulary(records, minimum)["subjects"]
    labels = label_matrix(records, tree)

    tags_of = [{name for path in cell.split(" $ ") for name in path.split(" | ")} - {""} for cell in cells]
    images = Counter(name for names in tags_of for name in names)
    assert set(tree.names) == {name for name in images if images[name] >= minimum}
    assert tree.images.tolist() == [images[name] for name in tree.names]
    assert labels.matrix.toarray().tolist() == [[name in names for name in tree.names] for names in tags_of]
    assert labels.outside.tolist() == [len(names - set(tree.names)) for names in tags_of]
    assert labels.matrix.dtype == bool and labels.outside.dtype == np.int32
    assert all(np.all(np.diff(labels.matrix.indices[start:end]) > 0)
               for start, end in zip(labels.matrix.indptr, labels.matrix.indptr[1:]))


@needs_official
def test_official_inner_test_is_written_back_to_the_same_bytes(tmp_path):
    write_records(read_records(OFFICIAL), tmp_path / "test_id.csv")
    assert (tmp_path / "test_id.csv").read_bytes() == OFFICIAL.read_bytes()


@needs_official
def test_official_inner_test_has_the_known_counts():
    records = read_records(OFFICIAL)
    vocabulary = count_vocabulary(records, minimum=1)
    labels = {facet: label_matrix(records, vocabulary[facet]) for facet in FACET_NAMES}
    filled = {facet: labels[facet].matrix.sum(axis=1) > 0 for facet in FACET_NAMES}
    assert len(records) == 2633
    assert [len(vocabulary[facet]) for facet in FACET_NAMES] == [987, 286, 35, 8]
    assert [int(filled[facet].sum()) for facet in FACET_NAMES] == [2531, 2237, 313, 227]
    assert np.bincount(sum(filled[facet].astype(int) for facet in FACET_NAMES)).tolist() == [0, 321, 1973, 315, 24]
    assert [sum(len(parents) > 1 for parents in vocabulary[facet].parents) for facet in FACET_NAMES] == [28, 7, 13, 0]
    assert all(label.outside.sum() == 0 for label in labels.values())
    assert {facet.column for facet in FACETS} <= set(records.table.column_names)


def test_half_of_a_sign_is_replaced_and_the_record_kept(tmp_path):
    records = records_of(materials=["clay", "cracked \ud83d"])
    write_records(records, tmp_path / "train.csv")
    assert read_records(tmp_path / "train.csv").tags("materials", 1) == ("cracked \ufffd",)


@pytest.mark.parametrize("cell, problem", [
    (" $ ".join(map(str, range(1_000_000))), "found 1,000,000 paths; expected at most 1,000."),
    (" | ".join(map(str, range(100_000))), "path of 100,000 levels, more than 100, in '0 | 1 | 2"),
    (" | ".join(["plat"] * 100_000), "path of 100,000 levels, more than 100, in 'plat | plat"),
    ("metal |" * 100_000, "stray separator or space at 'metal |metal |")])
def test_cell_that_no_object_has_is_refused_in_a_short_sentence_and_in_linear_time(tmp_path, cell, problem):
    content, start = text_of([row("a_1"), row("a_2", cell)]), time.process_time()
    sentence = refused(tmp_path, content)
    assert sentence.startswith(f"train.csv, line 3, column 'materials.hierarchy': {problem}") and len(sentence) < 700
    assert time.process_time() - start < 3


def test_largest_cell_is_read_and_counted(tmp_path):
    cell = " $ ".join(" | ".join(f"{path} {level}" for level in range(100 if path < 10 else 3)) for path in range(1_000))
    records = records_of(materials=[cell, ""])
    assert label_matrix(records, count_vocabulary(records, 1)["materials"]).matrix.sum() == 10 * 100 + 990 * 3
    assert count_label_depths(records)["leaf"].sum() == 1_000
