"""How long `eufcc suggest` takes for photographs in a folder, with the models of the mini museum.

    python benchmarks/suggest.py FOLDER [IMAGES]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from eufcc_lib.core.hardware import cpu_model, usable_cores


def main() -> None:
    source, images = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as folder:
        photographs = Path(folder) / "photographs"
        photographs.mkdir()
        chosen = list(islice(sorted(source.iterdir()), images))
        for path in chosen:
            os.symlink(path, photographs / path.name)
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "eufcc_lib", "suggest", photographs, "--out", f"{folder}/out.csv",
                        "--threshold", "0.5"], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
    print(json.dumps({"images": len(chosen), "seconds_with_start": round(seconds, 1),
                      "images_per_second": round(len(chosen) / seconds, 1), "cpu": cpu_model(), "cores": usable_cores()}, indent=1))


if __name__ == "__main__":
    main()
