"""How the work on a session is counted: from events at known times, and from suggestions with known answers."""

import csv

import pytest

from eufcc_lib.assistant import report, work
from eufcc_lib.assistant.session import session_folder
from eufcc_lib.assistant.store import Event, Store
from eufcc_lib.core import paths

MODEL = {"hash": "m", "name": "model", "promised": {"materials": {"threshold": 0.8, "precision": 0.95}}}


def event(seconds: int, do: str, who: str = "ada", **body) -> Event:
    return Event(seconds, f"2026-11-30T10:{seconds // 60:02}:{seconds % 60:02}Z", who, do, body)


def test_time_belongs_to_the_image_in_sight_of_each_person_and_long_pauses_to_none():
    events = [event(0, "set", current="a"), event(4, "suggest", who="", image="b", model={}, tags={}), event(10, "mark", image="a"),
              event(12, "set", who="ben", current="c"), event(15, "set", current="b"), event(20, "mark", who="ben", image="c"),
              event(25, "undo"), event(25 + 301, "mark", image="b"), event(25 + 331, "set", current="a")]
    assert work.time_spent(events) == {"a": 15, "b": 10 + 30, "c": 8}


def test_an_edit_of_many_images_is_shared_by_them():
    events = [event(0, "mark", image="a"), event(1, "marks", images={"a": {}, "b": {}}), event(2, "note", image="b", text="x"),
              event(3, "undo")]
    assert work.count_edits(events) == {"a": 1.5, "b": 1.5}


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Twelve images with the same three suggestions: the first accepted, the second rejected on half, the third passed over."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    store = Store(session_folder("batch"), "ada")
    names = [f"{number}.jpg" for number in range(12)]
    store.do({"do": "add", "images": [[name, name] for name in [*names, "untouched.jpg"]]})
    for number, name in enumerate([*names, "untouched.jpg"]):
        store.do({"do": "suggest", "image": name, "model": MODEL, "tags": {"materials": {"metal": 0.9, "bronze": 0.85, "iron": 0.3}}})
        if name != "untouched.jpg":
            marks = {"metal": "accepted", "bronze": "rejected" if number % 2 else "accepted", "own": "accepted"}
            store.do({"do": "mark", "image": name, "facet": "materials", "marks": marks})
    yield store
    store.close()


def test_acceptance_is_counted_by_rank_and_the_promise_on_what_was_decided(session):
    summary = work.summarise(work.read_work(session))
    by_rank = summary[(summary["facet"] == "materials") & (summary["part"] == "accepted")].set_index("rank")["value"]
    assert by_rank[by_rank.index.notna()].to_dict() == {1: 1.0, 2: 0.5, 3: 0.0}
    (promise,) = summary[(summary["part"] == "promise") & (summary["facet"] == "materials")].to_dict("records")
    assert promise["value"] == 0.75 and promise["promised"] == pytest.approx(0.95) and (promise["suggested"], promise["records"]) == (24, 12)
    assert promise["low"] < 0.75 < promise["high"] < 0.95
    assert summary.set_index("part").loc["edits per record", ["value", "records"]].tolist() == [1, 12]


def test_the_command_writes_a_table_and_a_figure(session, capsys):
    assert report.main(["batch"]) == 0
    said = capsys.readouterr().out
    assert "12 records took" in said and "of 24 suggestions with a promise of 95 %, 75 %" in said
    with open(session.folder / "report.csv", encoding="utf-8") as file:
        assert {row["part"] for row in csv.DictReader(file)} == {"seconds per record", "edits per record", "accepted", "promise"}
    assert (session.folder / "report.png").read_bytes().startswith(b"\x89PNG")


def test_a_session_of_an_old_journal_is_reported_though_it_does_not_say_when(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    folder = session_folder("old")
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text('{"do": "add", "images": [["a.jpg", "1.jpg"]]}\n'
                                          '{"do": "mark", "image": "a.jpg", "facet": "materials", "marks": {"clay": "accepted"}}\n')
    assert report.main(["old"]) == 0 and "1 records took 0.0 seconds and 1.0 edits" in capsys.readouterr().out


def test_a_session_without_a_decision_and_none_at_all_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    Store(session_folder("empty"), "ada").do({"do": "set", "language": "ca"})
    assert report.main(["empty"]) == 0 and "Nothing was decided" in capsys.readouterr().out
    assert report.main(["nowhere"]) == 2 and "There is no session 'nowhere'" in capsys.readouterr().err
