"""Compare two sets of records of which one is known to be right."""

import pandas as pd

from ...core.facets import FACETS
from ...data.records import Records


def compare_annotations(records: Records, others: Records, language: str = "en") -> pd.DataFrame:
    """How the tags of the records differ from those of the same ids among others.

    Args:
        language: of the facets' titles.
    Returns:
        By facet's title: `records` (ids in both), `alike` (the same set of tags), `more` and `fewer` (records with a
        tag that the other lacks, or without one that it has; both can hold), `same paths` (the same set of paths).
    """
    rows, place = {}, {name: row for row, name in enumerate(others.ids)}
    pairs = [(row, place[name]) for row, name in enumerate(records.ids) if name in place]
    for facet in FACETS:
        tags = [(set(records.tags(facet.name, row)), set(others.tags(facet.name, other))) for row, other in pairs]
        paths = [(set(records.paths(facet.name, row)), set(others.paths(facet.name, other))) for row, other in pairs]
        rows[facet.title(language)] = {
            "records": len(pairs), "alike": sum(found == right for found, right in tags),
            "more": sum(bool(found - right) for found, right in tags),
            "fewer": sum(bool(right - found) for found, right in tags),
            "same paths": sum(found == right for found, right in paths)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("facet")
