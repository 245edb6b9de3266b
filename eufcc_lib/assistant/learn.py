"""`eufcc learn`: new heads from the decisions of sessions."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc learn`."""
    parser = new_parser("learn", "Train new heads for the multi-label model from what was accepted and rejected in sessions, beside "
                        "the records of its data set. A third of the sessions' images is held back; on these it is measured what "
                        "was learned. The model is kept only with --keep.",
                        reads="the sessions, in data/assistant/; the multi_label model of DATA, its csv files and images",
                        writes="with --keep, checkpoints/DATA-NAME/multi_label/",
                        example="eufcc learn 20261130-1a2b3c4d --data mini --keep harbour")
    parser.add_argument("sessions", nargs="+", metavar="SESSION", help="learned from together; where two decided about the same "
                        "image, the later one in this list counts")
    parser.add_argument("--data", default="mini", help="the data set of the model (default: %(default)s)")
    parser.add_argument("--keep", metavar="NAME", help="keep the new model; `eufcc assistant --data DATA-NAME` then uses it")
    parser.add_argument("--seed", type=int, default=0, help="random seed (default: %(default)s)")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    from .held_back import measure_learned, tell
    from .learning import check_name, describe, keep, learn, open_parent, read_lessons, say_learned, tell_calibrated

    lessons = read_lessons(options.sessions)
    parent = open_parent(options.data)
    if options.keep:
        check_name(parent.data, options.keep)
    learned = learn(parent, lessons, options.seed)
    measured = measure_learned(parent, learned)
    print(*say_learned(lessons, learned), tell(measured), tell_calibrated(learned), sep="\n")
    if options.keep:
        folder = keep(learned, parent, options.keep, describe(parent, learned, options.sessions, lessons, measured))
        print(f"The model is kept: `eufcc assistant --data {folder.parent.name}` uses it.")
    else:
        print("Nothing is kept; --keep NAME keeps the model.")
