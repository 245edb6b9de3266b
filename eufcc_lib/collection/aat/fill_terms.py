"""Complete the AAT numbers in the table of terms from Getty's dump."""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from ...core.commands import command
from ...data.terms import TABLE, Term, read_terms, write_terms
from .mapping import place_concept
from .thesaurus import Thesaurus, read_thesaurus

_QUALIFIER = re.compile(r" \([^()]*\)$")


def fill(terms: Sequence[Term], thesaurus: Thesaurus) -> tuple[tuple[Term, ...], pd.DataFrame]:
    """Complete the numbers that are missing where exactly one concept of the facet has the English term as a label.

    Preferred labels come before alternative ones. A concept whose label is the same but for a qualifier may be another
    thing: it is listed, never filled in. So is one whose number another tag of the facet has, and every doubtful one:
    the number would state as a fact what the note doubts. Existing numbers are kept.

    Returns:
        the terms, and one row for each that still has no number: facet, tag, english, why, candidates.
    """
    preferred, alternative, bare = _labels(thesaurus)
    used = {(term.facet, term.aat) for term in terms if term.aat}
    filled, left = [], []
    for term in terms:
        if not term.aat:
            label = term.facet, term.english.casefold()
            found = preferred[label] or alternative[label]
            alike = sorted(found or bare[term.facet, _bare(term.english)])
            why = ("doubtful" if term.doubtful else "not found" if not alike else "only alike" if not found else
                   "ambiguous" if len(found) > 1 else
                   "the number of another tag" if (term.facet, str(alike[0])) in used else "")
            if why:
                left.append((term.facet, term.catalan, term.english, why, ", ".join(map(str, alike))))
            else:
                term = replace(term, aat=str(alike[0]))
                used.add((term.facet, term.aat))
        filled.append(term)
    return tuple(filled), pd.DataFrame(left, columns=["facet", "tag", "english", "why", "candidates"])


def _labels(thesaurus: Thesaurus) -> tuple[defaultdict, defaultdict, defaultdict]:
    """Facet and English label in small letters to concepts: preferred and alternative ones, and all without qualifier."""
    preferred, alternative, bare = (defaultdict(set) for _ in range(3))
    for number, concept in thesaurus.concepts.items():
        labels = [(preferred, concept.labels["en"])]
        labels += [(alternative, label) for label in concept.alternatives.get("en", ())]
        for facet, _ in place_concept(number, thesaurus).places:
            for kind, label in labels:
                kind[facet, label.casefold()].add(number)
                bare[facet, _bare(label)].add(number)
    return preferred, alternative, bare


def _bare(label: str) -> str:
    return _QUALIFIER.sub("", label).casefold()


@command
def main(arguments: list[str] | None = None) -> None:
    """The command `fill`."""
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.collection.aat.fill_terms",
                                     description="Complete the AAT's numbers in the table of terms from an extract of "
                                                 "Getty's dump, and list what is left.")
    parser.add_argument("thesaurus", help="an extract written by `eufcc thesaurus`")
    parser.add_argument("--out", default=TABLE, help="the table to write (default: the library's own)")
    options = parser.parse_args(arguments)
    terms, left = fill(read_terms(), read_thesaurus(options.thesaurus))
    write_terms(terms, options.out)
    print(left.to_string(index=False) if len(left) else "Every term has a number.")
    print(f"{sum(bool(term.aat) for term in terms):,} of {len(terms):,} terms have a number; they are in {options.out}.")


if __name__ == "__main__":
    sys.exit(main())
