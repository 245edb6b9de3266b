"""Hierarchical softmax, forward and backward, against binary cross-entropy on the same logits.

    python benchmarks/losses.py [--write]

Batch 128 on the official tree of object types (894 tags, 143 roots) where
`../shared/data/official/objectTypes.txt` exists, else on a random tree of that size and depth.
Each way of computing the loss is first shown to give the same loss and gradient. A method's time
ends with the gradient of the logits.
"""

import argparse
from collections import Counter
from functools import partial

import numpy as np
import torch
from report import best_seconds, report
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.testing import assert_close

from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.label_files import read_label_tree
from eufcc_lib.data.taxonomy import TOP, Taxonomy, arrange_tree
from eufcc_lib.losses.hsoftmax import Groups, hsoftmax_loss, level_groups, sibling_groups

BATCH, TAGS, ROOTS, DEPTH = 128, 894, 143, 8
OFFICIAL = ROOT.parent / "shared" / "data" / "official" / "objectTypes.txt"


def random_tree(seed: int = 0) -> Taxonomy:
    """A tree of as many tags, roots and levels as the official one; children prefer large families."""
    rng = np.random.default_rng(seed)
    parents, depth = [TOP] * ROOTS, [1] * ROOTS
    for level in range(1, DEPTH):
        parents.append(len(parents) - 1 if level > 1 else 0)
        depth.append(level + 1)
    while len(parents) < TAGS:
        # Half of the new tags join a random tag's siblings, so that families grow unevenly.
        tag = int(rng.integers(len(parents)))
        parent = tag if parents[tag] is TOP or rng.random() < 0.5 else parents[tag]
        if depth[parent] < DEPTH:
            parents.append(parent)
            depth.append(depth[parent] + 1)
    edges = {f"{tag:03}": Counter({TOP if parent is TOP else f"{parent:03}": 1})
             for tag, parent in enumerate(parents)}
    return arrange_tree("objectTypes", edges)


def random_labels(taxonomy: Taxonomy, images: int, seed: int = 0) -> torch.Tensor:
    """Two random tags an image, with their ancestors; float32 (images, C)."""
    labels = torch.zeros(images, len(taxonomy))
    for image, tags in enumerate(np.random.default_rng(seed).integers(len(taxonomy), size=(images, 2)).tolist()):
        for tag in tags:
            while tag >= 0:
                labels[image, tag] = 1
                tag = int(taxonomy.parent[tag])
    return labels


def scatter_loss(logits: torch.Tensor, labels: torch.Tensor, groups: Groups) -> torch.Tensor:
    """Segment log-sum-exp by scattering columns, gradient by autograd."""
    column = groups.group.expand_as(logits)
    empty = logits.new_zeros(len(logits), len(groups.size))
    highest = empty.scatter_reduce(1, column, logits.detach(), "amax", include_self=False)
    total = empty.scatter_add(1, column, (logits - highest.gather(1, column)).exp())
    log_probability = logits - (highest + total.log()).gather(1, column)
    relevant = empty.scatter_add(1, column, labels).clamp(min=1)
    return -(labels / relevant.gather(1, column) * log_probability).sum() / len(logits)


def loop_over_groups(logits: torch.Tensor, labels: torch.Tensor, members: list[torch.Tensor]) -> torch.Tensor:
    """One softmax after the other."""
    loss = 0
    for tags in members:
        target = labels[:, tags]
        target = target / target.sum(1, keepdim=True).clamp(min=1)
        loss = loss - (target * logits[:, tags].log_softmax(1)).sum()
    return loss / len(logits)


def loop_over_images(logits: torch.Tensor, labels: torch.Tensor, groups: Groups,
                     members: list[torch.Tensor]) -> torch.Tensor:
    """One cross-entropy for each image and touched group, as code after YOLO9000 does it."""
    loss = 0
    for row, marks in zip(logits, labels):
        for group in groups.group[marks > 0].unique().tolist():
            target = marks[members[group]]
            loss = loss + cross_entropy(row[members[group]], target / target.sum())
    return loss / len(logits)


def padded_loss(logits: torch.Tensor, labels: torch.Tensor, padded: torch.Tensor) -> torch.Tensor:
    """One softmax over all groups, each filled up to the width of the widest."""
    filled = torch.cat([logits, logits.new_full((len(logits), 1), -1e30)], 1)[:, padded]
    target = torch.cat([labels, labels.new_zeros(len(labels), 1)], 1)[:, padded]
    target = target / target.sum(2, keepdim=True).clamp(min=1)
    return -(target * filled.log_softmax(2)).sum() / len(logits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/losses.json")
    arguments = parser.parse_args()

    official = OFFICIAL.exists()
    taxonomy = read_label_tree(OFFICIAL, "objectTypes") if official else random_tree()
    groups = sibling_groups(taxonomy)
    members = list(groups.group.argsort(stable=True).split(groups.size.tolist()))
    padded = torch.nn.utils.rnn.pad_sequence(members, batch_first=True, padding_value=len(taxonomy))
    labels = random_labels(taxonomy, BATCH)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(BATCH, len(taxonomy), generator=generator, requires_grad=True)
    weights = torch.rand(len(taxonomy), generator=generator)

    same = {
        "eufcc_lib": (hsoftmax_loss, groups),
        "columns scattered, autograd": (scatter_loss, groups),
        "loop over groups": (loop_over_groups, members),
        "loop over images and groups": (loop_over_images, groups, members),
        "groups padded to the widest": (padded_loss, padded),
    }
    other = {
        "eufcc_lib, weighted": (hsoftmax_loss, groups, weights),
        "eufcc_lib, levels": (hsoftmax_loss, level_groups(taxonomy)),
    }

    def run(loss, *how):
        value = loss(logits, labels, *how)
        return value.detach(), torch.autograd.grad(value, logits)[0]

    expected = run(*same["eufcc_lib"])
    for method in same.values():
        assert_close(run(*method), expected, rtol=1e-5, atol=1e-5)
    base_name = "binary cross-entropy with logits"
    methods = {base_name: (binary_cross_entropy_with_logits,)} | same | other
    seconds = dict.fromkeys(methods, float("inf"))
    # In turns, so that whatever else the machine does falls on all alike.
    for turn in range(20):
        for name, method in methods.items():
            slow = "loop" in name or "padded" in name
            if turn < 2 or not slow:
                spent = best_seconds(partial(run, *method), runs=1 if slow else 20)
                seconds[name] = min(seconds[name], spent)
    size = groups.size
    report("losses", f"Hierarchical softmax, forward and backward: {'official' if official else 'random'} tree, "
           f"{len(taxonomy)} tags in {len(size)} groups of {size.min()} to {size.max()}, batch {BATCH}, "
           f"{torch.get_num_threads()} threads",
           base_name, seconds.pop(base_name), seconds, ("torch", "numpy"), arguments.write)


if __name__ == "__main__":
    main()
