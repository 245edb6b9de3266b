"""What CLIP is fine-tuned for: an image should be nearer to its own text than to the other images' (paper section 4.2).

Here are which text an image is paired with in a facet, and the loss of the pairs. How texts are
written and encoded is the business of `texts` and of `models.clip`.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ..facets import get_facet
from .softmax import draw_tags

MAX_SCALE = math.log(100)
"""CLIP's limit for the logarithm of the inverse temperature, which is learned."""


class OneTag(nn.Module):
    """An image's text in a facet is one of its tags, drawn anew each step (`one_tag`).

    Attributes:
        texts: the T texts that an image can be paired with.
        images: int64 (T,), images of `labels` that can be paired with each.
    """

    def __init__(self, tags: Sequence[str], labels: csr_array):
        """
        Args:
            tags: the C tags as `write` wrote them.
            labels: bool (N, C), the images that will be paired.
        """
        super().__init__()
        self.texts, self.images = tuple(tags), labels.sum(axis=0, dtype=np.int64)

    def forward(self, labels: Tensor, uniform: Tensor) -> Tensor:
        """Which of the texts each image is paired with, int64 (B,); -1 where it has no tag.

        Args:
            labels: bool (B, C).
            uniform: (B,), see `draw_tags`.
        """
        return draw_tags(labels, uniform)

    @staticmethod
    def write(tag: str, facet: str, language: str = "en") -> str:
        """The text of a tag, also when tags are scored; the language is that of the tag."""
        return tag

    @staticmethod
    def probabilities(scores: Tensor) -> Tensor:
        """The softmax over a facet's tags, as CLIP makes a classifier of cosines times its inverse temperature."""
        return scores.softmax(1)


class Prompt(OneTag):
    """One of the image's tags, drawn anew each step, in the facet's sentence (`prompt`)."""

    @staticmethod
    def write(tag: str, facet: str, language: str = "en") -> str:
        """The facet's sentence with the tag in it."""
        return get_facet(facet).prompt(tag, language)


class AllTags(OneTag):
    """All tags of the image in the facet, in the order of the vocabulary, joined by commas (`all_tags`).

    Every set of tags that occurs has its text beforehand. On the device a set is known by the sum of
    random 63-bit numbers, one a tag: no copy to the CPU and back in each step.
    """

    def __init__(self, tags: Sequence[str], labels: csr_array):
        super().__init__(tags, labels)
        numbers = np.random.default_rng(0).integers(1, np.iinfo(np.int64).max, len(tags))
        rows = np.flatnonzero(np.diff(labels.indptr))
        keys, first, self.images = np.unique((labels @ numbers)[rows], return_index=True, return_counts=True)
        self.texts = tuple(", ".join(tags[tag] for tag in labels.indices[labels.indptr[row]:labels.indptr[row + 1]])
                           for row in rows[first])
        self.register_buffer("numbers", torch.from_numpy(numbers), persistent=False)
        self.register_buffer("keys", torch.from_numpy(keys), persistent=False)

    def forward(self, labels: Tensor, uniform: Tensor) -> Tensor:
        """As `OneTag`, without drawing; -1 also for a set of tags that was not among the labels of the start."""
        if not len(self.keys):
            return torch.full((len(labels),), -1, device=labels.device)
        wanted = torch.where(labels.bool(), self.numbers, 0).sum(1)
        place = torch.searchsorted(self.keys, wanted).clamp(max=len(self.keys) - 1)
        return torch.where(self.keys[place] == wanted, place, -1)


def contrastive_loss(images: Tensor, texts: Tensor, paired: Tensor, scale: Tensor,
                     gather: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """CLIP's symmetric cross-entropy over the images of the batch that have the facet.

    Each such image has to find its text among theirs, and each text its image; the mean over both
    directions and over these images (Radford et al. 2021, figure 3). As in CLIP, another image's
    text counts as wrong even where it is the same text. An image without the facet takes no part,
    and a single one with it has nothing to be told from, so its loss is 0.

    Args:
        images, texts: (B, E), of length 1; computed in float32 (float64 stays).
        paired: bool (B,), whether the image has a text.
        scale: scalar, the inverse temperature.
        gather: what joins the B of all processes that share a batch, with gradient (`gather_all`). Each then
            computes the loss of the whole batch, so the mean of their gradients is that of one process.
    Returns:
        scalar; 0, with gradient 0, when no image is paired.
    """
    precision = torch.promote_types(images.dtype, torch.float32)
    with torch.autocast(images.device.type, enabled=False):
        images, texts = images.to(precision), texts.to(precision)
        if gather is not None:
            images, texts, paired = gather(images), gather(texts), gather(paired)
        similarity = scale.to(precision) * images @ texts.T
        # Finite, so that a row without any text has a gradient: it is left out below.
        similarity = similarity.masked_fill(~(paired[:, None] & paired), torch.finfo(precision).min)
        own = torch.where(paired, torch.arange(len(paired), device=paired.device), -1)
        losses = [cross_entropy(rows, own, ignore_index=-1, reduction="sum") for rows in (similarity, similarity.T)]
        return sum(losses) / (2 * paired.sum().clamp(min=1))


def gather_all(tensor: Tensor) -> Tensor:
    """The (B, ...) of all processes, in their order, (W * B, ...); the gradient goes back to each."""
    return _Gather.apply(tensor)


class _Gather(torch.autograd.Function):
    """Every process computes the loss of all, so the gradient of a part is the sum of what all say of it."""

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
