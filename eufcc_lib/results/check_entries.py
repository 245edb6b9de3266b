"""`eufcc check-entries`: whether every result file is in order, and attached predictions give its numbers."""

from ..core.commands import command, new_parser
from ..core.errors import UserError


@command
def main(arguments: list[str] | None = None) -> int:
    """`eufcc check-entries`; exit status 1 if there is a mistake."""
    parser = new_parser("check-entries", "Check every result file of the leaderboard, and measure again the predictions that are "
                        "attached to it: the numbers have to agree to the last digit.",
                        reads="results/DATA/*.json, per_image/ and predictions/ beside them; the csv files of DATA where "
                        "predictions are attached",
                        writes="nothing", example="eufcc check-entries --data mini")
    parser.add_argument("--data", help="mini, eufcc340k or a folder (default: all that have results)")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for it.
    from ..core import paths
    from .entering import check_folder
    from .files import data_name

    names = sorted(folder.name for folder in paths.RESULTS.glob("*") if folder.is_dir())
    if options.data and data_name(options.data) not in names:
        raise UserError(f"results/{data_name(options.data)}/ does not exist; expected a data set with results: {', '.join(names) or 'none yet'}.")
    mistakes = []
    for name in [data_name(options.data)] if options.data else names:
        found, told = check_folder(name, options.data or name)
        mistakes += found
        print(told)
    print(*mistakes, sep="\n", end="\n" if mistakes else "")
    return 1 if mistakes else 0
