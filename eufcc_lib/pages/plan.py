"""The tables and sentences of the chapter that plans a week on four GPUs."""

import pandas as pd

from ..core.numbers import significant
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
    measured_shares,
    plan_models,
    plan_strong,
    processes_for,
    strong_recipe,
)
from ..training.recipes import get_recipe

WEEK = 7 * 24
"""Hours."""


def plan_table(counts: Counts, recipe: str) -> pd.DataFrame:
    """A row per model of the registry: work, hours of one A40 with the recipes `paper` and another, memory, command."""
    paper, other = plan_models("paper", counts), plan_models(recipe, counts)
    return pd.DataFrame([(spec.title, other[name].work, _hours(paper[name]), _hours(other[name]), _gigabytes(other[name]),
                          command_of(name, get_recipe(recipe, spec.settings), processes_for(other[name])))
                         for name, spec in MODELS.items()],
                        columns=["model", "work", "hours, paper", f"hours, {recipe}", "GB", "command"]).set_index("model")


def strong_table() -> pd.DataFrame:
    """A row per strong backbone: its size, licence and features."""
    rows = []
    for config in STRONG.values():
        image = count_image(config.backbone, config.image_size)
        rows.append((config.name, config.backbone, config.image_size, significant(config.parameters / 1e6, 3),
                     significant(image.forward / 1e9, 3), config.features, f"{config.licence} ({config.source})", config.note))
    return pd.DataFrame(rows, columns=["name", "backbone", "pixels", "million parameters", "billion operations per image",
                                       "features", "licence", "trained on"]).set_index("name")


def strong_costs(counts: Counts, model: str = "multi_label") -> pd.DataFrame:
    """A row per strong backbone and recipe, `probe` and `lora`: hours of one A40, memory, command."""
    rows = []
    for recipe in ("probe", "lora"):
        for name, found in plan_strong(recipe, counts, model).items():
            rows.append((name, recipe, _hours(found), _gigabytes(found),
                         command_of(model, strong_recipe(STRONG[name], recipe, model), processes_for(found))))
    return pd.DataFrame(rows, columns=["name", "recipe", "hours", "GB", "command"]).set_index(["name", "recipe"])


def week_sentence(counts: Counts, recipe: str) -> str:
    """Whether all models and all strong backbones fit into a week on the node."""
    models = sum(found.hours for found in plan_models(recipe, counts).values())
    strong = sum(found.hours for name in ("probe", "lora") for found in plan_strong(name, counts).values())
    needed = (models + strong) / GPUS
    return (f"All models with the recipe `{recipe}` take {models:,.0f} hours of one A40, the strong backbones {strong:,.0f}: "
            f"together {needed:,.0f} hours of a node with {GPUS}, "
            + (f"{needed / WEEK:.0%} of a week." if needed <= WEEK else f"{needed / WEEK:.1f} weeks."))


def error_sentences(counts: Counts) -> str:
    """How far the estimates are from what was measured: the paper's hours, and timm's images per second."""
    found = {name: plan_models("paper", counts)[model].hours / GPUS
             for name, model in (("vision", "multi_label"), ("clip", "clip_one_tag"))}
    repeats = get_recipe("paper").repeats
    shares = measured_shares().values()
    vision, clip = PAPER_HOURS["vision"][0], PAPER_HOURS["clip"]
    return (f"The paper's vision models took about {vision} hours on four A40 (section 5.2). The estimate is "
            f"{found['vision']:.1f} hours, a factor of {vision / found['vision']:.1f} less, or {vision / found['vision'] / repeats:.1f} less if the "
            f"paper's epochs held every image {repeats} times. Its CLIP models took {clip[0]} to "
            f"{clip[1]} hours, and the estimate is {found['clip']:.0f} hours, a factor of {clip[0] / found['clip']:.0f} to "
            f"{clip[1] / found['clip']:.0f} less. The paper does not say what limited it. In 16 bits, four networks that timm "
            f"measured on a card with the A40's chip reach {min(shares):.0%} to {max(shares):.0%} of the A40's peak, where "
            f"{SHARE['bfloat16']:.0%} is assumed here.")


def assumption_table() -> pd.DataFrame:
    """The operations per second that are assumed of an A40."""
    return pd.DataFrame([(name, significant(A40_PEAK[name] / 1e12, 4), f"{SHARE[name]:.0%}") for name in ("float32", "bfloat16")],
                        columns=["precision", "peak, trillion operations per second", "assumed share"]).set_index("precision")


def _hours(found: Estimate) -> str:
    return "–" if not found.hours else significant(found.hours, 2) if found.hours >= 0.1 else "< 0.1"


def _gigabytes(found: Estimate) -> str:
    return "–" if not found.memory else significant(found.memory / 1e9, 2)
