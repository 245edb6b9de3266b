"""The scripts of the page's parts, each behind what they share: `shared.js` makes elements and says what waits for the server."""

from pathlib import Path

import param
from panel.custom import JSComponent

_HERE = Path(__file__).parent


def script(name: str) -> str:
    """The text of a part's script with what is shared before it."""
    return (_HERE / "shared.js").read_text(encoding="utf-8") + (_HERE / name).read_text(encoding="utf-8")


class Part(JSComponent):
    """A part of the page that draws `shown` and sends messages with a `number`, for which it waits until it is `answered`."""

    shown = param.Dict(default={})
    words = param.Dict(default={}, doc="What the page says, by key.")
    answered = param.Integer(default=0, doc="The number of the last message that was worked off.")

    __abstract = True
