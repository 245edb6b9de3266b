"""`eufcc doctor`: what this machine has, and what each lack costs.

A check is a function from facts (parameters, so that tests can state them) to one line of the report. `ok` is enough for
everything, `warn` costs time or a feature, `lack` keeps the book from being made.
"""

import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .commands import command, new_parser
from .hardware import find_chromium, gpu_names, memory_bytes, usable_cores
from .numbers import thousands
from .paths import CHECKPOINTS, DATA, RESULTS, ROOT

OK, WARN, LACK = "ok", "warn", "lack"

PYTHONS = ((3, 11), (3, 13))
"""The first and the last supported version of Python."""

PORT = 5006
"""Where the assistant is served."""

GB = 1e9

_CUDA = ("cuda-", "nvidia-", "triton")  # what torch's CPU build does without


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        name: what was checked.
        found: what there is.
        state: `ok`, `warn` or `lack`.
        cost: what the lack costs, in one short sentence without a full stop; empty if `ok`.
    """

    name: str
    found: str
    state: str = OK
    cost: str = ""


def installed_version(package: str) -> str | None:
    """The installed version of a package, None if there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def check_python(version: tuple[int, ...]) -> Check:
    """Is this version of Python supported?"""
    found, (first, last) = ".".join(map(str, version[:3])), PYTHONS
    if first <= tuple(version[:2]) <= last:
        return Check("Python", found)
    return Check("Python", found, LACK, "the packages of the lock install with {}.{} to {}.{} only".format(*first, *last))


def check_packages(lock: Path, version_of: Callable[[str], str | None] = installed_version) -> Check:
    """Are the packages that the lock pins for this machine installed, in these versions?

    Args:
        lock: a file of pins as pip and uv write it, with or without markers, hashes and comments.
        version_of: the installed version of a package, None if there is none.
    """
    if not lock.exists():
        return Check("packages", f"no {lock.name}", WARN, "the installed versions cannot be checked")
    try:
        pins = read_pins(lock.read_text(encoding="utf-8"))
    except ImportError:
        return Check("packages", "packaging is missing", LACK, f"nothing runs; install {lock.name}")
    installed = {name: version_of(name) for name in pins}
    if (installed.get("torch") or "").endswith("+cpu"):
        pins = {name: version for name, version in pins.items() if not name.startswith(_CUDA)}
    if missing := [name for name in pins if installed[name] is None]:
        return Check("packages", f"missing: {_few(missing)}", LACK, f"what imports them fails; install {lock.name}")
    # A build of the same version, such as 2.6.0+cpu, is what was asked for.
    if other := [f"{name} {installed[name]} (locked: {version})" for name, version in pins.items()
                 if installed[name].partition("+")[0] != version.partition("+")[0]]:
        return Check("packages", _few(other), WARN, "numbers may differ from those of the book")
    return Check("packages", f"all {len(pins)} as locked")


def read_pins(text: str) -> dict[str, str]:
    """The version of each package that a lock asks for on this machine.

    Raises:
        ImportError: packaging, which knows the syntax, is not installed.
    """
    from packaging.requirements import Requirement

    pins = {}
    for line in text.replace("\\\n", " ").splitlines():
        line = line.split(" #")[0].split(" --hash")[0].strip()
        if line and not line.startswith(("#", "-")):
            asked = Requirement(line)
            if asked.marker is None or asked.marker.evaluate():
                pins[asked.name] = str(asked.specifier).removeprefix("==")
    return pins


def check_cores(cores: int) -> Check:
    """Are there cores to share the work?"""
    return Check("cores", str(cores), *(() if cores > 1 else (WARN, "drawing and training take twice as long")))


def check_memory(size: int | None) -> Check:
    """Is there memory for training and for the tests? `size` is in bytes, None if it is not known."""
    if size is None:
        return Check("memory", "unknown: psutil is missing", WARN, "training may run out of memory")
    found = f"{size / GB:.0f} GB"
    return Check("memory", found, *(() if size >= 4 * GB else (WARN, "training and the tests may run out of memory")))


def check_disk(folder: Path, free: int) -> Check:
    """Is there room below a folder of the project? `free` is in bytes."""
    found, name = f"{free / GB:,.1f} GB free", f"disk for {folder.name}/"
    if free < 1 * GB:
        return Check(name, found, LACK, "the book of the mini museum needs 1 GB")
    return Check(name, found, *(() if free >= 20 * GB else (WARN, "too little for the images of EUFCC-340K")))


def check_gpu(gpus: list[str] | None) -> Check:
    """Is there a GPU that torch can use? `gpus` are their names, None if torch is missing."""
    if gpus is None:
        return Check("GPU", "unknown: torch is missing or does not load", LACK, "no model can be trained or used")
    if not gpus:
        return Check("GPU", "none", WARN, "the mini museum trains in minutes all the same; EUFCC-340K needs one")
    return Check("GPU", f"{len(gpus)} x {gpus[0]}" if len(gpus) > 1 else gpus[0])


def check_browser(browser: str | None) -> Check:
    """Is there a browser that the tests can drive?"""
    if browser is None:
        return Check("browser", "no Chromium, Chrome or Edge", WARN, "the tests that need one are skipped")
    return Check("browser", browser)


def check_writable(folder: Path) -> Check:
    """Can files be written to the folder, or can it be created?"""
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return Check(f"write to {folder.name}/", "yes")
    except OSError as error:
        return Check(f"write to {folder.name}/", f"no ({error.strerror})", LACK, "nothing can be kept there")


def check_port(port: int) -> Check:
    """Is the assistant's port free?"""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return Check("port", f"{port} is taken", WARN, "the assistant needs another one (eufcc assistant --port)")
    return Check("port", f"{port} is free")


def check_all() -> list[Check]:
    """Every check, on this machine."""
    return [check_python(sys.version_info), check_packages(ROOT / "requirements.lock"), check_cores(usable_cores()),
            check_memory(memory_bytes()),
            *(check_disk(folder, shutil.disk_usage(_existing(folder)).free) for folder in (DATA, CHECKPOINTS)),
            check_gpu(gpu_names()), check_browser(find_chromium()),
            *map(check_writable, (DATA, RESULTS, CHECKPOINTS, ROOT / "_build")), check_port(PORT)]


def report(checks: Iterable[Check]) -> str:
    """The checks as aligned text, one line each."""
    checks = list(checks)
    width = max(len(check.name) for check in checks)
    return "\n".join(f"{check.state:<4}  {check.name:<{width}}  {check.found}" + (f": {check.cost}" if check.cost else "")
                     for check in checks)


@command
def main(arguments: list[str] | None = None) -> int:
    """`eufcc doctor`; exit status 1 if something that is needed is lacking."""
    new_parser("doctor", "Check what this machine has, and what each lack costs.", reads="requirements.lock and this machine",
               writes="nothing", example="eufcc doctor").parse_args(arguments)
    checks = check_all()
    print(report(checks))
    return 1 if any(check.state == LACK for check in checks) else 0


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _few(texts: list[str], most: int = 3) -> str:
    rest = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {thousands(rest)} more" if rest > 0 else "")
