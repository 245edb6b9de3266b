"""The assistant in a real browser: a cataloguer's work on trees as large as the paper's, all of it on this machine."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image

from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.data.terms import read_terms

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to drive")]

SIZES = {"objectTypes": (30, 29), "materials": (9, 29), "classifications": (3, 10), "subjects": (2, 3)}
"""Branches of each facet's tree and leaves of a branch: as many tags as the paper's, or nearly so."""


def large_tree(facet: str, branches: int, leaves: int):
    """`branches` tags with `leaves` below each, called by their numbers, and metal with bronze and iron as they are."""
    edges = {f"{facet} {branch:02}": {TOP: 1} for branch in range(branches)}
    edges |= {f"{facet} {branch:02}-{leaf:02}": {f"{facet} {branch:02}": 1}
              for branch in range(branches) for leaf in range(leaves)}
    if facet == "materials":
        edges |= {"metall": {TOP: 1}, "bronze": {"metall": 1}, "ferro": {"metall": 1}}
    return arrange_tree(facet, edges)


@dataclass(eq=False)
class Suggesting:
    """Stands for trained models: the colour of an image's first pixel says which tags are likely."""

    vocabulary: Vocabulary
    data: ClassVar = "stand-in"
    identity: ClassVar = {"name": "stand-in", "hash": "0" * 16,
                          "promised": {facet: {"threshold": 0.9, "precision": 0.95} for facet in FACET_NAMES}}

    def __call__(self, path):
        from eufcc_lib.assistant.predictor import Answer
        red = Image.open(path).convert("RGB").getpixel((0, 0))[0]
        scores = {}
        for facet, taxonomy in self.vocabulary.taxonomies.items():
            scores[facet] = np.linspace(0.001, 0.002, len(taxonomy), dtype=np.float32)
            for rank, tag in enumerate(range(red // 32, red // 32 + 10)):
                scores[facet][tag % len(taxonomy)] = 0.95 - 0.09 * rank
        if "metall" in self.vocabulary["materials"].index:
            scores["materials"][self.vocabulary["materials"].index["bronze"]] = 0.97
        return Answer(scores, scores)


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    return tmp_path_factory.mktemp("sessions")


def serve_trees(port: int, root: Path, **options):
    from eufcc_lib.assistant.serve import serve
    vocabulary = Vocabulary({facet: large_tree(facet, *SIZES[facet]) for facet in FACET_NAMES})
    return serve(Suggesting(vocabulary), port, root=root, **options)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def address(sessions):
    """Where the assistant is served, in a thread of this process."""
    port = free_port()
    server = serve_trees(port, sessions, threaded=True)
    yield f"http://localhost:{port}/"
    server.stop()


@pytest.fixture(scope="module")
def browser():
    playwright.expect.set_options(timeout=60_000)
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, address):
    """A page on a new session; requests to anywhere else are refused and counted."""
    with opened_page(browser, address) as page:
        yield page


@contextmanager
def opened_page(browser, address, who="Ada"):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(60_000)
    context.add_init_script("const send = WebSocket.prototype.send\n"
                            "WebSocket.prototype.send = function (data) { window.link = this; return window.mute || send.call(this, data) }")
    context.add_cookies([{"name": "assistant_who", "value": who, "url": address}])
    opened, strangers, errors = context.new_page(), [], []

    def guard(route):
        if re.match(r"https?://(localhost|127\.0\.0\.1)[:/]", route.request.url):
            return route.continue_()
        strangers.append(route.request.url)
        return route.abort()
    context.route("**/*", guard)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(address)
    opened.get_by_text("Choose images").wait_for()
    opened.wait_for_url("**/?session=*")
    yield opened
    context.close()
    assert not strangers and not errors


def picture(red: int, size: tuple[int, int] = (300, 200)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, (red, 90, 60)).save(buffer, "png")
    return buffer.getvalue()


def put(page, *files: tuple[str, bytes], place: int = 0) -> None:
    page.locator("input[type=file]").nth(place).set_input_files(
        [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files])


def add_two(page) -> None:
    put(page, ("first.png", picture(0)), ("second.png", picture(255)))
    page.get_by_text("Image 1 of 2").wait_for()
    open_trees(page)


def open_trees(page) -> None:
    page.get_by_role("button", name="Explore the trees").click()
    row(page, "bronze").wait_for()


def row(page, name: str):
    """The row of a tag in the trees."""
    return page.locator("[role=treeitem] > .row", has=page.locator(".text", has_text=re.compile(rf"^{re.escape(name)}( \(rejected\))?$"))).first


def ticked(page, name: str):
    return row(page, name).locator("input[type=checkbox]")


def wait_ticked(page, name: str, state: bool = True) -> None:
    playwright.expect(ticked(page, name)).to_be_checked(checked=state)


def struck(page, name: str):
    return "line-through" in row(page, name).locator(".text").evaluate("text => getComputedStyle(text).textDecoration")


def wait_struck(page, name: str, state: bool = True) -> None:
    style = re.compile("line-through") if state else re.compile("^none")
    playwright.expect(row(page, name).locator(".text")).to_have_css("text-decoration", style)


def unfold(page, name: str) -> None:
    row(page, name).locator(".fold").click()


def accepted(page, name: str):
    """A tag that is accepted, and saved, among the proposals."""
    return page.locator(".facets li[aria-busy=false] [data-mark=accepted]", has_text=re.compile(rf"^{name}$"))


def search(page, query: str):
    """What is found; the field is left open."""
    page.keyboard.press("/")
    page.keyboard.type(query, delay=20)
    found = page.locator("[role=option]")
    found.first.wait_for()
    return found


def test_trees_open_to_the_best_tags_and_the_rest_can_be_explored(page):
    add_two(page)
    assert row(page, "bronze").get_by_text("97 %").is_visible() and row(page, "objectTypes 00-05").get_by_text("perhaps").is_visible()
    assert row(page, "bronze").get_attribute("data-kind") == "likely"
    assert not row(page, "materials 07").count(), "what is not among the best is folded"
    row(page, "… 8 more").click()
    unfold(page, "materials 07")
    row(page, "materials 07-03").wait_for()
    row(page, "… 8 more").click()
    row(page, "materials 07").wait_for(state="hidden")
    assert not page.locator("[data-mark=accepted]").count(), "opening and folding accepts nothing"


def focused(page) -> str:
    return page.locator("[role=treeitem]:focus > .row .text").inner_text()


def focus(page, name: str) -> None:
    row(page, name).locator("xpath=..").focus()


def test_the_arrow_keys_move_in_a_tree_and_space_accepts(page):
    add_two(page)
    focus(page, "objectTypes 00")
    for key, expected in (("ArrowDown", "objectTypes 00-00"), ("ArrowDown", "objectTypes 00-01"), ("ArrowUp", "objectTypes 00-00"),
                          ("ArrowLeft", "objectTypes 00"), ("ArrowRight", "objectTypes 00-00")):
        page.keyboard.press(key)
        assert focused(page) == expected
    page.keyboard.press("Space")
    accepted(page, "objectTypes 00-00").wait_for()
    wait_ticked(page, "objectTypes 00")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "objectTypes 00-01", "the answer of the server leaves the focus where it is"
    page.keyboard.press("x")
    wait_struck(page, "objectTypes 00-01")
    assert focused(page).startswith("objectTypes 00-01")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    assert focused(page) == "… 29 more"
    page.keyboard.press("ArrowRight")
    row(page, "objectTypes 17").wait_for()


def test_a_tag_behind_the_row_of_the_others_is_found_kept_and_shown_again(page):
    add_two(page)
    search(page, "materials 07-03")
    page.keyboard.press("Enter")
    wait_ticked(page, "materials 07-03")
    wait_ticked(page, "materials 07")
    page.reload()
    wait_ticked(page, "materials 07-03")
    row(page, "… 7 more").wait_for()


def test_accepting_takes_ancestors_along_taking_back_descendants_and_rejecting_strikes_out(page):
    add_two(page)
    ticked(page, "objectTypes 00-07").click()
    wait_ticked(page, "objectTypes 00")
    row(page, "objectTypes 00").locator(".text").click()  # as good as its box
    wait_ticked(page, "objectTypes 00-07", False)
    ticked(page, "bronze").click()
    accepted(page, "bronze").wait_for()
    wait_ticked(page, "metal")
    row(page, "iron").hover()
    for expected in (True, False):
        row(page, "iron").locator("button").click()
        wait_struck(page, "iron", expected)
    assert not struck(page, "bronze")


def test_any_term_is_accepted_taken_back_and_rejected_with_the_keyboard_alone(page):
    add_two(page)
    search(page, "bronze")
    page.keyboard.press("Enter")
    wait_ticked(page, "bronze")
    focus(page, "bronze")
    page.keyboard.press("Space")
    wait_ticked(page, "bronze", False)
    search(page, "bronse")
    page.keyboard.press("Shift+Enter")
    wait_struck(page, "bronze")
    found = search(page, "moon dust")
    place = next(number for number in range(found.count()) if "Materials" in found.nth(number).inner_text())
    for _ in range(place):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    accepted(page, "moon dust").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("iron")
    page.keyboard.press("Enter")  # before it was searched
    wait_ticked(page, "iron")
    page.keyboard.press("/")
    page.keyboard.type("clay")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.get_by_text("Image 2 of 2 · 1 tagged").wait_for()


def test_all_of_the_header_can_be_reached_on_a_phone(page):
    add_two(page)
    page.set_viewport_size({"width": 360, "height": 740})
    for part in (page.get_by_role("button", name="Català"), page.locator("header button").last, page.get_by_text("Image 1 of 2")):
        box = part.bounding_box()
        assert 0 <= box["x"] and box["x"] + box["width"] <= 360
    page.get_by_role("button", name="Català").click()
    page.get_by_text("Imatge 1 de 2").wait_for()


def test_searching_by_name_synonym_and_number_shows_the_term_and_accepts_it(page):
    add_two(page)
    iron = next(term for term in read_terms() if term.facet == "materials" and term.catalan == "ferro")
    for query in ["iron", "férro", *([iron.aat] if iron.aat else [])]:
        found = search(page, query)
        found.filter(has_text=re.compile("iron")).first.wait_for()
        page.keyboard.press("Escape")
    search(page, "ferro").filter(has_text=re.compile("iron")).first.click()
    accepted(page, "iron").wait_for()
    wait_ticked(page, "metal")


def test_the_language_switches_at_once_and_everywhere(page):
    add_two(page)
    ticked(page, "bronze").click()
    accepted(page, "bronze").wait_for()
    page.get_by_role("button", name="Català").click()
    page.get_by_text("Tipus d'objecte", exact=True).wait_for()
    page.get_by_text("Imatge 1 de 2 · 1 anotades").wait_for()
    row(page, "metall").wait_for()
    wait_ticked(page, "bronze")


def test_reload_and_a_second_tab_have_everything(page):
    add_two(page)
    ticked(page, "bronze").click()
    accepted(page, "bronze").wait_for()
    page.locator("textarea").first.fill("from the castle")
    page.get_by_text("Image 1 of 2 · 1 tagged").wait_for()
    page.wait_for_timeout(300)
    second = page.context.new_page()
    second.goto(page.url)
    wait_ticked(second, "bronze")
    playwright.expect(second.locator("textarea").first).to_have_value("from the castle")
    ticked(page, "materials 00").click()
    wait_ticked(second, "materials 00")
    page.reload()
    wait_ticked(page, "bronze")
    playwright.expect(page.locator("textarea").first).to_have_value("from the castle")


def test_next_and_previous_go_through_the_batch(page):
    add_two(page)
    ticked(page, "bronze").click()
    accepted(page, "bronze").wait_for()
    page.get_by_role("button", name="Next image", exact=True).click()
    page.get_by_text("Image 2 of 2").wait_for()
    wait_ticked(page, "bronze", False)
    page.get_by_role("button", name="Previous image", exact=True).click()
    wait_ticked(page, "bronze")


CLICK_BOTH = "async ([first, second, wait]) => { first.click(); await new Promise(go => setTimeout(go, wait)); second.click() }"


@pytest.mark.parametrize("wait", [0, 20], ids=["in one breath", "after 20 ms"])
def test_a_tick_beside_next_stays_on_the_image_that_was_on_the_screen(page, sessions, wait):
    add_two(page)

    def both(first, second) -> None:
        page.evaluate(CLICK_BOTH, [first.element_handle(), second.element_handle(), wait])
    step = page.get_by_role("button", name="Next image", exact=True)
    both(ticked(page, "bronze"), step)
    page.get_by_text("Image 2 of 2 · 1 tagged").wait_for()
    wait_ticked(page, "bronze", False)
    step = page.get_by_role("button", name="Previous image", exact=True)
    both(step, ticked(page, "bronze"))
    page.get_by_text("Image 1 of 2 · 2 tagged").wait_for()
    wait_ticked(page, "bronze")
    marks = [json.loads(line) for line in decisions(page, sessions).splitlines() if '"mark"' in line]
    assert [(mark["image"], sorted(mark["marks"])) for mark in marks] == [
        ("first.png", ["bronze", "metall"]), ("second.png", ["bronze", "metall"])]


def test_both_exports_are_saved_and_the_csv_opens_again(page, tmp_path):
    add_two(page)
    ticked(page, "bronze").click()
    accepted(page, "bronze").wait_for()
    saved = {}
    for name in ("csv", "JSON-LD"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save {name}").click()
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])
    assert read_records(saved["csv"]).paths("materials", 0) == (("metall", "bronze"),)
    assert json.loads(saved["JSON-LD"].read_text())["total"] == 2, "one for each tag"
    ticked(page, "metal").click()
    wait_ticked(page, "bronze", False)
    page.locator("input[type=file][accept='.csv']").set_input_files(saved["csv"])
    wait_ticked(page, "bronze")
    page.locator("input[type=file][accept='.csv']").set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    page.get_by_text("bad.csv, line 1: column").wait_for()


def test_bad_uploads_and_too_many_get_their_sentences_and_the_page_works_on(page, monkeypatch):
    monkeypatch.setattr("eufcc_lib.assistant.uploads.MAX_FILES", 5)
    put(page, ("empty.png", b""))
    page.get_by_text("Not every file came").wait_for()
    put(page, ("letter.jpg", b"Dear museum"), ("half.png", picture(9, (900, 900))[:400]), ("good.png", picture(0)))
    for sentence in ("'letter.jpg': ", "'half.png': "):
        page.get_by_text(sentence).wait_for()
    page.get_by_text("Image 1 of 1").wait_for()
    put(page, *[(f"{number}.png", picture(number)) for number in range(1, 9)])
    page.get_by_text("3 files came after 5 images").wait_for()
    page.get_by_text("Image 1 of 6").wait_for()
    open_trees(page)
    ticked(page, "bronze").click()
    accepted(page, "bronze").wait_for()


def test_more_than_a_gigabyte_can_be_chosen(page):
    page.evaluate("Object.defineProperty(File.prototype, 'size', {value: 1_200_000_000})")
    put(page, ("large.png", picture(0)))
    page.get_by_text("Image 1 of 1").wait_for()


def header_colour(page) -> str:
    return page.locator("header").first.evaluate("header => getComputedStyle(header).backgroundColor")


def wait_locked(page, state: bool = True) -> None:
    page.get_by_text("No connection to the server").wait_for(state="visible" if state else "hidden")
    assert page.locator("header").first.evaluate("header => header.closest('[inert]') !== null") == state


def session_of(page) -> str:
    return re.search(r"session=([\w-]+)", page.url)[1]


def history_of(page, root: Path) -> str:
    """What the file of the session says, an event on each line."""
    with closing(sqlite3.connect(root / session_of(page) / "session.sqlite")) as database:
        rows = database.execute("SELECT who, do, body FROM event ORDER BY id").fetchall()
    return "".join(json.dumps({"who": who, "do": do, **json.loads(body)}, ensure_ascii=False) + "\n" for who, do, body in rows)


def test_without_its_socket_the_page_is_locked_and_comes_back_to_its_image(browser, address, sessions):
    with opened_page(browser, address) as page:
        add_two(page)
        colour = header_colour(page)
        page.get_by_role("button", name="Next image", exact=True).click()
        page.get_by_text("Image 2 of 2").wait_for()
        page.route("**/metadata", lambda route: route.fulfill(status=502))
        page.evaluate("window.mute = true")  # what is sent now is gone
        page.locator("textarea").first.fill("typed too late")
        ticked(page, "bronze").click()
        page.get_by_text("not saved yet").wait_for()
        page.evaluate("link.close()")
        wait_locked(page)
        page.unroute("**/metadata")
        page.get_by_text("was lost and is back").wait_for()
        page.get_by_text("Image 2 of 2 · 0 tagged").wait_for()
        wait_locked(page, False)
        wait_ticked(page, "bronze", False)
        playwright.expect(page.locator("textarea").first).to_have_value("typed too late")
        assert "typed too late" in history_of(page, sessions) and header_colour(page) == colour


SERVERS = """
import os, sys
from pathlib import Path
import eufcc_lib.assistant.serve
from {module} import serve_trees
for _ in sys.stdin:
    if not os.fork():
        print(os.getpid(), flush=True)
        serve_trees({port}, Path.cwd())
"""


@pytest.fixture
def servers(tmp_path):
    """A port, and what starts a server on it and returns its process id; all that servers import is imported once."""
    port = free_port()
    source = subprocess.Popen([sys.executable, "-c", SERVERS.format(module=__name__, port=port)], cwd=tmp_path, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env=os.environ | {
                                  "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])})

    def start() -> int:
        source.stdin.write("\n")
        source.stdin.flush()
        process = int(next(line for line in source.stdout if line.strip().isdigit()))
        assert any("Launching server" in line for line in source.stdout)
        return process
    yield port, start
    os.killpg(source.pid, signal.SIGKILL)
    source.wait()


def test_after_kill_9_and_a_restart_what_looked_saved_is_there_and_what_was_typed_is_saved(browser, servers, tmp_path):
    port, start = servers
    server = start()
    with opened_page(browser, f"http://localhost:{port}/") as page:
        add_two(page)
        page.get_by_role("button", name="Next image", exact=True).click()
        page.get_by_text("Image 2 of 2").wait_for()
        ticked(page, "bronze").click()
        accepted(page, "bronze").wait_for()
        address, colour = page.url, header_colour(page)
        os.kill(server, signal.SIGSTOP)
        ticked(page, "materials 00").click()
        page.locator("textarea").first.fill("from the castle")
        page.get_by_label("Keeping institution").first.fill("Museu")
        page.get_by_text("not saved yet").wait_for()
        os.kill(server, signal.SIGKILL)
        wait_locked(page)
        start()
        page.get_by_text("was lost and is back").wait_for()
        page.get_by_text("Image 2 of 2 · 1 tagged").wait_for()
        assert (page.url, header_colour(page)) == (address, colour)
        wait_ticked(page, "bronze")
        wait_ticked(page, "materials 00", False)
        playwright.expect(page.locator("textarea").first).to_have_value("from the castle")
        playwright.expect(page.get_by_label("Keeping institution").first).to_have_value("Museu")
        assert all(text in history_of(page, tmp_path) for text in ("from the castle", "Museu", '"suggest"', '"who"'))
        progress = re.compile(rf"{session_of(page)}\s*2\s*1\s*20\d\d-")
        page.get_by_text("Another session").click()
        page.get_by_role("row").filter(has_text=progress).get_by_role("link").click()
        page.get_by_text("Image 2 of 2 · 1 tagged").wait_for()


def decisions(page, root: Path) -> str:
    """The history without what the models suggested."""
    return "".join(line for line in history_of(page, root).splitlines(True) if '"suggest"' not in line)


AT_ONCE = """async (row) => {
    const root = row.getRootNode(), key = row.parentElement.dataset.key
    row.querySelector("input").click()
    await new Promise(go => setTimeout(go, 100))
    const now = root.querySelector(`[data-key="${key}"] > .row`)  // it was drawn anew
    return [now.querySelector("input").checked, now.parentElement.ariaBusy, getComputedStyle(now).outlineStyle]
}"""


def test_what_the_server_has_not_written_looks_unsaved_at_once_and_until_it_has(browser, servers, tmp_path):
    port, start = servers
    server = start()
    with opened_page(browser, f"http://localhost:{port}/") as page:
        add_two(page)
        busy = page.locator("[aria-busy=true]")
        ticked(page, "bronze").click()
        accepted(page, "bronze").wait_for()
        playwright.expect(busy).to_have_count(0)
        note = page.locator("textarea").first
        os.kill(server, signal.SIGSTOP)
        assert row(page, "materials 00").evaluate(AT_ONCE) == [True, "true", "dashed"]
        assert row(page, "bronze").evaluate(AT_ONCE) == [False, "true", "dashed"], "taken back is not saved either"
        note.fill("from the castle")
        playwright.expect(note).to_have_attribute("aria-busy", "true")
        page.get_by_text("Waiting for the server").wait_for()
        page.wait_for_timeout(100)
        assert busy.count() >= 3
        assert "materials 00" not in decisions(page, tmp_path)
        os.kill(server, signal.SIGCONT)
        playwright.expect(busy).to_have_count(0)
        written = decisions(page, tmp_path)
        assert "materials 00" in written and "from the castle" in written
        wait_ticked(page, "materials 00")
        wait_ticked(page, "bronze", False)


def test_a_session_name_that_leads_elsewhere_gets_a_sentence(page, address):
    page.goto(f"{address}?session=../../etc")
    page.get_by_text("expected letters, digits and hyphens").wait_for()


RECORDS = """idInSource,objectTypes.hierarchy,subjects.hierarchy,materials.hierarchy,#portraitMedia.original,database,\
repository.keeper,classifications.hierarchy
first,,,coure | ferro $ metall | oricalc,https://museum.example/1,Museu,"Museu d'Art, Olot",
"""


def test_an_opened_csv_shows_its_institution_and_tags_and_is_saved_as_it_was(page, tmp_path):
    add_two(page)
    page.locator("input[type=file][accept='.csv']").set_input_files(
        {"name": "old.csv", "mimeType": "text/csv", "buffer": RECORDS.encode()})
    page.get_by_text("1 cells hold tags that the models do not know").wait_for()
    keeper = page.get_by_label("Keeping institution").first
    playwright.expect(keeper).to_have_value("Museu d'Art, Olot")
    wait_ticked(page, "iron")
    accepted(page, "oricalc").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save csv").click()
    page.get_by_text("2 accepted tags are not in the models' vocabulary").wait_for()
    download.value.save_as(tmp_path / "new.csv")
    records = read_records(tmp_path / "new.csv")
    assert records.paths("materials", 0) == (("coure", "ferro"), ("metall", "oricalc"))
    assert (records.ids[0], records.urls[0], records.providers[0]) == ("first", "https://museum.example/1", "Museu d'Art, Olot")
    page.get_by_role("button", name="Next image", exact=True).click()
    page.get_by_text("Image 2 of 2").wait_for()
    playwright.expect(keeper).to_have_value("")


def place(page, number: int, images: int, tagged: int | None = None) -> None:
    page.get_by_text(f"Image {number} of {images}{'' if tagged is None else f' · {tagged} tagged'}").wait_for()


def line(page, name: str):
    """The line of the proposals that ends at a tag."""
    return page.locator(".facets li", has=page.locator(".path button:last-of-type", has_text=re.compile(rf"^{name}$")))


def twelve(page) -> None:
    """A batch of twelve photographs, chosen with the keyboard."""
    for part in ("dialog[aria-labelledby=keys]", "input[type=file] >> nth=2"):  # from then on keys are heard and files taken
        page.locator(part).wait_for(state="attached")
    chosen = []
    page.on("filechooser", lambda one: chosen.append(one))
    while not chosen:  # on a busy machine the browser can miss a key that comes with the page
        page.keyboard.press("a")
        page.wait_for_timeout(2000)
    chosen[0].set_files([{"name": f"{number:02}.png", "mimeType": "image/png", "buffer": picture(20 * number)}
                             for number in range(12)])
    place(page, 1, 12, 0)
    line(page, "bronze").wait_for()


def violations(page) -> list[str]:
    """What axe-core finds against WCAG 2.1, levels A and AA."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    page.evaluate(Path(axe.__file__).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'], preload: false})")
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


def test_axe_finds_nothing_wherever_one_looks_and_nothing_is_wider_than_a_phone(page):
    press = page.keyboard.press
    twelve(page)
    for key in ("t", "1", "x", "2"):
        press(key)
    page.locator("[role=treeitem][aria-checked=true]").first.wait_for()
    assert not violations(page)
    search(page, "bronse")
    assert not violations(page)
    press("Escape")
    press("Escape")
    press("?")
    assert not violations(page)
    press("?")
    for width in (360, 768):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width and not violations(page)
    press("g")
    page.locator(".tile img[src^='data:image/jpeg']").nth(5).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 768 and not violations(page)


def test_enter_accepts_what_is_likely_and_goes_on_and_the_last_says_what_is_left(page, sessions):
    press = page.keyboard.press
    twelve(page)
    for number in range(2, 5):
        press("Enter")
        place(page, number, 12, number - 1)
    marks = [json.loads(line) for line in decisions(page, sessions).splitlines() if '"marks"' in line]
    assert len(marks) == 3 and marks[0]["images"]["00.png"]["materials"] == {"bronze": "accepted", "materials 00": "accepted", "metall": "accepted"}
    press("u")
    place(page, 3, 12, 2)
    press("0")
    press("2")  # the eleventh line
    playwright.expect(page.locator(".facets li").nth(10).locator(".path button").last).to_have_attribute("data-mark", "accepted")
    for _ in range(9):
        press("n")
        page.wait_for_timeout(50)
    while not page.get_by_text("This was the last of 12 images. Still without a decision: 9.").is_visible():
        press("n")
        page.wait_for_timeout(200)
    press("o")
    place(page, 4, 12)


def test_a_tag_is_confirmed_over_many_photographs_in_the_grid(page, sessions):
    press = page.keyboard.press
    twelve(page)
    press("g")
    page.locator(".tile").nth(11).wait_for()
    playwright.expect(page.locator(".tile img[src^='data:image/jpeg']")).to_have_count(12)
    press("ArrowRight")
    press("x")
    playwright.expect(page.locator(".tile[data-plan=rejected]")).to_have_count(1)
    press("Enter")
    playwright.expect(page.locator(".tile")).to_have_count(1)  # of metal, above what was rejected, nothing is decided
    events = [json.loads(line) for line in history_of(page, sessions).splitlines()]
    marks = [event["images"] for event in events if event["do"] == "marks"]
    assert len(marks) == 1, "the page is one step"
    accepted = [image for image, facets in marks[0].items() if facets["materials"].get("bronze") == "accepted"]
    rejected = [image for image, facets in marks[0].items() if facets["materials"].get("bronze") == "rejected"]
    assert len(accepted) == 11 and len(rejected) == 1
