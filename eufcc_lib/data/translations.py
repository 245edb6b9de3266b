"""What tags are called in English and in Catalan, and their numbers in the AAT.

A tag's name is what the annotations say. Two dictionaries know many (see `terms`), that of the published data and the
mini museum's; a tag that they lack keeps its own name, and is counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..core.errors import unknown
from ..core.facets import LANGUAGES
from .taxonomy import Taxonomy
from .terms import Term, museum_terms, read_terms

_TITLES = dict(zip(LANGUAGES, ("English", "Catalan"), strict=True))


@dataclass(frozen=True)
class TagTexts:
    """The C tags of one facet as texts.

    Attributes:
        texts: one per tag, in the order of the taxonomy.
        language: the language asked for.
        own: the tags that the dictionaries lack, whose text is their own name.
    """

    texts: tuple[str, ...]
    language: str
    own: tuple[str, ...]


def tag_texts(taxonomy: Taxonomy, language: str) -> TagTexts:
    """A facet's tags in English (`en`) or Catalan (`ca`), whichever of the two the annotations use.

    Raises:
        UserError: an unknown language.
    """
    known = find_texts(taxonomy.facet, taxonomy.names, language)
    return TagTexts(tuple(known.get(name, name) for name in taxonomy.names), language,
                    tuple(name for name in taxonomy.names if name not in known))


def tag_numbers(taxonomy: Taxonomy) -> tuple[str, ...]:
    """The AAT's number of each tag of a facet as text; "" where none was checked.

    A tag whose translation a curator doubts has none, whatever the other dictionary says of the word.
    """
    doubtful = {term.catalan for term in read_terms() if term.facet == taxonomy.facet and term.doubtful}
    known = _find_terms(taxonomy.facet, taxonomy.names)
    return tuple(known[name].aat if name in known and name not in doubtful else "" for name in taxonomy.names)


def find_texts(facet: str, names: Collection[str], language: str) -> dict[str, str]:
    """These names of a facet's tags in a language, for those that a dictionary has.

    Raises:
        UserError: an unknown language.
    """
    if language not in LANGUAGES:
        raise unknown("language", language, LANGUAGES)
    return {name: term.name(language) for name, term in _find_terms(facet, names).items()}


def _find_terms(facet: str, names: Collection[str]) -> dict[str, Term]:
    """The term of each of these names, for those that a dictionary has in either language.

    The same word can be another term in the other dictionary or language. The dictionary and language that know more
    of the names come first: they are those of the data at hand.
    """
    dictionaries = ([term for term in read_terms() if term.facet == facet],
                    [places[0] for places in museum_terms().get(facet, {}).values()])
    tables = [{term.name(language): term for term in terms} for terms in dictionaries for language in reversed(LANGUAGES)]
    tables.sort(key=lambda table: sum(name in table for name in names))
    return {name: table[name] for table in tables for name in names if name in table}


def describe_texts(texts: Iterable[TagTexts]) -> str:
    """One line: how many of the tags the dictionaries have, and how many keep their own name."""
    texts = list(texts)
    tags, own = (sum(len(getattr(facet, field)) for facet in texts) for field in ("texts", "own"))
    return (f"texts in {_TITLES[texts[0].language]}: {tags - own:,} of {tags:,} tags from the table of terms"
            + (f", {own:,} keep their own name" if own else ""))
