"""Recipes: every setting of a training run by name, complete and checked before work begins."""

from dataclasses import dataclass, fields, replace

from ..core.errors import UserError, unknown
from ..core.facets import LANGUAGES
from ..data.images.sampler import ON_BROKEN
from ..losses.weighting import WEIGHTINGS
from ..models.registry import COMBINATIONS

PRECISIONS = ("float32", "bfloat16", "float16")
SELECTIONS = ("last", "best")

LEVEL_SCORES = ("level", "path")
TREES = ("parent", "places")




@dataclass(frozen=True)
class Recipe:
    """The settings of a training run, apart from model, data and seed.

    One set for all models, so that every setting has one name; a model ignores those that do not concern it.

    Attributes:
        name, family: the recipe that these settings started from, and the family of models that it is for.
        backbone: a timm model, `name` or `name.tag`; for CLIP one of open_clip.
        weights: `pretrained`, the weights that the tag names; `random`; or a file of weights.
        frozen: keep the backbone as it is and train the heads alone, on features that are computed once.
        epochs: passes through as many images as the training split has.
        batch_size: images per step, summed over devices.
        learning_rate: peak value; cosine decay to 0, per step.
        warmup_steps: steps in which the learning rate first rises, linearly.
        weight_decay, beta1, beta2, epsilon: of AdamW.
        clip_norm: maximum gradient norm; 0 for no limit.
        image_size: side of the square that the network sees, in pixels.
        crop: share of an image's shorter side that is kept at evaluation.
        augment: train on random parts of the images; else on what evaluation sees.
        crop_area: the smallest such part, as a share of the image's area.
        flip: probability of a horizontal flip.
        repeats: times an image occurs in one epoch, each time with another augmentation (repeated augmentation).
        precision: `float32`, or what a GPU multiplies in: `bfloat16` or `float16`. A CPU computes in
            float32 whatever it says.
        compiled: let torch compile the network, which takes a minute first and is faster on a GPU.
        select: evaluate the `last` epoch, or the `best` by the loss on the validation split.
        weighting: how rare tags are favoured where a loss does so, a key of `losses.weighting.WEIGHTINGS`.
        level_scores: `hsoftmax_levels` ranks by a tag's probability within its `level`, or by the product of
            those along its `path`.
        tree: the nodes of a hierarchical softmax are the tags, each below its most frequent `parent`, or all `places`
            of the tags, where one with several parents has several.
        combine: an ensemble takes the mean of its members' `probabilities`, of their standardised log-probabilities
            (`scores`), or of their `ranks`.
        language: of the texts that CLIP reads, `en` or `ca`.
        on_broken: what to do about a missing or broken image, `error` or `skip`.
    """

    name: str
    family: str
    backbone: str
    weights: str
    frozen: bool
    epochs: int
    batch_size: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float
    beta1: float
    beta2: float
    epsilon: float
    clip_norm: float
    image_size: int
    crop: float
    augment: bool
    crop_area: float
    flip: float
    repeats: int
    precision: str
    compiled: bool
    select: str
    weighting: str
    level_scores: str
    tree: str
    combine: str
    language: str
    on_broken: str

    def __post_init__(self):
        for name in ("epochs", "batch_size", "image_size", "repeats"):
            self._demand(name, getattr(self, name) >= 1, "at least 1")
        self._demand("learning_rate", self.learning_rate > 0, "more than 0")
        self._demand("weight_decay", self.weight_decay >= 0, "0 or more")
        self._demand("beta1", 0 <= self.beta1 < 1, "at least 0 and less than 1")
        self._demand("beta2", 0 <= self.beta2 < 1, "at least 0 and less than 1")
        self._demand("epsilon", self.epsilon > 0, "more than 0")
        self._demand("warmup_steps", self.warmup_steps >= 0, "0 or more")
        self._demand("clip_norm", self.clip_norm >= 0, "0 or more")
        self._demand("crop_area", 0 < self.crop_area <= 1, "more than 0 and at most 1")
        self._demand("flip", 0 <= self.flip <= 1, "at least 0 and at most 1")
        self._demand("crop", 0 < self.crop <= 1, "more than 0 and at most 1")
        for name, known in (("precision", PRECISIONS), ("select", SELECTIONS), ("weighting", WEIGHTINGS),
                            ("level_scores", LEVEL_SCORES), ("tree", TREES), ("combine", COMBINATIONS),
                            ("language", LANGUAGES), ("on_broken", ON_BROKEN)):
            if getattr(self, name) not in known:
                raise unknown(name, getattr(self, name), known)
        if self.frozen and (self.augment or self.repeats > 1):
            raise UserError("Recipe with frozen=True: the features of an image are computed once, as at evaluation; "
                            "expected augment=False and repeats=1 with it.")
        if self.repeats > 1 and not self.augment:
            raise UserError(f"Recipe with repeats={self.repeats} and augment=False: a repeated image would come back "
                            "unchanged; expected augment=True with it.")

    def _demand(self, name: str, fits: bool, expected: str) -> None:
        if not fits:
            raise UserError(f"Recipe field {name!r} is {getattr(self, name)!r}; expected {expected}.")


# Section 5.2 of the paper. It is silent on AdamW's betas and epsilon (torch's defaults), on the
# evaluation crop (timm's for these weights) and on precision (torch's default).
_PAPER = Recipe(
    name="paper", family="vision", backbone="convnext_base.fb_in1k", weights="pretrained", frozen=False,
    epochs=25, batch_size=128, learning_rate=1e-4, warmup_steps=0,
    weight_decay=0.05, beta1=0.9, beta2=0.999, epsilon=1e-8, clip_norm=0.0,
    image_size=224, crop=0.875, augment=True, crop_area=0.08, flip=0.5, repeats=3,
    precision="float32", compiled=False, select="last", weighting="inverse", level_scores="level",
    tree="parent", combine="probabilities", language="en", on_broken="error")

# For a laptop: the features of a small network are computed once, and heads train on them in seconds.
_MINI = replace(
    _PAPER, name="mini", backbone="tf_efficientnet_lite0", frozen=True, epochs=20, batch_size=64,
    learning_rate=3e-3, image_size=128, crop=1.0, augment=False, repeats=1)

# Section 5.2, multi-modal models. "Adam" with a weight decay of 0.1 is CLIP's, which is AdamW. It is silent on the
# schedule after the warm-up (a half cosine, as CLIP's and as the vision models'), on augmentation (open_clip's: nine
# tenths of the image or more, not mirrored), on the size (the weights' own) and on precision (torch's default).
_PAPER_CLIP = replace(
    _PAPER, family="clip", backbone="ViT-B-16.openai", epochs=100, batch_size=64, learning_rate=3e-5, warmup_steps=500,
    weight_decay=0.1, beta1=0.9, beta2=0.99, epsilon=1e-8, clip_norm=1.0,
    image_size=224, crop=1.0, crop_area=0.9, flip=0.0, repeats=1)

# For a laptop: the image network of the vision models' recipe, and a small text tower that begins with nothing.
_MINI_CLIP = replace(
    _PAPER_CLIP, name="mini", backbone="eufcc-mini", frozen=True, epochs=20, learning_rate=1e-3, warmup_steps=30,
    image_size=128, augment=False)

RECIPES = {
    "paper": {"vision": _PAPER, "clip": _PAPER_CLIP},
    # The same training for less time: what a GPU of the last years multiplies fastest in, and one compiled network.
    "fast": {"vision": replace(_PAPER, name="fast", precision="bfloat16", compiled=True),
             "clip": replace(_PAPER_CLIP, name="fast", precision="bfloat16", compiled=True)},
    "mini": {"vision": _MINI, "clip": _MINI_CLIP},
}
"""The recipes by name, and within each by the family of models."""

OVERRIDES = {field.name: (field.type, None) for field in fields(Recipe) if field.name not in ("name", "family")}
"""For each setting that can be overridden its type or None, as `notebook.check_parameters` takes them."""


def get_recipe(name: str, family: str = "vision", /, **overrides) -> Recipe:
    """The recipe of that name for a family of models, with some settings changed.

    Args:
        name: a key of `RECIPES`.
        family: see `models.ModelSpec`; one without a recipe of its own gets that of the vision models.
        overrides: new values by field; None leaves a field as the recipe has it.
    Raises:
        UserError: an unknown recipe or field, a value of the wrong type or range, or settings that
            contradict each other.
    """
    if name not in RECIPES:
        raise unknown("recipe", name, RECIPES)
    for field in overrides:
        if field not in OVERRIDES:
            raise unknown("recipe field", field, OVERRIDES)
    given = {field: _typed(field, value) for field, value in overrides.items() if value is not None}
    return replace(RECIPES[name].get(family, RECIPES[name]["vision"]), **given)


def own_settings(recipe: Recipe, family: str) -> Recipe:
    """The recipe without a language where no text is read.

    A notebook also shows its tags in that language, which makes no other training of it.
    """
    return recipe if family == "clip" else replace(recipe, language=RECIPES[recipe.name]["vision"].language)


def changed_fields(recipe: Recipe) -> dict[str, object]:
    """The settings in which a recipe differs from the one it is named after."""
    original = RECIPES[recipe.name][recipe.family]
    return {field: getattr(recipe, field) for field in OVERRIDES if getattr(recipe, field) != getattr(original, field)}


def _typed(field: str, value: object) -> object:
    expected = OVERRIDES[field][0]
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not expected:
        raise UserError(f"Recipe field {field!r} is {value!r}; expected {expected.__name__}.")
    return value
