"""Text as it comes from elsewhere: what cannot be written, and what only looks different to a computer."""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))  # the joiners change how letters look
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
_ALIKE = dict(zip(map(ord, "\u2018\u2019\u02bc\u2010\u2011\u2013"), "'''---"))


def writable(value):
    """The same text, or the same JSON, with a replacement sign for what no file can hold: half of a sign beyond 16 bits.

    >>> writable({"note": "cracked \\ud83d", "tags": ["\\ud83c\\udffa"]}) == {"note": "cracked \\ufffd", "tags": ["\\U0001f3fa"]}
    True
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {writable(name): writable(part) for name, part in value.items()}
    return [writable(part) for part in value] if isinstance(value, (list, tuple)) else value


def read_json(content: str | bytes):
    """`json.loads`, which lets half of a sign pass, with `writable` texts."""
    return writable(json.loads(content))


def plain(name: str) -> str:
    """The name in composed letters (NFC), with single ordinary spaces between its words and without invisible signs.

    >>> plain("oil\\u00a0 pain\\u00adt\\u200b") + ", " + plain("cera\\u0300mica")
    'oil paint, ceràmica'
    """
    if name.isascii():
        return " ".join(name.split())
    return unicodedata.normalize("NFC", " ".join(name.translate(_INVISIBLE).split()))


def listed(words: Iterable[str]) -> str:
    """The words as a sentence lists them.

    >>> listed(["bronze"]), listed(["bronze", "oak", "jet"])
    ('bronze', 'bronze, oak and jet')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def look_alikes(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The groups of different names that a reader takes for one: all that `plain` evens out, case, apostrophes, hyphens."""
    groups = defaultdict(set)
    for name in names:
        groups[plain(plain(name).translate(_JOINERS | _ALIKE).casefold())].add(name)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def spelled_out(name: str) -> str:
    """The name in quotes, with the numbers of the signs in it that cannot be seen, and of marks upon letters.

    >>> spelled_out("oil\\u00a0paint") + spelled_out("cera\\u0300mica") + spelled_out("pòster")
    "'oil<U+00A0>paint''cera<U+0300>mica''pòster'"
    """
    signs = (sign if sign == " " or unicodedata.category(sign)[0] not in "MZC" else f"<U+{ord(sign):04X}>" for sign in name)
    return f"'{''.join(signs)}'"
