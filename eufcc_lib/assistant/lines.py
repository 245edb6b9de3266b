"""What the page proposes for an image: a few lines for each facet, the most certain first, each a path of the tree.

A line that is likely ends at the deepest tag that keeps the promised precision. Without a promise nothing is likely.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..data.taxonomy import Taxonomy, Vocabulary
from .predictor import Answer

PERHAPS = 0.1
"""From which probability on a tag is proposed at all."""

MOST = 10
"""The most lines of a facet."""


@dataclass(frozen=True)
class Line:
    """One proposal.

    Attributes:
        path: the tags from the root down to the proposed one.
        score: the probability of the proposed tag, at least that of each tag below it.
        likely: whether the promise covers it.
        instead: whether it stands for the sibling on the line before it: their probabilities add up to no more than one,
            so the model may well mean one of the two.
    """

    path: tuple[int, ...]
    score: float
    likely: bool
    instead: bool

    @property
    def tag(self) -> int:
        """The proposed tag."""
        return self.path[-1]


def coherent(taxonomy: Taxonomy, scores: np.ndarray) -> np.ndarray:
    """The scores, float (C,), in which no tag is less likely than one below it."""
    closed = scores.copy()
    for tag in range(len(taxonomy) - 1, -1, -1):  # whatever is below a tag comes after it
        parent = taxonomy.parent[tag]
        if parent >= 0:
            closed[parent] = max(closed[parent], closed[tag])
    return closed


def propose(taxonomy: Taxonomy, scores: np.ndarray, threshold: float | None, most: int = MOST) -> tuple[Line, ...]:
    """The lines of a facet. Every likely tag is on one of them, and where they are not too many, every tag that may be.

    Args:
        scores: float (C,), the probability of each tag.
        threshold: from which probability on the promise holds; None where nothing is promised.
    """
    closed = coherent(taxonomy, scores)
    likely = set() if threshold is None else set(np.flatnonzero(closed >= threshold).tolist())
    shown = likely | set(np.flatnonzero(closed >= PERHAPS).tolist())

    def goes_on(tag: int) -> bool:
        """Whether a tag needs no line of its own, as one below it has as good a claim."""
        below = [child for child in taxonomy.children(tag) if child in shown]
        if tag in likely:
            return any(child in likely for child in below)
        return any(2 * closed[child] >= closed[tag] for child in below)
    groups: list[list[int]] = []
    for tag in sorted((tag for tag in shown if not goes_on(tag)), key=lambda tag: (-closed[tag], tag)):
        group = next((group for group in groups if tag not in likely and _exclude(taxonomy, closed, group, tag)), None)
        if group is None:
            groups.append([tag])
        else:
            group.append(tag)
    lines = [Line(_path(taxonomy, tag), float(closed[tag]), tag in likely, tag != group[0]) for group in groups for tag in group]
    return tuple(line for place, line in enumerate(lines) if line.likely or place < most)


@dataclass(frozen=True, eq=False)
class Proposed:
    """What is proposed for an image, and what that rests on.

    Attributes:
        scores: by facet the coherent probabilities, float (C,).
        lines: by facet.
        neighbours: by facet the training photographs most like the image, each with its `image`, an id, and its `tags`.
        strange: whether the image looks unlike all training photographs.
    """

    scores: dict[str, np.ndarray]
    lines: dict[str, tuple[Line, ...]]
    neighbours: Mapping[str, tuple] = field(default_factory=dict)
    strange: bool = False


def propose_all(vocabulary: Vocabulary, answer: Answer, promised: Mapping[str, Mapping]) -> Proposed:
    """The proposals of all facets.

    Args:
        promised: by facet, where something is promised, the `threshold` from which on it is.
    """
    scores = {facet: coherent(vocabulary[facet], sure) for facet, sure in answer.sure.items()}
    return Proposed(scores, {facet: propose(vocabulary[facet], found, promised[facet]["threshold"] if facet in promised else None)
                             for facet, found in scores.items()},
                    getattr(answer, "neighbours", {}), (getattr(answer, "unlike", None) or 0) > 1)


def to_keep(vocabulary: Vocabulary, answer: Answer, proposed: Proposed) -> dict[str, dict[str, float]]:
    """What the session keeps of an answer: by facet the best tags and all on proposed paths, the likeliest first."""
    kept = {}
    for facet, scores in proposed.scores.items():
        tags = {*answer.best(facet), *(tag for line in proposed.lines[facet] for tag in line.path)}
        # Not rounded, for what is promised depends on which side of the threshold it is.
        kept[facet] = {vocabulary[facet].names[tag]: float(scores[tag])
                       for tag in sorted(tags, key=lambda tag: (-scores[tag], tag))}
    return kept


def taken_back(taxonomy: Taxonomy, accepted: Collection[int], tag: int) -> int:
    """The broadest tag to take back with an accepted one: of its ancestors those that nothing else accepted needs."""
    needed = {above for other in accepted if tag not in _path(taxonomy, other) and other not in _path(taxonomy, tag)
              for above in _path(taxonomy, other)}
    broadest = tag
    for above in reversed(_path(taxonomy, tag)[:-1]):
        if above not in accepted or above in needed:
            break
        broadest = above
    return broadest


def _exclude(taxonomy: Taxonomy, closed: np.ndarray, group: list[int], tag: int) -> bool:
    parent = taxonomy.parent[tag]
    return parent >= 0 and parent == taxonomy.parent[group[0]] and float(closed[[*group, tag]].sum()) <= 1


def _path(taxonomy: Taxonomy, tag: int) -> tuple[int, ...]:
    return tuple(taxonomy.index[name] for name in taxonomy.path(tag))
