"""Recipes: every setting of a training run by name, complete and checked before training starts."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace

from ..core.errors import UserError, unknown
from ..core.facets import LANGUAGES
from ..data.images.sampler import ON_BROKEN
from ..losses.reduction import REDUCTIONS
from ..losses.weighting import WEIGHTINGS
from ..models.registry import COMBINATIONS

PRECISIONS = ("float32", "bfloat16", "float16")
SELECTIONS = ("last", "best")
STARTS = ("weights", "heads")

LEVEL_SCORES = ("path", "level")
TREES = ("parent", "places")


@dataclass(frozen=True)
class Recipe:
    """The settings of a training run, apart from model, data and seed.

    One set for all models, so that every setting has one name; a model ignores the settings it does not use.

    Attributes:
        name, family: the recipe that these settings are based on, and its family of models.
        backbone: a timm model, `name` or `name.tag`, or one of open_clip, whose image tower it then is; for CLIP one of
            open_clip.
        weights: `pretrained`, the weights of the tag; `random`; or a file of weights.
        frozen: do not train the backbone: its features are computed once, and only the heads are trained.
        start: train everything from the `weights`, with heads at zero; or from `heads` that were first trained alone, on the
            features of the frozen weights (linear probing, then fine-tuning: Kumar et al. 2022).
        lora_rank: rank of the matrices that are trained beside the backbone's frozen ones (LoRA, Hu et al. 2022); 0 trains
            the backbone itself.
        lora_alpha: their product is scaled by alpha / rank.
        epochs: each with as many images as the training split, repeats included.
        batch_size: images per step, summed over devices.
        learning_rate: peak value; cosine decay to 0, per step.
        warmup_steps: number of steps of linear warm-up.
        weight_decay, beta1, beta2, epsilon: of AdamW.
        clip_norm: maximum gradient norm; 0 for no limit.
        image_size: side of the network's square input, in pixels.
        crop: share of an image's shorter side that is kept at evaluation.
        augment: train on random crops of the images instead of the crop of evaluation.
        crop_area: the minimum area of a random crop, as a share of the image's area.
        flip: probability of a horizontal flip.
        repeats: occurrences of an image per epoch, each with another augmentation (repeated augmentation).
        precision: `float32`, or mixed precision on a GPU: `bfloat16` or `float16`. A CPU always computes in float32.
        compiled: let torch compile the network: a minute at the start, then faster on a GPU.
        select: evaluate the `last` epoch, or the `best` by the loss on the validation split.
        reduction: a facet's loss in `multi_label` is the `mean` or the `sum` over its tags.
        weighting: the weights of rare tags in a weighted loss, a key of `losses.weighting.WEIGHTINGS`.
        level_scores: `hsoftmax_levels` ranks by the product of the probabilities along a tag's `path`, or by the
            probability within its `level` alone.
        tree: the nodes of a hierarchical softmax are the tags, each below its most frequent `parent`, or all `places`
            of the tags, several for a tag with several parents.
        combine: an ensemble averages its members' `probabilities`, standardised log-probabilities (`scores`) or `ranks`.
        language: of CLIP's texts, `en` or `ca`.
        on_broken: for a missing or broken image, stop with an `error` or `skip` it.
    """

    name: str
    family: str
    backbone: str
    weights: str
    frozen: bool
    start: str
    lora_rank: int
    lora_alpha: float
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
    reduction: str
    weighting: str
    level_scores: str
    tree: str
    combine: str
    language: str
    on_broken: str

    def __post_init__(self):
        for names, expected, fits in _RANGES:
            for name in names:
                if not fits(getattr(self, name)):
                    raise UserError(f"Recipe field {name!r} is {getattr(self, name)!r}; expected {expected}.")
        for name, known in (("precision", PRECISIONS), ("start", STARTS), ("select", SELECTIONS), ("reduction", REDUCTIONS),
                            ("weighting", WEIGHTINGS), ("level_scores", LEVEL_SCORES), ("tree", TREES),
                            ("combine", COMBINATIONS), ("language", LANGUAGES), ("on_broken", ON_BROKEN)):
            if getattr(self, name) not in known:
                raise unknown(name, getattr(self, name), known)
        if self.frozen and (self.augment or self.repeats > 1):
            raise UserError("Recipe with frozen=True: the features of an image are computed once, as for evaluation; "
                            "expected augment=False and repeats=1 with it.")
        if self.frozen and (self.start != "weights" or self.lora_rank):
            raise UserError("Recipe with frozen=True: only the heads are trained; expected start='weights' and lora_rank=0 with it.")
        if self.repeats > 1 and not self.augment:
            raise UserError(f"Recipe with repeats={self.repeats} and augment=False: a repeated image would be "
                            "unchanged; expected augment=True with it.")

    @property
    def keeps_statistics(self) -> bool:
        """Whether batch normalisation keeps the statistics of the `weights`, to which heads were fitted or LoRA adds."""
        return self.start == "heads" or self.lora_rank > 0


_RANGES = (
    (("epochs", "batch_size", "image_size", "repeats"), "at least 1", lambda value: value >= 1),
    (("learning_rate", "epsilon", "lora_alpha"), "more than 0", lambda value: value > 0),
    (("weight_decay", "warmup_steps", "clip_norm", "lora_rank"), "0 or more", lambda value: value >= 0),
    (("beta1", "beta2"), "at least 0 and less than 1", lambda value: 0 <= value < 1),
    (("crop", "crop_area"), "more than 0 and at most 1", lambda value: 0 < value <= 1),
    (("flip",), "at least 0 and at most 1", lambda value: 0 <= value <= 1),
)

# Section 5.2 of the paper. It does not specify AdamW's betas and epsilon (torch's defaults), the
# evaluation crop (timm's for these weights) and the precision (torch's default).
_PAPER = Recipe(
    name="paper", family="vision", backbone="convnext_base.fb_in1k", weights="pretrained", frozen=False,
    start="weights", lora_rank=0, lora_alpha=16.0,
    epochs=25, batch_size=128, learning_rate=1e-4, warmup_steps=0,
    weight_decay=0.05, beta1=0.9, beta2=0.999, epsilon=1e-8, clip_norm=0.0,
    image_size=224, crop=0.875, augment=True, crop_area=0.08, flip=0.5, repeats=3,
    precision="float32", compiled=False, select="last", reduction="mean", weighting="inverse",
    level_scores="path", tree="parent", combine="probabilities", language="en", on_broken="error")

# For a laptop: the features of a small network are computed once, and heads train on them in seconds.
_MINI = replace(
    _PAPER, name="mini", backbone="tf_efficientnet_lite0", frozen=True, epochs=20, batch_size=64,
    learning_rate=3e-3, image_size=128, crop=1.0, augment=False, repeats=1)

# Section 5.2, multi-modal models. "Adam" with a weight decay of 0.1 is CLIP's, which is AdamW. It does not specify the
# schedule after the warm-up (cosine decay, as for CLIP and the vision models), augmentation (open_clip's: crops of at
# least nine tenths of the image, no flips), image size (the weights' own) and precision (torch's default).
_PAPER_CLIP = replace(
    _PAPER, family="clip", backbone="ViT-B-16.openai", epochs=100, batch_size=64, learning_rate=3e-5, warmup_steps=500,
    weight_decay=0.1, beta1=0.9, beta2=0.99, epsilon=1e-8, clip_norm=1.0,
    image_size=224, crop=1.0, crop_area=0.9, flip=0.0, repeats=1)

# For a laptop: the image network of the vision models' recipe, and a small text tower with random weights.
_MINI_CLIP = replace(
    _PAPER_CLIP, name="mini", backbone="eufcc-mini", frozen=True, epochs=20, learning_rate=1e-3, warmup_steps=30,
    image_size=128, augment=False)

# The whole network after its heads. Two epochs, as CI trains it too; the rate was chosen on validation, see decisions.
_MINI_LP_FT = replace(
    _MINI, family="lp_ft", frozen=False, start="heads", epochs=2, batch_size=32, learning_rate=1e-4, augment=True, crop_area=0.5)

# The paper's training, after heads that are trained as long with the same optimizer.
_PAPER_LP_FT = replace(_PAPER, family="lp_ft", start="heads")

# Beyond the paper: today's strong networks (`models.strong`), whose weights are not or hardly trained. The default is
# one with a free licence. The whole image is seen, as objects reach to its edges. Rates and epochs are common ones, not tuned.
_PROBE = replace(
    _PAPER, name="probe", backbone="vit_base_patch16_siglip_224.v2_webli", frozen=True, epochs=20, learning_rate=1e-3,
    crop=1.0, augment=False, repeats=1, precision="bfloat16")
_PROBE_CLIP = replace(_PAPER_CLIP, name="probe", frozen=True, epochs=20, augment=False, precision="bfloat16")

# A rate ten times that of training all weights, as LoRA commonly takes.
_LORA = replace(_PROBE, name="lora", frozen=False, lora_rank=16, epochs=10, learning_rate=3e-4, warmup_steps=500, augment=True,
                clip_norm=1.0)
_LORA_CLIP = replace(_PAPER_CLIP, name="lora", lora_rank=16, epochs=20, learning_rate=3e-4, precision="bfloat16")

RECIPES = {
    "paper": {"vision": _PAPER, "clip": _PAPER_CLIP, "lp_ft": _PAPER_LP_FT},
    # The same training in less time: mixed precision, which recent GPUs compute fastest, and a compiled network.
    "fast": {"vision": replace(_PAPER, name="fast", precision="bfloat16", compiled=True),
             "clip": replace(_PAPER_CLIP, name="fast", precision="bfloat16", compiled=True),
             "lp_ft": replace(_PAPER_LP_FT, name="fast", precision="bfloat16", compiled=True)},
    "mini": {"vision": _MINI, "clip": _MINI_CLIP, "lp_ft": _MINI_LP_FT},
    # Heads on the features of any backbone; matrices beside its weights.
    "probe": {"vision": _PROBE, "clip": _PROBE_CLIP},
    "lora": {"vision": _LORA, "clip": _LORA_CLIP},
}
"""The recipes by name, and within each by `ModelSpec.settings`."""

_OPTIMIZER = ("epochs", "batch_size", "learning_rate", "warmup_steps", "weight_decay", "beta1", "beta2", "epsilon", "clip_norm")

OVERRIDES = {field.name: (field.type, None) for field in fields(Recipe) if field.name not in ("name", "family")}
"""For each setting that can be overridden its type, in the format of `pages.parameters.check_parameters`."""


def get_recipe(name: str, family: str = "vision", /, **overrides) -> Recipe:
    """The recipe of that name for a family of models, with some settings changed.

    Args:
        name: a key of `RECIPES`.
        family: see `models.registry.ModelSpec.settings`; the default is the recipe of the vision models.
        overrides: new values by field; None keeps the recipe's value.
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


def has_settings(name: str, family: str) -> bool:
    """Whether a recipe has settings for a family; one that no recipe has settings of its own for takes those of the vision models."""
    return family in RECIPES[name] or family not in RECIPES["paper"]


def heads_recipe(recipe: Recipe) -> Recipe:
    """The settings of the first step of a training that starts from `heads`.

    The images, the objective and the optimizer are those of the recipe. The optimizer's settings are those of the vision
    models in the recipe of the same name, if these train heads alone too.
    """
    frozen = RECIPES[recipe.name]["vision"]
    chosen = frozen if frozen.frozen else recipe
    return replace(recipe, family=frozen.family, frozen=True, start="weights", lora_rank=0, augment=False, repeats=1, compiled=False,
                   select="last", **{name: getattr(chosen, name) for name in _OPTIMIZER})


def own_settings(recipe: Recipe, family: str) -> Recipe:
    """The recipe, without the language for models that read no text: there it only concerns how tags are shown."""
    return recipe if family == "clip" else replace(recipe, language=RECIPES[recipe.name]["vision"].language)


def fit_recipe(recipe: Recipe, images: int) -> Recipe:
    """The recipe for so few training images that they do not fill a batch, or that training ends within the warm-up.

    Then a batch holds all images, and the warm-up half the steps. Settings that the user changed stay.
    """
    fitted, changed = {}, changed_fields(recipe)
    if images < recipe.batch_size and "batch_size" not in changed:
        fitted["batch_size"] = images
    steps = recipe.epochs * (images // fitted.get("batch_size", recipe.batch_size))
    if steps <= recipe.warmup_steps and "warmup_steps" not in changed:
        fitted["warmup_steps"] = steps // 2
    return replace(recipe, **fitted)


def changed_fields(recipe: Recipe) -> dict[str, object]:
    """The settings in which a recipe differs from the one it is based on."""
    original = RECIPES[recipe.name][recipe.family]
    return {field: getattr(recipe, field) for field in OVERRIDES if getattr(recipe, field) != getattr(original, field)}


def refuse_settings(recipe: Recipe, allowed: Collection[str], why: str) -> None:
    """`UserError`, beginning with `why`, if other settings than the allowed ones were changed."""
    useless = {name: value for name, value in changed_fields(recipe).items() if name not in allowed}
    if useless:
        raise UserError(f"{why}; found {', '.join(f'{name}={value!r}' for name, value in useless.items())}.")


def _typed(field: str, value: object) -> object:
    expected = OVERRIDES[field][0]
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not expected:
        raise UserError(f"Recipe field {field!r} is {value!r}; expected {expected.__name__}.")
    return value
