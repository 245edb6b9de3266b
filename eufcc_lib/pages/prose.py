"""Sentences with computed numbers, shown as Markdown: they read alike in Jupyter, in VS Code and in the book.

A notebook collects its numbers in a dict, `facts`, and `say` writes them into sentences. What pages without code
quote, such as the cover, is also published to the book.
"""

import string

from IPython.core.formatters import format_display_data
from IPython.display import Markdown, display

_GLUED = "application/papermill.record/"


class _Facts(string.Formatter):
    """Replaces `{name:format}` by the number, marked as computed; a dash stands for a number that is missing (NaN).

    A whole sentence is not marked: dots under three lines of text would help nobody.
    """

    def format_field(self, value: object, spec: str) -> str:
        text = "–" if value != value else format(value, spec)  # noqa: PLR0124  only NaN differs from itself
        sentence = isinstance(value, str) and value.endswith(".")
        return text if sentence or not text else f'<span class="computed">{text}</span>'


def say(text: str, facts: dict) -> None:
    """Show Markdown in which `{name}` or `{name:format}` is replaced by that fact.

    Raises:
        KeyError: the text names a fact that was not collected.
    """
    display(Markdown(_Facts().vformat(text.strip(), (), facts)))


def publish(facts: dict, *names: str) -> None:
    """Let the book's pages without code quote these facts, by MyST-NB's role `glue:text`.

    The same as its function `glue`, which loads all that validates notebooks first: seconds that a reader would wait.
    """
    for name in names:
        forms, metadata = format_display_data(facts[name])
        display({_GLUED + form: text for form, text in forms.items()}, raw=True,
                metadata=metadata | {"scrapbook": {"name": name, "mime_prefix": _GLUED}})
