"""The mini museum's terms as a thesaurus, so that the whole collection can be tried offline.

Each path of a term in `museum_terms.csv` is a concept here, so that paths survive the way to concepts and back. Some of
the data is the AAT's: show `thesaurus.ATTRIBUTION` with it.
"""

from collections import Counter
from functools import cache
from itertools import count

from ...core.errors import UserError
from ...core.facets import FACETS, LANGUAGES, get_facet
from ...data.terms import Term, museum_terms
from ..aat.thesaurus import DISCIPLINES, MATERIALS, OBJECTS, Concept, Thesaurus

FIRST_FREE = 990_000_001
"""AAT ids begin with 300; none is this large."""

_SUBJECTS = FIRST_FREE  # not a facet in the AAT, where the seven subjects are kinds of visual works
_TOPS = {"objectTypes": OBJECTS, "materials": MATERIALS, "classifications": DISCIPLINES, "subjects": _SUBJECTS}


@cache
def museum_thesaurus() -> Thesaurus:
    """The terms below one node per facet, with labels in English and Catalan.

    A term has its AAT id if the table has one that no other path has; else an id from `FIRST_FREE` up.
    The seven subjects are object types too in the table, because the museum, like a real one, often annotates
    only one of the two facets. Here they are two concepts: the subject has the AAT id, by which the mapping
    knows it, the object type a free one.
    """
    numbers = _numbers()
    concepts = {}
    for facet in FACETS:
        top = _TOPS[facet.name]
        # Disciplines is a hierarchy within a facet in the AAT; here there is nothing above it.
        kind = "hierarchy" if top == DISCIPLINES else "facet"
        concepts[top] = Concept(top, kind, {language: facet.title(language) for language in LANGUAGES}, {}, None)
    for term in _terms():
        parent = numbers[term.above] if term.above else _TOPS[term.facet]
        labels = {language: term.name(language) for language in LANGUAGES}
        concepts[numbers[term]] = Concept(numbers[term], "concept", labels, {}, parent)
    return Thesaurus(concepts, {})


def museum_concept(facet: str, names: tuple[str, ...]) -> int:
    """The concept of a path of names from the root, all in English or all in Catalan.

    Raises:
        UserError: the museum has no such path in the facet.
    """
    number = _numbers_of_names().get((get_facet(facet).name, tuple(names)))
    if number is None:
        raise UserError(f"{' | '.join(names)!r} is not a path of the mini museum in {facet!r}; expected one of "
                        "museum_terms.csv, in English or Catalan.")
    return number


@cache
def _terms() -> tuple[Term, ...]:
    """All places, facet by facet, in the order of the table."""
    return tuple(term for names in museum_terms().values() for places in names.values() for term in places)


@cache
def _numbers() -> dict[Term, int]:
    subjects = {term.aat for term in _terms() if term.facet == "subjects"}
    own = {term: term.aat for term in _terms() if term.facet != "objectTypes" or term.aat not in subjects}
    used, free = Counter(own.values()), count(_SUBJECTS + 1)
    return {term: int(term.aat) if term.aat and used[own.get(term)] == 1 else next(free) for term in _terms()}


@cache
def _numbers_of_names() -> dict[tuple[str, tuple[str, ...]], int]:
    return {(term.facet, term.path(language)): number for language in reversed(LANGUAGES)
            for term, number in _numbers().items()}
