"""What CLIP is fine-tuned for: an image should be nearer to its own text than to the other images' (paper section 4.2).

Which text an image is paired with, and how texts are encoded, is handled by `models`.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

MAX_SCALE = math.log(100)
"""CLIP's limit for the logarithm of the inverse temperature, which is learned."""


def contrastive_loss(image_features: Tensor, text_features: Tensor, paired: Tensor, logit_scale: Tensor,
                     gather: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """CLIP's symmetric cross-entropy over the images of the batch that have the facet.

    Each such image has to find its text among theirs, and each text its image; the mean over both
    directions and over these images (Radford et al. 2021, figure 3). As in CLIP, another image's
    text counts as wrong even where it is the same text. An image without the facet takes no part,
    and a single one has no negatives, so its loss is 0.

    Args:
        image_features, text_features: (B, E), of length 1; computed in float32 (float64 stays).
        paired: bool (B,), whether the image has a text.
        logit_scale: scalar, the inverse temperature.
        gather: what joins the B of all processes that share a batch, with gradient (`gather_all`). Each then
            computes the loss of the whole batch, so the mean of their gradients is that of one process.
    Returns:
        scalar; 0, with gradient 0, when no image is paired.
    """
    precision = torch.promote_types(image_features.dtype, torch.float32)
    with torch.autocast(image_features.device.type, enabled=False):
        images, texts = image_features.to(precision), text_features.to(precision)
        if gather is not None:
            images, texts, paired = gather(images), gather(texts), gather(paired)
        similarity = logit_scale.to(precision) * images @ texts.T
        # Finite, so that a row without any text has a gradient: it is left out below.
        similarity = similarity.masked_fill(~(paired[:, None] & paired), torch.finfo(precision).min)
        own = torch.where(paired, torch.arange(len(paired), device=paired.device), -1)
        losses = [cross_entropy(rows, own, ignore_index=-1, reduction="sum") for rows in (similarity, similarity.T)]
        return sum(losses) / (2 * paired.sum().clamp(min=1))


def gather_all(tensor: Tensor) -> Tensor:
    """The (B, ...) of all processes, in their order, (W * B, ...); the gradient goes back to each."""
    return _Gather.apply(tensor)


class _Gather(torch.autograd.Function):
    """Every process computes the loss of all, so the gradient of a part is the sum of all of theirs."""

    @staticmethod
    def forward(ctx, tensor):
        parts = [torch.empty_like(tensor) for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather(parts, tensor.contiguous())
        ctx.rows = len(tensor)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx, slope):
        slope = slope.clone(memory_format=torch.contiguous_format)
        torch.distributed.all_reduce(slope)
        start = torch.distributed.get_rank() * ctx.rows
        return slope[start:start + ctx.rows]
