"""LoRA (Hu et al. 2022): small matrices that are trained beside the frozen weights of a network, by the `peft` library.

A linear layer W gets two matrices, A of `rank` rows and B of `rank` columns, and computes W x + alpha / rank B A x. B
starts at 0, so the network starts as it was. Only A and B are trained.
"""

import re

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from ..core.errors import UserError


class SelfAttention(nn.Module):
    """An `nn.MultiheadAttention` over one sequence, with linear layers that are called.

    peft adds its matrices to the weights of an `nn.MultiheadAttention` before each call and subtracts them after it. The
    frozen weights then drift, and after scoring in torch's inference mode no checkpoint can be loaded into them.
    """

    def __init__(self, attention: nn.MultiheadAttention):
        super().__init__()
        self.heads, self.batch_first = attention.num_heads, attention.batch_first
        self.qkv = _linear(attention.in_proj_weight, attention.in_proj_bias)
        self.proj = _linear(attention.out_proj.weight, attention.out_proj.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, need_weights: bool = False,
                attn_mask: Tensor | None = None) -> tuple[Tensor, None]:
        """The same as `nn.MultiheadAttention` for `query`, which is also `key` and `value`; no attention weights."""
        inputs = query if self.batch_first else query.transpose(0, 1)
        parts = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(inputs).chunk(3, dim=-1))
        found = self.proj(scaled_dot_product_attention(*parts, attn_mask=attn_mask).transpose(1, 2).flatten(-2))
        return found if self.batch_first else found.transpose(0, 1), None


def add_lora(network: nn.Module, example: Tensor, rank: int, alpha: float, seed: int = 0) -> None:
    """Freeze a network and put trainable matrices beside each linear layer that it calls.

    Which layers these are, a forward pass shows, whatever their names: query, key, value, output and both layers of the
    perceptron in the transformers of timm and open_clip, the perceptrons of a ConvNeXt. A layer that is not called, as its
    weights are used in another way, would get no gradient.

    Args:
        network: changed in place; not a linear layer itself.
        example: its input, a batch of one.
        rank, alpha: see `training.recipes.Recipe`.
        seed: of the random matrices A.
    Raises:
        UserError: no linear layer is called.
    """
    from peft import LoraConfig, inject_adapter_in_model  # only here: it takes seconds

    names = _find_linear(network, example)
    if not names:
        raise UserError(f"Recipe field 'lora_rank' is {rank}: LoRA goes beside linear layers, and this backbone has none; "
                        "expected a backbone with some, such as a ViT or a ConvNeXt, or lora_rank=0.")
    network.requires_grad_(False)
    # A pattern, because peft takes a list of names for endings of names.
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules="|".join(map(re.escape, names)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inject_adapter_in_model(config, network)


@torch.no_grad()
def _find_linear(network: nn.Module, example: Tensor) -> list[str]:
    """The names of the linear layers that are called; `nn.MultiheadAttention` over one sequence becomes `SelfAttention`."""
    linear, attention = {}, {}

    def look(layer: nn.Module, inputs: tuple) -> None:
        if isinstance(layer, nn.Linear):
            linear[names[layer]] = layer
        elif inputs[0] is inputs[1] is inputs[2]:
            attention[names[layer]] = layer

    names = {layer: name for name, layer in network.named_modules() if isinstance(layer, (nn.Linear, nn.MultiheadAttention))}
    hooks = [layer.register_forward_pre_hook(look) for layer in names]
    training = network.training
    network.eval()(example)
    network.train(training)
    for hook in hooks:
        hook.remove()
    for name, layer in attention.items():
        parent, _, own = name.rpartition(".")
        setattr(network.get_submodule(parent), own, SelfAttention(layer))
    return [*linear, *(f"{name}.{part}" for name in attention for part in ("qkv", "proj"))]


def _linear(weight: nn.Parameter, bias: nn.Parameter | None) -> nn.Linear:
    with torch.device("meta"):
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.weight, layer.bias = weight, bias
    return layer
