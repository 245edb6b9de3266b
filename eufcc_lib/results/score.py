"""`eufcc score`: measure a file of anyone's predictions like the models of this library."""

from ..core.commands import command, new_parser
from ..core.errors import UserError


def _parser():
    parser = new_parser("score", "Measure a file of predictions. It has a line for each tag of an image, idInSource,facet,tag,score: "
                        "the tag by its name in the data, in English or Catalan, or by its number in the AAT. Without scores, the "
                        "order of an image's lines ranks its tags.",
                        reads="FILE (csv, parquet, or npz as checkpoints/ holds it); the csv files of DATA; ENTRY, a JSON file",
                        writes="OUT, a result file as in results/, and each image's metrics beside it; with --entry "
                        "results/DATA/NAME.json; with --seed results/DATA/seeds/NAME.csv",
                        example="eufcc score mine.csv --data mini --split test_id")
    parser.add_argument("files", nargs="*", metavar="FILE", help="the predictions; several, each for a split of its own")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--split", dest="splits", action="append", metavar="SPLIT",
                        help="the split that is predicted; once for each file, in their order (default: test_id)")
    parser.add_argument("--name", default="", help="what to call the model (default: the name of ENTRY, or of the first file)")
    parser.add_argument("--missing", default="error", metavar="error|worst", help="images without a line are an error, or their "
                        "own tags are ranked last (default: %(default)s)")
    parser.add_argument("--link", default="given", metavar="given|sigmoid|softmax|exp", help="how scores become probabilities, "
                        "for calibration; those from 0 to 1 are taken as given (default: %(default)s)")
    parser.add_argument("--json", metavar="OUT", help="write the result to this file")
    parser.add_argument("--entry", metavar="ENTRY", help="write the result for the leaderboard, with what "
                        "results/ENTRY_TEMPLATE.json asks for")
    parser.add_argument("--seed", type=int, metavar="N", help="add the numbers to results/DATA/seeds/NAME.csv, as those of this seed")
    parser.add_argument("--expected", action="store_true", help="print what a file for DATA looks like, and stop")
    return parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc score`."""
    options = _parser().parse_args(arguments)
    splits = options.splits or ["test_id"]
    if not options.files and not options.expected:
        raise UserError("eufcc score: expected a FILE of predictions, or --expected; see `eufcc score --help`.")
    if not options.expected and not len(options.files) == len(splits) == len(set(splits)):
        raise UserError(f"eufcc score: found {len(options.files)} files for {', '.join(splits)}; expected one for each --split.")
    # Imported only now, so that help and wrong arguments do not wait for it.
    from ..collection.sources import open_dataset
    from ..core.paths import resolve
    from ..models.registry import MODELS
    from .entering import enter
    from .files import result_path, write_result
    from .frames import further_frame, result_frame
    from .per_image import measure_images, write_per_image
    from .seeds import add_seed
    from .submission import describe, read_submission, result_of
    from .submission_file import example_lines

    name = options.name or (resolve(options.entry or options.files[0]).stem if options.files else "")
    if options.seed is not None and options.seed < 0:
        raise UserError(f"--seed is {options.seed}; expected a whole number from 0 on.")
    if options.seed is not None and name in MODELS:
        raise UserError(f"{name!r} is a model of this library, whose seeds `eufcc reproduce` writes; expected a name of its own, see --name.")
    dataset = open_dataset(options.data)
    if options.expected:
        print(*example_lines(dataset, splits[0]), sep="\n")
        return
    submissions = [read_submission(file, dataset, split, name, options.missing, options.link)
                   for file, split in zip(options.files, splits)]
    result = result_of(*submissions)
    if options.entry:
        result = enter(result, options.entry, dict(zip(splits, options.files)))
    print(*map(describe, submissions), result_frame(result).to_string(), further_frame(result).to_string(), sep="\n\n")
    if options.json or options.entry:
        path = resolve(options.json) if options.json else result_path(result.run.data, name)
        try:
            write_per_image(result.run, {found.scores.split: measure_images(found.scores) for found in submissions}, path)
            print(f"\nThe result is in {write_result(result, path)}.")
        except OSError as error:
            raise UserError(f"{path} cannot be written ({error.strerror or error}); expected a folder with room for it.") from None
    if options.seed is not None:
        print(f"\nThe numbers of seed {options.seed} are in {add_seed(options.seed, [found.scores for found in submissions])}.")
