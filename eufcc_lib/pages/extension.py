"""What Sphinx, MyST-NB and the theme lack for light pages that need no network.

A Sphinx extension: formulas become MathML while the book is built. A number that there is not, glued as
NaN, becomes a dash. Links of a template, which lead from notebooks/ to book/, lead from the run beside the
book's own pages, and its exercises get folded solutions (`exercises`). Pictures open large, each page says
how to cite it, what changed is a feed, and nothing is left of the theme that no page uses (`theme/` replaces
two of its templates). `_config.yml` names this module; `pictures` is the renderer that pyproject.toml names.
"""

import functools
import json
import re
import shutil
import uuid
from html import escape
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue import crossref, roles
from PIL import Image
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from . import exercises, pictures

logger = logging.getLogger(__name__)

THEME = Path(__file__).with_name("theme")
CHANGES = "changes"
"""The page whose dated sections, `## 2026-11-30 · title`, become the feed."""
_ATOM = "http://www.w3.org/2005/Atom"
# What the theme and Sphinx copy for every book, and no page of this one asks for.
_UNUSED = ("locales", "vendor", "images", "scripts/fontawesome.js*", "**/*.map", "*webpack-macros.html")
# What is only linked where the page has something for it: a part of the file's name, and a part of the page.
_ONLY_WHERE = {"sphinx-design": 'class="sd-', "design-tabs": 'class="sd-tab', "togglebutton": "toggle"}


def _format(text: str, spec: str) -> str:
    """A glued value as text; a dash for a number that there is not, which is glued as NaN."""
    return "–" if text == "nan" else format_plain_text(text, spec)


def mathml(latex: str, display: str) -> str:
    """The formula as a `<math>` element; `display` is "inline" or "block"."""
    return convert(latex.strip(), display=display)


def _visit_math(translator, node) -> None:
    translator.body.append(_converted(node, "inline"))
    raise nodes.SkipNode


def _visit_math_block(translator, node) -> None:
    number = get_node_equation_number(translator, node) if node.get("number") else ""
    label = f'<span class="eqno">({number})</span>' if number else ""
    anchor = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    translator.body.append(f'<div class="math"{anchor}>{_converted(node, "block")}{label}</div>')
    raise nodes.SkipNode


def _converted(node, display: str) -> str:
    try:
        return mathml(node.astext(), display)
    except Exception as error:  # noqa: BLE001  whatever the converter cannot read is a mistake in the chapter
        logger.warning("formula %r: %s", node.astext(), error, location=node)
        return escape(node.astext())


def _read_run(app, docname: str, source: list[str]) -> None:
    """A run as a page: without the cell that papermill injects, and with links to the pages as they lie in the book."""
    if not source[0].lstrip().startswith("{") or '"cells"' not in source[0]:
        return
    run = json.loads(source[0])
    for cell in run["cells"]:
        tags = cell["metadata"].setdefault("tags", [])
        if "injected-parameters" in tags:
            tags.append("remove-cell")
    run["cells"] = exercises.with_directives(run["cells"], docname)
    source[0] = json.dumps(run).replace("](../book/", "](../")


def _link_what_is_used(app, pagename, templatename, context, doctree) -> None:
    """The style sheets and scripts of extensions, where the page has something for them."""
    body = context.get("body", "")
    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context[kind] if all(
            part in body for name, part in _ONLY_WHERE.items() if name in str(getattr(file, "filename", None) or ""))]


def _open_pictures(app, pagename, templatename, context, doctree) -> None:
    """Each picture leads to its file, where it can be enlarged; a drawing is marked for the dark theme."""
    sources = {name: Path(app.srcdir, source) for source, name in app.builder.images.items()}

    def opening(found: re.Match) -> str:
        image, address = found["image"], found["address"]  # a picture with a version for phones is wrapped as a whole
        if is_drawn(sources[address.rpartition("/")[2]]):
            image = image.replace("<img ", '<img data-drawn="" ', 1)
        return found["link"] + image if found["link"] else f'<a class="enlarge" href="{address}" title="Open the picture">{image}</a>'

    context["body"] = re.sub(r'(?P<link>(<a [^>]*>\s*)?)(?P<image>(<picture><source[^>]*>)?<img [^>]*?src="(?P<address>[^"]*_images/[^"]+)"[^>]*>(\s*</picture>)?)', opening,
                             context.get("body", ""))


@functools.cache
def is_drawn(path: Path) -> bool:
    """Whether a PNG is lines and areas, which the dark theme may turn over; a photograph or a screen has more colours."""
    if path.suffix != ".png":
        return False
    with Image.open(path) as image:
        small = image.convert("RGB")
        small.thumbnail((800, 800), Image.Resampling.NEAREST)
    return len(small.point(lambda value: value // 8).getcolors(800 * 800)) <= 400


def bibtex(key: str, authors: str, title: str, book: str, release: str, date: str) -> str:
    """An entry for one page of the book; `date` is ISO, and what LaTeX would take for a command is escaped."""
    plain = [re.sub(r"([&%$#_{}])", r"\\\1", text) for text in (authors, title, book, release)]
    fields = {"author": f"{{{plain[0]}}}", "title": plain[1], "howpublished": rf"In: \emph{{{plain[2]}}}, version {plain[3]}",
              "year": date[:4], "note": f"Built on {date}"}
    return f"@misc{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items()) + "}"


def _cite(app, pagename, templatename, context, doctree) -> None:
    """What the foot of the page tells about citing it."""
    context["feed"] = CHANGES in app.env.all_docs
    date = context.get("last_updated")
    if doctree is not None and date:
        title, config = app.env.titles[pagename].astext(), app.config
        name = re.sub(r"\W+", "-", pagename.removeprefix("runs/"))
        context["cite"] = {
            "authors": config.author, "title": title, "book": config.html_title, "version": version("eufcc_lib"), "date": date,
            "bibtex": bibtex(f"eufcc-{name}", config.author, title, config.html_title, version("eufcc_lib"), date)}


def feed(book: str, authors: str, entries: list[tuple[str, str, str, str]]) -> str:
    """An Atom feed of what changed.

    Args:
        entries: date (ISO), title, address relative to the feed, and text, newest first.
    """
    def identified(text: str) -> str:
        return uuid.uuid5(uuid.NAMESPACE_DNS, f"{book} {text}").urn

    root = ElementTree.Element("feed", xmlns=_ATOM)
    for name, text in {"title": book, "id": identified("feed"), "updated": f"{max(entry[0] for entry in entries)}T00:00:00Z"}.items():
        ElementTree.SubElement(root, name).text = text
    ElementTree.SubElement(root, "link", rel="self", href="feed.xml")
    ElementTree.SubElement(ElementTree.SubElement(root, "author"), "name").text = authors
    for date, title, address, text in entries:
        entry = ElementTree.SubElement(root, "entry")
        for name, value in {"title": title, "id": identified(f"{date} {title}"), "updated": f"{date}T00:00:00Z", "summary": text}.items():
            ElementTree.SubElement(entry, name).text = value
        ElementTree.SubElement(entry, "link", rel="alternate", href=address)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _write_feed(app, error) -> None:
    """The dated sections of the page on changes, if there is one, as `feed.xml`."""
    if error or app.builder.format != "html" or CHANGES not in app.env.all_docs:
        return
    entries = []
    for section in app.env.get_doctree(CHANGES).findall(nodes.section):
        if found := re.match(r"(\d{4}-\d\d-\d\d)\W+(.+)", section.next_node(nodes.title).astext()):
            text = " ".join(part.astext().replace("\n", " ") for part in section.children[1:])
            entries.append((*found.groups(), f"{app.builder.get_target_uri(CHANGES)}#{section['ids'][0]}", text))
    if entries:
        Path(app.outdir, "feed.xml").write_text(feed(app.config.html_title, app.config.author, sorted(entries, reverse=True)),
                                                encoding="utf-8")
    else:
        logger.warning("no section of %s.md has a date: expected `## 2026-11-30 · title`", CHANGES)


def _remove_unused(app, error) -> None:
    """What no page asks for, and from the theme's style sheet the rules and the fonts of its icons."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for path in [path for pattern in _UNUSED for path in static.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    sheet.write_text(without_icons(sheet.read_text(encoding="utf-8")), encoding="utf-8")


def without_icons(style: str) -> str:
    """A style sheet without Font Awesome's rules and fonts."""
    def kept(found: re.Match) -> str:
        selectors = re.sub(r"/\*.*?\*/", "", found[1], flags=re.DOTALL).split(",")
        return "" if all(selector.strip().startswith(".fa") for selector in selectors) else found[0]

    style = re.sub(r"@font-face\{[^}]*Font Awesome[^}]*\}", "", style)
    return re.sub(r"(?<=[{}])([^{}@]+)\{[^{}]*\}", kept, style)


def setup(app) -> dict:
    """Sphinx calls this."""
    roles.format_plain_text = crossref.format_plain_text = _format
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math_block, None))
    for module in (pictures, exercises):
        app.setup_extension(module.__name__)
    app.connect("source-read", _read_run)
    app.connect("config-inited", lambda _, config: config.templates_path.append(str(THEME)))
    for dress in (_open_pictures, _cite):
        app.connect("html-page-context", dress)
    app.connect("html-page-context", _link_what_is_used, priority=900)
    app.connect("build-finished", _write_feed)
    app.connect("build-finished", _remove_unused)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
