"""How many hours of a GPU each model takes: floating-point operations over those that the GPU computes per second.

Nothing is measured here and nothing is downloaded. `estimate` is arithmetic over a recipe, the operations per input
(`models.operations`) and the numbers of images; what it assumes about the GPU are the constants below.
"""

from dataclasses import dataclass

from ..data import paper_counts
from ..models.operations import Operations, count_image, count_text
from ..models.registry import MODELS, ModelSpec
from ..models.strong import STRONG, Strong
from .mixture import MIXES
from .recipes import Recipe, changed_fields, get_recipe, has_settings

A40_PEAK = {"float32": 37.4e12, "bfloat16": 149.7e12, "float16": 149.7e12}
"""Operations per second of an NVIDIA A40 as its maker states them: plain cores, and tensor cores without sparsity."""

A40_MEMORY = 48e9
"""Bytes."""

SHARE = {"float32": 0.5, "bfloat16": 0.25, "float16": 0.25}
"""The assumed share of the peak that a training reaches. In 16 bits, `MEASURED` gives about this much; half the peak of the
plain cores is an assumption."""

MEASURED = {"convnext_base": 338.68, "convnext_large": 187.93, "vit_base_patch16_224": 392.99, "vit_large_patch16_224": 117.20}
"""Images of 224 pixels per second in training with mixed precision on an RTX 3090, which has the A40's chip with faster memory
and slower tensor cores: timm's results/benchmark-train-amp-nhwc-pt112-cu113-rtx3090.csv."""

PAPER_HOURS = {"vision": (12, 12), "clip": (3 * 24, 7 * 24)}
"""Hours that a training took on four A40, from and to, by family (section 5.2)."""

GPUS = 4
"""Of the node on which a week is planned."""

MARGIN = 1.5
"""On the computed memory: in mixed precision some activations stay in 32 bits, and memory is given out in blocks."""

BACKWARD, LORA_BACKWARD = 2.0, 1.0
"""Operations of the backward pass over those of the forward pass: gradients of the inputs and of the weights of each layer, or
of the inputs alone beside frozen weights."""


@dataclass(frozen=True)
class Counts:
    """The size of a data set.

    Attributes:
        train, val, test: images, the two tests together.
        tags: over all facets.
        facets: annotated facets per image, on average.
    """

    train: int
    val: int
    test: int
    tags: int
    facets: float


@dataclass(frozen=True)
class Estimate:
    """What a model costs on one GPU.

    Attributes:
        work: what is computed, in words.
        hours: on one A40, training and evaluation.
        memory: bytes of weights, of gradients and AdamW's two moments for those that are trained, and of a whole batch's
            activations.
    """

    work: str
    hours: float
    memory: float


def paper_size() -> Counts:
    """The data set as the paper states it: a tenth of the images for the tests, as much for validation."""
    tenth, facets = round(paper_counts.IMAGES * paper_counts.TEST_SHARE), paper_counts.IMAGES_BY_FACETS
    return Counts(paper_counts.IMAGES - 2 * tenth, tenth, tenth, sum(paper_counts.TAGS.values()),
                  sum(number * images for number, images in facets.items()) / sum(facets.values()))


def estimate(spec: ModelSpec, recipe: Recipe, counts: Counts, image: Operations, text: Operations | None = None) -> Estimate:
    """The cost of a model.

    An epoch has as many images as the training split, repeats included. Texts count with their maximum length, and every
    image with texts of its own, so CLIP's numbers are upper bounds. Reading the images is not counted.

    Args:
        image: the cost of an image in the recipe's backbone.
        text: the cost of a text; for CLIP.
    """
    rate = _rate(recipe.precision)
    # Features are always computed in full precision.
    features = (counts.train + counts.val + counts.test) * image.forward / _rate("float32")
    # A mixture tries each mix on the validation images.
    evaluation = ((1 + len(MIXES) * (spec.family == "mixture")) * counts.val + counts.test) * image.forward / rate
    if spec.family in ("frequency", "ensemble"):
        return Estimate("no network", 0.0, 0.0)
    if spec.family == "neighbours":
        search = counts.train * (counts.val + counts.test) * 2 * image.features / _rate("float32")
        return Estimate("features once, a search", (features + search) / 3600, 4 * (image.parameters + counts.train * image.features))
    if spec.family == "mixture" or not spec.objective:
        return Estimate("evaluation", evaluation / 3600, 4 * image.parameters)

    # What comes after the image network: the text tower, or heads.
    after, weights, kept = ((counts.facets * text.forward, text.parameters, counts.facets * text.activations) if text else
                            (2 * image.features * counts.tags, image.features * counts.tags, 0))
    heads = recipe.epochs * (counts.train * (1 + BACKWARD) + counts.val) * after / rate
    if recipe.frozen:
        return Estimate(f"features once, {'the text tower' if text else 'heads'}", (features + heads) / 3600,
                        4 * image.parameters + 16 * weights + recipe.batch_size * kept)
    backward = LORA_BACKWARD if recipe.lora_rank else BACKWARD
    passes = recipe.epochs * (counts.train * (1 + backward) + counts.val)
    seconds = (passes * (image.forward + after) + counts.test * image.forward) / rate
    width = 2 if recipe.precision == "float32" else 1
    memory = 4 * (image.parameters + weights) + recipe.batch_size * (width * image.activations + kept)
    if recipe.lora_rank:  # the matrices themselves are a hundredth of the weights
        return Estimate("matrices beside the layers", seconds / 3600, memory)
    if recipe.start == "heads":
        return Estimate("features once, heads, all weights", (features + heads + seconds) / 3600,
                        memory + 12 * (image.parameters + weights))
    return Estimate("all weights", seconds / 3600, memory + 12 * (image.parameters + weights))


def plan_models(recipe: str, counts: Counts) -> dict[str, Estimate]:
    """The cost of every model of the registry that a recipe has settings for."""
    return {name: _estimate(spec, get_recipe(recipe, spec.settings), counts) for name, spec in MODELS.items()
            if has_settings(recipe, spec.settings)}


def plan_strong(recipe: str, counts: Counts, model: str = "multi_label") -> dict[str, Estimate]:
    """The cost of one model on each strong backbone."""
    return {name: _estimate(MODELS[model], strong_recipe(config, recipe, model), counts) for name, config in STRONG.items()}


def strong_recipe(config: Strong, recipe: str, model: str = "multi_label") -> Recipe:
    """A recipe with a strong backbone in place of its own."""
    return get_recipe(recipe, MODELS[model].settings, backbone=config.backbone, image_size=config.image_size)


def command_of(model: str, recipe: Recipe, processes: int = 1, data: str = "eufcc340k") -> str:
    """The command that trains a model with a recipe."""
    settings = "".join(f" --set {name}={value}" for name, value in changed_fields(recipe).items())
    return (f"eufcc train {model} --data {data} --recipe {recipe.name}{settings}"
            + (f" --processes {processes}" if processes > 1 else ""))


def images_per_second(recipe: Recipe) -> float:
    """Images per second that one A40 trains on, or, for a frozen backbone, computes the features of."""
    forward = count_image(recipe.backbone, recipe.image_size).forward
    if recipe.frozen:
        return _rate("float32") / forward
    return _rate(recipe.precision) / (forward * (1 + (LORA_BACKWARD if recipe.lora_rank else BACKWARD)))


def processes_for(found: Estimate) -> int:
    """The number of GPUs, a power of 2, that have to share each batch so that it fits their memory; 1 where one holds it."""
    processes = 1
    while MARGIN * found.memory > processes * A40_MEMORY:
        processes *= 2
    return processes


def measured_shares() -> dict[str, float]:
    """For each network of `MEASURED` the share of the A40's peak in 16 bits that its measured speed is."""
    return {name: images * (1 + BACKWARD) * count_image(name, 224).forward / A40_PEAK["bfloat16"]
            for name, images in MEASURED.items()}


def _estimate(spec: ModelSpec, recipe: Recipe, counts: Counts) -> Estimate:
    image = count_image(recipe.backbone, recipe.image_size)
    return estimate(spec, recipe, counts, image, count_text(recipe.backbone, recipe.image_size) if spec.family == "clip" else None)


def _rate(precision: str) -> float:
    """Operations per second."""
    return A40_PEAK[precision] * SHARE[precision]
