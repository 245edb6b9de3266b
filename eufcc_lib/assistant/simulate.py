"""A simulated cataloguer, who knows the answer: what is decided about an image, and how many actions each way of working takes.

An action is one click, one key, or one word typed into the search.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..data.dataset import Dataset
from ..data.taxonomy import Taxonomy, Vocabulary
from ..data.terms import museum_terms
from ..data.translations import find_texts
from ..results.reliability import read_probable
from ..results.scores import Scores
from .session import suggest
from .state import ACCEPTED, REJECTED
from .store import Store
from .work import Work, read_work

SHOWN = 10
"""Tags that are shown of a facet."""

BY_HAND, SUGGESTED, ENTER = WAYS = ("by hand", "with suggestions", "Enter, then repair")
"""The ways of working: search for every term; take those that are shown and search for the others; or accept all that is
likely with Enter, take back what is wrong of it, and go on as in the second way."""

SEARCH, ACCEPT, REMOVE, GO = KINDS = ("search", "accept", "take back", "Enter and next")
"""What actions are for."""

_COLUMNS = ["record", "way", *KINDS, "actions", "terms", "hidden", "unknown"]

_ANSWERS = {"objectTypes": "objectType", "materials": "materials", "classifications": "classification", "subjects": "scene"}
"""Where the mini museum's answer to each facet stands, see `mini.truth`."""

SEARCHING = 3
"""Actions to enter a term by the search: open it, type the word, choose from the list."""


def decide(scores: np.ndarray, taxonomy: Taxonomy, wanted: Collection[str]) -> dict[str, bool]:
    """Accept what is wanted, shown or not, and reject the other tags among the best; nothing where nothing is wanted.

    An empty facet says nothing: nobody looked, or there is nothing to see.
    """
    if not wanted:
        return {}
    shown = [taxonomy.names[tag] for tag in np.argsort(-scores, kind="stable")[:SHOWN]]
    return {name: name in wanted for name in [*shown, *wanted]}


def catalogue(store: Store, image: str, scores: Mapping[str, np.ndarray], vocabulary: Vocabulary, wanted: Mapping[str, Collection[str]],
              model: Mapping) -> None:
    """Write into a session what `decide` says about one of its images, as the page would.

    Args:
        scores: by facet (C,), probabilities to rank by.
        wanted: by facet, the names of all that is right, ancestors included.
        model: see `session.suggest`.
    """
    trees = {facet: vocabulary[facet] for facet in scores}
    best = {facet: np.argsort(-values, kind="stable")[:SHOWN] for facet, values in scores.items()}
    store.do(suggest(store.state, image, model, {facet: {trees[facet].names[tag]: float(scores[facet][tag]) for tag in tags}
                                                 for facet, tags in best.items()}))
    for facet in scores:
        decided = decide(scores[facet], trees[facet], wanted.get(facet, ()))
        if decided:
            store.do({"do": "mark", "image": image, "facet": facet,
                      "marks": {name: ACCEPTED if there else REJECTED for name, there in decided.items()}})


@dataclass(frozen=True)
class Facing:
    """One facet of an image as a cataloguer faces it.

    Attributes:
        wanted: the terms to be entered; those above them come with them.
        right: the same and all that stands above them.
        shown: the suggestions.
        likely: those that Enter accepts, with those above them.
        tree: of the tags.
    """

    wanted: frozenset[str]
    right: frozenset[str]
    shown: frozenset[str]
    likely: frozenset[str]
    tree: Taxonomy


def face(wanted: Collection[str], probabilities: np.ndarray, tree: Taxonomy, likely: float, language: str = "en") -> Facing:
    """A facet with the best tags by probability; those from `likely` on are accepted by Enter."""
    best = np.argsort(-probabilities, kind="stable")[:SHOWN]
    accepted = frozenset(name for tag in best if probabilities[tag] >= likely for name in tree.path(tag))
    above = frozenset(name for term in wanted for name in _above(term, tree, language))
    return Facing(frozenset(wanted), above, frozenset(tree.names[tag] for tag in best), accepted, tree)


def count_actions(facing: Facing, searching: int = SEARCHING) -> dict[str, dict[str, int]]:
    """By way the actions that a facet takes, by kind; Enter and the next image are those of the record."""
    wrong = facing.likely - facing.right
    # A tag that is taken back takes those below it with it.
    tops = [name for name in wrong if not wrong.intersection(facing.tree.path(facing.tree.index[name])[:-1])]
    open_terms = facing.wanted - facing.likely
    return {BY_HAND: {SEARCH: searching * len(facing.wanted)},
            SUGGESTED: _enter(facing.wanted, facing.shown, searching),
            ENTER: _enter(open_terms, facing.shown, searching) | {REMOVE: len(tops)}}


def work_through(dataset: Dataset, scores: Scores, wanted: Sequence[Mapping[str, Collection[str]]], rows: Sequence[int], likely: float,
                 searching: int = SEARCHING, language: str = "en") -> pd.DataFrame:
    """One row per record and way: `record`, `way`, the actions by kind, `actions`, and of the `terms` wanted those `hidden`, not
    among the suggestions, and those `unknown` to the vocabulary.

    Args:
        scores: of the split whose records are worked through.
        wanted: by record of the split and facet the terms to be entered, see `wanted_terms`.
        rows: which records.
        likely: probability from which Enter accepts a tag.
        searching: actions to enter a term by the search.
    """
    probabilities = {facet: scores.probabilities(facet) for facet in scores.values}
    found = []
    for row in rows:
        faces = [face(terms, probabilities[facet][row], dataset.vocabulary[facet], likely, language)
                 for facet, terms in wanted[row].items() if facet in probabilities]
        unknown = sum(len(one.wanted - set(one.tree.index)) for one in faces)
        hidden = sum(len(one.wanted - one.shown) for one in faces)
        counted = [count_actions(one, searching) for one in faces]
        for way in WAYS:
            kinds = {kind: sum(actions[way].get(kind, 0) for actions in counted) for kind in KINDS}
            kinds[GO] = 1 + (way == ENTER and any(one.likely for one in faces))
            found.append({"record": scores.ids[row], "way": way, **kinds, "actions": sum(kinds.values()),
                          "terms": sum(len(one.wanted) for one in faces), "hidden": hidden, "unknown": unknown})
    return pd.DataFrame(found, columns=_COLUMNS)


def wanted_terms(dataset: Dataset, split: str, language: str = "en") -> list[dict[str, tuple[str, ...]]]:
    """What a cataloguer wants to enter: all that a picture shows where the data set knows it, else what ends a path on record."""
    records = dataset.split(split)
    return _read_shown(dataset, split, language) or [
        {facet: tuple(dict.fromkeys(path[-1] for path in records.paths(facet, row))) for facet in dataset.vocabulary.taxonomies}
        for row in range(len(records))]


def _read_shown(dataset: Dataset, split: str, language: str) -> list[dict[str, tuple[str, ...]]]:
    """By facet the terms of what each picture shows, from the answers that the mini museum has beside its records; else none."""
    file = dataset.root / "drawn.csv"
    if not file.is_file():
        return []
    answers = pd.read_csv(file, dtype=str, keep_default_na=False).set_index("idInSource").loc[dataset.split(split).ids]
    terms = {facet: [tuple(filter(None, cell.split(" + "))) for cell in answers[column]] for facet, column in _ANSWERS.items()}
    texts = {facet: find_texts(facet, {name for names in cells for name in names}, language) for facet, cells in terms.items()}
    return [{facet: tuple(texts[facet].get(name, name) for name in terms[facet][row]) for facet in terms} for row in range(len(answers))]


def draw_records(scores: Scores, wanted: Sequence[Mapping[str, Collection[str]]], number: int, seed: int = 0) -> list[int]:
    """So many records of a split that want a term, at random, one photograph of an object each; all if there are fewer."""
    objects = scores.dataset.split(scores.split).objects
    rows = [row for row in np.random.default_rng(seed).permutation(np.flatnonzero(scores.evaluated)) if any(wanted[row].values())]
    return list({objects[row]: int(row) for row in reversed(rows)}.values())[::-1][:number]


def work_through_split(dataset: Dataset, model: str, split: str, number: int, likely: float, searching: int = SEARCHING, seed: int = 0,
                       language: str = "en") -> pd.DataFrame:
    """`work_through` so many records of a split, drawn anew; of none where the data set has no such split."""
    if split not in dataset.records:
        return pd.DataFrame(columns=_COLUMNS)
    scores, wanted = read_probable(dataset, model, split), wanted_terms(dataset, split, language)
    return work_through(dataset, scores, wanted, draw_records(scores, wanted, number, seed), likely, searching, language)


def watch(dataset: Dataset, scores: Scores, wanted: Sequence[Mapping[str, Collection[str]]], rows: Sequence[int],
          language: str = "en") -> Work:
    """What a session holds after the simulated cataloguer decided about these records, see `catalogue`; it is not kept."""
    probabilities = {facet: scores.probabilities(facet) for facet in scores.values}
    with tempfile.TemporaryDirectory() as folder, closing(Store(Path(folder) / "session", "cataloguer")) as store:
        store.do({"do": "add", "images": [[scores.ids[row], scores.ids[row]] for row in rows]})
        for row in rows:
            right = {facet: {name for term in terms for name in _above(term, dataset.vocabulary[facet], language)}
                     for facet, terms in wanted[row].items()}
            catalogue(store, scores.ids[row], {facet: values[row] for facet, values in probabilities.items()}, dataset.vocabulary, right,
                      {"hash": scores.run or scores.model, "name": scores.model})
        return read_work(store)


def _enter(terms: Collection[str], shown: Collection[str], searching: int) -> dict[str, int]:
    """One action for a term that is shown, those of a search for another one."""
    seen = len([term for term in terms if term in shown])
    return {ACCEPT: seen, SEARCH: searching * (len(terms) - seen)}


def _above(term: str, tree: Taxonomy, language: str) -> Iterator[str]:
    """A term and all that stands above it, under any parent that it was annotated with or that the museum's dictionary has."""
    yield term
    for places in museum_terms()[tree.facet].values():
        for place in places:
            if place.name(language) == term:
                yield from place.path(language)
    waiting, seen = [tree.index[term]] if term in tree.index else [], set()
    while waiting:
        tag = waiting.pop()
        if tag >= 0 and tag not in seen:
            seen.add(tag)
            yield tree.names[tag]
            waiting += [*tree.parents[tag], int(tree.parent[tag])]
