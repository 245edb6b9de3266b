"""`python -m eufcc_lib.assistant`: serve the annotation assistant on this machine."""

import argparse
import sys

from ..errors import command
from .predictor import load_predictor
from .serve import serve


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.assistant",
                                     description="Serve the annotation assistant in the browser, on this machine.")
    parser.add_argument("--data", default="mini", help="the data set whose trained models suggest (default: mini)")
    parser.add_argument("--port", type=int, default=5006)
    parser.add_argument("--address", default="127.0.0.1", help="whom to listen to (default: this machine alone)")
    parser.add_argument("--folder", help="a folder with images to begin with")
    options = parser.parse_args(arguments)
    serve(load_predictor(options.data), options.port, options.address, options.folder)


if __name__ == "__main__":
    sys.exit(main())
