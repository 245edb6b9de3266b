"""The plan of the house, read from the imports themselves, those inside functions included."""

import ast
import pkgutil
import re
import subprocess
import sys
from contextlib import suppress
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest
from conftest import imports_below, imports_of

from eufcc_lib.core.paths import ROOT

LIBRARY = ROOT / "eufcc_lib"

ROOMS = ("core", "data", "losses", "metrics", "mini", "collection", "models", "results", "training", "figures", "pages",
         "assistant")
"""A room imports itself and rooms before it."""

MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
           for path in LIBRARY.rglob("*.py")}


def imports_in(nodes, module: str, is_package: bool, modules) -> set[str]:
    """The modules among `modules` that these imports in `module` import."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package that the module is in, each further dot the one above.
            above = module.split(".")[:len(module.split(".")) - node.level + is_package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found.update(name if (name := f"{base}.{alias.name}") in modules else base for alias in node.names)
    return found & set(modules)


@cache
def imports(module: str) -> set[str]:
    path = MODULES[module]
    return imports_in(imports_of(path), module, path.name == "__init__.py", frozenset(MODULES))


def room_of(module: str) -> str:
    return module.removeprefix("eufcc_lib").removeprefix(".").partition(".")[0]


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one circle of imports, its first again as its last; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


@pytest.mark.parametrize(("module", "is_package", "line", "found"), [
    ("a.b.c", False, "from .d import name", {"a.b.d"}),
    ("a.b.c", False, "from . import d, e", {"a.b.d", "a.b"}),
    ("a.b.c", False, "def f():\n    from ..x import name", {"a.x"}),
    ("a.b", True, "from .d import name", {"a.b.d"}),
    ("a.b", True, "from ..x import name", {"a.x"}),
    ("a.x", False, "import a.b.d, os", {"a.b.d"}),
    ("a.x", False, "from a.b import d as other", {"a.b.d"}),
])
def test_imports_are_found_however_they_are_written(module, is_package, line, found):
    assert imports_in(imports_below(ast.parse(line)), module, is_package, {"a", "a.x", "a.b", "a.b.c", "a.b.d"}) == found


def test_a_circle_is_found():
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    circle = find_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert circle[0] == circle[-1] and set(circle) == {"a", "b", "c"}


def test_the_library_is_twelve_rooms_and_a_door():
    found = {path.name for path in LIBRARY.iterdir() if path.name != "__pycache__"}
    assert found == {*ROOMS, "__init__.py", "__main__.py"}
    tests = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert tests == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_room_after_it(room):
    allowed = ROOMS[:ROOMS.index(room) + 1]
    back = [f"{module} imports {other}" for module in sorted(MODULES) if room_of(module) == room
            for other in sorted(imports(module)) if room_of(other) not in allowed]
    assert not back, "; ".join(back)


def test_no_imports_go_in_a_circle():
    circle = find_circle({module: imports(module) - {module} for module in MODULES})
    assert not circle, " imports ".join(circle)


def loaded(modules: list[str]) -> set[str]:
    """What a fresh interpreter has loaded once it has imported these modules."""
    program = "import sys; from importlib import import_module; [import_module(name) for name in sys.argv[1:]]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, *modules], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_door_opens_no_room():
    assert {name for name in loaded(["eufcc_lib.__main__"]) if name.startswith("eufcc_lib.")} <= {
        "eufcc_lib.__main__", "eufcc_lib.core", "eufcc_lib.core.commands", "eufcc_lib.core.errors"}


def leads(reference: str) -> bool:
    """Whether `module.name`, the module called by the end of its path, is in the library; True if it names no module."""
    first, _, rest = reference.partition(".")
    found = [module for module in MODULES if f".{module}".endswith(f".{first}")]
    for module in found:
        with suppress(AttributeError, ImportError):
            return bool(pkgutil.resolve_name(f"{module}.{rest}")) or True
    return not found or rest.partition(".")[0] in ("csv", "js", "json", "jsonl", "pt", "py")


@pytest.mark.slow
def test_every_reference_in_a_docstring_leads_somewhere():
    references = {(str(path.relative_to(LIBRARY)), reference) for path in MODULES.values() for reference
                  in re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`", path.read_text(encoding="utf-8"))}
    assert len(references) > 40 and not [pair for pair in sorted(references) if not leads(pair[1])]
