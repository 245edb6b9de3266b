"""The models by name. A model is an entry here and, at most, an objective in `losses`.

This says what there is; `training` brings a model to life.
"""

from dataclasses import dataclass

from ..errors import unknown
from ..facets import FACET_NAMES


@dataclass(frozen=True)
class ModelSpec:
    """A model: what it is called, what it is made of and what it learns.

    Attributes:
        name: the word used in notebooks, results and file names.
        title: as the paper's tables print it.
        family: how it comes to its scores, a key of `training.FAMILIES`.
        facets: the facets it tags.
        objective: what its heads are trained for and how their outputs become scores, a key of
            `losses.OBJECTIVES`; None where nothing is trained.
        about: one sentence for readers.
    """

    name: str
    title: str
    family: str
    facets: tuple[str, ...]
    objective: str | None
    about: str


def _by_name(*specs: ModelSpec) -> dict[str, ModelSpec]:
    return {spec.name: spec for spec in specs}


MODELS = _by_name(
    ModelSpec("frequency", "Tag frequency", "frequency", FACET_NAMES, None,
              "Every image gets the same answer: the tags in the order of how many training images carry them."),
    ModelSpec("multi_label", "Multi-label", "vision", FACET_NAMES, "multi_label",
              "One image network with a head for each facet, in which every tag is a yes-or-no question of its own."),
    ModelSpec("multi_label_materials", "Multi-label (M)", "vision", ("materials",), "multi_label",
              "The same network with one head, for the materials alone: what do the other facets add, or cost?"),
    ModelSpec("softmax", "Softmax", "vision", FACET_NAMES, "softmax",
              "All tags of a facet compete for one place; in each step one of the image's tags is drawn as the answer."),
    ModelSpec("softmax_wce", "Softmax (WCE)", "vision", FACET_NAMES, "softmax_wce",
              "The same competition, in which a rare tag weighs more than a frequent one."),
    ModelSpec("hsoftmax_levels", "H-Softmax (levels)", "vision", FACET_NAMES, "hsoftmax_levels",
              "Tags compete with those on the same level of the tree, and rare ones weigh more."),
    ModelSpec("hsoftmax_nodes", "H-Softmax (nodes)", "vision", FACET_NAMES, "hsoftmax_nodes",
              "Tags compete with their siblings, from the root of the tree downwards, and rare ones weigh more."),
)
"""Every model that can be trained, by name."""


def get_model_spec(name: str) -> ModelSpec:
    """The model of that name; `UserError` with the known names if there is none."""
    if name not in MODELS:
        raise unknown("model", name, MODELS)
    return MODELS[name]
