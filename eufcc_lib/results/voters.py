"""Who votes for a photograph among the training images that look most alike: its own museum's, or others' of the same kind?"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ..data.dataset import Dataset
from .judgeable import evaluated_splits
from .votes import MODEL, read_votes, votes_path

NEAREST = 5
"""Voters of each photograph that are looked at."""


@dataclass(frozen=True)
class Voters:
    """The nearest voters of the photographs of a split that have a tag in a facet.

    Attributes:
        photographs: how many.
        own: share of the voters that come from the photograph's own provider.
        expected: the same if voters were drawn at random from all that are annotated in the facet.
        alike: share of the voters that have one of the photograph's lowest tags, which are no broader tags of others.
        similarity: mean cosine of the features of photograph and voter.
    """

    photographs: int
    own: float
    expected: float
    alike: float
    similarity: float


def have_voted(dataset: Dataset, split: str) -> bool:
    """Whether the votes of the model `neighbours` on the split are kept."""
    return split in evaluated_splits(dataset, MODEL) and votes_path(dataset.name, split).is_file()


def measure_voters(dataset: Dataset, split: str, facet: str) -> Voters | None:
    """The nearest voters of a split's photographs; None where there are none."""
    votes = read_votes(dataset, split).get(facet) if have_voted(dataset, split) else None
    if votes is None:
        return None
    labels, trained = dataset.labels(split)[facet].matrix, dataset.labels("train")[facet].matrix
    rows = np.flatnonzero((np.diff(labels.indptr) > 0) & (votes.rows[:, 0] >= 0))
    if not len(rows):
        return None
    near = votes.rows[rows, :NEAREST]
    providers, names = dataset.split(split).providers[rows], dataset.split("train").providers
    allowed = names[np.diff(trained.indptr) > 0]
    shares = {name: float(np.mean(allowed == name)) for name in set(providers)}
    parents = dataset.vocabulary[facet].parents
    alike = [_share_a_tag(labels[[row]].indices.tolist(), parents, trained[voters]) for row, voters in zip(rows, near)]
    return Voters(len(rows), float(np.mean(names[near] == providers[:, None])), float(np.mean([shares[name] for name in providers])),
                  float(np.mean(alike)), float(votes.similarities[rows, :NEAREST].mean()))


def _share_a_tag(tags: list[int], parents: tuple[tuple[int, ...], ...], voters: csr_array) -> float:
    """The share of the voters, bool (K, C), with one of the tags that stand lowest: broader ones go without saying."""
    lowest = sorted(set(tags) - {parent for tag in tags for parent in parents[tag]})
    return float((voters[:, lowest].sum(axis=1) > 0).mean())
