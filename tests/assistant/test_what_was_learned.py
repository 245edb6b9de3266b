"""Learning from a session in a process of its own: what it says, that it can be killed, and that a model is kept by choice."""

import os
import signal
import sys
import time

import numpy as np
import pytest

from eufcc_lib.assistant import lessons
from eufcc_lib.assistant.lessons import DONE, FAILED, NOTHING, RUNNING, begin, find_job, is_running, keep, read
from eufcc_lib.assistant.predictor import load_predictor
from eufcc_lib.assistant.promised import PRECISIONS
from eufcc_lib.assistant.session import session_folder
from eufcc_lib.assistant.simulate import catalogue
from eufcc_lib.assistant.store import Store
from eufcc_lib.assistant.uploads import Upload, add_uploads
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model

SLEEPER = "import sys; print('Learning from 3 images.', flush=True); import time; time.sleep(60)"


@pytest.fixture(autouse=True)
def forget():
    """What a server that starts anew knows: nothing."""
    lessons._STARTED.clear()


@pytest.fixture
def session(tmp_path):
    store = Store(tmp_path / "batch", "ada")
    store.close()
    return tmp_path / "batch"


def wait(job, seconds: float = 120):
    end = time.monotonic() + seconds
    while (found := read(job)).stage == RUNNING and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_nothing_is_there_before_it_begins_and_nothing_can_be_kept(session):
    job = find_job(session)
    assert read(job).stage == NOTHING and not is_running(job)
    with pytest.raises(UserError, match="learn first"):
        keep(job, "harbour")
    assert not job.folder.exists()


@pytest.mark.slow
def test_one_goes_on_at_a_time_and_one_that_is_killed_is_told(session, monkeypatch):
    monkeypatch.setattr(lessons, "_PROGRAM", (sys.executable, "-c", SLEEPER))
    job = begin(session, "mini")
    process = lessons._STARTED[job.folder]
    while not read(job).sentences:
        time.sleep(0.02)
    assert read(job).sentences == ("Learning from 3 images.",) and read(job).stage == RUNNING
    assert begin(session, "mini") == job and lessons._STARTED[job.folder] is process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    found = read(job)
    assert found.stage == FAILED and found.sentences[0].endswith("log.txt.") and len(found.sentences) == 1
    begin(session, "mini")
    assert read(job).stage == RUNNING
    lessons._STARTED[job.folder].kill()


LOCKED = """
import sys, time
from pathlib import Path
from eufcc_lib.assistant import lessons
lessons.run = lambda session, data: (print("running", flush=True), time.sleep(60))
sys.exit(lessons.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_server_that_starts_anew_finds_what_goes_on(session, monkeypatch):
    monkeypatch.setattr(lessons, "_PROGRAM", (sys.executable, "-c", LOCKED))
    job = begin(session, "mini")
    while read(job).sentences != ("running",):
        time.sleep(0.02)
    process = lessons._STARTED.pop(job.folder)
    assert is_running(job) and read(job).stage == RUNNING
    begin(session, "mini")
    assert not lessons._STARTED, "a second one began"
    process.kill()
    process.wait()
    assert read(job).stage == FAILED


SQUARES = """
import sys
from pathlib import Path
from eufcc_lib.core import paths
paths.CHECKPOINTS, paths.RESULTS = map(Path, ({checkpoints!r}, {results!r}))
from eufcc_lib.assistant import lessons
sys.exit(lessons.main(sys.argv[1:]))
"""


@pytest.fixture
def squares_session(squares_folder, own_paths, monkeypatch):
    """A trained model, a session of the squares of which all is right that the records say, and a program that learns from it."""
    monkeypatch.setattr(paths, "DATA", own_paths / "data")
    dataset = open_dataset(str(squares_folder))
    train_model("multi_label", dataset, get_recipe("mini", epochs=2, image_size=64, batch_size=16))
    predictor = load_predictor(str(squares_folder))
    with_decisions = session_folder("taught")
    store = Store(with_decisions, "ada")
    for number, file in enumerate(dataset.image_paths("test_id")):
        [name], _ = add_uploads(store, [Upload(file.name, file.read_bytes() + bytes([number]))])
        wanted = {facet: set(dataset.split("test_id").tags(facet, number)) for facet in ("materials", "objectTypes")}
        catalogue(store, name, predictor(file).sure, predictor.vocabulary, wanted, predictor.identity)
    store.close()
    program = SQUARES.format(checkpoints=str(paths.CHECKPOINTS), results=str(paths.RESULTS))
    monkeypatch.setattr(lessons, "_PROGRAM", (sys.executable, "-c", program))
    return with_decisions, str(squares_folder)


@pytest.mark.slow
def test_what_was_learned_is_told_and_kept_only_by_choice_without_learning_again(squares_session):
    session, data = squares_session
    before = {path.name for path in paths.CHECKPOINTS.iterdir()}
    job = begin(session, data)
    found = wait(job)
    assert found.stage == DONE, (found, (job.folder / "log.txt").read_text())
    assert found.sentences[0].startswith("Learned from ") and {row["metric"] for row in found.measured} >= {"R-precision"}
    assert {path.name for path in paths.CHECKPOINTS.iterdir()} == before and not found.kept

    with pytest.raises(UserError, match="expected one"):
        keep(job, "")
    with pytest.raises(UserError, match="expected letters"):
        keep(job, "../harbour")
    assert keep(job, "harbour") == "squares-harbour" and read(job).kept == ("squares-harbour",)
    with pytest.raises(UserError, match="squares-harbour is there already"):
        keep(job, "harbour")
    assert keep(job, "port") == "squares-port" and read(job).kept == ("squares-harbour", "squares-port")
    kept, other = load_predictor("squares-harbour"), load_predictor("squares-port")
    assert kept.identity["hash"] == other.identity["hash"] != load_predictor(data).identity["hash"]
    image = open_dataset(data).image_paths("val")[0]
    tried = {facet: values for facet, values in kept(image).sure.items()}
    assert all(np.isfinite(values).all() for values in tried.values())
    assert set(kept.promises.found) == set(PRECISIONS) and kept.promises.commit, "what is promised of it was measured"
    assert kept(image).neighbours["materials"] and kept(image).unlike is not None


@pytest.mark.slow
def test_a_session_without_a_decision_is_told_in_a_sentence(squares_session, tmp_path):
    store = Store(tmp_path / "empty", "ada")
    store.do({"do": "set", "provider": "Museu"})
    store.close()
    found = wait(begin(tmp_path / "empty", squares_session[1]))
    assert found.stage == FAILED and found.sentences == ("Nothing is decided in empty, so there is nothing to learn.",)


@pytest.mark.slow
def test_a_data_set_that_is_not_at_hand_is_told(squares_session, tmp_path):
    found = wait(begin(squares_session[0], str(tmp_path / "nowhere")))
    assert found.stage == FAILED and len(found.sentences) == 1 and "Unknown data" in found.sentences[0]
