"""Results as tables of pandas."""

import dataclasses
import math
from collections.abc import Sequence

import pandas as pd

from ..core.facets import FACET_NAMES, get_facet
from ..data.records import SPLIT_TITLES
from ..metrics.evaluation import MetricsRow
from ..models.registry import MODELS
from .files import RunResult, read_results
from .paper import FURTHER_TABLES, MEAN, METHODS, METRICS, TEST_SPLITS
from .provenance import Provenance


def results_frame(data: str) -> pd.DataFrame:
    """All rows of all runs on one data set, long form: one row per model, split and facet."""
    rows = [dataclasses.asdict(row) for result in read_results(data).values() for row in result.rows]
    columns = [field.name for field in dataclasses.fields(MetricsRow)]
    return pd.DataFrame(rows, columns=columns)


def tests_frame(data: str, models: Sequence[str], metric: str = "r_precision") -> pd.DataFrame:
    """One metric of some runs: a row per model; a column per test set and facet, with the mean over the facets of each.

    Its `attrs["images"]` says by column over how many images a number is, see `pages.plain_tables`.
    """
    rows = results_frame(data)
    rows = rows[rows["model"].isin(models) & rows["split"].isin(TEST_SPLITS)]
    found = {(split, facet): part.set_index("model")[metric] for (split, facet), part in rows.groupby(["split", "facet"])}
    columns = {}
    for split, title in TEST_SPLITS.items():
        own = {get_facet(facet).key: found[split, facet] for facet in FACET_NAMES if (split, facet) in found}
        columns |= {(title, key): values for key, values in own.items()}
        if own:
            columns[title, MEAN] = pd.DataFrame(own).mean(axis=1)
    names = pd.MultiIndex.from_arrays(list(zip(*columns)) or [[], []], names=["test set", "facet"])
    frame = pd.DataFrame(dict(enumerate(columns.values())), pd.Index(models, name="model"), dtype=float).set_axis(names, axis=1)
    images = rows.groupby(["split", "facet"])["images"].min()
    frame.attrs["images"] = {(TEST_SPLITS[split], get_facet(facet).key): int(number) for (split, facet), number in images.items()}
    return frame


def result_frame(result: RunResult) -> pd.DataFrame:
    """One run for a reader: its metrics by split and facet, in full words, and the images that they are over."""
    rows = [(SPLIT_TITLES.get(row.split, row.split), get_facet(row.facet).title(), row.r_precision, row.acc_at_1,
             row.acc_at_10, row.avg_rank_position, row.tags, row.images) for row in result.rows]
    return pd.DataFrame(rows, columns=["split", "facet", "R-precision", "Acc@1", "Acc@10", "average rank position",
                                       "tags ranked", "images"]).set_index(["split", "facet"]).round(3)


def further_frame(result: RunResult) -> pd.DataFrame:
    """The metrics beside the paper's of one run: a row for each, a column for each split and facet; a dash for none."""
    columns = pd.MultiIndex.from_arrays([[SPLIT_TITLES.get(row.split, row.split) for row in result.rows],
                                         [get_facet(row.facet).title() for row in result.rows]], names=["split", "facet"])
    metrics = [metric for _, metrics in FURTHER_TABLES.values() for metric in metrics]
    values = [[getattr(row, metric.name) for row in result.rows] for metric in metrics]
    cells = [["–" if value is None else f"{value:.3f}" for value in line] for line in values]
    return pd.DataFrame(cells, [metric.title for metric in metrics], columns)


def result_means(result: RunResult) -> dict[str, str]:
    """One run's means over the facets that it tags, as prose shows them: `METRIC_inner` and `METRIC_outer`.

    A dash where it has no number. (Table 3 has a mean only for models of all facets.)
    """
    means = {}
    for split, title in TEST_SPLITS.items():
        for metric in METRICS:
            values = [getattr(row, metric.name) for row in result.rows if row.split == split]
            values = [value for value in values if value is not None]
            means[f"{metric.name}_{title.lower()}"] = (f"{sum(values) / len(values):.{metric.decimals}f}" if values
                                                       else "–")
    return means


def first_numbers(result: RunResult) -> dict[str, float | str]:
    """What prose quotes of a run on one split in one facet: `facet`, `r_precision` and `acc_at_10` of its first row.

    A dash and NaN where there is none.
    """
    row = next(iter(result.rows), None)
    numbers = {name: getattr(row, name, None) for name in ("r_precision", "acc_at_10")}
    return {"facet": row.facet if row else "–"} | {name: math.nan if value is None else value for name, value in numbers.items()}


def runs_frame(data: str) -> pd.DataFrame:
    """One row per run: what it started from, what was chosen on validation, how long it took, and on what; by model."""
    runs = {model: result.run for model, result in read_results(data).items()}
    columns = ["backbone", "weights", "seed", "vocabulary_hash", "seconds", "images_per_second", "device", "date"]
    frame = pd.DataFrame({column: {model: getattr(run, column) for model, run in runs.items()} for column in columns})
    frame.insert(2, "chosen on validation", [chosen_text(run) or "–" for run in runs.values()])
    frame["commit"] = [f"{(run.commit or 'none')[:8]}{', changed' if run.changed else ''}" for run in runs.values()]
    return frame.rename_axis("model")


def beyond_frame(data: str) -> pd.DataFrame:
    """What each model beside the paper's that was run on the data is, in one sentence; by title, in the order of the tables."""
    papers, run = {method.name for method in METHODS}, read_results(data)
    found = {spec.title: spec.about for spec in MODELS.values() if spec.name in run and spec.name not in papers}
    return pd.DataFrame({"what it is": found}).rename_axis("model")


def chosen_text(run: Provenance) -> str:
    """What was chosen on validation, `k 20, temperature 0.05`; empty where nothing was."""
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" if isinstance(value, (int, float)) else f"{name.replace('_', ' ')} {value}"
                     for name, value in run.chosen.items())
