"""Who a result is from and what a reader must know to trust it: the third key of a result file, `entry`.

Results of this library have no such key; what it would say follows from the run.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..collection.licences import is_link
from ..data.records import SPLITS
from ..models.registry import MODELS
from .provenance import Provenance

OWN, VERIFIED, REPORTED = "own", "verified", "reported"

KINDS = {OWN: "trained by this library", VERIFIED: "measured again from the file of predictions",
         REPORTED: "measured by those who entered it"}
"""Where the numbers of an entry come from."""

SEEN = ("no", "possible", "yes")
"""Whether a model could have seen test images, or others of their museums, in training."""


@dataclass(frozen=True)
class Entry:
    """An entry of the leaderboard; its fields are the keys of `entry` in a result file.

    Attributes:
        name: what the leaderboard calls it.
        authors: who made it.
        link: where it is described; may be empty.
        training_data: what it was trained on, all of it.
        test_seen: one of `SEEN`.
        test_seen_why: how that is known.
        kind: one of `KINDS`, but `own`.
        predictions: by split, the name of a file in `results/DATA/predictions/` or a link; empty if they are not published.
    """

    name: str
    authors: str
    link: str
    training_data: str
    test_seen: str
    test_seen_why: str
    kind: str
    predictions: dict


def find_mistakes(entry: Entry) -> list[str]:
    """What is wrong with the values of an entry, a sentence each."""
    found = [f"key {key!r} is empty; expected {what}." for key, what in _TEXTS.items() if not getattr(entry, key).strip()]
    if entry.link and not is_link(entry.link):
        found.append(f"key 'link' is {entry.link!r}; expected an address that begins with https:// or http://, or nothing.")
    for key, known in (("test_seen", SEEN), ("kind", (VERIFIED, REPORTED))):
        if getattr(entry, key) not in known:
            found.append(f"key {key!r} is {getattr(entry, key)!r}; expected {', '.join(known[:-1])} or {known[-1]}.")
    for split, file in entry.predictions.items():
        if split not in SPLITS:
            found.append(f"key 'predictions' names the split {split!r}; expected {', '.join(SPLITS[:-1])} or {SPLITS[-1]}.")
        if not isinstance(file, str) or not (is_link(file) or re.fullmatch(r"\w[\w.+-]*", file)):
            found.append(f"key 'predictions' has {file!r} for {split!r}; expected the name of a file in results/DATA/predictions/, "
                         "or an address that begins with https:// or http://.")
    return found


def own_entry(run: Provenance, members: Sequence[Provenance] = ()) -> Entry:
    """The entry of a result that has no such key: of a model of this library, or of a file measured for oneself.

    Args:
        members: the runs that it is made of, those that there are; their initial weights are its own too.
    """
    if run.submission:
        return Entry(run.model, "unknown", "", "unknown", "possible", "nothing is known about the file", REPORTED, {})
    weights = list(dict.fromkeys(one.weights for one in (run, *members) if one.weights))
    seen, why = (("no", "the pictures are drawn by this library") if run.data == "mini" else
                 ("possible", "the initial weights come from photographs on the web") if weights else
                 ("no", "trained on nothing but the training split"))
    spec = MODELS.get(run.model)
    made = [f"made of {', '.join(MODELS[member].title for member in spec.members)}"] if spec and spec.members else []
    return Entry(spec.title if spec else run.model, "this library", "", "; ".join([f"the training split of {run.data}", *made, *weights]),
                 seen, why, OWN, {})


def attached(entry: Entry) -> Mapping[str, str]:
    """By split the names of the predictions that are in `results/DATA/predictions/`."""
    return {split: file for split, file in entry.predictions.items() if not is_link(file)}


_TEXTS = {"name": "what the leaderboard calls it", "authors": "who made it", "training_data": "what it was trained on",
          "test_seen_why": "how it is known whether test images could have been seen"}
