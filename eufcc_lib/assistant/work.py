"""How the work on a session went: time and edits per record, what came of the suggestions, and whether promises were kept.

A record is an image with a decision. All that it counts is in the session's history and in what the session holds now.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import percent
from ..metrics.bootstrap import mean_intervals, ratio_values
from .state import ACCEPTED, State
from .store import Event, Store

PAUSE = 300
"""Seconds without an event after which somebody is taken to have done something else; such a gap is left out."""

ALL = "all"
"""The facet of a row over all facets."""


@dataclass(frozen=True, eq=False)
class Work:
    """What happened in a session.

    Attributes:
        records: the images with a decision, each with `seconds` and `edits`.
        suggestions: one row per tag that was suggested for one of them: `image`, `facet`, `rank` from 1, `mark` (`accepted`,
            `rejected` or ""), and `promise`, the precision that was promised of it, when it was decided or now, else NaN.
    """

    records: pd.DataFrame
    suggestions: pd.DataFrame


def read_work(store: Store) -> Work:
    """What happened in an open session."""
    state, events = store.state, list(store.history())
    seconds, edits = time_spent(events), count_edits(events)
    names = list(dict.fromkeys(decision.image for decision in state.decisions()))
    records = pd.DataFrame({"seconds": [seconds.get(name, 0.0) for name in names], "edits": [edits.get(name, 0.0) for name in names]},
                           index=pd.Index(names, name="image"), dtype=float)
    rows = [row for name in names for row in _suggestions(state, name)]
    return Work(records, pd.DataFrame(rows, columns=["image", "facet", "rank", "mark", "promise"]).astype({"promise": float}))


def time_spent(events: Iterable[Event]) -> dict[str, float]:
    """Seconds by image: the time from one event of a person to the next belongs to the images of the first.

    Gaps of more than `PAUSE` seconds are left out, and so is the time before a person's first event. Events of an old journal
    that do not say when they were are passed over.
    """
    spent, last = defaultdict(float), {}
    for event in events:
        if event.do == "suggest" or not event.at:  # the first is a model's
            continue
        now, (before, images) = datetime.fromisoformat(event.at), last.get(event.who, (None, ()))
        gap = (now - before).total_seconds() if before else 0
        for image in images if 0 <= gap <= PAUSE else ():
            spent[image] += gap / len(images)
        last[event.who] = now, _images(event) or images
    return dict(spent)


def count_edits(events: Iterable[Event]) -> dict[str, float]:
    """By image the decisions that were made, changed or taken back; one on many images counts once, shared by them."""
    edits, last = defaultdict(float), {}
    for event in events:
        if event.do == "suggest":
            continue
        last[event.who] = _images(event) or last.get(event.who, ())
        for image in last[event.who] if event.do in ("mark", "marks", "undo", "redo") else ():
            edits[image] += 1 / len(last[event.who])
    return dict(edits)


def summarise(work: Work) -> pd.DataFrame:
    """The report as a table: `part`, `facet`, `rank`, `value` with `low` and `high`, and what it was counted from.

    Parts: `seconds per record`, `edits per record`; `accepted`, by facet and by rank, the share of what was suggested; and
    `promise`, the share that was accepted of the decided suggestions with a promise, beside what was `promised`.
    """
    rows = [{"part": f"{name} per record", "facet": ALL, "records": len(work.records)} | _mean(work.records[name])
            for name in work.records]
    found = work.suggestions
    for facet in (ALL, *FACET_NAMES):
        own = found if facet == ALL else found[found["facet"] == facet]
        if len(own):
            rows.append({"part": "accepted", "facet": facet} | _share(own))
            rows += [{"part": "accepted", "facet": facet, "rank": rank} | _share(part) for rank, part in own.groupby("rank")]
        kept = own[own["promise"].notna() & (own["mark"] != "")]
        if len(kept):
            rows.append({"part": "promise", "facet": facet, "promised": kept["promise"].mean()} | _share(kept))
    columns = ["part", "facet", "rank", "value", "low", "high", "promised", "records", "suggested", "accepted", "rejected", "undecided"]
    counts = ["rank", *columns[columns.index("records"):]]
    return pd.DataFrame(rows).reindex(columns=columns).astype(dict.fromkeys(counts, "Int64"))


def tell(summary: pd.DataFrame) -> str:
    """The report's main numbers, a sentence a line."""
    per_record = {row.part: row for row in summary.itertuples() if row.part.endswith("per record")}
    if not per_record["edits per record"].records:
        return "Nothing was decided in this session."
    seconds, edits = per_record["seconds per record"], per_record["edits per record"]
    counts = [_with_ends(row, "{:.1f}".format) for row in (seconds, edits)]
    lines = [f"{seconds.records:,} records took {counts[0]} seconds and {counts[1]} edits each on average."]
    for row in summary[(summary["part"] == "accepted") & summary["rank"].isna() & (summary["facet"] != ALL)].itertuples():
        lines.append(f"{get_facet(row.facet).title()}: {_with_ends(row, percent)} of {row.suggested:,} suggestions were accepted, "
                     f"{row.rejected:,} rejected.")
    for row in summary[(summary["part"] == "promise") & (summary["facet"] != ALL)].itertuples():
        lines.append(f"{get_facet(row.facet).title()}: of {row.suggested:,} suggestions with a promise of {percent(row.promised)}, "
                     f"{_with_ends(row, percent)} were accepted.")
    return "\n".join(lines)


def _images(event: Event) -> tuple[str, ...]:
    """The images that an event leads to."""
    if event.do in ("marks", "import"):
        return tuple(event.body["images"])
    image = event.body.get("image") or event.body.get("current")
    return (image,) if image else ()


def _suggestions(state: State, image: str) -> list[tuple]:
    """The rows of one image; see `Work`."""
    decisions, rows = {(found.facet, found.tag): found for found in state.decisions(image)}, []
    model = state.models().get(state.suggested_by(image))
    for facet, tags in state.suggestions(image).items():
        promised = model.promised.get(facet) if model else None
        for rank, (tag, score) in enumerate(tags.items(), 1):
            if decision := decisions.get((facet, tag)):
                rows.append((image, facet, rank, decision.mark, decision.promise))
            else:
                rows.append((image, facet, rank, "", promised.precision if promised and score >= promised.threshold else None))
    return rows


def _mean(values: pd.Series) -> dict:
    """The mean over records with its interval; the range that a value can have is taken to end at the largest."""
    if not len(values):
        return {"value": np.nan}
    ends = mean_intervals({"": values.to_numpy()}, {"": (0.0, float(values.max()))}, np.arange(len(values)))[""]
    return {"value": values.mean()} | _ends(ends)


def _share(found: pd.DataFrame) -> dict:
    """How much of some suggestions was accepted, with an interval over images."""
    by_image = found.assign(taken=found["mark"] == ACCEPTED).groupby("image", sort=False)["taken"].agg(["sum", "size"])
    values = ratio_values(by_image["sum"].to_numpy(float), by_image["size"].to_numpy(float))
    ends = mean_intervals({"": values}, {"": (0.0, 1.0)}, np.arange(len(values)), weights={"": by_image["size"].to_numpy(float)})[""]
    counts = found["mark"].value_counts()
    return {"value": by_image["sum"].sum() / by_image["size"].sum(), "records": len(by_image), "suggested": len(found),
            "accepted": counts.get(ACCEPTED, 0), "rejected": counts.get("rejected", 0), "undecided": counts.get("", 0)} | _ends(ends)


def _ends(ends: list[float] | None) -> dict:
    return dict(zip(("low", "high"), ends)) if ends else {}


def _with_ends(row, number: Callable[[float], str]) -> str:
    return number(row.value) + ("" if np.isnan(row.low) else f" ({number(row.low)} to {number(row.high)})")
