"""A cataloguer's day, from the choice of the files to LIDO, by keyboard alone; and two cataloguers whose server is killed."""

import hashlib
import importlib.util
import os
import re
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from eufcc_lib.assistant.any_term import AnyTerm
from eufcc_lib.assistant.export_command import main as export
from eufcc_lib.assistant.names import name_tags
from eufcc_lib.assistant.predictor import Answer
from eufcc_lib.assistant.store import Store
from eufcc_lib.core import paths
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.mini.catalogue import plan_museum
from eufcc_lib.mini.drawing import write_picture

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
import test_assistant_browser as alone  # it needs playwright, too

BENCHMARK = paths.ROOT / "benchmarks" / "assistant_day.py"
sys.path.append(str(BENCHMARK.parent))
spec = importlib.util.spec_from_file_location("assistant_day", BENCHMARK)
assistant_day = sys.modules["assistant_day"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(assistant_day)
Line, Wanted, plan = assistant_day.Line, assistant_day.Wanted, assistant_day.plan

browser, servers = alone.browser, alone.servers

IMAGES, FREE = 12, "onion pattern"


def wanted(**facets: list[str]) -> Wanted:
    """By facet paths as `metal bronze`."""
    return Wanted({facet: frozenset(tuple(path.split()) for path in found) for facet, found in facets.items()})


def a_line(facet: str, kind: str, path: str, mark: str = "") -> Line:
    return Line(facet, kind, tuple((text, mark) for text in path.split()))


def test_enter_is_planned_where_what_is_wrong_can_be_rejected_and_digits_where_not():
    bronze = a_line("materials", "likely", "metal bronze")
    assert plan([bronze], wanted(materials=["metal bronze"])) == assistant_day.Plan((), (), "Enter")
    assert plan([bronze], wanted(materials=["metal"])) == assistant_day.Plan(("x", "1"), (), "Enter")
    assert plan([bronze], wanted()) == assistant_day.Plan((), (), "n"), "no key keeps metal out"
    assert plan([a_line("materials", "perhaps", "metal bronze")], wanted(materials=["metal"])).keys == ("1", "x", "1")


def test_a_zero_leads_nine_lines_on_and_what_no_line_has_is_searched():
    lines = [a_line("subjects", "perhaps", f"s{number}") for number in range(1, 20)]
    for number, keys in ((9, "9"), (10, "01"), (18, "09"), (19, "001")):
        assert plan(lines, wanted(subjects=[f"s{number}"])).keys == tuple(keys)
    assert plan(lines, wanted(materials=["clay"])).searches == (("materials", "clay"),)


def test_what_is_written_already_is_left_and_what_is_wrong_is_taken_back():
    written = a_line("materials", "perhaps", "metal bronze", "accepted")
    assert plan([written], wanted(materials=["metal bronze"])).actions == 1
    assert plan([written], wanted(materials=["clay"])).keys == ("1",)


def test_a_lost_and_an_invented_decision_are_found():
    found = {"jug": {"materials": {"iron"}}}
    assert assistant_day.compare(found, {"jug.jpg": wanted(materials=["metal bronze"])}) == {
        "lost": [("jug.jpg", "materials", "bronze")], "invented": [("jug.jpg", "materials", "iron")]}


@dataclass(eq=False)
class KnowsSome:
    """Stands for trained models: of four photographs, it is right about one, unsure about one, wrong about one and mute about one."""

    vocabulary: Vocabulary
    names: dict[str, dict[str, list[str]]]
    data: ClassVar = "stand-in"
    identity: ClassVar = {"name": "stand-in", "hash": "0" * 16,
                          "promised": {facet: {"threshold": 0.9, "precision": 0.95} for facet in FACET_NAMES}}

    def __call__(self, path):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        kind, scores = list(self.names).index(digest) % 4, {}
        for facet, taxonomy in self.vocabulary.taxonomies.items():
            scores[facet] = np.full(len(taxonomy), 0.01, np.float32)
            for name in self.names[digest][facet]:
                if name in taxonomy.index and kind < 3:
                    place = taxonomy.index[name]
                    scores[facet][place if kind < 2 else (place + 1) % len(taxonomy)] = (0.97, 0.5, 0.95)[kind]
        return Answer(scores, scores)


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    """Twelve photographs of the mini museum, what each shows, and models that do not know all of it."""
    folder, entries = tmp_path_factory.mktemp("photographs"), plan_museum(120)
    chosen = [entry for entry in entries if entry.paths["materials"] and entry.paths["objectTypes"]][:40:3][:IMAGES]
    for entry in chosen:
        write_picture(folder, entry, 0, 64)
    edges = {facet: {} for facet in FACET_NAMES}
    for entry in entries:
        for facet, found in entry.paths.items():
            for path in found:
                for parent, name in zip((TOP, *path), path, strict=False):
                    edges[facet].setdefault(name, {parent: 1})
    unknown = chosen[3].paths["materials"][0][-1]
    for name in [unknown, *[name for name, parents in edges["materials"].items() if unknown in parents]]:
        del edges["materials"][name]
    vocabulary = Vocabulary({facet: arrange_tree(facet, edges[facet]) for facet in FACET_NAMES})
    files = [folder / f"{entry.id}.jpg" for entry in chosen]
    cells = {file.name: dict(entry.paths) for file, entry in zip(files, chosen, strict=True)}
    cells[files[5].name]["objectTypes"] += ((FREE,),)
    names = {hashlib.sha256(file.read_bytes()).hexdigest(): {facet: [path[-1] for path in found] for facet, found in cells[file.name].items()}
             for file in files}
    return SimpleNamespace(files=files, cells=cells, unknown=unknown, predictor=KnowsSome(vocabulary, names))


@pytest.mark.slow
def test_twelve_photographs_are_tagged_from_the_choice_of_the_files_to_lido_without_a_mouse(browser, museum, tmp_path, monkeypatch):
    from eufcc_lib.assistant.serve import serve
    port, vocabulary = alone.free_port(), museum.predictor.vocabulary
    server = serve(museum.predictor, port, root=tmp_path / "assistant", threaded=True)
    names = {facet: name_tags(taxonomy) for facet, taxonomy in vocabulary.taxonomies.items()}
    speech = assistant_day.Speech(vocabulary, AnyTerm(vocabulary, names))
    truth = {image: speech.wanted(cells) for image, cells in museum.cells.items()}
    page = assistant_day.new_page(browser, f"http://localhost:{port}/", "Ada")
    page.evaluate("() => { window.clicks = 0; addEventListener('pointerdown', () => clicks++, true) }")
    day = assistant_day.Day(page, speech, truth)
    day.load(museum.files)
    day.review(1)
    first = day.arrive("")
    day.press("m")
    day.type("from the castle")
    day.press("Escape")
    accepted = page.locator(".facets li").first.locator("[data-mark=accepted]")
    before = accepted.count()
    day.press("1")
    playwright.expect(accepted).not_to_have_count(before)
    day.press("u")
    playwright.expect(accepted).to_have_count(before)
    day.decide_all()
    csv = day.save(tmp_path)
    assert page.evaluate("clicks") == 0
    session = re.search(r"session=([\w-]+)", page.url)[1]
    page.context.close()
    server.stop()
    monkeypatch.setattr(paths, "DATA", tmp_path)
    monkeypatch.setattr("eufcc_lib.training.checkpoints.read_model", lambda *_: SimpleNamespace(vocabulary=vocabulary))
    assert not export([session, "--format", "lido", "--out", str(tmp_path / "lido.xml"), "--without-machine"])
    for found in (assistant_day.read_lido(tmp_path / "lido.xml"), assistant_day.read_csv(csv, speech)):
        assert assistant_day.compare(found, truth) == {"lost": [], "invented": []}
    told = assistant_day.read_lido(tmp_path / "lido.xml")[museum.files[5].stem]["objectTypes"]
    assert FREE in told and day.keys["search"] and day.keys["Enter"] and day.keys["grid"]
    with closing(Store(tmp_path / "assistant" / session)) as store:
        assert store.state.note(first) == "from the castle"
        assert {decision.who for decision in store.state.decisions()} == {"Ada"}


@pytest.mark.slow
def test_two_cataloguers_lose_nothing_when_the_server_is_killed_between_them(browser, servers, tmp_path):
    port, start = servers
    server = start()
    address = f"http://localhost:{port}/"
    ada = assistant_day.new_page(browser, address, "Ada")
    assistant_day.Day(ada, None, {}).load([_picture(tmp_path, number) for number in range(4)])
    session = re.search(r"session=([\w-]+)", ada.url)[1]
    berta = assistant_day.new_page(browser, f"{address}?session={session}", "Berta")
    pages, days = {"Ada": ada, "Berta": berta}, {"Ada": assistant_day.Day(ada, None, {}), "Berta": assistant_day.Day(berta, None, {})}
    for day in days.values():
        day.arrive("")
    acknowledged: dict[str, str] = {}

    def decide(who: str, number: int) -> None:
        days[who].press(str(number))
        acknowledged[_written(days[who], number)] = who
    for number, who in enumerate(("Ada", "Berta", "Ada", "Berta"), 1):
        decide(who, number)
    for number, day in enumerate(days.values(), 5):  # on their way when the server goes: written, or not shown as written
        day.press(str(number))
    os.kill(server, 9)
    for page in pages.values():
        page.get_by_text("No connection to the server").wait_for()
    server = start()
    for day in days.values():
        day.page.get_by_text("was lost and is back").wait_for()
        day.arrive("")
    for number, who in enumerate(("Berta", "Ada"), 7):
        decide(who, number)
    for _ in range(100):
        if days["Ada"].lines() == days["Berta"].lines():
            break
        ada.wait_for_timeout(100)
    assert days["Ada"].lines() == days["Berta"].lines()
    marks = {parts[-1][0]: parts[-1][1] for parts in (line.parts for line in days["Ada"].lines())}
    with closing(sqlite3.connect(tmp_path / session / "session.sqlite")) as database:
        written = dict(database.execute("SELECT tag, who FROM mark WHERE mark = 'accepted'"))
    assert len(acknowledged) == 6 and all(marks[text] == "accepted" for text in acknowledged)
    assert {text: written[text] for text in acknowledged} == acknowledged
    os.kill(server, 9)


def _picture(folder, number: int):
    file = folder / f"{number:02}.png"
    file.write_bytes(alone.picture(60 * number))
    return file


def _written(day, number: int) -> str:
    """The tag of a line, once the page shows that it is accepted and written."""
    day.page.wait_for_function(f"""place => {{
        const line = ({assistant_day.LINES})()[place]
        return line && !line.busy && line.parts.at(-1)[1] === "accepted" }}""", arg=number - 1)
    return day.lines()[number - 1].last
