"""What a message from the page does to a session: each becomes an event, which `store.Store` writes down.

A message names its image, facet and tag, and what is meant, not a click: one that comes late, or twice, does no harm.
"""

from collections.abc import Mapping

from ..core.facets import FACETS
from ..data.taxonomy import Vocabulary
from . import session
from .lines import taken_back
from .state import State

MARKS = {"accept": session.accept_name, "reject": session.reject_name, "withdraw": session.withdraw_name}
"""By what is done to a tag of any name."""


def event_of(state: State, vocabulary: Vocabulary, message: Mapping) -> dict | None:
    """The event of a message that decides something; None if nothing changes.

    Args:
        message: `do`, one of `accept`, `reject`, `withdraw`, `take back`, `take`, `same`, and the `image`; see the functions below.
    """
    do, image = message["do"], message["image"]
    if do == "take":
        return _take(state, vocabulary, image, message["tags"])
    if do == "same":
        return _same_as_before(state, image)
    taxonomy, tag = vocabulary[message["facet"]], message["tag"]
    if do == "take back":
        accepted = {taxonomy.index[name] for name in state.accepted(image, taxonomy.facet) if name in taxonomy.index}
        tag = taxonomy.names[taken_back(taxonomy, accepted, taxonomy.index[tag])] if tag in taxonomy.index else tag
        do = "withdraw"
    return MARKS[do](state, taxonomy, image, tag)


def _take(state: State, vocabulary: Vocabulary, image: str, tags: list[list[str]]) -> dict | None:
    """Accept pairs of facet and tag, but for what is rejected and what is below that."""
    events = []
    for facet in dict.fromkeys(facet for facet, _ in tags):
        taxonomy, rejected = vocabulary[facet], state.rejected(image, facet)
        indices = [taxonomy.index[name] for one, name in tags if one == facet and name in taxonomy.index]
        events.append(session.accept(state, taxonomy, image, [tag for tag in indices if rejected.isdisjoint(taxonomy.path(tag))]))
    return session.together(events)


def _same_as_before(state: State, image: str) -> dict | None:
    """Accept what is accepted of the image before this one in the batch."""
    names = list(state.images)
    place = names.index(image)
    return session.together(session.accept_term(state, facet.name, image, sorted(state.accepted(names[place - 1], facet.name)))
                            for facet in FACETS if place)
