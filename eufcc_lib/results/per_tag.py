"""Finished runs in detail: by tag, by level, by image, and compared with each other.

Computed from the scores that a training keeps; nothing is trained or predicted here. The paper's three
metrics are in `metrics`; the tables here explain them, for one facet at a time.
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
from ..metrics.evaluation import per_image_metrics
from ..metrics.ranking import rank_relevant
from ..metrics.tree import hierarchical_curve, measure_tree
from ..models.captions import count_false_negatives
from ..models.ensemble import combine
from ..models.frequency import class_counts
from ..models.registry import COMBINATIONS
from .judgeable import choose_split, evaluated_splits, read_evaluated
from .paper import TEST_SPLITS
from .predictions import name_tags
from .scores import Scores

_BY_DEFAULT = ("materials", *FACET_NAMES)


@dataclass(frozen=True, eq=False)
class Judged:
    """Some models' scores in one facet, for the N images that have the facet and that all of them scored.

    N is 0 where no model can be judged (see `judgeable`). What follows has no rows then, or NaN, and an example is None.

    Attributes:
        taxonomy: the facet's C tags.
        rows: int64 (N,), the images' rows in the split.
        labels: bool (N, C), true where the image has the tag.
        scores: float32 (N, C) for each model.
        train_images: int64 (C,), training images per tag; zeros without a training split.
        split: of the images.
    """

    taxonomy: Taxonomy
    rows: np.ndarray
    labels: csr_array
    scores: dict[str, np.ndarray]
    train_images: np.ndarray
    split: str = ""

    def tags(self, place: int | None) -> list[int]:
        """The tags of one of the N images."""
        return [] if place is None else self.labels[[place]].indices.tolist()

    def images(self, place: int | None) -> list[int]:
        """The row of one of the N images in the split, alone in a list."""
        return [] if place is None else [int(self.rows[place])]

    def answers(self, model: str, place: int | None) -> np.ndarray:
        """float32 (C,), a model's scores of one of the N images."""
        return np.full(len(self.taxonomy), np.nan, np.float32) if place is None else self.scores[model][place]


def read_judged(dataset: Dataset, models: Sequence[str], split: str | None = None, facet: str | None = None) -> Judged:
    """The kept scores of these models on a split, in one facet; see `judgeable.choose_split` and `judge`.

    Raises:
        UserError: an unknown facet; a model was not evaluated on these records, or does not tag the facet.
    """
    split = choose_split(dataset, models, split, facet)
    return judge([read_evaluated(dataset, model, split) for model in models], facet)


def judge_elsewhere(dataset: Dataset, judged: Judged, split: str | None = None, facet: str | None = None) -> Judged:
    """The same models in another facet or on another split.

    Where they cannot be judged there, a line says so, and `judged` stands in.
    """
    split, facet = split or judged.split, facet or judged.taxonomy.facet
    models = list(judged.scores)
    if split in dataset.records and all(split in evaluated_splits(dataset, model) for model in models):
        scores = [read_evaluated(dataset, model, split) for model in models]
        if all(facet in kept.values for kept in scores) and len(_judged_rows(scores, facet)):
            return judge(scores, facet)
    print(f"{dataset.name} has no image of split {split!r} with a tag in {get_facet(facet).title().lower()}; "
          "what follows is of this page's images.")
    return judged


def judge(scores: Sequence[Scores], facet: str | None = None) -> Judged:
    """Scores of several models on one split, aligned in one facet.

    None takes the materials, or where no image has any the first facet in which images can be judged. Where there is none
    it takes the first that the models have tags in.

    Raises:
        UserError: a model does not tag the given facet, or no image has a tag in it.
    """
    dataset, split = scores[0].dataset, scores[0].split
    if facet is None:
        shared = [name for name in _BY_DEFAULT if all(name in kept.values for kept in scores)]
        facet = next((name for name in shared if len(_judged_rows(scores, name))), next(iter(shared), _BY_DEFAULT[0]))
        rows = _judged_rows(scores, facet)
    else:
        get_facet(facet)
        for kept in scores:
            if facet not in kept.values:
                raise unknown(f"facet of {kept.model!r}", facet, kept.values)
        rows = _judged_rows(scores, facet)
        if not len(rows):
            raise UserError(f"No image of split {split!r} has a tag in the facet {facet!r}; expected another facet.")
    nothing = np.zeros((len(dataset.split(split)), 0), np.float32)
    return Judged(scores[0].taxonomy(facet), rows, scores[0].labels(facet).matrix[rows],
                  {kept.model: kept.values.get(facet, nothing)[rows] for kept in scores}, class_counts(dataset, [facet])[facet], split)


def _judged_rows(scores: Sequence[Scores], facet: str) -> np.ndarray:
    """int64, ascending: the images that have the facet and that all models scored."""
    return reduce(np.intersect1d, [kept.judged_rows(facet) for kept in scores])


def find_example(dataset: Dataset, judged: Judged, split: str, image: str | float | None = None, seed: int = 0) -> int | None:
    """The place among the N images of the record with that id, or with None of a random one with deep tags.

    None where there are no images.

    Raises:
        UserError: there is no record with that id, or it has no tag in the facet.
    """
    if image is None and not len(judged.rows):
        return None
    if image is None:
        return draw_branch(Labels(judged.taxonomy.facet, judged.labels, np.zeros(len(judged.rows), np.int32)),
                           judged.taxonomy, seed)
    found = np.flatnonzero(judged.rows == find_record(dataset.split(split), image))
    if not len(found):
        raise UserError(f"The record {image!r} has no tag in the facet {judged.taxonomy.facet!r}; expected one that "
                        "has, or None.")
    return int(found[0])


def measure(judged: Judged) -> pd.DataFrame:
    """The paper's metrics on these images, one row per model."""
    rows = {}
    for model, scores in judged.scores.items():
        metrics = per_image_metrics(rank_relevant(scores, judged.labels, judged.taxonomy.facet))
        rows[model] = (*map(_mean, metrics.values()), len(judged.rows))
    columns = ["R-precision", "Acc@1", "Acc@10", "average rank position", "images"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("model")


def curve_closures(judged: Judged, ranks: int = 10) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Hierarchical precision and recall of each model's best tags, as there are more of them; see `tree.hierarchical_curve`."""
    return {model: hierarchical_curve(scores, judged.labels, judged.taxonomy, ranks) for model, scores in judged.scores.items()}


def measure_incoherence(judged: Judged) -> pd.DataFrame:
    """How often scores contradict the tree, one row per model: a tag scores higher than its parent.

    Returns:
        `images`, the share in which any tag does; `tags`, the share of the tags with a parent that do, as in Table 5. NaN
        without such a tag or without an image.
    """
    pairs, rows = np.count_nonzero(judged.taxonomy.parent >= 0), {}
    for model, scores in judged.scores.items():
        found = measure_tree(scores, judged.labels, judged.taxonomy).incoherent
        rows[model] = (_mean(found > 0), _mean(found) / pairs) if pairs else (np.nan, np.nan)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["images", "tags"]).rename_axis("model")


def count_answers(judged: Judged, model: str) -> dict[str, float]:
    """How often the answer of a head with one question per tag is yes, on the record and in the model.

    Returns:
        `tags` (questions per image), `on_record` and `said_yes` (yes per image, of the record and of the model, the latter
        above one half), `yes_percent` (of the questions, by the record), `silent_percent` (of the images: the model never
        says yes).
    """
    says, tags = judged.scores[model] > 0, len(judged.taxonomy)  # the sigmoid of 0 is one half
    on_record = _mean(np.diff(judged.labels.indptr))
    return {"tags": tags, "on_record": on_record, "yes_percent": 100 * on_record / tags if tags else np.nan,
            "said_yes": _mean(says.sum(axis=1)), "silent_percent": 100 * _mean(~says.any(axis=1))}


def with_other_scores(judged: Judged, model: str, recipe: Mapping[str, object]) -> Judged:
    """Add the scores that `hsoftmax_levels` has with the other value of `level_scores`, as `MODEL, VALUE`.

    A score along the path is the sum of those within the levels from the root down to the tag, and one within the level
    is the difference from the parent's along the path.

    Args:
        recipe: of the run. Where there is none, nothing is added, nor with `tree="places"`, where a tag's score is
            made of several places.
    """
    if not recipe or recipe["tree"] == "places":
        return judged
    taxonomy, scores = judged.taxonomy, judged.scores[model].copy()
    below = np.flatnonzero(taxonomy.parent >= 0)  # a parent comes before its children
    if recipe["level_scores"] == "path":
        scores[:, below] -= judged.scores[model][:, taxonomy.parent[below]]
        return replace(judged, scores={**judged.scores, f"{model}, level": scores})
    for tag in below:
        scores[:, tag] += scores[:, taxonomy.parent[tag]]
    return replace(judged, scores={**judged.scores, f"{model}, path": scores})


def with_combined(judged: Judged, members: Sequence[str]) -> Judged:
    """Add an ensemble of these models for each way of combining, `all, WAY`; see `models.ensemble`."""
    kept = [judged.scores[member] for member in members]
    return replace(judged, scores=judged.scores | {
        f"all, {way}": combine(kept, tuple(members), way) for way in COMBINATIONS})


def measure_tests(dataset: Dataset, models: Sequence[str], facet: str) -> pd.DataFrame:
    """R-precision of each model on each test set, and the difference if there are both; NaN where no image has the facet."""
    frame = pd.DataFrame(index=pd.Index(models, name="model"))
    for split in TEST_SPLITS:
        if all(split in evaluated_splits(dataset, model) for model in models):
            scores = [read_evaluated(dataset, model, split) for model in models]
            judgeable = len(_judged_rows(scores, facet)) > 0
            frame[TEST_SPLITS[split]] = measure(judge(scores, facet))["R-precision"] if judgeable else np.nan
    if len(frame.columns) == 2:
        frame["difference"] = frame.iloc[:, 1] - frame.iloc[:, 0]
    return frame


def false_negatives(dataset: Dataset, batch_size: int) -> pd.DataFrame:
    """How many texts are wrong by mistake when CLIP is trained on one tag; see `captions.count_false_negatives`.

    Returns:
        By facet, its key: `images with one`, a share; their number `per image` and `per batch`; and `of pairs`, of an image
        and another one's text in a batch. No row without a training split.
    """
    training = dataset.labels("train") if "train" in dataset.records else {}
    counts = {get_facet(facet).key: count_false_negatives(labels.matrix, batch_size) for facet, labels in training.items()}
    rows = {key: (found.share, found.per_image, found.per_batch, found.pairs) for key, found in counts.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["images with one", "per image", "per batch", "of pairs"])


def agree(judged: Judged, model: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """bool (N,) twice: both models rank the same tag first; the record has the first tag of `model`."""
    if not len(judged.rows):
        return np.zeros(0, bool), np.zeros(0, bool)
    best = _best(judged.scores[model])
    return best == _best(judged.scores[other]), judged.labels[np.arange(len(judged.rows)), best].astype(bool)


def judge_agreement(judged: Judged, model: str, other: str) -> pd.DataFrame:
    """How often two models rank the same tag first, and how often each is then right.

    Returns:
        Two rows, `the same tag` and `two tags`: `images`, and for each model the share of these images whose
        record has the model's first tag (NaN if there are none).
    """
    same, right = agree(judged, model, other)
    right, rows = {model: right, other: agree(judged, other, model)[1]}, {}
    for first, chosen in (("the same tag", same), ("two tags", ~same)):
        rows[first] = {"images": int(chosen.sum())} | {
            name: right[name][chosen].mean() if chosen.any() else np.nan for name in right}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("they rank first")


def judge_tags(judged: Judged, model: str) -> pd.DataFrame:
    """One model's results for each tag, over the images that have it.

    Returns:
        One row per tag of any image, by name in the order of the vocabulary: `train_images`, `images`,
        `found` (the share of these images where the tag is among the first R, with R the image's number of
        tags) and `mean_rank`.
    """
    tags = _outcomes(judged, model).groupby("tag").agg(
        images=("rank", "size"), found=("found", "mean"), mean_rank=("rank", "mean"))
    tags.insert(0, "train_images", judged.train_images[tags.index])
    return tags.set_axis(pd.Index([judged.taxonomy.names[tag] for tag in tags.index], name="tag"))


def compare_tags(judged: Judged, model: str, other: str, least: int = 5) -> pd.DataFrame:
    """Two models on each tag with at least `least` images, from the largest gain of `model` to its largest loss.

    Returns:
        By tag: `train_images`, `images`, the share found and the mean rank of each model, and `higher` and
        `lower`, the number of images in which `model` ranks the tag higher or lower than `other` does.
    """
    one, two = judge_tags(judged, model), judge_tags(judged, other)
    outcomes, ranks_of_other = _outcomes(judged, model), _outcomes(judged, other)["rank"]
    compared = pd.DataFrame({
        "train_images": one["train_images"], "images": one["images"],
        f"found by {model}": one["found"], f"found by {other}": two["found"],
        f"mean rank {model}": one["mean_rank"], f"mean rank {other}": two["mean_rank"],
        "higher": (outcomes["rank"] < ranks_of_other).groupby(outcomes["tag"]).sum().to_numpy(),
        "lower": (outcomes["rank"] > ranks_of_other).groupby(outcomes["tag"]).sum().to_numpy()})
    compared = compared[compared["images"] >= least]
    gain = (compared[f"found by {model}"] - compared[f"found by {other}"]).round(9)
    climb = (compared[f"mean rank {other}"] - compared[f"mean rank {model}"]).round(9)
    return compared.assign(gain=gain, climb=climb).sort_values(
        ["gain", "climb"], ascending=False, kind="stable").drop(columns=["gain", "climb"])


def ends(compared: pd.DataFrame, most: int = 4) -> pd.DataFrame:
    """The first and last `most` rows of a comparison, rounded, with short heads in two levels and without the mean ranks."""
    some = compared if len(compared) <= 2 * most else pd.concat([compared.head(most), compared.tail(most)])
    columns = [column for column in compared if column.startswith("found by ")]
    models = [column.removeprefix("found by ") for column in columns]
    heads = [("images", "training"), ("images", "here"), *(("found by", model) for model in models),
             (f"{models[0]} ranks it", "higher"), (f"{models[0]} ranks it", "lower")]
    return some[["train_images", "images", *columns, "higher", "lower"]].round(2).set_axis(pd.MultiIndex.from_tuples(heads), axis=1)


def compare_bands(judged: Judged, bands: int = 3) -> pd.DataFrame:
    """Share found by each model, in bands of tags by their frequency in training, each with equally many tags.

    All tags of a band have equal weight, regardless of their number of images.

    Returns:
        By band, the rarest first: `tags`, `images` (pairs of an image and a tag), one column per model. Without any image
        a single row of NaN.
    """
    judgements = {model: judge_tags(judged, model) for model in judged.scores}
    train_images = next(iter(judgements.values()))["train_images"]
    order = train_images.sort_values(kind="stable").index
    rows = [] if len(order) else [{"training images": "–", "tags": 0, "images": 0, **dict.fromkeys(judged.scores, np.nan)}]
    for names in np.array_split(order, min(bands, len(order))) if len(order) else ():
        low, high = train_images[names].min(), train_images[names].max()
        rows.append({"training images": f"{low:,}" if low == high else f"{low:,} to {high:,}", "tags": len(names),
                     "images": int(next(iter(judgements.values())).loc[names, "images"].sum()),
                     **{model: frame.loc[names, "found"].mean() for model, frame in judgements.items()}})
    return pd.DataFrame(rows).set_index("training images")


def bands_by_model(bands: pd.DataFrame, models: Sequence[str] | None = None) -> pd.DataFrame:
    """The bands of `compare_bands` as columns and the models, or those named, as rows, for a narrow page.

    Returns:
        Text. The first rows are the numbers of tags and of images in each band.
    """
    models = [column for column in bands if column not in ("tags", "images")] if models is None else models
    counts = bands[["tags", "images"]].map("{:,d}".format)
    shares = bands[list(models)].map(lambda share: "–" if np.isnan(share) else f"{share:.2f}")
    shown = pd.concat([counts, shares], axis=1).T.rename({"images": "pairs of image and tag"})
    return shown.rename(columns=lambda band: f"{band} images").rename_axis(index="training images of a tag", columns=None)


def judge_levels(judged: Judged) -> pd.DataFrame:
    """How often each model's best-ranked tag of a level is right, by level.

    Scores are compared only within a level, so that models whose scores differ in meaning between levels are
    comparable. An image counts on the levels where it has a tag.

    Returns:
        One row per level and model: `level` (1 is the top), `model`, `images`, `right` (share of images),
        `first_wrong` (share of images that are right on every level above and wrong here) and `on_path` (share
        of images whose best tag is a child of the best tag of the level above; NaN on the first).
    """
    rows, labels = [], judged.labels.toarray()
    for model, scores in judged.scores.items():
        so_far, above = np.ones(len(scores), dtype=bool), None
        for level in range(int(judged.taxonomy.depth.max(initial=-1)) + 1):
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
    """One measure of `judge_levels`, with one row per level and one column per model."""
    models = levels["model"].unique().tolist()
    return levels.pivot(index=["level", "images"], columns="model", values=measure)[models].round(3)


def pick_images(judged: Judged, model: str, other: str, most: int = 2) -> pd.DataFrame:
    """The images on which two models differ most: row of the split, caption. They are not typical.

    Compared by the share of the image's tags among its first R, then by their mean rank.
    """
    difference = _outcomes(judged, model) - _outcomes(judged, other)
    gains = difference.groupby(np.repeat(np.arange(len(judged.rows)), np.diff(judged.labels.indptr))).mean().round(9)
    gains = gains.sort_values(["found", "rank"], ascending=[False, True])
    places = [(place, (found, -rank)) for place, found, rank in gains[["found", "rank"]].itertuples()]
    picked = [(model, place) for place, gain in places[:most] if gain > (0, 0)]
    picked += [(other, place) for place, gain in places[::-1][:most] if gain < (0, 0)]
    return pd.DataFrame([(int(judged.rows[place]), f"{better} is better") for better, place in picked],
                        columns=["row", "caption"])


def show_images(dataset: Dataset, judged: Judged, split: str, picked: pd.DataFrame, tags: int = 5) -> pd.DataFrame:
    """Each model's best tags for some images, next to the record; ✓ marks tags on record.

    Args:
        picked: with columns `row` and `caption`, as from `pick_images`.
        tags: number of tags to show; at least as many as are on record.
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
    """Each tag's weight in a weighted loss, for each weighting: tag, images, weights; frequent tags first."""
    get_facet(facet)
    images = class_counts(dataset, [facet])[facet]
    weights = {way: frequency_weights(images, weighting=way).numpy() for way in WEIGHTINGS}
    frame = pd.DataFrame({"tag": dataset.vocabulary[facet].names, "images": images, **weights})
    return frame.sort_values("images", ascending=False, kind="stable").reset_index(drop=True)


def most_frequent(judged: Judged) -> tuple[str, float]:
    """The tag that most of the images have, and their share; a dash and NaN without images."""
    if not len(judged.rows):
        return "–", np.nan
    images = judged.labels.sum(axis=0)
    return judged.taxonomy.names[images.argmax()], float(images.max() / len(judged.rows))


def spread_rows(frame: pd.DataFrame, rows: int = 3) -> pd.DataFrame:
    """The first and the last row and others in equal steps between them; all where there are no more."""
    return frame.iloc[np.linspace(0, len(frame) - 1, min(rows, len(frame))).astype(int)]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _best(scores: np.ndarray) -> np.ndarray:
    """int64 (N,), the first-ranked tag of each image."""
    return np.argmax(scores, axis=1) if len(scores) else np.zeros(0, np.int64)


def _outcomes(judged: Judged, model: str) -> pd.DataFrame:
    """One row per image and relevant tag, image after image: `tag`, `found` (0 or 1), `rank`."""
    ranks = rank_relevant(judged.scores[model], judged.labels, judged.taxonomy.facet)
    found = ranks.position <= ranks.relevant[ranks.image]
    return pd.DataFrame({"tag": judged.labels.indices, "found": found.astype(int), "rank": ranks.position})
