"""What the assistant's models say: for one image and many, what is promised of it, and what it rests on."""

import json
import shutil
import struct
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import kept_scores

from eufcc_lib.assistant.likeness import FILE as FEATURES
from eufcc_lib.assistant.likeness import keep_memory
from eufcc_lib.assistant.predictor import load_predictor
from eufcc_lib.assistant.promised import FILE as PROMISES
from eufcc_lib.assistant.promised import PRECISIONS, Promises, tell_promised
from eufcc_lib.assistant.state import Promised
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.images.decoding import BrokenImage
from eufcc_lib.models.ensemble import close_upwards, combine
from eufcc_lib.results.promises import Promise
from eufcc_lib.training.checkpoints import run_folder
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model


@pytest.fixture(scope="module")
def trained(squares_folder, tmp_path_factory):
    """The three models of the ensemble, trained on the squares for two epochs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("trained")
        patch.setattr(paths, "RESULTS", folder / "results")
        patch.setattr(paths, "CHECKPOINTS", folder / "checkpoints")
        dataset = open_dataset(str(squares_folder))
        for model, family in (("multi_label", "vision"), ("softmax", "vision"), ("clip_prompt", "clip")):
            train_model(model, dataset, get_recipe("mini", family, epochs=2, image_size=64, batch_size=16,
                                                                warmup_steps=0))
        yield str(squares_folder)


@pytest.mark.slow
def test_an_image_gets_the_scores_that_the_evaluation_gave_it(trained):
    predictor = load_predictor(trained)
    files = open_dataset(trained).image_paths("test_id")
    assert list(predictor.members) == ["multi_label", "softmax", "clip_prompt"]
    for model in predictor.members:
        stored = kept_scores(model)
        for row in (0, 5):
            found = predictor.model_scores([predictor.read(files[row])])[model]
            for facet, values in found.items():
                np.testing.assert_allclose(values[0], stored[facet][row], atol=1e-4)


@pytest.mark.slow
def test_models_travel_without_their_data_set(trained, tmp_path, monkeypatch):
    expected = load_predictor(trained)
    image = open_dataset(trained).image_paths("test_id")[2]
    shutil.copytree(paths.CHECKPOINTS / "squares", tmp_path / "copied" / "elsewhere")
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path / "copied")
    found = load_predictor("elsewhere")
    assert found.vocabulary.hash == expected.vocabulary.hash
    for facet, scores in found(image).scores.items():
        np.testing.assert_array_equal(scores, expected(image).scores[facet])


@pytest.mark.slow
def test_tags_are_ranked_by_the_ensemble_and_judged_by_the_yes_or_no_model(trained):
    predictor = load_predictor(trained)
    answer = predictor(open_dataset(trained).image_paths("test_id")[3])
    stored = {model: kept_scores(model) for model in predictor.members}
    for facet, scores in answer.scores.items():
        expected = combine([kept[facet][[3]] for kept in stored.values()], tuple(stored), "probabilities")[0]
        np.testing.assert_allclose(scores, expected, atol=1e-4)
        closed = close_upwards(stored["multi_label"][facet][[3]], predictor.vocabulary[facet])[0]
        np.testing.assert_allclose(answer.sure[facet], 1 / (1 + np.exp(-closed)), atol=1e-4)
        assert answer.best(facet, 2) == np.argsort(-scores, kind="stable")[:2].tolist()


@pytest.mark.slow
def test_models_that_share_a_frozen_backbone_ask_it_once(trained):
    predictor = load_predictor(trained)
    asked = []
    for member in predictor.members.values():
        member.model.encoder.register_forward_hook(lambda *_: asked.append(1))
    predictor(open_dataset(trained).image_paths("test_id")[0])
    assert asked == [1]


@pytest.mark.slow
def test_other_weights_are_other_models(trained):
    first, second = load_predictor(trained), load_predictor(trained)
    assert first.identity == second.identity and first.identity["name"].endswith(": multi_label, softmax, clip_prompt")
    next(second.members["softmax"].model.learner.parameters()).data += 1
    del second.__dict__["identity"]
    assert first.identity["name"] == second.identity["name"] and first.identity["hash"] != second.identity["hash"]


@pytest.mark.slow
def test_without_a_softmax_the_multi_label_model_answers_alone(trained):
    mark = run_folder("squares", "softmax") / "last.pt"
    mark.rename(mark.with_suffix(".away"))
    try:
        assert list(load_predictor(trained).members) == ["multi_label"]
    finally:
        mark.with_suffix(".away").rename(mark)


def test_untrained_models_are_told_with_the_command_that_trains(squares):
    with pytest.raises(UserError, match=r"no trained 'multi_label'.*eufcc train multi_label softmax"):
        load_predictor(str(squares.root))


@pytest.mark.slow
def test_a_batch_gets_the_answers_that_its_images_get_alone(trained):
    predictor, files = load_predictor(trained), open_dataset(trained).image_paths("test_ood")[:5]
    together = predictor.batch(files)
    for file, answer in zip(files, together, strict=True):
        alone = predictor(file)
        for facet in alone.scores:
            np.testing.assert_allclose(answer.scores[facet], alone.scores[facet], atol=1e-5)
            np.testing.assert_allclose(answer.sure[facet], alone.sure[facet], atol=1e-5)
        assert answer.unlike == pytest.approx(alone.unlike, abs=1e-4)
    assert predictor.batch([]) == []


@pytest.mark.slow
def test_a_batch_names_the_file_that_cannot_be_read(trained, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    with pytest.raises(BrokenImage, match=r"broken\.jpg"):
        load_predictor(trained).batch([open_dataset(trained).image_paths("val")[0], broken])


@pytest.mark.slow
def test_a_tag_is_at_least_as_likely_as_those_below_it(trained):
    predictor = load_predictor(trained)
    for member in predictor.members.values():  # a model of which a narrow tag is surer than its parent
        with np.errstate(all="ignore"):
            for values in member.model.learner.parameters():
                values.data.uniform_(-1, 1)
    for answer in predictor.batch(open_dataset(trained).image_paths("val")[:8]):
        for facet, sure in answer.sure.items():
            for tag, parent in enumerate(predictor.vocabulary[facet].parent):
                assert parent < 0 or sure[parent] >= sure[tag]


@pytest.mark.slow
def test_what_is_promised_and_remembered_travels_with_the_checkpoints(trained, tmp_path, monkeypatch):
    at_home = load_predictor(trained)
    assert set(at_home.promises.found) == set(PRECISIONS) and at_home.memory.limit > 0
    image = open_dataset(trained).image_paths("test_id")[0]
    shutil.copytree(paths.CHECKPOINTS / "squares", tmp_path / "copied" / "elsewhere")
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path / "copied")
    away = load_predictor("elsewhere")
    assert away.promises == at_home.promises and away.memory.limit == at_home.memory.limit
    assert away(image).neighbours == at_home(image).neighbours and away(image).unlike == at_home(image).unlike
    for kept in (PROMISES, FEATURES):
        (run_folder("elsewhere", "multi_label") / kept).unlink()
    bare = load_predictor("elsewhere")
    assert bare.promised == {} and bare.memory is None and bare(image).unlike is None and bare(image).neighbours == {}


@pytest.mark.slow
def test_a_promise_of_other_weights_does_not_count(trained):
    path = run_folder("squares", "multi_label") / PROMISES
    load_predictor(trained)
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"run": "of another training", "commit": "wrong"}))
    assert load_predictor(trained).promises.commit != "wrong"
    assert json.loads(path.read_text()) == kept


@pytest.mark.slow
def test_a_file_that_promises_less_is_made_anew_where_the_data_is_at_hand(trained, tmp_path, monkeypatch):
    path = run_folder("squares", "multi_label") / PROMISES
    load_predictor(trained)
    whole = path.read_text()
    fewer = json.loads(whole)
    del fewer["promises"]["0.7"]
    path.write_text(json.dumps(fewer))
    shutil.copytree(paths.CHECKPOINTS / "squares", tmp_path / "copied" / "elsewhere")
    assert set(load_predictor(trained).promises.found) == set(PRECISIONS) and path.read_text() == whole
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path / "copied")
    assert set(load_predictor("elsewhere").promises.found) == {0.8, 0.9, 0.95, 0.99}


def test_it_is_said_where_tags_are_likely_or_from_which_promise_on_they_would_be():
    def promise(facet, threshold):
        return {facet: Promise(facet, 0.9, 0.9, threshold, "", {})}
    found = Promises("", {0.8: promise("materials", 0.6) | promise("subjects", None) | promise("objectTypes", 0.7), 0.7: promise("subjects", 0.5)})
    assert tell_promised(found, 0.8) == "Likely tags are shown in materials and object types; 80 % of them are promised to be right."
    assert tell_promised(found, 0.95).endswith("With --promise 0.8, there are likely tags in materials and object types.")
    assert tell_promised(Promises(), 0.95).endswith("in no facet can 95 % be promised to be right, nor any lower share.")
    with pytest.raises(UserError, match=r"Unknown promise '0\.85'"):
        tell_promised(found, 0.85)


def test_a_damaged_memory_is_as_none(tmp_path):
    member = SimpleNamespace(model=SimpleNamespace(frozen=True), vocabulary={})
    np.savez_compressed(tmp_path / FEATURES, run=np.str_("r"))
    kept = bytearray((tmp_path / FEATURES).read_bytes())
    names, extra = struct.unpack("<HH", kept[26:30])
    kept[30 + names + extra] = 0xff  # the compressed bytes begin here, and no block is of this kind
    (tmp_path / FEATURES).write_bytes(kept)
    assert keep_memory(tmp_path, "r", lambda: None, member) is None


@pytest.mark.slow
def test_identity_says_what_a_suggestion_came_with(trained):
    predictor = load_predictor(trained)
    promise = Promise("materials", 0.95, 0.9, 0.7, "", {})
    predictor = replace(predictor, promises=replace(predictor.promises, found={0.95: {
        "materials": promise, "objectTypes": replace(promise, facet="objectTypes", threshold=None)}}))
    assert predictor.promised == {"materials": Promised(0.7, 0.95)}
    assert predictor.identity["promised"] == {"materials": {"threshold": 0.7, "precision": 0.95}}
    assert predictor.identity["vocabulary"] == predictor.vocabulary.hash and predictor.identity["commit"]
    with pytest.raises(UserError, match=r"Unknown promise '0\.5'. Known promises: 0\.7, 0\.8, 0\.9, 0\.95, 0\.99"):
        predictor.promises.at(0.5)


@pytest.mark.slow
def test_a_photograph_is_nearest_to_itself_and_noise_is_unlike_all(trained, tmp_path):
    from PIL import Image
    predictor, files = load_predictor(trained), open_dataset(trained).image_paths("train")
    known = predictor(files[1])
    assert known.neighbours["materials"][0].image == "train_1" and known.neighbours["materials"][0].similarity > 0.99
    assert known.neighbours["materials"][0].tags == ("warm", "gold")
    Image.fromarray(np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1))).save(tmp_path / "ramp.png")
    assert predictor(tmp_path / "ramp.png").unlike > 1 > known.unlike
