"""Hierarchical softmax over the C tags of one facet (paper section 4.1.3, Figures 10 and 11).

A head has one logit per tag. The tags are divided into groups, the children of one parent or the
tags of one depth, and a softmax runs within each group. Here are the groups, the loss and the
scores; how much each tag weighs is data (`weighting.frequency_weights`).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from ..data.taxonomy import Taxonomy, unfold


class Groups(nn.Module):
    """How the C tags of a facet are divided into softmax groups, and each tag's path.

    A module only so that it follows its model to a device; its buffers, all int64, are constants
    and not part of a checkpoint. M of the tags share their group with others. An only tag of its
    group has probability 1 whatever its logit, so loss and gradient never look at it: in the
    official tree of object types that is every fourth tag.

    Attributes:
        group: (C,), each tag's group. Sibling groups are numbered in the order of their parent,
            the roots' group first; level groups by depth.
        members: (M,), the tags that share a group, sorted by group.
        member_group: (M,), their group, counting only groups that are shared.
        start: where each shared group begins in `members`.
        path: the tags' paths one after the other, each from its root down to the tag itself.
        path_start: (C,), where each tag's path begins in `path`.
    """

    def __init__(self, taxonomy: Taxonomy, key: np.ndarray):
        """Tags with the same number in `key`, (C,), are one group."""
        super().__init__()
        _, group, size = np.unique(key, return_inverse=True, return_counts=True)
        order = np.argsort(group, kind="stable")
        members = order[size[group[order]] > 1]
        paths = []
        for tag, parent in enumerate(taxonomy.parent.tolist()):
            paths.append((*paths[parent], tag) if parent >= 0 else (tag,))
        self._keep("group", group)
        self._keep("members", members)
        self._keep("member_group", np.unique(group[members], return_inverse=True)[1])
        self._keep("start", _starts(size[size > 1]))
        self._keep("path", [tag for path in paths for tag in path])
        self._keep("path_start", _starts([len(path) for path in paths]))

    def _keep(self, name: str, values: Sequence[int]) -> None:
        constant = torch.from_numpy(np.asarray(values, np.int64).reshape(-1))
        self.register_buffer(name, constant, persistent=False)

    @property
    def size(self) -> Tensor:
        """int64, tags in each group, those of one tag included."""
        return torch.bincount(self.group)


def sibling_groups(taxonomy: Taxonomy) -> Groups:
    """One group for the children of each tag that has any, and one for all roots (`hsoftmax_nodes`)."""
    return Groups(taxonomy, taxonomy.parent)


def level_groups(taxonomy: Taxonomy) -> Groups:
    """One group for each depth of the tree (`hsoftmax_levels`)."""
    return Groups(taxonomy, taxonomy.depth)


class Places(nn.Module):
    """The P places of C tags, for a hierarchical softmax in which a tag with several parents has several nodes.

    Attributes:
        tree: the places, see `taxonomy.unfold`; what the groups are made from.
        tag: int64 (P,), the tag of each place.
    """

    def __init__(self, taxonomy: Taxonomy):
        super().__init__()
        self.tree, tag = unfold(taxonomy)
        self.tags = len(taxonomy)
        self.register_buffer("tag", torch.from_numpy(tag.astype(np.int64)), persistent=False)

    def labels(self, labels: Tensor, groups: Groups) -> Tensor:
        """bool (B, P): a place is relevant where every tag on its path is.

        A tag that is relevant while none of its places is, because what stands above it is not, counts at all
        of its places: nothing that is annotated is left out of the loss.

        Args:
            labels: (B, C), 0 or 1, float or bool.
            groups: of `tree`.
        """
        at = labels.t().index_select(0, self.tag).float()
        depth = torch.diff(groups.path_start, append=groups.path_start.new_tensor([len(groups.path)]))
        whole = _sum_rows(at, groups.path_start, groups.path) == depth[:, None]
        placed = torch.zeros_like(at[:self.tags]).index_add_(0, self.tag, whole.float()) > 0
        return (whole | ((at > 0) & ~placed.index_select(0, self.tag))).t()

    def scores(self, scores: Tensor, along_path: bool = True) -> Tensor:
        """(B, C) scores of the tags from the (B, P) log-probabilities of the places.

        Along the path, where the probabilities of all places at a fork add up to at most that of their parent, a tag has
        the logarithm of the sum over its places: never more than the sum over its parents. Within levels they are shares
        of several softmaxes: the best counts.
        """
        highest = scores.new_full((len(scores), self.tags), -torch.inf)
        highest.scatter_reduce_(1, self.tag.expand_as(scores), scores, "amax")
        if not along_path:
            return highest
        shares = (scores - highest.index_select(1, self.tag)).exp()
        return highest + torch.zeros_like(highest).index_add_(1, self.tag, shares).log()


def hsoftmax_loss(logits: Tensor, labels: Tensor, groups: Groups, weights: Tensor | None = None,
                  count: Tensor | float | None = None) -> Tensor:
    """Cross-entropies of the groups an image touches, summed; then the mean over images.

    A group is touched if one of its tags is relevant; r relevant tags of a group have a target
    of 1 / r each. Only the labels decide: a relevant tag counts in its own group even if its
    tree parent is not relevant (it was annotated under another parent), and a path that stops
    at an inner tag asks nothing of the tags below. An only child costs nothing.

    Each target is multiplied by its tag's weight, and nothing is divided by the sum of the
    weights, so an image's loss does not depend on the rest of the batch.

    Args:
        logits: (B, C), any float type; computed in float32 (float64 stays).
        labels: (B, C), 0 or 1, float or bool.
        groups: from `sibling_groups` or `level_groups`, on the device of the logits.
        weights: (C,), a tag's weight; None for 1 each.
        count: what to divide the sum by; None for the images with a relevant tag in this facet.
            Several processes that share a batch pass the batch's count.
    Returns:
        scalar; 0, with gradient 0, when no image has a relevant tag.
    """
    losses = hsoftmax_losses(logits, labels, groups, weights)
    if count is None:
        count = labels.any(1).sum().clamp(min=1)
    return losses.sum() / count


def hsoftmax_losses(logits: Tensor, labels: Tensor, groups: Groups, weights: Tensor | None = None) -> Tensor:
    """The (B,) losses of the images, as in `hsoftmax_loss` before the mean; 0 without a relevant tag."""
    if labels.shape != logits.shape or logits.shape[1] != len(groups.group):
        raise ValueError(f"logits {tuple(logits.shape)}, labels {tuple(labels.shape)}, {len(groups.group)} tags")
    logits = logits.to(_precision(logits))
    labels = labels.to(logits.dtype)
    weights = weights if weights is None else weights.to(logits)
    return _GroupCrossEntropy.apply(logits, labels, weights, groups.members, groups.member_group, groups.start)


def hsoftmax_scores(logits: Tensor, groups: Groups, along_path: bool) -> Tensor:
    """Log-probabilities to rank the tags by.

    Along the path: log of the product of a tag's and its ancestors' probabilities, each within
    its own group; never above the parent's score, and equal to it for an only tag of its group.
    Otherwise the tag's own log-probability within its group; an only tag then has 0, the highest
    possible, for every image, which the printed tables rule out (see `results.printed_evidence`).

    Returns:
        (B, C), float32 (float64 for float64 logits).
    """
    rows = logits.to(_precision(logits)).t().contiguous()
    z = rows.index_select(0, groups.members)
    z = z - _group_max(z, groups.member_group, groups.start)
    total = _sum_rows(z.exp(), groups.start)
    log_probabilities = z - total.log().index_select(0, groups.member_group)
    scores = torch.zeros_like(rows).index_copy(0, groups.members, log_probabilities)
    if along_path:
        scores = _sum_rows(scores, groups.path_start, groups.path)
    return scores.t()


class _GroupCrossEntropy(torch.autograd.Function):
    """Losses (B,) with the gradient by hand: with W the group's summed weighted targets,
    W * softmax - weighted target.

    Works on (M, B), where a group is a run of whole rows: torch sums, takes the maximum of and
    repeats whole rows several times faster than scattered columns.
    """

    @staticmethod
    def forward(ctx, logits, labels, weights, members, group, start):
        z, target = (columns.t().contiguous().index_select(0, members) for columns in (logits, labels))
        relevant = weighted = _sum_rows(target, start)
        if weights is not None:
            target.mul_(weights[members, None])
            weighted = _sum_rows(target, start)
        relevant = relevant.clamp(min=1)
        z.sub_(_group_max(z, group, start))
        exponential = z.exp()
        total = _sum_rows(exponential, start)
        attained = _sum_rows(z.mul_(target), start)
        ctx.save_for_backward(exponential, target, weighted / total, relevant, members, group)
        ctx.tags = logits.shape[1]
        return ((weighted * total.log_() - attained) / relevant).sum(0)

    @staticmethod
    def backward(ctx, slope):
        exponential, target, weighted_over_total, relevant, members, group = ctx.saved_tensors
        share = slope / relevant
        gradient = (weighted_over_total * share).index_select(0, group).mul_(exponential)
        gradient.addcmul_(target, share.index_select(0, group), value=-1)
        everywhere = gradient.new_zeros(ctx.tags, len(slope)).index_copy_(0, members, gradient)
        return everywhere.t(), None, None, None, None, None


def _group_max(rows: Tensor, group: Tensor, start: Tensor) -> Tensor:
    """For each row the elementwise maximum of its group's rows."""
    highest = rows.new_full((len(start), rows.shape[1]), -torch.inf)
    highest.scatter_reduce_(0, group[:, None].expand_as(rows), rows, "amax")
    return highest.index_select(0, group)


def _sum_rows(rows: Tensor, start: Tensor, order: Tensor | None = None) -> Tensor:
    """Sum of the rows from each start to the next; of the rows that `order` lists, if given.

    An embedding bag is just that, vectorised on every device; and it adds in the order of the
    list, so that two runs agree to the bit, which `index_add` does not promise on a GPU.
    """
    if not rows.numel():  # torch refuses an empty bag
        return rows.new_zeros(len(start), rows.shape[1])
    order = torch.arange(len(rows), device=rows.device) if order is None else order
    return embedding_bag(order, rows, start, mode="sum")


def _precision(logits: Tensor) -> torch.dtype:
    return torch.promote_types(logits.dtype, torch.float32)


def _starts(sizes: Sequence[int]) -> np.ndarray:
    return np.cumsum(sizes) - np.asarray(sizes)
