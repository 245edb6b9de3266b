"""Result files: what is written is read again, and a damaged file is named with its key."""

import dataclasses
import json
import math
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import keep_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from test_statistics import make_dataset, make_records

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.metrics.evaluation import MetricsRow
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results import frames
from eufcc_lib.results.files import RunResult, check_data, data_name, read_result, read_results, write_result
from eufcc_lib.results.frames import beyond_frame, results_frame, runs_frame
from eufcc_lib.results.provenance import provenance
from eufcc_lib.results.scores import read_scores

ROW = MetricsRow("softmax", "mini", "test_id", "materials", 0.5, 0.75, 1.0, 4.25, 0.125,
                 images=402, images_without_facet=90, images_outside_vocabulary=6, tags=34,
                 tags_outside_vocabulary=3, relevant_tags_tied=0.0,
                 interval={"r_precision": [0.45, 0.55], "acc_at_1": [0.7, 0.8], "acc_at_10": [1.0, 1.0],
                           "avg_rank_position": [4.0, 4.5]},
                 provider_interval={"r_precision": None, "acc_at_1": None, "acc_at_10": None,
                                    "avg_rank_position": None})


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path / "checkpoints")


def result(model="softmax", data="mini", rows=2, **settings):
    run = provenance(model, data, images={"train": 2_400, "test_id": 498}, vocabulary_hash="0123abcd", **settings)
    splits = ["test_id", "test_ood"][:rows]
    return RunResult(run, tuple(dataclasses.replace(ROW, model=model, data=data, split=split) for split in splits))


def test_what_is_written_is_read_again():
    written = result(transform="224 px", recipe={"epochs": 5, "betas": [0.9, 0.99]}, seed=0, seconds=12.5)
    path = write_result(written)
    assert path == paths.RESULTS / "mini" / "softmax.json"
    assert read_result(path) == written
    assert read_results("mini") == {"softmax": written}


@settings(deadline=None, max_examples=30)
@given(value=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), count=st.integers(0, 10**9),
       word=st.text(max_size=20))
def test_any_number_and_word_survives_the_file(value, count, word):
    rows = (dataclasses.replace(ROW, r_precision=value, images=count),)
    written = RunResult(dataclasses.replace(result().run, transform=word and f"x{word}"), rows)
    assert read_result(write_result(written)) == written


def test_writing_twice_gives_the_same_bytes_and_a_row_is_a_line():
    path = write_result(result())
    first = path.read_bytes()
    write_result(read_result(path))
    assert path.read_bytes() == first
    lines = [json.loads(line.rstrip(",")) for line in path.read_text().splitlines() if '"facet"' in line]
    assert [line["split"] for line in lines] == ["test_id", "test_ood"]
    assert list(lines[0]) == [field.name for field in dataclasses.fields(MetricsRow)]


def test_a_number_that_is_none_is_written_as_null():
    run = result(recipe={"least_loss": float("nan"), "rate": np.float32(0.5)}).run
    row = dataclasses.replace(ROW, r_precision=math.inf)
    read = read_result(write_result(RunResult(run, (row,))))
    assert read.run.recipe == {"least_loss": None, "rate": 0.5}
    assert read.rows[0].r_precision is None


@pytest.mark.parametrize("place", ["/home/ada/models/start.pth", "~/start.pth", Path("/home/ada/start.pth"),
                                   r"C:\Users\ada\start.pth"])
def test_no_path_and_no_user_gets_into_a_result(place, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    text = write_result(result(recipe={"start": place}, weights=str(place))).read_text()
    assert "ada" not in text
    assert text.count('"start.pth"') == 2
    assert str(paths.ROOT) not in text


def test_provenance_states_versions_device_commit_and_date():
    run = result(device="cpu").run
    assert {"python", "numpy", "torch"} <= set(run.versions)
    assert "cores" in run.device
    assert run.date.endswith("Z")
    assert run.commit is None or len(run.commit) == 40


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_change_of_the_library_is_marked_and_a_new_result_is_not(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:  # as in a hook of another checkout
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)  # no signing, no hooks, no templates of the user's
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert provenance("a", "b", images={}, vocabulary_hash="").commit is None
    (tmp_path / "eufcc_lib").mkdir()
    module = tmp_path / "eufcc_lib" / "module.py"
    module.write_text("a = 1\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        subprocess.run(git + command, cwd=tmp_path, check=True)
    (tmp_path / "new_result.json").write_text("{}")
    assert result().run.changed is False
    module.write_text("a = 2\n")
    assert result().run.changed is True


def damaged(change):
    """A result file after `change` of its content; the path."""
    path = write_result(result())
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(("change", "message"), [
    (lambda content: content.pop("rows"), "expected the keys 'run' and 'rows'"),
    (lambda content: content["run"].pop("seed"), "'run': key 'seed' is missing"),
    (lambda content: content["rows"][1].pop("acc_at_1"), "row 2: key 'acc_at_1' is missing; a file of an earlier version lacks it: run the model again."),
    (lambda content: content["rows"][0].update(map=0.4), "row 1: unknown key 'map'"),
    (lambda content: content["rows"][0].update(images="402"), "row 1, key 'images': '402' is not of type int"),
    (lambda content: content["rows"][0].update(images=True), "row 1, key 'images': True is not of type int"),
    (lambda content: content["rows"][0].update(r_precision=math.nan), "row 1, key 'r_precision': nan is no number"),
    (lambda content: content["rows"][0]["interval"].update(r_precision=[0.1, math.inf]), r"'r_precision' is \[0.1, inf\]; expected \[low, high\]"),
    (lambda content: content["rows"][0].update(facet="colours"), "row 1, key 'facet': Unknown facet 'colours'. Known facets: "),
    (lambda content: content["run"].update(seconds="long"), "key 'seconds': 'long' is not of type float or null"),
    (lambda content: content["rows"][0].update(interval=[0.4, 0.6]), r"row 1, key 'interval': \[0.4, 0.6\] is not of"),
    (lambda content: content["rows"][0]["interval"].update(acc_at_1=[0.4]),
     r"row 1, key 'interval': 'acc_at_1' is \[0.4\]; expected \[low, high\] or null"),
    (lambda content: content["rows"].append(3), "row 3: expected an object, found 3"),
    (lambda content: content["rows"][1].update(model="clip_prompt"), "row 2: it holds data 'mini' and model 'clip_p"),
])
def test_a_damaged_result_is_named_with_its_key(change, message):
    path = damaged(change)
    with pytest.raises(UserError, match=message) as caught:
        read_results("mini")
    assert str(path) in str(caught.value)


def test_a_file_that_is_no_json_is_named_with_its_line():
    path = write_result(result())
    path.write_text(path.read_text()[:-30])
    with pytest.raises(UserError, match=r"softmax.json, line \d+: not valid JSON"):
        read_result(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="not a text file in UTF-8"):
        read_result(path)


def test_a_result_moved_to_another_data_set_is_refused():
    path = write_result(result())
    other = paths.RESULTS / "eufcc340k" / "softmax.json"
    other.parent.mkdir()
    path.rename(other)
    with pytest.raises(UserError, match="it holds data 'mini' and model 'softmax'"):
        read_results("eufcc340k")


def test_before_any_run_there_are_no_results():
    assert read_results("mini") == {}
    assert list(results_frame("mini").columns) == [field.name for field in dataclasses.fields(MetricsRow)]


def test_the_frame_has_one_line_a_model_split_and_facet():
    write_result(result("softmax"))
    write_result(result("frequency", rows=1))
    frame = results_frame("mini")
    assert frame[["model", "split"]].values.tolist() == [["frequency", "test_id"], ["softmax", "test_id"],
                                                         ["softmax", "test_ood"]]


def test_runs_are_listed_with_what_they_were_made_from():
    assert len(runs_frame("mini")) == 0
    run = dataclasses.replace(result(seed=3, weights="imagenet").run, commit="0123456789" * 4, changed=True,
                              chosen={"k": 20, "temperature": 0.05})
    write_result(RunResult(run, ()))
    line = runs_frame("mini").loc["softmax"]
    assert (line["seed"], line["weights"], line["commit"]) == (3, "imagenet", "01234567, changed")
    assert line["chosen on validation"] == "k 20, temperature 0.05"


def test_rows_beyond_the_paper_that_were_run_are_described():
    assert len(beyond_frame("mini")) == 0
    for model in ("softmax", "multi_label_sum", "asymmetric", "someones"):
        write_result(RunResult(dataclasses.replace(result().run, model=model), ()))
    assert beyond_frame("mini")["what it is"].to_dict() == {MODELS[model].title: MODELS[model].about for model in ("asymmetric", "multi_label_sum")}


def test_data_is_known_by_its_results_or_by_its_folder(tmp_path):
    write_result(result(data="trained_elsewhere"))
    for data in ("trained_elsewhere", "mini", str(tmp_path)):
        check_data(data)
    with pytest.raises(UserError, match="Unknown data 'nowhere'. Known data: mini, eufcc340k, eufcc340k-laptop, or a folder"):
        check_data("nowhere")


def test_a_folder_of_the_user_is_called_by_its_name():
    assert data_name("mini") == "mini"
    assert data_name("../shared/data/museums/") == "museums"
    with pytest.raises(UserError, match="Data name 'my museum'"):
        data_name("some/my museum")


@pytest.mark.parametrize("model", ["../softmax", "", ".hidden", "a/b"])
def test_a_model_name_that_leads_elsewhere_is_refused(model):
    with pytest.raises(UserError, match="Model name"):
        write_result(result(model))


def test_scores_are_kept_with_what_they_belong_to(own_paths):
    images = {"train": make_records(*[{"materials": "oak"}, {"materials": "elm"}]),
              "test_id": make_records({"materials": "oak"}, {"materials": "elm"}, {"materials": "elm"}, prefix="b")}
    dataset = make_dataset(**images)
    kept = keep_scores(dataset, "softmax", {"materials": [[0.5, -np.inf], [np.nan, np.nan], [1, 2]]})
    loaded = read_scores(dataset, "softmax", "test_id")
    assert list(loaded.values) == ["materials"] and loaded.evaluated.tolist() == [True, False, True]
    np.testing.assert_array_equal(loaded.values["materials"], kept.values["materials"])
    assert loaded.judged_rows("materials").tolist() == [0, 2]
    assert [row.images for row in loaded.measure()] == [2]
    other = make_dataset(**images | {"train": make_records({"materials": "oak"})})
    with pytest.raises(UserError, match=f"made with vocabulary {dataset.vocabulary.hash}, not {other.vocabulary.hash}"):
        read_scores(other, "softmax", "test_id")
    with pytest.raises(UserError, match="made for other records"):
        read_scores(make_dataset(**images | {"test_id": make_records({"materials": "oak"}, prefix="c")}), "softmax", "test_id")
    with pytest.raises(UserError, match="No scores of 'multi_label' on 'tiny', split 'test_id'"):
        read_scores(dataset, "multi_label", "test_id")
    with pytest.raises(UserError, match="Unknown model 'multi_labl'"):
        read_scores(dataset, "multi_labl", "test_id")


def test_means_of_a_run_are_over_the_facets_that_it_has():
    rows = [dataclasses.replace(result().rows[0], split=split, facet=facet, r_precision=value, avg_rank_position=2.0)
            for split, facet, value in (("test_id", "materials", 0.4), ("test_id", "subjects", 0.8), ("val", "subjects", 0.1))]
    means = frames.result_means(dataclasses.replace(result(), rows=tuple(rows)))
    assert (means["r_precision_inner"], means["avg_rank_position_inner"], means["r_precision_outer"]) == ("0.60", "2.0", "–")


def test_runs_are_compared_by_test_set_and_facet():
    write_result(result("multi_label"))
    rows = [dataclasses.replace(row, r_precision=0.75, facet=facet) for row in result(rows=1).rows for facet in ("subjects", "objectTypes")]
    write_result(dataclasses.replace(result(), rows=(*rows, dataclasses.replace(ROW, split="val"))))
    frame = frames.tests_frame("mini", ["softmax", "multi_label", "never_run"])
    assert frame.columns.tolist() == [("Inner", "OT"), ("Inner", "M"), ("Inner", "S"), ("Inner", "mean"), ("Outer", "M"), ("Outer", "mean")]
    assert frame.loc["softmax", "Inner"].fillna(-1).tolist() == [0.75, -1, 0.75, 0.75]
    assert frame.loc["multi_label"].dropna().tolist() == [0.5] * 4 and frame.loc["never_run"].isna().all()
    assert frames.tests_frame("other", ["softmax"]).shape == (1, 0)
