"""Draw the museum into a folder in the official layout.

`<root>/{train,val,test_id,test_ood}.csv`, `<root>/labels/<facet>.txt`, `<root>/EUROPEANA/images/<id>.jpg`,
and beside them `drawn.csv`, which lists what each picture really shows, who kept it and which tag is
wrong: material for lessons on missing and noisy labels that no real data set can offer.
"""

import os
import time

from ..core.commands import command, new_parser
from ..core.errors import UserError, unknown
from ..core.facets import LANGUAGES
from ..core.paths import resolve
from .marker import MARKER, SIZE, is_ours, read_marker, version, write_marker


def draw_museum(root: str | os.PathLike, images: int = 3200, seed: int = 0, language: str = "en", size: int = SIZE, workers: int = 2,
                report=None) -> None:
    """Draw the museum into `root`, unless the very same one is there already.

    Args:
        images: number of pictures, at least `catalogue.FEWEST`.
        language: of the tags, `en` or `ca`; the pictures are the same.
        size: side of a picture in pixels, 32 to 1024.
        workers: processes that draw; the bytes do not depend on their number.
        report: called with (pictures drawn, pictures in all) after each.
    Raises:
        UserError: an unknown language, too few images, another size, a folder with other things in it, or a process was killed.
    """
    if language not in LANGUAGES:
        raise unknown("language", language, LANGUAGES)
    if not 32 <= size <= 1024:
        raise UserError(f"The mini museum was to be drawn with pictures of {size} pixels; expected 32 to 1024.")
    if workers < 1:
        raise UserError(f"The mini museum was to be drawn by {workers} processes; expected 1 or more.")
    root = resolve(root)
    wanted = {"images": images, "seed": seed, "language": language, "size": size, "code": version()}
    if read_marker(root) == wanted:
        return
    # Only now: the renderer is slow to import.
    from ..data.dataset import images_folder
    from .annotations import write_annotations
    from .catalogue import plan_museum
    from .workers import draw_all
    plan = plan_museum(images, seed)
    if root.exists() and not root.is_dir():
        raise UserError(f"{root} is a file; expected a folder to draw the mini museum into.")
    if root.exists() and any(root.iterdir()) and not is_ours(read_marker(root)):
        raise UserError(f"{root} is not empty and holds no {MARKER} of ours; expected an empty folder or an earlier mini "
                        "museum.")
    folder = images_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    write_marker(root, {"unfinished": True})
    for leftover in root.rglob(".*.part"):  # of a drawing that was killed while it wrote
        leftover.unlink()
    for old in {*folder.iterdir()} - {folder / f"{entry.id}.jpg" for entry in plan}:
        old.unlink()
    draw_all(folder, plan, seed, size, workers, report)
    write_annotations(plan, root, language)
    write_marker(root, wanted)


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
    parser.add_argument("--size", type=int, default=SIZE, metavar="PIXELS",
                        help="side of a picture; 256 for a printed wall, which takes four times as long (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw (default: %(default)s)")
    options = parser.parse_args(arguments)
    start = time.monotonic()

    def report(done: int, total: int) -> None:
        if done % 200 == 0 or done == total:
            print(f"{done} of {total} pictures, {time.monotonic() - start:.0f} s", flush=True)

    draw_museum(report=report, **vars(options))
    print(f"The museum is in {options.root}.")
