"""A museum's words matched to a vocabulary: by name, by synonym or by the AAT's number.

The vocabulary is that of a data set (the mini museum, the official one, any other): each tag with its path. A word is
looked up as it is, without a qualifier in brackets, and in the singular and plural of English; then its parts are:
"oil on canvas" is *oil* and *canvas*.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from ...core.facets import FACET_NAMES, LANGUAGES
from ...core.text import plain
from ...data.synonyms import synonyms_by_tag
from ...data.taxonomy import Vocabulary
from ...data.translations import find_texts, tag_numbers

Path = tuple[str, ...]

_NUMBER = re.compile(r"(?:^|\D)(300\d{6})(?:\D|$)")
_BETWEEN_TERMS = re.compile(r"[;|$\n]")
_BETWEEN_PARTS = re.compile(r"[,/&+]|\b(?:on|and|with|sobre|i|y|et|sur|und|auf)\b")
_QUALIFIER = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True)
class Matcher:
    """What the words of each facet mean.

    Attributes:
        paths: for each facet from a folded word to the paths of its tag.
        numbers: for each facet from an AAT number to the paths of its tag.
    """

    paths: dict[str, dict[str, tuple[Path, ...]]]
    numbers: dict[str, dict[str, tuple[Path, ...]]]

    def match(self, facet: str, cell: str) -> "Match":
        """The paths that a cell names in a facet, and its words that name none.

        Terms are separated by `;`, `|`, `$` or a line break.
        """
        found, unmatched = [], []
        for term in filter(None, map(plain, _BETWEEN_TERMS.split(cell))):
            paths = self._find(facet, term)
            if not paths:
                parts = [part for part in map(plain, _BETWEEN_PARTS.split(_QUALIFIER.sub(" ", term))) if part]
                each = {part: self._find(facet, part) for part in parts}
                paths = [path for of_part in each.values() for path in of_part]
                unmatched += [part for part, of_part in each.items() if not of_part] if paths else [term]
            found += paths
        return Match(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unmatched)))

    def nearest(self, facet: str, word: str) -> str:
        """The known word that is spelled most like this one; "" where none is."""
        near = difflib.get_close_matches(fold(word), self.paths.get(facet, {}), 1, .8)
        return near[0] if near else ""

    def _find(self, facet: str, term: str) -> list[Path]:
        if number := _NUMBER.search(term):
            return list(self.numbers.get(facet, {}).get(number[1], ()))
        known = self.paths.get(facet, {})
        return next((list(known[form]) for form in _forms(term) if form in known), [])


@dataclass(frozen=True)
class Match:
    """What a cell names: `paths` of tags, and the words that name none."""

    paths: tuple[Path, ...]
    unmatched: tuple[str, ...]


def new_matcher(vocabulary: Vocabulary) -> Matcher:
    """The words of a vocabulary: names in both languages, synonyms and numbers of its tags.

    A name of a tag goes before a synonym of another; where a synonym names several tags, it names all of them.
    """
    paths, numbers = {}, {}
    for facet, tree in vocabulary.taxonomies.items():
        of_tag = {name: (tree.path(tag),) for tag, name in enumerate(tree.names)}
        words = {}
        for tag, synonyms in synonyms_by_tag(facet).items():
            for synonym in synonyms:
                if tag in of_tag:
                    words.setdefault(fold(synonym), []).extend(of_tag[tag])
        names = {}
        for texts in (dict(zip(tree.names, tree.names)), *(find_texts(facet, tree.names, language) for language in LANGUAGES)):
            names |= {fold(text): list(of_tag[name]) for name, text in texts.items()}
        paths[facet] = {word: tuple(dict.fromkeys(found)) for word, found in (words | names).items()}
        numbers[facet] = {number: of_tag[name] for name, number in zip(tree.names, tag_numbers(tree), strict=True) if number}
    return Matcher(paths, numbers)


def fold(word: str) -> str:
    """A word without case, qualifier and marks on letters, as a catalogue may write it.

    >>> fold("Cups (drinking vessels)") + ", " + fold("Ceràmica")
    'cups, ceramica'
    """
    bare = _QUALIFIER.sub(" ", word)
    letters = unicodedata.normalize("NFD", plain(bare if bare.strip() else word).casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _forms(term: str) -> list[str]:
    """The term, then what may be its singular or plural."""
    word = fold(term)
    forms = [word, f"{word}s", f"{word}es"]
    for ending, singular in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(ending):
            forms.append(word.removesuffix(ending) + singular)
    return forms


def count_matches(matcher: Matcher, cells: list[str]) -> Mapping[str, float]:
    """For each facet the share of the cells with text of which some word is known, 0 where no cell has text."""
    filled = [cell for cell in dict.fromkeys(cells) if cell.strip()]
    return {facet: sum(bool(matcher.match(facet, cell).paths) for cell in filled) / max(len(filled), 1)
            for facet in FACET_NAMES}
