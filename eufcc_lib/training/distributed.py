"""Distributed training: the ranks of processes that train together, and their communication.

PyTorch's own launcher or SLURM's srun starts them, on one or several machines (see `launch`). With a single process,
the functions here change nothing.
"""

import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

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
        UserError: there are fewer GPUs on this machine than processes, or the tasks of srun cannot meet.
    """
    if count_started() == 1:
        yield this_process()
        return
    by_srun = "WORLD_SIZE" not in os.environ
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        local_rank = int(os.environ["SLURM_LOCALID" if by_srun else "LOCAL_RANK"])
        torch.cuda.set_device(_own_gpu(local_rank, torch.cuda.device_count(), by_srun))
    meeting = {}
    if by_srun:
        rank = int(os.environ["SLURM_PROCID"])
        meeting = {"store": _meet(_meeting_place(os.environ), rank), "rank": rank, "world_size": count_started()}
    # gloo beside nccl: Python objects and CPU tensors travel without a GPU.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo", **meeting)
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


@dataclass(frozen=True)
class _Place:
    """Where the tasks of a step of SLURM meet: the step as `JOB.STEP`, the machine of its first task, and a port there."""

    step: str
    host: str
    port: int


def _meeting_place(slurm: Mapping[str, str]) -> _Place:
    """From the variables of a task of srun: the first machine of the step, at a port derived from the numbers of job and step.

    `MASTER_ADDR` and `MASTER_PORT` go first; `UserError` if the latter is no port. Jobs whose numbers are close have ports
    that are not: several run at a time.
    """
    job, step = slurm.get("SLURM_JOB_ID", "0"), slurm.get("SLURM_STEP_ID", "0")
    port = slurm.get("MASTER_PORT") or str(20_000 + (31 * int(job) + int(step)) % 10_000)
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise UserError(f"MASTER_PORT is {port!r}; expected the number of a free port, such as 29500.")
    return _Place(f"{job}.{step}", slurm.get("MASTER_ADDR") or _first_host(slurm["SLURM_STEP_NODELIST"]), int(port))


_PATIENCE = timedelta(minutes=5)  # the tasks of a step may start one after the other


def _meet(place: _Place, rank: int) -> distributed.Store:
    """The store through which the tasks of a step find each other; the first one opens it and says whose it is.

    Raises:
        UserError: the port is taken, another step is there, or nothing answers as expected.
    """
    found = {}

    def knock() -> None:
        try:
            store = distributed.TCPStore(place.host, place.port, is_master=rank == 0, timeout=_PATIENCE, wait_for_workers=False)
            if rank == 0:
                store.set("step", place.step)
            found.update(step=store.get("step").decode(), store=store)
        except RuntimeError as error:
            found["failure"] = str(error).partition("\n")[0]

    # torch waits for ever at a server that is none of its own.
    knocking = threading.Thread(target=knock, daemon=True)
    knocking.start()
    knocking.join(_PATIENCE.total_seconds())
    if found.get("step") != place.step:
        failure = f"step {found['step']} is there" if "step" in found else found.get("failure", "no answer")
        raise UserError(f"The tasks of SLURM's step {place.step} cannot meet at port {place.port} of {place.host} ({failure}); "
                        "set another port with `export MASTER_PORT=...`, a different one for each step.")
    store = found["store"]
    store.set_timeout(distributed.default_pg_timeout)
    return distributed.PrefixStore(place.step, store)


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


def share(value: object) -> object:
    """The first process's value, in all of them."""
    if distributed.is_initialized():
        distributed.broadcast_object_list(found := [value])
        return found[0]
    return value


def collect(value: object) -> list:
    """The values of all processes by rank, in the first process; an empty list in the others."""
    if not distributed.is_initialized():
        return [value]
    found = [None] * distributed.get_world_size() if distributed.get_rank() == 0 else None
    distributed.gather_object(value, found)
    return found or []
