"""Draw the museum into a folder in the official layout.

`<root>/{train,val,test_id,test_ood}.csv`, `<root>/labels/<facet>.txt`, `<root>/EUROPEANA/images/<id>.jpg`,
and beside them `drawn.csv`, which tells what each picture really shows, who kept it and which tag is
wrong: material for lessons on missing and noisy labels that no real data set can offer.
"""

import csv
import json
import os
import time
from pathlib import Path

from ..core.commands import command, new_parser
from ..core.errors import UserError, unknown
from ..core.facets import FACETS, LANGUAGES
from ..core.paths import atomic, resolve
from ..data.label_files import write_label_vocabulary
from ..data.labels import count_vocabulary
from ..data.records import COLUMNS, SPLITS
from ..data.records_csv import records_from_columns, write_records
from ..data.taxonomy import format_paths
from ..data.terms import museum_terms
from .catalogue import plan_museum
from .drawing import SIZE, draw_all, version
from .kinds import KINDS

MARKER = "museum.json"

PUBLISHED = 10
"""Images that a tag needs to be in the label files, counted before the museum is split, as in the paper's section 3."""


def draw_museum(root: str | os.PathLike, images: int = 3200, seed: int = 0, language: str = "en", workers: int = 2,
                report=None) -> None:
    """Draw the museum into `root`, unless the very same one is there already.

    Args:
        images: how many pictures, at least `catalogue.FEWEST`.
        language: of the tags, `en` or `ca`; the pictures are the same.
        workers: processes that draw; the bytes do not depend on their number.
        report: called with (pictures drawn, pictures in all) now and then.
    Raises:
        UserError: an unknown language, too few images, or a folder with other things in it.
    """
    if language not in LANGUAGES:
        raise unknown("language", language, LANGUAGES)
    if workers < 1:
        raise UserError(f"The mini museum was to be drawn by {workers} processes; expected 1 or more.")
    root = resolve(root)
    wanted = {"images": images, "seed": seed, "language": language, "size": SIZE, "code": version()}
    plan = plan_museum(images, seed)
    if _marker(root) == wanted:
        return
    if root.exists() and not root.is_dir():
        raise UserError(f"{root} is a file; expected a folder to draw the mini museum into.")
    if root.exists() and any(root.iterdir()) and not _is_ours(_marker(root)):
        raise UserError(f"{root} is not empty and holds no {MARKER} of ours; expected an empty folder or an earlier mini "
                        "museum.")
    folder = root / "EUROPEANA" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(root / MARKER) as part:
        part.write_text(json.dumps({"unfinished": True}) + "\n")
    for leftover in root.rglob(".*.part"):  # of a drawing that was killed while it wrote
        leftover.unlink()
    names = {f"{entry.id}.jpg" for entry in plan}
    for old in folder.iterdir():
        if old.name not in names:
            old.unlink()
    draw_all(folder, images, seed, workers, report)
    for split in SPLITS:
        write_records(_records([entry for entry in plan if entry.split == split], language), root / f"{split}.csv")
    write_label_vocabulary(count_vocabulary(_records(plan, language), PUBLISHED), root / "labels")
    _write_answers(plan, root / "drawn.csv")
    with atomic(root / MARKER) as part:
        part.write_text(json.dumps(wanted, indent=1) + "\n")


def _marker(root: Path):
    try:
        return json.loads((root / MARKER).read_text())
    except (OSError, ValueError):
        return None


def _is_ours(marker) -> bool:
    return isinstance(marker, dict) and ("code" in marker or "unfinished" in marker)


def _records(entries, language: str):
    """The official csv's columns for these records."""
    translated = {(term.facet, term.path()): term.path(language)
                  for terms in museum_terms().values() for places in terms.values() for term in places}
    columns = {name: [] for name in COLUMNS}
    for entry in entries:
        for facet in FACETS:
            paths = [translated[facet.name, path] for path in entry.paths[facet.name]]
            columns[facet.column].append(format_paths(paths))
        columns["idInSource"].append(entry.id)
        columns["#portraitMedia.original"].append(f"https://mini.example/objects/{entry.number:05d}/{entry.view + 1}.jpg")
        columns["database"].append("EUROPEANA")
        columns["repository.keeper"].append(entry.thing.provider)
    return records_from_columns(columns)


def _write_answers(plan, path: Path) -> None:
    """`drawn.csv`: what every picture shows, whether or not its record says so."""
    with atomic(path) as part, open(part, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["idInSource", "split", "object", "view", "objectType", "materials", "scene", "classification", "provider",
                         "wrongFacet", "wrongPath"])
        for entry in plan:
            thing, wrong = entry.thing, entry.wrong or ("", ())
            writer.writerow([entry.id, entry.split, entry.number, entry.view + 1, thing.kind, " + ".join(thing.made), thing.scene,
                             KINDS[thing.kind].field, thing.provider, wrong[0], " | ".join(wrong[1])])


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc draw`."""
    parser = new_parser("draw", "Draw the mini museum, the data set that needs no download.", reads="nothing",
                        writes="the csv files, the label files and the pictures of the museum below FOLDER",
                        example="eufcc draw data/mini")
    parser.add_argument("root", metavar="FOLDER", help="a new folder or that of an earlier museum")
    parser.add_argument("--images", type=int, default=3200, help="number of pictures (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another museum (default: %(default)s)")
    parser.add_argument("--language", default="en", help="of the tags, en or ca (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw (default: %(default)s)")
    options = parser.parse_args(arguments)
    start, last = time.monotonic(), [0.0]

    def report(done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - last[0] > 2:
            last[0] = now
            print(f"{done} of {total} pictures, {now - start:.0f} s", flush=True)

    draw_museum(report=report, **vars(options))
    print(f"The museum is in {options.root}.")
