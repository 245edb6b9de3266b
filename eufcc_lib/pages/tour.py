"""What the tour for curators shows, and the picture of the cover: photographs with words, and no code.

The cards are HTML with text of its own, so that they can be read on a phone, aloud and in the dark.
"""

import base64
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.facets import FACETS, get_facet
from ..core.numbers import change, percent
from ..data.dataset import Dataset
from ..data.examples import draw_record
from ..data.records import Records
from ..data.statistics import labels_of
from ..data.taxonomy import Vocabulary
from ..data.translations import tag_numbers
from ..figures.style import Picture
from ..metrics.bootstrap import FEWEST_UNITS
from ..metrics.ranking import r_precision, rank_relevant
from ..results.judgeable import read_evaluated
from ..results.predictions import (
    ANNOTATED,
    CONSISTENT,
    WRONG,
    Example,
    count_verdicts,
    measure_images,
    measure_providers,
)
from ..results.scores import Scores
from .predictions import embed
from .render import Page, render

QUESTIONS = {"objectTypes": "What is it?", "materials": "What is it made of?", "classifications": "Which field studies it?",
             "subjects": "What does it show?"}

SIGNS = {ANNOTATED: ("✓", "on record"), CONSISTENT: ("~", "close to the record"), WRONG: ("×", "not on record")}

FIFTHS = ("From the fifth of the photographs that the model tags best", "From the second fifth", "From the middle fifth",
          "From the fourth fifth", "From the fifth that it tags worst")

_MINI = """
The photographs on these pages show the *{data}* museum: {records:,d} pictures from {providers:,d}
institutions, with {tags:,d} different tags. None of it exists. A program models each object, gives it
a material, lights it and photographs it, with another backdrop and another lamp for each invented
institution. Then it writes the record, with the gaps and the errors of real records. So the museum needs
no download and no permission, it fits on a laptop, and for each picture we know what it really shows. Its
scores say nothing about real photographs; they show how everything works.

The words are meant to be those of the *Art & Architecture Thesaurus* of the Getty Research Institute. For
{materials_numbered:d} of the {materials:d} materials that a model can choose from, {classifications_numbered:d}
of the {classifications:d} classifications and {subjects_numbered:d} of the {subjects:d} subjects, we have checked the
number of the term in the thesaurus. Of the {objectTypes:d} object types, only {objectTypes_numbered:d} have such a
number; the others are words of our own in the thesaurus's manner.
"""

_OTHER = """
The photographs on these pages show the data set *{data}*: {records:,d} pictures from {providers:,d}
institutions, with {tags:,d} different tags. We have checked the number in the *Art & Architecture
Thesaurus* for {objectTypes_numbered:d} of the {objectTypes:d} object types that a model can choose from,
{materials_numbered:d} of the {materials:d} materials, {classifications_numbered:d} of the {classifications:d}
classifications and {subjects_numbered:d} of the {subjects:d} subjects.
"""


def about(dataset: Dataset) -> str:
    """What the data are, as text for `prose.say` with the facts of `statistics.summarise` and `count_numbers`."""
    return _MINI if dataset.name == "mini" else _OTHER


def find_record(records: Records, images: Sequence[Path], vocabulary: Vocabulary, seed: int = 0) -> int:
    """A record for a first look whose photograph is there, where any is; see `data.examples.draw_record`."""
    there = np.array([Path(image).is_file() for image in images])
    rows = np.flatnonzero(there if there.any() else ~there)
    return int(rows[draw_record(records.take(rows), vocabulary, seed)])


def sample_wall(records: Records, samples: pd.DataFrame, seed: int = 0) -> list[int]:
    """Rows for the wall in a random order: one of every sample first, then a second one of each, and so on.

    Args:
        samples: `data.examples.sample_by_tag`; where it is empty, all records count as one sample.
    """
    groups = samples["rows"].tolist() or [range(len(records))]
    rounds = [[group[turn] for group in groups if turn < len(group)] for turn in range(max(map(len, groups), default=0))]
    generator = np.random.default_rng(seed)
    return list(dict.fromkeys(int(row) for rows in rounds for row in generator.permutation(rows)))


def cover(wall: Picture, alt: str) -> Page:
    """The wall as the book's cover shows it: across the page, cut rather than shrunk on a phone, and a link to the museum."""
    source = f"data:image/jpeg;base64,{base64.b64encode(wall.to_bytes('jpeg')).decode()}"
    return render("wall", alt, alt=alt, source=source)


def record_card(records: Records, row: int, images: Sequence[Path]) -> Page:
    """A record in words: the photograph, and for each facet its question and the paths on record."""
    lines = [(QUESTIONS[facet.name], facet.title(), [(" › ".join(path), "", "") for path in labels_of(records.paths(facet.name, row))],
              "nothing on record") for facet in FACETS]
    caption = f"{records.ids[row]}, {records.providers[row]}"
    return render("tour", f"Record {caption}", cards=[("The record", caption, *_photograph(records, row, images[row]), lines)])


def proposal_cards(examples: Sequence[Example], records: Records, images: Sequence[Path]) -> Page:
    """For each photograph, in each facet with tags on record, the record and as many of the model's proposals.

    Args:
        examples: `results.predictions.judge_images`; without any, the page says so.
    """
    cards = []
    for example in examples:
        lines = [("", get_facet(answer.facet).title(), [(f"{tag} {percent(chance)}", *SIGNS[verdict]) for tag, chance, verdict in
                  answer.predicted[:len(answer.annotated)]], ", ".join(answer.annotated)) for answer in example.answers if answer.annotated]
        cards.append((example.caption, f"{example.image}, {example.provider}", *_photograph(records, example.row, images[example.row]), lines))
    return render("tour", f"{len(cards)} photographs with the model's proposals", cards=cards)


def _photograph(records: Records, row: int, image: Path) -> tuple[str, str]:
    """The photograph as a data URI ("" where there is none), and words for those who do not see it."""
    narrowest = [path[-1] for facet in FACETS for path in labels_of(records.paths(facet.name, row))]
    words = f"Photograph of an object tagged {', '.join(narrowest)}" if narrowest else "Photograph of an object without tags"
    return embed(image), words


def draw_from_fifths(scores: Scores, seed: int = 0) -> pd.DataFrame:
    """One photograph from each fifth of the test, from the best tagged to the worst: row, caption.

    Drawn among those with tags in two facets or more, where the fifth has such.
    """
    frame = measure_images(scores)
    order = frame.index.to_numpy()[np.lexsort((frame.index, -frame["r_precision"].round(9)))]
    generator, drawn = np.random.default_rng(seed), []
    for caption, rows in zip(FIFTHS, np.array_split(order, len(FIFTHS)), strict=True):
        several = rows[frame["facets"].loc[rows].to_numpy() > 1]
        if len(rows):
            drawn.append({"row": int(generator.choice(several if len(several) else rows)), "caption": caption})
    return pd.DataFrame(drawn, columns=["row", "caption"])


def count_proposals(examples: Sequence[Example]) -> dict[str, int]:
    """Of the proposals on `proposal_cards`: how many there are (`shown`), and how many have each verdict."""
    verdicts = [verdict for example in examples for answer in example.answers
                for _, _, verdict in answer.predicted[:len(answer.annotated)]]
    return {"shown": len(verdicts)} | {name: verdicts.count(name) for name in SIGNS}


def share_verdicts(scores: Scores) -> dict[str, str]:
    """Of the first R tags of all photographs in all facets, the share with each verdict, in words (`all_annotated` ...)."""
    total = count_verdicts(scores).sum() if scores.values else {"first tags": 0}
    return {f"all_{name}": percent(total[name] / total["first tags"]) if total["first tags"] else "–" for name in SIGNS}


def main_facet(scores: Scores) -> str:
    """The facet in which most photographs can be judged; the first of them where several have as many."""
    return max(scores.values, key=lambda facet: len(scores.judged_rows(facet)), default=FACETS[0].name)


def mean_precision(scores: Scores, facet: str) -> float:
    """The model's mean R-precision in the facet; NaN where no photograph can be judged."""
    return float(_precision(scores, facet).mean()) if len(_precision(scores, facet)) else math.nan


def find_worked(scores: Scores, facet: str, fewest: int = 3, most: int = 5) -> pd.DataFrame:
    """The photograph that explains R-precision: neither all right nor all wrong, and closest to the mean: row, caption.

    With `fewest` to `most` tags where there are such; empty where no photograph can be judged.
    """
    values = _precision(scores, facet)
    frame = pd.DataFrame({"row": scores.judged_rows(facet) if len(values) else [], "value": values})
    if frame.empty:
        return pd.DataFrame(columns=["row", "caption"])
    frame["tags"] = np.diff(scores.labels(facet).matrix.indptr)[frame["row"].to_numpy(int)]
    for fits in (frame["tags"].between(fewest, most) & frame["value"].between(0, 1, inclusive="neither"),
                 frame["value"].between(0, 1, inclusive="neither"), frame["tags"] > 0):
        if fits.any():
            distance = (frame.loc[fits, "value"] - frame["value"].mean()).abs().round(9)
            return pd.DataFrame([{"row": int(frame.loc[distance.idxmin(), "row"]), "caption": "One photograph, counted"}])
    return pd.DataFrame(columns=["row", "caption"])


def only(examples: Sequence[Example], facet: str) -> list[Example]:
    """The examples with their answer in one facet alone."""
    return [replace(example, answers=tuple(answer for answer in example.answers if answer.facet == facet)) for example in examples]


def explain(examples: Sequence[Example]) -> dict[str, object]:
    """R-precision of the first answer in words and numbers; dashes where there is none.

    `tags_on_record`, `hits`, `value` (their share), `right` and `missed` (the names of the tags on record).
    """
    answer = next((answer for example in examples for answer in example.answers), None)
    if answer is None:
        return dict.fromkeys(("tags_on_record", "hits", "value"), math.nan) | {"right": "–", "missed": "–"}
    found = {tag for tag, _, _ in answer.predicted[:len(answer.annotated)]}
    right, missed = ([tag for tag in answer.annotated if (tag in found) == hit] for hit in (True, False))
    return {"tags_on_record": len(answer.annotated), "hits": len(right), "value": len(right) / max(len(answer.annotated), 1),
            "right": ", ".join(right) or "none", "missed": ", ".join(missed) or "none"}


def explain_facets(example: Example) -> tuple[str, float]:
    """R-precision of a photograph, facet by facet in words, and their mean; NaN where it has no tags on record."""
    counts = {answer.facet: (sum(verdict == ANNOTATED for _, _, verdict in answer.predicted[:len(answer.annotated)]), len(answer.annotated))
              for answer in example.answers if answer.annotated}
    told = [f"{get_facet(facet).title().lower()} {hits} of {tags}" for facet, (hits, tags) in counts.items()]
    mean = float(np.mean([hits / tags for hits, tags in counts.values()])) if counts else math.nan
    return f"{', '.join(told)}; mean {mean:.2f}", mean


def per_hundred(scores: Scores, facet: str) -> dict[str, int | float]:
    """What a cataloguer meets in a hundred photographs: `proposals` to look at, `hits_per_hundred` of them on record, and tags `left`."""
    row = count_verdicts(scores).loc[get_facet(facet).title()] if facet in scores.values else {"images": 0}
    if not row["images"]:
        return dict.fromkeys(("proposals", "hits_per_hundred", "left"), math.nan)
    proposals, hits = (round(100 * row[name] / row["images"]) for name in ("first tags", ANNOTATED))
    return {"proposals": proposals, "hits_per_hundred": hits, "left": proposals - hits}


def known_and_new(dataset: Dataset, model: str) -> pd.DataFrame:
    """Mean R-precision on both tests, a row per facet's title; NaN where a test or its tags are missing."""
    rows = {facet.title(): {title: _mean_on(dataset, model, split, facet.name) for title, split in
                            (("Known museums", "test_id"), ("New museums", "test_ood"))} for facet in FACETS}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Facet")


def compare_museums(table: pd.DataFrame) -> dict[str, str]:
    """Sentences about `known_and_new`: `change` of the mean over the facets that both tests have, `most` the facet that loses most."""
    both = table.dropna()
    known, new = (float(both[column].mean()) if len(both) else math.nan for column in table.columns)
    losses = (both.iloc[:, 0] - both.iloc[:, 1]).round(2) if len(both) else pd.Series(dtype=float)
    losing = losses[losses > 0].sort_values(ascending=False, kind="stable")
    most = (f"The largest loss is in {losing.index[0].lower()}, {both.loc[losing.index[0]].iloc[0]:.2f} against "
            f"{both.loc[losing.index[0]].iloc[1]:.2f}." if len(losing) else "No facet loses.") if len(both) else ""
    return {"change": change(known, new), "most": most}


def compare_providers(scores: Scores) -> str:
    """How far institutions differ, in a sentence; of those with enough photographs to say."""
    providers = measure_providers(scores)
    providers = providers[providers["images"] >= FEWEST_UNITS]
    if len(providers) < 2:
        return "Too few institutions have enough photographs to compare them."
    best, worst = providers.iloc[0], providers.iloc[-1]
    return (f"Among {len(providers)} institutions that it does know, the mean over their photographs ranges from {worst['r_precision']:.2f} "
            f"({worst.name}) to {best['r_precision']:.2f} ({best.name}).")


def count_numbers(dataset: Dataset) -> dict[str, int]:
    """How many tags of each facet's vocabulary there are (`FACET`), and have a checked number of the AAT (`FACET_numbered`)."""
    counts = {}
    for facet, taxonomy in dataset.vocabulary.taxonomies.items():
        counts[facet] = len(taxonomy)
        counts[f"{facet}_numbered"] = sum(map(bool, tag_numbers(taxonomy)))
    return counts


def _precision(scores: Scores, facet: str) -> np.ndarray:
    """float (N,): R-precision of each photograph that can be judged in the facet."""
    rows = scores.judged_rows(facet) if facet in scores.values else np.array([], int)
    if not len(rows):
        return np.array([])
    return r_precision(rank_relevant(scores.values[facet][rows], scores.labels(facet).matrix[rows], facet))


def _mean_on(dataset: Dataset, model: str, split: str, facet: str) -> float:
    return mean_precision(read_evaluated(dataset, model, split), facet) if split in dataset.records else math.nan
