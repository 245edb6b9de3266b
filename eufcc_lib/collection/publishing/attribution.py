"""`eufcc attribution DATA`: write the credits of all images, by licence, to be published with them.

CC BY asks for title, creator, source and licence of a work, and for a note of changes. What needs no credit is listed,
too: a museum is glad of it.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.paths import atomic, resolve
from ...data.records import CREATOR, EUROPEANA_ID, PAGE, RIGHTS, SOURCE_COLUMNS, TITLE, Records
from ..licences import ASK, CREDIT, FREE, UNKNOWN, USES, Licence, is_link, read_licence
from .markdown import address, escaped

FILE = "CREDITS.md"

EUROPEANA_PAGE = "https://www.europeana.eu/item"
"""With the id of an item after it, its page at Europeana."""

_ADVICE = {
    CREDIT: "This licence asks for the credit that each line gives; it belongs wherever an image is shown.",
    ASK: "This statement is no free licence: what it allows is in its text, and the provider can be asked for more.",
    UNKNOWN: "Nothing is known about the rights in these images: ask their provider before you publish one.",
    FREE: "These images need no credit; it is a courtesy to the institution that gave them.",
}


def write_credits(records: Mapping[str, Records], name: str, path: str | os.PathLike) -> dict[str, int]:
    """Write the credits of a data set as Markdown, whole or not at all.

    Args:
        records: those of each split; an image without `SOURCE_COLUMNS` is credited to its provider.
        name: of the data set.
    Returns:
        The number of images by use, see `licences.USES`.
    Raises:
        UserError: the file cannot be written.
    """
    credits = defaultdict(list)
    for part in records.values():
        for licence, line in _lines(part):
            credits[licence].append(line)
    ordered = sorted(credits, key=lambda licence: (list(USES).index(licence.use), -len(credits[licence]), licence.name))
    images = {use: sum(len(credits[licence]) for licence in ordered if licence.use == use) for use in USES}
    path = resolve(path)
    try:
        with atomic(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(f"# Credits for the images of {escaped(name)}\n\n{_summary(images)}\n")
            for licence in ordered:
                file.write(f"\n## {escaped(licence.name)}\n\n{_ADVICE[licence.use]}"
                           + (f" [Text of the licence]({address(licence.link)})." if licence.link else "") + "\n\n")
                file.writelines(f"- {line}\n" for line in credits[licence])
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); expected a folder with room for the credits.") from None
    return images


def _summary(images: Mapping[str, int]) -> str:
    counted = ", ".join(f"{count:,} {word}" for count, word in (
        (images[CREDIT], "under a licence that asks for a credit"), (images[ASK], "under other conditions"),
        (images[UNKNOWN], "without a known rights statement"), (images[FREE], "that need no credit")) if count)
    return (f"{sum(images.values()):,} images: {counted or 'none'}.\n\nThe images may be smaller copies of the originals; "
            "Europeana's thumbnails are at most 400 pixels wide.")


def _lines(records: Records) -> Iterator[tuple[Licence, str]]:
    """The licence of each record, and its credit: title, creator, provider, link to its page, id."""
    licences = {statement: read_licence(statement) for statement in set(records.further(RIGHTS))}
    columns = [records.further(column) for column in SOURCE_COLUMNS]
    for name, provider, *values in zip(records.ids, records.providers, *columns):
        of = dict(zip(SOURCE_COLUMNS, values))
        parts = [f"*{escaped(of[TITLE] or 'Untitled')}*", *(escaped(text) for text in (of[CREATOR], provider) if text)]
        links = [f"[{where}]({address(page)})" for where, page in _pages(of)]
        yield licences[of[RIGHTS]], ", ".join(parts) + "." + "".join(f" {link}." for link in links) + f" {escaped(name)}"


def _pages(of: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    if is_link(of[PAGE]):
        yield "Page", of[PAGE]
    if of[EUROPEANA_ID].startswith("/"):
        yield "Europeana", EUROPEANA_PAGE + of[EUROPEANA_ID]


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("attribution", "Write the credits of all images of a data set, by licence: title, creator, provider, page.",
                        reads="the csv files of DATA, with the columns " + ", ".join(SOURCE_COLUMNS),
                        writes=f"OUT, Markdown (default: {FILE} in the folder of DATA)", example="eufcc attribution data/mine")
    parser.add_argument("data", metavar="DATA", help="mini, eufcc340k or a folder")
    parser.add_argument("--out", metavar="OUT", help="the file")
    options = parser.parse_args(arguments)
    from ..sources import open_dataset

    dataset = open_dataset(options.data)
    path = Path(options.out or dataset.root / FILE)
    images = write_credits(dataset.records, dataset.name, path)
    if not any(RIGHTS in part.table.column_names for part in dataset.records.values()):
        print(f"The csv files of {dataset.name} have no column '{RIGHTS}', so nothing is known about the rights in its images.")
    counted = "; ".join(f"{count:,} images: {USES[use]}" for use, count in images.items() if count)
    print(f"{counted}. The credits are in {resolve(path)}.")
