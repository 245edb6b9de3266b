"""Every image's own metrics: kept to the last digit, in the same bytes, and refused beside another result."""

import dataclasses

import numpy as np
import pytest
from conftest import keep_scores
from test_statistics import make_dataset, make_records

from eufcc_lib.core.errors import UserError
from eufcc_lib.results.files import RunResult, write_result
from eufcc_lib.results.per_image import measure_images, per_image_path, read_per_image, write_per_image
from eufcc_lib.results.provenance import provenance

KINDS = [{"materials": material} | ({"objectTypes": "vessel"} if number % 2 else {})
         for number, material in enumerate(("metal | gold", "metal", "clay $ metal", "", "clay"))]
DATA = make_dataset(train=make_records(*KINDS, prefix="a"), test_id=make_records(*KINDS, prefix="b"))


@pytest.fixture
def kept(own_paths):
    """A result beside its images' metrics; the model's scores are noise, and one image could not be read."""
    random = np.random.default_rng(0)
    values = {facet: random.normal(size=(5, len(DATA.vocabulary[facet]))) for facet in ("materials", "objectTypes")}
    for part in values.values():
        part[4] = np.nan
    scores = keep_scores(DATA, "softmax", values)
    result = RunResult(provenance("softmax", "tiny", images={}, vocabulary_hash="", identity="abc"), tuple(scores.measure()))
    path = write_result(result)
    write_per_image(result.run, {"test_id": measure_images(scores)}, path)
    return scores, result, path


def test_they_come_back_to_the_last_digit_and_make_the_means_of_the_result(kept):
    scores, result, _ = kept
    found = read_per_image(result)["test_id"]
    for row in result.rows:
        values = found.values[row.facet]
        np.testing.assert_array_equal(values, measure_images(scores).values[row.facet])
        assert np.isnan(values).all(axis=0).sum() == 5 - row.images
        assert np.nanmean(values, axis=1) == pytest.approx(
            [row.r_precision, row.acc_at_1, row.acc_at_10, row.avg_rank_position], abs=1e-6)
    assert found.objects.tolist() == [0, 1, 2, 3, 4] and len(set(found.providers.tolist())) == 1


def test_the_same_values_give_the_same_bytes(kept):
    scores, result, path = kept
    before = per_image_path(path).read_bytes()
    write_per_image(result.run, {"test_id": measure_images(scores)}, path)
    assert per_image_path(path).read_bytes() == before


@pytest.mark.parametrize("change", [
    lambda result: dataclasses.replace(result, run=dataclasses.replace(result.run, identity="other")),
    lambda result: RunResult(result.run, tuple(dataclasses.replace(row, acc_at_1=row.acc_at_1 + 0.001) for row in result.rows)),
    lambda result: RunResult(result.run, tuple(dataclasses.replace(row, images=row.images - 1) for row in result.rows)),
    lambda result: RunResult(result.run, tuple(dataclasses.replace(row, split="test_ood") for row in result.rows)),
])
def test_those_of_another_run_are_refused(kept, change):
    with pytest.raises(UserError, match=r"softmax.npz holds other numbers than softmax.json; expected those of the same run"):
        read_per_image(change(kept[1]))


@pytest.mark.parametrize("change", [
    lambda arrays: arrays | {"test_id.subjects": arrays["test_id.materials"]},  # a mean over the facets would count it
    lambda arrays: arrays | {f"val.{name.partition('.')[2]}": values for name, values in arrays.items() if "." in name},
    lambda arrays: arrays | {"test_id.objects": arrays["test_id.objects"][:4]},
    lambda arrays: arrays | {"test_id.materials": arrays["test_id.materials"][:, :4]},  # the last was not evaluated
])
def test_what_is_more_or_less_than_the_result_is_refused(kept, change):
    _, result, path = kept
    with np.load(per_image_path(path)) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez_compressed(per_image_path(path), **change(arrays))
    with pytest.raises(UserError, match=r"softmax.npz holds other numbers than softmax.json"):
        read_per_image(result)


def test_none_and_a_damaged_file(kept):
    _, result, path = kept
    per_image_path(path).write_bytes(b"PK\3\4 nothing of the kind")
    with pytest.raises(UserError, match="softmax.npz is damaged"):
        read_per_image(result)
    per_image_path(path).unlink()
    assert read_per_image(result) is None
