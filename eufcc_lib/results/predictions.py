"""Examples of a run: choosing images, and judging predictions by the record (paper section 5.4).

A predicted tag is annotated, consistent with the annotation, or wrong. Nothing is trained or predicted here: scores
are those that a training keeps. `figures.predictions` draws the chosen images.
"""

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from ..core.errors import UserError, unknown
from ..core.facets import get_facet
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..data.labels import Labels
from ..data.taxonomy import Taxonomy
from ..metrics.ranking import r_precision, rank_relevant
from ..models.registry import MODELS, get_model_spec
from .judgeable import read_evaluated
from .scores import Scores

ANNOTATED, CONSISTENT, WRONG = VERDICTS = ("annotated", "consistent", "wrong")

BEST, WORST, SURELY_WRONG = KINDS = ("best", "worst", "confidently wrong")
"""Kinds of images for `choose_images`."""


@dataclass(frozen=True)
class Answer:
    """A model's tags for one image in one facet, and the record.

    Attributes:
        annotated: tags on record.
        outside: tags on record that are not in the vocabulary.
        predicted: tag, probability and verdict, the best first; the verdict is None if no tag is on record, the
            probability None for a model that is not of this library, whose scores may be on any scale.
    """

    facet: str
    annotated: tuple[str, ...]
    outside: tuple[str, ...]
    predicted: tuple[tuple[str, float | None, str | None], ...]


@dataclass(frozen=True)
class Example:
    """One image: row of the split, id, provider, caption, and an answer per facet."""

    row: int
    image: str
    provider: str
    caption: str
    answers: tuple[Answer, ...]


def judge_prediction(taxonomy: Taxonomy, relevant: Sequence[int], tag: int) -> str:
    """The verdict on a predicted tag: `annotated`, `consistent` with an annotated one, or `wrong`.

    Ancestors, descendants and siblings of annotated tags are consistent, in the tree where each tag has one parent.
    Tags at the top are siblings only in facets of one level (the paper's example: *portrait* for a self-portrait);
    in other facets they have only the facet in common.
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
    """bool (N, C): the verdict of `judge_prediction` is `wrong`. False for images without a tag in the facet."""
    accepted = related_tags(taxonomy) | np.eye(len(taxonomy), dtype=bool)
    wrong = (labels.astype(np.int32) @ accepted.astype(np.int32)) == 0
    wrong[np.diff(labels.indptr) == 0] = False
    return wrong


def probabilities(scores: Scores, facet: str, rows: np.ndarray) -> np.ndarray:
    """float64 (rows, C): the model's probability of each tag for these images, as in the averages of ensembles.

    Sigmoids or softmaxes, depending on the objective; an ensemble's scores are already probabilities; the frequency
    baseline's are divided by the number of training images. For `hsoftmax_levels` with `level_scores="level"` they
    are probabilities within a level, so a tag that is alone on its level has probability 1.

    Raises:
        UserError: the scores of an ensemble are not probabilities, as it was combined in another way.
    """
    values = scores.values[facet]
    if not len(rows):
        return np.zeros((0, values.shape[1]))
    if get_model_spec(scores.model).family == "frequency":
        return values[rows].astype(np.float64) / len(scores.dataset.split("train"))
    link = scores.link_of(facet)
    if link is None:
        raise UserError(f"The scores of {scores.model!r} in {facet!r} are not probabilities; expected an ensemble with "
                        "the setting combine='probabilities'.")
    return link(values[rows])


def measure_images(scores: Scores, facet: str | None = None) -> pd.DataFrame:
    """Metrics of each image, over the facets in which it is annotated, or in one of them.

    Returns:
        One row per evaluated image with a tag: `row` (index), `provider`, `facets`, `tags` (annotated, in the
        vocabulary), `r_precision` and `rank_share` (mean rank of its tags as a share of the vocabulary), both
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


HEADS = {"r_precision": "R-precision", "rank_share": "rank share"}
"""What a reader sees above the columns of `measure_providers`."""


def measure_providers(scores: Scores) -> pd.DataFrame:
    """Means over each provider's images, from the highest R-precision to the lowest."""
    groups = measure_images(scores).groupby("provider")
    frame = groups[["r_precision", "rank_share"]].mean()
    frame.insert(0, "images", groups.size())
    return frame.sort_values(["r_precision", "images"], ascending=False, kind="stable")


def count_verdicts(scores: Scores, language: str = "en") -> pd.DataFrame:
    """Verdicts on the first R tags of each image, R its number of tags on record, with one row per facet.

    Args:
        language: of the facets' titles.
    Returns:
        By facet's title: `images`, `first tags` (sum of R over the images) and the number of them with each verdict.
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


def summarise(verdicts: pd.DataFrame, providers: pd.DataFrame, errors: pd.Series) -> dict[str, int | float | str]:
    """The numbers that the text of the chapter quotes; NaN for a share of nothing.

    Args:
        verdicts: `count_verdicts`; of all `first` tags, the per cent with each verdict, and `excused`, the per cent of
            those not on record that are consistent with it.
        providers: `measure_providers`; the first and the last.
        errors: `count_errors`; the most frequent.
    """
    total = verdicts.sum()
    shares = {verdict: (total[verdict], total["first tags"]) for verdict in VERDICTS}
    shares["excused"] = total[CONSISTENT], total[CONSISTENT] + total[WRONG]
    named = {"first": int(total["first tags"])} | {
        name: 100 * float(part) / float(whole) if whole else math.nan for name, (part, whole) in shares.items()}
    for name, row in (("first_provider", 0), ("last_provider", -1)):
        named[name] = providers.index[row] if len(providers) else "–"
        named[f"{name}_r"] = float(providers["r_precision"].iloc[row]) if len(providers) else math.nan
    return named | {"error": next(iter(errors.index), "–"), "error_images": int(errors.max()) if len(errors) else 0}


def count_errors(chosen: pd.DataFrame) -> pd.Series:
    """How often each tag is the wrong one of a confidently wrong image, as `choose_images` gives them; most often first."""
    tags = [caption.removeprefix("wrong: ").rpartition(", ")[0] for caption in chosen["caption"]]
    return pd.Series(tags, dtype=object).value_counts().rename_axis("tag").rename("images")


def choose_images(scores: Scores, kind: str, images: int = 3, *, provider: str | None = None, tag: str | None = None,
                  facet: str | None = None) -> pd.DataFrame:
    """The best, the worst or the most confidently wrong images of a run; ties by their row.

    Without a tag, best and worst are by R-precision over the image's facets; among equals, the best have more tags and
    the worst rank their tags lower. Confidently wrong images have the most probable wrong tags. With a tag, all three
    are by its probability: best and worst among the images that have it, confidently wrong among those where it is
    wrong.

    Args:
        kind: one of `KINDS`.
        images: maximum number of images.
        provider, facet: restrict the choice.
        tag: its name; one that occurs in two facets needs `facet`.
    Returns:
        `row` of the split, `caption` and `value`, the R-precision or the probability; empty if no image fits.
    Raises:
        UserError: an unknown kind, provider, tag or facet.
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
    return chosen.head(images).reset_index(drop=True)


def choose_extremes(scores: Scores, images: int = 1, **where) -> pd.DataFrame:
    """The best, then the worst images, at most as many of each, with the kind at the start of each caption; see `choose_images`."""
    chosen = {kind: choose_images(scores, kind, images, **where) for kind in (BEST, WORST)}
    return pd.concat([frame.assign(caption=[f"{kind}: {caption}" for caption in frame["caption"]]) for kind, frame in chosen.items()], ignore_index=True)


def choose_each(scores: Scores, images: int = 3, **where) -> pd.DataFrame:
    """The best, then the worst, then the most confidently wrong images, with the kind at the start of each caption.

    Args:
        images: maximum number per kind.
        where: provider, tag and facet, see `choose_images`.
    Raises:
        UserError: see `choose_images`.
    """
    chosen = {kind: choose_images(scores, kind, images, **where) for kind in KINDS}
    return pd.concat([frame.assign(caption=[f"{kind}: {caption.removeprefix('wrong: ')}" for caption in frame["caption"]])
                      for kind, frame in chosen.items()], ignore_index=True)


def draw_images(scores: Scores, images: int = 3, seed: int = 0) -> pd.DataFrame:
    """Images annotated in most facets, drawn at random among equals, as `choose_images` gives them."""
    rows = _draw(map(scores.labels, scores.values), np.flatnonzero(scores.evaluated), images, seed)
    return pd.DataFrame({"row": rows, "caption": "drawn at random"})


def judge_images(scores: Scores, picked: pd.DataFrame, top: int = 5) -> list[Example]:
    """The record and the best tags of each image with their verdicts, facet by facet.

    Args:
        picked: with columns `row` and `caption`, as from `choose_images`.
        top: number of best tags; at least as many as are annotated.
    """
    records, rows = scores.dataset.split(scores.split), picked["row"].to_numpy()
    chances = {facet: probabilities(scores, facet, rows) if scores.model in MODELS else [None] * len(rows)
               for facet in scores.values}
    return [Example(int(row), str(records.ids[row]), str(records.providers[row]), caption,
                    tuple(_answer(scores, facet, int(row), chances[facet][place], top) for facet in scores.values))
            for place, (row, caption) in enumerate(zip(picked["row"], picked["caption"]))]


def draw_rows(dataset: Dataset, split: str, images: int = 4, seed: int = 0) -> list[int]:
    """Rows of some images of a split: those annotated in most facets, drawn at random among equals."""
    return sorted(_draw(dataset.labels(split).values(), np.arange(len(dataset.split(split))), images, seed).tolist())


def show_predictions(dataset: Dataset, model: str, split: str, rows: Sequence[int], tags: int = 5,
                     language: str = "en") -> pd.DataFrame:
    """The best-ranked tags of some images, one row per annotated facet; ✓ marks annotated tags.

    Args:
        dataset, model, split: of the evaluation; see `training.run.train_model`.
        rows: of the split.
        tags: number of best tags; at least as many as are annotated.
        language: of the facets' titles.
    Raises:
        UserError: the model has no scores of these records.
    """
    scores, lines = read_evaluated(dataset, model, split), []
    for row in rows:
        for facet, values in scores.values.items():
            names, relevant = dataset.vocabulary[facet].names, _relevant(scores, facet, row)
            if relevant and scores.evaluated[row]:
                lines.append((scores.ids[row], get_facet(facet).title(language), ", ".join(names[tag] for tag in relevant),
                              name_tags(names, values[row], relevant, tags)))
    return pd.DataFrame(lines, columns=["image", "facet", "annotated", "best tags"]).set_index(["image", "facet"])


def name_tags(names: Sequence[str], scores: np.ndarray, relevant: Sequence[int], tags: int) -> str:
    """The best-ranked tags of an image in one line, at least as many as are relevant; ✓ marks relevant tags."""
    best = np.argsort(-scores, kind="stable")[:max(tags, len(relevant))].tolist()
    return ", ".join(names[tag] + " ✓" * (tag in relevant) for tag in best)


def _draw(labels: Iterable[Labels], rows: np.ndarray, images: int, seed: int) -> np.ndarray:
    """Those of the rows annotated in most facets, drawn at random among equals."""
    shuffled = np.random.default_rng(seed).permutation(rows)
    facets = sum(((np.diff(facet.matrix.indptr) > 0)[shuffled] for facet in labels), np.zeros(len(rows), np.int64))
    return shuffled[np.argsort(-facets, kind="stable")][:images]


def _answer(scores: Scores, facet: str, row: int, chances: np.ndarray | None, top: int) -> Answer:
    taxonomy = scores.taxonomy(facet)
    relevant = _relevant(scores, facet, row)
    outside = [tag for tag in scores.dataset.split(scores.split).tags(facet, row) if tag not in taxonomy.index]
    best = np.argsort(-scores.values[facet][row], kind="stable")[:max(top, len(relevant))].tolist()
    return Answer(facet, tuple(taxonomy.names[tag] for tag in relevant), tuple(outside), tuple(
        (taxonomy.names[tag], None if chances is None else float(chances[tag]),
         judge_prediction(taxonomy, relevant, tag) if relevant else None) for tag in best))


def _facets(scores: Scores, facet: str | None) -> list[str]:
    if facet is not None and facet not in scores.values:
        raise unknown(f"facet of {scores.model!r}", facet, scores.values)
    return list(scores.values) if facet is None else [facet]


def _find_tag(scores: Scores, tag: str, facet: str | None) -> tuple[str, int]:
    """Facet and index of the tag with that name."""
    facets = _facets(scores, facet)
    found = [(name, scores.taxonomy(name).index[tag]) for name in facets if tag in scores.taxonomy(name).index]
    if not found:
        known = sorted({other for name in facets for other in scores.taxonomy(name).names})
        near = difflib.get_close_matches(tag, known, n=5, cutoff=0.4) or known[:5]
        raise UserError(f"Unknown tag {tag!r}. Known tags ({len(known):,}) are, for example, {', '.join(near)}.")
    if len(found) > 1:
        raise UserError(f"The tag {tag!r} occurs in {' and '.join(name for name, _ in found)}; expected one of these "
                        "as facet.")
    return found[0]


def _choose_by_precision(scores: Scores, kind: str, facet: str | None) -> pd.DataFrame:
    frame, sign = measure_images(scores, facet), -1 if kind == BEST else 1
    second = -frame["tags"] if kind == BEST else -frame["rank_share"].round(9)
    frame = frame.iloc[np.lexsort((frame.index, second, sign * frame["r_precision"].round(9)))]
    return _captioned(frame.index, [f"R-precision {value:.2f}" for value in frame["r_precision"]], frame["r_precision"])


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
    return scores.labels(facet).matrix[[row]].indices.tolist()
