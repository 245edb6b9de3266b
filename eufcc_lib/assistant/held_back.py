"""What learning changed, measured on images that were not learned from: before and after, with intervals.

Only what was accepted counts as right there, so a good tag that nobody decided is no credit to either model. Terms that a
model's vocabulary lacks count as missed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from ..core.facets import get_facet
from ..core.numbers import percent, signed_number
from ..data.taxonomy import Taxonomy, Vocabulary
from ..metrics.bootstrap import mean_intervals
from .learning import Learned, Lesson, Parent, logits_of

SHOWN = 10
"""Tags that the page shows of a facet."""

R_PRECISION, LEAVES = "R-precision", f"narrowest terms among the best {SHOWN}"


def measure_learned(parent: Parent, learned: Learned) -> pd.DataFrame:
    """One row per facet and metric: before, after, their difference, each with `low` and `high`, and `images`."""
    before, after = (logits_of(model, learned.features) for model in (parent.trained.model, learned.model))
    return compare(learned.held, (before, parent.trained.vocabulary), (after, learned.vocabulary))


def compare(lessons: Sequence[Lesson], before: tuple[Mapping[str, np.ndarray], Vocabulary],
            after: tuple[Mapping[str, np.ndarray], Vocabulary]) -> pd.DataFrame:
    """The same from scores (n, C) by facet of two models, each with its vocabulary."""
    rows = []
    for facet, tree in after[1].taxonomies.items():
        places = [place for place, lesson in enumerate(lessons) if lesson.accepted(facet)]
        if not places:
            continue
        units = np.array([lessons[place].unit for place in places])
        names = {side: [_ranked(scores[facet][place], vocabulary[facet]) if facet in scores else [] for place in places]
                 for side, (scores, vocabulary) in (("before", before), ("after", after))}
        for metric, share in ((R_PRECISION, r_precision), (LEAVES, leaves_shown)):
            values = {side: np.array([share(found, lessons[place], tree) for found, place in zip(ranked, places)])
                      for side, ranked in names.items()}
            values["difference"] = values["after"] - values["before"]
            ranges = {"before": (0.0, 1.0), "after": (0.0, 1.0), "difference": (-1.0, 1.0)}
            intervals = mean_intervals(values, ranges, units)
            row = {"facet": facet, "metric": metric, "images": len(places)}
            for side, column in values.items():
                low, high = intervals[side] or (np.nan, np.nan)
                row |= {side: float(column.mean()), f"{side} low": low, f"{side} high": high}
            rows.append(row)
    return pd.DataFrame(rows)


def r_precision(ranked: Sequence[str], lesson: Lesson, tree: Taxonomy) -> float:
    """Of an image's R accepted tags, the share among the R best."""
    accepted = lesson.accepted(tree.facet)
    return len(accepted.intersection(ranked[:len(accepted)])) / len(accepted)


def leaves_shown(ranked: Sequence[str], lesson: Lesson, tree: Taxonomy) -> float:
    """Of an image's accepted tags with none below them, the share among the best that the page shows."""
    accepted = lesson.accepted(tree.facet)
    paths = [tree.path(tree.index[name]) for name in accepted if name in tree.index] + list(lesson.paths.get(tree.facet, ()))
    leaves = accepted - {above for path in paths if path[-1] in accepted for above in path[:-1]}
    return len(leaves.intersection(ranked[:SHOWN])) / len(leaves)


def tell(measured: pd.DataFrame) -> str:
    """The measurement, a line per facet and metric."""
    if measured.empty:
        return "No image that was held back has an accepted tag, so nothing can be measured."
    return "\n".join(f"{get_facet(found['facet']).title()}, {found['metric']}: {found['before']} before, {found['after']} after, "
                     f"difference {found['difference']}, on {found['images']:,} images."
                     for found in written_out(measured.to_dict("records")))


def written_out(rows: Iterable[Mapping]) -> list[dict]:
    """Rows of `measure_learned` with `before`, `after` and `difference` as text, their intervals in brackets; `clear` says
    whether the difference is above 0, 1, or below, -1, as far as its interval tells."""
    return [{"facet": row["facet"], "metric": row["metric"], "images": row["images"], "clear": _clear(row),
             "before": _with_ends(row, "before", percent), "after": _with_ends(row, "after", percent),
             "difference": _with_ends(row, "difference", signed_number)} for row in rows]


def _clear(row: Mapping) -> int:
    low, high = row["difference low"], row["difference high"]
    return 0 if low is None else int(low > 0) - int(high < 0)  # neither is true of NaN


def _ranked(scores: np.ndarray, taxonomy: Taxonomy) -> list[str]:
    return [taxonomy.names[tag] for tag in np.argsort(-scores, kind="stable")]


def _with_ends(found: Mapping, side: str, number: Callable[[float], str]) -> str:
    low, high = found[f"{side} low"], found[f"{side} high"]
    return number(found[side]) + ("" if low is None or np.isnan(low) else f" ({number(low)} to {number(high)})")
