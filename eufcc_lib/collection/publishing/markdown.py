"""Text of records in Markdown: shown letter by letter, whatever a catalogue wrote."""

import re
from urllib.parse import quote


def escaped(text: str) -> str:
    """The text on one line, as Markdown that shows it letter by letter."""
    return re.sub(r"([\\`*_\[\]<>&#|~!$])", r"\\\1", " ".join(text.split()))


def address(url: str) -> str:
    """The address of a link, as it can stand in round brackets."""
    return quote(url, safe=":/?#[]@!$&'*+,;=%~")
