"""What the machines of other people do otherwise: their wheels, their make, how their processes start, their file names."""

import ast
import os
import re
import shutil
import subprocess
import sys

import pytest
import torch
from conftest import SIZES, draw_squares

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.images import loader
from eufcc_lib.data.images.transforms import Transform

NAME = "Düsseldorf Müzesi"


# ---- wheels -------------------------------------------------------------------------------------

SYSTEMS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
SOURCES = ("--no-binary", "jsonpath-rw")  # pure Python, which mlcroissant asks for; its authors publish no wheel


@pytest.mark.slow
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_package_of_the_lock_has_a_wheel(system, python, tmp_path):
    uv = shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    # PyTorch asks for macOS 14 or later.
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": "14.0", "UV_HTTP_RETRIES": "0"}
    done = subprocess.run([uv, "pip", "install", "--dry-run", "--python", sys.executable, "--target", tmp_path / "empty",
                           "--python-platform", system, "--python-version", python, "--only-binary", ":all:",
                           *SOURCES, "--require-hashes", "--requirement", ROOT / "requirements.lock"],
                          capture_output=True, text=True, check=False, env=environment)
    if "Failed to fetch" in done.stderr or "client error (Connect)" in done.stderr:
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^ \+ ([\w.-]+)==", done.stderr, re.MULTILINE)
    assert len(found) > 190 and {"torch", "torchvision", "pyarrow", "pyoxigraph", "jupyter-book"} <= set(found)
    cuda = [name for name in found if re.match(r"nvidia-|cuda-|triton$", name)]
    assert cuda if "linux" in system else not cuda


# ---- make ---------------------------------------------------------------------------------------

LATER_THAN_3_81 = [
    # 3.82
    r"\.SHELLFLAGS", r"\.ONESHELL", r"\.RECIPEPREFIX", r"^ *(\w+ )*define \S+ *[:+?!]*=", r"^ *(export|private) define\b",
    r"\bprivate ", r"^ *(override )?undefine ", r"--eval\b",
    # 4.0 to 4.2
    r"\$[({]file ", r"\$[({]guile ", r"^[^\t#]*!=", r"::=", r"^-?load ", r"\.SHELLSTATUS", r"--(trace|output-sync)", r"\$\(MAKE\).* -O\b",
    # 4.3 and 4.4
    r"&:", r"\.EXTRA_PREREQS", r"\$[({](let|intcmp) ", r"\.NOTINTERMEDIATE", r"\.WAIT\b", r"--(shuffle|jobserver-style)",
    # Since 4.3 a # in a function's arguments is itself; before, it starts a comment.
    r"^[^\t#]*\$\((shell|if|foreach|call|subst)[^)]*(?<!\\)#",
]
# Of GNU's tools alone: those of BSD lack them. The last ones came with bash 4; a Mac has bash 3.2.
GNU_ALONE = [
    r"\bsed -\w*[irsz]\b", r"\bsed\b[^|;]*\\[+?|sSwWbn]", r"\bgrep -\w*P", r"\bcp -\w*[at]\b", r"\bfind\b.*-(printf|regextype)",
    r"\bfind +-", r"\breadlink -\w*f", r"\bxargs -\w*[dr]\b", r"\bstat -\w*c", r"\bdate -\w*d", r"\btouch -\w*d", r"\bhead -[cn] *-",
    r"\bls -\w*v", r"\bsort -\w*V", r"\bdu -\w*b", r"\bln -\w*r", r"\bbase64 -\w*w", r"\bmktemp --",
    r"\b(cp|mv|rm|ln|mkdir|touch|ls|sort|head|tail|cut|tr|wc|sed|grep|xargs|du|stat|date|chmod|basename|dirname) (-\S+ )*--\w",
    r"(^|[|&;({`])[\s@-]*(tac|nproc|timeout|realpath|sha256sum|md5sum|shuf|numfmt|gawk)\b",
    r"\bdeclare -\w*[An]", r"\bmapfile\b|\breadarray\b|\bcoproc\b", r"\$\{\w+(,|\^)", r"\$\{\w+@", r"&>>|\|&", r"\bwait -n", r"\[\[ -v",
]
BEYOND_A_MAC = [
    "define run =", "export define run", "A != ls", "A ::= b", "a b &: c", "override undefine A", "A := $(shell grep '#' x)",
    "\tsed -i s/a/b/ x", "\tsed -n 's/a\\+/b/p' x", "\tsed -r 's/(a)/b/' x", "\ttouch -d yesterday x", "\tls -A | xargs -r rm",
    "\tcp -a x y", "\tmkdir --parents x", "\tn=$$(nproc)", "\ttimeout 5 make", "\techo $${name^^}", "\tx &>> log", "\thead -n -1 x",
    "\tfind -name x", "\trm -f --verbose x",
]


def beyond_a_mac(line: str) -> list[str]:
    """The patterns of what a Mac lacks that are in a line of a makefile."""
    return [pattern for pattern in LATER_THAN_3_81 + GNU_ALONE if re.search(pattern, line)]


def test_what_a_mac_lacks_is_found():
    assert not [line for line in BEYOND_A_MAC if not beyond_a_mac(line)]


def test_the_makefile_needs_no_more_than_a_mac_has():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert not [(line, found) for line in lines if not line.startswith("#") and (found := beyond_a_mac(line))]


# ---- what only some systems have ----------------------------------------------------------------

POSIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "posix", "syslog"}
POSIX_NAMES = {"fork", "forkpty", "sched_getaffinity", "killpg", "setsid", "getuid", "geteuid", "getpgid", "mkfifo", "chown",
               "getloadavg", "statvfs", "uname", "SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGQUIT", "SIGCHLD"}
PLACES = "/(proc|dev|tmp|sys|etc)/"
ANY_OF_THEM = re.compile(rf"\b({'|'.join(POSIX_MODULES | POSIX_NAMES)})\b|{PLACES}")


def _unguarded(tree: ast.AST):
    """What Windows lacks and no condition and no `try` stands around."""
    below = [tree]
    while below:
        node = below.pop()
        if isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & POSIX_MODULES
        elif isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
            yield node.module
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("os", "signal"):
            yield from {node.attr} & POSIX_NAMES
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.match(PLACES, node.value):
            yield node.value
        if not isinstance(node, ast.If | ast.IfExp | ast.Try):
            below += ast.iter_child_nodes(node)


@pytest.mark.parametrize("source", ["import fcntl", "def f():\n    os.fork()", "open('/proc/cpuinfo')"])
def test_unguarded_names_are_found(source):
    assert list(_unguarded(ast.parse(source))) and ANY_OF_THEM.search(source)
    assert not list(_unguarded(ast.parse(f"try:\n    {source.replace(chr(10), chr(10) + '    ')}\nexcept ImportError:\n    pass")))


def test_the_library_takes_nothing_for_granted_that_windows_lacks():
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("eufcc_lib/**/*.py"))}
    # Only what has one of the words can use it, guarded or not.
    found = {path: list(_unguarded(ast.parse(source))) for path, source in sources.items() if ANY_OF_THEM.search(source)}
    assert len(sources) > 300 and found and not {path: names for path, names in found.items() if names}


# ---- processes and paths ------------------------------------------------------------------------

@pytest.fixture
def odd_folder(tmp_path):
    """The squares, below a folder whose name has a space and letters outside ASCII."""
    draw_squares(tmp_path / NAME / "squares")
    return tmp_path / NAME / "squares"


@pytest.mark.slow
def test_images_are_the_same_read_by_spawned_processes(odd_folder, monkeypatch):
    monkeypatch.setattr(loader, "_start_method", lambda: "spawn")
    files = open_dataset(str(odd_folder), minimum=4).image_paths("train")
    assert NAME in str(files[0]) and not loader.find_missing(files)
    dataset = loader.ImageDataset(files, Transform(32).training())
    alone, spawned = (list(loader.image_loader(dataset, 8, shuffle=True, seed=3, workers=workers)) for workers in (0, 2))
    assert len(alone) == len(spawned) == SIZES["train"] // 8
    for (pixels, rows), (others, other_rows) in zip(alone, spawned, strict=True):
        assert torch.equal(pixels, others) and torch.equal(rows, other_rows)
