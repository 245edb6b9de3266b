"""From harvested items to records: facets, paths, the curator's table, the report, the museum's round trip."""

import json
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.collection.aat.curators import NO_RULES, CuratorsTable, read_table
from eufcc_lib.collection.aat.mapping import BRANCHES, SUBJECTS, deepest_paths, map_items, place_concept, write_report
from eufcc_lib.collection.aat.thesaurus import ATTRIBUTION, DISCIPLINES, MATERIALS, OBJECTS, Concept, Thesaurus
from eufcc_lib.collection.europeana.concepts import Entity
from eufcc_lib.collection.mini_europeana.thesaurus import museum_concept, museum_thesaurus
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import DATA
from eufcc_lib.data.records import SPLITS
from eufcc_lib.data.records_csv import read_records

SHARED = Path(__file__).parents[3] / "shared" / "data"

ACTIVITIES, PORTRAITS, SELF_PORTRAITS = 300264090, 300015637, 300124534
METAL, BRONZE, BY_COLOUR, RED_BRONZE, COIN, MUSIC, SONG, CUTTING = range(300000010, 300000018)
GROUP_PORTRAIT, ROUND, ABOUT, LOST, BAR, MUSIC_TOO = range(300000020, 300000026)


def small_aat() -> Thesaurus:
    """Materials > metal > bronze > <by colour> > red bronze; bronze is an object too, but not in the first place."""
    rows = [(MATERIALS, "facet", "Materials Facet", None), (OBJECTS, "facet", "Objects Facet", None),
            (ACTIVITIES, "facet", "Activities Facet", None),
            (DISCIPLINES, "hierarchy", "Disciplines (hierarchy name)", ACTIVITIES),
            (300010358, "concept", "materials", MATERIALS), (METAL, "concept", "metal", 300010358),
            (BRONZE, "concept", "bronze", METAL), (BY_COLOUR, "guide term", "<by colour>", BRONZE),
            (RED_BRONZE, "concept", "red bronze", BY_COLOUR), (COIN, "concept", "coin", OBJECTS),
            (MUSIC, "concept", "music", DISCIPLINES), (SONG, "concept", "song", MUSIC),
            (MUSIC_TOO, "concept", "music (art)", DISCIPLINES), (CUTTING, "concept", "cutting", ACTIVITIES),
            (PORTRAITS, "concept", "portraits", OBJECTS), (SELF_PORTRAITS, "concept", "self-portraits", PORTRAITS),
            (GROUP_PORTRAIT, "concept", "group portraits", PORTRAITS),
            (ROUND, "concept", "round", ABOUT), (ABOUT, "concept", "about", ROUND),
            (LOST, "concept", "lost", 300999999), (BAR, "concept", "a | b", METAL)]
    catalan = {METAL: "metall", BRONZE: "bronze", 300010358: "materials"}
    concepts = {number: Concept(number, kind, {"en": name} | ({"ca": catalan[number]} if number in catalan else {}), {},
                                parent, (COIN,) if number == BRONZE else ())
                for number, kind, name, parent in rows}
    return Thesaurus(concepts, {300000090: BRONZE, 300000091: None})


AAT = small_aat()
DEFAULT = read_table()


def uri(number: int) -> str:
    return f"http://vocab.getty.edu/aat/{number}"


def thumbnail(original: str) -> str:
    return f"https://api.europeana.eu/thumbnail/v2/url.json?uri={quote(original, safe='')}&type=IMAGE"


def line(*uris: str, collection: str = "art", name: str = "/1/a", **changes) -> dict:
    item = {"id": name, "edmConcept": list(uris), "edmPreview": [thumbnail("http://m.eu/1.jpg")],
            "dataProvider": ["A Museum", "Another"]} | changes
    return {"collection": collection, "query": "q", "date": "2026-11-27T12:00:00Z", "item": item}


def tags(records, row: int) -> dict[str, set[str]]:
    return {facet: set(records.tags(facet, row)) for facet in FACET_NAMES if records.tags(facet, row)}


def test_path_follows_preferred_parents_and_drops_what_is_no_concept():
    assert place_concept(RED_BRONZE, AAT).places == (("materials", ("materials", "metal", "bronze", "red bronze")),)
    assert place_concept(RED_BRONZE, AAT, DEFAULT).places == (("materials", ("metal", "bronze", "red bronze")),)


def test_each_branch_is_a_facet():
    assert place_concept(COIN, AAT).places == (("objectTypes", ("coin",)),)
    assert place_concept(SONG, AAT).places == (("classifications", ("music", "song")),)


def test_other_parent_gives_no_second_facet():
    assert {facet for facet, _ in place_concept(BRONZE, AAT).places} == {"materials"}


def test_subject_is_the_nearest_in_the_list_and_an_object_type_as_well():
    assert place_concept(PORTRAITS, AAT).places == (("objectTypes", ("portraits",)), ("subjects", ("portraits",)))
    assert place_concept(SELF_PORTRAITS, AAT).places == (
        ("objectTypes", ("portraits", "self-portraits")), ("subjects", ("self-portraits",)))
    assert place_concept(GROUP_PORTRAIT, AAT).places == (
        ("objectTypes", ("portraits", "group portraits")), ("subjects", ("portraits",)))


@pytest.mark.parametrize(("number", "reason"), [
    (CUTTING, "outside the four facets: it is in 'Activities Facet'"),
    (ROUND, "outside the four facets: its broader concepts form a cycle"),
    (LOST, "outside the four facets: it is in 'lost'"), (BY_COLOUR, "a guide term, not a concept"),
    (DISCIPLINES, "a hierarchy, not a concept"), (MATERIALS, "a facet, not a concept"),
    (300000091, "obsolete, without a replacement"), (300888888, "not in the thesaurus"),
    (BAR, "no csv cell can hold 'materials > metal > a | b'; rename it in the curator's table")])
def test_concept_without_a_facet_says_why(number, reason):
    placement = place_concept(number, AAT)
    assert placement.places == () and placement.reason == reason


def test_merged_concept_is_the_one_it_became():
    assert place_concept(300000090, AAT).places == place_concept(BRONZE, AAT).places


def test_catalan_falls_back_to_english_and_is_counted():
    placement = place_concept(RED_BRONZE, AAT, DEFAULT, "ca")
    assert placement.places == (("materials", ("metall", "bronze", "red bronze")),)
    assert placement.in_english == {RED_BRONZE}
    assert place_concept(BRONZE, AAT, DEFAULT, "ca").in_english == frozenset()


def test_curator_renames_cuts_skips_and_excludes():
    table = CuratorsTable(names={BRONZE: {"en": "a bronze", "ca": "un bronze"}, BAR: {"en": "a or b"}})
    assert place_concept(BRONZE, AAT, table).places[0][1] == ("materials", "metal", "a bronze")
    assert place_concept(BRONZE, AAT, table, "ca").places[0][1] == ("materials", "metall", "un bronze")
    assert place_concept(BAR, AAT, table, "ca").in_english == {BAR}
    cut = CuratorsTable(cut=frozenset([METAL, BRONZE]))
    assert place_concept(RED_BRONZE, AAT, cut).places[0][1] == ("bronze", "red bronze")
    assert place_concept(METAL, AAT, cut).places[0][1] == ("metal",)
    skip = CuratorsTable(skip=frozenset([BRONZE, PORTRAITS]))
    assert place_concept(RED_BRONZE, AAT, skip).places[0][1] == ("materials", "metal", "red bronze")
    assert place_concept(BRONZE, AAT, skip).reason == "skipped by the curator's table"
    assert place_concept(GROUP_PORTRAIT, AAT, skip).places == (("objectTypes", ("group portraits",)),)
    exclude = CuratorsTable(exclude=frozenset([BRONZE]))
    assert place_concept(RED_BRONZE, AAT, exclude).reason == "excluded by the curator's table"
    assert place_concept(METAL, AAT, exclude).places


PATHS = st.lists(st.lists(st.sampled_from("abc "), min_size=1, max_size=4).map(tuple), max_size=8)


@settings(deadline=None)
@given(PATHS)
def test_deepest_paths_are_those_that_begin_no_other(paths):
    expected = sorted({path for path in paths if not any(other != path and other[:len(path)] == path
                                                         for other in paths)})
    assert list(deepest_paths(paths)) == expected


def test_item_becomes_a_record_with_the_deepest_paths():
    records, report = map_items([line(uri(METAL), uri(RED_BRONZE), uri(BRONZE), uri(COIN), uri(PORTRAITS))], AAT, {},
                                DEFAULT)
    assert records.table.to_pylist() == [{
        "idInSource": "art_000000", "objectTypes.hierarchy": "coin $ portraits", "subjects.hierarchy": "portraits",
        "materials.hierarchy": "metal | bronze | red bronze",
        "#portraitMedia.original": thumbnail("http://m.eu/1.jpg"), "database": "EUROPEANA",
        "repository.keeper": "A Museum", "classifications.hierarchy": "",
        "europeana_id": "/1/a", "rights": "", "title": "", "creator": "", "page": ""}]
    assert report.left_out.empty and report.summary.to_dict("records") == [
        {"collection": "art", "harvested": 1, "kept": 1, "left out": 0, "mapped": 5, "ambiguous": 0, "dropped": 0}]


@settings(deadline=None, max_examples=40)
@given(st.permutations([RED_BRONZE, BRONZE, COIN, PORTRAITS, SONG, CUTTING, SELF_PORTRAITS]))
def test_order_of_the_concepts_does_not_matter(numbers):
    expected, _ = map_items([line(*map(uri, sorted(numbers)))], AAT)
    records, _ = map_items([line(*map(uri, numbers))], AAT)
    assert records.table.equals(expected.table)


def test_items_that_cannot_be_records_are_counted_once_with_examples():
    lines = [line(uri(CUTTING), name="/1/a"), line(name="/1/b", edmPreview=None), line(uri(COIN), name="/1/c"),
             line(uri(COIN), name="/1/d", edmPreview=[]), line(uri(COIN), name="/1/e", dataProvider=[" "]),
             line(uri(COIN), name="/1/f", edmPreview=["https://m.eu/1.jpg"]), line(name="/2/a", collection="toy")]
    records, report = map_items(lines, AAT)
    assert list(records.ids) == ["art_000002"]
    assert report.left_out.to_dict("records") == [
        {"collection": "art", "reason": "no concept in a facet", "items": 2, "examples": "/1/a /1/b"},
        {"collection": "art", "reason": "a preview that cannot be used", "items": 1, "examples": "/1/f"},
        {"collection": "art", "reason": "no preview", "items": 1, "examples": "/1/d"},
        {"collection": "art", "reason": "no provider", "items": 1, "examples": "/1/e"},
        {"collection": "toy", "reason": "no concept in a facet", "items": 1, "examples": "/2/a"}]
    assert (report.summary["harvested"] == report.summary["kept"] + report.summary["left out"]).all()


def test_what_is_not_text_is_counted_under_a_reason():
    lines = [line(uri(COIN), name="/1/a", dataProvider=[None, "A Museum"]), line(uri(COIN), name="/1/b", dataProvider=[None]),
             line(uri(COIN), name="/1/c", dataProvider={"def": ["A Museum"]}), line(uri(COIN), name="/1/d", edmPreview=[7]),
             line(uri(COIN), name="/1/e", edmPreview=["https://[x/thumbnail/v2/url.json?uri=a"]),
             line(uri(COIN), None, None, {"about": uri(METAL)}, name="/1/f", dataProvider="Half \ud83d")]
    records, report = map_items(lines, AAT)
    assert list(records.providers) == ["A Museum", "Half \ufffd"]
    assert report.left_out[["reason", "items", "examples"]].values.tolist() == [
        ["a preview that cannot be used", 2, "/1/d /1/e"], ["a provider that cannot be used", 1, "/1/c"],
        ["no provider", 1, "/1/b"]]
    odd = report.concepts[report.concepts["reason"] == "not a text"]
    assert odd["uri"].tolist() == ["null", f'{{"about": "{uri(METAL)}"}}'] and set(odd["outcome"]) == {"dropped"}


@pytest.mark.parametrize("preview", ["https://api.europeana.eu/thumbnail/v3/400/775c00eac22de99a51e6959f9e2f4f0e.jpg",
                                     "https://api.europeana.eu/thumbnail/v3/200/775c00eac22de99a51e6959f9e2f4f0e.jpg?a=b"])
def test_preview_of_version_3_is_taken_in_its_larger_size(preview):
    records, _ = map_items([line(uri(COIN), edmPreview=[preview])], AAT)
    assert list(records.urls) == ["https://api.europeana.eu/thumbnail/v3/400/775c00eac22de99a51e6959f9e2f4f0e.jpg"]


@pytest.mark.parametrize("preview", ["/thumbnail/v2/url.json?uri=a", "ftp://a.example/thumbnail/v2/url.json?uri=a",
                                     "https://api.europeana.eu/thumbnail/v3/400/775c.jpg", "https:///thumbnail/v2/url.json?uri=a"])
def test_preview_at_no_address_of_a_thumbnail_is_not_taken(preview):
    assert len(map_items([line(uri(COIN), edmPreview=[preview])], AAT)[0]) == 0


def test_entity_with_several_ids_goes_by_facet():
    entities = {"1": Entity("1", True, "Song", (CUTTING, SONG)), "2": Entity("2", True, "Coin", (SONG, COIN)),
                "3": Entity("3", True, "Music", (MUSIC_TOO, MUSIC)), "4": Entity("4", True, "Bronze", (300000090, BRONZE)),
                "5": Entity("5", True, "Cut", (CUTTING, ROUND)), "6": Entity("6", False)}
    europeana = "http://data.europeana.eu/concept/"
    lines = [line(f"{europeana}{number}", name=number) for number in "1234567"]
    records, report = map_items(lines, AAT, entities)
    assert [tags(records, row) for row in range(4)] == [
        {"classifications": {"music", "song"}}, {"classifications": {"music", "song"}, "objectTypes": {"coin"}},
        {"classifications": {"music"}}, {"materials": {"materials", "metal", "bronze"}}]
    shown = report.concepts.set_index("uri")
    assert shown.loc[f"{europeana}1", ["outcome", "reason", "label", "paths"]].tolist() == [
        "mapped", f"took {SONG}, not {CUTTING}", "Song", "classifications: music > song"]
    assert shown.loc[f"{europeana}3", ["outcome", "reason"]].tolist() == [
        "ambiguous", f"took {MUSIC}, not {MUSIC_TOO}"]
    assert shown.loc[f"{europeana}4", ["outcome", "reason"]].tolist() == ["mapped", ""]
    assert shown.loc[f"{europeana}5", "reason"] == (
        "outside the four facets: it is in 'Activities Facet'; "
        "outside the four facets: its broader concepts form a cycle")
    assert shown.loc[f"{europeana}6", "reason"] == "a Europeana entity that does not exist"
    assert shown.loc[f"{europeana}7", "reason"] == "a Europeana entity that was not requested"
    assert report.summary[["mapped", "ambiguous", "dropped"]].values.tolist() == [[3, 1, 3]]


def test_id_chosen_for_one_facet_brings_no_path_in_another():
    uri_of_both = "http://data.europeana.eu/concept/1"
    records, report = map_items([line(uri_of_both)], AAT, {"1": Entity("1", True, "Coin", (PORTRAITS, COIN))})
    assert tags(records, 0) == {"objectTypes": {"coin"}, "subjects": {"portraits"}}
    assert report.concepts["outcome"].tolist() == ["ambiguous"]


def test_report_counts_items_a_concept_and_collection():
    lines = [line(uri(COIN), uri(COIN), name=f"/1/{number}") for number in range(5)]
    lines += [line(uri(COIN), "http://iconclass.org/46C", name="/2/a", collection="toy")]
    _, report = map_items(lines, AAT)
    assert report.concepts[["collection", "outcome", "uri", "items", "examples"]].values.tolist() == [
        ["art", "mapped", uri(COIN), 5, "/1/0 /1/1 /1/2"],
        ["toy", "dropped", "http://iconclass.org/46C", 1, "/2/a"], ["toy", "mapped", uri(COIN), 1, "/2/a"]]


def test_names_that_are_not_in_the_language_are_listed():
    records, report = map_items([line(uri(RED_BRONZE)), line(uri(BRONZE), uri(RED_BRONZE)), line(uri(COIN))], AAT, {},
                                DEFAULT, "ca")
    assert tags(records, 0) == {"materials": {"metall", "bronze", "red bronze"}}
    assert report.in_english.values.tolist() == [[RED_BRONZE, "red bronze", 2], [COIN, "coin", 1]]
    assert map_items([line(uri(RED_BRONZE))], AAT)[1].in_english.empty


def test_rules_about_unknown_concepts_are_listed():
    table = CuratorsTable(cut=frozenset([METAL, 5]), exclude=frozenset([4, 300000090]))
    assert map_items([], AAT, {}, table)[1].unused_rules["id"].tolist() == [4, 5, 300000090]


def test_unknown_language_is_told():
    with pytest.raises(UserError, match="language: found 'xx', .* expected one of ca, en"):
        map_items([], AAT, language="xx")


def test_ids_run_by_collection_unless_the_item_has_one():
    lines = [line(uri(COIN), name="/1/a"), line(uri(CUTTING), name="/1/b"),
             line(uri(COIN), name="/2/bell_of_art_000007", collection="toy"),
             line(uri(COIN), name="/mini/art_000004"), line(uri(COIN), name="/1/c"), line(uri(COIN), name="/1/d"),
             line(uri(COIN), name="/other/art_000004"), line(uri(COIN), name="art_0000123"),
             line(uri(COIN), name="/mini/art_12")]
    records, _ = map_items(lines, AAT)
    # The sixth item's number, 4 by its place, is taken by the fourth's own.
    assert list(records.ids) == ["art_000000", "toy_000000", "art_000004", "art_000003", "art_000005", "art_000006",
                                 "art_0000123", "art_000007"]


@pytest.mark.parametrize(("preview", "url"), [
    (thumbnail("http://m.eu/ä b.jpg?x=1&y=2"), thumbnail("http://m.eu/ä b.jpg?x=1&y=2")),
    (thumbnail("http://m.eu/1.jpg") + "&size=w200", thumbnail("http://m.eu/1.jpg")),
    ("https://api.europeana.eu/api/v2/thumbnail-by-url.json?uri=http%3A%2F%2Fm.eu%2F1.jpg&size=LARGE&type=TEXT",
     "https://api.europeana.eu/thumbnail/v2/url.json?uri=http%3A%2F%2Fm.eu%2F1.jpg&type=TEXT"),
    ("http://127.0.0.1:8000/thumbnail/v2/url.json?uri=http%3A%2F%2Fm.eu%2F1.jpg&type=IMAGE",
     "http://127.0.0.1:8000/thumbnail/v2/url.json?uri=http%3A%2F%2Fm.eu%2F1.jpg&type=IMAGE")])
def test_url_is_the_thumbnail_as_the_official_files_have_it(preview, url):
    records, _ = map_items([line(uri(COIN), edmPreview=[preview])], AAT)
    assert list(records.urls) == [url]


def test_report_is_written_with_the_attribution(tmp_path):
    _, report = map_items([line(uri(COIN), name="/1/a"), line(name="/1/b")], AAT, {}, DEFAULT)
    write_report(report, tmp_path / "report")
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert names == {"summary.csv", "left_out.csv", "concepts.csv", "in_english.csv", "unused_rules.csv",
                     "ATTRIBUTION.txt"}
    assert (tmp_path / "report" / "ATTRIBUTION.txt").read_text(encoding="utf-8") == ATTRIBUTION + "\n"
    assert pd.read_csv(tmp_path / "report" / "left_out.csv").values.tolist() == [
        ["art", "no concept in a facet", 1, "/1/b"]]


def test_default_table_can_be_read_and_leaves_the_word_materials_out():
    assert 300010358 in DEFAULT.skip and NO_RULES.ids == frozenset()


def test_table_is_read_with_names_in_both_languages(tmp_path):
    path = tmp_path / "rules.csv"
    path.write_text("id,action,en,ca,note\n1,rename,metal,metall,why\n2,rename,bronze,,\n1,cut,,,\n\n3,exclude,,,\n",
                    encoding="utf-8")
    assert read_table(path) == CuratorsTable({1: {"en": "metal", "ca": "metall"}, 2: {"en": "bronze"}},
                                             frozenset([1]), frozenset(), frozenset([3]))


@pytest.mark.parametrize(("row", "sentence"), [
    ("1,cut,,", "line 2: found 4 fields; expected 5"),
    ("one,cut,,,", "line 2, column 'id': found 'one'; expected an AAT id"),
    ("1,drop,,,", "line 2, column 'action': found 'drop'; expected one of rename, cut, skip, exclude"),
    ("1,rename,,metall,", "line 2, column 'en': found no name"),
    ("1,cut,metal,,", "line 2: found a name with 'cut'; expected names with 'rename' alone"),
    ("1,rename,a | b,,", "line 2: stray separator"),
    ("1,rename,a $b,,", "line 2: stray separator"),
    ("1,cut,,,\n1,cut,,,", "line 3: 'cut' already applies to 1 above"),
    ('1,cut,,,"note', "broken quoting")])
def test_broken_table_is_told(tmp_path, row, sentence):
    path = tmp_path / "rules.csv"
    path.write_text(f"id,action,en,ca,note\n{row}\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert sentence in str(caught.value) and "rules.csv" in str(caught.value)


def test_table_that_is_no_table_is_told(tmp_path):
    path = tmp_path / "rules.csv"
    with pytest.raises(UserError, match="cannot be read .*; expected a table of a curator's rules"):
        read_table(path)
    path.write_text("id,action\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 1: expected the columns id, action, en, ca, note; found id, action"):
        read_table(path)
    path.write_bytes(b"id,action,en,ca,note\n1,rename,caf\xe9,,\n")
    with pytest.raises(UserError, match="cannot be read"):
        read_table(path)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("language", ["en", "ca"])
def test_museum_comes_back_with_the_tags_it_had(split, language):
    path = DATA / "mini" / f"{split}.csv"
    if not path.is_file():
        pytest.skip("the mini museum is not drawn")
    drawn, thesaurus = read_records(path), museum_thesaurus()
    lines = []
    for row, name in enumerate(drawn.ids):
        uris = [uri(museum_concept(facet, names)) for facet in FACET_NAMES for names in drawn.paths(facet, row)]
        lines.append(line(*uris, collection=name.rpartition("_")[0], name=f"/mini/{name}",
                          edmPreview=[thumbnail(drawn.urls[row])], dataProvider=[drawn.providers[row]]))
    records, report = map_items(lines, thesaurus, {}, DEFAULT, language)
    assert list(records.ids) == list(drawn.ids) and list(records.providers) == list(drawn.providers)
    assert report.left_out.empty and report.in_english.empty and set(report.concepts["outcome"]) <= {"mapped"}
    if language == "en":
        for row in range(len(drawn)):
            assert tags(records, row) == tags(drawn, row)
    else:
        back = [{facet: {museum_concept(facet, names) for names in records.paths(facet, row)}
                 for facet in FACET_NAMES} for row in range(len(drawn))]
        there = [{facet: {museum_concept(facet, names) for names in deepest_paths(drawn.paths(facet, row))}
                  for facet in FACET_NAMES} for row in range(len(drawn))]
        assert back == there


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded answers are not beside the project")
def test_recorded_items_go_through_with_every_concept_accounted_for():
    items = json.loads((SHARED / "europeana/project_vuejs/search_items_50.json").read_text(encoding="utf-8"))["items"]
    lines = [{"collection": "art", "item": item} for item in items]
    rows = [(MATERIALS, "facet", "Materials Facet", None), (ACTIVITIES, "facet", "Activities Facet", None),
            (300011914, "concept", "wood", MATERIALS), (300010900, "concept", "metal", MATERIALS),
            (300014224, "concept", "cardboard", MATERIALS), (300053069, "concept", "cutting", ACTIVITIES)]
    thesaurus = Thesaurus({row[0]: Concept(row[0], row[1], {"en": row[2]}, {}, row[3]) for row in rows}, {})
    records, report = map_items(lines, thesaurus)
    assert [tags(records, row) for row in range(len(records))] == [{"materials": {"wood", "metal", "cardboard"}}]
    cutting = report.concepts[report.concepts["uri"] == uri(300053069)]
    assert cutting["reason"].tolist() == ["outside the four facets: it is in 'Activities Facet'"]
    mentions = sum(len(set(item.get("edmConcept", []))) for item in items)
    assert report.concepts["items"].sum() == mentions
    assert report.summary[["harvested", "kept", "left out"]].values.tolist() == [[50, 1, 49]]


def test_branches_and_subjects_are_those_of_the_paper():
    assert set(BRANCHES.values()) | {"subjects"} == set(FACET_NAMES)
    assert len(SUBJECTS) == 8  # seven, of which seascapes and marines are one in Catalan


def test_collected_names_are_composed_and_have_ordinary_spaces():
    concepts = {MATERIALS: Concept(MATERIALS, "facet", {"en": "Materials"}, {}, None),
                COIN: Concept(COIN, "concept", {"en": "oil\u00a0 pain\u00adt (cera\u0300mica)\u200b"}, {}, MATERIALS)}
    records, _ = map_items([line(uri(COIN), dataProvider=["Museu d'Histo\u0300ria\u2009\ufeff"])], Thesaurus(concepts, {}), table=NO_RULES)
    assert records.tags("materials", 0) == ("oil paint (cer\u00e0mica)",) and records.providers.tolist() == ["Museu d'Hist\u00f2ria"]
