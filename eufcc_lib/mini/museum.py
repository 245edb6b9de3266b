"""Draw the museum into a folder in the official layout.

`<root>/{train,val,test_id,test_ood}.csv`, `<root>/labels/<facet>.txt`, `<root>/EUROPEANA/images/<id>.jpg`,
and beside them `drawn.csv`, which tells what each picture really shows, who kept it and which tag is
wrong: material for lessons on missing and noisy labels that no real data set can offer.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import UserError, unknown
from ..facets import FACETS
from ..labels import count_vocabulary
from ..paths import ROOT, atomic, resolve
from ..records import COLUMNS, SPLITS, records_from_columns, write_records
from ..taxonomy import format_paths, write_label_vocabulary
from .catalogue import Entry, plan_museum
from .kinds import KINDS
from .providers import BY_NAME, backdrop_of, finish, light_of
from .studio import camera_for, develop, photograph
from .terms import LANGUAGES, read_terms

SIZE = 128
SUPERSAMPLING = 2
QUALITY = 90
MARKER = "museum.json"

PUBLISHED = 10
"""Images that a tag needs to be in the label files, counted before the museum is split, as in the paper's section 3."""


def draw(entry: Entry, seed: int = 0, size: int = SIZE) -> np.ndarray:
    """The photograph of one record, uint8 (size, size, 3); the same for the same seed and object."""
    kind, provider = KINDS[entry.thing.kind], BY_NAME[entry.thing.provider]
    of_object = np.random.default_rng([seed, 17, entry.number])
    of_view = np.random.default_rng([seed, 23, entry.number, entry.view])
    arguments = (entry.thing.scene,) if kind.scenes else ()
    thing = kind.draw(of_object, entry.thing.made, *arguments)
    frame = provider.frame * of_view.uniform(.86, 1.06)
    camera = camera_for(thing, of_view, size * SUPERSAMPLING, frame, provider.tilt, .5 + of_view.normal(0, .022, 2))
    ground, table = backdrop_of(provider, of_view, camera, size * SUPERSAMPLING)
    light = light_of(provider, of_view, table)
    picture = photograph(thing, light, ground, camera, of_object)
    return finish(provider, develop(picture, SUPERSAMPLING), of_view)


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
    _draw_all(folder, images, seed, workers, report)
    for split in SPLITS:
        write_records(_records([entry for entry in plan if entry.split == split], language), root / f"{split}.csv")
    write_label_vocabulary(count_vocabulary(_records(plan, language), PUBLISHED), root / "labels")
    _write_answers(plan, root / "drawn.csv")
    with atomic(root / MARKER) as part:
        part.write_text(json.dumps(wanted, indent=1) + "\n")


@cache
def version() -> str:
    """A hash over this package's code and tables: another version draws another museum."""
    digest = hashlib.sha256()
    for file in sorted(file for file in Path(__file__).parent.iterdir() if file.suffix in (".py", ".csv")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _marker(root: Path):
    try:
        return json.loads((root / MARKER).read_text())
    except (OSError, ValueError):
        return None


def _is_ours(marker) -> bool:
    return isinstance(marker, dict) and ("code" in marker or "unfinished" in marker)


def _draw_all(folder: Path, images: int, seed: int, workers: int, report) -> None:
    """Start the workers, each with every n-th record, and relay their progress."""
    command = "from eufcc_lib.mini.museum import draw_share; import sys; draw_share(*sys.argv[1:])"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
                                "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    processes = [subprocess.Popen([sys.executable, "-c", command, str(folder), str(images), str(seed), str(share), str(workers)],
                                  stdout=subprocess.PIPE, env=environment, text=True) for share in range(workers)]
    try:
        done = [0] * workers
        streams = dict(enumerate(processes))
        while streams:
            for share, process in list(streams.items()):
                line = process.stdout.readline()
                if not line:
                    del streams[share]
                    continue
                done[share] = int(line)
                if report:
                    report(sum(done), images)
        for process in processes:
            if process.wait():
                raise RuntimeError(f"A process that was drawing the mini museum ended with status {process.returncode}.")
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()


def draw_share(folder: str, images: str, seed: str, share: str, workers: str) -> None:
    """What one worker does: draw every `workers`-th record from the `share`-th on, printing how many are done."""
    plan = plan_museum(int(images), int(seed))[int(share)::int(workers)]
    for done, entry in enumerate(plan, 1):
        path = Path(folder) / f"{entry.id}.jpg"
        part = path.with_suffix(".part")
        Image.fromarray(draw(entry, int(seed))).save(part, "JPEG", quality=QUALITY)
        os.replace(part, path)
        print(done, flush=True)  # also how a worker notices that nobody listens any more


def _records(entries, language: str):
    """The official csv's columns for these records."""
    translated = {(term.facet, term.path): term.names(language)
                  for terms in read_terms().values() for places in terms.values() for term in places}
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
