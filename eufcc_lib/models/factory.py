"""The one place where networks are built, from a model's spec, its tags and its settings.

`create_model` makes a model to train or to use without training; `load_model` restores it from a checkpoint, without
the data set that it was trained on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn

from ..data.taxonomy import Taxonomy, Vocabulary
from ..data.translations import describe_texts, tag_texts
from .backbones import Backbone
from .clip import ClipLearner, load_clip, load_image_network
from .lora import add_lora
from .objectives import OBJECTIVES, count_outputs
from .registry import ModelSpec
from .vision import Heads, ImageEncoder, Learner, tagged, vision_model


@dataclass(frozen=True, eq=False)
class Model:
    """The parts of a model.

    Attributes:
        learner: what is trained: losses and scores of images or, if frozen, of the backbone's features.
        backbone: images to features, and the preprocessing it expects.
        encoder: the backbone with normalisation; part of the learner unless frozen.
        frozen: whether the backbone is not trained.
        name, weights: of the network and of the weights it starts from.
        description: what `load_model` needs to restore it: plain values that a checkpoint can hold.
        notes: sentences about it that a user should read.
    """

    learner: nn.Module
    backbone: Backbone
    encoder: ImageEncoder
    frozen: bool
    name: str
    weights: str
    description: dict
    notes: tuple[str, ...] = ()

    def scores(self, pixels: Tensor) -> dict[str, Tensor]:
        """uint8 (B, 3, S, S) to scores (B, C) by facet."""
        return self.learner.scores(self.encoder(pixels) if self.frozen else pixels)

    def compile(self) -> None:
        """Let torch compile the networks: a minute at the start, then faster on a GPU."""
        self.encoder.network.compile()
        if isinstance(self.learner, ClipLearner):
            self.learner.text.compile()


def create_model(spec: ModelSpec, vocabulary: Vocabulary, class_counts: Mapping[str, np.ndarray], *, backbone: str,
                 weights: str, frozen: bool, image_size: int, seed: int = 0, lora_rank: int = 0, lora_alpha: float = 16.0,
                 reduction: str = "mean", weighting: str = "inverse", level_scores: str = "path", tree: str = "parent",
                 language: str = "en", labels: Mapping[str, csr_array] | None = None) -> Model:
    """Build a model with its initial weights.

    Args:
        spec: of a vision or CLIP model.
        vocabulary: its tags.
        class_counts: by facet (C,), training images per tag.
        backbone, weights, frozen, image_size, lora_rank, lora_alpha, reduction, weighting, level_scores, tree, language:
            see `training.recipes.Recipe`.
        seed: of random weights.
        labels: by facet bool (N, C), the images that CLIP is trained and validated on, for their texts.
    Raises:
        UserError: see `load_image_network`, `load_clip` and `add_lora`.
    """
    settings = {"backbone": backbone, "weights": weights, "frozen": frozen, "image_size": image_size, "seed": seed,
                "lora_rank": lora_rank, "lora_alpha": lora_alpha, "reduction": reduction, "weighting": weighting,
                "level_scores": level_scores, "tree": tree, "language": language}
    description = {"spec": asdict(spec), "settings": settings, "vocabulary": _pack(vocabulary),
                   "class_counts": {facet: np.asarray(counts).tolist() for facet, counts in class_counts.items()}}
    if spec.family != "clip":
        return _create_vision(spec, vocabulary, class_counts, description)
    texts = {facet: tag_texts(vocabulary[facet], language) for facet in tagged(spec, vocabulary)}
    description |= {"texts": {facet: list(found.texts) for facet, found in texts.items()}, "tokens": None}
    model = _create_clip(spec, description, labels)
    return replace(model, notes=(describe_texts(texts.values()), *model.notes))


def load_model(description: Mapping, state: Mapping[str, Tensor]) -> Model:
    """The model of a description with trained weights, ready to score.

    Args:
        description: `Model.description` of the trained model.
        state: of its learner.
    """
    spec, settings = ModelSpec(**description["spec"]), description["settings"]
    if not settings["frozen"]:  # the state contains all weights
        description = {**description, "settings": {**settings, "weights": "random"}}
    if spec.family == "clip":
        model = _create_clip(spec, description, None)
    else:
        counts = {facet: np.array(values) for facet, values in description["class_counts"].items()}
        model = _create_vision(spec, read_vocabulary(description), counts, description)
    model.learner.load_state_dict(state)
    model.learner.eval()
    model.encoder.eval()
    return model


def read_vocabulary(description: Mapping) -> Vocabulary:
    """The tags of a described model."""
    return Vocabulary({facet: Taxonomy(facet, tuple(tree["names"]), np.array(tree["parent"], np.int32),
                                       tuple(map(tuple, tree["parents"])), np.array(tree["images"], np.int64))
                       for facet, tree in description["vocabulary"].items()})


def _pack(vocabulary: Vocabulary) -> dict:
    return {facet: {"names": list(tree.names), "parent": tree.parent.tolist(), "parents": list(map(list, tree.parents)),
                    "images": tree.images.tolist()} for facet, tree in vocabulary.taxonomies.items()}


def _create_vision(spec: ModelSpec, vocabulary: Vocabulary, class_counts: Mapping[str, np.ndarray],
                   description: dict) -> Model:
    settings = description["settings"]
    switches = {name: settings[name] for name in ("reduction", "weighting", "level_scores", "tree")}
    backbone = load_image_network(settings["backbone"], settings["weights"], settings["image_size"], settings["seed"])
    facets, encoder = tagged(spec, vocabulary), ImageEncoder(backbone)
    heads = Heads(backbone.features, {facet: count_outputs(spec.objective, vocabulary[facet], settings["tree"])
                                      for facet in facets})
    learner = Learner(heads if settings["frozen"] else vision_model(encoder, heads),
                      {facet: OBJECTIVES[spec.objective](vocabulary[facet], class_counts[facet], **switches)
                       for facet in facets})
    if settings.get("lora_rank"):  # older checkpoints have no such setting
        _add_lora(encoder, _blank(settings), settings)
    return Model(learner, backbone, encoder, settings["frozen"], backbone.name, backbone.weights, description)


def _create_clip(spec: ModelSpec, description: dict, labels: Mapping[str, csr_array] | None) -> Model:
    """To train with `labels`, to score without; adds the tokens that the text tower keeps to the description."""
    settings, texts = description["settings"], description["texts"]
    clip = load_clip(settings["backbone"], settings["weights"], settings["image_size"], settings["seed"])
    notes, pairings, captions = [], {}, {}
    if clip.untrained and not spec.objective:
        notes.append(f"the weights of {clip.untrained} of {clip.name} are random, so these scores are at chance level")
    if spec.objective:
        objective = OBJECTIVES[spec.objective]
        texts = {facet: [objective.write(text, facet, settings["language"]) for text in part]
                 for facet, part in texts.items()}
    tags = {facet: clip.tokenise(part)[0] for facet, part in texts.items()}
    if spec.objective and labels is not None:
        pairings = {facet: objective(part, labels[facet]) for facet, part in texts.items()}
        found = {facet: clip.tokenise(pairing.texts) for facet, pairing in pairings.items()}
        captions = {facet: tokens for facet, (tokens, _) in found.items()}
        cut = {facet: int(pairings[facet].counts[longer.numpy()].sum()) for facet, (_, longer) in found.items()}
        if any(cut.values()):
            counts = ", ".join(f"{count:,} in {facet}" for facet, count in cut.items() if count)
            notes.append(f"texts of more than {clip.context} tokens are cut for these training and validation images: "
                         f"{counts}")
    if clip.untrained and (labels is not None or not spec.objective):
        # An untrained text tower needs vectors only for tokens that occur, and trains faster with fewer.
        used = torch.cat([*tags.values(), *captions.values()]).unique()
        description = {**description, "tokens": used.tolist()}
    tokens = None if description["tokens"] is None else torch.tensor(description["tokens"])
    learner = ClipLearner(clip, settings["frozen"], tags, pairings, captions, tokens)
    encoder = ImageEncoder(clip.trunk)
    if spec.objective and settings.get("lora_rank"):
        # Both towers; the projections into the common space stay as they are, the temperature is trained.
        learner.requires_grad_(False)
        learner.logit_scale.requires_grad_(True)
        _add_lora(encoder, _blank(settings), settings)
        _add_lora(learner.text, learner.tags[:1], settings)
        if clip.untrained:
            notes.append(f"the weights of {clip.untrained} of {clip.name} are random, and stay so beside the matrices of LoRA")
    return Model(learner, clip.trunk, encoder, settings["frozen"], clip.name, clip.weights, description, tuple(notes))


def _add_lora(network: nn.Module, example: Tensor, settings: Mapping) -> None:
    add_lora(network, example, settings["lora_rank"], settings["lora_alpha"], settings["seed"])


def _blank(settings: Mapping) -> Tensor:
    return torch.zeros(1, 3, settings["image_size"], settings["image_size"], dtype=torch.uint8)
