"""Any term: the search over the models' tags, the dictionaries, and the AAT where an extract lies in the data's folder.

Words may stand in any order, begun or with a slip of the keys; accents and case do not count. What no list has can be
entered as it is typed: a free term, offered last and marked as such.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..collection.aat.mapping import place_concept
from ..collection.aat.thesaurus import Thesaurus
from ..core.facets import FACET_NAMES, LANGUAGES
from ..core.text import plain
from ..data.synonyms import synonyms_by_tag
from ..data.taxonomy import Vocabulary
from ..data.terms import Term, museum_terms, read_terms
from .names import DICTIONARY, FREE, THESAURUS, VOCABULARY, TagNames, concept_texts, fold, own_language
from .trigrams import SLIP, Words

_FIRST = {VOCABULARY: 0.2, DICTIONARY: 0.1, THESAURUS: 0.0}  # of two that are found alike, the one that the models know
_SYNONYM = 0.9  # how much a word counts that only a synonym or the number holds, beside one of the name
_LONGEST = 200  # signs of a free term


@dataclass(frozen=True)
class AnyFind:
    """A term that can be accepted.

    Attributes:
        facet: its facet.
        name: the tag, as the annotations call it.
        path: the tags from the broadest to itself, for `session.accept_term`.
        texts: by language what it is called.
        number: of the AAT, "" where it is not known.
        source: the list that has it, see `names`: `vocabulary`, `dictionary`, `aat` or `free`.
        tag: its place in the models' vocabulary, for `session.accept`; None elsewhere.
    """

    facet: str
    name: str
    path: tuple[str, ...]
    texts: Mapping[str, str]
    number: str
    source: str
    tag: int | None = None


class AnyTerm:
    """The index of all terms.

    Args:
        vocabulary: the models' tags; a tag of theirs hides the same term of the dictionaries and of the AAT.
        names: what they are called, by facet.
        thesaurus: the AAT, see `names.read_aat`.

    Attributes:
        names: as it was given.
        terms: all of them.
    """

    def __init__(self, vocabulary: Vocabulary, names: Mapping[str, TagNames], thesaurus: Thesaurus | None = None):
        self.names, self.terms = names, []
        self._texts: list[set[str]] = []
        self._places: dict[tuple[str, str], int] = {}
        self._named_places: dict[tuple[str, str], int] = {}
        self._add_vocabulary(vocabulary, names)
        self._add_dictionaries(own_language(vocabulary))
        if thesaurus:
            self._add_thesaurus(thesaurus)
        self._index()

    def search(self, query: str, facet: str | None = None, limit: int = 30) -> list[AnyFind]:
        """The terms that hold every word of the query, best first; then the query as a free term.

        Args:
            facet: only of this one; of all if left out, with a free term for each.
            limit: the most finds, free terms not counted.
        """
        asked = _words(query)
        if not asked:
            return []
        scores = np.ones(len(self.terms), np.float32)
        for word in asked:
            scores *= self._holding(word)
        if facet:
            scores *= self._facets == FACET_NAMES.index(facet)
        plain_hit = SLIP ** len(asked) + 1e-6  # what only resembles the words is for queries that nothing holds
        found = np.flatnonzero(scores if not (scores > plain_hit).any() else scores * (scores > plain_hit))
        whole = " ".join(asked)
        rank = scores[found] / len(asked) + self._prior[found]
        rank += np.isin(found, self._whole.get(whole, ()))
        best = [self.terms[place] for place in found[np.argsort(-rank, kind="stable")[:limit]].tolist()]
        called = {self.terms[place].facet for place in self._whole.get(whole, ())}
        return best + [free for name in ([facet] if facet else FACET_NAMES) if name not in called
                       for free in free_term(name, query)]

    def find(self, facet: str, name: str) -> AnyFind | None:
        """The term of this name in a facet; None if no list has it."""
        place = self._named_places.get((facet, name))
        return None if place is None else self.terms[place]

    def because(self, find: AnyFind, query: str) -> str:
        """The synonym or number by which a query found a term whose names do not hold its words; "" where they do."""
        asked, called = _words(query), {find.name, *find.texts.values()}

        def holds(text: str) -> bool:
            return all(any(word.startswith(one) for word in _words(text)) for one in asked)
        place = self._named_places.get((find.facet, find.name))
        if place is None or any(map(holds, called)):
            return ""
        return next(filter(holds, sorted(self._texts[place] - called)), "")

    def text(self, facet: str, name: str, language: str) -> str:
        """What a tag is called in a language; its own name where no list has it."""
        found = self.find(facet, name)
        return found.texts[language] if found else name

    # ---- how it is made ------------------------------------------------------------------------------------------

    def _add(self, find: AnyFind, *others: str) -> None:
        """Take a term in; where it is there under its number or one of its names, it is found by these names, too."""
        names = {find.name, *find.texts.values(), find.number, *others} - {""}
        keys = [(find.facet, key) for key in (find.number, find.name, *find.texts.values()) if key]
        known = next((self._places[key] for key in keys if key in self._places), None)
        if find.source == VOCABULARY or known is None:
            known = len(self.terms)
            self.terms.append(find)
            self._texts.append(set())
        self._texts[known] |= names
        self._named_places.setdefault((find.facet, find.name), known)
        for key in keys:
            self._places.setdefault(key, known)

    def _add_vocabulary(self, vocabulary: Vocabulary, names: Mapping[str, TagNames]) -> None:
        for facet, taxonomy in vocabulary.taxonomies.items():
            of_facet = names[facet]
            for tag, name in enumerate(taxonomy.names):
                texts = {language: texts[tag] for language, texts in of_facet.texts.items()}
                self._add(AnyFind(facet, name, taxonomy.path(tag), texts, of_facet.numbers[tag], VOCABULARY, tag),
                          *of_facet.synonyms[tag])

    def _add_dictionaries(self, language: str) -> None:
        language = language if language in LANGUAGES else "en"
        museum = tuple(places[0] for names in museum_terms().values() for places in names.values())

        def shared(terms: tuple[Term, ...]) -> int:
            return sum((term.facet, term.name(language)) in self._named_places for term in terms)
        # Of two entries with one number the first counts: that of the list whose paths the vocabulary has, too.
        for term in chain.from_iterable(sorted((read_terms(), museum), key=shared, reverse=True)):
            known = synonyms_by_tag(term.facet)
            texts = {one: term.name(one) for one in LANGUAGES}
            self._add(AnyFind(term.facet, term.name(language), term.path(language), texts, term.aat, DICTIONARY),
                      *known.get(term.catalan, ()), *known.get(term.english, ()))

    def _add_thesaurus(self, thesaurus: Thesaurus) -> None:
        for number, concept in thesaurus.concepts.items():
            others = [text for language in LANGUAGES for text in concept.alternatives.get(language, ())]
            for facet, path in place_concept(number, thesaurus).places:
                self._add(AnyFind(facet, path[-1], path, concept_texts(concept), str(number), THESAURUS), *others)

    def _index(self) -> None:
        holders, named, self._whole = defaultdict(list), defaultdict(list), defaultdict(list)
        for place, (find, texts) in enumerate(zip(self.terms, self._texts)):
            split = {text: _words(text) for text in texts}
            for word in {word for words in split.values() for word in words}:
                holders[word].append(place)
            for word in {word for text in {find.name, *find.texts.values()} for word in split[text]}:
                named[word].append(place)
            for whole in {" ".join(words) for words in split.values()}:
                self._whole[whole].append(place)
        self._words = Words(list(holders))
        self._holders = [np.array(places, np.int32) for places in holders.values()]
        self._named = [np.array(named[word], np.int32) for word in holders]
        self._facets = np.array([FACET_NAMES.index(find.facet) for find in self.terms], np.int8)
        self._prior = np.array([_FIRST[find.source] - 0.01 * len(_words(find.name)) for find in self.terms], np.float32)

    def _holding(self, word: str) -> np.ndarray:
        """float32, how well each term holds a word of the query; 0 where it does not."""
        scores = np.zeros(len(self.terms), np.float32)
        for weight, places in sorted(self._words.like(word).items()):
            if places:
                scores[np.concatenate([self._holders[place] for place in places])] = weight * _SYNONYM
                scores[np.concatenate([self._named[place] for place in places])] = weight
        return scores


def free_term(facet: str, query: str) -> list[AnyFind]:
    """What was typed as a term of a facet; none if nothing of it can be a tag."""
    name = plain(re.sub(r"[|$\x00-\x1f]", " ", query))[:_LONGEST].strip()
    return [AnyFind(facet, name, (name,), dict.fromkeys(LANGUAGES, name), "", FREE)] if name else []


def _words(text: str) -> list[str]:
    """The words of a text in small letters without accents; `l·l` is one letter twice."""
    return re.findall(r"\w+", fold(text).replace("·", ""))
