"""`eufcc mixes`: how a mixture does at each point between the start and the end of its training."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc mixes`."""
    parser = new_parser("mixes", "Measure a trained mixture, such as wise_ft, at each of eleven points between the start and the end "
                        "of its training, on validation and the tests. This chooses nothing: validation alone did, before.",
                        reads="checkpoints/DATA of the mixture and its member; the csv files and images of DATA",
                        writes="results/DATA/mixes/MODEL.csv",
                        example="eufcc mixes wise_ft --data mini")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="mixtures to measure, one after the other")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--minimum", type=int, default=10, help="minimum number of images per tag (default: %(default)s)")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    from ..collection.sources import open_dataset
    from ..results.mixes import write_mixes
    from .mixture import measure_mixes

    dataset = open_dataset(options.data, minimum=options.minimum)
    for model in options.models:
        print(f"The numbers of {model} are in {write_mixes(dataset.name, model, measure_mixes(model, dataset))}.", flush=True)
