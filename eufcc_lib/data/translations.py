"""What the tags are called in the language that a text model reads.

A tag's name is what the annotations say. Two tables of terms know many in English and in Catalan, that
of the published data and the mini museum's; a tag that they lack keeps its own name, and is counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..core.errors import unknown
from .museum_terms import LANGUAGES
from .museum_terms import read_terms as museum_terms
from .taxonomy import Taxonomy
from .terms import read_terms

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
    known = find_texts(taxonomy.facet, taxonomy.names, language)
    return TagTexts(tuple(known.get(name, name) for name in taxonomy.names), language,
                    tuple(name for name in taxonomy.names if name not in known))


def find_texts(facet: str, names: Collection[str], language: str) -> dict[str, str]:
    """What these names of a facet's tags are in a language, for those that a table of terms has.

    Raises:
        UserError: an unknown language.
    """
    if language not in LANGUAGES:
        raise unknown("language", language, LANGUAGES)
    museum = [{written: places[0].names(written)[-1] for written in LANGUAGES}
              for places in museum_terms().get(facet, {}).values()]
    published = [{"en": term.english, "ca": term.tag} for term in read_terms() if term.facet == facet]
    tables = [_into(language, published), _into(language, museum)]
    # Where both know a name, the table counts that knows more of them: theirs is the data at hand.
    tables.sort(key=lambda table: sum(name in table for name in names))
    known = tables[0] | tables[1]
    return {name: known[name] for name in names if name in known}


def _into(language: str, terms: list[dict[str, str]]) -> dict[str, str]:
    """From a term's name in any language to that in the one wanted, which keeps its own names as they are."""
    others = [other for other in LANGUAGES if other != language]
    return {term[written]: term[language] for written in (*others, language) for term in terms}


def describe_texts(texts: Iterable[TagTexts]) -> str:
    """One line: how many of how many tags the table of terms has, and how many keep their own name."""
    texts = list(texts)
    tags, own = (sum(len(getattr(facet, field)) for facet in texts) for field in ("texts", "own"))
    return (f"texts in {_TITLES[texts[0].language]}: {tags - own:,} of {tags:,} tags from the table of terms"
            + (f", {own:,} keep their own name" if own else ""))
