"""Vision models (paper section 4.1): a backbone, a linear head for each facet, an objective for each head."""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..data.images.transforms import normalise
from ..data.taxonomy import Vocabulary
from .backbones import Backbone
from .registry import ModelSpec


class Heads(nn.Module):
    """One linear layer per facet over the same features; facets without a tag have none.

    Weights start at 0, so no random number is needed.

    Args:
        features: D.
        sizes: C of each facet.
    """

    def __init__(self, features: int, sizes: dict[str, int]):
        super().__init__()
        self.layers = nn.ModuleDict({facet: nn.Linear(features, tags) for facet, tags in sizes.items() if tags})
        for layer in self.layers.values():
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        """Logits (B, C) by facet from features (B, D)."""
        return {facet: layer(features) for facet, layer in self.layers.items()}


class ImageEncoder(nn.Module):
    """A backbone with normalisation: images uint8 (B, 3, S, S) to features (B, D).

    Attributes:
        features: D.
    """

    def __init__(self, backbone: Backbone):
        super().__init__()
        # Convolutions are faster with channels last, on a GPU's tensor cores and on a CPU.
        self.network = backbone.network.to(memory_format=torch.channels_last)
        self.mean, self.std, self.features = backbone.mean, backbone.std, backbone.features

    def forward(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        return self.network(normalise(images, self.mean, self.std))


def vision_model(encoder: ImageEncoder, heads: Heads) -> nn.Sequential:
    """Images uint8 (B, 3, S, S) to logits (B, C) by facet."""
    return nn.Sequential(OrderedDict(encoder=encoder, heads=heads))


class Learner(nn.Module):
    """What the training loop trains: a network with an objective for each facet.

    The loop uses only `forward`, `scores` and `groups`; a model of another kind is a class with these three.

    Args:
        network: inputs to logits by facet: a `vision_model`, or `Heads` on cached features.
        objectives: by facet, see `objectives`.
    """

    def __init__(self, network: nn.Module, objectives: Mapping[str, nn.Module]):
        super().__init__()
        self.network = network
        self.objectives = nn.ModuleDict(objectives)

    def groups(self, weight_decay: float) -> list[dict]:
        """Parameters for the optimizer: all weights that are trained decay equally."""
        return [{"params": [value for value in self.parameters() if value.requires_grad], "weight_decay": weight_decay}]

    def forward(self, inputs: Tensor, labels: dict[str, Tensor], uniform: Tensor | None,
                counts: dict[str, Tensor | float] | None = None) -> dict[str, Tensor]:
        """The loss of each facet, float32 scalars; see the objective.

        Args:
            inputs: of the network.
            labels: bool (B, C) by facet.
            uniform: (B,) random numbers from [0, 1); None for the mean over the tags that could be drawn.
            counts: by facet, the divisor of the sum over images; None for the mean.
        """
        logits = self.network(inputs)
        return {facet: objective(logits[facet], labels[facet], uniform, counts and counts[facet])
                for facet, objective in self.objectives.items()}

    def scores(self, inputs: Tensor) -> dict[str, Tensor]:
        """float32 (B, C) by facet, to rank by."""
        logits = self.network(inputs)
        return {facet: objective.scores(logits[facet]) for facet, objective in self.objectives.items()}


def tagged(spec: ModelSpec, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The model's facets that have tags in the vocabulary."""
    return tuple(facet for facet in spec.facets if len(vocabulary[facet]))
