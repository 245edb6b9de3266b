"""The texts that CLIP is trained on: one tag, all tags, or a tag in its facet's sentence (paper section 4.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn

from ..core.facets import get_facet
from ..data.images.sampler import EpochSampler
from ..losses.contrastive import contrastive_loss, positives_loss
from ..losses.softmax import draw_tags


@dataclass(frozen=True)
class FalseNegatives:
    """Texts that count as wrong for an image of the batch although they are true of it.

    Attributes:
        share: the images with at least one, of those with the facet.
        per_image: their mean number per image.
        per_batch: the mean number of such pairs of an image and a text per batch.
        pairs: the mean number of pairs of an image and another image's text per batch.
    """

    share: float = 0.0
    per_image: float = 0.0
    per_batch: float = 0.0
    pairs: float = 0.0


def count_false_negatives(labels: csr_array, batch_size: int, seed: int = 0) -> FalseNegatives:
    """As trained on one tag (`contrastive_loss`), where a negative is the drawn tag of another image in the batch.

    Over one epoch without repeats; zeros without an image that has the facet.

    Args:
        labels: bool (N, C).
    """
    draws, found, pairs = np.random.default_rng(seed), [np.zeros(0, np.int64)], []
    for keys in EpochSampler(labels.shape[0], min(batch_size, labels.shape[0]), shuffle=True, seed=seed) if labels.shape[0] else ():
        tags = labels[keys[:, 2]].toarray()
        tags = tags[tags.any(axis=1)]
        drawn = draw_tags(torch.from_numpy(tags), torch.from_numpy(draws.random(len(tags)))).numpy()
        found.append(tags[:, drawn].sum(axis=1) - 1)  # its own text is true as well
        pairs.append(len(tags) * (len(tags) - 1))
    false = np.concatenate(found)
    if not len(false):
        return FalseNegatives()
    return FalseNegatives(float((false > 0).mean()), float(false.mean()), float(false.sum() / len(pairs)), float(np.mean(pairs)))


class OneTag(nn.Module):
    """An image's text in a facet is one of its tags, drawn again in each step (`one_tag`).

    Attributes:
        texts: the T texts that an image can be paired with.
        counts: int64 (T,), images of `labels` that can be paired with each text.
    """

    link = "softmax"  # as in CLIP: scores are cosines times the inverse temperature

    def __init__(self, tags: Sequence[str], labels: csr_array):
        """
        Args:
            tags: the C tags as written by `write`.
            labels: bool (N, C), of the images to pair.
        """
        super().__init__()
        self.texts, self.counts = tuple(tags), labels.sum(axis=0, dtype=np.int64)

    def forward(self, labels: Tensor, uniform: Tensor) -> Tensor:
        """Index of the text that each image is paired with, int64 (B,); -1 where it has no tag.

        Args:
            labels: bool (B, C).
            uniform: (B,), see `draw_tags`.
        """
        return draw_tags(labels, uniform)

    def loss(self, image_features: Tensor, text_features: Tensor, labels: Tensor, chosen: Tensor, logit_scale: Tensor,
             gather: Callable[[Tensor], Tensor] | None) -> Tensor:
        """`contrastive_loss`.

        Args:
            text_features: (B, E), of the `chosen` text of each image, which `forward` gave.
            labels: bool (B, C).
        """
        return contrastive_loss(image_features, text_features, chosen >= 0, logit_scale, gather)

    @staticmethod
    def write(tag: str, facet: str, language: str = "en") -> str:
        """The text of a tag, in training and in scoring; `language` is that of the tag."""
        return tag


class OneTagPositives(OneTag):
    """The same texts, each of them right for every image of the batch that has the tag (`one_tag_positives`, beyond the paper)."""

    def loss(self, image_features: Tensor, text_features: Tensor, labels: Tensor, chosen: Tensor, logit_scale: Tensor,
             gather: Callable[[Tensor], Tensor] | None) -> Tensor:
        """`positives_loss`."""
        return positives_loss(image_features, text_features, labels, chosen, logit_scale, gather)


class Prompt(OneTag):
    """One of the image's tags, drawn again in each step, in the facet's sentence (`prompt`)."""

    @staticmethod
    def write(tag: str, facet: str, language: str = "en") -> str:
        """The facet's sentence with the tag in it."""
        return get_facet(facet).prompt(tag, language)


class AllTags(OneTag):
    """All tags of the image in the facet, in the order of the vocabulary, joined by commas (`all_tags`).

    The text of every set of tags that occurs is prepared in advance. On the device, a set is identified by the sum of
    its tags' random 63-bit numbers, which avoids a copy to the CPU and back in each step.
    """

    def __init__(self, tags: Sequence[str], labels: csr_array):
        super().__init__(tags, labels)
        numbers = np.random.default_rng(0).integers(1, np.iinfo(np.int64).max, len(tags))
        rows = np.flatnonzero(np.diff(labels.indptr))
        keys, first, self.counts = np.unique((labels @ numbers)[rows], return_index=True, return_counts=True)
        self.texts = tuple(", ".join(tags[tag] for tag in labels.indices[labels.indptr[row]:labels.indptr[row + 1]])
                           for row in rows[first])
        self.register_buffer("numbers", torch.from_numpy(numbers), persistent=False)
        self.register_buffer("keys", torch.from_numpy(keys), persistent=False)

    def forward(self, labels: Tensor, uniform: Tensor) -> Tensor:
        """As `OneTag`, without drawing; -1 also for a set of tags that does not occur in the labels given to `__init__`."""
        if not len(self.keys):
            return torch.full((len(labels),), -1, device=labels.device)
        wanted = torch.where(labels.bool(), self.numbers, 0).sum(1)
        place = torch.searchsorted(self.keys, wanted).clamp(max=len(self.keys) - 1)
        return torch.where(self.keys[place] == wanted, place, -1)
