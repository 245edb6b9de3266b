"""`eufcc stick`: a folder from which a room without a network installs the project and its museum."""

import errno
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from . import stick_install
from .commands import command, new_parser
from .errors import UserError
from .paths import ROOT, atomic, resolve

PYTHONS = ("3.11", "3.12", "3.13")

# By platform: what markers of the lock ask, and the tags of the wheels that run there.
_LINUX = {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
_GLIBCS = ("manylinux1", "manylinux2010", "manylinux2014", *(f"manylinux_2_{minor}" for minor in range(5, 29)))
PLATFORMS = {
    "linux-x86_64": (_LINUX | {"platform_machine": "x86_64"}, [f"{tag}_x86_64" for tag in _GLIBCS]),
    "linux-arm64": (_LINUX | {"platform_machine": "aarch64"}, [f"{tag}_aarch64" for tag in _GLIBCS]),
    "macos-arm64": ({"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
                    ["macosx_14_0_arm64"]),
    "windows-x86_64": ({"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
                       ["win_amd64"]),
}

MADE_HERE = {"data/mini": "eufcc draw data/mini", "checkpoints/mini": "make book", "_build/html": "make book"}
"""What the stick takes along though git does not track it, and what makes it."""

_NOT_PROJECT = {".git", ".venv", "_build", "data", "checkpoints", "__pycache__", ".ipynb_checkpoints", ".pytest_cache",
                ".ruff_cache", ".hypothesis", ".bench"}

README = """\
EUFCC-340K on a stick
=====================

Nothing here needs a network.
{book}
To install the project, open a terminal in this folder and type
three lines. The first one may take a quarter of an hour; after an interruption, type it again. It installs
into the folder "eufcc" of your home folder.
"""

_BOOK = "\nTo read the book, open book/index.html in a browser; nothing has to be installed.\n"

_UNIX = """
  python{python} install.py
  cd ~/eufcc && source .venv/bin/activate
  eufcc doctor && jupyter lab notebooks/
"""

_WINDOWS = """
  py -{python} install.py
  cd /d %USERPROFILE%\\eufcc && .venv\\Scripts\\activate
  eufcc doctor && jupyter lab notebooks
"""

_LINES = {"linux-x86_64": ("Linux", _UNIX), "linux-arm64": ("Linux on ARM", _UNIX),
          "macos-arm64": ("macOS on Apple silicon", _UNIX), "windows-x86_64": ("Windows, in the Command Prompt", _WINDOWS)}


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    here = "{}.{}".format(*sys.version_info)
    parser = new_parser("stick", "Make a folder for a USB stick, from which the project is installed without a network.",
                        reads="requirements.lock, the package index, the project's files, and of data/mini, checkpoints/mini "
                              "and _build/html what is there",
                        writes="FOLDER with the packages, the project, the book, install.py and README.txt",
                        example="eufcc stick ~/stick --platform windows-x86_64 --platform macos-arm64")
    parser.add_argument("folder", metavar="FOLDER", help="on the stick, or to be copied there")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, metavar="PLATFORM",
                        help=f"{', '.join(PLATFORMS)}; repeat it for several (default: this machine's)")
    parser.add_argument("--python", action="append", choices=PYTHONS, help=f"repeat it for several (default: {here})")
    options = parser.parse_args(arguments)
    platforms = options.platform or [stick_install.this_platform()]
    if platforms[0] not in PLATFORMS:
        raise UserError(f"There are no packages for {platforms[0]}; name others with --platform: {', '.join(PLATFORMS)}.")
    try:
        make_stick(ROOT, resolve(options.folder), platforms, options.python or [here])
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError(f"{options.folder}: the disk is full; make room, and run the command again to resume.") from error
        raise UserError(f"{options.folder}: {error}.") from error


def make_stick(root: Path, folder: Path, platforms: list[str], pythons: list[str]) -> None:
    """Write the stick of the project at `root`; what an earlier call has downloaded for the same lock stays."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "install.py").exists():
        raise UserError(f"{folder} is not empty and no stick; expected a new folder, or a stick to go on with.")
    if folder.is_relative_to(root):
        raise UserError(f"{folder} lies in the project, and would be copied with it; name a folder elsewhere.")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(stick_install.__file__, folder / "install.py")
    lock, kept = (root / "requirements.lock").read_text(encoding="utf-8"), folder / "requirements.lock"
    if kept.exists() and kept.read_text(encoding="utf-8") != lock:
        shutil.rmtree(folder / "wheels", ignore_errors=True)
        (folder / "stick.json").unlink(missing_ok=True)
    _write(kept, lock)
    pack_project(root, folder / "project.tar")
    if (root / "_build/html").is_dir():
        shutil.copytree(root / "_build/html", folder / "book", dirs_exist_ok=True)
    for place, made_by in MADE_HERE.items():
        if not (root / place).is_dir():
            print(f"Not on the stick: {place}, which is not here (`{made_by}` makes it)")
    for name in platforms:
        for python in pythons:
            download(lock, folder / "wheels", name, python)
            _add_target(folder, name, python)
            files = [file for file in (folder / "wheels").iterdir() if stick_install.fits(file.name, name, python)]
            print(f"{name}, Python {python}: {_gigabytes(file.stat().st_size for file in files)}, installed "
                  f"{_gigabytes(map(stick_install.unpacked, files))}")
    print(f"{folder} takes {_gigabytes(file.stat().st_size for file in folder.rglob('*') if file.is_file())}; README.txt says "
          "how to install from it")


def _add_target(folder: Path, platform: str, python: str) -> None:
    """Say in stick.json and README.txt that the packages of a platform and Python are complete."""
    file = folder / "stick.json"
    targets = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    targets[platform] = [name for name in PYTHONS if name in (*targets.get(platform, ()), python)]
    _write(file, json.dumps(targets, indent=2) + "\n")
    parts = [f"\n{_LINES[name][0]}, with Python {' or '.join(there)}:\n{_LINES[name][1].format(python=there[-1])}"
             for name, there in targets.items()]
    _write(folder / "README.txt", README.format(book=_BOOK if (folder / "book").exists() else "") + "".join(parts))


def _gigabytes(sizes: Iterable[int]) -> str:
    return f"{sum(sizes) / 1e9:.1f} GB"


def project_files(root: Path) -> list[str]:
    """The project's files below `root`: what git tracks; without git all but what is made here."""
    if (root / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, encoding="utf-8", check=True)
        return sorted(name for name in listed.stdout.split("\0") if (root / name).is_file())
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*")
                  if path.is_file() and not _NOT_PROJECT & set(path.relative_to(root).parts))


def pack_project(root: Path, archive: Path) -> None:
    """One file of the project and what was made here: a stick is slow with many small ones."""
    made = [file.relative_to(root).as_posix() for place in MADE_HERE for file in sorted((root / place).rglob("*")) if file.is_file()]
    with atomic(archive) as part, tarfile.open(part, "w") as files:
        for name in [*project_files(root), *made]:
            files.add(root / name, name)


def wanted(lock: str, platform: str, python: str) -> list[str]:
    """The requirements of the lock that a machine with this platform and full version of Python installs, without markers."""
    from packaging.requirements import Requirement

    there = PLATFORMS[platform][0] | {
        "python_full_version": python, "python_version": python.rpartition(".")[0], "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "implementation_version": python}
    lines = []
    for line in stick_install.requirements(lock):
        pin, hashes = line.split(" \\\n", 1)
        asked = Requirement(pin)
        if asked.marker is None or asked.marker.evaluate(there):
            lines.append(f"{asked.name}{asked.specifier} \\\n{hashes}")
    return lines


def download(lock: str, folder: Path, platform: str, python: str) -> None:
    """Download the wheels of a platform and Python, and the source of what has none, each checked by its hash."""
    # A marker may tell the first releases of a Python from later ones, and any of them may come to the room.
    versions = [f"{python}.{patch}" for patch in (0, 99)]
    first, last = (wanted(lock, platform, version) for version in versions)
    tags = [option for tag in PLATFORMS[platform][1] for option in ("--platform", tag)]
    for version, lines in zip(versions, (first, [line for line in last if line not in first]), strict=True):
        done = 0
        for part in stick_install.split(lines):
            with tempfile.TemporaryDirectory() as place:
                (Path(place) / "wanted.txt").write_text("".join(part), encoding="utf-8")
                said = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps",
                                       "--require-hashes", "--requirement", Path(place) / "wanted.txt", "--dest", folder,
                                       "--implementation", "cp", "--python-version", version, *tags],
                                      capture_output=True, text=True, check=False)
            if said.returncode:
                raise UserError(_explain(said.stderr, platform, python))
            done += len(part)
            print(f"{platform}, Python {python}: {done} of {len(lines)} packages", flush=True)


def _explain(said: str, platform: str, python: str) -> str:
    """Why pip did not download, in one sentence."""
    again = "run the command again to resume"
    if "No module named pip" in said:
        return f"{sys.executable} has no pip; install it there (`uv pip install pip`), and {again}."
    if re.search(r"No space left|Errno 28\b|WinError 112", said):
        return f"The disk is full; make room, and {again}."
    if missing := re.search(r"No matching distribution found for (\S+)", said):
        return f"The package index has no {missing[1]} for {platform} and Python {python}, or cannot be reached; {again}."
    return f"pip could not download for {platform} and Python {python} ({said.strip().splitlines()[-1]}); {again}."


def _write(path: Path, text: str) -> None:
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")
