"""The one exception for mistakes that a user can correct.

Bad input (a file, row, column or parameter) raises `UserError` with one clear
sentence. Notebooks and commands show that sentence alone; a bug in the library
raises any other exception and keeps its traceback.
"""


class UserError(Exception):
    """A user error, reported in one sentence: where, what was found, what was expected."""

    def _render_traceback_(self) -> list[str]:
        """IPython calls this, so a notebook shows the sentence without a traceback."""
        return [f"UserError: {self}"]


def unknown(kind: str, name: object, known) -> UserError:
    """The error for a name that is not in a closed list; it lists the known names.

    >>> unknown("model", "clip_promt", ["softmax", "clip_prompt"]).args[0]
    "Unknown model 'clip_promt'. Known models: clip_prompt, softmax."
    """
    return UserError(f"Unknown {kind} {str(name)!r}. Known {kind}s: {', '.join(sorted(known))}.")
