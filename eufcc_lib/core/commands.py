"""What the sub-commands of `eufcc` share: how they explain themselves and what they exit with.

A module that is a command has a `main(arguments=None)` decorated with `command`; `__main__` knows it by name.
"""

import argparse
import functools
import sys
from collections.abc import Callable

from .errors import UserError


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, as every other user error."""

    def error(self, message: str):
        raise UserError(f"{self.prog}: {message}. `{self.prog} --help` explains its arguments.")


def new_parser(name: str, what: str, *, reads: str, writes: str, example: str) -> argparse.ArgumentParser:
    """The parser of `eufcc NAME`, whose help says what the command does, reads and writes, with one example."""
    return _Parser(prog=f"eufcc {name}", formatter_class=argparse.RawDescriptionHelpFormatter,
                   description=f"{what}\n\nReads:   {reads}\nWrites:  {writes}", epilog=f"Example:\n  {example}")


def command(main: Callable[..., None]) -> Callable[..., int]:
    """The `main` of a command with its exit status: 0, 2 after a user error, 130 after Ctrl-C, the latter two reported on stderr.

    Every command either keeps what it has done or writes nothing, so running it again resumes.
    """
    @functools.wraps(main)
    def with_status(*arguments) -> int:
        try:
            main(*arguments)
        except UserError as error:
            print(error, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("Interrupted; run the same command again to resume.", file=sys.stderr)
            return 130
        return 0

    return with_status
