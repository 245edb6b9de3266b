"""Objectives: what a head is trained for, and how its outputs become scores.

An objective is a module made from the facet's taxonomy and the number of training images per tag. Called with
logits and labels it returns the facet's loss; `scores` turns logits into numbers to rank by, and `link`
names what turns these into probabilities, see `links`. The loss of a model is the sum over its
facets. The formulas are in `losses`.
"""

import numpy as np
from torch import Tensor, nn

from ..data.taxonomy import Taxonomy, unfold
from ..losses.asymmetric import asymmetric_loss
from ..losses.hill import hill_loss
from ..losses.hsoftmax import Places, hsoftmax_loss, hsoftmax_scores, level_groups, sibling_groups
from ..losses.multi_label import decided_loss, multi_label_loss
from ..losses.softmax import draw_tags, mean_softmax_loss, softmax_loss
from ..losses.splc import TRUSTED_EPOCHS, splc_loss
from ..losses.weighting import frequency_weights, log_priors
from .captions import AllTags, OneTag, OneTagPositives, Prompt


class MultiLabel(nn.Module):
    """A yes-or-no question per tag (`multi_label`)."""

    link = "sigmoid"

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, *, reduction: str = "mean", **settings):
        """
        Args:
            taxonomy: the facet's C tags.
            class_counts: (C,), training images per tag; for objectives that weight tags.
            reduction, settings: as in `training.recipes.Recipe`; each objective ignores those of others.
        """
        super().__init__()
        self.reduction = reduction

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`multi_label_loss`.

        Args:
            uniform: (B,) random numbers from [0, 1), new in each step, for objectives that draw one
                of an image's tags, or None for the mean over its tags; this one uses all of them.
            count: the divisor of the sum over images; None for the mean.
        """
        return multi_label_loss(logits, labels, count, self.reduction)

    def scores(self, logits: Tensor) -> Tensor:
        """The logits in float32: the sigmoid has the same order, but would round the best to 1."""
        return logits.float()


class Decided(MultiLabel):
    """The same questions where somebody decided only some of them: labels are 1, -1 and, undecided, 0, see `decided_loss`.

    It is no objective of a model of its own: what it trained goes on as `multi_label`, see `training.decided`.
    """

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`decided_loss`."""
        return decided_loss(logits, labels, count, self.reduction)


class MultiLabelSum(MultiLabel):
    """The same with the sum over the tags, whatever the recipe says (`multi_label_sum`, beyond the paper)."""

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, **settings):
        super().__init__(taxonomy, class_counts, reduction="sum")


class Asymmetric(MultiLabel):
    """The same questions, with less weight on absent tags (`asymmetric`, beyond the paper)."""

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`asymmetric_loss`."""
        return asymmetric_loss(logits, labels, count)


class Hill(MultiLabel):
    """The same questions, where an absent tag counts less once the model is sure of it (`hill`, beyond the paper)."""

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`hill_loss`."""
        return hill_loss(logits, labels, count, self.reduction)


class SelfPaced(MultiLabel):
    """The same questions, where an absent tag counts as there once the model is sure of it (`splc`, beyond the paper).

    On validation the record is taken as it is: corrected by the model itself, the losses of two epochs could not be compared.
    """

    epoch = 0
    """The present one, see `begin_epoch`; it needs no place in a checkpoint, as the loop knows it."""

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`splc_loss`; in training, and once the record has been believed for `TRUSTED_EPOCHS`, with corrected labels."""
        return splc_loss(logits, labels, count, self.reduction, corrected=self.training and self.epoch >= TRUSTED_EPOCHS)


def begin_epoch(learner: nn.Module, epoch: int) -> None:
    """Tell the objectives that change in the course of a training which epoch of it begins, from 0."""
    for objective in learner.modules():
        if isinstance(objective, SelfPaced):
            objective.epoch = epoch


class Softmax(nn.Module):
    """One of the image's tags is the only answer, drawn again in each step (`softmax`)."""

    link = "softmax"

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, **settings):
        super().__init__()
        self.register_buffer("weights", None, persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`softmax_loss` of the drawn tags, or its mean over all draws."""
        if uniform is None:
            return mean_softmax_loss(logits, labels, self.weights, count)
        return softmax_loss(logits, draw_tags(labels, uniform), self.weights, count)

    def scores(self, logits: Tensor) -> Tensor:
        """The logits in float32: the softmax has the same order."""
        return logits.float()


class WeightedSoftmax(Softmax):
    """The same with larger weights for rare tags, set by `weighting` (`softmax_wce`)."""

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, *, weighting: str = "inverse", **settings):
        super().__init__(taxonomy, class_counts)
        self.weights = frequency_weights(class_counts, weighting=weighting)


class SiblingSoftmax(nn.Module):
    """Tags compete with their siblings, down the tree (`hsoftmax_nodes`).

    `tree` defines the P nodes of the tree: the tags, each below one `parent`, or the `places` of the tags
    (`taxonomy.unfold`), of which a tag can have several.
    """

    link = "exp"
    divide, key = staticmethod(sibling_groups), "parent"

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, *, weighting: str = "inverse", tree: str = "parent",
                 **settings):
        super().__init__()
        self.places = Places(taxonomy) if tree == "places" else None
        nodes, self.counts = ((self.places.tree, class_counts[self.places.tag.numpy()]) if self.places
                              else (taxonomy, class_counts))
        self.groups = self.divide(nodes)
        self.along_path = True
        weights = frequency_weights(self.counts, getattr(nodes, self.key), weighting)
        self.register_buffer("weights", weights, persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`hsoftmax_loss`, weighted by frequency as in the paper; a place has the weight of its tag."""
        if self.places:
            labels = self.places.labels(labels, self.groups)
        return hsoftmax_loss(logits, labels, self.groups, self.weights, count)

    def scores(self, logits: Tensor) -> Tensor:
        """`hsoftmax_scores`: log-probabilities; for a tag with several places see `Places.scores`."""
        scores = hsoftmax_scores(logits, self.groups, self.along_path)
        return self.places.scores(scores, self.along_path) if self.places else scores


class AdjustedSiblingSoftmax(SiblingSoftmax):
    """The same competition with `log_priors` added to the logits in training, instead of weights (`hsoftmax_adjusted`).

    Beyond the paper. The scores come from the logits as they are.
    """

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, **settings):
        super().__init__(taxonomy, class_counts, **settings)
        self.weights = None
        self.register_buffer("adjustment", log_priors(self.counts), persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, uniform: Tensor | None,
                count: Tensor | float | None = None) -> Tensor:
        """`hsoftmax_loss` of the adjusted logits."""
        return super().forward(logits + self.adjustment, labels, uniform, count)


class LevelSoftmax(SiblingSoftmax):
    """Tags compete with all others on the same level of the tree (`hsoftmax_levels`).

    `level_scores` ranks them by the product of the probabilities along the `path`, or by that within the `level` alone.
    """

    divide, key = staticmethod(level_groups), "depth"

    def __init__(self, taxonomy: Taxonomy, class_counts: np.ndarray, *, level_scores: str = "path", **settings):
        super().__init__(taxonomy, class_counts, **settings)
        self.along_path = level_scores == "path"


OBJECTIVES = {"multi_label": MultiLabel, "multi_label_sum": MultiLabelSum, "asymmetric": Asymmetric,
              "hill": Hill, "splc": SelfPaced, "softmax": Softmax, "softmax_wce": WeightedSoftmax, "hsoftmax_nodes": SiblingSoftmax,
              "hsoftmax_levels": LevelSoftmax, "hsoftmax_adjusted": AdjustedSiblingSoftmax, "one_tag": OneTag,
              "all_tags": AllTags, "prompt": Prompt, "one_tag_positives": OneTagPositives}
"""Objectives by name, see `ModelSpec.objective`. The last four are for CLIP, which has texts instead of heads."""


def count_outputs(objective: str, taxonomy: Taxonomy, tree: str = "parent") -> int:
    """The number of logits of a head with this objective: one per tag, or per node of a hierarchical softmax."""
    places = tree == "places" and issubclass(OBJECTIVES[objective], SiblingSoftmax)
    return len(unfold(taxonomy)[1]) if places else len(taxonomy)
