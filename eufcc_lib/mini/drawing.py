"""The pictures of the mini museum, drawn by every core; the same bytes on every machine of one kind."""

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from ..core.paths import ROOT
from ..data.terms import MUSEUM_TABLE
from .catalogue import Entry, plan_museum
from .kinds import KINDS
from .providers import BY_NAME, backdrop_of, finish, light_of
from .render.studio import camera_for, develop, photograph

SIZE = 128

SUPERSAMPLING = 2

QUALITY = 90


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


@cache
def version() -> str:
    """A hash over this package's code and tables: another version draws another museum."""
    digest = hashlib.sha256()
    for file in [*sorted(Path(__file__).parent.rglob("*.py")), MUSEUM_TABLE]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def draw_all(folder: Path, images: int, seed: int, workers: int, report) -> None:
    """Start the workers, each with every n-th record, and relay their progress."""
    command = "from eufcc_lib.mini.drawing import draw_share; import sys; draw_share(*sys.argv[1:])"
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
