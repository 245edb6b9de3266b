"""What a head is trained for, and how its outputs become scores: one objective a facet.

An objective is a module made from the facet's taxonomy, its tags' training images and the recipe.
Called with logits and labels it gives the facet's loss; `scores` turns logits into numbers to rank
by, `probabilities` turns scores into numbers that can be averaged with another model's. The loss of
a model is the sum over its facets. The formulas are in this folder's modules, one a loss.
"""

import numpy as np
from torch import Tensor, nn

from ..data.taxonomy import Taxonomy, unfold
from ..losses.asymmetric import asymmetric_loss
from ..losses.hsoftmax import Places, hsoftmax_loss, hsoftmax_scores, level_groups, sibling_groups
from ..losses.multi_label import multi_label_loss
from ..losses.softmax import draw_tags, softmax_loss
from ..losses.weighting import frequency_weights
from ..training.recipes import Recipe
from .captions import AllTags, OneTag, Prompt


class MultiLabel(nn.Module):
    """Each tag a yes-or-no question of its own (`multi_label`)."""

    def __init__(self, taxonomy: Taxonomy, images: np.ndarray, recipe: Recipe):
        """
        Args:
            taxonomy: the facet's C tags.
            images: (C,), training images with each tag; for objectives that weigh tags.
            recipe: for objectives with a switch.
        """
        super().__init__()

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor,
                images: Tensor | float | None = None) -> Tensor:
        """`multi_label_loss`.

        Args:
            uniform: (B,) random numbers from [0, 1), anew each step, for objectives that draw one
                of an image's tags; this one takes all of them.
        """
        return multi_label_loss(logits, labels, images)

    def scores(self, logits: Tensor) -> Tensor:
        """The logits in float32: the sigmoid keeps their order, but would round the best to 1."""
        return logits.float()

    @staticmethod
    def probabilities(scores: Tensor) -> Tensor:
        """How likely each tag is, in [0, 1], from `scores`."""
        return scores.sigmoid()


class Asymmetric(MultiLabel):
    """The same questions, in which absent tags weigh less (`asymmetric`, beyond the paper)."""

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor,
                images: Tensor | float | None = None) -> Tensor:
        """`asymmetric_loss`."""
        return asymmetric_loss(logits, labels, images)


class Softmax(nn.Module):
    """One of the image's tags drawn as the only answer, anew each step (`softmax`)."""

    def __init__(self, taxonomy: Taxonomy, images: np.ndarray, recipe: Recipe):
        super().__init__()
        self.register_buffer("weights", None, persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor,
                images: Tensor | float | None = None) -> Tensor:
        """`softmax_loss` of the drawn tags."""
        return softmax_loss(logits, draw_tags(labels, uniform), self.weights, images)

    def scores(self, logits: Tensor) -> Tensor:
        """The logits in float32, which the softmax keeps in order."""
        return logits.float()

    @staticmethod
    def probabilities(scores: Tensor) -> Tensor:
        """The softmax, which sums to 1 over the tags."""
        return scores.softmax(1)


class WeightedSoftmax(Softmax):
    """The same, rare tags weighing more (`softmax_wce`); the recipe's `weighting` says how much."""

    def __init__(self, taxonomy: Taxonomy, images: np.ndarray, recipe: Recipe):
        super().__init__(taxonomy, images, recipe)
        self.weights = frequency_weights(images, weighting=recipe.weighting)


class SiblingSoftmax(nn.Module):
    """Tags compete with their siblings, down the tree (`hsoftmax_nodes`).

    The recipe's `tree` says what the P nodes of the tree are: the tags, each below one `parent`, or the
    `places` of the tags (`taxonomy.unfold`), of which a tag can have several.
    """

    divide, key = staticmethod(sibling_groups), "parent"

    def __init__(self, taxonomy: Taxonomy, images: np.ndarray, recipe: Recipe):
        super().__init__()
        self.places = Places(taxonomy) if recipe.tree == "places" else None
        tree, images = (self.places.tree, images[self.places.tag.numpy()]) if self.places else (taxonomy, images)
        self.groups = self.divide(tree)
        self.along_path = True
        weights = frequency_weights(images, getattr(tree, self.key), recipe.weighting)
        self.register_buffer("weights", weights, persistent=False)

    @staticmethod
    def outputs(taxonomy: Taxonomy, recipe: Recipe) -> int:
        """How many logits a head needs: one a node, P. An objective without this needs one a tag."""
        return len(unfold(taxonomy)[1]) if recipe.tree == "places" else len(taxonomy)

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor,
                images: Tensor | float | None = None) -> Tensor:
        """`hsoftmax_loss`, weighted by frequency as the paper says; a place weighs as its tag."""
        if self.places:
            labels = self.places.labels(labels, self.groups)
        return hsoftmax_loss(logits, labels, self.groups, self.weights, images)

    def scores(self, logits: Tensor) -> Tensor:
        """`hsoftmax_scores`: log-probabilities; for a tag with several places see `Places.scores`."""
        scores = hsoftmax_scores(logits, self.groups, self.along_path)
        return self.places.scores(scores, self.along_path) if self.places else scores

    @staticmethod
    def probabilities(scores: Tensor) -> Tensor:
        """The scores are their logarithms."""
        return scores.exp()


class LevelSoftmax(SiblingSoftmax):
    """Tags compete with all on the same level of the tree (`hsoftmax_levels`)."""

    divide, key = staticmethod(level_groups), "depth"

    def __init__(self, taxonomy: Taxonomy, images: np.ndarray, recipe: Recipe):
        super().__init__(taxonomy, images, recipe)
        self.along_path = recipe.level_scores == "path"


OBJECTIVES = {"multi_label": MultiLabel, "asymmetric": Asymmetric, "softmax": Softmax, "softmax_wce": WeightedSoftmax,
              "hsoftmax_nodes": SiblingSoftmax, "hsoftmax_levels": LevelSoftmax,
              "one_tag": OneTag, "all_tags": AllTags, "prompt": Prompt}
"""Objectives by the name that a model of the registry gives; the last three are CLIP's, which gets its texts from
them (see `contrastive`) and has no heads."""


def count_outputs(objective: str, taxonomy: Taxonomy, recipe: Recipe) -> int:
    """The logits of a head with this objective: one a tag, unless the objective has `outputs` of its own."""
    outputs = getattr(OBJECTIVES[objective], "outputs", None)
    return outputs(taxonomy, recipe) if outputs else len(taxonomy)
