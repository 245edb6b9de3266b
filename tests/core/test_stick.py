"""The stick: made and installed from without a network, and what each mistake says."""

import ast
import base64
import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest

from eufcc_lib.core import stick, stick_install
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT

HERE, PYTHON = stick_install.this_platform(), "{}.{}".format(*sys.version_info)
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SOURCE = (ROOT / "eufcc_lib/core/stick_install.py").read_text(encoding="utf-8")

# A project that builds itself, with no package: its library says what a reader would see.
PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": """
import pathlib, zipfile
def build_editable(folder, *_):
    with zipfile.ZipFile(f"{folder}/eufcc_lib-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("eufcc.pth", str(pathlib.Path.cwd()))
        wheel.writestr("eufcc_lib-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: eufcc_lib\\nVersion: 1\\n")
        wheel.writestr("eufcc_lib-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("eufcc_lib-1.dist-info/RECORD", "")
    return "eufcc_lib-1-py3-none-any.whl"
""",
    "eufcc_lib/__main__.py": """
from importlib.util import find_spec
print(*[name for name in ("first", "second", "other") if find_spec(name)])
""",
    "eufcc_lib/data/records.py": "",
    "eufcc_lib/__pycache__/records.pyc": "",
    "data/mini/train.csv": "drawn",
    "mine/notes.txt": "not tracked",
}


def write_wheel(folder, name: str, tag: str = "py3-none-any") -> str:
    """A wheel of one empty module, written by hand; returns its hash."""
    info, files = f"{name}-1.0.dist-info", {}
    files[f"{name}.py"] = ""
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
    digests = {path: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
               for path, text in files.items()}
    files[f"{info}/RECORD"] = "".join(f"{path},sha256={digest},\n" for path, digest in digests.items()) + f"{info}/RECORD,,\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}-1.0-{tag}.whl").write_bytes(content.getvalue())
    return hashlib.sha256(content.getvalue()).hexdigest()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project with a lock of three wheels, one of them for another system; pip may ask a folder alone."""
    root, index = tmp_path / "Düsseldorf project", tmp_path / "index"
    for name, text in PROJECT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    hashes = {name: write_wheel(index, name) for name in ("first", "second", "other")}
    markers = {"second": f" ; python_version == '{PYTHON}'", "other": " ; sys_platform == 'no-such-system'"}
    (root / "requirements.lock").write_text("# A lock.\n" + "".join(
        f"{name}==1.0{markers.get(name, '')} \\\n    --hash=sha256:{digest}\n" for name, digest in hashes.items()))
    closed = "http://127.0.0.1:9"
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": index.as_uri(), "PIP_CONFIG_FILE": os.devnull,
                        "PIP_INDEX_URL": closed, "HTTP_PROXY": closed, "HTTPS_PROXY": closed}.items():
        monkeypatch.setenv(name, value)
    return root


def install(folder, target, monkeypatch):
    """Run the stick's own file as a participant does, with no package to be had but the stick's."""
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return subprocess.run([sys.executable, folder / "install.py", target], cwd=folder, capture_output=True, text=True,
                          encoding="utf-8", check=False)


@pytest.mark.slow
@pytest.mark.skipif(HERE not in stick.PLATFORMS, reason="the lock has no packages for this machine")
def test_a_room_without_a_network_installs_from_the_stick_and_goes_on_after_a_stop(project, tmp_path, monkeypatch, capsys):
    folder, target = tmp_path / "my stick", tmp_path / "home/eufcc"
    (project / "_build/html").mkdir(parents=True)
    (project / "_build/html/index.html").write_text("the book")
    stick.make_stick(project, folder, [HERE], [PYTHON])
    assert (folder / "book/index.html").exists() and "book/index.html" in (folder / "README.txt").read_text(encoding="utf-8")
    assert "Not on the stick: checkpoints/mini" in capsys.readouterr().out
    assert {file.name for file in (folder / "wheels").iterdir()} == {"first-1.0-py3-none-any.whl", "second-1.0-py3-none-any.whl"}
    assert f"with Python {PYTHON}" in (folder / "README.txt").read_text(encoding="utf-8")

    wheel = folder / "wheels/second-1.0-py3-none-any.whl"
    whole = wheel.read_bytes()
    write_wheel(folder / "wheels", "second")
    wheel.write_bytes(wheel.read_bytes() + b"damaged")
    stopped = install(folder, target, monkeypatch)
    assert stopped.returncode == 2 and stopped.stderr.count("\n") == 1
    assert stopped.stderr.startswith("A file in wheels/ is damaged")
    python = (target / ".venv/pyvenv.cfg").stat().st_mtime_ns
    (target / "mine").mkdir(exist_ok=True)
    (target / "mine/notes.txt").write_text("a participant's own")

    wheel.write_bytes(whole)
    done = install(folder, target, monkeypatch)
    assert done.returncode == 0, done.stderr
    assert "first second\n" in done.stdout
    assert (target / ".venv/pyvenv.cfg").stat().st_mtime_ns == python
    assert (target / "mine/notes.txt").read_text() == "a participant's own"
    assert (target / "data/mini/train.csv").read_text() == "drawn"
    again = install(folder, target, monkeypatch)
    assert again.returncode == 2 and "is installed already" in again.stderr


def test_the_stick_has_what_git_tracks_or_without_git_all_but_what_is_made_here(project):
    files = {"pyproject.toml", "backend.py", "eufcc_lib/__main__.py", "eufcc_lib/data/records.py", "requirements.lock"}
    assert set(stick.project_files(project)) == {*files, "mine/notes.txt"}
    for command in (["init", "--quiet"], ["add", *files]):
        subprocess.run(["git", *command], check=True, cwd=project)
    assert set(stick.project_files(project)) == files


@pytest.mark.parametrize("platform", stick.PLATFORMS)
@pytest.mark.parametrize("python", ["3.11.0", "3.11.9", "3.12.4", "3.13.0"])
def test_each_machine_gets_its_part_of_the_lock(platform, python):
    lines = stick.wanted(LOCK, platform, python)
    names = [line.split("==")[0] for line in lines]
    assert len(names) == len(set(names)) and "torch" in names and not [line for line in lines if ";" in line]
    assert all("--hash=sha256:" in line for line in lines) and names[:2] == ["setuptools", "wheel"]
    assert any(name.startswith("nvidia-") for name in names) == platform.startswith("linux")
    assert ("pywin32" in names or "pywinpty" in names) == platform.startswith("windows")


@pytest.mark.parametrize(("wheel", "fits"), [
    ("a-1-py3-none-any.whl", True), ("a-1-py2.py3-none-any.whl", True), ("a-1.tar.gz", True),
    ("a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True), ("a-1-cp39-abi3-manylinux_2_28_x86_64.whl", True),
    ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", False), ("a-1-cp312-cp312-win_amd64.whl", False),
    ("a-1-cp312-cp312-macosx_11_0_x86_64.whl", False), ("a-1-py3-none-manylinux_2_28_aarch64.whl", False)])
def test_a_wheel_says_by_its_name_where_it_runs(wheel, fits):
    assert stick_install.fits(wheel, "linux-x86_64", "3.12") == fits


# ---- mistakes -----------------------------------------------------------------------------------

@pytest.fixture
def small(tmp_path):
    """A stick for this Python with one wheel."""
    write_wheel(tmp_path / "stick/wheels", "first")
    (tmp_path / "stick/stick.json").write_text(json.dumps({"linux-x86_64": [PYTHON], "windows-x86_64": ["3.10"]}))
    return tmp_path / "stick"


@pytest.mark.parametrize(("here", "sentence"), [
    ("linux-x86_64", None),
    ("macos-x86_64", "The stick has no packages for macos-x86_64, only for linux-x86_64, windows-x86_64; read the book"),
    ("windows-x86_64", "the stick has packages for Python 3.10; with one of these installed, type `py -3.10 install.py`."),
])
def test_a_machine_that_the_stick_was_not_made_for_is_told_so(small, tmp_path, monkeypatch, here, sentence):
    monkeypatch.setattr(stick_install, "this_platform", lambda: here)
    if sentence is None:
        stick_install.check(small, tmp_path / "eufcc")
        return
    with pytest.raises(stick_install.Mistake) as raised:
        stick_install.check(small, tmp_path / "eufcc")
    assert sentence in str(raised.value) and "\n" not in str(raised.value)


def test_a_full_disk_a_missing_venv_another_folder_and_half_a_stick_are_told(small, tmp_path, monkeypatch):
    def refused(folder="eufcc", place=small) -> str:
        with pytest.raises(stick_install.Mistake) as raised:
            stick_install.check(place, tmp_path / folder)
        return str(raised.value)

    monkeypatch.setattr(stick_install, "this_platform", lambda: "linux-x86_64")
    assert "is no complete stick" in refused(place=tmp_path)
    assert "is not empty; name another folder" in refused("stick")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "ensurepip", None)
        assert "install python3-venv" in refused()
    monkeypatch.setattr(stick_install.shutil, "disk_usage", lambda _: SimpleNamespace(free=3))
    assert "GB are free; make room" in refused()


@pytest.mark.parametrize(("said", "sentence"), [
    ("OSError: [Errno 28] No space left on device", "is full; make room"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "is damaged; copy the stick anew"),
    ("ERROR: No matching distribution found for torch==2.6.0", "wheels/ lacks torch==2.6.0 for this machine"),
    ("[WinError 206] The filename or extension is too long", "name a shorter one"),
])
def test_what_pip_says_becomes_one_sentence(said, sentence, tmp_path):
    assert sentence in stick_install.explain(f"Collecting a\n{said}\n", tmp_path)
    assert not stick_install.explain("ERROR: something else", tmp_path)


def test_a_disk_that_fills_up_is_told_in_one_sentence(monkeypatch, tmp_path, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stick_install, "check", full)
    assert stick_install.main([str(tmp_path)]) == 2
    monkeypatch.setattr(stick, "make_stick", full)
    assert stick.main([str(tmp_path / "stick"), "--platform", "macos-arm64"]) == 2
    assert capsys.readouterr().err.count("is full; make room, and run the") == 2


def test_a_folder_with_other_files_or_inside_the_project_is_not_made_a_stick(project, tmp_path):
    with pytest.raises(UserError, match="not empty and no stick"):
        stick.make_stick(project, tmp_path, ["linux-x86_64"], [PYTHON])
    with pytest.raises(UserError, match="lies in the project"):
        stick.make_stick(project, project / "stick", ["linux-x86_64"], [PYTHON])


def test_what_installs_needs_the_standard_library_alone_and_old_pythons_can_read_it():
    tree = ast.parse(SOURCE, feature_version=(3, 7))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
