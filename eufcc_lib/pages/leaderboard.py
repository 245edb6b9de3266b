"""The leaderboard of a data set: every entry, its numbers, the ranks that it may have, and whom it cannot be told apart from.

The table is in order without a script; with its own few lines of script the heads sort it and kinds of entries can be left out.
"""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase

import pandas as pd

from ..core.errors import unknown
from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import percent
from ..models.registry import MODELS
from ..results.entries import KINDS, OWN, REPORTED, SEEN, Entry, own_entry
from ..results.estimates import OVER
from ..results.files import RunResult, data_name, read_results
from ..results.leaderboard import Standing, standings
from ..results.paired import UnitNumbers, read_unit_numbers
from ..results.paper import FURTHER_TABLES, MEAN, METRICS, TEST_SPLITS, Column, Metric
from ..results.seeds import SeedRow, read_seeds, seed_values
from ..results.toy import toy_note
from .render import Page, render
from .tables import FOLDED


@dataclass(frozen=True, eq=False)
class Board:
    """The entries on a data set, read once for all its tables.

    Attributes:
        data: the data set's name.
        results: by model.
        numbers: over `objects` and over `providers`, see `results.paired.read_unit_numbers`.
        seeds: by model, see `results.seeds.read_seeds`.
    """

    data: str
    results: Mapping[str, RunResult]
    numbers: Mapping[str, Mapping[str, UnitNumbers]]
    seeds: Mapping[str, Sequence[SeedRow]]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """By model whose it is."""
        runs = {model: result.run for model, result in self.results.items()}
        members = {model: [runs[member] for member in MODELS[model].members if member in runs] if model in MODELS else [] for model in runs}
        return {model: result.entry or own_entry(result.run, members[model]) for model, result in self.results.items()}


def read_board(data: str) -> Board:
    """All entries on a data set; see `results.files.read_results` for what is refused."""
    results = read_results(data)
    return Board(data_name(data), results, {over: read_unit_numbers(results, over) for over in OVER},
                 {model: read_seeds(data_name(data), model, result) for model, result in results.items()})


def show_leaderboard(board: Board, split: str, over: str = "objects", facet: str | None = None, language: str = "en") -> Page:
    """The entries that have a number on the inner (`test_id`) or outer (`test_ood`) test set, the best first.

    R-precision is open, with the ranks, the share of first places and the groups; the paper's other metrics are folded up.

    Args:
        over: whether ranks are over `objects` or `providers`.
        facet: whose numbers; None takes the mean over all facets.
        language: of the facet's title.
    """
    caption = f"{_caption(board, split, facet, language)}, ranked over {over}"
    first, *others = METRICS
    opened = _table(board, split, over, facet, [first])
    if not opened["rows"]:
        caption += ". Nothing was run on it yet"
    elif not any(cell and cell["ranks"] for row in opened["rows"] for cell in row["cells"]):
        caption += f". There are too few {over} to rank by, or none are known"
    folded = _table(board, split, over, facet, others) | {"summary": f"The same by {', '.join(metric.title for metric in others)}"}
    return _page(board, caption, [opened | {"summary": ""}, folded])


def show_further(board: Board, split: str, facet: str | None = None, language: str = "en") -> Page:
    """The metrics beside the paper's with their intervals, folded up: a table for each of `paper.FURTHER_TABLES`.

    Those that the tables fold up (`tables.FOLDED`) are left out.
    """
    caption = f"{_caption(board, split, facet, language)}, metrics beside the paper's"
    return _page(board, caption, [
        _table(board, split, "objects", facet, [metric for metric in metrics if metric.name not in FOLDED.get(number, ())])
        | {"summary": f"{name}, {TEST_SPLITS[split].lower()} test set"} for number, (name, metrics) in FURTHER_TABLES.items()])


def _caption(board: Board, split: str, facet: str | None, language: str) -> str:
    if split not in TEST_SPLITS:
        raise unknown("test set", split, TEST_SPLITS)
    title = "mean over the facets" if facet is None else get_facet(facet).title(language).lower()
    return f"{TEST_SPLITS[split]} test set of {board.data}, {title}"


def _table(board: Board, split: str, over: str, facet: str | None, metrics: Sequence[Metric]) -> dict[str, object]:
    """What the template shows of some metrics: a table has places for ranks and groups where it is over one metric alone."""
    if over not in OVER:
        raise unknown("interval", over, OVER)
    places = [Column(split, facet or MEAN, metric) for metric in metrics]
    found = [standings(board.results, board.numbers[over], place) for place in places]
    order = _in_order(board, split, standings(board.results, board.numbers[over], Column(split, facet or MEAN, METRICS[0])))
    rows = [_row(board, model, [found_in.get(model) for found_in in found], places, over) for model in order]
    return {"metrics": metrics, "rows": rows, "ranked": list(metrics) == [METRICS[0]]}


def _page(board: Board, caption: str, tables: Sequence[dict[str, object]]) -> Page:
    counts = Counter(row["kind"] for row in tables[0]["rows"])
    return render("leaderboard", f"Leaderboard: {caption}.", caption=f"{caption}.", tables=tables,
                  kinds={kind: f"{kind} ({counts[kind]})" for kind in KINDS if counts[kind]}, meanings=KINDS)


def list_entries(board: Board) -> pd.DataFrame:
    """Who made each entry, from what, and whether it could have seen test images; this library's own come last."""
    entries = sorted(board.entries.values(), key=lambda entry: entry.kind == OWN)
    rows = [(entry.name, entry.kind, entry.authors, entry.training_data, f"{entry.test_seen}: {entry.test_seen_why}") for entry in entries]
    return pd.DataFrame(rows, columns=["entry", "kind", "authors", "trained on", "test images seen"]).set_index("entry")


def board_values(board: Board, facet: str | None = None) -> dict[str, str | int]:
    """What prose says of the R-precision on the inner and the outer test set, over objects.

    `first_inner`, the name of the entry with the highest number; `chance_inner`, the share of resamples in which it is
    first; `contenders_inner`, how many entries may be first; `ranked_inner`, how many were ranked; the same for `outer`.
    """
    values = {}
    for split, title in TEST_SPLITS.items():
        found = standings(board.results, board.numbers["objects"], Column(split, facet or MEAN, METRICS[0]))
        ranked = [standing for standing in found.values() if standing.ranks]
        chance = next(iter(found.values())).first if found else None
        values |= {f"first_{title.lower()}": board.entries[next(iter(found))].name if found else "–",
                   f"chance_{title.lower()}": "–" if chance is None else percent(chance),
                   f"contenders_{title.lower()}": sum(standing.ranks[0] == 1 for standing in ranked),
                   f"ranked_{title.lower()}": len(ranked)}
    return values


def _in_order(board: Board, split: str, ranked: Mapping[str, Standing]) -> list[str]:
    """The models with a number on the split: those that are ranked, then those that lack a facet."""
    tried = [model for model, result in board.results.items() if any(row.split == split and row.images for row in result.rows)]
    return [*ranked, *(model for model in tried if model not in ranked)]


def _row(board: Board, model: str, found: Sequence[Standing | None], places: Sequence[Column], over: str) -> dict[str, object]:
    entry, split = board.entries[model], places[0].split
    facets = {row.facet for row in board.results[model].rows if row.split == split}
    present = {row.facet for result in board.results.values() for row in result.rows if row.split == split}
    seeds = len({row.seed for row in board.seeds[model]})
    notes = [f"{seeds} seeds" if seeds > 1 else "one seed"]
    if note := toy_note(board.results, model):
        notes.append(note)
    if facets < present:
        notes.append("only " + ", ".join(get_facet(name).key for name in FACET_NAMES if name in facets))
    if entry.kind == REPORTED and places[0].metric not in METRICS:
        notes.append("taken on trust")  # only the paper's metrics are checked, against those of each image
    if entry.test_seen != SEEN[0]:
        notes.append({"possible": "may have seen the test", "yes": "has seen the test"}[entry.test_seen])
    cells = [standing and _cell(standing, place, over, seed_values(board.seeds[model], place) if place.metric in METRICS else ())
             for standing, place in zip(found, places, strict=True)]
    return {"name": entry.name, "link": entry.link, "authors": "" if entry.kind == OWN else entry.authors, "kind": entry.kind, "notes": notes, "cells": cells}


def _cell(standing: Standing, place: Column, over: str, seeds: Sequence[float]) -> dict[str, object]:
    """What a cell sorts by, and what it shows."""
    metric, bounds = place.metric, standing.estimate.bounds(over)
    ranks = standing.ranks and "–".join(map(str, dict.fromkeys(standing.ranks)))
    return {"value": f"{standing.estimate.value:.9g}", "text": _text(standing.estimate.value, metric),
            "interval": bounds and "–".join(_text(bound, metric) for bound in bounds),
            "ranks": ranks, "rank": standing.ranks and standing.ranks[0], "share": standing.first,
            "first": standing.first is not None and percent(standing.first),
            "groups": [(_letter(group), round(205 + 137.5 * group) % 360) for group in standing.groups],
            "seeds": len(seeds) > 1 and f"{_text(statistics.mean(seeds), metric)} ± {_text(statistics.stdev(seeds), metric)}"}


def _text(value: float, metric: Metric) -> str:
    """A number with one decimal more than in the paper's tables, whose models differ by less than they print."""
    return f"{value:.{metric.decimals + 1}f}"


def _letter(group: int) -> str:
    """a to z, then aa to az, and so on."""
    return ("" if group < 26 else ascii_lowercase[group // 26 - 1]) + ascii_lowercase[group % 26]
