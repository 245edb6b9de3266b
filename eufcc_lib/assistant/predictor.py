"""The trained models, asked about one image. They come from their checkpoints alone: no data set is opened.

Where the multi-label, the softmax and the CLIP model with a prompt are all trained, tags are ranked by the mean of
their probabilities, as the ensemble of the paper; else by the multi-label model alone. Images come in as at evaluation.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..collection.sources import locate
from ..core.errors import UserError
from ..data.images.transforms import read_image
from ..data.taxonomy import Vocabulary
from ..models.ensemble import combine
from ..models.objectives import OBJECTIVES
from ..models.registry import get_model_spec
from ..results.files import data_name
from ..training.checkpoints import TrainedModel, read_model

ENSEMBLE = get_model_spec("ml_s_clip").members
JUDGE = "multi_label"
"""The model whose probabilities are shown: it answers yes or no per tag, where the others share 1 among the tags."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the models say about one image.

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
    """Trained models that answer for one image at a time.

    Attributes:
        data: the name of the data set that they were trained on.
        vocabulary: its tags.
        members: by name, each model.
    """

    data: str
    vocabulary: Vocabulary
    members: dict[str, TrainedModel]

    @torch.inference_mode()
    def model_scores(self, image: Path) -> dict[str, dict[str, np.ndarray]]:
        """Each model's scores of an image file, float32 (C,) by model and facet, as at evaluation.

        Raises:
            BrokenImage: the file cannot be read as an image.
        """
        pixels, features, scores = {}, {}, {}
        for name, (model, transform) in ((name, (member.model, member.transform)) for name, member in self.members.items()):
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
        """What the models say about an image file; see `model_scores`."""
        scores = self.model_scores(image)
        facets = scores[JUDGE]
        judge = OBJECTIVES[get_model_spec(JUDGE).objective].probabilities
        return Answer(
            {facet: combine([kept[facet][None] for kept in scores.values()], tuple(scores), "probabilities")[0]
             for facet in facets},
            {facet: judge(torch.from_numpy(values)).numpy() for facet, values in facets.items()})


def load_predictor(data: str = "mini") -> Predictor:
    """The best trained models of a data set.

    Args:
        data: its name or folder; only `checkpoints/DATA/` is read.
    Raises:
        UserError: no such data set, or no multi-label model was trained on it; says how to train one.
    """
    name = data_name(data)
    members = {model: member for model in ENSEMBLE if (member := read_model(name, model))}
    if JUDGE not in members:
        locate(data)
        raise UserError(f"No trained {JUDGE!r} model of {name!r} is here; train the assistant's models with "
                        f"`eufcc train {' '.join(ENSEMBLE)} --data {data} --recipe mini`.")
    hashes = {member.vocabulary.hash for member in members.values()}
    if len(members) < len(ENSEMBLE) or len(hashes) > 1:
        members = {JUDGE: members[JUDGE]}
    return Predictor(name, members[JUDGE].vocabulary, members)
