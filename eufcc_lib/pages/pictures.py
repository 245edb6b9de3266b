"""Pictures that have a version for phones: in the page a `<picture>` with two sources.

A notebook stores that version beside the picture's width (`figures.style.Picture`), where Jupyter overlooks it.
pyproject.toml names the renderer.
"""

import posixpath
from binascii import a2b_base64
from hashlib import sha256
from urllib.parse import quote

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

PHONE = "(max-width: 600px)"

MIMES = ("image/png", "image/jpeg")


class narrow_picture(nodes.image):
    """The version for phones of the picture that follows it."""


class NarrowFirst:
    """MyST-NB renderer of pictures: before one that has a version for phones stands that version."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Node] | None:
        """The nodes of both versions; None where there is only one, which MyST-NB then shows itself."""
        told = data.output_metadata.get(data.mime_type, {})
        if inline or data.mime_type not in MIMES or "narrow" not in told:
            return None
        content = a2b_base64(told["narrow"])
        uri = renderer.write_file([f"{sha256(content).hexdigest()}.webp"], content, overwrite=False, exists_ok=True)
        return [narrow_picture(uri=uri), *renderer.render_image(data)]


def _visit_narrow(translator: HTML5Translator, node: narrow_picture) -> None:
    builder = translator.builder
    translator.narrow_source = posixpath.join(builder.imgpath, quote(builder.images[node["uri"]]))
    raise nodes.SkipNode


def _visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    source = translator.__dict__.pop("narrow_source", None)
    if source is None:
        return HTML5Translator.visit_image(translator, node)
    translator.body.append(f'<picture><source media="{PHONE}" srcset="{source}"/>')
    HTML5Translator.visit_image(translator, node)
    translator.body.append("</picture>")
    return None


def setup(app) -> dict:
    """Sphinx calls this."""
    app.add_node(narrow_picture, html=(_visit_narrow, None))
    app.add_node(nodes.image, override=True, html=(_visit_image, HTML5Translator.depart_image))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
