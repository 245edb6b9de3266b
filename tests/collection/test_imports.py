"""Modules of the collection load no more than they need: no torch, and for a folder of records no renderer."""

import subprocess
import sys

import pytest

from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.records import COLUMNS

MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in
                 (ROOT / "eufcc_lib" / "collection").rglob("*.py") if path.stem != "__init__")
SLOW = ("torch", "timm", "panel", "matplotlib", "eufcc_lib.mini")


def loaded_by(code, *arguments):
    """The slow modules that a fresh process has loaded after running the code."""
    code += f"\nimport sys; print(*(name for name in sys.modules if name.startswith({SLOW!r})))"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True,
                          cwd=ROOT).stdout.split()


@pytest.mark.slow
def test_no_module_loads_torch_or_the_renderer():
    assert len(MODULES) > 20 and loaded_by("import " + ", ".join(MODULES)) == []


@pytest.mark.slow
def test_opening_a_folder_loads_no_renderer(tmp_path):
    (tmp_path / "train.csv").write_text(",".join(COLUMNS) + "\n" + ",".join("x" * len(COLUMNS)) + "\n")
    assert loaded_by("import sys; from eufcc_lib.collection.sources import open_dataset; open_dataset(sys.argv[1])",
                     str(tmp_path)) == []
