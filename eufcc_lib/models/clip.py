"""CLIP (paper section 4.2): an image tower and a text tower of open_clip with a common embedding space.

Architectures, weights and tokenizers are open_clip's, under its names. `eufcc-mini`, defined beside this file, is our
own, for machines without weights: its image network is trained on ImageNet, its text tower starts from random weights.
"""

import contextlib
import difflib
import logging
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import open_clip
import timm
import torch
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn
from torch.nn.functional import normalize

from ..core.errors import UserError
from ..losses.contrastive import MAX_SCALE, gather_all
from .backbones import Backbone, check_tag, describe_file, explain_failure, find_file, hash_weights, load_backbone
from .captions import OneTag
from .vision import ImageEncoder

open_clip.add_model_config(Path(__file__).with_name("eufcc-mini.json"))

_DRAWS = 4
"""Draws of a text per image that a validation loss is the mean over."""

_TEXTS = 256
"""Texts per batch when tags are encoded for scoring."""


@dataclass(frozen=True, eq=False)
class Clip:
    """The parts of a CLIP.

    Attributes:
        name: open_clip's name of the architecture, with the tag of its weights.
        trunk: the image tower up to its last projection, images to features (B, D).
        projection: features to embeddings (B, E).
        text: the text tower, tokens (T, L) to embeddings (T, E).
        logit_scale: scalar, the logarithm of the inverse temperature.
        tokenizer: open_clip's, from texts to int64 (T, L).
        context: maximum number of tokens per text, start and end tokens included.
        weights: where the weights come from, in words.
        untrained: the parts with random weights, in words; "" if there are none.
    """

    name: str
    trunk: Backbone
    projection: nn.Module
    text: nn.Module
    logit_scale: nn.Parameter
    tokenizer: Callable[[Sequence[str], int], Tensor]
    context: int
    weights: str
    untrained: str

    def tokenise(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Tokens int64 (T, context), and bool (T,), whether the text was too long and is cut."""
        longer = self.tokenizer(list(texts), self.context + 1)
        cut = longer[:, -1] != 0
        tokens = longer[:, :self.context].clone()
        tokens[cut, -1] = longer[cut, -1]  # the end token, whose position gives the text's embedding
        return tokens, cut


class ClipLearner(nn.Module):
    """Both towers with the texts of every tag: what the training loop trains, as `models.vision.Learner`.

    Padding is removed: attention is causal, so tokens after a text's end do not affect it, and tags need a tenth of
    CLIP's 77 tokens. A text shared by several images is encoded once.

    Args:
        clip: its modules are used, not copied.
        frozen: inputs are the trunk's features instead of images; the trunk is not trained.
        tags: by facet the tokens of its tags (C, L), for scoring.
        pairings: by facet, which of its texts an image is paired with; None if nothing is trained.
        texts: by facet the tokens of these texts (T, L).
        tokens: int64, ascending: the tokens whose vectors the text tower keeps; None for all.
    """

    def __init__(self, clip: Clip, frozen: bool, tags: Mapping[str, Tensor],
                 pairings: Mapping[str, OneTag] | None = None, texts: Mapping[str, Tensor] | None = None,
                 tokens: Tensor | None = None):
        super().__init__()
        self.image = clip.projection if frozen else nn.Sequential(ImageEncoder(clip.trunk), clip.projection)
        self.text, self.logit_scale = clip.text, clip.logit_scale
        self.pairings, self.sizes = nn.ModuleDict(pairings or {}), {facet: len(part) for facet, part in tags.items()}
        tables = torch.cat([*tags.values(), *(texts or {}).values()])
        tables = tables[:, :int((tables != 0).sum(1).max())]
        self.text.attn_mask = self.text.attn_mask[:tables.shape[1], :tables.shape[1]]
        if tokens is not None:
            self.text.token_embedding = nn.Embedding.from_pretrained(
                self.text.token_embedding.weight.detach()[tokens], freeze=False)
            tables = torch.searchsorted(tokens, tables.contiguous())
        self.register_buffer("tags", tables[:sum(self.sizes.values())].clone(), persistent=False)
        self.register_buffer("texts", tables[len(self.tags):].clone(), persistent=False)
        ends = accumulate(len(part) for part in (texts or {}).values())
        self.starts = {facet: end - len(texts[facet]) for facet, end in zip(texts or {}, ends)}
        self._encoded = None

    def groups(self, weight_decay: float) -> list[dict]:
        """Parameters for the optimizer: as in CLIP, gains, biases and the temperature do not decay."""
        trained = [value for value in self.parameters() if value.requires_grad]
        decaying = [value for value in trained if value.ndim >= 2]
        others = [value for value in trained if value.ndim < 2]
        return [{"params": decaying, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]

    def forward(self, inputs: Tensor, labels: dict[str, Tensor], uniform: Tensor | None,
                counts: dict[str, Tensor | float] | None = None) -> dict[str, Tensor]:
        """The loss of each facet, float32 scalars; see `captions.OneTag.loss`.

        During training, processes that share a batch each compute the loss of the whole batch: an image's negatives
        include the images of the other processes.

        Args:
            inputs: images uint8 (B, 3, S, S), or features (B, D) of a frozen trunk.
            labels: bool (B, C) by facet.
            uniform: (B,) random numbers from [0, 1); None for the mean over `_DRAWS` draws that spread over each image's
                tags. An exact mean would need all combinations of the images' tags.
            counts: not used: the loss is always a mean over the whole batch.
        """
        distributed = self.training and torch.distributed.is_initialized() and torch.distributed.get_world_size() > 1
        if self.training:
            with torch.no_grad():
                self.logit_scale.clamp_(0, MAX_SCALE)  # as CLIP does after each step
        image_features, scale = normalize(self.image(inputs).float(), dim=-1), self._scale()
        draws = [uniform] if uniform is not None else _spread(len(inputs), inputs.device)
        chosen = {facet: torch.stack([pairing(labels[facet], draw) for draw in draws]) for facet, pairing in self.pairings.items()}
        # -1, no text, encodes the last text, which the losses then ignore.
        rows = torch.stack([torch.where(part < 0, -1, part + self.starts[facet]) for facet, part in chosen.items()])
        used, place = rows.unique(return_inverse=True)
        texts = self._encode(self.texts[used])
        return {facet: torch.stack([pairing.loss(image_features, texts[place[number, draw]], labels[facet],
                                                 chosen[facet][draw], scale, gather_all if distributed else None)
                                    for draw in range(len(draws))]).mean()
                for number, (facet, pairing) in enumerate(self.pairings.items())}

    def scores(self, inputs: Tensor) -> dict[str, Tensor]:
        """float32 (B, C) by facet: cosine times the inverse temperature, whose softmax gives probabilities.

        In evaluation mode the tags are encoded once, and again after training or loading weights.
        """
        image_features = normalize(self.image(inputs).float(), dim=-1)
        if self._encoded is None or self.training or self._encoded.device != image_features.device:
            with torch.inference_mode(False), torch.no_grad():  # for later use in any mode
                self._encoded = torch.cat([self._encode(part) for part in self.tags.split(_TEXTS)])
        with torch.autocast(image_features.device.type, enabled=False):
            scores = self._scale() * image_features @ self._encoded.T
        return dict(zip(self.sizes, scores.split(list(self.sizes.values()), dim=1)))

    def train(self, mode: bool = True) -> "ClipLearner":
        self._encoded = None
        return super().train(mode)

    def load_state_dict(self, *arguments, **options):
        self._encoded = None
        return super().load_state_dict(*arguments, **options)

    def _scale(self) -> Tensor:
        return self.logit_scale.float().clamp(0, MAX_SCALE).exp()

    def _encode(self, tokens: Tensor) -> Tensor:
        return normalize(self.text(tokens).float(), dim=-1)


def _spread(images: int, device: torch.device) -> list[Tensor]:
    """Numbers (B,) for `draw_tags`: `_DRAWS` even steps through each image's tags, its neighbour's in another order."""
    order = torch.arange(images, device=device)
    return [((order + draw) % _DRAWS + 0.5) / _DRAWS for draw in range(_DRAWS)]


def load_clip(name: str, weights: str, image_size: int, seed: int = 0) -> Clip:
    """Make a CLIP and load its weights.

    Args:
        name: an architecture of open_clip, `name` or `name.tag` as in `ViT-B-16.openai`. The tag also says
            what its weights need: OpenAI's QuickGELU instead of GELU, and how images are normalised.
            By default `openai`, where that exists.
        weights: `pretrained`, the weights of the tag from the model hub (for an architecture without published
            weights those of its image network, the rest random); `random`; or a file with the whole CLIP, as
            open_clip or OpenAI saves it.
        image_size: side of the images, in pixels; position embeddings for another size are interpolated.
        seed: of random weights.
    Raises:
        UserError: an unknown name or tag, no such weights, the hub cannot be reached, the file is missing
            or belongs to another CLIP, or the images are too small.
    """
    architecture, tag = _parse_name(name)
    name = f"{architecture}.{tag}".rstrip(".")
    published = open_clip.get_pretrained_cfg(architecture, tag) if tag else {}
    given, options, source = _find_weights(name, architecture, tag, weights)
    options |= {"force_custom_text": True, "force_image_size": image_size,
                "force_quick_gelu": bool(published.get("quick_gelu")),
                "force_preprocess_cfg": {key: published[key] for key in ("mean", "std", "interpolation") if key in published}}
    with torch.random.fork_rng(devices=[]), silence():
        torch.manual_seed(seed)
        if given:
            with explain_failure(name, weights, "open_clip", "as open_clip saves them"):
                model = open_clip.create_model(architecture, given, **options)
        else:
            model = _build_random(name, architecture, options)
        tokenizer = open_clip.get_tokenizer(architecture)
        trunk, projection, features = _split(model.visual, open_clip.get_model_config(architecture)["embed_dim"])
    patch = max(getattr(model.visual, "patch_size", None) or [0])
    if image_size < patch:
        raise UserError(f"Recipe field 'image_size' is {image_size}; {name} cuts images into squares of {patch} pixels, "
                        "expected at least one.")
    seen = model.visual.preprocess_cfg
    if isinstance(model.visual, TimmModel) and not published:
        seen = model.visual.trunk.pretrained_cfg
    untrained = "" if given else "both towers"
    source = source or f"random (seed {seed})"
    backbone = Backbone(name, trunk, features, tuple(seen["mean"]), tuple(seen["std"]), seen["interpolation"], None,
                        source, hash_weights(trunk))
    if weights == "pretrained" and not given:
        backbone = load_backbone(open_clip.get_model_config(architecture)["vision_cfg"]["timm_model_name"])
        untrained, source = "the text tower", f"image network: {backbone.weights}; the rest random (seed {seed})"
    return Clip(name, backbone, projection, model.text, model.logit_scale, tokenizer, model.context_length, source,
                untrained)


def load_image_network(name: str, weights: str, image_size: int, seed: int = 0) -> Backbone:
    """A backbone for vision models: any network of timm, or else the image tower of a CLIP without its last projection.

    Args:
        name, weights, image_size, seed: see `load_backbone` and `load_clip`.
    Raises:
        UserError: see there.
    """
    architecture = name.partition(".")[0]
    if timm.is_model(architecture) or architecture not in open_clip.list_models():
        return load_backbone(name, weights, seed, image_size)
    return load_clip(name, weights, image_size, seed).trunk


def _parse_name(name: str) -> tuple[str, str]:
    """Architecture and tag, "" if there is none."""
    architecture, _, tag = name.partition(".")
    if not _is_plain(open_clip.get_model_config(architecture) or {}):
        known = [other for other in open_clip.list_models() if _is_plain(open_clip.get_model_config(other))]
        similar = difflib.get_close_matches(architecture, known, 5) or ["ViT-B-16", "eufcc-mini"]
        raise UserError(f"Unknown backbone {name!r}: expected a CLIP of open_clip with its own tokenizer, such as "
                        f"{', '.join(similar)}.")
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    check_tag(name, tags)
    return architecture, tag or ("openai" if "openai" in tags else "")


def _is_plain(config: dict) -> bool:
    """Two towers, causal attention in the text tower, and open_clip's own tokenizer, which needs no hub."""
    text = config.get("text_cfg", {"hf_model_name": ""})
    return not ({"multimodal_cfg", "init_logit_bias"} & set(config) or {"hf_model_name", "hf_tokenizer_name"} & set(text)
                or text.get("no_causal_mask") or text.get("embed_cls") or text.get("pool_type", "argmax") != "argmax")


def _find_weights(name: str, architecture: str, tag: str, weights: str) -> tuple[str | None, dict, str]:
    """open_clip's name of the weights, options to read them with, and where they come from in words."""
    if weights == "random":
        return None, {}, ""
    if weights != "pretrained":
        path = find_file(weights)
        # OpenAI published TorchScript archives, which load no Python objects either.
        return str(path), {"weights_only": not _is_torchscript(path)}, describe_file(path)
    if tag:
        published = open_clip.get_pretrained_cfg(architecture, tag)
        return tag, {}, f"{published['hf_hub'].rstrip('/') or published['url']}, open_clip's model hub"
    tags = open_clip.list_pretrained_tags_by_model(architecture)
    if tags:
        raise UserError(f"Backbone {name!r} has the weights {', '.join(sorted(tags))}; expected one of them, as in "
                        f"'{name}.{tags[0]}'.")
    if "timm_model_name" not in open_clip.get_model_config(architecture)["vision_cfg"]:
        raise UserError(f"There are no published weights of {name!r} in open_clip; expected weights='random' or a file.")
    return None, {}, ""


def _build_random(name: str, architecture: str, options: dict) -> nn.Module:
    try:
        return open_clip.create_model(architecture, **options)
    except Exception as error:  # noqa: BLE001  each architecture rejects a size in its own way
        raise UserError(f"Recipe field 'image_size' is {options['force_image_size']}, which {name!r} cannot take "
                        f"({' '.join(str(error).split())[:160]}).") from None


def _split(tower: nn.Module, embedded: int) -> tuple[nn.Module, nn.Module, int]:
    """An image tower without its last projection, the projection, and the number of features between them.

    Towers of other kinds stay whole.
    """
    if isinstance(tower, VisionTransformer):
        projection = nn.Linear(*tower.proj.shape, bias=False)
        projection.weight = nn.Parameter(tower.proj.detach().T.contiguous())
        tower.proj = None
        return tower, projection, projection.in_features
    if isinstance(tower, TimmModel) and hasattr(tower.head, "proj"):
        return tower.trunk, tower.head, tower.head.proj.in_features
    return tower, nn.Identity(), embedded


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as file:
        return any(name.endswith("/constants.pkl") for name in file.namelist())


@contextlib.contextmanager
def silence():
    """open_clip warns of random weights, which are intended here, and configures logging when it does."""
    handler = logging.NullHandler()
    logging.root.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.removeHandler(handler)
