"""Which records and tags to show: examples drawn by seed, so that a page shows the same ones again.

What to count is `statistics`, how to draw is `figures`.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..core.errors import UserError
from ..core.facets import FACET_NAMES, FACETS
from ..core.names import find_name
from .dataset import Dataset
from .labels import Labels
from .records import Records, distinct_tags
from .statistics import filled_facets, labels_of, narrower_tags, per_image, weigh
from .taxonomy import Taxonomy, Vocabulary


def sample_by_facets(records: Records, seed: int = 0, most_tags: int = 14) -> pd.DataFrame:
    """One record with each number of facets that occurs, for Figure 1: row, caption.

    Drawn among the records with at most `most_tags` tags, to be readable, and from providers not shown yet.
    """
    filled = filled_facets(records).sum(axis=1)
    return _draw_examples(records, seed, most_tags, {
        f"{number} facet{'s' * (number > 1)}": filled == number for number in range(len(FACETS), 0, -1)})


def sample_by_depth(records: Records, seed: int = 0, most_tags: int = 14) -> pd.DataFrame:
    """Records with deep, shallow and several labels, for Figure 5: row, caption. Drawn as in `sample_by_facets`."""
    deepest = np.max([per_image(records, facet, lambda paths: max(map(len, paths), default=0))
                      for facet in FACET_NAMES], axis=0)
    several = np.max([per_image(records, facet, lambda paths: len(labels_of(paths)))
                      for facet in FACET_NAMES], axis=0)
    shallow = np.zeros(len(records), dtype=bool)
    for facet in FACET_NAMES:
        below = narrower_tags(records, facet)
        shallow |= per_image(records, facet, lambda paths, below=below: sum(
            path[-1] in below for path in labels_of(paths))) > 0
    readable = deepest[_tags_per_image(records) <= most_tags]
    return _draw_examples(records, seed, most_tags, {
        "A deep label": deepest >= readable.max(initial=1),
        "A label that stops early": shallow & (deepest <= 2),
        "Three labels in one facet": several == 3})


def sample_by_tag(records: Records, facet: str, most: int = 8, each: int = 7, seed: int = 0) -> pd.DataFrame:
    """Images of a facet's most frequent tags that have none below: name, note, rows.

    From as many providers as possible: the second image of a provider comes after the first of all others.
    """
    below, leaves = narrower_tags(records, facet), Counter()
    for path, images in weigh(records, facet, labels_of).items():
        if path[-1] not in below:
            leaves[path[-1]] += images
    codes, _ = records.cells(facet)
    tags = [set(distinct_tags(paths)) for paths in records.distinct_paths(facet)]
    return _sample_rows(records, seed, each, {
        tag: np.flatnonzero(np.array([tag in found for found in tags])[codes])
        for tag, _ in sorted(leaves.items(), key=lambda item: (-item[1], item[0]))[:most]})


def sample_by_provider(records: Records, most: int = 12, each: int = 7, seed: int = 0) -> pd.DataFrame:
    """Images of the providers with most records: name, note, rows."""
    ranked = sorted(Counter(records.providers).items(), key=lambda item: (-item[1], item[0]))
    return _sample_rows(records, seed, each, {
        provider: np.flatnonzero(records.providers == provider) for provider, _ in ranked[:most]})


def draw_branch(labels: Labels, taxonomy: Taxonomy, seed: int = 0, levels: int = 4, most_tags: int = 6) -> int:
    """The row of an image whose tags make a good example of a tree: deep, and few enough to be drawn.

    Drawn among the images whose tags go deepest without exceeding `levels`; with at most `most_tags` tags where there are
    such images.

    Raises:
        UserError: no image has a tag in the facet.
    """
    matrix = labels.matrix
    tags = np.diff(matrix.indptr)
    if not tags.any():
        raise UserError(f"No image of this split has a tag in the facet {labels.facet!r}; expected another facet.")
    deepest = np.zeros(len(tags), np.int64)
    np.maximum.at(deepest, np.repeat(np.arange(len(tags)), tags), taxonomy.depth[matrix.indices] + 1)
    fits = (tags > 0) & (tags <= most_tags) & (deepest <= levels)
    fits = fits if fits.any() else tags > 0
    return int(np.random.default_rng(seed).choice(np.flatnonzero(fits & (deepest == deepest[fits].max()))))


def cut_tree(taxonomy: Taxonomy, tags: Iterable[int], most: int = 18, each: int = 4, levels: int = 4) -> list[int]:
    """A part of the tree that can be drawn: some tags, all above them, and the most frequent of what is beside.

    Beside means: with the same parent as a tag already taken, or below one; without given tags, the top ones. The groups of siblings take turns, those
    of the given tags first, until there are `most` tags in all. None takes more than `each` of them, nor exceeds
    `levels`. A tree that is small enough is taken whole.

    Returns:
        Tags in the order of the taxonomy; every tag's parent is among them.
    """
    if len(taxonomy) <= most:
        return list(range(len(taxonomy)))
    shown = {taxonomy.index[name] for tag in tags for name in taxonomy.path(tag)}
    downwards = sorted(shown, key=lambda tag: (taxonomy.depth[tag], tag))
    waiting = list(dict.fromkeys([int(taxonomy.parent[tag]) for tag in downwards] + downwards)) or [-1]
    while waiting and len(shown) < most:
        parent = waiting.pop(0)
        siblings = taxonomy.roots if parent < 0 else taxonomy.children(parent)
        rest = sorted(set(siblings) - shown, key=lambda tag: (-taxonomy.images[tag], tag))
        if rest and len(siblings) - len(rest) < each and taxonomy.depth[rest[0]] < levels:
            shown.add(rest[0])
            waiting += [parent] + [rest[0]] * bool(taxonomy.children(rest[0]))
    return sorted(shown)


def _tags_per_image(records: Records) -> np.ndarray:
    """int64 (N,): distinct tags of an image, over all facets."""
    return sum(per_image(records, facet, lambda paths: len(distinct_tags(paths))) for facet in FACET_NAMES)


def _draw_examples(records: Records, seed: int, most_tags: int, kinds: dict[str, np.ndarray]) -> pd.DataFrame:
    """One record of each kind (a mask of N), where there is one: row, caption."""
    generator = np.random.default_rng(seed)
    readable, shown, rows = _tags_per_image(records) <= most_tags, [], []
    for caption, fits in kinds.items():
        candidates = np.flatnonzero(fits & readable) if (fits & readable).any() else np.flatnonzero(fits)
        unseen = candidates[~np.isin(records.providers[candidates], shown)]
        candidates = unseen if len(unseen) else candidates
        if len(candidates):
            row = int(generator.choice(candidates))
            shown.append(records.providers[row])
            rows.append({"row": row, "caption": caption})
    return pd.DataFrame(rows, columns=["row", "caption"])


def _sample_rows(records: Records, seed: int, each: int, groups: dict[str, np.ndarray]) -> pd.DataFrame:
    """`each` rows of each group, in turn from its providers: name, note, rows."""
    generator = np.random.default_rng(seed)
    samples = []
    for name, rows in groups.items():
        shuffled = generator.permutation(rows)
        turn = pd.Series(records.providers[shuffled]).groupby(records.providers[shuffled]).cumcount()
        picked = shuffled[np.argsort(turn.to_numpy(), kind="stable")][:each]
        samples.append({"name": name, "note": f"{len(rows):,} images", "rows": picked.tolist()})
    return pd.DataFrame(samples, columns=["name", "note", "rows"])


def first_split(dataset: Dataset) -> str:
    """The first split that has a record."""
    return next(split for split, records in dataset.records.items() if len(records))


def find_record(records: Records, record: str | float | None, seed: int = 0, vocabulary: Vocabulary | None = None) -> int:
    """The row of the record with that id, or with the one that papermill read as that number.

    With None a good first example is drawn, see `draw_record`.

    Raises:
        UserError: there is no record of that id, or none at all.
    """
    if not len(records):
        raise UserError("This split has no record; expected another one.")
    if record is not None:
        rows = np.flatnonzero(records.ids == find_name(record, records.ids.tolist()))
        if not len(rows):
            raise UserError(f"There is no record {record!r} among these {len(records):,}; an id is, for example, "
                            f"{records.ids[0]!r}.")
        return int(rows[0])
    return draw_record(records, vocabulary, seed)


def draw_record(records: Records, vocabulary: Vocabulary | None = None, seed: int = 0, facets: int = 3) -> int:
    """The row of a record that shows what a record can hold: tags in several facets, on deep paths.

    Narrowed down step by step, where a step leaves any record: all of its tags are in the vocabulary; it has tags in
    `facets` facets or more, or in as many as a record has; its deepest path is at most one level above the deepest left.
    """
    filled = filled_facets(records).sum(axis=1)
    known = filled > 0
    if vocabulary is not None:
        for facet in FACET_NAMES:
            names = vocabulary[facet].index.keys()
            known &= per_image(records, facet, lambda paths, names=names: names >= set(distinct_tags(paths))) > 0
    rows = np.flatnonzero(known) if known.any() else np.arange(len(records))
    rows = rows[filled[rows] >= min(facets, filled[rows].max())]
    levels = np.max([per_image(records, facet, lambda paths: max(map(len, paths), default=0)) for facet in FACET_NAMES], axis=0)
    rows = rows[levels[rows] >= levels[rows].max() - 1]
    return int(np.random.default_rng(seed).choice(rows))
