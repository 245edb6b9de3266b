"""What the numbers of held-out providers say together: by hand, and on simulated museums whose mean is known."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import next_museum_of

from eufcc_lib.core.errors import UserError
from eufcc_lib.metrics.bootstrap import FEWEST_UNITS, mean_intervals
from eufcc_lib.results.next_museum import (
    find_spread,
    main_facet,
    next_museum_frame,
    next_museum_path,
    read_earlier,
    read_held_out,
    share_outside,
    spread_frame,
    write_next_museum,
)
from eufcc_lib.results.paper import METRICS

R_PRECISION, AVERAGE_RANK = METRICS[0], METRICS[3]


def test_each_provider_counts_the_same_and_the_worst_is_last():
    found = next_museum_of({"Abbey": {"materials": 0.9, "subjects": 0.5}, "Bank": {"materials": 0.2}, "Castle": {"materials": 0.7}})
    materials = find_spread(found, "materials", R_PRECISION)
    assert list(materials.providers) == ["Abbey", "Castle", "Bank"] and materials.worst == "Bank"
    assert materials.mean == pytest.approx(0.6) and materials.range == (0.2, 0.9) and materials.chance == 0.5
    assert find_spread(found, "materials", AVERAGE_RANK).worst == "Abbey"  # the same numbers, of which lower is better
    assert list(find_spread(found, "subjects", R_PRECISION).providers) == ["Abbey"]
    assert find_spread(found, "classifications", R_PRECISION) is None and main_facet({"any": found}) == "materials"


def test_kept_numbers_of_further_models_are_shown_if_they_are_of_the_same_images(own_paths, capsys):
    found = {"multi_label": next_museum_of({"Abbey": {"materials": 0.9}, "Bank": {"materials": 0.2}})}
    assert read_earlier("mini", found) == {}
    for model in ("multi_label", "lp_ft", "wise_ft", "old"):
        write_next_museum(next_museum_of({"Abbey": {"materials": 0.5}, "Bank": {"materials": 0.4}}, model))
    few = next_museum_of({"Abbey": {"materials": 0.5}}, "fewer")
    write_next_museum(few)
    next_museum_path("mini", "old").write_text("{}", encoding="utf-8")
    earlier = read_earlier("mini", found)
    assert list(earlier) == ["lp_ft", "wise_ft"] and earlier["lp_ft"].held_out[0].rows[0].r_precision == 0.5
    assert "left out: fewer, old." in capsys.readouterr().out


def test_no_model_is_said():
    with pytest.raises(UserError, match="names no model; expected one or more, such as 'multi_label frequency'"):
        main_facet({})


def test_a_provider_with_too_few_objects_is_left_out():
    found = next_museum_of({"Abbey": {"materials": 0.9}, "Bank": {"materials": 0.2}})
    abbey, bank = found.held_out
    few = replace(bank, rows=tuple(replace(row, interval=dict.fromkeys(row.interval)) for row in bank.rows))
    assert list(find_spread(replace(found, held_out=(abbey, few)), "materials", R_PRECISION).providers) == ["Abbey"]


def test_an_interval_needs_enough_providers_and_treats_each_as_a_unit():
    values = {f"Museum {number}": 0.3 + 0.05 * number for number in range(FEWEST_UNITS)}
    found = next_museum_of({name: {"materials": value} for name, value in values.items()})
    low, high = find_spread(found, "materials", R_PRECISION).interval
    expected = mean_intervals({"any": np.array(list(values.values())[::-1])}, {"any": (0, 1)}, np.arange(len(values)))["any"]
    assert [low, high] == expected
    few = replace(found, held_out=found.held_out[1:])
    assert find_spread(few, "materials", R_PRECISION).interval is None


def test_annotations_outside_are_a_share_of_all():
    (held,) = next_museum_of({"Abbey": {"materials": 0.9, "subjects": 0.5}}, outside=3, annotations=12).held_out
    assert share_outside(held, "materials") == 0.25
    assert np.isnan(share_outside(held, "classifications")) and np.isnan(share_outside(replace(held, rows=()), "materials"))


def test_frames_have_a_row_for_every_provider_and_model():
    found = {"multi_label": next_museum_of({"Abbey": {"materials": 0.5}, "Bank": {"materials": 0.75}, "Castle": {}}),
             "frequency": next_museum_of({"Abbey": {"materials": 0.25}, "Bank": {"materials": 0.25}, "Castle": {}}, "frequency")}
    frame = next_museum_frame(found, "materials", R_PRECISION)
    assert frame.index.tolist() == ["Bank", "Abbey", "Castle"]
    assert frame["multi_label"].tolist() == ["0.75 [0.65, 0.85]", "0.50 [0.40, 0.60]", "–"]
    table = spread_frame(found, R_PRECISION)
    assert table.loc[("Materials", "multi_label")].tolist() == [2, "0.62", "Abbey", "0.50 to 0.75", "33 %"]
    nothing = {"frequency": next_museum_of({})}
    assert next_museum_frame(nothing, "materials", R_PRECISION).empty and spread_frame(nothing, R_PRECISION).empty


def test_what_is_written_is_read_and_what_is_damaged_counts_as_nothing(own_paths):
    found = next_museum_of({"Abbey": {"materials": 0.5}, "Bank": {}})
    path = write_next_museum(found)
    assert read_held_out("mini", "multi_label") == {held.provider: held for held in found.held_out}
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    assert read_held_out("mini", "multi_label") == {}


def simulate(random, museums: int, images: int = 60, apart: float = 0.8) -> np.ndarray:
    """Accuracies of nearest-centroid classifiers, each on the museum that it was trained without.

    Every museum moves all of its photographs by its own light and has its own share of the two classes.
    """
    light, share = random.normal(size=(museums, 1, 2)) * apart, random.beta(4, 4, size=(museums, 1))
    classes = random.random((museums, images)) < share
    seen = random.normal(size=(museums, images, 2)) + light + np.where(classes, 0.8, -0.8)[..., None]
    found = []
    for out in range(museums):
        others = np.arange(museums) != out
        first, second = (seen[others][classes[others] == which].mean(axis=0) for which in (True, False))
        nearer = np.square(seen[out] - first).sum(axis=1) < np.square(seen[out] - second).sum(axis=1)
        found.append((nearer == classes[out]).mean())
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize("museums", [FEWEST_UNITS, 14])
def test_intervals_over_folds_that_share_training_images_hold_the_mean_over_museums(museums):
    random = np.random.default_rng(museums)
    trials = [simulate(random, museums) for _ in range(400)]
    truth = np.mean([simulate(random, museums) for _ in range(3_000)])
    held = [low <= truth <= high for low, high in (
        mean_intervals({"m": trial}, {"m": (0, 1)}, np.arange(museums), resamples=200)["m"] for trial in trials)]
    assert np.mean(held) > 0.92


def test_the_next_museum_lies_within_the_range_as_often_as_is_said():
    random = np.random.default_rng(0)
    last = np.array([simulate(random, 9) for _ in range(800)])
    within = (last[:, :8].min(axis=1) <= last[:, 8]) & (last[:, 8] <= last[:, :8].max(axis=1))
    assert 7 / 9 - 0.03 < within.mean()
