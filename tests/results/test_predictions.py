"""How predictions are judged, which images are chosen, and what Figure 12 shows of them."""

import dataclasses
import io
import re

import numpy as np
import pytest
from conftest import NO_WARNING, keep_scores
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.sparse import csr_array
from test_figures import texts
from test_statistics import make_dataset, make_records

from eufcc_lib.core.errors import UserError
from eufcc_lib.data.taxonomy import TOP, arrange_tree
from eufcc_lib.figures.colour import oklch
from eufcc_lib.figures.predictions import LOOKS, predictions_figure
from eufcc_lib.results import predictions
from eufcc_lib.results.predictions import ANNOTATED, BEST, CONSISTENT, SURELY_WRONG, VERDICTS, WORST, WRONG

TREE = arrange_tree("materials", {name: {parent: 1} for name, parent in {
    "metal": TOP, "bronze": "metal", "silver": "metal", "sterling": "silver", "wood": TOP, "oak": "wood"}.items()})


def judge(relevant: str, tag: str) -> str:
    return predictions.judge_prediction(TREE, [TREE.index[name] for name in relevant.split()], TREE.index[tag])


def test_a_prediction_is_judged_by_its_place_beside_what_is_on_record():
    assert judge("metal silver", "silver") == ANNOTATED
    assert judge("silver", "metal") == judge("sterling", "metal") == CONSISTENT  # broader
    assert judge("metal", "sterling") == CONSISTENT  # narrower
    assert judge("silver", "bronze") == CONSISTENT  # beside
    assert judge("bronze", "sterling") == WRONG  # below a tag beside
    assert judge("metal silver", "oak") == WRONG
    assert judge("metal", "wood") == WRONG, "tags at the top share nothing but the facet"


def test_in_a_facet_of_one_level_its_tags_stand_beside_each_other():
    """The paper's example (section 5.4): *portrait* is reasonable for what is on record as a self-portrait."""
    flat = arrange_tree("subjects", {name: {TOP: 1} for name in ("portrait", "self-portrait", "landscape")})
    tags = flat.index
    assert predictions.judge_prediction(flat, [tags["self-portrait"]], tags["portrait"]) == CONSISTENT
    assert predictions.judge_prediction(flat, [tags["self-portrait"]], tags["self-portrait"]) == ANNOTATED


@st.composite
def trees(draw):
    """A tree of up to eight tags, each below an earlier one or at the top."""
    size = draw(st.integers(1, 8))
    parents = [draw(st.integers(-1, number - 1)) for number in range(size)]
    return arrange_tree("materials", {f"t{number}": {TOP if parent < 0 else f"t{parent}": 1}
                                      for number, parent in enumerate(parents)})


def naive_verdict(tree, relevant: list[int], tag: int) -> str:
    """The definition word by word, on paths."""
    if tag in relevant:
        return ANNOTATED
    path = tree.path(tag)
    flat = all(len(tree.path(each)) == 1 for each in range(len(tree)))
    for other in map(tree.path, relevant):
        ancestor, descendant = path == other[:len(path)], other == path[:len(other)]
        sibling = path[:-1] == other[:-1] and (len(path) > 1 or flat)
        if ancestor or descendant or sibling:
            return CONSISTENT
    return WRONG


@given(trees(), st.data())
def test_verdicts_are_those_of_the_definition(tree, data):
    tags = st.sets(st.integers(0, len(tree) - 1))
    matrix = np.zeros((3, len(tree)), dtype=bool)
    for row in range(3):
        matrix[row, list(data.draw(tags))] = True
    wrong = predictions.wrong_tags(tree, csr_array(matrix))
    for row, tag in np.ndindex(matrix.shape):
        relevant = np.flatnonzero(matrix[row]).tolist()
        expected = naive_verdict(tree, relevant, tag)
        assert predictions.judge_prediction(tree, relevant, tag) == expected
        assert wrong[row, tag] == (expected == WRONG and bool(relevant)), "without a record nothing is wrong"


SPOON = {"materials": "metal | silver", "objectTypes": "spoon", "provider": "North"}
CHAIR = {"materials": "wood | oak", "objectTypes": "chair", "provider": "South"}


@pytest.fixture
def run(own_paths):
    """Five images: the first two right, the third a chair of silver, then an image without record, then one not read.

    Sigmoids of 3, 2, 1, 0 are 95, 88, 73 and 50 %.
    """
    dataset = make_dataset(
        train=make_records(SPOON, CHAIR, {"materials": "metal | bronze", "objectTypes": "wood"}, prefix="a"),
        test_id=make_records(SPOON, CHAIR, CHAIR, {"provider": "North"}, CHAIR | {"provider": "East"}, prefix="b"))
    order = {"materials": [{"metal": 3, "silver": 2, "bronze": 1}, {"oak": 2, "wood": 1, "metal": 0},
                           {"metal": 3, "silver": 2, "oak": 1}, {"wood": 3}, {}],
             "objectTypes": [{"spoon": 3}, {"chair": 1}, {"chair": 0, "spoon": -1}, {"wood": 3}, {}]}
    scores = {}
    for facet, images in order.items():
        taxonomy = dataset.vocabulary[facet]
        scores[facet] = np.full((5, len(taxonomy)), -9, np.float32)
        for row, given_scores in enumerate(images):
            for name, value in given_scores.items():
                scores[facet][row, taxonomy.index[name]] = value
        scores[facet][4] = np.nan
    return keep_scores(dataset, "multi_label", scores)


def rows(run, kind, **where) -> list[int]:
    return predictions.choose_images(run, kind, **where)["row"].tolist()


def test_best_and_worst_go_by_r_precision_and_leave_out_what_cannot_be_judged(run):
    assert rows(run, BEST) == [0, 1, 2]
    assert rows(run, WORST) == [2, 0, 1]
    assert rows(run, WORST, images=1) == [2]
    measured = predictions.measure_images(run)
    assert measured["r_precision"].tolist() == [1, 1, 0.5] and measured["facets"].tolist() == [2, 2, 2]
    assert predictions.measure_images(run, "materials")["r_precision"].tolist() == [1, 1, 0]


def test_confidently_wrong_goes_by_the_most_probable_tag_that_is_neither_on_record_nor_near_it(run):
    chosen = predictions.choose_images(run, SURELY_WRONG)
    assert chosen["row"].tolist() == [2, 1, 0]
    assert chosen["caption"].tolist() == ["wrong: metal, 95 %", "wrong: metal, 50 %", "wrong: wood, < 1 %"]
    np.testing.assert_allclose(chosen["value"][:2], [1 / (1 + np.exp(-3)), 0.5])


def test_where_no_image_is_of_a_kind_none_is_chosen_and_the_figure_says_so(run):
    flat = {"kind": SURELY_WRONG, "facet": "objectTypes"}  # a facet of one level
    for where in (flat, {"kind": BEST, "provider": "East"}, {"kind": BEST, "tag": "bronze"}):
        chosen = predictions.choose_images(run, **where)
        assert chosen.empty and not len(predictions.count_errors(chosen))
        figure = predictions_figure(predictions.judge_images(run, chosen), [])
        assert texts(figure) == ["No image of this split is of this kind."]


def test_the_numbers_of_the_text_are_those_of_the_tables(run):
    surely = predictions.choose_images(run, SURELY_WRONG)
    assert predictions.count_errors(surely).to_dict() == {"metal": 2, "wood": 1}
    told = predictions.summarise(predictions.count_verdicts(run), predictions.measure_providers(run),
                                 predictions.count_errors(surely))
    assert (told["first"], told[ANNOTATED], told["excused"]) == (9, pytest.approx(100 * 7 / 9), 0)
    assert (told["first_provider"], told["last_provider"], told["last_provider_r"]) == ("North", "South", 0.75)
    assert (told["error"], told["error_images"]) == ("metal", 2)


def test_with_a_tag_images_go_by_that_tag_alone(run):
    assert rows(run, BEST, tag="oak") == [1, 2] and rows(run, WORST, tag="oak") == [2, 1]
    assert rows(run, SURELY_WRONG, tag="silver") == [2, 1]
    assert rows(run, BEST, tag="wood", facet="materials") == [1, 2]


def test_best_worst_and_surely_wrong_stand_together_each_called_what_it_is(run):
    chosen = predictions.choose_each(run, 1, tag="oak")
    assert chosen["row"].tolist() == [1, 2, 0]
    assert [caption.partition(":")[0] for caption in chosen["caption"]] == [BEST, WORST, SURELY_WRONG]
    theirs = predictions.choose_each(run, 1, provider="South", facet="materials")
    assert theirs["row"].tolist() == [1, 2, 2] and theirs["caption"].iloc[2] == "confidently wrong: metal, 95 %"
    flat = predictions.choose_each(run, 1, tag="chair")
    assert flat["row"].tolist() == [1, 2], "in a facet of one level no image is surely wrong"


def test_a_provider_has_images_of_its_own(run):
    assert rows(run, BEST, provider="South") == [1, 2] and rows(run, WORST, provider="North") == [0]
    assert predictions.measure_providers(run).index.tolist() == ["North", "South"]


@pytest.mark.parametrize("kind, where, said", [
    ("good", {}, "Unknown kind 'good'. Known kinds: best, confidently wrong, worst."),
    (BEST, {"provider": "West"}, "Unknown provider 'West'. Known providers: East, North, South."),
    (BEST, {"tag": "silvr"}, r"Unknown tag 'silvr'. Known tags \(7\) are, for example, silver"),
    (BEST, {"tag": "wood"}, "occurs in materials and objectTypes; expected one of these as facet"),
    (BEST, {"facet": "subject"}, "Unknown facet of 'multi_label' 'subject'"),
])
def test_a_mistake_is_told_with_what_is_known(run, kind, where, said):
    with pytest.raises(UserError, match=said):
        predictions.choose_images(run, kind, **where)


def test_drawing_prefers_images_with_most_facets_and_repeats_itself(run):
    drawn = predictions.draw_images(run, 9, seed=3)["row"].tolist()
    assert sorted(drawn) == [0, 1, 2, 3] and drawn[-1] == 3, "the one that was not read is left out"
    assert predictions.draw_images(run, 9, seed=3)["row"].tolist() == drawn


def test_verdicts_are_counted_over_the_first_r_tags(run):
    counts = predictions.count_verdicts(run).loc["Materials"]
    assert counts.to_dict() == {"images": 3, "first tags": 6, ANNOTATED: 4, CONSISTENT: 0, WRONG: 2}
    assert set(predictions.count_verdicts(run, "ca").index) == {"Tipus d'objecte", "Materials"}


def test_probabilities_are_those_of_the_objective(run, own_paths):
    first = np.array([0])
    np.testing.assert_allclose(predictions.probabilities(run, "materials", first).max(), 1 / (1 + np.exp(-3)))
    softmax = dataclasses.replace(run, model="softmax")
    np.testing.assert_allclose(predictions.probabilities(softmax, "materials", np.arange(4)).sum(axis=1), 1)
    counts = dataclasses.replace(run, model="frequency", values={"materials": np.array([[2, 1]])})
    np.testing.assert_allclose(predictions.probabilities(counts, "materials", first), [[2 / 3, 1 / 3]])
    ensemble = {"materials": np.array([[0.2, 0.9]], np.float32)}
    np.testing.assert_array_equal(
        predictions.probabilities(dataclasses.replace(run, model="ml_s", values=ensemble), "materials", first),
        ensemble["materials"])
    with pytest.raises(UserError, match="combine='probabilities'"):
        predictions.probabilities(dataclasses.replace(run, model="ml_s", values=run.values), "materials", first)


def test_an_answer_holds_the_record_and_at_least_as_many_tags_as_it_has(run):
    drawn = predictions.draw_images(run, 9)
    spoon, empty = predictions.judge_images(run, drawn[drawn["row"].isin([0, 3])], 1)
    materials = next(answer for answer in spoon.answers if answer.facet == "materials")
    assert materials.annotated == ("metal", "silver") and materials.outside == ()
    assert [(tag, verdict) for tag, _, verdict in materials.predicted] == [("metal", ANNOTATED), ("silver", ANNOTATED)]
    assert {verdict for answer in empty.answers for _, _, verdict in answer.predicted} == {None}


def test_a_tag_outside_the_vocabulary_is_shown_as_such(own_paths):
    dataset = make_dataset(train=make_records({"materials": "metal"}),
                           test_id=make_records({"materials": "metal | tombac"}, prefix="b"))
    run = keep_scores(dataset, "multi_label", {"materials": np.zeros((1, 1))})
    (example,) = predictions.judge_images(run, predictions.draw_images(run))
    assert example.answers[0].annotated == ("metal",) and example.answers[0].outside == ("tombac",)
    figure = predictions_figure([example], dataset.image_paths("test_id"))
    assert any("tombac (not in the vocabulary)" in text for text in texts(figure))


@NO_WARNING
def test_figure_shows_every_example_with_its_signs_and_stays_inside_the_page(run, tmp_path):
    Image.new("RGB", (60, 90), "teal").save(tmp_path / "0.jpg")
    examples = predictions.judge_images(run, predictions.draw_images(run, 9), 5)
    figure = predictions_figure(examples, [tmp_path / f"{row}.jpg" for row in range(5)])  # all but one are missing
    said = texts(figure)
    for sign in ("✓", "~", "×"):
        assert any(re.match(rf"{sign} \w", text) for text in said), sign
    assert {example.image for example in examples} <= set(said)
    assert "Object types" in said
    catalan = texts(predictions_figure(examples, [tmp_path / f"{row}.jpg" for row in range(5)], "ca"))
    assert "Tipus d'objecte" in catalan and "Object types" not in catalan
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert all(box.x0 >= -1 and box.x1 <= figure.bbox.width + 1 and box.y0 >= -1 for box in boxes)
    assert Image.open(io.BytesIO(figure.to_bytes("jpeg", dpi=40))).format == "JPEG"


def test_chips_differ_in_lightness_and_sign_and_not_only_in_colour():
    fills = sorted(oklch(LOOKS[verdict][1])[0] for verdict in VERDICTS)
    assert min(np.diff(fills)) > 0.07 and len({LOOKS[verdict][0] for verdict in VERDICTS}) == 3
    assert all(abs(oklch(fill)[0] - oklch(ink)[0]) > 0.4 for _, fill, _, ink in LOOKS.values())
