"""Steps of SLURM meet by themselves, on one machine too, and say so where they cannot."""

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from torch.distributed import TCPStore

from eufcc_lib.core.errors import UserError
from eufcc_lib.training import distributed
from eufcc_lib.training.distributed import _meet, _Place

ALLOCATION = {"SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "2", "SLURM_NTASKS": "8", "SLURM_STEP_NODELIST": "gpu[03-04,7]"}


def test_tasks_of_a_step_meet_at_its_first_machine():
    place = distributed._meeting_place(ALLOCATION)
    assert place == _Place("4711.2", "gpu03", 26_043)
    given = {"MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "7"}
    assert distributed._meeting_place(ALLOCATION | given) == _Place("4711.2", "10.0.0.1", 7)


@pytest.mark.parametrize("port", ["eth0", "-1", "0", "65536", "2.5"])
def test_a_port_that_is_none_is_named(port):
    with pytest.raises(UserError, match=f"MASTER_PORT is '{port}'; expected the number of a free port"):
        distributed._meeting_place(ALLOCATION | {"MASTER_PORT": port})


def test_steps_of_a_job_and_of_jobs_beside_it_have_ports_of_their_own():
    places = [distributed._meeting_place(ALLOCATION | {"SLURM_JOB_ID": str(job), "SLURM_STEP_ID": str(step)})
              for job in range(123_400, 123_500) for step in range(20)]
    assert len({place.port for place in places}) == len(places) and all(20_000 <= place.port < 30_000 for place in places)


@pytest.mark.parametrize(("hosts", "first"), [("n1", "n1"), ("n1,n2", "n1"), ("gpu[03-05,9],cpu1", "gpu03"), ("a[7]-b,c", "a7-b"),
                                              ("r[1-2]n[3,5]", "r1n3"), ("10.0.0.2", "10.0.0.2")])
def test_the_first_host_of_a_list_of_slurm(hosts, first):
    assert distributed._first_host(hosts) == first


PROGRAM = """
import json, multiprocessing, os, sys
from eufcc_lib.core.errors import UserError
from eufcc_lib.training import distributed

def task(step, rank, met, go):
    os.environ.update(SLURM_STEP_ID=str(step), SLURM_PROCID=str(rank), SLURM_LOCALID=str(rank))
    try:
        with distributed.joined():
            met.release()
            go.wait()
            found = distributed.collect(f"{step}.{rank}")
    except UserError as error:
        found = str(error)
    os.write(1, (json.dumps([step, rank, found]) + chr(10)).encode())

fork = multiprocessing.get_context("fork")
go, met = fork.Event(), fork.Semaphore(0)

def start(step):
    tasks = [fork.Process(target=task, args=(step, rank, met, go)) for rank in (0, 1)]
    for process in tasks:
        process.start()
    return tasks

first = start(0)
met.acquire(), met.acquire()  # it trains
second = start(1)
met.acquire(), met.acquire()
os.environ["MASTER_PORT"] = str(20_000 + 31 * int(os.environ["SLURM_JOB_ID"]) % 10_000)  # where the first step is
for process in start(2):
    process.join()
go.set()
for process in first + second:
    process.join()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SLURM runs on Linux")
def test_steps_of_a_job_on_one_machine_keep_to_themselves(free_port):
    """Two steps, each of two processes as srun starts them, and a third that the user sent to the port of the first."""
    slurm = {"SLURM_JOB_ID": str(free_port), "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NODELIST": "127.0.0.1"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=100, check=True,
                          env=os.environ | slurm)
    found = {(step, rank): said for step, rank, said in map(json.loads, done.stdout.splitlines())}
    assert (found[0, 0], found[0, 1], found[1, 0], found[1, 1]) == (["0.0", "0.1"], [], ["1.0", "1.1"], [])
    assert "EADDRINUSE" in found[2, 0] and f"(step {free_port}.0 is there)" in found[2, 1]
    assert all("set another port with `export MASTER_PORT=" in found[2, rank] for rank in (0, 1))


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(distributed, "_PATIENCE", timedelta(seconds=0.2))


def test_a_step_meets_only_where_it_is_expected(free_port):
    place = _Place("1.0", "localhost", free_port)
    with ThreadPoolExecutor(2) as pool:
        late, first = pool.submit(_meet, place, 1), pool.submit(_meet, place, 0)
        first.result().set("word", "of the step")
        assert late.result().get("word") == b"of the step"
        for rank, failure in ((0, "EADDRINUSE"), (1, "step 1.0 is there")):
            with pytest.raises(UserError, match=rf"step 1.1 cannot meet at port {free_port} of localhost \(.*{failure}.*MASTER_PORT"):
                _meet(_Place("1.1", "localhost", free_port), rank)
        assert first.result().get("word") == b"of the step"


@pytest.mark.parametrize("stranger", ["nobody", "mute", "torch"])
def test_who_is_no_step_of_slurm_is_refused(stranger, impatient, free_port):
    place = _Place("1.0", "localhost", free_port)
    listening = {"nobody": lambda: None, "mute": lambda: socket.create_server(("localhost", free_port)),
                 "torch": lambda: TCPStore("localhost", free_port, is_master=True, wait_for_workers=False)}[stranger]()
    with pytest.raises(UserError, match="cannot meet .*MASTER_PORT"):
        _meet(place, 1)
    del listening
