"""`python -m eufcc_lib.mini ROOT`: draw the mini museum into a folder, with progress."""

import argparse
import sys
import time

from ..errors import command
from .museum import draw_museum


@command
def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.mini", description="Draw the embedded mini museum into a folder.")
    parser.add_argument("root", help="folder for the csv files and EUROPEANA/images; relative to the project's root")
    parser.add_argument("--images", type=int, default=3200, help="how many pictures (default 3200)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another museum (default 0)")
    parser.add_argument("--language", default="en", help="of the tags: en or ca (default en)")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw (default 2)")
    arguments = parser.parse_args()
    start, last = time.monotonic(), [0.0]

    def report(done, total):
        now = time.monotonic()
        if done == total or now - last[0] > 2:
            last[0] = now
            print(f"{done} of {total} pictures, {now - start:.0f} s", flush=True)

    draw_museum(report=report, **vars(arguments))
    print(f"The museum is in {arguments.root}.")


if __name__ == "__main__":
    sys.exit(main())
