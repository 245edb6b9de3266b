"""LoRA: only the small matrices and the heads are trained, beside weights that stay as they are."""

import json

import open_clip
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from eufcc_lib.core.errors import UserError
from eufcc_lib.models import features
from eufcc_lib.models.clip import load_image_network
from eufcc_lib.models.factory import load_model
from eufcc_lib.models.lora import SelfAttention, add_lora
from eufcc_lib.models.registry import get_model_spec
from eufcc_lib.training import loop
from eufcc_lib.training.checkpoints import read_history, read_model
from eufcc_lib.training.networks import model_of
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model

SMALL = {"weights": "random", "image_size": 32, "batch_size": 8, "epochs": 3, "warmup_steps": 2, "lora_rank": 2, "precision": "float32"}
VISION = get_recipe("lora", backbone="test_vit", **SMALL)
CLIP = get_recipe("lora", "clip", backbone="lora-clip", **SMALL)
KINDS = pytest.mark.parametrize(("model", "recipe"), [("multi_label", VISION), ("clip_prompt", CLIP)], ids=["vision", "clip"])


@pytest.fixture(autouse=True)
def one_core():
    with features.one_thread():
        yield


@pytest.fixture(scope="module", autouse=True)
def tiny_clip(tmp_path_factory):
    """A small architecture of open_clip, `lora-clip`, whose towers have an `nn.MultiheadAttention` in each block."""
    path = tmp_path_factory.mktemp("architectures") / "lora-clip.json"
    path.write_text(json.dumps({
        "embed_dim": 16, "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}))
    open_clip.add_model_config(path)


def make_batch(dataset, images: int = 8):
    inputs = torch.randint(0, 256, (images, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = {facet: torch.from_numpy(dataset.labels("train")[facet].matrix[:images].toarray())
              for facet in ("objectTypes", "materials")}
    return inputs, labels, torch.linspace(0, 0.99, images)


@KINDS
def test_only_the_matrices_and_the_heads_are_trained(squares, model, recipe):
    learner = model_of(get_model_spec(model), squares, recipe, seed=0).learner.train()
    before = {name: value.clone() for name, value in learner.state_dict().items()}
    groups = learner.groups(recipe.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=0.1)
    for _ in range(2):  # after the first step B is no longer 0, so A has a gradient
        optimizer.zero_grad()
        sum(learner(*make_batch(squares)).values()).backward()
        optimizer.step()
    # No trained parameter is without a gradient, which DistributedDataParallel would refuse.
    trained = {name for name, value in learner.named_parameters() if value.requires_grad}
    assert all((value.grad is not None) == (name in trained) for name, value in learner.named_parameters())
    assert len(trained) == sum(len(group["params"]) for group in groups)
    assert trained == {name for name, value in learner.state_dict().items() if not torch.equal(value, before[name])}
    assert {name for name in trained if ".lora_" not in name} == (
        {"logit_scale"} if model == "clip_prompt" else {name for name in trained if name.startswith("network.heads.")})
    assert any(".lora_A." in name for name in trained) and any(".lora_B." in name for name in trained)


@KINDS
def test_the_network_starts_as_it_was(squares, model, recipe):
    spec, (images, *_) = get_model_spec(model), make_batch(squares)
    plain = model_of(spec, squares, get_recipe("lora", recipe.family, **SMALL | {"backbone": recipe.backbone, "lora_rank": 0}), seed=3)
    with torch.inference_mode():
        assert_close(model_of(spec, squares, recipe, seed=3).learner.eval().scores(images), plain.learner.eval().scores(images))


def test_attention_is_that_of_torch():
    torch.manual_seed(0)
    for batch_first in (True, False):
        attention = nn.MultiheadAttention(12, 3, batch_first=batch_first)
        nn.init.normal_(attention.in_proj_bias)
        inputs, mask = torch.randn(5, 5, 12), torch.full((5, 5), -torch.inf).triu(1)
        expected, _ = attention(inputs, inputs, inputs, need_weights=False, attn_mask=mask)
        assert_close(SelfAttention(attention)(inputs, inputs, inputs, attn_mask=mask)[0], expected)


class Unlike(nn.Module):
    """One layer is called; of another the weights are used, a third is not used."""

    def __init__(self):
        super().__init__()
        self.called, self.read, self.idle = nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, inputs):
        return nn.functional.linear(self.called(inputs), self.read.weight)


def test_matrices_go_to_the_layers_that_are_called():
    network = Unlike()
    add_lora(network, torch.zeros(1, 3), rank=1, alpha=1.0)
    assert {name for name, value in network.named_parameters() if value.requires_grad} == {
        "called.lora_A.default.weight", "called.lora_B.default.weight"}


def test_the_product_is_scaled_by_alpha_over_the_rank():
    network = nn.Sequential(nn.Linear(4, 3))
    add_lora(network, torch.zeros(1, 4), rank=2, alpha=6.0, seed=5)
    layer, inputs = network[0], torch.randn(7, 4)
    nn.init.normal_(layer.lora_B.default.weight)
    product = layer.lora_B.default.weight @ layer.lora_A.default.weight
    assert layer.lora_A.default.weight.shape == (2, 4) and layer.lora_B.default.weight.shape == (3, 2)
    assert_close(network(inputs), layer.base_layer(inputs) + 3.0 * inputs @ product.T)


def test_a_backbone_without_linear_layers_is_refused(squares):
    recipe = get_recipe("lora", **SMALL | {"backbone": "test_resnet"})
    with pytest.raises(UserError, match="'lora_rank' is 2: LoRA goes beside linear layers, and this backbone has none"):
        model_of(get_model_spec("multi_label"), squares, recipe, seed=0)


@pytest.mark.parametrize("name", ["test_vit", "test_convnext", "lora-clip"])
def test_vision_models_take_backbones_of_both_libraries(squares, name):
    recipe = get_recipe("lora", **SMALL | {"backbone": name})
    model = model_of(get_model_spec("multi_label"), squares, recipe, seed=0)
    assert sum(".lora_A." in key for key, _ in model.encoder.named_parameters()) >= 4
    assert model.scores(make_batch(squares)[0])["materials"].shape == (8, len(squares.vocabulary["materials"]))


@pytest.mark.slow
@KINDS
def test_a_run_resumes_to_the_same_end_and_its_checkpoint_serves(squares, monkeypatch, model, recipe):
    whole = train_model(model, squares, recipe)
    curve, train = read_history("squares", model).drop(columns="seconds"), loop.train_epoch

    def stop(*arguments):
        if arguments[-2] == 2:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(loop, "train_epoch", stop)
    with pytest.raises(KeyboardInterrupt):
        train_model(model, squares, recipe, retrain=True)
    monkeypatch.setattr(loop, "train_epoch", train)
    assert train_model(model, squares, recipe).rows == whole.rows
    assert curve.equals(read_history("squares", model).drop(columns="seconds"))

    served, trained = read_model("squares", model).model, model_of(get_model_spec(model), squares, recipe, seed=0)
    assert {"lora_rank": 2, "lora_alpha": 16.0}.items() <= served.description["settings"].items()
    assert load_model(served.description, served.learner.state_dict()).learner.state_dict().keys() == trained.learner.state_dict().keys()
    before = trained.learner.state_dict()
    moved = {name for name, value in served.learner.state_dict().items() if not torch.equal(value, before[name])}
    assert moved and all(".lora_" in name or "heads" in name or name == "logit_scale" for name in moved)


def test_an_image_tower_of_open_clip_is_its_own_without_the_last_projection():
    backbone = load_image_network("lora-clip", "random", 32)
    seen = open_clip.create_model("lora-clip").visual.preprocess_cfg
    assert (backbone.mean, backbone.std, backbone.interpolation) == (tuple(seen["mean"]), tuple(seen["std"]), seen["interpolation"])
    assert backbone.features == 32 and backbone.network(torch.zeros(1, 3, 32, 32)).shape == (1, 32)
    with pytest.raises(UserError, match="Unknown backbone 'test_vti': expected a model of timm"):
        load_image_network("test_vti", "random", 32)
