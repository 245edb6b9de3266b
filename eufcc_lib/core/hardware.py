"""What this machine is and has, in the words that a result, a benchmark or `eufcc doctor` states."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge")

# Where browsers are that are not on the search path: on macOS and Windows.
_CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe", r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe")


def cpu_model() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
                platform.machine())


def usable_cores() -> int:
    """Cores that this process may use; in a container they can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int | None:
    """Bytes of memory of the machine; None where psutil is missing."""
    try:
        import psutil
    except ImportError:
        return None
    return psutil.virtual_memory().total


def gpu_names() -> list[str] | None:
    """The GPUs that torch can use; None where torch is missing or does not load."""
    try:
        import torch
    except (ImportError, OSError):  # OSError: a library that torch needs is missing
        return None
    return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]


def find_chromium(names: Iterable[str] = _CHROMIUM_NAMES, places: Iterable[str] = _CHROMIUM_PLACES) -> str | None:
    """A browser of the Chromium family that starts: a command on the search path, or in the place of an application."""
    for place in filter(os.path.exists, places):
        return place
    for found in filter(None, map(shutil.which, names)):
        # Some systems have a script of that name that only tells how to install the browser.
        if not subprocess.run([found, "--version"], capture_output=True, check=False).returncode:
            return found
    return None
