"""Anyone's predictions: what a file says is measured as our own scores are, and a line that does not fit is named."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from conftest import keep_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from test_statistics import make_dataset, make_records

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.results import export, score, submission_file
from eufcc_lib.results.scores import Scores, scores_path
from eufcc_lib.results.submission import read_submission, result_of
from eufcc_lib.results.submission_file import COLUMNS, example_lines, write_lines

JUG = {"objectTypes": "vessel | jug", "materials": "clay $ metal | gold"}
RING = {"objectTypes": "jewellery | ring", "materials": "metal | gold"}
BARE = {"objectTypes": "jewellery"}
DATA = make_dataset(train=make_records(JUG, RING, BARE, {"materials": "metal | silver"}, prefix="train"),
                    test_id=make_records(JUG, RING, BARE, prefix="in"),
                    test_ood=make_records(RING, {"materials": "metal | bronze"}, prefix="out"))
TAGS = {facet: tree.names for facet, tree in DATA.vocabulary.taxonomies.items() if len(tree)}


HEADER = ",".join(COLUMNS)


def file_of(folder, *lines, header=HEADER):
    path = folder / "mine.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def full(score=lambda image, facet, tag: f",{len(tag)}"):
    """A line for each tag of each image."""
    return [f"{image},{facet},{tag}{score(image, facet, tag)}"
            for image in DATA.split("test_id").ids for facet, tags in TAGS.items() for tag in tags]


def ranking(found, facet: str, row: int) -> list[str]:
    values = found.scores.values[facet][row]
    return [TAGS[facet][tag] for tag in np.argsort(-values, kind="stable")]


numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@settings(max_examples=25)
@given(values=st.data())
def test_scores_survive_the_file_to_the_last_digit(values, ending, tmp_path_factory):
    arrays = {facet: np.array(values.draw(st.lists(numbers, min_size=3 * len(tags), max_size=3 * len(tags))), np.float32)
              .reshape(3, -1) for facet, tags in TAGS.items()}
    scores = Scores(DATA, "mine", "test_id", arrays, np.ones(3, bool))
    path = tmp_path_factory.mktemp("files") / f"mine{ending}"
    assert write_lines(scores, path) == sum(part.size for part in arrays.values())
    found = read_submission(path, DATA, "test_id")
    for facet, part in arrays.items():
        np.testing.assert_array_equal(found.scores.values[facet], part)
    assert found.scores.measure() == scores.measure() and found.list_length is None


def test_our_own_file_of_scores_is_taken_as_it_is(own_paths):
    scores = keep_scores(DATA, "softmax", {"materials": np.arange(3 * len(TAGS["materials"])).reshape(3, -1)})
    found = read_submission(scores_path("tiny", "softmax", "test_id"), DATA, "test_id", "softmax", link="softmax")
    assert found.scores.measure() == scores.measure()


@pytest.mark.parametrize("part", [1, 2, 7])
def test_the_parts_a_file_is_read_in_make_no_difference(tmp_path, monkeypatch, part):
    lists = file_of(tmp_path, *full(lambda *_: ""), header="idInSource,facet,tag")
    table = pa.table([column for column in zip(*(line.split(",") for line in full()))], names=COLUMNS)
    parquet.write_table(table.set_column(3, "score", table["score"].cast(pa.float32())), tmp_path / "mine.parquet")
    whole = [read_submission(path, DATA, "test_id").scores.values for path in (lists, tmp_path / "mine.parquet")]
    monkeypatch.setattr(submission_file, "PART", part)
    monkeypatch.setattr(submission_file, "_BLOCK", 60 * part)
    for path, values in zip((lists, tmp_path / "mine.parquet"), whole):
        found = read_submission(path, DATA, "test_id").scores.values
        assert all(np.array_equal(found[facet], values[facet]) for facet in TAGS)


def test_a_list_ranks_by_its_order_and_what_it_lacks_follows_in_the_order_of_the_vocabulary(tmp_path):
    found = read_submission(file_of(tmp_path, "in_0,materials,silver", "in_1,materials,", "in_0,objectTypes,ring",
                                    "in_0,materials,clay", "in_2,materials,metal", header="idInSource,facet,tag"), DATA, "test_id")
    assert ranking(found, "materials", 0) == ["silver", "clay", *(tag for tag in TAGS["materials"] if tag not in ("silver", "clay"))]
    assert ranking(found, "materials", 1) == list(TAGS["materials"])
    assert found.list_length == pytest.approx((2 + 1 + 0 + 0 + 1 + 0) / 6) and found.lines == 5
    assert set(found.scores.values) == {"materials", "objectTypes"} and found.scores.probabilities("materials") is None


def test_a_tag_goes_by_its_name_in_both_languages_and_by_its_number(tmp_path):
    words = ["gold", "or", "300011021"]
    found = [read_submission(file_of(tmp_path, *(f"in_{row},materials,{word}" for row in range(3)),
                                     header="idInSource,facet,tag"), DATA, "test_id") for word in words]
    assert all(ranking(one, "materials", 0)[0] == "gold" for one in found)
    with pytest.raises(UserError, match="line 3: 'or' in materials is listed for 'in_0' a second time"):
        read_submission(file_of(tmp_path, "in_0,materials,gold,1", "in_0,materials,or,1"), DATA, "test_id")


def test_tags_outside_the_vocabulary_are_counted_and_left_out(tmp_path):
    lines = ["in_0,materials,bronze", "in_0,materials,gold", "in_1,materials,gold", "in_2,materials,bronze"]
    found = read_submission(file_of(tmp_path, *lines, header="idInSource,facet,tag"), DATA, "test_id")
    assert found.outside["materials"] == 2 and ranking(found, "materials", 0)[0] == "gold" and not found.missing
    assert result_of(found).run.submission["test_id"]["outside_vocabulary"]["materials"] == 2


def test_images_without_a_line_are_an_error_or_rank_worst(tmp_path):
    path = file_of(tmp_path, "in_1,materials,gold,0.5")
    with pytest.raises(UserError, match="2 of the 3 images of test_id are missing, the first is 'in_0'"):
        read_submission(path, DATA, "test_id")
    found = read_submission(path, DATA, "test_id", missing="worst")
    assert found.missing == ("in_0", "in_2") and set(ranking(found, "materials", 0)[-3:]) == {"clay", "metal", "gold"}
    (row,) = result_of(found).rows
    assert (row.facet, row.images, row.acc_at_1, row.recall_at_half) == ("materials", 2, 0.5, None)
    with pytest.raises(UserError, match="Unknown link 'logit'"):
        read_submission(path, DATA, "test_id", link="logit")
    with pytest.raises(UserError, match="whose exponential is above 1; expected logarithms of probabilities"):
        read_submission(path, DATA, "test_id", link="exp", missing="worst")


@pytest.mark.parametrize(("line", "sentence"), [
    ("who,materials,gold,1", "line 3: 'who' is no image of test_id."),
    ("out_0,materials,gold,1", "line 3: 'out_0' is an image of test_ood; expected images of test_id."),
    ("in_1,material,gold,1", "line 3: Unknown facet 'material'. Known facets: "),
    ("in_1,materials,glod,1", "line 3: 'glod' is no tag of materials, nor the English name or the AAT number of one; close are 'gold'."),
    ("in_0,materials,gold,2", "line 3: 'gold' in materials is listed for 'in_0' a second time"),
    ("in_1,materials,gold,nan", "line 3: the score of 'gold' is nan; expected a finite number"),
    ("in_1,materials,gold,inf", "line 3: the score of 'gold' is inf; expected a finite number"),
    ("in_1,materials,gold,-1e39", "line 3: the score of 'gold' is -1e+39; expected a finite number that float32 can hold."),
    (f"in_1,materials,{1000 * 'x'},1", f"line 3: '{100 * 'x'}...' is no tag of materials"),
    ("in_1,materials,gold,", "line 3: 'gold' has no score, while lines before have one"),
    ("in_1,materials,gold,high", "line 3: the score 'high' is not a number."),
    ("in_1,materials,gold", "line 3: found 3 fields; expected 4, one for each column."),
    ("\nin_1,materials,glod,1", "line 4: 'glod' is no tag"),
    ('"in\n1",materials,gold,1', "line 3: 'in\\n1' is no image"),
])
def test_a_line_that_does_not_fit_is_named(tmp_path, line, sentence):
    with pytest.raises(UserError) as caught:
        read_submission(file_of(tmp_path, "in_0,materials,gold,1", line, "in_2,materials,gold,1"), DATA, "test_id")
    assert str(caught.value).startswith(f"{tmp_path / 'mine.csv'}, {sentence}")


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "line 1: column 'idInSource' is missing"),
    (b"idInSource;facet;tag\n", "line 1: found columns separated by semicolons; expected commas"),
    (b"idInSource,tag\n", "line 1: column 'facet' is missing"),
    (b"idInSource,facet,tag\nin_0,materials,g\xf6ld\n", "line 2, column 'tag': found bytes that are not UTF-8"),
])
def test_a_file_in_another_form_is_refused(tmp_path, content, sentence):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_submission(path, DATA, "test_id")
    assert str(caught.value).startswith(f"{path}, {sentence}")


def test_a_file_that_is_none_is_refused(tmp_path):
    for name, sentence in {"mine.xlsx": "ends in .csv, .parquet or .npz", "mine.parquet": "cannot be read as parquet",
                           "mine.npz": "is damaged"}.items():
        (tmp_path / name).write_bytes(b"PK\3\4 nothing of the kind")
        with pytest.raises(UserError, match=sentence):
            read_submission(tmp_path / name, DATA, "test_id")
    np.save(tmp_path / "one.npy", np.ones(3))
    (tmp_path / "one.npy").rename(tmp_path / "mine.npz")
    with pytest.raises(UserError, match="is damaged"):
        read_submission(tmp_path / "mine.npz", DATA, "test_id")
    with pytest.raises(UserError, match="does not exist"):
        read_submission(tmp_path / "none.csv", DATA, "test_id")


@pytest.mark.parametrize(("tags", "sentence"), [
    ({}, "column 'tag' is missing"),
    ({"tag": [["gold"], ["clay"]]}, "column 'tag': found list<element: string>; expected one value on each row."),
])
def test_a_parquet_file_with_other_columns_is_refused(tmp_path, tags, sentence):
    parquet.write_table(pa.table({"idInSource": ["in_0", "in_1"], "facet": ["materials"] * 2} | tags), tmp_path / "mine.parquet")
    with pytest.raises(UserError) as caught:
        read_submission(tmp_path / "mine.parquet", DATA, "test_id", missing="worst")
    assert sentence in str(caught.value)


def test_a_file_without_a_line_predicts_nothing(tmp_path):
    with pytest.raises(UserError, match="mine.csv holds no predictions"):
        read_submission(file_of(tmp_path), DATA, "test_id", missing="worst")


@pytest.mark.parametrize(("facet", "scores", "sentence"), [
    ("colours", np.ones((3, 0)), "Unknown facet 'colours'."), ("materials", np.ones((3, 9)), "the scores in 'materials' have shape"),
    ("materials", np.full((3, len(TAGS["materials"])), np.inf), "the scores in 'materials' hold an infinite number"),
    ("materials", np.full((3, 4), "high"), "the scores in 'materials' are of type <U4; expected numbers.")])
def test_kept_scores_of_other_tags_are_refused(tmp_path, facet, scores, sentence):
    np.savez(tmp_path / "mine.npz", ids=np.asarray(DATA.split("test_id").ids, np.str_), vocabulary_hash=DATA.vocabulary.hash,
             **{f"scores_{facet}": scores})
    with pytest.raises(UserError, match=sentence):
        read_submission(tmp_path / "mine.npz", DATA, "test_id")


def test_a_facet_without_an_evaluated_image_takes_no_line(tmp_path):
    nothing = np.full((3, len(TAGS["materials"])), np.nan, np.float32)
    assert write_lines(Scores(DATA, "mine", "test_id", {"materials": nothing}, np.zeros(3, bool)), tmp_path / "mine.csv") == 0


def test_the_example_is_a_file_that_is_read(tmp_path):
    header, *lines = example_lines(DATA, "test_id")
    assert len(lines) == 3
    assert read_submission(file_of(tmp_path, *lines, header=header), DATA, "test_id", missing="worst").lines == 3


@pytest.mark.slow
def test_the_file_of_each_kind_of_model_gives_the_numbers_of_its_result(squares, squares_folder, capsys, monkeypatch):
    from eufcc_lib.results.files import read_result
    from eufcc_lib.training.recipes import get_recipe
    from eufcc_lib.training.run import train_model
    monkeypatch.setattr("eufcc_lib.collection.sources.open_dataset", lambda data: squares)
    recipe = get_recipe("mini", backbone="test_resnet", weights="random", image_size=32, batch_size=8, epochs=1)
    for model, link in {"frequency": "given", "multi_label": "sigmoid", "softmax": "softmax", "hsoftmax_levels": "exp", "ml_s": "given"}.items():
        trained = train_model(model, squares, get_recipe("mini") if model in ("frequency", "ml_s") else recipe)
        for split in ("test_id", "test_ood"):
            path = paths.RESULTS / f"{model}.csv"
            assert export.main([model, "--data", "squares", "--split", split, "--out", str(path)]) == 0
            out = paths.RESULTS / split / "squares" / f"{model}.json"
            assert score.main([str(path), "--data", "squares", "--split", split, "--link", link, "--json", str(out)]) == 0
            measured = read_result(out)
            assert measured.rows == tuple(row for row in trained.rows if row.split == split)
            assert measured.run.split_hashes[split] == trained.run.split_hashes[split]
            assert json.loads(out.read_text())["run"]["submission"][split]["list_length"] is None
    assert "scores." in capsys.readouterr().out


def test_another_label_or_another_image_is_another_split():
    records = DATA.records["test_id"]
    hashes = {DATA.split_hash("test_id")}
    for rows in (make_records(JUG, RING, RING, prefix="in"), make_records(JUG, RING, BARE, prefix="on"), records.take([0, 2, 1])):
        hashes.add(replace(DATA, records=DATA.records | {"test_id": rows}).split_hash("test_id"))
    assert len(hashes) == 4
