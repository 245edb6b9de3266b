"""Install the project from this stick, without a network: `python install.py [FOLDER]`.

`eufcc stick` copies this file to the stick, where it stands alone: it imports the standard library only, and Pythons that
are too old can still read it and say so. Run again after an interruption, it goes on where it stopped.
"""

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

GB = 1e9
FIRST = ("setuptools", "wheel")  # they build the few packages that come as source
AT_ONCE = 20  # requirements; what an interruption repeats at most
OLDEST_GLIBC = (2, 28)  # that of the wheels for Linux


class Mistake(Exception):
    """What keeps this machine from installing, in one sentence."""


def main(arguments):
    """Install into FOLDER, by default `eufcc` in the home folder; the exit status is that of `eufcc doctor`."""
    stick = Path(__file__).resolve().parent
    folder = Path(arguments[0] if arguments else "~/eufcc").expanduser().absolute()
    try:
        check(stick, folder)
        install(stick, folder)
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 2
    except OSError as error:
        print(disk_full(folder) if error.errno == errno.ENOSPC else f"{folder}: {error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; run the same line again to resume.", file=sys.stderr)
        return 130
    status = subprocess.call([python_in(folder), "-m", "eufcc_lib", "doctor"], cwd=str(folder), env=settings())
    print(f"Installed in {folder}. Now type the second and third line of README.txt.")
    return status


# ---- may this machine? --------------------------------------------------------------------------

def this_platform():
    """The machine as `eufcc stick --platform` calls it; what no wheel is made for gets a name that no stick has."""
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    system = {"darwin": "macos"}.get(platform.system().lower(), platform.system().lower())
    if sys.maxsize < 2**32:
        return f"{system} with a 32-bit Python"
    if system == "linux":
        name, version = platform.libc_ver()
        if name != "glibc" or tuple(map(int, version.split(".")[:2])) < OLDEST_GLIBC:
            return f"linux-{machine} with {name or 'another C library than glibc'} {version}".strip()
    return f"{system}-{machine}"


def check(stick, folder):
    """Raise a `Mistake` where the installation cannot succeed."""
    try:
        targets = json.loads((stick / "stick.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Mistake(f"{stick} is no complete stick: stick.json is missing or damaged; copy the whole folder.") from None
    here, version = this_platform(), "{}.{}".format(*sys.version_info)
    if here not in targets:
        raise Mistake(f"The stick has no packages for {here}, only for {', '.join(targets)}; read the book there, or share "
                      "a neighbour's machine.")
    if version not in targets[here]:
        line = "py -{0} install.py" if here.startswith("windows") else "python{0} install.py"
        raise Mistake(f"This is Python {version}, and the stick has packages for Python {', '.join(targets[here])}; with one "
                      f"of these installed, type `{line.format(targets[here][-1])}`.")
    if not (find_spec("ensurepip") and find_spec("venv")):
        raise Mistake("This Python cannot make virtual environments; on Debian and Ubuntu, install python3-venv.")
    if folder.exists() and any(folder.iterdir()) and not (folder / ".installing").exists():
        what = "is installed already" if (folder / ".venv" / ".installed").exists() else "is not empty"
        raise Mistake(f"{folder} {what}; name another folder: `{Path(sys.executable).name} install.py FOLDER`.")
    needed = sum(unpacked(file) for file in (stick / "wheels").iterdir() if fits(file.name, here, version))
    free = shutil.disk_usage(str(next(place for place in (folder, *folder.parents) if place.exists()))).free
    if free < needed and not (folder / ".installing").exists():
        raise Mistake(f"{folder} needs {needed / GB:.1f} GB, and {free / GB:.1f} GB are free; make room, or name a folder on "
                      f"another disk: `{Path(sys.executable).name} install.py FOLDER`.")


def fits(wheel, here, version):
    """Is this file, by its name, for this platform and Python?"""
    if not wheel.endswith(".whl"):
        return True  # source
    python, abi, system = wheel[:-4].split("-")[-3:]
    kind, ending = {"linux-x86_64": ("manylinux", "x86_64"), "linux-arm64": ("manylinux", "aarch64"),
                    "macos-arm64": ("macosx", ""), "windows-x86_64": ("win", "amd64")}[here]
    return ((system == "any" or (system.startswith(kind) and system.endswith(ending)))
            and (abi == "abi3" or "py3" in python or "cp" + version.replace(".", "") in python))


def unpacked(file):
    """The bytes of a wheel's files, those that Python compiles not counted."""
    if not zipfile.is_zipfile(str(file)):
        return file.stat().st_size
    with zipfile.ZipFile(str(file)) as archive:
        return sum(member.file_size for member in archive.infolist())


# ---- the steps ----------------------------------------------------------------------------------

def install(stick, folder):
    """Every step that an earlier call has not done: the virtual environment, the project, its packages."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / ".installing"
    done = log.read_text(encoding="utf-8").split() if log.exists() else []
    log.touch()
    # What a killed pip has left of a package looks installed: the rest is written anew.
    again = ["--ignore-installed"] if done else []

    def step(name, call, *arguments):
        if name not in done:
            call(*arguments)
            with log.open("a", encoding="utf-8") as lines:
                lines.write(name + "\n")

    print(f"Installing into {folder}")
    step("venv", run, [sys.executable, "-m", "venv", "--clear", str(folder / ".venv")], folder)
    step("project", unpack, stick / "project.tar", folder)
    parts = split(requirements((stick / "requirements.lock").read_text(encoding="utf-8")))
    for number, part in enumerate(parts):
        name = hashlib.sha256("".join(part).encode()).hexdigest()
        step(name, install_part, stick, folder, part, again)
        print(f"{min((number + 1) * AT_ONCE, sum(map(len, parts)))} of {sum(map(len, parts))} packages", flush=True)
    step("eufcc", pip, folder, ["--no-index", "--no-deps", "--no-build-isolation", "--editable", str(folder)])
    (folder / ".venv" / ".installed").write_text("\n")  # `make` finds its set-up done
    log.unlink()


def requirements(lock):
    """The requirements of a lock with their hashes, those first that build others."""
    lines = re.findall(r"^\w(?:.*\\\n)*.*\n", lock, re.MULTILINE)
    return sorted(lines, key=lambda line: line.split("==")[0] not in FIRST)


def split(lines):
    """The requirements in parts of `AT_ONCE`."""
    return [lines[start:start + AT_ONCE] for start in range(0, len(lines), AT_ONCE)]


def unpack(archive, folder):
    """The project's files with their times, by which `make` knows what is out of date."""
    # Python 3.11.4 and later ask how far an archive is trusted.
    trust = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(str(archive)) as files:
        files.extractall(str(folder), **trust)


def install_part(stick, folder, lines, options):
    """Some requirements of the lock; pip leaves out what is not for this machine."""
    wanted = folder / ".venv" / "wanted.txt"
    wanted.write_text("".join(lines), encoding="utf-8")
    pip(folder, ["--no-index", "--find-links", str(stick / "wheels"), "--no-deps", "--no-build-isolation",
                 "--require-hashes", "--requirement", str(wanted), *options])


def pip(folder, arguments):
    run([python_in(folder), "-m", "pip", "install", "--quiet", "--no-input", "--no-cache-dir", *arguments], folder)


def python_in(folder):
    """The virtual environment's Python."""
    return str(folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def run(command, folder):
    """Run a command; its failure is a `Mistake`, and what it said is kept."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=settings(), check=False)
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace")
        log = folder / "install.log"
        try:
            log.write_text(said, encoding="utf-8")
        except OSError:
            pass
        raise Mistake(explain(said, folder) or f"The installation stopped; {log} says why. Run the same line again to resume.")


def settings():
    """The environment without what this machine tells pip and Python about other places."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHONPATH"))}
    return dict(kept, PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1")


def explain(said, folder):
    """What pip said, as one sentence; empty where it is none of the usual mistakes."""
    if re.search(r"No space left|Errno 28\b|WinError 112", said):
        return disk_full(folder)
    if "DO NOT MATCH THE HASHES" in said:
        return "A file in wheels/ is damaged; copy the stick anew, and run the same line again to resume."
    missing = re.search(r"No matching distribution found for ([^\s;]+)", said)
    if missing:
        return f"wheels/ lacks {missing.group(1)} for this machine; copy the stick anew, and run the same line again to resume."
    if re.search(r"WinError 206|Errno 36|enable.*long path", said, re.IGNORECASE):
        return f"The paths below {folder} are too long for this system; name a shorter one, such as C:\\eufcc."
    return ""


def disk_full(folder):
    return f"The disk of {folder} is full; make room, and run the same line again to resume."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
