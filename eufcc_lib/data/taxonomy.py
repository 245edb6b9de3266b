"""The tags of one facet as a tree of arrays; annotation paths and label files as text.

Reads and writes the two notations of the official files (paths in a csv cell, drawn label
trees) and arranges named tags in a tree. What a record is, and counting, is `records`.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from graphlib import TopologicalSorter

import numpy as np

from ..core.errors import UserError, unknown
from ..core.facets import LEVEL_SEPARATOR, PATH_SEPARATOR, get_facet

MAX_PATHS, MAX_LEVELS = 1_000, 100
"""Paths in a cell and levels of a path, ten times what objects have: pairs of paths and beginnings of paths are compared."""

TOP = None
"""The parent of a tag at the top of a path."""

_RULE = f"Elements are separated by '{LEVEL_SEPARATOR}', paths by '{PATH_SEPARATOR}'."


def parse_paths(cell: str) -> tuple[tuple[str, ...], ...]:
    """The paths of one csv cell, each from the broadest tag to the narrowest, as written.

    >>> parse_paths("metal | bronze $ wood")
    (('metal', 'bronze'), ('wood',))
    >>> parse_paths("")
    ()

    Raises:
        UserError: an element is empty, is edged by white space or holds a separator's sign, or there are more than
            `MAX_PATHS` paths or `MAX_LEVELS` levels.
    """
    if not cell:
        return ()
    _check_count(cell.count(PATH_SEPARATOR) + 1)
    try:
        return tuple(map(_parse_path, cell.split(PATH_SEPARATOR)))
    except _BadElement as bad:
        raise UserError(f"{bad} in {_shown(cell)}. {_RULE}") from None


def format_paths(paths: Iterable[Iterable[str]]) -> str:
    """The csv cell of these paths, the inverse of `parse_paths`.

    Raises:
        UserError: as `parse_paths`; a path without elements is an empty element.
    """
    paths = [tuple(path) for path in paths]
    cell = PATH_SEPARATOR.join(map(LEVEL_SEPARATOR.join, paths))
    _check_count(len(paths))
    try:
        for path in paths:
            _check_path(path or ("",))
    except _BadElement as bad:
        raise UserError(f"{bad} in {_shown(cell)}. {_RULE}") from None
    return cell


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """The C tags of one facet, arranged as a tree; a tag is its position in these arrays.

    A tag's identity is (facet, name). The same name can be annotated under several parents:
    all are kept in `parents`, one of them is the tag's `parent` in the tree. An image's tags are
    those of its annotated paths, so they need not hold every ancestor in this tree.

    Attributes:
        facet: its name, as in `facets`.
        names: C tags in tree preorder, siblings sorted by Unicode code point.
        parent: int32 (C,), the tree parent, -1 for a root; always smaller than the tag itself.
        parents: for each tag every annotated parent, sorted; -1 stands for the top of a path, and
            the tag itself for a path that repeats a name, as `plat | plat` does.
        images: int64 (C,), images annotated with the tag; zeros when read from a label file.
    """

    facet: str
    names: tuple[str, ...]
    parent: np.ndarray
    parents: tuple[tuple[int, ...], ...]
    images: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each name."""
        return {name: tag for tag, name in enumerate(self.names)}

    @cached_property
    def depth(self) -> np.ndarray:
        """int32 (C,), steps to the root; 0 at a root."""
        depth = np.zeros(len(self), np.int32)
        for tag, parent in enumerate(self.parent):
            if parent >= 0:
                depth[tag] = depth[parent] + 1
        return depth

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """Tags without a parent in the tree."""
        return tuple(np.flatnonzero(self.parent < 0).tolist())

    @cached_property
    def _children(self) -> tuple[tuple[int, ...], ...]:
        children = [[] for _ in self.names]
        for tag, parent in enumerate(self.parent.tolist()):
            if parent >= 0:
                children[parent].append(tag)
        return tuple(map(tuple, children))

    def children(self, tag: int) -> tuple[int, ...]:
        """Tags right below `tag` in the tree, sorted by name."""
        return self._children[tag]

    def path(self, tag: int) -> tuple[str, ...]:
        """Names from the root down to `tag`, itself included."""
        names = []
        while tag >= 0:
            names.append(self.names[tag])
            tag = int(self.parent[tag])
        return tuple(reversed(names))


def arrange_tree(facet: str, edges: Mapping[str, Mapping[str | None, int]],
                 images: Mapping[str, int] | None = None) -> Taxonomy:
    """Arrange tags in a tree, giving each its most frequent parent.

    Steps from a tag to a parent are taken in the order of their count, ties by the parent's
    name (the top of a path first) and then the tag's. Each tag keeps the first step that leads
    neither to itself nor, over the steps taken before, back to it; a tag left without becomes a
    root. The outcome is therefore a tree whatever the annotations say, and does not depend on
    the order of the records.

    Args:
        facet: name of the facet.
        edges: for each tag the images in which it stands under each parent (`TOP` at the top).
            Every parent is itself a tag of `edges`.
        images: images annotated with each tag; zeros if left out.
    """
    get_facet(facet)
    chosen = _choose_parents(edges)
    children = defaultdict(list)
    for name in sorted(edges, reverse=True):
        children[chosen[name]].append(name)
    names, waiting = [], children[TOP]
    while waiting:
        name = waiting.pop()
        names.append(name)
        waiting.extend(children[name])
    index = {name: tag for tag, name in enumerate(names)} | {TOP: -1}
    return Taxonomy(
        facet, tuple(names),
        np.array([index[chosen[name]] for name in names], np.int32),
        tuple(tuple(sorted(index[parent] for parent in edges[name])) for name in names),
        np.array([images[name] if images else 0 for name in names], np.int64))


def unfold(taxonomy: Taxonomy) -> tuple[Taxonomy, np.ndarray]:
    """Every place of every tag as a node of its own: a tag annotated under two parents is two nodes.

    A place is a way down from the top along annotated steps that passes no tag twice. A tag stands at the
    top where it was annotated there or is a root of the tree, so each has a place.

    Returns:
        The P >= C places as a tree whose names are their paths, in preorder, and int32 (P,), the tag of each.
    """
    below = defaultdict(list)
    for tag, parents in enumerate(taxonomy.parents):
        for parent in {*parents, int(taxonomy.parent[tag])} - {tag}:
            below[parent].append(tag)
    paths, parent, waiting = [], [], [((tag,), -1) for tag in reversed(below[-1])]
    while waiting:
        path, above = waiting.pop()
        waiting += [((*path, tag), len(paths)) for tag in reversed(below[path[-1]]) if tag not in path]
        paths.append(path)
        parent.append(above)
    tags = np.array([path[-1] for path in paths], np.int32)
    names = tuple(LEVEL_SEPARATOR.join(taxonomy.names[tag] for tag in path) for path in paths)
    return Taxonomy(taxonomy.facet, names, np.array(parent, np.int32), tuple((above,) for above in parent),
                    taxonomy.images[tags]), tags


def narrower_tags(taxonomy: Taxonomy) -> dict[int, set[int]]:
    """The tags right below each tag under any of its annotated parents, in an order in which narrower tags come first.

    Steps in a circle are left out: one that leads from a tag to something below it, over the steps of the tree and those
    taken before, in the order of the tags.
    """
    below = {tag: set(taxonomy.children(tag)) for tag in range(len(taxonomy))}

    def reach(tag: int) -> set[int]:
        found, waiting = {tag}, [tag]
        while waiting:
            new = below[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    for tag, parents in enumerate(taxonomy.parents):
        for parent in sorted(set(parents) - {-1, int(taxonomy.parent[tag])}):
            if parent not in reach(tag):
                below[parent].add(tag)
    return {tag: below[tag] for tag in TopologicalSorter(below).static_order()}


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The tags that a model knows: one taxonomy per facet.

    Attributes:
        taxonomies: for each facet's name its taxonomy, in the order of `facets.FACETS`.
        original: the hash of the vocabulary that this one translates, "" if it is none.
    """

    taxonomies: dict[str, Taxonomy]
    original: str = ""

    def __getitem__(self, facet: str) -> Taxonomy:
        if facet not in self.taxonomies:
            raise unknown("facet", facet, self.taxonomies)
        return self.taxonomies[facet]

    @cached_property
    def hash(self) -> str:
        """16 hex digits that stand for facets, tags, their order and their parents.

        Image counts are left out: two vocabularies with one hash give the same matrices and trees. A
        translation has the hash of its original, since what was computed on one is true of the other.
        """
        if self.original:
            return self.original
        content = [[facet, tree.names, tree.parent.tolist(), tree.parents] for facet, tree in self.taxonomies.items()]
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class _BadElement(Exception):
    """What is wrong with an element of a path."""


@lru_cache(1 << 16)  # the same path stands in many cells
def _parse_path(text: str) -> tuple[str, ...]:
    path = tuple(text.split(LEVEL_SEPARATOR))
    _check_path(path)
    return path


def _check_count(paths: int) -> None:
    if paths > MAX_PATHS:
        raise UserError(f"found {paths:,} paths; expected at most {MAX_PATHS:,}.")


def _check_path(path: tuple[str, ...]) -> None:
    if len(path) > MAX_LEVELS:
        raise _BadElement(f"path of {len(path):,} levels, more than {MAX_LEVELS},")
    for element in path:
        if not element.strip():
            raise _BadElement("empty element")
        if element != element.strip() or "|" in element or "$" in element:
            raise _BadElement(f"stray separator or space at {_shown(element)}")


def _shown(text: str, most: int = 200) -> str:
    return repr(text if len(text) <= most else text[:most] + "...")


def _choose_parents(edges: Mapping[str, Mapping[str | None, int]]) -> dict[str, str | None]:
    steps = sorted((-count, parent or "", name) for name, parents in edges.items()
                   for parent, count in parents.items() if parent != name)
    chosen, above = {}, {}

    def topmost(name: str | None) -> str | None:
        """Over the steps taken so far; each climb halves the way of the next, so that deep trees take no squared time."""
        while name in above:
            above[name] = name = above.get(above[name], above[name])
        return name

    for _, parent, name in steps:
        if name not in chosen and topmost(parent or TOP) != name:
            chosen[name] = parent or TOP
            if parent:
                above[name] = parent
    return {name: chosen.get(name, TOP) for name in edges}
