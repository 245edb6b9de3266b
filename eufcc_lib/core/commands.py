"""What the sub-commands of `eufcc` share: how they explain themselves and how they exit.

A command is a `main(arguments=None)` decorated with `command`; `eufcc_lib.__main__` lists the modules that hold one.
"""

import argparse
import functools
import sys
import textwrap
from collections.abc import Callable

from .errors import UserError

_WIDTH = 79


class _Parser(argparse.ArgumentParser):
    """A parser that reports a wrong argument in one sentence, like every other user error."""

    def error(self, message: str):
        raise UserError(f"{self.prog}: {message}; see `{self.prog} --help`.")


def new_parser(name: str, what: str, *, reads: str, writes: str, example: str) -> argparse.ArgumentParser:
    """The parser of `eufcc NAME`, whose help says what the command does, reads and writes, with one example."""
    described = (textwrap.fill(what, _WIDTH),
                 textwrap.fill(f"Reads:   {reads}", _WIDTH, subsequent_indent=" " * 9) + "\n"
                 + textwrap.fill(f"Writes:  {writes}", _WIDTH, subsequent_indent=" " * 9))
    return _Parser(prog=f"eufcc {name}", formatter_class=argparse.RawDescriptionHelpFormatter,
                   description="\n\n".join(described), epilog=f"Example:\n  {example}")


def command(main: Callable[..., int | None]) -> Callable[..., int]:
    """Turn `main` into a command: it returns an exit status and raises no user error.

    The status is what `main` returns (0 for None), 2 after a `UserError` or 130 after Ctrl-C; the latter two are
    reported in one sentence on stderr. Every command either keeps what it has done or writes nothing, so running it
    again resumes.
    """
    @functools.wraps(main)
    def with_status(*arguments) -> int:
        try:
            return main(*arguments) or 0
        except UserError as error:
            print(error, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("Interrupted; run the same command again to resume.", file=sys.stderr)
            return 130

    return with_status
