"""What the mini museum knows about itself: what each picture really shows, and its terms in two languages.

A drawn museum has an answer to every question, in `drawn.csv` beside its records; a real one does
not, and then there is nothing to show here. No model may look into it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.facets import FACETS, LANGUAGES, LEVEL_SEPARATOR
from ..data.dataset import Dataset
from ..data.records import Records
from ..data.statistics import filled_facets, pooled
from ..data.taxonomy import Vocabulary
from ..data.terms import museum_terms
from ..data.translations import find_texts

COLUMNS = ("idInSource", "object", "view", "objectType", "materials", "scene", "classification", "wrongFacet",
           "wrongPath")

# Where the answer to each facet stands.
_SHOWN = {"objectTypes": "objectType", "materials": "materials", "classifications": "classification",
          "subjects": "scene"}

_AND = {"en": " and ", "ca": " i "}
_NOT = {"en": "{object} of {materials}, not {wrong}", "ca": "{object} ({materials}), no pas {wrong}"}


def read_answers(dataset: Dataset, language: str = "en") -> pd.DataFrame:
    """What each picture shows, row by row as in `statistics.pooled`; no rows where the data set does not know.

    Columns: `COLUMNS`, all text, in English (`en`) or Catalan (`ca`). `materials` are joined in words.
    `wrongFacet` and `wrongPath` are the one tag that the record has wrong, or empty.
    """
    file = dataset.root / "drawn.csv"
    if not file.is_file():
        return pd.DataFrame({column: pd.Series(dtype=str) for column in COLUMNS})
    answers = pd.read_csv(file, dtype=str, keep_default_na=False).set_index("idInSource")
    answers = answers.loc[pooled(dataset).ids].reset_index()[list(COLUMNS)]
    for facet, column in _SHOWN.items():
        answers[column] = _translated(answers[column], facet, language, " + ", _AND[language])
        wrong = answers["wrongFacet"] == facet
        answers.loc[wrong, "wrongPath"] = _translated(answers.loc[wrong, "wrongPath"], facet, language, LEVEL_SEPARATOR,
                                                      LEVEL_SEPARATOR)
    return answers


def shows(answers: pd.DataFrame, tags: Sequence[str], vocabulary: Vocabulary, language: str = "en") -> list[bool]:
    """For each picture, a row of `read_answers`, whether it shows what one tag says, or something narrower."""
    broader = {}
    for taxonomy in vocabulary.taxonomies.values():
        for tag, name in enumerate(taxonomy.names):
            broader.setdefault(name, {name}).update(taxonomy.path(tag))
    pictures = answers[list(_SHOWN.values())].itertuples(index=False)
    drawn = [{name for cell in picture for name in cell.split(_AND[language])} for picture in pictures]
    return [any(tag in broader.get(name, {name}) for name in names) for tag, names in zip(tags, drawn, strict=True)]


def count_missing(records: Records, answers: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """How much the records leave out: facet (its title), could be told (pictures that show something), annotated, share."""
    if answers.empty:
        return pd.DataFrame(columns=["facet", "could be told", "annotated", "share"])
    shown = (answers[[_SHOWN[facet.name] for facet in FACETS]] != "").to_numpy()
    told, annotated = shown.sum(axis=0), (shown & filled_facets(records)).sum(axis=0)
    return pd.DataFrame({"facet": [facet.title(language) for facet in FACETS], "could be told": told,
                         "annotated": annotated, "share": annotated / np.maximum(told, 1)})


def sample_views(records: Records, answers: pd.DataFrame, most: int = 8, seed: int = 0) -> pd.DataFrame:
    """Objects that were photographed most often, each with all its views: name, note, rows."""
    generator = np.random.default_rng(seed)
    views = answers.groupby("object", sort=True).indices
    number = max(map(len, views.values()), default=0)
    chosen = generator.permutation([name for name, rows in views.items() if len(rows) == number])[:most]
    samples = []
    for name in chosen:
        rows = sorted(views[name], key=lambda row: answers["view"][row])
        first = answers.loc[rows[0]]
        samples.append({"name": f"{first['objectType']}, {first['materials']}",
                        "note": records.providers[rows[0]], "rows": [int(row) for row in rows]})
    return pd.DataFrame(samples, columns=["name", "note", "rows"])


def sample_wrong(answers: pd.DataFrame, most: int = 3, seed: int = 0, language: str = "en") -> pd.DataFrame:
    """Records with a wrong tag: row, caption, which says in the language of the answers what is shown and what is wrong."""
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(answers["wrongFacet"] != ""))[:most]
    return pd.DataFrame([
        {"row": int(row), "caption": _NOT[language].format(
            object=answers["objectType"][row].capitalize(), materials=answers["materials"][row],
            wrong=answers["wrongPath"][row].split(LEVEL_SEPARATOR)[-1])}
        for row in rows], columns=["row", "caption"])


def translate(vocabulary: Vocabulary, most: int = 10, language: str = "en") -> pd.DataFrame:
    """The most frequent tags of every facet: facet (its title), English, Catalan, AAT (identifier or "").

    Tags that the museum's list of terms lacks are left out.
    """
    rows = []
    for facet in FACETS:
        terms = {places[0].name(written): places[0] for written in reversed(LANGUAGES)
                 for places in museum_terms()[facet.name].values()}
        taxonomy = vocabulary[facet.name]
        order = sorted(zip(-taxonomy.images, taxonomy.names))
        known = [terms[name] for _, name in order if name in terms]
        rows += [(facet.title(language), term.english, term.catalan, term.aat) for term in known[:most]]
    return pd.DataFrame(rows, columns=["facet", "English", "Catalan", "AAT"])


def _translated(cells: pd.Series, facet: str, language: str, separator: str, joined: str) -> pd.Series:
    """Cells of several terms of a facet, each in the language."""
    terms = {cell: cell.split(separator) for cell in cells.unique()}
    texts = find_texts(facet, {name for names in terms.values() for name in names}, language)
    return cells.map({cell: joined.join(texts.get(name, name) for name in names) for cell, names in terms.items()})


def summarise(records: Records, answers: pd.DataFrame) -> dict[str, int | float]:
    """The numbers that the text of the museum chapter quotes; zeros where the data set has no answers."""
    missing = count_missing(records, answers)
    views = answers["object"].value_counts()
    wrong = int((answers["wrongFacet"] != "").sum())
    return {
        "pictures": len(records), "providers": len(set(records.providers)),
        "objects": len(views), "viewed_again": int((views > 1).sum()),
        "annotated_percent": 100 * float(missing["annotated"].sum() / max(missing["could be told"].sum(), 1)),
        "wrong_records": wrong, "wrong_percent": 100 * wrong / max(len(answers), 1),
    }
