"""What the printed tables rule out: ways to compute their numbers that the numbers themselves contradict.

The paper says little about how some of its numbers were made. A `Reading` is one way to make them, with the values that
a printed cell can have in it, given the row's other printed cells and counts of the official files
(`data.official_counts`). A cell contradicts the reading if no number that is printed as its text can come out. A
reading that no cell contradicts may still be wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..core.facets import FACET_NAMES
from ..data import paper_counts
from ..data.official_counts import INNER_IMAGES, OFFICIAL
from .paper import TABLES, TEST_SPLITS, Column, columns, printed

INNER = next(iter(TEST_SPLITS))
"""The test whose images are counted in `data.official_counts`."""

Range = tuple[float, float]
"""The lowest and the highest value."""


@dataclass(frozen=True)
class Place:
    """A printed cell: a method's number in a column."""

    model: str
    column: Column

    @property
    def facet(self) -> str:
        """The column's facet."""
        return self.column.facet

    def numbers(self, metric: str | None = None, facet: str | None = None) -> Range:
        """The numbers that are printed as this cell's text, or as another's of its row."""
        cell = printed(self.model, self.column.split, facet or self.facet, metric or self.column.metric.name)
        half = 0.5 * 10.0 ** -len(cell.text.partition(".")[2])
        return cell.value - half, cell.value + half

    def share(self, metric: str) -> Range:
        """The same of a metric that is a share: at least 0, at most 1."""
        least, most = self.numbers(metric)
        return max(least, 0.0), min(most, 1.0)


@dataclass(frozen=True)
class Reading:
    """One way to make the numbers of some metrics.

    Attributes:
        question: what the paper leaves open.
        text: the answer.
        own: whether it is this library's.
        metrics: whose cells can contradict it, by their keys, see `paper.METRICS`.
        tables: the numbers of the tables with these cells.
        values: what a cell can be; None where the reading does not restrict it.
    """

    question: str
    text: str
    own: bool
    metrics: tuple[str, ...]
    tables: tuple[int, ...]
    values: Callable[[Place], Range | None]


@dataclass(frozen=True)
class Contradiction:
    """A cell that a reading does not allow, its text, and what the reading allows."""

    place: Place
    printed: str
    allowed: Range

    @property
    def units(self) -> float:
        """How far the printed number lies outside, in units of its last place."""
        least, most = self.allowed
        return max(least - float(self.printed), float(self.printed) - most) * 10.0 ** self.place.column.metric.decimals


@dataclass(frozen=True)
class Finding:
    """A reading with the number of cells that it restricts, and those that contradict it, the clearest first."""

    reading: Reading
    compared: int
    contradictions: tuple[Contradiction, ...]


def check_reading(reading: Reading) -> Finding:
    """Compare a reading with the printed cells of its metrics in its tables."""
    compared, against = 0, []
    for (model, column), cell in (item for number in reading.tables for item in TABLES[number].items()):
        place = Place(model, column)
        if column.metric.name in reading.metrics and cell.text is not None and (allowed := reading.values(place)):
            compared += 1
            least, most = place.numbers()
            if most < allowed[0] or least > allowed[1]:
                against.append(Contradiction(place, cell.text, allowed))
    return Finding(reading, compared, tuple(sorted(against, key=lambda found: -found.units)))


def r_precision_range(relevant: np.ndarray, acc_at_1: Range) -> Range:
    """What the mean R-precision of N images can be, given their mean Acc@1.

    A hit at rank 1 finds at least one of an image's R tags, a miss at most R - 1. So the mean is lowest where the hits
    are the images with most tags, and highest where the misses are.

    Args:
        relevant: (N,), the number of tags of each image, at least 1.
    """
    shares = 1 / np.sort(relevant)[::-1]
    return _mean_of_first(shares, acc_at_1[0]), 1 - _mean_of_first(shares, 1 - acc_at_1[1])


def rank_position_range(relevant: np.ndarray, tags: int, r_precision: Range, acc_at_1: Range, acc_at_10: Range) -> Range:
    """What the average rank position of N images can be in a vocabulary of `tags`, given their other metrics.

    The lowest for an image is (R + 1) / 2. Without a hit at rank 1 it is higher by at least 1, without one in the first
    ten by at least 10. Each tag outside the first R adds between 1 / R and (tags - 1) / R.

    Args:
        relevant: (N,), the number of tags of each image, at least 1.
    """
    floor = float(np.mean((relevant + 1) / 2))
    least = max(1 - r_precision[1], 1 - acc_at_1[1] + 9 * (1 - acc_at_10[1]))
    return floor + least, floor + (1 - r_precision[0]) * (tags - 1)


def first_position_range(tags: int, acc_at_1: Range, acc_at_10: Range) -> Range:
    """What the mean position of an image's best-ranked tag can be in a vocabulary of `tags`, given Acc@1 and Acc@10."""
    (low_1, high_1), (low_10, high_10) = acc_at_1, acc_at_10
    return (high_1 + 2 * (high_10 - high_1) + 11 * (1 - high_10), low_1 + 10 * (low_10 - low_1) + tags * (1 - low_10))


def _mean_of_first(values: np.ndarray, share: float) -> float:
    """The sum of the first values, a share of them all, over the number of all; the last of them may count in part."""
    weights = np.clip(share * len(values) - np.arange(len(values)), 0, 1)
    return float(weights @ values) / len(values)


def _relevant(images_by_number: Mapping[int, int]) -> np.ndarray:
    """(N,), the number of tags of each image."""
    return np.repeat(list(images_by_number), list(images_by_number.values()))


def _most_tags(facet: str) -> int:
    """The larger of the label file's and the paper's number of tags, which restricts less."""
    return max(OFFICIAL[facet].tags, paper_counts.TAGS[facet])


def _unrestricted(place: Place) -> None:
    """Nothing printed can contradict it."""


def _tags_are(images_by_number: str) -> Callable[[Place], Range]:
    return lambda place: r_precision_range(_relevant(getattr(OFFICIAL[place.facet], images_by_number)),
                                           place.share("acc_at_1"))


def _position(first: int, others_count: bool) -> Callable[[Place], Range]:
    """Positions begin at `first`; an image's other tags before a tag may not count, (R - 1) / 2 on average."""
    def values(place: Place) -> Range:
        relevant = _relevant(OFFICIAL[place.facet].images_by_tags)
        least, most = rank_position_range(relevant, _most_tags(place.facet), place.share("r_precision"),
                                          place.share("acc_at_1"), place.share("acc_at_10"))
        shift = first - 1 - (0 if others_count else float(np.mean((relevant - 1) / 2)))
        return least + shift, most + shift
    return values


def _mean_over(weights: Mapping[str, int]) -> Callable[[Place], Range]:
    """A cell of Table 3 is the weighted mean of the row's cells in the four facets."""
    def values(place: Place) -> Range:
        cells = [place.numbers(facet=facet) for facet in FACET_NAMES]
        least, most = np.average(cells, axis=0, weights=[weights[facet] for facet in FACET_NAMES])
        return float(least), float(most)
    return values


def _inner_alone(values: Callable[[Place], Range]) -> Callable[[Place], Range | None]:
    return lambda place: values(place) if place.column.split == INNER else None


def _first_is_one_of(images: str, model: str) -> Callable[[Place], Range | None]:
    """The first tag of each image is one of those that some images have; where there are no such tags it can be any."""
    def values(place: Place) -> Range | None:
        having = getattr(OFFICIAL[place.facet], images)
        return (0.0, having / OFFICIAL[place.facet].images) if having and place.model == model else None
    return values


def _annotated(facet: str) -> float:
    """The share of the inner test's images that have a tag in the facet."""
    return (OFFICIAL[facet].images + OFFICIAL[facet].images_outside) / INNER_IMAGES


def _inside(facet: str) -> float:
    """Of these images the share that have a tag of the label file."""
    return OFFICIAL[facet].images / (OFFICIAL[facet].images + OFFICIAL[facet].images_outside)


_TAGS = "the tags of a path"
_WITHOUT = "an image without a tag in the facet"
_OUTSIDE = "an image whose tags are all outside the label files"
_POSITION = "the position of a tag"
_POSITIONS = "the positions averaged for an image"
_LEVELS = "a tag's score in H-Softmax (levels)"
_NODES = "a tag's score in H-Softmax (nodes)"
_MEAN = "the means of Table 3"
_VOCABULARY = "the vocabulary"

_R_PRECISION, _ACC_AT_1, _ACC_AT_10, _AVG_RANK = ("r_precision",), ("acc_at_1",), ("acc_at_10",), ("avg_rank_position",)
_EVERY = _R_PRECISION + _ACC_AT_1 + _ACC_AT_10 + _AVG_RANK

READINGS = (
    Reading(_TAGS, "all", True, _R_PRECISION, (1,), _tags_are("images_by_tags")),
    Reading(_TAGS, "the last alone", False, _R_PRECISION, (1,), _tags_are("images_by_last_tags")),
    Reading(_WITHOUT, "skipped", True, _ACC_AT_1, (1,), _unrestricted),
    Reading(_WITHOUT, "a miss", False, _ACC_AT_1, (1,), lambda place: (0.0, _annotated(place.facet))),
    Reading(_WITHOUT, "a hit", False, _ACC_AT_1, (1,), lambda place: (1 - _annotated(place.facet), 1.0)),
    Reading(_OUTSIDE, "skipped", True, _ACC_AT_10, (1,), _unrestricted),
    Reading(_OUTSIDE, "a miss", False, _ACC_AT_10, (1,), lambda place: (0.0, _inside(place.facet))),
    Reading(_POSITION, "in the list, from 1", True, _AVG_RANK, (1,), _position(1, True)),
    Reading(_POSITION, "in the list, from 0", False, _AVG_RANK, (1,), _position(0, True)),
    Reading(_POSITION, "in the list without the image's other tags, from 1", False, _AVG_RANK, (1,), _position(1, False)),
    Reading(_POSITIONS, "of all its tags", True, _AVG_RANK, (1, 2), _unrestricted),
    Reading(_POSITIONS, "of its best-ranked tag alone", False, _AVG_RANK, (1, 2), lambda place: first_position_range(
        _most_tags(place.facet), place.share("acc_at_1"), place.share("acc_at_10"))),
    Reading(_LEVELS, "the product along its path", True, _ACC_AT_1, (1,), _unrestricted),
    Reading(_LEVELS, "the probability within its level", False, _ACC_AT_1, (1,),
            _first_is_one_of("images_with_lone_tag", "hsoftmax_levels")),
    Reading(_NODES, "the product along its path", True, _ACC_AT_1, (1,), _unrestricted),
    Reading(_NODES, "the probability among its siblings", False, _ACC_AT_1, (1,),
            _first_is_one_of("images_with_only_child", "hsoftmax_nodes")),
    Reading(_MEAN, "over the four facets", True, _EVERY, (3,), _mean_over(dict.fromkeys(FACET_NAMES, 1))),
    Reading(_MEAN, "over all images in all facets", False, _EVERY, (3,),
            _inner_alone(_mean_over({facet: counts.images for facet, counts in OFFICIAL.items()}))),
    Reading(_VOCABULARY, "as many tags as section 3 says", False, _AVG_RANK, (1, 2),
            lambda place: (1.0, float(paper_counts.TAGS[place.facet]))),
    Reading(_VOCABULARY, "as many tags as the label files have", False, _AVG_RANK, (1, 2),
            lambda place: (1.0, float(OFFICIAL[place.facet].tags))),
)
"""By question, this library's own first. Its vocabulary is counted on the training split, whose size the paper does not say."""


def summarise() -> dict[str, int | float | str]:
    """The numbers that the text of the chapter and of the decisions quotes."""
    findings = [check_reading(reading) for reading in READINGS]
    own = [found for finding in findings if finding.reading.own for found in finding.contradictions]
    materials, classifications, subjects = (OFFICIAL[facet] for facet in ("materials", "classifications", "subjects"))
    perfect = Place("clip_prompt", next(column for column in columns(1) if column.facet == "subjects"))
    beyond = (1 - perfect.share("r_precision")[0]) * (_most_tags("subjects") - 1)
    outer = [Place(model, column).share("acc_at_10")[0] for (model, column), cell in TABLES[2].items()
             if (column.facet, column.metric.name) == ("objectTypes", "acc_at_10") and cell.text]
    return {
        "readings": len(findings), "contradicted": sum(bool(finding.contradictions) for finding in findings),
        "own_cells": len(own), "own_distance": max(found.allowed[0] - found.place.numbers()[1] for found in own),
        "one_last": classifications.images_by_last_tags[1], "classified": classifications.images,
        "lone_images": materials.images_with_lone_tag, "material_images": materials.images,
        "lone_share": materials.images_with_lone_tag / materials.images,
        "levels_acc_at_1": printed("hsoftmax_levels", INNER, "materials", "acc_at_1").text,
        "several_subjects": subjects.images - subjects.images_by_tags[1], "subject_images": subjects.images,
        "subjects_from_0": 1 + 2 * (perfect.numbers("avg_rank_position")[0] - beyond),  # (R - 1) / 2 is the lowest from 0
        "outer_outside_percent": 100 * (1 - max(outer))}
