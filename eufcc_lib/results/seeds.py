"""One model trained with several seeds, `results/DATA/seeds/MODEL.csv`: how far its numbers lie apart by chance alone.

They are the reference against which a repeated training is held, see `check_reproduction`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import Field, astuple, dataclass, fields
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

from ..core.csv_tables import read_rows, write_rows
from ..core.errors import UserError
from .files import RunResult, result_path, shown
from .paper import MEAN, METRICS, TEST_SPLITS, Column, Metric
from .per_image import measure_images
from .scores import Scores

LEVEL = 0.95
"""Share of honest repetitions of which no number falls outside. With five seeds, numbers may be 5.6 deviations apart."""

FEWEST_SEEDS = 3
"""With fewer there is no telling what chance does."""

LEAST_SHARE = 1 / 200
"""Share of the images, but at least one of them, that may come out otherwise on another processor, whose sums round otherwise."""


@dataclass(frozen=True)
class SeedRow:
    """The numbers of one seed on one split and facet, and the data that they are on; a line of the file."""

    seed: int
    split: str
    facet: str
    r_precision: float
    acc_at_1: float
    acc_at_10: float
    avg_rank_position: float
    images: int
    split_hash: str
    vocabulary_hash: str


@dataclass(frozen=True)
class Repetition:
    """A number of a repeated training, a mean over the facets, beside what other seeds lead to expect.

    Attributes:
        split, metric: which number.
        value: the number.
        expected: the mean of the reference.
        allowed: how far from it is still inside.
    """

    split: str
    metric: Metric
    value: float
    expected: float
    allowed: float

    @property
    def inside(self) -> bool:
        """Whether chance explains the difference."""
        return abs(self.value - self.expected) <= self.allowed + 1e-6  # numbers have six decimals


def seed_rows(seed: int, scores: Iterable[Scores]) -> list[SeedRow]:
    """The numbers on the test sets of a model trained with that seed, from its scores of each split."""
    rows = []
    for found in (found for found in scores if found.split in TEST_SPLITS):
        hashes = found.dataset.split_hash(found.split), found.vocabulary_hash
        for facet, values in measure_images(found).values.items():
            values = values[:, ~np.isnan(values).any(axis=0)]
            if values.size:
                means = (round(float(mean), 6) for mean in values.mean(axis=1))
                rows.append(SeedRow(seed, found.split, facet, *means, values.shape[1], *hashes))
    return rows


def add_seed(seed: int, scores: Sequence[Scores]) -> Path:
    """Write the numbers of a seed into the file of the model's others, in place of what it has of them; its path."""
    data, model, rows = scores[0].dataset.name, scores[0].model, seed_rows(seed, scores)
    replaced = {(row.seed, row.split) for row in rows}
    kept = [row for row in read_seeds(data, model) if (row.seed, row.split) not in replaced]
    return write_seeds(data, model, sorted([*kept, *rows], key=lambda row: (row.seed, list(TEST_SPLITS).index(row.split))))


def seeds_path(data: str, model: str) -> Path:
    """`results/DATA/seeds/MODEL.csv`."""
    result = result_path(data, model)
    return result.parent / "seeds" / f"{result.stem}.csv"


def write_seeds(data: str, model: str, rows: Iterable[SeedRow]) -> Path:
    """Write the numbers of several seeds and return the path."""
    path = seeds_path(data, model)
    write_rows(path, _COLUMNS, map(astuple, rows))
    return path


def read_seeds(data: str, model: str, result: RunResult | None = None) -> list[SeedRow]:
    """The numbers of several seeds; empty if there are none.

    Args:
        result: whose data have to be the same.
    Raises:
        UserError: naming file and line: see `csv_tables.read_rows`; a field that is not of its type, a line that occurs
            twice, or other data than those of the result.
    """
    path, rows = seeds_path(data, model), {}
    if not path.is_file():
        return []
    for place, cells in read_rows(path, _COLUMNS, "numbers by seed"):
        row = SeedRow(*(_parse(text, field, place) for field, text in zip(fields(SeedRow), cells, strict=True)))
        if (row.seed, row.split, row.facet) in rows:
            raise UserError(f"{place}: seed {row.seed} has {row.split}, {row.facet} a second time; expected each once.")
        if result and (row.vocabulary_hash, row.split_hash) != (result.run.vocabulary_hash, result.run.split_hashes.get(row.split, "")):
            raise UserError(f"{place}: measured on other data than {shown(result_path(data, model))}; expected the same.")
        rows[row.seed, row.split, row.facet] = row
    return list(rows.values())


def seed_values(rows: Sequence[SeedRow], place: Column) -> list[float]:
    """A column's number of each seed; of a mean those of seeds that have every facet that any of them has."""
    found = {}
    for row in rows:
        if row.split == place.split and place.facet in (MEAN, row.facet):
            found.setdefault(row.seed, []).append(getattr(row, place.metric.name))
    most = max(map(len, found.values()), default=0)
    return [sum(values) / most for values in found.values() if len(values) == most]


def check_reproduction(reference: Sequence[SeedRow], repeated: Sequence[SeedRow]) -> list[Repetition]:
    """Each mean over the facets of a repeated training, held against the reference.

    A number is inside if it lies in the two-sided prediction interval for one more number from n of a normal distribution
    (t with n - 1 degrees of freedom), at a level at which in `LEVEL` of all honest repetitions no number of all lies outside
    (Bonferroni). An interval reaches at least as far as `LEAST_SHARE` of the images can move the mean: that alone is
    allowed where the seed changes nothing.

    Raises:
        UserError: fewer than `FEWEST_SEEDS` seeds, or the two are on different data or facets.
    """
    parts = [{(row.split, row.facet): (row.images, row.split_hash, row.vocabulary_hash) for row in rows}
             for rows in (reference, repeated)]
    if parts[0] != parts[1]:
        raise UserError("The repeated training and the reference are on different data; expected the same images, labels and "
                        "vocabulary: fetch or draw the data set again.")
    places = [Column(split, MEAN, metric) for split in dict.fromkeys(split for split, _ in parts[0]) for metric in METRICS]
    found = []
    for place in places:
        values, (value,) = np.array(seed_values(reference, place)), seed_values(repeated, place)
        if len(values) < FEWEST_SEEDS:
            raise UserError(f"The reference has {len(values)} seeds; expected {FEWEST_SEEDS} or more.")
        reach = stdtrit(len(values) - 1, 1 - (1 - LEVEL) / (2 * len(places))) * math.sqrt(1 + 1 / len(values))
        share = np.mean([max(LEAST_SHARE, 1 / images) for (split, _), (images, *_) in parts[0].items() if split == place.split])
        least = share * (1 if place.metric.higher_is_better else values.mean())  # an image's rank may double
        found.append(Repetition(place.split, place.metric, value, float(values.mean()),
                                float(max(reach * values.std(ddof=1), least))))
    return found


def _parse(text: str, field: Field, place: str) -> int | float | str:
    """A cell as its field's type; `UserError` if it is not, or not finite."""
    try:
        value = field.type(text)
        if field.type is not float or math.isfinite(value):
            return value
    except ValueError:
        pass
    raise UserError(f"{place}, column {field.name!r}: found {text!r}; expected a {'whole ' * (field.type is int)}number.")


_COLUMNS = tuple(field.name for field in fields(SeedRow))
