"""CLIP models: fine-tuned on the images' tags as texts, or taken as they are, and scored by cosine."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

from scipy.sparse import vstack
from torch import Tensor, nn

from ..core.errors import UserError
from ..data.dataset import Dataset
from ..data.translations import describe_texts, tag_texts
from ..models.captions import OneTag
from ..models.clip import Clip, ClipLearner, load_clip
from ..models.features import one_thread
from ..models.objectives import OBJECTIVES
from ..models.registry import ModelSpec
from ..models.vision import ImageEncoder, tagged
from .checkpoints import Checkpoint
from .cost import measure_cost
from .inputs import open_inputs
from .loop import find_machine, fit, predict
from .recipes import Recipe, changed_fields
from .scored import EVALUATED, Scored

_UNTRAINED = ("backbone", "weights", "frozen", "image_size", "crop", "batch_size", "precision", "compiled", "language",
              "on_broken")
"""The settings that mean something to a model that is not trained."""


def run(spec: ModelSpec, dataset: Dataset, recipe: Recipe, seed: int, checkpoint: Checkpoint) -> Scored:
    """Fine-tune the model, unless it has no objective, and score the splits that are there.

    Raises:
        UserError: settings of a training for a model that is not trained; see also `fitting.fit` and
            `models.clip.load_clip`.
    """
    checkpoint.check()
    if not spec.objective:
        _check_settings(spec, recipe)
    evaluated = [split for split in EVALUATED if split in dataset.records]
    machine = find_machine(recipe.precision)
    clip = load_clip(recipe.backbone, recipe.weights, recipe.image_size, seed)
    facets = tagged(spec, dataset.vocabulary)
    seen = recipe if spec.objective else replace(recipe, augment=False, repeats=1)
    inputs = open_inputs(dataset, ["train", *evaluated] if spec.objective else evaluated, facets, clip.trunk, seen, seed,
                         machine)
    say = machine.process.say
    say(f"{spec.name} on {dataset.name}: {'frozen ' if recipe.frozen else ''}{clip.name}, {machine.device.type}")
    texts = {facet: tag_texts(dataset.vocabulary[facet], recipe.language) for facet in facets}
    say(describe_texts(texts.values()))
    if clip.untrained and not spec.objective:
        say(f"the weights of {clip.untrained} of {clip.name} are random, so these scores are what chance gives")
    learner = build_learner(spec, dataset, recipe, clip, {facet: found.texts for facet, found in texts.items()}, say)
    encoder = ImageEncoder(clip.trunk)
    if recipe.compiled:
        encoder.network.compile()
        learner.text.compile()
    history, batches = [], inputs.batches
    # A projection and a small text tower are so little work that a second core costs more than it brings.
    with one_thread() if recipe.frozen else nullcontext():
        if spec.objective:
            history = fit(learner, batches["train"], batches.get("val"), recipe, seed, machine, checkpoint)
        scores = {split: predict(learner, batches[split].loader, machine) for split in evaluated}
    seconds = sum(row["seconds"] for row in history)
    return Scored(scores, inputs.count_skipped(), seconds, {
        "device": machine.device, "transform": inputs.transform, "backbone": clip.name, "weights": clip.weights,
        "recipe": recipe, "processes": machine.process.world,
        "images_per_second": sum(row["images"] for row in history) / seconds if history else None
    }, partial(measure_cost, _FromPixels(encoder if recipe.frozen else nn.Identity(), learner), recipe.image_size, machine))


class _FromPixels(nn.Module):
    """Images to scores, whatever the learner takes."""

    def __init__(self, encoder: nn.Module, learner: ClipLearner):
        super().__init__()
        self.encoder, self.learner = encoder, learner

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return self.learner.scores(self.encoder(images))


def build_learner(spec: ModelSpec, dataset: Dataset, recipe: Recipe, clip: Clip, tags: Mapping[str, tuple[str, ...]],
             say) -> ClipLearner:
    """The learner with every text it will need; says how many images have a text that is cut."""
    if not spec.objective:
        return ClipLearner(clip, recipe.frozen, {facet: clip.tokenise(texts)[0] for facet, texts in tags.items()})
    objective: type[OneTag] = OBJECTIVES[spec.objective]
    written = {facet: [objective.write(text, facet, recipe.language) for text in texts] for facet, texts in tags.items()}
    seen = [split for split in ("train", "val") if split in dataset.records]
    pairings = {facet: objective(texts, vstack([dataset.labels(split)[facet].matrix for split in seen], "csr"))
                for facet, texts in written.items()}
    tokens = {facet: clip.tokenise(pairing.texts) for facet, pairing in pairings.items()}
    long = {facet: int(pairings[facet].images[cut.numpy()].sum()) for facet, (_, cut) in tokens.items()}
    if any(long.values()):
        counts = ", ".join(f"{count:,} in {facet}" for facet, count in long.items() if count)
        say(f"texts of more than {clip.context} tokens are cut for these training and validation images: {counts}")
    return ClipLearner(clip, recipe.frozen, {facet: clip.tokenise(texts)[0] for facet, texts in written.items()},
                       pairings, {facet: found for facet, (found, _) in tokens.items()})


def _check_settings(spec: ModelSpec, recipe: Recipe) -> None:
    useless = {name: value for name, value in changed_fields(recipe).items() if name not in _UNTRAINED}
    if useless:
        raise UserError(f"Model {spec.name!r} is not trained, so it takes no settings of a training; found "
                        f"{', '.join(f'{name}={value!r}' for name, value in useless.items())}.")
