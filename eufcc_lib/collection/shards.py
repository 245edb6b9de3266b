"""Pack a data set's images and annotations into tar files, for training across machines.

The layout is webdataset's, as img2dataset writes it: `00000.tar`, `00001.tar`, ..., each with
`<id>.jpg` and `<id>.json` one after the other. The library itself trains from the image files.
"""

import argparse
import io
import json
import os
import re
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from ..core.commands import command
from ..core.errors import UserError
from ..core.paths import atomic, on_disk, resolve
from ..data.dataset import images_folder
from ..data.records import Records
from ..data.records_csv import read_records

INDEX = "shards.json"
"""Written last, when all shards are complete: {"shards": {file: images}, "missing": [ids]}."""


@dataclass(frozen=True)
class Shards:
    """What was packed.

    Attributes:
        images: file name of each shard -> images in it, in order.
        missing: ids of the records without an image, in their order; they are in no shard.
    """

    images: dict[str, int]
    missing: tuple[str, ...]

    def __str__(self) -> str:
        packed = f"{sum(self.images.values())} images in {len(self.images)} shards"
        some = ", ".join(self.missing[:5]) + (", ..." if len(self.missing) > 5 else "")
        return packed + (f"; {len(self.missing)} records without an image are left out: {some}" if self.missing else "")


def write_shards(records: Records, root: str | os.PathLike, folder: str | os.PathLike,
                 images_per_shard: int = 10_000) -> Shards:
    """Pack the records, in their order, into `<folder>/00000.tar` and so on, and list them in `INDEX`.

    `<id>.json` holds the record's row of the csv under its column names. The same records and
    images give the same bytes. Shards of an earlier, longer export are removed.

    Args:
        root: the data set's folder, with `EUROPEANA/images/<id>.jpg`.
        folder: where the shards go.
        images_per_shard: at most; 10,000 images of 25 kB are 250 MB.
    Raises:
        UserError: an id holds a dot or a slash, where webdataset would cut it; no record has an
            image; a file cannot be read or written.
    """
    if images_per_shard < 1:
        raise UserError(f"images_per_shard is {images_per_shard}; expected 1 or more.")
    for name in records.ids:
        if re.search(r"[./\\\x00-\x1f]", name):
            raise UserError(f"id {name!r} cannot name an image in a shard; expected one without a dot, slash, backslash or "
                            "control character.")
    images, folder = images_folder(resolve(root)), resolve(folder)
    there = [on_disk(images / f"{name}.jpg").is_file() for name in records.ids]
    rows = [row for row, here in enumerate(there) if here]
    if not rows:
        raise UserError(f"{images} has no image of the {len(records)} records; expected `<id>.jpg` files.")
    try:
        (folder / INDEX).unlink(missing_ok=True)
        shards = {}
        with tqdm(desc="shards", total=len(rows), unit=" images", file=sys.stdout) as progress:
            for start in range(0, len(rows), images_per_shard):
                chosen, name = records.take(rows[start:start + images_per_shard]), f"{len(shards):05d}.tar"
                _write_shard(chosen, images, folder / name, progress)
                shards[name] = len(chosen)
        for path in folder.glob("*.tar"):
            if re.fullmatch(r"\d{5,}\.tar", path.name) and path.name not in shards:
                path.unlink()
        packed = Shards(shards, tuple(records.ids[row] for row, here in enumerate(there) if not here))
        with atomic(folder / INDEX) as temporary:
            temporary.write_text(json.dumps({"shards": packed.images, "missing": packed.missing}, indent=1) + "\n")
    except OSError as error:
        raise UserError(f"{error.filename or folder}: {error.strerror or error}; expected images that can be read and a "
                        "folder with room for them.") from None
    return packed


def _write_shard(records: Records, images: Path, path: Path, progress: tqdm) -> None:
    with atomic(path) as temporary, tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as shard:
        for name, fields in zip(records.ids, records.table.to_pylist()):
            for kind, data in (("jpg", on_disk(images / f"{name}.jpg").read_bytes()),
                               ("json", json.dumps(fields, ensure_ascii=False).encode())):
                member = tarfile.TarInfo(f"{name}.{kind}")  # owner, time and rights are constants, so that bytes repeat
                member.size = len(data)
                shard.addfile(member, io.BytesIO(data))
            progress.update()


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.collection.shards", description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE.csv", help="records in the official schema")
    parser.add_argument("root", metavar="ROOT", help="folder of the data set")
    parser.add_argument("folder", metavar="FOLDER", help="where the shards go")
    parser.add_argument("--images-per-shard", type=int, default=10_000, help="at most (default: %(default)s)")
    options = parser.parse_args(arguments)
    print(write_shards(read_records(options.file), options.root, options.folder, options.images_per_shard))


if __name__ == "__main__":
    sys.exit(main())
