"""Images to suggest tags for: in a folder, in a table, or in IIIF manifests, each with a name that nothing else has."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..collection.iiif import IIIFReader, NoImage, is_url
from ..collection.own.tables import read_table
from ..core.errors import UserError
from ..core.paths import on_disk, resolve
from ..core.text import writable
from ..data.dataset import images_folder
from ..data.records import ID
from .uploads import is_hidden

IMAGE = "image"
"""The column of a table that names files, from the table's folder on; one in the official schema has `ID` instead."""


@dataclass(frozen=True)
class Item:
    """An image: its file, or the reason why there is none.

    Attributes:
        name: the file's path in its folder, the record's id, or the canvas's address.
        title: of a canvas.
    """

    name: str
    path: Path | None
    title: str = ""
    reason: str = ""


def find_files(sources: Collection[str]) -> list[Item]:
    """The images of the sources that are folders, tables and single images; a table's need not exist.

    Raises:
        UserError: a source cannot be read or holds none, or two images have one name.
    """
    found: dict[str, Item] = {}
    for source in sources:
        if is_manifest(source):
            continue
        path = resolve(source)
        read = _in_folder if path.is_dir() else _in_table if path.suffix.lower() == ".csv" else _single
        items = read(path)
        if not items:
            raise UserError(f"{source}: found no file; expected images.")
        for item in items:
            if item.name in found:
                raise UserError(f"{source}: a second image is called {item.name!r}; expected names of their own: give the "
                                "sources one by one, each with an output of its own.")
            found[item.name] = item
    return list(found.values())


def fetch_canvases(sources: Collection[str], reader: IIIFReader, done: Collection[str] = ()) -> Iterator[Item]:
    """The canvases of the sources that are manifests, one after the other; those that are done are not fetched.

    Raises:
        UserError: a source cannot be read, or its server does not answer any more.
    """
    seen = set(done)
    for source in filter(is_manifest, sources):
        for canvas in reader.canvases(source):
            if canvas.id in seen:
                continue
            seen.add(canvas.id)
            try:
                yield Item(canvas.id, reader.fetch(canvas), canvas.label)
            except NoImage as error:
                yield Item(canvas.id, None, canvas.label, str(error))


def is_manifest(source: str) -> bool:
    """Whether a source is an address or a JSON file."""
    return is_url(source) or source.lower().endswith(".json")


def _in_folder(folder: Path) -> list[Item]:
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        found += [Path(place, name) for name in sorted(files) if not is_hidden(name)]
    return [_item(path.relative_to(folder).as_posix(), path) for path in found]


def _in_table(path: Path) -> list[Item]:
    table = read_table(path)
    if ID in table.columns:
        return [Item(name, on_disk(images_folder(path.parent) / f"{name}.jpg")) for name in table.column(ID)]
    if IMAGE in table.columns:
        return [Item(name, on_disk(path.parent / name)) for name in table.column(IMAGE)]
    raise UserError(f"{path.name}: found the columns {', '.join(table.columns)}; expected {ID!r}, whose images are in "
                    f"EUROPEANA/images beside the table, or {IMAGE!r}, the files' paths.")


def _single(path: Path) -> list[Item]:
    if not path.is_file():
        raise UserError(f"{path} does not exist; expected a folder, a csv file, an image or a IIIF manifest.")
    return [_item(path.name, path)]


def _item(name: str, path: Path) -> Item:
    return Item(writable(name), path)  # a system may have names that are no text, which no output holds
