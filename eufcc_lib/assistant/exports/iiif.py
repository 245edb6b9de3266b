"""The tags as annotations on the canvases of IIIF that the images came from (Presentation API 3).

The file is a manifest that Mirador and the Universal Viewer open as it is: each canvas with its image, and beside it an
AnnotationPage with the tags and the note. The canvases keep their own addresses, so the pages can be put into the
museum's own manifest as well.
"""

import json
from collections.abc import Callable

from ...core.errors import UserError
from ...core.facets import get_facet
from ...data.records import URL
from ..state import CANVAS
from .jsonld import annotations, concept_body, note_annotation, text_body
from .leaving import Leaving

CONTEXT = "http://iiif.io/api/presentation/3/context.json"


def annotation_pages(leaving: Leaving) -> dict[str, dict]:
    """By image that came from a canvas and has a tag or a note: its AnnotationPage, which can stand alone."""
    pages = {}
    for image in leaving.state.images:
        canvas = leaving.state.record(image).get(CANVAS, "")
        items = _items(leaving, image, canvas) if canvas else []
        if canvas and leaving.state.note(image):
            items.append(note_annotation(leaving, image, {}) | {"target": canvas})
        if items:
            pages[image] = {"@context": CONTEXT, "id": f"{_stem(canvas)}/annotations/{leaving.session}", "type": "AnnotationPage",
                            "label": {"none": [f"Tags of session {leaving.session}"]}, "items": items}
    return pages


def export_iiif(leaving: Leaving, size: Callable[[str], tuple[int, int]]) -> str:
    """The manifest.

    Args:
        size: width and height of an image of the batch, in pixels.
    Raises:
        UserError: no image came from a canvas.
    """
    state, pages = leaving.state, annotation_pages(leaving)
    canvases = [image for image in state.images if state.record(image).get(CANVAS)]
    if not canvases:
        raise UserError("No image of this batch came from a IIIF manifest; expected at least one that did. Other formats hold "
                        "the tags of all images.")
    items = []
    for image in canvases:
        canvas, (width, height) = state.record(image)[CANVAS], size(image)
        content = {"id": state.record(image).get(URL) or canvas, "type": "Image", "format": "image/jpeg", "width": width,
                   "height": height}
        painting = {"id": f"{_stem(canvas)}/painting/{leaving.session}", "type": "Annotation", "motivation": "painting",
                    "body": content, "target": canvas}
        shown = {"id": f"{_stem(canvas)}/page/{leaving.session}", "type": "AnnotationPage", "items": [painting]}
        within = [{key: value for key, value in pages[image].items() if key != "@context"}] if image in pages else []
        items.append({"id": canvas, "type": "Canvas", "label": {"none": [image]}, "width": width, "height": height,
                      "items": [shown], **({"annotations": within} if within else {})})
    content = {"@context": CONTEXT, "id": f"{_stem(items[0]['id'])}/manifest/{leaving.session}", "type": "Manifest",
               "label": {"none": [f"Session {leaving.session}"]}, "items": items}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _items(leaving: Leaving, image: str, canvas: str) -> list[dict]:
    """The tags as viewers show them: the target is the canvas by its address alone, the body the name as a text, with the
    concept beside it, which viewers pass over."""
    items, tags = [], leaving.tags(image)
    for tag, made in zip(tags, annotations(leaving, image, tags, {}), strict=True):
        concept, facet = concept_body(leaving, tag, "classifying"), get_facet(tag.facet)
        items.append(made | {"label": {"en": [facet.title_en], "ca": [facet.title_ca]}, "target": canvas,
                             "body": [text_body(leaving, tag, "tagging"), *([concept] if concept else [])]})
    return items


def _stem(canvas: str) -> str:
    """An address that ours can begin with: no part of a canvas, no question."""
    return canvas.partition("#")[0].partition("?")[0].rstrip("/")
