"""The client against a small Europeana on loopback: paging, limits, faults, both shapes of errors, and the key."""

import dataclasses
import gzip
import json
import pickle
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from eufcc_lib.collection.europeana import client as client_module
from eufcc_lib.collection.europeana.client import MASK, Client
from eufcc_lib.collection.http import Window
from eufcc_lib.core.errors import UserError

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "europeana"
KEY = "s3cretKEYofours"


def make_item(number, key=KEY, **more):
    """An item that echoes the key wherever the service does, and in one place more."""
    name = f"/7/object_{number:05d}"
    return {"id": name, "title": [f"Cadira {number}"], "edmConcept": ["http://vocab.getty.edu/aat/300037772"],
            "link": f"https://api.europeana.eu/record{name}.json?wskey={key}",
            "guid": f"https://www.europeana.eu/item{name}?utm_source=api&utm_medium=api&utm_campaign={key}",
            "edmIsShownAt": [f"https://api.europeana.eu/api/{key}/redirect?shownAt=http%3A%2F%2Fmuseum.example%2F"],
            "dcDescription": [f"asked with {key}."]} | more


def old_error(code, error, **_):
    return {"apikey": KEY, "success": False, "error": error, "code": code}


def new_error(code, error, status):
    return {"@context": "https://api.europeana.eu/context.jsonld", "type": "ErrorResponse", "success": False,
            "status": status, "code": code, "error": error, "message": f"The key {KEY} has a problem",
            "seeAlso": "https://europeana.example", "timestamp": "2026-11-01T10:00:00Z", "path": "/record/v2/search.json"}


class Handler(BaseHTTPRequestHandler):
    """Serves the server's collections and entities; each request first takes one fault, if there is one."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client to confirm its headers

    def do_GET(self):
        address = urlsplit(self.path)
        asked = SimpleNamespace(path=address.path, parameters=parse_qs(address.query), headers=dict(self.headers),
                                line=self.path)
        self.server.asked.append(asked)
        fault = self.server.faults.pop(0) if self.server.faults else None
        if callable(fault):
            fault = fault()
        if fault is not None:
            return self.answer(**fault)
        if asked.headers.get("X-Api-Key") != self.server.key:
            return self.answer(401, old_error("401-AX", "Invalid API key"))
        if address.path == "/record/v2/search.json":
            return self.answer(200, self.search({name: values[0] for name, values in asked.parameters.items()}))
        status, body, location = self.server.entities.get(self.path, (404, old_error(None, "No entity found"), None))
        return self.answer(status, body, {"Location": location} if location else {})

    def search(self, asked):
        items = self.server.collections.get(asked["query"], [])
        start = 0 if asked["cursor"] == "*" else int(asked["cursor"].removeprefix("Aa+/="))
        page = items[start:start + int(asked["rows"])]
        body = {"apikey": self.headers["X-Api-Key"], "success": True, "requestNumber": 999, "itemsCount": len(page),
                "totalResults": len(items)}
        return body | ({"items": page, "nextCursor": f"Aa+/={start + len(page)}"} if page else {})

    def answer(self, status=200, body=b"", headers=(), cut=None, hang=0.0):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if hang:
            self.server.waking.wait(hang)
        self.send_response(status)
        for name, value in dict(self.server.headers, **dict(headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:cut])
        self.close_connection = cut is not None or bool(hang)

    def log_message(self, *_):
        pass


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # the client hung up, as some tests want


def serve(monkeypatch):
    """A small Europeana, for whose clients time stands still; yields once, as fixtures do."""
    monkeypatch.setattr(client_module, "time", SimpleNamespace(monotonic=lambda: 0.0))
    with QuietServer(("127.0.0.1", 0), Handler) as server:
        server.key, server.collections, server.entities, server.headers = KEY, {}, {}, {}
        server.faults, server.asked, server.waking = [], [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.waking.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server(monkeypatch):
    yield from serve(monkeypatch)


@pytest.fixture
def other_server(monkeypatch):
    yield from serve(monkeypatch)


@pytest.fixture
def waits():
    return []


@pytest.fixture
def client(server, waits):
    return Client(KEY, server.url, wait=waits.append)


def test_pages_follow_the_cursor_to_the_end(server, client):
    server.collections["chair"] = [make_item(number) for number in range(250)]
    cursor, sizes, ids = "*", [], []
    while cursor:
        page = client.search("chair", ["TYPE:IMAGE", '-what:"a b"'], cursor)
        assert page.total == 250
        sizes.append(len(page.items))
        ids += [item["id"] for item in page.items]
        cursor = page.cursor
    assert sizes == [100, 100, 50, 0]
    assert ids == [item["id"] for item in server.collections["chair"]]
    first = server.asked[0]
    assert first.parameters == {"query": ["chair"], "qf": ["TYPE:IMAGE", '-what:"a b"'], "reusability": ["open"],
                                "thumbnail": ["true"], "profile": ["standard"], "sort": ["europeana_id"],
                                "rows": ["100"], "cursor": ["*"]}
    assert first.headers["X-Api-Key"] == KEY


def test_cursor_that_comes_back_is_the_end(server, client):
    server.faults = [{"body": {"success": True, "items": [make_item(1)], "nextCursor": "AoE+/w=="}}]
    assert client.search("chair", cursor="AoE+/w==").cursor is None
    assert server.asked[0].parameters["cursor"] == ["AoE+/w=="]


def test_key_comes_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("EUROPEANA_API_KEY", f" {KEY}\n")
    Client(base_url=server.url + "/").search("chair")
    assert server.asked[0].headers["X-Api-Key"] == KEY
    assert server.asked[0].path == "/record/v2/search.json"


@pytest.mark.parametrize("key", ["", "  "])
def test_missing_key_is_told_before_any_request(key, monkeypatch):
    monkeypatch.setenv("EUROPEANA_API_KEY", key)
    with pytest.raises(UserError, match="no API key: EUROPEANA_API_KEY is not set"):
        Client()


@pytest.mark.parametrize("key", ["two words here", "line\nbreak-inside", "schlüssel-lang", "short"])
def test_text_that_cannot_be_a_key_is_refused_and_not_shown(key):
    with pytest.raises(UserError, match="is not one; expected at least 8 characters") as error:
        Client(key)
    assert key not in str(error.value)


@pytest.mark.parametrize("url", ["api.europeana.eu", "ftp://api.europeana.eu", "http://", "http://host:port", "http://[a",
                                 f"https://api.europeana.eu/?wskey={KEY}"])
def test_base_url_that_is_none_is_refused(url):
    with pytest.raises(UserError, match="not a URL; expected a base url such as https://api.europeana.eu") as error:
        Client(KEY, url)
    assert KEY not in str(error.value)


@pytest.mark.parametrize("shape", [old_error, new_error])
@pytest.mark.parametrize(("status", "code", "expected"), [
    (400, "400-SE", "refused query 'chair' .HTTP status 400: 400-SE, the words"),
    (400, "400-SC", "refused query 'chair'"),
    (400, "400-AM", "refused the API key .*EUROPEANA_API_KEY"),
    (401, "401-AX", "refused the API key .*401-AX, the words.*; expected a valid key in EUROPEANA_API_KEY"),
    (401, "401_key_disabled", "refused the API key"),
    (410, "410-AD", "refused the API key"),
    (403, "403_scope_missing", "does not accept this API key .*403_scope_missing"),
    (403, "403_user_not_authorised", "does not accept this API key"),
    (404, None, "is not there .HTTP status 404"),
])
def test_refusals_are_one_sentence_at_once(server, client, waits, shape, status, code, expected):
    server.faults = [{"status": status, "body": shape(code, f"the words\n about {KEY}", status=status)}]
    with pytest.raises(UserError, match=expected) as error:
        client.search("chair")
    assert len(server.asked) == 1 and waits == []
    assert KEY not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(("status", "expected"), [(401, "refused the API key"), (403, "does not accept"), (404, "is not there"),
                                                  (418, "refused query")])
def test_status_counts_where_the_body_is_a_web_page(server, client, status, expected):
    server.faults = [{"status": status, "body": b"<html>Sorry</html>"}]
    with pytest.raises(UserError, match=expected):
        client.search("chair")


@pytest.mark.parametrize(("body", "expected"), [
    (old_error("401-AX", "Invalid API key"), "refused the API key"),
    (new_error("403_scope_missing", "Forbidden", 403), "does not accept"),
    (old_error(None, "Something"), "refused query 'chair' .HTTP status 400: Something"),
])
def test_failure_in_the_body_counts_also_under_status_200(server, client, body, expected):
    server.faults = [{"body": body}]
    with pytest.raises(UserError, match=expected):
        client.search("chair")


@pytest.mark.parametrize("body", [{}, {"success": True, "items": [{"title": ["x"]}]}, {"success": True, "items": "many"},
                                  {"success": True, "items": ["x"]}])
def test_answer_that_is_no_search_is_refused(server, client, body):
    server.faults = [{"body": body}]
    with pytest.raises(UserError, match="expected a Search API of Europeana there"):
        client.search("chair")


@pytest.mark.parametrize("fault", [
    {"status": 500, "body": b"Internal error"},
    {"status": 503, "body": old_error("503-SA", "Solr is down")},
    {"status": 504, "body": new_error("504", "Timeout", 504)},
    {"status": 408},
    {"status": 429, "body": new_error("429_limit_personal", "limit of 1000 requests per 60 minutes", 429)},
    {"body": new_error("429_limit_personal", "limit reached, under status 200", 429)},
    {"body": {"success": True, "items": [make_item(1)] * 50}, "cut": 700},
    {"body": b'{"success": true, "items": [{"id": "/7/obj'},
    {"body": b"<html>We are moving</html>"},
    {"body": b""},
    {"body": b"[1, 2]"},
    {"body": b"\xff\xfe"},
    {"body": b"no gzip at all", "headers": {"Content-Encoding": "gzip"}},
    {"body": b"", "cut": 0, "headers": {"Transfer-Encoding": "chunked"}},
])
def test_passing_faults_are_tried_again(server, client, waits, fault):
    server.collections["chair"] = [make_item(1)]
    server.faults = [dict(fault), dict(fault)]
    assert len(client.search("chair").items) == 1
    assert len(server.asked) == 3
    assert len(waits) == 2 and 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0


def test_web_page_in_place_of_an_api_is_told_after_some_seconds(server, client, waits):
    server.faults = [{"body": b"<html>Welcome</html>"}] * 10
    with pytest.raises(UserError, match="not JSON.*; expected an API of Europeana at the base url"):
        client.search("chair")
    assert sum(waits) < 10


def test_answer_that_unpacks_to_too_much_is_one_sentence_at_once(server, client, waits):
    server.faults = [{"body": gzip.compress(bytes(20_000_001)), "headers": {"Content-Encoding": "gzip"}}]
    with pytest.raises(UserError, match="/record/v2/search.json sends more than 20,000,000 bytes"):
        client.search("chair")
    assert waits == []


def test_client_gives_its_key_to_no_copy(client):
    with pytest.raises(TypeError, match="holds the API key"):
        pickle.dumps(client)
    assert KEY not in str(dataclasses.asdict(client))


def test_connection_that_fails_ends_in_a_sentence(waits):
    with socket.socket() as bound:  # nobody listens there
        bound.bind(("127.0.0.1", 0))
        client = Client(KEY, f"http://127.0.0.1:{bound.getsockname()[1]}", wait=waits.append)
        with pytest.raises(UserError, match="gave no answer in 10 tries .the connection failed.; try again later"):
            client.search("chair")
    assert len(waits) == 9


def test_tries_are_counted_anew_for_each_request(server, client):
    server.collections["chair"] = [make_item(1)]
    for _ in range(3):
        server.faults = [{"status": 502}] * 9
        assert client.search("chair").items


def test_empty_window_is_waited_for_before_the_next_request(server, client, waits):
    server.headers = {"RateLimit": '"personal";r=0;t=1800', "RateLimit-Policy": '"personal";q=1000;w=3600'}
    client.search("chair")
    assert waits == []
    assert client.window == Window(0, 1800, 1000, 3600)
    server.headers = {"RateLimit": '"personal";r=999;t=3599', "RateLimit-Policy": '"personal";q=1000;w=3600'}
    client.search("chair")
    assert len(waits) == 1 and 1800 <= waits[0] <= 1801
    client.search("chair")
    assert len(waits) == 1 and client.window.left == 999


def test_reached_limit_is_waited_for_once(server, client, waits):
    server.faults = [{"status": 429, "body": new_error("429_limit_personal", "limit reached", 429),
                      "headers": {"RateLimit": '"personal";r=0;t=1800'}}]
    client.search("chair")
    assert len(waits) == 1 and 1800 <= waits[0] <= 1801


def test_client_waits_for_hours_and_not_for_days(server, client, waits):
    server.faults = [{"status": 429, "headers": {"Retry-After": "7200"}}]
    client.search("chair")
    assert len(waits) == 1 and 7200 <= waits[0] <= 7201
    server.faults = [{"status": 429, "headers": {"Retry-After": "172800"}}]
    with pytest.raises(UserError, match="asks to wait 48.0 h; expected at most 24.0 h"):
        client.search("chair")


def test_waits_are_told(server):
    told, server.faults = [], [{"status": 429, "headers": {"Retry-After": "120"}, "body": f"{KEY}".encode()}]
    Client(KEY, server.url, wait=lambda _: None, report=told.append).search("chair")
    assert told == ["HTTP status 429; try 2 of 10; resuming in 2 min"]


def test_key_is_nowhere_in_what_is_returned_told_or_shown(server, caplog, capsys):
    caplog.set_level("DEBUG")
    told = []
    client = Client(KEY, server.url, wait=lambda _: None, report=told.append)
    server.collections["chair"] = [make_item(1, **{f"field of {KEY}": KEY.lower(), "nested": [[{"APIkey": "any"}]]})]
    server.faults = [{"status": 500, "body": old_error("500", f"bad {KEY}")}, None]
    page = client.search("chair")
    shown = capsys.readouterr()
    everything = repr((client, page, told, vars(page), caplog.text, shown.out, shown.err))
    assert KEY.lower() not in everything.lower()
    item = page.items[0]
    assert item["link"].endswith(f"?wskey={MASK}")
    assert item["guid"].endswith(f"&utm_campaign={MASK}")
    assert item["edmIsShownAt"] == [f"https://api.europeana.eu/api/{MASK}/redirect?shownAt=http%3A%2F%2Fmuseum.example%2F"]
    assert item[f"field of {MASK}"] == MASK and item["nested"] == [[{"APIkey": MASK}]]
    assert item["dcDescription"] == [f"asked with {MASK}."]
    assert item["title"] == ["Cadira 1"]
    assert all(KEY not in asked.line for asked in server.asked)


def test_another_ones_key_is_masked_too_and_other_addresses_stay(server, client):
    server.collections["chair"] = [make_item(1, key="someone-else", title=["http://old.example/?a=1&WSKey=theirs#x"],
                                             edmIsShownBy=["http://museum.example/?utm_campaign=spring"])]
    item = client.search("chair").items[0]
    assert item["title"] == [f"http://old.example/?a=1&WSKey={MASK}#x"]
    assert item["link"].endswith(f"?wskey={MASK}") and item["guid"].endswith(f"&utm_campaign={MASK}")
    assert item["edmIsShownBy"] == ["http://museum.example/?utm_campaign=spring"]


def test_key_with_signs_is_masked_also_where_it_is_encoded(server):
    server.key = "a+b/c=d&e.f$g"
    server.collections["chair"] = [make_item(1, key="", title=[server.key, quote(server.key, safe=""), "aab/c=d&e.f$g"])]
    page = Client(server.key, server.url).search("chair")
    assert page.items[0]["title"] == [MASK, MASK, "aab/c=d&e.f$g"]


def test_redirect_to_another_host_never_gets_the_key(server, other_server, client):
    server.faults = [{"status": 302, "headers": {"Location": f"{other_server.url}/record/v2/search.json?wskey={KEY}"}}]
    with pytest.raises(UserError, match=f"redirects to {other_server.url}/.*, where the key is not sent") as error:
        client.search("chair")
    assert other_server.asked == [] and KEY not in str(error.value)


def test_redirect_within_the_host_is_followed(server, client):
    server.collections["chair"] = [make_item(1)]
    server.faults = [{"status": 301, "headers": {"Location": "/record/v2/search.json?query=chair&rows=9&cursor=*"}}]
    assert len(client.search("chair").items) == 1
    server.faults = [{"status": 301, "headers": {"Location": "/loop"}}] * 9
    with pytest.raises(UserError, match="redirects to"):
        client.search("chair")


def test_concept_is_described(server, client):
    server.entities["/entity/concept/84.json"] = (200, {"id": "http://data.europeana.eu/concept/84", "type": "Concept"}, None)
    server.entities["/entity/concept/base/84.json"] = (301, {}, "http://data.europeana.eu/concept/84")
    for name in (84, "84", "http://data.europeana.eu/concept/84", "base/84", "http://data.europeana.eu/concept/base/84"):
        assert client.get_concept(name)["id"] == "http://data.europeana.eu/concept/84"
    assert server.asked[0].headers["X-Api-Key"] == KEY


@pytest.mark.parametrize("status", [404, 410])
def test_concept_that_is_gone_is_none(server, client, status):
    server.faults = [{"status": status, "body": new_error(f"{status}_entity", "gone", status)}]
    assert client.get_concept(84) is None


def test_concepts_that_redirect_in_a_ring_are_told(server, client):
    server.entities["/entity/concept/1.json"] = (301, {}, "http://data.europeana.eu/concept/2")
    server.entities["/entity/concept/2.json"] = (301, {}, "http://data.europeana.eu/concept/1")
    with pytest.raises(UserError, match="Concept '1' is redirected more than 5 times"):
        client.get_concept(1)


@pytest.mark.parametrize("name", ["http://vocab.getty.edu/aat/300037772", "../record", "", "84/..", "agent/84"])
def test_what_is_no_concept_of_europeana_is_refused(client, name):
    with pytest.raises(UserError, match="is not a concept of Europeana; expected"):
        client.get_concept(name)


@pytest.mark.parametrize(("location", "entity"), [
    ("http://data.europeana.eu/concept/84", "concept/84"),
    ("/entity/concept/84", "concept/84"),
    (f"https://api.europeana.eu/entity/concept/base/84.json?wskey={KEY}", "concept/base/84"),
    ("https://api.europeana.eu/entity/agent/7.jsonld", "agent/7"),
])
def test_concept_that_was_merged_is_asked_for_at_the_service_wherever_it_redirects_to(server, client, location, entity):
    server.entities["/entity/concept/1.json"] = (301, {}, location)
    server.entities[f"/entity/{entity}.json"] = (200, {"id": "http://data.europeana.eu/concept/84"}, None)
    assert client.get_concept(1) == {"id": "http://data.europeana.eu/concept/84"}
    assert len(server.asked) == 2


def test_concept_that_the_service_does_not_know_is_none(server, client):
    assert client.get_concept(1) is None


def test_entities_are_asked_for_with_the_same_patience(server, client, waits):
    server.faults = [{"status": 500}, {"body": b"{"}, {"status": 429, "headers": {"Retry-After": "60"}}]
    assert client.get_concept(1) is None
    assert len(waits) == 3
    server.faults = [{"status": 401, "body": new_error("401_key_invalid", "Unauthorized", 401)}]
    with pytest.raises(UserError, match="refused the API key .*401_key_invalid"):
        client.get_concept(84)


def test_page_not_found_of_a_wrong_base_url_is_no_answer_about_an_entity(server, client):
    server.faults = [{"status": 404, "body": b"<html>404</html>"}]
    with pytest.raises(UserError, match="expected an API of Europeana at the base url"):
        client.get_concept(84)


def test_answer_that_is_no_entity_is_refused(server, client):
    server.faults = [{"body": {"success": True}}]
    with pytest.raises(UserError, match="expected an Entity API of Europeana there"):
        client.get_concept(84)


def test_interrupt_is_no_fault(server, client, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt
    monkeypatch.setattr(requests.Session, "get", interrupt)
    with pytest.raises(KeyboardInterrupt):
        client.search("chair")


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside the project")
@pytest.mark.parametrize(("name", "items", "total"), [("project_vuejs/search_items_50.json", 50, None),
                                                      ("portal_collections/search.json", 12, 58_059_821)])
def test_recorded_searches_parse_unchanged(server, client, name, items, total):
    recorded = (RECORDED / name).read_bytes()
    server.faults = [{"body": recorded}]
    page = client.search("chair")
    assert (len(page.items), page.total, page.cursor) == (items, total, None)
    assert list(page.items) == json.loads(recorded)["items"]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside the project")
def test_recorded_entities_parse(server, client):
    folder = RECORDED / "metis_framework" / "entity_api"
    server.faults = [{"body": (folder / "entity-api-response-resolve-uri-concept.json").read_bytes()}]
    concept = client.get_concept(3331)
    assert concept["id"] == "http://data.europeana.eu/concept/3331" and concept["prefLabel"]["ca"] == "Pel·lícula"
    server.faults = [{"status": 404, "body": (folder / "entity-api-response-resolve-uri-nomatch.json").read_bytes()}]
    assert client.get_concept(3331) is None


def test_half_of_a_sign_in_an_answer_is_replaced(server, client):
    server.collections["chair"] = [make_item(1, title=["cracked \ud83d"])]
    assert client.search("chair").items[0]["title"] == ["cracked \ufffd"]
