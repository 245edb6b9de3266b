"""Several processes that train together: who is who, and the few things they tell each other.

PyTorch's own launcher starts them, on one machine or on many, or SLURM's srun (see `launch`). Alone, a
process is the first of one, and everything here leaves things as they are.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed

from ..core.errors import UserError


@dataclass(frozen=True)
class Process:
    """This process among those that train together.

    Attributes:
        rank: its number, from 0; the first one writes and prints.
        world: how many there are.
    """

    rank: int = 0
    world: int = 1

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
    return Process(distributed.get_rank(), distributed.get_world_size())


@contextmanager
def joined() -> Iterator[Process]:
    """Inside, the processes that were started together know each other, and each has a GPU of its own if there are any.

    Raises:
        UserError: there are fewer GPUs on this machine than processes.
    """
    if count_started() == 1:
        yield this_process()
        return
    by_srun = "WORLD_SIZE" not in os.environ
    if by_srun:
        os.environ.update(_as_torchrun_says(os.environ))
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(_own_gpu(int(os.environ["LOCAL_RANK"]), torch.cuda.device_count(), by_srun))
    # gloo beside nccl: Python objects and CPU tensors travel without a GPU.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo")
    try:
        yield this_process()
    finally:
        distributed.destroy_process_group()


def count_started() -> int:
    """How many processes the launcher started together, this one included.

    `SLURM_NTASKS` would not tell: it is there in all of an allocation, also in a notebook or a batch script that
    runs once. Of the tasks of one srun SLURM speaks as of a step.
    """
    return int(os.environ.get("WORLD_SIZE") or os.environ.get("SLURM_STEP_NUM_TASKS") or 1)


def _as_torchrun_says(slurm: Mapping[str, str]) -> dict[str, str]:
    """The variables of torch's launcher from those that srun gives each of its tasks.

    All meet at the first machine of the step, at a port that follows from the job; `MASTER_ADDR` and `MASTER_PORT`
    say otherwise. How many tasks share a machine is left out, for each has cores of its own.
    """
    return {"RANK": slurm["SLURM_PROCID"], "WORLD_SIZE": slurm["SLURM_STEP_NUM_TASKS"], "LOCAL_RANK": slurm["SLURM_LOCALID"],
            "MASTER_ADDR": slurm.get("MASTER_ADDR") or _first_host(slurm["SLURM_STEP_NODELIST"]),
            "MASTER_PORT": slurm.get("MASTER_PORT") or str(20_000 + int(slurm.get("SLURM_JOB_ID", "0")) % 10_000)}


def _first_host(hosts: str) -> str:
    """The first of SLURM's list: `gpu03` of `gpu[03-05,9],cpu1`."""
    first = re.match(r"(?:[^,\[]|\[[^\]]*\])+", hosts)[0]
    return re.sub(r"\[(\d+)[^\]]*\]", r"\1", first)


def _own_gpu(local_rank: int, gpus: int, by_srun: bool) -> int:
    """The number of a process's GPU, where it is the local_rank-th of this machine and sees so many."""
    if by_srun and gpus == 1:
        return 0  # with --gpus-per-task srun shows each task its own GPU alone
    if local_rank >= gpus:
        raise UserError(f"More processes than GPUs were started on this machine: it has {gpus}, and this is process "
                        f"{local_rank + 1}; expected one process for each GPU.")
    return local_rank


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
