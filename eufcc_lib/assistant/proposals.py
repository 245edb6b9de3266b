"""The proposals of all facets on the page, and the keys that work it; `proposals.js` draws the one and hears the other."""

from pathlib import Path

import param
from panel.custom import JSComponent


class Proposals(JSComponent):
    """What the models propose for an image.

    A message from the browser says what is done, `do`, on which `image`: what was on the screen counts, also where the next
    page is on its way; see `app.Desk.act`.
    """

    shown = param.Dict(default={"image": "", "facets": []},
                       doc="`image`, `place` as `Image 2 of 9`, `sentence` on what is promised, `asking` while the models "
                           "are, `exploring` while the trees are open, and by facet its lines.")
    asks = param.Boolean(doc="Whether to ask who decides, once for each browser, which keeps the name as a cookie.")
    words = param.Dict(default={}, doc="What the page says, by key.")

    _esm = Path(__file__).with_name("proposals.js")
