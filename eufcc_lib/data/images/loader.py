"""Which images make a batch, and the processes that read them.

A batch is a function of the seed and the epoch alone: the number of worker processes, of GPUs,
and what was read before change nothing in it.
"""

import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader

from ...core.errors import UserError, unknown
from ...core.hardware import usable_cores
from ...core.paths import spellings
from .decoding import BrokenImage
from .sampler import ON_BROKEN, EpochSampler
from .transforms import Transform, read_image

"""What to do about an image that cannot be read: stop with its name, or leave it out and count it."""


class ImageDataset(torch.utils.data.Dataset):
    """N image files under one transform.

    The paths are kept as one block of bytes, not as N Python objects: worker processes share it,
    where counting references to objects would copy page after page into each of them.

    Args:
        paths: N files.
        transform: how each is read; see `Transform`.
        keep_places: a batch keeps its size: an image that cannot be read is black and its row -1, where it
            would else be left out. In training, the others are then drawn and augmented as if it could be read,
            and processes that share a batch have parts of one size.
    """

    def __init__(self, paths: Sequence[str | os.PathLike], transform: Transform, keep_places: bool = False):
        self._paths = np.array([os.fsencode(path) for path in paths], dtype=np.bytes_)
        self.transform, self.keep_places = transform, keep_places

    def __len__(self) -> int:
        return len(self._paths)

    def path(self, row: int) -> Path:
        """The file of a row."""
        return Path(os.fsdecode(self._paths[row].item()))

    def __getitem__(self, row: int) -> torch.Tensor:
        """uint8 (3, S, S): the image as epoch 0 of seed 0 sees it. `BrokenImage` if it cannot be read."""
        return self._read((0, 0, row, 0))

    def __getitems__(self, keys: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, dict[int, str]]:
        """A batch, for the loader: pixels and rows of the readable images, and why the others are not.

        Args:
            keys: int64 (B, 4): seed, epoch, row, repetition. Augmentation depends on these alone.
        """
        size = self.transform.size
        images = torch.empty(len(keys), 3, size, size, dtype=torch.uint8)
        rows, broken = [], {}
        for key in keys.tolist():
            try:
                images[len(rows)] = self._read(key)
                rows.append(key[2])
            except BrokenImage as error:
                broken[key[2]] = str(error)
                if self.keep_places:
                    images[len(rows)] = 0
                    rows.append(-1)
        return images[:len(rows)], torch.tensor(rows, dtype=torch.int64), broken

    def _read(self, key) -> torch.Tensor:
        rng = np.random.default_rng(key) if self.transform.augment else None
        return read_image(os.fsdecode(self._paths[key[2]].item()), self.transform, rng)


class ImageLoader(DataLoader):
    """Iterates over an epoch's batches: uint8 (B, 3, S, S) pixels and int64 (B,) rows of the dataset.

    Attributes:
        broken: row -> sentence for each image that could not be read so far (`on_broken="skip"`).
            A batch is smaller by these, and rows that are never yielded are not evaluated.
    """

    def __init__(self, dataset: ImageDataset, sampler: EpochSampler, on_broken: str, **options):
        super().__init__(dataset, batch_sampler=sampler, collate_fn=_as_it_is, **options)
        self.on_broken = on_broken
        self.broken: dict[int, str] = {}

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next iteration goes through: its order and its augmentation."""
        self.batch_sampler.epoch = epoch

    def __iter__(self):
        batches = super().__iter__()
        while True:
            try:
                images, rows, broken = next(batches)
            except StopIteration:
                return
            except RuntimeError as error:
                if "DataLoader worker (pid" not in str(error):
                    raise
                raise UserError("A worker process that reads images was killed, most often for lack of memory "
                                f"or of shared memory (/dev/shm): give fewer than {self.num_workers} workers.") from error
            if broken and self.on_broken == "error":
                raise UserError(next(iter(broken.values())))
            self.broken.update(broken)
            if len(rows):
                yield images, rows


def image_loader(dataset: ImageDataset, batch_size: int, shuffle: bool = False, repeats: int = 1, seed: int = 0,
                 workers: int | None = None, on_broken: str = "error", pin_memory: bool = False,
                 rank: int = 0, world: int = 1) -> ImageLoader:
    """A loader of the images of a data set.

    Args:
        dataset: the files and their transform.
        batch_size, shuffle, repeats, seed, rank, world: see `EpochSampler`.
        workers: processes that read; 0 reads in this one; None takes `default_workers`.
        on_broken: `error` stops at the first image that cannot be read; `skip` leaves it out and
            keeps its row and reason in `ImageLoader.broken`.
        pin_memory: for batches that go to a GPU.
    Raises:
        UserError: while iterating, naming the file and the reason.
    """
    if on_broken not in ON_BROKEN:
        raise unknown("on_broken", on_broken, ON_BROKEN)
    sampler = EpochSampler(len(dataset), batch_size, shuffle, repeats, seed, rank, world)
    workers = default_workers() if workers is None else workers
    options = {}
    if workers:
        options = {"multiprocessing_context": _start_method(), "worker_init_fn": _leave_interrupts_to_the_parent,
                   "persistent_workers": True, "prefetch_factor": 4}
    return ImageLoader(dataset, sampler, on_broken, num_workers=workers, pin_memory=pin_memory, **options)


def default_workers() -> int:
    """One process per core that falls to this one, less one for the training itself; at most 16.

    `LOCAL_WORLD_SIZE`, set by the launcher, is the number of training processes on this machine.
    """
    return min(max(usable_cores() // int(os.environ.get("LOCAL_WORLD_SIZE", "1")) - 1, 0), 16)


def find_missing(paths: Iterable[str | os.PathLike]) -> list[Path]:
    """The paths at which there is no file (see `paths.spellings`), in their order: a quick look before a long run.

    Reads each folder once instead of asking for each file. It does not open the files: a broken one
    is found when it is read.
    """
    places = [os.path.split(path) for path in paths]
    names = {folder: _file_names(folder) for folder in {folder for folder, _ in places}}
    return [Path(folder, name) for folder, name in places if names[folder].isdisjoint(spellings(name))]


def _file_names(folder: str) -> set[str]:
    try:
        with os.scandir(folder or ".") as entries:
            return {entry.name for entry in entries if entry.is_file()}
    except OSError:
        return set()


def _as_it_is(batch):
    return batch


def _start_method() -> str:
    # On Linux a fork is safe here (a worker computes in one thread and leaves the GPU alone) and costs
    # 0.2 s, where a fresh interpreter imports torch for seconds in every worker.
    return "fork" if sys.platform == "linux" else "spawn"


def _leave_interrupts_to_the_parent(_: int) -> None:
    # Ctrl-C reaches every process; the parent stops in order, and a worker's traceback would only bury its words.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
