"""The proposals of all facets on the page, and the keys that work it; `proposals.js` draws the one and hears the other."""

import param

from .scripts import Part, script


class Proposals(Part):
    """What the models propose for an image, and what else was decided; see `shown.show_proposals`.

    A message from the browser says what is done, `do`, on which `image`: what was on the screen counts, also where the next
    page is on its way; see `deeds`.
    """

    shown = param.Dict(default={"image": "", "facets": []})
    asks = param.Boolean(doc="Whether to ask who decides, once for each browser, which keeps the name as a cookie.")

    _esm = script("proposals.js")
