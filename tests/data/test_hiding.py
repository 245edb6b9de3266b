"""What is hidden is hidden exactly, from the narrowest tag upwards, and nowhere else."""

import numpy as np
import pytest
from conftest import draw_records
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.dataset import Dataset
from eufcc_lib.data.hiding import count_tags, hide_tags
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS, ID
from eufcc_lib.data.records_csv import records_from_columns

# Few names, so that paths meet, repeat a name and contradict each other; "rare" is seldom in the vocabulary.
paths = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=3).map(" | ".join)
cells = st.one_of(st.just(""), st.just("a | rare"), st.lists(paths, min_size=1, max_size=3, unique=True).map(" $ ".join))
columns = st.lists(st.tuples(cells, cells), min_size=1, max_size=8)


def data_set(train: list[tuple[str, str]], minimum: int = 1) -> Dataset:
    """Objects and materials of the records in training; one record in the inner test has the same as the first."""
    records = {}
    for split, rows in {"train": train, "test_id": train[:1]}.items():
        filled = {column: [""] * len(rows) for column in COLUMNS} | {ID: [f"{split}_{row}" for row in range(len(rows))]}
        filled["objectTypes.hierarchy"], filled["materials.hierarchy"] = map(list, zip(*rows))
        records[split] = records_from_columns(filled)
    return Dataset("any", None, records, count_vocabulary(records["train"], minimum), "")


def pairs(dataset: Dataset, facet: str) -> set[tuple[int, int]]:
    return set(zip(*(part.tolist() for part in dataset.labels("train")[facet].matrix.nonzero())))


@given(train=columns, share=st.floats(0, 1), seed=st.integers(0, 9), minimum=st.integers(1, 2))
@settings(max_examples=80)
def test_the_share_is_exact_the_vocabulary_stays_and_a_tag_takes_the_narrower_ones_with_it(train, share, seed, minimum):
    dataset = data_set(train, minimum)
    hidden = hide_tags(dataset, share, seed)
    assert hidden.vocabulary is dataset.vocabulary and hidden.records["test_id"] is dataset.records["test_id"]
    assert hidden.records["train"].ids.tolist() == dataset.records["train"].ids.tolist()
    for facet in ("objectTypes", "materials"):
        before, after = pairs(dataset, facet), pairs(hidden, facet)
        assert after <= before and abs(len(before) - len(after) - share * len(before)) <= 0.5
        names, opposed = dataset.vocabulary[facet].names, 0
        for row, (known, kept) in enumerate(zip(*(split_rows(part, len(train)) for part in (before, after)))):
            for path in dataset.records["train"].paths(facet, row):
                tags = [names.index(name) for name in path if name in names]
                for place, tag in enumerate(tags):
                    opposed += tag in known - kept and not kept.isdisjoint(tags[place + 1:])
        assert not opposed or contradicts(train)


def split_rows(found: set[tuple[int, int]], rows: int) -> list[set[int]]:
    return [{tag for row, tag in found if row == wanted} for wanted in range(rows)]


def contradicts(train) -> bool:
    """Whether in a record a tag is below itself, over any paths, so that none of the two can go first."""
    for cell in (cell for row in train for cell in row):
        steps = {(path[i], path[j]) for path in (part.split(" | ") for part in cell.split(" $ "))
                 for i in range(len(path)) for j in range(i + 1, len(path))}
        for _ in range(4):
            steps |= {(above, below) for above, middle in steps for again, below in steps if middle == again}
        if any(above == below for above, below in steps):
            return True
    return False


def test_a_larger_share_hides_what_a_smaller_one_does_and_another_seed_hides_others():
    dataset = data_set([("a | b", "c"), ("a | d", ""), ("b", "c | d")] * 5)
    kept = [pairs(hide_tags(dataset, share), "objectTypes") for share in (0, 0.25, 0.5, 0.75, 1)]
    assert kept[0] > kept[1] > kept[2] > kept[3] > kept[4] == set()
    assert kept[2] == pairs(hide_tags(dataset, 0.5), "objectTypes") != pairs(hide_tags(dataset, 0.5, seed=1), "objectTypes")


def test_a_tag_outside_the_vocabulary_goes_with_a_broader_one_alone():
    dataset = data_set([("a | rare", "b")] * 3 + [("a", "")] * 3, minimum=4)
    assert dataset.vocabulary["objectTypes"].names == ("a",)
    kept = hide_tags(dataset, 0.5).records["train"]
    assert sorted(path for row in range(6) for path in kept.paths("objectTypes", row)) == sorted(
        path for row in range(6) for path in dataset.records["train"].paths("objectTypes", row) if kept.paths("objectTypes", row))
    assert hide_tags(dataset, 1).records["train"].cells("objectTypes")[1] == ("",)
    assert hide_tags(dataset, 1).records["train"].paths("materials", 0) == (("b",),)


def test_it_is_counted_which_images_have_lost_all_tags():
    dataset = data_set([("a | b", "c")] * 4)
    assert count_tags(dataset).loc["objectTypes"].to_dict() == {"pairs": 8, "images": 4}
    hidden = count_tags(hide_tags(dataset, 0.5))
    assert hidden["pairs"][["objectTypes", "materials"]].tolist() == [4, 2] and hidden["images"]["materials"] == 2


def test_features_are_those_of_the_other_data_set_and_other_splits_can_be_named(own_paths):
    draw_records(own_paths / "data", {"train": [{"materials": "clay"}] * 12, "val": [{"materials": "clay"}] * 4}, pictures=False)
    dataset = open_dataset(str(own_paths / "data"))
    hidden = hide_tags(dataset, 1, splits=["val"])
    (source, split, rows), = hidden.sources("train")
    assert source is dataset and split == "train" and rows.tolist() == list(range(12))
    assert hidden.labels("train")["materials"].matrix.nnz == 12 and not hidden.labels("val")["materials"].matrix.nnz
    assert np.array_equal(open_dataset(str(own_paths / "data")).labels("val")["materials"].matrix.toarray(), np.ones((4, 1)))


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_is_from_0_to_1(share):
    with pytest.raises(UserError, match="Parameter 'share' is .*; expected a number from 0 to 1"):
        hide_tags(data_set([("a", "b")]), share)
