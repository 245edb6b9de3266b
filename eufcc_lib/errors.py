"""The one exception for mistakes that a user can mend.

Bad input (a file, row, column or parameter) raises `UserError` with one clear
sentence. Notebooks and commands show that sentence alone; a bug of ours is any
other exception and keeps its traceback.
"""

import functools
import sys
from collections.abc import Callable


class UserError(Exception):
    """A user's mistake, told in one sentence: where, what was found, what was expected."""

    def _render_traceback_(self) -> list[str]:
        """IPython asks for this, so a notebook shows the sentence without a traceback."""
        return [f"UserError: {self}"]


def command(main: Callable[..., None]) -> Callable[..., int]:
    """The `main` of a command with its exit status: 0, 2 after a user's mistake, 130 after Ctrl-C, each of these told on stderr.

    Every command either keeps what it has done or writes nothing, so that giving it again goes on.
    """
    @functools.wraps(main)
    def with_status(*arguments) -> int:
        try:
            main(*arguments)
        except UserError as error:
            print(error, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("Interrupted; the same command goes on from here.", file=sys.stderr)
            return 130
        return 0

    return with_status


def unknown(kind: str, name: object, known) -> UserError:
    """The error for a name that is not in a closed list, which it shows.

    >>> unknown("model", "clip_promt", ["softmax", "clip_prompt"]).args[0]
    "Unknown model 'clip_promt'. Known models: clip_prompt, softmax."
    """
    return UserError(f"Unknown {kind} {str(name)!r}. Known {kind}s: {', '.join(sorted(known))}.")
