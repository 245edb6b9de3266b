"""From an item's URIs to ids of the AAT: spellings, Europeana's entities, what is kept on disk."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.collection.europeana.concepts import (
    Entity,
    aat_id,
    entity_number,
    entity_numbers,
    fetch_entities,
    item_uris,
    match_concept,
    read_entities,
)
from eufcc_lib.core.errors import UserError

SHARED = Path(__file__).parents[3] / "shared" / "data" / "europeana"
recorded = pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded answers are not beside the project")

MUSIC = {"id": "http://data.europeana.eu/concept/62", "prefLabel": {"ca": "Música", "en": "Music"},
         "exactMatch": ["http://dbpedia.org/resource/Music", "http://vocab.getty.edu/aat/300054146",
                        "http://vocab.getty.edu/aat/300417584"]}


class Source:
    """Answers from a dict, and remembers what it was asked."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def get_concept(self, number):
        self.asked.append(number)
        return self.answers.get(number)


SPELLINGS = ["http://vocab.getty.edu/aat/{}", "https://vocab.getty.edu/aat/{}", "http://vocab.getty.edu/page/aat/{}",
             "https://vocab.getty.edu/page/aat/{}", "http://www.vocab.getty.edu/aat/{}", "HTTP://Vocab.Getty.edu/aat/{}",
             "http://www.getty.edu/vow/AATFullDisplay?find=&logic=AND&note=&subjectid={}",
             "https://www.getty.edu/vow/AATFullDisplay?find=&logic=AND&note=&english=N&prev_page=1&subjectid={}",
             "http://www.getty.edu/research/tools/vocabularies/aat/AATFullDisplay?subjectid={}"]


@settings(deadline=None)
@given(st.sampled_from(SPELLINGS), st.integers(300_000_000, 300_999_999),
       st.sampled_from(["", "/", ".json", ".ttl", ".jsonld", "-list-300310538", "#this", "?lang=en", "/."]),
       st.sampled_from(["", " ", "\n"]))
def test_spellings_of_an_aat_address_are_one_id(spelling, number, ending, space):
    if "subjectid" in spelling and ending.startswith(("-", ".", "?", "/")):
        ending = "&find="
    assert aat_id(space + spelling.format(number) + ending + space) == number


@settings(deadline=None)
@given(st.sampled_from(SPELLINGS), st.integers(0, 10 ** 12).filter(lambda number: len(str(number)) != 9))
def test_number_that_is_not_nine_digits_long_is_no_aat_id(spelling, number):
    assert aat_id(spelling.format(number)) is None


@pytest.mark.parametrize("uri", [
    "", "300010900", "http://vocab.getty.edu/aat/", "http://vocab.getty.edu/ulan/500010879",
    "http://vocab.getty.edu/tgn/300010900", "http://vocab.getty.edu/aat/term/1000010900-en",
    "http://vocab.getty.edu/aat/rev/5001234567", "http://vocab.getty.edu.example.org/aat/300010900",
    "http://www.getty.edu/vow/ULANFullDisplay?find=&role=&nation=&subjectid=500115588",
    "http://example.org/?see=http://vocab.getty.edu/aat/300010900", "http://iconclass.org/rkd/46C13141/"])
def test_other_addresses_are_no_aat_id(uri):
    assert aat_id(uri) is None


@settings(deadline=None)
@given(st.text())
def test_any_text_has_an_answer(text):
    assert aat_id(text) is None and entity_number(text) is None


@pytest.mark.parametrize(("uri", "number"), [
    ("http://data.europeana.eu/concept/62", "62"), ("https://data.europeana.eu/concept/base/1689", "1689"),
    ("http://data.europeana.eu/concept/62/", "62"), ("http://data.europeana.eu/concept/62.json", "62"),
    ("http://data.europeana.eu/agent/base/62", None), ("http://data.europeana.eu/concept/", None),
    ("http://data.europeana.eu/organization/1585", None)])
def test_europeana_concepts_are_known_in_both_forms(uri, number):
    assert entity_number(uri) == number


def test_concepts_to_ask_for_are_those_of_all_lines_once():
    lines = [{"item": {"edmConcept": ["http://data.europeana.eu/concept/62", "http://vocab.getty.edu/aat/300010900"]}},
             {"item": {}}, {"item": {"edmConcept": ["http://data.europeana.eu/concept/9",
                                                    "http://data.europeana.eu/concept/base/62"]}}]
    assert entity_numbers(lines) == ["62", "9"]


def test_uris_of_an_item_are_each_counted_once():
    assert item_uris({"edmConcept": ["a", "b", "a"]}) == ("a", "b")
    assert item_uris({"edmConcept": "a"}) == ("a",)
    assert item_uris({"edmConcept": None}) == item_uris({}) == ()


def test_what_a_uri_stands_for_or_why_not():
    entities = {"62": Entity("62", True, "Music", (300054146, 300417584)), "7": Entity("7", True, "Prints"),
                "8": Entity("8", False)}
    uri = "http://data.europeana.eu/concept/{}"
    assert match_concept(uri.format(62), entities).ids == (300054146, 300417584)
    assert match_concept(uri.format("base/62"), entities).label == "Music"
    assert match_concept(uri.format(7), entities).reason == "a Europeana entity without an AAT match"
    assert match_concept(uri.format(8), entities).reason == "a Europeana entity that does not exist"
    assert match_concept(uri.format(9), entities).reason == "a Europeana entity that was not requested"
    assert match_concept("http://iconclass.org/46C", entities).reason == "another vocabulary"


def test_entities_are_asked_for_once_and_kept_no_less_than_yes(tmp_path):
    path, source = tmp_path / "raw" / "concepts.jsonl", Source({"62": MUSIC, "5": {"id": "x", "prefLabel": {}}})
    entities = fetch_entities(["62", "404", "62", "5"], source, path)
    assert entities == {"62": Entity("62", True, "Music", (300054146, 300417584)), "404": Entity("404", False),
                        "5": Entity("5", True)}
    assert fetch_entities(["404", "62", "5"], source, path) == entities == read_entities(path)
    assert source.asked == ["62", "404", "5"]
    kept = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert kept["exactMatch"] == MUSIC["exactMatch"][1:] and kept["date"].endswith("Z")


def test_without_a_file_nothing_is_known(tmp_path):
    assert read_entities(tmp_path / "none.jsonl") == {}


def test_error_of_the_source_loses_no_answer_before_it(tmp_path):
    path, source = tmp_path / "concepts.jsonl", Source({})

    def get_concept(number):
        if number == "62":
            return MUSIC
        assert list(read_entities(path)) == ["62"]  # kept before the next is asked for
        raise ZeroDivisionError

    source.get_concept = get_concept
    with pytest.raises(ZeroDivisionError):
        fetch_entities(["62", "63"], source, path)
    again = Source({"62": MUSIC})
    assert fetch_entities(["62", "63"], again, path)["63"] == Entity("63", False)
    assert again.asked == ["63"]


def test_line_cut_by_a_kill_is_asked_for_again(tmp_path):
    path, source = tmp_path / "concepts.jsonl", Source({"62": MUSIC})
    fetch_entities(["404", "62"], source, path)
    whole = path.read_bytes()
    for cut in (len(whole) - 1, len(whole) - 40, whole.index(b"\n") + 2):
        path.write_bytes(whole[:cut])
        assert list(read_entities(path)) == ["404"]
        source.asked.clear()
        assert list(fetch_entities(["404", "62"], source, path)) == ["404", "62"]
        assert source.asked == ["62"]


MANY = """
import sys
from eufcc_lib.collection.europeana.concepts import fetch_entities
class Many:
    def get_concept(self, number):
        print(f"asked {number}" + " " * 1000, file=sys.stderr, flush=True)
        return {"id": number, "prefLabel": {"en": "x" * 3000}, "exactMatch": []}
fetch_entities(map(str, range(10_000)), Many(), sys.argv[1])
"""


def test_killed_at_any_moment_it_goes_on_and_doubles_nothing(tmp_path):
    """The process cannot come to its end first: a pipe that nobody reads on holds a part of what it tells."""
    path = tmp_path / "concepts.jsonl"
    known = 0
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", MANY, str(path)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if line.rstrip() == f"asked {known + 20}":  # what came before is kept
                break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        numbers = [json.loads(line)["concept"] for line in path.read_bytes().split(b"\n")[:-1]]
        assert known + 20 <= len(numbers) < 10_000
        assert numbers == list(map(str, range(len(numbers))))
        known = len(numbers)


@pytest.mark.parametrize("line", ["oops", "{}", "[]", '{"concept": "1", "found": true, "label": "", "exactMatch": [1]}'])
def test_line_that_is_no_entity_is_told(tmp_path, line):
    path = tmp_path / "concepts.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="concepts.jsonl, line 1: found .* expected an entity"):
        read_entities(path)


# Read by hand from the recorded answers: number, English name or the first one, AAT ids.
RECORDED = {
    "entity_management/concept.json": ("1326", "minimal techno", ()),
    "entity_management/static_concept_1689.json": ("1689", "Negative prints", ()),
    "metis_framework/entity_api/entity-api-response-mgmt-concept-base.json": ("84", "Religion", (300054300,)),
    "metis_framework/entity_api/entity-api-response-mgmt-concept-ii-base.json":
        ("62", "Music", (300054146, 300417584)),
    "metis_framework/entity_api/entity-api-response-mgmt-concept-base-ii.json":
        ("3401", "Ethics", (300054290, 300055939)),
    "metis_framework/entity_api/entity-api-response-resolve-uri-concept.json": ("3331", "Film", (300136900,)),
}


@recorded
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_entities_give_their_aat_ids(tmp_path, name):
    answer = json.loads((SHARED / name).read_text(encoding="utf-8"))
    number, label, ids = RECORDED[name]
    assert entity_number(answer["id"]) == number
    assert fetch_entities([number], Source({number: answer}), tmp_path / "kept.jsonl") == {
        number: Entity(number, True, label, ids)}


@recorded
def test_every_recorded_entity_answer_parses(tmp_path):
    answers = [json.loads(path.read_text(encoding="utf-8")) for folder in ("metis_framework/entity_api",
               "entity_management") for path in sorted((SHARED / folder).glob("*.json"))]
    found = [entity for answer in answers for entity in answer.get("items", [answer])
             if entity.get("type") == "Concept"]
    numbers = [entity_number(entity["id"]) for entity in found]
    assert sorted(numbers) == sorted(["62", "62", "3401", "3401", "84", "84", "3331", "1326", "1689"])
    for number, answer in zip(numbers, found, strict=True):
        fetch_entities([number], Source({number: answer}), tmp_path / "kept.jsonl")
    kept = read_entities(tmp_path / "kept.jsonl")
    assert {number: entity.aat for number, entity in kept.items()} == {
        "62": (300054146, 300417584), "3401": (300054290, 300055939), "84": (300054300,), "3331": (300136900,),
        "1326": (), "1689": ()}


ITEMS = {
    "/2064116/Museu_ProvidedCHO_Nationalmuseum__Sweden_1158": [300179869, 300014063],
    "/783/item_2GJ2QIL43VJCXB3ATRRF4Y6TYINPPATK": [300053241, 300194222],
    "/08711/https___www_biodiversitylibrary_org_item_61840": [300250148],
    "/951/Culturalia_0653e691_7502_47e9_b8ba_02c6094107f6": [
        300162391, 300033565, 300014224, 300053069, 300053158, 300054216, 300011914, 300010900, 300007466],
    "/951/Culturalia_98102ede_202d_43f6_8f8a_0cd2743ed4de": [
        300266106, 300264849, 300021514, 300010262, 300041340],
}


@recorded
def test_recorded_items_have_these_aat_ids():
    items = json.loads((SHARED / "project_vuejs/search_items_50.json").read_text(encoding="utf-8"))["items"]
    found = {item["id"]: [number for number in map(aat_id, item_uris(item)) if number] for item in items}
    assert {name: numbers for name, numbers in found.items() if numbers} == ITEMS
    numbers = entity_numbers({"item": item} for item in items)
    assert len(numbers) == len(set(numbers))
    uris = [uri for item in items for uri in item_uris(item)]
    assert sum(uri.startswith("http://data.europeana.eu/concept/") for uri in uris) == 82 and set(numbers) == {
        uri.rpartition("/")[2] for uri in uris if uri.startswith("http://data.europeana.eu/concept/")}


@recorded
def test_recorded_items_of_another_vocabulary_have_no_aat_id():
    items = json.loads((SHARED / "portal_collections/search.json").read_text(encoding="utf-8"))["items"]
    assert len(items) == 12
    uris = [uri for item in items for uri in item_uris(item)]
    assert len(uris) == 12
    assert {match_concept(uri, {}).reason for uri in uris} == {"another vocabulary"}


@recorded
def test_recorded_record_has_the_concept_and_its_broader_one():
    answer = json.loads((SHARED / "iiif_manifest_api/example_record_child_response.json").read_text(encoding="utf-8"))
    concept, = answer["object"]["concepts"]
    assert (aat_id(concept["about"]), aat_id(concept["broader"][0])) == (300026656, 300026642)
