"""What one input costs a network: floating-point operations, parameters, memory. No weights are needed, and no time.

Networks are built on torch's `meta` device, which knows the shapes of tensors but neither stores nor computes them.
"""

from dataclasses import dataclass
from functools import lru_cache

import open_clip
import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from .clip import silence

TOKENS = 77
"""Tokens of a text, at most."""


@dataclass(frozen=True)
class Operations:
    """The cost of one image or text.

    Attributes:
        forward: floating-point operations of the forward pass; a multiplication and an addition are two.
        activations: bytes that a training keeps for the backward pass, in 16 bits. Attention matrices do not count, as a GPU
            computes them again.
        parameters: of the network without classifier.
        features: numbers that come out.
    """

    forward: float
    activations: float
    parameters: int
    features: int


@lru_cache
def count_image(name: str, image_size: int) -> Operations:
    """The cost of an image in a network of timm or in the image tower of a CLIP of open_clip.

    Args:
        name: as a recipe's `backbone`.
        image_size: side of the image, in pixels.
    """
    if timm.is_model(name.partition(".")[0]):
        network = _build(name, image_size)
        network.reset_classifier(0)
    else:
        network = _build_clip(name, image_size).visual
    return _count(network.to(torch.bfloat16), torch.empty(1, 3, image_size, image_size, dtype=torch.bfloat16, device="meta"))


@lru_cache
def count_text(name: str, image_size: int) -> Operations:
    """The cost of a text of `TOKENS` tokens in the text tower of a CLIP of open_clip."""
    tower = _build_clip(name, image_size).text.to(torch.bfloat16)
    return _count(tower, torch.zeros(1, TOKENS, dtype=torch.int64, device="meta"))


def _build(name: str, image_size: int) -> nn.Module:
    published = timm.get_pretrained_cfg(name)
    with torch.device("meta"):
        return timm.create_model(name, **{"img_size": image_size} if published and published.fixed_input_size else {})


@lru_cache
def _build_clip(name: str, image_size: int) -> nn.Module:
    with silence():
        return open_clip.create_model(name.partition(".")[0], device="meta", load_weights=False, force_custom_text=True,
                                      force_image_size=image_size)


def _count(network: nn.Module, inputs: Tensor) -> Operations:
    parameters = {value.untyped_storage()._cdata for value in network.parameters()}
    kept, attention = {}, _Attention()

    def keep(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        if storage._cdata not in parameters and not attention.inside:
            kept[storage._cdata] = storage  # alive, so that no other storage takes its place
        return value

    attention.keep = keep
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value), FlopCounterMode(display=False) as counter, attention:
        found = network.train()(inputs)
    return Operations(counter.get_total_flops(), sum(storage.nbytes() for storage in kept.values()),
                      sum(value.numel() for value in network.parameters()), found.shape[-1])


class _Attention(TorchFunctionMode):
    """Keeps of attention what the kernels of a GPU keep, queries, keys and values, not the matrices that `meta` computes."""

    inside, keep = False, None

    def __torch_function__(self, function, types, arguments=(), options=None):
        if function is not scaled_dot_product_attention:
            return function(*arguments, **(options or {}))
        for value in arguments[:3]:
            self.keep(value)
        self.inside = True
        try:
            return function(*arguments, **(options or {}))
        finally:
            self.inside = False
