"""The built book: it asks nothing of the network, and every figure is really there.

A small book with a formula, an interactive figure, a picture and a glued number is built with the
project's own configuration. Where `make book` has left the real one, it is held to the same.
"""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbformat import v4
from PIL import Image

from eufcc_lib.core.facets import FACETS
from eufcc_lib.core.paths import ROOT
from eufcc_lib.pages.exercises import with_directives
from eufcc_lib.pages.extension import bibtex, feed, is_drawn, mathml, without_icons

# Most of these tests build a book.
pytestmark = pytest.mark.slow

BUILT = ROOT / "_build" / "html"

INDEX = r"""# A small book

{glue:text}`runs/page.ipynb::share:.1f` is glued, and so is {glue:text}`runs/page.ipynb::word:s`.
Of nothing there is no mean: {glue:text}`runs/page.ipynb::nothing:.2f` and {glue:text}`runs/page.ipynb::nothing:d`.

$$
\text{R-Precision} = \frac{1}{N} \sum_{i=1}^{N} \frac{r_i}{R_i}
$$ (precision)

Equation {eq}`precision` holds for every $R_i > 0$.
"""

TOC = """format: jb-book
root: index
parts:
  - caption: Runs
    chapters:
      - file: runs/page
        title: A run
      - file: changes
"""

CHANGES = """# What changed

## 2026-10-02 · A first copy

It had *one* page & one figure.

## 2026-11-30 · A second page

Read it.
"""


def _executed(*outputs: dict) -> nbformat.NotebookNode:
    """A notebook as papermill leaves it, without running one."""
    cells = [v4.new_markdown_cell("# A run")]
    for number, (metadata, data) in enumerate(outputs, 1):
        output = v4.new_output("display_data", data=data, metadata=metadata)
        cells.append(v4.new_code_cell("show()", outputs=[output], execution_count=number))
    cells += [_tagged("exercise", "### Exercise: Two trees\n\nCount `them`."), _tagged("solution", "#### Solution\n\nThere are *two*."),
              v4.new_code_cell("1 + 1", metadata={"tags": ["solution"]}, outputs=[v4.new_output("stream", text="2")]),
              _tagged("exercise", "### Exercise: No tree\n\nThink."), _tagged("solution", "#### Solution\n\nNone.")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


def _tagged(tag: str, source: str) -> nbformat.NotebookNode:
    return v4.new_markdown_cell(source, metadata={"tags": [tag]})


def _glued(name: str, text: str) -> tuple[dict, dict]:
    return {"scrapbook": {"name": name, "mime_prefix": "application/papermill.record/"}}, {
        "application/papermill.record/text/plain": text}


def _picture() -> str:
    import base64
    import io
    buffer = io.BytesIO()
    figure = plt.figure(figsize=(2, 1))
    figure.savefig(buffer, format="png")
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode()


def _write_book(folder: Path, *more: tuple[dict, dict], text: str = "") -> None:
    shutil.copy(ROOT / "_config.yml", folder)
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copy(ROOT / "book" / "references.bib", folder / "book")
    (folder / "book" / "index.md").write_text(INDEX + text)
    (folder / "book" / "_toc.yml").write_text(TOC)
    (folder / "book" / "changes.md").write_text(CHANGES)
    (folder / "book" / "runs").mkdir()
    nbformat.write(_executed(({"image/png": {"narrow": _picture()}}, {"image/png": _picture()}), ({}, {"image/png": _picture()}),
                             _glued("share", "0.25"), _glued("word", "'three'"), _glued("nothing", "nan"), *more),
                   folder / "book" / "runs" / "page.ipynb")


def _build(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([Path(sys.executable).parent / "jupyter-book", "build", "book", "-W", "--keep-going", "--all"], cwd=folder,
                          capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    _write_book(folder)
    done = _build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "_build" / "html"


def test_an_exercise_is_numbered_and_its_solution_is_folded(small):
    page = (small / "runs" / "page.html").read_text()
    assert [re.sub("<[^>]+>| ", "", title) for title in re.findall(r'<p class="admonition-title">(.*?)</p>', page)] == [
        "Exercise1(Twotrees)", "Exercise2(Notree)"]
    first, second = re.findall(r'<details class="solution" id="([^"]+)">\s*<summary>Solution</summary>(.*?)</details>', page, re.DOTALL)
    assert first[0] == "runs-page-exercise-1-solution" and "There are <em>two</em>" in first[1] and "1</span>" in first[1]
    assert "None." in second[1] and "### " not in page and page.count('id="solution-content"') == 0


@pytest.mark.parametrize("cells", [
    [_tagged("solution", "#### Solution\n\nOf nothing.")],
    [_tagged("exercise", "### Two trees\n\nCount.")],
    [_tagged("exercise", "### Exercise: Two trees"), _tagged("solution", "There are two.")]])
def test_what_is_tagged_as_an_exercise_and_reads_otherwise_is_named(cells):
    with pytest.raises(ValueError, match="runs/page: an? (solution|exercise) begins with .*; expected "):
        with_directives(cells, "runs/page")


@pytest.fixture(params=["small", "real"])
def html(request):
    if request.param == "small":
        return request.getfixturevalue("small")
    if not (BUILT / "index.html").exists():
        pytest.skip("the book was not built yet: `make book` does")
    return BUILT


SOURCES = {"script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "source": ("src", "srcset"),
           "video": ("src", "poster"), "audio": ("src",), "embed": ("src",), "object": ("data",),
           "input": ("src",), "use": ("href",), "image": ("href",), "link": ("href",)}
# Relations that tell something about a page, and fetch nothing.
TOLD = {"canonical", "author", "license", "next", "prev", "index", "search", "help", "alternate"}


class _Requests(HTMLParser):
    """Collects what a browser fetches for a page by itself, without a click."""

    def __init__(self, text: str):
        super().__init__()
        self.found, self.inside, self.styles = [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.inside = tag
        if tag == "link" and set((given.get("rel") or "").split()) <= TOLD:
            return
        self.found += [given[name] for name in SOURCES.get(tag, ()) if given.get(name)]
        self.styles.append(given.get("style") or "")

    def handle_data(self, data):
        if self.inside == "style":
            self.styles.append(data)

    def handle_endtag(self, tag):
        self.inside = None


def _pages(html: Path) -> list[Path]:
    """The book's pages; the theme leaves templates of its own in _static."""
    return [page for page in html.rglob("*.html") if "_static" not in page.parts]


def _styled(text: str) -> list[str]:
    """Addresses that a style sheet fetches."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.findall(r"""url\(\s*['"]?([^'")]+)""", text) + re.findall(r"""@import\s+['"]([^'"]+)""", text)


def _fetched(page: Path) -> list[str]:
    requests = _Requests(page.read_text(encoding="utf-8"))
    return requests.found + _styled("\n".join(requests.styles))


def _is_remote(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme not in ("", "data") or bool(parts.netloc)


def test_no_page_and_no_style_sheet_asks_another_host(html):
    pages, sheets = _pages(html), list(html.rglob("*.css"))
    assert len(pages) > 2 and sheets
    remote = {(page.name, address) for page in pages for address in _fetched(page) if _is_remote(address)}
    remote |= {(sheet.name, address) for sheet in sheets
               for address in _styled(sheet.read_text(encoding="utf-8")) if _is_remote(address)}
    assert not remote


def test_no_script_of_a_page_is_told_of_a_server(html):
    """Search, widgets, formulas and live code are where books usually reach for one."""
    servers = re.compile(r"googleapis|jsdelivr|cdnjs|unpkg|mathjax|require\.min\.js|html-manager|thebe|mybinder",
                         re.IGNORECASE)
    for page in _pages(html):
        scripts = re.findall(r"<script\b[^>]*>.*?</script>", page.read_text(encoding="utf-8"),
                             re.DOTALL)
        assert not [script for script in scripts if servers.search(script)], page


def test_everything_a_page_fetches_is_there(html):
    missing = set()
    for page in _pages(html):
        for address in _fetched(page):
            path = unquote(urlsplit(address).path)
            if path and not address.startswith("data:") and not (page.parent / path).exists():
                missing.add((page.name, address))
    assert not missing


def test_formulas_are_mathml(small):
    text = (small / "index.html").read_text(encoding="utf-8")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in text and "<mfrac>" in text
    assert 'display="inline"' in text and '<span class="eqno">(1)' in text
    assert 'href="#equation-precision"' in text and 'id="equation-precision"' in text


def test_a_glued_number_reaches_the_prose(small):
    text = (small / "index.html").read_text(encoding="utf-8")
    assert "0.2<" in text and "three<" in text and text.count("–<") == 2


def test_a_picture_with_a_version_for_phones_opens_as_a_whole(small):
    text = (small / "runs" / "page.html").read_text(encoding="utf-8")
    assert re.search(r'<a class="enlarge"[^>]*><picture><source media="\(max-width: 600px\)" srcset="[^"]*\.webp"/><img [^>]*/>\s*</picture></a>',
                     text)


def test_a_page_loads_no_icon_font_no_search_index_and_nothing_for_what_it_lacks(small):
    text = (small / "index.html").read_text(encoding="utf-8")
    loaded = {Path(urlsplit(address).path).name for address in _Requests(text).found}
    assert "pydata-sphinx-theme.css" in loaded and "custom.css" in loaded
    assert not loaded & {"fontawesome.js", "searchindex.js", "searchtools.js", "sphinx-design.min.css", "figures.js", "togglebutton.js"}
    assert not list((small / "_static").rglob("fa-*")) and not list((small / "_static").rglob("*.map"))
    assert "searchindex.js" in (small / "search.html").read_text(encoding="utf-8")


def test_icon_rules_go_and_all_else_stays():
    kept = "@media print{.d{display:none}}a .fa-x{x:y}@media (min-width:9px){.b,.fa-y{c:d}}"
    icons = "/* Font Awesome */.fa-bars:before,.fas{content:'x'}@font-face{font-family:Font Awesome\\ 6 Free;src:url(x)}.fa-2x{y:z}"
    assert without_icons("a{b:c}" + icons + kept) == "a{b:c}" + kept


def test_a_picture_opens_and_a_drawing_is_marked(small, tmp_path):
    text = (small / "runs" / "page.html").read_text(encoding="utf-8")
    found = re.search(r'<a class="[^"]*" href="(\.\./_images/[^"]+\.png)"[^>]*><img data-drawn="" [^>]*src="([^"]+)"', text)
    assert found and found[1] == found[2] and (small / "runs" / found[1]).exists()
    noise = Image.effect_noise((300, 300), 90)
    Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)]).save(tmp_path / "photograph.png")
    assert not is_drawn(tmp_path / "photograph.png")


def test_a_page_says_how_to_cite_it(small):
    text = (small / "runs" / "page.html").read_text(encoding="utf-8")
    assert "<summary>Cite this page</summary>" in text and "@misc{eufcc-page," in text and "title = {A run}" in text
    assert "Cite this page" not in (small / "search.html").read_text(encoding="utf-8")
    assert r"title = {R\&D at 50\%}" in bibtex("key", "We", "R&D at 50%", "Book", "1", "2026-11-30")


def test_the_feed_tells_what_changed_newest_first_and_each_page_names_it(small):
    atom = {"": "http://www.w3.org/2005/Atom"}
    entries = ElementTree.parse(small / "feed.xml").findall("entry", atom)
    assert [entry.findtext("title", namespaces=atom) for entry in entries] == ["A second page", "A first copy"]
    assert entries[1].findtext("updated", namespaces=atom) == "2026-10-02T00:00:00Z"
    assert entries[1].findtext("summary", namespaces=atom) == "It had one page & one figure."
    page, _, place = entries[0].find("link", atom).get("href").partition("#")
    assert f'id="{place}"' in (small / page).read_text(encoding="utf-8")
    assert '<link rel="alternate" type="application/atom+xml" title="What changed in this book" href="../feed.xml" />' in (
        small / "runs" / "page.html").read_text(encoding="utf-8")
    same = feed("Book", "We", [("2026-11-30", "News", "changes.html#news", "Text")])
    assert same == feed("Book", "We", [("2026-11-30", "News", "changes.html#other", "Text")]).replace("#other", "#news")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "\n$$x_a_b$$\n", "\n{glue:text}`runs/page.ipynb::missing:s`\n"],
                         ids=["an output that nobody can show", "a formula that is none", "a number that is not there"])
def test_what_cannot_be_shown_fails_the_build(tmp_path, text):
    unshowable = () if text else (({}, {"application/vnd.unheard-of+json": {"shown": "nowhere"}}),)
    _write_book(tmp_path, *unshowable, text=text)
    assert _build(tmp_path).returncode != 0


def test_formula_keeps_its_kind():
    assert 'display="inline"' in mathml("R_i", "inline") and 'display="block"' in mathml("R_i", "block")


def test_logo_wears_the_colours_of_the_facets():
    for name in ("logo.svg", "favicon.svg"):
        drawn = (ROOT / "book" / "_static" / name).read_text()
        assert all(facet.colour in drawn for facet in FACETS)
