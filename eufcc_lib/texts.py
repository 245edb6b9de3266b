"""What the tags are called in the language that a text model reads.

A tag's name is what the annotations say. The table of terms knows many in English and in Catalan;
a tag that it lacks keeps its own name, and is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import unknown
from .mini.terms import LANGUAGES, read_terms
from .taxonomy import Taxonomy

_TITLES = dict(zip(LANGUAGES, ("English", "Catalan"), strict=True))


@dataclass(frozen=True)
class TagTexts:
    """The C tags of one facet as texts.

    Attributes:
        texts: one a tag, in the order of the taxonomy.
        language: that they were wanted in.
        own: the tags that the table lacks, whose text is their name as it is.
    """

    texts: tuple[str, ...]
    language: str
    own: tuple[str, ...]


def tag_texts(taxonomy: Taxonomy, language: str) -> TagTexts:
    """A facet's tags in English (`en`) or Catalan (`ca`), whichever of the two the annotations use.

    Raises:
        UserError: an unknown language.
    """
    if language not in LANGUAGES:
        raise unknown("language", language, LANGUAGES)
    terms = [places[0] for places in read_terms().get(taxonomy.facet, {}).values()]
    known = {term.names(written)[-1]: term.names(language)[-1]
             for written in (*(other for other in LANGUAGES if other != language), language) for term in terms}
    return TagTexts(tuple(known.get(name, name) for name in taxonomy.names), language,
                    tuple(name for name in taxonomy.names if name not in known))


def describe_texts(texts: Iterable[TagTexts]) -> str:
    """One line: how many of how many tags the table of terms has, and how many keep their own name."""
    texts = list(texts)
    tags, own = (sum(len(getattr(facet, field)) for facet in texts) for field in ("texts", "own"))
    return (f"texts in {_TITLES[texts[0].language]}: {tags - own:,} of {tags:,} tags from the table of terms"
            + (f", {own:,} keep their own name" if own else ""))
