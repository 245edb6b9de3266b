"""`eufcc score`: measure a file of anyone's predictions like the models of this library."""

from ..core.commands import command, new_parser
from ..core.errors import UserError


def _parser():
    parser = new_parser("score", "Measure a file of predictions. It has a line for each tag of an image, idInSource,facet,tag,score: "
                        "the tag by its name in the data, in English or Catalan, or by its number in the AAT. Without scores, the "
                        "order of an image's lines ranks its tags.",
                        reads="FILE (csv, parquet, or npz as checkpoints/ holds it); the csv files of DATA",
                        writes="OUT, a result file as in results/, where --json asks for it",
                        example="eufcc score mine.csv --data mini --split test_id")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the predictions")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--split", default="test_id", help="the split that is predicted (default: %(default)s)")
    parser.add_argument("--name", default="", help="what to call the model (default: the file's name)")
    parser.add_argument("--missing", default="error", metavar="error|worst", help="images without a line are an error, or their "
                        "own tags are ranked last (default: %(default)s)")
    parser.add_argument("--link", default="given", metavar="given|sigmoid|softmax|exp", help="what turns scores into probabilities; "
                        "given ones are such if all are from 0 to 1 (default: %(default)s)")
    parser.add_argument("--json", metavar="OUT", help="write the result to this file")
    parser.add_argument("--expected", action="store_true", help="print what a file for DATA looks like, and stop")
    return parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc score`."""
    options = _parser().parse_args(arguments)
    if not options.file and not options.expected:
        raise UserError("eufcc score: expected a FILE of predictions, or --expected; see `eufcc score --help`.")
    # Imported only now, so that help and wrong arguments do not wait for it.
    from ..collection.sources import open_dataset
    from .files import write_result
    from .frames import result_frame
    from .submission import describe, read_submission, result_of
    from .submission_file import example_lines

    dataset = open_dataset(options.data)
    if options.expected:
        print(*example_lines(dataset, options.split), sep="\n")
        return
    submission = read_submission(options.file, dataset, options.split, options.name, options.missing, options.link)
    result = result_of(submission, options.file)
    print(describe(submission), result_frame(result).to_string(), sep="\n\n")
    if options.json:
        print(f"\nThe result is in {write_result(result, options.json)}.")
