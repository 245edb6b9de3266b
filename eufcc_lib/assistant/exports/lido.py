"""The records as LIDO 1.1, the museums' format for handing records on: one `lido` for each image.

Object types are its `objectWorkType`, classifications its `classification`, materials its `termMaterialsTech` and subjects
its `subjectConcept`: the narrowest tags, each with its address in the AAT where that is known and its terms in English and
Catalan; a term that the models' tags lack has a label that says which list has it (`OUTSIDE`). A machine-only tag is named
once more in a `recordInfoSet` of the type `MACHINE_ONLY`, with the models as its source. Notes are the cataloguers' own and
do not leave this way.

The order and number of the elements follow LIDO's documentation (https://lido-schema.org), and the tests check them by
rules written from it. The official XML schema is not part of this project, and no file was validated against it here.
"""

import re
import xml.etree.ElementTree as ET

from ...core.facets import LANGUAGES
from ...data.records import TITLE, URL
from ..names import AAT, DICTIONARY, FREE, THESAURUS
from ..state import SUGGESTED, Decision
from .jsonld import content_name
from .leaving import Leaving

NAMESPACE = "http://www.lido-schema.org"
SCHEMA = f"{NAMESPACE}/schema/v1.1/lido-v1.1.xsd"
TERMS = "http://terminology.lido-schema.org/"
ADDRESS, LOCAL, ITEM, MATERIAL = f"{TERMS}lido00099", f"{TERMS}lido00100", f"{TERMS}lido00141", f"{TERMS}lido00132"
"""LIDO's own terms: an identifier that is an address, a local one, a record of one item, a material."""

MACHINE_ONLY = "suggested by a model, decided by nobody"

OUTSIDE = {DICTIONARY: "term of a dictionary, not of the models", THESAURUS: "term of the AAT, not of the models", FREE: "free term"}
"""By the list that has it, the label of a term that the models' tags lack."""

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # signs that no XML can hold


def export_lido(leaving: Leaving) -> str:
    """All records as one XML document."""
    ET.register_namespace("lido", NAMESPACE)
    ET.register_namespace("xsi", _XSI)
    wrap = ET.Element(_name("lidoWrap"), {f"{{{_XSI}}}schemaLocation": f"{NAMESPACE} {SCHEMA}"})
    for image in leaving.state.images:
        _record(wrap, leaving, image)
    ET.indent(wrap)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(wrap, encoding="unicode")}\n'


def _record(wrap: ET.Element, leaving: Leaving, image: str) -> None:
    tags, language = leaving.narrowest(image), {_LANG: leaving.language}
    record = _add(wrap, "lido")
    _add(record, "lidoRecID", leaving.ids[image], type=LOCAL, **_source(leaving, image))
    description = _add(record, "descriptiveMetadata", None, language)
    _classify(description, leaving, tags)
    _identify(description, leaving, image, tags["materials"])
    if tags["subjects"]:
        wrapped = _add(_add(description, "objectRelationWrap"), "subjectWrap")
        for tag in tags["subjects"]:
            _subject(wrapped, leaving, tag)
    _administer(_add(record, "administrativeMetadata", None, language), leaving, image)


def _classify(description: ET.Element, leaving: Leaving, tags: dict[str, list[Decision]]) -> None:
    wrap = _add(description, "objectClassificationWrap")
    types = _add(wrap, "objectWorkTypeWrap")
    for tag in tags["objectTypes"]:
        _concept(types, "objectWorkType", leaving, tag)
    if not tags["objectTypes"]:  # LIDO wants one
        _add(_add(types, "objectWorkType"), "term", "not recorded", {_LANG: "en"})
    if tags["classifications"]:
        classes = _add(wrap, "classificationWrap")
        for tag in tags["classifications"]:
            _concept(classes, "classification", leaving, tag)


def _identify(description: ET.Element, leaving: Leaving, image: str, materials: list[Decision]) -> None:
    wrap = _add(description, "objectIdentificationWrap")
    title = leaving.state.record(image).get(TITLE) or leaving.ids[image]
    _add(_add(_add(wrap, "titleWrap"), "titleSet"), "appellationValue", title)
    held = _add(_add(wrap, "repositoryWrap"), "repositorySet")
    if leaving.state.keeper(image):
        _body(held, "repositoryName", leaving.state.keeper(image))
    _add(held, "workID", leaving.ids[image])
    if materials:
        whole = _add(_add(wrap, "objectMaterialsTechWrap"), "objectMaterialsTechSet")
        for language in LANGUAGES:
            texts = [leaving.naming(tag.facet, tag.tag).texts[language] for tag in materials]
            _add(whole, "displayMaterialsTech", ", ".join(texts), {_LANG: language})
        indexed = _add(whole, "materialsTech")
        for tag in materials:
            _concept(indexed, "termMaterialsTech", leaving, tag, type=MATERIAL)


def _subject(wrap: ET.Element, leaving: Leaving, tag: Decision) -> None:
    found = _add(wrap, "subjectSet")
    for language in LANGUAGES:
        _add(found, "displaySubject", leaving.naming(tag.facet, tag.tag).texts[language], {_LANG: language})
    _concept(_add(found, "subject"), "subjectConcept", leaving, tag)


def _administer(metadata: ET.Element, leaving: Leaving, image: str) -> None:
    state, wrap = leaving.state, _add(metadata, "recordWrap")
    _add(wrap, "recordID", leaving.ids[image], type=LOCAL)
    kind = _add(wrap, "recordType")
    _add(kind, "conceptID", ITEM, type=ADDRESS)
    _add(kind, "term", "Item-level record", {_LANG: "en"})
    _body(wrap, "recordSource", state.keeper(image) or "not recorded")
    tags = leaving.tags(image)
    if times := sorted(tag.at for tag in tags if tag.at):
        _add(_add(wrap, "recordInfoSet"), "recordMetadataDate", times[-1])
    for tag in tags:
        if tag.origin == SUGGESTED:
            model = leaving.models[tag.model]
            source = f"{model.name}, hash {model.hash}, commit {model.commit or 'unknown'}, score {tag.score:.4f}"
            told = _add(wrap, "recordInfoSet", type=MACHINE_ONLY)
            _add(told, "recordInfoID", f"{tag.facet}/{tag.tag}", type=LOCAL, source=source)
    picture = _add(_add(metadata, "resourceWrap"), "resourceSet")
    _add(picture, "resourceID", content_name(state, image)["id"], type=ADDRESS)
    if (url := state.record(image).get(URL, "")).startswith(("http://", "https://")):
        _add(_add(picture, "resourceRepresentation"), "linkResource", url)


def _concept(parent: ET.Element, name: str, leaving: Leaving, tag: Decision, **attributes: str) -> None:
    """A tag as a concept: its address, and its terms; a free term has one, and nobody knows its language."""
    naming, made = leaving.naming(tag.facet, tag.tag), _add(parent, name, **attributes)
    if naming.number:
        _add(made, "conceptID", AAT + naming.number, type=ADDRESS, source="AAT")
    label = {"label": OUTSIDE[naming.source]} if naming.source in OUTSIDE else {}
    if not naming.number and set(naming.texts.values()) == {tag.tag}:
        _add(made, "term", tag.tag, **label)
        return
    for language in LANGUAGES:
        _add(made, "term", naming.texts[language], {_LANG: language}, **label)


def _body(parent: ET.Element, name: str, text: str) -> None:
    """An institution by its name."""
    _add(_add(_add(parent, name), "legalBodyName"), "appellationValue", text)


def _source(leaving: Leaving, image: str) -> dict[str, str]:
    keeper = leaving.state.keeper(image)
    return {"source": keeper} if keeper else {}


def _add(parent: ET.Element, name: str, text: str | None = None, plain: dict[str, str] | None = None, **own: str) -> ET.Element:
    """A child of an element; `own` are LIDO's attributes."""
    attributes = {key: _NO_XML.sub("", value) for key, value in ((plain or {}) | {_name(key): value for key, value in own.items()}).items()}
    child = ET.SubElement(parent, _name(name), attributes)
    child.text = _NO_XML.sub("", text) if text is not None else None
    return child


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
