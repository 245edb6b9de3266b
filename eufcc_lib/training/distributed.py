"""Distributed training: the ranks of processes that train together, and their communication.

PyTorch's own launcher or SLURM's srun starts them, on one or several machines (see `launch`). With a single process,
the functions here change nothing.
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
        world: the number of processes.
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


def this_process() -> Process:
    """This process; the first of one unless several were `joined`."""
    if not distributed.is_initialized():
        return ALONE
    return Process(distributed.get_rank(), distributed.get_world_size())


@contextmanager
def joined() -> Iterator[Process]:
    """Inside, processes that were started together are connected, each with its own GPU if there are any.

    Raises:
        UserError: there are fewer GPUs on this machine than processes.
    """
    if count_started() == 1:
        yield this_process()
        return
    by_srun = "WORLD_SIZE" not in os.environ
    if by_srun:
        os.environ.update(_torchrun_variables(os.environ))
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
    """The number of processes that the launcher started together, including this one.

    Not `SLURM_NTASKS`, which is set in the whole allocation, also in a notebook or batch script that runs once; the
    tasks of one srun are a step.
    """
    return int(os.environ.get("WORLD_SIZE") or os.environ.get("SLURM_STEP_NUM_TASKS") or 1)


def _torchrun_variables(slurm: Mapping[str, str]) -> dict[str, str]:
    """The variables of torch's launcher from those of a task of srun.

    Processes connect to the first machine of the step, at a port derived from the job's number, unless `MASTER_ADDR`
    and `MASTER_PORT` are set.
    """
    return {"RANK": slurm["SLURM_PROCID"], "WORLD_SIZE": slurm["SLURM_STEP_NUM_TASKS"], "LOCAL_RANK": slurm["SLURM_LOCALID"],
            "MASTER_ADDR": slurm.get("MASTER_ADDR") or _first_host(slurm["SLURM_STEP_NODELIST"]),
            "MASTER_PORT": slurm.get("MASTER_PORT") or str(20_000 + int(slurm.get("SLURM_JOB_ID", "0")) % 10_000)}


def _first_host(hosts: str) -> str:
    """The first host in SLURM's notation: `gpu03` of `gpu[03-05,9],cpu1`."""
    first = re.match(r"(?:[^,\[]|\[[^\]]*\])+", hosts)[0]
    return re.sub(r"\[(\d+)[^\]]*\]", r"\1", first)


def _own_gpu(local_rank: int, gpus: int, by_srun: bool) -> int:
    """The number of a process's GPU, among those visible to it."""
    if by_srun and gpus == 1:
        return 0  # with --gpus-per-task, each task sees only its own GPU
    if local_rank >= gpus:
        raise UserError(f"More processes than GPUs were started on this machine: it has {gpus}, and this is process "
                        f"{local_rank + 1}; expected one process per GPU.")
    return local_rank


def wait_for_all() -> None:
    """Wait until every process has reached this call."""
    if distributed.is_initialized():
        distributed.barrier()


def add_up(tensor: torch.Tensor) -> torch.Tensor:
    """The sum over all processes, in place."""
    if distributed.is_initialized():
        distributed.all_reduce(tensor)
    return tensor


def collect(value: object) -> list:
    """The values of all processes by rank, in the first process; an empty list in the others."""
    if not distributed.is_initialized():
        return [value]
    found = [None] * distributed.get_world_size() if distributed.get_rank() == 0 else None
    distributed.gather_object(value, found)
    return found or []
