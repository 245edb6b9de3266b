"""`eufcc report`: how the work on a session went."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc report`."""
    parser = new_parser("report", "Say how the work on a session went: seconds and edits per record (pauses over 5 minutes are left "
                        "out), the share of suggestions that was accepted, by facet and by rank, and whether promises were kept; "
                        "with 95 % intervals over images.",
                        reads="the session, in data/assistant/", writes="report.csv and report.png in the session's folder, or in OUT",
                        example="eufcc report 20261130-1a2b3c4d")
    parser.add_argument("session", metavar="SESSION", help="its name, as in the address of its page")
    parser.add_argument("--out", help="another folder for the two files")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for it.
    from ..core import paths
    from ..core.errors import UserError
    from ..figures.session_work import work_figure
    from .session import session_folder
    from .store import Store, is_session
    from .work import read_work, summarise, tell

    folder = session_folder(options.session)
    if not is_session(folder):
        raise UserError(f"There is no session {options.session!r} in {folder.parent}.")
    store = Store(folder)
    try:
        summary = summarise(read_work(store))
    finally:
        store.close()
    out = paths.resolve(options.out) if options.out else folder
    with paths.atomic(out / "report.csv") as temporary:
        summary.to_csv(temporary, index=False, float_format="%.4g", lineterminator="\n")
    with paths.atomic(out / "report.png") as temporary:
        temporary.write_bytes(work_figure(summary).to_bytes())
    print(tell(summary), f"The table is in {out / 'report.csv'}, the figure beside it.", sep="\n")
