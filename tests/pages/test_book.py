"""Every page of the built book in a real browser: it can be read in light, dark and on a phone, and is light to load.

`make test` builds the book and runs these on it; without a built book or a browser they are skipped.
"""

import http.server
import shutil
import threading
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from eufcc_lib.core.paths import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HTML = ROOT / "_build" / "html"
PAGES = sorted(str(page.relative_to(HTML)) for page in HTML.rglob("*.html") if "_static" not in page.parts)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
pytestmark = [pytest.mark.slow,
              pytest.mark.skipif(not PAGES, reason="the book was not built yet: `make book` does"),
              pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to drive")]

CHECKED = {"light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "dark": ["color-contrast", "link-in-text-block"]}
"""What axe-core checks: WCAG 2.1, levels A and AA, and again in the dark what depends on colours."""
AXE = Path(axe.__file__).with_name("axe.min.js")
MOST = {"text": 1_000_000, "pictures": 3_000_000}
"""Bytes, uncompressed, that a first visit may load. `text` is all but pictures: HTML, styles, scripts, fonts and the
theme's own drawings. Pictures are what a page is there to show."""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"

# Elements outside the window or cut by what holds them, and what scrolls without a shadow to say so.
CUT = """() => {
  const width = document.documentElement.clientWidth, cut = [], name = (e) => `${e.tagName.toLowerCase()}.${e.className.baseVal ?? e.className}: ` +
    (e.alt ?? e.textContent).trim().replace(/\\s+/g, " ").slice(0, 40);
  const rolls = (e) => e.scrollWidth > e.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
  const shadowed = (e) => (getComputedStyle(e).backgroundImage.match(/linear-gradient/g) ?? []).length >= 4;
  for (const e of document.querySelectorAll("article :is(table, pre, math, img, svg, figure, figcaption, p, li, .eufcc-table)")) {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || e.closest("details:not([open])")) continue;
    let inside = false;
    for (let p = e.parentElement; p && p !== document.body && !inside; p = p.parentElement) {
      const edge = p.getBoundingClientRect();
      if (rolls(p)) inside = true;
      else if (["hidden", "clip"].includes(getComputedStyle(p).overflowX) && box.right > edge.right + 1) { cut.push(`hidden ${name(e)}`); inside = true; }
    }
    if (!inside && (box.right > width + 1 || box.left < -1)) cut.push(`outside ${name(e)}`);
  }
  for (const e of document.querySelectorAll("article *")) {
    if (!rolls(e) || e.closest("details:not([open])")) continue;
    if (!shadowed(e)) cut.push(`scrolls without a shadow ${name(e)}`);
    if (width > 1000 && e.matches(".cell_input pre")) cut.push(`code of ${e.scrollWidth} > ${e.clientWidth} px ${name(e)}`);
  }
  if (document.documentElement.scrollWidth > width + 1) cut.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  return cut;
}"""
# The rows of a table are alike, and axe looks at each cell for long; and what lies on a gradient it leaves undecided.
SHORT = """() => {
  for (const row of document.querySelectorAll("article tbody tr:nth-child(n + 9)")) row.remove();
  for (const e of document.querySelectorAll("article :is(.eufcc-table, .text_html, .pst-scrollable-table-container, pre, div.math)"))
    e.style.backgroundImage = "none";
}"""
UNNAMED = """() => [...document.querySelectorAll("article img, article svg[role=img]")].filter((e) => {
  const said = e.alt ?? e.ariaLabel ?? "";
  return !said.trim() || /[/\\\\]|\\.(png|jpe?g|svg)$/.test(said) || said === "Interactive figure";
}).map((e) => e.src ?? e.outerHTML.slice(0, 80))"""
FIGURES = """() => [...document.querySelectorAll("article figure[id] > figcaption")].filter((e) => !/^Fig\\. [\\d.]+ /.test(e.textContent.trim()))
  .map((e) => e.textContent)"""


@pytest.fixture(scope="module")
def address():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(HTML)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])


@pytest.fixture
def page(browser):
    """A page of a reader who was never here: no cache, no settings."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    yield context.new_page()
    context.close()


class _Visit:
    """What a page fetched and said while it was read."""

    def __init__(self, page):
        self.bytes = {"text": 0, "pictures": 0}
        self.said, self.remote, kinds = [], [], {}
        page.on("console", lambda message: self.said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.remote.append(request.url) if urlsplit(request.url).hostname != "127.0.0.1"
                and urlsplit(request.url).scheme not in ("data", "blob") else None)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

        def received(event: dict) -> None:
            url = event["response"]["url"]
            kinds[event["requestId"]] = "pictures" if "/_images/" in url else "text"
            if event["response"]["status"] >= 400:
                self.said.append(f"{event['response']['status']} {url}")

        def finished(event: dict) -> None:
            self.bytes[kinds.get(event["requestId"], "text")] += event["encodedDataLength"]

        session.on("Network.responseReceived", received)
        session.on("Network.loadingFinished", finished)


@pytest.mark.parametrize("name", PAGES)
def test_page(name, page, address):
    visit = _Visit(page)
    page.goto(f"{address}/{name}")
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    faults = [f"{kind}: {weight:,} bytes" for kind, weight in visit.bytes.items() if weight > MOST[kind]]
    faults += [f"picture without words: {picture}" for picture in page.evaluate(UNNAMED)]
    faults += [f"figure without number: {caption}" for caption in page.evaluate(FIGURES)]
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(SETTLED)
        faults += [f"{width} px: {fault}" for fault in page.evaluate(CUT)]
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(SHORT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLED)
        faults += [f"{scheme}: {fault}" for fault in _unreadable(page, CHECKED[scheme])]
    faults += visit.said + [f"asks another host: {url}" for url in visit.remote]
    if faults:
        pytest.fail(f"{name}\n  " + "\n  ".join(faults), pytrace=False)


def _unreadable(page, checked: list[str]) -> list[str]:
    """What axe-core finds; without `preload`, by which it would fetch the style sheets once more, from wrong addresses."""
    assert page.evaluate("document.documentElement.dataset.mode") == "auto"
    found = page.evaluate("checked => axe.run({runOnly: checked, resultTypes: ['violations'], preload: false})", checked)["violations"]
    return [f"{fault['id']} in {node['target'][0]}: {(node['any'] or node['all'] or node['none'])[0]['message'][:150]}"
            for fault in found for node in fault["nodes"]]
