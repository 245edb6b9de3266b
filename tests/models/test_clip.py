"""CLIP: pairs and their loss, towers and their weights, and four models that are scored by cosine."""

import dataclasses
import json
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from torch.nn.parallel import DistributedDataParallel
from torch.testing import assert_close

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data import translations
from eufcc_lib.data.images.transforms import normalise
from eufcc_lib.losses.contrastive import MAX_SCALE, contrastive_loss, positives_loss
from eufcc_lib.losses.softmax import draw_tags
from eufcc_lib.models import clip, features
from eufcc_lib.models.captions import AllTags, FalseNegatives, OneTag, Prompt, count_false_negatives
from eufcc_lib.models.clip import load_clip
from eufcc_lib.models.registry import get_model_spec
from eufcc_lib.results.scores import read_scores
from eufcc_lib.training import loop, networks
from eufcc_lib.training.checkpoints import read_history
from eufcc_lib.training.recipes import RECIPES, get_recipe
from eufcc_lib.training.run import train_model

CONFIG = {"embed_dim": 16, "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
          "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}
SHORT = CONFIG | {"text_cfg": CONFIG["text_cfg"] | {"context_length": 4}}
TRAINED = ("clip_one_tag", "clip_all_tags", "clip_prompt", "clip_positives")
LEARNING = get_recipe("mini", "clip", image_size=40, batch_size=8, warmup_steps=5)
FROZEN = dataclasses.replace(LEARNING, backbone="tiny-clip", weights="random", image_size=32, epochs=3)
WHOLE = dataclasses.replace(FROZEN, frozen=False, augment=True)
KINDS = pytest.mark.parametrize("recipe", [FROZEN, WHOLE], ids=["frozen", "whole"])


@pytest.fixture(autouse=True)
def one_core():
    """Small networks on a busy machine: cores that wait for each other take longer than one."""
    with features.one_thread():
        yield


@pytest.fixture(scope="session", autouse=True)
def tiny_clips(tmp_path_factory):
    """Two small architectures, `tiny-clip` and `short-clip`, beside open_clip's own."""
    folder = tmp_path_factory.mktemp("architectures")
    for name, config in (("tiny-clip", CONFIG), ("short-clip", SHORT)):
        (folder / f"{name}.json").write_text(json.dumps(config))
        open_clip.add_model_config(folder / f"{name}.json")


def metrics(result) -> list[dict]:
    return [dataclasses.asdict(row) for row in result.rows]


def value(result, split: str, facet: str) -> float:
    return next(row.r_precision for row in result.rows if (row.split, row.facet) == (split, facet))


def make_learner(dataset, model: str, recipe=WHOLE, seed: int = 0):
    return networks.model_of(get_model_spec(model), dataset, recipe, seed).learner


def make_batch(dataset, images: int = 8):
    """Images of noise, with labels of the training split."""
    inputs = torch.randint(0, 256, (images, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = {facet: torch.from_numpy(dataset.labels("train")[facet].matrix[:images].toarray())
              for facet in ("objectTypes", "materials")}
    return inputs, labels, torch.linspace(0, 0.99, images)


# ---- pairs and their loss -----------------------------------------------------------------------


def naive_loss(images, texts, paired, scale):
    """For each paired image: how surely it finds its text, and its text finds it, among the paired ones."""
    total, rows = (images.sum() + texts.sum() + scale) * 0, [row for row, has in enumerate(paired) if has]
    for row in rows:
        for here, there in ((images, texts), (texts, images)):
            logits = [scale * (here[row] * there[other]).sum() for other in rows]
            total = total - (logits[rows.index(row)] - torch.logsumexp(torch.stack(logits), 0)) / 2
    return total / max(len(rows), 1)


def with_gradients(loss, images, texts, paired, scale):
    leaves = [leaf.detach().clone().requires_grad_() for leaf in (images, texts, scale)]
    found = loss(leaves[0], leaves[1], paired, leaves[2])
    return found.detach().double(), *(gradient.double() for gradient in torch.autograd.grad(found, leaves))


def random_pairs(images: int, seed: int):
    rng = np.random.default_rng(seed)
    vectors = torch.from_numpy(rng.normal(size=(2, images, 4)).astype(np.float32))
    return *torch.nn.functional.normalize(vectors, dim=-1), torch.from_numpy(rng.random(images) < rng.random())


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.integers(1, 7), st.sampled_from([1.0, 14.0, 100.0]), st.integers(0, 2 ** 32))
def test_loss_and_gradients_equal_the_loops(images, scale, seed):
    image_features, texts, paired = random_pairs(images, seed)
    arguments = image_features.double(), texts.double(), paired, torch.tensor(scale).double()  # rounding is not the matter here
    assert_close(with_gradients(contrastive_loss, *arguments), with_gradients(naive_loss, *arguments))


def test_an_image_without_the_facet_changes_nothing_for_the_others():
    image_features, texts, _ = random_pairs(6, 0)
    paired = torch.tensor([True, False, True, True, False, True])
    found = contrastive_loss(image_features, texts, paired, torch.tensor(10.0))
    assert_close(found, contrastive_loss(image_features[paired], texts[paired], paired[paired], torch.tensor(10.0)))


def test_a_single_image_and_none_cost_nothing():
    image_features, texts, _ = random_pairs(3, 0)
    for paired in ([False] * 3, [False, True, False]):
        found = with_gradients(contrastive_loss, image_features, texts, torch.tensor(paired), torch.tensor(10.0))
        assert all((part == 0).all() for part in found)


def test_the_same_text_of_another_image_counts_as_wrong_as_in_clip():
    same = torch.tensor([[1.0, 0.0]] * 3)
    assert_close(contrastive_loss(same, same, torch.ones(3, dtype=torch.bool), torch.tensor(50.0)), torch.tensor(math.log(3)))


def test_inside_mixed_precision_the_loss_is_of_float32():
    image_features, texts, _ = random_pairs(5, 1)
    paired, labels = torch.ones(5, dtype=torch.bool), torch.ones(5, 2, dtype=torch.bool)
    for loss, rest in ((contrastive_loss, (paired,)), (positives_loss, (labels, torch.zeros(5, dtype=torch.int64)))):
        arguments = image_features, texts, *rest, torch.tensor(100.0)
        with torch.autocast("cpu", torch.bfloat16):
            found = loss(*arguments)
        assert found.dtype == torch.float32 and found == loss(*arguments)


def naive_positives_loss(images, texts, labels, tags, scale):
    """For each paired image and each text: minus the mean log-probability of its positives among the paired ones."""
    total, rows = (images.sum() + texts.sum() + scale) * 0, [row for row, tag in enumerate(tags) if tag >= 0]
    for row in rows:
        image = torch.stack([scale * (images[row] * texts[other]).sum() for other in rows]).log_softmax(0)
        text = torch.stack([scale * (images[other] * texts[row]).sum() for other in rows]).log_softmax(0)
        right = [place for place, other in enumerate(rows) if labels[row, tags[other]]]
        total = total - sum(image[place] for place in right) / len(right) / 2
        right = [place for place, other in enumerate(rows) if labels[other, tags[row]]]
        total = total - sum(text[place] for place in right) / len(right) / 2
    return total / max(len(rows), 1)


def random_labels(images: int, tags: int, seed: int):
    """Labels, and one of each image's tags, -1 where it has none."""
    labels = torch.rand(images, tags, generator=torch.Generator().manual_seed(seed)) < 0.4
    return labels, draw_tags(labels, torch.rand(images, generator=torch.Generator().manual_seed(seed + 1)))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.integers(1, 4), st.sampled_from([1.0, 14.0, 100.0]), st.integers(0, 2 ** 32))
def test_loss_of_all_positives_and_its_gradients_equal_the_loops(images, tags, scale, seed):
    image_features, texts, _ = random_pairs(images, seed)
    labels, drawn = random_labels(images, tags, seed)

    def of(loss):
        return with_gradients(lambda image, text, rest, scale: loss(image, text, *rest, scale), image_features.double(),
                              texts.double(), (labels, drawn), torch.tensor(scale).double())

    assert_close(of(positives_loss), of(naive_positives_loss))


def test_where_each_text_is_true_of_its_image_alone_all_positives_are_one():
    image_features, texts, _ = random_pairs(5, 2)
    labels = torch.eye(5, dtype=torch.bool)
    labels[3] = False
    tags = torch.tensor([0, 1, 2, -1, 4])
    assert_close(positives_loss(image_features, texts, labels, tags, torch.tensor(14.0)),
                 contrastive_loss(image_features, texts, tags >= 0, torch.tensor(14.0)))


def test_two_images_of_bronze_are_each_others_positives():
    same = torch.tensor([[1.0, 0.0]] * 2 + [[-1.0, 0.0]])
    arguments = same, same, torch.tensor([[1, 0], [1, 0], [0, 1]], dtype=torch.bool), torch.tensor([0, 0, 1])
    assert_close(positives_loss(*arguments, torch.tensor(50.0)), torch.tensor(2 * math.log(2) / 3))  # the least possible


LABELS = torch.tensor([[1, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=torch.bool)


@pytest.mark.parametrize("tags", [1, 2, 4])
def test_draws_of_validation_take_each_tag_of_an_image_equally_often(tags):
    labels = torch.ones(5, tags, dtype=torch.bool)
    drawn = torch.stack([draw_tags(labels, uniform) for uniform in clip._spread(5, torch.device("cpu"))])
    assert all(torch.bincount(image, minlength=tags).tolist() == [4 // tags] * tags for image in drawn.T)
    assert tags == 1 or len(set(drawn[0].tolist())) > 1  # neighbours take different ones


def test_one_tag_is_drawn_for_each_image():
    pairing = OneTag(("metal", "bronze", "wood"), csr_array(LABELS.numpy()))
    assert pairing.texts == ("metal", "bronze", "wood") and pairing.counts.tolist() == [2, 2, 1]
    assert pairing(LABELS, torch.zeros(4)).tolist() == [0, -1, 0, 2]
    assert pairing(LABELS, torch.full((4,), 0.9)).tolist() == [1, -1, 1, 2]


def test_negatives_that_are_true_are_counted_batch_by_batch():
    def count(rows, batch_size=64):
        return count_false_negatives(csr_array(np.array(rows, bool)), batch_size)

    assert count([[1, 0], [1, 0], [0, 0]]) == FalseNegatives(1, 1, 2, 2)  # both are bronze
    assert count([[1, 0], [0, 1], [0, 0]]) == FalseNegatives(0, 0, 0, 2)  # one is bronze and one of wood
    assert count([[1], [1], [1], [1]], batch_size=2) == FalseNegatives(1, 1, 2, 2)
    assert count([[1, 0], [1, 0]], batch_size=1) == count([[0, 0]]) == FalseNegatives()
    # The first has both texts of the others, and one of these the tag drawn for the first, unless that is its third.
    assert count([[1, 1, 1], [1, 0, 0], [0, 1, 0]]) in (FalseNegatives(1 / 3, 2 / 3, 2, 6), FalseNegatives(2 / 3, 1, 3, 6))


def test_all_tags_of_an_image_are_one_text_in_the_order_of_the_vocabulary():
    pairing = AllTags(("metal", "bronze", "wood"), csr_array(LABELS.numpy()))
    assert sorted(zip(pairing.texts, pairing.counts.tolist())) == [("metal, bronze", 2), ("wood", 1)]
    places = pairing(LABELS, torch.zeros(4)).tolist()
    assert [pairing.texts[place] if place >= 0 else None for place in places] == ["metal, bronze", None, "metal, bronze", "wood"]
    assert pairing(~LABELS, torch.zeros(4)).tolist() == [places[3], -1, places[3], places[0]]
    assert AllTags(("metal",), csr_array(np.zeros((2, 1), bool)))(LABELS[:, :1], torch.zeros(4)).tolist() == [-1] * 4


def test_prompts_are_the_papers_and_its_kind():
    assert [Prompt.write("bronze", facet) for facet in FACET_NAMES] == [
        "an image of a bronze", "an image of an object made of bronze", "an image of an object related to bronze",
        "an image depicting a bronze"]
    assert OneTag.write("bronze", "materials") == AllTags.write("bronze", "materials") == "bronze"


# ---- towers and their weights -------------------------------------------------------------------


class Archive(torch.nn.Module):
    """Nothing but weights, under the names that they had."""

    def __init__(self, state: dict):
        super().__init__()
        inside = {}
        for name, weight in state.items():
            outer, _, rest = name.partition(".")
            if rest:
                inside.setdefault(outer, {})[rest] = weight
            else:
                self.register_buffer(name, weight.half())
        for outer, part in inside.items():
            self.add_module(outer, Archive(part))

    def forward(self, inputs):
        return inputs


def save(model, path, openai: bool = False):
    """As open_clip saves a CLIP, or as OpenAI published theirs: a TorchScript archive in half precision."""
    if openai:
        settings = {name: torch.tensor(32) for name in ("input_resolution", "context_length", "vocab_size")}
        torch.jit.script(Archive(model.state_dict() | settings)).save(path)
    else:
        torch.save(model.state_dict(), path)
    return str(path)


@pytest.mark.parametrize("openai", [False, True], ids=["open_clip's", "OpenAI's"])
def test_images_and_tags_come_out_as_in_open_clip_with_weights_of_a_file(tmp_path, squares, openai):
    theirs = open_clip.create_model("tiny-clip").eval()
    if openai:
        theirs = theirs.half().float()
    recipe = dataclasses.replace(WHOLE, weights=save(theirs, tmp_path / "mine.pt", openai))
    clip = load_clip("tiny-clip", recipe.weights, 32)
    assert clip.weights.startswith("mine.pt, sha256 ") and not clip.untrained
    learner, (inputs, _, _) = make_learner(squares, "clip_prompt", recipe).eval(), make_batch(squares)
    tags = [Prompt.write(tag, "materials") for tag in squares.vocabulary["materials"].names]
    with torch.inference_mode():
        image_features = theirs.encode_image(normalise(inputs, clip.trunk.mean, clip.trunk.std), normalize=True)
        texts = theirs.encode_text(open_clip.get_tokenizer("tiny-clip")(tags), normalize=True)
        assert_close(learner.scores(inputs)["materials"], theirs.logit_scale.exp() * image_features @ texts.T, rtol=1e-4, atol=1e-4)
    assert learner.tags.shape == (9, 10)  # of 77 tokens, ten are enough


def test_a_file_of_another_clip_is_refused(tmp_path):
    torch.save(open_clip.create_model("short-clip").visual.state_dict(), tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("weights")
    with zipfile.ZipFile(tmp_path / "image_features.zip", "w") as file:
        file.writestr("a.jpg", "b")
    for name in ("other.pth", "text.pth", "image_features.zip"):
        with pytest.raises(UserError, match=f"{name}': not the weights of 'tiny-clip' as open_clip saves them"):
            load_clip("tiny-clip", str(tmp_path / name), 32)
    with pytest.raises(UserError, match="there is no file .*none.pth; expected 'pretrained', 'random' or a file"):
        load_clip("tiny-clip", str(tmp_path / "none.pth"), 32)


def test_unknown_names_are_refused_with_what_is_near():
    with pytest.raises(UserError, match="Unknown backbone 'ViT-B16': expected a CLIP of open_clip .*ViT-B-16"):
        load_clip("ViT-B16", "random", 32)
    with pytest.raises(UserError, match="Unknown backbone 'xlm-roberta-base-ViT-B-32': .*with its own tokenizer"):
        load_clip("xlm-roberta-base-ViT-B-32", "random", 32)
    with pytest.raises(UserError, match="ViT-B-16 has the tags .*laion400m_e32.*openai"):
        load_clip("ViT-B-16.wit", "pretrained", 32)
    with pytest.raises(UserError, match="'ViT-B-32-256' has the weights datacomp_s34b_b86k; expected one of them, as in "
                                        "'ViT-B-32-256.datacomp_s34b_b86k'"):
        load_clip("ViT-B-32-256", "pretrained", 256)
    with pytest.raises(UserError, match="There are no published weights of 'tiny-clip'.*weights='random' or a file"):
        load_clip("tiny-clip", "pretrained", 32)
    with pytest.raises(UserError, match="'image_size' is 4; tiny-clip cuts images into squares of 8 pixels"):
        load_clip("tiny-clip", "random", 4)


@pytest.mark.parametrize(("name", "quick"), [("ViT-B-16", True), ("ViT-B-16.openai", True), ("ViT-B-16-quickgelu", True),
                                             ("ViT-B-16.laion2b_s34b_b88k", False)])
@pytest.mark.parametrize("weights", ["pretrained", "file"])
def test_weights_get_the_activation_that_they_were_trained_with(monkeypatch, tmp_path, name, quick, weights):
    asked = {}

    def create(architecture, given, force_quick_gelu, **options):
        config = open_clip.get_model_config(architecture)
        asked.update(quick=config.get("quick_gelu", False) or force_quick_gelu, given=given)
        raise OSError("no network")

    monkeypatch.setattr(open_clip, "create_model", create)
    (tmp_path / "file").write_text("")
    given = weights if weights == "pretrained" else str(tmp_path / "file")
    with pytest.raises(UserError, match="no network"):
        load_clip(name, given, 224)
    tag = name.partition(".")[2] or "openai"
    assert asked == {"quick": quick, "given": tag if weights == "pretrained" else given}


@pytest.mark.slow
def test_without_a_model_hub_one_sentence_tells_both_ways_on():
    script = ("from eufcc_lib.models.backbones import load_backbone\nfrom eufcc_lib.models.clip import load_clip\n"
              "from eufcc_lib.core.errors import UserError\n"
              "try: load_backbone('test_resnet')\nexcept UserError as error: print(error)\n"
              "try: load_clip('ViT-B-16.openai', 'pretrained', 224)\nexcept UserError as error: print(error)")
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                         env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": "/nonexistent"})
    backbone, clip = run.stdout.splitlines()
    assert not run.stderr
    assert "weights of 'ViT-B-16.openai' could not be downloaded from open_clip's model hub" in clip
    for sentence in (backbone, clip):
        assert "connect to the network once, or pass a file with weights=FILE" in sentence


def test_random_weights_follow_the_seed_and_leave_torchs_generator_alone():
    before = torch.random.get_rng_state()
    clips = [load_clip("tiny-clip", "random", 32, seed) for seed in (3, 3, 4)]
    assert clips[0].trunk.hash == clips[1].trunk.hash != clips[2].trunk.hash
    texts = [clip.text.token_embedding.weight for clip in clips]
    assert torch.equal(texts[0], texts[1]) and not torch.equal(texts[0], texts[2])
    assert torch.equal(torch.random.get_rng_state(), before)
    assert clips[2].weights == "random (seed 4)" and clips[2].untrained == "both towers"


def test_our_own_clip_knows_images_and_no_text():
    clip = load_clip("eufcc-mini", "pretrained", 128)
    assert clip.untrained == "the text tower" and clip.trunk.name.startswith("tf_efficientnet_lite0")
    assert clip.weights.startswith("image network: ImageNet, package") and clip.weights.endswith("random (seed 0)")
    with torch.inference_mode():
        assert clip.projection(torch.zeros(2, clip.trunk.features)).shape == clip.text(clip.tokenise(["a", "b"])[0]).shape


def test_gains_biases_and_the_temperature_do_not_decay(squares):
    learner = make_learner(squares, "clip_one_tag")
    groups = [{id(value) for value in group["params"]} for group in learner.groups(RECIPES["paper"]["clip"].weight_decay)]
    names = [{name for name, value in learner.named_parameters() if id(value) in group} for group in groups]
    assert [group["weight_decay"] for group in learner.groups(RECIPES["paper"]["clip"].weight_decay)] == [0.1, 0.0]
    assert names[0] | names[1] == {name for name, _ in learner.named_parameters()}
    assert "logit_scale" in names[1] and "text.ln_final.weight" in names[1] and "image.0.network.ln_post.bias" in names[1]
    assert {"text.token_embedding.weight", "image.1.weight"} <= names[0]


def test_the_temperature_is_learned_and_its_inverse_stays_within_a_hundred(squares):
    learner, batch = make_learner(squares, "clip_one_tag").train(), make_batch(squares)
    sum(learner(*batch).values()).backward()
    assert learner.logit_scale.grad != 0
    with torch.no_grad():
        learner.logit_scale.fill_(7)
        assert max(scores.abs().max() for scores in learner.eval().scores(batch[0]).values()) <= 100.001
    sum(learner.train()(*batch).values()).backward()
    assert learner.logit_scale.item() == pytest.approx(MAX_SCALE) and learner.logit_scale.grad != 0


def test_tags_are_encoded_once_per_evaluation_and_again_when_weights_change(squares):
    learner, (inputs, labels, uniform) = make_learner(squares, "clip_one_tag").eval(), make_batch(squares)
    encoded = []
    learner.text.register_forward_pre_hook(lambda _, arguments: encoded.append(len(arguments[0])))
    first = [learner.scores(inputs)["materials"] for _ in range(3)]
    assert encoded == [9] and torch.equal(first[0], first[2])
    assert first[0].shape == (8, 6) and first[0].dtype == torch.float32
    learner.train()
    sum(learner(inputs, labels, uniform).values()).backward()
    with torch.no_grad():
        learner.text.text_projection -= learner.text.text_projection.grad
    assert not torch.equal(learner.eval().scores(inputs)["materials"], first[0])
    learner.load_state_dict(make_learner(squares, "clip_one_tag").state_dict())
    assert torch.equal(learner.scores(inputs)["materials"], first[0])


def test_a_batch_without_any_tag_costs_nothing(squares):
    for model in TRAINED:
        learner, (inputs, labels, uniform) = make_learner(squares, model).train(), make_batch(squares)
        found = learner(inputs, {facet: torch.zeros_like(part) for facet, part in labels.items()}, uniform)
        sum(found.values()).backward()
        assert {facet: loss.item() for facet, loss in found.items()} == {"objectTypes": 0, "materials": 0}
        assert all(value.grad is not None and not value.grad.any() for value in learner.parameters())


# ---- several processes --------------------------------------------------------------------------


def share_a_batch(rank: int, meeting: str, data: str, model: str):
    """One of two processes: its half of a batch has to lead to the losses and gradients of the whole."""
    open_clip.factory._MODEL_CONFIGS["tiny-clip"] = CONFIG
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(1)
    dataset = open_dataset(data, minimum=4)
    learner, (inputs, labels, uniform) = make_learner(dataset, model).train(), make_batch(dataset)
    whole = learner(inputs, labels, uniform)
    sum(whole.values()).backward()
    whole = {facet: loss.detach() for facet, loss in whole.items()}
    expected = {name: value.grad.clone() for name, value in learner.named_parameters()}
    learner.zero_grad()
    torch.distributed.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=2)
    try:
        mine = slice(rank, None, 2)
        together = DistributedDataParallel(learner)  # by name: it averages gradients only as long as it lives
        found = together(inputs[mine], {facet: part[mine] for facet, part in labels.items()}, uniform[mine])
        sum(found.values()).backward()
        gradients = {name: value.grad.clone() for name, value in learner.named_parameters()}
    finally:
        torch.distributed.destroy_process_group()
    assert_close({facet: loss.detach() for facet, loss in found.items()},
                 whole, rtol=1e-5, atol=1e-5)
    assert_close(gradients, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the two meet over gloo's loopback")
def test_two_processes_that_share_a_batch_learn_what_one_does(tmp_path, squares):
    # Two forks for each model of a fresh process, whose imports are done once.
    program = """
import sys, torch, test_clip
for model in ("clip_one_tag", "clip_positives"):
    meeting = sys.argv[1] + model
    torch.multiprocessing.start_processes(test_clip.share_a_batch, (meeting, sys.argv[2], model), 2, start_method="fork")
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [ROOT, ROOT / "tests", Path(__file__).parent]))}
    subprocess.run([sys.executable, "-c", program, tmp_path / "meeting", squares.root], check=True, env=environment)


# ---- the models ----------------------------------------------------------------------------


def test_paper_recipe_is_section_5_2():
    paper = RECIPES["paper"]["clip"]
    assert (paper.batch_size, paper.epochs, paper.learning_rate, paper.weight_decay) == (64, 100, 3e-5, 0.1)
    assert (paper.beta1, paper.beta2, paper.epsilon, paper.warmup_steps, paper.clip_norm) == (0.9, 0.99, 1e-8, 500, 1)
    assert (paper.backbone, paper.weights, paper.frozen) == ("ViT-B-16.openai", "pretrained", False)
    faster = dataclasses.replace(RECIPES["fast"]["clip"], name="paper", precision="float32", compiled=False)
    assert faster == paper != RECIPES["fast"]["clip"]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "least"), [("clip_one_tag", 0.8), ("clip_all_tags", 0.6), ("clip_prompt", 0.8),
                                              ("clip_positives", 0.8)])
def test_every_trained_clip_learns_the_colours(squares, model, least):
    result = train_model(model, squares, LEARNING)
    assert {row.facet for row in result.rows} == {"objectTypes", "materials"}
    assert min(value(result, split, "materials") for split in ("test_id", "test_ood")) > least


@pytest.mark.slow
def test_a_whole_clip_learns_its_training_images(squares):
    train_model("clip_one_tag", squares, dataclasses.replace(WHOLE, augment=False, epochs=12, batch_size=16))
    losses = read_history("squares", "clip_one_tag")["loss"]
    assert losses.iloc[-1] < losses.iloc[0] - 0.5


@pytest.mark.slow
@KINDS
def test_one_seed_gives_one_result(squares, recipe):
    first = train_model("clip_one_tag", squares, recipe)
    curve = read_history("squares", "clip_one_tag").drop(columns="seconds")
    assert metrics(train_model("clip_one_tag", squares, recipe, retrain=True)) == metrics(first)
    assert curve.equals(read_history("squares", "clip_one_tag").drop(columns="seconds"))
    train_model("clip_one_tag", squares, recipe, seed=1, retrain=True)
    assert not curve["loss"].equals(read_history("squares", "clip_one_tag")["loss"])


@pytest.mark.slow
@KINDS
@pytest.mark.parametrize("model", ["clip_all_tags", "clip_prompt"])
def test_stopped_between_epochs_a_run_goes_on_to_the_same_end(squares, monkeypatch, recipe, model):
    whole = train_model(model, squares, recipe)
    train = loop.train_epoch

    def stop(*arguments):
        if arguments[-2] == 2:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(loop, "train_epoch", stop)
    with pytest.raises(KeyboardInterrupt):
        train_model(model, squares, recipe, retrain=True)
    monkeypatch.setattr(loop, "train_epoch", train)
    assert metrics(train_model(model, squares, recipe)) == metrics(whole)


@pytest.mark.slow
def test_a_table_of_terms_that_changed_makes_another_run(squares, monkeypatch):
    train_model("clip_one_tag", squares, LEARNING)
    monkeypatch.setattr(translations, "read_terms", tuple)
    monkeypatch.setattr(translations, "museum_terms", dict)
    with pytest.raises(UserError, match=r"another run \(texts \w+, not \w+\)"):
        train_model("clip_one_tag", squares, LEARNING)


@KINDS
def test_a_result_states_what_it_was_made_with(squares, recipe, capsys):
    run = train_model("clip_prompt", squares, recipe, seed=5).run
    assert run.recipe == dataclasses.asdict(recipe) and run.recipe["language"] == "en"
    assert (run.backbone, run.weights, run.seed) == ("tiny-clip", "random (seed 5)", 5)
    assert "bicubic, antialiased; mean 0.4815" in run.transform and "32 px" in run.transform
    assert run.images_per_second > 0 and run.images["train"] == 48
    assert "texts in English: 2 of 9 tags from the table of terms, 7 keep their own name" in capsys.readouterr().out


def test_texts_that_are_too_long_are_cut_and_counted(squares, capsys):
    recipe = dataclasses.replace(FROZEN, backbone="short-clip", epochs=1, warmup_steps=0)
    train_model("clip_all_tags", squares, recipe)  # "shape, disc" has five tokens with its start and its end
    assert ("texts of more than 4 tokens are cut for these training and validation images: 60 in objectTypes, 52 in "
            "materials") in capsys.readouterr().out
    train_model("clip_one_tag", squares, recipe)
    assert "are cut" not in capsys.readouterr().out


@pytest.mark.slow
def test_zero_shot_is_scored_as_loaded_and_says_what_is_random(squares, tmp_path, capsys):
    recipe = get_recipe("mini", "clip", backbone="tiny-clip", weights="random", image_size=32)
    result = train_model("clip_zero_shot", squares, recipe)
    assert "the weights of both towers of tiny-clip are random, so these scores are at chance level" in capsys.readouterr().out
    assert {row.split for row in result.rows} == {"val", "test_id", "test_ood"} and result.run.images_per_second is None
    scores = read_scores(squares, "clip_zero_shot", "test_id").values["materials"]
    theirs = open_clip.create_model("tiny-clip").eval()
    recipe = get_recipe("paper", "clip", backbone="tiny-clip", weights=save(theirs, tmp_path / "mine.pth"), image_size=32)
    run = train_model("clip_zero_shot", squares, recipe, retrain=True).run
    assert "random" not in run.transform and "are random" not in capsys.readouterr().out
    again = read_scores(squares, "clip_zero_shot", "test_id").values["materials"]
    assert scores.shape == again.shape == (16, 6) and not np.allclose(scores, again)


def test_zero_shot_takes_no_settings_of_a_training(squares):
    with pytest.raises(UserError, match="'clip_zero_shot' is not trained, so it takes no settings of a training; found "
                                        "epochs=7, learning_rate=0.5"):
        train_model("clip_zero_shot", squares, get_recipe("mini", "clip", epochs=7, learning_rate=0.5, image_size=32))


@pytest.mark.slow
def test_broken_images_are_skipped_and_counted(own_paths):
    from conftest import draw_squares
    draw_squares(own_paths / "squares")
    (own_paths / "squares" / "EUROPEANA" / "images" / "test_id_1.jpg").write_bytes(b"")
    dataset = open_dataset(str(own_paths / "squares"), minimum=4)
    result = train_model("clip_one_tag", dataset, dataclasses.replace(WHOLE, on_broken="skip", epochs=1, warmup_steps=0))
    assert result.run.skipped["test_id"] == 1
    assert all(row.images + row.images_without_facet == 15 for row in result.rows if row.split == "test_id")
