"""The small tables of the explaining chapters: one record's tags, what the paper contradicts, the book's own runs.

Everything here turns what another room computes into rows for a reader.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.facets import FACETS, get_facet
from ..core.numbers import significant
from ..core.paths import ROOT, resolve
from ..data.labels import Labels
from ..data.official_counts import OFFICIAL
from ..data.records import SPLIT_TITLES, Records
from ..data.taxonomy import Vocabulary
from ..metrics.ranking import best_average_rank_position
from ..results import paper
from ..results.printed_evidence import READINGS, check_reading
from ..results.provenance import provenance

BENCHMARKS = ROOT / "benchmarks" / "results"
"""One file per benchmark, as `benchmarks/report.py` writes it."""


def list_tags(records: Records, row: int, vocabulary: Vocabulary, language: str = "en") -> pd.DataFrame:
    """A record's tags, facet by facet: the column of each in the label matrix, and its training images.

    A tag outside the vocabulary has no column, and is not counted. The language is that of the facets' titles.
    """
    rows = []
    for facet in FACETS:
        taxonomy = vocabulary[facet.name]
        for tag in records.tags(facet.name, row):
            place = taxonomy.index.get(tag)
            known = ("–", "–") if place is None else (f"{place}", f"{taxonomy.images[place]:,}")
            rows.append((facet.title(language), tag, *known))
    return pd.DataFrame(rows, columns=["facet", "tag", "column", "training images"]).set_index("facet")


def list_differences(differences: list[paper.Difference], language: str = "en") -> pd.DataFrame:
    """Printed cells that other printed cells contradict, as rows. The language is that of the facets' titles."""
    titles = {method.name: method.title for method in paper.METHODS}
    return pd.DataFrame([(titles[found.model], *_describe(found.column, language), found.printed, found.expected)
                         for found in differences],
                        columns=["method", "test set", "facet", "metric", "printed", "expected"]).set_index("method")


def list_floors(labels: Mapping[str, Labels], split: str, language: str = "en") -> pd.DataFrame:
    """For each facet the lowest average rank position possible on these labels, and the lowest printed one.

    Args:
        labels: by facet; empty where the data set has no such split.
        language: of the facets' titles.
    """
    (metric,) = (metric for metric in paper.METRICS if metric.name == "avg_rank_position")
    rows = []
    for facet in FACETS:
        printed = [paper.printed(method.name, split, facet.name, metric.name).value for method in paper.METHODS]
        least = min(value for value in printed if value is not None)
        floor = best_average_rank_position(labels[facet.name].matrix) if labels else math.nan
        rows.append((facet.title(language), "–" if math.isnan(floor) else round(floor, 3), least))
    return pd.DataFrame(rows, columns=["facet", "lowest possible on this data", "lowest printed"]).set_index("facet")


def list_readings() -> pd.DataFrame:
    """Ways to make the printed numbers, see `results.printed_evidence`, and how many cells contradict each.

    A question stands only at its first reading. A check mark stands at this library's own, a dash where no printed number
    could contradict. The last columns are the cell that contradicts most clearly, and what could be printed there instead.
    """
    titles, rows, questions = {method.name: method.title for method in paper.METHODS}, [], set()
    for finding in map(check_reading, READINGS):
        against = f"{len(finding.contradictions)} of {finding.compared}" if finding.compared else "–"
        question = finding.reading.question
        row = ["" if question in questions else question, finding.reading.text, "✓" * finding.reading.own, against]
        questions.add(question)
        for found in finding.contradictions[:1]:
            column, (least, most) = found.place.column, found.allowed
            key, digits = column.facet if column.facet == paper.MEAN else get_facet(column.facet).key, column.metric.decimals + 1
            limit = f"at least {least:.{digits}f}" if float(found.printed) < least else f"at most {most:.{digits}f}"
            row += [f"{titles[found.place.model]}, {key}, {column.metric.title}", found.printed, limit]
        rows.append(row + ["–"] * (7 - len(row)))
    columns = ["question", "reading", "ours", "against it", "clearest", "printed", "possible"]
    return pd.DataFrame(rows, columns=columns).set_index("question")


def list_levels(language: str = "en") -> pd.DataFrame:
    """The number of tags on each level of the official label files' trees, the roots on level 1; a dash below the last."""
    deepest = max(len(counts.levels) for counts in OFFICIAL.values())
    rows = {get_facet(facet).title(language): [*counts.levels, *["–"] * (deepest - len(counts.levels))]
            for facet, counts in OFFICIAL.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=[f"level {number + 1}" for number in range(deepest)])


def list_runs(folder: str) -> pd.DataFrame:
    """The executed notebooks of a folder in the order they were started.

    Returns:
        Columns `page`, `started` (UTC, to the minute), `seconds` and `parameters` as given to
        papermill; empty where nothing was run yet.
    """
    runs = []
    for path in resolve(folder).glob("*.ipynb"):
        run = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("papermill", {})
        if run.get("end_time"):
            given = " ".join(f"-p {name} {value}" for name, value in run["parameters"].items())
            runs.append((run["start_time"], path.stem, round(float(run["duration"]), 1), given))
    return pd.DataFrame([(page, datetime.fromisoformat(start).strftime("%Y-%m-%d %H:%M"), seconds, given)
                         for start, page, seconds, given in sorted(runs)],
                        columns=["page", "started", "seconds", "parameters"])


def describe_build(data: str) -> dict[str, str]:
    """Machine, date, commit and versions of this moment, in words."""
    now = provenance("book", data, images={}, vocabulary_hash="")
    commit = "not in a git checkout" if now.commit is None else now.commit[:10] + (
        ", with changes not committed" if now.changed else "")
    return {"date (UTC)": now.date.replace("T", " ").removesuffix("Z"), "machine": now.device, "commit": commit,
            **now.versions}


def list_benchmarks(digits: int = 3) -> list[tuple[str, str, pd.DataFrame]]:
    """Every stored benchmark: its title, where and when it ran, and its rows, fastest first.

    Args:
        digits: significant digits of the seconds and ratios, which come as text.
    """
    return [_read_benchmark(path, digits) for path in sorted(BENCHMARKS.glob("*.json"))]


def _read_benchmark(path: Path, digits: int) -> tuple[str, str, pd.DataFrame]:
    kept = json.loads(path.read_text(encoding="utf-8"))
    machine = dict(kept["machine"])
    place = f"{machine.pop('cpu')}, {machine.pop('cores')} cores, {machine.pop('system')}"
    versions = ", ".join(f"{name} {version}" for name, version in machine.items())
    rows = pd.DataFrame(kept["rows"], columns=["method", "seconds", "ratio"]).set_index("method")
    return kept["title"], f"{place}; {versions}; {kept['date']}.", rows.map(lambda value: significant(value, digits))


def _describe(place: paper.Column, language: str) -> tuple[str, str, str]:
    facet = "all (mean)" if place.facet == paper.MEAN else get_facet(place.facet).title(language)
    return SPLIT_TITLES[place.split], facet, place.metric.title


def star_scores(scores: np.ndarray, labels: np.ndarray, tags: Sequence[str]) -> pd.DataFrame:
    """Scores as text, images in rows, with a star at each tag that the image has.

    Args:
        scores: float (N, C).
        labels: bool (N, C).
        tags: C names.
    """
    starred = [[f"{score:g}{' *' * bool(own)}" for score, own in zip(*row, strict=True)]
               for row in zip(scores, labels, strict=True)]
    return pd.DataFrame(starred, [f"image {number}" for number in range(1, len(scores) + 1)], list(tags))
