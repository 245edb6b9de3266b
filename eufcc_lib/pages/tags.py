"""The results of a run tag by tag: a table to search and sort in the browser, and a csv file.

The table brings its own few lines of script, fetches nothing and needs no server; without the script it is a
plain table. The numbers are those of `per_tag.judge_tags`.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from ..core import paths
from ..core.facets import get_facet
from ..core.numbers import percent, thousands
from ..data.records import SPLIT_TITLES
from ..data.translations import tag_numbers
from ..models.frequency import class_counts
from ..models.registry import get_model_spec
from ..results import per_tag
from ..results.scores import Scores
from .render import Page, render

COLUMNS = {"tag": "Tag", "facet": "Facet", "aat": "AAT", "train_images": "Training images",
           "images": "Images here", "found": "Found", "mean_rank": "Mean rank", "rank_share": "Mean rank, share"}
"""The columns of `judge_all_tags` and what a reader sees above them."""

_MEANINGS = {
    "train_images": "images with the tag in the training split",
    "images": "images with the tag in this split (support)",
    "found": "share of these images in which the tag is among the first R, R the image's own tags",
    "mean_rank": "its place in the list, on average over these images; 1 is the first",
    "rank_share": "mean rank as a share of the facet's tags"}


def judge_all_tags(scores: Scores) -> pd.DataFrame:
    """The results of a run on each tag of the vocabulary, also on those that no image of the split has.

    Returns:
        One row per tag, facet by facet in the order of the vocabulary: `tag`, `facet`, `aat` (its number as text, ""
        where no table of terms knows it), `train_images`, `images` (support: images of the split with the tag),
        `found`, `mean_rank` (see `per_tag.judge_tags`) and `rank_share` (of the facet's tags); the last three
        are NaN where there is no image.
    """
    frames = [pd.DataFrame(columns=list(COLUMNS))] if not scores.values else []
    for facet in scores.values:
        taxonomy = scores.taxonomy(facet)
        frame = pd.DataFrame({"facet": facet, "tag": taxonomy.names, "aat": tag_numbers(taxonomy),
                              "train_images": class_counts(scores.dataset, [facet])[facet], "images": 0,
                              "found": np.nan, "mean_rank": np.nan})
        if len(scores.judged_rows(facet)):
            found = per_tag.judge_tags(per_tag.judge([scores], facet), scores.model).reindex(taxonomy.names)
            frame["images"] = found["images"].fillna(0).astype(int).to_numpy()
            frame["found"], frame["mean_rank"] = found["found"].to_numpy(), found["mean_rank"].to_numpy()
        frames.append(frame.assign(rank_share=frame["mean_rank"] / len(taxonomy)))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def choose_tag(tags: pd.DataFrame, facets: Iterable[str], tag: str | None = None) -> tuple[str | None, str | None, float]:
    """A tag to look at, its facet and the share found: the given one, or of the twenty most frequent the least often found.

    Args:
        tags: `judge_all_tags(scores)`.
        facets: those to choose from.
        tag: its name; the facet is then None where several have it, and the share that of the first.
    Returns:
        None, None and NaN where there are no tags, and the name as it is given where it is unknown.
    """
    known = tags[tags["facet"].isin(list(facets))]
    if tag is None:
        known = known.sort_values("images", ascending=False, kind="stable").head(20).sort_values("found", kind="stable")
    else:
        known = known[known["tag"] == tag]
    if known.empty:
        return tag, None, np.nan
    first = known.iloc[0]
    return first["tag"], first["facet"] if tag is None or len(known) == 1 else None, float(first["found"])


def show_tags(scores: Scores, tags: pd.DataFrame, language: str = "en") -> Page:
    """A table to search and sort in the browser.

    Args:
        tags: `judge_all_tags(scores)`.
        language: of the facets' titles.
    """
    caption = (f"{get_model_spec(scores.model).title} on {scores.dataset.name}, {SPLIT_TITLES[scores.split].lower()} set: "
               f"{thousands(len(tags))} tags, of which {thousands((tags['images'] > 0).sum())} are on an image.")
    shown = [column for column in COLUMNS if column != "aat" or tags["aat"].any()]
    named = tags[shown].assign(facet=[get_facet(name).title(language) for name in tags["facet"]])
    rows = ([(column, *_written(column, value)) for column, value in zip(shown, row)]
            for row in named.itertuples(index=False, name=None))
    return render("tags", caption, caption=caption, count=thousands(len(tags)), columns=shown, titles=COLUMNS,
                  meanings=_MEANINGS, rows=rows)


def write_tags(scores: Scores) -> Path:
    """Write `judge_all_tags` as `results/DATA/tags_MODEL_SPLIT.csv`, whole or not at all; its path."""
    path = paths.RESULTS / scores.dataset.name / f"tags_{scores.model}_{scores.split}.csv"
    with paths.atomic(path) as temporary:
        judge_all_tags(scores).round(6).to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
    return path


def _written(column: str, value: str | float) -> tuple[str, str]:
    """What a cell sorts by, and what it shows."""
    if column not in _MEANINGS:
        return value, value
    if np.isnan(value):
        return "", "–"
    formats = {"found": "{:.2f}".format, "mean_rank": "{:.1f}".format, "rank_share": percent}
    return f"{value:.9g}", formats.get(column, thousands)(value)
