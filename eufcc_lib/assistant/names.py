"""What a tag is called on the page, in English and in Catalan, its number in the AAT, and how it is found."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from ..mini.terms import LANGUAGES
from ..mini.terms import read_terms as museum_terms
from ..taxonomy import Taxonomy, Vocabulary
from ..terms import read_terms
from ..texts import tag_texts

AAT = "http://vocab.getty.edu/aat/"


@dataclass(frozen=True)
class TagNames:
    """What the C tags of one facet are called.

    Attributes:
        texts: by language a text for each tag; a tag without a translation keeps its own name.
        numbers: of the AAT, "" where none was checked.
    """

    texts: dict[str, tuple[str, ...]]
    numbers: tuple[str, ...]

    def uri(self, tag: int) -> str | None:
        """The concept's address in the AAT; None where the number is not known."""
        return AAT + self.numbers[tag] if self.numbers[tag] else None


def name_tags(taxonomy: Taxonomy) -> TagNames:
    """The names and numbers of a facet's tags, from the two tables of terms."""
    texts = {language: tag_texts(taxonomy, language).texts for language in LANGUAGES}
    published = {name: term.aat for term in read_terms() if term.facet == taxonomy.facet
                 for name in (term.english, term.tag)}
    museum = {}
    for places in museum_terms().get(taxonomy.facet, {}).values():
        numbers = {place.aat for place in places if place.aat}
        number = numbers.pop() if len(numbers) == 1 else ""
        museum |= {places[0].catalan[-1]: number, places[0].path[-1]: number}
    # Where both know a name, the table counts that knows more of these tags, as in `texts`.
    tables = sorted((published, museum), key=lambda table: sum(name in table for name in taxonomy.names))
    return TagNames(texts, tuple(tables[1].get(name) or tables[0].get(name, "") for name in taxonomy.names))


@dataclass(frozen=True)
class Find:
    """One entry of the search: a tag under all that it is known by."""

    facet: str
    tag: int
    text: str


def list_finds(vocabulary: Vocabulary, names: Mapping[str, TagNames], titles: Mapping[str, str],
               language: str) -> list[Find]:
    """Every tag of all facets with its names in both languages and its number, in alphabetical order.

    The text is unique: `copper (coure · 300011020) — Materials`.
    """
    other = next(name for name in LANGUAGES if name != language)
    finds = []
    for facet, taxonomy in vocabulary.taxonomies.items():
        for tag, name in enumerate(taxonomy.names):
            shown = names[facet].texts[language][tag]
            also = dict.fromkeys((names[facet].texts[other][tag], name, names[facet].numbers[tag]))
            also = [text for text in also if text and text != shown]
            finds.append(Find(facet, tag, _find_text(shown, also, titles[facet])))
    return sorted(_make_unique(finds, vocabulary), key=lambda find: fold(find.text))


def search(finds: list[Find], query: str) -> list[Find]:
    """The entries with every word of the query, whatever case and accents; first those that begin with it."""
    words = fold(query).split()
    found = [find for find in finds if words and all(word in fold(find.text) for word in words)]
    return sorted(found, key=lambda find: not fold(find.text).startswith(fold(query).strip()))


def fold(text: str) -> str:
    """The text in small letters without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


def _find_text(shown: str, also: list[str], title: str) -> str:
    return f"{shown} ({' · '.join(also)}) — {title}" if also else f"{shown} — {title}"


def _make_unique(finds: list[Find], vocabulary: Vocabulary) -> list[Find]:
    """Two tags of a facet may be called alike in one language: the second's own name tells them apart."""
    seen, unique = set(), []
    for find in finds:
        text = find.text
        if text in seen:
            text = f"{text} — {' | '.join(vocabulary[find.facet].path(find.tag))}"
        seen.add(text)
        unique.append(Find(find.facet, find.tag, text))
    return unique
