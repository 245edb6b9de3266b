"""Texts of tags: in the language asked for, and whose name is kept is counted."""

import pytest

from eufcc_lib.core.errors import UserError
from eufcc_lib.data.taxonomy import arrange_tree
from eufcc_lib.data.terms import museum_terms, read_terms
from eufcc_lib.data.translations import describe_texts, tag_numbers, tag_texts


def taxonomy(facet: str, *names: str):
    return arrange_tree(facet, {name: {None: 1} for name in names})


def test_tags_are_told_in_either_language_whichever_they_are_written_in():
    english, catalan = (taxonomy("objectTypes", *names) for names in (("container", "vessel"), ("contenidor", "atuell")))
    assert set(tag_texts(english, "en").texts) == set(tag_texts(catalan, "en").texts) == {"container", "vessel"}
    assert set(tag_texts(english, "ca").texts) == set(tag_texts(catalan, "ca").texts) == {"contenidor", "atuell"}


def test_texts_stand_in_the_order_of_the_tags():
    tags = taxonomy("objectTypes", "vessel", "bowl", "container")
    assert tags.names == ("bowl", "container", "vessel")
    assert tag_texts(tags, "ca").texts == ("bol", "contenidor", "atuell")


def test_a_tag_that_the_table_lacks_keeps_its_name_and_is_counted():
    found = [tag_texts(taxonomy("objectTypes", "vessel", "astrolabe of Toledo"), "ca"),
             tag_texts(taxonomy("materials", "vessel"), "ca")]  # an object type is no material
    assert found[0].texts == ("astrolabe of Toledo", "atuell") and found[1].texts == ("vessel",)
    assert [facet.own for facet in found] == [("astrolabe of Toledo",), ("vessel",)]
    assert describe_texts(found) == "texts in Catalan: 1 of 3 tags from the table of terms, 2 keep their own name"
    assert describe_texts([tag_texts(taxonomy("objectTypes", "vessel"), "en")]) == (
        "texts in English: 1 of 1 tags from the table of terms")


def test_every_term_of_the_table_translates_there_and_back():
    for facet, names in museum_terms().items():
        english = taxonomy(facet, *names)
        catalan = taxonomy(facet, *tag_texts(english, "ca").texts)
        assert set(tag_texts(catalan, "en").texts) == set(names)


def test_unknown_language_names_the_known_ones():
    with pytest.raises(UserError, match="Unknown language 'es'. Known languages: ca, en."):
        tag_texts(taxonomy("materials", "gold"), "es")


DOUBTFUL = ("tela", "cartró", "esmalt")


@pytest.mark.parametrize("names", [
    DOUBTFUL, [term.catalan for term in read_terms() if term.facet == "materials"],
    [places[0].catalan for places in museum_terms()["materials"].values()]], ids=["alone", "published", "museum"])
def test_a_number_left_blank_for_doubt_stays_blank_although_the_other_dictionary_has_one(names):
    materials = taxonomy("materials", *names)
    numbers = dict(zip(materials.names, tag_numbers(materials), strict=True))
    assert [numbers[name] for name in DOUBTFUL] == ["", "", ""]
    assert sum(map(bool, numbers.values())) > 90 or len(numbers) == 3, "the others keep theirs"


def test_a_number_is_that_of_the_dictionary_that_knows_the_data():
    stoneware = taxonomy("materials", *(places[0].catalan for places in museum_terms()["materials"].values()))
    sandstone = taxonomy("materials", *(term.catalan for term in read_terms() if term.facet == "materials"))
    assert [tag_numbers(tree)[tree.index["gres"]] for tree in (stoneware, sandstone)] == ["", "300011376"]
    assert tag_numbers(taxonomy("materials", "metal", "astrolabe"))[::-1] == ("300010900", "")
