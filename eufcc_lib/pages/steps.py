"""The steps from the multi-label model to what helps at the next museum, as a table and in numbers for prose."""

import math

from ..core.facets import FACET_NAMES, get_facet
from ..data.records import SPLIT_TITLES
from ..models.registry import MODELS
from ..results.files import data_name
from ..results.paper import MEAN, TEST_SPLITS
from ..results.steps import GAIN, REFERENCE, STEPS, Difference, Step, read_steps
from .render import Page, render


def steps_table(data: str, names: tuple[str, ...] = STEPS, language: str = "en") -> Page:
    """The steps that have a result on `data`: R-precision by test set and facet, and under it the difference to the first step.

    Args:
        names: of results, see `results.steps.read_steps`.
        language: of the facets' titles.
    """
    steps = read_steps(data, names)
    caption, facets = _caption(data_name(data), steps), {facet for step in steps for _, facet in step.values}
    columns = [facet for facet in (MEAN, *FACET_NAMES) if facet in facets]
    splits = [split for split in TEST_SPLITS if any(split == measured for step in steps for measured, _ in step.values)]
    return render("steps", f"Steps: {caption}", caption=caption, data=data_name(data),
                  heads=[("Mean", "Mean over the facets") if facet == MEAN else (get_facet(facet).key, get_facet(facet).title(language))
                         for facet in columns],
                  groups=[(f"{SPLIT_TITLES[split]} set", [_row(step, split, columns) for step in steps]) for split in splits])


def step_values(data: str, names: tuple[str, ...] = STEPS) -> dict[str, str | float | int]:
    """What prose says of the steps: `NAME_inner` and `NAME_outer`, the means over the facets, and `NAME_inner_gain` and
    `NAME_outer_gain`, their differences to the first step, NaN where there is none; `steps`, how many were run; and
    `reached`, the titles of those that reach the goal, or a dash.
    """
    steps, values = {step.name: step for step in read_steps(data, names)}, {}
    for name in names:
        for split, title in TEST_SPLITS.items():
            step, key = steps.get(name), f"{name}_{title.lower()}"
            values[key] = step.values.get((split, MEAN), math.nan) if step else math.nan
            difference = step.differences.get((split, MEAN)) if step else None
            values[f"{key}_gain"] = difference.value if difference else math.nan
    return values | {"steps": len(steps), "reached": ", ".join(step.title for step in steps.values() if step.reaches_goal) or "–"}


def _caption(data: str, steps: list[Step]) -> str:
    if not steps:
        return f"None of the steps was run on {data} yet."
    caption = f"R-precision of each step on {data}."
    if not any(step.differences for step in steps):
        return f"{caption} There is no difference from {MODELS[REFERENCE].title} to show: it was not run, or nothing else was."
    reached = [step.title for step in steps if step.reaches_goal]
    return (f"{caption} Under a number: its difference from {MODELS[REFERENCE].title} on the same images, and the difference's 95 % interval "
            "over objects; ≈ marks a difference that may be chance. The goal is to be no worse in any facet "
            f"on the inner test, and at least {GAIN} better in the mean over the facets on the outer test. It is "
            + (f"reached by {', '.join(reached)}." if reached else "not reached."))


def _row(step: Step, split: str, columns: list[str]) -> tuple[str, str, list[dict[str, str | bool]]]:
    about = MODELS[step.name].about if step.name in MODELS else ""
    return step.name, about, [_cell(step.values.get((split, facet)), step.differences.get((split, facet))) for facet in columns]


def _cell(value: float | None, difference: Difference | None) -> dict[str, str | bool]:
    """What a cell shows: the number, the difference, its interval, and whether it can be told from 0."""
    return {"value": "–" if value is None else f"{value:.3f}", "difference": _signed(difference.value) if difference else "",
            "interval": _interval(difference), "certain": bool(difference and difference.clear)}


def _interval(difference: Difference | None) -> str:
    return " to ".join(map(_signed, difference.interval)) if difference and difference.interval else ""


def _signed(value: float) -> str:
    text = f"{value:+.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "−")
