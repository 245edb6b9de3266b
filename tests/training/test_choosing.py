"""Nothing is chosen by looking at a test: no model of the registry sees one before its training and its choices are done."""

import json
import shutil
import sys
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import open_clip
import pytest
import torch
from conftest import draw_squares

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.data.dataset import Dataset
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records
from eufcc_lib.models import features
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results import scores
from eufcc_lib.results.scores import read_scores
from eufcc_lib.training import identity, inputs, loop
from eufcc_lib.training import run as training
from eufcc_lib.training.checkpoints import run_folder
from eufcc_lib.training.recipes import RECIPES, get_recipe
from eufcc_lib.training.run import train_model

# These tests train every model.
pytestmark = pytest.mark.slow

TESTS = ("test_id", "test_ood")
SMALL = {"weights": "random", "image_size": 32, "batch_size": 16, "epochs": 2, "warmup_steps": 0}
CLIP = {"embed_dim": 16, "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}
FAMILIES = sorted({spec.family for spec in MODELS.values()})


@dataclass(frozen=True)
class Look:
    """What was looked at: `labels`, `images` or `scores` of a split, or a `step` of a training."""

    what: str
    split: str = ""


class Watch:
    """Everything that a model looks at while it is trained and scored, in this order, by model."""

    def __init__(self, monkeypatch):
        self.seen, self.model, self._monkeypatch = {}, None, monkeypatch
        self._record(Dataset, "labels", lambda dataset, split: Look("labels", split))
        for name in ("image_paths", "sources"):
            self._record(Dataset, name, lambda dataset, split: Look("images", split))
        self._record(scores, "load_scores", lambda path, dataset, model, split: Look("scores", split))
        self._record(loop, "train_epoch", lambda *a: Look("step"))
        score, check, content, split_hash = training._score, inputs.check_images, identity._content_hash, Dataset.split_hash
        # Only what a model is made of: not what it is identified and measured by, before and after.
        monkeypatch.setattr(training, "_score", lambda spec, *a, **k: self._during(spec.name, score, spec, *a, **k))
        # Whether a file is there is asked of all splits at the start, by whatever trains.
        for module in [module for module in sys.modules.values() if getattr(module, "check_images", None) is check]:
            monkeypatch.setattr(module, "check_images", lambda *a: self._during(None, check, *a))
        # Hashes, which say what numbers are of, and nothing of what is in it.
        monkeypatch.setattr(identity, "_content_hash", lambda *a: self._during(None, content, *a))
        monkeypatch.setattr(Dataset, "split_hash", lambda *a: self._during(None, split_hash, *a))

    def _during(self, model, call, *arguments, **options):
        before, self.model = self.model, model
        try:
            return call(*arguments, **options)
        finally:
            self.model = before

    def _record(self, place, name, look):
        call = getattr(place, name)

        def recorded(*arguments):
            if self.model:
                self.seen.setdefault(self.model, []).append(look(*arguments))
            return call(*arguments)
        self._monkeypatch.setattr(place, name, recorded)


def find_faults(seen: list[Look]) -> list[str]:
    """What is wrong with what a model looked at, in words."""
    faults = [f"reads the labels of {look.split}" for look in seen if look.what == "labels" and look.split in TESTS]
    tests = [number for number, look in enumerate(seen) if look.split in TESTS]
    choices = [number for number, look in enumerate(seen) if look == Look("step") or look == Look("labels", "val")]
    if tests and choices and tests[0] < choices[-1]:
        faults.append(f"sees {seen[tests[0]].what} of {seen[tests[0]].split} before its last {seen[choices[-1]].what}")
    return faults


def shuffle_tests(root) -> None:
    """Give the images of each test the labels of others of the same test."""
    for split in TESTS:
        records = read_records(root / f"{split}.csv")
        columns = {name: records.table[name].to_pylist() for name in COLUMNS}
        order = np.random.default_rng(1).permutation(len(records))
        for name in COLUMNS:
            if name.endswith(".hierarchy"):
                columns[name] = [columns[name][row] for row in order]
        write_records(records_from_columns(columns), root / f"{split}.csv")


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Every model, trained on the squares and on squares whose tests have other labels: folder, data set, results, what was seen."""
    root, found = tmp_path_factory.mktemp("twins"), []
    with pytest.MonkeyPatch.context() as monkeypatch, features.one_thread():
        small = {family: replace(recipe, backbone="guarded-clip" if family == "clip" else "test_resnet", **SMALL)
                 for family, recipe in RECIPES["mini"].items()}
        monkeypatch.setitem(RECIPES, "mini", small)
        (root / "guarded-clip.json").write_text(json.dumps(CLIP))
        open_clip.add_model_config(root / "guarded-clip.json")
        watch = Watch(monkeypatch)
        draw_squares(root / "true" / "squares")
        shutil.copytree(root / "true", root / "shuffled")
        shuffle_tests(root / "shuffled" / "squares")
        for name in ("true", "shuffled"):
            folder = root / name
            monkeypatch.setattr(paths, "RESULTS", folder / "results")
            monkeypatch.setattr(paths, "CHECKPOINTS", folder / "checkpoints")
            dataset, results = open_dataset(str(folder / "squares"), minimum=4), {}
            watch.seen = {}
            for spec in MODELS.values():  # members come before what is made of them
                results[spec.name] = train_model(spec.name, dataset, get_recipe("mini", spec.settings))
            found.append(SimpleNamespace(folder=folder, dataset=dataset, results=results, seen=watch.seen))
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_no_model_sees_a_test_before_it_is_trained_and_chosen(twins, family):
    names = [name for name, spec in MODELS.items() if spec.family == family]
    seen = twins[0].seen
    assert {name: faults for name in names if (faults := find_faults(seen.get(name, [])))} == {}
    if family != "frequency":  # counted, without a look at an image
        assert all({look.split for look in seen[name]} >= set(TESTS) for name in names), "the watch sees how tests are scored"
    assert all(Look("step") in seen[name] for name in names if MODELS[name].objective and not MODELS[name].members)


@pytest.mark.parametrize("family", FAMILIES)
def test_with_other_labels_in_the_tests_a_model_is_the_same(twins, family, monkeypatch):
    for name in (name for name, spec in MODELS.items() if spec.family == family):
        results, validation, weights = [], [], []
        for twin in twins:
            monkeypatch.setattr(paths, "CHECKPOINTS", twin.folder / "checkpoints")
            results.append(twin.results[name])
            validation.append(read_scores(twin.dataset, name, "val").values)
            file = run_folder("squares", name) / "last.pt"
            weights.append(torch.load(file, weights_only=False)["learner"] if file.is_file() else {})
        assert results[0].run.chosen == results[1].run.chosen, name
        for first, second in (validation, weights):
            assert first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first), name
        assert [row for row in results[0].rows if row.split == "val"] == [row for row in results[1].rows if row.split == "val"]
        assert results[0].rows != results[1].rows, "the tests do have other labels"


@pytest.mark.parametrize(("seen", "faults"), [
    ([Look("labels", "val"), Look("step"), Look("images", "val"), Look("images", "test_id")], []),
    ([Look("scores", "val"), Look("labels", "val"), Look("scores", "test_ood"), Look("scores", "val")], []),
    ([Look("images", "test_id"), Look("step")], ["sees images of test_id before its last step"]),
    ([Look("scores", "test_ood"), Look("labels", "val")], ["sees scores of test_ood before its last labels"]),
    ([Look("labels", "test_id")], ["reads the labels of test_id"])])
def test_the_watch_knows_a_fault(seen, faults):
    assert find_faults(seen) == faults
