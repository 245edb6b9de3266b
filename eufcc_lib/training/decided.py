"""Train heads on frozen features where some images have records and of others somebody decided only some tags."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_array, vstack
from torch import Tensor

from ..models.factory import Model
from ..models.features import FeatureLoader, Features, one_thread
from ..models.objectives import Decided
from ..models.vision import Learner
from .checkpoints import Checkpoint
from .loop import Batches, find_machine, fit
from .recipes import Recipe


@dataclass(frozen=True, eq=False)
class DecidedBatches(Batches):
    """Batches whose labels are 1 (the tag is there), -1 (it is not) and 0 (nobody decided).

    Attributes:
        complete: bool (N,), the images with a whole record: where it has a tag in a facet, all others are absent.
    """

    complete: np.ndarray

    def targets(self, rows: Tensor, device: torch.device) -> dict[str, Tensor]:
        """The labels of these rows, int8 (B, C) by facet, on the device."""
        rows = rows.numpy()
        found = {}
        for facet, matrix in self.labels.items():
            labels = matrix[np.maximum(rows, 0)].toarray().astype(np.int8)
            whole = self.complete[rows] & labels.any(axis=1)
            labels[whole[:, None] & (labels == 0)] = -1
            labels[rows < 0] = 0
            found[facet] = torch.from_numpy(labels).to(device)
        return found


def train_decided(model: Model, records: tuple[Features, Mapping[str, csr_array]], decided: tuple[Features, Mapping[str, csr_array]],
                  recipe: Recipe, seed: int) -> list[dict[str, float]]:
    """Train a frozen model's heads with one yes-or-no question per decided tag; returns the history, see `loop.fit`.

    Args:
        model: `multi_label`, with its initial weights, which are replaced.
        records: the features of images with a record, and by facet their labels, bool (N, C).
        decided: the same of images of which only some tags are decided, int8 (n, C) with 1 and -1.
    """
    (first, labels), (second, decisions) = records, decided
    images = len(first.rows) + len(first.broken)
    features = Features(torch.cat([first.values, second.values]), torch.cat([first.rows, second.rows + images]),
                        first.broken | {images + row: reason for row, reason in second.broken.items()})
    matrices = {facet: csr_array(vstack([labels[facet].astype(np.int8), decisions[facet]], "csr")) for facet in decisions}
    complete = np.arange(images + len(second.rows) + len(second.broken)) < images
    batches = DecidedBatches(FeatureLoader(features, recipe.batch_size, shuffle=True, seed=seed), matrices, complete)
    learner = Learner(model.learner.network, {facet: Decided(None, None, reduction=recipe.reduction) for facet in matrices})
    with tempfile.TemporaryDirectory() as folder, one_thread():
        return fit(learner, batches, None, recipe, seed, find_machine(recipe.precision), Checkpoint(Path(folder), {}), quiet=True)
