"""The models by name. A model is an entry here and, if needed, an objective and a loss; `factory` builds it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ..core.errors import unknown
from ..core.facets import FACET_NAMES


@dataclass(frozen=True)
class ModelSpec:
    """A model: its name, its parts and its objective.

    Attributes:
        name: the identifier in notebooks, results and file names.
        title: as printed in the paper's tables.
        family: the origin of its scores: `vision`, `clip`, `frequency`, `neighbours`, `ensemble` of other models' scores, or `mixture`
            of the weights that one model's training started from and ended with.
        facets: the facets it tags.
        objective: a key of `objectives.OBJECTIVES`: what its heads are trained for and how their outputs become
            scores, or which texts CLIP is trained with; None if nothing is trained.
        about: one sentence for readers.
        members: the models that it combines, or the one whose weights it mixes: it has no training of its own.
        rule: how an ensemble is made, see `training.untrained`: the `mean` as the recipe's `combine` says; `weighted`, with a weight
            chosen on validation; `coherent` with the tree; or `adapted` to each provider's batch of photographs.
        recipe: the key of its settings within each recipe, if they are not its family's.
    """

    name: str
    title: str
    family: str
    facets: tuple[str, ...]
    objective: str | None
    about: str
    members: tuple[str, ...] = ()
    rule: str = "mean"
    recipe: str = ""

    @property
    def settings(self) -> str:
        """The key of its settings in `training.recipes.RECIPES[NAME]`."""
        return self.recipe or self.family


MODELS = {spec.name: spec for spec in (
    ModelSpec("frequency", "Tag frequency", "frequency", FACET_NAMES, None,
              "Every image gets the same answer: the tags by their number of training images."),
    ModelSpec("frequency_provider", "Tag frequency (provider)", "frequency", FACET_NAMES, None,
              "Every image gets the tags that its provider used most in training. The providers of the outer test are not "
              "in training, so there is no number for it."),
    ModelSpec("multi_label", "Multi-label", "vision", FACET_NAMES, "multi_label",
              "One image network with a head for each facet, which asks one yes-or-no question per tag."),
    ModelSpec("multi_label_materials", "Multi-label (M)", "vision", ("materials",), "multi_label",
              "The same network with one head, for the materials alone, to see what the other facets add or cost."),
    ModelSpec("softmax", "Softmax", "vision", FACET_NAMES, "softmax",
              "All tags of a facet compete; in each step one of the image's tags is drawn as the answer."),
    ModelSpec("softmax_wce", "Softmax (WCE)", "vision", FACET_NAMES, "softmax_wce",
              "The same competition, with larger weights for rare tags."),
    ModelSpec("hsoftmax_levels", "H-Softmax (levels)", "vision", FACET_NAMES, "hsoftmax_levels",
              "Tags compete with those on the same level of the tree; rare tags have larger weights."),
    ModelSpec("hsoftmax_nodes", "H-Softmax (nodes)", "vision", FACET_NAMES, "hsoftmax_nodes",
              "Tags compete with their siblings, from the root of the tree downwards; rare tags have larger weights."),
    ModelSpec("clip_zero_shot", "CLIP zero-shot", "clip", FACET_NAMES, None,
              "CLIP as published, trained on pictures and captions, compares image and tag without any training here."),
    ModelSpec("clip_one_tag", "CLIP 1 tag", "clip", FACET_NAMES, "one_tag",
              "CLIP trained further: in each step, an image should be closest to one of its tags, drawn at random."),
    ModelSpec("clip_all_tags", "CLIP all tags", "clip", FACET_NAMES, "all_tags",
              "CLIP trained further, with all tags of the image in a facet as one text; tags are still scored one by one."),
    ModelSpec("clip_prompt", "CLIP 1 tag prompt", "clip", FACET_NAMES, "prompt",
              "CLIP trained further, with one of the tags in a sentence, such as: an image of an object made of bronze."),
    ModelSpec("asymmetric", "Asymmetric loss", "vision", FACET_NAMES, "asymmetric",
              "The multi-label model with a loss for incomplete annotations; not in the paper."),
    ModelSpec("multi_label_sum", "Multi-label (sum)", "vision", FACET_NAMES, "multi_label_sum",
              "The multi-label model with the sum over a facet's tags as its loss instead of the mean, so that facets with many "
              "tags keep their say in a shared network; not in the paper."),
    ModelSpec("lp_ft", "LP-FT", "vision", FACET_NAMES, "multi_label",
              "The multi-label model trained in two steps: the heads alone, then the whole network from there; not in the paper.",
              recipe="lp_ft"),
    ModelSpec("wise_ft", "WiSE-FT", "mixture", FACET_NAMES, "multi_label",
              "A weighted mean of the weights of LP-FT before and after its second step; not in the paper.",
              ("lp_ft",), recipe="lp_ft"),
    ModelSpec("clip_wise_ft", "CLIP WiSE-FT", "mixture", FACET_NAMES, "prompt",
              "A weighted mean of the weights of CLIP with a prompt before and after the training here; not in the paper.",
              ("clip_prompt",), recipe="clip"),
    ModelSpec("ml_s", "Ensemble: ML+S", "ensemble", FACET_NAMES, None,
              "The mean of the multi-label and the softmax model.", ("multi_label", "softmax")),
    ModelSpec("ml_s_clip", "Ens: ML+S+CLIP", "ensemble", FACET_NAMES, None,
              "The mean of the multi-label, the softmax and the CLIP model with a prompt.",
              ("multi_label", "softmax", "clip_prompt")),
    ModelSpec("hsoftmax_adjusted", "H-Softmax (adjusted)", "vision", FACET_NAMES, "hsoftmax_adjusted",
              "Tags compete with their siblings; instead of weights for rare tags, each tag has a head start by its frequency in training "
              "and none in its scores; not in the paper."),
    ModelSpec("coherent", "Multi-label, coherent", "ensemble", FACET_NAMES, None,
              "The multi-label model's scores, raised so that a tag scores above every narrower one; not in the paper.",
              ("multi_label",), "coherent"),
    ModelSpec("multi_label_adapted", "Multi-label, adapted", "ensemble", FACET_NAMES, None,
              "The multi-label model, corrected for how common each tag seems in a provider's batch of photographs; not comparable "
              "with models that see one image at a time; not in the paper.",
              ("multi_label",), "adapted"),
    ModelSpec("clip_positives", "CLIP 1 tag, all positives", "clip", FACET_NAMES, "one_tag_positives",
              "CLIP trained further on one tag; a text counts as right for every image of the batch that has its tag; not in the paper."),
    ModelSpec("hill", "Hill loss", "vision", FACET_NAMES, "hill",
              "The multi-label model with a loss for incomplete annotations: an absent tag counts less once the model is sure of "
              "it; not in the paper."),
    ModelSpec("splc", "SPLC loss", "vision", FACET_NAMES, "splc",
              "The multi-label model with a loss for incomplete annotations: an absent tag counts as present once the model is "
              "sure of it; not in the paper."),
    ModelSpec("neighbours", "Nearest neighbours", "neighbours", FACET_NAMES, None,
              "The training photographs most similar to the image vote for their own tags; nothing is trained; not in the paper."),
    ModelSpec("ml_neighbours", "Multi-label + neighbours", "ensemble", FACET_NAMES, None,
              "The weighted mean of the multi-label model and the nearest neighbours; not in the paper.",
              ("multi_label", "neighbours"), rule="weighted"),
)}
"""All models by name."""

COMBINATIONS = ("probabilities", "scores", "ranks")
"""Ways in which an ensemble combines its members, see `ensemble.combine`."""


def get_model_spec(name: str) -> ModelSpec:
    """The model of that name; `UserError` with the known names if there is none."""
    if name not in MODELS:
        raise unknown("model", name, MODELS)
    return MODELS[name]


def waves(models: Iterable[str]) -> list[list[str]]:
    """The models, in their order, in the groups in which they can be made: those without members, those with only these, ..."""
    return [list(wave) for _, wave in groupby(sorted(models, key=_generation), key=_generation)]


def _generation(name: str) -> int:
    return max((_generation(member) + 1 for member in get_model_spec(name).members), default=0)
