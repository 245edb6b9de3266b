"""Find the faults of a data set in the official schema and list them for a curator; nothing is changed.

Each kind of fault is one check below, explained in `KINDS`. The rights of the images are counted beside them. What the
paper filters out is in `filters`.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.facets import FACET_NAMES, LEVEL_SEPARATOR, get_facet
from ...core.paths import atomic, resolve
from ...core.text import look_alikes, spelled_out
from ...data.label_files import read_label_vocabulary
from ...data.records import COLUMNS, Records
from ...data.records_csv import read_records
from ...data.taxonomy import TOP, Taxonomy, Vocabulary
from ..licences import USES, count_rights
from .duplicates import UNLIKE, Digests, agreement, pixel_digests

KINDS = {
    "ancestor listed again": "a path of a cell that is the beginning of another path of the cell",
    "path twice in a cell": "the same path more than once in one cell",
    "name twice on a path": "a tag that is its own ancestor, such as plat | plat",
    "name under several parents": "one name at several places of a facet: one tag, or different things",
    "name in several facets": "one name in two facets; records with it in either",
    "names that look alike": "names that differ in case, spaces, invisible signs or how accents are stored: one tag in several",
    "curation mark": "a name that is all upper-case, begins with * or holds ®, ©, ™: a note or a leftover",
    "one concept fanned out": "paths of unrelated branches that always occur together, on objects that have nothing else "
                              "in common: most likely one concept that was written in several places, some of them wrong",
    "tag below the minimum": "a tag with fewer images than the minimum",
    "tag outside the label files": "a tag that is not in the label files",
    "parent unlike the label files'": "a tag that is never below the parent it has in the label files",
    "outer provider inside": "a record of an outer test provider outside the outer test set",
    "image in several records": "records that share an image (by url or by pixels) and are annotated alike",
    "image annotated differently": "records that share an image and are annotated differently",
    "image of unlike records": "records that share an image and whose annotations hold on average at most half of all "
                               "their tags: a picture that says 'not available', or shows several objects",
    "image in several splits": "an id, url or picture in more than one split",
    "image not readable": "an image file that is missing, broken, blank or the service's placeholder",
}
"""Kinds of findings, in the order in which they are reported, and what they mean."""

OUTER_SPLIT = "test_ood"

_TOGETHER = 0.9  # of the records with either path have both: "always together", apart from slips
_RECORDS = 5  # with a combination, for it to be more than chance
_TOP = "the top"
_SHOWN = 5  # examples per finding, and findings printed per facet

# The summary reports some kinds for whole records or pairs of facets, all other kinds per facet.
_FACETS = dict.fromkeys([kind for kind in KINDS if kind.startswith(("image", "outer"))], ("",))
_FACETS["name in several facets"] = tuple(map(", ".join, combinations(FACET_NAMES, 2)))


@dataclass(frozen=True, eq=False)
class Audit:
    """What is wrong with N records.

    Attributes:
        records: N.
        summary: one row per kind and facet (or pair of facets; "" for whole records):
            `findings`, `occurrences`, `records` (distinct). A kind that was not found has zeros.
        findings: one row per finding, in the summary's order, then by places, then by records: `kind`,
            `facet`, `what`, `occurrences`, `records`, `examples` (ids, at most 5).
        rights: one row per licence, see `licences.count_rights`.
    """

    records: int
    summary: pd.DataFrame
    findings: pd.DataFrame
    rights: pd.DataFrame

    def of(self, kind: str, facet: str = "") -> pd.DataFrame:
        """The findings of one kind, in one facet or in all."""
        chosen = (self.findings["kind"] == kind) & ((self.findings["facet"] == facet) | (facet == ""))
        return self.findings[chosen].reset_index(drop=True)

    def __str__(self) -> str:
        lines = [f"{self.records:,} records"]
        for kind, rows in self.summary.groupby("kind", sort=False):
            lines += ["", f"{kind}: {KINDS[kind]}"]
            for row in rows[rows["findings"] > 0].itertuples():
                lines.append(f"  {row.facet or 'records'}: {row.findings:,} found, {row.occurrences:,} times in "
                             f"{row.records:,} records")
                shown = self.findings[(self.findings["kind"] == kind) & (self.findings["facet"] == row.facet)]
                lines += [f"    {found.what} ({found.occurrences:,}; {', '.join(found.examples[:2]) or 'no record'})"
                          for found in shown.head(_SHOWN).itertuples()]
                lines += [f"    and {len(shown) - _SHOWN:,} more"] * (len(shown) > _SHOWN)
            lines += ["  none found"] * (not rows["findings"].any())
        lines += ["", "rights: what the records state about the use of their images"]
        lines += [f"  {row.licence} ({USES[row.use]}): {row.records:,} records of {row.providers:,} providers"
                  for row in self.rights.itertuples()]
        return "\n".join(lines)


def audit(records: Records | Mapping[str, Records], *, minimum: int | Mapping[str, int] = 10,
          outer: Iterable[str] | None = None, labels: Vocabulary | None = None,
          images: Digests | None = None) -> Audit:
    """Look for every kind of fault of `KINDS`.

    Args:
        records: records, or those of each split by its name.
        minimum: images that a tag needs, over all splits, for all facets or by facet (default 10).
        outer: providers that only the outer test set may hold; by default those of the split `test_ood`.
        labels: the label files' vocabulary. With it, tags that are not in it are found, and tags with another
            parent in it; the other checks of single names (minimum, several facets) then cover its tags, also
            those without an image.
        images: fingerprints of the records' images, from `duplicates.pixel_digests`.
    Raises:
        UserError: there are no records, or `minimum` names an unknown facet.
    """
    splits = dict(records) if isinstance(records, Mapping) else {"": records}
    if not any(map(len, splits.values())):
        raise UserError("There is no record to audit; expected at least one.")
    if outer is None and OUTER_SPLIT in splits:
        outer = set(splits[OUTER_SPLIT].providers)
    whole = Records(pa.concat_tables([part.table.select(COLUMNS) for part in splits.values()]))
    split = np.repeat(np.array(list(splits), object), [len(part) for part in splits.values()])
    given = dict(minimum) if isinstance(minimum, Mapping) else dict.fromkeys(FACET_NAMES, minimum)
    minimums = dict.fromkeys(FACET_NAMES, 10) | {get_facet(facet).name: number for facet, number in given.items()}
    facets = {facet: _Cells(whole, facet) for facet in FACET_NAMES}
    known = {facet: set(labels[facet].names if labels else cells.with_tag) for facet, cells in facets.items()}
    found = [*_several_facets(facets, known), *_outer_inside(whole, split, outer or ()),
             *_shared_images(whole, split, images)]
    for facet, cells in facets.items():
        found += [*_repetitions(cells), *_several_parents(cells), *_look_alikes(cells, known[facet]),
                  *_curation_marks(cells), *_fanned_out(cells),
                  *_against_vocabulary(cells, known[facet], minimums[facet])]
        found += _moved(cells, labels[facet]) if labels else ()
    not_asked = {"tag outside the label files": labels is None, "parent unlike the label files'": labels is None,
                 "outer provider inside": outer is None,
                 "image in several splits": len(splits) < 2, "image not readable": images is None}
    return _report(found, whole, [kind for kind in KINDS if not not_asked.get(kind)], count_rights(splits.values()))


class _Finding(NamedTuple):
    """One fault: the records (positions) it is in, and how often it occurs, at least once in each."""

    kind: str
    facet: str
    what: str
    rows: np.ndarray
    occurrences: int
    places: int = 1


class _Cells:
    """One facet of N records by its distinct cells, with the way back to the records."""

    def __init__(self, records: Records, facet: str):
        self.records, self.facet = records, facet
        self.codes, self.texts = records.cells(facet)
        self.paths = records.distinct_paths(facet)
        self.weights = records.cell_counts(facet)
        self._rows = np.split(np.argsort(self.codes, kind="stable"), np.cumsum(self.weights)[:-1])

    def rows(self, cells: Iterable[int]) -> np.ndarray:
        """The records with one of these cells, ascending."""
        return np.sort(np.concatenate([np.zeros(0, np.int64), *(self._rows[cell] for cell in set(cells))]))

    def of_tag(self, kind: str, name: str, what: str = "") -> _Finding:
        """A finding in every record with a tag."""
        rows = self.rows(self.with_tag.get(name, ()))
        return _Finding(kind, self.facet, what or name, rows, len(rows))

    @cached_property
    def parents(self) -> dict[str, Counter]:
        """For each tag the names right above it, `TOP` for none, with the number of records."""
        parents = defaultdict(Counter)
        for paths, weight in zip(self.paths, self.weights.tolist()):
            steps = ((name, path[depth - 1] if depth else TOP) for path in paths for depth, name in enumerate(path))
            for name, parent in dict.fromkeys(steps):
                parents[name][parent] += weight
        return parents

    @cached_property
    def with_tag(self) -> dict[str, list[int]]:
        """The distinct cells that hold each tag."""
        cells = defaultdict(list)
        for cell, names in enumerate(self.records.distinct_tags(self.facet)):
            for name in names:
                cells[name].append(cell)
        return cells


def _repetitions(cells: _Cells) -> Iterator[_Finding]:
    """What one cell or one path says twice."""
    places = defaultdict(Counter)
    for cell, paths in enumerate(cells.paths):
        above = {path[:depth] for path in set(paths) for depth in range(1, len(path))}
        for path, times in Counter(paths).items():
            what = LEVEL_SEPARATOR.join(path)
            if path in above:
                places["ancestor listed again", what][cell] += times
            if times > 1:
                places["path twice in a cell", what][cell] += times - 1
            if len(set(path)) < len(path):
                places["name twice on a path", what][cell] += times
    for (kind, what), times in places.items():
        occurrences = sum(number * int(cells.weights[cell]) for cell, number in times.items())
        yield _Finding(kind, cells.facet, what, cells.rows(times), occurrences)


def _several_parents(cells: _Cells) -> Iterator[_Finding]:
    """A path that repeats a name makes it one of its own parents."""
    for name, above in cells.parents.items():
        if len(above) > 1:
            yield cells.of_tag("name under several parents", name, f"{name}, under {_listed(above)}")


def _moved(cells: _Cells, labels: Taxonomy) -> Iterator[_Finding]:
    """The label files have each name in one place, which need not be one of those in the records."""
    for name, above in cells.parents.items():
        place = labels.path(labels.index[name]) if name in labels.index else ()
        expected = place[-2] if len(place) > 1 else TOP
        if place and expected not in above:
            what = f"{name}, under {_listed(above)}; in the label files under {expected or _TOP}"
            yield cells.of_tag("parent unlike the label files'", name, what)


def _listed(parents: Counter) -> str:
    return ", ".join(f"{parent or _TOP} ({images:,})" for parent, images in parents.most_common())


def _several_facets(facets: Mapping[str, _Cells], known: Mapping[str, set[str]]) -> Iterator[_Finding]:
    for pair in combinations(FACET_NAMES, 2):
        one, other = (facets[facet].with_tag.keys() & known[facet] for facet in pair)
        for name in one & other:
            rows = np.union1d(*(facets[facet].rows(facets[facet].with_tag[name]) for facet in pair))
            yield _Finding("name in several facets", ", ".join(pair), name, rows, len(rows))


def _look_alikes(cells: _Cells, known: set[str]) -> Iterator[_Finding]:
    for names in look_alikes(known | cells.with_tag.keys()):
        rows = {name: cells.rows(cells.with_tag.get(name, ())) for name in names}
        what = ", ".join(f"{spelled_out(name)} ({len(with_name):,})" for name, with_name in rows.items())
        yield _Finding("names that look alike", cells.facet, what, np.unique(np.concatenate(list(rows.values()))),
                       sum(map(len, rows.values())), len(names))


def _curation_marks(cells: _Cells) -> Iterator[_Finding]:
    for name in cells.with_tag:
        if name.startswith("*") or set(name) & set("®©™") or (name.isupper() and len(name) > 1):
            yield cells.of_tag("curation mark", name)


def _fanned_out(cells: _Cells) -> Iterator[_Finding]:
    """Clusters of paths that occur together or not at all, found without knowing what they mean.

    Two paths belong together if 90 % of the records with either have both, at least 5. A cluster
    is reported if two of its paths share no name, and if two of its records have other object
    types that share no top: what recurs over such different objects does not describe them. Clusters
    over one kind of object (every scabbard has a sword) are not reported.
    """
    place, pairs = {}, []
    for cell, paths in enumerate(cells.paths):
        pairs += [(cell, place.setdefault(path, len(place))) for path in dict.fromkeys(paths)]
    if not pairs:
        return
    paths, (row, column) = list(place), np.array(pairs).T
    has = csr_array((np.ones(len(pairs), np.int64), (row, column)), shape=(len(cells.texts), len(paths)))
    both = (has.T @ (has * cells.weights[:, None])).tocoo()
    images = cells.weights @ has
    together = (both.data >= _RECORDS) & (both.data >= _TOGETHER * (images[both.row] + images[both.col] - both.data))
    graph = csr_array((both.data[together], (both.row[together], both.col[together])), shape=both.shape)
    _, labels = connected_components(graph, directed=False)
    for label in np.flatnonzero(np.bincount(labels) > 1):
        cluster = [paths[member] for member in np.flatnonzero(labels == label)]
        if any(set(one).isdisjoint(other) for one, other in combinations(cluster, 2)):
            where = np.flatnonzero(has[:, labels == label].sum(axis=1) > 1)
            rows, what = cells.rows(where.tolist()), " + ".join(map(LEVEL_SEPARATOR.join, cluster))
            if _differ(cells.records, rows, set(cluster)):
                yield _Finding("one concept fanned out", cells.facet, what, rows, len(rows), len(cluster))


def _differ(records: Records, rows: np.ndarray, cluster: set[tuple[str, ...]]) -> bool:
    """Whether two of the records have further object types, and no top of them in common."""
    codes, _ = records.cells("objectTypes")
    paths = records.distinct_paths("objectTypes")
    tops = {frozenset(path[0] for path in paths[code] if path not in cluster) for code in set(codes[rows].tolist())}
    return any(one and other and one.isdisjoint(other) for one, other in combinations(tops, 2))


def _against_vocabulary(cells: _Cells, known: set[str], minimum: int) -> Iterator[_Finding]:
    """Known tags against the minimum number of images; the others."""
    for name in known | cells.with_tag.keys():
        found = cells.of_tag("tag below the minimum" if name in known else "tag outside the label files", name)
        if name not in known or len(found.rows) < minimum:
            yield found


def _outer_inside(records: Records, split: np.ndarray, outer: Iterable[str]) -> Iterator[_Finding]:
    inside = split != OUTER_SPLIT
    for provider in set(outer) & set(records.providers[inside]):
        rows = np.flatnonzero(inside & (records.providers == provider))
        yield _Finding("outer provider inside", "", provider, rows, len(rows))


def _shared_images(records: Records, split: np.ndarray, images: Digests | None) -> Iterator[_Finding]:
    keys = {"id": records.ids, "url": records.urls}
    if images is not None:
        keys["pixels"] = np.array([images.pixels.get(name, "") for name in records.ids], object)
        for reason, group in images.failed.groupby("reason"):
            rows = np.flatnonzero(np.isin(records.ids, group["id"].to_numpy(object)))
            if len(rows):
                yield _Finding("image not readable", "", reason, rows, len(rows))
    annotations = np.stack([records.cells(facet)[0] for facet in FACET_NAMES], 1)
    for key, values in keys.items():
        values = pd.Series(values)
        repeated = values[values.duplicated(keep=False) & (values != "")]
        for name, positions in repeated.groupby(repeated, sort=False).groups.items():
            rows, what = positions.to_numpy(), f"{key} {name}"
            alike = (annotations[rows] == annotations[rows[0]]).all()
            kind = ("image in several records" if alike else "image of unlike records"
                    if agreement(records, rows) <= UNLIKE else "image annotated differently")
            yield _Finding(kind, "", what, rows, len(rows))
            if len(present := dict.fromkeys(split[rows])) > 1:
                yield _Finding("image in several splits", "", f"{what}: {', '.join(present)}", rows, len(rows))


def _report(found: list[_Finding], records: Records, kinds: list[str], rights: pd.DataFrame) -> Audit:
    groups = {(kind, facet): [] for kind in kinds for facet in _FACETS.get(kind, FACET_NAMES)}
    for finding in found:
        groups[finding.kind, finding.facet].append(finding)
    summary, rows = [], []
    for (kind, facet), of_kind in groups.items():
        distinct = np.unique(np.concatenate([finding.rows for finding in of_kind])) if of_kind else ()
        summary.append((kind, facet, len(of_kind), sum(finding.occurrences for finding in of_kind), len(distinct)))
        of_kind.sort(key=lambda finding: (-finding.places, -len(finding.rows), finding.what))
        rows += [(kind, facet, finding.what, finding.occurrences, len(finding.rows),
                  tuple(records.ids[finding.rows[:_SHOWN]])) for finding in of_kind]
    return Audit(len(records), pd.DataFrame(summary, columns=["kind", "facet", "findings", "occurrences", "records"]),
                 pd.DataFrame(rows, columns=["kind", "facet", "what", "occurrences", "records", "examples"]), rights)


def _minimums(words: list[str]) -> dict[str, int]:
    """From words such as `5` and `subjects=20`; a later one overrides."""
    minimums = {}
    for word in words:
        facet, _, number = word.rpartition("=")
        if not number.isdigit():
            raise UserError(f"--minimum {word}: expected a number, or FACET=NUMBER with one of {', '.join(FACET_NAMES)}.")
        minimums |= dict.fromkeys([facet] if facet else FACET_NAMES, int(number))
    return minimums


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("audit", __doc__.splitlines()[0], reads="FILE.csv..., label files and images if named",
                        writes="a report to the screen, and all findings to a csv file if named",
                        example="eufcc audit data/eufcc340k/*.csv --labels data/eufcc340k/labels")
    parser.add_argument("files", nargs="+", metavar="FILE.csv", help="one file per split, named after it")
    parser.add_argument("--labels", metavar="DIR", help="folder of the four label files")
    parser.add_argument("--outer", metavar="PROVIDER", action="append", help="an outer test provider; may be repeated")
    parser.add_argument("--minimum", metavar="N", nargs="+", default=["10"], help="images that a tag needs: 5 subjects=20")
    parser.add_argument("--images", metavar="DIR", help="data set folder, to also compare the images")
    parser.add_argument("--csv", metavar="FILE", help="write all findings to this file")
    options = parser.parse_args(arguments)
    splits = {Path(file).stem: read_records(file) for file in options.files}
    if len(splits) < len(options.files):
        raise UserError("Two files have one name; expected one name per split.")
    labels = read_label_vocabulary(options.labels) if options.labels else None
    ids = dict.fromkeys(name for part in splits.values() for name in part.ids)
    images = pixel_digests(options.images, ids, os.cpu_count(), progress=True) if options.images else None
    print(result := audit(splits, minimum=_minimums(options.minimum), outer=options.outer, labels=labels, images=images))
    if options.csv:
        with atomic(resolve(options.csv)) as temporary:
            result.findings.assign(examples=result.findings["examples"].map(", ".join)).to_csv(temporary, index=False)
