"""`eufcc thresholds`: for each facet the probability from which a model's suggestions keep a promised precision."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc thresholds`."""
    parser = new_parser("thresholds", "For each facet, find the lowest probability from which a model's suggestions keep a "
                        "promised precision. It is chosen on the validation split; what it achieves there and on both tests "
                        "is printed, with 95 % intervals over objects.",
                        reads="checkpoints/DATA/MODEL/; the csv files of DATA",
                        writes="OUT, the same as JSON, if --json is given",
                        example="eufcc thresholds multi_label --data mini --precision 0.9")
    parser.add_argument("model", metavar="MODEL", help="a model that was trained on DATA")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--precision", type=float, default=0.9, metavar="SHARE", help="the share of suggestions that is to be "
                        "right (default: %(default)s)")
    parser.add_argument("--confidence", type=float, default=0.9, metavar="SHARE", help="how often the promise should hold "
                        "if validation were drawn again and again (default: %(default)s)")
    parser.add_argument("--json", metavar="OUT", help="write the thresholds to this file")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for it.
    from ..collection.sources import open_dataset
    from .promises import promise_precision, say_promises, show_promises, write_promises

    dataset = open_dataset(options.data)
    promises = promise_precision(dataset, options.model, options.precision, options.confidence)
    print(show_promises(promises).to_string(), say_promises(promises), sep="\n\n")
    if options.json:
        print(f"\nThe thresholds are in {write_promises(promises, dataset, options.model, options.json)}.")
