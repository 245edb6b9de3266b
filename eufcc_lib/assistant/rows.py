"""What the models suggest for an image, as plain rows for other programs: one per tag, with how sure and what is promised."""

from dataclasses import asdict, dataclass

import numpy as np

from ..core.errors import UserError, unknown
from ..core.facets import LANGUAGES
from .names import name_tags
from .predictor import Answer, Predictor
from .promised import USUAL


@dataclass(frozen=True)
class Suggestion:
    """One suggested tag.

    Attributes:
        facet: its name.
        tag: its name in the vocabulary.
        uri: its address in the AAT; None where its number is not known.
        label: what it is called in the language asked for.
        score: its probability.
        promise: the precision that is promised of suggestions of this score; None where nothing is.
    """

    facet: str
    tag: str
    uri: str | None
    label: str
    score: float
    promise: float | None


class Suggester:
    """The tags of an image from a probability on: the same for all facets, or that of each facet which keeps a promise.

    Attributes:
        settings: what its suggestions depend on.

    Args:
        threshold: the probability; without it, the promise counts.
        promise: the share of suggestions that is to be right, one of `promised.PRECISIONS`.
        language: of the labels, `en` or `ca`.
    Raises:
        UserError: both are given, one is out of range, nothing can be promised of these models, or an unknown language.
    """

    def __init__(self, predictor: Predictor, threshold: float | None = None, promise: float | None = None,
                 language: str = LANGUAGES[0]):
        if language not in LANGUAGES:
            raise unknown("language", language, LANGUAGES)
        if threshold is not None and promise is not None:
            raise UserError("Found a threshold and a promise; expected one of them.")
        if threshold is not None and not 0 < threshold <= 1:
            raise UserError(f"The threshold is {threshold}; expected a probability above 0 and at most 1.")
        promise = USUAL if promise is None else promise
        promised = predictor.promises.at(promise)
        if threshold is None and not promised:
            raise UserError(f"Nothing can be promised at {promise} of the models of {predictor.data!r}"
                            f"{_others(predictor)}; expected another promise or a threshold.")
        self._promised, self._language = promised, language
        self._from = {facet: threshold if threshold is not None else promised[facet].threshold if facet in promised else np.inf
                      for facet in predictor.vocabulary.taxonomies}
        self._taxonomies = predictor.vocabulary.taxonomies
        self._names = {facet: name_tags(taxonomy) for facet, taxonomy in self._taxonomies.items()}
        self.settings = {"model": predictor.identity["hash"], "language": language,
                         **({"promise": promise} if threshold is None else {"threshold": threshold})}

    def __call__(self, answer: Answer) -> list[Suggestion]:
        """The suggestions, facet by facet, the most probable first, a tag before those below it."""
        return [self._describe(facet, tag, float(sure[tag])) for facet, sure in answer.sure.items()
                for tag in np.argsort(-sure, kind="stable") if sure[tag] >= self._from[facet]]

    def rows(self, answer: Answer) -> list[dict]:
        """The same as JSON has them."""
        return [asdict(suggestion) for suggestion in self(answer)]

    def _describe(self, facet: str, tag: int, score: float) -> Suggestion:
        names, promised = self._names[facet], self._promised.get(facet)
        return Suggestion(facet, self._taxonomies[facet].names[tag], names.uri(tag), names.texts[self._language][tag],
                          round(score, 4), promised.precision if promised and score >= promised.threshold else None)


def _others(predictor: Predictor) -> str:
    """`, but at 0.8 and 0.9`."""
    kept = [str(precision) for precision in sorted(predictor.promises.found) if predictor.promises.at(precision)]
    return f", but at {' and '.join(kept)}" if kept else ""
