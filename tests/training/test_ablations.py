"""A choice is shown by trying it: side by side, and without touching what is kept."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import draw_squares, kept_scores

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.hiding import hide_tags
from eufcc_lib.data.label_files import write_label_vocabulary
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns, write_records
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.results.scores import read_scores
from eufcc_lib.training import ablations, run
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model, try_model

# Most of these tests train.
pytestmark = pytest.mark.slow

SMALL = {"image_size": 40, "batch_size": 8, "epochs": 2, "learning_rate": 1e-2}


def test_settings_are_compared_row_by_row_and_leave_nothing(squares):
    frame = ablations.compare_settings("hsoftmax_levels", squares, [
        SMALL, SMALL | {"level_scores": "level"}, SMALL | {"seed": 1}])
    assert frame.index[1].endswith("learning_rate = 0.01, level_scores = level") and frame.index[2].endswith("seed = 1")
    assert frame.columns.tolist() == [("Inner test", "OT"), ("Inner test", "M"), ("Outer test", "OT"), ("Outer test", "M")]
    ranges = ablations.compare_ranges({"all": frame, "one": frame.iloc[:1]}, squares)
    values = frame[("Outer test", "M")]
    (column,) = (column for column in ranges.columns if column[:2] == ("Outer test", "M"))
    assert ranges.loc["all", column] == pytest.approx(max(values) - min(values))
    tagged = [row for row in range(len(squares.split("test_ood"))) if squares.split("test_ood").paths("materials", row)]
    assert column[2] == len(tagged), "beside the images that the numbers are means over"
    assert ranges.loc["one"].isna().all(), "nothing was to choose"
    assert not list(paths.RESULTS.rglob("*")) and not (paths.CHECKPOINTS / "squares" / "hsoftmax_levels").exists()


def test_missing_images_are_left_out_of_trials(own_paths):
    draw_squares(own_paths / "squares")
    for split in ("train", "test_id"):
        (own_paths / f"squares/EUROPEANA/images/{split}_0.jpg").unlink()
    gone = open_dataset(str(own_paths / "squares"), minimum=4)
    frame = ablations.compare_settings("multi_label", gone, [SMALL])
    train_model("multi_label", gone, get_recipe("mini", **SMALL, on_broken="skip"))
    assert frame[("Inner test", "OT")].notna().all() and read_scores(gone, "multi_label", "test_id").evaluated.tolist() == [
        False, *[True] * 15]


def rows_of(trial) -> tuple:
    return tuple(row for scores in trial.values() for row in scores.measure())


def test_a_trial_gives_what_the_training_gives(squares):
    recipe = get_recipe("mini", **SMALL)
    assert rows_of(try_model("multi_label", squares, recipe)) == train_model("multi_label", squares, recipe).rows


def test_a_trial_says_nothing(squares, capsys):
    try_model("multi_label", squares, get_recipe("mini", **SMALL))
    assert capsys.readouterr().out == ""


def test_what_a_finished_run_has_is_not_trained_again(squares, monkeypatch):
    rows = train_model("multi_label", squares, get_recipe("mini", **SMALL)).rows
    monkeypatch.setattr(run, "train_network", None)
    assert rows_of(try_model("multi_label", squares, get_recipe("mini", **SMALL))) == rows
    for other in ({"recipe": get_recipe("mini", **SMALL | {"select": "best"})}, {"recipe": get_recipe("mini", **SMALL), "seed": 1}):
        with pytest.raises(TypeError):  # it is trained
            try_model("multi_label", squares, **other)


def test_a_higher_minimum_leaves_annotations_out_and_says_how_many(squares):
    wide, narrow = (open_dataset(str(squares.root), minimum=minimum) for minimum in (1, 10))
    frame = ablations.compare_vocabularies("frequency", {"1": wide, "10": narrow})
    # Of green, the rarest colour, there are six training images; each test set has a few of its annotations.
    assert frame[("tags", "ranked")].tolist() == [9, 8, 8, 8]
    green = sum(squares.labels(split)["materials"].matrix[:, squares.vocabulary["materials"].index["green"]].sum()
                for split in ablations.TESTS)
    assert frame[("annotations", "left out")].tolist() == [0, green, green, green] and green > 0


def test_on_the_tags_that_all_vocabularies_have_the_same_knowledge_scores_the_same(squares):
    wide, narrow = (open_dataset(str(squares.root), minimum=minimum) for minimum in (1, 10))
    frame = ablations.compare_vocabularies("frequency", {"1": wide, "10": narrow})
    own, common = frame.loc[ablations.OWN_TAGS], frame.loc[ablations.COMMON_TAGS]
    # The frequencies of the common tags are the same; only with green to be found do the two differ.
    assert own.loc["1"].tolist() != own.loc["10"].tolist()
    assert common.loc["1"].tolist() == common.loc["10"].tolist() == own.loc["10"].tolist()
    ranges = ablations.compare_ranges({"own": own, "common": common}, wide)
    assert ranges.loc["own"].max() > ranges.loc["common"].max() == 0


def test_ranking_fewer_tags_leaves_nothing_of_the_others(squares):
    """Warm, red and gold alone, by hand: what is not among them is neither ranked nor relevant, but counted."""
    tree, kept = squares.vocabulary["materials"], ["warm", "red", "gold"]
    few = replace(squares, vocabulary=Vocabulary(squares.vocabulary.taxonomies | {
        "materials": arrange_tree("materials", {"warm": {TOP: 1}, "red": {"warm": 1}, "gold": {"warm": 1}})}))
    frame = ablations.compare_vocabularies("frequency", {"all": squares, "few": few})
    test = squares.split("test_id")
    warm = [{tag for path in test.paths("materials", row) for tag in path} & set(kept) for row in range(len(test))]
    images = {name: squares.labels("train")["materials"].matrix[:, tree.index[name]].sum() for name in kept}
    ranked = sorted(kept, key=lambda name: (-images[name], tree.index[name]))
    expected = np.mean([len(set(ranked[:len(tags)]) & tags) / len(tags) for tags in warm if tags])
    assert frame.loc[(ablations.COMMON_TAGS, "all"), ("Inner test", "M")] == pytest.approx(expected, abs=1e-3)


@pytest.fixture
def village(tmp_path):
    """Annotations of a folder without images: x under a and b, and c, which is rare."""
    for split, cells in {"train": ["a | x"] * 10 + ["b | x"] * 11 + ["c"] * 3, "test_id": ["a | x", "c"]}.items():
        columns = {column: [""] * len(cells) for column in COLUMNS}
        columns |= {"idInSource": [f"{split}_{number}" for number in range(len(cells))], "materials.hierarchy": cells}
        write_records(records_from_columns(columns), tmp_path / "village" / f"{split}.csv")
    return tmp_path / "village"


def test_levels_with_a_single_tag_are_counted():
    tree = arrange_tree("materials", {"a": {TOP: 1}, "b": {TOP: 1}, "c": {"a": 1}, "d": {"c": 1}, "e": {"c": 1}})
    counted = ablations.count_levels(Vocabulary({"materials": tree, "subjects": arrange_tree("subjects", {})}))
    assert counted.loc["Materials"].tolist() == [5, 3, 1] and counted.loc["Subjects"].tolist() == [0, 0, 0]


def test_label_files_are_set_beside_the_training_split(village):
    write_label_vocabulary(open_dataset(str(village), minimum=1).vocabulary, village / "labels")
    datasets = ablations.open_vocabularies(str(village))
    frame = ablations.compare_tags(datasets)
    assert list(frame.columns) == [
        ("tags", "training split"), ("tags", "label files"), ("tags", "in all"),
        ("with several parents", "training split"), ("with several parents", "label files"),
        ("fewest training images", "training split"), ("fewest training images", "label files")]
    assert frame.loc["Materials"].tolist() == [3, 4, 3, 1, 0, 10, 3]
    assert ablations.compare_tags(datasets, "ca").loc["Temes"].tolist() == frame.loc["Subjects"].tolist()
    assert frame.loc["Subjects"].tolist() == [0] * 7
    assert ablations.compare_vocabularies("frequency", datasets)["annotations", "left out"].tolist() == [1, 0, 1, 1]


def test_data_without_label_files_has_one_vocabulary_and_nothing_to_compare(village, capsys):
    datasets = ablations.open_vocabularies(str(village))
    assert list(datasets) == ["training split"]
    assert capsys.readouterr().out == "village has no label files, so it has one vocabulary.\n"
    frame = ablations.compare_vocabularies("frequency", datasets)
    assert ablations.compare_ranges({"": frame.loc[ablations.COMMON_TAGS]}, datasets["training split"]).isna().all(axis=None)


def test_rounded_probabilities_tie_tags_that_logits_keep_apart(squares):
    with pytest.raises(UserError, match="evaluate that model first"):
        ablations.compare_rounding("multi_label", squares, "test_id")
    train_model("multi_label", squares, get_recipe("mini", **SMALL | {"epochs": 20}))
    tied = ablations.compare_rounding("multi_label", squares, "test_id")["tied"]["M"]
    scores = kept_scores("multi_label")["materials"]
    assert len(np.unique(scores)) > 50 and tied.iloc[0] == 0 and tied.iloc[-1] > 0.2
    assert tied.is_monotonic_increasing


def test_losses_are_tried_on_hidden_tags_by_the_kept_features_and_tested_on_all_tags(squares, monkeypatch):
    datasets = {share: hide_tags(squares, share) if share else squares for share in (0, 0.5)}
    monkeypatch.setattr(ablations, "get_recipe", lambda *names, **overrides: get_recipe(*names, **SMALL | overrides))
    finished = train_model("multi_label", squares, get_recipe("mini", **SMALL))
    folders = set(paths.CHECKPOINTS.rglob("*"))
    trials = ablations.try_hidden(("multi_label", "splc"), datasets)
    assert list(trials) == [("multi_label", 0), ("multi_label", 0.5), ("splc", 0), ("splc", 0.5)]
    assert trials["multi_label", 0]["test_id"].rows == tuple(row for row in finished.rows if row.split == "test_id")
    for model in ("multi_label", "splc"):
        images = [[row.images for row in trials[model, share]["test_ood"].rows] for share in datasets]
        assert images[0] == images[1], "the tests keep all tags"
        assert trials[model, 0]["test_ood"].rows != trials[model, 0.5]["test_ood"].rows
    assert set(paths.CHECKPOINTS.rglob("*")) == folders, "no features were computed again, and nothing is kept"
