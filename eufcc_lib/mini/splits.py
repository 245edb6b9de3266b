"""Splits by object: every photograph of an object is on one side, every tag on all of them.

Iterative stratification: the rarest tag is dealt out first, each of its objects to the
split that still lacks most of it; then the next rarest among the objects left.
"""

import numpy as np

SHARES = {"train": .67, "val": .09, "test_id": .24}
"""Of the inner providers' images."""


def split_objects(views, annotated, outer, rng: np.random.Generator) -> list[str]:
    """The split of each object.

    Args:
        views: photographs of each object.
        annotated: facet -> paths, of each object.
        outer: whether each object is kept by an outer provider, whose objects are all test_ood.
    """
    names, shares = tuple(SHARES), np.array(list(SHARES.values()))
    tags = [{(facet, tag) for facet, paths in cells.items() for path in paths for tag in path} for cells in annotated]
    left = {i for i in range(len(views)) if not outer[i]}
    result = ["test_ood"] * len(views)
    objects = {}
    for i in sorted(left):
        for tag in tags[i]:
            objects.setdefault(tag, set()).add(i)
    wanted = {tag: shares * sum(views[i] for i in members) for tag, members in objects.items()}
    room = shares * sum(views[i] for i in left)
    while left:
        tag = min((t for t in objects if objects[t]), key=lambda t: (len(objects[t]), t), default=None)
        members = sorted(objects[tag]) if tag else sorted(left)
        for i in rng.permutation(members).tolist():
            need = wanted[tag] if tag else room
            best = np.flatnonzero(need >= need.max() - 1e-9)
            best = best[np.argmax(room[best])]
            result[i] = names[best]
            room[best] -= views[i]
            left.discard(i)
            for other in tags[i]:
                wanted[other][best] -= views[i]
                objects[other].discard(i)
    return result
