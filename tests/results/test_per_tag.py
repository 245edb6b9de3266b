"""What runs get right and wrong, on four images and six tags that one can rank in the head."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import keep_scores
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from test_statistics import make_dataset, make_records

from eufcc_lib.core.errors import UserError
from eufcc_lib.data.taxonomy import TOP, arrange_tree
from eufcc_lib.results import per_tag
from eufcc_lib.results.per_tag import Judged

TREE = arrange_tree("materials", {name: {parent: 1} for name, parent in {
    "metal": TOP, "bronze": "metal", "silver": "metal", "wood": TOP, "oak": "wood", "paper": TOP}.items()})
BRONZE, METAL, OAK, PAPER, SILVER, WOOD = (TREE.index[name] for name in sorted(TREE.names))


def judged(labels, train_images=None, **order) -> Judged:
    """Scores from the tags in the order in which a model puts them, image by image; what is not named comes last."""
    matrix = np.zeros((len(labels), len(TREE)), dtype=bool)
    for row, tags in enumerate(labels):
        matrix[row, tags] = True
    scores = {}
    for model, lists in order.items():
        scores[model] = np.full(matrix.shape, -9, np.float32)
        for row, tags in enumerate(lists):
            scores[model][row, tags] = -np.arange(len(tags))
    images = matrix.sum(axis=0) if train_images is None else np.array(train_images)
    return Judged(TREE, np.arange(10, 10 + len(labels)), csr_array(matrix), scores, images)


@pytest.fixture
def two():
    """The first model is right throughout; the second takes silver for bronze, and misses wood altogether."""
    return judged([[METAL, BRONZE], [METAL, BRONZE], [WOOD]],
                  good=[[METAL, BRONZE], [BRONZE, METAL], [WOOD, OAK]],
                  bad=[[METAL, SILVER, BRONZE], [METAL, BRONZE], [PAPER, METAL, WOOD]])


def test_a_tag_is_found_where_it_is_among_the_first_r(two):
    tags = per_tag.judge_tags(two, "bad")
    assert tags.index.tolist() == ["metal", "bronze", "wood"]  # no image has another
    assert tags["images"].tolist() == [2, 2, 1]
    assert tags["found"].tolist() == [1, 0.5, 0]
    assert tags["mean_rank"].tolist() == [1, 2.5, 3]


def test_tags_are_compared_from_the_greatest_gain_to_the_greatest_loss(two):
    compared = per_tag.compare_tags(two, "good", "bad", least=1)
    assert compared.index.tolist() == ["wood", "bronze", "metal"]
    assert compared.loc["bronze", ["found by good", "found by bad", "higher", "lower"]].tolist() == [1, 0.5, 2, 0]
    assert compared.loc["metal", ["higher", "lower"]].tolist() == [0, 1]
    assert per_tag.compare_tags(two, "good", "bad", least=2).index.tolist() == ["bronze", "metal"]
    extremes = per_tag.ends(compared, most=1)
    assert extremes.index.tolist() == ["wood", "metal"]
    assert extremes["found by"].loc["wood"].to_dict() == {"good": 1, "bad": 0}
    assert extremes["good ranks it"].loc["metal"].to_dict() == {"higher": 0, "lower": 1}
    assert len(per_tag.ends(compared, most=2)) == 3, "no row twice"


def test_comparing_the_other_way_round_is_the_mirror_image(two):
    one, other = (per_tag.compare_tags(two, *models, least=1) for models in (("good", "bad"), ("bad", "good")))
    assert one.index.tolist() == other.index.tolist()[::-1]
    assert one["higher"].tolist() == other["lower"].tolist()[::-1]


def test_bands_count_each_tag_alike_from_the_rarest_on():
    images = [0] * 6
    images[METAL], images[BRONZE], images[WOOD] = 100, 20, 10
    runs = judged([[METAL, BRONZE], [METAL, BRONZE], [WOOD]], images,
                  run=[[METAL, SILVER, BRONZE], [METAL, BRONZE], [PAPER, METAL, WOOD]])
    bands = per_tag.compare_bands(runs, bands=2)
    assert bands.index.tolist() == ["10 to 20", "100"]
    assert bands["tags"].tolist() == [2, 1] and bands["images"].tolist() == [3, 2]
    assert bands["run"].tolist() == [0.25, 1]
    assert per_tag.bands_by_model(bands).to_dict("list") == {"10 to 20 images": ["2", "3", "0.25"], "100 images": ["1", "2", "1.00"]}
    assert per_tag.bands_by_model(bands, []).index.tolist() == ["tags", "pairs of image and tag"]


def test_levels_tell_where_an_answer_first_goes_wrong():
    levels = per_tag.judge_levels(judged(
        [[METAL, BRONZE], [METAL, BRONZE], [WOOD, OAK], [PAPER]],
        run=[[METAL, SILVER], [WOOD, BRONZE], [WOOD, BRONZE, OAK], [PAPER]])).set_index("level")
    assert levels["images"].tolist() == [4, 3]
    assert levels["right"].tolist() == pytest.approx([3 / 4, 1 / 3])
    assert levels["first_wrong"].tolist() == pytest.approx([1 / 4, 2 / 3])  # the second was wrong before
    assert np.isnan(levels.loc[1, "on_path"])
    assert levels.loc[2, "on_path"] == pytest.approx(1 / 3)  # wood, then bronze: twice no branch of the tree


def test_scores_of_different_levels_are_not_compared():
    one = judged([[METAL, BRONZE]], run=[[BRONZE, SILVER, METAL]])
    shifted = Judged(TREE, one.rows, one.labels, {"run": one.scores["run"] - 50 * TREE.depth.astype(np.float32)},
                     one.train_images)
    pd.testing.assert_frame_equal(per_tag.judge_levels(one), per_tag.judge_levels(shifted))


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, unique=True), min_size=1, max_size=5), st.randoms())
def test_first_wrong_levels_and_images_right_throughout_are_all_images(labels, random):
    order = [random.sample(range(6), 6) for _ in labels]
    runs = judged(labels, run=order)
    levels = per_tag.judge_levels(runs)
    wrong = (levels["first_wrong"] * levels["images"]).sum()
    throughout = sum(all(next(tag for tag in best if TREE.depth[tag] == level) in tags
                         for level in {TREE.depth[tag] for tag in tags}) for tags, best in zip(labels, order))
    assert wrong + throughout == pytest.approx(len(labels))


def test_metrics_are_those_of_the_result_files(two):
    measured = per_tag.measure(two)
    assert measured.loc["bad"].tolist() == pytest.approx([(0.5 + 1 + 0) / 3, 2 / 3, 1, (2 + 1.5 + 3) / 3, 3])


def test_scores_along_the_path_add_up_from_the_root_and_within_a_level_are_their_steps():
    runs = judged([[METAL, BRONZE]], run=[[BRONZE, WOOD, METAL]])
    runs.scores["run"][0] = [-1, -2, -3, -4, -5, -6]  # in the order of the tree
    recipe = {"level_scores": "level", "tree": "parent"}
    path = per_tag.with_other_scores(runs, "run", recipe).scores["run, path"]
    expected = {name: sum(-1 - TREE.index[above] for above in TREE.path(TREE.index[name])) for name in TREE.names}
    assert dict(zip(TREE.names, path[0].tolist())) == expected
    back = per_tag.with_other_scores(replace(runs, scores={"run": path}), "run", recipe | {"level_scores": "path"})
    assert back.scores["run, level"].tolist() == runs.scores["run"].tolist() == [[-1, -2, -3, -4, -5, -6]]
    assert per_tag.with_other_scores(runs, "run", recipe | {"tree": "places"}) is runs, "a sum over places has no steps"


def test_agreement_counts_the_same_first_tag_and_who_is_right_then(two):
    found = per_tag.judge_agreement(two, "good", "bad")
    assert found["images"].tolist() == [1, 2]  # metal and metal; bronze and metal, wood and paper
    assert found.loc["the same tag", ["good", "bad"]].tolist() == [1, 1]
    assert found.loc["two tags", ["good", "bad"]].tolist() == [1, 0.5]
    alone = per_tag.judge_agreement(two, "good", "good")
    assert alone["images"].tolist() == [3, 0] and np.isnan(alone.loc["two tags", "good"])


def test_every_way_of_combining_finds_what_both_members_find():
    said = judged([[METAL, BRONZE]], multi_label=[[METAL, BRONZE, OAK]], softmax=[[METAL, BRONZE, PAPER]])
    measured = per_tag.measure(per_tag.with_combined(said, ["multi_label", "softmax"]))
    assert measured.index.tolist() == ["multi_label", "softmax", "all, probabilities", "all, scores", "all, ranks"]
    assert measured["R-precision"].tolist() == [1] * 5


def test_images_are_picked_where_the_models_differ_most(two):
    picked = per_tag.pick_images(two, "good", "bad", most=1)
    assert picked.to_numpy().tolist() == [[12, "good is better"]], "bad is nowhere better"
    picked = per_tag.pick_images(two, "bad", "good", most=2)
    assert picked.to_numpy().tolist() == [[12, "good is better"], [10, "good is better"]]
    assert per_tag.pick_images(two, "good", "good").empty


MUSEUM = {"train": make_records({"materials": "metal | bronze"}, {"materials": "metal"}, prefix="a"),
          "test_id": make_records({"materials": "metal | bronze"}, {}, {"materials": "metal"}, prefix="b")}


@pytest.fixture
def museum(own_paths):
    return make_dataset(**MUSEUM)


def keep(dataset, model, values, facet="materials"):
    keep_scores(dataset, model, {facet: np.array(values, np.float32)})


def test_images_without_the_facet_or_without_scores_are_left_out(museum):
    keep(museum, "one", [[2, 1], [2, 1], [2, 1]])
    keep(museum, "two", [[2, 1], [2, 1], [np.nan, np.nan]])
    assert per_tag.read_judged(museum, ["one"], "test_id", "materials").rows.tolist() == [0, 2]
    both = per_tag.read_judged(museum, ["one", "two"], "test_id", "materials")
    assert both.rows.tolist() == [0] and both.train_images.tolist() == [2, 1]


def test_models_are_measured_on_the_test_sets_that_are_there(own_paths, museum):
    keep(museum, "one", [[2, 1], [2, 1], [2, 1]])
    assert per_tag.measure_tests(museum, ["one"], "materials").to_dict() == {"Inner": {"one": 1}}
    both = make_dataset(**MUSEUM, test_ood=make_records({"materials": "metal | bronze"}, prefix="c"))
    keep_scores(both, "one", {"materials": np.array([[1, 2]], np.float32)}, "test_ood")
    keep(both, "one", [[2, 1], [2, 1], [1, 2]])
    measured = per_tag.measure_tests(both, ["one"], "materials")
    assert measured.loc["one"].to_dict() == {"Inner": 0.5, "Outer": 1, "difference": 0.5}


def test_the_same_models_are_judged_elsewhere_or_a_line_says_that_they_cannot(museum, capsys):
    both = make_dataset(**MUSEUM, test_ood=make_records({"materials": "metal | bronze"}, prefix="c"))
    keep_scores(both, "one", {"materials": np.array([[1, 2]], np.float32)}, "test_ood")
    keep(both, "one", [[2, 1], [2, 1], [2, 1]])
    inner = per_tag.read_judged(both, ["one"], "test_id", "materials")
    assert len(per_tag.judge_elsewhere(both, inner, split="test_ood").rows) == 1 and not capsys.readouterr().out
    assert per_tag.judge_elsewhere(both, inner, facet="subjects") is inner
    assert "tiny has no image of split 'test_id' with a tag in subjects" in capsys.readouterr().out


def test_models_that_were_not_run_are_named(museum):
    with pytest.raises(UserError, match="No scores of 'softmax' on 'tiny'"):
        per_tag.read_judged(museum, ["softmax"], "test_id", "materials")
    keep(museum, "one", [[2, 1], [2, 1], [2, 1]])
    with pytest.raises(UserError, match="facet of 'one' 'subjects'"):
        per_tag.read_judged(museum, ["one"], "test_id", "subjects")


def test_images_are_shown_with_what_each_model_says(museum):
    keep(museum, "one", [[2, 1], [2, 1], [2, 1]])
    keep(museum, "two", [[2, 1], [2, 1], [1, 2]])
    runs = per_tag.read_judged(museum, ["one", "two"], "test_id", "materials")
    shown = per_tag.show_images(museum, runs, "test_id", per_tag.pick_images(runs, "one", "two"), tags=2)
    assert shown.reset_index().to_numpy().tolist() == [
        ["b_2", "one is better", "metal", "metal ✓, bronze", "bronze, metal ✓"]]


def test_the_example_is_the_named_record_or_a_deep_one(museum):
    keep(museum, "one", [[2, 1], [2, 1], [2, 1]])
    runs = per_tag.read_judged(museum, ["one"], "test_id", "materials")
    assert per_tag.find_example(museum, runs, "test_id", "b_2") == 1
    assert {per_tag.find_example(museum, runs, "test_id", seed=seed) for seed in range(4)} == {0}
    with pytest.raises(UserError, match="'b_1' has no tag in the facet 'materials'"):
        per_tag.find_example(museum, runs, "test_id", "b_1")


def test_weights_are_listed_from_the_most_frequent_tag_on(museum):
    weights = per_tag.weigh_tags(museum, "materials")
    assert weights["tag"].tolist() == ["metal", "bronze"] and weights["images"].tolist() == [2, 1]
    for way in ("inverse", "inverse_sqrt", "effective"):
        assert (weights["images"] * weights[way]).sum() == pytest.approx(3, rel=1e-5)
        assert weights[way].is_monotonic_increasing


def test_a_tag_above_its_parent_contradicts_the_tree(two):
    taxonomy, (below, parent) = two.taxonomy, next((tag, up) for tag, up in enumerate(two.taxonomy.parent.tolist()) if up >= 0)
    scores = np.zeros((3, len(taxonomy)), np.float32)
    scores[1, below] = 1
    found = per_tag.measure_incoherence(replace(two, scores={"model": scores})).loc["model"]
    assert found["images"] == pytest.approx(1 / 3)
    assert found["tags"] == pytest.approx(1 / 3 / np.count_nonzero(taxonomy.parent >= 0)) and parent != below
