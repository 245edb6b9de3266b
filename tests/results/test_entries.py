"""Entries of others: from a file that another program made to the leaderboard, and what is found when one does not fit."""

import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from test_submission import DATA, TAGS, file_of, full

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.records import SPLITS
from eufcc_lib.results import check_entries, entering, score
from eufcc_lib.results.entries import own_entry
from eufcc_lib.results.files import RunResult, read_result, read_results, result_path, write_result
from eufcc_lib.results.paired import read_unit_numbers
from eufcc_lib.results.per_image import per_image_path, read_per_image
from eufcc_lib.results.provenance import provenance
from eufcc_lib.results.seeds import read_seeds, write_seeds

GIVEN = {"name": "Word list", "authors": "A. Stranger", "link": "https://example.org", "training_data": "none",
         "test_seen": "possible", "test_seen_why": "the words come from the web"}


@pytest.fixture
def attached(own_paths, monkeypatch):
    """Predictions for both test sets of the tiny museum, where an entry has them, and what describes the entry."""
    for module in ("eufcc_lib.collection.sources", "eufcc_lib.results.entering"):
        monkeypatch.setattr(f"{module}.open_dataset", lambda data: DATA)
    folder = paths.RESULTS / "tiny" / "predictions"
    folder.mkdir(parents=True)
    file_of(folder, *full()).rename(folder / "inner.csv")
    lines = [f"{image},{facet},{tag}" for image in DATA.split("test_ood").ids for facet, tags in TAGS.items() for tag in tags]
    file_of(folder, *lines, header="idInSource,facet,tag").rename(folder / "outer.csv")
    (own_paths / "words.json").write_text(json.dumps(GIVEN), encoding="utf-8")
    return own_paths / "words.json"


def enter(entry, *files):
    files = files or [paths.RESULTS / "tiny" / "predictions" / name for name in ("inner.csv", "outer.csv")]
    splits = [word for split in ("test_id", "test_ood")[:len(files)] for word in ("--split", split)]
    return score.main([*map(str, files), *splits, "--data", "tiny", "--entry", str(entry)])


def check(capsys) -> list[str]:
    """What `eufcc check-entries` says after its first line, which says what it looked at."""
    capsys.readouterr()
    status = check_entries.main(["--data", "tiny"])
    lines = capsys.readouterr().out.splitlines()[1:]
    assert status == bool(lines)
    return lines


def test_a_file_becomes_a_verified_entry_with_every_split_and_each_images_metrics(attached, capsys):
    assert enter(attached) == 0
    result = read_result(result_path("tiny", "words"))
    assert result.entry.kind == "verified" and result.entry.predictions == {"test_id": "inner.csv", "test_ood": "outer.csv"}
    assert {row.split for row in result.rows} == set(result.run.submission) == {"test_id", "test_ood"}
    assert result.run.submission["test_ood"]["list_length"] and not result.run.submission["test_id"]["list_length"]
    assert {column.split for column in read_unit_numbers(read_results("tiny"), "objects")["words"]} == {"test_id", "test_ood"}
    assert check(capsys) == []
    before = result_path("tiny", "words").read_text()
    assert enter(result_path("tiny", "words")) == 0, "measured again, from what it says of itself"
    assert json.loads(result_path("tiny", "words").read_text())["entry"] == json.loads(before)["entry"]


def test_another_seed_is_kept_beside_the_entry_and_checked(attached, tmp_path, capsys):
    enter(attached)
    path = str(file_of(tmp_path, *full()))
    for seed in ("2", "1", "2"):
        assert score.main([path, "--data", "tiny", "--name", "words", "--seed", seed]) == 0
    rows = read_seeds("tiny", "words")
    assert [row.seed for row in rows] == [1, 1, 2, 2] and check(capsys) == []
    assert rows[0].acc_at_1 == read_result(result_path("tiny", "words")).rows[0].acc_at_1
    write_seeds("tiny", "words", [replace(row, split_hash="other") for row in rows])
    assert "words.csv, line 2: measured on other data than" in check(capsys)[0]


def test_without_its_predictions_an_entry_is_reported(attached, tmp_path, capsys):
    assert enter(attached, file_of(tmp_path, *full())) == 0
    assert read_result(result_path("tiny", "words")).entry.kind == "reported" and check(capsys) == []
    attached.write_text(json.dumps(GIVEN | {"predictions": {"test_id": "https://example.org/inner.csv"}}), encoding="utf-8")
    assert enter(attached, tmp_path / "mine.csv") == 0
    assert read_result(result_path("tiny", "words")).entry.kind == "verified" and check(capsys) == []
    assert check_entries.main(["--data", "tiny"]) == 0
    assert "predictions of words are linked, so they were not measured again." in capsys.readouterr().out


@pytest.mark.parametrize(("change", "sentence"), [
    ({"link": "example.org"}, "key 'link' is 'example.org'; expected an address that begins with https:// or http://, or nothing."),
    ({"link": "javascript:alert(1)//https://example.org"}, "key 'link' is 'javascript:alert(1)//https://example.org'; expected an address"),
    ({"test_seen": "perhaps"}, "key 'test_seen' is 'perhaps'; expected no, possible or yes."),
    ({"training_data": " "}, "key 'training_data' is empty; expected what it was trained on."),
    ({"predictions": {"test": "inner.csv"}}, f"key 'predictions' names the split 'test'; expected {', '.join(SPLITS[:-1])} or {SPLITS[-1]}."),
    ({"predictions": {"test_id": "../inner.csv"}}, "key 'predictions' has '../inner.csv' for 'test_id'; expected the name of a file"),
    ({"authors": 3}, "key 'authors': 3 is not of type str."),
    ({"seed": 3}, "unknown key 'seed'"),
])
def test_what_describes_an_entry_is_checked(attached, tmp_path, capsys, change, sentence):
    attached.write_text(json.dumps(GIVEN | change), encoding="utf-8")
    assert enter(attached, file_of(tmp_path, *full())) == 2
    assert "words.json" in (said := capsys.readouterr().err) and sentence in said
    assert not result_path("tiny", "words").exists()


def test_all_mistakes_of_an_entry_are_told_at_once(attached, capsys):
    enter(attached)
    content = json.loads(result_path("tiny", "words").read_text())
    content["entry"] |= {"kind": "own", "name": "", "test_seen": "perhaps"}
    result_path("tiny", "words").write_text(json.dumps(content))
    lines = check(capsys)
    assert len(lines) == 3 and all("words.json, 'entry', key " in line for line in lines)


def change_entry(**values):
    def change(content):
        content["entry"] |= values
    return change


def drop(part):
    def change(content):
        del content[part]
    return change


def lift(content):
    content["rows"][1]["relevant_tags_tied"] = 0.5


@pytest.mark.parametrize(("change", "sentence"), [
    (lambda content: content["run"]["submission"]["test_ood"].pop("missing"),
     "words.json: key 'submission' does not say of each split file, lines, link, "),
    (drop("entry"), "words.json: key 'entry' is missing; expected one, as a file was measured"),
    (change_entry(kind="reported"), "key 'kind' is 'reported'; expected 'verified' exactly if there are predictions for each split"),
    (change_entry(predictions={"test_id": "inner.csv", "test_ood": "gone.csv"}), "gone.csv does not exist; expected the predictions of 'words'"),
    (change_entry(predictions={"test_id": "outer.csv", "test_ood": "outer.csv"}), "is an image of test_ood; expected images of test_id."),
    (change_entry(predictions={"test_id": "inner.csv", "test_ood": "outer.csv", "val": "inner.csv"}),
     "key 'predictions' names test_id, test_ood, val; expected no split but those that were measured."),
    (lift, "words.json, row 2, key 'relevant_tags_tied' is 0.5; measured again, it is "),
])
def test_an_entry_that_its_predictions_do_not_bear_out_is_named(attached, capsys, change, sentence):
    enter(attached)
    path = result_path("tiny", "words")
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    lines = check(capsys)
    assert len(lines) == 1 and sentence in lines[0]


def test_other_predictions_and_other_metrics_of_images_are_found(attached, capsys):
    enter(attached)
    path = per_image_path(result_path("tiny", "words"))
    with np.load(path) as kept:
        arrays = {key: kept[key] for key in kept.files}
    np.savez_compressed(path, **arrays | {"test_id.materials": arrays["test_id.materials"][:, ::-1]})
    assert read_per_image(read_result(result_path("tiny", "words")))
    (line,) = check(capsys)
    assert line.endswith("words.npz: other metrics for test_id than the predictions give.")
    file_of(paths.RESULTS / "tiny" / "predictions", *full(lambda *_: ",1")).rename(paths.RESULTS / "tiny" / "predictions" / "inner.csv")
    assert any("key 'submission' has" in line for line in check(capsys))
    path.unlink()
    assert "words.npz does not exist" in check(capsys)[0]


def test_a_seed_is_not_below_zero(own_paths, capsys):
    assert score.main(["mine.csv", "--data", "mini", "--seed", "-1"]) == 2
    assert "--seed is -1; expected a whole number from 0 on." in capsys.readouterr().err


@pytest.mark.parametrize(("name", "written"), [("softmax", "--entry"), ("Softmax", "--entry"), ("softmax", "--seed")])
def test_a_model_of_this_library_is_no_name_for_an_entry_nor_its_seeds(attached, capsys, name, written):
    assert score.main([str(paths.RESULTS / "tiny" / "predictions" / "inner.csv"), "--data", "tiny", "--name", name,
                       written, {"--entry": str(attached), "--seed": "5"}[written]]) == 2
    assert f"'{name}' is a model of this library" in capsys.readouterr().err
    assert not list(paths.RESULTS.rglob("*oftmax*"))


@pytest.mark.parametrize("arguments", [["a.csv", "b.csv"], ["a.csv", "--split", "test_id", "--split", "val"],
                                       ["a.csv", "b.csv", "--split", "val", "--split", "val"]])
def test_each_file_has_a_split_of_its_own(arguments, capsys):
    assert score.main(arguments) == 2
    assert "expected one for each --split" in capsys.readouterr().err


def test_a_data_set_without_results_is_no_success(attached, capsys):
    assert check_entries.main(["--data", "tyni"]) == 2
    assert "results/tyni/ does not exist; expected a data set with results: tiny." in capsys.readouterr().err


def test_a_result_that_cannot_be_written_and_a_broken_sign_are_no_traceback(attached, tmp_path, capsys):
    path = file_of(tmp_path, *full())
    assert score.main([str(path), "--data", "tiny", "--json", str(path / "out.json")]) == 2
    assert "out.json cannot be written" in capsys.readouterr().err
    attached.write_text(json.dumps(GIVEN | {"authors": "half a sign \ud800"}))
    assert enter(attached, path) == 0 and read_result(result_path("tiny", "words")).entry.authors == "half a sign \ufffd"


def test_the_template_has_the_keys_of_an_entry_and_is_none_itself():
    keys = json.loads(entering.TEMPLATE.read_text(encoding="utf-8"))
    assert set(keys) == {*GIVEN, "predictions"} and keys["test_seen"] not in ("no", "possible", "yes")


@pytest.mark.parametrize(("data", "weights", "seen"), [("mini", "ImageNet", "no"), ("museums", "ImageNet", "possible"), ("museums", None, "no")])
def test_what_a_run_of_this_library_could_have_seen_follows_from_its_data_and_weights(data, weights, seen):
    run = provenance("softmax", data, images={}, vocabulary_hash="", weights=weights)
    entry = own_entry(provenance("ml_s", data, images={}, vocabulary_hash=""), [run])
    assert (entry.name, entry.kind, entry.test_seen) == ("Ensemble: ML+S", "own", seen)
    assert entry.training_data.startswith(f"the training split of {data}; made of Multi-label, Softmax")


@pytest.mark.parametrize("data", ["mini", "museums"])
def test_the_results_of_the_project_are_in_order_and_name_no_place_on_a_machine(data):
    mistakes, _ = entering.check_folder(data, "nowhere")
    assert not mistakes
    for path in (paths.RESULTS / data).glob("*.json"):
        assert not re.search(r'"(/|~|[A-Za-z]:\\)|/(home|root|tmp|Users)/', path.read_text()), path.name


def test_a_result_without_an_entry_is_written_as_before(own_paths):
    path = write_result(RunResult(provenance("softmax", "mini", images={}, vocabulary_hash=""), ()))
    assert list(json.loads(path.read_text())) == ["run", "rows"] and read_result(path).entry is None


def test_an_entry_that_is_no_object_is_refused(attached):
    attached.write_text("[]", encoding="utf-8")
    with pytest.raises(UserError, match="words.json: expected an object with the keys of results/ENTRY_TEMPLATE.json"):
        entering.enter(RunResult(provenance("words", "tiny", images={}, vocabulary_hash=""), ()), attached, {})


@pytest.mark.parametrize("place", ["predictions", "per_image"])
def test_a_file_that_would_unpack_to_gigabytes_is_refused_before_it_does(attached, capsys, place):
    enter(attached)
    bomb = paths.RESULTS / "tiny" / place / ("inner.npz" if place == "predictions" else "words.npz")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed, packed.open("ids.npy", "w", force_zip64=True) as part:
        for _ in range(300):
            part.write(bytes(1 << 20))
    if place == "predictions":
        path = result_path("tiny", "words")
        path.write_text(path.read_text().replace("inner.csv", "inner.npz"))
    [mistake] = check(capsys)
    assert f"{bomb.name} unpacks to 315 MB; expected at most " in mistake
