"""The filters of the paper's section 3, and tables that a curator looks at before them.

Excluded providers, tags with too few images and records left without a tag are removed, and listed.
Wrong annotations are found by `audit`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.errors import UserError
from ...core.facets import FACET_NAMES
from ...data.records import Records, with_cells
from ...data.taxonomy import format_paths


@dataclass(frozen=True, eq=False)
class Filtered:
    """What the filters left, and what they removed.

    Attributes:
        records: those left, in their order, with the tags left.
        rounds: one row per round: `round`, `tags` and `records` removed in it, `records_left`.
            The last one removed nothing.
        tags: one row per tag removed: `round`, `facet`, `tag`, `images` it had.
        dropped: one row per record removed: `round`, `id`, `provider`, `reason`.
    """

    records: Records
    rounds: pd.DataFrame
    tags: pd.DataFrame
    dropped: pd.DataFrame


def filter_records(records: Records, minimum: int = 10, excluded_providers: Iterable[str] = ()) -> Filtered:
    """Apply the paper's filters until nothing changes.

    First the excluded providers' records are removed. Then, round by round, each tag with fewer than
    `minimum` images, and each record that has no tag in any facet. A tag is removed as if it had
    not been written, as in `labels.count_vocabulary`: the tags above it on a path stay, those
    below move up; a path that a cell then holds twice is kept once. So the vocabulary of
    what is left is the one that was counted before. Cells without such a tag are unchanged.

    Args:
        minimum: images that a tag of a facet needs; 10 in the paper.
        excluded_providers: names; the paper excludes "Mobilier National".
    Raises:
        UserError: `minimum` is below 1, or no record has an excluded provider's name.
    """
    if minimum < 1:
        raise UserError(f"The minimum number of images per tag is {minimum!r}; expected 1 or more.")
    excluded = set(excluded_providers)
    unknown = sorted(excluded - set(records.providers))
    if unknown:
        raise UserError(f"Excluded provider {unknown[0]!r} keeps none of the records; expected a provider's name "
                        "as in the records.")
    out = np.isin(records.providers, list(excluded))
    dropped = [_dropped(records, out, 0, "excluded provider")]
    rounds, tags = [(0, 0, int(out.sum()), int((~out).sum()))], []
    records = records.take(~out)
    # Removing a record without tags takes no image from any tag, so the second round finds nothing; it is shown
    # all the same.
    while not rounds[-1][0] or rounds[-1][1] or rounds[-1][2]:
        number = rounds[-1][0] + 1
        rare = {facet: _rare_tags(records, facet, minimum) for facet in FACET_NAMES}
        taken = [(number, facet, tag, images) for facet in FACET_NAMES for tag, images in rare[facet].items()]
        tags += taken
        records = _without_tags(records, rare)
        out = np.all([(np.array(cells, object) == "")[codes] for codes, cells in map(records.cells, FACET_NAMES)], axis=0)
        dropped.append(_dropped(records, out, number, "no tag left"))
        records = records.take(~out)
        rounds.append((number, len(taken), int(out.sum()), len(records)))
    return Filtered(records, pd.DataFrame(rounds, columns=["round", "tags", "records", "records_left"]),
                    pd.DataFrame(tags, columns=["round", "facet", "tag", "images"]),
                    pd.concat(dropped, ignore_index=True))


def records_with_most_tags(records: Records, count: int = 10) -> pd.DataFrame:
    """The records with the most tags in each facet, for a curator to look at.

    Args:
        count: rows per facet; ties by the order of the records.
    Returns:
        One row per record and facet, most tags first: `facet`, `id`, `provider`, `tags` (distinct
        names, ancestors included), `paths`, `annotation` (the cell as written).
    """
    rows = []
    for facet in FACET_NAMES:
        codes, cells = records.cells(facet)
        tags = _tag_numbers(records, facet)[codes]
        for row in np.argsort(-tags, kind="stable")[:count]:
            if tags[row]:
                rows.append((facet, records.ids[row], records.providers[row], int(tags[row]),
                             len(records.paths(facet, row)), cells[codes[row]]))
    return pd.DataFrame(rows, columns=["facet", "id", "provider", "tags", "paths", "annotation"])


def providers_with_most_tags(records: Records) -> pd.DataFrame:
    """Tags per image of each provider, the paper's reason to exclude one: one row per provider, most first.

    Returns:
        `provider`, `images`, then over its images the `mean`, `median` and `most` distinct tags of
        all facets together.
    """
    tags = sum(_tag_numbers(records, facet)[records.cells(facet)[0]] for facet in FACET_NAMES)
    frame = pd.DataFrame({"provider": records.providers, "tags": tags})
    table = frame.groupby("provider")["tags"].agg(images="size", mean="mean", median="median", most="max")
    return table.sort_values("mean", ascending=False, kind="stable").reset_index()


def _tag_numbers(records: Records, facet: str) -> np.ndarray:
    """Distinct tags of each distinct cell."""
    return np.array(list(map(len, records.distinct_tags(facet))), np.int64)


def _rare_tags(records: Records, facet: str, minimum: int) -> dict[str, int]:
    """The tags with fewer images than the minimum, with their images, sorted by name."""
    images = Counter()
    for names, weight in zip(records.distinct_tags(facet), records.cell_counts(facet).tolist()):
        for name in names:
            images[name] += weight
    return {name: images[name] for name in sorted(images) if images[name] < minimum}


def _without_tags(records: Records, rare: dict[str, dict[str, int]]) -> Records:
    table = records.table
    for facet, names in rare.items():
        if names:
            codes, cells = records.cells(facet)
            shorter = [_cell_without(cell, paths, tags, names) for cell, paths, tags in
                       zip(cells, records.distinct_paths(facet), records.distinct_tags(facet))]
            place = {cell: code for code, cell in enumerate(dict.fromkeys(shorter))}  # different cells may have become one
            table = with_cells(table, facet, np.array([place[cell] for cell in shorter], np.int32)[codes], place)
    return Records(table, records.path)


def _cell_without(cell: str, paths: tuple[tuple[str, ...], ...], tags: tuple[str, ...], rare: dict[str, int]) -> str:
    if rare.keys().isdisjoint(tags):
        return cell
    kept = (tuple(name for name in path if name not in rare) for path in paths)
    return format_paths(dict.fromkeys(path for path in kept if path))


def _dropped(records: Records, out: np.ndarray, number: int, reason: str) -> pd.DataFrame:
    return pd.DataFrame({"round": number, "id": records.ids[out], "provider": records.providers[out], "reason": reason})
