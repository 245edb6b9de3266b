"""How each family of models comes to its scores: trained, counted or combined, one module a family.

A family is one function `run(spec, dataset, recipe, seed, checkpoint)` that gives `Scored`. Splits,
metrics, provenance and the result file are the business of `training`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

EVALUATED = ("val", "test_id", "test_ood")
"""The splits that a model is evaluated on, where they are there."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What a family hands back: scores of the evaluated splits, and what they were made with.

    Attributes:
        scores: by split the rows int64 (n,) that could be scored and float32 (n, C) by facet.
        skipped: images left out, by split, as they could not be read.
        seconds: spent on training, in all its epochs; 0 where nothing is trained.
        details: arguments of `results.provenance` that only the family knows.
        measure_cost: what the network costs, more such arguments: a matter of seconds, and only for what is kept.
    """

    scores: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]
    skipped: dict[str, int] = field(default_factory=dict)
    seconds: float = 0
    details: dict = field(default_factory=dict)
    measure_cost: Callable[[], dict] = dict
