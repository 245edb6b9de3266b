"""The search over all terms: what finds a term, in which order, and what a cataloguer can enter besides."""

import pytest

from eufcc_lib.assistant import session
from eufcc_lib.assistant.any_term import AnyTerm
from eufcc_lib.assistant.names import DICTIONARY, FREE, THESAURUS, VOCABULARY, name_tags
from eufcc_lib.assistant.store import Store
from eufcc_lib.assistant.trigrams import BEGINS, EQUAL, HOLDS, SLIP, Words, slips
from eufcc_lib.collection.aat.thesaurus import Concept, Thesaurus
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree, format_paths
from eufcc_lib.data.terms import museum_terms, read_terms

OBJECTS = 300264092


def vocabulary(catalan: bool = False) -> Vocabulary:
    """A few tags, in the language of the mini museum or of the published data."""
    materials = {"metal": {TOP: 1}, "copper alloy": {"metal": 1}, "bronze": {"copper alloy": 1}, "nonferrous metal": {"metal": 1}}
    trees = {"objectTypes": {"vessel": {TOP: 1}, "oil painting": {TOP: 1}}, "materials": materials,
             "classifications": {"numismatics": {TOP: 1}}, "subjects": {"portrait": {TOP: 1}}}
    if catalan:
        trees = {facet: {term.catalan: {TOP: 1} for term in read_terms() if term.facet == facet} for facet in FACET_NAMES}
        trees["objectTypes"].pop("vaixella")
    return Vocabulary({facet: arrange_tree(facet, edges) for facet, edges in trees.items()})


def thesaurus(concepts: dict[int, Concept] | None = None) -> Thesaurus:
    top = Concept(OBJECTS, "facet", {"en": "Objects Facet"}, {}, None)
    tools = Concept(300888881, "concept", {"en": "culinary tools"}, {}, OBJECTS)
    squeezer = Concept(300888882, "concept", {"en": "lemon squeezers"}, {"en": ("citrus reamers",), "de": ("Zitronenpresse",)}, tools.id)
    return Thesaurus({one.id: one for one in (top, tools, squeezer)} | (concepts or {}), {})


def terms(catalan: bool = False, aat: Thesaurus | None = None) -> AnyTerm:
    tags = vocabulary(catalan)
    return AnyTerm(tags, {facet: name_tags(taxonomy) for facet, taxonomy in tags.taxonomies.items()}, aat)


@pytest.fixture(scope="module")
def english() -> AnyTerm:
    return terms(aat=thesaurus())


@pytest.mark.parametrize(("query", "facet", "name"), [
    ("bronse", "materials", "bronze"), ("vesell", "objectTypes", "vessel"), ("oil pianting", "objectTypes", "oil painting"),
    ("alloy copper", "materials", "copper alloy"), ("metal non", "materials", "nonferrous metal"), ("BRONZE", "materials", "bronze"),
    ("numismàtica", "classifications", "numismatics"), ("numismatica", "classifications", "numismatics"),
    ("estudi monedes", "classifications", "numismatics"), ("300010957", "materials", "bronze"),
    ("squeezers lemon", "objectTypes", "lemon squeezers"), ("reamer", "objectTypes", "lemon squeezers"),
    ("lemmon squezer", "objectTypes", "lemon squeezers"), ("collage", "objectTypes", "collages (visual works)"),
    ("steatite", "materials", "soapstone (metamorphic rock)")])
def test_a_term_is_found_whatever_the_order_the_accents_and_the_slips(english, query, facet, name):
    first = english.search(query)[0]
    assert (first.facet, first.name) == (facet, name)


def test_a_find_says_where_it_comes_from_and_what_to_accept(english):
    found = {name: english.search(name)[0] for name in ("bronze", "ormolu", "lemon squeezers")}
    assert [found[name].source for name in found] == [VOCABULARY, DICTIONARY, THESAURUS]
    assert found["bronze"].path == ("metal", "copper alloy", "bronze") and found["bronze"].number == "300010957"
    assert vocabulary()["materials"].names[found["bronze"].tag] == "bronze" and found["ormolu"].tag is None
    assert found["lemon squeezers"].path == ("culinary tools", "lemon squeezers") and found["lemon squeezers"].number == "300888882"


def test_a_free_term_comes_last_once_for_each_facet_that_has_no_such_term(english):
    finds = english.search("  orichalcum | gold$ ")
    assert [(find.facet, find.name, find.source) for find in finds] == [(facet, "orichalcum gold", FREE) for facet in FACET_NAMES]
    assert format_paths([finds[0].path]) == "orichalcum gold"
    finds = english.search("Bronze")
    assert finds[0].source == VOCABULARY and [find.facet for find in finds if find.source == FREE] == [
        "objectTypes", "classifications", "subjects"]
    assert [find.source for find in english.search("bronze!", "subjects")] == [FREE]
    assert not english.search(" | ") and not english.search("")


def test_what_is_searched_in_one_facet_is_found_there_alone(english):
    assert {find.facet for find in english.search("painting", "materials")} == {"materials"}
    assert len(english.search("a", limit=3)) <= 3 + len(FACET_NAMES)


def test_what_a_list_knows_twice_is_offered_once_as_the_models_have_it():
    catalan = terms(catalan=True)
    keys = [(find.facet, find.name) for find in catalan.terms]
    assert len(keys) == len(set(keys))
    assert [find.source for find in catalan.search("bronze", "materials") if find.name == "bronze"] == [VOCABULARY]


def test_every_term_of_the_dictionaries_can_be_found_by_its_name():
    every = terms()
    for term in [*read_terms(), *(places[0] for names in museum_terms().values() for places in names.values())]:
        for language in ("en", "ca"):
            assert every.search(term.name(language), term.facet)[0].source != FREE, term


def test_a_term_of_a_dictionary_is_named_in_the_language_of_the_tags():
    (found,) = (find for find in terms(catalan=True).search("vaixella", "objectTypes") if find.texts["ca"] == "vaixella")
    assert (found.source, found.name) == (DICTIONARY, "vaixella")


def test_of_a_term_in_both_dictionaries_the_path_is_that_of_the_vocabularys():
    edges = {name: {TOP: 1} for name in museum_terms()["objectTypes"] if name != "shoe"}
    tags = Vocabulary({facet: arrange_tree(facet, edges if facet == "objectTypes" else {}) for facet in FACET_NAMES})
    all_terms = AnyTerm(tags, {facet: name_tags(taxonomy) for facet, taxonomy in tags.taxonomies.items()})
    shoe = next(find for find in all_terms.search("shoe", "objectTypes") if find.source == DICTIONARY)
    assert shoe.name == "shoe" and len(shoe.path) > 1 and set(shoe.path[:-1]) <= edges.keys()


def test_any_find_can_be_accepted(english, tmp_path):
    store = Store(tmp_path / "s", "ada")
    store.do({"do": "add", "images": [["a.jpg", "1.jpg"]]})
    for query in ("lemon squeezers", "orichalcum"):
        find = english.search(query, "objectTypes")[0]
        store.do(session.accept_term(store.state, find.facet, "a.jpg", find.path))
    assert store.state.accepted("a.jpg", "objectTypes") == {"culinary tools", "lemon squeezers", "orichalcum"}


def test_words_that_are_like_another():
    words = Words(["bronze", "bronzes", "gilt-bronze", "brown", "ceramic"])
    like = {weight: [words.words[place] for place in places] for weight, places in words.like("bronze").items()}
    assert like == {EQUAL: ["bronze"], BEGINS: ["bronzes"], HOLDS: ["gilt-bronze"]}
    assert [words.words[place] for place in words.like("cermaic")[SLIP]] == ["ceramic"]
    assert words.like("br")[BEGINS] == [0, 1, 3] and not any(words.like("zzzz").values())
    assert (slips("", "abc"), slips("ab", "ba"), slips("kitten", "sitting")) == (3, 1, 3)
