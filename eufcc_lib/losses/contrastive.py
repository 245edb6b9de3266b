"""What CLIP is fine-tuned for: an image should be nearer to its own text than to the other images' (paper section 4.2).

Or, beyond the paper, nearer to every text that is true of it than to the others. Which text an image is paired with, and how texts are encoded, is handled by `models`.
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
    similarity, paired = _similarity(image_features, text_features, paired, logit_scale, gather)
    own = torch.where(paired, torch.arange(len(paired), device=paired.device), -1)
    losses = [cross_entropy(rows, own, ignore_index=-1, reduction="sum") for rows in (similarity, similarity.T)]
    return sum(losses) / (2 * paired.sum().clamp(min=1))


def positives_loss(image_features: Tensor, text_features: Tensor, labels: Tensor, tags: Tensor, logit_scale: Tensor,
                   gather: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """The same with several right answers: each text belongs to every image that has its tag.

    Each image has to find all texts of its tags, and each text all images with its tag; where an image or a text has
    several positives, the mean of their log-probabilities counts (UniCL: Yang et al. 2022, equations 2 and 3; the mean
    outside the logarithm as in SupCon: Khosla et al. 2020, equation 2). Where every text is true of its own image alone
    it equals `contrastive_loss`.

    Args:
        image_features, text_features, logit_scale, gather: as for `contrastive_loss`.
        labels: bool (B, C), the tags of each image.
        tags: int64 (B,), the tag of each text, one of its image's; negative for an image without the facet.
    Returns:
        scalar; 0, with gradient 0, when no image is paired.
    """
    similarity, paired = _similarity(image_features, text_features, tags >= 0, logit_scale, gather)
    if gather is not None:
        labels, tags = gather(labels), gather(tags)
    positive = (labels[:, tags.clamp(min=0)] & paired).to(similarity.dtype)
    losses = [cross_entropy(rows, right / right.sum(1, keepdim=True).clamp(min=1), reduction="sum")
              for rows, right in ((similarity, positive), (similarity.T, positive.T))]
    return sum(losses) / (2 * paired.sum().clamp(min=1))


def _similarity(image_features: Tensor, text_features: Tensor, paired: Tensor, logit_scale: Tensor,
                gather: Callable[[Tensor], Tensor] | None) -> tuple[Tensor, Tensor]:
    """Logits of each image (row) with each text (column), of all processes; and which of them are paired.

    Where one of the two is not paired, the logit is the least finite one, so that a row without any text has a gradient:
    0, as the losses leave it out.
    """
    precision = torch.promote_types(image_features.dtype, torch.float32)
    with torch.autocast(image_features.device.type, enabled=False):
        images, texts = image_features.to(precision), text_features.to(precision)
        if gather is not None:
            images, texts, paired = gather(images), gather(texts), gather(paired)
        similarity = logit_scale.to(precision) * images @ texts.T
        return similarity.masked_fill(~(paired[:, None] & paired), torch.finfo(precision).min), paired


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
