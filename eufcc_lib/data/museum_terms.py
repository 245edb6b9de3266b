"""The museum's vocabulary: terms of the Art & Architecture Thesaurus in English and Catalan.

`museum_terms.csv` has a row for each place of a term: facet, path from the root in English, the
term in Catalan, and the AAT identifier where it was checked (empty elsewhere). A name with
several rows stands under several parents. This work contains information from the J. Paul
Getty Trust, Getty Research Institute, the Art & Architecture Thesaurus, made available
under the ODC Attribution License.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..core.errors import unknown
from ..core.facets import LEVEL_SEPARATOR

LANGUAGES = ("en", "ca")

TABLE = Path(__file__).with_name("museum_terms.csv")


@dataclass(frozen=True)
class Term:
    """One place of a term in a facet's tree.

    Attributes:
        facet: its facet.
        path: English names from the root.
        catalan: Catalan names from the root.
        aat: AAT identifier, or "".
    """

    facet: str
    path: tuple[str, ...]
    catalan: tuple[str, ...]
    aat: str

    def names(self, language: str) -> tuple[str, ...]:
        """The path in English (`en`) or Catalan (`ca`)."""
        if language not in LANGUAGES:
            raise unknown("language", language, LANGUAGES)
        return self.path if language == "en" else self.catalan


@cache
def read_terms() -> dict[str, dict[str, tuple[Term, ...]]]:
    """Facet -> English name -> its places in the tree."""
    terms, translated = {}, {}
    with open(TABLE, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = tuple(row["path"].split(LEVEL_SEPARATOR))
            catalan = translated.get((row["facet"], path[:-1]), ()) + (row["catalan"],)
            translated[row["facet"], path] = catalan
            places = terms.setdefault(row["facet"], {}).setdefault(path[-1], [])
            places.append(Term(row["facet"], path, catalan, row["aat"]))
    return {facet: {name: tuple(places) for name, places in names.items()} for facet, names in terms.items()}
