"""Every provider is held out once, whole, and a fold knows nothing of the one that it is tested on."""

from collections import Counter

import numpy as np
import pytest
from conftest import draw_records
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.dataset import Dataset
from eufcc_lib.data.dealing import HELD_OUT, count_known_providers, deal_providers, hold_out
from eufcc_lib.data.records import COLUMNS, ID, PROVIDER, SPLITS
from eufcc_lib.data.records_csv import records_from_columns
from eufcc_lib.data.taxonomy import Vocabulary

NAMES = ("", "Abbey", "Bank", "Castle", "Dock", "Étage")


@given(images=st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 500), min_size=1, max_size=30), folds=st.integers(2, 16))
def test_providers_are_dealt_whole_evenly_and_always_alike(images, folds):
    groups = deal_providers(images, folds)
    assert Counter(name for group in groups for name in group) == Counter(images.keys())
    assert len(groups) == min(folds, len(images))
    sizes = [sum(images[name] for name in group) for group in groups]
    assert max(sizes) - min(sizes) <= max(images.values())
    assert deal_providers(dict(reversed(images.items())), folds) == groups


def test_a_single_fold_is_refused():
    with pytest.raises(UserError, match="Parameter 'folds' is 1; expected 2 or more groups of providers"):
        deal_providers({"Abbey": 3}, 1)


def data_set(providers: dict[str, list[str]]) -> Dataset:
    """Records without an image: by split their providers; each record's type is its provider's."""
    records = {}
    for split, names in providers.items():
        columns = {column: [""] * len(names) for column in COLUMNS}
        columns |= {ID: [f"{split}_{row}" for row in range(len(names))], PROVIDER: names,
                    "objectTypes.hierarchy": [f"thing | thing of {name or 'nobody'}" for name in names]}
        records[split] = records_from_columns(columns)
    return Dataset("any", None, records, Vocabulary({}), "")


@given(providers=st.dictionaries(st.sampled_from(SPLITS), st.lists(st.sampled_from(NAMES), min_size=1, max_size=12), min_size=1),
       folds=st.integers(2, 6))
@settings(max_examples=60)
def test_every_image_of_a_known_provider_is_tested_once_by_a_fold_that_has_none_of_its_provider(providers, folds):
    dataset, tested = data_set(providers), Counter()
    known = {f"{split}_{row}" for split, names in providers.items() for row, name in enumerate(names) if name}
    for group in deal_providers(count_known_providers(dataset), folds):
        dealt = hold_out(dataset, group, minimum=1)
        own = {split: set(records.providers) for split, records in dealt.records.items()}
        assert own[HELD_OUT] == set(group) and "" not in set.union(*own.values())
        assert not own[HELD_OUT] & (own.get("train", set()) | own.get("val", set()))
        assert {image for records in dealt.records.values() for image in records.ids} == known
        assert not [image for image in dealt.records.get("train", dealt.records[HELD_OUT].take([])).ids if image.startswith("val")]
        trained = {f"thing of {name}" for name in own.get("train", ())}
        assert set(dealt.vocabulary["objectTypes"].names) == trained | ({"thing"} if trained else set())
        for split, records in dealt.records.items():
            where = [origin.split(name).ids[rows] for origin, name, rows in dealt.sources(split)]
            assert np.concatenate(where).tolist() == records.ids.tolist()
        tested.update(dealt.records[HELD_OUT].ids)
    assert tested == Counter(known)


def test_photographs_of_one_object_stay_recognisable(tmp_path):
    draw_records(tmp_path / "data", {"train": [{"provider": "Abbey"}] * 3, "test_id": [{"provider": "Bank"}] * 2}, pictures=False)
    path = tmp_path / "data" / "train.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0] + ",object", lines[1] + ",7", lines[2] + ",7", lines[3] + ","]) + "\n", encoding="utf-8")
    dealt = hold_out(open_dataset(str(tmp_path / "data")), ["Abbey"])
    first, second, third = dealt.records[HELD_OUT].objects
    assert first == second != third


def test_nothing_is_written_beside_the_annotations(tmp_path):
    draw_records(tmp_path / "data", {"train": [{"provider": "Abbey", "materials": "clay"}] * 12 + [{"provider": "Bank"}] * 3},
                 pictures=False)
    dataset = open_dataset(str(tmp_path / "data"))
    before = {path: path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file()}
    dealt = hold_out(dataset, ["Bank"])
    assert dealt.labels("train")["materials"].matrix.sum() == 12
    assert {path: path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file()} == before
