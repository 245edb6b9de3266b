"""`eufcc export-scores`: write the scores of a finished run as a file that `eufcc score` measures."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc export-scores`."""
    parser = new_parser("export-scores", "Write the scores of a finished run as a file of predictions, with a line for each tag of "
                        "an image: idInSource,facet,tag,score.",
                        reads="checkpoints/DATA/MODEL/; the csv files of DATA",
                        writes="OUT, csv or parquet by its ending",
                        example="eufcc export-scores softmax --data mini --split test_id")
    parser.add_argument("model", metavar="MODEL", help="a model that was trained on DATA")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--split", default="test_id", help="val, test_id or test_ood (default: %(default)s)")
    parser.add_argument("--out", metavar="OUT", help="the file (default: MODEL_SPLIT.parquet)")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for it.
    from ..collection.sources import open_dataset
    from ..core.paths import resolve
    from ..models.links import find_link
    from .scores import read_scores
    from .submission_file import write_lines

    scores = read_scores(open_dataset(options.data), options.model, options.split)
    path = resolve(options.out or f"{options.model}_{options.split}.parquet")
    link = find_link(options.model)
    print(f"{write_lines(scores, path):,} lines are in {path}."
          + (f" `eufcc score --link {link}` reads their probabilities." if link else ""))
