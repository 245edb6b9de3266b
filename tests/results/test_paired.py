"""Two models on the same images: against resamples written out image by image."""

import dataclasses

import numpy as np
import pytest
from conftest import keep_scores

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACETS
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns, write_records
from eufcc_lib.metrics.bootstrap import RESAMPLES, draw_counts
from eufcc_lib.metrics.evaluation import evaluate
from eufcc_lib.results.estimates import OVER
from eufcc_lib.results.files import RunResult, read_results, write_result
from eufcc_lib.results.paired import paired_bounds, resample_runs
from eufcc_lib.results.paper import MEAN, METRICS, Column
from eufcc_lib.results.provenance import provenance

IMAGES = 60
NUMBER, PLACE = METRICS[0], Column("test_id", "materials", METRICS[0])


@pytest.fixture
def folder(own_paths):
    """60 images of three providers with a material, 40 of them with an object type; the same in training and test."""
    random, root = np.random.default_rng(1), own_paths / "pairs"
    root.mkdir()
    columns = dict.fromkeys(COLUMNS, [""] * IMAGES)
    columns["materials.hierarchy"] = random.choice(["wood", "clay", "silk"], IMAGES).tolist()
    columns["objectTypes.hierarchy"] = random.permutation(["jar"] * 20 + ["bowl"] * 20 + [""] * 20).tolist()
    columns["repository.keeper"] = random.choice(["A", "B", "C"], IMAGES).tolist()
    for split in ("train", "test_id"):
        columns["idInSource"] = [f"{split}_{number}" for number in range(IMAGES)]
        write_records(records_from_columns(columns), root / f"{split}.csv")
    return str(root)


def keep_run(folder, model, seed, skill, facets=("objectTypes", "materials")):
    """A finished run whose scores are noise and `skill` times the truth."""
    dataset = open_dataset(folder)
    noise, labels = np.random.default_rng(seed), dataset.labels("test_id")
    scores = {facet: (noise.normal(size=labels[facet].matrix.shape) + skill * labels[facet].matrix.toarray()).astype(np.float32)
              for facet in facets}
    keep_scores(dataset, model, scores)
    rows = evaluate(scores, labels, model, "pairs", "test_id", dataset.split("test_id").providers)
    result = RunResult(provenance(model, "pairs", images={"train": IMAGES}, vocabulary_hash=dataset.vocabulary.hash), tuple(rows))
    write_result(result)
    return {facet: right_first(values, labels[facet].matrix.toarray()) for facet, values in scores.items()}, result


def right_first(scores, labels):
    """R-Precision of each image, which here has one tag or none."""
    return [float(labels[row, np.argmax(scores[row])]) if labels[row].any() else None for row in range(len(scores))]


def resampled(values, rows):
    drawn = [values[row] for row in rows if values[row] is not None]
    return sum(drawn) / len(drawn)


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("facet", ["objectTypes", "materials", MEAN])
def test_interval_is_that_of_resamples_taken_one_by_one(folder, over, facet):
    numbers = {model: keep_run(folder, model, seed, 1.0)[0] for seed, model in enumerate(("softmax", "multi_label"))}
    providers = open_dataset(folder).split("test_id").providers
    units = [[row] for row in range(IMAGES)] if over == "images" else [np.flatnonzero(providers == name) for name in "ABC"]
    differences = []
    for counts in np.concatenate(list(draw_counts(len(units), RESAMPLES, seed=0))):
        rows = [row for unit, times in zip(units, counts) for row in list(unit) * int(times)]
        of_facet = [resampled(numbers["softmax"][name], rows) - resampled(numbers["multi_label"][name], rows)
                    for name in (("objectTypes", "materials") if facet == MEAN else (facet,))]
        differences.append(np.mean(of_facet))
    draws = resample_runs(open_dataset(folder), read_results("pairs"), over)
    found = paired_bounds(draws, "softmax", "multi_label", Column("test_id", facet, NUMBER))
    assert found == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=1e-9)


def test_a_model_is_exactly_as_good_as_itself(folder):
    keep_run(folder, "softmax", 0, 1.0)
    draws = resample_runs(open_dataset(folder), read_results("pairs"), "images")
    assert all(paired_bounds(draws, "softmax", "softmax", Column("test_id", facet.name, metric)) == (0, 0)
               for facet in FACETS if facet.name in ("objectTypes", "materials") for metric in METRICS)


def test_what_was_not_resampled_has_no_interval(folder):
    keep_run(folder, "softmax", 0, 1.0)
    keep_run(folder, "multi_label", 1, 1.0, facets=("objectTypes",))
    draws = resample_runs(open_dataset(folder), read_results("pairs"), "images")
    assert paired_bounds(draws, "softmax", "multi_label", PLACE) is None
    assert paired_bounds(draws, "softmax", "clip_prompt", PLACE) is None
    assert paired_bounds(draws, "softmax", "multi_label", Column("test_ood", "objectTypes", NUMBER)) is None


def test_scores_that_the_result_was_not_made_from_are_left_alone(folder):
    _, result = keep_run(folder, "softmax", 0, 1.0)
    keep_run(folder, "multi_label", 1, 1.0)
    rows = tuple(dataclasses.replace(row, r_precision=row.r_precision - 0.001) for row in result.rows)
    write_result(dataclasses.replace(result, rows=rows))
    assert list(resample_runs(open_dataset(folder), read_results("pairs"), "images")) == ["multi_label"]


def test_results_alone_are_no_mistake(folder, own_paths):
    keep_run(folder, "softmax", 0, 1.0)
    results = read_results("pairs")
    for path in (own_paths / "checkpoints").rglob("*.npz"):
        path.unlink()
    assert resample_runs(open_dataset(folder), results, "images") == {}
    assert resample_runs(None, results, "images") == {}
    with pytest.raises(UserError, match="Unknown interval 'tags'"):
        resample_runs(open_dataset(folder), results, "tags")
