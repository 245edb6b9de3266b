"""Several processes that train together: who is who, and the few things they tell each other.

PyTorch's own launcher starts them, on one machine or on many (see `launch`). Alone, a process is the
first of one, and everything here leaves things as they are.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Process:
    """This process among those that train together.

    Attributes:
        rank: its number, from 0; the first one writes and prints.
        world: how many there are.
        local_rank: its number on this machine, which is also that of its GPU.
    """

    rank: int = 0
    world: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        return self.rank == 0

    def say(self, line: str) -> None:
        """Print, once for all processes."""
        if self.first:
            print(line, flush=True)


ALONE = Process()
"""A process that trains by itself."""


def this_process() -> Process:
    """Which process this is."""
    if not distributed.is_initialized():
        return ALONE
    return Process(distributed.get_rank(), distributed.get_world_size(), int(os.environ.get("LOCAL_RANK", "0")))


@contextmanager
def joined() -> Iterator[Process]:
    """Inside, the processes that the launcher started know each other."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield this_process()
        return
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # gloo beside nccl: Python objects and CPU tensors travel without a GPU.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo")
    try:
        yield this_process()
    finally:
        distributed.destroy_process_group()


def wait_for_all() -> None:
    """Go on when every process has come here."""
    if distributed.is_initialized():
        distributed.barrier()


def add_up(tensor: torch.Tensor) -> torch.Tensor:
    """The sum over all processes, in place."""
    if distributed.is_initialized():
        distributed.all_reduce(tensor)
    return tensor


def collect(value: object) -> list:
    """The values of all processes in their order, at the first one; elsewhere an empty list."""
    if not distributed.is_initialized():
        return [value]
    found = [None] * distributed.get_world_size() if distributed.get_rank() == 0 else None
    distributed.gather_object(value, found)
    return found or []
