"""Which records to show: examples drawn by seed, so that a page shows the same ones again.

What to count is `statistics`, how to draw is `figures`.
"""

from collections import Counter

import numpy as np
import pandas as pd

from .facets import FACET_NAMES, FACETS
from .records import Records, distinct_tags
from .statistics import filled_facets, labels_of, narrower_tags, per_image, weigh


def sample_by_facets(records: Records, seed: int = 0, most_tags: int = 14) -> pd.DataFrame:
    """One record with each number of facets that occurs, for Figure 1: row, caption.

    Drawn among the records with at most so many tags, to be readable, and from providers not shown yet.
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

    From as many providers as can be: the second image of a provider comes after the first of all others.
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
    """So many rows of each group, in turn from its providers: name, note, rows."""
    generator = np.random.default_rng(seed)
    samples = []
    for name, rows in groups.items():
        shuffled = generator.permutation(rows)
        turn = pd.Series(records.providers[shuffled]).groupby(records.providers[shuffled]).cumcount()
        picked = shuffled[np.argsort(turn.to_numpy(), kind="stable")][:each]
        samples.append({"name": name, "note": f"{len(rows):,} images", "rows": picked.tolist()})
    return pd.DataFrame(samples, columns=["name", "note", "rows"])
