"""What a tag is called on the page, in English and in Catalan, its number in the AAT, and how it is found.

A tag is found by all of these and by synonyms: those of the table, and where an extract of the AAT lies in the data's
folder as `aat.csv.gz`, the alternative labels of the tag's number there.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

from ..collection.aat.thesaurus import Thesaurus, read_thesaurus
from ..core import paths
from ..core.facets import LANGUAGES
from ..data.synonyms import synonyms_by_tag
from ..data.taxonomy import Taxonomy, Vocabulary
from ..data.translations import tag_numbers, tag_texts

AAT = "http://vocab.getty.edu/aat/"


@dataclass(frozen=True)
class TagNames:
    """What the C tags of one facet are called.

    Attributes:
        texts: by language a text for each tag; a tag without a translation keeps its own name.
        numbers: of the AAT, "" where none was checked.
        synonyms: for each tag other words in both languages, as far as there are any.
    """

    texts: dict[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]

    def uri(self, tag: int) -> str | None:
        """The concept's address in the AAT; None where the number is not known."""
        return AAT + self.numbers[tag] if self.numbers[tag] else None


def name_tags(taxonomy: Taxonomy) -> TagNames:
    """The names and numbers of a facet's tags (see `translations`), and their synonyms.

    Raises:
        UserError: there is an extract of the AAT, and it is not in order.
    """
    texts = {language: tag_texts(taxonomy, language).texts for language in LANGUAGES}
    numbers = tag_numbers(taxonomy)
    known, extract = synonyms_by_tag(taxonomy.facet), paths.DATA / "aat.csv.gz"
    thesaurus = _read(extract) if extract.is_file() else None
    synonyms = tuple(tuple(dict.fromkeys(chain(*(known.get(name, ()) for name in called),
                                               _alternatives(thesaurus, number) if thesaurus and number else ())))
                     for *called, number in zip(taxonomy.names, *texts.values(), numbers, strict=True))
    return TagNames(texts, numbers, synonyms)


@dataclass(frozen=True)
class Find:
    """One entry of the search: a tag under all that it is known by."""

    facet: str
    tag: int
    text: str

    @cached_property
    def folded(self) -> str:
        """What is searched."""
        return fold(self.text)


def list_finds(vocabulary: Vocabulary, names: Mapping[str, TagNames], titles: Mapping[str, str],
               language: str) -> list[Find]:
    """Every tag of all facets with its names in both languages, synonyms and number, in alphabetical order.

    The text is unique: `soapstone (esteatita · steatite · pedra de sabó · 300011665) — Materials`.
    """
    other = next(name for name in LANGUAGES if name != language)
    finds = []
    for facet, taxonomy in vocabulary.taxonomies.items():
        for tag, name in enumerate(taxonomy.names):
            shown = names[facet].texts[language][tag]
            also = dict.fromkeys((names[facet].texts[other][tag], name, *names[facet].synonyms[tag],
                                  names[facet].numbers[tag]))
            listed = " · ".join(text for text in also if text and text != shown)
            finds.append(Find(facet, tag, f"{shown}{f' ({listed})' if listed else ''} — {titles[facet]}"))
    return sorted(_make_unique(finds, vocabulary), key=lambda find: find.folded)


def search(finds: list[Find], query: str) -> list[Find]:
    """The entries with every word of the query, whatever case and accents; first those that begin with it."""
    words = fold(query).split()
    found = [find for find in finds if words and all(word in find.folded for word in words)]
    return sorted(found, key=lambda find: not find.folded.startswith(fold(query).strip()))


def fold(text: str) -> str:
    """The text in small letters without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


_read = cache(read_thesaurus)  # some seconds, for the whole AAT


def _alternatives(thesaurus: Thesaurus, number: str) -> list[str]:
    concept = thesaurus.concepts.get(int(number))
    return [label for language in LANGUAGES for label in concept.alternatives.get(language, ())] if concept else []


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
