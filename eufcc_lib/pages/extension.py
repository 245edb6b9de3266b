"""What Sphinx and MyST-NB lack for pages that need no network.

A Sphinx extension: formulas become MathML while the book is built, and a Plotly figure stored
by a notebook becomes a place on the page, where `_static/figures.js` draws it with the plotly.js of
the installed package, of which the book carries one copy. A number that there is not, glued as NaN,
becomes a dash. Links of a template, which lead from notebooks/ to book/, lead from the run beside the
book's own pages. `_config.yml` names this module, pyproject.toml the renderer.
"""

import json
import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue import crossref, roles
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from . import pictures
from .render import render

logger = logging.getLogger(__name__)

PLOTLY_MIME = "application/vnd.plotly.v1+json"


class PlotlyFigure:
    """MyST-NB renderer of the one form in which Plotly >= 6 stores a figure in a notebook."""

    mime_priority_overrides = (("html", PLOTLY_MIME, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Node] | None:
        """The figure as raw HTML: a place to draw, and what to draw there as JSON. A picture may have a version for phones."""
        if not inline and data.mime_type in pictures.MIMES:
            return pictures.narrow_first(renderer, data)
        if inline or data.mime_type != PLOTLY_MIME:
            return None
        figure = data.content if isinstance(data.content, dict) else json.loads(data.content)
        layout = figure.get("layout", {})
        label = (layout.get("title") or {}).get("text") or "Interactive figure"
        page = render("plotly", label, label=label, height=layout.get("height", 450),
                      source={"data": figure["data"], "layout": layout})
        return [nodes.raw(text=page.html, format="html")]


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
    source[0] = json.dumps(run).replace("](../book/", "](../")


def _add_plotly(app, pagename, templatename, context, doctree) -> None:
    """Only a page with a figure loads plotly.js, which is 5 MB."""
    if 'class="plotly-figure"' in context.get("body", ""):
        app.add_js_file("plotly.min.js")


def _copy_plotly(app) -> None:
    """Before the pages are written: their links carry a checksum of the file, so that browsers notice a new one."""
    if app.builder.format == "html":
        import plotly
        source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        target = Path(app.outdir, "_static", source.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def setup(app) -> dict:
    """Sphinx calls this."""
    roles.format_plain_text = crossref.format_plain_text = _format
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math_block, None))
    app.setup_extension(pictures.__name__)
    app.connect("source-read", _read_run)
    app.connect("html-page-context", _add_plotly)
    app.connect("builder-inited", _copy_plotly)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
