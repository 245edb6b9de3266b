"""Make a data set of a museum's own photographs and its own table."""

import sys
from pathlib import Path

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.paths import ROOT, resolve
from ...data.records import SPLIT_TITLES
from ..sources import open_dataset
from .build import find_images, read_museum, write_museum
from .columns import ask_columns, guess_columns, read_columns, write_columns
from .matching import new_matcher
from .tables import read_table


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("museum", __doc__.splitlines()[0],
                        reads="FOLDER with images, and a csv with any columns, delimiter and encoding: --table, or the "
                              "only one in FOLDER",
                        writes="data/NAME in the official layout, for `-p data data/NAME`, with report/unmatched.csv and "
                               "report/left_out.csv",
                        example="eufcc museum photographs --name our-museum")
    parser.add_argument("folder", metavar="FOLDER", help="images, also in folders below")
    parser.add_argument("--name", help="name of the data set; by default the folder's")
    parser.add_argument("--table", metavar="FILE.csv", help="a row for each image")
    parser.add_argument("--columns", metavar="FILE.csv", help="what each column means (column, meaning); else it is asked")
    parser.add_argument("--like", metavar="DATA", default="mini", help="data set whose terms are matched (default: mini)")
    parser.add_argument("--keep-unmatched", action="store_true", help="keep words that are not matched as tags of their own")
    parser.add_argument("--outer", metavar="MUSEUM", action="append", default=[], help="its images are the outer test")
    options = parser.parse_args(arguments)
    folder = resolve(options.folder)
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; expected one with images.")
    target = ROOT / "data" / (options.name or folder.name)
    if list(target.glob("*.csv")):
        raise UserError(f"{target.relative_to(ROOT)} is already a data set; remove it, or choose another --name.")
    images = find_images(folder)
    table = _find_table(folder, options.table)
    matcher = new_matcher(open_dataset(options.like, minimum=1).vocabulary)
    meanings = {}
    if table:
        print(f"Table: {len(table.rows):,} rows, {len(table.columns)} columns ({table.found})")
        meanings = (read_columns(options.columns, table) if options.columns else
                    _settle(guess_columns(table, images, matcher), table, target))
    museum = read_museum(target.name, images, table, meanings, matcher, options.keep_unmatched)
    splits = write_museum(museum, target, tuple(options.outer))
    print(", ".join(f"{SPLIT_TITLES[split]}: {len(records):,} images" for split, records in splits.items()))
    print(f"{len(museum.unmatched):,} words match no term, {len(museum.left_out):,} rows or images were left out: see "
          f"{(target / 'report').relative_to(ROOT)}")


def _find_table(folder: Path, given: str | None):
    """The table to read, None where there is none."""
    if given:
        return read_table(given)
    tables = sorted(path for path in folder.iterdir() if path.suffix.casefold() in (".csv", ".tsv", ".txt"))
    if len(tables) > 1:
        names = ", ".join(path.name for path in tables)
        raise UserError(f"{folder} holds {len(tables)} tables ({names}); expected --table with one of them.")
    return read_table(tables[0]) if tables else None


def _settle(guess: dict[str, str], table, target: Path) -> dict[str, str]:
    """The meanings as a person confirms them; without a terminal the guess is written for a person to check."""
    if sys.stdin.isatty():
        return ask_columns(guess, table)
    file = target.with_name(f"{target.name}-columns.csv")
    write_columns(guess, file)
    shown = file.relative_to(ROOT)
    raise UserError(f"What the columns mean was guessed and written to {shown}; check it, and run again with --columns "
                    f"{shown}.")
