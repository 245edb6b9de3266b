"""Leaving a provider out is training without it by hand; what was finished or computed once is not done again."""

import dataclasses

import pyarrow as pa
import pytest
import torch
from conftest import draw_records, draw_squares

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.dealing import hold_out
from eufcc_lib.data.records import Records
from eufcc_lib.data.records_csv import write_records
from eufcc_lib.models import features
from eufcc_lib.models.backbones import load_backbone
from eufcc_lib.models.registry import get_model_spec
from eufcc_lib.results.next_museum import next_museum_path, read_held_out
from eufcc_lib.training import providers
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model, try_model
from eufcc_lib.training.untrained import combine_scores

TINY = get_recipe("mini", backbone="test_resnet", weights="random", image_size=32, batch_size=8, epochs=3)
VOTE = get_recipe("mini", "neighbours", backbone="test_resnet", weights="random", image_size=32)
COUNTED = get_recipe("mini")


@pytest.fixture
def museums(own_paths):
    """The squares, as if three museums kept them: one the outer test, the two others in all other splits."""
    root = own_paths / "squares"
    draw_squares(root)
    for split in ("train", "val", "test_id"):
        path = root / f"{split}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([lines[0], *(line.replace("Here", ("North", "South")[row % 3 == 0]) for row, line in
                                               enumerate(lines[1:]))]) + "\n", encoding="utf-8")
    return open_dataset(str(root), minimum=4)


def leave_providers_out(model, dataset, recipe, **how):
    """One model alone."""
    return providers.leave_providers_out({model: recipe}, dataset, **how)[model]


def numbers(rows) -> list[dict]:
    return [{name: value for name, value in dataclasses.asdict(row).items() if name != "data"} for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "recipe"), [("frequency", COUNTED), ("multi_label", TINY), ("neighbours", VOTE)])
def test_a_fold_is_what_one_would_train_by_hand(model, recipe, museums, own_paths):
    found = leave_providers_out(model, museums, recipe, minimum=4)
    (south,) = (held for held in found.held_out if held.provider == "South")
    root = own_paths / "by_hand"
    (root / "EUROPEANA").mkdir(parents=True)
    (museums.root / "EUROPEANA" / "images").rename(root / "EUROPEANA" / "images")
    ours = {split: records.providers == "South" for split, records in museums.records.items()}
    for split, parts in {"train": ("train", "test_id", "test_ood"), "val": ("val",)}.items():
        tables = [museums.records[part].take(~ours[part]) for part in parts]
        write_records(join(tables), root / f"{split}.csv")
    write_records(join([records.take(ours[split]) for split, records in museums.records.items()]), root / "test_ood.csv")
    by_hand = open_dataset(str(root), minimum=4)
    assert by_hand.vocabulary.hash == south.vocabulary_hash
    expected = numbers(try_model(model, by_hand, recipe)["test_ood"].measure())
    for row, wanted in zip(numbers(south.rows), expected, strict=True):
        for name, value in wanted.items():
            assert row[name] == (pytest.approx(value) if isinstance(value, float) else value), name
    assert (south.training_images, south.validation_images) == (len(by_hand.split("train")), len(by_hand.split("val")))
    assert south.images == len(by_hand.split("test_ood"))


def join(parts):
    return Records(pa.concat_tables([part.table for part in parts]))


@pytest.mark.slow
def test_no_image_goes_through_the_backbone_twice(museums, monkeypatch):
    computed, compute = [], features._compute
    monkeypatch.setattr(features, "_compute", lambda encoder, files, *rest: computed.extend(files) or compute(encoder, files, *rest))
    leave_providers_out("multi_label", museums, TINY, minimum=4)
    assert len(computed) == len(set(computed)) == sum(map(len, museums.records.values()))
    train_model("multi_label", museums, TINY)
    leave_providers_out("softmax", museums, TINY, folds=2, minimum=4)
    assert len(computed) == sum(map(len, museums.records.values()))


@pytest.mark.slow
def test_a_model_made_of_others_is_made_of_those_of_its_fold(museums, monkeypatch):
    trained = []
    monkeypatch.setattr(providers, "try_model", lambda model, dealt, *rest: trained.append((model, *sorted(
        set(dealt.split("test_ood").providers)))) or try_model(model, dealt, *rest))
    models = ("multi_label", "ml_neighbours", "neighbours", "ml_s")
    found = providers.leave_providers_out({model: TINY if model != "neighbours" else VOTE for model in models}, museums, minimum=4)
    assert len(trained) == len(set(trained)) == 3 * len({*models, "softmax"})
    south = {model: next(held for held in result.held_out if held.provider == "South") for model, result in found.items()}
    assert south["ml_neighbours"].seconds > south["multi_label"].seconds
    # By hand: both members on the dealt data, then their mean with the weight that is best on validation.
    dealt = hold_out(museums, ["South"], minimum=4)
    members = [try_model("multi_label", dealt, TINY), try_model("neighbours", dealt, VOTE)]
    assert members[1]["val"].dataset is dealt
    scores, _ = combine_scores(get_model_spec("ml_neighbours"), list(members[0]), lambda split: [member[split] for member in members], "")
    assert numbers(scores["test_ood"].measure()) == numbers(south["ml_neighbours"].rows)
    again = providers.leave_providers_out({"ml_neighbours": TINY}, museums, minimum=4)["ml_neighbours"]
    assert again.held_out == found["ml_neighbours"].held_out and len(trained) == 15, "finished folds are read"
    other = dataclasses.replace(TINY, epochs=2)
    leave_providers_out("ml_neighbours", museums, other, minimum=4)
    assert len(trained) == 15 + 9, "a member with other settings is another model"


@pytest.mark.slow
def test_the_checkpoint_of_a_member_is_there_while_the_fold_lasts(museums, monkeypatch):
    folders = []

    def look(model, dealt, recipe, seed, members, folder):
        found = try_model(model, dealt, recipe, seed, members, folder)
        if model == "ml_neighbours":
            folders.append(members.folder("multi_label"))
            assert (folders[-1] / "last.pt").is_file()
        return found

    monkeypatch.setattr(providers, "try_model", look)
    leave_providers_out("ml_neighbours", museums, TINY, folds=2, minimum=4)
    assert len(set(folders)) == 2 and not any(folder.exists() for folder in folders)


def test_features_of_a_fold_are_those_of_its_images_whatever_the_files_they_are_in(museums, monkeypatch):
    backbone, device = load_backbone("test_resnet", "random"), torch.device("cpu")
    transform = backbone.transform(32)
    monkeypatch.setattr(features, "_PART", 8)
    museums.image_paths("train")[5].write_text("no image")

    def by_image(dataset, split):
        found = features.load_features(backbone, dataset, split, transform, device, on_broken="skip")
        ids = dataset.split(split).ids
        return dict(zip(ids[found.rows], found.values.tolist(), strict=True)), {ids[row] for row in found.broken}

    expected, broken = {}, set()
    for split in museums.records:
        values, unread = by_image(museums, split)
        expected, broken = expected | values, broken | unread
    dealt = hold_out(museums, ["South"], minimum=4)
    for split, records in dealt.records.items():
        values, unread = by_image(dealt, split)
        assert values == {image: expected[image] for image in records.ids if image not in broken}
        assert unread == broken & set(records.ids)
    assert broken == {"train_5"}


def test_the_folds_are_the_providers_and_an_interrupted_run_resumes(museums, monkeypatch, capsys):
    whole = leave_providers_out("frequency", museums, COUNTED, minimum=4)
    assert [held.provider for held in whole.held_out] == ["North", "South", "Elsewhere"]  # by number of images
    next_museum_path("squares", "frequency").unlink()
    tried = []

    def stop_at_the_second(model, dealt, *rest):
        tried.append(set(dealt.split("test_ood").providers))
        if len(tried) == 2:
            raise KeyboardInterrupt
        return try_model(model, dealt, *rest)

    monkeypatch.setattr(providers, "try_model", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        leave_providers_out("frequency", museums, COUNTED, minimum=4)
    assert set(read_held_out("squares", "frequency")) == {"North"}
    resumed = leave_providers_out("frequency", museums, COUNTED, minimum=4)
    assert tried == [{"North"}, {"South"}, {"South"}, {"Elsewhere"}]
    assert [held.rows for held in resumed.held_out] == [held.rows for held in whole.held_out]
    assert set(read_held_out("squares", "frequency")) == {"North", "South", "Elsewhere"}
    assert capsys.readouterr().out.splitlines()[-3].endswith("fold 1 of 3, without North: 34 training images, finished earlier")
    path = next_museum_path("squares", "frequency")
    path.write_text(path.read_text("utf-8").replace(whole.held_out[0].identity, "of other images"), encoding="utf-8")
    leave_providers_out("frequency", museums, COUNTED, minimum=4)
    assert tried[4:] == [{"North"}] and set(read_held_out("squares", "frequency")) == {"North", "South", "Elsewhere"}
    leave_providers_out("frequency", museums, COUNTED, minimum=5)
    assert len(tried) > 5, "other settings are another run"


def test_providers_of_one_group_have_numbers_of_their_own(museums):
    found = leave_providers_out("frequency", museums, COUNTED, folds=2, minimum=4)
    alone = {held.provider: held for held in leave_providers_out("frequency", museums, COUNTED, minimum=4).held_out}
    assert [(held.fold, held.provider) for held in found.held_out] == [(1, "North"), (2, "Elsewhere"), (2, "South")]
    together = {held.provider: held for held in found.held_out}
    assert numbers(together["North"].rows) == numbers(alone["North"].rows)
    assert {name: held.images for name, held in together.items()} == {name: held.images for name, held in alone.items()}
    assert together["South"].training_images == together["Elsewhere"].training_images < alone["South"].training_images


def test_what_cannot_be_held_out_is_said(own_paths):
    draw_records(own_paths / "alone", {"train": [{"materials": "clay"}] * 12 + [{"provider": ""}] * 2}, pictures=False)
    alone = open_dataset(str(own_paths / "alone"))
    found = leave_providers_out("frequency", alone, COUNTED)
    assert (found.folds, found.unknown, found.held_out) == (0, 2, ()) and not next_museum_path("alone", "frequency").exists()
    draw_records(own_paths / "few", {"train": [{"materials": "clay", "provider": "Big"}] * 12 + [{"provider": "Small"}]}, pictures=False)
    big, small = leave_providers_out("frequency", open_dataset(str(own_paths / "few")), COUNTED).held_out
    assert (big.provider, big.rows, big.annotations["materials"]) == ("Big", (), 12)  # Small's single image teaches no tag
    assert [row.images for row in small.rows] == [0]
    with pytest.raises(UserError, match="knows nothing about a provider that it has not seen"):
        leave_providers_out("frequency_provider", alone, COUNTED)
