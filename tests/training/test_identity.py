"""A finished run counts as done only on the data that its numbers and their intervals come from."""

from eufcc_lib.collection.sources import COMMIT_NOTE
from eufcc_lib.data.dataset import Dataset, count_vocabulary
from eufcc_lib.data.records import COLUMNS, OBJECT
from eufcc_lib.data.records_csv import records_from_columns
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results.provenance import ANNOTATIONS
from eufcc_lib.training.identity import hash_identity, run_identity
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model


def tiny(root, **columns) -> Dataset:
    columns = {column: ["", ""] for column in COLUMNS} | {"idInSource": ["a", "b"], "materials.hierarchy": ["clay", "clay"]} | columns
    records = records_from_columns(columns)
    return Dataset("tiny", root, {"train": records}, count_vocabulary(records, 1), "all tags")


def identity(root, model="frequency", recipe=None, **columns) -> dict:
    return run_identity(MODELS[model], tiny(root, **columns), recipe or get_recipe("mini"), 0)


def test_other_objects_or_providers_make_another_run(tmp_path):
    plain, known = identity(tmp_path), identity(tmp_path, **{OBJECT: ["1", "1"]})
    assert plain == identity(tmp_path, **{OBJECT: ["1", "2"]}), "each image shows an object of its own, as without the column"
    assert len({str(one) for one in (plain, known, identity(tmp_path, **{"repository.keeper": ["A", "B"]}))}) == 3


def test_a_run_ranked_within_its_levels_is_not_taken_for_one_along_the_path(tmp_path):
    runs = [identity(tmp_path, "hsoftmax_levels", get_recipe("mini", level_scores=way)) for way in (None, "path", "level")]
    assert runs[0] == runs[1] and hash_identity(runs[0]) != hash_identity(runs[2])


def test_a_result_on_official_annotations_says_their_commit(own_paths):
    assert ANNOTATIONS not in train_model("frequency", tiny(own_paths), get_recipe("mini")).run.versions
    (own_paths / COMMIT_NOTE).write_text("56cc8cf7\n")
    again = train_model("frequency", tiny(own_paths), get_recipe("mini"), retrain=True)
    assert again.run.versions[ANNOTATIONS] == "56cc8cf7"
