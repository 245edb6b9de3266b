"""The model `neighbours` from images to results: what it chooses, what it keeps, what it cannot use."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import draw_records, draw_squares, kept_scores

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.models.neighbours import DEFAULT, NEIGHBOURS, TEMPERATURES
from eufcc_lib.results.votes import list_voters, read_votes, votes_path
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model, try_model

TINY = {"backbone": "test_resnet", "weights": "random", "image_size": 40}
RECIPE = get_recipe("mini", "neighbours", **TINY)

pytestmark = pytest.mark.slow


def test_tags_come_from_the_photographs_that_are_kept_as_the_evidence(squares):
    result = train_model("neighbours", squares, RECIPE)
    k, temperature = result.run.chosen["k"], result.run.chosen["temperature"]
    assert k in NEIGHBOURS and temperature in TEMPERATURES and result.run.recipe == {**TINY, "crop": 1.0, "on_broken": "error"}
    assert result.run.parameters > 0 and result.run.seconds == 0
    colours = squares.labels("train")["materials"].matrix.toarray()
    votes = read_votes(squares, "test_id")["materials"]
    assert votes.rows.shape == (16, min(k, colours.any(axis=1).sum())) and colours[votes.rows].any(axis=2).all()
    weights = np.exp(votes.similarities.astype(float) / temperature)
    shares = np.einsum("nk,nkc->nc", weights / weights.sum(axis=1, keepdims=True), colours[votes.rows])
    np.testing.assert_allclose(kept_scores("neighbours")["materials"], shares, atol=2e-4)
    voters = list_voters(squares, "test_id", [2], "materials", temperature)
    assert voters.index.tolist() == votes.rows[2].tolist() and voters["weight"].sum() == pytest.approx(1)
    by_hand = voters.explode("tags").groupby("tags")["weight"].sum()
    assert by_hand.sum() == pytest.approx(sum(shares[2])) and list_voters(squares, "test_id", [], "materials", 1).empty
    # The settings of a training, such as random crops, are not its own.
    paper = try_model("neighbours", squares, get_recipe("paper", "neighbours", **TINY, crop=1.0))
    np.testing.assert_array_equal(paper["test_id"].values["materials"], kept_scores("neighbours")["materials"])
    with pytest.raises(UserError, match="made for other records or another vocabulary; run the model 'neighbours' again"):
        read_votes(replace(squares, records=squares.records | {"train": squares.split("val")}), "test_id")
    votes_path("squares", "val").write_bytes(b"no votes")
    with pytest.raises(UserError, match="votes_val.npz is damaged; run the model 'neighbours' again"):
        read_votes(squares, "val")


def test_a_network_for_one_size_votes_at_another_with_the_features_of_the_heads(squares):
    settings = {"backbone": "test_vit", "weights": "random", "image_size": 32}
    folders = []
    for model, recipe in (("neighbours", get_recipe("mini", "neighbours", **settings)),
                          ("multi_label", get_recipe("mini", **settings, batch_size=8, epochs=1))):
        assert try_model(model, squares, recipe)["test_id"].evaluated.all()
        folders.append(sorted(path.name for path in votes_path("squares", "val").parent.parent.glob("features_*")))
    assert folders[0] == folders[1] != []


def test_nothing_is_chosen_on_a_test_split(own_paths):
    rng = np.random.default_rng(3)
    draw = lambda images: [{"objectTypes": str(rng.choice(["cup", "vase", "bowl"])), "materials": str(rng.choice(["clay", "tin"]))}
                           for _ in range(images)]
    train, validation, other, tests, relabelled = draw(60), draw(12), draw(12), draw(20), draw(20)

    def chosen(name, val, test):
        draw_records(own_paths / name, {"train": train, "val": val, "test_id": test, "test_ood": test})
        dataset, found = open_dataset(str(own_paths / name)), []
        for model, recipe in (("multi_label", get_recipe("mini", **TINY, batch_size=8, epochs=2, learning_rate=0.05)),
                              ("neighbours", RECIPE), ("ml_neighbours", get_recipe("mini", "ensemble"))):
            found.append(train_model(model, dataset, recipe).run.chosen)
        return found[1:]

    first = chosen("first", validation, tests)
    assert chosen("second", validation, relabelled) == first
    assert all(before != now for before, now in zip(first, chosen("third", other, tests), strict=True))
    assert [set(found) for found in first] == [{"k", "temperature"}, {"weight"}]


def test_images_that_cannot_be_read_neither_vote_nor_are_answered(own_paths):
    draw_squares(own_paths / "squares")
    squares = open_dataset(str(own_paths / "squares"), minimum=4)
    squares.image_paths("train")[5].write_text("no image")
    squares.image_paths("test_id")[3].unlink()
    result = train_model("neighbours", squares, replace(RECIPE, on_broken="skip"))
    assert (result.run.skipped["train"], result.run.skipped["test_id"], result.run.images["test_id"]) == (1, 1, 15)
    votes = read_votes(squares, "test_id")["objectTypes"]
    assert (votes.rows[3] == -1).all() and np.isnan(votes.similarities[3]).all() and 5 not in votes.rows
    own, other = (squares.labels(split)["objectTypes"].matrix.toarray() for split in ("test_id", "train"))
    seen = np.delete(np.arange(16), 3)
    assert (own[seen] & other[votes.rows[seen, 0]]).any(axis=1).all()  # the nearest has the same shape: a row is one of the split


def test_without_validation_or_its_tags_the_default_is_taken(own_paths):
    tagged = [{"objectTypes": ("cup", "vase")[number % 2]} for number in range(24)]
    for name, splits in {"none": {}, "without": {"val": [{}] * 2}}.items():
        draw_records(own_paths / name, {"train": tagged, **splits, "test_id": tagged[:4]})
        dataset = open_dataset(str(own_paths / name))
        assert tuple(train_model("neighbours", dataset, RECIPE).run.chosen.values()) == DEFAULT
    draw_records(own_paths / "alone", {"train": [{"objectTypes": "cup"}], "test_id": tagged[:4]})
    alone = open_dataset(str(own_paths / "alone"), minimum=1)
    assert try_model("neighbours", alone, RECIPE)["test_id"].values["objectTypes"].tolist() == [[1.0]] * 4


def test_settings_of_a_training_are_refused(squares):
    with pytest.raises(UserError, match="'neighbours' is not trained, so it takes no settings of a training; found epochs=3"):
        train_model("neighbours", squares, replace(RECIPE, epochs=3))
