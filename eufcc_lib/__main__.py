"""The one door: `eufcc COMMAND`, the same as `python -m eufcc_lib COMMAND`. A command imports only what it needs."""

import importlib
import sys

from eufcc_lib.core.commands import command
from eufcc_lib.core.errors import unknown

COMMANDS = {
    "draw": ("mini.museum", "draw the mini museum, the data set that needs no download"),
    "fetch": ("collection.official", "fetch the official annotations of EUFCC-340K"),
    "thumbnails": ("collection.thumbnails.fetch", "fetch the images of a data set from Europeana"),
    "harvest": ("collection.europeana.harvest", "collect records from Europeana's API"),
    "thesaurus": ("collection.aat.thesaurus", "extract the thesaurus from Getty's dump"),
    "museum": ("collection.own.command", "make a data set of your own photographs and table"),
    "audit": ("collection.curation.audit", "look for faults in a data set"),
    "attribution": ("collection.publishing.attribution", "write the credits of all images, by licence"),
    "card": ("collection.publishing.card", "describe a data set: data card and Croissant"),
    "export-parquet": ("collection.publishing.parquet", "write images and labels as parquet files"),
    "train": ("training.command", "train models and evaluate them"),
    "reproduce": ("training.reproduce", "train once more, and compare with the book's seeds"),
    "next-museum": ("training.next_museum", "train without each provider in turn, and measure on it"),
    "mixes": ("training.mixes", "measure a mixture of weights at each point between its ends"),
    "score": ("results.score", "measure a file of anyone's predictions"),
    "export-scores": ("results.export", "write a model's scores as such a file"),
    "check-entries": ("results.check_entries", "check the entries of the leaderboard"),
    "thresholds": ("results.thresholds", "find the probabilities that keep a promised precision"),
    "assistant": ("assistant.command", "serve the annotation assistant on this machine"),
    "suggest": ("assistant.suggest", "suggest tags for many images, as a table or JSON lines"),
    "export": ("assistant.export_command", "write a session's annotations for other systems"),
    "learn": ("assistant.learn", "train new heads from the decisions of sessions"),
    "report": ("assistant.report", "say how the work on a session went"),
    "serve-api": ("assistant.serve_api", "suggest tags to other programs, by HTTP"),
    "doctor": ("core.doctor", "check what this machine has and what it lacks"),
    "stick": ("core.stick", "make a folder that installs all this without a network"),
}
"""For each command the module whose `main` it is, below `eufcc_lib`, and what it does."""

USAGE = "\n".join(["usage: eufcc COMMAND [arguments]", "Automatic metadata annotation for museums, libraries and archives.",
                   *(f"  {name:<14} {what}" for name, (_, what) in COMMANDS.items()),
                   "`eufcc COMMAND --help` says more. An interrupted command resumes when run again."])


@command
def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 if some of its work failed, 2 after a user error, 130 after Ctrl-C."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name in ("-h", "--help"):
        print(USAGE)
        return 0
    if name not in COMMANDS:
        raise unknown("command", name, COMMANDS)
    return importlib.import_module(f"eufcc_lib.{COMMANDS[name][0]}").main(rest)


if __name__ == "__main__":
    sys.exit(main())
