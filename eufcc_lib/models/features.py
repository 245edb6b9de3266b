"""Features of a frozen backbone, computed once per image and kept on disk.

A frozen backbone gives the same features in every epoch, so heads can be trained on the features
alone, in seconds on a CPU. Files are in `checkpoints/DATA/features_KEY/`, independent of the vocabulary,
with about a thousand images each, so that an interrupted computation resumes. The key
is a hash of everything the features depend on: backbone, weights, transform, records and image files.
"""

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..core import paths
from ..core.errors import UserError
from ..core.hardware import usable_cores
from ..data.dataset import Dataset
from ..data.images.loader import ImageDataset, image_loader
from ..data.images.sampler import EpochSampler
from ..data.images.transforms import Transform
from ..data.records import Records
from ..data.taxonomy import Vocabulary
from .backbones import Backbone, load_backbone
from .vision import ImageEncoder

_PART = 1024
"""Images per file. Fixed, as the last digits of features may depend on which images share a batch."""

_BATCH = 32

_SECONDS = 5
"""Time between two lines of progress."""

_Batch = tuple[Tensor, Tensor, dict[int, str]]


@dataclass(frozen=True, eq=False)
class Features:
    """Features of the readable images of one split.

    Attributes:
        values: float32 (n, D).
        rows: int64 (n,), ascending: the images' rows in the split.
        broken: row -> sentence for each image that could not be read.
    """

    values: Tensor
    rows: Tensor
    broken: dict[int, str]


class FeatureLoader:
    """Batches of features in the order of a sampler, as `data.images.loader.ImageLoader` gives images."""

    def __init__(self, features: Features, batch_size: int, shuffle: bool = False, seed: int = 0):
        self.features, self.broken = features, features.broken
        images = len(features.rows) + len(features.broken)
        self.sampler = EpochSampler(images, batch_size, shuffle, seed=seed)
        self.place = torch.full((images,), -1)
        self.place[features.rows] = torch.arange(len(features.rows))

    def __len__(self) -> int:
        return len(self.sampler)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, which determines the order of the next iteration."""
        self.sampler.epoch = epoch

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield features, float32 (B, D), and rows of the split, int64 (B,).

        An image that could not be read is left out; in shuffled batches, where it keeps its place, it is 0 and its row -1.
        """
        for keys in self.sampler:
            rows = torch.from_numpy(keys[:, 2])
            place = self.place[rows]
            readable = place >= 0
            if not self.sampler.shuffle:
                rows, place, readable = rows[readable], place[readable], readable[readable]
            if len(rows):
                values = torch.zeros(len(rows), self.features.values.shape[1])
                values[readable] = self.features.values[place[readable]]
                yield values, torch.where(readable, rows, -1)


def load_features(backbone: Backbone, dataset: Dataset, split: str, transform: Transform,
                  device: torch.device, on_broken: str = "error") -> Features:
    """A split's features: read from disk if complete, else computed and kept.

    Args:
        transform: without augmentation.
        device: where to compute.
        on_broken: `error` stops at the first image that cannot be read; `skip` leaves it out.
    Raises:
        UserError: an image cannot be read, or the folder cannot be written.
        KeyboardInterrupt: after printing what is kept.
    """
    sources = dataset.sources(split)
    images = sum(len(rows) for _, _, rows in sources)
    # Filled in place: a list of parts, then joined, would need twice the memory.
    values, places, broken = torch.empty(images, backbone.features), torch.empty(images, dtype=torch.int64), {}
    filled = before = 0
    for origin, name, rows in sources:
        for start, part in _parts(backbone, origin, name, rows, transform, device):
            first, last = np.searchsorted(rows, [start, start + _PART])
            wanted, readable = rows[first:last] - start, part.rows.numpy()
            unread = {before + int(first + np.searchsorted(wanted, row)): reason for row, reason in part.broken.items()
                      if row in wanted}
            if unread and on_broken == "error":
                raise UserError(next(iter(unread.values())))
            kept = np.isin(readable, wanted)
            end = filled + np.count_nonzero(kept)
            values[filled:end] = part.values[torch.from_numpy(kept)]
            places[filled:end] = torch.from_numpy(before + first + np.searchsorted(wanted, readable[kept]))
            filled = end
            broken |= unread
        before += len(rows)
    return Features(values[:filled], places[:filled], broken)


def _parts(backbone: Backbone, dataset: Dataset, split: str, rows: np.ndarray, transform: Transform,
           device: torch.device) -> Iterator[tuple[int, Features]]:
    """The parts that hold any of these rows, each with the row that it starts at; what is not on disk is computed and kept."""
    files = dataset.image_paths(split).texts()
    folder = paths.CHECKPOINTS / dataset.root.name / f"features_{_key(backbone, transform, files)}"
    encoder, computed, began = None, 0, time.monotonic()
    printed = began
    for start in np.unique(rows // _PART * _PART).tolist():
        path, expected = folder / f"{start:07}.npz", min(_PART, len(files) - start)
        part = _read_part(path, expected, backbone.features)
        if part is None:
            encoder = encoder or ImageEncoder(backbone).eval().to(device)
            try:
                part = _compute(encoder, files[start:start + _PART], transform, device)
            except KeyboardInterrupt:
                print(f"Interrupted; the features of {start:,} of the {len(files):,} images of {split} are kept in "
                      f"{folder}, and the same command resumes there.", flush=True)
                raise
            _write_part(part, path)
            computed, done, now = computed + expected, start + expected, time.monotonic()
            if now - printed > _SECONDS or done == len(files):
                print(f"features of {split}: {done:,} of {len(files):,} images, {computed / (now - began):,.0f} images/s",
                      flush=True)
                printed = now
        yield start, part


def file_features(backbone: Backbone, files: list[str], transform: Transform, device: torch.device) -> Features:
    """The features of any image files, each file a row; computed anew, and nothing is kept."""
    return _compute(ImageEncoder(backbone).eval().to(device), files, transform, device)


def describe_images(records: Records, root: Path, name: str, backbone: str = "tf_efficientnet_lite0",
                    size: int = 128) -> np.ndarray:
    """float32 (N, D), a pretrained network's features of the records' images; kept like all features.

    Args:
        records: with images `<root>/EUROPEANA/images/<id>.jpg`.
        name: of the data set, for the folder of the features.
        backbone: any network of timm.
        size: side of the central square of each image after resizing, in pixels.
    Raises:
        UserError: an image cannot be read, no such network, or no weights of it.
    """
    network = load_backbone(backbone)
    images = Dataset(name, Path(root), {"images": records}, Vocabulary({}), "")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return load_features(network, images, "images", network.transform(size), device).values.numpy()


def _compute(encoder: ImageEncoder, files: list[str], transform: Transform, device: torch.device) -> Features:
    dataset = ImageDataset(files, transform)
    values, rows, broken = zip(*(_on_cpu if device.type == "cpu" else _on_gpu)(encoder, dataset, device))
    return Features(torch.cat(values), torch.cat(rows), {row: reason for part in broken for row, reason in part.items()})


def _on_gpu(encoder: ImageEncoder, dataset: ImageDataset, device: torch.device) -> Iterator[_Batch]:
    loader = image_loader(dataset, _BATCH, on_broken="skip", pin_memory=True)
    for images, rows in loader:
        with torch.inference_mode():
            yield encoder(images.to(device, non_blocking=True)).float().cpu(), rows, {}
    yield torch.empty(0, encoder.features), torch.empty(0, dtype=torch.int64), dict(loader.broken)


def _on_cpu(encoder: ImageEncoder, dataset: ImageDataset, device: torch.device) -> Iterator[_Batch]:
    """Each core reads and computes its own batches.

    If the cores share every operation instead, all wait for the slowest after each: four times slower on two busy
    cores, a quarter slower on two idle ones.
    """
    @torch.inference_mode()
    def compute(start: int) -> _Batch:
        keys = np.zeros((min(_BATCH, len(dataset) - start), 4), np.int64)
        keys[:, 2] = np.arange(start, start + len(keys))
        images, rows, broken = dataset.__getitems__(keys)
        return encoder(images) if len(rows) else torch.empty(0, encoder.features), rows, broken

    with one_thread():
        pool = ThreadPoolExecutor(usable_cores())
        try:
            yield from pool.map(compute, range(0, len(dataset), _BATCH))
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def one_thread():
    """Inside, torch computes each operation on one core, which is faster for small operations."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _write_part(part: Features, path: Path) -> None:
    try:
        with paths.atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, values=part.values.numpy(), rows=part.rows.numpy(), broken=json.dumps(part.broken))
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}); the features before it are kept.") from None


def _read_part(path: Path, images: int, features: int) -> Features | None:
    """The part, or None if it is missing or damaged; zip files contain a checksum."""
    try:
        with np.load(path) as kept:
            values, rows = torch.from_numpy(kept["values"]), torch.from_numpy(kept["rows"])
            broken = {int(row): reason for row, reason in json.loads(str(kept["broken"])).items()}
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        print(f"{path} is damaged; computing it again.")
        return None
    fits = (values.dtype == torch.float32 and values.shape == (len(rows), features) and values.isfinite().all()
            and sorted([*rows.tolist(), *broken]) == list(range(images)))
    if not fits:
        print(f"{path} does not hold the features of {images} images; computing it again.")
        return None
    return Features(values, rows, broken)


def _key(backbone: Backbone, transform: Transform, files: list[str]) -> str:
    content = [backbone.name, backbone.hash, transform.description, list(map(os.path.basename, files)),
               list(map(file_size, files))]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


def file_size(path: str | os.PathLike) -> int:
    """Bytes, -1 if there is no file: an image that was drawn or fetched again seldom has the same size."""
    with suppress(OSError):
        return os.stat(path).st_size
    with suppress(OSError):
        return paths.on_disk(Path(path)).stat().st_size
    return -1
