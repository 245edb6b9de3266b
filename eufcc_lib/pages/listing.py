"""Every number of the tables on a line of its own: this run, both its intervals, and the paper where the data are its own.

The tables are to be read across; this is for looking one number up, also on a phone.
"""

from ..core.errors import unknown
from ..core.facets import get_facet
from ..results.estimates import OVER
from ..results.files import data_name
from ..results.paper import FURTHER_TABLES, MEAN, METRICS, TEST_SPLITS, Metric
from ..results.tables import Row, Table, bounds_text, difference_text, is_papers, table
from .render import Page, render


def listing(data: str, split: str, language: str = "en") -> Page:
    """All numbers of the runs on `data` on the inner (`test_id`) or outer (`test_ood`) test set, with intervals.

    Metric by metric: every method in every facet, and its mean over them; of further metrics the mean alone. The paper's
    number and the difference from it are there only on the paper's own images (`results.tables.is_papers`).
    """
    if split not in TEST_SPLITS:
        raise unknown("test set", split, TEST_SPLITS)
    name = data_name(data)
    shown = [table(name, number, language, marked=False) for number in (list(TEST_SPLITS).index(split) + 1, 3)]
    same = is_papers(name, split)
    metrics = [(metric.title, same, [group for part in shown for group in _groups(part, split, metric)]) for metric in METRICS]
    for number, (_, further) in FURTHER_TABLES.items():
        means = table(name, number, language, marked=False)
        metrics += [(metric.title, False, _groups(means, split, metric)) for metric in further]
    metrics = [part for part in metrics if any(rows for _, rows in part[2])]
    return render("listing", f"Every number on the {TEST_SPLITS[split].lower()} test set of {name}",
                  data=name, test_set=TEST_SPLITS[split], metrics=metrics)


def _groups(shown: Table, split: str, metric: Metric) -> list[tuple[str, list]]:
    """Title and rows of each facet, or of the mean over them; a row is a method and its five numbers as text."""
    groups = []
    for index, place in enumerate(shown.columns):
        if (place.split, place.metric) == (split, metric):
            title = "Mean over the facets" if place.facet == MEAN else get_facet(place.facet).title(shown.language)
            groups.append((title, [(row.title, _numbers(row, index, metric)) for row in shown.rows
                                   if row.ours[index].text or (row.printed[index].text and is_papers(shown.data, split))]))
    return groups


def _numbers(row: Row, index: int, metric: Metric) -> list[str]:
    ours, printed, estimate = row.ours[index], row.printed[index], row.estimates[index]
    intervals = ["–".join(bounds_text(estimate and estimate.bounds(over), metric)).strip("–") for over in OVER]
    return [ours.text or ("" if row.ran else "not run"), *intervals, printed.text or "",
            difference_text(ours, printed).replace("-", "−")]
