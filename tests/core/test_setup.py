"""The two commands: what they install, what they run again, and what they say when they cannot."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, version

import nbformat
import pytest
import yaml
from conftest import imports_below, imports_of
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from eufcc_lib.core.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED = [Requirement(text) for text in [
    *PROJECT["dependencies"], *(text for extra in PROJECT["optional-dependencies"].values() for text in extra)]]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCK_LINES = [line.removesuffix(" \\") for line in LOCK.splitlines() if re.match(r"\w", line)]
LOCKED = [Requirement(line) for line in LOCK_LINES]
# Of a package with several versions, the one for this Python.
PINS = {canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==") for requirement in LOCKED
        if requirement.marker is None or requirement.marker.evaluate()}
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())

# What DESIGN promises to be there, whatever else the project needs.
PROMISED = ("jupyter", "jupyter-book", "papermill", "torch", "timm", "open-clip-torch", "matplotlib",
            "pandas", "pytest", "nbval")


def test_lock_pins_every_package_by_version_and_hash_and_names_no_place():
    assert all(re.fullmatch(r"==[\w.]+", str(requirement.specifier)) and not requirement.url for requirement in LOCKED)
    assert not re.search(r"^-|://|@", LOCK, re.MULTILINE)
    packages = re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE)
    assert re.fullmatch(r"(\w.*( \\\n    --hash=sha256:[0-9a-f]{64})+\n)+", packages)


@pytest.mark.parametrize("python", ["3.11.0", "3.11.9", "3.12.0", "3.13.0"])
@pytest.mark.parametrize(("system", "machine"), [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")])
def test_lock_has_one_version_per_machine_and_no_cuda_outside_linux(python, system, machine):
    there = {"python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": system,
             "platform_machine": machine, "os_name": "nt" if system == "win32" else "posix"}
    names = [requirement.name for requirement in LOCKED if requirement.marker is None or requirement.marker.evaluate(there)]
    assert len(names) == len(set(names)) and "torch" in names
    cuda = [name for name in names if re.match(r"nvidia-|cuda-|triton$", name)]
    assert len(cuda) > 10 if system == "linux" else not cuda


def test_lock_satisfies_what_pyproject_asks_for():
    for requirement in ASKED:
        assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)]), requirement
    assert set(PROMISED) <= {canonicalize_name(requirement.name) for requirement in ASKED}


def test_environment_gives_conda_users_the_lock():
    assert ENVIRONMENT["name"] == "eufcc"
    (python,) = (line for line in ENVIRONMENT["dependencies"] if str(line).startswith("python="))
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.partition("=")[2])
    (by_pip,) = (line["pip"] for line in ENVIRONMENT["dependencies"] if isinstance(line, dict))
    # Without hashes: pip would then ask for one of `-e .` too.
    assert by_pip == [*LOCK_LINES, "-e ."]


@pytest.mark.parametrize("file", ["pyproject.toml", "requirements.lock", "environment.yml"])
def test_jupyter_book_stays_below_2_with_the_reason_beside_it(file):
    lines = (ROOT / file).read_text().splitlines()
    (place,) = (place for place, line in enumerate(lines) if re.search(r"^\W*jupyter-book[=>]", line))
    assert "_config.yml" in lines[place] + lines[place - 1]
    (asked,) = (requirement for requirement in ASKED if requirement.name == "jupyter-book")
    assert not asked.specifier.contains("2.0.0") and PINS["jupyter-book"].startswith("1.")


def test_what_is_installed_is_what_the_lock_says():
    for requirement in LOCKED:
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                installed = version(requirement.name)
            except PackageNotFoundError:
                pytest.skip(f"{requirement.name} is not installed: this environment was not made from the lock")
            assert requirement.specifier.contains(installed), f"{requirement.name} {installed}"


def _imported(nodes) -> set[str]:
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"eufcc_lib"}


def test_every_import_is_asked_for_in_pyproject():
    found = [imports_of(path) for path in ROOT.glob("eufcc_lib/**/*.py")]
    for path in ROOT.glob("notebooks/*.ipynb"):
        source = "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
        found.append(imports_below(ast.parse(source)))
    asked = {canonicalize_name(requirement.name) for requirement in ASKED}
    # What jupyter, papermill, jupyter-book and panel are made of comes with them.
    asked |= {"ipython", "myst-nb", "sphinx", "docutils", "nbformat", "param", "tornado"}
    distributions = packages_distributions()
    for name in sorted(set().union(*map(_imported, found))):
        assert {canonicalize_name(found) for found in distributions.get(name, [])} & asked, name


# ---- the Makefile, with stand-ins for Python, papermill and eufcc ------------------------------------

PAPERMILL = """#!/bin/bash
echo "$@" >> papermill.log
if [ -e broken ]; then
  echo "Traceback (most recent call last):"
  echo 'Exception encountered at "In [2]":'
  echo "UserError: Unknown model 'clip_promt'. Known models: frequency, multi_label."
  echo half > "$3"
  exit 1
fi
cp "$2" "$3"
"""

EUFCC = """#!/bin/bash
echo "eufcc $@" >> papermill.log
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose set-up is done, whose papermill only copies and whose eufcc does nothing; all files of an hour ago.

    Its path has a space and letters outside ASCII.
    """
    tmp_path /= "Düsseldorf Müzesi"
    tmp_path.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    for path in ROOT.glob("notebooks/*.ipynb"):
        shutil.copy(path, tmp_path / "notebooks")
    for file in ("eufcc_lib/metrics/ranking.py", "eufcc_lib/figures/trees.py", "eufcc_lib/mini/render/studio.py",
                 "eufcc_lib/collection/http.py", "folder/train.csv", ".venv/bin/papermill", "data/mini/.drawn"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for name, program in {"papermill": PAPERMILL, "eufcc": EUFCC}.items():
        (tmp_path / ".venv/bin" / name).write_text(program)
        (tmp_path / ".venv/bin" / name).chmod(0o755)
    (tmp_path / ".venv/.installed").touch()
    for path in tmp_path.rglob("*"):
        date(path, 60)
    return tmp_path


def date(path, minutes: int) -> None:
    """Make a file so many minutes old: make compares times, which some file systems tell in seconds."""
    then = time.time() - 60 * minutes
    os.utime(path, (then, then))


def make(folder, *arguments):
    """Run make there as a user would, also when the tests themselves were started by make; messages in English."""
    settings = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DATA", "MODELS", "RECIPE", "TRAIN", "GPUS", "PROCESSES", "PYTHON", "TORCH")
    environment = {name: value for name, value in os.environ.items() if name not in settings} | {"LC_ALL": "C"}
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=False,
                          env=environment)


def runs(folder):
    log = folder / "papermill.log"
    found = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return found


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@needs_make
def test_without_a_goal_make_says_what_there_is(checkout):
    assert "make book" in make(checkout).stdout and not runs(checkout)


@needs_make
def test_a_run_is_made_once_and_again_only_when_the_library_changes(checkout):
    target = "book/runs/metrics.ipynb"
    assert make(checkout, target).returncode == 0
    assert len(runs(checkout)) == 1 and (checkout / target).exists()
    date(checkout / target, 30)
    make(checkout, target)
    assert not runs(checkout)
    date(checkout / "eufcc_lib/metrics/ranking.py", 15)
    make(checkout, target)
    assert len(runs(checkout)) == 1


@needs_make
def test_a_failed_run_shows_its_sentence_and_leaves_nothing_that_looks_finished(checkout):
    target = "book/runs/metrics.ipynb"
    (checkout / "broken").touch()
    failed = make(checkout, target)
    assert failed.returncode != 0 and not (checkout / target).exists()
    lines = [line for line in failed.stderr.splitlines() if not line.startswith("make")]
    assert lines[-1].startswith("UserError: Unknown model") and "Traceback" not in failed.stderr
    (checkout / "broken").unlink()
    assert make(checkout, target).returncode == 0 and (checkout / target).exists()


@needs_make
def test_every_run_names_its_output_and_its_data(checkout):
    assert make(checkout, "-j4", "book/runs/tables.ipynb", "book/runs/status.ipynb").returncode == 0
    trained, *lines = [line for line in runs(checkout) if re.match("eufcc|.*(next_museum|tables|status)", line)]
    assert trained.startswith("eufcc train frequency ") and all(
        re.match(r"--no-progress-bar notebooks/(\w+)\.ipynb _build/running/\1\.ipynb -r data mini", line) for line in lines)
    assert "notebooks/status" in lines[-1] and len(lines) == 3


@needs_make
def test_models_are_trained_once_for_book_and_tests_and_again_when_what_trains_them_changes(checkout):
    def trainings(*settings) -> list[str]:
        assert make(checkout, "book/runs/tables.ipynb", *settings).returncode == 0
        date(checkout / "checkpoints/mini/.trained", 30)
        return [line for line in runs(checkout) if line.startswith("eufcc")]

    (trained,) = trainings("MODELS=softmax  multi_label")
    assert trained == "eufcc train softmax multi_label --recipe mini --data mini --where-possible --side-by-side --retrain"
    date(checkout / "eufcc_lib/figures/trees.py", 15)
    assert not trainings("MODELS=softmax multi_label") and make(checkout, "train", "MODELS=softmax multi_label").returncode == 0
    date(checkout / "eufcc_lib/metrics/ranking.py", 15)
    assert trainings("MODELS=softmax multi_label") == [trained]
    date(checkout / "eufcc_lib/metrics/ranking.py", 60)
    assert trainings("MODELS=softmax") and trainings("MODELS=softmax", "TRAIN=--seed 1") and not trainings("MODELS=softmax", "TRAIN=--seed 1")


@needs_make
@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
def test_every_notebook_runs_in_the_tests_and_the_book_finds_them(checkout, jobs):
    for name in ("python", "ruff", "jupyter-book"):
        (checkout / ".venv/bin" / name).write_text(EUFCC.replace("eufcc $@", f"{name} $@"))
        (checkout / ".venv/bin" / name).chmod(0o755)
    for file in ("_config.yml", "book/_toc.yml", "eufcc_lib/pages/extension.py", "_build/html/index.html"):
        (checkout / file).parent.mkdir(parents=True, exist_ok=True)
        (checkout / file).touch()
        date(checkout / file, 60)
    tested = make(checkout, *jobs, "test", "DATA=folder")
    assert tested.returncode == 0 and not tested.stderr
    lines = runs(checkout)
    assert sum("eufcc train" in line for line in lines) == 1
    run = re.findall(r"notebooks/(\w+)\.ipynb", "\n".join(line for line in lines if line.startswith("--no-progress-bar")))
    assert sorted(run) == sorted({path.stem for path in ROOT.glob("notebooks/*.ipynb")}) and run[-1] == "status"
    assert sum(line.startswith("jupyter-book build book") for line in lines) == 1
    assert make(checkout, "book").returncode == 0 and not runs(checkout)


@needs_make
@pytest.mark.parametrize(("settings", "options"), [
    ([], ""), (["GPUS=4"], " --gpus 4"), (["RECIPE=paper", "PROCESSES=2", "TRAIN=--seed 1 --set on_broken=skip"], " --processes 2"),
])
def test_a_finished_training_on_other_data_is_kept(checkout, settings, options):
    assert make(checkout, "train", "DATA=folder", "MODELS=softmax", *settings).returncode == 0
    (trained,) = runs(checkout)
    assert trained.endswith(f"--data folder --where-possible{options}") and "--retrain" not in trained
    assert "--recipe paper --seed 1 --set on_broken=skip" in trained or len(settings) < 3
    assert not (checkout / "checkpoints/mini").exists()


@needs_make
def test_another_data_set_leaves_the_committed_runs_alone(checkout):
    target = "_build/folder/book/runs/tables.ipynb"
    assert make(checkout, target, "DATA=folder/").returncode == 0
    assert not (checkout / "book").exists() and (checkout / target).exists()
    assert all("data folder/" in line for line in runs(checkout))


@needs_make
def test_a_data_set_may_lie_below_any_name(checkout):
    folder = "Düsseldorf  Müzesi's/50% $HOME $$ $(x)/\"`a`\"/#:;|&=*?[a]\\/größe"
    (checkout / folder).mkdir(parents=True)
    shutil.move(checkout / "folder/train.csv", checkout / folder)
    target = f"_build/{os.path.basename(folder)}/book/runs/tables.ipynb"
    assert make(checkout, target, f"DATA={folder}").returncode == 0
    # As raw text: of 2024_05 papermill would make a number.
    assert all(f"-r data {folder}" in line or f"--data {folder}" in line for line in runs(checkout))
    make(checkout, target, f"DATA={folder}")
    assert not runs(checkout)
    date(checkout / folder / "train.csv", -1)
    assert make(checkout, target, f"DATA={folder}").returncode == 0 and runs(checkout)


@needs_make
def test_the_laptops_part_is_found_by_its_name(checkout):
    (checkout / "data").mkdir(exist_ok=True)
    shutil.copytree(checkout / "folder", checkout / "data/eufcc340k-laptop")
    assert make(checkout, "_build/eufcc340k-laptop/book/runs/tables.ipynb", "DATA=eufcc340k-laptop").returncode == 0
    assert all("data eufcc340k-laptop" in line for line in runs(checkout))


@needs_make
def test_results_of_a_link_are_filed_under_the_folder_it_leads_to(checkout):
    (checkout / "my link").symlink_to("folder")
    for data in ("my link", "folder/../folder"):
        assert make(checkout, "_build/folder/book/runs/tables.ipynb", f"DATA={data}").returncode == 0


@needs_make
@pytest.mark.parametrize(("settings", "sentence"), [
    (["DATA=nowhere"], "DATA=nowhere: expected 'mini'"),
    (["DATA=notebooks/html"], "would overwrite the book of the mini museum"),
    (["DATA=my folder"], "DATA=my folder: results are filed under 'my folder', the folder's own name; rename it to letters,"),
    (["DATA=a:$b"], "DATA=a:$b: results are filed under 'a:$b'"),
    (["TORCH=cpu"], "TORCH=cpu: .venv was made with TORCH=; remove it to make it anew"),
])
def test_data_that_cannot_be_is_refused_in_one_sentence(checkout, settings, sentence):
    for name in ("notebooks/html", "my folder", "a:$b"):
        (checkout / name).mkdir()
        (checkout / name / "train.csv").touch()
    failed = make(checkout, "book", *settings)
    assert failed.returncode != 0 and sentence in failed.stderr and not runs(checkout)
    assert len(failed.stderr.splitlines()) == 1


@needs_make
def test_what_concerns_no_data_set_is_made_whatever_the_data(checkout):
    assert make(checkout, "help", "DATA=a:b").returncode == make(checkout, "clean", "DATA=no where").returncode == 0


@needs_make
@pytest.mark.parametrize(("python", "sentence"), [
    ("nonesuch", "There is no 'nonesuch' here: install Python 3.11, 3.12 or 3.13"),
    ("./old", "Python 3.9.18 is not supported: install Python 3.11, 3.12 or 3.13"),
    ("./bare", "Python 3.11.7 cannot make virtual environments: on Debian, apt install python3-venv"),
])
def test_a_python_that_cannot_serve_is_refused_in_one_sentence(checkout, python, sentence):
    (checkout / ".venv/.installed").unlink()
    for name, answer, refused in (("old", "Python 3.9.18", "version_info"), ("bare", "Python 3.11.7", "ensurepip")):
        script = checkout / name
        script.write_text(f'#!/bin/bash\n[ "$1" = -V ] && echo "{answer}"\n[[ "$2" != *{refused}* ]]\n')
        script.chmod(0o755)
    failed = make(checkout, ".venv/.installed", f"PYTHON={python}")
    assert failed.returncode != 0 and sentence in failed.stderr
    assert len([line for line in failed.stderr.splitlines() if not line.startswith("make")]) == 1


# ---- the set-up, with stand-ins for Python, pip and uv ------------------------------------------

PYTHON = """#!/bin/bash
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp uv "$3/bin/uv"; fi
if [ "$1 $2" = "-m pip" ]; then echo "pip ${*:3}" >>installed.log; fi
"""
UV = """#!/bin/bash
case "$*" in *$(cat refused)*) echo "error: Failed to fetch" >&2; exit 2;; esac
echo "uv $*" >>installed.log
"""


@pytest.fixture
def fresh(checkout):
    """A checkout without .venv; what its uv refuses stands in the file `refused`."""
    shutil.rmtree(checkout / ".venv")
    for name, text in (("standin", PYTHON), ("uv", UV), ("refused", "nothing of all this")):
        (checkout / name).write_text(text)
        (checkout / name).chmod(0o755)
    return checkout


def installed(folder) -> list[str]:
    log = folder / "installed.log"
    return log.read_text().splitlines() if log.exists() else []


@needs_make
def test_uv_installs_the_lock_and_is_itself_checked_by_its_hash(fresh):
    assert make(fresh, ".venv/.installed", "PYTHON=./standin").returncode == 0
    own, lock, library = installed(fresh)
    assert re.fullmatch("pip install .*--require-hashes --requirement .venv/uv.txt", own)
    assert re.fullmatch(r"uv==[\d.]+ \\\n(    --hash=sha256:\w+( \\)?\n)+", (fresh / ".venv/uv.txt").read_text())
    assert lock.endswith("--require-hashes --requirement requirements.lock")
    assert library.endswith("--no-deps --editable .")


@needs_make
def test_where_uv_cannot_install_pip_does(fresh):
    (fresh / "refused").write_text("requirements.lock")
    done = make(fresh, ".venv/.installed", "PYTHON=./standin")
    assert done.returncode == 0 and "trying pip" in done.stderr
    assert installed(fresh)[1].startswith("pip install") and installed(fresh)[1].endswith("--requirement requirements.lock")


@needs_make
def test_without_cuda_torch_comes_from_its_own_index_and_the_rest_from_the_lock(fresh):
    assert make(fresh, ".venv/.installed", "PYTHON=./standin", "TORCH=cpu").returncode == 0
    torch = next(line for line in installed(fresh) if "--torch-backend cpu" in line)
    assert set(torch.split()) >= {f"torch=={PINS['torch']}", f"torchvision=={PINS['torchvision']}", "--no-deps"}
    others = (fresh / ".venv/others.txt").read_text()
    names = re.findall(r"^([\w.-]+)==", others, re.MULTILINE)
    left_out = {requirement.name for requirement in LOCKED} - set(names)
    assert left_out == {name for name in left_out if re.match("nvidia-|cuda-|(torch|torchvision|triton)$", name)} >= {"torch"}
    assert not re.search("^(nvidia|cuda|torch|triton)", others, re.MULTILINE) and others.count("--hash") > len(names)
    # Remembered, so that a newer lock does not bring CUDA along.
    date(fresh / ".venv/.installed", 90)
    make(fresh, ".venv/.installed", "PYTHON=./standin")
    assert sum("--torch-backend cpu" in line for line in installed(fresh)) == 2


@needs_make
def test_without_the_index_of_cpu_builds_nothing_is_installed_and_a_sentence_says_so(fresh):
    (fresh / "refused").write_text("--torch-backend")
    failed = make(fresh, ".venv/.installed", "PYTHON=./standin", "TORCH=cpu")
    (sentence,) = (line for line in failed.stderr.splitlines() if not line.startswith("make"))
    assert failed.returncode != 0 and "index of CPU builds cannot be reached" in sentence
    assert len(installed(fresh)) == 1 and not (fresh / ".venv/.installed").exists()
    assert make(fresh, ".venv/.installed", "PYTHON=./standin").returncode == 0


def test_citation_and_archive_say_the_same_and_cite_the_article():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    archive = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert (archive["title"], archive["version"], archive["license"]) == (citation["title"], PROJECT["version"], PROJECT["license"])
    assert [citation[key] for key in ("version", "license")] == [PROJECT["version"], PROJECT["license"]]
    assert archive["keywords"] == citation["keywords"]
    assert [creator["name"] for creator in archive["creators"]] == [author["name"] for author in citation["authors"]]
    (article,) = (found for found in citation["references"] if found["type"] == "article")
    assert article["doi"] == "10.1007/s11042-024-20561-9"
    assert article["doi"] in [related["identifier"] for related in archive["related_identifiers"]]
