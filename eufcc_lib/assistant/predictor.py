"""The trained models' predictions for one image, from their checkpoints alone: no data set is opened.

If the multi-label, the softmax and the CLIP model with a prompt are all trained, tags are ranked by the mean of their
probabilities, as in the paper's ensemble; else by the multi-label model alone. Images are prepared as at evaluation.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from ..collection.sources import locate
from ..core.errors import UserError
from ..data.images.transforms import read_image
from ..data.taxonomy import Vocabulary
from ..models.backbones import hash_weights
from ..models.ensemble import combine
from ..models.registry import get_model_spec
from ..results.files import data_name
from ..training.checkpoints import TrainedModel, read_model

ENSEMBLE = get_model_spec("ml_s_clip").members
JUDGE = "multi_label"
"""The model whose probabilities are shown: one per tag, while those of the others sum to 1 over the tags."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The models' predictions for one image.

    Attributes:
        scores: by facet float32 (C,), to rank tags by; the mean of the models' probabilities.
        sure: by facet float32 (C,), the multi-label model's probability of each tag.
    """

    scores: dict[str, np.ndarray]
    sure: dict[str, np.ndarray]

    def best(self, facet: str, tags: int = 10) -> list[int]:
        """The best tags of a facet, best first; equal ones in the order of the taxonomy."""
        return np.argsort(-self.scores[facet], kind="stable")[:tags].tolist()


@dataclass(frozen=True, eq=False)
class Predictor:
    """Trained models, called with one image at a time.

    Attributes:
        data: the name of their data set.
        vocabulary: its tags.
        members: the models by name; without any, no tag comes before another.
    """

    data: str
    vocabulary: Vocabulary
    members: dict[str, TrainedModel]

    @cached_property
    def identity(self) -> dict[str, str]:
        """Which models these are: their `name`, and the `hash` of their weights, 16 hex digits."""
        hashes = [(member.model.backbone.hash, hash_weights(member.model.learner)) for member in self.members.values()]
        return {"name": f"{self.data}: {', '.join(self.members)}",
                "hash": hashlib.sha256(repr(hashes).encode()).hexdigest()[:16]}

    @torch.inference_mode()
    def model_scores(self, image: Path) -> dict[str, dict[str, np.ndarray]]:
        """Each model's scores of an image file, float32 (C,) by model and facet, as at evaluation.

        Raises:
            BrokenImage: the file cannot be read as an image.
        """
        pixels, features, scores = {}, {}, {}
        for name, member in self.members.items():
            model, transform = member.model, member.transform
            if transform not in pixels:
                pixels[transform] = read_image(image, transform)[None]
            inputs = pixels[transform]
            if model.frozen:  # models that share a frozen backbone share its features
                key = model.backbone.hash, transform
                if key not in features:
                    features[key] = model.encoder(inputs)
                inputs = features[key]
            scores[name] = {facet: values[0].float().numpy() for facet, values in model.learner.scores(inputs).items()}
        return scores

    def __call__(self, image: Path) -> Answer:
        """The models' predictions for an image file; see `model_scores`."""
        if not self.members:
            nothing = {facet: np.zeros(len(tree), np.float32) for facet, tree in self.vocabulary.taxonomies.items() if len(tree)}
            return Answer(nothing, nothing)
        scores = self.model_scores(image)
        return Answer(
            {facet: combine([kept[facet][None] for kept in scores.values()], tuple(scores), "probabilities")[0]
             for facet in scores[JUDGE]},
            {facet: torch.from_numpy(values).sigmoid().numpy() for facet, values in scores[JUDGE].items()})


def load_predictor(data: str = "mini") -> Predictor:
    """The best trained models of a data set.

    Args:
        data: its name or folder; only `checkpoints/DATA/` is read.
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
    return Predictor(name, members[JUDGE].vocabulary, members)
