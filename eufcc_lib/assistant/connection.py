"""What the page does while its server cannot be reached.

`connection.js` locks the page, loads it anew once the server answers, and keeps what is typed in the browser until it
is saved. Panel's own reconnection gives up after five attempts and leaves what was changed meanwhile on the page.
"""

from pathlib import Path

import param
from panel.custom import JSComponent


class Connection(JSComponent):
    """The part of a page that watches its connection, and what of the page is saved.

    A message from the browser comes when the page is loaded and when it shows another image: `page`, which one that is,
    `back`, whether the page was lost before, and `typed`, what it does not know to be saved; see `merge`. It stands in one
    line with what is typed on the page: what comes before it was typed on an earlier one.

    Attributes:
        arrived: the last `page` that the browser has shown.
    """

    session = param.String(doc="Name of the session.")
    image = param.String(doc="Name of the image on the page; its address takes it up.")
    page = param.Integer(default=0, doc="Number of the image that is shown, counted from the first; set after all else of it.")
    words = param.Dict(default={}, doc="What is said: `saving` after a second without an answer, `lost` when locked.")

    _esm = Path(__file__).with_name("connection.js")

    def __init__(self, **params):
        super().__init__(**params)
        self.arrived = 0

    @property
    def settled(self) -> bool:
        """Whether the browser shows the page that was sent last, so that what it sends was done on that."""
        return self.arrived == self.page

    def tell_saved(self, field: str, image: str, text: str) -> None:
        """Tell the browser what is saved as `note` or `provider` of an image, so that it need not keep it."""
        self._send_msg({"field": field, "image": image, "text": text})


def merge(base: str, saved: str, typed: str, separator: str = "\n") -> str:
    """The text to save when `typed`, which began from `base`, was not known to be saved, and `saved` is there now.

    What somebody else wrote meanwhile stays, too.
    """
    if saved == base or saved in typed:
        return typed
    return saved if typed in saved else saved + separator + typed
