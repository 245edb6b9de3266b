"""The toy CLIP: a row of which the text side began from random weights says so.

CLIP reads texts because it was trained on hundreds of millions of captions. The small one of the mini museum was not; its
numbers say nothing about CLIP, least of all those of the row that trains nothing.
"""

from collections.abc import Mapping

from ..models.registry import MODELS
from .files import RunResult

TOY = "toy: text side began untrained"
WITH_TOY = "with the toy CLIP"


def toy_note(results: Mapping[str, RunResult], model: str) -> str:
    """What a table says beside the model's title; empty where no text tower is, or one that was pretrained."""
    run = results[model].run if model in results else None
    if run is None:
        return ""
    if run.recipe.get("family") == "clip" and "rest random" in (run.weights or ""):
        return TOY
    members = run.recipe.get("members") or (MODELS[model].members if model in MODELS else ())
    return WITH_TOY if any(toy_note(results, member) for member in members if member != model) else ""
