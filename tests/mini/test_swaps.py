"""A swapped photograph differs from the museum's own in one habit of the photographer, and in nothing else."""

from dataclasses import fields, replace

import numpy as np
import pytest

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core import paths
from eufcc_lib.data.dataset import images_folder, read_dataset
from eufcc_lib.mini import drawing, providers
from eufcc_lib.mini.annotations import write_annotations
from eufcc_lib.mini.catalogue import plan_museum
from eufcc_lib.mini.marker import read_marker, write_marker
from eufcc_lib.mini.swaps import ALL, HABITS, SPLIT, UNCHANGED, UNKNOWN, draw_swaps

DONOR = providers.BY_NAME["Photographic Archive De Wael"]
FIELDS = [field for own in HABITS.values() for field in own]


@pytest.fixture(scope="module")
def entry():
    """Of a keeper with another backdrop, which takes another number of random numbers than the donor's."""
    return next(entry for entry in plan_museum(120) if entry.thing.provider == "Harbour Museum, Saltmere")


def with_habit(entry, *habits):
    keeper = providers.BY_NAME[entry.thing.provider]
    return replace(entry, photographer=replace(keeper, **{name: getattr(DONOR, name) for habit in habits for name in HABITS[habit]}))


@pytest.fixture
def watch(monkeypatch):
    """A function that draws, and returns what was photographed and what went into the darkroom."""
    def draw(entry):
        seen = {}

        def photograph(thing, light, ground, camera, rng):
            seen.update(light=light, ground=ground, camera=camera, numbers=rng.bit_generator.state)
            return studio(thing, light, ground, camera, rng)

        def finish(keeper, provider, picture, rng):
            seen.update(negative=picture, dark=rng.bit_generator.state)
            return darkroom(keeper, provider, picture, rng)

        with monkeypatch.context() as patch:
            studio, darkroom = drawing.photograph, drawing.finish
            patch.setattr(drawing, "photograph", photograph)
            patch.setattr(drawing, "finish", finish)
            seen["picture"] = drawing.draw(entry)
        return seen
    return draw


def same(first, second) -> bool:
    return all(np.array_equal(getattr(first, field.name), getattr(second, field.name)) for field in fields(first))


def test_every_habit_of_a_photographer_is_swapped_once():
    others = {"name", "share", "outer", "taste"}
    assert sorted(FIELDS) == sorted({field.name for field in fields(providers.Provider)} - others)


def test_all_random_numbers_stay_whatever_is_swapped(entry, watch):
    own = watch(entry)
    for habit in HABITS:
        swapped = watch(with_habit(entry, habit))
        assert (swapped["numbers"], swapped["dark"]) == (own["numbers"], own["dark"]), habit
        assert not np.array_equal(swapped["picture"], own["picture"]) or habit == "labels", habit


def test_another_background_leaves_the_object_where_it_is_and_its_lamps(entry, watch):
    own, swapped = watch(entry), watch(with_habit(entry, "background"))
    assert same(own["camera"], swapped["camera"])
    assert same(replace(own["light"], table=swapped["light"].table), swapped["light"])  # but for what the table throws back
    assert not np.allclose(own["ground"], swapped["ground"])


def test_other_lamps_leave_the_camera_and_another_camera_the_lamps(entry, watch):
    own, lit, framed = watch(entry), watch(with_habit(entry, "light")), watch(with_habit(entry, "framing"))
    assert same(own["camera"], lit["camera"]) and not same(own["light"], lit["light"])
    assert same(own["light"], framed["light"]) and not same(own["camera"], framed["camera"])


def test_print_and_labels_change_the_finished_picture_alone(entry, watch):
    own, printed = watch(entry), watch(with_habit(entry, "print"))
    np.testing.assert_array_equal(own["negative"], printed["negative"])
    ruler = replace(providers.BY_NAME[entry.thing.provider], scale_bar=1.0)
    labelled = watch(replace(entry, photographer=ruler))
    changed = np.flatnonzero((own["picture"] != labelled["picture"]).any(axis=(1, 2)))
    assert len(changed) and changed.min() > .88 * len(own["picture"])  # the strip with the scale


@pytest.mark.slow
def test_swapped_pictures_are_a_data_set_that_is_drawn_once(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    root, plan, drawn = tmp_path / "small", plan_museum(120), []
    images_folder(root).mkdir(parents=True)
    write_annotations(plan, root, "en")
    write_marker(root, {"images": 120, "seed": 0, "size": 128, "code": "of this test"})
    museum = open_dataset(str(root), minimum=2)
    swaps = draw_swaps(museum, 2, workers=1, report=lambda done, images: drawn.append(images))
    table, own, found = swaps.table, museum.split(SPLIT), swaps.dataset.split(SPLIT)
    files = swaps.dataset.image_paths(SPLIT)
    assert len(table) == len(found) == len(drawn) == 2 * (1 + 2 * (len(HABITS) + 1))
    for entry in plan:
        if entry.id in own.ids[table["row"]]:
            drawing.write_picture(images_folder(root), entry, 0)
    for place, (row, habit, provider) in enumerate(zip(table["row"], table["habit"], table["provider"])):
        assert (files[place].read_bytes() == museum.image_paths(SPLIT)[row].read_bytes()) == (not table["changed"][place])
        assert found.providers[place] == (provider if habit == ALL else own.providers[row])
        assert found.paths("objectTypes", place) == own.paths("objectTypes", row)
    assert not table["changed"][table["habit"] == UNCHANGED].any() and table["changed"][table["habit"] == ALL].all()
    outer = set(museum.split("test_ood").providers)
    assert all((provider in outer) == (donor == UNKNOWN) for provider, donor in zip(table["provider"], table["donor"]) if donor)
    assert read_dataset(swaps.dataset.root, "again", minimum=1).split(SPLIT).ids.tolist() == found.ids.tolist()

    drawn.clear()
    draw_swaps(museum, 2, report=lambda done, images: drawn.append(images))
    assert not drawn
    # As after a kill: the pictures that are whole are kept.
    files[1].unlink()
    write_marker(swaps.dataset.root, {"unfinished": {"museum": read_marker(root), "photographs": 2}})
    draw_swaps(museum, 2, workers=1, report=lambda done, images: drawn.append(images))
    assert drawn == [1] and files[1].is_file()


def test_only_a_drawn_museum_is_photographed_again(tmp_path, squares_folder, monkeypatch):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    assert draw_swaps(open_dataset(str(squares_folder), minimum=4)) is None
    assert not list(tmp_path.iterdir())
