"""Processes that work for this one: fresh ones, also on Linux, where a fork would take over threads and locks."""

import multiprocessing
import os
import threading

FRESH = multiprocessing.get_context("spawn")
"""How such a process starts."""


def end_with_the_parent() -> None:
    """Called in a process of a pool: end it when its parent was killed, after which it would wait forever."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
