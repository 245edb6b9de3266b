"""How fast a session of many images opens, and what one decision costs; on Linux, which tells a process its size.

    python benchmarks/session.py [IMAGES]
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eufcc_lib.assistant import session
from eufcc_lib.assistant.store import Store
from eufcc_lib.data.taxonomy import TOP, arrange_tree

TREE = arrange_tree("materials", {f"tag {number}": {TOP: 1} for number in range(100)})

OPEN = """
import json, sys, time
from pathlib import Path
from eufcc_lib.assistant.store import Store
def megabytes():  # what the system calls the process's largest size is that of its parent, too
    (line,) = (line for line in open("/proc/self/status") if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
before, start = megabytes(), time.perf_counter()
state = Store(Path(sys.argv[1])).state
images, tagged = len(state.images), state.tagged
print(json.dumps({"images": images, "tagged": tagged, "open_seconds": time.perf_counter() - start,
                  "process_megabytes": megabytes(), "session_megabytes": megabytes() - before}))
"""


def main() -> None:
    images = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "session")
        store.do({"do": "add", "images": [[f"{number}.jpg", f"{number}.jpg"] for number in range(images)]})
        start = time.perf_counter()
        for number in range(3 * images):
            store.do(session.accept(store.state, TREE, f"{number % images}.jpg", [number // images]))
        seconds = (time.perf_counter() - start) / (3 * images)
        store.close()
        done = subprocess.run([sys.executable, "-c", OPEN, store.folder], capture_output=True, text=True, check=True)
    print(json.dumps(json.loads(done.stdout) | {"decisions": 3 * images, "milliseconds_per_decision": 1000 * seconds}, indent=1))


if __name__ == "__main__":
    main()
