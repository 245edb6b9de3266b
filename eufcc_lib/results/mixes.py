"""How a mixture does at each point between the start and the end of its training, `results/DATA/mixes/MODEL.csv`.

Validation alone chooses the point. The tests are measured afterwards, to show what that choice was worth.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import pandas as pd

from ..core.csv_tables import read_rows, write_rows
from ..core.errors import UserError
from ..core.numbers import percent
from ..data.records import SPLIT_TITLES
from ..models.registry import get_model_spec
from .files import RunResult, read_results, result_path

SHOWN = ("val", "test_id", "test_ood")
"""The splits, the one that chooses first."""


@dataclass(frozen=True)
class MixRow:
    """A line of the file.

    Attributes:
        mix: from 0, the start, to 1, the end.
        split, facet: where it was measured.
        r_precision: mean over the images.
        images: their number, those with a tag of the vocabulary.
        run: identity of the training whose ends were mixed.
    """

    mix: float
    split: str
    facet: str
    r_precision: float
    images: int
    run: str


def mixes_path(data: str, model: str) -> Path:
    """`results/DATA/mixes/MODEL.csv`."""
    result = result_path(data, model)
    return result.parent / "mixes" / f"{result.stem}.csv"


def write_mixes(data: str, model: str, rows: Iterable[MixRow]) -> Path:
    """Write the rows and return the path."""
    path = mixes_path(data, model)
    write_rows(path, _COLUMNS, map(astuple, rows))
    return path


def read_mixes(result: RunResult) -> list[MixRow]:
    """The rows of a mixture's result; none if it was not measured since its member was trained with other settings.

    Raises:
        UserError: naming file and line: see `csv_tables.read_rows`; a field that is no number.
    """
    path, rows = mixes_path(result.run.data, result.run.model), []
    if not path.is_file():
        return []
    for place, (mix, split, facet, value, images, run) in read_rows(path, _COLUMNS, "numbers by mix"):
        try:
            rows.append(MixRow(float(mix), split, facet, float(value), int(images), run))
        except ValueError:
            raise UserError(f"{place}: found {mix!r}, {value!r} and {images!r}; expected numbers.") from None
    member = read_results(result.run.data).get(*get_model_spec(result.run.model).members)
    return [row for row in rows if member and row.run == member.run.identity]


def compare_ends(results: Mapping[str, RunResult], models: Sequence[str]) -> pd.DataFrame:
    """Mean R-precision over the facets: a row per model, a column per split; a dash where it was not run or has no number."""
    cells = {}
    for split in SHOWN:
        found = {model: [row.r_precision for row in results[model].rows if row.split == split and row.r_precision is not None]
                 for model in models if model in results}
        cells[SPLIT_TITLES[split]] = [f"{sum(found[model]) / len(found[model]):.3f}" if found.get(model) else "–" for model in models]
    return pd.DataFrame(cells, pd.Index(models, name="mean R-precision"))


def tell_choice(results: Mapping[str, RunResult], model: str) -> str:
    """How far a mixture goes, in a sentence."""
    mix = results[model].run.chosen.get("mix") if model in results else None
    if mix is None:
        return f"{model} was not run on these data."
    return f"{model} goes {percent(mix)} of the way from the weights before fine-tuning to those after it."


_COLUMNS = tuple(field.name for field in fields(MixRow))
