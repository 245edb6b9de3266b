"""The small tables and sentences of the chapters on the data hold for any data set."""

import pandas as pd
import pytest
from test_statistics import make_records

from eufcc_lib.data.labels import count_vocabulary, label_matrix
from eufcc_lib.data.statistics import count_tag_images
from eufcc_lib.pages import data_pages

RECORDS = make_records({"objectTypes": "tool | spoon", "materials": "metal | nonferrous metal | silver $ wood"}, {"materials": "metal"})


def test_a_line_is_read_column_by_column():
    line = data_pages.read_line(RECORDS, 0)
    assert line.loc["materials.hierarchy"].tolist() == ["metal | nonferrous metal | silver $ wood", "Materials"]
    assert line.loc["subjects.hierarchy", "written"] == "(empty)"
    assert data_pages.deepest_path(RECORDS, 0) == "metal | nonferrous metal | silver"
    assert data_pages.deepest_path(make_records({}), 0) == "–"


def test_ones_stand_in_the_columns_of_the_tags():
    vocabulary = count_vocabulary(RECORDS, 1)
    labels = {facet: label_matrix(RECORDS, tree) for facet, tree in vocabulary.taxonomies.items()}
    listed = data_pages.list_ones(labels, 1)
    assert listed.loc["Materials"].tolist() == [str(vocabulary["materials"].index["metal"]), 4]
    assert listed.loc["Subjects"].tolist() == ["none", 0]


def test_the_rarest_tag_is_named_among_those_with_a_column():
    tags = pd.DataFrame({"tag": ["metal", "tin", "spoon"], "training images": ["1,200", "–", "30"]})
    assert data_pages.rarest_sentence(tags) == "The tag with the fewest training images is *spoon*, with 30."
    assert data_pages.rarest_sentence(tags[1:2]) == "No tag of this record is in the vocabulary."


@pytest.mark.parametrize(("images", "said"), [
    ([5], "All images come from one provider"),
    ([3, 3], "Each of the 2 providers has 3 images."),
    ([1, 9], "The largest of the 2 providers has 9 images, the smallest 1; the largest alone holds at least half of all."),
    ([2, 3, 1], "The largest of the 3 providers has 3 images, the smallest 1; the largest alone holds at least half of all."),
    ([4, 3, 2, 1], "The largest of the 4 providers has 4 images, the smallest 1; the 2 largest hold at least half of all."),
])
def test_providers_are_said_to_differ_as_far_as_they_do(images, said):
    assert data_pages.provider_sentence(images).startswith(said)


def test_a_long_tail_is_told_by_its_numbers():
    counts = count_tag_images(make_records(*[{"materials": "metal"}] * 10, {"materials": "metal | silver"}))
    assert data_pages.tail_sentence(counts, 10) == (
        "The most frequent of 2 tags, *metal*, is on 11 images; 1 (50 %) has fewer than 10 images.")
    assert data_pages.tail_sentence(counts, 1).endswith("none has fewer than 1 images.")
    assert data_pages.tail_sentence(pd.DataFrame(columns=["facet", "tag", "images", "rank"]), 10) == "No image has a tag."
    assert data_pages.outside_sentence(0).startswith("Every") and data_pages.outside_sentence(1).startswith("1 annotation of this split uses")


def test_terms_of_the_museum_alone_have_no_number():
    vocabulary = count_vocabulary(make_records({"objectTypes": "vessel", "materials": "metal", "subjects": "of our own"}), 1)
    assert data_pages.numbers_of_terms(vocabulary) == {
        "objectTypes": (0, 1), "materials": (1, 1), "classifications": (0, 0), "subjects": (0, 1)}
    listed = data_pages.list_numbers_of_terms(vocabulary)
    assert listed.loc["Object types"].tolist() == [1, 0, 1] and listed.loc["Materials"].tolist() == [1, 1, 0]
    assert data_pages.terms_sentence(vocabulary) == (
        "There is a verified number of the AAT for 0 of the 1 object types, 1 of the 1 materials and 0 of the 1 subjects. "
        "All other terms are this project's own.")
    assert data_pages.terms_sentence(count_vocabulary(make_records({"subjects": "of our own"}), 1)).startswith("No tag of these data")


def test_translations_have_a_dash_where_no_number_was_checked():
    vocabulary = count_vocabulary(make_records({"objectTypes": "vessel", "materials": "metal"}), 1)
    assert data_pages.list_translations(vocabulary).reset_index().to_numpy().tolist() == [
        ["Object types", "vessel", "atuell", "–"], ["Materials", "metal", "metall", "300010900"]]


def test_a_museum_is_summed_up_as_far_as_it_is_known():
    numbers = {"pictures": 3, "providers": 1, "objects": 2, "viewed_again": 1, "annotated_percent": 50.0, "wrong_records": 1,
               "wrong_percent": 100 / 3}
    assert data_pages.museum_sentences(numbers).splitlines() == [
        "- There are 3 pictures from 1 provider. They show 2 objects, of which 1 was photographed more than once.",
        "- Of all the facets that could be annotated from the pictures, 50 % are.", "- 1 record (33.3 %) has a wrong tag."]
    assert data_pages.museum_sentences(numbers | {"objects": 0}).endswith("from 1 provider. What they really show is not known here.")


def test_names_at_several_places_are_listed_with_the_facets_titles():
    records = make_records({"objectTypes": "art | portrait $ portrait", "subjects": "portrait", "materials": "clay | brick $ brick"})
    assert data_pages.list_parents(records, most=9).reset_index().to_numpy().tolist() == [
        ["Object types", "portrait", "(top), art"], ["Materials", "brick", "(top), clay"]]
    assert data_pages.list_shared_names(records).reset_index().to_numpy().tolist() == [["Object types, Subjects", "portrait"]]
    assert len(data_pages.list_parents(records, most=1)) == 1
    assert data_pages.list_parents(make_records({}), 3).empty and data_pages.list_shared_names(make_records({})).empty
    assert data_pages.share_of(float("nan")) == "–" and data_pages.share_of(0.9999, 1) == "> 99.9 %"
