"""The trained models' predictions for images, from their checkpoints alone.

If the multi-label, the softmax and the CLIP model with a prompt are all trained, tags are ranked by the mean of their
probabilities, as in the paper's ensemble; else by the multi-label model alone. Images are prepared as at evaluation. What is
promised of a suggestion (`promised`) and what it rests on (`likeness`) lie beside the checkpoint; the data set is opened only
where they do not lie there yet.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from ..collection.sources import locate
from ..core.errors import UserError
from ..core.hardware import usable_cores
from ..data.dataset import Dataset, read_dataset
from ..data.images.transforms import Transform, read_image
from ..data.taxonomy import Vocabulary
from ..models.backbones import hash_weights
from ..models.ensemble import close_upwards, combine
from ..models.registry import get_model_spec
from ..results.files import data_name
from ..training.checkpoints import TrainedModel, read_model, run_folder
from ..training.identity import hash_identity
from .likeness import Memory, Neighbour, keep_memory
from .promised import NOTHING, USUAL, Promises, keep_promises
from .state import Promised

ENSEMBLE = get_model_spec("ml_s_clip").members
JUDGE = "multi_label"
"""The model whose probabilities are shown: one per tag, while those of the others sum to 1 over the tags."""

Pixels = tuple[Tensor, ...]
"""An image as the models see it: uint8 (3, S, S) for each of their transforms."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The models' predictions for one image.

    Attributes:
        scores: by facet float32 (C,), to rank tags by; the mean of the models' probabilities.
        sure: by facet float32 (C,), the multi-label model's probability of each tag, at least that of every tag below it.
        unlike: the distance to the nearest training photographs; above 1 it is larger than that of 95 % of the validation
            photographs. None where it is not known.
        neighbours: by facet the nearest training photographs that are annotated in it, nearest first; empty where they are
            not known.
    """

    scores: dict[str, np.ndarray]
    sure: dict[str, np.ndarray]
    unlike: float | None = None
    neighbours: Mapping[str, tuple[Neighbour, ...]] = field(default_factory=dict)

    def best(self, facet: str, tags: int = 10) -> list[int]:
        """The best tags of a facet, best first; equal ones in the order of the taxonomy."""
        return np.argsort(-self.scores[facet], kind="stable")[:tags].tolist()


@dataclass(frozen=True, eq=False)
class Predictor:
    """Trained models, called with an image or a batch of them.

    Attributes:
        data: the name of their data set.
        vocabulary: its tags.
        members: the models by name; without any, no tag comes before another.
        promises: what may be promised of their suggestions.
        memory: the training photographs; None where they are not known.
        precision: what is promised of a suggestion that is shown as likely, one of `promised.PRECISIONS`.
        source: the data set as it was asked for, by name or folder; "" where there is none.
    """

    data: str
    vocabulary: Vocabulary
    members: dict[str, TrainedModel]
    promises: Promises = NOTHING
    memory: Memory | None = None
    precision: float = USUAL
    source: str = ""

    @cached_property
    def identity(self) -> dict:
        """Which models these are, as `session.suggest` takes it: their `name`, the `hash` of their weights, 16 hex digits, the
        `commit` of the code that trained them, the hash of their `vocabulary`, and what is `promised`."""
        hashes = [(member.model.backbone.hash, hash_weights(member.model.learner)) for member in self.members.values()]
        return {"name": f"{self.data}: {', '.join(self.members)}",
                "hash": hashlib.sha256(repr(hashes).encode()).hexdigest()[:16],
                "commit": self.promises.commit, "vocabulary": self.vocabulary.hash,
                "promised": {facet: dict(vars(promised)) for facet, promised in self.promised.items()}}

    @cached_property
    def promised(self) -> dict[str, Promised]:
        """By facet the probability from which on a suggestion is likely; a facet in which nothing can be promised is left out."""
        return self.promises.at(self.precision)

    @cached_property
    def transforms(self) -> tuple[Transform, ...]:
        """How the models want an image to be prepared, each way once."""
        return tuple(dict.fromkeys(member.transform for member in self.members.values()))

    @property
    def side(self) -> int:
        """Pixels of the shorter side of an image that the models make use of."""
        return max((round(transform.size / transform.crop) for transform in self.transforms), default=1)

    def read(self, image: Path) -> Pixels:
        """An image file as the models see it; `BrokenImage` if it cannot be read."""
        return tuple(read_image(image, transform) for transform in self.transforms)

    def model_scores(self, images: Sequence[Pixels]) -> dict[str, dict[str, np.ndarray]]:
        """Each model's scores of N images, float32 (N, C) by model and facet, as at evaluation."""
        return self._ask(images)[0]

    def answers(self, images: Sequence[Pixels]) -> list[Answer]:
        """The models' predictions for images that were read, with one pass for all of them."""
        if not images:
            return []
        if not self.members:
            taxonomies = self.vocabulary.taxonomies.items()
            nothing = {facet: np.zeros(len(taxonomy), np.float32) for facet, taxonomy in taxonomies if len(taxonomy)}
            return [Answer(nothing, nothing)] * len(images)
        scores, features = self._ask(images)
        ranked = {facet: combine([kept[facet] for kept in scores.values()], tuple(scores), "probabilities")
                  for facet in scores[JUDGE]}
        sure = {facet: expit(close_upwards(values, self.vocabulary[facet])) for facet, values in scores[JUDGE].items()}
        like = [(None, {})] * len(images) if self.memory is None else self.memory.find(features, self.vocabulary)
        return [Answer({facet: values[row] for facet, values in ranked.items()},
                       {facet: values[row] for facet, values in sure.items()}, *like[row]) for row in range(len(images))]

    def batch(self, images: Sequence[Path]) -> list[Answer]:
        """The models' predictions for image files, read at the same time; `BrokenImage` for the first that cannot be."""
        with ThreadPoolExecutor(min(usable_cores(), max(len(images), 1))) as pool:
            return self.answers(list(pool.map(self.read, images)))

    def __call__(self, image: Path) -> Answer:
        """The models' predictions for an image file; `BrokenImage` if it cannot be read."""
        return self.answers([self.read(image)])[0]

    @torch.inference_mode()
    def _ask(self, images: Sequence[Pixels]) -> tuple[dict[str, dict[str, np.ndarray]], Tensor | None]:
        """The scores, and the features of the judge's frozen backbone, None where it was trained."""
        pixels = {transform: torch.stack([image[place] for image in images])
                  for place, transform in enumerate(self.transforms)}
        features, scores = {}, {}
        for name, member in self.members.items():
            model, inputs = member.model, pixels[member.transform]
            if model.frozen:  # models that share a frozen backbone share its features
                key = _frozen_key(member)
                if key not in features:
                    features[key] = model.encoder(inputs).float()
                inputs = features[key]
            scores[name] = {facet: values.float().numpy() for facet, values in model.learner.scores(inputs).items()}
        return scores, features.get(_frozen_key(self.members[JUDGE]))


def load_predictor(data: str = "mini", precision: float = USUAL) -> Predictor:
    """The best trained models of a data set.

    Args:
        data: its name or folder; only `checkpoints/DATA/` is read, once what lies beside the checkpoints was made.
        precision: what is promised of a suggestion that is shown as likely.
    Raises:
        UserError: no such data set, or no multi-label model was trained on it.
    """
    name = data_name(data)
    members = {model: member for model in ENSEMBLE if (member := read_model(name, model))}
    if JUDGE not in members:
        locate(data)
        raise UserError(f"There is no trained {JUDGE!r} model of {name!r}; train the assistant's models with "
                        f"`eufcc train {' '.join(ENSEMBLE)} --data {data} --recipe mini`.")
    hashes = {member.vocabulary.hash for member in members.values()}
    if len(members) < len(ENSEMBLE) or len(hashes) > 1:
        members = {JUDGE: members[JUDGE]}
    judge, folder = members[JUDGE], run_folder(name, JUDGE)
    run, open_data = hash_identity(judge.identity), cache(partial(_open, data, judge.vocabulary))
    return Predictor(name, judge.vocabulary, members, keep_promises(folder, run, open_data, JUDGE),
                     keep_memory(folder, run, open_data, judge), precision, data)


def _open(data: str, vocabulary: Vocabulary) -> Dataset | None:
    """The data set that a model was trained on; None where it is not at hand, or is another by now."""
    with suppress(UserError):
        name, root = locate(data)
        found = read_dataset(root, name)
        return found if found.vocabulary.hash == vocabulary.hash else None
    return None


def _frozen_key(member: TrainedModel) -> tuple[str, Transform]:
    return member.model.backbone.hash, member.transform
