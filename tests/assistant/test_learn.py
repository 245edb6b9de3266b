"""Learning from sessions, on the squares: what is learned, from whom it comes, and that a kept model is as good as any."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from eufcc_lib.assistant import learn as door
from eufcc_lib.assistant import learning
from eufcc_lib.assistant.held_back import compare, written_out
from eufcc_lib.assistant.learning import Lesson, decided_labels, open_parent, read_lessons
from eufcc_lib.assistant.predictor import load_predictor
from eufcc_lib.assistant.session import session_folder
from eufcc_lib.assistant.simulate import catalogue, decide
from eufcc_lib.assistant.store import Store
from eufcc_lib.assistant.uploads import Upload, add_uploads
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model

TREE = arrange_tree("materials", {"clay": {TOP: 1}, "metal": {TOP: 1}, "bronze": {"metal": 1}, "iron": {"metal": 1}})


def lesson(unit: str = "a", paths=(), **marks: bool) -> Lesson:
    return Lesson(Path(), unit, {"materials": marks}, {"materials": paths})


def test_what_follows_from_a_decision_is_decided_too():
    rows = decided_labels([lesson(bronze=True), lesson(metal=False), lesson(metal=True, iron=False)], TREE).toarray()
    columns = [TREE.index[name] for name in ("clay", "metal", "bronze", "iron")]
    assert rows[:, columns].tolist() == [[0, 1, 1, 0], [0, -1, -1, -1], [0, 1, 0, -1]]


def test_an_own_word_is_absent_where_the_facet_was_tagged_without_it():
    rows = decided_labels([lesson(bronze=True), lesson(bronze=False), lesson(clay=True)], TREE, ["clay"]).toarray()
    assert rows[:, TREE.index["clay"]].tolist() == [-1, 0, 1]


def test_a_third_is_held_back_and_always_the_same():
    held = [lesson(f"object {number}").held_back for number in range(600)]
    assert 160 < sum(held) < 240
    assert held == [lesson(f"object {number}", clay=True).held_back for number in range(600)]


def test_gain_is_measured_on_names_so_that_a_word_one_model_lacks_is_missed_by_it():
    small = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}})
    lessons = [lesson(f"{number}", clay=True) for number in range(9)]
    found = compare(lessons, ({"materials": np.ones((9, 2))}, Vocabulary({"materials": small})),
                    ({"materials": np.tile([3.0, 2, 1, 0], (9, 1))}, Vocabulary({"materials": TREE}))).set_index("metric")
    assert found.loc["R-precision", ["before", "after", "difference", "images"]].tolist() == [0, 1, 1, 9]


@pytest.fixture
def taught(squares_folder, own_paths, monkeypatch):
    """A trained model and a session on the outer test, whose cataloguer calls every green thing a square of "jade" or not."""
    monkeypatch.setattr(paths, "DATA", own_paths / "data")
    from eufcc_lib.collection.sources import open_dataset
    dataset = open_dataset(str(squares_folder))
    train_model("multi_label", dataset, get_recipe("mini", epochs=6, image_size=64, batch_size=16))
    predictor = load_predictor(str(squares_folder))
    store = Store(session_folder("learned"), "ada")
    rows = [(split, row) for split in ("train", "test_id", "test_ood") for row in range(len(dataset.split(split)))]
    for number, (split, row) in enumerate(rows):
        file = dataset.image_paths(split)[row]
        # A byte behind the picture, so that photographs which look the same are different files.
        [name], _ = add_uploads(store, [Upload(file.name, file.read_bytes() + bytes([number]))])
        wanted = {facet: set(dataset.split(split).tags(facet, row)) for facet in ("materials", "objectTypes")}
        wanted["materials"] |= {"jade"} if "green" in wanted["materials"] else set()
        catalogue(store, name, predictor(store.folder / "images" / store.state.images[name].file).sure, predictor.vocabulary, wanted,
                  predictor.identity)
    store.close()
    return str(squares_folder)


@pytest.mark.slow
def test_learning_turns_own_words_into_tags_and_keeps_a_model_only_by_choice(taught, monkeypatch, capsys):
    monkeypatch.setattr(learning, "ENOUGH", 10)
    before = sorted(paths.CHECKPOINTS.iterdir())
    assert door.main(["learned", "--data", taught]) == 0
    assert sorted(path for path in paths.CHECKPOINTS.iterdir()) == before
    said = capsys.readouterr().out
    assert "New tags: green and jade." in said and "Nothing is kept" in said and "held back" in said

    assert door.main(["learned", "--data", taught, "--keep", "harbour"]) == 0
    kept = load_predictor("squares-harbour")
    assert "jade" in kept.vocabulary["materials"].index
    written = json.loads((paths.CHECKPOINTS / "squares-harbour/multi_label/lineage.json").read_text())
    lineage, parent = written["lineage"], open_parent(taught)
    assert lineage["parent"]["hash"] == load_predictor(taught).identity["hash"] == parent.hash != kept.identity["hash"]
    assert lineage["sessions"] == ["learned"] and lineage["own_words"]["materials"] == ["green", "jade"]
    lessons = read_lessons(["learned"])
    assert lineage["images"] + lineage["held_back"] == len(lessons)
    assert lineage["accepted"] > 0 and lineage["rejected"] > 0 and written["run"]["commit"]
    gains = {(row["facet"], row["metric"]): row["difference"] for row in lineage["measured"]}
    assert gains["materials", "R-precision"] > 0, "the model had no word for jade"

    assert door.main(["learned", "--data", taught, "--keep", "harbour"]) == 2
    assert "squares-harbour is there already" in capsys.readouterr().err


@pytest.mark.slow
def test_calibration_scales_probabilities_and_keeps_their_order(taught, monkeypatch):
    parent, lessons = open_parent(taught), read_lessons(["learned"])
    plain = learning.learn(parent, lessons)
    monkeypatch.setattr(learning, "ENOUGH", 10)
    scaled = learning.learn(parent, lessons)
    assert not plain.temperatures and set(scaled.temperatures) == {"materials", "objectTypes"}
    for facet, values in learning.logits_of(plain.model, plain.features).items():
        again = learning.logits_of(scaled.model, scaled.features)[facet]
        torch.testing.assert_close(torch.tensor(values / scaled.temperatures[facet]), torch.tensor(again), rtol=1e-4, atol=1e-4)


def test_a_session_of_an_old_journal_is_learned_from(own_paths, monkeypatch):
    monkeypatch.setattr(paths, "DATA", own_paths / "data")
    session_folder("old").mkdir(parents=True)
    (session_folder("old") / "journal.jsonl").write_text(
        '{"do": "add", "images": [["a.jpg", "1.jpg"]]}\n'
        '{"do": "mark", "image": "a.jpg", "facet": "materials", "marks": {"clay": "accepted"}}\n')
    assert [lesson.accepted("materials") for lesson in read_lessons(["old"])] == [{"clay"}]


def test_no_session_and_none_with_a_decision_are_told(own_paths, monkeypatch):
    monkeypatch.setattr(paths, "DATA", own_paths / "data")
    with pytest.raises(UserError, match="no session 'nothing'"):
        read_lessons(["nothing"])
    Store(session_folder("empty"), "ada").do({"do": "set", "language": "ca"})
    with pytest.raises(UserError, match="Nothing is decided in empty"):
        read_lessons(["empty"])


def test_a_cataloguer_decides_nothing_in_a_facet_that_was_not_looked_at():
    assert decide(np.array([1.0, 0, 0, 0]), TREE, set()) == {}
    assert decide(np.array([3.0, 2, 1, 0]), TREE, {"metal", "slate"}) == {"clay": False, "metal": True, "bronze": False, "iron": False,
                                                                         "slate": True}


def test_a_difference_is_clear_where_its_interval_lies_on_one_side_of_nothing():
    def row(low, high):
        return {"facet": "materials", "metric": "R-precision", "images": 9, "before": 0.5, "before low": None, "before high": None,
                "after": 0.6, "after low": 0.4, "after high": 0.8, "difference": 0.1, "difference low": low, "difference high": high}
    found = written_out([row(0.05, 0.2), row(-0.3, -0.1), row(-0.1, 0.2), row(None, None), row(np.nan, np.nan)])
    assert [one["clear"] for one in found] == [1, -1, 0, 0, 0]
    assert found[0] == {"facet": "materials", "metric": "R-precision", "images": 9, "clear": 1, "before": "50 %",
                        "after": "60 % (40 % to 80 %)", "difference": "+0.100 (+0.050 to +0.200)"}
