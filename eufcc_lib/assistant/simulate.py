"""A simulated cataloguer, who knows the answer: what is decided about an image, and how many actions each way of working takes.

An action is one click, one key, or one word typed into the search.
"""

from collections.abc import Collection, Mapping

import numpy as np

from ..data.taxonomy import Taxonomy, Vocabulary
from .session import suggest
from .state import ACCEPTED, REJECTED
from .store import Store

SHOWN = 10
"""Tags that are shown of a facet."""


def decide(scores: np.ndarray, taxonomy: Taxonomy, wanted: Collection[str]) -> dict[str, bool]:
    """Accept what is wanted, shown or not, and reject the other tags among the best; nothing where nothing is wanted.

    An empty facet says nothing: nobody looked, or there is nothing to see.
    """
    if not wanted:
        return {}
    shown = [taxonomy.names[tag] for tag in np.argsort(-scores, kind="stable")[:SHOWN]]
    return {name: name in wanted for name in [*shown, *wanted]}


def catalogue(store: Store, image: str, scores: Mapping[str, np.ndarray], vocabulary: Vocabulary, wanted: Mapping[str, Collection[str]],
              model: Mapping) -> None:
    """Write into a session what `decide` says about one of its images, as the page would.

    Args:
        scores: by facet (C,), probabilities to rank by.
        wanted: by facet, the names of all that is right, ancestors included.
        model: see `session.suggest`.
    """
    trees = {facet: vocabulary[facet] for facet in scores}
    best = {facet: np.argsort(-values, kind="stable")[:SHOWN] for facet, values in scores.items()}
    store.do(suggest(store.state, image, model, {facet: {trees[facet].names[tag]: float(scores[facet][tag]) for tag in tags}
                                                 for facet, tags in best.items()}))
    for facet in scores:
        decided = decide(scores[facet], trees[facet], wanted.get(facet, ()))
        if decided:
            store.do({"do": "mark", "image": image, "facet": facet,
                      "marks": {name: ACCEPTED if there else REJECTED for name, there in decided.items()}})
