"""What leaves a session: which tags, from whom, and what each is called elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile
from pathlib import PurePosixPath
from types import MappingProxyType

from ...core.facets import FACETS, LANGUAGES
from ...data.records import ID
from ...data.taxonomy import Taxonomy, Vocabulary
from ..names import VOCABULARY, Naming, TagNames, name_others, own_language
from ..state import ACCEPTED, DECIDED, REJECTED, SUGGESTED, Decision, Model, State


@dataclass(frozen=True, eq=False)
class Leaving:
    """What leaves a session; every format is made of this.

    Args:
        state: the session.
        vocabulary: the models' tags.
        names: what they are called, by facet.
        session: its name.
        origins: the one filter of all formats: only tags of these origins leave. Without `SUGGESTED` no machine-only tag
            does; `(TAKEN, ADDED)` are those that a person accepted here.
    """

    state: State
    vocabulary: Vocabulary
    names: Mapping[str, TagNames]
    session: str = ""
    origins: Collection[str] = DECIDED

    def tags(self, image: str) -> list[Decision]:
        """The tags of an image that leave; a machine-only one has no `mark`, no person and no time."""
        found = list(self.state.decisions(image))
        kept = [tag for tag in found if tag.mark == ACCEPTED and tag.origin in self.origins]
        return kept + (self._promised(image, found) if SUGGESTED in self.origins else [])

    def rejected(self, image: str) -> list[Decision]:
        """The tags of an image that somebody rejected."""
        return [tag for tag in self.state.decisions(image) if tag.mark == REJECTED]

    def paths(self, image: str, tags: Collection[Decision] | None = None) -> dict[str, list[tuple[str, ...]]]:
        """By facet these tags of an image, or those that leave, as `annotated_paths`."""
        tags = self.tags(image) if tags is None else tags
        return {facet.name: annotated_paths(self.state, self.vocabulary[facet.name], image,
                                            [tag.tag for tag in tags if tag.facet == facet.name], self._others[facet.name])
                for facet in FACETS}

    def narrowest(self, image: str) -> dict[str, list[Decision]]:
        """By facet the tags that end the paths, in their order: what a system needs that knows what is above them."""
        tags = {(tag.facet, tag.tag): tag for tag in self.tags(image)}
        return {facet: [tags[facet, name] for name in dict.fromkeys(path[-1] for path in paths)]
                for facet, paths in self.paths(image, tags.values()).items()}

    def naming(self, facet: str, tag: str) -> Naming:
        """What a tag is called in both languages, its number, and the list that has it."""
        place = self.vocabulary[facet].index.get(tag)
        if place is None:  # one that somebody enters meanwhile is not among the others
            return self._others[facet].get(tag, Naming(dict.fromkeys(LANGUAGES, tag)))
        names = self.names[facet]
        return Naming({language: texts[place] for language, texts in names.texts.items()}, names.numbers[place], source=VOCABULARY)

    @cached_property
    def language(self) -> str:
        """Of the tags' names: `en`, `ca`, or `und` where no dictionary has them."""
        return own_language(self.vocabulary)

    @cached_property
    def models(self) -> dict[str, Model]:
        """All models that suggested something, by hash."""
        return self.state.models()

    @cached_property
    def ids(self) -> dict[str, str]:
        """The id of each image's record."""
        return record_ids(self.state)

    @cached_property
    def _others(self) -> dict[str, dict[str, Naming]]:
        """The names of tags that the vocabulary lacks."""
        lacking = {facet.name: set() for facet in FACETS}
        for tag in chain(self.state.decisions(), chain.from_iterable(map(self._suggested, self.state.images))):
            if tag.tag not in self.vocabulary[tag.facet].index:
                lacking[tag.facet].add(tag.tag)
        return {facet: name_others(self.vocabulary[facet], sorted(tags)) for facet, tags in lacking.items()}

    def _suggested(self, image: str) -> list[Decision]:
        """The suggestions for an image on which something was promised."""
        model = self.models.get(self.state.suggested_by(image))
        if not model:
            return []
        found = self.state.suggestions(image)
        return [Decision(image, facet, tag, "", SUGGESTED, score, promised.precision, model.hash, "", "")
                for facet, promised in dict(model.promised).items() for tag, score in found.get(facet, {}).items()
                if score >= promised.threshold]

    def _promised(self, image: str, decided: list[Decision]) -> list[Decision]:
        """The suggestions that nobody has decided on; none that is, or stands below, what somebody rejected."""
        known = {(tag.facet, tag.tag) for tag in decided}
        gone = {(tag.facet, tag.tag) for tag in decided if tag.mark == REJECTED}

        def stands(tag: Decision) -> bool:
            taxonomy = self.vocabulary[tag.facet]
            path = taxonomy.path(taxonomy.index[tag.tag]) if tag.tag in taxonomy.index else (tag.tag,)
            return (tag.facet, tag.tag) not in known and not any((tag.facet, name) in gone for name in path)
        return list(filter(stands, self._suggested(image)))


def annotated_paths(state: State, taxonomy: Taxonomy, image: str, tags: Collection[str] | None = None,
                    others: Mapping[str, Naming] = MappingProxyType({})) -> list[tuple[str, ...]]:
    """Every accepted tag of an image in one facet, and no other, as paths; all exports and the page say these.

    First come the paths of the image's record as they stand there, each as far as its tags are accepted still; then
    the deepest of the further tags, with what is accepted above them in the taxonomy; then what the taxonomy lacks, with
    what is accepted above it in the list that has it.

    Args:
        tags: these in place of the accepted ones.
        others: what is known of the tags that the taxonomy lacks.
    """
    accepted = state.accepted(image, taxonomy.facet) if tags is None else set(tags)
    paths = list(state.paths(image, taxonomy.facet))
    kept = [path for path in paths if accepted.issuperset(path)]
    covered = set(chain.from_iterable(kept))
    for path in paths:
        left = tuple(takewhile(accepted.__contains__, path))
        if not covered.issuperset(left):
            kept.append(left)
            covered.update(left)
    known = {taxonomy.index[name]: taxonomy.path(taxonomy.index[name]) for name in accepted - covered
             if name in taxonomy.index}
    lacking = {name: (*(above for above in others[name].path[:-1] if above in accepted), name) if name in others else (name,)
               for name in sorted(accepted - covered) if name not in taxonomy.index}
    above = {name for path in [*known.values(), *lacking.values()] for name in path[:-1]}
    further = [tuple(name for name in known[tag] if name in accepted) for tag in sorted(known)
               if taxonomy.names[tag] not in above] + [path for name, path in lacking.items() if name not in above]
    return [path for path in kept if not any(longer[:len(path)] == path for longer in further)] + further


def tell_unknown(state: State, vocabulary: Vocabulary) -> list[str]:
    """A sentence if accepted tags are none of the vocabulary's: exports hold them all the same."""
    unknown = {(facet, tag) for image in state.images for facet, taxonomy in vocabulary.taxonomies.items()
               for tag in state.accepted(image, facet) if tag not in taxonomy.index}
    if not unknown:
        return []
    told = (f"{len(unknown):,} accepted tags are not in the models' vocabulary, the first {min(unknown)[1]!r}; "
            "they are exported too.")
    return [told]


def record_ids(state: State) -> dict[str, str]:
    """For each image the id that its record had, else its name without the suffix if that is no other's."""
    kept = {name: state.record(name).get(ID, "") for name in state.images}
    stems = {name: PurePosixPath(name).stem for name in kept}
    counts, others = {}, {*kept, *kept.values()}
    for stem in stems.values():
        counts[stem] = counts.get(stem, 0) + 1
    return {name: kept[name] or (stem if counts[stem] == 1 and stem not in others else name) for name, stem in stems.items()}
