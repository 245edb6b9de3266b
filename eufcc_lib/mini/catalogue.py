"""The plan of the museum: which objects there are, who keeps them, what the records say.

Nothing is drawn here. A plan is made from (images, seed) alone, so that labels, providers,
splits and the deliberate noise can be studied, and tested, without a single picture.

What it imitates of the real data: a long tail of object types; records that leave facets
empty in the paper's proportions; paths that stop at an inner node; names under two parents;
several photographs of one object; institutions that collect in fields of their own, so that the
name alone tells much about an image; and a wrong tag on 3 % of the records.
"""

from dataclasses import dataclass

import numpy as np

from ..core.errors import UserError
from ..core.facets import FACET_NAMES
from ..data.terms import museum_terms
from .kinds import KINDS
from .providers import BY_NAME, PROVIDERS, Provider
from .splits import split_objects
from .things.scenes import SHARES

FACETS_PER_IMAGE = {1: .23, 2: .62, 3: .147, 4: .003}
"""Shares of images with that many annotated facets (paper section 3: 22.8, 62.1, 14.9 and 0.1 %)."""

CLASSIFIED, WITH_SUBJECT = .12, .09
"""Shares of images with a classification and with a subject, as in the official inner test set."""

NOISE = .03
"""Share of records with one wrong tag."""

STOPS_EARLY = .22
"""Share of paths that stop at an inner node of the tree."""

VIEWS = (.76, .18, .06)
"""Shares of objects with one, two and three photographs."""

TAIL = 1.5
"""Exponent on the kinds' weights: above 1 the common become commoner and the rare rarer."""

ROUNDS = 100
"""Of fitting the providers' shares to the museum's, until neither changes."""

FEWEST = 120
"""With fewer pictures a split could be empty."""


@dataclass(frozen=True)
class Museum:
    """What is photographed, before any record says something about it.

    Attributes:
        kind: name in `kinds.KINDS`; made: its materials; scene: what a picture shows, or "".
        provider: its keeper's name.
        views: how many photographs there are.
    """

    kind: str
    made: tuple[str, ...]
    scene: str
    provider: str
    views: int


@dataclass(frozen=True)
class Entry:
    """A record of the plan.

    Attributes:
        id: `<collection>_<6 digits>`.
        split: train, val, test_id or test_ood.
        number, view: of the object, and of this photograph of it, from 0.
        thing: the object itself.
        paths: facet -> annotated paths, English names from the root; an empty facet has none.
        wrong: (facet, path) that does not belong here, or None; it is among the paths.
        photographer: by whose habits it is photographed, see `swaps`; None for its keeper's.
    """

    id: str
    split: str
    number: int
    view: int
    thing: Museum
    paths: dict[str, tuple[tuple[str, ...], ...]]
    wrong: tuple[str, tuple[str, ...]] | None
    photographer: Provider | None = None


def plan_museum(images: int = 3200, seed: int = 0) -> tuple[Entry, ...]:
    """All records of the museum, ordered by id.

    Raises:
        UserError: fewer images than make sense.
    """
    if images < FEWEST:
        raise UserError(f"The mini museum was asked for {images} images; expected at least {FEWEST}.")
    if seed < 0:
        raise UserError(f"The mini museum was asked for with seed {seed}; expected 0 or more.")
    rng = np.random.default_rng([seed, images, 340])
    things = _acquire(images, rng)
    annotated = _annotate(things, rng)
    outer = [BY_NAME[thing.provider].outer for thing in things]
    splits = split_objects([thing.views for thing in things], annotated, outer, rng)
    entries = [(thing, number, view, splits[number], annotated[number])
               for number, thing in enumerate(things) for view in range(thing.views)]
    entries = [entries[i] for i in rng.permutation(len(entries))][:images]
    noisy = set(rng.permutation(len(entries))[:round(NOISE * len(entries))].tolist())
    counters, plan = {}, []
    for i, (thing, number, view, split, paths) in enumerate(entries):
        collection = KINDS[thing.kind].collection
        counters[collection] = counters.get(collection, 0) + int(rng.integers(1, 40))
        wrong = None
        if i in noisy:
            wrong = _wrong_path(thing, paths, rng)
            paths = paths | {wrong[0]: paths[wrong[0]] + (wrong[1],)}
        plan.append(Entry(f"{collection}_{counters[collection]:06d}", split, number, view, thing, paths, wrong))
    return tuple(sorted(plan, key=lambda entry: entry.id))


def _choose(rng, options, weights):
    weights = np.asarray(weights, float)
    return options[rng.choice(len(options), p=weights / weights.sum())]


def _acquire(images: int, rng) -> list[Museum]:
    """Objects until there are enough photographs; the kinds' weights are followed to the unit, not by luck."""
    kinds = sorted(KINDS.values(), key=lambda kind: kind.name)
    things = []
    for provider, shares in zip(PROVIDERS, _share_kinds(kinds)):
        expected = shares * images / np.dot(VIEWS, (1, 2, 3))
        count = np.floor(expected + rng.uniform(size=len(kinds))).astype(int)
        for kind in np.repeat(kinds, count):
            made = _choose(rng, *zip(*((made, weight * provider.likes(*made)) for made, weight in kind.made_of)))
            scene = (_choose(rng, kind.scenes, [SHARES[scene] * provider.likes(scene) for scene in kind.scenes])
                     if kind.scenes else "")
            things.append(Museum(kind.name, made, scene, provider.name, int(_choose(rng, (1, 2, 3), VIEWS))))
    things = [things[i] for i in rng.permutation(len(things))]
    total = sum(thing.views for thing in things)
    while total < images:
        things.append(things[int(rng.integers(len(things)))])
        total += things[-1].views
    return things


def _share_kinds(kinds) -> np.ndarray:
    """What part of the museum's images each provider holds of each kind, float64 (providers, kinds).

    An outer provider's share follows its taste alone. The inner ones deal the kinds out among themselves: what one likes the
    others have less of, so that their tastes make no kind rarer or more common in training (iterative proportional fitting).
    """
    weights = np.array([kind.weight ** TAIL for kind in kinds])
    weights /= weights.sum()
    sizes = np.array([provider.share for provider in PROVIDERS])[:, None] / sum(provider.share for provider in PROVIDERS)
    shares = weights * [[provider.likes(kind.collection, kind.field) for kind in kinds] for provider in PROVIDERS]
    shares *= sizes / shares.sum(axis=1, keepdims=True)
    inner = ~np.array([provider.outer for provider in PROVIDERS])
    for _ in range(ROUNDS):
        shares[inner] *= weights * sizes[inner].sum() / shares[inner].sum(axis=0)
        shares[inner] *= sizes[inner] / shares[inner].sum(axis=1, keepdims=True)
    return shares


def _annotate(things, rng) -> list[dict[str, tuple[tuple[str, ...], ...]]]:
    """The paths of every object, partial as in the real data."""
    filled = _facets_filled(things, rng)
    return [{facet: paths[facet] if i in filled[facet] else () for facet in FACET_NAMES}
            for i, paths in enumerate([_all_paths(thing, rng) for thing in things])]


def _facets_filled(things, rng) -> dict[str, set[int]]:
    """The objects of which each facet is annotated: first the rare ones, then as many more as the shares ask."""
    views = np.array([thing.views for thing in things])
    total = views.sum()

    def take(candidates, images):
        """A random part of the candidates that has about so many images."""
        candidates = rng.permutation(np.asarray(candidates, int))
        return set(candidates[:np.searchsorted(np.cumsum(views[candidates]), images, side="right")].tolist())

    with_subject = set()
    for scene, share in SHARES.items():
        with_subject |= take([i for i, thing in enumerate(things) if thing.scene == scene], share * WITH_SUBJECT * total)
    with_both = take(sorted(with_subject), .007 * total)
    fields = {}
    for i, thing in enumerate(things):
        if KINDS[thing.kind].field and i not in with_subject:
            fields.setdefault(KINDS[thing.kind].field, []).append(i)
    # Disciplines are evened out a little, so that the small ones have examples too.
    sizes = {field: views[members].sum() ** .6 for field, members in sorted(fields.items())}
    classified = set(with_both)
    for field, size in sizes.items():
        classified |= take(fields[field], size / sum(sizes.values()) * (CLASSIFIED - .007) * total)
    one_of = sorted((with_subject | classified) - with_both)
    neither = sorted(set(range(len(things))) - with_subject - classified)
    three = take(one_of, (FACETS_PER_IMAGE[3] - .004) * total)
    four = take(sorted(with_both), FACETS_PER_IMAGE[4] * total)
    left = views[one_of].sum() - views[sorted(three)].sum()
    two = take(neither, FACETS_PER_IMAGE[2] * total - .93 * left)
    single_material = take([i for i in neither if i not in two], .09 * total)
    full = two | three | four
    rest = sorted(set(range(len(things))) - full - single_material)
    typed = {i for i in rest if i in neither or rng.uniform() < .93}
    return {"objectTypes": full | typed, "materials": full | single_material, "classifications": classified,
            "subjects": with_subject}


def _stop(path, rng):
    """The path, or its beginning."""
    if len(path) > 1 and rng.uniform() < STOPS_EARLY:
        return path[:int(rng.integers(max(1, len(path) - 2), len(path)))]
    return path


def places(facet: str, name: str) -> tuple[tuple[str, ...], ...]:
    """The paths of a term; empty if the facet has no such term."""
    return tuple(term.path() for term in museum_terms()[facet].get(name, ()))


def _all_paths(thing: Museum, rng) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What a patient cataloguer would write of an object in each facet."""
    kind = KINDS[thing.kind]
    types = list(places("objectTypes", thing.kind))
    if len(types) > 1 and rng.uniform() < .6:
        types = [types[int(rng.integers(len(types)))]]
    types = [_stop(path, rng) for path in types]
    if thing.scene and rng.uniform() < .4:
        types.append(places("objectTypes", thing.scene)[0])
    if kind.collection in ("art", "art_of_sculpture") and rng.uniform() < .12:
        types.append(("work of art",))
    if thing.made[0] in CERAMICS and rng.uniform() < .25:
        types.append(("ceramic",))
    materials = []
    for i, name in enumerate(thing.made):
        if i and (name == thing.made[0] or rng.uniform() < .45):
            continue
        options = places("materials", name)
        materials.append(_stop(options[int(rng.integers(len(options)))], rng))
    fields = tuple(_stop(path, rng) for path in places("classifications", kind.field))
    return {"objectTypes": tuple(dict.fromkeys(types)), "materials": tuple(dict.fromkeys(materials)),
            "classifications": fields, "subjects": places("subjects", thing.scene)}


CERAMICS = ("porcelain", "stoneware", "earthenware", "terracotta", "faience")


def _wrong_path(thing: Museum, paths, rng):
    """A path of an annotated facet that shares no tag with what is true of the thing, whether annotated or not."""
    facets = [facet for facet in FACET_NAMES if paths[facet]]
    facet = _choose(rng, facets, [1.0 if facet in FACET_NAMES[:2] else .3 for facet in facets])
    names = {"objectTypes": (thing.kind, thing.scene, "work of art", "ceramic"), "materials": thing.made,
             "classifications": (KINDS[thing.kind].field,), "subjects": (thing.scene,)}[facet]
    true = {tag for path in paths[facet] for tag in path}
    true |= {tag for name in names for path in places(facet, name) for tag in path}
    every = [term.path() for terms in museum_terms()[facet].values() for term in terms]
    others = [path for path in every if true.isdisjoint(path)]
    return facet, others[int(rng.integers(len(others)))]
