"""The models at hand, asked about one image.

Where the multi-label, the softmax and the CLIP model with a prompt are all trained, tags are ranked by the mean of
their probabilities, as the ensemble of the paper; else by the multi-label model alone. Images come in as at evaluation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..collection.sources import open_dataset
from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.images.transforms import Transform, read_image
from ..data.translations import tag_texts
from ..models.backbones import Backbone, load_backbone
from ..models.clip import load_clip
from ..models.ensemble import combine
from ..models.objectives import OBJECTIVES, count_outputs
from ..models.registry import ModelSpec, get_model_spec
from ..models.vision import Heads, ImageEncoder, Learner, VisionModel, tagged
from ..training.checkpoints import run_folder
from ..training.clip_family import build_learner
from ..training.recipes import OVERRIDES, Recipe, get_recipe

ENSEMBLE = get_model_spec("ml_s_clip").members

JUDGE = "multi_label"
"""The model that says how sure a tag is: it answers yes or no for each, where the others share 1 among the tags."""


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
        dataset: that they were trained on; its vocabulary is theirs.
        members: by name, each model.
    """

    dataset: Dataset
    members: dict[str, "_Member"]

    @torch.inference_mode()
    def model_scores(self, image: Path) -> dict[str, dict[str, np.ndarray]]:
        """Each model's scores of an image file, float32 (C,) by model and facet, as at evaluation.

        Raises:
            images.BrokenImage: the file cannot be read as an image.
        """
        pixels, features, scores = {}, {}, {}
        for name, member in self.members.items():
            if member.transform not in pixels:
                pixels[member.transform] = read_image(image, member.transform)[None]
            inputs = pixels[member.transform]
            if member.encoder:  # a frozen backbone that models share is asked once
                if member.key not in features:
                    features[member.key] = member.encoder(inputs)
                inputs = features[member.key]
            scores[name] = {facet: values[0].float().numpy() for facet, values in member.learner.scores(inputs).items()}
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
    """The best models at hand for a data set.

    Args:
        data: as `datasets.open_dataset` takes it.
    Raises:
        UserError: no multi-label model was trained on this data and vocabulary; says how to train one.
    """
    dataset = open_dataset(data)
    runs = {name: run for name in ENSEMBLE if (run := _finished_run(name, dataset))}
    if JUDGE not in runs:
        raise UserError(f"No trained {JUDGE!r} model of {dataset.name!r} is here; train the assistant's models with "
                        f"`python -m eufcc_lib.training.launch {' '.join(ENSEMBLE)} --data {data} --recipe mini`.")
    names = ENSEMBLE if len(runs) == len(ENSEMBLE) else (JUDGE,)
    return Predictor(dataset, {name: _load_member(get_model_spec(name), dataset, runs[name]) for name in names})


@dataclass(frozen=True, eq=False)
class _Member:
    """One model: its learner, what it looks at, and its frozen backbone, None if it takes images."""

    learner: nn.Module
    transform: Transform
    encoder: nn.Module | None
    key: tuple


def _finished_run(model: str, dataset: Dataset) -> Mapping | None:
    """The identity of a model's finished run on this vocabulary, None if there is none with weights."""
    folder = run_folder(dataset.name, model)
    try:
        identity = json.loads((folder / "finished.json").read_text())["identity"]
    except (OSError, ValueError, KeyError):
        return None
    fits = identity["vocabulary"] == dataset.vocabulary.hash and (folder / "last.pt").is_file()
    return identity if fits else None


def _load_member(spec: ModelSpec, dataset: Dataset, identity: Mapping) -> _Member:
    kept = identity["recipe"]
    recipe = get_recipe(kept["name"], spec.family, **{name: kept[name] for name in OVERRIDES if name in kept})
    make = _make_clip if spec.family == "clip" else _make_vision
    learner, backbone = make(spec, dataset, recipe, identity["seed"])
    learner.load_state_dict(_read_weights(run_folder(dataset.name, spec.name) / "last.pt", recipe))
    transform = Transform(size=recipe.image_size, crop=recipe.crop, interpolation=backbone.interpolation,
                          mean=backbone.mean, std=backbone.std)
    encoder = ImageEncoder(backbone).eval() if recipe.frozen else None
    return _Member(learner.eval(), transform, encoder, (backbone.hash, transform))


def _make_vision(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int) -> tuple[Learner, Backbone]:
    backbone = load_backbone(recipe.backbone, recipe.weights, seed)
    facets = tagged(spec, dataset.vocabulary)
    heads = Heads(backbone.features, {facet: count_outputs(spec.objective, dataset.vocabulary[facet], recipe)
                                      for facet in facets})
    images = {facet: dataset.labels("train")[facet].matrix.sum(axis=0) for facet in facets}
    network = heads if recipe.frozen else VisionModel(ImageEncoder(backbone), heads)
    return Learner(network, spec, dataset.vocabulary, images, recipe), backbone


def _make_clip(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int):
    clip = load_clip(recipe.backbone, recipe.weights, recipe.image_size, seed)
    texts = {facet: tag_texts(dataset.vocabulary[facet], recipe.language).texts
             for facet in tagged(spec, dataset.vocabulary)}
    return build_learner(spec, dataset, recipe, clip, texts, lambda _: None), clip.trunk


def _read_weights(path: Path, recipe: Recipe) -> dict[str, Tensor]:
    """The weights that were evaluated: of the last epoch, or of the best."""
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001  a damaged file can raise anything
        raise UserError(f"{path.name} of {path.parent.name!r} cannot be read ({' '.join(str(error).split())[:100]}); "
                        "train the model anew with retrain=True.") from None
    return kept["best"]["weights"] if recipe.select == "best" else kept["learner"]
