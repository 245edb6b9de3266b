"""Nearest neighbours: the training photographs most similar to an image vote for their own tags; nothing is trained.

The features of a frozen backbone are centred by the mean of the training images' and scaled to length 1, so that the
inner product of two images is the cosine of their angle. The search is exact: each image is compared with each
training image, block by block, so that the memory that it needs does not grow with the number of images.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

NEIGHBOURS = (1, 2, 5, 10, 20, 50, 100)
"""Values of k, the number of voters, that are tried on the validation split."""

TEMPERATURES = (0.02, 0.05, 0.1, 0.2, 0.5)
"""Temperatures that are tried on the validation split: 0.02 leaves most of the weight to the nearest, 0.5 nearly shares it equally."""

DEFAULT = (20, 0.1)
"""k and temperature where no validation image has a tag to choose them by."""

FREQUENCY_SHARE = 1e-4
"""The part of a score that is the tag's frequency among the training images: it orders the tags that nobody, or as many, voted for,
which the order of the vocabulary would decide otherwise."""

_QUERIES, _MEMORY = 1024, 16384
"""Images and training images of a block, whose similarities take 64 MB."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest training images of N images, nearest first; equally near ones in the order of the training split.

    Attributes:
        rows: int32 (N, K), places among the training images.
        similarities: float32 (N, K), cosines.
    """

    rows: np.ndarray
    similarities: np.ndarray

    def first(self, k: int) -> "Nearest":
        """The nearest k alone, or all if there are fewer."""
        return Nearest(self.rows[:, :k], self.similarities[:, :k])


def directions(features: Tensor, centre: Tensor) -> Tensor:
    """Features (N, D) minus the centre (D,), scaled to length 1, in place, as a copy of a large split is large; 0 stays 0."""
    features -= centre
    features /= torch.linalg.vector_norm(features, dim=1, keepdim=True).clamp_min_(1e-12)
    return features


@torch.inference_mode()
def find_nearest(images: Tensor, memory: Tensor, voters: Mapping[str, np.ndarray], k: int) -> dict[str, Nearest]:
    """For each facet the k nearest of the training images that may vote in it.

    An image is compared with each training image once, whatever the number of facets.

    Args:
        images: float32 (N, D), `directions`.
        memory: float32 (M, D), those of the training images, on the device that computes.
        voters: by facet bool (M,), the training images that are annotated in it.
        k: neighbours; where fewer may vote, all of them.
    """
    allowed = {facet: torch.from_numpy(mask).to(memory.device) for facet, mask in voters.items()}
    found = {facet: [] for facet in voters}
    for part in images.split(_QUERIES):
        part = part.to(memory.device)
        best = {facet: (part.new_empty(len(part), 0), torch.empty(len(part), 0, dtype=torch.int64, device=part.device))
                for facet in voters}
        for start in range(0, len(memory), _MEMORY):
            similarities = part @ memory[start:start + _MEMORY].T
            for facet, mask in allowed.items():
                columns = mask[start:start + _MEMORY].nonzero().flatten()
                own = similarities if len(columns) == similarities.shape[1] else similarities[:, columns]
                values, places = _largest(own, k)
                best[facet] = _merge(best[facet], (values, columns[places] + start), k)
        for facet, (values, rows) in best.items():
            found[facet].append((rows.to(torch.int32).cpu(), values.cpu()))
    return {facet: Nearest(*(torch.cat(parts).numpy() for parts in zip(*pieces, strict=True))) for facet, pieces in found.items()}


def vote(nearest: Nearest, tags: csr_array, temperature: float) -> np.ndarray:
    """Each tag's share of the voters' weight, softmax(similarity / temperature) over an image's neighbours.

    `FREQUENCY_SHARE` of a score is the tag's frequency among the training images that have any tag.

    Args:
        nearest: K neighbours of N images.
        tags: bool (M, C), of the training images.
    Returns:
        float32 (N, C) from 0 to 1.
    """
    images, k = nearest.rows.shape
    weights = np.exp((nearest.similarities - nearest.similarities[:, :1]).astype(np.float64) / temperature)
    weights /= weights.sum(axis=1, keepdims=True)
    votes = csr_array((weights.ravel(), nearest.rows.ravel(), k * np.arange(images + 1)), shape=(images, tags.shape[0]))
    shares = (votes @ tags.astype(np.float64)).toarray()
    frequency = tags.sum(axis=0) / max(np.count_nonzero(np.diff(tags.indptr)), 1)
    return np.clip((1 - FREQUENCY_SHARE) * shares + FREQUENCY_SHARE * frequency, 0, 1).astype(np.float32)


def _largest(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of each row and their places, in the order of the places; of equal ones those with the lowest places."""
    columns = values.shape[1]
    found, places = values.topk(min(k + 1, columns), dim=1)
    if columns > k:
        tied = (found[:, k - 1] == found[:, k]).nonzero().flatten()  # topk takes any of them
        found, places = found[:, :k].contiguous(), places[:, :k].contiguous()
        if len(tied):
            places[tied] = values[tied].sort(dim=1, descending=True, stable=True).indices[:, :k]
    places = places.sort(dim=1).values
    return values.gather(1, places), places


def _merge(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor], k: int) -> tuple[Tensor, Tensor]:
    """The k largest of two sets of values with their rows, largest first; of equal ones those of the first set."""
    values, rows = (torch.cat(both, dim=1) for both in zip(first, second, strict=True))
    values, order = values.sort(dim=1, descending=True, stable=True)
    return values[:, :k], rows.gather(1, order[:, :k])
