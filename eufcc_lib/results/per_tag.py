"""What finished runs get right and wrong: tag by tag, level by level, image by image, and one beside another.

Read from the scores that a training keeps; nothing is trained or predicted here. The paper's three
metrics are `metrics`; these are for reading what lies behind them, in one facet at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from ..core.errors import UserError, unknown
from ..core.facets import FACET_NAMES, get_facet
from ..data.dataset import Dataset
from ..data.examples import draw_branch, find_record
from ..data.labels import Labels
from ..data.taxonomy import Taxonomy
from ..losses.weighting import WEIGHTINGS, frequency_weights
from ..metrics.ranking import accuracy_at, average_rank_position, r_precision, rank_relevant
from ..models.ensemble import combine
from ..models.registry import COMBINATIONS
from .paper import TEST_SPLITS
from .predictions import name_tags
from .scores import Scores, read_scores


@dataclass(frozen=True, eq=False)
class Judged:
    """Some models' scores in one facet, for the N images that have the facet and that all of them scored.

    Attributes:
        taxonomy: the facet's C tags.
        rows: int64 (N,), the images' rows in the split.
        labels: bool (N, C), true where the image has the tag.
        scores: float32 (N, C) for each model.
        train_images: int64 (C,), training images with each tag; zeros where there is no training split.
    """

    taxonomy: Taxonomy
    rows: np.ndarray
    labels: csr_array
    scores: dict[str, np.ndarray]
    train_images: np.ndarray

    def tags(self, place: int) -> list[int]:
        """The tags of one of the N images."""
        return self.labels.indices[self.labels.indptr[place]:self.labels.indptr[place + 1]].tolist()


def read_judged(dataset: Dataset, models: Sequence[str], split: str, facet: str) -> Judged:
    """The kept scores of these models on a split, in one facet.

    Raises:
        UserError: a model was not evaluated on these records, or does not tag the facet.
    """
    get_facet(facet)
    return judge([read_scores(dataset, model, split) for model in models], facet)


def judge(scores: Sequence[Scores], facet: str) -> Judged:
    """Scores of several models on one split, lined up in one facet.

    Raises:
        UserError: a model does not tag the facet, or no image has a tag in it.
    """
    for kept in scores:
        if facet not in kept.values:
            raise unknown(f"facet of {kept.model!r}", facet, kept.values)
    dataset, split = scores[0].dataset, scores[0].split
    rows = reduce(np.intersect1d, [kept.judged_rows(facet) for kept in scores])
    if not len(rows):
        raise UserError(f"No image of split {split!r} has a tag in the facet {facet!r}; expected another facet.")
    return Judged(scores[0].taxonomy(facet), rows, scores[0].labels(facet).matrix[rows],
                  {kept.model: kept.values[facet][rows] for kept in scores}, count_training_images(dataset, facet))


def count_training_images(dataset: Dataset, facet: str) -> np.ndarray:
    """int64 (C,), training images per tag; zeros where there is no training split."""
    if "train" not in dataset.records:
        return np.zeros(len(dataset.vocabulary[facet]), np.int64)
    return np.asarray(dataset.labels("train")[facet].matrix.sum(axis=0), np.int64)


def find_example(dataset: Dataset, judged: Judged, split: str, image: str | None = None, seed: int = 0) -> int:
    """Which of the N images to explain a head with: the one of that id; with None `samples.draw_branch`.

    Raises:
        UserError: there is no record of that id, or it has no tag in the facet.
    """
    if image is None:
        return draw_branch(Labels(judged.taxonomy.facet, judged.labels, np.zeros(len(judged.rows), np.int32)),
                           judged.taxonomy, seed)
    found = np.flatnonzero(judged.rows == find_record(dataset.split(split), image))
    if not len(found):
        raise UserError(f"The record {image!r} has no tag in the facet {judged.taxonomy.facet!r}; expected one that "
                        "has, or nothing (None).")
    return int(found[0])


def measure(judged: Judged) -> pd.DataFrame:
    """The paper's metrics of each model on these images; a line a model."""
    rows = {}
    for model, scores in judged.scores.items():
        ranks = rank_relevant(scores, judged.labels, judged.taxonomy.facet)
        rows[model] = (r_precision(ranks).mean(), accuracy_at(ranks, 1).mean(), accuracy_at(ranks, 10).mean(),
                       average_rank_position(ranks).mean(), len(judged.rows))
    columns = ["R-Precision", "Acc@1", "Acc@10", "average rank position", "images"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("model")


def with_paths(judged: Judged, model: str, recipe: Mapping[str, object]) -> Judged:
    """The same with one model more, `MODEL, path`: each tag's scores added up from the root down to it.

    For `hsoftmax_levels`, whose scores are log-probabilities within a level: what its switch `level_scores` would give.

    Args:
        recipe: of the run; a run whose scores are of the path already has the same ones twice.
    """
    scores = judged.scores[model].copy()
    added = recipe["level_scores"] == "path" or recipe["tree"] == "places"
    for tag, parent in enumerate([] if added else judged.taxonomy.parent.tolist()):  # a parent comes before its children
        if parent >= 0:
            scores[:, tag] += scores[:, parent]
    return replace(judged, scores={**judged.scores, f"{model}, path": scores})


def with_combined(judged: Judged, members: Sequence[str]) -> Judged:
    """The same with an ensemble of these models for each way of combining, `all, WAY`; see `families.ensemble`."""
    kept = [judged.scores[member] for member in members]
    return replace(judged, scores=judged.scores | {
        f"all, {way}": combine(kept, tuple(members), way) for way in COMBINATIONS})


def measure_tests(dataset: Dataset, models: Sequence[str], facet: str) -> pd.DataFrame:
    """R-Precision of each model on each test set that is there, and the difference where there are both."""
    frame = pd.DataFrame({TEST_SPLITS[split]: measure(read_judged(dataset, models, split, facet))["R-Precision"]
                          for split in TEST_SPLITS if split in dataset.records})
    if len(frame.columns) == 2:
        frame["difference"] = frame.iloc[:, 1] - frame.iloc[:, 0]
    return frame


def judge_agreement(judged: Judged, model: str, other: str) -> pd.DataFrame:
    """How often two models put the same tag first, and how often each is then right.

    Returns:
        Two rows, `the same tag` and `two tags`: `images`, and for each model the share of these images in
        which the tag it puts first is on record (NaN where there is no such image).
    """
    best = {name: np.argmax(judged.scores[name], axis=1) for name in (model, other)}
    right = {name: judged.labels[np.arange(len(judged.rows)), tags].astype(bool) for name, tags in best.items()}
    same, rows = best[model] == best[other], {}
    for first, chosen in (("the same tag", same), ("two tags", ~same)):
        rows[first] = {"images": int(chosen.sum())} | {
            name: right[name][chosen].mean() if chosen.any() else np.nan for name in best}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("they put first")


def judge_tags(judged: Judged, model: str) -> pd.DataFrame:
    """How one model did on each tag, over the images that have it.

    Returns:
        A row for each tag that some image has, by name in the order of the vocabulary: `train_images`,
        `images`, `found` (the share of these images where the tag is among the first R, R the image's own
        tags) and `mean_rank`.
    """
    tag, found, position = _outcomes(judged, model)
    images = np.bincount(tag, minlength=len(judged.taxonomy))
    seen = np.flatnonzero(images)
    return pd.DataFrame({
        "train_images": judged.train_images[seen], "images": images[seen],
        "found": (np.bincount(tag, found, len(images))[seen] / images[seen]),
        "mean_rank": (np.bincount(tag, position, len(images))[seen] / images[seen])},
        index=pd.Index([judged.taxonomy.names[place] for place in seen], name="tag"))


def compare_tags(judged: Judged, model: str, other: str, least: int = 5) -> pd.DataFrame:
    """Two models on each tag with at least so many images, from where `model` gains most to where it loses most.

    Returns:
        By tag: `train_images`, `images`, the share found and the mean rank of each, and `higher` and
        `lower`, the images in which `model` ranks the tag higher or lower than `other` does.
    """
    one, two = judge_tags(judged, model), judge_tags(judged, other)
    tag, _, position = _outcomes(judged, model)
    _, _, position_of_other = _outcomes(judged, other)
    names = np.array(judged.taxonomy.names, dtype=object)[tag]
    higher, lower = (pd.Series(better).groupby(names).sum() for better in
                     (position < position_of_other, position > position_of_other))
    compared = pd.DataFrame({
        "train_images": one["train_images"], "images": one["images"],
        f"found by {model}": one["found"], f"found by {other}": two["found"],
        f"mean rank {model}": one["mean_rank"], f"mean rank {other}": two["mean_rank"],
        "higher": higher.reindex(one.index), "lower": lower.reindex(one.index)})
    compared = compared[compared["images"] >= least]
    gain = (compared[f"found by {model}"] - compared[f"found by {other}"]).round(9)
    climb = (compared[f"mean rank {other}"] - compared[f"mean rank {model}"]).round(9)
    return compared.assign(gain=gain, climb=climb).sort_values(
        ["gain", "climb"], ascending=False, kind="stable").drop(columns=["gain", "climb"])


def ends(compared: pd.DataFrame, most: int = 4) -> pd.DataFrame:
    """The first and the last rows of a comparison, rounded and under two lines of heads; all where there are not more."""
    some = compared if len(compared) <= 2 * most else pd.concat([compared.head(most), compared.tail(most)])
    found, rank = ([column.removeprefix(start) for column in compared if column.startswith(start)]
                   for start in ("found by ", "mean rank "))
    heads = [("images", "training"), ("images", "here"), *(("found", model) for model in found),
             *(("mean rank", model) for model in rank), (f"ranks of {found[0]}", "higher"), (f"ranks of {found[0]}", "lower")]
    return some.round(2).set_axis(pd.MultiIndex.from_tuples(heads), axis=1)


def compare_bands(judged: Judged, bands: int = 3) -> pd.DataFrame:
    """Share found by each model, by how frequent the tags are in training: bands with equally many tags.

    Each tag counts alike within its band, however many images it has.

    Returns:
        By band, the rarest first: `tags`, `images` (pairs of an image and a tag), one column a model.
    """
    judgements = {model: judge_tags(judged, model) for model in judged.scores}
    train_images = next(iter(judgements.values()))["train_images"]
    order = train_images.sort_values(kind="stable").index
    rows = []
    for names in np.array_split(order, min(bands, len(order))):
        low, high = train_images[names].min(), train_images[names].max()
        rows.append({"training images": f"{low:,}" if low == high else f"{low:,} to {high:,}", "tags": len(names),
                     "images": int(next(iter(judgements.values())).loc[names, "images"].sum()),
                     **{model: frame.loc[names, "found"].mean() for model, frame in judgements.items()}})
    return pd.DataFrame(rows).set_index("training images")


def judge_levels(judged: Judged) -> pd.DataFrame:
    """How each model does level by level: of all tags of a level, is the best-ranked one right?

    Scores are compared only within a level, so models whose scores mean different things from level to
    level are judged alike. An image counts on the levels on which it has a tag.

    Returns:
        A row for each level and model: `level` (1 is the top), `model`, `images`, `right` (share of images),
        `first_wrong` (share of images that are right on every level above and wrong here) and `on_path` (share
        of images whose best tag lies right below the best tag of the level above; NaN on the first).
    """
    rows, labels = [], judged.labels.toarray()
    for model, scores in judged.scores.items():
        so_far, above = np.ones(len(scores), dtype=bool), None
        for level in range(int(judged.taxonomy.depth.max()) + 1):
            tags = np.flatnonzero(judged.taxonomy.depth == level)
            here = labels[:, tags].any(axis=1)
            best = tags[np.argmax(scores[:, tags], axis=1)]
            right = labels[np.arange(len(labels)), best]
            fits = np.full(len(scores), np.nan) if above is None else judged.taxonomy.parent[best] == above
            if here.any():
                rows.append((level + 1, model, int(here.sum()), right[here].mean(), (so_far & ~right)[here].mean(),
                             fits[here].mean()))
            so_far &= right | ~here
            above = best
    return pd.DataFrame(rows, columns=["level", "model", "images", "right", "first_wrong", "on_path"])


def by_level(levels: pd.DataFrame, measure: str) -> pd.DataFrame:
    """One measure of `judge_levels`, a row a level and a column a model, in the order of the models."""
    models = levels["model"].unique().tolist()
    return levels.pivot(index=["level", "images"], columns="model", values=measure)[models].round(3)


def pick_images(judged: Judged, model: str, other: str, most: int = 2) -> pd.DataFrame:
    """The images on which two models differ most, for reading: row of the split, caption.

    By the share of the image's tags among its first R, then by their mean rank. Not typical ones.
    """
    tags = np.diff(judged.labels.indptr)
    image = np.repeat(np.arange(len(tags)), tags)
    gain, climb = np.zeros(len(tags)), np.zeros(len(tags))
    for name, sign in ((model, 1), (other, -1)):
        _, found, position = _outcomes(judged, name)
        gain += sign * np.bincount(image, found, len(tags)) / tags
        climb -= sign * np.bincount(image, position, len(tags)) / tags
    gain, climb = gain.round(9), climb.round(9)
    best_first = np.lexsort((np.arange(len(tags)), -climb, -gain))
    picked = [(model, place) for place in best_first[:most] if (gain[place], climb[place]) > (0, 0)]
    picked += [(other, place) for place in best_first[::-1][:most] if (gain[place], climb[place]) < (0, 0)]
    return pd.DataFrame([(int(judged.rows[place]), f"{better} is better") for better, place in picked],
                        columns=["row", "caption"])


def show_images(dataset: Dataset, judged: Judged, split: str, picked: pd.DataFrame, tags: int = 5) -> pd.DataFrame:
    """What each model says first of some images, beside the record; ✓ marks what is on record.

    Args:
        picked: `pick_images` or its like.
        tags: how many of the best to show, at least as many as are on record.
    """
    records, names = dataset.split(split), judged.taxonomy.names
    lines = []
    for row, caption in zip(picked["row"], picked["caption"]):
        place = int(np.flatnonzero(judged.rows == row)[0])
        relevant = judged.tags(place)
        lines.append({"image": records.ids[row], "": caption, "on record": ", ".join(names[tag] for tag in relevant),
                      **{model: name_tags(names, scores[place], relevant, tags)
                         for model, scores in judged.scores.items()}})
    return pd.DataFrame(lines, columns=["image", "", "on record", *judged.scores]).set_index("image")


def weigh_tags(dataset: Dataset, facet: str) -> pd.DataFrame:
    """What each tag weighs in a weighted loss, for each way of weighing: tag, images, weights; frequent ones first."""
    if facet not in FACET_NAMES:
        raise unknown("facet", facet, FACET_NAMES)
    images = np.asarray(dataset.labels("train")[facet].matrix.sum(axis=0), np.int64)
    weights = {way: frequency_weights(images, weighting=way).numpy() for way in WEIGHTINGS}
    frame = pd.DataFrame({"tag": dataset.vocabulary[facet].names, "images": images, **weights})
    return frame.sort_values("images", ascending=False, kind="stable").reset_index(drop=True)


def _outcomes(judged: Judged, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pair of an image and one of its tags, image after image: the tag, whether it is found, its rank."""
    ranks = rank_relevant(judged.scores[model], judged.labels, judged.taxonomy.facet)
    return judged.labels.indices, ranks.position <= ranks.relevant[ranks.image], ranks.position
