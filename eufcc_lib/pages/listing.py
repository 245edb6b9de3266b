"""Every number of Tables 1 to 3 on a line of its own: this run, both its intervals, the paper, the difference.

The tables are to be read across; this is for looking one number up, also on a phone.
"""

import html
from dataclasses import dataclass

from ..core.errors import unknown
from ..core.facets import get_facet
from ..results.estimates import OVER
from ..results.files import data_name
from ..results.paper import MEAN, METRICS, TEST_SPLITS, Metric
from ..results.tables import Table, bounds_text, difference_text, table
from .tables import TABLE_CSS

_HEADS = ("Method", "This run", "95&nbsp;% over images", "over providers", "Paper", "Differ&shy;ence")


@dataclass(frozen=True)
class Listing:
    """One test set, metric by metric: every method in every facet, and its mean over them.

    Attributes:
        split: the test set.
        facets: Table 1 or 2.
        means: Table 3.
    """

    split: str
    facets: Table
    means: Table

    def _repr_html_(self) -> str:
        parts = [f'<details{" open" if metric is METRICS[0] else ""}><summary>{TEST_SPLITS[self.split]} test set, '
                 f'{metric.title}</summary>{self._table(metric)}</details>' for metric in METRICS]
        return f'<style>{TABLE_CSS}{_CSS}</style><div class="eufcc-listing">{"".join(parts)}</div>'

    def _table(self, metric: Metric) -> str:
        heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
        body = "".join(self._group(shown, index) for shown in (self.facets, self.means)
                       for index, place in enumerate(shown.columns) if (place.split, place.metric) == (self.split, metric))
        label = f"{metric.title}, {TEST_SPLITS[self.split]} test set, {html.escape(self.facets.data)}"
        return (f'<div class="eufcc-table" role="region" tabindex="0" aria-label="{label}"><table class="cells">'
                f'<thead><tr>{heads}</tr></thead>{body}</table></div>')

    def _group(self, shown: Table, index: int) -> str:
        """The rows of one facet, or of the mean."""
        place = shown.columns[index]
        title = "Mean over the facets" if place.facet == MEAN else get_facet(place.facet).title(shown.language)
        lines = []
        for row in shown.rows:
            ours, printed, estimate = row.ours[index], row.printed[index], row.estimates[index]
            if ours.text is None and printed.text is None:
                continue
            intervals = ["–".join(bounds_text(estimate and estimate.bounds(over), place.metric)).strip("–")
                         for over in OVER]
            run = ours.text or ("" if row.ran else "<small>not run</small>")
            cells = [run, *intervals, printed.text or "", difference_text(ours, printed).replace("-", "−")]
            lines.append(f'<tr><th scope="row">{html.escape(row.title)}</th>'
                         + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        head = f'<tr class="group"><th scope="rowgroup" colspan="{len(_HEADS)}"><span>{title}</span></th></tr>'
        return f"<tbody>{head}{''.join(lines)}</tbody>"


def listing(data: str, split: str, language: str = "en") -> Listing:
    """All numbers of the runs on `data` on the inner (`test_id`) or outer (`test_ood`) test set, with intervals."""
    if split not in TEST_SPLITS:
        raise unknown("test set", split, TEST_SPLITS)
    name = data_name(data)
    return Listing(split, table(name, list(TEST_SPLITS).index(split) + 1, language), table(name, 3, language))


# Heads break into lines and method names too, so that six columns fit a phone.
_CSS = """
div.eufcc-listing details{margin:.5rem 0}
div.eufcc-listing summary{cursor:pointer;font-weight:bold}
div.eufcc-listing div.eufcc-table{margin:.25rem 0}
div.eufcc-listing .cells thead th{white-space:normal;vertical-align:bottom;hyphens:manual;width:min-content}
div.eufcc-listing .cells tbody tr>th:first-child{white-space:normal;min-width:6.5em}
div.eufcc-listing .cells tr.group th{font-weight:bold;padding-top:.75rem}
div.eufcc-listing .cells tr.group span{position:sticky;left:.2rem}
@media (max-width:600px){div.eufcc-listing .cells th,div.eufcc-listing .cells td{padding:.25rem .2rem;font-size:.72rem}}
"""
