"""What several tests share: a museum of coloured squares and discs, small enough to train on in a second.

And what keeps them from depending on the machine: its speed, its luck, its proxy.
"""

import ast
import functools
import gc
import os
import socket
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image, ImageDraw
from scipy.sparse import csr_array

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.hardware import find_chromium
from eufcc_lib.data.dataset import images_folder
from eufcc_lib.data.labels import Labels
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns, write_records
from eufcc_lib.metrics.evaluation import evaluate
from eufcc_lib.results import provenance as provenances
from eufcc_lib.results.next_museum import HeldOut, NextMuseum
from eufcc_lib.results.paper import METRICS
from eufcc_lib.results.provenance import provenance
from eufcc_lib.results.scores import Scores, scores_path, write_scores

# A test is right or wrong, not slow: hypothesis keeps no time. It tries the same examples everywhere, so that one
# commit has one answer; `pytest --hypothesis-profile=search` tries others each time.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")

# `make check` tries the first of these examples, also where a test asks for more; `make test` tries all.
FEW = 15
settings.register_profile("few", settings.get_profile("same"), max_examples=FEW)

# What is installed stays the same while the tests run, and is looked up for every result.
provenances._versions = functools.cache(provenances._versions)

# Servers of tests are on this machine, whatever proxy it has. Both spellings: the lower one goes first.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

# Progress is written as wide as it is, not as a terminal.
for name in [name for name in os.environ if name in ("COLUMNS", "LINES") or name.startswith("TQDM_")]:
    del os.environ[name]

# jsonschema, with which every notebook is read, checks one more kind of text where this is there, and a second goes by
# in each process before it is.
sys.modules.setdefault("rfc3987_syntax", None)

# Nor does open_clip look, when it is loaded, for transformers and its text towers, which no model here has.
AWAY = {"transformers"} - set(sys.modules)
sys.modules.update(dict.fromkeys(AWAY))

# On the CPU, also where there is a GPU; `CUDA_VISIBLE_DEVICES=0 pytest` takes that.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

# A program of someone else, which a test runs.
collect_ignore = ["results/stranger.py"]

# A warning of what is tested is an error; not one of what an earlier test left to the garbage collector or a thread.
NO_WARNING = pytest.mark.filterwarnings("error", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning",
                                        "ignore::pytest.PytestUnhandledThreadExceptionWarning")


# What is imported lives as long as the tests do: looking for garbage in it takes a third of the imports' time.
gc.disable()


def pytest_collection_finish():
    """From here on, garbage is looked for in what tests make, and whoever needs transformers finds it."""
    for name in AWAY & set(sys.modules):
        del sys.modules[name]
    gc.freeze()
    gc.enable()


SHARED = {"together", "train_until", "drawing", "trained", "address"}
"""Fixtures of a module that take seconds to make."""


def pytest_collection_modifyitems(items):
    """What starts a browser is slow; what is shared goes first; readers of images are not waited for."""
    # One of several workers starts with the first tests, and an idle one takes over from the end: it would make them again.
    items.sort(key=lambda item: SHARED.isdisjoint(getattr(item, "fixturenames", ())))
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
        own = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
        if own and settings.default.max_examples == FEW < own.max_examples:
            item.obj._hypothesis_internal_use_settings = settings(own, max_examples=FEW)
    # A reader that missed its end, as one does whose loader was collected in a cycle, is waited for this long: by PyTorch, 5 s.
    for name in ("torch.utils.data._utils", "torch.utils.data._utils.worker"):
        if name in sys.modules:
            sys.modules[name].MP_STATUS_CHECK_INTERVAL = 0.5


@functools.cache
def imports_of(path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Every import in the file, those inside functions included."""
    return imports_below(ast.parse(path.read_text(encoding="utf-8")))


def imports_below(tree: ast.AST) -> tuple[ast.Import | ast.ImportFrom, ...]:
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


COLOURS = {"red": "warm | red", "gold": "warm | gold", "blue": "cold | blue", "green": "cold | green"}
SIZES = {"train": 48, "val": 12, "test_id": 16, "test_ood": 12}
SIDE = 40


def draw_squares(root, seed: int = 0):
    """Write a data set in the official layout: colour is the material, shape the type; a quarter has no material."""
    rng = np.random.default_rng(seed)
    images_folder(root).mkdir(parents=True)
    for split, images in SIZES.items():
        columns = {column: [""] * images for column in COLUMNS}
        columns["idInSource"] = [f"{split}_{number}" for number in range(images)]
        columns["repository.keeper"] = ["Elsewhere" if split == "test_ood" else "Here"] * images
        for number, name in enumerate(columns["idInSource"]):
            colour, shape = list(COLOURS)[number % 4], ["square", "disc"][number // 4 % 2]
            columns["objectTypes.hierarchy"][number] = f"shape | {shape}"
            columns["materials.hierarchy"][number] = "" if number % 4 == 3 and number % 8 == 3 else COLOURS[colour]
            picture = Image.fromarray(rng.integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8))
            draw = ImageDraw.Draw(picture)
            (draw.rectangle if shape == "square" else draw.ellipse)((8, 8, SIDE - 8, SIDE - 8), fill=colour)
            picture.save(images_folder(root) / f"{name}.jpg", quality=92)
        write_records(records_from_columns(columns), root / f"{split}.csv")


def draw_records(root, splits: dict, pictures: bool = True):
    """Write a data set of these records, by split; with pictures, they are dark and light in turn."""
    images_folder(root).mkdir(parents=True)
    for split, rows in splits.items():
        columns = {column: [row.get(column.partition(".")[0], "") for row in rows] for column in COLUMNS}
        columns["idInSource"] = [f"{split}_{number}" for number in range(len(rows))]
        columns["repository.keeper"] = [row.get("provider", "Museum") for row in rows]
        write_records(records_from_columns(columns), root / f"{split}.csv")
        for number, name in enumerate(columns["idInSource"] if pictures else ()):
            Image.new("RGB", (32, 32), ("black", "white")[number % 2]).save(images_folder(root) / f"{name}.jpg")


def keep_scores(dataset, model: str, values: dict, split: str = "test_id"):
    """Scores as a training keeps them; a row with NaN was not evaluated."""
    arrays = {facet: np.asarray(part, np.float32) for facet, part in values.items()}
    evaluated = ~np.any([np.isnan(part).any(axis=1) for part in arrays.values()], axis=0)
    scores = Scores(dataset, model, split, arrays, evaluated)
    write_scores(scores)
    return scores


def kept_scores(model: str, split: str = "test_id", data: str = "squares") -> dict[str, np.ndarray]:
    """What is in the file of a model's scores, by facet."""
    with np.load(scores_path(data, model, split)) as kept:
        return {key.removeprefix("scores_"): kept[key] for key in kept.files if key.startswith("scores_")}


def next_museum_of(values: dict[str, dict[str, float]], model: str = "multi_label", outside: int = 0, annotations: int = 0):
    """A result of held-out providers: by provider and facet the number in each metric, give or take a tenth."""
    labels = Labels("materials", csr_array(np.array([[True, False]])), np.zeros(1, np.int32))
    (blank,) = evaluate({"materials": np.zeros((1, 2), np.float32)}, {"materials": labels}, model, "mini", "test_ood")
    names = [metric.name for metric in METRICS]
    held_out = []
    for provider, found in values.items():
        rows = [replace(blank, facet=facet, tags_outside_vocabulary=outside, **dict.fromkeys(names, value),
                        interval={name: [value - 0.1, value + 0.1] for name in names}) for facet, value in found.items()]
        held_out.append(HeldOut(provider, len(held_out) + 1, "", "", 90, 10, 10, dict.fromkeys(found, annotations), 1.0, tuple(rows)))
    return NextMuseum(provenance(model, "mini", images={}, vocabulary_hash=""), len(values), 0, tuple(held_out))


@pytest.fixture
def free_port() -> int:
    """A port of this machine at which nothing listens."""
    with socket.create_server(("localhost", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="session")
def chromium():
    """A browser that starts."""
    if found := find_chromium():
        return found
    pytest.skip("no Chromium here")


@pytest.fixture(scope="session")
def squares_folder(tmp_path_factory):
    """The folder of the squares; not to be changed."""
    root = tmp_path_factory.mktemp("data") / "squares"
    draw_squares(root)
    return root


@pytest.fixture
def own_paths(tmp_path, monkeypatch):
    """Results and checkpoints go to a folder of the test's own."""
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path / "checkpoints")
    return tmp_path


@pytest.fixture
def squares(squares_folder, own_paths):
    """The squares as a data set; results and checkpoints go to a folder of the test's own."""
    return open_dataset(str(squares_folder), minimum=4)
