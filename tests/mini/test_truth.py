"""What a drawn museum knows about itself is told, and where nothing is known nothing is made up."""

import dataclasses

import pytest
from test_statistics import make_dataset, make_records

from eufcc_lib.data import examples, statistics
from eufcc_lib.figures import contact_sheets, trees
from eufcc_lib.mini import truth as answers

DRAWN = """\
idInSource,split,object,view,objectType,materials,scene,classification,provider,wrongFacet,wrongPath
b_0,test_id,7,1,oil painting,oil paint + canvas,portrait,fine arts,Museum,,
a_1,train,3,2,spoon,silver,,,Museum,materials,metal | bronze
a_0,train,3,1,spoon,silver,,,Museum,,
"""


@pytest.fixture
def dataset(tmp_path):
    (tmp_path / "drawn.csv").write_text(DRAWN)
    tiny = make_dataset(
        train=make_records({"objectTypes": "tool | spoon"}, {"materials": "metal | bronze"}, prefix="a"),
        test_id=make_records({"objectTypes": "painting", "subjects": "portrait"}, prefix="b"))
    return dataclasses.replace(tiny, root=tmp_path)


@pytest.fixture
def truth(dataset):
    return answers.read_answers(dataset)


def test_answers_stand_in_the_order_of_the_records(dataset, truth):
    assert truth["idInSource"].tolist() == statistics.pooled(dataset).ids.tolist() == ["a_0", "a_1", "b_0"]
    assert truth["wrongPath"].tolist() == ["", "metal | bronze", ""]


def test_missing_facets_are_those_that_the_picture_would_tell(dataset, truth):
    counts = answers.count_missing(statistics.pooled(dataset), truth).set_index("facet")
    assert counts.loc["Object types"].tolist() == [3, 2, 2 / 3]
    assert counts.loc["Materials"].tolist() == [3, 1, 1 / 3]
    assert counts.loc["Classifications"].tolist() == [1, 0, 0]
    assert counts.loc["Subjects"].tolist() == [1, 1, 1]


def test_views_of_one_object_stand_in_a_row(dataset, truth):
    views = answers.sample_views(statistics.pooled(dataset), truth)
    assert views.to_dict("records") == [{"name": "spoon, silver", "note": "Museum", "rows": [0, 1]}]


def test_wrong_tag_is_named_beside_what_the_picture_shows(truth):
    assert answers.sample_wrong(truth).to_dict("records") == [{"row": 1, "caption": "Spoon of silver, not bronze"}]


def test_a_broader_word_for_what_a_picture_shows_is_right_too(dataset, truth):
    assert answers.shows(truth, ["tool", "bronze", "portrait"], dataset.vocabulary) == [True, False, True]


def test_what_a_picture_shows_is_said_in_the_language_of_the_tags(dataset):
    truth = answers.read_answers(dataset, "ca")
    assert truth["objectType"].tolist() == ["cullera", "cullera", "pintura a l'oli"]
    assert truth["materials"].tolist() == ["argent", "argent", "pintura a l'oli i tela"]
    assert truth[["scene", "classification"]].to_numpy().tolist()[2] == ["retrat", "belles arts"]
    assert truth["wrongPath"].tolist() == ["", "metall | bronze", ""]
    records = statistics.pooled(dataset)
    assert answers.sample_wrong(truth, language="ca")["caption"].tolist() == ["Cullera (argent), no pas bronze"]
    assert answers.sample_views(records, truth)["name"].tolist() == ["cullera, argent"]
    assert answers.count_missing(records, truth, "ca")["facet"].tolist()[0] == "Tipus d'objecte"


def test_summary_counts_objects_views_and_errors(dataset, truth):
    summary = answers.summarise(statistics.pooled(dataset), truth)
    assert summary == {"pictures": 3, "providers": 1, "objects": 2, "viewed_again": 1, "annotated_percent": 50.0,
                       "wrong_records": 1, "wrong_percent": pytest.approx(100 / 3)}


def test_terms_are_given_in_both_languages():
    records = make_records(*[{"materials": "metal | nonferrous metal | silver", "objectTypes": "of our own"}] * 2)
    told = answers.translate(make_dataset(train=records).vocabulary)
    assert told[["facet", "English", "Catalan"]].to_numpy().tolist() == [
        ["Materials", "metal", "metall"], ["Materials", "nonferrous metal", "metall no fèrric"],
        ["Materials", "silver", "argent"]]
    catalan = make_records(*[{"materials": "metall", "subjects": "retrat"}] * 2)
    told = answers.translate(make_dataset(train=catalan).vocabulary, language="ca")
    assert told[["facet", "English", "Catalan"]].to_numpy().tolist() == [
        ["Materials", "metal", "metall"], ["Temes", "portrait", "retrat"]]


def test_data_without_answers_has_nothing_to_show(tmp_path):
    dataset = dataclasses.replace(make_dataset(train=make_records({"materials": "metal"})), root=tmp_path)
    records, truth = statistics.pooled(dataset), answers.read_answers(dataset)
    assert answers.count_missing(records, truth).empty
    for figure, sentence in (
            (contact_sheets.contact_sheet(answers.sample_views(records, truth), []), "There is no image to show here."),
            (trees.record_trees(records, answers.sample_wrong(truth), None), "This data set has nothing to show here.")):
        assert sentence in [text.get_text() for text in figure.axes[0].texts]
        assert figure.to_bytes("png", dpi=40)
    assert answers.summarise(records, truth)["objects"] == 0
    assert examples.sample_by_tag(records, "subjects").empty
