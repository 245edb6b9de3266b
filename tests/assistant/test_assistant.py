"""The assistant's rooms without a browser: what models say, what a session keeps, what comes in and goes out."""

import asyncio
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from bokeh.client import pull_session
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Picture

from eufcc_lib.assistant import command, exports, session, uploads
from eufcc_lib.assistant import store as stores
from eufcc_lib.assistant.any_term import VOCABULARY as KNOWN
from eufcc_lib.assistant.any_term import AnyTerm
from eufcc_lib.assistant.app import Desk
from eufcc_lib.assistant.chapter import describe
from eufcc_lib.assistant.connection import merge
from eufcc_lib.assistant.names import fold, name_tags, read_aat
from eufcc_lib.assistant.predictor import Answer
from eufcc_lib.assistant.serve import open_images
from eufcc_lib.assistant.state import Decision, Image, State
from eufcc_lib.assistant.store import Progress, Store, list_sessions, open_database, transaction
from eufcc_lib.assistant.uploads import Intake, Upload, add_uploads, view_image
from eufcc_lib.assistant.widgets import Files
from eufcc_lib.assistant.wording import WORDS
from eufcc_lib.collection.aat.thesaurus import Concept, Thesaurus, write_thesaurus
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.images.decoding import BrokenImage
from eufcc_lib.data.label_files import read_label_vocabulary
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree, format_paths
from eufcc_lib.data.terms import museum_terms, read_terms

MATERIALS = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}, "iron": {"metal": 1},
                                       "clay": {TOP: 1}})
VOCABULARY = Vocabulary({facet: MATERIALS if facet == "materials" else arrange_tree(facet, {"figure": {TOP: 1}})
                         for facet in FACET_NAMES})


def jpeg(colour: str = "red", size: tuple[int, int] = (60, 40)) -> bytes:
    from io import BytesIO
    buffer = BytesIO()
    Picture.new("RGB", size, colour).save(buffer, "jpeg")
    return buffer.getvalue()


def marked(state: State, event) -> State:
    return state if event is None else apply(state, event)


def apply(state: State, event) -> State:
    """The state after an event; the one before stays as it was."""
    database = open_database(":memory:")
    state._database.backup(database)
    with transaction(database):
        stores.apply(database, {key: value for key, value in event.items() if key != "at"}, state.who, event.get("at", ""))
    images = {name: Image(name, file) for name, file in database.execute("SELECT name, file FROM image ORDER BY place")}
    return State(database, images, state.who)


def empty() -> State:
    return State(open_database(":memory:"), {}, "ada")


def begun(*names: str) -> State:
    """Two images, or those that are named."""
    return apply(empty(), {"do": "add", "images": [[name, f"{number:064x}.jpg"]
                                                   for number, name in enumerate(names or ("a.jpg", "b.jpg"), 1)]})


def notes(state: State) -> dict[str, str]:
    return {image: state.note(image) for image in state.images if state.note(image)}


def work(state: State) -> list:
    """All that undo goes back in."""
    return [*state.decisions(), notes(state), [(state.record(image), state.keeper(image)) for image in state.images]]


def content(state: State) -> list:
    return [work(state), list(state.images), state.provider, [state.suggestions(image) for image in state.images], state.models()]


def tag(name: str) -> int:
    return MATERIALS.index[name]


def test_the_command_tells_a_mistake_in_one_sentence(capsys):
    assert command.main(["--data", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("Unknown data 'nowhere'")


SERVED = """
from pathlib import Path
from eufcc_lib.core import paths
from eufcc_lib.assistant.chapter import serve_chapter
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.core.facets import FACET_NAMES
paths.DATA = Path.cwd()  # of the sessions
tags = {facet: arrange_tree(facet, {"figure": {TOP: 1}}) for facet in FACET_NAMES}
serve_chapter(type("Models", (), {"vocabulary": Vocabulary(tags), "identity": {}})())
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def relay(port: int, origin: str):
    """A port that hands connections on to another, which sees them come from `origin`."""
    async def pass_on(reader, writer):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def take(reader, writer):
        onward = await asyncio.open_connection("127.0.0.1", port, local_addr=(origin, 0))
        await asyncio.gather(pass_on(reader, onward[1]), pass_on(onward[0], writer), return_exceptions=True)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(take, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()

    async def cancel_all():
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    loop.run_until_complete(cancel_all())
    loop.close()


@contextmanager
def panel_serve(root: Path, *scripts: str):
    """`panel serve` as somebody types it who forgets the address; yields its port."""
    port = free_port()
    with open(root / "log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", "panel", "serve", *scripts, "--port", str(port),
                                    "--allow-websocket-origin", "*"], stdout=log, stderr=log, cwd=root,
                                   env=os.environ | {"PYTHONPATH": str(paths.ROOT)})
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def texts_of(port: int, page: str) -> str:
    """All that a page holds, as its server tells a browser."""
    with closing(pull_session(url=f"http://127.0.0.1:{port}/{page}")) as served:
        return json.dumps(served.document.to_json(), default=str)


@pytest.mark.slow
def test_a_chapter_that_is_served_without_an_address_answers_to_this_machine_alone(tmp_path):
    (tmp_path / "page.py").write_text(SERVED)
    # One server for both, whose start takes seconds; the variable is there once its page was asked for.
    (tmp_path / "anyone.py").write_text(f"import os\nos.environ['ASSISTANT_ANYONE'] = 'yes'\n{SERVED}")
    with panel_serve(tmp_path, "page.py", "anyone.py") as port, relay(port, "127.0.0.2") as other:
        assert "Choose images" in texts_of(port, "page")
        refused = texts_of(other, "page")
        assert "answers to the machine that serves it alone" in refused and "Choose images" not in refused
        assert "Choose images" in texts_of(other, "anyone")


# ---- what a session keeps ----------------------------------------------------------------------------------------


def test_accepting_a_tag_accepts_its_ancestors_and_only_them():
    state = marked(begun(), session.accept(begun(), MATERIALS, "a.jpg", [tag("bronze")]))
    assert state.accepted("a.jpg", "materials") == {"metal", "bronze"}
    assert not state.accepted("b.jpg", "materials") and state.tagged == 1


def test_taking_a_tag_back_takes_back_what_is_below():
    state = marked(begun(), session.accept(begun(), MATERIALS, "a.jpg", [tag("bronze"), tag("clay")]))
    state = marked(state, session.withdraw(state, MATERIALS, "a.jpg", [tag("metal")]))
    assert state.accepted("a.jpg", "materials") == {"clay"}


def test_rejecting_a_tag_takes_back_what_was_accepted_below():
    state = marked(begun(), session.accept(begun(), MATERIALS, "a.jpg", [tag("iron")]))
    state = marked(state, session.reject(state, MATERIALS, "a.jpg", tag("metal")))
    assert state.marks("a.jpg", "materials") == {"metal": "rejected"}
    state = marked(state, session.accept(state, MATERIALS, "a.jpg", [tag("iron")]))
    assert state.marks("a.jpg", "materials") == {"metal": "accepted", "iron": "accepted"}


def test_what_changes_nothing_is_no_event():
    state = marked(begun(), session.accept(begun(), MATERIALS, "a.jpg", [tag("bronze")]))
    assert session.accept(state, MATERIALS, "a.jpg", [tag("metal")]) is None
    assert session.withdraw(state, MATERIALS, "a.jpg", [tag("clay")]) is None


def test_undo_goes_back_to_the_image_and_redo_forward_again():
    state = marked(begun(), session.accept(begun(), MATERIALS, "a.jpg", [tag("clay")]))
    moved = apply(state, {"do": "set", "current": "b.jpg"})
    undone = apply(moved, {"do": "undo"})
    assert undone.current == "a.jpg" and not undone.accepted("a.jpg", "materials")
    assert work(apply(undone, {"do": "redo"})) == work(state)
    assert work(apply(begun(), {"do": "undo"})) == work(begun())


def test_typing_a_note_is_one_step_of_undo():
    state = begun()
    for text in ("b", "br", "bro"):
        state = apply(state, session.write_note("a.jpg", text))
    assert notes(state) == {"a.jpg": "bro"}
    assert notes(apply(state, {"do": "undo"})) == {}


steps = st.lists(st.tuples(st.sampled_from(["accept", "withdraw", "reject", "undo", "redo"]),
                           st.sampled_from(["a.jpg", "b.jpg"]), st.integers(0, len(MATERIALS) - 1)), max_size=30)


@given(steps)
@settings(max_examples=200, deadline=None)
def test_whatever_is_clicked_an_accepted_tag_has_its_ancestors_and_nothing_is_both(clicks):
    state, states = begun(), [work(begun())]
    for what, image, one in clicks:
        if what in ("undo", "redo"):
            state = apply(state, {"do": what})
        else:
            act = getattr(session, what)
            state = marked(state, act(state, MATERIALS, image, one if what == "reject" else [one]))
            states.append(work(state))
        for name in state.accepted(image, "materials"):
            assert set(MATERIALS.path(MATERIALS.index[name])) <= state.accepted(image, "materials")
    while state.can_undo:
        state = apply(state, {"do": "undo"})
        assert work(state) in states
    assert work(state) == work(begun())


def test_a_second_store_on_the_folder_has_the_state_and_sees_what_the_first_writes(tmp_path):
    first = Store(tmp_path / "s")
    first.do({"do": "add", "images": [["a.jpg", "1-a.jpg"]]})
    second = Store(tmp_path / "s")
    first.do(session.accept(first.state, MATERIALS, "a.jpg", [tag("bronze")]))
    second.do(session.write_note("a.jpg", "ça va"))
    assert second.state.accepted("a.jpg", "materials") == {"metal", "bronze"}
    assert first.refresh() and content(first.state) == content(second.state) == content(Store(tmp_path / "s").state)


def test_a_session_that_nothing_was_written_to_leaves_nothing_behind(tmp_path):
    store = Store(tmp_path / "root" / "s")
    assert not store.refresh() and not store.state.images and not list(store.history()) and not store.state.can_undo
    store.do(None)
    store.close()
    assert not list(tmp_path.iterdir())


def test_a_session_that_cannot_be_made_is_told_at_the_first_change_and_can_be_made_later(tmp_path):
    (tmp_path / "s").write_text("a file stands here")
    store = Store(tmp_path / "s")
    with pytest.raises(UserError, match="cannot be made"):
        store.do({"do": "set", "provider": "Museu"})
    (tmp_path / "s").unlink()
    assert store.do({"do": "set", "provider": "Museu"}).provider == "Museu"


BEGIN = """
import sys, time
from pathlib import Path
from eufcc_lib.assistant.store import Store
store = Store(Path(sys.argv[1]), sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(5):
    store.do({"do": "add", "images": [[f"{sys.argv[2]}{number}.jpg", "1.jpg"]]})
print(len(store.state.images))
"""


@pytest.mark.slow
def test_several_processes_begin_the_same_session_at_once_and_none_loses_a_change(tmp_path):
    for attempt in range(3):
        running = [subprocess.Popen([sys.executable, "-c", BEGIN, str(tmp_path / str(attempt)), name], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True) for name in "abcd"]
        for process in running:
            assert process.stdout.readline() == "ready\n"
        for process in running:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in running:
            process.communicate()
        assert [process.returncode for process in running] == [0] * 4
        assert len(Store(tmp_path / str(attempt)).state.images) == 20


def test_listeners_hear_of_changes_until_they_stop(tmp_path):
    store, heard = Store(tmp_path / "s"), []
    stop = store.listen(lambda: heard.append(1))
    store.do({"do": "set", "language": "ca"})
    stop()
    store.do({"do": "set", "language": "en"})
    assert heard == [1]


OLD = """{"do": "add", "images": [["a.jpg", "1.jpg"], ["b.jpg", "2.jpg"]]}
{"do": "note", "image": "a.jpg", "text": "x", "at": "2030-01-01T00:00:00Z"}
{"do": "suggest", "image": "a.jpg", "model": {"name": "mini", "hash": "w1"}, "tags": {"materials": {"clay": 0.8}}, "at": "2030-01-01T00:00:01Z"}
{"do": "mark", "image": "a.jpg", "facet": "materials", "marks": {"clay": "accepted"}, "who": "ada", "at": "2030-01-02T00:00:00Z"}
{"do": "mark", "image": "b.jpg", "facet": "materials", "marks": {"metal": "accepted"}, "who": "ada", "at": "2030-01-03T00:00:00Z"}
{"do": "undo", "who": "berta", "at": "2030-01-04T00:00:00Z"}
{"do": "set", "provi"""


def test_a_journal_of_an_earlier_version_is_converted_once_and_kept(tmp_path):
    (tmp_path / "s" / "images").mkdir(parents=True)
    journal = tmp_path / "s" / "journal.jsonl"
    journal.write_text(OLD)  # its last line is half a line of a server that was killed
    state = Store(tmp_path / "s").state
    assert list(state.images) == ["a.jpg", "b.jpg"] and notes(state) == {"a.jpg": "x"}
    assert list(state.decisions()) == [Decision("a.jpg", "materials", "clay", "accepted", "suggested-accepted", .8, None, "w1", "ada",
                                                "2030-01-02T00:00:00Z")]
    assert not journal.exists() and journal.with_suffix(".jsonl.converted").read_text() == OLD
    assert content(Store(tmp_path / "s").state) == content(state)


def test_a_conversion_that_was_interrupted_after_its_last_line_is_not_made_twice(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "journal.jsonl").write_text(OLD)
    first = content(Store(tmp_path / "s").state)
    (tmp_path / "s" / "journal.jsonl.converted").rename(tmp_path / "s" / "journal.jsonl")
    assert content(Store(tmp_path / "s").state) == first


def old_mark(name: str, who: str) -> dict:
    return {"do": "mark", "image": "a.jpg", "facet": "materials", "marks": {name: "accepted"}, "who": who}


@pytest.mark.parametrize("events, left", [
    ([old_mark("clay", "ada"), old_mark("iron", "berta"), {"do": "undo"}, {"do": "undo"}, {"do": "redo"}], {"clay"}),
    ([old_mark("clay", "ada"), {"do": "undo"}, old_mark("iron", "berta"), old_mark("metal", "berta"), {"do": "undo"}, {"do": "redo"}], {"iron", "metal"})])
def test_undo_in_a_converted_journal_does_what_it_did_when_it_was_everybodys(tmp_path, events, left):
    (tmp_path / "s").mkdir()
    add = {"do": "add", "images": [["a.jpg", "1.jpg"]]}
    (tmp_path / "s" / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in [add, *events]))
    assert Store(tmp_path / "s").state.accepted("a.jpg", "materials") == left


def test_a_journal_that_an_earlier_version_wrote_after_the_conversion_is_told_and_overwrites_nothing(tmp_path):
    (tmp_path / "s").mkdir()
    journal = tmp_path / "s" / "journal.jsonl"
    journal.write_text(OLD)
    Store(tmp_path / "s").close()
    journal.write_text('{"do": "add", "images": [["c.jpg", "3.jpg"]]}\n')
    with pytest.raises(UserError, match="after this session was converted"):
        Store(tmp_path / "s")
    assert journal.with_suffix(".jsonl.converted").read_text() == OLD and "c.jpg" in journal.read_text()


def test_after_a_commit_that_failed_the_next_change_is_written():
    database = open_database(":memory:")
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("CREATE TABLE other (image TEXT REFERENCES image (name) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), transaction(database):
        database.execute("INSERT INTO other VALUES ('nobody')")  # told only at the end
    with transaction(database):
        database.execute("INSERT INTO image (name, file) VALUES ('a.jpg', '1.jpg')")
    assert database.execute("SELECT count(*) FROM other").fetchone() == (0,)


def test_a_session_of_another_version_and_another_programs_database_are_told_and_do_not_hide_the_others(tmp_path):
    Store(tmp_path / "good").do({"do": "add", "images": [["a.jpg", "1.jpg"]]})
    for name, version in (("later", 2), ("foreign", 1)):
        (tmp_path / name).mkdir()
        with closing(sqlite3.connect(tmp_path / name / "session.sqlite")) as database:
            database.execute(f"PRAGMA user_version = {version}")
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / "session.sqlite").touch()  # before its tables were made
    found, said = list_sessions(tmp_path)
    assert [progress.session for progress in found] == ["good"]
    assert len(said) == 2 and "cannot be read" in said[0] and "of version 2; expected 1" in said[1]


@pytest.mark.parametrize("name, sentence", [("journal.jsonl", "'what is this', which is no event"),
                                            ("session.sqlite", "cannot be opened .* expected a session")])
def test_a_damaged_session_is_told_not_overwritten(tmp_path, name, sentence):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / name).write_text("what is this\n" * 100)
    with pytest.raises(UserError, match=sentence):
        Store(tmp_path / "s")
    assert (tmp_path / "s" / name).read_text() == "what is this\n" * 100


def two_people(tmp_path) -> tuple[Store, Store]:
    """Each with a store of their own, as in two processes."""
    ada, berta = Store(tmp_path / "s", "ada"), Store(tmp_path / "s", "berta")
    ada.do({"do": "add", "images": [["a.jpg", "1.jpg"], ["b.jpg", "2.jpg"]]})
    berta.refresh()
    return ada, berta


def test_each_person_takes_back_what_they_did_themselves(tmp_path):
    ada, berta = two_people(tmp_path)
    ada.do(session.accept(ada.state, MATERIALS, "a.jpg", [tag("clay")]))
    berta.do(session.accept(berta.state, MATERIALS, "b.jpg", [tag("metal")]))
    ada.do({"do": "undo"})
    assert not ada.state.accepted("a.jpg", "materials") and ada.state.accepted("b.jpg", "materials") == {"metal"}
    assert (ada.state.can_undo, ada.state.can_redo, berta.state.can_undo, berta.state.can_redo) == (False, True, True, False)
    assert (ada.state.current, berta.state.current) == ("a.jpg", "a.jpg")


def test_the_last_word_on_a_tag_wins_and_undo_leaves_it(tmp_path):
    ada, berta = two_people(tmp_path)
    ada.do(session.accept(ada.state, MATERIALS, "a.jpg", [tag("clay"), tag("metal")]))
    berta.do(session.reject(berta.state, MATERIALS, "a.jpg", tag("clay")))
    ada.do({"do": "undo"})
    assert ada.state.marks("a.jpg", "materials") == {"clay": "rejected"}
    assert [(event.who, event.do) for event in ada.history()][1:] == [("ada", "mark"), ("berta", "mark"), ("ada", "undo")]


def test_what_another_process_writes_is_heard_when_one_looks(tmp_path):
    ada, berta = two_people(tmp_path)
    heard = []
    berta.listen(lambda: heard.append(1))
    assert not berta.refresh() and not heard
    ada.do(session.write_note("a.jpg", "from ada"))
    assert berta.refresh() and heard == [1] and berta.state.note("a.jpg") == "from ada"


def test_an_image_that_another_process_has_just_added_is_not_gone_to_before_it_is_known(tmp_path):
    here, there = Store(tmp_path / "s", "ada"), Store(tmp_path / "s", "ada")
    there.do({"do": "add", "images": [["a.jpg", "1.jpg"]]})
    there.do({"do": "set", "current": "a.jpg"})
    assert (here.state.current, here.state.undecided()) == ("", [])
    here.refresh()
    assert (here.state.current, here.state.undecided()) == ("a.jpg", ["a.jpg"])


def test_a_decision_says_what_was_suggested_and_promised_when_it_was_made(tmp_path):
    store = Store(tmp_path / "s", "ada")
    store.do({"do": "add", "images": [["a.jpg", "1.jpg"]]})
    model = {"hash": "w1", "name": "mini", "commit": "abc", "vocabulary": "v1", "promised": {"materials": {"threshold": .6, "precision": .95}}}
    store.do(session.suggest(store.state, "a.jpg", model, {"materials": {"bronze": .7, "metal": .9, "clay": .2}}))
    store.do(session.accept(store.state, MATERIALS, "a.jpg", [tag("bronze")]))
    store.do(session.reject(store.state, MATERIALS, "a.jpg", tag("clay")))
    store.do(session.accept_term(store.state, "objectTypes", "a.jpg", ["unknown to the models"]))
    found = {decision.tag: decision for decision in store.state.decisions("a.jpg")}
    assert [(found[name].origin, found[name].score, found[name].promise, found[name].model, found[name].who) for name in
            ("bronze", "metal", "clay", "unknown to the models")] == [
        ("suggested-accepted", .7, .95, "w1", "ada"), ("suggested-accepted", .9, .95, "w1", "ada"),
        ("suggested-rejected", .2, None, "w1", "ada"), ("added", None, None, "", "ada")]
    assert store.state.models()["w1"].promised["materials"].precision == .95


def test_a_tag_that_is_marked_on_many_images_is_one_step(tmp_path):
    store = Store(tmp_path / "s", "ada")
    store.do({"do": "add", "images": [[f"{number}.jpg", f"{number}.jpg"] for number in range(50)]})
    store.do(session.together(session.accept(store.state, MATERIALS, image, [tag("bronze")]) for image in store.state.images))
    assert store.state.tagged == 50 and store.state.accepted("7.jpg", "materials") == {"metal", "bronze"}
    store.do({"do": "undo"})
    assert store.state.tagged == 0 and not store.state.can_undo and session.together([None]) is None


def test_a_session_of_five_thousand_images_opens_at_once(tmp_path):
    store = Store(tmp_path / "s")
    names = [f"{number}.jpg" for number in range(5000)]
    store.do({"do": "add", "images": [[name, f"{number:064x}.jpg"] for number, name in enumerate(names)]})
    store.do(session.together(session.accept(store.state, MATERIALS, name, [tag("bronze")]) for name in names[:4000]))
    store.close()
    spent = []
    for _ in range(3):
        start = time.process_time()
        state = Store(tmp_path / "s").state
        assert (len(state.images), state.tagged, len(state.undecided()), state.current) == (5000, 4000, 1000, "0.jpg")
        spent.append(time.process_time() - start)
    assert min(spent) < 0.2
    tracemalloc.start()
    state = Store(tmp_path / "s").state
    assert state.tagged == 4000 and tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_after_kill_9_everything_that_was_answered_is_there(tmp_path):
    code = ("import sys; from pathlib import Path; from eufcc_lib.assistant.session import write_note; from eufcc_lib.assistant.store import Store\n"
            "store = Store(Path(sys.argv[1]))\n"
            "for number in range(100_000):\n"
            "    store.do(write_note('a.jpg', f'note {number} ' + 'x' * 300)); print(number, flush=True)\n")
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "s")], stdout=subprocess.PIPE, text=True)
    answered = [process.stdout.readline() for _ in range(40)]
    os.kill(process.pid, signal.SIGKILL)
    answered += process.stdout.readlines()
    process.wait()
    last = int([line for line in answered if line.endswith("\n")][-1])
    kept = int(Store(tmp_path / "s").state.note("a.jpg").split()[1])
    assert last <= kept <= last + 1


def who_did(store: Store) -> list[str]:
    return [event.who for event in store.history()]


def test_half_a_sign_is_kept_as_a_replacement_sign(tmp_path):
    store, half = Store(tmp_path / "s"), "cracked rim \ud83d"
    store.do({"do": "add", "images": [["a.jpg", "1.jpg"], ["b.jpg", "2.jpg"]]})
    for event in (session.write_note("a.jpg", half), session.write_keeper(store.state, "a.jpg", half)):
        store.do(event)
    store.do(session.write_note("b.jpg", "two \ud83d\ude00 halves"))
    again = Store(tmp_path / "s").state
    assert content(again) == content(store.state) and again.provider == "cracked rim \ufffd"
    assert notes(again) == {"a.jpg": "cracked rim \ufffd", "b.jpg": "two \U0001f600 halves"}


def test_the_history_says_who_decided(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ada")
    store = Store(tmp_path / "s")
    store.do({"do": "set", "provider": "Museu"})
    store.do(session.write_note("a.jpg", "x"), who="berta")
    Store(tmp_path / "s", who="carla").do({"do": "undo"})
    assert who_did(store) == ["ada", "berta", "carla"]


class Suggests:
    """Stands for trained models: of each facet the first tag is likely."""

    vocabulary, first = VOCABULARY, 0.9

    def __init__(self, weights: str = "w1"):
        self.identity = {"name": "models", "hash": weights}

    def __call__(self, path):
        sure = {facet: np.linspace(self.first, 0.12345, len(tree), dtype=np.float32)
                for facet, tree in VOCABULARY.taxonomies.items()}
        return Answer(sure, sure)


def test_the_history_says_what_was_suggested_once_for_each_image_and_model(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg()), Upload("b.jpg", jpeg("blue"))])
    models = Suggests(), Suggests("w2")
    for predictor in (models[0], models[0], models[1]):
        Desk(predictor, store).show_image()
    Desk(models[1], store, image="b.jpg").show_image()
    events = [event for event in store.history() if event.do == "suggest"]
    assert [(event.body["image"], event.body["model"]["hash"]) for event in events] == \
        [("a.jpg", "w1"), ("a.jpg", "w2"), ("b.jpg", "w2")]
    assert list(events[0].body["tags"]["materials"].items()) == \
        [(name, pytest.approx(sure, abs=1e-4)) for name, sure in zip(MATERIALS.names, np.linspace(0.9, 0.12345, 4))]
    assert events[0].who == "" and not store.state.can_undo
    assert list(store.state.suggestions("b.jpg")["materials"]) == list(MATERIALS.names) and store.state.suggested_by("a.jpg") == "w2"


def test_what_lies_below_the_threshold_by_less_than_is_shown_is_not_promised(tmp_path):
    store, models = Store(tmp_path / "s"), Suggests()
    add_uploads(store, [Upload("a.jpg", jpeg())])
    models.identity["promised"] = {"materials": {"threshold": 0.95, "precision": 0.95}}
    models.first = 0.94996
    desk = Desk(models, store)
    desk.show_image()
    assert not any(line.likely for line in desk.proposed.lines["materials"])
    desk.do(session.accept(store.state, MATERIALS, "a.jpg", [0]))
    assert [(made.tag, made.origin, made.promise) for made in store.state.decisions()] == [(MATERIALS.names[0], "suggested-accepted", None)]


def test_a_promise_that_is_found_after_an_image_was_looked_at_counts_from_the_next_look_on(tmp_path):
    store, models = Store(tmp_path / "s"), Suggests()
    add_uploads(store, [Upload("a.jpg", jpeg())])
    Desk(models, store).show_image()
    models.identity["promised"] = {"materials": {"threshold": 0.8, "precision": 0.95}}
    for _ in range(2):
        Desk(models, store).show_image()
    store.do(session.accept(store.state, MATERIALS, "a.jpg", [0]))
    assert [event.do for event in store.history()] == ["add", "suggest", "suggest", "mark"]
    assert [made.promise for made in store.state.decisions()] == [0.95]


def test_the_key_for_undo_does_nothing_where_there_is_nothing_to_take_back(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg())])
    desk = Desk(Suggests(), store)
    desk.show_image()
    for do in ("undo", "redo"):
        send(desk, do)
    assert [event.do for event in store.history()] == ["add", "suggest"]


def test_sessions_are_listed_with_their_progress_the_last_changed_first(tmp_path):
    for number, name in enumerate(("empty", "older", "newer")):
        (tmp_path / name).mkdir()
        lines = [{"do": "add", "images": [["a.jpg", "1.jpg"], ["b.jpg", "2.jpg"]]},
                 session.accept(begun(), MATERIALS, "a.jpg", [tag("clay")])][:number]
        (tmp_path / name / "journal.jsonl").write_text("".join(json.dumps(line | {"at": f"2030-01-0{number}T00:00:00Z"}) + "\n" for line in lines))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "journal.jsonl").write_text("what is this\n")
    found, (sentence,) = list_sessions(tmp_path)
    assert found == [Progress("newer", 2, 1, "2030-01-02T00:00:00Z"), Progress("older", 2, 0, "2030-01-01T00:00:00Z")]
    assert "broken" in sentence and "which is no event" in sentence
    Store(tmp_path / "older").do({"do": "set", "provider": "Museu"})
    assert list_sessions(tmp_path)[0][0].session == "newer", "2030 has not come"


def test_listing_two_hundred_sessions_reads_no_list_of_images(tmp_path):
    store = Store(tmp_path / "0")
    store.do({"do": "add", "images": [[f"{number}.jpg", f"{number}.jpg"] for number in range(2000)]})
    store.do(session.together(session.accept(store.state, MATERIALS, f"{number}.jpg", [tag("bronze")]) for number in range(50)))
    store.close()
    for number in range(1, 200):
        shutil.copytree(tmp_path / "0", tmp_path / str(number))
    spent = []
    for _ in range(3):
        start = time.process_time()
        found, said = list_sessions(tmp_path)
        spent.append(time.process_time() - start)
    assert len(found) == 200 and not said and {(one.images, one.tagged) for one in found} == {(2000, 50)}
    assert {file.name for file in (tmp_path / "7").iterdir()} == {"images", "session.sqlite"}, "looked at, not written"
    assert min(spent) < 0.25


def test_other_sessions_are_shown_only_where_they_may_be(tmp_path):
    Store(tmp_path / "other").do({"do": "add", "images": [["a.jpg", "1.jpg"]]})
    for listed in (True, False):
        desk = Desk(Suggests(), Store(tmp_path / "mine"), listed=listed)
        desk.show_image()
        assert ("?session=other" in desk.see.sessions.object) == listed


def test_a_folder_has_one_session_and_its_next_start_goes_on_with_it(tmp_path, capsys):
    photographs = tmp_path / "Fotografies d'avui"
    photographs.mkdir()
    (photographs / "a.jpg").write_bytes(jpeg())
    name = open_images(str(photographs), tmp_path / "sessions")
    store = Store(tmp_path / "sessions" / name)
    assert name.startswith("Fotografies-d-avui-") and list(store.state.images) == ["a.jpg"]
    store.do(session.accept(store.state, MATERIALS, "a.jpg", [tag("clay")]))
    (photographs / "b.jpg").write_bytes(jpeg("blue"))
    assert open_images(f"{photographs}/../{photographs.name}", tmp_path / "sessions") == name
    assert store.refresh() and list(store.state.images) == ["a.jpg", "b.jpg"] and store.state.tagged == 1
    assert "it has 2, 1 of them tagged" in capsys.readouterr().out
    (tmp_path / "new" / photographs.name).mkdir(parents=True)
    assert session.folder_session(tmp_path / "new" / photographs.name) != name


texts = st.text("ab ", max_size=6)


@given(texts, texts, texts)
def test_of_text_that_is_sent_again_and_what_was_written_meanwhile_nothing_is_lost(base, saved, typed):
    merged = merge(base, saved, typed)
    assert merged == typed if saved == base else typed in merged and saved in merged
    assert merge(base, merged, typed) == merged, "sent twice it changes nothing more"


def test_text_that_the_browser_kept_is_saved_on_its_image_and_told(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg()), Upload("b.jpg", jpeg("blue"))])
    store.do(session.write_note("b.jpg", "theirs"))
    desk, told = Desk(Suggests(), store, "ada"), []
    desk.see.connection.tell_saved = lambda *saved: told.append(saved)
    kept = [{"field": "note", "image": "b.jpg", "base": "", "text": "mine"},
            {"field": "provider", "image": "a.jpg", "base": "", "text": "Museu"}]
    desk._come_back({"page": 0, "back": True, "typed": kept})
    assert notes(store.state) == {"b.jpg": "theirs\nmine"} and store.state.provider == "Museu"
    assert {("note", "b.jpg", "mine"), ("provider", "a.jpg", "Museu")} <= set(told)
    assert "was lost and is back" in desk.see.told.object and who_did(store)[-1] == "ada"


def arrive(desk: Desk, *typed: dict) -> None:
    """The browser shows the page that the desk has sent."""
    desk._come_back({"page": desk.see.connection.page, "back": False, "typed": typed})


def send(desk: Desk, do: str, image: str = "a.jpg", **more) -> None:
    """What the browser sends from the proposals."""
    part = desk.see.proposals
    desk.act(part, {"do": do, "image": image, "number": part.answered + 1, **more})


def test_what_is_typed_on_the_image_before_is_saved_there(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg()), Upload("b.jpg", jpeg("blue"))])
    desk = Desk(Suggests(), store)
    desk.show_image()
    arrive(desk)
    desk.go(1)  # the server shows b.jpg, the browser still a.jpg
    desk.see.note.value_input = desk.see.provider.value_input = "of a.jpg"
    assert not notes(store.state) and not store.state.provider
    arrive(desk, {"field": "note", "image": "a.jpg", "base": "", "text": "of a.jpg"})
    assert notes(store.state) == {"a.jpg": "of a.jpg"} and desk.see.note.value_input == ""


def test_a_decision_is_of_the_image_that_was_on_the_screen_and_twice_it_does_no_harm(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg()), Upload("b.jpg", jpeg("blue"))])
    desk = Desk(Suggests(), store)
    desk.show_image()
    desk.go(1)
    for _ in range(2):
        send(desk, "accept", facet="materials", tag="bronze")
    send(desk, "go", step=1)  # the page of a.jpg, which was left meanwhile
    assert desk.image == "b.jpg" and store.state.accepted("a.jpg", "materials") == {"metal", "bronze"}
    assert not store.state.accepted("b.jpg", "materials")
    send(desk, "reject", facet="materials", tag="metal")
    assert store.state.marks("a.jpg", "materials") == {"metal": "rejected"}
    send(desk, "take", tags=[["materials", "metal"], ["materials", "iron"], ["materials", "clay"]])
    assert store.state.accepted("a.jpg", "materials") == {"clay"}, "neither what is rejected nor what is below it"
    send(desk, "same", image="b.jpg")
    assert store.state.accepted("b.jpg", "materials") == {"clay"} and desk.see.proposals.answered == 6


def test_with_a_line_goes_what_is_above_it_and_nothing_else_needs(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg())])
    desk = Desk(Suggests(), store)
    desk.show_image()
    for name in ("bronze", "iron"):
        send(desk, "accept", facet="materials", tag=name)
    send(desk, "take back", facet="materials", tag="bronze")
    assert store.state.accepted("a.jpg", "materials") == {"metal", "iron"}
    send(desk, "take back", facet="materials", tag="iron")
    assert not store.state.accepted("a.jpg", "materials")


def shown_lines(desk: Desk, facet: str) -> list[tuple[str, str]]:
    """The lines of a facet that were decided about, and how."""
    lines = next(one["lines"] for one in desk.see.proposals.shown["facets"] if one["name"] == facet)
    return [(" › ".join(part["text"] for part in line["parts"]), line["parts"][-1]["mark"]) for line in lines if line["parts"][-1]["mark"]]


def find(desk: Desk, query: str, source: str, facet: str = "materials", kind: str = "accepted") -> None:
    """Search a term on the page, and decide about the first of this list and facet."""
    desk.act(desk.see.search, {"do": "find", "image": "a.jpg", "query": query, "number": 1})
    place = next(place for place, found in enumerate(desk.finds[1]) if (found.source, found.facet) == (source, facet))
    desk.act(desk.see.search, {"do": "term", "image": "a.jpg", "query": query, "place": place, "kind": kind, "number": 2})


def test_any_term_can_be_accepted_is_shown_and_can_be_taken_back(tmp_path):
    store = Store(tmp_path / "s")
    add_uploads(store, [Upload("a.jpg", jpeg())])
    models = Suggests()
    models.first = 0.0  # nothing is proposed
    desk = Desk(models, store)
    desk.show_image()
    find(desk, "bronse", "vocabulary")
    find(desk, "iron", "vocabulary", kind="rejected")
    find(desk, "porcelain", "dictionary")
    find(desk, "moon dust", "free")
    lines = shown_lines(desk, "materials")
    assert ("metal › bronze", "accepted") in lines and ("metal › iron", "rejected") in lines
    assert ("moon dust", "accepted") in lines and ("clay › ceramic › porcelain", "accepted") in lines
    desk.speak("ca")
    assert any("porcellana" in text for text, _ in shown_lines(desk, "materials")), "the dictionary has it in both languages"
    assert {"moon dust", "porcelain", "clay"} < store.state.accepted("a.jpg", "materials")
    send(desk, "take back", facet="materials", tag="moon dust")
    send(desk, "reject", facet="materials", tag="porcelain")
    assert store.state.marks("a.jpg", "materials").get("moon dust") is None and "porcelain" in store.state.rejected("a.jpg", "materials")


@pytest.mark.parametrize("name", ["../etc", "a/b", "", ".", "a" * 65, "a\0b"])
def test_a_session_name_cannot_lead_elsewhere(name, tmp_path):
    with pytest.raises(UserError, match="expected letters, digits and hyphens"):
        session.session_folder(name, tmp_path)
    assert session.session_folder(session.new_session(), tmp_path).parent == tmp_path


# ---- what comes in -----------------------------------------------------------------------------------------------


def png_of(width: int, height: int) -> bytes:
    """A png that says it is this large; its one line of pixels is not enough."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1 << 16)))
            + chunk(b"IEND", b""))


BAD = {"letter.jpg": (b"Dear museum, here is my picture.", "expected an image"),
       "empty.jpg": (b"", "the file is empty"),
       "page.jpg": (b"<html>", "web page"),
       "half.jpg": (jpeg(size=(400, 300))[:900], r"cannot be decoded \(image file is truncated"),
       "huge.png": (png_of(20_000, 10_001), "more than the 80,000,000 pixels"),
       "large.png": (png_of(10_000, 8_001), "10000 x 8001 pixels are more than"),
       "bomb.png": (png_of(2**31 - 1, 2**31 - 1), "more than the 80,000,000 pixels"),
       "archive.zip": (b"PK\x03\x04" + bytes(100), "expected an image")}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_upload_gets_a_sentence_and_leaves_nothing(name, tmp_path):
    store = Store(tmp_path / "s")
    added, (sentence,) = add_uploads(store, [Upload(name, BAD[name][0])])
    assert not added and sentence.startswith(f"'{name}': ")
    assert re.search(BAD[name][1], sentence), sentence
    assert not store.folder.exists() and not store.state.images


def test_good_uploads_beside_bad_ones_are_kept(tmp_path):
    store = Store(tmp_path / "s")
    added, said = add_uploads(store, [Upload("bad.jpg", b"no"), Upload("good.jpg", jpeg())])
    assert added == ["good.jpg"] and len(said) == 1 and store.state.current == "good.jpg"
    data = view_image(store.folder / "images" / store.state.images["good.jpg"].file)
    assert Picture.open(io.BytesIO(data)).size == (60, 40) and data.startswith(b"\xff\xd8")


def stored(store: Store, name: str) -> Path:
    """The file of an image, which lies in the folder of the images."""
    file = (store.folder / "images" / store.state.images[name].file).resolve()
    assert file.parent == (store.folder / "images").resolve() and file.is_file()
    assert re.fullmatch(r"[0-9a-f]{64}(\.[a-z0-9]+)?", file.name)
    return file


@pytest.mark.parametrize("name", ["l'olla, núm. 12.jpg", "MNAC 1234-5 (revers) [2].JPG", "<b>.jpg", "a & b | c $ d.jpg",
                                  " x .jpg", "清 花瓶.jpg", "é" * 200 + ".jpg", "no suffix", "inv. 12.34"])
def test_a_file_keeps_its_name_for_it_is_the_museums_key(name, tmp_path):
    store = Store(tmp_path / "s")
    assert add_uploads(store, [Upload(name, jpeg())]) == ([name], [])
    assert stored(store, name).read_bytes() == jpeg() and list(Store(tmp_path / "s").state.images) == [name]
    (record,) = exports.export_records(store.state, VOCABULARY).ids
    assert record and name.startswith(record)


@pytest.mark.parametrize("name, kept", [("../../x.jpg", "x.jpg"), ("/etc/x.jpg", "x.jpg"), ("..\\..\\x.jpg", "x.jpg"),
                                        ("C:\\photos\\x.jpg", "x.jpg"), ("x\0.jpg", "x_.jpg"), ("..", "image"),
                                        ("a\nb.jpg", "a_b.jpg"), ("\ud800.jpg", "_.jpg"), ("", "image")])
def test_of_a_path_the_last_part_is_kept_and_that_is_said(name, kept, tmp_path):
    store = Store(tmp_path / "s")
    assert add_uploads(store, [Upload(name, jpeg())]) == ([kept], [f"{name!r}: of this name {kept!r} was kept."])
    assert stored(store, kept).is_file() and not set(kept) & set("/\\\0\n")


def test_what_a_system_hides_in_a_folder_is_left_out_in_one_sentence(tmp_path):
    store = Store(tmp_path / "s")
    clutter = [Upload(name, b"x") for name in (".DS_Store", "Thumbs.db", "._a.jpg", "photos/.hidden", "desktop.ini")]
    assert add_uploads(store, [*clutter, Upload("a.jpg", jpeg())]) == \
        (["a.jpg"], ["5 hidden files such as '.DS_Store' were left out."])


def test_of_more_files_than_are_added_at_once_the_next_are_added_when_they_are_chosen_again(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    store, files = Store(tmp_path / "s"), [Upload(f"{n}.jpg", jpeg(size=(10, 10 + n))) for n in range(5)]
    late = "files came after 2 images, as many as are added at once, the first"
    again = "images are in the batch already, the first '0.jpg'; they were not added again."
    assert add_uploads(store, files) == (["0.jpg", "1.jpg"], [f"3 {late} '2.jpg'; choose them again to add them."])
    assert add_uploads(store, files) == (["2.jpg", "3.jpg"], [f"2 {again}", "1 file came after 2 images, as many as are added at once, '4.jpg'; choose it again to add it."])
    assert add_uploads(store, files) == (["4.jpg"], [f"4 {again}"])


def test_a_file_is_kept_before_the_next_one_comes(tmp_path):
    store = Store(tmp_path / "s")
    intake = Intake(store, "ada")
    for number in (1, 2):
        intake.take(Upload(f"{number}.jpg", jpeg(size=(10, 10 + number))))
        assert len(Store(tmp_path / "s").state.images) == number
    assert who_did(store) == ["ada", "ada"]


def test_files_from_a_browser_are_handed_over_one_by_one_and_of_too_large_a_one_only_the_beginning(monkeypatch):
    monkeypatch.setattr("eufcc_lib.assistant.widgets.MAX_BYTES", 10)
    widget, came, ends = Files(multiple=True), [], []
    widget.take, widget.finish = lambda *file: came.append(file), ends.append

    def send(name: str, *chunks: bytes) -> None:
        for number, data in enumerate(chunks, 1):
            widget._handle_msg({"status": "upload_event", "name": name, "mime_type": "", "data": data, "chunk": number,
                                "total_chunks": len(chunks)})
    send("a.jpg", b"abc", b"def")
    assert came == [("a.jpg", b"abcdef")]
    send("film.mp4", *[b"123456"] * 100)
    assert came[1] == ("film.mp4", b"123456" * 2)
    widget._handle_msg({"status": "finished"})
    widget._handle_msg({"status": "finished"})  # of an empty file nothing comes
    widget._handle_msg({"status": "error", "error": "A file cannot be read"})
    assert ends == [True, False, False]


def test_of_one_name_both_images_are_kept_and_of_one_image_only_one(tmp_path):
    store = Store(tmp_path / "s")
    added, said = add_uploads(store, [Upload("a.jpg", jpeg("red")), Upload("A.jpg", jpeg("blue")),
                                      Upload("b.jpg", jpeg("red"))])
    assert added == ["a.jpg", "A (2).jpg"]
    assert "another image has this name" in said[0] and "in the batch already" in said[1]


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    store = Store(tmp_path / "s")

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(Path, "write_bytes", full)
    assert add_uploads(store, [Upload("a.jpg", jpeg())]) == \
        ([], ["'a.jpg': it cannot be kept (No space left on device)."])


def test_only_images_are_viewed(tmp_path):
    (tmp_path / "x").write_bytes(b"no")
    with pytest.raises(BrokenImage):
        view_image(tmp_path / "x")
    assert uploads.VIEW >= 1000


# ---- what goes out -----------------------------------------------------------------------------------------------


def annotated() -> State:
    state = apply(begun(), {"do": "set", "provider": "Museu, de \"Prova\""})
    state = marked(state, session.accept(state, MATERIALS, "a.jpg", [tag("bronze"), tag("clay")]))
    state = marked(state, session.reject(state, MATERIALS, "a.jpg", tag("iron")))
    return apply(state, session.write_note("a.jpg", 'two lines,\n"quoted"'))


def test_the_csv_is_official_and_holds_the_deepest_accepted_paths(tmp_path):
    exports.export_csv(annotated(), VOCABULARY, tmp_path / "out.csv")
    records = read_records(tmp_path / "out.csv")
    assert records.ids.tolist() == ["a", "b"] and records.urls.tolist() == ["a.jpg", "b.jpg"]
    assert records.providers.tolist() == ['Museu, de "Prova"'] * 2
    assert records.paths("materials", 0) == (("clay",), ("metal", "bronze")) and records.paths("materials", 1) == ()


def test_work_goes_on_from_its_own_csv(tmp_path):
    exports.export_csv(annotated(), VOCABULARY, tmp_path / "out.csv")
    event, said = exports.import_csv(begun(), VOCABULARY, tmp_path / "out.csv")
    state = apply(begun(), event)
    assert not said and state.note("a.jpg") == annotated().note("a.jpg")
    assert state.marks("a.jpg", "materials") == annotated().marks("a.jpg", "materials")
    assert not apply(state, {"do": "undo"}).accepted("a.jpg", "materials")


def test_tags_that_the_models_do_not_know_survive_import_and_export(tmp_path):
    exports.export_csv(annotated(), VOCABULARY, tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text().replace("metal | bronze", "metal | bronze $ metal | orichalcum")
    (tmp_path / "in.csv").write_text(text)
    event, said = exports.import_csv(begun(), VOCABULARY, tmp_path / "in.csv")
    assert said == ["1 cells hold tags that the models do not know; they are kept as they are."]
    state = apply(begun(), event)
    exports.export_csv(state, VOCABULARY, tmp_path / "again.csv")
    assert ("metal", "orichalcum") in read_records(tmp_path / "again.csv").paths("materials", 0)
    assert "orichalcum" in tags_in_jsonld(state)["a.jpg", "materials"]
    state = marked(state, session.withdraw(state, MATERIALS, "a.jpg", [tag("metal")]))
    assert state.accepted("a.jpg", "materials") == {"clay"}, "it stood below metal"


def test_tags_of_another_vocabulary_are_in_both_exports_and_said():
    state = marked(begun(), session.accept(begun(), MATERIALS, "a.jpg", [tag("bronze"), tag("clay")]))
    smaller = Vocabulary(VOCABULARY.taxonomies | {"materials": arrange_tree("materials", {"metal": {TOP: 1}})})
    records = exports.export_records(state, smaller)
    assert set(records.tags("materials", 0)) == tags_in_jsonld(state, smaller)["a.jpg", "materials"] == \
        {"metal", "bronze", "clay"}
    assert exports.tell_unknown(state, smaller) == [
        "2 accepted tags are not in the models' vocabulary, the first 'bronze'; they are exported too."]
    assert not exports.tell_unknown(state, VOCABULARY)


OFFICIAL = """idInSource,objectTypes.hierarchy,subjects.hierarchy,materials.hierarchy,#portraitMedia.original,database,\
repository.keeper,classifications.hierarchy,inventory,note
a,figure,,textile | iron $ clay,https://museum.example/a?size=full,Museu A,"Museu d'Art, Olot",,MA 12,
b,,figure,metal $ metal | bronze $ metal | orichalcum,b.jpg,Museu B,Museu B,,,"two, three"
"""


def opened_csv(tmp_path, text: str = OFFICIAL, state: State | None = None) -> State:
    """The state after a csv was opened."""
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    state = state or begun()
    return apply(state, exports.import_csv(state, VOCABULARY, tmp_path / "in.csv")[0])


def test_a_csv_that_is_opened_and_saved_has_the_same_records(tmp_path):
    saved = exports.export_records(opened_csv(tmp_path), VOCABULARY).table
    table = read_records(tmp_path / "in.csv").table
    assert {name: saved[name].to_pylist() for name in table.column_names} == \
        {name: table[name].to_pylist() for name in table.column_names}
    further = set(saved.column_names) - set(table.column_names)
    assert {text for name in further for text in saved[name].to_pylist()} == {""}


def test_a_path_with_other_ancestors_than_the_tree_adds_none_and_keeps_them(tmp_path):
    state = opened_csv(tmp_path)
    assert state.accepted("a.jpg", "materials") == {"textile", "iron", "clay"}, "iron stands below metal in the tree"
    state = marked(state, session.accept(state, MATERIALS, "a.jpg", [tag("bronze")]))
    assert exports.annotated_paths(state, MATERIALS, "a.jpg") == [("textile", "iron"), ("clay",), ("metal", "bronze")]
    state = marked(state, session.withdraw(state, MATERIALS, "a.jpg", [tag("iron")]))
    assert exports.annotated_paths(state, MATERIALS, "a.jpg") == [("clay",), ("textile",), ("metal", "bronze")]


def test_a_narrower_tag_takes_the_place_of_the_path_that_it_goes_on_from(tmp_path):
    state = opened_csv(tmp_path, OFFICIAL.replace("textile | iron $ clay", "metal $ clay"))
    state = marked(state, session.accept(state, MATERIALS, "a.jpg", [tag("bronze")]))
    assert exports.annotated_paths(state, MATERIALS, "a.jpg") == [("clay",), ("metal", "bronze")]


def test_the_keeping_institution_is_that_of_the_file_until_it_is_written_anew(tmp_path):
    state = opened_csv(tmp_path, state=begun("a.jpg", "b.jpg", "c.jpg"))
    assert [state.keeper(name) for name in state.images] == ["Museu d'Art, Olot", "Museu B", ""]
    assert session.write_keeper(state, "b.jpg", "Museu B") is None
    for image, text in (("b.jpg", "Museu"), ("b.jpg", "Museu C"), ("c.jpg", "Museu D")):
        state = apply(state, session.write_keeper(state, image, text))
    assert exports.export_records(state, VOCABULARY).providers.tolist() == ["Museu d'Art, Olot", "Museu C", "Museu D"]
    assert apply(state, {"do": "undo"}).keeper("b.jpg") == "Museu B", "typing is one step"
    for event in ({"do": "undo"}, {"do": "undo"}, {"do": "keeper", "image": "b.jpg", "text": "a slow tab"}):
        state = apply(state, event)
    assert state.keeper("b.jpg") == "a slow tab" and len(exports.export_records(state, VOCABULARY)) == 3


def test_a_record_without_an_institution_has_that_of_the_batch(tmp_path):
    state = opened_csv(tmp_path, OFFICIAL.replace("Museu B,Museu B", "Museu B,"))
    assert exports.export_records(state, VOCABULARY).providers.tolist() == ["Museu d'Art, Olot", ""]
    state = apply(state, session.write_keeper(state, "b.jpg", "Museu C"))
    state = apply(state, session.write_keeper(state, "a.jpg", ""))
    assert exports.export_records(state, VOCABULARY).providers.tolist() == ["", "Museu C"]


def test_a_file_without_notes_leaves_the_notes_and_an_accent_in_two_signs_finds_its_image(tmp_path):
    state = apply(begun("núm.jpg"), session.write_note("núm.jpg", "typed"))
    text = "".join(line.rpartition(",")[0] + "\n" for line in OFFICIAL.splitlines()[:2]).replace("\na,", "\nnu\u0301m,")
    state = opened_csv(tmp_path, text, state)
    assert notes(state) == {"núm.jpg": "typed"} and state.accepted("núm.jpg", "objectTypes") == {"figure"}


def test_of_two_records_of_one_image_the_first_counts_and_the_other_is_said(tmp_path):
    (tmp_path / "in.csv").write_text(OFFICIAL.replace("b.jpg", "a.jpg"))
    event, said = exports.import_csv(begun("a.jpg"), VOCABULARY, tmp_path / "in.csv")
    assert event["images"]["a.jpg"]["record"]["idInSource"] == "a"
    assert "1 of 2 records are of images that an earlier record is of, the first 'b'; they were left out." in said


def test_an_id_that_a_record_brought_is_no_other_images(tmp_path):
    state = opened_csv(tmp_path, OFFICIAL.replace("\nb,", "\nc,"), begun("a.jpg", "b.jpg", "c.tif"))
    assert exports.export_records(state, VOCABULARY).ids.tolist() == ["a", "c", "c.tif"]


a_path = st.lists(st.sampled_from(["metal", "bronze", "iron", "clay", "textile", "orichalcum"]), min_size=1, max_size=3)


@given(st.lists(a_path, min_size=1, max_size=4), steps)
@settings(max_examples=200, deadline=None)
def test_whatever_paths_come_in_they_go_out_and_after_any_clicks_the_paths_hold_what_is_accepted(paths, clicks):
    cell = format_paths(paths)
    marks = dict.fromkeys((name for path in paths for name in path), "accepted")
    state = apply(begun(), {"do": "import", "images": {"a.jpg": {"marks": {"materials": marks}, "record": {},
                                                                 "cells": {"materials": cell}}}})
    assert format_paths(exports.annotated_paths(state, MATERIALS, "a.jpg")) == cell
    for what, _, one in clicks:
        act = {"do": what} if what in ("undo", "redo") else \
            getattr(session, what)(state, MATERIALS, "a.jpg", one if what == "reject" else [one])
        state = marked(state, act)
        written = [name for path in exports.annotated_paths(state, MATERIALS, "a.jpg") for name in path]
        assert set(written) == state.accepted("a.jpg", "materials")


def test_the_published_inner_test_set_comes_out_as_it_went_in():
    official = Path(__file__).parents[3] / "shared" / "data" / "official"
    if not official.is_dir():
        pytest.skip("the published files are not here")
    records, vocabulary = read_records(official / "test_id.csv"), read_label_vocabulary(official)
    state = begun(*(f"{name}.jpg" for name in records.ids))
    state = apply(state, exports.import_csv(state, vocabulary, official / "test_id.csv")[0])
    table = exports.export_records(state, vocabulary).table
    assert all(table[name].to_pylist() == records.table[name].to_pylist() for name in records.table.column_names)


def test_records_of_other_images_are_counted_and_named(tmp_path):
    exports.export_csv(annotated(), VOCABULARY, tmp_path / "out.csv")
    _, said = exports.import_csv(begun("b.jpg"), VOCABULARY, tmp_path / "out.csv")
    assert said == ["1 of 2 records are of images that are not in this batch, the first 'a'; they were left out."]


def test_names_that_differ_by_suffix_alone_are_two_records():
    assert exports.export_records(begun("a.jpg", "a.png", "c.tif"), VOCABULARY).ids.tolist() == ["a.jpg", "a.png", "c"]


def test_a_batch_without_images_is_told_when_saved():
    with pytest.raises(UserError, match="no image in this batch"):
        exports.export_records(empty(), VOCABULARY)


def tags_in_jsonld(state: State, vocabulary: Vocabulary = VOCABULARY) -> dict[tuple[str, str], set[str]]:
    """By image and facet the tags."""
    names = {facet: name_tags(taxonomy) for facet, taxonomy in vocabulary.taxonomies.items()}
    found = {}
    for item in json.loads(exports.export_jsonld(exports.Leaving(state, vocabulary, names, "one")))["first"]["items"]:
        if item["motivation"] == "tagging":
            facts = {fact["schema:propertyID"]: fact["schema:value"] for fact in item["schema:additionalProperty"]}
            found.setdefault((item["target"]["schema:name"], facts["facet"]), set()).add(facts["tag"])
    return found


# ---- what is shown -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("museum", [False, True], ids=["published", "museum"])
def test_a_number_that_a_curator_doubts_is_neither_shown_nor_exported(museum):
    names = ["tela", "cartró", "esmalt", "argent"]
    others = ([places[0].catalan for places in museum_terms()["materials"].values()] if museum else
              [term.catalan for term in read_terms() if term.facet == "materials"])
    tree = arrange_tree("materials", {name: {TOP: 1} for name in {*names, *others}})
    vocabulary = Vocabulary({facet: tree if facet == "materials" else VOCABULARY[facet] for facet in FACET_NAMES})
    assert [bool(name_tags(tree).uri(tree.index[name])) for name in names] == [False, False, False, True]
    state = begun("a.jpg")
    state = marked(state, session.accept(state, tree, "a.jpg", [tree.index[name] for name in names]))
    leaving = exports.Leaving(state, vocabulary, {facet: name_tags(taxonomy) for facet, taxonomy in vocabulary.taxonomies.items()})
    bodies = [item["body"] for item in json.loads(exports.export_jsonld(leaving))["first"]["items"]]
    assert {body["value"] for body in bodies if "value" in body} == set(names[:3])
    assert [body["source"]["skos:prefLabel"][1]["@value"] for body in bodies if "source" in body] == ["argent"]


def all_terms(museum: bool) -> Vocabulary:
    """Every tag of the mini museum or of the table of terms, without an order among them."""
    tags = {facet: museum_terms()[facet] if museum else [term.catalan for term in read_terms() if term.facet == facet]
            for facet in FACET_NAMES}
    return Vocabulary({facet: arrange_tree(facet, {tag: {TOP: 1} for tag in names}) for facet, names in tags.items()})


def found_tags(vocabulary: Vocabulary, query: str) -> set[tuple[str, str]]:
    names = {facet: name_tags(taxonomy) for facet, taxonomy in vocabulary.taxonomies.items()}
    return {(find.facet, find.name) for find in AnyTerm(vocabulary, names, read_aat()).search(query) if find.source == KNOWN}


def test_a_term_is_found_by_its_synonyms():
    vocabulary = all_terms(museum=False)
    for query, *expected in (("bowler", "objectTypes", "barret derby"), ("braces", "objectTypes", "tirant"),
                             ("steatite", "materials", "esteatita"), ("amaranth", "materials", "amarant"),
                             ("attache", "objectTypes", "maletí"), ("cutlery", "objectTypes", "cobert"),
                             ("strass", "materials", "rhinestone"), ("photo", "objectTypes", "fotografia"),
                             ("dinner service", "objectTypes", "vaixella"), ("oil painting", "objectTypes", "pintura a l'oli"),
                             ("teacup", "objectTypes", "tassa"), ("pedra de sabo", "materials", "esteatita")):
        assert tuple(expected) in found_tags(vocabulary, query), query
    for query, *expected in (("cutlery", "objectTypes", "flatware"), ("teacup", "objectTypes", "cup"),
                             ("fiddle", "objectTypes", "violin"), ("fang", "materials", "clay")):
        assert tuple(expected) in found_tags(all_terms(museum=True), query), query


def test_where_an_extract_of_the_aat_is_kept_its_alternative_labels_find_their_tag(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    number = int(next(term.aat for term in read_terms() if (term.facet, term.catalan) == ("materials", "argila")))
    assert not found_tags(all_terms(museum=False), "ball mud")
    concepts = {number: Concept(number, "concept", {"en": "clay"}, {"en": ("ball mud",), "de": ("Lehm",)}, None)}
    write_thesaurus(Thesaurus(concepts, {}), tmp_path / "aat.csv.gz")
    assert found_tags(all_terms(museum=False), "ball mud") == {("materials", "argila")}
    assert not found_tags(all_terms(museum=False), "Lehm")


def test_folding_keeps_letters_and_drops_case_and_accents():
    assert fold("Ceràmica · Escultura") == "ceramica · escultura"


def test_how_likely_a_tag_is_is_said_in_words_where_the_model_is_unsure():
    assert [describe(sure, WORDS["ca"]) for sure in (0.93, 0.31, 0.02, 0.001)] == ["93 %", "potser 31 %", "2 %", "<1 %"]


def test_both_languages_have_every_word():
    assert WORDS["en"].keys() == WORDS["ca"].keys() and all(word for words in WORDS.values() for word in words.values())


def test_half_of_a_sign_loses_no_note(tmp_path):
    store = Store(tmp_path / "session")
    store.do({"do": "add", "images": [["a.png", "0" * 64 + ".png"]]})
    store.do(session.write_note("a.png", "cracked rim \ud83d"))
    store.do(session.write_keeper(store.state, "a.png", "Museum \ude00"))
    again = Store(store.folder).state
    assert again.note("a.png") == store.state.note("a.png") == "cracked rim \ufffd"
    assert again.keeper("a.png") == "Museum \ufffd"
