"""The small Europeana on loopback serves the mini museum, in the shapes of the recorded answers, over real HTTP."""

import hashlib
import io
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from PIL import Image

from eufcc_lib.collection.mini_europeana.items import EXTRAS, FOREIGN, KEY, OUTSIDE, icon
from eufcc_lib.collection.mini_europeana.server import Faults, serve_museum
from eufcc_lib.collection.mini_europeana.thesaurus import museum_concept
from eufcc_lib.collection.thumbnails import checks
from eufcc_lib.collection.thumbnails.checks import Unkept, check_image
from eufcc_lib.collection.thumbnails.download import Limits
from eufcc_lib.collection.thumbnails.fetch import fetch_thumbnails, fetch_url
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.records import COLUMNS, ID, PROVIDER, SPLITS, URL
from eufcc_lib.data.records_csv import records_from_columns, write_records

RECORDED = ROOT.parent / "shared" / "data" / "europeana"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside the project")

VASE, WOOD, FURNITURE = ("container", "vessel", "vase"), ("plant material", "wood"), ("furniture",)


def draw_museum(root, ceramics=7):
    """Two pieces of furniture, one picture and some vases, each a square of its own colour."""
    rows = [("art_000003", "", "")]
    rows += [("furniture_000001", "furniture", ""), ("furniture_000002", "furniture", "plant material | wood")]
    rows += [(f"ceramic_{number:06d}", "container | vessel | vase", "") for number in range(1, ceramics + 1)]
    for place, split in enumerate(SPLITS):
        chosen = rows[place::len(SPLITS)]
        columns = {column: [""] * len(chosen) for column in COLUMNS}
        columns |= {ID: [row[0] for row in chosen], PROVIDER: ["Here"] * len(chosen),
                    URL: [f"https://mini.example/objects/{row[0]}.jpg" for row in chosen],
                    "objectTypes.hierarchy": [row[1] for row in chosen], "materials.hierarchy": [row[2] for row in chosen]}
        write_records(records_from_columns(columns), root / f"{split}.csv")
    (root / "EUROPEANA" / "images").mkdir(parents=True)
    for number, (name, _, _) in enumerate(rows):
        Image.new("RGB", (32, 32), (20 * number, 90, 60)).save(root / "EUROPEANA" / "images" / f"{name}.jpg")
    return rows


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("museum")
    draw_museum(root)
    return root


@pytest.fixture(scope="module")
def url(root):
    with serve_museum(root, extras=True) as url:
        yield url


def ask(url, path="/record/v2/search.json", key=KEY, **parameters):
    return requests.get(url + path, params=parameters, headers={"X-Api-Key": key} if key else {}, allow_redirects=False)


def walk(url, query, rows):
    """All items of a query, page after page, and how many pages there were."""
    items, cursor, pages = [], "*", 0
    while cursor:
        page = ask(url, query=query, rows=rows, cursor=cursor).json()
        items, cursor, pages = items + page.get("items", []), page.get("nextCursor"), pages + 1
    return items, pages


def concepts_of(url, item):
    """The AAT numbers that an item's URIs stand for, and the URIs of others."""
    numbers, foreign = set(), set()
    for uri in item.get("edmConcept", ()):
        if "data.europeana.eu/concept/" in uri:
            entity = ask(url, f"/entity/concept/{uri.partition('/concept/')[2]}.json").json()
            numbers |= {int(match.rpartition("/")[2]) for match in entity["exactMatch"] if "vocab.getty.edu" in match}
        elif "vocab.getty.edu" in uri:
            numbers.add(int(uri.rpartition("/")[2]))
        else:
            foreign.add(uri)
    return numbers - {300053001}, foreign


def test_query_finds_the_records_of_the_collection_that_it_names(url):
    for query in ("ceramic", '"Ceramic"', "ceramic AND TYPE:IMAGE"):
        answer = ask(url, query=query, rows=100).json()
        assert [item["id"] for item in answer["items"]] == [f"/mini/ceramic_{number:06d}" for number in range(1, 8)] + [
            "/mini/ceramic_990001"]
        assert answer["totalResults"] == answer["itemsCount"] == 8
    assert ask(url, query="*:*", rows=100).json()["totalResults"] == 13
    nothing = ask(url, query="heraldry").json()
    assert nothing["totalResults"] == 0 and "items" not in nothing and nothing["success"] is True


@pytest.mark.parametrize("rows", [1, 3, 8, 100])
def test_cursor_leads_through_all_items_once_and_ends(url, rows):
    items, pages = walk(url, "ceramic", rows)
    assert [item["id"] for item in items] == sorted({item["id"] for item in items}) and len(items) == 8
    assert pages == -(-8 // rows) + 1  # the last page is the one without items, as the real service ends


def test_pages_have_12_items_and_never_more_than_100(tmp_path):
    draw_museum(tmp_path, ceramics=130)
    with serve_museum(tmp_path) as url:
        assert ask(url, query="ceramic").json()["itemsCount"] == 12
        assert ask(url, query="ceramic", rows=500).json()["itemsCount"] == 100


def test_items_carry_the_concepts_of_their_records_in_mixed_spellings(tmp_path):
    draw_museum(tmp_path, ceramics=130)
    vase = museum_concept("objectTypes", VASE)
    with serve_museum(tmp_path) as url, serve_museum(tmp_path) as twin:
        items, _ = walk(url, "ceramic", 100)
        assert [item.get("edmConcept") for item in items] == [item.get("edmConcept") for item in walk(twin, "ceramic", 100)[0]]
        spellings, foreigners = set(), 0
        for item in items:
            numbers, foreign = concepts_of(url, item)
            assert numbers == {vase} and foreign <= set(FOREIGN)
            foreigners += bool(foreign)
            spellings |= {uri.rpartition("/")[0] for uri in item["edmConcept"] if uri not in FOREIGN}
        assert {"http://vocab.getty.edu/aat", "https://vocab.getty.edu/aat", "http://vocab.getty.edu/page/aat"} <= spellings
        assert 10 < foreigners < 60
        chair, _ = walk(url, "furniture", 100)
        assert concepts_of(url, chair[1])[0] == {museum_concept("objectTypes", FURNITURE), museum_concept("materials", WOOD)}


def test_entities_match_aat_concepts(url):
    entity = ask(url, "/entity/concept/1.json").json()
    assert entity["id"] == "http://data.europeana.eu/concept/1" and {"en", "ca"} <= set(entity["prefLabel"])
    assert len(entity["exactMatch"]) > 1 and any("vocab.getty.edu" in uri for uri in entity["exactMatch"])
    assert ask(url, "/entity/concept/base/1.json").json() == entity
    assert ask(url, "/entity/concept/99999.json").status_code == 404


def test_wrong_keys_are_refused_in_both_shapes_and_thumbnails_need_none(url):
    old = ask(url, key=None, query="ceramic", wskey="wrong")
    assert (old.status_code, old.json()) == (401, {"apikey": "wrong", "success": False, "error": "Invalid API key"})
    new = ask(url, key="wrong", query="ceramic")
    assert new.status_code == 401 and new.json()["code"] == "401_key_invalid" and new.json()["success"] is False
    none = ask(url, key=None, query="ceramic")
    assert none.status_code == 400 and none.json()["code"] == "400-AM" and KEY not in none.text
    assert ask(url, key=None, query="ceramic", wskey=KEY).status_code == 200
    assert ask(url, "/entity/concept/1.json", key="wrong").status_code == 401
    assert ask(url, "/thumbnail/v2/url.json", key=None, uri="http://nowhere.example").status_code == 200


@pytest.mark.parametrize("code, parameters", [
    ("400-SE", {"query": " "}), ("400-SE", {}), ("400-SA", {"query": "toy", "rows": "many"}),
    ("400-SC", {"query": "toy", "cursor": "???"})])
def test_wrong_searches_are_refused_with_the_service_s_codes(url, code, parameters):
    answer = ask(url, **parameters)
    assert answer.status_code == 400 and answer.json()["code"] == code and answer.json()["success"] is False


def test_rate_limit_is_told_and_kept(root, monkeypatch):
    monkeypatch.setattr("eufcc_lib.collection.mini_europeana.server.time.time", lambda: 7210.0)
    with serve_museum(root, quota=2, window=3600) as url:
        first, second, third = (ask(url, query="toy") for _ in range(3))
    assert first.headers["RateLimit-Policy"] == '"personal";q=2;w=3600'
    assert first.headers["RateLimit"] == '"personal";r=1;t=3591' and second.headers["RateLimit"].startswith('"personal";r=0;')
    assert second.status_code == 200 and third.status_code == 429 and third.json()["code"] == "429_limit_personal"


def test_thumbnails_are_those_of_the_records_and_the_icon_where_there_is_none(url, root):
    item = ask(url, query="furniture").json()["items"][0]
    file = (root / "EUROPEANA" / "images" / "furniture_000001.jpg").read_bytes()
    v2, v3 = item["edmPreview"][0], fetch_url(item["edmPreview"][0])
    assert v2.startswith(f"{url}/thumbnail/v2/url.json?uri=https%3A%2F%2Fmini.example%2F") and "/v3/400/" in v3
    assert requests.get(v2).content == requests.get(v3).content == file
    missing = ask(url, "/thumbnail/v2/url.json", uri="https://mini.example/nothing.jpg")
    assert (missing.status_code, missing.headers["Content-Type"], missing.content) == (200, "image/png", icon())
    assert requests.get(f"{url}/thumbnail/v3/400/{'0' * 32}.jpg").status_code == 404
    assert ask(url, "/thumbnail/v2/url.json", uri="file:///etc/passwd").status_code == 400
    assert requests.get(f"{url}/thumbnail/v3/400/..%2f..%2ftrain.csv").status_code == 404


def test_icon_is_our_own_and_recognised_once_its_digest_is_known(monkeypatch):
    monkeypatch.setattr(checks, "ICONS", {hashlib.sha256(icon()).hexdigest()})
    assert Image.open(io.BytesIO(icon())).size != (293, 293)
    with pytest.raises(Unkept, match="placeholder icon"):
        check_image(icon())


def test_extras_are_served_only_if_asked_for_and_are_what_they_say(url, root):
    with serve_museum(root) as plain:
        assert ask(plain, query="*:*", rows=100).json()["totalResults"] == 10
    items = {item["id"]: item for item in ask(url, query="*:*", rows=100).json()["items"]}
    lost, copy, outside = (items[name] for name in EXTRAS)
    assert requests.get(fetch_url(lost["edmPreview"][0])).status_code == 404
    original = items["/mini/furniture_000001"]
    pictures = [requests.get(item["edmPreview"][0]).content for item in (copy, original)]
    assert pictures[0] == pictures[1] and copy["edmPreview"] != original["edmPreview"]
    assert concepts_of(url, copy)[0] == {museum_concept("materials", WOOD)}
    assert concepts_of(url, original)[0] == {museum_concept("objectTypes", FURNITURE)}
    assert concepts_of(url, outside)[0] == set(OUTSIDE)


def test_faults_come_first_and_then_the_answer(root):
    with serve_museum(root, Faults(share=1.0, times=2, kinds=(500,))) as url:
        assert [ask(url, query="toy").status_code for _ in range(3)] == [500, 500, 200]
        assert ask(url, query="art").status_code == 500
    with serve_museum(root, Faults(share=1.0, kinds=(429,))) as url:
        busy = ask(url, query="toy")
        assert busy.status_code == 429 and busy.headers["RateLimit"] == '"personal";r=0;t=1'
    with serve_museum(root, Faults(share=1.0, kinds=("cut",))) as url:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            ask(url, query="ceramic")
        assert ask(url, query="ceramic").json()["totalResults"] == 7


def test_faults_are_the_same_ones_in_every_run():
    kinds = Counter(Faults(share=0.2).kind(f"/{number}", 0) for number in range(3000))
    assert 2300 < kinds[None] < 2500 and min(kinds[429], kinds[500], kinds["cut"]) > 150
    assert [Faults().kind(f"/{number}", 0) for number in range(50)] == [Faults().kind(f"/{number}", 0) for number in range(50)]
    assert all(Faults(share=1.0).kind(f"/{number}", 1) is None for number in range(50))


def test_nothing_is_lost_or_doubled_over_a_faulty_line(root, tmp_path):
    with serve_museum(root, Faults(share=1.0, kinds=(500, "cut")), extras=True) as url:
        with ThreadPoolExecutor(4) as pool:  # each query fails once
            list(pool.map(lambda name: _first_try(url, name), ("ceramic", "furniture", "art")))
        items = [item for name in ("ceramic", "furniture", "art") for item in ask(url, query=name, rows=100).json()["items"]]
        columns = {column: [""] * len(items) for column in COLUMNS}
        columns |= {ID: [item["id"].rpartition("/")[2] for item in items], URL: [item["edmPreview"][0] for item in items]}
        report = fetch_thumbnails(records_from_columns(columns), tmp_path, rate=None, limits=Limits(pause=0.01))
    assert report.counts == {"had": 12, "missing": 1, "refused": 0, "failed": 0}
    for file in (root / "EUROPEANA" / "images").iterdir():
        assert (tmp_path / "EUROPEANA" / "images" / file.name).read_bytes() == file.read_bytes()


def _first_try(url, name):
    try:
        ask(url, query=name, rows=100)
    except requests.RequestException:
        pass


def test_folder_without_a_museum_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="train.csv does not exist"), serve_museum(tmp_path):
        pass


@recorded
def test_answers_have_the_shapes_of_the_recorded_ones(url):
    answer = ask(url, query="furniture", cursor="*").json()
    whole = json.loads((RECORDED / "portal_collections" / "search.json").read_text())
    assert set(answer) - {"nextCursor"} <= set(whole) and {"apikey", "success", "requestNumber"} <= set(answer)
    real = json.loads((RECORDED / "project_vuejs" / "search_items_50.json").read_text())["items"]
    always = set.intersection(*map(set, real))
    types = {name: type(value) for item in real for name, value in item.items()}
    for item in answer["items"]:
        assert always <= set(item) <= set(types)
        assert {name: type(value) for name, value in item.items()} == {name: types[name] for name in item}
    concept = json.loads((RECORDED / "entity_management" / "concept.json").read_text())
    entity = ask(url, "/entity/concept/1.json").json()
    assert set(entity) <= set(concept) and all(type(entity[name]) is type(concept[name]) for name in entity)


