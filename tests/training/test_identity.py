"""A finished run counts as done only on the data that its numbers and their intervals come from."""

from eufcc_lib.data.dataset import Dataset, count_vocabulary
from eufcc_lib.data.records import COLUMNS, OBJECT
from eufcc_lib.data.records_csv import records_from_columns
from eufcc_lib.models.registry import MODELS
from eufcc_lib.training.identity import run_identity
from eufcc_lib.training.recipes import get_recipe


def identity(tmp_path, **columns) -> dict:
    columns = {column: ["", ""] for column in COLUMNS} | {"idInSource": ["a", "b"], "materials.hierarchy": ["clay", "clay"]} | columns
    records = records_from_columns(columns)
    dataset = Dataset("tiny", tmp_path, {"train": records}, count_vocabulary(records, 1), "all tags")
    return run_identity(MODELS["frequency"], dataset, get_recipe("mini"), 0)


def test_other_objects_or_providers_make_another_run(tmp_path):
    plain, known = identity(tmp_path), identity(tmp_path, **{OBJECT: ["1", "1"]})
    assert plain == identity(tmp_path, **{OBJECT: ["1", "2"]}), "each image shows an object of its own, as without the column"
    assert len({str(one) for one in (plain, known, identity(tmp_path, **{"repository.keeper": ["A", "B"]}))}) == 3
