"""The training photographs that a suggestion rests on, as small pictures, where the data set is at hand.

They are not kept beside the checkpoint: 20,000 of them take 80 MB. On a machine without the data set a neighbour is its id and
its tags.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PureWindowsPath

from ..collection.sources import locate
from ..core.errors import UserError
from ..core.paths import on_disk
from ..data.dataset import images_folder
from ..data.images.decoding import BrokenImage
from .lines import Line
from .predictor import Predictor
from .uploads import view_image

SIDE = 192
"""The longer side of a picture, in pixels."""

KEPT = 1000
"""Pictures that are kept at hand: some 5 MB."""

_POOL = ThreadPoolExecutor(2, thread_name_prefix="evidence")


def evidence_picture(predictor: Predictor, image: str) -> bytes | None:
    """A training photograph as a JPEG of at most `SIDE` pixels a side; None where it is unknown, not at hand or broken.

    Reads and decodes a file, so that no event loop should wait for it; see `look`.

    Args:
        image: its id, as of a `likeness.Neighbour`. Ids come from csv files: one that leads to another folder is unknown.
    """
    folder = training_images(predictor)
    return _picture(folder / f"{image}.jpg") if folder and is_name(image) and _is_known(predictor, image) else None


def look(predictor: Predictor, images: Iterable[str]) -> Future[dict[str, bytes]]:
    """The pictures of some training photographs by id, made in a thread; those that cannot be had are left out."""
    def make() -> dict[str, bytes]:
        found = {image: evidence_picture(predictor, image) for image in dict.fromkeys(images)}
        return {image: picture for image, picture in found.items() if picture}
    return _POOL.submit(make)


def agreeing(tags: Iterable[str], lines: Iterable[Line], names: tuple[str, ...]) -> set[str]:
    """Of a neighbour's tags those that are proposed.

    Args:
        lines: the proposals of the facet.
        names: of the tags of its vocabulary.
    """
    proposed = {names[tag] for line in lines for tag in line.path}
    return proposed.intersection(tags)


def training_images(predictor: Predictor) -> Path | None:
    """The folder of the photographs that the models were trained on; None where it is not at hand."""
    source = getattr(predictor, "source", "")
    if not source:
        return None
    with suppress(UserError):
        folder = images_folder(locate(source)[1])
        return folder if folder.is_dir() else None
    return None


def is_name(image: str) -> bool:
    """Whether an id is a plain name, on any system, and no way to another folder."""
    return bool(image) and "\0" not in image and image not in (".", "..") and PureWindowsPath(image).name == image and "/" not in image


@lru_cache(KEPT)
def _picture(file: Path) -> bytes | None:
    try:
        return view_image(on_disk(file), SIDE, quality=80)
    except BrokenImage:
        return None


def _is_known(predictor: Predictor, image: str) -> bool:
    return predictor.memory is not None and image in predictor.memory.known
