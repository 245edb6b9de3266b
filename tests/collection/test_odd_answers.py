"""Whatever JSON a server sends, of the wrong type at any place, is counted under a reason, or is one sentence.

The answers are those of the small Europeana, with one to three values replaced, over real HTTP.
"""

import copy
import json
import tempfile
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from test_client import KEY as CLIENT_KEY
from test_client import serve
from test_mini_europeana import draw_museum

from eufcc_lib.collection.aat.mapping import map_items, write_report
from eufcc_lib.collection.europeana.client import Client
from eufcc_lib.collection.europeana.concepts import Entity, entity_numbers, fetch_entities, read_entities
from eufcc_lib.collection.europeana.harvest import harvest, read_items
from eufcc_lib.collection.europeana.queries import Query
from eufcc_lib.collection.mini_europeana.items import KEY
from eufcc_lib.collection.mini_europeana.server import serve_museum
from eufcc_lib.collection.mini_europeana.thesaurus import museum_thesaurus
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.records_csv import write_records

HALF = "\ud83d"  # of an emoji
ODD = st.sampled_from([None, 7, -0.5, 10**40, float("nan"), True, "", " ", "x" * 10_000, HALF, f"http://[{HALF}", [], [None],
                       [[HALF]], {}, {"def": ["Museum"]}, {HALF: HALF},
                       f"https://api.europeana.eu/thumbnail/v2/url.json?uri={HALF}&type={HALF}",
                       f"http://vocab.getty.edu/aat/300010900?{HALF}"])


@pytest.fixture
def server(monkeypatch):
    yield from serve(monkeypatch)


@pytest.fixture
def client(server):
    return Client(CLIENT_KEY, server.url, wait=lambda _: None)


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """A page of a search, and the entities of its items, as the small Europeana gives them."""
    root = tmp_path_factory.mktemp("museum")
    draw_museum(root, ceramics=3)
    with serve_museum(root) as url:
        def ask(path):
            return requests.get(url + path, headers={"X-Api-Key": KEY}, timeout=10).json()
        page = ask("/record/v2/search.json?query=*:*&cursor=*")
        # All items name a concept that has an entity; fields that nobody reads would only take the changes.
        page["items"] = [{name: item[name] for name in ("id", "title", "dataProvider", "edmPreview")} | {
            "edmConcept": [*item.get("edmConcept", []), "http://data.europeana.eu/concept/1"]} for item in page["items"]]
        return page, {f"/entity/concept/{number}.json": (200, ask(f"/entity/concept/{number}.json"), None)
                      for number in entity_numbers({"item": item} for item in page["items"])}


def places(value, path=()):
    """Where in a JSON value another one can stand."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


@st.composite
def changed(draw, value):
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        *above, key = draw(st.sampled_from(places(value)[1:]))
        holder = value
        for step in above:
            holder = holder[step]
        holder[key] = copy.deepcopy(draw(ODD))  # the next change may be within it
    return value


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_items_and_entities_of_any_shape_become_records_or_are_counted(server, client, answers, data):
    page, server.entities = answers
    page = data.draw(changed(page))
    server.entities = {path: (200, data.draw(changed(body)), None) for path, (_, body, _) in server.entities.items()}
    server.faults = [{"body": page}, *[{"body": {"success": True}}] * 2]
    with tempfile.TemporaryDirectory() as folder:
        try:
            state, = harvest(client, [Query("toy", "toy")], folder, progress=False)
        except UserError:
            event("one sentence")
            return
        server.faults = []
        assert state.items + state.repeated + state.unnamed == len(page.get("items", []))
        lines = list(read_items(folder))
        entities = fetch_entities(entity_numbers(lines), client, Path(folder) / "entities.jsonl")
        records, report = map_items(lines, museum_thesaurus(), entities)
        assert report.summary["harvested"].sum() == len(lines) == len(records) + report.left_out["items"].sum()
        mentions = [item["edmConcept"] for item in (line["item"] for line in lines) if isinstance(item.get("edmConcept"), list)]
        assert report.concepts["items"].sum() >= sum(len(set(map(json.dumps, values))) for values in mentions)
        write_report(report, Path(folder) / "report")
        write_records(records, Path(folder) / "records.csv")


@pytest.mark.parametrize(("name", "labels", "matches", "label"), [
    (None, {"en": [None, "Music"]}, [None, "http://vocab.getty.edu/aat/300054146"], "Music"),
    (7, {"en": {}, "ca": f"Música{HALF}"}, "http://vocab.getty.edu/aat/300054146", "Música\ufffd"),
    ("x", ["Music"], [{}, f"http://vocab.getty.edu/aat/300054146?{HALF}"], "")])
def test_entity_keeps_what_is_text(server, client, tmp_path, name, labels, matches, label):
    server.entities["/entity/concept/62.json"] = (200, {"id": name, "prefLabel": labels, "exactMatch": matches}, None)
    expected = {"62": Entity("62", True, label, (300054146,))}
    assert fetch_entities(["62"], client, tmp_path / "kept.jsonl") == expected == read_entities(tmp_path / "kept.jsonl")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"success": true, "items": ' + b"[" * 700 + b"]" * 700 + b"}",
                                  b'{"totalResults": ' + b"9" * 10_000 + b"}"])
def test_answer_that_is_too_deep_or_holds_too_long_a_number_is_no_answer(server, client, body):
    server.faults = [{"body": body}] * 4
    with pytest.raises(UserError, match="the answer is not JSON|an answer without 'success' or with items without an 'id'"):
        client.search("toy")


@pytest.mark.parametrize("cursor", [7, "", ["x"], HALF, "à"])
def test_cursor_that_is_no_text_of_a_cursor_is_one_sentence(server, client, cursor):
    server.faults = [{"body": {"success": True, "items": [{"id": "/1/a"}], "nextCursor": cursor}}]
    with pytest.raises(UserError, match="as 'nextCursor'; expected the text of a cursor"):
        client.search("toy")


@pytest.mark.parametrize("total", [None, "many", -1, 2.5, True, [], float("nan")])
def test_total_that_is_no_number_of_items_is_not_reported(server, client, total):
    server.faults = [{"body": {"success": True, "items": [{"id": "/1/a"}, {"id": 7}, None], "totalResults": total}}]
    page = client.search("toy")
    assert (page.total, page.items, page.unnamed) == (None, ({"id": "/1/a"},), 2)
