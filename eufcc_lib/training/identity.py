"""What identifies a run: model, data, records, images, recipe, seed, and for an ensemble or a mixture its members."""

import dataclasses
import hashlib
import json

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.translations import tag_texts
from ..models.features import file_size
from ..models.registry import ModelSpec
from .members import Members, finished_runs
from .recipes import Recipe, fit_recipe, heads_recipe

_SAMPLE = 500
"""Images per split whose sizes distinguish a data set from one that was drawn or fetched again."""


def run_identity(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, members: Members | None = None) -> dict:
    """Everything that a run's results depend on; a checkpoint with another identity is refused.

    Args:
        members: where those of the model are; None for the finished runs.
    Raises:
        UserError: a member was not trained.
    """
    identity = {"model": spec.name, "data": dataset.name, "seed": seed, "recipe": dataclasses.asdict(recipe),
                "vocabulary": dataset.vocabulary.hash, "content": _content_hash(dataset),
                "members": _members_hash(spec, dataset, members or finished_runs(dataset))}
    if recipe.start == "heads":  # what the first step is made with
        identity["heads"] = dataclasses.asdict(fit_recipe(heads_recipe(recipe), len(dataset.split("train"))))
    if spec.family == "clip":  # a changed table of terms gives the same tags other texts
        texts = [tag_texts(tree, recipe.language).texts for tree in dataset.vocabulary.taxonomies.values()]
        identity["texts"] = hashlib.sha256(repr(texts).encode()).hexdigest()[:12]
    return identity


def hash_identity(identity: dict) -> str:
    """16 hex digits that identify a run in its results and scores."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def _content_hash(dataset: Dataset) -> str:
    """12 hex digits that change with the records and, most likely, with the images."""
    digest = hashlib.sha256()
    for split, records in dataset.records.items():
        # The units of intervals too: a finished run's would stay those over images when its objects become known.
        digest.update(f"{split} {len(records)} {records.providers.tolist()} {records.objects.tolist()}".encode())
        for labels in dataset.labels(split).values():
            digest.update(labels.matrix.indptr.tobytes() + labels.matrix.indices.tobytes())
        for path in dataset.image_paths(split)[::max(len(records) // _SAMPLE, 1)]:
            digest.update(f"{path.name} {file_size(path)}".encode())
    return digest.hexdigest()[:12]


def _members_hash(spec: ModelSpec, dataset: Dataset, members: Members) -> str | None:
    """12 hex digits that change when a member is retrained; None for a model without members, or a mixture whose member has no result."""
    if not spec.members:
        return None
    digest = hashlib.sha256()
    for member in spec.members:
        found = members.identify(member)
        if found is None and spec.family == "mixture":
            return None  # its member is trained for it
        if found is None:
            raise UserError(f"Model {spec.name!r} combines {', '.join(spec.members)}, and {member!r} has no result on "
                            f"{dataset.name!r}: train it first.")
        digest.update(found)
    return digest.hexdigest()[:12]
