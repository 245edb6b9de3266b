"""`eufcc reproduce`: train once more, and say whether the numbers are those that the book's seeds lead to expect."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> int:
    """`eufcc reproduce`; exit status 1 if a number lies outside."""
    parser = new_parser("reproduce", "Train models once more with a new seed, and report whether their numbers lie where the seeds "
                        "in results/DATA/seeds/ lead one to expect. Results and checkpoints stay as they are.",
                        reads="results/DATA/seeds/MODEL.csv; the csv files and images of DATA",
                        writes="nothing; with --reference results/DATA/seeds/MODEL.csv",
                        example="eufcc reproduce softmax --data mini")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="models, one after the other, each compared with its own reference")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--recipe", default="mini", help="mini, paper or fast (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the seed (default: the first that the reference lacks)")
    parser.add_argument("--reference", type=int, metavar="N", help="train with the seeds 0 to N - 1 and write the reference")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    from ..collection.sources import open_dataset
    from .repetition import make_reference, reproduce

    dataset, outside = open_dataset(options.data), 0
    for model in options.models:
        if options.reference is not None:
            print(f"The reference of {model} is in {make_reference(model, dataset, options.recipe, options.reference)}.", flush=True)
            continue
        seed, found = reproduce(model, dataset, options.recipe, options.seed)
        wrong = [one for one in found if not one.inside]
        outside += len(wrong)
        print(f"{model} on {dataset.name}, seed {seed}: {len(found) - len(wrong)} of {len(found)} numbers lie inside.", flush=True)
        for one in wrong:
            print(f"  {one.metric.title}, {one.split}: {one.value:.4f}; expected {one.expected:.4f} ± {one.allowed:.4f}", flush=True)
    return 1 if outside else 0
