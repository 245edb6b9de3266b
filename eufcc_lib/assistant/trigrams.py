"""Words that are like a typed one: equal, beginning with it, holding it, or a slip of the keys away from it.

A word is known by its runs of three letters, so that only words that share some are looked at, however many there are.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

EQUAL, BEGINS, HOLDS, SLIP = 1.0, 0.8, 0.6, 0.4
"""How much a word counts that is equal to the typed one, begins with it, holds it, or is it but for one or two slips."""

_ALIKE, _LOOKED_AT = 0.25, 40  # the least share of common runs of a slip, and the most words that are compared by letter


class Words:
    """Distinct words, to be looked up by their place in the list."""

    def __init__(self, words: Sequence[str]):
        runs = defaultdict(list)
        for place, word in enumerate(words):
            for run in _runs(word):
                runs[run].append(place)
        self.words, self._places = words, {word: place for place, word in enumerate(words)}
        self._runs = {run: np.array(places, np.int32) for run, places in runs.items()}
        self._sizes = np.array([len(_runs(word)) for word in words], np.float32)

    def like(self, word: str) -> dict[float, list[int]]:
        """By how much they count the places of the words that are like `word`."""
        found = {EQUAL: [self._places[word]]} if word in self._places else {}
        inner = {word[at:at + 3] for at in range(len(word) - 2)} or {f"  {word}"[-3:]}
        holding = np.flatnonzero(self._shared(inner) == len(inner)).tolist()
        found[BEGINS] = [place for place in holding if self.words[place].startswith(word) and self.words[place] != word]
        found[HOLDS] = [place for place in holding if word in self.words[place][1:] and not self.words[place].startswith(word)
                        ] if len(word) > 2 else []
        if EQUAL not in found and len(word) > 3 and not word.isdigit():
            found[SLIP] = self._slips(word, set(holding))
        return found

    def _slips(self, word: str, known: set[int]) -> list[int]:
        runs = _runs(word)
        shared = self._shared(runs)
        alike = shared / (self._sizes + len(runs) - shared)
        best = np.argsort(-alike, kind="stable")[:_LOOKED_AT]
        return [place for place in best[alike[best] >= _ALIKE].tolist()
                if place not in known and slips(word, self.words[place]) <= (1 if len(word) < 6 else 2)]

    def _shared(self, runs: set[str]) -> np.ndarray:
        """int64, how many of the runs each word has."""
        found = [self._runs[run] for run in runs if run in self._runs]
        return np.bincount(np.concatenate(found), minlength=len(self.words)) if found else np.zeros(len(self.words), np.int64)


def slips(one: str, other: str) -> int:
    """The fewest letters to add, drop, change or swap with their neighbour that make one word of the other.

    >>> slips("bronse", "bronze"), slips("cermaic", "ceramic")
    (1, 1)
    """
    before, row = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, target in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != target))
            if i > 1 < j and letter == other[j - 2] and one[i - 2] == target:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _runs(word: str) -> set[str]:
    """The runs of three letters, and those of its beginning and end."""
    padded = f"  {word} "
    return {padded[at:at + 3] for at in range(len(padded) - 2)}
