"""The registry, backbones and their weights, heads, and the frequency baselines."""

import logging
import subprocess
import sys

import numpy as np
import pytest
import timm
import torch
from matplotlib import cbook
from timm.data import ImageNetInfo

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.images.transforms import Transform, normalise, read_image
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns, write_records
from eufcc_lib.models import backbones
from eufcc_lib.models.backbones import load_backbone
from eufcc_lib.models.frequency import class_counts, frequency_scores, provider_scores
from eufcc_lib.models.objectives import OBJECTIVES
from eufcc_lib.models.registry import MODELS, get_model_spec, waves
from eufcc_lib.models.vision import Heads, ImageEncoder, Learner, tagged, vision_model
from eufcc_lib.results.paper import METHODS

TINY = "test_resnet"


def test_every_model_can_be_brought_to_life():
    for name, spec in MODELS.items():
        assert spec.name == name and spec.family in ("frequency", "vision", "clip", "neighbours", "ensemble", "mixture") and set(spec.facets) <= set(FACET_NAMES)
        assert spec.objective is None or spec.objective in OBJECTIVES


def test_models_of_the_paper_have_its_titles():
    assert [method.title for method in METHODS] == [
        "Multi-label", "Multi-label (M)", "Softmax", "Softmax (WCE)", "H-Softmax (levels)", "H-Softmax (nodes)",
        "Ensemble: ML+S", "CLIP zero-shot", "CLIP 1 tag", "CLIP all tags", "CLIP 1 tag prompt", "Ens: ML+S+CLIP"]


def test_unknown_model_names_the_known_ones():
    with pytest.raises(UserError, match="Unknown model 'multilabel'. Known models: .*frequency.*multi_label"):
        get_model_spec("multilabel")


def test_frequency_ranks_by_training_images_whatever_the_image(squares):
    scores = frequency_scores(squares, "test_ood", ["materials", "objectTypes"])["materials"]
    names = squares.vocabulary["materials"].names
    assert scores.shape == (12, len(names)) and scores.dtype == np.float32
    # 48 training images, 12 of each colour; half of the green ones were left without a material.
    assert dict(zip(names, scores[0].tolist())) == {"warm": 24, "red": 12, "gold": 12, "cold": 18, "blue": 12, "green": 6}
    assert (scores == scores[0]).all()


def test_within_a_provider_its_own_tags_go_first_and_then_those_of_all(tmp_path):
    def write(split, *rows):
        columns = {column: [""] * len(rows) for column in COLUMNS} | {"idInSource": [f"{split}_{i}" for i in range(len(rows))]}
        columns["repository.keeper"], columns["materials.hierarchy"] = zip(*rows)
        write_records(records_from_columns({name: list(values) for name, values in columns.items()}), tmp_path / f"{split}.csv")

    write("train", ("Mint", "gold"), ("Mint", "tin"), ("Mint", "tin"), *[("Mill", "oak")] * 4, ("Mill", "pine"))
    write("test_id", ("Mint", "gold"), ("Mill", "oak"), ("Mine", "tin"))
    dataset = open_dataset(str(tmp_path), minimum=1)
    scores = provider_scores(dataset, "test_id", ["materials"])["materials"]
    names = np.array(dataset.vocabulary["materials"].names)
    assert [names[np.argsort(-row)].tolist() for row in scores] == [
        ["tin", "gold", "oak", "pine"], ["oak", "pine", "tin", "gold"], ["oak", "tin", "gold", "pine"]]
    # Of 8 images of the mint's kind; it has 3, and is given one more on which a tag counts as it does among all.
    assert dict(zip(names, scores[0].tolist())) == {"tin": 4.5, "gold": 2.25, "oak": 1.0, "pine": 0.25}


@pytest.mark.slow
def test_packaged_weights_know_imagenet_under_the_normalisation_they_state():
    path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    backbone = load_backbone("tf_efficientnet_lite0")
    classifier = timm.create_model("tf_efficientnet_lite0").eval()
    tensors = torch.load(backbones._packaged_file(), weights_only=True)
    classifier.load_state_dict(dict(zip(classifier.state_dict(), tensors.values())))
    assert all(torch.equal(tensor, classifier.state_dict()[name])
               for name, tensor in backbone.network.state_dict().items())
    image = read_image(path, Transform(interpolation=backbone.interpolation))[None]
    with torch.inference_mode():
        best = classifier(normalise(image, backbone.mean, backbone.std)).topk(4).indices[0].tolist()
    # An officer in uniform and cap, photographed in front of a flag.
    names = [ImageNetInfo().index_to_description(index).split(",")[0] for index in best]
    assert {"military uniform", "mortarboard"} <= set(names)


def test_packaged_weights_that_were_changed_are_refused(monkeypatch, tmp_path):
    changed = tmp_path / "changed.pth"
    changed.write_bytes(backbones._packaged_file().read_bytes()[:-1] + b"x")
    monkeypatch.setattr(backbones, "_packaged_file", lambda: changed)
    with pytest.raises(UserError, match="changed.pth: differs from the published file"):
        load_backbone("tf_efficientnet_lite0")


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(backbones, "PACKAGE", "no-such-package")
    with pytest.raises(UserError, match="`pip install no-such-package`"):
        load_backbone("tf_efficientnet_lite0")


def test_random_weights_follow_the_seed_and_leave_torchs_generator_alone():
    before = torch.random.get_rng_state()
    hashes = [load_backbone(TINY, "random", seed).hash for seed in (3, 3, 4)]
    assert hashes[0] == hashes[1] != hashes[2]
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_weights_of_a_file_are_loaded(tmp_path, suffix):
    network = timm.create_model(TINY)
    path = tmp_path / f"mine.{suffix}"
    if suffix == "pth":
        torch.save(network.state_dict(), path)
    else:
        from safetensors.torch import save_file
        save_file(network.state_dict(), path)
    backbone = load_backbone(TINY, str(path))
    assert torch.equal(backbone.network.conv1[0].weight, network.conv1[0].weight)
    assert backbone.weights.startswith(f"mine.{suffix}, sha256 ")


def test_a_file_of_another_network_is_refused(tmp_path):
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("weights")
    for name in ("other.pth", "text.pth"):
        with pytest.raises(UserError, match=f"{name}': not the weights of 'test_resnet'"):
            load_backbone(TINY, str(tmp_path / name))
    with pytest.raises(UserError, match="there is no file .*none.pth; expected 'pretrained', 'random' or a file"):
        load_backbone(TINY, str(tmp_path / "none.pth"))


def test_unknown_backbones_and_tags_are_refused_with_what_is_near():
    with pytest.raises(UserError, match="Unknown backbone 'convnext_bse'.*similar names: .*convnext_base"):
        load_backbone("convnext_bse")
    with pytest.raises(UserError, match="convnext_base has the tags .*fb_in1k"):
        load_backbone("convnext_base.in1k")


def test_model_gives_logits_for_every_facet_with_tags(squares):
    backbone = load_backbone(TINY, "random")
    spec = get_model_spec("multi_label")
    facets = tagged(spec, squares.vocabulary)
    assert facets == ("objectTypes", "materials")
    model = vision_model(ImageEncoder(backbone), Heads(backbone.features, {"objectTypes": 3, "materials": 6, "subjects": 0}))
    logits = model.eval()(torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8))
    assert {facet: tuple(values.shape) for facet, values in logits.items()} == {"objectTypes": (5, 3), "materials": (5, 6)}
    counts = class_counts(squares, facets)
    objectives = {facet: OBJECTIVES[spec.objective](squares.vocabulary[facet], counts[facet]) for facet in facets}
    scores = Learner(model, objectives).scores(torch.zeros(2, 3, 32, 32, dtype=torch.uint8))
    assert list(scores) == ["objectTypes", "materials"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "mobilenetv3_small_050", "test_convnext"])
def test_features_are_as_many_as_stated_whatever_the_backbone(name):
    backbone = load_backbone(name, "random")
    size = backbone.fixed_size or 64
    with torch.inference_mode():
        features = ImageEncoder(backbone).eval()(torch.zeros(2, 3, size, size, dtype=torch.uint8))
    assert features.shape == (2, backbone.features)


def test_without_a_hub_there_is_one_sentence_and_no_line_for_each_try(monkeypatch, caplog):
    hub = logging.getLogger("huggingface_hub")
    monkeypatch.setattr(hub, "handlers", [caplog.handler])
    before = hub.level

    def in_vain(*_, **__):
        logging.getLogger("huggingface_hub.utils._http").warning("Retrying in 8s [Retry 5/5].")
        raise OSError("no route to host")
    monkeypatch.setattr(timm, "create_model", in_vain)
    with pytest.raises(UserError, match=r"could not be downloaded from timm's model hub \(no route to host\)"):
        load_backbone("convnext_base")
    assert caplog.text == "" and hub.level == before


READ = """
import resource, sys
from pathlib import Path
from types import SimpleNamespace
import numpy as np
import torch
from eufcc_lib.core import paths
from eufcc_lib.data.dataset import ImagePaths
from eufcc_lib.models import features

images, numbers = 65_536, 512
paths.CHECKPOINTS = Path(sys.argv[1])
backbone = SimpleNamespace(name="any", hash="0", features=numbers)
dataset = SimpleNamespace(root=Path("big"), image_paths=lambda split: ImagePaths(Path("none"), np.arange(images)),
                          sources=lambda split: [(dataset, split, np.arange(images))])
transform = SimpleNamespace(description="any")
folder = paths.CHECKPOINTS / "big" / f"features_{features._key(backbone, transform, dataset.image_paths('train').texts())}"
folder.mkdir(parents=True)
for start in range(0, images, 1024):
    part = features.Features(torch.full((1024, numbers), float(start)), torch.arange(1024), {})
    features._write_part(part, folder / f"{start:07}.npz")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = features.load_features(backbone, dataset, "train", transform, torch.device("cpu"))
assert found.values[2048].tolist() == [2048.0] * numbers and found.rows.tolist() == list(range(images))
peak = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(peak / found.values.nbytes)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak has other units or is not told")
def test_reading_features_takes_no_more_memory_than_they_do(tmp_path):
    told = subprocess.run([sys.executable, "-c", READ, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True)
    assert float(told.stdout) < 1.3


def test_members_are_made_before_the_models_that_combine_them():
    assert waves(["ml_s", "softmax", "ml_s_clip", "frequency"]) == [["softmax", "frequency"], ["ml_s", "ml_s_clip"]]
    made = set()
    for wave in waves(reversed(MODELS)):
        assert all(made.issuperset(MODELS[model].members) for model in wave)
        made.update(wave)
    assert made == set(MODELS)
    with pytest.raises(UserError, match="Unknown model 'multi'"):
        waves(["multi"])
