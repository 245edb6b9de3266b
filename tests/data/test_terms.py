"""The table of terms: whole, well-formed, and completed from a thesaurus only where there is one answer."""

import csv
import gzip
import json
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from eufcc_lib.collection.aat.fill_terms import fill, main
from eufcc_lib.collection.aat.mapping import SUBJECTS
from eufcc_lib.collection.aat.thesaurus import MATERIALS, OBJECTS, Concept, Thesaurus
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.label_files import read_label_vocabulary
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import arrange_tree
from eufcc_lib.data.terms import COLUMNS, Term, museum_terms, read_terms, write_terms
from eufcc_lib.data.translations import tag_texts

SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_the_table_is_in_order():
    terms = read_terms()
    assert {term.facet for term in terms} == set(FACET_NAMES)
    assert not [term for term in terms for text in (term.catalan, term.english, term.note) if text != text.strip()]
    assert len({(term.facet, term.catalan) for term in terms}) == len(terms)
    assert len({(term.facet, term.english.casefold()) for term in terms}) == len(terms)
    numbers = [(term.facet, term.aat) for term in terms if term.aat]
    assert len(set(numbers)) == len(numbers), "two tags of a facet are two concepts"
    assert not [term for term in terms if term.aat and term.doubtful]
    assert all(re.fullmatch(r"300\d{6}", number) for _, number in numbers)


@pytest.mark.parametrize("tag, facet, english", [
    ("lli", "materials", "linen"), ("om", "materials", "elm"), ("setí", "materials", "satin"),
    ("cotilla", "objectTypes", "corset"), ("numismàtica", "classifications", "numismatics"),
    ("bodegó", "subjects", "still lifes")])
def test_tags_that_a_machine_gets_wrong_are_right(tag, facet, english):
    (term,) = (term for term in read_terms() if (term.facet, term.catalan) == (facet, tag))
    assert term.english.startswith(english)


def test_curation_marks_are_said_to_be_such():
    marks = [term for term in read_terms() if term.catalan == "ELIMINAR" or term.catalan.startswith("*")]
    assert len(marks) == 3 and all("curation mark" in term.note and not term.aat for term in marks)


def test_one_concept_has_one_english_term_in_every_facet():
    terms = read_terms()
    called = defaultdict(set)
    for term in terms:
        if term.aat:
            called[term.aat].add(term.english)
    assert not [names for names in called.values() if len(names) > 1]
    materials = {term.catalan: term.english for term in terms if term.facet == "materials"}
    among_objects = [term for term in terms if term.facet == "objectTypes" and "material term" in term.note]
    assert len(among_objects) > 20
    assert not [term for term in among_objects if term.english != materials.get(term.catalan, term.english)]


PLURALS = {"amphora": "amphorae", "fibula": "fibulae", "knife": "knives", "sarcophagus": "sarcophagi",
           "unguentarium": "unguentaria", "work of art": "works of art"}

OTHERWISE_IN_THE_MUSEUM = {
    "the museum has the everyday word for what the AAT calls otherwise": {
        "accessori de mà": "accessory carried", "accessori de vestir": "accessory worn", "arma d'asta": "polearm",
        "coberta de taula": "table cover", "coberta i domàs": "covering and hanging",
        "document gràfic": "graphic document", "draperia": "drapery", "enquadernació": "bookbinding",
        "equip d'ús personal": "personal gear",
        "equip i eines de costura": "sewing equipment", "guix": "plaster", "indicador de temps": "time indicator",
        "material fibroinós": "fibroin material", "moble de seient múltiple": "multiple seating",
        "seient individual": "single seating", "ulleres": "spectacles"},
    "the museum draws the plainer thing, which everyday Catalan calls so too": {
        "canelobre": "candlestick", "capa": "cape", "cartró": "cardboard", "vas": "beaker"},
    "the museum means another sense of the word, at another place of the tree": {
        "caixa": "box", "ceràmica": "ceramic", "gres": "stoneware", "segell": "seal"},
    "the museum's pictures show the sea; the published word is the genre of the sea and its ships": {
        "marina": "seascape"}}
"""Catalan words that the two tables tell otherwise in English, and why. The museum's stay: stored results name them."""


def is_singular(word, of):
    """Whether one is the singular of the other or the same, in whatever spelling and without a qualifier."""
    word, of = (re.sub(r" \([^()]*\)$|[- ]", "", PLURALS.get(text, text).casefold()) for text in (word, of))
    return of in (word, f"{word}s", f"{word}es", re.sub("y$", "ies", word))


def test_a_catalan_word_is_one_thing_here_and_in_the_museum_but_for_those_that_have_a_reason():
    published = {(term.facet, term.catalan): term.english for term in read_terms()}
    museum = {(facet, place.catalan, name) for facet, names in museum_terms().items()
              for name, places in names.items() for place in places}
    both = [(word, name, published[facet, word]) for facet, word, name in museum if (facet, word) in published]
    assert len(both) > 200
    assert {(word, name) for word, name, english in both if not is_singular(name, english)} == {
        pair for words in OTHERWISE_IN_THE_MUSEUM.values() for pair in words.items()}


def test_every_published_tag_has_its_row():
    if not (SHARED / "official").is_dir():
        pytest.skip("the published files are not here")
    known = {(term.facet, term.catalan) for term in read_terms()}
    records, trees = read_records(SHARED / "official" / "test_id.csv"), read_label_vocabulary(SHARED / "official")
    for facet in FACET_NAMES:
        tags = {tag for tags in records.distinct_tags(facet) for tag in tags} | set(trees[facet].names)
        assert not {tag for tag in tags if (facet, tag) not in known}


def bare(label):
    return re.sub(r" \([^()]*\)$", "", label).casefold()


def shared_rows(*path):
    """The rows of a csv among the data that does not come with the repository."""
    if not SHARED.joinpath(*path).is_file():
        pytest.skip("the published files and the lists of the AAT are not here")
    with open(SHARED.joinpath(*path), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbered_concepts():
    """Facet of the AAT and number to labels, the preferred one first, as far as lists have them."""
    concepts = {("OBJECTS", str(number)): [label] for number, label in SUBJECTS.items()}
    for row in shared_rows("aat", "aat_ids_labels_materials_activities.csv"):
        concepts[row["facet"], row["aat_id"]] = [row["first_label"], *row["other_labels"].split("|")]
    return concepts


AAT_FACETS = {"objectTypes": "OBJECTS", "materials": "MATERIALS", "classifications": "ACTIVITIES",
              "subjects": "OBJECTS"}


def test_a_number_is_that_of_the_preferred_label_in_the_facet_of_its_tag():
    concepts = numbered_concepts()
    numbered = [term for term in read_terms() if term.aat]
    assert {term.facet for term in numbered} == set(FACET_NAMES)
    for term in numbered:
        labels = concepts.get((AAT_FACETS[term.facet], term.aat), [""])
        assert bare(term.english) == bare(labels[0]), term


def test_of_homonyms_only_one_that_a_label_tells_apart_has_its_number():
    concepts, alike = numbered_concepts(), defaultdict(set)
    for (facet, number), labels in concepts.items():
        alike[facet, bare(labels[0])].add(number)
    homonyms = [term for term in read_terms()
                if term.aat and len(alike[AAT_FACETS[term.facet], bare(term.english)]) > 1]
    assert {term.english for term in homonyms} == {"acrylic (fiber)", "cashmere (wool)", "cotton (fiber)",
                                                   "paste (glass)"}
    for term in homonyms:
        qualifier = term.english.rpartition(" (")[2].rstrip(")")
        _, *others = concepts[AAT_FACETS[term.facet], term.aat]
        assert any(qualifier in label.split() for label in others), term


def published_pairs():
    """Facet, parent and tag, for each step of each published path."""
    return {(facet, *pair) for row in shared_rows("official", "test_id.csv") for facet in FACET_NAMES
            for path in row[f"{facet}.hierarchy"].split(" $ ") for pair in pairwise(path.split(" | "))}


FACETS_APART = {
    "the part that grew stood among the Agents in 2014, with the living beings": {
        ("combinació de material animal orgànic i inorgànic", "os"), ("material de ceratina", "ploma"),
        ("material de ceratina", "pèl"), ("material vegetal", "escorça"), ("material vegetal", "herba"),
        ("material vegetal", "palla"), ("component de material", "dentina")},
    "waters and lands, and the visual arts, stood among the Associated Concepts in 2014": {
        ("paisatge natural", "massa d'aigua"), ("paisatge natural", "relleu terrestre"), ("religió", "arts visuals")},
    "in 2014 the measure was a material, as other tapes are": {
        ("instrument de mesura de distància lineal", "cinta mètrica")},
    "the published tree hangs materials below living beings": {("component biològic", "material orgànic")},
    "the table has the word's other sense": {("planta herbàcia", "pastura")}}
"""Parents and tags that the AAT's tree of 2014 has in two of its facets, and why."""

PARENTS_APART = {
    "the table has the word's other sense": {("fibra vegetal", "lli"), ("mineral", "guix")},
    "the AAT of 2014 has it below another parent alone": {
        ("material tèxtil", "fil"), ("paper de dibuix", "paper de calcar"), ("roca sedimentària", "chert"),
        ("termoplàstic", "plàstic cel·lulòsic"), ("religió", "astrologia")}}
"""Parents and tags of which the AAT's tree of 2014 does not say that one stands above the other, and why."""


def test_a_tag_and_its_parent_are_of_one_facet_of_the_aat():
    pairs, facets = published_pairs(), defaultdict(set)

    def gather(node, facet):
        facets[node["name"].casefold()].add(facet)
        for child in node.get("children", ()):
            gather(child, facet)

    with gzip.open(SHARED / "aat" / "aat2014_full_labels_tree.json.gz", "rt", encoding="utf-8") as file:
        for top in json.load(file)["children"]:
            gather(top, top["name"])
    of_tag = {(term.facet, term.catalan): facets.get(term.english.casefold()) for term in read_terms()}
    known = [pair for pair in pairs if of_tag[pair[0], pair[1]] and of_tag[pair[0], pair[2]]]
    assert len(known) > 400
    apart = {(parent, tag) for facet, parent, tag in known if not of_tag[facet, parent] & of_tag[facet, tag]}
    assert apart == set().union(*FACETS_APART.values())


def test_the_number_of_a_parent_stands_above_that_of_its_tag():
    pairs, above = published_pairs(), defaultdict(set)
    for name in ("materials", "activities"):
        nodes = {row["node"]: row for row in shared_rows("aat", f"aat2014_{name}_tree_with_ids.csv")}
        for number, node in [(node["aat_id"], node) for node in nodes.values() if node["aat_id"]]:
            while node:
                above[number].add(node["aat_id"])
                node = nodes.get(node["parent_node"])
    of_tag = {(term.facet, term.catalan): term.aat for term in read_terms() if term.aat in above}
    known = [pair for pair in pairs if (pair[0], pair[1]) in of_tag and (pair[0], pair[2]) in of_tag]
    assert len(known) > 90
    apart = {(parent, tag) for facet, parent, tag in known if of_tag[facet, parent] not in above[of_tag[facet, tag]]}
    assert apart == set().union(*PARENTS_APART.values())


def test_published_tags_are_told_in_english_and_back():
    catalan = arrange_tree("materials", {name: {None: 1} for name in ("lli", "om", "gall d'indi")})
    assert tag_texts(catalan, "ca").texts == catalan.names
    english = tag_texts(catalan, "en")
    assert english.own == ("gall d'indi",) and "elm (wood)" in english.texts
    back = tag_texts(arrange_tree("materials", {name: {None: 1} for name in english.texts}), "ca")
    assert set(back.texts) == set(catalan.names)


def concept(number, label, parent, *alternatives, kind="concept"):
    return Concept(number, kind, {"en": label}, {"en": alternatives} if alternatives else {}, parent)


THESAURUS = Thesaurus({concept.id: concept for concept in (
    concept(MATERIALS, "Materials", None, kind="facet"), concept(OBJECTS, "Objects", None, kind="facet"),
    concept(300000001, "elm (wood)", MATERIALS), concept(300000002, "linen", MATERIALS, "flax"),
    concept(300000003, "bows (weapons)", OBJECTS), concept(300000004, "bows (knots)", OBJECTS),
    concept(300000005, "chairs", OBJECTS), concept(300000006, "elm", OBJECTS))}, {})


def term(facet, english, aat=""):
    return Term(facet, f"el {english}", english, aat, "")


def test_a_number_is_filled_in_where_one_concept_of_the_facet_fits():
    terms = [term("materials", "elm (wood)"), term("materials", "flax"), term("objectTypes", "bows (weapons)"),
             term("objectTypes", "Chairs"), term("objectTypes", "linen"), term("objectTypes", "chairs (toys)"),
             term("objectTypes", "bows"), term("materials", "linen"), term("objectTypes", "stools", "300000099")]
    filled, left = fill(terms, THESAURUS)
    assert [found.aat for found in filled] == ["300000001", "300000002", "300000003", "300000005", "", "", "", "",
                                               "300000099"]
    assert left[["facet", "english", "why", "candidates"]].to_numpy().tolist() == [
        ["objectTypes", "linen", "not found", ""], ["objectTypes", "chairs (toys)", "only alike", "300000005"],
        ["objectTypes", "bows", "only alike", "300000003, 300000004"],
        ["materials", "linen", "the number of another tag", "300000002"]]


def test_a_doubtful_term_is_listed_and_not_filled_in():
    doubtful = Term("objectTypes", "cadira", "chairs", "", "doubtful: may be thrones")
    filled, left = fill([doubtful], THESAURUS)
    assert filled == (doubtful,)
    assert left[["tag", "why", "candidates"]].to_numpy().tolist() == [["cadira", "doubtful", "300000005"]]


def test_what_was_filled_is_written_and_read_again(tmp_path):
    write_terms(read_terms(), tmp_path / "terms.csv")
    assert read_terms(tmp_path / "terms.csv") == read_terms()


@pytest.mark.parametrize("line, message", [
    ("colour,om,elm,,", "Unknown facet 'colour'"), ("materials,om,,,", "its English term"),
    ("materials,lli,elm,,", "the tag 'lli' is already in terms.csv, line 2"),
    ("materials,om,Linen,,", "the English term 'linen' is already"),
    ("materials,om,elm,123,", "nine digits"),
    ("materials,om,elm,300012070,doubtful: may be a helmet", "a doubtful translation has no number")])
def test_a_broken_table_is_refused_with_its_line(tmp_path, line, message):
    path = tmp_path / "terms.csv"
    path.write_text(",".join(COLUMNS) + "\nmaterials,lli,linen,,\n" + line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="terms.csv, line 3: ") as refused:
        read_terms(path)
    assert message in str(refused.value)


def test_the_command_says_what_is_left(tmp_path, capsys):
    from eufcc_lib.collection.aat.thesaurus import write_thesaurus
    write_thesaurus(THESAURUS, tmp_path / "aat.csv")
    assert main([str(tmp_path / "aat.csv"), "--out", str(tmp_path / "out.csv")]) == 0
    said = capsys.readouterr().out
    assert "not found" in said and "terms have a number" in said
    assert len(read_terms(tmp_path / "out.csv")) == len(read_terms())
    assert main([str(tmp_path / "none.csv")]) == 2
