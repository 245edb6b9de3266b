"""What the parts of the page show of an image, as plain data for the browser, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.facets import FACETS, Facet
from ..data.taxonomy import Taxonomy, Vocabulary
from .any_term import FREE, VOCABULARY, AnyFind, AnyTerm
from .batch import Kept
from .evidence import agreeing
from .exports import annotated_paths
from .likeness import EVIDENCE
from .lines import PERHAPS, Proposed
from .names import Naming, fold
from .state import State


@dataclass(frozen=True, eq=False)
class View:
    """One image of a session as it is seen in one language.

    Attributes:
        promised: by facet `threshold` and `precision`, see `promised`.
        kept: by facet what came of that in the session so far.
    """

    state: State
    image: str
    vocabulary: Vocabulary
    terms: AnyTerm
    proposed: Proposed
    promised: Mapping[str, Mapping[str, float]]
    language: str
    words: Mapping[str, str]
    kept: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def facets(self) -> list[tuple[Facet, Taxonomy]]:
        """The facets that have tags."""
        return [(facet, self.vocabulary[facet.name]) for facet in FACETS if len(self.vocabulary[facet.name])]

    def text(self, facet: str, tag: str) -> str:
        """What a tag is called."""
        return self.terms.text(facet, tag, self.language)


def show_proposals(view: View) -> list[dict]:
    """By facet the numbered lines: what is proposed, then what else was decided.

    A line has `parts`, the tags from the broadest on with what they are called and how they are marked, a `kind`, `likely`,
    `perhaps` or `decided`, and a `word` on how sure the models are. Beside what is `promised` stands what was `kept` of it in
    this session, and whether the promise is `broken`; `alike` are the nearest training photographs with their tags, of which
    those that are proposed `agree`.
    """
    return [{"name": facet.name, "title": facet.title(view.language), "colour": facet.colour,
             "promised": (view.words["promised"].format(precision=percent(view.promised[facet.name]["precision"]))
                          if facet.name in view.promised else view.words["unpromised"]),
             "lines": _lines(view, taxonomy), "alike": _alike(view, taxonomy)} | _kept(view, facet.name)
            for facet, taxonomy in view.facets]


def _kept(view: View, facet: str) -> dict:
    kept = view.kept.get(facet)
    if not kept or not kept.enough:
        return {"kept": "", "broken": False}
    word = view.words["kept_broken" if kept.broken else "kept_here"]
    return {"kept": word.format(right=kept.right, decided=kept.decided), "broken": kept.broken}


def _alike(view: View, taxonomy: Taxonomy) -> list[dict]:
    facet, found = taxonomy.facet, []
    for one in view.proposed.neighbours.get(taxonomy.facet, ())[:EVIDENCE]:
        agree = agreeing(one.tags, view.proposed.lines.get(facet, ()), taxonomy.names)
        found.append({"image": one.image, "tags": [{"text": view.text(facet, tag), "agrees": tag in agree} for tag in one.tags]})
    return found


def _lines(view: View, taxonomy: Taxonomy) -> list[dict]:
    facet, marks = taxonomy.facet, view.state.marks(view.image, taxonomy.facet)

    def line(path: tuple[str, ...], kind: str = "decided", word: str = "", instead: bool = False) -> dict:
        return {"kind": kind, "word": word, "instead": instead,
                "parts": [{"tag": tag, "text": view.text(facet, tag), "mark": marks.get(tag, "")} for tag in path]}
    proposed = {tuple(taxonomy.names[tag] for tag in found.path): found for found in view.proposed.lines.get(facet, ())}
    lines = [line(path, "likely" if found.likely else "perhaps", percent(found.score) if found.likely else view.words["perhaps"],
                  found.instead) for path, found in proposed.items()]
    lacking = [tag for tag in marks if tag not in taxonomy.index]
    known = {tag: Naming(found.texts, found.number, found.path) for tag in lacking if (found := view.terms.find(facet, tag))}
    decided = annotated_paths(view.state, taxonomy, view.image, others=known)
    decided += [taxonomy.path(taxonomy.index[tag]) if tag in taxonomy.index else (tag,)
                for tag in sorted(view.state.rejected(view.image, facet))]
    seen = {path[:depth] for path in proposed for depth in range(1, len(path) + 1)}
    return lines + [line(path) for path in decided if path not in seen]


def name_trees(view: View) -> list[dict]:
    """By facet what the trees are drawn of: each tag's name, text and parent, and all tags in the order of their texts."""
    found = []
    for facet, taxonomy in view.facets:
        texts = [view.text(facet.name, name) for name in taxonomy.names]
        found.append({"facet": facet.name, "title": facet.title(view.language), "colour": facet.colour, "tags": list(taxonomy.names),
                      "texts": texts, "parents": [int(parent) for parent in taxonomy.parent],
                      "order": sorted(range(len(taxonomy)), key=lambda tag: (fold(texts[tag]), tag))})
    return found


def show_trees(view: View) -> dict[str, dict]:
    """By facet `scores` and `marks` of the tags that have any, by their place, and `proposed`, the tags to open the tree at."""
    return {facet.name: _tree(view, taxonomy) for facet, taxonomy in view.facets}


def _tree(view: View, taxonomy: Taxonomy) -> dict:
    facet, scores = taxonomy.facet, view.proposed.scores.get(taxonomy.facet)
    threshold = view.promised[facet]["threshold"] if facet in view.promised else None
    found = {}
    for tag, score in enumerate([] if scores is None else scores.tolist()):
        likely = threshold is not None and score >= threshold
        if likely or score >= PERHAPS:
            found[str(tag)] = {"score": score, "kind": "likely" if likely else "perhaps", "word": percent(score) if likely else view.words["perhaps"]}
    marks = view.state.marks(view.image, facet)
    return {"scores": found, "marks": {str(taxonomy.index[tag]): mark for tag, mark in marks.items() if tag in taxonomy.index},
            "proposed": [line.tag for line in view.proposed.lines.get(facet, ())]}


def show_finds(view: View, query: str, finds: list[AnyFind]) -> list[dict]:
    """What is found by the search, each with the list it comes from where the models do not know it."""
    titles = {facet.name: facet for facet in FACETS}
    return [{"title": titles[find.facet].title(view.language), "colour": titles[find.facet].colour, "text": find.texts[view.language],
             "above": " › ".join(view.text(find.facet, tag) for tag in find.path[:-1]),
             "because": view.terms.because(find, query), "free": find.source == FREE,
             "source": "" if find.source == VOCABULARY else view.words[f"from_{find.source}"],
             "rejectable": find.source == VOCABULARY,
             "mark": view.state.marks(view.image, find.facet).get(find.name, "")} for find in finds]


def percent(share: float) -> str:
    """A share as it is read, `95 %`; what is nearly all is not called all."""
    return ">99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"
