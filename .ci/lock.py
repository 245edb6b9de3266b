"""Write requirements.lock and environment.yml from pyproject.toml: `make lock`.

Asks pip of each given interpreter what it would install, and installs nothing. A package that
only some Pythons need gets a marker; the CUDA packages, which exist for Linux alone, get theirs.

    .ci/lock.py python3.11 python3.12
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINUX_ONLY = re.compile(r"^(cuda-|nvidia-|triton$)")

WHY = {"jupyter-book": "below 2: 2.x is another program, which ignores _config.yml and builds nothing"}

LOCK_HEADER = """\
# Exact versions of everything, for Linux x86-64 and Python {pythons}. Written by `make lock`.
"""

ENVIRONMENT = """\
# For conda users: `conda env create -f environment.yml && conda activate eufcc`.
# The versions are those of requirements.lock. Written by `make lock`.
name: eufcc
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python={python}
  - pip
  - pip:
      # Every exact version, also of the packages that those below need in turn.
      - -r requirements.lock
      # What we ask for ourselves.
{pins}
      - -e .
"""


def normal(name: str) -> str:
    """A distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pin(name: str, version: str) -> str:
    """A line of the lock, with the reason where there is one."""
    return f"{name}=={version}" + (f"  # {WHY[name]}" if name in WHY else "")


def resolve(python: str, constraints: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The interpreter's version, and what its pip would install: version by name."""
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder, "constraints.txt")
        pinned.write_text("".join(f"{name}=={version}\n" for name, version in constraints.items()))
        report = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-",
             "--constraint", pinned, f"{ROOT}[book,test]"], check=True, stdout=subprocess.PIPE, text=True).stdout
    report = json.loads(report)
    found = {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}
    del found["eufcc_lib"]
    return report["environment"]["python_version"], found


def main(pythons: list[str]) -> None:
    versions: dict[str, str] = {}
    needed_by: dict[str, list[str]] = {}
    seen = []
    for python in pythons:
        python_version, found = resolve(python, versions)
        seen.append(python_version)
        for name, version in found.items():
            versions.setdefault(name, version)
            needed_by.setdefault(name, []).append(python_version)

    lines = []
    for name in sorted(versions, key=normal):
        markers = ["sys_platform == 'linux'"] if LINUX_ONLY.match(name) else []
        if needed_by[name] != seen:
            markers.append(" or ".join(f"python_version == '{version}'" for version in needed_by[name]))
        lines.append(pin(name, versions[name]) + (" ; " + " and ".join(markers) if markers else ""))
    header = LOCK_HEADER.format(pythons=" and ".join(seen))
    (ROOT / "requirements.lock").write_text(header + "\n".join(lines) + "\n")

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + [name for group in project["optional-dependencies"].values() for name in group]
    wanted = {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in asked}
    pins = "\n".join(f"      - {pin(name, versions[name])}" for name in sorted(versions, key=normal)
                     if normal(name) in wanted)
    (ROOT / "environment.yml").write_text(ENVIRONMENT.format(python=seen[0], pins=pins))


if __name__ == "__main__":
    main(sys.argv[1:] or ["python3.11", "python3.12"])
