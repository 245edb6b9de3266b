"""Which models cannot be told from the best of a column: what bold and underline in the tables respect.

Where the metrics of every image were kept, the best model is tested against each other one on the same objects, all
pairs together (see `paired`). Elsewhere the interval of their difference decides, as if the two had been measured on
other images: that is rather too wide, so it marks too many models, never too few.
"""

from collections.abc import Mapping

from ..metrics.bootstrap import LEVEL
from .estimates import Estimate, difference, excludes_zero
from .paired import UnitNumbers, adjust, against, find_number
from .paper import Column


def not_told_from_best(place: Column, found: Mapping[str, Estimate], units: Mapping[str, UnitNumbers]) -> set[str]:
    """The models of a column whose number may be as good as the best one, and the model with the best number itself.

    Args:
        place: split, facet (or the mean over them) and metric.
        found: the numbers of the column by model, with intervals over objects.
        units: from `paired.read_unit_numbers` over objects; a model that it lacks is compared by its interval, and so is every model
            if it lacks the best.
    """
    if not found:
        return set()
    sign = 1 if place.metric.higher_is_better else -1
    best = max(found, key=lambda model: sign * found[model].value)
    numbers = {model: number for model in found if (number := find_number(units.get(model, {}), place))}
    paired = [model for model in numbers if model != best] if best in numbers else []
    tests = {model: against(numbers[best] - numbers[model], 0) for model in paired}
    made = {model: test for model, test in tests.items() if test}
    clear = dict(zip(made, adjust(list(made.values())) < round(1 - LEVEL, 9), strict=True))
    return {model for model in found if model == best or not (
        clear.get(model, False) if model in tests else _differ(found[best], found[model]))}


def _differ(first: Estimate, second: Estimate) -> bool:
    """Whether the interval of a difference leaves 0 out; never where there is no interval."""
    return excludes_zero(difference(first, second).objects)
