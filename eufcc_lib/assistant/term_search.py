"""The field on the page that finds any term, see `any_term`; `term_search.js` draws it and hears what is typed."""

import threading
from weakref import WeakKeyDictionary

from .any_term import AnyTerm
from .names import name_tags, read_aat
from .predictor import Predictor
from .scripts import Part, script


class TermSearch(Part):
    """The field; a message asks what is found, another decides about one of the finds."""

    _esm = script("term_search.js")


_ALL: WeakKeyDictionary[Predictor, AnyTerm] = WeakKeyDictionary()
_FINDING = threading.Lock()


def terms_of(predictor: Predictor) -> AnyTerm:
    """The one index of all terms of a predictor, which all tabs share; with the whole AAT it takes some seconds to make.

    Raises:
        UserError: there is an extract of the AAT, and it is not in order.
    """
    with _FINDING:
        if predictor not in _ALL:
            vocabulary = predictor.vocabulary
            names = {facet: name_tags(taxonomy) for facet, taxonomy in vocabulary.taxonomies.items()}
            _ALL[predictor] = AnyTerm(vocabulary, names, read_aat())
        return _ALL[predictor]
