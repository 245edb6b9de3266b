"""The chapter that builds a model by hand says that the library's model is the same, to the last digit."""

import nbformat
import pytest

from eufcc_lib.core.paths import ROOT

pytestmark = pytest.mark.slow


def test_the_model_by_hand_is_the_librarys():
    cells = nbformat.read(ROOT / "notebooks" / "by_hand.ipynb", 4).cells
    namespace = {"__name__": "__main__"}
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), namespace)  # noqa: S102
            if "parameters" in cell.metadata.get("tags", []):
                namespace["epochs"] = 2
    assert namespace["largest"] == 0
    assert len({round(value, 6) for value in namespace["rows"].values()}) == 1
    assert namespace["by_hand"] > namespace["by_frequency"]
