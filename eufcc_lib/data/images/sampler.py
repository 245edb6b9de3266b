"""The order of the images in an epoch: shuffled, repeated, shared among processes."""

from collections.abc import Iterator

import numpy as np

from ...core.errors import UserError

ON_BROKEN = ("error", "skip")
"""What to do about an image that cannot be read."""


class EpochSampler:
    """Batches of one epoch over N images, in order or shuffled, each image once or repeated.

    With `repeats` = 3 this is the repeated augmentation of DeiT (Hoffer et al., 2020; the paper's
    RA-Sampler): a shuffled image comes three times in a row, with a new augmentation each time, and the epoch
    ends when it is as long as the data, so it shows a third of the images. Over several processes,
    each shuffled batch is dealt out image by image: a step sees the same images on one GPU or on four,
    and the repetitions of one image fall to different processes. In order, whole batches are dealt out:
    what is computed of a batch does not depend on the number of processes.

    Args:
        images: N.
        batch_size: images per step, summed over processes.
        shuffle: a new order each epoch; else ascending, and the last batch may be smaller.
        repeats: times that an image is used in a row.
        seed: of the order and, handed on, of the augmentation.
        rank, world: this process and the number of processes; world divides the batch size.

    A shuffled epoch leaves out what does not fill its last batch.
    """

    def __init__(self, images: int, batch_size: int, shuffle: bool = False, repeats: int = 1, seed: int = 0,
                 rank: int = 0, world: int = 1):
        if batch_size < 1 or batch_size % world:
            raise UserError(f"Batch size {batch_size}: expected a positive multiple of the {world} processes.")
        if shuffle and images < batch_size:
            raise UserError(f"Batch size {batch_size} is larger than the {images} training images.")
        self.images, self.batch_size, self.shuffle, self.repeats = images, batch_size, shuffle, repeats
        self.seed, self.rank, self.world = seed, rank, world
        self.epoch = 0

    def __len__(self) -> int:
        """This process's batches in an epoch."""
        return self.images // self.batch_size if self.shuffle else len(self._own_batches())

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield int64 (B / world, 4) each step, in order (B, 4): seed, epoch, row, repetition."""
        epoch = self.epoch
        order = np.arange(self.images)
        if self.shuffle:
            order = np.random.default_rng((self.seed, epoch)).permutation(self.images)
        place = np.arange(self.images)
        rows, repetitions = order[place // self.repeats], place % self.repeats
        for step in range(len(self)) if self.shuffle else self._own_batches():
            mine = slice(step * self.batch_size, (step + 1) * self.batch_size)
            if self.shuffle:
                mine = slice(mine.start + self.rank, mine.stop, self.world)
            keys = np.empty((len(rows[mine]), 4), dtype=np.int64)
            keys[:, 0], keys[:, 1], keys[:, 2], keys[:, 3] = self.seed, epoch, rows[mine], repetitions[mine]
            yield keys

    def _own_batches(self) -> range:
        return range(self.rank, -(-self.images // self.batch_size), self.world)
