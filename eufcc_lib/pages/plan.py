"""The tables and sentences of the chapter that plans a week on four GPUs."""

import pandas as pd

from ..core.numbers import percent, significant, thousands
from ..models.operations import count_image
from ..models.registry import MODELS
from ..models.strong import STRONG
from ..training.plan import (
    A40_PEAK,
    GPUS,
    PAPER_HOURS,
    SHARE,
    Counts,
    Estimate,
    command_of,
    images_per_second,
    measured_shares,
    plan_models,
    plan_strong,
    processes_for,
    strong_recipe,
)
from ..training.recipes import RECIPES, get_recipe

WEEK = 7 * 24
"""Hours."""

CODE_WIDTH = 84
"""Characters of a line of code that fit beside the sidebar."""

TRANSFER = ("probe", "lora")
"""The recipes for strong backbones."""


def plan_table(counts: Counts, recipe: str) -> pd.DataFrame:
    """A row per model of the registry: hours of one A40 with the recipe `paper`; work, hours and memory with another, or dashes
    where that one has no settings for the model."""
    paper, other = plan_models("paper", counts), dict.fromkeys(MODELS, Estimate("–", 0.0, 0.0)) | plan_models(recipe, counts)
    return pd.DataFrame([(spec.title, _hours(paper[name]), _hours(other[name]), _gigabytes(other[name]), other[name].work)
                         for name, spec in MODELS.items()],
                        columns=["model", "hours, paper", f"hours, {recipe}", f"GB, {recipe}", f"work, {recipe}"]).set_index("model")


def plan_commands(counts: Counts, recipe: str) -> str:
    """The command of each model, in the order of the registry, where ensembles follow their members; Markdown."""
    found = plan_models(recipe, counts)
    return _code([command_of(name, get_recipe(recipe, MODELS[name].settings), processes_for(cost)) for name, cost in found.items()])


def strong_table() -> pd.DataFrame:
    """A row per strong backbone: its size and features."""
    rows = []
    for config in STRONG.values():
        image = count_image(config.backbone, config.image_size)
        rows.append((config.name, config.image_size, significant(config.parameters / 1e6, 3),
                     significant(image.forward / 1e9, 3), config.features))
    return pd.DataFrame(rows, columns=["name", "pixels", "million parameters", "billion operations per image",
                                       "features"]).set_index("name")


def strong_notes() -> str:
    """A line per strong backbone: its name in timm or open_clip, what it was trained on, and its licence; Markdown."""
    return "\n".join(f"- `{config.name}` is `{config.backbone}`: {config.note} (licence: [{config.licence}](https://{config.source}))."
                     for config in STRONG.values())


def strong_costs(counts: Counts, model: str = "multi_label") -> pd.DataFrame:
    """A row per strong backbone: hours of one A40 and memory, with the recipes `probe` and `lora`."""
    found = {recipe: plan_strong(recipe, counts, model) for recipe in TRANSFER}
    return pd.DataFrame({f"{title}, {recipe}": {name: write(cost) for name, cost in found[recipe].items()}
                         for recipe in TRANSFER for title, write in (("hours", _hours), ("GB", _gigabytes))}).rename_axis("name")


def strong_commands(counts: Counts, model: str = "multi_label") -> str:
    """The command of each strong backbone with each of the two recipes, replacing the result of the one before; Markdown."""
    return _code([command_of(model, strong_recipe(STRONG[name], recipe, model), processes_for(cost)) + " --retrain"
                  for recipe in TRANSFER for name, cost in plan_strong(recipe, counts, model).items()])


def week_sentence(counts: Counts, recipe: str) -> str:
    """Whether all models and all strong backbones fit into a week on the node."""
    models = sum(found.hours for found in plan_models(recipe, counts).values())
    strong = sum(found.hours for name in TRANSFER for found in plan_strong(name, counts).values())
    needed = (models + strong) / GPUS
    return (f"All models with the recipe `{recipe}` take {models:,.0f} hours of one A40, the strong backbones {strong:,.0f}: "
            f"together {needed:,.0f} hours of a node with {GPUS} GPUs, "
            + (f"{percent(needed / WEEK)} of a week." if needed <= WEEK else f"{needed / WEEK:.1f} weeks."))


def error_sentences(counts: Counts) -> str:
    """How far the estimates are from what was measured: the paper's hours, and timm's images per second."""
    found = {name: plan_models("paper", counts)[model].hours / GPUS
             for name, model in (("vision", "multi_label"), ("clip", "clip_one_tag"))}
    repeats = get_recipe("paper").repeats
    shares = measured_shares().values()
    vision, clip = PAPER_HOURS["vision"][0], PAPER_HOURS["clip"]
    return (f"The paper's vision models took about {vision} hours on four A40 (section 5.2). The estimate is "
            f"{found['vision']:.1f} hours, lower by a factor of {vision / found['vision']:.1f}, or of {vision / found['vision'] / repeats:.1f} if the "
            f"paper's epochs held every image {repeats} times. Its CLIP models took {clip[0]} to "
            f"{clip[1]} hours, and the estimate is {found['clip']:.0f} hours, lower by a factor of {clip[0] / found['clip']:.0f} to "
            f"{clip[1] / found['clip']:.0f}. The paper does not say what limited the speed. In 16 bits, four networks that timm "
            f"measured on a card with the A40's chip reach {percent(min(shares))} to {percent(max(shares))} of the A40's peak, where "
            f"{percent(SHARE['bfloat16'])} is assumed here.")


def pace_table() -> pd.DataFrame:
    """For each recipe for a GPU the images per second that one A40 asks for, from a vision model and from CLIP."""
    names = [name for name in RECIPES if name != "mini"]
    return pd.DataFrame({f"images per second, {title}": [thousands(images_per_second(get_recipe(name, family))) for name in names]
                         for family, title in (("vision", "vision"), ("clip", "CLIP"))}, index=pd.Index(names, name="recipe"))


def assumption_table() -> pd.DataFrame:
    """The operations per second that are assumed of an A40."""
    return pd.DataFrame([(name, f"{A40_PEAK[name] / 1e12:.1f}", percent(SHARE[name])) for name in ("float32", "bfloat16")],
                        columns=["precision", "peak, trillion operations per second", "assumed share"]).set_index("precision")


def _hours(found: Estimate) -> str:
    return "–" if not found.hours else significant(found.hours, 2) if found.hours >= 0.1 else "< 0.1"


def _gigabytes(found: Estimate) -> str:
    return "–" if not found.memory else significant(found.memory / 1e9, 2)


def _code(commands: list[str]) -> str:
    """Markdown; a command that is too long for the page goes on in the next line."""
    lines = [text if len(text) <= CODE_WIDTH else text.replace(" --set ", " \\\n    --set ") for text in commands]
    return "\n".join(["```", *lines, "```"])
