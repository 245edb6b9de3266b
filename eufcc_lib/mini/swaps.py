"""The same objects, photographed again with one habit of another provider: what a change of museum does to a picture alone.

Only a drawn museum can do this. Each photograph of the sample is drawn once more as it is, and then with each habit of a
provider that training knows and with each of one that it does not. The object, its record and all random numbers stay.
The pictures are a data set in the official layout, `data/NAME-swaps`, with the one split test_id.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ..core import paths
from ..core.errors import UserError
from ..data.dataset import Dataset, images_folder
from ..data.records import ID, PROVIDER, TEXT, Records
from ..data.records_csv import write_records
from .marker import is_ours, read_marker, write_marker

HABITS = {"background": ("backdrop", "colours"), "light": ("light",), "framing": ("frame", "tilt"),
          "print": ("vignette", "blur", "grey", "fade", "grain"), "labels": ("scale_bar", "label")}
"""By name the fields of `providers.Provider` that make a habit."""

ALL, UNCHANGED = "all", "unchanged"
"""All habits together, when the record names the other provider too; and none, the picture as it is in the museum."""

KNOWN, UNKNOWN = DONORS = ("known", "unknown")
"""Whose habits: those of a provider in training, or of one in the outer test alone."""

PHOTOGRAPHS = 100
"""Of as many objects, drawn from the inner test."""

SPLIT = "test_id"


@dataclass(frozen=True, eq=False)
class Swaps:
    """The pictures, and what was done to each.

    Attributes:
        dataset: with the split `SPLIT` alone, and the vocabulary of the museum.
        table: one row per picture: `row` of the photograph in the museum's inner test, `habit`, `donor` (one of `DONORS`),
            `provider` whose habit it is, and whether the picture is `changed` by it: two providers may share a habit, and not
            every photograph of a provider has a label.
    """

    dataset: Dataset
    table: pd.DataFrame


def draw_swaps(dataset: Dataset, photographs: int = PHOTOGRAPHS, workers: int = 2,
               report: Callable[[int, int], None] | None = None) -> Swaps | None:
    """Draw the pictures that are not there yet, in about half a minute; None for a data set that was not drawn.

    Args:
        photographs: at most; each of another object.
        workers, report: see `museum.draw_museum`.
    """
    marker = read_marker(dataset.root)
    if not is_ours(marker) or "unfinished" in marker or SPLIT not in dataset.records:
        return None
    # Only now: the renderer is slow to import.
    from .catalogue import plan_museum
    from .workers import draw_all
    entries = {entry.id: entry for entry in plan_museum(marker["images"], marker["seed"])}
    table = plan_swaps(dataset.split(SPLIT), photographs, marker["seed"])
    ids = _ids(dataset.split(SPLIT), table)
    plan = [_swapped(entries[dataset.split(SPLIT).ids[row]], name, habit, provider)
            for name, row, habit, provider in zip(ids, table["row"], table["habit"], table["provider"])]
    root = paths.DATA / f"{dataset.name}-swaps"
    records = _records(dataset.split(SPLIT), table, ids)
    _draw(root, plan, {"museum": marker, "photographs": photographs}, records, draw_all, workers, report)
    swapped = Dataset(root.name, root, {SPLIT: records}, dataset.vocabulary, dataset.vocabulary_source)
    pictures = [path.read_bytes() for path in swapped.image_paths(SPLIT)]
    own = {row: picture for row, habit, picture in zip(table["row"], table["habit"], pictures) if habit == UNCHANGED}
    return Swaps(swapped, table.assign(changed=[picture != own[row] for row, picture in zip(table["row"], pictures)]))


def plan_swaps(records: Records, photographs: int, seed: int = 0) -> pd.DataFrame:
    """What to draw of a split's records: `Swaps.table` without `changed`. Each photograph keeps its two donors for all habits."""
    from .providers import BY_NAME, PROVIDERS
    rng = np.random.default_rng([seed, photographs, 41])
    order = rng.permutation(len(records))
    first = order[np.unique(records.objects[order], return_index=True)[1]]  # one view of each object
    rows = []
    for row in sorted(rng.permutation(np.sort(first))[:photographs].tolist()):
        keeper = BY_NAME[records.providers[row]]
        rows.append((row, UNCHANGED, "", keeper.name))
        for donor in DONORS:
            others = [provider for provider in PROVIDERS if provider.outer == (donor == UNKNOWN) and provider != keeper]
            other = others[rng.integers(len(others))].name
            rows += [(row, habit, donor, other) for habit in (*HABITS, ALL)]
    return pd.DataFrame(rows, columns=["row", "habit", "donor", "provider"])


def _swapped(entry, name: str, habit: str, provider: str):
    """The plan's entry with one habit of the provider."""
    from .providers import BY_NAME
    keeper, other = BY_NAME[entry.thing.provider], BY_NAME[provider]
    fields = [field for own, fields in HABITS.items() if habit in (own, ALL) for field in fields]
    photographer = replace(keeper, **{field: getattr(other, field) for field in fields})
    return replace(entry, id=name, photographer=photographer if photographer != keeper else None)


def _ids(records: Records, table: pd.DataFrame) -> list[str]:
    return ["-".join(filter(None, (records.ids[row], habit, donor)))
            for row, habit, donor in zip(table["row"], table["habit"], table["donor"])]


def _records(records: Records, table: pd.DataFrame, ids: list[str]) -> Records:
    """The objects' own records under the ids of the pictures; where all is another's, so is the keeper's name."""
    taken = records.take(table["row"].to_numpy())
    keepers = np.where(table["habit"] == ALL, table["provider"], taken.providers)
    columns = {ID: ids, PROVIDER: keepers.tolist()}
    new = taken.table
    for name, cells in columns.items():
        new = new.set_column(new.column_names.index(name), name, pa.array(cells, TEXT))
    return Records(new)


def _draw(root: Path, plan: list, wanted: dict, records: Records, draw_all, workers: int, report) -> None:
    """Draw what is missing of these pictures; other pictures in the folder are deleted."""
    marker = read_marker(root)
    if marker == {"code": wanted["museum"]["code"], **wanted}:
        return
    if root.exists() and any(root.iterdir()) and not is_ours(marker):
        raise UserError(f"{root} is not empty and holds no pictures of ours; expected a free name for the pictures that are drawn "
                        "again.")
    folder = images_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {path.stem for path in folder.glob("*.jpg")} if marker == {"unfinished": wanted} else set()
    for old in {*folder.iterdir()} - {folder / f"{entry.id}.jpg" for entry in plan if entry.id in kept}:
        old.unlink()
    write_marker(root, {"unfinished": wanted})
    draw_all(folder, [entry for entry in plan if entry.id not in kept], wanted["museum"]["seed"], wanted["museum"]["size"], workers,
             report)
    write_records(records, root / f"{SPLIT}.csv")
    write_marker(root, {"code": wanted["museum"]["code"], **wanted})
