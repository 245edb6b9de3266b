"""`eufcc export-parquet DATA OUT`: images and labels in parquet files, as `datasets` and the Hugging Face Hub read them.

A split is `OUT/data/<split>-00000-of-00003.parquet` and so on. A row is an image with its record.
"""

import json
import math
import os
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.facets import FACET_NAMES
from ...core.paths import atomic, on_disk, resolve
from ...data.dataset import Dataset, images_folder
from ...data.records import Records
from ..shards import Shards

IMAGE = "image"

_ROWS_PER_GROUP = 100  # a viewer reads one group to show a page
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_TEXT = {"dtype": "string", "_type": "Value"}
_TEXTS = {"feature": _TEXT, "_type": "Sequence"}


def write_parquet(dataset: Dataset, folder: str | os.PathLike, images_per_shard: int = 10_000) -> Shards:
    """Write each split's images, whole or not at all per file; files of an earlier export are removed.

    The columns are `image` (the file's bytes and name), those of the csv file as they are, and for each facet the list of the
    image's tags, ancestors included.

    Args:
        folder: where `data/` goes.
        images_per_shard: at most; 10,000 images of 25 kB are 250 MB.
    Raises:
        UserError: no record has an image; a file cannot be read or written; `images_per_shard` is below 1; a csv column is
            called like one of those added.
    """
    if images_per_shard < 1:
        raise UserError(f"images_per_shard is {images_per_shard}; expected 1 or more.")
    images, folder = images_folder(dataset.root), resolve(folder) / "data"
    there = {split: [on_disk(images / f"{name}.jpg").is_file() for name in records.ids]
             for split, records in dataset.records.items()}
    if not any(map(any, there.values())):
        raise UserError(f"{images} has no image of the records of {dataset.name}; expected `<id>.jpg` files.")
    shards, missing = {}, []
    try:
        with tqdm(desc="parquet", total=sum(map(sum, there.values())), unit=" images", file=sys.stdout) as progress:
            for split, records in dataset.records.items():
                missing += [name for name, here in zip(records.ids, there[split]) if not here]
                rows = [row for row, here in enumerate(there[split]) if here]
                count = math.ceil(len(rows) / images_per_shard)
                for number in range(count):
                    part = records.take(rows[number * images_per_shard:(number + 1) * images_per_shard])
                    name = f"{split}-{number:05d}-of-{count:05d}.parquet"
                    _write_shard(part, images, folder / name, progress)
                    shards[name] = len(part)
        for path in folder.glob("*-of-*.parquet"):
            if re.fullmatch(r"\w+-\d{5}-of-\d{5}\.parquet", path.name) and path.name not in shards:
                path.unlink()
    except OSError as error:
        raise UserError(f"{error.filename or folder}: {error.strerror or error}; expected images that can be read and a "
                        "folder with room for them.") from None
    return Shards(shards, tuple(missing))


def _write_shard(records: Records, images: Path, path: Path, progress: tqdm) -> None:
    columns = {name: column.cast(pa.string()) for name, column in zip(records.table.column_names, records.table.columns)}
    tags = {facet: pa.array([records.tags(facet, row) for row in range(len(records))], pa.list_(pa.string()))
            for facet in FACET_NAMES}
    if taken := sorted({IMAGE, *FACET_NAMES}.intersection(columns)):
        raise UserError(f"The csv files have a column {taken[0]!r}, which an export adds itself; rename it.")
    table = pa.table(columns | tags)
    features = {IMAGE: {"_type": "Image"}} | dict.fromkeys(columns, _TEXT) | dict.fromkeys(tags, _TEXTS)
    schema = pa.schema([(IMAGE, _IMAGE), *table.schema], {"huggingface": json.dumps({"info": {"features": features}})})
    names = iter(records.ids)
    with atomic(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        for batch in table.to_batches(max_chunksize=_ROWS_PER_GROUP):
            pictures = pa.array(_read(islice(names, len(batch)), images), _IMAGE)
            writer.write_table(pa.Table.from_arrays([pictures, *batch.columns], schema=schema))
            progress.update(len(batch))


def _read(names: Iterator[str], images: Path) -> list[dict]:
    return [{"bytes": on_disk(images / f"{name}.jpg").read_bytes(), "path": f"{name}.jpg"} for name in names]


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("export-parquet", "Write images and labels as parquet files that the package datasets reads: "
                        "load_dataset('OUT').", reads="the csv files and the images of DATA", writes="OUT/data/*.parquet",
                        example="eufcc export-parquet mini data/mini-parquet")
    parser.add_argument("data", metavar="DATA", help="mini, eufcc340k or a folder")
    parser.add_argument("folder", metavar="OUT", help="where the files go")
    parser.add_argument("--images-per-shard", metavar="N", type=int, default=10_000, help="the most images in one file (default: %(default)s)")
    options = parser.parse_args(arguments)
    from ..sources import open_dataset

    print(write_parquet(open_dataset(options.data), options.folder, options.images_per_shard))
