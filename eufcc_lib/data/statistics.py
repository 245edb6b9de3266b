"""The counts of the paper's section 3, for any data set, as tidy frames.

Everything is counted on the annotations as they are written: every tag of every path, ancestors
included, also those that are too rare for the vocabulary. No image is opened. What the figures
draw and the tables show is one of these frames.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from numbers import Integral

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_array

from ..core.facets import FACET_NAMES, FACETS, LEVEL_SEPARATOR
from . import paper_counts
from .dataset import Dataset, ImagePaths, images_folder
from .labels import label_matrix
from .official_counts import LABEL_FILE_TAGS
from .records import COLUMNS, SPLIT_TITLES, Records, distinct_tags
from .taxonomy import Taxonomy

TagPath = tuple[str, ...]


def pooled(dataset: Dataset) -> Records:
    """All records of the data set, split after split."""
    return Records(pa.concat_tables([records.table.select(COLUMNS) for records in dataset.records.values()]))


def pooled_images(dataset: Dataset) -> ImagePaths:
    """The image file of each of the `pooled` records, whether it is there or not."""
    return ImagePaths(images_folder(dataset.root), np.concatenate([records.ids for records in dataset.records.values()]))


def count_splits(dataset: Dataset) -> pd.DataFrame:
    """Size of every split that is there: split, records, share of all records, providers, also in train.

    The last is how many of its providers are also in the training split, missing where that is.
    """
    providers = {split: set(records.providers) for split, records in dataset.records.items()}
    total = sum(len(records) for records in dataset.records.values())
    return pd.DataFrame([
        {"split": split, "records": len(dataset.records[split]), "share": len(dataset.records[split]) / total,
         "providers": len(names), "also in train": len(names & providers["train"]) if "train" in providers else None}
        for split, names in providers.items()])


def count_filled_facets(records: Records) -> pd.DataFrame:
    """How many images have a facet at all: facet, images, share of the images."""
    images = filled_facets(records).sum(axis=0)
    return pd.DataFrame({"facet": FACET_NAMES, "images": images, "share": images / max(len(records), 1)})


def count_facets_per_image(records: Records) -> pd.DataFrame:
    """How many images have one, two, three, four facets (and none, where there are such): facets, images, share."""
    images = np.bincount(filled_facets(records).sum(axis=1), minlength=len(FACETS) + 1)
    frame = pd.DataFrame({"facets": range(len(images)), "images": images, "share": images / max(len(records), 1)})
    return frame[(frame["facets"] > 0) | (frame["images"] > 0)].reset_index(drop=True)


def count_providers(dataset: Dataset) -> pd.DataFrame:
    """Images of every provider, most first (ties by name): provider, one column per split, images."""
    counts = {split: pd.Series(Counter(records.providers), dtype="int64") for split, records in dataset.records.items()}
    frame = pd.DataFrame(counts).fillna(0).astype("int64").rename_axis("provider").reset_index()
    frame["images"] = frame[list(counts)].sum(axis=1)
    return frame.sort_values(["images", "provider"], ascending=[False, True], ignore_index=True)


def count_tags_per_image(records: Records) -> pd.DataFrame:
    """Distinct tags of an image in each facet and in all four: facet (or `all`), tags, images.

    Images without the facet are left out of its rows.
    """
    per_facet = {facet: per_image(records, facet, lambda paths: len(distinct_tags(paths))) for facet in FACET_NAMES}
    per_facet["all"] = sum(per_facet.values())
    rows = [(facet, *pair) for facet, tags in per_facet.items()
            for pair in zip(*np.unique(tags[tags > 0], return_counts=True))]
    return pd.DataFrame(rows, columns=["facet", "tags", "images"])


def count_tag_images(records: Records) -> pd.DataFrame:
    """How many images carry each tag: facet, tag, images, rank; most frequent first, ties by name."""
    rows = []
    for facet in FACET_NAMES:
        ranked = sorted(weigh(records, facet, distinct_tags).items(), key=lambda item: (-item[1], item[0]))
        rows += [(facet, tag, images, rank) for rank, (tag, images) in enumerate(ranked, start=1)]
    return pd.DataFrame(rows, columns=["facet", "tag", "images", "rank"])


def list_top_tags(tag_images: pd.DataFrame, most: int) -> pd.DataFrame:
    """The most frequent tags of `count_tag_images` by rank, a column for each facet; missing where there are fewer."""
    top = tag_images[tag_images["rank"] <= most].pivot(index="rank", columns="facet", values="tag")
    return top.reindex(columns=FACET_NAMES)


def compare_splits(dataset: Dataset, splits: tuple[str, ...] = ("train", "test_id")) -> pd.DataFrame:
    """Images per tag in two or more splits: facet, tag, one column per split.

    In the order of the first split's frequency, then the next one's, then the name. A split that the
    data set lacks is a column of missing values: it was not counted, which is not the same as zero.
    """
    counted = {split: count_tag_images(dataset.records[split]).set_index(["facet", "tag"])["images"]
               for split in splits if split in dataset.records}
    frame = pd.DataFrame(counted) if counted else pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []]))
    frame = frame.fillna(0).astype("int64").reindex(columns=list(splits))
    frame = frame.reset_index(names=["facet", "tag"])
    frame["facet"] = pd.Categorical(frame["facet"], FACET_NAMES, ordered=True)
    frame = frame.sort_values(["facet", *splits, "tag"], ascending=[True, *[False] * len(splits), True],
                              ignore_index=True)
    return frame.astype({"facet": "str"})


def count_label_depths(records: Records) -> pd.DataFrame:
    """At which level labels end, and whether the tree goes on below: facet, level, leaf, inner (labels).

    A label is a path of an image that no other path of the image continues. It ends at an inner node
    where some image of these records has a tag below that one. Level 1 is the top of the tree.
    """
    rows = []
    for facet in FACET_NAMES:
        inner = narrower_tags(records, facet)
        ends = Counter()
        for path, images in weigh(records, facet, labels_of).items():
            ends[len(path), path[-1] in inner] += images
        deepest = max((level for level, _ in ends), default=0)
        rows += [(facet, level, ends[level, False], ends[level, True]) for level in range(1, deepest + 1)]
    return pd.DataFrame(rows, columns=["facet", "level", "leaf", "inner"])


def find_several_parents(records: Records) -> pd.DataFrame:
    """Names that stand at more than one place of their tree: facet, tag, places, parents.

    A place is a parent, or the top of the tree (written as '(top)'); a name below itself counts it as a parent.
    """
    rows = []
    for facet in FACET_NAMES:
        parents = defaultdict(set)
        for path in _distinct_paths(records, facet):
            for parent, tag in pairwise(("(top)", *path)):
                parents[tag].add(parent)
        rows += [(facet, tag, len(places), ", ".join(sorted(places)))
                 for tag, places in sorted(parents.items()) if len(places) > 1]
    return pd.DataFrame(rows, columns=["facet", "tag", "places", "parents"])


def find_several_facets(records: Records) -> pd.DataFrame:
    """Names that are used in more than one facet: tag, facets."""
    facets = defaultdict(list)
    for facet in FACET_NAMES:
        for tag in set().union(*_distinct_paths(records, facet)):
            facets[tag].append(facet)
    rows = [(tag, ", ".join(names)) for tag, names in sorted(facets.items()) if len(names) > 1]
    return pd.DataFrame(rows, columns=["tag", "facets"])


def weigh_tree(records: Records, taxonomy: Taxonomy) -> pd.DataFrame:
    """How the images spread over a facet's tree, in portions that add up (Figure 6).

    An image may have several tags beside each other, and a tag several parents, so that the images
    of a node's children can outnumber its own. Therefore every image is one portion, shared evenly
    between its narrowest tags in the tree; a node's weight is what ends there and below.

    Returns:
        One row per tag in the taxonomy's order: tag, parent (row of the parent, -1 for a root),
        depth, path, images (that have the tag), narrowest (of these, with no tag below it), ends (the
        portions of the latter that are its own), weight (ends, here and below).
    """
    matrix = label_matrix(records, taxonomy).matrix.astype(np.int32)
    parent = taxonomy.parent
    child = np.flatnonzero(parent >= 0)
    upwards = csr_array((np.ones(len(child), np.int32), (child, parent[child])), shape=(len(parent),) * 2)
    narrowest = (matrix - matrix.multiply((matrix @ upwards).astype(bool))).tocsr()
    share = 1 / np.maximum(narrowest.sum(axis=1), 1)
    ends = narrowest.T @ share
    weight = ends.copy()
    for tag in reversed(child):  # a parent stands before its children
        weight[parent[tag]] += weight[tag]
    return pd.DataFrame({
        "tag": taxonomy.names, "parent": parent, "depth": taxonomy.depth,
        "path": [LEVEL_SEPARATOR.join(taxonomy.path(tag)) for tag in range(len(taxonomy))],
        "images": matrix.sum(axis=0), "narrowest": narrowest.sum(axis=0), "ends": ends, "weight": weight})


def compare_with_paper(dataset: Dataset, language: str = "en") -> pd.DataFrame:
    """Every count that section 3 prints, the repository's label files, and this data set side by side.

    Columns: count, paper, label files, this data; whole numbers or shares, missing where a source
    says nothing. Tags are those with at least as many images as the paper asks for.

    Args:
        language: of the facets' titles.
    """
    records, splits = pooled(dataset), count_splits(dataset).set_index("split")["share"]
    providers, facets = count_providers(dataset), count_facets_per_image(records).set_index("facets")["images"]
    test = splits.reindex(["test_id", "test_ood"]).sum(min_count=1)
    rows = [("images", paper_counts.IMAGES, None, len(records)),
            ("providers", paper_counts.PROVIDERS, None, len(providers)),
            ("images of the largest provider", paper_counts.LARGEST_PROVIDER, None, int(providers["images"].max()))]
    rows += [(f"tags in {facet.title(language).lower()}", paper_counts.TAGS[facet.name],
              LABEL_FILE_TAGS[facet.name], len(dataset.vocabulary[facet.name])) for facet in FACETS]
    rows += [(f"images with {number} facet{'s' * (number > 1)}", images, None, int(facets.get(number, 0)))
             for number, images in paper_counts.IMAGES_BY_FACETS.items()]
    rows += [("share of images in both tests", paper_counts.TEST_SHARE, None, test),
             ("share of images in validation", paper_counts.TEST_SHARE, None, splits.get("val"))]
    return pd.DataFrame(rows, columns=["count", "paper", "label files", "this data"], dtype=object)


def summarise(dataset: Dataset) -> dict[str, int | float]:
    """The numbers that the text of the statistics chapter quotes, as plain Python numbers; NaN for a share of nothing."""
    records = pooled(dataset)
    facets, depths = count_facets_per_image(records).set_index("facets")["share"], count_label_depths(records)
    of_all = count_tags_per_image(records).query("facet == 'all'")
    providers, tags = count_providers(dataset)["images"], count_tag_images(records)
    labels = depths[["leaf", "inner"]].sum()
    running = tags["images"].sort_values(ascending=False).cumsum()  # (image, tag) pairs of the most frequent tags
    return {
        "records": len(records), "providers": len(providers), "tags": len(tags),
        "largest_provider_percent": 100 * _ratio(providers.max(), providers.sum()),
        "partial_percent": 100 * float(1 - facets.get(len(FACETS), 0)),
        "mean_tags": _ratio(of_all["tags"] @ of_all["images"], of_all["images"].sum()),
        "most_tags": int(of_all["tags"].max()) if len(of_all) else 0,
        "rare_tags": int((tags["images"] < paper_counts.MINIMUM_IMAGES_PER_TAG).sum()),
        "half_of_annotations": int((running.shift(fill_value=0) < tags["images"].sum() / 2).sum()),
        "inner_percent": 100 * _ratio(labels["inner"], labels.sum()),
        "several_parents": len(find_several_parents(records)), "several_facets": len(find_several_facets(records)),
    }


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as a reader wants it: 12,345 for a number, 12 % for a share, a dash for nothing; titles of splits."""
    def word(value: object) -> str:
        if pd.isna(value):
            return "–"
        if isinstance(value, (bool, str)):
            return SPLIT_TITLES.get(value, str(value))
        return f"{value:,}" if isinstance(value, Integral) else f"{100 * value:.3g} %"

    first = frame.columns[0]
    return frame.astype(object).map(word).set_index(first).rename_axis(index=None, columns=first)


def labels_of(paths: Iterable[TagPath]) -> list[TagPath]:
    """The paths that say most: each once, without those that another one continues.

    >>> labels_of([("metal",), ("metal", "bronze"), ("wood",), ("wood",)])
    [('metal', 'bronze'), ('wood',)]
    """
    distinct = list(dict.fromkeys(_without_repeats(path) for path in paths))
    continued = {path[:end] for path in distinct for end in range(1, len(path))}
    return [path for path in distinct if path not in continued]


def narrower_tags(records: Records, facet: str) -> dict[str, set[str]]:
    """The tags right below each tag that has any, anywhere in these records."""
    below = defaultdict(set)
    for path in _distinct_paths(records, facet):
        for parent, tag in pairwise(path):
            if parent != tag:
                below[parent].add(tag)
    return dict(below)


def filled_facets(records: Records) -> np.ndarray:
    """bool (N, 4): which facets an image has, in the order of `facets.FACETS`."""
    return np.stack([per_image(records, facet, len) > 0 for facet in FACET_NAMES], axis=1)


def per_image(records: Records, facet: str, measure: Callable[[tuple[TagPath, ...]], int]) -> np.ndarray:
    """int64 (N,): a number worked out once for each distinct cell, of which there are few."""
    codes, _ = records.cells(facet)
    return np.array([measure(paths) for paths in records.distinct_paths(facet)], dtype=np.int64)[codes]


def weigh(records: Records, facet: str, things: Callable[[tuple[TagPath, ...]], Iterable]) -> Counter:
    """How many images have each thing, a thing being what `things` finds in an image's paths."""
    codes, cells = records.cells(facet)
    total = Counter()
    for paths, images in zip(records.distinct_paths(facet), np.bincount(codes, minlength=len(cells)).tolist()):
        total.update(dict.fromkeys(things(paths), images))
    return total


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _without_repeats(path: TagPath) -> TagPath:
    """The path with `plat | plat` read as `plat`: a tag is no level below itself."""
    return path[:1] + tuple(tag for parent, tag in pairwise(path) if tag != parent)


def _distinct_paths(records: Records, facet: str) -> set[TagPath]:
    return set().union(*records.distinct_paths(facet))
