"""Workers that fetch thumbnails and keep their files: threads of this process, or of several.

They tell what became of each; whoever started them keeps the manifest. Python runs one thread of a
process at a time, so several processes are worth their start where many requests a second may leave.
"""

import hashlib
import os
import pickle
import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import UserError
from ...core.hardware import usable_cores
from .checks import Unkept, check_image
from .download import GIVE_UP, Connections, Limits, Pace, Stopped
from .manifest import Outcome

Task = tuple[str, Mapping[str, str]]
"""An address to ask, and the records that want its picture (id -> url)."""

Told = tuple[Mapping[str, str], Outcome | BaseException]
"""What became of a task, or what went wrong with a worker."""

_FEW = 200  # requests a second that one process sends with ease
_MANY = 500  # tasks; fewer are done before a process has started
_GATHER = 0.05  # seconds for outcomes to pile up: waking for each of them would take turns from the workers
_ENDING = 2.0  # seconds for what is under way when a run ends


@dataclass(frozen=True)
class Job:
    """What all workers need to know: where files go, and what is kept."""

    folder: Path
    limits: Limits
    icons: frozenset[str]


def start_workers(job: Job, pace: Pace, rate: float | None, tasks: list[Task], workers: int) -> "Threads | Processes":
    """So many workers for the tasks, in one process a core where that is worth its start."""
    processes = min(usable_cores(), workers)
    if processes == 1 or len(tasks) < _MANY or (rate or float("inf")) <= _FEW:
        return Threads(job, pace, tasks, workers)
    return Processes(job, pace, tasks, workers, processes)


class Threads:
    """Workers in this process."""

    def __init__(self, job: Job, pace: Pace, tasks: list[Task], workers: int):
        self._pace, self._outcomes, waiting = pace, queue.SimpleQueue(), queue.SimpleQueue()
        for task in tasks:
            waiting.put(task)
        storing = threading.Lock()
        self._threads = [threading.Thread(target=_work, args=(job, pace, storing, waiting, self._outcomes), daemon=True)
                         for _ in range(min(workers, len(tasks)))]
        for thread in self._threads:
            thread.start()

    def told(self) -> Iterator[Told]:
        """What came since the last call, at least one; as long as all goes well, not before there are some more."""
        return _gathered(self._outcomes)

    def end(self) -> list[Told]:
        """Let no request leave any more, and wait a moment for what is under way; what came since the last call."""
        self._pace.end()
        return self.rest(_ENDING)

    def rest(self, seconds: float) -> list[Told]:
        """What came since the last call, after waiting so long for the workers to end."""
        _join(self._threads, seconds)
        return _rest(self._outcomes)

    def busy(self) -> bool:
        """Whether a worker is still at work."""
        return any(thread.is_alive() for thread in self._threads)


class Processes:
    """Workers in so many processes of their own, which end with this one, however it ends."""

    def __init__(self, job: Job, pace: Pace, tasks: list[Task], workers: int, processes: int):
        self._pace, self._outcomes = pace, queue.SimpleQueue()
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        # A group of its own: an interrupt from the keyboard is for this process alone, which then ends the others.
        self._processes = [subprocess.Popen([sys.executable, "-m", __name__, str(pace.file)], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, pass_fds=[pace.file], process_group=0,
                                            env=os.environ | {"PYTHONPATH": paths}) for _ in range(processes)]
        self._listeners = [threading.Thread(target=self._listen, args=(process,), daemon=True) for process in self._processes]
        for number, (process, listener) in enumerate(zip(self._processes, self._listeners)):
            share = (job, tasks[number::processes], len(range(number, workers, processes)))
            with suppress(BrokenPipeError):  # it has ended, and its listener says so
                pickle.dump(share, process.stdin)
                process.stdin.flush()
            listener.start()

    def told(self) -> Iterator[Told]:
        """As `Threads.told`."""
        return _gathered(self._outcomes)

    def end(self) -> list[Told]:
        """As `Threads.end`."""
        self._pace.end()
        for process in self._processes:
            with suppress(BrokenPipeError):
                process.stdin.close()
        _join(self._listeners, _ENDING + 1)
        for process in self._processes:
            process.kill()
            process.wait()
            process.stdout.close()
        return _rest(self._outcomes)

    def _listen(self, process: subprocess.Popen) -> None:
        with suppress(EOFError, pickle.UnpicklingError, ValueError):
            while True:
                for told in pickle.load(process.stdout):
                    self._outcomes.put(told)
        if process.wait():
            self._outcomes.put(({}, UserError(f"A process of workers ended with status {process.returncode}; "
                                              "the same call goes on from here.")))


def _gathered(outcomes: queue.SimpleQueue) -> Iterator[Told]:
    names, outcome = outcomes.get()
    yield names, outcome
    if isinstance(outcome, Outcome) and outcome.status == "had":
        time.sleep(_GATHER)
    for _ in range(outcomes.qsize()):
        yield outcomes.get()


def _rest(outcomes: queue.SimpleQueue) -> list[Told]:
    return [outcomes.get() for _ in range(outcomes.qsize())]


def _join(threads: list[threading.Thread], seconds: float) -> None:
    end = time.monotonic() + seconds
    for thread in threads:
        if thread.ident:
            thread.join(max(0, end - time.monotonic()))


def _work(job: Job, pace: Pace, storing: threading.Lock, waiting: queue.SimpleQueue, outcomes: queue.SimpleQueue) -> None:
    try:
        with closing(Connections(job.limits, pace)) as connections:
            while True:
                url, names = waiting.get_nowait()
                outcome, data = _fetch(job, pace, connections, url)
                if outcome.status == "had":
                    with storing:  # a folder takes one file at a time
                        for name in names:
                            store(job.folder, name, data)
                outcomes.put((names, outcome))
                if pace.count(outcome.status == "failed"):
                    raise UserError(f"{GIVE_UP} thumbnails in a row failed, the last with: {outcome.reason}; the same "
                                    "call goes on from here when the server answers again.")
    except (queue.Empty, Stopped):
        pass
    except BaseException as error:  # noqa: BLE001  it is raised again in the thread that waits
        pace.end()
        outcomes.put(({}, error))


def _fetch(job: Job, pace: Pace, connections: Connections, url: str) -> tuple[Outcome, bytes]:
    for tries in range(1, job.limits.tries + 1):
        code = None
        try:
            data, code = connections.get(url), 200
            data, width, height = check_image(data, job.limits.max_pixels, job.icons)
            return Outcome("had", "", code, len(data), hashlib.sha256(data).hexdigest(), width, height, tries), data
        except Unkept as unkept:
            outcome = Outcome(unkept.status, unkept.reason, unkept.code or code, tries=tries)
            if not unkept.again:
                break
        if tries < job.limits.tries:
            pace.stop.wait(job.limits.pause * 2 ** (tries - 1) * random.uniform(0.5, 1.5))
    return outcome, b""


def store(folder: Path, name: str, data: bytes) -> None:
    """Write an image, whole or not at all."""
    # `paths.atomic` changes the process's umask for a moment, which threads share.
    part = folder / f".{name}.part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, folder / f"{name}.jpg")


def _main(file: int) -> None:
    """A process of workers: its share comes on stdin, whose end ends it; what became of it goes to stdout."""
    told, sys.stdout = sys.stdout.buffer, sys.stderr
    (job, tasks, workers), pace = pickle.load(sys.stdin.buffer), Pace.of(file)
    threading.Thread(target=lambda: (os.read(0, 1), pace.stop.set()), daemon=True).start()
    threads = Threads(job, pace, tasks, workers)
    try:
        while threads.busy() and not pace.stop.is_set():
            pace.stop.wait(_GATHER)
            pickle.dump(threads.rest(0), told)
            told.flush()
        pickle.dump(threads.rest(_ENDING), told)
        told.flush()
    except BrokenPipeError:  # nobody listens any more
        os._exit(1)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
