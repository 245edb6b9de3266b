"""Training, validation, inner and outer test: a balanced selection with a minimum of images per tag.

Paper section 3, "Dataset Splits". The outer test is all that two providers hold (see `frechet`);
inner test and validation are taken from the others, rarest tag first, as in iterative
stratification (Sechidis et al., 2011). All other images are for training.

How the paper's "33 % allocation of images for testing, with minimum thresholds" is read: the test takes the minimum
number of images per tag, and at most half of them. The published inner test is 0.76 % of all images, and 334 of
its 894 object types have exactly 5, so 33 % is a share neither of the whole nor of each tag. Only 62 have fewer
than 5, though 10 images make a tag: the minimum overrides the 33 %. `THIRD` is the literal reading.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numba
import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from ...core.errors import UserError
from ...data.labels import count_vocabulary, label_matrices
from ...data.paper_counts import MINIMUM_IMAGES_PER_TAG, MINIMUM_INNER_IMAGES
from ...data.records import SPLITS, Records, with_objects
from ...data.taxonomy import Vocabulary


@dataclass(frozen=True)
class Rule:
    """The size of a split.

    Attributes:
        share: of each tag's images, and of all images, that the split should have.
        most: of each tag's images, and of all images, that it may have; never exceeded.
        minimum: images per tag that the split should have, by facet, where `most` allows it.
    """

    share: float
    most: float
    minimum: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self):
        if not 0 <= self.share <= self.most <= 1:
            raise UserError(f"Rule of a split: found share={self.share!r}, most={self.most!r}; expected "
                            "0 <= share <= most <= 1.")


INNER = Rule(0, .50, MINIMUM_INNER_IMAGES)
"""The inner test: the minimum of each tag, out of at most half of its images."""

THIRD = Rule(.33, .50, MINIMUM_INNER_IMAGES)
"""The literal reading of the paper: 33 % of the images of each tag, and the minimum of each tag."""

INNER_RULES = {"minimum": INNER, "third": THIRD}
"""Both readings, by name."""

VALIDATION = Rule(.10, .20)
"""'Another 10 % of the dataset': 10 % of each tag's images and of the inner providers' images. Without a minimum, which
would take as much from a rare tag as the test does, at least 30 % is left for training."""

_MOVABLE, _NODES = 2_000, 1_000
"""Groups that are exchanged at a time, and steps of the search: limits that are the same on every machine."""


@dataclass(frozen=True, eq=False)
class Splits:
    """The outcome of `split_records`.

    Attributes:
        records: train, val, test_id, test_ood; each in the original order, with the groups as the column `object`, by which
            results count units (see `data.records.with_objects`).
        report: one row per tag: facet, tag, images (of the inner providers), train, val, test_id, test_ood,
            minimum (wanted in the inner test), reached (whether it is), why (it is not, else ""). Most
            frequent first in each facet, ties by name.
        followed: ids of records in test_ood that no outer provider holds, but another record of their group is an
            outer provider's.
    """

    records: dict[str, Records]
    report: pd.DataFrame
    followed: tuple[str, ...]


def split_records(records: Records, outer: Collection[str], groups: np.ndarray | None = None,
                  vocabulary: Vocabulary | None = None, inner: Rule = INNER, validation: Rule = VALIDATION,
                  seed: int = 0) -> Splits:
    """Divide the records; each is in exactly one split, and groups are kept whole.

    The split of a record depends on the records, groups and seed, not on the order they come in.

    Args:
        records: N records with unique ids.
        outer: the providers of the outer test.
        groups: int (N,), equal where records must stay together (one object, near-duplicates); by default
            each record is a group.
        vocabulary: the tags to balance; by default those with at least 10 of these records.
        inner, validation: see `Rule`.
        seed: of the order in which images of a tag are tried.
    Raises:
        UserError: an outer provider holds no record, or `groups` has another length.
    """
    absent = sorted(set(outer) - set(records.providers))
    if absent:
        raise UserError(f"Outer provider {absent[0]!r} holds none of the {len(records)} records; expected names as in "
                        "the column 'repository.keeper'.")
    given, groups = groups is not None, np.arange(len(records)) if groups is None else np.asarray(groups)
    if groups.shape != (len(records),):
        raise UserError(f"Groups: found an array of shape {groups.shape}; expected one group for each of the "
                        f"{len(records)} records.")
    outer_row = np.isin(records.providers.astype(str), list(outer))
    vocabulary = vocabulary or count_vocabulary(records, MINIMUM_IMAGES_PER_TAG)
    labels = {facet: of_facet.matrix for facet, of_facet in label_matrices(records, vocabulary).items()}

    by_id = np.argsort(records.ids.astype(str), kind="stable")
    group = np.empty(len(records), np.int64)
    group[by_id] = pd.factorize(groups[by_id])[0]
    in_outer = np.isin(group, group[outer_row])

    rows = by_id[~in_outer[by_id]]
    of_rows = {facet: matrix[rows] for facet, matrix in labels.items()}
    test = select_balanced(of_rows, group[rows], inner, seed)
    val = select_balanced(of_rows, group[rows], validation, seed + 1, available=~test)

    split = np.full(len(records), "train", dtype="<U8")
    split[in_outer], split[rows[test]], split[rows[val]] = "test_ood", "test_id", "val"
    report = _report(vocabulary, labels, split, group, inner)
    followed = tuple(sorted(records.ids[in_outer & ~outer_row].tolist()))
    records = with_objects(records, groups) if given else records
    return Splits({name: records.take(split == name) for name in SPLITS}, report, followed)


def select_balanced(labels: Mapping[str, csr_array], groups: np.ndarray, rule: Rule, seed: int = 0,
                    available: np.ndarray | None = None) -> np.ndarray:
    """Select images, whole groups at a time, so that each tag has what the rule asks for.

    From the rarest tag to the most frequent, and last all images together, each takes groups in random order until it
    has enough: first groups that give no tag more than it should have, then groups that give no tag more than it may
    have. If a tag is still short, because each group left would take too much of some tag, groups are exchanged so
    that the fewest images are missing: an integer program over all groups, or over the 2,000 around the short tags.

    Args:
        labels: for each facet bool (N, C), which tags the images have.
        groups: int (N,), equal where images must stay together.
        rule: shares are of all N images.
        seed: of the order.
        available: bool (N,), false where an image is already in another split; it counts in the shares. A
            group with such an image is not selected.
    Returns:
        bool (N,); the same for the same arguments.
    """
    group, _ = pd.factorize(np.asarray(groups))
    if not len(group):
        return np.zeros(0, bool)
    everything = csr_array(np.ones((len(group), 1), np.int32))
    per_image = hstack([*(matrix.astype(np.int32) for matrix in labels.values()), everything], format="csr")
    minimum = np.concatenate([*(np.full(matrix.shape[1], rule.minimum.get(facet, 0))
                                for facet, matrix in labels.items()), [0]])
    images = np.asarray(per_image.sum(axis=0)).ravel()
    wanted, most = _wanted(images, minimum, rule)

    place = np.random.default_rng(seed).permutation(group.max() + 1)[group]  # groups in the order they are tried
    free = np.ones(place.max() + 1, bool)
    if available is not None:
        free[place[~available]] = False
    per_group = csr_array((np.ones(len(place), np.int32), (place, np.arange(len(place)))),
                          shape=(len(free), len(place))) @ per_image
    per_tag = per_group.tocsc()
    per_tag.sort_indices()
    order = np.argsort(images, kind="stable")
    taken = _take(order, wanted, most, free, per_tag.indptr, per_tag.indices,
                  per_group.indptr, per_group.indices, per_group.data)
    return _exchange(taken, per_group, wanted, most, free)[place]


def _wanted(images: np.ndarray, minimum: np.ndarray, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """int64 (C,), the images that each tag should have, and may have at most, given its number of images."""
    most = np.floor(rule.most * images + 1e-9).astype(np.int64)
    share = np.floor(rule.share * images + .5).astype(np.int64)
    return np.minimum(np.maximum(minimum, share), most), most


@numba.njit(cache=True)
def _take(order, wanted, most, free, tag_starts, tag_groups, group_starts, group_tags, group_images):
    taken, has = np.zeros(len(free), np.bool_), np.zeros(len(wanted), np.int64)
    for tag in order:
        for limit in (wanted, most):
            for group in tag_groups[tag_starts[tag]:tag_starts[tag + 1]]:
                if has[tag] >= wanted[tag]:
                    break
                if taken[group] or not free[group]:
                    continue
                entries = range(group_starts[group], group_starts[group + 1])
                fits = True
                for entry in entries:
                    if has[group_tags[entry]] + group_images[entry] > limit[group_tags[entry]]:
                        fits = False
                        break
                if fits:
                    taken[group] = True
                    for entry in entries:
                        has[group_tags[entry]] += group_images[entry]
    return taken


def _exchange(taken: np.ndarray, per_group: csr_array, wanted: np.ndarray, most: np.ndarray,
              free: np.ndarray) -> np.ndarray:
    """bool (G,), the selection with the fewest images missing and the fewest changes."""
    has = per_group.T @ taken.astype(np.int64)
    movable = _around(has, per_group, wanted, most, free)
    if not len(movable):
        return taken
    counts = per_group[movable].T.tocsr()
    tags = np.flatnonzero(np.diff(counts.indptr))
    counts = counts[tags].astype(float)
    now = taken[movable]
    others = has[tags] - counts @ now  # what stays, whatever is exchanged
    missing = np.full(len(tags), len(movable) + 1.0)  # one image missing weighs more than all changes
    room = hstack([counts, csr_array((len(tags),) * 2)], format="csr")
    enough = hstack([counts, eye_array(len(tags))], format="csr")
    answer = milp(np.concatenate([np.where(now, -1.0, 1.0), missing]),
                  integrality=np.repeat([1, 0], [len(movable), len(tags)]),
                  bounds=Bounds(0, np.repeat([1, np.inf], [len(movable), len(tags)])),
                  constraints=[LinearConstraint(room, ub=most[tags] - others),
                               LinearConstraint(enough, lb=wanted[tags] - others)],
                  options={"node_limit": _NODES, "mip_rel_gap": 0})
    if answer.x is None:
        return taken
    changed = taken.copy()
    changed[movable] = answer.x[:len(movable)] > .5
    found = per_group.T @ changed.astype(np.int64)
    better = np.maximum(wanted - found, 0).sum() < np.maximum(wanted - has, 0).sum()
    return changed if better and (found <= most).all() else taken


def _around(has: np.ndarray, per_group: csr_array, wanted: np.ndarray, most: np.ndarray,
            free: np.ndarray) -> np.ndarray:
    """The groups to exchange: those with a short tag, then those that share a full tag with them."""
    short = has < wanted
    near = free & (per_group @ short > 0)
    if not near.any():
        return np.zeros(0, np.int64)
    if free.sum() <= _MOVABLE:
        return np.flatnonzero(free)
    full = per_group[near].max(axis=0).toarray().ravel() > most - has
    beside = free & ~near & (per_group @ full > 0)
    return np.sort(np.concatenate([np.flatnonzero(near), np.flatnonzero(beside)])[:_MOVABLE])


def _report(vocabulary: Vocabulary, labels: dict[str, csr_array], split: np.ndarray, group: np.ndarray,
            inner: Rule) -> pd.DataFrame:
    frames = []
    for facet, matrix in labels.items():
        counts = {name: np.asarray(matrix[split == name].sum(axis=0)).ravel() for name in SPLITS}
        images = sum(counts[name] for name in SPLITS if name != "test_ood")
        minimum = inner.minimum.get(facet, 0)
        frame = pd.DataFrame({"facet": facet, "tag": vocabulary[facet].names, "images": images, **counts,
                              "minimum": minimum, "reached": counts["test_id"] >= minimum, "why": ""})
        _, most = _wanted(images, np.zeros(len(images), np.int64), inner)
        columns = matrix.tocsc()
        for tag in np.flatnonzero(~frame["reached"]):
            rows = columns.indices[columns.indptr[tag]:columns.indptr[tag + 1]]
            rows = rows[(split[rows] != "test_ood") & (split[rows] != "test_id")]
            _, left = np.unique(group[rows], return_counts=True)
            frame.loc[tag, "why"] = _why(images[tag], most[tag], minimum, most[tag] - counts["test_id"][tag], left)
        frames.append(frame.sort_values(["images", "tag"], ascending=[False, True]))
    return pd.concat(frames, ignore_index=True)


def _why(images: int, most: int, minimum: int, room: int, left: np.ndarray) -> str:
    """Why a tag is short. `left`: its number of images in each group outside the test."""
    if not images:
        return "only the outer test has it"
    if most < minimum:
        return f"at most {most} of its {images} images may leave training"
    if not (left <= room).any():
        return "its other images are in groups too large for what it may still give"
    return "its other images have tags that already gave the most they may"
