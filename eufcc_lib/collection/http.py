"""The rate limit that a service tells in the headers of its answers.

Reads `RateLimit` and `RateLimit-Policy`, as Europeana sends them. Who keeps to it is `client` and,
for thumbnails, `asking`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """What the service last said of its rate limit.

    Attributes:
        left: requests left until the window ends.
        reset: seconds to its end, from the answer on.
        quota: requests a window; None if not told.
        seconds: length of a window; None if not told.
    """

    left: int
    reset: int
    quota: int | None = None
    seconds: int | None = None


def read_window(headers: Mapping[str, str]) -> Window | None:
    """The rate limit of `RateLimit` and `RateLimit-Policy` (IETF draft 10); of several, the one that binds first.

    >>> read_window({"RateLimit": '"personal";r=12;t=1800', "RateLimit-Policy": '"personal";q=1000;w=3600'})
    Window(left=12, reset=1800, quota=1000, seconds=3600)
    """
    policies = _fields(headers.get("RateLimit-Policy", ""))
    told = {name: numbers | policies.get(name, {}) for name, numbers in _fields(headers.get("RateLimit", "")).items()}
    windows = [Window(numbers["r"], numbers.get("t", 0), numbers.get("q"), numbers.get("w"))
               for numbers in told.values() if "r" in numbers]
    return min(windows, key=lambda window: (window.left, -window.reset), default=None)


def _fields(header: str) -> dict[str, dict[str, int]]:
    """`"a";r=1;t=2, "b";r=3` as names with their whole numbers."""
    fields = {}
    for element in header.split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        fields[name.strip('"')] = {key.strip(): int(value) for key, _, value in pairs if re.fullmatch("[0-9]{1,9}", value)}
    return fields
