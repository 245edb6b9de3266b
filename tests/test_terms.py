"""The table of terms: whole, well-formed, and completed from a thesaurus only where there is one answer."""

import csv
import re
from pathlib import Path

import pytest

from eufcc_lib.collection.thesaurus import MATERIALS, OBJECTS, Concept, Thesaurus
from eufcc_lib.errors import UserError
from eufcc_lib.facets import FACET_NAMES
from eufcc_lib.mini.terms import read_terms as museum_terms
from eufcc_lib.records import read_records
from eufcc_lib.taxonomy import arrange_tree, read_label_vocabulary
from eufcc_lib.terms import COLUMNS, TagTerm, fill, main, read_terms, write_terms
from eufcc_lib.texts import tag_texts

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"


def test_the_table_is_in_order():
    terms = read_terms()
    assert {term.facet for term in terms} == set(FACET_NAMES)
    assert not [term for term in terms for text in (term.tag, term.english, term.note) if text != text.strip()]
    assert len({(term.facet, term.tag) for term in terms}) == len(terms)
    assert len({(term.facet, term.english.casefold()) for term in terms}) == len(terms)
    numbers = [(term.facet, term.aat) for term in terms if term.aat]
    assert len(set(numbers)) == len(numbers), "two tags of a facet are two concepts"
    assert all(re.fullmatch(r"300\d{6}", number) for _, number in numbers)


@pytest.mark.parametrize("tag, facet, english", [
    ("lli", "materials", "linen"), ("om", "materials", "elm"), ("setí", "materials", "satin"),
    ("cotilla", "objectTypes", "corset"), ("numismàtica", "classifications", "numismatics"),
    ("bodegó", "subjects", "still lifes")])
def test_tags_that_a_machine_gets_wrong_are_right(tag, facet, english):
    (term,) = (term for term in read_terms() if (term.facet, term.tag) == (facet, tag))
    assert term.english.startswith(english)


def test_curation_marks_are_said_to_be_such():
    marks = [term for term in read_terms() if term.tag == "ELIMINAR" or term.tag.startswith("*")]
    assert len(marks) == 3 and all("curation mark" in term.note and not term.aat for term in marks)


PLURALS = {"amphora": "amphorae", "fibula": "fibulae", "knife": "knives", "sarcophagus": "sarcophagi",
           "unguentarium": "unguentaria", "work of art": "works of art"}


def is_singular(word, of):
    """Whether one is the singular of the other or the same, in whatever spelling and without a qualifier."""
    word, of = (re.sub(r" \([^()]*\)$|[- ]", "", PLURALS.get(text, text).casefold()) for text in (word, of))
    return of in (word, f"{word}s", f"{word}es", re.sub("y$", "ies", word))


def test_a_catalan_word_is_one_thing_here_and_in_the_museum_or_the_note_says_what_it_is_there():
    published = {(term.facet, term.tag): term for term in read_terms()}
    museum = {(facet, place.catalan[-1], name) for facet, names in museum_terms().items()
              for name, places in names.items() for place in places}
    both = [(name, published[facet, word]) for facet, word, name in museum if (facet, word) in published]
    assert len(both) > 200
    assert not [(name, term) for name, term in both
                if is_singular(name, term.english) == (f"the mini museum says {name}" in term.note)]


def test_every_published_tag_has_its_row():
    if not (SHARED / "official").is_dir():
        pytest.skip("the published files are not here")
    known = {(term.facet, term.tag) for term in read_terms()}
    records, trees = read_records(SHARED / "official" / "test_id.csv"), read_label_vocabulary(SHARED / "official")
    for facet in FACET_NAMES:
        tags = {tag for tags in records.distinct_tags(facet) for tag in tags} | set(trees[facet].names)
        assert not {tag for tag in tags if (facet, tag) not in known}


def test_numbers_are_those_of_the_term_in_the_facet_of_its_tag():
    lists = SHARED / "aat" / "aat_ids_labels_materials_activities.csv"
    if not lists.is_file():
        pytest.skip("the lists of the AAT are not here")
    with open(lists, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    facets = {row["aat_id"]: row["facet"] for row in rows}
    labels = {row["aat_id"]: {label.partition(" (")[0] for label in (row["first_label"], *row["other_labels"].split("|"))}
              for row in rows}
    for facet, expected in (("materials", "MATERIALS"), ("classifications", "ACTIVITIES")):
        for term in read_terms():
            if term.facet == facet and term.aat:
                assert facets[term.aat] == expected
                assert term.english.partition(" (")[0] in labels[term.aat], term


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
    return TagTerm(facet, f"el {english}", english, aat, "")


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


def test_what_was_filled_is_written_and_read_again(tmp_path):
    write_terms(read_terms(), tmp_path / "terms.csv")
    assert read_terms(tmp_path / "terms.csv") == read_terms()


@pytest.mark.parametrize("line, message", [
    ("colour,om,elm,,", "Unknown facet 'colour'"), ("materials,om,,,", "its English term"),
    ("materials,lli,elm,,", "the tag 'lli' stands already in terms.csv, line 2"),
    ("materials,om,Linen,,", "the English term 'linen' stands already"),
    ("materials,om,elm,123,", "nine digits")])
def test_a_broken_table_is_refused_with_its_line(tmp_path, line, message):
    path = tmp_path / "terms.csv"
    path.write_text(",".join(COLUMNS) + "\nmaterials,lli,linen,,\n" + line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="terms.csv, line 3: ") as refused:
        read_terms(path)
    assert message in str(refused.value)


def test_the_command_says_what_is_left(tmp_path, capsys):
    from eufcc_lib.collection.thesaurus import write_thesaurus
    write_thesaurus(THESAURUS, tmp_path / "aat.csv")
    assert main([str(tmp_path / "aat.csv"), "--out", str(tmp_path / "out.csv")]) == 0
    said = capsys.readouterr().out
    assert "not found" in said and "terms have a number" in said
    assert len(read_terms(tmp_path / "out.csv")) == len(read_terms())
    assert main([str(tmp_path / "none.csv")]) == 2
