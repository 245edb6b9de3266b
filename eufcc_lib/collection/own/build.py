"""From photographs and rows to a data set in the official layout, split by the paper's rules on a smaller scale."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.errors import UserError
from ...core.facets import FACET_NAMES, FACETS
from ...core.paths import atomic, resolve
from ...core.text import plain
from ...data.dataset import images_folder
from ...data.images.decoding import read_picture
from ...data.records import COLUMNS, CREATOR, ID, OBJECT, PAGE, PROVIDER, RIGHTS, SPLITS, TITLE, URL, Records
from ...data.records_csv import records_from_columns, write_records
from ...data.taxonomy import format_paths
from ..aat.mapping import deepest_paths
from ..curation.duplicates import group_records, pixel_digests
from ..splitting.stratified import Rule, split_records
from .columns import IMAGE, MUSEUM, ONCE, file_names
from .matching import Matcher
from .tables import Table

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"}

INNER = Rule(.15, .30, dict.fromkeys(FACET_NAMES, 2))
"""The inner test of a small collection: 15 % of the images and of each tag's, two at least. The paper's minimum of 5 or 20
images per tag would take half of a tag that has ten."""

_FURTHER = (OBJECT, RIGHTS, TITLE, CREATOR, PAGE)
_MOST_SIDE = 1024  # pixels; no model here reads larger pictures
_QUALITY = 92


@dataclass(frozen=True, eq=False)
class Museum:
    """What `read_museum` found.

    Attributes:
        records: one for each image that has a row, or for each image where there is no table.
        files: the image file of each record.
        unmatched: facet, word, records, nearest: words that no tag is called by; frequent ones first.
        left_out: what, where, why: rows without an image, images without a row.
    """

    records: Records
    files: tuple[Path, ...]
    unmatched: pd.DataFrame
    left_out: pd.DataFrame


def find_images(folder: Path) -> dict[str, list[Path]]:
    """The image files below a folder by name without ending, in small letters; several may share one."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.casefold() in ENDINGS and path.is_file() and not path.name.startswith("."):
            found.setdefault(path.stem.casefold(), []).append(path)
    if not found:
        raise UserError(f"{folder} holds no image; expected files ending in {', '.join(sorted(ENDINGS))}.")
    return found


def read_museum(name: str, images: Mapping[str, list[Path]], table: Table | None, meanings: Mapping[str, str],
                matcher: Matcher, keep_unmatched: bool = False) -> Museum:
    """Records of the images, with the terms of their rows. Several rows of one image are joined.

    Args:
        name: the museum's, for records whose row names none.
        meanings: of each column of the table, see `columns`.
        keep_unmatched: whether words that no tag is called by become tags of their own, without broader terms.
    """
    rows, left_out = _rows_by_image(images, table, meanings)
    columns = {facet: [column for column, meaning in meanings.items() if meaning == facet] for facet in FACET_NAMES}
    single = {meaning: column for column, meaning in meanings.items() if meaning in ONCE}
    words, records, used = Counter(), [], set()
    for path, of_image in rows.items():
        first = {meaning: next((row[column] for row in of_image if row[column]), "") for meaning, column in single.items()}
        record = {ID: _new_id(path.stem, used), URL: path.name, "database": "MUSEUM", PROVIDER: first.get(MUSEUM) or name}
        record |= {column: first.get(column, "").replace("\n", "; ") for column in _FURTHER}
        for facet in FACETS:
            matches = [matcher.match(facet.name, row[column]) for row in of_image for column in columns[facet.name]]
            unknown = dict.fromkeys(word for match in matches for word in match.unmatched)
            words.update((facet.name, word) for word in unknown)
            paths = [path for match in matches for path in match.paths]
            record[facet.column] = format_paths(deepest_paths(paths + [(word,) for word in unknown if keep_unmatched]))
        records.append(record)
    unmatched = [(facet, word, count, matcher.nearest(facet, word)) for (facet, word), count in words.most_common()]
    table = {column: [record[column] for record in records] for column in (*COLUMNS, *_FURTHER)}
    return Museum(records_from_columns(table), tuple(rows),
                  pd.DataFrame(unmatched, columns=["facet", "word", "records", "nearest"]),
                  pd.DataFrame(left_out, columns=["what", "where", "why"]))


def _rows_by_image(images: Mapping[str, list[Path]], table: Table | None,
                   meanings: Mapping[str, str]) -> tuple[dict[Path, list[dict[str, str]]], list[tuple[str, str, str]]]:
    """The rows of each image file, in the order of the table; and what has no partner: what, where, why."""
    if table is None:
        return {path: [] for paths in images.values() for path in paths}, []
    column = next((column for column, meaning in meanings.items() if meaning == IMAGE), None)
    if column is None:
        raise UserError("No column names the image files; expected one with the meaning 'image'.")
    rows, left_out = {}, []
    for line, cells in zip(table.lines, table.rows, strict=True):
        row = dict(zip(table.columns, cells, strict=True))
        files = [path for name in file_names(row[column]) for path in images.get(name, ())]
        if not files:
            why = f"its image {row[column]!r} is not in the folder" if row[column] else "it names no image"
            left_out.append(("row", f"line {line}", why))
        for path in files:
            rows.setdefault(path, []).append(row)
    if not rows:
        raise UserError(f"No row of the table names an image of the folder; expected file names in the column {column!r}.")
    missing = (path for paths in images.values() for path in paths if path not in rows)
    return rows, left_out + [("image", str(path), "no row names it") for path in missing]


def write_museum(museum: Museum, target: str | os.PathLike, outer: tuple[str, ...] = ()) -> dict[str, Records]:
    """Write images as JPEG, one csv per split, and what was left out; returns the records of each split.

    Images of one object, and pictures that are equal, stay in one split. Without any term all records are an outer test:
    there is nothing to learn from.

    Raises:
        UserError: no image can be read, or an outer museum holds none.
    """
    target, folder = resolve(target), images_folder(resolve(target))
    broken = []
    for path, name in zip(museum.files, museum.records.ids, strict=True):
        file = folder / f"{name}.jpg"
        if not file.exists() and (reason := _copy_image(path, file)):
            broken.append(("image", str(path), reason))
    unreadable = {where for _, where, _ in broken}
    kept = museum.records.take(np.array([str(path) not in unreadable for path in museum.files]))
    if not len(kept):
        raise UserError(f"None of the {len(museum.files)} images can be read; the first: {broken[0][2]}.")
    digests = pixel_digests(target, kept.ids, os.cpu_count() or 1)
    equal = [digests.pixels.get(name, "") for name in kept.ids]
    groups = group_records(kept, np.zeros((0, 2), np.int64), kept.table[OBJECT].to_pylist(), equal)
    if any(any(kept.distinct_paths(facet)) for facet in FACET_NAMES):
        splits = split_records(kept, outer, groups, inner=INNER).records
    else:
        splits = {split: kept.take(np.full(len(kept), split == "test_ood")) for split in SPLITS}
    left_out = pd.concat([museum.left_out, pd.DataFrame(broken, columns=museum.left_out.columns)])
    for file, frame in (("left_out.csv", left_out), ("unmatched.csv", museum.unmatched)):
        with atomic(target / "report" / file) as temporary:
            frame.to_csv(temporary, index=False, lineterminator="\n")
    for split, records in splits.items():
        if len(records):
            write_records(records, target / f"{split}.csv")
    return splits


def _copy_image(source: Path, target: Path) -> str:
    """Why the image cannot be read, "" if it was written: upright, in sRGB's channels, at most 1,024 pixels wide and high."""
    try:
        picture = read_picture(source)
    except UserError as error:
        return str(error)
    picture.thumbnail((_MOST_SIDE, _MOST_SIDE))
    with atomic(target) as temporary:
        picture.save(temporary, "JPEG", quality=_QUALITY)
    return ""


def _new_id(stem: str, used: set[str]) -> str:
    """The file's name with plain letters, and a number where it is taken, whatever the case."""
    base = re.sub(r"[^\w-]+", "_", plain(stem)).strip("_") or "image"
    name, number = base, 1
    while name.casefold() in used:
        number += 1
        name = f"{base}_{number}"
    used.add(name.casefold())
    return name
