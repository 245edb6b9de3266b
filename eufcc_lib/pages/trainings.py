"""The records of all trainings on a data set: curves, what differs from the recipe, the epochs, the cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from ..core.numbers import percent, significant
from ..figures import loss_panels
from ..models.registry import MODELS
from ..results.files import data_name, read_results
from ..results.history import RISE, find_history
from ..results.provenance import Provenance
from ..training.recipes import RECIPES
from .render import Page, render


@dataclass(frozen=True, eq=False)
class Training:
    """A finished training: the provenance of its result, and its losses, a row per epoch."""

    run: Provenance
    history: pd.DataFrame

    @property
    def best(self) -> int | None:
        """The position of the epoch with the lowest validation loss; None without an annotated validation image."""
        losses = self.history.get("val_loss", pd.Series(dtype=float)).reset_index(drop=True).dropna()
        return int(losses.idxmin()) if losses.any() else None

    @property
    def rise(self) -> float:
        """By what share of its lowest value the validation loss is higher after the last epoch; 0 without validation."""
        if self.best is None:
            return 0.0
        losses = self.history["val_loss"]
        return float(losses.iloc[-1] / losses.iloc[self.best] - 1)


def read_trainings(data: str) -> dict[str, Training]:
    """The trainings on a data set of which this machine has the losses, by model, in the order of `registry.MODELS`.

    Without those of a later training that was interrupted, and without mixtures, which keep the losses of their member.
    """
    results = read_results(data)
    found = {model: Training(results[model].run, find_history(data_name(data), model)) for model, spec in MODELS.items()
             if model in results and not spec.members}
    return {model: training for model, training in found.items()
            if len(training.history) and len(training.history) >= training.run.recipe.get("epochs", 1)}


def show_curves(trainings: Mapping[str, Training]) -> Page:
    """The losses of all trainings as small multiples; a sentence where there is none."""
    panels = [loss_panels.loss_panel(MODELS[model].title, training.history) for model, training in trainings.items()]
    text = f"The losses of {len(panels)} trainings by epoch" if panels else "No model was trained on these data on this machine."
    return render("trainings", text, panels=panels, sentence=text, ends=loss_panels)


def list_epochs(trainings: Mapping[str, Training]) -> pd.DataFrame:
    """By model: the number of epochs, the best by the validation loss, and that loss then and after the last one."""
    rows = []
    for model, training in trainings.items():
        history, best = training.history, training.best
        losses = [None, None] if best is None else [history["val_loss"].iloc[place] for place in (best, -1)]
        rows.append((MODELS[model].title, len(history), None if best is None else str(history["epoch"].iloc[best]),
                     *(None if loss is None else significant(float(loss), 4) for loss in losses),
                     None if best is None else percent(training.rise, 1)))
    return pd.DataFrame(rows, columns=["model", "epochs", "best epoch", "lowest loss", "last loss", "rise"]).set_index("model")


def list_settings(trainings: Mapping[str, Training]) -> pd.DataFrame:
    """By model: its recipe, and the settings that differ from the recipe's for vision models."""
    rows = [(MODELS[model].title, training.run.recipe.get("name"),
             ", ".join(f"{name} {value}" for name, value in find_differences(training.run).items()) or None)
            for model, training in trainings.items()]
    return pd.DataFrame(rows, columns=["model", "recipe", "what differs"]).set_index("model")


def list_times(trainings: Mapping[str, Training]) -> pd.DataFrame:
    """By model: how long its training took, how fast it was, and on what."""
    rows = [(MODELS[model].title, significant(run.seconds, 3) if run.seconds else None,
             None if run.images_per_second is None else f"{run.images_per_second:,.0f}", run.device)
            for model, run in ((model, training.run) for model, training in trainings.items())]
    return pd.DataFrame(rows, columns=["model", "seconds", "images per second", "on"]).set_index("model")


def find_differences(run: Provenance) -> dict[str, object]:
    """The settings of a run that are not those of the vision models in its recipe; also a seed other than 0."""
    recipe = RECIPES.get(run.recipe.get("name"), RECIPES["mini"])
    usual = asdict(recipe["vision"])
    differ = {name: value for name, value in run.recipe.items() if name not in ("name", "family") and usual.get(name) != value}
    return differ | ({"seed": run.seed} if run.seed else {})


def describe_overfitting(trainings: Mapping[str, Training]) -> str:
    """A sentence that names the models whose validation loss rose after its best epoch, by how much."""
    if not trainings:
        return "No model was trained on these data on this machine."
    judged = {model: training for model, training in trainings.items() if training.best is not None}
    if not judged:
        return "Without a validation split, no curve can show overfitting."
    rose = {model: training.rise for model, training in judged.items() if training.rise > RISE}
    if not rose:
        return f"For none of {len(judged)} models did the validation loss end more than {percent(RISE)} above its lowest value."
    names = [f"{MODELS[model].title} ({percent(rise)})" for model, rise in sorted(rose.items(), key=lambda item: -item[1])]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    said = (f"For {len(rose)} of {len(judged)} models the validation loss ended more than {percent(RISE)} above the lowest, that of "
            f"the best epoch: {listed}.")
    fell = all(judged[model].history["loss"].iloc[-1] < judged[model].history["loss"].iloc[judged[model].best] for model in rose)
    return f"{said} After that epoch the training loss still fell, which is overfitting." if fell else said
