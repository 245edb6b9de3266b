"""From harvested items to records: each concept to its facets and paths, with a report.

As in the paper's section 3, the facets are branches of the AAT, and a path is the chain of preferred
broader concepts, except as the table of `curators` changes it.
"""

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, quote, urlsplit

import pandas as pd

from ...core.errors import UserError
from ...core.facets import FACET_NAMES, FACETS
from ...core.paths import atomic, resolve
from ...core.text import plain
from ...data.records import (
    COLUMNS,
    CREATOR,
    EUROPEANA_ID,
    ID,
    PAGE,
    PROVIDER,
    RIGHTS,
    SOURCE_COLUMNS,
    TITLE,
    URL,
    Records,
)
from ...data.records_csv import records_from_columns
from ...data.taxonomy import format_paths
from ..europeana.client import THUMBNAIL_V3
from ..europeana.concepts import Entity, item_uris, listed, match_concept, texts
from .curators import NO_RULES, CuratorsTable
from .thesaurus import ATTRIBUTION, DISCIPLINES, MATERIALS, OBJECTS, Concept, Thesaurus

BRANCHES = {OBJECTS: "objectTypes", MATERIALS: "materials", DISCIPLINES: "classifications"}
"""The top of each facet's branch in the AAT."""

SUBJECTS = {300015638: "still lifes", 300189808: "figures", 300015636: "landscapes", 300015637: "portraits",
            300124534: "self-portraits", 300189568: "nudes", 300235692: "marines", 300117546: "seascapes"}
"""The subjects, which the AAT has among its visual works."""

Place = tuple[str, tuple[str, ...]]
"""A facet, and a path in it from the broadest name to the narrowest."""

_EXAMPLES = 3  # item ids shown per row of the report
_SHOWN = 80  # characters of a value that is not text


@dataclass(frozen=True)
class Placement:
    """The facets and paths of one concept.

    Attributes:
        places: its paths; at most one per facet.
        reason: why there are none; "" if there are.
        in_english: ids on the paths that have no name in the requested language.
    """

    places: tuple[Place, ...]
    reason: str = ""
    in_english: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class MappingReport:
    """What became of the harvest, for a curator to read.

    Attributes:
        summary: one row per collection: items harvested, kept, left out; mentions of concepts mapped,
            ambiguous and dropped, also in items that were left out.
        left_out: collection, reason, items, examples (item ids); an item has the first reason that applies.
        concepts: collection, outcome, reason, uri, label, paths, items, examples; frequent first.
            An ambiguous concept has several AAT ids in one facet, of which the lowest was taken.
        in_english: id, label, items; concepts without a name in the requested language.
        unused_rules: id; rules of the curator's table for concepts that do not exist, or were merged.
        attribution: to be shown with it.
    """

    summary: pd.DataFrame
    left_out: pd.DataFrame
    concepts: pd.DataFrame
    in_english: pd.DataFrame
    unused_rules: pd.DataFrame
    attribution: str = ATTRIBUTION


def place_concept(number: int, thesaurus: Thesaurus, table: CuratorsTable = NO_RULES,
                  language: str = "en") -> Placement:
    """The facets a concept belongs to and its path in each.

    A concept is in the facet whose branch contains its preferred ancestors. Guide terms, hierarchies and
    facets are left out of the path. The nearest of `SUBJECTS` among the concept and its ancestors is
    its subject, a path of one name. Such a concept is also an object type, as in the official files:
    209 of the 227 records there with subjects have all of them among their object types.
    """
    concept = thesaurus.get(number)
    if concept is None:
        gone = number in thesaurus.merged
        return Placement((), "obsolete, without a replacement" if gone else "not in the thesaurus")
    if concept.kind != "concept":
        return Placement((), f"a {concept.kind}, not a concept")
    chain = [thesaurus.concepts[ancestor] for ancestor in thesaurus.ancestors(number)] + [concept]
    ids = [link.id for link in chain]
    if table.exclude.intersection(ids):
        return Placement((), "excluded by the curator's table")
    if concept.id in table.skip:
        return Placement((), "skipped by the curator's table")
    # A path starts below the top of its branch, or at the last cut below it.
    cut = max((position for position, number in enumerate(ids) if number in table.cut), default=0)
    chains = [(facet, chain[max(ids.index(top) + 1, cut):]) for top, facet in BRANCHES.items() if top in ids]
    chains += [("subjects", [link]) for link in reversed(chain) if link.id in SUBJECTS.keys() - table.skip][:1]
    if not chains:
        # The climb ends at the top, or before a cycle.
        circle = chain[0].parent is not None and thesaurus.get(chain[0].parent) is not None
        top = "its broader concepts form a cycle" if circle else f"it is in {chain[0].labels['en']!r}"
        return Placement((), f"outside the four facets: {top}")
    return _named(chains, table, language)


def deepest_paths(paths: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The paths that are not the beginning of another, each once, sorted.

    >>> deepest_paths([("metal",), ("wood",), ("metal", "bronze"), ("wood",)])
    (('metal', 'bronze'), ('wood',))
    """
    ordered = sorted(set(paths))  # a path's continuations follow it
    return tuple(path for path, following in zip(ordered, [*ordered[1:], ()]) if following[:len(path)] != path)


def map_items(lines: Iterable[Mapping], thesaurus: Thesaurus, entities: Mapping[str, Entity] | None = None,
              table: CuratorsTable = NO_RULES, language: str = "en") -> tuple[Records, MappingReport]:
    """Records of the harvested items that have a facet, a preview and a provider; and a report on all items.

    What has another type than the service documents is counted in the report, wherever it stands in an item.

    A record's id is `<collection>_<6 digits>`: the end of the item's id if that has this form, else
    the item's position in its collection, from 0. `SOURCE_COLUMNS` say where it comes from.

    Args:
        lines: the harvest, {"collection": ..., "item": {...}} each, in its order.
        thesaurus: the AAT, or the museum's terms.
        entities: Europeana's concepts by number, see `concepts.fetch_entities`.
        table: the curator's rules.
        language: of the names; a concept without a name in it gets the English one, and is counted.
    Raises:
        UserError: no concept of the thesaurus has a name in the language.
    """
    if not any(language in concept.labels for concept in thesaurus.concepts.values()):
        known = sorted({tag for concept in thesaurus.concepts.values() for tag in concept.labels})
        raise UserError(f"language: found {language!r}, in which the thesaurus has no name; expected one of "
                        f"{', '.join(known)}.")
    outcome_of = _outcomes(thesaurus, entities or {}, table, language)
    used, harvested, in_english = set(), Counter(), Counter()
    rows, left_out, mentions = [], [], []
    for line in lines:
        collection, item = line["collection"], line["item"]
        odd = dict.fromkeys(json.dumps(value)[:_SHOWN] for value in listed(item.get("edmConcept")) if not isinstance(value, str))
        outcomes = [*map(outcome_of, item_uris(item)), *(_Outcome(value, "", "dropped", "not a text") for value in odd)]
        paths = defaultdict(list)
        for outcome in outcomes:
            for facet, path in outcome.places:
                paths[facet].append(path)
        url = next(map(_thumbnail_url, texts(item.get("edmPreview"))), "")
        provider = next(map(plain, texts(item.get("dataProvider"))), "")
        reason = ("no concept in a facet" if not paths else _lack("preview", item.get("edmPreview")) if not url else
                  _lack("provider", item.get("dataProvider")) if not provider else "")
        own = next(iter(texts(item.get("id"))), "")
        mentions += [(collection, found.kind, found.reason, found.uri, found.label, _shown(found.places), own)
                     for found in outcomes]
        in_english.update(frozenset().union(*(found.in_english for found in outcomes)))
        name = _record_id(collection, own, line.get("position", harvested[collection]), used)
        harvested[collection] += 1
        if reason:
            left_out.append((collection, reason, own))
            continue
        used.add(name)
        rows.append({ID: name, URL: url, "database": "EUROPEANA", PROVIDER: provider} | _source(own, item) | {
            facet.column: format_paths(deepest_paths(paths[facet.name])) for facet in FACETS})
    records = records_from_columns({column: [row[column] for row in rows] for column in (*COLUMNS, *SOURCE_COLUMNS)})
    return records, _report(thesaurus, table, harvested, left_out, mentions, in_english)


def write_report(report: MappingReport, folder: str | os.PathLike) -> None:
    """Write the tables as `<folder>/{summary,left_out,concepts,in_english,unused_rules}.csv`, and the attribution."""
    folder = resolve(folder)
    for name in ("summary", "left_out", "concepts", "in_english", "unused_rules"):
        with atomic(folder / f"{name}.csv") as temporary:
            getattr(report, name).to_csv(temporary, index=False, lineterminator="\n")
    with atomic(folder / "ATTRIBUTION.txt") as temporary:
        temporary.write_text(report.attribution + "\n", encoding="utf-8")


def _named(chains: list[tuple[str, list[Concept]]], table: CuratorsTable, language: str) -> Placement:
    places, in_english = [], set()
    for facet, chain in chains:
        shown = [concept for concept in chain if concept.kind == "concept" and concept.id not in table.skip]
        names = {concept.id: table.names.get(concept.id) or concept.labels for concept in shown}
        path = tuple(plain(of_concept.get(language) or of_concept["en"]) for of_concept in names.values())
        in_english.update(number for number, of_concept in names.items() if not of_concept.get(language))
        places.append((facet, path))
        try:
            format_paths([path])
        except UserError:
            return Placement((), f"no csv cell can hold {' > '.join(path)!r}; rename it in the curator's table")
    return Placement(tuple(places), "", frozenset(in_english))


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What became of one URI, whatever item it is in."""

    uri: str
    label: str
    kind: str  # mapped, ambiguous or dropped
    reason: str
    places: tuple[Place, ...] = ()
    in_english: frozenset[int] = frozenset()


def _outcomes(thesaurus: Thesaurus, entities: Mapping[str, Entity], table: CuratorsTable,
              language: str) -> Callable[[str], _Outcome]:
    placement = cache(lambda number: place_concept(number, thesaurus, table, language))

    @cache
    def outcome_of(uri: str) -> _Outcome:
        match = match_concept(uri, entities)
        if not match.ids:
            return _Outcome(uri, match.label, "dropped", match.reason)
        found = {number: thesaurus.get(number) for number in match.ids}
        label = match.label or next((concept.labels["en"] for concept in found.values() if concept), "")
        # Two ids of which one was merged into the other are one concept.
        numbers = [concept.id if concept else number for number, concept in found.items()]
        several, taken, places = False, [], {}
        for number in sorted(set(numbers)):  # of several in one facet, the lowest is taken
            new = {facet: path for facet, path in placement(number).places if facet not in places}
            several |= len(new) < len(placement(number).places)
            taken += [number] * bool(new)
            places |= new
        if not places:
            reasons = sorted({placement(number).reason for number in numbers})
            return _Outcome(uri, label, "dropped", "; ".join(reasons))
        others = sorted(set(numbers) - set(taken))
        reason = f"took {', '.join(map(str, taken))}, not {', '.join(map(str, others))}" if others else ""
        in_english = frozenset().union(*(placement(number).in_english for number in taken))
        return _Outcome(uri, label, "ambiguous" if several else "mapped", reason, tuple(places.items()), in_english)

    return outcome_of


def _source(own: str, item: Mapping) -> dict[str, str]:
    """What a credit needs: id, rights, title, creator and page of an item."""
    named = item.get("dcCreatorLangAware")
    # The plain list has each name in several languages, and references to what the search does not give.
    names = (texts(named.get("en")) if isinstance(named, dict) else []) or texts(item.get("dcCreator"))
    names = dict.fromkeys(name for name in map(plain, names) if name and not name.startswith(("#", "http://", "https://")))
    first = {column: next(map(plain, texts(item.get(name))), "")
             for column, name in ((RIGHTS, "rights"), (TITLE, "title"), (PAGE, "edmIsShownAt"))}
    return first | {EUROPEANA_ID: own, CREATOR: "; ".join(names)}


def _record_id(collection: str, item: str, number: int, used: set[str]) -> str:
    own = re.fullmatch(rf"(?:.*/)?({re.escape(collection)}_[0-9]{{6,}})", item)
    if own and own[1] not in used:
        return own[1]
    while f"{collection}_{number:06d}" in used:
        number += 1
    return f"{collection}_{number:06d}"


def _lack(name: str, value: object) -> str:
    """Why an item has no preview or provider."""
    there = any(element.strip() if isinstance(element, str) else element for element in listed(value))
    return f"a {name} that cannot be used" if there else f"no {name}"


def _thumbnail_url(preview: str) -> str:
    """A preview as the official files have it: thumbnail service v2, no size; in v3, 400 pixels wide. "" if it is neither.

    Answers of before 2021 point to the service's older address, which takes the same parameters.
    """
    try:
        parts = urlsplit(preview)
    except ValueError:
        return ""
    host, asked = f"{parts.scheme}://{parts.netloc}", parse_qs(parts.query)
    original, kind = asked.get("uri", [""])[0], asked.get("type", ["IMAGE"])[0]
    if not re.fullmatch("https?://.+", host):
        return ""
    if found := THUMBNAIL_V3.fullmatch(parts.path):
        return f"{host}/thumbnail/v3/400/{found[1]}.jpg"
    if not original or not re.search(r"/(thumbnail/v2/url|api/v2/thumbnail-by-url)\.json$", parts.path):
        return ""
    return f"{host}/thumbnail/v2/url.json?uri={quote(original, safe='')}&type={quote(kind, safe='')}"


def _report(thesaurus: Thesaurus, table: CuratorsTable, harvested: Counter, left_out: list[tuple], mentions: list[tuple],
            in_english: Counter) -> MappingReport:
    """The report, from one row per item that was left out and per mention of a concept, each ending in the item's id."""
    missed = _counted(left_out, ["collection", "reason"])
    concepts = _counted(mentions, ["collection", "outcome", "reason", "uri", "label", "paths"])
    items_left_out = missed.groupby("collection")["items"].sum()
    outcomes = concepts.groupby(["collection", "outcome"])["items"].sum()
    summary = [(collection, items, items - items_left_out.get(collection, 0), items_left_out.get(collection, 0),
                *(outcomes.get((collection, kind), 0) for kind in ("mapped", "ambiguous", "dropped")))
               for collection, items in sorted(harvested.items())]
    untranslated = [(number, thesaurus.concepts[number].labels["en"], count) for number, count in in_english.most_common()]
    return MappingReport(
        pd.DataFrame(summary, columns=["collection", "harvested", "kept", "left out", "mapped", "ambiguous", "dropped"]),
        missed, concepts, pd.DataFrame(untranslated, columns=["id", "label", "items"]),
        pd.DataFrame(sorted(table.ids - thesaurus.concepts.keys()), columns=["id"]))


def _counted(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    """Equal rows as one, with the number of items and the first few ids; frequent ones first in each collection."""
    groups = pd.DataFrame(rows, columns=[*columns, "item"]).groupby(columns, sort=False)["item"]
    frame = groups.agg(items="size", examples=lambda items: " ".join(items.head(_EXAMPLES))).reset_index()
    return frame.sort_values(["collection", "items", columns[-1]], ascending=[True, False, True], ignore_index=True,
                             kind="stable")


@cache
def _shown(places: tuple[Place, ...]) -> str:
    ordered = sorted(places, key=lambda place: FACET_NAMES.index(place[0]))
    return "; ".join(f"{facet}: {' > '.join(path)}" for facet, path in ordered)
