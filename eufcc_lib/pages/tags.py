"""How a run did on every tag: as a table to search and sort in the browser, and as csv.

A page is one piece of HTML with its own few lines of script. It fetches nothing and needs no server; without
the script it is a plain table. The numbers are those of `comparison.judge_tags`.
"""

import html
import math
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from ..core import paths
from ..core.facets import get_facet
from ..data.records import SPLIT_TITLES
from ..data.translations import tag_numbers
from ..models.registry import get_model_spec
from ..results import per_tag
from ..results.predictions import Run
from .tables import TABLE_CSS

COLUMNS = {"tag": "Tag", "facet": "Facet", "aat": "AAT", "train_images": "Training images",
           "images": "Images here", "found": "Found", "mean_rank": "Mean rank", "rank_share": "Mean rank, share"}
"""The columns of `judge_all_tags` and what a reader sees above them."""

_MEANINGS = {
    "train_images": "images with the tag in the training split",
    "images": "images with the tag in this split (support)",
    "found": "share of these images in which the tag is among the first R, R the image's own tags",
    "mean_rank": "its place in the list, on average over these images; 1 is the first",
    "rank_share": "mean rank as a share of the facet's tags"}

_CREDIT = ("<br><small>AAT numbers: information from the J. Paul Getty Trust, Getty Research Institute, the Art &amp; "
           "Architecture Thesaurus, under the ODC Attribution License.</small>")


@dataclass(frozen=True, eq=False)
class TagPage:
    """Every tag of a run, to search and sort; a notebook shows it as HTML.

    Attributes:
        tags: `judge_all_tags`.
        language: of the facets' titles.
    """

    caption: str
    tags: pd.DataFrame
    language: str = "en"

    def _repr_html_(self) -> str:
        return to_html(self)


def judge_all_tags(run: Run) -> pd.DataFrame:
    """How a run did on each tag of the vocabulary, also on those that no image of the split has.

    Returns:
        A row a tag, facet by facet in the order of the vocabulary: `tag`, `facet`, `aat` (its number as text, ""
        where no table of terms knows it), `train_images`, `images` (support: images of the split with the tag),
        `found`, `mean_rank` (see `comparison.judge_tags`) and `rank_share` (of the facet's tags); the last three
        are NaN where there is no image.
    """
    frames = []
    for facet, scores in run.scores.items():
        taxonomy, labels = run.taxonomy(facet), run.labels(facet)
        frame = pd.DataFrame({"facet": facet, "tag": taxonomy.names, "aat": tag_numbers(taxonomy),
                              "train_images": _train_images(run, facet), "images": 0,
                              "found": np.nan, "mean_rank": np.nan})
        if (read := (np.diff(labels.indptr) > 0) & ~np.isnan(scores).any(axis=1)).any():
            rows = np.flatnonzero(read)
            judged = per_tag.Judged(taxonomy, rows, labels[rows], {run.model: scores[rows]},
                                       frame["train_images"].to_numpy())
            found = per_tag.judge_tags(judged, run.model).reindex(taxonomy.names)
            frame["images"] = found["images"].fillna(0).astype(int).to_numpy()
            frame["found"], frame["mean_rank"] = found["found"].to_numpy(), found["mean_rank"].to_numpy()
        frames.append(frame.assign(rank_share=frame["mean_rank"] / len(taxonomy)))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def tag_page(run: Run, language: str = "en") -> TagPage:
    """The page of a run; the language is that of the facets' titles."""
    tags = judge_all_tags(run)
    return TagPage(f"{get_model_spec(run.model).title} on {run.dataset.name}, {SPLIT_TITLES[run.split].lower()} set: "
                   f"{len(tags):,} tags, of which {int((tags['images'] > 0).sum()):,} are on an image.", tags, language)


def write_tags(run: Run) -> Path:
    """Write `judge_all_tags` as `results/DATA/tags_MODEL_SPLIT.csv`, whole or not at all; its path."""
    path = paths.RESULTS / run.dataset.name / f"tags_{run.model}_{run.split}.csv"
    with paths.atomic(path) as temporary:
        judge_all_tags(run).round(6).to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
    return path


def to_html(page: TagPage) -> str:
    """The page as one piece of HTML: styles, search field, table and script."""
    tags = page.tags.assign(facet=[get_facet(name).title(page.language) for name in page.tags["facet"]])
    shown = [column for column in COLUMNS if column != "aat" or tags["aat"].any()]
    heads = "".join(_head(column, number) for number, column in enumerate(shown))
    body = "".join("<tr>" + "".join(_cell(column, value) for column, value in zip(shown, row)) + "</tr>"
                   for row in tags[shown].itertuples(index=False, name=None))
    credit = _CREDIT if "aat" in shown else ""
    name = "tags-" + sha256((page.caption + body).encode()).hexdigest()[:8]
    return (f'<style>{TABLE_CSS}{_CSS}</style><div class="eufcc-tags" id="{name}">'
            f'<p class="find" hidden><label>Search <input type="search" placeholder="tag, facet or number"></label> '
            f'<output>{len(tags):,} tags</output></p>'
            f'<div class="eufcc-table" role="region" tabindex="0" aria-label="Results of every tag">'
            f'<table class="cells"><caption><span>{html.escape(page.caption)}{credit}</span></caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>"
            f'<script>{_SCRIPT.replace("NAME", name)}</script>')


def _head(column: str, number: int) -> str:
    hint = f' title="{_MEANINGS[column]}"' if column in _MEANINGS else ""
    return f'<th scope="col"{_text(column)}{hint}><button type="button" disabled data-column="{number}">' \
           f"{COLUMNS[column]}</button></th>"


def _cell(column: str, value) -> str:
    if column == "tag":
        return f'<th scope="row">{html.escape(value)}</th>'
    if column not in _MEANINGS:
        return f"<td{_text(column)}>{html.escape(value)}</td>"
    if math.isnan(value):
        return '<td data-value=""><span aria-label="none">–</span></td>'
    written = {"found": f"{value:.2f}", "mean_rank": f"{value:.1f}", "rank_share": f"{value:.0%}".replace("%", " %")}
    return f'<td data-value="{value:.9g}">{written.get(column, f"{value:,}")}</td>'


def _text(column: str) -> str:
    return "" if column in _MEANINGS else ' class="text"'


def _train_images(run: Run, facet: str) -> np.ndarray:
    """int64 (C,); zeros where there is no training split."""
    if "train" not in run.dataset.records:
        return np.zeros(len(run.taxonomy(facet)), np.int64)
    return np.asarray(run.dataset.labels("train")[facet].matrix.sum(axis=0), np.int64)


# The table scrolls inside itself under heads that stay in sight.
_CSS = """
div.eufcc-tags .find input{font:inherit;padding:.25rem .5rem;min-width:16em;max-width:100%;box-sizing:border-box;
 color:var(--pst-color-text-base,#222);background:var(--pst-color-background,#fff);
 border:1px solid var(--pst-color-text-muted,#767676);border-radius:3px}
div.eufcc-tags .find output{margin-left:.75rem;white-space:nowrap}
div.eufcc-tags div.eufcc-table{max-height:32rem;overflow:auto;margin-top:0}
div.eufcc-tags .cells thead th{position:sticky;top:0;z-index:2;vertical-align:bottom;white-space:normal}
div.eufcc-tags .cells thead tr>:first-child{z-index:3}
div.eufcc-tags .cells .text,div.eufcc-tags .cells tbody th{text-align:left}
div.eufcc-tags .cells thead button{font:inherit;font-weight:bold;color:inherit;background:none;border:0;padding:0;
 text-align:inherit;cursor:pointer}
div.eufcc-tags .cells thead button:disabled{cursor:default}
div.eufcc-tags .cells thead th[aria-sort]{text-decoration:underline}
div.eufcc-tags .cells thead th[aria-sort=ascending] button::after{content:" ↑";content:" ↑" / ""}
div.eufcc-tags .cells thead th[aria-sort=descending] button::after{content:" ↓";content:" ↓" / ""}
div.eufcc-tags .cells tr[hidden]{display:none}
@media (max-width:600px){div.eufcc-tags .cells th,div.eufcc-tags .cells td{padding:.25rem .2rem;font-size:.72rem}
 div.eufcc-tags .cells tbody th,div.eufcc-tags .cells td.text{white-space:normal}}
"""

# Words in any order, without regard to case and accents. Numbers sort from the largest at the first click, names
# from A; what has no value stays last. A sort is stable, so sorting by two columns is two clicks.
_SCRIPT = """
(() => {
  const page = document.getElementById("NAME"), body = page.querySelector("tbody");
  const rows = [...body.rows], output = page.querySelector("output");
  const plain = (text) => text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase();
  const texts = new Map(rows.map((row) => [row, plain([...row.cells].map((cell) => cell.textContent).join(" "))]));
  const count = rows.length.toLocaleString("en");
  page.querySelector("input").addEventListener("input", (event) => {
    const words = plain(event.target.value).split(/\\s+/);
    for (const row of rows) row.hidden = !words.every((word) => texts.get(row).includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    output.textContent = shown === rows.length ? `${count} tags` : `${shown.toLocaleString("en")} of ${count} tags`;
  });
  for (const button of page.querySelectorAll("thead button")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const head = button.parentElement, column = button.dataset.column;
      const numbers = rows.some((row) => "value" in row.cells[column].dataset);
      const was = head.getAttribute("aria-sort");
      const sort = was ? (was === "ascending" ? "descending" : "ascending") : numbers ? "descending" : "ascending";
      for (const other of page.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sort);
      const key = (row) => numbers ? row.cells[column].dataset.value : row.cells[column].textContent;
      rows.sort((one, two) => {
        const [a, b] = [key(one), key(two)];
        if (a === "" || b === "") return (a === "") - (b === "");
        return (numbers ? a - b : a.localeCompare(b)) * (sort === "ascending" ? 1 : -1);
      });
      body.append(...rows);
    });
  }
  page.querySelector(".find").hidden = false;
})();
"""
