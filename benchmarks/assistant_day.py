"""A cataloguer's day at the assistant in a real browser, by keyboard alone: from the choice of the files to csv and LIDO.

    python benchmarks/assistant_day.py PHOTOGRAPHS TRUTH.csv --data mini [--records 300] [--grid 4]
    python benchmarks/assistant_day.py PHOTOGRAPHS TRUTH.csv --data mini --images 5000

The cataloguer knows the answer, `idInSource` in TRUTH.csv being the name of a photograph, and enters exactly that. The first
form counts actions, times each turn of the page and looks for a decision that was lost or that nobody made; the second says
what a session of many images costs. It needs Playwright and a Chromium.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, TimeoutError, sync_playwright
from report import machine

from eufcc_lib.assistant import session
from eufcc_lib.assistant.any_term import AnyTerm
from eufcc_lib.assistant.exports.lido import NAMESPACE
from eufcc_lib.assistant.predictor import load_predictor
from eufcc_lib.assistant.simulate import BY_HAND, SEARCHING, SUGGESTED, count_actions, face
from eufcc_lib.assistant.store import Store
from eufcc_lib.assistant.term_search import terms_of
from eufcc_lib.core import paths
from eufcc_lib.core.facets import FACET_NAMES, FACETS
from eufcc_lib.core.hardware import find_chromium
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import Vocabulary

TURNS = 60
"""Pages that are turned in a session of many images."""

RUN = """
import sys
from pathlib import Path
from eufcc_lib.core import paths
paths.DATA = Path(sys.argv.pop(1))
from eufcc_lib.__main__ import main
sys.exit(main())
"""
"""`eufcc`, with the data in another folder."""

WATCH = """(() => {
    const find = (root, selector) => {
        const found = root.querySelector(selector)
        if (found) return found
        for (const part of root.querySelectorAll("*")) {
            const inside = part.shadowRoot && find(part.shadowRoot, selector)
            if (inside) return inside
        }
        return null
    }
    const parts = () => (window.Bokeh?.documents ?? []).flatMap(one => [...one._all_models.values()])
        .map(model => model.attributes?.data?.attributes).filter(data => data?.shown)
    const day = window.day = {turns: []}
    day.proposals = () => parts().find(({shown}) => shown.facets && "asking" in shown)?.shown
    day.grid = () => parts().find(({shown}) => shown.tiles)?.shown
    day.image = () => {  // once its picture is on the screen, and all that is proposed for it
        const shown = day.proposals(), picture = find(document, ".part-picture")?.shadowRoot.querySelector("img")
        return shown && !shown.asking && picture?.alt === shown.image && picture.complete && picture.naturalWidth ? shown.image : ""
    }
    day.part = name => find(document, `.${name}`)?.shadowRoot
    let since = 0, before = "", looking = false
    const look = () => {
        const now = day.image()
        if (now && now !== before) {
            if (before) day.turns.push(performance.now() - since)
            looking = false
        } else {
            requestAnimationFrame(look)
        }
    }
    window.addEventListener("keydown", () => {
        since = performance.now()
        before = looking ? before : day.image()
        if (before && !looking) requestAnimationFrame(look)
        looking ||= Boolean(before)
    }, true)
})()"""
"""Tells which image is on the screen, and keeps the milliseconds from the last key before another one was."""

LINES = """() => [...day.part("part-proposals").querySelectorAll("section")].flatMap(section => [...section.querySelectorAll("ol li")].map(line => ({
    facet: section.ariaLabel, kind: line.className.trim().split(" ")[0], busy: line.ariaBusy === "true",
    parts: [...line.querySelectorAll(".path button")].map(part => [part.firstChild.textContent, part.dataset.mark])})))"""

FINDS = """() => [...day.part("part-terms").querySelectorAll("[role=option]")].map(find => ({
    text: [...find.querySelector(".text").childNodes].find(part => part.nodeType === Node.TEXT_NODE).textContent,
    title: find.querySelector(".text small").textContent.replace(/: $/, ""), chosen: find.ariaSelected === "true"}))"""

TITLES = {facet.title("en"): facet.name for facet in FACETS}

_PLACES = {"objectTypes": "objectWorkType", "materials": "termMaterialsTech", "classifications": "classification", "subjects": "subjectConcept"}


@dataclass(frozen=True)
class Line:
    """A numbered line of the page: its facet, its kind, and by tag what it is called and how it is marked."""

    facet: str
    kind: str
    parts: tuple[tuple[str, str], ...]

    @property
    def last(self) -> str:
        """What the proposed tag is called."""
        return self.parts[-1][0]


@dataclass(frozen=True)
class Wanted:
    """What is to be entered of an image.

    Attributes:
        paths: by facet, what the terms are called, the broadest first.
        pairs: by facet, a term that the models know and one that they do not, which the record has somewhere below it.
    """

    paths: Mapping[str, frozenset[tuple[str, ...]]]
    pairs: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def ends(self, facet: str) -> set[str]:
        """The narrowest terms."""
        found = self.paths.get(facet, frozenset())
        above = {text for path in found for text in path[:-1]}
        return {path[-1] for path in found} - above

    def right(self, facet: str) -> set[str]:
        """All terms, with those above them."""
        return {text for path in self.paths.get(facet, ()) for text in path}


@dataclass(frozen=True)
class Plan:
    """What is done about an image: `keys`, then `searches` of a facet's terms, then the key that `leaves` it."""

    keys: tuple[str, ...]
    searches: tuple[tuple[str, str], ...]
    leaves: str

    @property
    def actions(self) -> int:
        """Keys, with each search for as much as `simulate` counts it."""
        return len(self.keys) + SEARCHING * len(self.searches) + 1


def plan(lines: Sequence[Line], wanted: Wanted) -> Plan:
    """The shorter of two ways: reject what is wrong of the likely, then Enter; or choose line by line, then on."""
    accepting, choosing = _plan(lines, wanted, True), _plan(lines, wanted, False)
    return choosing if accepting is None or choosing.actions < accepting.actions else accepting


def _plan(lines: Sequence[Line], wanted: Wanted, accepting: bool) -> Plan | None:
    """One way; None where Enter would accept what no key can keep out."""
    keys, searches, covered = [], [], {facet: set() for facet in FACET_NAMES}
    for number, line in enumerate(lines, 1):
        right = wanted.right(line.facet)
        covered[line.facet] |= {text for text, mark in line.parts if mark == "accepted"}
        wrong = line.last not in right and line.parts[-1][1] != "rejected"
        if line.parts[-1][1] == "accepted" and wrong:
            keys += _digits(number)
        elif accepting and line.kind == "likely":
            kept = line.parts[:-1] if line.last not in right else line.parts
            if not {text for text, _ in kept} <= right:
                return None
            keys += ["x", *_digits(number)] if wrong else []
            covered[line.facet] |= {text for text, _ in kept}
    for facet in FACET_NAMES:
        for end in sorted(wanted.ends(facet) - covered[facet]):
            found = _on_a_line(lines, facet, end, wanted.right(facet))
            keys += found
            searches += [] if found else [(facet, end)]
    return Plan(tuple(keys), tuple(searches), "Enter" if accepting else "n")


def _on_a_line(lines: Sequence[Line], facet: str, end: str, right: set[str]) -> list[str]:
    """The keys that accept a term on one of the lines; none where a search is needed."""
    of_facet = [(_digits(number), line) for number, line in enumerate(lines, 1) if line.facet == facet]
    for digits, line in of_facet:
        if line.last == end:
            return digits
    for digits, line in of_facet:  # the line is accepted, and what is wrong of it rejected
        if len(digits) == 1 and len(line.parts) > 1 and line.parts[-2][0] == end and line.last not in right and not line.parts[-1][1]:
            return [*digits, "x", *digits]
    return []


def _digits(number: int) -> list[str]:
    """The keys of a line: a zero for each nine lines before it."""
    return ["0"] * ((number - 1) // 9) + [str((number - 1) % 9 + 1)]


class Speech:
    """What terms are called on the page, and what they are called by in the files."""

    def __init__(self, vocabulary: Vocabulary, terms: AnyTerm):
        self.vocabulary, self.terms = vocabulary, terms

    def path(self, facet: str, name: str) -> tuple[str, ...]:
        """From the broadest term to this one, by name."""
        taxonomy, found = self.vocabulary[facet], self.terms.find(facet, name)
        return taxonomy.path(taxonomy.index[name]) if name in taxonomy.index else found.path if found else (name,)

    def wanted(self, paths: Mapping[str, Sequence[Sequence[str]]]) -> Wanted:
        """What is to be entered for a record with these paths by facet: what ends them, and where the models do not know that, also
        the narrowest term above it that they know."""
        pairs = {facet: {(([one for one in path if one in self.vocabulary[facet].index] or path)[-1], path[-1]) for path in found}
                 for facet, found in paths.items()}

        def text(facet: str, name: str) -> str:
            return self.terms.text(facet, name, "en")
        return Wanted({facet: frozenset(tuple(text(facet, above) for above in self.path(facet, name)) for pair in found for name in pair)
                       for facet, found in pairs.items()},
                      {facet: frozenset((text(facet, known), text(facet, name)) for known, name in found if known != name)
                       for facet, found in pairs.items()})


@dataclass
class Day:
    """A cataloguer at a page.

    Args:
        page: of Playwright, with `WATCH` on it.
        speech: of the models that suggest.
        wanted: by name of the image what is to be entered.

    Attributes:
        keys: counted, by what they are for; a typed word is one action and `letters`.
        actions: by image those on its page.
        purpose: what the next keys are for.
        searches: so many were made.
        lost_focus: how often the choice of a tag in the grid lost the focus when the page was drawn anew.
    """

    page: Page
    speech: Speech
    wanted: Mapping[str, Wanted]
    keys: Counter = field(default_factory=Counter)
    actions: dict[str, int] = field(default_factory=dict)
    purpose: str = "load"
    searches: int = 0
    lost_focus: int = 0

    def press(self, *keys: str) -> None:
        """Some keys, each an action."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys[self.purpose] += 1

    def type(self, text: str) -> None:
        """A word, one action."""
        self.page.keyboard.type(text)
        self.keys[self.purpose] += 1
        self.keys["letters"] += len(text)

    def load(self, files: Sequence[Path]) -> None:
        """Choose files, and wait until all have come."""
        self.page.locator("dialog[aria-labelledby=keys]").wait_for(state="attached")  # from then on keys are heard
        self.page.locator("input[type=file]").first.wait_for(state="attached")
        self._choose_files(files)
        self.page.get_by_text(f" of {len(files)} ·").wait_for(timeout=600_000)
        self.arrive("")

    def _choose_files(self, files: Sequence[Path]) -> None:
        for _ in range(10):
            try:
                with self.page.expect_file_chooser(timeout=5000) as chooser:
                    self.press("a")
                return chooser.value.set_files(files)
            except TimeoutError:  # the page was not ready for a key
                continue
        raise SystemExit("The key a opens no choice of files.")

    def arrive(self, before: str) -> str:
        """The image that is shown, once it is another one."""
        return self.page.wait_for_function("before => { const now = day.image(); return now !== before && now }", arg=before).json_value()

    def lines(self) -> list[Line]:
        """What the page says now, once it is written."""
        self.page.wait_for_function(f"() => !({LINES})().some(({{busy}}) => busy)")
        return [Line(TITLES[line["facet"]], line["kind"], tuple(map(tuple, line["parts"]))) for line in self.page.evaluate(LINES)]

    def search(self, facet: str, text: str) -> None:
        """Find a term and accept it."""
        self.searches += 1
        self.press("/")
        self.type(text)
        title = next(title for title, name in TITLES.items() if name == facet)
        finds = self.page.wait_for_function(f"""() => {{
            const finds = ({FINDS})(), now = JSON.stringify(finds)
            if (day.finds !== now) [day.finds, day.since] = [now, performance.now()]
            return performance.now() - day.since > 250 && finds.length && finds }}""").json_value()
        place = next((place for place, find in enumerate(finds) if (find["text"], find["title"]) == (text, title)), None)
        assert place is not None, f"the search offers no {text!r} of {facet}"
        chosen = next((place for place, find in enumerate(finds) if find["chosen"]), -1)
        self.press(*["ArrowDown"] * (place - chosen), "Enter")
        self.page.wait_for_function(f"() => !({FINDS})().length")

    def decide(self, image: str) -> None:
        """Enter what is wanted of the image on the screen, and leave it."""
        before = sum(self.keys.values()) - self.keys["letters"]
        done = plan(self.lines(), self.wanted[image])
        self.purpose = "choose"
        self.press(*done.keys)
        self.purpose = "search"
        for facet, text in done.searches:
            self.search(facet, text)
        self.purpose = done.leaves
        self.press(done.leaves)
        self.actions[image] = sum(self.keys.values()) - self.keys["letters"] - before

    def decide_all(self) -> None:
        """Go through the batch, from the image on the screen to the last one."""
        image = self.arrive("")
        for number in range(len(self.wanted)):
            self.decide(image)
            image = self.arrive(image) if number + 1 < len(self.wanted) else image
        self.page.locator(".notice[role=alert]").wait_for()

    def review(self, tags: int) -> None:
        """The grid: of so many tags, those that it lists first, accept or reject each on all photographs."""
        self.purpose = "grid"
        self.press("g")
        self.page.wait_for_function("""() => {
            if (!day.grid()?.open || day.grid().asking) day.asked = performance.now()
            return performance.now() - (day.asked ??= performance.now()) > 2000 }""", timeout=600_000)  # the models were asked about all
        for _ in range(tags):
            self._choose_next()
            for _ in range(self.page.evaluate("day.grid().pages")):
                self._write_page()
        self.press("Escape")
        self.page.wait_for_function("() => !day.grid().open")

    def _choose_next(self) -> None:
        before = self.page.evaluate("day.grid().choice")
        self.press("/", "ArrowDown")
        self.page.wait_for_function("before => day.grid().choice !== before", arg=before)
        self.page.wait_for_timeout(200)
        if self.page.locator("select").evaluate("select => select.getRootNode().activeElement === select"):
            self.press("Enter")
        else:
            self.lost_focus += 1

    def _write_page(self) -> None:
        """Accept what is right of a page of the grid, reject what is wrong of the likely, and write it."""
        shown, at, meant = self.page.evaluate("day.grid()"), 0, {}
        columns = self.page.locator(".tile").evaluate_all("""tiles => {
            const tops = tiles.map(tile => tile.getBoundingClientRect().top)
            return tops.filter(top => top === tops[0]).length }""")
        for place, tile in enumerate(shown["tiles"]):
            (facet, tag), = tile["tags"]
            right = self.speech.terms.text(facet, tag, "en") in self.wanted[tile["image"]].right(facet)
            planned = tile["mark"] or ("accepted" if tile["likely"] else "")
            meant[tile["image"]] = "accepted" if right else "rejected" if planned == "accepted" else planned
            if meant[tile["image"]] != planned:
                self._move(place - at, columns, len(shown["tiles"]) - 1 - at)
                self.press(" " if right else "x")
                at = place
        self.press("Enter")
        self.page.wait_for_function("([page, meant]) => day.grid().page !== page || day.grid().tiles.every(({image, mark}) => mark === meant[image])",
                                    arg=[shown["page"], meant])

    def _move(self, steps: int, columns: int, left: int) -> None:
        """So many photographs on, of those `left` on the page, by whole rows first."""
        rows = min(range(left // columns + 1), key=lambda rows: rows + abs(steps - rows * columns))
        across = steps - rows * columns
        self.press(*["ArrowDown"] * rows, *["ArrowRight" if across > 0 else "ArrowLeft"] * abs(across))

    def save(self, folder: Path) -> Path:
        """The csv that the page gives."""
        self.purpose = "save"
        with self.page.expect_download() as download:
            self.press("s")
        path = folder / "annotations.csv"
        download.value.save_as(path)
        return path


@contextmanager
def opened(address: str, who: str = "Ada", size: tuple[int, int] = (1440, 900)) -> Iterator[Page]:
    """A page of the assistant in a browser of its own."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield new_page(chromium, address, who, size)
        chromium.close()


def new_page(chromium, address: str, who: str, size: tuple[int, int] = (1440, 900)) -> Page:
    """A page of the assistant, of somebody of this name."""
    context = chromium.new_context(viewport=dict(zip(("width", "height"), size, strict=True)), accept_downloads=True)
    context.set_default_timeout(60_000)
    context.add_init_script(WATCH)
    context.add_cookies([{"name": "assistant_who", "value": who, "url": address}])
    page = context.new_page()
    page.goto(address)
    page.wait_for_url("**session=*")
    return page


def read_csv(path: Path, speech: Speech) -> dict[str, dict[str, set[str]]]:
    """By record and facet what the narrowest terms of a csv are called."""
    records = read_records(path)
    wanted = [speech.wanted({facet: records.paths(facet, row) for facet in FACET_NAMES}) for row in range(len(records))]
    return {name: {facet: one.ends(facet) for facet in FACET_NAMES} for name, one in zip(records.ids, wanted, strict=True)}


def read_lido(path: Path) -> dict[str, dict[str, set[str]]]:
    """By record and facet the English terms of a LIDO file, or those in no language."""
    found, space, lang = {}, f"{{{NAMESPACE}}}", "{http://www.w3.org/XML/1998/namespace}lang"
    for record in ET.parse(path).getroot().iter(f"{space}lido"):
        terms = {facet: {term.text for concept in record.iter(space + name) for term in concept.findall(f"{space}term")
                         if term.get(lang, "en") == "en"} - {"not recorded"} for facet, name in _PLACES.items()}
        found[record.findtext(f"{space}lidoRecID")] = terms
    return found


def compare(found: Mapping[str, Mapping[str, set[str]]], wanted: Mapping[str, Wanted]) -> dict[str, list]:
    """Decisions that are `lost` on the way to a file, and that are `invented`, as (record, facet, term).

    Where a file has the term below, it need not have the one above: a dictionary may say that it is there.
    """
    lost, invented = [], []
    for image, one in wanted.items():
        for facet in FACET_NAMES:
            there = found.get(Path(image).stem, {}).get(facet, set())
            above = {known for known, name in one.pairs.get(facet, ()) if name in there}
            lost += [(image, facet, text) for text in sorted(one.ends(facet) - there - above)]
            invented += [(image, facet, text) for text in sorted(there - one.ends(facet))]
    return {"lost": lost, "invented": invented}


@contextmanager
def served(data: str, sessions: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """The assistant in a process of its own, whose sessions are in `sessions/assistant`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = run(sessions, "assistant", "--data", data, "--port", str(port))
    try:
        while process.poll() is None:
            with socket.socket() as trying:
                if not trying.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.1)
        yield f"http://localhost:{port}/", process
    finally:
        process.terminate()
        process.wait()


def run(sessions: Path, *arguments: str) -> subprocess.Popen:
    """`eufcc` with these arguments, its sessions elsewhere."""
    for path in paths.DATA.iterdir() if paths.DATA.is_dir() else ():
        if path.name != "assistant" and not (sessions / path.name).exists():
            (sessions / path.name).symlink_to(path.resolve())
    return subprocess.Popen([sys.executable, "-c", RUN, str(sessions), *arguments], stdout=subprocess.DEVNULL,
                            env=os.environ | {"PYTHONPATH": str(paths.ROOT)})


def export_lido(sessions: Path, name: str, out: Path, *options: str) -> dict[str, dict[str, set[str]]]:
    """What `eufcc export --format lido` says of a session."""
    if status := run(sessions, "export", name, "--format", "lido", "--out", str(out), *options).wait():
        raise SystemExit(f"eufcc export failed with status {status}.")
    return read_lido(out)


def memory(process: subprocess.Popen) -> float:
    """Megabytes that a process holds now."""
    return int(next(line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmRSS" in line).split()[1]) / 1024


def spread(milliseconds: Sequence[float]) -> dict[str, float]:
    """How long the turns of the page took."""
    return {"turns": len(milliseconds), "p50": round(float(np.percentile(milliseconds, 50))),
            "p95": round(float(np.percentile(milliseconds, 95))), "most": round(max(milliseconds))}


def simulated(store: Store, speech: Speech, wanted: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, float]:
    """Actions per record that `simulate` counts for the same images, with the suggestions that the session has."""
    totals: Counter = Counter()
    for image, facets in wanted.items():
        suggested = store.state.suggestions(image)
        for facet, names in facets.items():
            tree, scores = speech.vocabulary[facet], np.zeros(len(speech.vocabulary[facet]))
            for tag, score in suggested.get(facet, {}).items():
                scores[tree.index[tag]] = score
            if len(tree):
                counted = count_actions(face(names, scores, tree, 2.0))
                totals += Counter({way: sum(counted[way].values()) for way in (BY_HAND, SUGGESTED)})
    return {way: round(totals[way] / len(wanted) + 1, 2) for way in (BY_HAND, SUGGESTED)}


def promised(store: Store, speech: Speech, wanted: Mapping[str, Wanted]) -> dict[str, dict]:
    """By facet what was promised of the likely tags, and what share of them is right, of records annotated in the facet."""
    found = {}
    for model in store.state.models().values():
        for facet, promise in dict(model.promised).items():
            likely = [speech.terms.text(facet, tag, "en") in one.right(facet) for image, one in wanted.items() if one.right(facet)
                      for tag, score in store.state.suggestions(image).get(facet, {}).items() if score >= promise.threshold]
            found[facet] = {"promised": promise.precision, "threshold": round(promise.threshold, 3), "likely": len(likely),
                            "right": round(float(np.mean(likely)), 3) if likely else None}
    return found


def work(data: str, files: Sequence[Path], truth: Path, tags: int, out: Path) -> dict:
    """One day: all is entered, then the files that leave are compared with what was entered."""
    predictor = load_predictor(data)
    speech, records = Speech(predictor.vocabulary, terms_of(predictor)), read_records(truth)
    rows = {name: row for row, name in enumerate(records.ids)}
    cells = {file.name: {facet: records.paths(facet, rows[file.stem]) for facet in FACET_NAMES} for file in files}
    wanted = {image: speech.wanted(paths) for image, paths in cells.items()}
    out.mkdir(parents=True, exist_ok=True)
    with served(data, out) as (address, process), opened(address) as page:
        page.locator("dialog[aria-labelledby=keys]").wait_for(state="attached")
        empty, start = memory(process), time.perf_counter()
        day = Day(page, speech, wanted)
        day.load(files)
        loaded = time.perf_counter() - start
        if tags:
            day.review(tags)
        reviewed = time.perf_counter() - start - loaded
        day.decide_all()
        decided = time.perf_counter() - start - loaded - reviewed
        csv = day.save(out)
        name, full, turns = page.url.partition("session=")[2].partition("&")[0], memory(process), page.evaluate("day.turns")
    people, all_tags = (export_lido(out, name, out / f"{kind}.xml", *options) for kind, options in
                        (("lido", ["--without-machine"]), ("lido_and_machine", [])))
    store = Store(out / "assistant" / name)
    ends = {image: {facet: sorted({path[-1] for path in paths}) for facet, paths in facets.items()} for image, facets in cells.items()}
    result = {
        "records": len(files), "data": data, "machine": machine("panel", "bokeh", "playwright"),
        "actions per record": round(sum(value for key, value in day.keys.items() if key != "letters") / len(files), 2),
        "of these, by what for": {key: round(value / len(files), 2) for key, value in day.keys.items() if key != "letters"},
        "searches per record": round(day.searches / len(files), 2), "times the choice of a tag lost the focus": day.lost_focus,
        "letters typed per record": round(day.keys["letters"] / len(files), 2),
        "actions on a record's page": {"p50": float(np.median(list(day.actions.values()))), "most": max(day.actions.values())},
        "simulated ways, actions per record": simulated(store, speech, ends),
        "milliseconds from the key to the next image": spread(turns),
        "seconds": {"load": round(loaded, 1), "grid": round(reviewed, 1), "desk": round(decided, 1)},
        "server's megabytes, empty and at the end": [round(empty), round(full)],
        "promised": promised(store, speech, wanted),
        "terms entered": sum(len(one.ends(facet)) for one in wanted.values() for facet in FACET_NAMES),
        "csv": compare(read_csv(csv, speech), wanted), "lido": compare(people, wanted),
        "tags that only a model suggested, in a lido file that has them": len(compare(all_tags, wanted)["invented"]),
    }
    store.close()
    return result


def hold(data: str, files: Sequence[Path], images: int, out: Path) -> dict:
    """A session of many images with three decisions each: how long it takes to open and to turn a page, and its memory."""
    vocabulary, folder = load_predictor(data).vocabulary, out / "assistant" / "large"
    (folder / "images").mkdir(parents=True)
    names = []
    for number in range(images):
        file = files[number % len(files)]
        names.append([f"{number:05}.jpg", f"{number:064x}{file.suffix}"])
        os.link(file, folder / "images" / names[-1][1]) if file.stat().st_dev == out.stat().st_dev else (
            folder / "images" / names[-1][1]).write_bytes(file.read_bytes())
    store, tree = Store(folder), vocabulary["materials"]
    store.do({"do": "add", "images": names})
    start = time.perf_counter()
    for number in range(3 * images):
        store.do(session.accept(store.state, tree, names[number % images][0], [number // images]))
    seconds = time.perf_counter() - start
    store.close()
    with served(data, out) as (address, process):
        empty = memory(process)
        start = time.perf_counter()
        with opened(f"{address}?session=large") as page:
            page.wait_for_function("() => day.image()")
            first, one = time.perf_counter() - start, memory(process)
            image = page.evaluate("day.image()")
            for _ in range(TURNS):
                page.keyboard.press("n")
                image = page.wait_for_function("before => { const now = day.image(); return now !== before && now }", arg=image).json_value()
            turns = page.evaluate("day.turns")
            start = time.perf_counter()
            page.reload()
            page.wait_for_function("() => window.day?.image()")
            return {"images": images, "decisions": 3 * images, "machine": machine("panel", "bokeh", "playwright"),
                    "milliseconds to write a decision": round(1000 * seconds / (3 * images), 2),
                    "seconds to open, with the browser's start": round(first, 2), "seconds to load anew": round(time.perf_counter() - start, 2),
                    "milliseconds from the key to the next image": spread(turns),
                    "server's megabytes, empty, opened, after the turns": [round(empty), round(one), round(memory(process))]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="their folder")
    parser.add_argument("truth", type=Path, help="a csv in the official form")
    parser.add_argument("--data", default="mini", help="the data set whose trained models suggest (default: %(default)s)")
    parser.add_argument("--records", type=int, default=300, help="the most photographs of the csv, drawn at random (default: %(default)s)")
    parser.add_argument("--grid", type=int, default=0, metavar="TAGS", help="first go through so many tags in the grid")
    parser.add_argument("--images", type=int, help="a session of so many images instead of a day")
    parser.add_argument("--out", type=Path, help="keep the session and the files here")
    arguments = parser.parse_args()
    ids = read_records(arguments.truth).ids
    known = sorted(file for file in arguments.photographs.iterdir() if file.stem in set(ids))
    chosen = sorted(known[place] for place in np.random.default_rng(0).permutation(len(known))[:arguments.records])
    with tempfile.TemporaryDirectory() as folder:
        out = arguments.out or Path(folder)
        found = (hold(arguments.data, chosen, arguments.images, out) if arguments.images else
                 work(arguments.data, chosen, arguments.truth, arguments.grid, out))
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
