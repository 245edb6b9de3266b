"""What makes a run this run: model, data, records, images, recipe, seed, and for an ensemble its members."""

import dataclasses
import hashlib
import json
import os

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.translations import tag_texts
from ..models.registry import ModelSpec
from ..results.files import result_path
from .recipes import Recipe

_SAMPLE = 500
"""Images per split whose sizes distinguish a data set from one that was drawn or fetched again."""


def run_identity(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> dict:
    """What makes a run this run; a checkpoint with another identity is refused."""
    identity = {"model": spec.name, "data": dataset.name, "seed": seed, "recipe": dataclasses.asdict(recipe),
                "vocabulary": dataset.vocabulary.hash, "content": _content_hash(dataset),
                "members": _members_hash(spec, dataset.name)}
    if spec.family == "clip":  # a table of terms that changed makes other texts of the same tags
        texts = [tag_texts(tree, recipe.language).texts for tree in dataset.vocabulary.taxonomies.values()]
        identity["texts"] = hashlib.sha256(repr(texts).encode()).hexdigest()[:12]
    return identity


def hash_identity(identity: dict) -> str:
    """16 hex digits that stand for an identity, as results and scores carry it."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def _content_hash(dataset: Dataset) -> str:
    """12 hex digits that change with the records and, most likely, with the images."""
    digest = hashlib.sha256()
    for split, records in dataset.records.items():
        digest.update(f"{split} {len(records)}".encode())
        for labels in dataset.labels(split).values():
            digest.update(labels.matrix.indptr.tobytes() + labels.matrix.indices.tobytes())
        for path in dataset.image_paths(split)[::max(len(records) // _SAMPLE, 1)]:
            size = os.stat(path).st_size if os.path.exists(path) else -1
            digest.update(f"{path.name} {size}".encode())
    return digest.hexdigest()[:12]


def _members_hash(spec: ModelSpec, data: str) -> str | None:
    """Changes when a member is retrained; None for a model without members.

    Raises:
        UserError: a member has no result on this data.
    """
    if not spec.members:
        return None
    digest = hashlib.sha256()
    for member in spec.members:
        path = result_path(data, member)
        if not path.is_file():
            raise UserError(f"Model {spec.name!r} combines {', '.join(spec.members)}, and {member!r} has no result on "
                            f"{data!r}: train it first.")
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
