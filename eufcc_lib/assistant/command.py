"""`eufcc assistant`: serve the annotation assistant."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc assistant`."""
    parser = new_parser("assistant", "Serve the annotation assistant in the browser, on this machine.",
                        reads="the trained models of DATA, in checkpoints/",
                        writes="the sessions, in data/assistant/; data/iiif/, the images of manifests",
                        example="eufcc assistant --data mini --images photographs")
    parser.add_argument("--data", default="mini", help="the data set whose trained models suggest (default: %(default)s)")
    parser.add_argument("--promise", type=float, metavar="SHARE", help="call tags likely if this share of them is promised to be right: "
                        "0.7, 0.8, 0.9, 0.95 (default) or 0.99")
    parser.add_argument("--port", type=int, default=5006, help="where the page is served (default: %(default)s)")
    parser.add_argument("--address", default="127.0.0.1", help="network interface to bind (default: this machine alone)")
    parser.add_argument("--password", metavar="WORD", help="the password that the page asks for; required with --address")
    parser.add_argument("--images", metavar="SOURCE", help="images to start with, any number: a folder, or a IIIF manifest or "
                        "collection (a URL, or a file that ends in .json); the next start resumes its session")
    parser.add_argument("--user", metavar="NAME", help="name saved with every decision (default: the page asks for it)")
    options = parser.parse_args(arguments)
    # Imported only now: neither the help nor a wrong argument waits for torch and panel.
    from .predictor import load_predictor
    from .promised import USUAL, tell_promised
    from .serve import serve

    precision = USUAL if options.promise is None else options.promise
    predictor = load_predictor(options.data, precision)
    print(tell_promised(predictor.promises, precision), flush=True)
    serve(predictor, options.port, options.address, options.images, user=options.user,
          password=options.password)
