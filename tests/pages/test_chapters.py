"""Every chapter on a data set is made for every data set, also where there is little to tell.

The chapters' code runs here as in a notebook, but in this process: on each data set the models are trained, then every
chapter is made.
"""

import ast
import dataclasses
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from conftest import draw_records, keep_scores
from matplotlib.figure import Figure

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.models.registry import MODELS
from eufcc_lib.pages import prose
from eufcc_lib.pages.plain_tables import to_html
from eufcc_lib.results.judgeable import evaluated_splits
from eufcc_lib.training import launch, recipes

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error::RuntimeWarning", "error::FutureWarning")]

NOTEBOOKS = {path.stem: nbformat.read(path, 4) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
GLUED = re.compile(r"\{glue:text\}`(?:runs/(\w+)\.ipynb::)?(\w+)(?::([^`:]*))?`")


def code(name: str) -> list:
    return [cell for cell in NOTEBOOKS[name].cells if cell.cell_type == "code"]


CHAPTERS = sorted((name for name in NOTEBOOKS if code(name)[0].source.startswith(("data = ", "model = "))),
                  key=lambda name: name != "train")
ON_RUNS = {"adding", "assistant", "baseline", "cataloguer", "choices", "clip", "ensembles", "hsoftmax", "missing", "multi_label", "next_museum", "qualitative", "score",
           "softmax", "tour", "train", "trust"}
"""Chapters that read what was trained, or predict from a training split."""


def quoted(name: str) -> list[tuple[str, str]]:
    """The values that the book's pages without code take from a chapter, each with its format."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.md")]
    return [(key, how) for text in texts for place, key, how in GLUED.findall(text) if place == name]


def make_chapter(name: str, monkeypatch, **given) -> None:
    """Run a chapter's code with these parameters, and look at what it shows and at the numbers for the text."""
    glued, shown, namespace = {}, [], {"__name__": "__main__"}
    monkeypatch.setattr(prose, "publish", lambda facts, *names: glued.update({name: facts[name] for name in names}))
    for cell in code(name):
        *statements, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            statements, last = [*statements, last], None
        exec(compile(ast.Module(statements, []), cell.id, "exec"), namespace)  # noqa: S102
        if last:
            shown.append(eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace))
        if "parameters" in cell.metadata.get("tags", []):
            namespace.update(given)
    for thing in shown:
        if isinstance(thing, Figure):
            thing.draw_without_rendering()
        if isinstance(thing, pd.DataFrame):
            assert "NaN" not in to_html(thing) and 'scope="row"' in to_html(thing)
    for key, how in quoted(name):
        assert type(glued[key]) in (str, int, float), f"{key}: the book reads other numbers as text"
        assert not re.search(r"[`*]", str(glued[key])), f"{key}: the book shows the marks of Markdown as they are"
        assert isinstance(glued[key], str) or np.isnan(glued[key]) or format(glued[key], how), key


def find_stops(data, chapters, monkeypatch) -> dict[str, str]:
    """The chapters that stop, and why."""
    stops = {}
    for name in chapters:
        try:
            make_chapter(name, monkeypatch, data=str(data))
        except Exception as error:  # noqa: BLE001
            stops[name] = repr(error)
    return stops


KINDS = ({"objectTypes": "vessel | cup", "materials": "clay", "classifications": "ceramics", "subjects": "portrait"},
         {"objectTypes": "vessel | jug", "materials": "metal | bronze", "classifications": "metalwork", "subjects": "still life"})
VESSEL = {"objectTypes": "vessel"}


def several(count: int, without: str, provider: str = "Museum") -> list[dict]:
    """Records of both kinds, without one facet."""
    return [{facet: cell for facet, cell in KINDS[number % 2].items() if facet != without} | {"provider": provider}
            for number in range(count)]


SETS = {
    # One facet, one tag, one provider, neither validation nor outer test; so no model ever errs.
    "alike": {"train": [VESSEL] * 20, "test_id": [VESSEL] * 6},
    # A facet is empty in training, another in the test; the outer test has only a tag that is in no other record.
    "gaps": {"train": several(24, "subjects"), "val": several(4, "subjects"), "test_id": several(6, "materials", "Gallery"),
             "test_ood": [{"objectTypes": "coin", "provider": "Mint"}] * 3},
}

WITHOUT_INNER = {
    "outer_test_alone": {"train": several(24, "subjects"), "test_ood": several(6, "materials", "Gallery")},
    "training_alone": {"train": several(24, "subjects")},
    "other_tags": {"train": several(24, "subjects"), "val": [{}] * 2, "test_id": [{"objectTypes": "coin"}] * 3},
    "no_training": {"test_id": several(12, "subjects")},
    "rare_tags": {split: [{"objectTypes": f"vessel {number}"} for number in range(count)]
                  for split, count in {"train": 20, "val": 4, "test_id": 6}.items()},
}
"""Data sets that have no inner test to judge by. All but the first have no other either, and the last two nothing to learn."""


@pytest.mark.parametrize("name", SETS)
def test_every_chapter_is_made_also_where_there_is_little_to_tell(name, own_paths, monkeypatch):
    draw_records(own_paths / name, SETS[name])
    small = {family: dataclasses.replace(recipe, epochs=1, image_size=32) for family, recipe in recipes.RECIPES["mini"].items()}
    monkeypatch.setitem(recipes.RECIPES, "mini", small)
    for model, spec in MODELS.items():
        launch.train(model, str(own_paths / name), recipes.get_recipe("mini", spec.settings))
    assert not find_stops(own_paths / name, CHAPTERS, monkeypatch)


@pytest.mark.parametrize("name", WITHOUT_INNER)
def test_every_chapter_says_where_it_cannot_show_the_inner_test(name, own_paths, monkeypatch, capsys):
    draw_records(own_paths / name, WITHOUT_INNER[name])
    small = dataclasses.replace(recipes.RECIPES["mini"]["vision"], epochs=1, image_size=32)
    monkeypatch.setitem(recipes.RECIPES["mini"], "vision", small)
    dataset = open_dataset(str(own_paths / name))
    if evaluated_splits(dataset, "neighbours"):  # whose votes are kept beside its scores
        launch.train("neighbours", str(own_paths / name), recipes.get_recipe("mini"))
    for model in MODELS:
        for split in evaluated_splits(dataset, model):  # multi_label is trained by the first chapter
            keep_scores(dataset, model, {facet: np.zeros((len(dataset.split(split)), len(tree)), np.float32)
                                         for facet, tree in dataset.vocabulary.taxonomies.items() if len(tree)}, split)
    stops, silent = {}, []
    for chapter in CHAPTERS:
        if name == "outer_test_alone" and chapter in ("adding", "choices", "missing"):  # they train here, as on the sets above
            continue
        capsys.readouterr()
        stops |= find_stops(own_paths / name, [chapter], monkeypatch)
        said = "outer test set instead|No model can|nothing is compared|no image of the"
        if chapter in ON_RUNS - {"next_museum"} and not re.search(said, capsys.readouterr().out):  # that deals tests of its own
            silent.append(chapter)
    assert not stops and silent == (["score"] if name == "no_training" else [])  # what trained elsewhere can be judged


@pytest.mark.parametrize("splits", [
    {"test_ood": [{}] * 3},
    {"train": [{"objectTypes": "vessel | cup"}, {"subjects": "portrait"}], "val": []},
], ids=["no tag at all", "two records and an empty split"])
def test_what_counts_annotations_needs_neither_images_nor_a_certain_split(splits, own_paths, monkeypatch):
    draw_records(own_paths / "data", splits, pictures=False)
    assert not find_stops(own_paths / "data", set(CHAPTERS) - ON_RUNS, monkeypatch)


def test_a_data_set_without_a_record_is_refused_in_one_sentence(own_paths, monkeypatch):
    draw_records(own_paths / "data", {"train": [], "val": []})
    with pytest.raises(UserError, match="holds no record; expected a csv file with more than its header"):
        make_chapter("statistics", monkeypatch, data=str(own_paths / "data"))
    assert not paths.RESULTS.exists()
