"""Records and their annotations: the official csv in and out.

A record is one image with its provider, its address and one cell of annotation paths per facet.
What the paths mean as tags, vocabularies and label matrices is `labels`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ..core.facets import FACETS, get_facet
from .taxonomy import format_paths, parse_paths

ID, URL, PROVIDER = "idInSource", "#portraitMedia.original", "repository.keeper"

COLUMNS = (ID, "objectTypes.hierarchy", "subjects.hierarchy", "materials.hierarchy", URL, "database", PROVIDER,
           "classifications.hierarchy")
"""Columns of the official csv, in their order."""

OBJECT = "object"
"""A further column that a file may have: the number or name by which the provider knows the object in the image."""

EUROPEANA_ID, RIGHTS, TITLE, CREATOR, PAGE = "europeana_id", "rights", "title", "creator", "page"
SOURCE_COLUMNS = (EUROPEANA_ID, RIGHTS, TITLE, CREATOR, PAGE)
"""Further columns, behind the official ones, that a file may have and a harvest fills: the item's id at Europeana, the
address of its rights statement, its title, who made it, and the provider's page on it. All that reads records keeps them."""

SPLITS = ("train", "val", "test_id", "test_ood")
SPLIT_TITLES = {"train": "Training", "val": "Validation", "test_id": "Inner test", "test_ood": "Outer test"}

TEXT = pa.string()


@dataclass(frozen=True, eq=False)
class Records:
    """N records in the order of their file.

    Attributes:
        table: the csv's columns, at least the official ones, N rows of text; the facets'
            columns are dictionary-encoded. No cell is null: nothing annotated is "".
        path: the file they came from; None for records made in memory.
    """

    table: pa.Table
    path: Path | None = None

    def __len__(self) -> int:
        return self.table.num_rows

    @cached_property
    def ids(self) -> np.ndarray:
        """str objects (N,), unique; `<id>.jpg` is the image's file name."""
        return self._column(ID)

    @cached_property
    def providers(self) -> np.ndarray:
        """str objects (N,), the institution that keeps the object."""
        return self._column(PROVIDER)

    @cached_property
    def objects(self) -> np.ndarray:
        """int64 (N,), equal for photographs of one object: one provider's with the same text in the column `object`.

        Where the file has no such column, or the cell is empty, an image counts as the only one of its object.
        """
        own = np.arange(len(self))
        if OBJECT not in self.table.column_names:
            return own
        names = pd.DataFrame({PROVIDER: self.providers, OBJECT: self._column(OBJECT)})
        first = names.groupby([PROVIDER, OBJECT], sort=False).ngroup().to_numpy()
        return np.where(names[OBJECT] == "", len(self) + own, first)

    @cached_property
    def urls(self) -> np.ndarray:
        """str objects (N,), where the image can be downloaded."""
        return self._column(URL)

    def further(self, name: str) -> np.ndarray:
        """str objects (N,), a column beside the official ones, such as one of `SOURCE_COLUMNS`; all "" if the file lacks it."""
        return self._column(name) if name in self.table.column_names else np.full(len(self), "", object)

    def cells(self, facet: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """The facet's column as int32 codes (N,) into its distinct cells, each in use."""
        return self._codes_and_cells[get_facet(facet).name][:2]

    def cell_counts(self, facet: str) -> np.ndarray:
        """int64, how many records have each distinct cell of `cells(facet)`."""
        return self._codes_and_cells[get_facet(facet).name][2]

    def distinct_paths(self, facet: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The paths of each distinct cell of `cells(facet)`."""
        return self._distinct_paths[get_facet(facet).name]

    def distinct_tags(self, facet: str) -> tuple[tuple[str, ...], ...]:
        """The distinct names on the paths of each distinct cell, ancestors included, first seen first."""
        return self._distinct_tags[get_facet(facet).name]

    def paths(self, facet: str, row: int) -> tuple[tuple[str, ...], ...]:
        """The annotated paths of one record in one facet, as written."""
        return self.distinct_paths(facet)[self.cells(facet)[0][row]]

    def tags(self, facet: str, row: int) -> tuple[str, ...]:
        """Distinct names on the record's paths in one facet, ancestors included, first seen first."""
        return self.distinct_tags(facet)[self.cells(facet)[0][row]]

    def take(self, rows: Sequence[int] | np.ndarray) -> "Records":
        """The records at these positions (or where a boolean mask of N is true), in that order."""
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64)
        return Records(self.table.take(rows), self.path)

    def rename(self, names: Mapping[str, Mapping[str, str]]) -> "Records":
        """The same records with other names for some tags, and no file; by facet from a name to the new one."""
        table = self.table
        for facet in FACETS:
            new = names.get(facet.name, {})
            codes, _ = self.cells(facet.name)
            cells = [format_paths([new.get(name, name) for name in path] for path in paths)
                     for paths in self.distinct_paths(facet.name)]
            table = with_cells(table, facet.name, codes, cells)
        return Records(table)

    def _column(self, name: str) -> np.ndarray:
        return self.table[name].to_numpy(zero_copy_only=False)

    @cached_property
    def _codes_and_cells(self) -> dict[str, tuple[np.ndarray, tuple[str, ...], np.ndarray]]:
        return {facet.name: _codes_and_cells(self.table[facet.column]) for facet in FACETS}

    @cached_property
    def _distinct_paths(self) -> dict[str, tuple[tuple[tuple[str, ...], ...], ...]]:
        return {facet: tuple(map(parse_paths, cells)) for facet, (_, cells, _) in self._codes_and_cells.items()}

    @cached_property
    def _distinct_tags(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        return {facet: tuple(map(distinct_tags, cells)) for facet, cells in self._distinct_paths.items()}


def with_cells(table: pa.Table, facet: str, codes: np.ndarray, cells: Iterable[str]) -> pa.Table:
    """The table with other annotations in one facet: int32 codes (N,) into cells."""
    column = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(list(cells), TEXT))
    name = get_facet(facet).column
    return table.set_column(table.column_names.index(name), name, column)


def with_objects(records: Records, groups: np.ndarray) -> Records:
    """The records with the column `object`: the lowest id in each group of several, nothing in a group of one.

    What the records say of their objects themselves stays as it is.

    Args:
        groups: int (N,), equal for photographs of one object.
    """
    if OBJECT in records.table.column_names:
        return records
    ids = pd.Series(records.ids, dtype=object).groupby(np.asarray(groups))
    names = ids.transform("min").where(ids.transform("size") > 1, "")
    return Records(records.table.append_column(OBJECT, pa.array(names.tolist(), TEXT)), records.path)


def distinct_tags(paths: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The distinct names on the paths, ancestors included, first seen first."""
    return tuple(dict.fromkeys(chain.from_iterable(paths)))


def _codes_and_cells(column: pa.ChunkedArray) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    if not column.num_chunks:
        return np.zeros(0, np.int32), (), np.zeros(0, np.int64)
    coded = column.unify_dictionaries().combine_chunks()
    codes, cells = coded.indices.to_numpy(), coded.dictionary.to_pylist()
    counts = np.bincount(codes, minlength=len(cells))
    used = counts > 0
    if not used.all():  # these records were taken from more
        codes = (np.cumsum(used, dtype=np.int32) - np.int32(1))[codes]
    return codes, tuple(cell for cell, in_use in zip(cells, used) if in_use), counts[used]
