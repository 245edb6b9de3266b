"""Which tag of a facet a stranger's word means: its own name, its name in English or Catalan, or its number in the AAT."""

from collections.abc import Iterable
from difflib import get_close_matches

from ..core.facets import LANGUAGES
from ..data.dataset import Dataset
from ..data.taxonomy import Taxonomy
from ..data.terms import museum_terms, read_terms
from ..data.translations import find_texts, tag_numbers

OUTSIDE, EMPTY, AMBIGUOUS, UNKNOWN = -1, -2, -3, -4
"""What stands for no tag of the vocabulary: a tag that the data set or a dictionary has, the word "", a word for several
tags, any other word."""

_LONGEST = 100  # signs of a word in a message


def name_tags(taxonomy: Taxonomy, dataset: Dataset) -> dict[str, int]:
    """Each known word of the facet: its tag's index, or `OUTSIDE`, `EMPTY` or `AMBIGUOUS`.

    A tag's own name goes first; a word that is the name of one tag and the translation of another means the former.
    """
    own = {name: index for index, name in enumerate(taxonomy.names)}
    others = [{text: own[name] for name, text in find_texts(taxonomy.facet, taxonomy.names, language).items()}
              for language in LANGUAGES]
    found, ambiguous = {}, set()
    numbers = [(number, index) for index, number in enumerate(tag_numbers(taxonomy)) if number]
    for word, index in [*numbers, *(item for names in others for item in names.items())]:
        if found.setdefault(word, index) != index:
            ambiguous.add(word)
    known = dict.fromkeys(_outside_words(taxonomy.facet, dataset), OUTSIDE)
    return known | found | dict.fromkeys(ambiguous, AMBIGUOUS) | own | {"": EMPTY}


def refuse_word(word: str, facet: str, names: dict[str, int]) -> str:
    """Why a word means no tag of a facet, and what was expected."""
    # A stray quote makes one word of half the file.
    shown = repr(word if len(word) <= _LONGEST else f"{word[:_LONGEST]}...")
    if names.get(word) == AMBIGUOUS:
        return f"{shown} is what several tags of {facet} are called; expected the tag's own name or its number in the AAT."
    near = get_close_matches(word[:_LONGEST], [name for name, index in names.items() if index >= 0], 3)
    example = f"; close are {', '.join(map(repr, near))}" if near else ""
    return f"{shown} is no tag of {facet}, nor the English name or the AAT number of one{example}."


def _outside_words(facet: str, dataset: Dataset) -> Iterable[str]:
    for records in dataset.records.values():
        for names in records.distinct_tags(facet):
            yield from names
    terms = [term for term in read_terms() if term.facet == facet]
    terms += [place for places in museum_terms().get(facet, {}).values() for place in places]
    for term in terms:
        yield from (term.catalan, term.english, *([term.aat] if term.aat else []))
