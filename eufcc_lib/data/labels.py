"""From annotations to labels: the vocabulary counted from records, and sparse label matrices.

Each distinct csv cell is parsed and looked up once, however many records share it. Matrices are
kept in a hidden file beside the csv until the annotations or the vocabulary change.
"""

import hashlib
import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from ..core.errors import UserError
from ..core.facets import FACET_NAMES
from ..core.paths import atomic
from .records import Records
from .taxonomy import TOP, Taxonomy, Vocabulary, arrange_tree


@dataclass(frozen=True, eq=False)
class Labels:
    """The tags of N images in one facet.

    Attributes:
        facet: its name.
        matrix: bool (N, C), true where the image has the tag, ancestors included; canonical
            (sorted indices, no duplicates, no stored zeros).
        outside: int32 (N,), the image's distinct tags that the vocabulary lacks.
    """

    facet: str
    matrix: csr_array
    outside: np.ndarray


def count_vocabulary(records: Records, minimum: int = 10) -> Vocabulary:
    """The tags with at least `minimum` images; every node of every path counts, once per image.

    A tag below the minimum is left out of its paths as if it had not been written, so what
    stands above it stays, and what stands below it moves to the nearest kept ancestor.

    Raises:
        UserError: `minimum` is below 1.
    """
    if minimum < 1:
        raise UserError(f"The minimum number of images per tag is {minimum!r}; expected 1 or more.")
    return Vocabulary({facet: _count_taxonomy(records, facet, lambda _, images: images >= minimum) for facet in FACET_NAMES})


def arrange_vocabulary(records: Records, tags: Mapping[str, set[str]]) -> Vocabulary:
    """These tags by facet, as far as the records have them, however few their images; see `count_vocabulary`."""
    return Vocabulary({facet: _count_taxonomy(records, facet, lambda name, _, facet=facet: name in tags.get(facet, ()))
                       for facet in FACET_NAMES})


def label_matrix(records: Records, taxonomy: Taxonomy) -> Labels:
    """The records' tags in the taxonomy's facet as a sparse matrix, one row per record, one column per tag."""
    codes, _ = records.cells(taxonomy.facet)
    tags, index = records.distinct_tags(taxonomy.facet), taxonomy.index
    known = [sorted([index[name] for name in names if name in index]) for names in tags]
    sizes = np.array(list(map(len, known)), np.int32)
    outside = np.array(list(map(len, tags)), np.int32) - sizes
    cell_tags = np.array(list(chain.from_iterable(known)), np.int32)
    # What indexing a sparse matrix of the cells by the codes gives, in half the time.
    indptr = _starts(sizes[codes])
    place = np.arange(indptr[-1], dtype=np.int32) + np.repeat(_starts(sizes)[codes] - indptr[:-1], sizes[codes])
    return Labels(taxonomy.facet, _matrix(cell_tags[place], indptr, len(taxonomy)), outside[codes])


def label_matrices(records: Records, vocabulary: Vocabulary) -> dict[str, Labels]:
    """`label_matrix` for each facet of the vocabulary."""
    with ThreadPoolExecutor() as pool:  # most of the work is numpy's and scipy's
        labels = pool.map(partial(label_matrix, records), vocabulary.taxonomies.values())
        return dict(zip(vocabulary.taxonomies, labels))


def cached_label_matrices(records: Records, vocabulary: Vocabulary) -> dict[str, Labels]:
    """`label_matrices`, kept in `.<csv's name>.labels.npz` beside the records' csv.

    The file holds a hash of the annotations and of the vocabulary. Where either differs, or the
    file is damaged, it is replaced; in a folder that cannot be written, nothing is kept.
    """
    cache = records.path and records.path.with_name(f".{records.path.name}.labels.npz")
    key = cache and _cache_key(records, vocabulary)
    labels = cache and _load_labels(cache, key, vocabulary)
    if not labels:
        labels = label_matrices(records, vocabulary)
        if cache:
            _save_labels(cache, key, labels)
    return labels


def _matrix(indices: np.ndarray, indptr: np.ndarray, tags: int) -> csr_array:
    matrix = csr_array((np.ones(len(indices), bool), indices, indptr), shape=(len(indptr) - 1, tags))
    matrix.has_canonical_format = True
    return matrix


def _starts(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)])


def _cache_key(records: Records, vocabulary: Vocabulary) -> str:
    """Hash of all that the matrices depend on: every record's cells, in order, and the vocabulary."""
    digest = hashlib.sha256(f"labels 1 {vocabulary.hash}".encode())
    for facet in vocabulary.taxonomies:
        codes, cells = records.cells(facet)
        digest.update(repr((facet, len(codes), cells)).encode())
        digest.update(np.ascontiguousarray(codes, "<i4"))
    return digest.hexdigest()


def _load_labels(cache: Path, key: str, vocabulary: Vocabulary) -> dict[str, Labels] | None:
    """None if the file is not there, damaged or made from something else."""
    try:
        with open(cache, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            if str(arrays["key"]) != key:
                return None
            return {facet: Labels(facet, _matrix(arrays[f"{facet}.indices"], arrays[f"{facet}.indptr"], len(taxonomy)),
                                  arrays[f"{facet}.outside"])
                    for facet, taxonomy in vocabulary.taxonomies.items()}
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def _save_labels(cache: Path, key: str, labels: dict[str, Labels]) -> None:
    if not cache.parent.stat().st_mode & stat.S_IWUSR:
        return  # the system would not stop root, and containers often run as root
    arrays = {"key": np.array(key)}
    for facet, label in labels.items():
        arrays |= {f"{facet}.indices": label.matrix.indices, f"{facet}.indptr": label.matrix.indptr,
                   f"{facet}.outside": label.outside}
    try:
        with atomic(cache) as temporary, open(temporary, "wb") as file:
            np.savez(file, **arrays)
    except OSError:
        pass  # another's folder, a full disk


def _count_taxonomy(records: Records, facet: str, keep: Callable[[str, int], bool]) -> Taxonomy:
    weights = records.cell_counts(facet).tolist()
    images, edges = defaultdict(int), defaultdict(lambda: defaultdict(int))
    for names, weight in zip(records.distinct_tags(facet), weights):
        for name in names:
            images[name] += weight
    images = {name: count for name, count in images.items() if keep(name, count)}
    cell_paths = records.distinct_paths(facet)
    steps = {path: tuple(pairwise([TOP, *filter(images.__contains__, path)]))
             for path in set(chain.from_iterable(cell_paths))}
    for paths, weight in zip(cell_paths, weights):
        for parent, name in set(chain.from_iterable(map(steps.__getitem__, paths))):
            edges[name][parent] += weight
    return arrange_tree(facet, edges, images)
