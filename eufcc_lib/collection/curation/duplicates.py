"""Merge records of the same picture and find pictures that look alike, so that no two splits share them.

Each image file has two fingerprints: a digest of its pixels, equal only for the same picture, and a
perceptual hash, which differs by a few bits for pictures that look alike.
"""

import hashlib
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy.fft import dctn
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from tqdm import tqdm

from ...core.errors import UserError
from ...core.facets import FACET_NAMES
from ...core.paths import on_disk, resolve
from ...data.dataset import images_folder
from ...data.images.decoding import Unreadable, decode_picture
from ...data.records import ID, PROVIDER, Records, with_cells
from ...data.taxonomy import format_paths
from ..thumbnails.checks import ICONS, is_icon

UNLIKE = 0.5
"""The `agreement` up to which records of one picture are unlike: merged, they would have twice the tags of each, or more."""

_SIDE = 32  # of the grey picture that is hashed
_FLAT = 4.0  # a wave of one grey level over the whole picture has about 16: less is rounding
_ICON = "placeholder: the service's icon for a missing image"


@dataclass(frozen=True, eq=False)
class Digests:
    """Fingerprints of N images, in the order of the ids.

    Attributes:
        ids: N ids of records.
        pixels: sha256 of size and RGB pixels of each image that has one, by id.
        hashes: uint64 (N,), the perceptual hash; 0 for an image that has none.
        failed: one row per image without fingerprints: `id`, and the `reason`, which begins
            with "missing", "broken", "placeholder" or "blank" (a single colour).
    """

    ids: tuple[str, ...]
    pixels: dict[str, str]
    hashes: np.ndarray
    failed: pd.DataFrame

    @property
    def usable(self) -> np.ndarray:
        """bool (N,), whether the image has both fingerprints.

        The hash of a picture that is flat except for a detail is 0, as for every flat picture.
        """
        return self.hashes != 0


def pixel_digests(root: str | os.PathLike, ids: Iterable[str], workers: int = 2, progress: bool = False) -> Digests:
    """Both fingerprints of `<root>/EUROPEANA/images/<id>.jpg` for each id.

    Files with the same bytes are decoded once. Blank pictures and the placeholder icon show no
    object and get no fingerprint, which would merge unrelated records.

    Args:
        root: folder of the data set.
        workers: threads that decode and hash.
        progress: whether to show a bar.
    Raises:
        UserError: `workers` is below 1. An image that cannot be read is listed in `failed`.
    """
    if workers < 1:
        raise UserError(f"The number of workers is {workers!r}; expected 1 or more.")
    ids = tuple(ids)
    folder = images_folder(resolve(root))
    paths = [on_disk(folder / f"{name}.jpg") for name in ids]
    with ThreadPoolExecutor(workers) as pool:
        read = list(tqdm(pool.map(_file_digest, paths), "files", len(ids), file=sys.stdout, disable=not progress))
        files = {digest: path for path, (digest, _) in zip(paths[::-1], read[::-1]) if digest}  # the first of equal ones
        decoded = tqdm(pool.map(_fingerprint, files.values()), "pictures", len(files), file=sys.stdout, disable=not progress)
        prints = dict(zip(files, decoded))
    found = [prints[digest] if digest else ("", 0, reason) for digest, reason in read]
    failed = [(name, reason) for name, (_, _, reason) in zip(ids, found) if reason]
    return Digests(ids, {name: pixels for name, (pixels, _, _) in zip(ids, found) if pixels},
                   np.array([number for _, number, _ in found], np.uint64), pd.DataFrame(failed, columns=["id", "reason"]))


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits that stay nearly the same when a picture is scaled, recompressed or toned.

    A discrete cosine transform of the picture in grey, scaled to 32 x 32; each of its 64 slowest waves (without the
    mean) gives one bit: whether it is above their median. From Zauner, "Implementation and Benchmarking of
    Perceptual Image Hash Functions", 2010, section 3.2.1. A picture without a wave has 0.
    """
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
    waves = dctn(np.asarray(grey, np.float64), norm="ortho").ravel()[_ORDER]
    if np.abs(waves).max() < _FLAT:
        return 0
    return int(np.packbits(waves > np.median(waves)).view(">u8")[0])


def agreement(records: Records, rows: Sequence[int]) -> float:
    """How alike these records are annotated: the share of all their tags that one annotation holds on average.

    The smallest over the facets, each over its different annotations that are not empty. 1 where these are the same; above
    1/2 for two with a tag in common; 1/n for n without one.
    """
    shares = [1.0]
    for facet in FACET_NAMES:
        tags = records.distinct_tags(facet)
        different = {frozenset(tags[code]) for code in records.cells(facet)[0][rows].tolist()} - {frozenset()}
        if different:
            shares.append(sum(map(len, different)) / len(different) / len(frozenset().union(*different)))
    return min(shares)


def merge_duplicates(records: Records, digests: Mapping[str, str],
                     unlike: float = UNLIKE) -> tuple[Records, pd.DataFrame]:
    """Make one record of those with the same picture, unless they are too unlike.

    The first record of a group is kept, in its place, with the paths of all in each facet: its own
    first, then those that the following ones add, in their order. Records without a digest are kept. So are those of
    a group whose annotations have little in common: their picture may say "not available", or show several objects.

    Args:
        digests: by id, as `Digests.pixels`; ids of other records are ignored.
        unlike: the `agreement` up to which records are kept apart; 0 merges all.
    Returns:
        The records, and a table of the groups: `kept` (id of the first), `merged` (tuple of the other ids, if they were),
        `apart` (tuple of the other ids, if they were not), `agreement`, `providers` (distinct, first seen first), `facets`
        (tuple of those whose annotations differ), `digest`.
    """
    of_row = pd.Series(records.ids).map(digests).dropna()
    same = of_row[of_row.duplicated(keep=False)]
    groups = {digest: rows.index.tolist() for digest, rows in same.groupby(same, sort=False)}
    agreements = {digest: agreement(records, rows) for digest, rows in groups.items()}
    differing = defaultdict(list)
    table = records.table
    for facet in FACET_NAMES:
        codes, cells = records.cells(facet)
        codes, cells = codes.copy(), dict(zip(cells, range(len(cells))))
        for digest, rows in groups.items():
            if len(set(codes[rows])) > 1:
                differing[digest].append(facet)
                if agreements[digest] > unlike:
                    union = format_paths(dict.fromkeys(path for row in rows for path in records.paths(facet, row)))
                    codes[rows[0]] = cells.setdefault(union, len(cells))
        table = with_cells(table, facet, codes, cells)
    keep, shown = np.ones(len(records), bool), []
    for digest, (first, *others) in groups.items():
        ids, alike = tuple(records.ids[others]), agreements[digest] > unlike
        keep[others] = not alike
        shown.append((records.ids[first], ids if alike else (), () if alike else ids, agreements[digest],
                      tuple(dict.fromkeys(records.providers[[first, *others]])), tuple(differing[digest]), digest))
    return (Records(table, records.path).take(keep),
            pd.DataFrame(shown, columns=["kept", "merged", "apart", "agreement", "providers", "facets", "digest"]))


def near_duplicates(hashes: np.ndarray, distance: int = 4, usable: np.ndarray | None = None) -> np.ndarray:
    """All pairs of images whose hashes differ in at most `distance` bits; exact.

    Of `distance` + 2 bands of bits, two such hashes have at least two bands in common (no more
    than `distance` can differ), so only hashes that share two whole bands are compared. Images
    with equal hashes are each paired with the first of them only (a thousand would make half a million
    pairs), and only that first one is compared with others.

    Args:
        hashes: uint64 (N,).
        distance: 0 to 16 bits. Up to 4 joins copies and views of one object, 6 also the pieces of a series
            that look alike, such as shabtis; the time grows fast beyond.
        usable: bool (N,), images to compare, as `Digests.usable`; by default all.
    Returns:
        int32 (P, 3): the positions of the two images, the earlier first, and their distance; sorted.
    """
    if not 0 <= distance <= 16:
        raise UserError(f"The distance of near-duplicates is {distance!r}; expected 0 to 16 bits.")
    hashes = np.asarray(hashes, np.uint64)
    rows = np.flatnonzero(usable) if usable is not None else np.arange(len(hashes))
    distinct, first, inverse = np.unique(hashes[rows], return_index=True, return_inverse=True)
    equal = np.flatnonzero(first[inverse] != np.arange(len(rows)))
    found = _as_keys(rows[first[inverse[equal]]], rows[equal])
    bounds = np.linspace(0, 64, distance + 3).round().astype(int)
    bands = [((1 << int(high)) - (1 << int(low))) for low, high in pairwise(bounds)]
    for band, other_band in combinations(bands, 2):
        one, other = _near_in_bucket(distinct, np.uint64(band | other_band), distance)
        found = np.union1d(found, _as_keys(rows[first[one]], rows[first[other]]))  # three shared bands find a pair thrice
    one, other = found >> 32, found & 0xFFFFFFFF
    return np.stack([one, other, np.bitwise_count(hashes[one] ^ hashes[other])], 1).astype(np.int32)


def group_records(records: Records, pairs: np.ndarray, *keys: Sequence[str | None]) -> np.ndarray:
    """Number the groups of records that splits have to keep together.

    Two records are in one group if they are a pair, if they have an equal value in one of the
    keys, or if both are in one group with a third.

    Args:
        pairs: int (P, 2 or more), positions of two records, as from `near_duplicates`.
        keys: each N values, one per record, such as an object's number; None and "" join nothing.
    Returns:
        int32 (N,), group numbers from 0 in the order of their first record.
    Raises:
        UserError: a pair names a record that does not exist, or a key does not have N values.
    """
    count = len(records)
    pairs = _positions(pairs)
    if len(pairs) and not (0 <= pairs.min() and pairs.max() < count):
        raise UserError(f"The pairs name records {pairs.min()} to {pairs.max()}; expected 0 to {count - 1}.")
    edges = [pairs]
    for number, key in enumerate(keys):
        if len(key) != count:
            raise UserError(f"Key {number} has {len(key)} values; expected {count}, one per record.")
        first = {}
        edges.append(np.array([(first.setdefault(value, row), row) for row, value in enumerate(key)
                               if value is not None and value != ""], np.int64).reshape(-1, 2))
    one, other = np.concatenate(edges).T
    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    return pd.factorize(labels)[0].astype(np.int32)


def pairs_across_splits(records: Records, pairs: np.ndarray, splits: Sequence[str]) -> pd.DataFrame:
    """The pairs whose two records lie in different splits, which should be none.

    Args:
        pairs: int (P, 2 or 3), as from `near_duplicates`.
        splits: for each of the N records the name of its split.
    Returns:
        One row per pair: `id`, `split`, `provider`, then `other_id`, `other_split`, `other_provider`.
    """
    splits = np.asarray(splits, object)
    one, other = _positions(pairs).T
    across = splits[one] != splits[other]
    columns = {"id": records.table[ID], "split": splits, "provider": records.table[PROVIDER]}
    return pd.DataFrame({prefix + name: np.asarray(values, object)[rows[across]]
                         for prefix, rows in (("", one), ("other_", other)) for name, values in columns.items()})


def _positions(pairs: np.ndarray) -> np.ndarray:
    """int64 (P, 2), without the distances; an empty list is no pair."""
    return np.asarray(pairs, np.int64)[:, :2] if len(pairs) else np.zeros((0, 2), np.int64)


_DOWN, _ACROSS = np.divmod(np.arange(_SIDE * _SIDE), _SIDE)
_ORDER = np.lexsort((_DOWN, _DOWN + _ACROSS))[1:65]  # the slowest waves first, without the mean


def _file_digest(path: Path) -> tuple[str, str]:
    """The digest of the file's bytes, or why there is no picture in it."""
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "", "missing"
    except OSError as error:
        return "", f"broken: the file cannot be read ({error.strerror or error})"
    return ("", _ICON) if digest in ICONS else (digest, "")


def _fingerprint(path: Path) -> tuple[str, int, str]:
    """The digest of the pixels as a model would see them, and the perceptual hash; or why there are none."""
    try:
        data = path.read_bytes()
        if is_icon(data):
            return "", 0, _ICON
        picture = decode_picture(data)
    except (OSError, Unreadable) as error:
        return "", 0, f"broken: {getattr(error, 'reason', error)}"
    if all(low == high for low, high in picture.getextrema()):
        return "", 0, "blank: a single colour"
    digest = hashlib.sha256(f"{picture.width} x {picture.height} RGB ".encode() + picture.tobytes())
    return digest.hexdigest(), perceptual_hash(picture), ""


def _as_keys(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs of positions as numbers that sort by the earlier position, then by the later one."""
    return np.minimum(one, other) << 32 | np.maximum(one, other)


def _near_in_bucket(hashes: np.ndarray, mask: np.uint64, distance: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of all pairs of hashes that agree under the mask and differ in at most `distance` bits."""
    order = np.argsort(hashes & mask, kind="stable")
    ordered = hashes[order]
    keys = ordered & mask
    ends = np.searchsorted(keys, keys, "right")
    found, left = [], np.arange(len(keys))
    for step in range(1, len(keys)):  # each hash with the one `step` places on, while in its bucket
        left = left[left + step < ends[left]]
        if not len(left):
            break
        near = left[np.bitwise_count(ordered[left] ^ ordered[left + step]) <= distance]
        if len(near):
            found.append(np.stack([near, near + step]))
    one, other = np.concatenate(found, 1) if found else np.zeros((2, 0), np.int64)
    return order[one], order[other]
