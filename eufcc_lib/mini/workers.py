"""The processes that draw the pictures of the mini museum, which are the same whatever their number."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from ..core.errors import UserError


def draw_all(folder: Path, plan: Sequence, seed: int, size: int, workers: int,
             report: Callable[[int, int], None] | None = None) -> None:
    """Draw `<folder>/<id>.jpg`, `size` pixels wide and high, for every entry of a `catalogue` plan; `report` is called with (drawn, all) after each.

    Raises:
        UserError: a process could not start, or was killed.
    """
    # Fresh processes, also on Linux: a fork would take over the threads of whatever has been imported so far.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        drawn = [pool.submit(_draw_one, folder, entry, seed, size) for entry in plan]
        for done, picture in enumerate(as_completed(drawn), 1):
            picture.result()
            if report:
                report(done, len(plan))
    except BrokenProcessPool:
        raise UserError("A process that was drawing the mini museum could not start or was killed; run `eufcc draw` to draw "
                        "it. (In a script, what draws it needs to be below `if __name__ == \"__main__\":`.)") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    # Before numpy and numba are imported, which read these once.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent stops in order
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A worker whose parent was killed would otherwise wait forever."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _draw_one(folder: Path, entry, seed: int, size: int) -> None:
    from .drawing import write_picture  # here, after `_begin`
    write_picture(folder, entry, seed, size)
