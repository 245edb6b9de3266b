"""The decisions as W3C Web Annotations in JSON-LD, and read back.

One annotation for each tag: who decided it is its `creator`, the models that suggested it are its `generator`, with the
commit of their code as the version. A machine-only tag has the models as its creator. A tag whose number in the AAT is
known points at the concept, with its labels; another is a text in its language. What the model of annotations has no word
for (facet, path, origin, source, score, promise) is data beside it, as schema.org's `PropertyValue`. The target is the IIIF
canvas that the image came from, else its content: the SHA-256 of its bytes, as a name by RFC 6920.
"""

import base64
import json
import uuid
from datetime import datetime
from pathlib import Path

from ...core.errors import UserError
from ...core.facets import FACET_NAMES, LANGUAGES, LEVEL_SEPARATOR
from ...core.text import read_json
from ..names import AAT, FREE
from ..state import ACCEPTED, CANVAS, DECIDED, NOTE, REFUSED, REJECTED, SUGGESTED, Decision, Image, Model, State
from .csv_files import DATABASE
from .leaving import Leaving
from .provenance import restore

CONTEXT = "http://www.w3.org/ns/anno.jsonld"

_SOFTWARE = {"id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, DATABASE)}", "type": "Software", "name": DATABASE}
_PROPERTIES, _PROPERTY = "schema:additionalProperty", "schema:PropertyValue"


def export_jsonld(leaving: Leaving, rejections: bool = False) -> str:
    """The tags and the notes as an AnnotationCollection with one page.

    Args:
        rejections: also what was rejected, as annotations that assess.
    """
    items = []
    for image in leaving.state.images:
        target = content_name(leaving.state, image)
        items += annotations(leaving, image, leaving.tags(image), target)
        items += [annotation(leaving, tag, "assessing", target) for tag in (leaving.rejected(image) if rejections else ())]
        items += [note_annotation(leaving, image, target)] if leaving.state.note(image) else []
    collection = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, leaving.session)}"
    page = f"{collection}#page"
    content = {"@context": CONTEXT, "id": collection, "type": "AnnotationCollection", "label": f"Session {leaving.session}",
               "generator": _SOFTWARE, "total": len(items),
               "first": {"id": page, "type": "AnnotationPage", "partOf": collection, "startIndex": 0, "items": items},
               "last": page}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def import_jsonld(state: State, path: Path) -> tuple[dict | None, list[str]]:
    """The event that takes decisions and notes from such a file, found by canvas or content; None if nothing changes.

    What the file says of a tag takes the place of what was decided about it; other tags stay as they are. Machine-only tags
    are not taken, since nobody decided on them.

    Returns:
        the event; and a sentence on the annotations that were left out.
    Raises:
        UserError: the file is no such collection.
    """
    images = {content_name(state, image)["id"]: image for image in state.images}
    images |= {_hash_name(known): image for image, known in state.images.items()}
    decisions, notes, models, left = [], {}, {}, 0
    for item in _items(path):
        try:
            image = images.get(item["target"]["id"], "")
            if not image:
                left += 1
            elif item["motivation"] == "commenting":
                notes[image] = [str(item["body"]["value"]), *_made(item)]
            else:
                decision, model = _read(item, image)
                decisions += [decision] if decision else []
                models |= {model.hash: model} if decision and model else {}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UserError(f"{path.name}: found an annotation that was not written here ({error!r}), of id "
                            f"{str(item.get('id', '') if isinstance(item, dict) else item)[:60]!r}.") from None
    said = [f"{left:,} annotations of {path.name} are of images that are not in this batch; they were left out."] if left else []
    return restore(state, decisions, notes, models), said


def annotations(leaving: Leaving, image: str, tags: list[Decision], target: dict) -> list[dict]:
    """The tags of an image that leave, each with its path."""
    paths = leaving.paths(image, tags)
    above = {(facet, name): path[:place + 1] for facet in paths for path in reversed(paths[facet]) for place, name in enumerate(path)}
    return [annotation(leaving, tag, "tagging", target, above[tag.facet, tag.tag]) for tag in tags]


def annotation(leaving: Leaving, tag: Decision, motivation: str, target: dict, path: tuple[str, ...] = ()) -> dict:
    """One tag as an annotation."""
    model = leaving.models.get(tag.model)
    creator = {"type": "Person", "name": tag.who} if tag.who else _agent(model) if tag.origin == SUGGESTED and model else None
    facts = {"facet": tag.facet, "tag": tag.tag, "path": LEVEL_SEPARATOR.join(path), "mark": tag.mark, "origin": tag.origin,
             "source": leaving.naming(tag.facet, tag.tag).source, "score": tag.score, "promise": tag.promise}
    return {"id": _identity(leaving, tag.image, motivation, tag.facet, tag.tag), "type": "Annotation", "motivation": motivation,
            **({"creator": creator} if creator else {}), **({"created": tag.at} if tag.at else {}),
            "generator": _agent(model) if model else _SOFTWARE, "body": _body(leaving, tag, motivation), "target": target,
            _PROPERTIES: [_property(name, value) for name, value in facts.items() if value not in ("", None)]}


def note_annotation(leaving: Leaving, image: str, target: dict) -> dict:
    """The note on an image as an annotation."""
    who, at = leaving.state.note_made(image)
    body = {"type": "TextualBody", "value": leaving.state.note(image), "format": "text/plain", "purpose": "commenting"}
    return {"id": _identity(leaving, image, NOTE), "type": "Annotation", "motivation": "commenting",
            **({"creator": {"type": "Person", "name": who}} if who else {}), **({"created": at} if at else {}),
            "generator": _SOFTWARE, "body": body, "target": target}


def content_name(state: State, image: str) -> dict:
    """What an annotation is on: the canvas that the image came from, else its content."""
    canvas = state.record(image).get(CANVAS, "")
    return {"id": canvas or _hash_name(state.images[image]), "type": "Canvas" if canvas else "Image", "schema:name": image}


def text_body(leaving: Leaving, tag: Decision, purpose: str) -> dict:
    """A tag as a text in its language, if that is known: of a free term nobody knows it."""
    body = {"type": "TextualBody", "value": tag.tag, "format": "text/plain", "purpose": purpose}
    known = leaving.language in LANGUAGES and leaving.naming(tag.facet, tag.tag).source != FREE
    return body | ({"language": leaving.language} if known else {})


def concept_body(leaving: Leaving, tag: Decision, purpose: str) -> dict | None:
    """A tag as a concept of the AAT with its labels; None where its number is not known."""
    naming = leaving.naming(tag.facet, tag.tag)
    labels = [{"@value": naming.texts[language], "@language": language} for language in LANGUAGES]
    return {"type": "SpecificResource", "purpose": purpose, "source": {"id": AAT + naming.number, "type": "skos:Concept",
                                                                       "skos:prefLabel": labels}} if naming.number else None


def _body(leaving: Leaving, tag: Decision, motivation: str) -> dict:
    purpose = {"tagging": "classifying"}.get(motivation, motivation)
    return concept_body(leaving, tag, purpose) or text_body(leaving, tag, motivation)


def _identity(leaving: Leaving, *parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, '/'.join((leaving.session, *parts)))}"


def _agent(model: Model) -> dict:
    """The models as software: the commit of their code is its version, the hash of their weights tells them from others."""
    facts = {"schema:softwareVersion": model.commit, "schema:identifier": model.hash}
    agent = {"id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, model.hash)}", "type": "Software", "name": f"{DATABASE}: {model.name}"}
    return agent | {name: value for name, value in facts.items() if value} | (
        {_PROPERTIES: [_property("vocabulary", model.vocabulary)]} if model.vocabulary else {})


def _property(name: str, value: str | float) -> dict:
    return {"type": _PROPERTY, "schema:propertyID": name, "schema:value": value}


def _hash_name(image: Image) -> str:
    """`ni:///sha-256;...`: the hash in letters of base 64 for addresses, without what fills it up (RFC 6920)."""
    return f"ni:///sha-256;{base64.urlsafe_b64encode(bytes.fromhex(image.digest)).decode().rstrip('=')}"


def _items(path: Path) -> list:
    try:
        content = read_json(path.read_bytes())
        return content["first"]["items"]
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); expected a file of annotations.") from None
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path.name} is no collection of annotations as the assistant writes it; expected JSON-LD with its first "
                        "page within.") from None


def _read(item: dict, image: str) -> tuple[Decision | None, Model | None]:
    """The decision that an annotation says, with the models that suggested it; None if it is a machine's."""
    facts = {fact["schema:propertyID"]: fact["schema:value"] for fact in item[_PROPERTIES]}
    generator = item["generator"]
    version = {fact["schema:propertyID"]: fact["schema:value"] for fact in generator.get(_PROPERTIES, ())}
    model = Model(generator["schema:identifier"], generator["name"].removeprefix(f"{DATABASE}: "),
                  generator.get("schema:softwareVersion", ""), version.get("vocabulary", ""), {}) \
        if "schema:identifier" in generator else None
    if facts["origin"] == SUGGESTED:
        return None, None
    if facts["facet"] not in FACET_NAMES or facts["mark"] not in (ACCEPTED, REJECTED) or facts["origin"] not in (
            *DECIDED, REFUSED):
        raise ValueError(facts)
    numbers = [None if facts.get(name) is None else float(facts[name]) for name in ("score", "promise")]
    return Decision(image, facts["facet"], str(facts["tag"]), facts["mark"], facts["origin"], *numbers, model.hash if model else "",
                    *_made(item)), model


def _made(item: dict) -> tuple[str, str]:
    """By whom, and when; "" where it is not said."""
    at = item.get("created", "")
    datetime.fromisoformat(at or "2000-01-01")
    return str(item.get("creator", {}).get("name", "")), at
