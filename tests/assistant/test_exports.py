"""What leaves a session: each format, its filter, and what comes back."""

import base64
import csv
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from PIL import Image as Picture

from eufcc_lib.assistant import export_command, session
from eufcc_lib.assistant.exports import (
    Leaving,
    export_csv,
    export_iiif,
    export_jsonld,
    export_lido,
    export_provenance,
    export_table,
    import_csv,
    import_file,
    import_jsonld,
    import_provenance,
)
from eufcc_lib.assistant.exports.cells import harmless, original
from eufcc_lib.assistant.exports.iiif import annotation_pages
from eufcc_lib.assistant.exports.lido import MACHINE_ONLY, OUTSIDE
from eufcc_lib.assistant.names import name_tags
from eufcc_lib.assistant.state import ADDED, CANVAS, EVERYBODY, TAKEN
from eufcc_lib.assistant.store import Store
from eufcc_lib.collection.aat.thesaurus import Concept, Thesaurus, write_thesaurus
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES, FACETS
from eufcc_lib.data.records import TITLE, URL
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.data.terms import museum_terms

MATERIALS = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}, "iron": {"metal": 1}, "clay": {TOP: 1}})
VOCABULARY = Vocabulary({"objectTypes": arrange_tree("objectTypes", {"vessel": {TOP: 1}, "jar": {"vessel": 1}}),
                         "materials": MATERIALS,
                         "classifications": arrange_tree("classifications", {"archaeology": {TOP: 1}}),
                         "subjects": arrange_tree("subjects", {"portraits": {TOP: 1}})})
NAMES = {facet: name_tags(taxonomy) for facet, taxonomy in VOCABULARY.taxonomies.items()}
PROMISED = {"threshold": 0.6, "precision": 0.95}
MODEL = {"hash": "f00dfeedf00dfeed", "name": "mini: multi_label", "commit": "abc1234", "vocabulary": "v0v0v0v0v0v0v0v0",
         "promised": {"materials": PROMISED, "classifications": PROMISED}}


def begin(folder, *names: str) -> Store:
    store = Store(folder, "ada")
    store.do({"do": "add", "images": [[name, f"{hashlib.sha256(name.encode()).hexdigest()}.jpg"] for name in names]})
    return store


@pytest.fixture
def store(tmp_path) -> Store:
    """A jar that two people decided on with a model's help, one photograph that only the model saw, and one that nobody did."""
    store = begin(tmp_path / "jars", "a.jpg", "b.jpg", "c.jpg")
    for image in ("a.jpg", "b.jpg"):
        store.do(session.suggest(store.state, image, MODEL, {
            "materials": {"metal": .97, "bronze": .9, "iron": .61, "clay": .3}, "classifications": {"archaeology": .8}}))
    do = store.do
    do(session.accept(store.state, MATERIALS, "a.jpg", [MATERIALS.index["bronze"]]))
    do(session.accept(store.state, VOCABULARY["objectTypes"], "a.jpg", [1]), "berta")
    do(session.reject(store.state, MATERIALS, "a.jpg", MATERIALS.index["iron"]), "berta")
    do(session.accept_term(store.state, "subjects", "a.jpg", ["=a hand"]))
    do(session.write_note("a.jpg", "=HYPERLINK(1)\nsecond line"), "berta")
    do({"do": "set", "provider": "Museu d'Olot"})
    return store


def leave(store: Store, origins=EVERYBODY) -> Leaving:
    return Leaving(store.state, VOCABULARY, NAMES, "jars", origins)


def said(store: Store) -> list:
    """All that a file should bring back."""
    state = store.state
    return [*state.decisions(), *((image, state.note(image), *state.note_made(image)) for image in state.images)]


def again(tmp_path, name: str = "again") -> Store:
    """Another session with the same photographs, of another person."""
    return Store(begin(tmp_path / name, "a.jpg", "b.jpg", "c.jpg").folder, "carla")


# ---- the filter --------------------------------------------------------------------------------------------------


def test_a_machine_only_tag_leaves_by_choice_and_never_what_was_decided_or_lies_below_a_rejection(store):
    tags = {(tag.image, tag.tag): tag.origin for tag in leave(store).tags("a.jpg") + leave(store).tags("b.jpg")}
    assert tags == {("a.jpg", "metal"): TAKEN, ("a.jpg", "bronze"): TAKEN, ("a.jpg", "vessel"): ADDED, ("a.jpg", "jar"): ADDED,
                    ("a.jpg", "=a hand"): ADDED, ("a.jpg", "archaeology"): "suggested", ("b.jpg", "metal"): "suggested",
                    ("b.jpg", "bronze"): "suggested", ("b.jpg", "iron"): "suggested", ("b.jpg", "archaeology"): "suggested"}
    assert [tag.tag for tag in leave(store, (ADDED,)).tags("a.jpg")] == ["jar", "vessel", "=a hand"]
    store.do(session.reject(store.state, MATERIALS, "b.jpg", MATERIALS.index["metal"]))
    assert [tag.tag for tag in leave(store).tags("b.jpg")] == ["archaeology"]


def test_one_filter_is_true_of_every_format(store, tmp_path):
    def texts(origins):
        leaving = leave(store, origins)
        export_csv(store.state, VOCABULARY, tmp_path / "csv", origins)
        export_table(leaving, tmp_path / "table")
        export_provenance(leaving, tmp_path / "provenance")
        return {**{name: (tmp_path / name).read_text() for name in ("csv", "table", "provenance")},
                "jsonld": export_jsonld(leaving), "lido": export_lido(leaving)}
    assert {name for name, text in texts(EVERYBODY).items() if "archaeology" not in text} == {"csv"}, "it cannot say whose it is"
    assert not [name for name, text in texts((TAKEN, ADDED)).items() if "archaeology" in text]
    assert not [name for name, text in texts((ADDED,)).items() if "bronze" in text]


# ---- csv and its provenance --------------------------------------------------------------------------------------


def test_a_round_trip_by_csv_and_provenance_loses_nothing(store, tmp_path):
    export_csv(store.state, VOCABULARY, tmp_path / "annotations.csv")
    export_provenance(leave(store), tmp_path / "provenance.csv")
    other = again(tmp_path)
    event, told = import_file(other.state, VOCABULARY, tmp_path / "annotations.csv")
    other.do(event)
    assert "tags that the models do not know" in told[0] and {decision.who for decision in other.state.decisions()} == {"carla"}
    event, told = import_file(other.state, VOCABULARY, tmp_path / "provenance.csv")
    other.do(event)
    assert not told and said(other) == said(store)
    model = replace(store.state.models()[MODEL["hash"]], promised={})
    assert other.state.models() == {MODEL["hash"]: model}
    assert import_provenance(other.state, tmp_path / "provenance.csv") == (None, [])
    other.do({"do": "undo"})
    assert {decision.who for decision in other.state.decisions()} == {"carla"}, "one step"


def test_provenance_has_a_row_for_each_decision_machine_only_tag_and_note(store, tmp_path):
    export_provenance(leave(store), tmp_path / "provenance.csv")
    with open(tmp_path / "provenance.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row["idInSource"], row["facet"], row["tag"]): row for row in rows}
    bronze, iron = found["a", "materials", "bronze"], found["a", "materials", "iron"]
    assert {key: bronze[key] for key in ("mark", "origin", "score", "promise", "model", "model_hash", "commit", "vocabulary", "who")} == {
        "mark": "accepted", "origin": TAKEN, "score": "0.9", "promise": "0.95", "model": MODEL["name"], "model_hash": MODEL["hash"],
        "commit": MODEL["commit"], "vocabulary": MODEL["vocabulary"], "who": "ada"}
    assert bronze["uri"] == f"http://vocab.getty.edu/aat/{bronze['aat']}" and bronze["aat"].startswith("300")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bronze["at"])
    assert (iron["mark"], iron["origin"], iron["who"]) == ("rejected", "suggested-rejected", "berta")
    machine = found["b", "classifications", "archaeology"]
    assert (machine["mark"], machine["origin"], machine["who"], machine["at"]) == ("", "suggested", "", "")
    assert found["a", "note", ""]["who"] == "berta" and len(rows) == 6 + 1 + 4 + 1


def test_what_was_edited_in_the_csv_stays_with_who_opened_it(store, tmp_path):
    export_csv(store.state, VOCABULARY, tmp_path / "a.csv")
    export_provenance(leave(store), tmp_path / "p.csv")
    (tmp_path / "a.csv").write_text((tmp_path / "a.csv").read_text().replace("metal | bronze", "clay"))
    other = again(tmp_path)
    for name in ("a.csv", "p.csv"):
        event, told = import_file(other.state, VOCABULARY, tmp_path / name)
        other.do(event)
    assert told == ["2 rows of p.csv are of no decision in this batch; they were left out."]
    assert {(one.tag, one.who, one.origin) for one in other.state.decisions() if one.facet == "materials"} == {
        ("clay", "carla", "imported"), ("iron", "berta", "suggested-rejected")}


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ("accepted,", "maybe,", "Unknown mark 'maybe'"), (",materials,", ",colour,", "Unknown facet"),
    ("0.9,", "high,", "expected score and promise as numbers"), ("origin", "origins", "line 1: expected the columns")])
def test_a_damaged_provenance_is_told_with_its_line(store, tmp_path, old, new, sentence):
    export_provenance(leave(store), tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text((tmp_path / "p.csv").read_text().replace(old, new, 1))
    with pytest.raises(UserError, match=f"p.csv, line .*{sentence}|{sentence}"):
        import_provenance(store.state, tmp_path / "p.csv")


NASTY = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\tx", "'=1", "''@x", "'plain", "plain", "", "'", "\r=1")


@pytest.mark.parametrize("cell", NASTY)
def test_a_harmless_cell_is_no_formula_and_comes_back(cell):
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r")) and original(harmless(cell)) == cell
    assert (harmless(cell) == cell) == (cell in ("'plain", "plain", "", "'"))


def test_a_safe_csv_for_excel_comes_back_as_it_was_and_a_plain_one_is_as_ever(store, tmp_path):
    export_csv(store.state, VOCABULARY, tmp_path / "plain.csv")
    export_csv(store.state, VOCABULARY, tmp_path / "safe.csv", safe=True, bom=True)
    export_provenance(leave(store), tmp_path / "p.csv", safe=True, bom=True)
    for name in ("safe.csv", "p.csv"):
        assert (tmp_path / name).read_bytes().startswith(b"\xef\xbb\xbf")
        with open(tmp_path / name, encoding="utf-8-sig", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell[:1] in "=+-@" and cell]
    other = again(tmp_path)
    for name in ("safe.csv", "p.csv"):
        other.do(import_file(other.state, VOCABULARY, tmp_path / name)[0])
    assert said(other) == said(store)
    export_csv(other.state, VOCABULARY, tmp_path / "plain again.csv")
    assert (tmp_path / "plain again.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_a_museums_own_column_of_the_name_safe_is_left_alone(store, tmp_path):
    export_csv(store.state, VOCABULARY, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().replace('"=HYPERLINK(1)\nsecond line"', "'=x").splitlines()
    (tmp_path / "a.csv").write_text("".join(f"{line},{cell}\n" for line, cell in zip(lines, ["safe", "in the vault", "", ""])))
    other = again(tmp_path)
    other.do(import_csv(other.state, VOCABULARY, tmp_path / "a.csv")[0])
    assert other.state.note("a.jpg") == "'=x" and other.state.record("a.jpg")["safe"] == "in the vault"
    with pytest.raises(UserError, match="have a column 'safe' of their own"):
        export_csv(other.state, VOCABULARY, tmp_path / "b.csv", safe=True)


# ---- JSON-LD -----------------------------------------------------------------------------------------------------

IRI = {"type": "string", "pattern": r"^([a-z][a-z0-9+.-]*):\S+$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
PURPOSES = ["assessing", "bookmarking", "classifying", "commenting", "describing", "editing", "highlighting", "identifying",
            "linking", "moderating", "questioning", "replying", "tagging"]
AGENT = {"type": "object", "required": ["type", "name"], "properties": {
    "id": IRI, "type": {"enum": ["Person", "Organization", "Software"]}, "name": {"type": "string", "minLength": 1}}}
TEXT = {"type": "object", "required": ["type", "value"], "properties": {
    "type": {"const": "TextualBody"}, "value": {"type": "string"}, "language": {"enum": ["en", "ca"]}, "format": {"const": "text/plain"},
    "purpose": {"enum": PURPOSES}}, "not": {"required": ["source"]}}
SPECIFIC = {"type": "object", "required": ["type", "source"], "properties": {
    "type": {"const": "SpecificResource"}, "purpose": {"enum": PURPOSES},
    "source": {"type": "object", "required": ["id", "type", "skos:prefLabel"], "properties": {"id": IRI}}},
    "not": {"anyOf": [{"required": [key]} for key in ("value", "rdfs:label", "skos:prefLabel")]}}
ANNOTATION = {"type": "object", "required": ["id", "type", "target"], "properties": {
    "id": IRI, "type": {"const": "Annotation"}, "motivation": {"enum": PURPOSES}, "creator": AGENT, "generator": AGENT,
    "created": TIME, "modified": TIME, "body": {"oneOf": [TEXT, SPECIFIC]},
    "target": {"type": "object", "required": ["id", "type"], "properties": {"id": IRI, "type": {"enum": ["Image", "Canvas"]}}}}}
COLLECTION = {"type": "object", "required": ["@context", "id", "type", "total", "first", "last"], "properties": {
    "@context": {"const": "http://www.w3.org/ns/anno.jsonld"}, "id": IRI, "type": {"const": "AnnotationCollection"},
    "total": {"type": "integer", "minimum": 0}, "last": IRI, "first": {
        "type": "object", "required": ["id", "type", "partOf", "startIndex", "items"], "properties": {
            "id": IRI, "type": {"const": "AnnotationPage"}, "partOf": IRI, "startIndex": {"const": 0},
            "items": {"type": "array", "items": ANNOTATION}}}}}
"""What the W3C's Web Annotation Data Model says that an annotation and a collection must be, as far as ours go."""

TERMS = {"@context", "@value", "@language", "id", "type", "motivation", "creator", "created", "generator", "name", "body", "target",
         "value", "format", "language", "purpose", "source", "label", "total", "first", "last", "partOf", "startIndex", "items"}
PREFIXES = {"schema", "skos", "rdfs"}
"""Of the terms and prefixes that anno.jsonld defines, those that we write: any other key would be lost to a reader of RDF."""


def keys_of(value):
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_of(part)


def annotations(store: Store, origins=EVERYBODY, **options) -> list[dict]:
    content = json.loads(export_jsonld(leave(store, origins), **options))
    Draft202012Validator(COLLECTION).validate(content)
    assert not {key for key in keys_of(content) if key not in TERMS and key.partition(":")[0] not in PREFIXES}
    items = content["first"]["items"]
    assert content["total"] == len(items) == len({item["id"] for item in items})
    return items


def facts(item: dict) -> dict:
    return {fact["schema:propertyID"]: fact["schema:value"] for fact in item["schema:additionalProperty"]}


def find(items: list[dict], tag: str, image: str = "a.jpg") -> dict:
    (item,) = (item for item in items if item["target"]["schema:name"] == image and item["motivation"] != "commenting"
               and facts(item)["tag"] == tag)
    return item


def test_an_annotation_says_who_decided_on_whose_suggestion(store):
    bronze = find(annotations(store), "bronze")
    assert bronze["creator"] == {"type": "Person", "name": "ada"} and bronze["created"] and bronze["motivation"] == "tagging"
    assert bronze["generator"]["type"] == "Software" and bronze["generator"]["schema:softwareVersion"] == MODEL["commit"]
    assert bronze["generator"]["schema:identifier"] == MODEL["hash"]
    assert facts(bronze) == {"facet": "materials", "tag": "bronze", "path": "metal | bronze", "mark": "accepted", "origin": TAKEN,
                             "source": "vocabulary", "score": .9, "promise": .95}
    machine = find(annotations(store), "archaeology", "b.jpg")
    assert machine["creator"] == machine["generator"] and "created" not in machine and facts(machine)["origin"] == "suggested"
    jar = find(annotations(store), "jar")
    assert jar["creator"]["name"] == "berta" and "schema:identifier" not in jar["generator"]


def test_a_known_number_is_a_concept_with_its_labels_and_another_tag_a_text_in_its_language(store):
    items = annotations(store)
    body, number = find(items, "bronze")["body"], NAMES["materials"].numbers[MATERIALS.index["bronze"]]
    assert body["purpose"] == "classifying" and body["source"] == {
        "id": f"http://vocab.getty.edu/aat/{number}", "type": "skos:Concept", "skos:prefLabel": [
            {"@value": "bronze", "@language": "en"}, {"@value": "bronze", "@language": "ca"}]}
    assert find(items, "=a hand")["body"] == {"type": "TextualBody", "value": "=a hand", "format": "text/plain", "purpose": "tagging"}


def test_the_target_is_the_canvas_or_the_name_of_the_content(store, tmp_path):
    digest = hashlib.sha256(b"a.jpg").digest()
    expected = f"ni:///sha-256;{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
    assert find(annotations(store), "bronze")["target"] == {"id": expected, "type": "Image", "schema:name": "a.jpg"}
    on_canvas(store)
    assert find(annotations(store), "bronze")["target"]["id"] == "https://museum.example/iiif/jar/canvas/1"


def test_rejections_are_assessments_and_off_by_default(store):
    assert not [item for item in annotations(store) if item["motivation"] == "assessing"]
    (rejected,) = (item for item in annotations(store, rejections=True) if item["motivation"] == "assessing")
    assert facts(rejected)["tag"] == "iron" and facts(rejected)["mark"] == "rejected" and rejected["creator"]["name"] == "berta"
    assert rejected["body"]["purpose"] == "assessing"


def test_json_ld_is_read_back_with_all_that_it_says_and_machine_only_tags_are_not_taken(store, tmp_path):
    (tmp_path / "a.jsonld").write_text(export_jsonld(leave(store), rejections=True))
    other = again(tmp_path)
    other.do(session.accept(other.state, MATERIALS, "a.jpg", [MATERIALS.index["clay"]]))
    event, told = import_file(other.state, VOCABULARY, tmp_path / "a.jsonld")
    other.do(event)
    assert not told and [line for line in said(other) if getattr(line, "tag", "") != "clay"] == said(store)
    assert import_jsonld(other.state, tmp_path / "a.jsonld") == (None, [])


def test_annotations_of_other_images_are_counted_and_what_is_no_collection_is_told(store, tmp_path):
    (tmp_path / "a.jsonld").write_text(export_jsonld(leave(store)))
    event, told = import_jsonld(begin(tmp_path / "x", "x.jpg").state, tmp_path / "a.jsonld")
    assert event is None and told == ["11 annotations of a.jsonld are of images that are not in this batch; they were left out."]
    for text in ("{", '{"first": 1}', "[]"):
        (tmp_path / "bad.jsonld").write_text(text)
        with pytest.raises(UserError, match="bad.jsonld is no collection"):
            import_jsonld(store.state, tmp_path / "bad.jsonld")
    (tmp_path / "bad.jsonld").write_text('{"first": {"items": [{"id": "x", "target": "y"}]}}')
    with pytest.raises(UserError, match="not written here"):
        import_jsonld(store.state, tmp_path / "bad.jsonld")


@pytest.mark.parametrize("key, value", [("created", "yesterday"), ("created", 5), ("creator", "ada")])
def test_an_annotation_without_a_time_or_a_person_as_written_here_is_told(store, tmp_path, key, value):
    content = json.loads(export_jsonld(leave(store)))
    content["first"]["items"][0][key] = value
    (tmp_path / "bad.jsonld").write_text(json.dumps(content))
    with pytest.raises(UserError, match="not written here"):
        import_jsonld(store.state, tmp_path / "bad.jsonld")


# ---- LIDO --------------------------------------------------------------------------------------------------------

CHILDREN = {
    "lidoWrap": "lido+", "lido": "lidoRecID+ objectPublishedID* category? descriptiveMetadata+ administrativeMetadata+",
    "descriptiveMetadata": "objectClassificationWrap objectIdentificationWrap eventWrap? objectRelationWrap?",
    "objectClassificationWrap": "objectWorkTypeWrap classificationWrap?", "objectWorkTypeWrap": "objectWorkType+",
    "classificationWrap": "classification*", "objectWorkType": "conceptID* term*", "classification": "conceptID* term*",
    "objectIdentificationWrap": "titleWrap inscriptionsWrap? repositoryWrap? displayStateEditionWrap? objectDescriptionWrap? "
                                "objectMeasurementsWrap? objectMaterialsTechWrap?",
    "titleWrap": "titleSet+", "titleSet": "appellationValue+ sourceAppellation*", "repositoryWrap": "repositorySet*",
    "repositorySet": "displayRepository* repositoryName? workID* repositoryLocation?", "repositoryName": "legalBodyID* legalBodyName*",
    "legalBodyName": "appellationValue+ sourceAppellation*", "objectMaterialsTechWrap": "objectMaterialsTechSet*",
    "objectMaterialsTechSet": "displayMaterialsTech* materialsTech*", "materialsTech": "termMaterialsTech* extentMaterialsTech*",
    "termMaterialsTech": "conceptID* term*", "objectRelationWrap": "subjectWrap? relatedWorksWrap?", "subjectWrap": "subjectSet*",
    "subjectSet": "displaySubject* subject?", "subject": "extentSubject* subjectConcept*", "subjectConcept": "conceptID* term*",
    "administrativeMetadata": "rightsWorkWrap? recordWrap resourceWrap?",
    "recordWrap": "recordID+ recordType recordSource+ recordRights* recordInfoSet*", "recordType": "conceptID* term*",
    "recordSource": "legalBodyID* legalBodyName*", "recordInfoSet": "recordInfoID* recordInfoLink* recordMetadataDate*",
    "resourceWrap": "resourceSet*", "resourceSet": "resourceID* resourceRepresentation*", "resourceRepresentation": "linkResource"}
"""By element its children in their order and number, as LIDO's documentation describes them, as far as ours go."""

LIDO, LANG = "{http://www.lido-schema.org}", "{http://www.w3.org/XML/1998/namespace}lang"
NEEDS_LANGUAGE, NEEDS_TYPE = ("descriptiveMetadata", "administrativeMetadata"), ("lidoRecID", "recordID", "conceptID", "recordInfoID",
                                                                                "resourceID")


MAY_HAVE = {"descriptiveMetadata": "lang", "administrativeMetadata": "lang", "term": "lang label pref addedSearchTerm",
            "appellationValue": "lang label pref", "displayMaterialsTech": "lang label", "displaySubject": "lang label",
            "linkResource": "lang label pref", "recordMetadataDate": "lang label type source", "workID": "type sortorder label",
            "termMaterialsTech": "type sortorder", "objectWorkType": "type sortorder", "classification": "type sortorder",
            "subjectConcept": "sortorder", "recordInfoSet": "type sortorder", "recordSource": "type sortorder",
            **dict.fromkeys(NEEDS_TYPE, "pref type source label")}
"""By element the attributes of LIDO 1.1 that may stand on it, as far as ours go; compared with the schema's text by hand."""


def check_lido(element: ET.Element) -> None:
    name = element.tag.removeprefix(LIDO)
    children = " ".join(child.tag.removeprefix(LIDO) for child in element)
    pattern = "".join(f"(?:{part.rstrip('?*+')} ){part[len(part.rstrip('?*+')):]}" for part in CHILDREN.get(name, "").split())
    assert re.fullmatch(pattern, f"{children} " if children else ""), f"{name}: {children}"
    assert name not in NEEDS_LANGUAGE or element.get(LANG)
    assert name not in NEEDS_TYPE or element.get(f"{LIDO}type")
    assert bool((element.text or "").strip()) == (name not in CHILDREN), f"{name} says nothing, or something between its children"
    assert not (element.tail or "").strip()
    allowed = {LANG if one == "lang" else f"{LIDO}{one}" for one in MAY_HAVE.get(name, "").split()}
    assert name == "lidoWrap" or set(element.attrib) <= allowed, f"{name}: {element.attrib}"
    assert re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", element.get(LANG, "en"))
    for child in element:
        check_lido(child)


def lido(store: Store, origins=EVERYBODY) -> list[ET.Element]:
    root = ET.fromstring(export_lido(leave(store, origins)))
    assert root.tag == f"{LIDO}lidoWrap"
    check_lido(root)
    return list(root)


def texts(record: ET.Element, name: str) -> list[tuple[str | None, str]]:
    return [(one.get(LANG), one.text) for one in record.iter(f"{LIDO}{name}")]


def terms(record: ET.Element, name: str) -> list[list]:
    """By concept its address in the AAT and its terms."""
    return [[child.text if child.tag.endswith("conceptID") else (child.get(LANG), child.text) for child in one]
            for one in record.iter(f"{LIDO}{name}")]


def test_lido_has_each_record_with_its_narrowest_tags_in_the_order_of_its_documentation(store):
    record, second, third = lido(store, (TAKEN, ADDED))
    bronze = NAMES["materials"].numbers[MATERIALS.index["bronze"]]
    assert terms(record, "termMaterialsTech") == [[f"http://vocab.getty.edu/aat/{bronze}", ("en", "bronze"), ("ca", "bronze")]]
    assert [concept[-2:] for concept in terms(record, "objectWorkType")] == [[("en", "jar"), ("ca", "pot")]]
    assert terms(record, "subjectConcept") == [[(None, "=a hand")]], "a free term has no language that one knows"
    assert texts(record, "lidoRecID")[0][1] == "a" and texts(record, "displaySubject")[0][1] == "=a hand"
    assert (None, "Museu d'Olot") in texts(record, "appellationValue") and texts(record, "recordMetadataDate")
    assert terms(second, "objectWorkType") == terms(third, "objectWorkType") == [[("en", "not recorded")]]
    assert "HYPERLINK" not in export_lido(leave(store)), "notes stay here"


def test_lido_says_which_tags_are_a_machines_alone(store):
    record, second, _ = lido(store)
    def marked(record):
        return [(one[0].text, one[0].get(f"{LIDO}source")) for one in record.iter(f"{LIDO}recordInfoSet")
                if one.get(f"{LIDO}type") == MACHINE_ONLY]
    assert [tag for tag, _ in marked(record)] == ["classifications/archaeology"]
    assert marked(second)[-1] == ("classifications/archaeology",
                                  "mini: multi_label, hash f00dfeedf00dfeed, commit abc1234, score 0.8000")
    assert terms(second, "classification") and not terms(lido(store, (TAKEN, ADDED))[1], "classification")


def test_signs_that_no_xml_holds_are_left_out_and_an_opened_record_gives_title_and_address(store, tmp_path):
    store.do({"do": "import", "images": {"c.jpg": {"marks": {"subjects": {"a < b & \x0bc": "accepted"}}, "cells": {}, "record": {
        "idInSource": "MA 12", TITLE: "Jar \x00", URL: "https://museum.example/12.jpg"}}}})
    record = lido(store)[2]
    assert terms(record, "subjectConcept") == [[(None, "a < b & c")]]
    assert (None, "Jar ") in texts(record, "appellationValue") and texts(record, "linkResource")[0][1] == "https://museum.example/12.jpg"
    assert texts(record, "workID") == [(None, "MA 12")]


# ---- the table ---------------------------------------------------------------------------------------------------


def test_the_table_has_addresses_and_labels_side_by_side(store, tmp_path):
    store.do(session.accept(store.state, MATERIALS, "a.jpg", [MATERIALS.index["clay"]]))
    store.do(session.accept_term(store.state, "materials", "a.jpg", ["orichalcum"]))
    export_table(leave(store), tmp_path / "table.csv")
    with open(tmp_path / "table.csv", newline="") as file:
        first, second, third = csv.DictReader(file)
    uri = {name: NAMES["materials"].uri(MATERIALS.index[name]) or "" for name in ("clay", "bronze")}
    assert [first[f"materials.{part}"] for part in ("uri", "label_en", "label_ca", "origin", "source")] == [
        f"{uri['clay']} | {uri['bronze']} | ", "clay | bronze | orichalcum", "argila | bronze | orichalcum",
        f"{TAKEN} | {TAKEN} | {ADDED}", "vocabulary | vocabulary | free"]
    assert (first["idInSource"], first["repository.keeper"], third["materials.uri"]) == ("a", "Museu d'Olot", "")
    assert set(second["materials.origin"].split(" | ")) == {"suggested"}
    assert {f"{facet.name}.{part}" for facet in FACETS for part in ("uri", "label_en", "label_ca", "origin", "source")} < first.keys()


def test_a_term_of_a_dictionary_or_of_the_aat_leaves_with_its_number(store, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    concepts = {300264092: Concept(300264092, "facet", {"en": "Objects Facet"}, {}, None),
                300999999: Concept(300999999, "concept", {"en": "lemon squeezers", "es": "exprimidores"}, {}, 300264092)}
    write_thesaurus(Thesaurus(concepts, {}), tmp_path / "aat.csv.gz")
    store.do(session.accept_term(store.state, "objectTypes", "c.jpg", ["lemon squeezers"]))
    store.do(session.accept_term(store.state, "materials", "c.jpg", ["lemon squeezers", "soapstone (metamorphic rock)"]))
    leaving = leave(store)
    assert leaving.naming("objectTypes", "lemon squeezers").number == "300999999"
    assert leaving.naming("materials", "lemon squeezers").number == "", "it is no material"
    soapstone = leaving.naming("materials", "soapstone (metamorphic rock)")
    assert (soapstone.number, soapstone.texts["ca"]) == ("300011665", "esteatita")


@pytest.fixture
def of_every_list(store, tmp_path, monkeypatch) -> dict[str, str]:
    """Materials on the third photograph, one of each list; by tag the list."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    concepts = {300264091: Concept(300264091, "facet", {"en": "Materials Facet"}, {}, None),
                300999998: Concept(300999998, "concept", {"en": "moon glass"}, {}, 300264091)}
    write_thesaurus(Thesaurus(concepts, {}), tmp_path / "aat.csv.gz")
    lists = {"clay": "vocabulary", "soapstone (metamorphic rock)": "dictionary", "moon glass": "aat", "orichalcum": "free"}
    store.do(session.accept_term(store.state, "materials", "c.jpg", lists))
    return lists


def test_every_file_says_which_list_has_a_tag_and_which_is_a_free_term(store, tmp_path, of_every_list):
    leaving = leave(store)
    assert {tag: leaving.naming("materials", tag).source for tag in of_every_list} == of_every_list
    export_provenance(leaving, tmp_path / "p.csv")
    with open(tmp_path / "p.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["tag"]: row["source"] for row in rows if row["idInSource"] == "c"} == of_every_list
    items = annotations(store)
    assert {tag: facts(find(items, tag, "c.jpg"))["source"] for tag in of_every_list} == of_every_list
    assert "language" not in find(items, "orichalcum", "c.jpg")["body"], "nobody knows it"
    export_table(leaving, tmp_path / "table.csv")
    with open(tmp_path / "table.csv", newline="") as file:
        third = list(csv.DictReader(file))[2]
    assert dict(zip(third["materials.label_en"].split(" | "), third["materials.source"].split(" | "))) == of_every_list
    labels = {term.text: term.get(f"{LIDO}label") for term in lido(store)[2].iter(f"{LIDO}term") if term.get(LANG) in (None, "en")}
    assert [labels[tag] for tag in of_every_list] == [None, *OUTSIDE.values()]


def test_a_provenance_of_an_earlier_version_which_named_no_list_is_read(store, tmp_path):
    export_csv(store.state, VOCABULARY, tmp_path / "a.csv")
    export_provenance(leave(store), tmp_path / "p.csv")
    with open(tmp_path / "p.csv", newline="") as file:
        rows = [row[:-1] for row in csv.reader(file)]
    with open(tmp_path / "old.csv", "w", newline="") as file:
        csv.writer(file).writerows(rows)
    other = again(tmp_path)
    for name in ("a.csv", "old.csv"):
        other.do(import_file(other.state, VOCABULARY, tmp_path / name)[0])
    assert "safe" == rows[0][-1] and said(other) == said(store)


def test_a_term_that_the_models_lack_has_above_it_what_was_accepted_there(store, tmp_path):
    names = museum_terms()["objectTypes"]
    path = next(places[0].path() for places in names.values() if len(places[0].path()) == 3 and places[0].path()[0] != "vessel")
    store.do(session.accept_term(store.state, "objectTypes", "c.jpg", path))
    assert leave(store).paths("c.jpg")["objectTypes"] == [path]
    assert [tag.tag for tag in leave(store).narrowest("c.jpg")["objectTypes"]] == [path[-1]]
    assert leave(store).paths("a.jpg")["objectTypes"] == [("vessel", "jar")]
    export_csv(store.state, VOCABULARY, tmp_path / "a.csv")
    assert read_records(tmp_path / "a.csv").paths("objectTypes", 2) == (path,)


# ---- IIIF --------------------------------------------------------------------------------------------------------


def on_canvas(store: Store) -> None:
    """As if the first two images had come from a manifest."""
    store.do({"do": "import", "images": {image: {
        "marks": {facet: store.state.marks(image, facet) for facet in FACET_NAMES}, "cells": {},
        "record": {"idInSource": image[0], CANVAS: f"https://museum.example/iiif/jar/canvas/{number}",
                   URL: f"https://museum.example/iiif/{number}/full/512,/0/default.jpg"}}
        for number, image in enumerate(("a.jpg", "b.jpg"), 1)}})


def test_a_manifest_with_annotations_is_what_viewers_open(store):
    on_canvas(store)
    content = json.loads(export_iiif(leave(store), lambda image: (512, 384)))
    assert (content["@context"], content["type"]) == ("http://iiif.io/api/presentation/3/context.json", "Manifest")
    assert content["label"] and content["id"].startswith("https://museum.example/iiif/jar/canvas/1/")
    assert [canvas["id"] for canvas in content["items"]] == [f"https://museum.example/iiif/jar/canvas/{number}" for number in (1, 2)]
    for canvas in content["items"]:
        assert canvas["type"] == "Canvas" and (canvas["width"], canvas["height"]) == (512, 384) and canvas["label"]["none"]
        ((painting,),) = (page["items"] for page in canvas["items"])
        assert (painting["motivation"], painting["target"], painting["body"]["type"]) == ("painting", canvas["id"], "Image")
        assert painting["body"]["id"].startswith("https://museum.example/iiif/") and painting["body"]["format"] == "image/jpeg"
        (page,) = canvas["annotations"]
        assert page["type"] == "AnnotationPage" and "@context" not in page
        for item in page["items"]:
            assert item["type"] == "Annotation" and item["target"] == canvas["id"] and item["motivation"] in ("tagging", "commenting")
            body = item["body"] if isinstance(item["body"], dict) else item["body"][0]
            assert (body["type"], body["format"]) == ("TextualBody", "text/plain") and body["value"]
    everything = [part["id"] for part in every_part(content) if part.get("type") in ("Manifest", "Canvas", "AnnotationPage", "Annotation")]
    assert len(everything) == len(set(everything))


def every_part(value):
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from every_part(part)


def test_a_page_stands_alone_too_and_a_batch_from_no_manifest_is_told(store):
    with pytest.raises(UserError, match="No image of this batch came from a IIIF manifest"):
        export_iiif(leave(store), lambda image: (1, 1))
    assert not annotation_pages(leave(store))
    on_canvas(store)
    pages = annotation_pages(leave(store, (TAKEN, ADDED)))
    assert list(pages) == ["a.jpg"] and pages["a.jpg"]["@context"] == "http://iiif.io/api/presentation/3/context.json"
    values = [item["body"][0]["value"] for item in pages["a.jpg"]["items"] if isinstance(item["body"], list)]
    assert values == ["bronze", "metal", "jar", "vessel", "=a hand"]


# ---- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def exported(store, tmp_path, monkeypatch):
    """Call the command on the store's session; gives the file's content."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    monkeypatch.setattr(export_command, "_vocabulary", lambda data: VOCABULARY)
    (tmp_path / "assistant").mkdir()
    on_canvas(store)
    for image in ("a.jpg", "b.jpg"):
        Picture.new("RGB", (40, 30)).save(store.folder / "images" / store.state.images[image].file)
    store.close()
    store.folder.rename(tmp_path / "assistant" / "jars")

    def call(*arguments: str) -> str:
        out = tmp_path / "out"
        assert export_command.main(["jars", *arguments, "--out", str(out)]) == 0
        return out.read_text(encoding="utf-8")
    return call


@pytest.mark.parametrize("name", export_command.FORMATS)
def test_the_command_writes_every_format_and_leaves_machines_out_by_choice(exported, name, capsys):
    assert ("archaeology" in exported("--format", name)) == (name != "csv")
    assert "3 images, 1 of them tagged, are in " in capsys.readouterr().out
    assert "archaeology" not in exported("--format", name, "--without-machine")


def test_the_command_says_all_of_every_decision_in_provenance_and_json_ld(store, exported, tmp_path):
    with closing(Store(tmp_path / "assistant" / "jars", "carla")) as session_store:
        session_store.do({"do": "import", "images": {"c.jpg": {"marks": {"materials": {"clay": "accepted"}}, "record": {}, "cells": {}}}})
        session_store.do(session.accept_term(session_store.state, "materials", "c.jpg", ["orichalcum"]))
        decided = {(one.image[0], one.facet, one.tag): one for one in session_store.state.decisions()}
    assert {one.origin for one in decided.values()} == {TAKEN, ADDED, "suggested-rejected", "imported"}
    rows = {(row["idInSource"], row["facet"], row["tag"]): row for row in csv.DictReader(exported(
        "--format", "provenance", "--without-machine").splitlines(keepends=True)) if row["facet"] != "note"}
    content = json.loads(exported("--format", "jsonld", "--rejections", "--without-machine"))
    items = {(item["target"]["schema:name"][0], facts(item)["facet"], facts(item)["tag"]): item
             for item in content["first"]["items"] if item["motivation"] != "commenting"}
    assert rows.keys() == items.keys() == decided.keys()
    for key, one in decided.items():
        row, item = rows[key], items[key]
        fact, agent, body = facts(item), item["generator"], item["body"]
        by_model = one.origin.startswith("suggested")
        number = next((NAMES[one.facet].numbers[place] for place in [VOCABULARY[one.facet].index.get(one.tag)] if place is not None), "")
        assert (row["aat"], row["uri"]) == (number, f"http://vocab.getty.edu/aat/{number}" * bool(number))
        assert (body.get("source") or {"id": ""})["id"] == row["uri"] and (body["type"] == "TextualBody") == (not number)
        assert body["purpose"] in ("classifying", "tagging", "assessing") and item["motivation"] in ("tagging", "assessing")
        for name, value in (("mark", one.mark), ("origin", one.origin), ("score", one.score), ("promise", one.promise),
                            ("source", "vocabulary" if one.tag in VOCABULARY[one.facet].index else "free")):
            assert row[name] == ("" if value is None else str(value)) and fact.get(name) == value
        assert (row["who"], row["at"]) == (one.who, one.at) == (item["creator"]["name"], item["created"]) and one.at
        assert [row[name] for name in ("model", "model_hash", "commit", "vocabulary")] == [
            MODEL[name] * by_model for name in ("name", "hash", "commit", "vocabulary")]
        assert [agent.get(f"schema:{name}", "") for name in ("identifier", "softwareVersion")] == [row["model_hash"], row["commit"]]
        assert (facts(agent)["vocabulary"] if by_model else "") == row["vocabulary"] and agent["type"] == "Software"
        assert item["target"]["id"].startswith("https://museum.example/iiif/" if key[0] in "ab" else "ni:///sha-256;")


def test_the_commands_choices_reach_the_file(exported, tmp_path):
    assert exported("--format", "csv", "--safe", "--bom").startswith("\ufeffidInSource")
    assert read_records(tmp_path / "out").further("note")[0].startswith("'=HYPERLINK")
    assert "assessing" in exported("--format", "jsonld", "--rejections")
    assert "bronze" not in exported("--format", "table", "--origins", "added")


def test_a_session_that_is_not_there_is_told_and_not_made(exported, tmp_path, capsys):
    assert export_command.main(["jar", "--format", "csv", "--out", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err == "Unknown session 'jar'. Known sessions: jars.\n"
    assert not (tmp_path / "assistant" / "jar").exists()
