"""Which images of a run to look at, and how a prediction is judged by what is on record (paper section 5.4).

A tag that a model puts first is annotated, consistent with the annotation, or wrong. Nothing is trained or
predicted here: the scores are those that a training keeps. `figures.predictions` draws what this chooses.
"""

import contextlib
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import torch
from scipy.sparse import csr_array

from ..core.errors import UserError, unknown
from ..core.facets import get_facet
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..data.taxonomy import Taxonomy
from ..metrics.ranking import r_precision, rank_relevant
from ..models.captions import OneTag
from ..models.objectives import OBJECTIVES
from ..models.registry import get_model_spec
from .scores import Scores, read_scores

ANNOTATED, CONSISTENT, WRONG = VERDICTS = ("annotated", "consistent", "wrong")

BEST, WORST, SURELY_WRONG = KINDS = ("best", "worst", "confidently wrong")
"""What `choose_images` can look for."""


class NoImageError(UserError):
    """No image is of the kind that was asked for."""


@dataclass(frozen=True)
class Answer:
    """What the model says of one image in one facet, beside the record.

    Attributes:
        annotated: tags on record.
        outside: tags on record that the model cannot know, for they are not in the vocabulary.
        predicted: tag, probability and verdict, the best first; the verdict is None where nothing is on record
            to judge by.
    """

    facet: str
    annotated: tuple[str, ...]
    outside: tuple[str, ...]
    predicted: tuple[tuple[str, float, str | None], ...]


@dataclass(frozen=True)
class Example:
    """One image with its answers: row of the split, id, provider, why it is shown, and an answer a facet."""

    row: int
    image: str
    provider: str
    caption: str
    answers: tuple[Answer, ...]


def judge_prediction(taxonomy: Taxonomy, relevant: Sequence[int], tag: int) -> str:
    """What to think of a predicted tag: `annotated`, `consistent` with an annotated one, or `wrong`.

    Consistent is an ancestor, a descendant or a sibling of an annotated tag, in the tree where each tag has one
    parent. Tags at the top have no parent, so they are no siblings: all that they share is the facet. In a facet of
    one level that is all there is to share, and there they are (the paper's example: *portrait* for a self-portrait).
    """
    if tag in relevant:
        return ANNOTATED
    return CONSISTENT if related_tags(taxonomy)[tag, list(relevant)].any() else WRONG


@lru_cache(maxsize=16)
def related_tags(taxonomy: Taxonomy) -> np.ndarray:
    """bool (C, C), symmetric: whether one tag is an ancestor, a descendant or a sibling of the other."""
    above = np.zeros((len(taxonomy), len(taxonomy)), dtype=bool)
    for tag, parent in enumerate(taxonomy.parent.tolist()):  # a parent comes before its children
        if parent >= 0:
            above[tag] = above[parent]
            above[tag, parent] = True
    flat = bool((taxonomy.parent < 0).all())
    siblings = (taxonomy.parent[:, None] == taxonomy.parent) & ((taxonomy.parent >= 0) | flat)
    np.fill_diagonal(siblings, False)
    return above | above.T | siblings


def wrong_tags(taxonomy: Taxonomy, labels: csr_array) -> np.ndarray:
    """bool (N, C): `judge_prediction` says `wrong`. False throughout where an image has no tag in the facet."""
    accepted = related_tags(taxonomy) | np.eye(len(taxonomy), dtype=bool)
    wrong = (labels.astype(np.int32) @ accepted.astype(np.int32)) == 0
    wrong[np.diff(labels.indptr) == 0] = False
    return wrong


def probabilities(scores: Scores, facet: str, rows: np.ndarray) -> np.ndarray:
    """float64 (rows, C): how likely the model holds each tag of these images, as the averages of ensembles take it.

    Sigmoids or softmaxes, as the model's objective has it; an ensemble's scores are probabilities already; the
    frequency baseline's are turned into shares of the training images. Of `hsoftmax_levels` as it comes they are
    probabilities within a level, so a tag that is alone on its level is certain.

    Raises:
        UserError: the scores of an ensemble are no probabilities, for it was combined in another way.
    """
    spec, values = get_model_spec(scores.model), torch.from_numpy(scores.values[facet][rows]).double()
    if spec.members:
        if np.nanmin(scores.values[facet]) < 0 or np.nanmax(scores.values[facet]) > 1:
            raise UserError(f"The scores of {scores.model!r} in {facet!r} are no probabilities; expected an ensemble with "
                            "the setting combine='probabilities'.")
        return values.numpy()
    if spec.objective:
        return OBJECTIVES[spec.objective].probabilities(values).numpy()
    return (OneTag.probabilities(values).numpy() if spec.family == "clip"
            else values.numpy() / len(scores.dataset.split("train")))


def measure_images(scores: Scores, facet: str | None = None) -> pd.DataFrame:
    """How well each image is tagged, over the facets in which it is annotated, or in one of them.

    Returns:
        A row for each image that was read and has a tag: `row` (index), `provider`, `facets`, `tags` (annotated, in
        the vocabulary), `r_precision` and `rank_share` (mean rank of its tags as a share of the vocabulary), both
        means over its facets.
    """
    images = len(scores.dataset.split(scores.split))
    facets, tags, precision, share = (np.zeros(images) for _ in range(4))
    for name in _facets(scores, facet):
        rows = scores.judged_rows(name)
        ranks = rank_relevant(scores.values[name][rows], scores.labels(name).matrix[rows], name)
        facets[rows] += 1
        tags[rows] += ranks.relevant
        precision[rows] += r_precision(ranks)
        share[rows] += ranks.sum(ranks.position) / ranks.relevant / ranks.tags
    seen = np.flatnonzero(facets)
    return pd.DataFrame({
        "provider": scores.dataset.split(scores.split).providers[seen], "facets": facets[seen].astype(int),
        "tags": tags[seen].astype(int), "r_precision": precision[seen] / facets[seen],
        "rank_share": share[seen] / facets[seen]}, index=pd.Index(seen, name="row"))


def measure_providers(scores: Scores) -> pd.DataFrame:
    """Means over each provider's images, from the one that is tagged best to the one that is tagged worst."""
    groups = measure_images(scores).groupby("provider")
    frame = groups[["r_precision", "rank_share"]].mean()
    frame.insert(0, "images", groups.size())
    return frame.sort_values(["r_precision", "images"], ascending=False, kind="stable")


def count_verdicts(scores: Scores, language: str = "en") -> pd.DataFrame:
    """What the first R tags of each image are, R the tags that it has on record: a row a facet.

    Args:
        language: of the facets' titles.
    Returns:
        By facet's title: `images`, `first tags` (R added up over the images) and how many of them are of each verdict.
    """
    rows = {}
    for facet in scores.values:
        seen = scores.judged_rows(facet)
        labels, taxonomy = scores.labels(facet).matrix[seen], scores.taxonomy(facet)
        relevant = np.diff(labels.indptr)
        order = np.argsort(-scores.values[facet][seen], axis=1, kind="stable")
        first = np.arange(len(taxonomy)) < relevant[:, None]
        right, wrong = (np.take_along_axis(mask, order, axis=1)[first]
                        for mask in (labels.toarray().astype(bool), wrong_tags(taxonomy, labels)))
        rows[get_facet(facet).title(language)] = (len(seen), int(relevant.sum()), int(right.sum()),
                                                  int((~right & ~wrong).sum()), int(wrong.sum()))
    columns = ["images", "first tags", *VERDICTS]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("facet")


def choose_images(scores: Scores, kind: str, images: int = 3, *, provider: str | None = None, tag: str | None = None,
                  facet: str | None = None) -> pd.DataFrame:
    """The best, the worst or the most confidently wrong images of a run; ties by their row.

    Without a tag, best and worst go by R-Precision over the image's facets; among equals the best have more tags,
    and the worst rank them lower. Confidently wrong is the image with the most probable wrong tag. With a tag, all
    go by that tag's probability: best and worst among the images that have it, confidently wrong among those where
    it is wrong.

    Args:
        kind: one of `KINDS`.
        provider, facet: look only there.
        tag: its name; one that stands in two facets needs `facet`.
    Returns:
        `row` of the split, `caption` and `value`, the R-Precision or the probability; fewer rows where there are not so
        many.
    Raises:
        UserError: an unknown kind, provider, tag or facet, or no image fits.
    """
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    providers = scores.dataset.split(scores.split).providers
    if provider is not None and provider not in providers:
        raise unknown("provider", provider, map(str, set(providers)))
    if tag is not None:
        chosen = _choose_by_tag(scores, kind, *_find_tag(scores, tag, facet))
    elif kind == SURELY_WRONG:
        chosen = _choose_surely_wrong(scores, facet)
    else:
        chosen = _choose_by_precision(scores, kind, facet)
    if provider is not None:
        chosen = chosen[providers[chosen["row"].to_numpy(np.int64)] == provider]
    if chosen.empty:
        what = "a tag on record" if tag is None else f"{tag!r} on record"
        if kind == SURELY_WRONG:
            what = "a wrong tag" if tag is None else f"a record that makes {tag!r} wrong"
        where = f"No image{f' of {provider!r}' if provider else ''} in split {scores.split!r}"
        raise NoImageError(f"{where} has {what}; expected another provider, tag or facet.")
    return chosen.head(images).reset_index(drop=True)


def choose_each(scores: Scores, images: int = 3, **where) -> pd.DataFrame:
    """The best, then the worst, then the most confidently wrong images, the kind in front of each caption.

    Args:
        images: at most so many of each kind.
        where: provider, tag and facet, as `choose_images` takes them. A kind that no image is of is left out.
    Raises:
        UserError: as of `choose_images`, where not even the best can be told.
    """
    chosen = [choose_images(scores, BEST, images, **where), choose_images(scores, WORST, images, **where)]
    with contextlib.suppress(NoImageError):
        chosen.append(choose_images(scores, SURELY_WRONG, images, **where))
    return pd.concat([frame.assign(caption=f"{kind}: " + frame["caption"].str.removeprefix("wrong: "))
                      for kind, frame in zip(KINDS, chosen)], ignore_index=True)


def draw_images(scores: Scores, images: int = 3, seed: int = 0) -> pd.DataFrame:
    """Images annotated in most facets, drawn by lot among equals, as `choose_images` gives them."""
    facets = np.sum([np.diff(scores.labels(facet).matrix.indptr) > 0 for facet in scores.values], axis=0)
    shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(scores.evaluated))
    first = shuffled[np.argsort(-facets[shuffled], kind="stable")][:images]
    return pd.DataFrame({"row": first.astype(np.int64), "caption": "drawn by lot"})


def judge_images(scores: Scores, picked: pd.DataFrame, top: int = 5) -> list[Example]:
    """The record and the judged best tags of each image, facet by facet.

    Args:
        picked: `choose_images` or its like.
        top: how many of the best to give, at least as many as are annotated.
    """
    records = scores.dataset.split(scores.split)
    chances = {facet: probabilities(scores, facet, picked["row"].to_numpy()) for facet in scores.values}
    return [Example(int(row), str(records.ids[row]), str(records.providers[row]), caption,
                    tuple(_answer(scores, facet, int(row), chances[facet][place], top) for facet in scores.values))
            for place, (row, caption) in enumerate(zip(picked["row"], picked["caption"]))]


def draw_rows(dataset: Dataset, split: str, images: int = 4, seed: int = 0) -> list[int]:
    """Rows of some images of a split: those annotated in most facets, drawn at random among equals."""
    facets = np.sum([np.diff(labels.matrix.indptr) > 0 for labels in dataset.labels(split).values()], axis=0)
    shuffled = np.random.default_rng(seed).permutation(len(facets))
    most_first = shuffled[np.argsort(-facets[shuffled], kind="stable")]
    return sorted(most_first[:images].tolist())


def show_predictions(dataset: Dataset, model: str, split: str, rows: Sequence[int], tags: int = 5,
                     language: str = "en") -> pd.DataFrame:
    """The best-ranked tags of some images, one line per facet that is annotated; ✓ marks the annotated ones.

    Args:
        dataset, model, split: what was evaluated; see `training.run.train_model`.
        rows: of the split.
        tags: how many of the best to show, at least as many as are annotated.
        language: of the facets' titles.
    Raises:
        UserError: the model has no scores of these records.
    """
    scores, lines = read_scores(dataset, model, split), []
    for row in rows:
        for facet, values in scores.values.items():
            names, relevant = dataset.vocabulary[facet].names, _relevant(scores, facet, row)
            if relevant and scores.evaluated[row]:
                lines.append((scores.ids[row], get_facet(facet).title(language), ", ".join(names[tag] for tag in relevant),
                              name_tags(names, values[row], relevant, tags)))
    return pd.DataFrame(lines, columns=["image", "facet", "annotated", "best tags"]).set_index(["image", "facet"])


def name_tags(names: Sequence[str], scores: np.ndarray, relevant: Sequence[int], tags: int) -> str:
    """The best-ranked of an image's tags in a line, at least as many as are relevant, which are marked ✓."""
    best = np.argsort(-scores, kind="stable")[:max(tags, len(relevant))].tolist()
    return ", ".join(names[tag] + " ✓" * (tag in relevant) for tag in best)


def _answer(scores: Scores, facet: str, row: int, chances: np.ndarray, top: int) -> Answer:
    taxonomy = scores.taxonomy(facet)
    relevant = _relevant(scores, facet, row)
    outside = [tag for tag in scores.dataset.split(scores.split).tags(facet, row) if tag not in taxonomy.index]
    best = np.argsort(-scores.values[facet][row], kind="stable")[:max(top, len(relevant))].tolist()
    return Answer(facet, tuple(taxonomy.names[tag] for tag in relevant), tuple(outside), tuple(
        (taxonomy.names[tag], float(chances[tag]), judge_prediction(taxonomy, relevant, tag) if relevant else None)
        for tag in best))


def _facets(scores: Scores, facet: str | None) -> Mapping[str, np.ndarray]:
    if facet is not None and facet not in scores.values:
        raise unknown(f"facet of {scores.model!r}", facet, scores.values)
    return scores.values if facet is None else {facet: scores.values[facet]}


def _find_tag(scores: Scores, tag: str, facet: str | None) -> tuple[str, int]:
    """Facet and position of the tag of that name."""
    facets = list(_facets(scores, facet))
    found = [(name, scores.taxonomy(name).index[tag]) for name in facets if tag in scores.taxonomy(name).index]
    if not found:
        known = sorted({other for name in facets for other in scores.taxonomy(name).names})
        near = difflib.get_close_matches(tag, known, n=5, cutoff=0.4) or known[:5]
        raise UserError(f"Unknown tag {tag!r}. Known tags ({len(known):,}) are, for example, {', '.join(near)}.")
    if len(found) > 1:
        raise UserError(f"The tag {tag!r} stands in {' and '.join(name for name, _ in found)}; expected one of these "
                        "as facet, or a name that stands once.")
    return found[0]


def _choose_by_precision(scores: Scores, kind: str, facet: str | None) -> pd.DataFrame:
    frame, sign = measure_images(scores, facet), -1 if kind == BEST else 1
    second = -frame["tags"] if kind == BEST else -frame["rank_share"].round(9)
    frame = frame.iloc[np.lexsort((frame.index, second, sign * frame["r_precision"].round(9)))]
    return _captioned(frame.index, [f"R-Precision {value:.2f}" for value in frame["r_precision"]], frame["r_precision"])


def _choose_surely_wrong(scores: Scores, facet: str | None) -> pd.DataFrame:
    images = len(scores.dataset.split(scores.split))
    most, said = np.full(images, -np.inf), np.full(images, "", dtype=object)
    for name in _facets(scores, facet):
        rows = scores.judged_rows(name)
        wrong = wrong_tags(scores.taxonomy(name), scores.labels(name).matrix[rows])
        chances = np.where(wrong, probabilities(scores, name, rows), -np.inf)
        best = chances.argmax(axis=1)
        chance = chances[np.arange(len(rows)), best]
        higher = chance > most[rows]
        most[rows[higher]] = chance[higher]
        said[rows[higher]] = [f"wrong: {scores.taxonomy(name).names[tag]}, {percent(value)}" for tag, value in
                              zip(best[higher], chance[higher])]
    order = np.lexsort((np.arange(images), -most))
    order = order[np.isfinite(most[order])]
    return _captioned(order, said[order], most[order])


def _choose_by_tag(scores: Scores, kind: str, facet: str, tag: int) -> pd.DataFrame:
    rows = scores.judged_rows(facet)
    labels = scores.labels(facet).matrix[rows]
    fits = (wrong_tags(scores.taxonomy(facet), labels) if kind == SURELY_WRONG else labels.toarray().astype(bool))[:, tag]
    rows = rows[fits]
    chance = probabilities(scores, facet, rows)[:, tag]
    order = np.lexsort((rows, chance if kind == WORST else -chance))
    return _captioned(rows[order], [f"{scores.taxonomy(facet).names[tag]}, {percent(value)}" for value in chance[order]],
                      chance[order])


def _captioned(rows, captions, values) -> pd.DataFrame:
    return pd.DataFrame({"row": np.asarray(rows, np.int64), "caption": list(captions), "value": np.asarray(values)})


def _relevant(scores: Scores, facet: str, row: int) -> list[int]:
    matrix = scores.labels(facet).matrix
    return matrix.indices[matrix.indptr[row]:matrix.indptr[row + 1]].tolist()
