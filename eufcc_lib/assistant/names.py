"""What a tag is called on the page, in English and in Catalan, its number in the AAT, and how it is found.

A tag is found by all of these and by synonyms: those of the table, and where an extract of the AAT lies in the data's
folder as `aat.csv.gz`, the alternative labels of the tag's number there.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

from ..collection.aat.mapping import place_concept
from ..collection.aat.thesaurus import Concept, Thesaurus, read_thesaurus
from ..core import paths
from ..core.facets import LANGUAGES
from ..core.text import plain
from ..data.synonyms import synonyms_by_tag
from ..data.taxonomy import TOP, Taxonomy, Vocabulary, arrange_tree
from ..data.terms import museum_terms
from ..data.translations import tag_numbers, tag_texts

AAT = "http://vocab.getty.edu/aat/"

VOCABULARY, DICTIONARY, THESAURUS, FREE = "vocabulary", "dictionary", "aat", "free"
"""Which list has a term: the models' tags, the two dictionaries of `data.terms`, the AAT, or none, as it was typed freely."""


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
    known, thesaurus = synonyms_by_tag(taxonomy.facet), read_aat()
    synonyms = tuple(tuple(dict.fromkeys(chain(*(known.get(name, ()) for name in called),
                                               _alternatives(thesaurus, number) if thesaurus and number else ())))
                     for *called, number in zip(taxonomy.names, *texts.values(), numbers, strict=True))
    return TagNames(texts, numbers, synonyms)


@dataclass(frozen=True)
class Naming:
    """What one tag is called.

    Attributes:
        texts: by language.
        number: of the AAT, "" where it is not known.
        path: of a tag that the vocabulary lacks, its path in the list that has it; empty elsewhere.
        source: the list that has it: `vocabulary`, `dictionary`, `aat`, or `free` for none.
    """

    texts: Mapping[str, str]
    number: str = ""
    path: tuple[str, ...] = ()
    source: str = FREE


def read_aat() -> Thesaurus | None:
    """The extract of the AAT in the data's folder, read once; None if there is none.

    Raises:
        UserError: it is not in order.
    """
    extract = paths.DATA / "aat.csv.gz"
    return _read(extract) if extract.is_file() else None


def own_language(vocabulary: Vocabulary) -> str:
    """The language that most tags' own names are in, `en` or `ca`; `und` where no dictionary has them."""
    counts = {language: sum(text == name and name not in texts.own for taxonomy in vocabulary.taxonomies.values()
                            for texts in [tag_texts(taxonomy, language)] for text, name in zip(texts.texts, taxonomy.names))
              for language in LANGUAGES}
    return max(LANGUAGES, key=counts.__getitem__) if any(counts.values()) else "und"


def name_others(taxonomy: Taxonomy, tags: Collection[str]) -> dict[str, Naming]:
    """The names of tags that a facet's taxonomy lacks: those of the dictionaries, else those of the AAT, else their own, which
    are free terms."""
    if not tags:
        return {}
    # Together with the facet's tags, which say which dictionary and language these are of.
    tree = arrange_tree(taxonomy.facet, {name: {TOP: 1} for name in {*taxonomy.names, *tags}})
    texts = {language: tag_texts(tree, language).texts for language in LANGUAGES}
    numbers = tag_numbers(tree)
    places = {term.name(language): term.path(language) for language in reversed(LANGUAGES)
              for term, *_ in museum_terms().get(taxonomy.facet, {}).values()}
    lacking = {text for language in LANGUAGES for text in tag_texts(tree, language).own}
    found = {tag: Naming({language: texts[language][tree.index[tag]] for language in LANGUAGES}, numbers[tree.index[tag]],
                         places.get(tag, ()), FREE if tag in lacking else DICTIONARY) for tag in tags}
    return found | _name_by_aat(taxonomy.facet, [tag for tag in tags if tag in lacking and not found[tag].number])


def fold(text: str) -> str:
    """The text in small letters without accents."""
    text = text.casefold()
    return text if text.isascii() else "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


_read = cache(read_thesaurus)  # some seconds, for the whole AAT


def _name_by_aat(facet: str, tags: list[str]) -> dict[str, Naming]:
    thesaurus, wanted = read_aat() if tags else None, set(tags)
    found = {}
    for concept in thesaurus.concepts.values() if thesaurus else ():
        labels = concept_texts(concept)
        for tag in wanted.intersection(labels.values()) - found.keys():
            for path in (path for place, path in place_concept(concept.id, thesaurus).places if place == facet):
                found[tag] = Naming(labels, str(concept.id), path, THESAURUS)
    return found


def concept_texts(concept: Concept) -> dict[str, str]:
    """By language what a concept of the AAT is called; one without a name in a language has its English one."""
    return {language: plain(concept.labels.get(language) or concept.labels["en"]) for language in LANGUAGES}


def _alternatives(thesaurus: Thesaurus, number: str) -> list[str]:
    concept = thesaurus.concepts.get(int(number))
    return [label for language in LANGUAGES for label in concept.alternatives.get(language, ())] if concept else []
