"""A click in the assistant's trees of 900 tags, in a real browser: until it answers, and until the server's answer is seen.

`python benchmarks/assistant.py [--write]`, with nothing else running. It needs Playwright and a Chromium.
"""

import argparse
import io
import shutil
import socket
import tempfile
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from report import report

from eufcc_lib.assistant.predictor import Answer
from eufcc_lib.assistant.serve import serve
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree

BRANCHES, LEAVES, CLICKS = 30, 29, 40

CLICK = """async (box, name) => {
    const frame = () => new Promise(requestAnimationFrame)
    const rows = [...box.getRootNode().querySelectorAll("[data-color]")]
    const other = rows.find(row => row.querySelector("p").textContent == name).querySelector("input")
    const wanted = !box.checked, start = performance.now()
    box.click()
    await frame()
    const own = performance.now() - start
    while (other.checked != wanted) { await frame() }
    return [own, performance.now() - start]
}"""
"""Milliseconds from a click on a tag until its own box has changed, and until the box of another tag follows, which the
server decides."""

REJECT = """async box => {
    const root = box.getRootNode(), name = box.closest("[data-color]").querySelector("p").textContent
    const row = () => [...root.querySelectorAll("[data-color]")].find(row => row.querySelector("p").textContent == name)
    const rejected = () => getComputedStyle(row().querySelector("p")).textDecorationLine == "line-through"
    const before = rejected(), start = performance.now()
    row().querySelector("button").click()
    while (rejected() == before) { await new Promise(requestAnimationFrame) }
    return performance.now() - start
}"""
"""Milliseconds from a click on a tag's cross until its name is struck through, or no more."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the figures in results/")
    arguments = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        server = get_context("spawn").Process(target=serve_large_trees, args=(port, Path(folder)), daemon=True)
        server.start()
        folded, opened, rejected = click_often(f"http://localhost:{port}/")
        server.terminate()
        server.join()
    rows = {}
    for what, milliseconds in (("a tick, as the trees open", folded[:, 1]), ("a tick, all of a branch opened", opened[:, 1]),
                               ("a rejection, all of a branch opened", rejected)):
        rows |= {f"the answer to {what}: median": np.median(milliseconds) / 1000,
                 f"the answer to {what}: 95 % of clicks": np.percentile(milliseconds, 95) / 1000}
    report("assistant", f"{CLICKS} clicks in a tree of {BRANCHES * (LEAVES + 1)} tags, beside three more of that size",
           "the box that is clicked: median", np.median(folded[:, 0]) / 1000, rows,
           ("panel", "panel-material-ui", "bokeh", "playwright"), arguments.write)


def serve_large_trees(port: int, root: Path) -> None:
    """The assistant, with a model that suggests the first branch of each tree."""
    edges = {f"{branch:02}": {TOP: 1} for branch in range(BRANCHES)}
    edges |= {f"{branch:02}-{leaf:02}": {f"{branch:02}": 1} for branch in range(BRANCHES) for leaf in range(LEAVES)}
    vocabulary = Vocabulary({facet: arrange_tree(facet, edges) for facet in FACET_NAMES})
    scores = {facet: np.linspace(0.9, 0, len(edges), dtype=np.float32) for facet in FACET_NAMES}

    def suggest(_: Path) -> Answer:
        return Answer(scores, scores)
    suggest.dataset = SimpleNamespace(vocabulary=vocabulary)
    serve(suggest, port, root=root)


def click_often(address: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `CLICK` says of each click, float (CLICKS, 2), in the trees as they open and with a whole branch opened, and
    then what `REJECT` says, float (CLICKS,)."""
    with sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        page = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
        page.set_default_timeout(120_000)
        for _ in range(600):
            try:
                page.goto(address)
                break
            except Exception:  # noqa: BLE001  the server is not up yet
                page.wait_for_timeout(200)
        picture = io.BytesIO()
        Image.new("RGB", (300, 200)).save(picture, "png")
        page.get_by_text("Choose images").wait_for()
        page.locator("input[type=file]").first.set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()})

        def tick(name: str):
            row = page.locator("[data-color]", has=page.get_by_text(name, exact=True)).first
            return row.locator("input[type=checkbox]")

        def click() -> np.ndarray:
            milliseconds = []
            for number in range(CLICKS + 4):
                clicked, follows = ("00-03", "00") if number % 2 == 0 else ("00", "00-03")
                milliseconds.append(tick(clicked).evaluate(CLICK, follows))
                page.wait_for_timeout(200)
            return np.array(milliseconds[4:])
        folded = click()
        page.get_by_text("20 more").first.click(force=True)
        page.get_by_text("00-28", exact=True).first.wait_for()
        opened, rejected = click(), []
        for number in range(CLICKS + 4):
            rejected.append(tick("00-03" if number % 4 < 2 else "00-05").evaluate(REJECT))
            page.wait_for_timeout(200)
        return folded, opened, np.array(rejected[4:])


if __name__ == "__main__":
    main()
